//! Datastores in a directory of this machine.

use super::{Availability, Backend, Kind};
use crate::ran::Ran;
use crate::repo::Repo;
use crate::sandbox::{self, Sandbox};
use crate::store::{Place, Store};
use crate::surface::Surface;

/// The filesystem backend.
#[derive(Debug)]
pub struct Filesystem;

impl Backend for Filesystem {
    fn kind(&self) -> Kind {
        Kind::Filesystem
    }

    fn surfaces(&self) -> &'static [Surface] {
        &[Surface::Cli, Surface::Tree]
    }

    fn probe(&self) -> Availability {
        match sandbox::place() {
            Ok(place) => Availability::Available(format!("sandboxes in {}", place.display())),
            Err(e) => Availability::Unavailable(e.to_string()),
        }
    }

    fn foreseen(&self) -> Availability {
        self.probe()
    }

    fn environment(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    fn place(&self, sandbox: &Sandbox, name: &str) -> Result<Place, String> {
        Ok(Place::Directory(sandbox.root().join(name)))
    }

    fn setup_datastore<'t>(&self, repo: &Repo<'t>, store: &Store) -> Ran<'t> {
        let path = store.path().to_string_lossy();
        repo.swamp(&["datastore", "setup", "filesystem", "--path", &path])
    }

    fn setup_datastore_with_namespace<'t>(
        &self,
        repo: &Repo<'t>,
        store: &Store,
        prefix: &str,
        namespace: &str,
    ) -> Ran<'t> {
        // `setup filesystem` has no namespace of its own: it takes a second command. A prefix
        // is a directory inside of the store.
        let store = store.below(prefix);
        self.setup_datastore(repo, &store).ok();
        repo.namespace_set(namespace)
    }
}
