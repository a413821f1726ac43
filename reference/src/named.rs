//! Switches that are known by name: the shape that quirks and faults share.

use std::fmt;

/// One switch of a table: what it is called, what it does, and the scenario that notices it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<T> {
    /// The switch itself.
    pub id: T,
    /// The name in the environment variable.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// The number of the scenario that pins it.
    pub scenario: u8,
}

/// A name that the table does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl std::error::Error for UnknownName {}

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
            table
                .iter()
                .find(|entry| entry.name == name)
                .map(|entry| entry.id)
                .ok_or_else(|| UnknownName {
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

    const TABLE: &[Named<u8>] = &[
        Named {
            id: 1,
            name: "one",
            doc: "",
            scenario: 0,
        },
        Named {
            id: 2,
            name: "two",
            doc: "",
            scenario: 0,
        },
    ];

    #[test]
    fn lists_are_split_at_commas() {
        assert_eq!(parse(TABLE, "V", " two ,one,"), Ok(vec![2, 1]));
        assert_eq!(parse(TABLE, "V", ""), Ok(vec![]));
    }

    #[test]
    fn an_unknown_name_says_which_are_known() {
        let error = parse(TABLE, "V", "one,three").expect_err("three is not in the table");
        assert_eq!(
            error.to_string(),
            "V: unknown name \"three\"; known: one, two"
        );
    }
}
