//! PROPPATCH of what can't be changed: which properties are protected, what is no value, and how much is kept.

use anyhow::Result;

use crate::{
    proppatch::{PROTECTED, refused, remove, set, value, verdict},
    support::{
        CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, multistatus, object, propstat,
        response, violated,
    },
};

#[tokio::test]
async fn one_refusal_refuses_all() -> Result<()> {
    let ground = Ground::new().await?;
    let changes = "<d:displayname>New</d:displayname><d:getetag>x</d:getetag><e:note xmlns:e='urn:e'/>\
                   <c:calendar-timezone-id>Mars/Olympus</c:calendar-timezone-id>";
    let answer = ground.proppatch(CALENDAR, &set(changes)).await?;
    let expected = verdict(
        CALENDAR,
        &[
            propstat(
                "<d:displayname/>\n<x:note xmlns:x=\"urn:e\"/>",
                "424 Failed Dependency",
            ),
            refused("<d:getetag/>", "403 Forbidden", PROTECTED),
            refused(
                "<c:calendar-timezone-id/>",
                "403 Forbidden",
                "c:valid-timezone",
            ),
        ],
    );
    assert_eq!(answer.shown(), expected);
    let answer = value(
        &ground,
        CALENDAR,
        "<d:displayname/><e:note xmlns:e='urn:e'/>",
    )
    .await?;
    assert_eq!(
        answer.shown(),
        multistatus(&response(
            CALENDAR,
            "<d:displayname>Televent</d:displayname>",
            "<x:note xmlns:x=\"urn:e\"/>"
        ))
    );
    assert_eq!(ground.ctag().await?, (1, 1));
    Ok(())
}

#[tokio::test]
async fn protected_properties_can_neither_be_set_nor_removed() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for (path, property) in [
        (CALENDAR, "d:resourcetype"),
        (CALENDAR, "d:sync-token"),
        (CALENDAR, "cs:getctag"),
        (CALENDAR, "c:supported-calendar-component-set"),
        (CALENDAR, "d:current-user-principal"),
        (CALENDAR, "d:acl"),
        (EVENT, "d:getetag"),
        (EVENT, "d:displayname"),
        (EVENT, "c:calendar-data"),
        (EVENT, "c:schedule-tag"),
        (HOME, "d:displayname"),
        (PRINCIPAL, "c:calendar-user-address-set"),
        (PRINCIPAL, "d:displayname"),
        (INBOX, "d:resourcetype"),
        (OUTBOX, "d:owner"),
    ] {
        for change in [
            set(&format!("<{property}>x</{property}>")),
            remove(&format!("<{property}/>")),
        ] {
            let answer = ground.proppatch(path, &change).await?;
            let expected = refused(&format!("<{property}/>"), "403 Forbidden", PROTECTED);
            assert_eq!(answer.shown(), verdict(path, &[expected]), "{change}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn time_zone_that_is_none_is_refused() -> Result<()> {
    let ground = Ground::new().await?;
    let empty = "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR";
    for text in ["", "Europe/Berlin", empty, &object("uid-a", "")] {
        let change = set(&format!(
            "<c:calendar-timezone>{text}</c:calendar-timezone>"
        ));
        let answer = ground.proppatch(CALENDAR, &change).await?;
        let expected = refused(
            "<c:calendar-timezone/>",
            "403 Forbidden",
            "c:valid-calendar-data",
        );
        assert_eq!(answer.shown(), verdict(CALENDAR, &[expected]), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_kept_is_bounded() -> Result<()> {
    let ground = Ground::new().await?;
    let too_large = |name: &str| propstat(name, "507 Insufficient Storage");
    let big = |bytes: usize| {
        set(&format!(
            "<e:note xmlns:e='urn:e'>{}</e:note>",
            "x".repeat(bytes)
        ))
    };
    for path in [CALENDAR, HOME] {
        let answer = ground.proppatch(path, &big(256 * 1024)).await?;
        let expected = verdict(path, &[too_large("<x:note xmlns:x=\"urn:e\"/>")]);
        assert_eq!(answer.shown(), expected);
        assert!(
            !value(&ground, path, "<e:note xmlns:e='urn:e'/>")
                .await?
                .text()
                .contains("200 OK")
        );
        let answer = ground.proppatch(path, &big(255 * 1024)).await?;
        assert_eq!(answer.all_between("HTTP/1.1 ", " "), ["200"]);
    }
    let name = set(&format!(
        "<d:displayname>{}</d:displayname>",
        "x".repeat(1_025)
    ));
    let answer = ground.proppatch(CALENDAR, &name).await?;
    assert_eq!(
        answer.shown(),
        verdict(CALENDAR, &[too_large("<d:displayname/>")])
    );

    let many = |from: usize, to: usize| {
        set(&(from..to)
            .map(|index| format!("<p{index}/>"))
            .collect::<String>())
    };
    for (from, to, statuses) in [(0, 100, "200"), (100, 200, "200"), (200, 201, "507")] {
        let answer = ground.proppatch(INBOX, &many(from, to)).await?;
        assert_eq!(answer.all_between("HTTP/1.1 ", " "), [statuses], "{to}");
    }
    let answer = ground.proppatch(INBOX, &many(0, 101)).await?;
    assert_eq!(answer.text(), "the body changes more than 100 properties\n");
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_or_not_ones_own_takes_no_properties() -> Result<()> {
    let ground = Ground::new().await?;
    let change = set("<e:note xmlns:e='urn:e'/>");
    for path in [
        EVENT,
        "/dav/calendars/1001/none/",
        "/dav/calendars/6666/default/",
        "/dav/calendars/6666/",
    ] {
        assert_eq!(ground.proppatch(path, &change).await?.status, 404, "{path}");
    }
    let answer = ground.proppatch("/dav/principals/6666/", &change).await?;
    let expected = violated(403, "<d:need-privileges/>", "this is somebody else");
    assert_eq!(answer.shown(), expected);
    for body in ["", "<d:propfind xmlns:d='DAV:'/>", "<propertyupdate/>"] {
        let answer = ground.send("PROPPATCH", CALENDAR, &[], body).await?;
        assert_eq!(
            answer.shown(),
            "400\ncontent-type: text/plain; charset=utf-8\n\nthe body is not a DAV:propertyupdate"
        );
    }
    Ok(())
}
