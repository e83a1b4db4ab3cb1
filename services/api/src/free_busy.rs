//! When somebody is busy, by all calendars that count, or by one.

use std::ops::Range;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use televent_calendar::{
    BusyPeriod, BusyTime, CalendarObject, CalendarUserAddress, TelegramUserId, TooManyInstances,
    Zone, zone_of_calendar,
};
use televent_store::{Calendar, CandidateQuery, Store};

use crate::{availability, error::ApiError, multistatus::PAGE_OBJECTS, scene::Scene, xml::DAV};

/// By all calendars of an account that are not transparent, without the event of `masked_uid`; and when they are not available
/// at all (RFC 7953 section 5).
pub(crate) async fn of_account(
    store: &Store,
    scene: &Scene,
    owner: TelegramUserId,
    span: &Range<DateTime<Utc>>,
    masked_uid: Option<&str>,
) -> Result<Vec<BusyPeriod>, ApiError> {
    let addresses = [CalendarUserAddress::internal(owner, &scene.domain)];
    let mut busy = BusyTime::new(span.clone(), &addresses);
    if let Some(availability) = availability::of_account(store, owner).await? {
        busy.add_availability(&availability).map_err(too_many)?;
    }
    let mut after = None;
    loop {
        let page = store
            .busy_candidates(owner, span.start, span.end, after, page_limit())
            .await?;
        after = page.rows.last().map(|last| last.position);
        for found in page.rows {
            let zone = zone_of_calendar(
                found.time_zone_id.as_deref(),
                found.time_zone.as_deref(),
                found.owner_time_zone.as_deref(),
            );
            let object = CalendarObject::from_stored(found.object).map_err(ApiError::Corrupt)?;
            if masked_uid != Some(object.uid()) {
                busy.add(&object, &zone).map_err(too_many)?;
            }
            // A series may take milliseconds to expand.
            tokio::task::yield_now().await;
        }
        if page.is_last {
            return Ok(busy.finish());
        }
    }
}

/// By one calendar of the asker's.
pub(crate) async fn of_calendar(
    store: &Store,
    scene: &Scene,
    calendar: &Calendar,
    zone: &Zone,
    span: &Range<DateTime<Utc>>,
) -> Result<Vec<BusyPeriod>, ApiError> {
    let addresses = [CalendarUserAddress::internal(calendar.owner, &scene.domain)];
    let mut busy = BusyTime::new(span.clone(), &addresses);
    let mut after = None;
    loop {
        let query = CandidateQuery {
            from: Some(span.start),
            to: Some(span.end),
            after: after.as_ref(),
            limit: page_limit(),
            ..CandidateQuery::default()
        };
        let page = store.candidates(calendar.id, &query).await?;
        after = page.end;
        for found in page.rows {
            let object = CalendarObject::from_stored(found.object).map_err(ApiError::Corrupt)?;
            busy.add(&object, zone).map_err(too_many)?;
            tokio::task::yield_now().await;
        }
        if page.is_last {
            return Ok(busy.finish());
        }
    }
}

fn page_limit() -> i64 {
    i64::try_from(PAGE_OBJECTS).unwrap_or(i64::MAX)
}

fn too_many(error: TooManyInstances) -> ApiError {
    ApiError::Violated {
        status: StatusCode::FORBIDDEN,
        condition: DAV.name("number-of-matches-within-limits"),
        why: format!("{error}; ask for less time"),
        href: None,
    }
}
