//! One stale card: lease, read, render, send or edit, record. No transaction and no lock is held while
//! Telegram is called; the lease keeps others away and runs out by itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use televent_broker::{Delivery, InviteMessage, Outcome};
use televent_calendar::{CalendarObject, InternalDomain, ScheduleStatus};
use televent_runtime::Failpoint;
use televent_store::{
    Card, CardKey, CardLease, CardRecord, CardRequest, CardState, CardSubject, MAX_CONNECTIONS,
    Notice, NoticeKind, NoticeSubject, SHORTEST_DEFERRAL, SentCard, Store, StoreError, Urgency,
};
use televent_telegram::{CallError, Markup, Outgoing, Unreachable};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use tracing::{debug, info, warn};
use url::Url;
use uuid::Uuid;

use crate::{
    calls::{Caller, MessagePart},
    chat::PictureError,
    gathering::Gathering,
    held::Held,
    pace::PATIENCE_FOR_TURN,
    present::Page,
    schedule_status::OrganizerTurns,
};

/// The most cards that nobody waits for and that are rendered at once, and no more than there are processors. Many come in one
/// moment, to be sent during a second: without a bound they would stand before all else that the process does, the requests of calendar
/// apps, too.
const MOST_BULK_AT_ONCE: usize = MAX_CONNECTIONS as usize / 4;

/// How many that are here.
pub(crate) fn bulk_at_once() -> usize {
    std::thread::available_parallelism()
        .map_or(1, |processors| processors.get().min(MOST_BULK_AT_ONCE))
}

pub(crate) struct Notifier {
    pub(crate) store: Store,
    pub(crate) caller: Caller,
    pub(crate) domain: InternalDomain,
    pub(crate) public_url: Url,
    /// Permits to have a calendar in memory as a whole.
    pub(crate) exports: Semaphore,
    /// Permits to render what nobody waits for.
    pub(crate) bulk: Semaphore,
    /// Rights to write cards that nobody waits for.
    pub(crate) leases: Gathering<CardRequest, Option<CardState>>,
    /// What has become of cards that nobody waited for: whether it is recorded.
    pub(crate) records: Gathering<CardRecord, bool>,
    /// Who writes to whose calendar.
    pub(crate) organizers: OrganizerTurns,
    /// How long a card rests before it is edited because of what others have answered.
    pub(crate) edit_interval: Duration,
    /// The bot's, without the `@`; asked for when it is needed first.
    pub(crate) username: OnceCell<String>,
}

/// What became of a card.
enum Delivered {
    /// It shows what it should, or there is nothing to show.
    Done,
    /// It was written just now, and waits so long.
    Rests(Duration),
}

