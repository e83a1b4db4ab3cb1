//! What goes wrong at Telegram, and what becomes of the card: the notifier against a Bot API that refuses, hangs, fails, and
//! loses answers.

use std::time::Duration;

use serde_json::json;
use televent_broker::UPDATES;
use televent_store::RetryOutcome;
use televent_tests::{ANN, BO, KIRILL, Message, World, buttons, meeting, plan};

/// What timers, a slow machine and one round trip may add to a wait.
const SLACK: Duration = Duration::from_millis(1_500);

async fn reachable(world: &World, person: i64) -> Option<bool> {
    let found: Option<Option<bool>> =
        sqlx::query_scalar("select reachable from users where telegram_id = $1")
            .bind(person)
            .fetch_optional(&world.sql)
            .await
            .expect("the people can be read");
    found.flatten()
}

async fn schedule_status(world: &World) -> Vec<String> {
    world
        .strings("select coalesce(schedule_status, 'none') from event_attendees where invited order by address")
        .await
}

/// When the bot called `sendMessage`, and what it was answered.
async fn sends(world: &World) -> Vec<(chrono::DateTime<chrono::Utc>, u16)> {
    let calls = world.telegram.calls("sendMessage").await;
    calls
        .into_iter()
        .map(|call| (call.time, call.status))
        .collect()
}

#[tokio::test]
async fn too_many_requests_silences_the_bot_for_exactly_as_long_as_told() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world
        .telegram
        .fault(json!({ "kind": "429", "method": "sendMessage", "retry_after": 2 }))
        .await;
    let both =
        "ATTENDEE:mailto:tg_98765@televent.internal\nATTENDEE:mailto:tg_555@televent.internal";
    ann.save("plan.ics", meeting("plan", ANN, both)).await;
    world.settled().await;
    assert_eq!(world.card(KIRILL).await.edits, 0);
    assert_eq!(world.card(BO).await.edits, 0);
    let sends = sends(&world).await;
    let (refused, told_at) = (
        sends.iter().filter(|send| send.1 == 429).count(),
        sends[0].0,
    );
    // The second may have been under way when the first was refused.
    assert_eq!((refused, sends.len()), (1, 3), "{sends:?}");
    let quiet = Duration::from_secs(2);
    for (time, _) in sends.iter().filter(|send| send.1 == 200) {
        let waited = (*time - told_at).to_std().unwrap();
        assert!(
            waited < Duration::from_millis(100) || waited >= quiet,
            "{sends:?}"
        );
        assert!(waited < quiet + SLACK, "{sends:?}");
    }
    let last = (sends[2].0 - told_at).to_std().unwrap();
    assert!(last >= quiet, "{sends:?}");
    world.finish().await;
}

#[tokio::test]
async fn limits_of_the_real_server_only_slow_the_cards_down() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world
        .telegram
        .set(json!({ "rate_limits": true, "messages_per_second_per_chat": 1 }))
        .await;
    for n in 0..3 {
        let object = meeting(
            &format!("plan-{n}"),
            ANN,
            "ATTENDEE:mailto:tg_98765@televent.internal",
        );
        ann.save(&format!("{n}.ics"), object).await;
    }
    let cards = world.cards(KIRILL).await;
    assert_eq!(cards.len(), 3, "{cards:#?}");
    world.finish().await;
}

#[tokio::test]
async fn person_who_never_pressed_start_is_marked_and_gets_the_card_after_start() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world.telegram.add_stranger(777, "Zoe").await;
    let object = meeting("plan", ANN, "ATTENDEE:mailto:tg_777@televent.internal");
    ann.save("plan.ics", object.as_str()).await;
    assert_eq!(world.cards(777).await, []);
    assert_eq!(reachable(&world, 777).await, Some(false));
    assert_eq!(schedule_status(&world).await, ["1.0"]);
    assert_eq!(world.status("plan", 777).await, "NEEDS-ACTION");

    world.telegram.press_start(777).await;
    let card = world.card(777).await;
    assert_eq!(card.labels(), buttons());
    assert_eq!(reachable(&world, 777).await, Some(true));
    assert_eq!(schedule_status(&world).await, ["1.2"]);

    // Start again brings nothing twice.
    world.telegram.press_start(777).await;
    assert_eq!(world.card(777).await, card);
    world.finish().await;
}

