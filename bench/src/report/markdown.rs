//! `benchmarks.md`: everything that was found, for people.

use std::fmt::Write as _;

use super::number;
use crate::{
    cpu::FOREIGN_CORES_LIMIT,
    results::{Better, Figure, Goal, Outcome, Results, Round},
    statistics::{Spread, counted, figure},
};

/// The whole page; `plots` are title and file name of each picture.
#[must_use]
pub fn page(results: &Results, plots: &[(String, String)]) -> String {
    let mut page = String::from(
        "# Benchmarks\n\nWritten by `./x bench`, with the figures in [benchmarks.json](benchmarks.json). Do not edit.\n\n",
    );
    if results.quick {
        page.push_str(
            "**A short run, to see that everything works. These figures mean nothing.**\n\n",
        );
    }
    page.push_str(&how_to_read());
    page.push_str(&machine(results));
    page.push_str(&summary(&results.workloads));
    page.push_str("\n## Pictures\n\n");
    for (title, file) in plots {
        let _infallible = write!(page, "![{title}](benchmarks/{file})\n\n");
    }
    page.push_str(&details(&results.workloads));
    page.push_str(&peers(results));
    page.push_str(&instructions(results));
    page
}

/// The summary alone, for the terminal.
#[must_use]
pub fn summary(outcomes: &[Outcome]) -> String {
    if outcomes.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "## What was reached\n\n| workload | ours | floor | ratio | goal | reached | quiet rounds |\n|---|---|---|---|---|---|---|\n",
    );
    for outcome in outcomes {
        let ours = figure(outcome, Figure::Value).map_or_else(String::new, spread);
        let floor = Spread::of(counted(&outcome.floor).into_iter().map(|round| round.value))
            .map_or_else(|| "–".to_owned(), spread);
        let ratio = figure(outcome, Figure::Ratio).map_or_else(|| "–".to_owned(), spread);
        let goals: Vec<String> = outcome
            .goals
            .iter()
            .map(|goal| told(goal, outcome))
            .collect();
        let reached: Vec<String> = outcome
            .goals
            .iter()
            .map(|goal| reached(goal, outcome))
            .collect();
        let rounds = outcome.ours.iter().chain(&outcome.floor);
        let quiet = rounds.clone().filter(|round| !round.disturbed).count();
        let _infallible = writeln!(
            text,
            "| {} | {ours} {} | {floor} | {ratio} | {} | {} | {quiet} of {} |",
            outcome.name,
            outcome.unit,
            goals.join(", "),
            reached.join(", "),
            rounds.count()
        );
    }
    text
}

fn how_to_read() -> String {
    format!(
        "Each workload runs in alternation with its floor, which is the least that could do the same without our code; both with the \
same load generator, on the same processors, in the same minutes. A figure is the median of the rounds, with the smallest and the \
largest in parentheses; a ratio is that of a round to the floor's round that followed it. Ratios are what to compare: on another \
machine, or another day, all figures differ together. A round in which other programs kept more than {FOREIGN_CORES_LIMIT} of a core \
busy is disturbed, and counts only where fewer than three were quiet. The load generator is one thread on the same machine and checks \
every answer. Postgres waits for its disk (`fsync = on`), nats-server runs with this project's `nats.conf`.\n\n"
    )
}

fn machine(results: &Results) -> String {
    let machine = &results.machine;
    format!(
        "## Machine\n\n| | |\n|---|---|\n| begun | {}, load average {} |\n| commit | {} ({}) |\n| processor | {}, {} cores |\n| memory | {} GiB |\n| kernel | {} |\n| Postgres | {} |\n| NATS | {} |\n\n",
        machine.started_at,
        machine.load_average,
        machine.commit,
        machine.build,
        machine.processor,
        machine.cores,
        machine.memory_gib,
        machine.kernel,
        machine.postgres,
        machine.nats
    )
}

fn spread(spread: Spread) -> String {
    format!(
        "{} ({}–{})",
        number(spread.median),
        number(spread.min),
        number(spread.max)
    )
}

fn told(goal: &Goal, outcome: &Outcome) -> String {
    let sign = if goal.at_least { "≥" } else { "≤" };
    let bound = number(goal.bound);
    match goal.of {
        Figure::Value => format!("{sign} {bound} {}", outcome.unit),
        Figure::Ratio => format!("ratio {sign} {bound}"),
        Figure::P50 => format!("p50 {sign} {bound} ms"),
        Figure::P99 => format!("p99 {sign} {bound} ms"),
    }
}

