//! The records of a repository.

use serde_json::Value;

use super::fields;
use super::record::{JSON, Record};
use crate::catalog::{Catalog, Row, backfill};
use crate::cel::{Expression, Numbers, Scope};
use crate::data::DataRoot;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::{Fault, Faults};
use crate::quirks::{Quirk, Quirks};
use crate::remote::Remote;
use crate::repository::Repository;
use crate::session::Session;

/// The catalog and the contents of the datastore.
#[derive(Debug)]
pub struct Records {
    catalog: Catalog,
    datastore: Datastore,
    quirks: Quirks,
    faults: Faults,
    remote: Option<Remote>,
}

impl Records {
    /// The records that `repository` can see.
    pub fn open(repository: &Repository, session: &Session) -> Result<Self> {
        Ok(Self {
            catalog: Catalog::open(&repository.dir)?,
            datastore: session.datastore(repository)?,
            quirks: session.quirks.clone(),
            faults: session.faults.clone(),
            remote: Remote::of(repository, &session.env)?,
        })
    }

    /// The namespace of the repository; empty in solo mode.
    pub fn namespace(&self) -> &str {
        self.datastore.namespace.as_deref().unwrap_or_default()
    }

    /// The deviations of the pinned swamp that are on.
    pub fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// The regressions that are on.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The data of the repository itself.
    pub fn own_data(&self) -> DataRoot {
        self.datastore.data()
    }

    /// Finds what meets a predicate, with their contents.
    pub fn query(&mut self, predicate: &str) -> Result<Vec<Record>> {
        self.query_at_most(predicate, None)
    }

    /// The same of the first of them, where there is a limit.
    pub fn query_at_most(&mut self, predicate: &str, limit: Option<f64>) -> Result<Vec<Record>> {
        let found = self.matching_at_most(predicate, limit)?.into_iter();
        let mut found: Vec<_> = found
            .map(|record| self.whole(record.row))
            .collect::<Result<_>>()?;
        self.fetch_foreign(&mut found);
        Ok(found)
    }

    /// What an expression takes of each of those that a query gives. What it takes of their content
    /// is known.
    pub fn project(
        &mut self,
        predicate: &str,
        select: &str,
        limit: Option<f64>,
    ) -> Result<Vec<Value>> {
        let source = if self.quirks.on(Quirk::SelectKnowsNoData) {
            select.to_owned()
        } else {
            select.replace("data.", "")
        };
        let select = Expression::parse(&source).map_err(Failure::Refused)?;
        let found = self.matching_at_most(predicate, limit)?.into_iter();
        let found: Vec<Record> = found
            .map(|record| self.whole(record.row))
            .collect::<Result<_>>()?;
        let mut scope = Scope::new(Numbers::Doubles);
        let mut values = Vec::new();
        for record in found {
            look_at(&record, &select, &mut scope);
            let value = select.evaluate(&scope);
            let missing = |why: &String| {
                why.starts_with("Unknown variable") || why.starts_with("No such key")
            };
            values.push(match value {
                Err(why) if !self.quirks.on(Quirk::SelectSwallowsErrors) && !missing(&why) => {
                    return Err(Failure::Refused(format!("{source}: {why}")));
                }
                value => value.unwrap_or_default(),
            });
        }
        Ok(values)
    }

    /// What an expression takes of each of them; null where that fails.
    pub fn select(&mut self, predicate: &str, select: &str) -> Result<Vec<Value>> {
        let select = Expression::parse(select).map_err(Failure::Refused)?;
        let found = self.matching(predicate)?.into_iter();
        let mut scope = Scope::new(Numbers::Doubles);
        let values = found.map(|record| {
            look_at(&record, &select, &mut scope);
            select.evaluate(&scope).unwrap_or_default()
        });
        Ok(values.collect())
    }

    /// The records of the rows that `fits` accepts, with their attributes.
    pub fn rows_where(&mut self, fits: impl Fn(&Row) -> bool) -> Result<Vec<Record>> {
        self.fill()?;
        let rows = self.catalog.rows()?.into_iter();
        rows.filter(|row| fits(row))
            .map(|row| self.whole(row))
            .collect()
    }

