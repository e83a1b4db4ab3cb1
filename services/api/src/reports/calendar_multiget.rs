//! CALDAV:calendar-multiget (RFC 4791 section 7.9): the objects at these URLs.

use std::collections::{HashMap, HashSet, VecDeque};

use axum::{http::StatusCode, response::Response};
use televent_store::{Calendar, Store, StoredObject};

use crate::{
    error::ApiError,
    headers::preferred_return,
    multistatus::{
        self, ExpansionLimit, PAGE_OBJECTS, Page, Pages, is_full, write_cut_off, write_href_status,
    },
    path::DavPath,
    properties::Selection,
    resource::{Object, Resource},
    routes::Call,
    scene::Scene,
    xml::{DAV, Element, XmlWriter},
};

pub(super) async fn answer(mut call: Call, root: &Element) -> Result<Response, ApiError> {
    let selection = Selection::of(Some(root), preferred_return(&call.headers))?;
    let mut seen = HashSet::new();
    let hrefs: VecDeque<String> = root
        .children_named(DAV.name("href"))
        .map(|href| href.text().trim().to_owned())
        .filter(|href| {
            seen.insert(
                DavPath::from_href(href).map_or_else(|| href.clone(), |path| path.to_string()),
            )
        })
        .collect();
    if hrefs.is_empty() {
        return Err(ApiError::BadRequest(
            "calendar-multiget holds no DAV:href".to_owned(),
        ));
    }
    let calendar = call.collection().await?;
    let store = call.api.store;
    let selection = selection.with_floating_zone(call.scene.floating_zone(&calendar));
    multistatus::respond(Multiget {
        store,
        limit: ExpansionLimit::of(&selection),
        scene: call.scene,
        path: call.path,
        selection,
        calendar,
        hrefs,
        found: HashMap::new(),
        known: 0,
    })
    .await
}

struct Multiget {
    store: Store,
    scene: Scene,
    path: DavPath,
    selection: Selection,
    limit: ExpansionLimit,
    calendar: Calendar,
    /// What is still to be answered.
    hrefs: VecDeque<String>,
    /// Of the first hrefs, what is there.
    found: HashMap<String, StoredObject>,
    /// How many of the hrefs were looked up.
    known: usize,
}

impl Pages for Multiget {
    async fn write_next(&mut self, xml: &mut XmlWriter) -> Result<Page, ApiError> {
        if self.known == 0 {
            self.load().await?;
        }
        while let Some(known) = self.known.checked_sub(1)
            && let Some(href) = self.hrefs.pop_front()
        {
            self.known = known;
            let before = xml.len();
            let stored = self
                .name_of(&href)
                .and_then(|name| self.found.remove(&name));
            match stored {
                Some(stored) => {
                    let object = Resource::Object(Object {
                        slug: self.calendar.slug.clone(),
                        summary: stored.summary,
                        data: Some(stored.object),
                    });
                    self.selection.write_response(xml, &self.scene, &object);
                }
                None => write_href_status(xml, &href, StatusCode::NOT_FOUND, None),
            }
            if self.limit.is_reached(xml.len() - before) {
                write_cut_off(xml, &self.path);
                return Ok(Page::Last);
            }
            if is_full(xml) {
                break;
            }
            // A series may take milliseconds to expand.
            tokio::task::yield_now().await;
        }
        Ok(if self.hrefs.is_empty() {
            Page::Last
        } else {
            Page::More
        })
    }
}

impl Multiget {
    /// Looks the next hrefs up.
    async fn load(&mut self) -> Result<(), ApiError> {
        let next: Vec<Option<String>> = self
            .hrefs
            .iter()
            .take(PAGE_OBJECTS)
            .map(|href| self.name_of(href))
            .collect();
        let names: Vec<String> = next.iter().flatten().cloned().collect();
        let named = self.store.events_named(self.calendar.id, &names).await?;
        let is_left_out = |name: &Option<String>| {
            name.as_ref()
                .is_some_and(|name| named.left_out.contains(name))
        };
        self.known = next.iter().position(is_left_out).unwrap_or(next.len());
        self.found = named.found;
        Ok(())
    }

    /// The resource in this calendar that an href names.
    fn name_of(&self, href: &str) -> Option<String> {
        match DavPath::from_href(href)? {
            DavPath::Object { owner, slug, name }
                if owner == self.calendar.owner && slug == self.calendar.slug =>
            {
                Some(name)
            }
            _ => None,
        }
    }
}
