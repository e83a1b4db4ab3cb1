//! On whose behalf a request comes: the peer of its connection, or, where that is a reverse proxy that is trusted, the one that the
//! proxy names.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// What proxies have said for long.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The same as a standard (RFC 7239).
const FORWARDED: &str = "forwarded";

/// Proxies behind each other that are looked through.
const MOST_PROXIES: usize = 16;

/// The address of a request's client, as it stands in the extensions of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The first address on the way from us to the client that is not one of `trusted`. What stands behind that may be invented. Where
/// a trusted proxy names nobody, or the two headers name different clients (a proxy sets one of them, and lets the other one pass),
/// it is the proxy's own.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let named = |hops: Option<Vec<Option<IpAddr>>>| Some(first_untrusted(peer, &hops?, trusted));
    match (named(x_forwarded_for(headers)), named(forwarded(headers))) {
        (Some(one), Some(other)) if one != other => peer,
        (Some(client), _) | (None, Some(client)) => client,
        (None, None) => peer,
    }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

fn first_untrusted(peer: IpAddr, hops: &[Option<IpAddr>], trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    for hop in hops.iter().rev().take(MOST_PROXIES) {
        match hop {
            Some(address) if is_trusted(client, trusted) => client = *address,
            _ => break,
        }
    }
    client
}

/// The addresses from the client on; `None` without the header, and in it what is no address.
fn x_forwarded_for(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let mut hops = Vec::new();
    for value in headers.get_all(X_FORWARDED_FOR) {
        match value.to_str() {
            Ok(text) => hops.extend(text.split(',').map(|hop| address(hop.trim()))),
            Err(_) => hops.push(None),
        }
    }
    (!hops.is_empty()).then_some(hops)
}

fn forwarded(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let mut hops = Vec::new();
    for value in headers.get_all(FORWARDED) {
        match value.to_str() {
            Ok(text) => {
                let elements = split_unquoted(text, ',').into_iter();
                hops.extend(elements.map(|element| element.and_then(forwarded_for)));
            }
            Err(_) => hops.push(None),
        }
    }
    (!hops.is_empty()).then_some(hops)
}

/// The `for` of one element, such as `for="[2001:db8::1]:4711";proto=https`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in split_unquoted(element, ';') {
        let (name, value) = pair?.trim().split_once('=')?;
        if name.eq_ignore_ascii_case("for") {
            if found.is_some() {
                return None;
            }
            let unquoted = value
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            found = Some(unquoted.unwrap_or(value));
        }
    }
    address(found?)
}

/// Parts between separators outside of quotes; `None` in place of a part whose quotes do not end.
fn split_unquoted(text: &str, separator: char) -> Vec<Option<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            letter if letter == separator && !quoted => {
                parts.push(text.get(start..at));
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).filter(|_| !quoted));
    parts
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| bracketed().map(IpAddr::V6))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn seen(peer: &str, sent: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let trusted = ["127.0.0.0/8", "::1/128", "10.0.0.0/8"].map(|text| text.parse().unwrap());
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn headers_of_strangers_are_not_believed() {
        for header in [X_FORWARDED_FOR, FORWARDED] {
            let sent = [(header, "for=192.0.2.1"), (header, "192.0.2.1")];
            assert_eq!(seen("198.51.100.7", &sent), "198.51.100.7");
        }
        assert_eq!(seen("::ffff:198.51.100.7", &[]), "198.51.100.7");
    }

    #[test]
    fn last_address_that_is_no_proxy_is_the_client() {
        for (value, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("203.0.113.9, 192.0.2.1", "192.0.2.1"),
            ("203.0.113.9, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
            ("invented, 192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("10.1.2.3", "10.1.2.3"),
            ("192.0.2.1, unknown", "127.0.0.1"),
            ("192.0.2.1, ", "127.0.0.1"),
            ("192.0.2.1, 192.0.2.300", "127.0.0.1"),
            ("192.0.2.1, 192.0.2.1.1, 10.1.2.3", "10.1.2.3"),
            ("", "127.0.0.1"),
        ] {
            assert_eq!(
                seen("127.0.0.1", &[(X_FORWARDED_FOR, value)]),
                expected,
                "{value}"
            );
        }
        let lines = [
            (X_FORWARDED_FOR, "203.0.113.9"),
            (X_FORWARDED_FOR, "192.0.2.1, 10.0.0.1"),
        ];
        assert_eq!(seen("::1", &lines), "192.0.2.1");
    }

    #[test]
    fn standard_header_is_read_as_it_is_defined() {
        for (value, expected) in [
            ("for=192.0.2.1", "192.0.2.1"),
            ("For=192.0.2.1;proto=https;by=10.0.0.1", "192.0.2.1"),
            ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("for=203.0.113.9, for=192.0.2.1, for=10.0.0.1", "192.0.2.1"),
            ("for=\"a, for=203.0.113.9\", for=192.0.2.1", "192.0.2.1"),
            ("for=192.0.2.1, for=_hidden", "127.0.0.1"),
            ("for=192.0.2.1, for=unknown", "127.0.0.1"),
            ("for=192.0.2.1;for=192.0.2.2", "127.0.0.1"),
            ("for=\"192.0.2.1", "127.0.0.1"),
            ("proto=https", "127.0.0.1"),
            ("nonsense", "127.0.0.1"),
        ] {
            assert_eq!(
                seen("127.0.0.1", &[(FORWARDED, value)]),
                expected,
                "{value}"
            );
        }
    }

    #[test]
    fn headers_that_disagree_name_nobody() {
        let both = |x: &'static str| {
            let sent = [(X_FORWARDED_FOR, x), (FORWARDED, "for=192.0.2.1")];
            seen("127.0.0.1", &sent)
        };
        assert_eq!(both("192.0.2.1"), "192.0.2.1");
        assert_eq!(both("192.0.2.2"), "127.0.0.1");
    }
}
