//! `cargo uat upgrade` and `cargo uat mixed`: what they are given, and how they answer.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

use swamp_reference::older::{self, Older};
use swamp_uat::error::BadInput;
use swamp_uat::report::stated::{self, Stated};
use swamp_uat::report::two::Found;
use swamp_uat::settings::Settings;
use swamp_uat::shell;
use tempfile::TempDir;

use crate::answer::{self, Format};
use crate::beside_this;
use crate::player::{Asked, Player};

#[derive(clap::Args)]
pub struct Two {
    /// The older swamp, the newer one, and which trials: those whose names contain one of the FILTERS,
    /// such as `s02` or `filesystem`. With --reference there are filters alone
    #[arg(value_name = "OLD NEW FILTERS")]
    words: Vec<String>,
    /// Play on the reference alone: the older one has these ways of an older swamp, of
    /// `first-catalog`, `linked-latest` and `evaluated-by-id`; without a list all of them
    #[arg(long, value_name = "WAYS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    reference: Option<String>,
    /// A file of differences that are expected; docs/upgrades.md shows one
    #[arg(long, value_name = "FILE")]
    stated: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// How many trials run side by side
    #[arg(long, value_name = "N")]
    test_threads: Option<usize>,
}

/// The two swamps and what is to be played.
pub struct Given {
    pub old: PathBuf,
    pub new: PathBuf,
    pub asked: Asked,
    pub stated: Vec<Stated>,
    /// Holds the script that is the older one, where that is the reference.
    _script: Option<TempDir>,
}

impl Given {
    /// The older and the newer one, both known to answer.
    pub fn players(&self) -> Result<(Player<'_>, Player<'_>), BadInput> {
        let old = Player::new(&self.asked, "OLD", &self.old, None)?;
        let new = Player::new(&self.asked, "NEW", &self.new, None)?;
        Ok((old, new))
    }
}

impl Two {
    /// What it was given, read.
    pub fn given(&self) -> Result<Given, BadInput> {
        let stated = self.stated.as_deref().map(stated::read).transpose()?;
        let (old, new, filters, script) = match (&self.reference, self.words.as_slice()) {
            (Some(ways), filters) => {
                let script = script(ways)?;
                let old = script.path().join("older-swamp");
                (old, beside_this("swamp-reference"), filters, Some(script))
            }
            (None, [old, new, filters @ ..]) => (old.into(), new.into(), filters, None),
            (None, words) => {
                return Err(BadInput::new(
                    "two swamps were to play",
                    format!("{} of them is named: {}", words.len(), words.join(" ")),
                    "name the older and the newer one, or play on the reference with --reference",
                ));
            }
        };
        Ok(Given {
            old,
            new,
            asked: Asked {
                filters: filters.to_vec(),
                test_threads: self.test_threads,
            },
            stated: stated.unwrap_or_default(),
            _script: script,
        })
    }

    /// Prints what was found.
    pub fn answer(&self, found: &Found) -> Result<ExitCode, BadInput> {
        if found.findings.compared == 0 {
            return Err(BadInput::new(
                "two swamps were to play together",
                format!(
                    "there is no trial in which both play a part and that can be compared\n{}",
                    found.findings.not_compared.join("\n")
                ),
                "`cargo uat doctor` says what is missing here, `cargo uat -- --list` the names of trials",
            ));
        }
        answer::print(self.format, found, &found.answer(), found.is_empty())
    }
}

/// The reference with these ways of an older swamp, as a script; all of them where none is named.
fn script(ways: &str) -> Result<TempDir, BadInput> {
    let tried = || format!("--reference is \"{ways}\"");
    Older::parse(ways).map_err(|e| {
        BadInput::new(
            tried(),
            e.to_string(),
            "name ways that it has, with a comma between two, or leave the list out",
        )
    })?;
    let all: Vec<&str> = older::TABLE.iter().map(|way| way.name).collect();
    let ways = if ways.is_empty() {
        &all.join(",")
    } else {
        ways
    };
    let reference = shell::quote(&beside_this("swamp-reference").to_string_lossy());
    let variable = older::VARIABLE;
    let text = format!(
        "#!/bin/sh\n{variable}={} exec {reference} \"$@\"\n",
        shell::quote(ways)
    );
    let beside = Settings::from_env()?.ledger.with_file_name("played");
    let written = std::fs::create_dir_all(&beside)
        .and_then(|()| tempfile::tempdir_in(&beside))
        .and_then(|dir| {
            let path = dir.path().join("older-swamp");
            std::fs::write(&path, text)?;
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
            Ok(dir)
        });
    written.map_err(|e| {
        BadInput::new(
            format!("the older reference is to stand in {}", beside.display()),
            e.to_string(),
            "set SWAMP_UAT_LEDGER to a file in a directory that you can write to",
        )
    })
}
