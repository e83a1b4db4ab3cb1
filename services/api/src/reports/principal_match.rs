//! DAV:principal-match (RFC 3744 section 9.3): which principals, or whose resources, are the asker.

use axum::response::Response;

use crate::{
    error::ApiError,
    headers::preferred_return,
    multistatus,
    properties::{Selection, Value, find_live},
    resource::{self, Resource},
    routes::Call,
    xml::{DAV, Element},
};

pub(super) async fn answer(call: Call, root: &Element) -> Result<Response, ApiError> {
    let selection = Selection::of(Some(root), preferred_return(&call.headers))?;
    let wanted = selection.wanted();
    let store = &call.api.store;
    let me = crate::path::DavPath::Principal(call.scene.user.telegram_id);
    let mut resources = vec![resource::find(store, &call.scene, &call.path, wanted).await?];
    resources.extend(resource::members(store, &call.scene, &call.path, wanted).await?);
    let property = root
        .child(DAV.name("principal-property"))
        .and_then(|element| element.children().next());
    let asks_for_self = root.child(DAV.name("self")).is_some();
    if property.is_none() && !asks_for_self {
        return Err(ApiError::BadRequest(
            "principal-match holds neither self nor principal-property".to_owned(),
        ));
    }
    let live = property.and_then(|property| find_live(property.name()));
    let is_asker = |resource: &Resource| {
        if asks_for_self {
            return matches!(resource, Resource::Principal { .. })
                && !resource.is_another_principal(&call.scene);
        }
        let value = live.and_then(|live| (live.value)(&call.scene, resource));
        matches!(value, Some(Value::Paths(paths)) if paths.contains(&me))
    };
    Ok(multistatus::respond_with(|xml| {
        for resource in resources.iter().filter(|resource| is_asker(resource)) {
            selection.write_response(xml, &call.scene, resource);
        }
    }))
}
