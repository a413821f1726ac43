//! Where the pinned swamp deviates from the plan or from the natural reading, this implementation deviates too:
//! each deviation is a quirk, on by default. `SWAMP_REFERENCE_QUIRKS_OFF=name[,name]` turns quirks off, so that the
//! suite can prove that a scenario notices the day swamp behaves as planned.

use crate::named::{self, Named, UnknownName};

/// The environment variable that lists the quirks to turn off.
pub const VARIABLE: &str = "SWAMP_REFERENCE_QUIRKS_OFF";

/// A deviation of the pinned swamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "TABLE documents each")]
pub enum Quirk {
    LeadingHyphenIsAnOption,
    EmptySlugLeaksConstant,
    ReservedSlugsAccepted,
    EmptyListSpeaks,
    EmptyListOmitsCurrent,
    UnsetKeepsManifest,
    SetKeepsOldManifest,
    SetWarnsWithoutData,
    CorruptManifestBreaksAll,
    NamespacesIsGone,
    AnyValueIsAPredicate,
    CrashOnUnreadableDirectory,
    StaleRowsAfterMigrate,
    LatestIgnoresNamespace,
    ForeignContentMissing,
    EvaluateSwallowsErrors,
    NoForeignRowsOnFilesystem,
    NamespaceColumnLowerCase,
    SameModelCollides,
    MigrateMovesVault,
    ReverseLeavesEmptyNamespaceDir,
    WantsSingleNamespaceToMigrate,
    GcCountsExpiredAsExcess,
    DeleteAllGarbled,
    LockStatusConcatenatesJson,
    LockStatusHidesKey,
    UnreadableLockIsNone,
    RunIgnoresLockTimeout,
    LockTimeoutCrashes,
    StaleLatest,
    StrandedPush,
    FailedPushSucceeds,
    BusyCommitHidesAll,
    PushLosesTheManifest,
    SetupIgnoresNamespacedFiles,
    SetupIgnoresOwnership,
    RequestIdDecidesHint,
    SetSwitchesBeforeConflict,
    EmptyFirstExport,
    DeletedForeignRowsStay,
    ExportTrustsNamespace,
    MigratesSoloRepoIntoNamespace,
    NamespacedPushNeverFast,
    CloudListOmitsOwner,
    DeletionDoesNotPropagate,
    UnsetKeepsClaimInBucket,
    LeavingTakesTheExportAlong,
    SyncLogOnStdout,
    SwallowedBackendErrors,
    WorkflowListShowsLatest,
    WorkflowOutputsStayLocal,
    SeveralLatestPerName,
    RepairStopsHalfway,
    RepairClaimsDuplicates,
    RepairConcatenatesJson,
    DoctorCountsLocalData,
    CorruptCatalogBreaksAll,
    SetCannotReclaim,
}

