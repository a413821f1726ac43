//! `swamp datastore` and the commands below it.

use super::missing;
use crate::cli::spec::{Arity, Opt, Run, Spec};
use crate::commands::{
    datastore_setup, namespace_list, namespace_migrate, namespace_set, namespace_unset,
};

const REPO_DIR: Opt = Opt::valued(
    "repo-dir",
    "dir",
    "Repository directory (env: SWAMP_REPO_DIR)",
);
const CONFIRM: Opt = Opt::flag("confirm", "Execute the migration (alias for --yes)");

const SETUP_FILESYSTEM: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued("path", "path", "Path for the datastore directory").required(),
        Opt::valued(
            "directories",
            "dirs",
            "Subdirectories to store in the datastore (comma-separated)",
        ),
        Opt::flag(
            "skip-migration",
            "Skip copying existing data into the target path",
        ),
    ],
    examples: &[
        (
            "Set up filesystem datastore",
            "swamp datastore setup filesystem --path ~/swamp-data",
        ),
        (
            "Custom subdirectories",
            "swamp datastore setup filesystem --path /data --directories models,outputs",
        ),
    ],
    ..Spec::new(
        &["filesystem"],
        "Set up a filesystem datastore",
        Run::Do(datastore_setup::run),
    )
};

const SETUP: Spec = Spec {
    options: &[REPO_DIR],
    ..Spec::new(
        &["setup"],
        "Configure a datastore for this repository",
        Run::Group(&[
            SETUP_FILESYSTEM,
            missing(&["extension"], "Set up an extension-provided datastore (e.g., @swamp/s3-datastore)")
                .taking("type", Arity::One),
            missing(
                &["s3"],
                "(Removed) Use: swamp datastore setup extension @swamp/s3-datastore --config '{...}'",
            )
            .taking("args", Arity::Any),
        ]),
    )
};

const NAMESPACE_SET: Spec = Spec {
    options: &[REPO_DIR],
    examples: &[("Set namespace", "swamp datastore namespace set infra")],
    ..Spec::new(
        &["set"],
        "Assign a namespace to this repository",
        Run::Do(namespace_set::run),
    )
    .taking("slug", Arity::One)
};

const NAMESPACE_UNSET: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag(
            "migrate",
            "Also reverse-migrate data back to un-namespaced layout",
        ),
        Opt::flag(
            "yes",
            "Execute the migration (required with --migrate, ignored otherwise)",
        )
        .short('y'),
        CONFIRM,
    ],
    examples: &[
        ("Unset namespace", "swamp datastore namespace unset"),
        (
            "Unset and reverse-migrate data",
            "swamp datastore namespace unset --migrate --confirm",
        ),
    ],
    ..Spec::new(
        &["unset"],
        "Remove namespace from this repository",
        Run::Do(namespace_unset::run),
    )
};

const NAMESPACE_MIGRATE: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag(
            "yes",
            "Execute the migration (without this flag, only a preview is shown)",
        )
        .short('y'),
        CONFIRM,
        Opt::flag(
            "reverse",
            "Reverse-migrate from namespaced layout back to solo layout",
        ),
    ],
    examples: &[
        ("Preview migration", "swamp datastore namespace migrate"),
        (
            "Execute migration",
            "swamp datastore namespace migrate --confirm",
        ),
        (
            "Reverse migration (namespaced → solo)",
            "swamp datastore namespace migrate --reverse --confirm",
        ),
    ],
    ..Spec::new(
        &["migrate"],
        "Migrate data to namespaced layout (use --reverse to undo)",
        Run::Do(namespace_migrate::run),
    )
};

const NAMESPACE_LIST: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued(
            "server",
            "url",
            "Run through a 'swamp serve' server (ws:// or http://) instead of locally; no local repo required (env: \
             SWAMP_SERVE_URL). For proxy/tunnel pass-through headers see SWAMP_SERVE_EXTRA_HEADERS.",
        ),
        Opt::valued(
            "token",
            "token",
            "Server token in <name>.<secret> format; only applies with --server (overrides stored credentials and \
             SWAMP_SERVER_TOKEN)",
        ),
        Opt::valued(
            "ca-cert",
            "path",
            "Path to PEM-encoded CA certificate to trust for TLS connections to the server (env: SWAMP_CA_CERT)",
        ),
    ],
    examples: &[("List namespaces", "swamp datastore namespace list")],
    ..Spec::new(
        &["list"],
        "List all namespaces in the datastore",
        Run::Do(namespace_list::run),
    )
};

/// `swamp datastore`.
pub const DATASTORE: Spec = Spec::new(
    &["datastore"],
    "Manage datastore configuration",
    Run::Group(&[
        missing(&["type"], "Inspect datastore types"),
        missing(&["status"], "Show datastore configuration and health"),
        SETUP,
        missing(&["sync"], "Sync local cache with S3 datastore"),
        missing(&["lock"], "Manage datastore locks"),
        missing(
            &["compact"],
            "Checkpoint the WAL and vacuum the catalog database to reclaim disk space",
        ),
        missing(
            &["migrate-index"],
            "Migrate the datastore index from monolithic to shard-first format",
        ),
        missing(&["catalog"], "Manage datastore catalog"),
        Spec::new(
            &["namespace"],
            "Manage datastore namespace",
            Run::Group(&[
                NAMESPACE_SET,
                NAMESPACE_UNSET,
                NAMESPACE_MIGRATE,
                NAMESPACE_LIST,
            ]),
        ),
    ]),
);
