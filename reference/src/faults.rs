//! Regressions that swamp once had, or could have. Off by default: `SWAMP_REFERENCE_FAULT=<name>`
//! brings one back, so that the suite can prove that its scenarios fail on it.

use crate::named::{self, UnknownName, switches};

/// The environment variable that names the fault to bring back.
pub const VARIABLE: &str = "SWAMP_REFERENCE_FAULT";

switches! { Fault, "A regression.";
    SetSkipsManifest = "set-skips-manifest": "`set` writes no manifest, so nobody else can see the claim.";
    SetAgainSucceeds = "set-again-succeeds": "`set` of the namespace that is set already succeeds, and registers it anew.";
    SetIgnoresClaim = "set-ignores-claim": "`set` does not look for another repository's claim and overwrites its manifest.";
    RejectedSetWrites = "rejected-set-writes": "A slug that `set` rejects still ends up in `.swamp.yaml`.";
    ListForgetsCurrent = "list-forgets-current": "`list` never marks the namespace of the repository.";
    EmptyListPrintsTable = "empty-list-prints-table": "`list` of nothing prints the head of a table.";
    UnsetIgnoresOthers = "unset-ignores-others": "`unset` has no guard for a datastore with several namespaces.";
    UnsetKeepsConfig = "unset-keeps-config": "`unset` says that it unset the namespace but leaves it in `.swamp.yaml`.";
    UnsetOfNothingSucceeds = "unset-of-nothing-succeeds": "`unset` succeeds in a repository without a namespace.";
    ForeignRowsLeakIntoLatest = "foreign-rows-leak-into-latest": "`data.latest` without a prefix takes a row of any namespace where the own one has none.";
    WildcardPicksFirst = "wildcard-picks-first": "A `*:` that several namespaces answer to is no error: the first row wins.";
    NamespaceColumnInSolo = "namespace-column-in-solo": "`data query` shows the namespace column in a solo repository too.";
    NamespaceColumnHidden = "namespace-column-hidden": "`data query` shows no namespace column in a namespaced repository.";
    QueryForgetsForeign = "query-forgets-foreign": "A query that says nothing of `ns` gives the rows of the own namespace alone.";
    SelectLosesIntegers = "select-loses-integers": "`data query --select` of a whole number fails, as it is none that JSON has.";
    RowGainsField = "row-gains-field": "Every row of `data query --json` has one more field.";
    ExtraDirectory = "extra-directory": "Every datastore has one more directory.";
    CatalogNotRebuilt = "catalog-not-rebuilt": "A catalog that is not populated is not filled from the disk.";
    MigrateDropsFile = "migrate-drops-file": "A migration loses one file of the data.";
    MigratePreviewLies = "migrate-preview-lies": "The preview of a migration leaves out the data.";
    ReverseOverwrites = "reverse-overwrites": "A reverse migration does not look for conflicts and overwrites what is in its way.";
    GcCrossesNamespace = "gc-crosses-namespace": "`data gc` collects the data of all namespaces of the datastore.";
    DeleteCrossesNamespace = "delete-crosses-namespace": "`data delete` and `model delete` delete in every namespace what is of that model.";
    WorkflowDeleteCrossesNamespace = "workflow-delete-crosses-namespace": "`workflow delete` removes the records of its runs, and what was evaluated, in every namespace.";
    EvaluatedWorkflowUnnamespaced = "evaluated-workflow-unnamespaced": "`workflow evaluate` stores what it evaluated outside of the namespace.";
    ReportOfAnotherNamespace = "report-of-another-namespace": "`report get` shows the report of that name of another namespace, where there is one.";
    RunGcCrossesNamespace = "run-gc-crosses-namespace": "`run gc` removes old records of runs in every namespace.";
    PruneCrossesNamespace = "prune-crosses-namespace": "`data prune` goes by the own models in all namespaces of the datastore.";
    PruneForgetsGenerated = "prune-forgets-generated": "`data prune` looks for models that a workflow made in the repository, and not in its datastore.";
    RenameCrossesNamespace = "rename-crosses-namespace": "`data rename` renames data of that model and name in every namespace.";
    SearchCrossesNamespace = "search-crosses-namespace": "What searches data or records of runs, or sums them up, does so in every namespace.";
    LimitIgnored = "limit-ignored": "`--limit` of a query or a search lets all through.";
    TailShowsHead = "tail-shows-head": "`--tail` shows the first lines of a log.";
    YesNotNeeded = "yes-not-needed": "What removes something goes ahead where nobody can say yes.";
    ErrorsNotInJson = "errors-not-in-json": "With `--json`, too, an error is a sentence.";
    CompactLosesForeignRows = "compact-loses-foreign-rows": "`datastore compact` keeps the rows of the own namespace alone.";
    LockSharedAcrossNamespaces = "lock-shared-across-namespaces": "All namespaces of a datastore take one and the same structural lock.";
    WorkflowDataUnnamespaced = "workflow-data-unnamespaced": "A workflow writes its data and its record outside of the namespace.";
    DecisionUnnamespaced = "decision-unnamespaced": "What is decided about a run that waits is written outside of the namespace.";
    ResumeStartsOver = "resume-starts-over": "A run that is resumed does again what it had done.";
    VaultsShared = "vaults-shared": "The secrets of a vault lie in the datastore, where all namespaces have the same.";
    ExtensionDataUnnamespaced = "extension-data-unnamespaced": "A model in TypeScript writes its data outside of the namespace.";
    CorruptManifestHidesOthers = "corrupt-manifest-hides-others": "An unreadable manifest ends the list of namespaces without an error.";
    CatalogRebuildKeepsStale = "catalog-rebuild-keeps-stale": "A catalog of another schema version keeps its rows and counts as populated.";
    Pr1386 = "pr-1386": "A pull does not make the next query fill the catalog, so that it finds nothing.";
    Bug534 = "bug-534": "`sync --push` forgets the namespace: its keys land at the root of the bucket.";
    Bug536 = "bug-536": "`setup extension` does not know `--namespace`.";
    ConfigNamespaceIgnored = "config-namespace-ignored": "`setup extension` does not read the namespace in the JSON of `--config`.";
    PushDeletesForeign = "push-deletes-foreign": "A push removes what it does not know, in other namespaces too.";
    IndexAtRoot = "index-at-root": "The index of a namespace lies at the root of the bucket.";
    FastPathAlways = "fast-path-always": "A push that once was complete uploads nothing any more.";
    FastPathNever = "fast-path-never": "Every push uploads everything again.";
    PullForgetsRecords = "pull-forgets-records": "A pull leaves the records of runs in the bucket.";
    ManifestDeletedByPush = "manifest-deleted-by-push": "A push removes the manifest of its namespace.";
    LockKeyWithoutNamespace = "lock-key-without-namespace": "All namespaces of a bucket share one lock.";
}

/// The faults that are on.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    on: Vec<Fault>,
}

impl Faults {
    /// The faults that `text` names.
    pub fn parse(text: &str) -> Result<Self, UnknownName> {
        let on = named::parse(TABLE, VARIABLE, text)?;
        Ok(Self { on })
    }

    /// Whether the regression is to be shown.
    pub fn on(&self, fault: Fault) -> bool {
        self.on.contains(&fault)
    }
}
