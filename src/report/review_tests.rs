use super::*;
use crate::golden;
use crate::golden::waiting::sample as written;
use crate::report::ledger::{Status, sample};
use crate::report::recorded::RecordedSurface;
use crate::report::review_text as text;

/// Goldens in a directory, texts that wait, and the trials that handed them in.
struct Scene {
    dir: tempfile::TempDir,
    trials: Vec<RecordedTrial>,
    last: Vec<Entry>,
}

fn cli(name: &str) -> String {
    format!("s01_{name}@cli.snap")
}

fn edit(alike: &str) -> Edit {
    Edit {
        surface: "cli".into(),
        place: 0,
        went: Some(format!("old {alike}")),
        came: Some(format!("new {alike}")),
        alike: alike.into(),
        head: None,
    }
}

fn entry(name: &str, backend: &str, alike: &[&str]) -> Entry {
    let mut entry = sample(&format!("area::s01_{name}::{backend}"), Status::Drifted);
    entry.backend = backend.into();
    entry.edits = alike.iter().map(|alike| edit(alike)).collect();
    entry
}

impl Scene {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            trials: Vec::new(),
            last: Vec::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A trial on the filesystem that handed `now` in, where the golden is `was`.
    fn drifts(&mut self, name: &str, alike: &[&str], was: Option<&str>, now: &str) {
        if let Some(was) = was {
            written(&self.path(&cli(name)), was, "v1");
        }
        written(&self.path(&format!("{}.new", cli(name))), now, "v2");
        self.handed_in(name, ("filesystem", &cli(name)), alike, was, now);
    }

    fn handed_in(
        &mut self,
        name: &str,
        (backend, golden): (&str, &str),
        alike: &[&str],
        was: Option<&str>,
        now: &str,
    ) {
        let surface = RecordedSurface {
            surface: "cli".into(),
            golden: golden.into(),
            for_all: cli(name),
            was: was.map(golden::digest),
            now: golden::digest(now),
        };
        let entry = entry(name, backend, alike);
        self.trials.retain(|it| it.entry.trial != entry.trial);
        self.trials.push(RecordedTrial::new(&entry, vec![surface]));
    }

    /// As another process would find it.
    fn review(&self) -> Review {
        let file = self.path("review/decisions.json");
        let (waiting, refused) = waiting::all(self.dir.path());
        assert_eq!(refused, []);
        let decisions = Decisions::read(&file).unwrap();
        Review::of(waiting, &self.trials, self.last.clone(), decisions, file)
    }

    fn golden(&self, name: &str) -> Option<String> {
        golden::load(&self.path(&cli(name))).unwrap()
    }

    fn waits(&self, name: &str) -> bool {
        self.path(&format!("{}.new", cli(name))).is_file()
    }
}

/// Scene of three goldens: change 1 in all, change 2 in `both`, change 3 in `three` beside them.
fn three() -> Scene {
    let mut scene = Scene::new();
    scene.drifts("one", &["a"], Some("old"), "new one");
    scene.drifts("both", &["a", "b"], Some("old"), "new both");
    scene.drifts("three", &["a", "b", "c"], Some("old"), "new three");
    scene
}

const ACCEPT: Decision = Decision::Accept;
const REJECT: Decision = Decision::Reject;

#[test]
fn whatever_is_decided_a_golden_goes_by_all_of_its_causes() {
    let all = [None, Some(ACCEPT), Some(REJECT)];
    let names = ["x", "a", "b", "ab", "c", "ac", "bc", "abc"];
    for round in 0..27 {
        let mut scene = Scene::new();
        let decided = [all[round % 3], all[round / 3 % 3], all[round / 9]];
        let causes_of = |name: &str| -> Vec<usize> {
            let letters = ["a", "b", "c"].into_iter().enumerate();
            let has = letters.filter(|(_, letter)| name.contains(letter));
            has.map(|(index, _)| index).collect()
        };
        for name in &names[1..] {
            let alike: Vec<&str> = name.split("").filter(|it| !it.is_empty()).collect();
            scene.drifts(name, &alike, Some("old"), "new");
        }
        let mut review = scene.review();
        // Each shows in four trials: they come in the order of the first, by name.
        let number = |alike: &str| {
            let cause = review.causes.iter().find(|it| it.alike.contains(alike));
            cause.unwrap().number
        };
        let numbers = ["a", "b", "c"].map(number);
        assert_eq!(review.causes.len(), 3);
        for (index, decision) in decided.iter().enumerate() {
            // It may wait in no golden any more.
            if let Some(decision) = decision
                && review.waiting().contains(&numbers[index])
            {
                review.decide(&[(numbers[index], *decision)]).unwrap();
            }
        }
        for name in &names[1..] {
            let own: Vec<Option<Decision>> =
                causes_of(name).iter().map(|it| decided[*it]).collect();
            let all = |wanted| own.iter().all(|it| *it == Some(wanted));
            let now = if all(ACCEPT) { "new" } else { "old" };
            assert_eq!(
                scene.golden(name).as_deref(),
                Some(now),
                "{decided:?} {name}"
            );
            assert_eq!(
                scene.waits(name),
                !(all(ACCEPT) || all(REJECT)),
                "{decided:?} {name}"
            );
        }
    }
}

