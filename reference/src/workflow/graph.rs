//! In which order jobs, and the steps of a job, come.

/// A job or a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'a> {
    /// Its name.
    pub name: &'a str,
    /// The lighter come first among those that could come together.
    pub weight: i64,
    /// Those that come before it. Unknown ones count for nothing.
    pub after: Vec<&'a str>,
}

/// The places of the nodes in their list, level by level: what is in one level does not wait for each other. The error
/// says why there is no such order.
pub fn levels(nodes: &[Node]) -> Result<Vec<Vec<usize>>, String> {
    let mut twice: Vec<_> = nodes
        .iter()
        .enumerate()
        .filter(|(at, node)| nodes[..*at].iter().any(|other| other.name == node.name))
        .map(|(_, node)| node.name)
        .collect();
    if !twice.is_empty() {
        twice.sort_unstable();
        twice.dedup();
        return Err(format!("Duplicate node names: {}", twice.join(", ")));
    }
    let mut done = vec![false; nodes.len()];
    let mut levels = Vec::new();
    while done.contains(&false) {
        let waits = |node: &Node| {
            let open = |name: &&str| {
                let at = nodes.iter().position(|other| other.name == *name);
                at.is_some_and(|at| !done[at])
            };
            node.after.iter().any(open)
        };
        let mut level: Vec<usize> = (0..nodes.len())
            .filter(|at| !done[*at] && !waits(&nodes[*at]))
            .collect();
        if level.is_empty() {
            let open: Vec<_> = nodes
                .iter()
                .zip(&done)
                .filter(|(_, done)| !**done)
                .map(|(node, _)| node)
                .collect();
            let cycle = cycle(&open);
            return Err(format!(
                "Cyclic dependency detected: {}",
                cycle.join(" -> ")
            ));
        }
        level.sort_by_key(|at| {
            let node = &nodes[*at];
            (node.weight, node.name.to_lowercase(), node.name)
        });
        for at in &level {
            done[*at] = true;
        }
        levels.push(level);
    }
    Ok(levels)
}

/// Names that lead back to the first of them, found by going from node to node: where all wait, every way ends in a
/// circle.
fn cycle<'a>(open: &[&Node<'a>]) -> Vec<&'a str> {
    let mut way: Vec<&str> = Vec::new();
    let mut next = open.first().copied();
    while let Some(node) = next {
        if let Some(start) = way.iter().position(|name| *name == node.name) {
            let mut circle = way.split_off(start);
            circle.push(node.name);
            return circle;
        }
        way.push(node.name);
        let before = |name: &&str| open.iter().find(|other| other.name == *name).copied();
        next = node.after.iter().find_map(before);
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(nodes: &[(&'static str, i64, &[&'static str])]) -> Result<Vec<Vec<usize>>, String> {
        let nodes: Vec<_> = nodes
            .iter()
            .map(|(name, weight, after)| Node {
                name,
                weight: *weight,
                after: after.to_vec(),
            })
            .collect();
        levels(&nodes)
    }

    #[test]
    fn levels_wait_for_each_other() {
        assert_eq!(
            sorted(&[("c", 0, &["a", "b"]), ("b", 0, &[]), ("a", 0, &["?"])]),
            Ok(vec![vec![2, 1], vec![0]])
        );
        assert_eq!(
            sorted(&[("a", 2, &[]), ("b", 1, &[])]),
            Ok(vec![vec![1, 0]])
        );
        assert_eq!(sorted(&[]), Ok(vec![]));
    }

    #[test]
    fn circles_and_doubles_have_no_order() {
        assert_eq!(
            sorted(&[("z", 0, &["x"]), ("x", 0, &["y"]), ("y", 0, &["x"])]),
            Err("Cyclic dependency detected: x -> y -> x".to_owned())
        );
        assert_eq!(
            sorted(&[("a", 0, &["a"])]),
            Err("Cyclic dependency detected: a -> a".to_owned())
        );
        assert_eq!(
            sorted(&[("x", 0, &[]), ("x", 0, &[])]),
            Err("Duplicate node names: x".to_owned())
        );
    }
}
