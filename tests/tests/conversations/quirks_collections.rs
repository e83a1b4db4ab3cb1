//! What breaks apps in collections: tokens, paging, MKCALENDAR, exports, and half of a feature.

use anyhow::{Context as _, Result};
use televent_tests::meeting;

use crate::{
    client::{Account, Client},
    ios::phone_of_ann,
    ios_calendars::{first_calendar, list_home},
    ios_sync::{sync, sync_collection},
    server::Server,
};

async fn made(client: &Client, account: &Account, name: &str) -> Result<String> {
    let href = format!("{}{name}/", account.home);
    client
        .send("MKCALENDAR", &href, &[], "")
        .await?
        .expect(201)?;
    Ok(href)
}

#[tokio::test]
async fn token_that_is_not_of_this_calendar_is_refused_by_name() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let other = made(&client, &account, "other").await?;
    let (_, of_other) = client.state(&other).await?;
    let (_, own) = client.state(&calendar).await?;
    let later = format!("{own}000");
    for token in [
        "bogus",
        "http://example.com/ns/sync/1",
        "1",
        &of_other,
        &later,
    ] {
        let answer = client
            .send(
                "REPORT",
                &calendar,
                &[("depth", "1")],
                sync_collection(token),
            )
            .await?
            .expect(403)?;
        assert_eq!(answer.condition()?, "D:valid-sync-token", "{answer}");
    }
    // A calendar that is made anew at the same URL is another one.
    client.send("DELETE", &other, &[], "").await?.expect(204)?;
    made(&client, &account, "other").await?;
    let answer = client
        .send(
            "REPORT",
            &other,
            &[("depth", "1")],
            sync_collection(&of_other),
        )
        .await?
        .expect(403)?;
    assert_eq!(answer.condition()?, "D:valid-sync-token", "{answer}");
    Ok(())
}

/// Reads all pages of a sync; returns the hrefs with their statuses, and the last token.
async fn sync_in_pages(
    client: &Client,
    calendar: &str,
    token: &str,
    limit: usize,
) -> Result<(Vec<(String, Option<u16>)>, String)> {
    let mut token = token.to_owned();
    let mut seen = Vec::new();
    loop {
        let body = sync_collection(&token).replace(
            "  <A:prop>",
            &format!("  <A:limit><A:nresults>{limit}</A:nresults></A:limit>\n  <A:prop>"),
        );
        let page = client.report(calendar, "0", &body).await?;
        token = page.sync_token.clone().context("a token on every page")?;
        let of_members = page
            .responses
            .iter()
            .filter(|response| response.href != calendar);
        let before = seen.len();
        seen.extend(of_members.map(|member| (member.href.clone(), member.status)));
        anyhow::ensure!(seen.len() - before <= limit, "too many: {page:#?}");
        let Ok(truncated) = page.of(calendar) else {
            return Ok((seen, token));
        };
        anyhow::ensure!(truncated.status == Some(507), "{page:#?}");
        let condition = "D:number-of-matches-within-limits".to_owned();
        anyhow::ensure!(truncated.errors.contains(&condition), "{page:#?}");
        anyhow::ensure!(seen.len() > before, "a page without members: {page:#?}");
    }
}

#[tokio::test]
async fn limited_sync_is_continued_from_its_token_until_nothing_is_left() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let mut hrefs = Vec::new();
    for number in 0..7 {
        let uid = format!("e{number}");
        let href = format!("{calendar}{uid}.ics");
        client.create(&href, &meeting(&uid, 1_001, "")).await?;
        hrefs.push(href);
    }
    for limit in [1, 3, 7, 100] {
        let (mut seen, token) = sync_in_pages(&client, &calendar, "", limit).await?;
        seen.sort();
        let all: Vec<_> = hrefs.iter().map(|href| (href.clone(), None)).collect();
        assert_eq!(seen, all, "limit {limit}");
        let idle = sync(&client, &calendar, &token).await?;
        assert_eq!(idle.hrefs(), [""; 0], "{idle:#?}");
    }

    let (_, token) = client.state(&calendar).await?;
    let mut expected = Vec::new();
    for (number, href) in hrefs.iter().enumerate() {
        if number % 2 == 0 {
            client.send("DELETE", href, &[], "").await?.expect(204)?;
            expected.push((href.clone(), Some(404)));
        }
    }
    let (mut seen, _) = sync_in_pages(&client, &calendar, &token, 3).await?;
    seen.sort();
    assert_eq!(seen, expected);
    Ok(())
}

#[tokio::test]
async fn what_changes_between_two_pages_is_not_lost() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let [a, b, c] = ["a", "b", "c"].map(|name| format!("{calendar}{name}.ics"));
    for (href, uid) in [(&a, "a"), (&b, "b"), (&c, "c")] {
        client.create(href, &meeting(uid, 1_001, "")).await?;
    }
    let body = sync_collection("").replace(
        "  <A:prop>",
        "  <A:limit><A:nresults>1</A:nresults></A:limit>\n  <A:prop>",
    );
    let first = client.report(&calendar, "0", &body).await?;
    let token = first.sync_token.clone().context("a token")?;
    let known = first
        .responses
        .iter()
        .find(|response| response.href != calendar)
        .with_context(|| format!("{first:#?}"))?;
    client
        .send("DELETE", &known.href, &[], "")
        .await?
        .expect(204)?;
    let (seen, _) = sync_in_pages(&client, &calendar, &token, 1).await?;
    let gone = (known.href.clone(), Some(404));
    assert!(seen.contains(&gone), "{seen:?}");
    for href in [&a, &b, &c] {
        assert!(seen.iter().any(|(found, _)| found == href), "{seen:?}");
    }
    Ok(())
}

