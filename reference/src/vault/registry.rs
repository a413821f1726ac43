//! `vaults/local_encryption/<id>.yaml`: the vaults of a repository.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::TYPE;
use crate::config::text::Quotes;
use crate::config::yaml;
use crate::errors::{Failure, Result};
use crate::files;

/// The configuration of a vault.
#[derive(Debug, Clone, PartialEq)]
pub struct Vault {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its provider needs to know.
    pub config: Map<String, Value>,
    /// When it was made.
    pub created_at: String,
    /// Whether the audit trail has who reads its secrets, too.
    pub audit_reads: bool,
}

impl Vault {
    /// Writes the vault's file.
    pub fn write(&self, repo: &Path) -> Result<()> {
        let dir = directory(repo);
        files::ensure_dir(&dir)?;
        let mut entries = self.described();
        if self.audit_reads {
            entries["auditReads"] = true.into();
        }
        let Value::Object(entries) = entries else {
            return Err(Failure::broken("no mapping"));
        };
        let path = dir.join(format!("{}.yaml", self.id));
        files::write_atomically(&path, &yaml::write(&entries, Quotes::Single))
    }

    /// What is said of it.
    pub fn described(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "type": TYPE, "config": self.config,
            "createdAt": self.created_at,
        })
    }

    /// Where its file lies, seen from the repository.
    pub fn storage_path(&self) -> String {
        format!("vaults/{TYPE}/{}.yaml", self.id)
    }

    /// The directory that its secrets are below.
    pub fn base_dir(&self, cwd: &Path) -> PathBuf {
        match self.config.get("base_dir").and_then(Value::as_str) {
            Some(dir) => cwd.join(dir),
            None => cwd.to_path_buf(),
        }
    }
}

fn directory(repo: &Path) -> PathBuf {
    repo.join("vaults").join(TYPE)
}

/// The vaults of a repository, by name. A file that is no vault is passed over.
pub fn all(repo: &Path) -> Result<Vec<Vault>> {
    let mut found = Vec::new();
    for path in files::files_below(&directory(repo))? {
        let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
        let entries = yaml::read(&text).unwrap_or_default();
        let text = |key: &str| entries.get(key).and_then(Value::as_str).map(str::to_owned);
        if let (Some(id), Some(name)) = (text("id"), text("name")) {
            let config = entries.get("config").and_then(Value::as_object);
            found.push(Vault {
                id,
                name,
                config: config.cloned().unwrap_or_default(),
                created_at: text("createdAt").unwrap_or_default(),
                audit_reads: entries.get("auditReads") == Some(&Value::Bool(true)),
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The vault of this name; `quoted` is the name as it stands in the refusal.
pub fn require(repo: &Path, name: &str, quoted: &str) -> Result<Vault> {
    let all = all(repo)?;
    if let Some(vault) = all.iter().find(|vault| vault.name == name) {
        return Ok(vault.clone());
    }
    let names: Vec<_> = all.iter().map(|vault| vault.name.as_str()).collect();
    let names = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    Err(Failure::refused(format!(
        "Vault not found: {quoted}. Available vaults: {names}"
    )))
}
