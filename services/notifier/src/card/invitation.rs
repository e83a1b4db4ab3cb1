//! The card of an invited person.

use televent_calendar::{Component, Conflict, EventTime, PartStat, Whereabouts};
use televent_conversation::{Changes, Facts, Time};
use televent_language::Language;
use televent_telegram::{
    Button, ButtonAction, CallbackData, CardButton, CardWish, Keyboard, MAX_TEXT, escape_html,
};
use uuid::Uuid;

use super::{
    Reading, Rendered,
    guests::{Counts, Guest, names},
    links,
    text::{MAX_NAME, MAX_PLACE, paragraphs, quoted, title, units, units_of_html, user_text},
    when::{conflict, from_to, plainly, when},
};

/// The longest description, if there is room for it. Whoever wants more has it in the calendar.
const MAX_DESCRIPTION: usize = 1_500;

/// A shorter piece of a description says nothing.
const MIN_DESCRIPTION: usize = 40;

/// The longest recurrence in words.
const MAX_REPETITION: usize = 250;

/// Counts of one person's answer are no counts.
const MIN_COUNTED: usize = 2;

/// How the reader stands to the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvitationState {
    /// Invited, with this answer; `choosing` again after "Change answer".
    Invited { answer: PartStat, choosing: bool },
    /// The organizer has cancelled or deleted it; the reader may have declined it before.
    Cancelled { declined: bool },
    /// The organizer has taken them from the list.
    Removed,
}

/// What an invitation is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) event_id: Uuid,
    /// The recurrence key of the instance; empty for the whole event.
    pub(crate) recurrence_id: &'a str,
    pub(crate) component: &'a Component,
    pub(crate) whereabouts: &'a Whereabouts,
    /// Who invites.
    pub(crate) organizer: &'a str,
    /// The series of an instance, if the reader is invited to it.
    pub(crate) series: Option<&'a Component>,
    /// When an instance would be by its series.
    pub(crate) original: Option<&'a EventTime>,
    /// Everybody who is invited, the reader among them.
    pub(crate) guests: &'a [Guest],
    /// What the reader has at the same time.
    pub(crate) conflicts: &'a [Conflict],
    /// What the card tells.
    pub(crate) facts: &'a Facts,
    /// What the reader has answered to, or was first shown.
    pub(crate) baseline: &'a Facts,
}

/// The card.
pub(crate) fn invitation(about: &About<'_>, state: &InvitationState, reading: Reading) -> Rendered {
    let html = match state {
        InvitationState::Removed => removed(about, reading),
        InvitationState::Cancelled { .. } => cancelled(about, reading),
        InvitationState::Invited { answer, .. } => invited(about, answer, reading),
    };
    Rendered {
        html,
        keyboard: keyboard(about, state, reading.language),
    }
}

/// What the event has become since is none of the business of somebody who is not in it; of an instance, the series that they
/// know says enough.
fn removed(about: &About<'_>, reading: Reading) -> String {
    let language = reading.language;
    match (about.series, about.original) {
        (Some(series), Some(original)) => {
            let title = format!("<b>{}</b>", title(series.summary.as_deref(), language));
            format!(
                "{}\n🕒 {}",
                language.say("card-removed-on-day", &[("title", (&title).into())]),
                when(original, reading)
            )
        }
        _ => language.text("card-removed"),
    }
}

fn cancelled(about: &About<'_>, reading: Reading) -> String {
    let language = reading.language;
    let component = about.component;
    let title = struck(&title(component.summary.as_deref(), language));
    let mut lines = vec![language.say("card-cancelled", &[("title", (&title).into())])];
    if let Some(time) = &component.start {
        lines.push(format!("🕒 {}", struck(&plainly(time, reading))));
    }
    lines.extend(of_series(about, reading));
    lines.extend(organizer(about, language));
    lines.join("\n")
}

