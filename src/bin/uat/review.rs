//! `cargo uat review`: accepts and rejects what waits, one cause at a time.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use console::{Key, Style, Term, style};
use swamp_uat::error::BadInput;
use swamp_uat::report::review::{Decision, Review};
use swamp_uat::report::review_text as text;
use swamp_uat::settings::Settings;

use crate::exit_code;

#[derive(clap::Args)]
pub struct Args {
    /// List the changes that wait, with their numbers
    #[arg(long, conflicts_with_all = ["show", "accept", "reject"])]
    list: bool,
    /// Show all of these changes: every edit in each of their goldens
    #[arg(long, value_name = "N", num_args = 1.., conflicts_with_all = ["accept", "reject"])]
    show: Vec<usize>,
    /// Accept these changes
    #[arg(long, value_name = "N", num_args = 1..)]
    accept: Vec<usize>,
    /// Reject these changes
    #[arg(long, value_name = "N", num_args = 1..)]
    reject: Vec<usize>,
}

/// Something waits that must not be accepted, or could not be.
const PROBLEM: i32 = 1;

/// Does what is asked; without that, asks at the terminal.
pub fn review(args: &Args) -> Result<ExitCode, BadInput> {
    let mut review = Review::open(&Settings::from_env()?)?;
    let asked: Vec<usize> = [&args.show, &args.accept, &args.reject]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    review.check(&asked)?;
    if review.is_empty() {
        println!("no pending golden waits for a review by cause");
    } else if args.list {
        print!("{}", text::list(&review));
        println!(
            "\nnext: `cargo uat review` asks at a terminal; without one `--show N`, `--accept N…`, \
             `--reject N…`"
        );
    } else if !args.show.is_empty() {
        for number in &args.show {
            println!("{}", text::title(&review, *number));
            for line in text::whole(&review, *number) {
                println!("  {line}");
            }
        }
    } else {
        if asked.is_empty() {
            walk(&mut review, &mut AtTerminal::new()?)?;
        } else {
            review.decide(&decisions(args)?)?;
        }
        print!("{}", text::summary(&review));
        if review.did_something() {
            println!("next: `git diff` shows what was accepted; commit it");
        }
    }
    print!("{}", text::problems(&review));
    Ok(if review.has_problems() {
        exit_code(PROBLEM)
    } else {
        ExitCode::SUCCESS
    })
}

fn decisions(args: &Args) -> Result<Vec<(usize, Decision)>, BadInput> {
    if let Some(both) = args.accept.iter().find(|it| args.reject.contains(it)) {
        return Err(BadInput::new(
            format!("change {both} was to be accepted"),
            "it was to be rejected, too",
            "name it once",
        ));
    }
    let accepted = args.accept.iter().map(|it| (*it, Decision::Accept));
    let rejected = args.reject.iter().map(|it| (*it, Decision::Reject));
    Ok(accepted.chain(rejected).collect())
}

/// What a reviewer says to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Decide(Decision),
    Skip,
    /// Show all of it, or its example again.
    All,
    Quit,
}

/// Where a reviewer is shown a change, and answers.
trait Reviewer {
    fn shown(&mut self, page: &str) -> io::Result<Answer>;
}

/// Asks about each change that is open, in turn. A decision counts at once.
fn walk(review: &mut Review, reviewer: &mut impl Reviewer) -> Result<(), BadInput> {
    // What was decided when an earlier review was interrupted.
    review.settle()?;
    let open = review.open_causes();
    for (index, number) in open.iter().copied().enumerate() {
        let mut all = false;
        loop {
            let page = page(review, (index + 1, open.len()), number, all);
            let answer = reviewer.shown(&page).map_err(|e| {
                BadInput::new(
                    format!("change {number} was to be shown at the terminal"),
                    e.to_string(),
                    "what was decided is kept; without a terminal: `cargo uat review --list`",
                )
            })?;
            match answer {
                Answer::Decide(decision) => {
                    review.decide(&[(number, decision)])?;
                    break;
                }
                Answer::Skip => break,
                Answer::All => all = !all,
                Answer::Quit => return Ok(()),
            }
        }
    }
    Ok(())
}

/// How many goldens of a change are named beside its example.
const NAMED: usize = 8;

/// A change on the screen, in the manner of `cargo insta review`.
fn page(review: &Review, (index, count): (usize, usize), number: usize, all: bool) -> String {
    let mut out = String::new();
    let rule = style("─".repeat(80)).dim();
    let place = style(format!("{index}/{count}")).yellow().bold();
    let _ = writeln!(
        out,
        "{}{place}{} change {}",
        style("Reviewing [").bold(),
        style("]").bold(),
        text::title(review, number)
    );
    let _ = writeln!(out, "{rule}");
    if all {
        for line in text::whole(review, number) {
            let _ = writeln!(out, "{}", coloured(&line));
        }
    } else {
        for line in text::example(review, number) {
            let _ = writeln!(out, "{}", coloured(&line));
        }
        let _ = writeln!(out, "{rule}");
        let goldens = text::goldens(review, number);
        for golden in goldens.iter().take(NAMED) {
            let _ = writeln!(out, "{golden}");
        }
        if goldens.len() > NAMED {
            let _ = writeln!(out, "and {} more", goldens.len() - NAMED);
        }
    }
    let _ = writeln!(out, "{rule}");
    let shown = if all { "its example" } else { "all of it" };
    let bold = Style::new().bold();
    for (key, colour, what, why) in [
        ("a", bold.clone().green(), "accept", "it is intended"),
        ("r", bold.clone().red(), "reject", "it is not"),
        ("s", bold.clone().yellow(), "skip", "decide later"),
        ("d", bold.clone().cyan(), "show", shown),
        ("q", bold.clone(), "quit", "what was decided is kept"),
    ] {
        let why = style(why).dim();
        let _ = writeln!(out, "  {} {what:<10} {why}", colour.apply_to(key));
    }
    out
}

fn coloured(line: &str) -> String {
    match line.trim_start().chars().next() {
        Some('-') => style(line).red().to_string(),
        Some('+') => style(line).green().to_string(),
        _ => line.to_owned(),
    }
}

/// The terminal of this process.
struct AtTerminal(Term);

impl AtTerminal {
    fn new() -> Result<Self, BadInput> {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            return Ok(Self(Term::stdout()));
        }
        Err(BadInput::new(
            "`cargo uat review` was to ask about one change after the other",
            "there is no terminal",
            "`cargo uat review --list` lists the changes; then `--show N`, `--accept N…`, `--reject N…`",
        ))
    }
}

impl Reviewer for AtTerminal {
    fn shown(&mut self, page: &str) -> io::Result<Answer> {
        self.0.clear_screen()?;
        self.0.write_str(page)?;
        loop {
            let answer = match self.0.read_key() {
                Ok(key) => answer(&key),
                // Ctrl-C, and a terminal that is gone.
                Err(e) if e.kind() == io::ErrorKind::Interrupted => Some(Answer::Quit),
                Err(e) => return Err(e),
            };
            if let Some(answer) = answer {
                return Ok(answer);
            }
        }
    }
}

/// What a key means: those of `cargo insta review`, and `q`.
fn answer(key: &Key) -> Option<Answer> {
    match key {
        Key::Char('a') | Key::Enter => Some(Answer::Decide(Decision::Accept)),
        Key::Char('r') | Key::Escape => Some(Answer::Decide(Decision::Reject)),
        Key::Char('s' | ' ') => Some(Answer::Skip),
        Key::Char('d') => Some(Answer::All),
        Key::Char('q') => Some(Answer::Quit),
        _ => None,
    }
}
