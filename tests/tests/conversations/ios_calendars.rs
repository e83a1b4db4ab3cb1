//! iOS: the calendars of the home, their colours and order, and the list for Reminders.

use anyhow::{Context as _, Result};

use crate::{
    client::{Account, Client},
    ios::{phone_of_ann, propfind},
    multistatus::Multistatus,
    server::Server,
};

/// What it asks of the home and of everything in it, each time that it looks for new calendars.
pub const HOME: [&str; 41] = [
    "D:add-member",
    "CS:allowed-sharing-modes",
    "I:autoprovisioned",
    "ME:bulk-requests",
    "C:calendar-alarm",
    "I:calendar-color",
    "C:calendar-description",
    "C:calendar-free-busy-set",
    "I:calendar-order",
    "C:calendar-timezone",
    "D:current-user-privilege-set",
    "C:default-alarm-vevent-date",
    "C:default-alarm-vevent-datetime",
    "D:displayname",
    "CS:getctag",
    "CS:invite",
    "I:language-code",
    "I:location-code",
    "C:managed-attachments-server-URL",
    "C:max-resource-size",
    "D:owner",
    "CS:pre-publish-url",
    "CS:publish-url",
    "CS:push-transports",
    "CS:pushkey",
    "D:quota-available-bytes",
    "D:quota-used-bytes",
    "I:refreshrate",
    "D:resource-id",
    "D:resourcetype",
    "C:schedule-calendar-transp",
    "C:schedule-default-calendar-URL",
    "CS:source",
    "CS:subscribed-strip-alarms",
    "CS:subscribed-strip-attachments",
    "CS:subscribed-strip-todos",
    "C:supported-calendar-component-set",
    "C:supported-calendar-component-sets",
    "D:supported-report-set",
    "D:sync-token",
    "CS:xmpp-uri",
];

pub async fn list_home(client: &Client, account: &Account) -> Result<Multistatus> {
    client
        .propfind_with(&account.home, "1", &propfind(&HOME))
        .await
}

/// The calendar in which it puts new events.
pub async fn first_calendar(client: &Client, account: &Account) -> Result<String> {
    let listed = list_home(client, account).await?;
    for calendar in listed.of_type("C:calendar") {
        if calendar.components()?.contains(&"VEVENT") {
            return Ok(calendar.href.clone());
        }
    }
    anyhow::bail!("no calendar takes events: {listed:#?}")
}

fn propertyupdate(properties: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:propertyupdate xmlns:A=\"DAV:\">\n  <A:set>\n    <A:prop>\n{properties}\n    </A:prop>\n  </A:set>\n</A:propertyupdate>\n"
    )
}

