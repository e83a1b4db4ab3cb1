//! A process is told to end (SIGTERM) under load: it finishes what it has begun, hands back the rest, and ends within its deadline; the
//! next process goes on at once.

use std::time::{Duration, Instant};

use serde_json::json;
use televent_broker::ACK_WAIT;
use televent_tests::{ANN, CalendarApp, Message, Serving, Televent, World, meeting, until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const EVENTS: usize = 10;
const GUESTS: i64 = 12;
const FIRST_GUEST: i64 = 70_000;

/// What a process may take to end: its deadline, and some seconds on a busy machine.
const ENDS_WITHIN: Duration = Duration::from_secs(25);

fn guests() -> impl Iterator<Item = i64> {
    FIRST_GUEST..FIRST_GUEST + GUESTS
}

fn invitation(uid: &str) -> String {
    let lines: Vec<String> = guests()
        .map(|id| format!("ATTENDEE:mailto:tg_{id}@televent.internal"))
        .collect();
    meeting(uid, ANN, &lines.join("\n"))
}

async fn people() -> World {
    let world = World::with_processes(&[]).await;
    for id in guests() {
        world.telegram.add_person(id, "Guest").await;
    }
    world
}

async fn sent(world: &World) -> usize {
    world.telegram.call_count("sendMessage").await
}

/// Waits until it has ended, and returns how long that took since `told`.
async fn ended(serving: &mut Serving, told: Instant) -> (bool, Duration) {
    loop {
        if let Some(status) = serving.ended() {
            return (status.success(), told.elapsed());
        }
        assert!(
            told.elapsed() < ENDS_WITHIN,
            "it does not end:\n{}",
            serving.log()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A PUT that is sent by half.
struct HalfPut {
    socket: TcpStream,
    rest: Vec<u8>,
}

impl HalfPut {
    async fn begin(ann: &CalendarApp, serving: &Serving, uid: &str) -> Self {
        let object = invitation(uid);
        let address = serving.url.trim_start_matches("http://");
        let mut socket = TcpStream::connect(address).await.unwrap();
        let url = ann.url(&format!("{uid}.ics"));
        let path = url.trim_start_matches(&serving.url);
        let authorization = ann.authorization();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\nContent-Type: text/calendar\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            object.len()
        );
        let (first, rest) = object.as_bytes().split_at(object.len() / 2);
        socket.write_all(head.as_bytes()).await.unwrap();
        // From now on the request is under way.
        let go_on = answer(&mut socket).await;
        assert!(go_on.starts_with("HTTP/1.1 100 "), "{go_on}");
        socket.write_all(first).await.unwrap();
        Self {
            socket,
            rest: rest.to_vec(),
        }
    }

    async fn end(mut self) -> String {
        self.socket.write_all(&self.rest).await.unwrap();
        answer(&mut self.socket).await
    }
}

/// The head of an answer.
async fn answer(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let byte = socket.read_u8().await.unwrap();
        answer.push(byte);
    }
    String::from_utf8(answer).unwrap()
}

async fn card_of(world: &World, id: i64) -> Message {
    until("a card", async || world.telegram.messages(id).await.pop()).await
}

async fn is_handed_over(limit: &str, each_takes: f64) {
    let world = people().await;
    let televent = Televent::of(&world)
        .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", limit)
        .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0")
        .with("TELEVENT_TELEGRAM_EDIT_INTERVAL_SECONDS", "0");
    let slow = json!({
        "kind": "hang", "method": "sendMessage", "seconds": each_takes, "performs": true, "times": 100_000,
    });
    world.telegram.fault(slow).await;
    let mut one = televent.serve(&[]).await;
    one.until_ready().await;
    let ann = world.add_user(ANN, "Ann").await.at(&one.url);
    for number in 0..EVENTS {
        let uid = format!("plan-{number}");
        ann.save(&format!("{uid}.ics"), invitation(&uid)).await;
    }
    until("some cards", async || {
        (sent(&world).await >= 20).then_some(())
    })
    .await;
    let card = card_of(&world, FIRST_GUEST).await;
    let other = card_of(&world, FIRST_GUEST + 1).await;
    let half = HalfPut::begin(&ann, &one, "last").await;
    let before = world
        .telegram
        .press(FIRST_GUEST, card.id, card.data("Accept"))
        .await;

    let told = Instant::now();
    one.signal("TERM").await;
    // Somebody presses while nobody fetches.
    let after = world
        .telegram
        .press(FIRST_GUEST + 1, other.id, other.data("Maybe"))
        .await;
    assert!(half.end().await.starts_with("HTTP/1.1 201"));
    let (success, took) = ended(&mut one, told).await;
    assert!(success, "{}", one.log());
    let at_the_end = sent(&world).await;
    let left: i64 = world
        .number("select count(*) from outbox_messages where state in ('pending', 'published')")
        .await;
    assert!(left > 0, "there was nothing left to be handed over");
    assert_eq!(
        world
            .number("select count(*) from invite_cards where lease_holder is not null")
            .await,
        0,
        "cards that are still leased"
    );
    assert_eq!(world.number("select count(*) from leases").await, 0);
    let claimed = "select count(*) from outbox_messages
                   where state = 'pending' and due_at > now() + interval '5 seconds'";
    assert_eq!(
        world.number(claimed).await,
        0,
        "rows that are still claimed"
    );

    world.telegram.clear_faults().await;
    let begun = Instant::now();
    let two = televent.serve(&[]).await;
    until("the next process to go on", async || {
        (sent(&world).await > at_the_end).then_some(())
    })
    .await;
    let went_on = begun.elapsed();
    // Within its patience, which is shorter than a claim, a lease or JetStream's ack wait.
    world.settled().await;
    let settled = begun.elapsed();
    println!(
        "limit {limit}: ended after {took:.1?} with {at_the_end} sent, the next one went on after {went_on:.1?}, all done after {settled:.1?}"
    );
    for id in guests() {
        let cards = world.cards(id).await.len();
        assert_eq!(cards, EVENTS + 1, "the cards of {id}");
    }
    assert_eq!(
        world.telegram.answer(&before).await.text,
        "✅ You accepted."
    );
    assert!(!world.telegram.answer(&after).await.text.is_empty());
    let ours = world.cards(ANN).await.len();
    let all = usize::try_from(GUESTS).unwrap() * (EVENTS + 1) + ours;
    assert_eq!(sent(&world).await, all, "something was sent twice");
    let (_, metrics) = two.fetch("/metrics").await;
    assert!(
        metrics.contains("televent_ambiguous_sends_total 0\n"),
        "{metrics}"
    );
    assert!(two.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn messages_that_wait_for_their_moment_are_handed_over() {
    is_handed_over("30", 0.0).await;
}

#[tokio::test]
async fn messages_that_were_fetched_ahead_are_handed_over() {
    is_handed_over("0", 0.4).await;
}

#[tokio::test]
async fn process_ends_in_time_while_postgres_is_away() {
    let world = people().await;
    let (proxy, through_proxy) = world.database.behind_proxy().await;
    let televent = Televent::of(&world)
        .with("TELEVENT_DATABASE_URL", &through_proxy)
        .with("TELEVENT_LOG", "debug");
    let mut one = televent.serve(&[]).await;
    one.until_ready().await;
    let ann = world.add_user(ANN, "Ann").await.at(&one.url);
    let slow = json!({
        "kind": "hang", "method": "sendMessage", "seconds": 0.5, "performs": true, "times": 100_000,
    });
    world.telegram.fault(slow).await;
    ann.save("plan.ics", invitation("plan")).await;
    until("a card", async || (sent(&world).await > 0).then_some(())).await;
    proxy.cut();
    let told = Instant::now();
    one.signal("TERM").await;
    let (success, took) = ended(&mut one, told).await;
    println!("without Postgres: ended after {took:.1?}");
    assert!(success, "{}", one.log());

    proxy.forward_to(world.database.address());
    world.telegram.clear_faults().await;
    // What could not be given back runs out by itself; a test need not wait for that.
    world.let_time_pass(ACK_WAIT).await;
    let two = televent.serve(&[]).await;
    for id in guests() {
        until("the cards", async || {
            (!world.telegram.messages(id).await.is_empty()).then_some(())
        })
        .await;
    }
    world.settled().await;
    assert!(two.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn process_ends_in_time_while_nats_is_away() {
    let world = people().await;
    let televent = Televent::of(&world);
    let mut one = televent.serve(&[]).await;
    one.until_ready().await;
    let ann = world.add_user(ANN, "Ann").await.at(&one.url);
    ann.save("plan.ics", invitation("plan")).await;
    until("a card", async || (sent(&world).await > 0).then_some(())).await;
    world.nats.stop().await;
    ann.save("other.ics", invitation("other")).await;
    let told = Instant::now();
    one.signal("TERM").await;
    let (success, took) = ended(&mut one, told).await;
    println!("without NATS: ended after {took:.1?}");
    assert!(success, "{}", one.log());
    world.nats.start_again().await;
    // What could not be given back comes again after JetStream's patience; a test need not wait for that.
    world.let_time_pass(ACK_WAIT).await;
    let two = televent.serve(&[]).await;
    for id in guests() {
        until("both cards", async || {
            (world.telegram.messages(id).await.len() >= 2).then_some(())
        })
        .await;
    }
    world.settled().await;
    assert!(two.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn second_signal_ends_a_process_at_once() {
    let world = people().await;
    let televent = Televent::of(&world);
    let mut one = televent.serve(&[]).await;
    one.until_ready().await;
    let ann = world.add_user(ANN, "Ann").await.at(&one.url);
    let stuck = json!({ "kind": "hang", "method": "sendMessage", "seconds": 60, "performs": true, "times": 100_000 });
    world.telegram.fault(stuck).await;
    ann.save("plan.ics", invitation("plan")).await;
    until("a call that hangs", async || {
        for id in guests() {
            if !world.telegram.messages(id).await.is_empty() {
                return Some(());
            }
        }
        None
    })
    .await;
    one.signal("TERM").await;
    until("the first signal to be heard", async || {
        one.log().contains("shutting down").then_some(())
    })
    .await;
    assert!(
        one.ended().is_none(),
        "it waits for the call:\n{}",
        one.log()
    );
    let told = Instant::now();
    one.signal("INT").await;
    let (success, took) = ended(&mut one, told).await;
    println!("second signal: ended after {took:.1?}");
    assert!(!success);
    assert!(one.log().contains("a second signal"), "{}", one.log());
    // Leases and claims run out by themselves, which takes longer than this test.
    world.abandon();
}

#[tokio::test]
async fn whoever_asks_for_readiness_learns_of_the_end_before_it_comes() {
    let world = people().await;
    let televent = Televent::of(&world).with("TELEVENT_SHUTDOWN_NOTICE_SECONDS", "4");
    let mut one = televent.serve(&[]).await;
    one.until_ready().await;
    let ann = world.add_user(ANN, "Ann").await.at(&one.url);
    let told = Instant::now();
    one.signal("TERM").await;
    until("the process to say that it ends", async || {
        (one.fetch("/readyz").await == (503, "shutting down\n".to_owned())).then_some(())
    })
    .await;
    ann.save("plan.ics", invitation("plan")).await;
    let _card = card_of(&world, FIRST_GUEST).await;
    let (success, _took) = ended(&mut one, told).await;
    assert!(success, "{}", one.log());

    // Who does not want to wait says so again.
    let mut two = televent.serve(&[]).await;
    two.until_ready().await;
    world.settled().await;
    let told = Instant::now();
    two.signal("TERM").await;
    until("the process to have heard", async || {
        two.log().contains("shutting down").then_some(())
    })
    .await;
    two.signal("TERM").await;
    let (success, took) = ended(&mut two, told).await;
    assert!(success, "{}", two.log());
    println!(
        "  with a second signal it has ended after {} ms",
        took.as_millis()
    );
    world.finish().await;
}
