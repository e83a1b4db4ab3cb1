//! The filter of a calendar-query (RFC 4791 section 9.7): texts, what is there and what is not, and what is no filter.

use anyhow::Result;

use crate::{
    calendar_query::{asked, finds, property, query, range, within},
    rfc4791,
    support::{CALENDAR, EVENT, Ground, object, violated},
};

#[tokio::test]
async fn texts_are_compared_by_their_collation() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "").replace("Lunch", "Größe\\, ÉCLAIR; Straße");
    ground.put(EVENT, body).await?;
    for (attributes, text, is_found) in [
        ("", "größe", true),
        ("", "GRößE", true),
        ("", "GRÖßE", false),
        ("", "größe, É", true),
        ("", "éclair", false),
        ("collation='default'", "gRö", true),
        ("collation='i;ascii-casemap'", "GRÖ", false),
        ("collation='i;unicode-casemap'", "GRÖßE, éclair", true),
        ("collation='i;octet'", "Größe", true),
        ("collation='i;octet'", "größe", false),
        ("negate-condition='yes'", "größe", false),
        ("negate-condition='yes'", "other", true),
        ("negate-condition='no'", "größe", true),
        ("", "", true),
    ] {
        let text = format!("<c:text-match {attributes}>{text}</c:text-match>");
        let found = query(&ground, &within("VEVENT", &property("SUMMARY", &text))).await?;
        assert_eq!(!found.is_empty(), is_found, "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn properties_parameters_and_components_can_be_there_or_not() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let not_defined = "<c:is-not-defined/>";
    let parameter = |inner: &str| {
        property(
            "ATTENDEE",
            &format!("<c:param-filter name='ROLE'>{inner}</c:param-filter>"),
        )
    };
    for (filter, expected) in [
        (within("VEVENT", &property("RRULE", "")), &["abcd2"][..]),
        (
            within("VEVENT", &property("ORGANIZER", not_defined)),
            &["abcd1", "abcd2"],
        ),
        (within("VEVENT", &property("X-ABC-GUID", "")), &["abcd3"]),
        (within("vevent", &property("description", "")), &["abcd1"]),
        (within("VEVENT", &parameter("")), &["abcd3"]),
        (
            within("VEVENT", &parameter("<c:text-match>chair</c:text-match>")),
            &["abcd3"],
        ),
        (
            within("VEVENT", &parameter("<c:text-match>none</c:text-match>")),
            &[],
        ),
        (within("VEVENT", &parameter(not_defined)), &["abcd3"]),
        (within("VTODO", &within("VALARM", "")), &["abcd4", "abcd5"]),
        (
            within("VTODO", &within("VALARM", not_defined)),
            &["abcd6", "abcd7"],
        ),
        (
            within("VTIMEZONE", ""),
            &["abcd1", "abcd2", "abcd3", "abcd5"],
        ),
        (
            within("VTIMEZONE", not_defined),
            &["abcd4", "abcd6", "abcd7", "abcd8"],
        ),
        (
            within("VEVENT", not_defined),
            &["abcd4", "abcd5", "abcd6", "abcd7", "abcd8"],
        ),
        (within("VJOURNAL", ""), &[]),
        (within("VPOLL", ""), &[]),
        (within("VEVENT", "") + &within("VTODO", ""), &[]),
        (
            within("VEVENT", "") + &within("VTIMEZONE", ""),
            &["abcd1", "abcd2", "abcd3"],
        ),
        (
            property("VERSION", "<c:text-match>2.0</c:text-match>"),
            &[
                "abcd1", "abcd2", "abcd3", "abcd4", "abcd5", "abcd6", "abcd7", "abcd8",
            ],
        ),
    ] {
        finds(&ground, &filter, expected).await?;
    }
    Ok(())
}

/// An override that is renamed does not lend its name to the other instances.
#[tokio::test]
async fn tests_of_one_component_hold_together() -> Result<()> {
    let ground = rfc4791::ground().await?;
    let called = |name: &str| property("SUMMARY", &format!("<c:text-match>{name}</c:text-match>"));
    let on = |day: u8| {
        range(
            &format!("200601{day:02}T000000Z"),
            &format!("200601{:02}T000000Z", day + 1),
        )
    };
    for (day, name, expected) in [
        (4, "#2 bis", &["abcd2"][..]),
        (3, "#2 bis", &[]),
        (6, "bis bis", &["abcd2"]),
        (4, "bis bis", &[]),
        (3, "#2", &["abcd2"]),
    ] {
        finds(
            &ground,
            &within("VEVENT", &(on(day) + &called(name))),
            expected,
        )
        .await?;
    }
    Ok(())
}

fn in_event(inner: &str) -> String {
    format!(
        "<c:comp-filter name='VCALENDAR'>{}</c:comp-filter>",
        within("VEVENT", inner)
    )
}

async fn is_refused(ground: &Ground, filter: &str, why: &str) -> Result<()> {
    let answer = asked(ground, filter).await?;
    let expected = violated(403, "<c:valid-filter/>", why);
    assert_eq!(answer.shown(), expected, "{filter}");
    Ok(())
}

#[tokio::test]
async fn filters_that_are_none_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    let calendar = "<c:comp-filter name='VCALENDAR'/>";
    let long = format!("<c:text-match>{}</c:text-match>", "x".repeat(1_025));
    let no_name = "an element of the filter has no name";
    for (filter, why) in [
        ("", "a filter holds exactly one comp-filter"),
        (
            "<c:comp-filter name='VEVENT'/>",
            "the filter begins with VEVENT, not with VCALENDAR",
        ),
        ("<c:comp-filter/>", no_name),
        (
            &calendar.repeat(2),
            "a filter holds exactly one comp-filter",
        ),
        (&in_event("<c:comp-filter/>"), no_name),
        (&in_event("<c:prop-filter/>"), no_name),
        (
            &in_event(&within("VEVENT", "")),
            "there is no VEVENT in a VEVENT",
        ),
        (
            &in_event(&property("SUMMARY", &long)),
            "a text to search for has more than 1024 bytes",
        ),
        (
            &in_event(&property("A", "").repeat(99)),
            "the filter has more than 100 elements",
        ),
    ] {
        is_refused(&ground, filter, why).await?;
    }
    let answer = ground
        .report(CALENDAR, "c:calendar-query", "<d:prop/>")
        .await?;
    let expected = violated(403, "<c:valid-filter/>", "there is no filter");
    assert_eq!(answer.shown(), expected);
    Ok(())
}

