//! More than can be done at once.

use std::time::{Duration, Instant};

use reqwest::Method;
use televent_tests::{ANN, CalendarApp, Roles, Updates, World, meeting, until};
use tokio::{io::AsyncWriteExt as _, task::JoinSet};

use crate::{
    runs_all,
    serving::{connect, serving},
};

/// Requests of one account that are answered at once.
const AT_ONCE: usize = 32;

/// Those that may wait beside them.
const WAITING: usize = 128;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_that_asks_for_too_much_is_told_so_and_others_are_served() {
    let (world, serving, ann) = serving().await;
    let eve = world.add_user(4_711, "Eve").await.at(&serving.url);
    // What holds a permit, and nothing of Postgres, is a body that does not come.
    let head = format!(
        "PUT /dav/calendars/{ANN}/default/slow.ics HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\n\
         content-type: text/calendar\r\ncontent-length: 5000\r\n\r\n",
        ann.authorization()
    );
    let mut slow = Vec::new();
    for _ in 0..AT_ONCE {
        let mut socket = connect(&serving).await;
        socket
            .write_all(head.as_bytes())
            .await
            .expect("it is there");
        slow.push(socket);
    }
    until("all of its permits to be taken", async || {
        let reply = ann.request(Method::GET, "plan.ics", &[], "").await;
        (reply.status == 429).then_some(())
    })
    .await;
    let mut crowd = JoinSet::new();
    for _ in 0..WAITING + 20 {
        let ann = ann.clone();
        crowd.spawn(async move { ann.request(Method::GET, "plan.ics", &[], "").await });
    }
    let begun = Instant::now();
    assert!(eve.calendar().await.etags.is_empty());
    let eve_waited = begun.elapsed();
    while let Some(reply) = crowd.join_next().await {
        let reply = reply.expect("it is answered");
        assert_eq!(reply.status, 429, "{}", reply.text());
        assert!(!reply.header("retry-after").is_empty());
    }
    println!(
        "one account with {} requests: {} told to come back; another waited {eve_waited:?}",
        AT_ONCE + WAITING + 20,
        WAITING + 20
    );
    let (_, metrics) = serving.fetch("/metrics").await;
    let refused = format!(
        "televent_api_refused_total{{bound=\"account\"}} {}\n",
        1 + WAITING + 20
    );
    assert!(metrics.contains(&refused), "{metrics}");
    drop(slow);
    until("its permits to be free", async || {
        let (_, metrics) = serving.fetch("/metrics").await;
        metrics
            .contains("televent_api_requests_in_progress 0\n")
            .then_some(())
    })
    .await;
    let reply = ann.request(Method::GET, "plan.ics", &[], "").await;
    assert_eq!(reply.status, 404, "{}", reply.text());
    assert!(serving.stop().await.success());
    world.finish().await;
}

/// Requests that cost much, again and again: what they need is given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_flat_under_giant_requests() {
    let (rounds, objects) = if runs_all() { (40, 60) } else { (4, 9) };
    let (world, serving, ann) = serving().await;
    let names = giants(&ann, objects).await;
    let hrefs: String = names
        .iter()
        .chain(std::iter::repeat_n(&"none.ics".to_owned(), 1))
        .map(|name| format!("<d:href>/dav/calendars/{ANN}/default/{name}</d:href>"))
        .collect();
    let many: String = (0..20_000)
        .map(|n| format!("<d:href>/dav/calendars/{ANN}/default/none-{n}.ics</d:href>"))
        .collect();
    let expand = r#"<c:calendar-data><c:expand start="20270101T000000Z" end="20370101T000000Z"/></c:calendar-data>"#;
    let xmlns = r#"xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav""#;
    let everything = r#"<c:filter><c:comp-filter name="VCALENDAR"/></c:filter>"#;
    let requests = [
        (
            "multiget of large objects",
            format!(
                "<c:calendar-multiget {xmlns}><d:prop><c:calendar-data/></d:prop>{hrefs}</c:calendar-multiget>"
            ),
        ),
        (
            "multiget of 20,000",
            format!(
                "<c:calendar-multiget {xmlns}><d:prop><d:getetag/></d:prop>{many}</c:calendar-multiget>"
            ),
        ),
        (
            "expansion by multiget",
            format!(
                "<c:calendar-multiget {xmlns}><d:prop>{expand}</d:prop>{hrefs}</c:calendar-multiget>"
            ),
        ),
        (
            "expansion by query",
            format!(
                "<c:calendar-query {xmlns}><d:prop>{expand}</d:prop>{everything}</c:calendar-query>"
            ),
        ),
        (
            "free-busy",
            format!(
                r#"<c:free-busy-query {xmlns}><c:time-range start="20270101T000000Z" end="20370101T000000Z"/></c:free-busy-query>"#
            ),
        ),
    ];
    let mut at_half = 0;
    let mut most = 0;
    for round in 0..rounds {
        let mut at_once = JoinSet::new();
        for (what, body) in requests.clone() {
            let ann = ann.clone();
            at_once.spawn(async move {
                let method = Method::from_bytes(b"REPORT").expect("a method");
                let headers = [("depth", "1"), ("content-type", "application/xml")];
                let begun = Instant::now();
                let reply = ann.request(method, "", &headers, body).await;
                assert!(
                    matches!(reply.status, 200 | 207 | 403),
                    "{what}: {} {}",
                    reply.status,
                    reply.text()
                );
                (what, reply.status, reply.body.len(), begun.elapsed())
            });
        }
        while let Some(told) = at_once.join_next().await {
            let (what, status, bytes, took) = told.expect("it is answered");
            if round == 0 {
                println!("{what}: {status}, {bytes} bytes in {took:?}");
            }
        }
        let now = resident_kib(serving.pid());
        most = most.max(now);
        if round == rounds / 2 {
            at_half = now;
        }
    }
    let at_end = resident_kib(serving.pid());
    println!(
        "{} giant requests: RSS {at_half} KiB at half, {at_end} KiB at the end, {most} KiB at most",
        rounds * requests.len()
    );
    assert!(
        at_end < at_half + at_half / 4,
        "{at_half} KiB became {at_end} KiB"
    );
    assert!(most < 512 * 1024, "{most} KiB");
    assert!(serving.stop().await.success());
    world.finish().await;
}

