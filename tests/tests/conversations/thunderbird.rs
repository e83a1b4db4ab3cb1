//! Thunderbird: a network calendar found by user name and location, then what each refresh and each invitation sends.

use anyhow::{Context as _, Result, ensure};
use televent_tests::{ics, meeting, message, without_schedule_status};

use crate::{
    client::{Account, Client, Habits},
    multistatus::Response,
    server::Server,
};

const HABITS: Habits = Habits {
    user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0",
    xml_type: "text/xml; charset=utf-8",
    headers: &[
        ("accept", "text/xml"),
        ("accept-language", "en-US,en;q=0.5"),
        ("accept-charset", "utf-8,*;q=0.1"),
    ],
};

const NAMESPACES: &str = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:CS='http://calendarserver.org/ns/' \
    xmlns:A='http://apple.com/ns/ical/'";

fn propfind(properties: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<D:propfind {NAMESPACES}><D:prop>{properties}</D:prop></D:propfind>"
    )
}

/// A calendar that it subscribes to, with everything that it found out about it.
struct Subscription {
    calendar: String,
    account: Account,
}

/// Where the user's calendars are, from a location that may be any of the server's.
async fn find_home(client: &Client, location: &str) -> Result<String> {
    let asked = propfind(
        "<D:resourcetype/><D:owner/><D:displayname/><D:current-user-principal/><D:current-user-privilege-set/>\
         <A:calendar-color/><C:calendar-home-set/>",
    );
    let found = client.propfind_with(location, "0", &asked).await?;
    let principal = found.only()?.link("D:current-user-principal")?;
    let found = client.propfind_with(&principal, "0", &asked).await?;
    found.only()?.link("C:calendar-home-set")
}

/// The calendars of a home that may be written to.
async fn list_calendars(client: &Client, home: &str) -> Result<Vec<Response>> {
    let asked = propfind(
        "<D:resourcetype/><D:displayname/><D:current-user-privilege-set/><C:supported-calendar-component-set/><A:calendar-color/>",
    );
    let listed = client.propfind_with(home, "1", &asked).await?;
    let mut calendars = Vec::new();
    for calendar in listed.of_type("C:calendar") {
        let privileges = calendar.privileges()?;
        ensure!(privileges.contains(&"D:write"), "read-only: {calendar:#?}");
        calendars.push(calendar.clone());
    }
    Ok(calendars)
}

/// What it does when a calendar is opened for the first time.
async fn open(client: &Client, calendar: &str) -> Result<Subscription> {
    let asked = propfind(
        "<D:resourcetype/><D:owner/><D:current-user-principal/><D:current-user-privilege-set/><D:supported-report-set/>\
         <C:supported-calendar-component-set/><CS:getctag/>",
    );
    client
        .send_without_login("PROPFIND", calendar, &[("depth", "0")], &asked)
        .await?
        .expect(401)?;
    let found = client.propfind_with(calendar, "0", &asked).await?;
    let itself = found.of(calendar)?;
    ensure!(
        itself.prop("D:resourcetype")?.has("C:calendar"),
        "{itself:#?}"
    );
    ensure!(!itself.text("CS:getctag")?.is_empty(), "{itself:#?}");
    ensure!(
        itself.reports()?.contains(&"D:sync-collection"),
        "{itself:#?}"
    );
    ensure!(itself.components()?.contains(&"VEVENT"), "{itself:#?}");
    let owner = itself.link("D:owner")?;
    let principal = itself.link("D:current-user-principal")?;
    ensure!(owner == principal, "not the owner: {itself:#?}");

    let parent = parent_of(calendar)?;
    for method in ["HEAD", "OPTIONS"] {
        let answer = client.send(method, &parent, &[], "").await?.expect(200)?;
        ensure!(answer.lists("dav", "calendar-auto-schedule")?, "{answer}");
    }
    let account = scheduling(client, &principal).await?;
    ensure!(
        account.home == parent,
        "{parent} is not the home: {account:?}"
    );
    Ok(Subscription {
        calendar: calendar.to_owned(),
        account,
    })
}

