//! The outbox and JetStream: nothing is published twice in effect, and nothing is lost, whatever JetStream
//! forgets.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_nats::jetstream::{self, consumer::pull};
use televent_broker::{Broker, INVITES, NOTIFIER, Outcome, RSVP, UPDATES, run_consumer};
use televent_tests::{KIRILL, Roles, Updates, World, buttons, plan, until};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use tokio_util::sync::CancellationToken;

/// A fleet in which nobody writes cards yet: what is published stays unsettled.
fn without_notifier() -> Roles {
    Roles {
        notifier: false,
        ..Roles::all(Updates::Polling)
    }
}

async fn until_published(world: &World) {
    until("the outbox to be published", async || {
        let states = world
            .strings("select distinct state from outbox_messages")
            .await;
        (states == ["published"]).then_some(())
    })
    .await;
}

async fn delete_streams(world: &World) {
    for stream in [INVITES, UPDATES] {
        let deleted = world.nats.jetstream().delete_stream(stream).await;
        deleted.expect("the stream was there");
    }
}

#[tokio::test]
async fn relay_publishes_keys_under_the_id_of_the_outbox_row() {
    let world = World::start().await;
    world.invite_kirill().await;
    let event = world.event("plan").await.id;
    let [row] = &world.strings("select id::text from outbox_messages").await[..] else {
        panic!("one row");
    };
    let [message] = &world.nats.invites().await[..] else {
        panic!("one message");
    };
    assert_eq!(message.subject, format!("televent.invite.{event}.{KIRILL}"));
    assert_eq!(&message.headers["Nats-Msg-Id"], row);
    let payload = serde_json::json!({
        "v": 1, "outbox_id": row, "kind": "invite_notification", "event_id": event, "telegram_id": KIRILL,
        "urgency": 2,
    });
    assert_eq!(message.payload, payload, "keys, and no content");
    world.finish().await;
}

#[tokio::test]
async fn relay_that_dies_before_it_notes_the_publication_sends_nothing_twice() {
    let mut world = World::with_processes(&[without_notifier()]).await;
    let ann = world.add_people().await;
    ann.save("plan.ics", plan()).await;
    until_published(&world).await;
    world
        .execute("update outbox_messages set state = 'pending', due_at = now()")
        .await;
    until_published(&world).await;
    assert_eq!(
        world.nats.invites().await.len(),
        1,
        "JetStream knows the message by its id"
    );
    world.add_process(Roles::notifier()).await;
    assert_eq!(world.card(KIRILL).await.edits, 0);
    world.finish().await;
}

#[tokio::test]
async fn what_is_swept_has_a_new_message_id_and_one_effect() {
    let mut world = World::with_processes(&[without_notifier()]).await;
    let ann = world.add_people().await;
    ann.save("plan.ics", plan()).await;
    until_published(&world).await;
    world
        .execute("update outbox_messages set due_at = now() - interval '1 second'")
        .await;
    assert_eq!(world.store().sweep_outbox().await.unwrap(), 1);
    until_published(&world).await;
    let messages = world.nats.invites().await;
    let ids: Vec<&str> = messages
        .iter()
        .map(|message| message.headers["Nats-Msg-Id"].as_str())
        .collect();
    let [row] = &world.strings("select id::text from outbox_messages").await[..] else {
        panic!("one row");
    };
    assert_eq!(ids, [row.clone(), format!("{row}.1")]);
    world.add_process(Roles::notifier()).await;
    assert_eq!(world.card(KIRILL).await.edits, 0);
    assert_eq!(world.telegram.call_count("sendMessage").await, 1);
    world.finish().await;
}

#[tokio::test]
async fn provisioning_again_changes_nothing() {
    let world = World::start().await;
    world.invite_kirill().await;
    let configuration = async || {
        let mut found = Vec::new();
        for consumer in [NOTIFIER, RSVP] {
            let stream = world
                .nats
                .jetstream()
                .get_stream(consumer.stream)
                .await
                .unwrap();
            let info = stream.cached_info().clone();
            let durable: jetstream::consumer::Consumer<pull::Config> =
                stream.get_consumer(consumer.durable).await.unwrap();
            let durable = durable.cached_info().clone();
            found.push((
                (info.config, info.created, info.state.messages),
                (
                    durable.config,
                    durable.created,
                    durable.ack_floor.stream_sequence,
                ),
            ));
        }
        found
    };
    let before = configuration().await;
    let broker = &world.processes[0].broker;
    let other = Broker::connect(&[world.nats.url()]).await.unwrap();
    let (one, two) = tokio::join!(broker.provision(), other.provision());
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(configuration().await, before);
    world.finish().await;
}

