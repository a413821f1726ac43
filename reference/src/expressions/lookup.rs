//! What `data.*` functions in expressions look up.

use std::path::PathBuf;

use serde_json::Value;

use crate::catalog::Row;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::model::definition;
use crate::query::{Record, Records};
use crate::quirks::Quirk;
use crate::repository::Repository;
use crate::session::Session;

/// The data that expressions of one repository can see.
#[derive(Debug)]
pub struct Lookup {
    records: Records,
    repo: PathBuf,
}

/// The namespaces that a name asks for: `m`, `ns:m`, `*:m`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Where {
    Own,
    One(String),
    Any,
}

impl Lookup {
    /// The data that `repository` can see.
    pub fn open(repository: &Repository, session: &Session) -> Result<Self> {
        Ok(Self {
            records: Records::open(repository, session)?,
            repo: repository.dir.clone(),
        })
    }

    /// `data.latest`: the newest version.
    pub fn latest(&mut self, model: &str, name: &str) -> Result<Option<Record>> {
        let (place, bare) = parsed(model)?;
        if place == Where::Any {
            let found = self
                .records
                .rows_where(|row| row.is_latest && row.model_name == bare && row.name == name)?;
            return Ok(self.unambiguous(found, bare)?.into_iter().next());
        }
        let own = self.records.namespace().to_owned();
        let wanted = match &place {
            Where::One(namespace) => namespace.clone(),
            _ => own.clone(),
        };
        if (wanted == own || self.records.quirks().on(Quirk::LatestIgnoresNamespace))
            && let Some(record) = self.latest_of_own_model(bare, name)?
        {
            return Ok(Some(record));
        }
        // A solo repository takes what it finds, whatever the namespace.
        let solo = place == Where::Own && own.is_empty();
        let found = self
            .records
            .latest(bare, name, (!solo).then_some(wanted.as_str()))?;
        let leaks = self.records.faults().on(Fault::ForeignRowsLeakIntoLatest);
        if found.is_none() && leaks && place == Where::Own {
            return self.records.latest(bare, name, None);
        }
        Ok(found)
    }

    /// The newest version of a model that the repository defines, as it lies on the disk.
    fn latest_of_own_model(&self, model: &str, name: &str) -> Result<Option<Record>> {
        for (definition, _) in definition::all(&self.repo)? {
            if definition.name() != model {
                continue;
            }
            let (model_type, id) = (definition.model_type(), definition.id());
            let data = self.records.own_data().model(&model_type, id);
            let Some(metadata) = data.find(name, None)? else {
                continue;
            };
            let mut row = Row::new(self.records.namespace(), &model_type, id, &metadata);
            row.model_name = model.to_owned();
            let content = data.content(&row.name, row.version)?;
            return Ok(Some(Record::new(row, content.as_deref())));
        }
        Ok(None)
    }

    /// `data.version`: one version.
    pub fn version(&mut self, model: &str, name: &str, version: u64) -> Result<Option<Record>> {
        let found = self.versions(model, |row| row.name == name && row.version == version)?;
        Ok(found.into_iter().next())
    }

    /// `data.listVersions`: the numbers of all versions, in rising order.
    pub fn list_versions(&mut self, model: &str, name: &str) -> Result<Vec<u64>> {
        let found = self.versions(model, |row| row.name == name)?;
        let mut versions: Vec<u64> = found.iter().map(|record| record.row.version).collect();
        versions.sort_unstable();
        Ok(versions)
    }

    /// `data.findBySpec`: the newest version of everything of a kind.
    pub fn find_by_spec(&mut self, model: &str, spec: &str) -> Result<Vec<Record>> {
        let found = self.versions(model, |row| row.is_latest && row.spec_name == spec)?;
        Ok(without_repetitions(found))
    }

    /// `data.findByTag`: the newest version of everything with a tag, in the own namespace.
    pub fn find_by_tag(&mut self, key: &str, value: &str) -> Result<Vec<Record>> {
        let own = self.records.namespace().to_owned();
        let has_tag = |row: &Row| {
            let tags: Option<Value> = serde_json::from_str(&row.tags).ok();
            tags.is_some_and(|tags| tags.get(key).and_then(Value::as_str) == Some(value))
        };
        let found = self
            .records
            .rows_where(|row| row.is_latest && row.namespace == own && has_tag(row))?;
        Ok(without_repetitions(found))
    }

