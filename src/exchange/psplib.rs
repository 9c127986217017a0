//! PSPLIB `.sm`: single-mode projects with renewable resources (Kolisch and Sprecher 1996).
//!
//! One period of the file is one minute of the plan, around the clock; job `n` is the activity with
//! index `n - 1` and id `n`. Release and due dates of the project are not read: a makespan counts
//! from period 0.

use crate::model::plan::Parts;
use crate::model::{Activity, Link, LinkKind, Need, Plan, Progress, Resource};
use crate::spec::shape::clip;
use crate::spec::{At, Finding, Findings, Source};
use crate::time::{Calendar, Minute, Span};

/// Most jobs of one file.
const JOBS_MAX: usize = 1_000_000;

/// Reads an instance; `None` if anything is wrong with it, and then there is a finding that names
/// the line.
///
/// Cost: linear in the text.
pub fn read(source: &Source, findings: &mut Findings) -> Option<Plan> {
    let mut reader = Reader { source, findings, sound: true };
    let file = reader.sections();
    let jobs = reader.precedence(&file);
    let requests = reader.requests(&file, jobs.len());
    let capacity = reader.capacity(&file, &requests);
    let sound = reader.sound;
    sound.then(|| reader.assemble(&jobs, &requests, &capacity)).flatten()
}

/// Rows of numbers by section.
#[derive(Default)]
struct File {
    /// Jobs that the head announces.
    announced: Option<(At, u32)>,
    precedence: Section,
    requests: Section,
    availabilities: Section,
}

#[derive(Default)]
struct Section {
    /// The line of its heading.
    heading: Option<At>,
    rows: Vec<Row>,
}

struct Row {
    at: At,
    numbers: Vec<u32>,
}

struct Job {
    at: At,
    successors: Vec<u32>,
}

struct Request {
    at: At,
    duration: u32,
    units: Vec<u32>,
}

struct Reader<'r> {
    source: &'r Source,
    findings: &'r mut Findings,
    sound: bool,
}

