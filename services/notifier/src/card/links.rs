//! What on a card can be opened: the call, and the place on a map.

use televent_calendar::Whereabouts;
use televent_telegram::escape_html;
use url::Url;

use super::text::line;

/// A map that needs no account and no key.
const MAP: &str = "https://www.openstreetmap.org/";

/// How near one looks at a point on it: streets with their names.
const MAP_ZOOM: u8 = 17;

/// The longest address that a map is asked for.
const MAX_ADDRESS: usize = 200;

/// The longest name of a host.
const MAX_HOST: usize = 64;

/// Where a map shows the place; `None` for a room.
pub(super) fn map(whereabouts: &Whereabouts) -> Option<Url> {
    if let Some(position) = whereabouts.position {
        let (latitude, longitude) = (
            position.latitude.to_string(),
            position.longitude.to_string(),
        );
        let point = [("mlat", &latitude), ("mlon", &longitude)];
        let mut url = Url::parse_with_params(MAP, point).ok()?;
        url.set_fragment(Some(&format!("map={MAP_ZOOM}/{latitude}/{longitude}")));
        return Some(url);
    }
    let address = line(whereabouts.address.as_deref()?, MAX_ADDRESS);
    Url::parse_with_params(&format!("{MAP}search"), [("query", address)]).ok()
}

/// Where one joins.
pub(super) fn call(whereabouts: &Whereabouts) -> Option<Url> {
    Url::parse(whereabouts.call.as_deref()?).ok()
}

/// Another page about it.
pub(super) fn page(whereabouts: &Whereabouts) -> Option<Url> {
    Url::parse(whereabouts.page.as_deref()?).ok()
}

/// `text` is HTML.
pub(super) fn link(text: &str, to: &Url) -> String {
    format!("<a href=\"{}\">{text}</a>", escape_html(to.as_str()))
}

/// A link that says where it leads.
pub(super) fn by_host(to: &Url) -> String {
    let host = line(to.host_str().unwrap_or_default(), MAX_HOST);
    link(&escape_html(&host), to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use televent_calendar::Position;

    #[test]
    fn a_map_is_asked_for_a_point_or_an_address() {
        let at = |address: Option<&str>, position| Whereabouts {
            address: address.map(str::to_owned),
            position,
            ..Whereabouts::default()
        };
        let url = |whereabouts| map(&whereabouts).map(|url| url.to_string());
        assert_eq!(
            url(at(Some("Haupt\"str. 5,\n10115 Berlin & <x>"), None)).as_deref(),
            Some(
                "https://www.openstreetmap.org/search?query=Haupt%22str.+5%2C+10115+Berlin+%26+%3Cx%3E"
            )
        );
        let position = Position {
            latitude: 52.4997,
            longitude: -13.3617,
        };
        assert_eq!(
            url(at(None, Some(position))).as_deref(),
            Some(
                "https://www.openstreetmap.org/?mlat=52.4997&mlon=-13.3617#map=17/52.4997/-13.3617"
            )
        );
        assert_eq!(url(at(None, None)), None);
    }

    #[test]
    fn a_link_is_escaped() {
        let url = Url::parse("https://example.org/?a=1&b=\"2\"").unwrap();
        assert_eq!(
            by_host(&url),
            "<a href=\"https://example.org/?a=1&amp;b=%222%22\">example.org</a>"
        );
    }
}
