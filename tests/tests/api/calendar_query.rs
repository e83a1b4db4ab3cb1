//! CALDAV:calendar-query (RFC 4791 section 7.8): which objects are found. What of them is returned is in `calendar_data`.

use anyhow::Result;

use crate::{
    rfc4791,
    support::{
        Answer, CALENDAR, EVENT, Ground, HOME, INBOX, multistatus, object, response, violated,
        xml_data, xml_etag,
    },
};

/// A query with this filter inside of VCALENDAR.
pub async fn query(ground: &Ground, filter: &str) -> Result<Vec<String>> {
    let answer = asked(
        ground,
        &format!("<c:comp-filter name='VCALENDAR'>{filter}</c:comp-filter>"),
    )
    .await?;
    anyhow::ensure!(answer.status == 207, "{}", answer.shown());
    let names = answer
        .hrefs()
        .into_iter()
        .map(|href| href.replace(CALENDAR, "").replace(".ics", ""));
    Ok(names.collect())
}

pub async fn asked(ground: &Ground, filter: &str) -> Result<Answer> {
    asked_of(ground, CALENDAR, filter).await
}

/// The same of another collection, or of what is in one.
pub async fn asked_of(ground: &Ground, path: &str, filter: &str) -> Result<Answer> {
    let body = format!("<d:prop><d:getetag/></d:prop><c:filter>{filter}</c:filter>");
    ground.report(path, "c:calendar-query", &body).await
}

pub async fn finds(ground: &Ground, filter: &str, expected: &[&str]) -> Result<()> {
    // A multistatus has no order.
    let (mut found, mut expected) = (query(ground, filter).await?, expected.to_vec());
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "{filter}");
    Ok(())
}

pub fn within(component: &str, inner: &str) -> String {
    format!("<c:comp-filter name='{component}'>{inner}</c:comp-filter>")
}

pub fn property(name: &str, inner: &str) -> String {
    format!("<c:prop-filter name='{name}'>{inner}</c:prop-filter>")
}

pub fn range(start: &str, end: &str) -> String {
    format!("<c:time-range start='{start}' end='{end}'/>")
}

const DAYS: [(&str, &str); 2] = [
    ("20060104T000000Z", "20060105T000000Z"),
    ("20060102T000000Z", "20060103T000000Z"),
];

/// What sections 7.8.1, 7.8.4 to 7.8.9, and appendix B find.
#[tokio::test]
async fn examples_of_the_rfc_find_what_they_say() -> Result<()> {
    let ground = rfc4791::ground().await?;
    finds(
        &ground,
        "",
        &[
            "abcd1", "abcd2", "abcd3", "abcd4", "abcd5", "abcd6", "abcd7", "abcd8",
        ],
    )
    .await?;
    finds(
        &ground,
        &within("VEVENT", &range(DAYS[0].0, DAYS[0].1)),
        &["abcd2", "abcd3"],
    )
    .await?;
    finds(
        &ground,
        &within("VFREEBUSY", &range(DAYS[1].0, DAYS[1].1)),
        &["abcd8"],
    )
    .await?;
    let alarm = within("VALARM", &range("20060106T100000Z", "20060107T100000Z"));
    finds(&ground, &within("VTODO", &alarm), &["abcd5"]).await?;
    let uid =
        "<c:text-match collation='i;octet'>DC6C50A017428C5216A2F1CD@example.com</c:text-match>";
    finds(
        &ground,
        &within("VEVENT", &property("UID", uid)),
        &["abcd3"],
    )
    .await?;
    let who = "<c:text-match collation='i;ascii-casemap'>mailto:lisa@example.com</c:text-match>\
               <c:param-filter name='PARTSTAT'><c:text-match collation='i;ascii-casemap'>NEEDS-ACTION</c:text-match></c:param-filter>";
    finds(
        &ground,
        &within("VEVENT", &property("ATTENDEE", who)),
        &["abcd3"],
    )
    .await?;
    finds(&ground, &within("VEVENT", ""), &["abcd1", "abcd2", "abcd3"]).await?;
    let pending = format!(
        "{}{}",
        property("COMPLETED", "<c:is-not-defined/>"),
        property(
            "STATUS",
            "<c:text-match negate-condition='yes'>CANCELLED</c:text-match>"
        )
    );
    finds(&ground, &within("VTODO", &pending), &["abcd4", "abcd5"]).await
}

