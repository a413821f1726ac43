//! A script that shows a defect of swamp with swamp alone: the replay of a trial that met it, with
//! the lines marked that only a swamp with the defect says. Which lines these are, replays on the
//! reference tell, with the defect and without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::{Captures, Regex};

use crate::report::ledger::MetDeviation;
use crate::report::repro::{LOOK, body_of};
use crate::shell::quote;

/// What each step of a replay said, by its number, as patterns of a shell's `case`.
pub type Said = BTreeMap<usize, Vec<String>>;

/// How a step tells a swamp with the defect from one without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Look {
    /// The exit code that the command has either way; `*` where the defect decides it.
    end: String,
    /// What only a swamp with the defect says.
    says: Vec<String>,
    /// Where it says nothing of its own: what only a swamp without the defect says.
    lacks: Vec<String>,
}

impl Look {
    fn tells(&self) -> bool {
        !self.says.is_empty() || !self.lacks.is_empty()
    }
}

/// More lines than this say nothing more, and each must be there.
const MOST: usize = 6;

// Constants that a unit test compiles: they cannot fail later.
static MOVING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}
        | \d{4}-\d\d-\d\d(T[\d:.-]+Z?)? | \d\d:\d\d:\d\d(\.\d+)?
        | \b\d+(\.\d+)?\ ?(ms|s|B|KB|MB|bytes)\b
        | \brun\ [0-9a-f]{8}\b | uat-repro-\d+ | 127\.0\.0\.1:\d+"#,
    )
    .expect("the pattern compiles")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"("\w*(?:[dD]uration|Ms|[sS]ize|[bB]ytes|[pP]id)": )[\d.]+|(Version: ).*|("stack": ").*"#,
    )
    .expect("the pattern compiles")
});
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z").expect("the pattern compiles")
});

/// A replay that writes what its steps say into the directory `$SAID`, for [`read`].
pub fn recording(repro: &str) -> String {
    let body = timeless(body_of(repro));
    format!("look() {{ cat > \"$SAID/$1\"; }}\n{body}")
}

/// What a recording left in `dir`, when it was played in `root`.
///
/// # Errors
/// The directory or a file in it cannot be read.
pub fn read(dir: &Path, root: &str) -> std::io::Result<Said> {
    let mut said = Said::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let number = path
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok());
        if let Some(number) = number {
            let text = crate::read::text(&path)?;
            let lines = text.lines().map(|line| pattern(line, root)).collect();
            said.insert(number, lines);
        }
    }
    Ok(said)
}

