//! Invitations that wait for their answer, each with the buttons that give it.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, Component, EventTime, Moment, Occurrence, PartStat,
    Window, Zone, instance, try_for_each_occurrence,
};
use televent_conversation::{BotButton, repetition};
use televent_language::Language;
use televent_store::PendingInvitation;
use televent_telegram::{Button, Keyboard, Markup};

use super::{Content, Reader, button, plain};
use crate::{
    card::{MAX_NAME, user_text},
    deliver::{DeliverError, Notifier},
};

/// Invitations on one page: each has a row of buttons.
const PAGE: usize = 8;

/// Invitations that are read at once.
const BATCH: usize = 20;

/// Most invitations that are looked at. Whoever leaves more of them unanswered does not turn so many pages.
const MAX_LOOKED_AT: usize = 400;

/// Most instances of a series among which the next one is looked for: those that were moved come before the others.
const MAX_INSTANCES: usize = 1_000;

/// Characters of a title and of a place.
const MAX_TITLE: usize = 100;
const MAX_PLACE: usize = 60;

/// An invitation as it is shown.
struct Entry {
    invitation: PendingInvitation,
    component: Component,
    time: EventTime,
    /// In words.
    repetition: Option<String>,
    organizer: String,
}

impl Notifier {
    /// A page of the invitations that the reader has not answered; the last one, where there are not so many.
    pub(super) async fn pending(
        &self,
        reader: &Reader<'_>,
        page: u16,
        now: DateTime<Utc>,
    ) -> Result<Content, DeliverError> {
        let address = CalendarUserAddress::internal(reader.id, &self.domain);
        let zone = reader.person.zone();
        let wanted = (usize::from(page) + 1) * PAGE + 1;
        let mut entries: Vec<Entry> = Vec::new();
        let mut offset = 0;
        while entries.len() < wanted && offset < MAX_LOOKED_AT {
            let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
            let batch = self
                .store
                .pending_invitations(reader.id, now, size(offset), size(BATCH))
                .await?;
            let is_last = batch.len() < BATCH;
            offset += batch.len();
            for invitation in batch {
                entries.extend(entry(invitation, &address, (reader.language, zone), now)?);
            }
            if is_last {
                break;
            }
        }
        Ok(content(reader, &entries, usize::from(page), zone))
    }
}

/// `None` for what is over or cancelled.
fn entry(
    mut invitation: PendingInvitation,
    address: &CalendarUserAddress,
    (language, zone): (Language, Option<Tz>),
    now: DateTime<Utc>,
) -> Result<Option<Entry>, DeliverError> {
    let object = CalendarObject::from_stored(std::mem::take(&mut invitation.object))?;
    let floating = Zone::Named(zone.unwrap_or(Tz::UTC));
    let shown = if invitation.recurrence_id.is_empty() {
        next_of(&object, address, &floating, now)
    } else {
        instance(&object, &invitation.recurrence_id)
            .filter(|instance| !instance.is_gone)
            .and_then(|instance| Some((instance.component.start.clone()?, instance.component)))
            .filter(|(time, _)| end_of(time, &floating) > now)
    };
    let organizer = object.organizer_name().unwrap_or(&invitation.owner_name);
    let organizer = organizer.to_owned();
    Ok(shown
        .filter(|(_, component)| !component.is_cancelled())
        .map(|(time, component)| Entry {
            repetition: component
                .repeats
                .then(|| repetition(&object, &component, language, zone)),
            invitation,
            component,
            time,
            organizer,
        }))
}

