//! `swamp model` and the commands below it.

use super::{CA_CERT, REPO_DIR, SERVER, TOKEN, missing};
use crate::cli::spec::{Argument, Opt, Run, Spec};
use crate::commands::{model_create, model_evaluate, model_method_run};

const ID_OR_NAME: Argument = Argument::optional("model_id_or_name");

const CREATE: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued(
            "global-arg",
            "arg",
            "Set global argument (key=value, repeatable)",
        )
        .repeated(),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        ("Create a model", "swamp model create aws-ec2 my-server"),
        (
            "With global args",
            "swamp model create aws-ec2 my-server --global-arg region=us-east-1",
        ),
    ],
    ..Spec::new(
        &["create"],
        "Create a new model definition",
        Run::Do(model_create::run),
    )
    .taking(&[Argument::one("type"), Argument::one("name")])
};

const EVALUATE: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag("all", "Evaluate all model definitions"),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        ("Evaluate a model", "swamp model evaluate my-server"),
        ("Evaluate all models", "swamp model evaluate --all"),
    ],
    ..Spec::new(
        &["evaluate"],
        "Evaluate expressions in model definitions",
        Run::Do(model_evaluate::run),
    )
    .taking(&[ID_OR_NAME])
};

const METHOD_RUN_ABOUT: &str = "Execute a method on a model. With @type prefix, auto-creates the definition if needed.

When --json is set, errors are written to stderr as a JSON envelope:

    { \"error\": \"<message>\", \"code\": \"<error_code>\" }

The \"code\" field is a stable, machine-readable identifier. Callers should match on \"code\" rather than parsing the \
error message. Known codes for this command:

    lock_timeout             Another invocation holds the model lock (exit 75)
    model_not_found          No model matches the given name
    unknown_model_type       The @type prefix does not match any installed type
    unknown_method           The model does not define the requested method
    no_evaluated_definition  No evaluated definition exists (use --last-evaluated)
    missing_deps             Required extension dependencies are not installed
    method_execution_failed  The method's execution driver returned an error
    not_authenticated        Not signed in (run 'swamp auth login')
    cancelled                Operation was cancelled (e.g. Ctrl+C)

Exit codes: 0 = success, 1 = general error, 75 = lock contention (temporary — retry with backoff).";

const METHOD_RUN: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag(
            "last-evaluated",
            "Skip CEL evaluation, use previously evaluated definition",
        )
        .default("false"),
        Opt::valued("input", "value", "Input values (key=value or JSON)").repeated(),
        Opt::valued(
            "input-file",
            "file",
            "Input values from YAML file (cannot combine with --stdin)",
        ),
        Opt::flag("stdin", "Read inputs from stdin (piped data)").default("false"),
        Opt::valued(
            "tag",
            "tag",
            "Add tag to produced data (KEY=VALUE, repeatable)",
        )
        .repeated(),
        Opt::valued(
            "skip-check",
            "name",
            "Skip a specific pre-flight check by name",
        )
        .repeated(),
        Opt::valued(
            "skip-check-label",
            "label",
            "Skip pre-flight checks with this label",
        )
        .repeated(),
        Opt::flag("skip-checks", "Skip all pre-flight checks").default("false"),
        Opt::flag("skip-reports", "Skip all post-run reports").default("false"),
        Opt::valued(
            "skip-report",
            "name",
            "Skip a specific post-run report by name",
        )
        .repeated(),
        Opt::valued(
            "skip-report-label",
            "label",
            "Skip post-run reports with this label",
        )
        .repeated(),
        Opt::valued("report", "name", "Run only this report (inclusion filter)").repeated(),
        Opt::valued(
            "report-label",
            "label",
            "Run only reports with this label (inclusion filter)",
        )
        .repeated(),
        Opt::valued(
            "timeout",
            "duration",
            "Cancellation deadline — seconds (e.g. 30, 1800) or duration string (e.g. 30s, 5m, 1h). Cooperative — only \
             honored by methods that check AbortSignal.",
        ),
        Opt::valued(
            "server",
            "url",
            "Run through a 'swamp serve' server (ws:// or http://) instead of locally; no local repo required (env: \
             SWAMP_SERVE_URL).",
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
        (
            "Run a method",
            "swamp model method run my-server getSystemInfo",
        ),
        (
            "Run with inputs",
            "swamp model method run my-server deploy --input env=prod",
        ),
        (
            "Direct type execution",
            "swamp model @swamp/aws/ec2/vpc method run create my-vpc --input region=us-east-1",
        ),
        (
            "Pass an array or object input (JSON-typed via :json suffix)",
            "swamp model method run my-server search --input 'keywords:json=[\"a\",\"b\"]'",
        ),
        (
            "Pipe inputs from stdin",
            "echo '{\"env\":\"prod\"}' | swamp model method run my-server deploy --stdin",
        ),
        (
            "Batch run via NDJSON from stdin",
            "printf '{\"env\":\"dev\"}\\n{\"env\":\"prod\"}' | swamp model method run my-server deploy --stdin",
        ),
    ],
    ..Spec::new(&["run"], METHOD_RUN_ABOUT, Run::Do(model_method_run::run)).taking(&[
        Argument::one("model_or_type"),
        Argument::one("method_name"),
        Argument::optional("definition_name"),
    ])
};

const METHOD: Spec = Spec::new(
    &["method"],
    "Execute model methods",
    Run::Group(&[
        METHOD_RUN,
        missing(
            &["describe"],
            "Describe a method on a model with argument details",
        )
        .taking(&[
            Argument::one("model_id_or_name"),
            Argument::one("method_name"),
        ]),
        missing(&["history"], "Model method run history commands")
            .taking(&[Argument::one("output_id_or_model_name")]),
    ]),
);

/// `swamp model`.
pub const MODEL: Spec = Spec::new(
    &["model"],
    "Manage models",
    Run::Group(&[
        missing(&["cancel"], "Cancel a running model method run").taking(&[ID_OR_NAME]),
        CREATE,
        missing(&["delete"], "Delete a model and all related artifacts")
            .taking(&[Argument::one("model_id_or_name")]),
        missing(&["edit"], "Edit a model definition file").taking(&[ID_OR_NAME]),
        EVALUATE,
        missing(&["get"], "Show details of a model definition")
            .taking(&[Argument::one("model_id_or_name")]),
        missing(&["search"], "Search for model definitions").taking(&[Argument::optional("query")]),
        missing(
            &["validate"],
            "Validate a model definition against its schema",
        )
        .taking(&[ID_OR_NAME]),
        METHOD,
        missing(&["output"], "Manage model outputs")
            .taking(&[Argument::one("output_id_or_model_name")]),
        missing(&["type"], "Inspect model types"),
    ]),
);
