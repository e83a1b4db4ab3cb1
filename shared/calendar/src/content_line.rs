//! Content lines over bytes (RFC 5545 section 3.1): find them, read one, edit one.
//!
//! A file is read as a list of [`Line`]s, each with the span of the bytes that it came from. Whoever edits replaces spans
//! ([`splice`]), so that every line which is not edited keeps its bytes: its folds, its line ending, its case.
//!
//! Unfolding works on bytes, for a fold may stand in the middle of a UTF-8 character. Everything here is iterative and
//! linear in the input, and nothing can fail but [`Property::parse`].

use std::borrow::Cow;
use std::ops::Range;

mod parameter;
mod property;
mod writer;

pub(crate) use parameter::common_name_parameter;
pub use parameter::{decode_parameter, encode_parameter};
pub use property::{NotAProperty, Property, property_name};
pub(crate) use writer::{push_line, push_line_with};

/// Where our own folds go: a line has at most 75 octets without its line ending (RFC 5545 section 3.1).
pub const FOLD_AT_OCTETS: usize = 75;

/// Some programs begin a UTF-8 file with a byte order mark. It belongs to no line.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// As RFC 5545 section 3.1 says.
    CrLf,
    /// As many a script writes.
    Lf,
}

impl LineEnding {
    /// The bytes of the line ending.
    pub const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
        }
    }
}

/// One content line as it stands in the file, folds and line ending included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it stands in the file.
    pub span: Range<usize>,
    raw: &'a [u8],
}

impl<'a> Line<'a> {
    /// Its bytes, folds and line ending included.
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The line without folds and without its line ending. Copies only if there is a fold.
    pub fn unfolded(&self) -> Cow<'a, [u8]> {
        let body = self
            .raw
            .strip_suffix(b"\n")
            .map_or(self.raw, |line| line.strip_suffix(b"\r").unwrap_or(line));
        if !body.contains(&b'\n') {
            return Cow::Borrowed(body);
        }
        let mut text = Vec::with_capacity(body.len());
        for (index, physical) in body.split(|byte| *byte == b'\n').enumerate() {
            // The line feed was cut by `split`; its carriage return and the white space after it belong to the fold.
            let physical = if index == 0 {
                physical
            } else {
                physical.get(1..).unwrap_or_default()
            };
            text.extend_from_slice(physical.strip_suffix(b"\r").unwrap_or(physical));
        }
        Cow::Owned(text)
    }

    /// The line ending of its first physical line; `None` if the file ends there without one.
    pub fn ending(&self) -> Option<LineEnding> {
        let end = self.raw.iter().position(|byte| *byte == b'\n')?;
        let before = self.raw.get(..end).unwrap_or_default();
        Some(if before.ends_with(b"\r") {
            LineEnding::CrLf
        } else {
            LineEnding::Lf
        })
    }

    /// The bytes to put in place of this line so that it says `text`: folded anew, with the line's own ending.
    /// `file_ending` is for a last line that has none.
    pub fn rewritten(&self, text: &[u8], file_ending: LineEnding) -> Vec<u8> {
        let mut bytes = fold(text, self.ending().unwrap_or(file_ending));
        if self.raw.ends_with(b"\n") {
            bytes.extend_from_slice(self.ending().unwrap_or(file_ending).as_bytes());
        }
        bytes
    }
}

/// The content lines of a file, in order. Blank lines are lines, too; together the spans cover all but the byte order mark.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    file: &'a [u8],
    at: usize,
}

/// The line that [`lines`] found at this span.
pub(crate) fn line_at<'a>(file: &'a [u8], span: &Range<usize>) -> Line<'a> {
    Line {
        span: span.clone(),
        raw: file.get(span.clone()).unwrap_or_default(),
    }
}

/// Reads the content lines of a file.
pub fn lines(file: &[u8]) -> Lines<'_> {
    let at = if file.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    Lines { file, at }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let rest = self.file.get(start..).filter(|rest| !rest.is_empty())?;
        let mut length = 0;
        loop {
            let remaining = rest.get(length..).unwrap_or_default();
            let Some(line_feed) = remaining.iter().position(|byte| *byte == b'\n') else {
                length = rest.len();
                break;
            };
            length += line_feed + 1;
            // A line that begins with white space goes on with the one before it.
            if !matches!(rest.get(length), Some(b' ' | b'\t')) {
                break;
            }
        }
        self.at = start + length;
        Some(Line {
            span: start..self.at,
            raw: rest.get(..length).unwrap_or_default(),
        })
    }
}

/// Folds a content line at [`FOLD_AT_OCTETS`], never within a UTF-8 character. No line ending at the end.
pub fn fold(text: &[u8], ending: LineEnding) -> Vec<u8> {
    let mut folded = Vec::with_capacity(text.len() + text.len() / 24 + 2);
    let mut rest = text;
    let mut room = FOLD_AT_OCTETS;
    while rest.len() > room {
        // A continuation byte is 0b10xxxxxx. Four in a row are not UTF-8, and are cut anywhere.
        let cut = (room.saturating_sub(3)..=room)
            .rev()
            .find(|at| {
                rest.get(*at)
                    .is_some_and(|byte| byte & 0b1100_0000 != 0b1000_0000)
            })
            .unwrap_or(room);
        let (head, tail) = rest.split_at(cut);
        folded.extend_from_slice(head);
        folded.extend_from_slice(ending.as_bytes());
        folded.push(b' ');
        rest = tail;
        room = FOLD_AT_OCTETS - 1;
    }
    folded.extend_from_slice(rest);
    folded
}

/// Replaces spans of a file, which are given in order and don't overlap. An empty span inserts.
pub fn splice(file: &[u8], edits: &[(Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let added: usize = edits.iter().map(|(_, replacement)| replacement.len()).sum();
    let mut edited = Vec::with_capacity(file.len() + added);
    let mut copied = 0;
    for (span, replacement) in edits {
        edited.extend_from_slice(file.get(copied..span.start).unwrap_or_default());
        edited.extend_from_slice(replacement);
        copied = span.end.max(copied);
    }
    edited.extend_from_slice(file.get(copied..).unwrap_or_default());
    edited
}

#[cfg(test)]
mod tests;
