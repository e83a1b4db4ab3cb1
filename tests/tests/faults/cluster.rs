//! A cluster of three nats-servers: whichever of them dies, freezes, restarts or is cut off, nothing is lost and nobody notices.

use std::time::Duration;

use televent_broker::{INVITES, NOTIFIER, RSVP, UPDATES};
use televent_tests::{Cluster, Cut, Serving, World};
use tokio_util::sync::CancellationToken;

use super::{
    load::{Invitation, Load, process, two_processes},
    runs_all,
};

/// How long a killed node is away: longer than an election.
const AWAY: Duration = Duration::from_secs(12);

/// How long a frozen node is: longer than it takes until its clients know.
const FROZEN: Duration = Duration::from_secs(40);

/// How long a node is cut off from the others: longer than an election, and than it takes until it knows.
const CUT_OFF: Duration = Duration::from_secs(30);

/// How long all is well before each fault.
const QUIET: Duration = Duration::from_secs(8);

async fn break_everything(cluster: &mut Cluster, load: &Load<'_>) {
    tokio::time::sleep(QUIET).await;

    for stream in [INVITES, UPDATES] {
        load.begin("leader killed");
        let leader = cluster.leader(stream).await;
        cluster.kill(leader).await;
        tokio::time::sleep(AWAY).await;
        cluster.start_node(leader);
        become_whole(cluster, load).await;
    }

    load.begin("node frozen");
    let leader = cluster.leader(INVITES).await;
    cluster.signal(leader, "STOP").await;
    tokio::time::sleep(FROZEN).await;
    load.begin("node thawed");
    cluster.signal(leader, "CONT").await;
    become_whole(cluster, load).await;

    for node in 0..3 {
        load.begin("rolling restart");
        cluster.restart_as_lame_duck(node).await;
        for stream in [INVITES, UPDATES] {
            cluster.until_whole(stream).await;
        }
    }
    become_whole(cluster, load).await;
}

async fn become_whole(cluster: &Cluster, load: &Load<'_>) {
    for stream in [INVITES, UPDATES] {
        cluster.until_whole(stream).await;
    }
    load.begin("quiet");
    tokio::time::sleep(QUIET).await;
}

/// The least: the leader dies in the middle of it, and does not come back.
async fn kill_the_leader(cluster: &mut Cluster, load: &Load<'_>) {
    tokio::time::sleep(Duration::from_secs(1)).await;
    load.begin("leader killed");
    let leader = cluster.leader(INVITES).await;
    cluster.kill(leader).await;
}

#[tokio::test]
async fn no_node_of_a_cluster_is_missed() {
    let (people, every) = if runs_all() {
        (3_000, Duration::from_millis(200))
    } else {
        (20, Duration::from_millis(150))
    };
    let world = World::with_processes(&[]).await;
    let mut cluster = Cluster::start().await;
    let processes = two_processes(&world, &cluster.url()).await;
    for stream in [INVITES, UPDATES] {
        cluster.until_whole(stream).await;
    }
    let load = Load::new(&world, &processes, people).await;
    let stop = CancellationToken::new();
    let (invitations, pressed, ()) =
        tokio::join!(load.invite(every, &stop), load.press(every, &stop), async {
            if runs_all() {
                break_everything(&mut cluster, &load).await;
            } else {
                kill_the_leader(&mut cluster, &load).await;
                tokio::time::sleep(every * 20).await;
            }
            stop.cancel();
        });
    nothing_is_missed(
        "A cluster of three nodes",
        &cluster,
        &load,
        &invitations,
        &pressed,
    )
    .await;
    for process in processes {
        assert!(process.stop().await.success());
    }
    world.finish().await;
}

/// Each process at a node of its own, one of them at the leader.
async fn at_leader_and_elsewhere(world: &World, cluster: &Cluster) -> Vec<Serving> {
    let first = process(world, &cluster.url_of(0)).await;
    for stream in [INVITES, UPDATES] {
        cluster.until_whole(stream).await;
    }
    let other = match cluster.leader(INVITES).await {
        0 => 1,
        leader => leader,
    };
    vec![first, process(world, &cluster.url_of(other)).await]
}

/// The leader of INVITES, with clients, is kept from the other nodes and they from it.
async fn cut_the_leader_off(cluster: &Cluster, load: &Load<'_>) {
    for (how, cut_off, joined) in [
        (Cut::Closed, "leader cut off", "leader joined again"),
        (Cut::Silent, "leader silent", "leader heard again"),
    ] {
        tokio::time::sleep(QUIET).await;
        let leader = cluster.leader(INVITES).await;
        load.begin(cut_off);
        cluster.cut_off(leader, how);
        let cut = tokio::time::sleep(CUT_OFF);
        cluster.until_led_without(leader, INVITES).await;
        cut.await;
        load.begin(joined);
        cluster.join_again(leader, how);
        become_whole(cluster, load).await;
    }
}

#[tokio::test]
async fn node_that_is_cut_off_from_the_others_is_not_missed() {
    if !runs_all() {
        return;
    }
    let world = World::with_processes(&[]).await;
    let cluster = Cluster::start().await;
    let processes = at_leader_and_elsewhere(&world, &cluster).await;
    let every = Duration::from_millis(200);
    let load = Load::new(&world, &processes, 3_000).await;
    let stop = CancellationToken::new();
    let (invitations, pressed, ()) =
        tokio::join!(load.invite(every, &stop), load.press(every, &stop), async {
            cut_the_leader_off(&cluster, &load).await;
            stop.cancel();
        });
    let title = "A cluster of three nodes, one of them cut off";
    nothing_is_missed(title, &cluster, &load, &invitations, &pressed).await;
    for process in processes {
        assert!(process.stop().await.success());
    }
    world.finish().await;
}

/// Everybody who was invited has one card, and everybody who pressed has accepted.
async fn nothing_is_missed(
    title: &str,
    cluster: &Cluster,
    load: &Load<'_>,
    invitations: &[Invitation],
    pressed: &[i64],
) {
    load.every_card_once(invitations).await;
    let presses = load
        .every_answer(pressed, async || {
            cluster.idle(RSVP).await.is_ok() && cluster.idle(NOTIFIER).await.is_ok()
        })
        .await;
    assert_eq!(presses.repeated, 0, "an answer was lost");
    load.until_settled().await;
    load.every_card_once(invitations).await;
    load.report(title, invitations).await;
    println!(
        "  {} invitations, {} presses",
        invitations.len(),
        presses.made
    );
}
