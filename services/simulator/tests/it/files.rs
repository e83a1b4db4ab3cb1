//! Photos and documents: uploads, captions, edits, and where the files are kept.

use crate::harness::{BOB, SAM, World};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// A picture of one pixel.
pub const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\x0d\
IDATx\x9cc\xf8\xff\xff\xff\x7f\0\x09\xfb\x03\xfd*\x86\xe3\x8a\0\0\0\0IEND\xae\x42\x60\x82";

const CALENDAR: &[u8] = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

async fn sent(world: &World, method: &str, fields: Value, name: &str, content: &[u8]) -> Value {
    let part = if method == "sendPhoto" {
        "photo"
    } else {
        "document"
    };
    let (status, answer) = world.upload(method, fields, part, name, content).await;
    assert_eq!(status, 200, "{answer}");
    answer["result"].clone()
}

async fn download(world: &World, file_id: &Value) -> reqwest::Response {
    let url = format!(
        "{}/_sim/files/{}",
        world.simulator.url(),
        file_id.as_str().expect("an id")
    );
    world.client.get(url).send().await.expect("an answer")
}

#[tokio::test]
async fn a_photo_is_sent_shown_and_sent_again() {
    let world = World::start().await;
    let first = world.send(BOB, "before").await;
    let fields = json!({
        "chat_id": BOB, "caption": "<b>Week</b> 3", "parse_mode": "HTML", "disable_notification": true,
        "reply_parameters": { "message_id": first["message_id"] },
        "reply_markup": { "inline_keyboard": [[{ "text": "More", "callback_data": "m" }]] },
    });
    let message = sent(&world, "sendPhoto", fields, "week.png", PNG).await;
    assert_eq!(
        (&message["caption"], &message["caption_entities"]),
        (
            &json!("Week 3"),
            &json!([{ "type": "bold", "offset": 0, "length": 4 }])
        )
    );
    assert!(message.get("text").is_none() && message.get("entities").is_none());
    assert_eq!(message["reply_to_message"]["text"], "before");
    let photo = &message["photo"][0];
    assert_eq!(
        (&photo["width"], &photo["height"], &photo["file_size"]),
        (&json!(1), &json!(1), &json!(PNG.len()))
    );

    let shown = &world.messages(BOB).await[1];
    assert_eq!(
        (&shown["html"], &shown["silent"], &shown["photo"]),
        (&json!("<b>Week</b> 3"), &json!(true), &message["photo"])
    );
    let file = download(&world, &photo["file_id"]).await;
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.headers()["x-content-type-options"], "nosniff");
    assert_eq!(file.bytes().await.expect("bytes"), PNG);

    let again = json!({ "chat_id": BOB, "photo": photo["file_id"] });
    let again = world.ok("sendPhoto", again).await;
    assert_eq!(again["photo"], message["photo"]);
    assert!(again.get("caption").is_none());
    let person = world.get(&format!("/people/{BOB}")).await;
    assert_eq!(person["last_message"]["attachment"], "Photo");
}

