//! Phase E, beyond the plan: what expressions see once the catalog of another namespace was pulled
//! from a bucket.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    "data::namespace::pulled", Phase::E, [Kind::S3, Kind::Gcs];
    s76_own_namespace_beside_a_pulled_one,
    s77_wildcards_of_a_pulled_namespace,
];

/// The team `infra` on a bucket where `security` has the models `shared`, as `infra` does, and
/// `onlysec`. All have run, and `infra` has pulled the catalog of `security`.
fn beside_security<'t>(t: &'t Trial, ds: &Store) -> Repo<'t> {
    let security = t.team(ds, "security", "security");
    for model in ["shared", "onlysec"] {
        let command = format!("echo {model} of security");
        security.json().run_model(model, &command).succeeds();
    }
    let infra = t.team(ds, "infra", "infra");
    for model in ["shared", "onlyinf"] {
        let command = format!("echo {model} of infra");
        infra.json().run_model(model, &command).succeeds();
    }
    infra.json().catalog_pull(&["security"]).ok();
    infra
}

/// What `model evaluate <model> --json` makes of the model's global arguments.
fn evaluated(said: &Output) -> Value {
    said.json::<Value>()["globalArguments"].clone()
}

/// A name without a prefix is the own namespace's: what another namespace alone has is none, though
/// its rows are in the catalog. With a prefix it is found.
fn s76_own_namespace_beside_a_pulled_one(t: &Trial) {
    let ds = t.store("ds");
    let infra = beside_security(t, &ds);
    infra.add("asking");
    t.checkpoint("the catalog of security is pulled");

    let seen = evaluated(&infra.json().model_evaluate("asking").snapshot());
    assert_eq!(seen["own"], "shared of infra");
    assert_eq!(seen.get("onlyElsewhere"), Some(&Value::Null));
    assert_eq!(seen["byPrefix"], "security");
    assert_eq!(seen["versions"], json!([1]));
    assert_eq!(seen["byTag"], 2);
}

/// A wildcard finds what one namespace has, be it another one, and is an error where several have
/// it: before the catalog is compacted, and after it.
///
/// Today `model evaluate` leaves an expression that fails as it is, and succeeds.
fn s77_wildcards_of_a_pulled_namespace(t: &Trial) {
    let ds = t.store("ds");
    let infra = beside_security(t, &ds);
    infra.add("readers");
    t.checkpoint("the catalog of security is pulled");

    let said = infra.json().model_evaluate("wildcard").snapshot();
    t.deviates(
        Deviation {
            id: "evaluate-swallows-errors",
            plan: "an expression that fails makes model evaluate fail, and says why",
            today: "the expression is left as it is, with exit 0 and no word of it",
            severity: Severity::WrongAnswer,
        },
        said.refuses(&["Ambiguous", "[infra, security]"]),
    );
    if said.code == 0 {
        let seen = evaluated(&said);
        assert_eq!(seen["onlyThere"], "security");
        assert_eq!(seen["onlyHere"], "onlyinf of infra");
        let unanswered = |name: &str| seen[name].as_str().is_some_and(|it| it.starts_with("${{"));
        assert!(unanswered("inBoth") && unanswered("versionInBoth"));
    }
    infra.json().datastore_compact().succeeds();
    let again = infra.json().model_evaluate("wildcard").snapshot();
    assert_eq!((again.code, &again.stdout), (said.code, &said.stdout));
}
