//! What a run said, and what it left.

use std::path::{Path, PathBuf};

use crate::common::{Scratch, rewrite};
use assert_cmd::Command;

pub const CLI: &str = "datastore/namespace/commands/s03_set_already_set@cli.snap";

pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

pub fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Said {
    #[track_caller]
    pub fn has(&self, code: i32, parts: &[&str]) {
        let all = format!("{}\n{}", self.out, self.err);
        assert_eq!(self.code, Some(code), "{all}");
        for part in parts {
            assert!(all.contains(part), "{part:?} is missing in:\n{all}");
        }
        assert!(!all.contains("panicked"), "{all}");
    }
}

/// Goldens of which one word of scenario 3 is another.
pub fn drifting(scratch: &Scratch) -> PathBuf {
    let goldens = scratch.goldens();
    rewrite(&goldens.join(CLI), "already", "allready");
    goldens
}

pub fn scenarios(scratch: &Scratch) -> Vec<u32> {
    let mut ids: Vec<u32> = scratch.ledger().iter().map(|e| e.scenario).collect();
    ids.sort_unstable();
    ids
}

pub fn files(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
