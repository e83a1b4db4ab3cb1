//! PROPPATCH (RFC 4918 section 9.2): all changes or none.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use televent_store::{Calendar, OwnCollection};

use super::{
    MAX_WRITE_TRIES,
    property_update::{
        Change, Refusal, Verdicts, all_hold, change_calendar, change_collection, change_inbox,
        change_object, changes, default_calendar, write_propstats,
    },
};
use crate::{
    conditions::{Conditions, Current},
    error::ApiError,
    headers::{Return, preferred_return},
    multistatus,
    path::DavPath,
    routes::{Call, read_xml},
    sync_token::SyncToken,
    xml::{CALDAV, DAV},
};

pub(crate) async fn proppatch(call: Call, body: Body) -> Result<Response, ApiError> {
    let root = read_xml(body)
        .await?
        .filter(|root| root.is(DAV.name("propertyupdate")))
        .ok_or_else(|| ApiError::BadRequest("the body is not a DAV:propertyupdate".to_owned()))?;
    let changes = changes(&root)?;
    let conditions = Conditions::from_headers(&call.headers)?;
    for _ in 0..MAX_WRITE_TRIES {
        if let Some(verdicts) = try_to_change(&call, &conditions, &changes).await? {
            return Ok(answer(&call, &verdicts));
        }
    }
    Err(ApiError::Busy)
}

/// One try: `None` when the resource changed between the decision and the write.
async fn try_to_change(
    call: &Call,
    conditions: &Conditions,
    changes: &[Change],
) -> Result<Option<Verdicts>, ApiError> {
    match &call.path {
        DavPath::Calendar { owner, slug } => {
            let calendar = call
                .api
                .store
                .calendar(*owner, slug)
                .await?
                .ok_or(ApiError::NotFound)?;
            let token = SyncToken::new(calendar.id, calendar.ctag).to_string();
            conditions.check_write(&Current {
                path: &call.path,
                exists: true,
                etag: None,
                schedule_tag: None,
                sync_token: Some(&token),
            })?;
            let mut properties = calendar.properties.clone();
            let verdicts = change_calendar(&mut properties, slug, changes, false);
            let done = !all_hold(&verdicts)
                || call
                    .api
                    .store
                    .update_calendar(calendar.id, calendar.ctag, &properties)
                    .await?;
            Ok(done.then_some(verdicts))
        }
        DavPath::Object { owner, slug, name } => {
            let slot = call
                .api
                .store
                .slot(*owner, slug, name)
                .await?
                .ok_or(ApiError::NotFound)?;
            let event = slot.event.ok_or(ApiError::NotFound)?;
            let token = SyncToken::new(slot.calendar.id, slot.calendar.ctag).to_string();
            conditions.check_write(&Current {
                path: &call.path,
                exists: true,
                etag: Some(&event.etag),
                schedule_tag: event.is_scheduled.then_some(event.schedule_tag.as_str()),
                sync_token: Some(&token),
            })?;
            let mut dead = event.properties.clone();
            let verdicts = change_object(&mut dead, changes);
            let done = !all_hold(&verdicts)
                || call
                    .api
                    .store
                    .set_event_properties(event.id, event.sequence, &dead)
                    .await?;
            Ok(done.then_some(verdicts))
        }
        DavPath::Principal(id) if *id != call.scene.user.telegram_id => Err(ApiError::forbidden(
            DAV.name("need-privileges"),
            "this is somebody else",
        )),
        DavPath::Principal(_) => change_own(call, OwnCollection::Principal, changes).await,
        DavPath::Home(_) => change_own(call, OwnCollection::Home, changes).await,
        DavPath::Inbox(_) => change_own(call, OwnCollection::Inbox, changes).await,
        DavPath::Outbox(_) => change_own(call, OwnCollection::Outbox, changes).await,
        DavPath::Root(_) | DavPath::Principals | DavPath::Homes => Err(ApiError::NotFound),
    }
}

async fn change_own(
    call: &Call,
    collection: OwnCollection,
    changes: &[Change],
) -> Result<Option<Verdicts>, ApiError> {
    let store = &call.api.store;
    let me = call.scene.user.telegram_id;
    let chosen = match collection {
        OwnCollection::Inbox => default_calendar(changes),
        _ => None,
    };
    let url = CALDAV.name("schedule-default-calendar-URL");
    let (about_default, others): (Vec<Change>, Vec<Change>) = changes
        .iter()
        .cloned()
        .partition(|change| chosen.is_some() && change.name.as_name() == url);
    let dead = store.collection_properties(me, collection).await?;
    let mut changed = dead.clone();
    let mut verdicts = match collection {
        OwnCollection::Inbox => change_inbox(&mut changed, &others),
        _ => change_collection(&mut changed, &others),
    };
    let mut new_default = None;
    if let Some(path) = chosen {
        let calendar = match path {
            Some(DavPath::Calendar { owner, slug }) if owner == me => {
                store.calendar(owner, &slug).await?
            }
            _ => None,
        };
        let takes_events = |calendar: &Calendar| {
            calendar
                .properties
                .components
                .iter()
                .any(|kind| kind == "VEVENT")
        };
        new_default = calendar.filter(takes_events).map(|calendar| calendar.id);
        let verdict = match new_default {
            Some(_) => Ok(()),
            None => Err(Refusal::forbidden(
                CALDAV.name("valid-schedule-default-calendar-URL"),
            )),
        };
        verdicts.extend(
            about_default
                .into_iter()
                .map(|change| (change.name, verdict)),
        );
    }
    if !all_hold(&verdicts) {
        return Ok(Some(verdicts));
    }
    let done = changed == dead
        || store
            .set_collection_properties(me, collection, &dead, &changed)
            .await?;
    if done && let Some(calendar) = new_default {
        store.set_default_calendar(me, calendar).await?;
    }
    Ok(done.then_some(verdicts))
}

fn answer(call: &Call, verdicts: &Verdicts) -> Response {
    // RFC 8144 section 2.2: nothing to say is said with no body.
    if all_hold(verdicts) && preferred_return(&call.headers) == Return::Minimal {
        let applied = HeaderValue::from_static("return=minimal");
        return (StatusCode::OK, [("Preference-Applied", applied)]).into_response();
    }
    multistatus::respond_with(|xml| {
        xml.open(DAV.name("response"));
        xml.text_element(DAV.name("href"), &call.path.to_string());
        write_propstats(xml, verdicts);
        xml.close();
    })
}
