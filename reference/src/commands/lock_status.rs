//! `swamp datastore lock status`.

use serde_json::{Value, json};

use crate::errors::Result;
use crate::lock::{Info, drain, key};
use crate::quirks::Quirk;
use crate::remote::{self, Remote};
use crate::session::Session;

const FILESYSTEM: &str = "filesystem";

/// A lock: who holds it, if anybody does, and what it is for.
struct Lock {
    holder: Option<Info>,
    /// Whether there is a file that says nothing.
    unreadable: bool,
    /// Type and id of the model; none for that of the namespace.
    scope: Option<String>,
    /// Where it is, where that is to be shown.
    key: Option<String>,
    /// The type of the datastore.
    backend: &'static str,
}

/// Says who holds the locks of the namespace's models and of the namespace.
pub fn run(session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    if let Some(remote) = Remote::of(&repository, &session.env)? {
        return of_bucket(&remote, session);
    }
    let namespace = datastore.namespace.as_deref();
    let shows_key = !session.quirks.on(Quirk::LockStatusHidesKey);
    let mut locks = Vec::new();
    for (model_type, id, info) in drain::model_locks(&datastore)? {
        locks.push(Lock {
            key: shows_key.then(|| key::model(namespace, &model_type, &id)),
            scope: Some(format!("{model_type}/{id}")),
            holder: Some(info),
            unreadable: false,
            backend: FILESYSTEM,
        });
    }
    let global = drain::global_lock(&datastore, session);
    let holder = global.holder();
    locks.push(Lock {
        unreadable: holder.is_none()
            && !session.quirks.on(Quirk::UnreadableLockIsNone)
            && global.0.exists(),
        key: shows_key.then(|| key::global(namespace)),
        scope: None,
        holder,
        backend: FILESYSTEM,
    });
    if !session.output.is_json() {
        for lock in &locks {
            session.output.text(&lock.for_people());
        }
        return Ok(());
    }
    if session.quirks.on(Quirk::LockStatusConcatenatesJson) {
        for lock in &locks {
            session.output.json(&lock.to_value())?;
        }
        return Ok(());
    }
    let mut values: Vec<_> = locks.iter().map(Lock::to_value).collect();
    let mut status = values.pop().unwrap_or_default();
    status["modelLocks"] = values.into();
    session.output.json(&status)
}

/// Of a bucket, only the lock of the namespace is looked at. By the quirk, one that cannot be read
/// is not held.
fn of_bucket(remote: &Remote, session: &mut Session) -> Result<()> {
    let lock = remote::lock::Lock::global(&remote.bucket, remote.namespace.as_deref(), session);
    let holder = match lock.read() {
        Ok(found) => found.map(|(info, _)| info),
        Err(_) if session.quirks.on(Quirk::SwallowedBackendErrors) => None,
        Err(problem) => return Err(problem.into()),
    };
    let lock = Lock {
        holder,
        unreadable: false,
        scope: None,
        key: (!session.quirks.on(Quirk::LockStatusHidesKey)).then_some(lock.key),
        backend: remote.config.cloud().type_name(),
    };
    session
        .output
        .result(&lock.to_value(), || lock.for_people())
}

impl Lock {
    fn to_value(&self) -> Value {
        let mut value = json!({ "held": self.holder.is_some() || self.unreadable });
        if let Some(info) = &self.holder {
            value["info"] = info.to_value();
        }
        value["datastoreType"] = self.backend.into();
        if self.unreadable {
            value["unreadable"] = true.into();
        }
        if let Some(scope) = &self.scope {
            value["lockScope"] = scope.as_str().into();
        }
        if let Some(key) = &self.key {
            value["lockKey"] = key.as_str().into();
        }
        value
    }

    fn for_people(&self) -> String {
        let label = self
            .scope
            .as_ref()
            .map_or(String::new(), |scope| format!(" [{scope}]"));
        let mut lines = match &self.holder {
            None if self.unreadable => {
                vec![format!(
                    "Lock Status: locked{label} (the lock file is unreadable)"
                )]
            }
            None => vec![format!("Lock Status: no lock held{label}")],
            Some(info) => vec![
                format!("Lock Status: locked{label}"),
                format!("  Holder:   {}", info.holder),
                format!("  PID:      {}", info.pid),
                format!("  Hostname: {}", info.hostname),
                format!(
                    "  Acquired: {} ({}s ago)",
                    info.acquired_at,
                    (info.age() + 500).div_euclid(1000)
                ),
                format!("  TTL:      {}ms", info.ttl_ms),
                format!("  Backend:  {}", self.backend),
            ],
        };
        if let (Some(scope), true) = (&self.scope, self.holder.is_some()) {
            lines.push(format!("  Scope:    {scope}"));
        }
        if let Some(key) = &self.key {
            lines.push(format!("  Key:      {key}"));
        }
        lines.join("\n")
    }
}
