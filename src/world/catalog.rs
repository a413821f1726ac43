//! The catalog of a repo: its tables are those that swamp makes, and its rows say of each version of
//! data what its metadata says. Queries read the rows alone, and a later command may put right what
//! an earlier one left wrong, so that it is looked at after every command that writes data.
//!
//! It is opened so that swamp does not notice: as it lies there where all of it is in one file, and
//! else as a copy.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::look::Look;
use crate::forms::metadata::Metadata;
use crate::forms::reply::values::{Id, Time};
use crate::forms::reply::{ensure, same};

/// What swamp keeps in a catalog.
const TABLES: [&str; 2] = ["catalog", "catalog_meta"];

/// How swamp finds rows there. What SQLite makes by itself is not among them.
const INDEXES: [&str; 9] = [
    "idx_catalog_created_at",
    "idx_catalog_data_type",
    "idx_catalog_is_latest",
    "idx_catalog_latest_lookup",
    "idx_catalog_model_name",
    "idx_catalog_spec_name",
    "idx_catalog_step_name",
    "idx_catalog_workflow_run_id",
    "idx_namespace",
];

/// A row of a catalog, and of an export of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub namespace: String,
    pub type_normalized: String,
    pub model_id: Id,
    pub data_name: String,
    pub id: Id,
    pub version: u64,
    pub is_latest: u8,
    pub model_name: String,
    pub spec_name: String,
    pub data_type: String,
    pub content_type: String,
    pub lifetime: String,
    pub owner_type: String,
    pub streaming: u8,
    pub size: u64,
    pub created_at: Time,
    pub tags: String,
    pub owner_ref: String,
    pub workflow_run_id: String,
    pub workflow_name: String,
    pub job_name: String,
    pub step_name: String,
    pub source: String,
}

impl Row {
    /// For people.
    pub fn name(&self) -> String {
        let (namespace, name, version) = (&self.namespace, &self.data_name, self.version);
        format!(
            "the row of {name} {version} of {} in \"{namespace}\"",
            self.model_name
        )
    }

    /// Where the metadata of its version lies in a datastore.
    pub fn place(&self) -> String {
        let (kind, model) = (&self.type_normalized, &self.model_id.0);
        let (name, version) = (&self.data_name, self.version);
        let inner = format!("data/{kind}/{model}/{name}/{version}/metadata.yaml");
        if self.namespace.is_empty() {
            inner
        } else {
            format!("{}/{inner}", self.namespace)
        }
    }

    /// What one version after another is of: those of another step have a newest one of their own.
    fn data(&self) -> [&str; 5] {
        [
            &self.namespace,
            &self.type_normalized,
            &self.model_id.0,
            &self.data_name,
            &self.step_name,
        ]
    }

    /// Whether it says what the metadata says.
    pub fn held(&self, it: &Metadata) -> Result<(), String> {
        let owner = &it.owner_definition;
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let id = |id: &Option<Id>| id.as_ref().map(|id| id.0.clone()).unwrap_or_default();
        same("id", &self.id, &it.id)?;
        same("size", &self.size, &it.size)?;
        same("created_at", &self.created_at, &it.created_at)?;
        same("content_type", &self.content_type, &it.content_type)?;
        same("lifetime", &self.lifetime, &it.lifetime)?;
        same("streaming", &self.streaming, &u8::from(it.streaming))?;
        same("owner_type", &self.owner_type, &owner.owner_type)?;
        same("owner_ref", &self.owner_ref, &owner.owner_ref.0)?;
        let tags: Option<Map<String, Value>> = serde_json::from_str(&self.tags).ok();
        same("tags", &tags.as_ref(), &Some(&it.tags))?;
        for (field, is, must) in [
            ("model_name", &self.model_name, it.tag("modelName")),
            ("spec_name", &self.spec_name, it.tag("specName")),
            ("data_type", &self.data_type, it.tag("type")),
        ] {
            same(field, &is.as_str(), &must.unwrap_or_default())?;
        }
        for (field, is, must) in [
            (
                "workflow_run_id",
                &self.workflow_run_id,
                id(&owner.workflow_run_id),
            ),
            (
                "workflow_name",
                &self.workflow_name,
                optional(&owner.workflow_name),
            ),
            ("job_name", &self.job_name, optional(&owner.job_name)),
            ("step_name", &self.step_name, optional(&owner.step_name)),
            ("source", &self.source, optional(&owner.source)),
        ] {
            same(field, is, &must)?;
        }
        Ok(())
    }
}

