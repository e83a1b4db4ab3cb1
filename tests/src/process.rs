//! One process of the fleet, with its roles on real sockets, as `televent serve` runs it.

use std::{num::NonZeroU32, time::Duration};

use secrecy::SecretString;
use televent_api::Api;
use televent_broker::{Broker, RelayWaker, RelayWindow, UpdateIntake, run_relay};
use televent_calendar::InternalDomain;
use televent_notifier::NotifierConfig;
use televent_rsvp::{
    Ingress, WEBHOOK_PATH, keep_commands_registered, keep_webhook_registered, run_apply,
    run_polling, webhook_router,
};
use televent_runtime::{config::Limits, listener::Listener, tasks::Tasks};
use televent_store::Store;
use televent_telegram::BotApi;

use crate::{BOT_ID, TOKEN};

/// How updates reach a process.
#[derive(Clone, Debug)]
pub enum Updates {
    /// By long polling, under the lease.
    Polling,
    /// By the webhook, which it registers with this secret.
    Webhook(&'static str),
    /// Not at all.
    None,
}

/// What a process does.
#[derive(Clone, Debug)]
pub struct Roles {
    /// Serves CalDAV.
    pub api: bool,
    /// Writes cards.
    pub notifier: bool,
    /// Applies presses.
    pub apply: bool,
    /// How updates come in.
    pub updates: Updates,
    /// How fast the bot writes.
    pub limits: Limits,
}

impl Roles {
    /// Everything, with updates by `updates`.
    pub fn all(updates: Updates) -> Self {
        Self {
            api: true,
            notifier: true,
            apply: true,
            updates,
            limits: Limits::NONE,
        }
    }

    /// Nothing but cards.
    pub fn notifier() -> Self {
        Self {
            api: false,
            notifier: true,
            apply: false,
            updates: Updates::None,
            limits: Limits::NONE,
        }
    }

    /// The same, with a bot that is limited.
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}

/// The limits of a bot that has not bought more.
pub fn usual_limits() -> Limits {
    Limits {
        messages_per_second: NonZeroU32::new(30),
        chat_messages_per_second: NonZeroU32::new(1),
        group_messages_per_minute: NonZeroU32::new(20),
        edit_interval: Duration::from_secs(3),
    }
}

/// A running process.
pub struct Process {
    tasks: Tasks,
    /// Where it serves HTTP.
    pub url: String,
    /// Its connection to NATS.
    pub broker: Broker,
    /// Its connections to Postgres.
    pub store: Store,
}

impl Process {
    /// Starts a process against these servers.
    pub async fn start(
        database_url: &str,
        nats_url: &str,
        bot_api_url: &str,
        roles: Roles,
    ) -> Self {
        let tasks = Tasks::new();
        let store = Store::connect_lazy(database_url).expect("a URL of Postgres");
        let broker = Broker::connect(&[nats_url.to_owned()])
            .await
            .expect("NATS can be used");
        let bot_api_url = bot_api_url.parse().expect("a URL of the Bot API");
        let bot =
            BotApi::new(bot_api_url, SecretString::from(TOKEN)).expect("a client for the Bot API");
        let domain = InternalDomain::default();
        let relay = RelayWaker::default();
        let listen = "127.0.0.1:0".parse().expect("an address");
        let listener = Listener::bind(listen, None).await.expect("a free port");
        let url = format!("http://{}", listener.address());
        tasks.spawn(
            "provisioning",
            broker.clone().keep_provisioned(tasks.shutdown()),
        );
        tasks.spawn(
            "relay",
            run_relay(
                store.clone(),
                broker.clone(),
                relay.clone(),
                RelayWindow::of(&roles.limits),
                tasks.shutdown(),
            ),
        );
        let mut router = axum::Router::new();
        if roles.api {
            router = router.merge(televent_api::router(Api {
                store: store.clone(),
                domain: domain.clone(),
                relay: relay.clone(),
                public_url: url.clone(),
                bot_page: None,
                directory: televent_store::Directory::Acquaintances,
            }));
        }
        if roles.notifier {
            tasks.spawn(
                "notifier",
                televent_notifier::run(
                    store.clone(),
                    broker.clone(),
                    televent_notifier::Bot {
                        api: bot.clone(),
                        id: BOT_ID,
                        limits: roles.limits,
                    },
                    NotifierConfig {
                        domain: domain.clone(),
                        public_url: url.parse().expect("a URL"),
                    },
                    tasks.shutdown(),
                ),
            );
        }
        if roles.apply {
            tasks.spawn(
                "commands",
                keep_commands_registered(bot.clone(), tasks.shutdown()),
            );
            tasks.spawn(
                "apply",
                run_apply(
                    store.clone(),
                    broker.clone(),
                    bot.clone(),
                    domain,
                    relay,
                    tasks.shutdown(),
                ),
            );
        }
        let intake = UpdateIntake::new(store.clone(), broker.clone());
        if !matches!(roles.updates, Updates::None) {
            tasks.spawn("update relay", intake.clone().relay(tasks.shutdown()));
        }
        let ingress = Ingress {
            intake,
            bot_id: BOT_ID,
        };
        match roles.updates {
            Updates::Polling => tasks.spawn(
                "polling",
                run_polling(store.clone(), bot, ingress, tasks.shutdown()),
            ),
            Updates::Webhook(secret) => {
                let secret = SecretString::from(secret);
                router = router.merge(webhook_router(ingress, secret.clone()));
                let webhook = format!("{url}{WEBHOOK_PATH}").parse().expect("a URL");
                tasks.spawn(
                    "webhook",
                    keep_webhook_registered(bot, webhook, secret, tasks.shutdown()),
                );
            }
            Updates::None => {}
        }
        let shutdown = tasks.shutdown();
        tasks.spawn("http", async move {
            listener
                .serve(router, shutdown)
                .await
                .expect("the socket stays");
        });
        Self {
            tasks,
            url,
            broker,
            store,
        }
    }

    /// Shuts down in good order.
    pub async fn stop(self) {
        assert!(self.tasks.finish().await, "a task did not end as it should");
        self.store.close().await;
    }
}
