//! Moving resources within a calendar and between two.

use anyhow::Result;
use televent_store::{EventMove, MoveOutcome, NoticeKind, Replaced, WriteOutcome};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, SAM, notice};

const THE_CALENDARS: &str = "select from calendars for update";

fn to(event_id: Uuid, calendar: Uuid, name: &str) -> EventMove<'_> {
    EventMove {
        event_id,
        expected_sequence: 1,
        to_calendar: calendar,
        to_name: name,
        replaces: None,
    }
}

fn over(event_id: Uuid) -> Option<Replaced> {
    Some(Replaced {
        event_id,
        expected_sequence: 1,
    })
}

/// Living events with their calendar, and tombstones.
async fn places(ground: &Ground) -> Result<Vec<String>> {
    ground
        .rows(
            "select concat_ws(' ', c.slug, e.resource_name, e.object::text, e.revision)
             from events e join calendars c on c.id = e.calendar_id where e.deleted_at is null
             union all
             select concat_ws(' ', c.slug, t.resource_name, 'gone', t.revision)
             from event_tombstones t join calendars c on c.id = t.calendar_id
             order by 1",
        )
        .await
}

fn hex(text: &str) -> String {
    text.bytes()
        .fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[tokio::test]
async fn moved_within_a_calendar_it_has_two_revisions() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let told = ground.outbox().await?;
    assert_eq!(
        ground
            .store
            .move_event(&to(id, ground.calendar_id, "b.ics"))
            .await?,
        MoveOutcome::Done
    );
    assert_eq!(
        places(&ground).await?,
        [
            "default a.ics gone 3".to_owned(),
            format!("default b.ics {} 4", hex("one"))
        ]
    );
    assert_eq!(ground.calendars().await?, ["default 4 3"]);
    let moved = ground.slot("b.ics").await?.event.expect("it is there");
    assert_eq!(
        (moved.id, moved.sequence, moved.etag.as_str()),
        (id, 2, "one")
    );
    assert_eq!(
        ground.outbox().await?,
        told,
        "for the invited nothing has changed"
    );

    // And back, to a name that has a tombstone.
    let back = EventMove {
        expected_sequence: 2,
        ..to(id, ground.calendar_id, "a.ics")
    };
    assert_eq!(ground.store.move_event(&back).await?, MoveOutcome::Done);
    assert_eq!(
        places(&ground).await?,
        [
            format!("default a.ics {} 6", hex("one")),
            "default b.ics gone 5".to_owned()
        ]
    );
    Ok(())
}

#[tokio::test]
async fn moved_to_another_calendar_it_takes_its_bytes_along() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    assert_eq!(
        ground.store.move_event(&to(id, work, "a.ics")).await?,
        MoveOutcome::Done
    );
    assert_eq!(
        places(&ground).await?,
        [
            "default a.ics gone 3".to_owned(),
            format!("work a.ics {} 2", hex("one"))
        ]
    );
    assert_eq!(ground.calendars().await?, ["default 3 0", "work 2 3"]);
    assert_eq!(ground.attendees().await?, ["98765 NEEDS-ACTION"]);
    Ok(())
}

#[tokio::test]
async fn what_makes_way_is_gone_and_keeps_what_is_told_of_it() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let id = ground.event("a.ics", &Draft::plain("uid", "12345")).await?;
    // With the same UID: that both are there at once would be a conflict.
    let other = ground
        .event_in(work, "b.ics", &Draft::new("uid", "123", &[SAM]))
        .await?;
    let cancelled = [
        notice(NoticeKind::Invite, SAM),
        notice(NoticeKind::Rsvp, ANN),
    ];
    ground.tell(other, &cancelled).await?;
    let change = EventMove {
        replaces: over(other),
        ..to(id, work, "b.ics")
    };
    assert_eq!(ground.store.move_event(&change).await?, MoveOutcome::Done);
    assert_eq!(
        places(&ground).await?,
        [
            "default a.ics gone 3".to_owned(),
            format!("work b.ics {} 3", hex("12345"))
        ]
    );
    assert_eq!(ground.calendars().await?, ["default 3 0", "work 3 5"]);
    let told = format!("select kind from outbox_messages where event_id = '{other}' order by id");
    assert_eq!(
        ground.rows(&told).await?,
        [
            "invite_notification",
            "invite_notification",
            "rsvp_notification"
        ]
    );
    assert_eq!(
        ground
            .rows("select id::text from events where deleted_at is not null")
            .await?,
        [other.to_string()]
    );
    Ok(())
}

