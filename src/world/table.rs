//! The table of what swamp may leave behind: for each kind of path what it is, who may read it,
//! what it holds, and which commands may touch it. What is not in here fails the trial. What of
//! it is not looked into is a [`Form`] that says so, with the reason.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use regex::RegexSet;

/// The parts of a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// A datastore: the directory, the local copy of a bucket, or the `.swamp` of a repo that has
    /// its data there.
    Datastore,
    /// The directory of a namespace in a datastore.
    Namespace,
    /// The local copy of a bucket.
    Copy,
    /// The `.swamp` of a repo, wherever that has its datastore.
    Local,
    /// A repo.
    Repo,
    /// A home.
    Home,
}

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    /// A directory with the usual permissions.
    Directory,
    /// The same, and it is made for what is in it.
    Filled,
    /// A directory for its owner alone.
    PrivateDirectory,
    /// A file with the usual permissions.
    File(Form),
    /// A file for its owner alone.
    PrivateFile(Form),
    /// A lock, which is gone when the command is done.
    Lock,
    /// Whatever it is, it is not looked at, for this reason.
    LeftOut(&'static str),
}

impl Is {
    /// What it holds, if that is looked at.
    pub fn form(self) -> Option<Form> {
        match self {
            Self::File(form) | Self::PrivateFile(form) => Some(form),
            _ => None,
        }
    }
}

/// What a file holds, and how that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// A database of SQLite: that it is one, and not what is in it, which queries show.
    Database,
    /// What SQLite keeps beside a database, in its own form.
    BesideDatabase,
    /// `.namespace.json`.
    Manifest,
    /// `metadata.yaml` of a version of data.
    Metadata,
    /// The data itself, as its metadata has it: by size and digest.
    Raw,
    /// The number of the newest version.
    Latest,
    /// A model as it was evaluated.
    Definition,
    /// A workflow as it was evaluated.
    Workflow,
    /// The record of a method's run.
    Run,
    /// The record of a workflow's run.
    WorkflowRun,
    /// The index of a workflow's runs.
    Runs,
    /// The log of a run.
    Log,
    /// What was done with secrets.
    Audit,
    /// A secret, encrypted.
    Secret,
    /// What secrets are encrypted with.
    Key,
    /// The configuration of a vault.
    Vault,
    /// `.swamp.yaml`.
    Marker,
    /// `.gitignore`.
    Gitignore,
    /// The index of a bucket, as a copy.
    Index,
    /// What a sync knows of the bucket.
    Sidecar,
    /// The rows of the own catalog, for others.
    Export,
    /// Who uses this home.
    Identity,
    /// When somebody without an account was last told of accounts.
    Nudge,
    /// Directories with skills for AI tools.
    SkillDirs,
    /// YAML, of whatever shape.
    Yaml,
}

/// One row of the table.
pub(super) struct Rule {
    /// Where it applies.
    places: &'static [Area],
    /// Paths below the place; see [`expand`].
    path: &'static str,
    pub is: Is,
    /// What the commands begin with that may make, change and remove it.
    pub by: &'static [&'static str],
    /// Whether only a real swamp writes it.
    real: bool,
    fired: AtomicBool,
}

impl Rule {
    /// Notes that a path was judged by it.
    pub fn fires(&self) {
        self.fired.store(true, Ordering::Relaxed);
    }
}

/// A row for every swamp.
const fn rule(
    places: &'static [Area],
    path: &'static str,
    is: Is,
    by: &'static [&'static str],
) -> Rule {
    Rule {
        places,
        path,
        is,
        by,
        real: false,
        fired: AtomicBool::new(false),
    }
}

/// A row for what the reference does not write.
const fn real(
    places: &'static [Area],
    path: &'static str,
    is: Is,
    by: &'static [&'static str],
) -> Rule {
    Rule {
        real: true,
        ..rule(places, path, is, by)
    }
}

