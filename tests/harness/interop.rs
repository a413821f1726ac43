//! The reference and a real swamp on one bucket: each reads what the other wrote. The gate and the
//! nightly workflow run it where there is a real swamp:
//! `SWAMP_BIN=… cargo test --test harness -- --ignored --exact interop::each_reads_what_the_other_wrote`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use swamp_uat::backend::emulator;
use swamp_uat::kind::Kind;
use swamp_uat::machine::sandbox::{Sandbox, World};
use swamp_uat::scenario::fixture;

use crate::backends::start;
use crate::common::REFERENCE;

/// A repo's checkout with a home of its own, and the swamp that works in it.
struct Machine<'a> {
    swamp: &'a Path,
    home: PathBuf,
    dir: PathBuf,
}

impl Machine<'_> {
    fn swamp(&self, args: &[&str]) -> Value {
        let keys = [
            ("AWS_ACCESS_KEY_ID", "swamp-uat"),
            ("AWS_SECRET_ACCESS_KEY", "swamp-uat"),
        ];
        let done = Command::new(self.swamp)
            .args(args)
            .arg("--json")
            .current_dir(&self.dir)
            .env_clear()
            .envs(swamp_uat::machine::environment::of(&self.home, &keys))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{args:?}: {said}\n{complaint}");
        let document: String = said
            .split_inclusive('\n')
            .filter(|line| !line.contains("-sync] "))
            .collect();
        serde_json::from_str(&document).unwrap_or(Value::Null)
    }

    /// Gives the repo the datastore extension `name`: from the user's directory of sources, or
    /// from swamp's registry, which is nothing to the reference.
    fn provide(&self, name: &str, dir: &str) {
        match std::env::var("SWAMP_UAT_EXTENSIONS") {
            Ok(sources) => {
                let source = format!("{sources}/{dir}");
                self.swamp(&["extension", "source", "add", &source]);
            }
            Err(_) if self.swamp != Path::new(REFERENCE) => {
                self.swamp(&["extension", "pull", name]);
            }
            Err(_) => {}
        }
    }

    fn run(&self, command: &str) {
        let input = format!("run={command}");
        let args = [
            "model", "method", "run", "hello", "execute", "--input", &input,
        ];
        self.swamp(&[&args[..], &["--skip-reports"]].concat());
    }

    /// What a query shows of each row, without what differs between two readings.
    fn rows(&self) -> Vec<(String, u64, String)> {
        let queried = self.swamp(&["data", "query", "true"]);
        let rows = queried["results"].as_array().cloned().unwrap_or_default();
        let mut rows: Vec<_> = rows
            .iter()
            .map(|row| {
                let name = row["name"].as_str().unwrap_or_default().to_owned();
                let content = row["content"]["stdout"].to_string();
                (name, row["version"].as_u64().unwrap_or_default(), content)
            })
            .collect();
        rows.sort();
        rows
    }
}

#[test]
#[ignore = "needs SWAMP_BIN, a real swamp to exchange data with; the gate runs it where that is set"]
fn each_reads_what_the_other_wrote() {
    let real = std::env::var_os("SWAMP_BIN").map(PathBuf::from);
    let real = real.expect("SWAMP_BIN names a real swamp, to exchange data with the reference");
    let modules = std::env::var_os("SWAMP_UAT_DENO_CACHE").map(PathBuf::from);
    for kind in Kind::CLOUD {
        let running = start(kind);
        for (writer, reader) in [
            (real.as_path(), Path::new(REFERENCE)),
            (Path::new(REFERENCE), &real),
        ] {
            let bucket = format!("interop-{}", writer == real);
            let client = emulator::client(kind, &running.endpoint);
            client.create(&bucket).unwrap();
            let (name, dir, config) = match kind {
                Kind::Gcs => (
                    "@swamp/gcs-datastore",
                    "gcs",
                    json!({ "bucket": bucket, "projectId": "p", "apiEndpoint": running.endpoint }),
                ),
                _ => (
                    "@swamp/s3-datastore",
                    "s3",
                    json!({ "bucket": bucket, "region": "us-east-1",
                            "endpoint": running.endpoint, "forcePathStyle": true }),
                ),
            };
            let sandbox = Sandbox::new(World::First, modules.as_deref()).unwrap();
            let writes = Machine {
                swamp: writer,
                home: sandbox.home().to_owned(),
                dir: sandbox.root().join("writer"),
            };
            std::fs::create_dir_all(&writes.dir).unwrap();
            writes.swamp(&["repo", "init", "--tool", "none"]);
            writes.provide(name, dir);
            let config = config.to_string();
            let setup = [
                "datastore",
                "setup",
                "extension",
                name,
                "--namespace",
                "infra",
            ];
            writes.swamp(&[&setup[..], &["--config", &config]].concat());
            let model = "models/command/shell/hello.yaml";
            let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fixtures/hello")
                .join(model);
            std::fs::create_dir_all(writes.dir.join(model).parent().unwrap()).unwrap();
            std::fs::copy(fixture, writes.dir.join(model)).unwrap();
            writes.run("echo one");

            let reads = Machine {
                swamp: reader,
                home: sandbox.another_home("other").unwrap(),
                dir: sandbox.root().join("reader"),
            };
            fixture::copy(&writes.dir, &reads.dir, Some(".swamp")).unwrap();
            if std::env::var_os("SWAMP_UAT_EXTENSIONS").is_none() {
                // What the sources are is part of the checkout; what was pulled need not be.
                reads.provide(name, dir);
            }
            let pulled = reads.swamp(&["datastore", "sync", "--pull"]);
            assert_eq!(pulled["filesPulled"], 9, "{kind:?} by {}", reader.display());
            let rows = writes.rows();
            assert_eq!(rows.len(), 2);
            assert!(rows.iter().all(|(_, version, _)| *version == 1), "{rows:?}");
            assert_eq!(reads.rows(), rows, "{kind:?} by {}", reader.display());
            // And back: the writer sees what the reader adds.
            reads.run("echo two");
            writes.swamp(&["datastore", "sync", "--pull"]);
            assert_eq!(
                writes.rows(),
                reads.rows(),
                "{kind:?} back to {}",
                writer.display()
            );
            assert_eq!(writes.rows()[1].1, 2);
            assert_eq!(writes.rows()[1].2, "\"two\"");
        }
    }
}
