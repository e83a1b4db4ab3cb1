//! Random secrets that are shown once and stored as a hash: passwords of devices, URLs of feeds.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// Random bytes of a secret: 160 bits, which BASE32 writes as 32 characters without padding.
pub(crate) const SECRET_BYTES: usize = 20;

/// Reads BASE32 in any case, with or without dashes and spaces.
pub(crate) fn decode(text: &str) -> Option<[u8; SECRET_BYTES]> {
    let compact: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| c.to_ascii_uppercase())
        .take(SECRET_BYTES * 2)
        .collect();
    BASE32_NOPAD
        .decode(compact.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
}

/// Thirty-two lower-case letters and digits.
pub(crate) fn encode(secret: &[u8; SECRET_BYTES]) -> String {
    BASE32_NOPAD.encode(secret).to_ascii_lowercase()
}

/// What is stored. A slow hash would protect nothing more: the secret can't be guessed.
pub(crate) fn hash(secret: &[u8; SECRET_BYTES]) -> [u8; 32] {
    Sha256::digest(secret).into()
}
