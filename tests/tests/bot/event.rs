//! New events, in one message and question by question, and invitations by the app's own picker.

use televent_tests::{ANN, BO, CalendarApp, KIRILL, World, attendee_lines, meeting, until};

use crate::{beginning, nth, press};

/// Somebody who has never pressed Start.
const STRANGER: i64 = 777;

/// The only object of a calendar.
async fn only_object(app: &CalendarApp) -> String {
    let etags = app.calendar().await.etags;
    let names: Vec<String> = etags.into_keys().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let text = app.get(&names.concat()).await.text();
    text.replace("\r\n ", "")
}

/// Picks people with the keyboard that the bot has shown.
async fn pick(world: &World, id: i64, people: &[(i64, &str)]) {
    let request = until("a button that opens the picker", async || {
        let keyboard = world.telegram.reply_keyboard(id).await?;
        keyboard.request_users()
    })
    .await;
    world.telegram.share_users(id, request, people).await;
}

async fn accept(world: &World, id: i64) {
    let card = world.card(id).await;
    world.press_by(id, &card, "Accept").await;
    world.settled().await;
}

fn answers(object: &str) -> Vec<(String, String)> {
    let lines = attendee_lines(object.as_bytes());
    let mut answers: Vec<_> = lines
        .into_iter()
        .map(|line| (line.address, line.part_stat))
        .collect();
    answers.sort();
    answers
}

fn address(id: i64) -> String {
    format!("tg_{id}@televent.internal")
}

#[tokio::test]
async fn one_message_makes_an_event_to_which_people_are_invited() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world
        .telegram
        .say(ANN, "/new Lunch, with Bo 2040-01-16 13:00 @ Café <1>")
        .await;
    let saved = nth(&world, ANN, 1).await;
    assert_eq!(
        saved.text,
        "✅ Saved\n\nLunch, with Bo\n📅 Mon, 16 Jan 2040, 13:00 – 14:00 (Berlin) · 1 h\n📍 Café <1>"
    );
    let object = only_object(&ann).await;
    for line in [
        "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin",
        "DTSTART;TZID=Europe/Berlin:20400116T130000",
        "DTEND;TZID=Europe/Berlin:20400116T140000",
        r"SUMMARY:Lunch\, with Bo",
        "LOCATION:Café <1>",
        "SEQUENCE:0",
    ] {
        assert!(object.contains(&format!("{line}\r\n")), "{line}: {object}");
    }
    assert!(!object.contains("ORGANIZER"), "{object}");

    press(&world, ANN, &saved, "Invite people").await;
    pick(&world, ANN, &[(BO, "Bo"), (KIRILL, "Kirill"), (ANN, "Ann")]).await;
    let invited = nth(&world, ANN, 3).await;
    assert_eq!(
        invited.text,
        "Lunch, with Bo\n✅ Invited: Bo and Kirill.\n\nThey get their cards now, or as soon as they press Start here."
    );
    assert_eq!(world.telegram.reply_keyboard(ANN).await, None);
    accept(&world, BO).await;
    accept(&world, KIRILL).await;
    let object = only_object(&ann).await;
    assert_eq!(
        answers(&object),
        [
            (address(BO), "ACCEPTED".to_owned()),
            (address(KIRILL), "ACCEPTED".to_owned())
        ]
    );
    assert!(
        object.contains("ORGANIZER;CN=Ann:mailto:tg_12345@"),
        "{object}"
    );
    assert_eq!(
        world
            .strings("select picked::text from picked_users where picker = 12345 order by picked")
            .await,
        [BO.to_string(), KIRILL.to_string()]
    );
    world.finish().await;
}

