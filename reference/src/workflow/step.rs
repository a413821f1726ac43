//! One step: a method of a model, with arguments from the workflow.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::definition::{Job, Method, Step, Workflow};
use super::narrator::Narrator;
use super::outcome::Outcome;
use crate::catalog::notify;
use crate::data::metadata::Owner;
use crate::data::store::Draft;
use crate::data::{Metadata, ModelData, store};
use crate::datastore::{self, Datastore};
use crate::errors::{Failure, Result};
use crate::expressions::{Evaluator, Strictness};
use crate::files;
use crate::log::{self, Level};
use crate::model::definition::{self as models, Definition};
use crate::model::evaluated as stored;
use crate::model::inputs::Given;
use crate::model::kind::{Call, Kind, Sink};
use crate::model::process::Stream;
use crate::model::record::Record;
use crate::model::shell;
use crate::query::Record as Found;
use crate::quirks::Quirk;
use crate::remote::run::{self as around, Changes};
use crate::report::{Made, Place, artifact, method_summary};
use crate::repository::Repository;
use crate::session::Session;
use crate::time;

/// What all steps of a run share.
pub struct Run<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// Its datastore.
    pub datastore: &'a Datastore,
    /// The workflow.
    pub workflow: &'a Workflow,
    /// The id of the run.
    pub id: &'a str,
    /// What it was given.
    pub given: &'a Given,
    /// Who ran it.
    pub initiated_by: &'a str,
    /// The log of the run.
    pub log: File,
    /// The same, seen from the repository.
    pub log_file: &'a str,
    /// What tells people.
    pub narrator: &'a Narrator,
    /// Whether what methods print is kept from them.
    pub quiet: bool,
    /// Its record, which says how it stands.
    pub record: Option<PathBuf>,
    /// The reports of its steps so far; none where it makes none.
    pub reports: Option<Vec<Made>>,
}

/// The failure of a step; or of the run itself, where there is no more to be done.
type Left = Result<std::result::Result<(Value, Value), String>>;

