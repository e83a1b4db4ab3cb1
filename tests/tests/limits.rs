//! The limits of Telegram, kept by several notifiers together, against a simulator that is as strict.

use std::{num::NonZeroU32, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use televent_runtime::config::Limits;
use televent_tests::{
    ANN, BO, CalendarApp, KIRILL, Message, Roles, Updates, World, meeting, until,
};
use tokio::time::Instant;

/// What everybody has who has not bought more.
fn telegrams() -> Limits {
    Limits {
        messages_per_second: NonZeroU32::new(30),
        chat_messages_per_second: NonZeroU32::new(1),
        group_messages_per_minute: NonZeroU32::new(20),
        edit_interval: Duration::from_secs(3),
    }
}

/// The first of the people who are invited in numbers.
const CROWD: i64 = 700_000;

/// One process with all roles and as many more notifiers, all limited; a Telegram that is limited, too.
async fn limited_world(more_notifiers: usize) -> World {
    let mut roles = vec![Roles::all(Updates::Polling).limited(telegrams())];
    roles.resize(1 + more_notifiers, Roles::notifier().limited(telegrams()));
    let world = World::with_processes(&roles).await;
    world.telegram.set(json!({ "rate_limits": true })).await;
    world
}

/// A meeting far away, of Ann and these people.
async fn invite(ann: &CalendarApp, uid: &str, people: impl Iterator<Item = i64>) {
    let lines: Vec<String> = people
        .map(|id| format!("ATTENDEE:mailto:tg_{id}@televent.internal"))
        .collect();
    ann.save(&format!("{uid}.ics"), meeting(uid, ANN, &lines.join("\n")))
        .await;
}

async fn add_crowd(world: &World, size: i64) {
    for id in CROWD..CROWD + size {
        world.telegram.add_person(id, &format!("Guest {id}")).await;
    }
}

/// When the calls that were taken came, in order.
async fn calls_taken(world: &World) -> Vec<DateTime<Utc>> {
    let mut times = Vec::new();
    for method in ["sendMessage", "editMessageText"] {
        let calls = world.telegram.calls(method).await;
        times.extend(
            calls
                .iter()
                .filter(|call| call.status == 200)
                .map(|call| call.time),
        );
    }
    times.sort_unstable();
    times
}

async fn refused(world: &World) -> usize {
    let mut count = 0;
    for method in ["sendMessage", "editMessageText"] {
        let calls = world.telegram.calls(method).await;
        count += calls.iter().filter(|call| call.status == 429).count();
    }
    count
}

async fn until_card(world: &World, id: i64) -> Message {
    until("a card", async || world.telegram.messages(id).await.pop()).await
}

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

/// A thousand invitations over three notifiers, while somebody else presses.
#[tokio::test]
#[ignore = "measures for a minute, alone on the machine: cargo test --release -p televent-tests --test limits -- --ignored --nocapture"]
async fn thousand_invitations() {
    const PEOPLE: i64 = 1_000;
    let world = limited_world(2).await;
    let ann = world.add_people().await;
    invite(&ann, "plan", [KIRILL].into_iter()).await;
    let mut card = until_card(&world, KIRILL).await;
    add_crowd(&world, PEOPLE).await;
    world.telegram.reset_meter().await;
    let begun = Instant::now();
    let begun_at = Utc::now();
    for part in 0..10 {
        let first = CROWD + part * PEOPLE / 10;
        invite(&ann, &format!("crowd-{part}"), first..first + PEOPLE / 10).await;
    }
    let mut on_card = Vec::new();
    while world.telegram.meter().await.total < PEOPLE && begun.elapsed() < Duration::from_secs(120)
    {
        let pressed_at = Instant::now();
        let label = if card.labels().contains(&"Accept") {
            "Accept"
        } else {
            "Change answer"
        };
        world.press(&card, label).await;
        card = until("the card to change", async || {
            let now = world.telegram.messages(KIRILL).await.pop()?;
            (now.edits > card.edits).then_some(now)
        })
        .await;
        on_card.push(pressed_at.elapsed());
        tokio::time::sleep(Duration::from_millis(900)).await;
    }
    let meter = world.telegram.meter().await;
    let last = calls_taken(&world).await.last().copied().expect("calls") - begun_at;
    on_card.sort_unstable();
    let of = |percent: usize| {
        on_card
            .get((on_card.len() * percent / 100).min(on_card.len() - 1))
            .copied()
    };
    println!("cards and edits      {}", meter.total);
    println!("most in a second     {}", meter.max_per_second);
    println!("most in a chat       {}", meter.max_per_second_per_chat);
    println!("refused (429)        {}", refused(&world).await);
    println!("answers to presses   {:?}", meter.answers);
    println!(
        "press to card        p50 {:?} p99 {:?} of {}",
        of(50),
        of(99),
        on_card.len()
    );
    println!("last card after      {} ms", last.num_milliseconds());
    world.abandon();
}
