//! `swamp datastore setup extension`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::datastore_setup::RETRY;
use super::taking_along::Taken;
use crate::args::SetupExtension;
use crate::cloud::Cloud;
use crate::datastore::{self, DIRECTORIES};
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::files;
use crate::log::{Level, quote};
use crate::namespace::manifest::Manifest;
use crate::namespace::slug;
use crate::problem::{Problem, summary};
use crate::quirks::Quirk;
use crate::remote::bucket::Bucket;
use crate::remote::config::Config;
use crate::remote::sync::Sync;
use crate::remote::{registry, tell};
use crate::render::size;
use crate::repository::Repository;
use crate::session::Session;
use crate::time;
use crate::vault::registry as vaults;

const CATEGORY: &str = "datastore setup";

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    r#type: String,
    files_copied: usize,
    files_pulled: usize,
    bytes_copied: u64,
    directories_migrated: Vec<String>,
    errors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_hint: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_path: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_path: Option<PathBuf>,
    warnings: Vec<Warning>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Warning {
    message: String,
    existing_namespaces: Vec<String>,
}

/// One call: what it works with.
struct Setup<'a> {
    repository: Repository,
    cloud: Cloud,
    bucket: &'a dyn Bucket,
    cache: PathBuf,
    namespace: Option<String>,
    skip_migration: bool,
    hydration_strategy: Option<String>,
}

/// The strategy that fetches a content when somebody wants it.
const LAZY: &str = "lazy";

