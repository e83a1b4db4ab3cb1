//! A child process that serves: started, awaited, stopped within a bound.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::process::Child;

use crate::LocalServerError;
use crate::folder::Log;
use crate::process::{self, Signal};

/// Both servers are ready within tens of milliseconds: waiting longer between looks would show.
const POLL: Duration = Duration::from_millis(5);
/// How long a server may take that was told to end at once.
const ABRUPT_STOP_WITHIN: Duration = Duration::from_secs(5);
/// How long dropping may block. It is the emergency exit: `stop` is the way out.
const DROP_WITHIN: Duration = Duration::from_secs(1);

pub(crate) struct Server {
    program: &'static str,
    child: Child,
    pid: u32,
    log: Log,
    /// Ends the server, its children and its shared memory without delay.
    abrupt: Signal,
}

impl Server {
    /// Starts the program in its own process group, so that the terminal's Ctrl-C does not reach it.
    pub(crate) fn spawn(
        program: &'static str,
        mut command: Command,
        dir: &Path,
        log: Log,
        abrupt: Signal,
    ) -> Result<Self, LocalServerError> {
        let (stdout, stderr) = (log.handle()?, log.handle()?);
        // Variables like PGDATA are about the person's own servers.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command
            // Fresh machines name locales that they do not have; and logs are quoted in English.
            .env("LC_ALL", "C")
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0);
        let path = command.get_program().to_owned();
        let failed = |source| LocalServerError::io("start", path.as_ref(), source);
        let child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pid = child
            .id()
            .ok_or_else(|| failed(std::io::Error::other("it has no process number")))?;
        Ok(Self {
            program,
            child,
            pid,
            log,
            abrupt,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Looks until there is an answer, the server ends, or the time is up.
    pub(crate) async fn ready<T>(
        &mut self,
        within: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> Result<T, LocalServerError> {
        let start = Instant::now();
        loop {
            if let Some(answer) = look() {
                tracing::debug!(
                    program = self.program,
                    process.pid = self.pid,
                    start.ms = start.elapsed().as_millis(),
                    "a local server is ready"
                );
                return Ok(answer);
            }
            if let Some(status) = self.ended()? {
                return Err(self.failed(format!("ended at start ({status})")));
            }
            if start.elapsed() > within {
                return Err(self.failed(format!("was not ready within {} s", within.as_secs())));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits for a program that is to end by itself, with success.
    pub(crate) async fn finish(mut self, within: Duration) -> Result<(), LocalServerError> {
        match tokio::time::timeout(within, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(self.failed(format!("failed ({status})"))),
            Ok(Err(source)) => Err(self.unwaitable(source)),
            Err(_) => Err(self.failed(format!("did not finish within {} s", within.as_secs()))),
        }
    }

    /// Ends the server: by `signal` in good order, and when it takes too long, abruptly.
    pub(crate) async fn stop(
        &mut self,
        signal: Signal,
        within: Duration,
    ) -> Result<(), LocalServerError> {
        for (signal, within) in [
            (signal, within),
            (self.abrupt, ABRUPT_STOP_WITHIN),
            (Signal::Kill, ABRUPT_STOP_WITHIN),
        ] {
            if self.ended()?.is_some() {
                return Ok(());
            }
            process::send(self.pid, signal);
            match tokio::time::timeout(within, self.child.wait()).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(source)) => return Err(self.unwaitable(source)),
                Err(_) => tracing::warn!(
                    program = self.program,
                    process.pid = self.pid,
                    ?signal,
                    wait.s = within.as_secs(),
                    "a local server does not stop in time"
                ),
            }
        }
        Err(self.failed("does not stop, not even when killed".to_owned()))
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>, LocalServerError> {
        self.child
            .try_wait()
            .map_err(|source| self.unwaitable(source))
    }

    fn unwaitable(&self, source: std::io::Error) -> LocalServerError {
        LocalServerError::io("wait for", self.program.as_ref(), source)
    }

    fn failed(&self, problem: String) -> LocalServerError {
        LocalServerError::Failed {
            program: self.program,
            problem,
            log: self.log.path().to_owned(),
            tail: self.log.tail(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        process::send(self.pid, self.abrupt);
        let start = Instant::now();
        while start.elapsed() < DROP_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(POLL);
        }
        if let Err(error) = self.child.start_kill() {
            tracing::warn!(program = self.program, %error, "cannot kill a local server");
        }
    }
}

/// Ends a server that an earlier, killed parent left running.
pub(crate) async fn stop_stale(
    program: &'static str,
    pid: u32,
    dir: &Path,
    running: impl Fn() -> bool,
    signal: Signal,
    within: Duration,
) -> Result<(), LocalServerError> {
    for (signal, within) in [(signal, within), (Signal::Kill, ABRUPT_STOP_WITHIN)] {
        if !running() {
            return Ok(());
        }
        tracing::info!(
            program,
            process.pid = pid,
            ?signal,
            "stopping a server that was left behind"
        );
        process::send(pid, signal);
        let start = Instant::now();
        while running() && start.elapsed() < within {
            tokio::time::sleep(POLL).await;
        }
    }
    if running() {
        let dir = dir.to_owned();
        return Err(LocalServerError::Stuck { program, pid, dir });
    }
    Ok(())
}
