//! DAV:expand-property (RFC 3253 section 3.8): properties, and of the resources that their hrefs name further ones.

use std::{future::Future, pin::Pin};

use axum::{http::StatusCode, response::Response};

use crate::{
    error::ApiError,
    multistatus,
    properties::{Value, find_live, value},
    resource::{self, Resource, Wanted},
    routes::Call,
    xml::{DAV, Element, Name, XmlWriter, check_element_name},
};

/// Most resources that one request may lead to: each costs a query.
const MAX_EXPANDED: usize = 100;

/// Most properties that are named, at all levels together.
const MAX_PROPERTIES: usize = 200;

pub(super) async fn answer(call: Call, root: &Element) -> Result<Response, ApiError> {
    let mut left = MAX_PROPERTIES;
    let asked = asked(root, &mut left)?;
    let resource = resource::find(&call.api.store, &call.scene, &call.path, everything()).await?;
    let mut budget = MAX_EXPANDED;
    let mut xml = XmlWriter::document(DAV.name("multistatus"));
    write_response(&call, &mut xml, &resource, &asked, &mut budget).await?;
    let text = xml.finish();
    Ok(multistatus::whole(text))
}

fn everything() -> Wanted {
    Wanted {
        dead_properties: true,
        used_bytes: true,
        default_calendar: true,
        availability: true,
    }
}

/// A property by name, with what is asked of the resources that it names.
pub(crate) struct Asked {
    namespace: String,
    local: String,
    of_targets: Vec<Asked>,
}

/// The depth of the document bounds the recursion.
pub(crate) fn asked(element: &Element, left: &mut usize) -> Result<Vec<Asked>, ApiError> {
    let mut properties = Vec::new();
    for property in element.children_named(DAV.name("property")) {
        *left = left.checked_sub(1).ok_or_else(|| {
            ApiError::BadRequest(format!(
                "the body names more than {MAX_PROPERTIES} properties"
            ))
        })?;
        let local = property
            .attribute("name")
            .ok_or_else(|| ApiError::BadRequest("a DAV:property has no name".to_owned()))?;
        let namespace = property.attribute("namespace").unwrap_or(DAV.uri);
        check_element_name(namespace, local).map_err(ApiError::BadRequest)?;
        properties.push(Asked {
            namespace: namespace.to_owned(),
            local: local.to_owned(),
            of_targets: asked(property, left)?,
        });
    }
    Ok(properties)
}

/// Writes the response of a resource; boxed, since it contains those of the resources that it leads to.
fn write_response<'a>(
    call: &'a Call,
    xml: &'a mut XmlWriter,
    resource: &'a Resource,
    asked: &'a [Asked],
    budget: &'a mut usize,
) -> Pin<Box<dyn Future<Output = Result<(), ApiError>> + Send + 'a>> {
    Box::pin(async move {
        xml.open(DAV.name("response"));
        xml.text_element(DAV.name("href"), &resource.path(&call.scene).to_string());
        let mut missing = Vec::new();
        xml.open(DAV.name("propstat"));
        xml.open(DAV.name("prop"));
        for property in asked {
            let name = Name {
                namespace: &property.namespace,
                local: &property.local,
            };
            match value(&call.scene, resource, find_live(name), name) {
                None => missing.push(name),
                Some(Value::Paths(paths)) if !property.of_targets.is_empty() => {
                    xml.open(name);
                    for path in paths {
                        if let Some(left) = budget.checked_sub(1) {
                            *budget = left;
                        } else {
                            xml.text_element(DAV.name("href"), &path.to_string());
                            continue;
                        }
                        let store = &call.api.store;
                        match resource::find(store, &call.scene, &path, everything()).await {
                            Ok(target) => {
                                write_response(call, xml, &target, &property.of_targets, budget)
                                    .await?;
                            }
                            Err(ApiError::NotFound) => {
                                multistatus::write_status(xml, &path, StatusCode::NOT_FOUND, None);
                            }
                            Err(error) => return Err(error),
                        }
                    }
                    xml.close();
                }
                Some(found) => found.write(xml, name),
            }
        }
        xml.close();
        xml.text_element(DAV.name("status"), "HTTP/1.1 200 OK");
        xml.close();
        if !missing.is_empty() {
            xml.open(DAV.name("propstat"));
            xml.open(DAV.name("prop"));
            for name in missing {
                xml.empty(name);
            }
            xml.close();
            xml.text_element(DAV.name("status"), "HTTP/1.1 404 Not Found");
            xml.close();
        }
        xml.close();
        Ok(())
    })
}
