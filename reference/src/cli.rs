//! From the words of a call to the command that is meant, and what is said of words that mean none.

use clap::builder::Command as Grammar;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use crate::args::{
    Call, Catalog, Command, Data, Datastore, Doctor, Extension, History, HistoryOf, Lock, Method,
    Model, Namespace, Output, OutputCommand, Repo, Report, Run, Setup, Source, Vault, Workflow,
    WorkflowHistory, WorkflowRunCommand,
};
use crate::commands as run;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::model::inputs;
use crate::older;
use crate::quirks::Quirk;
use crate::session::Session;

/// Runs swamp with these arguments (without the program's name) and gives the exit code.
pub fn run(words: Vec<String>, session: &mut Session) -> u8 {
    // Errors are JSON wherever the flag stands, even if the command line does not parse.
    let json = words.iter().any(|word| word == "--json");
    session.output.set_json(json);
    let done = dispatch(words, session);
    match done.and_then(|()| older::leave(session)) {
        Ok(()) => 0,
        Err(failure) => {
            let json = json && !session.faults.on(Fault::ErrorsNotInJson);
            session.output.set_json(json);
            session.output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn dispatch(mut words: Vec<String>, session: &mut Session) -> Result<()> {
    let mut grammar = Call::command();
    if session.quirks.on(Quirk::LeadingHyphenIsAnOption) {
        // Swamp takes what stands behind `--` for nobody's argument.
        words = words.into_iter().take_while(|word| word != "--").collect();
    } else {
        grammar = with_hyphens(grammar);
    }
    if !session.quirks.on(Quirk::NamespacesIsGone) {
        as_planned(&mut words);
    }
    let read = grammar.try_get_matches_from_mut(&words);
    let call = read.and_then(|matches| Call::from_arg_matches(&matches));
    let call = match call {
        Ok(call) => call,
        Err(error) if error.kind() == ErrorKind::DisplayVersion => {
            session.output.text(error.to_string().trim_end());
            return Ok(());
        }
        Err(error) => return Err(refusal(&error, &words)),
    };
    session.output.set_quiet(call.quiet);
    session.repo_dir.clone_from(&call.repo_dir);
    command(call, session)
}

fn command(call: Call, session: &mut Session) -> Result<()> {
    let quiet = call.quiet;
    match call.command {
        Command::Repo(Repo::Init { .. }) => run::repo_init::run(session),
        Command::Repo(Repo::Upgrade) => run::repo_upgrade::run(session),
        Command::Extension(Extension::Source(Source::Add { path })) => {
            run::extension_source_add::run(&path, session)
        }
        Command::Datastore(command) => datastore(command, quiet, session),
        Command::Data(command) => match command {
            Data::Get(args) => run::data_get::run(&args, session),
            Data::List(args) => run::data_list::run(&args, session),
            Data::Query {
                predicate,
                limit,
                select,
            } => run::data_query::run(&predicate, select.as_deref(), limit, session),
            Data::Versions { named } => run::data_versions::run(
                named.model().unwrap_or_default(),
                named.name().unwrap_or_default(),
                session,
            ),
            Data::Gc {
                dry_run,
                yes,
                force,
            } => run::data_gc::run(dry_run, yes || force, session),
            Data::Prune {
                dry_run,
                yes,
                force,
            } => run::data_prune::run(dry_run, yes || force, session),
            Data::Rename(args) => run::data_rename::run(args, session),
            Data::Delete(args) => run::data_delete::run(args, session),
            Data::Search(args) => run::data_search::run(args, session),
        },
        Command::Model(command) => model(command, quiet, session),
        Command::Workflow(command) => workflow(command, quiet, session),
        Command::Vault(command) => vault(command, session),
        Command::Run(Run::Gc {
            dry_run,
            older_than,
            yes,
            force,
        }) => run::run_gc::run(&older_than, dry_run, yes || force, session),
        Command::Summarise { since, .. } => run::summarise::run(&since, session),
        Command::Doctor(Doctor::Secrets) => run::doctor_definitions::secrets(session),
        Command::Doctor(Doctor::Vaults) => run::doctor_definitions::vaults(session),
        Command::Doctor(Doctor::Workflows) => run::doctor_workflows::run(session),
        Command::Report(Report::Get(args)) => run::report_get::run(&args, session),
        Command::Report(Report::Search(args)) => run::report_search::run(&args, session),
        Command::Doctor(Doctor::Datastores { repair, yes }) => {
            run::doctor_datastores::run(repair, yes, session)
        }
    }
}

fn model(command: Model, quiet: bool, session: &mut Session) -> Result<()> {
    match command {
        Model::Cancel { .. } => run::model_cancel::run(session),
        Model::Create {
            r#type,
            name,
            global_arg,
        } => run::model_create::run(&r#type, &name, &global_arg, session),
        Model::Edit { model } => run::model_edit::run(&model, session),
        Model::Validate { model } => run::model_validate::run(&model, session),
        Model::Delete { model, yes, force } => run::model_delete::run(&model, yes, force, session),
        Model::Evaluate { model, .. } => run::model_evaluate::run(model.as_deref(), session),
        Model::Get { model } => run::model_get::run(&model, session),
        Model::Search { query, .. } => run::model_search::run(query.unwrap_or_default(), session),
        Model::Method(Method::Run(args)) => run::model_method_run::run(args, quiet, session),
        Model::Method(Method::History(HistoryOf {
            command: Some(History::Logs { run_or_model, tail }),
            ..
        })) => run::model_method_history_logs::run(&run_or_model, tail, session),
        Model::Method(Method::History(
            HistoryOf {
                command: Some(History::Get { run_or_model }),
                ..
            }
            | HistoryOf {
                command: None,
                run_or_model: Some(run_or_model),
            },
        ))
        | Model::Output(Output {
            command: Some(OutputCommand::Get { run_or_model }),
            ..
        })
        | Model::Output(Output {
            command: None,
            run_or_model: Some(run_or_model),
        }) => run::model_output_get::run(&run_or_model, session),
        Model::Method(Method::History(HistoryOf {
            command: Some(History::Search { query }),
            ..
        }))
        | Model::Output(Output {
            command: Some(OutputCommand::Search { query }),
            ..
        }) => run::model_output_search::run(query.unwrap_or_default(), session),
        Model::Output(Output {
            command: Some(OutputCommand::Logs { run, .. }),
            ..
        }) => run::model_output_logs::run(&run, session),
        Model::Output(Output {
            command:
                Some(OutputCommand::Data {
                    run,
                    field,
                    name,
                    version,
                }),
            ..
        }) => {
            run::model_output_data::run(&run, name.as_deref(), field.as_deref(), version, session)
        }
        Model::Method(Method::History(HistoryOf {
            command: None,
            run_or_model: None,
        }))
        | Model::Output(Output {
            command: None,
            run_or_model: None,
        }) => Err(Failure::not_implemented("model output of nothing")),
    }
}

fn workflow(command: Workflow, quiet: bool, session: &mut Session) -> Result<()> {
    match command {
        Workflow::Approvals => run::workflow_approvals::run(session),
        Workflow::Approve(args) => run::workflow_decide::run(&args, true, session),
        Workflow::Create { name } => run::workflow_create::run(&name, session),
        Workflow::Delete {
            workflow,
            yes,
            force,
        } => run::workflow_delete::run(&workflow, yes || force, session),
        Workflow::Edit { workflow } => run::workflow_edit::run(&workflow, session),
        Workflow::Evaluate { workflow, .. } => {
            run::workflow_evaluate::run(workflow.as_deref(), session)
        }
        Workflow::Get { workflow, graph } => run::workflow_get::run(&workflow, graph, session),
        Workflow::Search { query } => run::workflow_search::run(query.unwrap_or_default(), session),
        Workflow::Reject(args) => run::workflow_decide::run(&args, false, session),
        Workflow::Resume {
            workflow,
            run,
            timeout,
        } => {
            inputs::check_timeout(timeout.as_deref())?;
            run::workflow_resume::run(&workflow, run.as_deref(), quiet, session)
        }
        Workflow::History(of) => match of.command {
            Some(WorkflowHistory::Get { run_or_workflow }) => {
                run::workflow_history_get::run(&run_or_workflow, session)
            }
            Some(WorkflowHistory::Logs {
                run_or_workflow,
                tail,
            }) => run::workflow_history_logs::run(&run_or_workflow, tail, session),
            Some(WorkflowHistory::Search { query, input }) => {
                run::workflow_history_search::run(query.unwrap_or_default(), input, session)
            }
            None => {
                let wanted = of.run_or_workflow.unwrap_or_default();
                run::workflow_history_get::run(&wanted, session)
            }
        },
        Workflow::Run(args) => match args.command {
            Some(WorkflowRunCommand::Search(args)) => run::workflow_run_search::run(args, session),
            None => {
                let name = args.workflow.unwrap_or_default();
                run::workflow_run::run(&name, &args.given, &args.reports, quiet, session)
            }
        },
        Workflow::Validate { workflow } => run::workflow_validate::run(&workflow, session),
    }
}

fn vault(command: Vault, session: &mut Session) -> Result<()> {
    match command {
        Vault::Annotate(args) => run::vault_annotate::run(&args, session),
        Vault::AuditTrail(args) => run::vault_audit_trail::run(&args, session),
        Vault::Create {
            r#type,
            name,
            audit_reads,
        } => run::vault_create::run(&r#type, name, audit_reads, session),
        Vault::Delete {
            vault,
            key,
            yes,
            force,
        } => run::vault_delete::run(&vault, &key, yes, force, session),
        Vault::Describe { vault, r#type } => {
            run::vault_get::run(&vault, r#type.as_deref(), false, session)
        }
        Vault::Get { vault, r#type } => {
            run::vault_get::run(&vault, r#type.as_deref(), true, session)
        }
        Vault::Inspect { vault, key } => run::vault_inspect::run(&vault, &key, session),
        Vault::ListKeys { vault } => run::vault_list_keys::run(&vault, session),
        Vault::Migrate { vault, to_type, .. } => run::vault_migrate::run(&vault, &to_type, session),
        Vault::Put {
            vault,
            key,
            value,
            yes,
            force,
            label,
        } => run::vault_put::run([&vault, &key, &value], &label, yes || force, session),
        Vault::ReadSecret {
            vault,
            key,
            yes,
            force,
        } => run::vault_read_secret::run(&vault, &key, yes || force, session),
        Vault::Search { query } => run::vault_search::run(&query.unwrap_or_default(), session),
    }
}

fn datastore(command: Datastore, quiet: bool, session: &mut Session) -> Result<()> {
    match command {
        Datastore::Status => run::datastore_status::run(session),
        Datastore::Setup(Setup::Filesystem(args)) => run::datastore_setup::run(&args, session),
        Datastore::Setup(Setup::Extension(args)) => {
            run::datastore_setup_extension::run(args, session)
        }
        Datastore::Sync { pull, push, .. } => run::datastore_sync::run(pull, push, session),
        Datastore::Lock(Lock::Status) => run::lock_status::run(session),
        Datastore::Lock(Lock::Release { .. }) => run::lock_release::run(session),
        Datastore::MigrateIndex => run::migrate_index::run(session),
        Datastore::Compact => run::datastore_compact::run(session),
        Datastore::Catalog(Catalog::Pull { namespaces }) => {
            run::catalog_pull::run(&namespaces, session)
        }
        Datastore::Namespace(Namespace::Set { slug }) => run::namespace_set::run(&slug, session),
        Datastore::Namespace(Namespace::Unset {
            migrate,
            confirm,
            yes,
        }) => run::namespace_unset::run(migrate, confirm || yes, session),
        Datastore::Namespace(Namespace::Migrate {
            confirm,
            yes,
            reverse,
        }) => run::namespace_migrate::run(confirm || yes, reverse, session),
        Datastore::Namespace(Namespace::List) => run::namespace_list::run(quiet, session),
    }
}

/// The grammar in which a slug may begin with a hyphen.
fn with_hyphens(grammar: Grammar) -> Grammar {
    grammar.mut_subcommand("datastore", |datastore| {
        datastore.mut_subcommand("namespace", |namespace| {
            namespace.mut_subcommand("set", |set| {
                set.mut_arg("slug", |slug| slug.allow_hyphen_values(true))
            })
        })
    })
}

/// Takes the plan's name for the list of namespaces for today's.
fn as_planned(words: &mut Vec<String>) {
    if let [datastore, namespaces, ..] = words.as_slice()
        && datastore == "datastore"
        && namespaces == "namespaces"
    {
        words.splice(1..2, ["namespace", "list"].map(str::to_owned));
    }
}

/// What swamp says of a command line that it cannot read.
fn refusal(error: &clap::Error, words: &[String]) -> Failure {
    let grammar = Call::command();
    // The command or group that the words lead to.
    let (mut meant, mut path) = (&grammar, "swamp".to_owned());
    for word in words {
        let Some(below) = meant.find_subcommand(word) else {
            break;
        };
        meant = below;
        path = format!("{path} {word}");
    }
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = named(ContextKind::InvalidSubcommand);
            let close = closest(word, meant.get_subcommands().map(Grammar::get_name));
            Failure::UnknownCommand(format!(
                "Unknown command \"{word}\". Did you mean \"{close}\"?\n\n  Run \"{path} --help\" for available \
                 subcommands."
            ))
        }
        ErrorKind::UnknownArgument if path.ends_with("namespace set") => {
            let option = named(ContextKind::InvalidArg);
            let close = closest(
                option,
                ["-h", "--help", "--json", "-q", "--quiet"].into_iter(),
            );
            Failure::Usage(format!(
                "Unknown option \"{option}\". Did you mean option \"{close}\"?"
            ))
        }
        ErrorKind::MissingRequiredArgument if path.ends_with("namespace set") => {
            Failure::Usage("Missing argument(s): slug".to_owned())
        }
        _ => Failure::NotImplemented(format!(
            "the reference knows no such call of {path}: {error}"
        )),
    }
}

/// The known word that is most like `word`, the first one of several.
fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    let distance = |other: &&str| strsim::levenshtein(word, other);
    known.min_by_key(distance).unwrap_or_default()
}
