//! Clients that are slow, say nothing, read nothing, or come in numbers: each is given up within a bound, and others are served
//! meanwhile.

use std::time::{Duration, Instant};

use reqwest::Method;
use televent_tests::{ANN, CalendarApp, Serving, World, meeting, until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    runs_all,
    serving::{connect, serving},
};

/// Connections that one process holds open.
const MAX_CONNECTIONS: usize = 800;

/// Whoever is given up is so by then: after 30 seconds for a head or an answer that is not read, after 60 for a body.
const GIVEN_UP: Duration = Duration::from_secs(90);

async fn finish(world: World, serving: Serving) {
    assert!(serving.stop().await.success());
    world.finish().await;
}

async fn metric(serving: &Serving, name: &str) -> f64 {
    let (_, metrics) = serving.fetch("/metrics").await;
    value(&metrics, name)
}

/// A gauge or counter of `/metrics`; zero where there is none yet.
pub(crate) fn value(metrics: &str, name: &str) -> f64 {
    metrics
        .lines()
        .filter_map(|line| {
            line.strip_prefix(name)?
                .rsplit(' ')
                .next()?
                .parse::<f64>()
                .ok()
        })
        .sum()
}

#[tokio::test]
async fn connections_are_bounded_and_their_places_come_back() {
    let (world, serving, ann) = serving().await;
    let mut held = Vec::new();
    for _ in 0..MAX_CONNECTIONS + 20 {
        held.push(connect(&serving).await);
    }
    // Those above the bound are closed at once.
    let mut closed = 0;
    for socket in &mut held {
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_millis(2), socket.read(&mut byte));
        if matches!(read.await, Ok(Ok(0) | Err(_))) {
            closed += 1;
        }
    }
    assert!((20..40).contains(&closed), "{closed}");
    drop(held);
    until("places to be free again", async || {
        let open = reqwest::get(format!("{}/healthz", serving.url)).await;
        open.is_ok().then_some(())
    })
    .await;
    assert!(metric(&serving, "televent_http_connections_refused_total").await >= 20.0);
    ann.save("plan.ics", meeting("plan", ANN, "")).await;
    finish(world, serving).await;
}

/// Everything that a slow client can do, at the same time.
#[tokio::test]
async fn slow_clients_are_given_up_while_others_are_served() {
    if !runs_all() {
        return;
    }
    let (world, serving, ann) = serving().await;
    fill(&ann).await;
    let authorization = ann.authorization();
    let head = |method: &str, name: &str, more: &str| {
        format!(
            "{method} /dav/calendars/{ANN}/default/{name} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n{more}\r\n"
        )
    };
    let options = head("OPTIONS", "", "");
    let mut clients = JoinSet::new();
    for (what, at_once, slowly) in [
        ("says nothing", String::new(), ""),
        ("begins a head", "GET / HTTP/1.1\r\nhost:".to_owned(), ""),
        (
            "says a head slowly",
            "GET / HTTP/1.1\r\nx-y: ".to_owned(),
            "a",
        ),
        ("says nothing more", options.clone(), ""),
        (
            "says the next head slowly",
            options + "GET / HTTP/1.1\r\nx-y: ",
            "a",
        ),
        (
            "says a body slowly",
            head(
                "PUT",
                "slow.ics",
                "content-type: text/calendar\r\ncontent-length: 5000\r\n",
            ),
            "a",
        ),
        (
            "says a chunk slowly",
            head(
                "PUT",
                "slow.ics",
                "content-type: text/calendar\r\ntransfer-encoding: chunked\r\n",
            ),
            "1\r\na\r\n",
        ),
        (
            "says a body slowly that nobody wants",
            head("GET", "none.ics", "content-length: 5000\r\n"),
            "a",
        ),
    ] {
        let socket = connect(&serving).await;
        clients.spawn(async move { (what, until_closed(socket, &at_once, slowly).await) });
    }
    // These read nothing, or next to nothing.
    let mut unread = Vec::new();
    for _ in 0..8 {
        let mut socket = connect(&serving).await;
        let export = head("GET", "", "");
        socket
            .write_all(export.as_bytes())
            .await
            .expect("it is there");
        unread.push(socket);
    }
    let mut longest = Duration::ZERO;
    let begun = Instant::now();
    while let Some(client) = {
        let served = Instant::now();
        let reply = ann.request(Method::GET, "event-0.ics", &[], "").await;
        assert_eq!(reply.status, 200);
        longest = longest.max(served.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
        (!clients.is_empty()).then(|| clients.try_join_next())
    } {
        if let Some(client) = client {
            let (what, took) = client.expect("it ends");
            println!("{what}: given up after {took:?}");
        }
        assert!(begun.elapsed() < GIVEN_UP, "{} are held", clients.len());
    }
    println!("longest wait of others meanwhile: {longest:?}");
    until("answers that nobody reads to be given up", async || {
        (metric(&serving, "televent_api_requests_in_progress").await == 0.0).then_some(())
    })
    .await;
    assert!(metric(&serving, "televent_http_slow_readers_total").await >= 1.0);
    drop(unread);
    finish(world, serving).await;
}

/// How long until the server hangs up on somebody who sends `at_once`, then `slowly` every second, and reads all that comes.
pub(crate) async fn until_closed(socket: TcpStream, at_once: &str, slowly: &str) -> Duration {
    let begun = Instant::now();
    let (mut from, mut to) = socket.into_split();
    to.write_all(at_once.as_bytes()).await.expect("it is there");
    let mut answer = Vec::new();
    let read = from.read_to_end(&mut answer);
    let write = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if to.write_all(slowly.as_bytes()).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = read => {}
        () = write => {}
    }
    begun.elapsed()
}

/// A calendar that is larger than what sockets keep by themselves.
async fn fill(ann: &CalendarApp) {
    let text = "x".repeat(60);
    let lines: Vec<String> = (0..10_000).map(|n| format!("X-{n}:{text}")).collect();
    for n in 0..40 {
        let uid = format!("event-{n}");
        ann.save(&format!("{uid}.ics"), meeting(&uid, ANN, &lines.join("\n")))
            .await;
    }
}
