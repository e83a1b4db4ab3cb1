//! Medians, spreads and ratios. Few rounds on a shared machine have no normal distribution, so nothing here assumes one.

use crate::results::{Figure, Outcome, Round};

/// With fewer quiet rounds than this, the disturbed ones count, too.
const ENOUGH_QUIET_ROUNDS: usize = 3;

/// The middle of some values, and how far they are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Half are smaller.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// `None` without values.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        Some(Self {
            median: median(&values)?,
            min: values.first().copied()?,
            max: values.last().copied()?,
        })
    }
}

/// Of sorted values.
fn median(sorted: &[f64]) -> Option<f64> {
    let upper = sorted.get(sorted.len() / 2).copied()?;
    let lower = sorted.get((sorted.len() - 1) / 2).copied()?;
    Some(f64::midpoint(lower, upper))
}

/// The smallest of sorted values that at least this part of them does not exceed.
#[must_use]
pub fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a length is a length"
    )]
    let rank = (crate::results::to_f64(sorted.len()) * part).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// The rounds that count: the quiet ones, where there are enough of them.
#[must_use]
pub fn counted(rounds: &[Round]) -> Vec<&Round> {
    let quiet: Vec<&Round> = rounds.iter().filter(|round| !round.disturbed).collect();
    if quiet.len() >= ENOUGH_QUIET_ROUNDS.min(rounds.len()) {
        quiet
    } else {
        rounds.iter().collect()
    }
}

/// The spread of a figure over the rounds.
#[must_use]
pub fn figure(outcome: &Outcome, figure: Figure) -> Option<Spread> {
    let ours = || counted(&outcome.ours).into_iter();
    match figure {
        Figure::Value => Spread::of(ours().map(|round| round.value)),
        Figure::P50 => Spread::of(ours().filter_map(|round| Some(round.latency_ms?.p50))),
        Figure::P99 => Spread::of(ours().filter_map(|round| Some(round.latency_ms?.p99))),
        Figure::Ratio => ratio(&outcome.ours, &outcome.floor),
    }
}

/// Of each round of ours and the one of the floor that followed it: what disturbs slowly disturbs both alike. Pairs without a
/// disturbed round count, where there are enough of them.
fn ratio(ours: &[Round], floor: &[Round]) -> Option<Spread> {
    let pairs: Vec<(&Round, &Round)> = ours.iter().zip(floor).collect();
    let quiet: Vec<&(&Round, &Round)> = pairs
        .iter()
        .filter(|(ours, floor)| !ours.disturbed && !floor.disturbed)
        .collect();
    let counted = if quiet.len() >= ENOUGH_QUIET_ROUNDS.min(pairs.len()) {
        quiet
    } else {
        pairs.iter().collect()
    };
    Spread::of(
        counted
            .into_iter()
            .filter(|(_, floor)| floor.value > 0.0)
            .map(|(ours, floor)| ours.value / floor.value),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(values: &[(f64, bool)]) -> Vec<Round> {
        values
            .iter()
            .map(|(value, disturbed)| Round {
                value: *value,
                disturbed: *disturbed,
                ..Round::default()
            })
            .collect()
    }

    #[test]
    fn median_is_in_the_middle() {
        for (values, expected) in [
            (vec![3.0, 1.0, 2.0], 2.0),
            (vec![4.0, 1.0, 2.0, 3.0], 2.5),
            (vec![7.0], 7.0),
        ] {
            assert_eq!(Spread::of(values).unwrap().median, expected);
        }
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([f64::NAN]), None);
    }

    #[test]
    fn quantiles_are_samples() {
        let sorted: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(quantile(&sorted, 0.5), Some(100.0));
        assert_eq!(quantile(&sorted, 0.99), Some(198.0));
        assert_eq!(quantile(&[5.0], 0.99), Some(5.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn disturbed_rounds_count_only_where_there_are_few_others() {
        let mostly_quiet = rounds(&[(1.0, false), (2.0, false), (3.0, false), (99.0, true)]);
        assert_eq!(counted(&mostly_quiet).len(), 3);
        let mostly_disturbed = rounds(&[(1.0, false), (2.0, true), (3.0, true), (4.0, true)]);
        assert_eq!(counted(&mostly_disturbed).len(), 4);
    }

    #[test]
    fn ratios_are_of_neighbours() {
        let ours = rounds(&[(10.0, false), (40.0, false), (9.0, false)]);
        let floor = rounds(&[(20.0, false), (80.0, false), (10.0, false)]);
        let spread = ratio(&ours, &floor).unwrap();
        assert_eq!((spread.median, spread.min, spread.max), (0.5, 0.5, 0.9));
    }
}
