//! Permissions and owners of files.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::look::{Entry, Kind};
use super::table::Is;

/// The most bytes of a file that is not looked into: no bundle and no module comes near.
const MOST: u64 = 64 << 20;

/// What the file system makes of permissions here, with its defaults and the user's umask.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Modes {
    file: u32,
    directory: u32,
    private_file: u32,
    private_directory: u32,
    /// Whom it gives files to.
    owner: (u32, u32),
}

impl Modes {
    /// Tried out in `dir`.
    pub fn of(dir: &Path) -> std::io::Result<Self> {
        let probe = tempfile::Builder::new().prefix("probe-").tempdir_in(dir)?;
        let mode = |path: &Path| fs::metadata(path).map(|data| data.permissions().mode() & 0o7777);
        let (file, directory) = (probe.path().join("file"), probe.path().join("directory"));
        fs::write(&file, "")?;
        fs::create_dir(&directory)?;
        let usual = (mode(&file)?, mode(&directory)?);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
        Ok(Self {
            file: usual.0,
            directory: usual.1,
            private_file: mode(&file)?,
            private_directory: mode(&directory)?,
            owner: fs::metadata(&file).map(|data| (data.uid(), data.gid()))?,
        })
    }

    /// What is wrong with the permissions and the owner of `entry`, which `is` that.
    pub fn fault(self, is: Is, entry: &Entry) -> Option<String> {
        // A link has no permissions of its own.
        if matches!(entry.kind, Kind::Link(_)) {
            return None;
        }
        self.permissions(is, entry).or_else(|| {
            if !entry.attributes.is_empty() {
                return Some(format!("it has the attributes {:?}", entry.attributes));
            }
            if entry.kind == Kind::File && entry.links > 1 {
                return Some(format!("it has {} names (hard links)", entry.links));
            }
            let ((uid, gid), (user, group)) = (entry.owner, self.owner);
            let why = || format!("it belongs to {uid}:{gid}, and must to {user}:{group}");
            (entry.owner != self.owner).then(why)
        })
    }

    fn permissions(self, is: Is, entry: &Entry) -> Option<String> {
        let mode = entry.mode;
        let must = match is {
            Is::File(_) => self.file,
            Is::PrivateFile(_) => self.private_file,
            Is::Directory | Is::Filled => self.directory,
            Is::PrivateDirectory => self.private_directory,
            Is::LeftOut(_) => {
                let open = mode & 0o002 != 0 && self.directory & 0o002 == 0;
                let runs = entry.kind == Kind::File && mode & 0o111 != 0;
                return if open {
                    Some(format!(
                        "its permissions are {mode:o}: anybody may change it"
                    ))
                } else if runs {
                    Some(format!("its permissions are {mode:o}: it may be run"))
                } else if entry.size > MOST {
                    Some(format!(
                        "it has {} bytes, more than anything there",
                        entry.size
                    ))
                } else {
                    None
                };
            }
            Is::Lock => return None,
        };
        let why = || format!("its permissions are {mode:o}, and must be {must:o}");
        (mode != must).then(why)
    }
}
