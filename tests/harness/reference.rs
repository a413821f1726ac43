//! The reference as a test of the suite: with a quirk off, its scenario must notice that swamp
//! behaves as planned; with a fault on, the scenarios that exist for it must fail.

use std::collections::BTreeSet;

use swamp_uat::ledger::Status;

use crate::common::Scratch;

/// Quirks whose scenarios are still to be written: of phases F, G and H.
const AWAITING: &[u8] = &[
    23, 33, 34, 35, 36, 37, 39, 41, 43, 44, 45, 46, 47, 48, 49, 70,
];

#[test]
fn every_deviation_is_a_quirk_and_without_it_the_scenario_asks_to_drop_it() {
    let scratch = Scratch::new();
    scratch.suite().assert().success();
    let mut stated = BTreeSet::new();
    for entry in scratch.ledger() {
        for met in entry.deviations {
            stated.insert(met.id.clone());
            let without = Scratch::new();
            let run = without
                .suite()
                .arg(&entry.trial)
                .env("SWAMP_REFERENCE_QUIRKS_OFF", &met.id)
                .assert()
                .code(101);
            let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
            let expected = format!("{}: now behaves as planned: drop the deviation", met.id);
            assert!(said.contains(&expected), "{}: {said}", met.id);
        }
    }
    let quirks: BTreeSet<String> = swamp_reference::quirks::TABLE
        .iter()
        .filter(|quirk| !AWAITING.contains(&quirk.scenario) || stated.contains(quirk.name))
        .map(|quirk| quirk.name.to_owned())
        .collect();
    assert_eq!(stated, quirks, "the deviations stated, and the quirks");
}

#[test]
fn every_fault_is_caught_by_the_scenarios_that_exist_for_it_and_not_by_all() {
    // The scenarios that must go red, of which surface or by which assertion the ledger tells; and
    // the trials to run, as each fault is a run of its own.
    const LOCAL: &str = "::filesystem";
    const SYNC: &str = "namespace::sync";
    let catchers: &[(&str, &str, &[u32])] = &[
        ("set-skips-manifest", LOCAL, &[1, 5]),
        ("set-ignores-claim", LOCAL, &[4]),
        ("rejected-set-writes", LOCAL, &[2]),
        ("list-forgets-current", LOCAL, &[7, 8]),
        ("unset-ignores-others", LOCAL, &[10]),
        ("unset-keeps-config", LOCAL, &[9]),
        ("migrate-drops-file", LOCAL, &[12, 13]),
        ("migrate-preview-lies", LOCAL, &[14]),
        ("reverse-overwrites", LOCAL, &[16]),
        ("foreign-rows-leak-into-latest", LOCAL, &[25]),
        ("wildcard-picks-first", LOCAL, &[27]),
        ("namespace-column-in-solo", LOCAL, &[31]),
        ("catalog-not-rebuilt", LOCAL, &[51]),
        ("pr-1386", SYNC, &[18]),
        ("bug-534", SYNC, &[19]),
        ("bug-536", SYNC, &[19]),
        ("push-deletes-foreign", SYNC, &[21]),
        ("index-at-root", SYNC, &[20]),
        ("fast-path-always", SYNC, &[18]),
        ("fast-path-never", SYNC, &[22]),
        ("manifest-deleted-by-push", SYNC, &[20]),
        ("lock-key-without-namespace", SYNC, &[22]),
        ("workflow-data-unnamespaced", LOCAL, &[33]),
        ("gc-crosses-namespace", LOCAL, &[34]),
        ("delete-crosses-namespace", LOCAL, &[35]),
        ("compact-loses-foreign-rows", LOCAL, &[36]),
        ("lock-shared-across-namespaces", LOCAL, &[37]),
        ("extension-data-unnamespaced", LOCAL, &[38]),
    ];
    let named: BTreeSet<&str> = catchers.iter().map(|(fault, ..)| *fault).collect();
    let faults: BTreeSet<&str> = swamp_reference::faults::TABLE
        .iter()
        .filter(|fault| !AWAITING.contains(&fault.scenario) || named.contains(fault.name))
        .map(|fault| fault.name)
        .collect();
    assert_eq!(named, faults, "the faults with a catcher, and the faults");
    for (fault, trials, expected) in catchers {
        let scratch = Scratch::new();
        scratch
            .suite()
            // 5,000 files each time would show nothing that its neighbours do not.
            .args([trials, "--skip", "s55"])
            .env("SWAMP_REFERENCE_FAULT", fault)
            .assert()
            .code(101);
        let ledger = scratch.ledger();
        let red: BTreeSet<u32> = ledger
            .iter()
            .filter(|entry| matches!(entry.status, Status::Failed | Status::Drifted))
            .map(|entry| entry.scenario)
            .collect();
        assert!(
            expected.iter().all(|id| red.contains(id)),
            "{fault}: {red:?}"
        );
        assert!(red.len() < ledger.len(), "{fault} turns all red: {red:?}");
        // A crash is not a catch.
        for entry in &ledger {
            let reason = entry.reason.as_deref().unwrap_or_default();
            assert!(!reason.contains("panicked at"), "{fault}: {reason}");
        }
    }
}
