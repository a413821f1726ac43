//! The backends that a datastore can live on, behind one trait.

use crate::ran::Ran;
use crate::repo::Repo;
use crate::sandbox::Sandbox;
use crate::settings::Settings;
use crate::store::{Place, Store};
use crate::surface::Surface;

pub mod buckets;
mod cloud;
pub mod emulator;
mod filesystem;
mod gcs;
mod s3;

pub use cloud::Cloud;
pub(crate) use cloud::{own_names, words};
pub use filesystem::Filesystem;

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

    /// The implementation.
    pub fn backend(self) -> &'static dyn Backend {
        match self {
            Self::Filesystem => &Filesystem,
            Self::S3 => &Cloud(Self::S3),
            Self::Gcs => &Cloud(Self::Gcs),
        }
    }
}

/// Whether trials can run on a backend here, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It works; the text says how that is known.
    Available(String),
    /// It does not; the text says why, and what would change that.
    Unavailable(String),
}

impl Availability {
    /// The availability of `kind` under `settings`: its probe, unless the user pretends.
    pub fn of(kind: Kind, settings: &Settings) -> Self {
        Self::pretended(kind, settings).unwrap_or_else(|| kind.backend().probe())
    }

    /// As [`Availability::of`], but nothing is started or tried: for lists of trials.
    pub fn foreseen(kind: Kind, settings: &Settings) -> Self {
        Self::pretended(kind, settings).unwrap_or_else(|| kind.backend().foreseen())
    }

    /// Finds the cloud backends among `kinds` side by side, as each takes a moment to start.
    pub fn find(kinds: &[Kind], settings: &Settings) {
        let wanted = |kind: &Kind| kinds.contains(kind) && !settings.pretend_missing.contains(kind);
        emulator::warm_up(&Kind::CLOUD.into_iter().filter(wanted).collect::<Vec<_>>());
    }

    fn pretended(kind: Kind, settings: &Settings) -> Option<Self> {
        let why = || format!("SWAMP_UAT_PRETEND_MISSING names {}", kind.name());
        let pretends = settings.pretend_missing.contains(&kind);
        pretends.then(|| Self::Unavailable(why()))
    }

    /// The reason, where it is unavailable.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Available(_) => None,
            Self::Unavailable(reason) => Some(reason),
        }
    }
}

/// What a backend gives the scenarios.
pub trait Backend: Send + Sync {
    /// Which backend this is.
    fn kind(&self) -> Kind;

    /// The surfaces that a trial on this backend has goldens for.
    fn surfaces(&self) -> &'static [Surface];

    /// Tries the backend out; nothing of the attempt stays.
    fn probe(&self) -> Availability;

    /// As [`Backend::probe`], by what can be seen without starting anything.
    fn foreseen(&self) -> Availability;

    /// What swamp has to find in its environment to reach the backend.
    fn environment(&self) -> Vec<(&'static str, &'static str)>;

    /// A new place for a datastore of that name in the world of `sandbox`.
    ///
    /// # Errors
    /// The backend refused.
    fn place(&self, sandbox: &Sandbox, name: &str) -> Result<Place, String>;

    /// Points `repo` at `store`: `swamp datastore setup …`.
    fn setup_datastore<'t>(&self, repo: &Repo<'t>, store: &Store) -> Ran<'t>;

    /// As [`Backend::setup_datastore`] with the repo in `namespace`. `prefix` is where the
    /// datastore starts inside the store, for backends that have one.
    fn setup_datastore_with_namespace<'t>(
        &self,
        repo: &Repo<'t>,
        store: &Store,
        prefix: &str,
        namespace: &str,
    ) -> Ran<'t>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_backends_belong_together() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            assert_eq!(kind.backend().kind(), kind);
            assert!(!kind.backend().surfaces().is_empty());
        }
        assert_eq!(Kind::from_name("floppy"), None);
    }

    #[test]
    fn pretending_makes_a_working_backend_unavailable_and_says_so() {
        let mut settings = Settings::from_lookup(|_| None).unwrap();
        assert_eq!(Availability::of(Kind::Filesystem, &settings).reason(), None);
        settings.pretend_missing.insert(Kind::Filesystem);
        let reason = Availability::of(Kind::Filesystem, &settings);
        assert!(
            reason
                .reason()
                .unwrap()
                .contains("SWAMP_UAT_PRETEND_MISSING")
        );
    }
}
