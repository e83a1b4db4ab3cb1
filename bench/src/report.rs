//! What is written of the figures.

pub mod check;
pub mod markdown;
pub mod performance;

use std::collections::BTreeMap;

use crate::{
    results::{Outcome, Round},
    statistics::{Spread, counted},
};

/// Workloads of which one operation is one request or message, so that its CPU can be told: what `profile` runs.
pub const PATHS: [&str; 8] = [
    "put",
    "poll",
    "get",
    "one-change",
    "multiget",
    "month",
    "card",
    "press",
];

/// Less than this part of all is noise.
const WORTH_TELLING: f64 = 0.005;

impl Outcome {
    /// Whether one operation is one request.
    #[must_use]
    pub fn is_a_path(&self) -> bool {
        PATHS.contains(&self.name.as_str())
    }
}

/// Medians of the CPU by component, in microseconds an operation.
#[must_use]
pub fn components(rounds: &[Round]) -> BTreeMap<String, f64> {
    let rounds = counted(rounds);
    let mut names: Vec<&String> = rounds
        .iter()
        .flat_map(|round| round.cpu_us.keys())
        .collect();
    names.sort_unstable();
    names.dedup();
    let medians: BTreeMap<String, f64> = names
        .into_iter()
        .filter_map(|name| {
            let values = rounds
                .iter()
                .map(|round| round.cpu_us.get(name).copied().unwrap_or_default());
            Some((name.clone(), Spread::of(values)?.median))
        })
        .collect();
    let all: f64 = medians.values().sum();
    medians
        .into_iter()
        .filter(|(_, micros)| *micros > all * WORTH_TELLING)
        .collect()
}

/// A number with three digits that mean something, and with commas where it is long.
#[must_use]
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 {
        let digits = format!("{size:.0}");
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        return if value < 0.0 {
            format!("-{text}")
        } else {
            text
        };
    }
    let text = if size >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    };
    match text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")) {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (0.534, "0.53"),
            (5.0, "5"),
            (12.34, "12.3"),
            (20.0, "20"),
            (999.6, "1,000"),
            (1_234_567.0, "1,234,567"),
            (-1500.0, "-1,500"),
            (-0.5, "-0.50"),
        ] {
            assert_eq!(number(value), expected);
        }
    }
}