    /// The latest record of a model's data, in one namespace or in any. This does not fill the
    /// whole catalog: until a query does, a row counts only while its content is there.
    pub fn latest(
        &mut self,
        model: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Result<Option<Record>> {
        if !self.quirks.on(Quirk::NoForeignRowsOnFilesystem) {
            backfill::fill_foreign(&mut self.catalog, &self.datastore, &self.quirks)?;
        }
        let row = self.catalog.latest(model, name, namespace)?;
        let is_foreign = |row: &Row| row.namespace != self.namespace();
        let counts =
            !self.quirks.on(Quirk::PulledLatestNotFound) && row.as_ref().is_some_and(is_foreign);
        if counts || self.catalog.is_populated()? {
            return row.map(|row| self.whole(row)).transpose();
        }
        if let Some(row) = self.with_content(row)? {
            return self.whole(row).map(Some);
        }
        backfill::fill_name(
            &mut self.catalog,
            &self.datastore,
            &self.faults,
            model,
            name,
        )?;
        let row = self.catalog.latest(model, name, namespace)?;
        let row = self.with_content(row)?;
        row.map(|row| self.whole(row)).transpose()
    }

    fn with_content(&self, row: Option<Row>) -> Result<Option<Row>> {
        Ok(match row {
            Some(row) if self.content(&row)?.is_some() => Some(row),
            _ => None,
        })
    }

    /// The record of a row, with its content where that is JSON.
    fn whole(&self, row: Row) -> Result<Record> {
        let content = match row.content_type.as_str() {
            JSON => self.content(&row)?,
            _ => None,
        };
        Ok(Record::new(row, content.as_deref()))
    }

    fn fill(&mut self) -> Result<()> {
        backfill::fill(
            &mut self.catalog,
            &self.datastore,
            &self.quirks,
            &self.faults,
        )
    }

    /// The first of the rows that meet a predicate, where there is a limit.
    fn matching_at_most(&mut self, predicate: &str, limit: Option<f64>) -> Result<Vec<Record>> {
        let mut found = self.matching(predicate)?;
        let Some(limit) = limit.filter(|_| !self.faults.on(Fault::LimitIgnored)) else {
            return Ok(found);
        };
        let least = if self.quirks.on(Quirk::LimitZeroGivesOne) {
            1.0
        } else {
            0.0
        };
        // What is more than there can be is no limit.
        let limit = limit.ceil().max(least) as usize;
        found.truncate(limit);
        Ok(found)
    }

    /// The rows that meet a predicate: the newest versions, or all where it speaks of versions.
    fn matching(&mut self, predicate: &str) -> Result<Vec<Record>> {
        self.fill()?;
        let predicate = fields::predicate(predicate)?;
        let speaks_of = |wanted: &str| predicate.names().iter().any(|name| name == wanted);
        let all_versions = speaks_of("version");
        let own = (self.faults.on(Fault::QueryForgetsForeign) && !speaks_of("ns"))
            .then(|| self.namespace().to_owned());
        let mut scope = Scope::new(Numbers::Doubles);
        let mut found = Vec::new();
        for row in self.catalog.rows()? {
            if !row.is_latest && !all_versions {
                continue;
            }
            if own.as_ref().is_some_and(|own| row.namespace != *own) {
                continue;
            }
            let record = Record::new(row, None);
            look_at(&record, &predicate, &mut scope);
            // A predicate that fails on a row, or is not a truth value, does not match it.
            match predicate.evaluate(&scope) {
                Ok(Value::Bool(true)) => found.push(record),
                Ok(Value::Bool(false)) | Err(_) => {}
                Ok(_) if self.quirks.on(Quirk::AnyValueIsAPredicate) => {}
                Ok(_) => {
                    return Err(Failure::refused("The predicate is not a truth value."));
                }
            }
        }
        Ok(found)
    }

    /// Fetches the content of records of other namespaces from the bucket. What cannot be had stays
    /// empty.
    fn fetch_foreign(&self, found: &mut [Record]) {
        let Some(remote) = &self.remote else {
            return;
        };
        let own = self.namespace();
        let is_empty = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty);
        for record in found {
            let row = &record.row;
            if row.namespace == own
                || row.namespace.is_empty()
                || !record.is_json()
                || !is_empty(&record.attributes)
            {
                continue;
            }
            let (kind, id, name, version) =
                (&row.model_type, &row.model_id, &row.name, row.version);
            let key = format!("{}/data/{kind}/{id}/{name}/{version}/raw", row.namespace);
            if let Ok(object) = remote.bucket.get(&key)
                && let Ok(attributes) = serde_json::from_slice(&object.bytes)
            {
                record.attributes = attributes;
            }
        }
    }

    fn content(&self, row: &Row) -> Result<Option<Vec<u8>>> {
        let root = if self.quirks.on(Quirk::ForeignContentMissing) {
            self.datastore.data()
        } else {
            backfill::data_of(&self.datastore, &row.namespace)
        };
        let model = root.model(&row.model_type, &row.model_id);
        let content = model.content(&row.name, row.version)?;
        match &self.remote {
            Some(remote) if content.is_none() && !self.quirks.on(Quirk::LazyQueryLacksContent) => {
                remote.content(&model.content_path(&row.name, row.version))
            }
            _ => Ok(content),
        }
    }
}

/// Sets the fields of a record that an expression refers to. Numbers are doubles: JavaScript has no
/// others.
fn look_at(record: &Record, expression: &Expression, scope: &mut Scope) {
    for name in expression.names() {
        if let Some(value) = record.field(name) {
            scope.set(name, &value);
        }
    }
}
