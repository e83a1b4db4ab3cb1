//! MKCALENDAR (RFC 4791 section 5.3.1) and extended MKCOL (RFC 5689).

use anyhow::Result;

use crate::{
    answer::document,
    support::{CALENDAR, Ground, HOME, multistatus, object, propstat, response, violated},
};

const WORK: &str = "/dav/calendars/1001/work/";
const MADE: &str = "201\ncache-control: no-cache";

fn set(properties: &str) -> String {
    format!("<d:set><d:prop>{properties}</d:prop></d:set>")
}

async fn mkcalendar(ground: &Ground, path: &str, properties: &str) -> Result<String> {
    let answer = ground
        .send_xml("MKCALENDAR", path, &[], "c:mkcalendar", &set(properties))
        .await?;
    Ok(answer.shown())
}

async fn mkcol(ground: &Ground, path: &str, properties: &str) -> Result<String> {
    let answer = ground
        .send_xml("MKCOL", path, &[], "d:mkcol", &set(properties))
        .await?;
    Ok(answer.shown())
}

async fn calendars(ground: &Ground) -> Result<Vec<String>> {
    ground
        .rows("select slug from calendars where owner = 1001 and kind = 'calendar' and deleted_at is null order by slug")
        .await
}

#[tokio::test]
async fn without_a_body_it_is_called_as_in_its_url_and_takes_everything() -> Result<()> {
    let ground = Ground::new().await?;
    let path = format!("{HOME}b%C3%BCro%20%26%20co");
    assert_eq!(
        ground.send("MKCALENDAR", &path, &[], "").await?.shown(),
        MADE
    );
    let answer = ground
        .propfind(
            &path,
            "0",
            "<d:displayname/><d:resourcetype/><c:supported-calendar-component-set/><cs:getctag/>",
        )
        .await?;
    let found = "<d:displayname>büro &amp; co</d:displayname>\n\
                 <d:resourcetype>\n<d:collection/>\n<c:calendar/>\n</d:resourcetype>\n\
                 <c:supported-calendar-component-set>\n<c:comp name=\"VEVENT\"/>\n<c:comp name=\"VTODO\"/>\n\
                 <c:comp name=\"VJOURNAL\"/>\n<c:comp name=\"VFREEBUSY\"/>\n</c:supported-calendar-component-set>\n\
                 <cs:getctag>1</cs:getctag>";
    assert_eq!(
        answer.shown(),
        multistatus(&response(&format!("{path}/"), found, ""))
    );
    assert_eq!(
        ground
            .put(&format!("{path}/a.ics"), object("uid-a", ""))
            .await?
            .status,
        201
    );
    Ok(())
}

/// As in the example of RFC 4791 section 5.3.1.2.
#[tokio::test]
async fn it_has_the_properties_of_the_body() -> Result<()> {
    let ground = Ground::new().await?;
    let zone = "BEGIN:VCALENDAR\nPRODID:-//Example Corp.//CalDAV Client//EN\nVERSION:2.0\nBEGIN:VTIMEZONE\nTZID:US/Eastern\n\
                LAST-MODIFIED:19870101T000000Z\nBEGIN:STANDARD\nDTSTART:19671029T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n\
                TZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nTZNAME:Eastern Standard Time (US &amp; Canada)\nEND:STANDARD\n\
                BEGIN:DAYLIGHT\nDTSTART:19870405T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4\nTZOFFSETFROM:-0500\n\
                TZOFFSETTO:-0400\nTZNAME:Eastern Daylight Time (US &amp; Canada)\nEND:DAYLIGHT\nEND:VTIMEZONE\nEND:VCALENDAR";
    let properties = format!(
        "<d:displayname>Lisa's Events</d:displayname><c:calendar-description xml:lang='en'>Only events.</c:calendar-description>\
         <c:supported-calendar-component-set><c:comp name='VEVENT'/></c:supported-calendar-component-set>\
         <c:calendar-timezone><![CDATA[{}]]></c:calendar-timezone>",
        zone.replace("&amp;", "&")
    );
    assert_eq!(mkcalendar(&ground, WORK, &properties).await?, MADE);
    let asked = "<d:displayname/><c:calendar-description/><c:supported-calendar-component-set/><c:calendar-timezone/>";
    let found = format!(
        "<d:displayname>Lisa's Events</d:displayname>\n\
         <calendar-description xmlns=\"urn:ietf:params:xml:ns:caldav\" xml:lang=\"en\">Only events.</calendar-description>\n\
         <c:supported-calendar-component-set>\n<c:comp name=\"VEVENT\"/>\n</c:supported-calendar-component-set>\n\
         <c:calendar-timezone>{zone}</c:calendar-timezone>"
    );
    let answer = ground.propfind(WORK, "0", asked).await?;
    assert_eq!(answer.shown(), multistatus(&response(WORK, &found, "")));

    let task = object("uid-t", "")
        .replace("VEVENT", "VTODO")
        .replace("DTEND", "DUE");
    let answer = ground.put(&format!("{WORK}t.ics"), task).await?;
    let why = "this calendar takes VEVENT, not VTODO";
    assert_eq!(
        answer.shown(),
        violated(403, "<c:supported-calendar-component/>", why)
    );
    Ok(())
}

