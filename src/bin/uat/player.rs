//! One swamp of those that are played against each other: its trials are played once, and what they
//! showed is kept for the next time.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use swamp_uat::digest;
use swamp_uat::error::{BadInput, EXIT_BAD_INPUT};
use swamp_uat::machine::under_test::UnderTest;
use swamp_uat::report::compare::Side;
use swamp_uat::report::ledger::{Entry, Status};
use swamp_uat::report::played::PlayedTrial;
use swamp_uat::report::recorder;
use swamp_uat::settings::Settings;
use swamp_uat::settings::args::Casting;
use swamp_uat::workspace_root;

use crate::scenarios::{account, cannot_start, how_it_ended, is_broken_off, watched};
use crate::{beside_this, generate, progress};

/// What is to be played.
pub struct Asked {
    /// The trials whose names contain one of these; without one, all.
    pub filters: Vec<String>,
    /// How many run side by side.
    pub test_threads: Option<usize>,
}

/// One of the swamps, known to answer.
pub struct Player<'a> {
    asked: &'a Asked,
    /// `OLD` or `NEW`.
    name: &'static str,
    settings: Settings,
    swamp: UnderTest,
    /// The older one that plays a part in each trial, and which.
    older: Option<(Casting, PathBuf)>,
    /// The digest of all that what it shows hangs on, but for the suite; none for a script, which may
    /// call another program tomorrow.
    digest: Option<String>,
}

impl<'a> Player<'a> {
    /// The swamp at `path`, if there is one. `name` is what the user calls it.
    pub fn new(
        asked: &'a Asked,
        name: &'static str,
        path: &Path,
        extensions: Option<&Path>,
    ) -> Result<Self, BadInput> {
        let bad = |found: String| {
            BadInput::new(
                format!("{name} is \"{}\"", path.display()),
                found,
                format!("give {name} as the path of a swamp binary"),
            )
        };
        let absolute = |path: &Path| std::path::absolute(path).map_err(|e| bad(e.to_string()));
        let mut settings = Settings::from_env()?;
        let program = absolute(path)?;
        settings.swamp_bin = Some(program.clone().into_os_string());
        // It says which commit SWAMP_BIN is of.
        settings.commit = None;
        if let Some(dir) = extensions {
            settings.extensions = Some(absolute(dir)?);
        }
        let swamp = UnderTest::resolve(&settings, &beside_this("swamp-reference"))
            .map_err(|e| bad(e.to_string()))?;
        let digest =
            digest_of(&program, settings.extensions.as_deref()).map_err(|e| bad(e.to_string()))?;
        Ok(Self {
            asked,
            name,
            settings,
            swamp,
            older: None,
            digest,
        })
    }

    /// The same with `older` in a part of each trial.
    pub fn together_with(&self, older: &Self, casting: Casting) -> Self {
        let digests = self.digest.as_ref().zip(older.digest.as_ref());
        Self {
            name: "OLD and NEW",
            asked: self.asked,
            settings: self.settings.clone(),
            swamp: self.swamp.clone(),
            older: Some((casting, older.swamp.path.clone())),
            digest: digests.map(|(newer, older)| format!("{newer}\n{casting:?} {older}")),
        }
    }

    /// Which swamp it is, for people.
    pub fn describe(&self) -> String {
        self.swamp.describe()
    }

    /// Plays the trials that are asked for, and asks for its commands.
    pub fn play_with_commands(&self, suite: &Path) -> Result<Side, BadInput> {
        let side = self.play(suite, &self.listed(suite)?)?;
        let commands = generate::help(&self.settings, &self.swamp).map_err(|found| {
            let mut lines = found.lines();
            let said = lines.find(|line| !line.trim().is_empty());
            let said = said.unwrap_or("nothing").trim();
            format!(
                "`help` of the {} one says: {said}",
                self.name.to_lowercase()
            )
        });
        Ok(Side {
            commands: Some(commands),
            ..side
        })
    }

    /// Plays those of the trials `asked` that were not played before on the very same.
    pub fn play(&self, suite: &Path, asked: &[String]) -> Result<Side, BadInput> {
        let (dir, stays) = self.place(suite)?;
        let kept: Vec<PlayedTrial> = asked
            .iter()
            .filter_map(|trial| PlayedTrial::kept(&dir, trial))
            .collect();
        let rest: Vec<&str> = asked
            .iter()
            .map(String::as_str)
            .filter(|trial| kept.iter().all(|it| it.entry.trial != *trial))
            .collect();
        if !kept.is_empty() {
            eprintln!(
                "{}: {} trial(s) were played before, and are taken from {}",
                self.name,
                kept.len(),
                dir.display()
            );
        }
        let ended = if rest.is_empty() {
            Vec::new()
        } else {
            eprintln!(
                "{}: {} trial(s) are played on {}",
                self.name,
                rest.len(),
                self.swamp.describe()
            );
            self.run(suite, &dir, &rest)?
        };
        let played: Vec<PlayedTrial> = asked
            .iter()
            .filter_map(|trial| PlayedTrial::kept(&dir, trial))
            .collect();
        let known = |trial: &str| played.iter().any(|it| it.entry.trial == trial);
        let left_out: BTreeMap<String, String> = ended
            .into_iter()
            .filter(|entry| !known(&entry.trial))
            .map(|entry| {
                let why = entry.reason.unwrap_or_else(|| "no reason given".to_owned());
                (entry.trial, why)
            })
            .collect();
        if !stays {
            // Best effort: it lies below target/.
            let _ = std::fs::remove_dir_all(&dir);
        }
        Ok(Side {
            swamp: self.swamp.describe(),
            played,
            left_out,
            commands: None,
        })
    }

