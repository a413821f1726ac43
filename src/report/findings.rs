//! `FINDINGS.md`: what the suite found about the pinned swamp, from the deviations that its
//! scenarios state. The scripts that show data losses are written there by hand, and stay.

use std::collections::BTreeMap;

use crate::error::BadInput;
use crate::report::evidence::{self, FIND_SWAMP};
use crate::report::ledger::{Entry, MetDeviation};
use crate::scenario::deviation::Severity;
use crate::settings::variables::distance;

/// One deviation, and the trials that met it.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// The deviation.
    pub met: &'a MetDeviation,
    /// The trials, in the order of the scenarios.
    pub entries: Vec<&'a Entry>,
}

/// The deviations of a run, the worst first, then by scenario.
pub fn of(entries: &[Entry]) -> Vec<Finding<'_>> {
    let mut found: BTreeMap<&str, Finding<'_>> = BTreeMap::new();
    let mut entries: Vec<&Entry> = entries.iter().collect();
    // The backend that takes least to replay comes first.
    let ease = |backend: &str| {
        ["filesystem", "s3", "gcs"]
            .iter()
            .position(|b| *b == backend)
    };
    entries.sort_by_key(|entry| (entry.scenario, ease(&entry.backend)));
    for entry in entries {
        for met in &entry.deviations {
            let finding = found.entry(&met.id).or_insert_with(|| Finding {
                met,
                entries: Vec::new(),
            });
            finding.entries.push(entry);
        }
    }
    let mut found: Vec<Finding<'_>> = found.into_values().collect();
    found.sort_by_key(|f| (f.met.severity, f.entries[0].scenario, f.met.id.clone()));
    found
}

/// A defect as `FINDINGS.md` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The name of the deviation.
    pub id: String,
    /// What happens.
    pub today: String,
    /// The swamp that it was first seen in.
    pub since: String,
    /// The first scenario that meets it.
    pub scenario: String,
    /// The backend that takes least to replay it.
    pub backend: String,
    /// The script that somebody wrote for it.
    pub by_hand: Option<String>,
}

/// The defects of a `FINDINGS.md`.
pub fn read(text: &str) -> Vec<Known> {
    let known = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
        let [id, today, _, since, place] = cells.as_slice() else {
            return None;
        };
        let (scenario, backends) = place.strip_suffix(") |")?.split_once(" (")?;
        let id = id.strip_suffix('`')?;
        Some(Known {
            id: id.to_owned(),
            today: today.replace("\\|", "|"),
            since: (*since).to_owned(),
            scenario: scenario.to_owned(),
            backend: backends.split([',', ')']).next()?.to_owned(),
            by_hand: by_hand(text, id),
        })
    };
    text.lines().filter_map(known).collect()
}

fn by_hand(text: &str, id: &str) -> Option<String> {
    let (_, after) = text.split_once(&format!("\n### `{id}`\n\n```sh\n"))?;
    let (script, _) = after.split_once("```\n")?;
    Some(script.to_owned())
}

/// A script that was written by hand, whole.
pub fn printed(known: &Known, script: &str) -> String {
    let head = include_str!("by_hand.sh");
    format!(
        "{}{FIND_SWAMP}{head}\n{script}echo 'the defect does not show'\n",
        evidence::about(&known.id, &known.today, "sh this")
    )
}

/// The known defect of that name, or what to say of a name that none has.
///
/// # Errors
/// No defect has the name: with the one that is nearest to it.
pub fn named<'a>(known: &'a [Known], id: &str) -> Result<&'a Known, BadInput> {
    if let Some(known) = known.iter().find(|known| known.id == id) {
        return Ok(known);
    }
    let near = known
        .iter()
        .map(|known| (distance(id, &known.id), &known.id));
    let near = near.min().filter(|(distance, _)| *distance <= id.len() / 2);
    let near = near.map(|(_, id)| format!("did you mean `cargo uat repro {id}`? "));
    Err(BadInput::new(
        format!("a script was asked for that shows {id:?}"),
        "FINDINGS.md has no defect of this name",
        format!(
            "{}`cargo uat repro --list` shows all; `cargo uat findings` adds what is new",
            near.unwrap_or_default()
        ),
    ))
}

const fn title(severity: Severity) -> &'static str {
    match severity {
        Severity::DataLoss => "data loss",
        Severity::WrongAnswer => "wrong answer",
        Severity::Crash => "crash",
        Severity::Wording => "wording",
    }
}

