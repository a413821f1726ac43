//! `swamp data prune`.

use serde_json::json;

use crate::catalog::Catalog;
use crate::data::orphans::{self, Orphan};
use crate::datastore::{self, Datastore};
use crate::errors::Result;
use crate::faults::Fault;
use crate::log::quote;
use crate::model::definition;
use crate::namespace::reach;
use crate::quirks::Quirk;
use crate::remote::run::Changes;
use crate::remote::structure::around_structure;
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::Workflow;

const CATEGORY: &str = "data prune";

/// Removes the data of models that are gone.
pub fn run(dry: bool, confirmed: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    if dry {
        let orphans = find(&repository, &datastore, session)?;
        return report(&orphans, true, session);
    }
    around_structure(&repository, &datastore, session, |session, changes| {
        prune(&repository, &datastore, confirmed, changes, session)
    })
}

fn prune(
    repository: &Repository,
    datastore: &Datastore,
    confirmed: bool,
    changes: &Changes,
    session: &mut Session,
) -> Result<()> {
    let orphans = find(repository, datastore, session)?;
    if !confirmed && !session.output.is_json() {
        if orphans.is_empty() {
            session.output.text("No orphaned data to reclaim.");
            return Ok(());
        }
        preview(&orphans, session);
        session.ask()?;
    }
    let mut catalog = Catalog::open(&repository.dir)?;
    for orphan in &orphans {
        for name in &orphan.data_names {
            changes.mark(&orphan.place.data.name_dir(name));
            orphan.place.remove_name(&mut catalog, name)?;
        }
    }
    catalog.close();
    report(&orphans, false, session)
}

/// The data of models that are neither in the repository nor made by a workflow.
fn find(repository: &Repository, datastore: &Datastore, session: &Session) -> Result<Vec<Orphan>> {
    let generated = if session.faults.on(Fault::PruneForgetsGenerated) {
        datastore::local_dir(&repository.dir)
    } else {
        datastore.own_root()
    };
    let generated = generated.join(definition::GENERATED);
    let mut known = definition::all(&repository.dir)?;
    known.extend(definition::below(&generated)?);
    let is_live = |model_type: &str, id: &str| {
        if model_type == "workflow" {
            return Workflow::is_there(&repository.dir, id);
        }
        let mut known = known.iter();
        Ok(known.any(|(it, _)| it.id() == id && it.model_type() == model_type))
    };
    let mut found = Vec::new();
    for share in reach::shares(datastore, Fault::PruneCrossesNamespace, session)? {
        let namespace = share.namespace.as_deref().unwrap_or_default();
        found.extend(orphans::find(&share.data(), namespace, is_live)?);
    }
    Ok(found)
}

fn preview(orphans: &[Orphan], session: &mut Session) {
    let count = orphans.len();
    let message = format!("Prune preview: {count} orphaned model(s) with no live definition");
    session.output.info(CATEGORY, &message);
    for orphan in orphans {
        let (model_type, id) = (&orphan.place.model_type, &orphan.place.model_id);
        let name = orphan.model_name.as_deref();
        let name = name.map(|name| format!("{name} ")).unwrap_or_default();
        let model = if session.quirks.on(Quirk::PrunePreviewGarbled) {
            format!("{}({}/{})", quote(&name), quote(model_type), quote(id))
        } else {
            format!("{name}({model_type}/{id})")
        };
        let (names, versions) = (orphan.data_names.len(), orphan.versions);
        let bytes = orphan.bytes;
        let message =
            format!("  {model}: {names} data entries, {versions} versions, {bytes} bytes");
        session.output.info(CATEGORY, &message);
    }
}

fn report(orphans: &[Orphan], dry: bool, session: &mut Session) -> Result<()> {
    let models = orphans.len();
    let names: usize = orphans.iter().map(|orphan| orphan.data_names.len()).sum();
    let versions: usize = orphans.iter().map(|orphan| orphan.versions).sum();
    let bytes: u64 = orphans.iter().map(|orphan| orphan.bytes).sum();
    if session.output.is_json() {
        let reclaimed = orphans.iter().map(|orphan| {
            json!({
                "type": orphan.place.model_type, "modelId": orphan.place.model_id,
                "modelName": orphan.model_name, "dataNames": orphan.data_names,
                "versionCount": orphan.versions, "bytesReclaimed": orphan.bytes,
            })
        });
        return session.output.json(&json!({
            "modelsReclaimed": models, "dataEntriesReclaimed": names, "versionsDeleted": versions,
            "bytesReclaimed": bytes, "dryRun": dry, "reclaimedModels": reclaimed.collect::<Vec<_>>(),
            "walPagesTotal": 0, "walPagesCheckpointed": 0,
        }));
    }
    let amount = format!(
        "{models} orphaned model(s), {names} data entries, {versions} versions ({bytes} bytes)"
    );
    let message = if dry {
        format!("Prune dry run: would reclaim {amount}")
    } else {
        format!("Prune complete: reclaimed {amount}")
    };
    session.output.info(CATEGORY, &message);
    Ok(())
}
