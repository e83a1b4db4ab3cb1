//! Buttons: who may press what, what the bot gets, and how it may answer.

use crate::harness::{BOB, SAM, World};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::time::Duration;

const TOO_OLD: &str =
    "Bad Request: query is too old and response timeout expired or query ID is invalid";

#[tokio::test]
async fn a_press_becomes_a_callback_query_and_its_answer_is_seen() {
    let world = World::start().await;
    let card = world.card().await;
    let pressed = world.press(card, json!({ "data": "yes" })).await;
    let update = world.updates().await.remove(0);
    assert_eq!(update["update_id"], pressed["update_id"]);
    let query = &update["callback_query"];
    assert_eq!(query["id"], pressed["callback_query_id"]);
    assert_eq!(
        query["from"],
        json!({ "id": BOB, "is_bot": false, "first_name": "Bob", "username": "bob", "language_code": "en" })
    );
    assert_eq!(
        (&query["data"], &query["message"]["message_id"]),
        (&json!("yes"), &json!(card))
    );
    assert!(query["chat_instance"].is_string());

    let path = format!("/callbacks/{}", query["id"].as_str().expect("an id"));
    assert_eq!(world.get(&path).await["answered"], false);
    let answer = json!({ "callback_query_id": query["id"], "text": "Noted", "show_alert": true });
    assert_eq!(world.ok("answerCallbackQuery", answer).await, true);
    let seen = world.get(&path).await;
    assert_eq!(
        (&seen["answered"], &seen["text"], &seen["show_alert"]),
        (&json!(true), &json!("Noted"), &json!(true))
    );
    assert!(seen["answered_after_ms"].is_u64());
}

#[tokio::test]
async fn late_unknown_and_long_answers_are_refused() {
    let world = World::start().await;
    world
        .refused(
            "answerCallbackQuery",
            json!({ "callback_query_id": "1" }),
            400,
            TOO_OLD,
        )
        .await;
    let card = world.card().await;
    let pressed = world.press(card, json!({ "data": "yes" })).await;
    let long =
        json!({ "callback_query_id": pressed["callback_query_id"], "text": "x".repeat(201) });
    world
        .refused(
            "answerCallbackQuery",
            long,
            400,
            "Bad Request: MESSAGE_TOO_LONG",
        )
        .await;
    world
        .post("/settings", json!({ "query_ttl_s": 0.02 }))
        .await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    world
        .refused(
            "answerCallbackQuery",
            json!({ "callback_query_id": pressed["callback_query_id"] }),
            400,
            TOO_OLD,
        )
        .await;
}

#[tokio::test]
async fn only_buttons_of_the_message_unless_forced() {
    let world = World::start().await;
    let card = world.card().await;
    let path = format!("/chats/{BOB}/messages/{card}/press");
    let (status, _) = world
        .try_control(Method::POST, &path, Some(json!({ "data": "no" })))
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
    world
        .press(card, json!({ "data": "no", "force": true, "from": SAM }))
        .await;
    let query = &world.updates().await[0]["callback_query"];
    assert_eq!(
        (&query["from"]["id"], &query["message"]["chat"]["id"]),
        (&json!(SAM), &json!(BOB))
    );
}

#[tokio::test]
async fn presses_repeat_in_two_ways() {
    let world = World::start().await;
    let card = world.card().await;
    let first = world.press(card, json!({ "data": "yes" })).await;
    let resent = world
        .press(card, json!({ "data": "yes", "repeat": true }))
        .await;
    let second = world.press(card, json!({ "data": "yes" })).await;
    assert_eq!(first["callback_query_id"], resent["callback_query_id"]);
    assert_ne!(first["callback_query_id"], second["callback_query_id"]);
    assert_eq!(world.updates().await.len(), 3);
}