/// Whatever runs.
const ANY: &[&str] = &[""];
pub(super) const RUNS: &[&str] = &["model method run", "workflow run", "workflow resume"];
const INIT: &[&str] = &["repo init"];
const RUNS_OR_SETUP: &[&str] = &[
    "model method run",
    "workflow run",
    "workflow resume",
    "datastore setup",
];
const WORKFLOWS_OR_SETUP: &[&str] = &["workflow run", "workflow resume", "datastore setup"];
/// The commands of both lists, of which there are `N`.
const fn and<const N: usize>(list: &[&'static str], more: &[&'static str]) -> [&'static str; N] {
    let mut all = [""; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < list.len() {
            list[at]
        } else {
            more[at - list.len()]
        };
        at += 1;
    }
    all
}

/// What keeps an index of runs in a repo; to ask for those that wait may make it.
const INDEXED_RUNS: &[&str] = &[
    "workflow run",
    "workflow approvals",
    "workflow approve",
    "workflow reject",
    "workflow resume",
    "workflow delete",
    "run gc",
    "datastore setup",
];
/// What makes the directories of a repo, fills them, or moves them.
const OWN: &[&str] = &[
    "repo init",
    "model",
    "workflow",
    "vault",
    "datastore namespace",
    "datastore setup",
];
/// Moves of all that lies in a datastore.
pub(super) const MOVES: &[&str] = &[
    "datastore namespace migrate",
    "datastore namespace unset",
    "datastore setup",
];
/// What writes data, moves it, or fetches it from a bucket.
const DATA: &[&str] = &[
    "model method run",
    "model delete",
    "workflow run",
    "workflow resume",
    "workflow delete",
    "run gc",
    "data delete",
    "data gc",
    "data prune",
    "data rename",
    "datastore namespace migrate",
    "datastore namespace unset",
    "datastore setup",
    "datastore sync",
    "doctor datastores --repair",
];
/// What writes the records of workflows, moves or removes them, and what decides about a run that waits.
const RECORDS: &[&str] = &[
    "workflow run",
    "workflow approve",
    "workflow reject",
    "workflow resume",
    "workflow delete",
    "run gc",
    "data prune",
    "datastore namespace migrate",
    "datastore namespace unset",
    "datastore setup",
    "datastore sync",
    "doctor datastores --repair",
];
/// What writes data, and a model that is evaluated has its directory made, also for a workflow.
const DATA_OR_EVALUATED: &[&str] =
    &and::<{ DATA.len() + 2 }>(DATA, &["model", "workflow evaluate"]);
/// What writes data, and a content that is fetched only when it is wanted.
const DATA_OR_WANTED: &[&str] = &and::<{ DATA.len() + 1 }>(DATA, &["data get"]);
/// What writes data, and an upgrade makes files of the links that an old swamp had for the latest version.
const DATA_OR_UPGRADED: &[&str] = &and::<{ DATA.len() + 1 }>(DATA, &["repo upgrade"]);
/// What keeps secrets, or moves them with all else.
const VAULT: &[&str] = &[
    "vault create",
    "vault put",
    "vault annotate",
    "vault delete",
    "datastore namespace migrate",
    "datastore namespace unset",
];
/// What tells of the use of secrets; a setup moves that with all else, and a pull brings it.
const AUDIT: &[&str] = &[
    "vault",
    "datastore sync",
    "datastore namespace migrate",
    "datastore namespace unset",
    "datastore setup",
];
const EVALUATED: &[&str] = &[
    "model evaluate",
    "workflow evaluate",
    "workflow delete",
    "model method run",
    "workflow run",
    "workflow resume",
    "datastore namespace migrate",
    "datastore namespace unset",
    "datastore setup",
    "datastore sync",
    "doctor datastores --repair",
];
/// What makes a model for itself, moves it, or fetches it from a bucket.
const GENERATED: &[&str] = &[
    "workflow run",
    "workflow resume",
    "data prune",
    "datastore namespace migrate",
    "datastore namespace unset",
    "datastore setup",
    "datastore sync",
];
/// What makes a workflow in a repo, changes or removes it.
const WORKFLOWS: &[&str] = &["workflow create", "workflow edit", "workflow delete"];
/// What makes a model in a repo, changes or removes it.
const MODELS: &[&str] = &["model create", "model edit", "model delete"];
/// What speaks to a bucket.
const SYNC: &[&str] = &[
    "model evaluate",
    "model delete",
    "model method run",
    "workflow run",
    "workflow resume",
    "workflow delete",
    "run gc",
    "data delete",
    "data gc",
    "data prune",
    "data rename",
    "datastore",
];

