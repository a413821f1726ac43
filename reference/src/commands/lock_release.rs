//! `swamp datastore lock release`.

use clap::ArgMatches;
use serde_json::json;

use crate::cli::text;
use crate::errors::{Failure, Result};
use crate::lock::{Info, LockFile, drain, key};
use crate::quirks::Quirk;
use crate::remote::Remote;
use crate::remote::lock::Lock;
use crate::session::Session;

const CHANGED: &str = "lock holder changed — aborting to avoid breaking an active lock";

/// Takes a stuck lock away from whoever holds it.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    if let Some(remote) = Remote::of(&repository, &session.env)? {
        return in_bucket(&remote, matches, session);
    }
    let lock = match text(matches, "model") {
        None => drain::global_lock(&datastore, session),
        Some(model) => {
            let (model_type, id) = parsed(&model)?;
            let key = key::model(datastore.namespace.as_deref(), model_type, id);
            LockFile(datastore.path.join(key))
        }
    };
    let Some(holder) = lock.holder() else {
        if !session.quirks.on(Quirk::UnreadableLockIsNone) && lock.0.exists() {
            lock.remove()?;
            return session
                .output
                .result(&json!({ "released": true }), || "Lock Released".to_owned());
        }
        return refused("no lock held", session);
    };
    if !lock.force_release(&holder.nonce)? {
        return refused(CHANGED, session);
    }
    released(&holder, session)
}

fn in_bucket(remote: &Remote, matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let namespace = remote.namespace.as_deref();
    let lock = match text(matches, "model") {
        None => Lock::global(&remote.bucket, namespace, session),
        Some(model) => {
            let (model_type, id) = parsed(&model)?;
            Lock::of_model(&remote.bucket, namespace, model_type, id, session)
        }
    };
    let Some(holder) = lock.holder() else {
        return refused("no lock held", session);
    };
    if !lock.force_release(&holder.nonce)? {
        return refused(CHANGED, session);
    }
    released(&holder, session)
}

fn parsed(model: &str) -> Result<(&str, &str)> {
    key::parse_model(model).ok_or_else(|| {
        Failure::refused(format!(
            "Invalid --model format: \"{model}\". Expected \"type/id\" (e.g. aws-ec2/my-server, or @org/name/my-server \
             for scoped extension types)."
        ))
    })
}

fn released(holder: &Info, session: &mut Session) -> Result<()> {
    let result = json!({ "released": true, "previousHolder": holder.to_value() });
    session.output.result(&result, || {
        format!(
            "Lock Released\n  Previous holder: {} (pid {})",
            holder.holder, holder.pid
        )
    })
}

fn refused(reason: &str, session: &mut Session) -> Result<()> {
    session
        .output
        .result(&json!({ "released": false, "reason": reason }), || {
            format!("Lock Release: {reason}")
        })
}
