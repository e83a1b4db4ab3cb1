//! Postgres is killed, cut off, silent, gone, or full: who asks is told to come back, soon; nothing that was told to be stored is
//! lost, nothing is stored twice, and all goes on by itself.

use std::time::{Duration, Instant};

use reqwest::Method;
use sqlx::{Connection as _, PgConnection};
use televent_localservers::{Binaries, Durability, Postgres};
use televent_store::Store;
use televent_tests::{
    ANN, CalendarApp, KIRILL, Proxy, Reply, Serving, Televent, TestDatabase, World, meeting, until,
};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::{
    closed_loop::{Load, check, invite_to_plans, press_plans},
    runs_all,
};

/// No request may be without an answer for so long: a statement and its connection have bounds of 12 and 3 seconds, and a request
/// ends with the first that fails; the rest is patience with a slow machine.
const NO_HANG: Duration = Duration::from_secs(30);

/// A Televent whose real binary reaches a Postgres of its own through a proxy.
struct Ground {
    postgres: Postgres,
    proxy: Proxy,
    world: World,
    serving: Serving,
    ann: CalendarApp,
    _dir: TempDir,
}

impl Ground {
    async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let binaries = Binaries::find().expect("./x setup has installed the servers");
        let postgres = Postgres::start(&binaries, dir.path(), Durability::None)
            .await
            .expect("Postgres starts");
        let url = postgres.url("postgres");
        let store = Store::connect_lazy(&url).expect("a URL of Postgres");
        store.migrate().await.expect("the schema is made");
        let world = World::around(TestDatabase { url, store }).await;
        let (proxy, through_proxy) = world.database.behind_proxy().await;
        let serving = Televent::of(&world)
            .with("TELEVENT_DATABASE_URL", &through_proxy)
            // All cards go to one chat.
            .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", "0")
            .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0")
            .serve(&[])
            .await;
        let ann = world.add_people().await.at(&serving.url);
        let ground = Self {
            postgres,
            proxy,
            world,
            serving,
            ann,
            _dir: dir,
        };
        ground.is_ready().await;
        ground
    }

    async fn readiness(&self) -> (u16, Duration) {
        let begun = Instant::now();
        let (status, _) = self.serving.fetch("/readyz").await;
        (status, begun.elapsed())
    }

    async fn is_ready(&self) {
        until("the process to be ready", async || {
            (self.readiness().await.0 == 200).then_some(())
        })
        .await;
    }

    /// It says so, and does not take long for it.
    async fn is_not_ready(&self) {
        let (status, took) = self.readiness().await;
        assert_eq!(status, 503);
        assert!(took < Duration::from_secs(10), "{took:?}");
    }

    /// So many requests at once, each told when to come back: with 503, or with 429 where they are more than one account may have.
    async fn all_are_turned_away(&self, count: usize) -> Duration {
        let begun = Instant::now();
        let mut requests = JoinSet::new();
        for n in 0..count {
            let ann = self.ann.clone();
            requests.spawn(async move {
                if n % 2 == 0 {
                    put(&ann, &format!("turned-away-{n}")).await
                } else {
                    ann.request(Method::GET, "plan-0.ics", &[], "").await
                }
            });
        }
        while let Some(reply) = requests.join_next().await {
            let reply = reply.expect("it is answered");
            assert!(matches!(reply.status, 503 | 429), "{}", reply.text());
            assert!(!reply.header("retry-after").is_empty());
        }
        let took = begun.elapsed();
        assert!(took < NO_HANG, "{took:?}");
        took
    }

    /// All is well: without a restart of ours.
    async fn works(&self, uid: &str) {
        self.is_ready().await;
        let reply = put(&self.ann, uid).await;
        assert!(matches!(reply.status, 201 | 204), "{}", reply.text());
        until("its card", async || {
            let cards = self.world.strings(
                "select e.uid from events e join invite_cards c on c.event_id = e.id where c.message_id is not null",
            );
            cards.await.contains(&uid.to_owned()).then_some(())
        })
        .await;
    }

    async fn finish(self) {
        self.world.settled().await;
        let ended = self.serving.stop().await;
        assert!(ended.success());
        self.world.finish().await;
        self.postgres.stop().await.expect("Postgres stops");
    }
}

async fn put(ann: &CalendarApp, uid: &str) -> Reply {
    let line = format!("ATTENDEE:mailto:tg_{KIRILL}@televent.internal");
    ann.put(&format!("{uid}.ics"), meeting(uid, ANN, &line))
        .await
}

fn times(few: u32, many: u32) -> u32 {
    if runs_all() { many } else { few }
}