    /// `data.query`: whatever a predicate says, in all namespaces.
    pub fn query(&mut self, predicate: &str, select: Option<&str>) -> Result<Value> {
        Ok(match select {
            None => list(self.records.query(predicate)?),
            Some(select) => self.records.select(predicate, select)?.into(),
        })
    }

    /// The rows of a model that `fits` accepts.
    fn versions(&mut self, model: &str, fits: impl Fn(&Row) -> bool) -> Result<Vec<Record>> {
        let (place, bare) = parsed(model)?;
        let own = self.records.namespace().to_owned();
        let is_there = |row: &Row| match &place {
            Where::Own => row.namespace == own,
            Where::One(namespace) => row.namespace == *namespace,
            Where::Any => true,
        };
        let found = self
            .records
            .rows_where(|row| row.model_name == bare && is_there(row) && fits(row))?;
        if place == Where::Any {
            return self.unambiguous(found, bare);
        }
        Ok(found)
    }

    /// Refuses what several namespaces have.
    fn unambiguous(&self, found: Vec<Record>, model: &str) -> Result<Vec<Record>> {
        let mut namespaces: Vec<&str> = found.iter().map(|r| r.row.namespace.as_str()).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        if namespaces.len() < 2 || self.records.faults().on(Fault::WildcardPicksFirst) {
            return Ok(found);
        }
        Err(Failure::refused(format!(
            "Ambiguous: \"{model}\" exists in namespaces [{}], qualify with a namespace prefix",
            namespaces.join(", ")
        )))
    }
}

/// The namespaces that a name asks for, and the name of the model.
fn parsed(name: &str) -> Result<(Where, &str)> {
    let invalid = |why: String| Failure::broken(format!("Invalid namespaced model name: {why}"));
    if name.is_empty() {
        return Err(invalid("input is empty".to_owned()));
    }
    match name.split_once(':') {
        None => Ok((Where::Own, name)),
        Some((_, "")) => Err(invalid(format!("model name is empty in {name:?}"))),
        Some(("", model)) => Ok((Where::Own, model)),
        Some(("*", model)) => Ok((Where::Any, model)),
        Some((namespace, model)) => Ok((Where::One(namespace.to_owned()), model)),
    }
}

/// Records as expressions see them.
pub fn list(records: Vec<Record>) -> Value {
    records.iter().map(Record::to_value).collect()
}

/// One record for each name: a model that was deleted and made anew has another id, but its data
/// the same name. The youngest counts, at the place of the first.
fn without_repetitions(found: Vec<Record>) -> Vec<Record> {
    let mut kept: Vec<Record> = Vec::new();
    for record in found {
        let same = |other: &&mut Record| {
            let (a, b) = (&record.row, &other.row);
            if a.model_name.is_empty() || b.model_name.is_empty() {
                return a.id == b.id;
            }
            (&a.model_name, &a.name, &a.step_name) == (&b.model_name, &b.name, &b.step_name)
        };
        match kept.iter_mut().find(same) {
            Some(other) if record.row.created_at > other.row.created_at => *other = record,
            Some(_) => {}
            None => kept.push(record),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_say_where() {
        assert_eq!(parsed("m"), Ok((Where::Own, "m")));
        assert_eq!(parsed(":m"), Ok((Where::Own, "m")));
        assert_eq!(parsed("*:m"), Ok((Where::Any, "m")));
        assert_eq!(parsed("a:b:c"), Ok((Where::One("a".to_owned()), "b:c")));
        for (name, message) in [
            ("", "Invalid namespaced model name: input is empty"),
            (
                ":",
                "Invalid namespaced model name: model name is empty in \":\"",
            ),
            (
                "a:",
                "Invalid namespaced model name: model name is empty in \"a:\"",
            ),
        ] {
            let error = parsed(name).expect_err("no name");
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn the_youngest_of_a_name_counts() {
        let record = |name: &str, step: &str, id: &str, at: &str| {
            let row = Row {
                model_name: "m".to_owned(),
                name: name.to_owned(),
                step_name: step.to_owned(),
                id: id.to_owned(),
                created_at: at.to_owned(),
                ..Row::default()
            };
            Record::new(row, None)
        };
        let found = vec![
            record("a", "", "1", "2026-01-01"),
            record("b", "", "2", "2026-01-02"),
            record("a", "", "3", "2026-01-03"),
            record("a", "s", "4", "2026-01-01"),
            record("b", "", "5", "2026-01-01"),
        ];
        let kept = without_repetitions(found);
        let ids: Vec<_> = kept.iter().map(|record| record.row.id.as_str()).collect();
        assert_eq!(ids, ["3", "2", "4"]);
    }
}
