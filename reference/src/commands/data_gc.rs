//! `swamp data gc`.

use serde_json::json;

use crate::catalog::Catalog;
use crate::data::collection::{self, Amount, Garbage};
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::faults::Fault;
use crate::namespace::reach;
use crate::quirks::Quirk;
use crate::remote::run::Changes;
use crate::remote::structure::around_structure;
use crate::repository::Repository;
use crate::session::Session;

const CATEGORY: &str = "data gc";

/// Collects what has outlived its lifetime, and versions beyond those that are kept.
pub fn run(dry: bool, confirmed: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let mode = Mode { dry, confirmed };
    if dry {
        return collect(&repository, &datastore, mode, &Changes::default(), session);
    }
    around_structure(&repository, &datastore, session, |session, changes| {
        collect(&repository, &datastore, mode, changes, session)
    })
}

/// What a call asks for.
#[derive(Debug, Clone, Copy)]
struct Mode {
    dry: bool,
    confirmed: bool,
}

fn collect(
    repository: &Repository,
    datastore: &Datastore,
    mode: Mode,
    changes: &Changes,
    session: &mut Session,
) -> Result<()> {
    let dry = mode.dry;
    let mut catalog = Catalog::open(&repository.dir)?;
    if !dry && datastore.namespace.is_some() {
        catalog.invalidate()?;
    }
    let garbage = find(datastore, session)?;
    let confirmed = mode.confirmed || session.output.is_json();
    if !dry && !confirmed {
        preview(&garbage, session);
        session.ask()?;
    }
    let mut amount = Amount::default();
    for garbage in &garbage {
        amount += if dry {
            garbage.amount()
        } else {
            for place in garbage.places() {
                changes.mark(&place);
            }
            garbage.collect(&mut catalog)?
        };
    }
    catalog.close();
    report(&garbage, amount, dry, session)
}

fn find(datastore: &Datastore, session: &Session) -> Result<Vec<Garbage>> {
    let mut found = Vec::new();
    for share in reach::shares(datastore, Fault::GcCrossesNamespace, session)? {
        let runs = share.own_root().join("workflow-runs");
        let namespace = share.namespace.as_deref().unwrap_or_default();
        found.extend(collection::find(&share.data(), namespace, &runs)?);
    }
    Ok(found)
}

fn preview(garbage: &[Garbage], session: &mut Session) {
    let expired: usize = garbage.iter().map(|garbage| garbage.expired.len()).sum();
    session.output.info(
        CATEGORY,
        &format!("GC preview: {expired} expired data items"),
    );
    let excess: Vec<_> = garbage.iter().map(Garbage::excess_versions).collect();
    let models = excess.iter().filter(|count| **count > 0).count();
    if models > 0 {
        let versions: usize = excess.iter().sum();
        session.output.info(
            CATEGORY,
            &format!("version gc: {models} models with {versions} excess versions"),
        );
    }
}

fn report(garbage: &[Garbage], amount: Amount, dry: bool, session: &mut Session) -> Result<()> {
    let expired: Vec<_> = garbage
        .iter()
        .flat_map(|garbage| &garbage.expired)
        .collect();
    let versions = amount.expired_versions + amount.excess_versions;
    if session.output.is_json() {
        return session.output.json(&json!({
            "dataEntriesExpired": expired.len(), "versionsDeleted": versions, "bytesReclaimed": amount.bytes,
            "dryRun": dry, "expiredEntries": expired, "walPagesTotal": 0, "walPagesCheckpointed": 0,
        }));
    }
    let excess = if session.quirks.on(Quirk::GcCountsExpiredAsExcess) {
        versions
    } else {
        amount.excess_versions
    };
    let (items, bytes) = (expired.len(), amount.bytes);
    if dry {
        let message = format!(
            "GC dry run: would delete {items} expired items, would reclaim {excess} excess versions ({bytes} bytes)"
        );
        session.output.info(CATEGORY, &message);
        return Ok(());
    }
    let message = format!(
        "GC complete: deleted {items} expired items, {excess} excess versions reclaimed ({bytes} bytes)"
    );
    session.output.info(CATEGORY, &message);
    session
        .output
        .info(CATEGORY, "WAL checkpointed and truncated");
    Ok(())
}
