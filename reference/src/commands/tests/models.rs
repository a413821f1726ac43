//! Models and their data: creating, running, reading.

use std::fs;

use serde_json::json;

use crate::testing::{World, model_id};

fn seeded() -> World {
    let world = World::with_two_repositories();
    for text in ["one", "two"] {
        assert_eq!(world.seed("a", "hello", &format!("echo {text}")).code, 0);
    }
    world
}

#[test]
fn a_model_is_created_once() {
    let world = World::with_two_repositories();
    let create = ["model", "create", "command/shell", "m", "--json"];
    let created = world.run("a", &create).json();
    let text = world.read("a/models/command/shell/m.yaml");
    assert!(text.contains(&format!("id: {}\n", created["id"].as_str().expect("an id"))));
    assert!(text.ends_with("tags: {}\nglobalArguments: {}\nmethods: {}\n"));
    assert_eq!(world.run("a", &create).error(), "Model already exists: m");
    let bad = world.run("a", &["model", "create", "command/shell", "Bad", "--json"]);
    assert!(bad.error().contains("must be lowercase"));
    let unknown = world.run("a", &["model", "create", "x/y", "m2", "--json"]);
    assert_eq!(
        unknown.error(),
        "Unknown model type: x/y. Available types: command/shell"
    );
}

#[test]
fn a_run_leaves_versions_a_record_and_a_log() {
    let world = seeded();
    let id = model_id("hello");
    let data = format!("ds/data/command/shell/{id}");
    assert_eq!(world.read(&format!("{data}/log/2/raw")), "[stdout]\ntwo");
    assert_eq!(world.read(&format!("{data}/log/latest")), "2");
    assert!(
        world
            .read(&format!("{data}/result/1/raw"))
            .contains("\"stdout\":\"one\"")
    );
    assert_eq!(world.tree("ds/outputs/command/shell/execute").len(), 2);
    assert!(
        world
            .read("ds/definitions-evaluated/command/shell/hello.yaml")
            .ends_with("methods: {}\n")
    );
    let logs = world.tree("a/.swamp/outputs/command/shell/execute");
    assert_eq!(logs.len(), 2);
    let log = world.read(&format!(
        "a/.swamp/outputs/command/shell/execute/{}",
        logs[1]
    ));
    assert!(
        log.ends_with("[INF] model·method·run·hello·execute: two\n"),
        "{log}"
    );
}

#[test]
fn a_failing_command_leaves_a_record_alone() {
    let world = World::with_two_repositories();
    let ran = world.seed("a", "hello", "echo x; exit 3");
    let place = format!("command/shell/{}", model_id("hello"));
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.err,
        "{\n  \"error\": \"Command exited with code 3\",\n  \"code\": \"method_execution_failed\"\n}\n"
    );
    let files = world.tree("ds/data");
    // The directory that the model's lock was in.
    assert_eq!(files.last().map(String::as_str), Some(place.as_str()));
    let records = world.tree("ds/outputs/command/shell/execute");
    let record = world.read(&format!("ds/outputs/command/shell/execute/{}", records[0]));
    assert!(record.contains("status: failed\n"), "{record}");
    assert!(
        record.contains("message: Command exited with code 3\n"),
        "{record}"
    );
}

#[test]
fn people_see_lines_and_a_box() {
    let world = World::with_two_repositories();
    world.define("a", "m", "globalArguments:\n  region: eu\n");
    let line = [
        "model",
        "method",
        "run",
        "m",
        "execute",
        "--skip-reports",
        "--input",
    ];
    let ran = world.run("a", &[&line[..], &["run=echo hi"]].concat());
    for part in [
        "   Resolved   m (command/shell)\n",
        "\n              hi\n",
        "  Completed   execute on m succeeded in ",
        "│ Arguments",
        "│    region   eu",
        "│    stdout       hi",
        "\n\nTip: Join & participate",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let quiet = world.run("a", &[&line[..], &["run=echo hi", "-q"]].concat());
    assert!(!quiet.out.contains("\n              hi\n"));
}

#[test]
fn runs_that_cannot_start_say_why() {
    let world = World::with_two_repositories();
    world.define("a", "m", "");
    let run = |model, method, input| {
        let words = ["model", "method", "run", model, method, "--input", input];
        world.run("a", &[&words[..], &["--skip-reports", "--json"]].concat())
    };
    for (model, method, input, message, code) in [
        ("no", "execute", "run=x", "Model not found: no", 1),
        (
            "m",
            "stop",
            "run=x",
            "Unknown method 'stop' for type 'command/shell'. Available methods: execute",
            1,
        ),
        (
            "m",
            "execute",
            "walk=x",
            "Unknown method input(s): walk. Valid inputs are: run, workingDir, timeout, env, ignoreExitCode",
            1,
        ),
    ] {
        let ran = run(model, method, input);
        assert_eq!((ran.error().as_str(), ran.code), (message, code));
    }
    assert_eq!(
        world
            .run("a", &["model", "method", "run", "m", "execute"])
            .code,
        70
    );
}

#[test]
fn data_is_listed_and_shown() {
    let world = seeded();
    let list = world.run("a", &["data", "list", "hello", "--json"]).json();
    assert_eq!(list["total"], 2);
    assert_eq!(list.get("namespace"), None);
    assert_eq!(list["groups"][0]["items"][0]["version"], 2);
    let people = world
        .run("a", &["data", "list", "hello", "--log-level", "error"])
        .out;
    assert!(
        people.starts_with(
            "Data for hello (command/shell)\n\nfile (1 item):\n  log  v2  text/plain  12B  "
        ),
        "{people}"
    );
    assert!(people.ends_with("\n\n"));
    let get = world
        .run(
            "a",
            &["data", "get", "hello", "log", "--version", "1", "--json"],
        )
        .json();
    assert_eq!(get["content"], "[stdout]\none");
    assert_eq!(
        get["contentPath"],
        format!("../ds/data/command/shell/{}/log/1/raw", model_id("hello"))
    );
    let versions = world.run("a", &["data", "versions", "hello", "log"]).json();
    assert_eq!(versions["versions"][0]["version"], 2);
    assert_eq!(versions["versions"][0]["isLatest"], true);
    let found = world
        .run("a", &["data", "search", "RESULT", "--type", "resource"])
        .json();
    assert_eq!(found["filters"], json!({"type": "resource"}));
    assert_eq!(found["results"][0]["version"], 2);
    assert_eq!(found["total"], 1);
}

#[test]
fn a_namespace_hides_what_lies_outside() {
    let world = seeded();
    world.namespace("a", &["set", "infra"]);
    let list = world.run("a", &["data", "list", "hello", "--json"]).json();
    assert_eq!(list["total"], 0);
    assert_eq!(list["namespace"], "infra");
    let people = world.run("a", &["data", "list", "hello"]).out;
    assert_eq!(people, "Data for infra:hello (command/shell)\n\n");
    for words in [["get", "hello", "log"], ["versions", "hello", "log"]] {
        let ran = world.run("a", &[&["data"], &words[..], &["--json"]].concat());
        assert_eq!(ran.error(), "Data not found: \"log\" for model \"hello\"");
    }
    assert_eq!(world.run("a", &["data", "search"]).json()["total"], 0);
    assert_eq!(world.seed("a", "hello", "echo three").code, 0);
    let dir = world.path("ds/infra/data/command/shell");
    assert_eq!(fs::read_dir(dir).expect("data of the namespace").count(), 1);
    assert!(
        world
            .path("ds/infra/outputs/command/shell/execute")
            .is_dir()
    );
}
