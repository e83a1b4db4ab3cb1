//! Cards, text by text.

use std::collections::HashMap;

use chrono_tz::Tz;
use proptest::prelude::*;
use televent_calendar::{CalendarObject, InternalDomain, TelegramUserId};

use super::*;
use crate::card::{Told, guests, news};

const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\n\
    UID:1\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:20270115T080000Z\r\nDTEND:20270115T090000Z\r\n\
    SUMMARY:R&D <planning>\\, part 1\r\nLOCATION:Room 4.2\r\n\
    ORGANIZER:mailto:tg_1@televent.internal\r\nATTENDEE;CN=Bob:mailto:tg_2@televent.internal\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

/// An event with more lines, or others.
fn event(lines: &str) -> String {
    EVENT.replace("LOCATION:Room 4.2\r\n", lines)
}

/// What is told of an event, and to whom.
struct Scene<'a> {
    before: Option<&'a str>,
    now: &'a str,
    key: &'a str,
    state: InvitationState,
    language: Language,
    zone: Option<Tz>,
    conflicts: &'a [Conflict],
}

const ASKED: InvitationState = InvitationState::Invited {
    answer: PartStat::NeedsAction,
    choosing: false,
};

fn asked(now: &str) -> Scene<'_> {
    Scene {
        before: None,
        now,
        key: "",
        state: ASKED,
        language: Language::English,
        zone: Some(Tz::Europe__Berlin),
        conflicts: &[],
    }
}

fn read(text: &str) -> CalendarObject {
    CalendarObject::from_stored(text.as_bytes().to_vec()).unwrap()
}

impl Scene<'_> {
    fn reading(&self) -> Reading {
        Reading {
            language: self.language,
            zone: self.zone,
        }
    }

    fn facts(&self, text: &str) -> Facts {
        let object = read(text);
        let instance = televent_calendar::told_on_card(
            &object,
            self.key,
            &televent_calendar::CalendarUserAddress::parse("mailto:tg_2@televent.internal")
                .unwrap(),
        );
        let component = instance.unwrap().component;
        Facts {
            is_off: !matches!(self.state, InvitationState::Invited { .. }),
            ..Facts::of(&object, &component, self.language, self.zone)
        }
    }

    fn render(&self) -> Rendered {
        let object = read(self.now);
        let address =
            televent_calendar::CalendarUserAddress::parse("mailto:tg_2@televent.internal");
        let instance =
            televent_calendar::told_on_card(&object, self.key, &address.unwrap()).unwrap();
        let facts = self.facts(self.now);
        let baseline = Facts {
            is_off: false,
            ..self.facts(self.before.unwrap_or(self.now))
        };
        let guests = guests(
            instance.component.attendees(),
            TelegramUserId::new(1).unwrap(),
            &HashMap::new(),
            &InternalDomain::default(),
        );
        let about = About {
            event_id: Uuid::from_u128(5),
            recurrence_id: self.key,
            component: &instance.component,
            whereabouts: &object.whereabouts(instance.component.recurrence_key()),
            organizer: "Ann <Lee>",
            series: object.master().filter(|_| !self.key.is_empty()),
            original: instance.original.as_ref(),
            guests: &guests,
            conflicts: self.conflicts,
            facts: &facts,
            baseline: &baseline,
        };
        invitation(&about, &self.state, self.reading())
    }

    fn html(&self) -> String {
        self.render().html
    }

    fn news(&self) -> Option<String> {
        let facts = Facts {
            is_off: false,
            ..self.facts(self.before.unwrap_or(self.now))
        };
        let told = Told {
            facts: &facts,
            was_removed: false,
        };
        news(
            told,
            &self.facts(self.now),
            &self.state,
            &self.render(),
            self.reading(),
            "2027-01-01T00:00:00Z".parse().unwrap(),
        )
    }
}

