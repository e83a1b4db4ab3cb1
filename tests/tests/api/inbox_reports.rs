//! Reports on the scheduling inbox and its messages (RFC 6638 section 2.3, RFC 6578).

use anyhow::Result;
use televent_tests::message;

use crate::{
    calendar_query::{asked_of, within},
    inbox::{MESSAGE, deliver, ground, request, token},
    multiget::multiget,
    support::{
        Answer, EVENT, Ground, INBOX, gone, invitation, multistatus, object, response, violated,
        xml_data, xml_etag,
    },
    sync_collection::{sync_of, synced},
};

const REPLY: &str = "/dav/calendars/1001/inbox/r.ics";

/// A request at noon and a reply to something in February.
async fn with_two_messages() -> Result<Ground> {
    let ground = ground().await?;
    deliver(&ground, "m.ics", &request("uid-m")).await?;
    deliver(&ground, "r.ics", &reply()).await?;
    Ok(ground)
}

fn reply() -> String {
    let answered = message("REPLY", &invitation("uid-r"));
    answered.replace("20260105", "20260205")
}

async fn query(ground: &Ground, path: &str, filter: &str) -> Result<Answer> {
    asked_of(ground, path, &within("VCALENDAR", filter)).await
}

#[tokio::test]
async fn messages_are_fetched_by_their_urls() -> Result<()> {
    let ground = with_two_messages().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let hrefs = [REPLY, EVENT, "/dav/calendars/1001/inbox/none.ics", MESSAGE];
    let answer = multiget(&ground, INBOX, "<d:getetag/><c:calendar-data/>", &hrefs).await?;
    let found = |href: &str, content: &str| {
        let found = format!("{}\n{}", xml_etag(content), xml_data(content));
        response(href, &found, "")
    };
    let [_, event, none, _] = hrefs;
    let expected = [
        found(REPLY, &reply()),
        gone(event),
        gone(none),
        found(MESSAGE, &request("uid-m")),
    ];
    assert_eq!(answer.shown(), multistatus(&expected.join("\n")));
    Ok(())
}

#[tokio::test]
async fn part_of_a_message_is_returned_with_its_method() -> Result<()> {
    let ground = with_two_messages().await?;
    let wanted = "<c:comp name='VCALENDAR'><c:prop name='METHOD'/><c:comp name='VEVENT'><c:prop name='UID'/></c:comp></c:comp>";
    let body = format!(
        "<d:prop><c:calendar-data>{wanted}</c:calendar-data></d:prop><d:href>{MESSAGE}</d:href>"
    );
    let answer = ground.report(MESSAGE, "c:calendar-multiget", &body).await?;
    let part = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:uid-m\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(
        answer.shown(),
        multistatus(&response(MESSAGE, &xml_data(part), ""))
    );
    Ok(())
}

#[tokio::test]
async fn messages_are_found_by_kind_time_and_method() -> Result<()> {
    let ground = with_two_messages().await?;
    let january = "<c:time-range start='20260101T000000Z' end='20260201T000000Z'/>";
    let found: [(&str, String, &[&str]); 5] = [
        (
            INBOX,
            "<c:comp-filter name='VEVENT'/>".to_owned(),
            &[MESSAGE, REPLY],
        ),
        (INBOX, "<c:comp-filter name='VTODO'/>".to_owned(), &[]),
        (
            INBOX,
            format!("<c:comp-filter name='VEVENT'>{january}</c:comp-filter>"),
            &[MESSAGE],
        ),
        (
            INBOX,
            "<c:prop-filter name='METHOD'><c:text-match>reply</c:text-match></c:prop-filter>"
                .to_owned(),
            &[REPLY],
        ),
        (
            MESSAGE,
            "<c:comp-filter name='VEVENT'/>".to_owned(),
            &[MESSAGE],
        ),
    ];
    for (path, filter, expected) in found {
        let answer = query(&ground, path, &filter).await?;
        assert_eq!(
            (answer.status, answer.hrefs()),
            (
                207,
                expected.iter().map(|href| (*href).to_owned()).collect()
            ),
            "{filter}"
        );
    }
    let none = "/dav/calendars/1001/inbox/none.ics";
    let answer = query(&ground, none, "<c:comp-filter name='VEVENT'/>").await?;
    assert_eq!(answer.status, 404);
    Ok(())
}

async fn sync(ground: &Ground, token: &str, rest: &str) -> Result<Answer> {
    sync_of(ground, INBOX, token, rest).await
}

#[tokio::test]
async fn sync_tells_of_messages_that_came_changed_and_went() -> Result<()> {
    let ground = with_two_messages().await?;
    let is = |href: &str, content: &str| response(href, &xml_etag(content), "");
    let (first, second) = (is(MESSAGE, &request("uid-m")), is(REPLY, &reply()));
    let answer = sync(&ground, "", "").await?;
    assert_eq!(
        answer.shown(),
        synced(&[first.clone(), second.clone()], &token(3))
    );
    let limit = "<d:limit><d:nresults>1</d:nresults></d:limit>";
    let answer = sync(&ground, &token(1), limit).await?;
    let cut = format!(
        "<d:response>\n<d:href>{INBOX}</d:href>\n<d:status>HTTP/1.1 507 Insufficient Storage</d:status>\n<d:error>\n\
         <d:number-of-matches-within-limits/>\n</d:error>\n</d:response>"
    );
    assert_eq!(
        answer.shown(),
        synced(&[first, cut], &format!("{}/1", token(2)))
    );

    let newer = request("uid-m").replace("Lunch", "Dinner");
    deliver(&ground, "m.ics", &newer).await?;
    ground.delete(REPLY).await?;
    let answer = sync(&ground, &token(3), "").await?;
    let expected = [is(MESSAGE, &newer), gone(REPLY)];
    assert_eq!(answer.shown(), synced(&expected, &token(5)));
    let answer = sync(&ground, &token(5), "").await?;
    assert_eq!(answer.shown(), synced(&[], &token(5)));

    let of_the_calendar = "data:,00000000-0000-0000-0000-0000ca1e03e9/1";
    for wrong in [of_the_calendar, &token(6), "data:,x/1"] {
        let answer = sync(&ground, wrong, "").await?;
        let why = "the token is not of this calendar, or has expired; sync from the start";
        assert_eq!(answer.shown(), violated(403, "<d:valid-sync-token/>", why));
    }
    Ok(())
}

#[tokio::test]
async fn more_messages_than_a_page_holds_are_all_listed() -> Result<()> {
    let ground = ground().await?;
    let body = request("uid-@").replace('@', "' || n || '");
    ground
        .sql(&format!(
            "insert into events (id, calendar_id, resource_name, uid, component, method, object, etag, revision, owner_organizes,
                                 schedule_tag)
             select gen_random_uuid(), c.id, n || '.ics', 'uid-' || n, 'VEVENT', 'REQUEST', convert_to('{body}', 'UTF8'),
                    'tag-' || n, c.ctag + n, false, ''
             from calendars c, generate_series(1, 1100) n where c.owner = 1001 and c.kind = 'inbox'"
        ))
        .await?;
    ground
        .sql("update calendars set ctag = ctag + 1100 where kind = 'inbox' and owner = 1001")
        .await?;
    let listed = ground.propfind(INBOX, "1", "<d:getetag/>").await?;
    assert_eq!(listed.hrefs().len(), 1_101);
    assert_eq!(sync(&ground, "", "").await?.hrefs().len(), 1_100);
    let found = query(&ground, INBOX, "<c:prop-filter name='METHOD'/>").await?;
    assert_eq!(found.hrefs().len(), 1_100);
    Ok(())
}
