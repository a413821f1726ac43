//! What this machine is called: names that must not stand in a golden.

use std::sync::LazyLock;

use super::{Auditor, Finding, Weight};

/// The names of this machine, each found out once.
#[derive(Debug, Default)]
struct Machine {
    hosts: Vec<String>,
    user: Option<String>,
    home: Option<String>,
    path: Option<String>,
    /// Texts that no word is alike: the kernel's release, the machine's id, ….
    texts: Vec<(&'static str, String)>,
}

static MACHINE: LazyLock<Machine> = LazyLock::new(|| {
    let host = nix::unistd::gethostname().ok();
    let host = host.map(|host| host.to_string_lossy().into_owned());
    let user = nix::unistd::User::from_uid(nix::unistd::getuid());
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let files = [
        ("kernel release", "/proc/sys/kernel/osrelease"),
        ("kernel version", "/proc/sys/kernel/version"),
        ("machine id", "/etc/machine-id"),
        ("boot id", "/proc/sys/kernel/random/boot_id"),
    ];
    let mut texts: Vec<(&'static str, String)> = files
        .into_iter()
        .filter_map(|(what, path)| Some((what, read(path)?.trim().to_owned())))
        .collect();
    let facts = [
        ("system", "/etc/os-release", "PRETTY_NAME="),
        ("processor", "/proc/cpuinfo", "model name\t: "),
        ("memory size", "/proc/meminfo", "MemTotal:"),
    ];
    texts.extend(facts.into_iter().filter_map(|(what, path, key)| {
        let text = read(path)?;
        let fact = text.lines().find_map(|line| line.strip_prefix(key))?;
        let fact = fact.trim_end_matches("kB").trim_matches(['"', ' ']);
        Some((what, fact.to_owned()))
    }));
    Machine {
        hosts: host.as_deref().map(names_of_host).unwrap_or_default(),
        user: user.ok().flatten().map(|user| user.name),
        home: std::env::home_dir().map(|home| home.to_string_lossy().into_owned()),
        path: std::env::var("PATH").ok(),
        texts,
    }
});

/// A host name, its first label and its domain.
fn names_of_host(host: &str) -> Vec<String> {
    let mut names = vec![host.to_owned()];
    if let Some((label, domain)) = host.split_once('.') {
        names.extend([label.to_owned(), domain.to_owned()]);
    }
    names
}

/// Knows the names of this machine.
pub fn auditor() -> Auditor {
    static KNOWS: LazyLock<Auditor> = LazyLock::new(|| {
        let mut auditor = Auditor::default();
        for host in &MACHINE.hosts {
            auditor.forbid_host(host);
        }
        if let Some(user) = &MACHINE.user {
            auditor.forbid_user(user);
        }
        if let Some(home) = &MACHINE.home {
            auditor.forbid_path("home of the user", home);
        }
        let workspace = crate::workspace_root().to_string_lossy();
        auditor.forbid_path("workspace path", &workspace);
        if let Some(path) = &MACHINE.path {
            auditor.forbid("PATH", path);
        }
        for (what, text) in &MACHINE.texts {
            // Shorter ones are found in other words and numbers.
            if text.len() >= 6 {
                auditor.forbid(what, text);
            }
        }
        auditor
    });
    KNOWS.clone()
}

/// The lines of `new` that are the name of this user or this machine and nothing else, as `whoami`
/// and `hostname` print it: within a line it may be a word (`root`), or be too short to be looked
/// for. It may be a word where a line of `goldens` is that alone.
pub(crate) fn bare_names(new: &[(usize, &str)], goldens: &str) -> Vec<Finding> {
    let users = MACHINE.user.iter().map(|name| ("user name", name));
    let hosts = MACHINE.hosts.iter().map(|name| ("host name", name));
    users
        .chain(hosts)
        .flat_map(|(what, name)| alone(new, (what, name), goldens))
        .collect()
}

fn alone(new: &[(usize, &str)], (what, name): (&'static str, &str), goldens: &str) -> Vec<Finding> {
    let around = |c: char| c.is_whitespace() || "\"',".contains(c);
    let name = name.to_lowercase();
    let is_it = |line: &str| line.trim_matches(around).to_lowercase() == name;
    if goldens.lines().any(is_it) {
        return Vec::new();
    }
    let found = new.iter().filter(|(_, line)| is_it(line));
    let found = found.map(|(number, _)| Finding {
        what,
        text: name.clone(),
        line: *number,
        weight: Weight::Telling,
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_its_label_and_its_domain_too() {
        assert_eq!(names_of_host("build"), ["build"]);
        assert_eq!(
            names_of_host("build.corp.example"),
            ["build.corp.example", "build", "corp.example"]
        );
    }

    #[test]
    fn the_kernel_and_the_path_of_this_machine_are_found() {
        let path = std::env::var("PATH").unwrap();
        let found = auditor().findings(&format!("x {path}"));
        assert!(found.iter().any(|found| found.what == "PATH"), "{found:?}");
        if let Ok(kernel) = std::fs::read_to_string("/proc/sys/kernel/osrelease") {
            let found = auditor().findings(&format!("on {}", kernel.trim()));
            assert!(found.iter().any(|found| found.what == "kernel release"));
        }
    }

    #[test]
    fn a_name_alone_in_a_line_is_found_unless_that_is_a_word_there() {
        let dir = crate::workspace_root().join("snapshots");
        let goldens = crate::words::of_goldens(&dir);
        for (name, line, found) in [
            ("root", "root", true),
            ("root", "  \"root\",", true),
            ("root", "Scanning for root-level data", false),
            ("alice", "Alice", true),
            // Two letters, as a host may have.
            ("qx", "qx", true),
            ("qx", "a qx of it", false),
            // A directory in a listing.
            ("data", "  data", false),
        ] {
            assert_eq!(
                alone(&[(1, line)], ("user name", name), goldens).len(),
                usize::from(found),
                "{line}"
            );
        }
    }

    /// Each of them is a word, a directory or a file of the suite's goldens.
    const WORDS: [&str; 14] = [
        "build",
        "swamp",
        "data",
        "DATA",
        "s3",
        "infra",
        "model",
        "work",
        "workflow",
        "ghost",
        "files",
        "root",
        "first",
        "localhost",
    ];

    #[test]
    fn a_machine_whose_names_are_ordinary_words_finds_nothing_in_the_goldens() {
        let dir = crate::workspace_root().join("snapshots");
        let mut auditor = Auditor::default();
        for word in WORDS {
            auditor.forbid_host(word);
            auditor.forbid_user(word);
            auditor.forbid_path("home of the user", &format!("/{word}"));
        }
        let (mut goldens, mut seen) = (0, 0);
        for entry in walkdir::WalkDir::new(&dir).into_iter().flatten() {
            let Ok(Some(text)) = crate::golden::load(entry.path()) else {
                continue;
            };
            goldens += 1;
            for finding in auditor.findings(&text) {
                seen += 1;
                let words = || crate::words::of_goldens(&dir);
                // By the golden itself, and for a word also where the line would be new.
                assert!(finding.is_only_a_word(&text, &text, words), "{finding}");
                let is_word = finding.weight == super::super::Weight::Word;
                assert!(
                    !is_word || finding.is_only_a_word(&text, "", words),
                    "{finding}"
                );
            }
        }
        assert!(
            goldens > 100 && seen > 200,
            "{goldens} goldens, {seen} words seen"
        );
    }
}
