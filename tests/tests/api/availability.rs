//! CALDAV:calendar-availability of the inbox (RFC 7953): set by PROPPATCH, and counted in what others are told.

use anyhow::Result;

use crate::{
    free_busy::{BOB, ask, times},
    proppatch::{PROTECTED, refused, remove, set, value, verdict},
    support::{
        ANN, Answer, CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, account, invitation,
        multistatus, object, propstat, response,
    },
};

const NAME: &str = "<c:calendar-availability/>";
const ANNS: &str = "mailto:tg_1001@televent.internal";

/// Office hours in Berlin, as calendar apps send them.
fn office(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Tests//EN\nBEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\n\
         BEGIN:VAVAILABILITY\nUID:all\nDTSTAMP:20260101T000000Z\n{lines}BEGIN:AVAILABLE\nUID:week\nDTSTAMP:20260101T000000Z\n\
         SUMMARY:Secret office\nDTSTART;TZID=Europe/Berlin:20260101T090000\nDTEND;TZID=Europe/Berlin:20260101T170000\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE\nEND:VAVAILABILITY\nEND:VCALENDAR\n"
    )
}

fn property(value: &str) -> String {
    format!("<c:calendar-availability>{value}</c:calendar-availability>")
}

async fn set_office(ground: &Ground, lines: &str) -> Result<Answer> {
    ground
        .proppatch(INBOX, &set(&property(&office(lines))))
        .await
}

#[tokio::test]
async fn availability_is_kept_on_the_inbox_and_told_when_it_is_asked_for() -> Result<()> {
    let ground = Ground::new().await?;
    let missing = multistatus(&response(INBOX, "", NAME));
    assert_eq!(value(&ground, INBOX, NAME).await?.shown(), missing);
    let answer = set_office(&ground, "").await?;
    let done = verdict(INBOX, &[propstat(NAME, "200 OK")]);
    assert_eq!(answer.shown(), done);
    let sent = format!(
        "<calendar-availability xmlns=\"urn:ietf:params:xml:ns:caldav\">{}</calendar-availability>",
        office("")
    );
    let kept = value(&ground, INBOX, NAME).await?.text();
    assert!(kept.contains(&sent), "{kept}");

    // By name alone: RFC 7953 section 7.2.
    for (asked, is_in) in [
        ("<d:allprop/>", false),
        (
            "<d:allprop/><d:include><c:calendar-availability/></d:include>",
            true,
        ),
        ("<d:propname/>", true),
    ] {
        let answer = ground.propfind_body(INBOX, "0", asked).await?.text();
        assert_eq!(
            answer.matches("calendar-availability").count(),
            if asked.contains("include") {
                2
            } else {
                usize::from(is_in)
            },
            "{asked}: {answer}"
        );
    }
    let home = ground.propfind(HOME, "1", NAME).await?.text();
    assert_eq!(home.matches("BEGIN:VAVAILABILITY").count(), 1, "{home}");

    let answer = ground.proppatch(INBOX, &remove(NAME)).await?;
    assert_eq!(answer.shown(), done);
    assert_eq!(value(&ground, INBOX, NAME).await?.shown(), missing);
    Ok(())
}

#[tokio::test]
async fn what_is_no_availability_is_refused_with_all_else_of_the_request() -> Result<()> {
    let ground = Ground::new().await?;
    set_office(&ground, "").await?;
    let note = "<e:note xmlns:e='urn:e'>x</e:note>";
    let large = format!("X-LONG:{}\n", "x".repeat(64 * 1024));
    for (value, status, condition) in [
        (String::new(), "403 Forbidden", true),
        ("nine to five".to_owned(), "403 Forbidden", true),
        (object("uid-a", ""), "403 Forbidden", true),
        (office("PRIORITY:urgent\n"), "403 Forbidden", true),
        (office("BUSYTYPE:FREE\n"), "403 Forbidden", true),
        (
            office("DTSTART;VALUE=DATE:20260101\n"),
            "403 Forbidden",
            true,
        ),
        (office("DURATION:PT1H\n"), "403 Forbidden", true),
        (office(&large), "507 Insufficient Storage", false),
    ] {
        let change = set(&format!("{}{note}", property(&value)));
        let answer = ground.proppatch(INBOX, &change).await?;
        let own = if condition {
            refused(NAME, status, "c:valid-calendar-data")
        } else {
            propstat(NAME, status)
        };
        let other = propstat("<x:note xmlns:x=\"urn:e\"/>", "424 Failed Dependency");
        assert_eq!(
            answer.shown(),
            verdict(INBOX, &[own, other]),
            "{value:.200}"
        );
    }
    let kept = value(&ground, INBOX, NAME).await?.text();
    assert!(kept.contains("UID:week"), "{kept}");
    Ok(())
}

