//! REPORT (RFC 3253 section 3.6): a file for each report, or for those that share their reading.

mod calendar_data;
mod calendar_multiget;
mod calendar_query;
mod expand_property;
mod filter;
mod free_busy_query;
mod principal_match;
mod principal_search;
mod sync_collection;
mod time_range;

pub(crate) use calendar_data::calendar_data_request;
#[cfg(feature = "fuzzing")]
pub(crate) use {
    expand_property::asked as asked_properties, filter::filter, principal_search::search,
};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};

use crate::{
    error::ApiError,
    headers::preferred_return,
    multistatus,
    path::DavPath,
    properties::{Report, Selection, supports},
    resource,
    routes::{Call, read_xml},
    xml::{DAV, Element},
};

/// The report that a response answers, or refuses, among its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered(pub(crate) &'static str);

pub(crate) async fn report(call: Call, body: Body) -> Result<Response, ApiError> {
    let root = read_xml(body)
        .await?
        .ok_or_else(|| ApiError::BadRequest("the body names no report".to_owned()))?;
    let report = Report::named(root.name())
        .filter(|report| supports(&call.path, *report))
        .ok_or_else(|| {
            ApiError::forbidden(
                DAV.name("supported-report"),
                format!("the report {} is not answered here", root.name().local),
            )
        })?;
    let answered = answer(call, &root, report).await;
    let mut response = answered.unwrap_or_else(ApiError::into_response);
    response.extensions_mut().insert(Answered(report.name()));
    Ok(response)
}

async fn answer(call: Call, root: &Element, report: Report) -> Result<Response, ApiError> {
    match report {
        Report::AclPrincipalPropSet => acl_principal_prop_set(call, root).await,
        Report::CalendarMultiget => calendar_multiget::answer(call, root).await,
        Report::CalendarQuery => calendar_query::answer(call, root).await,
        Report::ExpandProperty => expand_property::answer(call, root).await,
        Report::FreeBusyQuery => free_busy_query::answer(call, root).await,
        Report::PrincipalMatch => principal_match::answer(call, root).await,
        Report::PrincipalPropertySearch => principal_search::by_property(call, root).await,
        Report::PrincipalSearch => principal_search::by_words(call, root).await,
        Report::PrincipalSearchPropertySet => Ok(principal_search::searchable_properties()),
        Report::SyncCollection => sync_collection::answer(call, root).await,
    }
}

/// DAV:acl-principal-prop-set (RFC 3744 section 9.2): the principals that the access control of the resource names, which is
/// its owner alone.
async fn acl_principal_prop_set(call: Call, root: &Element) -> Result<Response, ApiError> {
    let selection = Selection::of(Some(root), preferred_return(&call.headers))?;
    let wanted = selection.wanted();
    let store = &call.api.store;
    // It must be there, although nothing of it is told.
    resource::find(store, &call.scene, &call.path, wanted).await?;
    let owner = match &call.path {
        DavPath::Principal(id) => Some(*id),
        path => path.owner(),
    };
    let principals = match owner {
        Some(owner) => {
            let path = DavPath::Principal(owner);
            vec![resource::find(store, &call.scene, &path, wanted).await?]
        }
        None => Vec::new(),
    };
    Ok(multistatus::respond_with(|xml| {
        for principal in &principals {
            selection.write_response(xml, &call.scene, principal);
        }
    }))
}
