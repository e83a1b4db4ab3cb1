//! What clients keep with resources and collections, and which calendar they choose.

use anyhow::Result;
use televent_store::{OwnCollection, WriteOutcome, digest};
use uuid::Uuid;

use crate::{
    answering::answered,
    support::{ANN, BOB, Draft, Ground, dead, person, press},
};

#[tokio::test]
async fn properties_of_a_collection_are_replaced_if_they_are_what_was_read() -> Result<()> {
    let ground = Ground::new().await?;
    let (red, blue) = (
        [dead("color", "red")],
        [dead("color", "blue"), dead("order", "1")],
    );
    let ann = person(ANN);
    let set = async |expected: &[_], new: &[_]| {
        ground
            .store
            .set_collection_properties(ann, OwnCollection::Home, expected, new)
            .await
    };
    let get = async |collection| ground.store.collection_properties(ann, collection).await;
    assert_eq!(get(OwnCollection::Home).await?, []);
    assert!(!set(&red, &blue).await?, "there are none yet");
    assert!(set(&[], &red).await?);
    assert!(!set(&[], &blue).await?, "somebody was faster");
    assert!(set(&red, &blue).await?);
    assert_eq!(get(OwnCollection::Home).await?, blue);
    assert_eq!(get(OwnCollection::Inbox).await?, []);
    assert!(set(&blue, &[]).await?);
    assert!(set(&[], &red).await?);
    Ok(())
}

#[tokio::test]
async fn of_two_who_set_the_first_properties_one_is_done() -> Result<()> {
    let ground = Ground::new().await?;
    let (red, blue) = ([dead("color", "red")], [dead("color", "blue")]);
    let set = async |new: &[_]| {
        ground
            .store
            .set_collection_properties(person(ANN), OwnCollection::Principal, &[], new)
            .await
    };
    let gate = "insert into collection_properties values (1001, 'principal', '[]')";
    let (a, b) = ground.race(gate, set(&red), set(&blue)).await?;
    assert_ne!(a?, b?);
    Ok(())
}

#[tokio::test]
async fn properties_of_a_resource_outlast_a_write_and_are_no_change_to_sync() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let before = ground.changes("default", 0, 10).await?;
    let wanted = [dead("color", "red")];
    assert!(ground.store.set_event_properties(id, 1, &wanted).await?);
    assert!(
        !ground.store.set_event_properties(id, 1, &[]).await?,
        "somebody was faster"
    );
    assert_eq!(ground.calendars().await?, ["default 2 3"]);

    let event = ground.slot("a.ics").await?.event.expect("it is there");
    assert_eq!(
        (event.properties.as_slice(), event.etag.as_str()),
        (&wanted[..], "one")
    );
    let draft = Draft::new("uid-a", "two", &[BOB]);
    assert_eq!(
        ground.replace(id, event.sequence, &draft).await?,
        WriteOutcome::Done
    );
    let event = ground.slot("a.ics").await?.event.expect("it is there");
    assert_eq!(
        (event.properties.as_slice(), event.etag.as_str()),
        (&wanted[..], "two")
    );
    let after = ground.changes("default", 0, 10).await?;
    assert_eq!((before[0].revision, after[0].revision), (2, 3));
    assert!(
        !ground
            .store
            .set_event_properties(Uuid::now_v7(), 1, &wanted)
            .await?
    );
    Ok(())
}

#[tokio::test]
async fn answer_leaves_the_schedule_tag_and_a_write_changes_it() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let tags = async || {
        let event = ground.slot("a.ics").await?.event.expect("it is there");
        assert!(event.is_scheduled);
        anyhow::Ok((event.etag, event.schedule_tag))
    };
    assert!(ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?);
    let etag = digest(answered(BOB, "ACCEPTED").as_bytes());
    assert_eq!(tags().await?, (etag, "one".to_owned()));
    ground
        .replace(id, 2, &Draft::new("uid-a", "two", &[BOB]))
        .await?;
    assert_eq!(tags().await?, ("two".to_owned(), "two".to_owned()));
    Ok(())
}

#[tokio::test]
async fn calendar_for_invitations_is_ones_own() -> Result<()> {
    let ground = Ground::new().await?;
    let work = ground.calendar(ANN, "work").await?;
    let chosen = async || {
        let user = ground.store.user(person(ANN)).await?;
        anyhow::Ok(user.and_then(|user| user.default_calendar))
    };
    assert_eq!(chosen().await?, None);
    assert!(ground.store.set_default_calendar(person(ANN), work).await?);
    assert_eq!(chosen().await?, Some(work));
    assert!(!ground.store.set_default_calendar(person(BOB), work).await?);
    assert!(
        !ground
            .store
            .set_default_calendar(person(ANN), Uuid::now_v7())
            .await?
    );
    assert_eq!(chosen().await?, Some(work));
    Ok(())
}