#[tokio::test]
async fn extended_mkcol_makes_calendars_alone() -> Result<()> {
    let ground = Ground::new().await?;
    let types = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>";
    let properties = format!(
        "{types}<d:displayname>Work</d:displayname><a:calendar-color>#00F</a:calendar-color>"
    );
    assert_eq!(mkcol(&ground, WORK, &properties).await?, MADE);
    let answer = ground
        .propfind(WORK, "0", "<d:displayname/><a:calendar-color/>")
        .await?;
    let found = "<d:displayname>Work</d:displayname>\n<calendar-color xmlns=\"http://apple.com/ns/ical/\">#00F</calendar-color>";
    assert_eq!(answer.shown(), multistatus(&response(WORK, found, "")));

    let why = "only calendars can be made here: name CALDAV:calendar in DAV:resourcetype";
    let expected = violated(403, "<d:valid-resourcetype/>", why);
    let path = format!("{HOME}other/");
    for properties in [
        "<d:displayname>Folder</d:displayname>",
        "<d:resourcetype><d:collection/></d:resourcetype>",
        "<d:resourcetype><d:collection/><b:addressbook xmlns:b='urn:ietf:params:xml:ns:carddav'/></d:resourcetype>",
    ] {
        assert_eq!(
            mkcol(&ground, &path, properties).await?,
            expected,
            "{properties}"
        );
    }
    assert_eq!(
        ground.send("MKCOL", &path, &[], "").await?.shown(),
        expected
    );
    assert_eq!(calendars(&ground).await?, ["default", "work"]);
    Ok(())
}

#[tokio::test]
async fn refused_property_means_that_nothing_is_made() -> Result<()> {
    let ground = Ground::new().await?;
    let properties = "<d:displayname>Work</d:displayname><d:getetag>x</d:getetag>";
    let propstats = [
        propstat("<d:displayname/>", "424 Failed Dependency"),
        propstat("<d:getetag/>", "403 Forbidden").replace(
            "</d:status>\n</d:propstat>",
            "</d:status>\n<d:error>\n<d:cannot-modify-protected-property/>\n</d:error>\n</d:propstat>",
        ),
    ]
    .concat();
    let head = "424\ncontent-type: application/xml; charset=utf-8\n\n";
    assert_eq!(
        mkcalendar(&ground, WORK, properties).await?,
        format!("{head}{}", document("c:mkcalendar-response", &propstats))
    );
    let types = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>";
    let refused = mkcol(&ground, WORK, &format!("{types}{properties}")).await?;
    assert!(
        refused.starts_with(head) && refused.contains("<d:mkcol-response "),
        "{refused}"
    );
    for properties in [
        "<c:supported-calendar-component-set><c:comp name='VPOLL'/></c:supported-calendar-component-set>",
        "<c:supported-calendar-component-set/>",
        "<c:calendar-timezone>none</c:calendar-timezone>",
    ] {
        assert!(
            mkcalendar(&ground, WORK, properties)
                .await?
                .starts_with(head),
            "{properties}"
        );
    }
    assert_eq!(calendars(&ground).await?, ["default"]);
    Ok(())
}

