//! Secrets are rotated as docs/operations.md says: what people write and press meanwhile waits, and has its effect once.

use std::time::Duration;

use televent_tests::{
    ANN, CalendarApp, KIRILL, Message, Proxy, Serving, Televent, World, buttons, meeting, until,
};
use tokio::time::Instant;

use crate::{runs_all, serving::serving, slow_clients::value};

const NEW_TOKEN: &str = "1000:another-secret-of-the-test";

/// What a process with the old token has put off, for a minute, is done by then.
const PUT_OFF: Duration = Duration::from_secs(100);

/// Ann invites Kirill to something that its UID names on the card, too.
async fn invite(app: &CalendarApp, uid: &str) {
    let kirill = format!("ATTENDEE:mailto:tg_{KIRILL}@televent.internal");
    let object = meeting(uid, ANN, &kirill).replace("SUMMARY:Planning", &format!("SUMMARY:{uid}"));
    app.save(&format!("{uid}.ics"), object).await;
}

async fn accept(world: &World, card: &Message) {
    let [accept, ..] = buttons();
    world
        .telegram
        .press(KIRILL, card.id, card.data(accept))
        .await;
}

async fn until_accepted(world: &World, uid: &str) {
    until("the answer", async || {
        (world.status(uid, KIRILL).await == "ACCEPTED").then_some(())
    })
    .await;
}

/// How many messages Kirill has.
async fn messages(world: &World) -> usize {
    world.telegram.messages(KIRILL).await.len()
}

#[tokio::test]
async fn token_of_the_bot_is_rotated() {
    if !runs_all() {
        return;
    }
    let (world, old, ann) = serving().await;
    invite(&ann, "before").await;
    let card = world.card(KIRILL).await;

    world.telegram.revoke_token(NEW_TOKEN).await;
    invite(&ann, "meanwhile").await;
    accept(&world, &card).await;
    until("the old token to be refused", async || {
        old.log()
            .contains("Telegram does not know this token")
            .then_some(())
    })
    .await;
    assert_eq!(messages(&world).await, 1);

    // Both run side by side, as when many are replaced.
    let new = Televent::of(&world)
        .with("TELEVENT_TELEGRAM_TOKEN", NEW_TOKEN)
        .serve(&[])
        .await;
    new.until_ready().await;
    let begun = Instant::now();
    assert!(old.stop().await.success());
    until_accepted(&world, "before").await;
    println!("the press has its effect after {:?}", begun.elapsed());
    let begun = Instant::now();
    invite(&ann.at(&new.url), "after").await;
    // Whoever has the new token is not kept by what befell the old one.
    until("a card by the new token", async || {
        let cards = world.telegram.messages(KIRILL).await;
        cards
            .iter()
            .any(|card| card.text.contains("after"))
            .then_some(())
    })
    .await;
    println!("a new card comes after {:?}", begun.elapsed());
    // What the old one has put off.
    while let Err(waits) = world.idle().await {
        assert!(begun.elapsed() < PUT_OFF, "{waits}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("all is settled after {:?}", begun.elapsed());
    assert_eq!(world.cards(KIRILL).await.len(), 3);
    assert!(new.stop().await.success());
    world.finish().await;
}

/// One of the processes behind `front`, where Telegram calls.
async fn with_webhook(world: &World, front: &Proxy, secret: &str) -> Serving {
    let serving = Televent::of(world)
        .with(
            "TELEVENT_PUBLIC_URL",
            &format!("http://{}", front.address()),
        )
        .with("TELEVENT_TELEGRAM_UPDATES", "webhook")
        .with("TELEVENT_TELEGRAM_WEBHOOK_SECRET", secret)
        .serve(&[])
        .await;
    serving.until_ready().await;
    until("the webhook to be registered", async || {
        serving
            .log()
            .contains("registered: the webhook")
            .then_some(())
    })
    .await;
    serving
}

fn leads_to(front: &Proxy, serving: &Serving) {
    let (_, address) = serving.url.split_once("://").expect("a URL");
    front.forward_to(address.parse().expect("an address"));
}

#[tokio::test]
async fn secret_of_the_webhook_is_rotated() {
    let world = World::with_processes(&[]).await;
    let front = Proxy::start().await;
    let old = with_webhook(&world, &front, "the-old-secret").await;
    leads_to(&front, &old);
    let ann = world.add_people().await.at(&old.url);
    for uid in ["before", "meanwhile"] {
        invite(&ann, uid).await;
    }
    let cards = world.cards(KIRILL).await;
    let card_of = |uid: &str| {
        let card = cards.iter().find(|card| card.text.contains(uid));
        card.expect("it has come").clone()
    };
    accept(&world, &card_of("before")).await;
    until_accepted(&world, "before").await;

    // Telegram has the new secret, and still reaches the process with the old one.
    let new = with_webhook(&world, &front, "the-new-secret").await;
    accept(&world, &card_of("meanwhile")).await;
    until("the new secret to be refused", async || {
        let (_, metrics) = old.fetch("/metrics").await;
        (value(&metrics, "televent_webhook_refused_total") > 0.0).then_some(())
    })
    .await;
    assert_ne!(world.status("meanwhile", KIRILL).await, "ACCEPTED");
    leads_to(&front, &new);
    assert!(old.stop().await.success());
    until_accepted(&world, "meanwhile").await;
    world.settled().await;
    assert!(new.stop().await.success());
    world.finish().await;
}
