//! DAV:sync-collection (RFC 6578): what has changed in a calendar, or in the inbox, since a token.

use axum::{http::StatusCode, response::Response};
use televent_store::{Calendar, Change, ChangeKind, NamedObjects, Store};

use crate::{
    error::ApiError,
    headers::preferred_return,
    multistatus::{
        self, ExpansionLimit, PAGE_OBJECTS, PAGE_RESOURCES, Page, Pages, is_full, write_cut_off,
        write_status,
    },
    path::DavPath,
    properties::Selection,
    resource::{Object, Resource},
    routes::Call,
    scene::Scene,
    sync_token::SyncToken,
    xml::{DAV, Element, XmlWriter},
};

pub(super) async fn answer(call: Call, root: &Element) -> Result<Response, ApiError> {
    let selection = Selection::of(Some(root), preferred_return(&call.headers))?;
    check_level(root)?;
    let limit = limit(root)?;
    let (owner, slug) = call.path.collection().ok_or(ApiError::NotFound)?;
    let token = root.child(DAV.name("sync-token")).map(Element::text);
    let token = match token.as_deref().unwrap_or_default().trim() {
        "" => None,
        text => Some(SyncToken::parse(text).ok_or_else(invalid_token)?),
    };
    let since = token.map_or(0, |token| token.ctag);
    let (calendar, changes) = call
        .api
        .store
        .changes(owner, slug, since, page_limit(page_size(&selection, limit)))
        .await?
        .ok_or(ApiError::NotFound)?;
    if token.is_some_and(|token| !is_valid(token, &calendar)) {
        return Err(invalid_token());
    }
    let selection = selection.with_floating_zone(call.scene.floating_zone(&calendar));
    let expansion = ExpansionLimit::of(&selection);
    multistatus::respond(Sync {
        store: call.api.store,
        scene: call.scene,
        selection,
        path: call.path,
        since,
        began: token.map_or(calendar.ctag, |token| token.began),
        is_first: token.is_none_or(|token| token.began > token.ctag),
        calendar,
        next: Some(changes),
        left: limit,
        limit: expansion,
        told: 0,
        written_bytes: 0,
    })
    .await
}

/// Both levels mean the same, since a calendar holds no collections. Clients of the drafts of RFC 6578 send none.
fn check_level(root: &Element) -> Result<(), ApiError> {
    let level = root.child(DAV.name("sync-level")).map(Element::text);
    match level.as_deref().map(str::trim) {
        None | Some("1" | "infinite" | "infinity") => Ok(()),
        Some(_) => Err(ApiError::BadRequest(
            "sync-level is 1 or infinite".to_owned(),
        )),
    }
}

/// The most changes that the client wants at once (RFC 5323 section 5.17).
fn limit(root: &Element) -> Result<Option<usize>, ApiError> {
    let Some(limit) = root.child(DAV.name("limit")) else {
        return Ok(None);
    };
    limit
        .child(DAV.name("nresults"))
        .and_then(|results| results.text().trim().parse().ok())
        .filter(|results| *results > 0)
        .map(Some)
        .ok_or_else(|| ApiError::BadRequest("nresults is not a positive number".to_owned()))
}

/// Whether a token is this calendar's and has not expired.
fn is_valid(token: SyncToken, calendar: &Calendar) -> bool {
    token.calendar == calendar.id
        && token.ctag <= calendar.ctag
        && (calendar.sync_floor..=calendar.ctag).contains(&token.began)
}

fn invalid_token() -> ApiError {
    ApiError::forbidden(
        DAV.name("valid-sync-token"),
        "the token is not of this calendar, or has expired; sync from the start",
    )
}

/// One more than wanted tells whether there are more.
fn page_limit(page: usize) -> i64 {
    i64::try_from(page + 1).unwrap_or(i64::MAX)
}

/// How many changes a page has.
fn page_size(selection: &Selection, left: Option<usize>) -> usize {
    let most = if selection.wants_calendar_data() {
        PAGE_OBJECTS
    } else {
        PAGE_RESOURCES
    };
    left.map_or(most, |left| left.min(most))
}

