//! What goes by itself, and when.

use anyhow::Result;
use sqlx::Connection as _;
use televent_store::{ChangeKind, INBOX_SLUG, NoticeKind, RemoveOutcome};
use televent_tests::{meeting, message};

use crate::support::{ANN, BOB, Draft, Ground, notice, person};

/// Makes everything in the outbox settled.
const SETTLE: &str = "update outbox_messages set state = 'completed', settled_at = now()";

async fn floor(ground: &Ground) -> Result<i64> {
    let calendar = ground.store.calendar(person(ANN), "default").await?;
    Ok(calendar.expect("the calendar is there").sync_floor)
}

#[tokio::test]
async fn old_tombstones_go_and_sync_tokens_from_before_expire() -> Result<()> {
    let ground = Ground::new().await?;
    for (name, uid) in [("a.ics", "uid-a"), ("b.ics", "uid-b"), ("c.ics", "uid-c")] {
        let id = ground.event(name, &Draft::new(uid, "one", &[])).await?;
        ground.store.remove_event(id, 1).await?;
    }
    ground.store.purge().await?;
    assert_eq!(floor(&ground).await?, 0);

    ground
        .sql("update event_tombstones set gone_at = now() - interval '91 days' where resource_name < 'c'")
        .await?;
    assert_eq!(ground.store.purge().await?, 2);
    assert_eq!(
        ground
            .rows("select resource_name || ' ' || revision from event_tombstones")
            .await?,
        ["c.ics 7"]
    );
    // Who knows the calendar as it was when b.ics went has missed nothing.
    assert_eq!(floor(&ground).await?, 5);
    assert_eq!(ground.store.purge().await?, 0);
    assert_eq!(floor(&ground).await?, 5);
    Ok(())
}

#[tokio::test]
async fn expiry_and_a_write_that_uses_the_name_do_not_wait_for_each_other() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[]);
    let id = ground.event("a.ics", &draft).await?;
    ground.store.remove_event(id, 1).await?;
    ground
        .sql("update event_tombstones set gone_at = now() - interval '91 days'")
        .await?;
    let (purged, again) = ground
        .race(
            "select from calendars for update",
            ground.store.purge(),
            ground.event("a.ics", &draft),
        )
        .await?;
    purged?;
    again?;
    assert_eq!(
        ground
            .rows("select resource_name from event_tombstones")
            .await?,
        [""; 0]
    );
    Ok(())
}

#[tokio::test]
async fn deleted_events_go_after_a_month_once_everybody_is_told() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let cancelled = [notice(NoticeKind::Invite, BOB)];
    assert_eq!(ground.cancel(id, 1, &cancelled).await?, RemoveOutcome::Done);
    let there = async || ground.rows("select resource_name from events").await;
    ground.sql(SETTLE).await?;
    assert_eq!(ground.store.purge().await?, 0, "it is young");
    ground
        .sql("update events set deleted_at = now() - interval '31 days'")
        .await?;
    ground
        .sql("update outbox_messages set state = 'published' where id = (select max(id::text)::uuid from outbox_messages)")
        .await?;
    assert_eq!(
        ground.store.purge().await?,
        0,
        "somebody is still to be told"
    );
    assert_eq!(there().await?, ["a.ics"]);
    ground.sql(SETTLE).await?;
    assert_eq!(ground.store.purge().await?, 1);
    assert_eq!(there().await?, [""; 0]);
    assert_eq!(ground.attendees().await?, [""; 0]);
    Ok(())
}

/// Puts requests of these names into Ann's inbox, and the clock on by 31 days for all but the last.
async fn old_messages_and_a_young_one(ground: &Ground, names: &[&str]) -> Result<()> {
    let request = message("REQUEST", &meeting("plan", BOB, ""));
    for (place, name) in names.iter().enumerate() {
        ground.database.deliver(ANN, name, &request).await?;
        if place + 1 < names.len() {
            ground
                .sql("update events set updated_at = now() - interval '31 days' where method is not null")
                .await?;
        }
    }
    Ok(())
}

