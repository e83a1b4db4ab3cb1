//! New events, and invitations to events.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use televent_calendar::{
    CalendarObject, Component, EventTime, PartStat, Window, Zone, occurrence_bounds, occurrences,
};
use televent_conversation::{
    BotButton, Doubt, EventButton, EventDraft, EventScreen, PICK_GUESTS, TimeOfDay, doubt_of,
};
use televent_language::{Argument, Language};
use televent_telegram::{Button, Keyboard, MAX_PICKED_USERS, Markup, ReplyButton};
use uuid::Uuid;

use super::{Content, Reader, button, plain};
use crate::{
    card::{self, MAX_NAME, MAX_PLACE, user_text},
    deliver::{DeliverError, Notifier},
};

/// Days after tomorrow that have buttons.
const MORE_DAYS: u64 = 5;

/// Hours that have buttons.
const HOURS: std::ops::RangeInclusive<u32> = 8..=21;

const HOURS_IN_ROW: usize = 4;
const DAYS_IN_ROW: usize = 2;

/// Events that are listed.
const MAX_LISTED: usize = 10;

/// Events that are looked at for the list.
const MAX_LOOKED_AT: i64 = 100;

/// How far ahead the next instance of a series is looked for.
const LOOK_AHEAD: TimeDelta = TimeDelta::days(366);

/// Characters of a title on a button.
const MAX_TITLE_ON_BUTTON: usize = 40;

/// Names in a list of people. The others are counted.
const MAX_LISTED_PEOPLE: usize = 30;

impl Notifier {
    pub(super) async fn event_content(
        &self,
        reader: &Reader<'_>,
        screen: EventScreen,
    ) -> Result<Content, DeliverError> {
        let language = reader.language;
        let text = |id: &str| plain(language.text(id));
        Ok(match screen {
            EventScreen::AskTitle => asking(reader, language.text("event-ask-title"), vec![]),
            EventScreen::AskDay { doubt } => ask_day(reader, doubt, Utc::now()),
            EventScreen::AskTime { day, doubt } => ask_time(reader, day, doubt, Utc::now()),
            EventScreen::AskPlace => asking(reader, language.text("event-ask-place"), vec![]),
            EventScreen::Draft { draft } => show_draft(reader, &draft),
            EventScreen::Saved { event_id } => match self.event(event_id).await? {
                Some(object) => saved(reader, event_id, &object),
                None => text("event-gone"),
            },
            EventScreen::PickPeople => pick_people(language),
            EventScreen::Coming => self.coming(reader).await?,
            EventScreen::Invited {
                event_id,
                added,
                known,
            } => {
                let object = self.event(event_id).await?;
                invited(reader, object.as_ref(), &added, &known)
            }
            EventScreen::Discarded => text("event-discarded"),
            EventScreen::Gone => Content {
                markup: Markup::RemoveReply,
                ..text("event-gone")
            },
            EventScreen::NoRoom => text("event-no-room"),
            EventScreen::NoCalendar => text("event-no-calendar"),
            EventScreen::TooManyPeople => text("event-too-many-people"),
        })
    }

    async fn event(&self, event_id: Uuid) -> Result<Option<CalendarObject>, DeliverError> {
        let row = self.store.organizer_row(event_id).await?;
        let row = row.filter(|row| !row.deleted);
        Ok(row
            .map(|row| CalendarObject::from_stored(row.object))
            .transpose()?)
    }

    async fn coming(&self, reader: &Reader<'_>) -> Result<Content, DeliverError> {
        let now = Utc::now();
        let events = self
            .store
            .own_coming_events(reader.id, now, MAX_LOOKED_AT)
            .await?;
        let mut found = Vec::new();
        for event in events {
            let object = CalendarObject::from_stored(event.object)?;
            if let Some(next) = next_instance(&object, zone(reader), now) {
                found.push((next, event.id, object));
            }
        }
        found.sort_by_key(|(next, id, _)| (*next, *id));
        found.truncate(MAX_LISTED);
        Ok(coming(reader, &found))
    }
}

/// When the next instance begins that is not over.
fn next_instance(object: &CalendarObject, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // What begins in years has its first instance then.
    let begins = occurrence_bounds(object).first;
    let from = begins.map_or(now, |begins| begins.max(now));
    let window = Window {
        from: Some(now),
        to: from.checked_add_signed(LOOK_AHEAD),
    };
    let found = occurrences(object, &window, &Zone::Named(zone));
    let mut living = found.items.iter().filter(|occurrence| {
        let component = object.components().get(occurrence.component);
        component.is_some_and(|component| !component.is_cancelled())
    });
    living.next().map(|occurrence| occurrence.from)
}

fn zone(reader: &Reader<'_>) -> Tz {
    reader.person.zone().unwrap_or(Tz::UTC)
}

