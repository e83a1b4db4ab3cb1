//! The scheduling inbox (RFC 6638 section 2.2): a collection that counts the changes of its messages, is no calendar, and
//! into which the server alone delivers.

use anyhow::Result;
use televent_tests::message;

use crate::support::{
    ANN, Answer, CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, etag, invitation, multistatus,
    object, person, propstat, response, violated, xml_etag,
};

/// The first message in Ann's inbox.
pub const MESSAGE: &str = "/dav/calendars/1001/inbox/m.ics";

/// A counter of the inbox, as its sync token has it.
pub fn token(counter: i64) -> String {
    format!("data:,00000000-0000-0000-0000-00001b0c03e9/{counter}")
}

/// A request of Eve's that Ann comes to lunch.
pub fn request(uid: &str) -> String {
    let invited = "ORGANIZER:mailto:tg_6666@televent.internal\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_1001@televent.internal\r\n";
    message("REQUEST", &object(uid, invited))
}

pub async fn deliver(ground: &Ground, name: &str, message: &str) -> Result<()> {
    ground.database.deliver(ANN, name, message).await
}

/// Ann's inbox has an id that is known.
pub async fn ground() -> Result<Ground> {
    let ground = Ground::new().await?;
    ground
        .sql("update calendars set id = '00000000-0000-0000-0000-00001b0c03e9' where owner = 1001 and kind = 'inbox'")
        .await?;
    Ok(ground)
}

/// What may be changed by a request that must change nothing.
async fn everything(ground: &Ground) -> Result<Vec<String>> {
    ground
        .rows(
            "select 'event ' || t::text from events t union all select 'calendar ' || t::text from calendars t
             union all select 'outbox ' || t::text from outbox_messages t order by 1",
        )
        .await
}

