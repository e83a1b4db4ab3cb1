//! iOS and macOS: whom one invites. Names are completed while they are typed, and it is shown who is busy.

use anyhow::{Context as _, Result};
use televent_tests::{ics, meeting};

use crate::{
    client::{Account, Client},
    ios::{HABITS, phone_of_ann, propfind, set_up},
    ios_calendars::first_calendar,
    multistatus::Multistatus,
    server::Server,
    xml::Element,
};

const BO: &str = "mailto:tg_2002@televent.internal";

/// What it asks of people.
const PERSON: &str = "<A:prop xmlns:A=\"DAV:\"><B:calendar-user-address-set xmlns:B=\"urn:ietf:params:xml:ns:caldav\"/>\
    <B:calendar-user-type xmlns:B=\"urn:ietf:params:xml:ns:caldav\"/><A:displayname/>\
    <C:email-address-set xmlns:C=\"http://calendarserver.org/ns/\"/><C:first-name xmlns:C=\"http://calendarserver.org/ns/\"/>\
    <C:last-name xmlns:C=\"http://calendarserver.org/ns/\"/><A:principal-URL/>\
    <C:record-type xmlns:C=\"http://calendarserver.org/ns/\"/></A:prop>";

/// Ann, who has invited Bo once, and Eve, of whom she has never heard; and Ann's account.
async fn acquaintances(server: &Server) -> Result<(Client, Account, Client)> {
    let (ann, account) = phone_of_ann(server).await?;
    let bo = Client::new(&server.account(2_002, "Bo Diddley").await?, HABITS)?;
    server.account(6_666, "Bob Stranger").await?;
    let calendar = first_calendar(&ann, &account).await?;
    let invitation = meeting("met", 1_001, &format!("ATTENDEE;CN=Bo:{BO}"));
    ann.create(&format!("{calendar}met.ics"), &invitation)
        .await?;
    Ok((ann, account, bo))
}

async fn principal_collection(client: &Client, account: &Account) -> Result<String> {
    let found = client
        .propfind_with(
            &account.principal,
            "0",
            &propfind(&["D:principal-collection-set"]),
        )
        .await?;
    found.only()?.link("D:principal-collection-set")
}

/// Bo, and nobody else, with what an ATTENDEE is made of.
fn assert_is_bo(found: &Multistatus) -> Result<()> {
    let bo = found.only()?;
    assert_eq!(bo.text("D:displayname")?, "Bo Diddley", "{found:#?}");
    let addresses = bo.prop("C:calendar-user-address-set")?.hrefs();
    assert_eq!(addresses, [BO], "{found:#?}");
    assert_eq!(bo.text("C:calendar-user-type")?, "INDIVIDUAL");
    assert_eq!(bo.link("D:principal-URL")?, bo.href, "{found:#?}");
    Ok(())
}

#[tokio::test]
async fn invitee_is_found_by_the_beginnings_of_words_in_the_name() -> Result<()> {
    let server = Server::start().await?;
    let (ann, account, _bo) = acquaintances(&server).await?;
    let collection = principal_collection(&ann, &account).await?;
    let found = ann
        .propfind_with(&collection, "0", &propfind(&["D:supported-report-set"]))
        .await?;
    let report = "CS:calendarserver-principal-search";
    assert!(found.only()?.reports()?.contains(&report), "{found:#?}");
    for tokens in [&["bo"] as &[&str], &["Did", "b"], &["tg_2002"]] {
        let tokens: String = tokens
            .iter()
            .map(|token| format!("<C:search-token>{token}</C:search-token>"))
            .collect();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <C:calendarserver-principal-search xmlns:C=\"http://calendarserver.org/ns/\" context=\"attendee\">\n\
             {tokens}<C:limit><C:nresults>50</C:nresults></C:limit>{PERSON}\n</C:calendarserver-principal-search>\n"
        );
        let found = ann.report(&collection, "0", &body).await?;
        assert_is_bo(&found).with_context(|| tokens)?;
    }
    Ok(())
}