fn invited(about: &About<'_>, answer: &PartStat, reading: Reading) -> String {
    let language = reading.language;
    let changes = about.facts.since(about.baseline);
    let before = [
        Some(heading(about, &changes, language)),
        time(about, &changes, reading),
        repetition(about, &changes, language),
        of_series(about, reading),
        place(about, &changes, language),
        links::call(about.whereabouts).map(|call| format!("🎥 {}", links::by_host(&call))),
        links::page(about.whereabouts).map(|page| format!("🔗 {}", links::by_host(&page))),
        organizer(about, language),
        counts(about),
    ];
    let after_names = conflicts(about, reading);
    let answered = answered(answer).map(|id| format!("\n{}", language.text(id)));
    let before: Vec<String> = before.into_iter().flatten().collect();
    let length =
        |lines: &[String]| -> usize { lines.iter().map(|line| units_of_html(line) + 1).sum() };
    let fixed = length(&before) + length(after_names.as_slice()) + length(answered.as_slice());
    let mut room = MAX_TEXT.saturating_sub(fixed);
    let named = Some(names(about.guests, reading))
        .filter(|names| about.guests.len() >= MIN_COUNTED && units_of_html(names) < room);
    room = room.saturating_sub(length(named.as_slice()));
    let described = about.component.description.as_deref();
    let described = described.and_then(|text| description(text, room));
    before
        .into_iter()
        .chain(named)
        .chain(after_names)
        .chain(described)
        .chain(answered)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The description in a quotation that opens at a tap.
fn description(text: &str, room: usize) -> Option<String> {
    let room = room.saturating_sub(1).min(MAX_DESCRIPTION);
    let text = paragraphs(text, room);
    let is_told = !text.is_empty() && (room >= MIN_DESCRIPTION || units(&text) < MIN_DESCRIPTION);
    is_told.then(|| quoted(&escape_html(&text)))
}

fn struck(html: &str) -> String {
    format!("<s>{html}</s>")
}

/// The old and the new, which stands alone if it has not changed.
fn beside(old: Option<String>, new: Option<String>) -> Option<String> {
    match (old.map(|old| struck(&old)), new) {
        (Some(old), Some(new)) => Some(format!("{old} {new}")),
        (old, new) => old.or(new),
    }
}

fn heading(about: &About<'_>, changes: &Changes<'_>, language: Language) -> String {
    let new = format!(
        "<b>{}</b>",
        title(about.component.summary.as_deref(), language)
    );
    if changes.is_empty() {
        return format!("📅 {new}");
    }
    let old = changes.title.map(|(old, _)| title(old, language));
    let titles = beside(old, Some(new)).unwrap_or_default();
    language.say("card-changed", &[("title", (&titles).into())])
}

fn time(about: &About<'_>, changes: &Changes<'_>, reading: Reading) -> Option<String> {
    let old = changes.time.and_then(|(old, _)| old);
    let old = old.map(|old| plainly(&Time::to_event_time(old), reading));
    let new = about.component.start.as_ref();
    let new = new.map(|new| from_to(new, about.component.end_zone(), reading));
    Some(format!("🕒 {}", beside(old, new)?))
}

fn repetition(about: &About<'_>, changes: &Changes<'_>, language: Language) -> Option<String> {
    let told = |words: &str| user_text(words, MAX_REPETITION, language);
    let old = changes.repetition.and_then(|(old, _)| old).map(told);
    let new = about.facts.repetition.as_ref();
    let new = new.map(|repetition| told(&repetition.words));
    Some(format!("🔁 {}", beside(old, new)?))
}

fn place(about: &About<'_>, changes: &Changes<'_>, language: Language) -> Option<String> {
    let told = |place: &str| user_text(place, MAX_PLACE, language);
    let old = changes.place.and_then(|(old, _)| old).map(told);
    let map = links::map(about.whereabouts);
    let new = about.whereabouts.place.as_deref().map(told);
    let new = new
        .filter(|place| !place.is_empty())
        .map(|place| map.map_or(place.clone(), |map| links::link(&place, &map)));
    Some(format!("📍 {}", beside(old, new)?))
}

fn organizer(about: &About<'_>, language: Language) -> Option<String> {
    let organizer = user_text(about.organizer, MAX_NAME, language);
    (!organizer.is_empty()).then(|| format!("👤 {organizer}"))
}

fn counts(about: &About<'_>) -> Option<String> {
    (about.guests.len() >= MIN_COUNTED).then(|| format!("👥 {}", Counts::of(about.guests).signs()))
}

fn conflicts(about: &About<'_>, reading: Reading) -> Option<String> {
    let event = about.component.start.as_ref()?;
    if about.conflicts.is_empty() {
        return None;
    }
    let told = about
        .conflicts
        .iter()
        .map(|other| conflict(other, event, reading));
    let told = told.collect::<Vec<_>>().join("; ");
    let language = reading.language;
    Some(format!(
        "⚠️ {}",
        language.say("card-overlaps", &[("events", (&told).into())])
    ))
}

/// Of an instance: that it is one.
fn of_series(about: &About<'_>, reading: Reading) -> Option<String> {
    let original = about.original.filter(|_| about.series.is_some())?;
    let language = reading.language;
    Some(if is_moved(about.component, original) {
        let time = when(original, reading);
        let told = language.say("card-instead-of", &[("time", (&time).into())]);
        format!("↪️ {told}")
    } else {
        format!("↪️ {}", language.text("card-once-of-a-series"))
    })
}

/// Whether an instance begins at another time than its series says.
fn is_moved(component: &Component, original: &EventTime) -> bool {
    match (&component.start, original) {
        (
            Some(EventTime::Zoned { start, .. }),
            EventTime::Zoned {
                start: by_series, ..
            },
        ) => start != by_series,
        (
            Some(EventTime::Floating { start, .. }),
            EventTime::Floating {
                start: by_series, ..
            },
        ) => start != by_series,
        (
            Some(EventTime::AllDay { first, .. }),
            EventTime::AllDay {
                first: by_series, ..
            },
        ) => first != by_series,
        _ => true,
    }
}

/// What stands on the card once the reader has answered.
const fn answered(answer: &PartStat) -> Option<&'static str> {
    match answer {
        PartStat::Accepted => Some("card-accepted"),
        PartStat::Declined => Some("card-declined"),
        PartStat::Tentative => Some("card-tentative"),
        _ => None,
    }
}

fn keyboard(about: &About<'_>, state: &InvitationState, language: Language) -> Keyboard {
    let InvitationState::Invited { answer, choosing } = state else {
        return Vec::new();
    };
    let button = |label: &str, wish| Button {
        label: language.text(label),
        action: ButtonAction::Callback(CallbackData::Card(CardButton {
            event_id: about.event_id,
            recurrence_id: about.recurrence_id.to_owned(),
            wish,
        })),
    };
    let answers = if *choosing || answered(answer).is_none() {
        vec![
            button("card-button-accept", CardWish::Answer(PartStat::Accepted)),
            button("card-button-maybe", CardWish::Answer(PartStat::Tentative)),
            button("card-button-decline", CardWish::Answer(PartStat::Declined)),
        ]
    } else {
        vec![button("card-button-change", CardWish::Change)]
    };
    let open = |label: &str, url| Button {
        label: language.text(label),
        action: ButtonAction::Open(url),
    };
    let call = links::call(about.whereabouts).map(|url| open("card-button-join", url));
    let map = links::map(about.whereabouts).map(|url| open("card-button-map", url));
    let links: Vec<Button> = call.into_iter().chain(map).collect();
    [answers, links]
        .into_iter()
        .filter(|row| !row.is_empty())
        .collect()
}

#[cfg(test)]
mod tests;
