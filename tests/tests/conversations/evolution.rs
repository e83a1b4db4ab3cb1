//! Evolution: a CalDAV account through its collection, then one calendar.

use anyhow::{Context as _, Result};
use televent_tests::meeting;

use crate::{
    client::{Client, Habits},
    server::Server,
};

const HABITS: Habits = Habits {
    user_agent: "Evolution/3.52.3",
    xml_type: "application/xml; charset=\"utf-8\"",
    headers: &[
        ("accept-language", "en-us, en;q=0.9"),
        ("cache-control", "no-cache"),
        ("pragma", "no-cache"),
    ],
};

const NAMESPACES: &str = "xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:IC=\"http://apple.com/ns/ical/\" xmlns:CS=\"http://calendarserver.org/ns/\"";

fn propfind(properties: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<propfind {NAMESPACES}><prop>{properties}</prop></propfind>"
    )
}

/// The first calendar, from whatever URL the user has typed.
async fn find_calendar(client: &Client, typed: &str) -> Result<String> {
    let asked = propfind(
        "<resourcetype/><current-user-principal/><principal-URL/><C:calendar-home-set/><C:calendar-user-address-set/>",
    );
    let found = client.propfind_with(typed, "0", &asked).await?;
    let principal = found.only()?.link("D:current-user-principal")?;
    let found = client.propfind_with(&principal, "0", &asked).await?;
    let home = found.only()?.link("C:calendar-home-set")?;
    let listed = client
        .propfind_with(
            &home,
            "1",
            &propfind(
                "<resourcetype/><C:supported-calendar-component-set/><displayname/><C:calendar-description/><IC:calendar-color/>\
                 <IC:calendar-order/><CS:source/>",
            ),
        )
        .await?;
    let calendar = listed.of_type("C:calendar").next().context("a calendar")?;
    Ok(calendar.href.clone())
}

async fn desktop(server: &Server) -> Result<(Client, String)> {
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let calendar = find_calendar(&client, "/dav/").await?;
    Ok((client, calendar))
}

/// A calendar for which PUT is not among the methods is opened read-only.
#[tokio::test]
async fn calendar_is_opened_with_options() -> Result<()> {
    let server = Server::start().await?;
    let (client, calendar) = desktop(&server).await?;
    let options = client
        .send("OPTIONS", &calendar, &[], "")
        .await?
        .expect(200)?;
    for class in ["calendar-access", "calendar-auto-schedule"] {
        assert!(options.lists("dav", class)?, "{options}");
    }
    let found = client
        .propfind_with(&calendar, "0", &propfind("<current-user-privilege-set/>"))
        .await?;
    let privileges = found.of(&calendar)?;
    assert!(privileges.privileges()?.contains(&"D:write"), "{found:#?}");
    for method in ["PROPFIND", "REPORT", "DELETE"] {
        assert!(options.lists("allow", method)?, "{options}");
    }
    Ok(())
}

#[tokio::test]
async fn ctag_is_asked_for_before_all_etags_are() -> Result<()> {
    let server = Server::start().await?;
    let (client, calendar) = desktop(&server).await?;
    let asked = propfind("<CS:getctag/>");
    let ctag = |found: &crate::multistatus::Multistatus| {
        anyhow::Ok(found.of(&calendar)?.text("CS:getctag")?.to_owned())
    };
    let before = ctag(&client.propfind_with(&calendar, "0", &asked).await?)?;
    let href = format!("{calendar}20270101T120000Z-1234-1000-1-0@desk.ics");
    let created = client.create(&href, &meeting("desk", 1_001, "")).await?;
    let after = ctag(&client.propfind_with(&calendar, "0", &asked).await?)?;
    assert_ne!(before, after);

    let query = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<C:calendar-query {NAMESPACES}><prop><getetag/></prop><C:filter>\
         <C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"/></C:comp-filter></C:filter></C:calendar-query>"
    );
    let found = client.report(&calendar, "1", &query).await?;
    let object = found.of(&href)?;
    assert_eq!(
        object.text("D:getetag")?,
        created.header("etag")?,
        "{found:#?}"
    );
    Ok(())
}

/// It fetches an object anew when a PUT is answered without an ETag, which must then be what GET says.
#[tokio::test]
async fn object_that_the_server_has_completed_is_fetched_after_the_put() -> Result<()> {
    let server = Server::start().await?;
    let (client, calendar) = desktop(&server).await?;
    let href = format!("{calendar}plan.ics");
    let plan = meeting(
        "plan",
        1_001,
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_98765@televent.internal",
    );
    let without_organizer: String = plan
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("ORGANIZER"))
        .collect();
    let created = client.create(&href, &without_organizer).await?;
    assert!(!created.has_header("etag"), "{created}");
    let fetched = client.get(&href).await?.expect(200)?;
    let organizer = "ORGANIZER;CN=Ann:mailto:tg_1001@televent.internal";
    assert!(fetched.body.contains(organizer), "{fetched}");
    client
        .put(
            &href,
            ("if-match", fetched.header("etag")?),
            &fetched.body.replace("Planning", "Planned"),
        )
        .await?
        .expect(204)?;
    Ok(())
}
