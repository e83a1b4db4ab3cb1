//! `If-Match` and `If-None-Match` on real resources, and GET that answers "not modified".

use anyhow::Result;

use crate::support::{EVENT, Ground, etag, object};

const REFUSED: &str =
    "412\ncontent-type: text/plain; charset=utf-8\n\nthe resource is not as the condition says";

#[tokio::test]
async fn put_on_nothing_follows_its_conditions() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    for (name, value) in [
        ("if-match", "*"),
        ("if-match", "\"a\""),
        ("if-match", "W/\"a\", \"b\""),
    ] {
        let answer = ground.put_if(EVENT, (name, value), &body).await?;
        assert_eq!(answer.shown(), REFUSED, "{name}: {value}");
    }
    assert_eq!(ground.ctag().await?, (1, 1));
    for (name, value) in [("if-none-match", "*"), ("if-none-match", "\"a\"")] {
        let answer = ground.put_if(EVENT, (name, value), &body).await?;
        assert_eq!(
            answer.shown(),
            format!("201\netag: {}", etag(&body)),
            "{name}: {value}"
        );
        ground.delete(EVENT).await?;
    }
    Ok(())
}

#[tokio::test]
async fn put_on_something_follows_its_conditions() -> Result<()> {
    let ground = Ground::new().await?;
    let bodies = [object("uid-a", ""), object("uid-a", "LOCATION:Here\r\n")];
    ground.put(EVENT, bodies[0].clone()).await?;
    let tag = etag(&bodies[0]);
    for (name, value) in [
        ("if-none-match", "*".to_owned()),
        ("if-none-match", tag.clone()),
        ("if-none-match", format!("W/{tag}")),
        ("if-none-match", format!("\"x\", {tag}")),
        ("if-match", "\"x\"".to_owned()),
        ("if-match", format!("W/{tag}")),
    ] {
        let answer = ground.put_if(EVENT, (name, &value), &bodies[1]).await?;
        assert_eq!(answer.shown(), REFUSED, "{name}: {value}");
    }
    assert_eq!(ground.get(EVENT).await?.text(), bodies[0]);
    assert_eq!(ground.ctag().await?, (2, 2));

    let mut now = 0;
    for condition in ["*", "{tag}", "\"x\", {tag}", "W/\"y\",{tag}"] {
        let value = condition.replace("{tag}", &etag(&bodies[now]));
        now = 1 - now;
        let answer = ground
            .put_if(EVENT, ("if-match", &value), &bodies[now])
            .await?;
        assert_eq!(
            answer.shown(),
            format!("204\netag: {}", etag(&bodies[now])),
            "if-match: {value}"
        );
    }
    assert_eq!(
        ground
            .put_if(EVENT, ("if-none-match", "\"x\""), &bodies[1 - now])
            .await?
            .status,
        204
    );
    assert_eq!(ground.ctag().await?, (7, 7));
    Ok(())
}

#[tokio::test]
async fn stale_client_can_not_overwrite_even_with_the_same_content() -> Result<()> {
    let ground = Ground::new().await?;
    let (first, second) = (object("uid-a", ""), object("uid-a", "LOCATION:Here\r\n"));
    ground.put(EVENT, first.clone()).await?;
    ground.put(EVENT, second.clone()).await?;
    for body in [&first, &second] {
        let answer = ground
            .put_if(EVENT, ("if-match", &etag(&first)), body)
            .await?;
        assert_eq!(answer.shown(), REFUSED);
    }
    assert_eq!(
        ground
            .put_if(EVENT, ("if-none-match", "*"), &second)
            .await?
            .shown(),
        REFUSED
    );
    Ok(())
}

#[tokio::test]
async fn delete_follows_its_conditions() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    let tag = etag(&body);
    for (name, value) in [
        ("if-match", "\"stale\""),
        ("if-none-match", "*"),
        ("if-none-match", tag.as_str()),
    ] {
        let answer = ground.send("DELETE", EVENT, &[(name, value)], "").await?;
        assert_eq!(answer.shown(), REFUSED, "{name}: {value}");
    }
    assert_eq!(ground.ctag().await?, (2, 2));
    let answer = ground
        .send("DELETE", EVENT, &[("if-match", &tag)], "")
        .await?;
    assert_eq!(answer.shown(), "204");
    assert_eq!(
        ground
            .send("DELETE", EVENT, &[("if-match", &tag)], "")
            .await?
            .status,
        404
    );
    assert_eq!(ground.ctag().await?, (3, 3));
    Ok(())
}

#[tokio::test]
async fn get_of_what_the_client_has_is_not_modified() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    let tag = etag(&body);
    for value in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = ground
            .send("GET", EVENT, &[("if-none-match", &value)], "")
            .await?;
        assert_eq!(
            answer.shown(),
            format!("304\naccept-ranges: none\netag: {tag}"),
            "{value}"
        );
    }
    let answer = ground
        .send("GET", EVENT, &[("if-none-match", "\"x\"")], "")
        .await?;
    assert_eq!((answer.status, answer.text()), (200, body));
    Ok(())
}

#[tokio::test]
async fn conditions_in_several_lines_are_one_list() -> Result<()> {
    let ground = Ground::new().await?;
    let body = object("uid-a", "");
    ground.put(EVENT, body.clone()).await?;
    let tag = etag(&body);
    let answer = ground
        .send(
            "GET",
            EVENT,
            &[("if-none-match", "\"x\""), ("if-none-match", &tag)],
            "",
        )
        .await?;
    assert_eq!(answer.status, 304);
    Ok(())
}
