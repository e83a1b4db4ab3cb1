//! PUT: what comes back with the answer, quota, and conditions of scheduling and WebDAV.

use anyhow::Result;

use crate::support::{CALENDAR, EVENT, Ground, accepted, etag, invitation, object, violated};

const REFUSED: &str =
    "412\ncontent-type: text/plain; charset=utf-8\n\nthe resource is not as the condition says";

const REPRESENTATION: (&str, &str) = ("prefer", "return=representation");

/// Bob answers: the object changes, its schedule tag does not.
async fn bob_accepts(ground: &Ground) -> Result<String> {
    let answered = accepted(&invitation("uid-a"));
    let tag = televent_store::digest(answered.as_bytes());
    ground
        .sql("update event_attendees set status = 'ACCEPTED', answered_by_update = 5, answered_at = now()")
        .await?;
    ground
        .sql(&format!(
            "update events set sequence = 2, etag = '{tag}', object = convert_to('{answered}', 'UTF8')"
        ))
        .await?;
    Ok(answered)
}

#[tokio::test]
async fn representation_comes_with_the_answer_to_who_prefers_it() -> Result<()> {
    let ground = Ground::new().await?;
    let sent = object("uid-a", "ATTENDEE:mailto:tg_98765@televent.internal\r\n");
    let stored = sent.replace(
        "ATTENDEE",
        "ORGANIZER;CN=Ann:mailto:tg_1001@televent.internal\r\nATTENDEE;SCHEDULE-STATUS=1.0",
    );
    let tag = etag(&stored);
    for status in [201, 200] {
        let answer = ground.put_if(EVENT, REPRESENTATION, &sent).await?;
        assert_eq!(
            answer.shown(),
            format!(
                "{status}\ncontent-location: {EVENT}\ncontent-type: text/calendar; charset=utf-8; component=VEVENT\netag: {tag}\n\
                 preference-applied: return=representation\nschedule-tag: {tag}\n\n{}",
                stored.trim_end()
            )
        );
        assert_eq!(answer.text(), stored);
    }
    let answer = ground
        .put_if(EVENT, ("prefer", "return=minimal"), &stored)
        .await?;
    assert_eq!(
        answer.shown(),
        format!("204\netag: {tag}\nschedule-tag: {tag}")
    );
    Ok(())
}

#[tokio::test]
async fn alarm_before_all_calendars_is_stored() -> Result<()> {
    let ground = Ground::new().await?;
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P5000000D\r\nEND:VALARM\r\n";
    let answer = ground.put(EVENT, object("uid-a", alarm)).await?;
    assert_eq!(answer.status, 201, "{}", answer.shown());
    Ok(())
}

#[tokio::test]
async fn account_that_is_full_takes_only_what_makes_it_smaller() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let (small, large) = (object("uid-a", ""), object("uid-a", "LOCATION:Here\r\n"));
    ground.put(EVENT, large.clone()).await?;
    // The other calendar counts, too.
    ground
        .sql("update calendars set bytes = 1024 * 1024 * 1024 where owner = 1001 and slug = 'work'")
        .await?;
    let why = "the account has its 1073741824 bytes full; delete something first";
    let full = violated(507, "<d:quota-not-exceeded/>", why);
    for path in [
        "/dav/calendars/1001/default/b.ics",
        "/dav/calendars/1001/work/b.ics",
    ] {
        assert_eq!(ground.put(path, object("uid-b", "")).await?.shown(), full);
    }
    let larger = object("uid-a", "LOCATION:Somewhere else\r\n");
    assert_eq!(ground.put(EVENT, larger).await?.shown(), full);
    assert_eq!(ground.get(EVENT).await?.text(), large);
    assert_eq!(ground.put(EVENT, small).await?.status, 204);
    assert_eq!(ground.delete(EVENT).await?.status, 204);
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

