//! The commands of swamp, as far as this implementation knows them.

mod data;
mod data_removal;
mod datastore;
mod doctor;
mod extension;
mod model;
mod vault;
mod workflow;

use super::spec::{Argument, Opt, Run, Spec};
use crate::commands::{repo_init, repo_upgrade, version};

/// The options that every command takes.
pub const GLOBALS: &[Opt] = &[
    Opt::flag("help", "Show this help.").short('h'),
    Opt::flag("json", "Output in JSON format (non-interactive)"),
    Opt::flag("log", "Force non-interactive log output"),
    Opt::valued(
        "log-level",
        "level",
        "Set log level (trace, debug, info, warning, error, fatal)",
    ),
    Opt::flag("quiet", "Suppress non-essential output").short('q'),
    Opt::flag("verbose", "Show detailed output").short('v'),
    Opt::flag("no-telemetry", "Disable telemetry for this invocation"),
    Opt::flag(
        "show-properties",
        "Show structured properties in log output",
    ),
    Opt::flag("no-color", "Disable colored output"),
];

/// The option that only `swamp` itself has; help texts show it second.
pub const VERSION: Opt =
    Opt::flag("version", "Show the version number for this program.").short('V');

/// The groups that say nothing where no command of theirs is called.
pub const SILENT: &[&str] = &["lock"];

const REPO_DIR: Opt = Opt::valued(
    "repo-dir",
    "dir",
    "Repository directory (env: SWAMP_REPO_DIR)",
);
const SERVER: Opt = Opt::valued(
    "server",
    "url",
    "Run through a 'swamp serve' server (ws:// or http://) instead of locally; no local repo required (env: \
     SWAMP_SERVE_URL). For proxy/tunnel pass-through headers see SWAMP_SERVE_EXTRA_HEADERS.",
);
const TOKEN: Opt = Opt::valued(
    "token",
    "token",
    "Server token in <name>.<secret> format; only applies with --server (overrides stored credentials and \
     SWAMP_SERVER_TOKEN)",
);
const CA_CERT: Opt = Opt::valued(
    "ca-cert",
    "path",
    "Path to PEM-encoded CA certificate to trust for TLS connections to the server (env: SWAMP_CA_CERT)",
);

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
        .taking(&[Argument::optional("path")])
};

const UPGRADE: Spec = Spec {
    options: &[
        Opt::valued(
            "tool",
            "tool",
            "Replace the enrolled tool list. Repeat to enroll multiple tools (e.g. `--tool claude --tool kiro`). \
             Omit to preserve the existing list and just bump the swamp \
             version. `--tool none` clears.",
        )
        .short('t')
        .repeated(),
        Opt::flag("include-gitignore", "Manage a swamp section in .gitignore"),
    ],
    examples: &[
        ("Upgrade preserving the enrolled tools", "swamp repo upgrade"),
        (
            "Replace the enrolled tool list",
            "swamp repo upgrade --tool claude --tool kiro",
        ),
    ],
    ..Spec::new(
        &["upgrade"],
        "Upgrade an existing swamp repository",
        Run::Do(repo_upgrade::run),
    )
    .taking(&[Argument::optional("path")])
};

const REPO: Spec = Spec::new(
    &["repo"],
    "Manage swamp repositories",
    Run::Group(&[INIT, UPGRADE]),
);

/// `swamp` itself.
pub const ROOT: Spec = Spec::new(
    &["swamp"],
    "AI Native Automation CLI",
    Run::Group(&[
        missing(
            &["access"],
            "Manage authorization policies (grants), groups, and access checks",
        ),
        Spec::new(
            &["version"],
            "Display the version of swamp",
            Run::Do(version::run),
        ),
        model::MODEL,
        INIT,
        REPO,
        workflow::WORKFLOW,
        vault::VAULT_GROUP,
        data::DATA,
        missing(&["telemetry"], "Manage CLI telemetry"),
        missing(
            &["audit"],
            "View audit timeline of swamp vs direct CLI commands",
        ),
        missing(&["update"], "Update swamp to the latest version"),
        missing(&["config"], "Manage swamp configuration"),
        missing(&["source"], "Manage swamp source code for troubleshooting"),
        missing(&["completions"], "Generate shell completions."),
        missing(
            &["issue"],
            "Search, fetch, report, and comment on swamp-club Lab issues",
        ),
        missing(&["auth"], "Manage swamp-club authentication"),
        extension::EXTENSION,
        missing(
            &["summarise", "summarize"],
            "Show a high-level overview of repo activity (method executions, workflows, data)",
        ),
        datastore::DATASTORE,
        doctor::DOCTOR,
        missing(
            &["run"],
            "Track and diagnose in-flight model method and workflow runs",
        ),
        missing(&["report"], "Browse and view stored report results"),
        missing(
            &["serve"],
            "Start a WebSocket API server for workflow and model execution.",
        ),
        missing(&["agent"], "Manage custom AI agent tool definitions"),
        missing(
            &["worker"],
            "Manage remote execution workers and enrollment tokens",
        ),
        missing(&["quest"], "What treasures are there yet to discover?"),
    ]),
);

const fn missing(names: &'static [&'static str], about: &'static str) -> Spec {
    Spec::new(names, about, Run::Missing)
}
