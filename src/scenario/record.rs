//! What a trial gathers while its scenario runs, to be judged when that is done.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::backend::store::{Bucket, Store};
use crate::render::transcript::Line;
use crate::render::tree::Listing;
use crate::render::twins::TwinOf;
use crate::scenario::cast::Player;
use crate::scenario::deviation::Verdict;
use crate::scenario::steps::Step;

/// What one checkpoint saw, as it was.
#[derive(Debug, Clone)]
pub(crate) struct CheckpointData {
    pub name: String,
    /// Whether it is about what lies where.
    pub is_layout: bool,
    /// The directories: datastores, or the caches of datastores in buckets.
    pub trees: Vec<(String, Listing)>,
    pub buckets: Vec<(String, Listing)>,
    pub repos: Vec<(String, Option<String>)>,
    /// The places of second twins, by their names, and what they are held against.
    pub twins: Vec<(String, TwinOf)>,
}

/// A repo that checkpoints show.
#[derive(Debug, Clone)]
pub(crate) struct ShownRepo {
    pub name: String,
    /// Where its local copy of a datastore in a bucket would be.
    pub cache: Option<PathBuf>,
}

/// What a trial gathered.
#[derive(Debug, Default)]
pub(crate) struct TrialRecord {
    /// The commands that ran and that nobody has looked at yet, by their index.
    pub unobserved: Vec<(usize, String)>,
    /// What is wrong with what nobody else speaks of: the values in replies, all of a reply that no
    /// golden shows, and what commands left behind.
    pub unspoken: Vec<String>,
    /// What to do about it, if it is intended.
    pub advice: BTreeSet<&'static str>,
    /// What happened, in order.
    pub transcript: Vec<Line>,
    pub checkpoints: Vec<CheckpointData>,
    /// The places of second twins, by their names, and what they are held against.
    pub twins: Vec<(String, TwinOf)>,
    pub verdicts: Vec<Verdict>,
    pub steps: Vec<Step>,
    pub repos: Vec<ShownRepo>,
    /// The stores that checkpoints show.
    pub stores: Vec<Store>,
    /// All stores: what the scenario does to a bucket is known of them.
    pub all_stores: Vec<Store>,
    /// Every bucket, with the name of its store.
    pub buckets: Vec<(String, Bucket)>,
    /// The buckets of nobody's that were at the endpoint when the first of the trial was made.
    pub strangers: Option<BTreeSet<String>>,
    /// The endpoints of proxies.
    pub proxies: Vec<String>,
    /// Why the system under test refused to be tested.
    pub refused: Option<Refusal>,
    /// Ids and the roles they are known in.
    pub roles: Vec<(String, String)>,
    /// Of each command, the repo that it was about and who played it.
    pub played: Vec<(String, Player)>,
    pub command_time: Duration,
    /// Where swamp showed a secret of the user's environment.
    pub leaks: Vec<String>,
    /// How long the longest command took.
    pub longest_command: Duration,
}

impl TrialRecord {
    /// The repos that commands were about, in the order of the first command of each.
    pub fn repos_that_played(&self) -> Vec<&str> {
        let mut repos: Vec<&str> = Vec::new();
        for (repo, _) in &self.played {
            if !repos.contains(&repo.as_str()) {
                repos.push(repo);
            }
        }
        repos
    }

    /// How many commands the older of two swamps played.
    pub fn played_by_older(&self) -> usize {
        let older = self.played.iter().filter(|(_, who)| *who == Player::Older);
        older.count()
    }

    /// The names that the scenario gave to its datastores, repos, models and workflows.
    pub fn names(&self) -> BTreeSet<&str> {
        let stores = self.stores.iter().map(|store| store.name.as_str());
        let roles = self
            .roles
            .iter()
            .filter_map(|(_, role)| role.split_once(':'));
        let roles = roles.flat_map(|(_, name)| name.split('/'));
        stores.chain(roles).collect()
    }

    /// Where the buckets of the trial were reached: the backend, and proxies to it.
    pub fn endpoints(&self) -> BTreeSet<&str> {
        let of_buckets = self
            .buckets
            .iter()
            .map(|(_, bucket)| bucket.endpoint.as_str());
        of_buckets
            .chain(self.proxies.iter().map(String::as_str))
            .collect()
    }
}

/// Why the system under test refused to be tested: it wants something that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// For the backend: a failure where that is required.
    Backend(String),
    /// For itself, on whatever backend.
    Itself(String),
}

impl Refusal {
    /// The reason, for people.
    pub fn why(&self) -> &str {
        let (Self::Backend(why) | Self::Itself(why)) = self;
        why
    }
}
