//! Names of resources in their URLs, and writers that want the same one at once.

use anyhow::Result;

use crate::support::{CALENDAR, EVENT, Ground, object};

#[tokio::test]
async fn name_is_one_resource_however_it_is_encoded() -> Result<()> {
    let ground = Ground::new().await?;
    for (sent, href) in [
        ("a%20b.ics", "a%20b.ics"),
        ("%C3%A9%E2%82%AC.ics", "%C3%A9%E2%82%AC.ics"),
        ("a@b.ics", "a@b.ics"),
        ("c%40d.ics", "c@d.ics"),
        ("100%25.ics", "100%25.ics"),
        ("%22quo'ted%22.ics", "%22quo%27ted%22.ics"),
        ("a+b&c=d;e.ics", "a%2Bb%26c%3Dd%3Be.ics"),
        ("%3Cx%3E.ics", "%3Cx%3E.ics"),
        ("no-extension", "no-extension"),
        ("%61.ics", "a.ics"),
        ("two%0Alines.ics", "two%0Alines.ics"),
        ("a%2fb.ics", "a%2Fb.ics"),
        ("%F0%9F%8D%B0%20%D0%B6.ics", "%F0%9F%8D%B0%20%D0%B6.ics"),
        ("inbox", "inbox"),
    ] {
        let path = format!("{CALENDAR}{sent}");
        let body = object(sent, "");
        assert_eq!(ground.put(&path, body.clone()).await?.status, 201, "{sent}");
        let answer = ground.propfind(&path, "0", "<d:getetag/>").await?;
        assert!(
            answer
                .text()
                .contains(&format!("<d:href>{CALENDAR}{href}</d:href>")),
            "{sent}: {}",
            answer.text()
        );
        assert_eq!(
            ground.get(&format!("{CALENDAR}{href}")).await?.text(),
            body,
            "{sent}"
        );
        assert!(
            ground
                .propfind(CALENDAR, "1", "<d:getetag/>")
                .await?
                .text()
                .contains(&format!("default/{href}</d:href>"))
        );
        assert_eq!(
            ground.delete(&format!("{CALENDAR}{href}")).await?.status,
            204,
            "{sent}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn names_that_are_none_are_missing() -> Result<()> {
    let ground = Ground::new().await?;
    let long = "x".repeat(256);
    for name in ["%00", "%2E%2E", "%FF", "a.ics/", "a/b", long.as_str()] {
        let answer = ground
            .put(&format!("{CALENDAR}{name}"), object("uid-a", ""))
            .await?;
        assert_eq!(answer.status, 404, "{name}");
    }
    assert_eq!(
        ground
            .put(
                &format!("{CALENDAR}{}", "x".repeat(255)),
                object("uid-a", "")
            )
            .await?
            .status,
        201
    );
    Ok(())
}

#[tokio::test]
async fn writers_of_one_new_name_at_once_make_it_once_and_all_are_answered() -> Result<()> {
    let ground = Ground::new().await?;
    let bodies: Vec<String> = (0..4)
        .map(|index| object("uid-a", &format!("LOCATION:{index}\r\n")))
        .collect();
    let (a, b, c, d) = tokio::join!(
        ground.put(EVENT, bodies[0].clone()),
        ground.put(EVENT, bodies[1].clone()),
        ground.put(EVENT, bodies[2].clone()),
        ground.put(EVENT, bodies[3].clone()),
    );
    let mut statuses = [a?.status, b?.status, c?.status, d?.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 204, 204, 204]);
    assert_eq!(ground.ctag().await?, (5, 5));
    assert_eq!(
        ground.rows("select sequence::text from events").await?,
        ["4"]
    );
    Ok(())
}

#[tokio::test]
async fn of_writers_that_allow_no_other_one_wins() -> Result<()> {
    let ground = Ground::new().await?;
    let bodies: Vec<String> = (0..3)
        .map(|index| object("uid-a", &format!("LOCATION:{index}\r\n")))
        .collect();
    let create = ("if-none-match", "*");
    let (a, b, c) = tokio::join!(
        ground.put_if(EVENT, create, &bodies[0]),
        ground.put_if(EVENT, create, &bodies[1]),
        ground.put_if(EVENT, create, &bodies[2]),
    );
    let mut statuses = [a?.status, b?.status, c?.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 412, 412]);

    let tag = ground
        .get(EVENT)
        .await?
        .header("etag")
        .expect("a tag")
        .to_owned();
    let change = [("if-match", tag.as_str())];
    let other = object("uid-a", "LOCATION:x\r\n");
    let (put, delete) = tokio::join!(
        ground.put_if(EVENT, change[0], &other),
        ground.send("DELETE", EVENT, &change, "")
    );
    let mut statuses = [put?.status, delete?.status];
    statuses.sort_unstable();
    // A change finds the resource gone (412), a removal finds it changed (412).
    assert_eq!(statuses, [204, 412]);
    Ok(())
}
