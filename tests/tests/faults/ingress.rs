//! Updates come in through any single failure behind the ingress: they are stored in JetStream or in Postgres, Telegram is told that
//! we have them only then, and each has its effect once.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, StatusCode};
use serde_json::json;
use televent_broker::UPDATES;
use televent_tests::{EVE, KIRILL, Message, Proxy, Roles, Updates, World, until};
use tokio::time::Instant;

const SECRET: &str = "Secret-of_the-webhook";

/// Far less than the minute that Telegram waits, or the life of a press; far more than it takes.
const SOON: Duration = Duration::from_secs(15);

/// A world whose processes reach Postgres through a proxy.
struct Split {
    world: World,
    proxy: Proxy,
    postgres: SocketAddr,
    /// Straight to Postgres.
    direct: String,
}

impl Split {
    async fn start(updates: Updates) -> Self {
        let mut world = World::with_processes(&[]).await;
        let direct = world.database.url.clone();
        let postgres = world.database.address();
        let (proxy, through_proxy) = world.database.behind_proxy().await;
        world.database.url = through_proxy;
        world.add_process(Roles::all(updates)).await;
        Self {
            world,
            proxy,
            postgres,
            direct,
        }
    }

    fn postgres_goes(&self) {
        self.proxy.cut();
    }

    fn postgres_comes(&self) {
        self.proxy.forward_to(self.postgres);
    }
}

async fn until_registered(world: &World) {
    until("the webhook to be registered", async || {
        let info = world.telegram.call("getWebhookInfo", json!({})).await;
        let url = info.pointer("/result/url")?.as_str()?.to_owned();
        url.ends_with("/telegram/webhook").then_some(())
    })
    .await;
}

async fn webhook_world() -> World {
    let world = World::with_processes(&[Roles::all(Updates::Webhook(SECRET))]).await;
    until_registered(&world).await;
    world
}

/// Posts Kirill's press to the webhook, as Telegram would.
async fn post(world: &World, update_id: i64, card: &Message, label: &str) -> StatusCode {
    let begun = Instant::now();
    let update = json!({ "update_id": update_id, "callback_query": {
        "id": format!("query-{update_id}"),
        "from": { "id": KIRILL, "is_bot": false, "first_name": "Kirill" },
        "message": { "message_id": card.id, "date": 1, "chat": { "id": KIRILL, "type": "private" } },
        "chat_instance": "1",
        "data": card.data(label),
    }});
    let client = Client::builder().no_proxy().build().expect("a client");
    let reply = client
        .post(format!("{}/telegram/webhook", world.url()))
        .header("X-Telegram-Bot-Api-Secret-Token", SECRET)
        .json(&update)
        .send()
        .await
        .expect("the webhook answers");
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    reply.status()
}

/// The ids of what waits in Postgres.
async fn waiting(world: &World) -> Vec<String> {
    world
        .strings("select message_id from received_updates order by stored_at")
        .await
}

