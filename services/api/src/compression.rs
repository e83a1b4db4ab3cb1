//! gzip for what is large and written anew for each answer: multistatus bodies and exports.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::compression::{
    CompressionLayer, CompressionLevel, Predicate, predicate::SizeAbove,
};

/// Smaller bodies fit into a packet or two anyway.
const MIN_BYTES: u16 = 1_400;

/// Compresses what the client can read so.
pub(crate) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(MIN_BYTES).and(has_no_strong_tag))
}

/// A strong entity tag names exact bytes (RFC 9110 section 8.8.1), which compression would change.
fn has_no_strong_tag(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ETAG)
}
