//! Cards: one writer at a time, and what is recorded of them.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::json;
use televent_calendar::{ScheduleStatus, TelegramUserId};
use televent_store::{
    Card, CardKey, CardLease, CardRecord, CardRequest, CardSubject, KnownAttendee, NewUser,
    SentCard, Store,
};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, SAM, account, person};

pub const MINUTE: Duration = Duration::from_secs(60);

pub fn key(event_id: Uuid, telegram_id: i64) -> CardKey {
    CardKey {
        event_id,
        telegram_id: person(telegram_id),
        recurrence_id: String::new(),
    }
}

/// A new attempt at a card.
pub fn lease(event_id: Uuid, telegram_id: i64) -> CardLease {
    CardLease {
        key: key(event_id, telegram_id),
        holder: Uuid::new_v4(),
    }
}

/// Asks for a card of a reader, the first one or that of an instance.
pub fn request(
    (event_id, telegram_id): (Uuid, TelegramUserId),
    recurrence_id: Option<&str>,
    holder: Uuid,
) -> CardRequest {
    CardRequest {
        event_id,
        telegram_id,
        recurrence_id: recurrence_id.map(str::to_owned),
        holder,
    }
}

/// What was sent under this lease, and the row that it settles.
pub fn record(lease: &CardLease, sent: SentCard, outbox_id: Option<Uuid>) -> CardRecord {
    CardRecord {
        lease: lease.clone(),
        sent,
        outbox_id,
    }
}

/// The messages of a card and what they show; the card itself comes first.
pub async fn shown(ground: &Ground, key: &CardKey) -> Result<Vec<String>> {
    let key = format!(
        "event_id = '{}' and telegram_id = {}",
        key.event_id, key.telegram_id
    );
    ground
        .rows(&format!(
            "select text from (
                 select 1, message_id, concat_ws(' ', message_id, rendered) from invite_cards where {key}
                 union all
                 select 2, message_id, concat_ws(' ', message_id, rendered) from invite_card_copies where {key}
                 order by 1, 2
             ) as messages (kind, id, text)"
        ))
        .await
}

pub fn sent(message_id: i64, rendered: &str) -> SentCard {
    SentCard {
        chat_id: BOB,
        message_id,
        rendered: rendered.to_owned(),
        replaces: false,
        shown: json!({ "shown": rendered }),
        told: json!({ "told": rendered }),
    }
}

/// An event that invites Bob and Sam, and the outbox row of Bob's card.
pub async fn invited() -> Result<(Ground, Uuid, Uuid)> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[BOB, SAM]);
    let id = ground.event("a.ics", &draft).await?;
    Ok((ground, id, draft.first_notice()))
}

/// Takes the right to write a card: what it was then, or `None` when somebody else has the right, or there is nothing to write.
pub async fn take(store: &Store, lease: &CardLease) -> Result<Option<Card>> {
    let key = &lease.key;
    let reader = (key.event_id, key.telegram_id);
    let state = store
        .lease_card(
            &request(reader, Some(&key.recurrence_id), lease.holder),
            MINUTE,
        )
        .await?;
    Ok(state.and_then(|state| state.card))
}

/// Takes the right to write a card, and records what was sent under it. Returns whether that is recorded.
pub async fn take_and_record(
    store: &Store,
    lease: &CardLease,
    sent: SentCard,
    outbox_id: Option<Uuid>,
) -> Result<bool> {
    take(store, lease).await?.context("the card")?;
    Ok(store.record_card(&record(lease, sent, outbox_id)).await?)
}

/// What somebody's card of an event speaks of.
async fn subject_of(store: &Store, event_id: Uuid, id: i64) -> Result<CardSubject> {
    let lease = lease(event_id, id);
    let reader = (event_id, lease.key.telegram_id);
    let state = store
        .lease_card(&request(reader, None, lease.holder), MINUTE)
        .await?;
    store.release_card(&lease).await?;
    Ok(state.context("the event is there")?.subject)
}

pub async fn let_leases_run_out(ground: &Ground) -> Result<()> {
    ground
        .sql("update invite_cards set lease_until = now() - interval '1 second'")
        .await
}

/// Those to whom a message was tried: whether it can arrive, and how the last one fared.
const REACHED: &str = "select concat_ws(' ', telegram_id, reachable, schedule_status) from users
                       where reachable is not null";

/// What is said of that in the organizer's object, which only scheduling writes.
const SAID: &str =
    "select concat_ws(' ', telegram_id, schedule_status) from event_attendees order by 1";
