//! OPTIONS, the `DAV` header, and which methods have a meaning where.

use anyhow::Result;

use crate::{
    access::METHODS,
    answer::DAV_CLASSES,
    support::{CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, object},
};

const OF_ROOT: &str = "OPTIONS, HEAD, GET, PROPFIND, REPORT";
const OF_OWN: &str = "OPTIONS, HEAD, GET, PROPFIND, PROPPATCH, REPORT, ACL";
const OF_OUTBOX: &str = "OPTIONS, HEAD, GET, POST, PROPFIND, PROPPATCH, REPORT, ACL";
const OF_CALENDAR: &str =
    "OPTIONS, HEAD, GET, DELETE, MKCALENDAR, MKCOL, MOVE, PROPFIND, PROPPATCH, REPORT, ACL";
const OF_OBJECT: &str =
    "OPTIONS, HEAD, GET, PUT, DELETE, COPY, MOVE, PROPFIND, PROPPATCH, REPORT, ACL";

const OF_MESSAGE: &str = "OPTIONS, HEAD, GET, PUT, DELETE, PROPFIND, PROPPATCH, REPORT, ACL";

const RESOURCES: [(&str, &str); 10] = [
    ("/dav/", OF_ROOT),
    ("/dav/principals/", OF_ROOT),
    ("/dav/calendars/", OF_ROOT),
    (PRINCIPAL, OF_OWN),
    (HOME, OF_OWN),
    (INBOX, OF_OWN),
    (OUTBOX, OF_OUTBOX),
    (CALENDAR, OF_CALENDAR),
    (EVENT, OF_OBJECT),
    ("/dav/calendars/1001/inbox/a.ics", OF_MESSAGE),
];

#[tokio::test]
async fn options_tell_methods_and_compliance_classes() -> Result<()> {
    let ground = Ground::new().await?;
    for (path, allow) in RESOURCES.into_iter().chain([("/", OF_ROOT)]) {
        let answer = ground.send("OPTIONS", path, &[], "").await?;
        assert_eq!(answer.header("dav"), Some(DAV_CLASSES), "{path}");
        assert_eq!(answer.shown(), format!("200\nallow: {allow}"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn methods_without_a_meaning_say_which_have_one() -> Result<()> {
    let ground = Ground::new().await?;
    for (path, allow) in RESOURCES {
        for method in METHODS {
            let makes_calendars =
                ["MKCALENDAR", "MKCOL"].contains(&method) && path.ends_with(".ics");
            if makes_calendars || allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let answer = ground.send(method, path, &[], object("uid-a", "")).await?;
            assert_eq!(
                answer.shown(),
                format!("405\nallow: {allow}"),
                "{method} {path}"
            );
        }
    }
    assert_eq!(ground.ctag().await?, (1, 1));
    Ok(())
}

/// There are no locks, and `DAV` says so: a client that tries one is told by the status.
#[tokio::test]
async fn locks_are_neither_offered_nor_given() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for method in ["LOCK", "UNLOCK"] {
        assert_eq!(ground.send(method, EVENT, &[], "").await?.status, 405);
    }
    assert!(!DAV_CLASSES.split(", ").any(|class| class == "2"));
    Ok(())
}
