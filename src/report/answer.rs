//! What the play of two swamps found, whichever way they were played, and how it is written.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::report::causes;
use crate::report::markdown::block;
use crate::scenario::Phase;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// How many trials both played.
    pub compared: usize,
    /// In how many of them something was found, stated or not.
    pub differ: usize,
    /// What changed for a user, that first which shows in most trials.
    pub changes: Vec<Change>,
    /// What the suite's own checks say: of files, replies and processes that no surface shows.
    pub checks: Vec<Change>,
    /// Trials that fail with one of the two plays alone.
    pub failing: Vec<Failing>,
    /// Deviations from the plan that are not there any more.
    pub deviations_gone: Vec<Deviation>,
    /// Those that are there now.
    pub deviations_new: Vec<Deviation>,
    /// What could not be compared, and why.
    pub not_compared: Vec<String>,
}

/// A change that a user of a shared datastore sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// In how many trials it shows.
    pub trials: usize,
    /// In which scenarios, for people, by backend.
    pub scenarios: String,
    /// In which phases of the plan.
    pub phases: String,
    /// On which backends.
    pub backends: String,
    /// On which surfaces.
    pub surfaces: String,
    /// The first words of the command that it shows under, where that is one.
    pub command: Option<String>,
    /// An example of it, as a difference under the command or the checkpoint that it is of.
    pub lines: Vec<String>,
}

/// Trials that fail on one side alone, of which the same is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failing {
    /// Their names.
    pub trials: Vec<String>,
    /// `old` or `new`; `alone` or `together` where both play in one trial.
    pub on: &'static str,
    /// What failed, as far as a screen has a place for it.
    pub why: Vec<String>,
}

/// A deviation from the plan that went or came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// Its name.
    pub id: String,
    /// What is planned.
    pub plan: String,
    /// What happens.
    pub today: String,
    /// The trials that meet it.
    pub trials: Vec<String>,
}

impl Findings {
    pub(super) fn count(&self) -> usize {
        self.changes.len()
            + self.checks.len()
            + self.failing.len()
            + self.deviations_gone.len()
            + self.deviations_new.len()
    }

    /// What the letters of its phases stand for; none where each stands with its title.
    fn legend(&self) -> Option<String> {
        let changes = self.changes.iter().chain(&self.checks);
        let letters: BTreeSet<&str> = changes.flat_map(|it| it.phases.split(' ')).collect();
        let titles = letters.into_iter().filter_map(phase);
        let titles: Vec<String> = titles.collect();
        (!titles.is_empty()).then(|| format!("phases of the plan: {}", titles.join("; ")))
    }
}

/// A phase by its letter and its title.
pub(super) fn phase(letter: &str) -> Option<String> {
    Phase::from_letter(letter).map(|phase| format!("{letter} {}", phase.title()))
}

impl Change {
    /// Where it shows, for people.
    pub(super) fn place(&self) -> String {
        let mut place = match self.phases.contains(' ') {
            true => format!("phases {}", self.phases),
            false => format!("phase {}", self.phases),
        };
        if self.surfaces != causes::FAULT {
            let _ = write!(place, "; shown on: {}", self.surfaces);
        }
        if let Some(command) = &self.command {
            let _ = write!(place, "; all under `{command}`");
        }
        place
    }
}

impl Deviation {
    /// What happens, as a list of expected differences names it.
    pub(super) fn told(&self) -> String {
        format!("{}: {}", self.id, self.today)
    }

    /// What is planned, and where it does not hold.
    pub(super) fn more(&self) -> [String; 2] {
        [
            format!("planned: {}", self.plan),
            format!("in: {}", self.trials.join(", ")),
        ]
    }
}

/// How the lines of a change are read.
const SIGNS: &str = "of a tree or a bucket, + behind the first sign is a path that came, - one that \
                     went, > one that was moved; <…> is an id, or what else is new in each run \
                     (docs/goldens.md)";

/// The findings with the words that they are told in.
pub struct Answer<'a> {
    /// What was found, in a line.
    pub(super) verdict: String,
    /// What was played.
    pub(super) about: Vec<String>,
    /// The heads of the changes, the checks and what fails.
    pub(super) heads: [&'static str; 3],
    pub(super) findings: &'a Findings,
    /// With whom a trial fails that fails there.
    pub(super) fails: fn(on: &str) -> &'static str,
    /// What else is told, each below its head.
    pub(super) lists: Vec<(&'static str, Vec<String>)>,
}

/// How an answer is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Markdown,
}