/// Objects of almost a mebibyte, and series of many instances.
async fn giants(ann: &CalendarApp, count: usize) -> Vec<String> {
    let text = "x".repeat(65);
    let lines: Vec<String> = (0..12_000).map(|n| format!("X-{n}:{text}")).collect();
    let large = lines.join("\n");
    let series = format!(
        "RRULE:FREQ=DAILY;COUNT=1900\nDESCRIPTION:{}",
        "y".repeat(2_000)
    );
    let mut names = Vec::new();
    for n in 0..count {
        let uid = format!("giant-{n}");
        let lines = if n % 3 == 0 { &large } else { &series };
        let name = format!("{uid}.ics");
        ann.save(&name, meeting(&uid, ANN, lines)).await;
        names.push(name);
    }
    names
}

/// The memory of a process that is in use.
fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or(0)
}

/// A thousand people in one meeting, some of whom have accounts: all are asked, whoever answers is counted, and a change tells all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn meeting_of_a_thousand_works() {
    const FIRST: i64 = 700_000;
    // In a debug build each card of a thousand people takes a fifth of a second, most of it to read their thousand lines.
    let (size, accounts) = if runs_all() {
        (1_000, 1_000)
    } else {
        (150, 30)
    };
    let world = World::with_processes(&[Roles::all(Updates::Polling)]).await;
    let ann = world.add_people().await;
    let people = FIRST..FIRST + size;
    for id in people.clone() {
        if id < FIRST + accounts {
            world.add_user(id, "Guest").await;
        } else {
            world.telegram.add_person(id, "Guest").await;
        }
    }
    let lines: Vec<String> = people
        .clone()
        .map(|id| {
            format!("ATTENDEE;CN=Guest;PARTSTAT=NEEDS-ACTION:mailto:tg_{id}@televent.internal")
        })
        .collect();
    let begun = Instant::now();
    ann.save("all.ics", meeting("all", ANN, &lines.join("\n")))
        .await;
    let put = begun.elapsed();
    all_settled(&world).await;
    let cards = begun.elapsed();
    let mut asked = Vec::new();
    for id in people.clone() {
        let messages = world.telegram.messages(id).await;
        assert_eq!(messages.len(), 1, "{id}: {messages:#?}");
        asked.extend(messages);
    }
    let begun = Instant::now();
    for (id, card) in people.clone().zip(&asked).step_by(50) {
        let press = world.telegram.press(id, card.id, card.data("Accept")).await;
        world.telegram.answer(&press).await;
    }
    let presses = begun.elapsed();
    all_settled(&world).await;
    let accepted = world
        .number("select count(*) from event_attendees where status = 'ACCEPTED'")
        .await;
    let pressed = i64::try_from(asked.iter().step_by(50).count()).expect("a count");
    assert_eq!(accepted, pressed);
    let stored = ann.get("all.ics").await.text();
    let in_object = stored.matches("PARTSTAT=ACCEPTED").count();
    assert_eq!(i64::try_from(in_object), Ok(pressed));
    let tally = world.card(ANN).await;
    assert!(tally.text.contains(&pressed.to_string()), "{}", tally.text);
    let begun = Instant::now();
    ann.save(
        "all.ics",
        stored.replace("SUMMARY:Planning", "SUMMARY:Plan"),
    )
    .await;
    let change = begun.elapsed();
    println!(
        "a meeting of {size}, {accounts} with accounts: PUT {put:?}, all cards {cards:?}, {pressed} presses one after the other \
         {presses:?}, changed {change:?}"
    );
    all_settled(&world).await;
    for id in [FIRST, FIRST + size - 1] {
        let card = world.telegram.messages(id).await.remove(0);
        assert!(card.text.contains("Plan"), "{}", card.text);
    }
    world.finish().await;
}

/// As [`World::settled`], with more patience.
async fn all_settled(world: &World) {
    let begun = Instant::now();
    while world
        .number("select count(*) from outbox_messages where state in ('pending', 'published')")
        .await
        > 0
    {
        assert!(
            begun.elapsed() < Duration::from_secs(900),
            "not all is settled"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.settled().await;
}
