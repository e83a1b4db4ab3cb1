//! DAVx5: from a base URL to the collections, then synchronisation of the past 90 days and of the future.

use anyhow::{Context as _, Result};
use televent_tests::meeting;

use crate::{
    client::{Account, Client, Habits},
    multistatus::{Multistatus, Response},
    server::Server,
};

pub const HABITS: Habits = Habits {
    user_agent: "DAVx5/4.5.2-ose (2025/01/10; dav4jvm; okhttp/5.0.0-alpha.14) Android/15",
    xml_type: "application/xml; charset=utf-8",
    headers: &[("accept-language", "de-DE, *;q=0.8")],
};

/// How many objects it fetches at once.
const MULTIGET: usize = 10;

const NAMESPACES: &str = "xmlns=\"DAV:\" xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\" xmlns:CARD=\"urn:ietf:params:xml:ns:carddav\"";

/// Properties outside of the three namespaces get made-up prefixes.
const HOMES: &str = "<displayname /><resourcetype /><owner /><current-user-privilege-set />\
    <n1:calendar-color xmlns:n1=\"http://apple.com/ns/ical/\" /><CAL:calendar-description /><CAL:calendar-timezone />\
    <CAL:calendar-timezone-id /><CAL:supported-calendar-component-set /><n2:source xmlns:n2=\"http://calendarserver.org/ns/\" />\
    <n3:transports xmlns:n3=\"https://bitfire.at/webdav-push\" /><n3:topic xmlns:n3=\"https://bitfire.at/webdav-push\" />";

fn propfind(properties: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8' ?><propfind {NAMESPACES}><prop>{properties}</prop></propfind>"
    )
}

/// The principal that a URL tells of, if it tells of one.
async fn principal_at(client: &Client, href: &str) -> Result<Option<String>> {
    let asked = propfind(
        "<resourcetype /><displayname /><current-user-principal /><current-user-privilege-set /><CAL:calendar-home-set />\
         <CAL:supported-calendar-component-set /><n1:calendar-color xmlns:n1=\"http://apple.com/ns/ical/\" />\
         <CAL:calendar-description /><CAL:calendar-timezone />",
    );
    let answer = client
        .send("PROPFIND", href, &[("depth", "0")], asked.as_str())
        .await?;
    if answer.status == 301 {
        let target = answer.header("location")?;
        let found = client.propfind_with(target, "0", &asked).await?;
        return Ok(found.only()?.link("D:current-user-principal").ok());
    }
    if answer.status != 207 {
        return Ok(None);
    }
    let found = answer.multistatus()?;
    Ok(found.only()?.link("D:current-user-principal").ok())
}

/// Everything of the account, from its base URL.
async fn detect(client: &Client) -> Result<Account> {
    let principal = principal_at(client, "/.well-known/caldav")
        .await?
        .context("no principal behind the well-known URL")?;
    let asked = propfind(
        "<displayname /><CAL:calendar-home-set /><CAL:calendar-user-address-set /><CAL:schedule-inbox-URL />\
         <CAL:schedule-outbox-URL /><group-membership />\
         <n1:calendar-proxy-read-for xmlns:n1=\"http://calendarserver.org/ns/\" />\
         <n1:calendar-proxy-write-for xmlns:n1=\"http://calendarserver.org/ns/\" />",
    );
    let found = client.propfind_with(&principal, "0", &asked).await?;
    let itself = found.of(&principal)?;
    let groups = itself.prop("D:group-membership")?;
    anyhow::ensure!(groups.hrefs().is_empty(), "groups: {itself:#?}");
    // The account is called as the first address, which is then the ORGANIZER of all invitations.
    let addresses = itself.prop("C:calendar-user-address-set")?.hrefs();
    Ok(Account {
        home: itself.link("C:calendar-home-set")?,
        inbox: itself.link("C:schedule-inbox-URL")?,
        outbox: itself.link("C:schedule-outbox-URL")?,
        address: addresses.first().context("an address")?.clone(),
        principal,
    })
}

async fn calendars(client: &Client, account: &Account) -> Result<Vec<Response>> {
    let listed = client
        .propfind_with(&account.home, "1", &propfind(HOMES))
        .await?;
    Ok(listed.of_type("C:calendar").cloned().collect())
}

async fn phone_with_calendar(server: &Server) -> Result<(Client, String)> {
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let account = detect(&client).await?;
    let calendars = calendars(&client, &account).await?;
    let first = calendars.first().context("a calendar")?;
    Ok((client, first.href.clone()))
}