#[tokio::test]
async fn a_document_keeps_its_name_and_is_downloaded() {
    let world = World::start().await;
    let fields = json!({ "chat_id": BOB, "document": "attach://document" });
    let message = sent(&world, "sendDocument", fields, "meeting.ics", CALENDAR).await;
    let document = &message["document"];
    assert_eq!(
        (
            &document["file_name"],
            &document["mime_type"],
            &document["file_size"]
        ),
        (
            &json!("meeting.ics"),
            &json!("text/calendar"),
            &json!(CALENDAR.len())
        )
    );
    let file = download(&world, &document["file_id"]).await;
    assert_eq!(file.headers()["content-disposition"], "attachment");
    assert_eq!(file.bytes().await.expect("bytes"), CALENDAR);
    let calls = world.get("/calls?method=sendDocument").await;
    assert_eq!(
        calls["calls"][0]["parameters"],
        json!({ "chat_id": "98765", "document": { "file_name": "meeting.ics", "file_size": CALENDAR.len() } })
    );

    let as_photo = json!({ "chat_id": BOB, "photo": document["file_id"] });
    let mismatch = "Bad Request: can't use file of type Document as Photo";
    world.refused("sendPhoto", as_photo, 400, mismatch).await;
    assert_eq!(
        download(&world, &json!("nobody")).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let world = World::start().await;
    let to_bob = json!({ "chat_id": BOB });
    for (method, body, why) in [
        (
            "sendPhoto",
            to_bob.clone(),
            "there is no photo in the request",
        ),
        (
            "sendDocument",
            to_bob.clone(),
            "there is no document in the request",
        ),
        (
            "sendPhoto",
            json!({ "chat_id": BOB, "photo": "attach://elsewhere" }),
            "there is no photo in the request",
        ),
        (
            "sendPhoto",
            json!({ "chat_id": BOB, "photo": "AgAC" }),
            "wrong remote file identifier specified: can't unserialize it",
        ),
        (
            "sendPhoto",
            json!({ "chat_id": BOB, "photo": "../etc" }),
            "wrong remote file identifier specified: Wrong character in the string",
        ),
        (
            "sendPhoto",
            json!({ "chat_id": BOB, "photo": "https://a.example/x.png" }),
            "failed to get HTTP URL content",
        ),
    ] {
        let why = format!("Bad Request: {why}");
        world.refused(method, body, 400, &why).await;
    }
    let photo = async |content: &[u8]| {
        let (_, answer) = world
            .upload("sendPhoto", to_bob.clone(), "photo", "a.png", content)
            .await;
        answer["description"].clone()
    };
    assert_eq!(photo(b"").await, "Bad Request: file must be non-empty");
    assert_eq!(photo(b"<svg/>").await, "Bad Request: IMAGE_PROCESS_FAILED");
    let cut = &PNG[..PNG.len() - 4];
    assert_eq!(photo(cut).await, "Bad Request: IMAGE_PROCESS_FAILED");
    let huge = vec![0; 10 * 1024 * 1024 + 1];
    assert_eq!(
        photo(&huge).await,
        "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
    );

    let stranger = json!({ "chat_id": SAM });
    let (status, _) = world
        .upload("sendPhoto", stranger, "photo", "a.png", PNG)
        .await;
    assert_eq!((status, world.messages(BOB).await.len()), (403, 0));
}

#[tokio::test]
async fn captions_have_a_limit_of_their_own() {
    let world = World::start().await;
    let with =
        |caption: String| json!({ "chat_id": BOB, "parse_mode": "HTML", "caption": caption });
    let long = with(format!("<b>{}</b>", "😀".repeat(512)));
    sent(&world, "sendPhoto", long, "a.png", PNG).await;
    for (caption, why) in [
        ("x".repeat(1025), "message caption is too long"),
        (
            "<b>x".to_owned(),
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
    ] {
        let (status, answer) = world
            .upload("sendDocument", with(caption), "document", "a", PNG)
            .await;
        assert_eq!(
            (status, &answer["description"]),
            (400, &json!(format!("Bad Request: {why}")))
        );
    }
}

#[tokio::test]
async fn captions_are_edited_and_texts_are_not_theirs() {
    let world = World::start().await;
    let fields = json!({ "chat_id": BOB, "caption": "one" });
    let message = sent(&world, "sendPhoto", fields, "a.png", PNG).await;
    let edit = |more: Value| {
        let mut body = json!({ "chat_id": BOB, "message_id": message["message_id"] });
        let fields = body.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        body
    };
    world
        .refused(
            "editMessageText",
            edit(json!({ "text": "two" })),
            400,
            "Bad Request: there is no text in the message to edit",
        )
        .await;
    let edited = world
        .ok("editMessageCaption", edit(json!({ "caption": "two" })))
        .await;
    assert_eq!(
        (&edited["caption"], &edited["photo"]),
        (&json!("two"), &message["photo"])
    );
    let (_, same) = world
        .call("editMessageCaption", edit(json!({ "caption": "two" })))
        .await;
    assert!(
        same["description"]
            .as_str()
            .is_some_and(|why| why.starts_with("Bad Request: message is not modified")),
        "{same}"
    );
    let keyboard = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "b" }]] });
    let marked = world
        .ok(
            "editMessageReplyMarkup",
            edit(json!({ "reply_markup": keyboard })),
        )
        .await;
    assert_eq!(
        (&marked["caption"], &marked["reply_markup"]),
        (&json!("two"), &keyboard)
    );
    let bare = world.ok("editMessageCaption", edit(json!({}))).await;
    assert!(bare.get("caption").is_none());
    assert_eq!(
        world.messages(BOB).await[0]["history"],
        json!(["one", "two", "two"])
    );
    world.ok("deleteMessage", edit(json!({}))).await;

    let text = world.send(BOB, "a").await;
    let body = json!({ "chat_id": BOB, "message_id": text["message_id"], "caption": "b" });
    let none = "Bad Request: there is no caption in the message to edit";
    world.refused("editMessageCaption", body, 400, none).await;
}

#[tokio::test]
async fn a_document_of_fifty_megabytes_is_too_big_by_a_byte() {
    let world = World::start().await;
    let content = vec![b'x'; 50 * 1024 * 1024 + 1];
    let fields = json!({ "chat_id": BOB });
    let (status, answer) = world
        .upload("sendDocument", fields.clone(), "document", "a", &content)
        .await;
    assert_eq!(
        (status, &answer["description"]),
        (413, &json!("Request Entity Too Large"))
    );
    let (status, _) = world
        .upload("sendDocument", fields, "document", "a", &content[1..])
        .await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn files_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("simulator.json");
    let world = World::with_state_file(Some(path.clone())).await;
    world
        .put_person(BOB, json!({ "first_name": "Bob", "started": true }))
        .await;
    let fields = json!({ "chat_id": BOB });
    let message = sent(&world, "sendDocument", fields.clone(), "a.ics", CALENDAR).await;
    world.simulator.stop().await;

    let world = World::with_state_file(Some(path)).await;
    let file_id = &message["document"]["file_id"];
    let file = download(&world, file_id).await;
    assert_eq!(file.bytes().await.expect("bytes"), CALENDAR);
    assert_eq!(
        world.messages(BOB).await[0]["document"],
        message["document"]
    );
    let second = sent(&world, "sendDocument", fields, "a.ics", CALENDAR).await;
    assert_ne!(&second["document"]["file_id"], file_id);
}
