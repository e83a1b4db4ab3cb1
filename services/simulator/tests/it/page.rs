//! The page's files and the stream of events behind it.

use crate::harness::{BOB, World};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn the_page_loads_only_its_own_files() {
    let world = World::start().await;
    let url = world.simulator.url();
    let page = world.client.get(&url).send().await.expect("a page");
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let text = page.text().await.expect("text");
    for (start, _) in text.match_indices("/_page/") {
        let path = text[start..].split('"').next().expect("a path");
        let status = world
            .client
            .get(format!("{url}{path}"))
            .send()
            .await
            .expect("a file")
            .status();
        assert_eq!(status.as_u16(), 200, "{path}");
    }
    assert!(!text.contains("<script>") && !text.contains("style=") && !text.contains("http://"));
}

#[tokio::test]
async fn every_module_of_the_page_is_served() {
    let world = World::start().await;
    let read = async |name: &str| {
        let url = format!("{}/_page/{name}", world.simulator.url());
        let file = world.client.get(url).send().await.expect("a file");
        assert_eq!(file.status().as_u16(), 200, "{name}");
        assert_eq!(
            file.headers()["content-type"],
            "text/javascript; charset=utf-8",
            "{name}"
        );
        file.text().await.expect("text")
    };
    let mut seen = Vec::new();
    let mut waiting = vec!["app.js".to_owned()];
    while let Some(name) = waiting.pop() {
        if seen.contains(&name) {
            continue;
        }
        let source = read(&name).await;
        for (_, imported) in source
            .lines()
            .filter(|line| line.starts_with("import "))
            .filter_map(|line| line.split_once("from './"))
        {
            waiting.push(imported.trim_end_matches("';").to_owned());
        }
        seen.push(name);
    }
    assert!(seen.len() > 4, "{seen:?}");
}

#[tokio::test]
async fn events_tell_of_messages_and_answers_and_end_with_the_simulator() {
    let world = World::start().await;
    let mut stream = world
        .client
        .get(format!("{}/_sim/events", world.simulator.url()))
        .send()
        .await
        .expect("a stream");
    let card = world.card().await;
    let pressed = world.press(card, json!({ "data": "yes" })).await;
    world
        .ok(
            "answerCallbackQuery",
            json!({ "callback_query_id": pressed["callback_query_id"], "text": "ok" }),
        )
        .await;
    let mut text = String::new();
    while !text.contains("answered") {
        let chunk = tokio::time::timeout(Duration::from_secs(10), stream.chunk())
            .await
            .expect("an event in time");
        text.push_str(&String::from_utf8_lossy(
            &chunk.expect("a chunk").expect("more"),
        ));
    }
    assert!(
        text.contains(&format!("data: {{\"type\":\"chat\",\"id\":{BOB}}}")),
        "{text}"
    );
    world.simulator.stop().await;
    while let Ok(Some(_)) = stream.chunk().await {}
}
