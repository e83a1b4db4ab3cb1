//! What somebody's days hold, and the list of what waits for their answer.

use chrono::{Days, NaiveDate, Utc};
use televent_tests::{ANN, BO, CalendarApp, KIRILL, KIRILL_IS_ASKED, World, ics, meeting};

use crate::{beginning, nth, press_data};

const ANOTHER_DAY: &str = "bot:agenda:2027-01-11:7";

/// An event with these lines.
fn event(uid: &str, lines: &str) -> String {
    ics(&format!(
        "BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Example Corp.//Calendar 1.0//EN
        BEGIN:VEVENT
        UID:{uid}
        DTSTAMP:20270101T000000Z
        {lines}
        END:VEVENT
        END:VCALENDAR"
    ))
}

/// A month from now, whenever that is.
fn in_a_month() -> NaiveDate {
    Utc::now().date_naive() + Days::new(30)
}

/// A meeting of Ann's with Kirill, in a month.
fn coming(uid: &str) -> String {
    let day = in_a_month().format("%Y%m%dT").to_string();
    meeting(uid, ANN, KIRILL_IS_ASKED)
        .replace("20270115T", &day)
        .replace("SUMMARY:Planning", &format!("SUMMARY:Plan {uid}"))
}

async fn save_week(app: &CalendarApp) {
    let private = "SUMMARY:Dentist <b>&\nLOCATION:High Street 1\nDTSTART;TZID=Europe/Berlin:20270112T083000\n\
         DTEND;TZID=Europe/Berlin:20270112T091500";
    for (uid, lines) in [
        ("dentist", private),
        (
            "standup",
            "SUMMARY:Stand-up\nDTSTART;TZID=Europe/Berlin:20270104T090000\nDURATION:PT15M\n\
             RRULE:FREQ=DAILY;BYDAY=MO,TU",
        ),
        (
            "trip",
            "SUMMARY:Trip\nDTSTART;VALUE=DATE:20270112\nDTEND;VALUE=DATE:20270114",
        ),
        (
            "night",
            "SUMMARY:Night train\nDTSTART:20270115T210000Z\nDTEND:20270116T053000Z",
        ),
        (
            "off",
            "SUMMARY:Called off\nSTATUS:CANCELLED\nDTSTART:20270112T110000Z",
        ),
        ("later", "SUMMARY:Later\nDTSTART:20270118T110000Z"),
    ] {
        app.save(&format!("{uid}.ics"), event(uid, lines)).await;
    }
}

#[tokio::test]
async fn a_week_is_shown_by_day_in_the_readers_zone() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let bo = world.add_user(BO, "Bo").await;
    save_week(&bo).await;
    let invited = KIRILL_IS_ASKED.replace(&KIRILL.to_string(), &BO.to_string());
    ann.save("plan.ics", meeting("plan", ANN, &invited)).await;
    world.settled().await;
    world.telegram.say(BO, "/agenda").await;
    let coming = beginning(&world, BO, "🗓").await;
    let week = press_data(&world, BO, &coming, ANOTHER_DAY).await;
    assert_eq!(
        week.text,
        "🗓 Mon, 11 Jan 2027 – Sun, 17 Jan 2027\n\
         \n\
         Monday, 11 January\n\
         09:00 – 09:15 Stand-up\n\
         \n\
         Tuesday, 12 January\n\
         all day Trip\n\
         08:30 – 09:15 Dentist <b>& · High Street 1\n\
         09:00 – 09:15 Stand-up\n\
         \n\
         Wednesday, 13 January\n\
         all day Trip\n\
         \n\
         Friday, 15 January\n\
         09:00 – 10:00 ⏳ Planning · Room 4.2\n\
         from 22:00 Night train\n\
         \n\
         Saturday, 16 January\n\
         until 06:30 Night train\n\
         \n\
         ⏳ Not answered yet: /pending"
    );
    let next = press_data(&world, BO, &week, week.data("Later ›")).await;
    assert!(next.text.contains("12:00 Later"), "{next:?}");
    let back = press_data(&world, BO, &next, next.data("Earlier")).await;
    assert_eq!((back.id, &back.text), (coming.id, &week.text));
    world
        .execute("update users set time_zone = 'America/New_York', chosen_language = 'de' where telegram_id = 555")
        .await;
    let elsewhere = press_data(&world, BO, &back, "bot:agenda:2027-01-15:1").await;
    assert!(
        elsewhere.text.contains("03:00 – 04:00 ⏳ Planning"),
        "{elsewhere:?}"
    );
    assert!(elsewhere.text.contains("ab 16:00"), "{elsewhere:?}");
    world.finish().await;
}

