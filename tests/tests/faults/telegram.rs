//! Telegram is down for long, slow, or full: every invited person has one card afterwards, the cards come at the pace of the limits,
//! and what was pressed meanwhile stands.

use std::time::Duration;

use serde_json::json;
use televent_tests::{
    ANN, CalendarApp, KIRILL, Roles, Updates, World, meeting, until_ok, usual_limits,
};

use crate::runs_all;

/// The first of the people who are invited in numbers.
const CROWD: i64 = 700_000;

/// How much of it: in the long run, and otherwise.
fn sized(long: i64, otherwise: i64) -> i64 {
    if runs_all() { long } else { otherwise }
}

async fn limited_world() -> World {
    let roles = [
        Roles::all(Updates::Polling).limited(usual_limits()),
        Roles::notifier().limited(usual_limits()),
    ];
    let world = World::with_processes(&roles).await;
    world.telegram.set(json!({ "rate_limits": true })).await;
    world
}

async fn invite_crowd(world: &World, ann: &CalendarApp, size: i64) {
    let people = CROWD..CROWD + size;
    for id in people.clone() {
        world.telegram.add_person(id, &format!("Guest {id}")).await;
    }
    let lines: Vec<String> = people
        .map(|id| format!("ATTENDEE:mailto:tg_{id}@televent.internal"))
        .collect();
    ann.save("crowd.ics", meeting("crowd", ANN, &lines.join("\n")))
        .await;
}

/// Everything is due now.
async fn long_after(world: &World) {
    world
        .execute(
            "update outbox_messages set due_at = now() where state = 'pending' and due_at > now()",
        )
        .await;
}

async fn each_has_one_card(world: &World, size: i64) {
    world.settled().await;
    for id in CROWD..CROWD + size {
        let messages = world.telegram.messages(id).await;
        assert_eq!(messages.len(), 1, "{messages:#?}");
    }
}

async fn answered(world: &World, status: u16) -> usize {
    let mut count = 0;
    for method in ["sendMessage", "editMessageText"] {
        let calls = world.telegram.calls(method).await;
        count += calls.iter().filter(|call| call.status == status).count();
    }
    count
}

#[tokio::test]
async fn an_hour_without_telegram() {
    // Waits of 1, 2, 4, … and then 300 seconds: nineteen tries are an hour.
    let (size, tries) = (sized(100, 15), sized(19, 5));
    let world = limited_world().await;
    let (ann, card) = world.invite_kirill().await;
    let fault = json!({ "kind": "502_html", "lasting": true });
    world.telegram.fault(fault).await;
    world
        .telegram
        .press(KIRILL, card.id, card.data("Accept"))
        .await;
    invite_crowd(&world, &ann, size).await;
    for n in 1..=tries {
        until_ok("each card to be tried", async || {
            long_after(&world).await;
            let attempts = world
                .number("select coalesce(min(attempts), 0)::bigint from outbox_messages where state in ('pending', 'published')")
                .await;
            if attempts >= n { Ok(()) } else { Err(format!("{attempts} of {n}")) }
        })
        .await;
    }
    for id in CROWD..CROWD + size {
        assert_eq!(world.telegram.messages(id).await, []);
    }
    assert_eq!(world.telegram.waiting_updates().await, 1);

    world.telegram.clear_faults().await;
    world.telegram.reset_meter().await;
    long_after(&world).await;
    // It may be too late for the spinner; the answer counts.
    each_has_one_card(&world, size).await;
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    let meter = world.telegram.meter().await;
    assert_eq!(answered(&world, 429).await, 0, "{meter:?}");
    assert!(meter.max_per_second <= 30, "{meter:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_storm_of_429_is_sat_out_and_burns_no_message() {
    let (size, seconds) = (sized(100, 15), sized(20, 4));
    let world = limited_world().await;
    let ann = world.add_people().await;
    let fault = json!({ "kind": "429", "retry_after": 1, "lasting": true });
    world.telegram.fault(fault).await;
    invite_crowd(&world, &ann, size).await;
    tokio::time::sleep(Duration::from_secs(seconds.unsigned_abs())).await;
    let refused = answered(&world, 429).await;
    // A second of quiet after each; what was under way at that moment is refused with it.
    let under_way = 5;
    let bound = usize::try_from(seconds + 2).unwrap() * under_way;
    assert!((1..=bound).contains(&refused), "{refused} of {bound}");
    world.telegram.clear_faults().await;
    world.telegram.reset_meter().await;
    each_has_one_card(&world, size).await;
    assert_eq!(
        answered(&world, 429).await,
        refused,
        "there is no burst after it"
    );
    let burnt = world
        .number("select count(*) from outbox_messages where attempts > 0")
        .await;
    assert_eq!(burnt, 0);
    let meter = world.telegram.meter().await;
    assert!(meter.max_per_second <= 30, "{meter:?}");
    world.finish().await;
}

#[tokio::test]
async fn slow_telegram_gets_no_card_twice_and_holds_no_press_up() {
    let size = sized(100, 30);
    let world = limited_world().await;
    let (ann, card) = world.invite_kirill().await;
    let fault = json!({ "kind": "hang", "seconds": 1.5, "performs": true, "lasting": true });
    world.telegram.fault(fault).await;
    invite_crowd(&world, &ann, size).await;
    assert_eq!(world.press(&card, "Accept").await.text, "✅ You accepted.");
    each_has_one_card(&world, size).await;
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    world.finish().await;
}

#[tokio::test]
async fn what_was_answered_and_not_heard_is_counted_and_edited_in_its_place() {
    let size = sized(50, 10);
    let world = limited_world().await;
    let (ann, card) = world.invite_kirill().await;
    let lost = json!({ "kind": "lost_answer", "method": "editMessageText", "times": 3 });
    world.telegram.fault(lost).await;
    let lost = json!({ "kind": "lost_answer", "method": "getUpdates", "times": 2 });
    world.telegram.fault(lost).await;
    let lost = json!({ "kind": "lost_answer", "method": "sendMessage", "chat_id": CROWD });
    world.telegram.fault(lost).await;
    world
        .telegram
        .press(KIRILL, card.id, card.data("Accept"))
        .await;
    invite_crowd(&world, &ann, size).await;
    world.settled().await;
    for id in CROWD..CROWD + size {
        // A first card whose sending is in doubt is sent again: one for each answer that was lost.
        let expected = if id == CROWD { 2 } else { 1 };
        assert_eq!(world.telegram.messages(id).await.len(), expected);
    }
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    let processed = world.number("select count(*) from processed_updates").await;
    assert_eq!(processed, 1);
    world.finish().await;
}