#[tokio::test]
async fn an_event_is_made_question_by_question() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world.telegram.say(ANN, "/new").await;
    let title = nth(&world, ANN, 1).await;
    assert!(title.text.starts_with("What is it?"), "{title:?}");
    world.telegram.say(ANN, "Dinner").await;
    let day = nth(&world, ANN, 2).await;
    assert!(day.text.starts_with("On which day?"), "{day:?}");
    let time = press(&world, ANN, &day, "Tomorrow").await;
    assert!(time.text.starts_with("At what time on "), "{time:?}");
    let draft = press(&world, ANN, &time, "19:00").await;
    assert!(draft.text.ends_with("Is it right so?"), "{draft:?}");
    assert!(draft.text.contains("19:00 – 20:00"), "{draft:?}");
    let time = press(&world, ANN, &draft, "Another time").await;
    assert!(time.labels().contains(&"All day"), "{time:?}");
    world.telegram.say(ANN, "18-20:30").await;
    let draft = nth(&world, ANN, 3).await;
    assert!(draft.text.contains("18:00 – 20:30"), "{draft:?}");
    let place = press(&world, ANN, &draft, "Place").await;
    assert!(place.text.starts_with("Where is it?"), "{place:?}");
    world.telegram.say(ANN, "Room\n4.2").await;
    let draft = nth(&world, ANN, 4).await;
    assert!(draft.text.contains("📍 Room 4.2"), "{draft:?}");
    press(&world, ANN, &draft, "Invite people").await;
    let picker = nth(&world, ANN, 5).await;
    assert!(picker.text.contains("up to 10"), "{picker:?}");
    pick(&world, ANN, &[(BO, "Bo")]).await;
    nth(&world, ANN, 6).await;
    pick(&world, ANN, &[(KIRILL, "Kirill"), (BO, "Bo")]).await;
    let draft = nth(&world, ANN, 7).await;
    assert!(draft.text.contains("👥 Bo and Kirill"), "{draft:?}");
    assert!(
        ann.calendar().await.etags.is_empty(),
        "nothing is saved yet"
    );
    let saved = press(&world, ANN, &draft, "Save").await;
    assert!(saved.text.starts_with("✅ Saved\n\nDinner"), "{saved:?}");
    assert!(saved.text.contains("👥 Bo and Kirill"), "{saved:?}");
    let object = only_object(&ann).await;
    assert!(object.contains("T180000\r\n"), "{object}");
    assert!(object.contains("T203000\r\n"), "{object}");
    accept(&world, BO).await;
    assert_eq!(
        answers(&only_object(&ann).await),
        [
            (address(BO), "ACCEPTED".to_owned()),
            (address(KIRILL), "NEEDS-ACTION".to_owned())
        ]
    );
    // What stands in the chat of the draft is of no use any more.
    let answer = world.press_data(ANN, &draft, "bot:event:save").await;
    assert!(answer.text.starts_with("This is not open"), "{answer:?}");
    only_object(&ann).await;
    world.finish().await;
}

#[tokio::test]
async fn an_update_that_is_applied_twice_makes_one_event() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world.telegram.say(ANN, "/new Plan 2040-01-16 09:00").await;
    nth(&world, ANN, 1).await;
    world.settled().await;
    let before = only_object(&ann).await;
    // As if the process had died before it noted the update.
    world.execute("delete from processed_updates").await;
    let updates = world.nats.updates().await;
    let update = updates.last().expect("the message of Ann");
    let payload = update.payload.to_string();
    let sent = world
        .nats
        .jetstream()
        .publish(update.subject.clone(), payload.into())
        .await;
    sent.expect("it is sent").await.expect("it is stored");
    let again = nth(&world, ANN, 2).await;
    assert!(again.text.starts_with("✅ Saved\n\nPlan"), "{again:?}");
    assert_eq!(only_object(&ann).await, before);
    world.finish().await;
}

#[tokio::test]
async fn people_are_added_to_an_event_and_answers_stay() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let kirill = "ATTENDEE;CN=Kirill;PARTSTAT=NEEDS-ACTION:mailto:tg_98765@televent.internal\n\
        X-OWN;A=b:kept as it is\n\
        RRULE:FREQ=WEEKLY;COUNT=3";
    let plan = meeting("plan", ANN, kirill).replace("20270115T", "20400116T");
    ann.save("plan.ics", plan).await;
    accept(&world, KIRILL).await;
    let before = only_object(&ann).await;
    world.telegram.say(ANN, "/invite").await;
    let list = beginning(&world, ANN, "To which event").await;
    assert_eq!(list.labels(), ["Mon, 16 Jan 2040, 09:00 · Planning"]);
    press(&world, ANN, &list, "Planning").await;
    pick(&world, ANN, &[(BO, "Bo"), (KIRILL, "Kirill")]).await;
    world.settled().await;
    let messages = world.telegram.messages(ANN).await;
    let told = "Planning\n✅ Invited: Bo.\nInvited already: Kirill.\n\nThey get their cards now, or as soon as they press Start here.";
    assert!(
        messages.iter().any(|message| message.text == told),
        "{messages:#?}"
    );
    let after = only_object(&ann).await;
    assert_eq!(
        answers(&after),
        [
            (address(BO), "NEEDS-ACTION".to_owned()),
            (address(KIRILL), "ACCEPTED".to_owned())
        ]
    );
    let without_bo: String = after
        .split_inclusive("\r\n")
        .filter(|line| !line.contains("tg_555@"))
        .collect();
    assert_eq!(without_bo, before);
    world.card(BO).await;
    world.finish().await;
}

