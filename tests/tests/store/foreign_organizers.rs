//! Owners whose objects name somebody else as ORGANIZER, and yet invite people, are told what to change.

use anyhow::Result;
use televent_store::{NewEvent, ObjectWrite, WriteOutcome};
use uuid::Uuid;

use crate::support::{BOB, Draft, Ground, account};

#[tokio::test]
async fn owner_is_told_once_of_each_organizer_who_is_somebody_else() -> Result<()> {
    const FIRST: Option<&str> = Some("ann@example.com");
    let ground = Ground::new().await?;
    let bobs = Uuid::now_v7();
    ground.store.add_user(&account(BOB, bobs)).await?;
    let create = async |calendar_id, uid: &'static str, organizer, has_foreign_organizer| {
        let draft = Draft {
            organizer,
            owner_organizes: false,
            ..Draft::new(uid, "one", &[])
        };
        let write = ObjectWrite {
            has_foreign_organizer,
            ..draft.write()
        };
        let new = NewEvent {
            id: Uuid::now_v7(),
            calendar_id,
            resource_name: uid,
            premises: None,
        };
        let outcome = ground.store.create_event(new, &write).await?;
        assert_eq!(outcome, WriteOutcome::Done);
        let outbox = ground.outbox().await?;
        ground.sql("delete from outbox_messages").await?;
        anyhow::Ok((new.id, outbox))
    };
    let anns = ground.calendar_id;
    let told = ["rsvp_notification 1001 pending"];
    let (_, outbox) = create(anns, "a", FIRST, false).await?;
    assert_eq!(outbox, [""; 0], "it is none of this kind");
    let (id, outbox) = create(anns, "b", FIRST, true).await?;
    assert_eq!(outbox, told);
    let (_, outbox) = create(anns, "c", FIRST, true).await?;
    assert_eq!(outbox, [""; 0], "once is enough");
    let (_, outbox) = create(anns, "d", Some("ann@example.org"), true).await?;
    assert_eq!(outbox, told);
    let (_, outbox) = create(bobs, "a", FIRST, true).await?;
    assert_eq!(outbox, ["rsvp_notification 98765 pending"]);

    // And by what replaces an object.
    for (sequence, organizer, expected) in [
        (1, "ann@example.com", [""; 0].as_slice()),
        (2, "ann@example.net", &told),
        (3, "ann@example.net", &[]),
    ] {
        let draft = Draft {
            organizer: Some(organizer),
            owner_organizes: false,
            ..Draft::new("b", "two", &[])
        };
        let write = ObjectWrite {
            has_foreign_organizer: true,
            ..draft.write()
        };
        let outcome = ground
            .store
            .replace_event(anns, id, sequence, &write)
            .await?;
        assert_eq!(outcome, WriteOutcome::Done);
        assert_eq!(ground.outbox().await?, expected);
        ground.sql("delete from outbox_messages").await?;
    }
    Ok(())
}
