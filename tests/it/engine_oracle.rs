//! The crew network whose makespans four other engines agree on.

use energize::engine::Engine;
use energize::model::{Need, Timeline};
use energize::time::{Minute, Span};
use serde::Deserialize;

use crate::plans::Draft;

#[derive(Deserialize)]
struct Network {
    capacity: Vec<u32>,
    predecessors: Vec<Vec<u32>>,
    crew_type: Vec<u32>,
    crews_needed: Vec<u32>,
    durations_of_trials_0_to_7: Vec<Vec<i64>>,
    makespans_of_trials_0_to_7: Vec<i64>,
}

#[test]
fn eight_trials_of_the_crew_network_end_when_other_engines_say() {
    let text = include_str!("../oracles/network-120.json");
    let network: Network = serde_json::from_str(text).unwrap();
    let mut draft = Draft::new();
    for &units in &network.capacity {
        let crew = draft.crew(units);
        draft.parts.resources[crew as usize].overtake = false;
    }
    for (to, predecessors) in (0..).zip(&network.predecessors) {
        let activity = draft.activity(0);
        assert_eq!(activity, to);
        let (resource, units) = (network.crew_type[to as usize], network.crews_needed[to as usize]);
        draft.edit(activity).needs = vec![Need { resource, units }];
        for &from in predecessors {
            draft.after(from, to);
        }
    }
    let plan = draft.plan();
    let mut engine = Engine::new(&plan);
    let mut timeline = Timeline::default();
    let trials = network.durations_of_trials_0_to_7.iter().zip(&network.makespans_of_trials_0_to_7);
    for (trial, (durations, &makespan)) in trials.enumerate() {
        let work: Vec<Span> = durations.iter().map(|&ticks| Span(ticks)).collect();
        engine.run(&work, &mut timeline);
        assert_eq!(timeline.end(), Minute(makespan), "trial {trial}");
    }
}