#[test]
fn a_review_that_is_interrupted_goes_on_where_it_was_and_numbers_stay() {
    let scene = three();
    assert_eq!(scene.review().open_causes(), [1, 2, 3]);
    scene.review().decide(&[(2, ACCEPT)]).unwrap();
    assert_eq!(scene.golden("both").as_deref(), Some("old"));
    assert_eq!(scene.review().open_causes(), [1, 3]);
    let mut review = scene.review();
    review.decide(&[(1, ACCEPT)]).unwrap();
    assert_eq!(review.done.accepted, [cli("both"), cli("one")]);
    let review = scene.review();
    assert_eq!(
        (review.waiting(), review.open_causes()),
        (vec![1, 2, 3], vec![3])
    );
    scene.review().decide(&[(3, REJECT)]).unwrap();
    assert!(scene.waits("three"));
    let said = text::summary(&scene.review());
    let mixed = "s01_three@cli.snap: change 1, 2 is accepted and 3 rejected";
    assert!(said.contains(mixed), "{said}");
    // Who thinks better of it decides again.
    scene.review().decide(&[(3, ACCEPT)]).unwrap();
    assert_eq!(scene.golden("three").as_deref(), Some("new three"));
    assert!(scene.review().is_empty());
}

#[test]
fn a_decision_that_was_taken_down_before_the_end_counts() {
    let scene = three();
    let mut review = scene.review();
    // As if the process had ended before it came to the goldens.
    let one = review
        .goldens
        .iter()
        .find(|it| it.edits.len() == 1)
        .unwrap();
    review.decisions.decide(&one.waiting, "a", ACCEPT);
    review.write().unwrap();
    assert_eq!(scene.golden("one").as_deref(), Some("old"));
    scene.review().settle().unwrap();
    assert_eq!(scene.golden("one").as_deref(), Some("new one"));
}

#[test]
fn decisions_of_one_call_count_together() {
    let scene = three();
    scene.review().decide(&[(2, ACCEPT)]).unwrap();
    // Had the first counted by itself, `both` would be accepted.
    scene.review().decide(&[(1, ACCEPT), (2, REJECT)]).unwrap();
    assert_eq!(scene.golden("both").as_deref(), Some("old"));
    assert_eq!(scene.golden("one").as_deref(), Some("new one"));
}

#[test]
fn a_text_that_changed_after_the_decision_is_asked_about_again() {
    let mut scene = three();
    scene.review().decide(&[(1, ACCEPT)]).unwrap();
    assert_eq!(scene.review().open_causes(), [2, 3]);
    scene.drifts("both", &["a", "b"], Some("old"), "newer both");
    assert_eq!(scene.review().open_causes(), [1, 2, 3]);
    scene.drifts("both", &["a", "b"], Some("older"), "new both");
    assert_eq!(scene.review().open_causes(), [1, 2, 3]);
}

#[test]
fn what_no_run_handed_in_against_the_golden_of_today_is_not_shown_by_cause() {
    let mut scene = three();
    written(
        &scene.path(&format!("{}.new", cli("one"))),
        "another run's",
        "v2",
    );
    written(&scene.path(&cli("both")), "another golden", "v1");
    scene.trials.pop();
    let review = scene.review();
    assert_eq!(review.waiting(), Vec::<usize>::new());
    assert_eq!(review.unknown, [cli("both"), cli("one"), cli("three")]);
    assert!(text::problems(&review).contains("3 pending golden(s) not shown by cause"));
    assert!(!review.has_problems(), "`cargo insta review` has them");
}

#[test]
fn numbers_are_those_of_the_report_of_the_last_run() {
    let mut scene = three();
    // It shows in most, and failed for another reason: nothing of it waits.
    for name in ["u", "v", "w", "x"] {
        scene.last.push(entry(name, "filesystem", &["z"]));
    }
    scene
        .last
        .extend(scene.trials.iter().map(|it| it.entry.clone()));
    let causes = causes(&scene.last);
    let of_report = causes.iter().map(|cause| shown(cause, cause.lines()));
    let of_report: Vec<Vec<String>> = of_report.collect();
    let review = scene.review();
    assert_eq!(review.waiting(), [2, 3, 4]);
    for number in [2, 3, 4] {
        assert_eq!(text::example(&review, number), of_report[number - 1]);
    }
    let listed = text::list(&review);
    assert!(
        listed.contains("\n1 more change(s) of report.md"),
        "{listed}"
    );
    let refused = review.check(&[1]).unwrap_err().to_string();
    assert!(refused.contains("those that wait are 2, 3, 4"), "{refused}");
    let refused = review.check(&[2, 9]).unwrap_err().to_string();
    assert!(refused.contains("there is no such change"), "{refused}");
}

