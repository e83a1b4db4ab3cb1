//! PROPFIND: what each resource says of itself.

use anyhow::Result;

use crate::support::{
    CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, multistatus, object, response,
    xml_etag,
};

const AT_TEN: &str = "update events set created_at = '2026-01-04 09:00:00.9+00', updated_at = '2026-01-05 10:00:00.9+00'";
const SYNC_TOKEN: &str = "data:,00000000-0000-0000-0000-0000ca1e03e9";

/// What phones poll for.
const POLL: &str = "<cs:getctag/><d:sync-token/><d:getetag/>";

async fn with_two_events() -> Result<Ground> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    ground
        .put("/dav/calendars/1001/default/b%20c.ics", object("uid-b", ""))
        .await?;
    ground.sql(AT_TEN).await?;
    Ok(ground)
}

fn polled(counter: i64) -> String {
    format!(
        "<cs:getctag>{counter}</cs:getctag>\n<d:sync-token>{SYNC_TOKEN}/{counter}</d:sync-token>"
    )
}

#[tokio::test]
async fn depth_0_is_the_collection_alone() -> Result<()> {
    let ground = with_two_events().await?;
    let answer = ground.propfind(CALENDAR, "0", POLL).await?;
    assert_eq!(
        answer.shown(),
        multistatus(&response(CALENDAR, &polled(3), "<d:getetag/>"))
    );
    Ok(())
}

#[tokio::test]
async fn depth_1_has_the_members_too() -> Result<()> {
    let ground = with_two_events().await?;
    let answer = ground.propfind(CALENDAR, "1", POLL).await?;
    let missing = "<cs:getctag/>\n<d:sync-token/>";
    let expected = [
        response(CALENDAR, &polled(3), "<d:getetag/>"),
        response(EVENT, &xml_etag(&object("uid-a", "")), missing),
        response(
            "/dav/calendars/1001/default/b%20c.ics",
            &xml_etag(&object("uid-b", "")),
            missing,
        ),
    ];
    assert_eq!(answer.shown(), multistatus(&expected.join("\n")));
    Ok(())
}

#[tokio::test]
async fn depth_of_an_object_makes_no_difference() -> Result<()> {
    let ground = with_two_events().await?;
    for depth in ["0", "1"] {
        let answer = ground
            .propfind(EVENT, depth, "<d:getetag/><d:resourcetype/>")
            .await?;
        let found = format!("{}\n<d:resourcetype/>", xml_etag(&object("uid-a", "")));
        assert_eq!(answer.shown(), multistatus(&response(EVENT, &found, "")));
    }
    Ok(())
}

#[tokio::test]
async fn home_lists_its_calendars_and_the_scheduling_collections() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground
        .propfind(HOME, "1", "<d:displayname/><d:resourcetype/>")
        .await?;
    let expected = [
        response(
            HOME,
            "<d:displayname>Ann</d:displayname>\n<d:resourcetype>\n<d:collection/>\n</d:resourcetype>",
            "",
        ),
        response(
            CALENDAR,
            "<d:displayname>Televent</d:displayname>\n<d:resourcetype>\n<d:collection/>\n<c:calendar/>\n</d:resourcetype>",
            "",
        ),
        response(
            INBOX,
            "<d:resourcetype>\n<d:collection/>\n<c:schedule-inbox/>\n</d:resourcetype>",
            "<d:displayname/>",
        ),
        response(
            OUTBOX,
            "<d:resourcetype>\n<d:collection/>\n<c:schedule-outbox/>\n</d:resourcetype>",
            "<d:displayname/>",
        ),
    ];
    assert_eq!(answer.shown(), multistatus(&expected.join("\n")));
    Ok(())
}

#[tokio::test]
async fn principal_says_who_and_where() -> Result<()> {
    let ground = Ground::new().await?;
    let properties = "<d:displayname/><d:resourcetype/><d:principal-URL/><d:owner/><d:principal-collection-set/>\
                      <c:calendar-home-set/><c:calendar-user-address-set/>";
    let answer = ground.propfind(PRINCIPAL, "0", properties).await?;
    let href = |name: &str, href: &str| format!("<{name}>\n<d:href>{href}</d:href>\n</{name}>");
    let found = [
        "<d:displayname>Ann</d:displayname>".to_owned(),
        "<d:resourcetype>\n<d:collection/>\n<d:principal/>\n</d:resourcetype>".to_owned(),
        href("d:principal-URL", PRINCIPAL),
        href("d:owner", PRINCIPAL),
        href("d:principal-collection-set", "/dav/principals/"),
        href("c:calendar-home-set", HOME),
        "<c:calendar-user-address-set>\n<d:href preferred=\"1\">mailto:tg_1001@televent.internal</d:href>\n</c:calendar-user-address-set>".to_owned(),
    ];
    assert_eq!(
        answer.shown(),
        multistatus(&response(PRINCIPAL, &found.join("\n"), ""))
    );
    Ok(())
}

#[tokio::test]
async fn unknown_properties_and_namespaces_are_named_in_a_404() -> Result<()> {
    let ground = Ground::new().await?;
    let asked = "<d:quota/><c:max-attendees/><cs:getctag/><e:color xmlns:e='http://apple.com/ns/ical/'/><bare/>\
                 <q:getetag xmlns:q='urn:q\"&amp;&lt;'/><d:getetag/>";
    let answer = ground.propfind(CALENDAR, "0", asked).await?;
    let missing = "<d:quota/>\n<c:max-attendees/>\n<a:color/>\n<bare/>\n\
                   <x:getetag xmlns:x=\"urn:q&quot;&amp;&lt;\"/>\n<d:getetag/>";
    assert_eq!(
        answer.shown(),
        multistatus(&response(CALENDAR, "<cs:getctag>1</cs:getctag>", missing))
    );
    Ok(())
}

