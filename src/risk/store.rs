//! Where the rows of trials are kept: in memory up to a stated size, in a file beyond it.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use super::part::{self, Damage, Meta, VERSION};
use super::row::Block;

/// What can hold the rows of trials: a file, or bytes in memory.
///
/// It is handed in, as the library opens no file.
pub trait Backing: Read + Write + Seek {
    /// Drops all but the first so many bytes.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

impl Backing for File {
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }
}

impl Backing for Cursor<Vec<u8>> {
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.get_mut().truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        Ok(())
    }
}

/// Why rows cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk fails.
    #[error("the disk fails while {doing}")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// What the disk says.
        source: io::Error,
    },
    /// The file is something else.
    #[error("this is no file of trials")]
    NotTrials,
    /// The file was cut before its first block: nothing is lost by beginning it anew.
    #[error("the file of trials was cut before its first trial")]
    NothingYet,
    /// The file has a shape that this program does not know.
    #[error("its format is {found}; this program reads format {VERSION}")]
    Version {
        /// What the file says.
        found: u32,
    },
    /// The file does not say what it holds.
    #[error("the header of the file of trials is damaged: {why}")]
    Header {
        /// What is wrong with it.
        why: String,
    },
    /// Two parts are not of one run.
    #[error("the {field} of {second} is {theirs}, that of {first} is {ours}")]
    Differ {
        /// What they differ in.
        field: &'static str,
        /// Name of a part.
        first: String,
        /// Name of the other.
        second: String,
        /// What the first says.
        ours: String,
        /// What the other says.
        theirs: String,
    },
    /// Two parts hold the same trials.
    #[error("{first} and {second} both hold trials {trials}")]
    Overlap {
        /// Name of a part.
        first: String,
        /// Name of the other.
        second: String,
        /// Which trials.
        trials: String,
    },
    /// The parts together are not the whole run.
    #[error("trials {trials} are missing")]
    Missing {
        /// Which trials.
        trials: String,
    },
    /// There is nothing to lay together.
    #[error("there are no parts to merge")]
    NoParts,
    /// No column has this name.
    #[error("no column `{name}` in the rows of trials")]
    NoColumn {
        /// What was asked for.
        name: String,
    },
}

impl StoreError {
    /// For `map_err`: what was being done when the disk failed.
    pub(super) fn disk(doing: &'static str) -> impl Fn(io::Error) -> StoreError {
        move |source| StoreError::Disk { doing, source }
    }
}

/// A store that a file was opened as, and what of the file was not whole.
#[derive(Debug)]
pub struct Opened<F> {
    /// All whole blocks.
    pub store: Store<F>,
    /// Where the file is cut or damaged, if it is.
    pub damage: Option<Damage>,
}

/// The rows of the trials of a run, or of a part of it, in the order of trials.
///
/// Rows are added by block and read by column. Whatever the sizes of blocks, wherever they are kept
/// and however the run was split, the same trials read the same.
///
/// Cost: memory for some bytes a block, and for blocks up to the size that was allowed.
#[derive(Debug)]
pub struct Store<F> {
    pub(super) meta: Meta,
    pub(super) files: Vec<F>,
    pub(super) entries: Vec<Entry>,
    pub(super) sums: Vec<i128>,
    /// The first trial that is not here yet.
    pub(super) next: u32,
    in_memory_bytes: usize,
    in_memory_bytes_max: usize,
    /// Bytes of the file that hold a header and whole blocks; none before the first is written.
    written_bytes: u64,
}

#[derive(Debug)]
pub(super) struct Entry {
    trials: u32,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory(Block),
    File { file: usize, columns_at: u64 },
}

impl Entry {
    /// The same block when its file stands `by` places later.
    pub(super) fn with_files_shifted(self, by: usize) -> Entry {
        let place = match self.place {
            Place::File { file, columns_at } => Place::File { file: file + by, columns_at },
            memory => memory,
        };
        Entry { place, ..self }
    }
}

