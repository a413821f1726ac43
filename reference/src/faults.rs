//! Regressions that swamp once had, or could have. Off by default: `SWAMP_REFERENCE_FAULT=<name>` brings one back, so
//! that the suite can prove that its scenarios fail on it.

use crate::named::{self, Named, UnknownName};

/// The environment variable that names the fault to bring back.
pub const VARIABLE: &str = "SWAMP_REFERENCE_FAULT";

/// A regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "TABLE documents each")]
pub enum Fault {
    SetSkipsManifest,
    SetIgnoresClaim,
    RejectedSetWrites,
    ListForgetsCurrent,
    UnsetIgnoresOthers,
    UnsetKeepsConfig,
    ForeignRowsLeakIntoLatest,
    WildcardPicksFirst,
    NamespaceColumnInSolo,
    CatalogNotRebuilt,
    MigrateDropsFile,
    MigratePreviewLies,
    ReverseOverwrites,
    GcCrossesNamespace,
    DeleteCrossesNamespace,
    CompactLosesForeignRows,
    LockSharedAcrossNamespaces,
    WorkflowDataUnnamespaced,
    ExtensionDataUnnamespaced,
    CorruptManifestHidesOthers,
    CatalogRebuildKeepsStale,
    Pr1386,
    Bug534,
    Bug536,
    PushDeletesForeign,
    IndexAtRoot,
    FastPathAlways,
    FastPathNever,
    ManifestDeletedByPush,
    LockKeyWithoutNamespace,
}

