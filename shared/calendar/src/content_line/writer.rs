//! Writing content lines of our own: folded, and with a line ending.

use super::{LineEnding, fold};

/// Adds a line to a file, with the line ending of RFC 5545 section 3.1. The text holds no line break: see
/// [`crate::text::escape`] and [`super::encode_parameter`].
pub(crate) fn push_line(file: &mut Vec<u8>, text: &str) {
    push_line_with(file, text.as_bytes(), LineEnding::CrLf);
}

/// As [`push_line`], with the line ending that the file has.
pub(crate) fn push_line_with(file: &mut Vec<u8>, text: &[u8], ending: LineEnding) {
    file.extend_from_slice(&fold(text, ending));
    file.extend_from_slice(ending.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_and_fold_as_the_rfc_says() {
        let mut file = Vec::new();
        push_line(&mut file, "A:b");
        assert_eq!(file, b"A:b\r\n");
        push_line(&mut file, &"x".repeat(100));
        assert!(file.ends_with(b"x\r\n"));
        assert!(
            file.split(|byte| *byte == b'\n')
                .all(|line| line.len() <= 76)
        );
    }
}
