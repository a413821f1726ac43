//! The commands that decide about a run that waits for a person, on a repo handle.

use crate::scenario::ran::Ran;
use crate::scenario::repo::Repo;

impl<'t> Repo<'t> {
    /// `swamp workflow approvals`: what waits for a person.
    pub fn workflow_approvals(&self) -> Ran<'t> {
        self.swamp(&["workflow", "approvals"])
    }

    /// `swamp workflow approve <workflow> <step> <options>`
    pub fn workflow_approve(&self, [workflow, step]: [&str; 2], options: &[&str]) -> Ran<'t> {
        self.swamp(&[&["workflow", "approve", workflow, step], options].concat())
    }

    /// `swamp workflow reject <workflow> <step> <options>`
    pub fn workflow_reject(&self, [workflow, step]: [&str; 2], options: &[&str]) -> Ran<'t> {
        self.swamp(&[&["workflow", "reject", workflow, step], options].concat())
    }

    /// `swamp workflow resume <workflow> <options>`
    pub fn workflow_resume(&self, workflow: &str, options: &[&str]) -> Ran<'t> {
        self.swamp(&[&["workflow", "resume", workflow], options].concat())
    }
}
