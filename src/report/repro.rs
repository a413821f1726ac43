//! `repro.sh`: the commands of a trial as a script that replays them without the suite.

use std::collections::BTreeSet;
use std::path::Path;

use crate::kind::Kind;
use crate::machine::exec::UNPRIVILEGED;
use crate::machine::leftovers::REPLAYS;
use crate::scenario::steps::Step;
use crate::shell::quote;

/// Where the steps were recorded, and what stands for it in a script.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene<'a> {
    /// The root of the world.
    pub root: &'a str,
    /// The buckets, by the names of their stores.
    pub buckets: Vec<(&'a str, &'a str)>,
    /// Where the buckets were reached: the backend, and proxies to it.
    pub endpoints: BTreeSet<&'a str>,
    /// The switches of the reference that were on, as `NAME=value`.
    pub switches: &'a [String],
}

const BEGINNING: &str = r#"if [ -n "$1" ]; then
  mkdir -p "$1" && ROOT=$(cd "$1" && pwd -P) || exit
else
  ROOT=$(mktemp -d) && ROOT=$(cd "$ROOT" && pwd -P) || exit
  trap 'chmod -R u+rwx "$ROOT"; rm -rf "$ROOT"; echo "removed $ROOT: name a directory to keep it"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' HUP TERM
fi
mkdir -p "$ROOT/home"
# A home that has seen swamp's invitation to its club.
settle() {
  mkdir -p "$1/.config/swamp" "$1/.swamp"
  [ -z "$SWAMP_UAT_DENO_CACHE" ] || ln -s "$SWAMP_UAT_DENO_CACHE" "$1/.swamp/deno-cache"
  printf '{"firstRunShown":true,"lastShown":"%s"}' "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" \
    > "$1/.config/swamp/auth_nudge.json"
}
settle "$ROOT/home"
echo "in $ROOT"
# A word as a shell reads it.
word() {
  case $1 in
    '' | *[!A-Za-z0-9_./:=,@%+-]*)
      printf " '%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf ' %s' "$1" ;;
  esac
}
# Before a command that file permissions bound in the trial, whoever ran it.
UNPRIVILEGED= BOUND=
[ "$(id -u)" != 0 ] || UNPRIVILEGED='<unprivileged>'
# Shows the command, and runs it.
swamp() {
  printf '%s$' "${PWD#"$ROOT"/}"
  for each in ${AT_HOME:+HOME="$AT_HOME"} $WITH $BOUND swamp "$@"; do word "$each"; done
  echo
  env -i HOME="${AT_HOME:-$ROOT/home}" PATH="$PATH" LC_ALL=C TZ=UTC COLUMNS=120 NO_COLOR=1 \
    SWAMP_NO_TELEMETRY=1 AWS_ACCESS_KEY_ID=swamp-uat AWS_SECRET_ACCESS_KEY=swamp-uat \
    ${SWAMP_API_KEY:+SWAMP_API_KEY="$SWAMP_API_KEY"} \
    ${SWAMP_CLUB_URL:+SWAMP_CLUB_URL="$SWAMP_CLUB_URL"} $WITH $BOUND "$SWAMP_BIN" "$@" \
    && echo '[exit 0]' || echo "[exit $?]"
}
# A datastore extension for the repo: from your sources, or from swamp's registry.
provide() {
  if [ -n "$SWAMP_UAT_EXTENSIONS" ]; then
    swamp extension source add "$SWAMP_UAT_EXTENSIONS/$2"
  else
    swamp extension pull "$1"
  fi
}
# The files, and the namespaces that the repos are in.
files() {
  (cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)
  (cd "$ROOT" && grep '^ *namespace:' /dev/null */.swamp.yaml 2> /dev/null) || :
}
"#;

/// How a replay takes what its step of that number says: it prints it. Where a defect is to be
/// shown, something else stands there.
pub(crate) const LOOK: &str = "look() { cat; }\n";

