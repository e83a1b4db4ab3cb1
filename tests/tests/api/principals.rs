//! Who is found by whom, and what is shown of somebody else.

use anyhow::Result;
use televent_store::{Directory, NewUser};
use uuid::Uuid;

use crate::support::{
    EVENT, Ground, PRINCIPAL, PUBLIC_URL, invitation, multistatus, person, response,
};

pub const BOB: &str = "/dav/principals/98765/";
pub const CAROL: &str = "/dav/principals/4711/";
const EVE: &str = "/dav/principals/6666/";
pub const NOBODY: [&str; 0] = [];

async fn add(ground: &Ground, id: i64, name: &str, username: Option<&str>) -> Result<()> {
    let user = NewUser {
        telegram_id: person(id),
        name,
        username,
        language: None,
        time_zone: None,
        reachable: None,
        calendar_id: Uuid::now_v7(),
    };
    ground.store.add_user(&user).await?;
    Ok(())
}

/// Ann has a meeting with Bob and Carol, and none with Eve.
pub async fn with_people(directory: Directory) -> Result<Ground> {
    let ground = Ground::with(PUBLIC_URL, directory).await?;
    add(&ground, 98_765, "Bob van der Berg", Some("Bobby_B")).await?;
    add(&ground, 4_711, "Ольга Smith", None).await?;
    let meeting = invitation("uid-a").replace(
        "END:VEVENT",
        "ATTENDEE:mailto:tg_4711@televent.internal\r\nEND:VEVENT",
    );
    ground.put(EVENT, meeting).await?;
    Ok(ground)
}

/// A principal-property-search for what each pair of property and match says.
pub async fn search(ground: &Ground, test: &str, searches: &[(&str, &str)]) -> Result<Vec<String>> {
    let searches: String = searches
        .iter()
        .map(|(property, text)| {
            format!("<d:property-search><d:prop><{property}/></d:prop>{text}</d:property-search>")
        })
        .collect();
    let body = format!(
        "<d:principal-property-search {} {test}>{searches}<d:prop><d:displayname/></d:prop></d:principal-property-search>",
        crate::support::NAMESPACES
    );
    let answer = ground
        .send("REPORT", "/dav/principals/", &[("depth", "0")], body)
        .await?;
    anyhow::ensure!(answer.status == 207, "{}", answer.shown());
    Ok(answer.hrefs())
}

pub async fn words(ground: &Ground, tokens: &[&str]) -> Result<Vec<String>> {
    let tokens: String = tokens
        .iter()
        .map(|token| format!("<cs:search-token>{token}</cs:search-token>"))
        .collect();
    let body = format!("{tokens}<d:prop><d:displayname/></d:prop>");
    let answer = ground
        .report(
            "/dav/principals/",
            "cs:calendarserver-principal-search",
            &body,
        )
        .await?;
    anyhow::ensure!(answer.status == 207, "{}", answer.shown());
    Ok(answer.hrefs())
}

#[tokio::test]
async fn strangers_are_not_found_and_not_shown() -> Result<()> {
    let ground = with_people(Directory::Acquaintances).await?;
    let eve = [("d:displayname", "<d:match>eve</d:match>")];
    assert_eq!(search(&ground, "", &eve).await?, NOBODY);
    assert_eq!(words(&ground, &["eve"]).await?, NOBODY);
    assert_eq!(search(&ground, "", &[]).await?, [PRINCIPAL, BOB, CAROL]);
    for (path, status) in [
        (PRINCIPAL, 207),
        (BOB, 207),
        (CAROL, 207),
        (EVE, 404),
        ("/dav/principals/12345/", 404),
    ] {
        assert_eq!(
            ground.propfind(path, "0", "<d:displayname/>").await?.status,
            status,
            "{path}"
        );
    }
    // Listed is the asker alone: who wants others searches for them.
    let answer = ground
        .propfind("/dav/principals/", "1", "<d:displayname/>")
        .await?;
    assert_eq!(answer.hrefs(), ["/dav/principals/", PRINCIPAL]);

    // Eve invites Ann: then they know each other.
    let headers = [("authorization", ground.eve.as_str())];
    let meeting = invitation("uid-e")
        .replace("tg_1001", "tg_6666")
        .replace("tg_98765", "tg_1001");
    ground
        .send(
            "PUT",
            "/dav/calendars/6666/default/e.ics",
            &headers,
            meeting,
        )
        .await?;
    assert_eq!(search(&ground, "", &eve).await?, [EVE]);
    assert_eq!(
        ground.propfind(EVE, "0", "<d:displayname/>").await?.status,
        207
    );
    Ok(())
}

#[tokio::test]
async fn guest_without_an_account_is_nobody() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, invitation("uid-a")).await?;
    ground.store.set_reachable(person(98_765), true).await?;
    assert_eq!(search(&ground, "", &[]).await?, [PRINCIPAL]);
    assert_eq!(
        ground.propfind(BOB, "0", "<d:displayname/>").await?.status,
        404
    );
    Ok(())
}

#[tokio::test]
async fn with_an_open_directory_everybody_is_found() -> Result<()> {
    let ground = with_people(Directory::Everyone).await?;
    assert_eq!(
        search(&ground, "", &[("d:displayname", "<d:match>eve</d:match>")]).await?,
        [EVE]
    );
    assert_eq!(words(&ground, &["eve"]).await?, [EVE]);
    assert_eq!(
        search(&ground, "", &[]).await?,
        [PRINCIPAL, BOB, EVE, CAROL]
    );
    assert_eq!(
        ground.propfind(EVE, "0", "<d:displayname/>").await?.status,
        207
    );
    Ok(())
}

/// Of somebody else one sees who they are, and nothing that is theirs to use.
#[tokio::test]
async fn another_principal_has_a_name_and_an_address() -> Result<()> {
    let ground = with_people(Directory::Acquaintances).await?;
    let asked = "<d:displayname/><d:resourcetype/><c:calendar-user-type/><cs:email-address-set/><d:current-user-principal/>\
                 <c:schedule-inbox-URL/><c:schedule-outbox-URL/>";
    let found = format!(
        "<d:displayname>Bob van der Berg</d:displayname>\n<d:resourcetype>\n<d:collection/>\n<d:principal/>\n</d:resourcetype>\n\
         <c:calendar-user-type>INDIVIDUAL</c:calendar-user-type>\n\
         <cs:email-address-set>\n<cs:email-address>tg_98765@televent.internal</cs:email-address>\n</cs:email-address-set>\n\
         <d:current-user-principal>\n<d:href>{PRINCIPAL}</d:href>\n</d:current-user-principal>"
    );
    let answer = ground.propfind(BOB, "0", asked).await?;
    let missing = "<c:schedule-inbox-URL/>\n<c:schedule-outbox-URL/>";
    assert_eq!(answer.shown(), multistatus(&response(BOB, &found, missing)));
    Ok(())
}
