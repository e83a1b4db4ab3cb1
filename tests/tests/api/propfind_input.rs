//! PROPFIND with what is no good request.

use anyhow::Result;

use crate::support::{CALENDAR, Ground, multistatus, response, violated};

const REFUSED: &str =
    "Depth: infinity, which is also meant by no Depth at all, is not served; send 0 or 1";

async fn refused(ground: &Ground, body: impl Into<axum::body::Body>) -> Result<String> {
    let answer = ground
        .send("PROPFIND", CALENDAR, &[("depth", "0")], body)
        .await?;
    let shown = answer.shown();
    let why = shown.strip_prefix("400\ncontent-type: text/plain; charset=utf-8\n\n");
    Ok(why.map_or_else(|| format!("not refused: {shown}"), str::to_owned))
}

#[tokio::test]
async fn depth_must_be_finite() -> Result<()> {
    let ground = Ground::new().await?;
    for (headers, why) in [
        (&[][..], REFUSED),
        (&[("depth", "infinity")][..], REFUSED),
        (&[("depth", "Infinity")][..], REFUSED),
    ] {
        let answer = ground.send("PROPFIND", CALENDAR, headers, "").await?;
        assert_eq!(
            answer.shown(),
            violated(403, "<d:propfind-finite-depth/>", why)
        );
    }
    for depth in ["2", "-1", "", "1,noroot"] {
        let answer = ground
            .send("PROPFIND", CALENDAR, &[("depth", depth)], "")
            .await?;
        assert_eq!(
            answer.shown(),
            "400\ncontent-type: text/plain; charset=utf-8\n\nDepth is 0, 1 or infinity",
            "{depth}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_xml_is_refused() -> Result<()> {
    let ground = Ground::new().await?;
    assert_eq!(
        refused(&ground, "  ").await?,
        "the body holds no XML element"
    );
    assert_eq!(
        refused(&ground, "hello").await?,
        "there is text outside of the root element"
    );
    assert_eq!(
        refused(&ground, b"<a>\xff</a>".to_vec()).await?,
        "the body is not UTF-8"
    );
    assert_eq!(
        refused(&ground, "<d:propfind/>").await?,
        "the prefix d is bound to no namespace"
    );
    assert_eq!(
        refused(&ground, "<propfind xmlns='DAV:'>").await?,
        "the body ends before its elements are closed"
    );
    assert!(
        refused(&ground, "<propfind xmlns='DAV:'></prop>")
            .await?
            .starts_with("the body is not well-formed XML: ")
    );
    assert_eq!(
        refused(&ground, "<a/><b/>").await?,
        "the body has two roots"
    );
    Ok(())
}

#[tokio::test]
async fn doctype_and_entities_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    let bomb = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><propfind xmlns='DAV:'><prop>&b;</prop></propfind>";
    assert_eq!(refused(&ground, bomb).await?, "a DOCTYPE is not accepted");
    let outside =
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><propfind xmlns='DAV:'><allprop/></propfind>";
    assert_eq!(
        refused(&ground, outside).await?,
        "a DOCTYPE is not accepted"
    );
    let unknown = "<propfind xmlns='DAV:'><prop>&b;</prop></propfind>";
    assert_eq!(
        refused(&ground, unknown).await?,
        "the entity &b; is not known"
    );
    Ok(())
}

#[tokio::test]
async fn other_documents_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    assert_eq!(
        refused(&ground, "<propfind><allprop/></propfind>").await?,
        "the body is not a DAV:propfind"
    );
    assert_eq!(
        refused(&ground, "<propertyupdate xmlns='DAV:'/>").await?,
        "the body is not a DAV:propfind"
    );
    assert_eq!(
        refused(&ground, "<propfind xmlns='DAV:'><other/></propfind>").await?,
        "DAV:propfind holds none of prop, propname and allprop"
    );
    Ok(())
}

/// A name that is none would make our answer something that is no XML.
#[tokio::test]
async fn names_that_are_none_are_refused() -> Result<()> {
    let ground = Ground::new().await?;
    for name in [
        "a\"b",
        "1",
        "-a",
        "a:b:c",
        "a&b",
        "a='1'",
        "a\u{1}b",
        "a\u{fffe}",
        "x:",
    ] {
        let body = format!(
            "<propfind xmlns='DAV:' xmlns:a='urn:a' xmlns:x='urn:x'><prop><{name}/></prop></propfind>"
        );
        let why = refused(&ground, body).await?;
        assert!(!why.starts_with("not refused"), "{name:?}: {why}");
    }
    let body = "<propfind xmlns='DAV:'><prop><größe-1.2_x/></prop></propfind>";
    assert!(refused(&ground, body).await?.contains("<d:größe-1.2_x/>"));
    Ok(())
}

#[tokio::test]
async fn size_depth_and_number_are_bounded() -> Result<()> {
    let ground = Ground::new().await?;
    let of = |bytes: usize| {
        let document = "<propfind xmlns='DAV:'><allprop/></propfind>";
        format!("{document}{}", " ".repeat(bytes - document.len()))
    };
    let answer = ground
        .send(
            "PROPFIND",
            CALENDAR,
            &[("depth", "0")],
            of(4 * 1024 * 1024 + 1),
        )
        .await?;
    assert_eq!(
        answer.shown(),
        "413\ncontent-type: text/plain; charset=utf-8\n\nthe body is too large"
    );
    let answer = ground
        .send("PROPFIND", CALENDAR, &[("depth", "0")], of(4 * 1024 * 1024))
        .await?;
    assert_eq!(answer.status, 207);

    let deep = format!(
        "<propfind xmlns='DAV:'>{}{}</propfind>",
        "<prop>".repeat(32),
        "</prop>".repeat(32)
    );
    assert_eq!(
        refused(&ground, deep).await?,
        "the body is nested deeper than 32 levels"
    );
    let many = format!(
        "<propfind xmlns='DAV:'><prop>{}</prop></propfind>",
        "<a/>".repeat(30_000)
    );
    assert_eq!(
        refused(&ground, many).await?,
        "the body has more than 30000 elements"
    );
    Ok(())
}

#[tokio::test]
async fn properties_are_answered_once_and_their_number_is_bounded() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground
        .propfind(CALENDAR, "0", "<cs:getctag/><cs:getctag/><d:a/><d:a/>")
        .await?;
    let expected = multistatus(&response(CALENDAR, "<cs:getctag>1</cs:getctag>", "<d:a/>"));
    assert_eq!(answer.shown(), expected);

    let names = |count: usize| {
        (0..count)
            .map(|index| format!("<p{index}/>"))
            .collect::<String>()
    };
    for list in ["prop", "include"] {
        let ask = |count: usize| {
            format!(
                "<propfind xmlns='DAV:'><allprop/><{list}>{}</{list}></propfind>",
                names(count)
            )
        };
        let why = refused(&ground, ask(101)).await?;
        assert_eq!(why, "the body names more than 100 properties", "{list}");
        assert!(
            refused(&ground, ask(100))
                .await?
                .starts_with("not refused: 207"),
            "{list}"
        );
    }
    Ok(())
}
