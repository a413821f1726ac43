//! `swamp datastore namespace unset`.

use serde_json::json;

use super::migration;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log;
use crate::namespace::manifest;
use crate::namespace::migrate::Request;
use crate::quirks::Quirk;
use crate::remote::{Remote, registry};
use crate::session::Session;

const CATEGORY: &str = "datastore namespace unset";

/// Goes back to solo mode; with `--migrate`, takes the data along.
pub fn run(migrate: bool, confirm: bool, session: &mut Session) -> Result<()> {
    let mut repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    let Some(current) = datastore.namespace.clone() else {
        if session.faults.on(Fault::UnsetOfNothingSucceeds) {
            return report("", session);
        }
        return Err(Failure::refused(if migrate {
            "No namespace is configured. Nothing to unset or migrate."
        } else {
            "No namespace is currently configured. Nothing to unset."
        }));
    };
    let names = match Remote::of(&repository, &session.env)? {
        Some(remote) => registry::namespaces(remote.bucket.as_ref())?,
        None => manifest::list_with(&datastore.path, &session.quirks, &session.faults)?
            .into_iter()
            .map(|claim| claim.namespace)
            .collect(),
    };
    if names.len() > 1 && !session.faults.on(Fault::UnsetIgnoresOthers) {
        return Err(Failure::refused(format!(
            "Cannot unset namespace: datastore contains {} namespaces ({}). Unsetting is only allowed when a single \
             namespace exists.",
            names.len(),
            names.join(", ")
        )));
    }
    if migrate {
        let request = Request {
            reverse: true,
            confirm,
        };
        migration::run(
            &repository,
            &datastore,
            &current,
            request,
            CATEGORY,
            session,
        )?;
        if request.confirm && !session.faults.on(Fault::UnsetKeepsConfig) {
            repository.marker.unset_namespace();
            repository.marker.write(&repository.dir)?;
        }
        return Ok(());
    }
    if !session.faults.on(Fault::UnsetKeepsConfig) {
        repository.marker.unset_namespace();
        repository.marker.write(&repository.dir)?;
    }
    if !session.quirks.on(Quirk::UnsetKeepsManifest)
        && let Some(repo_id) = repository.marker.repo_id()
    {
        manifest::remove_own(&datastore.path, &current, repo_id)?;
    }
    report(&current, session)
}

fn report(previous: &str, session: &mut Session) -> Result<()> {
    session.output.info(
        CATEGORY,
        &format!("Namespace unset (was {})", log::quote(previous)),
    );
    session
        .output
        .result(&json!({ "previousNamespace": previous }), || {
            format!("Namespace unset (was \"{previous}\")")
        })
}