/// The findings as Markdown. `swamp` is the version and commit that the goldens were recorded on,
/// `there` the document as it is: what is written there by hand is kept.
pub fn render(findings: &[Finding<'_>], swamp: &str, there: &str) -> String {
    let known = read(there);
    let known = |id: &str| known.iter().find(|known| known.id == id);
    let mut out = format!(
        "# What swamp-uat found\n\n\
         Where swamp {swamp} does not do as the plan of this suite says. `cargo uat findings`\n\
         writes this from the deviations that the scenarios state; only the scripts at the end are\n\
         written by hand.\n\n\
         `cargo uat repro <defect>` prints a script that shows a defect with swamp alone, and marks the\n\
         lines that show it. The script ends with 1 where the defect shows, with 0 where it does not,\n\
         and with 2 where it cannot be run. On S3 and GCS it takes curl and an emulator:\n\
         `eval \"$(cargo uat emulators up)\"`. What takes a network that fails at the right moment,\n\
         `cargo uat sNN` shows: NN is the number of the scenario.\n\n\
         | severity | count |\n| --- | --- |\n"
    );
    let severities = [
        Severity::DataLoss,
        Severity::WrongAnswer,
        Severity::Crash,
        Severity::Wording,
    ];
    for severity in severities {
        let count = findings
            .iter()
            .filter(|f| f.met.severity == severity)
            .count();
        out.push_str(&format!("| {} | {count} |\n", title(severity)));
    }
    for severity in severities {
        let of_it: Vec<&Finding<'_>> = findings
            .iter()
            .filter(|finding| finding.met.severity == severity)
            .collect();
        if of_it.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "\n## {}\n\n| defect | what happens | what is planned | since | scenario |\n\
             | --- | --- | --- | --- | --- |\n",
            title(severity)
        ));
        for finding in of_it {
            let MetDeviation {
                id, plan, today, ..
            } = finding.met;
            let mut places: Vec<(u32, Vec<&str>)> = Vec::new();
            for entry in &finding.entries {
                match places.last_mut() {
                    Some((scenario, backends)) if *scenario == entry.scenario => {
                        backends.push(&entry.backend);
                    }
                    _ => places.push((entry.scenario, vec![&entry.backend])),
                }
            }
            let places = places
                .iter()
                .map(|(scenario, backends)| format!("{scenario} ({})", backends.join(", ")));
            let since = known(id).map_or_else(
                || swamp.split('-').next().unwrap_or_default(),
                |known| &known.since,
            );
            out.push_str(&format!(
                "| `{id}` | {} | {} | {since} | {} |\n",
                cell(today),
                cell(plan),
                places.collect::<Vec<_>>().join(", "),
            ));
        }
    }
    out.push_str(BY_HAND);
    for Finding { met, .. } in findings {
        let script = known(&met.id).and_then(|known| known.by_hand.as_deref());
        if let Some(script) = script {
            out.push_str(&format!("\n### `{}`\n\n```sh\n{script}```\n", met.id));
        }
    }
    out
}

/// The data losses that nobody has written a script for.
pub fn without_script<'a>(findings: &'a [Finding<'_>], document: &str) -> Vec<&'a str> {
    let losses = findings
        .iter()
        .filter(|finding| finding.met.severity == Severity::DataLoss)
        .map(|finding| finding.met.id.as_str());
    losses
        .filter(|id| by_hand(document, id).is_none())
        .collect()
}

const BY_HAND: &str = "
## Scripts by hand

The shortest way to each data loss. `cargo uat repro` prints it whole, with what stands in
`src/report/by_hand.sh` before it.
";

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(scenario: u32, backend: &str, severity: &str, id: &str) -> Entry {
        let line = serde_json::json!({
            "trial": "t", "scenario": scenario, "phase": "B", "backend": backend,
            "status": "known-deviation", "drifted": [], "commands": 0, "command_ms": 0,
            "start_ms": 0, "wall_ms": 0,
            "deviations": [{ "id": id, "plan": "good", "today": "bad | worse", "severity": severity }],
        });
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn the_worst_comes_first_and_one_line_says_it_all() {
        let entries = [
            entry(2, "filesystem", "wording", "mild"),
            entry(61, "gcs", "data-loss", "lost"),
            entry(61, "s3", "data-loss", "lost"),
        ];
        let findings = of(&entries);
        assert_eq!(findings[0].met.id, "lost");
        assert_eq!(findings[0].entries[0].backend, "s3");
        let text = render(&findings, "1.2.3-sha", "");
        assert!(
            text.contains("| `lost` | bad \\| worse | good | 1.2.3 | 61 (s3, gcs) |"),
            "{text}"
        );
        assert!(
            text.contains("| data loss | 1 |\n| wrong answer | 0 |"),
            "{text}"
        );
        assert_eq!(without_script(&findings, &text), ["lost"]);
    }

    #[test]
    fn what_is_written_by_hand_stays_and_a_name_leads_to_it() {
        let entries = [entry(61, "s3", "data-loss", "lost")];
        let findings = of(&entries);
        let text = render(&findings, "1.2.3-sha", "") + "\n### `lost`\n\n```sh\nexit 1\n```\n";
        let again = render(&findings, "1.3.0-sha", &text);
        assert_eq!(again.replace("1.3.0", "1.2.3"), text);
        assert_eq!(without_script(&findings, &again), [""; 0]);
        let known = read(&again);
        let lost = named(&known, "lost").unwrap();
        assert_eq!((&*lost.today, &*lost.since), ("bad | worse", "1.2.3"));
        assert_eq!((&*lost.scenario, &*lost.backend), ("61", "s3"));
        assert_eq!(lost.by_hand.as_deref(), Some("exit 1\n"));
        let said = named(&known, "lots").unwrap_err().to_string();
        assert!(
            said.contains("did you mean `cargo uat repro lost`?"),
            "{said}"
        );
        let said = named(&known, "what-is-far").unwrap_err().to_string();
        assert!(!said.contains("did you mean"), "{said}");
    }
}
