//! The network between the repos of a trial and a bucket: it can fail as a scenario wants.

use crate::backend;
use crate::backend::store::{Place, Store};
use crate::machine::net::proxy::{Fate, Proxy, Request};
use crate::scenario::steps::Step;
use crate::scenario::trial::Trial;

/// The network between the repos of a trial and a bucket.
#[derive(Debug)]
pub struct Network<'t> {
    trial: &'t Trial,
    proxy: Proxy,
}

impl Network<'_> {
    /// From now on the backend refuses connections.
    pub fn down(&self) {
        self.tell("made the backend refuse connections");
        self.proxy.down();
    }

    /// From now on the backend is there again, and every request passes.
    ///
    /// # Panics
    /// The port was taken meanwhile.
    #[track_caller]
    pub fn up(&self) {
        self.tell("let the backend answer again");
        self.proxy.pass();
        if self.proxy.is_down() {
            self.proxy.up();
        }
    }

    /// From now on `intercept` decides what becomes of every request; `what` says so to people.
    pub fn intercept(&self, what: &str, intercept: impl FnMut(&Request) -> Fate + Send + 'static) {
        self.tell(what);
        self.proxy.intercept(intercept);
    }

    /// The requests since the last call, in the order in which they came.
    pub fn take_seen(&self) -> Vec<Request> {
        self.proxy.take_seen()
    }

    fn tell(&self, what: &str) {
        let now = format!("from here the suite {what}");
        self.trial.note_as(Step::Told(what.to_owned()), &now);
    }
}

impl Trial {
    /// The same bucket behind a network of its own, which takes down every request and can be
    /// told to fail some. Repos set up on the store that is returned reach the bucket through it.
    ///
    /// # Panics
    /// The proxy cannot listen, or the store is a directory.
    #[track_caller]
    pub fn behind_network(&self, store: &Store) -> (Store, Network<'_>) {
        let mut bucket = store.bucket().clone();
        let proxy = Proxy::new(&bucket.endpoint, backend::words(bucket.kind));
        let proxy = proxy.unwrap_or_else(|e| panic!("{e}"));
        bucket.endpoint = proxy.endpoint();
        self.gathered.borrow_mut().proxies.push(proxy.endpoint());
        let store = Store {
            name: store.name.clone(),
            place: Place::Bucket(bucket),
            put: store.put.clone(),
        };
        (store, Network { trial: self, proxy })
    }
}
