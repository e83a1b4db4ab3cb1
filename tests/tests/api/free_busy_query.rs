//! CALDAV:free-busy-query (RFC 4791 section 7.10): when the owner of a calendar is busy by it.

use anyhow::Result;

use crate::{
    rfc4791,
    support::{Answer, CALENDAR, EVENT, Ground, object, violated},
};

async fn query(ground: &Ground, path: &str, start: &str, end: &str) -> Result<Answer> {
    let body = format!("<c:time-range start='{start}' end='{end}'/>");
    ground.report(path, "c:free-busy-query", &body).await
}

/// The busy times of an answer.
fn times(answer: &Answer) -> Vec<String> {
    answer.all_between("FREEBUSY;FBTYPE=", "\r")
}

/// The question of RFC 4791 section 7.10.1, on the calendar of appendix B.
#[tokio::test]
async fn busy_times_of_a_calendar_are_those_of_its_objects() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let answer = query(&ground, CALENDAR, "20060104T140000Z", "20060105T220000Z").await?;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/calendar; charset=utf-8")
    );
    let text = answer.text();
    let uid = answer.all_between("UID:", "\r").concat();
    let stamp = answer.all_between("DTSTAMP:", "\r").concat();
    assert_eq!(
        text,
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//CalDAV server//EN\r\nBEGIN:VFREEBUSY\r\nUID:{uid}\r\nDTSTAMP:{stamp}\r\n\
             DTSTART:20060104T140000Z\r\nDTEND:20060105T220000Z\r\n\
             FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060104T150000Z/20060104T160000Z\r\n\
             FREEBUSY;FBTYPE=BUSY:20060104T190000Z/20060104T200000Z\r\n\
             FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20060105T100000Z/20060105T120000Z\r\n\
             FREEBUSY;FBTYPE=BUSY:20060105T170000Z/20060105T180000Z\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
        )
    );
    Ok(())
}

#[tokio::test]
async fn what_does_not_make_busy_is_left_out_and_what_touches_is_joined() -> Result<()> {
    let ground = Ground::new().await?;
    let at = |uid: &str, from: &str, to: &str, lines: &str| {
        object(uid, lines)
            .replace("T100000Z", &format!("T{from}00Z"))
            .replace("T110000Z", &format!("T{to}00Z"))
    };
    let declined = "ORGANIZER:mailto:boss@example.org\r\nATTENDEE;PARTSTAT=DECLINED:mailto:tg_1001@televent.internal\r\n";
    for (index, body) in [
        at("a", "0800", "0900", ""),
        at("b", "0900", "0930", ""),
        at("c", "0915", "0945", "STATUS:TENTATIVE\r\n"),
        at("d", "1000", "1100", "TRANSP:TRANSPARENT\r\n"),
        at("e", "1100", "1200", "STATUS:CANCELLED\r\n"),
        at("f", "1200", "1300", declined),
        at(
            "g",
            "1300",
            "1400",
            &declined.replace("DECLINED", "NEEDS-ACTION"),
        ),
        at(
            "h",
            "1400",
            "1500",
            &declined.replace("DECLINED", "ACCEPTED"),
        ),
        at("i", "2300", "2330", "RRULE:FREQ=DAILY\r\n"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(
            ground
                .put(&format!("{CALENDAR}{index}.ics"), body)
                .await?
                .status,
            201
        );
    }
    let answer = query(&ground, CALENDAR, "20260105T083000Z", "20260105T231500Z").await?;
    assert_eq!(
        times(&answer),
        [
            "BUSY:20260105T083000Z/20260105T093000Z",
            "BUSY-TENTATIVE:20260105T091500Z/20260105T094500Z",
            "BUSY-TENTATIVE:20260105T130000Z/20260105T140000Z",
            "BUSY:20260105T140000Z/20260105T150000Z",
            "BUSY:20260105T230000Z/20260105T231500Z",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn query_needs_a_calendar_and_a_range() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground.report(CALENDAR, "c:free-busy-query", "").await?;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (400, "free-busy-query holds no CALDAV:time-range\n")
    );
    let answer = ground
        .report(
            CALENDAR,
            "c:free-busy-query",
            "<c:time-range start='20260105T000000Z'/>",
        )
        .await?;
    assert_eq!(
        answer.shown(),
        violated(
            403,
            "<c:valid-filter/>",
            "the range needs both start and end"
        )
    );
    assert_eq!(
        query(
            &ground,
            "/dav/calendars/1001/none/",
            "20260105T000000Z",
            "20260106T000000Z"
        )
        .await?
        .status,
        404
    );
    assert_eq!(
        query(&ground, EVENT, "20260105T000000Z", "20260106T000000Z")
            .await?
            .status,
        403
    );
    Ok(())
}
