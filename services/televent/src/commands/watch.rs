//! What whoever watches this process is told beyond what its roles count themselves: figures that Postgres and JetStream have to be
//! asked for, in `/metrics` and on the page `/status`.

use std::time::Duration;

use metrics::gauge;
use televent_broker::{Broker, Consumer, ConsumerLag};
use televent_runtime::{
    health::within,
    status::{Figure, GivenUp, Part, Report},
};
use televent_store::{DeadLetterHead, DeadLetterKind, Figures, MAX_CONNECTIONS, Store};
use televent_telegram::BotApi;
use tokio_util::sync::CancellationToken;

/// How often the servers are asked. Prometheus asks us about as often.
const EVERY: Duration = Duration::from_secs(15);

const NOT_ASKED: &str = "not known without NATS";

/// Dead letters that the page shows.
const SHOWN_LETTERS: i64 = 20;

/// An outbox row that is older than this makes the page's figure a bad one: by then nobody is any more in a burst.
const OLD: Duration = Duration::from_secs(300);

/// What is watched. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Watch {
    pub(crate) roles: Vec<&'static str>,
    pub(crate) store: Store,
    pub(crate) broker: Broker,
    pub(crate) bot: Option<BotApi>,
}

impl Watch {
    /// Keeps the gauges up to date until `shutdown` is cancelled.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        gauge!("televent_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        for role in &self.roles {
            gauge!("televent_role", "role" => *role).set(1);
        }
        gauge!("televent_postgres_connections_max").set(MAX_CONNECTIONS);
        loop {
            tokio::select! {
                () = self.measure() => {}
                () = shutdown.cancelled() => return,
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    async fn measure(&self) {
        let (figures, letters, lag) = tokio::join!(self.figures(), self.letters(), self.lag());
        gauge!("televent_server_up", "server" => "postgres").set(flag(figures.is_ok()));
        gauge!("televent_server_up", "server" => "nats").set(flag(self.broker.ready().is_ok()));
        set_figures(figures.ok());
        for kind in DeadLetterKind::ALL {
            let of_kind = letters.as_ref().ok().and_then(|letters| {
                letters
                    .iter()
                    .find_map(|(known, count)| (*known == kind).then_some(*count))
            });
            gauge!("televent_dead_letters", "kind" => kind.as_str()).set(number(of_kind));
        }
        for consumer in self.broker.consumers() {
            let lags = lag.as_deref().unwrap_or_default();
            set_lag(*consumer, lags.iter().find(|lag| lag.consumer == *consumer));
        }
        let pool = self.store.pool_use();
        for (state, connections) in [("idle", pool.idle), ("in_use", pool.in_use)] {
            gauge!("televent_postgres_connections", "state" => state).set(count(connections));
        }
        gauge!("televent_postgres_waiting_statements").set(count(pool.waiting));
    }

    async fn figures(&self) -> Result<Figures, String> {
        within(async {
            self.store
                .figures()
                .await
                .map_err(|error| error.to_string())
        })
        .await
    }

    async fn letters(&self) -> Result<[(DeadLetterKind, i64); 4], String> {
        let letters = async { self.store.dead_letters_by_kind().await };
        within(async { letters.await.map_err(|error| error.to_string()) }).await
    }

    async fn lag(&self) -> Result<Vec<ConsumerLag>, String> {
        within(self.broker.lag()).await
    }

    /// What `/status` shows.
    pub(crate) async fn report(self) -> Report {
        let heads = within(async {
            let heads = self.store.dead_letter_heads(SHOWN_LETTERS).await;
            heads.map_err(|error| error.to_string())
        });
        let missing = async {
            if self.broker.is_connected() {
                within(self.broker.missing()).await
            } else {
                Err(NOT_ASKED.to_owned())
            }
        };
        let (figures, letters, lag, heads, missing, telegram) = tokio::join!(
            self.figures(),
            self.letters(),
            self.lag(),
            heads,
            missing,
            self.telegram()
        );
        let ok = || "ok".to_owned();
        let streams = missing.and_then(|missing| {
            if missing.is_empty() {
                Ok(ok())
            } else {
                Err(format!("missing: {}", missing.join(", ")))
            }
        });
        let nats = self.broker.ready().map(|()| self.broker.server_version());
        let mut parts = vec![
            part("Postgres", figures.clone().map(|_| ok())),
            part("NATS", nats),
            part("Streams", streams),
        ];
        parts.extend(telegram.map(|telegram| part("Telegram", telegram)));
        let mut shown = Vec::new();
        if let Ok(figures) = &figures {
            shown.extend(outbox(figures));
        }
        if let Ok(lags) = &lag {
            shown.extend(lags.iter().flat_map(consumer));
        }
        if let Ok(letters) = &letters {
            shown.extend(letters.iter().map(|(kind, count)| Figure {
                name: format!("Given up: {}", kind.as_str()),
                value: count.to_string(),
                is_bad: *count > 0,
            }));
        }
        Report {
            version: env!("CARGO_PKG_VERSION"),
            roles: self.roles.clone(),
            parts,
            figures: shown,
            given_up: Some(heads.map(|heads| heads.into_iter().map(given_up).collect())),
        }
    }

    /// Whether Telegram answers; `None` where nobody here writes to it.
    async fn telegram(&self) -> Option<Result<String, String>> {
        let bot = self.bot.as_ref()?;
        Some(
            within(async {
                let identity = bot.get_me().await.map_err(|error| error.to_string())?;
                Ok(format!("ok, as @{}", identity.username))
            })
            .await,
        )
    }
}

const fn part(name: &'static str, words: Result<String, String>) -> Part {
    Part { name, words }
}

fn outbox(figures: &Figures) -> Vec<Figure> {
    let is_old = |seconds: f64| seconds > OLD.as_secs_f64();
    let seconds = |seconds: f64| format!("{seconds:.0} s");
    let figure = |name: &str, value: String, is_bad| Figure {
        name: name.to_owned(),
        value,
        is_bad,
    };
    vec![
        figure(
            "Outbox: to be published",
            figures.pending.to_string(),
            false,
        ),
        figure(
            "Outbox: the oldest has been due for",
            seconds(figures.pending_age_s),
            is_old(figures.pending_age_s),
        ),
        figure(
            "Outbox: published, not done",
            figures.published.to_string(),
            false,
        ),
        figure(
            "Outbox: the oldest of these is under way for",
            seconds(figures.published_age_s),
            is_old(figures.published_age_s),
        ),
        figure(
            "Updates that wait for JetStream",
            figures.received_updates.to_string(),
            figures.received_updates > 0,
        ),
    ]
}

fn consumer(lag: &ConsumerLag) -> [Figure; 2] {
    let figure = |what: &str, value: String| Figure {
        name: format!("{} {}: {what}", lag.consumer.stream, lag.consumer.durable),
        value,
        is_bad: false,
    };
    [
        figure("not delivered", lag.pending.to_string()),
        figure(
            "being worked on, of these again",
            format!("{}, {}", lag.ack_pending, lag.redelivered),
        ),
    ]
}

fn given_up(letter: DeadLetterHead) -> GivenUp {
    GivenUp {
        kind: letter.kind.as_str(),
        reason: letter.reason,
        at: letter.created_at,
        command: format!("televent dead-letters show {}", letter.id),
    }
}

fn set_figures(figures: Option<Figures>) {
    let value = |of: fn(&Figures) -> i64| number(figures.as_ref().map(of));
    let age = |of: fn(&Figures) -> f64| figures.as_ref().map_or(f64::NAN, of);
    let rows = |state: &'static str| gauge!("televent_outbox_rows", "state" => state);
    let oldest =
        |state: &'static str| gauge!("televent_outbox_oldest_due_age_seconds", "state" => state);
    rows("pending").set(value(|figures| figures.pending));
    rows("published").set(value(|figures| figures.published));
    oldest("pending").set(age(|figures| figures.pending_age_s));
    oldest("published").set(age(|figures| figures.published_age_s));
    gauge!("televent_received_updates").set(value(|figures| figures.received_updates));
}

fn set_lag(consumer: Consumer, lag: Option<&ConsumerLag>) {
    let messages = |name: &'static str, of: fn(&ConsumerLag) -> Option<i64>| {
        gauge!(name, "stream" => consumer.stream, "consumer" => consumer.durable)
            .set(number(lag.and_then(of)));
    };
    messages("televent_consumer_pending_messages", |lag| {
        i64::try_from(lag.pending).ok()
    });
    messages("televent_consumer_ack_pending_messages", |lag| {
        i64::try_from(lag.ack_pending).ok()
    });
    messages("televent_consumer_redelivered_messages", |lag| {
        i64::try_from(lag.redelivered).ok()
    });
}

const fn flag(is_true: bool) -> f64 {
    if is_true { 1.0 } else { 0.0 }
}

fn count(things: usize) -> f64 {
    number(i64::try_from(things).ok())
}

/// For a gauge; what is not known is no number.
#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge need not be exact above 2^52"
)]
fn number(known: Option<i64>) -> f64 {
    known.map_or(f64::NAN, |known| known as f64)
}
