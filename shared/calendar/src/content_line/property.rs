//! A property on a content line: name, parameters, value (RFC 5545 section 3.1).

use std::borrow::Cow;
use std::ops::Range;

use super::{decode_parameter, splice};

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
    /// parameter appended to the others. `value` is written as it is: see [`encode_parameter`](super::encode_parameter).
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

    /// The unfolded line with all parameters of this name taken out, and with another value.
    pub(crate) fn with_value_without_parameter(&self, name: &str, value: &str) -> Vec<u8> {
        let mut edits: Vec<(Range<usize>, Vec<u8>)> = self
            .spans(name)
            // The semicolon before it goes, too.
            .map(|parameter| (parameter.name.start - 1..parameter.value.end, Vec::new()))
            .collect();
        edits.push((self.value_from..self.text.len(), value.as_bytes().to_vec()));
        splice(&self.text, &edits)
    }

    /// The unfolded line without parameters of these names.
    pub(crate) fn without_parameters(&self, names: &[&str]) -> Vec<u8> {
        let edits: Vec<_> = self
            .parameters
            .iter()
            .filter(|parameter| {
                let name = self.text.get(parameter.name.clone()).unwrap_or_default();
                names
                    .iter()
                    .any(|unwanted| name.eq_ignore_ascii_case(unwanted.as_bytes()))
            })
            // The semicolon before it goes, too.
            .map(|parameter| (parameter.name.start - 1..parameter.value.end, Vec::new()))
            .collect();
        splice(&self.text, &edits)
    }

    /// The unfolded line up to the colon before its value, which is included.
    pub(crate) fn before_value(&self) -> &[u8] {
        self.text.get(..self.value_from).unwrap_or_default()
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