/// The pattern that meets `line` in every replay.
fn pattern(line: &str, root: &str) -> String {
    let mut out = String::new();
    let line = line.replace(root, "\0");
    let line = MOVING.replace_all(&line, "\0");
    let line = NUMBER.replace_all(&line, "$1$2$3\0");
    for c in line.chars() {
        match c {
            '\0' => out.push('*'),
            '*' | '?' | '[' => out.extend(['[', c, ']']),
            '\\' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

/// What tells the steps of `with`, two replays with the defect, from those of `without`.
fn looks(with: [&Said; 2], without: &Said) -> BTreeMap<usize, Look> {
    let none = Vec::new();
    let of = |said: &Said, number| said.get(number).unwrap_or(&none).clone();
    let look = |number| {
        let [one, two, other] = [
            of(with[0], number),
            of(with[1], number),
            of(without, number),
        ];
        let end = |lines: &[String]| {
            let code = lines.last()?.strip_prefix("[[]exit ")?.strip_suffix(']');
            code.map(str::to_owned)
        };
        let end = match (end(&one), end(&other)) {
            (Some(one), Some(other)) if one == other => one,
            _ => "*".to_owned(),
        };
        let says = only(&one, &[&other], &two);
        let lacks = if says.is_empty() {
            only(&other, &[&one, &two], &other)
        } else {
            Vec::new()
        };
        Look { end, says, lacks }
    };
    with[0].keys().map(|n| (*n, look(n))).collect()
}

/// The lines of `these` that say something, that are in `too`, and in none of `others`.
fn only(these: &[String], others: &[&Vec<String>], too: &[String]) -> Vec<String> {
    let speaks = |line: &str| {
        let letters = line.chars().filter(|c| c.is_alphanumeric()).count();
        letters >= 3 && !line.trim_start().starts_with("at ")
    };
    let mut seen = BTreeSet::new();
    let lines = these.iter().filter(|line| {
        let alone = !others.iter().any(|other| other.contains(line));
        alone && too.contains(line) && speaks(line) && seen.insert(line.as_str())
    });
    lines.take(MOST).cloned().collect()
}

/// What each script begins with.
pub(crate) fn about(id: &str, today: &str, usage: &str) -> String {
    format!(
        "#!/bin/sh\n\
         # {id}: {today}\n\
         # Usage: [SWAMP_BIN=/path/to/swamp] {usage}\n\
         # The lines that show it are marked with >. Exit code: 1 where it shows, 0 where it does not,\n\
         # 2 where this cannot be run.\n"
    )
}

/// How each script finds the swamp to try.
pub(crate) const FIND_SWAMP: &str = r#"SWAMP_BIN=${SWAMP_BIN:-swamp}
case $SWAMP_BIN in /*) ;; */*) SWAMP_BIN=$PWD/$SWAMP_BIN ;; esac
command -v "$SWAMP_BIN" > /dev/null \
  || { echo "$SWAMP_BIN: no such program; set SWAMP_BIN to the swamp to try" >&2; exit 2; }
"#;

const JUDGE: &str = r#"SHOWN=$(mktemp) || exit 2
trap 'rm -f "$SHOWN"' EXIT
# look CODE [LINE...]: prints what a command says, with > before each LINE. Where all of them are
# there, it shows the defect; after `without`, where none is. Another exit code than CODE breaks off.
look() {
  code=$1 met=' ' how=with last=
  shift
  [ "$1" != without ] || { how=without; shift; }
  while IFS= read -r said; do
    sign=' ' n=0
    for line; do
      n=$((n + 1))
      case $said in $line) met="$met$n "; [ $how = without ] || sign='>' ;; esac
    done
    printf '%s %s\n' "$sign" "$said"
    last=$said
  done
  n=0 shows=$#
  for line; do
    n=$((n + 1))
    case $how$met in without*" $n "* | 'with ') shows=0 ;; without*) ;; *" $n "*) ;; *) shows=0 ;; esac
  done
  if [ "$shows" != 0 ]; then
    echo shown > "$SHOWN"
    [ $how = with ] || printf '> (not there: %s)\n' "$@"
  fi
  case $last in
    '[exit '$code']') ;;
    '[exit '*) echo "this was to end with exit code $code" >&2; return 2 ;;
  esac
}
"#;

/// The script for a defect that `repro`, the replay of a trial, meets: what a user is given. None
/// where no line of the replay tells a swamp with the defect from one without.
pub fn script(repro: &str, met: &MetDeviation, with: [&Said; 2], without: &Said) -> Option<String> {
    let looks = looks(with, without);
    let last = looks.iter().rfind(|(_, look)| look.tells())?.0;
    let trial = crate::machine::leftovers::replayed_by(repro).unwrap_or_default();
    let mut out = format!(
        "{}# Planned: {}\n# It replays {trial}, without swamp-uat.\n{FIND_SWAMP}{JUDGE}play() (\nset -e\n",
        about(&met.id, &met.today, "sh this [directory]"),
        met.plan
    );
    for line in timeless(body_of(repro)).lines() {
        let step = line.rsplit_once(" | look ");
        let step = step.and_then(|(command, n)| Some((command, n.parse::<usize>().ok()?)));
        let Some((command, number)) = step else {
            out.push_str(&format!("{line}\n"));
            continue;
        };
        let look = looks.get(&number).cloned().unwrap_or_default();
        out.push_str(&format!("{command} | look '{}'", look.end));
        if !look.lacks.is_empty() {
            out.push_str(" without");
        }
        for line in look.says.iter().chain(&look.lacks) {
            out.push_str(&format!(" \\\n  {}", quote(line)));
        }
        out.push('\n');
        if number == *last {
            break;
        }
    }
    out.push_str(
        ")\nplay \"$@\"\nplayed=$?\n\
         if [ -s \"$SHOWN\" ]; then echo 'the defect shows'; exit 1; fi\n\
         [ $played = 0 ] || { echo 'it could not be run to its end' >&2; exit 2; }\n\
         echo 'the defect does not show'\n",
    );
    Some(out)
}

/// The script for a defect that no line tells by itself: it takes a network that fails, a second run
/// at the same moment, or a look at how something was done. It replays the trial, and leaves it to
/// its reader to compare.
pub fn unmarked(repro: &str, met: &MetDeviation) -> String {
    let trial = crate::machine::leftovers::replayed_by(repro).unwrap_or_default();
    format!(
        "{}# Planned: {}\n# It replays {trial}, without swamp-uat. No line of it shows the defect by\n\
         # itself: compare what it prints with what is planned.\n{FIND_SWAMP}{LOOK}{}\n\
         echo 'no line of this shows the defect by itself: compare it with what is planned' >&2\n\
         exit 2\n",
        about(&met.id, &met.today, "sh this [directory]"),
        met.plan,
        timeless(body_of(repro))
    )
}

