//! The kinds of backends.

/// The backends, by the names that trials, goldens and `SWAMP_UAT_REQUIRE` use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A directory on this machine.
    Filesystem,
    /// A bucket of S3.
    S3,
    /// A bucket of Google Cloud Storage.
    Gcs,
}

impl Kind {
    /// All backends, in the order in which they are listed to people.
    pub const ALL: [Self; 3] = [Self::Filesystem, Self::S3, Self::Gcs];

    /// The backends whose datastores are buckets.
    pub const CLOUD: [Self; 2] = [Self::S3, Self::Gcs];

    /// The name, as trials and goldens carry it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filesystem => "filesystem",
            Self::S3 => "s3",
            Self::Gcs => "gcs",
        }
    }

    /// The backend of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The variable that names an endpoint which is there already.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Filesystem => "",
            Self::S3 => "SWAMP_UAT_S3_ENDPOINT",
            Self::Gcs => "SWAMP_UAT_GCS_ENDPOINT",
        }
    }
}