/// Why a card could not be written now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Call(#[from] CallError),
    /// The limits of Telegram do not allow it now; nothing was done.
    #[error("it is put off for {} s", .0.as_secs_f64())]
    Deferred(Duration),
    /// Nothing was done.
    #[error("the process ends")]
    Stopping,
    #[error("somebody else is writing this card, or has written it meanwhile")]
    Busy,
    #[error("too little is left of the lease for another call")]
    OutOfTime,
    /// The lease is kept until it runs out: whoever takes it then knows that something went wrong.
    #[error("Telegram did it, and it can't be recorded")]
    Unrecorded(#[source] StoreError),
    #[error("the stored object can't be read: {0}")]
    Object(#[from] televent_calendar::ObjectError),
    #[error("no screen of this program: {0}")]
    Screen(#[source] serde_json::Error),
    #[error(transparent)]
    Picture(#[from] PictureError),
}

impl Notifier {
    pub(crate) async fn handle(&self, delivery: &Delivery) -> Outcome {
        let message = match InviteMessage::from_bytes(&delivery.payload) {
            Ok(message) => message,
            Err(error) => return error.outcome(delivery.deliveries),
        };
        let delivered = match message.subject {
            NoticeSubject::Card { event_id, .. } => self.deliver_cards(&message, event_id).await,
            NoticeSubject::Chat { chat_message_id } => {
                self.deliver_chat_message(&message, chat_message_id).await
            }
        };
        match delivered {
            Ok(()) => Outcome::Done,
            Err(error) => {
                self.outcome(&error, message.outbox_id, delivery.deliveries)
                    .await
            }
        }
    }

    /// All cards of a person about an event: that of the whole, and those of instances. The last one settles the row, unless one
    /// of them has to rest: then all are looked at again.
    async fn deliver_cards(
        &self,
        message: &InviteMessage,
        event_id: Uuid,
    ) -> Result<(), DeliverError> {
        let mut rest: Option<Duration> = None;
        let mut recurrence_id: Option<String> = None;
        loop {
            let mut held = Held::new(message, event_id);
            let which = recurrence_id.as_deref();
            match self
                .deliver_next(&mut held, which, message.outbox_id, rest.is_none())
                .await
            {
                Ok((delivered, next)) => {
                    if let Delivered::Rests(wait) = delivered {
                        rest = rest.max(Some(wait));
                    }
                    recurrence_id = next;
                }
                Err(error) => {
                    self.give_back(&held, &error).await;
                    return Err(error);
                }
            }
            if recurrence_id.is_none() {
                break;
            }
        }
        if let Some(wait) = rest {
            self.store.defer_outbox(message.outbox_id, wait).await?;
        }
        Ok(())
    }

    /// The right to render a card, which what nobody waits for needs; with too long a wait for it the card goes back to the outbox.
    pub(crate) async fn turn(
        &self,
        urgency: Urgency,
    ) -> Result<Option<SemaphorePermit<'_>>, DeliverError> {
        if urgency != Urgency::Bulk {
            return Ok(None);
        }
        let turn = tokio::time::timeout(PATIENCE_FOR_TURN, self.bulk.acquire()).await;
        // It is never closed.
        turn.map(Result::ok)
            .map_err(|_| DeliverError::Deferred(SHORTEST_DEFERRAL))
    }

    /// The first card of a person about an event, or the one with the recurrence key `which`; and the key of the one after it.
    /// `outbox_id` is the row that asks for them, which the last one settles if none rests.
    async fn deliver_next(
        &self,
        held: &mut Held,
        which: Option<&str>,
        outbox_id: Uuid,
        none_rests: bool,
    ) -> Result<(Delivered, Option<String>), DeliverError> {
        let Some(state) = self.lease(held, which).await? else {
            // The event is gone, and its cards with it.
            return Ok((self.settle(Some(outbox_id)).await?, None));
        };
        let next = state.next().map(str::to_owned);
        held.lease.key = state.key;
        let Some(card) = state.card else {
            // A repeat of a message that is settled has nobody to wait for.
            return if self.store.outbox_is_open(outbox_id).await? {
                Err(DeliverError::Busy)
            } else {
                Ok((Delivered::Done, next))
            };
        };
        Failpoint::CardLeased.reached();
        let settles = (next.is_none() && none_rests).then_some(outbox_id);
        let delivered = self
            .deliver_card(held, &card, &state.subject, outbox_id, settles)
            .await?;
        Ok((delivered, next))
    }

    async fn deliver_card(
        &self,
        held: &Held,
        card: &Card,
        subject: &CardSubject,
        outbox_id: Uuid,
        settles: Option<Uuid>,
    ) -> Result<Delivered, DeliverError> {
        let lease = &held.lease;
        let turn = self.turn(held.turn().urgency).await?;
        let object = CalendarObject::from_stored(subject.object.clone())?;
        let Some(page) = self.render(&lease.key, card, subject, &object).await? else {
            return self.leave_as_it_is(lease, settles).await;
        };
        drop(turn);
        let digest = page.card.digest(&page.shown);
        let is_current = card.message.is_some() && card.rendered.as_deref() == Some(&digest);
        if let Some(wait) = self.rest(card, &page).filter(|_| !is_current) {
            debug!(event.id = %lease.key.event_id, "the card was written just now");
            self.store.release_card(lease).await?;
            return Ok(Delivered::Rests(wait));
        }
        self.show_on_copies(held, card, &page, &digest).await?;
        let delivered = ScheduleStatus::Delivered;
        if is_current && page.news.is_none() {
            debug!(event.id = %lease.key.event_id, "the card is up to date");
            self.note_delivery(&lease.key, subject, &object, delivered)
                .await?;
            return self.leave_as_it_is(lease, settles).await;
        }
        match self.show(held, card, &page, digest, outbox_id).await {
            Ok(sent) if self.is_news(&lease.key, subject, &object, delivered) => {
                self.record(held, sent, None, false).await?;
                self.note_delivery(&lease.key, subject, &object, delivered)
                    .await?;
                self.settle(settles).await
            }
            Ok(sent) => {
                self.record(held, sent, settles, true).await?;
                Ok(Delivered::Done)
            }
            Err(DeliverError::Call(CallError::Unreachable(reason))) => {
                count("unreachable");
                info!(telegram.id = %lease.key.telegram_id, %reason, "somebody can't be written to");
                let status = schedule_status(reason);
                self.store.record_unreachable(lease, status, None).await?;
                self.note_delivery(&lease.key, subject, &object, status)
                    .await?;
                self.tell_organizer(&lease.key, subject).await?;
                self.settle(settles).await
            }
            Err(error) => Err(error),
        }
    }

    /// How long a card has to wait that was written just now, and of which nothing matters but what others have answered.
    fn rest(&self, card: &Card, page: &Page) -> Option<Duration> {
        let ago = card.written_ago.filter(|_| card.message.is_some())?;
        let wait = self.edit_interval.checked_sub(ago)?;
        (!page.is_urgent && !wait.is_zero()).then_some(wait)
    }

    /// The organizer's tally says whom the invitation did not reach.
    async fn tell_organizer(
        &self,
        key: &CardKey,
        subject: &CardSubject,
    ) -> Result<(), DeliverError> {
        if key.telegram_id == subject.owner || !subject.invited || !subject.owner_organizes {
            return Ok(());
        }
        let notice = Notice {
            id: Uuid::now_v7(),
            kind: NoticeKind::Rsvp,
            telegram_id: subject.owner,
        };
        Ok(self.store.add_notice(key.event_id, &notice).await?)
    }

    /// What somebody opens who has never pressed Start.
    pub(crate) async fn invitation_link(&self) -> Result<String, DeliverError> {
        let username = self
            .username
            .get_or_try_init(async || Ok::<_, CallError>(self.caller.bot.get_me().await?.username))
            .await?;
        Ok(format!("https://t.me/{username}?start=invited"))
    }

    async fn settle(&self, settles: Option<Uuid>) -> Result<Delivered, DeliverError> {
        if let Some(outbox_id) = settles {
            self.store.settle_outbox(outbox_id).await?;
        }
        Ok(Delivered::Done)
    }

    async fn leave_as_it_is(
        &self,
        lease: &CardLease,
        settles: Option<Uuid>,
    ) -> Result<Delivered, DeliverError> {
        self.store.release_card(lease).await?;
        self.settle(settles).await
    }

    /// Edits the card's message, or sends it where there is none, or none any more. What has to be told aloud of an edit is told
    /// by a message of its own.
    async fn show(
        &self,
        held: &Held,
        card: &Card,
        page: &Page,
        digest: String,
        outbox_id: Uuid,
    ) -> Result<SentCard, DeliverError> {
        let Some((chat_id, message_id)) = card.message else {
            if card.unfinished {
                warn!(
                    event.id = %held.lease.key.event_id,
                    "a first card may be a second one: an earlier attempt ended in the middle"
                );
                count_ambiguous();
            }
            let sent = self.send(held, page, digest, false).await?;
            if !card.unfinished {
                measure_delivery(outbox_id);
            }
            return Ok(sent);
        };
        match self
            .caller
            .edit_message(
                held.turn(),
                (chat_id, message_id),
                MessagePart::Text,
                &page.card.html,
                &page.card.keyboard,
            )
            .await
        {
            Ok(()) => {
                count("edited");
                self.tell(held, card, page, message_id).await?;
                Ok(SentCard {
                    chat_id,
                    message_id,
                    rendered: digest,
                    replaces: false,
                    shown: page.shown.clone(),
                    told: page.told.clone(),
                })
            }
            // What became of a group has no messages from before.
            Err(DeliverError::Call(CallError::MessageGone { .. } | CallError::ChatMoved(_))) => {
                self.send(held, page, digest, true).await
            }
            Err(error) => Err(error),
        }
    }

    /// Sends a card. Somebody who could not be written to is tried again: only Telegram knows whether
    /// that has changed.
    async fn send(
        &self,
        held: &Held,
        page: &Page,
        digest: String,
        replaces: bool,
    ) -> Result<SentCard, DeliverError> {
        let message = Outgoing {
            html: page.card.html.clone(),
            markup: Markup::Inline(page.card.keyboard.clone()),
            silent: page.is_silent,
            ..Outgoing::default()
        };
        let message_id = self.send_message(held, &message).await?;
        Ok(SentCard {
            chat_id: held.lease.key.telegram_id.get(),
            message_id,
            rendered: digest,
            replaces,
            shown: page.shown.clone(),
            told: page.told.clone(),
        })
    }

    /// Tells aloud what is new on a card that was edited, if anything has to be.
    async fn tell(
        &self,
        held: &Held,
        card: &Card,
        page: &Page,
        message_id: i64,
    ) -> Result<(), DeliverError> {
        let Some(news) = &page.news else {
            return Ok(());
        };
        if card.unfinished {
            warn!(
                event.id = %held.lease.key.event_id,
                "a change may be told twice: an earlier attempt ended in the middle"
            );
            count_ambiguous();
        }
        let message = Outgoing {
            html: news.clone(),
            reply_to: Some(message_id),
            ..Outgoing::default()
        };
        self.send_message(held, &message).await?;
        Ok(())
    }

    async fn send_message(&self, held: &Held, message: &Outgoing) -> Result<i64, DeliverError> {
        let to = held.lease.key.telegram_id;
        self.caller.send(held.turn(), to, None, message).await
    }

    async fn show_on_copies(
        &self,
        held: &Held,
        card: &Card,
        page: &Page,
        digest: &str,
    ) -> Result<(), DeliverError> {
        let key = &held.lease.key;
        for copy in &card.copies {
            if copy.rendered.as_deref() == Some(digest) {
                continue;
            }
            match self
                .caller
                .edit_message(
                    held.turn(),
                    (key.telegram_id.get(), copy.message_id),
                    MessagePart::Text,
                    &page.card.html,
                    &page.card.keyboard,
                )
                .await
            {
                Ok(()) => {
                    self.store.record_copy(key, copy.message_id, digest).await?;
                }
                Err(DeliverError::Call(CallError::MessageGone { .. })) => {
                    self.store.forget_copy(key, copy.message_id).await?;
                }
                // The card itself will meet the same, and records it.
                Err(DeliverError::Call(CallError::Unreachable(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The schedule status of somebody who can't be written to (RFC 6638 section 3.2.9).
const fn schedule_status(reason: Unreachable) -> ScheduleStatus {
    match reason {
        // The card comes when they press Start.
        Unreachable::NotStarted => ScheduleStatus::Pending,
        Unreachable::Unknown => ScheduleStatus::InvalidUser,
        Unreachable::Blocked => ScheduleStatus::Failed,
    }
}

/// How long a first card took, from when its outbox row was made: a UUID v7 tells, if the clocks agree.
fn measure_delivery(outbox_id: Uuid) {
    let Some(made_at) = outbox_id.get_timestamp() else {
        return;
    };
    let (seconds, nanoseconds) = made_at.to_unix();
    let made_at = UNIX_EPOCH + Duration::new(seconds, nanoseconds);
    let took = SystemTime::now().duration_since(made_at);
    metrics::histogram!("televent_card_delivery_seconds").record(took.unwrap_or_default());
}

pub(crate) fn count(outcome: &'static str) {
    metrics::counter!("televent_cards_total", "outcome" => outcome).increment(1);
}

pub(crate) fn count_ambiguous() {
    metrics::counter!("televent_ambiguous_sends_total").increment(1);
}
