//! `CALDAV:calendar-data` in a report (RFC 4791 section 9.6): how much of an object is returned.

use anyhow::Result;

use crate::{
    rfc4791::{self, calendar},
    support::{Answer, CALENDAR, EVENT, Ground, object, violated},
};

/// The objects of an answer, unescaped, with line feeds alone.
fn data(answer: &Answer) -> Vec<String> {
    let escaped = answer.all_between("<c:calendar-data>", "</c:calendar-data>");
    escaped
        .iter()
        .map(|text| {
            text.replace("&#13;", "")
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&amp;", "&")
        })
        .collect()
}

/// What a query for events, or what else, between two instants returns of them; what is over first comes first.
async fn of_query(
    ground: &Ground,
    wanted: &str,
    component: &str,
    range: (&str, &str),
) -> Result<Vec<String>> {
    let (start, end) = range;
    let body = format!(
        "<d:prop><d:getetag/><c:calendar-data>{wanted}</c:calendar-data></d:prop><c:filter><c:comp-filter name='VCALENDAR'>\
         <c:comp-filter name='{component}'><c:time-range start='{start}' end='{end}'/></c:comp-filter></c:comp-filter></c:filter>"
    );
    let answer = ground.report(CALENDAR, "c:calendar-query", &body).await?;
    anyhow::ensure!(answer.status == 207, "{}", answer.shown());
    Ok(data(&answer))
}

/// What a multiget of one object returns.
async fn of_object(ground: &Ground, calendar_data: &str) -> Result<Answer> {
    let body = format!("<d:prop>{calendar_data}</d:prop><d:href>{EVENT}</d:href>");
    ground.report(CALENDAR, "c:calendar-multiget", &body).await
}

const FROM_THE_THIRD: (&str, &str) = ("20060103T000000Z", "20060105T000000Z");

/// RFC 4791 section 7.8.1, which also shows that a component of which nothing further is said is whole.
#[tokio::test]
async fn components_and_properties_can_be_chosen() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let wanted = "<c:comp name='VCALENDAR'><c:prop name='VERSION'/><c:comp name='VEVENT'><c:prop name='SUMMARY'/><c:prop name='UID'/>\
                  <c:prop name='DTSTART'/><c:prop name='DTEND'/><c:prop name='DURATION'/><c:prop name='RRULE'/><c:prop name='RDATE'/>\
                  <c:prop name='EXRULE'/><c:prop name='EXDATE'/><c:prop name='RECURRENCE-ID'/></c:comp><c:comp name='VTIMEZONE'/></c:comp>";
    let found = of_query(
        &ground,
        wanted,
        "VEVENT",
        ("20060104T000000Z", "20060105T000000Z"),
    )
    .await?;
    let without = |text: &str, names: &[&str]| -> String {
        let kept = |line: &&str| !names.iter().any(|name| line.starts_with(name));
        text.split_inclusive('\n').filter(kept).collect()
    };
    let dropped = [
        "PRODID",
        "DTSTAMP",
        "ATTENDEE",
        "LAST-MODIFIED:20060206",
        "ORGANIZER",
        "SEQUENCE",
        "STATUS",
        "X-ABC",
    ];
    assert_eq!(
        found,
        [
            without(&rfc4791::object_of(3), &dropped),
            without(&rfc4791::object_of(2), &dropped)
        ]
    );
    Ok(())
}

/// RFC 4791 section 7.8.2.
#[tokio::test]
async fn overrides_can_be_limited_to_a_range() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let wanted = "<c:limit-recurrence-set start='20060103T000000Z' end='20060105T000000Z'/>";
    let found = of_query(&ground, wanted, "VEVENT", FROM_THE_THIRD).await?;
    let whole = rfc4791::object_of(2);
    let (begin, rest) = whole
        .split_once("BEGIN:VEVENT\nDTSTAMP:20060206T001121Z\nDTSTART;TZID=US/Eastern:20060106")
        .expect("the second override");
    let (_, end) = rest.split_once("END:VEVENT\n").expect("its end");
    assert_eq!(found, [rfc4791::object_of(3), format!("{begin}{end}")]);
    Ok(())
}