/// Every quirk.
pub const TABLE: &[Named<Quirk>] = &[
    Named {
        id: Quirk::LeadingHyphenIsAnOption,
        name: "leading-hyphen-is-an-option",
        doc: "`namespace set -infra` fails as a usage error (exit 2, help); off: the validator refuses the slug.",
        scenario: 2,
    },
    Named {
        id: Quirk::EmptySlugLeaksConstant,
        name: "empty-slug-leaks-constant",
        doc: "The refusal of an empty slug names an internal constant; off: it says that it cannot be empty.",
        scenario: 2,
    },
    Named {
        id: Quirk::ReservedSlugsAccepted,
        name: "reserved-slugs-accepted",
        doc: "A slug may be the name of a datastore directory (`data`); off: such slugs are refused.",
        scenario: 2,
    },
    Named {
        id: Quirk::EmptyListSpeaks,
        name: "empty-list-speaks",
        doc: "The human list of a datastore without namespaces is a sentence; off: it prints nothing.",
        scenario: 6,
    },
    Named {
        id: Quirk::EmptyListOmitsCurrent,
        name: "empty-list-omits-current",
        doc: "`list --json` has no `currentNamespace` in a solo repository; off: it is null.",
        scenario: 6,
    },
    Named {
        id: Quirk::UnsetKeepsManifest,
        name: "unset-keeps-manifest",
        doc: "`unset` leaves the own manifest, so the slug stays taken; off: it removes it and the emptied directory.",
        scenario: 9,
    },
    Named {
        id: Quirk::SetKeepsOldManifest,
        name: "set-keeps-old-manifest",
        doc: "`set two` after `set one` leaves the manifest of `one`; off: it removes the own old manifest.",
        scenario: 70,
    },
    Named {
        id: Quirk::SetWarnsWithoutData,
        name: "set-warns-without-data",
        doc: "`set` warns of data at the old path even where there is none; off: it warns only of data that exists.",
        scenario: 1,
    },
    Named {
        id: Quirk::CorruptManifestBreaksAll,
        name: "corrupt-manifest-breaks-all",
        doc: "One unreadable manifest fails every namespace command; off: it is passed over.",
        scenario: 43,
    },
    Named {
        id: Quirk::NamespacesIsGone,
        name: "namespaces-is-gone",
        doc: "`datastore namespaces` is an unknown command; off: it is `datastore namespace list`.",
        scenario: 8,
    },
    Named {
        id: Quirk::StaleRowsAfterMigrate,
        name: "stale-rows-after-migrate",
        doc: "The catalog keeps the rows of data that a migration moved; off: a backfill removes rows without data.",
        scenario: 51,
    },
    Named {
        id: Quirk::LatestIgnoresNamespace,
        name: "latest-ignores-namespace",
        doc: "`data.latest(\"ns:m\", …)` gives own data where the own repository defines `m`; off: that of `ns`.",
        scenario: 26,
    },
    Named {
        id: Quirk::ForeignContentMissing,
        name: "foreign-content-missing",
        doc: "The content of a foreign row is looked for in the own namespace; off: in the foreign one.",
        scenario: 26,
    },
    Named {
        id: Quirk::EvaluateSwallowsErrors,
        name: "evaluate-swallows-errors",
        doc: "`model evaluate` leaves an expression that fails as it is written; off: it fails with the message.",
        scenario: 27,
    },
    Named {
        id: Quirk::NoForeignRowsOnFilesystem,
        name: "no-foreign-rows-on-filesystem",
        doc: "The rows of another repository on the same datastore are never seen; off: a query reads them.",
        scenario: 26,
    },
    Named {
        id: Quirk::NamespaceColumnLowerCase,
        name: "namespace-column-lower-case",
        doc: "The header of the namespace column of `data query` is lower case; off: `NAMESPACE`.",
        scenario: 30,
    },
    Named {
        id: Quirk::SameModelCollides,
        name: "same-model-collides",
        doc: "Data of one name, run before `set` and after it, cannot be migrated; off: versions are renumbered so that \
              both survive.",
        scenario: 17,
    },
    Named {
        id: Quirk::MigrateMovesVault,
        name: "migrate-moves-vault",
        doc: "In the default datastore, `migrate` moves secrets, bundles and the catalog too; off: they stay.",
        scenario: 52,
    },
    Named {
        id: Quirk::ReverseLeavesEmptyNamespaceDir,
        name: "reverse-leaves-empty-namespace-dir",
        doc: "A reverse migration leaves the empty directory of the namespace; off: it goes.",
        scenario: 15,
    },
    Named {
        id: Quirk::WantsSingleNamespaceToMigrate,
        name: "wants-single-namespace-to-migrate",
        doc: "`migrate` is refused where another namespace is claimed; off: it goes ahead.",
        scenario: 59,
    },
    Named {
        id: Quirk::AnyValueIsAPredicate,
        name: "any-value-is-a-predicate",
        doc: "A predicate that is no truth value meets no row; off: it is refused.",
        scenario: 57,
    },
    Named {
        id: Quirk::CrashOnUnreadableDirectory,
        name: "crash-on-unreadable-directory",
        doc: "A migration crashes on a directory that it cannot read; off: it says so in words.",
        scenario: 58,
    },
    Named {
        id: Quirk::GcCountsExpiredAsExcess,
        name: "gc-counts-expired-as-excess",
        doc: "`data gc` counts the versions of expired data among the excess ones in its sentence; off: it does not.",
        scenario: 34,
    },
    Named {
        id: Quirk::DeleteAllGarbled,
        name: "delete-all-garbled",
        doc: "`data delete --all` without data says `No data matching any data found`; off: `No data found`.",
        scenario: 35,
    },
    Named {
        id: Quirk::LockStatusConcatenatesJson,
        name: "lock-status-concatenates-json",
        doc: "`lock status --json` prints one document per lock; off: one document, model locks within.",
        scenario: 37,
    },
    Named {
        id: Quirk::LockStatusHidesKey,
        name: "lock-status-hides-key",
        doc: "`lock status` does not show where a lock is; off: it shows its key.",
        scenario: 37,
    },
    Named {
        id: Quirk::UnreadableLockIsNone,
        name: "unreadable-lock-is-none",
        doc: "`lock status` and `lock release` take an unreadable lock file for none, though it blocks; off: it is held, and released.",
        scenario: 37,
    },
    Named {
        id: Quirk::RunIgnoresLockTimeout,
        name: "run-ignores-lock-timeout",
        doc: "A run waits for a structural command for twice its lock's life, whatever `SWAMP_LOCK_TIMEOUT_MS` says; off: that long at most.",
        scenario: 37,
    },
    Named {
        id: Quirk::LockTimeoutCrashes,
        name: "lock-timeout-crashes",
        doc: "To wait in vain for a lock in a bucket is a crash, exit 1; off: the error that it is on a filesystem, exit 75.",
        scenario: 37,
    },
    Named {
        id: Quirk::StaleLatest,
        name: "stale-latest",
        doc: "A pull compares sizes alone, so it misses a new `latest` of one digit; off: it compares contents too.",
        scenario: 39,
    },
    Named {
        id: Quirk::StrandedPush,
        name: "stranded-push",
        doc: "A run that fails to upload forgets what is to be pushed, and `sync --push` pushes nothing; off: it pushes it.",
        scenario: 61,
    },
    Named {
        id: Quirk::FailedPushSucceeds,
        name: "failed-push-succeeds",
        doc: "A run whose data did not reach the bucket ends as if it had; off: it fails.",
        scenario: 61,
    },
    Named {
        id: Quirk::BusyCommitHidesAll,
        name: "busy-commit-hides-all",
        doc: "A backend that is busy once when a run takes the lock to commit ends the commit for good; off: the run asks again.",
        scenario: 63,
    },
    Named {
        id: Quirk::PushLosesTheManifest,
        name: "push-loses-the-manifest",
        doc: "A push into an empty bucket does not register the namespace again; off: it does.",
        scenario: 65,
    },
    Named {
        id: Quirk::SetupIgnoresNamespacedFiles,
        name: "setup-ignores-namespaced-files",
        doc: "`setup extension` leaves data behind that was already moved into its namespace; off: it takes it along.",
        scenario: 41,
    },
    Named {
        id: Quirk::SetupIgnoresOwnership,
        name: "setup-ignores-ownership",
        doc: "`setup extension` joins a namespace of another repository; off: it is refused.",
        scenario: 41,
    },
    Named {
        id: Quirk::RequestIdDecidesHint,
        name: "request-id-decides-hint",
        doc: "A check of a bucket takes digits of the request's id for a status; off: it goes by the answer.",
        scenario: 65,
    },
    Named {
        id: Quirk::SetSwitchesBeforeConflict,
        name: "set-switches-before-conflict",
        doc: "`namespace set` on a cloud datastore notices a conflict after it has changed `.swamp.yaml`; off: before.",
        scenario: 41,
    },
    Named {
        id: Quirk::EmptyFirstExport,
        name: "empty-first-export",
        doc: "A push exports the catalog as it is, even if nobody has filled it yet; off: it is filled first.",
        scenario: 49,
    },
    Named {
        id: Quirk::DeletedForeignRowsStay,
        name: "deleted-foreign-rows-stay",
        doc: "`catalog pull` never removes rows of data that is gone; off: it replaces all rows of the namespace.",
        scenario: 48,
    },
    Named {
        id: Quirk::ExportTrustsNamespace,
        name: "export-trusts-namespace",
        doc: "The rows of a pulled catalog say themselves which namespace they are of; off: that of the export.",
        scenario: 74,
    },
    Named {
        id: Quirk::MigratesSoloRepoIntoNamespace,
        name: "migrates-solo-repo-into-namespace",
        doc: "A namespaced push takes data at the root of the bucket for its own and moves it; off: it leaves it alone.",
        scenario: 72,
    },
    Named {
        id: Quirk::CloudListOmitsOwner,
        name: "cloud-list-omits-owner",
        doc: "`namespace list` on a bucket does not say whose a namespace is and since when; off: it reads the manifests.",
        scenario: 71,
    },
    Named {
        id: Quirk::DeletionDoesNotPropagate,
        name: "deletion-does-not-propagate",
        doc: "A pull keeps what was deleted elsewhere, and the next push uploads it again; off: it removes what it had pulled.",
        scenario: 73,
    },
    Named {
        id: Quirk::UnsetKeepsClaimInBucket,
        name: "unset-keeps-claim-in-bucket",
        doc: "`unset --migrate` removes the manifest of the cache only; off: that of the bucket too.",
        scenario: 50,
    },
    Named {
        id: Quirk::LeavingTakesTheExportAlong,
        name: "leaving-takes-the-export-along",
        doc: "`unset --migrate` leaves the catalog export of the namespace in the cache, to be pushed; off: it goes.",
        scenario: 50,
    },
    Named {
        id: Quirk::NamespacedPushNeverFast,
        name: "namespaced-push-never-fast",
        doc: "A namespaced push looks through the whole bucket each time; off: it notices that nothing was changed.",
        scenario: 22,
    },
    Named {
        id: Quirk::SyncLogOnStdout,
        name: "sync-log-on-stdout",
        doc: "Messages of a sync go to stdout even where the result is JSON; off: to stderr.",
        scenario: 69,
    },
    Named {
        id: Quirk::SwallowedBackendErrors,
        name: "swallowed-backend-errors",
        doc: "`lock status` and `catalog pull` take a backend that is down for an empty one; off: they fail.",
        scenario: 60,
    },
    Named {
        id: Quirk::WorkflowListShowsLatest,
        name: "workflow-list-shows-latest",
        doc: "`data list --workflow` shows the newest version of each name, of whatever model has it; off: what the run made.",
        scenario: 33,
    },
    Named {
        id: Quirk::WorkflowOutputsStayLocal,
        name: "workflow-outputs-stay-local",
        doc: "A workflow leaves outputs and evaluated files in the repository, a direct run in the datastore; off: both in the datastore.",
        scenario: 33,
    },
    Named {
        id: Quirk::SeveralLatestPerName,
        name: "several-latest-per-name",
        doc: "In the catalog, every step has a latest version of a name; off: each name has one.",
        scenario: 33,
    },
    Named {
        id: Quirk::RepairStopsHalfway,
        name: "repair-stops-halfway",
        doc: "`doctor datastores --repair -y` removes directories before it meets one that differs; off: it looks at all first.",
        scenario: 45,
    },
    Named {
        id: Quirk::RepairClaimsDuplicates,
        name: "repair-claims-duplicates",
        doc: "The preview of that repair calls every directory a duplicate; off: it compares.",
        scenario: 45,
    },
    Named {
        id: Quirk::RepairConcatenatesJson,
        name: "repair-concatenates-json",
        doc: "`doctor datastores --repair --json` prints one document per repair; off: one document.",
        scenario: 45,
    },
    Named {
        id: Quirk::DoctorCountsLocalData,
        name: "doctor-counts-local-data",
        doc: "`doctor datastores` compares the catalog with `.swamp/data`, wherever the datastore is; off: with the datastore.",
        scenario: 46,
    },
    Named {
        id: Quirk::CorruptCatalogBreaksAll,
        name: "corrupt-catalog-breaks-all",
        doc: "A catalog that is no database fails nearly every command; off: it is made anew.",
        scenario: 46,
    },
    Named {
        id: Quirk::SetCannotReclaim,
        name: "set-cannot-reclaim",
        doc: "`namespace set` of the own namespace is refused where its manifest is gone; off: it writes it again.",
        scenario: 44,
    },
];

