//! `swamp report search`.

use serde_json::json;

use crate::args::ReportSearch;
use crate::errors::Result;
use crate::faults::Fault;
use crate::namespace::reach;
use crate::report::{self, stored};
use crate::session::Session;

/// Finds the newest version of each report, the youngest first. The result is JSON in both modes.
pub fn run(args: &ReportSearch, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let query = args.query.as_deref().unwrap_or_default();
    let wanted = query.to_lowercase();
    let mut found = Vec::new();
    for share in reach::shares(&datastore, Fault::SearchCrossesNamespace, session)? {
        for it in stored::all(&share)? {
            let (name, scope) = (
                it.metadata.tag("reportName"),
                it.metadata.tag("reportScope"),
            );
            let named = [name, &it.name];
            let named = named
                .iter()
                .any(|name| name.to_lowercase().contains(&wanted));
            let is = |asked: &Option<String>, value: &str| {
                asked.as_ref().is_none_or(|asked| asked == value)
            };
            let labels = report::labels(name);
            let labelled = args.label.iter().all(|it| labels.contains(&it.as_str()));
            if !named || !labelled || !is(&args.r#type, name) || !is(&args.scope, scope) {
                continue;
            }
            let told = stored::told(&it, &repository)?;
            let of = |key: &str| {
                told.get(key)
                    .and_then(|name| name.as_str())
                    .unwrap_or_default()
            };
            let model = if it.model_type == stored::OF_WORKFLOW {
                ""
            } else {
                of("modelName")
            };
            let fits = is(&args.model, model) && is(&args.workflow, of("workflowName"));
            if fits && it.is_latest(&share.data())? {
                found.push(told);
            }
        }
    }
    session
        .output
        .json(&json!({ "query": query, "results": found }))
}
