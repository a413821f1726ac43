//! What the options of `datastore setup` bring into a datastore that others use, and what they leave.

use serde_json::{Value, json};
use swamp_uat::prelude::*;
use swamp_uat::scenario::ran::Ran;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on s3;
    s110_setup_options_of_a_bucket,
    s111_setup_options_of_a_directory on filesystem,
];

/// The contents of the local copy's files of data, by whether they are here.
fn raws(repo: &Repo<'_>) -> [bool; 2] {
    ["log", "result"].map(|name| {
        let path =
            format!("infra/data/command/shell/00000000-0000-4000-8000-000000000001/{name}/1/raw");
        repo.text_in_cache(&path).is_some()
    })
}

/// Sets the datastore up in a bucket with these options.
fn in_bucket<'t>(repo: &Repo<'t>, ds: &Store, options: &[&str]) -> Ran<'t> {
    repo.set_up_datastore_with(ds, &json!({}), options)
}

/// Sets the datastore up in a directory with these options.
fn in_directory<'t>(repo: &Repo<'t>, ds: &Store, options: &[&str]) -> Ran<'t> {
    let path = ds.path();
    let path = path.to_string_lossy();
    let words = ["datastore", "setup", "filesystem", "--path", &path];
    repo.as_json().swamp(&[&words, options].concat())
}