/// Makes a bucket the repository's datastore, and takes along what the repository has.
pub fn run(args: SetupExtension, session: &mut Session) -> Result<()> {
    let type_name = args.r#type.as_str();
    let cloud = Cloud::of_type(type_name).ok_or_else(|| {
        Failure::refused(format!(
            "Datastore type \"{type_name}\" is not registered. Install it with: swamp extension pull {type_name}"
        ))
    })?;
    let Ok(Value::Object(settings)) = serde_json::from_str(&args.config) else {
        return Err(Failure::refused(format!(
            "Invalid JSON in --config: {}",
            args.config
        )));
    };
    let repository = session.repository()?;
    if let Some(other) = args
        .hydration_strategy
        .as_deref()
        .filter(|strategy| !["full", LAZY].contains(strategy))
    {
        return Err(Failure::refused(format!(
            "Invalid --hydration-strategy: \"{other}\". Must be \"full\" or \"lazy\"."
        )));
    }
    if let Some(seconds) = args.timeout.filter(|seconds| *seconds <= 0) {
        return Err(Failure::refused(format!(
            "--timeout must be greater than 0; got {seconds}"
        )));
    }
    let config = Config::parse(cloud, &settings)?;
    let bucket = config.open(&session.env)?;
    config
        .health(bucket.as_ref(), &session.quirks)
        .map_err(|why| Failure::refused(format!("Datastore is not accessible: {why}")))?;

    let in_config = || {
        settings
            .get("namespace")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let is_no_text = settings.get("namespace").is_some_and(|it| !it.is_string());
    if is_no_text && !session.quirks.on(Quirk::ConfigNamespaceIsNoText) {
        return Err(Failure::refused(
            "Invalid namespace: it is no text".to_owned(),
        ));
    }
    let namespace = args
        .namespace
        .or_else(|| in_config().filter(|_| !session.faults.on(Fault::ConfigNamespaceIgnored)))
        .or_else(|| repository.marker.namespace().map(str::to_owned))
        .filter(|_| !session.faults.on(Fault::Bug536));
    let warning = warn_of_others(bucket.as_ref(), namespace.as_deref(), session);
    if let Some(namespace) = namespace.as_deref() {
        slug::check(namespace, &session.quirks)
            .map_err(|why| Failure::refused(format!("Invalid namespace: {why}")))?;
    }
    let setup = Setup {
        cache: datastore::cache_of(repository.marker.repo_id(), &session.env),
        cloud,
        bucket: bucket.as_ref(),
        namespace,
        repository,
        skip_migration: args.skip_migration,
        hydration_strategy: args.hydration_strategy,
    };
    if !session.quirks.on(Quirk::SetupIgnoresOwnership) {
        setup.check_owner()?;
    }
    setup.run(&settings, warning, session)
}

fn warn_of_others(
    bucket: &dyn Bucket,
    namespace: Option<&str>,
    session: &mut Session,
) -> Option<Warning> {
    let others = registry::namespaces(bucket).ok()?;
    if others.is_empty() || namespace.is_some() {
        return None;
    }
    let message = format!(
        "This datastore contains existing namespaces: {}. Re-run setup with --namespace <name> to scope this connection \
         and avoid absorbing foreign data from other projects.",
        others.join(", ")
    );
    session.output.progress(&format!("\nWarning: {message}\n"));
    Some(Warning {
        message,
        existing_namespaces: others,
    })
}

impl Setup<'_> {
    fn check_owner(&self) -> Result<()> {
        let Some(namespace) = &self.namespace else {
            return Ok(());
        };
        match registry::owner(self.bucket, namespace)? {
            Some(owner) if Some(owner.as_str()) != self.repository.marker.repo_id() => {
                Err(Failure::refused(format!(
                    "Namespace \"{namespace}\" is already registered in this datastore by repo {owner}."
                )))
            }
            _ => Ok(()),
        }
    }

    fn run(
        mut self,
        settings: &Map<String, Value>,
        warning: Option<Warning>,
        session: &mut Session,
    ) -> Result<()> {
        let mut outcome = Outcome {
            r#type: self.cloud.type_name().to_owned(),
            namespace: self.namespace.clone(),
            warnings: warning.into_iter().collect(),
            ..Outcome::default()
        };
        let mut sync = Sync::new(self.bucket, &self.cache, self.namespace.clone(), session);
        let source = datastore::local_dir(&self.repository.dir);
        let mut taken = Taken::default();
        if !self.skip_migration {
            session.output.info(CATEGORY, "Migrating data...");
            self.migrate(&source, &mut taken, session)?;
        }
        outcome.files_copied = taken.files;
        outcome.bytes_copied = taken.bytes;
        if outcome.files_copied > 0 {
            let pushed = sync.push();
            tell(sync.said(), session);
            if let Err(problem) = pushed {
                outcome.failed("push", &problem);
            }
        }
        if outcome.errors.is_empty() {
            files::ensure_dir(&self.cache)?;
            session
                .output
                .info(CATEGORY, "Hydrating cache from remote...");
            let pulled = if self.hydration_strategy.as_deref() == Some(LAZY) {
                sync.pull_without_contents()
            } else {
                sync.pull(None)
            };
            tell(sync.said(), session);
            match pulled {
                Ok(count) => outcome.files_pulled = count,
                Err(problem) => outcome.failed("pull", &problem),
            }
        }
        if outcome.errors.is_empty() {
            if outcome.files_copied > 0 {
                taken.leave(&source);
            }
            let type_name = self.cloud.type_name();
            let namespace = self.namespace.as_deref();
            self.repository.marker.set_extension_datastore(
                type_name,
                settings,
                self.hydration_strategy.as_deref(),
                namespace,
            );
            self.repository.marker.write(&self.repository.dir)?;
            self.register(session);
        } else {
            outcome.retry_hint = Some(RETRY);
        }
        outcome.directories_migrated = taken.directories;
        if !outcome.directories_migrated.is_empty() {
            outcome.source_path = Some(source);
            outcome.destination_path = Some(self.cache.clone());
        }
        session.output.result(&outcome, || outcome.for_people())?;
        self.advise(session)
    }

    /// Says that what the vaults keep does not come along, to people alone; by the quirk, to programs too.
    fn advise(&self, session: &mut Session) -> Result<()> {
        let vaults = vaults::all(&self.repository.dir)?;
        let is_heard = !session.output.is_json() || session.quirks.on(Quirk::SetupAdviceBehindJson);
        if is_heard && !vaults.is_empty() {
            let names: Vec<&str> = vaults.iter().map(|vault| vault.name.as_str()).collect();
            session.output.text(&format!(
                "\n⚠ {} vault(s) still use local encryption: {}\n  Local encryption keys won't work on other \
                 machines. Migrate with: swamp vault migrate <vault>",
                names.len(),
                names.join(", ")
            ));
        }
        Ok(())
    }

    /// Copies what the repository has into the cache.
    fn migrate(&self, source: &Path, taken: &mut Taken, session: &Session) -> Result<()> {
        let own = match &self.namespace {
            Some(namespace) => self.cache.join(namespace),
            None => self.cache.clone(),
        };
        for name in datastore::shared(DIRECTORIES) {
            taken.take(source, name, &own.join(name))?;
        }
        if let Some(name) = datastore::extra(&session.faults) {
            files::ensure_dir(&own.join(name))?;
        }
        if let Some(namespace) = &self.namespace
            && !session.quirks.on(Quirk::SetupIgnoresNamespacedFiles)
        {
            // What is not shared, secrets above all, stays where it is.
            for name in datastore::shared(DIRECTORIES) {
                taken.take(source, &format!("{namespace}/{name}"), &own.join(name))?;
            }
        }
        Ok(())
    }

    /// Claims the namespace. By the quirk, that somebody else has it is no more than a warning.
    fn register(&self, session: &mut Session) {
        let (Some(namespace), Some(repo_id)) = (&self.namespace, self.repository.marker.repo_id())
        else {
            return;
        };
        let category = "datastore setup extension";
        let claim = Manifest {
            namespace: namespace.clone(),
            repo_id: Some(repo_id.to_owned()),
            registered_at: Some(time::now()),
        };
        let registered = registry::register(self.bucket, namespace, repo_id)
            .and_then(|()| claim.write(&self.cache).map_err(Problem::from));
        match registered {
            Ok(()) => {
                let message = format!("Registered namespace {} in datastore", quote(namespace));
                session.output.info(category, &message);
            }
            Err(problem) => {
                let message = format!("Namespace registration failed: {}", quote(&problem.message));
                session.output.log(Level::Warning, category, &message);
            }
        }
    }
}

impl Outcome {
    fn failed(&mut self, operation: &str, problem: &Problem) {
        self.errors.push(summary(operation, &self.r#type, problem));
    }

    fn for_people(&self) -> String {
        let dirs = self.directories_migrated.join(", ");
        let mut lines = vec![
            "Datastore Setup Complete".to_owned(),
            format!("  Type:     {}", self.r#type),
        ];
        if let Some(namespace) = &self.namespace {
            lines.push(format!("  Namespace: {namespace}"));
        }
        lines.extend([
            format!(
                "  Files:    {} copied ({})",
                self.files_copied,
                size::terse(self.bytes_copied)
            ),
            format!("  Hydrated: {} pulled", self.files_pulled),
            format!("  Dirs:     {dirs}"),
        ]);
        if let (Some(source), Some(destination)) = (&self.source_path, &self.destination_path) {
            lines.push(format!(
                "\nRelocated: {dirs} now resolve under {}",
                destination.display()
            ));
            lines.push(format!("  Moved from: {}", source.display()));
        }
        if !self.errors.is_empty() {
            lines.push("\nWarnings:".to_owned());
            lines.extend(self.errors.iter().map(|error| format!("  ! {error}")));
            lines.extend(self.retry_hint.map(|hint| format!("\n{hint}")));
        }
        lines.join("\n")
    }
}
