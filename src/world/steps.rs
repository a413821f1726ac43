//! What the record of a workflow's run says of the data that its steps wrote, held against that data.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;

use super::Done;
use crate::forms::metadata::Metadata;
use crate::forms::record::{Artifact, Handle, Step, StepOutput};
use crate::forms::reply::values::{Id, Time};
use crate::forms::reply::{ensure, same};
use crate::render::tree::MANIFEST;

/// A version of data that a step wrote: what its record says first of all, and what is there.
struct Wrote<'a> {
    artifact: &'a Artifact,
    /// The directory of the version.
    dir: PathBuf,
    metadata: Rc<Metadata>,
    content: Vec<u8>,
    /// The type of its model.
    kind: String,
}

/// Whether the step in the record at `path` says of what it wrote what is there. It ran within these
/// times.
pub(super) fn held(
    path: &Path,
    step: &Step,
    within: (&Time, &Time),
    done: &Done<'_>,
) -> Result<(), String> {
    let Some(output) = &step.output else {
        return Ok(());
    };
    // `<namespace>/workflow-runs/<workflow>/<record>`, and the data lies beside `workflow-runs`.
    let beside = path.ancestors().nth(3).unwrap_or(path);
    let from = step.started_at.as_ref().unwrap_or(within.0);
    let to = step.completed_at.as_ref().unwrap_or(within.1);
    let of_method = output.data_artifacts.iter().filter(|it| !it.is_report());
    let of_method: Vec<_> = of_method.collect();
    let counted = of_method.len();
    same(
        "the handles of a step",
        &output.data_handles.len(),
        &counted,
    )?;
    let resources = output.resources.values().map(|named| named.len());
    let files = output.files.values().map(|named| named.len());
    let told: usize = resources.chain(files).sum();
    same("the resources and files of a step", &told, &counted)?;
    for (artifact, handle) in of_method.into_iter().zip(&output.data_handles) {
        let owner = &handle.metadata.owner_definition.owner_ref;
        let Some(wrote) = find(artifact, owner, &beside.join("data"))? else {
            // A copy of a bucket need not have it.
            ensure(!done.wrote(), &format!("{} is not there", artifact.name))?;
            continue;
        };
        wrote.handle(handle)?;
        let told = wrote.told(output)?;
        same(
            "the size of what a step wrote",
            &told.1,
            &wrote.metadata.size,
        )?;
        let created = told.0.0;
        ensure(
            from.0 <= created && created <= to.0,
            "a step wrote something before it began, or after it ended",
        )?;
        let slug = beside.file_name().unwrap_or_default().to_string_lossy();
        let own = |namespace: &str| {
            let solo = namespace.is_empty() && !beside.join(MANIFEST).exists();
            solo || namespace == slug
        };
        ensure(
            told.2.is_none_or(own),
            &format!("a step wrote to another namespace than {slug}"),
        )?;
    }
    Ok(())
}

/// The version that an artifact is about, of the model with that id.
fn find<'a>(artifact: &'a Artifact, model: &Id, data: &Path) -> Result<Option<Wrote<'a>>, String> {
    let kinds = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    for kind in kinds(data).iter().flat_map(|dir| kinds(dir)) {
        let version = artifact.version.to_string();
        let dir = kind.join(&model.0).join(&artifact.name).join(version);
        let Some(metadata) = Metadata::read(&dir)? else {
            continue;
        };
        let kind = kind.strip_prefix(data).unwrap_or(&kind);
        return Ok(Some(Wrote {
            artifact,
            metadata,
            content: fs::read(dir.join("raw")).unwrap_or_default(),
            kind: kind.to_string_lossy().into_owned(),
            dir,
        }));
    }
    Ok(None)
}

