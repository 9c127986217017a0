//! Order and cycles of the activity graph, by petgraph.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::plan::Link;

/// Activities so that each comes after its predecessors; among those that are free, file order.
///
/// # Errors
///
/// The activities of one shortest cycle within the first knot of the graph, in link order.
///
/// Cost: links plus activities x log(activities).
pub fn topological_order(count: usize, links: &[Link]) -> Result<Vec<u32>, Vec<u32>> {
    let mut waiting_for = vec![0_u32; count];
    let mut graph = DiGraph::<(), ()>::with_capacity(count, links.len());
    for _ in 0..count {
        graph.add_node(());
    }
    for link in links {
        graph.add_edge(NodeIndex::new(link.from as usize), NodeIndex::new(link.to as usize), ());
        waiting_for[link.to as usize] += 1;
    }
    let mut free: BinaryHeap<Reverse<u32>> =
        (0..count as u32).filter(|&a| waiting_for[a as usize] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse(activity)) = free.pop() {
        order.push(activity);
        for next in graph.neighbors(NodeIndex::new(activity as usize)) {
            let left = &mut waiting_for[next.index()];
            *left -= 1;
            if *left == 0 {
                free.push(Reverse(next.index() as u32));
            }
        }
    }
    if order.len() == count { Ok(order) } else { Err(shortest_cycle(&graph)) }
}

/// A shortest cycle through the lowest activity that lies on any cycle.
fn shortest_cycle(graph: &DiGraph<(), ()>) -> Vec<u32> {
    let knots = tarjan_scc(graph);
    let on_a_cycle =
        |knot: &Vec<NodeIndex>| knot.len() > 1 || graph.contains_edge(knot[0], knot[0]);
    let start = knots.iter().filter(|knot| on_a_cycle(knot)).flatten().min();
    let start = *start.expect("a graph without topological order has a cycle");
    let mut came_from = vec![None; graph.node_count()];
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        let mut next_nodes: Vec<_> = graph.neighbors(node).collect();
        next_nodes.sort();
        for next in next_nodes {
            if next == start {
                let mut cycle = vec![node];
                while cycle[cycle.len() - 1] != start {
                    let at = cycle[cycle.len() - 1];
                    cycle.push(came_from[at.index()].expect("reached from the start"));
                }
                return cycle.iter().rev().map(|node| node.index() as u32).collect();
            }
            if came_from[next.index()].is_none() {
                came_from[next.index()] = Some(node);
                queue.push_back(next);
            }
        }
    }
    unreachable!("node {} lies on a cycle", start.index())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkKind;
    use crate::time::Span;

    fn links(pairs: &[(u32, u32)]) -> Vec<Link> {
        let link = |&(from, to)| Link {
            from,
            to,
            kind: LinkKind::FinishStart,
            lag: Span::ZERO,
            lag_calendar: 0,
            derived: false,
        };
        pairs.iter().map(link).collect()
    }

    #[test]
    fn free_activities_come_in_file_order() {
        assert_eq!(topological_order(5, &links(&[(4, 0), (2, 1)])), Ok(vec![2, 1, 3, 4, 0]));
    }

    #[test]
    fn a_cycle_comes_back_as_its_chain() {
        let knot = links(&[(0, 1), (1, 2), (2, 3), (3, 1), (3, 4), (4, 1)]);
        assert_eq!(topological_order(5, &knot), Err(vec![1, 2, 3]));
        assert_eq!(topological_order(1, &links(&[(0, 0)])), Err(vec![0]));
    }
}