impl Run<'_> {
    /// Writes down how the run stands: a step that is pushed takes that along.
    pub fn note(&mut self, outcome: &Outcome) -> Result<()> {
        self.record = Some(outcome.store(self.workflow, self.datastore)?);
        Ok(())
    }

    /// Does a step. Gives what it left, for the record: its output and its artifacts; or why it
    /// failed.
    pub fn step(
        &mut self,
        job: &Job,
        (step, method): (&Step, &Method),
        session: &mut Session,
    ) -> Left {
        match self.attempt(job, (step, method), session) {
            Ok(left) => Ok(Ok(left)),
            Err(Failure::Refused(message) | Failure::Coded { message, .. }) => Ok(Err(message)),
            Err(other) => Err(other),
        }
    }

    fn attempt(
        &mut self,
        job: &Job,
        (step, call): (&Step, &Method),
        session: &mut Session,
    ) -> Result<(Value, Value)> {
        let (definition, made) = self.definition(call)?;
        let method = &call.method_name;
        let what = format!(
            "step {} · {} · {method} · start {}",
            step.name,
            definition.name(),
            time::clock()
        );
        self.narrator.say(session, &job.name, &what);
        let model_type = definition.model_type();
        let locked = around::Model {
            model_type: &model_type,
            id: definition.id(),
        };
        let (repository, datastore) = (self.repository, self.datastore);
        let work = |session: &mut Session, changes: &Changes| {
            self.record.iter().for_each(|path| changes.mark(path));
            if !session.quirks.on(Quirk::GeneratedModelNotPushed) {
                made.iter().for_each(|path| changes.mark(path));
            }
            let kind = Kind::require(&definition, &self.repository.dir, session)?;
            kind.check_method(&definition.model_type(), method)?;
            let definition = self.evaluated(&definition, call, session)?;
            let place = (job, step, call);
            let stored = self.execute(&definition, kind, place, changes, session)?;
            let model = datastore.data().model(&model_type, definition.id());
            let (mut output, mut artifacts) = self.left(&definition, &model, call, &stored);
            if let (Some(reports), Some(artifacts)) = (&mut self.reports, artifacts.as_array_mut())
            {
                let made = method_summary::of(&definition, method, &stored);
                let place = Place {
                    repository,
                    datastore,
                    model_type: &model_type,
                    id: definition.id(),
                    changes,
                };
                artifacts.extend(made.store(place, session)?.iter().map(artifact));
                reports.push(made);
            }
            output["dataArtifacts"] = artifacts.clone();
            Ok((output, artifacts))
        };
        around::around_model(repository, datastore, locked, None, session, work)
    }

    /// The model of a step, and the file of one that the step has just made.
    fn definition(&self, call: &Method) -> Result<(Definition, Option<PathBuf>)> {
        let name = call.model();
        let Some(model_type) = &call.model_type else {
            let found = models::require(&self.repository.dir, name)?;
            return Ok((found, None));
        };
        if let Some(found) = models::find(&self.repository.dir, name)? {
            return Ok((found, None));
        }
        let generated = self.datastore.own_root().join(models::GENERATED);
        let found = models::below(&generated)?.into_iter();
        let mut found = found.map(|(definition, _)| definition);
        if let Some(found) = found.find(|it| it.name() == name) {
            return Ok((found, None));
        }
        if models::normalized_type(model_type) != shell::TYPE {
            let what = "a step that makes a model of another type than command/shell";
            return Err(Failure::not_implemented(what));
        }
        let made = Definition::generate(shell::TYPE, shell::TYPE_VERSION, name);
        let dir = generated.join(made.model_type());
        files::ensure_dir(&dir)?;
        // There swamp has the locks for this.
        files::ensure_dir(&generated.join(".auto-definition-create"))?;
        let path = dir.join(format!("{name}.yaml"));
        files::write_atomically(&path, &made.to_yaml())?;
        Ok((made, Some(path)))
    }

    /// The definition with the arguments of the step. It is stored in the repository, unlike that
    /// of a direct run.
    fn evaluated(
        &self,
        definition: &Definition,
        call: &Method,
        session: &Session,
    ) -> Result<Definition> {
        let run = json!({
            "id": self.id, "workflowId": self.workflow.id, "workflowName": self.workflow.name,
        });
        let evaluator = Evaluator::open(self.repository, session)?.knowing("run", &run);
        let inputs = Value::Object(call.inputs.clone());
        let inputs = evaluator.value(&inputs, Strictness::Strict)?.value;
        let mut evaluated = evaluator.definition(definition, Strictness::Lenient)?.value;
        for (name, value) in inputs.as_object().into_iter().flatten() {
            evaluated.set_method_argument(&call.method_name, name, value.clone());
        }
        let root = self.local("definitions-evaluated", session);
        stored::write(&root, &evaluated, &session.older)?;
        Ok(evaluated)
    }

    /// Where outputs and evaluated definitions go.
    fn local(&self, name: &str, session: &Session) -> PathBuf {
        if session.quirks.on(Quirk::WorkflowOutputsStayLocal) {
            datastore::local_dir(&self.repository.dir).join(name)
        } else {
            self.datastore.own_root().join(name)
        }
    }

    fn execute(
        &mut self,
        definition: &Definition,
        mut kind: Kind,
        (job, step, task): (&Job, &Step, &Method),
        changes: &Changes,
        session: &mut Session,
    ) -> Result<Vec<Metadata>> {
        let method = &task.method_name;
        let record = Record::start(definition, &kind, method, self.log_file);
        let outputs = self.local("outputs", session);
        let cwd = session.cwd.clone();
        let model_type = definition.model_type();
        let call = Call {
            repo: &self.repository.dir,
            cwd: &cwd,
            definition,
            method,
            owner: self.owner(definition, job, step),
            tags: self.tags(job, step),
        };
        let mut sink = Teller {
            category: format!("model method run {} {method}", definition.name()),
            call: &call,
            data: self.datastore.data().model(&model_type, definition.id()),
            run: self,
            job,
            changes,
            session,
        };
        let done = kind.execute(&call, &mut sink)?;
        let provenance = json!({
            "triggeredBy": "workflow", "workflowId": self.workflow.id, "workflowRunId": self.id, "stepName": step.name,
        });
        let outcome = done.as_deref().map_err(String::as_str);
        record.write(&outputs, &provenance, outcome)?;
        done.map_err(Failure::Refused)
    }

    fn owner(&self, definition: &Definition, job: &Job, step: &Step) -> Owner {
        let text = |text: &str| Some(text.to_owned());
        Owner {
            workflow_id: text(&self.workflow.id),
            workflow_run_id: text(self.id),
            workflow_name: text(&self.workflow.name),
            job_name: text(&job.name),
            step_name: text(&step.name),
            source: text("step-output"),
            ..Owner::model(definition.id())
        }
    }

    fn tags(&self, job: &Job, step: &Step) -> Map<String, Value> {
        [
            ("source", "step-output"),
            ("workflow", &self.workflow.name),
            ("workflowId", &self.workflow.id),
            ("workflowRunId", self.id),
            ("job", &job.name),
            ("step", &step.name),
            ("initiatedBy", self.initiated_by),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .chain(self.given.tags.clone())
        .collect()
    }

    /// What the record says of the data of a step.
    fn left(
        &self,
        definition: &Definition,
        model: &ModelData,
        call: &Method,
        stored: &[Metadata],
    ) -> (Value, Value) {
        let mut resources = Map::new();
        let mut logs = Map::new();
        for data in stored {
            let path = model.content_path(&data.name, data.version);
            let entry = json!({ &data.name: if data.tag("type") == "resource" {
                self.resource(definition, model, data)
            } else {
                json!({
                    "id": data.id, "version": data.version, "createdAt": data.created_at, "path": path,
                    "size": data.size, "contentType": data.content_type,
                })
            }});
            let kind = if data.tag("type") == "resource" {
                &mut resources
            } else {
                &mut logs
            };
            kind.insert(data.tag("specName").to_owned(), entry);
        }
        let artifacts: Value = stored.iter().map(artifact).collect();
        let handles: Value = stored.iter().map(|data| handle(model, data)).collect();
        let output = json!({
            "type": "model_method", "model": call.model(), "method": call.method_name,
            "resources": resources, "files": logs, "dataArtifacts": artifacts, "dataHandles": handles,
        });
        (output, artifacts)
    }

    fn resource(&self, definition: &Definition, model: &ModelData, data: &Metadata) -> Value {
        let namespace = self.datastore.namespace.as_deref().unwrap_or_default();
        let row =
            crate::catalog::Row::new(namespace, &definition.model_type(), definition.id(), data);
        let content = fs::read(model.content_path(&data.name, data.version)).ok();
        Found::new(row, content.as_deref()).to_value()
    }
}