fn labels(card: &Rendered) -> Vec<Vec<&str>> {
    card.keyboard
        .iter()
        .map(|row| row.iter().map(|button| button.label.as_str()).collect())
        .collect()
}

const HOUR: &str = "<tg-time unix=\"1800000000\" format=\"wDt\">Fri, 15 Jan 2027, 09:00</tg-time> – \
    <tg-time unix=\"1800003600\" format=\"t\">10:00</tg-time> (Berlin) · 1 h";

#[test]
fn new_card_shows_what_when_where_who_and_asks() {
    let card = asked(EVENT).render();
    assert_eq!(
        card.html,
        format!(
            "📅 <b>R&amp;D &lt;planning&gt;, part 1</b>\n🕒 {HOUR}\n📍 Room 4.2\n👤 Ann &lt;Lee&gt;"
        )
    );
    assert_eq!(labels(&card), [["✅ Accept", "❔ Maybe", "❌ Decline"]]);
}

#[test]
fn card_with_everything_is_in_order() {
    let lines = "LOCATION:Hauptstr. 5\\, 10115 Berlin\r\nURL:https://zoom.us/j/1?a=1&b=2\r\nRRULE:FREQ=WEEKLY\r\n\
        DESCRIPTION:Bring <ideas>.\\n\\nAgenda: 1 & 2\r\n\
        ATTENDEE;CN=Cat;PARTSTAT=ACCEPTED:mailto:tg_3@televent.internal\r\n\
        ATTENDEE;PARTSTAT=DECLINED:mailto:eve@example.org\r\n";
    let dentist = Conflict {
        start: "2027-01-15T08:30:00Z".parse().unwrap(),
        end: "2027-01-15T09:30:00Z".parse().unwrap(),
        title: Some("Dentist".to_owned()),
        is_all_day: false,
    };
    let text = event(lines);
    let scene = Scene {
        conflicts: &[dentist],
        state: InvitationState::Invited {
            answer: PartStat::Tentative,
            choosing: false,
        },
        ..asked(&text)
    };
    let card = scene.render();
    assert_eq!(
        card.html,
        format!(
            "📅 <b>R&amp;D &lt;planning&gt;, part 1</b>\n🕒 {HOUR}\n🔁 Every Friday\n\
             📍 <a href=\"https://www.openstreetmap.org/search?query=Hauptstr.+5%2C+10115+Berlin\">Hauptstr. 5, 10115 Berlin</a>\n\
             🎥 <a href=\"https://zoom.us/j/1?a=1&amp;b=2\">zoom.us</a>\n\
             👤 Ann &lt;Lee&gt;\n\
             👥 ✅ 1 · ❌ 1 · ⏳ 1\n\
             <blockquote expandable>✅ Cat\n❌ eve@example.org\n⏳ Bob</blockquote>\n\
             ⚠️ Overlaps: Dentist, 09:30 – 10:30\n\
             <blockquote expandable>Bring &lt;ideas&gt;.\n\nAgenda: 1 &amp; 2</blockquote>\n\n\
             ❔ You answered “maybe” to this invitation."
        )
    );
    assert_eq!(
        labels(&card),
        [vec!["Change answer"], vec!["🎥 Join", "🗺 Map"]]
    );
}

