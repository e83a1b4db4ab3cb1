//! PROPFIND (RFC 4918 section 9.1): the resource itself, and with `Depth: 1` its members.

use axum::{body::Body, response::Response};
use televent_store::{CandidateQuery, PageEnd, Store};
use uuid::Uuid;

use crate::{
    error::ApiError,
    headers::{Depth, depth, preferred_return},
    multistatus::{self, PAGE_RESOURCES, Page, Pages},
    path::DavPath,
    properties::Selection,
    resource::{self, Object, Resource},
    routes::{Call, read_xml},
    scene::Scene,
    xml::{DAV, Element, XmlWriter},
};

pub(crate) async fn propfind(call: Call, body: Body) -> Result<Response, ApiError> {
    let with_members = match depth(&call.headers)? {
        Some(Depth::Zero) => false,
        Some(Depth::One) => true,
        // A missing header means infinity (RFC 4918 section 10.2), which is refused as section 9.1 allows.
        Some(Depth::Infinity) | None => {
            return Err(ApiError::forbidden(
                DAV.name("propfind-finite-depth"),
                "Depth: infinity, which is also meant by no Depth at all, is not served; send 0 or 1",
            ));
        }
    };
    let document = read_xml(body).await?;
    let selection = Selection::of(
        document.as_ref().map(asked).transpose()?,
        preferred_return(&call.headers),
    )?;
    let Call {
        api,
        scene,
        path,
        seen,
        ..
    } = call;
    let wanted = selection.wanted();
    let found = match (&path, seen) {
        (DavPath::Calendar { .. }, Some(slot)) => Resource::Calendar(slot.calendar),
        _ => resource::find(&api.store, &scene, &path, wanted).await?,
    };
    let mut resources = vec![found];
    let mut objects_of = None;
    if with_members {
        resources.extend(resource::members(&api.store, &scene, &path, wanted).await?);
        objects_of = resources
            .first()
            .and_then(Resource::collection)
            .map(|collection| (collection.id, collection.slug.clone()));
    }
    multistatus::respond(Listing {
        store: api.store,
        scene,
        selection,
        resources,
        objects_of,
        after: None,
    })
    .await
}

/// The body's root, if it asks for something.
pub(crate) fn asked(root: &Element) -> Result<&Element, ApiError> {
    if !root.is(DAV.name("propfind")) {
        return Err(ApiError::BadRequest(
            "the body is not a DAV:propfind".to_owned(),
        ));
    }
    let asks = ["prop", "propname", "allprop"]
        .into_iter()
        .any(|name| root.child(DAV.name(name)).is_some());
    if asks {
        Ok(root)
    } else {
        Err(ApiError::BadRequest(
            "DAV:propfind holds none of prop, propname and allprop".to_owned(),
        ))
    }
}

/// A collection and its members.
struct Listing {
    store: Store,
    scene: Scene,
    selection: Selection,
    resources: Vec<Resource>,
    /// The calendar or inbox whose objects are still to be listed.
    objects_of: Option<(Uuid, String)>,
    after: Option<PageEnd>,
}

impl Pages for Listing {
    async fn write_next(&mut self, xml: &mut XmlWriter) -> Result<Page, ApiError> {
        for resource in self.resources.drain(..) {
            self.selection.write_response(xml, &self.scene, &resource);
        }
        let Some((calendar_id, slug)) = &self.objects_of else {
            return Ok(Page::Last);
        };
        let query = CandidateQuery {
            after: self.after.as_ref(),
            limit: i64::try_from(PAGE_RESOURCES).unwrap_or(i64::MAX),
            ..CandidateQuery::default()
        };
        let page = self.store.candidate_summaries(*calendar_id, &query).await?;
        self.after = page.end;
        for summary in page.rows {
            let object = Resource::Object(Object {
                slug: slug.clone(),
                summary,
                data: None,
            });
            self.selection.write_response(xml, &self.scene, &object);
        }
        Ok(if page.is_last { Page::Last } else { Page::More })
    }
}
