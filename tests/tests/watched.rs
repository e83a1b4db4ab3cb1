//! What whoever watches a process sees: `/metrics` against the table of its metrics, and the operator's page.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use televent_runtime::metrics::{METRICS, Metric, MetricKind};
use televent_tests::{KIRILL, Serving, Televent, World, until};

const PASSWORD: &str = "a password of the operator";

/// The labels of a line such as `name{a="1",b="2"} 3`, and its name.
fn series(line: &str) -> (&str, BTreeMap<&str, &str>) {
    let (name, labels) = match line.split_once('{') {
        Some((name, rest)) => (name, rest.rsplit_once('}').expect("it is closed").0),
        None => (line.split(' ').next().expect("a name"), ""),
    };
    let labels = labels.split(',').filter_map(|label| {
        let (name, value) = label.split_once('=')?;
        Some((name, value.trim_matches('"')))
    });
    (name, labels.collect())
}

/// The metric that a line is of.
fn metric_of(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| match metric.kind {
        MetricKind::Histogram(_) => ["_bucket", "_sum", "_count"]
            .iter()
            .any(|suffix| name.strip_suffix(suffix) == Some(metric.name)),
        _ => metric.name == name,
    })
}

#[tokio::test]
async fn every_metric_has_its_help_and_no_label_that_is_not_known() {
    let world = World::with_processes(&[]).await;
    let serving = Televent::of(&world).serve(&[]).await;
    serving.until_ready().await;
    world.telegram.add_person(KIRILL, "Kirill").await;
    world.telegram.say(KIRILL, "/start").await;
    world.settled().await;
    for path in ["/dav/", "/.well-known/caldav", "/feeds/none.ics", "/status"] {
        serving.fetch(path).await;
    }
    let text = until("the figures of Postgres and JetStream", async || {
        let (_, text) = serving.fetch("/metrics").await;
        let lag = r#"televent_consumer_pending_messages{stream="INVITES",consumer="notifier"} 0"#;
        (text.contains("televent_outbox_rows{state=\"pending\"} 0") && text.contains(lag))
            .then_some(text)
    })
    .await;
    let (mut helped, mut typed, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            helped.insert(rest.split(' ').next().expect("a name"));
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            typed.insert(rest.split(' ').next().expect("a name"));
        } else {
            let (name, labels) = series(line);
            if name.starts_with("process_") {
                continue;
            }
            let metric = metric_of(name).unwrap_or_else(|| panic!("{line}"));
            seen.insert(metric.name);
            for (label, value) in labels.into_iter().filter(|(label, _)| *label != "le") {
                let known = metric.labels.iter().find(|(known, _)| *known == label);
                let (_, values) = known.unwrap_or_else(|| panic!("{line}"));
                assert!(values.is_empty() || values.contains(&value), "{line}");
            }
        }
    }
    assert_eq!(helped, typed);
    for expected in [
        "televent_server_up",
        "televent_dav_request_duration_seconds",
        "televent_updates_total",
        "televent_telegram_calls_total",
        "televent_dead_letters",
        "televent_postgres_connections",
        "televent_role",
    ] {
        assert!(seen.contains(expected), "{expected}\n{text}");
    }
    assert!(typed.contains("process_resident_memory_bytes"), "{text}");
    assert!(serving.stop().await.success());
    world.finish().await;
}

/// The page as an operator sees it: its status, and its text.
async fn status_page(serving: &Serving, password: Option<&str>) -> (u16, String) {
    let mut request = reqwest::Client::new().get(format!("{}/status", serving.url));
    if let Some(password) = password {
        request = request.basic_auth("operator", Some(password));
    }
    let response = request.send().await.expect("it answers");
    let status = response.status().as_u16();
    if status == 401 {
        let challenge = response.headers()["www-authenticate"].to_str();
        assert!(challenge.expect("text").starts_with("Basic "));
    }
    (status, response.text().await.expect("a whole body"))
}

#[tokio::test]
async fn operator_sees_what_was_given_up_and_that_nats_is_away() {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world).with("TELEVENT_STATUS_PASSWORD", PASSWORD);
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    assert_eq!(status_page(&serving, None).await.0, 401);
    assert_eq!(status_page(&serving, Some("guessed")).await.0, 401);
    let (status, page) = status_page(&serving, Some(PASSWORD)).await;
    assert_eq!(status, 200);
    assert!(page.contains("Everything works"), "{page}");
    assert!(page.contains("api, notifier, rsvp"), "{page}");

    let garbage =
        json!({ "update_id": 4242, "callback_query": { "secret_content": "<b>Divorce</b>" } });
    world.telegram.inject(garbage).await;
    let letter = until("the dead letter", async || {
        let mut letters = world.store().dead_letters(1).await.expect("they are read");
        letters.pop()
    })
    .await;
    world.nats.stop().await;
    let page = until("the page to tell of NATS", async || {
        let (_, page) = status_page(&serving, Some(PASSWORD)).await;
        page.contains("not connected to NATS").then_some(page)
    })
    .await;
    assert!(page.contains("things need attention"), "{page}");
    assert!(page.contains(&format!("televent dead-letters show {}", letter.id)));
    assert!(page.contains("Given up: update"), "{page}");
    assert!(
        page.contains("a message goes to the dead letters"),
        "{page}"
    );
    for never in ["secret_content", "Divorce", PASSWORD, "<b>"] {
        assert!(!page.contains(never), "{never}\n{page}");
    }
    assert!(serving.stop().await.success());
    world.abandon();
}

#[tokio::test]
async fn without_a_password_there_is_no_page() {
    let world = World::with_processes(&[]).await;
    let serving = Televent::of(&world).serve(&[]).await;
    serving.until_ready().await;
    for password in [None, Some(PASSWORD)] {
        assert_eq!(status_page(&serving, password).await.0, 404);
    }
    assert!(serving.stop().await.success());
    world.finish().await;
}