#[tokio::test]
async fn only_the_inbox_has_it() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for path in [CALENDAR, EVENT, HOME, OUTBOX, PRINCIPAL] {
        let answer = ground.proppatch(path, &set(&property(&office("")))).await?;
        let expected = verdict(path, &[refused(NAME, "403 Forbidden", PROTECTED)]);
        assert_eq!(answer.shown(), expected);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_available_is_told_as_busy() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let meeting = "BUSY:20260105T100000Z/20260105T110000Z";
    set_office(&ground, "").await?;
    let answer = ask(&ground, &[ANNS]).await?;
    assert_eq!(
        times(&answer),
        [
            "BUSY-UNAVAILABLE:20260105T000000Z/20260105T080000Z",
            meeting,
            "BUSY-UNAVAILABLE:20260105T160000Z/20260106T000000Z",
        ]
    );
    assert!(!answer.text().contains("Secret"), "{}", answer.shown());

    set_office(
        &ground,
        "BUSYTYPE:BUSY-TENTATIVE\nDTSTART:20260105T120000Z\nDURATION:PT6H\n",
    )
    .await?;
    assert_eq!(
        times(&ask(&ground, &[ANNS]).await?),
        [meeting, "BUSY-TENTATIVE:20260105T160000Z/20260105T180000Z"]
    );

    // A report on a calendar is about that calendar.
    let range = "<c:time-range start='20260105T000000Z' end='20260106T000000Z'/>";
    let report = ground.report(CALENDAR, "c:free-busy-query", range).await?;
    assert_eq!(report.all_between("FREEBUSY;FBTYPE=", "\r"), [meeting]);

    ground.proppatch(INBOX, &remove(NAME)).await?;
    assert_eq!(times(&ask(&ground, &[ANNS]).await?), [meeting]);
    Ok(())
}

#[tokio::test]
async fn availability_of_others_counts_and_stays_theirs() -> Result<()> {
    let ground = Ground::new().await?;
    let bob = account(&ground.store, BOB, "Bob").await?;
    let headers = [("authorization", bob.as_str())];
    let answer = ground
        .send_xml(
            "PROPPATCH",
            "/dav/calendars/98765/inbox/",
            &headers,
            "d:propertyupdate",
            &set(&property(&office(""))),
        )
        .await?;
    assert_eq!(answer.status, 207);
    let elsewhere = invitation("uid-i").replace("20260105", "20260205");
    ground.put(EVENT, elsewhere).await?;
    let both = ask(&ground, &[ANNS, "mailto:tg_98765@televent.internal"]).await?;
    assert_eq!(
        times(&both),
        [
            "BUSY-UNAVAILABLE:20260105T000000Z/20260105T080000Z",
            "BUSY-UNAVAILABLE:20260105T160000Z/20260106T000000Z",
        ]
    );
    let inbox = ground
        .propfind("/dav/calendars/98765/inbox/", "0", NAME)
        .await?;
    assert_eq!(inbox.status, 404);
    Ok(())
}

/// It was an unknown property once, and any text was kept for it.
#[tokio::test]
async fn what_was_stored_unread_is_passed_over() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let stored = r#"[{"namespace": "urn:ietf:params:xml:ns:caldav", "name": "calendar-availability",
        "xml": "<calendar-availability xmlns=\"urn:ietf:params:xml:ns:caldav\">always</calendar-availability>"}]"#;
    ground
        .sql(&format!(
            "insert into collection_properties values ({ANN}, 'inbox', '{stored}')"
        ))
        .await?;
    let kept = value(&ground, INBOX, NAME).await?.text();
    assert!(kept.contains(">always<"), "{kept}");
    assert_eq!(
        times(&ask(&ground, &[ANNS]).await?),
        ["BUSY:20260105T100000Z/20260105T110000Z"]
    );
    Ok(())
}

/// One that is too full does not spoil the answer about the others.
#[tokio::test]
async fn availability_in_too_many_pieces_is_not_told() -> Result<()> {
    let ground = Ground::new().await?;
    let pieces = office("").replace(
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "RRULE:FREQ=SECONDLY",
    );
    ground.proppatch(INBOX, &set(&property(&pieces))).await?;
    let answer = ask(&ground, &[ANNS, "mailto:tg_4711@televent.internal"]).await?;
    assert_eq!(
        answer.all_between("<c:request-status>", "<"),
        ["5.1;Service unavailable", "3.7;Invalid calendar user"]
    );
    Ok(())
}
