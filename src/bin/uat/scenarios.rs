//! `cargo uat [filters]`: runs the scenario binary, and sums up what it did.

use std::io::BufReader;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, ExitCode, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use clap::CommandFactory;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use swamp_uat::error::{BadInput, EXIT_BAD_INPUT};
use swamp_uat::machine::leash;
use swamp_uat::report::annotations;
use swamp_uat::report::html;
use swamp_uat::report::junit;
use swamp_uat::report::ledger;
use swamp_uat::report::markdown;
use swamp_uat::report::recorder::{self, Run};
use swamp_uat::report::{self, Verbosity};
use swamp_uat::settings::Settings;
use swamp_uat::settings::args::Arguments;
use swamp_uat::shell;
use swamp_uat::workspace_root;

use crate::build::build_suite;
use crate::{Cli, exit_code, progress};

/// What runs, and how much is told about it.
#[derive(clap::Args)]
pub struct RunArgs {
    /// Run only the trials whose names contain one of these, such as `s02` or `namespace`
    pub filters: Vec<String>,
    /// List the known deviations, the skipped trials and all differences, and not just how many there are
    #[arg(short, long)]
    pub verbose: bool,
    /// More arguments for the test binary, such as `--list` or `--test-threads 1`
    #[arg(last = true)]
    pub passed_on: Vec<String>,
}

#[derive(clap::Args)]
pub struct Rerun {
    /// List the known deviations, the skipped trials and all differences, and not just how many there are
    #[arg(short, long)]
    verbose: bool,
    /// More arguments for the test binary, such as `--test-threads 1`
    #[arg(last = true)]
    passed_on: Vec<String>,
}

/// The exit code of a run that was not whole, or whose suite is wrong.
const EXIT_NOT_WHOLE: i32 = 1;

/// The exit code of a run that was broken off.
const EXIT_BROKEN_OFF: i32 = 130;

/// Whether the user broke the scenario binary off.
static BROKEN_OFF: AtomicBool = AtomicBool::new(false);

/// The scenario binary while it runs.
static CHILD: AtomicI32 = AtomicI32::new(0);

/// The file that the run grows in.
static FILE: OnceLock<PathBuf> = OnceLock::new();

/// Stops the scenario binary in good order, if it runs.
pub fn stop() {
    let pid = CHILD.swap(0, Ordering::SeqCst);
    if pid > 0 {
        // It may have ended meanwhile, which is as good.
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        let _ = waitpid(Pid::from_raw(pid), None);
    }
    if let Some(file) = FILE.get() {
        // Best effort: a later run removes it.
        let _ = std::fs::remove_file(file);
    }
}

/// Runs the trials that are asked for.
pub fn run(args: &RunArgs) -> Result<ExitCode, BadInput> {
    let ran = settings_and_arguments(args).and_then(|(settings, given)| {
        let asked = Asked {
            args,
            given,
            settings,
        };
        asked.run()
    });
    if ran.is_err() {
        // Nothing that an earlier run left may pass for what this one says.
        ledger::forget_last_of_this_machine();
    }
    ran
}

