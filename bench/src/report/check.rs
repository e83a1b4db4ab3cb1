//! Whether anything got worse than the baseline: ratios where there is a floor, else the figure itself.

use crate::{
    report::number,
    results::{Better, Figure, Outcome, Results},
    statistics::{Spread, figure},
};

/// How much more instructions may be: they are exact, but for what the allocator and hashing do.
const INSTRUCTIONS_TOLERANCE: f64 = 0.02;

/// A line for each figure that is worse by more than `tolerance`, a part of the baseline's.
#[must_use]
pub fn worse(baseline: &Results, now: &Results, tolerance: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for outcome in &now.workloads {
        let old = baseline
            .workloads
            .iter()
            .find(|old| old.name == outcome.name);
        if let Some(old) = old {
            lines.extend(compare(old, outcome, tolerance));
        }
    }
    for (case, count) in &now.instructions {
        let Some(old) = baseline.instructions.get(case) else {
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let (old, count) = (*old as f64, *count as f64);
        if count > old * (1.0 + INSTRUCTIONS_TOLERANCE) {
            lines.push(format!(
                "{case}: {} instructions instead of {}",
                number(count),
                number(old)
            ));
        }
    }
    lines
}

fn compare(old: &Outcome, now: &Outcome, tolerance: f64) -> Option<String> {
    let (of, name) = if old.floor.is_empty() || now.floor.is_empty() {
        (Figure::Value, now.unit.as_str())
    } else {
        (Figure::Ratio, "× the floor")
    };
    let (before, after) = (figure(old, of)?, figure(now, of)?);
    is_worse(now.better, &before, &after, tolerance).then(|| {
        format!(
            "{}: {} {name} ({}–{}) instead of {} ({}–{})",
            now.name,
            number(after.median),
            number(after.min),
            number(after.max),
            number(before.median),
            number(before.min),
            number(before.max)
        )
    })
}

fn is_worse(better: Better, before: &Spread, after: &Spread, tolerance: f64) -> bool {
    let allowed = before.median.abs() * tolerance;
    match better {
        Better::Higher => after.median < before.median - allowed,
        Better::Lower => after.median > before.median + allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(median: f64) -> Spread {
        Spread {
            median,
            min: median,
            max: median,
        }
    }

    #[test]
    fn worse_is_beyond_the_tolerance() {
        for (better, before, after, expected) in [
            (Better::Higher, 1.0, 0.9, false),
            (Better::Higher, 1.0, 0.8, true),
            (Better::Higher, 1.0, 2.0, false),
            (Better::Lower, 1.0, 1.1, false),
            (Better::Lower, 1.0, 1.2, true),
            (Better::Lower, 1.0, 0.1, false),
        ] {
            let found = is_worse(better, &spread(before), &spread(after), 0.15);
            assert_eq!(found, expected, "{better:?} {before} {after}");
        }
    }
}