impl Reader<'_> {
    fn wrong(&mut self, at: At, message: String) {
        self.sound = false;
        self.findings.push(Finding::error("psplib", at, message));
    }

    /// Sorts the lines into sections; rows are lines that do not begin with a letter.
    fn sections(&mut self) -> File {
        let source = self.source;
        let mut file = File::default();
        let mut heading = String::new();
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let text = line.trim();
            let at = start + line.len() - line.trim_start().len();
            start += line.len();
            if text.is_empty() || text.bytes().all(|b| b == b'*') || text.bytes().all(|b| b == b'-')
            {
                continue;
            }
            let at = At::new(source.base, at, at + text.len());
            let begins = file.section(text).map(|section| section.heading = Some(at)).is_some();
            if begins || ["RESOURCES", "PROJECT INFORMATION"].iter().any(|h| text.starts_with(h)) {
                heading = text.to_owned();
            } else if let Some(section) = file.section(&heading) {
                if !text.starts_with(|first: char| first.is_ascii_alphabetic())
                    && let Some(numbers) = self.numbers(at, text)
                {
                    section.rows.push(Row { at, numbers });
                }
            } else if let Some((name, value)) = text.split_once(':') {
                self.head(&mut file, at, name, value);
            }
        }
        file
    }

    /// A line of the head: how many jobs, which kinds of resources.
    fn head(&mut self, file: &mut File, at: At, name: &str, value: &str) {
        let number = value.split_whitespace().next().and_then(|word| word.parse::<u32>().ok());
        if name.starts_with("jobs") {
            file.announced = number.map(|number| (at, number));
        }
        let unsupported = ["nonrenewable", "doubly constrained"];
        if let Some(kind) = unsupported.iter().find(|kind| name.contains(**kind))
            && number.is_some_and(|number| number > 0)
        {
            self.wrong(at, format!("{kind} resources are not supported, only renewable ones"));
        }
    }

    fn numbers(&mut self, row: At, text: &str) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        let mut end = 0;
        for word in text.split_whitespace() {
            let start = end + text[end..].find(word).expect("a word stands in its own line");
            end = start + word.len();
            let Ok(number) = word.parse() else {
                let at = At { start: row.start + start as u32, end: row.start + end as u32 };
                self.wrong(at, format!("expected a whole number, found `{}`", clip(word)));
                return None;
            };
            numbers.push(number);
        }
        Some(numbers)
    }

    /// Complains of a section that is missing or empty.
    fn expect(&mut self, section: &Section, name: &str) {
        let end = self.source.text.len();
        if section.rows.is_empty() && self.sound {
            let at = section.heading.unwrap_or(At::new(self.source.base, end, end));
            let what = if section.heading.is_some() { "an empty section" } else { "no section" };
            self.wrong(at, format!("{what} `{name}`: this is no PSPLIB file of kind .sm"));
        }
    }

    fn precedence(&mut self, file: &File) -> Vec<Job> {
        self.expect(&file.precedence, "PRECEDENCE RELATIONS");
        let count = file.precedence.rows.len();
        if count > JOBS_MAX {
            self.wrong(file.precedence.rows[JOBS_MAX].at, format!("more than {JOBS_MAX} jobs"));
        }
        if let Some((at, announced)) = file.announced
            && announced as usize != count
            && self.sound
        {
            self.wrong(
                at,
                format!("{announced} jobs are announced, {count} have successors listed"),
            );
        }
        let mut jobs = Vec::new();
        for (index, row) in file.precedence.rows.iter().enumerate() {
            let [job, modes, stated, successors @ ..] = &row.numbers[..] else {
                self.wrong(
                    row.at,
                    "expected a job number, modes, successors and their list".into(),
                );
                continue;
            };
            self.in_order(row.at, *job, index);
            if *modes != 1 {
                self.wrong(row.at, format!("job {job} has {modes} modes; only one is supported"));
            }
            if *stated as usize != successors.len() {
                let listed = successors.len();
                let message =
                    format!("job {job} should have {stated} successors, {listed} are listed");
                self.wrong(row.at, message);
            }
            for next in successors {
                if *next == 0 || *next as usize > count {
                    let message = format!("job {job} has successor {next}; there are {count} jobs");
                    self.wrong(row.at, message);
                }
            }
            jobs.push(Job { at: row.at, successors: successors.to_vec() });
        }
        jobs
    }

    fn in_order(&mut self, at: At, job: u32, index: usize) {
        if job as usize != index + 1 {
            self.wrong(at, format!("expected job {}, found {job}", index + 1));
        }
    }

    fn requests(&mut self, file: &File, jobs: usize) -> Vec<Request> {
        self.expect(&file.requests, "REQUESTS/DURATIONS");
        let mut requests = Vec::new();
        for (index, row) in file.requests.rows.iter().enumerate() {
            let [job, mode, duration, units @ ..] = &row.numbers[..] else {
                self.wrong(row.at, "expected a job number, mode, duration and requests".into());
                continue;
            };
            self.in_order(row.at, *job, index);
            if *mode != 1 {
                self.wrong(row.at, format!("mode {mode} of job {job}; only one is supported"));
            }
            requests.push(Request { at: row.at, duration: *duration, units: units.to_vec() });
        }
        if requests.len() != jobs
            && self.sound
            && let Some(last) = requests.last()
        {
            let message = format!("{} of {jobs} jobs have a duration", requests.len());
            self.wrong(last.at, message);
        }
        requests
    }

    fn capacity(&mut self, file: &File, requests: &[Request]) -> Vec<u32> {
        self.expect(&file.availabilities, "RESOURCEAVAILABILITIES");
        let rows = &file.availabilities.rows;
        let capacity: Vec<u32> = rows.iter().flat_map(|row| row.numbers.clone()).collect();
        for (index, request) in requests.iter().enumerate() {
            let (job, asked, there) = (index + 1, request.units.len(), capacity.len());
            if asked != there && self.sound {
                let message = format!("job {job} asks for {asked} resources; there are {there}");
                self.wrong(request.at, message);
            }
            for (resource, (units, most)) in request.units.iter().zip(&capacity).enumerate() {
                if units > most {
                    let name = resource + 1;
                    let message =
                        format!("job {job} asks for {units} of R {name}; there are {most}");
                    self.wrong(request.at, message);
                }
            }
        }
        capacity
    }

    fn assemble(&mut self, jobs: &[Job], requests: &[Request], capacity: &[u32]) -> Option<Plan> {
        let resource = |(index, &units): (usize, &u32)| Resource {
            id: format!("R {}", index + 1),
            capacity: vec![(Minute(0), units)],
            overtake: true,
        };
        let parts = Parts {
            start: Minute(0),
            status: None,
            calendars: vec![Calendar::always()],
            activities: requests.iter().enumerate().map(activity).collect(),
            links: (0..).zip(jobs).flat_map(|(from, job)| links(from, &job.successors)).collect(),
            resources: capacity.iter().enumerate().map(resource).collect(),
            stores: Vec::new(),
            deliveries: Vec::new(),
        };
        Plan::assemble(parts)
            .map_err(|cycle| {
                let chain = cycle.ids.join(" -> ");
                let message = format!("a cycle of jobs: {chain} -> {}", cycle.ids[0]);
                self.wrong(jobs[cycle.activities[0] as usize].at, message);
            })
            .ok()
    }
}