/// Changes properties; it must be done.
pub async fn proppatch(client: &Client, href: &str, properties: &str) -> Result<()> {
    let body = propertyupdate(properties);
    let answer = client.send("PROPPATCH", href, &[], body).await?;
    if answer.status == 200 {
        return Ok(());
    }
    let changed = answer.multistatus()?;
    let itself = changed.of(href)?;
    for status in [403, 404, 409, 424, 507] {
        let refused = itself.names(status);
        anyhow::ensure!(refused.is_empty(), "{refused:?}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn home_lists_itself_its_calendars_the_inbox_and_the_outbox() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let listed = list_home(&client, &account).await?;
    for (kind, expected) in [
        ("C:schedule-inbox", &account.inbox),
        ("C:schedule-outbox", &account.outbox),
    ] {
        let found: Vec<_> = listed.of_type(kind).map(|found| &found.href).collect();
        assert_eq!(found, [expected], "{listed:#?}");
    }
    let home = listed.of(&account.home)?;
    assert!(home.text("D:quota-available-bytes")?.parse::<u64>()? > 0);
    assert_eq!(home.text("D:quota-used-bytes")?, "0");
    let calendar = first_calendar(&client, &account).await?;
    let default = listed
        .of(&account.inbox)?
        .link("C:schedule-default-calendar-URL")?;
    assert_eq!(default, calendar, "{listed:#?}");
    Ok(())
}

#[tokio::test]
async fn calendar_tells_what_can_be_done_with_it() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let listed = list_home(&client, &account).await?;
    let calendar = listed.of_type("C:calendar").next().context("a calendar")?;
    let privileges = calendar.privileges()?;
    for privilege in ["D:read", "D:write", "D:bind", "D:unbind"] {
        assert!(
            privileges.contains(&privilege),
            "{privilege}: {calendar:#?}"
        );
    }
    let reports = calendar.reports()?;
    for report in [
        "C:calendar-query",
        "C:calendar-multiget",
        "D:sync-collection",
    ] {
        assert!(reports.contains(&report), "{report}: {calendar:#?}");
    }
    for name in ["D:displayname", "CS:getctag", "D:sync-token"] {
        assert!(!calendar.text(name)?.is_empty(), "{name}: {calendar:#?}");
    }
    assert!(
        calendar.prop("C:schedule-calendar-transp")?.has("C:opaque"),
        "{calendar:#?}"
    );
    assert_eq!(calendar.link("D:owner")?, account.principal);
    let id = calendar.link("D:resource-id")?;
    assert!(id.starts_with("urn:uuid:"), "{calendar:#?}");
    Ok(())
}

#[tokio::test]
async fn what_is_not_known_is_left_out_of_a_minimal_answer() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let listed = list_home(&client, &account).await?;
    for response in &listed.responses {
        assert_eq!(response.names(404), [""; 0], "{response:#?}");
        assert!(response.prop("D:resourcetype").is_ok(), "{response:#?}");
        for unknown in ["ME:bulk-requests", "CS:push-transports", "CS:invite"] {
            assert!(response.prop(unknown).is_err(), "{response:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn colour_and_order_of_a_calendar_come_back_as_they_were_set() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    for colour in ["#1BADF8FF", "#63DA38FF"] {
        let property = format!(
            "<D:calendar-color xmlns:D=\"http://apple.com/ns/ical/\" symbolic-color=\"custom\">{colour}</D:calendar-color>"
        );
        proppatch(&client, &calendar, &property).await?;
        let listed = list_home(&client, &account).await?;
        let found = listed.of(&calendar)?.prop("I:calendar-color")?;
        assert_eq!(
            (found.text.as_str(), found.attribute("symbolic-color")),
            (colour, Some("custom")),
            "{found:?}"
        );
    }
    let order = "<D:calendar-order xmlns:D=\"http://apple.com/ns/ical/\">3</D:calendar-order>";
    proppatch(&client, &calendar, order).await?;
    let listed = list_home(&client, &account).await?;
    let itself = listed.of(&calendar)?;
    assert_eq!(itself.text("I:calendar-order")?, "3", "{itself:#?}");
    assert_eq!(itself.text("I:calendar-color")?, "#63DA38FF", "{itself:#?}");
    Ok(())
}

#[tokio::test]
async fn time_zone_of_a_calendar_comes_back_as_it_was_set() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let zone = televent_tests::ics(
        "BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Apple Inc.//iOS 18.1.1//EN
        CALSCALE:GREGORIAN
        BEGIN:VTIMEZONE
        TZID:Europe/Berlin
        BEGIN:DAYLIGHT
        TZOFFSETFROM:+0100
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
        DTSTART:19810329T020000
        TZNAME:CEST
        TZOFFSETTO:+0200
        END:DAYLIGHT
        BEGIN:STANDARD
        TZOFFSETFROM:+0200
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
        DTSTART:19961027T030000
        TZNAME:CET
        TZOFFSETTO:+0100
        END:STANDARD
        END:VTIMEZONE
        END:VCALENDAR",
    );
    let property = format!(
        "<B:calendar-timezone xmlns:B=\"urn:ietf:params:xml:ns:caldav\">{}</B:calendar-timezone>",
        zone.replace("\r\n", "&#13;\n")
    );
    proppatch(&client, &calendar, &property).await?;
    let listed = list_home(&client, &account).await?;
    let found = listed.of(&calendar)?.text("C:calendar-timezone")?;
    assert_eq!(found, zone.trim());
    Ok(())
}

/// iOS makes a list called "Reminders" on each sync of an account in which nothing takes tasks.
#[tokio::test]
async fn account_can_hold_tasks_from_the_start() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let listed = list_home(&client, &account).await?;
    let mut for_tasks = 0;
    for calendar in listed.of_type("C:calendar") {
        for_tasks += usize::from(calendar.components()?.contains(&"VTODO"));
    }
    assert!(for_tasks > 0, "{listed:#?}");
    Ok(())
}

