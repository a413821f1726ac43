//! The commands of `swamp data` that remove data.

use super::data::{DATA_NAME, ID_OR_NAME, MODEL, NAME};
use super::{CA_CERT, REPO_DIR, SERVER, TOKEN};
use crate::cli::spec::{Opt, Run, Spec};
use crate::commands::{data_delete, data_gc};

const YES: Opt = Opt::flag("yes", "Skip confirmation prompt").short('y');
const FORCE: Opt = Opt::flag("force", "Skip confirmation prompt (alias for --yes)").short('f');
const DRY_RUN: Opt = Opt::flag("dry-run", "Show what would be deleted without deleting");

/// `swamp data gc`.
pub const GC: Spec = Spec {
    options: &[REPO_DIR, DRY_RUN, YES, FORCE, SERVER, TOKEN, CA_CERT],
    examples: &[
        ("Preview what would be collected", "swamp data gc --dry-run"),
        ("Run garbage collection", "swamp data gc --force"),
        (
            "Run non-interactively in JSON mode (no prompt, structured output)",
            "swamp data gc --json",
        ),
    ],
    ..Spec::new(
        &["gc"],
        "Run garbage collection on data (lifecycle and versions)",
        Run::Do(data_gc::run),
    )
};

/// `swamp data delete`.
pub const DELETE: Spec = Spec {
    options: &[
        REPO_DIR,
        MODEL,
        NAME,
        Opt::valued("version", "n", "Delete a specific version").integer(),
        Opt::valued(
            "prefix",
            "prefix",
            "Delete all data names starting with this prefix",
        ),
        Opt::flag("all", "Delete all data for the model"),
        DRY_RUN,
        YES,
        FORCE,
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        (
            "Delete an artifact (prompts for confirmation)",
            "swamp data delete my-server hetzner-state",
        ),
        (
            "Delete using flags",
            "swamp data delete --model my-server --name hetzner-state",
        ),
        (
            "Delete a specific version",
            "swamp data delete my-server hetzner-state --version 2",
        ),
        (
            "Delete all data matching a prefix",
            "swamp data delete my-server --prefix run-",
        ),
        (
            "Preview what --prefix would delete",
            "swamp data delete my-server --prefix run- --dry-run",
        ),
        (
            "Delete all data for a model",
            "swamp data delete my-server --all",
        ),
        (
            "Skip the confirmation prompt",
            "swamp data delete my-server hetzner-state --force",
        ),
    ],
    ..Spec::new(
        &["delete"],
        "Delete data artifacts: one by name, many by prefix, or all for a model",
        Run::Do(data_delete::run),
    )
    .taking(&[ID_OR_NAME, DATA_NAME])
};
