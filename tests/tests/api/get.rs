//! GET and HEAD: objects, exports of calendars, and what is compressed.

use anyhow::Result;

use crate::support::{
    Answer, CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, etag, invitation, object,
};

const GZIP: [(&str, &str); 2] = [("accept-encoding", "gzip, deflate"), ("depth", "1")];
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

fn is_gzip(answer: &Answer) -> bool {
    answer.header("content-encoding") == Some("gzip") && answer.body.starts_with(&GZIP_MAGIC)
}

/// That it has no body is the business of the listener, and of its tests.
#[tokio::test]
async fn head_has_the_headers_of_get() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, invitation("uid-a")).await?;
    for path in [
        EVENT,
        CALENDAR,
        HOME,
        INBOX,
        OUTBOX,
        PRINCIPAL,
        "/dav/",
        "/dav/calendars/1001/none/",
    ] {
        let get = ground.get(path).await?;
        let head = ground.send("HEAD", path, &[], "").await?;
        assert_eq!(head.status, get.status, "{path}");
        let of_content = |answer: &Answer| {
            let names = [
                "content-type",
                "etag",
                "schedule-tag",
                "last-modified",
                "content-disposition",
                "dav",
            ];
            names.map(|name| answer.header(name).map(str::to_owned))
        };
        assert_eq!(of_content(&head), of_content(&get), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn only_meetings_have_a_schedule_tag() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    assert_eq!(ground.get(EVENT).await?.header("schedule-tag"), None);
    ground
        .put("/dav/calendars/1001/default/b.ics", invitation("uid-b"))
        .await?;
    let answer = ground.get("/dav/calendars/1001/default/b.ics").await?;
    assert_eq!(
        answer.header("schedule-tag"),
        Some(etag(&invitation("uid-b")).as_str())
    );
    Ok(())
}

#[tokio::test]
async fn ranges_are_not_served_and_not_promised() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for path in [EVENT, CALENDAR] {
        let answer = ground
            .send("GET", path, &[("range", "bytes=0-9")], "")
            .await?;
        assert_eq!(
            (answer.status, answer.header("accept-ranges")),
            (200, Some("none")),
            "{path}"
        );
        assert!(answer.text().ends_with("END:VCALENDAR\r\n"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn calendar_is_one_file_with_all_its_objects_and_each_zone_once() -> Result<()> {
    let ground = Ground::new().await?;
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n\
                TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    let zoned = |uid: &str| {
        object(uid, "")
            .replace(
                "DTSTART:20260105T100000Z",
                "DTSTART;TZID=Europe/Berlin:20260105T100000",
            )
            .replace("BEGIN:VEVENT", &format!("{zone}BEGIN:VEVENT"))
    };
    ground.put(EVENT, zoned("uid-a")).await?;
    ground
        .put("/dav/calendars/1001/default/b.ics", zoned("uid-b"))
        .await?;
    let task =
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:t\nSUMMARY:Milk\nEND:VTODO\nEND:VCALENDAR";
    ground
        .put("/dav/calendars/1001/default/c.ics", task)
        .await?;
    ground
        .proppatch(
            CALENDAR,
            "<d:set><d:prop><d:displayname>Büro, \"A/B\"</d:displayname></d:prop></d:set>",
        )
        .await?;

    let answer = ground.get(CALENDAR).await?;
    assert_eq!(
        answer.header("content-type"),
        Some("text/calendar; charset=utf-8")
    );
    assert_eq!(
        answer.header("content-disposition"),
        Some(
            "attachment; filename=\"calendar.ics\"; filename*=UTF-8''B%C3%BCro%2C%20%22A%2FB%22.ics"
        )
    );
    let component = |text: &str| {
        let (_, rest) = text.split_once("BEGIN:VEVENT").unwrap_or_default();
        let (inner, _) = rest.split_once("END:VCALENDAR").unwrap_or_default();
        format!("BEGIN:VEVENT{inner}")
    };
    let expected = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//CalDAV server//EN\r\nCALSCALE:GREGORIAN\r\n\
         NAME:Büro\\, \"A/B\"\r\nX-WR-CALNAME:Büro\\, \"A/B\"\r\n{zone}{}{}BEGIN:VTODO\r\nUID:t\r\nSUMMARY:Milk\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
        component(&zoned("uid-a")),
        component(&zoned("uid-b")),
    );
    assert_eq!(answer.text(), expected);
    Ok(())
}

#[tokio::test]
async fn export_of_more_than_a_page_is_whole() -> Result<()> {
    let ground = Ground::new().await?;
    ground.fill(1_201).await?;
    let text = ground.get(CALENDAR).await?.text();
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1_201);
    assert_eq!(text.matches("BEGIN:VCALENDAR").count(), 1);
    assert!(text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    for index in [1, 500, 501, 1_000, 1_001, 1_201] {
        assert_eq!(
            text.matches(&format!("UID:uid-{index}\r\n")).count(),
            1,
            "{index}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn empty_calendar_is_an_empty_file() -> Result<()> {
    let ground = Ground::new().await?;
    assert_eq!(
        ground.get(CALENDAR).await?.text(),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//CalDAV server//EN\r\nCALSCALE:GREGORIAN\r\nNAME:Televent\r\n\
         X-WR-CALNAME:Televent\r\nEND:VCALENDAR\r\n"
    );
    Ok(())
}

#[tokio::test]
async fn large_listings_and_exports_are_compressed_for_who_can_read_it() -> Result<()> {
    let ground = Ground::new().await?;
    ground.fill(30).await?;
    let body = "<d:propfind xmlns:d='DAV:'><d:prop><d:getetag/></d:prop></d:propfind>";
    for (method, body) in [("PROPFIND", body), ("GET", "")] {
        let plain = ground
            .send(method, CALENDAR, &[("depth", "1")], body)
            .await?;
        assert_eq!(plain.header("content-encoding"), None, "{method}");
        let compressed = ground.send(method, CALENDAR, &GZIP, body).await?;
        assert!(is_gzip(&compressed), "{method}: {:?}", compressed.headers);
        assert!(compressed.body.len() * 2 < plain.body.len(), "{method}");
        let varies = compressed
            .headers
            .iter()
            .any(|(name, value)| name == "vary" && value == "accept-encoding");
        assert!(varies, "{method}: {:?}", compressed.headers);
    }
    Ok(())
}

/// A strong tag names these bytes, and compression would change them.
#[tokio::test]
async fn what_has_a_tag_is_not_compressed_and_neither_is_what_is_small() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object(
        "uid-a",
        &format!("DESCRIPTION:{}\r\n", "long ".repeat(1_000)),
    );
    ground.put(EVENT, body.clone()).await?;
    let answer = ground.send("GET", EVENT, &GZIP, "").await?;
    assert_eq!(
        (answer.header("content-encoding"), answer.text()),
        (None, body)
    );
    let small = "<d:propfind xmlns:d='DAV:'><d:prop><d:displayname/></d:prop></d:propfind>";
    let answer = ground.send("PROPFIND", CALENDAR, &GZIP, small).await?;
    assert_eq!(answer.header("content-encoding"), None);
    Ok(())
}

#[tokio::test]
async fn other_collections_say_what_they_are_to_a_browser() -> Result<()> {
    let ground = Ground::new().await?;
    for path in [
        "/dav/",
        "/dav/principals/",
        PRINCIPAL,
        "/dav/calendars/",
        HOME,
        INBOX,
        OUTBOX,
    ] {
        assert_eq!(
            ground.get(path).await?.shown(),
            "200\naccept-ranges: none\ncontent-type: text/plain; charset=utf-8\n\n\
             This is a collection for calendar apps; see / for how to set them up.",
            "{path}"
        );
    }
    for path in [
        "/dav/principals/6666/",
        "/dav/principals/4711/",
        "/dav/calendars/6666/",
    ] {
        assert_eq!(ground.get(path).await?.status, 404, "{path}");
    }
    Ok(())
}
