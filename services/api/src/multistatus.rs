//! A 207 answer, written page by page: a large collection is never held whole, and what fails on the first page still has
//! its own status.

use std::{future::Future, io};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use televent_runtime::without_quotations;
use tracing::warn;

use crate::{
    error::ApiError,
    path::DavPath,
    properties::Selection,
    xml::{CONTENT_TYPE, DAV, Name, XmlWriter},
};

/// Most resources that are loaded at once without their objects.
pub(crate) const PAGE_RESOURCES: usize = 500;

/// Most objects that are loaded at once: each may have a mebibyte.
pub(crate) const PAGE_OBJECTS: usize = 100;

/// A page ends once it has so many bytes, with the response that is being written.
const PAGE_WRITTEN_BYTES: usize = 1024 * 1024;

/// Largest answer with recurrences expanded, but for the response that passes it: a few kilobytes of series may be expanded into
/// gigabytes.
const MAX_EXPANDED_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// How much of an answer with recurrences expanded may still be written.
#[derive(Debug)]
pub(crate) struct ExpansionLimit {
    left: Option<usize>,
}

impl ExpansionLimit {
    pub(crate) fn of(selection: &Selection) -> Self {
        Self {
            left: selection.expands().then_some(MAX_EXPANDED_ANSWER_BYTES),
        }
    }

    /// Counts what was written; whether that was the last that may be.
    pub(crate) fn is_reached(&mut self, written: usize) -> bool {
        let Some(left) = &mut self.left else {
            return false;
        };
        *left = left.saturating_sub(written);
        *left == 0
    }
}

/// Whether a page has enough.
pub(crate) fn is_full(xml: &XmlWriter) -> bool {
    xml.len() >= PAGE_WRITTEN_BYTES
}

/// Says that the answer ends before it is complete (RFC 4791 section 7.8).
pub(crate) fn write_cut_off(xml: &mut XmlWriter, path: &DavPath) {
    write_status(
        xml,
        path,
        StatusCode::INSUFFICIENT_STORAGE,
        Some(DAV.name("number-of-matches-within-limits")),
    );
}

/// Whether there may be another page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    More,
    Last,
}

/// What writes the responses of a multistatus.
pub(crate) trait Pages: Send + 'static {
    /// Writes the next page.
    fn write_next(
        &mut self,
        xml: &mut XmlWriter,
    ) -> impl Future<Output = Result<Page, ApiError>> + Send;
}

/// The answer. Pages after the first are loaded as the client reads; if one of them can't be, the connection is cut, so that
/// the client does not take a part for the whole.
pub(crate) async fn respond(mut pages: impl Pages) -> Result<Response, ApiError> {
    let mut xml = XmlWriter::document(DAV.name("multistatus"));
    let body = match pages.write_next(&mut xml).await? {
        Page::Last => Body::from(xml.finish()),
        Page::More => {
            let first = Bytes::from(xml.take());
            let rest = stream::unfold(Some((pages, xml)), |state| async move {
                let (mut pages, mut xml) = state?;
                match pages.write_next(&mut xml).await {
                    Ok(Page::More) => Some((Ok(Bytes::from(xml.take())), Some((pages, xml)))),
                    Ok(Page::Last) => Some((Ok(Bytes::from(xml.finish())), None)),
                    Err(error) => {
                        let error = without_quotations(&format!("{error:?}"));
                        warn!(error, "an answer was cut off");
                        Some((Err(io::Error::other("the answer can't be completed")), None))
                    }
                }
            });
            Body::from_stream(stream::StreamExt::chain(
                stream::once(async move { Ok(first) }),
                // Compression asks once more after the end.
                stream::StreamExt::fuse(rest),
            ))
        }
    };
    Ok(with_headers(body))
}

/// The answer to something small.
pub(crate) fn respond_with(write: impl FnOnce(&mut XmlWriter)) -> Response {
    let mut xml = XmlWriter::document(DAV.name("multistatus"));
    write(&mut xml);
    whole(xml.finish())
}

/// The answer, when it is written already.
pub(crate) fn whole(text: String) -> Response {
    with_headers(Body::from(text))
}

fn with_headers(body: Body) -> Response {
    let mut response = (
        StatusCode::MULTI_STATUS,
        [(header::CONTENT_TYPE, CONTENT_TYPE)],
        body,
    )
        .into_response();
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Brief, Prefer"));
    response
}

/// A `DAV:response` without properties: what became of the resource as a whole.
pub(crate) fn write_status(
    xml: &mut XmlWriter,
    path: &DavPath,
    status: StatusCode,
    condition: Option<Name<'_>>,
) {
    write_href_status(xml, &path.to_string(), status, condition);
}

/// As [`write_status`], for an href as the client wrote it.
pub(crate) fn write_href_status(
    xml: &mut XmlWriter,
    href: &str,
    status: StatusCode,
    condition: Option<Name<'_>>,
) {
    xml.open(DAV.name("response"));
    xml.text_element(DAV.name("href"), href);
    xml.text_element(DAV.name("status"), &status_line(status));
    if let Some(condition) = condition {
        xml.open(DAV.name("error"));
        xml.empty(condition);
        xml.close();
    }
    xml.close();
}

/// As it stands in `DAV:status`.
pub(crate) fn status_line(status: StatusCode) -> String {
    format!(
        "HTTP/1.1 {} {}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    )
}
