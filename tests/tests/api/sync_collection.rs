//! DAV:sync-collection (RFC 6578): from nothing, from a token, and from what is none.

use anyhow::Result;

use crate::support::{
    Answer, CALENDAR, EVENT, Ground, HOME, gone, multistatus, object, response, violated, xml_etag,
};

const TOKEN: &str = "data:,00000000-0000-0000-0000-0000ca1e03e9";
const B: &str = "/dav/calendars/1001/default/b.ics";

pub async fn sync(ground: &Ground, token: &str, limit: &str) -> Result<Answer> {
    sync_of(ground, CALENDAR, token, limit).await
}

/// The same of another collection.
pub async fn sync_of(ground: &Ground, path: &str, token: &str, limit: &str) -> Result<Answer> {
    let body = format!(
        "<d:sync-token>{token}</d:sync-token><d:sync-level>1</d:sync-level>{limit}<d:prop><d:getetag/></d:prop>"
    );
    ground.report(path, "d:sync-collection", &body).await
}

pub fn limit(number: usize) -> String {
    format!("<d:limit><d:nresults>{number}</d:nresults></d:limit>")
}

/// A token of Ann's calendar.
pub fn token(counter: i64) -> String {
    format!("{TOKEN}/{counter}")
}

pub fn token_of(answer: &Answer) -> String {
    answer
        .all_between("<d:sync-token>", "</d:sync-token>")
        .concat()
}

/// The answer with these responses and this token.
pub fn synced(responses: &[String], token: &str) -> String {
    let responses: String = responses
        .iter()
        .map(|response| format!("{response}\n"))
        .collect();
    multistatus(&format!("{responses}<d:sync-token>{token}</d:sync-token>"))
}

fn changed(href: &str, body: &str) -> String {
    response(href, &xml_etag(body), "")
}

pub fn expired() -> String {
    let why = "the token is not of this calendar, or has expired; sync from the start";
    violated(403, "<d:valid-sync-token/>", why)
}

#[tokio::test]
async fn first_sync_is_what_is_there() -> Result<()> {
    let ground = Ground::new().await?;
    assert_eq!(sync(&ground, "", "").await?.shown(), synced(&[], &token(1)));
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    ground.put(B, object("uid-b", "")).await?;
    ground.delete(B).await?;
    assert_eq!(
        sync(&ground, "", "").await?.shown(),
        synced(&[changed(EVENT, &body)], &token(4))
    );
    Ok(())
}

#[tokio::test]
async fn later_sync_is_what_has_changed_oldest_first() -> Result<()> {
    let ground = Ground::new().await?;
    let (a, b) = (object("uid-a", ""), object("uid-b", ""));
    ground.put(EVENT, a.clone()).await?;
    ground.put(B, b.clone()).await?;
    let expected = [changed(EVENT, &a), changed(B, &b)];
    assert_eq!(
        sync(&ground, &token(1), "").await?.shown(),
        synced(&expected, &token(3))
    );
    assert_eq!(
        sync(&ground, &token(2), "").await?.shown(),
        synced(&expected[1..], &token(3))
    );
    assert_eq!(
        sync(&ground, &token(3), "").await?.shown(),
        synced(&[], &token(3))
    );

    let a = object("uid-a", "LOCATION:Here\r\n");
    ground.put(EVENT, a.clone()).await?;
    let expected = [changed(B, &b), changed(EVENT, &a)];
    assert_eq!(
        sync(&ground, &token(2), "").await?.shown(),
        synced(&expected, &token(4))
    );
    assert_eq!(
        sync(&ground, &format!(" {}\n", token(3)), "")
            .await?
            .shown(),
        synced(&expected[1..], &token(4))
    );
    Ok(())
}

#[tokio::test]
async fn deleted_and_made_again_it_is_told_as_it_is_now() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    ground.delete(EVENT).await?;
    for since in [1, 2] {
        assert_eq!(
            sync(&ground, &token(since), "").await?.shown(),
            synced(&[gone(EVENT)], &token(3))
        );
    }
    ground.put(EVENT, body.clone()).await?;
    for since in [1, 2, 3] {
        let expected = synced(&[changed(EVENT, &body)], &token(4));
        assert_eq!(sync(&ground, &token(since), "").await?.shown(), expected);
    }
    ground.delete(EVENT).await?;
    ground.delete(EVENT).await?;
    assert_eq!(
        sync(&ground, &token(4), "").await?.shown(),
        synced(&[gone(EVENT)], &token(5))
    );
    Ok(())
}

