//! Phase B: the namespace commands, on a filesystem datastore. Scenarios 1 to 11.

use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::B, on filesystem;
    s01_set_happy_path,
    s02_set_validation,
    s03_set_already_set,
    s04_set_conflict,
    s05_set_different_slugs,
    s06_list_empty,
    s07_list_with_entries,
    s08_list_json,
    s09_unset_happy_path,
    s10_unset_with_multiple,
    s11_unset_when_not_set,
];

/// `namespace set` on a fresh repo writes the namespace to `.swamp.yaml` and registers it with a
/// manifest in the datastore. It warns of existing data although there is none.
fn s01_set_happy_path(t: &Trial) {
    let (ds, ds_json) = (t.store("ds"), t.store("ds-json"));
    let human = t.repo("infra").on(&ds);
    let json = t.repo("infra-json").on(&ds_json).as_json();
    t.checkpoint("fresh");

    let said = human.namespace_set("infra").snapshot();
    let said_json = json.namespace_set("infra").snapshot();
    let set: NamespaceSet = said_json.parsed();
    t.layout("after set");

    assert!(human.swamp_yaml().ends_with("\n  namespace: infra\n"));
    ds.assert_has("infra/.namespace.json");
    assert_eq!(set.namespace, "infra");
    assert_eq!(set.datastore_path, ds_json.path().to_string_lossy());
    assert!(!set.registration_skipped);
    t.planned(
        set.warning.is_none()
            && said_json.is_done()
            && said.is_done()
            && said
                .stdout
                .contains("Namespace set to \"infra\"\n  Datastore: ")
            && !said.stdout.contains("Warning")
            && !said.stdout.contains("xisting data")
            && warns_of_data(t),
        Deviation {
            id: "set-warns-without-data",
            plan: "a datastore without data gives no warning of data at the old path",
            today: "the warning of existing data is printed although there is none",
            severity: Severity::Wording,
        },
    );
}

/// Whether `namespace set` warns in a repo that has data.
fn warns_of_data(t: &Trial) -> bool {
    let repo = t.repo("full").on(&t.unseen_store("ds-full"));
    repo.add("hello");
    repo.as_json()
        .run_model("hello", "echo hi")
        .succeeds_quietly();
    let set: NamespaceSet = repo
        .as_json()
        .namespace_set("full")
        .succeeds_quietly()
        .parsed();
    set.warning.is_some()
}

