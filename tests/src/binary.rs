//! The real binary, as an operator runs it: with a configuration in the environment and nothing else.

use std::{
    path::PathBuf,
    process::{ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStderr, Command},
};

use crate::{TOKEN, World, signal, until};

/// The program with a configuration, in an empty folder.
pub struct Televent {
    environment: Vec<(String, String)>,
    folder: TempDir,
    program: Option<PathBuf>,
}

/// A running `televent serve`. Dropping it kills it.
pub struct Serving {
    child: Child,
    /// Where it serves HTTP.
    pub url: String,
    log: Arc<Mutex<String>>,
}

/// What a command said.
#[derive(Clone, Debug)]
pub struct Said {
    /// Whether its exit status is success.
    pub success: bool,
    /// On standard output.
    pub stdout: String,
    /// On standard error.
    pub stderr: String,
}

impl Televent {
    /// Without any configuration.
    pub fn unconfigured() -> Self {
        Self {
            environment: Vec::new(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            program: None,
        }
    }

    /// Configured for the servers of `world`, on a free port.
    pub fn of(world: &World) -> Self {
        Self::unconfigured()
            .with("TELEVENT_DATABASE_URL", &world.database.url)
            .with("TELEVENT_NATS_URL", &world.nats.url())
            .with("TELEVENT_HTTP_LISTEN", "127.0.0.1:0")
            .with("TELEVENT_TELEGRAM_API_URL", &world.telegram.url())
            .with("TELEVENT_TELEGRAM_TOKEN", TOKEN)
            .with("TELEVENT_LOG_FORMAT", "json")
    }

    /// One variable more, or another value for it.
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.environment
            .push((variable.to_owned(), value.to_owned()));
        self
    }

    /// Another build of the program.
    pub fn by(mut self, program: PathBuf) -> Self {
        self.program = Some(program);
        self
    }

    /// A configuration file in the folder where it is run.
    pub fn with_file(self, text: &str) -> Self {
        std::fs::write(self.folder.path().join("televent.toml"), text)
            .expect("the file is written");
        self
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Said {
        let output = self
            .command(arguments)
            .output()
            .await
            .expect("the program runs");
        Said::from(output)
    }

    /// Runs a command to its end, whose output nobody reads: as behind a `head` that has ended.
    pub async fn run_unread(&self, arguments: &[&str]) -> Said {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = self.command(arguments).stdout(writer).output().await;
        Said::from(output.expect("the program runs"))
    }

    /// Runs a command that must succeed, and returns its output.
    pub async fn succeed(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments).await;
        assert!(said.success, "{arguments:?}: {said:#?}");
        said.stdout
    }

    /// Starts `serve` with these arguments, and waits until it listens.
    pub async fn serve(&self, arguments: &[&str]) -> Serving {
        let mut serving = self.start(arguments);
        serving.url = until("`serve` to listen", async || {
            let ended = serving.ended();
            assert!(ended.is_none(), "serve has ended:\n{}", serving.log());
            serving.log().lines().find_map(listening)
        })
        .await;
        serving
    }

    /// Starts `serve` with these arguments. Where it listens is not known yet.
    pub fn start(&self, arguments: &[&str]) -> Serving {
        let mut command = self.command(&[&["serve"], arguments].concat());
        let mut child = command.spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = child.stderr.take().expect("it is piped");
        tokio::spawn(collect(stderr, Arc::clone(&log)));
        Serving {
            child,
            url: String::new(),
            log,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program.clone().unwrap_or_else(program));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TELEVENT_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.environment.iter().cloned())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

impl Serving {
    /// The id of the process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Fetches one of `/healthz`, `/readyz` and `/metrics`: status and body.
    pub async fn fetch(&self, path: &str) -> (u16, String) {
        let response = reqwest::get(format!("{}{path}", self.url))
            .await
            .expect("it answers");
        (
            response.status().as_u16(),
            response.text().await.expect("a whole body"),
        )
    }

    /// Waits until it can do its work, with all its servers.
    pub async fn until_ready(&self) {
        until("the process to be ready", async || {
            let (status, report) = self.fetch("/readyz").await;
            (status == 200 && report.contains("nats: ok\n")).then_some(())
        })
        .await;
    }

    /// How it has ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked")
    }

    /// Sends a signal, such as `STOP`.
    pub async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        signal::send(name, &pid).await;
    }

    /// Waits until it has ended, however long that takes.
    pub async fn end(&mut self) -> ExitStatus {
        self.child.wait().await.expect("a child can be awaited")
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    pub async fn stop(mut self) -> ExitStatus {
        self.signal("TERM").await;
        let ended = tokio::time::timeout(crate::DEADLINE, self.child.wait()).await;
        ended
            .expect("it ends in time")
            .expect("a child can be awaited")
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a child can be killed");
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Beside the folder of the test's own program.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its program");
    let program = test
        .ancestors()
        .nth(2)
        .expect("target/<profile>/deps/<test>")
        .join("televent");
    assert!(
        program.is_file(),
        "{} is missing: cargo build -p televent",
        program.display()
    );
    program
}

async fn collect(stderr: ChildStderr, log: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
    }
}

/// The URL, if this line of the log says that it listens.
fn listening(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields")?;
    if fields.get("message")? != "listening" {
        return None;
    }
    let scheme = if fields.get("tls")?.as_bool()? {
        "https"
    } else {
        "http"
    };
    Some(format!(
        "{scheme}://{}",
        fields.get("http.address")?.as_str()?
    ))
}
