//! Where a component takes place, and how one joins from afar: what LOCATION, GEO, URL, DESCRIPTION, CONFERENCE (RFC 7986
//! section 5.11) and properties of Apple's, Google's and Microsoft's say of it. All of it is somebody's text: only links with
//! `https` and a host count.

use super::CalendarObject;
use crate::text::unescape;
use crate::tree::Node;

/// The longest link in bytes. Those of Microsoft's calls have about 300.
const MAX_LINK_BYTES: usize = 1_000;

/// How much of a text is searched for links, in bytes.
const MAX_SEARCHED_BYTES: usize = 32 * 1024;

/// Whoever is at one of these hosts is in a call: links to others in a description may be anything.
const CALL_HOSTS: [&str; 22] = [
    "bluejeans.com",
    "chime.aws",
    "dialpad.com",
    "gather.town",
    "goto.com",
    "gotomeet.me",
    "gotomeeting.com",
    "jazz.sber.ru",
    "ktalk.ru",
    "meet.element.io",
    "meet.google.com",
    "meet.jit.si",
    "meet.lync.com",
    "skype.com",
    "teams.live.com",
    "teams.microsoft.com",
    "telemost.yandex.ru",
    "vk.com/call",
    "webex.com",
    "whereby.com",
    "zoom.us",
    "zoomgov.com",
];

/// Properties that hold the link of a call and nothing else.
const CALL_PROPERTIES: [&str; 4] = [
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
];

/// Where something is, and where one joins it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Whereabouts {
    /// The place in words, as written: lines, commas and all. `None` if there is none, or if it is nothing but a link.
    pub place: Option<String>,
    /// What one asks a map for. `None` where the place is no address, but a room or a table.
    pub address: Option<String>,
    /// Where on Earth it is.
    pub position: Option<Position>,
    /// An `https` link that one joins by.
    pub call: Option<String>,
    /// An `https` link to something else, said by URL.
    pub page: Option<String>,
}

/// A point on Earth (RFC 5545 section 3.8.1.6, RFC 5870), in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// From -90 to 90.
    pub latitude: f64,
    /// From -180 to 180.
    pub longitude: f64,
}

impl CalendarObject {
    /// Where the component with this recurrence key is; of one that does not stand here, where the series is.
    pub fn whereabouts(&self, recurrence_key: &str) -> Whereabouts {
        let calendar = Node::of(self);
        let nodes = calendar.kept(self);
        let index = self
            .position(recurrence_key)
            .or_else(|| self.position(""))
            .unwrap_or_default();
        nodes
            .get(index)
            .map(|node| whereabouts(node))
            .unwrap_or_default()
    }
}

fn whereabouts(node: &Node<'_>) -> Whereabouts {
    let text = |name: &str| -> String {
        let property = node.property(name);
        property.map_or_else(String::new, |property| unescape(&property.value_text()))
    };
    let location = text("LOCATION").trim().to_owned();
    let structured = structured(node);
    let position = structured
        .as_ref()
        .and_then(|structured| structured.position)
        .or_else(|| position(&text("GEO"), ';'));
    let links_of_location = links(&location);
    let place = if links_of_location.iter().any(|link| *link == location) {
        None
    } else {
        Some(location.clone()).filter(|location| !location.is_empty())
    };
    let place = place.or_else(|| structured.as_ref().and_then(|place| place.title.clone()));
    let address = structured
        .as_ref()
        .and_then(|structured| structured.address.clone())
        .or_else(|| place.clone().filter(|place| is_address(place)));
    let url = text("URL");
    let url = links(&url).first().map(|link| (*link).to_owned());
    let description = text("DESCRIPTION");
    let of_properties = CALL_PROPERTIES.iter().find_map(|name| {
        let mut named = node.properties_named(name);
        named.find_map(|line| {
            let value = line.property()?.value_text().trim().to_owned();
            links(&value).first().map(|link| (*link).to_owned())
        })
    });
    let call = of_properties
        .or_else(|| links_of_location.first().map(|link| (*link).to_owned()))
        .or_else(|| url.clone().filter(|url| is_call(url)))
        .or_else(|| {
            let mut links = links(&description).into_iter();
            links.find(|link| is_call(link)).map(str::to_owned)
        });
    let page = url.filter(|url| call.as_ref() != Some(url));
    Whereabouts {
        place,
        address,
        position,
        call,
        page,
    }
}

/// X-APPLE-STRUCTURED-LOCATION.
struct Structured {
    title: Option<String>,
    address: Option<String>,
    position: Option<Position>,
}

