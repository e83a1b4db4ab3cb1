//! A whole cluster on this machine: three nats-servers, Postgres, two apis and two rsvps behind Caddy, three notifiers. Under load every
//! process is replaced by one of another version, and every nats-server is restarted; then it is counted what failed, what was lost
//! and how long everybody has waited. `./x cluster [--polling] [OLD_REVISION]` runs it; it takes some minutes.

#![allow(clippy::print_stdout, reason = "it is a program that tells figures")]

mod caddy;
mod calendars;
mod fleet;
mod guests;
mod report;

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use televent_broker::{INVITES, NOTIFIER, RSVP, UPDATES};
use televent_tests::{Cluster, TestDatabase, World, free_addresses};
use tokio_util::sync::CancellationToken;

use caddy::Caddy;
use calendars::Calendars;
use fleet::{Fleet, Plan};
use guests::Guests;
use report::Report;

/// How long all is well before and after.
const QUIET: Duration = Duration::from_secs(15);

/// How long the old version works on the new schema.
const OLD_ON_NEW: Duration = Duration::from_secs(5);

/// How long it may take after the load until nothing waits anywhere: claims and leases of a process that was killed run out.
const SETTLES_WITHIN: Duration = Duration::from_secs(180);

const NODES: usize = 3;

/// The command line, which `x` writes.
struct Arguments {
    caddy: PathBuf,
    caddyfile: PathBuf,
    old: Option<PathBuf>,
    by_webhook: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let (caddy, caddyfile) = (words.next()?.into(), words.next()?.into());
        let mut arguments = Self {
            caddy,
            caddyfile,
            old: None,
            by_webhook: true,
        };
        for word in words {
            if word == "--polling" {
                arguments.by_webhook = false;
            } else {
                arguments.old = Some(word.into());
            }
        }
        Some(arguments)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(arguments) = Arguments::parse(std::env::args().skip(1)) else {
        println!("usage: cluster CADDY CADDYFILE [--polling] [OLD_TELEVENT]");
        return ExitCode::FAILURE;
    };
    let database = TestDatabase::create_unmigrated().await;
    let world = Arc::new(World::around(database.expect("a database")).await);
    let mut nats = Cluster::start().await;
    let [front] = free_addresses();
    let plan = Plan {
        nats_url: nats.url(),
        public_url: format!("http://{front}"),
        by_webhook: arguments.by_webhook,
        old: arguments.old,
    };
    let mut fleet = Fleet::start(&world, plan).await;
    let caddy = Caddy::start(
        &arguments.caddy,
        &arguments.caddyfile,
        front,
        &fleet.addresses("api"),
        &fleet.addresses("rsvp"),
    )
    .await;
    for stream in [INVITES, UPDATES] {
        nats.until_whole(stream).await;
    }

    let report = Arc::new(Report::new("quiet before"));
    let guests = Guests::new(Arc::clone(&world), Arc::clone(&report));
    let apps = fleet.accounts(calendars::APPS).await;
    let stop = CancellationToken::new();
    let calendars = Calendars::begin(apps, &guests, &report, &stop);
    replace_everything(&mut fleet, &mut nats, &report).await;
    stop.cancel();

    let meetings = calendars.end().await;
    guests.end().await;
    report.begin("at the end");
    let settled = tokio::time::timeout(SETTLES_WITHIN, settled(&world, &nats)).await;
    if settled.is_err() {
        report.wrong(format!("not settled: {:?}", world.idle().await));
    }
    guests.check(&meetings).await;
    calendars::check(&meetings, &report).await;
    for letter in world.strings("select reason from dead_letters").await {
        report.wrong(format!("a dead letter: {letter}"));
    }
    fleet.stop(&report).await;
    let retries = caddy.end().await;
    report.print(&meetings, &retries, &world).await;
    let is_sound = report.is_sound();
    if let Some(world) = Arc::into_inner(world) {
        world.abandon();
    }
    if is_sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// In the order of docs/operations.md.
async fn replace_everything(fleet: &mut Fleet, nats: &mut Cluster, report: &Report) {
    tokio::time::sleep(QUIET).await;
    report.begin("migrate");
    fleet.migrate().await;
    tokio::time::sleep(OLD_ON_NEW).await;
    for role in ["api", "notifier", "rsvp"] {
        report.begin(role);
        fleet.replace(role, report).await;
    }
    for node in 0..NODES {
        report.begin("nats-server");
        nats.restart_as_lame_duck(node).await;
        for stream in [INVITES, UPDATES] {
            nats.until_whole(stream).await;
        }
    }
    report.begin("quiet after");
    tokio::time::sleep(QUIET).await;
}

/// Waits until nothing waits anywhere, and tells how long that took, and for what.
async fn settled(world: &World, nats: &Cluster) {
    let begun = Instant::now();
    let mut last = String::from("nothing");
    while let Err(waits) = idle(world, nats).await {
        last = waits;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("  all is settled after {seconds:.1} s; the last to wait for: {last}");
}

/// Whether nothing waits anywhere.
async fn idle(world: &World, nats: &Cluster) -> Result<(), String> {
    nats.idle(RSVP).await?;
    world.idle().await?;
    nats.idle(NOTIFIER).await?;
    // What was on its way while we looked.
    world.idle().await
}