#[tokio::test]
async fn unknown_person_is_marked_too() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let object = meeting("plan", ANN, "ATTENDEE:mailto:tg_31337@televent.internal");
    ann.save("plan.ics", object).await;
    world.settled().await;
    assert_eq!(reachable(&world, 31_337).await, Some(false));
    assert_eq!(schedule_status(&world).await, ["3.7"]);
    world.finish().await;
}

#[tokio::test]
async fn card_of_somebody_who_blocked_the_bot_is_right_again_after_start() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    world.telegram.block(KIRILL).await;
    world.settled().await;
    assert_eq!(reachable(&world, KIRILL).await, Some(false));
    ann.save("plan.ics", plan().replace("Planning", "Renamed"))
        .await;
    world.settled().await;
    world.telegram.press_start(KIRILL).await;
    world.settled().await;
    assert_eq!(reachable(&world, KIRILL).await, Some(true));
    let now = world.card(KIRILL).await;
    let changed = "🔄 Changed: <s>Planning</s> <b>Renamed</b>\n";
    assert!(now.html.starts_with(changed), "{}", now.html);
    assert_eq!(now.id, card.id);
    world.finish().await;
}

#[tokio::test]
async fn server_errors_are_tried_again() {
    let world = World::start().await;
    let ann = world.add_people().await;
    for (chat_id, kind) in [(KIRILL, "500"), (BO, "502_html")] {
        world
            .telegram
            .fault(json!({ "kind": kind, "method": "sendMessage", "chat_id": chat_id }))
            .await;
    }
    let both =
        "ATTENDEE:mailto:tg_98765@televent.internal\nATTENDEE:mailto:tg_555@televent.internal";
    ann.save("plan.ics", meeting("plan", ANN, both)).await;
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    assert_eq!(world.card(BO).await.labels(), buttons());
    assert_eq!(sends(&world).await.len(), 4);
    world.finish().await;
}

#[tokio::test]
async fn call_that_hangs_is_given_up_and_tried_again() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world
        .telegram
        .fault(json!({ "kind": "hang", "method": "sendMessage", "seconds": 120 }))
        .await;
    ann.save("plan.ics", plan()).await;
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    world.finish().await;
}

/// Two messages stand in Kirill's chat, of which the server knows the second only.
async fn sent_twice(world: &World) -> (televent_tests::CalendarApp, Message, Message) {
    let ann = world.add_people().await;
    world
        .telegram
        .fault(json!({ "kind": "lost_answer", "method": "sendMessage" }))
        .await;
    ann.save("plan.ics", plan()).await;
    let cards = world.cards(KIRILL).await;
    assert_eq!(
        cards.len(),
        2,
        "an invite that may be lost is sent again: {cards:#?}"
    );
    let [unknown, known] = cards.try_into().expect("two cards");
    (ann, unknown, known)
}

#[tokio::test]
async fn press_on_a_copy_that_was_not_known_adopts_it() {
    let world = World::start().await;
    let (ann, unknown, _known) = sent_twice(&world).await;
    world.press(&unknown, "Accept").await;
    for card in world.cards(KIRILL).await {
        assert!(
            card.html.ends_with("✅ You accepted this invitation."),
            "{}",
            card.html
        );
        assert_eq!(card.labels(), ["Change answer"]);
    }
    ann.save("plan.ics", plan().replace("Planning", "Renamed"))
        .await;
    for card in world.cards(KIRILL).await {
        assert!(
            card.html
                .starts_with("🔄 Changed: <s>Planning</s> <b>Renamed</b>\n"),
            "{}",
            card.html
        );
    }
    ann.delete("plan.ics").await;
    for card in world.cards(KIRILL).await {
        assert!(
            card.html.starts_with("❌ Cancelled: <s>Renamed</s>\n"),
            "{}",
            card.html
        );
        assert_eq!(card.buttons, []);
    }
    world.finish().await;
}

