//! What a card shows.

use televent_tests::{ANN, BO, KIRILL, World, meeting, plan};

#[tokio::test]
async fn card_names_the_call_the_place_and_who_answered_what() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let lines = "ATTENDEE;CN=Kirill:mailto:tg_98765@televent.internal
        ATTENDEE;CN=Bo:mailto:tg_555@televent.internal
        URL:https://meet.google.com/abc-defg-hij
        RRULE:FREQ=WEEKLY;COUNT=4
        DESCRIPTION:Bring <ideas> & cake.\\nSee you!";
    let object = meeting("plan", ANN, lines).replace("Room 4.2", "Hauptstr. 5\\, 10115 Berlin");
    ann.save("plan.ics", object).await;
    let bos = world.card(BO).await;
    world.telegram.press(BO, bos.id, bos.data("Decline")).await;
    let card = world.card(KIRILL).await;
    assert_eq!(
        card.text,
        "📅 Planning\n\
         🕒 Fri, 15 Jan 2027, 08:00 – 09:00 (UTC) · 1 h\n\
         🔁 Every Friday, 4 times\n\
         📍 Hauptstr. 5, 10115 Berlin\n\
         🎥 meet.google.com\n\
         👤 Ann\n\
         👥 ❌ 1 · ⏳ 1\n\
         ⏳ Kirill\n❌ Bo\n\
         Bring <ideas> & cake.\nSee you!"
    );
    let labels = ["✅ Accept", "❔ Maybe", "❌ Decline", "🎥 Join", "🗺 Map"];
    assert_eq!(card.labels(), labels);
    let links: Vec<_> = card
        .buttons
        .iter()
        .filter_map(|button| button.url.as_deref())
        .collect();
    assert_eq!(
        links,
        [
            "https://meet.google.com/abc-defg-hij",
            "https://www.openstreetmap.org/search?query=Hauptstr.+5%2C+10115+Berlin"
        ]
    );
    world.finish().await;
}

#[tokio::test]
async fn card_warns_of_what_its_reader_has_at_the_time() {
    let world = World::start().await;
    let ann = world.add_user(ANN, "Ann").await;
    let kirill = world.add_user(KIRILL, "Kirill").await;
    let own = |uid: &str, start: &str, title: &str, line: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
             DTSTAMP:20270101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:{title}\r\n{line}\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    for (uid, start, title, line) in [
        ("dentist", "20270115T083000Z", "Dentist", ""),
        ("after", "20270115T090000Z", "After", ""),
        ("free", "20270115T080000Z", "Free", "TRANSP:TRANSPARENT\r\n"),
        ("off", "20270115T080000Z", "Off", "STATUS:CANCELLED\r\n"),
    ] {
        kirill
            .save(&format!("{uid}.ics"), own(uid, start, title, line))
            .await;
    }
    ann.save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    assert_eq!(
        card.text,
        "📅 Planning\n\
         🕒 Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin) · 1 h\n\
         📍 Room 4.2\n\
         👤 Ann\n\
         ⚠️ Overlaps: Dentist, 09:30 – 10:30"
    );
    // Who does not come is not warned.
    world.press(&card, "Decline").await;
    let declined = world.card(KIRILL).await;
    assert!(!declined.text.contains("⚠️"), "{}", declined.text);
    world.finish().await;
}

#[tokio::test]
async fn card_and_answers_are_in_the_language_of_their_reader() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world.telegram.set_language(KIRILL, "de").await;
    world.telegram.say(KIRILL, "/help").await;
    world.settled().await;
    let before = world.cards(KIRILL).await.len();
    ann.save("plan.ics", plan()).await;
    let card = world.cards(KIRILL).await.remove(before);
    assert_eq!(
        card.text,
        "📅 Planning\n🕒 Fr., 15.01.2027, 08:00 – 09:00 (UTC) · 1 Std.\n📍 Room 4.2\n👤 Ann"
    );
    assert_eq!(card.labels(), ["✅ Zusagen", "❔ Vielleicht", "❌ Absagen"]);
    let answer = world.press(&card, "Zusagen").await;
    assert_eq!(answer.text, "✅ Du hast zugesagt.");
    // What Telegram says now, until something else is chosen.
    world.telegram.set_language(KIRILL, "ar").await;
    let card = world.cards(KIRILL).await.remove(before);
    world.press(&card, "Antwort ändern").await;
    let card = world.cards(KIRILL).await.remove(before);
    let answer = world.press(&card, "Absagen").await;
    assert_eq!(answer.text, "❌ رفضت الدعوة.");
    world.finish().await;
}
