//! What a scenario did, step by step: its transcript tells it, and a script can replay it.

use crate::kind::Kind;

/// One thing that a scenario did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Made a directory.
    Directory(String),
    /// Made a bucket for a store.
    Bucket {
        /// The name of the store.
        store: String,
        /// The backend.
        kind: Kind,
    },
    /// Checked a repo out on another machine.
    Checkout {
        /// The repo.
        from: String,
        /// The directory of the checkout.
        to: String,
        /// The home on that machine.
        home: String,
    },
    /// Removed the local copy of a repo's datastore.
    WipeCache {
        /// The repo.
        repo: String,
        /// The home, where it is not the sandbox's own.
        home: Option<String>,
    },
    /// Gave a repo a datastore extension.
    Extension {
        /// The repo.
        repo: String,
        /// The name of the extension.
        name: String,
        /// Where its source would be, below a directory of such sources.
        dir: String,
    },
    /// Did something to the network or to a bucket that a script cannot do.
    Told(String),
    /// Ran swamp in a repo.
    Swamp {
        /// The directory it ran in.
        repo: String,
        /// The home it ran with, where it is not the sandbox's own.
        home: Option<String>,
        /// Variables of its own.
        env: Vec<(&'static str, String)>,
        /// The arguments after `swamp`.
        args: Vec<String>,
        /// The file of the repo that was its standard input, where there was one.
        stdin: Option<String>,
        /// Whether file permissions bound it even if root ran it.
        unprivileged: bool,
    },
    /// Wrote a file.
    Write {
        /// Where, below the root of the world.
        path: String,
        /// What.
        text: String,
    },
    /// Made a symbolic link.
    Link {
        /// Where, below the root of the world.
        path: String,
        /// To what.
        target: String,
    },
    /// Moved a file or a directory.
    Rename {
        /// From where, below the root of the world.
        from: String,
        /// To where.
        to: String,
    },
    /// Copied a directory.
    Copy {
        /// From where, below the root of the world.
        from: String,
        /// To where.
        to: String,
    },
    /// Wrote a file into the local copy of a repo's datastore.
    WriteToCache {
        /// The repo.
        repo: String,
        /// The home, where it is not the sandbox's own.
        home: Option<String>,
        /// Where, below the cache.
        path: String,
        /// What.
        text: String,
    },
    /// Set permissions.
    Chmod {
        /// Of what, below the root of the world.
        path: String,
        /// To what.
        mode: u32,
    },
    /// Removed a file or a directory.
    Remove(String),
    /// Looked at the datastores.
    Look(String),
}

impl Step {
    /// What the suite did, as the transcript tells it; none where what follows tells it, or nothing
    /// but how the scene is set.
    pub fn deed(&self) -> Option<String> {
        Some(match self {
            Self::Directory(_)
            | Self::Bucket { .. }
            | Self::Extension { .. }
            | Self::Swamp { .. }
            | Self::Look(_) => return None,
            Self::Told(what) => what.clone(),
            Self::Checkout { from, to, .. } => {
                format!("checked {from} out on another machine, as {to}")
            }
            Self::WipeCache { repo, .. } => format!("removed the cache of {repo}"),
            Self::Write { path, .. } => format!("wrote {path}"),
            Self::WriteToCache { repo, path, .. } => {
                format!("wrote {path} in the cache of {repo}")
            }
            Self::Link { path, target } => format!("linked {path} to {target}"),
            Self::Rename { from, to } => format!("moved {from} to {to}"),
            Self::Copy { from, to } => format!("copied {from} to {to}"),
            Self::Chmod { path, mode: 0 } => format!("took all permissions of {path} away"),
            // Those that it had hang on the umask.
            Self::Chmod { path, .. } => format!("gave {path} permissions again"),
            Self::Remove(path) => format!("removed {path}"),
        })
    }

    /// The arguments of a command of swamp.
    pub fn command(&self) -> Option<String> {
        match self {
            Self::Swamp { args, .. } => Some(args.join(" ")),
            _ => None,
        }
    }
}
