//! DELETE of a whole calendar: what is in it is cancelled.

use anyhow::Result;

use crate::support::{CALENDAR, EVENT, Ground, HOME, INBOX, invitation, object, violated};

const WORK: &str = "/dav/calendars/1001/work/";
const NOBODY: [&str; 0] = [];

fn needed() -> String {
    violated(
        403,
        "<c:default-calendar-needed/>",
        "invitations go to this calendar; choose another one first (schedule-default-calendar-URL of the inbox)",
    )
}

/// Lets invitations go to another calendar.
async fn choose(ground: &Ground, path: &str) -> Result<String> {
    let change = format!(
        "<d:set><d:prop><c:schedule-default-calendar-URL><d:href>{path}</d:href></c:schedule-default-calendar-URL></d:prop></d:set>"
    );
    Ok(ground.proppatch(INBOX, &change).await?.shown())
}

#[tokio::test]
async fn calendar_goes_with_all_that_is_in_it() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let event = format!("{WORK}a.ics");
    ground.put(&event, object("uid-a", "")).await?;
    assert_eq!(ground.delete(WORK).await?.shown(), "204");
    for path in [WORK, &event] {
        for method in ["GET", "DELETE", "PROPFIND", "PROPPATCH"] {
            let body = "<d:propertyupdate xmlns:d='DAV:'/>";
            let body = if method == "PROPPATCH" { body } else { "" };
            let answer = ground.send(method, path, &[("depth", "0")], body).await?;
            assert_eq!(answer.status, 404, "{method} {path}");
        }
    }
    assert_eq!(ground.put(&event, object("uid-a", "")).await?.status, 409);
    let answer = ground.propfind(HOME, "1", "<d:resourcetype/>").await?;
    assert!(!answer.hrefs().contains(&WORK.to_owned()));
    let quota = ground.propfind(HOME, "0", "<d:quota-used-bytes/>").await?;
    assert_eq!(quota.all_between("<d:quota-used-bytes>", "<"), ["0"]);
    Ok(())
}

/// The meeting that is over did take place: nobody has to hear that it does not.
#[tokio::test]
async fn invited_people_hear_of_it_where_there_is_something_to_come() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let later = invitation("uid-a").replace("20260105", "29260105");
    let over = invitation("uid-b").replace("20260105", "20010105");
    let foreign = later
        .replace("uid-a", "uid-c")
        .replace("tg_1001", "tg_6666");
    for (name, body) in [
        ("a", later),
        ("b", over),
        ("c", foreign),
        ("d", object("uid-d", "")),
    ] {
        let answer = ground.put(&format!("{WORK}{name}.ics"), body).await?;
        assert_eq!(answer.status, 201, "{name}");
    }
    ground.sql("delete from outbox_messages").await?;
    assert_eq!(ground.delete(WORK).await?.status, 204);
    let mut told = ground
        .rows("select kind || ' ' || telegram_id || ' ' || uid from outbox_messages o join events e on e.id = o.event_id")
        .await?;
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "invite_notification 98765 uid-a",
            "rsvp_notification 1001 uid-a"
        ]
    );
    Ok(())
}

#[tokio::test]
async fn calendar_that_invitations_go_to_stays_until_another_is_chosen() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    assert_eq!(ground.delete(CALENDAR).await?.shown(), needed());
    ground.make_calendar("work").await?;
    assert_eq!(ground.delete(CALENDAR).await?.shown(), needed());
    assert_eq!(ground.get(EVENT).await?.status, 200);

    let default_calendar = async || -> Result<Vec<String>> {
        let answer = ground
            .propfind(INBOX, "0", "<c:schedule-default-calendar-URL/>")
            .await?;
        Ok(answer.all_between("<c:schedule-default-calendar-URL><d:href>", "<"))
    };
    assert_eq!(default_calendar().await?, [CALENDAR]);
    assert!(choose(&ground, WORK).await?.contains("HTTP/1.1 200 OK"));
    assert_eq!(default_calendar().await?, [WORK]);
    assert_eq!(ground.delete(WORK).await?.shown(), needed());
    assert_eq!(ground.delete(CALENDAR).await?.shown(), "204");
    assert_eq!(default_calendar().await?, [WORK]);
    assert_eq!(ground.outbox().await?, NOBODY);
    Ok(())
}

#[tokio::test]
async fn only_a_calendar_of_ones_own_that_takes_events_can_be_chosen() -> Result<()> {
    let ground = Ground::new().await?;
    let tasks = "<d:set><d:prop><c:supported-calendar-component-set><c:comp name='VTODO'/></c:supported-calendar-component-set></d:prop></d:set>";
    ground
        .send_xml("MKCALENDAR", WORK, &[], "c:mkcalendar", tasks)
        .await?;
    for path in [
        WORK,
        HOME,
        "/dav/calendars/1001/none/",
        "/dav/calendars/6666/default/",
        "nonsense",
        "",
    ] {
        let shown = choose(&ground, path).await?;
        assert!(
            shown.contains("403 Forbidden")
                && shown.contains("<c:valid-schedule-default-calendar-URL/>"),
            "{path}: {shown}"
        );
    }
    assert_eq!(
        ground
            .rows("select telegram_id::text from users where default_calendar is not null")
            .await?,
        NOBODY
    );
    Ok(())
}

#[tokio::test]
async fn sync_token_of_the_if_header_is_respected() -> Result<()> {
    let ground = Ground::new().await?;
    ground.make_calendar("work").await?;
    let token = ground
        .propfind(WORK, "0", "<d:sync-token/>")
        .await?
        .all_between("<d:sync-token>", "<")
        .concat();
    ground
        .put(&format!("{WORK}a.ics"), object("uid-a", ""))
        .await?;
    let stale = format!("(<{token}>)");
    assert_eq!(
        ground
            .send("DELETE", WORK, &[("if", &stale)], "")
            .await?
            .status,
        412
    );
    let token = ground
        .propfind(WORK, "0", "<d:sync-token/>")
        .await?
        .all_between("<d:sync-token>", "<")
        .concat();
    let current = format!("<https://cal.example{WORK}> (<{token}>)");
    assert_eq!(
        ground
            .send("DELETE", WORK, &[("if", &current)], "")
            .await?
            .status,
        204
    );
    Ok(())
}

#[tokio::test]
async fn other_collections_can_not_be_deleted() -> Result<()> {
    let ground = Ground::new().await?;
    for path in [
        "/dav/",
        "/dav/principals/1001/",
        HOME,
        INBOX,
        "/dav/calendars/1001/outbox/",
    ] {
        assert_eq!(ground.delete(path).await?.status, 405, "{path}");
    }
    assert_eq!(
        ground.delete("/dav/calendars/1001/none/").await?.status,
        404
    );
    assert_eq!(
        ground.delete("/dav/calendars/6666/default/").await?.status,
        404
    );
    Ok(())
}
