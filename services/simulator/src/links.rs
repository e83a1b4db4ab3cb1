//! Which addresses may stand in links and buttons.

use url::{Host, Url};

/// Checks an address as the server does for text links and URL buttons: `http`, `https`, `tg` and `ton`, and for the
/// web a host with a dot or an IP address. Returns the address in its normal form.
///
/// The errors are the tail of `inline keyboard button URL '…' is invalid: `.
pub fn checked_link(address: &str) -> Result<String, &'static str> {
    let address = address.trim();
    // An address without a scheme is taken for http, so that "example.org" works.
    let with_scheme = if address.contains(':') && !looks_like_host_and_port(address) {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    let url = Url::parse(&with_scheme).map_err(|_| "Wrong HTTP URL")?;
    match url.scheme() {
        "http" | "https" => match url.host() {
            Some(Host::Domain(name)) if name.trim_matches('.').contains('.') => Ok(url.into()),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => Ok(url.into()),
            Some(Host::Domain(_)) | None => Err("Wrong HTTP URL"),
        },
        "tg" | "ton" => Ok(url.into()),
        _ => Err("Unsupported URL protocol"),
    }
}

fn looks_like_host_and_port(address: &str) -> bool {
    address.split_once(':').is_some_and(|(host, rest)| {
        host.contains('.') && rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::checked_link;

    #[test]
    fn addresses() {
        let table: &[(&str, Result<&str, &str>)] = &[
            ("https://a.example/x", Ok("https://a.example/x")),
            ("http://127.0.0.1:8080/x", Ok("http://127.0.0.1:8080/x")),
            ("example.org", Ok("http://example.org/")),
            ("example.org:81/x", Ok("http://example.org:81/x")),
            ("tg://resolve?domain=bot", Ok("tg://resolve?domain=bot")),
            ("http://localhost:3000/x", Err("Wrong HTTP URL")),
            ("not-a-url", Err("Wrong HTTP URL")),
            ("", Err("Wrong HTTP URL")),
            ("ftp://a.example", Err("Unsupported URL protocol")),
            ("javascript:alert(1)", Err("Unsupported URL protocol")),
            ("mailto:a@b.example", Err("Unsupported URL protocol")),
        ];
        for (address, expected) in table {
            assert_eq!(
                checked_link(address),
                expected.map(str::to_owned),
                "{address}"
            );
        }
    }
}
