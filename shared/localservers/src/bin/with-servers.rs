//! `with-servers [--migrated DIR] -- COMMAND…` runs a command beside a fresh
//! Postgres and nats-server, and ends with its exit status. Nothing is kept.
//!
//! The command finds `TELEVENT_TEST_DATABASE_URL` (of the administrator's
//! database, on a server that forgets everything) and `TELEVENT_TEST_NATS_URL`.
//! With `--migrated` the database has the `.sql` files of DIR, and is in
//! `DATABASE_URL` too, where the query macros look.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};

use televent_localservers::{Binaries, Durability, NatsServer, Postgres};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "usage: with-servers [--migrated DIR] -- COMMAND [ARGUMENT…]";
/// What shells answer for a command that could not be started.
const NOT_STARTED: u8 = 127;
/// What shells add to the number of the signal that ended a command.
const SIGNALLED: i32 = 128;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            let mut text = format!("with-servers: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            // There is nobody left to tell if this fails.
            let _ = writeln!(io::stderr(), "{text}");
            ExitCode::from(NOT_STARTED)
        }
    }
}

async fn run() -> Result<ExitCode, Failure> {
    let arguments = Arguments::parse(env::args_os().skip(1)).ok_or(USAGE)?;
    let binaries = Binaries::find()?;
    // From here on no signal ends us with the servers left running.
    let mut signals = Signals::listen()?;
    let dir = run_folder().await?;
    let servers = tokio::select! {
        servers = Servers::start(&binaries, &dir) => Some(servers?),
        () = signals.any() => None,
    };
    let Some(servers) = servers else {
        fs::remove_dir_all(&dir)?;
        return Ok(ExitCode::from(NOT_STARTED));
    };

    let result = beside(&arguments, &binaries, &servers, &mut signals).await;

    servers.nats.stop().await?;
    servers.postgres.stop().await?;
    fs::remove_dir_all(&dir)?;
    result.map(exit_code)
}

struct Servers {
    postgres: Postgres,
    nats: NatsServer,
}

impl Servers {
    async fn start(binaries: &Binaries, dir: &Path) -> Result<Self, Failure> {
        Ok(Self {
            postgres: Postgres::start(binaries, dir, Durability::None).await?,
            nats: NatsServer::start(binaries, dir, None).await?,
        })
    }
}

async fn beside(
    arguments: &Arguments,
    binaries: &Binaries,
    servers: &Servers,
    signals: &mut Signals,
) -> Result<ExitStatus, Failure> {
    let url = servers.postgres.url("postgres");
    let mut command = Command::new(&arguments.program);
    command
        .args(&arguments.arguments)
        .env("TELEVENT_TEST_DATABASE_URL", &url)
        .env("TELEVENT_TEST_NATS_URL", servers.nats.url());
    if let Some(migrations) = &arguments.migrations {
        migrate(binaries, &url, migrations).await?;
        command.env("DATABASE_URL", &url);
    }
    let child = command
        .spawn()
        .map_err(|error| format!("cannot run {}: {error}", arguments.program.display()))?;
    Ok(signals.outlive(child).await?)
}

/// The signals that would end us before the servers.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for the command, which has to hear of the signals too.
    async fn outlive(&mut self, mut child: Child) -> io::Result<ExitStatus> {
        loop {
            tokio::select! {
                status = child.wait() => return status,
                // The terminal sent it to the command as well.
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => if let Some(pid) = child.id() {
                    Command::new("sh")
                        .args(["-c", r#"kill -s TERM "$1""#, "kill", &pid.to_string()])
                        .status()
                        .await?;
                },
            }
        }
    }
}

/// Applies the files in the order of their names, by the `psql` of the same
/// Postgres: with a client library here, this would build for minutes first.
async fn migrate(binaries: &Binaries, url: &str, dir: &Path) -> Result<(), Failure> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .map_err(|error| format!("cannot read {}: {error}", dir.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    files.retain(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".sql") && !name.ends_with(".down.sql")
    });
    files.sort();
    for file in files {
        let status = Command::new(binaries.postgres_bin.join("psql"))
            .args(["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(&file)
            .arg(url)
            .status()
            .await?;
        if !status.success() {
            return Err(format!("{} cannot be applied", file.display()).into());
        }
    }
    Ok(())
}

/// A folder of this process under the build folder, after deleting those of
/// processes that were killed, with whatever they left running.
async fn run_folder() -> Result<PathBuf, Failure> {
    let executable = env::current_exe()?;
    let parent = executable.with_extension("runs");
    fs::create_dir_all(&parent)?;
    for entry in fs::read_dir(&parent)? {
        let path = entry?.path();
        let owner = path.file_name().and_then(|name| name.to_str());
        let Some(owner) = owner else { continue };
        if Path::new("/proc").join(owner).exists() {
            continue;
        }
        // In use all the same (no /proc here, or another container): leave it.
        let _ = televent_localservers::discard(&path).await;
    }
    Ok(parent.join(std::process::id().to_string()))
}

struct Arguments {
    migrations: Option<PathBuf>,
    program: OsString,
    arguments: Vec<OsString>,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut next = arguments.next()?;
        let mut migrations = None;
        if next == "--migrated" {
            migrations = Some(arguments.next()?.into());
            next = arguments.next()?;
        }
        if next != "--" {
            return None;
        }
        Some(Self {
            migrations,
            program: arguments.next()?,
            arguments: arguments.collect(),
        })
    }
}

fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| SIGNALLED + signal))
        .and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(NOT_STARTED))
}
