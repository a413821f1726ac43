//! The commands of swamp and their own options, as the help of a real swamp has them. A call is told
//! by them: which of its words are the command, and which are what it was given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

/// Where the commands stand, below the root of the workspace.
pub const FILE: &str = "commands/tree.txt";

const HEAD: &str = "\
# The commands of swamp, each with its own options. `cargo uat coverage --record` writes this file from
# what the help of a real swamp says; the options that every command has are left out.
";

/// The commands of swamp: of each its own options, and of each option all of its names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, Vec<Vec<String>>>);

impl Tree {
    /// The one that is checked in.
    pub fn of_swamp() -> &'static Self {
        static TREE: LazyLock<Tree> =
            LazyLock::new(|| Tree::parse(include_str!("../commands/tree.txt")));
        &TREE
    }

    /// What the JSON says that `swamp help` prints.
    ///
    /// # Errors
    /// It is of another form, or names no command.
    pub fn from_help(json: &str) -> Result<Self, String> {
        let help: Help = serde_json::from_str(json).map_err(|e| e.to_string())?;
        let mut tree = Self::default();
        for node in &help.root.subcommands {
            tree.add("", node);
        }
        if tree.0.is_empty() {
            return Err("it names no command".to_owned());
        }
        Ok(tree)
    }

    /// A group of commands is one itself where it takes something.
    fn add(&mut self, above: &str, node: &Node) {
        let command = format!("{above}{}", node.name);
        for inner in &node.subcommands {
            self.add(&format!("{command} "), inner);
        }
        if node.subcommands.is_empty() || !(node.options.is_empty() && node.arguments.is_empty()) {
            let names = |option: &Flags| option.flags.split(", ").map(str::to_owned).collect();
            let mut options: Vec<Vec<String>> = node.options.iter().map(names).collect();
            options.sort_by(|a, b| name(a).cmp(name(b)));
            self.0.insert(command, options);
        }
    }

    /// From the text of the file.
    pub fn parse(text: &str) -> Self {
        let mut tree = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ').peekable();
            let mut command = Vec::new();
            while let Some(word) = words.next_if(|word| !word.starts_with('-')) {
                command.push(word);
            }
            let options = words.map(|names| names.split(',').map(str::to_owned).collect());
            tree.0.insert(command.join(" "), options.collect());
        }
        tree
    }

    /// All commands, in order, with the names of their own options.
    pub fn commands(&self) -> impl Iterator<Item = (&str, BTreeSet<&str>)> {
        self.0.iter().map(|(command, own)| {
            let options = own.iter().map(|names| name(names));
            (command.as_str(), options.collect())
        })
    }

    /// The command that `args` call, and which of its own options they give it. None where they call
    /// no command.
    pub fn called(&self, args: &[String]) -> Option<(&str, BTreeSet<&str>)> {
        let words = |length: &usize| args[..*length].join(" ");
        let length = (1..=args.len())
            .rev()
            .find(|length| self.0.contains_key(&words(length)))?;
        let (command, own) = self.0.get_key_value(&words(&length))?;
        let given = args[length..].iter().take_while(|arg| *arg != "--");
        let options = given.filter_map(|arg| {
            let (arg, _) = arg.split_once('=').unwrap_or((arg, ""));
            own.iter()
                .find(|names| names.iter().any(|name| name == arg))
        });
        Some((command, options.map(|names| name(names)).collect()))
    }

    /// The words of `args` that say which command they call, without what they say of it: of a command
    /// that there is none of, those of its group.
    pub fn words<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> String {
        let mut words = String::new();
        for arg in args {
            let longer = match words.as_str() {
                "" => arg.to_owned(),
                words => format!("{words} {arg}"),
            };
            let group = format!("{longer} ");
            let mut below = self.0.range(group.clone()..);
            let is_group = below
                .next()
                .is_some_and(|(name, _)| name.starts_with(&group));
            if !is_group && !self.0.contains_key(&longer) {
                break;
            }
            words = longer;
        }
        words
    }
}