struct Sync {
    store: Store,
    scene: Scene,
    selection: Selection,
    path: DavPath,
    calendar: Calendar,
    /// The counter up to which changes are written.
    since: i64,
    /// The counter where the client stood when it began to ask; the present one for a first sync, see [`SyncToken`].
    began: i64,
    /// Whether the client knew nothing when it began to ask.
    is_first: bool,
    /// The first page, which was read with the calendar.
    next: Option<Vec<Change>>,
    /// How many changes the client still wants.
    left: Option<usize>,
    limit: ExpansionLimit,
    /// Changes that are written.
    told: u32,
    /// Their bytes.
    written_bytes: usize,
}

impl Pages for Sync {
    async fn write_next(&mut self, xml: &mut XmlWriter) -> Result<Page, ApiError> {
        let before = xml.len();
        let page = self.write_page(xml).await?;
        self.written_bytes += xml.len() - before;
        if matches!(page, Page::Last) {
            self.measure();
        }
        Ok(page)
    }
}

impl Sync {
    fn measure(&self) {
        metrics::histogram!("televent_sync_answer_resources").record(self.told);
        let bytes = u32::try_from(self.written_bytes).unwrap_or(u32::MAX);
        metrics::histogram!("televent_sync_answer_bytes").record(bytes);
    }

    async fn write_page(&mut self, xml: &mut XmlWriter) -> Result<Page, ApiError> {
        let wanted = page_size(&self.selection, self.left);
        let mut changes = match self.next.take() {
            Some(first) => first,
            None => {
                let Calendar { owner, slug, .. } = &self.calendar;
                let limit = page_limit(wanted);
                let page = self.store.changes(*owner, slug, self.since, limit).await?;
                let (calendar, changes) = page.ok_or(ApiError::NotFound)?;
                // Another one at the same URL, or tombstones that went meanwhile: the rest can't be told.
                let can_go_on = calendar.id == self.calendar.id
                    && (self.is_first || calendar.sync_floor <= self.began);
                if !can_go_on {
                    return Err(invalid_token());
                }
                changes
            }
        };
        // What changed since the request began belongs to the next sync: so the token stays the one that was read first.
        changes.retain(|change| change.revision <= self.calendar.ctag);
        let mut is_more = changes.len() > wanted;
        changes.truncate(wanted);
        let mut data = self.load(&changes).await?;
        for change in changes {
            let is_left_out = data.left_out.contains(&change.resource_name);
            if is_left_out || is_full(xml) || self.left == Some(0) {
                is_more = true;
                break;
            }
            self.since = change.revision;
            self.told = self.told.saturating_add(1);
            if let Some(left) = &mut self.left {
                *left = left.saturating_sub(1);
            }
            let before = xml.len();
            self.write_change(xml, change, &mut data);
            if self.limit.is_reached(xml.len() - before) {
                self.left = Some(0);
            }
            // A series may take milliseconds to expand.
            tokio::task::yield_now().await;
        }
        if is_more && self.left != Some(0) {
            return Ok(Page::More);
        }
        let mut token = SyncToken::new(self.calendar.id, self.calendar.ctag);
        if is_more {
            write_cut_off(xml, &self.path);
            token = token.paused_at(self.since, self.began);
        }
        xml.text_element(DAV.name("sync-token"), &token.to_string());
        Ok(Page::Last)
    }

    /// The objects that are wanted with these changes.
    async fn load(&self, changes: &[Change]) -> Result<NamedObjects, ApiError> {
        if !self.selection.wants_calendar_data() {
            return Ok(NamedObjects::default());
        }
        let names: Vec<String> = changes
            .iter()
            .filter(|change| matches!(change.kind, ChangeKind::Live(_)))
            .map(|change| change.resource_name.clone())
            .collect();
        Ok(self.store.events_named(self.calendar.id, &names).await?)
    }

    fn write_change(&self, xml: &mut XmlWriter, change: Change, data: &mut NamedObjects) {
        match change.kind {
            ChangeKind::Live(summary) => {
                let stored = data.found.remove(&change.resource_name);
                let object = Resource::Object(Object {
                    slug: self.calendar.slug.clone(),
                    data: stored.map(|stored| stored.object),
                    summary,
                });
                self.selection.write_response(xml, &self.scene, &object);
            }
            // It went before the client began, who has never heard of it.
            ChangeKind::Gone if self.is_first && change.revision <= self.began => {}
            ChangeKind::Gone => {
                let path = DavPath::Object {
                    owner: self.calendar.owner,
                    slug: self.calendar.slug.clone(),
                    name: change.resource_name,
                };
                write_status(xml, &path, StatusCode::NOT_FOUND, None);
            }
        }
    }
}
