//! `swamp report get`.

use serde_json::{Value, json};

use crate::args::ReportGet;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::namespace::reach;
use crate::quirks::Quirk;
use crate::report::{rendered, stored};
use crate::session::Session;

/// How wide a terminal is where there is none.
const WIDTH: usize = 80;

/// Shows a report: the newest of that name, or one version of it.
pub fn run(args: &ReportGet, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let mut shares = reach::shares(&datastore, Fault::ReportOfAnotherNamespace, session)?;
    // Whoever forgets the namespace takes what comes first.
    shares.reverse();
    let latest_alone = args.version.is_none() || session.quirks.on(Quirk::ReportVersionNotFound);
    let mut found = None;
    'shares: for share in &shares {
        for it in stored::all(share)? {
            let is_named = it.metadata.tag("reportName") == args.report;
            let is_variant = args.variant.as_deref();
            let is_variant =
                is_variant.is_none_or(|variant| it.metadata.tag("varySuffix") == variant);
            let is_version = args.version.is_none_or(|version| version == it.version);
            if !is_named
                || !is_variant
                || !is_version
                || latest_alone && !it.is_latest(&share.data())?
            {
                continue;
            }
            let told = stored::told(&it, &repository)?;
            let is = |asked: &Option<String>, key: &str| {
                let name = told.get(key).and_then(Value::as_str);
                asked.is_none() || asked.as_deref() == name
            };
            if is(&args.model, "modelName") && is(&args.workflow, "workflowName") {
                found = Some((it, told, share));
                break 'shares;
            }
        }
    }
    let (it, mut told, share) = found.ok_or_else(|| {
        let name = &args.report;
        Failure::refused(match args.version {
            Some(version) => format!("Report not found: \"{name}\" version {version}"),
            None => format!("Report not found: {name}"),
        })
    })?;
    let (markdown, json) = stored::contents(&it, share)?;
    if session.output.is_json() {
        told.insert("markdown".to_owned(), json!(markdown));
        told.insert("json".to_owned(), json);
        return session.output.json(&told);
    }
    let text = |key: &str| told.get(key).and_then(Value::as_str).unwrap_or_default();
    let source = match told.get("workflowName") {
        Some(_) => format!("Workflow: {}", text("workflowName")),
        None => format!("Model: {} ({})", text("modelName"), text("modelType")),
    };
    let (name, scope, time) = (text("reportName"), text("reportScope"), text("createdAt"));
    let what = format!("{source}  |  Scope: {scope}  |  v{}  |  {time}", it.version);
    let markdown = match args.max_col_width {
        Some(width) => rendered::narrowed(&markdown, width),
        None => markdown,
    };
    let shown = if args.markdown {
        format!("## {name}\n\n{what}\n\n{markdown}")
    } else {
        let line = "─".repeat(args.max_width.unwrap_or(WIDTH));
        let rendered = rendered::for_terminal(&markdown);
        format!("{line}\n  {name}  |  {what}\n{line}\n{rendered}")
    };
    session.output.text(&shown);
    Ok(())
}
