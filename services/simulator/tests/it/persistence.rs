//! The state file: what survives a restart, and what stops one.

use crate::harness::{BOB, TOKEN, World};
use serde_json::json;
use televent_simulator::{Simulator, SimulatorConfig, SimulatorError};

#[tokio::test]
async fn chats_and_counters_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deeper/simulator.json");
    let world = World::with_state_file(Some(path.clone())).await;
    world
        .put_person(BOB, json!({ "first_name": "Bob", "started": true }))
        .await;
    let card = world.card().await;
    let update = world.press(card, json!({ "data": "yes" })).await["update_id"]
        .as_i64()
        .expect("an id");
    world.simulator.stop().await;

    let world = World::with_state_file(Some(path.clone())).await;
    let messages = world.messages(BOB).await;
    assert_eq!((messages.len(), &messages[0]["text"]), (1, &json!("Come?")));
    assert_eq!(world.send(BOB, "next").await["message_id"], json!(card + 1));
    let next = world.press(card, json!({ "data": "yes" })).await["update_id"]
        .as_i64()
        .expect("an id");
    assert!(next > update);

    // Written soon after the change, not only at the end.
    for _ in 0..100 {
        if std::fs::read_to_string(&path).is_ok_and(|text| text.contains("\"next\"")) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the state file was not written");
}

#[tokio::test]
async fn bad_configuration_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{").expect("a file");
    let config = SimulatorConfig {
        listen: "127.0.0.1:0".parse().expect("an address"),
        token: TOKEN.to_owned(),
        bot_username: "televent_bot".to_owned(),
        state_file: None,
    };
    let error = Simulator::start(SimulatorConfig {
        state_file: Some(broken),
        ..config.clone()
    })
    .await;
    assert!(matches!(error, Err(SimulatorError::StateFile { .. })));
    let public = "0.0.0.0:0".parse().expect("an address");
    let error = Simulator::start(SimulatorConfig {
        listen: public,
        ..config.clone()
    })
    .await;
    assert!(matches!(error, Err(SimulatorError::NotLoopback(_))));
    let error = Simulator::start(SimulatorConfig {
        token: "a/b".to_owned(),
        ..config
    })
    .await;
    assert!(matches!(error, Err(SimulatorError::Token)));
}
