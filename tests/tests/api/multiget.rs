//! CALDAV:calendar-multiget (RFC 4791 section 7.9).

use anyhow::Result;

use crate::support::{
    Answer, CALENDAR, EVENT, Ground, HOME, INBOX, gone, multistatus, object, response, xml_data,
    xml_etag,
};

pub async fn multiget(
    ground: &Ground,
    path: &str,
    properties: &str,
    hrefs: &[&str],
) -> Result<Answer> {
    let hrefs: String = hrefs
        .iter()
        .map(|href| format!("<d:href>{href}</d:href>"))
        .collect();
    let body = format!("<d:prop>{properties}</d:prop>{hrefs}");
    ground.report(path, "c:calendar-multiget", &body).await
}

#[tokio::test]
async fn objects_are_returned_in_the_order_of_their_urls() -> Result<()> {
    let ground = Ground::new().await?;
    let names = ["b.ics", "a.ics", "c%20d.ics"];
    let mut expected = Vec::new();
    for name in names {
        let body = object(name, "");
        ground
            .put(&format!("{CALENDAR}{name}"), body.clone())
            .await?;
        let found = format!("{}\n{}", xml_etag(&body), xml_data(&body));
        expected.push(response(&format!("{CALENDAR}{name}"), &found, ""));
    }
    let hrefs = names.map(|name| format!("{CALENDAR}{name}"));
    let hrefs: Vec<&str> = hrefs.iter().map(String::as_str).collect();
    let answer = multiget(&ground, CALENDAR, "<d:getetag/><c:calendar-data/>", &hrefs).await?;
    assert_eq!(answer.shown(), multistatus(&expected.join("\n")));
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_or_elsewhere_is_missing_by_the_name_that_was_asked() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    ground
        .put("/dav/calendars/1001/work/b.ics", object("uid-b", ""))
        .await?;
    let headers = [("authorization", ground.eve.as_str())];
    ground
        .send(
            "PUT",
            "/dav/calendars/6666/default/e.ics",
            &headers,
            object("uid-e", ""),
        )
        .await?;
    let hrefs = [
        "/dav/calendars/1001/default/none.ics",
        "/dav/calendars/1001/work/b.ics",
        "/dav/calendars/6666/default/e.ics",
        CALENDAR,
        "a.ics",
        "http://[",
        "/dav/calendars/1001/default/%00",
        "/dav/calendars/1001/default/%ff%zz",
    ];
    let answer = multiget(&ground, CALENDAR, "<d:getetag/>", &hrefs).await?;
    assert_eq!(answer.shown(), multistatus(&hrefs.map(gone).join("\n")));
    Ok(())
}

#[tokio::test]
async fn url_may_be_written_in_every_way() -> Result<()> {
    let ground = Ground::new().await?;
    let event = "/dav/calendars/1001/default/a@b%20c.ics";
    ground.put(event, object("uid-a", "")).await?;
    for href in [
        "/dav/calendars/1001/default/a@b%20c.ics",
        "/dav/calendars/1001/default/a%40b%20c.ics",
        "/dav/calendars/1001/default/%61@b c.ics",
        "https://cal.example/dav/calendars/1001/default/a@b%20c.ics",
        "HTTP://other:8080/dav/calendars/1001/default/a@b%20c.ics",
        "  /dav/calendars/1001/default/a@b%20c.ics\n",
    ] {
        let answer = multiget(&ground, CALENDAR, "<d:resourcetype/>", &[href]).await?;
        assert_eq!(
            answer.shown(),
            multistatus(&response(event, "<d:resourcetype/>", "")),
            "{href}"
        );
    }
    Ok(())
}

/// A client would take the 404 of a second answer at its word.
#[tokio::test]
async fn url_that_is_named_twice_is_there_both_times() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .put("/dav/calendars/1001/default/a@b.ics", object("uid-a", ""))
        .await?;
    let hrefs = [
        "/dav/calendars/1001/default/a@b.ics",
        "/dav/calendars/1001/default/a%40b.ics",
    ];
    let answer = multiget(&ground, CALENDAR, "<d:getetag/><c:calendar-data/>", &hrefs).await?;
    assert!(!answer.text().contains("404"), "{}", answer.shown());
    assert!(answer.text().contains("UID:uid-a"));
    Ok(())
}

#[tokio::test]
async fn more_than_a_page_is_answered_whole() -> Result<()> {
    let ground = Ground::new().await?;
    ground.fill(1_100).await?;
    let hrefs: Vec<String> = (0..=1_100)
        .map(|index| format!("{CALENDAR}{index}.ics"))
        .collect();
    let hrefs: Vec<&str> = hrefs.iter().map(String::as_str).collect();
    let answer = multiget(&ground, CALENDAR, "<c:calendar-data/>", &hrefs).await?;
    assert_eq!(answer.hrefs(), hrefs);
    assert_eq!(answer.text().matches("404 Not Found").count(), 1);
    assert_eq!(answer.text().matches("UID:uid-").count(), 1_100);
    Ok(())
}

#[tokio::test]
async fn request_must_name_objects_of_a_calendar() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let answer = multiget(&ground, CALENDAR, "<d:getetag/>", &[]).await?;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (400, "calendar-multiget holds no DAV:href\n")
    );
    assert_eq!(
        multiget(&ground, HOME, "<d:getetag/>", &[EVENT])
            .await?
            .status,
        403
    );
    assert_eq!(
        multiget(
            &ground,
            "/dav/calendars/1001/none/",
            "<d:getetag/>",
            &[EVENT]
        )
        .await?
        .status,
        404
    );
    let answer = multiget(&ground, INBOX, "<d:getetag/>", &[EVENT]).await?;
    assert_eq!(answer.shown(), multistatus(&gone(EVENT)));
    let answer = multiget(&ground, EVENT, "<d:resourcetype/>", &[EVENT]).await?;
    assert_eq!(
        answer.shown(),
        multistatus(&response(EVENT, "<d:resourcetype/>", ""))
    );
    Ok(())
}