/// A script without its first lines, which name a swamp and how to call it.
pub(crate) fn body_of(script: &str) -> &str {
    script.split_once(LOOK).map_or(script, |(_, body)| body)
}

/// The script for `steps`, recorded in `scene` against `swamp`. It replays them in a directory
/// of its own, so that the sandbox it lies in stays as the trial left it.
pub(crate) fn script(trial: &str, swamp: &Path, scene: &Scene<'_>, steps: &[Step]) -> String {
    let mut out = format!(
        "#!/bin/sh\n\
         {REPLAYS}{trial} in a fresh directory, without swamp-uat.\n\
         # Usage: [SWAMP_BIN=/path/to/swamp] sh repro.sh [directory]\n\
         SWAMP_BIN=${{SWAMP_BIN-{}}}; : \"${{SWAMP_BIN:?give it a path, or unset it}}\"\n\
         {LOOK}{}",
        quote(&swamp.to_string_lossy()),
        beginning(scene.switches)
    );
    let mut buckets = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        if let Step::Bucket { store, kind } = step {
            buckets.push(keys(store, *kind));
        }
        out.push('\n');
        out.push_str(&line(step, scene, &buckets));
        if matches!(
            step,
            Step::Swamp { .. } | Step::Extension { .. } | Step::Look(_)
        ) {
            // Errors are shown where they came.
            out.pop();
            out.push_str(&format!(" 2>&1 | look {number}\n"));
        }
    }
    out
}

/// The command that lists a bucket.
fn keys(store: &str, kind: Kind) -> String {
    let name = bucket_variable(store);
    match kind {
        Kind::Gcs => format!(
            "curl -fsS \"$ENDPOINT/storage/v1/b/${name}/o\" | tr ',' '\\n' | \
             sed -n 's/.*\"name\": *\"\\(.*\\)\".*/{store}: \\1/p'"
        ),
        Kind::S3 | Kind::Filesystem => format!(
            "curl -fsS \"$ENDPOINT/${name}?list-type=2\" | tr '<' '\\n' | \
             sed -n 's/^Key>/{store}: /p'"
        ),
    }
}

/// What every script begins with. A run with switches on is replayed with them.
fn beginning(switches: &[String]) -> String {
    let words: String = switches.iter().map(|switch| quote(switch) + " ").collect();
    BEGINNING
        .replace("$WITH ", &format!("$WITH {words}"))
        .replace("<unprivileged>", &UNPRIVILEGED.join(" "))
}

