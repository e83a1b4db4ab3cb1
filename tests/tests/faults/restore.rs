//! Postgres is restored from an older backup beside a JetStream, a Telegram and calendar apps that know what came after it.

use std::{path::Path, process::Stdio, time::Duration};

use reqwest::Method;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use televent_broker::{NOTIFIER, RSVP};
use televent_localservers::Binaries;
use televent_tests::{
    ANN, BO, CalendarApp, EVE, KIRILL, Message, Reply, Televent, TestDatabase, World, buttons,
    meeting, until,
};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// Those who are invited while the backup is made.
const GUESTS: i64 = 700_000;
const MOST_GUESTS: i64 = 60;

/// More than anybody changes in a calendar between a backup and its restore.
const MANY_CHANGES: i64 = 1_000_000_000;

fn asks(person: i64) -> String {
    format!("ATTENDEE:mailto:tg_{person}@televent.internal")
}

async fn run(program: &str, arguments: &[&str]) {
    let binaries = Binaries::find().unwrap();
    let done = Command::new(binaries.postgres_bin.join(program))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program}: {said}");
}

async fn back_up(database: &TestDatabase, file: &Path) {
    let file = file.to_str().unwrap();
    run(
        "pg_dump",
        &["--format=custom", "--file", file, &database.url],
    )
    .await;
}

/// As an operator does, into a database of the same name.
async fn restore(database: &TestDatabase, file: &Path) {
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let mut admin = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .unwrap();
    for statement in [
        format!("drop database {name} with (force)"),
        format!("create database {name} template template0"),
    ] {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut admin)
            .await
            .unwrap();
    }
    admin.close().await.unwrap();
    let file = file.to_str().unwrap();
    run(
        "pg_restore",
        &["--exit-on-error", "--dbname", &database.url, file],
    )
    .await;
}

async fn sync(app: &CalendarApp, token: &str) -> Reply {
    let body = format!(
        r#"<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level>
           <prop><getetag/></prop></sync-collection>"#
    );
    let method = Method::from_bytes(b"REPORT").unwrap();
    app.request(method, "", &[("content-type", "application/xml")], body)
        .await
}

