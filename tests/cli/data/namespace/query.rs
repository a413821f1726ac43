//! Phase E: queries across namespaces, on a filesystem datastore. Scenarios 25 to 32.
//!
//! On a filesystem datastore no command brings one repo's rows into another's catalog, so that
//! most of these scenarios get two namespaces the only way there is: one repo that changes its
//! own. Scenario 26 states what the plan means, two repos, as a deviation.

use serde_json::Value;
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::E, on filesystem;
    s25_own_namespace_by_default,
    s26_foreign_namespace,
    s27_wildcard_ambiguous,
    s28_wildcard_unambiguous,
    s29_query_spans_all,
    s30_namespace_column,
    s31_solo_has_no_column,
    s32_empty_namespace_in_solo,
    s57_predicates_that_are_none,
    s91_select,
    s92_limit,
    s93_names_that_are_no_words needs typescript,
];

/// A repo in namespace `infra` whose catalog also has rows of `security`: the models `shared` in
/// both (with ids of their own), `onlysec` and `onlyinf` in one. Each ran once and said where.
fn two_namespaces(t: &Trial) -> Repo<'_> {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    // A query of the empty catalog counts it as filled: later rows keep the order of writing.
    repo.as_json().data_query("true").succeeds_quietly();
    for (namespace, models) in [
        ("security", ["shared", "onlysec"]),
        ("infra", ["shared", "onlyinf"]),
    ] {
        repo.as_json().namespace_set(namespace).succeeds_quietly();
        repo.add(namespace);
        for model in models {
            let command = format!("echo {model} of {namespace}");
            repo.as_json().run_model(model, &command).succeeds_quietly();
        }
        if namespace == "security" {
            repo.remove("models");
        }
    }
    repo.add("readers");
    repo
}

/// A solo repo whose model `hello` has run once.
fn solo(t: &Trial) -> Repo<'_> {
    let ds = t.store("ds");
    t.repo("solo").on(&ds).with_run("hello", "echo hi")
}

/// What `model evaluate <model> --json` makes of the model's global arguments.
fn evaluated(said: &Output) -> Value {
    said.parsed::<Value>()["globalArguments"].clone()
}

/// In a namespaced repo, `data.latest` and the data commands see the repo's own namespace only.
fn s25_own_namespace_by_default(t: &Trial) {
    let repo = two_namespaces(t);
    t.checkpoint("two namespaces");

    let own = evaluated(&repo.as_json().model_evaluate("own").snapshot());
    assert_eq!(own["shared"], "shared of infra");
    assert_eq!(own["sharedNamespace"], "infra");
    assert_eq!(own.get("onlyElsewhere"), Some(&Value::Null));
    repo.data_list("shared").snapshot();
    repo.data_get("shared", "log").snapshot();
    repo.data_list("onlysec").snapshot_code(1);
}

/// `ns == "security"` and `security:model` give the rows of that namespace. Today two repos on
/// one filesystem datastore never see each other's rows; rows that came otherwise have no
/// content; and `data.latest` gives the repo's own data where it has a model of that name.
fn s26_foreign_namespace(t: &Trial) {
    let repo = two_namespaces(t);
    let ds = t.store("shared-ds");
    let [other, visitor] = ["security", "visitor"].map(|name| t.repo(name).on(&ds));
    t.checkpoint("two namespaces");

    let rows = repo.data_query("ns == \"security\"").snapshot();
    assert!(rows.stdout.ends_with("\n4 results\n"));
    let predicate = "ns == \"security\" && modelName == \"onlysec\" && name == \"result\"";
    let found = repo.as_json().data_query(predicate).snapshot_rows(0);
    assert!(found.finds(&["security onlysec result 1"]));
    let row: Value = found.parsed();
    let foreign = evaluated(&repo.as_json().model_evaluate("foreign").snapshot());
    assert_eq!(foreign["onlyThere"], "security");
    assert_eq!(foreign["ownPrefix"], "shared of infra");
    t.planned(
        row["results"][0]["content"]["stdout"] == "onlysec of security"
            && foreign["onlyThereContent"]["stdout"] == "onlysec of security",
        Deviation {
            id: "foreign-content-missing",
            plan: "a foreign row comes with its content: the file is on the same disk",
            today: "its content is empty",
            severity: Severity::WrongAnswer,
        },
    );
    t.planned(
        foreign["sameName"] == "security" && foreign.get("noSuchNamespace") == Some(&Value::Null),
        Deviation {
            id: "latest-ignores-namespace",
            plan: "data.latest(\"security:shared\", …) is security's, and a namespace that does \
                   not exist has none",
            today: "both are the repo's own, silently",
            severity: Severity::WrongAnswer,
        },
    );

    // Two repos on one datastore, as the plan means it.
    other.as_json().namespace_set("security").succeeds_quietly();
    other.add("security");
    other
        .as_json()
        .run_model("onlysec", "echo onlysec of security")
        .succeeds_quietly();
    visitor.as_json().namespace_set("infra").succeeds_quietly();
    t.checkpoint("two repos");
    let seen = visitor
        .data_query("ns == \"security\"")
        .in_no_order()
        .snapshot();
    visitor.catalog_pull(&["security"]).snapshot();
    t.planned(
        seen.is_done()
            && seen.stdout.ends_with("\n2 results\n")
            && visitor
                .as_json()
                .data_query("ns == \"security\"")
                .succeeds_quietly()
                .finds(&["security onlysec log 1", "security onlysec result 1"]),
        Deviation {
            id: "no-foreign-rows-on-filesystem",
            plan: "a repo finds the rows of another namespace of its datastore",
            today: "it finds none, and catalog pull refuses filesystem datastores",
            severity: Severity::WrongAnswer,
        },
    );
}

