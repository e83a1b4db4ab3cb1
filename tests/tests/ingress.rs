//! How updates come in: the webhook that says 200 only when it has them, and long polling by one process
//! of many. Repeats, garbage, and the wrong order.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use televent_tests::{ANN, KIRILL, Message, Roles, Updates, World, buttons, meeting, until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const SECRET: &str = "Secret-of_the-webhook";
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

async fn webhook_world() -> World {
    let world = World::with_processes(&[Roles::all(Updates::Webhook(SECRET))]).await;
    until("the webhook to be registered", async || {
        let info = world.telegram.call("getWebhookInfo", json!({})).await;
        let url = info.pointer("/result/url")?.as_str()?.to_owned();
        url.ends_with("/telegram/webhook").then_some(())
    })
    .await;
    world
}

/// Posts to the webhook as Telegram would, or as somebody who pretends to be.
async fn post(world: &World, secret: Option<&str>, body: String) -> reqwest::Response {
    let url = format!("{}/telegram/webhook", world.url());
    let client = Client::builder().no_proxy().build().expect("a client");
    let mut request = client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    if let Some(secret) = secret {
        request = request.header(SECRET_HEADER, secret);
    }
    request.send().await.expect("the webhook answers")
}

/// Kirill's press as an update with this id.
fn press_update(update_id: i64, card: &Message, label: &str) -> Value {
    json!({ "update_id": update_id, "callback_query": {
        "id": format!("query-{update_id}"),
        "from": { "id": KIRILL, "is_bot": false, "first_name": "Kirill" },
        "message": { "message_id": card.id, "date": 1, "chat": { "id": KIRILL, "type": "private" } },
        "chat_instance": "1",
        "data": card.data(label),
    }})
}

#[tokio::test]
async fn webhook_says_200_when_jetstream_has_the_update() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    let update = press_update(500, &card, "Accept");
    let reply = post(&world, Some(SECRET), update.to_string()).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let updates = world.nats.updates().await;
    let stored = updates.last().unwrap();
    assert_eq!(stored.subject, format!("televent.update.{KIRILL}"));
    assert_eq!(stored.headers["Nats-Msg-Id"], "1000-500");
    // What is needed of it, and nothing else.
    let kept = &stored.payload["update"]["callback_query"];
    for field in ["id", "data"] {
        assert_eq!(kept[field], update["callback_query"][field]);
    }
    assert_eq!(kept["from"]["id"], KIRILL);
    assert_eq!(kept["message"]["message_id"], card.id);
    assert_eq!(kept.get("chat_instance"), None);
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    world.finish().await;
}

#[tokio::test]
async fn press_comes_in_through_the_registered_webhook() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    world.press(&card, "Maybe").await;
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    assert_eq!(world.status("plan", KIRILL).await, "TENTATIVE");
    assert_eq!(world.telegram.call_count("getUpdates").await, 0);
    world.finish().await;
}

#[tokio::test]
async fn webhook_refuses_whoever_does_not_know_the_secret() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    let update = press_update(500, &card, "Accept").to_string();
    let before = world.nats.updates().await;
    for secret in [
        None,
        Some(""),
        Some("wrong"),
        Some("Secret-of_the-webhoo"),
        Some("Secret-of_the-webhook1"),
    ] {
        let reply = post(&world, secret, update.clone()).await;
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "{secret:?}");
    }
    assert_eq!(world.nats.updates().await, before);
    assert_eq!(world.status("plan", KIRILL).await, "NEEDS-ACTION");
    world.finish().await;
}

#[tokio::test]
async fn wrong_secret_is_refused_before_the_body_is_sent() {
    let world = webhook_world().await;
    let mut socket = TcpStream::connect(world.url().trim_start_matches("http://"))
        .await
        .unwrap();
    let head = format!(
        "POST /telegram/webhook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: wrong\r\nContent-Length: 1000000\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let read = socket.read_buf(&mut answer).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
    }
    assert!(answer.starts_with(b"HTTP/1.1 401 "));
    world.finish().await;
}

