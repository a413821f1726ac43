//! Endpoints that the user names, and engines that are asked: what does not answer is told within
//! seconds, before any trial.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use swamp_uat::backend::emulator::process;
use swamp_uat::kind::Kind;

use crate::backends::emulator_of;
use crate::common::Scratch;

fn refused(scratch: &Scratch, args: &[&str], endpoint: &str, parts: &[&str]) -> Duration {
    let mut suite = scratch.suite();
    suite.args(args).env("SWAMP_UAT_S3_ENDPOINT", endpoint);
    let began = Instant::now();
    let run = suite.assert().code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    for part in parts
        .iter()
        .chain(&["SWAMP_UAT_S3_ENDPOINT", "found:", "next:"])
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let ran = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(!ran.contains("running"), "{ran}");
    began.elapsed()
}

#[test]
fn a_named_endpoint_that_is_dead_is_bad_input_at_once() {
    let scratch = Scratch::new();
    let dead = "http://127.0.0.1:1";
    let took = refused(&scratch, &["s24"], dead, &[dead, "refused", "or unset"]);
    assert!(took < Duration::from_secs(10), "{took:?}");
    // Where nothing needs it, or only names are listed, nobody asks it.
    let mut suite = scratch.suite();
    suite.arg("s03").env("SWAMP_UAT_S3_ENDPOINT", dead);
    suite.assert().success();
    let mut suite = scratch.suite();
    suite
        .args(["s24", "--list"])
        .env("SWAMP_UAT_S3_ENDPOINT", dead);
    suite.assert().success();
    let mut suite = scratch.suite();
    suite.arg("s24").env("SWAMP_UAT_S3_ENDPOINT", dead);
    suite.env("SWAMP_UAT_PRETEND_MISSING", "s3,gcs");
    suite.assert().success();
}

#[test]
fn a_named_endpoint_that_is_no_address_is_bad_input_whatever_runs() {
    let scratch = Scratch::new();
    for args in [&["s03"][..], &["s24"], &["--list"]] {
        refused(&scratch, args, "not a url", &["\"not a url\"", "blank"]);
    }
    refused(&scratch, &["s24"], "127.0.0.1:4566", &["http://"]);
    refused(&scratch, &["s24"], "https://127.0.0.1:1", &["plain HTTP"]);
}

/// Answers each request with `head`, or not at all where it gives none.
fn serve(head: impl Fn(&str) -> Option<&'static str> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut mute: Vec<TcpStream> = Vec::new();
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..count]).into_owned();
            match head(&text) {
                Some(answer) => drop(stream.write_all(answer.as_bytes())),
                None => mute.push(stream),
            }
        }
    });
    endpoint
}

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[test]
fn a_named_endpoint_that_stalls_is_told_within_seconds() {
    let scratch = Scratch::new();
    let mute = serve(|_| None);
    let took = refused(&scratch, &["s24"], &mute, &["no answer within"]);
    assert!(took < Duration::from_secs(30), "{took:?}");
    let stalls = serve(|request| request.starts_with("GET ").then_some(FINE));
    let parts = ["create the bucket", "no answer within"];
    let took = refused(&scratch, &["s24"], &stalls, &parts);
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[test]
fn an_engine_that_accepts_and_stays_mute_is_passed_over_with_a_word() {
    let _ = Kind::CLOUD.map(emulator_of);
    let scratch = Scratch::new();
    let socket = scratch.path("docker.sock");
    let _mute = UnixListener::bind(&socket).unwrap();
    let mut suite = scratch.suite();
    let began = Instant::now();
    suite.arg("s24");
    suite.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    let run = suite.assert().success();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    for part in [
        "waiting up to 5 s for the Docker engine at unix://",
        "is passed over: no answer within 5 s",
    ] {
        assert_eq!(said.matches(part).count(), 1, "{part}: {said}");
    }
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn an_engine_of_a_context_is_the_one_that_starts_the_containers() {
    let _ = emulator_of(Kind::S3);
    let scratch = Scratch::new();
    let socket = scratch.path("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let asked = scratch.path("asked");
    let log = asked.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..count]).into_owned();
            let line = text.lines().next().unwrap_or_default().to_owned();
            let known = std::fs::read_to_string(&log).unwrap_or_default();
            std::fs::write(&log, format!("{known}{line}\n")).unwrap();
            let answer = if line.starts_with("GET /_ping ") || line.contains("limit=1 ") {
                FINE.to_owned()
            } else {
                let why = "{\"message\":\"no room\"}";
                format!(
                    "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{why}",
                    why.len()
                )
            };
            // A client that went away is no affair of this test's.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    // As `docker context create` notes it.
    let config = scratch.path("docker");
    let meta = config.join("contexts/meta").join(context_id("colima"));
    std::fs::create_dir_all(&meta).unwrap();
    let json = serde_json::json!({
        "Name": "colima",
        "Endpoints": {"docker": {"Host": format!("unix://{}", socket.display())}},
    });
    std::fs::write(meta.join("meta.json"), json.to_string()).unwrap();
    std::fs::write(config.join("config.json"), r#"{"currentContext":"colima"}"#).unwrap();

    let mut suite = scratch.suite();
    suite.arg("s24_solo_unchanged::s3");
    suite.env("DOCKER_HOST", "").env_remove("DOCKER_CONTEXT");
    suite.env("DOCKER_CONFIG", &config);
    let run = suite.assert().success();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let asked = std::fs::read_to_string(asked).unwrap();
    assert!(asked.contains("GET /_ping "), "{asked}");
    assert!(
        asked
            .lines()
            .any(|line| line.starts_with("POST /containers/")),
        "{asked}"
    );
    assert!(said.contains("the Docker engine is passed over"), "{said}");
    assert!(said.contains("no room"), "{said}");

    // One that is not there is told with its name.
    suite.env("DOCKER_CONTEXT", "lost");
    suite.env("SWAMP_UAT_EMULATORS", scratch.path("none"));
    suite.env("SWAMP_UAT_OFFLINE", "1");
    let run = suite.assert().success();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("docker's context lost"), "{said}");
}

/// The directory of a context, as docker names it.
fn context_id(name: &str) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(name);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Stops the emulator itself, and not the shells that guard it.
fn freeze(running: &process::Running) {
    let port = running.endpoint.rsplit(':').next().unwrap().to_owned();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    for entry in processes {
        let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&environ).into_owned();
        let command = String::from_utf8_lossy(&command).into_owned();
        let is_emulator = command.contains("-m\0ministack") && !command.starts_with("sh\0");
        if is_emulator && text.contains(&format!("GATEWAY_PORT={port}")) {
            let pid = entry.file_name().to_string_lossy().parse().unwrap();
            let pid = nix::unistd::Pid::from_raw(pid);
            nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGSTOP).unwrap();
        }
    }
}

