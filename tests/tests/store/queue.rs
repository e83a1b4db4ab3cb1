//! The order in which the outbox is emptied where the bot is limited.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{TimeDelta, Utc};
use serde_json::json;
use televent_calendar::Plan;
use televent_store::{
    CardKey, Claim, MeetingRows, NewEvent, NoticeKind, OrganizerWrite, PaceRequest,
    SchedulingWrite, Urgency, WriteOutcome,
};
use uuid::Uuid;

use crate::support::{ANN, BOB, BOT, Draft, EVE, Ground, SAM, notice, person, press};

const MINUTE: Duration = Duration::from_secs(60);
const WINDOW: i64 = 10;

/// The readers of claims, in their order.
fn readers(claims: &[Claim]) -> Vec<i64> {
    claims.iter().map(|claim| claim.telegram_id.get()).collect()
}

async fn publish(ground: &Ground, claims: &[Claim]) -> Result<()> {
    let published: Vec<_> = claims.iter().map(Claim::publication).collect();
    Ok(ground.store.mark_published(&published).await?)
}

/// As many rows as this for each of these people, all of one urgency.
async fn rows(ground: &Ground, event: Uuid, people: &[i64], each: u32, urgency: u8) -> Result<()> {
    for person in people {
        let insert = format!(
            "insert into outbox_messages (id, kind, event_id, telegram_id, urgency, due_at)
             select gen_random_uuid(), 'invite_notification', '{event}', {person}, {urgency},
                    now() - interval '1 hour' + n * interval '1 microsecond'
             from generate_series(1, {each}) n"
        );
        ground.sql(&insert).await?;
    }
    Ok(())
}

impl Ground {
    /// Ann's new meeting, of which Bob is told.
    async fn invites(&self, name: &str, draft: &Draft) -> Result<Uuid> {
        let rows = MeetingRows {
            owner: person(ANN),
            organizer: None,
            people: Vec::new(),
        };
        let id = Uuid::now_v7();
        let new = NewEvent {
            id,
            calendar_id: self.calendar_id,
            resource_name: name,
            premises: None,
        };
        self.schedules(&rows, OrganizerWrite::Create(new, &draft.write()))
            .await?;
        Ok(id)
    }

    /// A change of a meeting of Ann's, of which Bob is told.
    async fn alters(&self, id: Uuid, organizer: OrganizerWrite<'_>) -> Result<()> {
        let rows = self.store.meeting_by_id(id, &[person(BOB)]).await?;
        let rows = rows.context("the meeting is gone")?;
        self.schedules(&rows, organizer).await
    }

    async fn schedules(&self, rows: &MeetingRows, organizer: OrganizerWrite<'_>) -> Result<()> {
        let plan = Plan {
            stale_cards: [person(BOB)].into(),
            ..Plan::default()
        };
        let write = SchedulingWrite {
            organizer,
            ..SchedulingWrite::planned(rows, &plan, Utc::now())
        };
        assert_eq!(
            self.store.write_scheduling(&write).await?,
            WriteOutcome::Done
        );
        Ok(())
    }
}

async fn quiet_event(ground: &Ground) -> Result<Uuid> {
    ground
        .event("quiet.ics", &Draft::new("quiet", "one", &[]))
        .await
}

#[tokio::test]
async fn five_hundred_cards_of_one_person_starve_nobody() -> Result<()> {
    let ground = Ground::new().await?;
    let event = quiet_event(&ground).await?;
    rows(&ground, event, &[BOB], 500, 2).await?;
    rows(&ground, event, &[SAM, EVE], 2, 2).await?;
    let claim = async || ground.store.claim_outbox_within(WINDOW, 256, MINUTE).await;
    let mut claimed = Vec::new();
    for _ in 0..4 {
        let claims = claim().await?;
        publish(&ground, &claims).await?;
        claimed.extend(claims);
    }
    let mut who = readers(&claimed);
    who.sort_unstable();
    assert_eq!(who, [SAM, EVE, BOB], "one each at a time");
    // Each that is done makes room for the next of that person.
    for claim in claimed
        .iter()
        .filter(|claim| claim.telegram_id == person(BOB))
    {
        ground.store.settle_outbox(claim.id).await?;
    }
    assert_eq!(readers(&claim().await?), [BOB]);
    Ok(())
}

