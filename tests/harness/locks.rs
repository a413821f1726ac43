//! Scenarios about locks run where the probe finds that locks hold, and are left out where it finds
//! that they are void. Here a server stands before the emulator of GCS, and makes it exclude.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use swamp_uat::backend::buckets;
use swamp_uat::backend::emulator::{self, pins::Pin, process};
use swamp_uat::kind::Kind;
use swamp_uat::report::ledger::Status;

use crate::backends::emulator_of;
use crate::common::Scratch;

/// A server that passes requests on to the emulator at `endpoint`, and refuses a conditional create
/// of an object that it has seen created.
fn excluding(endpoint: &str) -> String {
    let behind = endpoint.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let there: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (behind, there) = (behind.clone(), Arc::clone(&there));
            // A connection that breaks is the client's affair.
            std::thread::spawn(move || drop(pass_on(stream, &behind, &there)));
        }
    });
    format!("http://{address}")
}

fn pass_on(
    mut client: TcpStream,
    behind: &str,
    there: &Mutex<BTreeSet<String>>,
) -> std::io::Result<()> {
    let (head, body) = request(&mut client)?;
    let line = head.lines().next().unwrap_or_default().to_owned();
    let method = line.split(' ').next().unwrap_or_default();
    let path = line.split(' ').nth(1).unwrap_or_default();
    let bucket = path
        .split("/b/")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    let uploaded = path
        .split(['?', '&'])
        .find_map(|part| part.strip_prefix("name="));
    let named = path
        .split("/o/")
        .nth(1)
        .map(|rest| rest.split('?').next().unwrap_or_default());
    let key = uploaded.or(named).unwrap_or_default();
    let object = format!("{} {key}", bucket.unwrap_or_default());
    let mut known = there.lock().unwrap();
    if path.contains("ifGenerationMatch=0") && known.contains(&object) {
        let refusal = "HTTP/1.1 412 Precondition Failed\r\ncontent-length: 0\r\n\
                       connection: close\r\n\r\n";
        return client.write_all(refusal.as_bytes());
    }
    match method {
        "POST" | "PUT" if uploaded.is_some() => drop(known.insert(object)),
        "DELETE" => drop(known.remove(&object)),
        _ => {}
    }
    let mut server = TcpStream::connect(behind)?;
    let kept = head.lines().skip(1).filter(|header| {
        let header = header.to_lowercase();
        !header.starts_with("host:") && !header.starts_with("connection:")
    });
    let headers: String = kept.map(|header| format!("{header}\r\n")).collect();
    write!(
        server,
        "{line}\r\nhost: {behind}\r\nconnection: close\r\n{headers}\r\n"
    )?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    client.write_all(&answer)
}

/// The head of a request, without the empty line that ends it, and its body as it was sent.
fn request(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut piece = [0; 16384];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        all.extend_from_slice(&piece[..count]);
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let body = &all[end + 4..];
        let lower = head.to_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let whole = if lower.contains("transfer-encoding: chunked") {
            body.ends_with(b"0\r\n\r\n")
        } else {
            body.len() >= length.unwrap_or(0)
        };
        if whole {
            return Ok((head, body.to_vec()));
        }
    }
}

#[test]
fn the_pins_say_of_each_emulator_what_the_probe_finds() {
    for kind in Kind::CLOUD {
        let running = process::start(kind, &emulator_of(kind)).unwrap();
        let client = emulator::client(kind, &running.endpoint);
        let found = buckets::probe(client.as_ref(), "uat-pins").unwrap();
        assert_eq!(
            found.exclusive_create,
            Pin::of(kind).unwrap().excludes,
            "{kind:?}"
        );
    }
}

#[test]
fn locks_are_tried_where_the_probe_finds_that_they_hold_and_else_left_out() {
    let _ = emulator_of(Kind::Gcs);
    let running = process::start(Kind::Gcs, &emulator_of(Kind::Gcs)).unwrap();
    let front = excluding(&running.endpoint);
    let found = buckets::probe(emulator::client(Kind::Gcs, &front).as_ref(), "uat-front").unwrap();
    assert!(found.exclusive_create, "the server in front excludes");

    const NAME: &str = "s67_two_writers_at_once::gcs";
    let run = |endpoint: &str, swamp: bool| {
        let scratch = Scratch::new();
        let mut suite = scratch.suite();
        suite.arg("s67").env("SWAMP_UAT_PRETEND_MISSING", "s3");
        suite.env("SWAMP_UAT_GCS_ENDPOINT", endpoint);
        if swamp {
            suite.env("SWAMP_BIN", scratch.released(""));
            suite.env("SWAMP_UAT_EXTENSIONS", scratch.extensions());
            suite.env("INSTA_UPDATE", "no");
        }
        let output = suite.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut entries = scratch.ledger();
        entries.retain(|entry| entry.trial.ends_with(NAME));
        (said, entries, output.status.code())
    };
    let (said, entries, code) = run(&running.endpoint, false);
    assert!(
        said.contains("left out on gcs: s67_two_writers_at_once: they are about locks"),
        "{said}"
    );
    assert_eq!((entries.len(), code), (0, Some(0)), "{said}");

    // It is held to what all backends say.
    for swamp in [false, true] {
        let (said, entries, code) = run(&front, swamp);
        assert_eq!((entries.len(), code), (1, Some(0)), "{said}");
        assert_eq!(entries[0].status, Status::Passed, "{said}");
    }
}

#[test]
fn a_list_has_the_trials_about_locks_where_they_may_hold() {
    let listed = |endpoint: Option<&str>, ignored: bool| {
        let scratch = Scratch::new();
        let mut suite = scratch.suite();
        suite.args(["s67", "--list"]);
        if ignored {
            suite.arg("--ignored");
        }
        suite.envs(endpoint.map(|endpoint| ("SWAMP_UAT_GCS_ENDPOINT", endpoint)));
        let run = suite.assert().success();
        String::from_utf8_lossy(&run.get_output().stdout).contains("s67_two_writers_at_once::gcs")
    };
    assert!(!listed(None, false), "the pinned emulator does not exclude");
    let unknown = Some("http://127.0.0.1:1");
    assert!(listed(unknown, false) && listed(unknown, true));
}
