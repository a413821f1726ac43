//! What `namespace migrate` and `namespace unset --migrate` have in common: the preview, the
//! migration and how both are told.

use std::path::Path;

use serde_json::{Value, json};

use crate::catalog::notify;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::{self, Level};
use crate::namespace::manifest;
use crate::namespace::migrate::execute::Left;
use crate::namespace::migrate::plan::Move;
use crate::namespace::migrate::{self, Interrupted, Plan, Request, Watcher};
use crate::quirks::Quirk;
use crate::remote::keys::EXPORT;
use crate::remote::{Remote, registry};
use crate::render::size;
use crate::repository::Repository;
use crate::session::Session;

const PULL_FIRST: &str =
    " If data was pushed to a remote, run 'swamp datastore sync --pull' first.";

const PUSH_NEXT: &str = "\n\nThis is an extension datastore. Run 'swamp datastore sync --push' to sync the new layout to \
                         the remote.";

/// Shows what there is to move and, where that is confirmed, moves it. `category` names the command
/// in log lines.
pub fn run(
    repository: &Repository,
    datastore: &Datastore,
    namespace: &str,
    request: Request,
    category: &str,
    session: &mut Session,
) -> Result<()> {
    let remote = Remote::of(repository, &session.env)?;
    let in_cloud = remote.is_some();
    let plan = Plan::make(
        &repository.dir,
        datastore,
        namespace,
        request,
        &session.quirks,
        &session.faults,
    )?;
    if plan.moves.is_empty() {
        let hint = if request.reverse { PULL_FIRST } else { "" };
        return session.output.result(&preview(&plan, in_cloud), || {
            format!("Nothing to migrate — data is already in the namespace directory.{hint}")
        });
    }
    if !request.confirm {
        return show_preview(plan, in_cloud, session);
    }
    session.output.progress(&preview_for_people(&plan));
    let mut teller = Teller {
        category,
        session,
        left: Vec::new(),
    };
    let faults = teller.session.faults.clone();
    let outcome = migrate::execute(&plan, &faults, &mut teller);
    let left = teller.left;
    let succeeded = match outcome {
        Ok(succeeded) => succeeded,
        Err(interrupted) => return break_off(interrupted, repository, session),
    };
    notify::invalidate(repository)?;
    let message = "Catalog invalidated — will rebuild on next access";
    session.output.info(category, message);
    if let Some(remote) = &remote {
        remote.sync(session).mark_dirty(None)?;
        session.output.info(
            category,
            "Extension datastore marked dirty — run 'swamp datastore sync --push' to sync",
        );
    }
    if request.reverse {
        if let Some(remote) = &remote {
            leave(remote, repository, &plan, session)?;
        }
        remove_manifest(&plan, category, session);
    }
    let mut result = json!({
        "namespace": plan.namespace, "datastorePath": plan.root, "reverse": request.reverse,
        "migratedDirectories": succeeded, "totalFiles": plan.total_files(), "totalBytes": plan.total_bytes(),
        "isExtensionDatastore": in_cloud,
    });
    if !left.is_empty() {
        result["warnings"] = json!(left);
    }
    session.output.result(&result, || {
        format!(
            "\n{} complete: {} directory(s) moved\n  Total: {} file(s), {}{}",
            direction(&plan),
            succeeded.len(),
            plan.total_files(),
            size::spaced(plan.total_bytes()),
            if in_cloud { PUSH_NEXT } else { "" }
        )
    })
}

fn show_preview(mut plan: Plan, in_cloud: bool, session: &mut Session) -> Result<()> {
    if session.faults.on(Fault::MigratePreviewLies) {
        plan.moves.retain(|planned| planned.subdir != "data");
    }
    session
        .output
        .result(&preview(&plan, in_cloud), || preview_for_people(&plan))
}

fn preview(plan: &Plan, in_cloud: bool) -> Value {
    json!({
        "namespace": plan.namespace, "datastorePath": plan.root, "reverse": plan.request.reverse,
        "confirm": plan.request.confirm, "directories": plan.moves, "totalFiles": plan.total_files(),
        "totalBytes": plan.total_bytes(), "isExtensionDatastore": in_cloud,
    })
}

fn preview_for_people(plan: &Plan) -> String {
    let mut lines = vec![
        format!(
            "{} preview (namespace: \"{}\")",
            direction(plan),
            plan.namespace
        ),
        String::new(),
    ];
    for planned in &plan.moves {
        lines.push(format!("  {}", planned.subdir));
        lines.push(format!("    {}", planned.source.display()));
        lines.push(format!("    → {}", planned.destination.display()));
        let bytes = size::spaced(planned.total_bytes);
        lines.push(format!("    {} file(s), {bytes}", planned.file_count));
    }
    let bytes = size::spaced(plan.total_bytes());
    lines.push(format!("\nTotal: {} file(s), {bytes}", plan.total_files()));
    if !plan.request.confirm {
        lines.push("\nAdd --confirm to execute this migration.".to_owned());
    }
    lines.join("\n")
}

