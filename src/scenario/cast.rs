//! Which swamp plays which command of a trial: the one under test alone, or an older one with it.

use crate::machine::under_test::UnderTest;
use crate::scenario::record::TrialRecord;
use crate::settings::args::Casting;

/// The swamps that play a trial.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    under_test: UnderTest,
    older: Option<(Casting, UnderTest)>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Player {
    /// The swamp under test.
    UnderTest,
    /// The older one.
    Older,
}

impl Cast {
    pub fn new(under_test: UnderTest, older: Option<(Casting, UnderTest)>) -> Self {
        Self { under_test, older }
    }

    /// Who plays the next command in `repo`, after what was `gathered`.
    pub fn next(&self, repo: &str, gathered: &TrialRecord) -> Player {
        let is_older = match &self.older {
            None => false,
            Some((Casting::Upgrade, _)) => gathered.checkpoints.is_empty(),
            Some((Casting::Mixed, _)) => {
                let repos = gathered.repos_that_played();
                let place = repos.iter().position(|known| *known == repo);
                place.unwrap_or(repos.len()).is_multiple_of(2)
            }
        };
        if is_older {
            Player::Older
        } else {
            Player::UnderTest
        }
    }

    /// The swamp itself.
    pub fn swamp(&self, player: Player) -> &UnderTest {
        match &self.older {
            Some((_, older)) if player == Player::Older => older,
            _ => &self.under_test,
        }
    }

    /// Whether what it leaves behind and replies is judged. The scene of an upgrade is not: what is
    /// asked is what becomes of it.
    pub fn judges(&self, player: Player) -> bool {
        let is_upgrade = matches!(self.older, Some((Casting::Upgrade, _)));
        !(is_upgrade && player == Player::Older)
    }

    /// What they print as their versions.
    pub fn versions(&self) -> Vec<String> {
        let mut versions = vec![self.under_test.version.clone()];
        let older = self.older.iter().map(|(_, older)| older.version.clone());
        versions.extend(older.filter(|version| *version != self.under_test.version));
        versions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::under_test::{Extensions, System};
    use crate::scenario::record::CheckpointData;

    fn swamp(version: &str) -> UnderTest {
        UnderTest {
            system: System::Real,
            path: version.into(),
            version: version.into(),
            commit: None,
            switches: Vec::new(),
            extensions: Extensions::BuiltIn,
            deno_cache: None,
        }
    }

    fn cast(casting: Option<Casting>) -> Cast {
        let older = casting.map(|casting| (casting, swamp("1.0")));
        Cast::new(swamp("2.0"), older)
    }

    /// Plays a command in each of `repos`, one after the other: the versions that played them.
    fn played(cast: &Cast, gathered: &mut TrialRecord, repos: &[&str]) -> Vec<String> {
        let each = repos.iter().map(|repo| {
            let player = cast.next(repo, gathered);
            gathered.played.push(((*repo).to_owned(), player));
            cast.swamp(player).version.clone()
        });
        each.collect()
    }

    fn looked() -> CheckpointData {
        CheckpointData {
            name: "fresh".into(),
            is_layout: false,
            trees: Vec::new(),
            buckets: Vec::new(),
            repos: Vec::new(),
            twins: Vec::new(),
        }
    }

    #[test]
    fn alone_the_swamp_under_test_plays_all() {
        let (cast, mut gathered) = (cast(None), TrialRecord::default());
        assert_eq!(played(&cast, &mut gathered, &["a", "b"]), ["2.0", "2.0"]);
        assert_eq!(cast.versions(), ["2.0"]);
        assert!(cast.judges(Player::UnderTest));
    }

    #[test]
    fn of_an_upgrade_the_older_one_sets_the_scene_and_is_not_judged() {
        let cast = cast(Some(Casting::Upgrade));
        let mut gathered = TrialRecord::default();
        assert_eq!(played(&cast, &mut gathered, &["a", "b"]), ["1.0", "1.0"]);
        gathered.checkpoints.push(looked());
        assert_eq!(played(&cast, &mut gathered, &["a", "c"]), ["2.0", "2.0"]);
        assert!(cast.judges(Player::UnderTest) && !cast.judges(Player::Older));
        assert_eq!(cast.versions(), ["2.0", "1.0"]);
    }

    #[test]
    fn of_a_mixed_fleet_each_repo_has_its_swamp_and_keeps_it() {
        let cast = cast(Some(Casting::Mixed));
        let mut gathered = TrialRecord::default();
        let repos = ["a", "a", "b", "a", "c", "b", "d"];
        let first = played(&cast, &mut gathered, &repos);
        assert_eq!(first, ["1.0", "1.0", "2.0", "1.0", "1.0", "2.0", "2.0"]);
        gathered.checkpoints.push(looked());
        assert_eq!(played(&cast, &mut gathered, &["b", "a"]), ["2.0", "1.0"]);
        assert!(cast.judges(Player::Older));
    }

    #[test]
    fn one_version_of_both_is_named_once() {
        let cast = Cast::new(swamp("2.0"), Some((Casting::Mixed, swamp("2.0"))));
        assert_eq!(cast.versions(), ["2.0"]);
    }
}