const NOTHING_YET: [&str; 2] = ["4711", "98765"];

const UNSENT: Card = Card {
    message: None,
    rendered: None,
    shown: None,
    baseline: None,
    told: None,
    written_ago: None,
    choosing: false,
    unfinished: false,
    copies: Vec::new(),
};

#[tokio::test]
async fn card_has_one_writer() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let (first, second) = (lease(id, BOB), lease(id, BOB));
    assert_eq!(take(&ground.store, &first).await?, Some(UNSENT));
    assert_eq!(take(&ground.store, &second).await?, None);
    assert_eq!(take(&ground.store, &lease(id, SAM)).await?, Some(UNSENT));
    // Who does not hold it can't give it back.
    ground.store.release_card(&second).await?;
    assert_eq!(take(&ground.store, &second).await?, None);
    ground.store.release_card(&first).await?;
    assert_eq!(take(&ground.store, &second).await?, Some(UNSENT));
    Ok(())
}

/// The answer that said so was lost.
#[tokio::test]
async fn who_has_the_card_is_given_it_again() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let lease = lease(id, BOB);
    for _ in 0..2 {
        assert_eq!(take(&ground.store, &lease).await?, Some(UNSENT));
    }
    Ok(())
}

#[tokio::test]
async fn of_two_first_writers_at_once_one_has_the_card() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let (first, second) = (lease(id, BOB), lease(id, BOB));
    let gate = format!("insert into invite_cards (event_id, telegram_id) values ('{id}', {BOB})");
    let (a, b) = ground
        .race(
            &gate,
            take(&ground.store, &first),
            take(&ground.store, &second),
        )
        .await?;
    assert_ne!(a?.is_some(), b?.is_some(), "one of them must have it");
    Ok(())
}

#[tokio::test]
async fn lease_that_ran_out_is_taken_over_as_unfinished() -> Result<()> {
    let (ground, id, _) = invited().await?;
    take(&ground.store, &lease(id, BOB)).await?;
    let_leases_run_out(&ground).await?;
    let card = take(&ground.store, &lease(id, BOB))
        .await?
        .expect("the card");
    assert_eq!(
        card,
        Card {
            unfinished: true,
            ..UNSENT
        }
    );
    Ok(())
}

/// Whoever died with it may have edited it, and whoever took it over has not written it either.
#[tokio::test]
async fn what_an_unfinished_card_shows_stays_unknown() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let first = lease(id, BOB);
    take_and_record(&ground.store, &first, sent(7, "one"), None).await?;
    let copy = format!(
        "insert into invite_card_copies (event_id, telegram_id, recurrence_id, message_id, rendered)
         values ('{id}', {BOB}, '', 8, 'one')"
    );
    ground.sql(&copy).await?;
    take(&ground.store, &lease(id, BOB)).await?;
    let_leases_run_out(&ground).await?;
    let over = lease(id, BOB);
    for is_unfinished in [true, false] {
        let card = take(&ground.store, &over).await?.context("it is free")?;
        assert_eq!(card.unfinished, is_unfinished);
        assert_eq!(card.rendered, None);
        assert_eq!(card.copies.first().map(|copy| &copy.rendered), Some(&None));
        ground.store.release_card(&over).await?;
    }
    Ok(())
}

/// Whoever reads who attends waits for the advisory lock 1, in the middle of their statement.
const GATE_AMONG_ATTENDEES: &str = "
    alter table event_attendees rename to all_attendees;
    create function is_open() returns boolean language plpgsql as
        $$ begin perform pg_advisory_lock_shared(1); perform pg_advisory_unlock_shared(1); return true; end $$;
    create view event_attendees as select * from all_attendees where is_open();";

#[tokio::test]
async fn card_that_is_written_after_the_meeting_was_read_is_not_given_with_what_was_before()
-> Result<()> {
    let (ground, id, _) = invited().await?;
    let first = lease(id, BOB);
    take_and_record(&ground.store, &first, sent(7, "one"), None).await?;
    let mut gate = ground.database.connect().await?;
    sqlx::raw_sql(GATE_AMONG_ATTENDEES)
        .execute(&mut gate)
        .await?;
    sqlx::raw_sql("select pg_advisory_lock(1)")
        .execute(&mut gate)
        .await?;
    let late = lease(id, BOB);
    let waits = take(&ground.store, &late);
    let overtakes = async {
        ground.database.until_waiting(1).await?;
        sqlx::raw_sql(
            "update events set object = 'two'; update invite_cards set rendered = 'two', written_at = now();
             select pg_advisory_unlock(1)",
        )
        .execute(&mut gate)
        .await?;
        anyhow::Ok(())
    };
    let (taken, overtaken) = tokio::join!(waits, overtakes);
    overtaken?;
    assert_eq!(taken?, None);
    let card = take(&ground.store, &late).await?.context("it is free")?;
    assert_eq!(card.rendered.as_deref(), Some("two"));
    Ok(())
}

