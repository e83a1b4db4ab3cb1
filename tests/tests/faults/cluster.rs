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

/// More than what was on its way to people when the node was cut off.
const SOME_CARDS: usize = 20;

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

/// Where the processes are when the leader is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Places {
    /// One of them at the leader.
    LeaderAndElsewhere,
    /// Both.
    Leader,
}

/// Two processes, and the leader of INVITES.
async fn processes_at(places: Places, world: &World, cluster: &Cluster) -> ([Serving; 2], usize) {
    let first = process(world, &cluster.url()).await;
    for stream in [INVITES, UPDATES] {
        cluster.until_whole(stream).await;
    }
    assert!(first.stop().await.success());
    let leader = cluster.leader(INVITES).await;
    let other = match places {
        Places::LeaderAndElsewhere => cluster.url_of(leader + 1),
        Places::Leader => cluster.url_of(leader),
    };
    let processes = [
        process(world, &cluster.url_of(leader)).await,
        process(world, &other).await,
    ];
    assert_eq!(
        cluster.leader(INVITES).await,
        leader,
        "nothing has happened"
    );
    (processes, leader)
}

/// The leader of INVITES, with clients, is kept from the other nodes and they from it.
async fn cut_the_leader_off(leader: usize, how: Cut, cluster: &Cluster, load: &Load<'_>) {
    tokio::time::sleep(QUIET).await;
    load.begin("leader cut off");
    cluster.cut_off(leader, how);
    let cut = tokio::time::sleep(CUT_OFF);
    cluster.until_led_without(leader, INVITES).await;
    // Whoever was at that node has gone to another one.
    load.until_more_cards(SOME_CARDS).await;
    cut.await;
    load.begin("leader joined again");
    cluster.join_again(leader, how);
    become_whole(cluster, load).await;
}

async fn nobody_misses_a_leader_that_is_cut_off(how: Cut, places: Places) {
    if !runs_all() {
        return;
    }
    let world = World::with_processes(&[]).await;
    let cluster = Cluster::start().await;
    let (processes, leader) = processes_at(places, &world, &cluster).await;
    let every = Duration::from_millis(200);
    let load = Load::new(&world, &processes, 3_000).await;
    let stop = CancellationToken::new();
    let (invitations, pressed, ()) =
        tokio::join!(load.invite(every, &stop), load.press(every, &stop), async {
            cut_the_leader_off(leader, how, &cluster, &load).await;
            stop.cancel();
        });
    let title = format!("A cluster of three nodes, {how:?}, processes at {places:?}");
    nothing_is_missed(&title, &cluster, &load, &invitations, &pressed).await;
    for process in processes {
        assert!(process.stop().await.success());
    }
    world.finish().await;
}

#[tokio::test]
async fn leader_that_is_cut_off_is_not_missed() {
    nobody_misses_a_leader_that_is_cut_off(Cut::Closed, Places::LeaderAndElsewhere).await;
}

#[tokio::test]
async fn leader_that_is_cut_off_without_a_word_is_left_by_everybody() {
    nobody_misses_a_leader_that_is_cut_off(Cut::Silent, Places::Leader).await;
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
