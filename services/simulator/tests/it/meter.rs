//! The meter of sends, edits and answers.

use crate::harness::{BOB, SAM, World};
use serde_json::json;

#[tokio::test]
async fn accepted_sends_and_edits_are_counted_and_refused_ones_are_not() {
    let world = World::start().await;
    let card = world.card().await;
    world.send(BOB, "a").await;
    let edit = json!({ "chat_id": BOB, "message_id": card, "text": "b" });
    world.ok("editMessageText", edit.clone()).await;
    world.call("editMessageText", edit).await;
    world
        .call("sendMessage", json!({ "chat_id": SAM, "text": "a" }))
        .await;
    let meter = world.get("/meter").await;
    assert_eq!(meter["total"], 3);
    assert!((1..=3).contains(&meter["max_per_second"].as_i64().expect("a number")));
    assert_eq!(meter["max_per_second_per_chat"]["chat_id"], BOB);
    let seconds = meter["by_second"].as_array().expect("a list");
    let counted: i64 = seconds
        .iter()
        .map(|second| second["count"].as_i64().expect("a number"))
        .sum();
    assert_eq!(counted, 3);

    let pressed = world
        .press(card, json!({ "data": "yes", "force": true }))
        .await;
    let answer = json!({ "callback_query_id": pressed["callback_query_id"] });
    world.ok("answerCallbackQuery", answer.clone()).await;
    world.ok("answerCallbackQuery", answer).await;
    let meter = world.get("/meter").await;
    assert_eq!(
        (&meter["total"], &meter["answer_ms"]["count"]),
        (&json!(3), &json!(1))
    );

    world.delete("/meter").await;
    assert_eq!(
        world.get("/meter").await,
        json!({
            "total": 0, "max_per_second": 0, "max_per_second_per_chat": null, "by_second": [],
            "answer_ms": { "count": 0, "p50": 0, "p99": 0, "max": 0 },
        })
    );
}
