//! One stale card: lease, read, render, send or edit, record. No transaction and no lock is held while
//! Telegram is called; the lease keeps others away and runs out by itself.

use std::time::Duration;

use chrono_tz::Tz;
use televent_broker::{Delivery, InviteMessage, Outcome};
use televent_calendar::{CalendarObject, CalendarUserAddress, InternalDomain, PartStat};
use televent_runtime::Backoff;
use televent_store::{Card, CardKey, CardLease, CardSubject, SentCard, Store, StoreError};
use televent_telegram::{BotApi, CALL_TIMEOUT, CallError, Unreachable};
use tokio::time::Instant;
use tracing::{debug, error, info, warn};
use uuid::Uuid;

use crate::card::{InvitationState, Rendered, has_answers, invitation, tally};

/// How long a card is ours: two calls to Telegram and time to record them. JetStream's ack wait is longer.
const LEASE: Duration = Duration::from_secs(45);

/// What must be left of the lease before a call is begun: the call, and time to record it.
const NEEDED_FOR_A_CALL: Duration = CALL_TIMEOUT.saturating_add(Duration::from_secs(5));

/// Wait when somebody else is writing the card, or has written it meanwhile.
const BUSY_RETRY: Duration = Duration::from_millis(500);

/// Wait when the token is not valid: an operator has to act, and no message must be burnt meanwhile.
const BAD_TOKEN_RETRY: Duration = Duration::from_secs(60);

/// Waits between tries that may succeed later.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(300),
};

/// Waits between tries to record what Telegram has done.
const RECORD_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(2),
};

/// Failed tries after which a message is given up: about a week at the longest wait.
const MAX_FAILURES: u64 = 2_000;

pub(crate) struct Notifier {
    pub(crate) store: Store,
    pub(crate) bot: BotApi,
    pub(crate) domain: InternalDomain,
}

/// The right to write a card, and since when.
struct Held {
    lease: CardLease,
    since: Instant,
}

