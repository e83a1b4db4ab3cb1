//! ACL (RFC 3744 section 8.1): who may do what is not for clients to change, and every entry is protected.

use crate::{error::ApiError, xml::DAV};

pub(crate) fn acl() -> ApiError {
    ApiError::forbidden(
        DAV.name("no-protected-ace-conflict"),
        "everybody has all rights in their own home, and that can't be changed",
    )
}