/// Slugs that are no slugs are rejected, and a rejection touches neither `.swamp.yaml` nor the
/// datastore. Today a leading hyphen never reaches the validation, the message for an empty slug
/// names a constant of swamp's source, and the names of datastore directories are accepted.
fn s02_set_validation(t: &Trial) {
    let (ds, accepted) = (t.store("ds"), t.store("accepted"));
    let repo = t.repo("infra").on(&ds);
    let [longest, shortest, double, zero, reserved] =
        ["longest", "shortest", "double", "zero", "reserved"]
            .map(|name| t.repo(name).on(&accepted));
    let fresh = repo.state_with(&ds);
    t.checkpoint("fresh");

    let (a64, a65) = ("a".repeat(64), "a".repeat(65));
    for slug in [
        "Infra", "in_fra", "in.fra", "in fra", "in/fra", "infra:x", "*", "infra-", "..", &a65, "",
    ] {
        repo.nothing_changes(&ds, || {
            let human = repo.namespace_set(slug).snapshot_code(1);
            let json = repo.as_json().namespace_set(slug).fails(1);
            assert_eq!(json.error(), human.error());
            assert_eq!(json.stdout, "");
        });
    }
    let empty = repo.namespace_set("").fails(1);
    t.planned(
        empty.refuses(&["amespace", "empty"]) && !empty.error().contains("SOLO_NAMESPACE"),
        Deviation {
            id: "empty-slug-leaks-constant",
            plan: "an empty slug is rejected in words that a user knows",
            today: "the message advises to use SOLO_NAMESPACE, a constant of swamp's source",
            severity: Severity::Wording,
        },
    );

    let hyphen = repo.namespace_set("-infra").snapshot();
    let hyphen_json = repo.as_json().namespace_set("-infra").fails_with_any_code();
    let escaped = repo
        .swamp(&["datastore", "namespace", "set", "--", "-infra"])
        .fails_with_any_code();
    let missing = repo.swamp(&["datastore", "namespace", "set"]).fails(2);
    let rejected = [&hyphen, &hyphen_json, &escaped]
        .iter()
        .all(|said| said.stdout.is_empty() && said.refuses(&["Namespace must match", "-infra"]));
    t.planned(
        rejected,
        Deviation {
            id: "leading-hyphen-is-an-option",
            plan: "a leading hyphen is rejected by the validation, as other characters are",
            today: "it is taken for an option, also after `--`: exit 2, the help, and no JSON \
                    with --json",
            severity: Severity::Wording,
        },
    );
    assert_eq!(missing.stderr, "  error: Missing argument(s): slug\n\n");
    if !rejected {
        // The same help as in the transcript, not shown again.
        assert_eq!(missing.stdout, hyphen.stdout);
        assert_eq!(hyphen_json, with_args(&hyphen, &hyphen_json));
        assert_eq!(escaped, with_args(&missing, &escaped));
    }
    repo.state_with(&ds)
        .assert_same_as(&fresh, "after every rejection");
    t.checkpoint("after the rejections");

    for (repo, slug) in [
        (longest, &*a64),
        (shortest, "a"),
        (double, "a--b"),
        (zero, "0"),
    ] {
        let set = repo.as_json().namespace_set(slug).succeeds_quietly();
        assert_eq!(set.parsed::<NamespaceSet>().namespace, slug);
    }
    let unset = reserved.swamp_yaml();
    let data = reserved.as_json().namespace_set("data").snapshot();
    t.checkpoint("after what is accepted");
    t.planned(
        data.refuses(&["\"data\""])
            && reserved.swamp_yaml() == unset
            && !accepted.path().join("data/.namespace.json").exists()
            && ["outputs", "secrets"].iter().all(|slug| {
                let said = reserved.as_json().namespace_set(slug).fails(1);
                said.refuses(&[slug])
            }),
        Deviation {
            id: "reserved-slugs-accepted",
            plan: "a slug that is the name of a datastore directory is rejected",
            today: "`data` is accepted, and its manifest lies among the data of solo repos",
            severity: Severity::DataLoss,
        },
    );
}

/// `output`, as if it had come from the arguments of `other`.
fn with_args(output: &Output, other: &Output) -> Output {
    Output {
        args: other.args.clone(),
        ..output.clone()
    }
}

/// Setting the namespace that is already set is an error, and changes nothing.
fn s03_set_already_set(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    repo.as_json().namespace_set("infra").succeeds_quietly();
    t.checkpoint("infra is set");

    repo.nothing_changes(&ds, || {
        repo.namespace_set("infra").snapshot_code(1);
        repo.as_json().namespace_set("infra").snapshot_code(1);
    });
    t.checkpoint("after the second set");
}

/// Of two repos on one datastore, the second cannot claim the slug of the first; neither its
/// `.swamp.yaml` nor the manifest of the first changes.
fn s04_set_conflict(t: &Trial) {
    let ds = t.store("ds");
    let first = t.repo("first").on(&ds);
    let second = t.repo("second").on(&ds);
    first.as_json().namespace_set("infra").succeeds_quietly();
    t.checkpoint("claimed by first");

    first.nothing_changes(&ds, || {
        second.nothing_changes(&ds, || {
            second.namespace_set("infra").snapshot_code(1);
            second.as_json().namespace_set("infra").snapshot_code(1);
        });
    });
    t.checkpoint("after the conflict");
}

/// Two repos on one datastore claim different slugs: both succeed, each with a manifest of its own.
fn s05_set_different_slugs(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").on(&ds);
    let security = t.repo("security").on(&ds);
    t.checkpoint("fresh");

    infra.namespace_set("infra").snapshot_code(0);
    let set: NamespaceSet = security
        .as_json()
        .namespace_set("security")
        .snapshot()
        .parsed();
    assert_eq!(set.namespace, "security");
    t.layout("both set");

    for slug in ["infra", "security"] {
        ds.assert_has(&format!("{slug}/.namespace.json"));
    }
}

