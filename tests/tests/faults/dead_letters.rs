//! Messages that can never be handled: each way to fail for ever ends among the dead letters, after a bounded number of tries, with
//! what the message has been through. What can't be read and what Telegram refuses is tested where it is handled.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use televent_broker::{Broker, Consumer, Delivery, Outcome, UPDATES, run_consumer};
use televent_store::{DeadLetter, RetryOutcome, Store};
use televent_tests::{KIRILL, Roles, Updates, World, buttons, plan, until};
use tokio::{runtime, sync::mpsc};
use tokio_util::sync::CancellationToken;

/// A consumer of a test's own.
const TEST: Consumer = Consumer {
    stream: UPDATES,
    durable: "test",
    concurrency: 8,
    ack_wait: Duration::from_millis(1_500),
};

async fn connected(url: String) -> Broker {
    let broker = Broker::connect(&[url]).await.expect("NATS can be used");
    broker.provision().await.expect("JetStream can be used");
    broker
}

/// A message for [`TEST`].
async fn publish(broker: &Broker, id: &str) {
    let patience = Duration::from_secs(5);
    let subject = format!("televent.update.{id}");
    let published = broker.publish(subject, id, b"{}".to_vec(), None, patience);
    published.await.expect("it is stored");
}

/// The one letter, as soon as there is one.
async fn letter(world: &World) -> DeadLetter {
    until("a dead letter", async || {
        let mut letters = world.store().dead_letters(10).await.expect("they are read");
        assert!(letters.len() <= 1, "{letters:#?}");
        letters.pop()
    })
    .await
}

