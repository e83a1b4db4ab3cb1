//! Request bodies that are hardly XML, or too much of it.

use anyhow::Result;

use crate::support::{CALENDAR, Ground};

async fn refused(ground: &Ground, body: impl Into<axum::body::Body>) -> Result<String> {
    let answer = ground
        .send("PROPFIND", CALENDAR, &[("depth", "0")], body)
        .await?;
    anyhow::ensure!(answer.status == 400, "{}", answer.shown());
    Ok(answer.text().trim_end().to_owned())
}

fn propfind(inner: &str) -> String {
    format!("<propfind xmlns='DAV:'>{inner}</propfind>")
}

#[tokio::test]
async fn attributes_are_bounded_and_well_formed() -> Result<()> {
    let ground = Ground::new().await?;
    let attributes =
        |count: usize| -> String { (0..count).map(|index| format!(" a{index}='x'")).collect() };
    let element = |attributes: &str| propfind(&format!("<prop><displayname{attributes}/></prop>"));
    let answer = ground
        .send(
            "PROPFIND",
            CALENDAR,
            &[("depth", "0")],
            element(&attributes(32)),
        )
        .await?;
    assert_eq!(answer.status, 207);
    assert_eq!(
        refused(&ground, element(&attributes(33))).await?,
        "an element has more than 32 attributes"
    );
    for attributes in [
        " a='1' a='2'",
        " a",
        " a=1",
        " x:a='1'",
        " a='&none;'",
        " 1='x'",
    ] {
        let why = refused(&ground, element(attributes)).await;
        assert!(why.is_ok(), "{attributes}: {why:?}");
    }
    Ok(())
}

#[tokio::test]
async fn names_and_namespaces_are_bounded() -> Result<()> {
    let ground = Ground::new().await?;
    let why = "a name is longer than 256 bytes of namespace and 128 of local name";
    let local = |length: usize| propfind(&format!("<prop><{}/></prop>", "x".repeat(length)));
    let namespace = |length: usize| {
        propfind(&format!(
            "<prop><e:e xmlns:e='{}'/></prop>",
            "x".repeat(length)
        ))
    };
    for (body, is_taken) in [
        (local(128), true),
        (local(129), false),
        (namespace(256), true),
        (namespace(257), false),
    ] {
        if is_taken {
            assert_eq!(
                ground
                    .send("PROPFIND", CALENDAR, &[("depth", "0")], body)
                    .await?
                    .status,
                207
            );
        } else {
            assert_eq!(refused(&ground, body).await?, why);
        }
    }
    Ok(())
}

#[tokio::test]
async fn one_root_and_nothing_around_it() -> Result<()> {
    let ground = Ground::new().await?;
    let all = propfind("<allprop/>");
    for (body, why) in [
        (format!("{all}{all}"), "the body has two roots"),
        (
            format!("{all}text"),
            "there is text outside of the root element",
        ),
        (
            format!("text{all}"),
            "there is text outside of the root element",
        ),
        (format!("{all}<a>"), "the body has two roots"),
        (
            format!("<!DOCTYPE propfind>{all}"),
            "a DOCTYPE is not accepted",
        ),
        (
            format!("{all}<!DOCTYPE propfind>"),
            "a DOCTYPE is not accepted",
        ),
        (
            "<!-- nothing -->".to_owned(),
            "the body holds no XML element",
        ),
        (
            "<?xml version='1.0'?>".to_owned(),
            "the body holds no XML element",
        ),
    ] {
        assert_eq!(refused(&ground, body.clone()).await?, why, "{body}");
    }
    for body in [
        format!(
            "\u{feff}<?xml version='1.0' encoding='utf-8'?>\n<!-- a --><?pi x?>{all}\n<!-- b -->\n"
        ),
        propfind("<!-- <prop> --><prop><![CDATA[ ]]><displayname/></prop>"),
    ] {
        assert_eq!(
            ground
                .send("PROPFIND", CALENDAR, &[("depth", "0")], body)
                .await?
                .status,
            207
        );
    }
    Ok(())
}

#[tokio::test]
async fn depth_is_bounded_for_every_method_that_reads_a_document() -> Result<()> {
    let ground = Ground::new().await?;
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    for (method, path) in [
        ("PROPFIND", CALENDAR),
        ("PROPPATCH", CALENDAR),
        ("REPORT", CALENDAR),
        ("MKCALENDAR", "/dav/calendars/1001/work/"),
        ("MKCOL", "/dav/calendars/1001/work/"),
    ] {
        let answer = ground
            .send(method, path, &[("depth", "0")], deep.clone())
            .await?;
        assert_eq!(
            (answer.status, answer.text().trim_end()),
            (400, "the body is nested deeper than 32 levels"),
            "{method}"
        );
    }
    Ok(())
}

/// What a client may set it must get back as XML.
#[tokio::test]
async fn values_with_characters_that_xml_can_not_hold_come_back_without_them() -> Result<()> {
    let ground = Ground::new().await?;
    let change = "<d:set><d:prop><e:note xmlns:e='urn:e'>a&#9;b&#13;c\u{1}d\u{fffe}e</e:note></d:prop></d:set>";
    let answer = ground.proppatch(CALENDAR, change).await?;
    assert!(answer.status < 500, "{}", answer.shown());
    if answer.status == 207 {
        let answer = ground
            .propfind(CALENDAR, "0", "<e:note xmlns:e='urn:e'/>")
            .await?;
        assert!(
            answer
                .text()
                .contains("<note xmlns=\"urn:e\">a\tb&#13;cde</note>"),
            "{}",
            answer.text()
        );
    }
    for reference in ["&#0;", "&#x0;", "&#xD800;", "&#x110000;", "&none;", "&;"] {
        refused(
            &ground,
            propfind(&format!("<prop><a>{reference}</a></prop>")),
        )
        .await?;
    }
    Ok(())
}