#[tokio::test]
async fn streams_that_are_deleted_under_way_come_back_and_nothing_is_lost() {
    let mut world = World::with_processes(&[without_notifier()]).await;
    let ann = world.add_people().await;
    // One is in the stream when it goes, one comes when it is gone.
    ann.save("plan.ics", plan()).await;
    until_published(&world).await;
    delete_streams(&world).await;
    ann.save("later.ics", plan().replace("UID:plan", "UID:later"))
        .await;
    until_published(&world).await;
    world.execute("update outbox_messages set due_at = now() - interval '1 second' where state = 'published'").await;
    world.store().sweep_outbox().await.unwrap();
    world.add_process(Roles::notifier()).await;
    let cards = world.cards(KIRILL).await;
    assert_eq!(cards.len(), 2, "{cards:#?}");
    // And back again.
    world.press(&cards[0], "Accept").await;
    world.settled().await;
    assert!(
        world.telegram.messages(KIRILL).await[0]
            .html
            .ends_with("✅ You accepted this invitation.")
    );
    world.finish().await;
}

/// More than are claimed at once, so that some are claimed while others are refused.
#[tokio::test]
async fn what_is_claimed_ahead_is_given_back_when_nothing_can_be_published() {
    let mut world = World::with_processes(&[without_notifier()]).await;
    let ann = world.add_people().await;
    ann.save("plan.ics", plan()).await;
    until_published(&world).await;
    world.nats.bound_stream(INVITES, 1).await;
    world
        .execute(
            "insert into outbox_messages (id, kind, event_id, telegram_id)
             select gen_random_uuid(), kind, event_id, telegram_id from outbox_messages, generate_series(1, 1500)",
        )
        .await;
    ann.save("later.ics", plan().replace("UID:plan", "UID:later"))
        .await;
    // Two batches were claimed, and between two tries nobody has any.
    until("all to be given back", async || {
        let is_so = "select 'so' from outbox_messages where state = 'pending'
                     having count(*) filter (where due_at > created_at) >= 512 and max(due_at) <= now()";
        world.strings(is_so).await.pop()
    })
    .await;
    world.nats.bound_stream(INVITES, -1).await;
    until_published(&world).await;
    assert_eq!(world.nats.invites().await.len(), 1_502);
    world
        .execute("update outbox_messages set state = 'completed', settled_at = now()")
        .await;
    world.add_process(Roles::notifier()).await;
    world.finish().await;
}

#[tokio::test]
async fn consumers_heal_when_their_streams_are_deleted() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    delete_streams(&world).await;
    world.press(&card, "Accept").await;
    until("the streams to be back", async || {
        world.nats.idle(NOTIFIER).await.ok()
    })
    .await;
    ann.save("plan.ics", plan().replace("Planning", "Renamed"))
        .await;
    let card = world.card(KIRILL).await;
    assert!(
        card.html
            .starts_with("🔄 Changed: <s>Planning</s> <b>Renamed</b>\n"),
        "{}",
        card.html
    );
    assert!(
        card.html.ends_with("✅ You accepted this invitation."),
        "{}",
        card.html
    );
    world.finish().await;
}

#[tokio::test]
async fn nats_may_lose_its_disk() {
    let world = World::start().await;
    let (ann, _card) = world.invite_kirill().await;
    world.nats.lose_everything().await;
    // The calendar app does not notice.
    ann.save("plan.ics", plan().replace("Planning", "Renamed"))
        .await;
    world.nats.start_again().await;
    until("the streams to be back", async || {
        world.nats.idle(NOTIFIER).await.ok()
    })
    .await;
    let card = world.card(KIRILL).await;
    assert!(
        card.html
            .starts_with("🔄 Changed: <s>Planning</s> <b>Renamed</b>\n"),
        "{}",
        card.html
    );
    world.press(&card, "Accept").await;
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    world.finish().await;
}

#[tokio::test]
async fn connection_that_breaks_is_made_again() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    for n in 0..3 {
        world.nats.disconnect_clients();
        ann.save("plan.ics", plan().replace("Planning", &format!("Plan {n}")))
            .await;
        let card = world.card(KIRILL).await;
        assert!(
            card.html
                .starts_with(&format!("🔄 Changed: <s>Planning</s> <b>Plan {n}</b>\n")),
            "{}",
            card.html
        );
    }
    world.nats.disconnect_clients();
    world.press(&card, "Decline").await;
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    world.finish().await;
}