/// A wildcard for a model that two namespaces have is an error that names them. Today only a
/// workflow run says so; `model evaluate` leaves the expression as it is, and succeeds.
fn s27_wildcard_ambiguous(t: &Trial) {
    let repo = two_namespaces(t);
    repo.add("wildcards");
    t.checkpoint("two namespaces");

    let human = repo.workflow_run("ambiguous").snapshot();
    let json = repo.as_json().workflow_run("ambiguous").snapshot();
    for said in [&human, &json] {
        assert_eq!(said.code, 1);
        assert!(
            said.stdout
                .contains("exists in namespaces [infra, security]")
        );
    }
    let evaluated = repo.as_json().model_evaluate("wildcard").snapshot();
    t.planned(
        evaluated.refuses(&["Ambiguous", "[infra, security]"]),
        Deviation {
            id: "evaluate-swallows-errors",
            plan: "an expression that fails makes model evaluate fail, and says why",
            today: "the expression is left as it is, with exit 0 and no word of it",
            severity: Severity::WrongAnswer,
        },
    );
}

/// A wildcard for a model that one namespace has gives that model's data.
fn s28_wildcard_unambiguous(t: &Trial) {
    let repo = two_namespaces(t);
    repo.add("wildcards");
    t.checkpoint("two namespaces");

    let human = repo.workflow_run("unambiguous").snapshot();
    assert!(human.stdout.contains("got=security"));
    let json: Value = repo
        .as_json()
        .workflow_run("unambiguous")
        .succeeds_quietly()
        .parsed();
    assert_eq!(json["status"], "succeeded");
    repo.data_get("onlyinf", "log").snapshot();
}

/// A query that says nothing of `ns` gives the rows of all namespaces.
fn s29_query_spans_all(t: &Trial) {
    let repo = two_namespaces(t);
    t.checkpoint("two namespaces");

    let results = repo.data_query("name == \"result\"").snapshot();
    assert!(results.stdout.ends_with("\n4 results\n"));
    let all: Value = repo
        .as_json()
        .data_query("true")
        .succeeds_quietly()
        .parsed();
    assert_eq!(all["total"], 8);
    let spanning = evaluated(&repo.as_json().model_evaluate("spanning").snapshot());
    let expected = [
        "security:shared",
        "security:onlysec",
        "infra:shared",
        "infra:onlyinf",
    ];
    assert_eq!(spanning["all"], serde_json::json!(expected));
    assert_eq!(spanning["counted"], 8);
}

/// In a namespaced repo, a query shows the namespace of each row in a column of its own.
fn s30_namespace_column(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    repo.add("hello");
    repo.as_json().namespace_set("infra").succeeds_quietly();
    repo.as_json()
        .run_model("hello", "echo hi")
        .succeeds_quietly();
    t.checkpoint("infra, with data");

    let said = repo.data_query("true").in_no_order().snapshot();
    let json: Value = repo
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(1)
        .parsed();
    let namespaces = json["results"].as_array().map(|rows| {
        let of = |row: &Value| row["namespace"].clone();
        rows.iter().map(of).collect::<Vec<_>>()
    });
    assert_eq!(namespaces, Some(vec!["infra".into(), "infra".into()]));
    t.planned(
        said.is_done() && said.stdout.contains("\n│ NAMESPACE │ "),
        Deviation {
            id: "namespace-column-lower-case",
            plan: "the column is headed NAMESPACE",
            today: "it is headed namespace",
            severity: Severity::Wording,
        },
    );
    assert!(said.stdout.to_lowercase().contains("\n│ namespace │ "));
    assert_eq!(said.stdout.matches("\n│ infra     │ ").count(), 2);
}

