//! DAV:sync-collection in parts (RFC 6578 section 3.6): with a limit, over several pages, and when tombstones go meanwhile.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::{
    support::{CALENDAR, EVENT, Ground, object},
    sync_collection::{expired, limit, sync, synced, token, token_of},
};

/// Reads all parts of a sync. Returns the hrefs that are there, those that are gone, and the number of requests.
async fn in_parts(
    ground: &Ground,
    start: &str,
    size: usize,
) -> Result<(BTreeSet<String>, BTreeSet<String>, usize, String)> {
    let (mut there, mut missing) = (BTreeSet::new(), BTreeSet::new());
    let mut token = start.to_owned();
    for requests in 1.. {
        let answer = sync(ground, &token, &limit(size)).await?;
        anyhow::ensure!(answer.status == 207, "{}", answer.shown());
        let mut members = 0;
        for response in answer.all_between("<d:response>", "</d:response>") {
            let (_, rest) = response.split_once("<d:href>").unwrap_or_default();
            let (href, rest) = rest.split_once("</d:href>").unwrap_or_default();
            if href == CALENDAR {
                anyhow::ensure!(rest.contains("HTTP/1.1 507 Insufficient Storage"), "{rest}");
                anyhow::ensure!(
                    rest.contains("<d:error><d:number-of-matches-within-limits/></d:error>"),
                    "{rest}"
                );
                continue;
            }
            members += 1;
            let is_gone = rest.contains("404 Not Found");
            if is_gone { &mut missing } else { &mut there }.insert(href.to_owned());
        }
        anyhow::ensure!(members <= size, "{members} of {size}");
        token = token_of(&answer);
        if !answer.text().contains("507 Insufficient Storage") {
            return Ok((there, missing, requests, token));
        }
    }
    unreachable!("the numbers do not end")
}

#[tokio::test]
async fn first_and_later_syncs_can_be_read_in_parts() -> Result<()> {
    let ground = Ground::new().await?;
    ground.fill(7).await?;
    let names = |range: std::ops::RangeInclusive<usize>| -> BTreeSet<String> {
        range
            .map(|index| format!("{CALENDAR}{index}.ics"))
            .collect()
    };
    assert_eq!(
        in_parts(&ground, "", 3).await?,
        (names(1..=7), BTreeSet::new(), 3, token(8))
    );
    assert_eq!(
        in_parts(&ground, "", 7).await?.2,
        1,
        "what fits is not paused"
    );
    for index in [1, 4, 6] {
        ground.delete(&format!("{CALENDAR}{index}.ics")).await?;
    }
    ground.put(EVENT, object("uid-a", "")).await?;
    let gone: BTreeSet<String> = [1, 4, 6]
        .map(|index| format!("{CALENDAR}{index}.ics"))
        .into();
    let new: BTreeSet<String> = [EVENT.to_owned()].into();
    for size in [1, 2, 3] {
        let parts = in_parts(&ground, &token(8), size).await?;
        assert_eq!(
            parts,
            (new.clone(), gone.clone(), 4_usize.div_ceil(size), token(12)),
            "{size}"
        );
    }
    Ok(())
}

/// What changes between two parts is told by the next, whichever of the two it was in.
#[tokio::test]
async fn changes_between_parts_are_not_lost() -> Result<()> {
    let ground = Ground::new().await?;
    ground.fill(4).await?;
    let first = sync(&ground, "", &limit(2)).await?;
    assert_eq!(
        first.hrefs(),
        [
            format!("{CALENDAR}1.ics"),
            format!("{CALENDAR}2.ics"),
            CALENDAR.to_owned()
        ]
    );
    ground.delete(&format!("{CALENDAR}1.ics")).await?;
    ground.delete(&format!("{CALENDAR}3.ics")).await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let (there, gone, _, last) = in_parts(&ground, &token_of(&first), 2).await?;
    assert_eq!(there, [format!("{CALENDAR}4.ics"), EVENT.to_owned()].into());
    // That the third is gone is told, too, though the client never heard of it.
    assert!(gone.contains(&format!("{CALENDAR}1.ics")), "{gone:?}");
    assert_eq!(sync(&ground, &last, "").await?.shown(), synced(&[], &last));
    Ok(())
}

#[tokio::test]
async fn token_from_before_the_tombstones_has_expired() -> Result<()> {
    let ground = Ground::new().await?;
    ground.fill(5).await?;
    let paused = token_of(&sync(&ground, "", &limit(2)).await?);
    ground.delete(&format!("{CALENDAR}1.ics")).await?;
    ground.sql("delete from event_tombstones").await?;
    ground
        .sql("update calendars set sync_floor = 4 where owner = 1001")
        .await?;
    for counter in [1, 3] {
        assert_eq!(
            sync(&ground, &token(counter), "").await?.shown(),
            expired(),
            "{counter}"
        );
    }
    for counter in [4, 5, 7] {
        assert_eq!(
            sync(&ground, &token(counter), "").await?.status,
            207,
            "{counter}"
        );
    }
    // A first sync in parts knows of nothing that went before it began.
    let rest = sync(&ground, &paused, "").await?;
    assert_eq!((rest.status, rest.hrefs().len()), (207, 3));
    Ok(())
}

#[tokio::test]
async fn more_than_a_page_is_answered_whole() -> Result<()> {
    let ground = Ground::new().await?;
    ground.fill(1_300).await?;
    for (start, wanted, count) in [
        ("", String::new(), 1_300),
        (&token(1), limit(1_250), 1_250),
        ("", limit(501), 501),
    ] {
        let answer = sync(&ground, start, &wanted).await?;
        let members = answer
            .hrefs()
            .iter()
            .filter(|href| *href != CALENDAR)
            .count();
        assert_eq!(members, count, "{start} {wanted}");
        assert_eq!(
            answer.text().contains("507 Insufficient Storage"),
            count < 1_300
        );
    }
    let body =
        "<d:sync-token/><d:sync-level>infinite</d:sync-level><d:prop><c:calendar-data/></d:prop>";
    let answer = ground.report(CALENDAR, "d:sync-collection", body).await?;
    assert_eq!(answer.text().matches("UID:uid-").count(), 1_300);
    assert_eq!(token_of(&answer), token(1_301));
    Ok(())
}
