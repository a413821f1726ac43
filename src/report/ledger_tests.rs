use super::*;

#[test]
fn what_is_put_in_place_is_read_again_and_replaces_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("deep/ledger.json");
    let error = check_place(&place).unwrap_err().to_string();
    assert!(error.contains("there is no "), "{error}");
    assert!(!dir.path().join("deep").exists());
    fs::create_dir(dir.path().join("deep")).unwrap();
    assert_eq!(check_place(&place).unwrap(), place);
    let one = sample("a", Status::Passed);
    let mut two = sample("b", Status::Skipped);
    two.reason = Some("no\nreason".into());
    put_in_place(&place, &[one.clone(), two.clone()]).unwrap();
    assert_eq!(read(&place).unwrap(), [one, two.clone()]);
    put_in_place(&place, std::slice::from_ref(&two)).unwrap();
    assert_eq!(read(&place).unwrap(), [two]);
    let left: Vec<_> = fs::read_dir(dir.path().join("deep")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_broken_ledger_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.json");
    assert!(read(&path).unwrap_err().to_string().contains("ledger.json"));
    fs::write(&path, "{\n").unwrap();
    let told = read(&path).unwrap_err().to_string();
    assert!(told.contains("cannot be read"), "{told}");
}

#[test]
fn a_ledger_that_does_not_say_what_was_called_is_read_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.json");
    let mut one = sample("a", Status::Passed);
    put_in_place(&path, std::slice::from_ref(&one)).unwrap();
    assert!(!fs::read_to_string(&path).unwrap().contains("calls"));
    assert_eq!(read(&path).unwrap(), [one.clone()]);
    one.calls.push(Call {
        command: "data list".into(),
        options: vec!["--type".into()],
        namespaced: true,
        seen: Seen::Asserted,
    });
    put_in_place(&path, std::slice::from_ref(&one)).unwrap();
    assert_eq!(read(&path).unwrap(), [one]);
}

#[test]
fn only_a_regular_file_is_a_place_for_a_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let lost = dir.path().join("lost");
    std::os::unix::fs::symlink(dir.path().join("nowhere/x"), &lost).unwrap();
    for place in [
        dir.path(),
        &fifo,
        &lost,
        Path::new("/dev/full"),
        Path::new("/dev/null"),
        Path::new("/dev/stdout"),
        Path::new("/dev/fd/1"),
        Path::new("/proc/self/ledger"),
        Path::new("/"),
    ] {
        let error = check_place(place).unwrap_err().to_string();
        assert!(error.contains("SWAMP_UAT_LEDGER"), "{error}");
    }
    for endless in [&fifo, Path::new("/dev/full"), Path::new("/dev/zero")] {
        assert!(read(endless).is_err(), "{}", endless.display());
    }
}

#[test]
fn a_link_to_a_ledger_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real.json"), dir.path().join("link.json"));
    fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let place = check_place(&link).unwrap();
    put_in_place(&place, &[sample("a", Status::Passed)]).unwrap();
    assert!(link.is_symlink());
    assert_eq!(read(&real).unwrap().len(), 1);
}

#[test]
fn what_the_last_run_left_goes_and_what_others_wrote_stays() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ledger.json");
    let junit = junit_beside(&place);
    fs::write(&place, "").unwrap();
    fs::write(&junit, "<testsuites name=\"another\">").unwrap();
    forget_last(&place).unwrap();
    assert!(!place.exists() && junit.exists());
    let ours = crate::report::junit::render(&crate::report::recorder::Run {
        entries: vec![sample("a", Status::Passed)],
        ..Default::default()
    })
    .unwrap();
    fs::write(&junit, ours).unwrap();
    forget_last(&place).unwrap();
    assert!(!junit.exists());
}

#[test]
fn a_report_is_kept_as_far_as_anybody_reads_it() {
    let mut entry = sample("a", Status::Drifted);
    entry.set_report("short");
    assert_eq!(entry.report.as_deref(), Some("short"));
    entry.set_report(&"ä".repeat(MOST_OF_A_REPORT));
    let kept = entry.report.unwrap();
    assert!(kept.len() < MOST_OF_A_REPORT + 100 && kept.contains("bytes more"));
}