/// The same, and what notes there that something waits for a push.
const NOTED: &[&str] = &and::<{ SYNC.len() + 2 }>(SYNC, &["workflow approve", "workflow reject"]);

const DATASTORE: &[Area] = &[Area::Datastore];
const COPY: &[Area] = &[Area::Copy];
const NAMESPACE: &[Area] = &[Area::Namespace];
const LOCAL: &[Area] = &[Area::Local];
const REPO: &[Area] = &[Area::Repo];
const HOME: &[Area] = &[Area::Home];
/// What a datastore has, and each namespace in it.
const EACH: &[Area] = &[Area::Datastore, Area::Namespace];
/// The same, and a repo has it for itself, wherever its datastore is.
const EACH_OR_LOCAL: &[Area] = &[Area::Datastore, Area::Namespace, Area::Local];

use Is::{Directory, File, Filled, LeftOut, Lock, PrivateDirectory, PrivateFile};

/// Why bundles are left out.
const BUNDLED: &str = "a bundler makes it from the sources of an extension, and its text is that of \
                       the bundler";

/// Why the modules of deno are left out.
const MODULES: &str = "deno keeps there what it fetched and compiled, as it likes";

/// The table, a row a line.
#[rustfmt::skip]
static RULES: [Rule; 63] = [
    // A datastore: its root, its directories, and the same below a namespace.
    rule(DATASTORE, "", Directory, &["datastore setup"]),
    rule(COPY, "", Directory, ANY),
    rule(NAMESPACE, "", Directory, &["datastore", "model method run", "workflow run"]),
    rule(EACH, "(?:files|logs|telemetry)", Directory, MOVES),
    rule(EACH, "auto-definitions(?:/.+)?", Directory, GENERATED),
    rule(EACH, "auto-definitions/{type}/{name}\\.yaml", File(Form::Definition), GENERATED),
    rule(EACH, "audit", Directory, &["datastore", "vault"]),
    rule(EACH, "data/[^/]+/[^/]+/{id}", Directory, DATA_OR_EVALUATED),
    rule(EACH, "(?:data|outputs|workflow-runs)(?:/[^/]+)*", Directory, DATA),
    rule(EACH, "(?:definitions|workflows)-evaluated(?:/[^/]+)*", Directory, EVALUATED),
    rule(EACH, "\\.namespace\\.json", File(Form::Manifest), &["datastore"]),
    rule(EACH, "data/{owner}/{id}/{name}/\\d+/metadata\\.yaml", File(Form::Metadata), DATA),
    rule(EACH, "data/{owner}/{id}/{name}/\\d+/raw", File(Form::Raw), DATA_OR_WANTED),
    rule(EACH, "data/{owner}/{id}/{name}/latest", File(Form::Latest), DATA_OR_UPGRADED),
    rule(EACH, "definitions-evaluated/{type}/{name}\\.yaml", File(Form::Definition), EVALUATED),
    rule(EACH, "workflows-evaluated/workflow-{name}\\.yaml", File(Form::Workflow), EVALUATED),
    rule(EACH, "outputs/{type}/{name}/{id}-{time}\\.yaml", File(Form::Run), DATA),
    rule(EACH, "outputs/{type}/{name}/{id}-{time}\\.log", File(Form::Log), DATA),
    rule(EACH, "workflow-runs/{id}/workflow-run-{id}\\.yaml", File(Form::WorkflowRun), RECORDS),
    rule(EACH, "(?:secrets|vault-bundles)", Directory, VAULT),
    // Locks: their directory stays.
    rule(DATASTORE, "\\.locks", Directory, ANY),
    rule(EACH, "(?:\\.locks/{slug}|\\.datastore|data/{type}/{id}/)\\.lock", Lock, ANY),
    // What a repo has for itself; where its datastore is its own `.swamp`, it is moved with the rest.
    rule(EACH_OR_LOCAL, "data/_catalog\\.db", File(Form::Database), ANY),
    rule(EACH_OR_LOCAL, "data/_catalog\\.db-(?:wal|shm)", File(Form::BesideDatabase), ANY),
    rule(EACH_OR_LOCAL, "audit/vault-audit-{date}\\.jsonl", File(Form::Audit), AUDIT),
    rule(EACH_OR_LOCAL, "secrets/{name}(?:/{name}){0,2}", PrivateDirectory, VAULT),
    rule(EACH_OR_LOCAL, "secrets/{name}/{name}/\\.key", PrivateFile(Form::Key), VAULT),
    rule(EACH_OR_LOCAL, "secrets/{name}/{name}/(?:\\.annotations/)?{name}\\.enc", PrivateFile(Form::Secret), VAULT),
    // The local copy of a bucket.
    rule(EACH, "\\.catalog-export\\.json", File(Form::Export), SYNC),
    rule(COPY, "\\.datastore-index\\.json", File(Form::Index), SYNC),
    rule(COPY, "\\.datastore-sync-state\\.json", File(Form::Sidecar), NOTED),
    // Directories that somebody else made there: a migration takes them along.
    rule(DATASTORE, ".+", Directory, &["datastore namespace migrate"]),
    // A repo: what its author writes, and no command but the one that makes it.
    rule(REPO, "(?:grants|models|vaults|workflows)", Directory, INIT),
    rule(REPO, "models/.+", Directory, MODELS),
    rule(REPO, "models/{type}/{name}\\.yaml", File(Form::Definition), MODELS),
    rule(REPO, "workflows/workflow-{name}\\.yaml", File(Form::Workflow), WORKFLOWS),
    rule(REPO, "\\.swamp\\.yaml", File(Form::Marker), &["repo", "datastore"]),
    rule(REPO, "\\.gitignore", File(Form::Gitignore), INIT),
    rule(REPO, "vaults/local_encryption", Directory, &["vault create"]),
    rule(REPO, "vaults/local_encryption/{id}\\.yaml", File(Form::Vault), &["vault create"]),
    // What it keeps for itself.
    rule(REPO, "\\.swamp", Directory, ANY),
    rule(LOCAL, "(?:secrets|vault-bundles)", Directory, OWN),
    rule(LOCAL, "(?:audit|outputs|workflow-runs|(?:definitions|workflows)-evaluated)", Directory, OWN),
    rule(LOCAL, "data", Directory, ANY),
    real(LOCAL, "(?:_extension_catalog|run_tracker)\\.db", File(Form::Database), ANY),
    real(LOCAL, "(?:_extension_catalog|run_tracker)\\.db-(?:wal|shm)", File(Form::BesideDatabase), ANY),
    real(LOCAL, "(?:[a-z]+-)?bundles(?:/.+)?", LeftOut(BUNDLED), ANY),
    // Logs stay in it, and what a workflow's steps leave behind does. It is in the way of a setup.
    rule(LOCAL, "(?:outputs|definitions-evaluated)(?:/[^/]+)+", Filled, RUNS_OR_SETUP),
    rule(LOCAL, "workflow-runs/{id}", Filled, INDEXED_RUNS),
    // What a setup without the migration left there, a later one takes along.
    rule(LOCAL, "data(?:/[^/]+)+", Filled, &["datastore setup"]),
    rule(LOCAL, "outputs/{type}/{name}/{id}-{time}\\.log", File(Form::Log), RUNS_OR_SETUP),
    rule(LOCAL, "workflow-runs/{id}/workflow-run-{id}\\.log", File(Form::Log), WORKFLOWS_OR_SETUP),
    rule(LOCAL, "workflow-runs/{id}/\\.runs-index\\.json", File(Form::Runs), INDEXED_RUNS),
    rule(LOCAL, "outputs/{type}/{name}/{id}-{time}\\.yaml", File(Form::Run), WORKFLOWS_OR_SETUP),
    rule(LOCAL, "definitions-evaluated/{type}/{name}\\.yaml", File(Form::Definition), RUNS_OR_SETUP),
    rule(LOCAL, "workflows-evaluated/workflow-{name}\\.yaml", File(Form::Workflow), WORKFLOWS_OR_SETUP),
    real(REPO, "\\.swamp-sources\\.yaml", File(Form::Yaml), &["extension"]),
    // A home.
    real(HOME, "\\.config/swamp/identity\\.json", File(Form::Identity), ANY),
    real(HOME, "\\.config/swamp/builtin-tool-skill-dirs\\.json", File(Form::SkillDirs), ANY),
    real(HOME, "\\.config/swamp/auth_nudge\\.json", File(Form::Nudge), ANY),
    real(HOME, "\\.cache(?:/deno(?:/.+)?)?", LeftOut(MODULES), ANY),
    rule(HOME, "\\.swamp(?:/repos)?", Directory, ANY),
    rule(HOME, "\\.swamp/deno-cache(?:/.+)?", LeftOut(MODULES), RUNS),
];

