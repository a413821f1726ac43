//! The alias table: one name for one id, on every surface of a trial.

use std::collections::{BTreeMap, BTreeSet};

/// Which id is known by which name. Ids are compared by their text.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Aliases {
    /// Gives `id` the name of its role, such as `repo:infra`. An id that has a name keeps it;
    /// a second id in the same role is told apart by a number.
    pub fn learn(&mut self, id: &str, role: &str) {
        if self.name(id).is_some() {
            return;
        }
        let name = std::iter::once(format!("<{role}>"))
            .chain((2..).map(|n| format!("<{role}#{n}>")))
            .find(|name| !self.taken.contains(name));
        self.names
            .extend(name.clone().map(|name| (id.to_owned(), name)));
        self.taken.extend(name);
    }

    /// The name of `id`, where it has one already.
    pub fn name(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    /// The name of the id that begins with `short`, where one is known that does.
    pub fn name_of_short(&self, short: &str) -> Option<&str> {
        let (id, name) = self.names.range(short.to_owned()..).next()?;
        id.starts_with(short).then_some(name)
    }

    /// The name of `id`; one that is met for the first time is numbered.
    pub fn alias(&mut self, id: &str) -> String {
        if let Some(name) = self.name(id) {
            return name.to_owned();
        }
        let mut number = 1;
        while self.taken.contains(&numbered(number)) {
            number += 1;
        }
        let name = numbered(number);
        self.taken.insert(name.clone());
        self.names.insert(id.to_owned(), name.clone());
        name
    }
}

fn numbered(number: usize) -> String {
    format!("<id#{number}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_form_is_known_with_its_id() {
        let mut aliases = Aliases::default();
        aliases.learn("0f8fad5b-d9cb", "run");
        assert_eq!(aliases.name_of_short("0f8fad5b"), Some("<run>"));
        assert_eq!(aliases.name_of_short("0f8fad5c"), None);
        assert_eq!(aliases.name_of_short("0f8fad5a"), None);
    }

    #[test]
    fn an_id_keeps_its_first_name() {
        let mut aliases = Aliases::default();
        assert_eq!(aliases.name("a"), None);
        aliases.learn("a", "repo:infra");
        aliases.learn("a", "repo:other");
        assert_eq!(aliases.name("a"), Some("<repo:infra>"));
        assert_eq!(aliases.alias("a"), "<repo:infra>");
    }

    #[test]
    fn unknown_ids_are_numbered_as_they_come() {
        let mut aliases = Aliases::default();
        assert_eq!(aliases.alias("x"), "<id#1>");
        assert_eq!(aliases.alias("y"), "<id#2>");
        assert_eq!(aliases.alias("x"), "<id#1>");
    }

    #[test]
    fn two_ids_never_share_a_name() {
        let mut aliases = Aliases::default();
        aliases.learn("a", "repo:infra");
        aliases.learn("b", "repo:infra");
        aliases.learn("c", "repo:infra");
        let names = ["a", "b", "c"].map(|id| aliases.alias(id));
        assert_eq!(names, ["<repo:infra>", "<repo:infra#2>", "<repo:infra#3>"]);
    }
}
