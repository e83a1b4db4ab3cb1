//! What people write to the bot, and what it answers.

use televent_tests::{KIRILL, World, until};

#[path = "bot/account.rs"]
mod account;
#[path = "bot/agenda.rs"]
mod agenda;
#[path = "bot/devices.rs"]
mod devices;
#[path = "bot/event.rs"]
mod event;
#[path = "bot/menu.rs"]
mod menu;
#[path = "bot/settings.rs"]
mod settings;

/// The last message of the bot in somebody's chat, once there are so many.
pub(crate) async fn nth(world: &World, id: i64, count: usize) -> televent_tests::Message {
    until("a message of the bot", async || {
        let messages = world.telegram.messages(id).await;
        (messages.len() >= count).then(|| messages.get(count - 1).cloned())?
    })
    .await
}

#[tokio::test]
async fn what_is_not_understood_is_answered_once() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    world.telegram.say(KIRILL, "hello?").await;
    let answer = nth(&world, KIRILL, 1).await;
    assert!(answer.text.contains("/help"), "{answer:?}");
    world.telegram.say(KIRILL, "hello??").await;
    world.telegram.say(KIRILL, "/help").await;
    let help = nth(&world, KIRILL, 2).await;
    assert!(help.text.contains("/devices"), "{help:?}");
    world.settled().await;
    assert_eq!(world.telegram.messages(KIRILL).await.len(), 2);
    world.finish().await;
}
