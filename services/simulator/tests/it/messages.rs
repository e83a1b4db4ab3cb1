//! Sending, editing and deleting, and every refusal on the way.

use crate::harness::{BOB, SAM, TOKEN, World};
use serde_json::{Value, json};

const NOT_MODIFIED: &str = "Bad Request: message is not modified: specified new message content and reply markup are \
                            exactly the same as a current content and reply markup of the message";

#[tokio::test]
async fn token_and_method_are_checked() {
    let world = World::start().await;
    let url = world.simulator.url();
    for (path, status, description) in [
        ("/bot1000:wrong/getMe".to_owned(), 401, "Unauthorized"),
        (format!("/bot{TOKEN}/noSuchMethod"), 404, "Not Found"),
        ("/elsewhere".to_owned(), 404, "Not Found"),
    ] {
        let response = world
            .client
            .get(format!("{url}{path}"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status().as_u16(), status, "{path}");
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!(
            answer,
            json!({ "ok": false, "error_code": status, "description": description })
        );
    }
    world.simulator.stop().await;
}

#[tokio::test]
async fn methods_come_in_any_case_and_bodies_in_any_kind() {
    let world = World::start().await;
    for name in ["getMe", "GetMe", "getme"] {
        let me = world.ok(name, json!({})).await;
        assert_eq!(
            (&me["id"], &me["is_bot"], &me["username"]),
            (&json!(1000), &json!(true), &json!("televent_bot"))
        );
    }
    let keyboard = r#"{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}"#;
    let url = world.method_url("sendMessage");

    let query = world.client.get(&url).query(&[
        ("chat_id", "98765"),
        ("text", "query"),
        ("reply_markup", keyboard),
    ]);
    let form = world.client.post(&url).form(&[
        ("chat_id", "98765"),
        ("text", "form"),
        ("reply_markup", keyboard),
    ]);
    let multipart = world.client.post(&url).header("content-type", "multipart/form-data; boundary=X").body(format!(
        "--X\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n98765\r\n\
         --X\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nmultipart\r\n\
         --X\r\nContent-Disposition: form-data; name=\"reply_markup\"\r\n\r\n{keyboard}\r\n--X--\r\n"
    ));
    let json_text = world
        .client
        .post(&url)
        .json(&json!({ "chat_id": "98765", "text": "json", "reply_markup": keyboard }));
    for (name, request) in [
        ("query", query),
        ("form", form),
        ("multipart", multipart),
        ("json", json_text),
    ] {
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert_eq!(answer["result"]["text"], name, "{answer}");
        assert_eq!(
            answer["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "b",
            "{name}"
        );
    }

    let garbage = world
        .client
        .post(&url)
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await;
    assert_eq!(garbage.expect("an answer").status().as_u16(), 400);
    let huge = world
        .client
        .post(&url)
        .body(vec![b'x'; 2 * 1024 * 1024])
        .send()
        .await;
    // The server may also close the connection while the body still comes.
    assert!(huge.map_or(true, |response| response.status().as_u16() == 413));
}

#[tokio::test]
async fn a_message_has_the_shape_of_the_bot_api() {
    let world = World::start().await;
    let first = world.send(BOB, "one").await;
    let html =
        "📅 <b>Plan &amp; talk</b> <tg-time unix=\"1800000000\" format=\"wDt\">Fri</tg-time>";
    let body = json!({
        "chat_id": BOB, "text": html, "parse_mode": "HTML",
        "reply_parameters": { "message_id": first["message_id"] },
        "reply_markup": { "inline_keyboard": [[{ "text": "Go", "url": "https://a.example" }]] },
    });
    let second = world.ok("SendMessage", body).await;
    assert_eq!(
        second["message_id"],
        json!(first["message_id"].as_i64().expect("an id") + 1)
    );
    assert!(second["date"].is_i64());
    assert_eq!(second["from"]["is_bot"], true);
    assert_eq!(
        second["chat"],
        json!({ "id": BOB, "type": "private", "first_name": "Bob", "username": "bob" })
    );
    assert_eq!(second["text"], "📅 Plan & talk Fri");
    assert_eq!(
        second["entities"],
        json!([
            { "type": "bold", "offset": 3, "length": 11 },
            { "type": "date_time", "offset": 15, "length": 3, "unix_time": 1_800_000_000, "date_time_format": "wDt" },
        ])
    );
    assert_eq!(
        second["reply_to_message"]["message_id"],
        first["message_id"]
    );
    assert_eq!(
        second["reply_markup"]["inline_keyboard"][0][0]["url"],
        "https://a.example/"
    );

    let shown = world.messages(BOB).await;
    assert_eq!(
        shown[1]["html"],
        "📅 <b>Plan &amp; talk</b> <tg-time unix=\"1800000000\" format=\"wDt\">Fri</tg-time>"
    );
    assert_eq!(
        (&shown[1]["from_bot"], &shown[1]["edits"]),
        (&json!(true), &json!(0))
    );
}

#[tokio::test]
async fn texts_have_limits_after_parsing() {
    let world = World::start().await;
    let with = |text: &str| json!({ "chat_id": BOB, "text": text, "parse_mode": "HTML" });
    for empty in ["", " \n ", "<b></b>", "<b> </b>"] {
        world
            .refused(
                "sendMessage",
                with(empty),
                400,
                "Bad Request: message text is empty",
            )
            .await;
    }
    world
        .refused(
            "sendMessage",
            json!({ "chat_id": BOB }),
            400,
            "Bad Request: message text is empty",
        )
        .await;
    let long = "Bad Request: message is too long";
    world
        .refused("sendMessage", with(&"x".repeat(4097)), 400, long)
        .await;
    world
        .refused("sendMessage", with(&"😀".repeat(2049)), 400, long)
        .await;
    world
        .ok(
            "sendMessage",
            with(&format!("<b>{}</b>", "😀".repeat(2048))),
        )
        .await;
    world.ok("sendMessage", with(&"&amp;".repeat(4096))).await;
}

#[tokio::test]
async fn markup_errors_use_the_real_words() {
    let world = World::start().await;
    let with = |text: &str| json!({ "chat_id": BOB, "text": text, "parse_mode": "HTML" });
    for (text, why) in [
        ("a<x>b</x>", "Unsupported start tag \"x\" at byte offset 1"),
        (
            "<b>a",
            "Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "<b>a</i>",
            "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
        ),
        ("1 <2", "Unclosed start tag at byte offset 2"),
    ] {
        world
            .refused(
                "sendMessage",
                with(text),
                400,
                &format!("Bad Request: can't parse entities: {why}"),
            )
            .await;
    }
    let odd = json!({ "chat_id": BOB, "text": "a", "parse_mode": "BBCode" });
    world
        .refused(
            "sendMessage",
            odd,
            400,
            "Bad Request: unsupported parse_mode",
        )
        .await;

    world.post("/settings", json!({ "tg_time": false })).await;
    let older =
        "Bad Request: can't parse entities: Unsupported start tag \"tg-time\" at byte offset 0";
    world
        .refused(
            "sendMessage",
            with("<tg-time unix=\"1800000000\">a</tg-time>"),
            400,
            older,
        )
        .await;
}

#[tokio::test]
async fn keyboards_are_checked() {
    let world = World::start().await;
    let with = |button: Value| json!({ "chat_id": BOB, "text": "a", "reply_markup": { "inline_keyboard": [[button]] } });
    let long = with(json!({ "text": "a", "callback_data": "é".repeat(33) }));
    world
        .refused("sendMessage", long, 400, "Bad Request: BUTTON_DATA_INVALID")
        .await;
    let local = with(json!({ "text": "a", "url": "http://localhost/x" }));
    let why =
        "Bad Request: inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL";
    world.refused("sendMessage", local, 400, why).await;
    let broken = json!({ "chat_id": BOB, "text": "a", "reply_markup": "{" });
    world
        .refused(
            "sendMessage",
            broken,
            400,
            "Bad Request: can't parse reply keyboard markup JSON object",
        )
        .await;
}

#[tokio::test]
async fn chats_that_cannot_be_written_to() {
    let world = World::start().await;
    let send = |chat_id: Value| json!({ "chat_id": chat_id, "text": "a" });
    world
        .refused(
            "sendMessage",
            json!({ "text": "a" }),
            400,
            "Bad Request: chat_id is empty",
        )
        .await;
    for nobody in [json!(1), json!("@bob"), json!("x")] {
        world
            .refused(
                "sendMessage",
                send(nobody),
                400,
                "Bad Request: chat not found",
            )
            .await;
    }
    let stranger = "Forbidden: bot can't initiate conversation with a user";
    world
        .refused("sendMessage", send(json!(SAM)), 403, stranger)
        .await;
    world.post(&format!("/people/{BOB}/block"), json!({})).await;
    world
        .refused(
            "sendMessage",
            send(json!(BOB)),
            403,
            "Forbidden: bot was blocked by the user",
        )
        .await;
    world
        .post(&format!("/people/{BOB}/unblock"), json!({}))
        .await;
    world.send(BOB, "a").await;
    world
        .post(&format!("/people/{BOB}/deactivate"), json!({}))
        .await;
    world
        .refused(
            "sendMessage",
            send(json!(BOB)),
            403,
            "Forbidden: user is deactivated",
        )
        .await;
}

#[tokio::test]
async fn edits_change_the_message_and_refuse_what_is_the_same() {
    let world = World::start().await;
    let id = world.card().await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "yes" }]] });
    let same =
        json!({ "chat_id": BOB, "message_id": id, "text": "Come?", "reply_markup": keyboard });
    world
        .refused("editMessageText", same, 400, NOT_MODIFIED)
        .await;

    let edited = world.ok("editMessageText", json!({ "chat_id": BOB, "message_id": id, "text": "<b>Came</b>", "parse_mode": "HTML" })).await;
    assert_eq!(
        (&edited["message_id"], &edited["text"]),
        (&json!(id), &json!("Came"))
    );
    assert!(edited["edit_date"].is_i64());
    assert!(
        edited.get("reply_markup").is_none(),
        "an edit without a keyboard takes it away"
    );
    let again = json!({ "chat_id": BOB, "message_id": id, "text": "<strong>Came</strong>", "parse_mode": "HTML" });
    world
        .refused("editMessageText", again, 400, NOT_MODIFIED)
        .await;

    let markup = json!({ "chat_id": BOB, "message_id": id, "reply_markup": keyboard });
    world.ok("editMessageReplyMarkup", markup.clone()).await;
    world
        .refused("editMessageReplyMarkup", markup, 400, NOT_MODIFIED)
        .await;
    let shown = world.messages(BOB).await;
    assert_eq!(
        (&shown[0]["edits"], &shown[0]["history"]),
        (&json!(2), &json!(["Come?", "<b>Came</b>"]))
    );
}