#[tokio::test]
async fn cards_of_a_reader_come_one_after_the_other() -> Result<()> {
    const INSTANCE: &str = "20270118T090000Z";
    let (ground, id, _) = invited().await?;
    let reader = (id, person(BOB));
    let first = ground
        .store
        .lease_card(&request(reader, None, Uuid::new_v4()), MINUTE)
        .await?
        .context("the first")?;
    assert_eq!(
        (first.key.recurrence_id.as_str(), first.card.clone()),
        ("", Some(UNSENT))
    );
    assert_eq!(first.next(), None);
    let mut instance = lease(id, BOB);
    instance.key.recurrence_id = INSTANCE.to_owned();
    assert_eq!(take(&ground.store, &instance).await?, Some(UNSENT));
    // The holder alone tells whose right it is, whichever card it is for.
    let unknown = CardLease {
        key: key(id, BOB),
        ..instance
    };
    ground.store.release_card(&unknown).await?;

    let first = ground
        .store
        .lease_card(&request(reader, None, Uuid::new_v4()), MINUTE)
        .await?
        .context("the first")?;
    assert_eq!(first.card, None);
    assert_eq!(first.next(), Some(INSTANCE));
    let last = ground
        .store
        .lease_card(&request(reader, first.next(), Uuid::new_v4()), MINUTE)
        .await?
        .context("the last")?;
    assert_eq!(
        (last.key.recurrence_id.as_str(), last.card.clone()),
        (INSTANCE, Some(UNSENT))
    );
    assert_eq!(last.next(), None);
    Ok(())
}

#[tokio::test]
async fn card_of_no_event_can_not_be_leased() -> Result<()> {
    let ground = Ground::new().await?;
    let lease = lease(Uuid::now_v7(), BOB);
    let reader = (lease.key.event_id, lease.key.telegram_id);
    let state = ground
        .store
        .lease_card(&request(reader, None, lease.holder), MINUTE)
        .await?;
    assert!(state.is_none());
    Ok(())
}

#[tokio::test]
async fn recorded_card_is_free_again_and_settles_its_row() -> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    let lease_of_bob = lease(id, BOB);
    let sent = sent(11, "first");
    take_and_record(&ground.store, &lease_of_bob, sent, Some(outbox_id)).await?;

    assert_eq!(
        ground.outbox().await?,
        [
            "invite_notification 4711 pending",
            "invite_notification 98765 completed"
        ]
    );
    assert_eq!(ground.rows(REACHED).await?, ["98765 t 1.2"]);
    assert_eq!(ground.rows(SAID).await?, NOTHING_YET);
    let card = take(&ground.store, &lease(id, BOB))
        .await?
        .expect("the card");
    assert_eq!(card.message, Some((BOB, 11)));
    assert_eq!(
        (card.rendered.as_deref(), card.unfinished),
        (Some("first"), false)
    );
    Ok(())
}

#[tokio::test]
async fn edited_card_stays_and_a_replaced_one_moves() -> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    for (message_id, rendered, replaces, expected) in [
        (11, "first", false, "11 first"),
        (11, "second", false, "11 second"),
        (12, "third", true, "12 third"),
    ] {
        let lease = lease(id, BOB);
        let sent = SentCard {
            replaces,
            ..sent(message_id, rendered)
        };
        take_and_record(&ground.store, &lease, sent, Some(outbox_id)).await?;
        assert_eq!(shown(&ground, &lease.key).await?, [expected]);
    }
    Ok(())
}

