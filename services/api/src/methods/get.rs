//! GET and HEAD of a calendar object resource: the bytes as they were stored.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::allowed;
use crate::{conditions::Conditions, error::ApiError, path::DavPath, routes::Call};

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
    let content_type = format!(
        "text/calendar; charset=utf-8; component={}",
        event.component
    );
    let last_modified = event
        .updated_at
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    Ok((
        [
            etag,
            (header::CONTENT_TYPE, content_type),
            (header::LAST_MODIFIED, last_modified),
        ],
        event.object,
    )
        .into_response())
}
