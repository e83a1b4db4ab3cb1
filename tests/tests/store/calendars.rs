//! Making, changing and moving calendars.

use anyhow::Result;
use televent_store::{
    CalendarProperties, CreateCalendarOutcome, MAX_CALENDARS, MoveCalendarOutcome, NewCalendar,
    WriteOutcome,
};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, dead, person, properties};

fn new<'a>(slug: &'a str, properties: &'a CalendarProperties) -> NewCalendar<'a> {
    NewCalendar {
        id: Uuid::now_v7(),
        owner: person(ANN),
        slug,
        properties,
    }
}

#[tokio::test]
async fn new_calendar_is_what_was_asked_for() -> Result<()> {
    let ground = Ground::new().await?;
    let wanted = CalendarProperties {
        display_name: "Работа".to_owned(),
        components: vec!["VTODO".to_owned(), "VJOURNAL".to_owned()],
        time_zone: Some("BEGIN:VCALENDAR".to_owned()),
        time_zone_id: Some("Europe/Berlin".to_owned()),
        transparent: true,
        dead: vec![
            dead("calendar-color", "#FF0000FF"),
            dead("calendar-order", "3"),
        ],
    };
    let new = new("work", &wanted);
    assert_eq!(
        ground.store.create_calendar(&new).await?,
        CreateCalendarOutcome::Done
    );

    let found = ground.store.calendar(person(ANN), "work").await?;
    let found = found.expect("the calendar is there");
    assert_eq!(found.properties, wanted);
    assert_eq!(
        (found.id, found.owner, found.ctag, found.sync_floor),
        (new.id, person(ANN), 1, 0)
    );
    let slugs = ground.store.calendars(person(ANN)).await?;
    assert_eq!(
        slugs
            .iter()
            .map(|one| one.slug.as_str())
            .collect::<Vec<_>>(),
        ["default", "work"]
    );
    assert_eq!(slugs.last(), Some(&found));
    assert_eq!(ground.store.calendar(person(BOB), "work").await?, None);
    Ok(())
}

#[tokio::test]
async fn url_of_a_calendar_is_taken_once() -> Result<()> {
    let ground = Ground::new().await?;
    let (mine, yours) = (properties("mine"), properties("yours"));
    let (mine, yours) = (new("work", &mine), new("work", &yours));
    // Both have seen that it is free.
    let gate = "insert into calendars (id, owner, slug, display_name) values (gen_random_uuid(), 1001, 'work', '')";
    let (a, b) = ground
        .race(
            gate,
            ground.store.create_calendar(&mine),
            ground.store.create_calendar(&yours),
        )
        .await?;
    let outcomes = [a?, b?];
    assert!(outcomes.contains(&CreateCalendarOutcome::Done));
    assert!(outcomes.contains(&CreateCalendarOutcome::Exists));
    let third = properties("third");
    assert_eq!(
        ground.store.create_calendar(&new("work", &third)).await?,
        CreateCalendarOutcome::Exists
    );
    assert_eq!(ground.store.calendars(person(ANN)).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn account_with_too_many_calendars_gets_no_more() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .sql(&format!(
            "insert into calendars (id, owner, slug, display_name)
             select gen_random_uuid(), 1001, 'c' || n, '' from generate_series(2, {MAX_CALENDARS}) n"
        ))
        .await?;
    let wanted = properties("one more");
    let create = async |slug| ground.store.create_calendar(&new(slug, &wanted)).await;
    assert_eq!(create("more").await?, CreateCalendarOutcome::TooMany);
    assert_eq!(create("c2").await?, CreateCalendarOutcome::Exists);
    // Those of others do not count, nor those that are gone.
    ground
        .sql("update calendars set deleted_at = now() where slug = 'c3'")
        .await?;
    assert_eq!(create("more").await?, CreateCalendarOutcome::Done);
    Ok(())
}

#[tokio::test]
async fn changed_calendar_has_another_ctag_and_the_same_components() -> Result<()> {
    let ground = Ground::new().await?;
    let wanted = CalendarProperties {
        transparent: true,
        time_zone_id: Some("Asia/Tokyo".to_owned()),
        dead: vec![dead("calendar-color", "#00FF00FF")],
        ..properties("Home")
    };
    assert!(
        ground
            .store
            .update_calendar(ground.calendar_id, 1, &wanted)
            .await?
    );
    let found = ground.store.calendar(person(ANN), "default").await?;
    let found = found.expect("the calendar is there");
    assert_eq!(found.ctag, 2);
    assert_eq!(
        found.properties,
        CalendarProperties {
            components: ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"]
                .map(str::to_owned)
                .to_vec(),
            ..wanted.clone()
        }
    );

    let before = ground.everything().await?;
    for ctag in [1, 3] {
        assert!(
            !ground
                .store
                .update_calendar(ground.calendar_id, ctag, &wanted)
                .await?
        );
    }
    assert!(
        !ground
            .store
            .update_calendar(Uuid::now_v7(), 1, &wanted)
            .await?
    );
    assert_eq!(ground.everything().await?, before);
    Ok(())
}

#[tokio::test]
async fn moved_calendar_keeps_what_is_in_it() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    ground
        .event_in(work, "a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let move_to = async |slug| ground.store.move_calendar(work, slug).await;
    assert_eq!(move_to("default").await?, MoveCalendarOutcome::Exists);
    assert_eq!(move_to("office").await?, MoveCalendarOutcome::Done);

    assert_eq!(ground.store.calendar(person(ANN), "work").await?, None);
    let slot = ground.store.slot(person(ANN), "office", "a.ics").await?;
    assert_eq!(
        slot.and_then(|slot| slot.event).map(|event| event.object),
        Some(b"one".to_vec())
    );
    // The URL that was left is free.
    ground.calendar(ANN, "work").await?;
    assert_eq!(
        ground.store.move_calendar(Uuid::now_v7(), "x").await?,
        MoveCalendarOutcome::Gone
    );
    Ok(())
}

#[tokio::test]
async fn bytes_are_counted_in_each_calendar_and_for_the_account() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "12345", &[BOB]))
        .await?;
    ground
        .event_in(work, "b.ics", &Draft::new("uid-b", "123", &[]))
        .await?;
    assert_eq!(ground.calendars().await?, ["default 2 5", "work 2 3"]);
    assert_eq!(ground.slot("a.ics").await?.owner_bytes, 8);
    assert_eq!(ground.store.owner_bytes(person(ANN)).await?, 8);
    assert_eq!(ground.store.owner_bytes(person(BOB)).await?, 0);

    let draft = Draft::new("uid-a", "1", &[BOB]);
    assert_eq!(ground.replace(id, 1, &draft).await?, WriteOutcome::Done);
    assert_eq!(ground.store.owner_bytes(person(ANN)).await?, 4);
    Ok(())
}
