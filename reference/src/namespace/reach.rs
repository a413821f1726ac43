//! Which namespaces a command works on: its own, unless a fault makes it forget that.

use super::manifest;
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::faults::Fault;
use crate::session::Session;

/// The own share of the datastore, and by the fault that of each other namespace behind it.
pub fn shares(datastore: &Datastore, fault: Fault, session: &Session) -> Result<Vec<Datastore>> {
    let mut shares = vec![datastore.clone()];
    if session.faults.on(fault) {
        let claims = manifest::list(&datastore.path, &session.quirks)?.into_iter();
        let others = claims.map(|claim| datastore.seen_from(Some(claim.namespace)));
        shares.extend(others.filter(|other| other.namespace != datastore.namespace));
    }
    Ok(shares)
}
