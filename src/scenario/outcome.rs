//! What an outcome amounts to, as questions with a yes or a no: for the condition of a deviation,
//! which must ask for all that the plan says, and must not end the trial where the answer is no. What
//! is asserted says what was expected, and what was found.

use serde_json::Value;

use crate::render::output::Output;

impl Output {
    /// Standard output as one JSON document, if that is what it is.
    pub fn document(&self) -> Option<Value> {
        serde_json::from_str(&self.stdout).ok()
    }

    /// Whether the command did as it was told: it says something, and complains of nothing.
    pub fn is_done(&self) -> bool {
        self.code == 0 && self.stderr.is_empty() && !self.stdout.trim().is_empty()
    }

    /// Whether the command was refused in words that are meant for people, all of `words` among
    /// them: exit 1 and an error, without a stack trace.
    pub fn refuses(&self, words: &[&str]) -> bool {
        let message = self.message().unwrap_or_default();
        let crashed = self.stderr.contains("\"stack\"") || self.stderr.contains("\n    at ");
        self.code == 1
            && !crashed
            && !message.trim().is_empty()
            && words.iter().all(|word| message.contains(word))
    }

    /// Whether a `data query --json` finds exactly these rows, in any order, each as
    /// `namespace model name version`; without the namespace in a solo repo.
    pub fn finds(&self, rows: &[&str]) -> bool {
        let row = |row: &Value| {
            let fields = ["namespace", "modelName", "name", "version"];
            words(row, &fields)
        };
        let found = self.document();
        let found = found.as_ref().and_then(|found| {
            let results = found["results"].as_array()?;
            Some((results.iter().map(row).collect(), found["total"].as_u64()?))
        });
        self.code == 0 && found.is_some_and(|found| are_exactly(found, rows))
    }

    /// Whether a `data list --json` of a model has exactly these items, in any order, each as
    /// `name version`.
    pub fn lists(&self, items: &[&str]) -> bool {
        let listed = self.document();
        let listed = listed.as_ref().and_then(|listed| {
            let groups = listed["groups"].as_array()?;
            let items = groups.iter().map(|group| group["items"].as_array());
            let items: Option<Vec<&Vec<Value>>> = items.collect();
            let names = items?.into_iter().flatten();
            let names = names.map(|item| words(item, &["name", "version"]));
            Some((names.collect(), listed["total"].as_u64()?))
        });
        self.code == 0 && listed.is_some_and(|listed| are_exactly(listed, items))
    }

    /// Asserts that it [finds](Self::finds) these rows.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn assert_finds(&self, rows: &[&str]) {
        self.expect(self.finds(rows), || format!("find exactly {rows:?}"));
    }

    /// Asserts that it [lists](Self::lists) these items.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn assert_lists(&self, items: &[&str]) {
        self.expect(self.lists(items), || format!("list exactly {items:?}"));
    }

    /// Asserts that its standard error has `words`.
    ///
    /// # Panics
    /// It has not.
    #[track_caller]
    pub fn assert_error_says(&self, words: &str) {
        let says = self.stderr.contains(words);
        self.expect(says, || format!("say {words:?} on standard error"));
    }

    #[track_caller]
    fn expect(&self, holds: bool, what: impl Fn() -> String) {
        assert!(
            holds,
            "`swamp {}` was to {}; it ended with {} and said:\n{}{}",
            self.args.join(" "),
            what(),
            self.code,
            self.stdout,
            self.stderr
        );
    }
}

/// What `value` has in these fields, but for what is empty.
fn words(value: &Value, fields: &[&str]) -> String {
    let word = |field: &&str| match &value[*field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let words = fields.iter().map(word).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether these, of which swamp counts so many, are the expected ones and no others.
fn are_exactly((mut found, total): (Vec<String>, u64), expected: &[&str]) -> bool {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    found.sort();
    found == expected && usize::try_from(total) == Ok(found.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(code: i32, stdout: impl ToString, stderr: &str) -> Output {
        Output {
            repo: "infra".into(),
            args: Vec::new(),
            code,
            stdout: stdout.to_string(),
            stderr: stderr.to_owned(),
            took: Default::default(),
            beside_others: false,
        }
    }

    /// What a swamp prints that is broken in one way or another.
    fn broken() -> Vec<Output> {
        let mut broken = Vec::new();
        for code in [0, 1, 2, 75, 139] {
            for stdout in ["", "\n", "{}", "[]", "null", "undefined"] {
                broken.push(said(code, stdout, ""));
                broken.push(said(code, stdout, "oops\n"));
            }
        }
        broken
    }

    #[test]
    fn a_command_that_is_done_says_so_and_complains_of_nothing() {
        assert!(said(0, "done\n", "").is_done());
        for not_done in [
            said(0, "", ""),
            said(0, " \n", ""),
            said(1, "done", ""),
            said(0, "done", "hm"),
        ] {
            assert!(!not_done.is_done(), "{not_done:?}");
        }
    }

    #[test]
    fn a_refusal_is_an_error_in_words_and_no_crash() {
        let words = ["taken", "infra"];
        assert!(said(1, "", "\nError: infra is taken\n").refuses(&words));
        assert!(said(1, "", r#"{"error": "infra is taken"}"#).refuses(&words));
        for other in [
            said(0, "", "\nError: infra is taken\n"),
            said(2, "", "\nError: infra is taken\n"),
            said(1, "infra is taken", ""),
            said(1, "", "\nError: infra\n"),
            said(1, "", r#"{"error": "infra is taken", "stack": "at x"}"#),
            said(1, "", "\nError: infra is taken\n    at x.ts:1\n"),
        ] {
            assert!(!other.refuses(&words), "{other:?}");
        }
        assert!(!said(1, "", "\nError: \n").refuses(&[]));
        for broken in broken() {
            assert!(!broken.refuses(&[]), "{broken:?}");
        }
    }

    #[test]
    fn rows_are_found_if_they_are_all_there_and_counted() {
        let row = |namespace: &str, name: &str| json!({ "namespace": namespace, "modelName": "m", "name": name, "version": 1 });
        let rows = [row("infra", "result"), row("", "log")];
        let query = |code, total| said(code, json!({ "results": rows, "total": total }), "");
        let expected = ["infra m result 1", "m log 1"];
        assert!(query(0, 2).finds(&expected));
        assert!(!query(1, 2).finds(&expected) && !query(0, 3).finds(&expected));
        assert!(!query(0, 2).finds(&expected[..1]));
        assert!(!query(0, 2).finds(&[expected[0], expected[0]]));
        assert!(said(0, json!({ "results": [], "total": 0 }), "").finds(&[]));
        for broken in broken() {
            assert!(!broken.finds(&[]), "{broken:?}");
        }
    }

    #[test]
    fn items_are_listed_if_they_are_all_there_and_counted() {
        let group = |name: &str| json!({ "items": [{ "name": name, "version": 2 }] });
        let groups = json!([group("log"), group("result")]);
        let list = |code, total| said(code, json!({ "groups": groups, "total": total }), "");
        assert!(list(0, 2).lists(&["result 2", "log 2"]));
        assert!(!list(1, 2).lists(&["result 2", "log 2"]));
        assert!(!list(0, 1).lists(&["result 2", "log 2"]));
        assert!(!list(0, 2).lists(&["result 2"]) && !list(0, 2).lists(&["result 1", "log 2"]));
        for broken in broken() {
            assert!(!broken.lists(&[]), "{broken:?}");
        }
    }
}
