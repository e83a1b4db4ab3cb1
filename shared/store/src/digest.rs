//! Digests by which contents are told apart: entity tags, and what a card shows.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Bytes that are kept of the digest: collisions are out of reach, even wanted ones.
const KEPT_BYTES: usize = 16;

/// The digest of `content` as 32 hexadecimal digits. As an entity tag it is strong: equal bytes have equal
/// tags whenever and wherever they are stored.
#[must_use]
pub fn digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    HEXLOWER.encode(digest.get(..KEPT_BYTES).unwrap_or(&digest))
}
