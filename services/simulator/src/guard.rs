//! Who may use the control API and the page: a browser on this machine, on this page.
//!
//! Two cheap checks replace a password. A foreign site that points its own name at 127.0.0.1 (DNS rebinding) comes
//! with its own `Host`; a foreign page that posts here (CSRF) cannot send JSON or an `Origin` of ours.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

pub(crate) async fn guard(request: Request, next: Next) -> Response {
    match check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check(method: &Method, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !text(header::HOST).is_some_and(is_loopback) {
        return Err((
            StatusCode::FORBIDDEN,
            "only loopback hosts are served here\n",
        ));
    }
    if let Some(origin) = text(header::ORIGIN)
        && !origin.strip_prefix("http://").is_some_and(is_loopback)
    {
        return Err((
            StatusCode::FORBIDDEN,
            "only pages of this machine may call this\n",
        ));
    }
    // Browsers ask before they send a DELETE to another site, and nothing here says yes.
    let is_safe = [Method::GET, Method::HEAD, Method::DELETE].contains(method);
    let is_json = text(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    if !is_safe && !is_json {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Type: application/json is required\n",
        ));
    }
    Ok(())
}

/// `host` or `host:port`.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: header::HeaderName = name.parse().expect("a name");
            headers.insert(name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn hosts() {
        for good in [
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost:1",
            "[::1]:1",
            "127.1.2.3:5",
        ] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "127.0.0.1.evil.example:80",
            "10.0.0.1",
            "localhost.evil.example",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }

    #[test]
    fn changes_need_json_and_our_origin() {
        let host = ("host", "localhost:1");
        let json = ("content-type", "application/json; charset=utf-8");
        assert!(check(&Method::GET, &headers(&[host])).is_ok());
        assert!(check(&Method::DELETE, &headers(&[host])).is_ok());
        assert!(check(&Method::POST, &headers(&[host, json])).is_ok());
        assert!(
            check(
                &Method::POST,
                &headers(&[host, json, ("origin", "http://localhost:1")])
            )
            .is_ok()
        );
        assert!(check(&Method::POST, &headers(&[host])).is_err());
        assert!(
            check(
                &Method::POST,
                &headers(&[host, ("content-type", "text/plain")])
            )
            .is_err()
        );
        assert!(
            check(
                &Method::POST,
                &headers(&[host, json, ("origin", "https://evil.example")])
            )
            .is_err()
        );
        assert!(check(&Method::GET, &headers(&[("host", "evil.example")])).is_err());
    }
}
