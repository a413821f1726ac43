//! `swamp datastore namespace list`.

use serde::Serialize;

use crate::errors::Result;
use crate::faults::Fault;
use crate::namespace::manifest::{self, Manifest};
use crate::quirks::Quirk;
use crate::remote::{Remote, registry};
use crate::render::table;
use crate::session::Session;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    namespaces: Vec<Entry>,
    // Outer none: the key is left out. Inner none: it is null.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_namespace: Option<Option<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_at: Option<String>,
    is_current: bool,
}

/// Lists the namespaces that are claimed in the datastore.
pub fn run(quiet: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    let marks_current = !session.faults.on(Fault::ListForgetsCurrent);
    let claims = match Remote::of(&repository, &session.env)? {
        Some(remote) => claims_in(&remote, session)?,
        None => manifest::list_with(&datastore.path, &session.quirks, &session.faults)?,
    };
    let namespaces = claims
        .into_iter()
        .map(|claim| Entry {
            is_current: marks_current && Some(&claim.namespace) == datastore.namespace.as_ref(),
            namespace: claim.namespace,
            repo_id: claim.repo_id,
            registered_at: claim.registered_at,
        })
        .collect();
    let current_namespace = match datastore.namespace {
        None if session.quirks.on(Quirk::EmptyListOmitsCurrent) => None,
        namespace => Some(namespace),
    };
    let listing = Listing {
        namespaces,
        current_namespace,
    };
    if session.faults.on(Fault::EmptyListPrintsTable) {
        return session.output.result(&listing, || listing.table());
    }
    let speaks = session.quirks.on(Quirk::EmptyListSpeaks) && !quiet;
    session
        .output
        .result(&listing, || listing.for_people(speaks))
}

/// The namespaces of a bucket. By the quirk, whose they are is not looked up.
fn claims_in(remote: &Remote, session: &Session) -> Result<Vec<Manifest>> {
    let bucket = remote.bucket.as_ref();
    let names = registry::namespaces(bucket)?.into_iter();
    if !session.quirks.on(Quirk::CloudListOmitsOwner) {
        let claims = names.map(|namespace| registry::claim(bucket, &namespace));
        return Ok(claims.collect::<std::result::Result<_, _>>()?);
    }
    let claim = |namespace| Manifest {
        namespace,
        repo_id: Some(String::new()),
        registered_at: Some(String::new()),
    };
    Ok(names.map(claim).collect())
}

impl Listing {
    fn for_people(&self, speaks_when_empty: bool) -> String {
        if self.namespaces.is_empty() {
            return if speaks_when_empty {
                "No namespaces registered in this datastore.".to_owned()
            } else {
                String::new()
            };
        }
        self.table()
    }

    fn table(&self) -> String {
        let or_dash = |text: &Option<String>, most: usize| match text.as_deref() {
            None | Some("") => "-".to_owned(),
            Some(text) => text.chars().take(most).collect(),
        };
        let rows = self.namespaces.iter().map(|entry| {
            let (repo_id, date) = (
                or_dash(&entry.repo_id, usize::MAX),
                or_dash(&entry.registered_at, 10),
            );
            let mark = if entry.is_current { "*" } else { "" };
            [entry.namespace.clone(), repo_id, date, mark.to_owned()]
        });
        table::render(["namespace", "repoId", "registeredAt", "current"], rows)
    }
}
