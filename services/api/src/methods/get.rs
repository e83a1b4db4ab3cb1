//! GET and HEAD of a calendar object resource: the bytes as they were stored.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::allowed;
use crate::{
    conditions::Conditions,
    error::ApiError,
    path::DavPath,
    representation::{content_type, http_date},
    routes::Call,
};

pub(crate) async fn get(call: Call) -> Result<Response, ApiError> {
    let DavPath::Object { owner, slug, name } = &call.path else {
        return Err(ApiError::MethodNotAllowed {
            allow: allowed(&call.path),
        });
    };
    let conditions = Conditions::from_headers(&call.headers)?;
    let event = call
        .api
        .store
        .slot(*owner, slug, name)
        .await?
        .and_then(|slot| slot.event)
        .ok_or(ApiError::NotFound)?;
    let etag = (header::ETAG, format!("\"{}\"", event.etag));
    if conditions.is_not_modified(&event.etag) {
        return Ok((StatusCode::NOT_MODIFIED, [etag]).into_response());
    }
    Ok((
        [
            etag,
            (header::CONTENT_TYPE, content_type(&event.component)),
            (header::LAST_MODIFIED, http_date(event.updated_at)),
        ],
        event.object,
    )
        .into_response())
}
