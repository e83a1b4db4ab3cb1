//! Access control (RFC 3744): it can be read everywhere, and changed nowhere.

use anyhow::Result;

use crate::support::{
    CALENDAR, EVENT, Ground, HOME, INBOX, OUTBOX, PRINCIPAL, multistatus, object, response,
    violated,
};

fn privileges(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("<d:privilege>\n<{name}/>\n</d:privilege>\n"))
        .collect()
}

const OF_CALENDAR: [&str; 9] = [
    "d:read",
    "d:read-current-user-privilege-set",
    "d:read-acl",
    "c:read-free-busy",
    "d:write",
    "d:write-properties",
    "d:write-content",
    "d:bind",
    "d:unbind",
];

const OF_INBOX: [&str; 9] = [
    "d:read",
    "d:read-current-user-privilege-set",
    "d:read-acl",
    "d:write-properties",
    "d:unbind",
    "c:schedule-deliver",
    "c:schedule-deliver-invite",
    "c:schedule-deliver-reply",
    "c:schedule-query-freebusy",
];

const OF_OUTBOX: [&str; 8] = [
    "d:read",
    "d:read-current-user-privilege-set",
    "d:read-acl",
    "d:write-properties",
    "c:schedule-send",
    "c:schedule-send-invite",
    "c:schedule-send-reply",
    "c:schedule-send-freebusy",
];

const OF_HOME: [&str; 7] = [
    "d:read",
    "d:read-current-user-privilege-set",
    "d:read-acl",
    "d:write",
    "d:write-properties",
    "d:bind",
    "d:unbind",
];

const OF_PRINCIPAL: [&str; 4] = [
    "d:read",
    "d:read-current-user-privilege-set",
    "d:read-acl",
    "d:write-properties",
];

const OF_ROOT: [&str; 2] = ["d:read", "d:read-current-user-privilege-set"];

#[tokio::test]
async fn everybody_has_all_rights_in_their_own_home() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let owner = "<d:property>\n<d:owner/>\n</d:property>";
    let anybody = "<d:authenticated/>";
    for (path, granted, who) in [
        (EVENT, &OF_CALENDAR[..], owner),
        (CALENDAR, &OF_CALENDAR[..], owner),
        (HOME, &OF_HOME[..], owner),
        (INBOX, &OF_INBOX[..], owner),
        (OUTBOX, &OF_OUTBOX[..], owner),
        (PRINCIPAL, &OF_PRINCIPAL[..], owner),
        ("/dav/principals/", &OF_ROOT[..], anybody),
        ("/dav/calendars/", &OF_ROOT[..], anybody),
        ("/dav/", &OF_ROOT[..], anybody),
    ] {
        let answer = ground
            .propfind(path, "0", "<d:current-user-privilege-set/><d:acl/>")
            .await?;
        let privileges = privileges(granted);
        let found = format!(
            "<d:current-user-privilege-set>\n{privileges}</d:current-user-privilege-set>\n\
             <d:acl>\n<d:ace>\n<d:principal>\n{who}\n</d:principal>\n<d:grant>\n{privileges}</d:grant>\n<d:protected/>\n</d:ace>\n</d:acl>"
        );
        assert_eq!(answer.shown(), multistatus(&response(path, &found, "")));
    }
    Ok(())
}

#[tokio::test]
async fn owner_is_who_the_home_belongs_to() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let asked = "<d:owner/><d:acl-restrictions/><d:inherited-acl-set/>";
    let rest = "<d:acl-restrictions>\n<d:grant-only/>\n<d:no-invert/>\n</d:acl-restrictions>\n";
    for path in [EVENT, CALENDAR, HOME, INBOX, OUTBOX, PRINCIPAL] {
        let found = format!(
            "<d:owner>\n<d:href>{PRINCIPAL}</d:href>\n</d:owner>\n{rest}<d:inherited-acl-set>\n</d:inherited-acl-set>"
        );
        let answer = ground.propfind(path, "0", asked).await?;
        assert_eq!(answer.shown(), multistatus(&response(path, &found, "")));
    }
    let answer = ground
        .propfind("/dav/principals/", "0", "<d:owner/>")
        .await?;
    assert_eq!(
        answer.shown(),
        multistatus(&response("/dav/principals/", "", "<d:owner/>"))
    );
    Ok(())
}

/// Each privilege that is granted somewhere is one that the tree of the supported ones names.
#[tokio::test]
async fn supported_privileges_contain_those_that_are_granted() -> Result<()> {
    let ground = Ground::new().await?;
    let answer = ground
        .propfind(CALENDAR, "0", "<d:supported-privilege-set/>")
        .await?;
    let text = answer.text();
    assert_eq!(
        text.matches("<d:supported-privilege>").count(),
        text.matches("</d:supported-privilege>").count()
    );
    for name in [&OF_CALENDAR[..], &OF_INBOX, &OF_OUTBOX, &OF_HOME].concat() {
        let privilege =
            format!("<d:privilege><{name}/></d:privilege><d:description xml:lang=\"en\">");
        assert_eq!(text.matches(&privilege).count(), 1, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn acl_can_not_be_changed() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, object("uid-a", "")).await?;
    let ace = "<d:ace><d:principal><d:all/></d:principal><d:grant><d:privilege><d:read/></d:privilege></d:grant></d:ace>";
    let why = "everybody has all rights in their own home, and that can't be changed";
    for path in [EVENT, CALENDAR, HOME, INBOX, OUTBOX, PRINCIPAL] {
        let answer = ground.send_xml("ACL", path, &[], "d:acl", ace).await?;
        assert_eq!(
            answer.shown(),
            violated(403, "<d:no-protected-ace-conflict/>", why),
            "{path}"
        );
    }
    assert_eq!(
        ground
            .send_xml("ACL", "/dav/", &[], "d:acl", ace)
            .await?
            .status,
        405
    );
    assert_eq!(
        ground
            .send_xml("ACL", "/dav/calendars/6666/", &[], "d:acl", ace)
            .await?
            .status,
        404
    );
    Ok(())
}
