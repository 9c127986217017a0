//! The outline that dotted ids spell: `hall-1.unit-03.test` lies in `hall-1.unit-03`, in `hall-1`.

use std::collections::BTreeMap;

use crate::model::{Plan, Site};

/// Deepest outline that is built of an id; what is dotted further stays in its last level.
const LEVELS_MAX: usize = 20;

/// What a line of an outline stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The activity with this index.
    Activity(u32),
    /// A milestone for the link with this index.
    Link(u32),
    /// What follows one level deeper.
    Summary,
}

impl Row {
    /// Index of the activity, if it is one.
    pub fn activity(&self) -> Option<u32> {
        match self.what {
            What::Activity(at) => Some(at),
            What::Link(_) | What::Summary => None,
        }
    }
}

/// One line of an outline: an activity, or the summary of what follows one level deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Id of the activity, or the part that the ids of a summary's members share.
    pub id: String,
    /// What it stands for.
    pub what: What,
    /// Index of the row of its summary.
    pub parent: Option<u32>,
    /// 1 at the top.
    pub level: usize,
    /// Its place, e.g. `3.1.2`.
    pub number: String,
}

/// A summary and its members in the order in which they first appear.
#[derive(Default)]
struct Group {
    id: String,
    members: Vec<Member>,
}

#[derive(Clone, Copy)]
enum Member {
    Line(What),
    Group(usize),
}

/// Activities in file order, but those of one summary together; before an activity the milestones
/// for links that enter it.
///
/// `links` are indices into the plan's links, ascending.
///
/// Cost: linear in the ids, but for looking summaries up.
pub fn outline(plan: &Plan, links: &[u32]) -> Vec<Row> {
    let mut groups = vec![Group::default()];
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut links = links.iter().copied().peekable();
    for (activity, id) in (0..).zip(plan.activities.iter().map(|activity| activity.id.as_str())) {
        let mut within = 0;
        for (end, _) in id.match_indices('.').take(LEVELS_MAX) {
            let name = &id[..end];
            within = *known.entry(name).or_insert_with(|| {
                groups.push(Group { id: name.to_owned(), members: Vec::new() });
                let new = groups.len() - 1;
                groups[within].members.push(Member::Group(new));
                new
            });
        }
        let members = &mut groups[within].members;
        let enters = |link: &u32| plan.links[*link as usize].to == activity;
        while let Some(link) = links.next_if(enters) {
            members.push(Member::Line(What::Link(link)));
        }
        members.push(Member::Line(What::Activity(activity)));
    }
    let mut rows = Vec::new();
    unfold(plan, &groups, 0, None, &mut rows);
    rows
}

fn unfold(plan: &Plan, groups: &[Group], group: usize, parent: Option<u32>, rows: &mut Vec<Row>) {
    let above = parent.map(|at| &rows[at as usize]);
    let level = above.map_or(1, |row| row.level + 1);
    let prefix = above.map_or(String::new(), |row| format!("{}.", row.number));
    for (place, &member) in groups[group].members.iter().enumerate() {
        let id = |at: u32| plan.activities[at as usize].id.as_str();
        let (id, what) = match member {
            Member::Line(What::Link(at)) => {
                let link = &plan.links[at as usize];
                let id = format!("{} {} {}", id(link.to), link.kind.code(), id(link.from));
                (id, What::Link(at))
            }
            Member::Line(What::Activity(at)) => (id(at).to_owned(), What::Activity(at)),
            Member::Line(What::Summary) => unreachable!("summaries are groups"),
            Member::Group(at) => (groups[at].id.clone(), What::Summary),
        };
        let number = format!("{prefix}{}", place + 1);
        rows.push(Row { id, what, parent, level, number });
        if let Member::Group(at) = member {
            let here = rows.len() as u32 - 1;
            unfold(plan, groups, at, Some(here), rows);
        }
    }
}

/// What an activity is drawn with: its hall, else the first part of its id, else nothing.
pub fn group_of(site: &Site, activity: u32) -> Option<&str> {
    let this = &site.plan.activities[activity as usize];
    let hall = this.hall.map(|hall| site.halls[hall as usize].id.as_str());
    hall.or_else(|| this.id.split_once('.').map(|(first, _)| first))
}
