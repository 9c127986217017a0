//! From bytes to text: gzip, and the encodings that planners' programs write.

use std::io::Read;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use flate2::read::MultiGzDecoder;

use super::problem::Problem;

/// Longest file that is read, packed or unpacked: far above any real schedule.
pub const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// How many times longer than packed a file may be; what compresses better is a bomb, no schedule.
const RATIO_MAX: u64 = 150;

/// What any file may unpack to, however small.
const SMALL: u64 = 16 * 1024 * 1024;

/// The text of a file, gzip undone: UTF-8 (or what a byte-order mark or the XML declaration says),
/// else Windows-1252.
///
/// # Errors
///
/// Broken gzip, more than [`BYTES_MAX`], or far more than a file packed to its size can hold.
pub fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    let bytes = unpack(bytes)?;
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        return Ok(encoding.decode(&bytes).0.into_owned());
    }
    if let Some(encoding) = declared(&bytes).filter(|&encoding| encoding != UTF_8) {
        return Ok(encoding.decode(&bytes).0.into_owned());
    }
    String::from_utf8(bytes)
        .or_else(|error| Ok(WINDOWS_1252.decode(error.as_bytes()).0.into_owned()))
}

fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let mut plain = bytes;
    if plain.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        let most = (plain.len() as u64 * RATIO_MAX).clamp(SMALL, BYTES_MAX);
        let mut source = MultiGzDecoder::new(&plain[..]).take(most + 1);
        if let Err(error) = source.read_to_end(&mut out) {
            return Err(Problem::new(
                "broken-gzip",
                None,
                format!("gzip data ends badly: {error}"),
            ));
        }
        if out.len() as u64 > most {
            return Err(too_large(most));
        }
        plain = out;
    }
    if plain.len() as u64 > BYTES_MAX {
        return Err(too_large(BYTES_MAX));
    }
    Ok(plain)
}

fn too_large(most: u64) -> Problem {
    let message = format!("expected at most {} MiB of text", most / 1024 / 1024);
    Problem::new("too-large", None, message)
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let text = std::str::from_utf8(&head[..end]).ok()?;
    let value = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|&c| c == '"' || c == '\'')?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn windows_1252_is_read_where_utf_8_is_not_possible() {
        assert_eq!(text(b"caf\xe9 \x80".to_vec()).unwrap(), "café €");
        assert_eq!(text("café".into()).unwrap(), "café");
        let declared = b"<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>\xc3\xa9</a>".to_vec();
        assert!(text(declared).unwrap().ends_with("<a>Ã©</a>"), "what it declares is believed");
    }

    #[test]
    fn gzip_is_undone_and_its_end_is_checked() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"ERMHDR").unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(text(packed.clone()).unwrap(), "ERMHDR");
        let cut = packed[..packed.len() - 9].to_vec();
        assert_eq!(text(cut).unwrap_err().id, "broken-gzip");
    }
}
