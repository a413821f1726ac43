//! The words of the suite itself. A name of this machine that is one of them (a host called
//! `data`, a user called `model`) says nothing where it stands in what swamp printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

/// The text of every golden below `dir`, in lower case. It is read once, and only if asked for.
pub(crate) fn of_goldens(dir: &Path) -> &'static str {
    static READ: Mutex<BTreeMap<PathBuf, &'static str>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    read.entry(dir.to_owned())
        .or_insert_with(|| Box::leak(text_below(dir, &["snap"]).to_lowercase().into()))
}

/// The text of the scenarios, of the fixtures and of the goldens.
pub(crate) fn of_the_suite() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let root = crate::workspace_root();
        let files = [
            ("snapshots", ["snap"].as_slice()),
            ("tests/cli", &["rs"]),
            ("fixtures", &["yaml", "ts", "raw"]),
        ];
        let texts = files.map(|(dir, ends)| text_below(&root.join(dir), ends));
        // The key that the suite gives to the emulators.
        texts.concat() + "swamp-uat"
    });
    &TEXT
}

fn text_below(dir: &Path, ends: &[&str]) -> String {
    let wanted = |path: &Path| {
        path.extension()
            .is_some_and(|end| ends.iter().any(|e| end == *e))
    };
    walkdir::WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|entry| wanted(entry.path()))
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .collect()
}
