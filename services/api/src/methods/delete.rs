//! DELETE of a calendar object resource. Its invitations are cancelled: the cards say so.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use televent_calendar::remove;
use televent_store::RemoveOutcome;

use super::{MAX_WRITE_TRIES, allowed, notices, owner_of, stored_object};
use crate::{conditions::Conditions, error::ApiError, path::DavPath, routes::Call};

pub(crate) async fn delete(call: Call) -> Result<Response, ApiError> {
    let DavPath::Object { owner, slug, name } = &call.path else {
        return Err(ApiError::MethodNotAllowed {
            allow: allowed(&call.path),
        });
    };
    let conditions = Conditions::from_headers(&call.headers)?;
    for _ in 0..MAX_WRITE_TRIES {
        let event = call
            .api
            .store
            .slot(*owner, slug, name)
            .await?
            .and_then(|slot| slot.event)
            .ok_or(ApiError::NotFound)?;
        conditions.check_write(Some(&event.etag))?;
        let object = stored_object(event.object)?;
        let stale = remove(&object, &owner_of(&call.user), &call.api.domain);
        let tally = (!stale.is_empty()).then_some(call.user.telegram_id);
        let notices = notices(stale, tally);
        match call
            .api
            .store
            .remove_event(event.id, event.sequence, &notices)
            .await?
        {
            RemoveOutcome::Done => {
                if !notices.is_empty() {
                    call.api.relay.wake();
                }
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
            RemoveOutcome::Conflict => {}
        }
    }
    Err(ApiError::Busy)
}
