//! TEXT values (RFC 5545 section 3.3.11).

/// Takes the escapes out of a TEXT value: `\\`, `\;`, `\,`, `\n` and `\N`. A backslash before anything else stays, since
/// programs that don't escape write it as itself.
pub fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('n' | 'N') => text.push('\n'),
            Some(escaped @ ('\\' | ';' | ',')) => text.push(escaped),
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_are_taken_out() {
        for (raw, expected) in [
            ("", ""),
            ("plain", "plain"),
            (r"a\, b\; c", "a, b; c"),
            (r"one\ntwo\Nthree", "one\ntwo\nthree"),
            (r"C:\\new", r"C:\new"),
            (r"\\n", r"\n"),
            (r"C:\temp", r"C:\temp"),
            (r"ends with \", r"ends with \"),
            ("Übung\\, 会議", "Übung, 会議"),
        ] {
            assert_eq!(unescape(raw), expected, "{raw}");
        }
    }
}