fn structured(node: &Node<'_>) -> Option<Structured> {
    let property = node.property("X-APPLE-STRUCTURED-LOCATION")?;
    let parameter = |name: &str| {
        let value = property.parameter(name)?;
        // Apple escapes in parameters as in values.
        let text = unescape(&value).trim().to_owned();
        Some(text).filter(|text| !text.is_empty())
    };
    let value = property.value_text();
    let value = value.trim();
    let is_geo = value
        .get(..4)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("geo:"));
    Some(Structured {
        title: parameter("X-TITLE"),
        address: parameter("X-ADDRESS"),
        position: value
            .get(4..)
            .filter(|_| is_geo)
            .and_then(|value| position(value, ',')),
    })
}

/// Two numbers, and for `geo:` whatever follows: an altitude, parameters.
fn position(text: &str, separator: char) -> Option<Position> {
    let numbers = text.split(['?', ' ']).next()?;
    let mut numbers = numbers.trim().split(separator);
    let latitude: f64 = numbers.next()?.trim().parse().ok()?;
    let longitude = numbers.next()?.split(';').next()?;
    let longitude: f64 = longitude.trim().parse().ok()?;
    let is_on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    // Nothing is held in the Gulf of Guinea, but programs without a position write zeros.
    let is_set = latitude != 0.0 || longitude != 0.0;
    (is_on_earth && is_set).then_some(Position {
        latitude,
        longitude,
    })
}

/// Whether a map would find it: several parts, and a number that is not in each of them, as in a street and a town.
fn is_address(place: &str) -> bool {
    let parts: Vec<&str> = place
        .split(['\n', ','])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let has_digit = |part: &&&str| part.chars().any(char::is_numeric);
    let with_digit = parts.iter().filter(has_digit).count();
    let has_postal_code = place
        .split(|letter: char| !letter.is_ascii_digit())
        .any(|digits| (4..=6).contains(&digits.len()));
    parts.len() >= 2 && with_digit >= 1 && (with_digit < parts.len() || has_postal_code)
}

/// The `https` links in a text, without the signs that end a sentence.
fn links(text: &str) -> Vec<&str> {
    const SCHEME: &str = "https://";
    let end = text.floor_char_boundary(MAX_SEARCHED_BYTES);
    let mut rest = text.get(..end).unwrap_or_default();
    let mut found = Vec::new();
    while let Some(at) = rest.find(SCHEME) {
        let from = rest.get(at..).unwrap_or_default();
        let is_outside = |letter: char| {
            letter.is_whitespace() || letter.is_control() || "<>\"`{}|\\^".contains(letter)
        };
        let length = from.find(is_outside).unwrap_or(from.len());
        let link = from.get(..length).unwrap_or_default();
        let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']', '*', '_']);
        if link.len() <= MAX_LINK_BYTES && host(link).is_some() {
            found.push(link);
        }
        rest = from.get(length.max(SCHEME.len())..).unwrap_or_default();
    }
    found
}

/// The host of a link, in lower case. `None` for one that is not ASCII, or with a name before it, which hides where it
/// leads.
fn host(link: &str) -> Option<String> {
    let authority = link.strip_prefix("https://")?;
    let authority = authority.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let is_name = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    (is_name && !authority.contains('@') && host.chars().all(is_plain))
        .then(|| host.to_ascii_lowercase())
}

