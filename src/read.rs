//! Reads files that the system under test could have made. Whatever it made, a read ends: a FIFO is
//! not waited for, a device is not read, and what is larger than memory is not taken in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::OFlag;

/// The most bytes of a file that are read. The largest that a scenario has anything to do with is
/// a thousandth of it.
const MOST: u64 = 256 << 20;

/// The content of the file at `path`, or of what a link there leads to.
///
/// # Errors
/// It is not there, is no regular file, or is too large.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    limited(path, MOST)
}

/// The first `most` bytes of the file at `path`, and whether that is all of it.
///
/// # Errors
/// As [`bytes`], whatever its size.
pub(crate) fn beginning(path: &Path, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let file = open(path)?;
    let mut content = Vec::new();
    file.take(most + 1).read_to_end(&mut content)?;
    let is_all = content.len() as u64 <= most;
    content.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((content, is_all))
}

/// As [`bytes`], as text.
///
/// # Errors
/// As [`bytes`], or it is no UTF-8.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    String::from_utf8(bytes(path)?).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

fn limited(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut content = Vec::new();
    file.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 > most {
        return Err(invalid(format!("it has more than {} MiB", most >> 20)));
    }
    Ok(content)
}

/// Opens the regular file at `path`. To open something else could wait for ever, or do something.
fn open(path: &Path) -> io::Result<File> {
    is_regular(&fs::metadata(path)?)?;
    // It may have become something else in between.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    is_regular(&file.metadata()?)?;
    Ok(file)
}

fn is_regular(metadata: &fs::Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(invalid(format!("it is {what}, not a file")))
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_so_is_one_that_a_link_leads_to() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "é\n").unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("file", &link).unwrap();
        assert_eq!(text(&file).unwrap(), "é\n");
        assert_eq!(bytes(&link).unwrap(), "é\n".as_bytes());
        fs::write(&file, b"\xff").unwrap();
        assert!(text(&file).is_err());
        let absent = text(&dir.path().join("absent")).unwrap_err();
        assert_eq!(absent.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_is_no_file_is_named_and_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("fifo", &link).unwrap();
        let socket = dir.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, what) in [
            (fifo.as_path(), "a FIFO"),
            (&link, "a FIFO"),
            (&socket, "a socket"),
            (dir.path(), "a directory"),
            (Path::new("/dev/zero"), "a device"),
        ] {
            let error = bytes(path).unwrap_err().to_string();
            assert!(error.contains(what), "{}: {error}", path.display());
        }
    }

    #[test]
    fn what_has_no_end_is_not_taken_in() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        File::create(&file).unwrap().set_len(3 << 20).unwrap();
        assert_eq!(limited(&file, 3 << 20).unwrap().len(), 3 << 20);
        let error = limited(&file, 2 << 20).unwrap_err().to_string();
        assert!(error.contains("more than 2 MiB"), "{error}");
    }
}
