//! What breaks apps in URLs: slashes, percent-encoding, several homes, a home that is a calendar.

use anyhow::{Context as _, Result};
use televent_tests::meeting;

use crate::{
    ios::phone_of_ann,
    ios_calendars::{first_calendar, list_home},
    ios_sync::{multiget, sync},
    server::Server,
};

#[tokio::test]
async fn href_of_every_collection_ends_with_a_slash() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    for start in [
        "/dav/",
        "/dav/principals/",
        "/dav/calendars/",
        &account.home,
    ] {
        let listed = client.propfind(start, "1", &["D:resourcetype"]).await?;
        for collection in listed.of_type("D:collection") {
            assert!(collection.href.ends_with('/'), "{start}: {listed:#?}");
            let bare = collection.href.trim_end_matches('/');
            if bare.is_empty() {
                continue;
            }
            // It is the same resource, with the same href, whoever asks without it.
            let itself = client.propfind(bare, "0", &["D:resourcetype"]).await?;
            assert_eq!(itself.hrefs(), [&collection.href], "{bare}");
        }
    }
    for link in [&account.principal, &account.inbox, &account.outbox] {
        assert!(link.ends_with('/'), "{account:?}");
    }
    Ok(())
}

#[tokio::test]
async fn object_has_one_href_in_every_answer_and_it_is_the_one_that_the_client_chose() -> Result<()>
{
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    for (number, name) in [
        "4B0CC8A3-56D4.ics",
        "040000008200E00074C5B7101A82E008@google.com.ics",
        "with%20space.ics",
        "%D0%B2%D1%81%D1%82%D1%80%D0%B5%D1%87%D0%B0.ics",
        "a%2Bb%26c.ics",
        "a%2Fb.ics",
        "100%25.ics",
        "no-extension",
    ]
    .into_iter()
    .enumerate()
    {
        let href = format!("{calendar}{name}");
        let (_, token) = client.state(&calendar).await?;
        let uid = format!("u{number}");
        client.create(&href, &meeting(&uid, 1_001, "")).await?;
        let changes = sync(&client, &calendar, &token).await?;
        assert_eq!(changes.hrefs(), [&href], "{changes:#?}");
        let fetched = multiget(&client, &calendar, &[&href]).await?;
        assert_eq!(fetched.hrefs(), [&href], "{fetched:#?}");
        let listed = client.propfind(&calendar, "1", &["D:getetag"]).await?;
        assert!(listed.hrefs().contains(&href.as_str()), "{listed:#?}");
        let itself = client.propfind(&href, "0", &["D:getetag"]).await?;
        assert_eq!(itself.hrefs(), [&href], "{itself:#?}");
    }
    Ok(())
}

/// Some encode more than they must, and mean the same resource.
#[tokio::test]
async fn characters_encoded_without_need_name_the_same_object() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let plain = format!("{calendar}a@b.ics");
    client.create(&plain, &meeting("a", 1_001, "")).await?;
    let encoded = format!("{calendar}a%40b.ics");
    client.get(&encoded).await?.expect(200)?;
    let absolute = format!("https://cal.example{encoded}");
    for href in [&encoded, &absolute] {
        let fetched = multiget(&client, &calendar, &[href]).await?;
        let object = fetched.only()?;
        assert!(
            object.prop("C:calendar-data").is_ok(),
            "{href}: {fetched:#?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn well_known_urls_lead_without_login_to_what_answers_propfind() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    for well_known in ["/.well-known/caldav", "/.well-known/carddav"] {
        for method in ["GET", "PROPFIND", "OPTIONS"] {
            let redirect = client
                .send_without_login(method, well_known, &[("depth", "0")], "")
                .await?
                .expect(301)?;
            let target = redirect.header("location")?;
            let found = client
                .propfind(target, "0", &["D:current-user-principal"])
                .await?;
            let principal = found.of(target)?.link("D:current-user-principal")?;
            assert_eq!(principal, account.principal, "{redirect}");
        }
    }
    Ok(())
}

/// Apple's apps take one of several at random.
#[tokio::test]
async fn there_is_one_calendar_home() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let found = client
        .propfind(&account.principal, "0", &["C:calendar-home-set"])
        .await?;
    let homes = found.only()?.prop("C:calendar-home-set")?.hrefs();
    assert_eq!(homes, [account.home], "{found:#?}");
    Ok(())
}

#[tokio::test]
async fn home_contains_calendars_and_is_none() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let listed = list_home(&client, &account).await?;
    let home = listed.responses.first().context("the home first")?;
    assert_eq!(home.href, account.home, "{listed:#?}");
    let kinds = home.prop("D:resourcetype")?.names();
    assert_eq!(kinds, ["D:collection"], "{home:#?}");
    let calendars: Vec<_> = listed.of_type("C:calendar").collect();
    assert!(!calendars.is_empty(), "{listed:#?}");
    for calendar in calendars {
        assert!(calendar.href.starts_with(&account.home), "{listed:#?}");
        assert_ne!(calendar.href, account.home, "{listed:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn every_resource_tells_who_the_user_is() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let object = format!("{calendar}a.ics");
    client.create(&object, &meeting("a", 1_001, "")).await?;
    for href in [
        "/dav/",
        "/dav/principals/",
        "/dav/calendars/",
        &account.principal,
        &account.home,
        &account.inbox,
        &account.outbox,
        &calendar,
        &object,
    ] {
        let found = client
            .propfind(href, "0", &["D:current-user-principal"])
            .await?;
        let principal = found.of(href)?.link("D:current-user-principal")?;
        assert_eq!(principal, account.principal, "{href}: {found:#?}");
    }
    Ok(())
}

/// Whether somebody has an account is not told by the answers to guessed URLs.
#[tokio::test]
async fn calendars_of_others_look_as_if_they_were_not_there() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    server.account(2_002, "Bo").await?;
    let of = |id: &str| account.home.replace("1001", id);
    for method in ["PROPFIND", "GET", "REPORT", "MKCALENDAR", "PUT"] {
        let mut answers = Vec::new();
        for id in ["2002", "3003"] {
            let href = format!("{}default/", of(id));
            let answer = client.send(method, &href, &[("depth", "0")], "").await?;
            answers.push((answer.status, answer.body.replace(id, "…")));
        }
        let first = answers.first().context("an answer")?;
        assert!(answers.iter().all(|answer| answer == first), "{answers:?}");
        assert!([403, 404].contains(&first.0), "{method}: {answers:?}");
    }
    Ok(())
}
