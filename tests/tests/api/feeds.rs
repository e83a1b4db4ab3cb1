//! `/feeds/<secret>.ics`: a calendar for whoever has the URL.

use anyhow::Result;
use axum::{body::Body, http::Request};
use televent_store::FeedSecret;

use crate::support::{ANN, Answer, CALENDAR, EVE, EVENT, Ground, object, person};

/// A request without credentials.
async fn ask(ground: &Ground, method: &str, path: &str) -> Result<Answer> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(Body::empty())?;
    ground.raw(request).await
}

/// Gives a calendar a feed. Returns its path.
async fn feed_of(ground: &Ground, id: i64, slug: &str, secret: [u8; 20]) -> Result<String> {
    let secret = FeedSecret::from_random(secret);
    assert!(ground.store.set_feed(person(id), slug, &secret).await?);
    Ok(format!("/feeds/{}.ics", secret.reveal()))
}

const MISSING: &str = "404\ncontent-type: text/plain; charset=utf-8\n\nnothing is here";

#[tokio::test]
async fn secret_url_is_the_calendar_without_a_password() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let path = feed_of(&ground, ANN, "default", [1; 20]).await?;
    let answer = ask(&ground, "GET", &path).await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), ground.get(CALENDAR).await?.text());
    assert!(answer.text().contains("UID:uid-a\r\n"));
    for (name, value) in [
        ("content-type", "text/calendar; charset=utf-8"),
        ("cache-control", "private, max-age=300"),
        ("x-robots-tag", "noindex"),
        (
            "content-disposition",
            "attachment; filename=\"calendar.ics\"; filename*=UTF-8''Televent.ics",
        ),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    let head = ask(&ground, "HEAD", &path).await?;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), answer.header("content-type"));
    Ok(())
}

#[tokio::test]
async fn feed_shows_one_calendar_and_what_is_in_it_now() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let path = feed_of(&ground, ANN, "work", [1; 20]).await?;
    let eves = feed_of(&ground, EVE, "default", [2; 20]).await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    ground
        .put("/dav/calendars/1001/work/b.ics", object("uid-b", ""))
        .await?;
    let text = ask(&ground, "GET", &path).await?.text();
    assert!(
        text.contains("UID:uid-b") && !text.contains("UID:uid-a"),
        "{text}"
    );
    assert!(!ask(&ground, "GET", &eves).await?.text().contains("UID:"));
    ground.delete("/dav/calendars/1001/work/b.ics").await?;
    assert!(!ask(&ground, "GET", &path).await?.text().contains("UID:"));
    Ok(())
}

#[tokio::test]
async fn any_other_url_is_nothing() -> Result<()> {
    let ground = Ground::new().await?;
    let path = feed_of(&ground, ANN, "default", [1; 20]).await?;
    let secret = FeedSecret::from_random([1; 20]).reveal();
    for wrong in [
        format!("/feeds/{secret}"),
        format!("/feeds/{secret}.ICS"),
        format!("/feeds/{secret}a.ics"),
        format!("/feeds/{}.ics", &secret[1..]),
        format!("/feeds/{}.ics", FeedSecret::from_random([2; 20]).reveal()),
        "/feeds/.ics".to_owned(),
        "/feeds/default.ics".to_owned(),
        "/feeds/%00.ics".to_owned(),
        format!("/feeds/{}.ics", "a".repeat(10_000)),
    ] {
        assert_eq!(
            ask(&ground, "GET", &wrong).await?.shown(),
            MISSING,
            "{wrong}"
        );
    }
    for method in ["PUT", "DELETE", "PROPFIND", "POST"] {
        assert_eq!(ask(&ground, method, &path).await?.status, 405, "{method}");
    }
    Ok(())
}

#[tokio::test]
async fn feed_ends_at_once_when_it_is_revoked_renewed_or_its_calendar_deleted() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let first = feed_of(&ground, ANN, "work", [1; 20]).await?;
    let second = feed_of(&ground, ANN, "work", [2; 20]).await?;
    assert_eq!(ask(&ground, "GET", &first).await?.shown(), MISSING);
    assert_eq!(ask(&ground, "GET", &second).await?.status, 200);
    assert!(ground.store.revoke_feed(person(ANN), "work").await?);
    assert_eq!(ask(&ground, "GET", &second).await?.shown(), MISSING);
    let third = feed_of(&ground, ANN, "work", [3; 20]).await?;
    assert_eq!(ask(&ground, "GET", &third).await?.status, 200);
    ground.delete("/dav/calendars/1001/work/").await?;
    assert_eq!(ask(&ground, "GET", &third).await?.shown(), MISSING);
    ground.make_calendar("work").await?;
    assert_eq!(ask(&ground, "GET", &third).await?.shown(), MISSING);
    Ok(())
}
