//! What the organizer sees and hears of the answers.

use televent_calendar::TelegramUserId;
use televent_store::Pings;
use televent_tests::{ANN, BO, KIRILL, World, meeting, plan};

const BOTH: &str = "ATTENDEE;CN=Kirill:mailto:tg_98765@televent.internal\n\
                    ATTENDEE;CN=Bo:mailto:tg_555@televent.internal";

async fn press(world: &World, id: i64, label: &str) {
    let card = world.cards(id).await.remove(0);
    world.press_by(id, &card, label).await;
    world.settled().await;
}

#[tokio::test]
async fn one_message_counts_the_answers_and_rings_for_those_that_matter() {
    let world = World::start().await;
    let ann = world.add_people().await;
    ann.save("plan.ics", meeting("plan", ANN, BOTH)).await;
    assert_eq!(world.cards(ANN).await, []);
    press(&world, KIRILL, "Accept").await;
    let tally = world.card(ANN).await;
    assert_eq!(
        tally.text,
        "📊 Planning\n🕒 Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin) · 1 h\n\n\
         ✅ Kirill accepted\n⏳ Bo has not answered\n\n1 yes · 0 no · 1 waiting"
    );
    assert!(!tally.silent);
    assert_eq!(world.news(ANN).await, []);

    press(&world, BO, "Decline").await;
    let edited = world.card(ANN).await;
    assert_eq!(edited.id, tally.id);
    assert!(
        edited.text.ends_with("1 yes · 1 no · 0 waiting"),
        "{}",
        edited.text
    );
    let news = world.news(ANN).await;
    let [told] = &news[..] else {
        panic!("one message: {news:#?}");
    };
    assert_eq!(
        told.text,
        "❌ Bo declined\n🏁 Everyone has answered.\nPlanning: 1 yes · 1 no · 0 waiting"
    );
    assert_eq!(told.reply_to, Some(tally.id));
    world.finish().await;
}

#[tokio::test]
async fn organizer_who_wants_no_sound_has_none() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let id = TelegramUserId::new(ANN).unwrap();
    world.store().choose_pings(id, Pings::None).await.unwrap();
    ann.save("plan.ics", meeting("plan", ANN, BOTH)).await;
    press(&world, KIRILL, "Decline").await;
    assert!(world.card(ANN).await.silent);
    press(&world, BO, "Decline").await;
    assert_eq!(world.news(ANN).await, []);
    world.finish().await;
}

#[tokio::test]
async fn organizer_who_wants_every_answer_hears_of_it() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let id = TelegramUserId::new(ANN).unwrap();
    world.store().choose_pings(id, Pings::All).await.unwrap();
    ann.save("plan.ics", meeting("plan", ANN, BOTH)).await;
    press(&world, KIRILL, "Accept").await;
    press(&world, BO, "Maybe").await;
    let news = world.news(ANN).await;
    assert_eq!(news.len(), 1, "{news:#?}");
    assert_eq!(
        news[0].text,
        "❔ Bo may come\n🏁 Everyone has answered.\nPlanning: 1 yes · 0 no · 1 maybe · 0 waiting"
    );
    world.finish().await;
}

#[tokio::test]
async fn organizer_forwards_a_link_to_whom_the_bot_can_not_write() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world.telegram.add_stranger(777, "Zoe").await;
    let lines = format!("{BOTH}\nATTENDEE;CN=Zoe:mailto:tg_777@televent.internal");
    ann.save("plan.ics", meeting("plan", ANN, &lines)).await;
    let tally = world.card(ANN).await;
    assert!(
        tally.text.contains(
            "\n⏳ Zoe has not opened the bot yet: forward this link\nhttps://t.me/televent_bot?start=invited\n"
        ),
        "{}",
        tally.text
    );
    assert_eq!(tally.text.matches("forward").count(), 1, "{}", tally.text);
    world.telegram.press_start(777).await;
    assert_eq!(world.card(777).await.labels(), televent_tests::buttons());
    let now = world.card(ANN).await;
    assert_eq!(now.id, tally.id);
    assert!(!now.text.contains("t.me"), "{}", now.text);
    assert!(now.text.contains("⏳ Zoe has not answered"), "{}", now.text);
    world.finish().await;
}

#[tokio::test]
async fn answer_for_one_day_of_a_series_is_told_with_the_day() {
    let world = World::start().await;
    let ann = world.add_user(ANN, "Ann").await;
    let kirill = world.add_user(KIRILL, "Kirill").await;
    ann.save(
        "plan.ics",
        plan().replace("SEQUENCE:3", "SEQUENCE:3\r\nRRULE:FREQ=WEEKLY;COUNT=3"),
    )
    .await;
    press(&world, KIRILL, "Accept").await;
    let copy = kirill.get("plan.ics").await.text();
    let instance = copy
        .split("BEGIN:VEVENT")
        .nth(1)
        .unwrap()
        .split("END:VEVENT")
        .next()
        .unwrap()
        .replace(
            "RRULE:FREQ=WEEKLY;COUNT=3\r\n",
            "RECURRENCE-ID:20270122T080000Z\r\n",
        )
        .replace("20270115", "20270122")
        .replace("PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED");
    let end = "END:VCALENDAR";
    let answered = copy.replace(end, &format!("BEGIN:VEVENT{instance}END:VEVENT\r\n{end}"));
    kirill.save("plan.ics", answered).await;
    let tally = world.card(ANN).await;
    assert!(
        tally
            .text
            .contains("\n✅ Kirill accepted\n❌ Kirill declined Fri, 22 Jan 2027\n"),
        "{}",
        tally.text
    );
    world.finish().await;
}
