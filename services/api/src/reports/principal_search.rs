//! Finding people: DAV:principal-property-search and DAV:principal-search-property-set (RFC 3744 sections 9.4 and 9.5), and
//! Apple's calendarserver-principal-search, which macOS and iOS send while somebody types the name of an invitee.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use televent_store::PrincipalInfo;

use crate::{
    error::ApiError,
    headers::preferred_return,
    multistatus,
    properties::Selection,
    resource::{OwnState, Resource},
    routes::Call,
    scene::Scene,
    xml::{CALDAV, CALENDARSERVER, CONTENT_TYPE, DAV, Element, Name, XmlWriter},
};

/// Most people in one answer: a list to choose from.
const MAX_FOUND: usize = 100;

/// Most words or searches in one request.
const MAX_NEEDLES: usize = 16;

/// Longest text to search for, in bytes.
const MAX_NEEDLE_BYTES: usize = 256;

/// The properties that can be searched, and what they are for people.
const SEARCHABLE: [(Name<'static>, &str, Field); 3] = [
    (DAV.name("displayname"), "Name", Field::Name),
    (
        CALDAV.name("calendar-user-address-set"),
        "Calendar address",
        Field::Address,
    ),
    (
        CALENDARSERVER.name("email-address-set"),
        "Email address",
        Field::Address,
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    /// `mailto:` included.
    Address,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MatchType {
    Contains,
    StartsWith,
    EndsWith,
    Equals,
}

/// One `DAV:property-search`: the text in any of the properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    fields: Vec<Field>,
    /// In lower case.
    text: String,
    match_type: MatchType,
}

pub(super) async fn by_property(call: Call, root: &Element) -> Result<Response, ApiError> {
    let searches: Vec<Search> = root
        .children_named(DAV.name("property-search"))
        .map(search)
        .collect::<Result<_, _>>()?;
    check_count(searches.len())?;
    let is_any = root.attribute("test") == Some("anyof");
    let mut needles: Vec<String> = searches.iter().map(|search| needle(&search.text)).collect();
    if !is_any {
        needles = longest(needles);
    }
    let found = people(&call, &needles).await?;
    let holds = |person: &PrincipalInfo| {
        let mut verdicts = searches
            .iter()
            .map(|search| search.matches(&call.scene, person));
        if is_any {
            verdicts.any(|verdict| verdict)
        } else {
            verdicts.all(|verdict| verdict)
        }
    };
    let found = found
        .into_iter()
        .filter(|person| searches.is_empty() || holds(person));
    respond(
        &call,
        &with_stray_properties(root),
        &found.collect::<Vec<_>>(),
        MAX_FOUND,
    )
}

/// Each word begins a word of the name, or the address.
pub(super) async fn by_words(call: Call, root: &Element) -> Result<Response, ApiError> {
    let words: Vec<String> = root
        .children_named(CALENDARSERVER.name("search-token"))
        .map(|token| token.text().trim().to_lowercase())
        .filter(|token| !token.is_empty())
        .collect();
    check_count(words.len())?;
    words.iter().try_for_each(|word| check_length(word))?;
    if words.is_empty() {
        return Err(ApiError::BadRequest(
            "calendarserver-principal-search holds no search-token".to_owned(),
        ));
    }
    let limit = root
        .child(CALENDARSERVER.name("limit"))
        .and_then(|limit| limit.child(CALENDARSERVER.name("nresults")))
        .and_then(|results| results.text().trim().parse().ok())
        .unwrap_or(MAX_FOUND);
    let needles = longest(words.iter().map(|word| needle(word)).collect());
    let found = people(&call, &needles).await?;
    let holds = |person: &PrincipalInfo| {
        let name = person.name.to_lowercase();
        let address = address(&call.scene, person);
        words.iter().all(|word| {
            name.split_whitespace()
                .any(|part| part.starts_with(word.as_str()))
                || name.starts_with(word.as_str())
                || address.starts_with(word.as_str())
                || address.starts_with(&format!("mailto:{word}"))
                || person.username.as_ref().is_some_and(|username| {
                    let username = username.to_lowercase();
                    username.starts_with(word.trim_start_matches('@'))
                })
        })
    };
    respond(
        &call,
        root,
        &found
            .into_iter()
            .filter(|person| holds(person))
            .collect::<Vec<_>>(),
        limit,
    )
}

pub(super) fn searchable_properties() -> Response {
    let mut xml = XmlWriter::document(DAV.name("principal-search-property-set"));
    for (name, description, _) in SEARCHABLE {
        xml.element(
            &Element::new(DAV.name("principal-search-property"))
                .with(Element::new(DAV.name("prop")).with(Element::new(name)))
                .with(
                    Element::new(DAV.name("description"))
                        .with_attribute("xml:lang", "en")
                        .with_text(description),
                ),
        );
    }
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, CONTENT_TYPE)],
        xml.finish(),
    )
        .into_response()
}