#[test]
fn one_text_that_waits_stands_for_all_backends_that_say_the_same() {
    let mut scene = Scene::new();
    scene.drifts("a", &["a"], Some("old"), "new");
    let own = "s01_a@cli@gcs.snap";
    scene.handed_in("a", ("gcs", own), &["a"], Some("old"), "new");
    let mut review = scene.review();
    assert_eq!(review.waiting(), [1]);
    assert!(text::title(&review, 1).contains("in 1 pending golden(s); in 2 trial(s)"));
    assert_eq!(text::whole(&review, 1).len(), 3, "its edit once");
    review.decide(&[(1, ACCEPT)]).unwrap();
    assert_eq!(scene.golden("a").as_deref(), Some("new"));
}

#[test]
fn what_a_backend_says_for_itself_is_decided_by_itself_whenever_the_other_one_is() {
    let mut scene = Scene::new();
    scene.drifts("a", &["a"], Some("old"), "new");
    let own = "s01_a@cli@gcs.snap";
    scene.handed_in("a", ("gcs", own), &["a", "b"], Some("old"), "other");
    let info_of_filesystem = scene.path("s01_a@cli@filesystem.snap.new");
    // The sample is of the filesystem.
    written(&info_of_filesystem, "other", "v2");
    scene.trials[1].surfaces[0].golden = "s01_a@cli@filesystem.snap".into();
    scene.review().decide(&[(1, ACCEPT)]).unwrap();
    assert_eq!(scene.golden("a").as_deref(), Some("new"));
    assert!(info_of_filesystem.is_file());
    // The golden that it was compared with is another one now.
    let mut review = scene.review();
    assert_eq!(review.open_causes(), [2]);
    review.decide(&[(2, ACCEPT)]).unwrap();
    assert_eq!(review.done.accepted, ["s01_a@cli@filesystem.snap"]);
}

#[test]
fn each_new_golden_is_a_change_of_its_own_that_is_shown_whole() {
    let mut scene = three();
    scene.drifts("new", &[], None, "$ swamp\n[EOF]");
    let long: Vec<String> = (0..30).map(|it| format!("line {it}")).collect();
    scene.drifts("other", &[], None, &long.join("\n"));
    let review = scene.review();
    assert_eq!(review.waiting(), [1, 2, 3, 4, 5]);
    assert!(text::title(&review, 4).contains("a new golden"));
    assert_eq!(text::example(&review, 4), ["+$ swamp", "+[EOF]"]);
    assert_eq!(text::example(&review, 5).len(), super::super::LINES + 1);
    assert_eq!(text::whole(&review, 5).len(), 31);
    scene.review().decide(&[(4, ACCEPT)]).unwrap();
    assert_eq!(scene.golden("new").as_deref(), Some("$ swamp\n[EOF]"));
    // The next one keeps its number.
    scene.review().decide(&[(5, REJECT)]).unwrap();
    assert_eq!((scene.golden("other"), scene.waits("other")), (None, false));
}

#[test]
fn a_text_that_came_while_it_was_decided_is_left_and_told() {
    let scene = three();
    let mut review = scene.review();
    written(&scene.path(&format!("{}.new", cli("one"))), "newer", "v2");
    review.decide(&[(1, ACCEPT)]).unwrap();
    assert_eq!(scene.golden("one").as_deref(), Some("old"));
    assert!(scene.waits("one") && review.has_problems());
    let said = text::problems(&review);
    assert!(
        said.contains("left as it is: s01_one@cli.snap: another text"),
        "{said}"
    );
}

#[test]
fn decisions_that_cannot_be_read_or_written_end_the_review() {
    let scene = three();
    std::fs::create_dir(scene.path("review")).unwrap();
    let file = scene.path("review/decisions.json");
    std::fs::write(&file, "{\"s01").unwrap();
    let error = Decisions::read(&file).unwrap_err().to_string();
    assert!(error.contains("remove that file"), "{error}");
    std::fs::remove_file(&file).unwrap();
    let mut review = scene.review();
    // A directory in the way: also root cannot write there.
    std::fs::create_dir_all(file.join("x")).unwrap();
    let error = review.decide(&[(1, ACCEPT)]).unwrap_err().to_string();
    assert!(error.contains("was to be kept"), "{error}");
    assert_eq!(scene.golden("one").as_deref(), Some("old"));
}

#[test]
fn before_a_run_what_was_reviewed_is_forgotten() {
    let scene = three();
    let dir = scene.path("review/trials");
    for trial in &scene.trials {
        trial.keep(&dir).unwrap();
    }
    std::fs::write(dir.join("cut-off.json"), "{").unwrap();
    assert_eq!(recorded::all(&dir).len(), 3);
    scene.review().decide(&[(1, ACCEPT)]).unwrap();
    assert_eq!(recorded::all(&dir).len(), 3, "numbers stay in a review");
    forget_reviewed(&scene.path("ledger.json"), scene.dir.path());
    let left: Vec<String> = recorded::all(&dir)
        .iter()
        .map(|it| it.entry.trial.clone())
        .collect();
    assert_eq!(
        left,
        ["area::s01_both::filesystem", "area::s01_three::filesystem"]
    );
    assert!(!dir.join("cut-off.json").exists());
}
