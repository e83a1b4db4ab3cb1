//! How a calendar app finds its way, and the page for people.

use anyhow::Result;
use axum::{body::Body, http::Request};

use televent_store::Directory;

use crate::{
    answer::DAV_CLASSES,
    support::{CALENDAR, EVENT, Ground},
};

#[tokio::test]
async fn well_known_urls_lead_to_the_context_path_without_credentials() -> Result<()> {
    let ground = Ground::new().await?;
    for path in ["/.well-known/caldav", "/.well-known/carddav"] {
        for method in ["GET", "PROPFIND", "OPTIONS"] {
            let answer = ground
                .raw(
                    Request::builder()
                        .method(method)
                        .uri(path)
                        .body(Body::empty())?,
                )
                .await?;
            assert_eq!(answer.shown(), "301\nlocation: /dav/", "{method} {path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_dav_answer_tells_the_compliance_classes() -> Result<()> {
    let ground = Ground::new().await?;
    for (method, path, status) in [
        ("GET", EVENT, 404),
        ("PUT", EVENT, 403),
        ("POST", EVENT, 405),
        ("PROPFIND", CALENDAR, 403),
    ] {
        let answer = ground.send(method, path, &[], "").await?;
        assert_eq!(
            (answer.status, answer.header("dav")),
            (status, Some(DAV_CLASSES)),
            "{method} {path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn setup_page_is_for_everybody_and_runs_its_own_script_only() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground
        .raw(Request::builder().uri("/").body(Body::empty())?)
        .await?;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "public, max-age=300"),
        ("content-language", "en"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(
        policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"),
        "{policy}"
    );
    let page = answer.text();
    assert!(page.contains("<code>https://cal.example</code>"), "{page}");
    assert!(page.contains("tg_98765@televent.internal"), "{page}");
    assert_eq!(page.matches("<script>").count(), 1, "{page}");
    // A paint of the picture's own is no fetch.
    let page = page.replace("url(#", "");
    for fetched in ["src=", "url(", "@import", "<link", "<img"] {
        assert!(!page.contains(fetched), "{fetched}: {page}");
    }
    Ok(())
}

#[tokio::test]
async fn setup_page_speaks_the_language_of_the_browser() -> Result<()> {
    let ground = Ground::new().await?;
    for (accepted, opening) in [
        ("en-GB,en;q=0.9", "<html lang=\"en\" dir=\"ltr\">"),
        ("de-AT,de;q=0.9,en;q=0.8", "<html lang=\"de\" dir=\"ltr\">"),
        ("uk,ru;q=0.5", "<html lang=\"ru\" dir=\"ltr\">"),
        ("ar", "<html lang=\"ar\" dir=\"rtl\">"),
    ] {
        let request = Request::builder()
            .uri("/")
            .header("accept-language", accepted);
        let answer = ground.raw(request.body(Body::empty())?).await?;
        let page = answer.text();
        assert!(page.contains(opening), "{accepted}: {page}");
        assert_eq!(page.find("setup-"), None, "an unknown message: {page}");
        let varies = ("vary".to_owned(), "accept-language".to_owned());
        assert!(answer.headers.contains(&varies), "{:?}", answer.headers);
    }
    Ok(())
}

#[tokio::test]
async fn setup_page_can_be_read_in_another_language_than_the_browser_asks_for() -> Result<()> {
    let ground = Ground::new().await?;
    for (query, language) in [
        ("lang=ar", "ar"),
        ("lang=xx", "en"),
        ("other=1", "de"),
        ("%", "de"),
    ] {
        let request = Request::builder()
            .uri(format!("/?{query}"))
            .header("accept-language", "de");
        let answer = ground.raw(request.body(Body::empty())?).await?;
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.header("content-language"), Some(language), "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn setup_page_leads_to_the_bot_or_else_to_the_phone() -> Result<()> {
    let bot = Some("https://t.me/televent_bot");
    for (bot, link) in [
        (bot, "https://t.me/televent_bot"),
        (None, "https://cal.example"),
    ] {
        let ground = Ground::with_bot("https://cal.example", bot, Directory::Acquaintances).await?;
        let request = Request::builder().uri("/").body(Body::empty())?;
        let page = ground.raw(request).await?.text();
        let label = format!("aria-label=\"QR code for {link}\"");
        assert_eq!(page.matches(&label).count(), 1, "{page}");
        let button = format!("<a class=\"action\" href=\"{link}\">Open the bot</a>");
        assert_eq!(page.contains(&button), bot.is_some(), "{page}");
    }
    Ok(())
}

#[tokio::test]
async fn setup_page_escapes_what_it_shows() -> Result<()> {
    let ground = Ground::with(
        "https://x/\"><script>alert(1)</script>&amp",
        Directory::Acquaintances,
    )
    .await?;
    let page = ground
        .raw(Request::builder().uri("/").body(Body::empty())?)
        .await?
        .text();
    assert!(
        page.contains(
            "<code>https://x/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp</code>"
        ),
        "{page}"
    );
    Ok(())
}

/// From the host name alone to the calendar, as RFC 6764 section 6 and RFC 4791 section 6.2.1 have it.
#[tokio::test]
async fn calendar_is_found_from_the_root() -> Result<()> {
    let ground = Ground::new().await?;
    for start in ["/", "/dav", "/dav/", "/dav/principals/", "/dav/calendars/"] {
        let answer = ground
            .propfind(start, "0", "<d:current-user-principal/>")
            .await?;
        let principal = "<d:current-user-principal><d:href>/dav/principals/1001/</d:href></d:current-user-principal>";
        assert!(
            answer.text().contains(principal),
            "{start}: {}",
            answer.text()
        );
    }
    let answer = ground
        .propfind("/dav/principals/1001/", "0", "<c:calendar-home-set/>")
        .await?;
    assert!(answer.text().contains(
        "<c:calendar-home-set><d:href>/dav/calendars/1001/</d:href></c:calendar-home-set>"
    ));
    let answer = ground
        .propfind("/dav/calendars/1001/", "1", "<d:resourcetype/>")
        .await?;
    let calendar = "<d:href>/dav/calendars/1001/default/</d:href><d:propstat><d:prop>\
                    <d:resourcetype><d:collection/><c:calendar/></d:resourcetype>";
    assert!(answer.text().contains(calendar), "{}", answer.text());
    Ok(())
}
