//! The backends that a datastore can live on, behind one trait.

use crate::backend::store::{Place, Store};
use crate::kind::Kind;
use crate::machine::sandbox::Sandbox;
use crate::render::surface::Surface;
use crate::settings::Settings;

pub mod buckets;
mod cloud;
pub mod emulator;
mod filesystem;
mod gcs;
pub mod leftovers;
mod s3;
pub mod store;

pub use cloud::Cloud;
pub(crate) use cloud::{own_names, words};
pub use filesystem::Filesystem;

impl Kind {
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
    pub fn without_starting(kind: Kind, settings: &Settings) -> Self {
        Self::pretended(kind, settings).unwrap_or_else(|| kind.backend().without_starting())
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
    fn without_starting(&self) -> Availability;

    /// What swamp has to find in its environment to reach the backend.
    fn environment(&self) -> Vec<(&'static str, &'static str)>;

    /// A new place for a datastore of that name in the world of `sandbox`.
    ///
    /// # Errors
    /// The backend refused.
    fn place(&self, sandbox: &Sandbox, name: &str) -> Result<Place, String>;

    /// The datastore extension that swamp needs for it: its name, and its directory below
    /// `SWAMP_UAT_EXTENSIONS`; none where swamp brings all that it takes.
    fn extension(&self) -> Option<(&'static str, &'static str)>;

    /// The commands that point a repo at `store`, as the words after `swamp`; with a namespace, the
    /// repo is in it from then on. `prefix` is where the datastore starts inside the store.
    fn setup(&self, store: &Store, prefix: &str, namespace: Option<&str>) -> Vec<Vec<String>>;
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