impl Answer<'_> {
    /// For a screen.
    pub fn text(&self) -> String {
        self.written(Form::Text)
    }

    /// For a pull request.
    pub fn markdown(&self) -> String {
        self.written(Form::Markdown)
    }

    /// What stands below the verdict.
    pub(super) fn intro(&self) -> Vec<String> {
        let mut lines = self.about.clone();
        lines.extend(self.findings.legend());
        if self.findings.count() > 0 {
            lines
                .push("numbers are those of scenarios: docs/plan.md has each in a sentence".into());
        }
        if !self.findings.changes.is_empty() {
            lines.push(SIGNS.into());
        }
        lines
    }

    /// The deviations that went and came, each with its head.
    pub(super) fn deviations(&self) -> [(&'static str, &[Deviation]); 2] {
        [
            (
                "Deviations from the plan that are gone",
                &self.findings.deviations_gone,
            ),
            (
                "Deviations from the plan that are new",
                &self.findings.deviations_new,
            ),
        ]
    }

    fn written(&self, form: Form) -> String {
        let mut out = String::new();
        form.title(&mut out, &self.verdict);
        let intro = self.intro();
        intro.iter().for_each(|line| form.item(&mut out, line));
        let [changes, checks, failing] = self.heads;
        for (head, changes) in [
            (changes, &self.findings.changes),
            (checks, &self.findings.checks),
        ] {
            form.head(&mut out, head, changes.is_empty());
            for (index, it) in changes.iter().enumerate() {
                let (number, trials) = (index + 1, it.trials);
                let title = format!(
                    "{number}. in {trials} trial(s), {}; {}",
                    it.scenarios,
                    it.place()
                );
                form.change(&mut out, &title, &it.lines);
            }
        }
        form.head(&mut out, failing, self.findings.failing.is_empty());
        for it in &self.findings.failing {
            let title = format!("{}: {}", (self.fails)(it.on), it.trials.join(", "));
            form.item(&mut out, &title);
            form.quote(&mut out, &it.why);
        }
        for (head, deviations) in self.deviations() {
            form.head(&mut out, head, deviations.is_empty());
            for it in deviations {
                form.item(&mut out, &it.told());
                for line in it.more() {
                    form.below(&mut out, &line);
                }
            }
        }
        for (head, list) in &self.lists {
            form.head(&mut out, head, list.is_empty());
            list.iter().for_each(|item| form.item(&mut out, item));
        }
        out
    }
}

impl Form {
    fn title(self, out: &mut String, text: &str) {
        let _ = match self {
            Self::Text => writeln!(out, "{text}"),
            Self::Markdown => writeln!(out, "# {text}\n"),
        };
    }

    fn head(self, out: &mut String, text: &str, is_of_nothing: bool) {
        let _ = match self {
            _ if is_of_nothing => Ok(()),
            Self::Text => writeln!(out, "\n{text}:"),
            Self::Markdown => writeln!(out, "\n## {text}\n"),
        };
    }

    fn item(self, out: &mut String, text: &str) {
        let _ = match self {
            Self::Text => writeln!(out, "  {text}"),
            Self::Markdown => writeln!(out, "- {text}"),
        };
    }

    /// A line that belongs to the item above it.
    fn below(self, out: &mut String, text: &str) {
        let _ = match self {
            Self::Text => writeln!(out, "     {text}"),
            Self::Markdown => writeln!(out, "  - {text}"),
        };
    }

    /// Lines that belong to the item above them, word for word.
    fn quote(self, out: &mut String, lines: &[String]) {
        match self {
            Self::Text => lines.iter().for_each(|line| self.below(out, line)),
            Self::Markdown => {
                out.push('\n');
                block(out, "text", &lines.join("\n"));
            }
        }
    }

    fn change(self, out: &mut String, title: &str, lines: &[String]) {
        match self {
            Self::Text => {
                let _ = writeln!(out, "{title}");
                self.quote(out, lines);
            }
            Self::Markdown => {
                let _ = writeln!(out, "### {title}\n");
                block(out, "diff", &lines.join("\n"));
            }
        }
    }
}
