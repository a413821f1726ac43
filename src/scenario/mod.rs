//! The list of scenarios: what a scenario is to the harness.

pub(crate) mod cast;
pub(crate) mod checkpoints;
pub mod commands;
pub(crate) mod consistency;
pub mod deviation;
pub mod fixture;
pub(crate) mod local_copy;
pub mod network;
pub(crate) mod outcome;
pub mod ran;
pub(crate) mod record;
pub mod repo;
pub(crate) mod running;
pub(crate) mod seed;
pub(crate) mod steps;
pub mod trial;
pub mod twins;

use crate::kind::Kind;
use crate::render::surface::Surface;
use crate::scenario::trial::Trial;

/// A phase of the plan. A is the harness itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Namespace commands.
    B,
    /// Data migration.
    C,
    /// Sync through a shared bucket.
    D,
    /// Queries across namespaces.
    E,
    /// Features that meet namespaces.
    F,
    /// Adversarial cases and regressions.
    G,
    /// Journeys of users from end to end.
    H,
}

impl Phase {
    /// The phases, in the order of the plan.
    pub const ALL: [Self; 7] = [
        Self::B,
        Self::C,
        Self::E,
        Self::D,
        Self::F,
        Self::G,
        Self::H,
    ];

    /// The letter.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::G => "G",
            Self::H => "H",
        }
    }

    /// What the phase is about.
    pub const fn title(self) -> &'static str {
        match self {
            Self::B => "namespace commands",
            Self::C => "data migration",
            Self::D => "namespace-scoped sync",
            Self::E => "cross-namespace queries",
            Self::F => "feature interactions",
            Self::G => "adversarial cases and regressions",
            Self::H => "user journeys",
        }
    }

    /// The ids that the plan gives the phase.
    pub const fn ids(self) -> std::ops::RangeInclusive<u32> {
        match self {
            Self::B => 1..=11,
            Self::C => 12..=17,
            Self::D => 18..=24,
            Self::E => 25..=32,
            Self::F => 33..=38,
            Self::G => 39..=47,
            Self::H => 48..=50,
        }
    }

    /// The phase of that letter.
    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.letter() == letter)
    }
}

/// One scenario of the plan.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// The name of its function: `sNN_slug`.
    pub function: &'static str,
    /// The module that it is in; see [`Scenario::area`].
    pub module: &'static str,
    /// The file that it is in, below the root of the checkout.
    pub file: &'static str,
    /// The phase it belongs to.
    pub phase: Phase,
    /// The backends it runs on.
    pub backends: &'static [Kind],
    /// Whether it waits for seconds, for locks or between attempts, while the machine is idle.
    pub waits: bool,
    /// Whether it is about locks. They are void on a backend without a conditional create that
    /// excludes: there it is left out.
    pub locks: bool,
    /// Whether it runs a model in TypeScript, for which the reference needs deno.
    pub typescript: bool,
    /// The scenario itself.
    pub run: fn(&Trial),
}

impl Scenario {
    /// The id, which is the plan's up to 50, from the function's name; 0 where the name is not of that form.
    pub fn id(&self) -> u32 {
        self.parts().map_or(0, |(id, _)| id)
    }

