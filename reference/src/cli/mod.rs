//! The command line: which command is meant, what it gets, and what is said when it does not parse.

mod distance;
pub mod help;
pub mod spec;
pub mod tree;
mod usage;

use clap::ArgMatches;
use clap::error::ErrorKind;

use crate::VERSION;
use crate::errors::{Failure, Result};
use crate::log::Level;
use crate::nudge;
use crate::quirks::Quirk;
use crate::session::Session;
use spec::{Opt, Run, Spec};

/// Runs swamp with these arguments (without the program's name) and gives the exit code.
pub fn run(words: &[String], session: &mut Session) -> u8 {
    // Errors are JSON wherever the flag stands, even if the command line does not parse.
    session
        .output
        .set_json(words.iter().any(|word| word == "--json"));
    let planned = (!session.quirks.on(Quirk::NamespacesIsGone)).then(|| as_planned(words));
    match dispatch(planned.as_deref().unwrap_or(words), session) {
        Ok(()) => 0,
        Err(failure) => {
            session.output.failure(&failure);
            failure.exit_code()
        }
    }
}

/// The command line with the plan's name for the list of namespaces taken for today's.
fn as_planned(words: &[String]) -> Vec<String> {
    let mut planned = Vec::new();
    for word in words {
        let follows_datastore = planned.last().is_some_and(|last| last == "datastore");
        if follows_datastore && word == "namespaces" {
            planned.extend(["namespace", "list"].map(str::to_owned));
        } else {
            planned.push(word.clone());
        }
    }
    planned
}

/// The command that is meant.
struct Call<'a> {
    /// The command and the groups above it, `swamp` first.
    chain: Vec<&'static Spec>,
    /// What it is called in messages: `swamp datastore namespace set`.
    path: String,
    /// The words that do not choose the command.
    words: Vec<&'a str>,
    /// The first word that should choose a command of the group but does not.
    stray: Option<&'a str>,
}

fn dispatch(words: &[String], session: &mut Session) -> Result<()> {
    let call = Call::of(words);
    let spec = call.spec();
    if call.chain.len() == 1 && print_version(&call, session)? {
        return Ok(());
    }
    let before_literal = call.words.iter().take_while(|word| **word != "--");
    if !matches!(spec.run, Run::Missing)
        && before_literal
            .clone()
            .any(|word| matches!(*word, "-h" | "--help"))
    {
        session.output.text(&call.help());
        return Ok(());
    }
    match &spec.run {
        Run::Missing => Err(Failure::not_implemented(&call.path)),
        Run::Group(children) => {
            if let Some(word) = call.stray {
                return Err(Failure::UnknownCommand(usage::unknown_command(
                    word, spec, &call.path,
                )));
            }
            call.parse(session)?;
            if tree::SILENT.contains(&spec.name()) {
                return Ok(());
            }
            if session.output.is_json() {
                return Err(Failure::NoSubcommand {
                    available: children.iter().map(Spec::name).collect(),
                });
            }
            session.output.text(&call.help());
            nudge::after(&[], session);
            Ok(())
        }
        Run::Do(action) => {
            let matches = call.parse(session)?;
            session.repo_dir = text(&matches, "repo-dir");
            session.output.set_level(level(&matches, session)?);
            action(&matches, session)?;
            nudge::after(&call.names(), session);
            Ok(())
        }
    }
}

impl<'a> Call<'a> {
    fn of(words: &'a [String]) -> Self {
        let mut call = Self {
            chain: vec![&tree::ROOT],
            path: "swamp".to_owned(),
            words: Vec::new(),
            stray: None,
        };
        let mut rest = words.iter().map(String::as_str);
        while let Some(word) = rest.next() {
            let spec = call.spec();
            if spec.children().is_empty() || word == "--" {
                call.words.push(word);
                call.words.extend(rest);
                break;
            }
            if word.starts_with('-') {
                call.words.push(word);
                let takes_value = call.options().iter().any(|option| {
                    option.value.is_some() && option.forms().any(|form| form == word)
                });
                if takes_value {
                    call.words.extend(rest.next());
                }
            } else if let Some(child) = spec.child(word) {
                call.chain.push(child);
                call.path.push(' ');
                call.path.push_str(child.name());
            } else {
                call.stray = call.stray.or(Some(word));
                call.words.push(word);
            }
        }
        call
    }

