//! JetStream's disk is deleted while people invite and answer.

use std::time::{Duration, Instant};

use televent_tests::World;
use tokio_util::sync::CancellationToken;

use super::{
    load::{Load, two_processes},
    runs_all,
};

/// How long everything may take to arrive.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often the disk is lost, how long nobody is there then, and how long all is well before and after.
struct Plan {
    losses: usize,
    away: Duration,
    between: Duration,
    every: Duration,
}

async fn lose_and_return(world: &World, load: &Load<'_>, plan: &Plan) -> usize {
    let mut waited = 0;
    tokio::time::sleep(plan.between).await;
    for _ in 0..plan.losses {
        load.begin("JetStream gone");
        world.nats.lose_everything().await;
        tokio::time::sleep(plan.away).await;
        waited += load.waiting_rows().await;
        world.nats.start_again().await;
        load.begin("JetStream back, empty");
        tokio::time::sleep(plan.between).await;
    }
    waited
}

#[tokio::test]
async fn jetstreams_disk_is_deleted_under_load() {
    let plan = if runs_all() {
        Plan {
            losses: 5,
            away: Duration::from_secs(5),
            between: Duration::from_secs(8),
            every: Duration::from_millis(150),
        }
    } else {
        Plan {
            losses: 1,
            away: Duration::from_secs(1),
            between: Duration::from_secs(2),
            every: Duration::from_millis(150),
        }
    };
    let world = World::with_processes(&[]).await;
    let processes = two_processes(&world, &world.nats.url()).await;
    let people = if runs_all() { 600 } else { 60 };
    let load = Load::new(&world, &processes, people).await;
    let stop = CancellationToken::new();
    let (invitations, pressed, waited) = tokio::join!(
        load.invite(plan.every, &stop),
        load.press(plan.every, &stop),
        async {
            let waited = lose_and_return(&world, &load, &plan).await;
            stop.cancel();
            waited
        }
    );
    assert!(waited > 0, "the outbox has waited for JetStream");

    // The stream is younger than what was published to it and is not done: nobody waits for the sweeper.
    let start = Instant::now();
    while let Err(open) = load.settled().await {
        assert!(start.elapsed() < PATIENCE, "{open}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    load.every_card_once(&invitations).await;
    let presses = load
        .every_answer(&pressed, async || world.idle().await.is_ok())
        .await;
    load.every_card_once(&invitations).await;
    load.report("JetStream's disk deleted", &invitations).await;
    println!(
        "  lost {} times, {} invitations, {waited} rows waited, {} presses, {} of them again",
        plan.losses,
        invitations.len(),
        presses.made,
        presses.repeated,
    );
    for process in processes {
        assert!(process.stop().await.success());
    }
    world.finish().await;
}