#[tokio::test]
async fn messages_that_cannot_be_edited_or_deleted() {
    let world = World::start().await;
    let edit = |id: Value| json!({ "chat_id": BOB, "message_id": id, "text": "a" });
    world
        .refused(
            "editMessageText",
            edit(json!(77)),
            400,
            "Bad Request: message to edit not found",
        )
        .await;
    world
        .refused(
            "editMessageText",
            edit(Value::Null),
            400,
            "Bad Request: message identifier is not specified",
        )
        .await;
    let own = world
        .post(&format!("/chats/{BOB}/text"), json!({ "text": "mine" }))
        .await;
    world
        .refused(
            "editMessageText",
            edit(own["message_id"].clone()),
            400,
            "Bad Request: message can't be edited",
        )
        .await;

    let sent = world.send(BOB, "a").await;
    let delete = json!({ "chat_id": BOB, "message_id": sent["message_id"] });
    world.ok("deleteMessage", delete.clone()).await;
    world
        .refused(
            "deleteMessage",
            delete,
            400,
            "Bad Request: message to delete not found",
        )
        .await;
    assert_eq!(world.messages(BOB).await.len(), 1);
}

#[tokio::test]
async fn replies_to_nothing_are_refused_unless_they_need_not_be() {
    let world = World::start().await;
    let reply = |extra: bool| {
        let parameters = json!({ "message_id": 77, "allow_sending_without_reply": extra });
        json!({ "chat_id": BOB, "text": "a", "reply_parameters": parameters })
    };
    world
        .refused(
            "sendMessage",
            reply(false),
            400,
            "Bad Request: message to be replied not found",
        )
        .await;
    world.ok("sendMessage", reply(true)).await;
}

#[tokio::test]
async fn silence_and_protection_are_kept() {
    let world = World::start().await;
    let quiet = json!({ "chat_id": BOB, "text": "a", "disable_notification": true, "protect_content": true });
    let sent = world.ok("sendMessage", quiet).await;
    assert_eq!(sent["has_protected_content"], true);
    let loud = world.send(BOB, "b").await;
    assert!(loud.get("has_protected_content").is_none());
    let shown = world.messages(BOB).await;
    assert_eq!(
        (&shown[0]["silent"], &shown[0]["protected"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(shown[1]["silent"], false);
}

#[tokio::test]
async fn buttons_of_newer_servers_are_kept() {
    let world = World::start().await;
    let keyboard = json!({ "inline_keyboard": [
        [{ "text": "Yes", "callback_data": "y", "style": "success" }],
        [{ "text": "Copy", "copy_text": { "text": "https://a.example" } }, { "text": "Open", "url": "https://a.example/" }],
    ] });
    let body = json!({
        "chat_id": BOB, "text": "a", "reply_markup": keyboard, "message_effect_id": "1", "message_thread_id": 0,
    });
    let sent = world.ok("sendMessage", body).await;
    assert_eq!(sent["reply_markup"], keyboard);
}
