//! Vaults and their secrets.

use serde_json::json;

use crate::testing::World;

fn with_vault() -> World {
    let world = World::new();
    for words in [
        &["repo", "init", "--tool", "none"][..],
        &["vault", "create", "local_encryption", "v"],
        &["vault", "put", "v", "K", "secret"],
    ] {
        assert_eq!(world.run("c", &[words, &["--json"]].concat()).code, 0);
    }
    world
}

#[test]
fn a_secret_is_kept_and_shown() {
    let world = with_vault();
    let read = world.run("c", &["vault", "read-secret", "v", "K", "--json"]);
    assert_eq!(
        read.json(),
        json!({ "vaultName": "v", "secretKey": "K", "vaultType": "local_encryption", "value": "secret" })
    );
    let plain = world.run("c", &["vault", "read-secret", "v", "K", "-f"]);
    assert_eq!(plain.out, "secret");
    let keys = world
        .run("c", &["vault", "list-keys", "v", "--json"])
        .json();
    assert_eq!(
        (&keys["secretKeys"], &keys["count"]),
        (&json!(["K"]), &json!(1))
    );
    let trail = world.tree("c/.swamp/audit");
    assert!(
        world
            .read(&format!("c/.swamp/audit/{}", trail[0]))
            .starts_with("{\"action\":\"put\",\"timestamp\":")
    );
}

#[test]
fn a_migration_of_the_default_datastore_hides_the_secrets() {
    let world = with_vault();
    let tree = world.tree("c/.swamp/secrets");
    assert_eq!(world.namespace("c", &["set", "infra"]).code, 0);
    assert_eq!(world.namespace("c", &["migrate", "--confirm"]).code, 0);
    assert_eq!(world.tree("c/.swamp/infra/secrets"), tree);
    let read = world.run("c", &["vault", "read-secret", "v", "K", "--json"]);
    assert_eq!(
        read.error(),
        "Secret not found: 'K' in vault 'v'. Use 'swamp vault list-keys v' to see available keys.\nOriginal error: \
         Secret 'K' not found in local vault 'v'"
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    let world = with_vault();
    for (words, message) in [
        (
            &["create", "local_encryption", "v"][..],
            "Vault already exists: v",
        ),
        (
            &["create", "local_encryption"],
            "Vault name is required in non-interactive mode. Usage: swamp vault create <type> <name>",
        ),
        (
            &["create", "nope", "x"],
            "Unknown vault type: nope. Available types: local_encryption. Use 'swamp vault type search' to see available \
             types.",
        ),
        (
            &["put", "w", "K", "x"],
            "Vault not found: w. Available vaults: v",
        ),
        (
            &["read-secret", "w", "K"],
            "Vault not found: 'w'. Available vaults: v",
        ),
        (
            &["put", "v", "a/b", "x"],
            "Invalid secret key 'a/b': must not contain '..', '/', '\\', or null bytes",
        ),
    ] {
        let ran = world.run("c", &[&["vault"], words, &["--json"]].concat());
        assert_eq!((ran.error().as_str(), ran.code), (message, 1));
    }
    let overwritten = world
        .run("c", &["vault", "put", "v", "K=other", "--json"])
        .json();
    assert_eq!(overwritten["overwritten"], true);
}
