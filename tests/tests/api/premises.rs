//! PUT of something new by a device that is remembered: no question is asked, and whatever has changed meanwhile, the answer and
//! the tables are those of a server that has asked.

use std::{convert::Infallible, time::Duration};

use anyhow::Result;
use axum::body::Body;
use sqlx::{AssertSqlSafe, Connection as _};
use televent_api::{Api, router};
use televent_store::{DeviceSecret, Store};
use uuid::Uuid;

use crate::support::{ANN, CALENDAR, EVENT, Ground, basic, object, person};

const NEW: (&str, &str) = ("if-none-match", "*");

const BOB: &str = "ATTENDEE:mailto:tg_98765@televent.internal\r\n";

/// Bob's account, which nobody but Postgres knows of.
const BOBS_ACCOUNT: &str = "with account as (insert into users (telegram_id, name) values (98765, 'Bob') returning telegram_id)
     insert into calendars (id, owner, slug, kind, display_name)
     select '00000000-0000-7000-8000-000000000001'::uuid, telegram_id, 'default', 'calendar', 'Calendar' from account
     union all
     select '00000000-0000-7000-8000-000000000002', telegram_id, 'inbox', 'inbox', 'Inbox' from account";

/// The same of somebody who was met before.
const BOBS_CALENDARS: &str = "insert into calendars (id, owner, slug, kind, display_name)
     values ('00000000-0000-7000-8000-000000000001'::uuid, 98765, 'default', 'calendar', 'Calendar'),
            ('00000000-0000-7000-8000-000000000002', 98765, 'inbox', 'inbox', 'Inbox')";

/// What may change while something is remembered.
const CHANGES: [(&str, &str); 14] = [
    ("nothing", "select 1"),
    ("the device is revoked", "update devices set revoked_at = now() where telegram_id = 1001"),
    ("the owner is called otherwise", "update users set name = 'Anna' where telegram_id = 1001"),
    ("the owner has another username", "update users set username = 'anna' where telegram_id = 1001"),
    ("the owner lives elsewhere", "update users set time_zone = 'Asia/Tokyo' where telegram_id = 1001"),
    ("the calendar takes no events", "update calendars set components = '{VTODO}' where owner = 1001"),
    ("the calendar is another one", "update calendars set slug = 'other' where owner = 1001 and slug = 'default'"),
    ("the calendar is deleted", "update calendars set deleted_at = now() where owner = 1001 and slug = 'default'"),
    ("the account is full", "update calendars set bytes = 1024 * 1024 * 1024 where owner = 1001 and slug = 'default'"),
    (
        "something is there",
        "insert into events (id, calendar_id, resource_name, uid, component, object, etag, revision, owner_organizes, schedule_tag)
         select gen_random_uuid(), id, 'a.ics', 'uid-z', 'VEVENT', 'x', 'x', ctag, false, '' from calendars where owner = 1001
         and slug = 'default'",
    ),
    (
        "the UID is taken",
        "insert into events (id, calendar_id, resource_name, uid, component, object, etag, revision, owner_organizes, schedule_tag)
         select gen_random_uuid(), id, 'b.ics', 'uid-a', 'VEVENT', 'x', 'x', ctag, false, '' from calendars where owner = 1001
         and slug = 'default'",
    ),
    ("somebody invited has an account", BOBS_ACCOUNT),
    (
        "somebody invited can't be reached",
        "insert into users (telegram_id, name, schedule_status) values (98765, 'Bob', '5.1')",
    ),
    (
        "somebody invited was reached",
        "insert into users (telegram_id, name, schedule_status) values (98765, 'Bob', '1.2')",
    ),
];

/// Puts an object with these lines, named after its UID `uid-<name>`. Returns the status.
async fn put(ground: &Ground, name: &str, lines: &str) -> Result<u16> {
    let path = format!("{CALENDAR}{name}.ics");
    let body = object(&format!("uid-{name}"), lines);
    Ok(ground.put_if(&path, NEW, &body).await?.status)
}

