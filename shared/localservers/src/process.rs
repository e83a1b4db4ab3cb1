//! Signals to processes by number, and whether a process is the one we think.
//!
//! Through the shell's builtin `kill` and `/proc` (or `ps`), since `unsafe`
//! code is forbidden here. A signal takes a millisecond or two.

use std::fs;
use std::process::{Command, Stdio};

/// The signals that the servers know.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    /// Postgres: the fast shutdown.
    Interrupt,
    /// Postgres: the immediate shutdown, to be recovered from at the next start.
    Quit,
    /// nats-server: the orderly shutdown.
    Terminate,
    /// The end, at once.
    Kill,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Quit => "QUIT",
            Self::Terminate => "TERM",
            Self::Kill => "KILL",
        }
    }
}

/// Sends the signal. A process that is gone is not an error: it was to end.
pub(crate) fn send(pid: u32, signal: Signal) {
    if !kill(signal.name(), pid) {
        tracing::debug!(process.pid = pid, ?signal, "nobody took the signal");
    }
}

/// Whether the number is taken by any process, even one that ended and was not reaped.
pub(crate) fn exists(pid: u32) -> bool {
    kill("0", pid)
}

/// Whether the process is running and its command line has both words: the
/// program's name, and a path that only our server was given.
///
/// Not by `/proc/PID/exe`, which containers hide for processes of other users.
pub(crate) fn is_running(pid: u32, program: &str, path: &str) -> bool {
    command_line(pid).is_some_and(|line| line.contains(program) && line.contains(path))
}

/// None when there is no such process, or when it ended and was not reaped.
fn command_line(pid: u32) -> Option<String> {
    let bytes = if fs::exists("/proc/self/cmdline").unwrap_or(false) {
        fs::read(format!("/proc/{pid}/cmdline")).ok()?
    } else {
        let pid = pid.to_string();
        let mut ps = Command::new("ps");
        ps.args(["-ww", "-o", "command=", "-p", &pid]);
        ps.output().ok()?.stdout
    };
    let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
    (!line.trim().is_empty()).then_some(line)
}

fn kill(signal: &str, pid: u32) -> bool {
    Command::new("sh")
        .args(["-c", r#"kill -s "$1" "$2""#, "kill", signal])
        .arg(pid.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn wait_until(what: &str, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        }
    }

    #[test]
    fn an_unreaped_process_exists_but_does_not_run() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = child.id();
        assert!(exists(pid));
        // Its command line is empty for an instant after the start.
        wait_until("it runs", || is_running(pid, "sleep", "60"));
        assert!(!is_running(pid, "postgres", "60"));
        send(pid, Signal::Kill);
        wait_until("it ended", || !is_running(pid, "sleep", "60"));
        assert!(exists(pid));
        child.wait().unwrap();
        assert!(!exists(pid));
    }
}
