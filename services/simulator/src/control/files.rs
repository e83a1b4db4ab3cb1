//! What the bot has sent as files.

use super::ControlError;
use crate::{app::App, files::FileKind};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Nothing in a file may act in the name of this page.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
const DOWNLOADED_AS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The content as it was sent: a photo to be shown, a document to be downloaded.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    Path(file_id): Path<String>,
) -> Result<Response, ControlError> {
    let (info, content) = app
        .lock()
        .files
        .get(&file_id)
        .cloned()
        .ok_or_else(|| ControlError::not_found("file"))?;
    let mut response = content.into_response();
    let headers = response.headers_mut();
    let content_type = match info.kind {
        FileKind::Photo => HeaderValue::try_from(info.mime_type).unwrap_or(DOWNLOADED_AS),
        FileKind::Document => {
            headers.insert(
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment"),
            );
            DOWNLOADED_AS
        }
    };
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Ok(response)
}