fn line(step: &Step, scene: &Scene<'_>, buckets: &[String]) -> String {
    match step {
        Step::Directory(name) => format!("mkdir -p \"$ROOT\"/{}\n", quote(name)),
        Step::Bucket { store, kind } => bucket(store, *kind),
        Step::Checkout { from, to, home } => format!(
            "mkdir -p \"$ROOT\"/{1}\n(cd \"$ROOT\"/{0} && tar -cf - --exclude ./.swamp .) | \
             (cd \"$ROOT\"/{1} && tar -xf -)\nsettle \"$ROOT\"/{2}\n",
            quote(from),
            quote(to),
            quote(home)
        ),
        Step::WipeCache { repo, home } => format!("rm -rf {}\n", cache(repo, home.as_deref())),
        Step::WriteToCache {
            repo,
            home,
            path,
            text,
        } => format!(
            "FILE={}/{}\nmkdir -p \"$(dirname \"$FILE\")\"\n{} > \"$FILE\"\n",
            cache(repo, home.as_deref()),
            quote(path),
            printing(text)
        ),
        Step::Rename { from, to } => format!(
            "mkdir -p \"$(dirname \"$ROOT\"/{1})\"\nmv \"$ROOT\"/{0} \"$ROOT\"/{1}\n",
            quote(from),
            quote(to)
        ),
        Step::Copy { from, to } => format!(
            "mkdir -p \"$ROOT\"/{1}\ncp -R \"$ROOT\"/{0}/. \"$ROOT\"/{1}\n",
            quote(from),
            quote(to)
        ),
        Step::Extension { repo, name, dir } => format!(
            "(cd \"$ROOT\"/{} && provide {} {})\n",
            quote(repo),
            quote(name),
            quote(dir)
        ),
        Step::Told(what) => format!(
            "printf '%s\\n' {}\n",
            quote(&format!("# here the suite {what}"))
        ),
        Step::Swamp {
            repo,
            home,
            env,
            args,
            stdin,
            unprivileged,
        } => {
            let mut words: Vec<String> = args.iter().map(|arg| placed(arg, scene)).collect();
            words.extend(stdin.iter().map(|file| format!("<{}", quote(file))));
            let mut setting = String::new();
            if let Some(home) = home {
                setting.push_str(&format!("AT_HOME=\"$ROOT\"/{} ", quote(home)));
            }
            if !env.is_empty() {
                let pairs: Vec<String> = env.iter().map(|(k, v)| format!("{k}={v}")).collect();
                setting.push_str(&format!("WITH={} ", quote(&pairs.join(" "))));
            }
            if *unprivileged {
                setting.push_str("BOUND=$UNPRIVILEGED ");
            }
            format!(
                "(cd \"$ROOT\"/{} && {setting}swamp {})\n",
                quote(repo),
                words.join(" ")
            )
        }
        Step::Write { path, text } => format!(
            "mkdir -p \"$(dirname \"$ROOT\"/{0})\"\n{1} > \"$ROOT\"/{0}\n",
            quote(path),
            printing(text)
        ),
        Step::Link { path, target } => {
            format!("ln -s {} \"$ROOT\"/{}\n", quote(target), quote(path))
        }
        Step::Chmod { path, mode } => format!("chmod {mode:o} \"$ROOT\"/{}\n", quote(path)),
        Step::Remove(path) => format!("rm -rf \"$ROOT\"/{}\n", quote(path)),
        Step::Look(name) => format!(
            "printf '%s\\n' {}\n(files{})\n",
            quote(&format!("== {name}")),
            buckets
                .iter()
                .map(|keys| format!("; {keys}"))
                .collect::<String>()
        ),
    }
}

/// The local copy of a repo's datastore: its id is another one in every replay.
fn cache(repo: &str, home: Option<&str>) -> String {
    format!(
        "\"$ROOT\"/{}/.swamp/repos/\"$(sed -n 's/^repoId: //p' \"$ROOT\"/{}/.swamp.yaml)\"",
        quote(home.unwrap_or("home")),
        quote(repo)
    )
}

/// Makes a bucket as the observer of the suite does, at the endpoint that the suite takes too.
fn bucket(store: &str, kind: Kind) -> String {
    let variable = kind.variable();
    let name = bucket_variable(store);
    let make = match kind {
        Kind::Gcs => format!(
            "curl -fsS -o /dev/null -H 'content-type: application/json' \
             -d \"{{\\\"name\\\":\\\"${name}\\\"}}\" \"$ENDPOINT/storage/v1/b?project=swamp-uat\""
        ),
        Kind::S3 | Kind::Filesystem => format!("curl -fsS -X PUT \"$ENDPOINT/${name}\""),
    };
    format!(
        "ENDPOINT=${{{variable}:?run: eval \"\\$(cargo uat emulators up)\"}}\n\
         {name}=uat-repro-$$-{}\n{make}\necho \"in bucket ${name} at $ENDPOINT, which stays there\"\n",
        quote(store)
    )
}

fn bucket_variable(store: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("BUCKET_{}", store.chars().map(plain).collect::<String>())
}

