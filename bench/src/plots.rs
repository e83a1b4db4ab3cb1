//! The pictures of the report: SVG without script, readable in light and dark, with a text for whoever can't see them.

mod bars;
mod frame;
mod line;
mod stacked;

use std::{fs, path::Path};

use anyhow::Result;
use maud::Markup;

use crate::{
    report::components,
    results::{Figure, Outcome, Results},
    statistics::{Spread, counted, figure},
};

/// Writes those for which there are figures. Returns title and file name of each.
///
/// # Errors
/// When a file can't be written.
pub fn write(results: &Results, folder: &Path) -> Result<Vec<(String, String)>> {
    fs::create_dir_all(folder)?;
    let mut written = Vec::new();
    for (name, title, picture) in all(results) {
        let file = format!("{name}.svg");
        fs::write(folder.join(&file), picture.into_string() + "\n")?;
        written.push((title.to_owned(), file));
    }
    Ok(written)
}

fn all(results: &Results) -> Vec<(&'static str, &'static str, Markup)> {
    let mut pictures = Vec::new();
    let (slow, fast) = (
        "Times beside their goals",
        "Throughput as a part of the floor's",
    );
    let ratios = rows(results, |outcome| {
        (outcome.unit.ends_with("/s") && !outcome.floor.is_empty()).then_some(Figure::Ratio)
    });
    if !ratios.is_empty() {
        pictures.push(("ratios", fast, bars::picture(fast, "× the floor", &ratios)));
    }
    let scale = "100,000 events beside 1,000: how many times as long";
    let scales: Vec<bars::Row> = rows(results, |outcome| {
        ["one-change", "multiget", "month"]
            .contains(&outcome.name.as_str())
            .then_some(Figure::Ratio)
    });
    if !scales.is_empty() {
        pictures.push((
            "scale",
            scale,
            bars::picture(scale, "× the time of 1,000", &scales),
        ));
    }
    let latencies: Vec<bars::Row> = results
        .workloads
        .iter()
        .filter(|outcome| ["card", "press"].contains(&outcome.name.as_str()))
        .flat_map(|outcome| {
            [(Figure::P50, "p50"), (Figure::P99, "p99")]
                .into_iter()
                .filter_map(move |(of, label)| {
                    row(outcome, of, &format!("{} {label}", outcome.name))
                })
        })
        .collect();
    if !latencies.is_empty() {
        pictures.push(("latencies", slow, bars::picture(slow, "ms", &latencies)));
    }
    let paths: Vec<stacked::Row> = results
        .workloads
        .iter()
        .filter(|outcome| outcome.is_a_path())
        .map(|outcome| stacked::Row {
            label: outcome.name.clone(),
            parts: components(&outcome.ours),
        })
        .collect();
    if !paths.is_empty() {
        let title = "Where the CPU goes: microseconds a request";
        pictures.push(("cpu", title, stacked::picture(title, "µs", &paths)));
    }
    for outcome in &results.workloads {
        if !outcome.course.is_empty() {
            let title = "Resident memory of the api over the requests";
            pictures.push((
                "memory",
                title,
                line::picture(title, "requests", "MiB", &outcome.course),
            ));
        }
    }
    let peers = peers(results);
    if !peers.is_empty() {
        let title = "Requests a second beside other servers (each step is ten times as many)";
        pictures.push(("peers", title, bars::logarithmic(title, "/s", &peers)));
    }
    pictures
}

fn rows(results: &Results, wanted: impl Fn(&Outcome) -> Option<Figure>) -> Vec<bars::Row> {
    results
        .workloads
        .iter()
        .filter_map(|outcome| row(outcome, wanted(outcome)?, &outcome.name))
        .collect()
}

fn row(outcome: &Outcome, of: Figure, label: &str) -> Option<bars::Row> {
    Some(bars::Row {
        label: label.to_owned(),
        spread: figure(outcome, of)?,
        goal: outcome
            .goals
            .iter()
            .find(|goal| goal.of == of)
            .map(|goal| goal.bound),
        group: 0,
    })
}

fn peers(results: &Results) -> Vec<bars::Row> {
    results
        .peers
        .iter()
        .flat_map(|outcome| {
            let servers = outcome.servers.iter().enumerate();
            servers.filter_map(|(group, (server, rounds))| {
                let values = counted(rounds).into_iter().map(|round| round.value);
                Some(bars::Row {
                    label: format!("{} · {server}", outcome.name),
                    spread: Spread::of(values)?,
                    goal: None,
                    group,
                })
            })
        })
        .collect()
}
