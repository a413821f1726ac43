//! Where this checkout lies now, and the reference that was built with it. A binary remembers the
//! checkout that it was built in; that may be another one, or gone: after `mv`, after a copy of a
//! checkout with its `target/`, and where `cargo nextest archive` carries a build to another machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The checkout that this was built in.
const BUILT_IN: &str = env!("CARGO_MANIFEST_DIR");

/// The root of this checkout: where `snapshots/`, `fixtures/` and `target/` are.
pub fn workspace_root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> =
        LazyLock::new(|| checkout(|name| std::env::var_os(name), this_program().as_deref()));
    &ROOT
}

fn this_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// The checkout that cargo and nextest name to what they run; else the one that `program` lies in,
/// else the one that it was built in.
fn checkout(var: impl Fn(&str) -> Option<OsString>, program: Option<&Path>) -> PathBuf {
    let told = var("CARGO_MANIFEST_DIR").map(PathBuf::from);
    told.filter(|dir| dir.is_absolute() && is_a_checkout(dir))
        .or_else(|| {
            let above = program?.ancestors().skip(1);
            above.map(Path::to_owned).find(|dir| is_a_checkout(dir))
        })
        .unwrap_or_else(|| PathBuf::from(BUILT_IN))
}

/// Whether `dir` is the root of a checkout of this project, and not of one that merely runs it.
fn is_a_checkout(dir: &Path) -> bool {
    let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    manifest
        .lines()
        .any(|line| line.trim() == "name = \"swamp-uat\"")
}

/// The reference: the one that nextest or cargo names, else the one beside this program, else the
/// one at `built`, where cargo put it when it built this program.
pub fn reference(built: &Path) -> PathBuf {
    find_reference(
        |name| std::env::var_os(name),
        this_program().as_deref(),
        built,
    )
}

fn find_reference(
    var: impl Fn(&str) -> Option<OsString>,
    program: Option<&Path>,
    built: &Path,
) -> PathBuf {
    let name = built.file_name().unwrap_or_default().to_string_lossy();
    // nextest says it in both forms, as a hyphen cannot be in the name of a shell's variable.
    let told = [
        format!("NEXTEST_BIN_EXE_{name}"),
        format!("NEXTEST_BIN_EXE_{}", name.replace('-', "_")),
        format!("CARGO_BIN_EXE_{name}"),
    ];
    let told = told.iter().filter_map(|name| var(name)).map(PathBuf::from);
    // Test binaries lie in `deps/`.
    let beside = program
        .into_iter()
        .flat_map(|program| program.ancestors().skip(1).take(2))
        .map(|dir| dir.join(&*name));
    told.chain(beside)
        .find(|path| path.is_file())
        .unwrap_or_else(|| built.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_checkout(dir: &Path) -> PathBuf {
        std::fs::create_dir_all(dir).unwrap();
        let manifest = "[package]\nname = \"swamp-uat\"\n";
        std::fs::write(dir.join("Cargo.toml"), manifest).unwrap();
        dir.to_owned()
    }

    #[test]
    fn the_checkout_is_the_one_that_the_runner_names_or_that_the_program_lies_in() {
        let dir = tempfile::tempdir().unwrap();
        let [told, moved] = ["told", "moved"].map(|name| a_checkout(&dir.path().join(name)));
        let program = moved.join("target/debug/deps/uat-1");
        let found = |value: Option<&Path>, program: Option<&Path>| {
            checkout(
                |name| {
                    (name == "CARGO_MANIFEST_DIR")
                        .then(|| value.map(Into::into))
                        .flatten()
                },
                program,
            )
        };
        assert_eq!(found(Some(&told), Some(&program)), told);
        assert_eq!(found(None, Some(&program)), moved);
        // Of another project that calls the suite.
        assert_eq!(found(Some(dir.path()), Some(&program)), moved);
        assert_eq!(
            found(None, Some(&dir.path().join("uat"))),
            Path::new(BUILT_IN)
        );
        assert_eq!(workspace_root(), Path::new(BUILT_IN));
    }

    #[test]
    fn the_reference_is_where_the_runner_says_or_beside_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        };
        let (told, beside) = (file("told/swamp-reference"), file("debug/swamp-reference"));
        let program = dir.path().join("debug/deps/uat-1");
        let built = Path::new("/gone/debug/swamp-reference");
        for variable in [
            "NEXTEST_BIN_EXE_swamp-reference",
            "NEXTEST_BIN_EXE_swamp_reference",
            "CARGO_BIN_EXE_swamp-reference",
        ] {
            let var = |name: &str| (name == variable).then(|| told.clone().into());
            assert_eq!(find_reference(var, Some(&program), built), told);
        }
        assert_eq!(find_reference(|_| None, Some(&program), built), beside);
        assert_eq!(find_reference(|_| None, None, built), built);
        // What is named and is not there any more.
        let var = |_: &str| Some("/gone/too".into());
        assert_eq!(find_reference(var, Some(&program), built), beside);
    }
}