/// Whom others invite must be able to go on writing.
#[tokio::test]
async fn what_others_invite_to_takes_nothing_of_the_quota() -> Result<()> {
    let ground = Ground::new().await?;
    let eves = "/dav/calendars/6666/default/a.ics";
    let headers = [("authorization", ground.eve.as_str())];
    let puts = async |name: &str| {
        let body = object(name, "");
        let path = eves.replace("a.ics", name);
        anyhow::Ok(ground.send("PUT", &path, &headers, body).await?.status)
    };
    assert_eq!(puts("own").await?, 201);
    let fill =
        "update calendars set bytes = 1024 * 1024 * 1024 where owner = 6666 and slug = 'default'";
    ground.sql(fill).await?;
    assert_eq!(puts("more").await?, 507);
    let invited = "ATTENDEE:mailto:tg_6666@televent.internal\r\n";
    ground.put(EVENT, object("uid-a", invited)).await?;
    ground.sql(fill).await?;
    assert_eq!(puts("more").await?, 201);
    Ok(())
}

#[tokio::test]
async fn quota_is_told_as_it_is_used() -> Result<()> {
    let ground = Ground::new().await?;
    let used = async || -> Result<(i64, i64)> {
        let asked = "<d:quota-used-bytes/><d:quota-available-bytes/>";
        let answer = ground.propfind("/dav/calendars/1001/", "0", asked).await?;
        let used = answer
            .all_between("<d:quota-used-bytes>", "<")
            .concat()
            .parse()?;
        let available = answer
            .all_between("<d:quota-available-bytes>", "<")
            .concat()
            .parse()?;
        Ok((used, available))
    };
    const ALL: i64 = 1024 * 1024 * 1024;
    assert_eq!(used().await?, (0, ALL));
    for body in [object("uid-a", "LOCATION:Here\r\n"), object("uid-a", "")] {
        let size = i64::try_from(body.len())?;
        ground.put(EVENT, body).await?;
        assert_eq!(used().await?, (size, ALL - size));
    }
    ground.delete(EVENT).await?;
    assert_eq!(used().await?, (0, ALL));
    Ok(())
}

/// RFC 6638 section 3.2.10: the organizer's client can write although somebody has answered meanwhile.
#[tokio::test]
async fn schedule_tag_stays_where_the_entity_tag_changes_with_an_answer() -> Result<()> {
    let ground = Ground::new().await?;
    let body = invitation("uid-a");
    let answer = ground.put(EVENT, body.clone()).await?;
    let tag = etag(&body);
    assert_eq!(
        answer.shown(),
        format!("201\netag: {tag}\nschedule-tag: {tag}")
    );
    let answered = bob_accepts(&ground).await?;
    let answer = ground.get(EVENT).await?;
    assert_eq!(answer.header("etag"), Some(etag(&answered).as_str()));
    assert_eq!(answer.header("schedule-tag"), Some(tag.as_str()));

    let changed = body.replace("SUMMARY:Lunch", "SUMMARY:Late lunch");
    for condition in [
        ("if-match", tag.as_str()),
        ("if-schedule-tag-match", "\"x\""),
    ] {
        assert_eq!(
            ground.put_if(EVENT, condition, &changed).await?.shown(),
            REFUSED
        );
        assert_eq!(
            ground
                .send("DELETE", EVENT, &[condition], "")
                .await?
                .shown(),
            REFUSED
        );
    }
    let condition = ("if-schedule-tag-match", tag.as_str());
    let stored = answered.replace("SUMMARY:Lunch", "SUMMARY:Late lunch");
    let answer = ground.put_if(EVENT, condition, &changed).await?;
    // No entity tag, for the answer was added to what was sent.
    assert_eq!(
        answer.shown(),
        format!("204\nschedule-tag: {}", etag(&stored))
    );
    assert_eq!(ground.get(EVENT).await?.text(), stored);
    assert_eq!(
        ground.put_if(EVENT, condition, &changed).await?.shown(),
        REFUSED
    );
    Ok(())
}

#[tokio::test]
async fn what_is_no_meeting_has_no_schedule_tag_to_match() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    let condition = ("if-schedule-tag-match", "\"x\"");
    assert_eq!(
        ground.put_if(EVENT, condition, &body).await?.shown(),
        REFUSED
    );
    ground.put(EVENT, body.clone()).await?;
    let tag = etag(&body);
    for value in [tag.as_str(), "*"] {
        let answer = ground
            .put_if(EVENT, ("if-schedule-tag-match", value), &body)
            .await?;
        assert_eq!(answer.shown(), REFUSED, "{value}");
    }
    Ok(())
}

