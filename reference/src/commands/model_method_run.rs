//! `swamp model method run`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::args::MethodRun;
use crate::catalog::notify;
use crate::data::metadata::Owner;
use crate::data::store::Draft;
use crate::data::{Metadata, ModelData, store};
use crate::datastore::{self, Datastore};
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::{self, Level};
use crate::model::definition::{self, Definition};
use crate::model::evaluated;
use crate::model::inputs::{self, Given};
use crate::model::kind::{Call, Kind, Sink};
use crate::model::process::Stream;
use crate::model::record::Record;
use crate::nudge;
use crate::older::Older;
use crate::quirks::Quirk;
use crate::remote::run::{self as around, Changes};
use crate::render::{data_box, gutter};
use crate::report::{self, method_summary};
use crate::repository::Repository;
use crate::session::Session;
use crate::time;

/// Who runs methods without being logged in.
const NOBODY: &str = "ghost";

/// One run: what it works with, and what it has done so far.
struct Run<'a> {
    repository: &'a Repository,
    datastore: Datastore,
    definition: Definition,
    method: String,
    log_path: PathBuf,
    quiet: bool,
    last_evaluated: bool,
    skips_reports: bool,
    makes_report: bool,
    changes: &'a Changes,
}

/// Runs a method of a model and stores what it produces.
pub fn run(args: MethodRun, quiet: bool, session: &mut Session) -> Result<()> {
    let (model, method) = (args.model, args.method);
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let (given, wanted) = (args.given, args.reports);
    let last_evaluated = given.last_evaluated;
    let tags = inputs::tags(&given.tag)?;
    inputs::check_timeout(given.timeout.as_deref())?;
    let given = Given {
        inputs: inputs::of(&given, &session.cwd)?,
        tags,
    };
    let definition = definition::find(&repository.dir, &model)?
        .ok_or_else(|| Failure::coded("model_not_found", format!("Model not found: {model}")))?;
    let model_type = definition.model_type();
    let id = definition.id().to_owned();
    let model = around::Model {
        model_type: &model_type,
        id: &id,
    };
    around::around_model(
        &repository,
        &datastore,
        model,
        None,
        session,
        |session, changes| {
            let kind = Kind::require(&definition, &repository.dir, session)?;
            kind.check_method(&definition.model_type(), &method)?;
            let resolved = format!("{} ({})", definition.name(), definition.model_type());
            session
                .output
                .progress(&gutter::status("Resolved", &resolved, None));
            let run = Run {
                log_path: log_path(&repository, &definition, &method),
                repository: &repository,
                datastore: written_to(datastore.clone(), &kind, session),
                definition,
                method,
                quiet,
                last_evaluated,
                skips_reports: wanted.skip_reports,
                makes_report: report::is_wanted(method_summary::NAME, &wanted),
                changes,
            };
            run.execute(given, kind, session)
        },
    )
}

/// The datastore that a run writes to.
fn written_to(mut datastore: Datastore, kind: &Kind, session: &Session) -> Datastore {
    let extension = matches!(kind, Kind::Extension(_));
    if extension && session.faults.on(Fault::ExtensionDataUnnamespaced) {
        datastore.namespace = None;
    }
    datastore
}

/// The log stays in the repository, wherever the datastore is.
fn log_path(repository: &Repository, definition: &Definition, method: &str) -> PathBuf {
    let stamp = time::for_file_name(&time::now());
    datastore::local_dir(&repository.dir)
        .join("outputs")
        .join(definition.model_type())
        .join(method)
        .join(format!("{}-{stamp}.log", definition.id()))
}

