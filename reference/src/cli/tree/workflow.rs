//! `swamp workflow` and the commands below it.

use super::{CA_CERT, REPO_DIR, SERVER, TOKEN, missing};
use crate::cli::spec::{Argument, Opt, Run, Spec};
use crate::commands::{workflow_run, workflow_validate};

const ID_OR_NAME: Argument = Argument::one("workflow_id_or_name");
const ANY: Argument = Argument::optional("workflow_id_or_name");

const RUN: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag(
            "last-evaluated",
            "Skip CEL evaluation, use previously evaluated workflow and definitions",
        )
        .default("false"),
        Opt::valued("input", "value", "Input values (key=value or JSON)").repeated(),
        Opt::valued(
            "input-file",
            "file",
            "Input values from YAML file (cannot combine with --stdin)",
        ),
        Opt::flag("stdin", "Read inputs from stdin (piped data)").default("false"),
        Opt::valued("tag", "tag", "Add tag to produced data (KEY=VALUE, repeatable)").repeated(),
        Opt::flag("skip-reports", "Skip all post-run reports").default("false"),
        Opt::valued("skip-report", "name", "Skip a specific post-run report by name").repeated(),
        Opt::valued("skip-report-label", "label", "Skip post-run reports with this label").repeated(),
        Opt::valued("report", "name", "Run only this report (inclusion filter)").repeated(),
        Opt::valued(
            "report-label",
            "label",
            "Run only reports with this label (inclusion filter)",
        )
        .repeated(),
        Opt::flag("skip-checks", "Skip all pre-flight checks").default("false"),
        Opt::valued("skip-check", "name", "Skip a specific pre-flight check by name").repeated(),
        Opt::valued("skip-check-label", "label", "Skip pre-flight checks with this label").repeated(),
        Opt::valued(
            "fail-on",
            "severity",
            "Minimum assert severity that fails the run (low, medium, high). Default: low (any failure).",
        ),
        Opt::flag(
            "junit",
            "Output assert results as JUnit XML instead of normal log output",
        )
        .default("false"),
        Opt::valued(
            "out",
            "file",
            "Write output to file instead of stdout (only with --junit)",
        ),
        Opt::valued(
            "timeout",
            "duration",
            "Cancellation deadline — seconds (e.g. 30, 1800) or duration string (e.g. 30s, 5m, 1h). Cooperative — only \
             honored by methods that check AbortSignal.",
        ),
        Opt::valued(
            "server",
            "url",
            "Run through a 'swamp serve' server (ws:// or http://) instead of locally; no local repo required. Required \
             for steps with worker placement (env: SWAMP_SERVE_URL).",
        ),
        TOKEN,
        Opt::valued(
            "traceparent",
            "value",
            "W3C traceparent for per-invocation trace context (env: TRACEPARENT)",
        ),
        Opt::valued(
            "tracestate",
            "value",
            "W3C tracestate for per-invocation trace context (env: TRACESTATE)",
        ),
    ],
    examples: &[
        ("Run a workflow", "swamp workflow run deploy-pipeline"),
        (
            "With inputs",
            "swamp workflow run deploy-pipeline --input env=prod",
        ),
        (
            "Pass an array or object input (JSON-typed via :json suffix)",
            "swamp workflow run deploy-pipeline --input 'tags:json=[\"prod\",\"west\"]'",
        ),
        (
            "With tags",
            "swamp workflow run deploy-pipeline --tag type=deploy --tag env=production",
        ),
        (
            "Skip reports",
            "swamp workflow run deploy-pipeline --skip-reports",
        ),
        (
            "Pipe inputs from stdin",
            "echo '{\"env\":\"prod\"}' | swamp workflow run deploy-pipeline --stdin",
        ),
        (
            "Batch run via NDJSON from stdin",
            "printf '{\"env\":\"dev\"}\\n{\"env\":\"prod\"}' | swamp workflow run deploy-pipeline --stdin",
        ),
    ],
    ..Spec::new(
        &["run"],
        "Execute a workflow. Blocks until the run completes, suspends (manual approval), fails, or is cancelled. There \
         is no async/detached mode.",
        Run::Do(workflow_run::run),
    )
    .taking(&[ID_OR_NAME])
};

const VALIDATE: Spec = Spec {
    options: &[REPO_DIR, SERVER, TOKEN, CA_CERT],
    examples: &[
        (
            "Validate a workflow",
            "swamp workflow validate deploy-pipeline",
        ),
        ("Validate all workflows", "swamp workflow validate"),
    ],
    ..Spec::new(
        &["validate"],
        "Validate a workflow against its schema",
        Run::Do(workflow_validate::run),
    )
    .taking(&[ANY])
};

/// `swamp workflow`.
pub const WORKFLOW: Spec = Spec::new(
    &["workflow"],
    "Manage workflows",
    Run::Group(&[
        missing(&["create"], "Create a new workflow").taking(&[Argument::one("name")]),
        missing(&["delete"], "Delete a workflow and its run history").taking(&[ID_OR_NAME]),
        missing(&["edit"], "Edit a workflow file").taking(&[ANY]),
        missing(
            &["evaluate"],
            "Evaluate expressions in workflow definitions",
        )
        .taking(&[ANY]),
        missing(&["get"], "Show details of a workflow").taking(&[ID_OR_NAME]),
        missing(&["history"], "Workflow run history commands").taking(&[ID_OR_NAME]),
        VALIDATE,
        missing(&["search"], "Search for workflows").taking(&[Argument::optional("query")]),
        RUN,
        missing(
            &["approve"],
            "Approve a manual approval step in a suspended workflow run",
        )
        .taking(&[ID_OR_NAME, Argument::one("step_name")]),
        missing(&["cancel"], "Cancel a running workflow run").taking(&[ANY]),
        missing(
            &["reject"],
            "Reject a manual approval step in a suspended workflow run",
        )
        .taking(&[ID_OR_NAME, Argument::one("step_name")]),
        missing(
            &["resume"],
            "Resume a suspended workflow run after approval, or re-enter a failed run at a specific step with --from",
        )
        .taking(&[ID_OR_NAME]),
        missing(
            &["approvals"],
            "List all workflow runs awaiting manual approval",
        ),
        missing(&["schema"], "Workflow schema commands"),
        missing(
            &["trigger"],
            "Manage workflow trigger overrides in serve.yaml",
        ),
    ]),
);