/// The answer, and what there is then.
async fn outcome(ground: &Ground, body: &str) -> Result<Vec<String>> {
    let answer = ground.put_if(EVENT, NEW, body).await?;
    let mut all = vec![answer.shown()];
    all.extend(
        ground
            .rows(
                "select 'event ' || concat_ws(' ', c.owner, c.slug, e.resource_name, regexp_replace(convert_from(object, 'UTF8'), 'DTSTAMP:[0-9TZ]+', ''), e.revision,
                        e.organizer, e.method)
                 from events e join calendars c on c.id = e.calendar_id
                 union all
                 select 'attendee ' || concat_ws(' ', address, telegram_id, status, schedule_status, asked_at > '-infinity')
                 from event_attendees
                 union all
                 select 'calendar ' || concat_ws(' ', owner, slug, ctag, bytes) from calendars
                 union all
                 select 'outbox ' || concat_ws(' ', kind, telegram_id, urgency) from outbox_messages
                 order by 1",
            )
            .await?,
    );
    Ok(all)
}

async fn was_asked(ground: &Ground) -> Result<bool> {
    let used = ground
        .rows("select (last_used_at is not null)::text from devices where telegram_id = 1001")
        .await?;
    Ok(used == ["true"])
}

/// Ann's device is remembered, and Postgres would note if it were asked for.
async fn remembered() -> Result<Ground> {
    let ground = Ground::new().await?;
    assert_eq!(ground.get(EVENT).await?.status, 404);
    ground
        .sql("update devices set last_used_at = null, last_client = null")
        .await?;
    Ok(ground)
}

#[tokio::test]
async fn nothing_is_asked_for_what_is_new() -> Result<()> {
    let ground = remembered().await?;
    for (name, lines) in [("a", ""), ("b", BOB)] {
        assert_eq!(put(&ground, name, lines).await?, 201);
        assert!(!was_asked(&ground).await?, "{name}");
    }
    assert_eq!(ground.outbox().await?, ["invite_notification 98765"]);
    // What may be there, what is said of what is there, and other methods.
    let path = format!("{CALENDAR}c.ics");
    ground.put(&path, object("uid-c", "")).await?;
    assert!(was_asked(&ground).await?);
    Ok(())
}

#[tokio::test]
async fn whatever_has_changed_is_noticed() -> Result<()> {
    for (change, statement) in CHANGES {
        for lines in ["", BOB] {
            let body = object("uid-a", lines);
            let (asks, remembers) = (Ground::new().await?, remembered().await?);
            asks.sql(statement).await?;
            remembers.sql(statement).await?;
            assert_eq!(
                outcome(&remembers, &body).await?,
                outcome(&asks, &body).await?,
                "{change} {lines}"
            );
            // Who is refused is not noted.
            let is_asked = match change {
                "nothing" | "the device is revoked" | "the owner lives elsewhere" => false,
                _ if change.starts_with("somebody invited") => !lines.is_empty(),
                _ => true,
            };
            assert_eq!(was_asked(&remembers).await?, is_asked, "{change} {lines}");
        }
    }
    Ok(())
}

/// What is refused before anything is written is refused to somebody.
#[tokio::test]
async fn bad_objects_are_no_less_refused() -> Result<()> {
    let foreign = "ORGANIZER:mailto:tg_6666@televent.internal\r\nATTENDEE:mailto:tg_1001@televent.internal\r\n";
    let (asks, remembers) = (Ground::new().await?, remembered().await?);
    for body in [
        "no calendar".to_owned(),
        object("uid-a", "ORGANIZER:nobody\r\n"),
        object("uid-a", "RRULE:FREQ=NEVER\r\n"),
        object("uid-b", foreign),
    ] {
        assert_eq!(
            outcome(&remembers, &body).await?,
            outcome(&asks, &body).await?,
            "{body}"
        );
    }
    let revoked = remembered().await?;
    revoked.sql("update devices set revoked_at = now()").await?;
    assert_eq!(
        revoked.put_if(EVENT, NEW, "no calendar").await?.status,
        401,
        "who may not write is told nothing of what is wrong"
    );
    Ok(())
}

