//! The lines of a log, which lies in the repository that wrote it.

use serde_json::{Value, json};

use crate::errors::Result;
use crate::faults::Fault;
use crate::files;
use crate::repository::Repository;
use crate::session::Session;

/// Shows the lines of the log at `path`, the last `tail` of them. `of` says which run it is of,
/// where there are no lines.
pub fn show(
    repository: &Repository,
    path: &str,
    tail: Option<usize>,
    of: Value,
    session: &mut Session,
) -> Result<()> {
    let text = files::read_if_there(&repository.dir.join(path))?.unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let first = tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    let lines = if session.faults.on(Fault::TailShowsHead) {
        &lines[..lines.len() - first]
    } else {
        &lines[first..]
    };
    if lines.is_empty() {
        let mut result = of;
        result["path"] = path.into();
        result["lines"] = json!([]);
        result["lineCount"] = 0.into();
        return session
            .output
            .result(&result, || format!("Log file not found or empty: {path}"));
    }
    let result = json!({ "path": path, "lines": lines, "lineCount": lines.len() });
    session.output.result(&result, || lines.join("\n"))
}