/// Runs the trials that the last run left red, or did not come to.
pub fn rerun(args: &Rerun) -> Result<ExitCode, BadInput> {
    let place = Settings::from_env()?.ledger;
    let entries = ledger::read(&place)?;
    let red = entries.into_iter().filter(ledger::Entry::is_red);
    let filters: Vec<String> = red.map(|entry| entry.trial).collect();
    if filters.is_empty() {
        println!(
            "nothing to run again: the last run left nothing red ({})",
            place.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let exact = std::iter::once("--exact".to_owned());
    run(&RunArgs {
        filters,
        verbose: args.verbose,
        passed_on: exact.chain(args.passed_on.iter().cloned()).collect(),
    })
}

fn settings_and_arguments(args: &RunArgs) -> Result<(Settings, Arguments), BadInput> {
    let settings = Settings::from_env()?;
    let words = std::iter::once("uat")
        .chain(args.passed_on.iter().map(String::as_str))
        .chain(args.filters.iter().map(String::as_str));
    let given = match Arguments::of(words) {
        Ok(given) => given.settled(|name| std::env::var(name).ok())?,
        // The test binary answers that itself.
        Err(e) if !e.use_stderr() => Arguments {
            list: true,
            ..Arguments::default()
        },
        Err(e) => {
            let said = e.render().to_string();
            return Err(BadInput::new(
                format!("the test binary was to be given {:?}", args.passed_on),
                said.trim_start_matches("error: "),
                "`cargo uat -- --help` shows what it takes",
            ));
        }
    };
    Ok((settings, given))
}

/// A run as it was asked for.
struct Asked<'a> {
    args: &'a RunArgs,
    /// The same as the test binary understands it.
    given: Arguments,
    settings: Settings,
}

impl Asked<'_> {
    fn run(&self) -> Result<ExitCode, BadInput> {
        if self.given.list {
            let (mut command, binary) = self.command(None)?;
            let status = command.status().map_err(|e| cannot_start(&binary, &e))?;
            return Ok(exit_code(status.code().unwrap_or(EXIT_NOT_WHOLE)));
        }
        let place = ledger::check_place(&self.settings.ledger)?;
        ledger::check_junit(&place)?;
        markdown::check(&place)?;
        html::check(&place)?;
        let file = recorder::file_for(&place, &recorder::unique());
        // It is set once: this is the only run of the process.
        let _ = FILE.set(file.clone());
        let done = self.follow(&place, &file);
        // Best effort: it is not there if nothing ran, and a later run removes it.
        let _ = std::fs::remove_file(&file);
        done
    }

    /// The scenario binary, with the arguments for it.
    fn command(&self, file: Option<&Path>) -> Result<(Command, PathBuf), BadInput> {
        let binary = build_suite()?;
        let mut command = Command::new(&binary);
        command.args(&self.args.passed_on);
        if let Some(file) = file {
            let cli = Cli::command();
            let commands: Vec<&str> = cli.get_subcommands().map(|c| c.get_name()).collect();
            command.arg("--run-file").arg(file);
            command.args(["--commands", &commands.join(",")]);
        }
        command
            .arg("--")
            .args(&self.args.filters)
            .current_dir(workspace_root())
            .env("INSTA_WORKSPACE_ROOT", workspace_root());
        Ok((command, binary))
    }

    /// Runs the scenario binary and sums up what it wrote to `file`.
    fn follow(&self, place: &Path, file: &Path) -> Result<ExitCode, BadInput> {
        let (mut command, binary) = self.command(Some(file))?;
        end_the_run_with_this(&binary)?;
        let status = watched(&mut command, &binary, progress::show)?;
        if status.code() == Some(EXIT_BAD_INPUT) {
            return Ok(exit_code(EXIT_BAD_INPUT));
        }
        let mut run = account(file, &binary, status)?;
        self.sum_up(&mut run, status, place)
    }

    fn sum_up(
        &self,
        run: &mut Run,
        status: ExitStatus,
        place: &Path,
    ) -> Result<ExitCode, BadInput> {
        let ended = how_it_ended(status);
        let missing = run.complete(&format!("the scenario binary {ended} before it"));
        if missing > 0 || status.code().is_none() {
            run.complaints.push(match run.planned.len() {
                0 => format!("nothing ran: the scenario binary {ended} before it named its trials"),
                planned => format!(
                    "the run is not whole: the scenario binary {ended} when {missing} of {planned} \
                     trial(s) had not ended"
                ),
            });
            self.write(
                "the ledger",
                place,
                ledger::put_in_place(place, &run.entries),
                run,
            );
        } else if run.is_green() && !status.success() {
            run.complaints.push(format!(
                "the scenario binary {ended}, and no trial says why: see above"
            ));
        }
        let path = ledger::junit_beside(place);
        let xml = junit::render(run).map_err(std::io::Error::other);
        let written = xml.and_then(|xml| ledger::replace(&path, xml.as_bytes()));
        self.write("the JUnit report", &path, written, run);
        let written = markdown::write(run, place);
        self.write("the report", &ledger::report_beside(place), written, run);
        let written = html::write(run, place);
        self.write("the page", &ledger::page_beside(place), written, run);
        annotations::tell(run);
        if status.success() && run.planned.is_empty() && !run.checked {
            return Err(self.nothing_ran(self.given.nothing_selected()));
        }
        let verbosity = if self.args.verbose {
            Verbosity::All
        } else {
            Verbosity::Counts
        };
        let summary = report::summary(run, verbosity, place);
        let summary = format!("{summary}ledger: {}\n", place.display());
        if self.given.is_for_machines() {
            eprint!("{summary}");
        } else {
            print!("{summary}");
        }
        if status.success() && !run.checked && run.is_green() && run.did_nothing() {
            return Err(
                self.nothing_ran("every trial that this selects was skipped, as told above")
            );
        }
        Ok(exit_code(code(run, status)))
    }

    fn write(&self, what: &str, path: &Path, written: std::io::Result<()>, run: &mut Run) {
        if let Err(e) = written {
            let path = path.display();
            run.complaints
                .push(format!("{what} {path} could not be written: {e}"));
        }
    }

    fn nothing_ran(&self, found: &str) -> BadInput {
        let mut words = vec!["cargo".to_owned(), "uat".to_owned()];
        words.extend(self.args.filters.iter().map(|word| shell::quote(word)));
        if !self.args.passed_on.is_empty() {
            words.push("--".to_owned());
            words.extend(self.args.passed_on.iter().map(|word| shell::quote(word)));
        }
        BadInput::new(
            format!("no trial ran: `{}`", words.join(" ")),
            found,
            "`cargo uat -- --list` shows the names, `cargo uat doctor` what is missing here",
        )
    }
}

