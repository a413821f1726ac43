//! What `docs/architecture.md` says of the sources, held against them.

use std::path::{Path, PathBuf};

use regex::Regex;
use swamp_uat::workspace_root;
use walkdir::WalkDir;

fn text(path: impl AsRef<Path>) -> String {
    let path = workspace_root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The sources below a directory but their unit tests, by their paths in the checkout.
fn sources(dir: &str) -> Vec<PathBuf> {
    let root = workspace_root();
    let files = WalkDir::new(root.join(dir)).into_iter().map(Result::unwrap);
    let files = files.filter(|file| file.path().extension().is_some_and(|end| end == "rs"));
    let files = files.filter(|file| !file.path().to_string_lossy().ends_with("tests.rs"));
    let inner = |path: &Path| path.strip_prefix(root).unwrap().to_owned();
    files.map(|file| inner(file.path())).collect()
}

/// A document, or a source without its unit tests.
fn shipped(path: &Path) -> String {
    let text = text(path);
    let shipped = text.split("#[cfg(test)]\nmod tests").next();
    shipped.unwrap().to_owned()
}

/// The code of a source, without its comments and its unit tests.
fn code(path: &Path) -> String {
    let text = shipped(path);
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_wing_looks_up_this_list_alone() {
    let wings = Regex::new(r"(?m)^\| `src/(\w+)/` \| ").unwrap();
    let manual = text("docs/architecture.md");
    let (_, list) = manual
        .split_once("## The wings")
        .expect("the list of wings");
    let wings: Vec<&str> = wings
        .captures_iter(list)
        .map(|c| c.extract::<1>().1[0])
        .collect();
    let named = Regex::new(r"crate::(\w+)").unwrap();
    let mut wrong = Vec::new();
    for path in sources("src") {
        let inner = path.strip_prefix("src").unwrap();
        // What lies in `src/` directly has no wing, and looks at none.
        let wing = inner
            .parent()
            .unwrap()
            .iter()
            .next()
            .map_or("", |wing| wing.to_str().unwrap());
        if wing == "bin" || inner == Path::new("lib.rs") {
            continue;
        }
        let place = wings.iter().position(|other| *other == wing);
        assert!(
            wing.is_empty() || place.is_some(),
            "docs/architecture.md has no src/{wing}/"
        );
        for found in named.captures_iter(&code(&path)) {
            let other = wings.iter().position(|other| *other == &found[1]);
            if other > place {
                wrong.push(format!("{} looks at {}", path.display(), &found[0]));
            }
        }
    }
    assert!(
        wings.len() == 10 && wrong.is_empty(),
        "{wings:?}: {wrong:#?}"
    );
}

#[test]
fn scenarios_reach_files_and_processes_through_their_handles_alone() {
    let past = Regex::new(r"std::(fs|process|env|net)|Command::new|File::").unwrap();
    for path in sources("tests/cli") {
        let code = code(&path);
        let found = past.find(&code).map(|found| found.as_str());
        assert_eq!(found, None, "{}", path.display());
    }
}

#[test]
fn every_file_that_a_document_or_a_message_names_is_there() {
    let named =
        Regex::new(r#"(?:^|[\s`("])((?:src|tests|docs|reference/src)/[\w/.-]*\w/?)"#).unwrap();
    let documents = WalkDir::new(workspace_root().join("docs"))
        .into_iter()
        .map(Result::unwrap);
    let documents = documents.filter(|file| file.path().extension().is_some_and(|end| end == "md"));
    let mut all: Vec<PathBuf> = documents.map(|file| file.into_path()).collect();
    all.extend(["README.md", "CONTRIBUTING.md", "FINDINGS.md"].map(PathBuf::from));
    all.extend(["src", "tests/cli"].into_iter().flat_map(sources));
    for path in all {
        for found in named.captures_iter(&shipped(&path)) {
            let there = workspace_root().join(&found[1]);
            assert!(there.exists(), "{} names {}", path.display(), &found[1]);
        }
    }
}

#[test]
fn the_worked_example_of_the_manual_is_the_scenario() {
    let manual = text("CONTRIBUTING.md");
    let (_, example) = manual.split_once("```rust\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let file = "tests/cli/datastore/namespace/commands.rs";
    assert!(text(file).contains(example), "{file} has not:\n{example}");
}
