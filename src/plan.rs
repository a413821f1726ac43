//! Which trials a run has, and in which order they begin.

use sha2::{Digest, Sha256};

use crate::backend::{Availability, Kind};
use crate::scenario::Scenario;
use crate::settings::Settings;

/// One scenario on one backend, with the reason why it cannot run here, if there is one.
pub struct Planned {
    /// The scenario.
    pub scenario: Scenario,
    /// The backend.
    pub kind: Kind,
    /// Why the backend cannot be had here.
    pub unavailable: Option<String>,
}

/// The trials, in the order of the scenarios or in one drawn from the user's seed.
pub fn plan(
    scenarios: &[Scenario],
    settings: &Settings,
    availability: impl Fn(Kind, &Settings) -> Availability,
) -> Vec<Planned> {
    let mut planned: Vec<Planned> = scenarios
        .iter()
        .flat_map(|scenario| scenario.backends.iter().map(move |kind| (*scenario, *kind)))
        .map(|(scenario, kind)| Planned {
            scenario,
            kind,
            unavailable: None,
        })
        .collect();
    for kind in Kind::ALL {
        let availability = availability(kind, settings);
        for p in planned.iter_mut().filter(|p| p.kind == kind) {
            p.unavailable = availability.reason().map(str::to_owned);
        }
    }
    match &settings.shuffle {
        Some(seed) => planned.sort_by_cached_key(|p| {
            Sha256::digest(format!("{seed} {}", p.scenario.trial_name(p.kind)))
        }),
        None => {
            planned.sort_by_key(|p| (p.scenario.id(), p.kind));
            planned = waiting_early(planned);
        }
    }
    planned
}

/// The trials that wait are spread over the first half: the others run meanwhile, and the run
/// does not end with the longest wait.
fn waiting_early(planned: Vec<Planned>) -> Vec<Planned> {
    let (waiting, others): (Vec<_>, Vec<_>) = planned.into_iter().partition(|p| p.scenario.waits);
    let mut waiting = waiting.into_iter();
    let mut order = Vec::new();
    let apart = (others.len() / 2 / waiting.len().max(1)).max(1);
    for (index, other) in others.into_iter().enumerate() {
        if index % apart == 0 {
            order.extend(waiting.next());
        }
        order.push(other);
    }
    order.extend(waiting);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Phase;

    fn planned(function: &'static str, waits: bool) -> Planned {
        let scenario = Scenario {
            function,
            area: "datastore::namespace::commands",
            phase: Phase::B,
            backends: &[Kind::Filesystem],
            waits,
            run: |_| {},
        };
        Planned {
            scenario,
            kind: Kind::Filesystem,
            unavailable: None,
        }
    }

    fn ids(planned: Vec<Planned>) -> Vec<u32> {
        planned.iter().map(|p| p.scenario.id()).collect()
    }

    #[test]
    fn trials_that_wait_begin_early_and_not_all_at_once() {
        let names = [
            "s01_a", "s02_a", "s03_a", "s04_a", "s05_a", "s06_a", "s07_a", "s08_a",
        ];
        let others = names.map(|name| planned(name, false));
        let all = others
            .into_iter()
            .chain([planned("s51_w", true), planned("s52_w", true)]);
        let order = ids(waiting_early(all.collect()));
        assert_eq!(order, [51, 1, 2, 52, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn none_is_lost_where_most_of_them_wait() {
        let all = vec![
            planned("s51_w", true),
            planned("s01_a", false),
            planned("s52_w", true),
        ];
        assert_eq!(ids(waiting_early(all)), [51, 1, 52]);
    }

    #[test]
    fn a_seed_gives_one_order_and_loses_none() {
        let scenarios = ["s01_a", "s02_a", "s03_a"].map(|name| planned(name, false).scenario);
        let order = |seed: &str| {
            let seed = seed.to_owned();
            let settings = Settings::from_lookup(|name| {
                (name == "SWAMP_UAT_SHUFFLE").then(|| seed.clone().into())
            });
            ids(plan(&scenarios, &settings.unwrap(), Availability::of))
        };
        assert_eq!(order("a"), order("a"));
        let mut sorted = order("a");
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3]);
    }
}