/// The inbox's ctag, and how many bytes are counted beside those of its messages.
const INBOX: &str = "select concat_ws(' ', ctag, bytes - (
        select sum(length(object)) from events e where e.calendar_id = c.id and e.deleted_at is null
    )) from calendars c where kind = 'inbox'";

#[tokio::test]
async fn messages_go_after_a_month_and_sync_tells_of_each() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    old_messages_and_a_young_one(&ground, &["a.ics", "b.ics", "c.ics"]).await?;
    ground
        .sql("update events set updated_at = now() - interval '31 days' where method is null")
        .await?;
    assert_eq!(ground.rows(INBOX).await?, ["4 0"]);
    assert_eq!(ground.store.purge().await?, 2);
    assert_eq!(ground.rows(INBOX).await?, ["6 0"]);
    let left = "select resource_name || coalesce(' ' || method, '') from events order by 1";
    assert_eq!(ground.rows(left).await?, ["a.ics", "c.ics REQUEST"]);

    let told: Vec<_> = ground
        .changes(INBOX_SLUG, 4, 10)
        .await?
        .into_iter()
        .map(|change| (change.revision, change.resource_name, change.kind))
        .collect();
    assert_eq!(
        told,
        [
            (5, "a.ics".to_owned(), ChangeKind::Gone),
            (6, "b.ics".to_owned(), ChangeKind::Gone)
        ]
    );
    assert_eq!(ground.store.purge().await?, 0);
    Ok(())
}

#[tokio::test]
async fn message_that_is_being_replaced_stays() -> Result<()> {
    let ground = Ground::new().await?;
    old_messages_and_a_young_one(&ground, &["a.ics", "b.ics", "c.ics"]).await?;
    let mut other = ground.database.connect().await?;
    let mut held = other.begin().await?;
    sqlx::query("select from events where resource_name = 'b.ics' for no key update")
        .execute(&mut *held)
        .await?;
    assert_eq!(ground.store.purge().await?, 1);
    held.rollback().await?;
    assert_eq!(ground.rows(INBOX).await?, ["5 0"]);
    assert_eq!(
        ground
            .rows("select resource_name from events order by 1")
            .await?,
        ["b.ics", "c.ics"]
    );
    Ok(())
}

#[tokio::test]
async fn purge_of_messages_and_the_removal_of_one_do_not_wait_for_each_other() -> Result<()> {
    let ground = Ground::new().await?;
    old_messages_and_a_young_one(&ground, &["a.ics", "b.ics", "c.ics"]).await?;
    let young = ground
        .store
        .event_summary(person(ANN), INBOX_SLUG, "c.ics")
        .await?
        .expect("it is there");
    let (purged, removed) = ground
        .race(
            "select from calendars for update",
            ground.store.purge(),
            ground.store.remove_event(young.id, 1),
        )
        .await?;
    assert_eq!((purged?, removed?), (2, RemoveOutcome::Done));
    assert_eq!(
        ground
            .rows("select resource_name || ' ' || count(*) over (partition by revision) from event_tombstones order by 1")
            .await?,
        ["a.ics 1", "b.ics 1", "c.ics 1"]
    );
    assert_eq!(
        ground
            .rows("select concat_ws(' ', ctag, bytes) from calendars where kind = 'inbox'")
            .await?,
        ["7 0"]
    );
    Ok(())
}

#[tokio::test]
async fn deleted_calendar_goes_with_the_last_of_its_events() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    ground
        .event_in(work, "a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    assert!(ground.store.set_default_calendar(person(ANN), work).await?);
    assert!(ground.store.remove_calendar(work).await?);
    ground
        .sql("update calendars set deleted_at = now() - interval '31 days' where deleted_at is not null")
        .await?;
    ground.sql(SETTLE).await?;
    assert_eq!(ground.store.purge().await?, 0, "its event is young");
    ground
        .sql("update events set deleted_at = now() - interval '31 days'")
        .await?;
    assert_eq!(ground.store.purge().await?, 2);
    assert_eq!(ground.calendars().await?, ["default 1 0"]);
    let user = ground.store.user(person(ANN)).await?.expect("Ann is there");
    assert_eq!(user.default_calendar, None);
    Ok(())
}
