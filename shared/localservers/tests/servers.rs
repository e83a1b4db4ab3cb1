//! The servers themselves, really started: `./x setup` has to have run.

#![expect(clippy::unwrap_used, reason = "helpers of tests may, as tests may")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use televent_localservers::{Binaries, Durability, LocalServerError, NatsServer, Postgres};
use tempfile::TempDir;

const WITH_SERVERS: &str = env!("CARGO_BIN_EXE_with-servers");

/// Postgres' user may enter it, when the test runs as root; `closed_folder` is the other kind.
fn open_folder() -> TempDir {
    folder(0o755)
}

fn closed_folder() -> TempDir {
    folder(0o700)
}

fn folder(mode: u32) -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempdir()
        .unwrap()
}

fn sql(postgres: &Postgres, statements: &str) -> String {
    let psql = Binaries::find().unwrap().postgres_bin.join("psql");
    let output = Command::new(psql)
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
        .args(["-c", statements, &postgres.url("postgres")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn address(url: &str) -> &str {
    let (_, rest) = url.split_once("//").unwrap();
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    host.split_once('/').map_or(host, |(address, _)| address)
}

fn nats_info(server: &NatsServer) -> String {
    let stream = TcpStream::connect(address(&server.url())).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

fn runs_as_root() -> bool {
    closed_folder().path().metadata().unwrap().uid() == 0
}

fn user_namespaces_are_allowed() -> bool {
    Command::new("unshare")
        .args([
            "--user",
            "--map-user=1000",
            "--map-group=1000",
            "--",
            "true",
        ])
        .status()
        .is_ok_and(|status| status.success())
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_second_start_keeps_the_data_and_the_password() {
    let dir = open_folder();
    let binaries = Binaries::find().unwrap();
    let first = Postgres::start(&binaries, &dir.path().join("db"), Durability::Full)
        .await
        .unwrap();
    sql(
        &first,
        "create table kept (n int); insert into kept values (7)",
    );
    assert_eq!(sql(&first, "show fsync"), "on");
    assert_eq!(sql(&first, "show server_encoding"), "UTF8");
    let password = |url: &str| url.split_once('@').unwrap().0.to_owned();
    let first_password = password(&first.url("postgres"));
    first.stop().await.unwrap();
    assert!(!dir.path().join("db/pgdata/postmaster.pid").exists());

    let second = Postgres::start(&binaries, &dir.path().join("db"), Durability::Full)
        .await
        .unwrap();
    assert_eq!(sql(&second, "select n from kept"), "7");
    assert_eq!(password(&second.url("postgres")), first_password);
    let secret = dir.path().join("db/postgres.password");
    assert_eq!(secret.metadata().unwrap().mode() & 0o777, 0o600);
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_crash_is_recovered_from_on_the_same_port() {
    let dir = open_folder();
    let binaries = Binaries::find().unwrap();
    let mut postgres = Postgres::start(&binaries, dir.path(), Durability::None)
        .await
        .unwrap();
    assert_eq!(sql(&postgres, "show fsync"), "off");
    assert_eq!(sql(&postgres, "show max_connections"), "300");
    let url = postgres.url("postgres");
    sql(
        &postgres,
        "create table kept (n int); insert into kept values (7)",
    );
    postgres.restart_immediate().await.unwrap();
    assert_eq!(postgres.url("postgres"), url);
    assert_eq!(sql(&postgres, "select n from kept"), "7");
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_first_start_is_begun_again() {
    let dir = open_folder();
    fs::create_dir_all(dir.path().join("db/pgdata.new/base")).unwrap();
    fs::write(dir.path().join("db/postgres.lock"), "").unwrap();
    let binaries = Binaries::find().unwrap();
    let postgres = Postgres::start(&binaries, &dir.path().join("db"), Durability::None)
        .await
        .unwrap();
    assert_eq!(sql(&postgres, "select 1"), "1");
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_failed_start_quotes_the_log() {
    let dir = open_folder();
    fs::create_dir(dir.path().join("pgdata")).unwrap();
    fs::write(dir.path().join("postgres.password"), "secret").unwrap();
    fs::write(dir.path().join("postgres.lock"), "").unwrap();
    let binaries = Binaries::find().unwrap();
    let error = Postgres::start(&binaries, dir.path(), Durability::None)
        .await
        .err()
        .unwrap()
        .to_string();
    for part in [
        "postgres ended at start",
        "postgres.log",
        "configuration file",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn a_folder_in_use_is_refused() {
    let dir = open_folder();
    let binaries = Binaries::find().unwrap();
    let first = NatsServer::start(&binaries, dir.path(), None)
        .await
        .unwrap();
    let second = NatsServer::start(&binaries, dir.path(), None).await;
    assert!(matches!(second.err(), Some(LocalServerError::InUse { .. })));
    first.stop().await.unwrap();
}

#[tokio::test]
async fn a_number_taken_by_another_program_after_a_reboot_is_no_obstacle() {
    let dir = open_folder();
    let binaries = Binaries::find().unwrap();
    let postgres = Postgres::start(&binaries, dir.path(), Durability::None)
        .await
        .unwrap();
    let pid_file = dir.path().join("pgdata/postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    postgres.stop().await.unwrap();
    let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&pid_file, format!("{}\n{rest}", stranger.id())).unwrap();
    let postgres = Postgres::start(&binaries, dir.path(), Durability::None)
        .await
        .unwrap();
    assert_eq!(sql(&postgres, "select 1"), "1");
    assert!(stranger.try_wait().unwrap().is_none(), "not ours to end");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn root_gives_the_data_to_an_unprivileged_user() {
    let dir = open_folder();
    let binaries = Binaries::find().unwrap();
    let postgres = Postgres::start(&binaries, &dir.path().join("db"), Durability::None)
        .await
        .unwrap();
    let owner = dir.path().join("db/pgdata").metadata().unwrap().uid();
    // Where the programs are out of that user's reach, the other way is right.
    let programs_are_reachable = !binaries.postgres_bin.starts_with("/root");
    if runs_as_root() && programs_are_reachable {
        assert_ne!(owner, 0);
    }
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn root_uses_a_namespace_where_no_other_user_may_come() {
    let dir = closed_folder();
    let binaries = Binaries::find().unwrap();
    let start = async || Postgres::start(&binaries, &dir.path().join("db"), Durability::None).await;
    if runs_as_root() && !user_namespaces_are_allowed() {
        let error = start().await.err().unwrap().to_string();
        assert!(
            error.contains("put the project outside of /root"),
            "{error}"
        );
        return;
    }
    let postgres = start().await.unwrap();
    sql(&postgres, "create table kept (n int)");
    postgres.stop().await.unwrap();
    let data = dir.path().join("db/pgdata");
    assert_eq!(
        data.metadata().unwrap().uid(),
        dir.path().metadata().unwrap().uid()
    );

    // The same data, when the folder is opened later, and when it is closed again.
    for mode in [0o755, 0o700] {
        fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
        let postgres = start().await.unwrap();
        assert_eq!(sql(&postgres, "select count(*) from kept"), "0");
        postgres.stop().await.unwrap();
    }
}

#[tokio::test]
async fn nats_has_jetstream_and_keeps_its_folder_over_a_restart() {
    let dir = open_folder();
    let binaries = Binaries::find().unwrap();
    for _ in 0..2 {
        let nats = NatsServer::start(&binaries, dir.path(), None)
            .await
            .unwrap();
        assert!(
            nats.url().starts_with("nats://127.0.0.1:"),
            "{}",
            nats.url()
        );
        assert!(nats_info(&nats).contains(r#""jetstream":true"#));
        nats.stop().await.unwrap();
    }
}

/// Of the users in the configuration; nobody comes as one of them here.
fn public_keys() -> Vec<(String, String)> {
    [
        (
            "API",
            "UAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCLL5",
        ),
        (
            "NOTIFIER",
            "UABAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAF3D2",
        ),
        (
            "RSVP",
            "UABQGAYDAMBQGAYDAMBQGAYDAMBQGAYDAMBQGAYDAMBQGAYDAMBQGU3Y",
        ),
        (
            "ALL",
            "UACAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAI3TV",
        ),
    ]
    .map(|(user, key)| (format!("TELEVENT_NATS_{user}_NKEY"), key.to_owned()))
    .to_vec()
}

#[tokio::test]
async fn the_configuration_at_the_root_is_refused_without_keys() {
    let dir = open_folder();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../nats.conf");
    let error = NatsServer::start(&Binaries::find().unwrap(), dir.path(), Some(&config))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("TELEVENT_NATS_API_NKEY"), "{error}");
}

#[tokio::test]
async fn the_configuration_at_the_root_starts_beside_another_server_of_it() {
    let (one, two) = (open_folder(), open_folder());
    let binaries = Binaries::find().unwrap();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../nats.conf");
    let keys = public_keys();
    let first = NatsServer::start_with(&binaries, one.path(), Some(&config), &keys)
        .await
        .unwrap();
    let second = NatsServer::start_with(&binaries, two.path(), Some(&config), &keys)
        .await
        .unwrap();
    for server in [&first, &second] {
        assert!(nats_info(server).contains(r#""jetstream":true"#));
    }
    let log = fs::read_to_string(one.path().join("nats.log")).unwrap();
    assert!(log.contains("Max Storage:     2.00 GB"), "{log}");
    first.stop().await.unwrap();
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_configuration_is_quoted() {
    let dir = open_folder();
    let config = dir.path().join("wrong.conf");
    fs::write(&config, "jetstreem {}\n").unwrap();
    let error = NatsServer::start(&Binaries::find().unwrap(), dir.path(), Some(&config))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains(r#"unknown field "jetstreem""#), "{error}");
}

#[tokio::test]
async fn dropping_ends_both_servers() {
    let dir = open_folder();
    let binaries = Binaries::find().unwrap();
    let postgres = Postgres::start(&binaries, dir.path(), Durability::None)
        .await
        .unwrap();
    let nats = NatsServer::start(&binaries, dir.path(), None)
        .await
        .unwrap();
    let addresses = [postgres.url("postgres"), nats.url()];
    drop((postgres, nats));
    for url in addresses {
        assert!(TcpStream::connect(address(&url)).is_err(), "{url}");
    }
}

/// Starts `with-servers` and kills it while its servers run. Returns their folder.
fn killed_parent(dir: &Path) -> PathBuf {
    // A copy, as it keeps its servers' folders beside itself.
    let program = dir.join("with-servers");
    // By `cp`: written by us, it could not run while a child that another test
    // is just starting has a copy of our handle.
    let copied = Command::new("cp").arg(WITH_SERVERS).arg(&program).status();
    assert!(copied.unwrap().success());
    let mark = dir.join("started");
    let script = r#"printf %s "$TELEVENT_TEST_NATS_URL" > "$1.new"; mv "$1.new" "$1"; sleep 5"#;
    let mut parent = Command::new(&program)
        .args(["--", "sh", "-c", script, "sh"])
        .arg(&mark)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    wait_until("both servers run", || mark.exists());
    parent.kill().unwrap();
    parent.wait().unwrap();
    let nats = fs::read_to_string(&mark).unwrap();
    TcpStream::connect(address(&nats)).expect("the servers outlive a killed parent");
    dir.join("with-servers.runs").join(parent.id().to_string())
}

fn server_pids(dir: &Path) -> [String; 2] {
    ["pgdata/postmaster.pid", "nats.pid"].map(|name| {
        let text = fs::read_to_string(dir.join(name)).unwrap();
        text.lines().next().unwrap().to_owned()
    })
}

fn ended(pid: &str) -> bool {
    // Ended but not reaped, where nobody takes in orphans, counts.
    let mut ps = Command::new("ps");
    let output = ps.args(["-o", "stat=", "-p", pid]).output().unwrap();
    let state = String::from_utf8(output.stdout).unwrap();
    state.trim().is_empty() || state.starts_with('Z')
}

#[tokio::test]
async fn servers_of_a_killed_parent_are_stopped_by_the_next_start() {
    let dir = open_folder();
    let left = killed_parent(dir.path());
    let pids = server_pids(&left);
    let binaries = Binaries::find().unwrap();
    let postgres = Postgres::start(&binaries, &left, Durability::None)
        .await
        .unwrap();
    let nats = NatsServer::start(&binaries, &left, None).await.unwrap();
    assert!(pids.iter().all(|pid| ended(pid)));
    assert_eq!(sql(&postgres, "select 1"), "1");
    assert!(nats_info(&nats).contains(r#""jetstream":true"#));
    nats.stop().await.unwrap();
    postgres.stop().await.unwrap();
}

#[test]
fn with_servers_cleans_up_after_a_killed_one_and_passes_the_exit_status_on() {
    let dir = open_folder();
    let left = killed_parent(dir.path());
    let pids = server_pids(&left);
    let migrations = dir.path().join("migrations");
    fs::create_dir(&migrations).unwrap();
    fs::write(migrations.join("0002_row.sql"), "insert into t values (1);").unwrap();
    fs::write(migrations.join("0001_table.sql"), "create table t (n int);").unwrap();
    let status = Command::new(dir.path().join("with-servers"))
        .arg("--migrated")
        .arg(&migrations)
        .args(["--", "sh", "-c"])
        .arg(r#"test "$DATABASE_URL" = "$TELEVENT_TEST_DATABASE_URL" && exit 42"#)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(42));
    assert!(pids.iter().all(|pid| ended(pid)));
    let runs = fs::read_dir(dir.path().join("with-servers.runs")).unwrap();
    assert_eq!(runs.count(), 0, "nothing is kept");
}
