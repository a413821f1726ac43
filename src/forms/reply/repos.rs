//! The replies of the commands about a repo and its vaults.

use super::forms::{RepoInit, RepoUpgrade, VaultCreate, VaultPut, VaultReadSecret};
use super::{Fault, Said, ensure, same};

pub(super) fn repo_init(said: &Said<'_>, reply: &RepoInit) -> Result<(), Fault> {
    let (repo, marker) = (said.repo(), said.marker()?);
    said.same_path("path", &reply.path, &repo)?;
    same("version", reply.version.as_str(), said.release())?;
    same("version", &reply.version, &marker.swamp_version)?;
    said.is_of_the_command("initializedAt", reply.initialized_at.0)?;
    same(
        "initializedAt",
        &reply.initialized_at,
        &marker.initialized_at,
    )?;
    ensure(marker.tools.is_empty(), ".swamp.yaml has tools")?;
    same("gitignoreManaged", marker.gitignore_managed, true)?;
    for (field, list) in [
        ("skillsCopied", &reply.skills_copied),
        ("tools", &reply.tools),
        ("removedTools", &reply.removed_tools),
    ] {
        ensure(list.is_empty(), &format!("{field} is not empty"))?;
    }
    same(
        "instructionsFileCreated",
        reply.instructions_file_created,
        false,
    )?;
    same("settingsCreated", reply.settings_created, false)?;
    same(
        "gitignoreAction",
        reply.gitignore_action.as_str(),
        "created",
    )?;
    same("tool", reply.tool.as_str(), "none")?;
    let known = [
        "Run `swamp --help` to see available commands",
        "Join & participate in the community: swamp auth login",
    ];
    // The second one is for those who have no account.
    let steps: Vec<&str> = reply.next_steps.iter().map(String::as_str).collect();
    ensure(
        steps == known || steps == known[..1],
        &format!("nextSteps is {steps:?}"),
    )
}

pub(super) fn repo_upgrade(said: &Said<'_>, reply: &RepoUpgrade) -> Result<(), Fault> {
    let marker = said.marker()?;
    said.same_path("path", &reply.path, &said.repo())?;
    ensure(
        !reply.previous_version.is_empty(),
        "previousVersion is empty",
    )?;
    same("newVersion", reply.new_version.as_str(), said.release())?;
    same("newVersion", &reply.new_version, &marker.swamp_version)?;
    said.is_of_the_command("upgradedAt", reply.upgraded_at.0)?;
    same(
        "upgradedAt",
        Some(&reply.upgraded_at),
        marker.upgraded_at.as_ref(),
    )?;
    for (field, list) in [
        ("skillsUpdated", &reply.skills_updated),
        ("previousTools", &reply.previous_tools),
        ("tools", &reply.tools),
        ("addedTools", &reply.added_tools),
        ("removedTools", &reply.removed_tools),
        ("extensionsToReinstall", &reply.extensions_to_reinstall),
        ("localSkillCopies", &reply.local_skill_copies),
        ("untrustedCollectives", &reply.untrusted_collectives),
    ] {
        ensure(list.is_empty(), &format!("{field} is not empty"))?;
    }
    same("instructionsUpdated", reply.instructions_updated, false)?;
    same("settingsUpdated", reply.settings_updated, false)?;
    same(
        "gitignoreAction",
        reply.gitignore_action.as_str(),
        "unchanged",
    )?;
    same(
        "changedFiles",
        reply.changed_files.as_slice(),
        [".swamp.yaml".to_owned()].as_slice(),
    )?;
    same("tool", reply.tool.as_str(), "none")?;
    let install = &reply.extension_install;
    ensure(install.entries.is_empty(), "extensions were installed")?;
    let counts = [
        install.installed,
        install.migrated,
        install.up_to_date,
        install.failed,
    ];
    same("the counts of extensions", counts, [0; 4])
}

pub(super) fn vault_create(
    said: &Said<'_>,
    kind: &str,
    name: &str,
    reply: &VaultCreate,
) -> Result<(), Fault> {
    same("type", reply.r#type.as_str(), kind)?;
    same("name", reply.name.as_str(), name)?;
    same("typeName", reply.type_name.as_str(), "Local Encryption")?;
    same("auto_generate", reply.config.auto_generate, true)?;
    said.same_path("base_dir", &reply.config.base_dir, &said.repo())?;
    let file = format!("vaults/{kind}/{}.yaml", reply.id.0);
    ensure(
        said.repo().join(&file).is_file(),
        &format!("there is no {file}"),
    )
}

pub(super) fn vault_put(
    said: &Said<'_>,
    vault: &str,
    key: &str,
    reply: &VaultPut,
) -> Result<(), Fault> {
    same("vaultName", reply.vault_name.as_str(), vault)?;
    same("secretKey", reply.secret_key.as_str(), key)?;
    same("vaultType", reply.vault_type.as_str(), "local_encryption")?;
    same("overwritten", reply.overwritten, false)?;
    said.is_of_the_command("timestamp", reply.timestamp.0)
}

pub(super) fn vault_read_secret(
    vault: &str,
    key: &str,
    reply: &VaultReadSecret,
) -> Result<(), Fault> {
    same("vaultName", reply.vault_name.as_str(), vault)?;
    same("secretKey", reply.secret_key.as_str(), key)?;
    same("vaultType", reply.vault_type.as_str(), "local_encryption")?;
    ensure(!reply.value.is_empty(), "the value is empty")
}
