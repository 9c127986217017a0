//! The dates of a schedule as a table for people.

use comfy_table::{CellAlignment, Table, presets};

use super::dates::{Line, hours};
use super::schedule::Schedule;
use crate::model::Kind;
use crate::time::Minute;

/// Longest name that is shown in full.
const NAME_CHARS_MAX: usize = 40;

/// A table of dates and floats, critical tasks and the longest path marked, and one line that says
/// what it is of.
pub fn dates_text(schedule: &Schedule, lines: &[Line]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "",
        "id",
        "name",
        "early start",
        "early finish",
        "late start",
        "late finish",
        "float h",
        "free h",
    ]);
    let depths = depths(schedule);
    for line in lines {
        let task = &schedule.tasks[line.task as usize];
        let mut name = "  ".repeat(depths[line.task as usize].min(8)) + &task.name;
        if name.chars().count() > NAME_CHARS_MAX {
            name = name.chars().take(NAME_CHARS_MAX - 1).chain(['…']).collect();
        }
        let id = if task.code.is_empty() { &task.uid } else { &task.code };
        let critical = line.is_critical() && task.kind != Kind::Summary;
        let marks = [if critical { "*" } else { " " }, if line.on_longest_path { "+" } else { "" }];
        table.add_row([
            marks.concat().trim_end().to_string(),
            id.clone(),
            name,
            clock(line.early_start),
            clock(line.early_finish),
            clock(line.late_start),
            clock(line.late_finish),
            hours(line.total_float),
            hours(line.free_float),
        ]);
    }
    for column in 7..9 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let critical = lines.iter().filter(|line| {
        line.is_critical() && schedule.tasks[line.task as usize].kind != Kind::Summary
    });
    let finish = lines.iter().map(|line| line.early_finish).max().unwrap_or(Minute::MIN);
    let longest = lines.iter().filter(|line| line.on_longest_path).count();
    let (critical, links) = (critical.count(), schedule.links.len());
    let head = format!(
        "{} tasks, {links} links, {critical} critical (*), {longest} on the longest path (+), ends {}\n",
        lines.len(),
        clock(finish)
    );
    let rows: Vec<String> = table.lines().map(|line| line.trim_end().to_string()).collect();
    head + &rows.join("\n") + "\n"
}

fn depths(schedule: &Schedule) -> Vec<usize> {
    let mut depths = vec![0; schedule.tasks.len()];
    for (at, task) in schedule.tasks.iter().enumerate() {
        depths[at] = task.parent.map_or(0, |parent| depths[parent as usize] + 1);
    }
    depths
}

fn clock(at: Minute) -> String {
    if at == Minute::MIN { String::new() } else { at.to_string().replacen('T', " ", 1) }
}
