//! Objects by the dozen: named, or within bounds.

use anyhow::Result;
use chrono::{DateTime, Utc};
use televent_store::{CandidateQuery, NamedObjects, PAGE_BYTES};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, at, person, properties};

/// Five resources: two with bounds, a series without end, a to-do, and one of which nothing is known.
async fn five(ground: &Ground) -> Result<Vec<Uuid>> {
    let draft = |uid, component, first: Option<i64>, last: Option<i64>| Draft {
        component,
        occurrences: (first.map(at), last.map(at)),
        ..Draft::new(uid, uid, &[])
    };
    let mut ids = Vec::new();
    for (name, draft) in [
        ("early.ics", draft("early", "VEVENT", Some(100), Some(200))),
        ("late.ics", draft("late", "VEVENT", Some(300), Some(400))),
        ("series.ics", draft("series", "VEVENT", Some(250), None)),
        ("todo.ics", draft("todo", "VTODO", Some(100), Some(400))),
        ("unknown.ics", draft("unknown", "VEVENT", None, None)),
    ] {
        ids.push(ground.event(name, &draft).await?);
    }
    Ok(ids)
}

async fn found(ground: &Ground, query: CandidateQuery<'_>) -> Result<Vec<String>> {
    let objects = ground.store.candidates(ground.calendar_id, &query).await?;
    let objects = objects.rows;
    let summaries = ground
        .store
        .candidate_summaries(ground.calendar_id, &query)
        .await?;
    assert_eq!(
        objects
            .iter()
            .map(|stored| &stored.summary)
            .collect::<Vec<_>>(),
        summaries.rows.iter().collect::<Vec<_>>()
    );
    Ok(objects
        .into_iter()
        .map(|stored| String::from_utf8_lossy(&stored.object).into_owned())
        .collect())
}

#[tokio::test]
async fn candidates_are_those_that_may_be_within_the_bounds() -> Result<()> {
    let ground = Ground::new().await?;
    let ids = five(&ground).await?;
    ground.store.remove_event(ids[0], 1).await?;
    ground
        .event(
            "early.ics",
            &Draft {
                occurrences: (Some(at(100)), Some(at(200))),
                ..Draft::new("early", "again", &[])
            },
        )
        .await?;
    let bounds = |from: Option<i64>, to: Option<i64>| CandidateQuery {
        from: from.map(at),
        to: to.map(at),
        limit: 10,
        ..CandidateQuery::default()
    };
    for (from, to, expected) in [
        (
            None,
            None,
            vec!["late", "series", "todo", "unknown", "again"],
        ),
        (
            Some(200),
            Some(300),
            vec!["again", "late", "todo", "series", "unknown"],
        ),
        (Some(201), Some(249), vec!["todo", "unknown"]),
        (Some(401), None, vec!["series", "unknown"]),
        (None, Some(99), vec!["unknown"]),
        (Some(1_000_000), Some(1_000_001), vec!["series", "unknown"]),
    ] {
        assert_eq!(
            found(&ground, bounds(from, to)).await?,
            expected,
            "{from:?} to {to:?}"
        );
    }
    let todos = CandidateQuery {
        component: Some("VTODO"),
        ..bounds(Some(0), Some(500))
    };
    assert_eq!(found(&ground, todos).await?, ["todo"]);
    let elsewhere = ground
        .store
        .candidates(Uuid::now_v7(), &bounds(None, None))
        .await?;
    assert_eq!(elsewhere.rows, []);
    Ok(())
}

