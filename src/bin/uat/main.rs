//! `cargo uat`: runs the scenarios with progress and a table at the end; `cargo uat doctor`
//! looks at the machine.

mod generate;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use swamp_uat::backend::emulator::{self, daemon, get};
use swamp_uat::error::{BadInput, EXIT_BAD_INPUT};
use swamp_uat::settings::Settings;
use swamp_uat::{doctor, junit, ledger, report, workspace_root};

/// The regression suite for swamp's namespaces.
#[derive(Parser)]
#[command(name = "cargo uat", bin_name = "cargo uat", version, about)]
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
    /// Say what is under test, which backends are here, and what is missing
    Doctor,
}

#[derive(clap::Args)]
struct Document {
    /// Write nothing; fail if what is there is not current
    #[arg(long)]
    check: bool,
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

#[derive(clap::Args)]
struct RunArgs {
    /// Run only the trials whose names contain this, such as `s02` or `namespace`
    filter: Option<String>,
    /// More arguments for the test binary, such as `--list` or `--test-threads 1`
    #[arg(last = true)]
    passed_on: Vec<String>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Task::Doctor) => examine(),
        Some(Task::Emulators(what)) => emulators(&what),
        Some(Task::KillMatrix(document)) => generate::kill_matrix(document.check),
        Some(Task::Findings(document)) => generate::findings(document.check),
        Some(Task::Run(args)) => run(&args),
        None => run(&cli.run),
    };
    done.unwrap_or_else(|bad| {
        eprintln!("{bad}");
        exit_code(EXIT_BAD_INPUT)
    })
}

fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn examine() -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    emulator::take_engine_into_environment();
    cargo(
        &["build", "--quiet", "--bin", "swamp-reference"],
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

fn run(args: &RunArgs) -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    let binary = build_suite()?;
    let mut command = Command::new(&binary);
    command
        .args(&args.filter)
        .args(&args.passed_on)
        .current_dir(workspace_root())
        .env("INSTA_WORKSPACE_ROOT", workspace_root());
    let cannot_start = |e: std::io::Error| {
        BadInput::new(
            format!("the scenario binary {} cannot be run", binary.display()),
            e.to_string(),
            "run `cargo clean` and try again",
        )
    };
    if args
        .passed_on
        .iter()
        .any(|arg| arg == "--list" || arg == "--help")
    {
        let status = command.status().map_err(cannot_start)?;
        return Ok(exit_code(status.code().unwrap_or(1)));
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(cannot_start)?;
    let announced = child
        .stdout
        .take()
        .and_then(|stdout| show_progress(BufReader::new(stdout)));
    let status = child.wait().map_err(cannot_start)?;
    let code = status.code().unwrap_or(1);
    if code == EXIT_BAD_INPUT {
        return Ok(exit_code(code));
    }
    if announced == Some(0) {
        return Err(BadInput::new(
            format!("`cargo uat {}`", args.filter.as_deref().unwrap_or_default()),
            "no trial has a name that contains this",
            "`cargo uat -- --list` shows the names",
        ));
    }
    let entries = ledger::read(&settings.ledger)?;
    println!("{}", report::summary(&entries));
    write_junit(&settings.ledger.with_file_name("junit.xml"), &entries);
    println!("ledger: {}", settings.ledger.display());
    Ok(match code {
        0 if !report::is_green(&entries) => ExitCode::FAILURE,
        code => exit_code(code),
    })
}

/// Builds the scenario binary and the reference with it; cargo's own output stays visible.
fn build_suite() -> Result<PathBuf, BadInput> {
    let messages = cargo(
        &[
            "test",
            "--test",
            "uat",
            "--no-run",
            "--message-format=json-render-diagnostics",
        ],
        "build the scenarios",
    )?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "uat" && message["profile"]["test"] == true)
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .ok_or_else(|| {
            BadInput::new(
                "cargo was asked for the scenario binary",
                "it named none",
                "run `cargo test --test uat` to see why",
            )
        })
}

fn cargo(args: &[&str], what: &str) -> Result<String, BadInput> {
    let bad = |found: String| {
        BadInput::new(
            format!("cargo was asked to {what}"),
            found,
            "correct what cargo says above, and run this again",
        )
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(args)
        .current_dir(workspace_root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| bad(e.to_string()))?;
    if !output.status.success() {
        return Err(bad(format!("it failed: {}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The binary of that name that cargo built beside this one.
fn beside_this(name: &str) -> PathBuf {
    std::env::current_exe().map_or_else(|_| PathBuf::from(name), |exe| exe.with_file_name(name))
}

/// Follows the test binary: a bar where there is a terminal, a line for each trial where there
/// is none; whatever else it says is passed on.
/// The number of trials that were announced.
fn show_progress(output: impl BufRead) -> Option<u64> {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("[{pos}/{len}] {bar:30} {elapsed} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    for line in output.lines().map_while(Result::ok) {
        if let Some(count) = announced(&line) {
            bar.set_length(count);
        } else if let Some((name, outcome)) = finished(&line) {
            bar.inc(1);
            bar.set_message(name.to_owned());
            if bar.is_hidden() {
                let (done, all) = (bar.position(), bar.length().unwrap_or_default());
                println!("[{done}/{all}] {outcome:7} {name}");
            } else if outcome != "ok" {
                bar.println(format!("{outcome} {name}"));
            }
        } else {
            bar.suspend(|| println!("{line}"));
        }
    }
    bar.finish_and_clear();
    // Best effort: nothing can be done about a closed standard output here.
    let _ = std::io::stdout().flush();
    bar.length()
}

/// The number in `running 11 tests`.
fn announced(line: &str) -> Option<u64> {
    let count = line.strip_prefix("running ")?.split(' ').next()?;
    count.parse().ok()
}

/// The name and the outcome in `test a::b ... ok`.
fn finished(line: &str) -> Option<(&str, &str)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    Some((name.trim_end(), outcome))
}

fn write_junit(path: &Path, entries: &[ledger::Entry]) {
    let written = junit::render(entries)
        .map_err(|e| e.to_string())
        .and_then(|xml| std::fs::write(path, xml).map_err(|e| e.to_string()));
    if let Err(e) = written {
        eprintln!("swamp-uat: {}: {e}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_test_binary_are_understood() {
        assert_eq!(announced("running 11 tests"), Some(11));
        assert_eq!(announced("running fast"), None);
        assert_eq!(
            finished("test a::s01_b::filesystem   ... ok"),
            Some(("a::s01_b::filesystem", "ok"))
        );
        assert_eq!(finished("test result: ok. 1 passed"), None);
        assert_eq!(finished("drift"), None);
    }

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
        let cli = Cli::parse_from(["uat", "s02", "--", "--exact"]);
        assert_eq!(cli.run.filter.as_deref(), Some("s02"));
        assert_eq!(cli.run.passed_on, ["--exact"]);
    }
}
