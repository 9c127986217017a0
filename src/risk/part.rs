//! The shape of a file of trials.
//!
//! ```text
//! header   8 bytes  "enrgrisk"
//!          u32      version of this shape: 1
//!          u32      n, length of the text that follows
//!          n bytes  Meta as JSON, UTF-8
//!          u32      CRC-32 of all bytes before it
//! block    u64      length of the rest without checksum: 8 + 16 x sums + 8 x columns x trials
//!          u32      number of its first trial, from 0
//!          u32      how many trials
//!          i128     each sum over these trials
//!          i64      each value: all trials of the first column, then all of the second, …
//!          u32      CRC-32 of all bytes of the block before it
//! block    …
//! ```
//!
//! All numbers are little endian; the CRC is that of gzip (IEEE 802.3). Blocks follow each other in
//! the order of trials, without gaps, from the first trial of the part to its last. A file that was
//! cut while it was written holds whole blocks, then less than one.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use flate2::Crc;
use serde::{Deserialize, Serialize};

use super::overall::About;
use super::row::{Block, Layout};
use super::store::StoreError;

/// Version of the shape of a file of trials that this program writes and reads.
pub const VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"enrgrisk";
/// Columns take some 40 bytes each: more than any run has, and no more than a reader should hold.
const META_BYTES_MAX: u32 = 1 << 24;
const SUMS_MAX: usize = 1 << 20;
/// Before the text of the header, and before the numbers of a block.
const HEAD_BYTES: u64 = 16;
const CHECK_BYTES: u64 = 4;
const CHUNK_BYTES: u64 = 1 << 16;

/// What a file of trials says of itself: which run it is a part of, and which part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Version of the program that wrote it.
    pub program: String,
    /// Name of the site.
    pub site: String,
    /// Fingerprint of all input of the run, as hexadecimal digits.
    pub inputs: String,
    /// Seed of the random streams.
    pub seed: u64,
    /// How trials are sampled: `plain`, `latin hypercube`, …
    pub sampling: String,
    /// Trials of the whole run; at most so many, if it stops once it is sure enough.
    pub trials: u32,
    /// Trials of this part: from the first up to, not including, the second. Trials count from 0.
    pub range: Range<u32>,
    /// What the row of a trial holds.
    pub layout: Layout,
    /// What a summary says beside the rows.
    pub about: About,
}

impl Meta {
    /// The first thing in which two parts are not of one run: its name and what each says.
    pub fn difference(&self, other: &Meta) -> Option<(&'static str, String, String)> {
        let text = |meta: &Meta| {
            let columns = meta.layout.columns.iter();
            [
                ("program version", meta.program.clone()),
                ("site", meta.site.clone()),
                ("fingerprint of the inputs", meta.inputs.clone()),
                ("seed", meta.seed.to_string()),
                ("sampling", meta.sampling.clone()),
                ("number of trials", meta.trials.to_string()),
                ("number of columns", columns.len().to_string()),
                ("number of sums", meta.layout.sums.to_string()),
            ]
        };
        let plain = text(self).into_iter().zip(text(other)).find(|(ours, theirs)| ours != theirs);
        if let Some(((name, ours), (_, theirs))) = plain {
            return Some((name, ours, theirs));
        }
        let mut columns = self.layout.columns.iter().zip(&other.layout.columns);
        let (ours, theirs) = columns.find(|(ours, theirs)| ours != theirs)?;
        let text = |column: &super::Column| format!("{} ({:?})", column.name, column.kind);
        Some(("column", text(ours), text(theirs)))
    }

    fn check(&self) -> Result<(), String> {
        let Range { start, end } = self.range;
        if start > end || end > self.trials {
            return Err(format!("trials {start}..{end} of {}", self.trials));
        }
        if self.layout.sums > SUMS_MAX {
            return Err(format!("{} sums; at most {SUMS_MAX}", self.layout.sums));
        }
        if !self.about.fits(&self.layout) {
            return Err("what it says of the site does not fit its columns".into());
        }
        self.layout.duplicate().map_or(Ok(()), |name| Err(format!("column `{name}` stands twice")))
    }
}

