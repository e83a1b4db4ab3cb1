//! Two accounts with a device each, requests by them, and answers as text.

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use sqlx::AssertSqlSafe;
use televent_api::{Api, router};
use televent_broker::RelayWaker;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, InternalDomain, PartStat, Scope, TelegramUserId,
};
use televent_store::{DeviceSecret, Directory, NewUser, Store};
use televent_tests::TestDatabase;
use tower::ServiceExt as _;
use uuid::Uuid;

pub use crate::answer::{Answer, gone, multistatus, propstat, response, violated};

/// The owner of the calendar, who asks unless a test says otherwise.
pub const ANN: i64 = 1_001;
/// Somebody else with an account.
pub const EVE: i64 = 6_666;
/// Ann's calendar.
pub const CALENDAR: &str = "/dav/calendars/1001/default/";
/// A resource in it.
pub const EVENT: &str = "/dav/calendars/1001/default/a.ics";
/// Her principal, home, inbox and outbox.
pub const PRINCIPAL: &str = "/dav/principals/1001/";
pub const HOME: &str = "/dav/calendars/1001/";
pub const INBOX: &str = "/dav/calendars/1001/inbox/";
pub const OUTBOX: &str = "/dav/calendars/1001/outbox/";
/// The prefixes of request bodies.
pub const NAMESPACES: &str = "xmlns:d='DAV:' xmlns:c='urn:ietf:params:xml:ns:caldav' xmlns:cs='http://calendarserver.org/ns/' \
     xmlns:a='http://apple.com/ns/ical/'";
/// What devices are told.
pub const PUBLIC_URL: &str = "https://cal.example";

/// Ids of the calendars, so that sync tokens are known.
const CALENDAR_IDS: u128 = 0xca1e_0000;

pub fn person(id: i64) -> TelegramUserId {
    TelegramUserId::new(id).expect("the ids of the tests are valid")
}