#[tokio::test]
async fn press_on_the_known_copy_leaves_the_other_to_be_adopted_later() {
    let world = World::start().await;
    let (_ann, unknown, known) = sent_twice(&world).await;
    world.press(&known, "Accept").await;
    world.settled().await;
    // Somebody who finds the old message and presses it gets the same answer, on both.
    world.press(&unknown, "Decline").await;
    for card in world.cards(KIRILL).await {
        assert!(
            card.html.ends_with("❌ You declined this invitation."),
            "{}",
            card.html
        );
    }
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    world.finish().await;
}

#[tokio::test]
async fn edit_whose_answer_was_lost_is_repeated_and_not_modified_is_a_success() {
    let world = World::start().await;
    let (_ann, card) = world.invite_kirill().await;
    world
        .telegram
        .fault(json!({ "kind": "lost_answer", "method": "editMessageText", "chat_id": KIRILL }))
        .await;
    world.press(&card, "Accept").await;
    let accepted = world.card(KIRILL).await;
    assert_eq!(
        (accepted.labels(), accepted.edits),
        (vec!["Change answer"], 1)
    );
    let edits = world.telegram.calls("editMessageText").await;
    assert_eq!(edits.last().unwrap().status, 400, "{edits:?}");
    world.finish().await;
}

#[tokio::test]
async fn card_is_right_when_a_lost_edit_is_undone_before_it_is_repeated() {
    let world = World::start().await;
    let (_ann, card) = world.invite_kirill().await;
    world.press(&card, "Accept").await;
    let accepted = world.card(KIRILL).await;
    // The edit that brings the buttons back is done, and nobody hears of it.
    world
        .telegram
        .fault(json!({ "kind": "lost_answer", "method": "editMessageText", "chat_id": KIRILL }))
        .await;
    world.press(&accepted, "Change answer").await;
    world.press_old(&card, "Accept").await;
    let card = world.card(KIRILL).await;
    assert_eq!(
        (card.labels(), &card.html),
        (vec!["Change answer"], &accepted.html)
    );
    world.finish().await;
}

#[tokio::test]
async fn card_that_its_reader_has_deleted_is_sent_anew() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    let gone = "Bad Request: message to edit not found";
    world
        .telegram
        .fault(json!({ "kind": "refuse", "method": "editMessageText", "description": gone }))
        .await;
    ann.save("plan.ics", plan().replace("Planning", "Renamed"))
        .await;
    let cards = world.cards(KIRILL).await;
    let [old, new] = &cards[..] else {
        panic!("the card is sent anew: {cards:#?}");
    };
    assert_eq!(
        old, &card,
        "the fault has left the old message where it was"
    );
    let changed = "🔄 Changed: <s>Planning</s> <b>Renamed</b>\n";
    assert!(new.html.starts_with(changed), "{}", new.html);
    // From now on the new one is the card.
    ann.save("plan.ics", plan().replace("Planning", "Once more"))
        .await;
    let cards = world.cards(KIRILL).await;
    assert_eq!(cards[0], card);
    assert!(
        cards[1]
            .html
            .starts_with("🔄 Changed: <s>Planning</s> <b>Once more</b>\n"),
        "{}",
        cards[1].html
    );
    world.finish().await;
}

#[tokio::test]
async fn card_that_telegram_does_not_take_is_sent_plainer() {
    for (refusal, html, labels) in [
        (
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
            "📅 Planning\n",
            &buttons()[..],
        ),
        (
            "Bad Request: message is too long",
            "📅 Planning\n",
            &buttons(),
        ),
        (
            "Bad Request: BUTTON_DATA_INVALID",
            "📅 <b>Planning</b>\n",
            &[],
        ),
    ] {
        let world = World::start().await;
        let ann = world.add_people().await;
        let fault = json!({ "kind": "refuse", "method": "sendMessage", "description": refusal });
        world.telegram.fault(fault).await;
        ann.save("plan.ics", plan()).await;
        let card = world.card(KIRILL).await;
        let is_reduced = card.html.starts_with(html) && card.labels() == labels;
        // Nothing can be taken away from what is as plain as that already.
        let dead = world.strings("select reason from dead_letters").await;
        assert!(is_reduced, "{refusal}: {card:#?} {dead:?}");
        assert_eq!(sends(&world).await.len(), 2, "{refusal}");
        world.finish().await;
    }
}