#[tokio::test]
async fn answer_has_the_properties_that_are_asked_for() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    let asked = "<d:prop><d:getetag/><c:calendar-data/><d:quota/></d:prop><c:filter><c:comp-filter name='VCALENDAR'/></c:filter>";
    let found = format!("{}\n{}", xml_etag(&body), xml_data(&body));
    let expected = multistatus(&response(EVENT, &found, "<d:quota/>"));
    for path in [CALENDAR, EVENT] {
        assert_eq!(
            ground
                .report(path, "c:calendar-query", asked)
                .await?
                .shown(),
            expected,
            "{path}"
        );
    }
    let minimal = [("prefer", "return=minimal"), ("depth", "1")];
    let answer = ground
        .send_xml("REPORT", CALENDAR, &minimal, "c:calendar-query", asked)
        .await?;
    assert_eq!(answer.shown(), multistatus(&response(EVENT, &found, "")));
    Ok(())
}

#[tokio::test]
async fn query_of_one_object_is_about_it_alone() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let of = |component: &str| {
        format!(
            "<d:prop/><c:filter><c:comp-filter name='VCALENDAR'>{}</c:comp-filter></c:filter>",
            within(component, "")
        )
    };
    let path = format!("{CALENDAR}abcd1.ics");
    for (component, expected) in [("VEVENT", vec![path.clone()]), ("VTODO", Vec::new())] {
        let answer = ground
            .report(&path, "c:calendar-query", &of(component))
            .await?;
        assert_eq!(
            (answer.status, answer.hrefs()),
            (207, expected),
            "{component}"
        );
    }
    let answer = ground
        .report(EVENT, "c:calendar-query", &of("VEVENT"))
        .await?;
    assert_eq!(answer.status, 404);
    let answer = ground
        .report(INBOX, "c:calendar-query", &of("VEVENT"))
        .await?;
    assert_eq!(answer.shown(), multistatus(""));
    let answer = ground
        .report(
            "/dav/calendars/1001/none/",
            "c:calendar-query",
            &of("VEVENT"),
        )
        .await?;
    assert_eq!(answer.status, 404);
    let answer = ground
        .report(HOME, "c:calendar-query", &of("VEVENT"))
        .await?;
    let why = "the report calendar-query is not answered here";
    assert_eq!(answer.shown(), violated(403, "<d:supported-report/>", why));
    Ok(())
}

#[tokio::test]
async fn instances_are_found_where_they_are() -> Result<()> {
    let ground = rfc4791::ground().await?;
    for (start, end, expected) in [
        // Ends are not included, beginnings are (RFC 4791 section 9.9).
        ("20060102T160000Z", "20060102T170000Z", &[][..]),
        ("20060102T155959Z", "20060102T170001Z", &["abcd1", "abcd2"]),
        // The instance of the fourth is two hours later than the rule says.
        ("20060104T170000Z", "20060104T180000Z", &[]),
        ("20060104T190000Z", "20060104T200000Z", &["abcd2"]),
        ("20060107T000000Z", "20070101T000000Z", &[]),
        ("20060106T195959Z", "20070101T000000Z", &["abcd2"]),
        ("20050101T000000Z", "20060102T150000Z", &[]),
    ] {
        finds(&ground, &within("VEVENT", &range(start, end)), expected).await?;
    }
    let after = within("VEVENT", "<c:time-range start='20060105T000000Z'/>");
    finds(&ground, &after, &["abcd2"]).await?;
    let before = within("VEVENT", "<c:time-range end='20060102T160000Z'/>");
    finds(&ground, &before, &["abcd1"]).await?;
    let modified = property(
        "LAST-MODIFIED",
        &range("20060206T000000Z", "20060207T000000Z"),
    );
    finds(&ground, &within("VEVENT", &modified), &["abcd3"]).await
}

