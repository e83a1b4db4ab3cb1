//! PROPPATCH (RFC 4918 section 9.2): dead properties are kept as they were sent, live ones that can be changed are, and of one
//! request all is done or nothing.

use anyhow::Result;

use crate::support::{
    Answer, CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, multistatus, object, propstat,
    response,
};

pub fn set(properties: &str) -> String {
    format!("<d:set><d:prop>{properties}</d:prop></d:set>")
}

pub fn remove(properties: &str) -> String {
    format!("<d:remove><d:prop>{properties}</d:prop></d:remove>")
}

/// An answer with these propstats.
pub fn verdict(href: &str, propstats: &[String]) -> String {
    multistatus(&format!(
        "<d:response>\n<d:href>{href}</d:href>\n{}</d:response>",
        propstats.concat()
    ))
}

/// A propstat that names the condition that is violated.
pub fn refused(properties: &str, status: &str, condition: &str) -> String {
    let error = format!("</d:status>\n<d:error>\n<{condition}/>\n</d:error>\n</d:propstat>");
    propstat(properties, status).replace("</d:status>\n</d:propstat>", &error)
}

pub const PROTECTED: &str = "d:cannot-modify-protected-property";

pub async fn value(ground: &Ground, path: &str, property: &str) -> Result<Answer> {
    ground.propfind(path, "0", property).await
}

#[tokio::test]
async fn dead_property_is_kept_on_every_resource_that_takes_one() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for path in [CALENDAR, EVENT, HOME, INBOX, OUTBOX, PRINCIPAL] {
        let answer = ground
            .proppatch(path, &set("<e:note xmlns:e='urn:e'>for later</e:note>"))
            .await?;
        assert_eq!(
            answer.shown(),
            verdict(path, &[propstat("<x:note xmlns:x=\"urn:e\"/>", "200 OK")])
        );
        let answer = value(
            &ground,
            path,
            "<e:note xmlns:e='urn:e'/><e:other xmlns:e='urn:e'/>",
        )
        .await?;
        assert_eq!(
            answer.shown(),
            multistatus(&response(
                path,
                "<note xmlns=\"urn:e\">for later</note>",
                "<x:other xmlns:x=\"urn:e\"/>"
            ))
        );

        let answer = ground
            .proppatch(path, &remove("<e:note xmlns:e='urn:e'/>"))
            .await?;
        assert_eq!(
            answer.shown(),
            verdict(path, &[propstat("<x:note xmlns:x=\"urn:e\"/>", "200 OK")])
        );
        let answer = value(&ground, path, "<e:note xmlns:e='urn:e'/>").await?;
        assert_eq!(
            answer.shown(),
            multistatus(&response(path, "", "<x:note xmlns:x=\"urn:e\"/>"))
        );
    }
    Ok(())
}

/// What a property means to a client may be in any of it: RFC 4918 section 4.3.
#[tokio::test]
async fn value_keeps_attributes_language_nesting_and_namespaces() -> Result<()> {
    let ground = Ground::new().await?;
    let sent = "<e:shape xmlns:e='urn:e' xmlns:f='urn:f' xml:lang='de' f:kind='a&amp;&#10;b' plain='&lt;1'>\
                 Größe &lt;<f:in><e:deep f:x='1'/></f:in> after<bare xmlns=''>&amp;</bare></e:shape>";
    ground.proppatch(CALENDAR, &set(sent)).await?;
    let answer = value(&ground, CALENDAR, "<q:shape xmlns:q='urn:e'/>").await?;
    let kept = "<shape xmlns=\"urn:e\" xml:lang=\"de\" xmlns:a1=\"urn:f\" a1:kind=\"a&amp;&#10;b\" plain=\"&lt;1\">\
                Größe &lt;<in xmlns=\"urn:f\"><deep xmlns=\"urn:e\" xmlns:a0=\"urn:f\" a0:x=\"1\"/></in> \
                after<bare xmlns=\"\">&amp;</bare></shape>";
    assert!(answer.text().contains(kept), "{}", answer.text());
    Ok(())
}

