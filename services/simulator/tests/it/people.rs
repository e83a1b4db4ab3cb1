//! What people do with the bot as a whole, and the guard before the control API.

use crate::harness::{BOB, SAM, World};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn start_sends_the_command_with_its_payload() {
    let world = World::start().await;
    world
        .post(
            &format!("/people/{SAM}/start"),
            json!({ "payload": "abc_1" }),
        )
        .await;
    let message = &world.updates().await[0]["message"];
    assert_eq!(message["text"], "/start abc_1");
    assert_eq!(
        message["entities"],
        json!([{ "type": "bot_command", "offset": 0, "length": 6 }])
    );
    assert_eq!(message["from"]["id"], message["chat"]["id"]);
    world.send(SAM, "now it works").await;
    let bad = Some(json!({ "payload": "a b" }));
    let (status, _) = world
        .try_control(Method::POST, &format!("/people/{SAM}/start"), bad)
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn blocking_tells_the_bot_once() {
    let world = World::start().await;
    let path = |what: &str| format!("/people/{BOB}/{what}");
    world.post(&path("block"), json!({})).await;
    world.post(&path("block"), json!({})).await;
    world.post(&path("start"), json!({})).await;
    let updates = world.updates().await;
    let statuses = |index: usize| {
        let change = &updates[index]["my_chat_member"];
        (
            change["old_chat_member"]["status"].clone(),
            change["new_chat_member"]["status"].clone(),
        )
    };
    assert_eq!(updates.len(), 3);
    assert_eq!(statuses(0), (json!("member"), json!("kicked")));
    assert_eq!(statuses(1), (json!("kicked"), json!("member")));
    assert_eq!(updates[2]["message"]["text"], "/start");
    assert_eq!(
        updates[0]["my_chat_member"]["new_chat_member"]["user"]["is_bot"],
        true
    );
}

#[tokio::test]
async fn a_second_put_keeps_what_it_does_not_name() {
    let world = World::start().await;
    world.send(BOB, "a").await;
    world.post(&format!("/people/{BOB}/block"), json!({})).await;
    let changed = world
        .put_person(BOB, json!({ "first_name": "Robert" }))
        .await;
    assert_eq!(
        (
            &changed["first_name"],
            &changed["started"],
            &changed["blocked"]
        ),
        (&json!("Robert"), &json!(true), &json!(true))
    );
    assert_eq!(changed["message_count"], 1);
    assert_eq!(world.get("/people").await.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn people_are_checked() {
    let world = World::start().await;
    let nameless = Some(json!({ "first_name": " " }));
    let fine = Some(json!({ "first_name": "A" }));
    for (path, body, expected) in [
        ("/people/7", nameless, StatusCode::BAD_REQUEST),
        ("/people/0", fine.clone(), StatusCode::BAD_REQUEST),
        (
            "/people/4503599627370497",
            fine.clone(),
            StatusCode::BAD_REQUEST,
        ),
        ("/people/4503599627370496", fine, StatusCode::OK),
        (
            "/people/7",
            Some(json!({ "first_name": "A", "nonsense": 1 })),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        assert_eq!(
            world.try_control(Method::PUT, path, body).await.0,
            expected,
            "{path}"
        );
    }
    let (status, _) = world
        .try_control(Method::POST, "/people/7/start", Some(json!({})))
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn foreign_pages_stay_out() {
    let world = World::start().await;
    let url = world.simulator.url();
    for path in ["/", "/_sim/people"] {
        let foreign = world
            .client
            .get(format!("{url}{path}"))
            .header("host", "evil.example");
        assert_eq!(
            foreign.send().await.expect("an answer").status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    let start = world.client.post(format!("{url}/_sim/people/{SAM}/start"));
    let form = start
        .try_clone()
        .expect("a request")
        .header("content-type", "text/plain")
        .body("{}");
    assert_eq!(
        form.send().await.expect("an answer").status(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let foreign = start
        .header("origin", "https://evil.example")
        .json(&json!({}));
    assert_eq!(
        foreign.send().await.expect("an answer").status(),
        StatusCode::FORBIDDEN
    );
}
