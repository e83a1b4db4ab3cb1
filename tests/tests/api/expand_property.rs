//! DAV:expand-property (RFC 3253 section 3.8), with which Apple's apps read several resources at once; and other reports that
//! follow from one resource to another: principal-match and acl-principal-prop-set (RFC 3744 sections 9.2 and 9.3).

use anyhow::Result;

use crate::support::{
    Answer, CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, multistatus, object, response,
    violated,
};

async fn expand(ground: &Ground, path: &str, properties: &str) -> Result<Answer> {
    ground.report(path, "d:expand-property", properties).await
}

fn property(name: &str, inner: &str) -> String {
    format!("<d:property name='{name}'>{inner}</d:property>")
}

fn caldav(name: &str, inner: &str) -> String {
    format!(
        "<d:property name='{name}' namespace='urn:ietf:params:xml:ns:caldav'>{inner}</d:property>"
    )
}

#[tokio::test]
async fn hrefs_are_answered_by_what_is_there() -> Result<()> {
    let ground = Ground::new().await?;
    let asked = property("displayname", "")
        + &property(
            "current-user-principal",
            &(property("displayname", "")
                + &caldav("calendar-home-set", &property("resourcetype", ""))),
        )
        + &property("owner", "")
        + &property("quota", "");
    let answer = expand(&ground, CALENDAR, &asked).await?;
    let home = response(
        HOME,
        "<d:resourcetype>\n<d:collection/>\n</d:resourcetype>",
        "",
    );
    let principal = response(
        PRINCIPAL,
        &format!(
            "<d:displayname>Ann</d:displayname>\n<c:calendar-home-set>\n{home}\n</c:calendar-home-set>"
        ),
        "",
    );
    let found = format!(
        "<d:displayname>Televent</d:displayname>\n<d:current-user-principal>\n{principal}\n</d:current-user-principal>\n\
         <d:owner>\n<d:href>{PRINCIPAL}</d:href>\n</d:owner>"
    );
    assert_eq!(
        answer.shown(),
        multistatus(&response(CALENDAR, &found, "<d:quota/>"))
    );
    Ok(())
}

#[tokio::test]
async fn scheduling_collections_are_reached_from_the_principal() -> Result<()> {
    let ground = Ground::new().await?;
    let asked = caldav(
        "schedule-inbox-URL",
        &caldav(
            "schedule-default-calendar-URL",
            &property("displayname", ""),
        ),
    ) + &caldav("schedule-outbox-URL", &property("resourcetype", ""));
    let answer = expand(&ground, PRINCIPAL, &asked).await?;
    let calendar = response(CALENDAR, "<d:displayname>Televent</d:displayname>", "");
    let inbox = response(
        INBOX,
        &format!(
            "<c:schedule-default-calendar-URL>\n{calendar}\n</c:schedule-default-calendar-URL>"
        ),
        "",
    );
    let outbox = response(
        OUTBOX,
        "<d:resourcetype>\n<d:collection/>\n<c:schedule-outbox/>\n</d:resourcetype>",
        "",
    );
    let found = format!(
        "<c:schedule-inbox-URL>\n{inbox}\n</c:schedule-inbox-URL>\n<c:schedule-outbox-URL>\n{outbox}\n</c:schedule-outbox-URL>"
    );
    assert_eq!(
        answer.shown(),
        multistatus(&response(PRINCIPAL, &found, ""))
    );
    Ok(())
}

#[tokio::test]
async fn dead_properties_and_texts_are_returned_as_they_are() -> Result<()> {
    let ground = Ground::new().await?;
    let note = "<e:note xmlns:e='urn:e'><d:href>/dav/</d:href></e:note>";
    ground
        .proppatch(CALENDAR, &format!("<d:set><d:prop>{note}</d:prop></d:set>"))
        .await?;
    let asked = "<d:property name='note' namespace='urn:e'><d:property name='displayname'/></d:property><d:property name='displayname'><d:property name='owner'/></d:property>";
    let answer = expand(&ground, CALENDAR, asked).await?;
    let found = "<note xmlns=\"urn:e\">\n<href xmlns=\"DAV:\">/dav/</href>\n</note>\n<d:displayname>Televent</d:displayname>";
    assert_eq!(answer.shown(), multistatus(&response(CALENDAR, found, "")));
    Ok(())
}

/// What comes back as a tag must be one.
#[tokio::test]
async fn names_that_are_none_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    for asked in [
        "<d:property/>".to_owned(),
        property("", ""),
        property("a&gt;&lt;b", ""),
        property("a b", ""),
        property("d:displayname", ""),
        property("owner", &property("1", "")),
        property(&"x".repeat(129), ""),
        format!("<d:property name='x' namespace='{}'/>", "x".repeat(257)),
    ] {
        let answer = expand(&ground, CALENDAR, &asked).await?;
        assert_eq!(answer.status, 400, "{asked}: {}", answer.shown());
    }
    let answer = expand(&ground, CALENDAR, &property("größe", "")).await?;
    assert!(answer.text().contains("<d:größe/>"), "{}", answer.shown());
    Ok(())
}

