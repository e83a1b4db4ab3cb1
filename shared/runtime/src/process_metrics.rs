//! What every Prometheus client library tells of its process, as Linux knows it (proc(5)). Elsewhere nothing is told.
//!
//! Written as text at once: a counter of the crate `metrics` holds whole numbers, and seconds of processors have fractions.

use std::{fmt::Write as _, fs};

/// Ticks a second in /proc: USER_HZ, which is the same on all machines that we run on.
const TICKS: f64 = 100.0;

/// Where in /proc/self/stat, counted from what follows the name in parentheses, times stand: user, system, and the start.
const USER_FIELD: usize = 11;
const SYSTEM_FIELD: usize = 12;
const START_FIELD: usize = 19;

const KIBIBYTE: f64 = 1024.0;

/// The metrics in Prometheus' text format. Asks the system, which takes some microseconds.
pub(crate) fn render() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (stat, status) = (read("/proc/self/stat"), read("/proc/self/status"));
    let (booted, limits) = (read("/proc/stat"), read("/proc/self/limits"));
    let kibibytes = |key| Some(line_value(&status, key)? * KIBIBYTE);
    let used = || Some((ticks(&stat, USER_FIELD)? + ticks(&stat, SYSTEM_FIELD)?) / TICKS);
    let began = || Some(line_value(&booted, "btime ")? + ticks(&stat, START_FIELD)? / TICKS);
    let open = || {
        let open = fs::read_dir("/proc/self/fd").ok()?.count();
        // The folder itself is open while it is read.
        u32::try_from(open.saturating_sub(1)).ok().map(f64::from)
    };
    let mut text = String::new();
    for (name, kind, about, value) in [
        (
            "cpu_seconds_total",
            "counter",
            "Time of processors that the process has used.",
            used(),
        ),
        (
            "resident_memory_bytes",
            "gauge",
            "Memory of the process that is in RAM.",
            kibibytes("VmRSS:"),
        ),
        (
            "virtual_memory_bytes",
            "gauge",
            "Addresses that the process has mapped.",
            kibibytes("VmSize:"),
        ),
        ("open_fds", "gauge", "Open files and sockets.", open()),
        (
            "max_fds",
            "gauge",
            "Files and sockets that the process may have open.",
            line_value(&limits, "Max open files "),
        ),
        (
            "threads",
            "gauge",
            "Threads of the process.",
            line_value(&status, "Threads:"),
        ),
        (
            "start_time_seconds",
            "gauge",
            "When the process began, in seconds since 1970.",
            began(),
        ),
    ] {
        if let Some(value) = value {
            // Writing to a String can't fail.
            let _infallible = write!(
                text,
                "# HELP process_{name} {about}\n# TYPE process_{name} {kind}\nprocess_{name} {value}\n\n"
            );
        }
    }
    text
}

/// A field behind the name, which may hold spaces and parentheses itself.
fn ticks(stat: &str, field: usize) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(field)?.parse().ok()
}

/// The first number of the line that begins with `key`.
fn line_value(text: &str, key: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_linux_are_read() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 7 0 123456 1 2";
        assert_eq!(ticks(stat, USER_FIELD), Some(250.0));
        assert_eq!(ticks(stat, SYSTEM_FIELD), Some(50.0));
        assert_eq!(ticks(stat, START_FIELD), Some(123_456.0));
        assert_eq!(ticks("", USER_FIELD), None);
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n";
        assert_eq!(line_value(limits, "Max open files "), Some(1024.0));
        assert_eq!(line_value("VmRSS:\t   2048 kB\n", "VmRSS:"), Some(2048.0));
        assert_eq!(
            line_value("Max open files unlimited", "Max open files "),
            None
        );
    }
}
