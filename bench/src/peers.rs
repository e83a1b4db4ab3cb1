//! The same requests to other servers, in the same run: one account, one calendar with the same events.

mod radicale;
mod xandikos;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};

use crate::{
    cpu::Watch,
    dav::{self, Target},
    events,
    http::Connection,
    load::{Script, Until, closed_loop},
    people::add_account,
    progress::say,
    results::{PeerOutcome, Round},
    scripts::{Chosen, Poll, Puts, gets, months, multiget_all, multigets, one_change},
    serving::Serving,
    stage::{Database, Limits, Stage},
    workloads::CONNECTIONS,
};

/// Events of the calendar, and with --quick.
const EVENTS: usize = 1_000;
const QUICK_EVENTS: usize = 100;

/// The longest round: three servers and nine workloads are many.
const LONGEST_ROUND: Duration = Duration::from_secs(2);

/// Events that are put have numbers from here on, a range for each round.
const NEW_FROM: usize = 1_000_000;
const NEW_STEP: usize = 100_000;

/// Whose calendar it is at our server.
const OWNER: i64 = 800;

/// The workloads with what they do.
const WORKLOADS: [(&str, &str); 8] = [
    ("poll", "PROPFIND of getctag and sync-token, 16 connections"),
    ("get", "GET of an event, 16 connections"),
    (
        "one-change",
        "sync-collection after one change, 16 connections",
    ),
    ("multiget", "calendar-multiget of 50 events, 16 connections"),
    (
        "month",
        "calendar-query of a month with data, 16 connections",
    ),
    (
        "first-sync",
        "first sync of the whole calendar, list and data, one connection",
    ),
    (
        "put-new",
        "PUT of a new event that invites nobody, 16 connections",
    ),
    ("put-update", "PUT of a changed event, 16 connections"),
];

/// A server with a filled calendar.
struct Peer {
    name: &'static str,
    serving: Serving,
    target: Target,
    /// For what is put anew.
    other: Target,
    database: Option<Database>,
}

/// Runs all workloads on all servers that are installed in `folder`, and on ours.
///
/// # Errors
/// When a server does not start, or ours fails.
pub async fn run(stage: &Stage, folder: &Path) -> Result<Vec<PeerOutcome>> {
    ensure!(
        folder.join("bin/python").is_file(),
        "{} has no Radicale and Xandikos: run ./x bench peers",
        folder.display()
    );
    let events = if stage.quick { QUICK_EVENTS } else { EVENTS };
    say("==> Starting Radicale and Xandikos");
    let peers = [
        televent(stage).await?,
        radicale::start(stage, folder).await?,
        xandikos::start(stage, folder).await?,
    ];
    for peer in &peers {
        say(format_args!("    {}: putting {events} events", peer.name));
        peer.target.make().await.context(peer.name)?;
        peer.other.make().await.context(peer.name)?;
        fill(&peer.target, events).await.context(peer.name)?;
    }
    let mut outcomes = Vec::new();
    for (name, about) in WORKLOADS {
        say(format_args!("==> {name} beside other servers"));
        outcomes.push(alternate(stage, &peers, name, about, events).await?);
    }
    for peer in peers {
        peer.serving.stop().await?;
        if let Some(database) = peer.database {
            stage.drop_database(database).await?;
        }
    }
    Ok(outcomes)
}

async fn televent(stage: &Stage) -> Result<Peer> {
    stage.forget_streams().await?;
    let database = stage.database().await?;
    let account = add_account(&database.url, OWNER).await?;
    let serving = stage.serve(&database, "api", Limits::Default, None).await?;
    let target = |slug: &str| Target {
        address: serving.address,
        calendar: account.calendar(slug),
        account: account.clone(),
    };
    Ok(Peer {
        name: "Televent",
        target: target("bench"),
        other: target("other"),
        serving,
        database: Some(database),
    })
}

/// One after the other: not all servers take several at once.
async fn fill(target: &Target, events: usize) -> Result<()> {
    let mut connection = Connection::new(target.address);
    for number in 0..events {
        let name = events::resource_name(number);
        let request = target.put(&name, &events::own(number, 0), true);
        connection.send(&request).await?.expect(&[201])?;
    }
    Ok(())
}

