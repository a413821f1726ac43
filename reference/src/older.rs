//! What older swamps left in other forms, and the pinned one still meets. Off by default:
//! `SWAMP_REFERENCE_OLDER=name[,name]` makes this implementation leave them, so that the suite can
//! show what becomes of them after an upgrade without an old binary.

use std::fs;
use std::path::Path;

use crate::catalog::Catalog;
use crate::data::layout::LATEST;
use crate::datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::named::{self, UnknownName, switches};
use crate::session::Session;

/// The environment variable that lists the ways that are on.
pub const VARIABLE: &str = "SWAMP_REFERENCE_OLDER";

switches! { Way, "A way of an older swamp.";
    FirstCatalog = "first-catalog": "The catalog has the table of the first schema, with the newest version of each name alone, and says no version (until April 2026).";
    LinkedLatest = "linked-latest": "`latest` is a link to the newest version (until March 2026).";
    EvaluatedById = "evaluated-by-id": "The file of an evaluated definition has the id of the model for its name (until 2026-08-18).";
}

/// The ways that are on.
#[derive(Debug, Clone, Default)]
pub struct Older {
    on: Vec<Way>,
}

impl Older {
    /// The ways that `text` lists.
    pub fn parse(text: &str) -> std::result::Result<Self, UnknownName> {
        let on = named::parse(TABLE, VARIABLE, text)?;
        Ok(Self { on })
    }

    /// Whether it does as the older one did.
    pub fn on(&self, way: Way) -> bool {
        self.on.contains(&way)
    }
}

/// Gives what a command left in the repository the older forms. The swamps of the first catalog and
/// of the links had no datastore but the repository's own: wherever there is another one, all stays
/// as it is.
pub fn leave(session: &Session) -> Result<()> {
    let older = &session.older;
    if !(older.on(Way::FirstCatalog) || older.on(Way::LinkedLatest)) {
        return Ok(());
    }
    let Ok(repository) = session.repository() else {
        return Ok(());
    };
    if repository.marker.has_datastore() {
        return Ok(());
    }
    if older.on(Way::FirstCatalog) {
        Catalog::give_first_schema(&repository.dir)?;
    }
    if older.on(Way::LinkedLatest) {
        link_latest(&datastore::local_dir(&repository.dir).join("data"))?;
    }
    Ok(())
}

fn link_latest(data: &Path) -> Result<()> {
    for path in files::files_below(data)? {
        if path.file_name().is_none_or(|name| name != LATEST) || path.is_symlink() {
            continue;
        }
        let failed = |error: std::io::Error| Failure::io(&path, &error);
        let newest = fs::read_to_string(&path).map_err(failed)?;
        fs::remove_file(&path).map_err(failed)?;
        std::os::unix::fs::symlink(newest.trim(), &path).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_becomes_a_link_that_is_read_as_before() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let model = crate::data::DataRoot(dir.path().to_owned()).model("command/shell", "m");
        model.allocate("log").expect("a version");
        model.allocate("log").expect("a version");
        model.set_latest("log", 2).expect("the marker");
        for _ in 0..2 {
            link_latest(dir.path()).expect("a link");
            let link = fs::read_link(model.name_dir("log").join(LATEST));
            assert_eq!(link.expect("a link"), Path::new("2"));
            assert_eq!(model.latest("log"), Ok(Some(2)));
        }
    }
}
