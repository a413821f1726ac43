//! `swamp workflow history search`.

use crate::args::RunSearch;
use crate::commands::workflow_run_search;
use crate::errors::Result;
use crate::session::Session;

/// Finds runs by a text and by inputs, as `workflow run search` does with more to go by.
pub fn run(query: String, input: Vec<String>, session: &mut Session) -> Result<()> {
    let args = RunSearch {
        query: Some(query),
        since: None,
        status: None,
        workflow: None,
        limit: None,
        tag: Vec::new(),
        input,
    };
    workflow_run_search::run(args, session)
}
