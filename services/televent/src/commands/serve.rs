//! `televent serve`: the roles of one process.

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use axum::Router;
use televent_api::Api;
use televent_broker::{Broker, RelayWaker, RelayWindow, UpdateIntake, run_relay};
use televent_notifier::{self as notifier, NotifierConfig};
use televent_rsvp::{
    Ingress, WEBHOOK_PATH, keep_commands_registered, keep_webhook_registered, run_apply,
    run_polling, webhook_router,
};
use televent_runtime::{
    config::{Config, Directory, Telegram, Updates},
    health::{self, Readiness},
    listener::Listener,
    metrics, status,
    tasks::Tasks,
};
use televent_store::Store;
use televent_telegram::BotApi;
use tracing::{error, info, warn};
use url::Url;

use super::{nats_keys, ready_store, watch};
use crate::arguments::Role;

/// How long tasks wait for Postgres after a shutdown was asked for.
const POSTGRES_PATIENCE: Duration = Duration::from_secs(5);

/// How long Postgres may take to say that it is there.
const PING_WITHIN: Duration = Duration::from_secs(2);

/// How long its connections may take to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

pub(crate) async fn run(config: &Config, roles: &[Role]) -> anyhow::Result<ExitCode> {
    let store = ready_store(config).await?;
    let broker = nats_keys::connect(config, nats_keys::user_of(roles)).await?;
    let listener = Listener::bind(config.http_listen, config.tls.as_ref())
        .await?
        .trusting(&config.trusted_proxies);
    let tasks = Tasks::new();
    start(config, roles, &store, &broker, listener, &tasks)?;
    tasks
        .until_shutdown_with_notice(config.shutdown_notice)
        .await;
    let sound = finish(&tasks, &store).await;
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Lets the tasks finish, and closes the connections to Postgres. Returns whether everything ended as it should.
pub(crate) async fn finish(tasks: &Tasks, store: &Store) -> bool {
    let sound = tokio::select! {
        sound = tasks.finish() => sound,
        () = give_up_postgres(store) => false,
    };
    // A connection that hangs is not waited for.
    let _closed = tokio::time::timeout(CLOSE_WITHIN, store.close()).await;
    sound
}

/// When Postgres is away, whoever waits for it is told so at once, rather than after each one's own patience: the tasks shall hand back
/// the rest of their work before the deadline. Does not return.
async fn give_up_postgres(store: &Store) {
    tokio::time::sleep(POSTGRES_PATIENCE).await;
    let ping = tokio::time::timeout(PING_WITHIN, store.ping()).await;
    if !matches!(ping, Ok(Ok(()))) {
        warn!("Postgres does not answer; what it was to be told is left to others");
        store.close().await;
    }
    std::future::pending::<()>().await;
}

/// Starts the roles as tasks. Nothing is served before everything is known to be configured.
pub(crate) fn start(
    config: &Config,
    roles: &[Role],
    store: &Store,
    broker: &Broker,
    listener: Listener,
    tasks: &Tasks,
) -> anyhow::Result<()> {
    let has = |role| roles.contains(&role);
    let bot = if has(Role::Notifier) || has(Role::Rsvp) {
        Some(bot(config)?)
    } else {
        None
    };
    let relay = RelayWaker::default();
    tasks.spawn(
        "provisioning",
        broker.clone().keep_provisioned(tasks.shutdown()),
    );
    let watch = watch::Watch {
        roles: roles.iter().map(|role| role.as_str()).collect(),
        store: store.clone(),
        broker: broker.clone(),
        bot: bot.as_ref().map(|(bot, _)| bot.clone()),
    };
    let mut router = health::router(readiness(roles, store, broker), tasks.leaving());
    let pages = watch.clone();
    router = router.merge(status::router(config.status_password.as_ref(), move || {
        pages.clone().report()
    }));
    tasks.spawn("watch", watch.run(tasks.shutdown()));
    tasks.spawn("metrics", metrics::keep_counted(tasks.shutdown()));
    if has(Role::Api) {
        router = router.merge(televent_api::router(Api {
            store: store.clone(),
            domain: config.internal_domain.clone(),
            relay: relay.clone(),
            public_url: config.public_url.as_str().trim_end_matches('/').to_owned(),
            bot_page: config.bot_page.as_ref().map(ToString::to_string),
            directory: match config.directory {
                Directory::Acquaintances => televent_store::Directory::Acquaintances,
                Directory::Everyone => televent_store::Directory::Everyone,
            },
        }));
    }
    if let Some((bot, telegram)) = bot.as_ref().filter(|_| has(Role::Notifier)) {
        let notifier = notifier::run(
            store.clone(),
            broker.clone(),
            notifier::Bot {
                api: bot.clone(),
                id: telegram.bot_id,
                limits: config.telegram_limits,
            },
            NotifierConfig {
                domain: config.internal_domain.clone(),
                public_url: config.public_url.clone(),
            },
            tasks.shutdown(),
        );
        tasks.spawn("notifier", notifier);
    }
    if let Some((bot, telegram)) = bot.filter(|_| has(Role::Rsvp)) {
        let apply = run_apply(
            store.clone(),
            broker.clone(),
            bot.clone(),
            config.internal_domain.clone(),
            relay.clone(),
            tasks.shutdown(),
        );
        tasks.spawn("rsvp", apply);
        let commands = keep_commands_registered(bot.clone(), tasks.shutdown());
        tasks.spawn("commands", commands);
        router = router.merge(take_updates(config, store, broker, &bot, telegram, tasks)?);
    }
    if has(Role::Api) || has(Role::Rsvp) {
        let window = RelayWindow::of(&config.telegram_limits);
        let relay = run_relay(
            store.clone(),
            broker.clone(),
            relay,
            window,
            tasks.shutdown(),
        );
        tasks.spawn("relay", relay);
    }
    let shutdown = tasks.shutdown();
    tasks.spawn("http", async move {
        if let Err(error) = listener.serve(router, shutdown).await {
            error!(%error, "HTTP can't be served any more");
        }
    });
    info!(roles = ?roles, "started");
    Ok(())
}

/// Lets updates come in. Returns the webhook's route, if there is one.
fn take_updates(
    config: &Config,
    store: &Store,
    broker: &Broker,
    bot: &BotApi,
    telegram: &Telegram,
    tasks: &Tasks,
) -> anyhow::Result<Router> {
    let intake = UpdateIntake::new(store.clone(), broker.clone());
    tasks.spawn("update relay", intake.clone().relay(tasks.shutdown()));
    let ingress = Ingress {
        intake,
        bot_id: telegram.bot_id,
    };
    match &config.telegram_updates {
        Updates::Polling => {
            let polling = run_polling(store.clone(), bot.clone(), ingress, tasks.shutdown());
            tasks.spawn("polling", polling);
            Ok(Router::new())
        }
        Updates::Webhook { secret } => {
            let registered = keep_webhook_registered(
                bot.clone(),
                webhook_url(config)?,
                secret.clone(),
                tasks.shutdown(),
            );
            tasks.spawn("webhook registration", registered);
            Ok(webhook_router(ingress, secret.clone()))
        }
    }
}

/// Where Telegram is told to call.
pub(crate) fn webhook_url(config: &Config) -> anyhow::Result<Url> {
    let base = config.public_url.as_str().trim_end_matches('/');
    Ok(Url::parse(&format!("{base}{WEBHOOK_PATH}"))?)
}

fn bot(config: &Config) -> anyhow::Result<(BotApi, &Telegram)> {
    let telegram = config.telegram.as_ref().context(
        "telegram_token is not set, and the roles notifier and rsvp need it; \
         set TELEVENT_TELEGRAM_TOKEN to what @BotFather gave you",
    )?;
    let bot = BotApi::new(telegram.api_url.clone(), telegram.token.clone())?;
    Ok((bot, telegram))
}

/// What a process can't work without. The api needs no NATS, since invitations wait in Postgres; nor do updates, which the one or the
/// other takes: whoever routes by readiness must not keep them out.
fn readiness(roles: &[Role], store: &Store, broker: &Broker) -> Readiness {
    let mut readiness = Readiness::new();
    let ok = |()| health::OK.to_owned();
    let postgres = {
        let store = store.clone();
        move || {
            let store = store.clone();
            async move {
                store
                    .ping()
                    .await
                    .map(ok)
                    .map_err(|error| error.to_string())
            }
        }
    };
    let nats = {
        let broker = broker.clone();
        move || {
            let broker = broker.clone();
            async move { broker.ready().map(ok) }
        }
    };
    match roles {
        [Role::Rsvp] => {
            let (store, broker) = (store.clone(), broker.clone());
            readiness.require("updates", move || {
                let (store, broker) = (store.clone(), broker.clone());
                async move {
                    if broker.ready().is_ok() || store.ping().await.is_ok() {
                        Ok(ok(()))
                    } else {
                        Err("neither NATS nor Postgres can be used".to_owned())
                    }
                }
            });
            readiness.tell("postgres", postgres);
            readiness.tell("nats", nats);
        }
        [Role::Notifier] => {
            readiness.require("postgres", postgres);
            readiness.require("nats", nats);
        }
        _ => {
            readiness.require("postgres", postgres);
            readiness.tell("nats", nats);
        }
    }
    let store = store.clone();
    readiness.tell("dead letters", move || {
        let store = store.clone();
        async move {
            let count = store.count_dead_letters().await;
            count
                .map(|count| count.to_string())
                .map_err(|error| error.to_string())
        }
    });
    readiness
}
