//! `docs/plan.md`: every scenario with its sentence, its place and the backends that it runs on, and
//! which scenarios show the JSON document of a command whole. All of it comes from the scenarios
//! and their goldens.

use std::fmt::Write;
use std::path::Path;

use crate::golden::documents::Documents;
use crate::scenario::{Phase, Scenario};

const HEAD: &str = "# The scenarios

`cargo uat plan` writes this file from the comments over the scenarios, and the gate checks it with
`--check`. Scenarios 1 to 50 are the plan's; those after it were found since. What a scenario expects
and swamp does not do stands in FINDINGS.md.
";

const OF_DOCUMENTS: &str = "
## Where the JSON of a command stands whole

Elsewhere it is asserted, or its rows are shown in short. A run fails for a field that swamp printed
and that stands in no golden.

| command | shown whole in |
| --- | --- |
";

/// The document, for these scenarios and the goldens in that directory.
pub fn render(scenarios: &[Scenario], goldens: &Path) -> String {
    let mut scenarios: Vec<&Scenario> = scenarios.iter().collect();
    scenarios.sort_by_key(|scenario| scenario.id());
    let mut text = HEAD.to_owned();
    for phase in Phase::ALL {
        let _ = writeln!(text, "\n## Phase {}: {}\n", phase.letter(), phase.title());
        text.push_str("| | scenario | backends | in |\n| --- | --- | --- | --- |\n");
        for scenario in scenarios.iter().filter(|scenario| scenario.phase == phase) {
            let (sentence, _) = scenario.sentence().unwrap_or_default();
            let backends: Vec<&str> = scenario.backends.iter().map(|kind| kind.name()).collect();
            let file = scenario
                .file
                .strip_prefix("tests/cli/")
                .unwrap_or(scenario.file);
            let _ = writeln!(
                text,
                "| {} | {} | {} | [{file}](../{}) |",
                scenario.id(),
                sentence.replace('|', "\\|"),
                backends.join(", "),
                scenario.file,
            );
        }
    }
    text.push_str(OF_DOCUMENTS);
    for (command, shown_in) in Documents::of(goldens).whole {
        let shown_in: Vec<String> = shown_in.into_iter().collect();
        let _ = writeln!(text, "| `{command}` | {} |", shown_in.join(", "));
    }
    text
}
