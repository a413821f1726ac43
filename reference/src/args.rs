//! The command line, as far as scenarios use it. What it cannot read is refused: see
//! [`crate::cli`].

#![allow(missing_docs, reason = "the names are swamp's")]

use clap::{Args, Parser, Subcommand};

/// A call of swamp.
#[derive(Debug, Parser)]
#[command(name = "swamp", version = crate::VERSION, no_binary_name = true)]
pub struct Call {
    /// Whether results and errors are JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Whether only what is worse than a warning is told.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// The repository that it is about, wherever it is called.
    #[arg(long, global = true)]
    pub repo_dir: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(subcommand)]
    Repo(Repo),
    #[command(subcommand)]
    Extension(Extension),
    #[command(subcommand)]
    Datastore(Datastore),
    #[command(subcommand)]
    Data(Data),
    #[command(subcommand)]
    Model(Model),
    #[command(subcommand)]
    Workflow(Workflow),
    #[command(subcommand)]
    Vault(Vault),
    #[command(subcommand)]
    Doctor(Doctor),
    #[command(subcommand)]
    Report(Report),
    #[command(subcommand)]
    Run(Run),
    Summarise {
        #[arg(long, default_value = "7d")]
        since: String,
        #[arg(long)]
        limit: Option<usize>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Repo {
    Init {
        /// What swamp sets up for an AI tool is left out here.
        #[arg(long, value_parser = ["none"], required = true)]
        tool: String,
    },
    Upgrade,
}

#[derive(Debug, Subcommand)]
pub enum Extension {
    #[command(subcommand)]
    Source(Source),
}

#[derive(Debug, Subcommand)]
pub enum Source {
    Add { path: String },
}

#[derive(Debug, Subcommand)]
pub enum Datastore {
    Status,
    #[command(subcommand)]
    Setup(Setup),
    Sync {
        #[arg(long)]
        pull: bool,
        #[arg(long)]
        push: bool,
        /// No bucket here shows beforehand what a push would do: there is nothing to skip.
        #[arg(short, long)]
        yes: bool,
        #[arg(long)]
        confirm: bool,
        /// Seconds; a sync here takes none that are worth a limit.
        #[arg(long)]
        timeout: Option<i64>,
    },
    #[command(subcommand)]
    Lock(Lock),
    Compact,
    MigrateIndex,
    #[command(subcommand)]
    Catalog(Catalog),
    #[command(subcommand)]
    Namespace(Namespace),
}

#[derive(Debug, Subcommand)]
pub enum Setup {
    Filesystem(SetupFilesystem),
    Extension(SetupExtension),
}

#[derive(Debug, Args)]
pub struct SetupFilesystem {
    #[arg(long)]
    pub path: String,
    /// Names, with commas between them.
    #[arg(long)]
    pub directories: Option<String>,
    #[arg(long)]
    pub skip_migration: bool,
}

#[derive(Debug, Args)]
pub struct SetupExtension {
    pub r#type: String,
    #[arg(long)]
    pub config: String,
    #[arg(long)]
    pub namespace: Option<String>,
    #[arg(long)]
    pub skip_migration: bool,
    #[arg(long)]
    pub hydration_strategy: Option<String>,
    /// Seconds; a sync here takes none that are worth a limit.
    #[arg(long)]
    pub timeout: Option<i64>,
}

#[derive(Debug, Subcommand)]
pub enum Lock {
    Status,
    Release {
        #[arg(long, required = true)]
        force: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Catalog {
    Pull {
        #[arg(long)]
        namespaces: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Namespace {
    Set {
        slug: String,
    },
    Unset {
        #[arg(long)]
        migrate: bool,
        #[arg(long)]
        confirm: bool,
        #[arg(short, long)]
        yes: bool,
    },
    Migrate {
        #[arg(long)]
        confirm: bool,
        #[arg(short, long)]
        yes: bool,
        #[arg(long)]
        reverse: bool,
    },
    List,
}

#[derive(Debug, Subcommand)]
pub enum Data {
    Get(DataGet),
    List(DataList),
    Query {
        predicate: String,
        /// Any number, as JavaScript has them.
        #[arg(long, allow_negative_numbers = true)]
        limit: Option<f64>,
        #[arg(long)]
        select: Option<String>,
    },
    Versions {
        #[command(flatten)]
        named: Named,
    },
    Gc {
        #[arg(long)]
        dry_run: bool,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
    },
    Prune {
        #[arg(long)]
        dry_run: bool,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
    },
    Delete(Delete),
    Rename(Rename),
    Search(DataSearch),
}

/// A model and a name of its data, as words or as options.
#[derive(Debug, Args)]
pub struct Named {
    pub model: Option<String>,
    pub name: Option<String>,
    #[arg(long = "model")]
    pub for_model: Option<String>,
    #[arg(long = "name")]
    pub for_name: Option<String>,
}

impl Named {
    /// The model.
    pub fn model(&self) -> Option<&str> {
        self.for_model.as_deref().or(self.model.as_deref())
    }

    /// The name.
    pub fn name(&self) -> Option<&str> {
        self.for_name.as_deref().or(self.name.as_deref())
    }
}

#[derive(Debug, Args)]
pub struct DataGet {
    #[command(flatten)]
    pub named: Named,
    #[command(flatten)]
    pub of_workflow: OfWorkflow,
    #[arg(long)]
    pub no_content: bool,
}

#[derive(Debug, Args)]
pub struct DataList {
    #[arg(required_unless_present_any = ["workflow", "for_model"])]
    pub model: Option<String>,
    #[arg(long = "model")]
    pub for_model: Option<String>,
    #[arg(long)]
    pub r#type: Option<String>,
    #[command(flatten)]
    pub of_workflow: OfWorkflow,
}

/// The workflow that made data, and the run of it.
#[derive(Debug, Args)]
pub struct OfWorkflow {
    #[arg(long)]
    pub workflow: Option<String>,
    #[arg(long)]
    pub run: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Run {
    Gc {
        #[arg(long)]
        dry_run: bool,
        #[arg(long, default_value = "30d")]
        older_than: String,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Report {
    Get(ReportGet),
    Search(ReportSearch),
}

#[derive(Debug, Args)]
pub struct ReportGet {
    pub report: String,
    #[arg(long)]
    pub model: Option<String>,
    #[arg(long)]
    pub workflow: Option<String>,
    #[arg(long)]
    pub version: Option<u64>,
    #[arg(long)]
    pub variant: Option<String>,
    #[arg(long)]
    pub markdown: bool,
    /// How wide it is shown at most.
    #[arg(long)]
    pub max_width: Option<usize>,
    /// How wide a column of a table is at most.
    #[arg(long)]
    pub max_col_width: Option<usize>,
}

/// What reports are looked for by.
#[derive(Debug, Args)]
pub struct ReportSearch {
    pub query: Option<String>,
    #[arg(long)]
    pub model: Option<String>,
    #[arg(long)]
    pub workflow: Option<String>,
    #[arg(long)]
    pub scope: Option<String>,
    #[arg(long)]
    pub r#type: Option<String>,
    #[arg(long)]
    pub label: Vec<String>,
}

/// What data is looked for by.
#[derive(Debug, Args)]
pub struct DataSearch {
    pub query: Option<String>,
    #[arg(long)]
    pub r#type: Option<String>,
    #[arg(long)]
    pub lifetime: Option<String>,
    #[arg(long)]
    pub owner_type: Option<String>,
    #[arg(long)]
    pub workflow: Option<String>,
    #[arg(long)]
    pub model: Option<String>,
    #[arg(long)]
    pub content_type: Option<String>,
    #[arg(long)]
    pub since: Option<String>,
    #[arg(long)]
    pub output: Option<String>,
    #[arg(long)]
    pub run: Option<String>,
    #[arg(long)]
    pub tag: Vec<String>,
    #[arg(long)]
    pub streaming: bool,
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

#[derive(Debug, Args)]
pub struct Rename {
    #[arg(required_unless_present = "for_model")]
    pub model: Option<String>,
    #[arg(required_unless_present = "for_name")]
    pub name: Option<String>,
    #[arg(required_unless_present = "for_new_name")]
    pub new_name: Option<String>,
    #[arg(long = "model")]
    pub for_model: Option<String>,
    #[arg(long = "name")]
    pub for_name: Option<String>,
    #[arg(long = "new-name")]
    pub for_new_name: Option<String>,
}

#[derive(Debug, Args)]
pub struct Delete {
    #[arg(required_unless_present = "for_model")]
    pub model: Option<String>,
    #[arg(required_unless_present_any = ["prefix", "all", "for_name"])]
    pub name: Option<String>,
    #[arg(long = "model")]
    pub for_model: Option<String>,
    #[arg(long = "name")]
    pub for_name: Option<String>,
    /// A number, or else no version has it.
    #[arg(long)]
    pub version: Option<String>,
    #[arg(long)]
    pub prefix: Option<String>,
    #[arg(long)]
    pub all: bool,
    #[arg(long)]
    pub dry_run: bool,
    #[arg(short, long)]
    pub yes: bool,
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Subcommand)]
pub enum Model {
    /// Of a method that runs.
    Cancel {
        #[arg(long, required = true)]
        all: bool,
    },
    Create {
        r#type: String,
        name: String,
        /// `key=value`
        #[arg(long)]
        global_arg: Vec<String>,
    },
    Delete {
        model: String,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
    },
    Edit {
        model: String,
    },
    Evaluate {
        #[arg(required_unless_present = "all")]
        model: Option<String>,
        #[arg(long)]
        all: bool,
    },
    Get {
        model: String,
    },
    #[command(subcommand)]
    Method(Method),
    Output(Output),
    Search {
        query: Option<String>,
        /// No model here is of a type that is left out otherwise.
        #[arg(long)]
        all: bool,
    },
    Validate {
        model: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Method {
    History(HistoryOf),
    Run(MethodRun),
}

/// `model method history` of a run or a model is short for `get`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct HistoryOf {
    #[arg(required = true)]
    pub run_or_model: Option<String>,
    #[command(subcommand)]
    pub command: Option<History>,
}

#[derive(Debug, Subcommand)]
pub enum History {
    Get {
        run_or_model: String,
    },
    Logs {
        run_or_model: String,
        #[arg(long)]
        tail: Option<usize>,
    },
    Search {
        query: Option<String>,
    },
}

/// `model output` of a run or a model is short for `get`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Output {
    #[arg(required = true)]
    pub run_or_model: Option<String>,
    #[command(subcommand)]
    pub command: Option<OutputCommand>,
}

#[derive(Debug, Subcommand)]
pub enum OutputCommand {
    Data {
        run: String,
        #[arg(long)]
        field: Option<String>,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        version: Option<u64>,
    },
    Get {
        run_or_model: String,
    },
    Logs {
        run: String,
        /// How many lines at most, where there are any.
        #[arg(long)]
        tail: Option<usize>,
    },
    Search {
        query: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct MethodRun {
    pub model: String,
    pub method: String,
    #[command(flatten)]
    pub given: GivenToRun,
    #[command(flatten)]
    pub reports: ReportsOfRun,
}

/// What a run of a method or a workflow is given.
#[derive(Debug, Args)]
pub struct GivenToRun {
    #[arg(long)]
    pub input: Vec<String>,
    #[arg(long, conflicts_with = "stdin")]
    pub input_file: Option<String>,
    /// Whether its inputs are read from standard input.
    #[arg(long)]
    pub stdin: bool,
    #[arg(long)]
    pub tag: Vec<String>,
    #[arg(long)]
    pub timeout: Option<String>,
    #[arg(long)]
    pub last_evaluated: bool,
}

/// Which reports a run of a method or a workflow makes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ReportsOfRun {
    /// None at all.
    #[arg(long)]
    pub skip_reports: bool,
    /// None of these names.
    #[arg(long)]
    pub skip_report: Vec<String>,
    /// None with one of these labels.
    #[arg(long)]
    pub skip_report_label: Vec<String>,
    /// Those of these names alone.
    #[arg(long)]
    pub report: Vec<String>,
    /// Those with one of these labels alone.
    #[arg(long)]
    pub report_label: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum Workflow {
    Approvals,
    Approve(Decide),
    Create {
        name: String,
    },
    Delete {
        workflow: String,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
    },
    Edit {
        workflow: String,
    },
    Evaluate {
        #[arg(required_unless_present = "all")]
        workflow: Option<String>,
        #[arg(long)]
        all: bool,
    },
    Get {
        workflow: String,
        #[arg(long)]
        graph: bool,
    },
    History(WorkflowHistoryOf),
    Reject(Decide),
    Resume {
        workflow: String,
        #[arg(long)]
        run: Option<String>,
        #[arg(long)]
        timeout: Option<String>,
    },
    Run(Box<WorkflowRun>),
    Search {
        query: Option<String>,
    },
    Validate {
        workflow: String,
    },
}

/// What a person decides about.
#[derive(Debug, Args)]
pub struct Decide {
    pub workflow: String,
    pub step: String,
    #[arg(long)]
    pub reason: Option<String>,
    #[arg(long)]
    pub run: Option<String>,
}

/// `workflow history` of a run or a workflow is short for `get`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct WorkflowHistoryOf {
    #[arg(required = true)]
    pub run_or_workflow: Option<String>,
    #[command(subcommand)]
    pub command: Option<WorkflowHistory>,
}

#[derive(Debug, Subcommand)]
pub enum WorkflowHistory {
    Get {
        run_or_workflow: String,
    },
    Logs {
        run_or_workflow: String,
        #[arg(long)]
        tail: Option<usize>,
    },
    Search {
        query: Option<String>,
        #[arg(long)]
        input: Vec<String>,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct WorkflowRun {
    #[arg(required = true)]
    pub workflow: Option<String>,
    #[command(flatten)]
    pub given: GivenToRun,
    #[command(flatten)]
    pub reports: ReportsOfRun,
    #[command(subcommand)]
    pub command: Option<WorkflowRunCommand>,
}

#[derive(Debug, Subcommand)]
pub enum WorkflowRunCommand {
    Search(RunSearch),
}

/// What runs of workflows are looked for by.
#[derive(Debug, Args)]
pub struct RunSearch {
    pub query: Option<String>,
    #[arg(long)]
    pub since: Option<String>,
    #[arg(long)]
    pub status: Option<String>,
    #[arg(long)]
    pub workflow: Option<String>,
    #[arg(long)]
    pub tag: Vec<String>,
    #[arg(long)]
    pub input: Vec<String>,
    #[arg(long)]
    pub limit: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub enum Vault {
    Annotate(Annotate),
    AuditTrail(AuditTrail),
    Create {
        r#type: String,
        name: String,
        /// Whether the audit trail has who reads a secret, too.
        #[arg(long)]
        audit_reads: bool,
    },
    Delete {
        vault: String,
        key: String,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
    },
    Describe {
        vault: String,
        #[arg(short, long)]
        r#type: Option<String>,
    },
    Get {
        vault: String,
        #[arg(short, long)]
        r#type: Option<String>,
    },
    Inspect {
        vault: String,
        key: String,
    },
    ListKeys {
        vault: String,
    },
    Migrate {
        vault: String,
        #[arg(long)]
        to_type: String,
        #[arg(long)]
        dry_run: bool,
    },
    Put {
        vault: String,
        key: String,
        value: String,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
        #[arg(long)]
        label: Vec<String>,
    },
    ReadSecret {
        vault: String,
        key: String,
        #[arg(short, long)]
        yes: bool,
        #[arg(short, long)]
        force: bool,
    },
    Search {
        query: Option<String>,
    },
}

/// What is noted about a secret.
#[derive(Debug, Args)]
pub struct Annotate {
    pub vault: String,
    pub key: String,
    #[arg(long)]
    pub url: Option<String>,
    #[arg(long)]
    pub notes: Option<String>,
    #[arg(long)]
    pub label: Vec<String>,
    #[arg(long)]
    pub remove_label: Vec<String>,
    #[arg(long)]
    pub clear: bool,
}

/// What was done with secrets.
#[derive(Debug, Args)]
pub struct AuditTrail {
    #[arg(long)]
    pub action: Option<String>,
    #[arg(long)]
    pub key: Option<String>,
    #[arg(long)]
    pub vault: Option<String>,
    #[arg(long)]
    pub since: Option<jiff::Timestamp>,
    #[arg(long)]
    pub until: Option<jiff::Timestamp>,
    #[arg(long)]
    pub limit: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub enum Doctor {
    Secrets,
    Vaults,
    Workflows,
    Datastores {
        #[arg(long)]
        repair: bool,
        #[arg(short, long)]
        yes: bool,
    },
}