#[test]
fn card_speaks_four_languages() {
    let told = Language::ALL.map(|language| {
        let text = event("RRULE:FREQ=WEEKLY\r\n");
        let scene = Scene {
            language,
            state: InvitationState::Invited {
                answer: PartStat::Accepted,
                choosing: true,
            },
            ..asked(&text)
        };
        let card = scene.render();
        let without_time: Vec<&str> = card
            .html
            .lines()
            .filter(|line| !line.contains("tg-time") && !line.starts_with('🔁'))
            .collect();
        format!("{} {:?}", without_time.join("|"), labels(&card)[0])
    });
    assert_eq!(
        told,
        [
            "📅 <b>R&amp;D &lt;planning&gt;, part 1</b>|👤 Ann &lt;Lee&gt;||✅ You accepted this invitation. \
             [\"✅ Accept\", \"❔ Maybe\", \"❌ Decline\"]",
            "📅 <b>R&amp;D &lt;planning&gt;, part 1</b>|👤 Ann &lt;Lee&gt;||✅ Du hast zugesagt. \
             [\"✅ Zusagen\", \"❔ Vielleicht\", \"❌ Absagen\"]",
            "📅 <b>R&amp;D &lt;planning&gt;, part 1</b>|👤 Ann &lt;Lee&gt;||✅ Вы приняли приглашение. \
             [\"✅ Приду\", \"❔ Возможно\", \"❌ Не приду\"]",
            "📅 <b>\u{200f}\u{2068}R&amp;D &lt;planning&gt;, part 1\u{2069}</b>|👤 \u{200f}\u{2068}Ann &lt;Lee&gt;\u{2069}||✅ قبلت هذه الدعوة. \
             [\"✅ قبول\", \"❔ ربما\", \"❌ رفض\"]",
        ]
    );
}

#[test]
fn answered_card_says_so_and_offers_to_change() {
    for (answer, text) in [
        (PartStat::Accepted, "✅ You accepted this invitation."),
        (PartStat::Declined, "❌ You declined this invitation."),
        (
            PartStat::Tentative,
            "❔ You answered “maybe” to this invitation.",
        ),
    ] {
        let scene = |choosing| Scene {
            state: InvitationState::Invited {
                answer: answer.clone(),
                choosing,
            },
            ..asked(EVENT)
        };
        let card = scene(false).render();
        assert!(card.html.ends_with(text), "{}", card.html);
        assert_eq!(labels(&card), [["Change answer"]]);
        let again = scene(true).render();
        assert_eq!(labels(&again), [["✅ Accept", "❔ Maybe", "❌ Decline"]]);
        let facts = serde_json::Value::Null;
        assert_ne!(card.digest(&facts), again.digest(&facts));
    }
}

#[test]
fn a_change_shows_the_old_beside_the_new_and_tells_it_once() {
    let moved = EVENT
        .replace("T090000Z", "T100000Z")
        .replace("T080000Z", "T090000Z")
        .replace("Room 4.2", "Garden");
    let scene = Scene {
        before: Some(EVENT),
        ..asked(&moved)
    };
    assert_eq!(
        scene.html(),
        "🔄 Changed: <b>R&amp;D &lt;planning&gt;, part 1</b>\n\
         🕒 <s>Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin)</s> \
         <tg-time unix=\"1800003600\" format=\"wDt\">Fri, 15 Jan 2027, 10:00</tg-time> – \
         <tg-time unix=\"1800007200\" format=\"t\">11:00</tg-time> (Berlin) · 1 h\n\
         📍 <s>Room 4.2</s> Garden\n\
         👤 Ann &lt;Lee&gt;"
    );
    assert_eq!(
        scene.news().as_deref(),
        Some(
            "🔄 <b>R&amp;D &lt;planning&gt;, part 1</b>\n\
             Moved: Fri, 15 Jan 2027, 09:00 → 10:00 (Berlin).\nPlace: Room 4.2 → Garden."
        )
    );
    assert_eq!(asked(&moved).news(), None);
}

#[test]
fn a_new_title_is_shown_silently() {
    let renamed = EVENT.replace("R&D <planning>\\, part 1", "Renamed");
    let scene = Scene {
        before: Some(EVENT),
        ..asked(&renamed)
    };
    assert!(
        scene
            .html()
            .starts_with("🔄 Changed: <s>R&amp;D &lt;planning&gt;, part 1</s> <b>Renamed</b>\n"),
        "{}",
        scene.html()
    );
    assert_eq!(scene.news(), None);
}

