//! Traces and logs of the real binary: what belongs together can be followed over processes, and nothing in either is what people
//! have written, or a secret.

use reqwest::Method;
use serde_json::{Value, json};
use televent_tests::{
    ANN, Collector, KIRILL, KIRILL_IS_ASKED, Span, TOKEN, Televent, World, free_addresses, meeting,
    plan, until,
};

/// The spans of the trace that `root` begins, once they are as many as they will be.
async fn trace(
    collector: &Collector,
    what: &str,
    is_root: impl Fn(&Span) -> bool,
    last: &str,
) -> Vec<Span> {
    until(what, async || {
        let spans = collector.spans();
        let root = spans.iter().find(|span| is_root(span))?;
        let mut trace: Vec<Span> = spans
            .iter()
            .filter(|span| span.trace == root.trace)
            .cloned()
            .collect();
        trace.sort_by(|a, b| a.parent.cmp(&b.parent).then(a.id.cmp(&b.id)));
        // A parent ends after its children, and is sent after them.
        let is_whole = trace.iter().any(|span| span.name == last)
            && trace.iter().all(|span| {
                span.parent.is_empty() || trace.iter().any(|parent| parent.id == span.parent)
            });
        is_whole.then_some(trace)
    })
    .await
}

/// The names of a span and of those above it, the trace's first one last.
fn path<'a>(trace: &'a [Span], name: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut next = trace.iter().find(|span| span.name == name);
    while let Some(span) = next {
        names.push(span.name.as_str());
        next = trace.iter().find(|parent| parent.id == span.parent);
    }
    names
}

fn of<'a>(trace: &'a [Span], name: &str) -> &'a Span {
    let found = trace.iter().find(|span| span.name == name);
    assert!(found.is_some(), "no {name} in {trace:#?}");
    found.expect("it is there")
}

#[tokio::test]
async fn trace_goes_from_a_put_to_telegram_and_from_a_press_to_the_card() {
    let world = World::with_processes(&[]).await;
    let ann = world.add_people().await;
    let collector = Collector::start().await;
    let televent = Televent::of(&world).with("TELEVENT_OTLP_ENDPOINT", &collector.url);
    let api = televent.serve(&["--roles", "api,rsvp"]).await;
    let notifier = televent.serve(&["--roles", "notifier"]).await;
    for process in [&api, &notifier] {
        process.until_ready().await;
    }
    let ann = ann.at(&api.url);
    // What a stranger says of their trace is not taken.
    let strangers = "0af7651916cd43dd8448eb211c80319c";
    let traceparent = format!("00-{strangers}-b7ad6b7169203331-01");
    let headers = [
        ("content-type", "text/calendar"),
        ("traceparent", traceparent.as_str()),
    ];
    let reply = ann.request(Method::PUT, "plan.ics", &headers, plan()).await;
    assert_eq!(reply.status, 201);
    let card = world.card(KIRILL).await;

    let is_put = |span: &Span| span.name == "PUT /dav/{*path}";
    let put = trace(
        &collector,
        "the trace of the PUT",
        is_put,
        "telegram SendMessage",
    )
    .await;
    assert_eq!(
        path(&put, "telegram SendMessage"),
        [
            "telegram SendMessage",
            "process INVITES",
            "publish",
            "write_scheduling",
            "PUT /dav/{*path}"
        ]
    );
    for (name, kind, roles) in [
        ("PUT /dav/{*path}", "server", "api,rsvp"),
        ("publish", "producer", "api,rsvp"),
        ("process INVITES", "consumer", "notifier"),
        ("lease_cards", "client", "notifier"),
        ("render", "internal", "notifier"),
        ("wait for the pace", "internal", "notifier"),
        ("telegram SendMessage", "client", "notifier"),
        ("record_card", "client", "notifier"),
    ] {
        let span = of(&put, name);
        assert_eq!((span.kind, span.roles.as_str()), (kind, roles), "{name}");
    }
    let root = of(&put, "PUT /dav/{*path}");
    assert_eq!(root.parent, "");
    assert_ne!(root.trace, strangers);
    assert_eq!(root.attributes["http.response.status_code"], "201");
    assert_eq!(root.attributes["http.route"], "/dav/{*path}");
    assert_eq!(
        of(&put, "process INVITES").attributes["televent.outcome"],
        "done"
    );

    world.press(&card, "Accept").await;
    world.settled().await;
    let is_press = |span: &Span| span.name == "receive update";
    let press = trace(
        &collector,
        "the trace of the press",
        is_press,
        "telegram EditMessageText",
    )
    .await;
    assert_ne!(press[0].trace, put[0].trace);
    let up = path(&press, "telegram EditMessageText");
    assert_eq!(up.first(), Some(&"telegram EditMessageText"));
    assert_eq!(
        up.iter()
            .filter(|name| !matches!(**name, "show"))
            .copied()
            .collect::<Vec<_>>(),
        [
            "telegram EditMessageText",
            "process INVITES",
            "publish",
            "write_scheduling",
            "apply",
            "process UPDATES",
            "receive update",
        ]
    );
    assert_eq!(
        path(&press, "telegram AnswerCallbackQuery")[1..],
        ["apply", "process UPDATES", "receive update"]
    );

    // The lines of all processes can be joined with the trace, and health checks are none.
    assert!(
        collector
            .spans()
            .iter()
            .all(|span| !span.name.contains("ready"))
    );
    for process in [api, notifier] {
        assert!(process.stop().await.success());
    }
    world.finish().await;
}

