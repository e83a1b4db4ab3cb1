//! The real binary on real servers, as an operator meets it.

use serde_json::{Value, json};
use televent_broker::ACK_WAIT;
use televent_tests::{
    ANN, BO, CalendarApp, KIRILL, Serving, Televent, TestDatabase, World, buttons, plan, until,
    with_part_stat, without_schedule_status,
};

/// Ann, by the operator's commands, with a calendar app at `serving`.
async fn add_ann(televent: &Televent, serving: &Serving) -> CalendarApp {
    let id = ANN.to_string();
    let add = [
        "user",
        "add",
        "--telegram-id",
        &id,
        "--name",
        "Ann",
        "--time-zone",
        "Europe/Berlin",
    ];
    televent.succeed(&add).await;
    let add = [
        "device",
        "add",
        "--telegram-id",
        &id,
        "--label",
        "iPhone",
        "--json",
    ];
    let device: Value = televent
        .succeed(&add)
        .await
        .parse()
        .expect("it prints JSON");
    let text = |name: &str| {
        device
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    CalendarApp::new(&serving.url, ANN, &text("username"), &text("password"))
}

async fn add_people(world: &World) {
    for (id, name) in [(ANN, "Ann"), (KIRILL, "Kirill"), (BO, "Bo")] {
        world.telegram.add_person(id, name).await;
    }
}

#[tokio::test]
async fn invite_goes_out_and_its_answer_comes_back() {
    let database = TestDatabase::create_unmigrated().await.unwrap();
    let world = World::around(database).await;
    add_people(&world).await;
    let televent = Televent::of(&world);

    let refused = televent.run(&["serve"]).await;
    assert!(!refused.success);
    assert!(
        refused
            .stderr
            .contains("the database's schema is older than this program"),
        "{refused:#?}"
    );
    assert!(
        refused.stderr.contains("run `televent migrate`"),
        "{refused:#?}"
    );
    for _ in 0..2 {
        assert_eq!(
            televent.succeed(&["migrate"]).await,
            "the schema is up to date\n"
        );
    }

    let serving = televent.serve(&[]).await;
    assert_eq!(serving.fetch("/healthz").await, (200, "ok\n".to_owned()));
    serving.until_ready().await;
    assert_eq!(
        serving.fetch("/readyz").await.1,
        "postgres: ok\nnats: ok\ndead letters: 0\n"
    );
    let ann = add_ann(&televent, &serving).await;
    assert_eq!(ann.username, "tg_12345");
    let reply = ann.put("plan.ics", plan()).await;
    assert_eq!(reply.status, 201);
    let card = world.card(KIRILL).await;
    assert_eq!(card.labels(), buttons());
    assert_eq!(world.press(&card, "Accept").await.text, "✅ You accepted.");
    let card = world.card(KIRILL).await;
    assert!(
        card.html.ends_with("✅ You accepted this invitation."),
        "{}",
        card.html
    );
    assert_eq!(
        without_schedule_status(&ann.get("plan.ics").await.text()),
        with_part_stat(&plan(), "ACCEPTED")
    );
    assert!(world.card(ANN).await.html.contains("✅ Kirill accepted"));

    let (status, metrics) = serving.fetch("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        r#"televent_cards_total{outcome="sent"} 2"#,
        r#"televent_cards_total{outcome="edited"} 1"#,
        r#"televent_dav_requests_total{method="PUT",report="",status="2xx"} 1"#,
        r#"televent_updates_total{outcome="stored"} 1"#,
    ] {
        assert!(
            metrics.lines().any(|known| known == line),
            "{line}\n{metrics}"
        );
    }
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn garbage_is_logged_once_with_its_id_and_counted() {
    let mut world = World::with_processes(&[]).await;
    let serving = Televent::of(&world).serve(&[]).await;
    serving.until_ready().await;
    let garbage = json!({ "update_id": 4242, "callback_query": { "secret_content": true } });
    world.telegram.inject(garbage).await;
    world.settled().await;
    until("the count", async || {
        let metrics = serving.fetch("/metrics").await.1;
        metrics
            .contains(r#"televent_updates_total{outcome="garbage"} 1"#)
            .then_some(())
    })
    .await;
    let log = serving.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("4242")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains(r#""level":"WARN""#), "{log}");
    assert!(!log.contains("secret_content"), "{log}");
    assert!(serving.stop().await.success());
    world.expect_dead_letters(1);
    world.finish().await;
}

#[tokio::test]
async fn logs_hold_no_secrets_titles_or_names() {
    let world = World::with_processes(&[]).await;
    add_people(&world).await;
    let televent = Televent::of(&world).with("TELEVENT_LOG", "debug");
    let serving = televent.serve(&[]).await;
    let ann = add_ann(&televent, &serving).await;
    ann.save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    world
        .telegram
        .fault(json!({ "kind": "500", "method": "editMessageText" }))
        .await;
    world.press(&card, "Accept").await;
    world.settled().await;
    let ours: String = serving
        .log()
        .lines()
        .filter(|line| line.contains(r#""target":"televent"#))
        .collect();
    assert!(ours.contains("started"), "{ours}");
    for secret in ["secret-of-the-test", &ann.password, "Planning", "Kirill"] {
        assert!(!ours.contains(secret), "{secret} is in the log:\n{ours}");
    }
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn process_that_is_killed_is_replaced_without_a_loss() {
    let world = World::with_processes(&[]).await;
    add_people(&world).await;
    let televent = Televent::of(&world);
    let serving = televent.serve(&[]).await;
    let ann = add_ann(&televent, &serving).await;
    ann.save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    serving.kill().await;

    let press = world
        .telegram
        .press(KIRILL, card.id, card.data("Accept"))
        .await;
    // So that the test need not wait until the lease of the dead process runs out.
    world.let_time_pass(ACK_WAIT).await;
    let serving = televent.serve(&[]).await;
    assert_eq!(world.telegram.answer(&press).await.text, "✅ You accepted.");
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    let ann = ann.at(&serving.url);
    assert_eq!(
        without_schedule_status(&ann.get("plan.ics").await.text()),
        with_part_stat(&plan(), "ACCEPTED")
    );
    ann.save("plan.ics", plan().replace("Planning", "Renamed"))
        .await;
    assert!(
        world
            .card(KIRILL)
            .await
            .html
            .starts_with("🔄 Changed: <s>Planning</s> <b>Renamed</b>\n")
    );
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn process_that_is_killed_in_the_middle_of_a_send_loses_no_invite_and_no_copy() {
    let world = World::with_processes(&[]).await;
    add_people(&world).await;
    let televent = Televent::of(&world);
    let serving = televent.serve(&[]).await;
    let ann = add_ann(&televent, &serving).await;
    // Telegram has sent the card; its answer does not come before the end.
    let hang = json!({ "kind": "hang", "method": "sendMessage", "seconds": 60, "performs": true });
    world.telegram.fault(hang).await;
    ann.save("plan.ics", plan()).await;
    let unknown = until("the card", async || {
        world.telegram.messages(KIRILL).await.pop()
    })
    .await;
    serving.kill().await;

    // So that the test need not wait until the leases, and JetStream's patience, run out.
    world.let_time_pass(ACK_WAIT).await;
    let serving = televent.serve(&[]).await;
    until("the second card", async || {
        (world.telegram.messages(KIRILL).await.len() == 2).then_some(())
    })
    .await;
    world.settled().await;
    let (_, metrics) = serving.fetch("/metrics").await;
    assert!(
        metrics.contains("televent_ambiguous_sends_total 1"),
        "{metrics}"
    );
    world.press(&unknown, "Accept").await;
    for card in world.cards(KIRILL).await {
        assert!(
            card.html.ends_with("✅ You accepted this invitation."),
            "{}",
            card.html
        );
    }
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn roles_may_be_processes_of_their_own() {
    let world = World::with_processes(&[]).await;
    add_people(&world).await;
    let televent = Televent::of(&world);
    let api = televent.serve(&["--roles", "api"]).await;
    let notifier = televent.serve(&["--roles", "notifier"]).await;
    let rsvp = televent.serve(&["--roles", "rsvp"]).await;
    let ann = add_ann(&televent, &api).await;
    ann.save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    world.press(&card, "Decline").await;
    assert!(
        world
            .card(KIRILL)
            .await
            .html
            .ends_with("❌ You declined this invitation.")
    );
    for other in [&notifier, &rsvp] {
        assert_eq!(
            other.fetch("/dav/").await.0,
            404,
            "no CalDAV without the api role"
        );
        assert_eq!(other.fetch("/healthz").await.0, 200);
    }
    for serving in [api, notifier, rsvp] {
        assert!(serving.stop().await.success());
    }
    world.finish().await;
}

#[tokio::test]
async fn whoever_takes_something_in_is_ready_without_nats_and_the_notifier_is_not() {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world);
    let api = televent.serve(&["--roles", "api"]).await;
    let all = televent.serve(&[]).await;
    let notifier = televent.serve(&["--roles", "notifier"]).await;
    for serving in [&api, &all, &notifier] {
        serving.until_ready().await;
    }
    world.settled().await;
    world.nats.stop().await;
    let report = "postgres: ok\nnats: not connected to NATS\ndead letters: 0\n";
    for (serving, status) in [(&api, 200), (&all, 200), (&notifier, 503)] {
        until("the loss of NATS to be told", async || {
            (serving.fetch("/readyz").await == (status, report.to_owned())).then_some(())
        })
        .await;
    }
    world.nats.start_again().await;
    for serving in [api, all, notifier] {
        serving.until_ready().await;
        assert!(serving.stop().await.success());
    }
    world.finish().await;
}

#[tokio::test]
async fn output_that_nobody_reads_is_no_failure() {
    let said = Televent::unconfigured().run_unread(&["nats-keys"]).await;
    assert!(said.success, "{said:?}");
    assert_eq!(said.stderr, "");
}

#[tokio::test]
async fn configuration_errors_name_the_key() {
    let bare = || {
        Televent::unconfigured()
            .with(
                "TELEVENT_DATABASE_URL",
                "postgres://nobody@127.0.0.1:1/none",
            )
            .with("TELEVENT_NATS_URL", "nats://127.0.0.1:1")
    };
    for (televent, words) in [
        (
            Televent::unconfigured(),
            &["database_url", "TELEVENT_DATABASE_URL"][..],
        ),
        (
            bare()
                .with("TELEVENT_HTTP_LISTEN", "8080")
                .with("TELEVENT_LOG_FORMAT", "xml"),
            &[
                "TELEVENT_HTTP_LISTEN",
                "TELEVENT_LOG_FORMAT",
                "write text or json",
            ],
        ),
        (
            bare().with("TELEVENT_TELEGRAM_TOKEN", "hunter2"),
            &["TELEVENT_TELEGRAM_TOKEN"],
        ),
        (
            bare().with("TELEVENT_TELEGRAM_UPDATES", "webhook"),
            &["TELEVENT_TELEGRAM_WEBHOOK_SECRET"],
        ),
        (
            bare().with("TELEVENT_INTERNAL_DOMAIN", "a b"),
            &["TELEVENT_INTERNAL_DOMAIN"],
        ),
        (
            bare().with_file("databse_url = \"x\""),
            &["databse_url in televent.toml is not a key"],
        ),
        (
            bare().with_file("http_listen = \"nowhere\""),
            &["http_listen in televent.toml"],
        ),
    ] {
        let said = televent.run(&["serve"]).await;
        assert!(!said.success);
        for word in words {
            assert!(
                said.stderr.contains(word),
                "{word} is not in {}",
                said.stderr
            );
        }
        assert!(!said.stderr.contains("hunter2"), "{}", said.stderr);
    }
    let said = bare().run(&["serve", "--http-listen", "nowhere"]).await;
    assert!(said.stderr.contains("--http-listen"), "{}", said.stderr);
}

#[tokio::test]
async fn serve_needs_nats_and_a_token() {
    let world = World::with_processes(&[]).await;
    let database = ("TELEVENT_DATABASE_URL", world.database.url.as_str());
    let said = Televent::unconfigured()
        .with(database.0, database.1)
        .run(&["serve"])
        .await;
    assert!(said.stderr.contains("TELEVENT_NATS_URL"), "{}", said.stderr);
    let nats = world.nats.url();
    let televent = Televent::unconfigured()
        .with(database.0, database.1)
        .with("TELEVENT_NATS_URL", &nats)
        .with("TELEVENT_HTTP_LISTEN", "127.0.0.1:0");
    let said = televent.run(&["serve"]).await;
    assert!(!said.success);
    assert!(
        said.stderr.contains("TELEVENT_TELEGRAM_TOKEN"),
        "{}",
        said.stderr
    );
    // So that there are consumers to be idle.
    let serving = Televent::of(&world).serve(&[]).await;
    serving.until_ready().await;
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn database_of_a_newer_program_is_refused() {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world);
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    assert!(serving.stop().await.success());
    world
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'from the future', true, ''::bytea, 0)",
        )
        .await;
    for command in [&["serve"][..], &["device", "list", "--telegram-id", "1"]] {
        let said = televent.run(command).await;
        assert!(!said.success);
        assert!(
            said.stderr
                .contains("newer than this program (it has migration 9999)"),
            "{said:#?}"
        );
    }
    world.finish().await;
}

#[tokio::test]
async fn revoked_device_is_out_at_once() {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world);
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    let ann = add_ann(&televent, &serving).await;
    ann.save("plan.ics", plan()).await;
    let id = ANN.to_string();
    let list = televent
        .succeed(&["device", "list", "--telegram-id", &id])
        .await;
    assert!(
        list.ends_with("iPhone\n") && !list.contains(&ann.password),
        "{list}"
    );
    let device = list.split_whitespace().next().unwrap();
    televent
        .succeed(&["device", "revoke", "--telegram-id", &id, "--id", device])
        .await;
    let reply = ann.put("plan.ics", plan()).await;
    assert_eq!(reply.status, 401);
    assert!(reply.header("www-authenticate").starts_with("Basic "));
    // Nobody else tells Ann that Kirill can't be written to.
    world.settled().await;
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn account_says_who_sees_when_it_is_busy() {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world);
    let id = ANN.to_string();
    let set = async |who: &str| {
        let command = ["user", "set", "--telegram-id", &id, "--free-busy", who];
        televent.run(&command).await
    };
    let said = set("nobody").await;
    assert!(!said.success);
    assert!(said.stderr.contains("12345 has no account"), "{said:#?}");

    let add = ["user", "add", "--telegram-id", &id, "--name", "Ann"];
    televent.succeed(&add).await;
    for (who, expected) in [
        (
            "everyone",
            "everybody with an account sees when 12345 is busy\n",
        ),
        (
            "acquaintances",
            "people with whom they share an event see when 12345 is busy\n",
        ),
        ("nobody", "nobody else sees when 12345 is busy\n"),
    ] {
        let said = set(who).await;
        assert!(said.success, "{said:#?}");
        assert_eq!(said.stdout, expected);
    }
    // Whoever presses Start again, or is added again, keeps what they chose.
    televent.succeed(&add).await;
    let mut database = world.database.connect().await.unwrap();
    let chosen: Option<String> = sqlx::query_scalar("select free_busy from users")
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(chosen.as_deref(), Some("nobody"));

    let said = set("friends").await;
    assert!(!said.success);
    assert!(
        said.stderr
            .contains("[possible values: everyone, acquaintances, nobody]"),
        "{said:#?}"
    );
    world.finish().await;
}

/// Ann invites two people, and Telegram refuses so many cards of them.
async fn invite_whom_telegram_refuses(world: &World, ann: &CalendarApp, refusal: &str, times: u32) {
    let fault = json!({ "kind": "refuse", "method": "sendMessage", "description": refusal, "times": times });
    world.telegram.fault(fault).await;
    let guests =
        "ATTENDEE:mailto:tg_98765@televent.internal\nATTENDEE:mailto:tg_555@televent.internal";
    ann.save("plan.ics", televent_tests::meeting("plan", ANN, guests))
        .await;
    world.settled().await;
}

#[tokio::test]
async fn operator_reads_and_retries_dead_letters() {
    let mut world = World::with_processes(&[]).await;
    add_people(&world).await;
    let televent = Televent::of(&world);
    let serving = televent.serve(&[]).await;
    let ann = add_ann(&televent, &serving).await;
    assert_eq!(
        televent.succeed(&["dead-letters", "list"]).await,
        "there are none\n"
    );
    let refusal = "Bad Request: not enough rights to send text messages to the chat";
    invite_whom_telegram_refuses(&world, &ann, refusal, 2).await;
    let list = televent.succeed(&["dead-letters", "list"]).await;
    assert_eq!(list.lines().count(), 2, "{list}");
    let json = televent.succeed(&["dead-letters", "list", "--json"]).await;
    let letters: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(letters.len(), 2, "{json}");
    assert_eq!(letters[0]["tries"]["publications"], 1);
    assert_eq!(letters[0]["history"], json!([]));
    assert!(
        serving
            .fetch("/readyz")
            .await
            .1
            .ends_with("dead letters: 2\n")
    );
    for line in list.lines() {
        assert!(
            line.ends_with(&format!("Telegram refused the call (400): {refusal}")),
            "{list}"
        );
        let id = line.split_whitespace().next().unwrap();
        let shown = televent.succeed(&["dead-letters", "show", id]).await;
        assert!(shown.contains("stream      INVITES\n"), "{shown}");
        assert!(shown.contains("retries     0\n"), "{shown}");
        let tries = "tries       0 failed, 0 came to no end, 0 ran out of time, 1 publications";
        assert!(shown.contains(tries), "{shown}");
        let verb = if line.contains(&format!(".{KIRILL} ")) {
            "retry"
        } else {
            "drop"
        };
        televent.succeed(&["dead-letters", verb, id]).await;
        let gone = televent.run(&["dead-letters", verb, id]).await;
        assert!(
            !gone.success && gone.stderr.contains("there is no dead letter"),
            "{gone:#?}"
        );
    }
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    assert_eq!(world.cards(BO).await, []);
    world.expect_dead_letters(0);
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn health_is_told_by_the_program_itself() {
    let world = World::with_processes(&[]).await;
    let serving = Televent::of(&world).serve(&["--roles", "notifier"]).await;
    serving.until_ready().await;
    let address = serving.url.trim_start_matches("http://").to_owned();
    let televent = Televent::of(&world).with("TELEVENT_HTTP_LISTEN", &address);
    assert_eq!(televent.succeed(&["healthy"]).await, "ok\n");
    assert_eq!(
        televent.succeed(&["healthy", "--ready"]).await,
        "postgres: ok\nnats: ok\ndead letters: 0\n"
    );
    world.nats.stop().await;
    until("the process to miss NATS", async || {
        let said = televent.run(&["healthy", "--ready"]).await;
        (!said.success && said.stderr.contains("503") && said.stderr.contains("nats: "))
            .then_some(())
    })
    .await;
    televent.succeed(&["healthy"]).await;
    world.nats.start_again().await;
    assert!(serving.stop().await.success());
    let said = televent.run(&["healthy"]).await;
    assert!(
        !said.success && said.stderr.contains("does not answer"),
        "{said:#?}"
    );
    world.finish().await;
}

#[tokio::test]
async fn operator_retries_and_drops_many_dead_letters_at_once() {
    let mut world = World::with_processes(&[]).await;
    add_people(&world).await;
    let televent = Televent::of(&world);
    for verb in ["retry", "drop"] {
        let none = televent.succeed(&["dead-letters", verb, "--all"]).await;
        assert_eq!(none, "there are none\n");
        let unclear = televent.run(&["dead-letters", verb]).await;
        assert!(
            !unclear.success && unclear.stderr.contains("<ID>..."),
            "{unclear:#?}"
        );
    }
    let serving = televent.serve(&[]).await;
    let ann = add_ann(&televent, &serving).await;
    // Each card fails twice; the second time after a retry.
    let refusal = "Bad Request: something that nobody knows";
    invite_whom_telegram_refuses(&world, &ann, refusal, 4).await;
    let retried = televent.succeed(&["dead-letters", "retry", "--all"]).await;
    assert_eq!(retried.lines().count(), 2, "{retried}");
    assert!(
        retried.lines().all(|line| line.ends_with(" is sent again")),
        "{retried}"
    );
    world.settled().await;
    let ids = world.strings("select id::text from dead_letters").await;
    assert_eq!(ids.len(), 2);
    let shown = televent.succeed(&["dead-letters", "show", &ids[0]]).await;
    assert!(shown.contains("retries     1\n"), "{shown}");
    let earlier = shown
        .lines()
        .find(|line| line.starts_with("earlier     given up "));
    assert!(
        earlier.is_some_and(|line| line.ends_with(refusal)),
        "{shown}"
    );
    // One that is not there keeps the others from nothing.
    let nobody = "00000000-0000-0000-0000-000000000000";
    let said = televent
        .run(&["dead-letters", "retry", nobody, &ids[0], &ids[1]])
        .await;
    assert!(
        !said.success
            && said
                .stderr
                .contains(&format!("there is no dead letter {nobody}")),
        "{said:#?}"
    );
    assert_eq!(said.stdout.lines().count(), 2, "{said:#?}");
    for person in [KIRILL, BO] {
        assert_eq!(world.card(person).await.labels(), buttons());
    }
    // What names no row is only dropped.
    world
        .execute(
            "insert into dead_letters (id, stream, subject, payload, reason, deliveries)
             select gen_random_uuid(), 'INVITES', 'televent.invite.x.1', '\"x\"', 'unreadable', 1 from generate_series(1, 3)",
        )
        .await;
    let said = televent.run(&["dead-letters", "retry", "--all"]).await;
    assert!(
        !said.success && said.stderr.contains("drop it"),
        "{said:#?}"
    );
    let dropped = televent.succeed(&["dead-letters", "drop", "--all"]).await;
    assert_eq!(dropped.lines().count(), 3, "{dropped}");
    world.expect_dead_letters(0);
    assert!(serving.stop().await.success());
    world.finish().await;
}

#[tokio::test]
async fn doctor_says_what_is_wrong() {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world);
    let healthy = televent.run(&["doctor"]).await;
    assert!(healthy.success, "{healthy:#?}");
    assert!(
        healthy.stdout.lines().all(|line| line.starts_with("ok ")),
        "{healthy:#?}"
    );
    assert!(
        healthy
            .stdout
            .contains("`televent serve` will make what is not there yet"),
        "{healthy:#?}"
    );
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    let healthy = televent.succeed(&["doctor"]).await;
    assert!(
        healthy.contains("streams and consumers are there"),
        "{healthy}"
    );
    assert!(serving.stop().await.success());

    let wrong_token = Televent::of(&world).with("TELEVENT_TELEGRAM_TOKEN", "1000:of-somebody-else");
    let said = wrong_token.run(&["doctor"]).await;
    assert!(
        !said.success && said.stdout.contains("BAD  bot: telegram_token: "),
        "{said:#?}"
    );
    assert!(!said.stdout.contains("of-somebody-else"), "{said:#?}");
    world.nats.stop().await;
    let said = televent.run(&["doctor"]).await;
    assert!(
        !said.success
            && said
                .stdout
                .contains("BAD  nats: nats_url: no server answers"),
        "{said:#?}"
    );
    world.nats.start_again().await;
    world.finish().await;
}
