//! What somebody has written, in a form that is easily compared, and words and numbers in it.

use std::ops::Range;

/// Characters that are read: as many as are kept of a message. What is behind them is not looked at, since looking takes longer
/// the more was found before.
const MAX_READ: usize = 1_000;

/// A text as letters of one form: lower case, Western digits, one kind of dash, and without what Arabic adds to letters.
pub(super) struct Text<'a> {
    original: &'a str,
    letters: Vec<char>,
    /// Where each letter begins in the original.
    starts: Vec<usize>,
}

/// The one form of a letter; `None` for what only decorates others, or directs them.
fn normal(letter: char) -> Option<char> {
    Some(match letter {
        '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{640}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => return None,
        '\u{660}'..='\u{669}' => digit(letter, '\u{660}'),
        '\u{6f0}'..='\u{6f9}' => digit(letter, '\u{6f0}'),
        'أ' | 'إ' | 'آ' => 'ا',
        'ى' => 'ي',
        'ة' => 'ه',
        '،' => ',',
        '’' => '\'',
        'ё' | 'Ё' => 'е',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        space if space.is_whitespace() => ' ',
        other => other.to_lowercase().next().unwrap_or(other),
    })
}

fn digit(letter: char, zero: char) -> char {
    let value = u32::from(letter) - u32::from(zero);
    char::from_digit(value, 10).unwrap_or(letter)
}

impl<'a> Text<'a> {
    pub(super) fn new(message: &'a str) -> Self {
        let end = message.char_indices().nth(MAX_READ).map(|(end, _)| end);
        let original = end.and_then(|end| message.get(..end)).unwrap_or(message);
        let (starts, letters) = original
            .char_indices()
            .filter_map(|(at, letter)| Some((at, normal(letter)?)))
            .unzip();
        Self {
            original,
            letters,
            starts,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.letters.len()
    }

    pub(super) fn letter(&self, at: usize) -> Option<char> {
        self.letters.get(at).copied()
    }

    fn is_alphanumeric(&self, at: usize) -> bool {
        self.letter(at).is_some_and(char::is_alphanumeric)
    }

    fn is_digit(&self, at: usize) -> bool {
        self.letter(at)
            .is_some_and(|letter| letter.is_ascii_digit())
    }

    /// Whether a word can begin here.
    pub(super) fn is_word_start(&self, at: usize) -> bool {
        self.is_alphanumeric(at) && (at == 0 || !self.is_alphanumeric(at - 1))
            || self.letter(at) == Some('@')
    }

    /// Whether nothing goes on here that belongs to what came before: a letter, or a number behind a separator.
    pub(super) fn is_end(&self, at: usize) -> bool {
        let goes_on =
            matches!(self.letter(at), Some('.' | ':' | '/' | '-')) && self.is_digit(at + 1);
        !self.is_alphanumeric(at) && !goes_on
    }

    /// Behind the spaces here.
    pub(super) fn skip_spaces(&self, at: usize) -> usize {
        let spaces = self
            .letters
            .iter()
            .skip(at)
            .take_while(|letter| **letter == ' ');
        at + spaces.count()
    }

    /// Behind the one letter.
    pub(super) fn skip(&self, at: usize, letters: &[char]) -> Option<usize> {
        self.letter(at)
            .filter(|letter| letters.contains(letter))
            .map(|_| at + 1)
    }

    /// The end of a phrase that begins here and is not the beginning of a longer word. A full stop behind it belongs to it.
    fn phrase(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut end = at;
        for letter in phrase.chars().filter_map(normal) {
            if letter == ' ' {
                let behind = self.skip_spaces(end);
                if behind == end {
                    return None;
                }
                end = behind;
            } else {
                end = self.skip(end, &[letter])?;
            }
        }
        if self.is_alphanumeric(end) {
            return None;
        }
        Some(
            self.skip(end, &['.'])
                .filter(|end| self.is_end(*end))
                .unwrap_or(end),
        )
    }

    /// The longest of these phrases that begins here: its end.
    pub(super) fn word(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        phrases
            .iter()
            .filter_map(|phrase| self.phrase(at, phrase))
            .max()
    }

    /// As [`Self::word`], with what the phrase means.
    pub(super) fn meaning<T: Copy>(&self, at: usize, phrases: &[(&str, T)]) -> Option<(T, usize)> {
        phrases
            .iter()
            .filter_map(|(phrase, meaning)| Some((*meaning, self.phrase(at, phrase)?)))
            .max_by_key(|(_, end)| *end)
    }

    /// A whole run of at most so many digits, and its end.
    pub(super) fn number(&self, at: usize, most_digits: usize) -> Option<(u32, usize)> {
        let digits: String = self
            .letters
            .iter()
            .skip(at)
            .take_while(|letter| letter.is_ascii_digit())
            .collect();
        let is_one = (1..=most_digits).contains(&digits.len());
        is_one.then_some(())?;
        Some((digits.parse().ok()?, at + digits.len()))
    }

    /// What stands there, as it was written.
    pub(super) fn original(&self, range: Range<usize>) -> &'a str {
        let start = self.byte(range.start);
        self.original
            .get(start..self.byte(range.end))
            .unwrap_or_default()
    }

    fn byte(&self, at: usize) -> usize {
        self.starts.get(at).copied().unwrap_or(self.original.len())
    }
}