/// In a solo repo, a query has no column for the namespace.
fn s31_solo_has_no_column(t: &Trial) {
    let repo = solo(t);
    t.checkpoint("solo, with data");

    let said = repo.data_query("true").in_no_order().snapshot();
    assert!(!said.stdout.to_lowercase().contains("namespace"));
    assert!(said.stdout.ends_with("\n2 results\n"));
    let json = repo
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(1);
    assert!(json.finds(&["hello log 1", "hello result 1"]));
    for row in json.parsed::<Value>()["results"].as_array().expect("rows") {
        assert_eq!(row["namespace"], "");
    }
}

/// In a solo repo, `ns == ""` gives all rows; in a namespaced repo, none.
fn s32_empty_namespace_in_solo(t: &Trial) {
    let repo = solo(t);
    let namespaced = t.repo("infra").on(&t.store("ds-infra"));
    namespaced.add("hello");
    namespaced
        .as_json()
        .namespace_set("infra")
        .succeeds_quietly();
    namespaced
        .as_json()
        .run_model("hello", "echo hi")
        .succeeds_quietly();
    t.checkpoint("with data");

    let said = repo.data_query("ns == \"\"").in_no_order().snapshot();
    assert!(said.stdout.ends_with("\n2 results\n"));
    let said = namespaced.data_query("ns == \"\"").snapshot();
    assert_eq!(said.stdout, "No matching data found.\n");
    let json: Value = namespaced
        .as_json()
        .data_query("ns == \"\"")
        .snapshot()
        .parsed();
    assert_eq!(json["total"], 0);
}

/// A predicate that is none is an error that says what is wrong with it; one that nothing meets,
/// however long and in whatever script, is not. Today one that is no truth value meets nothing.
fn s57_predicates_that_are_none(t: &Trial) {
    let repo = solo(t);
    t.checkpoint("solo, with data");

    for predicate in [
        "ns ==",
        "bogus == 1",
        "namespace == \"infra\"",
        "",
        "name == 'result",
    ] {
        let human = repo.data_query(predicate).snapshot();
        assert_eq!(human.code, 1, "{predicate}");
        let json = repo.as_json().data_query(predicate).fails(1);
        assert_eq!(json.error(), human.error());
    }
    repo.data_query("name == \"größe-日本\"").snapshot_code(0);
    let long = format!("name == \"{}\"", "a".repeat(10_000));
    assert_eq!(
        repo.data_query(&long).succeeds_quietly().stdout,
        "No matching data found.\n"
    );
    let no_truth = repo.data_query("ns").snapshot();
    t.planned(
        no_truth.refuses(&["redicate"]),
        Deviation {
            id: "any-value-is-a-predicate",
            plan: "a predicate that is no truth value is an error",
            today: "it meets nothing, without a word of it",
            severity: Severity::WrongAnswer,
        },
    );
}

/// What `--select` takes of a row: whole numbers and others, truth values, null, lists, what is
/// deep within and what is not there, of the own rows and of foreign ones.
///
/// Today the example of its help selects nothing, and so does an expression that fails.
fn s91_select(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    for namespace in ["security", "infra"] {
        repo.as_json().namespace_set(namespace).succeeds_quietly();
        repo.seed(&ds, namespace, "typed");
        // It makes the query look at the disk again.
        repo.as_json().datastore_compact().succeeds_quietly();
        repo.as_json().data_query("true").succeeds_quietly();
    }
    t.checkpoint("two namespaces, with the same data");

    let own = "ns == \"infra\"";
    let all = "{\"ns\": ns, \"int\": attributes.int, \"float\": attributes.float, \"yes\": \
               attributes.yes, \"none\": attributes.none, \"list\": attributes.list, \"deep\": \
               attributes.map.deep.n, \"text\": attributes.text}";
    let select = |predicate: &str, what: &str| {
        let said = repo.as_json();
        said.data_query_with(predicate, &["--select", what])
    };
    select(own, all).snapshot_code(0);
    repo.data_query_with(own, &["--select", all])
        .snapshot_code(0);
    for (what, value) in [
        ("attributes.int", serde_json::json!(3)),
        (
            "attributes.big",
            serde_json::json!(9_007_199_254_740_991_u64),
        ),
        ("attributes.float", serde_json::json!(1.5)),
        ("attributes.none", Value::Null),
        ("attributes.nosuch", Value::Null),
        ("1 + 1", serde_json::json!(2)),
    ] {
        let found: Value = select(own, what).succeeds_quietly().parsed();
        assert_eq!(found["results"], serde_json::json!([value]), "{what}");
    }
    let both: Value = select("true", "ns").succeeds_quietly().parsed();
    assert_eq!(both["results"], serde_json::json!(["security", "infra"]));
    repo.data_query_with(own, &["--select", "1 +"])
        .snapshot_code(1);

    let named: Value = select(own, "data.name").succeeds_quietly().parsed();
    t.planned(
        named["results"] == serde_json::json!(["typed"]),
        Deviation {
            id: "select-knows-no-data",
            plan: "data query --select data.name, the example of its help, selects the name",
            today: "it selects nothing: null, with exit 0",
            severity: Severity::WrongAnswer,
        },
    );
    let failed = select(own, "attributes.int + 1").snapshot();
    t.planned(
        failed.refuses(&["attributes.int + 1"]),
        Deviation {
            id: "select-swallows-errors",
            plan: "an expression that fails makes data query fail, and says why",
            today: "what it selects is null, with exit 0 and no word of it",
            severity: Severity::WrongAnswer,
        },
    );
}

