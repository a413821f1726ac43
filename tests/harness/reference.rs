//! The reference as a test of the suite: with a quirk off, its scenario must notice that swamp
//! behaves as planned. What its faults turn red is in the kill matrix, which the gate checks.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use swamp_uat::report::ledger::Entry;

use crate::common::{REFERENCE, Scratch, all_said};

/// How each trial ends on the reference, with nothing switched on or off.
pub fn plain_run() -> &'static [Entry] {
    static RUN: OnceLock<Vec<Entry>> = OnceLock::new();
    RUN.get_or_init(|| {
        let scratch = Scratch::new();
        scratch.suite().assert().success();
        scratch.ledger()
    })
}

#[test]
fn every_deviation_is_a_quirk_and_without_it_the_scenario_asks_to_drop_it() {
    let mut stated = BTreeSet::new();
    for entry in plain_run() {
        for met in &entry.deviations {
            stated.insert(met.id.clone());
            let without = Scratch::new();
            let run = without
                .suite()
                .arg(&entry.trial)
                .env("SWAMP_REFERENCE_QUIRKS_OFF", &met.id)
                .assert()
                .code(101);
            let said = all_said(run.get_output());
            let expected = format!("{}: now behaves as planned: drop the deviation", met.id);
            assert!(said.contains(&expected), "{}: {said}", met.id);
        }
    }
    let quirks: BTreeSet<String> = swamp_reference::quirks::TABLE
        .iter()
        .map(|quirk| quirk.name.to_owned())
        .collect();
    assert_eq!(stated, quirks, "the deviations stated, and the quirks");
}

#[test]
fn in_a_directory_that_is_gone_nothing_is_made_anywhere_else() {
    let scratch = Scratch::new();
    let gone = scratch.path("gone");
    std::fs::create_dir(&gone).unwrap();
    let run = assert_cmd::Command::new("sh")
        .args(["-c", "rmdir \"$PWD\" && exec \"$0\" repo init", REFERENCE])
        .current_dir(&gone)
        .env("HOME", scratch.path("tmp"))
        .assert()
        .code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("current directory"), "{said}");
    assert!(!std::path::Path::new("/.swamp.yaml").exists());
}
