//! macOS: as iOS, and what Calendar asks besides: delegates, alarms and hours of work for the whole account.

use anyhow::{Context as _, Result};
use televent_tests::{meeting, message};

use crate::{
    client::{Account, Client, Habits},
    ios::{propfind, set_up},
    ios_calendars::{HOME, first_calendar, list_home, proppatch},
    ios_sync::{multiget, sync, sync_collection},
    multistatus::Multistatus,
    server::Server,
};

const HABITS: Habits = Habits {
    user_agent: "macOS/15.1 (24B83) dataaccessd/1.0",
    xml_type: "text/xml",
    headers: &[
        ("accept", "*/*"),
        ("prefer", "return=minimal"),
        ("brief", "t"),
        ("accept-language", "en-US,en;q=0.9"),
    ],
};

async fn mac_of_ann(server: &Server) -> Result<(Client, Account)> {
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let account = set_up(&client).await?;
    Ok((client, account))
}

#[tokio::test]
async fn account_without_delegates_is_nobodys_delegate() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let of_each = "<A:property name=\"calendar-user-address-set\" namespace=\"urn:ietf:params:xml:ns:caldav\"/>\
        <A:property name=\"email-address-set\" namespace=\"http://calendarserver.org/ns/\"/>\
        <A:property name=\"displayname\" namespace=\"DAV:\"/>";
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:expand-property xmlns:A=\"DAV:\">\n\
         <A:property name=\"calendar-proxy-read-for\" namespace=\"http://calendarserver.org/ns/\">{of_each}</A:property>\n\
         <A:property name=\"calendar-proxy-write-for\" namespace=\"http://calendarserver.org/ns/\">{of_each}</A:property>\n\
         </A:expand-property>\n"
    );
    let expanded = client.report(&account.principal, "0", &body).await?;
    let itself = expanded.of(&account.principal)?;
    for property in ["CS:calendar-proxy-read-for", "CS:calendar-proxy-write-for"] {
        let delegators = itself.prop(property).map(|found| found.children.len());
        assert_eq!(delegators.unwrap_or(0), 0, "{expanded:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn expanded_property_has_the_response_of_the_resource_that_it_names() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:expand-property xmlns:A=\"DAV:\">\n\
        <A:property name=\"current-user-principal\"><A:property name=\"displayname\"/></A:property>\n\
        </A:expand-property>\n";
    let expanded = client.report(&account.home, "0", body).await?;
    let inner = expanded
        .of(&account.home)?
        .prop("D:current-user-principal")?
        .child("D:response")?;
    let principal = crate::multistatus::Response::read(inner)?;
    assert_eq!(principal.href, account.principal, "{expanded:#?}");
    assert_eq!(principal.text("D:displayname")?, "Ann", "{expanded:#?}");
    Ok(())
}

#[tokio::test]
async fn default_alarms_are_kept_on_the_home_and_on_a_calendar() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let alarm = "BEGIN:VALARM\nX-WR-ALARMUID:7D2A\nUID:7D2A\nTRIGGER:-PT15H\nATTACH;VALUE=URI:Chord\nACTION:AUDIO\nEND:VALARM";
    for href in [&account.home, &calendar] {
        for name in ["default-alarm-vevent-date", "default-alarm-vevent-datetime"] {
            let property =
                format!("<B:{name} xmlns:B=\"urn:ietf:params:xml:ns:caldav\">{alarm}</B:{name}>");
            proppatch(&client, href, &property).await?;
        }
    }
    let listed = list_home(&client, &account).await?;
    for href in [&account.home, &calendar] {
        for name in [
            "C:default-alarm-vevent-date",
            "C:default-alarm-vevent-datetime",
        ] {
            assert_eq!(listed.of(href)?.text(name)?, alarm, "{listed:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn name_description_and_transparency_of_a_calendar_come_back() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let properties = "<A:displayname>Work &amp; play</A:displayname>\
        <B:calendar-description xmlns:B=\"urn:ietf:params:xml:ns:caldav\">Both &lt;of&gt; them</B:calendar-description>\
        <B:schedule-calendar-transp xmlns:B=\"urn:ietf:params:xml:ns:caldav\"><B:transparent/></B:schedule-calendar-transp>";
    proppatch(&client, &calendar, properties).await?;
    let listed = list_home(&client, &account).await?;
    let itself = listed.of(&calendar)?;
    assert_eq!(itself.text("D:displayname")?, "Work & play");
    assert_eq!(itself.text("C:calendar-description")?, "Both <of> them");
    let transparency = itself.prop("C:schedule-calendar-transp")?;
    assert_eq!(transparency.names(), ["C:transparent"], "{itself:#?}");
    Ok(())
}

#[tokio::test]
async fn hours_of_work_are_kept_on_the_inbox() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let hours = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Apple Inc.//macOS 15.1//EN\nBEGIN:VAVAILABILITY\nUID:hours\n\
        DTSTAMP:20270101T000000Z\nBEGIN:AVAILABLE\nUID:mornings\nDTSTAMP:20270101T000000Z\nDTSTART:20270104T090000Z\n\
        DTEND:20270104T120000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU\nEND:AVAILABLE\nEND:VAVAILABILITY\nEND:VCALENDAR";
    let property = format!(
        "<C:calendar-availability xmlns:C=\"http://calendarserver.org/ns/\">{hours}</C:calendar-availability>"
    );
    proppatch(&client, &account.inbox, &property).await?;
    let found = client
        .propfind_with(
            &account.inbox,
            "0",
            &propfind(&["CS:calendar-availability"]),
        )
        .await?;
    assert_eq!(
        found.only()?.text("CS:calendar-availability")?,
        hours,
        "{found:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn another_calendar_is_chosen_for_invitations() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let work = format!("{}work/", account.home);
    client
        .send("MKCALENDAR", &work, &[], "")
        .await?
        .expect(201)?;
    let choice = |href: &str| {
        format!(
            "<B:schedule-default-calendar-URL xmlns:B=\"urn:ietf:params:xml:ns:caldav\"><A:href>{href}</A:href></B:schedule-default-calendar-URL>"
        )
    };
    proppatch(&client, &account.inbox, &choice(&work)).await?;
    let default = |listed: &Multistatus| {
        listed
            .of(&account.inbox)?
            .link("C:schedule-default-calendar-URL")
    };
    assert_eq!(default(&list_home(&client, &account).await?)?, work);

    let nowhere = format!("{}nowhere/", account.home);
    let refused = proppatch(&client, &account.inbox, &choice(&nowhere)).await;
    assert!(refused.is_err(), "a calendar that is not there was chosen");
    assert_eq!(default(&list_home(&client, &account).await?)?, work);
    Ok(())
}

/// It would sync the whole home at once where that is offered.
#[tokio::test]
async fn sync_of_the_whole_home_is_neither_offered_nor_answered() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let listed = list_home(&client, &account).await?;
    let home = listed.of(&account.home)?;
    let reports = home.reports()?;
    assert!(!reports.contains(&"D:sync-collection"), "{home:#?}");
    assert!(home.prop("D:sync-token").is_err(), "{home:#?}");
    let body = sync_collection("");
    let refused = client
        .send("REPORT", &account.home, &[("depth", "1")], body)
        .await?
        .expect(403)?;
    assert_eq!(refused.condition()?, "D:supported-report", "{refused}");
    Ok(())
}

/// What is advertised for the inbox is how it is synced: by its token rather than by listing it.
#[tokio::test]
async fn inbox_is_synced_as_a_calendar_is() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = mac_of_ann(&server).await?;
    let inbox = &account.inbox;
    let listed = list_home(&client, &account).await?;
    let itself = listed.of(inbox)?;
    assert!(itself.reports()?.contains(&"D:sync-collection"));
    let token = itself.text("D:sync-token")?.to_owned();
    assert_eq!(sync(&client, inbox, "").await?.hrefs(), [""; 0]);

    let invited = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_1001@televent.internal";
    let plan = meeting("plan", 6_666, invited);
    server
        .deliver(1_001, "plan.ics", &message("REQUEST", &plan))
        .await?;
    let href = format!("{inbox}plan.ics");
    let came = sync(&client, inbox, &token).await?;
    assert_eq!(came.hrefs(), [&href], "{came:#?}");
    let token = came.sync_token.context("a token")?;

    // What the organizer says next of the same meeting takes its place.
    let cancel = message("CANCEL", &plan);
    server.deliver(1_001, "plan.ics", &cancel).await?;
    let changed = sync(&client, inbox, &token).await?;
    assert_eq!(changed.hrefs(), [&href], "{changed:#?}");
    let found = multiget(&client, inbox, &[&href]).await?;
    let data = &found.of(&href)?.prop("C:calendar-data")?.text;
    assert!(data.contains("METHOD:CANCEL"), "{data}");
    let token = changed.sync_token.context("a token")?;

    client.send("DELETE", &href, &[], "").await?.expect(204)?;
    let gone = sync(&client, inbox, &token).await?;
    assert_eq!(gone.of(&href)?.status, Some(404), "{gone:#?}");
    Ok(())
}

/// Whoever does not prefer short answers is told what is not there, too.
#[tokio::test]
async fn without_a_preference_each_property_is_answered_for() -> Result<()> {
    let server = Server::start().await?;
    let login = server.account(1_001, "Ann").await?;
    let habits = Habits {
        headers: &[("accept", "*/*")],
        ..HABITS
    };
    let client = Client::new(&login, habits)?;
    let account = set_up(&client).await?;
    let listed = list_home(&client, &account).await?;
    for response in &listed.responses {
        let mut names = response.names(200);
        names.extend(response.names(404));
        names.sort_unstable();
        let mut asked = HOME.to_vec();
        asked.sort_unstable();
        assert_eq!(names, asked, "{response:#?}");
    }
    Ok(())
}
