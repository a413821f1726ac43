//! Switches that are known by name: the shape that quirks and faults share.

use std::fmt;

/// One switch of a table: what it is called and what it does.
#[derive(Debug)]
pub struct Named<T> {
    /// The switch itself.
    pub id: T,
    /// The name in the environment variable.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
}

/// An enum of switches, and `TABLE`, which says what each is called and does.
macro_rules! switches {
    ($kind:ident, $about:literal; $($id:ident = $name:literal: $doc:literal;)*) => {
        #[doc = $about]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind { $(#[doc = $doc] $id),* }

        /// Every one of them.
        pub const TABLE: &[crate::named::Named<$kind>] = &[
            $(crate::named::Named { id: $kind::$id, name: $name, doc: $doc }),*
        ];
    };
}
pub(crate) use switches;

/// A name that the table does not have.
#[derive(Debug)]
pub struct UnknownName {
    variable: &'static str,
    name: String,
    known: Vec<&'static str>,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            variable,
            name,
            known,
        } = self;
        write!(
            f,
            "{variable}: unknown name \"{name}\"; known: {}",
            known.join(", ")
        )
    }
}

/// Reads a comma-separated list of names of `table`; empty items count for nothing.
pub fn parse<T: Copy>(
    table: &[Named<T>],
    variable: &'static str,
    text: &str,
) -> Result<Vec<T>, UnknownName> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            let entry = table.iter().find(|entry| entry.name == name);
            entry.map(|entry| entry.id).ok_or_else(|| UnknownName {
                variable,
                name: name.to_owned(),
                known: table.iter().map(|entry| entry.name).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    switches! { Letter, "A letter.";
        A = "a": "The first.";
        B = "b": "The second.";
    }

    #[test]
    fn lists_are_split_at_commas() {
        let found = |text: &str| parse(TABLE, "V", text).ok();
        assert_eq!(found(" b ,a,"), Some(vec![Letter::B, Letter::A]));
        assert_eq!(found(""), Some(vec![]));
        let error = parse(TABLE, "V", "a,c").expect_err("c is not in the table");
        assert_eq!(error.to_string(), "V: unknown name \"c\"; known: a, b");
    }
}
