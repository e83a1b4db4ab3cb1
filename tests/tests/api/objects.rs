//! PUT, GET and DELETE of what can be stored: bytes, tags, names, UIDs, versions.

use anyhow::Result;
use televent_store::NewUser;
use uuid::Uuid;

use crate::support::{ANN, CALENDAR, EVENT, Ground, etag, invitation, object, person, violated};

const AT_TEN: &str = "update events set updated_at = '2026-01-05 10:00:00.9+00'";

#[tokio::test]
async fn stored_object_is_served_with_its_tag_type_and_date() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    let answer = ground.put(EVENT, body.clone()).await?;
    assert_eq!(answer.shown(), format!("201\netag: {}", etag(&body)));
    ground.sql(AT_TEN).await?;
    let answer = ground.get(EVENT).await?;
    assert_eq!(
        answer.shown(),
        format!(
            "200\naccept-ranges: none\ncontent-type: text/calendar; charset=utf-8; component=VEVENT\netag: {}\n\
             last-modified: Mon, 05 Jan 2026 10:00:00 GMT\n\n{}",
            etag(&body),
            body.trim_end()
        )
    );
    assert_eq!(answer.text(), body);
    Ok(())
}

#[tokio::test]
async fn task_is_served_as_a_task() -> Result<()> {
    let ground = Ground::new().await?;
    let body = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:t\nSUMMARY:Buy milk\nEND:VTODO\nEND:VCALENDAR\n";
    assert_eq!(ground.put(EVENT, body).await?.status, 201);
    let answer = ground.get(EVENT).await?;
    assert_eq!(
        answer.header("content-type"),
        Some("text/calendar; charset=utf-8; component=VTODO")
    );
    assert_eq!(answer.text(), body);
    Ok(())
}