#[tokio::test]
async fn times_that_are_none_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    let order = "a time range has neither start nor end, or ends before it begins";
    let form = "a time is not in UTC, such as 20260105T090000Z";
    is_refused(&ground, &in_event("<c:time-range/>"), order).await?;
    for (start, end, why) in [
        ("20060105T000000Z", "20060104T000000Z", order),
        ("20060105T000000Z", "20060105T000000Z", order),
        ("20060105", "20060106", form),
        ("20060105T000000", "20060106T000000", form),
        ("2006-01-05T00:00:00Z", "20060106T000000Z", form),
        ("-200000 01 01T00 00 00Z", "20060106T000000Z", form),
        ("+20260105T000000Z", "20260106T000000Z", form),
        ("20260132T000000Z", "20270106T000000Z", form),
    ] {
        is_refused(&ground, &in_event(&range(start, end)), why).await?;
    }
    Ok(())
}

#[tokio::test]
async fn filter_may_be_deep_and_its_collation_must_be_known() -> Result<()> {
    let ground = Ground::new().await?;
    let deep = "<c:comp-filter name='A'>".repeat(25) + &"</c:comp-filter>".repeat(25);
    let deep = format!("<c:comp-filter name='VCALENDAR'>{deep}</c:comp-filter>");
    assert_eq!(asked(&ground, &deep).await?.status, 207);
    let text = "<c:text-match collation='i;klingon'>x</c:text-match>";
    let answer = asked(&ground, &in_event(&property("SUMMARY", text))).await?;
    let why = "the collations are those of supported-collation-set";
    let expected = violated(403, "<c:supported-collation/>", why);
    assert_eq!(answer.shown(), expected);
    Ok(())
}
