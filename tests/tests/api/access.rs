//! Who gets in, and that nobody learns of another's calendar.

use anyhow::Result;
use axum::{body::Body, http::Request};
use televent_store::DeviceSecret;
use uuid::Uuid;

use crate::support::{ANN, CALENDAR, EVENT, Ground, basic, object, person, violated};

pub const METHODS: [&str; 15] = [
    "OPTIONS",
    "GET",
    "HEAD",
    "PUT",
    "POST",
    "DELETE",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCALENDAR",
    "MKCOL",
    "COPY",
    "MOVE",
    "ACL",
    "BREW",
];

const CHALLENGED: &str = "401\ncontent-type: text/plain; charset=utf-8\n\
     www-authenticate: Basic realm=\"Televent\", charset=\"UTF-8\"\n\na device's username and password are needed";

#[tokio::test]
async fn without_credentials_every_method_is_challenged_with_one_realm() -> Result<()> {
    let ground = Ground::new().await?;
    for path in [
        "/dav/",
        CALENDAR,
        EVENT,
        "/dav/calendars/6666/default/",
        "/dav/nothing",
    ] {
        for method in METHODS {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .body(Body::empty())?;
            let answer = ground.raw(request).await?;
            if method == "HEAD" {
                assert_eq!(answer.status, 401, "{method} {path}");
            } else {
                assert_eq!(answer.shown(), CHALLENGED, "{method} {path}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn wrong_credentials_are_challenged_like_none() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = DeviceSecret::from_random([1; 20]);
    ground
        .store
        .add_device(Uuid::now_v7(), person(ANN), "laptop", &secret)
        .await?;
    let revoked = DeviceSecret::from_random([2; 20]);
    let revoked_id = Uuid::now_v7();
    ground
        .store
        .add_device(revoked_id, person(ANN), "lost", &revoked)
        .await?;
    ground.store.revoke_device(person(ANN), revoked_id).await?;

    let right = secret.reveal();
    for (username, password) in [
        ("tg_1001", "wrong"),
        ("tg_1001", ""),
        ("", right.as_str()),
        ("tg_1001@televent.example", right.as_str()),
        ("ann", right.as_str()),
        ("@ann", right.as_str()),
        ("@", right.as_str()),
        ("tg_6666", right.as_str()),
        ("tg_4711", right.as_str()),
        ("tg_01001", right.as_str()),
        (
            "tg_1001",
            DeviceSecret::from_random([3; 20]).reveal().as_str(),
        ),
        ("tg_1001", revoked.reveal().as_str()),
        ("tg_1001", format!("{right}a").as_str()),
    ] {
        let authorization = basic(username, password)?;
        let answer = ground
            .send(
                "GET",
                EVENT,
                &[("authorization", &authorization)],
                Body::empty(),
            )
            .await?;
        assert_eq!(answer.shown(), CHALLENGED, "{username}:{password}");
    }
    for authorization in [
        "",
        "Basic",
        "Basic *",
        "Bearer abc",
        "Digest username=\"tg_1001\"",
    ] {
        let answer = ground
            .send(
                "GET",
                EVENT,
                &[("authorization", authorization)],
                Body::empty(),
            )
            .await?;
        assert_eq!(answer.shown(), CHALLENGED, "{authorization}");
    }
    Ok(())
}

#[tokio::test]
async fn username_and_password_are_taken_as_people_type_them() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = DeviceSecret::from_random([1; 20]);
    ground
        .store
        .add_device(Uuid::now_v7(), person(ANN), "laptop", &secret)
        .await?;
    let shown = secret.reveal();
    for (username, password) in [
        ("tg_1001", shown.clone()),
        ("1001", shown.clone()),
        ("tg_1001", shown.to_uppercase()),
        ("tg_1001", shown.replace('-', "")),
        ("tg_1001", shown.replace('-', " ")),
    ] {
        let authorization = basic(username, &password)?.replacen("Basic", "bAsIc", 1);
        let answer = ground
            .send(
                "OPTIONS",
                CALENDAR,
                &[("authorization", &authorization)],
                Body::empty(),
            )
            .await?;
        assert_eq!(answer.status, 200, "{username}:{password}");
    }
    Ok(())
}

#[tokio::test]
async fn another_users_resources_look_like_missing_ones_to_every_method() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let missing = "404\ncontent-type: text/plain; charset=utf-8\n\nnothing is here";
    let not_a_place = violated(
        403,
        "<c:calendar-collection-location-ok/>",
        "calendars are made in the home, and hold no collections",
    );
    let body = object("uid-b", "");
    for path in [
        "/dav/calendars/1001/",
        "/dav/calendars/1001/inbox/",
        "/dav/calendars/1001/inbox/a.ics",
        "/dav/calendars/1001/outbox/",
        CALENDAR,
        EVENT,
        "/dav/calendars/1001/default/b.ics",
        "/dav/calendars/1001/none/",
        "/dav/calendars/4711/default/",
        "/dav/calendars/01001/default/",
        "/dav/calendars/tg_6666/default/",
        "/dav/calendars/6666/default/a/b",
        "/dav/calendars/6666/../1001/default/a.ics",
        "/dav/calendars/6666/%2e%2e/1001/default",
        "/dav/nothing",
    ] {
        for method in METHODS {
            let headers = [("authorization", ground.eve.as_str()), ("depth", "1")];
            let answer = ground.send(method, path, &headers, body.clone()).await?;
            let expected = match method {
                "MKCALENDAR" | "MKCOL" => not_a_place.as_str(),
                _ => missing,
            };
            if method == "HEAD" {
                assert_eq!(answer.status, 404, "{method} {path}");
            } else {
                assert_eq!(answer.shown(), expected, "{method} {path}");
            }
        }
    }
    assert_eq!(ground.get(EVENT).await?.text(), object("uid-a", ""));
    assert_eq!(
        ground.rows("select resource_name from events").await?,
        ["a.ics"]
    );
    Ok(())
}

#[tokio::test]
async fn stranger_looks_like_nobody_to_every_method() -> Result<()> {
    let ground = Ground::new().await?;
    let headers = [("authorization", ground.eve.as_str()), ("depth", "0")];
    let report = "<d:expand-property xmlns:d='DAV:'/>";
    for method in METHODS {
        let body = if method == "REPORT" { report } else { "" };
        let stranger = ground
            .send(method, "/dav/principals/1001/", &headers, body)
            .await?;
        let nobody = ground
            .send(method, "/dav/principals/4711/", &headers, body)
            .await?;
        assert_eq!(stranger.shown(), nobody.shown(), "{method}");
        if ["GET", "HEAD", "PROPFIND", "REPORT"].contains(&method) {
            assert_eq!(stranger.status, 404, "{method}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn own_missing_calendar_is_a_conflict_for_put_and_missing_for_the_rest() -> Result<()> {
    let ground = Ground::new().await?;
    let path = "/dav/calendars/1001/none/a.ics";
    let answer = ground.put(path, object("uid-a", "")).await?;
    assert_eq!(
        answer.shown(),
        "409\ncontent-type: text/plain; charset=utf-8\n\nthe calendar does not exist; make it first"
    );
    for (method, path) in [
        ("GET", path),
        ("HEAD", path),
        ("DELETE", path),
        ("PROPFIND", path),
        ("PROPFIND", "/dav/calendars/1001/none/"),
        ("GET", EVENT),
        ("DELETE", EVENT),
        ("PROPFIND", EVENT),
    ] {
        let answer = ground
            .send(method, path, &[("depth", "0")], Body::empty())
            .await?;
        assert_eq!(answer.status, 404, "{method} {path}");
    }
    Ok(())
}

#[tokio::test]
async fn listings_show_the_askers_own_things_only() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let headers = [("authorization", ground.eve.as_str()), ("depth", "1")];
    for path in [
        "/",
        "/dav/",
        "/dav/principals/",
        "/dav/calendars/",
        "/dav/calendars/6666/",
        "/dav/calendars/6666/default/",
    ] {
        let answer = ground
            .send("PROPFIND", path, &headers, Body::empty())
            .await?;
        assert_eq!(answer.status, 207, "{path}");
        assert!(
            !answer.text().contains(&ANN.to_string()),
            "{path}: {}",
            answer.text()
        );
        assert!(
            !answer.text().contains("a.ics"),
            "{path}: {}",
            answer.text()
        );
    }
    Ok(())
}