#[test]
fn what_is_gone_from_a_card_stays_struck_through() {
    let series = event("LOCATION:Room 4.2\r\nRRULE:FREQ=DAILY\r\n");
    let once = event("");
    let scene = Scene {
        before: Some(&series),
        ..asked(&once)
    };
    assert!(
        scene
            .html()
            .contains("\n🔁 <s>Every day</s>\n📍 <s>Room 4.2</s>\n"),
        "{}",
        scene.html()
    );
}

#[test]
fn cancelled_and_removed_cards_have_no_buttons() {
    let state = InvitationState::Cancelled { declined: false };
    let scene = Scene {
        state,
        ..asked(EVENT)
    };
    let card = scene.render();
    assert_eq!(
        card.html,
        "❌ Cancelled: <s>R&amp;D &lt;planning&gt;, part 1</s>\n\
         🕒 <s>Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin)</s>\n👤 Ann &lt;Lee&gt;"
    );
    assert!(card.keyboard.is_empty());
    assert_eq!(
        scene.news().as_deref(),
        Some(
            "❌ <b>R&amp;D &lt;planning&gt;, part 1</b> was cancelled.\n🕒 Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin)"
        )
    );
    let declined = Scene {
        state: InvitationState::Cancelled { declined: true },
        ..asked(EVENT)
    };
    assert_eq!(declined.news(), None);
    let removed = Scene {
        state: InvitationState::Removed,
        ..asked(EVENT)
    };
    let card = removed.render();
    assert_eq!(card.html, "🚫 You are no longer invited to this event.");
    assert!(card.keyboard.is_empty());
    assert_eq!(removed.news(), Some(card.html));
}

#[test]
fn who_was_out_of_it_is_told_when_they_are_in_again() {
    let scene = asked(EVENT);
    let facts = Facts {
        is_off: true,
        ..Facts::default()
    };
    let told = [false, true].map(|was_removed| {
        let told = Told {
            facts: &facts,
            was_removed,
        };
        let now = "2027-01-01T00:00:00Z".parse().unwrap();
        let (card, reading) = (scene.render(), scene.reading());
        let news = news(told, &scene.facts(EVENT), &ASKED, &card, reading, now);
        news.unwrap().lines().next().unwrap().to_owned()
    });
    assert_eq!(
        told,
        [
            "📅 <b>R&amp;D &lt;planning&gt;, part 1</b> takes place after all.",
            "📅 You are invited to <b>R&amp;D &lt;planning&gt;, part 1</b> again.",
        ]
    );
}

#[test]
fn nobody_is_woken_by_what_is_over() {
    let past = EVENT.replace("2027", "2026");
    let moved = past.replace("T090000Z", "T100000Z");
    let scene = Scene {
        before: Some(&past),
        ..asked(&moved)
    };
    assert_eq!(scene.news(), None);
}

#[test]
fn dates_never_shift() {
    let day = EVENT
        .replace("DTSTART:20270115T080000Z", "DTSTART;VALUE=DATE:20270115")
        .replace("DTEND:20270115T090000Z", "DTEND;VALUE=DATE:20270118");
    for zone in [
        None,
        Some(Tz::Pacific__Kiritimati),
        Some(Tz::Pacific__Honolulu),
    ] {
        let scene = Scene {
            zone,
            ..asked(&day)
        };
        assert!(
            scene
                .html()
                .contains("\n🕒 Fri, 15 Jan 2027 – Sun, 17 Jan 2027 · 3 days\n"),
            "{}",
            scene.html()
        );
    }
}

/// An instance of a series, at this time.
fn instance(start: &str) -> String {
    let end = "END:VEVENT\r\nEND:VCALENDAR";
    let instance = format!(
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20270122T080000Z\r\nDTSTART:{start}\r\nSUMMARY:Moved\r\n\
         ATTENDEE:mailto:tg_2@televent.internal\r\n{end}"
    );
    event("RRULE:FREQ=WEEKLY\r\n").replace(end, &instance)
}

