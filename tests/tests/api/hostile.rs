//! Bodies that were made to hurt: each is refused, or taken, and the process goes on as if nothing had been.

use anyhow::Result;

use crate::support::{CALENDAR, EVENT, Ground, object};

/// A body of this size hurts nobody, whatever is in it.
const BYTES: usize = 30_000;

/// As large as a body of XML may be.
const XML_BYTES: usize = 4 * 1024 * 1024;

/// A beginning, a piece again and again (with its number for `#`) up to this size, and an end.
fn filled(begin: &str, piece: &str, end: &str, bytes: usize) -> String {
    let mut body = begin.to_owned();
    for number in 0.. {
        if body.len() + piece.len() + end.len() + 8 > bytes {
            break;
        }
        body.push_str(&piece.replace('#', &number.to_string()));
    }
    body + end
}

/// An event can be stored, read and removed.
async fn all_is_well(ground: &Ground) -> Result<()> {
    let sent = object("uid-well", "");
    assert_eq!(ground.put(EVENT, sent.clone()).await?.status, 201);
    assert_eq!(ground.get(EVENT).await?.text(), sent);
    assert_eq!(ground.send("DELETE", EVENT, &[], "").await?.status, 204);
    Ok(())
}

#[tokio::test]
async fn thirty_kilobytes_of_nested_components_hurt_nobody() -> Result<()> {
    let ground = Ground::new().await?;
    for (begin, piece, end) in [
        ("", "BEGIN:VCALENDAR\r\n", ""),
        ("BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\n", ""),
        ("BEGIN:VCALENDAR\r\n", "BEGIN:X-#\r\n", ""),
        ("", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ""),
        ("", "END:VCALENDAR\r\n", ""),
        (
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:",
            "\r\n ",
            "\r\n",
        ),
        (
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE",
            ";CN=\"a\"",
            "\r\n",
        ),
    ] {
        let answer = ground.put(EVENT, filled(begin, piece, end, BYTES)).await?;
        assert_eq!(answer.status, 403, "{begin}{piece}: {}", answer.shown());
    }
    let half = BYTES / 28;
    let closed = format!(
        "{}{}",
        "BEGIN:VEVENT\r\n".repeat(half),
        "END:VEVENT\r\n".repeat(half)
    );
    assert_eq!(ground.put(EVENT, closed).await?.status, 403);
    all_is_well(&ground).await
}

#[tokio::test]
async fn the_largest_bodies_of_xml_hurt_nobody() -> Result<()> {
    let ground = Ground::new().await?;
    for (begin, piece, end) in [
        ("", "<a>", ""),
        ("", "<", ""),
        (
            "<d:propfind xmlns:d='DAV:'",
            " xmlns:a#='b'",
            "><d:prop/></d:propfind>",
        ),
        (
            "<d:propfind xmlns:d='DAV:'",
            " a#='b'",
            "><d:prop/></d:propfind>",
        ),
        (
            "<d:propfind xmlns:d='DAV:'>",
            "<a:x xmlns:a='u#'/>",
            "</d:propfind>",
        ),
        ("<d:propfind xmlns:d='DAV:'>", "<d:prop>", ""),
        ("<d:propfind xmlns:d='DAV:' a='", "&#65;", "'></d:propfind>"),
        (
            "<d:propfind xmlns:d='DAV:'>",
            "<![CDATA[]]>",
            "</d:propfind>",
        ),
        (
            "<!DOCTYPE a [",
            "<!ENTITY a# '&a;&a;'>",
            "]><d:propfind xmlns:d='DAV:'/>",
        ),
    ] {
        let body = filled(begin, piece, end, XML_BYTES);
        let answer = ground
            .send("PROPFIND", CALENDAR, &[("depth", "0")], body)
            .await?;
        assert_eq!(answer.status, 400, "{begin}{piece}: {}", answer.shown());
    }
    all_is_well(&ground).await
}