#[tokio::test]
async fn empty_values_and_later_instructions_count() -> Result<()> {
    let ground = Ground::new().await?;
    let changes = [
        set("<e:a xmlns:e='urn:e'>1</e:a><e:b xmlns:e='urn:e'/>"),
        remove("<e:a xmlns:e='urn:e'/><e:never xmlns:e='urn:e'/>"),
        set("<e:a xmlns:e='urn:e'>2</e:a>"),
        set("<e:b xmlns:e='urn:e'> </e:b>"),
    ];
    let answer = ground.proppatch(HOME, &changes.concat()).await?;
    assert_eq!(answer.status, 207);
    assert_eq!(
        answer.all_between("<d:status>", "</d:status>"),
        ["HTTP/1.1 200 OK"]
    );
    let answer = value(
        &ground,
        HOME,
        "<e:a xmlns:e='urn:e'/><e:b xmlns:e='urn:e'/><e:never xmlns:e='urn:e'/>",
    )
    .await?;
    assert_eq!(
        answer.shown(),
        multistatus(&response(
            HOME,
            "<a xmlns=\"urn:e\">2</a>\n<b xmlns=\"urn:e\"> </b>",
            "<x:never xmlns:x=\"urn:e\"/>"
        ))
    );
    Ok(())
}

#[tokio::test]
async fn dead_properties_are_in_allprop_and_propname() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    for path in [EVENT, CALENDAR, HOME] {
        ground
            .proppatch(path, &set("<e:note xmlns:e='urn:e'>x</e:note>"))
            .await?;
        for (asked, expected) in [
            ("<d:allprop/>", "<note xmlns=\"urn:e\">x</note>"),
            ("<d:propname/>", "<x:note xmlns:x=\"urn:e\"/>"),
        ] {
            let text = ground.propfind_body(path, "0", asked).await?.text();
            assert!(text.contains(expected), "{path} {asked}: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn calendar_has_the_name_colour_and_description_that_it_was_given() -> Result<()> {
    let ground = Ground::new().await?;
    let changes = "<d:displayname>  Home &amp; work </d:displayname><a:calendar-color symbolic-color='red'>#FF0000FF</a:calendar-color>\
                   <a:calendar-order>3</a:calendar-order><c:calendar-description xml:lang='en'>Ours</c:calendar-description>";
    let answer = ground.proppatch(CALENDAR, &set(changes)).await?;
    assert_eq!(answer.status, 207, "{}", answer.shown());
    let asked = "<d:displayname/><a:calendar-color/><a:calendar-order/><c:calendar-description/>";
    let answer = value(&ground, CALENDAR, asked).await?;
    let found = "<d:displayname>Home &amp; work</d:displayname>\n\
                 <calendar-color xmlns=\"http://apple.com/ns/ical/\" symbolic-color=\"red\">#FF0000FF</calendar-color>\n\
                 <calendar-order xmlns=\"http://apple.com/ns/ical/\">3</calendar-order>\n\
                 <calendar-description xmlns=\"urn:ietf:params:xml:ns:caldav\" xml:lang=\"en\">Ours</calendar-description>";
    assert_eq!(answer.shown(), multistatus(&response(CALENDAR, found, "")));

    // Without a name it is called as in its URL.
    for change in [
        remove("<d:displayname/>"),
        set("<d:displayname> </d:displayname>"),
    ] {
        ground.proppatch(CALENDAR, &change).await?;
        let answer = value(&ground, CALENDAR, "<d:displayname/>").await?;
        assert!(
            answer
                .text()
                .contains("<d:displayname>default</d:displayname>")
        );
    }
    Ok(())
}

#[tokio::test]
async fn transparency_and_time_zone_are_kept() -> Result<()> {
    let ground = Ground::new().await?;
    let zone = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\n\
                DTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR";
    let change = format!(
        "<c:schedule-calendar-transp><c:transparent/></c:schedule-calendar-transp><c:calendar-timezone>{}</c:calendar-timezone>",
        zone.replace('\r', "&#13;")
    );
    ground.proppatch(CALENDAR, &set(&change)).await?;
    let asked = "<c:schedule-calendar-transp/><c:calendar-timezone/><c:calendar-timezone-id/>";
    let answer = value(&ground, CALENDAR, asked).await?;
    let found = format!(
        "<c:schedule-calendar-transp>\n<c:transparent/>\n</c:schedule-calendar-transp>\n<c:calendar-timezone>{}</c:calendar-timezone>",
        zone.replace('\r', "&#13;")
    );
    assert_eq!(
        answer.shown(),
        multistatus(&response(CALENDAR, &found, "<c:calendar-timezone-id/>"))
    );

    // The two names of the zone exclude each other (RFC 7809 section 5.2).
    ground
        .proppatch(
            CALENDAR,
            &set("<c:calendar-timezone-id>Asia/Tokyo</c:calendar-timezone-id>"),
        )
        .await?;
    let change = set("<c:schedule-calendar-transp><c:opaque/></c:schedule-calendar-transp>");
    ground.proppatch(CALENDAR, &change).await?;
    let answer = value(&ground, CALENDAR, asked).await?;
    let found = "<c:schedule-calendar-transp>\n<c:opaque/>\n</c:schedule-calendar-transp>\n\
                 <c:calendar-timezone-id>Asia/Tokyo</c:calendar-timezone-id>";
    assert_eq!(
        answer.shown(),
        multistatus(&response(CALENDAR, found, "<c:calendar-timezone/>"))
    );
    Ok(())
}

#[tokio::test]
async fn done_is_said_without_a_body_to_who_wants_little() -> Result<()> {
    let ground = Ground::new().await?;
    let minimal = [("prefer", "return=minimal")];
    for (headers, change, expected) in [
        (
            &minimal[..],
            set("<d:displayname>New</d:displayname>"),
            "200\npreference-applied: return=minimal".to_owned(),
        ),
        (
            &[("brief", "t")][..],
            set("<d:displayname>New</d:displayname>"),
            "200\npreference-applied: return=minimal".to_owned(),
        ),
        (
            &minimal[..],
            set("<d:getetag/>"),
            verdict(
                CALENDAR,
                &[refused("<d:getetag/>", "403 Forbidden", PROTECTED)],
            ),
        ),
    ] {
        let answer = ground
            .send_xml("PROPPATCH", CALENDAR, headers, "d:propertyupdate", &change)
            .await?;
        assert_eq!(answer.shown(), expected, "{change}");
    }
    Ok(())
}

#[tokio::test]
async fn property_of_a_calendar_moves_its_ctag_and_one_of_an_object_moves_nothing() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let before = ground.get(EVENT).await?;
    assert_eq!(ground.ctag().await?, (2, 2));
    ground
        .proppatch(EVENT, &set("<e:note xmlns:e='urn:e'/>"))
        .await?;
    assert_eq!(ground.ctag().await?, (2, 2));
    assert_eq!(ground.get(EVENT).await?.shown(), before.shown());
    ground
        .proppatch(CALENDAR, &set("<e:note xmlns:e='urn:e'/>"))
        .await?;
    assert_eq!(ground.ctag().await?, (3, 3));

    // A PUT leaves what was set on the resource.
    ground
        .put(EVENT, object("uid-a", "LOCATION:Here\r\n"))
        .await?;
    let answer = value(&ground, EVENT, "<e:note xmlns:e='urn:e'/>").await?;
    assert_eq!(
        answer.shown(),
        multistatus(&response(EVENT, "<note xmlns=\"urn:e\"/>", ""))
    );
    Ok(())
}