    /// Where it is filed, by its module below `tests/cli/`: `datastore::namespace::commands`.
    pub fn area(&self) -> &'static str {
        let (_, area) = self
            .module
            .split_once("::cli::")
            .unwrap_or(("", self.module));
        area
    }

    /// The name of its trial on `kind`.
    pub fn trial_name(&self, kind: Kind) -> String {
        format!("{}::{}::{}", self.area(), self.function, kind.name())
    }

    /// The golden of one surface for all backends, below the directory of goldens. See
    /// `src/golden/files.rs`.
    pub fn golden(&self, surface: Surface) -> String {
        let area = self.area().replace("::", "/");
        format!("{area}/{}@{surface}.snap", self.function)
    }

    /// The golden of one surface that `kind` may have for itself.
    pub fn own_golden(&self, kind: Kind, surface: Surface) -> String {
        let area = self.area().replace("::", "/");
        let backend = kind.name();
        format!("{area}/{}@{surface}@{backend}.snap", self.function)
    }

    /// The backends that have `surface`, the one first that the golden for all is recorded on.
    pub fn backends_with(&self, surface: Surface) -> Vec<Kind> {
        let has = |kind: &Kind| {
            self.backends.contains(kind) && kind.backend().surfaces().contains(&surface)
        };
        // Of a datastore in a bucket there is most to see, and S3 is where locks hold.
        let order = [Kind::S3, Kind::Gcs, Kind::Filesystem];
        order.into_iter().filter(has).collect()
    }

    /// The surfaces that it has on one backend or another.
    pub fn surfaces(&self) -> Vec<Surface> {
        let all = [Surface::Cli, Surface::Tree, Surface::Bucket];
        let has = |surface: &Surface| !self.backends_with(*surface).is_empty();
        all.into_iter().filter(has).collect()
    }

    /// The goldens that it must have: one for each surface.
    pub fn goldens(&self) -> Vec<String> {
        let surfaces = self.surfaces().into_iter();
        surfaces.map(|surface| self.golden(surface)).collect()
    }

    /// The goldens that it may have beside them, each with the one that it stands in for.
    pub fn own_goldens(&self) -> Vec<(String, String)> {
        let surfaces = self.surfaces().into_iter();
        let own = surfaces.flat_map(|surface| {
            let others = self.backends_with(surface).into_iter().skip(1);
            others.map(move |kind| (self.own_golden(kind, surface), self.golden(surface)))
        });
        own.collect()
    }

    /// What the scenario is about: the first paragraph of its comment, in one line, and the line of
    /// its file that it begins in; none where the file is not at hand.
    pub fn sentence(&self) -> Option<(String, u32)> {
        let path = crate::workspace_root().join(self.file);
        let text = std::fs::read_to_string(path).ok()?;
        sentence(&text, self.function)
    }

    fn parts(&self) -> Option<(u32, &'static str)> {
        let (digits, slug) = self.function.strip_prefix('s')?.split_once('_')?;
        // Three digits from 100 on: each id has one name.
        let is_number = digits.bytes().all(|b| b.is_ascii_digit())
            && (digits.len() == 2 || digits.len() == 3 && !digits.starts_with('0'));
        let id = is_number.then(|| digits.parse().ok())??;
        (!slug.is_empty()).then_some((id, slug))
    }
}

/// The first paragraph of the comment over `function` in `text`, in one line, and the line that the
/// function begins in.
fn sentence(text: &str, function: &str) -> Option<(String, u32)> {
    let lines: Vec<&str> = text.lines().collect();
    let head = format!("fn {function}(");
    let at = lines.iter().position(|line| line.starts_with(&head))?;
    let comment = lines[..at].iter().rev();
    let mut comment: Vec<&str> = comment
        .map_while(|line| line.strip_prefix("///"))
        .map(str::trim)
        .collect();
    comment.reverse();
    let first: Vec<&str> = comment
        .into_iter()
        .take_while(|line| !line.is_empty())
        .collect();
    Some((first.join(" "), u32::try_from(at + 1).ok()?))
}

/// What is wrong with a list of scenarios: names, ids that are missing or double, phases.
pub fn problems(scenarios: &[Scenario]) -> Vec<String> {
    let mut problems = Vec::new();
    for scenario in scenarios {
        if scenario.parts().is_none() {
            problems.push(format!("{}: the name is not sNN_slug", scenario.function));
        } else if scenario.id() <= 50 && !scenario.phase.ids().contains(&scenario.id()) {
            problems.push(format!(
                "{}: id {} is not phase {}'s",
                scenario.function,
                scenario.id(),
                scenario.phase.letter()
            ));
        }
        if scenario.backends.is_empty() {
            problems.push(format!("{}: it runs on no backend", scenario.function));
        }
    }
    for id in Phase::ALL.into_iter().flat_map(Phase::ids) {
        let count = scenarios.iter().filter(|s| s.id() == id).count();
        if count != 1 {
            problems.push(format!("scenario {id}: there are {count} of it"));
        }
    }
    problems
}

