//! The menu of commands.

use televent_tests::{World, until};

#[tokio::test]
async fn commands_are_registered_in_every_language() {
    let world = World::start().await;
    // They are registered one language after the other.
    until("the last of the menus", async || {
        let today = |(name, what): &(String, String)| name == "today" && what == "ما في هذا اليوم";
        world
            .telegram
            .commands("ar")
            .await
            .iter()
            .any(today)
            .then_some(())
    })
    .await;
    let arabic = world.telegram.commands("ar").await;
    let names: Vec<&str> = arabic.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "agenda",
            "today",
            "week",
            "pending",
            "new",
            "invite",
            "devices",
            "settings",
            "export",
            "help",
            "delete_account"
        ]
    );
    for (language, described) in [
        ("de", "was heute ansteht"),
        ("ru", "что сегодня"),
        ("ar", "ما في هذا اليوم"),
        ("en", "what there is today"),
        ("fr", "what there is today"),
    ] {
        let commands = world.telegram.commands(language).await;
        let today = commands.iter().find(|(name, _)| name == "today");
        assert_eq!(today.unwrap().1, described, "{language}");
    }
    world.finish().await;
}
