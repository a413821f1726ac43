//! The runtime that TypeScript models run in.

use std::env;
use std::path::PathBuf;

use crate::environment::Environment;
use crate::errors::{Failure, Result};

/// Names the runtime to take, before any other.
pub const VARIABLE: &str = "SWAMP_REFERENCE_DENO";
/// Names the runtime to take where there is no other.
pub const FALLBACK: &str = "SWAMP_REFERENCE_DENO_FALLBACK";

/// The runtime: what the environment says, else what is on `PATH`, else what the environment says for that case.
pub fn find(variables: &Environment) -> Result<PathBuf> {
    let named = |name| variables.get(name).map(PathBuf::from);
    let on_path = || {
        let path = variables.get("PATH").unwrap_or_default();
        let places: Vec<_> = env::split_paths(&path)
            .map(|dir| dir.join("deno"))
            .collect();
        places.into_iter().find(|place| place.is_file())
    };
    named(VARIABLE)
        .or_else(on_path)
        .or_else(|| named(FALLBACK))
        .filter(|place| place.is_file())
        .ok_or_else(|| {
            Failure::not_implemented(&format!(
                "TypeScript models without deno (install it, or name it in {VARIABLE})"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_environment_comes_before_the_path() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let place = |name: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(&path, "").expect("a file");
            path.display().to_string()
        };
        let (named, fallback) = (place("named"), place("fallback"));
        let on_path = place("bin/deno");
        let bin = dir.path().join("bin").display().to_string();
        let found = |variables: &[(&str, &str)]| find(&Environment::with(variables));
        let all = [
            (FALLBACK, fallback.as_str()),
            ("PATH", &bin),
            (VARIABLE, &named),
        ];
        assert_eq!(found(&all), Ok(PathBuf::from(&named)));
        assert_eq!(found(&all[..2]), Ok(PathBuf::from(&on_path)));
        assert_eq!(found(&all[..1]), Ok(PathBuf::from(&fallback)));
        for nothing in [&[][..], &[(VARIABLE, "/nonexistent")]] {
            let missing = found(nothing).expect_err("no runtime");
            assert_eq!(missing.exit_code(), 70);
        }
    }
}
