//! Webhook delivery against a listener that says what the test tells it to.

use crate::harness::{BOB, SAM, World};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::{Mutex, mpsc},
};

const WAIT: Duration = Duration::from_secs(10);

/// One delivery as it arrived.
struct Delivery {
    head: String,
    body: String,
}

/// A webhook that answers with the given statuses in turn and with 200 after them.
async fn webhook(answers: &[&str]) -> (String, mpsc::Receiver<Delivery>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let answers: Vec<String> = answers
        .iter()
        .rev()
        .map(|answer| (*answer).to_owned())
        .collect();
    let answers = Arc::new(Mutex::new(answers));
    let (sender, receiver) = mpsc::channel(100);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (sender, answers) = (sender.clone(), Arc::clone(&answers));
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                let mut chunk = [0; 4096];
                let delivery = loop {
                    let count = stream.read(&mut chunk).await.unwrap_or(0);
                    if count == 0 {
                        return;
                    }
                    bytes.extend_from_slice(&chunk[..count]);
                    if let Some(delivery) = complete(&bytes) {
                        break delivery;
                    }
                };
                let answer = answers
                    .lock()
                    .await
                    .pop()
                    .unwrap_or_else(|| "200 OK".to_owned());
                let _ = sender.send(delivery).await;
                let text =
                    format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = stream.write_all(text.as_bytes()).await;
            });
        }
    });
    (url, receiver)
}

fn complete(bytes: &[u8]) -> Option<Delivery> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let length: usize = head
        .split("content-length: ")
        .nth(1)?
        .lines()
        .next()?
        .trim()
        .parse()
        .ok()?;
    (body.len() >= length).then(|| Delivery {
        head,
        body: body.to_owned(),
    })
}

async fn next(deliveries: &mut mpsc::Receiver<Delivery>) -> Delivery {
    tokio::time::timeout(WAIT, deliveries.recv())
        .await
        .expect("a delivery in time")
        .expect("a delivery")
}

async fn next_update(deliveries: &mut mpsc::Receiver<Delivery>) -> Value {
    serde_json::from_str(&next(deliveries).await.body).expect("JSON")
}

async fn say(world: &World, id: i64, text: &str) {
    world
        .post(&format!("/chats/{id}/text"), json!({ "text": text }))
        .await;
}

async fn pending(world: &World) -> u64 {
    world.ok("getWebhookInfo", json!({})).await["pending_update_count"]
        .as_u64()
        .expect("a count")
}

async fn until_delivered(world: &World) {
    for _ in 0..200 {
        if pending(world).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("updates are still pending");
}

#[tokio::test]
async fn deliveries_carry_the_secret_and_are_repeated_until_taken() {
    let world = World::start().await;
    world
        .post("/settings", json!({ "webhook_retry_base_s": 0.05 }))
        .await;
    let (url, mut deliveries) = webhook(&["503 Busy", "500 Broken"]).await;
    world
        .ok(
            "setWebhook",
            json!({ "url": url, "secret_token": "s3cret-Token_" }),
        )
        .await;
    say(&world, BOB, "a").await;
    say(&world, BOB, "b").await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let delivery = next(&mut deliveries).await;
        assert!(
            delivery.head.starts_with("post /hook http/1.1"),
            "{}",
            delivery.head
        );
        assert!(
            delivery
                .head
                .contains("x-telegram-bot-api-secret-token: s3cret-token_"),
            "{}",
            delivery.head
        );
        assert!(delivery.head.contains("content-type: application/json"));
        let update: Value = serde_json::from_str(&delivery.body).expect("JSON");
        seen.push((
            update["message"]["text"].clone(),
            update["update_id"].clone(),
        ));
    }
    let texts: Vec<&Value> = seen.iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["a", "a", "a", "b"]);
    assert_eq!(seen[0].1, seen[2].1, "the update id is stable over retries");
    until_delivered(&world).await;
    let info = world.ok("getWebhookInfo", json!({})).await;
    assert_eq!(
        info["last_error_message"],
        "Wrong response from the webhook: 500 Internal Server Error"
    );
    assert_eq!(
        (&info["url"], &info["max_connections"]),
        (&json!(url), &json!(40))
    );
}

#[tokio::test]
async fn retry_after_is_honoured_and_holds_up_only_its_person() {
    let world = World::start().await;
    let (url, mut deliveries) = webhook(&["503 Busy\r\nRetry-After: 3600"]).await;
    world.ok("setWebhook", json!({ "url": url })).await;
    say(&world, BOB, "held").await;
    assert_eq!(
        next_update(&mut deliveries).await["message"]["text"],
        "held"
    );
    say(&world, BOB, "behind it").await;
    say(&world, SAM, "free").await;
    let delivery = next(&mut deliveries).await;
    assert!(delivery.body.contains("free"), "{}", delivery.body);
    assert!(!delivery.head.contains("secret-token"));
    assert_eq!(pending(&world).await.min(2), 2);
}

#[tokio::test]
async fn duplicates_and_garbage_are_delivered() {
    let world = World::start().await;
    let (url, mut deliveries) = webhook(&[]).await;
    world
        .post("/faults", json!({ "kind": "duplicate_delivery" }))
        .await;
    world.ok("setWebhook", json!({ "url": url })).await;
    say(&world, BOB, "twice").await;
    let first = next_update(&mut deliveries).await;
    assert_eq!(first, next_update(&mut deliveries).await);
    world.post("/updates", json!({ "raw": "{not json" })).await;
    assert_eq!(next(&mut deliveries).await.body, "{not json");
    until_delivered(&world).await;
}

#[tokio::test]
async fn webhooks_are_checked_and_replaced() {
    let world = World::start().await;
    let set = |url: &str, secret: &str| json!({ "url": url, "secret_token": secret });
    let local = "http://127.0.0.1:9/x";
    let insecure = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook";
    world
        .refused("setWebhook", set("http://a.example/x", ""), 400, insecure)
        .await;
    let characters = "Bad Request: secret token contains unallowed characters";
    world
        .refused("setWebhook", set(local, "not good"), 400, characters)
        .await;
    world
        .refused(
            "setWebhook",
            set(local, &"x".repeat(257)),
            400,
            "Bad Request: secret token is too long",
        )
        .await;
    let (_, answer) = world.call("setWebhook", set(local, "a")).await;
    assert_eq!(
        answer,
        json!({ "ok": true, "result": true, "description": "Webhook was set" })
    );
    let (_, answer) = world.call("setWebhook", set(local, "a")).await;
    assert_eq!(answer["description"], "Webhook is already set");
    say(&world, BOB, "dropped").await;
    let (_, answer) = world
        .call("deleteWebhook", json!({ "drop_pending_updates": "True" }))
        .await;
    assert_eq!(answer["description"], "Webhook was deleted");
    assert!(world.updates().await.is_empty());
}