impl Wrote<'_> {
    /// What a resource holds.
    fn attributes(&self) -> Option<Value> {
        serde_json::from_slice(&self.content).ok()
    }

    fn tag(&self, name: &str) -> &str {
        self.metadata.tag(name).unwrap_or_default()
    }

    fn handle(&self, it: &Handle) -> Result<(), String> {
        let (must, kept) = (&self.metadata, &it.metadata);
        same("the id of a handle", &it.data_id, &must.id)?;
        same("the name of a handle", &it.name, &must.name)?;
        same("the version of a handle", &it.version, &must.version)?;
        same("the size of a handle", &it.size, &must.size)?;
        same("the tags of a handle", &it.tags, &must.tags)?;
        same(
            "the spec of a handle",
            &it.spec_name.as_str(),
            &self.tag("specName"),
        )?;
        same("the kind of a handle", &it.kind.as_str(), &self.tag("type"))?;
        same(
            "the content type of a handle",
            &kept.content_type,
            &must.content_type,
        )?;
        same("the lifetime of a handle", &kept.lifetime, &must.lifetime)?;
        let versions = (&kept.garbage_collection, &must.garbage_collection);
        same("the versions that a handle keeps", versions.0, versions.1)?;
        same("whether a handle streams", &kept.streaming, &must.streaming)?;
        same("the tags in a handle", &kept.tags, &must.tags)?;
        same(
            "the owner of a handle",
            &kept.owner_definition,
            &must.owner_definition,
        )?;
        let attributes = self.attributes().filter(|_| it.kind == "resource");
        same("the attributes of a handle", &it.attributes, &attributes)
    }

    /// What the step says of it among its resources or files: when it was made, its size, and for a
    /// resource its namespace.
    fn told<'a>(&self, output: &'a StepOutput) -> Result<(&'a Time, u64, Option<&'a str>), String> {
        let (must, spec, name) = (&self.metadata, self.tag("specName"), &self.artifact.name);
        let owner = &must.owner_definition;
        if self.tag("type") == "file" {
            let it = output.files.get(spec).and_then(|named| named.get(name));
            let it = it.ok_or_else(|| format!("a step does not tell of the file {name}"))?;
            let is = (&it.id, it.version, &it.content_type);
            same(
                "a file of a step",
                &is,
                &(&must.id, must.version, &must.content_type),
            )?;
            // Of a run elsewhere it is a path elsewhere.
            let inner = self.dir.ancestors().nth(6).unwrap_or(&self.dir);
            let inner = self
                .dir
                .strip_prefix(inner)
                .unwrap_or(&self.dir)
                .join("raw");
            ensure(
                it.path.ends_with(&inner),
                &format!("a file of a step lies at {}", it.path.display()),
            )?;
            return Ok((&it.created_at, it.size, None));
        }
        let it = output.resources.get(spec).and_then(|named| named.get(name));
        let it = it.ok_or_else(|| format!("a step does not tell of the resource {name}"))?;
        same("the id of a resource", &it.id, &must.id)?;
        same("the version of a resource", &it.version, &must.version)?;
        ensure(it.is_latest, "what a step wrote is not the latest")?;
        same("the tags of a resource", &it.tags, &must.tags)?;
        let attributes = self.attributes();
        same(
            "the attributes of a resource",
            &Some(&it.attributes),
            &attributes.as_ref(),
        )?;
        same(
            "the content of a resource",
            &Some(&it.content),
            &attributes.as_ref(),
        )?;
        same("the model's id", &it.model_id, &owner.owner_ref)?;
        same("the owner of a resource", &it.owner_ref, &owner.owner_ref)?;
        same(
            "the run of a resource",
            &Some(&it.workflow_run_id),
            &owner.workflow_run_id.as_ref(),
        )?;
        same("whether a resource streams", &it.streaming, &must.streaming)?;
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        for (field, is, must) in [
            ("name", &it.name, must.name.clone()),
            ("model", &it.model_name, output.model.clone()),
            ("model's type", &it.model_type, self.kind.clone()),
            ("spec", &it.spec_name, spec.to_owned()),
            ("type", &it.data_type, "resource".to_owned()),
            ("content type", &it.content_type, must.content_type.clone()),
            ("lifetime", &it.lifetime, must.lifetime.clone()),
            ("owner's type", &it.owner_type, owner.owner_type.clone()),
            (
                "workflow",
                &it.workflow_name,
                optional(&owner.workflow_name),
            ),
            ("job", &it.job_name, optional(&owner.job_name)),
            ("step", &it.step_name, optional(&owner.step_name)),
            ("source", &it.source, optional(&owner.source)),
        ] {
            same(&format!("the {field} of a resource"), is, &must)?;
        }
        Ok((&it.created_at, it.size, Some(&it.namespace)))
    }
}
