//! COPY and MOVE (RFC 4918 sections 9.8 and 9.9) within the asker's calendars.

use anyhow::Result;

use crate::support::{
    Answer, CALENDAR, EVENT, Ground, HOME, etag, invitation, multistatus, object, response,
    violated,
};

const WORK: &str = "/dav/calendars/1001/work/";
const AT_WORK: &str = "/dav/calendars/1001/work/b.ics";
const RENAMED: &str = "/dav/calendars/1001/default/b%20c.ics";
const NOBODY: [&str; 0] = [];

async fn with_two_calendars() -> Result<Ground> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    Ok(ground)
}

async fn go(ground: &Ground, method: &str, from: &str, to: &str) -> Result<Answer> {
    ground.send(method, from, &[("destination", to)], "").await
}

fn created(to: &str) -> String {
    format!("201\nlocation: {to}")
}

#[tokio::test]
async fn moved_object_is_the_same_object_elsewhere() -> Result<()> {
    let ground = with_two_calendars().await?;
    let body = object("uid-a", "");
    for (from, to) in [(EVENT, RENAMED), (RENAMED, AT_WORK), (AT_WORK, EVENT)] {
        if from == EVENT {
            ground.put(EVENT, body.clone()).await?;
            ground
                .proppatch(
                    EVENT,
                    "<d:set><d:prop><e:note xmlns:e='urn:e'>x</e:note></d:prop></d:set>",
                )
                .await?;
        }
        let id = ground
            .rows("select id::text from events where deleted_at is null")
            .await?;
        let answer = go(&ground, "MOVE", from, to).await?;
        assert_eq!(answer.shown(), created(to), "{from}");
        assert_eq!(ground.get(from).await?.status, 404, "{from}");
        let answer = ground.get(to).await?;
        assert_eq!(
            (answer.text(), answer.header("etag")),
            (body.clone(), Some(etag(&body).as_str()))
        );
        let answer = ground
            .propfind(to, "0", "<e:note xmlns:e='urn:e'/>")
            .await?;
        assert_eq!(
            answer.shown(),
            multistatus(&response(to, "<note xmlns=\"urn:e\">x</note>", ""))
        );
        assert_eq!(
            ground
                .rows("select id::text from events where deleted_at is null")
                .await?,
            id
        );
    }
    Ok(())
}

#[tokio::test]
async fn move_of_a_meeting_tells_nobody() -> Result<()> {
    let ground = with_two_calendars().await?;
    ground.put(EVENT, invitation("uid-a")).await?;
    ground.sql("delete from outbox_messages").await?;
    assert_eq!(go(&ground, "MOVE", EVENT, AT_WORK).await?.status, 201);
    assert_eq!(ground.outbox().await?, NOBODY);
    assert_eq!(ground.get(AT_WORK).await?.text(), invitation("uid-a"));
    // It still is the meeting that it was: its removal is a cancellation.
    ground.delete(AT_WORK).await?;
    assert_eq!(
        ground.outbox().await?,
        ["invite_notification 98765", "rsvp_notification 1001"]
    );
    Ok(())
}

#[tokio::test]
async fn both_calendars_notice_a_move() -> Result<()> {
    let ground = with_two_calendars().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    go(&ground, "MOVE", EVENT, AT_WORK).await?;
    assert_eq!(ground.ctag().await?, (3, 3));
    let answer = ground.propfind(WORK, "1", "<cs:getctag/>").await?;
    assert_eq!(answer.hrefs(), [WORK, AT_WORK]);
    assert!(answer.text().contains("<cs:getctag>2</cs:getctag>"));
    Ok(())
}

