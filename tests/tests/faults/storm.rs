//! A fleet at work while everything goes wrong at random, and the count afterwards: what was acknowledged is there, and who was
//! written to twice.
//!
//! `TELEVENT_FAULTS_SEED` chooses another schedule of faults. The same seed has the same faults at the same times. What happened
//! is written to a file when it fails.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::Method;
use televent_store::SWEEP_AFTER;
use televent_tests::{CalendarApp, World, attendee_lines, meeting};

use crate::{
    fleet::Fleet,
    runs_all,
    schedule::{Fault, Planned, Server, schedule},
};

/// The seed of the bounded part.
const SEED: u64 = 6;

/// Organizers at work beside each other.
const ORGANIZERS: i64 = 3;

/// The people whom each of them invites.
const PEOPLE: [i64; 3] = [901, 902, 903];

/// How long faults happen: in the bounded part, and in the whole.
const SHORT: Duration = Duration::from_secs(12);
const LONG: Duration = Duration::from_secs(300);

/// How long all may take to be well again once nothing goes wrong any more.
const RECOVERY: Duration = Duration::from_secs(240);

/// How long somebody waits for what comes of their press before they press again: longer than anything but a loss takes.
const PRESS_AGAIN_AFTER: Duration = Duration::from_secs(45);

/// How often somebody looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// How often processes that have ended are started again.
const TEND_EVERY: Duration = Duration::from_millis(200);

/// A request that takes longer is given up, and repeated.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// What has happened, with the time since the start.
struct Timeline {
    start: Instant,
    seed: u64,
    lines: Mutex<String>,
}

impl Timeline {
    fn note(&self, what: impl std::fmt::Display) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let at = self.start.elapsed().as_secs_f64();
        writeln!(lines, "{at:8.3} {what}").expect("a String takes everything");
    }
}

impl Drop for Timeline {
    #[expect(clippy::print_stdout, reason = "it is told where to look")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            let file = std::env::temp_dir().join(format!("televent-faults-{}.txt", self.seed));
            let written = std::fs::write(&file, lines.as_bytes());
            println!(
                "seed {}: the timeline is in {} ({written:?})",
                self.seed,
                file.display()
            );
        }
    }
}

/// The longest that somebody has waited, in seconds.
#[derive(Debug, Default)]
struct Stalls {
    /// For a PUT to be taken, with its repeats.
    put: Mutex<f64>,
    /// From there until a card is in somebody's chat.
    card: Mutex<f64>,
    /// From a press until its answer stands in Postgres.
    press: Mutex<f64>,
    /// Presses that nothing came of.
    pressed_again: AtomicU32,
}

fn note_wait(longest: &Mutex<f64>, since: Instant) {
    let mut longest = longest.lock().unwrap_or_else(PoisonError::into_inner);
    *longest = longest.max(since.elapsed().as_secs_f64());
}

/// A meeting as its organizer and its people know it.
struct Meeting {
    uid: String,
    title: String,
    /// The last answer of each that Telegram has taken.
    answers: BTreeMap<i64, &'static str>,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_whatever_goes_wrong() {
    let seed = match std::env::var("TELEVENT_FAULTS_SEED") {
        Ok(seed) => seed.parse().expect("a number"),
        Err(_) => SEED,
    };
    let world = World::with_processes(&[]).await;
    let mut organizers = Vec::new();
    for number in 0..ORGANIZERS {
        organizers.push(world.add_user(2_001 + number, "Somebody").await);
    }
    for person in PEOPLE {
        world.telegram.add_person(person, "Guest").await;
    }
    let fleet = Fleet::start(&world).await;
    let timeline = Timeline {
        start: Instant::now(),
        seed,
        lines: Mutex::default(),
    };
    let stalls = Stalls::default();
    let long = if runs_all() { LONG } else { SHORT };
    let plan = schedule(seed, long, fleet.len());
    let over = tokio_util::sync::CancellationToken::new();
    let work = join_all(
        organizers
            .iter()
            .map(|app| organize(&world, &fleet, app, &timeline, &stalls, &over)),
    );
    let trouble = async {
        make_trouble(&world, &fleet, &plan, &timeline).await;
        timeline.note("nothing goes wrong any more");
        over.cancel();
    };
    // Those that work need the fleet until they are done, which is after the last fault.
    let tending = async {
        loop {
            fleet.tend().await;
            tokio::time::sleep(TEND_EVERY).await;
        }
    };
    let meetings: Vec<Meeting> = tokio::select! {
        (meetings, ()) = async { tokio::join!(work, trouble) } => {
            meetings.into_iter().flatten().collect()
        }
        () = tending => Vec::new(),
    };
    let recovery = Instant::now();
    recover(&world, &fleet, &timeline).await;
    let recovered_in = recovery.elapsed();
    let doubled = check(&world, &fleet, &organizers, &meetings).await;
    let ambiguous = fleet.ambiguous_sends().await;
    let mut injected: BTreeMap<String, u32> = BTreeMap::new();
    for planned in &plan {
        *injected.entry(planned.fault.kind()).or_default() += 1;
    }
    println!("seed {seed}, {} meetings, {stalls:?}", meetings.len());
    println!("well again after {:.1} s", recovered_in.as_secs_f64());
    for (kind, times) in injected {
        println!("{kind}: {times}");
    }
    println!("lost: 0, sends ambiguous: {ambiguous}, messages doubled: {doubled}");
    assert!(doubled <= ambiguous, "{doubled} messages came twice");
    assert!(!meetings.is_empty(), "something was done");
    fleet.stop().await;
    world.finish().await;
}