#[tokio::test]
async fn what_was_declined_is_left_out_and_the_organizer_sees_the_meeting() {
    let world = World::start().await;
    let (_ann, card) = world.invite_kirill().await;
    let kirill = world.add_user(KIRILL, "Kirill").await;
    kirill
        .save("own.ics", event("own", "DTSTART:20270115T120000Z"))
        .await;
    let of = async |id, count| {
        world.telegram.say(id, "/today").await;
        let today = nth(&world, id, count).await;
        press_data(&world, id, &today, "bot:agenda:2027-01-15:1").await
    };
    world.press(&card, "Decline").await;
    world.settled().await;
    let shown = of(KIRILL, 2).await;
    assert!(!shown.text.contains("Planning"), "{shown:?}");
    assert!(shown.text.contains("13:00 No title"), "{shown:?}");
    world.telegram.say(ANN, "/today").await;
    let today = beginning(&world, ANN, "🗓").await;
    let shown = press_data(&world, ANN, &today, "bot:agenda:2027-01-15:1").await;
    assert!(
        shown.text.contains("09:00 – 10:00 Planning · Room 4.2"),
        "{shown:?}"
    );
    world.finish().await;
}

#[tokio::test]
async fn there_is_no_agenda_without_an_account_and_nothing_in_an_empty_one() {
    let world = World::start().await;
    world.add_people().await;
    world.telegram.say(KIRILL, "/week").await;
    let answer = nth(&world, KIRILL, 1).await;
    assert!(answer.text.contains("/start"), "{answer:?}");
    world.telegram.say(ANN, "/week").await;
    let week = nth(&world, ANN, 1).await;
    assert!(week.text.ends_with("Nothing is planned."), "{week:?}");
    assert!(week.text.starts_with("🗓 Mon, "), "{week:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_full_day_is_cut_and_says_so() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let title = "a very long title that fills the message quickly ".repeat(3);
    for number in 0..60 {
        let lines = format!("SUMMARY:{title}\nDTSTART:20270115T12{number:02}00Z");
        ann.save(
            &format!("{number}.ics"),
            event(&format!("n{number}"), &lines),
        )
        .await;
    }
    world.telegram.say(ANN, "/today").await;
    let today = nth(&world, ANN, 1).await;
    let full = press_data(&world, ANN, &today, "bot:agenda:2027-01-15:1").await;
    let shown = full.text.matches("a very long title").count() / 2;
    assert!(shown > 20, "{full:?}");
    assert!(
        full.text.ends_with(&format!("… and {} more", 60 - shown)),
        "{full:?}"
    );
    assert!(full.text.encode_utf16().count() <= 4_096);
    world.finish().await;
}

#[tokio::test]
async fn pending_invitations_are_answered_in_the_list() {
    let world = World::start().await;
    let ann = world.add_people().await;
    for uid in ["a", "b"] {
        ann.save(&format!("{uid}.ics"), coming(uid)).await;
    }
    world.settled().await;
    world.telegram.say(KIRILL, "/pending").await;
    let list = beginning(&world, KIRILL, "Waiting").await;
    assert!(list.text.contains("1. Plan b\n🕒 "), "{list:?}");
    assert!(list.text.contains("2. Plan a\n🕒 "), "{list:?}");
    assert!(list.text.contains("📍 Room 4.2\n👤 Ann"), "{list:?}");
    assert_eq!(
        list.labels(),
        ["1 ✅", "1 ❔", "1 ❌", "2 ✅", "2 ❔", "2 ❌"]
    );
    let answer = world.press_by(KIRILL, &list, "2 ✅").await;
    assert_eq!(answer.text, "✅ You accepted.");
    world.settled().await;
    assert_eq!(world.status("a", KIRILL).await, "ACCEPTED");
    let object = ann.get("a.ics").await.text();
    assert!(object.contains("PARTSTAT=ACCEPTED"), "{object}");
    let messages = world.telegram.messages(KIRILL).await;
    // The two cards and the list, which is no card.
    assert_eq!(messages.len(), 3, "{messages:?}");
    let shown = beginning(&world, KIRILL, "Waiting").await;
    assert_eq!(shown.id, list.id);
    assert!(
        shown.text.contains("1. Plan b") && !shown.text.contains("Plan a"),
        "{shown:?}"
    );
    let cards = messages
        .iter()
        .filter(|message| message.text.contains("accepted"));
    assert_eq!(cards.count(), 1, "{messages:?}");
    let nothing = press_data(&world, KIRILL, &shown, shown.data("1 ❌")).await;
    assert_eq!(nothing.text, "✅ No invitation waits for your answer.");
    assert_eq!(world.status("b", KIRILL).await, "DECLINED");
    // A press of what it showed before is refused or repeated like any other, and what it shows stays true.
    let again = press_data(&world, KIRILL, &nothing, list.data("1 ❔")).await;
    assert_eq!(again.text, nothing.text);
    assert_eq!(world.status("b", KIRILL).await, "TENTATIVE");
    world.finish().await;
}

#[tokio::test]
async fn pending_invitations_have_pages() {
    let world = World::start().await;
    let ann = world.add_people().await;
    for number in 1..=9 {
        let uid = format!("n{number}");
        ann.save(&format!("{uid}.ics"), coming(&uid)).await;
    }
    let over = meeting("over", ANN, KIRILL_IS_ASKED).replace("20270115T", "20200115T");
    ann.save("over.ics", over).await;
    let cancelled = coming("off").replace("SEQUENCE", "STATUS:CANCELLED\r\nSEQUENCE");
    ann.save("off.ics", cancelled).await;
    world.settled().await;
    world.telegram.say(KIRILL, "/pending").await;
    let first = beginning(&world, KIRILL, "Waiting").await;
    assert!(first.text.contains("1. Plan n9"), "{first:?}");
    assert_eq!(first.labels().len(), 8 * 3 + 1);
    let second = press_data(&world, KIRILL, &first, first.data("Next ›")).await;
    assert!(second.text.contains("9. Plan n1"), "{second:?}");
    assert_eq!(second.labels(), ["9 ✅", "9 ❔", "9 ❌", "‹ Previous"]);
    // The last one of a page leads back to the page before.
    let shown = press_data(&world, KIRILL, &second, second.data("9 ✅")).await;
    assert_eq!(shown.labels().len(), 8 * 3, "{shown:?}");
    world.finish().await;
}

#[tokio::test]
async fn nobody_answers_for_others_with_a_button_of_the_list() {
    let world = World::start().await;
    let ann = world.add_people().await;
    ann.save("a.ics", coming("a")).await;
    world.settled().await;
    world.telegram.say(KIRILL, "/pending").await;
    let list = beginning(&world, KIRILL, "Waiting").await;
    world.telegram.say(BO, "/pending").await;
    let other = nth(&world, BO, 1).await;
    let answer = world.press_data(BO, &other, list.data("1 ✅")).await;
    assert!(answer.alert);
    world.settled().await;
    assert_eq!(world.status("a", KIRILL).await, "NEEDS-ACTION");
    world.finish().await;
}
