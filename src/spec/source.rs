//! Where text comes from: files and command-line edits, addressed by one running offset.

/// A half-open range of bytes over all [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// First byte.
    pub start: u32,
    /// First byte after.
    pub end: u32,
}

impl At {
    /// The range of one source that begins at `base`.
    pub fn new(base: u32, start: usize, end: usize) -> At {
        At { start: base + start as u32, end: base + end.max(start) as u32 }
    }
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A site file, or one laid over it.
    File,
    /// A file of a site that a portfolio names.
    Member,
    /// A scenario.
    Scenario,
    /// A `--set` flag.
    Set,
    /// A `--delay` flag.
    Delay,
    /// A file of another kind, or another word of the command line.
    Other,
}

/// One text with a name that users know.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// File path as it was given, or the flag that held the text.
    pub name: String,
    /// Offset of its first byte.
    pub base: u32,
    /// All of it.
    pub text: String,
}

/// All texts of one load, laid end to end so that an [`At`] alone names file and place.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    parts: Vec<Source>,
}

/// A place as people name it; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'s> {
    /// Name of the source.
    pub name: &'s str,
    /// Line number.
    pub line: usize,
    /// Column number.
    pub column: usize,
    /// Text of the line, without its end.
    pub text: &'s str,
    /// Byte offset of the line within its source.
    pub line_start: usize,
}

impl Sources {
    /// Largest total size that offsets can address.
    pub const BYTES_MAX: usize = u32::MAX as usize - 1024;

    /// Adds a text and returns the offset of its first byte; `None` if there is no room.
    pub fn add(&mut self, kind: SourceKind, name: impl Into<String>, text: String) -> Option<u32> {
        let base = self.parts.last().map_or(0, |last| last.base as usize + last.text.len() + 1);
        if base + text.len() > Sources::BYTES_MAX {
            return None;
        }
        self.parts.push(Source { kind, name: name.into(), base: base as u32, text });
        Some(base as u32)
    }

    /// The sources of one kind, in the order they were added.
    pub fn of(&self, kind: SourceKind) -> impl DoubleEndedIterator<Item = &Source> {
        self.parts.iter().filter(move |source| source.kind == kind)
    }

    /// All sources in the order they were added.
    pub fn parts(&self) -> &[Source] {
        &self.parts
    }

    /// The source that holds an offset.
    pub fn source(&self, offset: u32) -> Option<&Source> {
        let at = self.parts.partition_point(|part| part.base <= offset);
        self.parts.get(at.checked_sub(1)?)
    }

    /// The text of a range.
    pub fn slice(&self, at: At) -> &str {
        let Some(source) = self.source(at.start) else { return "" };
        let (from, to) = ((at.start - source.base) as usize, (at.end - source.base) as usize);
        source.text.get(from..to).unwrap_or("")
    }

    /// File, line and column of an offset.
    ///
    /// Cost: reads the source up to the offset.
    pub fn place(&self, offset: u32) -> Option<Place<'_>> {
        let source = self.source(offset)?;
        let mut within = ((offset - source.base) as usize).min(source.text.len());
        while !source.text.is_char_boundary(within) {
            within -= 1;
        }
        let before = &source.text[..within];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = source.text[within..].find('\n').map_or(source.text.len(), |at| within + at);
        Some(Place {
            name: &source.name,
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            text: source.text[line_start..line_end].trim_end_matches('\r'),
            line_start,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_names_file_line_and_column() {
        let mut sources = Sources::default();
        assert_eq!(sources.add(SourceKind::File, "a.yaml", "x: 1\ny: £2\n".into()), Some(0));
        let base = sources.add(SourceKind::Set, "--set", "power.pue=1".into()).unwrap();
        let place = sources.place(10).unwrap();
        assert_eq!((place.name, place.line, place.column, place.text), ("a.yaml", 2, 5, "y: £2"));
        let place = sources.place(base + 6).unwrap();
        assert_eq!((place.name, place.line, place.column), ("--set", 1, 7));
    }
}
