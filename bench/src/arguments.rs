//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::workloads::WORKLOADS;

/// Runs each workload in alternation with its floor, on private servers on loopback, and writes what it found.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, after_help = names())]
pub struct Arguments {
    #[command(subcommand)]
    helper: Option<Helper>,
    #[command(flatten)]
    plan: Plan,
}

/// What is to be measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// What to run: names of workloads, `peers`, `pure`, or `profile`; nothing for all but the peers
    pub workloads: Vec<String>,
    /// A second a round and small data: to see that it works, never for figures
    #[arg(long)]
    pub quick: bool,
    /// Rounds of each side [default: 5; with --quick 2]
    #[arg(long)]
    pub rounds: Option<usize>,
    /// Compare with the baseline instead of writing a new one
    #[arg(long)]
    pub check: bool,
    /// How much worse a figure may be with --check, as a part of the baseline's
    #[arg(long, default_value_t = 0.15)]
    pub tolerance: f64,
    /// Where benchmarks.json, benchmarks.md, performance.md and the plots go [default: docs, with --quick target/bench]
    #[arg(long)]
    pub output: Option<PathBuf>,
    /// The server's program [default: `televent` beside this program]
    #[arg(long)]
    pub televent: Option<PathBuf>,
    /// The virtual environment with Radicale and Xandikos
    #[arg(long, default_value = ".tools/peers")]
    pub peers_dir: PathBuf,
    /// Keep going when a workload fails, and say so at the end
    #[arg(long)]
    pub keep_going: bool,
}

/// Programs that a run starts for itself, and the writing alone.
#[derive(Clone, Debug, Subcommand)]
enum Helper {
    /// The Bot API simulator
    #[command(hide = true)]
    Simulator,
    /// The handler that floors of reading are measured by
    #[command(hide = true)]
    Floor(Floor),
    /// One case of the pure code, some times over
    #[command(hide = true)]
    PureCase(Pure),
    /// Writes the pages and plots anew from benchmarks.json
    Render(Render),
}

/// Where the floor's handler finds its database.
#[derive(Clone, Debug, clap::Args)]
pub struct Floor {
    /// `postgres://…`
    #[arg(long)]
    pub database_url: String,
}

/// A case of the pure code.
#[derive(Clone, Debug, clap::Args)]
pub struct Pure {
    /// Its name
    pub case: String,
    /// How often
    pub times: u32,
}

/// Where the figures are.
#[derive(Clone, Debug, clap::Args)]
pub struct Render {
    /// The folder of benchmarks.json
    #[arg(long, default_value = "docs")]
    pub output: PathBuf,
}

/// What this process is to do.
#[derive(Clone, Debug)]
pub enum Task {
    /// Measure.
    Measure(Plan),
    /// Be the floor of reading.
    Floor(Floor),
    /// Be Telegram.
    Simulator,
    /// Repeat pure code.
    Pure(Pure),
    /// Write pages.
    Render(Render),
}

impl Arguments {
    /// What this process is to do.
    #[must_use]
    pub fn task(self) -> Task {
        match self.helper {
            None => Task::Measure(self.plan),
            Some(Helper::Simulator) => Task::Simulator,
            Some(Helper::Floor(floor)) => Task::Floor(floor),
            Some(Helper::PureCase(pure)) => Task::Pure(pure),
            Some(Helper::Render(render)) => Task::Render(render),
        }
    }
}

fn names() -> String {
    format!("Workloads: {}", WORKLOADS.join(", "))
}
