//! POST to the outbox (RFC 6638 section 5): when are these people busy?

use anyhow::Result;
use televent_store::Directory;

use crate::{
    answer::document,
    support::{ANN, Answer, CALENDAR, EVENT, Ground, OUTBOX, PUBLIC_URL, invitation, object},
};

pub const BOB: i64 = 98_765;

/// A request of Ann's for the fifth of January 2026.
pub fn request(attendees: &[&str]) -> String {
    let attendees: String = attendees
        .iter()
        .map(|address| format!("ATTENDEE:{address}\r\n"))
        .collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tests//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:request-1\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART:20260105T000000Z\r\nDTEND:20260106T000000Z\r\n\
         ORGANIZER:mailto:tg_1001@televent.internal\r\n{attendees}END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
}

pub async fn ask(ground: &Ground, attendees: &[&str]) -> Result<Answer> {
    let headers = [("content-type", "text/calendar; charset=utf-8")];
    ground
        .send("POST", OUTBOX, &headers, request(attendees))
        .await
}

/// Bob gets an account and is busy from noon on.
pub async fn bob(ground: &Ground) -> Result<()> {
    let authorization = crate::support::account(&ground.store, BOB, "Bob").await?;
    let body = object("uid-b", "")
        .replace("T100000Z", "T120000Z")
        .replace("T110000Z", "T123000Z");
    let headers = [("authorization", authorization.as_str())];
    let answer = ground
        .send("PUT", "/dav/calendars/98765/default/b.ics", &headers, body)
        .await?;
    anyhow::ensure!(answer.status == 201, "{}", answer.shown());
    Ok(())
}

#[tokio::test]
async fn times_are_told_to_acquaintances_alone() -> Result<()> {
    let ground = Ground::new().await?;
    bob(&ground).await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let everybody = [
        "mailto:tg_1001@televent.internal",
        "mailto:tg_98765@televent.internal",
        "mailto:tg_6666@televent.internal",
        "mailto:tg_4711@televent.internal",
        "mailto:guest@example.org",
    ];
    let unknown = |address: &str| {
        format!(
            "<c:response>\n<c:recipient>\n<d:href>{address}</d:href>\n</c:recipient>\n\
             <c:request-status>3.7;Invalid calendar user</c:request-status>\n</c:response>\n"
        )
    };
    let answer = ask(&ground, &everybody[1..]).await?;
    let expected: String = everybody[1..]
        .iter()
        .map(|address| unknown(address))
        .collect();
    let head = "200\ncontent-type: application/xml; charset=utf-8\n\n";
    assert_eq!(
        answer.shown(),
        format!("{head}{}", document("c:schedule-response", &expected))
    );

    // Whom one has invited, one knows.
    ground
        .put(
            "/dav/calendars/1001/default/i.ics",
            invitation("uid-i").replace("20260105", "20260205"),
        )
        .await?;
    let answer = ask(&ground, &everybody).await?;
    let stamp = answer
        .all_between("DTSTAMP:", "&")
        .first()
        .cloned()
        .unwrap_or_default();
    let known = |id: i64, busy: &str| {
        let address = format!("mailto:tg_{id}@televent.internal");
        let data = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//CalDAV server//EN\r\nMETHOD:REPLY\r\nBEGIN:VFREEBUSY\r\nUID:request-1\r\nDTSTAMP:{stamp}\r\n\
             DTSTART:20260105T000000Z\r\nDTEND:20260106T000000Z\r\nORGANIZER:mailto:tg_1001@televent.internal\r\n\
             ATTENDEE:{address}\r\nFREEBUSY;FBTYPE=BUSY:{busy}\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
        );
        format!(
            "<c:response>\n<c:recipient>\n<d:href>{address}</d:href>\n</c:recipient>\n<c:request-status>2.0;Success</c:request-status>\n\
             <c:calendar-data>{}</c:calendar-data>\n</c:response>\n",
            data.replace('\r', "&#13;")
        )
    };
    let mut expected = known(ANN, "20260105T100000Z/20260105T110000Z");
    expected.push_str(&known(BOB, "20260105T120000Z/20260105T123000Z"));
    expected.extend(everybody[2..].iter().map(|address| unknown(address)));
    assert_eq!(
        answer.shown(),
        format!("{head}{}", document("c:schedule-response", &expected))
    );
    Ok(())
}

#[tokio::test]
async fn with_an_open_directory_everybody_with_an_account_is_known() -> Result<()> {
    let ground = Ground::with(PUBLIC_URL, Directory::Everyone).await?;
    bob(&ground).await?;
    let answer = ask(
        &ground,
        &[
            "mailto:tg_98765@televent.internal",
            "mailto:tg_4711@televent.internal",
        ],
    )
    .await?;
    assert_eq!(
        answer.all_between("<c:request-status>", "<"),
        ["2.0;Success", "3.7;Invalid calendar user"]
    );
    Ok(())
}

/// The busy times of an answer.
pub fn times(answer: &Answer) -> Vec<String> {
    answer.all_between("FREEBUSY;FBTYPE=", "&")
}

