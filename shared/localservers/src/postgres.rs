//! A private Postgres: `initdb` once, then start, stop, and start again with the data kept.
//!
//! Files in the folder: `pgdata/`, `postgres.password`, `postgres.log` (and the
//! one before), `initdb.log`, `postgres.lock`.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString};

use crate::account::Account;
use crate::folder::{Folder, write_private};
use crate::process::{self, Signal};
use crate::server::{self, Server};
use crate::{Binaries, LocalServerError};

pub(crate) const LOCK_FILE: &str = "postgres.lock";

const PROGRAM: &str = "postgres";
const USER: &str = "televent";
const PASSWORD_FILE: &str = "postgres.password";
/// Letters and digits, which URLs take as they are: 190 bits.
const PASSWORD_CHARS: usize = 32;
const DATA: &str = "pgdata";
/// Where `initdb` works, renamed to `pgdata` when it is done: an interrupted one is begun again.
const UNFINISHED_DATA: &str = "pgdata.new";
/// What Postgres itself has to own.
const HANDED_OVER: [&str; 3] = [DATA, UNFINISHED_DATA, PASSWORD_FILE];

/// `initdb` takes half a second; slow disks many times that.
const INITDB_WITHIN: Duration = Duration::from_secs(120);
/// A start after a power cut replays the log first.
const START_WITHIN: Duration = Duration::from_secs(60);
/// The fast shutdown writes everything out.
const STOP_WITHIN: Duration = Duration::from_secs(20);
/// The free port that we found may be taken before Postgres binds it.
const START_ATTEMPTS: u32 = 3;

/// All roles on one machine: 5 pools of at most 16, and a person with `psql`.
const CONNECTIONS: u32 = 100;
/// A hundred tests in parallel with a small pool each.
const TEST_CONNECTIONS: u32 = 300;

/// What a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    Full,
    /// Everything, as the disk is never waited for. For tests, with room for 300
    /// connections. A crash of Postgres alone still costs nothing that was committed.
    None,
}

impl Durability {
    fn initdb_flag(self) -> Option<&'static str> {
        (self == Self::None).then_some("--no-sync")
    }

    fn settings(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Full => vec![("max_connections", CONNECTIONS.to_string())],
            Self::None => vec![
                ("max_connections", TEST_CONNECTIONS.to_string()),
                ("fsync", "off".to_owned()),
                ("full_page_writes", "off".to_owned()),
            ],
        }
    }
}

/// A running Postgres that nobody else uses. [`Postgres::stop`] it; dropping kills it.
pub struct Postgres {
    // Before the folder, so that it is down when the folder's lock is freed.
    server: Server,
    installation: Installation,
    port: u16,
}