fn reached(goal: &Goal, outcome: &Outcome) -> String {
    figure(outcome, goal.of).map_or_else(
        || "not measured".to_owned(),
        |found| {
            let word = if goal.is_reached(found.median) {
                "yes"
            } else {
                "**no**"
            };
            format!("{word} ({})", number(found.median))
        },
    )
}

fn details(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let better = match outcome.better {
            Better::Higher => "more is better",
            Better::Lower => "less is better",
        };
        let _infallible = write!(
            text,
            "## {}\n\n{}; in {}, {better}.",
            outcome.name,
            upper_first(&outcome.about),
            outcome.unit
        );
        if !outcome.floor_about.is_empty() {
            let _infallible = write!(text, " Floor: {}.", outcome.floor_about);
        }
        for note in &outcome.notes {
            let _infallible = write!(text, " {note}");
        }
        if !outcome.measured.is_empty() {
            let _infallible = write!(text, " Measured {}.", outcome.measured);
        }
        text.push_str("\n\n");
        text.push_str(&rounds(outcome));
    }
    text
}

fn rounds(outcome: &Outcome) -> String {
    let mut text = String::from(
        "| round | value | p50 | p90 | p99 | slowest | others' cores | memory |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (side, rounds) in [("ours", &outcome.ours), ("floor", &outcome.floor)] {
        for (index, round) in rounds.iter().enumerate() {
            let latency = round.latency_ms.map_or_else(
                || "| | |".to_owned(),
                |latency| {
                    format!(
                        "{} ms | {} ms | {} ms | {} ms",
                        number(latency.p50),
                        number(latency.p90),
                        number(latency.p99),
                        number(latency.max)
                    )
                },
            );
            let _infallible = writeln!(
                text,
                "| {side} {} | {} | {latency} | {:.2}{} | {} |",
                index + 1,
                number(round.value),
                round.foreign_cores,
                if round.disturbed { " (disturbed)" } else { "" },
                memory(round)
            );
        }
    }
    text.push('\n');
    text
}

fn memory(round: &Round) -> String {
    let parts: Vec<String> = round
        .mib
        .iter()
        .map(|(name, mib)| format!("{name} {} MiB", number(*mib)))
        .collect();
    parts.join(", ")
}

fn peers(results: &Results) -> String {
    if results.peers.is_empty() {
        return String::new();
    }
    let mut servers: Vec<&String> = results
        .peers
        .iter()
        .flat_map(|outcome| outcome.servers.keys())
        .collect();
    servers.sort_unstable();
    servers.dedup();
    let mut text = String::from(
        "## Beside other servers\n\nThe same requests to each, one account, the calendar has the same events; in operations a second. The password is checked by all but Xandikos, which has none.\n\n| workload |",
    );
    for server in &servers {
        let _infallible = write!(text, " {server} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(servers.len()));
    text.push('\n');
    for outcome in &results.peers {
        let _infallible = write!(text, "| {} |", outcome.about);
        for server in &servers {
            let rounds = outcome.servers.get(*server);
            let values = rounds.into_iter().flat_map(|rounds| counted(rounds));
            let cell = Spread::of(values.map(|round| round.value))
                .map_or_else(|| "fails".to_owned(), spread);
            let mark = if outcome.failures.contains_key(*server) {
                " †"
            } else {
                ""
            };
            let _infallible = write!(text, " {cell}{mark} |");
        }
        text.push('\n');
    }
    text.push('\n');
    for outcome in &results.peers {
        for (server, why) in &outcome.failures {
            let _infallible = writeln!(text, "† {server}, {}: {why}\n", outcome.name);
        }
    }
    text
}

fn instructions(results: &Results) -> String {
    if results.instructions.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "## Instructions of the pure code\n\nCounted by callgrind, which no other program disturbs: one call each.\n\n| what | instructions |\n|---|---|\n",
    );
    for (case, count) in &results.instructions {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = number(*count as f64);
        let _infallible = writeln!(text, "| {case} | {count} |");
    }
    text.push('\n');
    text
}

fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