    fn spec(&self) -> &'static Spec {
        self.chain.last().copied().unwrap_or(&tree::ROOT)
    }

    /// The names of the commands, `swamp` not among them.
    fn names(&self) -> Vec<&'static str> {
        self.chain.iter().skip(1).map(|spec| spec.name()).collect()
    }

    /// All options, in the order of the help text.
    fn options(&self) -> Vec<Opt> {
        let mut options = tree::GLOBALS.to_vec();
        if self.chain.len() == 1 {
            options.insert(1, tree::VERSION);
        }
        options.extend_from_slice(self.spec().options);
        options
    }

    fn help(&self) -> String {
        let mut globals = self.options();
        globals.truncate(globals.len() - self.spec().options.len());
        help::text(self.spec(), &self.path, VERSION, &globals)
    }

    /// Parses what is left for the command, options and argument.
    fn parse(&self, session: &Session) -> Result<ArgMatches> {
        let strict = session.quirks.on(Quirk::LeadingHyphenIsAnOption);
        let spec = self.spec();
        // Swamp takes what stands behind `--` for nobody's argument.
        let words: Vec<String> = if strict {
            self.words
                .iter()
                .take_while(|word| **word != "--")
                .map(|word| (*word).to_owned())
                .collect()
        } else {
            self.words.iter().map(|word| (*word).to_owned()).collect()
        };
        spec.to_clap(tree::GLOBALS, !strict)
            .try_get_matches_from(&words)
            .map_err(|error| {
                let message = usage::message(&error, spec, &self.path, &self.options(), &words);
                if !self.reports_tersely() {
                    Failure::Usage {
                        help: self.help(),
                        message,
                    }
                } else if error.kind() == ErrorKind::UnknownArgument
                    && message.starts_with("Too many")
                {
                    Failure::UnknownCommand(self.too_many_arguments())
                } else {
                    Failure::Invalid(message)
                }
            })
    }

    /// Some groups have an error handler of their own, which also serves the commands directly below them: those show no
    /// help.
    fn reports_tersely(&self) -> bool {
        let has_handler = |spec: &&Spec| {
            matches!(
                spec.name(),
                "swamp" | "datastore" | "model" | "method" | "vault" | "workflow"
            )
        };
        self.spec().shown_as.is_some() || self.chain.iter().rev().take(2).any(has_handler)
    }

    /// What swamp says to `swamp init my project`.
    fn too_many_arguments(&self) -> String {
        let path = self.spec().shown_as.unwrap_or(&self.path);
        let mut words: Vec<&str> = Vec::new();
        if path != self.path {
            words.extend(self.names());
        }
        words.extend(self.words.iter().filter(|word| !word.starts_with('-')));
        format!(
            "Too many arguments.\n\n  If your argument contains spaces, wrap it in quotes:\n    {path} \"{}\"",
            words.join(" ")
        )
    }
}

/// `--version` and its terse form `-V`; says whether it was asked for.
fn print_version(call: &Call, session: &mut Session) -> Result<bool> {
    let at = call
        .words
        .iter()
        .position(|word| matches!(*word, "--version" | "-V"));
    let Some((form, behind)) = at.and_then(|at| call.words[at..].split_first()) else {
        return Ok(false);
    };
    if !behind.is_empty() {
        return Err(Failure::Invalid(
            "Option \"--version\" cannot be combined with other options.".to_owned(),
        ));
    }
    let text = if *form == "-V" {
        VERSION.to_owned()
    } else {
        format!("swamp {VERSION}")
    };
    session.output.text(&text);
    Ok(true)
}

/// The lowest level to log: what the command line says, else the environment, else the repository, else info.
fn level(matches: &ArgMatches, session: &Session) -> Result<Level> {
    if flag(matches, "quiet") {
        return Ok(Level::Error);
    }
    let named = text(matches, "log-level")
        .or_else(|| session.env.get("SWAMP_LOG_LEVEL"))
        .or_else(|| session.repo_log_level());
    let level = match named {
        None => Level::Info,
        Some(name) => Level::parse(&name).ok_or_else(|| Failure::Broken {
            kind: "TypeError",
            message: format!("Invalid log level: {name}."),
        })?,
    };
    Ok(if flag(matches, "verbose") && level == Level::Info {
        Level::Debug
    } else {
        level
    })
}

/// Whether a flag is given.
pub fn flag(matches: &ArgMatches, name: &str) -> bool {
    matches.get_flag(name)
}

/// The value of an option or argument; none also where the command has no such option.
pub fn text(matches: &ArgMatches, name: &str) -> Option<String> {
    matches.try_get_one::<String>(name).ok().flatten().cloned()
}

/// The values of an option that may be given several times.
pub fn texts(matches: &ArgMatches, name: &str) -> Vec<String> {
    let values = matches.try_get_many::<String>(name).ok().flatten();
    values.into_iter().flatten().cloned().collect()
}

/// The model that a data command is about, by its option or its argument.
pub fn wanted_model(matches: &ArgMatches) -> Result<String> {
    text(matches, "model")
        .or_else(|| text(matches, "model_id_or_name"))
        .ok_or_else(|| Failure::refused("Either a model name or --workflow is required."))
}

/// Refuses the options that this implementation does not know what to do with.
pub fn refuse(matches: &ArgMatches, command: &str, options: &[&str]) -> Result<()> {
    for option in options {
        let given = match matches.value_source(option) {
            Some(source) => source == clap::parser::ValueSource::CommandLine,
            None => false,
        };
        if given {
            return Err(Failure::not_implemented(&format!("{command} --{option}")));
        }
    }
    Ok(())
}