#[tokio::test]
async fn server_that_does_not_know_tg_time_shows_the_rest_of_the_card() {
    let world = World::start().await;
    world.telegram.set(json!({ "tg_time": false })).await;
    let (_ann, card) = world.invite_kirill().await;
    assert!(card.html.starts_with("📅 <b>Planning</b>\n"), "{card:#?}");
    assert!(!card.html.contains("tg-time"), "{card:#?}");
    world.finish().await;
}

#[tokio::test]
async fn edit_that_telegram_does_not_take_is_made_plainer() {
    let world = World::start().await;
    let (ann, _card) = world.invite_kirill().await;
    let refusal = "Bad Request: can't parse entities: Unexpected end tag at byte offset 9";
    let fault = json!({ "kind": "refuse", "method": "editMessageText", "description": refusal });
    world.telegram.fault(fault).await;
    ann.save("plan.ics", plan().replace("Planning", "Renamed <now>"))
        .await;
    let card = world.card(KIRILL).await;
    assert!(
        card.html
            .starts_with("🔄 Changed: Planning → Renamed &lt;now&gt;\n"),
        "{card:#?}"
    );
    assert_eq!(card.labels(), buttons());
    world.finish().await;
}

#[tokio::test]
async fn what_the_bot_says_is_sent_plainer_as_well() {
    let world = World::start().await;
    world.add_people().await;
    let refusal = "Bad Request: can't parse entities: Unclosed start tag at byte offset 9";
    let fault = json!({ "kind": "refuse", "method": "sendMessage", "description": refusal });
    world.telegram.fault(fault).await;
    world.telegram.say(KIRILL, "/settings").await;
    world.settled().await;
    let said = world.telegram.messages(KIRILL).await;
    let said = said.last().expect("the bot has said something");
    assert!(!said.html.contains("<b>"), "{said:#?}");
    world.finish().await;
}

#[tokio::test]
async fn token_that_telegram_does_not_know_burns_no_message() {
    for (status, description) in [(401, "Unauthorized"), (404, "Not Found")] {
        let world = World::start().await;
        let ann = world.add_people().await;
        let fault = json!({ "kind": "refuse", "method": "sendMessage", "status": status, "description": description });
        world.telegram.fault(fault).await;
        ann.save("plan.ics", plan()).await;
        let waiting = "select concat_ws(' ', state, 'attempts', attempts) from outbox_messages
                       where state = 'pending' and due_at > now() + interval '40 seconds'";
        let rows = televent_tests::until("the message to wait in the outbox", async || {
            let rows = world.strings(waiting).await;
            (!rows.is_empty()).then_some(rows)
        })
        .await;
        assert_eq!(rows, ["pending attempts 0"], "{status}");
        assert_eq!(sends(&world).await.len(), 1, "it is not tried at once");
        world.abandon();
    }
}

#[tokio::test]
async fn call_that_can_not_succeed_goes_to_the_dead_letters_and_can_be_retried_from_there() {
    let mut world = World::start().await;
    let ann = world.add_people().await;
    let refusal = "Bad Request: something that nobody knows";
    world
        .telegram
        .fault(json!({ "kind": "refuse", "method": "sendMessage", "description": refusal }))
        .await;
    ann.save("plan.ics", plan()).await;
    assert_eq!(world.cards(KIRILL).await, []);
    let letters = world.store().dead_letters(10).await.unwrap();
    let [letter] = &letters[..] else {
        panic!("one dead letter: {letters:#?}");
    };
    assert_eq!(
        letter.reason,
        format!("Telegram refused the call (400): {refusal}")
    );
    assert_eq!((letter.stream.as_str(), letter.deliveries), ("INVITES", 1));
    let event = world.event("plan").await.id;
    assert_eq!(letter.subject, format!("televent.invite.{event}.{KIRILL}"));
    let rows = world
        .strings("select state || ': ' || last_error from outbox_messages")
        .await;
    assert_eq!(rows, [format!("dead: {}", letter.reason)]);
    assert_eq!(sends(&world).await.len(), 1, "it is not tried again");

    // The operator has mended it.
    world.expect_dead_letters(0);
    let retried = world.store().retry_dead_letter(letter.id, UPDATES).await;
    assert_eq!(retried.unwrap(), RetryOutcome::Retried);
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    world.finish().await;
}
