//! Which calendar app a request comes from, as far as it says so: a few families, for the metrics.

use axum::http::{HeaderMap, header};

/// A word that the `User-Agent` of a family has, in lower case. The first that is found tells: Thunderbird has `Mozilla`, too.
const FAMILIES: [(&str, &str); 15] = [
    ("davx5", "davx5"),
    ("thunderbird", "thunderbird"),
    ("caldavsynchronizer", "outlook"),
    ("vdirsyncer", "vdirsyncer"),
    ("evolution", "gnome"),
    ("gnome", "gnome"),
    ("kdav", "kde"),
    ("kde dav", "kde"),
    ("akonadi", "kde"),
    ("calendaragent", "macos"),
    ("macos/", "macos"),
    ("mac os x/", "macos"),
    ("ios/", "ios"),
    ("dataaccessd", "ios"),
    ("curl/", "curl"),
];

/// Of whom no header says anything.
const NONE: &str = "none";

/// Everybody else.
const OTHER: &str = "other";

/// Longest part of the header that is looked at.
const MAX_AGENT_BYTES: usize = 256;

/// The family that the `User-Agent` names.
pub(crate) fn of(headers: &HeaderMap) -> &'static str {
    let Some(agent) = headers.get(header::USER_AGENT) else {
        return NONE;
    };
    let bytes = agent.as_bytes();
    let start = bytes.get(..MAX_AGENT_BYTES).unwrap_or(bytes);
    let agent = String::from_utf8_lossy(start)
        .to_ascii_lowercase()
        // Some versions of macOS write it as in a form.
        .replace('+', " ");
    FAMILIES
        .into_iter()
        .find(|(word, _)| agent.contains(word))
        .map_or(OTHER, |(_, family)| family)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn apps_are_known_by_what_they_call_themselves() {
        for (agent, expected) in [
            ("iOS/17.5.1 (21F90) dataaccessd/1.0", "ios"),
            ("macOS/14.5 (23F79) dataaccessd/1.0", "macos"),
            ("macOS/14.5 (23F79) CalendarAgent/1112", "macos"),
            ("Mac+OS+X/10.15.7 (19H15) CalendarAgent/930", "macos"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.1.0",
                "thunderbird",
            ),
            (
                "DAVx5/4.4.2-ose (dav4jvm; okhttp/4.12.0) Android/14",
                "davx5",
            ),
            ("Evolution/3.46.4", "gnome"),
            ("gnome-online-accounts/3.50", "gnome"),
            (
                "Mozilla/5.0 (X11; Linux) KHTML/5.103 (like Gecko) KDAV",
                "kde",
            ),
            ("CalDavSynchronizer/4.5.1", "outlook"),
            ("vdirsyncer/0.19.2", "vdirsyncer"),
            ("curl/8.5.0", "curl"),
            ("", OTHER),
            ("Mozilla/5.0 <script>", OTHER),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
            assert_eq!(of(&headers), expected, "{agent}");
        }
        assert_eq!(of(&HeaderMap::new()), NONE);
    }

    #[test]
    fn nothing_that_a_client_sends_makes_a_new_family() {
        let mut headers = HeaderMap::new();
        let agent = HeaderValue::from_bytes(&[0xff; 400]);
        headers.insert(header::USER_AGENT, agent.unwrap());
        assert_eq!(of(&headers), OTHER);
    }
}
