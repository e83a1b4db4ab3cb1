//! `getUpdates`: acknowledging, waiting, conflicts, and updates that grow old.

use crate::harness::{BOB, World};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn say(world: &World, text: &str) -> i64 {
    let said = world
        .post(&format!("/chats/{BOB}/text"), json!({ "text": text }))
        .await;
    said["update_id"].as_i64().expect("an id")
}

fn texts(updates: &[Value]) -> Vec<&str> {
    updates
        .iter()
        .filter_map(|update| update["message"]["text"].as_str())
        .collect()
}

#[tokio::test]
async fn offsets_acknowledge() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for text in ["a", "b", "c"] {
        ids.push(say(&world, text).await);
    }
    assert_eq!(ids[2], ids[0] + 2);
    assert_eq!(texts(&world.updates().await), ["a", "b", "c"]);
    let two = world
        .ok("getUpdates", json!({ "offset": ids[1], "limit": 1 }))
        .await;
    assert_eq!(texts(two.as_array().expect("a list")), ["b"]);
    assert_eq!(texts(&world.updates().await), ["b", "c"]);
    let last = world.ok("getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(texts(last.as_array().expect("a list")), ["c"]);
    assert_eq!(texts(&world.updates().await), ["c"]);
}

#[tokio::test]
async fn a_long_poll_waits_for_the_update() {
    let world = World::start().await;
    let started = Instant::now();
    let poll = world.ok("getUpdates", json!({ "timeout": 30 }));
    let later = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        say(&world, "late").await;
    };
    let (updates, ()) = tokio::join!(poll, later);
    assert_eq!(texts(updates.as_array().expect("a list")), ["late"]);
    assert!(started.elapsed() < Duration::from_secs(10));
    let empty = world
        .ok(
            "getUpdates",
            json!({ "offset": updates[0]["update_id"].as_i64().expect("id") + 1, "timeout": 1 }),
        )
        .await;
    assert_eq!(empty, json!([]));
}

#[tokio::test]
async fn a_second_poll_ends_the_first() {
    let world = World::start().await;
    let first = world.call("getUpdates", json!({ "timeout": 30 }));
    let second = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.ok("getUpdates", json!({ "timeout": 0 })).await
    };
    let ((status, answer), _) = tokio::join!(first, second);
    assert_eq!((status, &answer["error_code"]), (409, &json!(409)));
    let conflict = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    assert_eq!(answer["description"], conflict);
}

#[tokio::test]
async fn polls_and_webhooks_exclude_each_other() {
    let world = World::start().await;
    let poll = world.call("getUpdates", json!({ "timeout": 30 }));
    let webhook = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world
            .ok("setWebhook", json!({ "url": "http://127.0.0.1:9/none" }))
            .await
    };
    let ((status, answer), _) = tokio::join!(poll, webhook);
    assert_eq!(
        (status, &answer["description"]),
        (409, &json!("Conflict: terminated by setWebhook request"))
    );
    let active = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
                  webhook first";
    world.refused("getUpdates", json!({}), 409, active).await;
    world.ok("deleteWebhook", json!({})).await;
    assert!(world.updates().await.is_empty());
}

#[tokio::test]
async fn allowed_updates_are_remembered() {
    let world = World::start().await;
    world
        .ok(
            "getUpdates",
            json!({ "allowed_updates": ["callback_query"] }),
        )
        .await;
    let said = world
        .post(&format!("/chats/{BOB}/text"), json!({ "text": "unheard" }))
        .await;
    assert_eq!(said["update_id"], Value::Null);
    let card = world.card().await;
    world.press(card, json!({ "data": "yes" })).await;
    assert_eq!(world.updates().await.len(), 1);
    world
        .ok("getUpdates", json!({ "allowed_updates": "[]" }))
        .await;
    say(&world, "heard").await;
    assert_eq!(world.updates().await.len(), 2);
}

#[tokio::test]
async fn callback_queries_are_lost_before_messages() {
    let world = World::start().await;
    world
        .post("/settings", json!({ "callback_update_ttl_s": 0.05 }))
        .await;
    let card = world.card().await;
    world.press(card, json!({ "data": "yes" })).await;
    say(&world, "stays").await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    let updates = world.updates().await;
    assert_eq!((updates.len(), texts(&updates)), (1, vec!["stays"]));
}

#[tokio::test]
async fn raw_updates_arrive_verbatim() {
    let world = World::start().await;
    let id = world
        .post("/updates", json!({ "poll": { "odd": [1, 2] } }))
        .await["update_id"]
        .as_i64()
        .expect("an id");
    world
        .post("/updates", json!({ "update_id": id + 50, "message": 7 }))
        .await;
    let updates = world.updates().await;
    assert_eq!(
        updates[0],
        json!({ "update_id": id, "poll": { "odd": [1, 2] } })
    );
    assert_eq!(updates[1], json!({ "update_id": id + 50, "message": 7 }));
    let said = world
        .post(&format!("/chats/{BOB}/text"), json!({ "text": "next" }))
        .await;
    assert_eq!(said["update_id"], json!(id + 51));
}
