//! pip, as this machine has it: with the user's index, proxy and certificates, and with nothing
//! else of how the user configured it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use wait_timeout::ChildExt;

use super::pins;

/// The oldest Python that the emulators run on.
const OLDEST: (u32, u32) = (3, 10);

/// What a Python may be called.
const PYTHONS: [&str; 6] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
];

/// How long a Python may take to say what it is.
const LIMIT: Duration = Duration::from_secs(30);

/// Finds pip for a Python without it.
const FIND_PIP: &str = include_str!("find_pip.py");

/// What of the user's configuration is kept: from where packages come, and how that is reached.
/// The rest (`user`, `target`, `require-virtualenv`, constraints …) is about other installations.
const KEPT: [&str; 16] = [
    "index-url",
    "extra-index-url",
    "no-index",
    "find-links",
    "trusted-host",
    "proxy",
    "cert",
    "client-cert",
    "timeout",
    "default-timeout",
    "retries",
    "cache-dir",
    "no-cache-dir",
    "keyring-provider",
    "use-feature",
    "use-deprecated",
];

/// A Python with a pip.
#[derive(Debug)]
pub(super) struct Pip {
    /// The interpreter, as it names itself.
    pub python: PathBuf,
    /// What makes it run pip: `-m pip`, or the pip in a wheel.
    words: Vec<OsString>,
    /// The user's configuration, as far as it is kept, by the names of pip's options.
    config: BTreeMap<String, String>,
}

/// Whether there is something that may be a Python, without asking it.
pub(super) fn may_have_python() -> bool {
    PYTHONS.iter().any(|name| super::install::is_on_path(name))
}

impl Pip {
    /// The pip of the first Python on PATH that is not too old. `scratch` takes what is fetched
    /// where that has none.
    ///
    /// # Errors
    /// There is no Python or no pip: what was found, and what to install.
    pub fn find(scratch: &Path) -> Result<Self, String> {
        let python = python()?;
        let has_pip = said(Command::new(&python).args(["-m", "pip", "--version"])).is_ok();
        let words = if has_pip {
            vec!["-m".into(), "pip".into()]
        } else {
            vec![bundled(&python, scratch)?.into_os_string()]
        };
        let mut listing = Command::new(&python);
        listing.args(&words).args(["config", "list"]);
        // One that pip cannot read is none: what the environment says is left.
        let listed = said(&mut listing).unwrap_or_default();
        // A variable of another encoding is none of pip's that is kept.
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Ok(Self {
            python,
            words,
            config: kept(&listed, variables),
        })
    }

    /// From where packages come, for people: no password that an address may hold.
    pub fn source(&self) -> String {
        let plain = |urls: &str| {
            let urls = urls.split_whitespace().map(without_password);
            urls.collect::<Vec<_>>().join(" ")
        };
        let links = self.config.get("find-links");
        let is_off = |value: &String| ["1", "true", "yes", "on"].contains(&value.as_str());
        if self.config.get("no-index").is_some_and(is_off) {
            let links = links.map_or_else(|| "nowhere (no-index)".to_owned(), |l| plain(l));
            return format!("{links}, as pip is configured");
        }
        match self.config.get("index-url") {
            Some(url) => format!("{}, as pip is configured", plain(url)),
            None => "PyPI".to_owned(),
        }
    }

