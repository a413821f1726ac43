use serde_json::{Value, json};

use super::{MANIFEST, claimed};
use crate::testing::World;

#[test]
fn set_claims_and_unset_restores_the_configuration() {
    let world = World::with_two_repositories();
    let (before, tree) = (world.read("a/.swamp.yaml"), world.tree("ds"));
    let set = world.namespace("a", &["set", "infra"]);
    assert_eq!(set.code, 0);
    let keys: Vec<_> = set
        .json()
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        keys,
        [
            "namespace",
            "datastorePath",
            "warning",
            "registrationSkipped"
        ]
    );
    assert_eq!(
        world.read("a/.swamp.yaml"),
        format!("{before}  namespace: infra\n")
    );
    let mut expected = tree;
    expected.extend(["infra".to_owned(), "infra/.namespace.json".to_owned()]);
    expected.sort();
    assert_eq!(world.tree("ds"), expected);

    let unset = world.namespace("a", &["unset"]);
    assert_eq!(unset.json(), json!({ "previousNamespace": "infra" }));
    assert_eq!(world.read("a/.swamp.yaml"), before);
    assert_eq!(world.tree("ds"), expected);
}

#[test]
fn a_rejected_slug_changes_nothing() {
    let world = claimed();
    let (before, tree) = (world.read("b/.swamp.yaml"), world.tree("ds"));
    for slug in ["Infra", "", "in/fra", "-infra", "infra"] {
        assert_ne!(world.namespace("b", &["set", slug]).code, 0, "{slug}");
    }
    assert_eq!(world.read("b/.swamp.yaml"), before);
    assert_eq!(world.tree("ds"), tree);
}

#[test]
fn what_others_claimed_is_refused_and_the_own_is_not_set_twice() {
    let world = claimed();
    let manifest = world.read(MANIFEST);
    let id = serde_json::from_str::<Value>(&manifest).expect("the manifest")["repoId"].clone();
    let refused = world.namespace("b", &["set", "infra"]);
    assert_eq!(refused.code, 1);
    let id = id.as_str().expect("an id");
    assert_eq!(
        refused.error(),
        format!("Namespace \"infra\" is already registered in this datastore by repo {id}.")
    );
    assert_eq!(
        world.namespace("a", &["set", "infra"]).error(),
        "Namespace is already set to \"infra\"."
    );
    assert_eq!(world.read(MANIFEST), manifest);
}

#[test]
fn the_list_marks_the_own_namespace() {
    let world = claimed();
    assert_eq!(world.namespace("b", &["set", "security"]).code, 0);
    for (repo, marks) in [("a", [true, false]), ("b", [false, true])] {
        let list = world.namespace(repo, &["list"]).json();
        for (index, mark) in marks.into_iter().enumerate() {
            assert_eq!(list["namespaces"][index]["isCurrent"], mark);
        }
        let keys: Vec<_> = list["namespaces"][0]
            .as_object()
            .expect("an entry")
            .keys()
            .cloned()
            .collect();
        assert_eq!(keys, ["namespace", "repoId", "registeredAt", "isCurrent"]);
    }
    assert_eq!(
        world.namespace("a", &["list"]).json()["currentNamespace"],
        "infra"
    );
    let table = world.run("b", &["datastore", "namespace", "list"]).out;
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("│ security") && line.ends_with("│ *       │")),
        "{table}"
    );
}

#[test]
fn several_namespaces_forbid_unset() {
    let world = claimed();
    assert_eq!(world.namespace("b", &["set", "security"]).code, 0);
    let before = world.read("a/.swamp.yaml");
    for words in [
        &["unset"][..],
        &["unset", "--migrate"],
        &["unset", "--migrate", "--confirm"],
    ] {
        let refused = world.namespace("a", words);
        assert_eq!(refused.code, 1);
        assert!(refused.error().starts_with(
            "Cannot unset namespace: datastore contains 2 namespaces (infra, security)."
        ));
    }
    assert_eq!(world.read("a/.swamp.yaml"), before);
}

#[test]
fn solo_repositories_have_nothing_to_unset_or_migrate() {
    let world = World::with_two_repositories();
    assert_eq!(
        world.namespace("a", &["unset"]).error(),
        "No namespace is currently configured. Nothing to unset."
    );
    assert_eq!(
        world.namespace("a", &["unset", "--migrate"]).error(),
        "No namespace is configured. Nothing to unset or migrate."
    );
    assert_eq!(
        world.namespace("a", &["migrate", "--confirm"]).error(),
        "No namespace is configured. Run 'swamp datastore namespace set <slug>' first."
    );
    let outside = world.namespace("elsewhere", &["list"]);
    assert_eq!(outside.code, 1);
    assert!(outside.error().starts_with("Not a swamp repository: "));
}

#[test]
fn log_lines_are_for_people_only() {
    let world = World::with_two_repositories();
    let human = world.run("a", &["datastore", "namespace", "set", "one"]);
    assert!(human.out.contains(
        "Z [INF] datastore·namespace·set: Namespace set to \"one\"\nNamespace set to \"one\"\n"
    ));
    assert!(human.err.contains("SWAMP CLUB"));
    let again = world.run("a", &["datastore", "namespace", "set", "two"]);
    assert!(
        again.out.contains(
            "[INF] datastore·namespace·set: Changing namespace from \"one\" to \"two\"\n"
        )
    );
    assert_eq!(again.err, "");
    for flags in [&["-q"][..], &["--log-level", "warning"]] {
        let words = [
            &["datastore", "namespace", "set", flags[0].trim_matches('-')],
            flags,
        ]
        .concat();
        let quiet = world.run("a", &words);
        assert_eq!((quiet.code, quiet.out.contains("[INF]")), (0, false));
    }
}

#[test]
fn the_repository_is_found_from_below_and_by_option() {
    let world = claimed();
    let current = |place: &str, words: &[&str]| {
        world.namespace(place, &[&["list"], words].concat()).json()["currentNamespace"].clone()
    };
    assert_eq!(current("a/models/deep/er", &[]), "infra");
    assert_eq!(current("b", &["--repo-dir", "../a"]), "infra");
    assert_eq!(current("b", &[]), Value::Null);
    // The root of a git work tree is the end of the search.
    std::fs::create_dir_all(world.path("a/models/.git")).expect("a git directory");
    assert_eq!(world.namespace("a/models/deep", &["list"]).code, 1);
}

#[test]
fn half_a_repository_is_told_from_none() {
    let world = claimed();
    std::fs::remove_file(world.path("a/.swamp.yaml")).expect("the marker");
    let refused = world.namespace("a", &["list"]);
    assert_eq!(refused.code, 1);
    assert!(refused.error().starts_with("Found a .swamp/ directory at "));
}

#[test]
fn the_default_datastore_is_in_the_repository() {
    let world = World::new();
    assert_eq!(
        world.run("a", &["init", "--tool", "none", "--json"]).code,
        0
    );
    let before = world.read("a/.swamp.yaml");
    let set = world.namespace("a", &["set", "infra"]).json();
    let path = set["datastorePath"].as_str().expect("a path").to_owned();
    assert!(path.ends_with("/a/.swamp"));
    let block = format!("datastore:\n  type: filesystem\n  path: {path}\n");
    assert_eq!(
        world.read("a/.swamp.yaml"),
        format!("{before}{block}  namespace: infra\n")
    );
    assert!(world.path("a/.swamp/infra/.namespace.json").is_file());
    assert_eq!(world.namespace("a", &["unset"]).code, 0);
    assert_eq!(world.read("a/.swamp.yaml"), format!("{before}{block}"));
}