async fn until_confirmed(world: &World) {
    until("Telegram to know that we have it", async || {
        (world.telegram.waiting_updates().await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn webhook_takes_updates_while_nats_is_down() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    let sequence = world.event("plan").await.sequence;
    world.nats.stop().await;
    // Twice, and under a second id.
    for update_id in [500, 500, 501] {
        assert_eq!(
            post(&world, update_id, &card, "Accept").await,
            StatusCode::OK
        );
    }
    // And as it comes.
    let press = world
        .telegram
        .press(KIRILL, card.id, card.data("Accept"))
        .await;
    until_confirmed(&world).await;
    assert_eq!(
        waiting(&world).await,
        ["1000-500", "1000-501", &format!("1000-{}", press.update_id)]
    );
    assert_eq!(world.status("plan", KIRILL).await, "NEEDS-ACTION");

    world.nats.start_again().await;
    assert_eq!(world.telegram.answer(&press).await.text, "✅ You accepted.");
    let card = world.card(KIRILL).await;
    assert_eq!((card.labels(), card.edits), (vec!["Change answer"], 1));
    assert_eq!(world.event("plan").await.sequence, sequence + 1);
    let processed = world.number("select count(*) from processed_updates").await;
    assert_eq!(processed, 3);
    world.finish().await;
}

#[tokio::test]
async fn poll_takes_updates_while_nats_is_down() {
    let world = World::start().await;
    let (_ann, card) = world.invite_kirill().await;
    world.nats.stop().await;
    let press = world
        .telegram
        .press(KIRILL, card.id, card.data("Accept"))
        .await;
    until_confirmed(&world).await;
    assert_eq!(waiting(&world).await.len(), 1);
    world.nats.start_again().await;
    assert_eq!(world.telegram.answer(&press).await.text, "✅ You accepted.");
    assert_eq!(world.card(KIRILL).await.edits, 1);
    world.finish().await;
}

#[tokio::test]
async fn several_processes_publish_what_waits_without_harm() {
    let mut world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    world
        .add_process(Roles::all(Updates::Webhook(SECRET)))
        .await;
    let sequence = world.event("plan").await.sequence;
    world.nats.stop().await;
    for update_id in 500..520 {
        let label = if update_id % 2 == 0 {
            "Accept"
        } else {
            "Decline"
        };
        assert_eq!(post(&world, update_id, &card, label).await, StatusCode::OK);
    }
    world.nats.start_again().await;
    world.settled().await;
    // Whatever their order on the way, the last one stands.
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    let processed = world.number("select count(*) from processed_updates").await;
    assert_eq!(processed, 20);
    let changes = world.event("plan").await.sequence - sequence;
    assert!((1..=20).contains(&changes), "{changes}");
    assert_eq!(world.nats.updates().await.len(), 20, "each is stored once");
    world.finish().await;
}

#[tokio::test]
async fn older_press_that_had_to_wait_never_beats_a_newer_answer() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    world.nats.stop().await;
    assert_eq!(post(&world, 600, &card, "Accept").await, StatusCode::OK);
    let payload = "select encode(payload, 'escape') from received_updates";
    let first = world.strings(payload).await;
    // A repeat does not make it newer.
    assert_eq!(post(&world, 600, &card, "Accept").await, StatusCode::OK);
    assert_eq!(world.strings(payload).await, first);
    world
        .execute("create table aside as select * from received_updates")
        .await;
    world.execute("delete from received_updates").await;
    world.nats.start_again().await;
    world.processes[0].broker.until_ready().await;
    assert_eq!(post(&world, 601, &card, "Decline").await, StatusCode::OK);
    world.settled().await;
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    world
        .execute("insert into received_updates select * from aside")
        .await;
    world.settled().await;
    let processed = world.number("select count(*) from processed_updates").await;
    assert_eq!(processed, 2);
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    world.finish().await;
}

#[tokio::test]
async fn stream_that_is_full_keeps_no_update_out() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    // The first one is in it.
    assert_eq!(post(&world, 499, &card, "Maybe").await, StatusCode::OK);
    world.settled().await;
    world.nats.bound_stream(UPDATES, 1).await;
    let card = world.card(KIRILL).await;
    assert_eq!(
        post(&world, 500, &card, "Change answer").await,
        StatusCode::OK
    );
    assert_eq!(waiting(&world).await, ["1000-500"]);
    world.nats.bound_stream(UPDATES, -1).await;
    world.settled().await;
    assert_eq!(world.card(KIRILL).await.labels().len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn nats_that_is_stuck_keeps_no_update_out() {
    let world = webhook_world().await;
    let (_ann, card) = world.invite_kirill().await;
    world.nats.freeze().await;
    for update_id in [500, 501] {
        assert_eq!(
            post(&world, update_id, &card, "Accept").await,
            StatusCode::OK
        );
    }
    assert_eq!(waiting(&world).await, ["1000-500", "1000-501"]);
    world.nats.thaw().await;
    world.settled().await;
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    assert_eq!(world.card(KIRILL).await.edits, 1);
    world.finish().await;
}

#[tokio::test]
async fn webhook_takes_updates_while_postgres_is_down() {
    let split = Split::start(Updates::Webhook(SECRET)).await;
    let world = &split.world;
    until_registered(world).await;
    let (_ann, card) = world.invite_kirill().await;
    split.postgres_goes();
    for update_id in [500, 500] {
        assert_eq!(
            post(world, update_id, &card, "Accept").await,
            StatusCode::OK
        );
    }
    let press = world
        .telegram
        .press(KIRILL, card.id, card.data("Accept"))
        .await;
    until_confirmed(world).await;
    assert_eq!(world.nats.updates().await.len(), 2);
    split.postgres_comes();
    assert_eq!(world.telegram.answer(&press).await.text, "✅ You accepted.");
    let card = world.card(KIRILL).await;
    assert_eq!((card.labels(), card.edits), (vec!["Change answer"], 1));
    split.world.finish().await;
}

#[tokio::test]
async fn who_polls_goes_on_while_postgres_is_down() {
    let split = Split::start(Updates::Polling).await;
    let world = &split.world;
    let (_ann, card) = world.invite_kirill().await;
    let holder = world.strings("select holder::text from leases").await;
    split.postgres_goes();
    // Longer than a lease that can't be renewed was trusted.
    tokio::time::sleep(Duration::from_secs(8)).await;
    world
        .execute("update leases set expires_at = now() - interval '1 minute'")
        .await;
    let press = world
        .telegram
        .press(KIRILL, card.id, card.data("Accept"))
        .await;
    until_confirmed(world).await;
    assert_eq!(world.nats.updates().await.len(), 1);
    split.postgres_comes();
    assert_eq!(world.telegram.answer(&press).await.text, "✅ You accepted.");
    assert_eq!(world.card(KIRILL).await.edits, 1);
    until("the lease to be renewed", async || {
        let renewed = "select holder::text from leases where expires_at > now()";
        (world.strings(renewed).await == holder).then_some(())
    })
    .await;
    split.world.finish().await;
}

#[tokio::test]
async fn who_never_had_the_lease_does_not_begin_to_poll() {
    let mut split = Split::start(Updates::None).await;
    split.postgres_goes();
    split.world.add_process(Roles::all(Updates::Polling)).await;
    split.world.telegram.add_person(EVE, "Eve").await;
    split.world.telegram.say(EVE, "/start").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(split.world.telegram.waiting_updates().await, 1);
    split.postgres_comes();
    until_confirmed(&split.world).await;
    split.world.finish().await;
}

/// One process is cut off from Postgres and polls on; the other has the lease, since it has run out.
#[tokio::test]
async fn two_who_poll_lose_nothing_and_repeat_nothing() {
    let mut split = Split::start(Updates::Polling).await;
    let (_ann, card) = split.world.invite_kirill().await;
    let sequence = split.world.event("plan").await.sequence;
    let first = split.world.strings("select holder::text from leases").await;
    split.postgres_goes();
    split.world.database.url = split.direct.clone();
    split.world.add_process(Roles::all(Updates::Polling)).await;
    split
        .world
        .execute("update leases set expires_at = now() - interval '1 minute'")
        .await;
    let world = &split.world;
    until("another process to poll", async || {
        let second = world.strings("select holder::text from leases").await;
        (second != first).then_some(())
    })
    .await;
    for (n, label) in ["Accept", "Decline", "Maybe"].into_iter().enumerate() {
        let press = world.press_old(&card, label).await;
        world.telegram.answer(&press).await;
        let expected = ["ACCEPTED", "DECLINED", "TENTATIVE"][n];
        assert_eq!(world.status("plan", KIRILL).await, expected);
    }
    let conflicts = async || {
        let polls = world.telegram.calls("getUpdates").await;
        polls.iter().filter(|poll| poll.status == 409).count()
    };
    let meanwhile = conflicts().await;
    assert!(meanwhile < 10, "they disturb each other: {meanwhile}");
    // Who learns that it has lost the lease stops.
    split.postgres_comes();
    tokio::time::sleep(Duration::from_secs(7)).await;
    let before = conflicts().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(conflicts().await, before);
    world.settled().await;
    assert_eq!(world.event("plan").await.sequence, sequence + 3);
    let processed = world.number("select count(*) from processed_updates").await;
    assert_eq!(processed, 3);
    split.world.finish().await;
}

#[tokio::test]
async fn without_both_nothing_is_confirmed_and_telegram_repeats() {
    for updates in [Updates::Webhook(SECRET), Updates::Polling] {
        let is_webhook = matches!(updates, Updates::Webhook(_));
        let split = Split::start(updates).await;
        if is_webhook {
            until_registered(&split.world).await;
        }
        let (_ann, card) = split.world.invite_kirill().await;
        split.postgres_goes();
        split.world.nats.stop().await;
        let world = &split.world;
        if is_webhook {
            let refused = post(world, 500, &card, "Accept").await;
            assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
        }
        let press = world
            .telegram
            .press(KIRILL, card.id, card.data("Accept"))
            .await;
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!(world.telegram.waiting_updates().await, 1);
        split.postgres_comes();
        until_confirmed(&split.world).await;
        assert_eq!(waiting(&split.world).await.len(), 1);
        split.world.nats.start_again().await;
        assert_eq!(
            split.world.telegram.answer(&press).await.text,
            "✅ You accepted."
        );
        assert_eq!(split.world.card(KIRILL).await.edits, 1);
        split.world.finish().await;
    }
}

#[tokio::test]
async fn the_ways_that_updates_took_are_counted_and_readiness_keeps_none_out() {
    let world = World::with_processes(&[]).await;
    let televent =
        televent_tests::Televent::of(&world).with("TELEVENT_TELEGRAM_UPDATES", "polling");
    let serving = televent.serve(&["--roles", "rsvp"]).await;
    until("the process to be ready", async || {
        let (_, report) = serving.fetch("/readyz").await;
        (report == "updates: ok\npostgres: ok\nnats: ok\ndead letters: 0\n").then_some(())
    })
    .await;
    world.nats.stop().await;
    world.telegram.add_person(KIRILL, "Kirill").await;
    world.telegram.say(KIRILL, "/start").await;
    until_confirmed(&world).await;
    let (status, report) = serving.fetch("/readyz").await;
    let expected = "updates: ok\npostgres: ok\nnats: not connected to NATS\ndead letters: 0\n";
    assert_eq!((status, report.as_str()), (200, expected));
    let (_, metrics) = serving.fetch("/metrics").await;
    let counted = r#"televent_updates_total{outcome="stored_in_postgres"} 1"#;
    assert!(metrics.lines().any(|line| line == counted), "{metrics}");
    world.nats.start_again().await;
    until("the update to be published", async || {
        waiting(&world).await.is_empty().then_some(())
    })
    .await;
    assert!(serving.stop().await.success());
    world.abandon();
}
