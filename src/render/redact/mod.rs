//! Redaction: what is volatile becomes a token, and identity survives. The same id is the same
//! token on every surface of a trial, so that a key filed under a stranger's id still shows.

mod aliases;
mod audit;
mod bounds;
mod literal;
pub(crate) mod machine;
mod numbers;
mod rank;
mod rules;
mod table;
mod visible;

pub(crate) use visible::visible;
pub(crate) mod wall_clock;

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;

pub use aliases::Aliases;
pub use audit::{Auditor, Finding, Weight};
pub use bounds::Took;
pub use rules::{Rule, unfired};

use bounds::Bounds;
use rules::{DATE, FILE_TIME, ISO_TIME, SHORT_ID, STACK, STACK_IN_JSON, UUID, VERSION_PADDING};

/// What is known of the world that a text comes from. Anything that differs between two runs
/// of a trial is in here, or is found by its shape.
#[derive(Debug, Clone)]
pub struct World {
    /// Literal texts (paths, buckets, endpoints), the tokens that stand for them, and the rules
    /// under which they do.
    pub literals: Vec<(String, String, Rule)>,
    /// The versions that played, as they print them.
    pub versions: Vec<String>,
    /// When the trial ran. A time outside of it is no time of this trial: it is not volatile,
    /// it is wrong, and it stays.
    pub window: RangeInclusive<Timestamp>,
    /// How long the longest command of the trial took: no duration that it shows is longer.
    pub longest: Duration,
}

/// Redacts the surfaces of one trial, with one alias table for all of them.
#[derive(Debug)]
pub struct Redactor {
    world: World,
    aliases: Aliases,
}

impl Redactor {
    /// A redactor for `world` that knows the ids in `aliases` by their roles.
    pub fn new(mut world: World, aliases: Aliases) -> Self {
        // Longest first: a home inside the sandbox must not be taken for the sandbox.
        world
            .literals
            .sort_by(|(a, ..), (b, ..)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self { world, aliases }
    }

    /// Redacts a text whose order means something: a file, an argument.
    pub fn text(&mut self, raw: &str) -> String {
        self.redacted(raw, None)
    }

    /// Redacts what a command said that took so long.
    pub fn said(&mut self, raw: &str, took: Took) -> String {
        self.redacted(raw, Some(took))
    }

    fn redacted(&mut self, raw: &str, command: Option<Took>) -> String {
        let visible = visible::visible(raw);
        let visible = stacks(&visible);
        let tables = table::map_tables(&visible, |piece| self.inline(piece));
        let bounds = Bounds {
            window: self.world.window.clone(),
            longest: self.world.longest,
            command,
        };
        numbers::redact(&tables, &bounds)
    }

    /// Whether `text` has a path of the trial in it.
    pub fn knows_path(&self, text: &str) -> bool {
        let mut literals = self.world.literals.iter();
        literals.any(|(literal, _, rule)| *rule == Rule::Path && text.contains(literal))
    }

    /// Redacts lines whose order means nothing (a tree, a bucket) and sorts them. Ids that are
    /// met here first are numbered by what the lines say of them, never by their own text.
    pub fn listing(&mut self, lines: &[String]) -> Vec<String> {
        let lines: Vec<String> = lines
            .iter()
            .map(|line| self.all_but_ids(&visible::visible_line(line)))
            .collect();
        rank::name_in_order(&lines, &mut self.aliases);
        let mut lines: Vec<String> = lines.iter().map(|line| self.ids(line)).collect();
        lines.sort();
        lines
    }

    fn inline(&mut self, raw: &str) -> String {
        let text = self.all_but_ids(raw);
        self.ids(&text)
    }

    fn ids(&mut self, text: &str) -> String {
        let text = UUID.replace_all(text, |found: &regex::Captures<'_>| {
            Rule::Uuid.fires();
            format!("{}{}", &found[1], self.aliases.alias(&found[2]))
        });
        // A short form of an id that nobody knows in full stays.
        let named = SHORT_ID.replace_all(&text, |found: &regex::Captures<'_>| {
            let name = self.aliases.name_of_short(&found[1]);
            name.map_or_else(|| found[0].to_owned(), |name| format!("(run {name}…)"))
        });
        named.into_owned()
    }

    /// From specific to general: a path may hold an id, and an ISO time holds a bare date.
    fn all_but_ids(&self, raw: &str) -> String {
        let mut text = raw.to_owned();
        for (literal, token, rule) in &self.world.literals {
            text = literal::replace(&text, literal, token, *rule);
        }
        for version in &self.world.versions {
            text = literal::replace(&text, version, "<version>", Rule::Version);
            // Replies of a repo name the release alone, without what tells the build.
            let release = version.split('-').next().unwrap_or_default();
            if release.is_empty() {
                continue;
            }
            for field in ["version", "newVersion"] {
                let says = |version: &str| format!("\"{field}\": \"{version}\"");
                let (found, token) = (says(release), says("<version>"));
                text = literal::replace(&text, &found, &token, Rule::Version);
            }
        }
        // The help pads the version's line to a column: by how much follows from its length.
        text = VERSION_PADDING.replace_all(&text, "<version>").into_owned();
        text = replace_if(&ISO_TIME, &text, "<time>", Rule::IsoTime, |found| {
            found
                .parse::<Timestamp>()
                .is_ok_and(|time| self.world.window.contains(&time))
        });
        let text = replace_if(&FILE_TIME, &text, "<file-time>", Rule::FileTime, |found| {
            FILE_TIME
                .replace(found, "$1:$2:$3.$4")
                .parse::<Timestamp>()
                .is_ok_and(|time| self.world.window.contains(&time))
        });
        replace_if(&DATE, &text, "<date>", Rule::Date, |found| {
            let day = |time: &Timestamp| time.to_string().chars().take(10).collect::<String>();
            (day(self.world.window.start())..=day(self.world.window.end()))
                .contains(&found.to_owned())
        })
    }
}

/// Takes the places in the source out of stack traces.
fn stacks(text: &str) -> String {
    let text = STACK.replace_all(text, |found: &regex::Captures<'_>| {
        Rule::Stack.fires();
        format!("{}at <stack>\n", &found[1])
    });
    let text = STACK_IN_JSON.replace_all(&text, |found: &regex::Captures<'_>| {
        Rule::Stack.fires();
        format!("{}    at <stack>", &found[1])
    });
    text.into_owned()
}

fn replace_if(
    pattern: &regex::Regex,
    text: &str,
    token: &str,
    rule: Rule,
    holds: impl Fn(&str) -> bool,
) -> String {
    pattern
        .replace_all(text, |found: &regex::Captures<'_>| {
            if holds(&found[0]) {
                rule.fires();
                token.to_owned()
            } else {
                found[0].to_owned()
            }
        })
        .into_owned()
}

#[cfg(test)]
mod tests;
