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

/// Makes a TEXT value of any text: backslashes, semicolons, commas and line breaks are escaped, and other control
/// characters dropped.
pub fn escape(text: &str) -> String {
    let mut raw = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => raw.push_str("\\n"),
            '\\' | ';' | ',' => raw.extend(['\\', character]),
            '\t' => raw.push('\t'),
            control if control.is_control() => {}
            other => raw.push(other),
        }
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::{escape, unescape};

    #[test]
    fn what_is_escaped_comes_back() {
        for (text, expected) in [
            ("", ""),
            ("a, b; c", r"a\, b\; c"),
            ("one\r\ntwo\tthree", "one\\ntwo\tthree"),
            (r"C:\new", r"C:\\new"),
            ("a\0b\u{7f}", "ab"),
        ] {
            let raw = escape(text);
            assert_eq!(raw, expected, "{text:?}");
            let kept =
                |character: &char| !character.is_control() || matches!(character, '\n' | '\t');
            assert_eq!(
                unescape(&raw),
                text.chars().filter(kept).collect::<String>()
            );
        }
    }

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