/// The name that an option goes by: its long one, where it has several.
fn name(names: &[String]) -> &str {
    let long = names.iter().find(|name| name.starts_with("--"));
    long.or(names.first()).map_or("", String::as_str)
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for (command, options) in &self.0 {
            f.write_str(command)?;
            for names in options {
                write!(f, " {}", names.join(","))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// What `swamp help` prints, as far as it matters.
#[derive(Deserialize)]
struct Help {
    root: Node,
}

/// A command, or a group of them.
#[derive(Deserialize)]
struct Node {
    name: String,
    arguments: Vec<serde::de::IgnoredAny>,
    options: Vec<Flags>,
    subcommands: Vec<Node>,
}

/// An option: `-f, --force`.
#[derive(Deserialize)]
struct Flags {
    flags: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::parse(
            "# x\ndata list --run --type\nvault put -f,--force\nworkflow run --tag\nworkflow run \
             search --limit\nversion\n",
        )
    }

    fn args(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_call_is_told_by_the_longest_command_and_the_options_that_are_its_own() {
        let tree = tree();
        let called = |line: &str| {
            let (command, options) = tree.called(&args(line))?;
            Some(format!("{command}: {options:?}"))
        };
        for (line, told) in [
            (
                "data list hello --type file --json",
                "data list: {\"--type\"}",
            ),
            (
                "data list --run=3 --type x --run y",
                "data list: {\"--run\", \"--type\"}",
            ),
            ("vault put v -f k", "vault put: {\"--force\"}"),
            ("vault put v -- --force", "vault put: {}"),
            ("workflow run hello --limit 1", "workflow run: {}"),
            (
                "workflow run search --limit 1",
                "workflow run search: {\"--limit\"}",
            ),
        ] {
            assert_eq!(called(line).as_deref(), Some(told), "{line}");
        }
        for none in [
            "data",
            "data lists",
            "workflow",
            "--version",
            "--json version",
        ] {
            assert_eq!(called(none), None, "{none}");
        }
    }

    #[test]
    fn what_a_command_is_given_is_no_word_of_it() {
        let tree = tree();
        let words = |line: &str| tree.words(line.split(' '));
        assert_eq!(words("workflow run hello --tag x"), "workflow run");
        assert_eq!(words("workflow run search"), "workflow run search");
        assert_eq!(words("data lists x"), "data");
        assert_eq!(words("dat"), "");
        assert_eq!(words("--version"), "");
    }

    #[test]
    fn the_file_is_what_the_help_says_sorted_and_without_what_every_command_has() {
        let option = |flags: &str| serde_json::json!({ "flags": flags, "description": "x" });
        let node = |name: &str, arguments: usize, options: &[&str], subcommands: &[_]| {
            let arguments = vec![serde_json::json!({ "name": "a" }); arguments];
            let options: Vec<_> = options.iter().map(|flags| option(flags)).collect();
            serde_json::json!({ "name": name, "arguments": arguments, "options": options,
                "subcommands": subcommands })
        };
        let search = node("search", 0, &["--limit"], &[]);
        let run = node("run", 1, &[], std::slice::from_ref(&search));
        let workflow = node("workflow", 0, &[], &[run]);
        let put = node("put", 2, &["--label", "-f, --force"], &[]);
        let root = node(
            "swamp",
            0,
            &["--json"],
            &[workflow, node("vault", 0, &[], &[put])],
        );
        let help = serde_json::json!({ "version": "1", "root": root }).to_string();
        let tree = Tree::from_help(&help).unwrap();
        let text = format!(
            "{HEAD}vault put -f,--force --label\nworkflow run\nworkflow run search --limit\n"
        );
        assert_eq!(tree.to_string(), text);
        assert_eq!(Tree::parse(&text), tree);
        let empty = serde_json::json!({ "root": node("swamp", 0, &[], &[]) }).to_string();
        assert_eq!(
            Tree::from_help(&empty),
            Err("it names no command".to_owned())
        );
        assert!(Tree::from_help("Usage: swamp").is_err());
    }

    #[test]
    fn the_commands_that_are_checked_in_are_laid_out_as_they_are_recorded() {
        let tree = Tree::of_swamp();
        assert_eq!(tree.to_string(), include_str!("../commands/tree.txt"));
        assert!(
            tree.called(&args("datastore namespace set infra"))
                .is_some()
        );
    }
}
