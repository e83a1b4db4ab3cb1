//! The migrations after the first, on a database that is in use.

use anyhow::Result;
use sqlx::{AssertSqlSafe, PgConnection};
use televent_calendar::TelegramUserId;
use televent_store::{CandidateQuery, ChangeKind, INBOX_SLUG};
use televent_tests::TestDatabase;

const FIRST: &str = include_str!("../../../migrations/0001_invite_loop.sql");
const SECOND: &str = include_str!("../../../migrations/0002_calendars.sql");
const THIRD: &str = include_str!("../../../migrations/0003_scheduling.sql");

/// Ann with three events, of which one is deleted and one was deleted and made again.
const IN_USE: &str = "
    insert into users (telegram_id, name) values (1001, 'Ann');
    insert into calendars (id, owner, slug, display_name, ctag)
    values ('00000000-0000-0000-0000-000000000001', 1001, 'default', 'Televent', 7);
    insert into events (id, calendar_id, resource_name, uid, component, object, etag, revision, organizer,
                        owner_organizes, deleted_at)
    select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', name, 'uid-' || revision, 'VEVENT',
           convert_to(object, 'UTF8'), 'etag-' || revision, revision, organizer, true, deleted_at
    from (values
        ('a.ics', 'one', 2, 'tg_1001@televent.internal', null),
        ('b.ics', 'three', 4, null, now()),
        ('c.ics', 'three', 5, null, now() - interval '1 day'),
        ('c.ics', 'seven', 6, null, null),
        ('b.ics', 'five', 7, null, now())
    ) as known (name, object, revision, organizer, deleted_at);
";

async fn run(connection: &mut PgConnection, sql: &'static str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}

#[tokio::test]
async fn what_was_there_before_has_the_right_values() -> Result<()> {
    let database = TestDatabase::create_unmigrated().await?;
    let mut connection = database.connect().await?;
    run(&mut connection, FIRST).await?;
    run(&mut connection, IN_USE).await?;
    run(&mut connection, SECOND).await?;
    run(&mut connection, THIRD).await?;

    let ann = TelegramUserId::new(1001)?;
    let store = &database.store;
    let slot = store
        .slot(ann, "default", "a.ics")
        .await?
        .expect("it is there");
    let calendar = &slot.calendar;
    assert_eq!(
        (calendar.ctag, calendar.sync_floor, slot.owner_bytes),
        (7, 0, 8)
    );
    assert_eq!(
        calendar.properties.components,
        ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"]
    );
    let event = slot.event.expect("it is there");
    assert_eq!(
        (event.etag.as_str(), event.schedule_tag.as_str()),
        ("etag-2", "etag-2")
    );
    assert!(event.is_scheduled);

    let found = store.changes(ann, "default", 1, 10).await?;
    let (_, changes) = found.expect("the calendar is there");
    let told: Vec<_> = changes
        .iter()
        .map(|change| {
            let is_live = matches!(change.kind, ChangeKind::Live(_));
            (change.revision, change.resource_name.as_str(), is_live)
        })
        .collect();
    assert_eq!(
        told,
        [(2, "a.ics", true), (6, "c.ics", true), (7, "b.ics", false)]
    );

    let inbox = store.calendar(ann, INBOX_SLUG).await?;
    assert_eq!(inbox.map(|inbox| inbox.ctag), Some(1));
    assert_eq!(store.calendars(ann).await?.len(), 1);

    let any_time = CandidateQuery {
        from: Some(chrono::DateTime::UNIX_EPOCH),
        to: Some(chrono::DateTime::UNIX_EPOCH),
        limit: 10,
        ..CandidateQuery::default()
    };
    assert_eq!(
        store.candidates(calendar.id, &any_time).await?.rows.len(),
        2
    );
    Ok(())
}
