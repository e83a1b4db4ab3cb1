//! PROPFIND (RFC 4918 section 9.1): the resource itself, and with `Depth: 1` its members.

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    error::ApiError,
    path::DavPath,
    properties::{self, Asked, Resource, Scene},
    routes::{Call, read_body},
    xml::{CONTENT_TYPE, DAV, Element, MAX_BODY_BYTES, Name, XmlWriter, parse},
};

/// Most properties that one request may name. Clients ask for forty at most; those that are not known are
/// echoed for each resource.
const MAX_PROPERTIES: usize = 100;

/// What is asked: of the resource, or of its members as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    Zero,
    One,
}

pub(crate) async fn propfind(call: Call, body: Body) -> Result<Response, ApiError> {
    let depth = depth(&call.headers)?;
    let body = read_body(body, MAX_BODY_BYTES, None).await?;
    let document = if body.is_empty() {
        None
    } else {
        Some(parse(&body).map_err(ApiError::BadRequest)?)
    };
    let asked = asked(document.as_ref())?;
    let resources = resources(&call, depth).await?;
    let scene = Scene {
        user: &call.user,
        domain: &call.api.domain,
    };
    let mut xml = XmlWriter::document(DAV.name("multistatus"));
    for resource in &resources {
        properties::write_response(&mut xml, &scene, resource, &asked);
    }
    Ok((
        StatusCode::MULTI_STATUS,
        [(header::CONTENT_TYPE, CONTENT_TYPE)],
        xml.finish(),
    )
        .into_response())
}

/// A missing header means infinity (RFC 4918 section 10.2), which is refused as section 9.1 allows.
fn depth(headers: &HeaderMap) -> Result<Depth, ApiError> {
    match headers.get("Depth").map(axum::http::HeaderValue::as_bytes) {
        Some(b"0") => Ok(Depth::Zero),
        Some(b"1") => Ok(Depth::One),
        None => Err(ApiError::forbidden(
            DAV.name("propfind-finite-depth"),
            "there is no Depth header, which means infinity; send Depth: 0 or 1",
        )),
        Some(value) if value.eq_ignore_ascii_case(b"infinity") => Err(ApiError::forbidden(
            DAV.name("propfind-finite-depth"),
            "Depth: infinity is not served; send 0 or 1",
        )),
        Some(_) => Err(ApiError::BadRequest("Depth is 0 or 1".to_owned())),
    }
}

fn asked(document: Option<&Element>) -> Result<Asked<'_>, ApiError> {
    let Some(root) = document else {
        return Ok(Asked::All {
            include: Vec::new(),
        });
    };
    if !root.is(DAV.name("propfind")) {
        return Err(ApiError::BadRequest(
            "the body is not a DAV:propfind".to_owned(),
        ));
    }
    if let Some(prop) = root.child(DAV.name("prop")) {
        return Ok(Asked::Named(names(prop)?));
    }
    if root.child(DAV.name("propname")).is_some() {
        return Ok(Asked::Names);
    }
    if root.child(DAV.name("allprop")).is_some() {
        let include = match root.child(DAV.name("include")) {
            Some(include) => names(include)?,
            None => Vec::new(),
        };
        return Ok(Asked::All { include });
    }
    Err(ApiError::BadRequest(
        "DAV:propfind holds none of prop, propname and allprop".to_owned(),
    ))
}

/// The names of the children, each once.
fn names(parent: &Element) -> Result<Vec<Name<'_>>, ApiError> {
    if parent.children.len() > MAX_PROPERTIES {
        return Err(ApiError::BadRequest(format!(
            "the body names more than {MAX_PROPERTIES} properties"
        )));
    }
    let mut names = Vec::with_capacity(parent.children.len());
    for child in &parent.children {
        if !names.contains(&child.name()) {
            names.push(child.name());
        }
    }
    Ok(names)
}

async fn resources(call: &Call, depth: Depth) -> Result<Vec<Resource>, ApiError> {
    let store = &call.api.store;
    let me = call.user.telegram_id;
    let members = depth == Depth::One;
    Ok(match &call.path {
        DavPath::Root => vec![Resource::Root],
        DavPath::Principals if members => vec![Resource::Principals, Resource::Principal],
        DavPath::Principals => vec![Resource::Principals],
        DavPath::Principal(_) => vec![Resource::Principal],
        DavPath::Homes if members => vec![Resource::Homes, Resource::Home],
        DavPath::Homes => vec![Resource::Homes],
        DavPath::Home(_) => {
            let mut found = vec![Resource::Home];
            if members {
                found.extend(
                    store
                        .calendars(me)
                        .await?
                        .into_iter()
                        .map(Resource::Calendar),
                );
            }
            found
        }
        DavPath::Calendar { owner, slug } => {
            let calendar = store
                .calendar(*owner, slug)
                .await?
                .ok_or(ApiError::NotFound)?;
            let objects = if members {
                store.event_summaries(calendar.id).await?
            } else {
                Vec::new()
            };
            let mut found = vec![Resource::Calendar(calendar)];
            found.extend(objects.into_iter().map(|object| Resource::Object {
                slug: slug.clone(),
                object,
            }));
            found
        }
        DavPath::Object { owner, slug, name } => {
            let object = store
                .event_summary(*owner, slug, name)
                .await?
                .ok_or(ApiError::NotFound)?;
            vec![Resource::Object {
                slug: slug.clone(),
                object,
            }]
        }
    })
}