/// What there is from a day on.
async fn query(client: &Client, calendar: &str, start: &str) -> Result<Multistatus> {
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-query {NAMESPACES}><prop><getetag /></prop><CAL:filter>\
         <CAL:comp-filter name=\"VCALENDAR\"><CAL:comp-filter name=\"VEVENT\"><CAL:time-range start=\"{start}\" />\
         </CAL:comp-filter></CAL:comp-filter></CAL:filter></CAL:calendar-query>"
    );
    client.report(calendar, "1", &body).await
}

async fn multiget(client: &Client, calendar: &str, hrefs: &[&str]) -> Result<Multistatus> {
    let hrefs: String = hrefs
        .iter()
        .map(|href| format!("<href>{href}</href>"))
        .collect();
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-multiget {NAMESPACES}><prop><getcontenttype /><getetag />\
         <CAL:schedule-tag /><CAL:calendar-data version=\"2.0\" /></prop>{hrefs}</CAL:calendar-multiget>"
    );
    client.report(calendar, "0", &body).await
}

#[tokio::test]
async fn account_is_detected_from_the_base_url() -> Result<()> {
    let server = Server::start().await?;
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let account = detect(&client).await?;
    assert_eq!(account.address, "mailto:tg_1001@televent.internal");
    for base in ["/", "/dav/", &account.home] {
        let principal = principal_at(&client, base).await?;
        assert_eq!(principal.as_ref(), Some(&account.principal), "{base}");
    }
    // What it tries in case the server is a Nextcloud.
    assert_eq!(principal_at(&client, "/remote.php/dav").await?, None);
    Ok(())
}

