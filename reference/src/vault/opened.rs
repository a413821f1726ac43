//! A vault that a command works with.

use super::audit;
use super::registry::{self, Vault};
use super::secrets::Secrets;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::repository::Repository;
use crate::session::Session;
use crate::time;

/// A vault with its secrets, and the repository that it is of.
#[derive(Debug)]
pub struct Opened {
    /// The repository.
    pub repository: Repository,
    /// The vault.
    pub vault: Vault,
    /// Its secrets.
    pub secrets: Secrets,
}

impl Opened {
    /// The vault of this name; `quoted` is the name as it stands in the refusal.
    pub fn of(name: &str, quoted: &str, session: &Session) -> Result<Self> {
        let repository = session.repository()?;
        let vault = registry::require(&repository.dir, name, quoted)?;
        let mut base = vault.base_dir(&session.cwd);
        if session.faults.on(Fault::VaultsShared) {
            base = session.datastore(&repository)?.path;
        }
        let secrets = Secrets::of(&base, &vault.name);
        Ok(Self {
            repository,
            vault,
            secrets,
        })
    }

    /// The value of a secret, which `command` reads: the audit trail has that, where it has reads.
    pub fn read(&self, key: &str, command: &str) -> Result<String> {
        let value = self.secrets.get(key)?;
        if self.vault.audit_reads {
            let about = [&self.vault.name, key, &time::now()];
            audit::keep_by(command, &self.repository.dir, "get", about)?;
        }
        Ok(value)
    }

    /// Refuses a secret that is not there, as those commands do that are about one.
    pub fn require(&self, key: &str) -> Result<()> {
        if self.secrets.has(key)? {
            return Ok(());
        }
        let name = &self.vault.name;
        Err(Failure::refused(format!(
            "Secret '{key}' does not exist in vault '{name}'. Store a secret first with: swamp vault put {name} {key}"
        )))
    }
}