#[tokio::test]
async fn list_of_reminders_comes_back_as_it_was_made() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let before = list_home(&client, &account).await?;
    let list = format!("{}4B0CC8A3-56D4-4A3B-9F0B-0C2E5D3F1E77/", account.home);
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <B:mkcalendar xmlns:B=\"urn:ietf:params:xml:ns:caldav\">\n  <A:set xmlns:A=\"DAV:\">\n    <A:prop>\n\
        <D:calendar-color xmlns:D=\"http://apple.com/ns/ical/\" symbolic-color=\"orange\">#FF9500FF</D:calendar-color>\n\
        <D:calendar-order xmlns:D=\"http://apple.com/ns/ical/\">2</D:calendar-order>\n\
        <A:displayname>Reminders</A:displayname>\n\
        <B:supported-calendar-component-set>\n<B:comp name=\"VTODO\"/>\n</B:supported-calendar-component-set>\n\
        </A:prop>\n  </A:set>\n</B:mkcalendar>\n";
    client
        .send("MKCALENDAR", &list, &[], body)
        .await?
        .expect(201)?;

    let listed = list_home(&client, &account).await?;
    assert_eq!(listed.responses.len(), before.responses.len() + 1);
    let made = listed.of(&list)?;
    assert!(made.prop("D:resourcetype")?.has("C:calendar"), "{made:#?}");
    assert_eq!(made.text("D:displayname")?, "Reminders");
    assert_eq!(made.components()?, ["VTODO"], "{made:#?}");
    assert_eq!(made.text("I:calendar-order")?, "2");
    let colour = made.prop("I:calendar-color")?;
    assert_eq!(
        (colour.text.as_str(), colour.attribute("symbolic-color")),
        ("#FF9500FF", Some("orange"))
    );

    let task = televent_tests::ics(
        "BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Apple Inc.//iOS 18.1.1//EN
        BEGIN:VTODO
        UID:milk
        DTSTAMP:20270101T000000Z
        SUMMARY:Milk
        END:VTODO
        END:VCALENDAR",
    );
    client.create(&format!("{list}milk.ics"), &task).await?;
    let event = televent_tests::meeting("plan", 1_001, "");
    let refused = client
        .put(&format!("{list}plan.ics"), ("if-none-match", "*"), &event)
        .await?
        .expect(403)?;
    assert_eq!(refused.condition()?, "C:supported-calendar-component");
    Ok(())
}

#[tokio::test]
async fn calendar_is_renamed_and_deleted() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let family = format!("{}family/", account.home);
    client
        .send("MKCALENDAR", &family, &[], "")
        .await?
        .expect(201)?;
    proppatch(&client, &family, "<A:displayname>Fämily</A:displayname>").await?;
    let listed = list_home(&client, &account).await?;
    assert_eq!(listed.of(&family)?.text("D:displayname")?, "Fämily");
    client.send("DELETE", &family, &[], "").await?.expect(204)?;
    let listed = list_home(&client, &account).await?;
    assert!(!listed.hrefs().contains(&family.as_str()), "{listed:#?}");
    Ok(())
}
