//! CALDAV:calendar-query (RFC 4791 section 7.8): the objects of a calendar, or the messages of the inbox, that match a
//! filter. Postgres selects by kind and time, the filter decides.

use std::collections::VecDeque;

use axum::response::Response;
use televent_calendar::{
    CalendarObject, Candidates, ComponentFilter, ComponentKind, Zone, asks_for_kind_only,
    candidates, matches, time_zone_by_id, time_zone_property,
};
use televent_store::{Calendar, CandidateQuery, EventSummary, PageEnd, Store, StoredObject};

use super::filter::filter;
use crate::{
    error::ApiError,
    headers::preferred_return,
    multistatus::{
        self, ExpansionLimit, PAGE_OBJECTS, PAGE_RESOURCES, Page, Pages, is_full, write_cut_off,
    },
    path::DavPath,
    properties::Selection,
    resource::{Object, Resource},
    routes::Call,
    scene::Scene,
    xml::{CALDAV, Element, XmlWriter},
};

pub(super) async fn answer(mut call: Call, root: &Element) -> Result<Response, ApiError> {
    let filter = root
        .child(CALDAV.name("filter"))
        .ok_or_else(|| ApiError::forbidden(CALDAV.name("valid-filter"), "there is no filter"))
        .and_then(filter)?;
    let selection = Selection::of(Some(root), preferred_return(&call.headers))?;
    let requested_zone = requested_zone(root)?;
    let calendar = call.collection().await?;
    let store = call.api.store;
    let zone = requested_zone.unwrap_or_else(|| call.scene.floating_zone(&calendar));
    let (waiting, is_loaded) = match &call.path {
        DavPath::Object { name, .. } => {
            let mut named = store
                .events_named(calendar.id, std::slice::from_ref(name))
                .await?;
            let only = named.found.remove(name).ok_or(ApiError::NotFound)?;
            (VecDeque::from([only]), true)
        }
        _ => (VecDeque::new(), false),
    };
    multistatus::respond(Query {
        store,
        limit: ExpansionLimit::of(&selection),
        selection: selection.with_floating_zone(zone.clone()),
        candidates: candidates(&filter),
        asks_for_kind_only: asks_for_kind_only(&filter),
        filter,
        scene: call.scene,
        path: call.path,
        calendar,
        zone,
        waiting,
        is_loaded,
        after: None,
    })
    .await
}

/// The zone that the request itself gives for floating times: `CALDAV:timezone`, or `CALDAV:timezone-id` (RFC 7809).
fn requested_zone(root: &Element) -> Result<Option<Zone>, ApiError> {
    if let Some(id) = root.child(CALDAV.name("timezone-id")) {
        let zone = time_zone_by_id(id.text().trim()).ok_or_else(|| {
            ApiError::forbidden(
                CALDAV.name("valid-timezone"),
                "timezone-id names no time zone that is known here",
            )
        })?;
        return Ok(Some(zone));
    }
    let Some(element) = root.child(CALDAV.name("timezone")) else {
        return Ok(None);
    };
    time_zone_property(element.text().trim().as_bytes())
        .map(|found| Some(found.zone))
        .map_err(|error| ApiError::forbidden(CALDAV.name("valid-calendar-data"), error.to_string()))
}

/// A query under way.
struct Query {
    store: Store,
    scene: Scene,
    selection: Selection,
    calendar: Calendar,
    filter: ComponentFilter,
    candidates: Candidates,
    /// Then candidates need not be looked into.
    asks_for_kind_only: bool,
    zone: Zone,
    path: DavPath,
    limit: ExpansionLimit,
    /// Candidates that were not looked into yet; from the start the object of the request's URL, if it is one's.
    waiting: VecDeque<StoredObject>,
    /// Whether nothing comes after them.
    is_loaded: bool,
    after: Option<PageEnd>,
}

impl Pages for Query {
    async fn write_next(&mut self, xml: &mut XmlWriter) -> Result<Page, ApiError> {
        if !self.is_loaded && self.asks_for_kind_only && !self.selection.wants_calendar_data() {
            let page = self
                .store
                .candidate_summaries(self.calendar.id, &self.next_page(PAGE_RESOURCES))
                .await?;
            self.after = page.end;
            for summary in page.rows {
                self.write(xml, summary, None);
            }
            return Ok(if page.is_last { Page::Last } else { Page::More });
        }
        if self.waiting.is_empty() && !self.is_loaded {
            let page = self
                .store
                .candidates(self.calendar.id, &self.next_page(PAGE_OBJECTS))
                .await?;
            self.after = page.end;
            self.is_loaded = page.is_last;
            self.waiting = page.rows.into();
        }
        while let Some(stored) = self.waiting.pop_front() {
            let before = xml.len();
            let object = CalendarObject::from_stored(stored.object).map_err(ApiError::Corrupt)?;
            if matches(&self.filter, &object, &self.zone) {
                self.write(xml, stored.summary, Some(object.into_bytes()));
            }
            if self.limit.is_reached(xml.len() - before) {
                write_cut_off(xml, &self.path);
                return Ok(Page::Last);
            }
            if is_full(xml) {
                break;
            }
            // A series may take milliseconds to look into.
            tokio::task::yield_now().await;
        }
        Ok(if self.waiting.is_empty() && self.is_loaded {
            Page::Last
        } else {
            Page::More
        })
    }
}

impl Query {
    fn next_page(&self, size: usize) -> CandidateQuery<'_> {
        CandidateQuery {
            component: self.candidates.component.map(ComponentKind::as_str),
            from: self.candidates.range.start,
            to: self.candidates.range.end,
            after: self.after.as_ref(),
            limit: i64::try_from(size).unwrap_or(i64::MAX),
        }
    }

    fn write(&self, xml: &mut XmlWriter, summary: EventSummary, data: Option<Vec<u8>>) {
        let object = Resource::Object(Object {
            slug: self.calendar.slug.clone(),
            summary,
            data,
        });
        self.selection.write_response(xml, &self.scene, &object);
    }
}