/// What a file of trials holds after its last whole block, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Bytes up to there: the header and all whole blocks.
    pub whole_bytes: u64,
    /// Bytes in the file.
    pub file_bytes: u64,
    /// The first trial that is missing.
    pub next_trial: u32,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { whole_bytes, file_bytes, next_trial, why } = self;
        write!(
            f,
            "whole up to byte {whole_bytes} of {file_bytes}, before trial {next_trial}: {why}"
        )
    }
}

/// Where a block of a file keeps its columns.
pub(super) struct Found {
    pub first: u32,
    pub trials: u32,
    /// Byte at which the first column begins.
    pub columns_at: u64,
}

/// What is whole in a file.
pub(super) struct Scanned {
    pub meta: Meta,
    pub blocks: Vec<Found>,
    pub sums: Vec<i128>,
    pub whole_bytes: u64,
    pub damage: Option<Damage>,
}

/// The header of a file as bytes.
pub(super) fn header_bytes(meta: &Meta) -> Vec<u8> {
    let text = serde_json::to_vec(meta).expect("names and numbers are JSON");
    let length = u32::try_from(text.len()).expect("a header is short");
    assert!(length <= META_BYTES_MAX, "{length} bytes of column names");
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(text);
    let check = checksum(&bytes);
    bytes.extend(check.to_le_bytes());
    bytes
}

/// A block as bytes.
pub(super) fn block_bytes(block: &Block) -> Vec<u8> {
    let length = 8 + block.bytes() as u64;
    let mut bytes = Vec::with_capacity((HEAD_BYTES + length) as usize);
    bytes.extend(length.to_le_bytes());
    bytes.extend(block.first.to_le_bytes());
    bytes.extend(block.trials.to_le_bytes());
    bytes.extend(block.sums.iter().flat_map(|sum| sum.to_le_bytes()));
    bytes.extend(block.values.iter().flat_map(|value| value.to_le_bytes()));
    let check = checksum(&bytes);
    bytes.extend(check.to_le_bytes());
    bytes
}

/// Byte at which the columns of a block begin that begins at `at`.
pub(super) fn columns_at(at: u64, layout: &Layout) -> u64 {
    at + HEAD_BYTES + 16 * layout.sums as u64
}

/// Reads a file through: its header, and where each whole block stands.
///
/// All checksums are compared, so that what is found whole can be read without looking again.
///
/// Cost: one pass over the file; memory for its header, one sum of each kind and a few numbers a
/// block, whatever lengths the file claims.
///
/// # Errors
///
/// When the disk fails, and when the header is not whole: a file without one tells nothing. A block
/// that is not whole is no error but the end of what is whole.
pub(super) fn scan<F: Read + Seek>(file: &mut F) -> Result<Scanned, StoreError> {
    let reading = StoreError::disk("reading a file of trials");
    let file_bytes = file.seek(SeekFrom::End(0)).map_err(&reading)?;
    file.seek(SeekFrom::Start(0)).map_err(&reading)?;
    let mut file = io::BufReader::with_capacity(CHUNK_BYTES as usize, file);
    let (meta, mut at) = read_header(&mut file, file_bytes)?;
    let mut next = meta.range.start;
    let mut sums = vec![0; meta.layout.sums];
    let (mut blocks, mut damage) = (Vec::new(), None);
    while at < file_bytes {
        match read_block(&mut file, &meta, next, file_bytes - at).map_err(&reading)? {
            Ok((trials, added)) => {
                let columns_at = columns_at(at, &meta.layout);
                blocks.push(Found { first: next, trials, columns_at });
                add(&mut sums, &added);
                at += block_length(&meta.layout, trials) + 8 + CHECK_BYTES;
                next += trials;
            }
            Err(why) => {
                damage = Some(Damage { whole_bytes: at, file_bytes, next_trial: next, why });
                break;
            }
        }
    }
    Ok(Scanned { meta, blocks, sums, whole_bytes: at, damage })
}

/// Adds sums up: wrapping, see [`Block::sums`].
pub(super) fn add(sums: &mut [i128], added: &[i128]) {
    for (sum, added) in sums.iter_mut().zip(added) {
        *sum = sum.wrapping_add(*added);
    }
}