#[tokio::test]
async fn process_starts_without_nats_and_publishes_when_it_comes() {
    let mut world = World::with_processes(&[]).await;
    world.nats.stop().await;
    world.add_process(Roles::all(Updates::Polling)).await;
    assert_eq!(
        world.processes[0].broker.ready(),
        Err("not connected to NATS".to_owned())
    );
    let ann = world.add_people().await;
    ann.save("plan.ics", plan()).await;
    world.nats.start_again().await;
    world.processes[0].broker.until_ready().await;
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    world.finish().await;
}

#[tokio::test]
async fn message_that_nobody_can_read_goes_to_the_dead_letters() {
    let mut world = World::start().await;
    world.invite_kirill().await;
    let context = world.nats.jetstream();
    for (subject, payload) in [
        ("televent.invite.x.1", "not json"),
        ("televent.invite.x.1", r#"{"v":1,"shape":"other"}"#),
        ("televent.update.1", r#"{"v":1}"#),
    ] {
        let stored = context.publish(subject, payload.into()).await.unwrap();
        stored.await.unwrap();
    }
    world.settled().await;
    let mut letters = world
        .strings("select stream || ' ' || payload || ' ' || reason from dead_letters")
        .await;
    letters.sort();
    let [json, shape, update] = &letters[..] else {
        panic!("three letters: {letters:#?}");
    };
    assert!(
        json.starts_with(r#"INVITES "not json" the payload can't be read"#),
        "{json}"
    );
    assert!(shape.contains("missing field"), "{shape}");
    assert!(update.starts_with("UPDATES "), "{update}");
    world.expect_dead_letters(3);
    world.finish().await;
}

#[tokio::test]
async fn consumer_that_stops_keeps_nothing_that_was_on_its_way_to_it() {
    const MESSAGES: usize = 1_500;
    let world = World::with_processes(&[]).await;
    let publisher = Broker::connect(&[world.nats.url()]).await.unwrap();
    publisher.provision().await.unwrap();
    let jetstream = world.nats.jetstream().clone();
    // They keep coming while consumers start and stop, as fast as they can.
    let publishing = tokio::spawn(async move {
        for number in 0..MESSAGES {
            let subject = format!("televent.invite.stop.{number}");
            let ack = jetstream.publish(subject, "{}".into()).await.unwrap();
            ack.await.unwrap();
        }
    });
    let handled: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let mut stops = 0;
    // Until's patience is shorter than JetStream's, after which a lost message would come again.
    until("all messages to be handled", async || {
        let broker = Broker::connect(&[world.nats.url()]).await.unwrap();
        broker.provision().await.unwrap();
        let shutdown = CancellationToken::new();
        let noted = Arc::clone(&handled);
        let handler = move |delivery: televent_broker::Delivery| {
            let noted = Arc::clone(&noted);
            async move {
                tokio::time::sleep(Duration::from_millis(3)).await;
                noted.lock().unwrap().insert(delivery.subject);
                Outcome::Done
            }
        };
        let store = world.store().clone();
        let running = run_consumer(NOTIFIER, broker, store, |_| None, handler, shutdown.clone());
        let stop = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            shutdown.cancel();
        };
        tokio::join!(running, stop);
        stops += 1;
        (handled.lock().unwrap().len() == MESSAGES).then_some(())
    })
    .await;
    publishing.await.unwrap();
    println!("{MESSAGES} messages over {stops} stops");
    world.finish().await;
}

/// What nats-server 2.9.10 (of Debian 12) says, as far as a client listens.
async fn old_server() -> std::io::Result<String> {
    let info = r#"INFO {"server_id":"x","version":"2.9.10","headers":true,"jetstream":true,"max_payload":1048576,"proto":1}"#;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("nats://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(format!("{info}\r\n").as_bytes()).await?;
        let (reader, mut writer) = stream.split();
        let mut lines = BufReader::new(reader).lines();
        while let Some(line) = lines.next_line().await? {
            if line == "PING" {
                writer.write_all(b"PONG\r\n").await?;
            }
        }
        Ok::<(), std::io::Error>(())
    });
    Ok(url)
}

#[tokio::test]
async fn server_that_is_too_old_is_refused() {
    let urls = [old_server().await.unwrap()];
    let connected = tokio::time::timeout(Duration::from_secs(5), Broker::connect(&urls));
    let Err(error) = connected.await.unwrap() else {
        panic!("an old server was taken");
    };
    assert_eq!(
        error.to_string(),
        "nats_url: nats-server 2.9.10 is too old: televent needs 2.14.0 or newer, because older ones silently \
         ignore features that it relies on; upgrade the server"
    );
}