#[test]
fn card_of_an_instance_says_of_which() {
    let told = |start: &str, state| {
        let text = instance(start);
        let scene = Scene {
            key: "20270122T080000Z",
            state,
            zone: None,
            ..asked(&text)
        };
        scene.html()
    };
    let at = |unix: u32, told: &str| {
        format!("<tg-time unix=\"{unix}\" format=\"wDt\">{told}</tg-time> (UTC)")
    };
    let by_series = at(1_800_604_800, "Fri, 22 Jan 2027, 08:00");
    assert_eq!(
        told("20270123T080000Z", ASKED),
        format!(
            "📅 <b>Moved</b>\n🕒 {}\n↪️ Instead of {by_series}\n👤 Ann &lt;Lee&gt;",
            at(1_800_691_200, "Sat, 23 Jan 2027, 08:00")
        )
    );
    assert_eq!(
        told(
            "20270122T080000Z",
            InvitationState::Cancelled { declined: false }
        ),
        "❌ Cancelled: <s>Moved</s>\n🕒 <s>Fri, 22 Jan 2027, 08:00 (UTC)</s>\n↪️ Once, of a series\n👤 Ann &lt;Lee&gt;"
    );
    assert_eq!(
        told("20270123T080000Z", InvitationState::Removed),
        format!(
            "🚫 You are no longer invited to <b>R&amp;D &lt;planning&gt;, part 1</b> on this day:\n🕒 {by_series}"
        )
    );
}

#[test]
fn a_long_list_of_names_is_cut_and_says_so() {
    let people: String = (100..300)
        .map(|id| {
            format!("ATTENDEE;PARTSTAT=ACCEPTED;CN=P{id}:mailto:tg_{id}@televent.internal\r\n")
        })
        .collect();
    let html = asked(&event(&people)).html();
    assert!(html.contains("👥 ✅ 200 · ⏳ 1\n"), "{html}");
    assert!(
        html.contains("\n✅ P129\n… and 171 more</blockquote>"),
        "{html}"
    );
}

/// As a client may write it into a value.
fn value(text: &str) -> String {
    televent_calendar::text::escape(text).replace(['\r', '\0'], "")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_card_is_longer_than_telegram_takes(
        title in any::<String>(),
        place in any::<String>(),
        description in "(?s).{0,3000}",
        names in prop::collection::vec("[^\\p{Cc}\"]{0,80}", 0..60),
        repeat in 1_usize..40,
        language in prop::sample::select(Language::ALL.to_vec()),
    ) {
        let people: String = names
            .iter()
            .enumerate()
            .map(|(id, name)| format!(
                "ATTENDEE;CN=\"{}\":mailto:tg_{}@televent.internal\r\n", value(name), id + 10
            ))
            .collect();
        let before = event(&format!("LOCATION:{}\r\nRRULE:FREQ=DAILY\r\n", value(&place.repeat(repeat))));
        let now = event(&format!(
            "LOCATION:{}\r\nURL:https://zoom.us/j/1\r\nDESCRIPTION:{}\r\n{people}",
            value(&title.repeat(repeat)), value(&description.repeat(repeat))
        ))
        .replace("R&D <planning>\\, part 1", &value(&title.repeat(repeat)))
        .replace("T080000Z", "T073000Z");
        let conflict = Conflict {
            start: "2027-01-15T08:30:00Z".parse().unwrap(),
            end: "2027-01-19T09:30:00Z".parse().unwrap(),
            title: Some(place),
            is_all_day: false,
        };
        let scene = Scene {
            before: Some(&before),
            language,
            conflicts: &[conflict.clone(), conflict],
            state: InvitationState::Invited { answer: PartStat::Tentative, choosing: true },
            ..asked(&now)
        };
        let html = scene.html();
        prop_assert!(shown(&html).encode_utf16().count() <= MAX_TEXT, "{}", html.len());
    }
}

/// What Telegram shows of a message: read without the code that is tested.
fn shown(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').unwrap().1;
    }
    text.push_str(rest);
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
