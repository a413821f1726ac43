//! The surfaces of a trial that goldens pin.

use std::fmt;

/// One of the views that a golden holds: what a user of a shared datastore can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// The commands, and what they said.
    Cli,
    /// The datastore directory, and what each repo's `.swamp.yaml` says of it.
    Tree,
    /// The keys of the bucket.
    Bucket,
}

impl Surface {
    /// The word in the golden's file name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Tree => "tree",
            Self::Bucket => "bucket",
        }
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
