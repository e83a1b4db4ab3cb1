//! Every metric of ours, in one table: its name, what it counts, its labels, and all values that these can have. `/metrics` takes its
//! HELP lines and the bounds of its histograms from here, and `docs/metrics.md` tells the same to operators.
//!
//! Names end in what they count: `_total` for what only grows, `_seconds` and `_bytes` for what is measured. No label holds anything that
//! a user has chosen.

mod recorder;

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

pub use self::recorder::{init, keep_counted, render};

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricKind {
    /// Only grows; begins at zero with the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many were at most how large, with these bounds.
    Histogram(&'static [f64]),
}

/// A label and the values that it can have.
pub type Label = (&'static str, &'static [&'static str]);

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// Its labels.
    pub labels: &'static [Label],
    /// What it says, in one sentence, for the HELP line.
    pub about: &'static str,
}

/// Durations, in seconds.
const SECONDS: &[f64] = &[
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Resources of an answer.
const RESOURCES: &[f64] = &[
    0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0,
];

/// Bytes of an answer: powers of four from one kilobyte on.
const BYTES: &[f64] = &[
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Where only the process knows the values, which are few: the version, and codes of HTTP.
pub const OPEN: &[&str] = &[];

/// Methods of requests to the calendars; a client can send any name.
pub const METHODS: &[&str] = &[
    "OPTIONS",
    "GET",
    "HEAD",
    "PUT",
    "POST",
    "DELETE",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCALENDAR",
    "MKCOL",
    "COPY",
    "MOVE",
    "ACL",
    "other",
];

/// Reports, and nothing for other methods.
const REPORTS: &[&str] = &[
    "",
    "acl-principal-prop-set",
    "calendar-multiget",
    "calendar-query",
    "expand-property",
    "free-busy-query",
    "principal-match",
    "principal-property-search",
    "calendarserver-principal-search",
    "principal-search-property-set",
    "sync-collection",
];

const CLASSES: &[&str] = &["1xx", "2xx", "3xx", "4xx", "5xx"];

const STREAMS: Label = ("stream", &["INVITES", "UPDATES"]);

const CONSUMERS: Label = ("consumer", &["notifier", "rsvp"]);

const fn counter_of(name: &'static str, labels: &'static [Label], about: &'static str) -> Metric {
    Metric {
        name,
        kind: MetricKind::Counter,
        labels,
        about,
    }
}

const fn gauge_of(name: &'static str, labels: &'static [Label], about: &'static str) -> Metric {
    Metric {
        name,
        kind: MetricKind::Gauge,
        labels,
        about,
    }
}

const fn histogram_of(
    name: &'static str,
    bounds: &'static [f64],
    labels: &'static [Label],
    about: &'static str,
) -> Metric {
    Metric {
        name,
        kind: MetricKind::Histogram(bounds),
        labels,
        about,
    }
}

/// All of ours. Those of the process itself (`process_…`) are in `process_metrics.rs`.
pub const METRICS: &[Metric] = &[
    // The process.
    gauge_of(
        "televent_build_info",
        &[("version", OPEN)],
        "Always 1; the version is in the label.",
    ),
    gauge_of(
        "televent_role",
        &[("role", &["api", "notifier", "rsvp"])],
        "1 for each role that the process has.",
    ),
    counter_of(
        "televent_log_events_total",
        &[("level", &["warn", "error"])],
        "Warnings and errors that were logged.",
    ),
    // Servers behind.
    gauge_of(
        "televent_server_up",
        &[("server", &["postgres", "nats"])],
        "1 if the server can be used by this process, otherwise 0.",
    ),
    gauge_of(
        "televent_postgres_connections",
        &[("state", &["idle", "in_use"])],
        "Open connections to Postgres.",
    ),
    gauge_of(
        "televent_postgres_connections_max",
        &[],
        "Connections to Postgres that the process may have.",
    ),
    gauge_of(
        "televent_postgres_waiting_statements",
        &[],
        "Statements that wait for a connection to Postgres.",
    ),
    counter_of(
        "televent_nats_refused_total",
        &[],
        "Keys and requests that the NATS server refused.",
    ),
    counter_of(
        "televent_telegram_calls_total",
        &[
            (
                "method",
                &[
                    "SendMessage",
                    "SendPhoto",
                    "SendDocument",
                    "EditMessageText",
                    "EditMessageCaption",
                    "AnswerCallbackQuery",
                    "SetMyCommands",
                    "GetUpdates",
                    "SetWebhook",
                    "DeleteWebhook",
                    "GetWebhookInfo",
                    "GetMe",
                ],
            ),
            (
                "outcome",
                &[
                    "ok",
                    "not_modified",
                    "unreachable",
                    "gone",
                    "too_late",
                    "retry_after",
                    "bad_content",
                    "bad_token",
                    "conflict",
                    "refused",
                    "not_sent",
                    "ambiguous",
                ],
            ),
        ],
        "Calls of Bot API methods by what came of them.",
    ),
    histogram_of(
        "televent_telegram_call_duration_seconds",
        SECONDS,
        &[],
        "Time that calls of the Bot API took, but for long polls.",
    ),
    counter_of(
        "televent_telegram_pauses_total",
        &[],
        "Times that Telegram asked the bot to be quiet (429), or did not know its token.",
    ),
    // Requests.
    gauge_of(
        "televent_http_connections",
        &[],
        "Open connections of clients.",
    ),
    counter_of(
        "televent_http_connections_refused_total",
        &[],
        "Connections that were closed at once because too many were open.",
    ),
    counter_of(
        "televent_http_slow_readers_total",
        &[],
        "Connections that were given up because their client read too slowly.",
    ),
    counter_of(
        "televent_dav_requests_total",
        &[
            ("method", METHODS),
            ("report", REPORTS),
            ("status", CLASSES),
        ],
        "CalDAV requests by method, report and class of the status.",
    ),
    histogram_of(
        "televent_dav_request_duration_seconds",
        SECONDS,
        &[("method", METHODS), ("report", REPORTS)],
        "Time from a CalDAV request's head until its answer began.",
    ),
    counter_of(
        "televent_recalled_writes_total",
        &[("outcome", &["held", "asked"])],
        "PUTs of something new that were decided on what is remembered: it held, or had to be asked for after all.",
    ),
    counter_of(
        "televent_client_requests_total",
        &[(
            "client",
            &[
                "ios",
                "macos",
                "thunderbird",
                "davx5",
                "gnome",
                "kde",
                "outlook",
                "vdirsyncer",
                "curl",
                "none",
                "other",
            ],
        )],
        "CalDAV requests by the family of the client, as it calls itself.",
    ),
    gauge_of(
        "televent_api_requests_in_progress",
        &[],
        "Requests that are being answered.",
    ),
    counter_of(
        "televent_api_refused_total",
        &[("bound", &["all", "account"])],
        "Requests that were told to come back because too many were being answered: in all, or for their account.",
    ),
    counter_of(
        "televent_password_attempts_total",
        &[("outcome", &["wrong", "slowed", "refused"])],
        "Passwords that were wrong, had to wait because of others that were, or were not looked at.",
    ),
    histogram_of(
        "televent_sync_answer_resources",
        RESOURCES,
        &[],
        "Changes in an answer to sync-collection.",
    ),
    histogram_of(
        "televent_sync_answer_bytes",
        BYTES,
        &[],
        "Size of an answer to sync-collection before compression.",
    ),
    counter_of(
        "televent_feed_requests_total",
        &[("status", OPEN)],
        "Requests for feeds by status.",
    ),
    counter_of(
        "televent_setup_requests_total",
        &[("what", &["show", "profile", "password"]), ("status", OPEN)],
        "Requests for a device's set-up page by status.",
    ),
    // Invitations.
    gauge_of(
        "televent_outbox_rows",
        &[("state", &["pending", "published"])],
        "Outbox rows that are not settled: not published yet, or published and not done yet. The same in every process.",
    ),
    gauge_of(
        "televent_outbox_oldest_due_age_seconds",
        &[("state", &["pending", "published"])],
        "How long the oldest outbox row has been due, or has been published without being done; 0 without any. The same in every process.",
    ),
    counter_of(
        "televent_outbox_published_total",
        &[],
        "Outbox rows that the relay of this process has published.",
    ),
    counter_of(
        "televent_outbox_swept_total",
        &[],
        "Outbox rows that were to be published again because nobody had settled them for long.",
    ),
    gauge_of(
        "televent_consumer_pending_messages",
        &[STREAMS, CONSUMERS],
        "Messages that JetStream has not delivered to the consumer yet. The same in every process that consumes.",
    ),
    gauge_of(
        "televent_consumer_ack_pending_messages",
        &[STREAMS, CONSUMERS],
        "Messages that were delivered to the consumer and not acknowledged yet.",
    ),
    gauge_of(
        "televent_consumer_redelivered_messages",
        &[STREAMS, CONSUMERS],
        "Messages among those that were delivered more than once.",
    ),
    counter_of(
        "televent_redeliveries_total",
        &[STREAMS, CONSUMERS],
        "Messages that came to this process and were not delivered for the first time.",
    ),
    counter_of(
        "televent_messages_total",
        &[CONSUMERS, ("outcome", &["done", "retry", "dead"])],
        "Messages that this process has worked on, by what came of it.",
    ),
    counter_of(
        "televent_cards_total",
        &[("outcome", &["sent", "edited", "unreachable"])],
        "Cards and other messages of the bot.",
    ),
    histogram_of(
        "televent_card_delivery_seconds",
        SECONDS,
        &[],
        "Time from the change of an event until Telegram had taken the first card about it.",
    ),
    counter_of(
        "televent_ambiguous_sends_total",
        &[],
        "Messages of which it is not known whether Telegram has sent them: somebody may have two.",
    ),
    counter_of(
        "televent_degraded_cards_total",
        &[("fault", &["tg-time", "entities", "too long", "buttons"])],
        "Messages that Telegram refused as they were, and that were sent plainer.",
    ),
    counter_of(
        "televent_deferred_total",
        &[],
        "Messages that went back to the outbox because they could not be sent soon.",
    ),
    // Answers.
    counter_of(
        "televent_updates_total",
        &[(
            "outcome",
            &[
                "stored",
                "stored_in_postgres",
                "not_stored",
                "ignored",
                "garbage",
            ],
        )],
        "Updates of the Bot API by where they were stored, or why not.",
    ),
    counter_of(
        "televent_webhook_refused_total",
        &[],
        "Calls of the webhook without Telegram's secret.",
    ),
    gauge_of(
        "televent_received_updates",
        &[],
        "Updates that wait in Postgres until JetStream is back. The same in every process.",
    ),
    histogram_of(
        "televent_press_answer_seconds",
        SECONDS,
        &[],
        "Time from the arrival of a press until it was committed and answered.",
    ),
    // What was given up.
    gauge_of(
        "televent_dead_letters",
        &[("kind", &["card", "chat", "update", "other"])],
        "Messages that were given up and that nobody has retried or dropped. The same in every process.",
    ),
];

/// When this process began, as far as telemetry knows.
pub(crate) fn uptime() -> Duration {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    STARTED.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const DOCUMENTATION: &str = include_str!("../../../docs/metrics.md");

    #[test]
    fn names_follow_the_conventions_of_prometheus() {
        let mut names = BTreeSet::new();
        for Metric {
            name,
            kind,
            labels,
            about,
        } in METRICS
        {
            assert!(names.insert(name), "{name} is there twice");
            assert!(name.starts_with("televent_"), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                *kind == MetricKind::Counter,
                "{name}"
            );
            for unit in ["milliseconds", "_ms", "_kb", "minutes"] {
                assert!(!name.contains(unit), "{name}");
            }
            assert!(about.ends_with('.') && about.len() > 10, "{name}");
            if let MetricKind::Histogram(bounds) = kind {
                assert!(bounds.is_sorted(), "{name}");
            }
            let series: usize = labels
                .iter()
                .map(|(_, values)| values.len().max(20))
                .product();
            assert!(series <= 15 * 15 * 60, "{name} may have {series} series");
        }
    }

    #[test]
    fn documentation_lists_each_metric_and_no_other() {
        let documented: BTreeSet<&str> = DOCUMENTATION
            .lines()
            .filter_map(|line| line.strip_prefix("| `televent_"))
            .filter_map(|rest| rest.split_once('`'))
            .map(|(name, _)| name)
            .collect();
        let known: BTreeSet<&str> = METRICS
            .iter()
            .filter_map(|metric| metric.name.strip_prefix("televent_"))
            .collect();
        assert_eq!(documented, known);
        for metric in METRICS {
            assert!(DOCUMENTATION.contains(metric.about), "{}", metric.name);
            for (label, _) in metric.labels {
                assert!(DOCUMENTATION.contains(&format!("`{label}`")), "{label}");
            }
        }
    }
}
