//! The JSON documents that commands print, by the fields that they have: every field that a run saw
//! must stand in some golden, however many of them show a document in short.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::commands::Tree;

/// A field of a command's document: the command, and the path to the field, such as `data list` and
/// `groups.items.size`.
pub(crate) type Field = (String, String);

/// What is the user's own below these, and has no fields of swamp's.
const OF_THE_USER: [&str; 6] = [
    "attributes",
    "globalArguments",
    "methodArguments",
    "tags",
    "content",
    // What a report has for programs: data, as its author wrote it.
    "json",
];

/// The fields of the documents that no golden shows whole, of this process.
static IN_SHORT: Mutex<BTreeSet<Field>> = Mutex::new(BTreeSet::new());

/// Notes a document that no golden shows whole: what `swamp` printed with those arguments.
pub(crate) fn note(args: &[String], stdout: &str) {
    // How a real swamp gets its datastore extensions is in no transcript: the reference has them.
    if args.first().is_some_and(|word| word == "extension") {
        return;
    }
    let mut noted = IN_SHORT.lock().unwrap_or_else(|e| e.into_inner());
    noted.extend(fields_of(&command(args.iter().map(String::as_str)), stdout));
}

/// The fields of all documents that were noted.
pub(crate) fn noted() -> BTreeSet<Field> {
    IN_SHORT.lock().unwrap_or_else(|e| e.into_inner()).clone()
}

/// The command that `args` call, without what they say of it.
pub(crate) fn command<'a>(args: impl IntoIterator<Item = &'a str>) -> String {
    Tree::of_swamp().words(args)
}

/// The fields of the documents in `text`, which may be redacted: each line of a document is
/// indented by how deep it lies.
pub(crate) fn fields_of(command: &str, text: &str) -> BTreeSet<Field> {
    let mut fields = BTreeSet::new();
    // The key at each depth; an item of a list has none.
    let mut keys: Vec<Option<&str>> = Vec::new();
    for line in text.lines() {
        let inner = line.trim_start();
        let depth = (line.len() - inner.len()) / 2;
        if depth == 0 {
            continue;
        }
        let key = inner.strip_prefix('"');
        let key = key
            .and_then(|rest| rest.split_once("\": "))
            .map(|(key, _)| key);
        keys.resize(depth, None);
        keys[depth - 1] = key;
        let above = &keys[..depth - 1];
        let is_of_the_user = |key: &Option<&str>| key.is_some_and(|k| OF_THE_USER.contains(&k));
        if key.is_some() && !above.iter().any(is_of_the_user) {
            let path: Vec<&str> = keys.iter().flatten().copied().collect();
            fields.insert((command.to_owned(), path.join(".")));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_real_swamp_says_of_its_extensions_needs_no_golden() {
        let words = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        note(
            &words("extension source add x --json"),
            "{\n  \"totalSources\": 1\n}\n",
        );
        note(&words("vault x --json"), "{\n  \"ofThisTest\": 1\n}\n");
        let noted = noted();
        assert!(noted.iter().any(|(_, path)| path == "ofThisTest"));
        assert!(!noted.iter().any(|(_, path)| path == "totalSources"));
    }

    #[test]
    fn a_field_is_known_by_its_command_and_its_path() {
        let list = ["data", "list", "hello", "--json"];
        let document = serde_json::json!({
            "groups": [{ "type": "file", "items": [{ "size": 1, "tags": { "mine": "x" } }] }],
            "total": 2,
        });
        // As a golden has it.
        let text = format!("{document:#}\nnote: x\n").replace("\"size\": 1", "\"size\": <size>");
        let fields = fields_of(&command(list), &text);
        let paths: Vec<&str> = fields.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "groups",
                "groups.items",
                "groups.items.size",
                "groups.items.tags",
                "groups.type",
                "total"
            ]
        );
        assert!(fields.iter().all(|(command, _)| command == "data list"));
        assert_eq!(
            command(["datastore", "namespace", "set", "infra"]),
            "datastore namespace set"
        );
        assert_eq!(command(["vault"]), "vault");
    }
}
