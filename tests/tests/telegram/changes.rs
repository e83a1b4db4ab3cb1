//! What a reader sees and hears of a change.

use std::time::Duration;

use serde_json::json;
use televent_runtime::config::Limits;
use televent_tests::{ANN, BO, KIRILL, Roles, Updates, World, meeting, plan};

/// The plan an hour later.
fn later() -> String {
    plan()
        .replace("T090000Z", "T100000Z")
        .replace("T080000Z", "T090000Z")
}

#[tokio::test]
async fn a_move_is_shown_beside_the_old_time_and_told_once() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    assert_eq!(world.news(KIRILL).await, []);
    world.press(&card, "Accept").await;
    world.settled().await;
    ann.save("plan.ics", later()).await;
    let moved = world.card(KIRILL).await;
    assert_eq!(
        moved.html,
        "🔄 Changed: <b>Planning</b>\n\
         🕒 <s>Fri, 15 Jan 2027, 08:00 – 09:00 (UTC)</s> \
         <tg-time unix=\"1800003600\" format=\"wDt\">Fri, 15 Jan 2027, 09:00</tg-time> – \
         <tg-time unix=\"1800007200\" format=\"t\">10:00</tg-time> (UTC) · 1 h\n\
         📍 Room 4.2\n👤 Ann"
    );
    let news = world.news(KIRILL).await;
    let [told] = &news[..] else {
        panic!("a move is told once: {news:#?}");
    };
    assert_eq!(
        told.text,
        "🔄 Planning\nMoved: Fri, 15 Jan 2027, 08:00 → 09:00 (UTC)."
    );
    assert_eq!((told.reply_to, told.silent), (Some(card.id), false));

    // Whoever answers to it has seen it.
    world.press(&moved, "Accept").await;
    let accepted = world.card(KIRILL).await;
    assert!(
        accepted.text.starts_with("📅 Planning\n"),
        "{}",
        accepted.text
    );
    // What a title or a description becomes makes no sound.
    let described = later()
        .replace("Planning", "Renamed")
        .replace("SEQUENCE:3", "SEQUENCE:4\r\nDESCRIPTION:With cake.");
    ann.save("plan.ics", described).await;
    let renamed = world.card(KIRILL).await;
    assert!(
        renamed.text.starts_with("🔄 Changed: Planning Renamed\n"),
        "{}",
        renamed.text
    );
    assert_eq!(world.news(KIRILL).await.len(), 1);

    ann.delete("plan.ics").await;
    let cancelled = world.card(KIRILL).await;
    assert_eq!(
        cancelled.html,
        "❌ Cancelled: <s>Renamed</s>\n🕒 <s>Fri, 15 Jan 2027, 09:00 – 10:00 (UTC)</s>\n👤 Ann"
    );
    assert_eq!(cancelled.buttons, []);
    let news = world.news(KIRILL).await;
    assert_eq!(news.len(), 2, "{news:#?}");
    assert_eq!(
        news[1].text,
        "❌ Renamed was cancelled.\n🕒 Fri, 15 Jan 2027, 09:00 – 10:00 (UTC)"
    );
    world.finish().await;
}

#[tokio::test]
async fn who_is_removed_is_told() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let both =
        "ATTENDEE:mailto:tg_98765@televent.internal\nATTENDEE:mailto:tg_555@televent.internal";
    ann.save("plan.ics", meeting("plan", ANN, both)).await;
    world.settled().await;
    ann.save(
        "plan.ics",
        meeting("plan", ANN, "ATTENDEE:mailto:tg_555@televent.internal"),
    )
    .await;
    let text = "🚫 You are no longer invited to this event.";
    assert_eq!(world.card(KIRILL).await.text, text);
    let told: Vec<_> = world
        .news(KIRILL)
        .await
        .into_iter()
        .map(|message| message.text)
        .collect();
    assert_eq!(told, [text]);
    assert_eq!(world.news(BO).await, []);
    world.finish().await;
}

#[tokio::test]
async fn press_on_a_card_that_is_out_of_date_is_told_what_has_changed() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    // The edit of his card has to wait.
    world
        .telegram
        .fault(json!({ "kind": "429", "method": "editMessageText", "chat_id": KIRILL, "retry_after": 2 }))
        .await;
    ann.save("plan.ics", later().replace("Room 4.2", "Garden"))
        .await;
    let answer = world.press(&card, "Accept").await;
    assert_eq!(
        answer.text,
        "Moved: Fri, 15 Jan 2027, 08:00 → 09:00 (UTC). Place: Room 4.2 → Garden. Look again, and answer anew."
    );
    assert!(answer.alert);
    assert_eq!(world.status("plan", KIRILL).await, "NEEDS-ACTION");
    let card = world.card(KIRILL).await;
    assert!(card.text.starts_with("🔄 Changed: "), "{}", card.text);
    let answer = world.press(&card, "Accept").await;
    assert_eq!(answer.text, "✅ You accepted.");
    world.settled().await;
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    world.finish().await;
}

#[tokio::test]
async fn what_others_answer_does_not_edit_a_card_again_and_again() {
    let rest = Duration::from_secs(4);
    let world = World::with_processes(&[Roles {
        limits: Limits {
            edit_interval: rest,
            ..Limits::NONE
        },
        ..Roles::all(Updates::Polling)
    }])
    .await;
    let ann = world.add_people().await;
    let people = [KIRILL, BO, 556, 557];
    for id in [556, 557] {
        world.telegram.add_person(id, "More").await;
    }
    let lines: Vec<String> = people
        .iter()
        .map(|id| format!("ATTENDEE:mailto:tg_{id}@televent.internal"))
        .collect();
    ann.save("plan.ics", meeting("plan", ANN, &lines.join("\n")))
        .await;
    let cards = world.cards(KIRILL).await;
    assert_eq!(cards.len(), 1);
    for id in [BO, 556, 557] {
        let card = world.telegram.messages(id).await.remove(0);
        world.press_by(id, &card, "Accept").await;
    }
    // His own answer does not wait for that.
    let card = world.card(KIRILL).await;
    assert!(card.text.contains("👥 ✅ 3 · ⏳ 1"), "{}", card.text);
    assert!(card.edits <= 2, "{} edits", card.edits);
    let edits = world.telegram.calls("editMessageText").await.len();
    world.press(&card, "Accept").await;
    televent_tests::until("his own answer", async || {
        let card = world.telegram.messages(KIRILL).await.remove(0);
        (card.labels() == ["Change answer"]).then_some(())
    })
    .await;
    assert!(world.telegram.calls("editMessageText").await.len() > edits);
    world.finish().await;
}
