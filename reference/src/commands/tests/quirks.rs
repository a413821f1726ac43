use serde_json::json;

use super::claimed;
use crate::quirks::Quirk;
use crate::testing::World;

fn names(world: &World, repo: &str) -> Vec<String> {
    let list = world.namespace(repo, &["list"]).json();
    let entries = list["namespaces"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|entry| entry["namespace"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn quirk_leading_hyphen_is_an_option() {
    let on = World::with_two_repositories().namespace("a", &["set", "-infra"]);
    assert_eq!(on.code, 2);
    assert!(
        on.out
            .starts_with("\nUsage:   swamp datastore namespace set <slug>\n")
    );
    assert_eq!(
        on.err,
        "  error: Unknown option \"-i\". Did you mean option \"-h\"?\n\n"
    );

    let world = World::without(Quirk::LeadingHyphenIsAnOption);
    for words in [&["set", "-infra"][..], &["set", "--", "-infra"]] {
        let off = world.run("a", &[&["datastore", "namespace"], words].concat());
        assert_eq!((off.code, off.out.as_str()), (1, ""));
        assert_eq!(
            off.err,
            "\nError: Namespace must match [a-z0-9][a-z0-9-]*: \"-infra\"\n"
        );
    }
    assert_eq!(
        world.namespace("a", &["set", "-infra"]).error(),
        "Namespace must match [a-z0-9][a-z0-9-]*: \"-infra\""
    );
}

#[test]
fn quirks_of_the_empty_list() {
    let empty = ["datastore", "namespace", "list"];
    let on = World::with_two_repositories();
    assert_eq!(
        on.run("a", &empty).out,
        "No namespaces registered in this datastore.\n"
    );
    assert_eq!(
        on.namespace("a", &["list"]).out,
        "{\n  \"namespaces\": []\n}\n"
    );
    assert_eq!(
        World::without(Quirk::EmptyListSpeaks).run("a", &empty).out,
        ""
    );
    let off = World::without(Quirk::EmptyListOmitsCurrent);
    assert_eq!(
        off.namespace("a", &["list"]).json(),
        json!({ "namespaces": [], "currentNamespace": null })
    );
}

#[test]
fn quirk_unset_keeps_manifest() {
    let on = claimed();
    assert_eq!(on.namespace("a", &["unset"]).code, 0);
    assert_eq!(names(&on, "a"), ["infra"]);

    let off = World::without(Quirk::UnsetKeepsManifest);
    let tree = off.tree("ds");
    assert_eq!(off.namespace("a", &["set", "infra"]).code, 0);
    assert_eq!(off.namespace("a", &["unset"]).code, 0);
    assert_eq!(off.tree("ds"), tree);
    assert_eq!(off.namespace("b", &["set", "infra"]).code, 0);
}

#[test]
fn quirk_set_keeps_old_manifest() {
    let on = claimed();
    assert_eq!(on.namespace("a", &["set", "two"]).code, 0);
    assert_eq!(names(&on, "a"), ["infra", "two"]);

    let off = World::without(Quirk::SetKeepsOldManifest);
    for slug in ["one", "two"] {
        assert_eq!(off.namespace("a", &["set", slug]).code, 0);
    }
    assert_eq!(names(&off, "a"), ["two"]);
}

#[test]
fn quirk_set_warns_without_data() {
    let warning = |world: &World, slug| {
        world
            .namespace("a", &["set", slug])
            .json()
            .get("warning")
            .is_some()
    };
    assert!(warning(&World::with_two_repositories(), "one"));

    let off = World::without(Quirk::SetWarnsWithoutData);
    assert!(!warning(&off, "one"));
    assert!(
        !off.run("a", &["datastore", "namespace", "set", "two"])
            .out
            .contains("Warning")
    );
    std::fs::create_dir_all(off.path("ds/data/m")).expect("a data directory");
    std::fs::write(off.path("ds/data/m/raw"), "x").expect("data");
    assert!(warning(&off, "three"));
}
