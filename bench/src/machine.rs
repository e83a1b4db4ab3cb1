//! Where the figures come from: processor, system, versions, commit.

use std::{fs, path::Path, process::Command};

use chrono::Utc;
use serde::{Deserialize, Serialize};
use televent_localservers::Binaries;

/// What a figure depends on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Machine {
    /// When the run began, RFC 3339.
    pub started_at: String,
    /// The commit of this project, and whether something was changed since.
    pub commit: String,
    /// How the programs were built.
    pub build: String,
    /// Model of the processor.
    pub processor: String,
    /// How many of its cores we see.
    pub cores: usize,
    /// Memory in GiB.
    pub memory_gib: f64,
    /// Of the kernel.
    pub kernel: String,
    /// Of the Postgres server.
    pub postgres: String,
    /// Of the nats-server.
    pub nats: String,
    /// The load average over a minute at the start.
    pub load_average: f64,
}

impl Machine {
    /// Looks at this one.
    #[must_use]
    pub fn of_this(binaries: &Binaries) -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let kib: f64 = field(&memory, "MemTotal")
            .and_then(|value| value.split(' ').next()?.parse().ok())
            .unwrap_or_default();
        let changed = first_line("git", &["status", "--porcelain", "--untracked-files=no"]);
        let commit = first_line("git", &["rev-parse", "--short=12", "HEAD"]);
        Self {
            started_at: Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            commit: if changed.is_empty() {
                commit
            } else {
                format!("{commit}, with changes")
            },
            build: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            }
            .to_owned(),
            processor: field(&cpu, "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: (kib / 1024.0 / 1024.0 * 10.0).round() / 10.0,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            postgres: version(&binaries.postgres_bin.join("postgres")),
            nats: version(&binaries.nats_server),
            load_average: load
                .split(' ')
                .next()
                .and_then(|value| value.parse().ok())
                .unwrap_or_default(),
        }
    }
}

/// The value of the first line `name : value`.
fn field(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(found, _)| found.trim() == name)?;
    Some(value.trim().to_owned())
}

fn version(program: &Path) -> String {
    first_line(&program.to_string_lossy(), &["--version"])
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    let text = String::from_utf8_lossy(&text);
    text.lines().next().unwrap_or_default().trim().to_owned()
}