/// Ann invites one guest after the other until `stop`. Returns how many.
async fn invite(ann: &CalendarApp, stop: &CancellationToken) -> i64 {
    for number in 0..MOST_GUESTS {
        if stop.is_cancelled() {
            return number;
        }
        let uid = format!("during-{number}");
        let object = meeting(&uid, ANN, &asks(GUESTS + number));
        ann.save(&format!("{uid}.ics"), object).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    MOST_GUESTS
}

async fn cards_about(world: &World, person: i64, event: &str) -> Vec<Message> {
    let mut cards = world.cards(person).await;
    cards.retain(|card| card.text.contains(event));
    cards
}

async fn card_about(world: &World, person: i64, event: &str) -> Message {
    let cards = cards_about(world, person, event).await;
    assert_eq!(cards.len(), 1, "{cards:#?}");
    cards.into_iter().next().unwrap()
}

/// A meeting with Kirill, known by its name.
fn named(name: &str) -> String {
    let uid = name.to_lowercase();
    meeting(&uid, ANN, &asks(KIRILL)).replace("SUMMARY:Planning", &format!("SUMMARY:{name}"))
}

#[tokio::test]
async fn an_older_postgres_beside_a_newer_jetstream_heals() {
    restored(false).await;
}

#[tokio::test]
async fn answers_since_the_backup_come_again_from_jetstream() {
    restored(true).await;
}

/// With `answers_again` the operator has JetStream deliver the updates that it still has.
async fn restored(answers_again: bool) {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world)
        .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", "0")
        .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0")
        .with("TELEVENT_TELEGRAM_EDIT_INTERVAL_SECONDS", "0");
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    let at_home = world.add_people().await;
    for guest in GUESTS..GUESTS + MOST_GUESTS {
        world.telegram.add_person(guest, "Guest").await;
    }
    let ann = at_home.at(&serving.url);
    for name in ["Answered", "Moved", "Deleted"] {
        let file = format!("{}.ics", name.to_lowercase());
        ann.save(&file, named(name)).await;
    }
    world.settled().await;
    let before = card_about(&world, KIRILL, "Moved").await;

    // The backup is made while people invite.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("televent.dump");
    let stop = CancellationToken::new();
    let (_invited, ()) = tokio::join!(invite(&ann, &stop), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        back_up(&world.database, &file).await;
        stop.cancel();
    });

    // What the backup does not know.
    let answered = card_about(&world, KIRILL, "Answered").await;
    let said = world.press(&answered, "Accept").await;
    assert_eq!(said.text, "✅ You accepted.");
    let moved = named("Moved").replace("DTSTART:20270115T08", "DTSTART:20270115T07");
    ann.save("moved.ics", moved.replace("SEQUENCE:3", "SEQUENCE:4"))
        .await;
    ann.delete("deleted.ics").await;
    ann.save("later.ics", meeting("later", ANN, &asks(EVE)))
        .await;
    let later = world.card(EVE).await;
    assert_ne!(card_about(&world, KIRILL, "Moved").await.text, before.text);
    assert!(serving.stop().await.success());

    // And what is still in JetStream, and waits at Telegram: nobody writes cards, nobody takes presses.
    let api = televent.serve(&["--roles", "api"]).await;
    api.until_ready().await;
    let ann = at_home.at(&api.url);
    ann.save("last.ics", meeting("last", ANN, &asks(BO))).await;
    ann.save(
        "answered.ics",
        named("Answered").replace("SUMMARY:Answered", "SUMMARY:Answered anew"),
    )
    .await;
    until("JetStream to have what nobody reads", async || {
        world.nats.idle(NOTIFIER).await.is_err().then_some(())
    })
    .await;
    let seen = ann.calendar().await;
    assert!(api.stop().await.success());
    let late_press = world
        .telegram
        .press(EVE, later.id, later.data("Accept"))
        .await;

    restore(&world.database, &file).await;
    if answers_again {
        world.nats.stop().await;
        world.nats.forget_consumer(RSVP);
        world.nats.start_again().await;
    }
    let said = televent.succeed(&["after-restore"]).await;
    assert!(said.contains("start the processes"), "{said}");
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    let ann = at_home.at(&serving.url);

    // Calendar apps read all of it anew, and none of the counters that they know comes again.
    let now = ann.calendar().await;
    let number = |ctag: &str| -> i64 {
        let digits: String = ctag.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    };
    let apart = number(&now.ctag) - number(&seen.ctag);
    assert!(apart > MANY_CHANGES, "{} after {}", now.ctag, seen.ctag);
    let refused = sync(&ann, &seen.sync_token).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(refused.text().contains("valid-sync-token"));
    let first = sync(&ann, "").await;
    assert_eq!(first.status, 207);
    assert!(first.text().contains("deleted.ics") && !first.text().contains("later.ics"));
    assert_eq!(sync(&ann, &now.sync_token).await.status, 207);

    // What is gone is said to be.
    let answer = world.telegram.answer(&late_press).await;
    assert_eq!(answer.text, "This invitation does not exist any more.");
    let answer = world.press_by(EVE, &later, "Maybe").await;
    assert_eq!(answer.text, "This invitation does not exist any more.");
    // Bo's invitation was acknowledged, and is lost with the row that asked for his card.
    assert_eq!(world.cards(BO).await, []);

    // Cards show what there is, and can be answered.
    assert_eq!(
        card_about(&world, KIRILL, "Moved").await.text,
        before.text,
        "the card shows the time that was restored"
    );
    for name in ["Answered", "Deleted"] {
        let card = card_about(&world, KIRILL, name).await;
        if answers_again && name == "Answered" {
            assert_ne!(card.labels(), buttons(), "{card:#?}");
        } else {
            assert_eq!(card.labels(), buttons(), "{card:#?}");
            let said = world.press(&card, "Accept").await;
            assert_eq!(said.text, "✅ You accepted.");
        }
        let stored = ann.get(&format!("{}.ics", name.to_lowercase())).await;
        assert!(stored.text().contains("PARTSTAT=ACCEPTED"));
    }

    // Everybody whose invitation was restored has a card: some a second one, where the first was not known yet.
    world.settled().await;
    let without = world
        .strings(
            "select e.uid from events e join event_attendees a on a.event_id = e.id and a.invited
             where e.organizer_event_id is null and e.method is null and e.deleted_at is null
               and not exists (
                   select from invite_cards c
                   where c.event_id = e.id and c.telegram_id = a.telegram_id and c.message_id is not null
               )",
        )
        .await;
    assert_eq!(without, Vec::<String>::new(), "invitations without a card");
    let restored = world
        .number(
            "select count(*) from events where uid like 'during-%' and organizer_event_id is null and method is null",
        )
        .await;
    let mut twice = 0;
    for guest in GUESTS..GUESTS + MOST_GUESTS {
        let cards = world.cards(guest).await.len();
        assert!(cards <= 2, "{guest} has {cards} cards");
        twice += usize::from(cards == 2);
    }
    println!("Restored: {restored} meetings of the load, {twice} of them with a second card");
    assert!(serving.stop().await.success());
    world.finish().await;
}