#[tokio::test]
async fn mkcalendar_needs_no_body() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let href = made(&client, &account, "plain").await?;
    let listed = list_home(&client, &account).await?;
    let calendar = listed.of(&href)?;
    assert!(
        calendar.prop("D:resourcetype")?.has("C:calendar"),
        "{calendar:#?}"
    );
    assert!(!calendar.text("D:displayname")?.is_empty(), "{calendar:#?}");
    client
        .create(&format!("{href}a.ics"), &meeting("a", 1_001, ""))
        .await?;
    Ok(())
}

#[tokio::test]
async fn mkcalendar_on_what_is_there_changes_nothing() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    client
        .create(&format!("{calendar}a.ics"), &meeting("a", 1_001, ""))
        .await?;
    let before = client.state(&calendar).await?;
    let answer = client
        .send("MKCALENDAR", &calendar, &[], "")
        .await?
        .expect(403)?;
    assert_eq!(answer.condition()?, "D:resource-must-be-null", "{answer}");
    assert_eq!(client.state(&calendar).await?, before);
    for taken in [&account.inbox, &account.outbox, &account.home] {
        let answer = client.send("MKCALENDAR", taken, &[], "").await?;
        assert!([403, 405].contains(&answer.status), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn get_of_a_calendar_is_one_file_with_everything_in_it() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let empty = client.get(&calendar).await?.expect(200)?;
    assert!(empty.header("content-type")?.starts_with("text/calendar"));
    for uid in ["a", "b"] {
        let href = format!("{calendar}{uid}.ics");
        client.create(&href, &meeting(uid, 1_001, "")).await?;
    }
    let file = client.get(&calendar).await?.expect(200)?;
    for (line, count) in [
        ("BEGIN:VCALENDAR", 1),
        ("END:VCALENDAR", 1),
        ("BEGIN:VEVENT", 2),
        ("UID:a", 1),
        ("UID:b", 1),
    ] {
        let found = file.body.lines().filter(|found| *found == line).count();
        assert_eq!(found, count, "{line}: {file}");
    }
    Ok(())
}

/// Half of it shows calendars as "Shared with (null)".
#[tokio::test]
async fn sharing_is_not_offered() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let options = client
        .send("OPTIONS", &account.principal, &[], "")
        .await?
        .expect(200)?;
    for class in ["calendarserver-sharing", "calendarserver-subscribed"] {
        assert!(!options.lists("dav", class)?, "{options}");
    }
    let properties = [
        "D:resourcetype",
        "CS:allowed-sharing-modes",
        "CS:invite",
        "CS:shared-url",
        "CS:publish-url",
        "CS:pre-publish-url",
    ];
    let listed = client.propfind(&account.home, "1", &properties).await?;
    for resource in &listed.responses {
        assert_eq!(resource.names(200), ["D:resourcetype"], "{resource:#?}");
        let kinds = resource.prop("D:resourcetype")?;
        for kind in ["CS:shared", "CS:shared-owner"] {
            assert!(!kinds.has(kind), "{resource:#?}");
        }
    }
    Ok(())
}

/// Whatever an app of tomorrow asks for, the rest of its question is answered.
#[tokio::test]
async fn unknown_properties_never_fail_the_whole_request() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<propfind xmlns=\"DAV:\"><prop><resourcetype/>\
        <a xmlns=\"urn:tomorrow\"><with><children/></with></a><b xmlns=\"\"/><c xmlns=\"http://apple.com/ns/ical/\"/>\
        <displayname/></prop></propfind>";
    for href in [&account.principal, &account.home, &account.inbox] {
        let found = client.propfind_with(href, "1", body).await?;
        for resource in &found.responses {
            assert!(resource.prop("D:resourcetype").is_ok(), "{resource:#?}");
            for name in ["{urn:tomorrow}a", "{}b", "I:c"] {
                assert!(resource.prop(name).is_err(), "{resource:#?}");
            }
        }
    }
    Ok(())
}

/// What an app of tomorrow sets, it finds again.
#[tokio::test]
async fn unknown_properties_are_kept() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let calendar = first_calendar(&client, &account).await?;
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<propertyupdate xmlns=\"DAV:\"><set><prop>\
        <x:plan xmlns:x=\"urn:tomorrow\" x:kind=\"k\">a<x:b/>&lt;c&gt;</x:plan></prop></set></propertyupdate>";
    let answer = client.send("PROPPATCH", &calendar, &[], body).await?;
    assert!([200, 207].contains(&answer.status), "{answer}");
    let ask = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<propfind xmlns=\"DAV:\"><prop><plan xmlns=\"urn:tomorrow\"/></prop></propfind>";
    let found = client.propfind_with(&calendar, "0", ask).await?;
    let plan = found.only()?.prop("{urn:tomorrow}plan")?;
    assert_eq!(plan.text, "a<c>", "{plan:?}");
    assert_eq!(plan.attribute("kind"), Some("k"), "{plan:?}");
    assert!(plan.has("{urn:tomorrow}b"), "{plan:?}");
    Ok(())
}