/// The three properties of a principal without which it sends invitations by mail itself.
async fn scheduling(client: &Client, principal: &str) -> Result<Account> {
    let asked = propfind(
        "<C:calendar-home-set/><C:calendar-user-address-set/><C:schedule-inbox-URL/><C:schedule-outbox-URL/>",
    );
    let found = client.propfind_with(principal, "0", &asked).await?;
    let itself = found.of(principal)?;
    let address = itself
        .prop("C:calendar-user-address-set")?
        .hrefs()
        .into_iter()
        .find(|href| href.to_ascii_lowercase().starts_with("mailto:"))
        .context("no address that is mailto:")?;
    Ok(Account {
        principal: principal.to_owned(),
        home: itself.link("C:calendar-home-set")?,
        inbox: itself.link("C:schedule-inbox-URL")?,
        outbox: itself.link("C:schedule-outbox-URL")?,
        address,
    })
}

fn parent_of(collection: &str) -> Result<String> {
    let (parent, _) = collection
        .trim_end_matches('/')
        .rsplit_once('/')
        .context("a path")?;
    Ok(format!("{parent}/"))
}

async fn subscribed(server: &Server) -> Result<(Client, Subscription)> {
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let home = find_home(&client, "/dav/").await?;
    let calendars = list_calendars(&client, &home).await?;
    let first = calendars.first().context("a calendar")?;
    let subscription = open(&client, &first.href).await?;
    Ok((client, subscription))
}

/// It sends a Depth that sync-collection does not have, as the drafts of RFC 6578 had it.
async fn refresh(
    client: &Client,
    calendar: &str,
    token: &str,
) -> Result<crate::multistatus::Multistatus> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token>\
         <sync-level>1</sync-level><prop><getcontenttype/><getetag/></prop></sync-collection>"
    );
    client.report(calendar, "1", &body).await
}

async fn multiget(client: &Client, calendar: &str, href: &str) -> Result<Response> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<C:calendar-multiget {NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>\
         <D:href>{href}</D:href></C:calendar-multiget>"
    );
    let found = client.report(calendar, "1", &body).await?;
    Ok(found.only()?.clone())
}

#[tokio::test]
async fn calendars_are_found_from_each_location_that_a_user_may_type() -> Result<()> {
    let server = Server::start().await?;
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let home = find_home(&client, "/dav/").await?;
    let calendars = list_calendars(&client, &home).await?;
    let calendar = calendars.first().context("a calendar")?.href.clone();
    let redirect = client
        .send(
            "PROPFIND",
            "/.well-known/caldav",
            &[("depth", "0")],
            propfind("<D:resourcetype/>"),
        )
        .await?;
    for location in ["/", redirect.header("location")?, &home, &calendar] {
        assert_eq!(find_home(&client, location).await?, home, "{location}");
    }
    Ok(())
}

#[tokio::test]
async fn calendar_opens_with_scheduling_by_the_server() -> Result<()> {
    let server = Server::start().await?;
    let (_, subscription) = subscribed(&server).await?;
    assert_eq!(
        subscription.account.address,
        "mailto:tg_1001@televent.internal"
    );
    Ok(())
}

/// A redirect of a calendar's URL opens a dialog each time.
#[tokio::test]
async fn calendar_without_its_slash_answers_without_a_redirect() -> Result<()> {
    let server = Server::start().await?;
    let (client, Subscription { calendar, .. }) = subscribed(&server).await?;
    let bare = calendar.trim_end_matches('/');
    let found = client
        .propfind_with(bare, "0", &propfind("<D:resourcetype/>"))
        .await?;
    assert_eq!(found.hrefs(), [&calendar], "{found:#?}");
    Ok(())
}

#[tokio::test]
async fn event_is_created_changed_and_deleted_and_each_refresh_tells_so() -> Result<()> {
    let server = Server::start().await?;
    let (client, Subscription { calendar, .. }) = subscribed(&server).await?;
    let token = refresh(&client, &calendar, "").await?.sync_token;
    let token = token.context("a token")?;
    let href = format!("{calendar}0f4a3a0e-9d5a-4a3f-8a2c-0d7b9a2f1c11.ics");
    let event = meeting("0f4a3a0e", 1_001, "X-MOZ-GENERATION:1");
    client.create(&href, &event).await?;
    let stored = multiget(&client, &calendar, &href).await?;
    let etag = stored.text("D:getetag")?.to_owned();

    let changed = event.replace("X-MOZ-GENERATION:1", "X-MOZ-GENERATION:2");
    client
        .put(&href, ("if-match", &etag), &changed)
        .await?
        .expect(204)?;
    client
        .put(&href, ("if-match", &etag), &event)
        .await?
        .expect(412)?;
    let news = refresh(&client, &calendar, &token).await?;
    assert_eq!(news.hrefs(), [&href], "{news:#?}");
    let token = news.sync_token.context("a token")?;

    let etag = multiget(&client, &calendar, &href).await?;
    let etag = etag.text("D:getetag")?;
    client
        .send("DELETE", &href, &[("if-match", etag)], "")
        .await?
        .expect(204)?;
    let news = refresh(&client, &calendar, &token).await?;
    assert_eq!(news.only()?.status, Some(404), "{news:#?}");
    Ok(())
}

