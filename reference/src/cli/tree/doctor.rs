//! `swamp doctor` and the commands below it.

use super::{CA_CERT, REPO_DIR, SERVER, TOKEN, missing};
use crate::cli::spec::{Opt, Run, Spec};
use crate::commands::doctor_datastores;

const DATASTORES: Spec = Spec {
    options: &[
        REPO_DIR,
        Opt::flag(
            "repair",
            "Preview and repair datastore issues: catalog index completeness, root-level unmigrated data, and foreign \
             namespace contamination (add -y to execute).",
        ),
        Opt::flag(
            "yes",
            "Execute the repair (without this, --repair shows a preview).",
        )
        .short('y'),
        SERVER,
        TOKEN,
        CA_CERT,
    ],
    examples: &[
        ("Check this repo's datastore", "swamp doctor datastores"),
        (
            "Machine-readable output for CI",
            "swamp doctor datastores --json",
        ),
        (
            "Preview datastore repair",
            "swamp doctor datastores --repair",
        ),
        (
            "Execute datastore repair",
            "swamp doctor datastores --repair -y",
        ),
    ],
    ..Spec::new(
        &["datastores"],
        "Check that the configured datastore is healthy and flag any vault compatibility issues.",
        Run::Do(doctor_datastores::run),
    )
};

/// `swamp doctor`.
pub const DOCTOR: Spec = Spec {
    options: &[REPO_DIR],
    examples: &[
        (
            "Check the audit integration for the configured tool",
            "swamp doctor audit",
        ),
        (
            "Check the audit integration for a specific tool",
            "swamp doctor audit --tool kiro",
        ),
        ("Check swamp installation health", "swamp doctor install"),
        (
            "Check that user-defined extensions in this repo load cleanly",
            "swamp doctor extensions",
        ),
        (
            "Check that workflow YAML files load cleanly",
            "swamp doctor workflows",
        ),
        (
            "Scan for cleartext sensitive global arguments",
            "swamp doctor secrets",
        ),
        (
            "Check models with sensitive outputs have a vault configured",
            "swamp doctor vaults",
        ),
        (
            "Check datastore health and vault compatibility",
            "swamp doctor datastores",
        ),
    ],
    ..Spec::new(
        &["doctor"],
        "Run diagnostics that verify swamp's integrations are healthy.",
        Run::Group(&[
            missing(
                &["audit"],
                "Verify that the AI-tool audit integration is healthy for the configured tool.",
            ),
            DATASTORES,
            missing(
                &["extensions"],
                "Verify that user-defined extensions in this repo load cleanly and inspect catalog aggregate state.",
            ),
            missing(
                &["install"],
                "Check swamp installation health: binary ownership, writability, autoupdate status.",
            ),
            missing(
                &["secrets"],
                "Scan model definitions for cleartext sensitive global arguments and report how to migrate each to a \
                 vault.",
            ),
            missing(
                &["vaults"],
                "Scan model definitions for sensitive resource outputs and verify a vault is configured to store them.",
            ),
            missing(
                &["workflows"],
                "Check that workflow YAML files in this repo load cleanly.",
            ),
        ]),
    )
};