#[tokio::test]
async fn move_over_a_resource_replaces_it_unless_that_is_excluded() -> Result<()> {
    let ground = with_two_calendars().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    ground.put(AT_WORK, invitation("uid-b")).await?;
    ground.sql("delete from outbox_messages").await?;
    let headers = [("destination", AT_WORK), ("overwrite", "F")];
    let answer = ground.send("MOVE", EVENT, &headers, "").await?;
    assert_eq!(answer.status, 412);
    assert_eq!(ground.get(AT_WORK).await?.text(), invitation("uid-b"));
    assert_eq!(ground.outbox().await?, NOBODY);

    let answer = go(&ground, "MOVE", EVENT, AT_WORK).await?;
    assert_eq!(answer.shown(), "204");
    assert_eq!(ground.get(AT_WORK).await?.text(), object("uid-a", ""));
    assert_eq!(
        ground.outbox().await?,
        ["invite_notification 98765", "rsvp_notification 1001"]
    );
    let headers = [("destination", EVENT), ("overwrite", "maybe")];
    assert_eq!(
        ground.send("COPY", AT_WORK, &headers, "").await?.status,
        400
    );
    Ok(())
}

#[tokio::test]
async fn uid_is_once_in_a_calendar_after_a_move_or_copy_too() -> Result<()> {
    let ground = with_two_calendars().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    ground
        .put(&format!("{WORK}same.ics"), object("uid-a", ""))
        .await?;
    let conflict = |href: &str| {
        violated(
            403,
            &format!("<c:no-uid-conflict>\n<d:href>{href}</d:href>\n</c:no-uid-conflict>"),
            "another resource of the calendar has this UID",
        )
    };
    for method in ["MOVE", "COPY"] {
        let answer = go(&ground, method, EVENT, AT_WORK).await?;
        assert_eq!(
            answer.shown(),
            conflict(&format!("{WORK}same.ics")),
            "{method}"
        );
    }
    let answer = go(&ground, "COPY", EVENT, RENAMED).await?;
    assert_eq!(answer.shown(), conflict(EVENT));
    assert_eq!(ground.get(EVENT).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn copy_leaves_the_original_and_has_its_bytes() -> Result<()> {
    let ground = with_two_calendars().await?;
    let body = object("uid-a", "X-THING;X-A=\"b;c\":1\r\n").replace("SUMMARY", "SUM\r\n MARY");
    ground.put(EVENT, body.clone()).await?;
    let answer = go(
        &ground,
        "COPY",
        EVENT,
        &format!("https://cal.example{AT_WORK}"),
    )
    .await?;
    assert_eq!(answer.shown(), created(AT_WORK));
    assert_eq!(ground.get(EVENT).await?.text(), body);
    assert_eq!(ground.get(AT_WORK).await?.text(), body);

    // The same again is a replacement.
    let changed = body.replace("Lunch", "Dinner");
    ground.put(EVENT, changed.clone()).await?;
    let headers = [("destination", AT_WORK), ("overwrite", "F")];
    assert_eq!(ground.send("COPY", EVENT, &headers, "").await?.status, 412);
    assert_eq!(ground.get(AT_WORK).await?.text(), body);
    assert_eq!(go(&ground, "COPY", EVENT, AT_WORK).await?.shown(), "204");
    assert_eq!(ground.get(AT_WORK).await?.text(), changed);
    Ok(())
}

#[tokio::test]
async fn meeting_is_not_copied() -> Result<()> {
    let ground = with_two_calendars().await?;
    ground.put(EVENT, invitation("uid-a")).await?;
    ground.sql("delete from outbox_messages").await?;
    let answer = go(&ground, "COPY", EVENT, AT_WORK).await?;
    let why = "a meeting is in one of your calendars only; MOVE it instead";
    assert_eq!(
        answer.shown(),
        violated(403, "<c:unique-scheduling-object-resource/>", why)
    );
    assert_eq!(
        (ground.get(AT_WORK).await?.status, ground.outbox().await?),
        (404, Vec::new())
    );
    Ok(())
}

#[tokio::test]
async fn calendar_that_does_not_take_a_kind_does_not_take_it_by_move_or_copy() -> Result<()> {
    let ground = Ground::new().await?;
    let tasks = "<d:set><d:prop><c:supported-calendar-component-set><c:comp name='VTODO'/></c:supported-calendar-component-set></d:prop></d:set>";
    ground
        .send_xml("MKCALENDAR", WORK, &[], "c:mkcalendar", tasks)
        .await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for method in ["MOVE", "COPY"] {
        let answer = go(&ground, method, EVENT, AT_WORK).await?;
        let why = "this calendar takes VTODO, not VEVENT";
        assert_eq!(
            answer.shown(),
            violated(403, "<c:supported-calendar-component/>", why),
            "{method}"
        );
    }
    assert_eq!(ground.get(EVENT).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn conditions_are_about_the_source() -> Result<()> {
    let ground = with_two_calendars().await?;
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    let tag = etag(&body);
    for method in ["COPY", "MOVE"] {
        for (name, value, status) in [
            ("if-match", "\"x\"", 412),
            ("if-none-match", tag.as_str(), 412),
            ("if", "([\"x\"])", 412),
            ("if-match", tag.as_str(), 201),
        ] {
            let headers = [("destination", AT_WORK), (name, value)];
            let answer = ground.send(method, EVENT, &headers, "").await?;
            assert_eq!(answer.status, status, "{method} {name}: {value}");
        }
        if method == "COPY" {
            ground.delete(AT_WORK).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn destination_must_be_a_place_of_ones_own() -> Result<()> {
    let ground = with_two_calendars().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for method in ["COPY", "MOVE"] {
        for (destination, status) in [
            (EVENT, 403),
            ("/dav/calendars/6666/default/a.ics", 403),
            ("/dav/calendars/4711/default/a.ics", 403),
            (WORK, 403),
            (HOME, 403),
            ("/dav/principals/1001/", 403),
            ("/dav/calendars/1001/none/a.ics", 409),
            ("/dav/calendars/1001/inbox/a.ics", 403),
            ("/dav/calendars/1001/outbox/a.ics", 400),
            ("/elsewhere", 400),
            ("a.ics", 400),
            ("", 400),
        ] {
            let answer = go(&ground, method, EVENT, destination).await?;
            assert_eq!(
                answer.status,
                status,
                "{method} {destination}: {}",
                answer.shown()
            );
        }
        assert_eq!(
            ground.send(method, EVENT, &[], "").await?.status,
            400,
            "no Destination"
        );
        let answer = go(
            &ground,
            method,
            "/dav/calendars/1001/default/none.ics",
            AT_WORK,
        )
        .await?;
        assert_eq!(answer.status, 404, "{method} of nothing");
    }
    assert_eq!(
        ground.rows("select resource_name from events").await?,
        ["a.ics"]
    );
    Ok(())
}

#[tokio::test]
async fn calendar_moves_with_all_that_is_in_it() -> Result<()> {
    let ground = with_two_calendars().await?;
    ground.put(AT_WORK, object("uid-a", "")).await?;
    let to = "/dav/calendars/1001/new%20work/";
    let answer = go(&ground, "MOVE", WORK, to).await?;
    assert_eq!(answer.shown(), created(to));
    assert_eq!(ground.get(AT_WORK).await?.status, 404);
    let answer = ground.propfind(to, "1", "<d:getetag/>").await?;
    assert_eq!(answer.hrefs(), [to.to_owned(), format!("{to}b.ics")]);

    // Not over another one, whatever Overwrite says: that would delete everything in it.
    let answer = go(&ground, "MOVE", to, CALENDAR).await?;
    let why = "there is a calendar at the destination; delete it first";
    assert_eq!(
        answer.shown(),
        violated(403, "<d:resource-must-be-null/>", why)
    );
    let headers = [("destination", CALENDAR), ("overwrite", "F")];
    assert_eq!(ground.send("MOVE", to, &headers, "").await?.status, 412);
    for destination in [EVENT, "/dav/calendars/1001/inbox/", HOME] {
        let answer = go(&ground, "MOVE", to, destination).await?;
        let why = "an object goes into a calendar, a calendar into the home";
        assert_eq!(
            answer.shown(),
            violated(403, "<c:calendar-collection-location-ok/>", why)
        );
    }
    assert_eq!(go(&ground, "MOVE", WORK, to).await?.status, 404);
    Ok(())
}