/// The next instance that the reader is invited to, and what describes it.
fn next_of(
    object: &CalendarObject,
    address: &CalendarUserAddress,
    floating: &Zone,
    now: DateTime<Utc>,
) -> Option<(EventTime, Component)> {
    let window = Window {
        from: Some(now),
        to: None,
    };
    let mut next: Option<Occurrence> = None;
    let mut count = 0;
    try_for_each_occurrence(object, &window, floating, |occurrence| {
        count += 1;
        let component = object.components().get(occurrence.component);
        let is_invited = component.is_some_and(|component| component.attendee(address).is_some());
        // Those of the series come in their order, behind the others.
        let is_of_series = component.is_some_and(|component| component.recurrence_key().is_empty());
        if is_invited && next.as_ref().is_none_or(|next| occurrence.from < next.from) {
            next = Some(occurrence);
        }
        if is_of_series || count >= MAX_INSTANCES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let next = next?;
    let component = object.components().get(next.component)?.clone();
    let time = if let Some(Moment::Date(first)) = next.start {
        let last = match next.end {
            Some(Moment::Date(end)) => end.pred_opt().unwrap_or(end).max(first),
            _ => first,
        };
        EventTime::AllDay { first, last }
    } else {
        EventTime::Zoned {
            start: next.from,
            end: (next.to > next.from).then_some(next.to),
            zone: zone_of_event(&component),
        }
    };
    Some((time, component))
}

/// The zone in which the organizer thinks of an event.
fn zone_of_event(component: &Component) -> Tz {
    match &component.start {
        Some(EventTime::Zoned { zone, .. }) => *zone,
        _ => Tz::UTC,
    }
}

fn end_of(time: &EventTime, floating: &Zone) -> DateTime<Utc> {
    match time {
        EventTime::AllDay { last, .. } => floating.to_utc(last.succ_opt().unwrap_or(*last).into()),
        EventTime::Floating { start, end, .. } => floating.to_utc(end.unwrap_or(*start)),
        EventTime::Zoned { start, end, .. } => end.unwrap_or(*start),
    }
}

fn content(reader: &Reader<'_>, entries: &[Entry], page: usize, zone: Option<Tz>) -> Content {
    let language = reader.language;
    let Some(last) = entries.len().checked_sub(1) else {
        return plain(language.text("pending-nothing"));
    };
    let page = page.min(last / PAGE);
    let mut text = language.text("pending-heading");
    let mut keyboard = Keyboard::new();
    let shown = entries.iter().enumerate().skip(page * PAGE).take(PAGE);
    for (index, entry) in shown {
        let number = index + 1;
        text.push_str("\n\n");
        text.push_str(&entry.text(reader, number, zone));
        keyboard.push(entry.buttons(number));
    }
    let turn = |label: &str, page: usize| {
        let page = BotButton::Pending(u16::try_from(page).unwrap_or(u16::MAX));
        button(language.text(label), &page)
    };
    let mut turns = Vec::new();
    if let Some(previous) = page.checked_sub(1) {
        turns.push(turn("pending-previous", previous));
    }
    if entries.len() > (page + 1) * PAGE {
        turns.push(turn("pending-next", page + 1));
    }
    if !turns.is_empty() {
        keyboard.push(turns);
    }
    Content {
        html: text,
        markup: Markup::Inline(keyboard),
        file: None,
    }
}

impl Entry {
    fn text(&self, reader: &Reader<'_>, number: usize, zone: Option<Tz>) -> String {
        let language = reader.language;
        let component = &self.component;
        let user = |text: &str, max| user_text(text, max, language);
        let mut title = user(component.summary.as_deref().unwrap_or_default(), MAX_TITLE);
        if title.is_empty() {
            title = language.text("agenda-no-title");
        }
        let mut lines = vec![
            format!("{number}. <b>{title}</b>"),
            format!("🕒 {}", language.when_html(&self.time, zone)),
        ];
        if let Some(repetition) = &self.repetition {
            lines.push(format!("🔁 {repetition}"));
        }
        let place = user(component.location.as_deref().unwrap_or_default(), MAX_PLACE);
        if !place.is_empty() {
            lines.push(format!("📍 {place}"));
        }
        let organizer = user(&self.organizer, MAX_NAME);
        if !organizer.is_empty() {
            lines.push(format!("👤 {organizer}"));
        }
        lines.join("\n")
    }

    fn buttons(&self, number: usize) -> Vec<Button> {
        let answers = [
            ("✅", PartStat::Accepted),
            ("❔", PartStat::Tentative),
            ("❌", PartStat::Declined),
        ];
        answers
            .into_iter()
            .map(|(sign, answer)| {
                let answer = BotButton::Answer {
                    event_id: self.invitation.event_id,
                    recurrence_id: self.invitation.recurrence_id.clone(),
                    answer,
                };
                button(format!("{number} {sign}"), &answer)
            })
            .collect()
    }
}
