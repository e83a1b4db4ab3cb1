//! GET and HEAD: of an object the bytes as they were stored, of a calendar all its objects in one file, and of other
//! collections a line for whoever opens them in a browser.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    conditions::Conditions,
    error::ApiError,
    export,
    path::DavPath,
    representation::{content_type, http_date, quoted},
    resource::{self, Wanted},
    routes::Call,
};

pub(crate) async fn get(mut call: Call) -> Result<Response, ApiError> {
    let mut response = match &call.path {
        DavPath::Object { .. } => {
            let event = call.seen.and_then(|slot| slot.event);
            let event = event.ok_or(ApiError::NotFound)?;
            let is_known = Conditions::from_headers(&call.headers)?.is_not_modified(&event.etag);
            let mut response = if is_known {
                StatusCode::NOT_MODIFIED.into_response()
            } else {
                (
                    [
                        (header::CONTENT_TYPE, content_type(&event.component)),
                        (header::LAST_MODIFIED, http_date(event.updated_at)),
                    ],
                    event.object,
                )
                    .into_response()
            };
            let headers = response.headers_mut();
            headers.insert(header::ETAG, quoted(&event.etag));
            if event.is_scheduled {
                headers.insert("Schedule-Tag", quoted(&event.schedule_tag));
            }
            response
        }
        DavPath::Calendar { .. } => {
            let calendar = call.collection().await?;
            export::calendar(&call.api.store, calendar).await?
        }
        path => {
            resource::find(&call.api.store, &call.scene, path, Wanted::default()).await?;
            (
                [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
                Body::from(
                    "This is a collection for calendar apps; see / for how to set them up.\n",
                ),
            )
                .into_response()
        }
    };
    // Nothing is sent in parts: objects are small, and exports are written anew each time.
    response
        .headers_mut()
        .insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
    Ok(response)
}