#[tokio::test]
async fn only_what_makes_its_owner_busy_counts_and_no_word_of_it_is_told() -> Result<()> {
    let ground = Ground::new().await?;
    let invited = |part_stat: &str| {
        format!(
            "ORGANIZER:mailto:boss@example.org\r\nATTENDEE;PARTSTAT={part_stat}:MAILTO:tg_1001@Televent.Internal\r\n"
        )
    };
    let hours = [
        String::new(),
        "TRANSP:TRANSPARENT\r\n".to_owned(),
        "STATUS:TENTATIVE\r\n".to_owned(),
        "STATUS:CANCELLED\r\n".to_owned(),
        invited("DECLINED"),
        invited("NEEDS-ACTION"),
        invited("TENTATIVE"),
        invited("ACCEPTED"),
        format!("STATUS:CANCELLED\r\n{}", invited("ACCEPTED")),
        "LOCATION:Secret place\r\nDESCRIPTION:Secret talk\r\nCATEGORIES:Secret\r\n".to_owned(),
    ];
    for (hour, lines) in hours.iter().enumerate() {
        let body = object(&format!("uid-{hour}"), lines)
            .replace("Lunch", "Secret lunch")
            .replace("T100000Z", &format!("T{hour:02}0000Z"))
            .replace("T110000Z", &format!("T{hour:02}3000Z"));
        let answer = ground.put(&format!("{CALENDAR}{hour}.ics"), body).await?;
        anyhow::ensure!(answer.status == 201, "{}", answer.shown());
    }
    let answer = ask(&ground, &["mailto:tg_1001@televent.internal"]).await?;
    assert_eq!(
        times(&answer),
        [
            "BUSY:20260105T000000Z/20260105T003000Z",
            "BUSY-TENTATIVE:20260105T020000Z/20260105T023000Z",
            "BUSY-TENTATIVE:20260105T050000Z/20260105T053000Z",
            "BUSY-TENTATIVE:20260105T060000Z/20260105T063000Z",
            "BUSY:20260105T070000Z/20260105T073000Z",
            "BUSY:20260105T090000Z/20260105T093000Z",
        ]
    );
    for secret in ["Secret", "uid-", "boss"] {
        assert!(!answer.text().contains(secret), "{}", answer.shown());
    }
    Ok(())
}

/// A declined instance of a series leaves that day free, and the others busy.
#[tokio::test]
async fn declined_instance_is_free() -> Result<()> {
    let ground = Ground::new().await?;
    let invited = |part_stat: &str| {
        format!(
            "ORGANIZER:mailto:boss@example.org\r\nATTENDEE;PARTSTAT={part_stat}:mailto:tg_1001@televent.internal\r\n"
        )
    };
    let series = object(
        "uid-a",
        &format!("RRULE:FREQ=HOURLY;COUNT=3\r\n{}", invited("ACCEPTED")),
    )
    .replace("T110000Z", "T103000Z");
    let declined = format!(
        "BEGIN:VEVENT\r\nUID:uid-a\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20260105T110000Z\r\nDTSTART:20260105T110000Z\r\n\
         DTEND:20260105T113000Z\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n",
        invited("DECLINED")
    );
    ground
        .put(EVENT, series.replace("END:VCALENDAR\r\n", &declined))
        .await?;
    let answer = ask(&ground, &["mailto:tg_1001@televent.internal"]).await?;
    assert_eq!(
        times(&answer),
        [
            "BUSY:20260105T100000Z/20260105T103000Z",
            "BUSY:20260105T120000Z/20260105T123000Z",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn scheduling_messages_and_deleted_calendars_make_nobody_busy() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    ground
        .put("/dav/calendars/1001/work/a.ics", object("uid-a", ""))
        .await?;
    ground.delete("/dav/calendars/1001/work/").await?;
    let message = object("uid-b", "").replace("BEGIN:VEVENT", "METHOD:REQUEST\r\nBEGIN:VEVENT");
    ground
        .sql(&format!(
            "insert into events (id, calendar_id, resource_name, uid, component, object, etag, revision, owner_organizes,
                                 schedule_tag, method)
             select gen_random_uuid(), id, 'b.ics', 'uid-b', 'VEVENT', convert_to('{message}', 'UTF8'), 'tag', 2, false,
                    'tag', 'REQUEST'
             from calendars where owner = {ANN} and kind = 'inbox'"
        ))
        .await?;
    assert_eq!(
        ground
            .rows("select uid from events where method is not null")
            .await?,
        ["uid-b"]
    );
    let answer = ask(&ground, &["mailto:tg_1001@televent.internal"]).await?;
    assert_eq!(
        answer.all_between("<c:request-status>", "<"),
        ["2.0;Success"]
    );
    assert!(times(&answer).is_empty(), "{}", answer.shown());
    Ok(())
}

/// As Apple's apps ask while an event is edited: its own time shall not be in the way.
#[tokio::test]
async fn event_that_is_being_planned_does_not_count() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let other = object("uid-b", "")
        .replace("T100000Z", "T150000Z")
        .replace("T110000Z", "T160000Z");
    ground.put(&format!("{CALENDAR}b.ics"), other).await?;
    let body = request(&["mailto:tg_1001@televent.internal"]).replace(
        "END:VFREEBUSY",
        "X-CALENDARSERVER-MASK-UID:uid-a\r\nEND:VFREEBUSY",
    );
    let headers = [("content-type", "text/calendar")];
    let answer = ground.send("POST", OUTBOX, &headers, body).await?;
    assert_eq!(times(&answer), ["BUSY:20260105T150000Z/20260105T160000Z"]);
    Ok(())
}

