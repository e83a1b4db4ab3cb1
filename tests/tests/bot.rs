//! What people write to the bot, and what it answers.

use televent_tests::{KIRILL, Message, World, until};

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
pub(crate) async fn nth(world: &World, id: i64, count: usize) -> Message {
    until("a message of the bot", async || {
        let messages = world.telegram.messages(id).await;
        (messages.len() >= count).then(|| messages.get(count - 1).cloned())?
    })
    .await
}

/// The last message of the bot in somebody's chat that begins so, once there is one.
pub(crate) async fn beginning(world: &World, id: i64, text: &str) -> Message {
    until("a message of the bot", async || {
        let messages = world.telegram.messages(id).await;
        messages
            .into_iter()
            .rev()
            .find(|message| message.text.starts_with(text))
    })
    .await
}

/// Somebody presses a button of a message; the message as it is then.
pub(crate) async fn press(world: &World, id: i64, message: &Message, label: &str) -> Message {
    world.press_by(id, message, label).await;
    world.message_now(id, message).await
}

/// As [`press`], with data that no button of the message needs to have.
pub(crate) async fn press_data(world: &World, id: i64, message: &Message, data: &str) -> Message {
    world.press_data(id, message, data).await;
    world.message_now(id, message).await
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
