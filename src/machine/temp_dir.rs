//! The directory that sandboxes lie in: in memory where there is room, and tried out before anything
//! runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{AccessFlags, access};

use crate::error::BadInput;
use crate::machine::leftovers::Dir;
use crate::settings::paths;

/// What every sandbox's directory begins with, so that leftovers can be told.
const PREFIX: &str = "swamp-uat-";

/// A new temporary directory, by its real path: on some systems the temporary directory is a
/// link, and a program under test may print either form.
///
/// # Errors
/// The temporary directory cannot be written to.
pub fn make() -> Result<Dir, BadInput> {
    let base = BASE.canonicalize().map_err(|e| unwritable(&BASE, &e))?;
    Dir::new(&base, PREFIX).map_err(|e| unwritable(&base, &e))
}

/// The directory that sandboxes lie in, by its real path where it is there.
pub(crate) fn base() -> PathBuf {
    BASE.canonicalize().unwrap_or_else(|_| BASE.clone())
}

/// What [`place`] writes on trial: less than a run takes, and more than fits where there is no room.
const SOME_ROOM: usize = 1 << 20;

/// Writes some bytes into `dir`, a directory of the suite's own.
pub(crate) fn try_out(dir: &Path) -> Result<(), BadInput> {
    let file = dir.join("room");
    let written = fs::write(&file, vec![b'x'; SOME_ROOM]).and_then(|()| fs::remove_file(&file));
    written.map_err(|e| unwritable(&base(), &e))
}

/// The directory that sandboxes lie in, tried out.
///
/// # Errors
/// It cannot be written to, or is full, or it lies in a swamp repository: swamp looks for one in the directories
/// above, so that a trial would not be alone.
pub fn place() -> Result<PathBuf, BadInput> {
    let probe = make()?;
    try_out(probe.path())?;
    let place = probe.path().parent().unwrap_or(&BASE);
    let text = place.to_string_lossy();
    // What stands for bytes that are no text is odd as well.
    let odd = |c: &char| {
        "$\"\\#%?\u{ad}\u{feff}\u{fffd}".contains(*c)
            || c.is_control()
            || matches!(*c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    if let Some(odd) = text.chars().find(odd) {
        return Err(BadInput::new(
            format!(
                "the temporary directory is {:?}",
                place.display().to_string()
            ),
            format!(
                "there is a {odd:?} in its path: swamp takes what follows a `$` for the name of a \
                 variable, makes URLs of paths, and prints some characters in another form"
            ),
            "set TMPDIR to a directory without such a character in its path",
        ));
    }
    let mut markers = place.ancestors().map(|dir| dir.join(".swamp.yaml"));
    match markers.find(|marker| marker.exists()) {
        None => Ok(place.to_owned()),
        Some(marker) => Err(BadInput::new(
            format!(
                "the temporary directory {} lies in a swamp repository",
                place.display()
            ),
            marker.display().to_string(),
            "move that repository away, or set TMPDIR to a directory outside of it",
        )),
    }
}

/// Where sandboxes lie, unless the user names a place: in memory, if there is room for a run. A real
/// swamp gets the usual place: released ones run on a Deno that reads nothing below `/dev`, where
/// the memory is.
static BASE: LazyLock<PathBuf> = LazyLock::new(|| {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let in_memory = !is_set("TMPDIR") && !is_set("SWAMP_BIN") && is_roomy(Path::new(MEMORY));
    match in_memory {
        true => PathBuf::from(MEMORY),
        false => paths::resolved(&std::env::temp_dir()),
    }
});

/// A directory in memory, on Linux. A run makes and removes tens of thousands of small files, for
/// which some file systems take longer than the trials do for all the rest.
pub(crate) const MEMORY: &str = "/dev/shm";

/// Bytes that a run may need, with room for sandboxes that are kept.
const ROOM: u64 = 2 << 30;

/// Whether sandboxes can lie in `dir`: it is writable, has room, and programs in it may run.
fn is_roomy(dir: &Path) -> bool {
    let Ok(stat) = statvfs(dir) else { return false };
    stat.blocks_available() * stat.fragment_size() >= ROOM
        && !stat.flags().contains(FsFlags::ST_NOEXEC)
        && access(dir, AccessFlags::W_OK).is_ok()
}

pub(crate) fn unwritable(dir: &Path, error: &std::io::Error) -> BadInput {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};

    let next = match error.kind() {
        StorageFull | QuotaExceeded => {
            "make some room there (`cargo uat clean` removes what earlier runs left), or set TMPDIR \
             to another directory"
        }
        _ => "set TMPDIR to a directory that you can write to",
    };
    BadInput::new(
        format!(
            "the temporary directory {} cannot be written to",
            dir.display()
        ),
        error.to_string(),
        next,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sandboxes_lie_in_memory_only_where_there_is_room_for_them() {
        assert!(!is_roomy(Path::new("/proc")));
        assert!(!is_roomy(Path::new("/there/is/no/such/directory")));
    }

    #[test]
    fn a_directory_without_room_is_told_from_one_that_nobody_may_write_to() {
        use nix::errno::Errno;
        for (errno, found, next) in [
            (
                Errno::ENOSPC,
                "No space left on device",
                "make some room there",
            ),
            (Errno::EDQUOT, "uota exceeded", "make some room there"),
            (
                Errno::EROFS,
                "Read-only file system",
                "that you can write to",
            ),
        ] {
            let told = unwritable(Path::new("/t"), &errno.into()).to_string();
            assert!(told.contains(found) && told.contains(next), "{told}");
        }
    }
}
