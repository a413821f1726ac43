//! `swamp datastore namespace set`.

use serde::Serialize;
use uuid::Uuid;

use crate::datastore::{self, Datastore};
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log;
use crate::namespace::manifest::{self, Manifest};
use crate::namespace::slug;
use crate::quirks::Quirk;
use crate::remote::{Remote, registry};
use crate::repository::Repository;
use crate::session::Session;
use crate::time;

const CATEGORY: &str = "datastore namespace set";

const WARNING: &str = "Existing data remains at the old un-namespaced path. Run 'swamp datastore namespace migrate \
                       --confirm' to move it to the namespaced layout.";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    namespace: String,
    datastore_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
    registration_skipped: bool,
}

/// Assigns a namespace to the repository and claims it in the datastore.
pub fn run(wanted: &str, session: &mut Session) -> Result<()> {
    let mut repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    let repo_id = repository
        .marker
        .repo_id()
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);

    let remote = Remote::of(&repository, &session.env)?;
    if let Err(rejection) = check(wanted, &datastore, remote.as_ref(), &repo_id, session) {
        if session.faults.on(Fault::RejectedSetWrites) {
            remember(&mut repository, wanted)?;
        }
        return Err(rejection);
    }

    if let Some(remote) = &remote
        && !session.quirks.on(Quirk::SetSwitchesBeforeConflict)
    {
        registry::register(remote.bucket.as_ref(), wanted, &repo_id)?;
    }
    remember(&mut repository, wanted)?;
    if let Some(remote) = &remote
        && session.quirks.on(Quirk::SetSwitchesBeforeConflict)
    {
        registry::register(remote.bucket.as_ref(), wanted, &repo_id)?;
    }
    if !session.faults.on(Fault::SetSkipsManifest) {
        let claim = Manifest {
            namespace: wanted.to_owned(),
            repo_id: Some(repo_id.clone()),
            registered_at: Some(time::now()),
        };
        claim.write(&datastore.path)?;
    }
    if let Some(old) = &datastore.namespace
        && *old != wanted
        && !session.quirks.on(Quirk::SetKeepsOldManifest)
    {
        manifest::remove_own(&datastore.path, old, &repo_id)?;
    }
    session.output.info(
        CATEGORY,
        &format!("Namespace set to {}", log::quote(wanted)),
    );

    let warns = session.quirks.on(Quirk::SetWarnsWithoutData) || datastore.holds_solo_data()?;
    let outcome = Outcome {
        namespace: wanted.to_owned(),
        // That of a bucket is the one that the repository would have without it.
        datastore_path: match remote {
            Some(_) => datastore::local_dir(&repository.dir),
            None => datastore.path,
        }
        .to_string_lossy()
        .into_owned(),
        warning: warns.then_some(WARNING),
        registration_skipped: false,
    };
    session.output.result(&outcome, || outcome.for_people())
}

/// Whether the repository may take this namespace.
fn check(
    wanted: &str,
    datastore: &Datastore,
    remote: Option<&Remote>,
    repo_id: &str,
    session: &mut Session,
) -> Result<()> {
    slug::check(wanted, &session.quirks).map_err(Failure::Refused)?;
    match &datastore.namespace {
        Some(current)
            if current == wanted
                && cannot_reclaim(wanted, datastore, session)
                && !session.faults.on(Fault::SetAgainSucceeds) =>
        {
            return Err(Failure::refused(format!(
                "Namespace is already set to \"{wanted}\"."
            )));
        }
        Some(current) if current != wanted => {
            let message = format!(
                "Changing namespace from {} to {}",
                log::quote(current),
                log::quote(wanted)
            );
            session.output.info(CATEGORY, &message);
        }
        _ => {}
    }
    if session.faults.on(Fault::SetIgnoresClaim) {
        return Ok(());
    }
    let mut claims = manifest::list_with(&datastore.path, &session.quirks, &session.faults)?;
    if let Some(remote) = remote {
        // What the cache knows counts where the bucket has it.
        let present = registry::namespaces(remote.bucket.as_ref())?;
        claims.retain(|claim| present.contains(&claim.namespace));
    }
    let Some(claim) = claims.iter().find(|claim| claim.namespace == wanted) else {
        return Ok(());
    };
    let owner = claim.repo_id.as_deref().unwrap_or("undefined");
    // A claim with an empty owner is nobody's.
    if owner.is_empty() || owner == repo_id {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "Namespace \"{wanted}\" is already registered in this datastore by repo {owner}."
    )))
}

/// Whether the claim to the own namespace is there, or is not to be made again.
fn cannot_reclaim(wanted: &str, datastore: &Datastore, session: &Session) -> bool {
    let manifest = datastore.path.join(wanted).join(manifest::FILE_NAME);
    session.quirks.on(Quirk::SetCannotReclaim) || manifest.exists()
}

fn remember(repository: &mut Repository, namespace: &str) -> Result<()> {
    let default_path = datastore::local_dir(&repository.dir);
    repository.marker.set_namespace(namespace, &default_path);
    repository.marker.write(&repository.dir)
}

impl Outcome {
    fn for_people(&self) -> String {
        let mut text = format!(
            "Namespace set to \"{}\"\n  Datastore: {}",
            self.namespace, self.datastore_path
        );
        if let Some(warning) = self.warning {
            text.push_str(&format!("\n\nWarning: {warning}"));
        }
        text
    }
}
