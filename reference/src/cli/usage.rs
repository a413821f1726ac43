//! Usage errors, in swamp's words.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::distance;
use super::spec::{Arity, Opt, Spec};

/// What clap found wrong with `words`, the arguments of the command at `path`, as swamp says it.
pub fn message(
    error: &clap::Error,
    spec: &Spec,
    path: &str,
    options: &[Opt],
    words: &[String],
) -> String {
    let subject = subject(error);
    match error.kind() {
        ErrorKind::MissingRequiredArgument => match options.iter().find(|option| {
            option.required
                && missing_names(error)
                    .iter()
                    .any(|name| name.starts_with(&format!("--{}", option.long)))
        }) {
            Some(option) => format!("Missing required option \"--{}\".", option.long),
            None => missing_arguments(&missing_names(error), spec),
        },
        ErrorKind::ArgumentConflict => {
            format!(
                "Option \"{}\" can only occur once, but was found several times.",
                typed(&subject, options, words)
            )
        }
        ErrorKind::TooManyValues => {
            let value = context(error, ContextKind::InvalidValue);
            format!(
                "Option \"{}\" doesn't take a value, but got \"{value}\".",
                typed(&subject, options, words)
            )
        }
        // A value that is missing, and clap says so in this way too where the next word starts with a hyphen.
        ErrorKind::InvalidValue => {
            format!(
                "Missing value for option \"{}\".",
                typed(&subject, options, words)
            )
        }
        ErrorKind::ValueValidation => {
            let value = context(error, ContextKind::InvalidValue);
            let form = typed(&subject, options, words);
            let whole = |option: &Opt| option.integer && option.forms().any(|other| other == form);
            let kind = if options.iter().any(whole) {
                "integer"
            } else {
                "number"
            };
            format!("Option \"{form}\" must be of type \"{kind}\", but got \"{value}\".")
        }
        ErrorKind::UnknownArgument if subject.starts_with('-') => {
            let forms = options.iter().flat_map(Opt::forms);
            let hint = distance::closest(&subject, forms, usize::MAX);
            let hint = hint.map_or(String::new(), |form| {
                format!(" Did you mean option \"{form}\"?")
            });
            format!("Unknown option \"{subject}\".{hint}")
        }
        ErrorKind::UnknownArgument if spec.arguments.is_empty() => {
            format!("No arguments allowed for command \"{path}\".")
        }
        ErrorKind::UnknownArgument => {
            let from = words
                .iter()
                .position(|word| *word == subject)
                .unwrap_or(words.len());
            let surplus: Vec<_> = words[from..]
                .iter()
                .filter(|word| !word.starts_with('-'))
                .map(String::as_str)
                .collect();
            format!("Too many arguments: {}", surplus.join(" "))
        }
        _ => error.to_string().trim().to_owned(),
    }
}

/// What to say of a word that is no command of the group at `path`.
pub fn unknown_command(word: &str, group: &Spec, path: &str) -> String {
    let names = group.children().iter().map(Spec::name);
    let help = format!("  Run \"{path} --help\" for available subcommands.");
    let limit = (word.encode_utf16().count() / 2).max(2);
    if let Some(close) = distance::closest(word, names.clone(), limit) {
        return format!("Unknown command \"{word}\". Did you mean \"{close}\"?\n\n{help}");
    }
    let suggestions = if let Some(known) = suggestions(group.name(), word) {
        known
    } else {
        let mut listed: Vec<_> = names.take(6).collect();
        if listed.len() > 5 {
            listed[5] = "...";
        }
        vec![format!("Available subcommands: {}", listed.join(", "))]
    };
    let suggestions: Vec<_> = suggestions
        .iter()
        .map(|line| format!("    {line}"))
        .collect();
    format!(
        "\"{word}\" is not a subcommand of \"{}\".\n\n  Did you mean one of these?\n\n{}\n\n{help}",
        group.name(),
        suggestions.join("\n")
    )
}

/// What swamp suggests in groups where it guesses what the word was meant for.
fn suggestions(group: &str, word: &str) -> Option<Vec<String>> {
    let lines: &[&str] = match group {
        "repo" => &["swamp repo init {}", "swamp repo upgrade", "swamp update"],
        "method" => &["swamp model method run {} <method>"],
        "vault" => &[
            "swamp vault get {}",
            "swamp vault put {} <key> <value>",
            "swamp vault list-keys {}",
        ],
        _ => return None,
    };
    Some(lines.iter().map(|line| line.replace("{}", word)).collect())
}

/// The argument that the error is about, as clap names it: `--path <path>`, `-i`, `x`.
fn subject(error: &clap::Error) -> String {
    let named = context(error, ContextKind::InvalidArg);
    if named.starts_with('-') {
        named.split(' ').next().unwrap_or_default().to_owned()
    } else {
        named
    }
}

/// Swamp uses other words where some of the arguments are there.
fn missing_arguments(missing: &[String], spec: &Spec) -> String {
    let required = || spec.arguments.iter().filter(|a| a.arity == Arity::One);
    let names: Vec<_> = required()
        .filter(|argument| missing.contains(&argument.shown()))
        .map(|argument| argument.name)
        .collect();
    match names.as_slice() {
        [name] if required().count() > 1 => format!("Missing argument: {name}"),
        names => format!("Missing argument(s): {}", names.join(", ")),
    }
}

fn missing_names(error: &clap::Error) -> Vec<String> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.clone(),
        Some(ContextValue::String(name)) => vec![name.clone()],
        _ => Vec::new(),
    }
}

fn context(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    }
}

/// The form of the option that was typed last: clap always names the long one.
fn typed(long: &str, options: &[Opt], words: &[String]) -> String {
    let option = options
        .iter()
        .find(|option| option.forms().any(|form| form == long));
    let forms: Vec<_> = option
        .map(|option| option.forms().collect())
        .unwrap_or_default();
    let typed = words.iter().rev().find_map(|word| {
        let flag = word.split_once('=').map_or(word.as_str(), |(flag, _)| flag);
        forms.iter().find(|form| *form == flag)
    });
    typed.cloned().unwrap_or_else(|| long.to_owned())
}