/// The quirks that are on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quirks {
    off: Vec<Quirk>,
}

impl Quirks {
    /// All quirks but those that `text` lists.
    pub fn parse(text: &str) -> Result<Self, UnknownName> {
        Ok(Self {
            off: named::parse(TABLE, VARIABLE, text)?,
        })
    }

    /// All quirks but these.
    pub fn without(off: &[Quirk]) -> Self {
        Self { off: off.to_vec() }
    }

    /// Whether swamp's deviation is to be shown.
    pub fn on(&self, quirk: Quirk) -> bool {
        !self.off.contains(&quirk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_is_on_until_it_is_named() {
        let all = Quirks::parse("").expect("nothing to parse");
        assert!(TABLE.iter().all(|entry| all.on(entry.id)));

        let one_off = Quirks::parse("empty-list-speaks").expect("a known name");
        let off: Vec<_> = TABLE.iter().filter(|entry| !one_off.on(entry.id)).collect();
        assert_eq!(off.len(), 1);
        assert_eq!(off[0].id, Quirk::EmptyListSpeaks);
    }

    #[test]
    fn names_and_ids_are_unique() {
        for (index, entry) in TABLE.iter().enumerate() {
            assert!(
                TABLE[..index]
                    .iter()
                    .all(|other| other.name != entry.name && other.id != entry.id)
            );
        }
    }

    #[test]
    fn an_unknown_name_is_refused() {
        assert!(Quirks::parse("empty-list-speaks,nonsense").is_err());
    }
}
