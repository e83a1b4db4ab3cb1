//! What a card must show now: the present state of its event, as its reader stands to it.

use std::collections::HashMap;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, Component, Instance, PartStat, ScheduleAgent,
    TelegramUserId, told_on_card,
};
use televent_conversation::Facts;
use televent_runtime::without_quotations;
use televent_store::{Card, CardKey, CardSubject, KnownAttendee, Pings};
use tracing::warn;

use crate::{
    card::{
        About, Answers, Guest, InvitationState, Reading, Rendered, Tally, Told, Unreached, days,
        each_once, guests, has_answers, identity, invitation, news,
    },
    deliver::{DeliverError, Notifier},
};

/// A card, and what comes with it.
pub(crate) struct Page {
    pub(crate) card: Rendered,
    /// The facts that it shows.
    pub(crate) shown: Value,
    /// What is told once it is shown.
    pub(crate) told: Value,
    /// What makes the phone ring, in a message below.
    pub(crate) news: Option<String>,
    /// A first message does not ring.
    pub(crate) is_silent: bool,
    /// More has changed than what others have answered: it can't wait.
    pub(crate) is_urgent: bool,
}

/// What is remembered of an invitation's card: its facts, and what of it is the reader's own doing.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Shown {
    #[serde(flatten)]
    facts: Facts,
    #[serde(default)]
    own: String,
}

/// What a card remembers of a reader who was taken from the event.
const REMOVED: &str = "removed";

impl Notifier {
    /// `None` when there is nothing to tell the reader.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(crate) async fn render(
        &self,
        key: &CardKey,
        card: &Card,
        subject: &CardSubject,
        object: &CalendarObject,
    ) -> Result<Option<Page>, DeliverError> {
        if key.telegram_id != subject.owner {
            return self.invitation(object, key, card, subject).await;
        }
        if subject.owner_organizes {
            return self.tally(object, key, card, subject).await;
        }
        let address = CalendarUserAddress::internal(key.telegram_id, &self.domain);
        Ok((!subject.deleted).then(|| Page {
            card: identity(object, &address, Reading::of(&subject.reader)),
            shown: Value::Null,
            told: Value::Null,
            news: None,
            is_silent: false,
            is_urgent: true,
        }))
    }

    async fn tally(
        &self,
        object: &CalendarObject,
        key: &CardKey,
        card: &Card,
        subject: &CardSubject,
    ) -> Result<Option<Page>, DeliverError> {
        let organizer = key.telegram_id;
        let is_cancelled = subject.deleted || object.master_or_first().is_cancelled();
        let known = &subject.known;
        let names = names(known);
        let guests_of =
            |component: &Component| guests(component.attendees(), organizer, &names, &self.domain);
        let everybody: Vec<Guest> = object.components().iter().flat_map(guests_of).collect();
        let everybody = each_once(everybody);
        let unreached: Vec<(Guest, Unreached)> = everybody
            .iter()
            .filter_map(|guest| Some((guest.clone(), unreached(guest, known)?)))
            .collect();
        let is_new = card.message.is_none();
        let has_news = has_answers(object, organizer, &self.domain) || !unreached.is_empty();
        if is_new && (is_cancelled || !has_news) {
            return Ok(None);
        }
        let link = if unreached.is_empty() {
            None
        } else {
            Some(self.invitation_link().await?)
        };
        let reading = Reading::of(&subject.reader);
        let days = days(object, guests_of, Utc::now());
        let tally = Tally {
            object,
            is_cancelled,
            guests: &everybody,
            days: &days,
            unreached: &unreached,
            invitation_link: link.as_deref(),
            reading,
        };
        let pings = subject.reader.pings;
        let told: Option<Answers> = card.told.as_ref().and_then(read);
        let news = told.and_then(|told| tally.news(&told, pings));
        let facts = Facts {
            is_off: is_cancelled,
            ..Facts::of(
                object,
                object.master_or_first(),
                reading.language,
                reading.zone,
            )
        };
        let shown = written(&facts)?;
        Ok(Some(Page {
            card: tally.render(),
            is_urgent: news.is_some() || card.shown.as_ref() != Some(&shown),
            shown,
            told: written(&tally.answers())?,
            news,
            is_silent: pings == Pings::None,
        }))
    }

    async fn invitation(
        &self,
        object: &CalendarObject,
        key: &CardKey,
        card: &Card,
        subject: &CardSubject,
    ) -> Result<Option<Page>, DeliverError> {
        let address = CalendarUserAddress::internal(key.telegram_id, &self.domain);
        let Some(instance) = told_on_card(object, &key.recurrence_id, &address) else {
            return Ok(None);
        };
        let Instance {
            component,
            is_gone,
            original,
        } = instance;
        let is_instance = !key.recurrence_id.is_empty();
        let state = state(&component, is_gone, &address, card, subject);
        // Nobody is told of the end of what they never heard of, nor asked for what they have declined already; an instance
        // belongs to a series that they know.
        let is_news = matches!(
            &state,
            InvitationState::Invited { answer, .. } if *answer != PartStat::Declined
        );
        let is_of_known = is_instance && !subject.deleted;
        if card.message.is_none() && !is_news && !is_of_known {
            return Ok(None);
        }
        let reading = Reading::of(&subject.reader);
        let old: Option<Shown> = card.shown.as_ref().and_then(read);
        let shown = Shown {
            facts: facts(object, &component, &state, old.as_ref(), reading),
            own: own(&state),
        };
        let baseline: Option<Facts> = card.baseline.as_ref().and_then(read);
        let names = names(&subject.known);
        let guests = guests(component.attendees(), subject.owner, &names, &self.domain);
        let conflicts = match &state {
            InvitationState::Invited { answer, .. }
                if *answer != PartStat::Declined && subject.reader.has_account =>
            {
                self.conflicts(object, &component, key.telegram_id, reading)
                    .await?
            }
            _ => Vec::new(),
        };
        let series = object
            .master()
            .filter(|master| is_instance && master.attendee(&address).is_some());
        let about = About {
            event_id: key.event_id,
            recurrence_id: &key.recurrence_id,
            component: &component,
            whereabouts: &object.whereabouts(component.recurrence_key()),
            organizer: object.organizer_name().unwrap_or(&subject.owner_name),
            series,
            original: original.as_ref(),
            guests: &guests,
            conflicts: &conflicts,
            facts: &shown.facts,
            baseline: baseline.as_ref().unwrap_or(&shown.facts),
        };
        let rendered = invitation(&about, &state, reading);
        let told: Option<Facts> = card.told.as_ref().and_then(read);
        let news = told.and_then(|facts| {
            let told = Told {
                facts: &facts,
                was_removed: old.as_ref().is_some_and(|old| old.own == REMOVED),
            };
            let now = Utc::now();
            news(told, &shown.facts, &state, &rendered, reading, now)
        });
        let told = written(&shown.facts)?;
        Ok(Some(Page {
            card: rendered,
            is_urgent: news.is_some() || old.as_ref() != Some(&shown),
            shown: written(&shown)?,
            told,
            news,
            is_silent: false,
        }))
    }
}