#[tokio::test]
async fn garbage_is_taken_and_dropped() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    let before = world.nats.updates().await;
    for body in [
        "{not json",
        "",
        "null",
        "[]",
        "{}",
        r#"{"update_id":"x"}"#,
        r#"{"update_id":7}"#,
        r#"{"update_id":7,"from_the_future":{"from":{"id":98765}}}"#,
    ] {
        let reply = post(&world, Some(SECRET), body.to_owned()).await;
        assert_eq!(reply.status(), StatusCode::OK, "{body}");
    }
    assert_eq!(world.nats.updates().await, before);
    // By way of Telegram as well: it is not sent again and again.
    world.telegram.inject(json!({ "raw": "{not json" })).await;
    world.settled().await;
    world.press(&card, "Accept").await;
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    world.finish().await;
}

#[tokio::test]
async fn what_is_new_at_telegram_loses_and_stalls_nothing() {
    for updates in [Updates::Webhook(SECRET), Updates::Polling] {
        let world = World::with_processes(&[Roles::all(updates)]).await;
        let (_ann, card) = world.invite_kirill().await;
        let from = json!({ "id": KIRILL, "is_bot": false, "first_name": "Kirill", "aura": { "color": "blue" } });
        // A kind that nobody knows, without and with a sender, and a message of a kind that nobody knows.
        for update in [
            json!({ "telepathy": { "thought": [1, 2, 3] } }),
            json!({ "telepathy": { "from": from, "thought": "x" } }),
            json!({ "message": { "message_id": 900, "date": 1, "chat": { "id": KIRILL, "type": "private" },
                "from": from, "hologram": { "file_id": "x" } } }),
        ] {
            world.telegram.inject(update).await;
        }
        // A press whose message has an entity, a button and a field that nobody knows.
        let press = json!({ "callback_query": {
            "id": "query-of-the-future", "from": from, "chat_instance": "1", "data": card.data("Accept"),
            "mood": "good",
            "message": { "message_id": card.id, "date": 1, "chat": { "id": KIRILL, "type": "private" },
                "text": card.text, "entities": [{ "type": "smell", "offset": 0, "length": 2 }],
                "reply_markup": { "inline_keyboard": [[{ "text": "x", "levitate": true }]] } },
        }});
        world.telegram.inject(press).await;
        world.settled().await;
        assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
        let after = world.card(KIRILL).await;
        world.press(&after, "Change answer").await;
        assert_eq!(world.card(KIRILL).await.labels(), buttons());
        world.finish().await;
    }
}

#[tokio::test]
async fn body_over_the_limit_is_refused() {
    let world = webhook_world().await;
    let reply = post(&world, Some(SECRET), " ".repeat(1024 * 1024 + 1)).await;
    assert_eq!(reply.status(), StatusCode::PAYLOAD_TOO_LARGE);
    world.finish().await;
}

/// One update that Telegram delivers twice has one effect.
async fn update_that_comes_twice(world: World) {
    let (_ann, card) = world.invite_kirill().await;
    let sequence = world.event("plan").await.sequence;
    world
        .telegram
        .fault(json!({ "kind": "duplicate_delivery" }))
        .await;
    world.press(&card, "Accept").await;
    world.settled().await;
    assert_eq!(world.event("plan").await.sequence, sequence + 1);
    assert_eq!(world.nats.updates().await.len(), 1);
    assert_eq!(world.card(KIRILL).await.edits, 1);
    assert_eq!(world.cards(ANN).await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn update_that_the_webhook_brings_twice_has_one_effect() {
    update_that_comes_twice(webhook_world().await).await;
}

#[tokio::test]
async fn update_that_a_poll_brings_twice_has_one_effect() {
    update_that_comes_twice(World::start().await).await;
}

#[tokio::test]
async fn update_that_jetstream_brings_twice_has_one_effect() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    let sequence = world.event("plan").await.sequence;
    for (update_id, label) in [(500, "Accept"), (501, "Decline")] {
        post(
            &world,
            Some(SECRET),
            press_update(update_id, &card, label).to_string(),
        )
        .await;
        world.settled().await;
    }
    // As after an ack that was lost, past the window in which JetStream knows the id.
    let accept = world.nats.updates().await.remove(0);
    let payload = serde_json::to_vec(&accept.payload).unwrap();
    let again = world
        .nats
        .jetstream()
        .publish(accept.subject, payload.into())
        .await
        .unwrap();
    again.await.unwrap();
    world.settled().await;
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    assert_eq!(world.event("plan").await.sequence, sequence + 2);
    world.finish().await;
}

#[tokio::test]
async fn older_press_never_beats_a_newer_answer() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    for (update_id, label) in [(601, "Decline"), (600, "Accept")] {
        post(
            &world,
            Some(SECRET),
            press_update(update_id, &card, label).to_string(),
        )
        .await;
        world.settled().await;
    }
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    assert!(
        world
            .card(KIRILL)
            .await
            .html
            .ends_with("❌ You declined this invitation.")
    );
    assert_eq!(
        world.number("select count(*) from processed_updates").await,
        2
    );
    world.finish().await;
}