/// Under load, something is done to Postgres again and again.
async fn under_load(name: &str, times: u32, mut fault: impl AsyncFnMut(&mut Ground)) {
    let mut ground = Ground::start().await;
    let cards = invite_to_plans(&ground.world, &ground.ann).await;
    let load = Load::begin(&ground.ann);
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(700)).await;
        press_plans(&ground.world, &cards).await;
        fault(&mut ground).await;
        let before = load.so_far().answered;
        until("requests to be done again", async || {
            (load.so_far().answered > before + 20).then_some(())
        })
        .await;
    }
    ground.is_ready().await;
    let mut told = load.end().await;
    let twice = check(&ground.world, &mut told).await;
    println!(
        "{name}: {times} times; {} stored, {} of them found there on repeating; {} answered, {} turned away; longest answer {:?}, \
         longest stall {:?}, cards there {:?} after; lost 0, stored twice 0, cards twice {twice}",
        told.stored.len(),
        told.found_there,
        told.answered,
        told.turned_away,
        told.longest,
        told.stall,
        told.cards_after,
    );
    assert!(told.longest < NO_HANG, "{told:?}");
    ground.works("afterwards").await;
    ground.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load() {
    under_load("Postgres killed", times(2, 20), async |ground| {
        let restarted = ground.postgres.restart_immediate().await;
        restarted.expect("Postgres restarts");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_under_load() {
    under_load("connections cut", times(5, 50), async |ground| {
        ground.proxy.cut_open();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gone_under_load_for_some_seconds() {
    under_load("Postgres gone for 4 s", times(1, 5), async |ground| {
        ground.proxy.cut();
        tokio::time::sleep(Duration::from_secs(4)).await;
        ground.proxy.forward_to(ground.world.database.address());
    })
    .await;
}

#[tokio::test]
async fn gone_is_told_and_it_comes_back() {
    let ground = Ground::start().await;
    ground.works("plan-0").await;
    ground.proxy.cut();
    ground.is_not_ready().await;
    let took = ground.all_are_turned_away(20).await;
    println!("Postgres gone: turned away after {took:?} at most");
    ground.proxy.forward_to(ground.world.database.address());
    ground.works("back").await;
    ground.finish().await;
}

#[tokio::test]
async fn half_open_connections_are_given_up() {
    let ground = Ground::start().await;
    ground.works("plan-0").await;
    ground.proxy.half_open();
    ground.is_not_ready().await;
    let took = ground.all_are_turned_away(20).await;
    println!("half-open: turned away after {took:?} at most");
    ground.is_not_ready().await;
    // Those that hang are not waited for: a Postgres elsewhere has taken over under the same address.
    ground.proxy.forward_to(ground.world.database.address());
    ground.works("back").await;
    ground.finish().await;
}

#[tokio::test]
async fn half_open_under_a_statement_ends_it() {
    if !runs_all() {
        return;
    }
    let ground = Ground::start().await;
    ground.works("plan-0").await;
    let other = lock_events(&ground.world).await;
    let turned_away = ground.all_are_turned_away(20);
    let (took, ()) = tokio::join!(turned_away, async {
        // They are in Postgres' hands now, whose time-outs can't be heard.
        tokio::time::sleep(Duration::from_millis(500)).await;
        ground.proxy.half_open();
    });
    println!("half-open under statements: turned away after {took:?} at most");
    other.close().await.expect("it is there");
    ground.proxy.undisturbed();
    ground.works("back").await;
    ground.finish().await;
}

#[tokio::test]
async fn full_pool_turns_away_and_recovers() {
    let ground = Ground::start().await;
    ground.works("plan-0").await;
    let other = lock_events(&ground.world).await;
    let took = ground.all_are_turned_away(60).await;
    println!("all connections held: turned away after {took:?} at most");
    let waiting: JoinSet<Reply> = (0..40)
        .map(|_| {
            let ann = ground.ann.clone();
            async move { ann.request(Method::GET, "plan-0.ics", &[], "").await }
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    ground.is_not_ready().await;
    drop(other);
    for reply in waiting.join_all().await {
        assert!(matches!(reply.status, 200 | 503), "{}", reply.text());
    }
    ground.works("back").await;
    ground.finish().await;
}

/// Whatever reads or writes an event waits as long as this connection is there.
async fn lock_events(world: &World) -> PgConnection {
    let mut other = world.database.connect().await.expect("Postgres answers");
    sqlx::raw_sql("begin; lock table events in access exclusive mode")
        .execute(&mut other)
        .await
        .expect("the table is locked");
    other
}

#[tokio::test]
async fn restart_of_a_quiet_server_is_not_noticed() {
    let mut ground = Ground::start().await;
    invite_to_plans(&ground.world, &ground.ann).await;
    for n in 0..3 {
        // As many connections as there may be, all of them idle.
        let mut many = JoinSet::new();
        for _ in 0..16 {
            let ann = ground.ann.clone();
            many.spawn(async move { ann.get("plan-0.ics").await });
        }
        many.join_all().await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let restarted = ground.postgres.restart_immediate().await;
        restarted.expect("Postgres restarts");
        for m in 0..16 {
            let reply = put(&ground.ann, &format!("quiet-{n}-{m}")).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
        }
    }
    ground.finish().await;
}