/// An event with these further lines.
pub fn object(uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tests//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART:20260105T100000Z\r\nDTEND:20260105T110000Z\r\nSUMMARY:Lunch\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// An invitation of Bob by Ann, as it is stored.
pub fn invitation(uid: &str) -> String {
    object(
        uid,
        "ORGANIZER:mailto:tg_1001@televent.internal\r\nATTENDEE;PARTSTAT=NEEDS-ACTION;\
         SCHEDULE-STATUS=1.0:mailto:tg_98765@televent\r\n .internal\r\n",
    )
}

/// The object with Bob's answer in it.
pub fn accepted(object: &str) -> String {
    let object = CalendarObject::parse(object.as_bytes().to_vec()).expect("an object");
    let bob = CalendarUserAddress::internal(person(98_765), &InternalDomain::default());
    let answered = object.set_part_stat(&bob, &Scope::All, &PartStat::Accepted);
    String::from_utf8(answered.into_bytes()).expect("UTF-8")
}

/// The tag of this content, as it stands in `ETag`.
pub fn etag(content: &str) -> String {
    format!("\"{}\"", televent_store::digest(content.as_bytes()))
}

/// That tag as it stands in XML.
pub fn xml_etag(content: &str) -> String {
    let tag = etag(content).replace('"', "&quot;");
    format!("<d:getetag>{tag}</d:getetag>")
}

/// This content as it stands in XML.
pub fn xml_data(content: &str) -> String {
    let text = content.replace('\r', "&#13;");
    format!("<c:calendar-data>{text}</c:calendar-data>")
}

/// The server and its accounts.
pub struct Ground {
    pub store: Store,
    pub database: TestDatabase,
    pub api: Api,
    pub router: Router,
    pub ann: String,
    pub eve: String,
}

impl Ground {
    pub async fn new() -> Result<Self> {
        Self::with(PUBLIC_URL, Directory::Acquaintances).await
    }

    pub async fn with(public_url: &str, directory: Directory) -> Result<Self> {
        Self::with_bot(public_url, None, directory).await
    }

    /// `bot_page` is where the bot is met.
    pub async fn with_bot(
        public_url: &str,
        bot_page: Option<&str>,
        directory: Directory,
    ) -> Result<Self> {
        let database = TestDatabase::create().await?;
        let store = database.store.clone();
        let ann = account(&store, ANN, "Ann").await?;
        let eve = account(&store, EVE, "Eve").await?;
        let api = Api {
            store: store.clone(),
            domain: InternalDomain::default(),
            relay: RelayWaker::default(),
            public_url: public_url.to_owned(),
            bot_page: bot_page.map(str::to_owned),
            directory,
        };
        Ok(Self {
            store,
            database,
            router: router(api.clone()),
            api,
            ann,
            eve,
        })
    }

    /// A request by Ann, unless `headers` have credentials.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        {
            request = request.header(header::AUTHORIZATION, &self.ann);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.raw(request.body(body.into())?).await
    }

    /// A request just as it is.
    pub async fn raw(&self, request: Request<Body>) -> Result<Answer> {
        Answer::read(self.router.clone().oneshot(request).await?).await
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, &[], Body::empty()).await
    }

    pub async fn put(&self, path: &str, body: impl Into<Body>) -> Result<Answer> {
        self.send(
            "PUT",
            path,
            &[("content-type", "text/calendar; charset=utf-8")],
            body,
        )
        .await
    }

    pub async fn put_if(&self, path: &str, condition: (&str, &str), body: &str) -> Result<Answer> {
        self.send("PUT", path, &[condition], body.to_owned()).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send("DELETE", path, &[], Body::empty()).await
    }

    /// PROPFIND for named properties, in the prefixes `d`, `c` and `cs`.
    pub async fn propfind(&self, path: &str, depth: &str, properties: &str) -> Result<Answer> {
        self.propfind_body(path, depth, &format!("<d:prop>{properties}</d:prop>"))
            .await
    }

    pub async fn propfind_body(&self, path: &str, depth: &str, inner: &str) -> Result<Answer> {
        self.send_xml("PROPFIND", path, &[("depth", depth)], "d:propfind", inner)
            .await
    }

    /// A request whose body is this in an element of this name.
    pub async fn send_xml(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        root: &str,
        inner: &str,
    ) -> Result<Answer> {
        let body = format!("<{root} {NAMESPACES}>{inner}</{root}>");
        self.send(method, path, headers, body).await
    }

    pub async fn proppatch(&self, path: &str, inner: &str) -> Result<Answer> {
        self.send_xml("PROPPATCH", path, &[], "d:propertyupdate", inner)
            .await
    }

    pub async fn report(&self, path: &str, root: &str, inner: &str) -> Result<Answer> {
        self.send_xml("REPORT", path, &[("depth", "1")], root, inner)
            .await
    }

    /// Makes a calendar in Ann's home, with nothing said of it.
    pub async fn make_calendar(&self, slug: &str) -> Result<()> {
        let path = format!("{HOME}{slug}/");
        let answer = self.send("MKCALENDAR", &path, &[], Body::empty()).await?;
        anyhow::ensure!(answer.status == 201, "{}", answer.shown());
        Ok(())
    }

    /// Puts `count` events into Ann's calendar, named `1.ics` and so on, behind the server's back: a request for each would
    /// take long.
    pub async fn fill(&self, count: usize) -> Result<()> {
        let body = object("uid-@", "").replace('@', "' || n || '");
        self.sql(&format!(
            "insert into events (id, calendar_id, resource_name, uid, component, object, etag, revision, owner_organizes,
                                 schedule_tag, first_occurrence, last_occurrence)
             select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, c.id, n || '.ics', 'uid-' || n, 'VEVENT',
                    convert_to('{body}', 'UTF8'), 'tag-' || n, c.ctag + n, false, '', '2026-01-04', '2026-01-06'
             from calendars c, generate_series(1, {count}) n where c.owner = {ANN} and c.slug = 'default'"
        ))
        .await?;
        self.sql(&format!(
            "update calendars set ctag = ctag + {count} where owner = {ANN} and slug = 'default'"
        ))
        .await
    }

    /// The calendar's ctag, and the counter of its sync token.
    pub async fn ctag(&self) -> Result<(i64, i64)> {
        let text = self
            .propfind(CALENDAR, "0", "<cs:getctag/><d:sync-token/>")
            .await?
            .text();
        let between = |start: &str, end: &str| -> Result<i64> {
            let (_, rest) = text
                .split_once(start)
                .with_context(|| format!("no {start} in {text}"))?;
            let (value, _) = rest
                .split_once(end)
                .with_context(|| format!("no {end} in {text}"))?;
            Ok(value.parse()?)
        };
        Ok((between("<cs:getctag>", "<")?, between("ca1e03e9/", "<")?))
    }

    /// Changes tables behind the server's back.
    pub async fn sql(&self, statement: &str) -> Result<()> {
        let mut connection = self.database.connect().await?;
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// The rows of a query of one text column.
    pub async fn rows(&self, query: &str) -> Result<Vec<String>> {
        let mut connection = self.database.connect().await?;
        Ok(sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_all(&mut connection)
            .await?)
    }

    /// Each outbox row: what, and whom it tells.
    pub async fn outbox(&self) -> Result<Vec<String>> {
        self.rows("select kind || ' ' || telegram_id from outbox_messages order by id")
            .await
    }
}

/// Makes an account with a device. Returns the `Authorization` of the device.
pub async fn account(store: &Store, telegram_id: i64, name: &str) -> Result<String> {
    let user = NewUser {
        telegram_id: person(telegram_id),
        name,
        username: None,
        language: None,
        time_zone: None,
        reachable: None,
        calendar_id: Uuid::from_u128(CALENDAR_IDS + u128::try_from(telegram_id)?),
    };
    store.add_user(&user).await?;
    let secret = DeviceSecret::from_random(rand::random());
    store
        .add_device(Uuid::now_v7(), person(telegram_id), "phone", &secret)
        .await?;
    basic(&format!("tg_{telegram_id}"), &secret.reveal())
}

/// The value of `Authorization` for Basic authentication.
pub fn basic(username: &str, password: &str) -> Result<String> {
    let request = reqwest::Client::new()
        .get(PUBLIC_URL)
        .basic_auth(username, Some(password))
        .build()?;
    let value = request
        .headers()
        .get(header::AUTHORIZATION)
        .context("a request with credentials has the header")?;
    Ok(value.to_str()?.to_owned())
}