impl Postgres {
    /// Starts the server on the data in `dir`, which is made when it is missing.
    ///
    /// The folder is the server's own (a `NatsServer` may share it). When we are
    /// root it goes to an unprivileged user, as Postgres refuses to run as root.
    ///
    /// # Errors
    /// [`LocalServerError::InUse`] when another living process has the folder;
    /// else what Postgres said, with the last lines of its log.
    pub async fn start(
        binaries: &Binaries,
        dir: &Path,
        durability: Durability,
    ) -> Result<Self, LocalServerError> {
        let folder = Folder::open(dir, LOCK_FILE)?;
        stop_stale(&folder).await?;
        let programs = binaries.postgres_bin.clone();
        let account = Account::choose(&folder, &HANDED_OVER, &programs)?;
        let password = ensure_data(&folder, account, &programs, durability).await?;
        let installation = Installation {
            folder,
            programs,
            account,
            durability,
            password,
        };
        let mut attempts_left = START_ATTEMPTS;
        loop {
            attempts_left -= 1;
            let port = free_port()?;
            match installation.launch(port).await {
                Ok(server) => {
                    return Ok(Self {
                        server,
                        installation,
                        port,
                    });
                }
                Err(error) if attempts_left > 0 && lost_the_port(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The address of a database, with the password of its owner. The database
    /// `postgres` exists; its user may create others.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://{USER}:{}@127.0.0.1:{}/{database}",
            self.installation.password, self.port
        )
    }

    /// Rolls back what is under way, writes the rest out, and ends the server.
    ///
    /// # Errors
    /// When it does not even end on being killed.
    pub async fn stop(mut self) -> Result<(), LocalServerError> {
        self.server.stop(Signal::Interrupt, STOP_WITHIN).await
    }

    /// Cuts every connection and ends the server as a crash would, then starts
    /// it on the same port, where it recovers what was committed. For tests of faults.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub async fn restart_immediate(&mut self) -> Result<(), LocalServerError> {
        self.server.stop(Signal::Quit, STOP_WITHIN).await?;
        self.server = self.installation.launch(self.port).await?;
        Ok(())
    }
}

/// Everything but the process.
struct Installation {
    folder: Folder,
    programs: PathBuf,
    account: Account,
    durability: Durability,
    password: String,
}

impl Installation {
    async fn launch(&self, port: u16) -> Result<Server, LocalServerError> {
        let data = self.folder.join(DATA);
        let mut command = self.account.command(&self.programs.join(PROGRAM));
        command.arg("-D").arg(&data);
        let mut settings = vec![
            ("listen_addresses", Ipv4Addr::LOCALHOST.to_string()),
            ("port", port.to_string()),
            // A socket's path has a limit of about 100 bytes, which deep folders pass.
            ("unix_socket_directories", String::new()),
            ("timezone", "UTC".to_owned()),
            ("log_timezone", "UTC".to_owned()),
        ];
        settings.extend(self.durability.settings());
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let log = self.folder.log("postgres.log")?;
        let mut server = Server::spawn(PROGRAM, command, self.folder.path(), log, Signal::Quit)?;
        let pid = server.pid();
        server
            .ready(START_WITHIN, || {
                let status = PidFile::read(&data)?;
                (status.pid == pid && status.ready).then_some(())
            })
            .await?;
        Ok(server)
    }
}

/// Makes the data folder if there is none. Returns the password.
async fn ensure_data(
    folder: &Folder,
    account: Account,
    programs: &Path,
    durability: Durability,
) -> Result<String, LocalServerError> {
    let password_file = folder.join(PASSWORD_FILE);
    let data = folder.join(DATA);
    if data.exists() {
        return fs::read_to_string(&password_file)
            .map_err(|source| LocalServerError::io("read", &password_file, source));
    }
    let password = Alphanumeric.sample_string(&mut rand::rng(), PASSWORD_CHARS);
    write_private(&password_file, &password)
        .map_err(|source| LocalServerError::io("write", &password_file, source))?;
    let new = folder.join(UNFINISHED_DATA);
    match fs::remove_dir_all(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(LocalServerError::io("delete", &new, error));
        }
        _ => {}
    }
    fs::create_dir(&new).map_err(|source| LocalServerError::io("create", &new, source))?;
    account.own(folder, &HANDED_OVER)?;

    let mut initdb = account.command(&programs.join("initdb"));
    initdb
        .arg("-D")
        .arg(&new)
        .arg("--pwfile")
        .arg(&password_file)
        .args(["-U", USER, "--auth=scram-sha-256", "--no-instructions"])
        // The only locale that every machine has. Our comparisons are by bytes.
        .args(["--locale=C", "--encoding=UTF8"])
        .args(durability.initdb_flag());
    let log = folder.log("initdb.log")?;
    Server::spawn("initdb", initdb, folder.path(), log, Signal::Kill)?
        .finish(INITDB_WITHIN)
        .await?;
    fs::rename(&new, &data).map_err(|source| LocalServerError::io("rename", &new, source))?;
    Ok(password)
}

/// Ends the Postgres of an earlier process that was killed.
pub(crate) async fn stop_stale(folder: &Folder) -> Result<(), LocalServerError> {
    let data = folder.join(DATA);
    let Some(PidFile { pid, .. }) = PidFile::read(&data) else {
        return Ok(());
    };
    let data_text = data.to_string_lossy();
    let running = || process::is_running(pid, PROGRAM, &data_text);
    server::stop_stale(
        PROGRAM,
        pid,
        folder.path(),
        running,
        Signal::Interrupt,
        STOP_WITHIN,
    )
    .await?;
    // After a reboot the number may be another program's. Postgres would take
    // that for itself and refuse to start. A number that nobody has it handles.
    let file = data.join(PidFile::NAME);
    if process::exists(pid) && file.exists() {
        fs::remove_file(&file).map_err(|source| LocalServerError::io("delete", &file, source))?;
    }
    Ok(())
}

/// What Postgres says about itself in its data folder; `pg_ctl` waits by the same lines.
struct PidFile {
    pid: u32,
    ready: bool,
}

impl PidFile {
    const NAME: &str = "postmaster.pid";
    const STATUS_LINE: usize = 7;

    fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join(Self::NAME)).ok()?;
        let status = text.lines().nth(Self::STATUS_LINE);
        Some(Self {
            pid: text.lines().next()?.trim().parse().ok()?,
            ready: status.is_some_and(|status| status.trim() == "ready"),
        })
    }
}

fn free_port() -> Result<u16, LocalServerError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| LocalServerError::io("listen on", Path::new("127.0.0.1"), source))
}

fn lost_the_port(error: &LocalServerError) -> bool {
    matches!(error, LocalServerError::Failed { tail, .. } if tail.contains("could not bind"))
}
