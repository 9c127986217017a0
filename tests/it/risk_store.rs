//! Rows of trials read the same wherever they are kept, however they were split, and a file that
//! was cut or damaged gives whole blocks or an error: never wrong numbers, never a panic.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use energize::risk::{
    About, Backing, Block, Column, Kind, Layout, Meta, NEVER, Store, StoreError, UNDEFINED, merge,
    shard, summarise,
};
use energize::time::Minute;
use proptest::prelude::*;

type Memory = Cursor<Vec<u8>>;

const TRIALS: u32 = 60;

fn layout() -> Layout {
    let column = |name: &str, kind| Column { name: name.to_string(), kind };
    let columns = vec![
        column("finish:hall-1.rfs", Kind::Date),
        column("revenue:2026-Q1", Kind::Money),
        column("dscr.least", Kind::Ratio),
    ];
    Layout::new(columns, 2)
}

fn meta(range: Range<u32>) -> Meta {
    Meta {
        program: "energize 0.1.0".to_string(),
        site: "london".to_string(),
        inputs: "5eed".to_string(),
        seed: 7,
        sampling: "plain".to_string(),
        trials: TRIALS,
        range,
        layout: layout(),
        about: About::default(),
    }
}

/// Numbers that depend on the trial alone, special ones among them.
fn row(trial: u32) -> [i64; 3] {
    let mixed = i64::from(trial).wrapping_mul(0x5851_f42d_4c95_7f2d);
    match trial % 7 {
        3 => [NEVER, mixed, UNDEFINED],
        5 => [i64::from(trial), i64::MIN + 1, 1_350_000_000],
        _ => [mixed >> 20, mixed, mixed >> 8],
    }
}

fn sums(trials: Range<u32>) -> Vec<i128> {
    let money = trials.clone().map(|trial| i128::from(row(trial)[1])).sum();
    vec![money, trials.map(|trial| i128::from(trial) << 90).sum()]
}

/// The block of these trials, filled in backwards.
fn block(trials: Range<u32>) -> Block {
    let mut block = Block::new(&layout(), trials.start, trials.end - trials.start);
    trials.clone().rev().for_each(|trial| block.set_row(trial, &row(trial)));
    block.sums = sums(trials);
    block
}

/// Appends what is missing of the store's range, so many trials a block in turn.
fn fill<F: Backing>(store: &mut Store<F>, sizes: &[u32]) {
    for size in sizes.iter().cycle() {
        let next = store.next_trial();
        let end = store.meta().range.end.min(next + size);
        if next == end {
            return;
        }
        store.append(block(next..end)).unwrap();
    }
}

fn filled(range: Range<u32>, sizes: &[u32], in_memory_bytes_max: usize) -> Store<Memory> {
    let mut store = Store::create(meta(range), Memory::default(), in_memory_bytes_max).unwrap();
    fill(&mut store, sizes);
    store
}

/// A file of all trials in blocks of ten.
fn file() -> Vec<u8> {
    filled(0..TRIALS, &[10], 0).into_file().unwrap().into_inner()
}

/// Everything that can be read from a store equals what went in, up to the trial it says.
fn holds<F: Backing>(store: &mut Store<F>) {
    let trials = store.meta().range.start..store.next_trial();
    assert_eq!(store.trials() as usize, trials.len());
    for (index, column) in layout().columns.iter().enumerate() {
        let expected: Vec<i64> = trials.clone().map(|trial| row(trial)[index]).collect();
        assert_eq!(store.column(&column.name).unwrap(), expected, "{}", column.name);
    }
    assert_eq!(store.sums(), sums(trials));
}

/// Every column's summary as a program reads it.
fn summary(store: &mut Store<Memory>) -> String {
    let start = Minute(0);
    let summary = |column: &Column| summarise(store, &column.name, start).unwrap();
    let columns: Vec<_> = layout().columns.iter().map(summary).collect();
    serde_json::to_string(&columns).unwrap()
}

