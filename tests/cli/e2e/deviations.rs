//! Deviations that scenarios of more than one file meet.

use swamp_uat::prelude::*;

/// `model edit` and `workflow edit` speak of another file than the one they leave.
pub const EDIT_NAMES_OLD_FILE: Deviation = Deviation {
    id: "edit-names-old-file",
    plan: "model edit and workflow edit say where what was edited lies",
    today: "of one that got another name they name the file that is gone",
    severity: Severity::Wording,
};
