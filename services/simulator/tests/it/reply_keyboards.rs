//! Reply keyboards, and what people share through them.

use crate::harness::{BOB, SAM, World};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn people_button(more: &Value) -> Value {
    let mut request = json!({ "request_id": 7 });
    let fields = request.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    json!({ "text": "Invite", "request_users": request })
}

async fn keyboard(world: &World, markup: Value) -> Value {
    let body = json!({ "chat_id": BOB, "text": "?", "reply_markup": markup });
    world.ok("sendMessage", body).await
}

async fn shown(world: &World) -> Value {
    world.get(&format!("/chats/{BOB}/keyboard")).await["keyboard"].clone()
}

async fn status(world: &World, what: &str, body: Value) -> StatusCode {
    let path = format!("/chats/{BOB}/{what}");
    world.try_control(Method::POST, &path, Some(body)).await.0
}

#[tokio::test]
async fn the_last_keyboard_is_shown_until_it_is_removed() {
    let world = World::start().await;
    assert_eq!(shown(&world).await, Value::Null);
    let markup = json!({ "keyboard": [["Today"]], "resize_keyboard": true, "input_field_placeholder": "Say it" });
    let sent = keyboard(&world, markup).await;
    assert!(
        sent.get("reply_markup").is_none(),
        "the Bot API does not show it back"
    );
    world
        .send(BOB, "a message without one changes nothing")
        .await;
    assert_eq!(
        shown(&world).await,
        json!({
            "message_id": sent["message_id"], "keyboard": [[{ "text": "Today" }]],
            "resize_keyboard": true, "input_field_placeholder": "Say it",
        })
    );
    let edit = json!({ "chat_id": BOB, "message_id": sent["message_id"], "text": "b" });
    let fixed = "Bad Request: message can't be edited";
    world.refused("editMessageText", edit, 400, fixed).await;

    keyboard(&world, json!({ "remove_keyboard": true })).await;
    assert_eq!(shown(&world).await, Value::Null);
    keyboard(&world, json!({ "keyboard": [["Again"]] })).await;
    keyboard(&world, json!({ "force_reply": true })).await;
    assert_eq!(
        shown(&world).await,
        Value::Null,
        "a ForceReply takes its place"
    );
}

#[tokio::test]
async fn people_are_shared_without_names_unless_these_are_asked_for() {
    let world = World::start().await;
    let share = json!({ "request_id": 7, "users": [SAM] });
    assert_eq!(
        status(&world, "users_shared", share.clone()).await,
        StatusCode::CONFLICT
    );
    keyboard(&world, json!({ "keyboard": [[people_button(&json!({}))]] })).await;
    world
        .post(&format!("/chats/{BOB}/users_shared"), share.clone())
        .await;
    let names = json!({ "request_name": true, "request_username": true, "max_quantity": 2, "user_is_bot": false });
    keyboard(&world, json!({ "keyboard": [[people_button(&names)]] })).await;
    let both = json!({ "request_id": 7, "users": [
        BOB, { "id": 5, "first_name": "Ann", "last_name": "Lee", "username": "ann" } ] });
    let sent = world
        .post(&format!("/chats/{BOB}/users_shared"), both)
        .await;
    assert!(sent["update_id"].is_i64());

    let updates = world.updates().await;
    assert_eq!(
        updates[0]["message"]["users_shared"],
        json!({ "request_id": 7, "users": [{ "user_id": SAM }] })
    );
    assert!(updates[0]["message"].get("text").is_none());
    assert_eq!(updates[0]["message"]["from"]["id"], BOB);
    assert_eq!(
        updates[1]["message"]["users_shared"]["users"],
        json!([
            { "user_id": BOB, "first_name": "Bob", "username": "bob" },
            { "user_id": 5, "first_name": "Ann", "last_name": "Lee", "username": "ann" },
        ])
    );
    let in_chat = world.messages(BOB).await;
    assert_eq!(
        in_chat.last().expect("a message")["users_shared"]["request_id"],
        7
    );

    for (body, expected) in [
        (
            json!({ "request_id": 8, "users": [SAM] }),
            StatusCode::CONFLICT,
        ),
        (
            json!({ "request_id": 7, "users": [SAM, BOB, SAM] }),
            StatusCode::CONFLICT,
        ),
        (
            json!({ "request_id": 7, "users": [] }),
            StatusCode::BAD_REQUEST,
        ),
        (
            json!({ "request_id": 7, "users": [99] }),
            StatusCode::NOT_FOUND,
        ),
        (
            json!({ "request_id": 8, "users": [SAM], "force": true }),
            StatusCode::OK,
        ),
    ] {
        assert_eq!(
            status(&world, "users_shared", body.clone()).await,
            expected,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_location_is_shared_where_it_is_asked_for() {
    let world = World::start().await;
    let here = json!({ "latitude": 52.52, "longitude": 13.4 });
    assert_eq!(
        status(&world, "location", here.clone()).await,
        StatusCode::CONFLICT
    );
    let button = json!({ "text": "Where I am", "request_location": true });
    keyboard(
        &world,
        json!({ "keyboard": [[button]], "one_time_keyboard": true }),
    )
    .await;
    world
        .post(&format!("/chats/{BOB}/location"), here.clone())
        .await;
    assert_eq!(world.updates().await[0]["message"]["location"], here);
    let nowhere = json!({ "latitude": 91, "longitude": 0, "force": true });
    assert_eq!(
        status(&world, "location", nowhere).await,
        StatusCode::BAD_REQUEST
    );
    keyboard(&world, json!({ "remove_keyboard": true })).await;
    let forged = json!({ "latitude": -1, "longitude": 1, "force": true });
    assert_eq!(status(&world, "location", forged).await, StatusCode::OK);
}

#[tokio::test]
async fn keyboards_are_checked() {
    let world = World::start().await;
    for (markup, why) in [
        (
            json!({ "keyboard": [[{}]] }),
            "can't parse keyboard button: Can't find field \"text\"",
        ),
        (
            json!({ "keyboard": [people_button(&json!({}))] }),
            "field \"keyboard\" must be an Array of Arrays",
        ),
        (
            json!({ "keyboard": [[people_button(&json!({ "max_quantity": 0 }))]] }),
            "can't parse keyboard button: Field \"max_quantity\" must be 1 to 10",
        ),
    ] {
        let body = json!({ "chat_id": BOB, "text": "?", "reply_markup": markup });
        let why = format!("Bad Request: {why}");
        world.refused("sendMessage", body, 400, &why).await;
    }
}