/// Runs a handler on one message until the message is given up.
async fn given_up<H, F>(handler: H, before: &'static str) -> (World, DeadLetter)
where
    H: Fn(Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    let mut world = World::with_processes(&[]).await;
    world.execute(before).await;
    let broker = connected(world.nats.url()).await;
    publish(&broker, "7-1").await;
    let shutdown = CancellationToken::new();
    let store = world.store().clone();
    let consumer = run_consumer(TEST, broker, store, |_| None, handler, shutdown.clone());
    let running = tokio::spawn(consumer);
    let letter = letter(&world).await;
    shutdown.cancel();
    running.await.expect("the consumer ends in good order");
    world.expect_dead_letters(1);
    (world, letter)
}

#[tokio::test]
async fn message_whose_handler_panics_is_given_up() {
    let panicked_before =
        "insert into troubled_messages (stream, message_id, unended) values ('UPDATES', '7-1', 3)";
    #[expect(clippy::unreachable, reason = "the panic is what is tested")]
    let (world, letter) = given_up(|_| async { unreachable!("on purpose") }, panicked_before).await;
    assert_eq!(
        letter.reason,
        "5 tries came to no end: its handler panicked, or its process died"
    );
    let tries = letter.tries.expect("they are counted");
    assert_eq!((tries.unended, tries.timeouts), (5, 0));
    assert_eq!(tries.last_error.as_deref(), Some("its handler panicked"));
    assert_eq!((letter.deliveries, letter.payload), (2, json!({})));
    assert!(letter.first_seen_at.is_some());
    world.abandon();
}

#[tokio::test]
async fn message_whose_handler_never_ends_is_given_up() {
    let late_before = "insert into troubled_messages (stream, message_id, timeouts) values ('UPDATES', '7-1', 18)";
    let (world, letter) = given_up(|_| pending(), late_before).await;
    assert_eq!(letter.reason, "its handler ran out of time 20 times");
    let tries = letter.tries.expect("they are counted");
    assert_eq!((tries.unended, tries.timeouts), (0, 20));
    world.abandon();
}

#[tokio::test]
async fn waiting_is_no_trouble() {
    let (world, letter) = given_up(
        |delivery| async move {
            if delivery.deliveries < 20 {
                return Outcome::Retry {
                    after: Duration::from_millis(10),
                    why: "it has to wait".to_owned(),
                };
            }
            Outcome::Dead {
                why: "enough".to_owned(),
            }
        },
        "select",
    )
    .await;
    assert_eq!((letter.reason.as_str(), letter.deliveries), ("enough", 20));
    world.abandon();
}

/// What a process does until it dies of the message: kills itself, in the middle of whatever else it does.
fn process(
    urls: (String, String),
    done: Arc<AtomicU32>,
    dies: mpsc::Sender<()>,
) -> runtime::Runtime {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.spawn(async move {
        let broker = connected(urls.0).await;
        let store = Store::connect_lazy(&urls.1).expect("a URL of Postgres");
        let handler = move |delivery: Delivery| {
            let (done, dies) = (Arc::clone(&done), dies.clone());
            async move {
                if delivery.subject.ends_with("killer") {
                    dies.send(()).await.expect("the test waits for it");
                    return pending().await;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
                done.fetch_add(1, Ordering::Relaxed);
                Outcome::Done
            }
        };
        run_consumer(
            TEST,
            broker,
            store,
            |_| None,
            handler,
            CancellationToken::new(),
        )
        .await;
    });
    runtime
}

/// Nothing of the dying process is finished: a runtime that is shut down drops what it has, as a kill does.
#[tokio::test]
async fn message_that_kills_its_process_is_given_up_and_takes_no_other_with_it() {
    const INNOCENT: u32 = 4;
    let mut world = World::with_processes(&[]).await;
    let broker = connected(world.nats.url()).await;
    for n in 0..INNOCENT {
        publish(&broker, &format!("innocent-{n}")).await;
    }
    publish(&broker, "killer").await;
    let (dies, mut died) = mpsc::channel(1);
    let done = Arc::new(AtomicU32::new(0));
    let mut deaths = 0;
    let letter = loop {
        let urls = (world.nats.url(), world.database.url.clone());
        let running = process(urls, Arc::clone(&done), dies.clone());
        let buried = tokio::select! {
            letter = letter(&world) => Some(letter),
            _ = died.recv() => None,
        };
        if let Some(letter) = buried {
            until("the others to be done", async || {
                (done.load(Ordering::Relaxed) >= INNOCENT).then_some(())
            })
            .await;
            running.shutdown_background();
            break letter;
        }
        running.shutdown_background();
        deaths += 1;
        assert!(deaths <= 10, "it kills for ever");
    };
    assert_eq!(letter.subject, "televent.update.killer");
    let tries = letter.tries.expect("they are counted");
    assert_eq!(tries.unended, 5);
    // Its first delivery is not noted.
    assert_eq!(deaths, 6);
    world.expect_dead_letters(1);
    world.abandon();
}

#[tokio::test]
async fn card_that_failed_too_often_is_given_up() {
    let mut world = World::start().await;
    let ann = world.add_people().await;
    let fault = json!({ "kind": "502_html", "method": "sendMessage", "lasting": true });
    world.telegram.fault(fault).await;
    ann.save("plan.ics", plan()).await;
    let failed = "select last_error from outbox_messages where attempts between 1 and 1000";
    until("a try to fail", async || world.strings(failed).await.pop()).await;
    world
        .execute("update outbox_messages set attempts = 1999")
        .await;
    let letter = letter(&world).await;
    assert!(
        letter
            .reason
            .starts_with("given up after 2000 tries: it is unknown whether Telegram did it"),
        "{}",
        letter.reason
    );
    let tries = letter.tries.clone().expect("they are counted");
    assert_eq!(tries.failed, Some(2_000));
    assert!(
        tries
            .last_error
            .as_deref()
            .is_some_and(|error| letter.reason.ends_with(error))
    );
    world.telegram.clear_faults().await;
    let retried = world.store().retry_dead_letter(letter.id, UPDATES).await;
    assert_eq!(retried.unwrap(), RetryOutcome::Retried);
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    world.expect_dead_letters(0);
    world.finish().await;
}

#[tokio::test]
async fn update_that_can_not_be_read_is_kept_and_can_be_retried() {
    for updates in [Updates::Polling, Updates::Webhook("secret")] {
        let mut world = World::with_processes(&[Roles::all(updates)]).await;
        let (_ann, card) = world.invite_kirill().await;
        let garbage = json!({ "callback_query": { "id": "q", "from": { "id": -1 }, "data": "x" } });
        let update_id = world.telegram.inject(garbage.clone()).await;
        world.settled().await;
        let first = letter(&world).await;
        assert!(
            first
                .reason
                .starts_with(&format!("update {update_id} can't be read: ")),
            "{}",
            first.reason
        );
        assert_eq!(first.message_id, Some(format!("1000-{update_id}")));
        assert_eq!(
            first.payload["update"]["callback_query"],
            garbage["callback_query"]
        );
        assert_eq!(first.subject, "televent.update.0");
        // It holds nobody up.
        world.press(&card, "Accept").await;
        assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");

        let retried = world.store().retry_dead_letter(first.id, UPDATES).await;
        assert_eq!(retried.unwrap(), RetryOutcome::Retried);
        world.settled().await;
        let back = letter(&world).await;
        assert_ne!(back.id, first.id);
        assert_eq!((back.retries, &back.message_id), (1, &first.message_id));
        assert_eq!(back.history[0].reason, first.reason);
        world.expect_dead_letters(1);
        world.finish().await;
    }
}
