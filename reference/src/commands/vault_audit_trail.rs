//! `swamp vault audit-trail`.

use serde_json::{Value, json};

use crate::args::AuditTrail;
use crate::errors::Result;
use crate::log::quote;
use crate::session::Session;
use crate::vault::audit;

/// Shows what was done with secrets, the oldest first.
pub fn run(args: &AuditTrail, session: &mut Session) -> Result<()> {
    const CATEGORY: &str = "vault audit-trail";
    let repository = session.repository()?;
    let mut entries = audit::all(&repository.dir)?;
    entries.retain(|entry| {
        let wanted = [
            ("action", &args.action),
            ("secretKey", &args.key),
            ("vaultName", &args.vault),
        ];
        let mut wanted = wanted.iter();
        wanted.all(|(name, wanted)| wanted.as_ref().is_none_or(|it| entry[*name] == it.as_str()))
    });
    entries.retain(|entry| {
        let time = entry["timestamp"].as_str().and_then(|it| it.parse().ok());
        let within = |time: jiff::Timestamp| {
            args.since.is_none_or(|since| since <= time)
                && args.until.is_none_or(|until| time <= until)
        };
        time.is_none_or(within)
    });
    let all = entries.len();
    entries.truncate(args.limit.unwrap_or(usize::MAX));
    let shown = entries.len();
    if session.output.is_json() {
        return session.output.json(&json!({
            "entries": entries, "returnedCount": shown, "truncated": shown < all,
        }));
    }
    let message = format!("{shown} vault operation(s):");
    session.output.info(CATEGORY, &message);
    for entry in &entries {
        let text = |name: &str| quote(entry[name].as_str().unwrap_or_default());
        let action = entry["action"].as_str().map(str::to_uppercase);
        let line = format!(
            "  {}  {}  {} ({})/{}  by {}",
            text("timestamp"),
            Value::from(action.unwrap_or_default()),
            text("vaultName"),
            text("vaultType"),
            text("secretKey"),
            text("callerContext"),
        );
        session.output.info(CATEGORY, &line);
    }
    Ok(())
}