#[tokio::test]
async fn lists_of_the_if_header_are_respected() -> Result<()> {
    let ground = Ground::new().await?;
    let bodies = [object("uid-a", ""), object("uid-a", "LOCATION:Here\r\n")];
    ground.put(EVENT, bodies[0].clone()).await?;
    let tag = etag(&bodies[0]);
    let token = ground
        .propfind(CALENDAR, "0", "<d:sync-token/>")
        .await?
        .all_between("<d:sync-token>", "<")
        .concat();
    for (value, status) in [
        ("([\"x\"])".to_owned(), 412),
        (format!("([W/{tag}])"), 412),
        (format!("(Not [{tag}])"), 412),
        ("(<urn:uuid:a-lock>)".to_owned(), 412),
        (format!("(<{token}x>)"), 412),
        (format!("<{CALENDAR}b.ics> ([{tag}])"), 412),
        ("nonsense".to_owned(), 400),
        (format!("([{tag}] <{token}>)"), 204),
        (
            format!("(<urn:uuid:a-lock>) (Not <DAV:no-lock> [{tag}])"),
            204,
        ),
        (format!("<https://cal.example{EVENT}> ([{tag}])"), 204),
        (format!("<{CALENDAR}> (<{token}>)"), 204),
    ] {
        // The same content again: the tag and token stay.
        let answer = ground.put_if(EVENT, ("if", &value), &bodies[0]).await?;
        assert_eq!(answer.status, status, "{value}");
    }
    ground.put(EVENT, bodies[1].clone()).await?;
    for value in [format!("([{tag}])"), format!("<{CALENDAR}> (<{token}>)")] {
        assert_eq!(
            ground
                .put_if(EVENT, ("if", &value), &bodies[0])
                .await?
                .shown(),
            REFUSED
        );
        assert_eq!(
            ground
                .send("DELETE", EVENT, &[("if", &value)], "")
                .await?
                .shown(),
            REFUSED
        );
    }
    Ok(())
}

/// Some clients repeat an ATTENDEE; the people are the same.
#[tokio::test]
async fn attendee_that_is_named_twice_is_invited_once() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object(
        "uid-a",
        "ORGANIZER:mailto:tg_1001@televent.internal\r\n\
         ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_98765@televent.internal\r\n\
         ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Bob:MAILTO:tg_98765@Televent.Internal\r\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@example.org\r\n\
         ATTENDEE;PARTSTAT=DECLINED:mailto:guest@example.org\r\n",
    );
    assert_eq!(ground.put(EVENT, body.clone()).await?.status, 201);
    assert_eq!(ground.outbox().await?, ["invite_notification 98765"]);
    let mut addresses = ground.rows("select address from event_attendees").await?;
    addresses.sort_unstable();
    assert_eq!(
        addresses,
        ["guest@example.org", "tg_98765@televent.internal"]
    );
    assert_eq!(
        ground
            .put(EVENT, body.replace("Lunch", "Dinner"))
            .await?
            .status,
        204
    );
    Ok(())
}

#[tokio::test]
async fn every_kind_of_component_is_kept() -> Result<()> {
    let ground = Ground::new().await?;
    let free_busy = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\nUID:f\r\nDTSTAMP:20260101T000000Z\r\n\
                     FREEBUSY:20260105T100000Z/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n";
    let journal = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VJOURNAL\r\nUID:j\r\nDTSTART;VALUE=DATE:20260105\r\n\
                   SUMMARY:Today\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n";
    for (name, kind, body) in [
        ("f.ics", "VFREEBUSY", free_busy),
        ("j.ics", "VJOURNAL", journal),
    ] {
        let path = format!("{CALENDAR}{name}");
        assert_eq!(ground.put(&path, body).await?.status, 201, "{kind}");
        let answer = ground.get(&path).await?;
        let media_type = format!("text/calendar; charset=utf-8; component={kind}");
        assert_eq!(
            (answer.text().as_str(), answer.header("content-type")),
            (body, Some(media_type.as_str()))
        );
    }
    Ok(())
}
