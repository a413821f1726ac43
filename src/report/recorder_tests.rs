use super::*;
use crate::report::ledger::{read, sample};

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn two_runs_at_once_have_a_ledger_each_and_the_last_to_end_stays() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    let one = Recorder::begin(&place, None).unwrap();
    one.add(&sample("a", Status::Passed));
    let other = Recorder::begin(&place, None).unwrap();
    other.add(&sample("b", Status::Failed));
    one.add(&sample("c", Status::Passed));
    assert_eq!(one.finish("").entries.len(), 2);
    assert_eq!(
        read(&place).unwrap().len(),
        2,
        "whole, as the other goes on"
    );
    other.finish("");
    assert_eq!(read(&place).unwrap(), [sample("b", Status::Failed)]);
    assert_eq!(names(dir.path()), ["ledger.json"]);
}

#[test]
fn a_new_run_removes_the_last_ones_ledger_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    ledger::put_in_place(&place, &[sample("old", Status::Passed)]).unwrap();
    let run = Recorder::begin(&place, None).unwrap();
    assert!(!place.exists());
    run.finish("");
    assert_eq!(read(&place).unwrap(), []);
}

#[test]
fn what_was_to_run_and_did_not_has_a_line_that_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    let recorder = Recorder::begin(&place, None).unwrap();
    let planned = ["a", "b"].map(|name| sample(name, Status::NotRun)).to_vec();
    recorder.plan(planned, true);
    recorder.add(&sample("b", Status::Passed));
    let run = recorder.finish("it was broken off");
    recorder.add(&sample("a", Status::Failed));
    assert_eq!(
        recorder.finish("again"),
        run,
        "nothing is added to what is over"
    );
    assert!(!run.is_green());
    let ledger = read(&place).unwrap();
    assert_eq!(ledger.len(), 2);
    assert_eq!(ledger[1].status, Status::NotRun);
    assert_eq!(ledger[1].reason.as_deref(), Some("it was broken off"));
}

#[test]
fn a_run_whose_process_died_is_told_from_a_whole_one() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    let file = file_for(&place, "x");
    let recorder = Recorder::begin(&place, Some(&file)).unwrap();
    recorder.plan(
        vec![sample("a", Status::NotRun), sample("b", Status::NotRun)],
        true,
    );
    recorder.add(&sample("a", Status::Passed));
    // The last line is cut off.
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str("{\"trial\":{\"tri");
    fs::write(&file, text).unwrap();
    let mut dead = Run::read(&file).unwrap();
    assert!(dead.is_green() && dead.missing().len() == 1);
    assert_eq!(dead.complete("killed"), 1);
    assert!(!dead.is_green());
    recorder.complain("the suite is wrong");
    recorder.add(&sample("b", Status::Passed));
    recorder.finish("");
    let whole = Run::read(&file).unwrap();
    assert_eq!((whole.missing().len(), whole.entries.len()), (0, 2));
    assert!(!whole.is_green(), "a complaint counts");
    let mut left = Run::default();
    assert!(left.is_green());
    left.left_behind.push("`sleep 600`".into());
    assert!(!left.is_green(), "so does what swamp left behind");
}

#[test]
fn the_processes_of_one_nextest_run_share_a_ledger_and_two_runs_do_not_add_up() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    let process = |run: &str, entry: &Entry| {
        let recorder = Recorder::begin_shared(&place, run).unwrap();
        recorder.plan(vec![sample("other", Status::NotRun)], true);
        recorder.add(entry);
        recorder.finish("");
    };
    process("1/x", &sample("a", Status::Passed));
    process("1/x", &sample("b", Status::Failed));
    process("1/x", &sample("b", Status::Passed));
    let both = ["a", "b"].map(|name| sample(name, Status::Passed));
    assert_eq!(read(&place).unwrap(), both, "the last attempt counts");
    process("2/x", &sample("a", Status::Passed));
    assert_eq!(read(&place).unwrap(), [sample("a", Status::Passed)]);
}

#[test]
fn files_of_runs_that_died_go_at_once_where_that_is_known_else_when_they_are_old() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    let mut ended = std::process::Command::new("true").spawn().unwrap();
    ended.wait().unwrap();
    let (gone, alive) = (format!("{}-1", ended.id()), unique());
    for (id, age) in [
        ("old", OLD * 2),
        ("new", Duration::ZERO),
        (&gone, Duration::ZERO),
        (&alive, Duration::ZERO),
    ] {
        let file = File::create(file_for(&place, id)).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }
    Recorder::begin(&place, None).unwrap().finish("");
    let mut left = [
        format!(".ledger.json.{alive}.run"),
        ".ledger.json.new.run".to_owned(),
        "ledger.json".to_owned(),
    ];
    left.sort();
    assert_eq!(names(dir.path()), left);
}

#[test]
fn what_cannot_be_written_is_a_complaint() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    let recorder = Recorder::begin(&place, None).unwrap();
    fs::create_dir(&place).unwrap();
    recorder.add(&sample("a", Status::Passed));
    let run = recorder.finish("");
    assert!(
        run.complaints[0].contains("could not be written"),
        "{run:?}"
    );
    assert!(!run.is_green());
}