#[tokio::test]
async fn unreachable_reader_is_marked_and_the_row_is_settled() -> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    let writer = lease(id, BOB);
    take(&ground.store, &writer).await?;
    ground
        .store
        .record_unreachable(&writer, ScheduleStatus::Failed, Some(outbox_id))
        .await?;
    assert_eq!(ground.rows(REACHED).await?, ["98765 f 5.1"]);
    assert_eq!(ground.rows(SAID).await?, NOTHING_YET);
    assert!(!ground.store.outbox_is_open(outbox_id).await?);
    assert_eq!(
        ground.store.waiting_invitations(person(BOB), 10).await?,
        [id]
    );

    // The lease is free, and a card that goes out later takes it all back.
    let again = lease(id, BOB);
    assert_eq!(take(&ground.store, &again).await?, Some(UNSENT));
    ground
        .store
        .record_card(&record(&again, sent(11, "first"), Some(outbox_id)))
        .await?;
    assert_eq!(ground.rows(REACHED).await?, ["98765 t 1.2"]);
    // That it arrived is said in the organizer's object, and from then on it does not wait.
    ground
        .sql("update event_attendees set schedule_status = '1.2'")
        .await?;
    assert_eq!(
        ground.store.waiting_invitations(person(BOB), 10).await?,
        Vec::<Uuid>::new()
    );
    Ok(())
}

#[tokio::test]
async fn subject_is_the_present_state_as_its_reader_stands_to_it() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let subject = subject_of(&ground.store, id, BOB).await?;
    assert_eq!(
        (subject.object.as_slice(), subject.deleted, subject.invited),
        (&b"one"[..], false, true)
    );
    assert_eq!(
        (
            subject.owner,
            subject.owner_name.as_str(),
            subject.owner_organizes
        ),
        (person(ANN), "Ann", true)
    );
    assert_eq!(
        (subject.reader.name, subject.reader.time_zone),
        (None, None)
    );

    let bob = NewUser {
        name: "Bob",
        time_zone: Some("Europe/Vienna"),
        ..account(BOB, Uuid::now_v7())
    };
    ground.store.add_user(&bob).await?;
    ground
        .replace(id, 1, &Draft::new("uid-a", "two", &[SAM]))
        .await?;
    ground.store.remove_event(id, 2).await?;
    let subject = subject_of(&ground.store, id, BOB).await?;
    assert_eq!(
        (subject.object.as_slice(), subject.deleted, subject.invited),
        (&b"two"[..], true, false)
    );
    assert_eq!(subject.reader.name.as_deref(), Some("Bob"));
    assert_eq!(subject.reader.time_zone.as_deref(), Some("Europe/Vienna"));
    Ok(())
}

#[tokio::test]
async fn attendees_are_known_by_what_they_and_telegram_have_said() -> Result<()> {
    let (ground, id, _) = invited().await?;
    ground
        .store
        .add_user(&NewUser {
            name: "Bob",
            ..account(BOB, Uuid::now_v7())
        })
        .await?;
    ground.store.set_reachable(person(SAM), false).await?;
    let subject = subject_of(&ground.store, id, BOB).await?;
    let known: BTreeMap<_, _> = subject.known.into_iter().collect();
    let of = |name: Option<&str>, reachable| KnownAttendee {
        name: name.map(str::to_owned),
        reachable,
    };
    let expected = [
        (person(BOB), of(Some("Bob"), None)),
        (person(SAM), of(None, Some(false))),
    ];
    assert_eq!(known, BTreeMap::from(expected));
    Ok(())
}

/// What is remembered of Bob's card: shown, baseline, told.
async fn remembered(ground: &Ground, id: Uuid) -> Result<String> {
    let lease = lease(id, BOB);
    let card = take(&ground.store, &lease).await?;
    ground.store.release_card(&lease).await?;
    let card = card.context("nobody has it")?;
    let text = |value: Option<serde_json::Value>| {
        value.map_or_else(String::new, |value| value.to_string())
    };
    Ok([card.shown, card.baseline, card.told].map(text).join(" "))
}

#[tokio::test]
async fn baseline_is_what_was_shown_first_and_then_what_was_answered_to() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let write = async |rendered: &str| {
        take_and_record(&ground.store, &lease(id, BOB), sent(7, rendered), None).await
    };
    assert!(write("one").await?);
    let first = r#"{"shown":"one"} {"shown":"one"} {"told":"one"}"#;
    assert_eq!(remembered(&ground, id).await?, first);
    assert!(write("two").await?);
    let changed = r#"{"shown":"two"} {"shown":"one"} {"told":"two"}"#;
    assert_eq!(remembered(&ground, id).await?, changed);
    let lease = lease(id, BOB);
    let card = take(&ground.store, &lease).await?;
    let ago = card.and_then(|card| card.written_ago);
    assert!(ago.is_some_and(|ago| ago < MINUTE), "{ago:?}");
    Ok(())
}
