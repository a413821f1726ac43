//! Names for ids that are first met in lines without an order. Random ids would reorder the
//! lines, so an id's number comes from what the lines say of it with all ids masked: first its
//! own lines, then, as long as that tells ids apart, the lines of the ids beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::aliases::Aliases;
use super::rules::UUID;

/// Gives every id in `lines` that `aliases` does not know a name.
pub(super) fn name_in_order(lines: &[String], aliases: &mut Aliases) {
    loop {
        let mut ranks: BTreeMap<&str, usize> = lines
            .iter()
            .flat_map(|line| UUID.find_iter(line))
            .filter(|id| aliases.name(id.as_str()).is_none())
            .map(|id| (id.as_str(), 0))
            .collect();
        if ranks.is_empty() {
            return;
        }
        refine(lines, &mut ranks, aliases);
        let mut ordered: Vec<(&str, usize)> = ranks.into_iter().collect();
        ordered.sort_by_key(|(_, rank)| *rank);
        // Ids of one rank are alike in all that the lines say, so that any of them may be named
        // first. Which one was can then tell apart those that stand beside it.
        let tie = ordered.windows(2).position(|pair| pair[0].1 == pair[1].1);
        let named = tie.map_or(ordered.len(), |at| at + 1);
        for (id, _) in &ordered[..named] {
            aliases.alias(id);
        }
    }
}

/// Splits ranks by the lines that their ids stand in, until nothing splits any more.
fn refine(lines: &[String], ranks: &mut BTreeMap<&str, usize>, aliases: &Aliases) {
    loop {
        let described: BTreeMap<&str, (usize, Vec<String>)> = ranks
            .iter()
            .map(|(id, rank)| (*id, (*rank, describe(id, lines, ranks, aliases))))
            .collect();
        let classes: BTreeSet<&(usize, Vec<String>)> = described.values().collect();
        let before = ranks.values().collect::<BTreeSet<_>>().len();
        let split = classes.len() > before;
        for (id, description) in &described {
            // It is one of them, so that there is a place to be found.
            let rank = classes.iter().position(|class| *class == description);
            ranks.insert(id, rank.unwrap_or_default());
        }
        if !split {
            return;
        }
    }
}

/// The lines of `id`, sorted, with itself and every other unknown id masked.
fn describe(
    id: &str,
    lines: &[String],
    ranks: &BTreeMap<&str, usize>,
    aliases: &Aliases,
) -> Vec<String> {
    let mut described: Vec<String> = lines
        .iter()
        .filter(|line| line.contains(id))
        .map(|line| {
            UUID.replace_all(line, |found: &regex::Captures<'_>| {
                let other = &found[0];
                if other == id {
                    "\u{1}".to_owned()
                } else if let Some(rank) = ranks.get(other) {
                    format!("\u{2}{rank}")
                } else {
                    aliases.name(other).unwrap_or(other).to_owned()
                }
            })
            .into_owned()
        })
        .collect();
    described.sort();
    described
}
