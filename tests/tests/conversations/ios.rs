//! iOS: an account is added in Settings, with nothing but host name, user name and password.

use anyhow::{Context as _, Result, ensure};

use crate::{
    client::{Account, Client, Habits},
    server::Server,
    xml::expanded,
};

pub const HABITS: Habits = Habits {
    user_agent: "iOS/18.1.1 (22B91) dataaccessd/1.0",
    xml_type: "text/xml",
    headers: &[
        ("accept", "*/*"),
        ("prefer", "return=minimal"),
        ("brief", "t"),
    ],
};

/// The compliance classes without which the account is taken for one without invitations, or is refused.
const NEEDED_CLASSES: [&str; 5] = [
    "1",
    "3",
    "access-control",
    "calendar-access",
    "calendar-auto-schedule",
];

/// What it asks whatever may be the root.
const WHO_AM_I: [&str; 3] = [
    "D:current-user-principal",
    "D:principal-URL",
    "D:resourcetype",
];

/// What it asks a principal.
const PRINCIPAL: [&str; 14] = [
    "C:calendar-home-set",
    "C:calendar-user-address-set",
    "D:current-user-principal",
    "D:displayname",
    "CS:dropbox-home-URL",
    "CS:email-address-set",
    "CS:notification-URL",
    "C:allowed-calendar-component-set",
    "D:principal-collection-set",
    "D:principal-URL",
    "D:resource-id",
    "C:schedule-inbox-URL",
    "C:schedule-outbox-URL",
    "D:supported-report-set",
];

/// The letters that Apple's apps have for namespaces, declared wherever one is used.
const LETTERS: [(&str, &str); 5] = [("D", "A"), ("C", "B"), ("CS", "C"), ("I", "D"), ("ME", "E")];

/// A PROPFIND as Apple's apps write it.
pub fn propfind(names: &[&str]) -> String {
    let names: String = names.iter().map(|name| element(name)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:propfind xmlns:A=\"DAV:\">\n  <A:prop>\n{names}  </A:prop>\n</A:propfind>\n"
    )
}

/// An empty element as Apple's apps write it.
fn element(name: &str) -> String {
    let (namespace, local) = expanded(name);
    let letter = LETTERS
        .iter()
        .find(|(prefix, _)| name.starts_with(&format!("{prefix}:")))
        .map_or("X", |(_, letter)| *letter);
    if letter == "A" {
        return format!("    <A:{local}/>\n");
    }
    format!("    <{letter}:{local} xmlns:{letter}=\"{namespace}\"/>\n")
}

/// From the host name to everything of the account.
pub async fn set_up(client: &Client) -> Result<Account> {
    let root = find_root(client).await?;
    let found = client
        .propfind_with(&root, "0", &propfind(&WHO_AM_I))
        .await?;
    let principal = found.only()?.link("D:current-user-principal")?;
    let options = client
        .send("OPTIONS", &principal, &[], "")
        .await?
        .expect(200)?;
    for class in NEEDED_CLASSES {
        ensure!(options.lists("dav", class)?, "no {class}: {options}");
    }
    let found = client
        .propfind_with(&principal, "0", &propfind(&PRINCIPAL))
        .await?;
    let itself = found.of(&principal)?;
    let address = itself
        .prop("C:calendar-user-address-set")?
        .hrefs()
        .into_iter()
        .find(|href| href.starts_with("mailto:"))
        .context("an address")?;
    Ok(Account {
        home: itself.link("C:calendar-home-set")?,
        inbox: itself.link("C:schedule-inbox-URL")?,
        outbox: itself.link("C:schedule-outbox-URL")?,
        principal,
        address,
    })
}

/// Where the well-known URL leads, once somebody has logged in there.
async fn find_root(client: &Client) -> Result<String> {
    let body = propfind(&WHO_AM_I);
    let depth = [("depth", "0")];
    let redirect = client
        .send_without_login("PROPFIND", "/.well-known/caldav", &depth, &body)
        .await?;
    ensure!(
        [301, 302, 307, 308].contains(&redirect.status),
        "no redirect: {redirect}"
    );
    let root = redirect.header("location")?.to_owned();
    let challenge = client
        .send_without_login("PROPFIND", &root, &depth, &body)
        .await?
        .expect(401)?;
    let scheme = challenge.header("www-authenticate")?;
    ensure!(scheme.starts_with("Basic realm="), "no Basic: {challenge}");
    Ok(root)
}