async fn alternate(
    stage: &Stage,
    peers: &[Peer],
    name: &str,
    about: &str,
    events: usize,
) -> Result<PeerOutcome> {
    let mut outcome = PeerOutcome {
        name: name.to_owned(),
        about: about.to_owned(),
        servers: BTreeMap::new(),
        failures: BTreeMap::new(),
    };
    let mut connections: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 0..stage.rounds {
        for peer in peers {
            let wanted = connections.entry(peer.name).or_insert(CONNECTIONS);
            if *wanted == 0 {
                continue;
            }
            let mut measured = once(stage, peer, name, events, round, *wanted).await;
            if let Err(error) = &measured
                && *wanted > 1
                && peer.database.is_none()
            {
                // Some refuse writers beside each other. One of them has then failed for all.
                let why = format!("fails with {wanted} connections, so with one: {error:#}");
                outcome.failures.insert(peer.name.to_owned(), why);
                *wanted = 1;
                measured = once(stage, peer, name, events, round + stage.rounds, 1).await;
            }
            match measured {
                Ok(measured) => {
                    say(format_args!("    {}: {:.1}/s", peer.name, measured.value));
                    outcome
                        .servers
                        .entry(peer.name.to_owned())
                        .or_default()
                        .push(measured);
                }
                Err(error) if peer.database.is_none() => {
                    say(format_args!("    {}: fails: {error:#}", peer.name));
                    outcome
                        .failures
                        .insert(peer.name.to_owned(), format!("fails: {error:#}"));
                    *wanted = 0;
                }
                Err(error) => return Err(error.context(name.to_owned())),
            }
        }
    }
    Ok(outcome)
}

async fn once(
    stage: &Stage,
    peer: &Peer,
    name: &str,
    events: usize,
    round: usize,
    connections: usize,
) -> Result<Round> {
    let until = Until::Elapsed(stage.round.min(LONGEST_ROUND));
    let target = &peer.target;
    match name {
        "poll" => {
            let scripts = (0..connections).map(|_| Poll::of(target)).collect();
            value(target, scripts, until).await
        }
        "get" => {
            value(
                target,
                Chosen::scripts(gets(target, events), connections),
                until,
            )
            .await
        }
        "multiget" => {
            let scripts = Chosen::scripts(multigets(target, events), connections);
            value(target, scripts, until).await
        }
        "month" => {
            value(
                target,
                Chosen::scripts(months(target, events), connections),
                until,
            )
            .await
        }
        "one-change" => {
            let mut connection = Connection::new(target.address);
            let before = target.marks(&mut connection).await?;
            let name = events::resource_name(1);
            let version = u32::try_from(round)? + 1;
            let changed = target.put(&name, &events::own(1, version), false);
            connection.send(&changed).await?.expect(&[200, 201, 204])?;
            let requests = one_change(target, &before.sync_token, &name);
            value(target, Chosen::scripts(requests, connections), until).await
        }
        "first-sync" => first_sync(target, events).await,
        "put-new" => {
            let scripts = (0..connections)
                .map(|connection| {
                    let first = NEW_FROM + (round * CONNECTIONS + connection) * NEW_STEP;
                    Puts::new_events(peer.other.clone(), move |number| {
                        let number = first + number;
                        (events::resource_name(number), events::own(number, 0))
                    })
                })
                .collect();
            value(target, scripts, until).await
        }
        "put-update" => {
            let scripts = (0..connections)
                .map(|connection| {
                    Puts::changes(target.clone(), move |number| {
                        // Each connection has events of its own.
                        let event = (connection + number * CONNECTIONS) % events;
                        let version = u32::try_from(number + 2).unwrap_or(u32::MAX);
                        (events::resource_name(event), events::own(event, version))
                    })
                })
                .collect();
            value(target, scripts, until).await
        }
        other => anyhow::bail!("there is no workload {other}"),
    }
}

async fn value<S: Script>(target: &Target, scripts: Vec<S>, until: Until) -> Result<Round> {
    let (round, _) = closed_loop(target.address, scripts, until).await?;
    Ok(round)
}

/// In syncs a second.
async fn first_sync(target: &Target, events: usize) -> Result<Round> {
    let mut connection = Connection::new(target.address);
    let watch = Watch::start();
    let answer = connection.send(&target.sync("")).await?;
    answer.expect(&[207])?;
    let listed = dav::count(answer.body, ".ics<");
    ensure!(listed == events, "{listed} names instead of {events}");
    multiget_all(&mut connection, target, events).await?;
    Ok(Round::of(&watch.stop(), 1))
}