#[tokio::test]
async fn what_one_request_leads_to_is_bounded() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = expand(&ground, CALENDAR, &property("displayname", "").repeat(201)).await?;
    assert_eq!(answer.text(), "the body names more than 200 properties\n");
    // Each leads to the principal again.
    let asked = property("owner", &property("displayname", "")).repeat(100);
    assert_eq!(
        expand(&ground, CALENDAR, &asked)
            .await?
            .text()
            .matches("<d:displayname>Ann")
            .count(),
        100
    );
    let nested = property(
        "owner",
        &property("owner", &property("owner", "").repeat(10)).repeat(10),
    );
    let answer = expand(&ground, CALENDAR, &nested).await?;
    assert_eq!(answer.status, 207);
    let deep = (0..25).fold(property("displayname", ""), |inner, _| {
        property("owner", &inner)
    });
    assert_eq!(expand(&ground, CALENDAR, &deep).await?.status, 207);
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_not_expanded() -> Result<()> {
    let ground = Ground::new().await?;
    for path in [
        EVENT,
        "/dav/calendars/1001/none/",
        "/dav/calendars/6666/",
        "/dav/principals/6666/",
    ] {
        assert_eq!(
            expand(&ground, path, &property("owner", "")).await?.status,
            404,
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn principal_match_finds_the_asker() -> Result<()> {
    let ground = Ground::new().await?;
    let ask = async |path: &str, inner: &str| -> Result<Answer> {
        let body = format!("{inner}<d:prop><d:displayname/></d:prop>");
        ground.report(path, "d:principal-match", &body).await
    };
    let ann = response(PRINCIPAL, "<d:displayname>Ann</d:displayname>", "");
    for path in ["/dav/principals/", PRINCIPAL] {
        assert_eq!(
            ask(path, "<d:self/>").await?.shown(),
            multistatus(&ann),
            "{path}"
        );
    }
    assert_eq!(
        ask("/dav/calendars/", "<d:self/>").await?.shown(),
        multistatus("")
    );
    let owned = ask(
        HOME,
        "<d:principal-property><d:owner/></d:principal-property>",
    )
    .await?;
    assert_eq!(owned.hrefs(), [HOME, CALENDAR, INBOX, OUTBOX]);
    for other in ["<d:displayname/>", "<d:nothing/>"] {
        let answer = ask(
            HOME,
            &format!("<d:principal-property>{other}</d:principal-property>"),
        )
        .await?;
        assert_eq!(answer.shown(), multistatus(""), "{other}");
    }
    assert_eq!(ask(HOME, "").await?.status, 400);
    ground.put(EVENT, object("uid-a", "")).await?;
    assert_eq!(ask(EVENT, "<d:self/>").await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn acl_names_the_owner_alone() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let asked = "<d:prop><d:displayname/></d:prop>";
    let ann = multistatus(&response(
        PRINCIPAL,
        "<d:displayname>Ann</d:displayname>",
        "",
    ));
    for path in [EVENT, CALENDAR, HOME, INBOX, OUTBOX] {
        let answer = ground
            .report(path, "d:acl-principal-prop-set", asked)
            .await?;
        assert_eq!(answer.shown(), ann, "{path}");
    }
    let answer = ground
        .report("/dav/", "d:acl-principal-prop-set", asked)
        .await?;
    assert_eq!(answer.shown(), multistatus(""));
    for path in ["/dav/calendars/1001/none/", "/dav/principals/6666/"] {
        assert_eq!(
            ground
                .report(path, "d:acl-principal-prop-set", asked)
                .await?
                .status,
            404,
            "{path}"
        );
    }
    Ok(())
}

/// What `supported-report-set` names is answered, and nothing else is.
#[tokio::test]
async fn supported_reports_are_those_that_are_answered() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let reports = [
        "d:acl-principal-prop-set",
        "c:calendar-multiget",
        "c:calendar-query",
        "d:expand-property",
        "c:free-busy-query",
        "d:principal-match",
        "d:principal-property-search",
        "cs:calendarserver-principal-search",
        "d:principal-search-property-set",
        "d:sync-collection",
        "d:version-tree",
        "sync-collection",
    ];
    for path in [
        "/dav/",
        "/dav/principals/",
        PRINCIPAL,
        "/dav/calendars/",
        HOME,
        INBOX,
        OUTBOX,
        CALENDAR,
        EVENT,
    ] {
        let supported = ground
            .propfind(path, "0", "<d:supported-report-set/>")
            .await?
            .text();
        for report in reports {
            let answer = ground.report(path, report, "").await?;
            let local = report.rsplit(':').next().unwrap_or_default();
            let why = format!("the report {local} is not answered here");
            let is_refused = answer.shown() == violated(403, "<d:supported-report/>", &why);
            let is_named = supported.contains(&format!("<d:report><{report}/></d:report>"));
            assert_eq!(
                is_refused,
                !is_named,
                "{report} on {path}: {}",
                answer.shown()
            );
        }
    }
    let answer = ground.send("REPORT", CALENDAR, &[], "").await?;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (400, "the body names no report\n")
    );
    Ok(())
}
