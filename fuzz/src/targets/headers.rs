//! Headers of requests: the first line is the path, each other one a header.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Names and values.
pub(crate) const WORDS: &[&str] = &[
    "Depth: 0\n",
    "Depth: infinity\n",
    "Overwrite: F\n",
    "Destination: http://x/dav/calendars/5/default/a.ics\n",
    "If: (<data:,token> [\"tag\"])\n",
    "If: ",
    "(",
    ")",
    "<",
    ">",
    "[\"tag\"]",
    "Not ",
    "W/\"tag\"",
    "If-Match: \"tag\", \"b\"\n",
    "If-None-Match: *\n",
    "If-Schedule-Tag-Match: \"tag\"\n",
    "Prefer: return=minimal, depth-noroot\n",
    "Brief: t\n",
    "Schedule-Reply: F\n",
    "Authorization: Basic dGdfNTp4\n",
    "Authorization: Bearer x\n",
    "Content-Type: text/calendar; charset=utf-8\n",
    "Accept-Language: de;q=0.5, en\n",
    "q=NaN",
    "q=inf",
    ",",
    ";",
    "\"",
];

/// Reads them.
pub(crate) fn run(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let path = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let value = value[1..].trim_ascii();
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            let _ = headers.try_append(name, value);
        }
    }
    televent_api::fuzzing::headers(&headers, &path);
}
