//! What people are shown, rendered without a server: the door of the fuzz targets. It is compiled for them alone.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, InternalDomain, PartStat, TelegramUserId, told_on_card,
};
use televent_conversation::{EventDraft, Facts};
use televent_language::Language;
use televent_store::{Person, Pings};
use televent_telegram::{ButtonAction, Keyboard, Markup};
use uuid::Uuid;

use crate::{
    card::{
        About, Guest, InvitationState, Reading, Tally, Told, Unreached, days, each_once, guests,
        has_answers, identity, invitation, news,
    },
    chat::{self, Content, Reader},
};

/// A message as it would be sent.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// In the Bot API's HTML.
    pub html: String,
    /// The labels of its buttons.
    pub labels: Vec<String>,
    /// The callback data of its buttons.
    pub callback_data: Vec<String>,
}

impl Shown {
    fn new(html: String, keyboard: &Keyboard) -> Self {
        let mut shown = Self {
            html,
            ..Self::default()
        };
        for button in keyboard.iter().flatten() {
            shown.labels.push(button.label.clone());
            if let ButtonAction::Callback(data) = &button.action {
                shown.callback_data.push(data.to_string());
            }
        }
        shown
    }

    fn of(content: Content) -> Self {
        match &content.markup {
            Markup::Inline(keyboard) => Self::new(content.html, keyboard),
            _ => Self::new(content.html, &Keyboard::new()),
        }
    }
}

/// All that `who` may be shown of a meeting of `organizer`, which was `before`, in a language.
#[must_use]
pub fn cards(
    before: &CalendarObject,
    object: &CalendarObject,
    (organizer, who): (TelegramUserId, TelegramUserId),
    (language, zone): (Language, Option<Tz>),
    now: DateTime<Utc>,
) -> Vec<Shown> {
    let reading = Reading { language, zone };
    let domain = InternalDomain::default();
    let address = CalendarUserAddress::internal(who, &domain);
    let mut shown = Vec::new();
    for key in object
        .components()
        .iter()
        .map(televent_calendar::Component::recurrence_key)
    {
        let Some(instance) = told_on_card(object, key, &address) else {
            continue;
        };
        let component = &instance.component;
        let facts = Facts::of(object, component, language, zone);
        let baseline = Facts::of(before, before.master_or_first(), language, zone);
        let guests = guests(component.attendees(), organizer, &HashMap::new(), &domain);
        let about = About {
            event_id: Uuid::max(),
            recurrence_id: key,
            component,
            whereabouts: &object.whereabouts(component.recurrence_key()),
            organizer: object.organizer_name().unwrap_or("Ann <Lee>"),
            series: object.master().filter(|_| !key.is_empty()),
            original: instance.original.as_ref(),
            guests: &guests,
            conflicts: &[],
            facts: &facts,
            baseline: &baseline,
        };
        for state in [
            InvitationState::Invited {
                answer: PartStat::NeedsAction,
                choosing: false,
            },
            InvitationState::Invited {
                answer: PartStat::Accepted,
                choosing: true,
            },
            InvitationState::Cancelled { declined: false },
            InvitationState::Removed,
        ] {
            let card = invitation(&about, &state, reading);
            let told = Told {
                facts: &baseline,
                was_removed: false,
            };
            let news = news(told, &facts, &state, &card, reading, now);
            shown.push(Shown::new(card.html, &card.keyboard));
            shown.extend(news.map(|html| Shown::new(html, &Keyboard::new())));
        }
    }
    let own = identity(object, &address, reading);
    shown.push(Shown::new(own.html, &own.keyboard));
    shown.extend(tally(object, organizer, reading, now));
    shown
}

fn tally(
    object: &CalendarObject,
    organizer: TelegramUserId,
    reading: Reading,
    now: DateTime<Utc>,
) -> Vec<Shown> {
    let domain = InternalDomain::default();
    let names = HashMap::new();
    let guests_of = |component: &televent_calendar::Component| {
        guests(component.attendees(), organizer, &names, &domain)
    };
    let everybody = object.components().iter().flat_map(guests_of).collect();
    let everybody: Vec<Guest> = each_once(everybody);
    has_answers(object, organizer, &domain);
    let unreached: Vec<(Guest, Unreached)> = everybody
        .iter()
        .map(|guest| (guest.clone(), Unreached::NotOpened))
        .collect();
    let days = days(object, guests_of, now);
    let tally = Tally {
        object,
        is_cancelled: object.master_or_first().is_cancelled(),
        guests: &everybody,
        days: &days,
        unreached: &unreached,
        invitation_link: Some("https://t.me/televent_bot?start=invited"),
        reading,
    };
    let card = tally.render();
    let news = tally.news(&crate::card::Answers::default(), Pings::All);
    std::iter::once(Shown::new(card.html, &card.keyboard))
        .chain(news.map(|html| Shown::new(html, &Keyboard::new())))
        .collect()
}

/// The screens that repeat what somebody has written.
#[must_use]
pub fn screens(
    draft: &EventDraft,
    object: Option<&CalendarObject>,
    words: &[String],
    who: TelegramUserId,
    (language, zone): (Language, Option<Tz>),
) -> Vec<Shown> {
    let person = Person {
        time_zone: zone.map(|zone| zone.name().to_owned()),
        ..Person::default()
    };
    let reader = Reader {
        id: who,
        person: &person,
        language,
    };
    let mut contents = vec![
        chat::show_draft(&reader, draft),
        chat::invited(&reader, object, words, words),
        chat::ask_time_zone(&reader, words.first().map(String::as_str)),
    ];
    contents.extend(object.map(|object| chat::saved(&reader, Uuid::max(), object)));
    contents.into_iter().map(Shown::of).collect()
}
