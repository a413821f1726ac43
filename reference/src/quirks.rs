//! Where the pinned swamp deviates from the plan or from the natural reading, this implementation
//! deviates too: each deviation is a quirk, on by default. `SWAMP_REFERENCE_QUIRKS_OFF=name[,name]`
//! turns quirks off, so that the suite can prove that a scenario notices the day swamp behaves as
//! planned.

use crate::named::{self, UnknownName, switches};

/// The environment variable that lists the quirks to turn off.
pub const VARIABLE: &str = "SWAMP_REFERENCE_QUIRKS_OFF";

switches! { Quirk, "A deviation of the pinned swamp.";
    LeadingHyphenIsAnOption = "leading-hyphen-is-an-option": "`namespace set -infra` fails as a usage error (exit 2, help); off: the validator refuses the slug.";
    EmptySlugLeaksConstant = "empty-slug-leaks-constant": "The refusal of an empty slug names an internal constant; off: it says that it cannot be empty.";
    ReservedSlugsAccepted = "reserved-slugs-accepted": "A slug may be the name of a datastore directory (`data`); off: such slugs are refused.";
    EmptyListSpeaks = "empty-list-speaks": "The human list of a datastore without namespaces is a sentence; off: it prints nothing.";
    EmptyListOmitsCurrent = "empty-list-omits-current": "`list --json` has no `currentNamespace` in a solo repository; off: it is null.";
    UnsetKeepsManifest = "unset-keeps-manifest": "`unset` leaves the own manifest, so the slug stays taken; off: it removes it and the emptied directory.";
    SetKeepsOldManifest = "set-keeps-old-manifest": "`set two` after `set one` leaves the manifest of `one`; off: it removes the own old manifest.";
    SetWarnsWithoutData = "set-warns-without-data": "`set` warns of data at the old path even where there is none; off: it warns only of data that exists.";
    CorruptManifestBreaksAll = "corrupt-manifest-breaks-all": "One unreadable manifest fails every namespace command; off: it is passed over.";
    NamespacesIsGone = "namespaces-is-gone": "`datastore namespaces` is an unknown command; off: it is `datastore namespace list`.";
    StaleRowsAfterMigrate = "stale-rows-after-migrate": "The catalog keeps the rows of data that a migration moved; off: a backfill removes rows without data.";
    LatestIgnoresNamespace = "latest-ignores-namespace": "`data.latest(\"ns:m\", …)` gives own data where the own repository defines `m`; off: that of `ns`.";
    ForeignContentMissing = "foreign-content-missing": "The content of a foreign row is looked for in the own namespace; off: in the foreign one.";
    EvaluateSwallowsErrors = "evaluate-swallows-errors": "`model evaluate` leaves an expression that fails as it is written; off: it fails with the message.";
    NoForeignRowsOnFilesystem = "no-foreign-rows-on-filesystem": "The rows of another repository on the same datastore are never seen; off: a query reads them.";
    NamespaceColumnLowerCase = "namespace-column-lower-case": "The header of the namespace column of `data query` is lower case; off: `NAMESPACE`.";
    SameModelCollides = "same-model-collides": "Data of one name, run before `set` and after it, cannot be migrated; off: versions are renumbered so that both survive.";
    MigrateMovesVault = "migrate-moves-vault": "In the default datastore, `migrate` moves secrets, bundles and the catalog too; off: they stay.";
    ReverseLeavesEmptyNamespaceDir = "reverse-leaves-empty-namespace-dir": "A reverse migration leaves the empty directory of the namespace; off: it goes.";
    WantsSingleNamespaceToMigrate = "wants-single-namespace-to-migrate": "`migrate` is refused where another namespace is claimed; off: it goes ahead.";
    AnyValueIsAPredicate = "any-value-is-a-predicate": "A predicate that is no truth value meets no row; off: it is refused.";
    CrashOnUnreadableDirectory = "crash-on-unreadable-directory": "A migration crashes on a directory that it cannot read; off: it says so in words.";
    GcCountsExpiredAsExcess = "gc-counts-expired-as-excess": "`data gc` counts the versions of expired data among the excess ones in its sentence; off: it does not.";
    SelectKnowsNoData = "select-knows-no-data": "`data query --select data.name`, the example of its help, selects nothing; off: the name.";
    SelectSwallowsErrors = "select-swallows-errors": "`data query --select` of an expression that fails is null; off: it is refused.";
    LimitZeroGivesOne = "limit-zero-gives-one": "`data query --limit 0` gives one row; off: none.";
    LimitReachedByAll = "limit-reached-by-all": "`data query --limit` of as many rows as there are says that there are more; off: that those are all.";
    GeneratedModelNotPushed = "generated-model-not-pushed": "A model that a workflow made does not reach the bucket with its data, so that elsewhere `data prune` takes that for an orphan's; off: it does.";
    RenameOfForwardCopiesOld = "rename-of-forward-copies-old": "`data rename` of a name that leads to another copies an old version of it, by the number that the other has; off: it is refused.";
    RenameBackRefused = "rename-back-refused": "`data rename` back to the name before is refused, as if that were taken; off: it succeeds.";
    PrunePreviewGarbled = "prune-preview-garbled": "The preview of `data prune` puts quotes around parts of a model's name and place; off: it does not.";
    OutputLogsMissShellLogs = "output-logs-miss-shell-logs": "`model output logs` shows data that is tagged as a log, which a shell model's log is not; off: that too.";
    SearchKnowsNoRun = "search-knows-no-run": "`data search --run` looks for the run where the model stands, and finds nothing; off: what the run wrote.";
    SearchKnowsNoOutput = "search-knows-no-output": "`data search --output` looks for the run of a method where the model stands, and finds nothing; off: what the run wrote.";
    SetupAdviceBehindJson = "setup-advice-behind-json": "`setup extension --json` of a repository with a vault prints advice for people behind its JSON; off: it does not.";
    WorkflowDeleteStaysInBucket = "workflow-delete-stays-in-bucket": "`workflow delete` leaves the records of runs in the bucket; off: they go.";
    ModelDeleteStaysInBucket = "model-delete-stays-in-bucket": "`model delete` leaves data and records of runs in the bucket; off: they go.";
    DeleteAllGarbled = "delete-all-garbled": "`data delete --all` without data says `No data matching any data found`; off: `No data found`.";
    LockStatusConcatenatesJson = "lock-status-concatenates-json": "`lock status --json` prints one document per lock; off: one document, model locks within.";
    LockStatusHidesKey = "lock-status-hides-key": "`lock status` does not show where a lock is; off: it shows its key.";
    UnreadableLockIsNone = "unreadable-lock-is-none": "`lock status` and `lock release` take an unreadable lock file for none, though it blocks; off: it is held, and released.";
    RunIgnoresLockTimeout = "run-ignores-lock-timeout": "A run waits for a structural command for twice its lock's life, whatever `SWAMP_LOCK_TIMEOUT_MS` says; off: that long at most.";
    LockTimeoutCrashes = "lock-timeout-crashes": "To wait in vain for a lock in a bucket is a crash, exit 1; off: the error that it is on a filesystem, exit 75.";
    PulledLatestNotFound = "pulled-latest-not-found": "`data.latest` finds a pulled row only in a catalog that counts as filled; off: in any.";
    StaleLatest = "stale-latest": "A pull compares sizes alone, so it misses a new `latest` of one digit; off: it compares contents too.";
    StrandedPush = "stranded-push": "A run that fails to upload forgets what is to be pushed, and `sync --push` pushes nothing; off: it pushes it.";
    FailedPushSucceeds = "failed-push-succeeds": "A run whose data did not reach the bucket ends as if it had; off: it fails.";
    BusyCommitHidesAll = "busy-commit-hides-all": "A backend that is busy once when a run takes the lock to commit ends the commit for good; off: the run asks again.";
    PushLosesTheManifest = "push-loses-the-manifest": "A push into an empty bucket does not register the namespace again; off: it does.";
    SetupIgnoresNamespacedFiles = "setup-ignores-namespaced-files": "`setup extension` leaves data behind that was already moved into its namespace; off: it takes it along.";
    ConfigNamespaceIsNoText = "config-namespace-is-no-text": "`setup extension` passes over a namespace in `--config` that is no text; off: it refuses it.";
    SetupCountsFilesOfOthers = "setup-counts-files-of-others": "`setup filesystem` of a directory that others use compares their files with the repository's, and says that it failed; off: it does not.";
    SetupMovesUnnamed = "setup-moves-unnamed": "`setup filesystem --directories` takes along what it does not name too, where it is found no more; off: that stays.";
    SetupForgetsNamespace = "setup-forgets-namespace": "`setup filesystem` takes the namespace out of `.swamp.yaml`, and leaves behind what is in it; off: both come along.";
    LazyQueryLacksContent = "lazy-query-lacks-content": "`data query` shows an empty content for what lazy hydration has not fetched yet; off: it fetches it.";
    SetupIgnoresOwnership = "setup-ignores-ownership": "`setup extension` joins a namespace of another repository; off: it is refused.";
    RequestIdDecidesHint = "request-id-decides-hint": "A check of a bucket takes digits of the request's id for a status; off: it goes by the answer.";
    SetSwitchesBeforeConflict = "set-switches-before-conflict": "`namespace set` on a cloud datastore notices a conflict after it has changed `.swamp.yaml`; off: before.";
    EmptyFirstExport = "empty-first-export": "A push exports the catalog as it is, even if nobody has filled it yet; off: it is filled first.";
    DeletedForeignRowsStay = "deleted-foreign-rows-stay": "`catalog pull` never removes rows of data that is gone; off: it replaces all rows of the namespace.";
    ExportTrustsNamespace = "export-trusts-namespace": "The rows of a pulled catalog say themselves which namespace they are of; off: that of the export.";
    MigratesSoloRepoIntoNamespace = "migrates-solo-repo-into-namespace": "A namespaced push takes data at the root of the bucket for its own and moves it; off: it leaves it alone.";
    CloudListOmitsOwner = "cloud-list-omits-owner": "`namespace list` on a bucket does not say whose a namespace is and since when; off: it reads the manifests.";
    DeletionDoesNotPropagate = "deletion-does-not-propagate": "A pull keeps what was deleted elsewhere, and the next push uploads it again; off: it removes what it had pulled.";
    UnsetKeepsClaimInBucket = "unset-keeps-claim-in-bucket": "`unset --migrate` removes the manifest of the cache only; off: that of the bucket too.";
    LeavingTakesTheExportAlong = "leaving-takes-the-export-along": "`unset --migrate` leaves the catalog export of the namespace in the cache, to be pushed; off: it goes.";
    NamespacedPushNeverFast = "namespaced-push-never-fast": "A namespaced push looks through the whole bucket each time; off: it notices that nothing was changed.";
    SyncLogOnStdout = "sync-log-on-stdout": "Messages of a sync go to stdout even where the result is JSON; off: to stderr.";
    SwallowedBackendErrors = "swallowed-backend-errors": "`lock status` and `catalog pull` take a backend that is down for an empty one; off: they fail.";
    WorkflowRecordStaysRunning = "workflow-record-stays-running": "In a bucket, the record of a workflow says that it is running until something else is pushed; off: how it ended.";
    LastEvaluatedNamesAnother = "last-evaluated-names-another": "The record of a run with `--last-evaluated` has the digest of the definition in the repository; off: of the one that ran.";
    LastEvaluatedIsNotTheLast = "last-evaluated-is-not-the-last": "`workflow run --last-evaluated` runs what the last run left in the repository; off: what `workflow evaluate` stored in the datastore, where it did so.";
    EditNamesOldFile = "edit-names-old-file": "`workflow edit`, and `model edit`, of what gets another name names the file that is gone; off: the new one.";
    ReportVersionNotFound = "report-version-not-found": "`report get --version` finds the latest version alone; off: any.";
    SummaryCountsRemovedVersions = "summary-counts-removed-versions": "`summarise` takes the number of the latest version for how many versions there are; off: it counts them.";
    RunLatestNotFound = "run-latest-not-found": "`--run latest`, the example of the help of `data get`, is no run; off: the latest one.";
    WorkflowListShowsLatest = "workflow-list-shows-latest": "`data list --workflow`, and `data get`, shows the newest version of each name, of whatever model has it; off: what the run made.";
    DecisionStaysLocal = "decision-stays-local": "In a bucket, what `workflow approve` and `reject` decide waits on this machine for the next push; off: it is pushed.";
    ApprovalsGoByOldIndex = "approvals-go-by-old-index": "`workflow approvals` goes by an index of the repository, which is made anew only where the number of runs is another one; off: by the records.";
    RefusedDecisionCrashes = "refused-decision-crashes": "`workflow approve` and `reject` crash on what they refuse; off: they say so in words.";
    DataStaysInBucket = "data-stays-in-bucket": "`datastore setup filesystem` leaves the data of a repository in its bucket, without a word; off: it comes along.";
    MigrateIndexStartsOver = "migrate-index-starts-over": "`datastore migrate-index`, once more, makes the parts of the index from the whole one, which nobody has written to since; off: it leaves them.";
    WorkflowOutputsStayLocal = "workflow-outputs-stay-local": "A workflow leaves outputs and evaluated files in the repository, a direct run in the datastore; off: both in the datastore.";
    SeveralLatestPerName = "several-latest-per-name": "In the catalog, every step has a latest version of a name; off: each name has one.";
    RepairStopsHalfway = "repair-stops-halfway": "`doctor datastores --repair -y` removes directories before it meets one that differs; off: it looks at all first.";
    RepairClaimsDuplicates = "repair-claims-duplicates": "The preview of that repair calls every directory a duplicate; off: it compares.";
    RepairConcatenatesJson = "repair-concatenates-json": "`doctor datastores --repair --json` prints one document per repair; off: one document.";
    DoctorCountsLocalData = "doctor-counts-local-data": "`doctor datastores` compares the catalog with `.swamp/data`, wherever the datastore is; off: with the datastore.";
    CorruptCatalogBreaksAll = "corrupt-catalog-breaks-all": "A catalog that is no database fails nearly every command; off: it is made anew.";
    SetCannotReclaim = "set-cannot-reclaim": "`namespace set` of the own namespace is refused where its manifest is gone; off: it writes it again.";
}

/// The quirks that are on.
#[derive(Debug, Clone, Default)]
pub struct Quirks {
    off: Vec<Quirk>,
}

impl Quirks {
    /// All quirks but those that `text` lists.
    pub fn parse(text: &str) -> Result<Self, UnknownName> {
        let off = named::parse(TABLE, VARIABLE, text)?;
        Ok(Self { off })
    }

    /// Whether swamp's deviation is to be shown.
    pub fn on(&self, quirk: Quirk) -> bool {
        !self.off.contains(&quirk)
    }
}
