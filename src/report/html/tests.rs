use super::*;
use crate::report::compare::{self, Side};
use crate::report::ledger::{Edit, Status, sample};

fn red(trial: &str, backend: &str, line: &str) -> Entry {
    let mut entry = sample(trial, Status::Drifted);
    entry.backend = backend.into();
    entry.drifted = vec!["cli".into()];
    entry.edits = vec![Edit {
        surface: "cli".into(),
        place: 0,
        went: Some("x: 1".into()),
        came: Some(line.into()),
        alike: line.into(),
        head: None,
    }];
    entry.set_report(&format!("drift on the surface cli:\n-x: 1\n+{line}\n"));
    entry
}

#[test]
fn a_page_has_all_that_is_red_once_and_nothing_from_elsewhere() {
    let run = Run {
        entries: vec![
            red("a::s01_b::s3", "s3", "x: <script>alert(1)</script>"),
            red("a::s01_b::gcs", "gcs", "x: <script>alert(1)</script>"),
            sample("a::s02_b::s3", Status::Passed),
        ],
        ..Run::default()
    };
    let page = run::page(&run, |_| Some("$ swamp x\n<b>".to_owned()));
    assert!(page.starts_with(HEAD), "{page}");
    assert_eq!(page.matches("$ swamp x\n&lt;b&gt;").count(), 2, "{page}");
    // One change, in two trials that are linked to what they showed.
    assert_eq!(page.matches("In 2 trial(s)").count(), 1, "{page}");
    for trial in ["a::s01_b::s3", "a::s01_b::gcs"] {
        assert!(page.contains(&format!("href=\"#{trial}\"")), "{page}");
        assert!(page.contains(&format!("id=\"{trial}\"")), "{page}");
    }
    assert!(page.contains("data-backend=\"gcs s3\""), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
    for elsewhere in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(elsewhere), "{elsewhere}: {page}");
    }
}

#[test]
fn a_cause_has_its_own_surfaces_and_a_trial_that_nothing_is_told_of_has_no_link() {
    let mut both = red("a::s01_b::s3", "s3", "x: 2");
    both.edits.push(Edit {
        surface: "tree".into(),
        place: 0,
        went: None,
        came: Some("y".into()),
        alike: "y".into(),
        head: None,
    });
    let mut unavailable = sample("a::s03_b::gcs", Status::Failed);
    unavailable.reason = Some("no engine".into());
    let run = Run {
        entries: vec![both, red("a::s02_b::s3", "s3", "x: 2"), unavailable],
        ..Run::default()
    };
    let page = run::page(&run, |_| None);
    let of = |number: &str| {
        let (before, _) = page.split_once(&format!("<summary>{number}. In ")).unwrap();
        before.rsplit_once("<details ").unwrap().1.to_owned()
    };
    for (number, surface) in [("1", "\"cli\""), ("2", "\"tree\"")] {
        let surface = format!("data-surface={surface}");
        assert!(of(number).contains(&surface), "{number}: {page}");
    }
    assert!(!page.contains("#a::s03_b::gcs"), "{page}");
    assert!(page.contains("a::s03_b::gcs"), "{page}");
}

#[test]
fn a_green_run_says_so_and_has_no_filters() {
    let run = Run {
        entries: vec![sample("a::s02_b::s3", Status::Passed)],
        ..Run::default()
    };
    let page = run::page(&run, |_| None);
    assert!(page.contains("<h1>green: 1 passed</h1>"), "{page}");
    assert!(!page.contains("<fieldset"), "{page}");
}

#[test]
fn a_comparison_is_a_page_too() {
    let side = Side::default();
    let page = answer(&compare::compare(&side, &side).answer());
    assert!(
        page.contains("<h1>Nothing differs in 0 trial(s)</h1>"),
        "{page}"
    );
}