#[tokio::test]
async fn a_stranger_who_was_picked_gets_the_card_after_start() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world.telegram.add_stranger(STRANGER, "Zed").await;
    world.telegram.say(ANN, "/new Plan 2040-01-16 09:00").await;
    let saved = nth(&world, ANN, 1).await;
    press(&world, ANN, &saved, "Invite people").await;
    pick(&world, ANN, &[(STRANGER, "Zed from work")]).await;
    nth(&world, ANN, 3).await;
    world.settled().await;
    assert_eq!(world.telegram.messages(STRANGER).await, []);
    assert_eq!(
        world
            .strings("select name from users where telegram_id = 777")
            .await,
        ["Zed from work"]
    );
    world.telegram.press_start(STRANGER).await;
    accept(&world, STRANGER).await;
    let object = only_object(&ann).await;
    assert_eq!(
        answers(&object),
        [(address(STRANGER), "ACCEPTED".to_owned())]
    );
    assert_eq!(
        world
            .strings("select name from users where telegram_id = 777")
            .await,
        ["Zed"]
    );
    world.finish().await;
}

#[tokio::test]
async fn what_is_not_certain_is_asked_and_nothing_is_saved() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let mut count = 0;
    for (message, answer) in [
        ("/new Lunch", "On which day?"),
        (
            "/new Lunch 1/2 13:00",
            "Day and month can be taken for each other there. On which day?",
        ),
        (
            "/new Lunch 30 Feb 13:00",
            "There is no such day. On which day?",
        ),
        (
            "/new Lunch 2020-01-15 13:00",
            "That day is over. On which day?",
        ),
        (
            "/new Lunch 2040-01-16 at 3",
            "That time can be in the night or in the afternoon: 03:00 or 15:00? At what time on Mon, 16 Jan 2040?",
        ),
        ("/new 2040-01-16 13:00", "What is it?"),
        ("/new Lunch next Friday 13:00", "Lunch\n"),
        ("/new Lunch 13:00", "Lunch\n"),
        ("/cancel", "Left as it was."),
        ("13:00", "I did not understand that."),
    ] {
        world.telegram.say(ANN, message).await;
        count += 1;
        let told = nth(&world, ANN, count).await;
        assert!(told.text.starts_with(answer), "{message}: {told:?}");
    }
    assert!(ann.calendar().await.etags.is_empty());
    // People whom nobody has asked for.
    world
        .telegram
        .share_users_unasked(ANN, 1, &[(BO, "Bo")])
        .await;
    let told = nth(&world, ANN, count + 1).await;
    assert!(told.text.starts_with("This is not open"), "{told:?}");
    // An event of somebody else's.
    let kirill = world.add_user(KIRILL, "Kirill").await;
    kirill.save("plan.ics", meeting("plan", KIRILL, "")).await;
    let [id] = world
        .strings("select id::text from events")
        .await
        .try_into()
        .expect("one event");
    let data = format!("bot:event:invite:{id}");
    let answer = world.press_data(ANN, &told, &data).await;
    assert!(answer.text.starts_with("This is not open"), "{answer:?}");
    world.finish().await;
}

#[tokio::test]
async fn whoever_is_new_here_tells_the_time_zone_first() {
    let world = World::start().await;
    world.telegram.add_person(BO, "Bo").await;
    world.telegram.say(BO, "/new Plan 2040-01-16 09:00").await;
    let zone = nth(&world, BO, 1).await;
    assert!(zone.text.starts_with("In which time zone"), "{zone:?}");
    world.telegram.say(BO, "Nowhereville").await;
    nth(&world, BO, 2).await;
    world.telegram.say(BO, "new york").await;
    let saved = nth(&world, BO, 3).await;
    assert_eq!(
        saved.text,
        "✅ Saved\n\nPlan\n📅 Mon, 16 Jan 2040, 09:00 – 10:00 (New York) · 1 h"
    );
    assert_eq!(
        world
            .strings("select c.slug || ' ' || e.first_occurrence from events e join calendars c on c.id = e.calendar_id where c.owner = 555")
            .await,
        ["default 2040-01-16 14:00:00+00"]
    );
    world.finish().await;
}
