//! Which goldens show the JSON document of which command whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::render::documents::{Field, command, fields_of};
use crate::render::rows;

/// The documents in a directory of goldens.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    fields: BTreeSet<Field>,
    /// The scenarios that show a command's document whole, by their numbers.
    pub whole: BTreeMap<String, BTreeSet<String>>,
}

impl Documents {
    /// Those of the transcripts below `dir`. What cannot be read is left out: others say so.
    pub fn of(dir: &Path) -> Self {
        let mut all = Self::default();
        for entry in walkdir::WalkDir::new(dir)
            .sort_by_file_name()
            .into_iter()
            .flatten()
        {
            let name = entry.file_name().to_string_lossy();
            if let Some((scenario, _)) = name.split_once("@cli")
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                all.add(scenario, &text);
            }
        }
        all
    }

    fn add(&mut self, scenario: &str, transcript: &str) {
        for said in transcript.split("\n$ ").skip(1) {
            let (line, output) = said.split_once('\n').unwrap_or((said, ""));
            let words = line.split("swamp ").nth(1).unwrap_or_default();
            let command = command(words.split(' '));
            let output = output.split("\n[EOF]").next().unwrap_or_default();
            let fields = fields_of(&command, output);
            if !output.starts_with('{') || fields.is_empty() {
                continue;
            }
            self.fields.extend(fields);
            if !rows::is_in_short(output) {
                let shown_in = self.whole.entry(command).or_default();
                let (number, _) = scenario.split_once('_').unwrap_or((scenario, ""));
                shown_in.insert(number.to_owned());
            }
        }
    }

    /// The fields among `seen` that none of them shows, for people.
    pub fn lack(&self, seen: &BTreeSet<Field>) -> Vec<String> {
        let lacking = seen.difference(&self.fields);
        let told = lacking.map(|(command, path)| format!("{path} of `swamp {command} --json`"));
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_whole_where_no_row_of_it_is_in_short_and_a_field_must_stand_in_one() {
        let transcript = "---\n$ swamp data list a --json  # in x\n{\n  \"items\": [\n    … log 1\n  \
                          ],\n  \"total\": 1\n}\n[EOF]\n$ A=b swamp data get a --json  # in x\n{\n  \
                          \"id\": \"<id#1>\"\n}\n[EOF]\n$ swamp data gc  # in x\nno {\n[EOF]\n";
        let mut documents = Documents::default();
        documents.add("s01_a", transcript);
        assert_eq!(documents.whole.keys().collect::<Vec<_>>(), ["data get"]);
        let field = |command: &str, path: &str| (command.to_owned(), path.to_owned());
        let seen = BTreeSet::from([
            field("data list", "total"),
            field("data list", "items.size"),
        ]);
        assert_eq!(
            documents.lack(&seen),
            ["items.size of `swamp data list --json`"]
        );
    }
}