#[tokio::test]
async fn move_that_was_decided_on_something_else_changes_nothing() -> Result<()> {
    let ground = Ground::new().await?;
    let (work, gone) = (ground.calendar(ANN, "work").await?, Uuid::now_v7());
    let closed = ground.calendar(ANN, "closed").await?;
    assert!(ground.store.remove_calendar(closed).await?);
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let other = ground
        .event_in(work, "b.ics", &Draft::new("uid-b", "two", &[]))
        .await?;
    let before = ground.everything().await?;
    let attempts = [
        (
            "it has changed",
            EventMove {
                expected_sequence: 2,
                ..to(id, work, "c.ics")
            },
        ),
        ("there is none", to(gone, work, "c.ics")),
        ("there is no such calendar", to(id, gone, "c.ics")),
        ("the calendar is deleted", to(id, closed, "c.ics")),
        ("the place is taken", to(id, work, "b.ics")),
        ("it is there already", to(id, ground.calendar_id, "a.ics")),
        (
            "another is there",
            EventMove {
                replaces: over(gone),
                ..to(id, work, "b.ics")
            },
        ),
        (
            "what is there has changed",
            EventMove {
                replaces: over(other).map(|replaced| Replaced {
                    expected_sequence: 2,
                    ..replaced
                }),
                ..to(id, work, "b.ics")
            },
        ),
        (
            "what would go is elsewhere",
            EventMove {
                replaces: over(other),
                ..to(id, work, "c.ics")
            },
        ),
    ];
    for (why, attempt) in attempts {
        assert_eq!(
            ground.store.move_event(&attempt).await?,
            MoveOutcome::Conflict,
            "{why}"
        );
        assert_eq!(ground.everything().await?, before, "{why}");
    }
    Ok(())
}

#[tokio::test]
async fn uid_that_is_in_the_other_calendar_is_told() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let draft = Draft::plain("uid", "one");
    let id = ground.event("a.ics", &draft).await?;
    ground.event_in(work, "b.ics", &draft).await?;
    let before = ground.everything().await?;
    assert_eq!(
        ground.store.move_event(&to(id, work, "c.ics")).await?,
        MoveOutcome::UidTaken {
            resource_name: "b.ics".to_owned()
        }
    );
    assert_eq!(ground.everything().await?, before);
    Ok(())
}

#[tokio::test]
async fn moves_in_opposite_directions_are_both_done() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let a = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let b = ground
        .event_in(work, "b.ics", &Draft::new("uid-b", "12345", &[]))
        .await?;
    let (there, back) = (to(a, work, "a.ics"), to(b, ground.calendar_id, "b.ics"));
    let (there, back) = ground
        .race(
            THE_CALENDARS,
            ground.store.move_event(&there),
            ground.store.move_event(&back),
        )
        .await?;
    assert_eq!((there?, back?), (MoveOutcome::Done, MoveOutcome::Done));
    assert_eq!(ground.calendars().await?, ["default 4 5", "work 4 3"]);
    Ok(())
}

#[tokio::test]
async fn of_two_that_want_each_others_place_one_is_done() -> Result<()> {
    let ground = Ground::new().await?;
    let a = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let b = ground
        .event("b.ics", &Draft::new("uid-b", "two", &[]))
        .await?;
    let there = EventMove {
        replaces: over(b),
        ..to(a, ground.calendar_id, "b.ics")
    };
    let back = EventMove {
        replaces: over(a),
        ..to(b, ground.calendar_id, "a.ics")
    };
    let (there, back) = ground
        .race(
            THE_CALENDARS,
            ground.store.move_event(&there),
            ground.store.move_event(&back),
        )
        .await?;
    let outcomes = [there?, back?];
    assert!(outcomes.contains(&MoveOutcome::Done), "{outcomes:?}");
    assert!(outcomes.contains(&MoveOutcome::Conflict), "{outcomes:?}");
    assert_eq!(ground.calendars().await?, ["default 5 3"]);
    Ok(())
}

#[tokio::test]
async fn move_over_another_and_a_write_to_it_do_not_wait_for_each_other() -> Result<()> {
    for changes_the_source in [true, false] {
        let ground = Ground::new().await?;
        let a = ground
            .event("a.ics", &Draft::new("uid-a", "one", &[]))
            .await?;
        let b = ground
            .event("b.ics", &Draft::new("uid-b", "two", &[]))
            .await?;
        let change = EventMove {
            replaces: over(b),
            ..to(a, ground.calendar_id, "b.ics")
        };
        let (changed, draft) = if changes_the_source {
            (a, Draft::new("uid-a", "three", &[]))
        } else {
            (b, Draft::new("uid-b", "three", &[]))
        };
        let (moved, replaced) = ground
            .race(
                THE_CALENDARS,
                ground.store.move_event(&change),
                ground.replace(changed, 1, &draft),
            )
            .await?;
        match (moved?, replaced?) {
            (MoveOutcome::Done, WriteOutcome::Conflict)
            | (MoveOutcome::Conflict, WriteOutcome::Done) => {}
            both => panic!("one of them must win: {both:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn move_into_a_calendar_that_goes_does_not_outlive_it() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let change = to(id, work, "a.ics");
    let (moved, removed) = ground
        .race(
            THE_CALENDARS,
            ground.store.move_event(&change),
            ground.store.remove_calendar(work),
        )
        .await?;
    assert!(removed?);
    let expected = match moved? {
        MoveOutcome::Done => ["default 3 0", "work 3 0 deleted"],
        MoveOutcome::Conflict => ["default 2 3", "work 2 0 deleted"],
        MoveOutcome::UidTaken { .. } => panic!("nobody has this UID"),
    };
    assert_eq!(ground.calendars().await?, expected);
    Ok(())
}
