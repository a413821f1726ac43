//! `swamp datastore lock release`.

use serde_json::json;

use crate::errors::Result;
use crate::lock::{Info, drain};
use crate::quirks::Quirk;
use crate::remote::Remote;
use crate::remote::lock::Lock;
use crate::session::Session;

const CHANGED: &str = "lock holder changed — aborting to avoid breaking an active lock";

/// Takes a stuck lock away from whoever holds it.
pub fn run(session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    if let Some(remote) = Remote::of(&repository, &session.env)? {
        return in_bucket(&remote, session);
    }
    let lock = drain::global_lock(&datastore, session);
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

fn in_bucket(remote: &Remote, session: &mut Session) -> Result<()> {
    let namespace = remote.namespace.as_deref();
    let lock = Lock::global(&remote.bucket, namespace, session);
    let Some(holder) = lock.holder() else {
        return refused("no lock held", session);
    };
    if !lock.force_release(&holder.nonce)? {
        return refused(CHANGED, session);
    }
    released(&holder, session)
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
