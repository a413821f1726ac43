//! Datastores in a directory of this machine.

use super::{Availability, Backend};
use crate::backend::store::{Place, Store};
use crate::kind::Kind;
use crate::machine::sandbox::Sandbox;
use crate::machine::temp_dir;
use crate::render::surface::Surface;

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
        match temp_dir::place() {
            Ok(place) => Availability::Available(format!("sandboxes in {}", place.display())),
            Err(e) => Availability::Unavailable(e.to_string()),
        }
    }

    fn without_starting(&self) -> Availability {
        self.probe()
    }

    fn environment(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    fn place(&self, sandbox: &Sandbox, name: &str) -> Result<Place, String> {
        Ok(Place::Directory(sandbox.root().join(name)))
    }

    fn extension(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    fn setup(&self, store: &Store, prefix: &str, namespace: Option<&str>) -> Vec<Vec<String>> {
        // A prefix is a directory inside of the store.
        let path = store.below(prefix).path().to_string_lossy().into_owned();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let setup = words(&["datastore", "setup", "filesystem", "--path", &path]);
        // `setup filesystem` has no namespace of its own: it takes a second command.
        let set = namespace.map(|name| words(&["datastore", "namespace", "set", name]));
        std::iter::once(setup).chain(set).collect()
    }
}