/// Postgres has written the object, and the connection breaks before the server hears of it.
#[tokio::test]
async fn what_is_done_and_was_not_heard_of_is_no_conflict() -> Result<()> {
    let ground = Ground::new().await?;
    let (proxy, url) = ground.database.behind_proxy().await;
    let ground = Ground {
        router: router(Api {
            store: Store::connect_lazy(&url)?,
            ..ground.api.clone()
        }),
        ..ground
    };
    assert_eq!(ground.get(EVENT).await?.status, 404);
    let stored = "select resource_name from events";
    for (name, lines) in [("a", ""), ("b", BOB)] {
        proxy.delay(Duration::from_millis(300));
        let breaks = async {
            let file = format!("{name}.ics");
            while !ground.rows(stored).await?.contains(&file) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            proxy.cut_open();
            proxy.undisturbed();
            anyhow::Ok(())
        };
        let (answer, broken) = tokio::join!(put(&ground, name, lines), breaks);
        broken?;
        assert_eq!(answer?, 201);
    }
    assert_eq!(
        ground.rows("select kind from outbox_messages").await?.len(),
        1
    );
    assert_eq!(ground.ctag().await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn one_device_is_not_another() -> Result<()> {
    let ground = remembered().await?;
    let body = object("uid-a", "");
    let laptop = DeviceSecret::from_random([7; 20]);
    ground
        .store
        .add_device(Uuid::now_v7(), person(ANN), "laptop", &laptop)
        .await?;
    ground
        .sql("update devices set revoked_at = now() where telegram_id = 1001 and label = 'phone'")
        .await?;
    assert_eq!(ground.put_if(EVENT, NEW, &body).await?.status, 401);
    let laptop = basic("tg_1001", &laptop.reveal())?;
    let nobody = basic("tg_6666", &DeviceSecret::from_random([7; 20]).reveal())?;
    for (authorization, path, status) in [
        (nobody.as_str(), EVENT, 401),
        (ground.eve.as_str(), EVENT, 404),
        (laptop.as_str(), EVENT, 201),
        (nobody.as_str(), "/dav/calendars/1001/default/b.ics", 401),
        (laptop.as_str(), "/dav/calendars/6666/default/b.ics", 404),
        (laptop.as_str(), "/dav/calendars/1001/inbox/b.ics", 403),
    ] {
        let headers = [NEW, ("authorization", authorization)];
        let answer = ground.send("PUT", path, &headers, body.clone()).await?;
        assert_eq!(answer.status, status, "{path} {}", answer.shown());
    }
    Ok(())
}

/// Each is told what they would be told if nothing were remembered of them.
#[tokio::test]
async fn who_has_an_account_is_remembered_as_such() -> Result<()> {
    let ground = remembered().await?;
    ground.sql(BOBS_ACCOUNT).await?;
    for name in ["a", "b"] {
        assert_eq!(put(&ground, name, BOB).await?, 201);
    }
    let copies = "select count(*)::text from events e join calendars c on c.id = e.calendar_id where c.owner = 98765";
    assert_eq!(
        ground.rows(copies).await?,
        ["4"],
        "two copies, two messages"
    );
    ground
        .sql("update calendars set deleted_at = now() where owner = 98765")
        .await?;
    assert_eq!(put(&ground, "c", BOB).await?, 201);
    assert_eq!(ground.rows(copies).await?, ["4"]);
    Ok(())
}

/// People without an account are remembered as they were met.
#[tokio::test]
async fn who_was_written_to_is_remembered_as_such() -> Result<()> {
    const CHANGES: [&str; 4] = [
        "select 1",
        "update users set schedule_status = '5.1' where telegram_id = 98765",
        "update users set schedule_status = null where telegram_id = 98765",
        "delete from users where telegram_id = 98765",
    ];
    for change in CHANGES.into_iter().chain([BOBS_CALENDARS]) {
        let mut grounds = Vec::new();
        for remembers in [true, false] {
            let ground = Ground::new().await?;
            ground
                .sql("insert into users (telegram_id, name, schedule_status) values (98765, 'Bob', '1.2')")
                .await?;
            if remembers {
                // What is asked for the first one is remembered for the second.
                for name in ["x", "y"] {
                    assert_eq!(put(&ground, name, BOB).await?, 201);
                    ground.sql("update devices set last_used_at = null").await?;
                }
                for statement in [
                    "delete from outbox_messages",
                    "delete from events",
                    "update calendars set ctag = 1, bytes = 0",
                ] {
                    ground.sql(statement).await?;
                }
            }
            ground.sql(change).await?;
            grounds.push(ground);
        }
        let body = object("uid-a", BOB);
        let remembering = outcome(&grounds[0], &body).await?;
        let asking = outcome(&grounds[1], &body).await?;
        assert_eq!(remembering, asking, "{change}");
        assert_eq!(
            was_asked(&grounds[0]).await?,
            change != "select 1",
            "{change}"
        );
    }
    Ok(())
}

/// Ids are compared as Postgres writes them, in the order of their bytes.
#[tokio::test]
async fn many_may_be_invited() -> Result<()> {
    let ground = remembered().await?;
    ground
        .sql(
            "insert into users (telegram_id, name, schedule_status)
             values (98765, 'Bob', '1.2'), (123456789, 'Sam', '5.1'), (4711, 'Kim', null)",
        )
        .await?;
    let people: String = [98_765, 123_456_789, 4_711, 31_415]
        .iter()
        .map(|id| format!("ATTENDEE:mailto:tg_{id}@televent.internal\r\n"))
        .collect();
    for (name, asks) in [("a", true), ("b", false)] {
        ground.sql("update devices set last_used_at = null").await?;
        assert_eq!(put(&ground, name, &people).await?, 201);
        assert_eq!(was_asked(&ground).await?, asks, "{name}");
    }
    let statuses =
        "select distinct telegram_id || ' ' || schedule_status from event_attendees order by 1";
    assert_eq!(
        ground.rows(statuses).await?,
        ["123456789 5.1", "31415 1.0", "4711 1.0", "98765 1.2"]
    );
    Ok(())
}

#[tokio::test]
async fn name_at_telegram_is_that_of_today() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .sql("update users set username = 'ann' where telegram_id = 1001")
        .await?;
    let laptop = DeviceSecret::from_random([7; 20]);
    ground
        .store
        .add_device(Uuid::now_v7(), person(ANN), "laptop", &laptop)
        .await?;
    let by_name = basic("@ann", &laptop.reveal())?;
    let by_id = basic("tg_1001", &laptop.reveal())?;
    let put_as = async |name: &str, authorization: &str| {
        let path = format!("{CALENDAR}{name}.ics");
        let headers = [NEW, ("authorization", authorization)];
        let body = object(&format!("uid-{name}"), "");
        anyhow::Ok(ground.send("PUT", &path, &headers, body).await?.status)
    };
    assert_eq!(put_as("a", &by_name).await?, 201);
    assert_eq!(put_as("b", &by_name).await?, 201);
    ground
        .sql("update users set username = 'anna' where telegram_id = 1001")
        .await?;
    assert_eq!(put_as("c", &by_name).await?, 401);
    assert_eq!(put_as("c", &by_id).await?, 201);
    Ok(())
}

/// Somebody else changes the calendar in the same moment: it waits for them, and looks at what they have left.
#[tokio::test]
async fn change_at_the_same_time_is_noticed() -> Result<()> {
    for (statement, status) in [
        ("update calendars set ctag = ctag + 1", 201),
        ("update calendars set slug = 'other'", 409),
        ("update calendars set deleted_at = now()", 409),
        ("update calendars set components = '{VTODO}'", 403),
    ] {
        let ground = remembered().await?;
        let mut other = ground.database.connect().await?;
        let mut change = other.begin().await?;
        let of_ann = format!("{statement} where owner = 1001 and slug = 'default'");
        sqlx::query(AssertSqlSafe(of_ann))
            .execute(&mut *change)
            .await?;
        let commit = async {
            ground.database.until_waiting(1).await?;
            change.commit().await?;
            anyhow::Ok(())
        };
        let (answer, committed) = tokio::join!(put(&ground, "a", BOB), commit);
        committed?;
        assert_eq!(answer?, status, "{statement}");
        assert_eq!(was_asked(&ground).await?, status != 201, "{statement}");
    }
    Ok(())
}

#[tokio::test]
async fn one_of_two_that_put_at_once_is_first() -> Result<()> {
    let ground = remembered().await?;
    let (one, two) = (object("uid-a", ""), object("uid-b", BOB));
    let (one, two) = tokio::join!(
        ground.put_if(EVENT, NEW, &one),
        ground.put_if(EVENT, NEW, &two)
    );
    let mut statuses = [one?.status, two?.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 412]);
    assert_eq!(ground.ctag().await?.0, 2);
    Ok(())
}

/// Who was let in once does not keep others of the account waiting with a body that never ends.
#[tokio::test]
async fn body_that_takes_long_is_nobodys_before_it_is_asked() -> Result<()> {
    let ground = remembered().await?;
    ground.sql("update devices set revoked_at = now()").await?;
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, Infallible>>());
    let answer = tokio::time::timeout(
        Duration::from_secs(20),
        ground.send("PUT", EVENT, &[NEW], never),
    );
    assert_eq!(answer.await??.status, 401);
    Ok(())
}