/// An iPhone of Ann's whose account is set up.
pub async fn phone_of_ann(server: &Server) -> Result<(Client, Account)> {
    let client = Client::new(&server.account(1_001, "Ann").await?, HABITS)?;
    let account = set_up(&client).await?;
    Ok((client, account))
}

#[tokio::test]
async fn account_is_set_up_from_the_host_name_alone() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    assert_eq!(account.address, "mailto:tg_1001@televent.internal");
    for collection in [&account.home, &account.inbox, &account.outbox] {
        let found = client
            .propfind_with(collection, "0", &propfind(&["D:resourcetype", "D:owner"]))
            .await?;
        let itself = found.of(collection)?;
        assert!(
            itself.prop("D:resourcetype")?.has("D:collection"),
            "{itself:#?}"
        );
        assert_eq!(itself.link("D:owner")?, account.principal, "{itself:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn every_first_guess_tells_who_the_user_is() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let with_login = |prefix: &str| format!("{prefix}{}/", client.username());
    for guess in [
        "/".to_owned(),
        "/principals/".to_owned(),
        "/dav/principals/".to_owned(),
        "/calendars/".to_owned(),
        "/caldav/v2".to_owned(),
        with_login("/principals/users/"),
        with_login("/dav/principals/users/"),
        with_login("/caldav/v2/"),
    ] {
        let body = propfind(&WHO_AM_I);
        client
            .send_without_login("PROPFIND", &guess, &[("depth", "0")], &body)
            .await?
            .expect(401)?;
        let found = client.propfind_with(&guess, "0", &body).await?;
        let itself = found.of(&guess)?;
        assert_eq!(
            itself.link("D:current-user-principal")?,
            account.principal,
            "{guess}: {found:#?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn wrong_password_is_asked_for_again() -> Result<()> {
    let server = Server::start().await?;
    let mut login = server.account(1_001, "Ann").await?;
    login.password.make_ascii_uppercase();
    login.password.push('x');
    let client = Client::new(&login, HABITS)?;
    let body = propfind(&WHO_AM_I);
    let answer = client
        .send("PROPFIND", "/dav/", &[("depth", "0")], body)
        .await?
        .expect(401)?;
    let challenge = answer.header("www-authenticate")?;
    assert!(challenge.starts_with("Basic realm="), "{answer}");
    Ok(())
}

#[tokio::test]
async fn principal_tells_everything_that_the_invitees_row_needs() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let found = client
        .propfind_with(&account.principal, "0", &propfind(&PRINCIPAL))
        .await?;
    let itself = found.only()?;
    assert_eq!(itself.text("D:displayname")?, "Ann", "{itself:#?}");
    assert_eq!(itself.link("D:principal-URL")?, account.principal);
    assert_eq!(itself.link("D:current-user-principal")?, account.principal);
    let emails = itself.prop("CS:email-address-set")?;
    assert_eq!(
        emails.child("CS:email-address")?.text,
        "tg_1001@televent.internal"
    );
    let reports = itself.reports()?;
    for report in ["D:expand-property", "D:principal-property-search"] {
        assert!(reports.contains(&report), "no {report}: {itself:#?}");
    }
    // What is not there is left out, as `Prefer: return=minimal` asks.
    assert_eq!(itself.names(404), [""; 0], "{itself:#?}");
    Ok(())
}

#[tokio::test]
async fn people_can_be_searched_by_what_the_principal_collection_lists() -> Result<()> {
    let server = Server::start().await?;
    let (client, account) = phone_of_ann(&server).await?;
    let found = client
        .propfind_with(
            &account.principal,
            "0",
            &propfind(&["D:principal-collection-set"]),
        )
        .await?;
    let collection = found.only()?.link("D:principal-collection-set")?;
    let answer = client
        .send(
            "REPORT",
            &collection,
            &[("depth", "0")],
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:principal-search-property-set xmlns:A=\"DAV:\"/>\n",
        )
        .await?
        .expect(200)?;
    let set = answer.xml()?;
    let mut searchable = Vec::new();
    for property in set.children_named("D:principal-search-property") {
        searchable.extend(property.child("D:prop")?.names());
        assert!(
            !property.child("D:description")?.text.is_empty(),
            "{answer}"
        );
    }
    for name in [
        "D:displayname",
        "CS:email-address-set",
        "C:calendar-user-address-set",
    ] {
        assert!(searchable.contains(&name), "no {name}: {answer}");
    }
    Ok(())
}