#[tokio::test]
async fn allprop_and_no_body_are_what_rfc_4918_defines() -> Result<()> {
    let ground = with_two_events().await?;
    let body = object("uid-a", "");
    let found = [
        "<d:resourcetype/>".to_owned(),
        xml_etag(&body),
        "<d:getcontenttype>text/calendar; charset=utf-8; component=VEVENT</d:getcontenttype>"
            .to_owned(),
        format!("<d:getcontentlength>{}</d:getcontentlength>", body.len()),
        "<d:getlastmodified>Mon, 05 Jan 2026 10:00:00 GMT</d:getlastmodified>".to_owned(),
        "<d:creationdate>2026-01-04T09:00:00Z</d:creationdate>".to_owned(),
        "<d:supportedlock/>\n<d:lockdiscovery/>".to_owned(),
    ]
    .join("\n");
    let expected = multistatus(&response(EVENT, &found, ""));
    assert_eq!(
        ground
            .propfind_body(EVENT, "0", "<d:allprop/>")
            .await?
            .shown(),
        expected
    );
    assert_eq!(
        ground
            .send("PROPFIND", EVENT, &[("depth", "0")], "")
            .await?
            .shown(),
        expected
    );

    let answer = ground
        .propfind_body(
            EVENT,
            "0",
            "<d:allprop/><d:include><d:owner/><d:getetag/><d:quota/></d:include>",
        )
        .await?;
    let found = format!("{found}\n<d:owner>\n<d:href>{PRINCIPAL}</d:href>\n</d:owner>");
    assert_eq!(
        answer.shown(),
        multistatus(&response(EVENT, &found, "<d:quota/>"))
    );
    Ok(())
}

#[tokio::test]
async fn propname_names_what_is_there() -> Result<()> {
    let ground = with_two_events().await?;
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("<{name}/>"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let answer = ground.propfind_body(EVENT, "0", "<d:propname/>").await?;
    let expected = names(&[
        "d:resourcetype",
        "d:getetag",
        "d:getcontenttype",
        "d:getcontentlength",
        "d:getlastmodified",
        "d:creationdate",
        "d:supportedlock",
        "d:lockdiscovery",
        "d:resource-id",
        "c:supported-collation-set",
        "d:current-user-principal",
        "d:principal-collection-set",
        "d:owner",
        "d:current-user-privilege-set",
        "d:supported-privilege-set",
        "d:acl",
        "d:acl-restrictions",
        "d:inherited-acl-set",
        "d:supported-report-set",
    ]);
    assert_eq!(answer.shown(), multistatus(&response(EVENT, &expected, "")));
    let answer = ground.propfind_body(CALENDAR, "0", "<d:propname/>").await?;
    let expected = names(&[
        "d:resourcetype",
        "d:displayname",
        "d:creationdate",
        "d:supportedlock",
        "d:lockdiscovery",
        "d:resource-id",
        "d:sync-token",
        "cs:getctag",
        "c:supported-calendar-component-set",
        "c:supported-calendar-data",
        "c:supported-collation-set",
        "c:max-resource-size",
        "c:min-date-time",
        "c:max-date-time",
        "c:max-instances",
        "c:max-attendees-per-instance",
        "d:current-user-principal",
        "d:principal-collection-set",
        "c:schedule-calendar-transp",
        "d:owner",
        "d:current-user-privilege-set",
        "d:supported-privilege-set",
        "d:acl",
        "d:acl-restrictions",
        "d:inherited-acl-set",
        "d:supported-report-set",
    ]);
    assert_eq!(
        answer.shown(),
        multistatus(&response(CALENDAR, &expected, ""))
    );
    Ok(())
}

#[tokio::test]
async fn calendar_says_what_it_keeps() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground
        .propfind(CALENDAR, "0", "<c:supported-calendar-component-set/>")
        .await?;
    let found = "<c:supported-calendar-component-set>\n<c:comp name=\"VEVENT\"/>\n<c:comp name=\"VTODO\"/>\n\
                 <c:comp name=\"VJOURNAL\"/>\n<c:comp name=\"VFREEBUSY\"/>\n</c:supported-calendar-component-set>";
    assert_eq!(answer.shown(), multistatus(&response(CALENDAR, found, "")));
    Ok(())
}

#[tokio::test]
async fn names_of_people_are_escaped() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .sql("update users set name = 'Ann <b>&amp;\"' || chr(1) where telegram_id = 1001")
        .await?;
    let answer = ground.propfind(PRINCIPAL, "0", "<d:displayname/>").await?;
    let found = "<d:displayname>Ann &lt;b&gt;&amp;amp;&quot;</d:displayname>";
    assert_eq!(answer.shown(), multistatus(&response(PRINCIPAL, found, "")));
    Ok(())
}

#[tokio::test]
async fn url_without_its_slash_is_the_same_collection() -> Result<()> {
    let ground = Ground::new().await?;
    for path in ["/dav/calendars/1001/default", CALENDAR] {
        let answer = ground.propfind(path, "0", "<cs:getctag/>").await?;
        assert_eq!(
            answer.shown(),
            multistatus(&response(CALENDAR, "<cs:getctag>1</cs:getctag>", "")),
            "{path}"
        );
    }
    Ok(())
}
