//! `/setup/<token>`: one device is set up, once, by whoever has the link.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::{body::Body, http::Request};
use plist::Value;
use televent_store::{DeviceApp, DeviceSecret, SetupToken};
use uuid::Uuid;

use crate::support::{ANN, Answer, EVE, Ground, PRINCIPAL, basic, person};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A device of Ann's with a link, which is open, and its path.
async fn device(ground: &Ground, app: DeviceApp, label: &str, byte: u8) -> Result<(Uuid, String)> {
    let id = Uuid::now_v7();
    let ann = person(ANN);
    ground.store.prepare_device(id, ann, label, app).await?;
    let token = SetupToken::from_random([byte; 20]);
    let secret = secret(byte);
    assert!(
        ground
            .store
            .arm_device(ann, id, &secret, &token, HOUR)
            .await?
    );
    Ok((id, format!("/setup/{}", token.reveal())))
}

fn secret(byte: u8) -> DeviceSecret {
    DeviceSecret::from_random([byte ^ 0xff; 20])
}

async fn ask(ground: &Ground, method: &str, path: &str) -> Result<Answer> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("accept-language", "de");
    ground.raw(request.body(Body::empty())?).await
}

/// Whether a password opens Ann's principal.
async fn opens(ground: &Ground, password: &str) -> Result<u16> {
    let header = basic("tg_1001", password)?;
    let headers = [("authorization", header.as_str()), ("depth", "0")];
    let answer = ground.send("PROPFIND", PRINCIPAL, &headers, Body::empty());
    Ok(answer.await?.status)
}

fn is_strict(answer: &Answer) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn looking_changes_nothing_and_shows_no_secret() -> Result<()> {
    let ground = Ground::new().await?;
    let (_, path) = device(&ground, DeviceApp::Iphone, "<i>Phone", 1).await?;
    for method in ["GET", "HEAD", "GET"] {
        let answer = ask(&ground, method, &path).await?;
        assert_eq!(answer.status, 200, "{method}");
        is_strict(&answer);
    }
    let page = ask(&ground, "GET", &path).await?.text();
    assert!(
        page.contains("&lt;i&gt;Phone") && !page.contains("<i>"),
        "{page}"
    );
    assert!(!page.contains(&secret(1).reveal()), "{page}");
    // Ann's language is not known; that of the browser does not matter for her own link.
    assert!(page.contains("lang=\"en\""), "{page}");
    let profile = page.find("/profile").context("the way of the profile")?;
    let password = page.find("/password").context("the way of the password")?;
    assert!(profile < password, "a phone's own way comes first");
    Ok(())
}

#[tokio::test]
async fn password_is_shown_once_and_works() -> Result<()> {
    let ground = Ground::new().await?;
    let (_, path) = device(&ground, DeviceApp::Android, "Phone", 2).await?;
    let shown = ask(&ground, "POST", &format!("{path}/password")).await?;
    assert_eq!(shown.status, 200);
    is_strict(&shown);
    let password = secret(2).reveal();
    let page = shown.text();
    for expected in [
        format!("<code>{password}</code>"),
        "<code>tg_1001</code>".to_owned(),
        "<code>https://cal.example</code>".to_owned(),
        format!("href=\"davx5://tg_1001:{password}@cal.example/\""),
    ] {
        assert!(page.contains(&expected), "{expected}: {page}");
    }
    assert_eq!(opens(&ground, &password).await?, 207);

    let again = ask(&ground, "POST", &format!("{path}/password")).await?;
    assert_eq!(again.status, 410);
    assert!(!again.text().contains(&password));
    assert_eq!(
        ask(&ground, "POST", &format!("{path}/profile"))
            .await?
            .status,
        410
    );
    let page = ask(&ground, "GET", &path).await?;
    assert_eq!(page.status, 410);
    is_strict(&page);
    let reloaded = ask(&ground, "GET", &format!("{path}/password")).await?;
    assert_eq!(reloaded.status, 303);
    let token = path.trim_start_matches("/setup/");
    assert_eq!(
        reloaded.header("location"),
        Some(format!("../{token}").as_str())
    );
    Ok(())
}

#[tokio::test]
async fn profile_sets_up_a_phone() -> Result<()> {
    let ground = Ground::new().await?;
    let (_, path) = device(&ground, DeviceApp::Iphone, "iPhone", 3).await?;
    let answer = ask(&ground, "POST", &format!("{path}/profile")).await?;
    assert_eq!(answer.status, 200);
    is_strict(&answer);
    assert_eq!(
        answer.header("content-type"),
        Some("application/x-apple-aspen-config")
    );
    let profile = Value::from_reader_xml(answer.body.as_slice())?;
    let account = profile
        .as_dictionary()
        .and_then(|profile| {
            profile
                .get("PayloadContent")?
                .as_array()?
                .first()?
                .as_dictionary()
        })
        .context("an account")?;
    let text = |key: &str| {
        account
            .get(key)
            .and_then(Value::as_string)
            .unwrap_or_default()
    };
    assert_eq!(text("CalDAVHostName"), "cal.example");
    assert_eq!(text("CalDAVPrincipalURL"), PRINCIPAL);
    assert_eq!(text("CalDAVUsername"), "tg_1001");
    assert_eq!(opens(&ground, text("CalDAVPassword")).await?, 207);
    assert_eq!(ask(&ground, "GET", &path).await?.status, 410);
    Ok(())
}

#[tokio::test]
async fn what_is_no_link_is_said_in_the_language_of_the_browser() -> Result<()> {
    let ground = Ground::new().await?;
    let unknown = SetupToken::from_random([9; 20]).reveal();
    for path in ["/setup/x", &format!("/setup/{unknown}")] {
        for (method, path) in [
            ("GET", path.to_owned()),
            ("POST", format!("{path}/password")),
            ("POST", format!("{path}/profile")),
        ] {
            let answer = ask(&ground, method, &path).await?;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert!(answer.text().contains("lang=\"de\""), "{method} {path}");
            is_strict(&answer);
        }
    }
    assert_eq!(ask(&ground, "GET", "/setup/x/password").await?.status, 404);
    assert_eq!(ask(&ground, "DELETE", "/setup/x").await?.status, 405);
    Ok(())
}

#[tokio::test]
async fn link_of_a_revoked_device_is_over() -> Result<()> {
    let ground = Ground::new().await?;
    let (id, path) = device(&ground, DeviceApp::Other, "App", 4).await?;
    assert!(!ground.store.revoke_device(person(EVE), id).await?);
    assert!(ground.store.revoke_device(person(ANN), id).await?);
    assert_eq!(ask(&ground, "GET", &path).await?.status, 410);
    let answer = ask(&ground, "POST", &format!("{path}/password")).await?;
    assert_eq!(answer.status, 410);
    assert_eq!(opens(&ground, &secret(4).reveal()).await?, 401);
    Ok(())
}

#[tokio::test]
async fn page_is_in_the_language_that_its_owner_chose() -> Result<()> {
    let ground = Ground::new().await?;
    let (_, path) = device(&ground, DeviceApp::Iphone, "iPhone", 5).await?;
    ground
        .store
        .choose_language(person(ANN), Some("ar"))
        .await?;
    let page = ask(&ground, "GET", &path).await?.text();
    assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">"), "{page}");
    assert_eq!(page.find("setup-"), None, "an unknown message: {page}");
    Ok(())
}
