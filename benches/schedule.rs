//! Critical-path passes on planners' networks, and reading a P6 file of 4,000 tasks.
#![allow(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use energize::exchange;
use energize::model::{Plan, Rules, cpm};

/// An XER file of `count` tasks on three calendars, two links each, of all types and lags.
fn xer(count: usize) -> String {
    let shift = |day, hours: &[(u8, u8)]| {
        let shifts = hours.iter().map(|(s, f)| format!("(0||0(s|{s:02}:00|f|{f:02}:00)())"));
        format!("(0||{day}()({}))", shifts.collect::<String>())
    };
    let calendar = |id, days: std::ops::RangeInclusive<u8>, hours: &[(u8, u8)]| {
        let week: String =
            (1..=7).map(|d| shift(d, if days.contains(&d) { hours } else { &[] })).collect();
        let free = "(0||Exceptions()((0||0(d|46023)())(0||1(d|46115)())))";
        format!("%R\t{id}\tC{id}\t8\t(0||CalendarData()((0||DaysOfWeek()({week})){free}))\n")
    };
    let mut out =
        String::from("ERMHDR\t20.12\n%T\tPROJECT\n%F\tproj_id\tclndr_id\tplan_start_date\n");
    out += "%R\t1\t1\t2026-03-02 08:00\n%T\tCALENDAR\n";
    out += "%F\tclndr_id\tclndr_name\tday_hr_cnt\tclndr_data\n";
    out += &calendar(1, 2..=6, &[(8, 12), (13, 17)]);
    out += &calendar(2, 2..=7, &[(7, 17)]);
    out += &calendar(3, 1..=7, &[(0, 12), (12, 0)]);
    out += "%T\tTASK\n%F\ttask_id\tproj_id\tclndr_id\ttask_type\ttask_code\ttask_name\t";
    out += "remain_drtn_hr_cnt\ttarget_drtn_hr_cnt\n";
    for at in 0..count {
        let (calendar, hours) = (at % 3 + 1, (at * 7 % 15 + 1) * 8);
        let row = format!("%R\t{at}\t1\t{calendar}\tTT_Task\tA{at}\tTask {at}\t{hours}\t{hours}\n");
        out += &row;
    }
    out += "%T\tTASKPRED\n%F\ttask_id\tpred_task_id\tpred_type\tlag_hr_cnt\n";
    let kinds = ["PR_FS", "PR_FS", "PR_FS", "PR_SS", "PR_FF"];
    for at in 1..count {
        for (step, from) in
            [at - 1 - at * 13 % at.min(20), at - 1 - at * 29 % at.min(200)].iter().enumerate()
        {
            let kind = kinds[(at + step) % kinds.len()];
            out += &format!("%R\t{at}\t{from}\t{kind}\t{}\n", (at % 7) * 8);
        }
    }
    out + "%E\n"
}

fn plan(count: usize) -> Plan {
    let schedule = exchange::read(xer(count).into_bytes()).unwrap();
    exchange::lower(&schedule, Rules::P6).unwrap().plan
}

fn passes(c: &mut Criterion) {
    for count in [10_000, 100_000, 1_000_000] {
        let plan = plan(count);
        let work = plan.likely_work();
        let mut dates = cpm::Dates::default();
        let mut group = c.benchmark_group("passes");
        group.sample_size(10);
        group.bench_function(count.to_string(), |bench| {
            bench.iter(|| {
                cpm::forward(&plan, black_box(&work), &mut dates);
                cpm::backward(&plan, &work, &mut dates);
            });
        });
    }
}

fn files(c: &mut Criterion) {
    let text = xer(4_000);
    c.bench_function("read and date 4,000 tasks", |bench| {
        bench.iter(|| {
            let schedule = exchange::read(black_box(&text).clone().into_bytes()).unwrap();
            let lowered = exchange::lower(&schedule, Rules::P6).unwrap();
            exchange::dates(&schedule, &lowered)
        });
    });
}

criterion_group!(benches, passes, files);
criterion_main!(benches);
