//! PUT of what can't be stored: the status, and the precondition of RFC 4791 section 5.3.2.1 that names the fault.

use anyhow::Result;
use axum::http::{Request, header};

use crate::support::{EVENT, Ground, object, violated};

/// The largest object that is taken.
const LIMIT: usize = 1024 * 1024;

async fn check(
    ground: &Ground,
    body: impl Into<Vec<u8>>,
    condition: &str,
    why: &str,
) -> Result<()> {
    let answer = ground.put(EVENT, body.into()).await?;
    assert_eq!(
        answer.shown(),
        violated(403, &format!("<c:{condition}/>"), why)
    );
    Ok(())
}

async fn assert_nothing_was_stored(ground: &Ground) -> Result<()> {
    assert_eq!(
        ground.rows("select resource_name from events").await?,
        [""; 0]
    );
    assert_eq!(ground.ctag().await?, (1, 1));
    assert_eq!(ground.get(EVENT).await?.status, 404);
    Ok(())
}

/// An object of exactly this many bytes.
fn object_of(bytes: usize) -> String {
    let padding = bytes - object("uid-a", "").len() - "X-PAD:\r\n".len();
    object("uid-a", &format!("X-PAD:{}\r\n", "x".repeat(padding)))
}

#[tokio::test]
async fn body_over_the_limit_is_too_large_and_one_at_the_limit_is_not() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground.put(EVENT, object_of(LIMIT + 1)).await?;
    assert_eq!(
        answer.shown(),
        violated(413, "<c:max-resource-size/>", "the body is too large")
    );
    assert_nothing_was_stored(&ground).await?;
    assert_eq!(ground.put(EVENT, object_of(LIMIT)).await?.status, 201);
    assert_eq!(ground.get(EVENT).await?.body.len(), LIMIT);
    Ok(())
}

#[tokio::test]
async fn what_is_not_icalendar_is_no_valid_calendar_data() -> Result<()> {
    let ground = Ground::new().await?;
    let valid = object("uid-a", "");
    let condition = "valid-calendar-data";
    let no_line_breaks = "not valid iCalendar: it has no line breaks (curl sends them with --data-binary, and removes them with --data)";
    check(&ground, "", condition, no_line_breaks).await?;
    check(&ground, "hello", condition, no_line_breaks).await?;
    check(
        &ground,
        valid.replace("\r\n", ""),
        condition,
        no_line_breaks,
    )
    .await?;
    check(
        &ground,
        "<html>\n",
        condition,
        "not valid iCalendar: line 1: a line has no colon before its value",
    )
    .await?;
    check(
        &ground,
        valid.replace("Lunch", "Lun\0ch"),
        condition,
        "not valid iCalendar: it holds a NUL byte",
    )
    .await?;
    check(
        &ground,
        valid.replace("END:VCALENDAR\r\n", ""),
        condition,
        "not valid iCalendar: it ends before END:VCALENDAR",
    )
    .await?;
    check(
        &ground,
        valid.replace("VERSION:2.0", "VERSION:1.0"),
        condition,
        "not valid iCalendar: line 2: VERSION is not 2.0",
    )
    .await?;
    check(
        &ground,
        valid.replace("20260105T100000Z", "tomorrow & <after>"),
        condition,
        "not valid iCalendar: line 7: DTSTART is neither a date nor a time",
    )
    .await?;
    let mut uid_of_no_text = valid.clone().into_bytes();
    let place = valid.find("uid-a").expect("the UID");
    uid_of_no_text[place] = 0xff;
    check(
        &ground,
        uid_of_no_text,
        condition,
        "not valid iCalendar: line 5: the UID is not UTF-8",
    )
    .await?;
    assert_nothing_was_stored(&ground).await
}

#[tokio::test]
async fn what_is_not_one_object_is_no_valid_calendar_object_resource() -> Result<()> {
    let ground = Ground::new().await?;
    let valid = object("uid-a", "");
    let condition = "valid-calendar-object-resource";
    let two =
        |second: &str| valid.replace("END:VCALENDAR\r\n", &format!("{second}END:VCALENDAR\r\n"));
    check(
        &ground,
        two("BEGIN:VEVENT\r\nUID:uid-b\r\nDTSTART:20260105T100000Z\r\nEND:VEVENT\r\n"),
        condition,
        "not a calendar object: line 14: it holds components of different UIDs",
    )
    .await?;
    check(
        &ground,
        valid.replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n"),
        condition,
        "not a calendar object: line 3: METHOD is for messages, not for objects in a calendar",
    )
    .await?;
    check(
        &ground,
        two("BEGIN:VEVENT\r\nUID:uid-a\r\nDTSTART:20260105T100000Z\r\nEND:VEVENT\r\n"),
        condition,
        "not a calendar object: line 14: two components of the same UID have no RECURRENCE-ID",
    )
    .await?;
    check(
        &ground,
        two("BEGIN:VTODO\r\nUID:uid-a\r\nEND:VTODO\r\n"),
        condition,
        "not a calendar object: line 11: it holds both a VEVENT and a VTODO",
    )
    .await?;
    check(
        &ground,
        valid.replace("UID:uid-a\r\n", ""),
        condition,
        "not a calendar object: line 9: a VEVENT has no UID",
    )
    .await?;
    check(
        &ground,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
        condition,
        "not a calendar object: it holds none of VEVENT, VTODO, VJOURNAL and VFREEBUSY",
    )
    .await?;
    check(
        &ground,
        object(&"u".repeat(1025), ""),
        condition,
        "not a calendar object: line 10: the UID is longer than 1024 bytes",
    )
    .await?;
    assert_nothing_was_stored(&ground).await
}