/// A datastore without namespaces lists none. Today it says so in a sentence where the plan has
/// no output, and its JSON has no `currentNamespace`.
fn s06_list_empty(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("solo").on(&ds);
    let fresh = repo.state_with(&ds);
    t.checkpoint("fresh");

    let human = repo.namespace_list().snapshot();
    let quiet = repo
        .swamp(&["datastore", "namespace", "list", "-q"])
        .snapshot();
    let json = repo.as_json().namespace_list().snapshot();

    assert_eq!((human.code, quiet.code), (0, 0));
    assert_eq!(quiet.stdout, "");
    t.planned(
        json.code == 0
            && json.document()
                == Some(serde_json::json!({ "namespaces": [], "currentNamespace": null })),
        Deviation {
            id: "empty-list-omits-current",
            plan: "the JSON has the same fields in every repo: currentNamespace is null",
            today: "currentNamespace is absent where the repo has no namespace",
            severity: Severity::Wording,
        },
    );
    assert_eq!(json.parsed::<NamespaceList>().namespaces, []);
    repo.state_with(&ds).assert_same_as(&fresh, "after listing");
    t.checkpoint("after listing");
    t.planned(
        human.stdout.is_empty() && human.stderr.is_empty() && lists_what_there_is(&repo),
        Deviation {
            id: "empty-list-speaks",
            plan: "a list of nothing has no output",
            today: "it says that no namespaces are registered",
            severity: Severity::Wording,
        },
    );
}

/// Whether the list that people read has an entry, once there is one.
fn lists_what_there_is(repo: &Repo<'_>) -> bool {
    repo.as_json().namespace_set("late").succeeds_quietly();
    let said = repo.namespace_list().succeeds_quietly();
    said.stdout.contains("late")
}

/// A datastore with two namespaces lists both and marks the repo's own: seen from each of the
/// two, and from a third repo that has none.
fn s07_list_with_entries(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").on(&ds);
    let security = t.repo("security").on(&ds);
    let solo = t.repo("solo").on(&ds);
    // In the other order than they are listed.
    security
        .as_json()
        .namespace_set("security")
        .succeeds_quietly();
    infra.as_json().namespace_set("infra").succeeds_quietly();
    t.checkpoint("two namespaces");

    for (repo, own) in [
        (&infra, Some("infra")),
        (&security, Some("security")),
        (&solo, None),
    ] {
        let said = repo.namespace_list().snapshot();
        assert_eq!(said.code, 0);
        let marked: Vec<&str> = said
            .stdout
            .lines()
            .filter(|line| line.contains('*'))
            .collect();
        assert_eq!(marked.len(), usize::from(own.is_some()));
        assert!(own.is_none_or(|own| marked[0].contains(own)));
    }
}

/// The list as JSON has the fields of the schema, no more and no fewer, and says the same as the
/// table. The plan's command, `datastore namespaces`, is gone.
fn s08_list_json(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").on(&ds);
    let security = t.repo("security").on(&ds);
    let solo = t.repo("solo").on(&ds);
    infra.as_json().namespace_set("infra").succeeds_quietly();
    security
        .as_json()
        .namespace_set("security")
        .succeeds_quietly();
    t.checkpoint("two namespaces");

    for (repo, own) in [
        (&infra, Some("infra")),
        (&security, Some("security")),
        (&solo, None),
    ] {
        let list: NamespaceList = repo.as_json().namespace_list().snapshot().parsed();
        let slugs: Vec<&str> = list
            .namespaces
            .iter()
            .map(|n| n.namespace.as_str())
            .collect();
        assert_eq!(slugs, ["infra", "security"]);
        let current = list.namespaces.iter().find(|n| n.is_current);
        assert_eq!(current.map(|n| n.namespace.as_str()), own);
        assert_eq!(list.current_namespace.as_deref(), own);
        for NamespaceEntry {
            repo_id,
            registered_at,
            ..
        } in &list.namespaces
        {
            assert!(!repo_id.is_empty() && !registered_at.is_empty());
        }
    }

    let planned = infra.swamp(&["datastore", "namespaces"]).snapshot();
    t.planned(
        planned.is_done() && planned.stdout == infra.namespace_list().succeeds_quietly().stdout,
        Deviation {
            id: "namespaces-is-gone",
            plan: "`swamp datastore namespaces` lists the namespaces",
            today: "it is an unknown command; the list is `datastore namespace list`",
            severity: Severity::Wording,
        },
    );
}

