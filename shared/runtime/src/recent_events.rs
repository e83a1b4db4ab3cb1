//! The last warnings and errors that this process has logged, for the operator's page. Bounded: what repeats is counted, and what is
//! oldest goes.

use std::{
    collections::VecDeque,
    fmt::{self, Write as _},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use metrics::counter;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// Different messages that are remembered.
const MOST_EVENTS: usize = 30;

/// Longest text that is kept of a message, and of its fields, in characters.
const MAX_CHARACTERS: usize = 400;

/// Where the message itself is.
const MESSAGE: &str = "message";

/// A warning or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentEvent {
    /// Whether it was an error.
    pub is_error: bool,
    /// The module that logged it.
    pub target: &'static str,
    /// What it said.
    pub message: String,
    /// Its fields the last time, as `name=value`.
    pub fields: String,
    /// How often it was logged, as far as it is remembered.
    pub count: u64,
    /// When it was logged first.
    pub first_at: DateTime<Utc>,
    /// When it was logged last.
    pub last_at: DateTime<Utc>,
}

static EVENTS: Mutex<VecDeque<RecentEvent>> = Mutex::new(VecDeque::new());

/// The events, the last one first.
#[must_use]
pub fn recent_events() -> Vec<RecentEvent> {
    let events = EVENTS.lock().unwrap_or_else(PoisonError::into_inner);
    events.iter().cloned().collect()
}

/// Moves a message that is known to the front, and counts it.
fn remember(events: &mut VecDeque<RecentEvent>, mut event: RecentEvent) {
    let known = events.iter().position(|known| {
        (known.is_error, known.target, &known.message)
            == (event.is_error, event.target, &event.message)
    });
    if let Some(known) = known.and_then(|index| events.remove(index)) {
        event.count = event.count.saturating_add(known.count);
        event.first_at = known.first_at;
    }
    events.truncate(MOST_EVENTS - 1);
    events.push_front(event);
}

/// Feeds them.
pub(crate) struct RecentEvents;

impl<S: Subscriber> Layer<S> for RecentEvents {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let is_error = *metadata.level() == Level::ERROR;
        if !is_error && *metadata.level() != Level::WARN {
            return;
        }
        let level = if is_error { "error" } else { "warn" };
        counter!("televent_log_events_total", "level" => level).increment(1);
        let mut words = Words::default();
        event.record(&mut words);
        let now = Utc::now();
        let event = RecentEvent {
            is_error,
            target: metadata.target(),
            message: words.message.into_text(),
            fields: words.fields.into_text(),
            count: 1,
            first_at: now,
            last_at: now,
        };
        remember(
            &mut EVENTS.lock().unwrap_or_else(PoisonError::into_inner),
            event,
        );
    }
}

/// A text that takes no more than [`MAX_CHARACTERS`].
#[derive(Default)]
struct Bounded {
    text: String,
    left_out: bool,
}

impl Bounded {
    fn into_text(mut self) -> String {
        if self.left_out {
            self.text.push('…');
        }
        self.text
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = MAX_CHARACTERS.saturating_sub(self.text.chars().count());
        let end = more.char_indices().nth(room).map(|(index, _)| index);
        self.text
            .push_str(end.and_then(|end| more.get(..end)).unwrap_or(more));
        self.left_out |= end.is_some();
        Ok(())
    }
}

#[derive(Default)]
struct Words {
    message: Bounded,
    fields: Bounded,
}

impl Words {
    fn take(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing to a text can't fail.
        let _infallible = if field.name() == MESSAGE {
            self.message.write_fmt(value)
        } else {
            let space = if self.fields.text.is_empty() { "" } else { " " };
            write!(self.fields, "{space}{}={value}", field.name())
        };
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(cause) = source {
            let _infallible = write!(text, ": {cause}");
            source = cause.source();
        }
        self.take(field, format_args!("{text}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn event(message: &str) -> RecentEvent {
        RecentEvent {
            is_error: false,
            target: "televent",
            message: message.to_owned(),
            fields: String::new(),
            count: 1,
            first_at: Utc::now(),
            last_at: Utc::now(),
        }
    }

    #[test]
    fn what_repeats_is_counted_and_what_is_oldest_goes() {
        let mut events = VecDeque::new();
        for n in 0..100 {
            remember(&mut events, event(&n.to_string()));
            remember(&mut events, event("again"));
        }
        assert_eq!(events.len(), MOST_EVENTS);
        assert_eq!(
            (events[0].message.as_str(), events[0].count),
            ("again", 100)
        );
        assert_eq!(events[1].message, "99");
        assert_eq!(events[MOST_EVENTS - 1].message, "71");
    }

    #[test]
    fn warnings_and_errors_are_kept_with_their_fields_and_nothing_else_is() {
        let subscriber = tracing_subscriber::registry().with(RecentEvents);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("not remembered");
            tracing::warn!(attempts = 3, why = "nobody <answers>", "remembered");
            tracing::error!(long = "x".repeat(10_000), "an error");
        });
        let events = recent_events();
        assert!(events.iter().all(|event| event.message != "not remembered"));
        let warning = events.iter().find(|event| event.message == "remembered");
        let warning = warning.unwrap();
        assert_eq!(warning.fields, "attempts=3 why=nobody <answers>");
        assert!(!warning.is_error);
        let error = events.iter().find(|event| event.message == "an error");
        assert_eq!(error.unwrap().fields.chars().count(), MAX_CHARACTERS + 1);
    }
}
