//! Who has used the processors, from `/proc`: our own processes by what they are, and everybody else.
//!
//! Ticks are as exact as it gets without privileges: 10 ms, which is little beside a round of seconds.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    time::{Duration, Instant},
};

/// `USER_HZ`, which is 100 on every Linux that one meets.
const TICKS_PER_SECOND: f64 = 100.0;

/// A round with more of the processors used by others than this is disturbed.
pub const FOREIGN_CORES_LIMIT: f64 = 0.15;

/// Bytes of a page, for resident sizes.
const PAGE_BYTES: f64 = 4096.0;

const MIB: f64 = 1024.0 * 1024.0;

/// The load generator itself.
pub const GENERATOR: &str = "load generator";

/// What a round has used.
#[derive(Clone, Debug)]
pub struct Used {
    /// How long it took.
    pub elapsed: Duration,
    /// Seconds of CPU by component.
    pub seconds: BTreeMap<String, f64>,
    /// Cores that were busy with something else.
    pub foreign_cores: f64,
}

/// A measurement under way.
#[derive(Debug)]
pub struct Watch {
    before: Snapshot,
    started: Instant,
}

#[derive(Debug)]
struct Snapshot {
    /// Ticks of everybody, without interrupts: those of loopback come on account of nobody.
    busy: f64,
    by_component: BTreeMap<String, f64>,
}

impl Watch {
    /// Begins.
    #[must_use]
    pub fn start() -> Self {
        Self {
            before: Snapshot::take(),
            started: Instant::now(),
        }
    }

    /// Ends.
    #[must_use]
    pub fn stop(self) -> Used {
        let elapsed = self.started.elapsed();
        let after = Snapshot::take();
        let mut ours = 0.0;
        let mut seconds = BTreeMap::new();
        for (component, ticks) in after.by_component {
            let before = self.before.by_component.get(&component).copied();
            let ticks = (ticks - before.unwrap_or_default()).max(0.0);
            ours += ticks;
            if ticks > 0.0 {
                seconds.insert(component, ticks / TICKS_PER_SECOND);
            }
        }
        let foreign = (after.busy - self.before.busy - ours).max(0.0) / TICKS_PER_SECOND;
        Used {
            foreign_cores: foreign / elapsed.as_secs_f64().max(f64::EPSILON),
            elapsed,
            seconds,
        }
    }
}

impl Snapshot {
    fn take() -> Self {
        let processes = processes();
        let own = std::process::id();
        let mut by_component: BTreeMap<String, f64> = BTreeMap::new();
        for (pid, process) in &processes {
            let Some(component) = component(&processes, *pid, own) else {
                continue;
            };
            *by_component.entry(component.clone()).or_default() += process.ticks;
            // Children that have ended, such as a backend of Postgres or pgbench, are on their parent's account.
            let heir = if component == GENERATOR {
                "ended programs".to_owned()
            } else {
                component
            };
            *by_component.entry(heir).or_default() += process.ended_children;
        }
        Self {
            busy: busy_ticks(),
            by_component,
        }
    }
}

struct Process {
    parent: u32,
    ticks: f64,
    ended_children: f64,
}

fn processes() -> HashMap<u32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return HashMap::new();
    };
    entries
        .filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((pid, Process::read(pid)?))
        })
        .collect()
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name is in parentheses, and may have any in it.
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        // proc_pid_stat(5), counted from field 3.
        let number = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            ticks: number(14)? + number(15)?,
            ended_children: number(16)? + number(17)?,
        })
    }
}

/// What a process of ours is: named by the child of ours that it descends from. `None` when it is none of ours.
fn component(processes: &HashMap<u32, Process>, pid: u32, own: u32) -> Option<String> {
    if pid == own {
        return Some(GENERATOR.to_owned());
    }
    let mut pid = pid;
    loop {
        let parent = processes.get(&pid)?.parent;
        if parent == own {
            return Some(name_of(pid));
        }
        pid = parent;
    }
}

/// By its command line: a televent by its roles.
fn name_of(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<String> = line
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    if let Some(at) = words.iter().position(|word| word == "--roles") {
        let roles = words.get(at + 1).cloned().unwrap_or_default();
        return format!("televent {roles}");
    }
    for (word, name) in [
        ("simulator", "simulator"),
        ("floor", "floor handler"),
        ("radicale", "Radicale"),
        ("xandikos", "Xandikos"),
    ] {
        if words.iter().any(|found| found.ends_with(word)) {
            return name.to_owned();
        }
    }
    let program = words.first().map(String::as_str).unwrap_or_default();
    program.rsplit('/').next().unwrap_or(program).to_owned()
}

fn busy_ticks() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    // cpu user nice system idle iowait irq softirq steal: proc_stat(5).
    let numbers: Vec<f64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|number| number.parse().ok())
        .collect();
    [0, 1, 2, 7].iter().filter_map(|at| numbers.get(*at)).sum()
}

/// Memory that a process holds for itself and what it shares, in MiB.
#[must_use]
pub fn resident_mib(pid: u32) -> Option<f64> {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: f64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES / MIB)
}

/// The most that it ever held, in MiB.
#[must_use]
pub fn peak_resident_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
