//! `repro.sh`: the commands of a trial as a script that replays them without the suite.

use std::path::Path;

/// One thing that a scenario did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Made a directory.
    Directory(String),
    /// Ran swamp in a repo.
    Swamp {
        /// The directory it ran in.
        repo: String,
        /// The arguments after `swamp`.
        args: Vec<String>,
    },
    /// Wrote a file.
    Write {
        /// Where, below the root of the world.
        path: String,
        /// What.
        text: String,
    },
    /// Made a symbolic link.
    Link {
        /// Where, below the root of the world.
        path: String,
        /// To what.
        target: String,
    },
    /// Set permissions.
    Chmod {
        /// Of what, below the root of the world.
        path: String,
        /// To what.
        mode: u32,
    },
    /// Removed a file or a directory.
    Remove(String),
    /// Looked at the datastores.
    Look(String),
}

/// The script for `steps`, recorded in a world at `root` against `swamp`. It replays them in a
/// directory of its own, so that the sandbox it lies in stays as the trial left it.
pub(crate) fn script(trial: &str, swamp: &Path, root: &Path, steps: &[Step]) -> String {
    let mut out = format!(
        "#!/bin/sh\n\
         # Replays the commands of {trial} in a fresh directory, without swamp-uat.\n\
         # Usage: [SWAMP_BIN=/path/to/swamp] sh repro.sh [directory]\n\
         SWAMP_BIN=${{SWAMP_BIN:-{}}}\n\
         ROOT=${{1:-$(mktemp -d)}}\n\
         mkdir -p \"$ROOT/home\"\n\
         ROOT=$(cd \"$ROOT\" && pwd -P)\n\
         # A home that has seen swamp's invitation to its club.\n\
         mkdir -p \"$ROOT/home/.config/swamp\"\n\
         printf '{{\"firstRunShown\":true,\"lastShown\":\"%s\"}}' \"$(date -u +%Y-%m-%dT%H:%M:%S.000Z)\" \\\n  \
         > \"$ROOT/home/.config/swamp/auth_nudge.json\"\n\
         echo \"in $ROOT\"\n\
         swamp() {{\n  \
         env -i HOME=\"$ROOT/home\" PATH=\"$PATH\" LC_ALL=C TZ=UTC COLUMNS=120 NO_COLOR=1 \
         SWAMP_NO_TELEMETRY=1 ${{SWAMP_API_KEY:+SWAMP_API_KEY=\"$SWAMP_API_KEY\"}} \
         ${{SWAMP_CLUB_URL:+SWAMP_CLUB_URL=\"$SWAMP_CLUB_URL\"}} \"$SWAMP_BIN\" \"$@\"\n  \
         echo \"[exit $?]\"\n}}\n",
        quote(&swamp.to_string_lossy())
    );
    for step in steps {
        out.push('\n');
        match step {
            Step::Directory(name) => out.push_str(&format!("mkdir -p \"$ROOT\"/{}\n", quote(name))),
            Step::Swamp { repo, args } => {
                let words: Vec<String> = args.iter().map(|arg| rooted(arg, root)).collect();
                let line = format!("swamp {}", words.join(" "));
                out.push_str(&format!(
                    "echo {}\n(cd \"$ROOT\"/{} && {line})\n",
                    quote(&format!("{repo}$ swamp {}", args.join(" "))),
                    quote(repo)
                ));
            }
            Step::Write { path, text } => out.push_str(&format!(
                "mkdir -p \"$(dirname \"$ROOT\"/{0})\"\nprintf '%s' {1} > \"$ROOT\"/{0}\n",
                quote(path),
                quote(text)
            )),
            Step::Link { path, target } => out.push_str(&format!(
                "ln -s {} \"$ROOT\"/{}\n",
                quote(target),
                quote(path)
            )),
            Step::Chmod { path, mode } => {
                out.push_str(&format!("chmod {mode:o} \"$ROOT\"/{}\n", quote(path)));
            }
            Step::Remove(path) => {
                out.push_str(&format!("rm -rf \"$ROOT\"/{}\n", quote(path)));
            }
            Step::Look(name) => out.push_str(&format!(
                "echo {}\n(cd \"$ROOT\" && find . -path ./home -prune -o -path '*/.swamp/*' -prune -o -print | sort)\n",
                quote(&format!("== {name}"))
            )),
        }
    }
    out
}

/// A word for the shell, with the recorded root replaced by the script's own.
fn rooted(arg: &str, root: &Path) -> String {
    match arg.strip_prefix(&*root.to_string_lossy()) {
        Some(rest) => format!(
            "\"$ROOT\"{}",
            if rest.is_empty() {
                String::new()
            } else {
                quote(rest)
            }
        ),
        None => quote(arg),
    }
}

/// `text` as one word for the shell, in quotes where it needs them.
pub(crate) fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn words_are_quoted_where_the_shell_would_read_them() {
        assert_eq!(quote("--path"), "--path");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("in fra"), "'in fra'");
        assert_eq!(quote("it's *"), r"'it'\''s *'");
    }

    #[test]
    fn the_script_replays_every_command_where_it_ran() {
        let dir = tempfile::tempdir().unwrap();
        let swamp = dir.path().join("a swamp");
        std::fs::write(
            &swamp,
            "#!/bin/sh\necho \"$(basename \"$PWD\") $HOME $*\" >> \"$HOME/../log\"; exit 3\n",
        )
        .unwrap();
        std::fs::set_permissions(&swamp, std::fs::Permissions::from_mode(0o755)).unwrap();
        let steps = [
            Step::Directory("infra".into()),
            Step::Swamp {
                repo: "infra".into(),
                args: vec!["set".into(), "it's".into(), "/old/w/ds".into()],
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
        std::fs::write(&path, script("s01", &swamp, Path::new("/old/w"), &steps)).unwrap();
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
        assert!(again.join("infra/link/file").is_file());
        let mode = std::fs::metadata(again.join("infra/link/file"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o400);
        assert_eq!(
            std::fs::read_to_string(again.join("log")).unwrap(),
            format!("infra {0}/home set it's {0}/ds\n", again.display())
        );
    }
}
