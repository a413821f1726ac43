//! The runtime that TypeScript models run in.

use std::env;
use std::path::PathBuf;

use crate::environment::Environment;
use crate::errors::{Failure, Result};

/// Names the runtime to take, before any other.
pub const VARIABLE: &str = "SWAMP_REFERENCE_DENO";
/// Names the runtime to take where there is no other.
pub const FALLBACK: &str = "SWAMP_REFERENCE_DENO_FALLBACK";

/// The runtime: what the environment says, else what is on `PATH`, else what the environment says
/// for that case.
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