impl<F: Backing> Store<F> {
    /// An empty store. Blocks of up to `in_memory_bytes_max` bytes stay in memory; beyond that all
    /// go to the file. With 0 the file is a file of trials from the start.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub fn create(meta: Meta, file: F, in_memory_bytes_max: usize) -> Result<Store<F>, StoreError> {
        let sums = vec![0; meta.layout.sums];
        let mut store = Store {
            next: meta.range.start,
            sums,
            meta,
            files: vec![file],
            entries: Vec::new(),
            in_memory_bytes: 0,
            in_memory_bytes_max,
            written_bytes: 0,
        };
        if in_memory_bytes_max == 0 {
            store.spill()?;
        }
        Ok(store)
    }

    /// The whole blocks of a file of trials, and where it is cut or damaged.
    ///
    /// Cost: one pass over the file, as all checksums are compared.
    ///
    /// # Errors
    ///
    /// When the disk fails and when the file has no whole header: it is another file then, or of
    /// another version, or was cut before it held anything.
    pub fn open(mut file: F) -> Result<Opened<F>, StoreError> {
        let part::Scanned { meta, blocks, sums, whole_bytes, damage } = part::scan(&mut file)?;
        let next = blocks.last().map_or(meta.range.start, |block| block.first + block.trials);
        let entries = blocks.into_iter().map(|block| Entry {
            trials: block.trials,
            place: Place::File { file: 0, columns_at: block.columns_at },
        });
        let store = Store {
            entries: entries.collect(),
            meta,
            files: vec![file],
            sums,
            next,
            in_memory_bytes: 0,
            in_memory_bytes_max: 0,
            written_bytes: whole_bytes,
        };
        Ok(Opened { store, damage })
    }

    /// Goes on with a file whose writing was interrupted: drops what follows its last whole block.
    /// [`Store::next_trial`] says where to go on.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], and when the file is of another run or part than `meta`, which is left
    /// as it is then.
    pub fn resume(file: F, meta: &Meta) -> Result<Opened<F>, StoreError> {
        let mut opened = Store::open(file)?;
        let found = &opened.store.meta;
        let trials = |meta: &Meta| trials_text(meta.range.start, meta.range.end);
        let ranges =
            (found.range != meta.range).then(|| ("range of trials", trials(meta), trials(found)));
        if let Some((field, ours, theirs)) = meta.difference(found).or(ranges) {
            let (first, second) = ("this run".to_string(), "the file of trials".to_string());
            return Err(StoreError::Differ { field, first, second, ours, theirs });
        }
        if let Some(damage) = &opened.damage {
            let cutting = StoreError::disk("cutting a file of trials after its last whole block");
            opened.store.files[0].truncate(damage.whole_bytes).map_err(cutting)?;
        }
        Ok(opened)
    }

    /// What run and part this is.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// How many trials are here.
    pub fn trials(&self) -> u32 {
        self.next - self.meta.range.start
    }

    /// The first trial that is not here yet; the end of the range when all are.
    pub fn next_trial(&self) -> u32 {
        self.next
    }

    /// Sums over all trials that are here.
    pub fn sums(&self) -> &[i128] {
        &self.sums
    }

    /// Adds the next trials. When this returns, the file holds them, or memory does.
    ///
    /// # Errors
    ///
    /// When the disk fails. The store is then as before, and the file holds all blocks before.
    ///
    /// # Panics
    ///
    /// If these are not the next trials of the range or do not have the run's layout.
    pub fn append(&mut self, block: Block) -> Result<(), StoreError> {
        let Block { first, trials, .. } = block;
        let (next, end) = (self.next, self.meta.range.end);
        assert!(
            first == next && trials > 0 && trials <= end - next,
            "{trials} trials from {first} where {next}..{end} should follow"
        );
        let layout = &self.meta.layout;
        assert_eq!(block.values.len(), layout.columns.len() * trials as usize, "values of a block");
        assert_eq!(block.sums.len(), layout.sums, "sums of a block");

        let on_file = self.written_bytes > 0;
        if !on_file && block.bytes() <= self.in_memory_bytes_max - self.in_memory_bytes {
            self.in_memory_bytes += block.bytes();
            part::add(&mut self.sums, &block.sums);
            self.entries.push(Entry { trials, place: Place::Memory(block) });
        } else {
            if !on_file {
                self.spill()?;
            }
            let columns_at = part::columns_at(self.written_bytes, &self.meta.layout);
            self.written_bytes += write_block(&mut self.files[0], self.written_bytes, &block)?;
            part::add(&mut self.sums, &block.sums);
            let place = Place::File { file: 0, columns_at };
            self.entries.push(Entry { trials, place });
        }
        self.next += trials;
        Ok(())
    }

    /// The values of a column by trial.
    ///
    /// Cost: eight bytes a trial of memory, and one seek and read a block.
    ///
    /// # Errors
    ///
    /// When there is no such column and when the disk fails.
    pub fn column(&mut self, name: &str) -> Result<Vec<i64>, StoreError> {
        let index = self.meta.layout.index(name);
        let index = index.ok_or_else(|| StoreError::NoColumn { name: name.to_string() })?;
        let mut values = Vec::with_capacity(self.trials() as usize);
        let mut bytes = Vec::new();
        for Entry { trials, place } in &self.entries {
            match place {
                Place::Memory(block) => values.extend(block.column(index)),
                Place::File { file, columns_at } => {
                    let column_bytes = 8 * *trials as usize;
                    bytes.resize(column_bytes, 0);
                    let at = columns_at + (index * column_bytes) as u64;
                    read_at(&mut self.files[*file], at, &mut bytes)?;
                    let chunks = bytes.chunks_exact(8);
                    values.extend(
                        chunks.map(|value| {
                            i64::from_le_bytes(value.try_into().expect("eight bytes"))
                        }),
                    );
                }
            }
        }
        Ok(values)
    }

    /// Moves everything to the file; nothing has moved if the disk fails on the way.
    fn spill(&mut self) -> Result<(), StoreError> {
        let writing = StoreError::disk("writing the header of a file of trials");
        let header = part::header_bytes(&self.meta);
        let (file, layout) = (&mut self.files[0], &self.meta.layout);
        file.truncate(0).map_err(&writing)?;
        write_at(file, 0, &header).map_err(&writing)?;
        let mut written_bytes = header.len() as u64;
        let mut places = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let Place::Memory(block) = &entry.place else { unreachable!("nothing is on file yet") };
            let columns_at = part::columns_at(written_bytes, layout);
            places.push(Place::File { file: 0, columns_at });
            written_bytes += write_block(file, written_bytes, block)?;
        }
        for (entry, place) in self.entries.iter_mut().zip(places) {
            entry.place = place;
        }
        self.in_memory_bytes = 0;
        self.written_bytes = written_bytes;
        Ok(())
    }
}

impl<F> Store<F> {
    /// The file that a single part is kept in.
    pub fn into_file(self) -> Option<F> {
        self.files.into_iter().next()
    }
}

/// Trials as people read them: `0 to 999`, or one number.
pub(super) fn trials_text(first: u32, end: u32) -> String {
    match end.saturating_sub(first) {
        0 => "none".to_string(),
        1 => first.to_string(),
        _ => format!("{first} to {}", end - 1),
    }
}

/// Writes a block and says how many bytes it took.
fn write_block(file: &mut (impl Write + Seek), at: u64, block: &Block) -> Result<u64, StoreError> {
    let bytes = part::block_bytes(block);
    write_at(file, at, &bytes).map_err(StoreError::disk("writing a block of trials"))?;
    Ok(bytes.len() as u64)
}

fn write_at(file: &mut (impl Write + Seek), at: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)?;
    file.flush()
}

fn read_at(file: &mut (impl Read + Seek), at: u64, bytes: &mut [u8]) -> Result<(), StoreError> {
    let reading = StoreError::disk("reading a column of trials");
    file.seek(SeekFrom::Start(at)).map_err(&reading)?;
    file.read_exact(bytes).map_err(&reading)
}
