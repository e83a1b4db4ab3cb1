//! A private nats-server with JetStream.
//!
//! Files in the folder: `jetstream/`, `nats.log` (and the one before),
//! `nats.pid`, `nats.lock`, and while it starts a list of its ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::folder::Folder;
use crate::process::{self, Signal};
use crate::server::{self, Server};
use crate::{Binaries, LocalServerError};

pub(crate) const LOCK_FILE: &str = "nats.lock";

const PROGRAM: &str = "nats-server";
const PID_FILE: &str = "nats.pid";
/// It is ready in 25 ms, but large streams are read first.
const START_WITHIN: Duration = Duration::from_secs(30);
/// The orderly shutdown writes every stream out.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// Asks the server to choose a free port.
const ANY_PORT: &str = "-1";

/// A running nats-server that nobody else uses. [`NatsServer::stop`] it; dropping kills it.
///
/// Without a configuration that says otherwise it asks for no key: whoever can log in to this machine can connect.
pub struct NatsServer {
    // Before the folder, so that it is down when the folder's lock is freed.
    server: Server,
    _folder: Folder,
    url: String,
}

impl NatsServer {
    /// [`NatsServer::start_with`] no variables.
    ///
    /// # Errors
    /// As there.
    pub async fn start(
        binaries: &Binaries,
        dir: &Path,
        config: Option<&Path>,
    ) -> Result<Self, LocalServerError> {
        Self::start_with(binaries, dir, config, &[]).await
    }

    /// Starts the server on the streams in `dir`, which is made when it is
    /// missing. A configuration file applies except for addresses, ports and the
    /// store's place, which it must leave out; it finds `variables` in its environment.
    ///
    /// # Errors
    /// [`LocalServerError::InUse`] when another living process has the folder;
    /// else what the server said, with the last lines of its log.
    pub async fn start_with(
        binaries: &Binaries,
        dir: &Path,
        config: Option<&Path>,
        variables: &[(String, String)],
    ) -> Result<Self, LocalServerError> {
        let folder = Folder::open(dir, LOCK_FILE)?;
        stop_stale(&folder).await?;
        let config = config.map(absolute).transpose()?;

        let mut command = Command::new(&binaries.nats_server);
        command
            .envs(variables.iter().cloned())
            .args(["-js", "-a", "127.0.0.1", "-p", ANY_PORT])
            // It appends `jetstream/` itself.
            .arg("-sd")
            .arg(folder.path())
            .arg("-P")
            .arg(folder.join(PID_FILE))
            .arg("--ports_file_dir")
            .arg(folder.path());
        if let Some(config) = config {
            // Its monitoring port is fixed, and may be another server's here.
            command.arg("-c").arg(config).args(["-m", ANY_PORT]);
        }
        let log = folder.log("nats.log")?;
        let mut server = Server::spawn(PROGRAM, command, folder.path(), log, Signal::Kill)?;
        let ports_file = ports_file(&folder, binaries, server.pid());
        let url = server
            .ready(START_WITHIN, || client_url(&ports_file))
            .await?;
        // A kill leaves it behind, under a name that is never used again.
        if let Err(error) = fs::remove_file(&ports_file) {
            tracing::debug!(%error, "the list of ports stays");
        }
        Ok(Self {
            server,
            _folder: folder,
            url,
        })
    }

    /// The address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Closes the connections, writes the streams out, and ends the server.
    ///
    /// # Errors
    /// When it does not even end on being killed.
    pub async fn stop(mut self) -> Result<(), LocalServerError> {
        self.server.stop(Signal::Terminate, STOP_WITHIN).await
    }
}

/// Ends the nats-server of an earlier process that was killed.
pub(crate) async fn stop_stale(folder: &Folder) -> Result<(), LocalServerError> {
    let file = folder.join(PID_FILE);
    let Some(pid) = fs::read_to_string(&file)
        .ok()
        .and_then(|text| text.trim().parse().ok())
    else {
        return Ok(());
    };
    let file_text = file.to_string_lossy();
    let running = || process::is_running(pid, PROGRAM, &file_text);
    server::stop_stale(
        PROGRAM,
        pid,
        folder.path(),
        running,
        Signal::Terminate,
        STOP_WITHIN,
    )
    .await
}

/// The server starts in another folder than ours.
fn absolute(path: &Path) -> Result<PathBuf, LocalServerError> {
    fs::canonicalize(path).map_err(|source| LocalServerError::io("find", path, source))
}

/// Named by the server after its own file name and process.
fn ports_file(folder: &Folder, binaries: &Binaries, pid: u32) -> PathBuf {
    let program = binaries
        .nats_server
        .file_name()
        .unwrap_or(PROGRAM.as_ref())
        .to_string_lossy();
    folder.join(&format!("{program}_{pid}.ports"))
}

/// The first client address, once the file is written whole.
fn client_url(ports_file: &Path) -> Option<String> {
    let text = fs::read_to_string(ports_file).ok()?;
    let ports: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(ports.get("nats")?.get(0)?.as_str()?.to_owned())
}