#[tokio::test]
async fn existing_url_is_refused_and_left_alone() -> Result<()> {
    let ground = Ground::new().await?;
    let expected = violated(
        403,
        "<d:resource-must-be-null/>",
        "there is a calendar at this URL already",
    );
    assert_eq!(
        mkcalendar(&ground, CALENDAR, "<d:displayname>New</d:displayname>").await?,
        expected
    );
    let types = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>";
    assert_eq!(mkcol(&ground, CALENDAR, types).await?, expected);
    let answer = ground.propfind(CALENDAR, "0", "<d:displayname/>").await?;
    assert!(
        answer
            .text()
            .contains("<d:displayname>Televent</d:displayname>")
    );
    Ok(())
}

#[tokio::test]
async fn elsewhere_no_calendar_is_made() -> Result<()> {
    let ground = Ground::new().await?;
    for (path, status) in [
        ("/dav/calendars/1001/inbox/", 405),
        ("/dav/calendars/1001/outbox/", 405),
        (HOME, 405),
        ("/dav/principals/1001/", 405),
        ("/dav/calendars/1001/default/inner", 403),
        ("/dav/calendars/1001/default/inner/", 403),
        ("/dav/calendars/6666/work/", 403),
        ("/dav/calendars/4711/work/", 403),
        ("/elsewhere/", 404),
    ] {
        for method in ["MKCALENDAR", "MKCOL"] {
            assert_eq!(
                ground.send(method, path, &[], "").await?.status,
                status,
                "{method} {path}"
            );
        }
    }
    assert_eq!(
        ground
            .rows("select slug from calendars where kind = 'calendar'")
            .await?,
        ["default", "default"]
    );
    Ok(())
}

#[tokio::test]
async fn bodies_of_other_requests_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground
        .send_xml("MKCALENDAR", WORK, &[], "d:mkcol", "")
        .await?;
    assert_eq!(
        answer.shown(),
        "400\ncontent-type: text/plain; charset=utf-8\n\nthe body is not a CALDAV:mkcalendar"
    );
    let answer = ground
        .send_xml("MKCOL", WORK, &[], "c:mkcalendar", "")
        .await?;
    assert_eq!(answer.status, 415);
    assert_eq!(
        ground.send("MKCALENDAR", WORK, &[], "<a").await?.status,
        400
    );
    assert_eq!(calendars(&ground).await?, ["default"]);
    Ok(())
}

#[tokio::test]
async fn number_of_calendars_is_bounded() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .sql(
            "insert into calendars (id, owner, slug, display_name)
             select gen_random_uuid(), 1001, 'c' || n, 'c' from generate_series(2, 199) n",
        )
        .await?;
    assert_eq!(mkcalendar(&ground, WORK, "").await?, MADE);
    let path = format!("{HOME}one-more/");
    let why = "an account can have 200 calendars; delete one first";
    assert_eq!(
        mkcalendar(&ground, &path, "").await?,
        violated(507, "<d:quota-not-exceeded/>", why)
    );
    assert_eq!(ground.delete(WORK).await?.status, 204);
    assert_eq!(mkcalendar(&ground, &path, "").await?, MADE);
    Ok(())
}

#[tokio::test]
async fn url_of_a_deleted_calendar_is_free_and_its_sync_token_means_nothing() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    ground
        .put(&format!("{WORK}a.ics"), object("uid-a", ""))
        .await?;
    let token = ground
        .propfind(WORK, "0", "<d:sync-token/>")
        .await?
        .all_between("<d:sync-token>", "<");
    assert_eq!(ground.delete(WORK).await?.status, 204);
    assert_eq!(
        ground.propfind(WORK, "0", "<d:sync-token/>").await?.status,
        404
    );
    ground.make_calendar("work").await?;
    let answer = ground.propfind(WORK, "1", "<d:getetag/>").await?;
    assert_eq!(answer.hrefs(), [WORK]);
    let asked = format!(
        "<d:sync-token>{}</d:sync-token><d:sync-level>1</d:sync-level><d:prop/>",
        token.concat()
    );
    let answer = ground.report(WORK, "d:sync-collection", &asked).await?;
    let why = "the token is not of this calendar, or has expired; sync from the start";
    assert_eq!(answer.shown(), violated(403, "<d:valid-sync-token/>", why));
    Ok(())
}
