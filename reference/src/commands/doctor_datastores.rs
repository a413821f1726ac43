//! `swamp doctor datastores`.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::datastore::Datastore;
use crate::diagnosis::completeness::Completeness;
use crate::diagnosis::{health, unmigrated};
use crate::errors::{Failure, Result};
use crate::quirks::Quirk;
use crate::repository::Repository;
use crate::session::Session;

const PREVIEW: &str = "\n  Run with -y to proceed.";

/// Looks at the datastore, or puts right what is wrong with it.
pub fn run(repairs: bool, confirmed: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    if repository
        .marker
        .datastore("type")
        .and_then(Cloud::of_type)
        .is_some()
    {
        return Err(Failure::not_implemented(
            "doctor datastores where the datastore is in a bucket",
        ));
    }
    session.mend_catalog(&repository)?;
    if !repairs {
        return look(&repository, &datastore, session);
    }
    let mut results = Vec::new();
    if let Some(namespace) = &datastore.namespace {
        results.push(repair_root(&datastore, namespace, confirmed, session)?);
    }
    if session.quirks.on(Quirk::RepairConcatenatesJson) {
        // The first result is out before the second one is looked for.
        for result in results.drain(..) {
            put(&result, session)?;
        }
    }
    results.push(repair_catalog(&repository, &datastore, session)?);
    if session.quirks.on(Quirk::RepairConcatenatesJson) {
        results.iter().try_for_each(|result| put(result, session))
    } else {
        put(&json!({ "repairs": results }), session)
    }
}

fn put(result: &Value, session: &mut Session) -> Result<()> {
    if session.output.is_json() {
        session.output.json(result)?;
    }
    Ok(())
}

fn look(repository: &Repository, datastore: &Datastore, session: &mut Session) -> Result<()> {
    session.output.progress("Checking datastore health…");
    let health = health::check(&datastore.path);
    let mut findings = vec![finding("health", health.healthy, health.message)];
    if let Some(namespace) = &datastore.namespace {
        let names = unmigrated::directories(datastore)?;
        findings.push(if names.is_empty() {
            let message = format!("All data is under namespace \"{namespace}\"");
            finding("namespace_migration", true, message)
        } else {
            let message = format!(
                "Un-migrated data found at root level ({}). Run 'swamp datastore namespace migrate' to preview, then \
                 --confirm to move data under the \"{namespace}\" namespace.",
                names.join(", ")
            );
            finding("namespace_migration", false, message)
        });
    }
    let found = Completeness::of(repository, datastore, &session.quirks)?;
    let short = !found.shortfalls.is_empty();
    findings.push(if short {
        let message = format!(
            "Catalog index is missing {} record(s) across {} model type(s) that exist on disk. Queries against them \
             return nothing. Run 'swamp doctor datastores --repair' to preview a rebuild.",
            found.missing(),
            found.shortfalls.len()
        );
        finding("catalog_completeness", false, message)
    } else {
        let count = found.disk_records;
        let message = format!("Catalog index covers all {count} record(s) on disk");
        finding("catalog_completeness", true, message)
    });
    let passed = findings.iter().all(|finding| finding["passed"] == true);
    let result = json!({
        "overallStatus": if passed { "pass" } else { "fail" }, "datastoreType": "filesystem", "isCustom": false,
        "healthFindings": findings, "vaultMismatchFindings": [], "contaminationFinding": null,
        "catalogCompletenessFinding": short.then_some(&found),
    });
    session.output.result(&result, || {
        let mut lines = vec!["\nDatastore type: filesystem".to_owned()];
        for finding in &findings {
            let sign = if finding["passed"] == true {
                '✓'
            } else {
                '✗'
            };
            lines.push(format!(
                "{sign} {}",
                finding["message"].as_str().unwrap_or_default()
            ));
        }
        lines.join("\n")
    })?;
    if passed {
        Ok(())
    } else {
        Err(Failure::Reported)
    }
}

fn finding(check: &str, passed: bool, message: String) -> Value {
    json!({ "check": check, "passed": passed, "message": message })
}

/// Removes what lies at the root and in the namespace too.
fn repair_root(
    datastore: &Datastore,
    namespace: &str,
    confirmed: bool,
    session: &mut Session,
) -> Result<Value> {
    session
        .output
        .progress("Scanning for root-level unmigrated data…");
    let names = unmigrated::directories(datastore)?;
    if names.is_empty() {
        session
            .output
            .progress("No root-level unmigrated data found.");
        return Ok(json!({ "status": "unmigrated_not_needed" }));
    }
    if !confirmed {
        session
            .output
            .progress("\nRoot-level unmigrated data cleanup:");
        for name in &names {
            let claims = session.quirks.on(Quirk::RepairClaimsDuplicates)
                || unmigrated::check(datastore, namespace, name).is_ok();
            session.output.progress(&if claims {
                format!("  Remove {name}/ (duplicate of {namespace}/{name}/)")
            } else {
                format!("  Keep {name}/ (differs from {namespace}/{name}/)")
            });
        }
        session.output.progress(PREVIEW);
        return Ok(json!({
            "status": "unmigrated_preview", "namespace": namespace, "directories": names,
        }));
    }
    let quirks = session.quirks.clone();
    let cleaned = unmigrated::clean(datastore, namespace, &names, &quirks, |name| {
        session.output.progress(&format!(
            "  Checking {name}/ for duplicates against {namespace}/{name}/"
        ));
    })?;
    session.output.progress(&format!(
        "\n✓ Unmigrated data cleanup complete:\n  Removed {} duplicate file(s) from {}",
        cleaned.files,
        cleaned.directories.join(", ")
    ));
    Ok(json!({
        "status": "unmigrated_completed", "namespace": namespace,
        "result": { "removedDirectories": cleaned.directories, "removedFiles": cleaned.files },
    }))
}

/// Looks whether the catalog is short of rows.
fn repair_catalog(
    repository: &Repository,
    datastore: &Datastore,
    session: &mut Session,
) -> Result<Value> {
    session
        .output
        .progress("Comparing the catalog index against data on disk…");
    let found = Completeness::of(repository, datastore, &session.quirks)?;
    if !found.shortfalls.is_empty() {
        return Err(Failure::not_implemented(
            "doctor datastores --repair of a catalog that is short of rows",
        ));
    }
    session
        .output
        .progress("Catalog index matches data on disk.");
    Ok(json!({ "status": "catalog_not_needed" }))
}