/// Where what the method of a step does goes.
struct Teller<'a, 'b> {
    category: String,
    call: &'a Call<'a>,
    data: ModelData,
    run: &'a mut Run<'b>,
    job: &'a Job,
    changes: &'a Changes,
    session: &'a mut Session,
}

impl Sink for Teller<'_, '_> {
    fn line(&mut self, stream: Stream, line: &str) {
        let level = match stream {
            Stream::Out => Level::Info,
            Stream::Err => Level::Warning,
        };
        let logged = log::line(&time::now(), level, &self.category, line);
        // A log that cannot be written does not stop the command that it is about.
        let _ = writeln!(self.run.log, "{logged}");
        if !self.run.quiet {
            self.run.narrator.say(self.session, &self.job.name, line);
        }
    }

    fn store(&mut self, draft: Draft) -> Result<Metadata> {
        self.changes.mark(&self.data.name_dir(&draft.name));
        let metadata = store::save(&self.data, draft)?;
        let definition = self.call.definition;
        notify::stored(
            self.run.repository,
            self.run.datastore,
            &definition.model_type(),
            definition.id(),
            &metadata,
            &self.session.quirks,
        )?;
        Ok(metadata)
    }
}

fn handle(model: &ModelData, data: &Metadata) -> Value {
    let mut handle = json!({
        "name": data.name, "specName": data.tag("specName"), "kind": data.tag("type"), "dataId": data.id,
        "version": data.version, "size": data.size, "tags": data.tags,
        "metadata": {
            "contentType": data.content_type, "lifetime": data.lifetime,
            "garbageCollection": data.garbage_collection, "streaming": data.streaming, "tags": data.tags,
            "ownerDefinition": data.owner_definition,
        },
    });
    let content = fs::read(model.content_path(&data.name, data.version)).ok();
    let is_json = data.content_type == "application/json";
    let attributes = content.filter(|_| is_json);
    let attributes = attributes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    if let Some(attributes) = attributes {
        handle["attributes"] = attributes;
    }
    handle
}