fn is_call(link: &str) -> bool {
    let Some(host) = host(link) else { return false };
    CALL_HOSTS.iter().any(|known| match known.split_once('/') {
        Some((known, path)) => {
            host == known
                && link
                    .split('/')
                    .nth(3)
                    .is_some_and(|first| first.starts_with(path))
        }
        None => host == *known || host.ends_with(&format!(".{known}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &str) -> Whereabouts {
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
             DTSTART:20270115T080000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        CalendarObject::parse(text.into_bytes())
            .unwrap()
            .whereabouts("")
    }

    #[test]
    fn a_room_is_no_address_and_a_street_is() {
        for (location, is_address) in [
            ("Room 4.2", false),
            ("Room 4\\, Building 3", false),
            ("Kitchen", false),
            ("Anna's\\, upstairs", false),
            ("Hauptstr. 5\\, 10115 Berlin", true),
            ("Café Einstein\\nKurfürstenstr. 58\\n10785 Berlin", true),
            ("Невский проспект\\, 28\\, Санкт-Петербург", true),
            ("12 Main St\\, Springfield", true),
        ] {
            let found = of(&format!("LOCATION:{location}"));
            assert_eq!(found.place, Some(unescape(location)));
            assert_eq!(found.address.is_some(), is_address, "{location}");
        }
        assert_eq!(of("LOCATION: "), Whereabouts::default());
    }

    #[test]
    fn a_location_of_apples_has_title_address_and_position() {
        let found = of(
            "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS=\"Kurfürstenstr. 58, 10785 Berlin\";\
             X-APPLE-RADIUS=70;X-TITLE=Café Einstein:geo:52.499700,13.361700",
        );
        assert_eq!(found.place.as_deref(), Some("Café Einstein"));
        assert_eq!(
            found.address.as_deref(),
            Some("Kurfürstenstr. 58, 10785 Berlin")
        );
        let position = Position {
            latitude: 52.4997,
            longitude: 13.3617,
        };
        assert_eq!(found.position, Some(position));
        assert_eq!(of("GEO:52.4997;13.3617").position, Some(position));
    }

    #[test]
    fn what_is_no_position_is_none() {
        for geo in ["", "91;0", "0;181", "0;0", "NaN;1", "1", "a;b", "1,2"] {
            assert_eq!(of(&format!("GEO:{geo}")).position, None, "{geo}");
        }
    }

    #[test]
    fn a_call_is_found_where_programs_write_it() {
        let meet = "https://meet.google.com/abc-defg-hij";
        for lines in [
            format!("X-GOOGLE-CONFERENCE:{meet}"),
            format!(
                "CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+1-555\r\nCONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=\"Join\":{meet}"
            ),
            format!("LOCATION:{meet}"),
            format!("URL;VALUE=URI:{meet}"),
            format!("DESCRIPTION:Notes: https://docs.example.org/x\\nJoin: <{meet}>."),
            format!("DESCRIPTION:<a href=\"{meet}\">join</a>"),
        ] {
            let found = of(&lines);
            assert_eq!(found.call.as_deref(), Some(meet), "{lines}");
            assert_eq!((found.place, found.page), (None, None), "{lines}");
        }
        let both = of(&format!("LOCATION:Room 4 or {meet}"));
        assert_eq!(both.place, Some(format!("Room 4 or {meet}")));
        assert_eq!(both.call.as_deref(), Some(meet));
        let any = of("LOCATION:https://bbb.example.org/b/ann");
        assert_eq!(any.call.as_deref(), Some("https://bbb.example.org/b/ann"));
    }

    #[test]
    fn a_page_is_no_call() {
        let found = of("URL:https://example.org/agenda\r\nDESCRIPTION:https://example.org/more");
        assert_eq!(found.page.as_deref(), Some("https://example.org/agenda"));
        assert_eq!(found.call, None);
    }

    #[test]
    fn links_that_hide_where_they_lead_do_not_count() {
        for link in [
            "http://zoom.us/j/1",
            "javascript:alert(1)",
            "https://zoom.us@evil.example/j/1",
            "https://zoom.us:x@evil.example/",
            "https://localhost/x",
            "https://zооm.us/j/1",
            "https:///x",
            "https://.us/x",
            "tg://resolve?domain=x",
        ] {
            let found = of(&format!(
                "LOCATION:{link}\r\nURL:{link}\r\nDESCRIPTION:{link}"
            ));
            assert_eq!((found.call, found.page), (None, None), "{link}");
        }
        let long = format!("https://zoom.us/{}", "x".repeat(MAX_LINK_BYTES));
        assert_eq!(of(&format!("LOCATION:{long}")).call, None);
        assert!(!is_call("https://notzoom.us/j/1"));
        assert!(is_call("https://us02web.zoom.us/j/1?pwd=x"));
        assert!(is_call("https://vk.com/call/join/x") && !is_call("https://vk.com/id1"));
    }

    #[test]
    fn an_instance_without_a_component_is_where_its_series_is() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
             DTSTART:20270115T080000Z\r\nRRULE:FREQ=DAILY\r\nLOCATION:A\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\n\
             DTSTAMP:20270101T000000Z\r\nRECURRENCE-ID:20270116T080000Z\r\nDTSTART:20270116T080000Z\r\nLOCATION:B\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n";
        let object = CalendarObject::parse(text.into()).unwrap();
        for (key, place) in [
            ("", "A"),
            ("20270116T080000Z", "B"),
            ("20270117T080000Z", "A"),
        ] {
            assert_eq!(
                object.whereabouts(key).place.as_deref(),
                Some(place),
                "{key}"
            );
        }
    }
}
