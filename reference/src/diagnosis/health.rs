//! Whether a datastore can be reached.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Instant;

/// How a datastore does.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Whether it can be read and written.
    pub healthy: bool,
    /// The same in words.
    pub message: String,
    /// How many milliseconds it took to find out.
    pub latency: f64,
}

/// Looks at the directory of a datastore.
pub fn check(path: &Path) -> Health {
    let start = Instant::now();
    let (healthy, message) = look(path);
    Health {
        healthy,
        message,
        latency: start.elapsed().as_secs_f64() * 1000.0,
    }
}

fn look(path: &Path) -> (bool, String) {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => (
            false,
            format!("Path exists but is not a directory: {shown}"),
        ),
        Ok(_) => {
            let probe = path.join(format!(".swamp-probe-{}", uuid::Uuid::new_v4()));
            match fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)) {
                Ok(()) => (true, format!("Filesystem datastore at {shown} is healthy")),
                Err(error) => (
                    false,
                    format!("Directory exists but is not writable: {shown}. {error}"),
                ),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (
            false,
            format!(
                "Datastore directory does not exist: {shown}. Run 'swamp datastore setup filesystem --path {shown}' to \
                 create it."
            ),
        ),
        Err(error) => (false, format!("Cannot access datastore: {error}")),
    }
}