/// On Ctrl-C and on a termination signal the run ends, and is summed up. Call it once.
pub fn end_the_run_with_this(binary: &Path) -> Result<(), BadInput> {
    ctrlc::set_handler(|| match CHILD.load(Ordering::SeqCst) {
        0 => std::process::exit(EXIT_BROKEN_OFF),
        // It may have ended meanwhile, which is as good.
        pid => drop(kill(Pid::from_raw(pid), Signal::SIGTERM)),
    })
    .map_err(|e| cannot_start(binary, &std::io::Error::other(e)))
}

/// Runs the scenario binary to its end, and has its output followed. When this process is gone, on
/// whatever way, the run ends.
pub fn watched(
    command: &mut Command,
    binary: &Path,
    follow: impl Fn(BufReader<ChildStdout>),
) -> Result<ExitStatus, BadInput> {
    let failed = |e: std::io::Error| cannot_start(binary, &e);
    let (mut child, _held) = leash::spawn(command.stdout(Stdio::piped())).map_err(failed)?;
    CHILD.store(i32::try_from(child.id()).unwrap_or(0), Ordering::SeqCst);
    if let Some(stdout) = child.stdout.take() {
        follow(BufReader::new(stdout));
    }
    let status = child.wait().map_err(failed)?;
    CHILD.store(0, Ordering::SeqCst);
    Ok(status)
}

/// What the scenario binary, which has ended so, wrote of the run to `file`.
pub fn account(file: &Path, binary: &Path, status: ExitStatus) -> Result<Run, BadInput> {
    Run::read(file).map_err(|found| {
        BadInput::new(
            format!("the scenario binary {} was to run", binary.display()),
            format!(
                "it {}, and left no account of the run: {found}",
                how_it_ended(status)
            ),
            "run this again; if it ends so again, `cargo test --test uat` shows more",
        )
    })
}

pub fn cannot_start(binary: &Path, e: &std::io::Error) -> BadInput {
    BadInput::new(
        format!("the scenario binary {} cannot be run", binary.display()),
        e.to_string(),
        "run `cargo clean` and try again",
    )
}

/// Whether the scenario binary, which has ended so, was broken off; the exit code of this process then
/// says so.
pub fn is_broken_off(status: ExitStatus) -> bool {
    let is_so = status.code() == Some(EXIT_BROKEN_OFF);
    BROKEN_OFF.fetch_or(is_so, Ordering::SeqCst);
    is_so
}

/// The exit code of this process where something was not as it must be.
pub fn exit_code_of_a_refusal() -> i32 {
    if BROKEN_OFF.load(Ordering::SeqCst) {
        EXIT_BROKEN_OFF
    } else {
        EXIT_BAD_INPUT
    }
}

/// How a process ended, as the rest of a sentence about it.
pub fn how_it_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(number)) => match Signal::try_from(number) {
            Ok(signal) => format!("was killed by {signal}"),
            Err(_) => format!("was killed by signal {number}"),
        },
        (None, None) => "ended in an unknown way".to_owned(),
    }
}

/// The exit code for people and for CI: red is red, whatever insta let pass, and what is not whole
/// is never green.
fn code(run: &Run, status: ExitStatus) -> i32 {
    let is_red =
        |e: &ledger::Entry| matches!(e.status, ledger::Status::Failed | ledger::Status::Drifted);
    let red = !run.left_behind.is_empty() || run.entries.iter().any(is_red);
    match status.code() {
        Some(0) if red => recorder::EXIT_RED.into(),
        Some(0) if !run.is_green() => EXIT_NOT_WHOLE,
        Some(code) => code,
        None => EXIT_NOT_WHOLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_binary_ended_is_told_in_words() {
        assert_eq!(
            how_it_ended(ExitStatus::from_raw(9)),
            "was killed by SIGKILL"
        );
        assert_eq!(
            how_it_ended(ExitStatus::from_raw(101 << 8)),
            "ended with exit code 101"
        );
    }

    #[test]
    fn what_is_not_whole_is_never_green() {
        let mut run = Run::default();
        let ended = ExitStatus::from_raw;
        assert_eq!(code(&run, ended(0)), 0);
        assert_eq!(code(&run, ended(9)), EXIT_NOT_WHOLE);
        assert_eq!(code(&run, ended(130 << 8)), 130);
        run.complaints.push("lost".into());
        assert_eq!(code(&run, ended(0)), EXIT_NOT_WHOLE);
        assert_eq!(code(&run, ended(101 << 8)), 101);
    }
}