/// Lists the scenarios of one file, with their phase and the backends that they run on:
///
/// ```ignore
/// scenarios![
///     Phase::D, on buckets;
///     s60_backend_down waits,
///     s67_two_writers_at_once needs locks waits,
///     s70_old_claim_after_a_change on filesystem,
/// ];
/// ```
///
/// Backends are `filesystem`, `buckets`, `filesystem_and_s3` and `all`. What a scenario needs is
/// [`locks`](Scenario::locks) or [`typescript`](Scenario::typescript). One that
/// [waits](Scenario::waits) begins early.
#[macro_export]
macro_rules! scenarios {
    (@backends filesystem) => { &[$crate::kind::Kind::Filesystem] };
    (@backends s3) => { &[$crate::kind::Kind::S3] };
    (@backends buckets) => { &$crate::kind::Kind::CLOUD };
    (@backends filesystem_and_s3) => { &[$crate::kind::Kind::Filesystem, $crate::kind::Kind::S3] };
    (@backends all) => { &$crate::kind::Kind::ALL };
    (@set $scenario:ident) => {};
    (@set $scenario:ident on $backends:ident $($more:ident)*) => {
        $scenario.backends = $crate::scenarios!(@backends $backends);
        $crate::scenarios!(@set $scenario $($more)*)
    };
    (@set $scenario:ident needs locks $($more:ident)*) => {
        $scenario.locks = true;
        $crate::scenarios!(@set $scenario $($more)*)
    };
    (@set $scenario:ident needs typescript $($more:ident)*) => {
        $scenario.typescript = true;
        $crate::scenarios!(@set $scenario $($more)*)
    };
    (@set $scenario:ident waits $($more:ident)*) => {
        $scenario.waits = true;
        $crate::scenarios!(@set $scenario $($more)*)
    };
    [$phase:expr, on $backends:ident; $($function:ident $($word:ident)*),+ $(,)?] => {
        &[$({
            #[allow(unused_mut)]
            let mut scenario = $crate::scenario::Scenario {
                function: stringify!($function),
                module: module_path!(),
                file: file!(),
                phase: $phase,
                backends: $crate::scenarios!(@backends $backends),
                waits: false,
                locks: false,
                typescript: false,
                run: $function,
            };
            $crate::scenarios!(@set scenario $($word)*);
            scenario
        }),+]
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(function: &'static str) -> Scenario {
        Scenario {
            function,
            module: "datastore::namespace::commands",
            file: "tests/cli/datastore/namespace/commands.rs",
            phase: Phase::B,
            backends: &[Kind::Filesystem],
            waits: false,
            locks: false,
            typescript: false,
            run: |_| {},
        }
    }

    fn all() -> Vec<Scenario> {
        let names = [
            "s01_a", "s02_a", "s03_a", "s04_a", "s05_a", "s06_a", "s07_a", "s08_a", "s09_a",
            "s10_a", "s11_a", "s12_a", "s13_a", "s14_a", "s15_a", "s16_a", "s17_a", "s18_a",
            "s19_a", "s20_a", "s21_a", "s22_a", "s23_a", "s24_a", "s25_a", "s26_a", "s27_a",
            "s28_a", "s29_a", "s30_a", "s31_a", "s32_a", "s33_a", "s34_a", "s35_a", "s36_a",
            "s37_a", "s38_a", "s39_a", "s40_a", "s41_a", "s42_a", "s43_a", "s44_a", "s45_a",
            "s46_a", "s47_a", "s48_a", "s49_a", "s50_a",
        ];
        names
            .map(|name| {
                let mut scenario = scenario(name);
                let mut phases = Phase::ALL.into_iter();
                let own = phases.find(|phase| phase.ids().contains(&scenario.id()));
                scenario.phase = own.unwrap_or(Phase::B);
                scenario
            })
            .into()
    }

    #[test]
    fn names_and_paths_follow_from_the_function() {
        let s = scenario("s02_set_validation");
        assert_eq!(s.id(), 2);
        assert_eq!(
            s.trial_name(Kind::Filesystem),
            "datastore::namespace::commands::s02_set_validation::filesystem"
        );
        assert_eq!(
            s.goldens(),
            [
                "datastore/namespace/commands/s02_set_validation@cli.snap",
                "datastore/namespace/commands/s02_set_validation@tree.snap"
            ]
        );
        assert_eq!(s.own_goldens(), []);
        assert_eq!(scenario("s101_a").id(), 101);
    }

    #[test]
    fn the_golden_for_all_is_recorded_on_one_backend_and_the_others_may_have_their_own() {
        let mut s = scenario("s34_gc");
        s.backends = &Kind::ALL;
        assert_eq!(
            s.backends_with(Surface::Tree),
            [Kind::S3, Kind::Gcs, Kind::Filesystem]
        );
        assert_eq!(s.backends_with(Surface::Bucket), [Kind::S3, Kind::Gcs]);
        let own = s.own_goldens();
        let area = "datastore/namespace/commands/s34_gc";
        assert_eq!(own.len(), 5);
        assert!(own.contains(&(
            format!("{area}@tree@filesystem.snap"),
            format!("{area}@tree.snap")
        )));
        assert!(!own.iter().any(|(own, _)| own.contains("@s3")));
    }

    #[test]
    fn the_sentence_of_a_scenario_is_the_first_paragraph_over_it() {
        let text = "/// Other.\nfn s01_b() {}\n\n/// One and\n/// the same.\n///\n/// More.\nfn s01_a(t) {\n";
        assert_eq!(
            sentence(text, "s01_a"),
            Some(("One and the same.".into(), 8))
        );
        assert_eq!(sentence(text, "s02_a"), None);
        let (said, _) = scenario("s03_set_already_set").sentence().unwrap();
        assert!(said.starts_with("Setting the namespace"), "{said}");
    }

    #[test]
    fn a_whole_list_is_without_fault() {
        assert_eq!(problems(&all()), Vec::<String>::new());
    }

    #[test]
    fn what_is_missing_double_or_misnamed_is_told() {
        assert!(problems(&all()[1..])[0].contains("scenario 1: there are 0"));
        let mut double = all();
        double.push(scenario("s03_again"));
        assert!(problems(&double)[0].contains("scenario 3: there are 2"));
        for odd in ["s1_a", "a01_a", "s01", "s01_", "s001_a", "s1000_a", "s+1_a"] {
            let mut list = all();
            list[0] = scenario(odd);
            assert!(
                problems(&list).iter().any(|f| f.contains("sNN_slug")),
                "{odd}"
            );
        }
        let mut stray = all();
        stray.push(scenario("s40_a"));
        assert!(problems(&stray)[0].contains("id 40 is not phase B's"));
        let mut idle = all();
        idle[4].backends = &[];
        assert!(problems(&idle)[0].contains("no backend"));
    }

    fn s60_a(_: &Trial) {}
    fn s61_b(_: &Trial) {}

    #[test]
    fn a_list_says_of_each_scenario_where_it_runs_what_it_needs_and_whether_it_waits() {
        let list: &[Scenario] = scenarios![
            Phase::D, on buckets;
            s60_a needs typescript,
            s61_b on filesystem needs locks waits,
        ];
        let words = |s: &Scenario| (s.waits, s.locks, s.typescript, s.backends);
        assert_eq!(words(&list[0]), (false, false, true, &Kind::CLOUD[..]));
        assert_eq!(
            words(&list[1]),
            (true, true, false, &[Kind::Filesystem][..])
        );
    }

    #[test]
    fn phases_are_found_by_their_letter() {
        for phase in Phase::ALL {
            assert_eq!(Phase::from_letter(phase.letter()), Some(phase));
        }
        assert_eq!(Phase::from_letter("Z"), None);
    }
}
