//! Settings: time zone, language, pings, who sees when somebody is busy.

use televent_tests::{KIRILL, World};

use crate::{nth, press, press_data};

#[tokio::test]
async fn settings_are_chosen_by_buttons_of_one_message() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    world.telegram.say(KIRILL, "/settings").await;
    let settings = nth(&world, KIRILL, 1).await;
    assert!(settings.text.contains("Language: English"), "{settings:?}");
    let press = async |data: &str| press_data(&world, KIRILL, &settings, data).await;
    let languages = press(settings.data("Language")).await;
    assert!(languages.labels().contains(&"Deutsch"), "{languages:?}");
    let chosen = press(languages.data("Deutsch")).await;
    assert!(chosen.text.contains("Sprache: Deutsch"), "{chosen:?}");
    let pings = press("bot:pings").await;
    let chosen = press(pings.data("Keine")).await;
    assert!(chosen.text.contains("Keine"), "{chosen:?}");
    press("bot:freebusy").await;
    let chosen = press("bot:freebusy:nobody").await;
    assert!(chosen.text.contains("Niemand"), "{chosen:?}");
    assert_eq!(world.telegram.messages(KIRILL).await.len(), 1);
    assert_eq!(
        world.strings("select concat_ws(' ', chosen_language, pings, free_busy) from users where telegram_id = 98765").await,
        ["de none nobody"]
    );
    world.finish().await;
}

#[tokio::test]
async fn the_time_zone_is_told_by_a_city() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    world.telegram.say(KIRILL, "/settings").await;
    let settings = nth(&world, KIRILL, 1).await;
    world.press_by(KIRILL, &settings, "Time zone").await;
    nth(&world, KIRILL, 2).await;
    world.telegram.say(KIRILL, "Nowhereville").await;
    let unknown = nth(&world, KIRILL, 3).await;
    assert!(unknown.text.contains("Nowhereville"), "{unknown:?}");
    world.telegram.say(KIRILL, "new york").await;
    let chosen = nth(&world, KIRILL, 4).await;
    assert!(chosen.text.contains("New York"), "{chosen:?}");
    assert_eq!(
        world
            .strings("select time_zone from users where telegram_id = 98765")
            .await,
        ["America/New_York"]
    );
    world.finish().await;
}

/// Somebody is asked for their time zone.
async fn ask(world: &World) {
    world.telegram.say(KIRILL, "/settings").await;
    world.settled().await;
    let messages = world.telegram.messages(KIRILL).await;
    let settings = messages.last().expect("the settings");
    press(world, KIRILL, settings, "Time zone").await;
}

async fn zone(world: &World) -> Vec<String> {
    world
        .strings("select time_zone from users where telegram_id = 98765")
        .await
}

#[tokio::test]
async fn the_time_zone_is_told_by_a_place() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    ask(&world).await;
    let keyboard = world.telegram.reply_keyboard(KIRILL).await.expect("cities");
    assert!(keyboard.labels().contains(&"London"), "{keyboard:?}");
    world.telegram.share_location(KIRILL, 30.04, 31.24).await;
    let chosen = nth(&world, KIRILL, 3).await;
    assert!(
        chosen
            .text
            .starts_with("✅ Times are shown for Cairo, where it is "),
        "{chosen:?}"
    );
    assert!(chosen.text.contains("/devices"), "{chosen:?}");
    assert!(world.telegram.reply_keyboard(KIRILL).await.is_none());
    assert_eq!(zone(&world).await, ["Africa/Cairo"]);
    world.finish().await;
}

#[tokio::test]
async fn a_city_that_may_be_another_one_says_which_it_is() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    ask(&world).await;
    world.telegram.say(KIRILL, "birmingham").await;
    let chosen = nth(&world, KIRILL, 3).await;
    assert!(
        chosen
            .text
            .starts_with("✅ Birmingham 🇬🇧: times are shown for London, where it is "),
        "{chosen:?}"
    );
    assert_eq!(chosen.labels().first(), Some(&"Birmingham 🇺🇸 · Chicago"));
    assert_eq!(zone(&world).await, ["Europe/London"]);
    world.press_by(KIRILL, &chosen, "Chicago").await;
    world.settled().await;
    assert_eq!(zone(&world).await, ["America/Chicago"]);
    let messages = world.telegram.messages(KIRILL).await;
    let shown = messages.last().expect("a message");
    assert!(
        shown.id == chosen.id && shown.text.contains("Chicago"),
        "{shown:?}"
    );
    ask(&world).await;
    world.telegram.say(KIRILL, "Мюнхен").await;
    let chosen = nth(&world, KIRILL, 6).await;
    assert!(
        chosen
            .text
            .starts_with("✅ Munich 🇩🇪: times are shown for Berlin"),
        "{chosen:?}"
    );
    world.finish().await;
}