/// Of each piece of data the newest version is the latest one, and no other. One that was removed
/// may have been the latest of its step: then none is.
pub(super) fn one_is_latest(rows: &[Row]) -> Result<(), String> {
    let mut newest: HashMap<_, &Row> = HashMap::new();
    for row in rows {
        ensure(
            row.version > 0 && !row.data_name.is_empty(),
            &format!("{} is about data that cannot be", row.name()),
        )?;
        ensure(
            row.is_latest <= 1 && row.streaming <= 1,
            &format!("{} is about data that cannot be", row.name()),
        )?;
        let newest = newest.entry(row.data()).or_insert(row);
        if newest.version < row.version {
            *newest = row;
        }
    }
    let stale = |row: &&Row| row.is_latest == 1 && newest[&row.data()].version != row.version;
    rows.iter().find(stale).map_or(Ok(()), |row| {
        Err(format!("{} is the latest, and not the newest", row.name()))
    })
}

/// All metadata that was seen in the world, by its place in a datastore: where it lay.
#[derive(Debug, Default)]
pub(super) struct Versions {
    of: HashMap<String, Vec<PathBuf>>,
}

impl Versions {
    /// Adds what there is now, and was not `before`.
    pub fn add(&mut self, before: &Look, now: &Look) {
        for path in now.keys() {
            let known = |path: &str| path.ends_with("/metadata.yaml");
            let Some(text) = path.to_str().filter(|path| known(path)) else {
                continue;
            };
            if before.contains_key(path) {
                continue;
            }
            let Some(at) = text.find("/data/") else {
                continue;
            };
            let slug = text[..at].rfind('/').map_or(0, |slash| slash + 1);
            // With the directory above it, which may be a namespace, and without.
            for name in [&text[slug..], &text[at + 1..]] {
                let known = self.of.entry(name.to_owned()).or_default();
                known.push(path.into());
            }
        }
    }
}

/// The data of a repo: the directory of its datastore below the root, and its namespace.
#[derive(Debug)]
pub(super) struct Own {
    pub datastore: PathBuf,
    pub namespace: String,
}

/// The catalog at `path` below `root`, and what it is held against.
#[derive(Debug)]
pub(super) struct Catalog<'a> {
    pub root: &'a Path,
    pub path: &'a Path,
    /// None if nobody can tell.
    pub own: Option<Own>,
    pub versions: &'a Versions,
    /// What there is now.
    pub now: &'a Look,
    /// The versions that commands wrote just now.
    pub made: &'a [&'a Path],
    /// Whether it may tell of what never was, as an export that a scenario forged.
    pub forged: bool,
}

impl Catalog<'_> {
    /// The metadata that it has rows of, and what is wrong with it; none for one that nobody can
    /// read: that is what a scenario made of it.
    pub fn look(&self) -> Option<(HashSet<PathBuf>, Option<String>)> {
        let content = read(&self.root.join(self.path), self.root.parent()?)?;
        let mut places = HashSet::new();
        let fault = self.judge(&content, &mut places).err();
        Some((places, fault))
    }

    fn judge(&self, content: &Content, places: &mut HashSet<PathBuf>) -> Result<(), String> {
        let tables = &content.tables;
        let why = format!("its tables are {tables:?}, and must be {TABLES:?}");
        ensure(*tables == TABLES, &why)?;
        let beside = &content.beside;
        let why = format!("its indexes and numbers are {beside:?}, and must be {INDEXES:?}");
        ensure(*beside == INDEXES, &why)?;
        let rows = content.rows.iter().map(|row| {
            let row: Result<Row, _> = serde_json::from_value(row.clone());
            row.map_err(|e| format!("a row is about data that cannot be: {e}"))
        });
        let rows = rows.collect::<Result<Vec<Row>, _>>()?;
        for row in &rows {
            self.about_data(row)
                .map_err(|why| format!("{}: {why}", row.name()))?;
        }
        one_is_latest(&rows)?;
        for (name, value) in &content.meta {
            let known = match name.as_str() {
                "schema_version" => value == "4",
                "populated" => value == "true",
                _ => name.starts_with("foreign_synced:"),
            };
            ensure(known, &format!("it says of itself {name}: {value}"))?;
        }
        let Some(own) = &self.own else { return Ok(()) };
        // The newest of what a run wrote is the latest of its step, or of no step.
        let new = |row: &&Row| {
            self.made
                .contains(&own.datastore.join(row.place()).as_path())
        };
        for row in rows.iter().filter(new) {
            let mut same = rows.iter().filter(|other| other.data() == row.data());
            let latest = same.any(|other| other.is_latest == 1);
            ensure(latest, &format!("{} is not the latest", row.name()))?;
        }
        let rows = rows.iter().map(|row| own.datastore.join(row.place()));
        places.extend(rows);
        let dir = own.dir();
        let lost = |path: &&Path| {
            path.starts_with(&dir) && !places.contains(*path) && !is_renamed(self.root, path)
        };
        let why = |path: &Path| Err(format!("there is no row of {}", path.display()));
        if let Some(path) = self.made.iter().copied().find(lost) {
            return why(path);
        }
        // Only then it is said to have them all.
        if content.meta.get("populated").map(String::as_str) != Some("true") {
            return Ok(());
        }
        let there = self.now.keys().map(Path::new);
        let mut there = there.filter(|path| path.ends_with("metadata.yaml"));
        there.find(lost).map_or(Ok(()), why)
    }

    /// Whether a row is about data that is there, or was, and says what that says.
    fn about_data(&self, row: &Row) -> Result<(), String> {
        let place = row.place();
        let known = self.versions.of.get(&place);
        let Some(known) = known else {
            let why = "there never was such a version";
            return ensure(self.forged, why);
        };
        let own = self.own.as_ref().map(|own| own.datastore.join(&place));
        let first = own.iter().filter(|path| known.contains(path));
        let mut fault = Ok(());
        for path in first.chain(known) {
            let dir = self.root.join(path.with_file_name(""));
            // It may have been removed since.
            let Ok(Some(it)) = Metadata::read(&dir) else {
                continue;
            };
            fault = row.held(&it);
            if fault.is_ok() || own.as_ref() == Some(path) {
                return fault;
            }
        }
        fault
    }
}

