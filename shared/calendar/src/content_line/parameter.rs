//! Parameter values: quotes (RFC 5545 section 3.2) and the caret encoding of what quotes can't hold (RFC 6868).

/// Takes the quotes off a parameter value, of each part if it is a list, and decodes `^n`, `^'` and `^^`.
pub fn decode_parameter(raw: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut part_begins = true;
    let mut quoted = false;
    let mut at = 0;
    while let Some(byte) = raw.get(at).copied() {
        at += 1;
        match byte {
            b'"' if quoted => quoted = false,
            b'"' if part_begins => quoted = true,
            b'^' => {
                let decoded = match raw.get(at) {
                    Some(b'n') => Some(b'\n'),
                    Some(b'\'') => Some(b'"'),
                    Some(b'^') => Some(b'^'),
                    // RFC 6868 section 3.2: any other pair stays as it is.
                    _ => None,
                };
                bytes.push(decoded.unwrap_or(b'^'));
                at += usize::from(decoded.is_some());
            }
            other => bytes.push(other),
        }
        part_begins = byte == b',' && !quoted;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Makes one parameter value of any text: carets, quotes and newlines encoded, other control characters dropped, quotes
/// around it where it holds what ends a bare value.
pub fn encode_parameter(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        match character {
            '^' => encoded.push_str("^^"),
            '"' => encoded.push_str("^'"),
            '\n' => encoded.push_str("^n"),
            other if other.is_control() => {}
            other => encoded.push(other),
        }
    }
    if encoded.contains([':', ';', ',']) {
        format!("\"{encoded}\"")
    } else {
        encoded
    }
}

/// The parameter CN (RFC 5545 section 3.2.2) with the `;` before it; empty if the name is.
pub(crate) fn common_name_parameter(name: &str) -> String {
    let name = encode_parameter(name);
    if name.is_empty() {
        name
    } else {
        format!(";CN={name}")
    }
}
