//! Calendars as files, and the end of an account.

use reqwest::Method;
use televent_tests::{ANN, CalendarApp, KIRILL, KIRILL_IS_ASKED, World, meeting};

use crate::{nth, press, press_data};

/// The meeting of Ann with Kirill, in a future that does not end.
fn coming(uid: &str, organizer: i64, attendee: &str) -> String {
    meeting(uid, organizer, attendee).replace("20270115T", "21270115T")
}

async fn make_calendar(app: &CalendarApp, name: &str) {
    let method = Method::from_bytes(b"MKCALENDAR").expect("a method");
    let body = format!(
        "<C:mkcalendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns=\"DAV:\"><set><prop>\
         <displayname>{name}</displayname></prop></set></C:mkcalendar>"
    );
    let headers = [("content-type", "application/xml")];
    let reply = app
        .in_collection("work")
        .request(method, "", &headers, body)
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
}

#[tokio::test]
async fn each_calendar_is_exported_as_a_file() {
    let world = World::start().await;
    let ann = world.add_people().await;
    ann.save("plan.ics", coming("plan", ANN, KIRILL_IS_ASKED))
        .await;
    make_calendar(&ann, "Work &amp; play").await;
    world.telegram.say(ANN, "/export").await;
    nth(&world, ANN, 2).await;
    world.settled().await;
    let mut files = Vec::new();
    for message in world.telegram.messages(ANN).await {
        let document = message.document.clone().unwrap();
        assert_eq!(document.mime_type, "text/calendar");
        let content = String::from_utf8(world.telegram.file(&document.file_id).await).unwrap();
        files.push((document.file_name, message.text, content));
    }
    files.sort();
    let [(first, caption, object), (second, empty, nothing)] = files.as_slice() else {
        panic!("{files:?}");
    };
    assert_eq!(
        (first.as_str(), caption.as_str()),
        ("Televent.ics", "Televent: 1 entry")
    );
    assert!(object.starts_with("BEGIN:VCALENDAR\r\n") && object.ends_with("END:VCALENDAR\r\n"));
    assert!(object.contains("UID:plan\r\n"), "{object}");
    assert_eq!(
        (second.as_str(), empty.as_str()),
        ("Work & play.ics", "Work & play: 0 entries")
    );
    assert!(!nothing.contains("VEVENT"), "{nothing}");
    // The feed of the bot is no way to make it work hard: the same files are not sent again at once.
    world.telegram.say(ANN, "/export").await;
    world.settled().await;
    assert_eq!(world.telegram.messages(ANN).await.len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn a_calendar_that_is_too_large_is_found_elsewhere() {
    let world = World::start().await;
    world.add_people().await;
    world
        .execute("update calendars set bytes = 30000000 where owner = 12345 and slug = 'default'")
        .await;
    world.telegram.say(ANN, "/export").await;
    let answer = nth(&world, ANN, 1).await;
    let url = format!("{}/dav/calendars/{ANN}/default/", world.url());
    assert!(
        answer.document.is_none() && answer.text.contains(&url),
        "{answer:?}"
    );
    world.telegram.say(KIRILL, "/export").await;
    let answer = nth(&world, KIRILL, 1).await;
    assert!(answer.text.contains("/start"), "{answer:?}");
    world.finish().await;
}

#[tokio::test]
async fn an_account_is_kept_unless_its_owner_is_sure() {
    let world = World::start().await;
    let ann = world.add_people().await;
    ann.save("plan.ics", coming("plan", ANN, KIRILL_IS_ASKED))
        .await;
    world.settled().await;
    world.telegram.say(ANN, "/delete_account").await;
    let asked = nth(&world, ANN, 1).await;
    assert_eq!(
        asked.text,
        "Delete your account?\n\
         \n\
         • 1 entry of your calendars is deleted.\n\
         • 1 calendar app loses its access at once.\n\
         • 1 meeting that you organize is cancelled for everybody whom you have invited.\n\
         • Invitations of others are declined.\n\
         \n\
         This can't be undone. /export gives you your calendars as files first."
    );
    assert_eq!(asked.labels(), ["Delete everything", "Keep"]);
    let kept = press(&world, ANN, &asked, "Keep").await;
    assert_eq!(kept.text, "Nothing was deleted.");
    // The button of a question that was left asks again, and does nothing else.
    let again = press_data(&world, ANN, &asked, asked.data("Delete everything")).await;
    assert_eq!(again.text, asked.text);
    assert_eq!(ann.get("plan.ics").await.status, 200);
    world.finish().await;
}

#[tokio::test]
async fn with_an_account_its_meetings_are_cancelled_and_its_data_goes() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let kirill = world.add_user(KIRILL, "Kirill").await;
    ann.save("plan.ics", coming("plan", ANN, KIRILL_IS_ASKED))
        .await;
    let ann_is_asked = KIRILL_IS_ASKED.replace(&KIRILL.to_string(), &ANN.to_string());
    kirill
        .save(
            "theirs.ics",
            coming("theirs", KIRILL, &ann_is_asked).replace("Planning", "Theirs"),
        )
        .await;
    world.settled().await;
    world.telegram.say(ANN, "/delete_account").await;
    let asked = nth(&world, ANN, 2).await;
    let deleted = press(&world, ANN, &asked, "Delete everything").await;
    assert!(
        deleted.text.starts_with("Everything is deleted.") && deleted.buttons.is_empty(),
        "{deleted:?}"
    );

    // No access any more.
    let refused = ann.request(Method::GET, "plan.ics", &[], "").await;
    assert_eq!(refused.status, 401);

    // Kirill's card and copy are cancelled, and Ann has declined his meeting.
    let cards = world.telegram.messages(KIRILL).await;
    let cancelled = cards
        .iter()
        .find(|card| card.text.starts_with("❌ Cancelled"));
    assert!(
        cancelled.is_some_and(|card| card.buttons.is_empty()),
        "{cards:?}"
    );
    let copy = kirill.get("plan.ics").await.text();
    assert!(copy.contains("STATUS:CANCELLED"), "{copy}");
    assert_eq!(world.status("theirs", ANN).await, "DECLINED");
    let theirs = kirill.get("theirs.ics").await.text();
    assert!(theirs.contains("PARTSTAT=DECLINED"), "{theirs}");

    // Nothing is known of her, but that she can be written to.
    for (table, left) in [
        (
            "select concat_ws(' ', name, username, language, chosen_language, time_zone, free_busy, default_calendar)
             from users where telegram_id = 12345",
            vec![String::new()],
        ),
        ("select label from devices where telegram_id = 12345", vec![]),
        ("select step::text from dialogs where telegram_id = 12345", vec![]),
        ("select slug from calendars where owner = 12345 and deleted_at is null", vec![]),
        (
            "select screen->>'screen' from chat_messages where telegram_id = 12345",
            vec!["account_deleted".to_owned()],
        ),
    ] {
        assert_eq!(world.strings(table).await, left, "{table}");
    }

    // A change of what she has declined is no reason to write to her.
    let before = world.telegram.messages(ANN).await.len();
    kirill
        .save(
            "theirs.ics",
            coming(
                "theirs",
                KIRILL,
                &ann_is_asked.replace("NEEDS-ACTION", "DECLINED"),
            )
            .replace("Planning", "Theirs, renamed")
            .replace("SEQUENCE:3", "SEQUENCE:4"),
        )
        .await;
    world.settled().await;
    assert_eq!(world.telegram.messages(ANN).await.len(), before);

    // After a month her objects are gone as well.
    world
        .execute("update events set deleted_at = now() - interval '31 days' where deleted_at is not null")
        .await;
    world
        .execute("update calendars set deleted_at = now() - interval '31 days' where deleted_at is not null")
        .await;
    world.store().purge().await.unwrap();
    world.store().purge().await.unwrap();
    assert_eq!(
        world
            .number("select count(*) from calendars where owner = 12345")
            .await,
        0
    );
    assert_eq!(
        world
            .strings("select uid from events where owner_organizes order by uid")
            .await,
        ["theirs"]
    );

    // She may begin anew.
    world.telegram.say(ANN, "/start").await;
    world.settled().await;
    assert_eq!(
        world
            .number("select count(*) from calendars where owner = 12345 and deleted_at is null")
            .await,
        2
    );
    world.finish().await;
}

#[tokio::test]
async fn many_meetings_are_ended_by_several_deliveries() {
    let world = World::start().await;
    let ann = world.add_people().await;
    for number in 0..220 {
        let uid = format!("m{number}");
        ann.save(&format!("{uid}.ics"), coming(&uid, ANN, KIRILL_IS_ASKED))
            .await;
    }
    // Else each is a card.
    world
        .execute("update outbox_messages set state = 'completed', settled_at = now() where state in ('pending', 'published')")
        .await;
    world.telegram.say(ANN, "/delete_account").await;
    let asked = nth(&world, ANN, 1).await;
    world
        .telegram
        .press(ANN, asked.id, asked.data("Delete everything"))
        .await;
    world.settled().await;
    let deleted = world.telegram.messages(ANN).await.remove(0);
    assert!(
        deleted.text.starts_with("Everything is deleted."),
        "{deleted:?}"
    );
    assert_eq!(
        world
            .number("select count(*) from events where owner_organizes and deleted_at is null")
            .await,
        0
    );
    world.finish().await;
}
