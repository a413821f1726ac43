//! `.swamp/secrets/local_encryption/<vault>`: the key of a vault and its secrets, for their owner
//! alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{TYPE, crypto};
use crate::datastore;
use crate::errors::{Failure, Result};
use crate::files;

const KEY_FILE: &str = ".key";

/// The secrets of one vault.
#[derive(Debug, Clone)]
pub struct Secrets {
    dir: PathBuf,
    vault: String,
}

impl Secrets {
    /// The secrets of a vault below `base`, the directory of the repository.
    pub fn of(base: &Path, vault: &str) -> Self {
        Self {
            dir: datastore::local_dir(base)
                .join("secrets")
                .join(TYPE)
                .join(vault),
            vault: vault.to_owned(),
        }
    }

    /// Stores a secret; says whether it replaces one.
    pub fn put(&self, name: &str, value: &str) -> Result<bool> {
        let path = self.path(name)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .map_err(|error| Failure::io(&self.dir, &error))?;
        let sealed = crypto::seal(value, &self.key(true)?).map_err(Failure::broken)?;
        let text = serde_json::to_string_pretty(&sealed)
            .map_err(|error| Failure::broken(error.to_string()))?;
        let replaces = path.exists();
        if !replaces {
            // The permissions of a file that is there are kept.
            create_private(&path, "").map_err(|error| Failure::io(&path, &error))?;
        }
        files::write_atomically(&path, &text)?;
        Ok(replaces)
    }

    /// The value of a secret.
    pub fn get(&self, name: &str) -> Result<String> {
        let Some(text) = files::read_if_there(&self.path(name)?)? else {
            let vault = &self.vault;
            return Err(Failure::refused(format!(
                "Secret not found: '{name}' in vault '{vault}'. Use 'swamp vault list-keys {vault}' to see available \
                 keys.\nOriginal error: Secret '{name}' not found in local vault '{vault}'"
            )));
        };
        let broken = |reason: String| {
            Failure::refused(format!("Failed to retrieve secret '{name}': {reason}"))
        };
        let sealed = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        crypto::open(&sealed, &self.key(false)?).map_err(broken)
    }

    fn path(&self, name: &str) -> Result<PathBuf> {
        if name.contains("..") || name.contains(['/', '\\', '\0']) {
            return Err(Failure::broken(format!(
                "Invalid secret key '{name}': must not contain '..', '/', '\\', or null bytes"
            )));
        }
        Ok(self.dir.join(format!("{name}.enc")))
    }

    /// The vault's key; a new one where there is none yet and one may be made.
    fn key(&self, may_create: bool) -> Result<String> {
        let path = self.dir.join(KEY_FILE);
        if let Some(key) = files::read_if_there(&path)? {
            return Ok(key);
        }
        if !may_create {
            return Err(Failure::refused(format!(
                "No SSH key or auto-generated key configured for local vault '{}'. Set 'ssh_key_path' to point to an \
                 SSH private key file or enable 'auto_generate' in vault configuration.",
                self.vault
            )));
        }
        let key = format!("{}{}", uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        match create_private(&path, &key) {
            Ok(()) => Ok(key),
            // Somebody else was faster: there must not be two keys.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))
            }
            Err(error) => Err(Failure::io(&path, &error)),
        }
    }
}

fn create_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}
