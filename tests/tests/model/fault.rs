//! What goes wrong in a life.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use televent_broker::ACK_WAIT;
use televent_store::SWEEP_AFTER;
use televent_tests::{Supervisor, World};

/// What goes wrong with an operation: before it, so that it meets it, or right after it was acknowledged.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// `kill -9`, so many milliseconds after the answer.
    Kill(u64),
    /// Telegram does what it is asked for next, and its answer is lost.
    LostAnswer,
    /// Telegram fails this often.
    ServerErrors(u8),
    /// The next update comes twice.
    DuplicateUpdate,
    /// nats-server stops, and comes back with its streams.
    RestartNats,
    /// nats-server comes back with an empty disk, and the process is killed with it.
    LoseJetStream,
    /// All connections to NATS break.
    Disconnect,
    /// Much time passes at once.
    Later,
}

impl Fault {
    /// What has to be arranged before the operation.
    pub(crate) async fn before(&self, world: &World) {
        let telegram = &world.telegram;
        match self {
            Self::LostAnswer => telegram.fault(json!({ "kind": "lost_answer" })).await,
            Self::ServerErrors(times) => {
                telegram
                    .fault(json!({ "kind": "500", "times": times }))
                    .await;
            }
            Self::DuplicateUpdate => {
                telegram
                    .fault(json!({ "kind": "duplicate_delivery" }))
                    .await;
            }
            _ => {}
        }
    }

    /// What happens while the operation has its effects.
    pub(crate) async fn after(&self, world: &World, process: &mut Supervisor) {
        match self {
            Self::Kill(milliseconds) => {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
                process.kill(world).await;
            }
            Self::RestartNats => {
                world.nats.stop().await;
                world.nats.start_again().await;
                world.let_time_pass(2 * ACK_WAIT).await;
            }
            Self::LoseJetStream => {
                world.nats.lose_everything().await;
                world.nats.start_again().await;
                world.let_time_pass(SWEEP_AFTER).await;
                // A process that starts looks at once for what was never settled.
                process.kill(world).await;
            }
            Self::Disconnect => {
                world.nats.disconnect_clients();
                // What was on its way to the process is delivered again once the ack wait is over.
                world.let_time_pass(2 * ACK_WAIT).await;
            }
            Self::Later => world.let_time_pass(SWEEP_AFTER).await,
            Self::LostAnswer | Self::ServerErrors(_) | Self::DuplicateUpdate => {}
        }
    }
}

pub(crate) fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => (0u64..60).prop_map(Fault::Kill),
        2 => Just(Fault::LostAnswer),
        1 => (1u8..3).prop_map(Fault::ServerErrors),
        1 => Just(Fault::DuplicateUpdate),
        2 => Just(Fault::RestartNats),
        1 => Just(Fault::LoseJetStream),
        1 => Just(Fault::Disconnect),
        1 => Just(Fault::Later),
    ]
}
