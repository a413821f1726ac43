//! How a command is described: one table, from which both the parser and the help texts are made.

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::errors::Result;
use crate::session::Session;

/// What a command does.
pub type Action = fn(&ArgMatches, &mut Session) -> Result<()>;

/// A command, or a group of commands.
#[derive(Debug)]
pub struct Spec {
    /// Its names; the first one counts, the others are aliases.
    pub names: &'static [&'static str],
    /// What it is for.
    pub about: &'static str,
    /// What it says about itself in `Usage:`, where that is not its place in the tree.
    pub shown_as: Option<&'static str>,
    /// Its arguments.
    pub arguments: &'static [Argument],
    /// Its options, besides the global ones.
    pub options: &'static [Opt],
    /// Names and command lines of examples.
    pub examples: &'static [(&'static str, &'static str)],
    /// What it does.
    pub run: Run,
}

/// What happens when a command is called.
#[derive(Debug)]
pub enum Run {
    /// It is a group of these commands.
    Group(&'static [Spec]),
    /// It does this.
    Do(Action),
    /// Real swamp has it, this implementation has not.
    Missing,
}

/// A positional argument.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// How many there may be.
    pub arity: Arity,
}

/// How many arguments a command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// Exactly one.
    One,
    /// None or one.
    Optional,
    /// Any number.
    Any,
}

impl Argument {
    /// An argument that has to be there.
    pub const fn one(name: &'static str) -> Self {
        Self {
            name,
            arity: Arity::One,
        }
    }

    /// An argument that may be left out.
    pub const fn optional(name: &'static str) -> Self {
        Self {
            name,
            arity: Arity::Optional,
        }
    }

    /// The argument as help texts show it.
    pub fn shown(&self) -> String {
        match self.arity {
            Arity::One => format!("<{}>", self.name),
            Arity::Optional => format!("[{}]", self.name),
            Arity::Any => format!("[{}...]", self.name),
        }
    }
}

/// An option.
#[derive(Debug, Clone, Copy)]
pub struct Opt {
    /// Its short form.
    pub short: Option<char>,
    /// Its long form, without the hyphens.
    pub long: &'static str,
    /// What its value is called; none for a flag.
    pub value: Option<&'static str>,
    /// What it is for.
    pub help: &'static str,
    /// Whether the command needs it.
    pub required: bool,
    /// Whether it may be given several times.
    pub repeated: bool,
    /// Whether its value is a number.
    pub number: bool,
    /// Whether that number is a whole one.
    pub integer: bool,
    /// What help texts say is taken where it is not given.
    pub default: Option<&'static str>,
}

impl Opt {
    /// A flag.
    pub const fn flag(long: &'static str, help: &'static str) -> Self {
        Self {
            short: None,
            long,
            value: None,
            help,
            required: false,
            repeated: false,
            number: false,
            integer: false,
            default: None,
        }
    }

    /// An option with a value.
    pub const fn valued(long: &'static str, value: &'static str, help: &'static str) -> Self {
        Self {
            value: Some(value),
            ..Self::flag(long, help)
        }
    }

    /// The same with a short form.
    pub const fn short(self, short: char) -> Self {
        Self {
            short: Some(short),
            ..self
        }
    }

    /// The same, required.
    pub const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// The same, to be given any number of times.
    pub const fn repeated(self) -> Self {
        Self {
            repeated: true,
            ..self
        }
    }

    /// The same with a default for help texts.
    pub const fn default(self, value: &'static str) -> Self {
        Self {
            default: Some(value),
            ..self
        }
    }

    /// The same with a number for a value.
    pub const fn number(self) -> Self {
        Self {
            number: true,
            ..self
        }
    }

    /// The same with a whole number for a value.
    pub const fn integer(self) -> Self {
        Self {
            integer: true,
            ..self
        }
    }

    /// Its forms, as they are typed.
    pub fn forms(&self) -> impl Iterator<Item = String> {
        self.short
            .map(|short| format!("-{short}"))
            .into_iter()
            .chain([format!("--{}", self.long)])
    }

    fn to_clap(self) -> Arg {
        let action = match (self.value, self.repeated) {
            (None, _) => ArgAction::SetTrue,
            (Some(_), false) => ArgAction::Set,
            (Some(_), true) => ArgAction::Append,
        };
        let arg = Arg::new(self.long)
            .long(self.long)
            .action(action)
            .required(self.required);
        let arg = if self.number {
            arg.value_parser(number).allow_negative_numbers(true)
        } else if self.integer {
            arg.value_parser(integer).allow_negative_numbers(true)
        } else if self.value.is_some() {
            // What follows such an option is its value, whatever it looks like.
            arg.value_parser(NonEmptyStringValueParser::new())
                .allow_hyphen_values(true)
        } else {
            arg
        };
        match self.short {
            Some(short) => arg.short(short),
            None => arg,
        }
    }
}

/// Checks that a text is a number.
fn number(text: &str) -> std::result::Result<String, std::num::ParseFloatError> {
    text.parse::<f64>().map(|_| text.to_owned())
}

/// Checks that a text is a whole number.
fn integer(text: &str) -> std::result::Result<String, std::num::ParseIntError> {
    text.parse::<i64>().map(|_| text.to_owned())
}

impl Spec {
    /// A command without arguments, options of its own and examples.
    pub const fn new(names: &'static [&'static str], about: &'static str, run: Run) -> Self {
        Self {
            names,
            about,
            shown_as: None,
            arguments: &[],
            options: &[],
            examples: &[],
            run,
        }
    }

    /// The same with arguments.
    pub const fn taking(self, arguments: &'static [Argument]) -> Self {
        Self { arguments, ..self }
    }

    /// The arguments as help texts show them.
    pub fn shown_arguments(&self) -> String {
        let shown: Vec<_> = self.arguments.iter().map(Argument::shown).collect();
        shown.join(" ")
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }

    /// The commands below it.
    pub fn children(&self) -> &'static [Spec] {
        match self.run {
            Run::Group(children) => children,
            Run::Do(_) | Run::Missing => &[],
        }
    }

    /// The child of this name.
    pub fn child(&self, name: &str) -> Option<&'static Spec> {
        self.children()
            .iter()
            .find(|child| child.names.contains(&name))
    }

    /// The parser for this command alone: `globals` and its own options. `hyphen_values`: whether the argument may
    /// start with a hyphen.
    pub fn to_clap(&self, globals: &[Opt], hyphen_values: bool) -> Command {
        let options = globals
            .iter()
            .chain(self.options)
            .map(|option| option.to_clap());
        let mut command = Command::new(self.name())
            .no_binary_name(true)
            .disable_help_flag(true)
            .disable_version_flag(true)
            .args(options);
        for argument in self.arguments {
            let required = argument.arity == Arity::One;
            command = command.arg(
                Arg::new(argument.name)
                    .required(required)
                    .allow_hyphen_values(hyphen_values),
            );
        }
        command
    }
}
