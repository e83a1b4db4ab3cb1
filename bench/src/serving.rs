//! A running `televent serve`, or another program that listens.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use tokio::process::{Child, Command};

use crate::http::Connection;

/// Within which a process must be ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How often it is asked.
const ASK_EVERY: Duration = Duration::from_millis(2);

/// Within which it must end.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// A process. Dropping it kills it.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the program to the first answer that says it is ready.
    pub ready_after: Duration,
}

impl Serving {
    pub(crate) async fn start(
        program: &Path,
        folder: &Path,
        roles: &str,
        environment: Vec<(&'static str, String)>,
    ) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TELEVENT_")) {
            command.env_remove(name);
        }
        let log = folder.join(format!("televent-{roles}-{}.log", address.port()));
        command
            .args(["serve", "--roles", roles])
            .envs(environment)
            .env("TELEVENT_HTTP_LISTEN", address.to_string())
            .current_dir(folder)
            .stderr(File::create(&log)?);
        Self::of_command(command, address, "/readyz", &log).await
    }

    /// Starts a program that will listen at `address`, and waits until it answers `path` with 200.
    ///
    /// # Errors
    /// When it ends instead, or takes too long; with what it wrote.
    pub async fn of_command(
        mut command: Command,
        address: SocketAddr,
        path: &str,
        log: &Path,
    ) -> Result<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let started = Instant::now();
        let mut child = command.spawn()?;
        let mut connection = Connection::new(address);
        loop {
            if let Ok(answer) = connection.send(request.as_bytes()).await
                && answer.status < 500
            {
                return Ok(Self {
                    child,
                    address,
                    ready_after: started.elapsed(),
                });
            }
            connection = Connection::new(address);
            let ended = child.try_wait()?;
            if ended.is_some() || started.elapsed() > READY_WITHIN {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                bail!("a process did not become ready ({ended:?}):\n{said}");
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    ///
    /// # Errors
    /// When it does not.
    pub async fn stop(mut self) -> Result<()> {
        let pid = self.pid().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().await?;
        match tokio::time::timeout(STOP_WITHIN, self.child.wait()).await {
            Ok(ended) if told.success() => {
                ended?;
                Ok(())
            }
            _ => bail!("a process does not end"),
        }
    }
}

/// An address that nobody listens at now.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
