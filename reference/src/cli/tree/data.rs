//! `swamp data` and the commands below it.

use super::{CA_CERT, REPO_DIR, SERVER, TOKEN, data_removal, missing};
use crate::cli::spec::{Argument, Opt, Run, Spec};
use crate::commands::{data_get, data_list, data_query, data_search, data_versions};

pub(super) const ID_OR_NAME: Argument = Argument::optional("model_id_or_name");
pub(super) const DATA_NAME: Argument = Argument::optional("data_name");
pub(super) const MODEL: Opt = Opt::valued(
    "model",
    "model",
    "Model name or ID (alternative to positional argument)",
);
pub(super) const NAME: Opt = Opt::valued(
    "name",
    "name",
    "Data name (alternative to positional argument)",
);
const RUN: Opt = Opt::valued(
    "run",
    "run_id",
    "Specific workflow run ID (defaults to latest)",
);

const GET: Spec = Spec {
    options: &[
        REPO_DIR,
        MODEL,
        NAME,
        Opt::valued(
            "version",
            "version",
            "Specific version (defaults to latest)",
        ),
        Opt::valued("workflow", "name", "Get data produced by a workflow"),
        RUN,
        Opt::flag("no-content", "Show metadata only, without content"),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        ("Get latest data", "swamp data get my-server system-info"),
        (
            "Get using flags",
            "swamp data get --model my-server --name system-info",
        ),
        (
            "Get a specific version",
            "swamp data get my-server system-info --version 2",
        ),
        (
            "Get workflow data",
            "swamp data get --workflow deploy --run latest",
        ),
        (
            "Metadata only",
            "swamp data get my-server system-info --no-content",
        ),
        (
            "From a remote server",
            "swamp data get my-server system-info --server wss://demo.swamp-club.ai",
        ),
    ],
    ..Spec::new(
        &["get"],
        "Get data by model and name, or by workflow",
        Run::Do(data_get::run),
    )
    .taking(&[ID_OR_NAME, DATA_NAME])
};

const LIST: Spec = Spec {
    options: &[
        REPO_DIR,
        MODEL,
        Opt::valued(
            "type",
            "type",
            "Filter by data type (log, file, resource, data)",
        ),
        Opt::valued("workflow", "name", "List data produced by a workflow"),
        RUN,
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        ("List all data for a model", "swamp data list my-server"),
        ("List using flag", "swamp data list --model my-server"),
        ("Filter by type", "swamp data list my-server --type output"),
        (
            "List workflow run data",
            "swamp data list --workflow deploy",
        ),
    ],
    ..Spec::new(
        &["list"],
        "List all data for a model or workflow, grouped by type",
        Run::Do(data_list::run),
    )
    .taking(&[ID_OR_NAME])
};

const QUERY: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued("limit", "n", "Maximum results (unlimited when omitted)").number(),
        Opt::valued(
            "select",
            "expr",
            "CEL expression to extract fields from matching records (e.g. data.name)",
        ),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        ("Interactive mode", "swamp data query"),
        (
            "Filter by model",
            "swamp data query 'modelName == \"scanner\"'",
        ),
        (
            "Filter with size threshold",
            "swamp data query 'size > 1048576'",
        ),
        (
            "Project a single field",
            "swamp data query 'dataType == \"resource\"' --select data.name",
        ),
    ],
    ..Spec::new(
        &["query"],
        "Query data artifacts using CEL predicates (interactive TUI when no predicate given)",
        Run::Do(data_query::run),
    )
    .taking(&[Argument::optional("predicate")])
};

const SEARCH: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued(
            "type",
            "type",
            "Filter by data type tag (log, file, resource, data, output)",
        ),
        Opt::valued(
            "lifetime",
            "lifetime",
            "Filter by lifetime (ephemeral, infinite, job, workflow, or duration)",
        ),
        Opt::valued(
            "owner-type",
            "type",
            "Filter by owner type (model-method, workflow-step, manual)",
        ),
        Opt::valued(
            "workflow",
            "name",
            "Filter to data tagged with this workflow name",
        ),
        Opt::valued("model", "name", "Filter to data owned by this model name"),
        Opt::valued(
            "content-type",
            "mime",
            "Filter by MIME content type (e.g., application/json)",
        ),
        Opt::valued(
            "since",
            "duration",
            "Only data created within duration (1h, 1d, 7d, 1w, 1mo)",
        ),
        Opt::valued(
            "output",
            "output_id",
            "Data from a specific model output (by output ID)",
        ),
        Opt::valued(
            "run",
            "run_id",
            "Data from a specific workflow run (by run ID)",
        ),
        Opt::valued("tag", "tag", "Filter by tag (KEY=VALUE, repeatable)").repeated(),
        Opt::flag("streaming", "Only show streaming data"),
        Opt::valued("limit", "n", "Max results").default("50"),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        ("Interactive search", "swamp data search"),
        ("Search with query", "swamp data search cpu-metrics"),
        (
            "Search within a model",
            "swamp data search --model my-server",
        ),
    ],
    ..Spec::new(
        &["search"],
        "Search for data across all models",
        Run::Do(data_search::run),
    )
    .taking(&[Argument::optional("query")])
};

const VERSIONS: Spec = Spec {
    options: &[REPO_DIR, MODEL, NAME, SERVER, TOKEN, CA_CERT],
    examples: &[
        (
            "List all versions",
            "swamp data versions my-server system-info",
        ),
        (
            "List using flags",
            "swamp data versions --model my-server --name system-info",
        ),
    ],
    ..Spec::new(
        &["versions"],
        "List all versions of specific data",
        Run::Do(data_versions::run),
    )
    .taking(&[ID_OR_NAME, DATA_NAME])
};

/// `swamp data`.
pub const DATA: Spec = Spec::new(
    &["data"],
    "Manage model data",
    Run::Group(&[
        GET,
        LIST,
        SEARCH,
        QUERY,
        VERSIONS,
        data_removal::GC,
        missing(
            &["prune"],
            "Reclaim orphaned data whose owning model definition no longer exists.",
        ),
        missing(
            &["rename"],
            "Rename a data instance with backwards-compatible forwarding",
        )
        .taking(&[
            ID_OR_NAME,
            Argument::optional("old_name"),
            Argument::optional("new_name"),
        ]),
        data_removal::DELETE,
    ]),
);