#[tokio::test]
async fn collector_that_is_away_holds_nothing_up() {
    let world = World::with_processes(&[]).await;
    let ann = world.add_people().await;
    let [nobody] = free_addresses::<1>();
    let serving = Televent::of(&world)
        .with("TELEVENT_OTLP_ENDPOINT", &format!("http://{nobody}"))
        .serve(&[])
        .await;
    serving.until_ready().await;
    ann.at(&serving.url).save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    world.press(&card, "Accept").await;
    world.settled().await;
    until("the log to say so", async || {
        serving.log().contains("traces can't be sent").then_some(())
    })
    .await;
    let log = serving.log();
    assert_eq!(log.matches("traces can't be sent").count(), 1, "{log}");
    assert!(serving.stop().await.success());
    world.finish().await;
}

/// In all that people write in this test, and in all that is secret.
const MARKER: &str = "zqx";

#[tokio::test]
async fn nothing_that_people_write_and_no_secret_is_logged_or_traced() {
    let mut world = World::with_processes(&[]).await;
    world.telegram.add_person(KIRILL, "Kirill zqxname").await;
    let ann = world.add_user(ANN, "Ann zqxname").await;
    let collector = Collector::start().await;
    let televent = Televent::of(&world)
        .with("TELEVENT_LOG", "debug,televent=trace")
        .with("TELEVENT_OTLP_ENDPOINT", &collector.url)
        .with("TELEVENT_OTLP_HEADERS", "Authorization=Bearer zqxtoken");
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    let ann = ann.at(&serving.url);

    // Of a meeting: words that are invited, changed, answered, and told.
    let lines = format!("DESCRIPTION:zqxdescription\n        {KIRILL_IS_ASKED}");
    let zqx = meeting("zqxuid", ANN, &lines)
        .replace("Planning", "zqxtitle")
        .replace("Room 4.2", "zqxlocation")
        .replace("CN=Kirill", "CN=zqxname");
    ann.save("zqxfile.ics", zqx.clone()).await;
    let card = world.card(KIRILL).await;
    assert!(card.html.contains("zqxtitle"));
    world.press(&card, "Maybe").await;
    world.settled().await;
    let object = ann.get("zqxfile.ics").await.text();
    ann.save("zqxfile.ics", object.replace("T080000Z", "T083000Z"))
        .await;
    world.settled().await;

    // What is broken quotes what it breaks on.
    let broken = zqx.replace("20270115T080000Z", "zqxdate");
    assert!(ann.put("zqxbroken.ics", broken).await.status >= 400);
    let xml = "<zqx:element xmlns:zqx='zqxspace'><unclosed>";
    for (method, path, body) in [
        ("PROPFIND", "zqxmissing.ics", xml.to_owned()),
        ("REPORT", "", xml.to_owned()),
        ("ZQXMETHOD", "zqxmissing.ics", String::new()),
    ] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let reply = ann.request(method, path, &[], body).await;
        assert!(reply.status >= 400, "{path}: {}", reply.status);
    }
    for update in [
        json!({ "update_id": 9_000_001, "callback_query": "zqxgarbage" }),
        json!({ "update_id": 9_000_002, "message": { "text": "zqxgarbage", "chat": "zqxgarbage" } }),
    ] {
        world.telegram.inject(update).await;
    }

    // What is written to the bot, and what the bot shows.
    for text in [
        "/start",
        "/new",
        "zqxdinner tomorrow 19:00",
        "/devices",
        "zqxdevice",
        "/events",
        "/settings",
    ] {
        world.telegram.say(KIRILL, text).await;
        world.settled().await;
    }

    // Telegram quotes what it does not take.
    for description in [
        r#"Bad Request: can't parse entities: Unsupported start tag "zqxtag" at byte offset 9"#,
        r#"Bad Request: nobody knows "zqxtag""#,
    ] {
        let fault =
            json!({ "kind": "refuse", "method": "editMessageText", "description": description });
        world.telegram.fault(fault).await;
        let object = ann.get("zqxfile.ics").await.text();
        let renamed = object.replace("zqxtitle", "zqxtitle zqxtitle");
        ann.save("zqxfile.ics", renamed).await;
        world.settled().await;
        world.telegram.clear_faults().await;
    }
    let dead = world.number("select count(*) from dead_letters").await;
    assert!(dead > 0, "something was given up");
    world.expect_dead_letters(dead);

    until("spans of the last call", async || {
        let spans = collector.spans();
        let refused = |span: &Span| {
            span.attributes
                .get("error.type")
                .is_some_and(|class| class == "refused")
        };
        spans.iter().any(refused).then_some(())
    })
    .await;
    let log = serving.log();
    let password = ann.authorization();
    assert!(serving.stop().await.success());
    let spans: Vec<String> = collector
        .spans()
        .iter()
        .map(|span| format!("{span:?}"))
        .collect();
    let secret = TOKEN.split_once(':').map_or(TOKEN, |(_, secret)| secret);
    for line in log.lines().chain(spans.iter().map(String::as_str)) {
        let folded = line.to_lowercase();
        for told in [
            MARKER,
            &secret.to_lowercase(),
            "bearer",
            &password.to_lowercase(),
        ] {
            assert!(!folded.contains(told), "{told} in {line}");
        }
    }

    // Lines have the ids of their traces, which the spans have, too.
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_eq!(lines.len(), log.lines().count(), "every line is an object");
    let traced: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["trace_id"].as_str())
        .collect();
    assert!(!traced.is_empty());
    let known = collector.spans();
    assert!(
        traced
            .iter()
            .any(|id| known.iter().any(|span| span.trace == *id))
    );
    world.finish().await;
}
