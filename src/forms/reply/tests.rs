use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::forms::*;
use super::*;

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const NOW: &str = "2026-11-22T09:16:48.148Z";

/// Whether `T` takes `good`, and nothing with one field more, one less but those in `optional`,
/// or one that is null.
fn takes_only<T: DeserializeOwned>(good: &Value, optional: &[&str]) {
    let takes = |value: &Value| exact::read::<T>(value).is_ok();
    assert!(takes(good), "{good}");
    let fields = good.as_object().unwrap();
    for field in fields.keys() {
        let mut without = good.clone();
        without.as_object_mut().unwrap().shift_remove(field);
        let may_go = optional.contains(&field.as_str());
        assert_eq!(takes(&without), may_go, "without {field}");
        let mut null = good.clone();
        null[field] = Value::Null;
        assert!(!takes(&null), "{field} is null");
    }
    let mut more = good.clone();
    more["surprise"] = json!(1);
    assert!(!takes(&more), "a surprise in {good}");
}

#[test]
fn replies_have_the_fields_of_their_type_and_no_others() {
    takes_only::<RepoInit>(
        &json!({
            "path": "/r", "version": "1", "initializedAt": NOW, "skillsCopied": [],
            "instructionsFileCreated": false, "settingsCreated": false,
            "gitignoreAction": "created", "tools": [], "removedTools": [], "tool": "none",
            "nextSteps": []
        }),
        &[],
    );
    let setup = json!({
        "type": "filesystem", "path": "/ds", "filesCopied": 0, "filesPulled": 0,
        "bytesCopied": 0, "directoriesMigrated": [], "errors": [], "sourcePath": "/r/.swamp",
        "destinationPath": "/ds", "warnings": []
    });
    takes_only::<SetupFilesystem>(&setup, &["sourcePath", "destinationPath"]);
    let extension = json!({
        "type": "@x/y", "filesCopied": 0, "filesPulled": 0, "bytesCopied": 0,
        "directoriesMigrated": [], "errors": [], "namespace": "infra", "sourcePath": "/r/.swamp",
        "destinationPath": "/ds", "warnings": []
    });
    takes_only::<SetupExtension>(&extension, &["namespace", "sourcePath", "destinationPath"]);
    takes_only::<MethodRun>(
        &json!({
            "modelId": ID, "modelName": "m", "modelType": "t", "methodName": "x",
            "status": "succeeded", "duration": 1, "outputId": ID, "logFile": "/l",
            "dataArtifacts": [{ "id": ID, "name": "n", "path": "/p" }], "globalArguments": {},
            "methodArguments": {}, "initiatedBy": "ghost"
        }),
        &[],
    );
    takes_only::<SyncReply>(&json!({ "mode": "push", "filesPushed": 0 }), &[]);
    takes_only::<SyncReply>(&json!({ "mode": "pull", "filesPulled": 0 }), &[]);
    let both = json!({ "mode": "sync", "filesPulled": 0, "filesPushed": 0, "errors": [] });
    takes_only::<SyncReply>(&both, &[]);
    takes_only::<Refused>(
        &json!({ "error": "e", "stack": "s", "code": "c" }),
        &["code", "stack"],
    );
}

fn said(args: &[&str], code: i32, stdout: &str, stderr: &str) -> Option<String> {
    let output = Output {
        repo: "infra".into(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        code,
        stdout: stdout.into(),
        stderr: stderr.into(),
        took: Default::default(),
        beside_others: false,
    };
    let scene = Scene {
        root: Path::new("/nowhere"),
        home: Path::new("/nowhere/home"),
        version: "1",
        locks: &Vec::new,
        before: None,
        shown: false,
    };
    fault(&output, &scene)
}

#[test]
fn what_no_type_knows_is_told() {
    for args in [
        &["data", "import", "--json"][..],
        &["data", "import"],
        &["nosuch"],
    ] {
        let told = said(args, 0, "{}\n", "").unwrap();
        assert!(
            told.contains("`data import`") || told.contains("`nosuch`"),
            "{told}"
        );
    }
    let quiet = "No matching data found.\n";
    assert_eq!(said(&["data", "query", "x"], 0, quiet, ""), None);
    assert!(said(&["data", "query", "x"], 0, quiet, "careful\n").is_some());
    assert!(said(&["data", "query", "x"], 0, "Found.\n", "").is_some());
}

#[test]
fn a_failure_says_why_and_nothing_else() {
    let args = ["data", "query", "x", "--json"];
    assert_eq!(said(&args, 1, "", "{\n  \"error\": \"no\"\n}\n"), None);
    for (stdout, stderr) in [
        ("{}", "{\n  \"error\": \"no\"\n}\n"),
        ("", "{\n  \"error\": \"\"\n}\n"),
        ("", "{\"error\": \"no\"}\n"),
        ("", "{\n  \"error\": \"no\"\n}"),
        ("", "{\n  \"error\": \"no\"\n}\n\n"),
        ("", "{\r\n  \"error\": \"no\"\r\n}\r\n"),
        ("", "{\n  \"error\": \"no\",\n  \"more\": 1\n}\n"),
        ("", "Error: no\n"),
        ("", ""),
    ] {
        assert!(said(&args, 1, stdout, stderr).is_some(), "{stdout}{stderr}");
    }
    assert_eq!(said(&args[..3], 1, "", "\nError: no\n"), None);
    assert!(said(&args[..3], 1, "", "no\n").is_some());
    let usage = "  error: Missing argument(s): slug\n\n";
    assert_eq!(said(&args, 2, "\nUsage:   swamp\n", usage), None);
    assert!(said(&args, 2, "", usage).is_some());
}

#[test]
fn what_a_golden_shows_is_read_for_its_values() {
    let shown = |args: &[&str], code: i32, stdout: &str, stderr: &str| {
        let output = Output {
            repo: "infra".into(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            code,
            stdout: stdout.into(),
            stderr: stderr.into(),
            took: crate::render::redact::Took {
                since: NOW.parse().unwrap(),
                ..Default::default()
            },
            beside_others: false,
        };
        let scene = Scene {
            root: Path::new("/nowhere"),
            home: Path::new("/nowhere/home"),
            version: "1",
            locks: &Vec::new,
            before: None,
            shown: true,
        };
        fault(&output, &scene)
    };
    // The golden has the words.
    assert_eq!(shown(&["data", "prune"], 0, "Pruned.\n", "careful\n"), None);
    assert!(shown(&["data", "prune", "--json"], 0, "{}\n", "").is_some());
    let refused = " system │ waiting\n{\n  \"error\": \"no\"\n}\n";
    assert_eq!(shown(&["data", "gc", "--json"], 1, "", refused), None);
    assert!(shown(&["data", "gc", "--json"], 1, "", "").is_some());
    for (line, sound) in [
        (format!("{NOW} [INF] x: done"), true),
        (NOW.replace("48.148", "40.148") + " [INF] x: done", false),
        ("done in 20ms · 09:16:48 UTC".to_owned(), true),
        ("done in 20ms · 09:16:40 UTC".to_owned(), false),
        ("done in 9s".to_owned(), false),
    ] {
        let told = shown(&["data", "prune"], 0, &format!("{line}\n"), "");
        assert_eq!(told.is_none(), sound, "{line}: {told:?}");
    }
}
