//! The table of `performance.md`: where the CPU goes, path by path. The words around it are written by people.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::{components, number};
use crate::{
    results::{Outcome, Results},
    statistics::{Spread, counted},
};

/// Between these the table stands.
const BEGIN: &str = "<!-- begin: written by ./x bench profile -->";
const END: &str = "<!-- end -->";

/// What a page begins with where there is none yet.
const NEW_PAGE: &str =
    "# Performance\n\n<!-- begin: written by ./x bench profile -->\n<!-- end -->\n";

/// The page with its table anew.
///
/// # Errors
/// When the marks of the table are not in it.
pub fn page(old: Option<String>, results: &Results) -> Result<String> {
    let old = old.unwrap_or_else(|| NEW_PAGE.to_owned());
    let (before, rest) = old
        .split_once(BEGIN)
        .with_context(|| format!("performance.md has no line {BEGIN}"))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("performance.md has no line {END}"))?;
    Ok(format!("{before}{BEGIN}\n{}{END}{after}", table(results)))
}

fn table(results: &Results) -> String {
    let mut text = format!(
        "\nOf commit {}, {}. In microseconds of CPU for one request, card or press; medians.\n\n| path | side | all | of which | p50 |\n|---|---|---|---|---|\n",
        results.machine.commit, results.machine.processor
    );
    for outcome in results
        .workloads
        .iter()
        .filter(|outcome| outcome.is_a_path())
    {
        for (side, rounds) in [("ours", &outcome.ours), ("floor", &outcome.floor)] {
            let parts = components(rounds);
            let all: f64 = parts.values().sum();
            let latencies = counted(rounds)
                .into_iter()
                .filter_map(|round| Some(round.latency_ms?.p50));
            let p50 = Spread::of(latencies).map_or_else(String::new, |spread| {
                format!("{} ms", number(spread.median))
            });
            let _infallible = writeln!(
                text,
                "| {} | {side} | {} | {} | {p50} |",
                outcome.name,
                number(all),
                of_which(&parts),
            );
        }
    }
    text.push('\n');
    text
}

fn of_which(parts: &std::collections::BTreeMap<String, f64>) -> String {
    let mut sorted: Vec<(&String, &f64)> = parts.iter().collect();
    sorted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let told: Vec<String> = sorted
        .into_iter()
        .map(|(name, micros)| format!("{name} {}", number(*micros)))
        .collect();
    told.join(", ")
}

/// The table for the terminal.
#[must_use]
pub fn summary(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.is_a_path()) {
        for (side, rounds) in [("ours", &outcome.ours), ("floor", &outcome.floor)] {
            let _infallible = writeln!(
                text,
                "{:12} {side:6} {}",
                outcome.name,
                of_which(&components(rounds))
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn words_around_the_table_stay() {
        let results = Results {
            machine: Machine::default(),
            quick: true,
            workloads: Vec::new(),
            instructions: std::collections::BTreeMap::new(),
            peers: Vec::new(),
        };
        let old = format!("# Words\n{BEGIN}\nold figures\n{END}\nMore words\n");
        let page = page(Some(old), &results).unwrap();
        assert!(page.starts_with("# Words\n") && page.ends_with("More words\n"));
        assert!(!page.contains("old figures"));
        assert!(super::page(Some("no marks".to_owned()), &results).is_err());
    }
}
