//! What is measured, as it stands in `benchmarks.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    cpu::{FOREIGN_CORES_LIMIT, Used},
    machine::Machine,
    statistics::quantile,
};

/// Everything that one run has found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Results {
    /// Where, when and of what.
    pub machine: Machine,
    /// Whether it was a short run, of which the figures mean little.
    pub quick: bool,
    /// In the order in which they ran.
    pub workloads: Vec<Outcome>,
    /// Instructions of the pure code, by case.
    #[serde(default)]
    pub instructions: BTreeMap<String, u64>,
    /// The same workloads on other servers.
    #[serde(default)]
    pub peers: Vec<PeerOutcome>,
}

/// One workload with its floor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// As on the command line.
    pub name: String,
    /// What one operation is, and how many at once.
    pub about: String,
    /// What it is held against.
    pub floor_about: String,
    /// Of the values.
    pub unit: String,
    /// Which values are better.
    pub better: Better,
    /// Rounds of ours, in time.
    pub ours: Vec<Round>,
    /// Rounds of the floor; empty where there is none.
    pub floor: Vec<Round>,
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// What else is to be known.
    #[serde(default)]
    pub notes: Vec<String>,
    /// When and of which commit, where only some were measured anew.
    #[serde(default)]
    pub measured: String,
    /// A course over time, for a plot: x and y.
    #[serde(default)]
    pub course: Vec<(f64, f64)>,
}

/// The same workload on several servers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeerOutcome {
    /// The workload.
    pub name: String,
    /// What one operation is.
    pub about: String,
    /// Operations a second, by server.
    pub servers: BTreeMap<String, Vec<Round>>,
    /// Servers that could not do it, and why.
    #[serde(default)]
    pub failures: BTreeMap<String, String>,
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// As throughput.
    Higher,
    /// As time and memory.
    Lower,
}

/// What is to be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Of which figure.
    pub of: Figure,
    /// The bound.
    pub bound: f64,
    /// Whether the figure must be at least the bound; else at most.
    pub at_least: bool,
}

/// A figure of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// The median of our values.
    Value,
    /// The median of the ratios of neighbouring rounds: ours to the floor's.
    Ratio,
    /// The median of our 50th percentiles, in ms.
    P50,
    /// The median of our 99th percentiles, in ms.
    P99,
}

/// One measurement of some seconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Round {
    /// In the unit of the workload.
    pub value: f64,
    /// How many operations.
    pub operations: u64,
    /// How long it took.
    pub seconds: f64,
    /// How long each took.
    #[serde(default)]
    pub latency_ms: Option<Latency>,
    /// Microseconds of CPU an operation, by component.
    pub cpu_us: BTreeMap<String, f64>,
    /// Cores that others kept busy.
    pub foreign_cores: f64,
    /// Whether that was too much.
    pub disturbed: bool,
    /// Memory of processes, by what it is.
    #[serde(default)]
    pub mib: BTreeMap<String, f64>,
}

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Half are faster.
    pub p50: f64,
    /// Nine of ten are faster.
    pub p90: f64,
    /// 99 of a hundred are faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

impl Goal {
    /// A figure must be at least `bound`.
    #[must_use]
    pub const fn at_least(of: Figure, bound: f64) -> Self {
        Self {
            of,
            bound,
            at_least: true,
        }
    }

    /// A figure must be at most `bound`.
    #[must_use]
    pub const fn at_most(of: Figure, bound: f64) -> Self {
        Self {
            of,
            bound,
            at_least: false,
        }
    }

    /// Whether a figure reaches it.
    #[must_use]
    pub fn is_reached(&self, figure: f64) -> bool {
        if self.at_least {
            figure >= self.bound
        } else {
            figure <= self.bound
        }
    }
}

impl Round {
    /// Of so many operations; the value is operations a second.
    #[must_use]
    pub fn of(used: &Used, operations: usize) -> Self {
        let count = to_f64(operations);
        let seconds = used.elapsed.as_secs_f64();
        Self {
            value: count / seconds,
            operations: operations as u64,
            seconds,
            cpu_us: used
                .seconds
                .iter()
                .map(|(component, seconds)| (component.clone(), seconds * 1e6 / count.max(1.0)))
                .collect(),
            foreign_cores: used.foreign_cores,
            disturbed: used.foreign_cores > FOREIGN_CORES_LIMIT,
            ..Self::default()
        }
    }

    /// The same with another value.
    #[must_use]
    pub fn with_value(self, value: f64) -> Self {
        Self { value, ..self }
    }

    /// The same, its value being half of all latencies.
    #[must_use]
    pub fn with_median_latency(self) -> Self {
        let p50 = self.latency_ms.map_or(f64::NAN, |latency| latency.p50);
        self.with_value(p50)
    }
}

impl Latency {
    /// Of samples in microseconds; `None` without any.
    #[must_use]
    pub fn of_micros(mut micros: Vec<u32>) -> Option<Self> {
        micros.sort_unstable();
        let sorted: Vec<f64> = micros
            .iter()
            .map(|micros| f64::from(*micros) / 1000.0)
            .collect();
        Some(Self {
            p50: quantile(&sorted, 0.5)?,
            p90: quantile(&sorted, 0.9)?,
            p99: quantile(&sorted, 0.99)?,
            max: sorted.last().copied()?,
        })
    }
}

/// A count as a number; none here is above 2^52.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a benchmark are far below 2^52"
)]
pub fn to_f64(count: usize) -> f64 {
    count as f64
}