/// Whether somebody who has not answered was not reached, as far as the bot has tried.
fn unreached(guest: &Guest, known: &HashMap<TelegramUserId, KnownAttendee>) -> Option<Unreached> {
    let known = known.get(&guest.id?)?;
    if known.reachable != Some(false) || !guest.has_not_answered() {
        return None;
    }
    Unreached::of(guest.delivery?)
}

fn state(
    component: &Component,
    is_gone: bool,
    address: &CalendarUserAddress,
    card: &Card,
    subject: &CardSubject,
) -> InvitationState {
    let attendee = component
        .attendee(address)
        .filter(|attendee| attendee.schedule_agent == ScheduleAgent::Server);
    let answer = attendee.map_or(PartStat::NeedsAction, |attendee| attendee.part_stat.clone());
    let is_known = subject.invited && subject.owner_organizes;
    let is_invited = is_known && attendee.is_some();
    if subject.deleted || is_invited && (is_gone || component.is_cancelled()) {
        // Who was removed before it was cancelled is not told of that.
        if is_known {
            InvitationState::Cancelled {
                declined: answer == PartStat::Declined,
            }
        } else {
            InvitationState::Removed
        }
    } else if is_invited {
        InvitationState::Invited {
            answer,
            choosing: card.choosing,
        }
    } else {
        InvitationState::Removed
    }
}

/// Of what somebody was taken from, no more than they knew.
fn facts(
    object: &CalendarObject,
    component: &Component,
    state: &InvitationState,
    old: Option<&Shown>,
    reading: Reading,
) -> Facts {
    let present = || Facts::of(object, component, reading.language, reading.zone);
    match state {
        InvitationState::Invited { .. } => present(),
        InvitationState::Cancelled { .. } => Facts {
            is_off: true,
            ..present()
        },
        InvitationState::Removed => Facts {
            is_off: true,
            ..old.map(|old| old.facts.clone()).unwrap_or_default()
        },
    }
}

fn own(state: &InvitationState) -> String {
    match state {
        InvitationState::Invited { answer, choosing } => {
            let choosing = if *choosing { " choosing" } else { "" };
            format!("{}{choosing}", answer.as_str())
        }
        InvitationState::Cancelled { .. } => "cancelled".to_owned(),
        InvitationState::Removed => REMOVED.to_owned(),
    }
}

/// What another version of the program has written may be nothing to this one.
fn read<T: serde::de::DeserializeOwned>(json: &Value) -> Option<T> {
    if json.is_null() {
        return None;
    }
    T::deserialize(json)
        .inspect_err(|error| {
            warn!(
                error = without_quotations(&error.to_string()),
                "what a card has told can't be read"
            );
        })
        .ok()
}

fn written<T: Serialize>(value: &T) -> Result<Value, DeliverError> {
    serde_json::to_value(value).map_err(DeliverError::Screen)
}

fn names(known: &HashMap<TelegramUserId, KnownAttendee>) -> HashMap<TelegramUserId, String> {
    known
        .iter()
        .filter_map(|(id, known)| Some((*id, known.name.clone()?)))
        .collect()
}