    /// The command that installs `requirements` into `target`: exactly these files, from wheels
    /// alone. What it makes on the way lies in `scratch`.
    pub fn install(&self, requirements: &Path, target: &Path, scratch: &Path) -> Command {
        let mut command = Command::new(&self.python);
        command.args(&self.words);
        command.args(["install", "--require-hashes", "--no-deps", "--no-input"]);
        command.args(["--only-binary", ":all:", "--progress-bar", "off"]);
        command.arg("--target").arg(target);
        command.arg("--requirement").arg(requirements);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PIP_") {
                command.env_remove(name);
            }
        }
        for (option, value) in &self.config {
            command.env(variable(option), value);
        }
        // No option of an old pip may be unknown to it: as variables they are passed over.
        let ours = [
            ("PIP_CONFIG_FILE", "/dev/null"),
            ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
            ("PIP_ROOT_USER_ACTION", "ignore"),
            ("PIP_NO_WARN_CONFLICTS", "1"),
        ];
        command.envs(ours).env("TMPDIR", scratch);
        if !self.config.contains_key("retries") {
            // Without a network, pip's five take up to minutes.
            command.env("PIP_RETRIES", "1");
        }
        command
    }
}

/// The first Python on PATH that is not too old.
fn python() -> Result<PathBuf, String> {
    const WHO: &str = "import sys; print('%d %d' % sys.version_info[:2]); print(sys.executable)";
    let mut old = Vec::new();
    for name in PYTHONS {
        if !super::install::is_on_path(name) {
            continue;
        }
        let told = match said(Command::new(name).args(["-c", WHO])) {
            Ok(told) => told,
            Err(why) => {
                old.push(format!("{name} does not work ({why})"));
                continue;
            }
        };
        let mut lines = told.lines();
        let version = lines.next().and_then(|line| {
            let (major, minor) = line.split_once(' ')?;
            Some((major.parse().ok()?, minor.trim().parse().ok()?))
        });
        match (version, lines.next().filter(|path| !path.is_empty())) {
            (Some(version), Some(path)) if version >= OLDEST => return Ok(path.into()),
            (Some((major, minor)), _) => old.push(format!("{name} is Python {major}.{minor}")),
            (None, _) => old.push(format!("{name} does not say its version")),
        }
    }
    if old.is_empty() {
        return Err(no_python());
    }
    Err(lacking(&old.join(", ")))
}

/// What a machine without Python is told.
pub(super) fn no_python() -> String {
    lacking("there is no python3 on PATH to get one with")
}

fn lacking(found: &str) -> String {
    format!(
        "{found}; Python {}.{} or newer with pip is needed: {}",
        OLDEST.0,
        OLDEST.1,
        remedy()
    )
}

/// How Python comes onto a machine like this one.
fn remedy() -> &'static str {
    let has = |file: &str| Path::new(file).exists();
    if cfg!(target_os = "macos") {
        "`brew install python3`, or the installer of python.org"
    } else if has("/etc/debian_version") {
        "`apt-get install python3 python3-pip`"
    } else if has("/etc/fedora-release") || has("/etc/redhat-release") {
        "`dnf install python3 python3-pip`"
    } else {
        "on Debian and Ubuntu `apt-get install python3 python3-pip`, on Fedora `dnf install \
         python3 python3-pip`, on macOS `brew install python3`"
    }
}

/// The pip in a wheel: the one that Python keeps, or the pinned one, fetched into `scratch`.
fn bundled(python: &Path, scratch: &Path) -> Result<PathBuf, String> {
    let version = pins::PIP
        .lines()
        .find_map(|line| line.strip_prefix("pip==")?.split_whitespace().next());
    let hashes = pins::PIP
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--hash=sha256:"));
    let mut command = Command::new(python);
    command.args(["-c", FIND_PIP]).arg(scratch);
    let version = version.unwrap_or_default();
    command.arg(format!("pip-{version}-py3-none-any.whl"));
    let wheel = said(command.args(hashes))
        .map_err(|why| format!("{} has no pip ({why}): {}", python.display(), remedy()))?;
    Ok(Path::new(wheel.trim()).join("pip"))
}

