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
    let page = run::page(&run);
    assert!(page.starts_with(HEAD), "{page}");
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
fn a_green_run_says_so_and_has_no_filters() {
    let run = Run {
        entries: vec![sample("a::s02_b::s3", Status::Passed)],
        ..Run::default()
    };
    let page = run::page(&run);
    assert!(page.contains("<h1>green: 1 passed</h1>"), "{page}");
    assert!(!page.contains("<fieldset"), "{page}");
}

#[test]
fn a_comparison_is_a_page_too() {
    let side = Side::default();
    let page = compared(&compare::compare(&side, &side));
    assert!(
        page.contains("<h1>Nothing differs in 0 trial(s)</h1>"),
        "{page}"
    );
}