async fn make_trouble(world: &World, fleet: &Fleet, plan: &[Planned], timeline: &Timeline) {
    let mut at = Duration::ZERO;
    let all = plan.iter().map(|planned| {
        at += planned.after;
        let begins = at;
        async move {
            tokio::time::sleep(begins).await;
            timeline.note(format_args!("{:?} begins", planned.fault));
            begin(world, fleet, &planned.fault).await;
            tokio::time::sleep(planned.lasts).await;
            end(world, fleet, &planned.fault).await;
            timeline.note(format_args!("{:?} is over", planned.fault));
        }
    });
    join_all(all).await;
}

async fn begin(world: &World, fleet: &Fleet, fault: &Fault) {
    let proxy = |server| match server {
        Server::Postgres => &fleet.postgres,
        Server::Nats => world.nats.proxy(),
    };
    match *fault {
        Fault::Kill(process) => fleet.kill(process).await,
        Fault::Freeze(process) => fleet.signal(process, "STOP").await,
        Fault::CutOpen(server) => proxy(server).cut_open(),
        Fault::Cut(server) => proxy(server).cut(),
        Fault::HalfOpen(server) => proxy(server).half_open(),
        Fault::Delay(server) => proxy(server).delay(Duration::from_millis(30)),
        Fault::RestartNats => {
            if world.nats.stop_if_running().await {
                world.nats.start_again().await;
            }
        }
        Fault::LoseJetStream => {
            if world.nats.stop_if_running().await {
                world.nats.empty_disk();
                world.nats.start_again().await;
            }
        }
        Fault::Telegram(kind) => world.telegram.fault(Fault::at_telegram(kind)).await,
    }
}

async fn end(world: &World, fleet: &Fleet, fault: &Fault) {
    match fault {
        Fault::Kill(process) => fleet.begin(*process).await,
        Fault::Freeze(process) => fleet.signal(*process, "CONT").await,
        Fault::Cut(Server::Postgres)
        | Fault::HalfOpen(Server::Postgres)
        | Fault::Delay(Server::Postgres) => fleet.postgres.forward_to(world.database.address()),
        Fault::Cut(Server::Nats) | Fault::HalfOpen(Server::Nats) | Fault::Delay(Server::Nats) => {
            world.nats.reconnect();
        }
        Fault::CutOpen(_) | Fault::RestartNats | Fault::LoseJetStream | Fault::Telegram(_) => {}
    }
}

/// Makes meetings one after the other until it is `over`, and has everybody answer each of them.
async fn organize(
    world: &World,
    fleet: &Fleet,
    app: &CalendarApp,
    timeline: &Timeline,
    stalls: &Stalls,
    over: &tokio_util::sync::CancellationToken,
) -> Vec<Meeting> {
    let mut meetings = Vec::new();
    while !over.is_cancelled() {
        let number = meetings.len();
        let uid = format!("{}-{number}", app.telegram_id);
        let mut meeting = Meeting {
            title: format!("Meeting {uid}."),
            uid,
            answers: BTreeMap::new(),
        };
        put(fleet, app, &meeting, stalls).await;
        timeline.note(format_args!("{} is taken", meeting.uid));
        let since = Instant::now();
        let answered =
            join_all(PEOPLE.map(|person| answer(world, &meeting, person, since, stalls, number)));
        meeting.answers = answered.await.into_iter().collect();
        timeline.note(format_args!("{} is answered", meeting.uid));
        meetings.push(meeting);
    }
    meetings
}

