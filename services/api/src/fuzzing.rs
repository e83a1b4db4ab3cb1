//! What requests are made of, read without a server: the door of the fuzz targets. It is compiled for them alone.

use axum::{
    http::{HeaderMap, header},
    response::IntoResponse as _,
};
use televent_calendar::{CalendarObject, InternalDomain, Zone, candidates, matches};
use televent_store::CalendarProperties;

use crate::{
    auth,
    conditions::{Conditions, Current},
    error::ApiError,
    headers::{Return, depth, overwrite, preferred_return, schedule_reply},
    methods,
    path::DavPath,
    properties::Selection,
    reports, setup,
    sync_token::SyncToken,
    xml::{self, DAV, XmlWriter},
};

/// Properties that a body may name: more than any that is small.
const MAX_PROPERTIES: usize = 1_000;

/// A body of WebDAV, read as each method and report would read it. What it selects is looked for in `objects`.
///
/// # Panics
/// When something does not hold that must hold of every body.
pub fn body(body: &[u8], objects: &[CalendarObject]) {
    let Ok(root) = xml::parse(body) else {
        return;
    };
    let fragment = root.to_fragment();
    // What XML can't hold is left out of the first.
    let again = xml::parse(fragment.as_bytes()).expect("what was read can be written");
    let repeated = xml::parse(again.to_fragment().as_bytes());
    assert_eq!(repeated.as_ref(), Ok(&again));
    answer(methods::asked_of_propfind(&root));
    if let Some(changes) = answer(methods::changes(&root)) {
        let mut writer = XmlWriter::document(DAV.name("multistatus"));
        let mut calendar = CalendarProperties {
            display_name: String::new(),
            components: Vec::new(),
            time_zone: None,
            time_zone_id: None,
            transparent: false,
            dead: Vec::new(),
        };
        let verdicts = methods::change_calendar(&mut calendar, "slug", &changes, true);
        methods::write_propstats(&mut writer, &verdicts);
        let verdicts = methods::change_inbox(&mut calendar.dead, &changes);
        methods::write_propstats(&mut writer, &verdicts);
        for property in &calendar.dead {
            writer.fragment(&property.xml);
        }
        xml::parse(writer.finish().as_bytes()).expect("answers are XML");
    }
    answer(Selection::of(Some(&root), Return::Everything));
    answer(reports::asked_properties(&root, &mut { MAX_PROPERTIES }));
    for element in std::iter::once(&root).chain(root.children()) {
        if let Some(filter) = answer(reports::filter(element)) {
            candidates(&filter);
            for object in objects {
                matches(&filter, object, &Zone::UTC);
            }
        }
        if let Some(request) = answer(reports::calendar_data_request(element)) {
            for object in objects {
                let _ = request.apply(object, &Zone::UTC);
            }
        }
        SyncToken::parse(&element.text());
        path(&element.text());
        answer(reports::search(element));
    }
    let mut writer = XmlWriter::document(DAV.name("multistatus"));
    // What is put into an answer stood as deep in its request.
    root.children().for_each(|child| writer.element(child));
    xml::parse(writer.finish().as_bytes()).expect("answers are XML");
}

/// The path of a request, or one in a body or header.
///
/// # Panics
/// When a path that was read is another one once it is written.
pub fn path(text: &str) {
    for path in [DavPath::parse(text), DavPath::from_href(text)]
        .into_iter()
        .flatten()
    {
        let written = path.to_string();
        assert_eq!(DavPath::parse(&written).as_ref(), Some(&path), "{written}");
        path.owner();
        path.collection();
    }
}

/// All headers that some method reads, on a resource at `path`.
pub fn headers(headers: &HeaderMap, at: &str) {
    let path = DavPath::parse(at).unwrap_or(DavPath::Principals);
    answer(depth(headers));
    answer(overwrite(headers));
    answer(schedule_reply(headers));
    preferred_return(headers);
    setup::preferred_language(headers);
    answer(methods::check_media_type(headers));
    answer(methods::destination_of(headers));
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        if let Some((username, secret)) = televent_runtime::basic_credentials(text) {
            auth::Username::parse(&username, &InternalDomain::default());
            drop(televent_store::DeviceSecret::parse(&secret));
        }
    }
    if let Some(conditions) = answer(Conditions::from_headers(headers)) {
        for etag in [None, Some("tag")] {
            let current = Current {
                path: &path,
                exists: etag.is_some(),
                etag,
                schedule_tag: etag,
                sync_token: Some("data:,token"),
            };
            answer(conditions.check_write(&current));
        }
        conditions.is_not_modified("tag");
        conditions.name_a_state();
    }
}

/// The answer to what is refused is made, too.
fn answer<T>(result: Result<T, ApiError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            let _ = error.into_response();
            None
        }
    }
}
