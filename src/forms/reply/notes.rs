//! What a command may print beside its reply: notes of the datastore extensions, progress, and
//! what is said to people. Every form stands here.

use std::sync::LazyLock;

use regex::Regex;

use super::Fault;
use crate::render::output::Output;

/// The streams of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// Lines that may stand beside the reply, with the stream that they come on.
static NOTES: LazyLock<Vec<(Stream, Regex)>> = LazyLock::new(|| {
    let sync = |text: &str| format!(r"^\[(?:s3|gcs)-sync\] {text}$");
    let system = |text: &str| format!("^ system │ {text}$");
    [
        (
            Stream::Out,
            sync(r"Index is using monolithic format\. Run 'swamp datastore migrate-index' to enable shard-first commits for improved concurrency\."),
        ),
        (
            Stream::Out,
            sync(r#"Migrating \d+ object\(s\) to namespace "[a-z0-9-]+" \(server-side copy, no re-upload\)\.\.\."#),
        ),
        (
            Stream::Out,
            sync(r#"Migration complete: \d+/\d+ object\(s\) moved to "[a-z0-9-]+/""#),
        ),
        (
            Stream::Err,
            sync(r"Excluded \d+ foreign namespace\(s\) from migration: [a-z0-9-]+(?:, [a-z0-9-]+)*"),
        ),
        (Stream::Err, system(r"Syncing model \S+ from datastore\.\.\.")),
        (Stream::Err, system(r"Preparing push \(uploading files\)\.\.\.")),
        (Stream::Err, system(r"Committing index update\.\.\.")),
        (Stream::Err, system(r"Committed \d+ file\(s\) to datastore index")),
        (Stream::Err, system("Commit complete, no index changes")),
        (
            Stream::Err,
            system(r"Wrote catalog export \(\d+ row\(s\)\) for namespace [a-z0-9-]+"),
        ),
    ]
    .map(|(stream, form)| (stream, Regex::new(&form).expect("the form of a note is sound")))
    .into()
});

/// What a command says on standard error of a lock that another one had at the same time: which of
/// them comes first is chance.
static OF_LOCKS: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"^ system │ Global lock (?:held by \S+ — waiting for structural command to finish\.\.\.|released, proceeding with per-model locks|acquired by \S+ during per-model lock acquisition — releasing and retrying)$";
    Regex::new(form).expect("the form of a note is sound")
});

/// What a setup in a bucket says behind its reply where the repo has a vault.
static ADVICE: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"\n⚠ \d+ vault\(s\) still use local encryption: [^\n]+\n  Local encryption keys won't work on other machines\. Migrate with: swamp vault migrate <vault>\n$";
    Regex::new(form).expect("the form of a note is sound")
});

fn is_note(line: &str, stream: Stream, beside_others: bool) -> bool {
    let line = line.trim_end_matches('\n');
    let mut known = NOTES.iter();
    known.any(|(of, form)| *of == stream && form.is_match(line))
        || (beside_others && stream == Stream::Err && OF_LOCKS.is_match(line))
}

/// What a command said on a stream without the notes in it.
pub(super) fn without(output: &Output, stream: Stream) -> String {
    let text = match stream {
        Stream::Out => ADVICE.replace(&output.stdout, ""),
        Stream::Err => output.stderr.as_str().into(),
    };
    let lines = text.split_inclusive('\n');
    lines
        .filter(|line| !is_note(line, stream, output.beside_others))
        .collect()
}

/// What a command said on a stream that a golden shows, without whatever is told of progress: the
/// golden has that.
pub(super) fn without_shown(output: &Output, stream: Stream) -> String {
    const TELLS: [&str; 3] = [" system │ ", "[s3-sync] ", "[gcs-sync] "];
    let text = without(output, stream);
    let lines = text.split_inclusive('\n');
    lines
        .filter(|line| !TELLS.iter().any(|begin| line.starts_with(begin)))
        .collect()
}

/// Whether a command said nothing on a stream but notes.
pub(super) fn only(output: &Output, stream: Stream) -> Result<(), Fault> {
    let rest = without(output, stream);
    if rest.is_empty() {
        Ok(())
    } else {
        Err(format!("nobody knows this on {stream:?}: {rest:?}"))
    }
}

/// What is said to people where a scenario only asserts that the command succeeded.
pub(super) fn human(words: &[&str], text: &str) -> Result<(), Fault> {
    let as_known = match words {
        ["data", "query", _] => text == "No matching data found.\n",
        ["workflow", "validate", _] => text.ends_with("\nResult: PASSED\n"),
        // What becomes of reports is seen by the commands about those.
        ["workflow", "run", _] => text.contains("\n system │ Completed workflow "),
        ["model", "method", "run", ..] => text.contains("\n  Completed   "),
        ["datastore", "namespace", "migrate"] => PREVIEW.is_match(text),
        ["run", "gc"] => REMOVED.is_match(text),
        // The secret alone, which the scenario knows.
        ["vault", "read-secret", ..] => !text.is_empty(),
        _ => {
            return Err(format!(
                "`{}` speaks to people here, and no form is known of that: run it with --json, \
                 or snapshot it",
                words.join(" ")
            ));
        }
    };
    if as_known {
        Ok(())
    } else {
        Err("it says something else to people than is known".to_owned())
    }
}

/// A preview of a migration. What is in it is asserted with `--json`.
static PREVIEW: LazyLock<Regex> = LazyLock::new(|| {
    let form = "^Migration preview \\(namespace: \"[a-z0-9-]+\"\\)\n\n\
                (?:  \\S+\n    /.*\n    → /.*\n    \\d+ file\\(s\\), [\\d.]+ K?B\n)+\n\
                Total: \\d+ file\\(s\\), [\\d.]+ K?B\n\n\
                Add --confirm to execute this migration\\.\n$";
    Regex::new(form).expect("the form of a preview is sound")
});

/// What `run gc` has removed. The sizes are other ones each time.
static REMOVED: LazyLock<Regex> = LazyLock::new(|| {
    let form = r#"^\S+ \[INF\] run·gc: Run GC complete: deleted \d+ workflow run\(s\) \("[\d.]+ K?B"\), \d+ output\(s\) \("[\d.]+ K?B"\), total: \d+ items \("[\d.]+ K?B"\)\n$"#;
    Regex::new(form).expect("the form of what is removed is sound")
});

/// Whether a failure that is told to people is one line of the log: what swamp did not foresee.
pub(super) fn is_fatal(text: &str) -> bool {
    static FATAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\d{4}-\d\d-\d\dT[\d:.]+Z \[FTL\] error: \S.*\n")
            .expect("the form of a log line is sound")
    });
    FATAL.is_match(text)
}
