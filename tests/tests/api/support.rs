//! Two accounts with a device each, requests by them, and answers as text.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::Body,
    http::{Request, Response, header},
};
use http_body_util::BodyExt as _;
use sqlx::AssertSqlSafe;
use televent_api::{Api, router};
use televent_broker::RelayWaker;
use televent_calendar::{InternalDomain, TelegramUserId};
use televent_store::{DeviceSecret, NewUser, Store};
use televent_tests::TestDatabase;
use tower::ServiceExt as _;
use uuid::Uuid;

/// The owner of the calendar, who asks unless a test says otherwise.
pub const ANN: i64 = 1_001;
/// Somebody else with an account.
pub const EVE: i64 = 6_666;
/// Ann's calendar.
pub const CALENDAR: &str = "/dav/calendars/1001/default/";
/// A resource in it.
pub const EVENT: &str = "/dav/calendars/1001/default/a.ics";
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
        "ORGANIZER:mailto:tg_1001@televent.internal\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_98765@televent.internal\r\n",
    )
}

/// The tag of this content, as it stands in `ETag`.
pub fn etag(content: &str) -> String {
    format!("\"{}\"", televent_store::digest(content.as_bytes()))
}

/// The server and its accounts.
pub struct Ground {
    pub store: Store,
    pub database: TestDatabase,
    pub router: Router,
    pub ann: String,
    pub eve: String,
}

impl Ground {
    pub async fn new() -> Result<Self> {
        Self::with_public_url(PUBLIC_URL).await
    }

    pub async fn with_public_url(public_url: &str) -> Result<Self> {
        let database = TestDatabase::create().await?;
        let store = database.store.clone();
        let ann = account(&store, ANN, "Ann").await?;
        let eve = account(&store, EVE, "Eve").await?;
        let api = Api {
            store: store.clone(),
            domain: InternalDomain::default(),
            relay: RelayWaker::default(),
            public_url: public_url.to_owned(),
        };
        Ok(Self {
            store,
            database,
            router: router(api),
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
        let body = format!(
            "<d:propfind xmlns:d='DAV:' xmlns:c='urn:ietf:params:xml:ns:caldav' xmlns:cs='http://calendarserver.org/ns/'>{inner}</d:propfind>"
        );
        self.send("PROPFIND", path, &[("depth", depth)], body).await
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
async fn account(store: &Store, telegram_id: i64, name: &str) -> Result<String> {
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

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Sorted.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    async fn read(response: Response<Body>) -> Result<Self> {
        let (parts, body) = response.into_parts();
        let mut headers = Vec::new();
        for (name, value) in &parts.headers {
            headers.push((name.as_str().to_owned(), value.to_str()?.to_owned()));
        }
        headers.sort();
        Ok(Self {
            status: parts.status.as_u16(),
            headers,
            body: body.collect().await?.to_bytes().to_vec(),
        })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status, headers and body. The `DAV` header and the length are left out where they are as they should be. XML
    /// has a line for each element.
    pub fn shown(&self) -> String {
        let mut shown = format!("{}\n", self.status);
        for (name, value) in &self.headers {
            let as_it_should_be = match name.as_str() {
                "dav" => value == "1, 3, calendar-access",
                "content-length" => *value == self.body.len().to_string(),
                _ => false,
            };
            if !as_it_should_be {
                // Writing to a text can't fail.
                let _ = writeln!(shown, "{name}: {value}");
            }
        }
        let body = self.text();
        if !body.is_empty() {
            shown.push('\n');
            shown.push_str(body.replace("><", ">\n<").trim_end());
        }
        shown.trim_end().to_owned()
    }
}

/// The answer that names a violated precondition.
pub fn violated(status: u16, condition: &str, why: &str) -> String {
    format!(
        "{status}\ncontent-type: application/xml; charset=utf-8\n\n{ROOT_ERROR}\n{condition}\n\
         <d:responsedescription>{why}</d:responsedescription>\n</d:error>"
    )
}

const ROOT_ERROR: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <d:error xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:cs=\"http://calendarserver.org/ns/\">";

/// A whole multistatus with these responses in it.
pub fn multistatus(responses: &str) -> String {
    format!(
        "207\ncontent-type: application/xml; charset=utf-8\n\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:cs=\"http://calendarserver.org/ns/\">\n\
         {responses}\n</d:multistatus>"
    )
}

/// A `DAV:response`: properties that are there, and the names of those that are not.
pub fn response(href: &str, found: &str, missing: &str) -> String {
    let propstat = |properties: &str, status: &str| {
        let properties = if properties.is_empty() {
            String::new()
        } else {
            format!("{properties}\n")
        };
        format!(
            "<d:propstat>\n<d:prop>\n{properties}</d:prop>\n<d:status>HTTP/1.1 {status}</d:status>\n</d:propstat>\n"
        )
    };
    let not_found = if missing.is_empty() {
        String::new()
    } else {
        propstat(missing, "404 Not Found")
    };
    format!(
        "<d:response>\n<d:href>{href}</d:href>\n{}{not_found}</d:response>",
        propstat(found, "200 OK")
    )
}
