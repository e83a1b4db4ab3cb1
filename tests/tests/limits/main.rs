//! The limits of Telegram, kept by several notifiers together, against a simulator that is as strict.

mod crowd;

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use televent_tests::{BO, KIRILL, until};
use tokio::time::Instant;

use crowd::{CROWD, add_crowd, calls_taken, invite, limited_world, refused, until_card};

#[tokio::test]
async fn three_notifiers_together_stay_within_the_limits_and_presses_overtake_the_crowd() {
    let world = limited_world(2).await;
    let ann = world.add_people().await;
    invite(&ann, "plan", [KIRILL].into_iter()).await;
    let card = until_card(&world, KIRILL).await;
    add_crowd(&world, 150).await;
    world.telegram.reset_meter().await;
    invite(&ann, "crowd", CROWD..CROWD + 150).await;
    until_card(&world, CROWD).await;

    let begun = Instant::now();
    world.press(&card, "Accept").await;
    until("the answer on the card", async || {
        let card = world.telegram.messages(KIRILL).await.pop()?;
        (card.edits > 0).then_some(())
    })
    .await;
    let waited = begun.elapsed();
    let sent = world.telegram.call_count("sendMessage").await;
    assert!(sent < 140, "the crowd was sent to already: {sent}");
    assert!(waited < Duration::from_secs(2), "{waited:?}");

    world.settled().await;
    let meter = world.telegram.meter().await;
    assert_eq!(refused(&world).await, 0, "{meter:?}");
    assert!(meter.max_per_second <= 30, "{meter:?}");
    assert!(meter.max_per_second_per_chat <= 1, "{meter:?}");
    // And does not dawdle.
    assert!(meter.max_per_second >= 20, "{meter:?}");
    world.finish().await;
}

#[tokio::test]
async fn fifty_cards_of_one_person_delay_nobody_else() {
    let world = limited_world(1).await;
    let ann = world.add_people().await;
    // Waiting in the outbox, before anybody else's.
    for n in 0..50 {
        invite(&ann, &format!("kirill-{n}"), [KIRILL].into_iter()).await;
    }
    let begun = Instant::now();
    invite(&ann, "bo", [BO].into_iter()).await;
    until_card(&world, BO).await;
    let waited = begun.elapsed();
    assert!(waited < Duration::from_secs(3), "{waited:?}");
    let kirills = world.telegram.messages(KIRILL).await.len();
    assert!(kirills < 25, "{kirills}");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let meter = world.telegram.meter().await;
    assert_eq!(refused(&world).await, 0, "{meter:?}");
    assert!(meter.max_per_second_per_chat <= 1, "{meter:?}");
    // At the pace of the chat, and no slower.
    let more = world.telegram.messages(KIRILL).await.len() - kirills;
    assert!((2..=4).contains(&more), "{more}");
    // Ann's tallies and Kirill's other cards are not waited for.
    world.abandon();
}

#[tokio::test]
async fn too_many_requests_silences_all_processes_for_exactly_as_long_as_told() {
    let world = limited_world(1).await;
    let ann = world.add_people().await;
    add_crowd(&world, 60).await;
    invite(&ann, "crowd", CROWD..CROWD + 60).await;
    until_card(&world, CROWD).await;
    let quiet = Duration::from_secs(3);
    world
        .telegram
        .fault(json!({ "kind": "429", "method": "sendMessage", "retry_after": quiet.as_secs() }))
        .await;
    world.settled().await;
    let calls = world.telegram.calls("sendMessage").await;
    let told_at = calls
        .iter()
        .find(|call| call.status == 429)
        .expect("the fault was met")
        .time;
    // Who had their moment planned already may have used it: a tenth of a second, and the way of the news.
    let news = TimeDelta::milliseconds(250);
    let taken = calls_taken(&world).await;
    let next = taken
        .iter()
        .find(|time| **time > told_at + news)
        .expect("it goes on");
    let silence = (*next - told_at).to_std().expect("later");
    assert!(silence >= quiet, "{silence:?}");
    assert!(silence < quiet + Duration::from_millis(800), "{silence:?}");
    let sneaked = taken
        .iter()
        .filter(|time| **time > told_at && **time <= told_at + news)
        .count();
    assert!(sneaked <= 6, "{sneaked}");
    assert_eq!(refused(&world).await, 1);
    world.finish().await;
}
