//! Settings: time zone, language, pings, who sees when somebody is busy.

use televent_tests::{KIRILL, World};

use crate::nth;

#[tokio::test]
async fn settings_are_chosen_by_buttons_of_one_message() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    world.telegram.say(KIRILL, "/settings").await;
    let settings = nth(&world, KIRILL, 1).await;
    assert!(settings.text.contains("Language: English"), "{settings:?}");
    let press = async |data: &str| {
        let press = world
            .telegram
            .press_as(KIRILL, KIRILL, settings.id, data)
            .await;
        world.telegram.answer(&press).await;
        world.settled().await;
        world.telegram.messages(KIRILL).await.remove(0)
    };
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
    let press = world
        .telegram
        .press(KIRILL, settings.id, settings.data("Time zone"))
        .await;
    world.telegram.answer(&press).await;
    nth(&world, KIRILL, 2).await;
    world.telegram.say(KIRILL, "Atlantis").await;
    let unknown = nth(&world, KIRILL, 3).await;
    assert!(unknown.text.contains("Atlantis"), "{unknown:?}");
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
