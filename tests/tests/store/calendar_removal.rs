//! Removing a calendar with all that is in it, alone and against those who write into it.

use anyhow::Result;
use chrono::{TimeDelta, Utc};
use televent_store::{FeedSecret, NoticeKind, RemoveOutcome, WriteOutcome};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, SAM, account, notice, person, press};

const THE_CALENDARS: &str = "select from calendars for update";

/// Events of calendars that are gone must be gone, too; and nothing counts for what is gone.
async fn assert_nothing_outlives_its_calendar(ground: &Ground) -> Result<()> {
    let alive = "select e.resource_name from events e join calendars c on c.id = e.calendar_id
                 where e.deleted_at is null and c.deleted_at is not null";
    assert_eq!(ground.rows(alive).await?, [""; 0]);
    let counted = "select slug from calendars where deleted_at is not null and bytes <> 0";
    assert_eq!(ground.rows(counted).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn removed_calendar_cancels_what_is_still_to_come() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let quiet = |uid, people: &[i64]| Draft {
        notices: Vec::new(),
        ..Draft::new(uid, "one", people)
    };
    let hours = |hours| Some(Utc::now() + TimeDelta::hours(hours));
    let coming = quiet("uid-a", &[BOB, SAM]);
    let over = Draft {
        occurrences: (hours(-3), hours(-2)),
        ..quiet("uid-b", &[BOB])
    };
    let nobody = quiet("uid-c", &[]);
    let elsewhere = quiet("uid-d", &[SAM]);
    let coming = ground.event_in(work, "a.ics", &coming).await?;
    ground.event_in(work, "b.ics", &over).await?;
    ground.event_in(work, "c.ics", &nobody).await?;
    ground.event("d.ics", &elsewhere).await?;
    let foreign = ground
        .event_in(work, "e.ics", &quiet("uid-e", &[SAM]))
        .await?;
    ground
        .sql(&format!(
            "update events set owner_organizes = false where id = '{foreign}'"
        ))
        .await?;

    assert!(ground.store.remove_calendar(work).await?);
    let told = "select concat_ws(' ', kind, event_id, telegram_id, state) from outbox_messages order by kind, telegram_id";
    assert_eq!(
        ground.rows(told).await?,
        [
            format!("invite_notification {coming} {SAM} pending"),
            format!("invite_notification {coming} {BOB} pending"),
            format!("rsvp_notification {coming} {ANN} pending"),
        ]
    );
    assert_eq!(
        ground.calendars().await?,
        ["default 2 3", "work 6 0 deleted"]
    );
    assert_nothing_outlives_its_calendar(&ground).await?;
    assert_eq!(
        ground
            .rows("select resource_name from events where deleted_at is null")
            .await?,
        ["d.ics"]
    );
    assert!(!ground.store.remove_calendar(work).await?, "once is enough");
    assert!(!ground.store.remove_calendar(Uuid::now_v7()).await?);
    Ok(())
}

#[tokio::test]
async fn removed_calendar_is_nowhere_and_its_url_is_free() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let id = ground
        .event_in(work, "a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let secret = FeedSecret::from_random([1; 20]);
    assert!(ground.store.set_feed(person(ANN), "work", &secret).await?);
    assert!(ground.store.remove_calendar(work).await?);

    let store = &ground.store;
    assert_eq!(store.calendars(person(ANN)).await?.len(), 1);
    assert_eq!(store.calendar(person(ANN), "work").await?, None);
    assert!(store.slot(person(ANN), "work", "a.ics").await?.is_none());
    assert_eq!(
        store.event_summary(person(ANN), "work", "a.ics").await?,
        None
    );
    assert_eq!(store.feed_calendar(&secret).await?, None);
    assert_eq!(store.owner_bytes(person(ANN)).await?, 0);
    assert!(!store.set_default_calendar(person(ANN), work).await?);
    let draft = Draft::new("uid-b", "two", &[]);
    assert_eq!(
        ground
            .create_in(work, Uuid::now_v7(), "b.ics", &draft)
            .await?,
        WriteOutcome::Conflict
    );
    assert_eq!(store.remove_event(id, 2).await?, RemoveOutcome::Conflict);
    let again = ground.calendar(ANN, "work").await?;
    assert_eq!(store.event_summaries(again).await?, []);
    Ok(())
}

#[tokio::test]
async fn account_whose_first_calendar_is_removed_does_not_get_it_back() -> Result<()> {
    let ground = Ground::new().await?;
    ground.calendar(ANN, "work").await?;
    assert!(ground.store.remove_calendar(ground.calendar_id).await?);
    assert!(!ground.store.add_user(&account(ANN, Uuid::now_v7())).await?);
    assert_eq!(ground.store.calendars(person(ANN)).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn event_that_comes_while_its_calendar_goes_does_not_outlive_it() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[BOB]);
    let (created, removed) = ground
        .race(
            THE_CALENDARS,
            ground.create(Uuid::now_v7(), "a.ics", &draft),
            ground.store.remove_calendar(ground.calendar_id),
        )
        .await?;
    let created = created?;
    assert!(removed?);
    assert_nothing_outlives_its_calendar(&ground).await?;
    let invited = ground.outbox().await?.len();
    match created {
        // The invitation, the cancellation, and the tally.
        WriteOutcome::Done => assert_eq!(invited, 3),
        WriteOutcome::Conflict => assert_eq!(invited, 0),
        WriteOutcome::UidTaken { .. } | WriteOutcome::SchedulingUidTaken { .. } => {
            panic!("nobody has this UID")
        }
    }
    Ok(())
}

#[tokio::test]
async fn those_who_write_while_the_calendar_goes_do_not_wait_for_each_other() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    ground
        .event("b.ics", &Draft::new("uid-b", "two", &[]))
        .await?;
    let draft = Draft::new("uid-a", "three", &[BOB]);
    let (replaced, removed) = ground
        .race(
            THE_CALENDARS,
            ground.replace(id, 1, &draft),
            ground.store.remove_calendar(ground.calendar_id),
        )
        .await?;
    assert!(matches!(
        replaced?,
        WriteOutcome::Done | WriteOutcome::Conflict
    ));
    assert!(removed?);
    assert_nothing_outlives_its_calendar(&ground).await
}

#[tokio::test]
async fn answer_and_removal_at_once_leave_one_story() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let (answered, removed) = ground
        .race(
            THE_CALENDARS,
            async { ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await },
            ground.store.remove_calendar(ground.calendar_id),
        )
        .await?;
    answered?;
    assert!(removed?);
    assert_nothing_outlives_its_calendar(&ground).await
}

#[tokio::test]
async fn of_two_removals_at_once_one_is_done() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let (a, b) = ground
        .race(
            THE_CALENDARS,
            ground.store.remove_calendar(ground.calendar_id),
            ground.store.remove_calendar(ground.calendar_id),
        )
        .await?;
    assert_ne!(a?, b?);
    // The invitation, the cancellation, and the tally.
    assert_eq!(ground.outbox().await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn removal_of_an_event_and_of_its_calendar_tell_once() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let cancelled = [
        notice(NoticeKind::Invite, BOB),
        notice(NoticeKind::Rsvp, ANN),
    ];
    let (event, calendar) = ground
        .race(
            THE_CALENDARS,
            ground.cancel(id, 1, &cancelled),
            ground.store.remove_calendar(ground.calendar_id),
        )
        .await?;
    event?;
    assert!(calendar?);
    assert_eq!(ground.outbox().await?.len(), 3);
    assert_nothing_outlives_its_calendar(&ground).await
}