fn event_button(language: Language, id: &str, does: EventButton) -> Button {
    button(language.text(id), &BotButton::Event(does))
}

/// A question of a draft, with a button that leaves it.
fn asking(reader: &Reader<'_>, html: String, mut keyboard: Keyboard) -> Content {
    keyboard.push(vec![event_button(
        reader.language,
        "event-discard",
        EventButton::Discard,
    )]);
    Content {
        markup: Markup::Inline(keyboard),
        ..plain(html)
    }
}

fn with_doubt(language: Language, doubt: Option<Doubt>, question: &str) -> String {
    match doubt {
        Some(doubt) => format!("{} {question}", language.text(doubt_id(doubt))),
        None => question.to_owned(),
    }
}

const fn doubt_id(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::AmbiguousDate => "event-doubt-ambiguous-date",
        Doubt::NoSuchDay => "event-doubt-no-such-day",
        Doubt::TwoDays => "event-doubt-two-days",
        Doubt::PastDay => "event-doubt-past-day",
        Doubt::UnclearTime => "event-doubt-unclear-time",
        Doubt::TwoTimes => "event-doubt-two-times",
        Doubt::PastTime => "event-doubt-past-time",
        Doubt::NoSuchTime => "event-doubt-no-such-time",
    }
}

fn ask_day(reader: &Reader<'_>, doubt: Option<Doubt>, now: DateTime<Utc>) -> Content {
    let language = reader.language;
    let today = now.with_timezone(&zone(reader)).date_naive();
    let in_days = |days: u64| today.checked_add_days(Days::new(days));
    let named = [(0, "event-today"), (1, "event-tomorrow")]
        .into_iter()
        .filter_map(|(days, id)| Some((language.text(id), in_days(days)?)));
    let others = (2..2 + MORE_DAYS)
        .filter_map(in_days)
        .map(|day| (language.date(day), day));
    let buttons: Vec<Button> = named
        .chain(others)
        .map(|(label, day)| button(label, &BotButton::Event(EventButton::Day(day))))
        .collect();
    let keyboard = buttons
        .chunks(DAYS_IN_ROW)
        .map(<[Button]>::to_vec)
        .collect();
    let question = language.text("event-ask-day");
    asking(reader, with_doubt(language, doubt, &question), keyboard)
}

fn ask_time(
    reader: &Reader<'_>,
    day: NaiveDate,
    doubt: Option<Doubt>,
    now: DateTime<Utc>,
) -> Content {
    let language = reader.language;
    let now = now.with_timezone(&zone(reader));
    let is_possible = |start: &NaiveTime| {
        let time = TimeOfDay::At {
            start: *start,
            minutes: 1,
        };
        doubt_of(day, Some(time), now).is_none()
    };
    let buttons: Vec<Button> = HOURS
        .filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0))
        .filter(is_possible)
        .map(|time| {
            button(
                language.time(time),
                &BotButton::Event(EventButton::Time(time)),
            )
        })
        .collect();
    let mut keyboard: Keyboard = buttons
        .chunks(HOURS_IN_ROW)
        .map(<[Button]>::to_vec)
        .collect();
    keyboard.push(vec![
        event_button(language, "event-all-day", EventButton::AllDay),
        event_button(language, "event-other-day", EventButton::AskDay),
    ]);
    let question = language.say("event-ask-time", &[("day", (&language.date(day)).into())]);
    asking(reader, with_doubt(language, doubt, &question), keyboard)
}

pub(crate) fn show_draft(reader: &Reader<'_>, draft: &EventDraft) -> Content {
    let language = reader.language;
    let time = draft.when(zone(reader)).map(EventTime::from);
    let names: Vec<String> = draft
        .guests
        .iter()
        .map(|guest| guest.name.clone())
        .collect();
    let mut lines = facts(
        reader,
        Some(&draft.title),
        time.as_ref(),
        draft.place.as_deref(),
        &names,
    );
    lines.push(String::new());
    lines.push(language.text("event-shall-i-save"));
    let one = |id, does| event_button(language, id, does);
    Content {
        markup: Markup::Inline(vec![
            vec![one("event-save", EventButton::Save)],
            vec![one("event-people", EventButton::AskPeople)],
            vec![
                one("event-other-time", EventButton::AskTime),
                one("event-place", EventButton::AskPlace),
            ],
            vec![one("event-discard", EventButton::Discard)],
        ]),
        ..plain(lines.join("\n"))
    }
}

