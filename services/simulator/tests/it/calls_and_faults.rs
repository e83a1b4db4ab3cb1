//! The call log, and every fault that can be switched on.

use crate::harness::{BOB, SAM, TOKEN, World};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn calls_are_logged_without_the_token() {
    let world = World::start().await;
    world.send(BOB, "a").await;
    world
        .call("sendMessage", json!({ "chat_id": SAM, "text": "b" }))
        .await;
    world.ok("getMe", json!({})).await;
    let log = world
        .get(&format!("/calls?method=SENDMESSAGE&chat_id={SAM}"))
        .await;
    assert_eq!(log["calls"].as_array().map(Vec::len), Some(1));
    let call = &log["calls"][0];
    assert_eq!(
        (&call["method"], &call["status"], &call["number"]),
        (&json!("sendMessage"), &json!(403), &json!(2))
    );
    assert_eq!(
        call["description"],
        "Forbidden: bot can't initiate conversation with a user"
    );
    assert_eq!(call["parameters"], json!({ "chat_id": SAM, "text": "b" }));
    assert_eq!(
        (&log["total"], &log["counters"]["sendMessage"]),
        (&json!(3), &json!({ "200": 1, "403": 1 }))
    );
    let secret = json!({ "url": "http://127.0.0.1:9/x", "secret_token": "hidden" });
    world.ok("setWebhook", secret).await;
    let everything = world.get("/calls").await.to_string();
    assert!(!everything.contains(TOKEN) && !everything.contains("hidden"));
}

#[tokio::test]
async fn faults_that_refuse() {
    let world = World::start().await;
    world
        .post(
            "/faults",
            json!({ "method": "sendMessage", "chat_id": BOB, "kind": "429", "retry_after": 7 }),
        )
        .await;
    let (status, answer) = world
        .call("SendMessage", json!({ "chat_id": BOB, "text": "a" }))
        .await;
    assert_eq!(status, 429);
    assert_eq!(
        answer,
        json!({
            "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 7",
            "parameters": { "retry_after": 7 },
        })
    );
    world
        .post("/faults", json!({ "kind": "500", "times": 2 }))
        .await;
    for _ in 0..2 {
        world
            .refused("getMe", json!({}), 500, "Internal Server Error: restart")
            .await;
    }
    world.post("/faults", json!({ "method": "getMe", "kind": "refuse", "status": 400, "description": "Bad Request: odd" })).await;
    world
        .refused("getMe", json!({}), 400, "Bad Request: odd")
        .await;
    world
        .post("/faults", json!({ "method": "getMe", "kind": "502_html" }))
        .await;
    let page = world
        .client
        .get(world.method_url("getMe"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(page.status().as_u16(), 502);
    assert_eq!(page.headers()["content-type"], "text/html");
    world
        .post("/faults", json!({ "kind": "500", "times": 100 }))
        .await;
    assert_eq!(world.get("/faults").await[0]["times"], 100);
    world.delete("/faults").await;
    world.ok("getMe", json!({})).await;
    assert!(world.messages(BOB).await.is_empty());
}

#[tokio::test]
async fn a_lost_answer_comes_after_the_effect() {
    let world = World::start().await;
    world
        .post(
            "/faults",
            json!({ "method": "sendMessage", "kind": "lost_answer" }),
        )
        .await;
    let body = json!({ "chat_id": BOB, "text": "sent all the same" });
    let error = world
        .client
        .post(world.method_url("sendMessage"))
        .json(&body)
        .send()
        .await
        .expect_err("no answer");
    assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(world.messages(BOB).await.len(), 1);
    let call = &world.get("/calls").await["calls"][0];
    assert_eq!(
        (&call["status"], &call["fault"]),
        (&json!(0), &json!("lost_answer"))
    );
    world.send(BOB, "the next one is answered").await;
}

#[tokio::test]
async fn a_hang_does_nothing_when_the_caller_leaves() {
    let world = World::start().await;
    let impatient = |text: &str| {
        let body = json!({ "chat_id": BOB, "text": text });
        world
            .client
            .post(world.method_url("sendMessage"))
            .timeout(Duration::from_millis(100))
            .json(&body)
            .send()
    };
    world
        .post("/faults", json!({ "kind": "hang", "seconds": 0.3 }))
        .await;
    assert!(impatient("never").await.expect_err("late").is_timeout());
    world
        .post(
            "/faults",
            json!({ "kind": "hang", "seconds": 0.3, "performs": true }),
        )
        .await;
    assert!(impatient("done").await.expect_err("late").is_timeout());
    tokio::time::sleep(Duration::from_millis(400)).await;
    let texts: Vec<Value> = world
        .messages(BOB)
        .await
        .iter()
        .map(|message| message["text"].clone())
        .collect();
    assert_eq!(texts, ["done"]);
}

#[tokio::test]
async fn an_update_is_delivered_twice() {
    let world = World::start().await;
    world
        .post(
            "/faults",
            json!({ "kind": "duplicate_delivery", "chat_id": BOB }),
        )
        .await;
    world
        .post(&format!("/chats/{BOB}/text"), json!({ "text": "twice" }))
        .await;
    world
        .post(&format!("/chats/{BOB}/text"), json!({ "text": "once" }))
        .await;
    let updates = world.updates().await;
    assert_eq!(updates.len(), 3);
    assert_eq!(updates[0], updates[1]);
}

#[tokio::test]
async fn rate_limits_can_be_switched_on() {
    let world = World::start().await;
    world
        .put_person(SAM, json!({ "first_name": "Sam", "started": true }))
        .await;
    world
        .post("/settings", json!({ "rate_limits": true }))
        .await;
    world.send(BOB, "a").await;
    let (status, answer) = world
        .call("sendMessage", json!({ "chat_id": BOB, "text": "b" }))
        .await;
    assert_eq!(
        (status, &answer["parameters"]["retry_after"]),
        (429, &json!(1))
    );
    world.send(SAM, "another chat").await;
}
