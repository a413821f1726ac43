//! Models written in TypeScript. What they do takes deno, which `cargo uat emulators install` has:
//! `SWAMP_REFERENCE_DENO=… cargo test --package swamp-reference -- --ignored`.

use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::testing::{Ran, World};

const PROBE: &str = r#"import { z } from "npm:zod@4";
export const model = {
  type: "@uat/probe", version: "1", globalArguments: z.object({}),
  resources: { kept: { description: "", schema: z.object({ n: z.number() }), lifetime: "1h", garbageCollection: 3 } },
  files: { note: { description: "", contentType: "text/plain", lifetime: "infinite", garbageCollection: 10 } },
  methods: { put: { description: "writes",
    arguments: z.object({ spec: z.string(), name: z.string().min(1), n: z.number().default(0) }),
    execute: async (args: { spec: string; name: string; n: number }, context: any) => {
      console.log("putting", args.n);
      if (args.spec === "note") return { dataHandles: [await context.createFileWriter("note", args.name).writeText("x")] };
      const handle = await context.writeResource(args.spec, args.name, { n: args.n });
      const read = await context.readResource(args.name);
      if (read.n !== args.n || handle.version < 1) throw new Error("not what was written");
      return { dataHandles: [handle] };
    } } },
};
"#;

fn deno() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let named = env::var_os(crate::model::extension::deno::VARIABLE).map(PathBuf::from);
    let mut places = env::split_paths(&path).map(|dir| dir.join("deno"));
    let found = named.or_else(|| places.find(|place| place.is_file()));
    found.expect("deno on PATH, or named in SWAMP_REFERENCE_DENO")
}

fn world() -> World {
    let world = World::with_two_repositories();
    fs::create_dir_all(world.path("a/extensions/models")).expect("a directory");
    fs::write(world.path("a/extensions/models/probe.ts"), PROBE).expect("a model");
    world
}

fn put(world: &World, inputs: &[&str]) -> Ran {
    let mut words = vec![
        "model",
        "method",
        "run",
        "p",
        "put",
        "--skip-reports",
        "--json",
    ];
    inputs
        .iter()
        .for_each(|input| words.extend(["--input", input]));
    world.run("a", &words)
}

#[test]
fn without_deno_it_is_named() {
    let ran = world().run("a", &["model", "create", "@uat/probe", "p", "--json"]);
    assert_eq!(ran.code, 70);
    assert!(ran.error().contains("TypeScript models without deno"));
    let none =
        World::with_two_repositories().run("a", &["model", "create", "@uat/none", "p", "--json"]);
    assert_eq!(
        none.error(),
        "Unknown model type: @uat/none. Available types: command/shell"
    );
    assert!(none.out.contains("collective_not_trusted"));
}

#[test]
#[ignore = "needs deno, which is no part of Rust; the gate runs it with the one that it installs"]
fn methods_write_resources_and_files() {
    let deno = deno();
    let world = world().with_variable(
        crate::model::extension::deno::VARIABLE,
        &deno.to_string_lossy(),
    );
    let made = world
        .run("a", &["model", "create", "@uat/probe", "p", "--json"])
        .json();
    assert_eq!(
        made["methods"][0]["arguments"]["required"],
        json!(["spec", "name"])
    );
    let done = put(&world, &["spec=kept", "name=k", "n=4"]).json();
    assert_eq!(done["dataArtifacts"][0]["attributes"], json!({ "n": 4 }));
    assert_eq!(done["methodArguments"]["n"], "4");
    let log = fs::read_to_string(done["logFile"].as_str().unwrap_or_default()).expect("the log");
    assert!(log.ends_with(": putting 4\n"), "{log}");
    assert_eq!(put(&world, &["spec=note", "name=t"]).code, 0);
    let list = world.run("a", &["data", "list", "p", "--json"]).json();
    assert_eq!(list["total"], 2);
    for (inputs, message) in [
        (
            &["spec=none", "name=k"][..],
            "Undeclared resource spec 'none' in model '@uat/probe'. Declared resource specs: kept",
        ),
        (
            &["spec=kept"],
            "Method arguments validation failed: Invalid input: expected string, received undefined at \"name\"",
        ),
        (
            &["spec=kept", "name="],
            "Method arguments validation failed: Too small: expected string to have >=1 characters at \"name\"",
        ),
        (
            &["spec=kept", "name=x", "n=y"],
            "Method arguments validation failed: Invalid input: expected number, received string at \"n\"",
        ),
        (
            &["spec=kept", "name=x", "m=1"],
            "Unknown method input(s): m. Valid inputs are: spec, name, n",
        ),
        (
            &["spec=kept", "name=Latest"],
            "Data name 'Latest' is reserved for internal use in model '@uat/probe'. Use a different name.",
        ),
    ] {
        assert_eq!(put(&world, inputs).error(), message);
    }
    let missing = world.run("a", &["model", "create", "@uat/none", "q", "--json"]);
    assert_eq!(
        missing.error(),
        "Unknown model type: @uat/none. Available types: command/shell, @uat/probe"
    );
}