/// What stands in the first field of a block.
fn block_length(layout: &Layout, trials: u32) -> u64 {
    // Both factors are bounded by the header: the product has 24 + 32 + 3 bits.
    8 + 16 * layout.sums as u64 + 8 * layout.columns.len() as u64 * u64::from(trials)
}

fn read_header(file: &mut impl Read, file_bytes: u64) -> Result<(Meta, u64), StoreError> {
    let damaged = |why: &str| StoreError::Header { why: why.to_string() };
    let reading = StoreError::disk("reading the header of a file of trials");
    let mut head = [0; HEAD_BYTES as usize];
    if file_bytes < HEAD_BYTES {
        let begins = read_up_to(file, file_bytes).map_err(reading)?;
        let ours = begins.iter().zip(&MAGIC).all(|(found, magic)| found == magic);
        return Err(if ours { StoreError::NothingYet } else { StoreError::NotTrials });
    }
    file.read_exact(&mut head).map_err(&reading)?;
    if !head.starts_with(&MAGIC) {
        return Err(StoreError::NotTrials);
    }
    let version = u32_at(&head, 8);
    if version != VERSION {
        return Err(StoreError::Version { found: version });
    }
    let length = u32_at(&head, 12);
    if length > META_BYTES_MAX {
        return Err(damaged("it is longer than any header"));
    }
    let header_bytes = HEAD_BYTES + u64::from(length) + CHECK_BYTES;
    if header_bytes > file_bytes {
        return Err(damaged("it is cut, or the length it states is wrong"));
    }
    let text = read_up_to(file, length.into()).map_err(&reading)?;
    let check = read_u32(file).map_err(&reading)?;
    let mut crc = Crc::new();
    crc.update(&head);
    crc.update(&text);
    if crc.sum() != check {
        return Err(damaged("its checksum does not match"));
    }
    let meta: Meta =
        serde_json::from_slice(&text).map_err(|problem| damaged(&problem.to_string()))?;
    meta.check().map_err(|why| damaged(&why))?;
    Ok((meta, header_bytes))
}

/// Reads one block through; how many trials it holds and its sums, or what is wrong with it.
fn read_block(
    file: &mut impl Read,
    meta: &Meta,
    next: u32,
    rest: u64,
) -> io::Result<Result<(u32, Vec<i128>), String>> {
    let cut = || Ok(Err("the file ends within a block".to_string()));
    let mut head = [0; HEAD_BYTES as usize];
    if rest < HEAD_BYTES {
        return cut();
    }
    file.read_exact(&mut head)?;
    let length = u64::from_le_bytes(head[..8].try_into().expect("eight bytes"));
    let (first, trials) = (u32_at(&head, 8), u32_at(&head, 12));
    let expected = block_length(&meta.layout, trials);
    if trials == 0 || first != next || trials > meta.range.end - next || length != expected {
        let text = format!("{length} bytes for {trials} trials from {first}");
        return Ok(Err(format!("a block of {text} stands where trial {next} should follow")));
    }
    if expected + 8 + CHECK_BYTES > rest {
        return cut();
    }
    let mut crc = Crc::new();
    crc.update(&head);
    let sums = read_up_to(file, 16 * meta.layout.sums as u64)?;
    crc.update(&sums);
    let mut left = expected - 8 - sums.len() as u64;
    let mut chunk = vec![0; CHUNK_BYTES as usize];
    while left > 0 {
        let part = &mut chunk[..left.min(CHUNK_BYTES) as usize];
        file.read_exact(part)?;
        crc.update(part);
        left -= part.len() as u64;
    }
    if crc.sum() != read_u32(file)? {
        return Ok(Err("the checksum of a block does not match".to_string()));
    }
    let sums = sums.chunks_exact(16);
    let sums = sums.map(|sum| i128::from_le_bytes(sum.try_into().expect("sixteen bytes")));
    Ok(Ok((trials, sums.collect())))
}

/// Exactly so many bytes; memory grows with what is there, not with what is claimed.
fn read_up_to(file: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    file.by_ref().take(bytes).read_to_end(&mut read)?;
    if read.len() as u64 == bytes { Ok(read) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn read_u32(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