/// RFC 4791 section 7.8.3.
#[tokio::test]
async fn series_can_be_expanded_into_its_instances() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let wanted = "<c:expand start='20060103T000000Z' end='20060105T000000Z'/>";
    let found = of_query(&ground, wanted, "VEVENT", FROM_THE_THIRD).await?;
    let second = calendar(
        "BEGIN:VEVENT\nDTSTART:20060103T170000Z\nRECURRENCE-ID:20060103T170000Z\nDTSTAMP:20060206T001121Z\n\
         DURATION:PT1H\nSUMMARY:Event #2\nUID:00959BC664CA650E933C892C@example.com\nEND:VEVENT\n\
         BEGIN:VEVENT\nDTSTART:20060104T190000Z\nRECURRENCE-ID:20060104T170000Z\nDTSTAMP:20060206T001121Z\n\
         DURATION:PT1H\nSUMMARY:Event #2 bis\nUID:00959BC664CA650E933C892C@example.com\nEND:VEVENT\n",
    );
    let third = calendar(
        "BEGIN:VEVENT\nDTSTART:20060104T150000Z\nATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:cyrus@example.com\n\
         ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:lisa@example.com\nDTSTAMP:20060206T001220Z\nDURATION:PT1H\nLAST-MODIFIED:20060206T001330Z\n\
         ORGANIZER:mailto:cyrus@example.com\nSEQUENCE:1\nSTATUS:TENTATIVE\nSUMMARY:Event #3\nUID:DC6C50A017428C5216A2F1CD@example.com\n\
         X-ABC-GUID:E1CX5Dr-0007ym-Hz@example.com\nEND:VEVENT\n",
    );
    assert_eq!(found, [third, second]);
    Ok(())
}

/// RFC 4791 section 7.8.4.
#[tokio::test]
async fn busy_times_can_be_limited_to_a_range() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let wanted = "<c:limit-freebusy-set start='20060102T000000Z' end='20060103T000000Z'/>";
    let found = of_query(
        &ground,
        wanted,
        "VFREEBUSY",
        ("20060102T000000Z", "20060103T000000Z"),
    )
    .await?;
    let kept = |line: &&str| !line.starts_with("FREEBUSY") || line.contains("20060102T1");
    let expected: String = rfc4791::object_of(8)
        .split_inclusive('\n')
        .filter(kept)
        .collect();
    assert_eq!(found, [expected]);
    Ok(())
}

#[tokio::test]
async fn choice_may_be_all_of_something_or_names_without_values() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .put(
            EVENT,
            object("uid-a", "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"),
        )
        .await?;
    let event = |inner: &str| {
        format!(
            "<c:calendar-data><c:comp name='VCALENDAR'><c:comp name='VEVENT'>{inner}</c:comp></c:comp></c:calendar-data>"
        )
    };
    for (asked, expected) in [
        (event("<c:prop name='summary'/>"), "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Lunch\nEND:VEVENT\nEND:VCALENDAR\n"),
        (event("<c:prop name='SUMMARY' novalue='yes'/>"), "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:\nEND:VEVENT\nEND:VCALENDAR\n"),
        (
            event("<c:prop name='UID'/><c:allcomp/>"),
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:uid-a\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
        ),
        (
            event("<c:allprop/>"),
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:uid-a\nDTSTAMP:20260101T000000Z\nDTSTART:20260105T100000Z\nDTEND:20260105T110000Z\n\
             SUMMARY:Lunch\nEND:VEVENT\nEND:VCALENDAR\n",
        ),
        ("<c:calendar-data><c:comp name='VCALENDAR'><c:prop name='VERSION'/></c:comp></c:calendar-data>".to_owned(), "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n"),
        ("<c:calendar-data content-type='text/calendar' version='2.0'/>".to_owned(), ""),
    ] {
        let answer = of_object(&ground, &asked).await?;
        let expected = if expected.is_empty() {
            ground.get(EVENT).await?.text().replace('\r', "")
        } else {
            expected.to_owned()
        };
        assert_eq!(data(&answer), [expected], "{asked}");
    }
    Ok(())
}

