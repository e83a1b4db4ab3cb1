//! A calendar app: one device of one person, over HTTP with its password.

use std::collections::BTreeMap;

use reqwest::{
    Client, Method,
    header::{HeaderMap, HeaderName},
};

/// A device.
#[derive(Clone, Debug)]
pub struct CalendarApp {
    http: Client,
    server: String,
    /// The last segment of the URL of the collection that it looks at.
    collection: String,
    /// Whose it is.
    pub telegram_id: i64,
    /// For basic authentication.
    pub username: String,
    /// For basic authentication.
    pub password: String,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A calendar as PROPFIND shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarState {
    /// `getctag`.
    pub ctag: String,
    /// `sync-token`.
    pub sync_token: String,
    /// Entity tags by the last segment of the URL.
    pub etags: BTreeMap<String, String>,
}

const CALENDAR_STATE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:CS="http://calendarserver.org/ns/">
  <prop><CS:getctag/><sync-token/><getetag/></prop>
</propfind>"#;

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The entity tag.
    pub fn etag(&self) -> &str {
        self.header("etag")
    }
}

impl CalendarApp {
    /// A device of `telegram_id` at `server`.
    pub fn new(server: &str, telegram_id: i64, username: &str, password: &str) -> Self {
        let http = Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Self {
            http,
            server: server.to_owned(),
            collection: "default".to_owned(),
            telegram_id,
            username: username.to_owned(),
            password: password.to_owned(),
        }
    }

    /// The same device at another process.
    pub fn at(&self, server: &str) -> Self {
        Self {
            server: server.to_owned(),
            ..self.clone()
        }
    }

    /// The same device, looking at another of its owner's collections than the default calendar: such as `inbox`.
    pub fn in_collection(&self, collection: &str) -> Self {
        Self {
            collection: collection.to_owned(),
            ..self.clone()
        }
    }

    /// The URL of a resource of the collection; of the collection itself for an empty name.
    pub fn url(&self, name: &str) -> String {
        format!(
            "{}/dav/calendars/{}/{}/{name}",
            self.server, self.telegram_id, self.collection
        )
    }

    /// Stores an object.
    pub async fn put(&self, name: &str, object: impl Into<Vec<u8>>) -> Reply {
        self.request(
            Method::PUT,
            name,
            &[("content-type", "text/calendar; charset=utf-8")],
            object,
        )
        .await
    }

    /// Stores an object under a condition such as `("if-match", "\"…\"")`.
    pub async fn put_if(
        &self,
        name: &str,
        object: impl Into<Vec<u8>>,
        condition: (&str, &str),
    ) -> Reply {
        let headers = [("content-type", "text/calendar"), condition];
        self.request(Method::PUT, name, &headers, object).await
    }

    /// Stores an object that must be taken.
    pub async fn save(&self, name: &str, object: impl Into<Vec<u8>>) {
        let reply = self.put(name, object).await;
        assert!(
            (200..300).contains(&reply.status),
            "PUT {name}: {} {}",
            reply.status,
            reply.text()
        );
    }

    /// Fetches an object that must be there.
    pub async fn get(&self, name: &str) -> Reply {
        let reply = self.request(Method::GET, name, &[], "").await;
        assert_eq!(reply.status, 200, "GET {name}: {}", reply.text());
        reply
    }

    /// Deletes an object that must be there.
    pub async fn delete(&self, name: &str) {
        let reply = self.request(Method::DELETE, name, &[], "").await;
        assert_eq!(reply.status, 204, "DELETE {name}: {}", reply.text());
    }

    /// The calendar with all its entity tags.
    pub async fn calendar(&self) -> CalendarState {
        self.try_calendar().await.expect("the api answers")
    }

    /// The calendar with all its entity tags, where the server need not answer.
    ///
    /// # Errors
    /// What became of the connection.
    pub async fn try_calendar(&self) -> reqwest::Result<CalendarState> {
        let method = Method::from_bytes(b"PROPFIND").expect("a method");
        let headers = [("depth", "1"), ("content-type", "application/xml")];
        let reply = self
            .try_request(method, "", &headers, CALENDAR_STATE)
            .await?;
        assert_eq!(reply.status, 207, "{}", reply.text());
        let xml = reply.text();
        let etags = xml
            .split(":response>")
            .filter_map(|response| {
                let name = element(response, "href")?.rsplit('/').next()?.to_owned();
                Some((name, element(response, "getetag")?))
            })
            .collect();
        Ok(CalendarState {
            ctag: element(&xml, "getctag").expect("a ctag"),
            sync_token: element(&xml, "sync-token").expect("a sync token"),
            etags,
        })
    }

    /// The value of its `Authorization` header, for requests that are written by hand.
    pub fn authorization(&self) -> String {
        let request = self
            .http
            .get(&self.server)
            .basic_auth(&self.username, Some(&self.password))
            .build()
            .expect("a request");
        let value = request.headers().get("authorization").expect("it is set");
        value.to_str().expect("it is ASCII").to_owned()
    }

    /// Any request.
    pub async fn request(
        &self,
        method: Method,
        name: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        let tried = self.try_request(method, name, headers, body).await;
        tried.expect("the api answers")
    }

    /// Any request, which need not be answered.
    ///
    /// # Errors
    /// What became of the connection.
    pub async fn try_request(
        &self,
        method: Method,
        name: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> reqwest::Result<Reply> {
        let mut request = self
            .http
            .request(method, self.url(name))
            .basic_auth(&self.username, Some(&self.password))
            .body(body.into());
        for (name, value) in headers {
            request = request.header(HeaderName::try_from(*name).expect("a header"), *value);
        }
        let response = request.send().await?;
        Ok(Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }
}

/// The text of the first element with this local name, and text in it.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("{name}>"))?;
    let (text, _) = rest.split_once('<')?;
    Some(text.replace("&quot;", "\"").replace("&amp;", "&"))
}
