//! `swamp vault` and the commands below it.

use super::{CA_CERT, REPO_DIR, SERVER, TOKEN, missing};
use crate::cli::spec::{Argument, Opt, Run, Spec};
use crate::commands::{vault_create, vault_list_keys, vault_put, vault_read_secret};

const VAULT_NAME: Argument = Argument::one("vault_name");
const VAULT: Argument = Argument::one("vault_name_or_id");
const KEY: Argument = Argument::one("key");

const CREATE: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::valued("config", "json", "Provider configuration as JSON"),
        Opt::flag(
            "audit-reads",
            "Enable read access audit trail for this vault (can also be set later with vault edit)",
        ),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        (
            "Create a local vault",
            "swamp vault create local_encryption my-vault",
        ),
        (
            "With provider config",
            "swamp vault create aws-secrets-manager my-vault --config '{\"region\":\"us-east-1\"}'",
        ),
    ],
    ..Spec::new(
        &["create"],
        "Create a new vault configuration",
        Run::Do(vault_create::run),
    )
    .taking(&[Argument::one("type"), Argument::optional("name")])
};

const PUT_ABOUT: &str = "Store a secret in a vault.

The value can be provided in several ways:
  - As a third argument:   swamp vault put <vault> <key> <value>
  - Inline with KEY=VALUE: swamp vault put <vault> KEY=VALUE
  - Piped via stdin:       echo \"val\" | swamp vault put <vault> <key>
  - Interactive prompt:    swamp vault put <vault> <key>  (prompts with hidden input)

Piping via stdin is recommended for scripts and CI to avoid exposing secrets in the process argument list.

When using --server, the value must be passed as a positional argument or KEY=VALUE form — stdin and interactive \
prompts are not available remotely.";

const PUT: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag("yes", "Skip confirmation prompt when overwriting").short('y'),
        Opt::flag(
            "force",
            "Skip confirmation prompt when overwriting (alias for --yes)",
        )
        .short('f'),
        Opt::valued(
            "refresh-from",
            "command",
            "Command to run to refresh the secret value when the TTL expires",
        ),
        Opt::valued(
            "refresh-ttl",
            "duration",
            "How long before the secret is considered stale (e.g. 50m, 1h, 30s)",
        ),
        Opt::flag("clear-refresh", "Remove the refresh hook from this secret"),
        Opt::valued(
            "label",
            "label",
            "Attach a metadata label to the secret (key=value, repeatable)",
        )
        .repeated(),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        (
            "Inline KEY=VALUE",
            "swamp vault put my-vault API_KEY=sk-1234567890",
        ),
        (
            "Pipe from stdin (recommended for scripts)",
            "echo \"$SECRET\" | swamp vault put my-vault API_KEY",
        ),
        (
            "Interactive prompt (value is hidden)",
            "swamp vault put my-vault API_KEY",
        ),
        (
            "Overwrite existing secret",
            "swamp vault put my-vault API_KEY=new-value --force",
        ),
        (
            "Auto-refresh GCP token every 50 minutes",
            "swamp vault put my-vault GCP_TOKEN --refresh-from \"gcloud auth print-access-token\" --refresh-ttl 50m",
        ),
        (
            "Write a secret (alias)",
            "swamp vault write-secret my-vault API_KEY=sk-1234567890",
        ),
        (
            "Remove refresh hook from a secret",
            "swamp vault put my-vault GCP_TOKEN --clear-refresh",
        ),
        (
            "Store with labels",
            "swamp vault put my-vault API_KEY=sk-123 --label owner=platform-team --label env=prod",
        ),
    ],
    ..Spec::new(&["put", "write-secret"], PUT_ABOUT, Run::Do(vault_put::run)).taking(&[
        VAULT_NAME,
        KEY,
        Argument::optional("value"),
    ])
};

const READ_SECRET: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag("yes", "Skip confirmation prompt").short('y'),
        Opt::flag("force", "Skip confirmation prompt (alias for --yes)").short('f'),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        (
            "Read a secret",
            "swamp vault read-secret my-vault API_KEY --force",
        ),
        (
            "Read a secret (JSON output)",
            "swamp vault read-secret my-vault API_KEY --json",
        ),
    ],
    ..Spec::new(
        &["read-secret"],
        "Read a secret value from a vault.

In interactive (log) mode, prompts for confirmation before revealing the secret
unless --force is set. In --json mode, outputs the value directly.",
        Run::Do(vault_read_secret::run),
    )
    .taking(&[VAULT_NAME, KEY])
};

const LIST_KEYS: Spec = Spec {
    options: &[REPO_DIR, SERVER, TOKEN, CA_CERT],
    examples: &[("List keys in a vault", "swamp vault list-keys my-vault")],
    ..Spec::new(
        &["list-keys"],
        "List all secret keys in a vault (without values)",
        Run::Do(vault_list_keys::run),
    )
    .taking(&[VAULT_NAME])
};

/// `swamp vault`.
pub const VAULT_GROUP: Spec = Spec::new(
    &["vault"],
    "Manage vault configurations",
    Run::Group(&[
        missing(&["type"], "Inspect vault types"),
        CREATE,
        missing(&["search"], "Search for vaults in the repository")
            .taking(&[Argument::optional("query")]),
        missing(&["get"], "Show details of a vault configuration")
            .taking(&[VAULT, Argument::optional("extra")]),
        missing(&["describe"], "Describe a vault configuration").taking(&[VAULT]),
        missing(&["edit"], "Edit a vault configuration file")
            .taking(&[Argument::optional("vault_name_or_id")]),
        PUT,
        missing(&["delete"], "Delete a secret from a vault.").taking(&[VAULT_NAME, KEY]),
        missing(&["annotate"], "Annotate a vault secret with metadata.").taking(&[VAULT_NAME, KEY]),
        missing(&["inspect"], "Show metadata for a vault secret.").taking(&[VAULT_NAME, KEY]),
        missing(&["migrate"], "Migrate a vault to a different backend type.").taking(&[VAULT_NAME]),
        READ_SECRET,
        LIST_KEYS,
        missing(&["audit-trail"], "View the vault audit trail."),
    ]),
);