#[tokio::test]
async fn collections_are_listed_with_what_may_be_done_in_them() -> Result<()> {
    let server = Server::start().await?;
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let account = detect(&client).await?;
    for calendar in calendars(&client, &account).await? {
        let privileges = calendar.privileges()?;
        for privilege in ["D:write-content", "D:bind", "D:unbind"] {
            assert!(privileges.contains(&privilege), "{calendar:#?}");
        }
        assert_eq!(calendar.link("D:owner")?, account.principal);
        assert!(!calendar.components()?.is_empty(), "{calendar:#?}");
        // A calendar with a source would be a subscription.
        let missing = calendar.names(404);
        assert!(missing.contains(&"CS:source"), "{calendar:#?}");
        let push = "{https://bitfire.at/webdav-push}topic";
        assert!(missing.contains(&push), "{calendar:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn past_ninety_days_and_the_future_are_fetched_in_tens() -> Result<()> {
    let server = Server::start().await?;
    let (client, calendar) = phone_with_calendar(&server).await?;
    let state = client
        .propfind_with(
            &calendar,
            "0",
            &propfind(
                "<n1:getctag xmlns:n1=\"http://calendarserver.org/ns/\" /><sync-token /><supported-report-set />\
                 <CAL:max-resource-size /><CAL:supported-calendar-data />",
            ),
        )
        .await?;
    let state = state.of(&calendar)?;
    assert!(state.text("C:max-resource-size")?.parse::<u64>()? >= 100_000);
    for name in ["CS:getctag", "D:sync-token"] {
        assert!(!state.text(name)?.is_empty(), "{state:#?}");
    }

    for number in 0..25 {
        let uid = format!("e{number:02}");
        let event = meeting(&uid, 1_001, "");
        client
            .create(&format!("{calendar}{uid}.ics"), &event)
            .await?;
    }
    let old = meeting("old", 1_001, "").replace("20270115", "20200115");
    client.create(&format!("{calendar}old.ics"), &old).await?;

    let found = query(&client, &calendar, "20261017T000000Z").await?;
    let mut remote = Vec::new();
    for response in &found.responses {
        let etag = response.text("D:getetag")?;
        remote.push((response.href.as_str(), etag.to_owned()));
    }
    assert_eq!(remote.len(), 25, "{found:#?}");
    for batch in remote.chunks(MULTIGET) {
        let hrefs: Vec<&str> = batch.iter().map(|(href, _)| *href).collect();
        let fetched = multiget(&client, &calendar, &hrefs).await?;
        assert_eq!(fetched.responses.len(), batch.len(), "{fetched:#?}");
        for (href, etag) in batch {
            let object = fetched.of(href)?;
            assert_eq!(object.text("D:getetag")?, etag, "{object:#?}");
            let kind = object.text("D:getcontenttype")?;
            assert!(kind.starts_with("text/calendar"), "{object:#?}");
            let data = &object.prop("C:calendar-data")?.text;
            assert!(data.starts_with("BEGIN:VCALENDAR"), "{object:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn new_event_must_not_overwrite_one_that_is_there() -> Result<()> {
    let server = Server::start().await?;
    let (client, calendar) = phone_with_calendar(&server).await?;
    let href = format!("{calendar}8b0f5c5e.ics");
    let event = meeting("8b0f5c5e", 1_001, "");
    let created = client.create(&href, &event).await?;
    assert!(!created.header("etag")?.starts_with("W/"), "{created}");
    client
        .put(&href, ("if-none-match", "*"), &event)
        .await?
        .expect(412)?;
    Ok(())
}

/// It throws its own change away after a 412, and takes the server's.
#[tokio::test]
async fn change_of_what_somebody_else_has_changed_is_refused_and_fetched_anew() -> Result<()> {
    let server = Server::start().await?;
    let (client, calendar) = phone_with_calendar(&server).await?;
    let href = format!("{calendar}plan.ics");
    let plan = meeting(
        "plan",
        1_001,
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_98765@televent.internal",
    );
    client.create(&href, &plan).await?;
    let fetched = multiget(&client, &calendar, &[&href]).await?;
    let tag = fetched.of(&href)?.text("C:schedule-tag")?.to_owned();

    let elsewhere = plan.replace("Planning", "Planning elsewhere");
    client
        .put(&href, ("if-schedule-tag-match", &tag), &elsewhere)
        .await?
        .expect(204)?;
    let here = plan.replace("Planning", "Planning here");
    for (method, body) in [("PUT", here.as_str()), ("DELETE", "")] {
        client
            .send(method, &href, &[("if-schedule-tag-match", &tag)], body)
            .await?
            .expect(412)?;
    }
    let fetched = multiget(&client, &calendar, &[&href]).await?;
    let object = fetched.of(&href)?;
    let data = &object.prop("C:calendar-data")?.text;
    assert!(data.contains("Planning elsewhere"), "{object:#?}");
    let tag = object.text("C:schedule-tag")?;
    client
        .send("DELETE", &href, &[("if-schedule-tag-match", tag)], "")
        .await?
        .expect(204)?;
    Ok(())
}

/// Without a Schedule-Tag, an event that is nobody's meeting is guarded by its ETag.
#[tokio::test]
async fn event_without_attendees_is_changed_and_deleted_under_its_etag() -> Result<()> {
    let server = Server::start().await?;
    let (client, calendar) = phone_with_calendar(&server).await?;
    let href = format!("{calendar}alone.ics");
    let event = meeting("alone", 1_001, "").replace("ORGANIZER", "X-ORGANIZER");
    let created = client.create(&href, &event).await?;
    assert!(!created.has_header("schedule-tag"), "{created}");
    let first = created.header("etag")?.to_owned();
    let changed = event.replace("Planning", "Rest");
    let second = client
        .put(&href, ("if-match", &first), &changed)
        .await?
        .expect(204)?;
    client
        .send("DELETE", &href, &[("if-match", &first)], "")
        .await?
        .expect(412)?;
    client
        .send("DELETE", &href, &[("if-match", second.header("etag")?)], "")
        .await?
        .expect(204)?;
    Ok(())
}

#[tokio::test]
async fn collection_is_created_with_extended_mkcol() -> Result<()> {
    let server = Server::start().await?;
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let account = detect(&client).await?;
    let href = format!("{}4a1b2c3d-family/", account.home);
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8' ?><mkcol {NAMESPACES}><set><prop><resourcetype><collection /><CAL:calendar /></resourcetype>\
         <displayname>Family</displayname><n1:calendar-color xmlns:n1=\"http://apple.com/ns/ical/\">#8BC34AFF</n1:calendar-color>\
         <CAL:supported-calendar-component-set><CAL:comp name=\"VEVENT\" /><CAL:comp name=\"VTODO\" /></CAL:supported-calendar-component-set>\
         <CAL:calendar-timezone-id>Europe/Vienna</CAL:calendar-timezone-id></prop></set></mkcol>"
    );
    client.send("MKCOL", &href, &[], body).await?.expect(201)?;
    let listed = calendars(&client, &account).await?;
    let made = listed
        .iter()
        .find(|calendar| calendar.href == href)
        .with_context(|| format!("{listed:#?}"))?;
    assert_eq!(made.text("D:displayname")?, "Family");
    assert_eq!(made.text("I:calendar-color")?, "#8BC34AFF");
    assert_eq!(made.text("C:calendar-timezone-id")?, "Europe/Vienna");
    assert_eq!(made.components()?, ["VEVENT", "VTODO"], "{made:#?}");
    Ok(())
}
