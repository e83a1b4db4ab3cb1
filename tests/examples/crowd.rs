//! Ten thousand invitations at once, by a hundred meetings of a hundred people with accounts: how long the organizer's app waits for each,
//! what other requests wait for meanwhile and while the cards go out, and whether what is urgent goes first.
//! After `cargo build --release -p televent`, `target/debug/with-servers -- cargo run --release -p televent-tests --example crowd` runs it,
//! for three minutes; nothing else should run meanwhile. An argument is how many cards the bot sends in a second.

#![allow(clippy::print_stdout, reason = "it is a program that tells figures")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use televent_tests::{ANN, CalendarApp, KIRILL, Televent, World, ics, meeting, until};

const PEOPLE: i64 = 100;
const MEETINGS: i64 = 100;
const FIRST: i64 = 700_000;

/// What a bot writes that has not bought more (Bot API, "My bot is hitting limits"); the first argument is another figure.
const CARDS_PER_SECOND: u32 = 30;

/// How long the cards are watched going out.
const WATCHED: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    let rate = std::env::args().nth(1);
    let rate = rate.unwrap_or_else(|| CARDS_PER_SECOND.to_string());
    let world = World::with_processes(&[]).await;
    let serve = async |role: &str| {
        let televent = Televent::of(&world)
            .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", &rate)
            .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0");
        let serving = televent.serve(&["--roles", role]).await;
        (televent, serving)
    };
    let (_api, api) = serve("api").await;
    let _notifiers = [serve("notifier").await, serve("notifier").await];
    let _rsvp = serve("rsvp").await;
    let ann = world.add_people().await.at(&api.url);
    let eve = world.add_user(4_711, "Eve").await.at(&api.url);
    for n in 0..50 {
        let uid = format!("own-{n}");
        eve.save(&format!("{uid}.ics"), meeting(&uid, 4_711, ""))
            .await;
    }
    for id in FIRST..FIRST + PEOPLE {
        world.add_user(id, &format!("Guest {id}")).await;
    }
    // As autovacuum does within a minute.
    world.execute("analyze").await;
    let quiet = Probe::begin(&eve);
    tokio::time::sleep(Duration::from_secs(15)).await;
    quiet.end("quiet").await;

    let lines: Vec<String> = (FIRST..FIRST + PEOPLE)
        .map(|id| {
            format!("ATTENDEE;CN=Guest {id};PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:tg_{id}@televent.internal")
        })
        .collect();
    let lines = lines.join("\n");
    let puts = Probe::begin(&eve);
    let begun = Instant::now();
    let mut each = Vec::new();
    for n in 0..MEETINGS {
        let put_at = Instant::now();
        let uid = format!("crowd-{n}");
        ann.save(&format!("{uid}.ics"), meeting(&uid, ANN, &lines))
            .await;
        each.push(put_at.elapsed());
    }
    each.sort_unstable();
    println!(
        "PUT of a meeting of {PEOPLE}: p50 {:?}, longest {:?}",
        each.get(each.len() / 2),
        each.last()
    );
    puts.end("while they are stored").await;

    world.execute("analyze").await;
    let drain = Probe::begin(&eve);
    let soon = Instant::now();
    ann.save("soon.ics", in_an_hour()).await;
    until("the urgent card", async || {
        (!world.telegram.messages(KIRILL).await.is_empty()).then_some(())
    })
    .await;
    println!("card of what is in an hour: after {:?}", soon.elapsed());
    let mut press = None;
    loop {
        let waiting = world
            .number("select count(*) from outbox_messages where state in ('pending', 'published')")
            .await;
        if waiting == 0 || soon.elapsed() > WATCHED {
            println!("{waiting} cards are left after {:?}", begun.elapsed());
            break;
        }
        if press.is_none()
            && let Some(card) = world.telegram.messages(FIRST).await.first()
        {
            let pressed = Instant::now();
            let query = world
                .telegram
                .press(FIRST, card.id, card.data("Accept"))
                .await;
            world.telegram.answer(&query).await;
            press = Some(pressed.elapsed());
            println!("press of one of {PEOPLE}: answered after {press:?}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    drain.end("while the cards go out").await;
    world.abandon();
}

fn in_an_hour() -> String {
    let start = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    ics(&format!(
        "BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Example Corp.//Calendar 1.0//EN
        BEGIN:VEVENT
        UID:soon
        DTSTAMP:20270101T000000Z
        DTSTART:{}
        DURATION:PT1H
        SUMMARY:Soon
        ORGANIZER:mailto:tg_{ANN}@televent.internal
        ATTENDEE:mailto:tg_{KIRILL}@televent.internal
        END:VEVENT
        END:VCALENDAR",
        start.format("%Y%m%dT%H%M%SZ")
    ))
}

/// Somebody else, whose app polls, reads and writes.
struct Probe {
    is_over: Arc<AtomicBool>,
    waits: Arc<Mutex<Vec<(&'static str, Duration)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Probe {
    fn begin(eve: &CalendarApp) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let waits = Arc::new(Mutex::new(Vec::new()));
        let (eve, over, told) = (eve.clone(), Arc::clone(&is_over), Arc::clone(&waits));
        let task = tokio::spawn(async move {
            let mut n = 0;
            while !over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let kind = match n % 4 {
                    0 => {
                        eve.save("own-0.ics", meeting("own-0", 4_711, &format!("X-N:{n}")))
                            .await;
                        "writes"
                    }
                    1 => {
                        drop(eve.calendar().await);
                        "polls"
                    }
                    _ => {
                        drop(eve.get(&format!("own-{}.ics", n % 50)).await);
                        "reads"
                    }
                };
                told.lock().expect("no panic").push((kind, begun.elapsed()));
                n += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Self {
            is_over,
            waits,
            task,
        }
    }

    async fn end(self, when: &str) {
        self.is_over.store(true, Ordering::Relaxed);
        self.task.await.expect("all is answered");
        let waits = self.waits.lock().expect("no panic").clone();
        println!("{when}:");
        for kind in ["reads", "polls", "writes", "all"] {
            let is_meant = |&(of, _): &(&str, Duration)| kind == "all" || kind == of;
            let chosen = waits.iter().copied().filter(is_meant);
            let mut chosen: Vec<Duration> = chosen.map(|(_, wait)| wait).collect();
            chosen.sort_unstable();
            let of = |percent: usize| {
                let wait = chosen.get(chosen.len() * percent / 100);
                wait.map_or(0.0, |wait| wait.as_secs_f64() * 1_000.0)
            };
            println!(
                "  {kind}: p50 {:.1} p90 {:.1} p99 {:.1} longest {:.1} ms of {}",
                of(50),
                of(90),
                of(99),
                chosen
                    .last()
                    .map_or(0.0, |wait| wait.as_secs_f64() * 1_000.0),
                chosen.len()
            );
        }
    }
}