#[tokio::test]
async fn scheme_and_domain_are_the_same_in_any_case_and_come_back_as_written() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let shouted = "MAILTO:tg_1001@TELEVENT.Internal";
    let body = request(&[shouted]).replace("ORGANIZER:mailto:tg_1001", "ORGANIZER:MailTo:tg_1001");
    let headers = [("content-type", "text/calendar")];
    let answer = ground.send("POST", OUTBOX, &headers, body).await?;
    assert_eq!(times(&answer), ["BUSY:20260105T100000Z/20260105T110000Z"]);
    assert_eq!(answer.all_between("<d:href>", "<"), [shouted]);
    assert_eq!(answer.all_between("ATTENDEE:", "&"), [shouted]);
    Ok(())
}

#[tokio::test]
async fn transparent_calendars_leave_their_owner_free() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    ground
        .put(
            "/dav/calendars/1001/work/a.ics",
            object("uid-a", "").replace("T110000Z", "T113000Z"),
        )
        .await?;
    let busy = async || -> Result<Vec<String>> {
        let answer = ask(&ground, &["mailto:tg_1001@televent.internal"]).await?;
        Ok(answer.all_between("FREEBUSY;FBTYPE=", "&"))
    };
    assert_eq!(busy().await?, ["BUSY:20260105T100000Z/20260105T113000Z"]);
    let transparent = "<d:set><d:prop><c:schedule-calendar-transp><c:transparent/></c:schedule-calendar-transp></d:prop></d:set>";
    ground
        .proppatch("/dav/calendars/1001/work/", transparent)
        .await?;
    assert_eq!(busy().await?, ["BUSY:20260105T100000Z/20260105T110000Z"]);
    Ok(())
}

#[tokio::test]
async fn what_is_no_request_of_the_asker_is_refused() -> Result<()> {
    let ground = Ground::new().await?;
    let good = request(&["mailto:tg_1001@televent.internal"]);
    let headers = [("content-type", "text/calendar")];
    for (body, condition) in [
        (String::new(), "c:valid-calendar-data"),
        ("hello".to_owned(), "c:valid-calendar-data"),
        (
            good.replace("METHOD:REQUEST\r\n", ""),
            "c:valid-scheduling-message",
        ),
        (
            good.replace("VFREEBUSY", "VEVENT"),
            "c:valid-scheduling-message",
        ),
        (
            good.replace("UID:request-1\r\n", ""),
            "c:valid-scheduling-message",
        ),
        (
            good.replace("DTEND:20260106", "DTEND:20260104"),
            "c:valid-scheduling-message",
        ),
        (
            good.replace("DTSTART:20260105T000000Z", "DTSTART:soon"),
            "c:valid-scheduling-message",
        ),
        (request(&[]), "c:valid-scheduling-message"),
        (
            good.replace("ORGANIZER:mailto:tg_1001", "ORGANIZER:mailto:tg_6666"),
            "c:valid-organizer",
        ),
        (
            good.replace("ORGANIZER:mailto:tg_1001@televent.internal\r\n", ""),
            "c:valid-scheduling-message",
        ),
    ] {
        let answer = ground.send("POST", OUTBOX, &headers, body.clone()).await?;
        assert_eq!(answer.status, 403, "{body}");
        assert!(
            answer.text().contains(&format!("<{condition}/>")),
            "{body}: {}",
            answer.shown()
        );
    }
    let answer = ground
        .send(
            "POST",
            OUTBOX,
            &[("content-type", "application/json")],
            good,
        )
        .await?;
    assert_eq!(answer.status, 415);
    let answer = ground
        .send(
            "POST",
            "/dav/calendars/6666/outbox/",
            &headers,
            request(&[]),
        )
        .await?;
    assert_eq!(answer.status, 404);
    Ok(())
}

#[tokio::test]
async fn number_of_people_is_bounded_and_each_counts_once() -> Result<()> {
    let ground = Ground::new().await?;
    let people: Vec<String> = (1..=251)
        .map(|id| format!("mailto:tg_{id}@televent.internal"))
        .collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let answer = ask(&ground, &people[1..]).await?;
    assert_eq!(answer.text().matches("<c:response>").count(), 250);
    let answer = ask(&ground, &people).await?;
    assert_eq!(answer.status, 403);
    assert!(
        answer.text().contains("<c:valid-scheduling-message/>"),
        "{}",
        answer.shown()
    );
    let answer = ask(&ground, &["mailto:a@example.org"; 300]).await?;
    assert_eq!(answer.text().matches("<c:response>").count(), 1);
    Ok(())
}
