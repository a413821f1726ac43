//! The one help text that a scenario sees.

use crate::VERSION;

/// What `swamp datastore namespace set` says of itself.
pub fn of_namespace_set() -> String {
    // Each line is as wide as the widest of its table.
    format!("\nUsage:   swamp datastore namespace set <slug>\nVersion: {VERSION:<36}\n{REST}")
}

const REST: &str = "
Description:

  Assign a namespace to this repository

Options:

  -h, --help                  - Show this help.                                            \n\
\x20 --json                      - Output in JSON format (non-interactive)                    \n\
\x20 --log                       - Force non-interactive log output                           \n\
\x20 --log-level        <level>  - Set log level (trace, debug, info, warning, error, fatal)  \n\
\x20 -q, --quiet                 - Suppress non-essential output                              \n\
\x20 -v, --verbose               - Show detailed output                                       \n\
\x20 --no-telemetry              - Disable telemetry for this invocation                      \n\
\x20 --show-properties           - Show structured properties in log output                   \n\
\x20 --no-color                  - Disable colored output                                     \n\
\x20 --repo-dir         <dir>    - Repository directory (env: SWAMP_REPO_DIR)                 \n
Examples:

  Set namespace swamp datastore namespace set infra
";