impl File {
    fn section(&mut self, heading: &str) -> Option<&mut Section> {
        if heading.starts_with("PRECEDENCE RELATIONS") {
            Some(&mut self.precedence)
        } else if heading.starts_with("REQUESTS/DURATIONS") {
            Some(&mut self.requests)
        } else if heading.starts_with("RESOURCEAVAILABILITIES") {
            Some(&mut self.availabilities)
        } else {
            None
        }
    }
}

fn activity((index, request): (usize, &Request)) -> Activity {
    let units = (0..).zip(&request.units).filter(|&(_, &units)| units > 0);
    Activity {
        id: (index + 1).to_string(),
        title: (index + 1).to_string(),
        calendar: 0,
        duration: Span(request.duration.into()),
        delay: Span::ZERO,
        not_before: None,
        priority: 0,
        needs: units.map(|(resource, &units)| Need { resource, units }).collect(),
        takes: None,
        effects: Vec::new(),
        progress: Progress::Open,
        hall: None,
        unit: None,
        milestone: request.duration == 0,
    }
}

fn links(from: u32, successors: &[u32]) -> Vec<Link> {
    let link = |&next: &u32| Link {
        from,
        to: next - 1,
        kind: LinkKind::FinishStart,
        lag: Span::ZERO,
        lag_calendar: 0,
        derived: false,
    };
    successors.iter().map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Sources;

    const SMALL: &str = "\
************************************************************************
file with basedata            : small.bas
initial value random generator: 1
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  4
horizon                       :  9
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      2      0        5        0        5
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     5       2    0
  3      1     4       1    1
  4      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    2    1
************************************************************************
";

    fn read_text(text: &str) -> (Option<Plan>, Vec<String>) {
        let mut sources = Sources::default();
        sources.add(crate::spec::SourceKind::Other, "small.sm", text.to_owned());
        let mut findings = Findings::default();
        let plan = read(&sources.parts()[0], &mut findings);
        let line = |finding: &Finding| {
            let place = sources.place(finding.at.start).unwrap();
            format!("{}: {}", place.line, finding.message)
        };
        (plan, findings.into_sorted().iter().map(line).collect())
    }

    #[test]
    fn jobs_links_and_resources_are_read() {
        let (plan, findings) = read_text(SMALL);
        assert_eq!(findings, [""; 0]);
        let plan = plan.unwrap();
        assert_eq!(plan.activities.len(), 4);
        assert_eq!(plan.activities[2].duration, Span(4));
        assert_eq!(plan.activities[1].needs, [Need { resource: 0, units: 2 }]);
        let pairs: Vec<_> = plan.links.iter().map(|link| (link.from, link.to)).collect();
        assert_eq!(pairs, [(0, 1), (0, 2), (1, 3), (2, 3)]);
        assert_eq!(plan.resources[0].capacity, [(Minute(0), 2)]);
        assert!(read_text(&SMALL.replace('\n', "\r\n")).0.is_some());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (from, to, wanted) in [
            ("5       2    0", "5       3    0", "28: job 2 asks for 3 of R 1; there are 2"),
            ("5       2    0", "x       2    0", "28: expected a whole number, found `x`"),
            ("5       2    0", "-5      2    0", "28: expected a whole number, found `-5`"),
            ("5       2    0", "5       2", "28: job 2 asks for 1 resources; there are 2"),
            (
                "1           4\n   3",
                "1           5\n   3",
                "20: job 2 has successor 5; there are 4 jobs",
            ),
            (
                "1           4\n   3",
                "2           4\n   3",
                "20: job 2 should have 2 successors, 1 are listed",
            ),
            ("1           4\n   3", "1           1\n   3", "19: a cycle of jobs: 1 -> 2 -> 1"),
            (
                "   2        1   ",
                "   2        3   ",
                "20: job 2 has 3 modes; only one is supported",
            ),
            ("   3        1   ", "   7        1   ", "21: expected job 3, found 7"),
            (":  4\n", ":  5\n", "6: 5 jobs are announced, 4 have successors listed"),
            (
                ":  0   N",
                ":  2   N",
                "10: nonrenewable resources are not supported, only renewable ones",
            ),
            ("  4      1     0       0    0\n", "", "29: 3 of 4 jobs have a duration"),
        ] {
            assert!(SMALL.contains(from), "{from}");
            let (plan, findings) = read_text(&SMALL.replacen(from, to, 1));
            assert!(plan.is_none());
            assert_eq!(findings.first().map(String::as_str), Some(wanted));
        }
    }

    #[test]
    fn any_part_of_a_file_gets_an_answer() {
        for end in 0..SMALL.len() {
            let (plan, findings) = read_text(&SMALL[..end]);
            assert_eq!(plan.is_none(), !findings.is_empty(), "cut at {end}: {findings:?}");
        }
        let (_, findings) = read_text("");
        let wanted = "1: no section `PRECEDENCE RELATIONS`: this is no PSPLIB file of kind .sm";
        assert_eq!(findings, [wanted]);
    }
}