/// Why a card could not be written now.
#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("somebody else is writing this card, or has written it meanwhile")]
    Busy,
    #[error("too little is left of the lease for another call")]
    OutOfTime,
    /// The lease is kept until it runs out: whoever takes it then knows that something went wrong.
    #[error("Telegram did it, and it can't be recorded")]
    Unrecorded(#[source] StoreError),
    #[error("the stored object can't be read: {0}")]
    Object(#[from] televent_calendar::ObjectError),
}

/// What becomes of the message after a failure.
enum Next {
    /// Not the message's fault: exactly this long.
    Wait(Duration),
    /// A try that failed; each makes the wait longer.
    Failed,
    /// It can never succeed.
    GiveUp,
}

impl Notifier {
    pub(crate) async fn handle(&self, delivery: &Delivery) -> Outcome {
        let message = match InviteMessage::from_bytes(&delivery.payload) {
            Ok(message) => message,
            Err(error) => return error.outcome(delivery.deliveries),
        };
        let held = Held {
            lease: CardLease {
                key: CardKey {
                    event_id: message.event_id,
                    telegram_id: message.telegram_id,
                    recurrence_id: String::new(),
                },
                holder: Uuid::new_v4(),
            },
            since: Instant::now(),
        };
        match self.deliver(&held, message.outbox_id).await {
            Ok(()) => Outcome::Done,
            Err(error) => {
                self.give_back(&held.lease, &error).await;
                self.outcome(&error, message.outbox_id, delivery.deliveries)
                    .await
            }
        }
    }

    async fn deliver(&self, held: &Held, outbox_id: Uuid) -> Result<(), DeliverError> {
        let lease = &held.lease;
        let Some(card) = self.store.lease_card(lease, LEASE).await? else {
            // A repeat of a message that is settled has nobody to wait for.
            if !self.store.outbox_is_open(outbox_id).await? {
                return Ok(());
            }
            return match self.store.card_subject(&lease.key).await? {
                Some(_) => Err(DeliverError::Busy),
                // The event is gone, and its cards with it.
                None => Ok(self.store.settle_outbox(outbox_id).await?),
            };
        };
        let Some(subject) = self.store.card_subject(&lease.key).await? else {
            return Ok(self.store.settle_outbox(outbox_id).await?);
        };
        let Some(rendered) = self.render(lease, &card, &subject).await? else {
            return self.leave_as_it_is(lease, outbox_id).await;
        };
        let digest = rendered.digest();
        self.show_on_copies(held, &card, &rendered, &digest).await?;
        if card.message.is_some() && card.rendered.as_deref() == Some(&digest) {
            debug!(event.id = %lease.key.event_id, "the card is up to date");
            return self.leave_as_it_is(lease, outbox_id).await;
        }
        match self.show(held, &card, &rendered, digest).await {
            Ok(sent) => self.record(held, &sent, outbox_id).await,
            Err(DeliverError::Call(CallError::Unreachable(reason))) => {
                count("unreachable");
                info!(telegram.id = %lease.key.telegram_id, %reason, "somebody can't be written to");
                let status = schedule_status(reason);
                self.store
                    .record_unreachable(lease, status, outbox_id)
                    .await?;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn leave_as_it_is(&self, lease: &CardLease, outbox_id: Uuid) -> Result<(), DeliverError> {
        self.store.release_card(lease).await?;
        Ok(self.store.settle_outbox(outbox_id).await?)
    }

    /// What the card must show now; `None` when there is nothing to tell its reader.
    async fn render(
        &self,
        lease: &CardLease,
        card: &Card,
        subject: &CardSubject,
    ) -> Result<Option<Rendered>, DeliverError> {
        let object = CalendarObject::from_stored(subject.object.clone())?;
        let reader = lease.key.telegram_id;
        let zone = subject
            .reader
            .time_zone
            .as_deref()
            .and_then(|name| name.parse::<Tz>().ok());
        let is_new = card.message.is_none();
        let address = CalendarUserAddress::internal(reader, &self.domain);
        let component = object
            .component_of(&address)
            .unwrap_or_else(|| object.master_or_first());
        let cancelled = subject.deleted || component.status.as_deref() == Some("CANCELLED");
        if reader == subject.owner {
            if is_new && (cancelled || !has_answers(&object, reader, &self.domain)) {
                return Ok(None);
            }
            let names = self.store.attendee_names(lease.key.event_id).await?;
            let card = tally(&object, reader, cancelled, &names, &self.domain, zone);
            return Ok(Some(card));
        }
        let state = if !subject.invited || !subject.owner_organizes {
            InvitationState::Removed
        } else if cancelled {
            InvitationState::Cancelled
        } else {
            let answer = component
                .attendees()
                .iter()
                .find(|attendee| attendee.address == address)
                .map_or(PartStat::NeedsAction, |attendee| attendee.part_stat.clone());
            InvitationState::Invited {
                answer,
                choosing: card.choosing,
            }
        };
        // Nobody is told of the end of what they never heard of.
        if is_new && !matches!(state, InvitationState::Invited { .. }) {
            return Ok(None);
        }
        let organizer = object.organizer_name().unwrap_or(&subject.owner_name);
        let event_id = lease.key.event_id;
        Ok(Some(invitation(
            event_id, component, organizer, &state, zone,
        )))
    }

    /// Edits the card's message, or sends it where there is none, or none any more.
    async fn show(
        &self,
        held: &Held,
        card: &Card,
        rendered: &Rendered,
        digest: String,
    ) -> Result<SentCard, DeliverError> {
        let Some((chat_id, message_id)) = card.message else {
            if card.unfinished {
                warn!(
                    event.id = %held.lease.key.event_id,
                    "a first card may be a second one: an earlier attempt ended in the middle"
                );
                count_ambiguous();
            }
            return self.send(held, rendered, digest, false).await;
        };
        held.allows_a_call()?;
        match self
            .bot
            .edit_message_text(chat_id, message_id, &rendered.html, &rendered.keyboard)
            .await
        {
            Ok(()) | Err(CallError::NotModified) => {
                count("edited");
                Ok(SentCard {
                    chat_id,
                    message_id,
                    rendered: digest,
                    replaces: false,
                })
            }
            Err(CallError::MessageGone { .. }) => self.send(held, rendered, digest, true).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a message. Somebody who could not be written to is tried again: only Telegram knows whether
    /// that has changed.
    async fn send(
        &self,
        held: &Held,
        rendered: &Rendered,
        digest: String,
        replaces: bool,
    ) -> Result<SentCard, DeliverError> {
        held.allows_a_call()?;
        let to = held.lease.key.telegram_id;
        let message_id = self
            .bot
            .send_message(to, &rendered.html, &rendered.keyboard)
            .await
            .inspect_err(|error| {
                if matches!(error, CallError::Ambiguous { .. }) {
                    count_ambiguous();
                }
            })?;
        count("sent");
        Ok(SentCard {
            chat_id: to.get(),
            message_id,
            rendered: digest,
            replaces,
        })
    }

    async fn show_on_copies(
        &self,
        held: &Held,
        card: &Card,
        rendered: &Rendered,
        digest: &str,
    ) -> Result<(), DeliverError> {
        let key = &held.lease.key;
        for copy in &card.copies {
            if copy.rendered.as_deref() == Some(digest) {
                continue;
            }
            held.allows_a_call()?;
            match self
                .bot
                .edit_message_text(
                    key.telegram_id.get(),
                    copy.message_id,
                    &rendered.html,
                    &rendered.keyboard,
                )
                .await
            {
                Ok(()) | Err(CallError::NotModified) => {
                    self.store.record_copy(key, copy.message_id, digest).await?;
                }
                Err(CallError::MessageGone { .. }) => {
                    self.store.forget_copy(key, copy.message_id).await?;
                }
                // The card itself will meet the same, and records it.
                Err(CallError::Unreachable(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Records what Telegram has done, patiently: forgetting a message that is out would send it twice.
    async fn record(
        &self,
        held: &Held,
        sent: &SentCard,
        outbox_id: Uuid,
    ) -> Result<(), DeliverError> {
        let mut failures = 0;
        loop {
            match self.store.record_card(&held.lease, sent, outbox_id).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(DeliverError::Busy),
                Err(error) => {
                    failures += 1;
                    let wait = RECORD_BACKOFF.after(failures);
                    if held.since.elapsed() + wait >= LEASE {
                        return Err(DeliverError::Unrecorded(error));
                    }
                    warn!(
                        error = &error as &dyn std::error::Error,
                        failures, "a card can't be recorded yet"
                    );
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    async fn outcome(&self, error: &DeliverError, outbox_id: Uuid, deliveries: u64) -> Outcome {
        let why = error.to_string();
        match next(error) {
            Next::Wait(after) => Outcome::Retry { after, why },
            Next::GiveUp => Outcome::Dead { why },
            Next::Failed => {
                // Where even this can't be noted, the deliveries are the best count there is.
                let failures = self
                    .store
                    .note_outbox_failure(outbox_id, BACKOFF.longest, &why)
                    .await
                    .unwrap_or(deliveries);
                if failures >= MAX_FAILURES {
                    return Outcome::Dead {
                        why: format!("given up after {failures} tries: {why}"),
                    };
                }
                Outcome::Retry {
                    after: BACKOFF.after(failures),
                    why,
                }
            }
        }
    }

    /// Gives the lease back, so that the next try need not wait until it runs out.
    async fn give_back(&self, lease: &CardLease, why: &DeliverError) {
        let given_back = match why {
            DeliverError::Unrecorded(_) => return,
            DeliverError::Call(CallError::Ambiguous { .. }) => {
                self.store.release_unknown_card(lease).await
            }
            _ => self.store.release_card(lease).await,
        };
        if let Err(error) = given_back {
            debug!(
                error = &error as &dyn std::error::Error,
                "a lease runs out by itself"
            );
        }
    }
}

impl Held {
    fn allows_a_call(&self) -> Result<(), DeliverError> {
        if self.since.elapsed() + NEEDED_FOR_A_CALL <= LEASE {
            Ok(())
        } else {
            Err(DeliverError::OutOfTime)
        }
    }
}

fn next(error: &DeliverError) -> Next {
    match error {
        DeliverError::Busy | DeliverError::OutOfTime => Next::Wait(BUSY_RETRY),
        DeliverError::Store(StoreError::Unavailable(_)) => Next::Failed,
        DeliverError::Store(error) | DeliverError::Unrecorded(error) => {
            error!(
                error = error as &dyn std::error::Error,
                "a card can't be read or recorded"
            );
            Next::Failed
        }
        DeliverError::Object(_) => Next::GiveUp,
        DeliverError::Call(error) => match error {
            CallError::RetryAfter(wait) => Next::Wait(*wait),
            CallError::BadToken { .. } => {
                error!(
                    "telegram_token: Telegram does not know this token; \
                     set TELEVENT_TELEGRAM_TOKEN to what @BotFather says"
                );
                Next::Wait(BAD_TOKEN_RETRY)
            }
            CallError::Ambiguous { .. }
            | CallError::NotSent { .. }
            | CallError::Conflict { .. } => Next::Failed,
            CallError::Refused { .. }
            | CallError::ChatMoved(_)
            | CallError::NotModified
            | CallError::MessageGone { .. }
            | CallError::QueryTooOld
            | CallError::Unreachable(_) => Next::GiveUp,
        },
    }
}

/// The schedule status of somebody who can't be written to (RFC 6638 section 3.2.9).
const fn schedule_status(reason: Unreachable) -> &'static str {
    match reason {
        // Delivery is pending: the card comes when they press Start.
        Unreachable::NotStarted => "1.0",
        // Invalid calendar user.
        Unreachable::Unknown => "3.7",
        // It could not be delivered.
        Unreachable::Blocked => "5.1",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("televent_cards_total", "outcome" => outcome).increment(1);
}

fn count_ambiguous() {
    metrics::counter!("televent_ambiguous_sends_total").increment(1);
}
