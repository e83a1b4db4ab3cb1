//! Writing content lines of our own: folded, and with the line endings of RFC 5545 section 3.1.

use super::{LineEnding, fold};

/// Adds a line to a file. The text holds no line break: see [`crate::text::escape`] and [`super::encode_parameter`].
pub(crate) fn push_line(file: &mut Vec<u8>, text: &str) {
    file.extend_from_slice(&fold(text.as_bytes(), LineEnding::CrLf));
    file.extend_from_slice(LineEnding::CrLf.as_bytes());
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
