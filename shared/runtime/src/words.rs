//! What others say of an error, fit for a log.

/// The longest text of others that is logged, in characters.
const MAX_CHARACTERS: usize = 300;

/// What stands for what was quoted.
const LEFT_OUT: char = '…';

/// A message of a library or of a server without what it quotes, which may be what people have written: what stands between
/// quotation marks, backticks, or apostrophes that begin a word. An apostrophe within a word quotes nothing.
#[must_use]
pub fn without_quotations(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(4 * MAX_CHARACTERS));
    let mut quote = None;
    let mut before = ' ';
    for character in text.chars().take(MAX_CHARACTERS) {
        match quote {
            Some(end) => {
                // Within quotation marks the same may be escaped.
                if character == end && before != '\\' {
                    kept.push(character);
                    quote = None;
                }
            }
            None => {
                kept.push(character);
                let begins = match character {
                    '"' | '`' => true,
                    '\'' => !before.is_alphanumeric(),
                    _ => false,
                };
                if begins {
                    quote = Some(character);
                    kept.push(LEFT_OUT);
                }
            }
        }
        before = character;
    }
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        kept.push(LEFT_OUT);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        for (text, kept) in [
            ("Forbidden: bot was blocked", "Forbidden: bot was blocked"),
            (
                r#"can't parse entities: Unsupported start tag "dinner" at byte offset 5"#,
                r#"can't parse entities: Unsupported start tag "…" at byte offset 5"#,
            ),
            (
                "button URL 'http://x/dinner' is invalid",
                "button URL '…' is invalid",
            ),
            (
                "unknown variant `dinner`, expected `a`",
                "unknown variant `…`, expected `…`",
            ),
            (
                r#"invalid type: string "a \" dinner", it"#,
                r#"invalid type: string "…", it"#,
            ),
            (r#"no end: "dinner"#, r#"no end: "…"#),
        ] {
            assert_eq!(without_quotations(text), kept);
        }
        let long = without_quotations(&"x".repeat(1_000));
        assert_eq!(long.chars().count(), MAX_CHARACTERS + 1);
    }
}