    /// Where what it shows is kept, and whether that is for the next comparison too.
    fn place(&self, suite: &Path) -> Result<(PathBuf, bool), BadInput> {
        let failed = |place: &Path, e: &std::io::Error| {
            BadInput::new(
                format!(
                    "what {} shows is to be kept in {}",
                    self.name,
                    place.display()
                ),
                e.to_string(),
                "set SWAMP_UAT_LEDGER to a file in a directory that you can write to",
            )
        };
        let beside = self.settings.ledger.parent().unwrap_or(Path::new("."));
        let beside = beside.join("played");
        let suite_is = std::fs::read(suite).map_err(|e| failed(suite, &e))?;
        let switches = self.swamp.switches.join("\n");
        let name = self
            .digest
            .as_ref()
            .map(|swamp| digest::short(format!("{swamp}\n{switches}\n{}", digest::full(suite_is))));
        let stays = name.is_some();
        let own = || {
            format!(
                "{}-{}",
                self.name.to_lowercase().replace(' ', "-"),
                std::process::id()
            )
        };
        let dir = beside.join(name.unwrap_or_else(own));
        std::fs::create_dir_all(&dir).map_err(|e| failed(&dir, &e))?;
        Ok((dir, stays))
    }

    fn command(&self, suite: &Path) -> Command {
        let mut command = Command::new(suite);
        command
            .current_dir(workspace_root())
            .env(
                "SWAMP_BIN",
                self.settings.swamp_bin.clone().unwrap_or_default(),
            )
            .env_remove("SWAMP_UAT_COMMIT")
            // The answer is the summary, and not how one of the two was played.
            .env_remove("GITHUB_STEP_SUMMARY")
            .env("INSTA_WORKSPACE_ROOT", workspace_root());
        if let Some(dir) = &self.settings.extensions {
            command.env("SWAMP_UAT_EXTENSIONS", dir);
        }
        command
    }

    /// The names of the trials that are asked for.
    pub fn listed(&self, suite: &Path) -> Result<Vec<String>, BadInput> {
        let mut command = self.command(suite);
        command.arg("--list").arg("--").args(&self.asked.filters);
        let output = command.output().map_err(|e| cannot_start(suite, &e))?;
        if !output.status.success() {
            return Err(BadInput::new(
                "the trials were to be listed",
                String::from_utf8_lossy(&output.stderr).trim(),
                "correct what it says, and run this again",
            ));
        }
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let names = said.lines().filter_map(|line| line.strip_suffix(": test"));
        let is_trial = |name: &&str| name.contains("::");
        let names: Vec<String> = names.filter(is_trial).map(str::to_owned).collect();
        if names.is_empty() {
            return Err(BadInput::new(
                format!("trials were asked for: {}", self.asked.filters.join(" ")),
                "no name of a trial contains that",
                "`cargo uat -- --list` shows the names",
            ));
        }
        Ok(names)
    }

    /// Plays `trials`; how each ended.
    fn run(&self, suite: &Path, dir: &Path, trials: &[&str]) -> Result<Vec<Entry>, BadInput> {
        let ledger = dir.join("ledger.json");
        let file = recorder::file_for(&ledger, &recorder::unique());
        let mut command = self.command(suite);
        command
            .env("SWAMP_UAT_LEDGER", &ledger)
            .arg("--run-file")
            .arg(&file)
            .arg("--keep-in")
            .arg(dir)
            .arg("--exact");
        if let Some((casting, older)) = &self.older {
            let casting = casting.to_possible_value();
            let casting = casting.as_ref().map_or("", PossibleValue::get_name);
            command
                .args(["--casting", casting])
                .arg("--older")
                .arg(older);
        }
        if let Some(threads) = self.asked.test_threads {
            command.args(["--test-threads", &threads.to_string()]);
        }
        command.arg("--").args(trials);
        let status = watched(&mut command, suite, progress::count)?;
        if is_broken_off(status) {
            return Err(BadInput::new(
                format!("{} was to be played", self.name),
                "you broke it off",
                "run this again: what was played is kept, but for that of a script",
            ));
        }
        let run = account(&file, suite, status);
        // Best effort: a later run removes it.
        let _ = std::fs::remove_file(&file);
        let refused = status.code() == Some(EXIT_BAD_INPUT);
        let mut run = match run {
            Ok(run) if !refused => run,
            _ if refused => {
                return Err(BadInput::new(
                    format!("{} was to be played", self.name),
                    "the scenario binary refused, as told above",
                    "correct that, and run this again",
                ));
            }
            other => other?,
        };
        let ended = how_it_ended(status);
        let missing = run.complete(&format!("the scenario binary {ended} before it"));
        if missing > 0 {
            return Err(BadInput::new(
                format!("{} was to be played", self.name),
                format!("the scenario binary {ended} when {missing} trial(s) had not ended"),
                "run this again: what was played is kept",
            ));
        }
        let fine = |entry: &Entry| entry.status != Status::NotRun;
        run.entries.retain(fine);
        Ok(run.entries)
    }
}

/// The digest of a program and of the sources of its extensions; none for a script.
fn digest_of(program: &Path, extensions: Option<&Path>) -> std::io::Result<Option<String>> {
    let mut file = std::fs::File::open(program)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    if bytes.starts_with(b"#!") {
        return Ok(None);
    }
    let mut digests = digest::full(&bytes);
    let sources = extensions.into_iter().flat_map(|dir| {
        walkdir::WalkDir::new(dir)
            .sort_by_file_name()
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
    });
    for source in sources {
        let text = std::fs::read(source.path())?;
        digests.push_str(&format!(
            "\n{} {}",
            source.path().display(),
            digest::full(text)
        ));
    }
    Ok(Some(digests))
}