/// `namespace unset` takes the namespace out of `.swamp.yaml`, which is then as before `set`.
/// Today the manifest stays: the namespace is still listed, and nobody else can have its slug.
fn s09_unset_happy_path(t: &Trial) {
    let (ds, ds_json) = (t.store("ds"), t.store("ds-json"));
    let human = t.repo("infra").on(&ds);
    let json = t.repo("infra-json").on(&ds_json).as_json();
    let other = t.repo("other").on(&ds);
    let before = human.swamp_yaml();
    human.as_json().namespace_set("infra").succeeds_quietly();
    json.namespace_set("infra").succeeds_quietly();
    let manifest = ds.path().join("infra/.namespace.json");
    ds.assert_has("infra/.namespace.json");
    t.checkpoint("infra is set");

    human.namespace_unset(Unset::default()).snapshot_code(0);
    let unset: NamespaceUnset = json.namespace_unset(Unset::default()).snapshot().parsed();
    assert_eq!(unset.previous_namespace, "infra");
    assert_eq!(human.swamp_yaml(), before);
    t.checkpoint("after unset");

    let given_up = !manifest.exists();
    let list: NamespaceList = human.as_json().namespace_list().snapshot().parsed();
    let claimed = other.namespace_set("infra").snapshot();
    t.planned(
        given_up
            && list.namespaces.is_empty()
            && list.current_namespace.is_none()
            && claimed.is_done()
            && other.swamp_yaml().ends_with("\n  namespace: infra\n")
            && ds.holds("infra/.namespace.json", &other.id()),
        Deviation {
            id: "unset-keeps-manifest",
            plan: "after unset the namespace is not registered any more, and its slug is free",
            today: "the manifest stays: the namespace is listed, and its slug is refused to others",
            severity: Severity::WrongAnswer,
        },
    );
}

/// With two namespaces in the datastore, `unset` is an error and changes nothing, whatever its
/// options.
fn s10_unset_with_multiple(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").on(&ds);
    let security = t.repo("security").on(&ds);
    infra.as_json().namespace_set("infra").succeeds_quietly();
    security
        .as_json()
        .namespace_set("security")
        .succeeds_quietly();
    t.checkpoint("two namespaces");

    infra.nothing_changes(&ds, || {
        for (migrate, confirm) in [(false, false), (true, false), (true, true)] {
            let options = Unset { migrate, confirm };
            infra.namespace_unset(options).snapshot_code(1);
            infra.as_json().namespace_unset(options).snapshot_code(1);
        }
    });
    t.checkpoint("after the refusals");
}

/// Without a namespace there is nothing to unset and nothing to migrate: each is an error that
/// says so, and so is each outside of a repository.
fn s11_unset_when_not_set(t: &Trial) {
    let ds = t.store("ds");
    let solo = t.repo("solo").on(&ds);
    let nowhere = t.directory("nowhere");
    t.checkpoint("fresh");

    let migrate = Unset {
        migrate: true,
        confirm: false,
    };
    solo.nothing_changes(&ds, || {
        for repo in [&solo, &nowhere] {
            for repo in [repo.clone(), repo.as_json()] {
                repo.namespace_unset(Unset::default()).snapshot_code(1);
                repo.namespace_unset(migrate).snapshot_code(1);
                repo.namespace_migrate(Migrate::default()).snapshot_code(1);
            }
        }
    });
    t.checkpoint("after the refusals");
}
