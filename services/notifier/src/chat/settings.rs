//! The first screens, help, and the settings.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use televent_calendar::CalendarUserAddress;
use televent_conversation::{BotButton, City, Command, DeviceButton};
use televent_language::Language;
use televent_store::{FreeBusyVisibility, Pings};
use televent_telegram::{Keyboard, Markup, ReplyButton};

use super::{Content, Reader, button, devices::device_button, plain};
use crate::card::{MAX_NAME, user_text};

/// Cities in one row of buttons.
const CITIES_IN_ROW: usize = 3;

/// Commands of the menu that help does not explain: they explain themselves.
const NOT_IN_HELP: [Command; 2] = [Command::Start, Command::Help];

pub(super) fn help(reader: &Reader<'_>) -> Content {
    let language = reader.language;
    let mut lines = vec![language.text("bot-help-intro"), String::new()];
    lines.extend(
        Command::ALL
            .into_iter()
            .filter(|command| !NOT_IN_HELP.contains(command))
            .map(|command| {
                let what = command.description(language);
                format!("/{} — {what}", command.name())
            }),
    );
    plain(lines.join("\n"))
}

pub(super) fn welcome(reader: &Reader<'_>, address: &CalendarUserAddress) -> Content {
    let language = reader.language;
    let name = reader.person.name.as_deref().unwrap_or_default();
    let hello = language.say(
        "bot-welcome",
        &[
            ("name", (&user_text(name, MAX_NAME, language)).into()),
            ("address", address.as_str().into()),
        ],
    );
    if reader.person.time_zone.is_none() {
        let question = time_zone(reader, None);
        return Content {
            html: format!("{hello}\n\n{}", question.html),
            ..question
        };
    }
    Content {
        html: hello,
        markup: Markup::Inline(vec![
            vec![device_button(
                language.text("device-add"),
                DeviceButton::Connect,
            )],
            vec![button(language.text("bot-settings"), &BotButton::Settings)],
        ]),
        file: None,
    }
}

/// The zones that most readers of a language live in.
const fn usual_zones(language: Language) -> &'static [Tz] {
    match language {
        Language::English => &[
            Tz::Europe__London,
            Tz::America__New_York,
            Tz::America__Chicago,
            Tz::America__Los_Angeles,
            Tz::Asia__Kolkata,
            Tz::Australia__Sydney,
        ],
        Language::German => &[Tz::Europe__Berlin, Tz::Europe__Vienna, Tz::Europe__Zurich],
        Language::Russian => &[
            Tz::Europe__Kaliningrad,
            Tz::Europe__Moscow,
            Tz::Asia__Yekaterinburg,
            Tz::Asia__Novosibirsk,
            Tz::Asia__Almaty,
            Tz::Asia__Vladivostok,
        ],
        Language::Arabic => &[
            Tz::Africa__Casablanca,
            Tz::Africa__Cairo,
            Tz::Asia__Baghdad,
            Tz::Asia__Riyadh,
            Tz::Asia__Dubai,
        ],
    }
}

/// Asks for the time zone: by a city, which may be one of the buttons, or by the place where the phone is.
pub(crate) fn time_zone(reader: &Reader<'_>, unknown: Option<&str>) -> Content {
    let language = reader.language;
    let mut rows: Vec<Vec<ReplyButton>> = usual_zones(language)
        .chunks(CITIES_IN_ROW)
        .map(|zones| {
            zones
                .iter()
                .map(|zone| ReplyButton::Text(language.zone(*zone)))
                .collect()
        })
        .collect();
    rows.push(vec![ReplyButton::RequestLocation(
        language.text("bot-share-location"),
    )]);
    let html = match unknown {
        Some(text) => language.say(
            "bot-unknown-city",
            &[("city", (&user_text(text, MAX_NAME, language)).into())],
        ),
        None => language.text("bot-ask-time-zone"),
    };
    Content {
        html,
        markup: Markup::Reply {
            rows,
            placeholder: Some(language.text("bot-city-placeholder")),
        },
        file: None,
    }
}

/// The zone that was chosen. Where the city that they have named may be another one, it says which, and offers the `others`.
pub(super) fn time_zone_chosen(
    reader: &Reader<'_>,
    named: Option<&City>,
    others: &[City],
    now: DateTime<Utc>,
) -> Content {
    let language = reader.language;
    let Some(zone) = reader.person.zone() else {
        return plain(language.text("bot-time-zone-unknown"));
    };
    let time = language.time(now.with_timezone(&zone).time());
    let city = language.zone(zone);
    let facts = [("city", (&city).into()), ("time", (&time).into())];
    let mut html = match named.map(|named| place(named, language)) {
        Some(place) => {
            let [city, time] = facts;
            let facts = [("place", (&place).into()), city, time];
            language.say("account-time-zone-of-place", &facts)
        }
        None => language.say("bot-time-zone-chosen", &facts),
    };
    let keyboard: Keyboard = others
        .iter()
        .filter_map(|other| {
            let zone = language.zone(other.zone.parse().ok()?);
            let label = format!("{} · {zone}", plain_place(other));
            Some(vec![button(
                label,
                &BotButton::TimeZone(other.zone.clone()),
            )])
        })
        .collect();
    html.push_str("\n\n");
    html.push_str(&language.text("account-connect"));
    // The cities in the place of the phone's keyboard go, unless buttons have to stand under this message.
    let markup = if keyboard.is_empty() {
        Markup::RemoveReply
    } else {
        html.push_str("\n\n");
        html.push_str(&language.text("account-other-places"));
        Markup::Inline(keyboard)
    };
    Content {
        html,
        markup,
        file: None,
    }
}