proptest! {
    #[test]
    fn rows_read_the_same_whatever_the_blocks_the_memory_and_the_parts(
        sizes in prop::collection::vec(1..25_u32, 1..6),
        in_memory_bytes_max in 0..3_000_usize,
        of in 1..80_u32,
        turned in any::<bool>(),
    ) {
        let part = |number| {
            let range = shard(TRIALS, number, of);
            (format!("part{number}"), filled(range, &sizes, in_memory_bytes_max))
        };
        let mut parts: Vec<_> = (1..=of).map(part).collect();
        if turned {
            parts.reverse();
        }
        let mut whole = merge(parts).unwrap();
        prop_assert_eq!(whole.meta(), &meta(0..TRIALS));
        prop_assert_eq!(whole.trials(), TRIALS);
        holds(&mut whole);
        let mut plain = filled(0..TRIALS, &[TRIALS], usize::MAX);
        prop_assert_eq!(summary(&mut whole), summary(&mut plain));
    }

    #[test]
    fn a_file_cut_anywhere_keeps_its_whole_blocks_and_goes_on_to_the_same_bytes(
        cut in 0..2_600_usize, noise in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let whole = file();
        let mut bytes = whole[..cut.min(whole.len())].to_vec();
        let header = filled(0..TRIALS, &[10], 1 << 20).meta().clone();
        let header_bytes = Store::create(header, Memory::default(), 0).unwrap();
        let header_bytes = header_bytes.into_file().unwrap().into_inner().len();
        // What a crash may leave behind the last byte that was written.
        bytes.extend(noise);
        let opened = Store::resume(Cursor::new(bytes.clone()), &meta(0..TRIALS));
        let Ok(mut opened) = opened else {
            prop_assert!(cut < header_bytes, "{}", opened.unwrap_err());
            return Ok(());
        };
        prop_assert_eq!(opened.store.trials() % 10, 0);
        let block_bytes = (whole.len() - header_bytes) / 6;
        let kept = (cut.min(whole.len()) - header_bytes) / block_bytes;
        prop_assert_eq!(opened.store.trials() as usize, 10 * kept);
        let whole_bytes = header_bytes + kept * block_bytes;
        prop_assert_eq!(opened.damage.is_some(), bytes.len() != whole_bytes);
        if let Some(damage) = opened.damage {
            prop_assert_eq!(damage.whole_bytes as usize, whole_bytes);
            prop_assert_eq!(damage.next_trial, opened.store.next_trial());
        }
        holds(&mut opened.store);
        fill(&mut opened.store, &[10]);
        holds(&mut opened.store);
        prop_assert_eq!(opened.store.into_file().unwrap().into_inner(), whole);
    }

    #[test]
    fn flipped_bits_are_noticed(flips in prop::collection::vec((0..2_600_usize, 0..8_u32), 1..4)) {
        let whole = file();
        let mut bytes = whole.clone();
        for (at, bit) in flips {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        prop_assume!(bytes != whole);
        if let Ok(mut opened) = Store::open(Cursor::new(bytes)) {
            let damage = opened.damage.take().expect("some bit is wrong");
            prop_assert_eq!(damage.next_trial, opened.store.next_trial());
            prop_assert!(opened.store.trials() < TRIALS);
            holds(&mut opened.store);
        }
    }

    #[test]
    fn noise_is_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..300), ours in 0..3_u8) {
        let start = file();
        let start = &start[..[0, 8, 12][ours as usize]];
        bytes.splice(0..0, start.iter().copied());
        prop_assert!(Store::open(Cursor::new(bytes)).is_err());
    }

    #[test]
    fn any_header_and_any_lengths_are_survived(
        columns in 0..5_usize,
        sums in prop_oneof![0..3_usize, any::<usize>()],
        trials in any::<u32>(),
        range in any::<Range<u32>>(),
        head in any::<[u64; 2]>(),
        fits in any::<bool>(),
        tail in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut meta = meta(range.clone());
        meta.trials = trials;
        meta.layout.columns.truncate(columns);
        meta.layout.sums = 0;
        let file = Store::create(meta.clone(), Memory::default(), 0).unwrap().into_file().unwrap();
        let mut bytes = file.into_inner();
        if sums > 0 {
            // A store of that many sums could not be made here: only its header is.
            let text = String::from_utf8(bytes[16..bytes.len() - 4].to_vec()).unwrap();
            let text = text.replace("\"sums\":0", &format!("\"sums\":{sums}"));
            bytes = [&bytes[..12], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
            let mut crc = flate2::Crc::new();
            crc.update(&bytes);
            bytes.extend(crc.sum().to_le_bytes());
        }
        if fits {
            // A block that claims all trials of the range, truly or not.
            let trials = range.end.saturating_sub(range.start);
            let length = 8 + 16 * sums.min(3) as u64
                + 8 * meta.layout.columns.len() as u64 * u64::from(trials);
            bytes.extend(length.to_le_bytes());
            bytes.extend(range.start.to_le_bytes());
            bytes.extend(trials.to_le_bytes());
        } else {
            bytes.extend(head.map(u64::to_le_bytes).concat());
        }
        bytes.extend(tail);
        if let Ok(opened) = Store::open(Cursor::new(bytes)) {
            prop_assert!(opened.damage.is_some());
            prop_assert_eq!(opened.store.trials(), 0);
        }
    }
}

fn problem<T>(result: Result<T, StoreError>) -> String {
    result.err().expect("it is refused").to_string()
}

#[test]
fn parts_that_are_not_one_whole_run_are_told_apart() {
    let part = |name: &str, range| (name.to_string(), filled(range, &[7], 0));
    let gaps = vec![part("a", 5..20), part("b", 30..31), part("c", 32..59)];
    assert_eq!(problem(merge(gaps)), "trials 0 to 4, 20 to 29, 31, 59 are missing");
    let twice = vec![part("b", 19..60), part("a", 0..20)];
    assert_eq!(problem(merge(twice)), "a and b both hold trials 19");
    let within = vec![part("a", 0..60), part("b", 10..12), part("c", 12..12)];
    assert_eq!(problem(merge(within)), "a and b both hold trials 10 to 11");
    assert_eq!(problem(merge::<Memory>(Vec::new())), "there are no parts to merge");

    let mut cut = Store::create(meta(20..60), Memory::default(), 0).unwrap();
    cut.append(block(20..33)).unwrap();
    let parts = vec![part("a", 0..20), ("b".to_string(), cut)];
    assert_eq!(problem(merge(parts)), "trials 33 to 59 are missing");
}