#[tokio::test]
async fn repeat_of_the_standing_answer_keeps_older_presses_out() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    for (update_id, label) in [(700, "Accept"), (702, "Accept"), (701, "Decline")] {
        post(
            &world,
            Some(SECRET),
            press_update(update_id, &card, label).to_string(),
        )
        .await;
        world.settled().await;
    }
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    world.finish().await;
}

#[tokio::test]
async fn of_two_processes_one_polls_and_the_other_takes_over() {
    let roles = Roles::all(Updates::Polling);
    let mut world = World::with_processes(std::slice::from_ref(&roles)).await;
    let (_ann, card) = world.invite_kirill().await;
    world.press(&card, "Accept").await;
    let accepted = world.card(KIRILL).await;
    let holder = "select holder::text from leases";
    let first = world.strings(holder).await;
    assert_eq!(first.len(), 1);

    world.add_process(roles).await;
    until("the second process to be ready", async || {
        world.processes[1].broker.ready().ok()
    })
    .await;
    assert_eq!(world.strings(holder).await, first, "the second waits");
    world.processes.remove(0).stop().await;
    world.press(&accepted, "Change answer").await;
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    let second = world.strings(holder).await;
    assert!(second.len() == 1 && second != first, "{second:?}");
    let polls = world.telegram.calls("getUpdates").await;
    assert!(polls.iter().all(|poll| poll.status != 409), "{polls:?}");
    world.finish().await;
}

#[tokio::test]
async fn polling_takes_down_a_webhook_that_is_still_set() {
    let mut world = World::with_processes(&[]).await;
    let webhook = json!({ "url": "http://127.0.0.1:9/elsewhere" });
    world.telegram.call("setWebhook", webhook).await;
    world.add_process(Roles::all(Updates::Polling)).await;
    let (_ann, card) = world.invite_kirill().await;
    world.press(&card, "Accept").await;
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    world.finish().await;
}

#[tokio::test]
async fn start_makes_an_account_with_a_calendar() {
    let world = World::start().await;
    world.telegram.add_stranger(777, "Zoe").await;
    world.telegram.press_start(777).await;
    world.settled().await;
    let accounts = world
        .strings(
            "select concat_ws(' ', telegram_id, name, slug, reachable)
             from users join calendars on owner = telegram_id",
        )
        .await;
    assert_eq!(accounts, ["777 Zoe default t", "777 Zoe inbox t"]);
    world.finish().await;
}

#[tokio::test]
async fn presses_of_many_people_at_once_all_count() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let people: Vec<i64> = (2_001..2_021).collect();
    let mut lines = String::new();
    for id in &people {
        world.telegram.add_person(*id, &format!("Guest {id}")).await;
        lines.push_str(&format!("ATTENDEE:mailto:tg_{id}@televent.internal\n"));
    }
    ann.save("plan.ics", meeting("plan", ANN, lines.trim_end()))
        .await;
    // Each card that arrives is told in the object, since none of them has an account.
    world.settled().await;
    let sequence = world.event("plan").await.sequence;
    for id in &people {
        let card = world.telegram.messages(*id).await.remove(0);
        world
            .telegram
            .press(*id, card.id, card.data("Accept"))
            .await;
    }
    world.settled().await;
    for id in &people {
        assert_eq!(world.status("plan", *id).await, "ACCEPTED");
        assert_eq!(
            world.telegram.messages(*id).await[0].labels(),
            ["Change answer"]
        );
    }
    assert_eq!(world.event("plan").await.sequence, sequence + 20);
    let tally = world.card(ANN).await;
    assert!(
        tally.html.ends_with("20 yes · 0 no · 0 waiting"),
        "{}",
        tally.html
    );
    world.finish().await;
}