/// What a command prints, or how it failed: in time, and with the last line that it said.
fn said(command: &mut Command) -> Result<String, String> {
    let failed = |e: std::io::Error| e.to_string();
    let dir = tempfile::tempdir().map_err(failed)?;
    let file = |name: &str| std::fs::File::create(dir.path().join(name)).map_err(failed);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file("out")?)
        .stderr(file("err")?)
        .spawn()
        .map_err(failed)?;
    let Some(status) = child.wait_timeout(LIMIT).map_err(failed)? else {
        // Nothing is to be done about one that is gone by now.
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("no answer within {} s", LIMIT.as_secs()));
    };
    let text = |name: &str| {
        let bytes = std::fs::read(dir.path().join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    if status.success() {
        return Ok(text("out"));
    }
    let last = text("err").lines().next_back().map(str::to_owned);
    Err(last.unwrap_or_else(|| status.to_string()))
}

/// The variable that is as good as the option of that name.
fn variable(option: &str) -> String {
    format!("PIP_{}", option.replace('-', "_").to_uppercase())
}

/// What is kept of the configuration that `pip config list` shows, and of the variables. A
/// variable comes before the section `install`, and that before `global`.
fn kept(
    listed: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for section in ["global.", "install."] {
        for line in listed.lines() {
            let entry = line.strip_prefix(section).and_then(|l| l.split_once('='));
            let Some((option, value)) = entry else {
                continue;
            };
            if KEPT.contains(&option) {
                found.insert(option.to_owned(), unquoted(value));
            }
        }
    }
    for (name, value) in variables {
        let option = KEPT.iter().find(|option| variable(option) == name);
        if let Some(option) = option.filter(|_| !value.is_empty()) {
            found.insert((*option).to_owned(), value);
        }
    }
    found
}

/// A value as pip prints it: a string of Python's.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = ['\'', '"']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut plain = String::new();
    let mut chars = inner.unwrap_or(value).chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => plain.push(c),
            (_, true) => match chars.next() {
                Some('n' | 't' | 'r') => plain.push(' '),
                Some(other) => plain.push(other),
                None => {}
            },
        }
    }
    plain.trim().to_owned()
}

/// An address without the name and the password that it may hold.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    match host.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}/{path}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listed: &str, variables: &[(&str, &str)]) -> BTreeMap<String, String> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        kept(listed, variables.iter().map(own))
    }

    #[test]
    fn of_the_users_configuration_only_where_packages_come_from_is_kept() {
        let listed = "global.index-url='https://one.example/simple'\n\
                      global.user='true'\n\
                      global.require-virtualenv='true'\n\
                      install.target='/somewhere'\n\
                      install.find-links='\\n/a\\n/b'\n\
                      install.index-url=\"https://it's.example/simple\"\n\
                      download.proxy='http://other.example'\n";
        let found = config(
            listed,
            &[
                ("PIP_USER", "1"),
                ("PIP_PREFIX", "/p"),
                ("PIP_EXTRA_INDEX_URL", "https://two.example"),
                ("PIP_PROXY", ""),
            ],
        );
        let entries: Vec<(&str, &str)> = found
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            entries,
            [
                ("extra-index-url", "https://two.example"),
                ("find-links", "/a /b"),
                ("index-url", "https://it's.example/simple"),
            ]
        );
        let found = config(listed, &[("PIP_INDEX_URL", "https://env.example")]);
        assert_eq!(found["index-url"], "https://env.example");
    }

    #[test]
    fn the_source_is_named_without_a_password() {
        let source = |variables: &[(&str, &str)]| {
            let pip = Pip {
                python: "python3".into(),
                words: Vec::new(),
                config: config("", variables),
            };
            pip.source()
        };
        assert_eq!(source(&[]), "PyPI");
        let url = "https://me:secret@pypi.example:8/simple/x@y";
        assert_eq!(
            source(&[("PIP_INDEX_URL", url)]),
            "https://pypi.example:8/simple/x@y, as pip is configured"
        );
        let offline = [("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", "/wheels")];
        assert_eq!(source(&offline), "/wheels, as pip is configured");
        assert_eq!(
            source(&offline[..1]),
            "nowhere (no-index), as pip is configured"
        );
    }
}