/// A city and the flag of its country, which everybody reads.
fn plain_place(city: &City) -> String {
    match city.country.as_deref().map(flag) {
        Some(flag) => format!("{} {flag}", city.name),
        None => city.name.clone(),
    }
}

fn place(city: &City, language: Language) -> String {
    user_text(&plain_place(city), MAX_NAME, language)
}

/// The flag of a country: its two letters as regional indicators (Unicode standard annex 51).
fn flag(country: &str) -> String {
    const INDICATOR_A: u32 = 0x1F1E6;
    country
        .bytes()
        .filter(u8::is_ascii_uppercase)
        .filter_map(|letter| char::from_u32(INDICATOR_A + u32::from(letter - b'A')))
        .collect()
}

pub(super) fn settings(reader: &Reader<'_>, free_busy: Option<FreeBusyVisibility>) -> Content {
    let language = reader.language;
    let zone = reader.person.zone().map_or_else(
        || language.text("bot-time-zone-unknown"),
        |zone| language.zone(zone),
    );
    let facts = [
        ("bot-setting-time-zone", zone),
        ("bot-setting-language", language.name().to_owned()),
        (
            "bot-setting-pings",
            language.text(pings_id(reader.person.pings)),
        ),
        (
            "bot-setting-free-busy",
            language.text(free_busy_id(free_busy)),
        ),
    ];
    let mut lines = vec![
        format!("<b>{}</b>", language.text("bot-settings")),
        String::new(),
    ];
    lines.extend(
        facts
            .iter()
            .map(|(id, value)| format!("{}: {value}", language.text(id))),
    );
    Content {
        html: lines.join("\n"),
        markup: Markup::Inline(vec![
            vec![
                button(
                    language.text("bot-setting-time-zone"),
                    &BotButton::AskTimeZone,
                ),
                button(language.text("bot-setting-language"), &BotButton::Languages),
            ],
            vec![button(
                language.text("bot-setting-pings"),
                &BotButton::AskPings,
            )],
            vec![button(
                language.text("bot-setting-free-busy"),
                &BotButton::AskFreeBusy,
            )],
        ]),
        file: None,
    }
}

pub(super) fn languages(reader: &Reader<'_>) -> Content {
    let choices = Language::ALL.map(|language| {
        let is_chosen = language == reader.language;
        (
            language.name().to_owned(),
            BotButton::Language(language.code().to_owned()),
            is_chosen,
        )
    });
    choice(reader, "bot-ask-language", choices)
}

pub(super) fn pings(reader: &Reader<'_>) -> Content {
    let choices = Pings::ALL.map(|pings| {
        (
            reader.language.text(pings_id(pings)),
            BotButton::Pings(pings.as_str().to_owned()),
            pings == reader.person.pings,
        )
    });
    choice(reader, "bot-ask-pings", choices)
}

pub(super) fn free_busy(reader: &Reader<'_>, chosen: Option<FreeBusyVisibility>) -> Content {
    let choices = FreeBusyVisibility::ALL.map(|visibility| {
        (
            reader.language.text(free_busy_id(Some(visibility))),
            BotButton::FreeBusy(visibility.as_str().to_owned()),
            Some(visibility) == chosen,
        )
    });
    choice(reader, "bot-ask-free-busy", choices)
}

/// A question with a button for each answer, the present one marked, and one that leads back.
fn choice(
    reader: &Reader<'_>,
    question: &str,
    choices: impl IntoIterator<Item = (String, BotButton, bool)>,
) -> Content {
    let mut keyboard: Keyboard = choices
        .into_iter()
        .map(|(label, does, is_chosen)| {
            let label = if is_chosen {
                format!("✓ {label}")
            } else {
                label
            };
            vec![button(label, &does)]
        })
        .collect();
    keyboard.push(vec![button(
        reader.language.text("bot-back"),
        &BotButton::Settings,
    )]);
    Content {
        html: reader.language.text(question),
        markup: Markup::Inline(keyboard),
        file: None,
    }
}

const fn pings_id(pings: Pings) -> &'static str {
    match pings {
        Pings::All => "bot-pings-all",
        Pings::Important => "bot-pings-important",
        Pings::None => "bot-pings-none",
    }
}

const fn free_busy_id(visibility: Option<FreeBusyVisibility>) -> &'static str {
    match visibility {
        None => "bot-free-busy-server",
        Some(FreeBusyVisibility::Everyone) => "bot-free-busy-everyone",
        Some(FreeBusyVisibility::Acquaintances) => "bot-free-busy-acquaintances",
        Some(FreeBusyVisibility::Nobody) => "bot-free-busy-nobody",
    }
}
