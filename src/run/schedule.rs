//! Which trials a run has, and in which order they begin.

use std::collections::BTreeMap;

use crate::backend::Availability;
use crate::digest;
use crate::kind::Kind;
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
    /// Whether it fails where its backend cannot be had, and is not ignored.
    pub must_run: bool,
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
            must_run: settings.require.contains(&kind),
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
            digest::short(format!("{seed} {}", p.scenario.trial_name(p.kind)))
        }),
        None => {
            planned.sort_by_key(|p| (p.scenario.id(), p.kind));
            planned = spread(planned);
        }
    }
    planned
}

/// Spreads each backend's trials evenly over the run, as its server answers one request at a
/// time, and those that wait over the first half: the others run meanwhile, and the run does not
/// end with the longest wait.
fn spread(planned: Vec<Planned>) -> Vec<Planned> {
    let mut sizes: BTreeMap<Option<Kind>, f64> = BTreeMap::new();
    for p in &planned {
        *sizes.entry(group(p)).or_default() += 1.0;
    }
    let mut begun: BTreeMap<Option<Kind>, f64> = BTreeMap::new();
    let mut placed: Vec<(f64, Planned)> = planned
        .into_iter()
        .map(|p| {
            let group = group(&p);
            let index = begun.entry(group).or_default();
            let share = *index / sizes[&group];
            *index += 1.0;
            (if group.is_none() { share / 2.0 } else { share }, p)
        })
        .collect();
    placed.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    placed.into_iter().map(|(_, p)| p).collect()
}

/// The backend that a trial keeps busy: none for one that waits.
fn group(p: &Planned) -> Option<Kind> {
    (!p.scenario.waits).then_some(p.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Phase;

    fn planned(function: &'static str, waits: bool) -> Planned {
        let scenario = Scenario {
            function,
            module: "datastore::namespace::commands",
            file: "tests/cli/none.rs",
            phase: Phase::B,
            backends: &[Kind::Filesystem],
            waits,
            locks: false,
            typescript: false,
            run: |_| {},
        };
        Planned {
            scenario,
            kind: Kind::Filesystem,
            unavailable: None,
            must_run: false,
        }
    }

    fn ids(planned: Vec<Planned>) -> Vec<u32> {
        planned.iter().map(|p| p.scenario.id()).collect()
    }

    #[test]
    fn trials_that_wait_begin_early_and_not_all_at_once() {
        let others = ["s01_a", "s02_a", "s03_a", "s04_a"].map(|name| planned(name, false));
        let waiting = ["s51_w", "s52_w"].map(|name| planned(name, true));
        let order = ids(spread(others.into_iter().chain(waiting).collect()));
        assert_eq!(order, [1, 51, 2, 52, 3, 4]);
    }

    #[test]
    fn the_trials_of_a_backend_are_spread_over_the_run() {
        let on = |kind, p| Planned { kind, ..p };
        let mut all: Vec<Planned> = ["s01_a", "s02_a", "s03_a", "s04_a"]
            .map(|name| planned(name, false))
            .into();
        all.extend(["s18_a", "s19_a"].map(|name| on(Kind::S3, planned(name, false))));
        assert_eq!(ids(spread(all)), [1, 18, 2, 3, 19, 4]);
    }

    #[test]
    fn none_is_lost_where_most_of_them_wait() {
        let all = vec![
            planned("s51_w", true),
            planned("s01_a", false),
            planned("s52_w", true),
        ];
        assert_eq!(ids(spread(all)), [51, 1, 52]);
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
