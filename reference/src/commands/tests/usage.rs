use crate::testing::World;

fn stderr(line: &str) -> (u8, String) {
    let ran = World::new().run("a", &line.split(' ').collect::<Vec<_>>());
    (ran.code, ran.err)
}

#[test]
fn usage_errors_show_the_help_and_say_what_is_wrong() {
    for (line, message) in [
        ("datastore namespace set", "Missing argument(s): slug"),
        (
            "datastore namespace set -- -infra",
            "Missing argument(s): slug",
        ),
        ("datastore namespace set a b c", "Too many arguments: b c"),
        (
            "datastore namespace set --jsom x",
            "Unknown option \"--jsom\". Did you mean option \"--json\"?",
        ),
        (
            "datastore namespace set --bogus",
            "Unknown option \"--bogus\". Did you mean option \"--log\"?",
        ),
        (
            "datastore namespace set x --json=1",
            "Option \"--json\" doesn't take a value, but got \"1\".",
        ),
        (
            "datastore namespace set x --repo-dir",
            "Missing value for option \"--repo-dir\".",
        ),
        (
            "datastore namespace set x -q --json -q",
            "Option \"-q\" can only occur once, but was found several times.",
        ),
        (
            "datastore namespace list x",
            "No arguments allowed for command \"swamp datastore namespace list\".",
        ),
        (
            "datastore setup filesystem",
            "Missing required option \"--path\".",
        ),
        (
            "datastore setup filesystem --path",
            "Missing value for option \"--path\".",
        ),
    ] {
        let ran = World::new().run("a", &line.split(' ').collect::<Vec<_>>());
        assert_eq!(
            (ran.code, ran.err),
            (2, format!("  error: {message}\n\n")),
            "{line}"
        );
        assert!(ran.out.starts_with("\nUsage:   swamp datastore "), "{line}");
    }
}

#[test]
fn unknown_commands_get_a_suggestion_and_no_help() {
    let hint = "\n\n  Run \"swamp datastore --help\" for available subcommands.";
    let unknown = format!("Unknown command \"namespaces\". Did you mean \"namespace\"?{hint}");
    assert_eq!(
        stderr("datastore namespaces"),
        (2, format!("error: {unknown}\n"))
    );
    let ran = World::new().run("a", &["--json", "datastore", "namespaces"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.error()), (2, "", unknown));
    assert_eq!(
        stderr("datastore nothing-like-it"),
        (
            2,
            "error: \"nothing-like-it\" is not a subcommand of \"datastore\".\n\n  Did you mean one of these?\n\n    \
             Available subcommands: type, status, setup, sync, lock, ..."
                .to_owned()
                + hint
                + "\n"
        )
    );
}

#[test]
fn a_short_word_may_be_two_letters_off() {
    let (_, text) = stderr("datastore namespace lt");
    assert!(
        text.starts_with("error: Unknown command \"lt\". Did you mean \"set\"?\n"),
        "{text}"
    );
}

#[test]
fn groups_refuse_options_without_help() {
    let (code, text) = stderr("datastore namespace --bogus");
    assert_eq!(code, 1);
    assert!(
        text.ends_with(
            " [FTL] error: Error: 'Unknown option \"--bogus\". Did you mean option \"--log\"?'\n"
        ),
        "{text}"
    );
    let ran = World::new().run("a", &["datastore", "namespace", "--json"]);
    assert_eq!(
        (ran.code, ran.error().as_str()),
        (1, "No subcommand specified")
    );
}

#[test]
fn the_version_is_printed_alone() {
    let version = crate::VERSION;
    assert_eq!(
        World::new().run("a", &["--version"]).out,
        format!("swamp {version}\n")
    );
    assert_eq!(World::new().run("a", &["-V"]).out, format!("{version}\n"));
    assert_eq!(World::new().run("a", &["--version", "-q"]).code, 1);
}

#[test]
fn commands_of_swamp_that_are_missing_here_say_so() {
    for line in [
        "model get x",
        "datastore migrate-index --json",
        "datastore setup extension --help",
    ] {
        let (code, text) = stderr(line);
        assert_eq!(code, 70, "{line}");
        assert!(
            text.contains("not implemented by the reference yet"),
            "{text}"
        );
    }
}

#[test]
fn setup_does_not_move_data_onto_itself() {
    let world = World::new();
    assert_eq!(
        world
            .run("a", &["repo", "init", "--tool", "none", "--json"])
            .code,
        0
    );
    std::fs::write(world.path("a/.swamp/data/raw"), "x").expect("data");
    let (tree, marker) = (world.tree("a/.swamp/data"), world.read("a/.swamp.yaml"));
    for path in [".swamp", ".swamp/data", "../a/.swamp/new/one"] {
        assert_eq!(
            world
                .run("a", &["datastore", "setup", "filesystem", "--path", path])
                .code,
            1
        );
        assert_eq!(world.read("a/.swamp/data/raw"), "x");
    }
    assert_eq!(world.tree("a/.swamp/data"), tree);
    assert_eq!(world.read("a/.swamp.yaml"), marker);
}

#[test]
fn setup_moves_the_data_that_is_there() {
    let world = World::new();
    assert_eq!(
        world
            .run("a", &["repo", "init", "--tool", "none", "--json"])
            .code,
        0
    );
    std::fs::create_dir(world.path("a/.swamp/data/m")).expect("a directory");
    std::fs::write(world.path("a/.swamp/data/m/raw"), "1234").expect("data");
    let ran = world.run(
        "a",
        &[
            "datastore",
            "setup",
            "filesystem",
            "--path",
            "../ds",
            "--json",
        ],
    );
    let outcome = ran.json();
    assert_eq!(
        (&outcome["filesCopied"], &outcome["bytesCopied"]),
        (&1.into(), &4.into())
    );
    assert_eq!(world.read("ds/data/m/raw"), "1234");
    assert_eq!(world.tree("a/.swamp"), ["secrets", "vault-bundles"]);
}
