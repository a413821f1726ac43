use super::*;

fn sh(dir: &Path, script: &str) -> Spec {
    Spec {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        cwd: dir.into(),
        env: vec![
            ("PATH".into(), "/usr/bin:/bin".into()),
            ("X".into(), "1".into()),
        ],
        stdin: None,
        stdout: dir.join("out"),
        stderr: dir.join("err"),
    }
}

fn alive(pid: i32) -> bool {
    nix::sys::signal::kill(Pid::from_raw(pid), None).is_ok()
}

/// A killed grandchild may stay a zombie until init reaps it; that counts as gone.
fn gone(pid: i32) -> bool {
    (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        !alive(pid)
            || std::fs::read_to_string(format!("/proc/{pid}/stat"))
                .is_ok_and(|stat| stat.contains(") Z "))
    })
}

#[test]
fn streams_code_and_environment_are_the_commands_own() {
    let dir = tempfile::tempdir().unwrap();
    let script = "env | grep -vE '^(PWD|SHLVL|_|OLDPWD)='; echo oops >&2; exit 3";
    let done = run(&sh(dir.path(), script), Duration::from_secs(10)).unwrap();
    assert_eq!(done.code(), 3);
    assert_eq!(done.stderr, b"oops\n");
    let mut lines: Vec<_> = String::from_utf8(done.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    assert_eq!(lines, ["PATH=/usr/bin:/bin", "X=1"]);
}

#[test]
fn a_signal_is_told_as_a_shell_tells_it() {
    let dir = tempfile::tempdir().unwrap();
    let done = run(&sh(dir.path(), "kill -TERM $$"), Duration::from_secs(10)).unwrap();
    assert_eq!(done.code(), 143);
}

#[test]
fn a_hang_ends_with_its_whole_group_and_shows_what_it_said() {
    let dir = tempfile::tempdir().unwrap();
    let script = "echo started; sleep 600 & echo $! > pid; wait";
    let error = run(&sh(dir.path(), script), Duration::from_secs(1)).unwrap_err();
    assert!(error.to_string().contains("started"), "{error}");
    assert!(error.to_string().contains("SWAMP_UAT_TIMEOUT"), "{error}");
    let pid = std::fs::read_to_string(dir.path().join("pid")).unwrap();
    assert!(gone(pid.trim().parse().unwrap()), "the grandchild lives on");
}

#[test]
fn what_a_command_leaves_behind_is_killed_when_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let done = run(
        &sh(dir.path(), "sleep 600 >/dev/null 2>&1 & echo $!"),
        Duration::from_secs(10),
    )
    .unwrap();
    let pid = String::from_utf8(done.stdout).unwrap();
    assert!(gone(pid.trim().parse().unwrap()), "it was left behind");
}

#[test]
fn endless_output_is_ended_and_its_beginning_and_end_are_shown() {
    for (script, stream) in [
        ("echo first; yes some more", "standard output"),
        ("echo first >&2; yes some more >&2 & wait", "standard error"),
        // On one line, and over before anybody looks.
        (
            "echo first; head -c 9000000 /dev/zero | tr '\\0' x",
            "standard output",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let began = Instant::now();
        let error = run(&sh(dir.path(), script), Duration::from_secs(60)).unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(30), "{script}");
        let told = error.to_string();
        assert!(told.contains("more than 8 MiB on its "), "{told}");
        assert!(told.contains(stream) && told.contains("first"), "{told}");
        assert!(told.len() < 4_000, "{} bytes", told.len());
        for name in ["out", "err"] {
            let left = std::fs::metadata(dir.path().join(name)).unwrap().len();
            assert!(left <= MOST_OUTPUT, "{name}: {left} bytes are left");
        }
    }
}

#[test]
fn much_output_that_ends_is_taken_whole() {
    let dir = tempfile::tempdir().unwrap();
    let script = "head -c 8000000 /dev/zero; head -c 8000000 /dev/zero >&2";
    let done = run(&sh(dir.path(), script), Duration::from_secs(60)).unwrap();
    assert_eq!(
        (done.stdout.len(), done.stderr.len()),
        (8_000_000, 8_000_000)
    );
}

#[test]
fn a_limit_without_an_end_is_no_trouble() {
    let dir = tempfile::tempdir().unwrap();
    let done = run(&sh(dir.path(), "sleep 0.1"), Duration::MAX).unwrap();
    assert_eq!(done.code(), 0);
}

#[test]
fn a_program_that_is_not_there_is_an_error_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = sh(dir.path(), "");
    spec.program = dir.path().join("absent");
    let error = run(&spec, Duration::from_secs(1)).unwrap_err();
    assert!(matches!(error, Error::Start(_)), "{error}");
}
