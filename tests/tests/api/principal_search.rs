//! By what people are found: principal-property-search (RFC 3744 section 9.4), and Apple's calendarserver-principal-search.

use anyhow::Result;
use televent_store::Directory;

use crate::{
    principals::{BOB, CAROL, search, with_people, words},
    support::{
        Answer, CALENDAR, Ground, PRINCIPAL, PUBLIC_URL, multistatus, object, response, violated,
    },
};

async fn finds(property: &str, cases: &[(&str, &str, &[&str])]) -> Result<()> {
    let ground = with_people(Directory::Acquaintances).await?;
    for (match_type, text, expected) in cases {
        let text = format!("<d:match{match_type}>{text}</d:match>");
        let found = search(&ground, "", &[(property, &text)]).await?;
        assert_eq!(found, *expected, "{property} {text}");
    }
    Ok(())
}

const STARTS: &str = " match-type='starts-with'";
const ENDS: &str = " match-type='ends-with'";
const EQUALS: &str = " match-type='equals'";

#[tokio::test]
async fn names_match_as_it_is_said_in_any_case() -> Result<()> {
    finds(
        "d:displayname",
        &[
            ("", "van DER", &[BOB]),
            (" match-type='contains'", "erg", &[BOB]),
            (STARTS, "bob", &[BOB]),
            (STARTS, "van", &[]),
            (ENDS, "BERG", &[BOB]),
            (ENDS, "bob", &[]),
            (EQUALS, "bob van der berg", &[BOB]),
            (EQUALS, "bob", &[]),
            ("", "оЛЬ", &[CAROL]),
            ("", "tg_98765", &[]),
            ("", "%", &[]),
            ("", ".*", &[]),
        ],
    )
    .await
}

#[tokio::test]
async fn addresses_match_with_and_without_their_scheme() -> Result<()> {
    finds(
        "c:calendar-user-address-set",
        &[
            ("", "mailto:tg_98765@televent.internal", &[BOB]),
            (EQUALS, "MAILTO:TG_98765@Televent.Internal", &[BOB]),
            (EQUALS, "tg_98765@televent.internal", &[BOB]),
            (EQUALS, "tg_9876@televent.internal", &[]),
            (STARTS, "tg_98", &[BOB]),
            ("", "van", &[]),
        ],
    )
    .await?;
    finds(
        "cs:email-address-set",
        &[
            ("", "tg_4711@", &[CAROL]),
            ("", "tg_98765@example.org", &[]),
        ],
    )
    .await
}

#[tokio::test]
async fn several_searches_hold_all_or_any() -> Result<()> {
    let ground = with_people(Directory::Acquaintances).await?;
    let bob = ("d:displayname", "<d:match>bob</d:match>");
    let smith = ("d:displayname", "<d:match>smith</d:match>");
    let number = ("c:calendar-user-address-set", "<d:match>98765</d:match>");
    for (test, searches, expected) in [
        ("", &[bob, number][..], &[BOB][..]),
        ("test='allof'", &[bob, smith], &[]),
        ("test='anyof'", &[bob, smith], &[BOB, CAROL]),
        ("test='anyof'", &[bob, number], &[BOB]),
        (
            "test='anyof'",
            &[("d:nothing", "<d:match>bob</d:match>")],
            &[],
        ),
        (
            "test='anyof'",
            &[("d:nothing", "<d:match>bob</d:match>"), smith],
            &[CAROL],
        ),
    ] {
        assert_eq!(
            search(&ground, test, searches).await?,
            expected,
            "{test} {searches:?}"
        );
    }
    Ok(())
}