#[test]
fn an_emulator_that_freezes_in_mid_run_ends_the_trials_that_need_it() {
    let _ = Kind::CLOUD.map(emulator_of);
    let scratch = Scratch::new();
    let running = process::start(Kind::S3, &emulator_of(Kind::S3)).unwrap();
    let (started, go) = (scratch.path("started"), scratch.path("go"));
    let swamp = scratch.released(&format!(
        "touch {}; while [ ! -e {} ]; do sleep 0.05; done",
        started.display(),
        go.display()
    ));
    let mut suite = scratch.std_suite();
    let suite = suite
        .arg("_no_op::s3")
        .env("SWAMP_UAT_S3_ENDPOINT", &running.endpoint)
        .env("SWAMP_BIN", swamp)
        .env("SWAMP_UAT_EXTENSIONS", scratch.extensions())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    assert!(crate::common::wait_for(|| started.exists()));
    freeze(&running);
    std::fs::write(&go, "").unwrap();
    let began = Instant::now();
    let output = suite.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(101), "{said}");
    assert!(said.contains("died during the run"), "{said}");
    assert!(said.contains("no answer within"), "{said}");
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn too_few_open_files_are_told_before_any_trial() {
    let _ = Kind::CLOUD.map(emulator_of);
    let scratch = Scratch::new();
    let suite = |limit: &str, filter: &str| {
        let suite = scratch.std_suite();
        let program = suite.get_program().to_owned();
        let script = format!("ulimit {limit}; exec \"$@\"");
        let mut limited = std::process::Command::new("sh");
        limited.args(["-c", &script, "sh"]).arg(program).arg(filter);
        for (name, value) in suite.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        assert_cmd::Command::from_std(limited)
    };
    let run = suite("-n 256", "::s3").assert().code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    for part in [
        "trial(s)",
        "an emulator of S3",
        "files open",
        "256",
        "found:",
        "next:",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // Few trials need few, and a limit that may be raised is raised.
    suite("-n 256", "s24").assert().success();
    suite("-Sn 64", "s24").assert().success();
}

#[test]
fn a_real_swamp_sees_the_network_of_a_company_and_the_reference_does_not() {
    for (version, sees) in [("0.1.0-sha.cafe", true), ("0.1.0-reference", false)] {
        let scratch = Scratch::new();
        let seen = scratch.path("seen");
        let swamp = scratch.script(
            "swamp",
            &format!(
                "if [ \"$1\" = --version ]; then echo swamp {version}; exit; fi\nenv > {}\nexit 1",
                seen.display()
            ),
        );
        let mut suite = scratch.suite();
        suite
            .arg("s03")
            .env("SWAMP_BIN", swamp)
            .env("INSTA_UPDATE", "no");
        for name in ["NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy"] {
            suite.env_remove(name);
        }
        suite.env("HTTPS_PROXY", "http://proxy.example:3128");
        suite.env("DENO_CERT", "/company.pem");
        suite.env("NPM_CONFIG_REGISTRY", "https://npm.example");
        suite.assert().code(101);
        let seen = std::fs::read_to_string(seen).unwrap();
        for line in [
            "HTTPS_PROXY=http://proxy.example:3128",
            "DENO_CERT=/company.pem",
            "NPM_CONFIG_REGISTRY=https://npm.example",
            "no_proxy=127.0.0.1,localhost,::1,[::1]",
        ] {
            assert_eq!(
                seen.lines().any(|seen| seen == line),
                sees,
                "{line}: {seen}"
            );
        }
    }
}

#[test]
fn the_doctor_does_not_wait_for_an_endpoint_that_stalls() {
    let scratch = Scratch::new();
    let mute = serve(|_| None);
    let mut doctor = scratch.uat();
    doctor.arg("doctor").env("SWAMP_UAT_S3_ENDPOINT", &mute);
    doctor.env("SWAMP_UAT_PRETEND_MISSING", "gcs");
    // cargo builds the reference first, which may wait for another cargo.
    let run = doctor.timeout(Duration::from_secs(300)).assert().code(1);
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(said.contains("no answer within 5 s"), "{said}");
}
