//! What a run said, and what it left.

use std::path::{Path, PathBuf};

use crate::common::Scratch;
use assert_cmd::Command;

pub const CLI: &str = "datastore/namespace/commands/03_set_already_set.filesystem.cli.snap";

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
    let path = goldens.join(CLI);
    let golden = std::fs::read_to_string(&path).unwrap();
    let (header, text) = golden.split_once("\n---\n").unwrap();
    let changed = text.replacen("already", "allready", 1);
    assert_ne!(changed, text);
    let digest = swamp_uat::golden::digest;
    let header = header.replace(&digest(text), &digest(&changed));
    std::fs::write(path, format!("{header}\n---\n{changed}")).unwrap();
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
