//! Tallies, and what they tell aloud.

use std::collections::HashMap;

use televent_language::Language;

use super::*;
use crate::card::guests;

fn object(attendees: &str) -> CalendarObject {
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:20270115T080000Z\r\nSUMMARY:Plan\r\n\
         ORGANIZER:mailto:tg_1@televent.internal\r\n{attendees}END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    CalendarObject::parse(text.into_bytes()).unwrap()
}

fn attendee(name: &str, id: i64, part_stat: &str) -> String {
    format!("ATTENDEE;CN={name};PARTSTAT={part_stat}:mailto:tg_{id}@televent.internal\r\n")
}

fn now() -> DateTime<Utc> {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

fn with<T>(
    object: &CalendarObject,
    language: Language,
    unreached: &[Unreached],
    then: impl FnOnce(&Tally<'_>) -> T,
) -> T {
    let organizer = TelegramUserId::new(1).unwrap();
    let names = HashMap::from([(TelegramUserId::new(3).unwrap(), "Bo".to_owned())]);
    let domain = InternalDomain::default();
    let guests_of = |component: &televent_calendar::Component| {
        guests(component.attendees(), organizer, &names, &domain)
    };
    let everybody = each_once(object.components().iter().flat_map(guests_of).collect());
    let days = days(object, guests_of, now());
    let waiting = everybody.iter().filter(|guest| guest.has_not_answered());
    let unreached: Vec<_> = waiting.cloned().zip(unreached.iter().copied()).collect();
    then(&Tally {
        object,
        is_cancelled: false,
        guests: &everybody,
        days: &days,
        unreached: &unreached,
        invitation_link: Some("https://t.me/televent_bot?start=invited"),
        reading: Reading {
            language,
            zone: None,
        },
    })
}

fn render(attendees: &str) -> String {
    with(&object(attendees), Language::English, &[], |tally| {
        tally.render().html
    })
}

const TIME: &str =
    "🕒 <tg-time unix=\"1800000000\" format=\"wDt\">Fri, 15 Jan 2027, 08:00</tg-time> (UTC)";

#[test]
fn answers_are_counted_and_named() {
    let html = render(
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_1@televent.internal\r\n\
         ATTENDEE;CN=Kirill;PARTSTAT=ACCEPTED:mailto:tg_2@televent.internal\r\n\
         ATTENDEE;PARTSTAT=DECLINED:mailto:tg_3@televent.internal\r\n\
         ATTENDEE:mailto:eve@example.org\r\n",
    );
    assert_eq!(
        html,
        format!(
            "📊 <b>Plan</b>\n{TIME}\n\n\
             ✅ Kirill accepted\n❌ Bo declined\n⏳ eve@example.org has not answered\n\n\
             1 yes · 1 no · 1 waiting"
        )
    );
}

#[test]
fn tally_speaks_four_languages() {
    let people = [
        attendee("Kirill", 2, "ACCEPTED"),
        attendee("Bo", 3, "TENTATIVE"),
        attendee("Cy", 4, "NEEDS-ACTION"),
    ];
    let told = Language::ALL.map(|language| {
        with(&object(&people.concat()), language, &[], |tally| {
            let html = tally.render().html;
            let lines: Vec<&str> = html.lines().skip(3).collect();
            lines.join("|")
        })
    });
    assert_eq!(
        told,
        [
            "✅ Kirill accepted|❔ Bo may come|⏳ Cy has not answered||1 yes · 0 no · 1 maybe · 1 waiting",
            "✅ Kirill hat zugesagt|❔ Bo kommt vielleicht|⏳ Cy hat noch nicht geantwortet||1 ja · 0 nein · 1 vielleicht · 1 offen",
            "✅ Kirill: да|❔ Bo: возможно|⏳ Cy: ответа пока нет||да 1 · нет 0 · возможно 1 · ждём 1",
            "✅ \u{200f}\u{2068}Kirill\u{2069}: قبول|❔ \u{200f}\u{2068}Bo\u{2069}: ربما|⏳ \u{200f}\u{2068}Cy\u{2069}: لا إجابة بعد||نعم 1 · لا 0 · ربما 1 · بلا إجابة 1",
        ]
    );
}

#[test]
fn who_was_not_reached_is_told_with_a_link() {
    let people = [
        attendee("Kirill", 2, "ACCEPTED"),
        attendee("Bo", 3, "NEEDS-ACTION"),
        attendee("Cy", 4, "NEEDS-ACTION"),
    ];
    let unreached = [Unreached::NotOpened, Unreached::Blocked];
    let object = object(&people.concat());
    let html = with(&object, Language::English, &unreached, |tally| {
        tally.render().html
    });
    assert_eq!(
        html,
        format!(
            "📊 <b>Plan</b>\n{TIME}\n\n✅ Kirill accepted\n\
             ⏳ Bo has not opened the bot yet: forward this link\n\
             🚫 Cy has blocked the bot: forward this link\n\
             https://t.me/televent_bot?start=invited\n\n1 yes · 0 no · 2 waiting"
        )
    );
    let unknown = [Unreached::Unknown];
    let html = with(&object, Language::English, &unknown, |tally| {
        tally.render().html
    });
    assert!(!html.contains("t.me"), "{html}");
}

#[test]
fn there_is_no_tally_before_the_first_answer() {
    let waiting = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_1@televent.internal\r\n\
                   ATTENDEE:mailto:tg_2@televent.internal\r\n";
    let organizer = TelegramUserId::new(1).unwrap();
    let domain = InternalDomain::default();
    assert!(!has_answers(&object(waiting), organizer, &domain));
    let answered = waiting.replace("ATTENDEE:", "ATTENDEE;PARTSTAT=DECLINED:");
    assert!(has_answers(&object(&answered), organizer, &domain));
}

#[test]
fn a_long_list_is_capped_and_says_so() {
    let many: String = (2..52)
        .map(|id| attendee(&"x".repeat(200), id, "ACCEPTED"))
        .collect();
    let html = render(&many);
    assert!(html.contains("… and 20 more</blockquote>"), "{html}");
    assert!(html.ends_with("50 yes · 0 no · 0 waiting"), "{html}");
    assert!(crate::card::text::units_of_html(&html) < 4_096);
}

/// A series in which some have answered otherwise for one day.
fn series(day: &str, of_series: &str, of_day: &str) -> CalendarObject {
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:20261211T080000Z\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Plan\r\n\
         ORGANIZER:mailto:tg_1@televent.internal\r\n{of_series}END:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\n\
         DTSTAMP:20270101T000000Z\r\nRECURRENCE-ID:{day}T080000Z\r\nDTSTART:{day}T080000Z\r\n\
         ORGANIZER:mailto:tg_1@televent.internal\r\n{of_day}END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    CalendarObject::parse(text.into_bytes()).unwrap()
}

#[test]
fn an_answer_for_one_day_of_a_series_is_told_until_it_is_over() {
    let accepted = [
        attendee("Bob", 2, "ACCEPTED"),
        attendee("Cat", 4, "ACCEPTED"),
    ]
    .concat();
    let declined = [
        attendee("Bob", 2, "DECLINED"),
        attendee("Cat", 4, "ACCEPTED"),
    ]
    .concat();
    let html = |day: &str| {
        let object = series(day, &accepted, &declined);
        with(&object, Language::English, &[], |tally| tally.render().html)
    };
    let told = html("20270122");
    assert!(
        told.ends_with(
            "✅ Bob accepted\n✅ Cat accepted\n❌ Bob declined Fri, 22 Jan 2027\n\n2 yes · 0 no · 0 waiting"
        ),
        "{told}"
    );
    let over = html("20261218");
    assert!(!over.contains("declined"), "{over}");
}

fn news(before: &str, after: &str, pings: Pings) -> Option<String> {
    let told = with(&object(before), Language::English, &[], |tally| {
        tally.answers()
    });
    with(&object(after), Language::English, &[], |tally| {
        tally.news(&told, pings)
    })
}

#[test]
fn the_first_answer_those_that_decline_and_the_last_ring() {
    let people = |answers: [&str; 3]| {
        let names = [("Kirill", 2), ("Bo", 3), ("Cy", 4)];
        let lines = names.iter().zip(answers);
        let lines = lines.map(|((name, id), answer)| attendee(name, *id, answer));
        lines.collect::<String>()
    };
    let waiting = "NEEDS-ACTION";
    let none = people([waiting; 3]);
    let one = people(["ACCEPTED", waiting, waiting]);
    let two = people(["ACCEPTED", "TENTATIVE", waiting]);
    let declined = people(["ACCEPTED", "DECLINED", waiting]);
    let all = people(["ACCEPTED", "TENTATIVE", "ACCEPTED"]);
    let first = "✅ Kirill accepted\n<b>Plan</b>: 1 yes · 0 no · 2 waiting";
    let maybe = "❔ Bo may come\n<b>Plan</b>: 1 yes · 0 no · 1 maybe · 1 waiting";
    let no = "❌ Bo declined\n<b>Plan</b>: 1 yes · 1 no · 1 waiting";
    let last = "🏁 Everyone has answered.\n<b>Plan</b>: 2 yes · 0 no · 1 maybe · 0 waiting";
    let last_of_all = format!("✅ Cy accepted\n{last}");
    for (before, after, important, of_all) in [
        (&none, &one, Some(first), Some(first)),
        (&one, &one, None, None),
        (&one, &two, None, Some(maybe)),
        (&one, &declined, Some(no), Some(no)),
        (&two, &all, Some(last), Some(last_of_all.as_str())),
        (&all, &all, None, None),
        (&all, &none, None, None),
    ] {
        let told = |pings| news(before, after, pings);
        assert_eq!(told(Pings::Important).as_deref(), important);
        assert_eq!(told(Pings::All).as_deref(), of_all);
        assert_eq!(told(Pings::None), None);
    }
}

#[test]
fn many_answers_at_once_are_told_in_one_message() {
    let waiting: String = (2..10)
        .map(|id| attendee("X", id, "NEEDS-ACTION"))
        .collect();
    let declined = waiting.replace("NEEDS-ACTION", "DECLINED");
    let told = news(&waiting, &declined, Pings::Important).unwrap();
    assert_eq!(told.matches("❌ X declined").count(), MAX_TOLD);
    assert!(
        told.contains("\n… and 3 more\n🏁 Everyone has answered.\n"),
        "{told}"
    );
}

#[test]
fn what_was_told_comes_back_from_its_json() {
    let people = attendee("Kirill", 2, "ACCEPTED") + &attendee("Bo", 3, "DECLINED");
    let told = with(&object(&people), Language::English, &[], |tally| {
        tally.answers()
    });
    let json = serde_json::to_value(&told).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "said": { "tg_2@televent.internal": "yes", "tg_3@televent.internal": "no" },
            "is_complete": true,
        })
    );
    assert_eq!(serde_json::from_value::<Answers>(json).unwrap(), told);
}
