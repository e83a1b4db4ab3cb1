//! Ten thousand invitations at once, by a hundred meetings of a hundred people with accounts: how long the organizer's app waits for each,
//! what other requests wait for meanwhile and while the cards go out, and whether what is urgent goes first.
//! `target/debug/with-servers -- cargo run -p televent-tests --example crowd` runs it, for some minutes; nothing else should run
//! meanwhile.

#![allow(clippy::print_stdout, reason = "it is a program that tells figures")]

use std::{
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use televent_runtime::config::Limits;
use televent_tests::{ANN, CalendarApp, KIRILL, Roles, Updates, World, ics, meeting, until};

/// As the program has it, whose roles run in this one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PEOPLE: i64 = 100;
const MEETINGS: i64 = 100;
const FIRST: i64 = 700_000;

/// So that it ends while one watches; a bot that has not bought more writes 30.
const CARDS_PER_SECOND: u32 = 250;

#[tokio::main]
async fn main() {
    let limits = Limits {
        messages_per_second: NonZeroU32::new(CARDS_PER_SECOND),
        ..Limits::NONE
    };
    let world = World::with_processes(&[
        Roles::all(Updates::Polling).limited(limits),
        Roles::notifier().limited(limits),
    ])
    .await;
    let ann = world.add_people().await;
    let eve = world.add_user(4_711, "Eve").await;
    for n in 0..50 {
        let uid = format!("own-{n}");
        eve.save(&format!("{uid}.ics"), meeting(&uid, 4_711, ""))
            .await;
    }
    for id in FIRST..FIRST + PEOPLE {
        world.add_user(id, &format!("Guest {id}")).await;
    }
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
        if waiting == 0 {
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
    println!(
        "{} cards after {:?}",
        world.telegram.call_count("sendMessage").await,
        begun.elapsed()
    );
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
    waits: Arc<Mutex<Vec<Duration>>>,
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
                match n % 4 {
                    0 => {
                        eve.save("own-0.ics", meeting("own-0", 4_711, &format!("X-N:{n}")))
                            .await;
                    }
                    1 => drop(eve.calendar().await),
                    _ => drop(eve.get(&format!("own-{}.ics", n % 50)).await),
                }
                told.lock().expect("no panic").push(begun.elapsed());
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
        let mut waits = self.waits.lock().expect("no panic").clone();
        waits.sort_unstable();
        let of = |percent: usize| waits.get(waits.len() * percent / 100).copied();
        println!(
            "{when}: p50 {:?} p90 {:?} p99 {:?} longest {:?} of {}",
            of(50),
            of(90),
            of(99),
            waits.last(),
            waits.len()
        );
    }
}