/// `--limit` lets so many of the rows through that meet the predicate, the first ones, and says
/// whether there are more.
///
/// Today none is one, and it says that there are more where there are not.
fn s92_limit(t: &Trial) {
    let repo = two_namespaces(t);
    t.checkpoint("two namespaces");

    let limited = |predicate: &str, limit: &str| {
        let said = repo.as_json();
        said.data_query_with(predicate, &["--limit", limit])
    };
    let first: Value = limited("true", "3").snapshot_rows(0).parsed();
    assert_eq!(
        (&first["total"], &first["limited"]),
        (&3.into(), &true.into())
    );
    let own = limited("ns == \"infra\"", "1").succeeds_quietly();
    assert_eq!(own.parsed::<Value>()["results"][0]["namespace"], "infra");
    repo.data_query_with("true", &["--limit", "1"])
        .snapshot_code(0);
    let versions = ["--limit", "2", "--select", "version"];
    let versions = repo
        .as_json()
        .data_query_with("true", &versions)
        .snapshot_code(0);
    assert_eq!(
        versions.parsed::<Value>()["results"],
        serde_json::json!([1, 1])
    );
    let more: Value = limited("true", "9").succeeds_quietly().parsed();
    assert_eq!(
        (&more["total"], &more["limited"]),
        (&8.into(), &false.into())
    );

    let all: Value = limited("true", "8").succeeds_quietly().parsed();
    assert_eq!(all["total"], 8);
    t.planned(
        all["limited"] == false,
        Deviation {
            id: "limit-reached-by-all",
            plan: "with a limit of as many rows as there are, nothing was left out",
            today: "it says that the limit was reached, as if there were more",
            severity: Severity::WrongAnswer,
        },
    );
    let none: Value = limited("true", "0").succeeds_quietly().parsed();
    t.planned(
        none["total"] == 0 && none["results"] == serde_json::json!([]),
        Deviation {
            id: "limit-zero-gives-one",
            plan: "a limit of 0 lets nothing through",
            today: "it lets one row through",
            severity: Severity::WrongAnswer,
        },
    );
}

/// Data may have a name that YAML takes for a number, a truth value, nothing or a date: it is found
/// when the catalog is filled anew, too, in the own namespace alone.
///
/// The reference runs the model with a `deno`; where there is none, this is skipped.
fn s93_names_that_are_no_words(t: &Trial) {
    const NAMES: [&str; 8] = [
        ".dot",
        "007",
        "1",
        "1e3",
        "1999-12-31",
        "-dash",
        "null",
        "true",
    ];
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "probe");
    t.team(&ds, "security", "probe");
    t.checkpoint("infra and security are set");

    for name in NAMES {
        let ran = infra.as_json().run_probe("kept", name, 1);
        ran.succeeds_quietly();
    }
    let names = || {
        let query = infra.as_json();
        let found: Value = query
            .data_query_with("true", &["--select", "name"])
            .succeeds_quietly()
            .parsed();
        let mut found: Vec<String> = serde_json::from_value(found["results"].clone()).unwrap();
        found.sort();
        found
    };
    let mut expected = NAMES.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(names(), expected);
    infra.wipe_catalog();
    assert_eq!(names(), expected);
    infra.data_list("p").snapshot_code(0);
    infra.data_get("p", "007").snapshot_code(0);
    t.checkpoint("written");
    assert!(
        ds.files()
            .keys()
            .all(|path| path.starts_with("infra/") || path.starts_with("security/."))
    );
}
