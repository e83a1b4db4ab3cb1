//! What breaks apps in objects: tags that promise too much, bodies that come back otherwise, addresses in another case.

use anyhow::Result;
use televent_tests::{ics, meeting};

use crate::{client::Client, ios::phone_of_ann, ios_calendars::first_calendar, server::Server};

const BO_IS_ASKED: &str = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_2002@televent.internal";

/// A meeting whose ORGANIZER the server must add.
fn without_organizer(uid: &str) -> String {
    meeting(uid, 1_001, BO_IS_ASKED)
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("ORGANIZER"))
        .collect()
}

/// The phone, and a name in its calendar.
async fn phone(server: &Server) -> Result<(Client, String)> {
    let (client, account) = phone_of_ann(server).await?;
    let calendar = first_calendar(&client, &account).await?;
    Ok((client, format!("{calendar}plan.ics")))
}

#[tokio::test]
async fn object_that_is_stored_as_sent_has_its_etag_in_the_answer() -> Result<()> {
    let server = Server::start().await?;
    let (client, href) = phone(&server).await?;
    // Folds, parameters, alarms and unknown properties as only their client writes them.
    let object = ics("BEGIN:VCALENDAR
        X-WR-CALNAME;X-P=\"a:b;c\":Größe
        PRODID:-//Example//EN
        VERSION:2.0
        BEGIN:VEVENT
        X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC
        UID:plan
        DTSTAMP:20270101T000000Z
        DTSTART:20270115T080000Z
        DTEND:20270115T090000Z
        SUMMARY:Plan\\, with \\;signs\\n
        X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=\"Café\":geo:48.1,11.5
        ORGANIZER;EMAIL=tg_1001@televent.internal:mailto:tg_1001@televent.internal
        ATTENDEE;X-NUM-GUESTS=0;SCHEDULE-AGENT=CLIENT:MAILTO:tg_2002@Televent.Internal
        BEGIN:VALARM
        ACTION:DISPLAY
        TRIGGER:-PT15M
        X-WR-ALARMUID:1
        END:VALARM
        END:VEVENT
        END:VCALENDAR")
    .replace("BEHAVIOR:AUTOMATIC", "BEHAVIOR:AUTO\r\n MATIC");
    let created = client.create(&href, &object).await?;
    let stored = client.get(&href).await?.expect(200)?;
    assert_eq!(stored.body, object, "{stored}");
    assert_eq!(created.header("etag")?, stored.header("etag")?);
    assert_eq!(
        created.header("schedule-tag")?,
        stored.header("schedule-tag")?
    );
    Ok(())
}

#[tokio::test]
async fn object_that_the_server_completes_has_no_etag_in_the_answer() -> Result<()> {
    let server = Server::start().await?;
    let (client, href) = phone(&server).await?;
    let sent = without_organizer("plan");
    let created = client.create(&href, &sent).await?;
    assert!(!created.has_header("etag"), "{created}");
    let stored = client.get(&href).await?.expect(200)?;
    assert_ne!(stored.body, sent);
    assert_eq!(
        created.header("schedule-tag")?,
        stored.header("schedule-tag")?,
        "{created}"
    );
    // What was added is there for good: the same PUT again changes nothing.
    let again = client.put(&href, ("if-match", "*"), &sent).await?;
    again.expect(204)?;
    let unchanged = client.get(&href).await?.expect(200)?;
    assert_eq!(unchanged.header("etag")?, stored.header("etag")?);
    Ok(())
}

#[tokio::test]
async fn object_that_the_server_completes_is_returned_to_whoever_prefers_it() -> Result<()> {
    let server = Server::start().await?;
    let (client, href) = phone(&server).await?;
    // One preference beside the one that the phone always has would be ambiguous.
    let plain = client.without_habits();
    for (sent, status) in [
        (without_organizer("plan"), 201),
        (without_organizer("plan").replace("Planning", "Plan"), 200),
    ] {
        let returned = plain
            .put(&href, ("prefer", "return=representation"), &sent)
            .await?
            .expect(status)?;
        let stored = client.get(&href).await?.expect(200)?;
        assert_eq!(returned.body, stored.body, "{returned}");
        assert_eq!(returned.header("etag")?, stored.header("etag")?);
        assert_eq!(
            returned.header("preference-applied")?,
            "return=representation"
        );
        let kind = returned.header("content-type")?;
        assert!(kind.starts_with("text/calendar"), "{returned}");
    }
    Ok(())
}

#[tokio::test]
async fn mailto_is_the_first_address_and_the_preferred_one() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let found = client
        .propfind(&account.principal, "0", &["C:calendar-user-address-set"])
        .await?;
    let set = found.only()?.prop("C:calendar-user-address-set")?;
    let first = set.child("D:href")?;
    let address = format!("mailto:{}@televent.internal", client.username());
    assert_eq!(first.text, address, "{set:?}");
    assert_eq!(first.attribute("preferred"), Some("1"), "{set:?}");
    Ok(())
}

