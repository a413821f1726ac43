//! The backends that a datastore can live on, behind one trait.

use std::path::Path;

use crate::ran::Ran;
use crate::repo::Repo;
use crate::settings::Settings;
use crate::surface::Surface;
use crate::trial::Store;

mod filesystem;

pub use filesystem::Filesystem;

/// The backends, by the names that trials, goldens and `SWAMP_UAT_REQUIRE` use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A directory on this machine.
    Filesystem,
}

impl Kind {
    /// All backends, in the order in which they are listed to people.
    pub const ALL: [Self; 1] = [Self::Filesystem];

    /// The name, as trials and goldens carry it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filesystem => "filesystem",
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
        if settings.pretend_missing.contains(&kind) {
            return Self::Unavailable(format!("SWAMP_UAT_PRETEND_MISSING names {}", kind.name()));
        }
        kind.backend().probe()
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

    /// Every entry of the store, as a client that is not swamp sees it. `root` is where the
    /// store lies on this machine.
    ///
    /// # Errors
    /// What kept the store from being read.
    fn list(&self, root: &Path) -> Result<crate::tree::Listing, String>;
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
