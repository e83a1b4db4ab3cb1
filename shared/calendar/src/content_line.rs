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

pub use parameter::{decode_parameter, encode_parameter};

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

/// Why a line is no property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAProperty {
    /// It has no name before its first `:` or `;`, or the name holds what a name can't.
    #[error("a line does not begin with the name of a property")]
    Name,
    /// It has no `:` outside of quotes.
    #[error("a line has no colon before its value")]
    Value,
    /// A quoted parameter value does not end.
    #[error("a quoted parameter value does not end")]
    Quote,
}

/// A property read from an unfolded line (RFC 5545 section 3.1): name, parameters, value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property<'a> {
    text: Cow<'a, [u8]>,
    name: Range<usize>,
    parameters: Vec<ParameterSpans>,
    value_from: usize,
}

/// Where a parameter stands in the unfolded line. The value may be a list, and its parts may be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ParameterSpans {
    name: Range<usize>,
    value: Range<usize>,
}

/// The name of the property on an unfolded line, without reading its parameters. Its grammar is taken generously (any
/// visible ASCII), since programs write underscores and dots in names of their own.
pub fn property_name(text: &[u8]) -> Result<&[u8], NotAProperty> {
    let end = text
        .iter()
        .position(|byte| matches!(byte, b':' | b';'))
        .ok_or(NotAProperty::Value)?;
    let name = text.get(..end).unwrap_or_default();
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return Err(NotAProperty::Name);
    }
    Ok(name)
}

impl<'a> Property<'a> {
    /// Reads an unfolded line.
    pub fn parse(text: Cow<'a, [u8]>) -> Result<Self, NotAProperty> {
        let name = 0..property_name(&text)?.len();
        let mut parameters = Vec::new();
        let mut at = name.end;
        // `at` is at a `;` or at the `:` before the value.
        while text.get(at) == Some(&b';') {
            let name_from = at + 1;
            let name_to = find(&text, name_from, |byte| matches!(byte, b'=' | b';' | b':'))?;
            let value_from = if text.get(name_to) == Some(&b'=') {
                name_to + 1
            } else {
                name_to
            };
            let value_to = end_of_parameter(&text, value_from)?;
            parameters.push(ParameterSpans {
                name: name_from..name_to,
                value: value_from..value_to,
            });
            at = value_to;
        }
        Ok(Self {
            text,
            name,
            parameters,
            value_from: at + 1,
        })
    }

    /// Whether this is the name of the property; case does not matter.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }

    /// The name as written.
    pub fn name(&self) -> &[u8] {
        self.text.get(self.name.clone()).unwrap_or_default()
    }

    /// The value as written, still escaped.
    pub fn value(&self) -> &[u8] {
        self.text.get(self.value_from..).unwrap_or_default()
    }

    /// The value as text, still escaped. Bytes that are not UTF-8 become U+FFFD.
    pub fn value_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.value())
    }

    /// The first parameter of this name, without quotes and with RFC 6868 decoded. A list stays joined by commas.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.raw_parameters(name).next().map(decode_parameter)
    }

    /// All parameters of this name. RFC 5545 allows one; files in the wild repeat them.
    pub fn parameters<'p>(&'p self, name: &'p str) -> impl Iterator<Item = String> + 'p {
        self.raw_parameters(name).map(decode_parameter)
    }

    /// The unfolded line with the parameter set: its value replaced where it stands (everywhere, if it is repeated), or the
    /// parameter appended to the others. `value` is written as it is: see [`encode_parameter`].
    pub fn with_parameter(&self, name: &str, value: &str) -> Vec<u8> {
        let mut edits: Vec<(Range<usize>, Vec<u8>)> = self
            .spans(name)
            .map(|parameter| {
                // A parameter without `=` gets one.
                let equals = if parameter.name.end == parameter.value.start {
                    "="
                } else {
                    ""
                };
                (
                    parameter.value.clone(),
                    format!("{equals}{value}").into_bytes(),
                )
            })
            .collect();
        if edits.is_empty() {
            let colon = self.value_from - 1;
            edits.push((colon..colon, format!(";{name}={value}").into_bytes()));
        }
        splice(&self.text, &edits)
    }

    fn raw_parameters<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p [u8]> + 'p {
        self.spans(name)
            .map(|parameter| self.text.get(parameter.value.clone()).unwrap_or_default())
    }

    fn spans<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p ParameterSpans> + 'p {
        self.parameters.iter().filter(move |parameter| {
            self.text
                .get(parameter.name.clone())
                .unwrap_or_default()
                .eq_ignore_ascii_case(name.as_bytes())
        })
    }
}

/// The place of the first byte at or after `from` that `wanted` likes.
fn find(text: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> Result<usize, NotAProperty> {
    let rest = text.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| wanted(*byte))
        .map(|offset| from + offset)
        .ok_or(NotAProperty::Value)
}

/// The place of the `;` or `:` after a parameter value (RFC 5545 section 3.2). A quote counts only where a value or a part
/// of a list begins; elsewhere it is not allowed, and here an ordinary character.
fn end_of_parameter(text: &[u8], from: usize) -> Result<usize, NotAProperty> {
    let mut at = from;
    loop {
        if text.get(at) == Some(&b'"') {
            at = find(text, at + 1, |byte| byte == b'"').map_err(|_| NotAProperty::Quote)? + 1;
        }
        at = find(text, at, |byte| matches!(byte, b',' | b';' | b':'))?;
        if text.get(at) != Some(&b',') {
            return Ok(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests;