/// Whether a version is of data that got another name then or later: no catalog need have a row of
/// it, though the name may have come back since.
pub(super) fn is_renamed(root: &Path, metadata: &Path) -> bool {
    let number = |dir: &Path| dir.file_name()?.to_str()?.parse::<u64>().ok();
    let (Some(version), Some(name)) = (metadata.parent(), metadata.ancestors().nth(2)) else {
        return false;
    };
    let since = number(version);
    let versions = fs::read_dir(root.join(name))
        .into_iter()
        .flatten()
        .flatten();
    let mut later = versions
        .map(|entry| entry.path())
        .filter(|dir| number(dir) >= since);
    later.any(|dir| {
        let metadata = Metadata::read(&dir).ok().flatten();
        metadata.is_some_and(|it| it.renamed_to.is_some())
    })
}

impl Own {
    /// The directory of its namespace.
    fn dir(&self) -> PathBuf {
        if self.namespace.is_empty() {
            self.datastore.join("data")
        } else {
            self.datastore.join(&self.namespace).join("data")
        }
    }
}

/// What is in a database.
struct Content {
    tables: Vec<String>,
    /// Its indexes, and the numbers that a program may give to a database, where they are not 0.
    beside: Vec<String>,
    rows: Vec<Value>,
    /// What it says of itself.
    meta: HashMap<String, String>,
}

/// Reads the database at `path`. Copies lie below `beside`.
fn read(path: &Path, beside: &Path) -> Option<Content> {
    let log = path.with_extension("db-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let copies = tempfile::tempdir_in(beside).ok()?;
        let copy = copies.path().join("copy.db");
        fs::copy(path, &copy).ok()?;
        fs::copy(&log, copies.path().join("copy.db-wal")).ok()?;
        return content(&Connection::open(&copy).ok()?);
    }
    let name = path.to_str()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let uri = format!("file:{}?immutable=1", escaped(name));
    content(&Connection::open_with_flags(uri, flags).ok()?)
}

/// A path as part of a URI of SQLite.
fn escaped(path: &str) -> String {
    path.replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}

fn content(catalog: &Connection) -> Option<Content> {
    let names =
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view', 'trigger') ORDER BY name";
    let beside = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL \
                  UNION ALL SELECT 'user_version' FROM pragma_user_version WHERE user_version <> 0 \
                  UNION ALL SELECT 'application_id' FROM pragma_application_id \
                  WHERE application_id <> 0 ORDER BY name";
    let texts = |sql| -> Option<Vec<String>> {
        let mut found = catalog.prepare(sql).ok()?;
        let texts = found.query_map([], |row| row.get(0)).ok()?;
        texts.collect::<Result<_, _>>().ok()
    };
    let (tables, beside) = (texts(names)?, texts(beside)?);
    let (mut rows, mut meta) = (Vec::new(), HashMap::new());
    if tables == TABLES {
        let mut found = catalog
            .prepare("SELECT key, value FROM catalog_meta")
            .ok()?;
        let pairs = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        meta = pairs.ok()?.collect::<Result<_, _>>().ok()?;
        let mut found = catalog.prepare("SELECT * FROM catalog").ok()?;
        let columns: Vec<String> = found.column_names().map(str::to_owned).collect();
        let mut each = found.query([]).ok()?;
        while let Some(row) = each.next().ok()? {
            let values = columns.iter().enumerate();
            let values =
                values.map(|(at, name)| Some((name.clone(), value(row.get_ref(at).ok()?))));
            rows.push(Value::Object(values.collect::<Option<Map<_, _>>>()?));
        }
    }
    Some(Content {
        tables,
        beside,
        rows,
        meta,
    })
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
    }
}