#[tokio::test]
async fn window_bounds_bulk_and_what_is_urgent_goes_past_it() -> Result<()> {
    let ground = Ground::new().await?;
    let event = quiet_event(&ground).await?;
    let many: Vec<i64> = (1..=40).collect();
    rows(&ground, event, &many, 1, 2).await?;
    let claim = async || ground.store.claim_outbox_within(WINDOW, 256, MINUTE).await;
    let claims = claim().await?;
    assert_eq!(claims.len(), 10);
    publish(&ground, &claims).await?;
    assert_eq!(claim().await?, []);
    let some: Vec<i64> = (101..=115).collect();
    rows(&ground, event, &some, 1, 1).await?;
    rows(&ground, event, &[BOB], 5, 0).await?;
    let claims = claim().await?;
    let urgencies: Vec<Urgency> = claims.iter().map(|claim| claim.urgency).collect();
    assert_eq!(
        urgencies[..4],
        [
            Urgency::Awaited,
            Urgency::Awaited,
            Urgency::Awaited,
            Urgency::Soon
        ]
    );
    assert_eq!(urgencies.len(), 3 + 10);
    publish(&ground, &claims).await?;
    // What JetStream has lost does not count for ever.
    ground
        .sql("update outbox_messages set published_at = now() - interval '1 minute' where urgency = 2")
        .await?;
    assert_eq!(claim().await?, [], "what is more urgent has no room either");
    ground
        .sql("update outbox_messages set state = 'completed', settled_at = now() where urgency = 1")
        .await?;
    assert_eq!(claim().await?.len(), 10);
    Ok(())
}

#[tokio::test]
async fn nothing_is_claimed_for_a_chat_that_rests_or_a_bot_that_is_paused() -> Result<()> {
    let ground = Ground::new().await?;
    let event = quiet_event(&ground).await?;
    rows(&ground, event, &[BOB, SAM], 1, 2).await?;
    let request = PaceRequest {
        bot_id: BOT,
        chat_id: BOB,
        gap: Duration::ZERO,
        chat_gap: MINUTE,
        urgency: Urgency::Bulk,
        again: false,
    };
    ground.store.take_pace(&request).await?;
    let claim = async || ground.store.claim_outbox_within(WINDOW, 256, MINUTE).await;
    ground.store.pause_bot(BOT, MINUTE).await?;
    assert_eq!(claim().await?, []);
    assert_eq!(ground.store.outbox_due_in().await?, Some(Duration::ZERO));
    ground
        .sql("update bot_paces set paused_until = now()")
        .await?;
    assert_eq!(readers(&claim().await?), [SAM]);
    ground.sql("update chat_paces set next_at = now()").await?;
    assert_eq!(readers(&claim().await?), [BOB]);
    Ok(())
}

#[tokio::test]
async fn row_that_is_given_back_comes_when_it_is_due_as_a_new_message() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[BOB]);
    ground.event("a.ics", &draft).await?;
    let claims = ground.store.claim_outbox(10, MINUTE).await?;
    // A fast notifier gives it back before the relay has noted the publication.
    ground.store.defer_outbox(claims[0].id, MINUTE * 2).await?;
    publish(&ground, &claims).await?;
    assert_eq!(
        ground
            .rows(
                "select concat_ws(' ', state, publication, attempts, sweeps) from outbox_messages"
            )
            .await?,
        ["pending 1 0 0"]
    );
    let due_in = ground.store.outbox_due_in().await?.unwrap_or_default();
    assert!(due_in > MINUTE && due_in <= MINUTE * 2, "{due_in:?}");
    ground
        .sql("update outbox_messages set due_at = now()")
        .await?;
    let claims = ground.store.claim_outbox(10, MINUTE).await?;
    assert_eq!(claims[0].publication, 1);
    publish(&ground, &claims).await?;
    ground.store.settle_outbox(claims[0].id).await?;
    ground.store.defer_outbox(claims[0].id, MINUTE).await?;
    assert_eq!(
        ground.rows("select state from outbox_messages").await?,
        ["completed"]
    );
    assert_eq!(ground.store.outbox_due_in().await?, None);
    Ok(())
}