/// Title, time, place and people, a line each.
fn facts(
    reader: &Reader<'_>,
    title: Option<&str>,
    time: Option<&EventTime>,
    place: Option<&str>,
    people: &[String],
) -> Vec<String> {
    let language = reader.language;
    let mut lines = vec![format!("<b>{}</b>", card::title(title, language))];
    if let Some(time) = time {
        lines.push(format!(
            "📅 {}",
            language.when_html(time, Some(zone(reader)))
        ));
    }
    if let Some(place) = place.filter(|place| !place.trim().is_empty()) {
        lines.push(format!("📍 {}", user_text(place, MAX_PLACE, language)));
    }
    if !people.is_empty() {
        lines.push(format!("👥 {}", people_text(language, people)));
    }
    lines
}

fn people_text(language: Language, people: &[String]) -> String {
    let mut names: Vec<String> = people
        .iter()
        .take(MAX_LISTED_PEOPLE)
        .map(|name| user_text(name, MAX_NAME, language))
        .collect();
    let others = people.len().saturating_sub(MAX_LISTED_PEOPLE);
    if others > 0 {
        names.push(format!("+{others}"));
    }
    language.list(&names)
}

fn guests(component: &Component) -> Vec<String> {
    let attendees = component.attendees().iter();
    attendees
        .filter(|attendee| attendee.part_stat != PartStat::Declined)
        .map(|attendee| {
            let name = attendee.common_name.clone().filter(|name| !name.is_empty());
            name.unwrap_or_else(|| attendee.address.as_str().to_owned())
        })
        .collect()
}

pub(crate) fn saved(reader: &Reader<'_>, event_id: Uuid, object: &CalendarObject) -> Content {
    let language = reader.language;
    let component = object.master_or_first();
    let people = guests(component);
    let mut lines = vec![language.text("event-saved"), String::new()];
    lines.extend(facts(
        reader,
        component.summary.as_deref(),
        component.start.as_ref(),
        component.location.as_deref(),
        &people,
    ));
    if !people.is_empty() {
        lines.push(String::new());
        lines.push(language.text("event-guests-wait"));
    }
    Content {
        markup: Markup::Inline(vec![vec![event_button(
            language,
            "event-people",
            EventButton::Invite(event_id),
        )]]),
        ..plain(lines.join("\n"))
    }
}

fn pick_people(language: Language) -> Content {
    let most = Argument::Number(i64::from(MAX_PICKED_USERS));
    Content {
        markup: Markup::Reply {
            rows: vec![vec![ReplyButton::RequestUsers {
                label: language.text("event-pick-button"),
                request_id: PICK_GUESTS,
            }]],
            placeholder: None,
        },
        ..plain(language.say("event-pick-people", &[("most", most)]))
    }
}

fn coming(reader: &Reader<'_>, events: &[(DateTime<Utc>, Uuid, CalendarObject)]) -> Content {
    let language = reader.language;
    if events.is_empty() {
        return plain(language.text("event-nothing-coming"));
    }
    let keyboard = events
        .iter()
        .map(|(next, id, object)| {
            let component = object.master_or_first();
            let next = next.with_timezone(&zone(reader)).naive_local();
            let when = match &component.start {
                Some(EventTime::AllDay { .. }) => language.date(next.date()),
                _ => language.span(next, None),
            };
            let label = format!(
                "{when} · {}",
                on_button(language, component.summary.as_deref())
            );
            vec![button(label, &BotButton::Event(EventButton::Invite(*id)))]
        })
        .collect();
    Content {
        markup: Markup::Inline(keyboard),
        ..plain(language.text("event-coming"))
    }
}

/// A title in one line of plain text.
fn on_button(language: Language, title: Option<&str>) -> String {
    let title = title.unwrap_or_default();
    let words: Vec<&str> = title.split_whitespace().collect();
    let line = words.join(" ");
    if line.is_empty() {
        return language.text("card-no-title");
    }
    if line.chars().count() <= MAX_TITLE_ON_BUTTON {
        return line;
    }
    let cut: String = line.chars().take(MAX_TITLE_ON_BUTTON - 1).collect();
    format!("{}…", cut.trim_end())
}

pub(crate) fn invited(
    reader: &Reader<'_>,
    object: Option<&CalendarObject>,
    added: &[String],
    known: &[String],
) -> Content {
    let language = reader.language;
    let mut lines = Vec::new();
    if let Some(object) = object {
        let component = object.master_or_first();
        let title = card::title(component.summary.as_deref(), language);
        lines.push(format!("<b>{title}</b>"));
    }
    let told = |id: &str, people: &[String]| {
        let people = people_text(language, people);
        language.say(id, &[("people", (&people).into())])
    };
    if added.is_empty() {
        lines.push(language.text("event-nobody-new"));
    } else {
        lines.push(told("event-invited", added));
    }
    if !known.is_empty() {
        lines.push(told("event-known", known));
    }
    if !added.is_empty() {
        lines.push(String::new());
        lines.push(language.text("event-guests-wait"));
    }
    Content {
        markup: Markup::RemoveReply,
        ..plain(lines.join("\n"))
    }
}
