//! `.swamp/secrets/local_encryption/<vault>`: the key of a vault and its secrets, for their owner
//! alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::Value;

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
        self.seal(&self.path(name)?, value)
    }

    /// Writes a text into a file that nobody else can read; says whether that was there.
    fn seal(&self, path: &Path, text: &str) -> Result<bool> {
        let dir = path.parent().unwrap_or(&self.dir);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|error| Failure::io(dir, &error))?;
        let sealed = crypto::seal(text, &self.key(true)?).map_err(Failure::broken)?;
        let text = serde_json::to_string_pretty(&sealed)
            .map_err(|error| Failure::broken(error.to_string()))?;
        let replaces = path.exists();
        if !replaces {
            // The permissions of a file that is there are kept.
            create_private(path, "").map_err(|error| Failure::io(path, &error))?;
        }
        files::write_atomically(path, &text)?;
        Ok(replaces)
    }

    /// The names of the secrets, in their order.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names: Vec<String> = files::files_below(&self.dir)?
            .iter()
            .filter(|path| path.parent() == Some(&self.dir))
            .filter_map(|path| Some(path.file_name()?.to_str()?.strip_suffix(".enc")?.to_owned()))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Whether there is a secret of that name.
    pub fn has(&self, name: &str) -> Result<bool> {
        Ok(self.path(name)?.is_file())
    }

    /// Removes a secret, and what is noted about it.
    pub fn remove(&self, name: &str) -> Result<()> {
        for path in [self.path(name)?, self.note_path(name)] {
            if path.is_file() {
                fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
            }
        }
        Ok(())
    }

    /// What is noted about a secret; null where nothing is.
    pub fn note(&self, name: &str) -> Result<Value> {
        let Some(text) = files::read_if_there(&self.note_path(name))? else {
            return Ok(Value::Null);
        };
        let sealed = serde_json::from_str(&text);
        let sealed = sealed.map_err(|error| Failure::broken(error.to_string()))?;
        let text = crypto::open(&sealed, &self.key(false)?).map_err(Failure::broken)?;
        serde_json::from_str(&text).map_err(|error| Failure::broken(error.to_string()))
    }

    /// Notes something about a secret; null takes away what was noted.
    pub fn set_note(&self, name: &str, note: &Value) -> Result<()> {
        let path = self.note_path(name);
        if note.is_null() {
            if path.is_file() {
                fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
            }
            return Ok(());
        }
        self.seal(&path, &note.to_string()).map(|_| ())
    }

    fn note_path(&self, name: &str) -> PathBuf {
        self.dir.join(".annotations").join(format!("{name}.enc"))
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