/// Without the migration a setup leaves at home what a repo has, and takes it along the next time.
/// With lazy hydration another machine has a content only once somebody asks for it; with full
/// hydration it has all.
///
/// Today a query shows an empty content for what nobody has asked for.
fn s110_setup_options_of_a_bucket(t: &Trial) {
    let ds = t.store("ds");
    let security = t.team(&ds, "security", "hello");
    security
        .as_json()
        .run_model("hello", "echo security")
        .succeeds();
    let infra = t.repo("infra").with_run("hello", "echo infra");
    let at_home = infra.listed("hello");
    let foreign = files(&ds, "security");
    t.checkpoint("infra has run at home");
    let json = infra.as_json();

    for [option, value] in [["--hydration-strategy", "some"], ["--timeout", "0"]] {
        in_bucket(&infra, &ds, &[option, value]).snapshot_code(1);
    }
    let namespaced = ["--namespace", "infra", "--timeout", "60"];
    let without = [&namespaced[..], &["--skip-migration"]].concat();
    in_bucket(&json.called_from(&security), &ds, &without).snapshot_code(0);
    assert_eq!(infra.listed("hello")["total"], 0);
    t.checkpoint("set up without the migration");
    in_bucket(&json, &ds, &namespaced).snapshot_code(0);
    assert_eq!(infra.listed("hello"), at_home);
    t.checkpoint("set up with the migration");

    let elsewhere = infra.on_another_machine("elsewhere");
    in_bucket(&elsewhere.as_json(), &ds, &["--hydration-strategy", "lazy"]).snapshot_code(0);
    assert_eq!(elsewhere.listed("hello"), at_home);
    assert_eq!(raws(&elsewhere), [false, false]);
    elsewhere.data_get("hello", "log").snapshot_code(0);
    assert_eq!(raws(&elsewhere), [true, false]);
    let query = elsewhere.as_json().data_query(r#"name == "result""#);
    let found = query.snapshot_rows(0);
    let content = found
        .document()
        .map(|mut found| found["results"][0]["content"]["stdout"].take());
    t.planned(
        found.finds(&["infra hello result 1"]) && content == Some(json!("infra")),
        Deviation {
            id: "lazy-query-lacks-content",
            plan: "a query fetches the contents that it shows, as `data get` does",
            today: "it shows an empty one for what was not fetched yet",
            severity: Severity::WrongAnswer,
        },
    );
    t.checkpoint("elsewhere has what it asked for");

    in_bucket(&elsewhere.as_json(), &ds, &["--hydration-strategy", "full"]).succeeds();
    assert_eq!(raws(&elsewhere), [true, true]);
    assert_eq!(files(&ds, "security"), foreign);
    t.checkpoint("elsewhere has all");
}

/// Without the migration a setup leaves at home what a repo has, and takes it along the next time,
/// whatever others have in the directory; those keep what they have. Directories that it does not
/// name stay in the repo. A repo that is in a namespace comes along with it.
///
/// Today the setup of a directory that others use counts their files, and says that it failed; it
/// takes along what it does not name; and it forgets the namespace, and what is in it stays behind.
fn s111_setup_options_of_a_directory(t: &Trial) {
    let [ds, fresh, last] = ["ds", "fresh", "last"].map(|name| t.store(name));
    let security = t.team(&ds, "security", "hello");
    security
        .as_json()
        .run_model("hello", "echo security")
        .succeeds_quietly();
    let web = t.repo("web").with_run("hello", "echo web");
    let at_home = web.listed("hello");
    t.checkpoint("web has run at home");

    in_directory(&web, &ds, &["--skip-migration"]).snapshot_code(0);
    assert_eq!(web.listed("hello")["total"], 0);
    in_directory(&web, &ds, &[]).succeeds_quietly();
    assert_eq!(web.listed("hello"), at_home);
    t.checkpoint("web is set up");

    let late = t.repo("late").with_run("world", "echo late");
    let at_home = late.listed("world");
    let others = ds.files();
    let joined = in_directory(&late, &ds, &[]).snapshot_code(0);
    let now = ds.files();
    let mut changed: Vec<&String> = others.keys().collect();
    changed.retain(|path| now.get(*path) != others.get(*path));
    // Nobody reads a catalog there.
    changed.retain(|path| !path.starts_with("data/_catalog.db"));
    assert!(changed.is_empty(), "{changed:#?}");
    assert_eq!(late.listed("world"), at_home);
    t.planned(
        errors(&joined) == Some(json!([])),
        Deviation {
            id: "setup-counts-files-of-others",
            plan: "a setup of a directory that others use takes along what the repo has",
            today: "it compares the files of all with those of the repo, says that it failed, and \
                    leaves its copies among the data of others",
            severity: Severity::WrongAnswer,
        },
    );
    t.checkpoint("late has tried");

    let evaluated = late
        .path()
        .join(".swamp/definitions-evaluated/command/shell");
    assert!(evaluated.exists());
    let named = ["--directories", "data,outputs"];
    let moved = in_directory(&late, &fresh, &named).succeeds_quietly();
    assert_eq!(errors(&moved), Some(json!([])));
    t.planned(
        evaluated.join("world.yaml").is_file(),
        Deviation {
            id: "setup-moves-unnamed",
            plan: "directories that a setup does not name stay in the repo, as it is said to",
            today: "it moves all, and what it did not name is found no more",
            severity: Severity::WrongAnswer,
        },
    );
    late.as_json()
        .run_model("world", "echo more")
        .succeeds_quietly();
    assert_eq!(late.listed("world")["total"], 2);
    t.checkpoint("late has run elsewhere");

    let infra = t.repo("infra");
    infra.as_json().namespace_set("infra").succeeds_quietly();
    let infra = infra.with_run("hello", "echo infra");
    let moved = in_directory(&infra, &last, &[]).snapshot_code(0);
    let listed = infra.as_json().data_list("hello").snapshot();
    t.planned(
        errors(&moved) == Some(json!([]))
            && listed.lists(&["log 1", "result 1"])
            && listed
                .document()
                .is_some_and(|listed| listed["namespace"] == "infra"),
        Deviation {
            id: "setup-forgets-namespace",
            plan: "a repo that is in a namespace comes along with all that it has there",
            today: "`setup filesystem` takes the namespace out of `.swamp.yaml`, and what is in it \
                    stays in the repo",
            severity: Severity::WrongAnswer,
        },
    );
    t.checkpoint("infra is set up");
}

/// What a setup complains of.
fn errors(said: &Output) -> Option<Value> {
    Some(said.document()?["errors"].take())
}
