//! Mutations that know what grammars are made of: lines, words, brackets that nest, numbers, and folds.

use rand::{Rng, RngExt as _};

/// Brackets around something.
const PAIRS: [(&str, &str); 8] = [
    ("BEGIN:VEVENT\r\n", "END:VEVENT\r\n"),
    ("BEGIN:X\r\n", "END:X\r\n"),
    ("<x>", "</x>"),
    ("<a xmlns:b='u'>", "</a>"),
    ("{\"a\":", "}"),
    ("[", "]"),
    ("(", ")"),
    ("\"", "\""),
];

/// Numbers at the edges of their types.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "00",
    "99",
    "255",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999999999",
    "1e999",
];

/// What is hostile anywhere.
const ANYWHERE: [&str; 24] = [
    "\r\n ",
    "\n\t",
    "\r",
    "\0",
    "%00",
    "%2F",
    "%2e%2e",
    "\u{202e}",
    "\u{feff}",
    "\u{ffff}",
    "e\u{301}\u{301}\u{301}",
    "👨‍👩‍👧",
    "𝕏",
    "ẞ",
    "İ",
    "&amp;",
    "&",
    "<",
    ">",
    "\\",
    "\\,",
    ";",
    ":",
    "\"",
];

/// Most repeats of a piece.
const MAX_REPEATS: usize = 300;

/// Changes `data` in a few ways. It does not become longer than `longest` bytes.
pub fn mutate(
    data: &mut Vec<u8>,
    longest: usize,
    words: &[&str],
    other: &[u8],
    rng: &mut impl Rng,
) {
    for _ in 0..rng.random_range(1..=5) {
        step(data, words, other, rng);
        data.truncate(longest);
    }
}

fn step(data: &mut Vec<u8>, words: &[&str], other: &[u8], rng: &mut impl Rng) {
    match rng.random_range(0..12) {
        0 => insert(data, pick(words, rng).as_bytes(), rng),
        1 => insert(data, pick(&ANYWHERE, rng).as_bytes(), rng),
        2 => {
            let range = piece(data, rng);
            data.drain(range);
        }
        3 => {
            let copy = data[piece(data, rng)].to_vec();
            insert(data, &copy, rng);
        }
        4 => {
            let range = piece(data, rng);
            let times = rng.random_range(2..=MAX_REPEATS);
            let repeated = data[range.clone()].repeat(times);
            data.splice(range, repeated);
        }
        5 => {
            let range = line(data, rng);
            let copy = data[range].to_vec();
            let at = line(data, rng).start;
            data.splice(at..at, copy);
        }
        6 => {
            let range = line(data, rng);
            let times = rng.random_range(2..=MAX_REPEATS);
            let repeated = data[range.clone()].repeat(times);
            data.splice(range, repeated);
        }
        7 => {
            let range = number(data, rng);
            data.splice(range, pick(&NUMBERS, rng).bytes());
        }
        8 => {
            let (open, close) = PAIRS[rng.random_range(0..PAIRS.len())];
            let depth = rng.random_range(1..=MAX_REPEATS);
            let range = piece(data, rng);
            let inner = data[range.clone()].to_vec();
            let nested = [
                open.repeat(depth).into_bytes(),
                inner,
                close.repeat(depth).into_bytes(),
            ];
            data.splice(range, nested.concat());
        }
        9 => {
            if !data.is_empty() {
                let at = rng.random_range(0..data.len());
                data[at] = rng.random();
            }
        }
        10 => {
            let word = pick(words, rng).as_bytes().to_vec();
            let range = piece(data, rng);
            data.splice(range, word);
        }
        _ => {
            let from = piece(other, rng);
            let range = piece(data, rng);
            data.splice(range, other[from].iter().copied());
        }
    }
}

fn pick<'w>(words: &[&'w str], rng: &mut impl Rng) -> &'w str {
    match words.len() {
        0 => "",
        many => words[rng.random_range(0..many)],
    }
}

fn insert(data: &mut Vec<u8>, what: &[u8], rng: &mut impl Rng) {
    let at = rng.random_range(0..=data.len());
    data.splice(at..at, what.iter().copied());
}

/// Some bytes beside each other, more often few than many.
fn piece(data: &[u8], rng: &mut impl Rng) -> std::ops::Range<usize> {
    let start = rng.random_range(0..=data.len());
    let longest = if rng.random_bool(0.8) { 16 } else { data.len() };
    let length = rng.random_range(0..=longest);
    start..data.len().min(start + length)
}

/// A line with its end.
fn line(data: &[u8], rng: &mut impl Rng) -> std::ops::Range<usize> {
    let at = rng.random_range(0..=data.len());
    let is_end = |byte: &u8| *byte == b'\n';
    let start = data[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let end = data[at..].iter().position(is_end);
    start..end.map_or(data.len(), |end| at + end + 1)
}

/// Digits behind a random place, or nothing.
fn number(data: &[u8], rng: &mut impl Rng) -> std::ops::Range<usize> {
    let at = rng.random_range(0..=data.len());
    let start = data[at..].iter().position(u8::is_ascii_digit);
    let start = start.map_or(data.len(), |start| at + start);
    let digits = data[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    start..start + digits.count()
}
