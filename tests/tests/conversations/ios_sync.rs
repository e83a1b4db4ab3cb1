//! iOS: what it fetches, and how it learns of changes.

use anyhow::{Context as _, Result};
use televent_tests::{ics, meeting, message, without_schedule_status};

use crate::{
    client::Client,
    ios::{phone_of_ann, propfind},
    ios_calendars::first_calendar,
    multistatus::Multistatus,
    server::Server,
};

/// What has changed since a token; everything for an empty one.
pub async fn sync(client: &Client, calendar: &str, token: &str) -> Result<Multistatus> {
    let body = sync_collection(token);
    client.report(calendar, "1", &body).await
}

pub fn sync_collection(token: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:sync-collection xmlns:A=\"DAV:\">\n  <A:sync-token>{token}</A:sync-token>\n\
         <A:sync-level>1</A:sync-level>\n  <A:prop>\n    <A:getcontenttype/>\n    <A:getetag/>\n  </A:prop>\n</A:sync-collection>\n"
    )
}

/// Fetches objects; each must be there.
pub async fn multiget(client: &Client, calendar: &str, hrefs: &[&str]) -> Result<Multistatus> {
    let hrefs: String = hrefs
        .iter()
        .map(|href| format!("  <A:href xmlns:A=\"DAV:\">{href}</A:href>\n"))
        .collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<B:calendar-multiget xmlns:B=\"urn:ietf:params:xml:ns:caldav\">\n\
         <A:prop xmlns:A=\"DAV:\">\n    <B:calendar-data/>\n    <A:getetag/>\n    <B:schedule-tag/>\n\
         <C:created-by xmlns:C=\"http://calendarserver.org/ns/\"/>\n    <C:updated-by xmlns:C=\"http://calendarserver.org/ns/\"/>\n\
         </A:prop>\n{hrefs}</B:calendar-multiget>\n"
    );
    client.report(calendar, "1", &body).await
}

fn query(kind: &str, inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<B:calendar-query xmlns:B=\"urn:ietf:params:xml:ns:caldav\">\n\
         <A:prop xmlns:A=\"DAV:\">\n    <A:getetag/>\n    <A:getcontenttype/>\n  </A:prop>\n  <B:filter>\n\
         <B:comp-filter name=\"VCALENDAR\">\n      <B:comp-filter name=\"{kind}\">{inner}</B:comp-filter>\n\
         </B:comp-filter>\n  </B:filter>\n</B:calendar-query>\n"
    )
}

#[tokio::test]
async fn first_sync_lists_everything_and_the_next_ones_what_has_changed() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let [a, b, c] = ["a", "b", "c"].map(|name| format!("{calendar}{name}.ics"));
    client.create(&a, &meeting("a", 1_001, "")).await?;
    client.create(&b, &meeting("b", 1_001, "")).await?;

    let first = sync(&client, &calendar, "").await?;
    let mut hrefs = first.hrefs();
    hrefs.sort_unstable();
    assert_eq!(hrefs, [&a, &b], "{first:#?}");
    for response in &first.responses {
        assert!(!response.text("D:getetag")?.is_empty(), "{response:#?}");
        let kind = response.text("D:getcontenttype")?;
        assert!(kind.starts_with("text/calendar"), "{response:#?}");
    }
    let token = first.sync_token.context("a token")?;

    let idle = sync(&client, &calendar, &token).await?;
    assert_eq!(idle.hrefs(), [""; 0], "{idle:#?}");
    assert_eq!(idle.sync_token.as_deref(), Some(token.as_str()));

    client.create(&c, &meeting("c", 1_001, "")).await?;
    let changed = meeting("b", 1_001, "DESCRIPTION:moved");
    client
        .put(&b, ("if-match", "*"), &changed)
        .await?
        .expect(204)?;
    client.send("DELETE", &a, &[], "").await?.expect(204)?;
    let next = sync(&client, &calendar, &token).await?;
    let mut hrefs = next.hrefs();
    hrefs.sort_unstable();
    assert_eq!(hrefs, [&a, &b, &c], "{next:#?}");
    assert_eq!(next.of(&a)?.status, Some(404), "{next:#?}");
    for href in [&b, &c] {
        let response = next.of(href)?;
        assert_eq!(response.status, None, "{response:#?}");
        let etag = client.get(href).await?.expect(200)?;
        assert_eq!(response.text("D:getetag")?, etag.header("etag")?);
    }
    let token = next.sync_token.context("a token")?;
    let idle = sync(&client, &calendar, &token).await?;
    assert_eq!(idle.hrefs(), [""; 0], "{idle:#?}");
    Ok(())
}

#[tokio::test]
async fn ctag_and_sync_token_tell_together_whether_anything_has_changed() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let empty = client.state(&calendar).await?;
    assert_eq!(client.state(&calendar).await?, empty);
    let href = format!("{calendar}a.ics");
    client.create(&href, &meeting("a", 1_001, "")).await?;
    let created = client.state(&calendar).await?;
    client.send("DELETE", &href, &[], "").await?.expect(204)?;
    let deleted = client.state(&calendar).await?;
    for (before, after) in [(&empty, &created), (&created, &deleted)] {
        assert_ne!(before.0, after.0, "getctag");
        assert_ne!(before.1, after.1, "sync-token");
    }
    Ok(())
}

