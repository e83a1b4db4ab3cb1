//! Many people who are invited at once, by a bot that is limited, and a Telegram that counts.

use chrono::{DateTime, Utc};
use serde_json::json;
use televent_tests::{
    ANN, CalendarApp, Message, Roles, Updates, World, meeting, until, usual_limits,
};

/// The first of the people who are invited in numbers.
pub(crate) const CROWD: i64 = 700_000;

/// One process with all roles and as many more notifiers, all limited; a Telegram that is limited, too.
pub(crate) async fn limited_world(more_notifiers: usize) -> World {
    let mut roles = vec![Roles::all(Updates::Polling).limited(usual_limits())];
    roles.resize(
        1 + more_notifiers,
        Roles::notifier().limited(usual_limits()),
    );
    let world = World::with_processes(&roles).await;
    world.telegram.set(json!({ "rate_limits": true })).await;
    world
}

/// A meeting far away, of Ann and these people.
pub(crate) async fn invite(ann: &CalendarApp, uid: &str, people: impl Iterator<Item = i64>) {
    let lines: Vec<String> = people
        .map(|id| format!("ATTENDEE:mailto:tg_{id}@televent.internal"))
        .collect();
    ann.save(&format!("{uid}.ics"), meeting(uid, ANN, &lines.join("\n")))
        .await;
}

pub(crate) async fn add_crowd(world: &World, size: i64) {
    for id in CROWD..CROWD + size {
        world.telegram.add_person(id, &format!("Guest {id}")).await;
    }
}

/// When the calls that were taken came, in order.
pub(crate) async fn calls_taken(world: &World) -> Vec<DateTime<Utc>> {
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

pub(crate) async fn refused(world: &World) -> usize {
    let mut count = 0;
    for method in ["sendMessage", "editMessageText"] {
        let calls = world.telegram.calls(method).await;
        count += calls.iter().filter(|call| call.status == 429).count();
    }
    count
}

pub(crate) async fn until_card(world: &World, id: i64) -> Message {
    until("a card", async || world.telegram.messages(id).await.pop()).await
}
