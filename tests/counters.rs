//! The counters of the redaction rules, in a process that redacts nothing else.

use swamp_uat::render::redact::{Aliases, Redactor, Rule, World, unfired};

#[test]
fn a_rule_counts_as_unfired_until_it_fires() {
    assert_eq!(unfired(), Rule::ALL);
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let world = World {
        literals: vec![(
            "/w".into(),
            "<sandbox>".into(),
            swamp_uat::render::redact::Rule::Path,
        )],
        versions: vec!["1.2.3".into()],
        window: epoch..=epoch,
        longest: std::time::Duration::ZERO,
    };
    Redactor::new(world, Aliases::default()).text("in /w/ds");
    let silent: Vec<Rule> = Rule::ALL
        .into_iter()
        .filter(|rule| *rule != Rule::Path)
        .collect();
    assert_eq!(unfired(), silent);
}
