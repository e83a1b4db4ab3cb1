//! CALDAV:calendar-multiget (RFC 4791 section 7.9): the objects at these URLs.

use std::{
    collections::{HashMap, HashSet},
    vec,
};

use axum::{http::StatusCode, response::Response};
use televent_store::{Calendar, Store};

use crate::{
    error::ApiError,
    headers::preferred_return,
    multistatus::{self, PAGE_OBJECTS, Page, Pages, write_href_status},
    path::DavPath,
    properties::Selection,
    resource::{Object, Resource},
    routes::Call,
    scene::Scene,
    xml::{DAV, Element, XmlWriter},
};

pub(super) async fn answer(call: Call, root: &Element) -> Result<Response, ApiError> {
    let selection = Selection::of(Some(root), preferred_return(&call.headers))?;
    let mut seen = HashSet::new();
    let hrefs: Vec<String> = root
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
    let store = call.api.store;
    let (owner, slug) = call.path.collection().ok_or(ApiError::NotFound)?;
    let calendar = store
        .calendar(owner, slug)
        .await?
        .ok_or(ApiError::NotFound)?;
    let selection = selection.with_floating_zone(call.scene.floating_zone(&calendar));
    multistatus::respond(Multiget {
        store,
        scene: call.scene,
        selection,
        calendar,
        hrefs: hrefs.into_iter(),
    })
    .await
}

struct Multiget {
    store: Store,
    scene: Scene,
    selection: Selection,
    calendar: Calendar,
    hrefs: vec::IntoIter<String>,
}

impl Pages for Multiget {
    async fn write_next(&mut self, xml: &mut XmlWriter) -> Result<Page, ApiError> {
        let page: Vec<String> = self.hrefs.by_ref().take(PAGE_OBJECTS).collect();
        let named: Vec<Option<String>> = page.iter().map(|href| self.name_of(href)).collect();
        let mut found = HashMap::new();
        let names: Vec<String> = named.iter().flatten().cloned().collect();
        for stored in self.store.events_named(self.calendar.id, &names).await? {
            found.insert(stored.summary.resource_name.clone(), stored);
        }
        for (href, name) in page.iter().zip(named) {
            let Some(stored) = name.and_then(|name| found.remove(&name)) else {
                write_href_status(xml, href, StatusCode::NOT_FOUND, None);
                continue;
            };
            let object = Resource::Object(Object {
                slug: self.calendar.slug.clone(),
                summary: stored.summary,
                data: Some(stored.object),
            });
            self.selection.write_response(xml, &self.scene, &object);
        }
        Ok(if self.hrefs.len() == 0 {
            Page::Last
        } else {
            Page::More
        })
    }
}

impl Multiget {
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
