//! Evaluated definitions: what a run writes beside its data, and `--last-evaluated` reads.

use std::path::{Path, PathBuf};

use super::definition::Definition;
use crate::errors::Result;
use crate::files;
use crate::older::{Older, Way};

/// Writes one below `root`, and gives its place. What an older swamp had in its place goes.
pub fn write(root: &Path, definition: &Definition, older: &Older) -> Result<PathBuf> {
    let dir = root.join(definition.model_type());
    files::ensure_dir(&dir)?;
    let [by_name, by_id] = places(&dir, definition);
    if older.on(Way::EvaluatedById) {
        files::write_atomically(&by_id, &definition.to_yaml())?;
        return Ok(by_id);
    }
    files::write_atomically(&by_name, &definition.to_yaml())?;
    // No push is told of it: where it was pushed it stays.
    files::remove_if_there(&by_id)?;
    Ok(by_name)
}

/// The text of the last one of a definition, and its place; none where it was never evaluated.
pub fn read(root: &Path, definition: &Definition) -> Result<Option<(String, PathBuf)>> {
    for place in places(&root.join(definition.model_type()), definition) {
        if let Some(text) = files::read_if_there(&place)? {
            return Ok(Some((text, place)));
        }
    }
    Ok(None)
}

/// Where it lies, and where an older swamp had it.
fn places(dir: &Path, definition: &Definition) -> [PathBuf; 2] {
    [definition.name(), definition.id()].map(|name| dir.join(format!("{name}.yaml")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_one_left_is_read_and_gives_way() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let definition = Definition::generate("command/shell", "1", "hello");
        let found = || read(dir.path(), &definition).expect("no error");
        assert_eq!(found(), None);
        let older = Older::parse("evaluated-by-id").expect("a way");
        let by_id = write(dir.path(), &definition, &older).expect("a file");
        assert!(by_id.ends_with(format!("command/shell/{}.yaml", definition.id())));
        assert_eq!(found().map(|(_, place)| place), Some(by_id.clone()));
        let by_name = write(dir.path(), &definition, &Older::default()).expect("a file");
        assert!(by_name.ends_with("command/shell/hello.yaml"));
        assert!(!by_id.exists());
        assert_eq!(found().map(|(_, place)| place), Some(by_name));
    }
}
