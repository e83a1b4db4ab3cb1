//! What sync hears of a calendar's changes.

use anyhow::Result;
use televent_store::{CalendarProperties, ChangeKind, EventMove, RemoveOutcome, digest};

use crate::{
    answering::answered,
    support::{ANN, BOB, Draft, Ground, dead, person, press, properties},
};

/// `revision name tag`, or `revision name -` for what is gone.
async fn changes(ground: &Ground, since: i64, limit: i64) -> Result<Vec<String>> {
    let changes = ground.changes("default", since, limit).await?;
    Ok(changes
        .into_iter()
        .map(|change| {
            let tag = match &change.kind {
                ChangeKind::Live(summary) => {
                    assert_eq!(summary.resource_name, change.resource_name);
                    summary.etag.as_str()
                }
                ChangeKind::Gone => "-",
            };
            format!("{} {} {tag}", change.revision, change.resource_name)
        })
        .collect())
}

#[tokio::test]
async fn each_name_is_told_with_its_last_change() -> Result<()> {
    let ground = Ground::new().await?;
    let a = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let b = ground
        .event("b.ics", &Draft::new("uid-b", "two", &[]))
        .await?;
    assert_eq!(
        changes(&ground, 0, 10).await?,
        ["2 a.ics one", "3 b.ics two"]
    );
    assert_eq!(changes(&ground, 2, 10).await?, ["3 b.ics two"]);
    assert_eq!(changes(&ground, 3, 10).await?, [""; 0]);

    ground
        .replace(b, 1, &Draft::new("uid-b", "three", &[]))
        .await?;
    assert!(ground.answer(&press(5, BOB), a, 1, "ACCEPTED").await?);
    assert_eq!(
        changes(&ground, 3, 10).await?,
        [
            "4 b.ics three".to_owned(),
            format!("5 a.ics {}", digest(answered(BOB, "ACCEPTED").as_bytes()))
        ]
    );
    Ok(())
}

#[tokio::test]
async fn what_is_gone_is_told_until_its_name_is_used_again() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[]);
    let id = ground.event("a.ics", &draft).await?;
    assert_eq!(ground.store.remove_event(id, 1).await?, RemoveOutcome::Done);
    assert_eq!(changes(&ground, 2, 10).await?, ["3 a.ics -"]);
    assert_eq!(
        changes(&ground, 0, 10).await?,
        [""; 0],
        "who knows nothing need not forget"
    );

    let again = ground.event("a.ics", &draft).await?;
    assert_eq!(changes(&ground, 2, 10).await?, ["4 a.ics one"]);
    ground.store.remove_event(again, 1).await?;
    assert_eq!(changes(&ground, 2, 10).await?, ["5 a.ics -"]);
    Ok(())
}

#[tokio::test]
async fn moved_resource_is_gone_here_and_new_there() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let change = EventMove {
        event_id: id,
        expected_sequence: 1,
        to_calendar: ground.calendar_id,
        to_name: "b.ics",
        replaces: None,
    };
    ground.store.move_event(&change).await?;
    assert_eq!(changes(&ground, 2, 10).await?, ["3 a.ics -", "4 b.ics one"]);
    assert_eq!(
        changes(&ground, 2, 1).await?,
        ["3 a.ics -"],
        "a page can end between them"
    );
    assert_eq!(changes(&ground, 3, 1).await?, ["4 b.ics one"]);

    let away = EventMove {
        expected_sequence: 2,
        to_calendar: work,
        ..change
    };
    ground.store.move_event(&away).await?;
    assert_eq!(changes(&ground, 2, 10).await?, ["3 a.ics -", "5 b.ics -"]);
    let there = ground.changes("work", 1, 10).await?;
    assert_eq!(there.len(), 1);
    assert!(matches!(&there[0].kind, ChangeKind::Live(summary) if summary.id == id));
    Ok(())
}

#[tokio::test]
async fn name_that_lives_is_never_told_to_be_gone() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    // As when a removal commits while the statement that uses the name again waits for it.
    ground
        .sql("insert into event_tombstones (calendar_id, resource_name, revision) select id, 'a.ics', 1 from calendars")
        .await?;
    ground
        .sql("update event_tombstones set revision = 9")
        .await?;
    assert_eq!(changes(&ground, 1, 10).await?, ["2 a.ics one"]);
    Ok(())
}

#[tokio::test]
async fn pages_tell_everything_once() -> Result<()> {
    let ground = Ground::new().await?;
    let names = ["a.ics", "b.ics", "c.ics", "d.ics", "e.ics"];
    let uids = ["uid-a", "uid-b", "uid-c", "uid-d", "uid-e"];
    let mut ids = Vec::new();
    for (name, uid) in names.into_iter().zip(uids) {
        ids.push(ground.event(name, &Draft::new(uid, "one", &[])).await?);
    }
    for gone in [1, 3] {
        ground.store.remove_event(ids[gone], 1).await?;
    }
    let whole = changes(&ground, 1, 100).await?;
    assert_eq!(
        whole,
        [
            "2 a.ics one",
            "4 c.ics one",
            "6 e.ics one",
            "7 b.ics -",
            "8 d.ics -"
        ]
    );
    for limit in 1..4 {
        let (mut since, mut told) = (1, Vec::new());
        loop {
            let page = changes(&ground, since, limit).await?;
            let Some(last) = page.last() else { break };
            since = last
                .split(' ')
                .next()
                .and_then(|revision| revision.parse().ok())
                .expect("a page begins with its revision");
            told.extend(page);
        }
        assert_eq!(told, whole, "pages of {limit}");
    }
    Ok(())
}

#[tokio::test]
async fn calendar_is_told_whole_with_many_changes_and_with_none() -> Result<()> {
    let ground = Ground::new().await?;
    let wanted = CalendarProperties {
        time_zone: Some("BEGIN:VCALENDAR".to_owned()),
        dead: vec![dead("calendar-color", "#FF0000FF")],
        ..properties("Home")
    };
    assert!(
        ground
            .store
            .update_calendar(ground.calendar_id, 1, &wanted)
            .await?
    );
    for (name, uid) in [("a.ics", "uid-a"), ("b.ics", "uid-b")] {
        ground.event(name, &Draft::new(uid, "one", &[])).await?;
    }
    for (since, changes) in [(0, 2), (3, 1), (4, 0)] {
        let found = ground
            .store
            .changes(person(ANN), "default", since, 10)
            .await?;
        let (calendar, told) = found.expect("the calendar is there");
        assert_eq!(
            (calendar.properties.time_zone, told.len()),
            (wanted.time_zone.clone(), changes)
        );
        assert_eq!(calendar.properties.dead, wanted.dead);
    }
    assert_eq!(
        ground.store.changes(person(BOB), "default", 0, 10).await?,
        None
    );
    assert!(ground.store.remove_calendar(ground.calendar_id).await?);
    assert_eq!(
        ground.store.changes(person(ANN), "default", 0, 10).await?,
        None
    );
    Ok(())
}