/// A word for the shell, with what the script has of its own in the place of what was recorded.
fn placed(arg: &str, scene: &Scene<'_>) -> String {
    let mut known: Vec<(&str, String)> = vec![(scene.root, "\"$ROOT\"".to_owned())];
    for (store, name) in &scene.buckets {
        known.push((name, format!("\"${}\"", bucket_variable(store))));
    }
    for endpoint in &scene.endpoints {
        known.push((endpoint, "\"$ENDPOINT\"".to_owned()));
    }
    let mut out = String::new();
    let mut rest = arg;
    let next = |rest: &str| {
        known
            .iter()
            .filter(|(literal, _)| !literal.is_empty())
            .filter_map(|(literal, own)| Some((rest.find(literal)?, literal.len(), own.clone())))
            .min()
    };
    while let Some((at, length, own)) = next(rest) {
        if at > 0 {
            out.push_str(&quote(&rest[..at]));
        }
        out.push_str(&own);
        rest = &rest[at + length..];
    }
    if !rest.is_empty() || out.is_empty() {
        out.push_str(&quote(rest));
    }
    out
}

/// The command that prints `text`. Megabytes of one character are not spelled out.
fn printing(text: &str) -> String {
    const LONG: usize = 1000;
    let mut characters = text.bytes();
    match characters.next() {
        Some(first) if text.len() > LONG && first.is_ascii() && characters.all(|c| c == first) => {
            let first = quote(&char::from(first).to_string());
            format!("head -c {} /dev/zero | tr '\\0' {first}", text.len())
        }
        _ => format!("printf '%s' {}", quote(text)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn megabytes_of_one_character_are_not_spelled_out() {
        assert_eq!(
            printing(&"x".repeat(10_000_000)),
            "head -c 10000000 /dev/zero | tr '\\0' x"
        );
        assert_eq!(printing("it's"), "printf '%s' 'it'\\''s'");
        assert_eq!(printing(""), "printf '%s' ''");
    }

    #[test]
    fn endpoints_and_buckets_are_the_scripts_own() {
        let scene = Scene {
            root: "/old/w",
            buckets: vec![("ds", "uat-1-ds")],
            endpoints: BTreeSet::from(["http://127.0.0.1:1"]),
            switches: &[],
        };
        assert_eq!(
            placed(
                r#"{"bucket":"uat-1-ds","endpoint":"http://127.0.0.1:1"}"#,
                &scene
            ),
            r#"'{"bucket":"'"$BUCKET_ds"'","endpoint":"'"$ENDPOINT"'"}'"#
        );
        assert_eq!(placed("", &scene), "''");
        assert_eq!(placed("/old/w/ds", &scene), "\"$ROOT\"/ds");
        let step = Step::Bucket {
            store: "my-ds".into(),
            kind: Kind::Gcs,
        };
        let made = line(&step, &scene, &[]);
        assert!(
            made.contains("ENDPOINT=${SWAMP_UAT_GCS_ENDPOINT:?"),
            "{made}"
        );
        assert!(
            made.contains("\nBUCKET_my_ds=uat-repro-$$-my-ds\n"),
            "{made}"
        );
    }

    #[test]
    fn a_command_that_permissions_bound_is_bound_again_if_root_replays_it() {
        let dir = tempfile::tempdir().unwrap();
        let bin = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let swamp = bin("swamp", "echo \"$* ran $BY\"");
        bin("setpriv", "BY=\"$1\" exec \"$3\" \"$4\"");
        let steps = [false, true].map(|unprivileged| Step::Swamp {
            repo: ".".into(),
            home: None,
            env: Vec::new(),
            stdin: None,
            args: vec![if unprivileged { "bound" } else { "free" }.into()],
            unprivileged,
        });
        let path = dir.path().join("repro.sh");
        std::fs::write(&path, script("s01", &swamp, &Scene::default(), &steps)).unwrap();
        let said = |user: &str| {
            bin("id", &format!("echo {user}"));
            let path_variable = format!("{}:{}", dir.path().display(), env!("PATH"));
            let mut command = Command::new("sh");
            command.arg(&path).arg(dir.path().join("w"));
            command.env("PATH", path_variable).env_remove("SWAMP_BIN");
            let out = command.env("BOUND", "nonsense").output().unwrap();
            String::from_utf8_lossy(&out.stdout).into_owned()
        };
        let root = said("0");
        let bound = format!("bound ran {}\n", UNPRIVILEGED[1]);
        assert!(
            root.contains("free ran \n") && root.contains(&bound),
            "{root}"
        );
        assert!(root.contains("$ setpriv --bounding-set="), "{root}");
        let user = said("1000");
        assert!(user.contains("bound ran \n"), "{user}");
    }

    #[test]
    fn the_script_replays_every_command_where_it_ran() {
        let dir = tempfile::tempdir().unwrap();
        let swamp = dir.path().join("a swamp");
        std::fs::write(
            &swamp,
            "#!/bin/sh\necho \"$(basename \"$PWD\") $HOME $WAIT $*\" >> \"$HOME/../log\"; exit 3\n",
        )
        .unwrap();
        std::fs::set_permissions(&swamp, std::fs::Permissions::from_mode(0o755)).unwrap();
        let steps = [
            Step::Directory("infra".into()),
            Step::Swamp {
                repo: "infra".into(),
                home: None,
                env: vec![("WAIT", "1".into())],
                args: vec!["set".into(), "it's".into(), "/old/w/ds".into()],
                stdin: None,
                unprivileged: false,
            },
            Step::Write {
                path: "infra/deep er/file".into(),
                text: "it's\n  two lines".into(),
            },
            Step::Write {
                path: "gone/file".into(),
                text: String::new(),
            },
            Step::Remove("gone".into()),
            Step::Copy {
                from: "infra/deep er".into(),
                to: "a copy".into(),
            },
            Step::Rename {
                from: "a copy/file".into(),
                to: "else/where".into(),
            },
            Step::Write {
                path: "infra/.swamp.yaml".into(),
                text: "repoId: 7\n".into(),
            },
            Step::WriteToCache {
                repo: "infra".into(),
                home: None,
                path: "infra/note".into(),
                text: "cached".into(),
            },
            Step::Chmod {
                path: "infra/deep er/file".into(),
                mode: 0o400,
            },
            Step::Link {
                path: "infra/link".into(),
                target: "deep er".into(),
            },
            Step::Look("after".into()),
        ];
        let path = dir.path().join("repro.sh");
        let scene = Scene {
            root: "/old/w",
            ..Scene::default()
        };
        std::fs::write(&path, script("s01", &swamp, &scene, &steps)).unwrap();
        let again = dir.path().join("again");
        let out = Command::new("sh")
            .arg(&path)
            .arg(&again)
            .env_remove("SWAMP_BIN")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(
            said.contains("[exit 3]") && said.contains("== after"),
            "{said}"
        );
        assert!(said.contains("./infra"), "{said}");
        let again = again.canonicalize().unwrap();
        let written = std::fs::read_to_string(again.join("infra/deep er/file")).unwrap();
        assert_eq!(written, "it's\n  two lines");
        assert!(!again.join("gone").exists());
        let moved = std::fs::read_to_string(again.join("else/where")).unwrap();
        assert_eq!(moved, "it's\n  two lines");
        assert!(again.join("a copy").is_dir() && !again.join("a copy/file").exists());
        let cached = again.join("home/.swamp/repos/7/infra/note");
        assert_eq!(std::fs::read_to_string(cached).unwrap(), "cached");
        assert!(again.join("infra/link/file").is_file());
        let mode = std::fs::metadata(again.join("infra/link/file"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o400);
        assert_eq!(
            std::fs::read_to_string(again.join("log")).unwrap(),
            format!("infra {0}/home 1 set it's {0}/ds\n", again.display())
        );
        // What is shown is what ran.
        let shown = format!("infra$ WAIT=1 swamp set 'it'\\''s' {}/ds", again.display());
        assert!(said.lines().any(|line| line == shown), "{shown}: {said}");
        let empty = Command::new("sh").arg(&path).env("SWAMP_BIN", "").output();
        let empty = empty.unwrap();
        assert!(!empty.status.success() && empty.stdout.is_empty());
    }
}