#[tokio::test]
async fn address_in_any_case_of_letters_is_the_users_own() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let bo = Client::new(&server.account(2_002, "Bo").await?, crate::ios::HABITS)?;
    let me = bo
        .propfind("/dav/", "0", &["D:current-user-principal"])
        .await?;
    let principal_of_bo = me.only()?.link("D:current-user-principal")?;
    client
        .send("PROPFIND", &principal_of_bo, &[("depth", "0")], "")
        .await?
        .expect(404)?;
    let plan = meeting("plan", 1_001, BO_IS_ASKED).replace(
        "mailto:tg_1001@televent.internal",
        "MAILTO:tg_1001@TELEVENT.internal",
    );
    let created = client.create(&format!("{calendar}plan.ics"), &plan).await?;
    assert!(created.has_header("schedule-tag"), "{created}");
    // Whom the organizer has invited she may know of; had she not been the organizer, nobody would be invited.
    let known = client
        .propfind(&principal_of_bo, "0", &["D:displayname"])
        .await?;
    assert_eq!(known.only()?.text("D:displayname")?, "Bo", "{known:#?}");
    Ok(())
}

#[tokio::test]
async fn object_cannot_be_stored_twice_under_two_names() -> Result<()> {
    let server = Server::start().await?;
    let (client, href) = phone(&server).await?;
    client.create(&href, &meeting("plan", 1_001, "")).await?;
    let other = href.replace("plan.ics", "other.ics");
    let refused = client
        .put(&other, ("if-none-match", "*"), &meeting("plan", 1_001, ""))
        .await?
        .expect(403)?;
    assert_eq!(refused.condition()?, "C:no-uid-conflict", "{refused}");
    let standing_in_the_way = refused.xml()?.child("C:no-uid-conflict")?.href()?;
    assert_eq!(standing_in_the_way, href, "{refused}");
    Ok(())
}

#[tokio::test]
async fn known_object_is_not_sent_again() -> Result<()> {
    let server = Server::start().await?;
    let (client, href) = phone(&server).await?;
    client.create(&href, &meeting("plan", 1_001, "")).await?;
    let stored = client.get(&href).await?.expect(200)?;
    let etag = stored.header("etag")?;
    let known = client
        .send("GET", &href, &[("if-none-match", etag)], "")
        .await?
        .expect(304)?;
    assert_eq!(known.header("etag")?, etag, "{known}");
    Ok(())
}

#[tokio::test]
async fn head_says_what_get_would() -> Result<()> {
    let server = Server::start().await?;
    let (client, href) = phone(&server).await?;
    let plan = meeting("plan", 1_001, BO_IS_ASKED);
    client.create(&href, &plan).await?;
    let get = client.get(&href).await?.expect(200)?;
    let head = client.send("HEAD", &href, &[], "").await?.expect(200)?;
    for name in ["etag", "schedule-tag", "content-type", "last-modified"] {
        assert_eq!(head.header(name)?, get.header(name)?, "{head}");
    }
    assert_eq!(head.header("content-length")?, get.body.len().to_string());
    assert_eq!(head.body, "");
    Ok(())
}
