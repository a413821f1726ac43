//! The commands of swamp, as far as this implementation knows them.

use super::spec::{Arity, Opt, Run, Spec};
use crate::commands::{
    datastore_setup, namespace_list, namespace_migrate, namespace_set, namespace_unset, repo_init, version,
};

/// The options that every command takes.
pub const GLOBALS: &[Opt] = &[
    Opt::flag("help", "Show this help.").short('h'),
    Opt::flag("json", "Output in JSON format (non-interactive)"),
    Opt::flag("log", "Force non-interactive log output"),
    Opt::valued("log-level", "level", "Set log level (trace, debug, info, warning, error, fatal)"),
    Opt::flag("quiet", "Suppress non-essential output").short('q'),
    Opt::flag("verbose", "Show detailed output").short('v'),
    Opt::flag("no-telemetry", "Disable telemetry for this invocation"),
    Opt::flag("show-properties", "Show structured properties in log output"),
    Opt::flag("no-color", "Disable colored output"),
];

/// The option that only `swamp` itself has; help texts show it second.
pub const VERSION: Opt = Opt::flag("version", "Show the version number for this program.").short('V');

const REPO_DIR: Opt = Opt::valued("repo-dir", "dir", "Repository directory (env: SWAMP_REPO_DIR)");
const CONFIRM: Opt = Opt::flag("confirm", "Execute the migration (alias for --yes)");

const INIT: Spec = Spec {
    shown_as: Some("swamp init"),
    options: &[
        Opt::flag("force", "Reinitialize if already exists").short('f'),
        Opt::valued(
            "tool",
            "tool",
            "AI coding tool to configure for. Repeat to enroll multiple tools (e.g. `--tool claude --tool kiro`). \
             Duplicates are collapsed. Use `--tool none` (alone) to skip tool scaffolding. Defaults to `claude` when \
             omitted. Built-in: claude, cursor, opencode, codex, copilot, kiro, none. Custom tools defined via `swamp \
             agent setup` are also accepted.",
        )
        .short('t')
        .repeated(),
    ],
    examples: &[
        ("Initialize in current directory", "swamp repo init"),
        ("Initialize in a specific path", "swamp repo init ./my-project"),
        ("Initialize for multiple AI tools", "swamp repo init --tool claude --tool kiro"),
        ("Force reinitialize", "swamp repo init --force"),
    ],
    ..Spec::new(&["init"], "Initialize a new swamp repository", Run::Do(repo_init::run))
        .taking("path", Arity::Optional)
};

const REPO: Spec = Spec::new(
    &["repo"],
    "Manage swamp repositories",
    Run::Group(&[INIT, missing(&["upgrade"], "Upgrade an existing swamp repository").taking("path", Arity::Optional)]),
);

const SETUP_FILESYSTEM: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued("path", "path", "Path for the datastore directory").required(),
        Opt::valued("directories", "dirs", "Subdirectories to store in the datastore (comma-separated)"),
        Opt::flag("skip-migration", "Skip copying existing data into the target path"),
    ],
    examples: &[
        ("Set up filesystem datastore", "swamp datastore setup filesystem --path ~/swamp-data"),
        ("Custom subdirectories", "swamp datastore setup filesystem --path /data --directories models,outputs"),
    ],
    ..Spec::new(&["filesystem"], "Set up a filesystem datastore", Run::Do(datastore_setup::run))
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
    ..Spec::new(&["set"], "Assign a namespace to this repository", Run::Do(namespace_set::run))
        .taking("slug", Arity::One)
};

const NAMESPACE_UNSET: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag("migrate", "Also reverse-migrate data back to un-namespaced layout"),
        Opt::flag("yes", "Execute the migration (required with --migrate, ignored otherwise)").short('y'),
        CONFIRM,
    ],
    examples: &[
        ("Unset namespace", "swamp datastore namespace unset"),
        ("Unset and reverse-migrate data", "swamp datastore namespace unset --migrate --confirm"),
    ],
    ..Spec::new(&["unset"], "Remove namespace from this repository", Run::Do(namespace_unset::run))
};

const NAMESPACE_MIGRATE: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag("yes", "Execute the migration (without this flag, only a preview is shown)").short('y'),
        CONFIRM,
        Opt::flag("reverse", "Reverse-migrate from namespaced layout back to solo layout"),
    ],
    examples: &[
        ("Preview migration", "swamp datastore namespace migrate"),
        ("Execute migration", "swamp datastore namespace migrate --confirm"),
        ("Reverse migration (namespaced → solo)", "swamp datastore namespace migrate --reverse --confirm"),
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
    ..Spec::new(&["list"], "List all namespaces in the datastore", Run::Do(namespace_list::run))
};

const DATASTORE: Spec = Spec::new(
    &["datastore"],
    "Manage datastore configuration",
    Run::Group(&[
        missing(&["type"], "Inspect datastore types"),
        missing(&["status"], "Show datastore configuration and health"),
        SETUP,
        missing(&["sync"], "Sync local cache with S3 datastore"),
        missing(&["lock"], "Manage datastore locks"),
        missing(&["compact"], "Checkpoint the WAL and vacuum the catalog database to reclaim disk space"),
        missing(&["migrate-index"], "Migrate the datastore index from monolithic to shard-first format"),
        missing(&["catalog"], "Manage datastore catalog"),
        Spec::new(
            &["namespace"],
            "Manage datastore namespace",
            Run::Group(&[NAMESPACE_SET, NAMESPACE_UNSET, NAMESPACE_MIGRATE, NAMESPACE_LIST]),
        ),
    ]),
);

/// `swamp` itself.
pub const ROOT: Spec = Spec::new(
    &["swamp"],
    "AI Native Automation CLI",
    Run::Group(&[
        missing(&["access"], "Manage authorization policies (grants), groups, and access checks"),
        Spec::new(&["version"], "Display the version of swamp", Run::Do(version::run)),
        missing(&["model"], "Manage models"),
        INIT,
        REPO,
        missing(&["workflow"], "Manage workflows"),
        missing(&["vault"], "Manage vault configurations"),
        missing(&["data"], "Manage model data"),
        missing(&["telemetry"], "Manage CLI telemetry"),
        missing(&["audit"], "View audit timeline of swamp vs direct CLI commands"),
        missing(&["update"], "Update swamp to the latest version"),
        missing(&["config"], "Manage swamp configuration"),
        missing(&["source"], "Manage swamp source code for troubleshooting"),
        missing(&["completions"], "Generate shell completions."),
        missing(&["issue"], "Search, fetch, report, and comment on swamp-club Lab issues"),
        missing(&["auth"], "Manage swamp-club authentication"),
        missing(&["extension"], "Manage swamp extensions"),
        missing(
            &["summarise", "summarize"],
            "Show a high-level overview of repo activity (method executions, workflows, data)",
        ),
        DATASTORE,
        missing(&["doctor"], "Run diagnostics that verify swamp's integrations are healthy."),
        missing(&["run"], "Track and diagnose in-flight model method and workflow runs"),
        missing(&["report"], "Browse and view stored report results"),
        missing(&["serve"], "Start a WebSocket API server for workflow and model execution."),
        missing(&["agent"], "Manage custom AI agent tool definitions"),
        missing(&["worker"], "Manage remote execution workers and enrollment tokens"),
        missing(&["quest"], "What treasures are there yet to discover?"),
    ]),
);

const fn missing(names: &'static [&'static str], about: &'static str) -> Spec {
    Spec::new(names, about, Run::Missing)
}
