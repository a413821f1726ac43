//! `cargo uat`: runs the scenarios with progress and a table at the end; `cargo uat doctor`
//! looks at the machine.

mod answer;
mod build;
mod clean;
mod compare;
mod generate;
mod mixed;
mod player;
mod progress;
mod review;
mod scenarios;
mod two;
mod upgrade;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use swamp_uat::backend::emulator::{self, daemon, get};
use swamp_uat::error::BadInput;
use swamp_uat::machine::hangup;
use swamp_uat::machine::leftovers;
use swamp_uat::machine::leftovers::Mode;
use swamp_uat::machine::outlet;
use swamp_uat::report::doctor;
use swamp_uat::settings::Settings;

use build::{build, build_suite};
use scenarios::{Rerun, RunArgs};

/// The regression suite for swamp's namespaces.
#[derive(Parser)]
#[command(name = "cargo uat", bin_name = "cargo uat", version, about)]
// After a filter, the name of a command is a filter too.
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Task>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Task {
    /// Run the scenarios (the default)
    Run(RunArgs),
    /// The emulators of S3 and GCS, for machines without Docker
    #[command(subcommand)]
    Emulators(Emulators),
    /// Run the suite on the reference once for each fault; which scenario notices which
    KillMatrix(Document),
    /// Write FINDINGS.md from the deviations that the scenarios state
    Findings(Document),
    /// Write docs/plan.md: the scenarios in a sentence each, and where each stands
    Plan(Document),
    /// Write docs/coverage.md: which of swamp's commands the last run called; it must have been whole
    Coverage(Coverage),
    /// Run again what the last run left red
    Rerun(Rerun),
    /// Play the scenarios on two swamps, and say what changed for a user of a shared datastore
    Compare(compare::Compare),
    /// Let an older swamp set the scene of each scenario, and a newer one do the rest
    Upgrade(two::Two),
    /// Let repos that share a datastore have different swamps
    Mixed(two::Two),
    /// Accept or reject what waits for a review, one change at a time
    Review(review::Args),
    /// Print a script that shows a defect of FINDINGS.md with swamp alone
    Repro(Repro),
    /// Remove what earlier runs left: sandboxes, kept ones too, and buckets at named endpoints
    Clean(Clean),
    /// Say what is under test, which backends are here, and what is missing
    Doctor,
}

#[derive(clap::Args)]
struct Document {
    /// Write nothing; fail if what is there is not current
    #[arg(long)]
    check: bool,
}

#[derive(clap::Args)]
struct Coverage {
    /// Write commands/tree.txt instead: the commands that the help of SWAMP_BIN has
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    document: Document,
}

#[derive(clap::Args)]
struct Repro {
    /// The name of the defect; without one, all are listed
    #[arg(conflicts_with = "list")]
    id: Option<String>,
    /// List the defects
    #[arg(long)]
    list: bool,
}

#[derive(clap::Args)]
struct Clean {
    /// List what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Subcommand)]
enum Emulators {
    /// Install them from PyPI below target/, at the pinned versions, and deno, which the reference
    /// runs TypeScript models with
    Install,
    /// Start them, to stay between runs; prints the variables that make runs use them
    Up,
    /// Stop what `up` started
    Down,
    /// Say what is installed and what is up
    Status,
}

fn main() -> ExitCode {
    hangup::heed_nohup();
    outlet::end_when_closed(scenarios::stop);
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Task::Doctor) => examine(),
        Some(Task::Clean(Clean { dry_run: true })) => clean::clean(Mode::Look),
        Some(Task::Clean(Clean { dry_run: false })) => clean::clean(Mode::Remove),
        Some(Task::Emulators(what)) => emulators(&what),
        Some(Task::KillMatrix(document)) => generate::kill_matrix(document.check),
        Some(Task::Findings(document)) => generate::findings(document.check),
        Some(Task::Plan(document)) => generate::plan(document.check),
        Some(Task::Coverage(asked)) if asked.record => generate::commands(asked.document.check),
        Some(Task::Coverage(asked)) => generate::coverage(asked.document.check),
        Some(Task::Repro(asked)) => generate::repro(asked.id.as_deref()),
        Some(Task::Compare(args)) => compare::compare(&args),
        Some(Task::Upgrade(args)) => upgrade::upgrade(&args),
        Some(Task::Mixed(args)) => mixed::mixed(&args),
        Some(Task::Review(args)) => review::review(&args),
        Some(Task::Rerun(args)) => scenarios::rerun(&args),
        Some(Task::Run(args)) => scenarios::run(&args),
        None => scenarios::run(&cli.run),
    };
    leftovers::run_is_over();
    done.unwrap_or_else(|bad| {
        eprintln!("{bad}");
        exit_code(scenarios::exit_code_of_a_refusal())
    })
}

fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn examine() -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    emulator::take_engine_into_environment();
    build(
        &["build", "--bin", "swamp-reference"],
        "build the reference",
    )?;
    let found = doctor::examine(&settings, &beside_this("swamp-reference"));
    print!("{}", found.text);
    Ok(if found.healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn emulators(what: &Emulators) -> Result<ExitCode, BadInput> {
    Settings::from_env()?;
    match what {
        Emulators::Install => {
            get::all()?;
            print!("{}", daemon::status());
        }
        Emulators::Up => print!("{}", daemon::up()?),
        Emulators::Down => print!("{}", daemon::down()?),
        Emulators::Status => print!("{}", daemon::status()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The binary of that name that cargo built beside this one.
fn beside_this(name: &str) -> PathBuf {
    std::env::current_exe().map_or_else(|_| PathBuf::from(name), |exe| exe.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
        let cli = Cli::parse_from([
            "uat",
            "s02",
            "s03",
            "findings",
            "--verbose",
            "--",
            "--exact",
        ]);
        assert_eq!(cli.run.filters, ["s02", "s03", "findings"]);
        assert_eq!(cli.run.passed_on, ["--exact"]);
        assert!(cli.run.verbose && cli.command.is_none());
        let cli = Cli::parse_from(["uat", "run", "doctor"]);
        assert!(matches!(cli.command, Some(Task::Run(run)) if run.filters == ["doctor"]));
        assert!(matches!(
            Cli::parse_from(["uat", "doctor"]).command,
            Some(Task::Doctor)
        ));
    }
}
