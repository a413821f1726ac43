//! `swamp datastore` and the commands below it.

use super::{CA_CERT, REPO_DIR, SERVER, TOKEN, missing};
use crate::cli::spec::{Argument, Arity, Opt, Run, Spec};
use crate::commands::{
    catalog_pull, datastore_compact, datastore_setup, datastore_setup_extension, datastore_status,
    datastore_sync, lock_release, lock_status, migrate_index, namespace_list, namespace_migrate,
    namespace_set, namespace_unset,
};

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

const SETUP_EXTENSION: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued(
            "config",
            "config",
            "JSON config object for the extension (e.g., '{\"bucket\":\"name\",\"region\":\"us-east-1\"}')",
        )
        .required(),
        Opt::valued(
            "namespace",
            "slug",
            "Namespace to scope this datastore to (avoids absorbing foreign data from shared prefixes)",
        ),
        Opt::flag(
            "skip-migration",
            "Skip pushing local .swamp/ data to the remote (does not skip remote→local cache hydration, which always runs)",
        ),
        Opt::valued(
            "hydration-strategy",
            "strategy",
            "Content download strategy: \"full\" (default, download everything) or \"lazy\" (metadata only, download \
             content on demand)",
        ),
        Opt::valued(
            "timeout",
            "seconds",
            "Override the sync timeout for the initial push and hydration pull (seconds, max 21600). Wins over \
             SWAMP_DATASTORE_SYNC_TIMEOUT_MS. Preferred escape hatch for large first-time setups.",
        )
        .integer(),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        (
            "Set up S3 datastore",
            "swamp datastore setup extension @swamp/s3-datastore --config \
             '{\"bucket\":\"my-bucket\",\"region\":\"us-east-1\"}'",
        ),
        (
            "Set up with namespace (shared prefix)",
            "swamp datastore setup extension @swamp/s3-datastore --namespace my-project --config \
             '{\"bucket\":\"shared\",\"prefix\":\"swamp\",\"region\":\"us-east-1\"}'",
        ),
    ],
    ..Spec::new(
        &["extension"],
        "Set up an extension-provided datastore (e.g., @swamp/s3-datastore)",
        Run::Do(datastore_setup_extension::run),
    )
    .taking(&[Argument::one("type")])
};

const SETUP: Spec = Spec {
    options: &[REPO_DIR],
    ..Spec::new(
        &["setup"],
        "Configure a datastore for this repository",
        Run::Group(&[
            SETUP_FILESYSTEM,
            SETUP_EXTENSION,
            missing(
                &["s3"],
                "(Removed) Use: swamp datastore setup extension @swamp/s3-datastore --config '{...}'",
            )
            .taking(&[Argument {
                name: "args",
                arity: Arity::Any,
            }]),
        ]),
    )
};

const CATALOG_PULL: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued(
            "namespaces",
            "namespaces",
            "Comma-separated list of foreign namespaces to pull",
        )
        .required(),
    ],
    examples: &[(
        "Pull catalog from two namespaces",
        "swamp datastore catalog pull --namespaces infra,security",
    )],
    ..Spec::new(
        &["pull"],
        "Pull catalog metadata from foreign namespaces",
        Run::Do(catalog_pull::run),
    )
};

const SYNC: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag(
            "pull",
            "Pull-only mode (fetch all remote data to local cache)",
        ),
        Opt::flag("push", "Push-only mode (upload all local cache data to S3)"),
        Opt::flag("yes", "Skip the push preview and upload immediately").short('y'),
        Opt::flag(
            "confirm",
            "Skip the push preview and upload immediately (alias for --yes)",
        ),
        Opt::valued(
            "timeout",
            "seconds",
            "Override the per-direction sync timeout for this invocation (seconds, max 21600). Wins over \
             SWAMP_DATASTORE_SYNC_TIMEOUT_MS and per-datastore config. Preferred escape hatch for one-off large syncs.",
        )
        .integer(),
    ],
    examples: &[
        ("Full sync", "swamp datastore sync"),
        ("Pull only", "swamp datastore sync --pull"),
        ("Push only", "swamp datastore sync --push"),
        ("Large one-off sync", "swamp datastore sync --timeout 1800"),
    ],
    ..Spec::new(
        &["sync"],
        "Sync local cache with S3 datastore",
        Run::Do(datastore_sync::run),
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
    .taking(&[Argument::one("slug")])
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
    options: &[REPO_DIR, SERVER, TOKEN, CA_CERT],
    examples: &[("List namespaces", "swamp datastore namespace list")],
    ..Spec::new(
        &["list"],
        "List all namespaces in the datastore",
        Run::Do(namespace_list::run),
    )
};

const STATUS: Spec = Spec {
    options: &[REPO_DIR, SERVER, TOKEN, CA_CERT],
    examples: &[("Show datastore health", "swamp datastore status")],
    ..Spec::new(
        &["status"],
        "Show datastore configuration and health",
        Run::Do(datastore_status::run),
    )
};

const LOCK_STATUS: Spec = Spec {
    options: &[REPO_DIR],
    examples: &[("Check lock status", "swamp datastore lock status")],
    ..Spec::new(
        &["status"],
        "Show who holds the datastore lock",
        Run::Do(lock_status::run),
    )
};

const LOCK_RELEASE: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag("force", "Required to confirm force release").required(),
        Opt::valued(
            "model",
            "model",
            "Release a specific model's lock (type/id format, e.g. aws-ec2/my-server)",
        ),
    ],
    examples: &[
        (
            "Release stuck datastore lock",
            "swamp datastore lock release --force",
        ),
        (
            "Release a model lock",
            "swamp datastore lock release --force --model aws-ec2/my-server",
        ),
    ],
    ..Spec::new(
        &["release"],
        "Force-release a stuck datastore lock",
        Run::Do(lock_release::run),
    )
};

const LOCK: Spec = Spec::new(
    &["lock"],
    "Manage datastore locks",
    Run::Group(&[LOCK_STATUS, LOCK_RELEASE]),
);

const COMPACT: Spec = Spec {
    options: &[REPO_DIR],
    examples: &[
        ("Compact the catalog database", "swamp datastore compact"),
        (
            "Compact and output stats as JSON",
            "swamp datastore compact --json",
        ),
    ],
    ..Spec::new(
        &["compact"],
        "Checkpoint the WAL and vacuum the catalog database to reclaim disk space",
        Run::Do(datastore_compact::run),
    )
};

const MIGRATE_INDEX: Spec = Spec {
    options: &[REPO_DIR],
    examples: &[
        ("Migrate the index", "swamp datastore migrate-index"),
        (
            "Migrate and output result as JSON",
            "swamp datastore migrate-index --json",
        ),
    ],
    ..Spec::new(
        &["migrate-index"],
        "Migrate the datastore index from monolithic to shard-first format",
        Run::Do(migrate_index::run),
    )
};

/// `swamp datastore`.
pub const DATASTORE: Spec = Spec::new(
    &["datastore"],
    "Manage datastore configuration",
    Run::Group(&[
        missing(&["type"], "Inspect datastore types"),
        STATUS,
        SETUP,
        SYNC,
        LOCK,
        COMPACT,
        MIGRATE_INDEX,
        Spec::new(
            &["catalog"],
            "Manage datastore catalog",
            Run::Group(&[CATALOG_PULL]),
        ),
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