#[tokio::test]
async fn what_was_put_comes_back_byte_for_byte() -> Result<()> {
    let ground = Ground::new().await?;
    let plain = object("uid-a", "");
    let mut fold_in_a_character = object("uid-a", "DESCRIPTION:Caf@ tomorrow\r\n").into_bytes();
    let place = fold_in_a_character
        .iter()
        .position(|byte| *byte == b'@')
        .expect("the mark");
    fold_in_a_character.splice(place..=place, *b"\xc3\r\n \xa9");
    let mut no_utf8 = object("uid-a", "X-LATIN:@\r\n").into_bytes();
    let place = no_utf8
        .iter()
        .position(|byte| *byte == b'@')
        .expect("the mark");
    no_utf8.splice(place..=place, *b"\xe9\xff");
    for (what, body) in [
        ("as it is", plain.clone().into_bytes()),
        ("a fold within a character", fold_in_a_character),
        ("bytes that are no UTF-8", no_utf8),
        ("line feeds alone", plain.replace("\r\n", "\n").into_bytes()),
        ("mixed line endings", plain.replacen("\r\n", "\n", 3).into_bytes()),
        ("no line ending at the end", plain.trim_end().as_bytes().to_vec()),
        ("a byte order mark", format!("\u{feff}{plain}").into_bytes()),
        ("empty lines", plain.replace("SUMMARY", "\r\nSUMMARY").into_bytes()),
        ("lower case", plain.to_lowercase().into_bytes()),
        ("a fold in a name", plain.replace("SUMMARY", "SUM\r\n MARY").into_bytes()),
        ("a fold by a tab", plain.replace("Lunch", "Lun\r\n\tch").into_bytes()),
        (
            "unknown properties, parameters and components",
            object(
                "uid-a",
                "X-WR-THING;X-P=\"a;b\":1\r\nSUMMARY;LANGUAGE=de:Mittag\r\nBEGIN:VALARM\r\nTRIGGER:-PT15M\r\nX-A:1\r\nEND:VALARM\r\n",
            )
            .into_bytes(),
        ),
    ] {
        let answer = ground.put(EVENT, body.clone()).await?;
        assert!(matches!(answer.status, 201 | 204), "{what}: {}", answer.shown());
        assert_eq!(answer.header("etag"), Some(format!("\"{}\"", televent_store::digest(&body)).as_str()), "{what}");
        assert!(ground.get(EVENT).await?.body == body, "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn tag_is_told_only_of_what_was_stored_as_sent() -> Result<()> {
    let ground = Ground::new().await?;
    let sent = object("uid-a", "ATTENDEE:mailto:tg_98765@televent.internal\r\n");
    let stored = sent.replace(
        "ATTENDEE",
        "ORGANIZER;CN=Ann:mailto:tg_1001@televent.internal\r\nATTENDEE;SCHEDULE-STATUS=1.0",
    );
    let schedule_tag = format!("schedule-tag: {}", etag(&stored));
    let answer = ground.put(EVENT, sent.clone()).await?;
    assert_eq!(answer.shown(), format!("201\n{schedule_tag}"));
    let answer = ground.get(EVENT).await?;
    assert_eq!(
        (answer.text(), answer.header("etag")),
        (stored.clone(), Some(etag(&stored).as_str()))
    );

    // The same again changes nothing, and still is not what is stored.
    let before = ground.ctag().await?;
    let answer = ground.put(EVENT, sent).await?;
    assert_eq!(answer.shown(), format!("204\n{schedule_tag}"));
    assert_eq!(ground.ctag().await?, before);
    assert_eq!(
        ground.put(EVENT, stored.clone()).await?.shown(),
        format!("204\netag: {}\n{schedule_tag}", etag(&stored))
    );
    assert_eq!(ground.ctag().await?, before);
    Ok(())
}

#[tokio::test]
async fn owners_name_can_not_break_the_line_that_the_server_adds() -> Result<()> {
    let ground = Ground::new().await?;
    let hard = NewUser {
        telegram_id: person(ANN),
        name: "Ann \"the boss\";\r\nATTENDEE:mailto:x@y\u{1}, Größe^",
        username: None,
        language: None,
        time_zone: None,
        reachable: None,
        calendar_id: Uuid::now_v7(),
    };
    ground.store.add_user(&hard).await?;
    ground
        .put(
            EVENT,
            object("uid-a", "ATTENDEE:mailto:tg_98765@televent.internal\r\n"),
        )
        .await?;
    let stored = ground.get(EVENT).await?.text();
    let unfolded = stored.replace("\r\n ", "");
    let line = "ORGANIZER;CN=\"Ann ^'the boss^';^nATTENDEE:mailto:x@y, Größe^^\":mailto:tg_1001@televent.internal\r\n";
    assert!(unfolded.contains(line), "{unfolded}");
    assert_eq!(
        ground.rows("select address from event_attendees").await?,
        ["tg_98765@televent.internal"]
    );
    assert_eq!(ground.put(EVENT, stored).await?.status, 204);
    Ok(())
}

#[tokio::test]
async fn each_change_moves_ctag_and_sync_token_and_a_repeat_does_not() -> Result<()> {
    let ground = Ground::new().await?;
    assert_eq!(ground.ctag().await?, (1, 1));
    let (first, second) = (object("uid-a", ""), object("uid-a", "LOCATION:Here\r\n"));
    for (body, expected) in [
        (&first, 2),
        (&first, 2),
        (&second, 3),
        (&second, 3),
        (&first, 4),
    ] {
        ground.put(EVENT, body.clone()).await?;
        assert_eq!(ground.ctag().await?, (expected, expected));
    }
    ground
        .put("/dav/calendars/1001/default/b.ics", object("uid-b", ""))
        .await?;
    assert_eq!(ground.ctag().await?, (5, 5));
    ground.delete(EVENT).await?;
    assert_eq!(ground.ctag().await?, (6, 6));
    assert_eq!(ground.delete(EVENT).await?.status, 404);
    assert_eq!(ground.ctag().await?, (6, 6));
    Ok(())
}

#[tokio::test]
async fn uid_of_another_resource_is_refused_with_its_href() -> Result<()> {
    let ground = Ground::new().await?;
    let first = "/dav/calendars/1001/default/Lunch%20%26%20caf%C3%A9.ics";
    ground.put(first, object("uid-a", "")).await?;
    let why = "another resource of the calendar has this UID";
    let expected = violated(
        403,
        &format!("<c:no-uid-conflict>\n<d:href>{first}</d:href>\n</c:no-uid-conflict>"),
        why,
    );
    assert_eq!(
        ground.put(EVENT, object("uid-a", "")).await?.shown(),
        expected
    );
    assert_eq!(ground.get(EVENT).await?.status, 404);
    assert_eq!(ground.ctag().await?, (2, 2));
    Ok(())
}

#[tokio::test]
async fn uid_of_a_resource_can_not_change() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let why = "the UID of a resource can't change";
    let expected = violated(
        403,
        &format!("<c:no-uid-conflict>\n<d:href>{EVENT}</d:href>\n</c:no-uid-conflict>"),
        why,
    );
    assert_eq!(
        ground.put(EVENT, object("uid-b", "")).await?.shown(),
        expected
    );
    assert_eq!(ground.get(EVENT).await?.text(), object("uid-a", ""));
    Ok(())
}

#[tokio::test]
async fn one_uid_may_be_in_the_calendars_of_two_people() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let headers = [("authorization", ground.eve.as_str())];
    let answer = ground
        .send(
            "PUT",
            "/dav/calendars/6666/default/a.ics",
            &headers,
            object("uid-a", ""),
        )
        .await?;
    assert_eq!(answer.status, 201);
    Ok(())
}

#[tokio::test]
async fn deleted_resource_is_gone_and_its_name_and_uid_are_free() -> Result<()> {
    let ground = Ground::new().await?;
    let body = invitation("uid-a");
    ground.put(EVENT, body.clone()).await?;
    let answer = ground.delete(EVENT).await?;
    assert_eq!(answer.shown(), "204");
    assert_eq!(ground.get(EVENT).await?.status, 404);
    assert_eq!(
        ground
            .propfind(CALENDAR, "1", "<d:getetag/>")
            .await?
            .text()
            .matches("<d:response>")
            .count(),
        1
    );

    let answer = ground.put_if(EVENT, ("if-none-match", "*"), &body).await?;
    let tag = etag(&body);
    assert_eq!(
        answer.shown(),
        format!("201\netag: {tag}\nschedule-tag: {tag}")
    );
    assert_eq!(ground.get(EVENT).await?.text(), body);
    assert_eq!(
        ground
            .rows("select count(distinct id)::text from events")
            .await?,
        ["2"]
    );
    Ok(())
}
