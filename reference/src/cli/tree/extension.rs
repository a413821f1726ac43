//! `swamp extension` and the commands below it.

use super::{REPO_DIR, missing};
use crate::cli::spec::{Argument, Opt, Run, Spec};
use crate::commands::extension_source_add;

const ADD: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued(
            "only",
            "types",
            "Only load these extension types (comma-separated: models,vaults,drivers,datastores,reports,workflows)",
        ),
    ],
    examples: &[
        (
            "Standard layout (path contains extensions/<kind>/ subdirs)",
            "swamp extension source add ~/code/my-swamp-extensions",
        ),
        (
            "Glob across sibling extension roots",
            "swamp extension source add \"~/code/my-swamp-extensions/*\"",
        ),
        (
            "Direct-content layout (path holds extension files directly)",
            "swamp extension source add ~/code/my-vault-prototype",
        ),
        (
            "Restrict to a single extension kind",
            "swamp extension source add ~/code/my-vaults --only vaults",
        ),
    ],
    ..Spec::new(
        &["add"],
        "Add a local extension source (standard or direct-content layout).",
        Run::Do(extension_source_add::run),
    )
    .taking(&[Argument::one("path")])
};

/// `swamp extension`.
pub const EXTENSION: Spec = Spec::new(
    &["extension"],
    "Manage swamp extensions",
    Run::Group(&[
        missing(&["pull"], "Pull an extension from the swamp registry"),
        Spec::new(
            &["source"],
            "Manage local extension sources",
            Run::Group(&[
                missing(&["list"], "List configured extension sources"),
                ADD,
                missing(&["rm"], "Remove a local extension source"),
            ]),
        ),
    ]),
);
