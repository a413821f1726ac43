//! The records of a repository.

use serde_json::Value;

use super::fields;
use super::record::{Record, is_text};
use crate::catalog::{Catalog, Row, backfill};
use crate::cel::{Expression, Numbers, Scope};
use crate::data::DataRoot;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Faults;
use crate::quirks::{Quirk, Quirks};
use crate::remote::Remote;
use crate::session::{Repository, Session};

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Query<'a> {
    /// The predicate.
    pub predicate: &'a str,
    /// What to take of each record; all of it where there is none.
    pub select: Option<&'a str>,
    /// How many records to give at most. One is given in any case.
    pub limit: Option<f64>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// Whole records.
    Records(Vec<Record>),
    /// What was selected of each; null where that failed.
    Values(Vec<Value>),
}

/// The catalog and the contents of the datastore.
#[derive(Debug)]
pub struct Records {
    catalog: Catalog,
    datastore: Datastore,
    quirks: Quirks,
    faults: Faults,
    remote: Option<Remote>,
}

/// Which content a query needs to look at.
#[derive(Debug, Clone, Copy)]
struct Needs {
    attributes: bool,
    text: bool,
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

    /// Finds records.
    pub fn query(&mut self, query: &Query) -> Result<Wanted> {
        self.fill()?;
        let predicate = fields::predicate(query.predicate)?;
        let select = query.select.map(fields::parsed).transpose()?;
        let used: Vec<&Expression> = [Some(&predicate), select.as_ref()]
            .into_iter()
            .flatten()
            .collect();
        let mentioned = |name: &str| used.iter().any(|expression| expression.mentions(name));
        let text = mentioned("content");
        let attributes = text || mentioned("attributes");
        let mut found = self.matching(&predicate, query.limit, Needs { attributes, text })?;
        let Some(select) = select else {
            if !attributes {
                found = found
                    .into_iter()
                    .map(|record| {
                        self.record(
                            record.row,
                            Needs {
                                attributes: true,
                                text,
                            },
                        )
                    })
                    .collect::<Result<_>>()?;
            }
            self.fetch_foreign(&mut found);
            return Ok(Wanted::Records(found));
        };
        let values = found.iter().map(|record| {
            let scope = scope(&select, record);
            select.evaluate(&scope).unwrap_or_default()
        });
        Ok(Wanted::Values(values.collect()))
    }

    /// The records of the rows that `fits` accepts, with their attributes.
    pub fn rows_where(&mut self, fits: impl Fn(&Row) -> bool) -> Result<Vec<Record>> {
        self.fill()?;
        let rows = self.catalog.rows()?.into_iter();
        rows.filter(|row| fits(row))
            .map(|row| self.whole(row))
            .collect()
    }

    /// The latest record of a model's data, in one namespace or in any. This does not fill the whole catalog: until a
    /// query does, a row counts only while its content is there.
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
        if self.catalog.is_populated()? {
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

    /// The record of a row, with its attributes.
    fn whole(&self, row: Row) -> Result<Record> {
        let needs = Needs {
            attributes: true,
            text: false,
        };
        self.record(row, needs)
    }

    fn fill(&mut self) -> Result<()> {
        backfill::fill(
            &mut self.catalog,
            &self.datastore,
            &self.quirks,
            &self.faults,
        )
    }

    fn matching(
        &self,
        predicate: &Expression,
        limit: Option<f64>,
        needs: Needs,
    ) -> Result<Vec<Record>> {
        let all_versions = fields::opens_history(predicate);
        let mut found = Vec::new();
        for row in self.catalog.rows()? {
            if !all_versions && !row.is_latest {
                continue;
            }
            let record = self.record(row, needs)?;
            // A predicate that fails on a row, or is not a truth value, does not match it.
            let scope = scope(predicate, &record);
            match predicate.evaluate(&scope) {
                Ok(Value::Bool(true)) => found.push(record),
                Ok(Value::Bool(false)) | Err(_) => {}
                Ok(_) if self.quirks.on(Quirk::AnyValueIsAPredicate) => {}
                Ok(_) => {
                    return Err(Failure::refused("The predicate is not a truth value."));
                }
            }
            if limit.is_some_and(|limit| found.len() as f64 >= limit) {
                break;
            }
        }
        Ok(found)
    }

    fn record(&self, row: Row, needs: Needs) -> Result<Record> {
        let is_json = row.content_type == "application/json";
        let content = if needs.attributes && is_json || needs.text && is_text(&row.content_type) {
            self.content(&row)?
        } else {
            None
        };
        Ok(Record::new(row, content.as_deref(), needs.text))
    }

    /// Fetches the content of records of other namespaces from the bucket. What cannot be had stays empty.
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
        model.content(&row.name, row.version)
    }
}

/// The fields of a record that an expression refers to. Numbers are doubles: JavaScript has no others.
fn scope(expression: &Expression, record: &Record) -> Scope {
    let mut scope = Scope::new(Numbers::Doubles);
    let mut set: Vec<&str> = Vec::new();
    for name in expression.names() {
        if !set.contains(&name.as_str())
            && let Some(value) = record.field(name)
        {
            scope.set(name, &value);
            set.push(name);
        }
    }
    scope
}