#[test]
fn parts_of_another_run_are_refused_by_what_differs() {
    let other = |change: fn(&mut Meta)| {
        let mut meta = meta(0..0);
        change(&mut meta);
        let other = Store::create(meta, Memory::default(), 0).unwrap();
        problem(merge(vec![("a".to_string(), filled(0..60, &[7], 0)), ("b".to_string(), other)]))
    };
    assert_eq!(other(|meta| meta.seed = 8), "the seed of b is 8, that of a is 7");
    assert_eq!(
        other(|meta| meta.inputs = "beef".to_string()),
        "the fingerprint of the inputs of b is beef, that of a is 5eed"
    );
    assert_eq!(
        other(|meta| meta.layout.columns[1].kind = Kind::Count),
        "the column of b is revenue:2026-Q1 (Count), that of a is revenue:2026-Q1 (Money)"
    );
    assert_eq!(
        other(|meta| meta.layout.columns.truncate(1)),
        "the number of columns of b is 1, that of a is 3"
    );

    let resumed = |meta| problem(Store::resume(Cursor::new(file()), &meta));
    assert_eq!(
        resumed(meta(0..30)),
        "the range of trials of the file of trials is 0 to 59, that of this run is 0 to 29"
    );
    let mut later = meta(0..TRIALS);
    later.program = "energize 9".to_string();
    assert_eq!(
        resumed(later),
        "the program version of the file of trials is energize 0.1.0, that of this run is \
         energize 9"
    );
}

#[test]
fn files_that_are_something_else_say_so() {
    let opened = |bytes: &[u8]| problem(Store::open(Cursor::new(bytes.to_vec())));
    assert_eq!(opened(b"site: london\ntitle: London\n"), "this is no file of trials");
    let mut later = file();
    later[8] = 2;
    assert_eq!(opened(&later), "its format is 2; this program reads format 1");
    let cut = "the file of trials was cut before its first trial";
    assert_eq!([0, 7, 9, 15].map(|at| opened(&file()[..at])), [cut; 4]);
    let cut = "the header of the file of trials is damaged: it is cut, or the length it states is \
               wrong";
    assert_eq!([16, 200].map(|at| opened(&file()[..at])), [cut; 2]);
    let mut damaged = file();
    damaged[30] ^= 1;
    assert_eq!(
        opened(&damaged),
        "the header of the file of trials is damaged: its checksum does not match"
    );
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let problem = problem(filled(0..TRIALS, &[60], 0).column("dscr"));
    assert_eq!(problem, "no column `dscr` in the rows of trials");
}

#[test]
fn every_part_gets_its_share_of_the_trials() {
    assert_eq!([1, 2, 3].map(|number| shard(10, number, 3)), [0..3, 3..6, 6..10]);
    assert_eq!(shard(u32::MAX, 16, 16).end, u32::MAX);
    assert_eq!([1, 2].map(|number| shard(1, number, 2)), [0..0, 0..1]);
}

/// A disk on which only so many bytes fit.
#[derive(Default)]
struct Small {
    disk: Memory,
    bytes_max: u64,
}

impl Read for Small {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.disk.read(bytes)
    }
}

impl Write for Small {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.bytes_max.saturating_sub(self.disk.position()) as usize;
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.disk.write(&bytes[..room.min(bytes.len())])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Small {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.disk.seek(to)
    }
}

impl Backing for Small {
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.disk.truncate(bytes)
    }
}

proptest! {
    #[test]
    fn a_full_disk_loses_nothing_that_was_kept_before(
        bytes_max in 0..2_600_u64, in_memory_bytes_max in 0..2_000_usize,
    ) {
        let small = Small { bytes_max, ..Small::default() };
        let Ok(mut store) = Store::create(meta(0..TRIALS), small, in_memory_bytes_max) else {
            return Ok(());
        };
        while store.trials() < TRIALS {
            let next = store.next_trial();
            match store.append(block(next..next + 10)) {
                Ok(()) => prop_assert_eq!(store.next_trial(), next + 10),
                Err(StoreError::Disk { source, .. }) => {
                    prop_assert_eq!(source.kind(), io::ErrorKind::StorageFull);
                    prop_assert_eq!(store.next_trial(), next);
                    break;
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
        holds(&mut store);
        // Trying again fails or goes through, and still nothing is lost.
        let next = store.next_trial();
        if next < TRIALS {
            prop_assert!(store.append(block(next..next + 10)).is_err());
        }
        holds(&mut store);
    }
}