#[tokio::test]
async fn what_begins_soon_is_urgent_and_what_somebody_waits_for_is_most() -> Result<()> {
    let ground = Ground::new().await?;
    let now = Utc::now();
    let hours = |n: i64| Some(now + TimeDelta::hours(n));
    let by_row = "select urgency::text from outbox_messages order by id";
    for (uid, bounds, urgency) in [
        ("today", (hours(3), hours(4)), "1"),
        ("running", (hours(-1), hours(1)), "1"),
        ("series that has begun", (hours(-1_000), None), "1"),
        ("next week", (hours(24 * 7), hours(24 * 7 + 1)), "2"),
        ("over", (hours(-3), hours(-2)), "2"),
        ("without times", (None, None), "2"),
    ] {
        ground.sql("delete from outbox_messages").await?;
        let draft = Draft {
            occurrences: bounds,
            ..Draft::new(uid, "one", &[BOB])
        };
        let name = format!("{}.ics", uid.replace(' ', "-"));
        let id = ground.invites(&name, &draft).await?;
        ground.alters(id, OrganizerWrite::Remove).await?;
        assert_eq!(ground.rows(by_row).await?, [urgency, urgency], "{uid}");
    }

    // What is put off from today to next week is told today.
    let today = Draft {
        occurrences: (hours(3), hours(4)),
        ..Draft::new("moved", "one", &[BOB])
    };
    let id = ground.invites("moved.ics", &today).await?;
    ground.sql("delete from outbox_messages").await?;
    let later = Draft {
        occurrences: (hours(200), hours(201)),
        ..Draft::new("moved", "two", &[BOB])
    };
    let later = later.write();
    ground.alters(id, OrganizerWrite::Replace(&later)).await?;
    assert_eq!(ground.rows(by_row).await?, ["1"]);

    // "Change answer", of an event far away.
    ground.sql("delete from outbox_messages").await?;
    let card = CardKey {
        event_id: id,
        telegram_id: person(BOB),
        recurrence_id: String::new(),
    };
    let own = notice(NoticeKind::Invite, BOB);
    assert!(
        ground
            .store
            .reopen_card(&press(1, BOB), &card, 2, &own)
            .await?
    );
    assert_eq!(ground.rows(by_row).await?, ["0"]);
    ground.sql("delete from outbox_messages").await?;
    let both = [
        notice(NoticeKind::Invite, BOB),
        notice(NoticeKind::Rsvp, ANN),
    ];
    let confirmed = ground
        .store
        .confirm_answer(&press(2, BOB), &card, &[String::new()], 2, &both)
        .await?;
    assert!(confirmed);
    assert_eq!(ground.rows(by_row).await?, ["0", "2"]);
    Ok(())
}

#[tokio::test]
async fn who_presses_in_vain_or_turns_a_page_is_waiting() -> Result<()> {
    let ground = Ground::new().await?;
    let event = quiet_event(&ground).await?;
    let store = &ground.store;
    let own = notice(NoticeKind::Invite, BOB);
    store.refuse_press(&press(1, BOB), event, &own).await?;
    store
        .show_again(person(SAM), 7, &json!("first page"))
        .await?;
    let waiting =
        "select concat_ws(' ', kind, telegram_id, urgency) from outbox_messages order by kind";
    assert_eq!(
        ground.rows(waiting).await?,
        [
            format!("chat_message {SAM} 0"),
            format!("invite_notification {BOB} 0")
        ]
    );
    Ok(())
}
