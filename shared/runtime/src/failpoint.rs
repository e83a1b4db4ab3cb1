//! Failpoints: the steps between two effects at which a test lets the process die, to see what is left of its work.
//!
//! They are in debug builds only, and do nothing there unless `TELEVENT_FAILPOINT` names one. What dies, dies at once: nothing is
//! rolled back, flushed or handed over by us.

/// Declares the failpoints with their names, and lists them.
macro_rules! failpoints {
    ($($(#[$about:meta])* $point:ident = $name:literal,)*) => {
        /// A step at which a process may die.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Failpoint {
            $($(#[$about])* $point,)*
        }

        impl Failpoint {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$point,)*];

            /// As `TELEVENT_FAILPOINT` names it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }
        }
    };
}

failpoints! {
    /// A change with outbox rows is committed, and nobody knows.
    Committed = "committed",
    /// The relay has claimed rows, and has published none.
    RelayClaimed = "relay-claimed",
    /// JetStream has the messages, and their rows do not say so.
    RelayPublished = "relay-published",
    /// The rows say that they are published.
    RelayMarked = "relay-marked",
    /// The notifier holds a card, and has done nothing for it.
    CardLeased = "card-leased",
    /// Telegram has a new message, and nobody has noted which.
    MessageSent = "message-sent",
    /// Telegram has changed a message, and nobody has noted it.
    MessageEdited = "message-edited",
    /// A card is recorded, and its outbox row may be open.
    CardRecorded = "card-recorded",
    /// The organizer's object says what became of an invitation, and the outbox row is open.
    ScheduleStatusNoted = "schedule-status-noted",
    /// The notifier holds what the bot has to say.
    ChatLeased = "chat-leased",
    /// What the bot has said is recorded.
    ChatRecorded = "chat-recorded",
    /// A message of JetStream has had its effect, and is not acknowledged.
    MessageHandled = "message-handled",
    /// Its acknowledgement is on its way.
    MessageAcknowledged = "message-acknowledged",
    /// An update has come in, and is stored nowhere but at Telegram.
    UpdateReceived = "update-received",
    /// An update is stored, and Telegram does not know.
    UpdateStored = "update-stored",
    /// It is decided what a press does, and nothing is written.
    PressDecided = "press-decided",
    /// A press has had its effect, and its presser does not know.
    PressCommitted = "press-committed",
    /// A press is answered.
    PressAnswered = "press-answered",
    /// What somebody wrote to the bot has had its effect, and the update is not finished.
    BotDecided = "bot-decided",
    /// What somebody wrote to the bot is finished.
    BotCommitted = "bot-committed",
}

impl Failpoint {
    /// The work has come to this step: where it is the chosen one, the process dies.
    #[inline]
    pub fn reached(self) {
        #[cfg(debug_assertions)]
        chosen::die_at(self);
    }
}

#[cfg(debug_assertions)]
mod chosen {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    };

    use super::Failpoint;

    /// `NAME` or `NAME:N`: at the first time, or at the N-th.
    const VARIABLE: &str = "TELEVENT_FAILPOINT";

    static CHOSEN: LazyLock<Option<(Failpoint, u32)>> =
        LazyLock::new(|| parse(&std::env::var(VARIABLE).ok()?));

    static REACHED: AtomicU32 = AtomicU32::new(0);

    pub(super) fn parse(text: &str) -> Option<(Failpoint, u32)> {
        let (name, times) = match text.split_once(':') {
            Some((name, times)) => (name, times.parse().ok()?),
            None => (text, 1),
        };
        let point = Failpoint::ALL.iter().find(|point| point.name() == name)?;
        Some((*point, times))
    }

    pub(super) fn die_at(point: Failpoint) {
        let Some((_, times)) = CHOSEN.filter(|(chosen, _)| *chosen == point) else {
            return;
        };
        if REACHED.fetch_add(1, Ordering::Relaxed) + 1 == times {
            // Not an exit: no destructor runs, nothing buffered is written.
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(debug_assertions)]
    fn failpoint_is_chosen_by_name_and_time() {
        let parse = chosen::parse;
        assert_eq!(parse("relay-claimed"), Some((Failpoint::RelayClaimed, 1)));
        assert_eq!(parse("relay-claimed:3"), Some((Failpoint::RelayClaimed, 3)));
        assert_eq!(parse("relay"), None);
        assert_eq!(parse("relay-claimed:x"), None);
    }
}
