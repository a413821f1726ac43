//! The clouds that a datastore can be in.

/// Which cloud a bucket is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// Amazon S3, or what speaks like it.
    S3,
    /// Google Cloud Storage.
    Gcs,
}

impl Cloud {
    /// The cloud of a datastore type.
    pub fn of_type(name: &str) -> Option<Self> {
        match name {
            "@swamp/s3-datastore" => Some(Self::S3),
            "@swamp/gcs-datastore" => Some(Self::Gcs),
            _ => None,
        }
    }

    /// The name of its datastore type.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::S3 => "@swamp/s3-datastore",
            Self::Gcs => "@swamp/gcs-datastore",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::Gcs => "GCS",
        }
    }

    /// What stands in front of the messages of a sync with it.
    pub fn log_prefix(self) -> &'static str {
        match self {
            Self::S3 => "[s3-sync]",
            Self::Gcs => "[gcs-sync]",
        }
    }
}