async fn put(fleet: &Fleet, app: &CalendarApp, planned: &Meeting, stalls: &Stalls) {
    let attendees = PEOPLE.map(|person| {
        format!("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_{person}@televent.internal")
    });
    let object = meeting(&planned.uid, app.telegram_id, &attendees.join("\n"))
        .replace("SUMMARY:Planning", &format!("SUMMARY:{}", planned.title));
    let name = format!("{}.ics", planned.uid);
    let since = Instant::now();
    loop {
        let app = app.at(&fleet.api());
        let headers = [("content-type", "text/calendar")];
        let tried = app.try_request(Method::PUT, &name, &headers, object.clone());
        match tokio::time::timeout(REQUEST_TIMEOUT, tried).await {
            Ok(Ok(reply)) if (200..300).contains(&reply.status) => break,
            Ok(Ok(reply)) => assert!(
                reply.status == 503 || reply.status == 429,
                "{}: {}",
                reply.status,
                reply.text()
            ),
            Ok(Err(_)) | Err(_) => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    note_wait(&stalls.put, since);
}

/// Somebody waits for their card, and presses on it twice. Returns what they pressed last.
async fn answer(
    world: &World,
    meeting: &Meeting,
    person: i64,
    since: Instant,
    stalls: &Stalls,
    number: usize,
) -> (i64, &'static str) {
    let card = loop {
        let messages = world.telegram.messages(person).await;
        let mut cards = messages
            .into_iter()
            .filter(|message| message.reply_to.is_none() && message.text.contains(&meeting.title));
        if let Some(card) = cards.next() {
            break card;
        }
        assert!(
            since.elapsed() < RECOVERY,
            "no card of {} for {person}",
            meeting.uid
        );
        tokio::time::sleep(LOOK_EVERY).await;
    };
    note_wait(&stalls.card, since);
    let pressed = Instant::now();
    let answers = [
        ("Accept", "ACCEPTED"),
        ("Decline", "DECLINED"),
        ("Maybe", "TENTATIVE"),
    ];
    let (mut last, mut last_label) = ("NEEDS-ACTION", "");
    for turn in [0, 1] {
        let choice = (number + turn) % answers.len();
        let Some((label, status)) = answers.get(choice) else {
            continue;
        };
        let data = card.data(label);
        world.telegram.press_as(person, person, card.id, data).await;
        (last, last_label) = (status, label);
    }
    let address = format!("tg_{person}@televent.internal");
    let mut pressed_last = Instant::now();
    loop {
        let stored: Option<String> = sqlx::query_scalar(
            "select a.status from event_attendees a join events e on e.id = a.event_id
             where e.uid = $1 and e.organizer_event_id is null and e.method is null and a.address = $2",
        )
        .bind(&meeting.uid)
        .bind(&address)
        .fetch_optional(&world.sql)
        .await
        .expect("the test's own connection stays");
        if stored.as_deref() == Some(last) {
            break;
        }
        assert!(
            pressed.elapsed() < RECOVERY,
            "{person} has answered {} with {last}, and {stored:?} stands",
            meeting.uid
        );
        // Nobody has told them that it was taken, and JetStream may have lost it: its disk is the only place of an update that is not
        // applied yet.
        if pressed_last.elapsed() > PRESS_AGAIN_AFTER {
            let data = card.data(last_label);
            world.telegram.press_as(person, person, card.id, data).await;
            pressed_last = Instant::now();
            stalls.pressed_again.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    note_wait(&stalls.press, pressed);
    (person, last)
}

/// Waits until everything has had its effect.
async fn recover(world: &World, fleet: &Fleet, timeline: &Timeline) {
    world.telegram.clear_faults().await;
    let since = Instant::now();
    let mut looked_forward = Instant::now();
    loop {
        fleet.tend().await;
        let Err(waiting) = world.idle().await else {
            return;
        };
        assert!(
            since.elapsed() < RECOVERY,
            "{waiting}\n{}",
            fleet.logs().await
        );
        // A message may wait for its retry; in the bounded part nobody does.
        if !runs_all() && looked_forward.elapsed() > Duration::from_secs(5) {
            timeline.note(format_args!("{waiting}: time passes"));
            world.let_time_pass(SWEEP_AFTER).await;
            looked_forward = Instant::now();
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The last answers stand everywhere. Returns how many messages came twice.
async fn check(
    world: &World,
    fleet: &Fleet,
    organizers: &[CalendarApp],
    meetings: &[Meeting],
) -> usize {
    let mut doubled = 0;
    let mut chats = BTreeMap::new();
    for person in PEOPLE {
        chats.insert(person, world.telegram.messages(person).await);
    }
    for meeting in meetings {
        let owner = organizers
            .iter()
            .find(|app| meeting.uid.starts_with(&app.telegram_id.to_string()))
            .expect("somebody organizes it");
        let object = owner
            .at(&fleet.api())
            .get(&format!("{}.ics", meeting.uid))
            .await;
        let lines = attendee_lines(&object.body);
        for (person, status) in &meeting.answers {
            let address = format!("tg_{person}@televent.internal");
            let line = lines.iter().find(|line| line.address == address);
            assert_eq!(
                line.map(|line| line.part_stat.as_str()),
                Some(*status),
                "{}",
                meeting.uid
            );
            let cards: Vec<_> = chats
                .get(person)
                .into_iter()
                .flatten()
                .filter(|message| {
                    message.reply_to.is_none() && message.text.contains(&meeting.title)
                })
                .collect();
            let sign = match *status {
                "ACCEPTED" => "You accepted",
                "DECLINED" => "You declined",
                _ => "maybe",
            };
            assert!(
                cards.iter().any(|card| card.html.contains(sign)),
                "no card of {} says {sign}: {cards:#?}",
                meeting.uid
            );
            if cards.len() > 1 {
                println!("{} has come {} times to {person}", meeting.uid, cards.len());
            }
            doubled += cards.len() - 1;
        }
    }
    doubled
}