/// Depth 0 and 1 of the calendar, as it is asked where sync-collection is not advertised.
#[tokio::test]
async fn listing_of_a_calendar_has_an_etag_for_each_object() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let href = format!("{calendar}a.ics");
    client.create(&href, &meeting("a", 1_001, "")).await?;
    let listed = client
        .propfind_with(
            &calendar,
            "1",
            &propfind(&["D:getcontenttype", "D:getetag", "D:resourcetype"]),
        )
        .await?;
    assert_eq!(listed.hrefs(), [&calendar, &href], "{listed:#?}");
    let etag = client.get(&href).await?.expect(200)?;
    assert_eq!(
        listed.of(&href)?.text("D:getetag")?,
        etag.header("etag")?,
        "{listed:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn query_from_a_day_on_finds_what_ends_later_and_series_without_end() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let event = |uid: &str, times: &str| {
        ics(&format!(
            "BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//Apple Inc.//iOS 18.1.1//EN
            BEGIN:VEVENT
            UID:{uid}
            DTSTAMP:20270101T000000Z
            {times}
            SUMMARY:{uid}
            END:VEVENT
            END:VCALENDAR"
        ))
    };
    for (name, times) in [
        ("past", "DTSTART:20200105T100000Z\nDTEND:20200105T110000Z"),
        ("future", "DTSTART:20270105T100000Z\nDTEND:20270105T110000Z"),
        (
            "day",
            "DTSTART;VALUE=DATE:20270106\nDTEND;VALUE=DATE:20270107",
        ),
        (
            "endless",
            "DTSTART:20200105T100000Z\nDTEND:20200105T110000Z\nRRULE:FREQ=WEEKLY",
        ),
        (
            "ended",
            "DTSTART:20200105T100000Z\nDTEND:20200105T110000Z\nRRULE:FREQ=WEEKLY;COUNT=3",
        ),
    ] {
        let href = format!("{calendar}{name}.ics");
        client.create(&href, &event(name, times)).await?;
    }
    let body = query("VEVENT", "<B:time-range start=\"20261101T000000Z\"/>");
    let found = client.report(&calendar, "1", &body).await?;
    let mut hrefs = found.hrefs();
    hrefs.sort_unstable();
    let expected = ["day", "endless", "future"].map(|name| format!("{calendar}{name}.ics"));
    assert_eq!(hrefs, expected, "{found:#?}");
    for response in &found.responses {
        assert!(!response.text("D:getetag")?.is_empty(), "{response:#?}");
    }
    let none = client.report(&calendar, "1", &query("VTODO", "")).await?;
    assert_eq!(none.hrefs(), [""; 0], "{none:#?}");
    Ok(())
}

#[tokio::test]
async fn multiget_returns_objects_as_they_were_stored() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let [alone, invitation, gone] =
        ["alone", "plan", "gone"].map(|name| format!("{calendar}{name}.ics"));
    let lonely = meeting("alone", 1_001, "").replace("ORGANIZER", "X-ORGANIZER");
    let plan = meeting(
        "plan",
        1_001,
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_98765@televent.internal",
    );
    client.create(&alone, &lonely).await?;
    client.create(&invitation, &plan).await?;
    let found = multiget(&client, &calendar, &[&alone, &invitation, &gone]).await?;
    for (href, stored) in [(&alone, &lonely), (&invitation, &plan)] {
        let response = found.of(href)?;
        let data = &response.prop("C:calendar-data")?.text;
        // A reader of XML makes LF of CRLF (XML 1.0 section 2.11).
        assert_eq!(
            without_schedule_status(&data.replace("\r\n", "\n")),
            stored.replace("\r\n", "\n"),
            "{response:#?}"
        );
        assert!(!response.text("D:getetag")?.is_empty(), "{response:#?}");
    }
    assert!(found.of(&alone)?.prop("C:schedule-tag").is_err());
    assert!(!found.of(&invitation)?.text("C:schedule-tag")?.is_empty());
    assert_eq!(found.of(&gone)?.status, Some(404), "{found:#?}");
    Ok(())
}

/// Each fetch looks into the inbox; what has been dealt with is deleted, and the next fetch does not see it.
#[tokio::test]
async fn inbox_is_polled_and_emptied() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let inbox = &account.inbox;
    let poll = async || {
        let asked = propfind(&["D:getcontenttype", "D:getetag"]);
        client.propfind_with(inbox, "1", &asked).await
    };
    let listed = poll().await?;
    assert_eq!(listed.hrefs(), [inbox], "{listed:#?}");
    let empty = client.state(inbox).await?;

    let invited = "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:tg_1001@televent.internal";
    let request = message("REQUEST", &meeting("plan", 6_666, invited));
    server.deliver(1_001, "plan.ics", &request).await?;
    let delivered = client.state(inbox).await?;
    assert_ne!((&empty.0, &empty.1), (&delivered.0, &delivered.1));
    let listed = poll().await?;
    let href = format!("{inbox}plan.ics");
    assert_eq!(listed.hrefs(), [inbox, &href], "{listed:#?}");
    let itself = listed.of(&href)?;
    let kind = itself.text("D:getcontenttype")?;
    assert!(kind.starts_with("text/calendar"), "{itself:#?}");

    let fetched = client.get(&href).await?.expect(200)?;
    assert_eq!(fetched.body, request);
    assert_eq!(fetched.header("etag")?, itself.text("D:getetag")?);
    let found = multiget(&client, inbox, &[&href]).await?;
    let data = &found.of(&href)?.prop("C:calendar-data")?.text;
    assert_eq!(data.replace("\r\n", "\n"), request.replace("\r\n", "\n"));

    let tag = [("if-match", fetched.header("etag")?)];
    client.send("DELETE", &href, &tag, "").await?.expect(204)?;
    assert_eq!(poll().await?.hrefs(), [inbox]);
    let changes = sync(&client, inbox, &delivered.1).await?;
    assert_eq!(changes.only()?.status, Some(404), "{changes:#?}");
    assert_eq!(changes.only()?.href, href);
    Ok(())
}
