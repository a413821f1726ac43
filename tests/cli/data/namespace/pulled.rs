//! Phase E, beyond the plan: what expressions see once the catalog of another namespace was pulled
//! from a bucket.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::E, on s3;
    s76_own_namespace_beside_a_pulled_one,
    s77_wildcards_of_a_pulled_namespace,
];

/// The team `infra` on a bucket where `security` has the models `shared`, as `infra` does, and
/// `onlysec`. All have run, and `infra` has pulled the catalog of `security`.
fn beside_security<'t>(t: &'t Trial, ds: &Store) -> Repo<'t> {
    let security = t.team(ds, "security", "security");
    for model in ["shared", "onlysec"] {
        let command = format!("echo {model} of security");
        security.as_json().run_model(model, &command).succeeds();
    }
    let infra = t.team(ds, "infra", "infra");
    for model in ["shared", "onlyinf"] {
        let command = format!("echo {model} of infra");
        infra.as_json().run_model(model, &command).succeeds();
    }
    infra
        .as_json()
        .catalog_pull(&["security"])
        .succeeds_quietly();
    infra
}

/// What `model evaluate <model> --json` makes of the model's global arguments.
fn evaluated(said: &Output) -> Value {
    said.parsed_among_notes::<Value>()["globalArguments"].clone()
}

/// A name without a prefix is the own namespace's: what another namespace alone has is none, though
/// its rows are in the catalog. With a prefix it is found, whatever was asked before.
///
/// Today `data.latest` finds it only where something else has filled the catalog before.
fn s76_own_namespace_beside_a_pulled_one(t: &Trial) {
    let ds = t.store("ds");
    let infra = beside_security(t, &ds);
    infra.add("asking");
    t.checkpoint("the catalog of security is pulled");

    let prefixed = infra.as_json().model_evaluate("prefixed").snapshot();
    let seen = evaluated(&infra.as_json().model_evaluate("asking").snapshot());
    assert_eq!(seen["versionsThere"], json!([1]));
    assert_eq!(seen["own"], "shared of infra");
    assert_eq!(seen.get("onlyElsewhere"), Some(&Value::Null));
    assert_eq!(seen["byPrefix"], "security");
    assert_eq!(seen["byTag"], 2);
    t.checkpoint("evaluated");
    t.planned(
        prefixed.code == 0 && evaluated(&prefixed)["byPrefix"]["namespace"] == "security",
        Deviation {
            id: "pulled-latest-not-found",
            plan: "data.latest(\"security:onlysec\", …) is what security wrote, once its catalog is \
                   pulled",
            today: "it is none where nothing else has filled the catalog since the last command that \
                    wrote to the bucket",
            severity: Severity::WrongAnswer,
        },
    );
}

/// A wildcard finds what one namespace has, be it another one, before the catalog is compacted and
/// after it. Where two have it, that is an error, and neither is taken.
///
/// Today `model evaluate` leaves an expression that fails as it is, and succeeds.
fn s77_wildcards_of_a_pulled_namespace(t: &Trial) {
    let ds = t.store("ds");
    let infra = beside_security(t, &ds);
    infra.add("asking");
    t.checkpoint("the catalog of security is pulled");

    let found = evaluated(&infra.as_json().model_evaluate("somewhere").snapshot());
    assert_eq!(found["onlyThere"], "security");
    assert_eq!(found["versionThere"], "security");
    assert_eq!(found["onlyHere"], "onlyinf of infra");
    assert_eq!(found.get("nowhere"), Some(&Value::Null));
    let twice = infra.as_json().model_evaluate("twice").snapshot();
    t.planned(
        twice.refuses(&["Ambiguous", "[infra, security]"]),
        Deviation {
            id: "evaluate-swallows-errors",
            plan: "an expression that fails makes model evaluate fail, and says why",
            today: "the expression is left as it is, with exit 0 and no word of it",
            severity: Severity::WrongAnswer,
        },
    );
    assert!(twice.code != 0 || evaluated(&twice)["inBoth"].to_string().contains("${{"));

    infra.as_json().datastore_compact().succeeds();
    let again = evaluated(&infra.as_json().model_evaluate("somewhere").succeeds());
    assert_eq!(again, found);
    t.checkpoint("evaluated, before and after compact");
}
