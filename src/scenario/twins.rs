//! Twins: a solo repo, and one in a namespace beside a neighbour. The same is done to both; the one
//! in the namespace must say the same, and change the same in its namespace, and nothing elsewhere.

use std::collections::BTreeMap;

use crate::backend::store::Store;
use crate::render::output::Output;
use crate::render::twins::{Names, TwinOf};
use crate::scenario::ran::Ran;
use crate::scenario::repo::Repo;
use crate::scenario::trial::Trial;

const SOLO: &str = "solo";
const ALONE: &str = "alone";
const NAMESPACE: &str = "infra";
const SHARED: &str = "shared";
const NEIGHBOUR: &str = "security";

/// The repo `solo` on the datastore `alone`, and its twin `infra` in its namespace on `shared`.
#[derive(Debug)]
pub struct Twins<'t> {
    trial: &'t Trial,
    both: [Repo<'t>; 2],
    shared: Store,
    /// What the neighbour has, by the contents.
    foreign: BTreeMap<String, String>,
    names: Names,
}

impl Trial {
    /// Twins, and a neighbour in the datastore of the second to which `prepare` is done. It has the
    /// same models by their ids as the twins get.
    ///
    /// # Panics
    /// Swamp refused one of them.
    #[track_caller]
    pub fn twins<'t>(&'t self, prepare: impl Fn(&Repo<'t>)) -> Twins<'t> {
        let [alone, shared] = [ALONE, SHARED].map(|name| self.store(name));
        let neighbour = self.repo(NEIGHBOUR).on_as(&shared, NEIGHBOUR);
        prepare(&neighbour);
        let foreign = foreign(&shared);
        let both = [
            self.repo(SOLO).on(&alone),
            self.repo(NAMESPACE).on_as(&shared, NAMESPACE),
        ];
        let below = format!("{NAMESPACE}/");
        let twin = |second: String, first: String| {
            let of = TwinOf {
                title: first,
                below: below.clone(),
            };
            (second, of)
        };
        self.gathered.borrow_mut().twins.extend([
            twin(SHARED.to_owned(), ALONE.to_owned()),
            twin(format!("cache of {NAMESPACE}"), format!("cache of {SOLO}")),
        ]);
        Twins {
            foreign,
            trial: self,
            both,
            shared,
            names: Names {
                first: names(SOLO, ALONE, ""),
                second: names(NAMESPACE, SHARED, &below),
            },
        }
    }
}

impl<'t> Twins<'t> {
    /// Does the same to both, and looks at neither.
    pub fn each(&self, step: impl Fn(&Repo<'t>)) {
        self.both.iter().for_each(step);
    }

    /// Runs a command in both: the transcript shows what the first said, and what the second said
    /// otherwise.
    #[track_caller]
    pub fn shown(&self, step: impl Fn(&Repo<'t>) -> Ran<'t>) -> [Output; 2] {
        let [solo, infra] = &self.both;
        [
            step(solo).snapshot(),
            step(infra).against_its_twin(&self.names, true),
        ]
    }

    /// As [`Twins::shown`], for what both do without a complaint: of what they say the transcript
    /// shows the difference alone.
    ///
    /// # Panics
    /// One of them failed, or wrote on standard error.
    #[track_caller]
    pub fn alike(&self, step: impl Fn(&Repo<'t>) -> Ran<'t>) -> [Output; 2] {
        let [solo, infra] = &self.both;
        let said = [
            step(solo).heard(),
            step(infra).against_its_twin(&self.names, false),
        ];
        for said in &said {
            said.assert_success();
        }
        said
    }

    /// A checkpoint, and nothing of the neighbour's has changed.
    ///
    /// # Panics
    /// Something has.
    #[track_caller]
    pub fn checkpoint(&self, name: &str) {
        self.trial.checkpoint(name);
        assert_eq!(foreign(&self.shared), self.foreign);
    }
}

/// What lies outside of the namespace of the twin, by the contents.
fn foreign(shared: &Store) -> BTreeMap<String, String> {
    let mut files = shared.files();
    files.retain(|path, _| !path.starts_with(&format!("{NAMESPACE}/")));
    files
}

/// What a golden calls by the name of one twin, and by that of both.
fn names(repo: &str, store: &str, below: &str) -> Vec<(String, String)> {
    let pairs = [
        (format!("<sandbox>/{repo}"), "<sandbox>/<repo>"),
        (format!("<repo:{repo}>"), "<repo>"),
        (format!("/{store}/{below}"), "/<share>/"),
        (format!("/repos/<repo>/{below}"), "/<share>/"),
        (format!("<bucket:{store}>/{below}"), "<bucket>/"),
    ];
    pairs.map(|(own, both)| (own, both.to_owned())).into()
}