/// Some clients name the properties that they want beside an empty `DAV:prop`.
#[tokio::test]
async fn properties_are_returned_wherever_they_are_named() -> Result<()> {
    let ground = with_people(Directory::Acquaintances).await?;
    let look = "<d:property-search><d:prop><d:displayname/></d:prop><d:match>bob</d:match></d:property-search>";
    let found = "<d:displayname>Bob van der Berg</d:displayname>\n\
                 <c:calendar-user-address-set>\n<d:href preferred=\"1\">mailto:tg_98765@televent.internal</d:href>\n</c:calendar-user-address-set>";
    let expected = multistatus(&response(BOB, found, "<c:schedule-inbox-URL/>"));
    let names = "<d:displayname/><c:calendar-user-address-set/><c:schedule-inbox-URL/>";
    for asked in [
        format!("{look}<d:prop>{names}</d:prop>"),
        format!("{look}<d:prop/>{names}"),
        format!("{look}<d:prop/><d:apply-to-principal-collection-set/>{names}"),
    ] {
        for path in ["/dav/", "/dav/principals/", PRINCIPAL] {
            let answer = ground
                .report(path, "d:principal-property-search", &asked)
                .await?;
            assert_eq!(answer.shown(), expected, "{path} {asked}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn words_begin_names_or_addresses() -> Result<()> {
    let ground = with_people(Directory::Acquaintances).await?;
    for (tokens, expected) in [
        (&["bo"][..], &[BOB][..]),
        (&["BERG"], &[BOB]),
        (&["van", "bob"], &[BOB]),
        (&["bob van"], &[BOB]),
        (&["ob"], &[]),
        (&["bob", "smith"], &[]),
        (&["ольга"], &[CAROL]),
        (&["smi"], &[CAROL]),
        (&["bobby"], &[BOB]),
        (&["@bobby_b"], &[BOB]),
        (&["tg_98765"], &[BOB]),
        (&["tg_98765@televent.internal"], &[BOB]),
        (&["mailto:tg_98765@televent.internal"], &[BOB]),
        (&["tg_9876@televent.internal"], &[]),
        (&["bob", ""], &[BOB]),
    ] {
        assert_eq!(words(&ground, tokens).await?, expected, "{tokens:?}");
    }
    let ask = async |inner: &str| {
        ground
            .report(
                "/dav/principals/",
                "cs:calendarserver-principal-search",
                inner,
            )
            .await
    };
    assert_eq!(ask("<d:prop/>").await?.status, 400);
    let token = "<cs:search-token>x</cs:search-token>";
    assert_eq!(ask(&token.repeat(17)).await?.status, 400);
    assert_eq!(ask(&token.repeat(16)).await?.status, 207);
    Ok(())
}

#[tokio::test]
async fn searchable_properties_are_told() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground
        .report("/dav/principals/", "d:principal-search-property-set", "")
        .await?;
    assert_eq!(answer.status, 200);
    let searchable = answer.all_between("<d:principal-search-property><d:prop><", "/>");
    assert_eq!(
        searchable,
        [
            "d:displayname",
            "c:calendar-user-address-set",
            "cs:email-address-set"
        ]
    );
    assert_eq!(
        answer.all_between("<d:description xml:lang=\"en\">", "<"),
        ["Name", "Calendar address", "Email address"]
    );
    Ok(())
}

#[tokio::test]
async fn number_and_length_of_searches_and_of_people_are_bounded() -> Result<()> {
    let ground = Ground::with(PUBLIC_URL, Directory::Everyone).await?;
    ground
        .sql(
            "insert into users (telegram_id, name) select 100000 + n, 'Person ' || n from generate_series(1, 120) n;",
        )
        .await?;
    ground
        .sql(
            "insert into calendars (id, owner, slug, display_name)
             select gen_random_uuid(), 100000 + n, 'default', 'c' from generate_series(1, 120) n",
        )
        .await?;
    let too_many = async |answer: Answer| {
        assert_eq!(answer.hrefs().len(), 101);
        assert!(answer.text().ends_with(
            "<d:status>HTTP/1.1 507 Insufficient Storage</d:status><d:error><d:number-of-matches-within-limits/></d:error></d:response></d:multistatus>"
        ));
    };
    let look = "<d:property-search><d:prop><d:displayname/></d:prop><d:match>person</d:match></d:property-search>";
    let asked = format!("{look}<d:prop><d:displayname/></d:prop>");
    too_many(
        ground
            .report("/dav/principals/", "d:principal-property-search", &asked)
            .await?,
    )
    .await;
    let asked = "<cs:search-token>person</cs:search-token><d:prop><d:displayname/></d:prop>";
    too_many(
        ground
            .report(
                "/dav/principals/",
                "cs:calendarserver-principal-search",
                asked,
            )
            .await?,
    )
    .await;
    let limited = format!("<cs:limit><cs:nresults>5</cs:nresults></cs:limit>{asked}");
    let answer = ground
        .report(
            "/dav/principals/",
            "cs:calendarserver-principal-search",
            &limited,
        )
        .await?;
    assert_eq!(answer.hrefs().len(), 6);

    let long = look.replace("person", &"x".repeat(257));
    for asked in [look.repeat(17), long] {
        let answer = ground
            .report("/dav/principals/", "d:principal-property-search", &asked)
            .await?;
        assert_eq!(answer.status, 400, "{}", answer.shown());
    }
    let answer = ground
        .report(CALENDAR, "d:principal-property-search", look)
        .await?;
    let why = "the report principal-property-search is not answered here";
    assert_eq!(answer.shown(), violated(403, "<d:supported-report/>", why));
    Ok(())
}

/// A control character in a search is no reason to fail.
#[tokio::test]
async fn any_text_can_be_searched_for() -> Result<()> {
    let ground = with_people(Directory::Everyone).await?;
    ground
        .put("/dav/calendars/1001/default/b.ics", object("uid-b", ""))
        .await?;
    for text in [
        "\0",
        "a\0b",
        "\u{1}",
        "\\",
        "[a",
        "(",
        "*",
        "\u{10ffff}",
        "  ",
    ] {
        let body = format!("<cs:search-token>{text}</cs:search-token><d:prop/>");
        let answer = ground
            .report(
                "/dav/principals/",
                "cs:calendarserver-principal-search",
                &body,
            )
            .await?;
        assert!(answer.status < 500, "{text:?}: {}", answer.shown());
        let body = format!(
            "<d:property-search><d:prop><d:displayname/></d:prop><d:match>{text}</d:match></d:property-search><d:prop/>"
        );
        let answer = ground
            .report("/dav/principals/", "d:principal-property-search", &body)
            .await?;
        assert!(answer.status < 500, "{text:?}: {}", answer.shown());
    }
    Ok(())
}