#[tokio::test]
async fn invitee_is_found_by_any_property_that_begins_so() -> Result<()> {
    let server = Server::start().await?;
    let (ann, account, _bo) = acquaintances(&server).await?;
    let collection = principal_collection(&ann, &account).await?;
    for text in ["bo", "tg_2002@", "mailto:tg_2002"] {
        let search = |property: &str| {
            format!(
                "<A:property-search><A:prop>{property}</A:prop><A:match match-type=\"starts-with\">{text}</A:match></A:property-search>"
            )
        };
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:principal-property-search xmlns:A=\"DAV:\" test=\"anyof\">\n{}{}{}{PERSON}\n\
             </A:principal-property-search>\n",
            search("<A:displayname/>"),
            search("<C:email-address-set xmlns:C=\"http://calendarserver.org/ns/\"/>"),
            search("<B:calendar-user-address-set xmlns:B=\"urn:ietf:params:xml:ns:caldav\"/>"),
        );
        let found = ann.report(&collection, "0", &body).await?;
        assert_is_bo(&found).with_context(|| text)?;
    }
    Ok(())
}

fn free_busy_request(organizer: &str, attendees: &[&str]) -> String {
    let attendees: String = attendees
        .iter()
        .map(|attendee| format!("ATTENDEE:{attendee}\n"))
        .collect();
    ics(&format!(
        "BEGIN:VCALENDAR
        CALSCALE:GREGORIAN
        VERSION:2.0
        METHOD:REQUEST
        PRODID:-//Apple Inc.//iOS 18.1.1//EN
        BEGIN:VFREEBUSY
        UID:6F1B5A55-91C5-4B0D-9F3C-0E1D9E4D2A11
        {attendees}DTSTAMP:20270101T000000Z
        DTSTART:20270115T000000Z
        DTEND:20270116T000000Z
        ORGANIZER:{organizer}
        X-CALENDARSERVER-MASK-UID:met
        END:VFREEBUSY
        END:VCALENDAR"
    ))
}

/// Whether a `C:response` is about somebody, in whatever case the address is written.
fn is_about(response: &Element, address: &str) -> bool {
    let recipient = response.child("C:recipient").and_then(Element::href);
    recipient.is_ok_and(|href| href.eq_ignore_ascii_case(address))
}

#[tokio::test]
async fn outbox_tells_when_an_acquaintance_is_busy_and_nothing_of_others() -> Result<()> {
    let server = Server::start().await?;
    let (ann, account, bo) = acquaintances(&server).await?;
    let account_of_bo = set_up(&bo).await?;
    let calendar_of_bo = first_calendar(&bo, &account_of_bo).await?;
    let secret = meeting("secret", 2_002, "CATEGORIES:Dentist");
    bo.create(&format!("{calendar_of_bo}secret.ics"), &secret)
        .await?;
    let eve = "mailto:tg_6666@televent.internal";
    let nobody = "mailto:somebody@example.org";
    let request = free_busy_request(&account.address, &[BO, eve, nobody]);
    let answer = ann
        .send(
            "POST",
            &account.outbox,
            &[("content-type", "text/calendar")],
            request,
        )
        .await?
        .expect(200)?;
    let root = answer.xml()?;
    assert_eq!(root.name, "C:schedule-response", "{answer}");
    let of = |address: &str| {
        root.children_named("C:response")
            .find(|response| is_about(response, address))
            .with_context(|| format!("nothing of {address}: {answer}"))
    };
    let times = of(BO)?;
    let status = &times.child("C:request-status")?.text;
    assert!(status.starts_with("2.0"), "{answer}");
    let busy = &times.child("C:calendar-data")?.text;
    assert!(busy.contains("20270115T080000Z/"), "{answer}");
    assert!(busy.contains("METHOD:REPLY"), "{answer}");
    for told in ["Planning", "secret", "Dentist"] {
        assert!(!busy.contains(told), "{told}: {answer}");
    }
    for address in [eve, nobody] {
        let unknown = of(address)?;
        let status = &unknown.child("C:request-status")?.text;
        assert!(status.starts_with("3."), "{answer}");
        assert!(!unknown.has("C:calendar-data"), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_asks_the_outbox_in_the_name_of_somebody_else() -> Result<()> {
    let server = Server::start().await?;
    let (ann, account, _bo) = acquaintances(&server).await?;
    let answer = ann
        .send(
            "POST",
            &account.outbox,
            &[("content-type", "text/calendar")],
            free_busy_request(BO, &[&account.address]),
        )
        .await?
        .expect(403)?;
    assert_eq!(answer.condition()?, "C:valid-organizer", "{answer}");
    Ok(())
}