#[tokio::test]
async fn pages_of_candidates_are_the_whole() -> Result<()> {
    let ground = Ground::new().await?;
    let ids = five(&ground).await?;
    // Those without an end are last, and of one end in the order of their ids.
    let by_end = [ids[0], ids[1], ids[3], ids[2], ids[4]];
    for (from, expected) in [(None, ids.as_slice()), (Some(at(0)), by_end.as_slice())] {
        for limit in 1..5 {
            let (mut told, mut after) = (Vec::new(), None);
            loop {
                let query = CandidateQuery {
                    from,
                    limit,
                    after: after.as_ref(),
                    ..CandidateQuery::default()
                };
                let page = ground.store.candidates(ground.calendar_id, &query).await?;
                after = page.end;
                told.extend(page.rows.into_iter().map(|stored| stored.summary.id));
                if page.is_last {
                    break;
                }
            }
            assert_eq!(told, expected, "pages of {limit} from {from:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn named_are_those_that_live_in_the_calendar() -> Result<()> {
    let ground = Ground::new().await?;
    let ids = five(&ground).await?;
    let work = ground.calendar(ANN, "work").await?;
    ground
        .event_in(work, "other.ics", &Draft::new("other", "other", &[]))
        .await?;
    ground.store.remove_event(ids[1], 1).await?;
    let names = [
        "todo.ics",
        "late.ics",
        "other.ics",
        "nothing.ics",
        "early.ics",
        "todo.ics",
    ];
    let names = names.map(str::to_owned);
    let stored = ground
        .store
        .events_named(ground.calendar_id, &names)
        .await?
        .found;
    let mut found: Vec<_> = stored
        .values()
        .map(|stored| {
            let summary = &stored.summary;
            (
                summary.resource_name.as_str(),
                summary.component.as_str(),
                stored.object.as_slice(),
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("early.ics", "VEVENT", &b"early"[..]),
            ("todo.ics", "VTODO", &b"todo"[..])
        ]
    );
    let one = ground
        .store
        .event_summary(person(ANN), "default", "todo.ics")
        .await?;
    assert!(
        stored
            .values()
            .any(|stored| Some(&stored.summary) == one.as_ref())
    );
    assert_eq!(
        ground.store.events_named(ground.calendar_id, &[]).await?,
        NamedObjects::default()
    );
    Ok(())
}

#[tokio::test]
async fn busy_are_events_of_calendars_that_count() -> Result<()> {
    let ground = Ground::new().await?;
    five(&ground).await?;
    let (work, hobby, closed) = (
        ground.calendar(ANN, "work").await?,
        ground.calendar(ANN, "hobby").await?,
        ground.calendar(ANN, "closed").await?,
    );
    for (calendar, name, component) in [
        (work, "free-busy", "VFREEBUSY"),
        (work, "journal", "VJOURNAL"),
        (hobby, "game", "VEVENT"),
        (closed, "closed", "VEVENT"),
    ] {
        let draft = Draft {
            component,
            ..Draft::new(name, name, &[])
        };
        ground.event_in(calendar, name, &draft).await?;
    }
    let mut wanted = properties("work");
    wanted.time_zone_id = Some("Asia/Tokyo".to_owned());
    assert!(ground.store.update_calendar(work, 3, &wanted).await?);
    wanted.transparent = true;
    assert!(ground.store.update_calendar(hobby, 2, &wanted).await?);
    assert!(ground.store.remove_calendar(closed).await?);

    let busy = async |from: DateTime<Utc>, to, after, limit| {
        let owner = person(ANN);
        ground
            .store
            .busy_candidates(owner, from, to, after, limit)
            .await
            .map(|page| page.rows)
    };
    let all = busy(at(0), at(260), None, 10).await?;
    let shown: Vec<_> = all
        .iter()
        .map(|found| {
            (
                String::from_utf8_lossy(&found.object),
                found.time_zone_id.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("unknown".into(), None),
            ("free-busy".into(), Some("Asia/Tokyo")),
            ("early".into(), None),
            ("series".into(), None),
        ]
    );
    let (first, rest) = (
        busy(at(0), at(260), None, 3).await?,
        busy(at(0), at(260), Some(all[2].position), 3).await?,
    );
    assert_eq!([first, rest].concat(), all);
    let bobs = ground
        .store
        .busy_candidates(person(BOB), at(0), at(260), None, 10)
        .await?;
    assert_eq!(bobs.rows, []);
    Ok(())
}

#[tokio::test]
async fn page_of_large_objects_ends_early_and_loses_none() -> Result<()> {
    let ground = Ground::new().await?;
    let mut names = Vec::new();
    for uid in ["a", "b", "c", "d", "e", "f", "g"] {
        let draft = Draft {
            occurrences: (Some(at(0)), Some(at(1))),
            ..Draft::new(uid, uid, &[])
        };
        let name = format!("{uid}.ics");
        ground.event(&name, &draft).await?;
        names.push(name);
    }
    let third = PAGE_BYTES / 3 + 1;
    sqlx::query("update events set object = convert_to(repeat('x', $1), 'UTF8')")
        .bind(i32::try_from(third)?)
        .execute(&mut ground.database.connect().await?)
        .await?;
    let (mut told, mut sizes) = (Vec::new(), Vec::new());
    let (mut after, mut end) = (None, None);
    loop {
        let query = CandidateQuery {
            after: end.as_ref(),
            limit: 100,
            ..CandidateQuery::default()
        };
        let page = ground.store.candidates(ground.calendar_id, &query).await?;
        let busy = ground
            .store
            .busy_candidates(person(ANN), at(-1), at(2), after, 100)
            .await?;
        assert_eq!(busy.is_last, page.is_last);
        assert_eq!(busy.rows.len(), page.rows.len());
        after = busy.rows.last().map(|last| last.position);
        end = page.end;
        sizes.push(page.rows.len());
        told.extend(
            page.rows
                .into_iter()
                .map(|stored| stored.summary.resource_name),
        );
        if page.is_last {
            break;
        }
    }
    assert_eq!(told, names);
    assert_eq!(sizes, [3, 3, 1]);

    let named = ground
        .store
        .events_named(ground.calendar_id, &names)
        .await?;
    assert_eq!(named.found.len(), 3);
    assert_eq!(named.left_out.len(), 4);
    Ok(())
}