#[tokio::test]
async fn moved_resource_is_gone_here_and_new_there() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    ground
        .send("MOVE", EVENT, &[("destination", B)], "")
        .await?;
    let answer = sync(&ground, &token(2), "").await?;
    assert_eq!(
        answer.shown(),
        synced(&[gone(EVENT), changed(B, &body)], &token(4))
    );
    ground
        .send(
            "MOVE",
            B,
            &[("destination", "/dav/calendars/1001/work/b.ics")],
            "",
        )
        .await?;
    assert_eq!(
        sync(&ground, &token(4), "").await?.shown(),
        synced(&[gone(B)], &token(5))
    );
    // And back, over a name that was free for a while.
    ground
        .send(
            "MOVE",
            "/dav/calendars/1001/work/b.ics",
            &[("destination", EVENT)],
            "",
        )
        .await?;
    let answer = sync(&ground, &token(3), "").await?;
    assert_eq!(
        answer.shown(),
        synced(&[gone(B), changed(EVENT, &body)], &token(6))
    );
    Ok(())
}

#[tokio::test]
async fn foreign_and_other_tokens_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let of_work = ground
        .propfind("/dav/calendars/1001/work/", "0", "<d:sync-token/>")
        .await?;
    for wrong in [
        token_of(&of_work),
        "data:,00000000-0000-0000-0000-0000ca1e1a0a/1".to_owned(),
        token(2),
        token(i64::MAX),
        format!("{TOKEN}/99999999999999999999"),
        format!("{TOKEN}/-1"),
        format!("{TOKEN}/1/2"),
        format!("{TOKEN}/2/1"),
        format!("{TOKEN}/"),
        TOKEN.to_owned(),
        "1".to_owned(),
        "http://example.com/ns/sync/1234".to_owned(),
        "\u{1F4C5}".to_owned(),
    ] {
        assert_eq!(
            sync(&ground, &wrong, "").await?.shown(),
            expired(),
            "{wrong}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn property_of_the_calendar_moves_the_token_and_no_member() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    ground
        .proppatch(
            CALENDAR,
            "<d:set><d:prop><d:displayname>New</d:displayname></d:prop></d:set>",
        )
        .await?;
    assert_eq!(
        sync(&ground, &token(2), "").await?.shown(),
        synced(&[], &token(3))
    );
    Ok(())
}

#[tokio::test]
async fn level_and_limit_are_checked_and_the_place_is_a_calendar() -> Result<()> {
    let ground = Ground::new().await?;
    let ask = async |path: &str, inner: &str| -> Result<u16> {
        Ok(ground
            .report(path, "d:sync-collection", &format!("{inner}<d:prop/>"))
            .await?
            .status)
    };
    for (inner, status) in [
        ("", 207),
        ("<d:sync-token/><d:sync-level>infinite</d:sync-level>", 207),
        ("<d:sync-level>2</d:sync-level>", 400),
        ("<d:sync-level/>", 400),
        ("<d:limit/>", 400),
        ("<d:limit><d:nresults>0</d:nresults></d:limit>", 400),
        ("<d:limit><d:nresults>-1</d:nresults></d:limit>", 400),
        ("<d:limit><d:nresults>many</d:nresults></d:limit>", 400),
        ("<d:limit><d:nresults> 10 </d:nresults></d:limit>", 207),
        (
            "<d:limit><d:nresults>18446744073709551615</d:nresults></d:limit>",
            207,
        ),
    ] {
        assert_eq!(ask(CALENDAR, inner).await?, status, "{inner}");
    }
    for (path, status) in [
        (HOME, 403),
        (EVENT, 403),
        ("/dav/calendars/1001/none/", 404),
        ("/dav/calendars/6666/default/", 404),
    ] {
        assert_eq!(ask(path, "").await?, status, "{path}");
    }
    Ok(())
}
