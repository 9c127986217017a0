//! Broken and hostile schedule files: an error or a schedule, never a panic, and memory bounded.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use energize::exchange;
use energize::model::Rules;

/// The way a file goes: read, lowered and dated; the id of the problem that stops it.
fn date(bytes: Vec<u8>) -> Result<usize, &'static str> {
    let schedule = exchange::read(bytes).map_err(|problem| problem.id)?;
    let lowered = exchange::lower(&schedule, schedule.rules).map_err(|problem| problem.id)?;
    let lines = exchange::dates(&schedule, &lowered);
    Ok(exchange::dates_csv(&schedule, &lines).len())
}

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/schedules/synthetic");
    let bytes = fs::read(folder.join(name)).unwrap();
    let mut plain = Vec::new();
    match name.ends_with(".gz") {
        true => flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap(),
        false => return bytes,
    };
    plain
}

const PMXML: &str = "<?xml version=\"1.0\"?><APIBusinessObjects>\
    <Calendar><ObjectId>1</ObjectId><Name>5x8</Name><StandardWorkWeek><StandardWorkHours>\
    <DayOfWeek>Monday</DayOfWeek><WorkTime><Start>08:00:00</Start><Finish>15:59:00</Finish>\
    </WorkTime></StandardWorkHours></StandardWorkWeek><HolidayOrExceptions><HolidayOrException>\
    <Date>2026-03-09T00:00:00</Date></HolidayOrException></HolidayOrExceptions></Calendar>\
    <Project><ObjectId>2</ObjectId><Id>P</Id><DataDate>2026-03-02T08:00:00</DataDate>\
    <WBS><ObjectId>5</ObjectId><Code>P</Code><Name>All</Name></WBS>\
    <Activity><ObjectId>7</ObjectId><Id>A</Id><Type>Task Dependent</Type>\
    <WBSObjectId>5</WBSObjectId><CalendarObjectId>1</CalendarObjectId>\
    <PlannedDuration>16</PlannedDuration><RemainingDuration>16</RemainingDuration>\
    <PrimaryConstraintType>Start On or After</PrimaryConstraintType>\
    <PrimaryConstraintDate>2026-03-16T08:00:00</PrimaryConstraintDate></Activity>\
    <Activity><ObjectId>8</ObjectId><Id>B</Id><Type>Finish Milestone</Type>\
    <CalendarObjectId>1</CalendarObjectId></Activity>\
    <Relationship><PredecessorActivityObjectId>7</PredecessorActivityObjectId>\
    <SuccessorActivityObjectId>8</SuccessorActivityObjectId><Type>Finish to Start</Type>\
    <Lag>8</Lag></Relationship></Project></APIBusinessObjects>";

fn kinds() -> [(&'static str, Vec<u8>); 3] {
    [
        ("xer", file("calendars-20-1.xer")),
        ("mspdi", file("pctlag-20-1.xml.gz")),
        ("pmxml", PMXML.as_bytes().to_vec()),
    ]
}

#[test]
fn files_cut_off_anywhere_are_refused() {
    for (kind, bytes) in kinds() {
        assert!(date(bytes.clone()).is_ok(), "{kind} is whole");
        let step = if bytes.len() > 10_000 { 997 } else { 7 };
        for end in (0..bytes.len().saturating_sub(20)).step_by(step) {
            assert!(date(bytes[..end].to_vec()).is_err(), "{kind} cut at {end}");
        }
    }
}

#[test]
fn flipped_bytes_give_an_error_or_a_schedule() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    for (_, bytes) in kinds() {
        for _ in 0..FLIPS {
            let mut bytes = bytes.clone();
            for _ in 0..1 + next(3) {
                let at = next(bytes.len());
                bytes[at] = match next(4) {
                    0 => next(256) as u8,
                    1 => b'0' + next(10) as u8,
                    2 => b"\t\n<>/&-."[next(8)],
                    _ => bytes[at] ^ (1 << next(8)),
                };
            }
            let _ = date(bytes);
        }
    }
}

const FLIPS: usize = 500;

#[test]
fn huge_attributes_and_bombs_are_refused_at_once() {
    let attribute = "x".repeat(100 << 20);
    for root in ["Project", "APIBusinessObjects"] {
        let text = format!("<{root}><Project a=\"{attribute}\"><Name>n</Name></Project></{root}>");
        assert_eq!(date(text.into_bytes()), Err("too-large"), "{root}");
    }
    drop(attribute);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..400 {
        packed.write_all(&zeros).unwrap();
    }
    assert_eq!(date(packed.finish().unwrap()), Err("too-large"), "gzip bomb");
    let deep = format!("<Project><Tasks>{}", "<a>".repeat(1 << 20));
    assert_eq!(date(deep.into_bytes()), Err("broken-xml"), "nesting");
    let laughs = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Project>&b;</Project>";
    assert_eq!(date(laughs.into()), Err("document-type"), "entities");
}

#[test]
fn lags_and_durations_beyond_all_dates_do_not_overflow() {
    let xer = String::from_utf8(file("lags-20-1.xer")).unwrap();
    for hours in ["16000000", "-16000000", "0.0001", "1e400", "nan", "9e18"] {
        let text = xer.replace("\tPR_FS\t0\t", &format!("\tPR_FS\t{hours}\t"));
        let _ = date(text.into_bytes());
    }
    let mspdi = String::from_utf8(file("pctlag-20-1.xml.gz")).unwrap();
    for lag in ["2147483647", "-2147483648", "999999999999999999999"] {
        let text = mspdi.replace("<LinkLag>25<", &format!("<LinkLag>{lag}<"));
        let _ = date(text.into_bytes());
    }
    let schedule = exchange::read(xer.into_bytes()).unwrap();
    assert!(exchange::lower(&schedule, Rules::Project).is_ok());
}
