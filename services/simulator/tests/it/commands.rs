//! The bot's commands, per scope and language, and who sees which.

use crate::harness::{BOB, World};
use serde_json::{Value, json};

fn list(name: &str) -> Value {
    json!([{ "command": name, "description": "What it does" }])
}

#[tokio::test]
async fn lists_are_kept_per_scope_and_language_and_shown_by_the_closest() {
    let world = World::start().await;
    let private = json!({ "type": "all_private_chats" });
    for (name, scope, language) in [
        ("everybody", json!({ "type": "default" }), ""),
        ("private", private.clone(), ""),
        ("privat", private.clone(), "de"),
    ] {
        let body = json!({ "commands": list(name), "scope": scope, "language_code": language });
        world.ok("setMyCommands", body).await;
    }
    assert_eq!(
        world.ok("getMyCommands", json!({})).await,
        list("everybody")
    );
    let german = json!({ "scope": private.to_string(), "language_code": "de" });
    assert_eq!(
        world.ok("getMyCommands", german.clone()).await,
        list("privat")
    );
    let only_default = json!({ "language_code": "de" });
    assert_eq!(world.ok("getMyCommands", only_default).await, json!([]));

    assert_eq!(world.get("/commands?language=de-AT").await, list("privat"));
    assert_eq!(world.get("/commands?language=fr").await, list("private"));
    let bobs = format!("/commands?chat_id={BOB}");
    assert_eq!(world.get(&bobs).await, list("private"));
    let own = json!({ "type": "chat", "chat_id": BOB });
    world
        .ok(
            "setMyCommands",
            json!({ "commands": list("mine"), "scope": own }),
        )
        .await;
    assert_eq!(world.get(&bobs).await, list("mine"));
    world.ok("deleteMyCommands", german).await;
    assert_eq!(world.get("/commands?language=de").await, list("private"));
}

#[tokio::test]
async fn commands_are_checked() {
    let world = World::start().await;
    let one = |command: &str, description: &str| json!({ "commands": [{ "command": command, "description": description }] });
    let many = vec![json!({ "command": "a", "description": "b" }); 101];
    let scoped = |scope: Value| json!({ "commands": [], "scope": scope });
    for (body, why) in [
        (one("Not Good", "x"), "BOT_COMMAND_INVALID"),
        (one("", "x"), "command must be non-empty"),
        (
            one(&"a".repeat(33), "x"),
            "command length must not exceed 32",
        ),
        (one("a", " "), "command description must be non-empty"),
        (
            one("a", &"x".repeat(257)),
            "command description length must not exceed 256",
        ),
        (json!({ "commands": many }), "BOT_COMMANDS_TOO_MUCH"),
        (
            json!({ "commands": [{ "command": "a" }] }),
            "can't parse BotCommand: Can't find field \"description\"",
        ),
        (
            json!({ "commands": "{" }),
            "can't parse commands JSON object",
        ),
        (
            json!({ "commands": [], "language_code": "deu" }),
            "invalid language code specified",
        ),
        (
            scoped(json!({ "type": "everywhere" })),
            "can't parse BotCommandScope: Unsupported type specified",
        ),
        (
            scoped(json!({ "type": "chat", "chat_id": 1 })),
            "chat not found",
        ),
        (
            scoped(json!({ "type": "chat_administrators", "chat_id": BOB })),
            "can't use specified scope in private chats",
        ),
    ] {
        let why = format!("Bad Request: {why}");
        world.refused("setMyCommands", body, 400, &why).await;
    }
    world
        .ok("setMyCommands", one(&"a".repeat(32), &"x".repeat(256)))
        .await;
}
