//! The replies of the commands about reports: their types, and what their values must be.
#![allow(dead_code, reason = "each field is there to be required")]

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::values::{Id, Time, present};
use super::{Fault, Said, ensure, same};
use crate::forms::metadata::Metadata;

/// `report search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportSearch {
    query: String,
    results: Vec<FoundReport>,
}

/// A report that was found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FoundReport {
    report_name: String,
    report_scope: String,
    model_id: Id,
    model_name: String,
    model_type: String,
    version: u64,
    created_at: Time,
    #[serde(default, deserialize_with = "present")]
    workflow_name: Option<String>,
    data_name: String,
    /// Both are told by `report get`.
    #[serde(default, deserialize_with = "present")]
    markdown: Option<String>,
    #[serde(default, deserialize_with = "present")]
    json: Option<Map<String, Value>>,
}

/// What was found lies in the own namespace as it is told, the youngest first.
pub(super) fn search(said: &Said<'_>, reply: &ReportSearch) -> Result<(), Fault> {
    let mut older = None;
    for it in &reply.results {
        let place = said.version_of_report(it)?;
        ensure(
            Said::is_latest(&place) == Some(true),
            "there is a newer version",
        )?;
        ensure(
            it.markdown.is_none() && it.json.is_none(),
            "it tells too much",
        )?;
        let sorted = older.is_none_or(|older| it.created_at.0 <= older);
        ensure(sorted, "the youngest does not come first")?;
        older = Some(it.created_at.0);
    }
    Ok(())
}

/// `report get`: what was asked for, with its text and what it has for programs.
pub(super) fn get(said: &Said<'_>, name: &str, reply: &FoundReport) -> Result<(), Fault> {
    same("reportName", reply.report_name.as_str(), name)?;
    let place = said.version_of_report(reply)?;
    let newest = said.has("--version") || Said::is_latest(&place) == Some(true);
    ensure(newest, "there is a newer version")?;
    let text = read(&place.join("raw"))?;
    same("markdown", reply.markdown.as_deref(), Some(text.as_str()))?;
    let beside = place.parent().and_then(|dir| dir.parent());
    let beside = beside.ok_or("it lies nowhere")?;
    let beside = beside.join(format!("{}-json", reply.data_name));
    let json = read(&beside.join(reply.version.to_string()).join("raw"))?;
    let json: Map<String, Value> = serde_json::from_str(&json).map_err(|e| e.to_string())?;
    same("json", reply.json.as_ref(), Some(&json))
}

fn read(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

impl Said<'_> {
    /// Where the version of a report lies in the own namespace, which is as it is told.
    fn version_of_report(&self, it: &FoundReport) -> Result<PathBuf, Fault> {
        let of = (it.model_type.as_str(), &it.model_id);
        let place = self.version_of(self.own_namespace()?, of, &it.data_name, it.version)?;
        let there = Metadata::read(&place)?.ok_or("what it found is not there")?;
        same("createdAt", &it.created_at, &there.created_at)?;
        same(
            "reportName",
            Some(it.report_name.as_str()),
            there.tag("reportName"),
        )?;
        same(
            "reportScope",
            Some(it.report_scope.as_str()),
            there.tag("reportScope"),
        )?;
        let of_workflow = it.model_type == "workflow";
        let workflow = of_workflow.then_some(it.model_name.as_str());
        same("workflowName", it.workflow_name.as_deref(), workflow)?;
        Ok(place)
    }
}