fn check_count(needles: usize) -> Result<(), ApiError> {
    if needles > MAX_NEEDLES {
        return Err(ApiError::BadRequest(format!(
            "more than {MAX_NEEDLES} texts are searched for"
        )));
    }
    Ok(())
}

fn check_length(needle: &str) -> Result<(), ApiError> {
    if needle.len() > MAX_NEEDLE_BYTES {
        return Err(ApiError::BadRequest(format!(
            "a text to search for has more than {MAX_NEEDLE_BYTES} bytes"
        )));
    }
    Ok(())
}

pub(crate) fn search(element: &Element) -> Result<Search, ApiError> {
    let properties = element
        .child(DAV.name("prop"))
        .into_iter()
        .flat_map(Element::children);
    let text = element.child(DAV.name("match"));
    let match_type = text.and_then(|text| text.attribute("match-type"));
    let text = text.map(Element::text).unwrap_or_default();
    check_length(&text)?;
    Ok(Search {
        fields: properties
            .filter_map(|property| {
                SEARCHABLE
                    .iter()
                    .find(|(name, ..)| property.is(*name))
                    .map(|(.., field)| *field)
            })
            .collect(),
        text: text.trim().to_lowercase(),
        match_type: match match_type {
            Some("starts-with") => MatchType::StartsWith,
            Some("ends-with") => MatchType::EndsWith,
            Some("equals") => MatchType::Equals,
            _ => MatchType::Contains,
        },
    })
}

/// Where all must match, the one that the fewest people have is enough for the database, which finds those who have any.
fn longest(needles: Vec<String>) -> Vec<String> {
    needles
        .into_iter()
        .max_by_key(String::len)
        .into_iter()
        .collect()
}

/// What the database looks for: of an address only the number tells people apart.
fn needle(text: &str) -> String {
    let address = text.trim_start_matches("mailto:").trim_start_matches('@');
    let local = address.split('@').next().unwrap_or_default();
    match local.strip_prefix("tg_") {
        Some(id) => id.to_owned(),
        None => address.to_owned(),
    }
}

impl Search {
    fn matches(&self, scene: &Scene, person: &PrincipalInfo) -> bool {
        let text = self.text.as_str();
        let fits = |value: &str| match self.match_type {
            MatchType::Contains => value.contains(text),
            MatchType::StartsWith => value.starts_with(text),
            MatchType::EndsWith => value.ends_with(text),
            MatchType::Equals => value == text,
        };
        self.fields.iter().any(|field| match field {
            Field::Name => fits(&person.name.to_lowercase()),
            Field::Address => {
                let address = address(scene, person);
                fits(&address) || address.strip_prefix("mailto:").is_some_and(fits)
            }
        })
    }
}

fn address(scene: &Scene, person: &PrincipalInfo) -> String {
    scene.address_of(person.telegram_id).to_lowercase()
}

/// The people that the asker may know of and who have all or any of the needles somewhere; which exactly match is decided
/// afterwards.
async fn people(call: &Call, needles: &[String]) -> Result<Vec<PrincipalInfo>, ApiError> {
    Ok(call
        .api
        .store
        .search_principals(
            call.scene.user.telegram_id,
            call.scene.directory,
            needles,
            i64::try_from(MAX_FOUND * 5).unwrap_or(i64::MAX),
        )
        .await?)
}

/// Some clients name the properties that they want beside an empty `DAV:prop`: they count as named in it.
fn with_stray_properties(root: &Element) -> Element {
    let own = [
        "property-search",
        "prop",
        "apply-to-principal-collection-set",
        "allprop",
        "propname",
    ];
    let is_own = |child: &Element| own.iter().any(|name| child.is(DAV.name(name)));
    let named = root
        .child(DAV.name("prop"))
        .into_iter()
        .flat_map(Element::children)
        .chain(root.children().filter(|child| !is_own(child)))
        .cloned();
    let asks_otherwise = ["allprop", "propname"]
        .iter()
        .any(|name| root.child(DAV.name(name)).is_some());
    if asks_otherwise {
        return root.clone();
    }
    Element::new(DAV.name("principal-property-search"))
        .with(Element::new(DAV.name("prop")).with_all(named))
}

fn respond(
    call: &Call,
    asks: &Element,
    found: &[PrincipalInfo],
    limit: usize,
) -> Result<Response, ApiError> {
    let selection = Selection::of(Some(asks), preferred_return(&call.headers))?;
    let limit = limit.min(MAX_FOUND);
    Ok(multistatus::respond_with(|xml| {
        for principal in found.iter().take(limit).cloned() {
            let resource = Resource::Principal {
                principal,
                own: OwnState::default(),
            };
            selection.write_response(xml, &call.scene, &resource);
        }
        if found.len() > limit {
            multistatus::write_status(
                xml,
                &call.path,
                StatusCode::INSUFFICIENT_STORAGE,
                Some(DAV.name("number-of-matches-within-limits")),
            );
        }
    }))
}