#[tokio::test]
async fn inbox_says_what_it_is_and_where_it_stands() -> Result<()> {
    let ground = ground().await?;
    let asked = "<d:resourcetype/><cs:getctag/><d:sync-token/><c:schedule-default-calendar-URL/><d:supported-report-set/>\
                 <d:displayname/><d:getetag/>";
    let reports = [
        "d:acl-principal-prop-set",
        "c:calendar-multiget",
        "c:calendar-query",
        "d:expand-property",
        "d:principal-match",
        "d:sync-collection",
    ]
    .map(|report| {
        format!("<d:supported-report>\n<d:report>\n<{report}/>\n</d:report>\n</d:supported-report>")
    });
    for counter in 1..=2 {
        let token = token(counter);
        let found = format!(
            "<d:resourcetype>\n<d:collection/>\n<c:schedule-inbox/>\n</d:resourcetype>\n<cs:getctag>{counter}</cs:getctag>\n\
             <d:sync-token>{token}</d:sync-token>\n\
             <c:schedule-default-calendar-URL>\n<d:href>{CALENDAR}</d:href>\n</c:schedule-default-calendar-URL>\n\
             <d:supported-report-set>\n{}\n</d:supported-report-set>",
            reports.join("\n")
        );
        let expected = multistatus(&response(INBOX, &found, "<d:displayname/>\n<d:getetag/>"));
        let answer = ground.propfind(INBOX, "0", asked).await?;
        assert_eq!(answer.shown(), expected);
        deliver(&ground, "m.ics", &request("uid-m")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn messages_are_listed_with_tag_and_kind_and_without_a_schedule_tag() -> Result<()> {
    let ground = ground().await?;
    let task = message("CANCEL", &invitation("uid-t")).replace("VEVENT", "VTODO");
    let task = task.replace("DTEND", "DUE");
    deliver(&ground, "m.ics", &request("uid-m")).await?;
    deliver(&ground, "t.ics", &task).await?;
    let asked = "<d:getetag/><d:getcontenttype/><d:resourcetype/><c:schedule-tag/>";
    let of = |path: &str, content: &str, kind: &str| {
        let found = format!(
            "{}\n<d:getcontenttype>text/calendar; charset=utf-8; component={kind}</d:getcontenttype>\n<d:resourcetype/>",
            xml_etag(content)
        );
        response(path, &found, "<c:schedule-tag/>")
    };
    let inbox = response(
        INBOX,
        "<d:resourcetype>\n<d:collection/>\n<c:schedule-inbox/>\n</d:resourcetype>",
        "<d:getetag/>\n<d:getcontenttype/>\n<c:schedule-tag/>",
    );
    let first = of(MESSAGE, &request("uid-m"), "VEVENT");
    let second = of(&format!("{INBOX}t.ics"), &task, "VTODO");
    let answer = ground.propfind(INBOX, "1", asked).await?;
    let all = [inbox, first.clone(), second];
    assert_eq!(answer.shown(), multistatus(&all.join("\n")));
    let answer = ground.propfind(MESSAGE, "0", asked).await?;
    assert_eq!(answer.shown(), multistatus(&first));
    Ok(())
}

#[tokio::test]
async fn message_is_read_as_it_was_delivered() -> Result<()> {
    let ground = ground().await?;
    let content = request("uid-m");
    deliver(&ground, "m.ics", &content).await?;
    let answer = ground.get(MESSAGE).await?;
    let kind = "text/calendar; charset=utf-8; component=VEVENT";
    assert_eq!((answer.status, answer.text()), (200, content.clone()));
    assert_eq!(answer.header("etag"), Some(etag(&content).as_str()));
    assert_eq!(answer.header("content-type"), Some(kind));
    assert_eq!(answer.header("schedule-tag"), None);
    let head = ground.send("HEAD", MESSAGE, &[], "").await?;
    assert_eq!((head.status, &head.headers), (200, &answer.headers));
    let known = [("if-none-match", etag(&content))];
    let known = known.each_ref().map(|(name, tag)| (*name, tag.as_str()));
    assert_eq!(ground.send("GET", MESSAGE, &known, "").await?.status, 304);
    let missing = format!("{INBOX}none.ics");
    assert_eq!(ground.get(&missing).await?.status, 404);
    Ok(())
}

/// The answer to the invitation is given in the calendar, and a reply that its reader throws away cancels nothing.
#[tokio::test]
async fn deleting_a_message_tells_nobody() -> Result<()> {
    let ground = ground().await?;
    let reply = message("REPLY", &invitation("uid-r"));
    for content in [&request("uid-m"), &reply] {
        deliver(&ground, "m.ics", content).await?;
        let tag = etag(content);
        let conditions: [(&[(&str, &str)], u16); 4] = [
            (&[("if-match", "\"other\"")], 412),
            (&[("if-schedule-tag-match", &tag)], 412),
            (&[("if-match", &tag)], 204),
            (&[("if-match", &tag)], 404),
        ];
        for (headers, status) in conditions {
            let answer = ground.send("DELETE", MESSAGE, headers, "").await?;
            assert_eq!(answer.status, status, "{headers:?}: {}", answer.shown());
        }
        assert_eq!(ground.get(MESSAGE).await?.status, 404);
        assert_eq!(ground.outbox().await?, [""; 0]);
    }
    let left =
        "select concat_ws(' ', ctag, bytes) from calendars where owner = 1001 and kind = 'inbox'";
    assert_eq!(ground.rows(left).await?, ["5 0"]);
    Ok(())
}

#[tokio::test]
async fn owner_may_read_a_message_and_take_it_out() -> Result<()> {
    let ground = ground().await?;
    deliver(&ground, "m.ics", &request("uid-m")).await?;
    let answer = ground
        .propfind(MESSAGE, "0", "<d:current-user-privilege-set/>")
        .await?;
    let granted = [
        "read",
        "read-current-user-privilege-set",
        "read-acl",
        "write-properties",
        "write-content",
    ];
    assert_eq!(
        answer.all_between("<d:privilege><d:", "/>"),
        granted,
        "{}",
        answer.shown()
    );
    let note = "<a:calendar-color>#FF0000</a:calendar-color>";
    let set = format!("<d:set><d:prop>{note}</d:prop></d:set>");
    let changed = propstat("<a:calendar-color/>", "200 OK");
    assert_eq!(
        ground.proppatch(MESSAGE, &set).await?.shown(),
        multistatus(&format!(
            "<d:response>\n<d:href>{MESSAGE}</d:href>\n{changed}</d:response>"
        ))
    );
    Ok(())
}

#[tokio::test]
async fn clients_deliver_nothing() -> Result<()> {
    let ground = ground().await?;
    deliver(&ground, "m.ics", &request("uid-m")).await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let before = everything(&ground).await?;
    let refused = violated(
        403,
        "<d:need-privileges/>",
        "what is in the inbox is delivered by the server; it can be read and deleted",
    );
    let new = format!("{INBOX}new.ics");
    for path in [MESSAGE, &new] {
        for body in [request("uid-m"), object("uid-m", "")] {
            assert_eq!(ground.put(path, body).await?.shown(), refused, "{path}");
        }
        for method in ["COPY", "MOVE"] {
            let to = [("destination", path)];
            let answer = ground.send(method, EVENT, &to, "").await?;
            assert_eq!(answer.shown(), refused, "{method} {path}");
        }
    }
    let out = [("destination", "/dav/calendars/1001/default/m.ics")];
    let elsewhere = [("destination", new.as_str())];
    for method in ["COPY", "MOVE"] {
        for to in [out, elsewhere] {
            let answer = ground.send(method, MESSAGE, &to, "").await?;
            assert_eq!(answer.status, 405, "{method}: {}", answer.shown());
        }
    }
    for method in ["MKCALENDAR", "MKCOL"] {
        assert_eq!(ground.send(method, &new, &[], "").await?.status, 403);
        assert_eq!(ground.send(method, INBOX, &[], "").await?.status, 405);
    }
    for method in ["DELETE", "MOVE", "PUT"] {
        let to = [("destination", "/dav/calendars/1001/moved/")];
        assert_eq!(ground.send(method, INBOX, &to, "").await?.status, 405);
    }
    assert_eq!(everything(&ground).await?, before);
    Ok(())
}

#[tokio::test]
async fn somebody_elses_message_is_not_there() -> Result<()> {
    let ground = ground().await?;
    deliver(&ground, "m.ics", &request("uid-m")).await?;
    let by_eve = [("authorization", ground.eve.as_str()), ("depth", "0")];
    for method in ["GET", "PUT", "DELETE", "PROPFIND", "REPORT"] {
        let answer = ground.send(method, MESSAGE, &by_eve, "").await?;
        assert_eq!(answer.status, 404, "{method}");
    }
    assert_eq!(ground.get(MESSAGE).await?.status, 200);
    Ok(())
}

/// The answer to a request of Ann's for her own times.
async fn busy_times(ground: &Ground) -> Result<Answer> {
    let body = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tests//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:request-1\r\n\
                DTSTAMP:20260101T000000Z\r\nDTSTART:20260105T000000Z\r\nDTEND:20260106T000000Z\r\n\
                ORGANIZER:mailto:tg_1001@televent.internal\r\nATTENDEE:mailto:tg_1001@televent.internal\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n";
    ground.send("POST", OUTBOX, &[], body).await
}

#[tokio::test]
async fn inbox_is_no_calendar() -> Result<()> {
    let ground = ground().await?;
    let reply = message("REPLY", &invitation("uid-r"));
    deliver(&ground, "r.ics", &reply).await?;
    let home = ground.propfind(HOME, "1", "<d:resourcetype/>").await?;
    assert_eq!(home.hrefs(), [HOME, CALENDAR, INBOX, OUTBOX]);
    assert_eq!(home.text().matches("<c:calendar/>").count(), 1);
    assert_eq!(
        ground.get(INBOX).await?.text(),
        "This is a collection for calendar apps; see / for how to set them up.\n"
    );

    let choice = format!(
        "<d:set><d:prop><c:schedule-default-calendar-URL><d:href>{INBOX}</d:href></c:schedule-default-calendar-URL></d:prop></d:set>"
    );
    let answer = ground.proppatch(INBOX, &choice).await?;
    assert!(
        answer
            .text()
            .contains("<c:valid-schedule-default-calendar-URL/>"),
        "{}",
        answer.shown()
    );

    let period = "20260105T100000Z/20260105T110000Z";
    let times = busy_times(&ground).await?;
    assert_eq!(times.status, 200, "{}", times.shown());
    assert!(!times.text().contains(period), "{}", times.shown());
    ground.put(EVENT, invitation("uid-r")).await?;
    let times = busy_times(&ground).await?;
    assert!(times.text().contains(period), "{}", times.shown());
    let range = "<c:time-range start='20260101T000000Z' end='20270101T000000Z'/>";
    let answer = ground.report(INBOX, "c:free-busy-query", range).await?;
    let why = "the report free-busy-query is not answered here";
    assert_eq!(answer.shown(), violated(403, "<d:supported-report/>", why));

    let calendars = ground.store.calendars(person(ANN)).await?;
    let slugs: Vec<_> = calendars.into_iter().map(|found| found.slug).collect();
    assert_eq!(slugs, ["default"]);
    Ok(())
}

#[tokio::test]
async fn home_of_an_account_without_an_inbox_is_listed() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .sql("delete from calendars where kind = 'inbox'")
        .await?;
    let home = ground.propfind(HOME, "1", "<d:resourcetype/>").await?;
    assert_eq!(home.hrefs(), [HOME, CALENDAR, OUTBOX]);
    assert_eq!(ground.propfind(INBOX, "0", "").await?.status, 404);
    Ok(())
}