/// Every fault.
pub const TABLE: &[Named<Fault>] = &[
    Named {
        id: Fault::SetSkipsManifest,
        name: "set-skips-manifest",
        doc: "`set` writes no manifest, so nobody else can see the claim.",
        scenario: 1,
    },
    Named {
        id: Fault::SetIgnoresClaim,
        name: "set-ignores-claim",
        doc: "`set` does not look for another repository's claim and overwrites its manifest.",
        scenario: 4,
    },
    Named {
        id: Fault::RejectedSetWrites,
        name: "rejected-set-writes",
        doc: "A slug that `set` rejects still ends up in `.swamp.yaml`.",
        scenario: 2,
    },
    Named {
        id: Fault::ListForgetsCurrent,
        name: "list-forgets-current",
        doc: "`list` never marks the namespace of the repository.",
        scenario: 7,
    },
    Named {
        id: Fault::UnsetIgnoresOthers,
        name: "unset-ignores-others",
        doc: "`unset` has no guard for a datastore with several namespaces.",
        scenario: 10,
    },
    Named {
        id: Fault::UnsetKeepsConfig,
        name: "unset-keeps-config",
        doc: "`unset` says that it unset the namespace but leaves it in `.swamp.yaml`.",
        scenario: 9,
    },
    Named {
        id: Fault::ForeignRowsLeakIntoLatest,
        name: "foreign-rows-leak-into-latest",
        doc: "`data.latest` without a prefix takes a row of any namespace where the own one has none.",
        scenario: 25,
    },
    Named {
        id: Fault::WildcardPicksFirst,
        name: "wildcard-picks-first",
        doc: "A `*:` that several namespaces answer to is no error: the first row wins.",
        scenario: 27,
    },
    Named {
        id: Fault::NamespaceColumnInSolo,
        name: "namespace-column-in-solo",
        doc: "`data query` shows the namespace column in a solo repository too.",
        scenario: 31,
    },
    Named {
        id: Fault::CatalogNotRebuilt,
        name: "catalog-not-rebuilt",
        doc: "A catalog that is not populated is not filled from the disk.",
        scenario: 46,
    },
    Named {
        id: Fault::MigrateDropsFile,
        name: "migrate-drops-file",
        doc: "A migration loses one file of the data.",
        scenario: 13,
    },
    Named {
        id: Fault::MigratePreviewLies,
        name: "migrate-preview-lies",
        doc: "The preview of a migration leaves out the data.",
        scenario: 14,
    },
    Named {
        id: Fault::ReverseOverwrites,
        name: "reverse-overwrites",
        doc: "A reverse migration does not look for conflicts and overwrites what is in its way.",
        scenario: 16,
    },
    Named {
        id: Fault::GcCrossesNamespace,
        name: "gc-crosses-namespace",
        doc: "`data gc` collects the data of all namespaces of the datastore.",
        scenario: 34,
    },
    Named {
        id: Fault::DeleteCrossesNamespace,
        name: "delete-crosses-namespace",
        doc: "`data delete` deletes data of that model and name in every namespace.",
        scenario: 35,
    },
    Named {
        id: Fault::CompactLosesForeignRows,
        name: "compact-loses-foreign-rows",
        doc: "`datastore compact` keeps the rows of the own namespace alone.",
        scenario: 36,
    },
    Named {
        id: Fault::LockSharedAcrossNamespaces,
        name: "lock-shared-across-namespaces",
        doc: "All namespaces of a datastore take one and the same structural lock.",
        scenario: 37,
    },
    Named {
        id: Fault::WorkflowDataUnnamespaced,
        name: "workflow-data-unnamespaced",
        doc: "A workflow writes its data and its record outside of the namespace.",
        scenario: 33,
    },
    Named {
        id: Fault::ExtensionDataUnnamespaced,
        name: "extension-data-unnamespaced",
        doc: "A model in TypeScript writes its data outside of the namespace.",
        scenario: 38,
    },
    Named {
        id: Fault::CorruptManifestHidesOthers,
        name: "corrupt-manifest-hides-others",
        doc: "An unreadable manifest ends the list of namespaces without an error.",
        scenario: 43,
    },
    Named {
        id: Fault::CatalogRebuildKeepsStale,
        name: "catalog-rebuild-keeps-stale",
        doc: "A catalog of another schema version keeps its rows and counts as populated.",
        scenario: 46,
    },
    Named {
        id: Fault::Pr1386,
        name: "pr-1386",
        doc: "A pull does not make the next query fill the catalog, so that it finds nothing.",
        scenario: 39,
    },
    Named {
        id: Fault::Bug534,
        name: "bug-534",
        doc: "`sync --push` forgets the namespace: its keys land at the root of the bucket.",
        scenario: 40,
    },
    Named {
        id: Fault::Bug536,
        name: "bug-536",
        doc: "`setup extension` does not know `--namespace`.",
        scenario: 41,
    },
    Named {
        id: Fault::PushDeletesForeign,
        name: "push-deletes-foreign",
        doc: "A push removes what it does not know, in other namespaces too.",
        scenario: 21,
    },
    Named {
        id: Fault::IndexAtRoot,
        name: "index-at-root",
        doc: "The index of a namespace lies at the root of the bucket.",
        scenario: 20,
    },
    Named {
        id: Fault::FastPathAlways,
        name: "fast-path-always",
        doc: "A push that once was complete uploads nothing any more.",
        scenario: 22,
    },
    Named {
        id: Fault::FastPathNever,
        name: "fast-path-never",
        doc: "Every push uploads everything again.",
        scenario: 22,
    },
    Named {
        id: Fault::ManifestDeletedByPush,
        name: "manifest-deleted-by-push",
        doc: "A push removes the manifest of its namespace.",
        scenario: 19,
    },
    Named {
        id: Fault::LockKeyWithoutNamespace,
        name: "lock-key-without-namespace",
        doc: "All namespaces of a bucket share one lock.",
        scenario: 42,
    },
];

/// The faults that are on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    on: Vec<Fault>,
}

impl Faults {
    /// The faults that `text` names.
    pub fn parse(text: &str) -> Result<Self, UnknownName> {
        Ok(Self {
            on: named::parse(TABLE, VARIABLE, text)?,
        })
    }

    /// These faults alone.
    pub fn with(on: &[Fault]) -> Self {
        Self { on: on.to_vec() }
    }

    /// Whether the regression is to be shown.
    pub fn on(&self, fault: Fault) -> bool {
        self.on.contains(&fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_off_until_it_is_named() {
        let none = Faults::parse("").expect("nothing to parse");
        assert!(TABLE.iter().all(|entry| !none.on(entry.id)));
        for entry in TABLE {
            let one = Faults::parse(entry.name).expect("a name of the table");
            let on: Vec<_> = TABLE.iter().filter(|other| one.on(other.id)).collect();
            assert_eq!(on, [entry]);
        }
    }

    #[test]
    fn an_unknown_name_is_refused() {
        assert!(Faults::parse("no-such-fault").is_err());
    }
}
