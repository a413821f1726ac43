//! The reminder to log in, which swamp prints on stderr after a command for people: a box at the first run in a home
//! directory, one line a day later on. When it was shown last stands in the user's configuration directory.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::files;
use crate::session::{Environment, Session};
use crate::time;

/// The short form of the reminder.
pub const TIP: &str =
    "Tip: Join & participate in the community by logging in to swamp-club.com: `swamp auth login`";

const BOX: &[&str] = &[
    "Swamp is better with SWAMP CLUB (swamp-club.com)",
    "",
    "Connect your account to unlock:",
    "  - Submit bug reports and feature requests",
    "  - Publish extensions to share with the community",
    "  - Higher rate limits on CLI usage",
    "",
    "Get started: swamp auth login",
];

/// Reminds after a command has succeeded, if it is time.
pub fn after(session: &mut Session) {
    if session.output.is_json() {
        return;
    }
    let Some(config) = config_dir(&session.env).filter(|_| !is_logged_in(&session.env)) else {
        return;
    };
    let path = config.join("auth_nudge.json");
    let mut state = read(&path);
    match state.get("lastShown").and_then(Value::as_str) {
        Some(time) if !is_a_day_ago(time) => return,
        None if state.get("firstRunShown") != Some(&Value::Bool(true)) => {
            session.output.aside(&boxed(BOX))
        }
        _ => session.output.aside(&format!("\n{TIP}")),
    }
    state.insert("firstRunShown".into(), true.into());
    state.insert("lastShown".into(), time::now().into());
    // A reminder that cannot be remembered comes again; that is no reason to fail.
    if let Ok(text) = serde_json::to_string_pretty(&state) {
        let _ = files::ensure_dir(&config)
            .and_then(|()| files::write_atomically(&path, &(text + "\n")));
    }
}

/// Whether the user has an account at hand.
pub fn is_logged_in(env: &Environment) -> bool {
    env.get("SWAMP_API_KEY").is_some()
        || config_dir(env).is_some_and(|config| config.join("auth.json").exists())
}

/// Where the user's configuration is.
fn config_dir(env: &Environment) -> Option<PathBuf> {
    if let Some(home) = env.get("SWAMP_HOME") {
        return Some(Path::new(&home).join("config"));
    }
    if let Some(config) = env.get("XDG_CONFIG_HOME") {
        return Some(Path::new(&config).join("swamp"));
    }
    Some(Path::new(&env.get("HOME")?).join(".config/swamp"))
}

fn read(path: &Path) -> Map<String, Value> {
    fs::read_to_string(path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// A time that nobody can read is never a day ago.
fn is_a_day_ago(time: &str) -> bool {
    let shown = time.parse::<Timestamp>();
    shown
        .is_ok_and(|shown| Timestamp::now().duration_since(shown) >= SignedDuration::from_hours(24))
}

fn boxed(lines: &[&str]) -> String {
    let width = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    let bar = "─".repeat(width + 2);
    let mut out = format!("\n  ┌{bar}┐\n");
    for line in lines {
        out.push_str(&format!("  │ {line:<width$} │\n"));
    }
    out.push_str(&format!("  └{bar}┘"));
    out
}
