//! `televent up`: everything on this machine, for trying it out. Its own Postgres and nats-server live
//! under the data directory, and so do the chats of the simulated Telegram.

mod people;
mod sample;
mod telegram;

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use secrecy::SecretString;
use televent_broker::{Broker, NatsKeyPair, NatsUser};
use televent_localservers::{Binaries, Durability, NatsServer, Postgres};
use televent_runtime::{
    config::{Config, Settings},
    listener::Listener,
    tasks::Tasks,
};
use televent_store::Store;
use tracing::warn;
use url::Url;

use crate::{
    arguments::{Role, UpArguments},
    commands::{say, serve},
};

/// The database in the private Postgres.
const DATABASE: &str = "televent";

/// The configuration of nats-server, the same as in production.
const NATS_CONF: &str = include_str!("../../../../nats.conf");

pub(crate) const ALL_ROLES: [Role; 3] = [Role::Api, Role::Notifier, Role::Rsvp];

/// Ports that are tried after the default one when nobody asked for a certain address.
const PORTS_TRIED: u16 = 50;

/// The servers, in the order in which they are stopped.
struct Servers {
    nats: NatsServer,
    postgres: Postgres,
}

pub(crate) async fn run(
    arguments: UpArguments,
    mut config: Config,
    settings: &Settings,
) -> anyhow::Result<ExitCode> {
    let tasks = Tasks::new();
    tokio::select! {
        // Dropping what is half started ends the servers.
        () = tasks.until_shutdown() => Ok(ExitCode::SUCCESS),
        started = start(&arguments, &mut config, settings, &tasks) => {
            let (servers, simulator, store) = started?;
            tasks.until_shutdown().await;
            say("\nstopping …");
            let sound = serve::finish(&tasks, &store).await;
            if let Some(simulator) = simulator {
                simulator.stop().await;
            }
            stop(servers).await;
            Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

async fn start(
    arguments: &UpArguments,
    config: &mut Config,
    settings: &Settings,
    tasks: &Tasks,
) -> anyhow::Result<(Servers, Option<televent_simulator::Simulator>, Store)> {
    fs::create_dir_all(&arguments.data_dir)
        .with_context(|| format!("--data-dir: {} can't be made", arguments.data_dir.display()))?;
    let data_dir = arguments.data_dir.canonicalize()?;
    if !settings.is_set("http_listen") {
        config.http_listen = free_address(config.http_listen)?;
    }
    let listener = Listener::bind(config.http_listen, config.tls.as_ref())
        .await?
        .trusting(&config.trusted_proxies);
    if !settings.is_set("public_url") {
        let scheme = if config.tls.is_some() {
            "https"
        } else {
            "http"
        };
        config.public_url = Url::parse(&format!("{scheme}://{}", listener.address()))?;
    }
    let key = NatsKeyPair::random()?;
    let servers = start_servers(&data_dir, &key).await?;
    let store = prepare_database(&servers.postgres).await?;
    config.database_url = Some(SecretString::from(servers.postgres.url(DATABASE)));
    config.nats_urls = vec![servers.nats.url()];
    let broker = Broker::connect_as(&config.nats_urls, NatsUser::All, Some(&key.key())).await?;
    let simulator = if config.telegram.is_none() {
        Some(telegram::simulate(&data_dir, config).await?)
    } else {
        None
    };
    let people = match &simulator {
        Some(simulator) => Some(people::ready_made(&data_dir, &store, simulator).await?),
        None => None,
    };
    serve::start(config, &ALL_ROLES, &store, &broker, listener, tasks)?;
    match (&simulator, people) {
        (Some(simulator), Some(people)) => {
            let sample = sample::write(&arguments.data_dir, config, &people)?;
            introduce(config, simulator, &people, &sample);
        }
        _ => introduce_bot(config, &servers.postgres),
    }
    Ok((servers, simulator, store))
}

/// The nats-server knows this process by `key`, which is of today; its other users are nobody's.
async fn start_servers(data_dir: &Path, key: &NatsKeyPair) -> anyhow::Result<Servers> {
    let binaries = Binaries::find()?;
    let servers = data_dir.join("servers");
    fs::create_dir_all(&servers)?;
    let nats_conf = data_dir.join("nats.conf");
    fs::write(&nats_conf, NATS_CONF)?;
    let public_keys = NatsUser::ALL
        .into_iter()
        .map(|user| {
            let public = match user {
                NatsUser::All => key.public.clone(),
                _ => NatsKeyPair::random()?.public,
            };
            Ok((user.variable(), public))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let (postgres, nats) = tokio::join!(
        Postgres::start(&binaries, &servers, Durability::Full),
        NatsServer::start_with(&binaries, &servers, Some(&nats_conf), &public_keys),
    );
    Ok(Servers {
        nats: nats?,
        postgres: postgres?,
    })
}

async fn stop(servers: Servers) {
    let (nats, postgres) = tokio::join!(servers.nats.stop(), servers.postgres.stop());
    for error in [nats.err(), postgres.err()].into_iter().flatten() {
        warn!(%error, "a server did not stop as it should");
    }
}

async fn prepare_database(postgres: &Postgres) -> anyhow::Result<Store> {
    let admin = Store::connect_lazy(&postgres.url("postgres"))?;
    admin.ensure_database(DATABASE).await?;
    admin.close().await;
    let store = Store::connect_lazy(&postgres.url(DATABASE))?;
    store.migrate().await?;
    Ok(store)
}

/// The first free port from the default on: a second project on this machine is no reason to fail.
fn free_address(default: SocketAddr) -> anyhow::Result<SocketAddr> {
    (0..PORTS_TRIED)
        .filter_map(|step| default.port().checked_add(step))
        .map(|port| SocketAddr::new(default.ip(), port))
        .find(|address| TcpListener::bind(address).is_ok())
        .with_context(|| format!("no free port from {default} on; name one with --http-listen"))
}

fn introduce(
    config: &Config,
    simulator: &televent_simulator::Simulator,
    people: &people::People,
    sample: &sample::Sample,
) {
    let server = config.public_url.as_str().trim_end_matches('/');
    let (organizer, friend) = (&people.organizer, &people.friend);
    say(format_args!(
        "
Televent is up.

  Calendar server   {server}
  Telegram chats    {chats}   (simulated; set TELEVENT_TELEGRAM_TOKEN for the real one)

  {:<12} username {}   password {}
  {:<12} username {}   password {}

Invite {} from {}'s calendar:

  curl -u {}:{} -T {} {}

A card arrives at {chats}/#{}
Tap Accept there, then look for PARTSTAT=ACCEPTED:

  curl -s -u {}:{} {}

Ctrl-C stops everything; the data stays in {}.
",
        organizer.name,
        organizer.username(),
        organizer.password,
        friend.name,
        friend.username(),
        friend.password,
        friend.name,
        organizer.name,
        organizer.username(),
        organizer.password,
        sample.file.display(),
        sample.url,
        friend.telegram_id,
        organizer.username(),
        organizer.password,
        sample.url,
        sample.data_dir.display(),
        chats = simulator.url(),
    ));
}

fn introduce_bot(config: &Config, postgres: &Postgres) {
    say(format_args!(
        "
Televent is up at {}, with your bot.

Press Start in the bot; that makes your account. Then write /devices there, or make a password for a calendar app here:

  TELEVENT_DATABASE_URL={} {} device add --telegram-id YOUR_ID --label Laptop

Ctrl-C stops everything; the data stays.
",
        config.public_url,
        postgres.url(DATABASE),
        std::env::current_exe()
            .map_or_else(|_| "televent".to_owned(), |path| path.display().to_string()),
    ));
}
