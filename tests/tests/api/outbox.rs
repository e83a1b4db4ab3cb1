//! What a PUT or DELETE writes beside the object: attendees, and outbox rows for the people who must be told.

use anyhow::Result;

use crate::support::{EVENT, Ground, accepted, etag, invitation, object};

const NOBODY: [&str; 0] = [];

async fn told(ground: &Ground) -> Result<Vec<String>> {
    let told = ground.outbox().await?;
    ground.sql("delete from outbox_messages").await?;
    Ok(told)
}

async fn attendees(ground: &Ground) -> Result<Vec<String>> {
    ground
        .rows("select concat_ws(' ', address, telegram_id, status, invited) from event_attendees order by address")
        .await
}

#[tokio::test]
async fn internal_attendees_are_told_once_and_others_never() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object(
        "uid-a",
        "ORGANIZER:mailto:tg_1001@televent.internal\r\n\
         ATTENDEE:mailto:tg_1001@televent.internal\r\n\
         ATTENDEE:mailto:tg_98765@televent.internal\r\n\
         ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:tg_4711@televent.internal\r\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@example.org\r\n\
         ATTENDEE:mailto:tg_5@televent.internal.example.org\r\n",
    );
    ground.put(EVENT, body.clone()).await?;
    assert_eq!(
        attendees(&ground).await?,
        [
            "guest@example.org ACCEPTED f",
            "tg_1001@televent.internal 1001 NEEDS-ACTION f",
            "tg_4711@televent.internal 4711 NEEDS-ACTION f",
            "tg_5@televent.internal.example.org NEEDS-ACTION f",
            "tg_98765@televent.internal 98765 NEEDS-ACTION t",
        ]
    );
    assert_eq!(told(&ground).await?, ["invite_notification 98765"]);
    ground.put(EVENT, body).await?;
    assert_eq!(told(&ground).await?, NOBODY);
    Ok(())
}

#[tokio::test]
async fn copy_of_an_outside_organizers_event_invites_nobody() -> Result<()> {
    let ground = Ground::new().await?;
    let body = invitation("uid-a").replace("tg_1001", "tg_6666");
    ground.put(EVENT, body.clone()).await?;
    assert_eq!(
        attendees(&ground).await?,
        ["tg_98765@televent.internal 98765 NEEDS-ACTION f"]
    );
    ground.delete(EVENT).await?;
    // The owner, who is not in it, is told that nobody was invited.
    assert_eq!(told(&ground).await?, ["rsvp_notification 1001"]);
    Ok(())
}

#[tokio::test]
async fn change_that_shows_tells_the_invited_and_the_tally() -> Result<()> {
    let ground = Ground::new().await?;
    let body = invitation("uid-a");
    ground.put(EVENT, body.clone()).await?;
    told(&ground).await?;
    ground.put(EVENT, body.replace("Lunch", "Dinner")).await?;
    assert_eq!(
        told(&ground).await?,
        ["invite_notification 98765", "rsvp_notification 1001"]
    );
    ground
        .put(
            EVENT,
            body.replace("Lunch", "Dinner")
                .replace("DTSTAMP:2026", "DTSTAMP:2027"),
        )
        .await?;
    assert_eq!(told(&ground).await?, NOBODY);
    Ok(())
}

#[tokio::test]
async fn who_is_taken_out_and_who_comes_in_are_told() -> Result<()> {
    let ground = Ground::new().await?;
    let body = invitation("uid-a");
    ground.put(EVENT, body.clone()).await?;
    told(&ground).await?;
    ground
        .put(EVENT, body.replace("tg_98765", "tg_4711"))
        .await?;
    assert_eq!(
        told(&ground).await?,
        [
            "invite_notification 4711",
            "invite_notification 98765",
            "rsvp_notification 1001"
        ]
    );
    assert_eq!(
        attendees(&ground).await?,
        ["tg_4711@televent.internal 4711 NEEDS-ACTION t"]
    );
    Ok(())
}

#[tokio::test]
async fn removal_tells_the_invited_and_the_tally() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, invitation("uid-a")).await?;
    told(&ground).await?;
    ground.delete(EVENT).await?;
    assert_eq!(
        told(&ground).await?,
        ["invite_notification 98765", "rsvp_notification 1001"]
    );
    Ok(())
}

#[tokio::test]
async fn answer_survives_a_put_that_does_not_know_of_it() -> Result<()> {
    let ground = Ground::new().await?;
    let body = invitation("uid-a");
    let answered = accepted(&body);
    ground.put(EVENT, body.clone()).await?;
    ground.sql("update event_attendees set status = 'ACCEPTED', answered_by_update = 5, answered_at = now()").await?;
    ground
        .sql(&format!(
            "update events set sequence = 2, etag = 'x', object = convert_to('{answered}', 'UTF8')"
        ))
        .await?;
    told(&ground).await?;

    // The client's next PUT still has the old status, and changes what asks nobody again.
    let answer = ground
        .put(EVENT, body.replace("SUMMARY:Lunch", "SUMMARY:Late lunch"))
        .await?;
    let stored = answered.replace("SUMMARY:Lunch", "SUMMARY:Late lunch");
    // No entity tag, for it is not what was sent.
    assert_eq!(
        answer.shown(),
        format!("204\nschedule-tag: {}", etag(&stored))
    );
    assert_eq!(ground.get(EVENT).await?.text(), stored);
    assert_eq!(
        attendees(&ground).await?,
        ["tg_98765@televent.internal 98765 ACCEPTED t"]
    );

    // Another time asks again.
    ground
        .put(EVENT, body.replace("T100000Z", "T103000Z"))
        .await?;
    // And says so: a higher SEQUENCE (RFC 5546 section 2.1.4), and that an answer is expected.
    let asked = body
        .replace("UID:uid-a", "SEQUENCE:1\r\nUID:uid-a")
        .replace("T100000Z", "T103000Z")
        .replace(
            "SCHEDULE-STATUS=1.0:mailto:tg_98765@televent\r\n .internal",
            "SCHEDULE-STATUS=1.0;RSVP=TRUE:mailto:tg_9876\r\n 5@televent.internal",
        );
    assert_eq!(ground.get(EVENT).await?.text(), asked);
    assert_eq!(
        attendees(&ground).await?,
        ["tg_98765@televent.internal 98765 NEEDS-ACTION t"]
    );
    Ok(())
}

#[tokio::test]
async fn client_can_not_answer_for_whom_the_server_invites() -> Result<()> {
    let ground = Ground::new().await?;
    let sent = invitation("uid-a").replace("NEEDS-ACTION", "ACCEPTED");
    let answer = ground.put(EVENT, sent).await?;
    let tag = etag(&invitation("uid-a"));
    assert_eq!(answer.shown(), format!("201\nschedule-tag: {tag}"));
    assert_eq!(ground.get(EVENT).await?.text(), invitation("uid-a"));
    assert_eq!(
        attendees(&ground).await?,
        ["tg_98765@televent.internal 98765 NEEDS-ACTION t"]
    );
    Ok(())
}
