//! A calendar app of a test: what it knows, what it always sends, and the answers that it gets.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use reqwest::{
    Method, RequestBuilder,
    header::{HeaderMap, HeaderName},
    redirect::Policy,
};
use url::Url;

use crate::{
    multistatus::Multistatus,
    server::Login,
    xml::{Element, propfind},
};

/// What distinguishes the requests of one app from those of another.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    pub user_agent: &'static str,
    /// Of bodies in XML.
    pub xml_type: &'static str,
    /// Sent with every request.
    pub headers: &'static [(&'static str, &'static str)],
}

/// An app with an account.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    login: Login,
    habits: Habits,
}

/// Where an app has found everything of its account.
#[derive(Clone, Debug)]
pub struct Account {
    pub principal: String,
    pub home: String,
    pub inbox: String,
    pub outbox: String,
    /// The first of `calendar-user-address-set`: the ORGANIZER of what the app makes.
    pub address: String,
}

/// What came back. It shows itself whole.
#[derive(Clone, Debug)]
pub struct Answer {
    request: String,
    pub status: u16,
    headers: HeaderMap,
    pub body: String,
}

impl Client {
    pub fn new(login: &Login, habits: Habits) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .user_agent(habits.user_agent)
            .build()?;
        Ok(Self {
            http,
            login: login.clone(),
            habits,
        })
    }

    /// The same app on its best behaviour: without the headers that it always sends.
    pub fn without_habits(&self) -> Self {
        let mut plain = self.clone();
        plain.habits.headers = &[];
        plain
    }

    pub fn username(&self) -> &str {
        &self.login.username
    }

    /// A request with the user's name and password.
    pub async fn send(
        &self,
        method: &str,
        href: &str,
        headers: &[(&str, &str)],
        body: impl Into<String>,
    ) -> Result<Answer> {
        let request = self.request(method, href, headers, body.into())?;
        let login = &self.login;
        let request = request.basic_auth(&login.username, Some(&login.password));
        Answer::to(request, format!("{method} {href}")).await
    }

    /// A request as every app sends its first one: it does not know yet that it must log in.
    pub async fn send_without_login(
        &self,
        method: &str,
        href: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer> {
        let request = self.request(method, href, headers, body.to_owned())?;
        Answer::to(request, format!("{method} {href} without login")).await
    }

    fn request(
        &self,
        method: &str,
        href: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<RequestBuilder> {
        let method = Method::from_bytes(method.as_bytes())?;
        let url = Url::parse(&self.login.server)?.join(href)?;
        let mut all = HeaderMap::new();
        if body.starts_with("<?xml") {
            all.insert("content-type", self.habits.xml_type.parse()?);
        }
        for (name, value) in self.habits.headers.iter().chain(headers) {
            all.append(HeaderName::try_from(*name)?, value.parse()?);
        }
        Ok(self.http.request(method, url).headers(all).body(body))
    }

    /// PROPFIND with a body of the app's own; it must be answered.
    pub async fn propfind_with(&self, href: &str, depth: &str, body: &str) -> Result<Multistatus> {
        self.send("PROPFIND", href, &[("depth", depth)], body)
            .await?
            .multistatus()
    }

    /// PROPFIND for these properties; it must be answered.
    pub async fn propfind(&self, href: &str, depth: &str, names: &[&str]) -> Result<Multistatus> {
        self.propfind_with(href, depth, &propfind(names)).await
    }

    /// REPORT; it must be answered with a multistatus.
    pub async fn report(&self, href: &str, depth: &str, body: &str) -> Result<Multistatus> {
        self.send("REPORT", href, &[("depth", depth)], body)
            .await?
            .multistatus()
    }

    pub async fn put(&self, href: &str, condition: (&str, &str), object: &str) -> Result<Answer> {
        let headers = [("content-type", "text/calendar; charset=utf-8"), condition];
        self.send("PUT", href, &headers, object).await
    }

    /// Stores an object that is new; it must be taken.
    pub async fn create(&self, href: &str, object: &str) -> Result<Answer> {
        self.put(href, ("if-none-match", "*"), object)
            .await?
            .expect(201)
    }

    pub async fn get(&self, href: &str) -> Result<Answer> {
        self.send("GET", href, &[], "").await
    }

    /// `getctag` and `sync-token` of a calendar.
    pub async fn state(&self, calendar: &str) -> Result<(String, String)> {
        let found = self
            .propfind(calendar, "0", &["CS:getctag", "D:sync-token"])
            .await?;
        let of = |name| anyhow::Ok(found.of(calendar)?.text(name)?.to_owned());
        Ok((of("CS:getctag")?, of("D:sync-token")?))
    }
}

impl Answer {
    async fn to(request: RequestBuilder, what: String) -> Result<Self> {
        let response = request.send().await?;
        Ok(Self {
            request: what,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await?,
        })
    }

    /// The answer, which must have this status.
    pub fn expect(self, status: u16) -> Result<Self> {
        ensure!(self.status == status, "expected {status}: {self}");
        Ok(self)
    }

    /// A header that must be there.
    pub fn header(&self, name: &str) -> Result<&str> {
        let value = self
            .headers
            .get(name)
            .with_context(|| format!("no {name}: {self}"))?;
        Ok(value.to_str()?)
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// Whether a header that is a list has this in it.
    pub fn lists(&self, name: &str, item: &str) -> Result<bool> {
        let list = self.header(name)?;
        Ok(list.split(',').any(|listed| listed.trim() == item))
    }

    /// The body as XML.
    pub fn xml(&self) -> Result<Element> {
        let media_type = self.header("content-type")?;
        ensure!(
            media_type.starts_with("application/xml") || media_type.starts_with("text/xml"),
            "{media_type} is not XML: {self}"
        );
        Element::parse(&self.body).with_context(|| format!("{self}"))
    }

    /// The body of a 207.
    pub fn multistatus(&self) -> Result<Multistatus> {
        ensure!(self.status == 207, "expected 207: {self}");
        self.xml()?;
        Multistatus::parse(&self.body).with_context(|| format!("{self}"))
    }

    /// The precondition that the body of a refusal names.
    pub fn condition(&self) -> Result<String> {
        let error = self.xml()?;
        ensure!(error.name == "D:error", "no D:error: {self}");
        let first = error
            .children
            .first()
            .with_context(|| format!("no condition: {self}"))?;
        Ok(first.name.clone())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.request, self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value:?}")?;
        }
        write!(f, "\n{}", self.body.replace("><", ">\n<"))
    }
}