#[tokio::test]
async fn organizer_in_upper_case_letters_is_still_the_user() -> Result<()> {
    let server = Server::start().await?;
    let (client, Subscription { calendar, account }) = subscribed(&server).await?;
    let href = format!("{calendar}plan.ics");
    let plan = meeting(
        "plan",
        1_001,
        "ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:MAILTO:tg_98765@televent.internal",
    )
    .replace("mailto:tg_1001", "MAILTO:tg_1001");
    assert!(plan.contains(&account.address.replace("mailto:", "MAILTO:")));
    let created = client.create(&href, &plan).await?;
    // Only what the user organizes, or is invited to, is scheduled.
    assert!(created.has_header("schedule-tag"), "{created}");
    let stored = client.get(&href).await?.expect(200)?;
    assert_eq!(without_schedule_status(&stored.body), plan, "{stored}");
    Ok(())
}

#[tokio::test]
async fn free_busy_times_are_asked_for_with_originator_and_recipient() -> Result<()> {
    let server = Server::start().await?;
    let (client, Subscription { calendar, account }) = subscribed(&server).await?;
    let href = format!("{calendar}busy.ics");
    client.create(&href, &meeting("busy", 1_001, "")).await?;
    let address = &account.address;
    let request = ics(&format!(
        "BEGIN:VCALENDAR
        PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
        VERSION:2.0
        METHOD:REQUEST
        BEGIN:VFREEBUSY
        UID:a2d7
        DTSTAMP:20270101T000000Z
        ORGANIZER:{address}
        DTSTART:20270115T000000Z
        DTEND:20270116T000000Z
        ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;CUTYPE=INDIVIDUAL:{address}
        END:VFREEBUSY
        END:VCALENDAR"
    ));
    let headers = [
        ("content-type", "text/calendar; charset=utf-8"),
        ("originator", address.as_str()),
        ("recipient", address.as_str()),
    ];
    let answer = client
        .send("POST", &account.outbox, &headers, request)
        .await?
        .expect(200)?;
    let root = answer.xml()?;
    let response = root.child("C:response")?;
    assert_eq!(&response.child("C:recipient")?.href()?, address, "{answer}");
    let status = &response.child("C:request-status")?.text;
    assert!(status.starts_with("2."), "{answer}");
    let times = &response.child("C:calendar-data")?.text;
    assert!(times.contains("20270115T080000Z/"), "{answer}");
    Ok(())
}

/// Where scheduling is the server's, the inbox is listed with each refresh, what is in it is fetched, and deleted without a
/// condition once it has been dealt with.
#[tokio::test]
async fn inbox_is_listed_fetched_and_emptied() -> Result<()> {
    let server = Server::start().await?;
    let (client, Subscription { account, .. }) = subscribed(&server).await?;
    let inbox = &account.inbox;
    let reply = message(
        "REPLY",
        &meeting(
            "plan",
            1_001,
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_6666@televent.internal",
        ),
    );
    server.deliver(1_001, "plan.ics", &reply).await?;
    let asked = propfind("<D:getcontenttype/><D:resourcetype/><D:getetag/>");
    let listed = client.propfind_with(inbox, "1", &asked).await?;
    let href = format!("{inbox}plan.ics");
    assert_eq!(listed.hrefs(), [inbox, &href], "{listed:#?}");
    let itself = listed.of(inbox)?;
    assert!(itself.prop("D:resourcetype")?.has("C:schedule-inbox"));
    let kind = listed.of(&href)?.text("D:getcontenttype")?;
    assert!(kind.starts_with("text/calendar"), "{kind}");
    assert!(kind.contains("component=VEVENT"), "{kind}");

    let fetched = multiget(&client, inbox, &href).await?;
    let data = &fetched.prop("C:calendar-data")?.text;
    assert!(data.contains("METHOD:REPLY"), "{data}");
    client.send("DELETE", &href, &[], "").await?.expect(204)?;
    let listed = client.propfind_with(inbox, "1", &asked).await?;
    assert_eq!(listed.hrefs(), [inbox], "{listed:#?}");
    Ok(())
}