/// Without a zone, a time stays where it is; days stay days.
#[tokio::test]
async fn expanded_instances_keep_what_kind_of_time_they_have() -> Result<()> {
    let ground = Ground::new().await?;
    let days = object(
        "uid-a",
        "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20260106\r\n",
    )
    .replace("DTSTART:20260105T100000Z", "DTSTART;VALUE=DATE:20260105")
    .replace("DTEND:20260105T110000Z", "DTEND;VALUE=DATE:20260106");
    let floating = object("uid-a", "RRULE:FREQ=WEEKLY\r\n")
        .replace("00Z\r\nDTE", "00\r\nDTE")
        .replace("110000Z", "110000");
    let expand = "<c:calendar-data><c:expand start='20260105T000000Z' end='20260112T000000Z'/></c:calendar-data>";
    for (body, expected) in [
        (
            days,
            "DTSTART;VALUE=DATE:20260105\nRECURRENCE-ID;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260106\n\
             DTSTART;VALUE=DATE:20260107\nRECURRENCE-ID;VALUE=DATE:20260107\nDTEND;VALUE=DATE:20260108\n",
        ),
        (
            floating,
            "DTSTART:20260105T100000\nRECURRENCE-ID:20260105T100000\nDTEND:20260105T110000\n",
        ),
    ] {
        ground.put(EVENT, body).await?;
        let found = data(&of_object(&ground, expand).await?).concat();
        let times = |line: &&str| {
            ["DTSTART", "DTEND", "RECURRENCE-ID", "RRULE", "EXDATE"]
                .iter()
                .any(|name| line.starts_with(name))
        };
        assert_eq!(
            found
                .split_inclusive('\n')
                .filter(times)
                .collect::<String>(),
            expected
        );
        ground.delete(EVENT).await?;
    }
    Ok(())
}

#[tokio::test]
async fn too_many_instances_are_not_written_and_the_rest_of_the_answer_is() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .put(EVENT, object("uid-a", "RRULE:FREQ=HOURLY\r\n"))
        .await?;
    let asked = "<d:getetag/><c:calendar-data><c:expand start='20260101T000000Z' end='20270101T000000Z'/></c:calendar-data>";
    let answer = of_object(&ground, asked).await?;
    assert_eq!(answer.status, 207);
    assert_eq!(answer.all_between("HTTP/1.1 ", " "), ["200", "507"]);
    assert!(
        answer
            .text()
            .contains("<d:prop><c:calendar-data/></d:prop>"),
        "{}",
        answer.text()
    );
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_returned_is_refused() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for asked in [
        "<c:calendar-data content-type='application/calendar+json'/>",
        "<c:calendar-data version='1.0'/>",
    ] {
        let answer = of_object(&ground, asked).await?;
        let why = "only text/calendar 2.0 is served";
        assert_eq!(
            answer.shown(),
            violated(403, "<c:supported-calendar-data/>", why),
            "{asked}"
        );
    }
    for range in [
        "",
        "start='20260101T000000Z'",
        "start='20260102T000000Z' end='20260101T000000Z'",
        "start='x' end='y'",
    ] {
        for name in ["expand", "limit-recurrence-set", "limit-freebusy-set"] {
            let asked = format!("<c:calendar-data><c:{name} {range}/></c:calendar-data>");
            let answer = of_object(&ground, &asked).await?;
            assert_eq!(answer.status, 403, "{asked}: {}", answer.shown());
        }
    }
    for asked in ["<c:comp/>", "<c:comp name='VCALENDAR'><c:prop/></c:comp>"] {
        let answer = of_object(
            &ground,
            &format!("<c:calendar-data>{asked}</c:calendar-data>"),
        )
        .await?;
        assert_eq!(
            answer.text(),
            "a comp or prop of calendar-data has no name\n"
        );
    }
    Ok(())
}

/// XML is UTF-8, but a stored fold may split a character (RFC 5545 section 3.1), and old files hold other bytes.
#[tokio::test]
async fn bytes_that_are_no_text_are_made_text() -> Result<()> {
    let ground = Ground::new().await?;
    let mut body = object("uid-a", "DESCRIPTION:Caf@\r\n").into_bytes();
    let place = body
        .iter()
        .position(|byte| *byte == b'@')
        .expect("the mark");
    body.splice(place..=place, *b"\xc3\r\n \xa9");
    ground.put(EVENT, body).await?;
    assert!(
        data(&of_object(&ground, "<c:calendar-data/>").await?)
            .concat()
            .contains("DESCRIPTION:Café\n")
    );
    Ok(())
}