impl Run<'_> {
    fn execute(self, given: Given, mut kind: Kind, session: &mut Session) -> Result<()> {
        let log = self.open_log()?;
        let definition = self.with_arguments(given.inputs, &session.older)?;
        let started = time::clock();
        session
            .output
            .progress(&gutter::status("Executing", &self.method, Some(&started)));
        let log_file = self.log_path.strip_prefix(&self.repository.dir);
        let log_file = log_file.unwrap_or(&self.log_path).to_string_lossy();
        let names_another = session.quirks.on(Quirk::LastEvaluatedNamesAnother);
        let named = if self.last_evaluated && names_another {
            &self.definition
        } else {
            &definition
        };
        let record = Record::start(named, &kind, &self.method, &log_file);

        let mut tags = Map::new();
        tags.insert("initiatedBy".into(), NOBODY.into());
        tags.extend(given.tags);
        let model_type = definition.model_type();
        let model = self.datastore.data().model(&model_type, definition.id());
        let cwd = session.cwd.clone();
        let call = Call {
            repo: &self.repository.dir,
            cwd: &cwd,
            definition: &definition,
            method: &self.method,
            owner: Owner::model(definition.id()),
            tags,
        };
        let mut sink = Teller {
            category: format!("model method run {} {}", definition.name(), self.method),
            run: &self,
            definition: &definition,
            model: &model,
            log,
            session,
        };
        let done = kind.execute(&call, &mut sink)?;
        let outputs = self.datastore.own_root().join("outputs");
        let trigger = json!({ "triggeredBy": "manual", "initiatedBy": NOBODY });
        let stored = match done {
            Ok(stored) => stored,
            Err(message) => {
                let (path, _) = record.write(&outputs, &trigger, Err(&message))?;
                self.changes.mark(&path);
                return Err(Failure::coded("method_execution_failed", message));
            }
        };
        let (path, duration) = record.write(&outputs, &trigger, Ok(&stored))?;
        self.changes.mark(&path);
        if self.makes_report {
            let made = method_summary::of(&definition, &self.method, &stored);
            let place = report::Place {
                repository: self.repository,
                datastore: &self.datastore,
                model_type: &model_type,
                id: definition.id(),
                changes: self.changes,
            };
            made.store(place, session)?;
            if session.output.is_json() {
                let what = "reports of model method run --json";
                return Err(Failure::not_implemented(what));
            }
        }
        self.report(&definition, &model, &record, &stored, duration, session)
    }

    fn open_log(&self) -> Result<File> {
        let dir = self.log_path.parent().unwrap_or(Path::new("."));
        crate::files::ensure_dir(dir)?;
        File::create(&self.log_path).map_err(|error| Failure::io(&self.log_path, &error))
    }

    /// The definition to run, with the given arguments in it. It is stored without them.
    fn with_arguments(&self, given: Map<String, Value>, older: &Older) -> Result<Definition> {
        let mut definition = self.definition.clone();
        let root = self.datastore.own_dir("definitions-evaluated");
        if self.last_evaluated {
            let name = definition.name();
            let found = evaluated::read(&root, &definition)?;
            let (text, path) = found.ok_or_else(|| {
                let why = format!("No previously evaluated definition found for \"{name}\".");
                Failure::coded("no_evaluated_definition", why)
            })?;
            definition = Definition::parse(&text, &definition.model_type())
                .map_err(|error| Failure::syntax(format!("{}: {error}", path.display())))?;
        } else {
            let path = evaluated::write(&root, &definition, older)?;
            self.changes.mark(&path);
        }
        for (key, value) in given {
            definition.set_method_argument(&self.method, &key, value);
        }
        Ok(definition)
    }

    fn report(
        &self,
        definition: &Definition,
        model: &ModelData,
        record: &Record,
        stored: &[Metadata],
        duration: u64,
        session: &mut Session,
    ) -> Result<()> {
        let globals = definition.global_arguments();
        let arguments = definition.method_arguments(&self.method);
        let artifacts: Vec<_> = stored.iter().map(|data| artifact(model, data)).collect();
        if session.output.is_json() {
            let mut said = json!({
                "modelId": definition.id(), "modelName": definition.name(), "modelType": definition.model_type(),
                "methodName": self.method, "status": "succeeded", "duration": duration, "outputId": record.id,
                "logFile": self.log_path, "dataArtifacts": artifacts, "reports": {}, "globalArguments": globals,
                "methodArguments": arguments, "initiatedBy": NOBODY,
            });
            if self.skips_reports {
                said.as_object_mut()
                    .map(|said| said.shift_remove("reports"));
            }
            return session.output.json(&said);
        }
        let what = format!(
            "{} on {} succeeded in {}",
            self.method,
            definition.name(),
            time::duration(duration)
        );
        let mut lines = vec![
            String::new(),
            gutter::status("Completed", &what, Some(&time::clock())),
        ];
        let pieces = pieces(&artifacts);
        let data = data_box::lines(&pieces);
        lines.extend(data.iter().map(|line| format!("  {line}")));
        if !nudge::is_logged_in(&session.env) {
            lines.push(String::new());
            lines.push(nudge::TIP.to_owned());
        }
        session.output.text(&lines.join("\n"));
        Ok(())
    }
}

/// Where what the method does goes: to the user, the log and the datastore.
struct Teller<'a> {
    category: String,
    run: &'a Run<'a>,
    definition: &'a Definition,
    model: &'a ModelData,
    log: File,
    session: &'a mut Session,
}

impl Sink for Teller<'_> {
    fn line(&mut self, stream: Stream, line: &str) {
        let level = match stream {
            Stream::Out => Level::Info,
            Stream::Err => Level::Warning,
        };
        let logged = log::line(&time::now(), level, &self.category, line);
        // A log that cannot be written does not stop the command that it is about.
        let _ = writeln!(self.log, "{logged}");
        if !self.run.quiet {
            self.session.output.progress(&gutter::content(line));
        }
    }

    fn store(&mut self, draft: Draft) -> Result<Metadata> {
        self.run.changes.mark(&self.model.name_dir(&draft.name));
        let metadata = store::save(self.model, draft)?;
        notify::stored(
            self.run.repository,
            &self.run.datastore,
            &self.definition.model_type(),
            self.definition.id(),
            &metadata,
            &self.session.quirks,
        )?;
        Ok(metadata)
    }
}

fn artifact(model: &ModelData, data: &Metadata) -> Value {
    let mut view = json!({
        "id": data.id, "name": data.name, "path": model.version_dir(&data.name, data.version),
    });
    if data.content_type == "application/json" {
        let content = fs::read(model.content_path(&data.name, data.version)).ok();
        let attributes = content.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        if let Some(attributes) = attributes {
            view["attributes"] = attributes;
        }
    }
    view
}

/// The pieces for the box: the log is not among them, its lines were shown already.
fn pieces(artifacts: &[Value]) -> Vec<data_box::Piece> {
    let pieces = artifacts.iter().map(|artifact| data_box::Piece {
        name: artifact["name"].as_str().unwrap_or_default().to_owned(),
        attributes: artifact["attributes"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
    });
    pieces.filter(|piece| piece.name != "log").collect()
}