#[tokio::test]
async fn other_components_are_not_supported() -> Result<()> {
    let ground = Ground::new().await?;
    for kind in ["VAVAILABILITY", "VPOLL"] {
        check(
            &ground,
            object("uid-a", "").replace("VEVENT", kind),
            "supported-calendar-component",
            &format!("components of the kind {kind} are not kept here, only VEVENT, VTODO, VJOURNAL and VFREEBUSY"),
        )
        .await?;
    }
    assert_nothing_was_stored(&ground).await
}

#[tokio::test]
async fn attendees_and_instances_over_their_limits_are_named() -> Result<()> {
    let ground = Ground::new().await?;
    let attendees = |count: usize| -> String {
        (1..=count)
            .map(|id| format!("ATTENDEE:mailto:tg_{id}@televent.internal\r\n"))
            .collect()
    };
    check(
        &ground,
        object("uid-a", &attendees(1_001)),
        "max-attendees-per-instance",
        "an instance has 1001 attendees, more than 1000",
    )
    .await?;
    let instances: String = (0..1_000)
        .map(|index| {
            format!(
                "BEGIN:VEVENT\r\nUID:uid-a\r\nRECURRENCE-ID:20260105T{:02}{:02}00Z\r\nDTSTART:20260105T100000Z\r\nEND:VEVENT\r\n",
                index / 60,
                index % 60
            )
        })
        .collect();
    check(
        &ground,
        object("uid-a", "").replace(
            "END:VCALENDAR\r\n",
            &format!("{instances}END:VCALENDAR\r\n"),
        ),
        "max-instances",
        "the object has 1001 instances, more than 1000",
    )
    .await?;
    check(
        &ground,
        object(
            "uid-a",
            "ORGANIZER:mailto:a@example.org\r\nORGANIZER:mailto:b@example.org\r\n",
        ),
        "same-organizer-in-all-components",
        "the components of the object have different organizers",
    )
    .await?;
    assert_nothing_was_stored(&ground).await?;

    let answer = ground
        .put(EVENT, object("uid-a", &attendees(1_000)))
        .await?;
    assert_eq!(answer.status, 201);
    assert_eq!(
        ground
            .rows("select count(*)::text from outbox_messages")
            .await?,
        ["1000"]
    );
    Ok(())
}

#[tokio::test]
async fn other_media_types_are_not_supported() -> Result<()> {
    let ground = Ground::new().await?;
    for media_type in [
        "application/json",
        "text/plain",
        "application/calendar+json",
        "multipart/form-data; boundary=x",
        "x",
    ] {
        let answer = ground
            .send(
                "PUT",
                EVENT,
                &[("content-type", media_type)],
                object("uid-a", ""),
            )
            .await?;
        let expected = violated(
            415,
            "<c:supported-calendar-data/>",
            "only text/calendar is kept here",
        );
        assert_eq!(answer.shown(), expected, "{media_type}");
    }
    assert_nothing_was_stored(&ground).await
}

#[tokio::test]
async fn types_that_say_nothing_leave_it_to_the_content() -> Result<()> {
    let ground = Ground::new().await?;
    for (index, media_type) in [
        "text/calendar",
        "Text/Calendar;charset=utf-8;component=VEVENT",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/dav/calendars/1001/default/{index}.ics");
        let answer = ground
            .send(
                "PUT",
                &path,
                &[("content-type", media_type)],
                object(&index.to_string(), ""),
            )
            .await?;
        assert_eq!(answer.status, 201, "{media_type}");
    }
    assert_eq!(
        ground
            .send("PUT", EVENT, &[], object("uid-a", ""))
            .await?
            .status,
        201
    );
    Ok(())
}

#[tokio::test]
async fn malformed_conditions_are_bad_requests() -> Result<()> {
    let ground = Ground::new().await?;
    for (name, value) in [
        ("if-match", "abc"),
        ("if-none-match", "\"abc"),
        ("if-match", "\"a\" \"b\""),
    ] {
        let answer = ground
            .put_if(EVENT, (name, value), &object("uid-a", ""))
            .await?;
        let expected = format!(
            "400\ncontent-type: text/plain; charset=utf-8\n\n{name} is not a list of entity tags"
        );
        assert_eq!(answer.shown(), expected, "{value}");
    }
    let request = Request::builder()
        .method("PUT")
        .uri(EVENT)
        .header(header::AUTHORIZATION, &ground.ann)
        .header(
            header::IF_MATCH,
            axum::http::HeaderValue::from_bytes(b"\"\xff\"")?,
        )
        .body(object("uid-a", "").into())?;
    assert_eq!(ground.raw(request).await?.status, 400);
    assert_nothing_was_stored(&ground).await
}