/// What a command makes one of at most, by the words that it begins with.
pub(super) const AT_MOST_ONE: &[(&str, &[Form])] = &[
    (
        "model method run",
        &[Form::Run, Form::Log, Form::Definition],
    ),
    (
        "workflow run",
        &[Form::WorkflowRun, Form::Log, Form::Runs, Form::Workflow],
    ),
    ("workflow resume", &[Form::Log]),
    ("model create", &[Form::Definition]),
    ("model edit", &[Form::Definition]),
    ("workflow create", &[Form::Workflow]),
    ("workflow edit", &[Form::Workflow]),
    ("vault create", &[Form::Vault]),
    ("vault put", &[Form::Secret, Form::Key, Form::Audit]),
    ("datastore namespace set", &[Form::Manifest]),
];

/// Commands whose changes are not judged, each with the reason.
pub(super) const UNJUDGED: &[(&str, &str)] = &[(
    "extension pull",
    "what comes from swamp's registry is the registry's affair, and none could be had to see it",
)];

/// A pattern of the table: a regular expression with names for what paths of swamp are made of.
fn expand(path: &str) -> String {
    let id = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    let slug = "[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?";
    let pattern = path
        .replace("{slug}", slug)
        .replace("{id}", id)
        .replace("{time}", r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z")
        .replace("{date}", r"\d{4}-\d\d-\d\d")
        .replace("{type}", "[^/]+/[^/]+")
        // What has data: a model of a type, or a workflow.
        .replace("{owner}", "(?:workflow|[^/]+/[^/]+)")
        .replace("{name}", "[^/]+");
    format!("^{pattern}$")
}

/// The patterns of each area with their rows, to be tried all at once: a path is looked up for
/// every file that a command writes.
static SETS: LazyLock<Vec<(Area, RegexSet, Vec<&'static Rule>)>> = LazyLock::new(|| {
    let of = |area: Area| {
        let rules = RULES.iter().filter(|rule| rule.places.contains(&area));
        let rules: Vec<&'static Rule> = rules.collect();
        let patterns = rules.iter().map(|rule| expand(rule.path));
        let set = RegexSet::new(patterns).expect("the patterns of the table are sound");
        (area, set, rules)
    };
    use Area::{Copy, Datastore, Home, Local, Namespace, Repo};
    [Datastore, Namespace, Copy, Local, Repo, Home]
        .map(of)
        .into()
});

/// The row for `path` in `area`, if it is of the kind that `fits`: the first one that knows it.
pub(super) fn find(area: Area, path: &str, fits: impl Fn(Is) -> bool) -> Option<&'static Rule> {
    let (_, set, rules) = SETS.iter().find(|(of, ..)| *of == area)?;
    let known = set.matches(path).into_iter();
    known.map(|index| rules[index]).find(|rule| fits(rule.is))
}

/// The rows that judged nothing so far, but for those that only a real swamp has use for.
pub(crate) fn unfired() -> Vec<String> {
    let rules = RULES.iter();
    rules
        .filter(|rule| !rule.real && !rule.fired.load(Ordering::Relaxed))
        .map(|rule| format!("{:?} {}", rule.places, rule.path))
        .collect()
}
