//! `swamp model method history logs`.

use serde_json::json;

use crate::errors::Result;
use crate::model::outputs;
use crate::render::log_file;
use crate::session::Session;

/// Shows the lines that a run logged: the one of that id, or the newest of that model.
pub fn run(run_or_model: &str, tail: Option<usize>, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let words = ["No method run or model found", "Run not found: for model"];
    let found = outputs::of_run_or_model(&repository.dir, &datastore, run_or_model, words)?;
    let of = json!({ "outputId": found.text("id"), "methodName": found.text("methodName") });
    log_file::show(&repository, found.text("logFile"), tail, of, session)
}