#[tokio::test]
async fn series_without_an_end_is_found_in_any_year() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .put(
            EVENT,
            object("uid-a", "RRULE:FREQ=YEARLY\r\nEXDATE:20400105T100000Z\r\n"),
        )
        .await?;
    for (year, is_found) in [
        (2025, false),
        (2026, true),
        (2039, true),
        (2040, false),
        (2041, true),
        (9_000, true),
    ] {
        let on = range(
            &format!("{year}0105T103000Z"),
            &format!("{year}0105T104500Z"),
        );
        let found = query(&ground, &within("VEVENT", &on)).await?;
        assert_eq!(!found.is_empty(), is_found, "{year}");
    }
    let never = within("VEVENT", &range("20300106T000000Z", "20310105T000000Z"));
    finds(&ground, &never, &[]).await
}

/// Midnight of a day, and a time without a zone, are where the calendar is, or the query says it is.
#[tokio::test]
async fn days_and_floating_times_are_in_the_zone_of_the_calendar() -> Result<()> {
    let ground = Ground::new().await?;
    let floating = object("uid-a", "")
        .replace("T100000Z", "T100000")
        .replace("T110000Z", "T110000");
    ground.put(EVENT, floating).await?;
    let at = |hour: u8| {
        within(
            "VEVENT",
            &range(
                &format!("20260105T{hour:02}1500Z"),
                &format!("20260105T{hour:02}3000Z"),
            ),
        )
    };
    finds(&ground, &at(10), &["a"]).await?;
    ground
        .proppatch(CALENDAR, "<d:set><d:prop><c:calendar-timezone-id>Asia/Tokyo</c:calendar-timezone-id></d:prop></d:set>")
        .await?;
    finds(&ground, &at(1), &["a"]).await?;
    finds(&ground, &at(10), &[]).await?;

    let asked = |zone: &str| {
        format!(
            "<d:prop/>{zone}<c:filter><c:comp-filter name='VCALENDAR'>{}</c:comp-filter></c:filter>",
            at(15)
        )
    };
    let vtimezone = format!(
        "<c:timezone>{}</c:timezone>",
        rfc4791::calendar(rfc4791::US_EASTERN)
    );
    for zone in [
        "<c:timezone-id>America/New_York</c:timezone-id>",
        &vtimezone,
    ] {
        let answer = ground
            .report(CALENDAR, "c:calendar-query", &asked(zone))
            .await?;
        assert_eq!(answer.hrefs(), [EVENT], "{zone}");
    }
    for (zone, condition) in [
        (
            "<c:timezone-id>Mars/Olympus</c:timezone-id>",
            "<c:valid-timezone/>",
        ),
        (
            "<c:timezone>Europe/Berlin</c:timezone>",
            "<c:valid-calendar-data/>",
        ),
    ] {
        let answer = ground
            .report(CALENDAR, "c:calendar-query", &asked(zone))
            .await?;
        assert!(
            answer.status == 403 && answer.text().contains(condition),
            "{}",
            answer.shown()
        );
    }
    Ok(())
}

#[tokio::test]
async fn more_than_a_page_is_answered_whole() -> Result<()> {
    let ground = Ground::new().await?;
    for (count, data) in [
        (500, "<c:calendar-data/>"),
        (1_203, "<c:calendar-data/>"),
        (1_203, ""),
    ] {
        ground.sql("delete from events").await?;
        ground.fill(count).await?;
        let body = format!(
            "<d:prop><d:getetag/>{data}</d:prop><c:filter><c:comp-filter name='VCALENDAR'>{}</c:comp-filter></c:filter>",
            within("VEVENT", "")
        );
        for encoding in ["identity", "gzip"] {
            let headers = [("depth", "1"), ("accept-encoding", encoding)];
            let answer = ground
                .send_xml("REPORT", CALENDAR, &headers, "c:calendar-query", &body)
                .await?;
            assert_eq!(answer.status, 207);
            if encoding == "identity" {
                let expected: Vec<String> = (1..=count)
                    .map(|index| format!("{CALENDAR}{index}.ics"))
                    .collect();
                assert_eq!(answer.hrefs(), expected);
                assert!(answer.text().ends_with("</d:multistatus>"));
            }
        }
    }
    Ok(())
}