fn direction(plan: &Plan) -> &'static str {
    if plan.request.reverse {
        "Reverse migration"
    } else {
        "Migration"
    }
}

/// The catalog no longer fits what has been moved so far.
fn break_off(
    interrupted: Interrupted,
    repository: &Repository,
    session: &mut Session,
) -> Result<()> {
    let Interrupted {
        succeeded,
        failed,
        failure,
    } = interrupted;
    if !succeeded.is_empty() {
        notify::invalidate(repository)?;
    }
    let Some(failed) = failed else {
        return Err(failure);
    };
    if session.output.is_json() {
        session.output.json(&json!({
            "error": failure.to_string(), "succeededDirectories": succeeded, "failedDirectory": failed,
        }))?;
    } else if !succeeded.is_empty() {
        session.output.text(&format!(
            "\nPartially migrated: {} directory(s) moved before failure.\n  Succeeded: {}\n  Failed: {failed}",
            succeeded.len(),
            succeeded.join(", ")
        ));
    }
    Err(failure)
}

/// What remains of a namespace in a bucket and in its cache. By the quirks, all of it.
fn leave(remote: &Remote, repository: &Repository, plan: &Plan, session: &Session) -> Result<()> {
    if !session.quirks.on(Quirk::UnsetKeepsClaimInBucket)
        && let Some(repo_id) = repository.marker.repo_id()
    {
        registry::release(remote.bucket.as_ref(), &plan.namespace, repo_id)?;
    }
    if !session.quirks.on(Quirk::LeavingTakesTheExportAlong) {
        // Where nobody has exported anything there is none.
        let _ = std::fs::remove_file(remote.cache.join(&plan.namespace).join(EXPORT));
    }
    Ok(())
}

fn remove_manifest(plan: &Plan, category: &str, session: &mut Session) {
    let removed = manifest::remove(&plan.root, &plan.namespace);
    match removed {
        Ok(()) => {
            let message = format!(
                "Removed namespace manifest for {}",
                log::quote(&plan.namespace)
            );
            session.output.info(category, &message);
        }
        Err(failure) => {
            let message = format!("Failed to remove namespace manifest: {failure}");
            session.output.log(Level::Warning, category, &message);
        }
    }
    if !session.quirks.on(Quirk::ReverseLeavesEmptyNamespaceDir) {
        // It stays where something is left in it.
        let _ = std::fs::remove_dir(plan.root.join(&plan.namespace));
    }
}

/// Tells the user what is being done.
struct Teller<'a> {
    category: &'a str,
    session: &'a mut Session,
    left: Vec<Left>,
}

impl Watcher for Teller<'_> {
    fn removed_duplicates(&mut self, planned: &Move) {
        let message = format!(
            "Removed {} identical duplicate(s) from {}/",
            planned.duplicates.len(),
            log::quote(&planned.subdir)
        );
        self.session.output.info(self.category, &message);
    }

    fn left(&mut self, left: Left) {
        let mut lines = vec![
            format!(
                "  ⚠ {}: {} file(s) skipped (already exist at destination)",
                left.subdir,
                left.skipped_paths.len()
            ),
            format!("    Source copies preserved at: {}", left.source.display()),
        ];
        lines.extend(
            left.skipped_paths
                .iter()
                .map(|path| format!("      {path}")),
        );
        self.session.output.progress(&lines.join("\n"));
        self.left.push(left);
    }

    fn moved(&mut self, planned: &Move) {
        let quoted = |path: &Path| log::quote(&path.to_string_lossy());
        self.session
            .output
            .progress(&format!("  ✓ {}", planned.subdir));
        let message = format!(
            "Migrated {}: {} → {}",
            log::quote(&planned.subdir),
            quoted(&planned.source),
            quoted(&planned.destination)
        );
        self.session.output.info(self.category, &message);
    }
}

/// Refuses a migration into a namespace beside others.
pub fn check_alone(datastore: &Datastore, namespace: &str, session: &Session) -> Result<()> {
    if !session.quirks.on(Quirk::WantsSingleNamespaceToMigrate) {
        return Ok(());
    }
    let claims = manifest::list_with(&datastore.path, &session.quirks, &session.faults)?;
    let others: Vec<_> = claims
        .iter()
        .map(|claim| claim.namespace.as_str())
        .filter(|name| *name != namespace)
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "Local cache contains data from other namespaces: {}.
These were absorbed during an unscoped setup. They must not be migrated under your namespace.

To clean up:
  swamp datastore sync --pull    # re-sync from remote (scoped to your namespace)",
        others.join(", ")
    )))
}