/// What a scenario wrote with the time of its trial is written with the time of the replay. A time
/// that is long past means something, and stays.
fn timeless(repro: &str) -> String {
    let time = TIME.replace_all(repro, |found: &Captures<'_>| {
        let past = found[0]
            .parse::<Timestamp>()
            .is_ok_and(|time| Timestamp::now().duration_since(time).as_hours() > 48);
        if past {
            found[0].to_owned()
        } else {
            // It stands between single quotes.
            "'\"$NOW\"'".to_owned()
        }
    });
    format!("NOW=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)\n{time}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::deviation::Severity;

    fn said(steps: &[&str]) -> Said {
        let lines = |step: &&str| step.lines().map(|line| pattern(line, "/root")).collect();
        steps.iter().map(lines).enumerate().collect()
    }

    #[test]
    fn what_moves_between_replays_is_left_open() {
        for (line, met) in [
            ("in /root/a, [x]", "in */a, [[]x]"),
            ("at 2026-01-02T03:04:05.678Z, 03:04:05 UTC", "at *, * UTC"),
            ("  \"duration\": 12,", "  \"duration\": *,"),
            ("version 2 of 3 rows (14 bytes)", "version 2 of 3 rows (*)"),
            ("a*b?c\\d", "a[*]b[?]c?d"),
        ] {
            assert_eq!(pattern(line, "/root"), met);
        }
    }

    #[test]
    fn what_only_the_defect_says_tells_it_and_else_what_it_lacks() {
        let with = said(&["same\n[exit 0]", "it crashed 1ms\nsame\n[exit 1]", "left"]);
        let without = said(&["same\n[exit 0]", "same\n[exit 0]", "left\nright"]);
        let looks = looks([&with, &with], &without);
        assert!(!looks[&0].tells() && looks[&0].end == "0");
        assert_eq!(looks[&1].says, ["it crashed *", "[[]exit 1]"]);
        assert_eq!(looks[&1].end, "*");
        assert_eq!(
            (&*looks[&2].says, &*looks[&2].lacks),
            (&[][..], &["right".to_owned()][..])
        );
    }

    #[test]
    fn a_script_marks_judges_and_ends_behind_the_last_line_that_tells() {
        let met = MetDeviation {
            id: "cat-barks".into(),
            plan: "it mews".into(),
            today: "it barks".into(),
            severity: Severity::Wording,
        };
        let step = |n| format!("(echo \"$SWAMP_BIN\"; echo '[exit 0]') 2>&1 | look {n}\n");
        let repro = format!(
            "# Replays the commands of s01 in a\nSWAMP_BIN=/mine\n{LOOK}{}{}{}",
            step(0),
            step(1),
            "touch \"$GONE\"\n",
        );
        let with = said(&["/bin/cat\n[exit 0]", "/bin/cat\n[exit 0]"]);
        let without = said(&["/bin/dog\n[exit 0]", "/bin/dog\n[exit 0]"]);
        assert!(script(&repro, &met, [&with, &with], &with).is_none());
        let script = script(&repro, &met, [&with, &with], &without).unwrap();
        assert!(script.contains("# cat-barks: it barks") && !script.contains("/mine"));
        assert!(!script.contains("touch"), "{script}");
        let played = |swamp: &str| {
            let mut sh = std::process::Command::new("sh");
            let out = sh
                .args(["-c", &script])
                .env("SWAMP_BIN", swamp)
                .output()
                .unwrap();
            (
                out.status.code(),
                String::from_utf8_lossy(&out.stdout).into_owned(),
            )
        };
        let (code, shown) = played("/bin/cat");
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("> /bin/cat\n  [exit 0]\n"), "{shown}");
        let (code, shown) = played("/bin/ls");
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.contains("  /bin/ls\n"), "{shown}");
        assert_eq!(played("/dev/null/none").0, Some(2));
        let failing = script.replace("'[exit 0]'", "'[exit 3]'");
        let out = std::process::Command::new("sh")
            .args(["-c", &failing])
            .env("SWAMP_BIN", "/bin/ls")
            .output();
        assert_eq!(out.unwrap().status.code(), Some(2));
    }
}
