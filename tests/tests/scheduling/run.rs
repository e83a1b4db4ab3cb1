//! Takes the steps of a script, one after another.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use uuid::Uuid;

use crate::object::{Object, Pattern};
use crate::script::{
    Action, AnswerHeader, Ask, Check, Expectation, InSection, Message, Person, Reply, Request,
    Resource, Script, Tag, by_id,
};
use crate::server::{Answer, Server};

const NAMESPACES: &str = "xmlns:d='DAV:' xmlns:c='urn:ietf:params:xml:ns:caldav' xmlns:cs='http://calendarserver.org/ns/'";

/// The folder of the scripts.
pub fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scheduling/scripts")
}

/// Why a script fails: where, and what was found. A test shows it as it stands here, without a backtrace.
pub struct Failure(anyhow::Error);

impl std::fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:#}", self.0)
    }
}

/// Runs the script of this name.
pub async fn run(name: &str) -> Result<(), Failure> {
    try_to_run(name).await.map_err(Failure)
}

async fn try_to_run(name: &str) -> Result<()> {
    let file = format!("{name}.itip");
    let text = std::fs::read_to_string(scripts().join(&file)).with_context(|| file.clone())?;
    let script = Script::parse(Path::new(&file), &text)?;
    let server = Server::start(script.needs_telegram).await?;
    let mut run = Run {
        server,
        answer: None,
        told_before: BTreeSet::new(),
        remembered: Vec::new(),
    };
    for step in &script.steps {
        if let Err(error) = run.step(&step.action).await {
            run.server.abandon();
            return Err(error.context(format!("{file}:{}: {}", step.line, step.text)));
        }
    }
    run.server.finish().await
}

struct Run {
    server: Server,
    /// To the last request.
    answer: Option<Answer>,
    /// The outbox as it was before the last request.
    told_before: BTreeSet<(Uuid, String, i64)>,
    remembered: Vec<(Resource, State)>,
}

/// What a client knows of a resource and its collection.
#[derive(Clone, Debug)]
struct State {
    etag: String,
    schedule_tag: String,
    ctag: String,
    /// What it got.
    body: String,
}

impl Run {
    async fn step(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::People(people) => {
                for participant in people {
                    self.server.add(*participant).await?;
                }
                Ok(())
            }
            Action::MakeCalendar { who, slug } => {
                let path = format!("{}{slug}/", home(*who));
                let answer = self.server.send(*who, "MKCALENDAR", &path, &[], "").await?;
                ensure!(answer.status == 201, "{answer}");
                Ok(())
            }
            Action::Remember(resource) => {
                self.server.settled().await;
                let state = self.state(resource).await?;
                self.remembered.retain(|(known, _)| known != resource);
                self.remembered.push((resource.clone(), state));
                Ok(())
            }
            Action::Request(request) => self.request(request).await,
            Action::Expect(expectation) => {
                self.server.settled().await;
                self.expect(expectation).await
            }
            Action::Press { who, label } => {
                self.told_before = self.server.outbox().await?;
                self.server.press(*who, label).await
            }
            Action::Start(who) => {
                self.told_before = self.server.outbox().await?;
                self.server.press_start(*who).await
            }
            Action::Block(who) => self.server.block(*who).await,
        }
    }

    async fn request(&mut self, request: &Request) -> Result<()> {
        self.told_before = self.server.outbox().await?;
        let answer = match &request.what {
            Ask::Put { at, object } => self.put(request, at, object, None).await?,
            Ask::Edit { at, edits } => {
                let (path, mut object, tag) = self.known(request, at).await?;
                for InSection {
                    line,
                    section,
                    what,
                } in edits
                {
                    object
                        .edit(section, what)
                        .with_context(|| format!("line {line}"))?;
                }
                self.put(request, at, &object.to_ics(), Some((&path, &tag)))
                    .await?
            }
            Ask::Reply(Reply {
                at,
                part_stat,
                instance,
            }) => {
                let (path, mut object, tag) = self.known(request, at).await?;
                let address = format!("mailto:tg_{}@televent.internal", at.who().id);
                object.answer(&address, part_stat, instance.as_deref())?;
                self.put(request, at, &object.to_ics(), Some((&path, &tag)))
                    .await?
            }
            Ask::Delete(at) => {
                let path = self.path(at).await?;
                let headers = self.headers(request, at).await?;
                self.server
                    .send(at.who(), "DELETE", &path, &borrowed(&headers), "")
                    .await?
            }
            Ask::Transfer { method, from, to } => {
                let path = self.path(from).await?;
                let mut headers = self.headers(request, from).await?;
                headers.push((
                    "Destination".to_owned(),
                    format!("{}{to}", home(from.who())),
                ));
                self.server
                    .send(from.who(), method, &path, &borrowed(&headers), "")
                    .await?
            }
            Ask::FreeBusy { who, object } => {
                let path = format!("{}outbox/", home(*who));
                let headers = [("Content-Type", "text/calendar; charset=utf-8")];
                self.server
                    .send(*who, "POST", &path, &headers, object)
                    .await?
            }
        };
        check_answer(request, &answer)?;
        self.answer = Some(answer);
        Ok(())
    }

    /// A PUT; of an object that was fetched, to where it was, and by its schedule tag if the script has no condition.
    async fn put(
        &self,
        request: &Request,
        at: &Resource,
        object: &str,
        fetched: Option<(&str, &str)>,
    ) -> Result<Answer> {
        let mut headers = self.headers(request, at).await?;
        let is_conditional = headers.iter().any(|(name, _)| name.starts_with("If-"));
        let path = match fetched {
            Some((path, schedule_tag)) => {
                if !is_conditional && !schedule_tag.is_empty() {
                    headers.push(("If-Schedule-Tag-Match".to_owned(), schedule_tag.to_owned()));
                }
                path.to_owned()
            }
            None => self.path(at).await?,
        };
        headers.push((
            "Content-Type".to_owned(),
            "text/calendar; charset=utf-8".to_owned(),
        ));
        self.server
            .send(at.who(), "PUT", &path, &borrowed(&headers), object)
            .await
    }

    /// The headers of a request. `current` and `remembered` are the tags of the resource.
    async fn headers(&self, request: &Request, at: &Resource) -> Result<Vec<(String, String)>> {
        let mut headers = Vec::new();
        for (name, value) in &request.headers {
            let state = match value.as_str() {
                "current" => Some(self.state(at).await?),
                "remembered" => Some(self.remembered(at)?.clone()),
                _ => None,
            };
            let value = match (state, name.as_str()) {
                (None, _) => value.clone(),
                (Some(state), "If-Match") => state.etag,
                (Some(state), "If-Schedule-Tag-Match") => state.schedule_tag,
                (Some(_), _) => bail!("{name} has no tag"),
            };
            headers.push((name.clone(), value));
        }
        Ok(headers)
    }

    async fn expect(&self, expectation: &Expectation) -> Result<()> {
        match expectation {
            Expectation::Object { at, checks } => self.expect_object(at, checks).await,
            Expectation::Nothing(at) => {
                let found = match at {
                    Resource::Path { who, .. } => {
                        let path = self.path(at).await?;
                        let answer = self.server.send(*who, "GET", &path, &[], "").await?;
                        (answer.status != 404).then(|| answer.to_string())
                    }
                    Resource::Copy { who, uid } => {
                        let copies = self.copies(*who, uid).await?;
                        (!copies.is_empty()).then(|| format!("{copies:?}"))
                    }
                    Resource::Message { .. } => {
                        bail!("say what the whole inbox is: `expect bob inbox: empty`")
                    }
                };
                ensure!(found.is_none(), "there is {}", found.unwrap_or_default());
                Ok(())
            }
            Expectation::Inbox { who, messages } => self.expect_inbox(*who, messages).await,
            Expectation::Answer(texts) => {
                let answer = self.answer.as_ref().context("nothing was asked for yet")?;
                expect_texts(texts, &answer.body.replace("&#13;", "\r"))
            }
            Expectation::Told { kind, people } => {
                let now = self.server.outbox().await?;
                let told = now
                    .difference(&self.told_before)
                    .filter(|(_, known, _)| known == kind);
                let told: BTreeSet<_> = told
                    .map(|(_, _, id)| by_id(*id).map_or("?", |person| person.name))
                    .collect();
                let expected: BTreeSet<_> = people.iter().map(|person| person.name).collect();
                ensure!(told == expected, "{told:?} are told");
                Ok(())
            }
            Expectation::Card { who, lines } => {
                expect_texts(lines, &self.server.card(*who).await?.text)
            }
        }
    }

    async fn expect_object(&self, at: &Resource, checks: &[Check]) -> Result<()> {
        let (_, object, _) = self.fetch(at).await?;
        for check in checks {
            match check {
                Check::Property(InSection {
                    line,
                    section,
                    what,
                }) => {
                    object
                        .check(section, what, true)
                        .with_context(|| format!("line {line}"))?;
                }
                Check::NoProperty(InSection {
                    line,
                    section,
                    what,
                }) => {
                    object
                        .check(section, what, false)
                        .with_context(|| format!("line {line}"))?;
                }
                Check::NoComponent { line, section } => {
                    object
                        .check_absent(section)
                        .with_context(|| format!("line {line}"))?;
                }
                Check::Tag {
                    line,
                    tag,
                    is_changed,
                } => {
                    let of = |state: &State| match tag {
                        Tag::Entity => state.etag.clone(),
                        Tag::Schedule => state.schedule_tag.clone(),
                        Tag::Collection => state.ctag.clone(),
                    };
                    let (before, now) = (of(self.remembered(at)?), of(&self.state(at).await?));
                    ensure!(
                        (before != now) == *is_changed,
                        "line {line}: it was {before} and is {now}"
                    );
                }
            }
        }
        Ok(())
    }

    async fn expect_inbox(&self, who: Person, expected: &[Message]) -> Result<()> {
        let mut found = self.inbox(who).await?;
        let shown: Vec<String> = found.iter().map(|(_, object)| object.to_string()).collect();
        for message in expected {
            let at = found
                .iter()
                .position(|(_, object)| is_message(object, message));
            let at = at.with_context(|| format!("there is no {message:?} in {shown:#?}"))?;
            found.remove(at);
        }
        ensure!(found.is_empty(), "there is more in {shown:#?}");
        Ok(())
    }

    fn remembered(&self, at: &Resource) -> Result<&State> {
        let mut remembered = self.remembered.iter();
        let found = remembered.find(|(known, _)| known == at);
        found
            .map(|(_, state)| state)
            .with_context(|| format!("nothing was remembered of {at:?}"))
    }

    async fn state(&self, at: &Resource) -> Result<State> {
        let (path, answer) = self.get(at).await?;
        let tag = |name| answer.header(name).unwrap_or_default().to_owned();
        let (collection, _) = path.rsplit_once('/').context("a path has a collection")?;
        let body = format!("<d:propfind {NAMESPACES}><d:prop><cs:getctag/></d:prop></d:propfind>");
        let collection = format!("{collection}/");
        let found = self
            .server
            .send(at.who(), "PROPFIND", &collection, &[("Depth", "0")], &body)
            .await?;
        let ctag = texts(&found.body, "getctag")
            .into_iter()
            .next()
            .with_context(|| found.to_string())?;
        Ok(State {
            etag: tag("etag"),
            schedule_tag: tag("schedule-tag"),
            ctag,
            body: answer.body,
        })
    }

    /// As [`Self::fetch`]; the object as it was remembered, if that is what the request's condition names.
    async fn known(&self, request: &Request, at: &Resource) -> Result<(String, Object, String)> {
        let (path, mut object, schedule_tag) = self.fetch(at).await?;
        if request
            .headers
            .iter()
            .any(|(_, value)| value == "remembered")
        {
            object = Object::parse(&self.remembered(at)?.body);
        }
        Ok((path, object, schedule_tag))
    }

    /// The path, the object and its schedule tag.
    async fn fetch(&self, at: &Resource) -> Result<(String, Object, String)> {
        let (path, answer) = self.get(at).await?;
        let schedule_tag = answer.header("schedule-tag").unwrap_or_default().to_owned();
        Ok((path, Object::parse(&answer.body), schedule_tag))
    }

    async fn get(&self, at: &Resource) -> Result<(String, Answer)> {
        let path = self.path(at).await?;
        let answer = self.server.send(at.who(), "GET", &path, &[], "").await?;
        ensure!(answer.status == 200, "GET {path}: {answer}");
        Ok((path, answer))
    }

    async fn path(&self, at: &Resource) -> Result<String> {
        match at {
            Resource::Path { path, .. } if path.starts_with('/') => Ok(path.clone()),
            Resource::Path { who, path } => Ok(format!("{}{path}", home(*who))),
            Resource::Copy { who, uid } => {
                let copies = self.copies(*who, uid).await?;
                let [path] = copies.as_slice() else {
                    bail!(
                        "{} has {} copies of {uid}: {copies:?}",
                        who.name,
                        copies.len()
                    );
                };
                Ok(path.clone())
            }
            Resource::Message { who, message } => {
                let inbox = self.inbox(*who).await?;
                let found = inbox.iter().find(|(_, object)| is_message(object, message));
                let (path, _) = found.with_context(|| format!("no such message in {inbox:#?}"))?;
                Ok(path.clone())
            }
        }
    }

    /// Where the calendars of somebody have objects with this UID.
    async fn copies(&self, who: Person, uid: &str) -> Result<Vec<String>> {
        let body =
            format!("<d:propfind {NAMESPACES}><d:prop><d:resourcetype/></d:prop></d:propfind>");
        let answer = self
            .server
            .send(who, "PROPFIND", &home(who), &[("Depth", "1")], &body)
            .await?;
        ensure!(answer.status == 207, "{answer}");
        let calendars =
            responses(&answer.body).filter(|response| response.contains("<c:calendar/>"));
        let mut found = Vec::new();
        for calendar in calendars.filter_map(|response| texts(response, "href").into_iter().next())
        {
            let body = format!(
                "<c:calendar-query {NAMESPACES}><d:prop><c:calendar-data/></d:prop>\
                 <c:filter><c:comp-filter name='VCALENDAR'/></c:filter></c:calendar-query>"
            );
            let answer = self
                .server
                .send(who, "REPORT", &calendar, &[("Depth", "1")], &body)
                .await?;
            ensure!(answer.status == 207, "{answer}");
            for response in responses(&answer.body) {
                let data = texts(response, "calendar-data").concat();
                if Object::parse(&data.replace("&#13;", "")).value("UID") == Some(uid) {
                    found.extend(texts(response, "href").into_iter().next());
                }
            }
        }
        Ok(found)
    }

    /// The messages in somebody's inbox, with their paths.
    async fn inbox(&self, who: Person) -> Result<Vec<(String, Object)>> {
        let inbox = format!("{}inbox/", home(who));
        let body = format!("<d:propfind {NAMESPACES}><d:prop><d:getetag/></d:prop></d:propfind>");
        let answer = self
            .server
            .send(who, "PROPFIND", &inbox, &[("Depth", "1")], &body)
            .await?;
        ensure!(answer.status == 207, "{answer}");
        let mut messages = Vec::new();
        for path in texts(&answer.body, "href")
            .into_iter()
            .filter(|path| *path != inbox)
        {
            let answer = self.server.send(who, "GET", &path, &[], "").await?;
            ensure!(answer.status == 200, "GET {path}: {answer}");
            messages.push((path, Object::parse(&answer.body)));
        }
        Ok(messages)
    }
}

fn check_answer(request: &Request, answer: &Answer) -> Result<()> {
    ensure!(answer.status == request.status, "the answer is {answer}");
    if let Some(condition) = &request.condition {
        let named = ["/", ">"]
            .iter()
            .any(|end| answer.body.contains(&format!(":{condition}{end}")));
        ensure!(named, "{condition} is not named in {answer}");
    }
    for AnswerHeader {
        is_there,
        name,
        value,
    } in &request.answer_headers
    {
        let found = answer.header(name);
        let as_wanted =
            found.is_some_and(|found| value.as_deref().is_none_or(|value| value == found));
        ensure!(
            as_wanted == *is_there,
            "{name} is not as expected in {answer}"
        );
    }
    Ok(())
}

fn expect_texts(expected: &[(bool, String)], text: &str) -> Result<()> {
    for (is_there, expected) in expected {
        let problem = if *is_there { "there is no" } else { "there is" };
        ensure!(
            text.contains(expected) == *is_there,
            "{problem} {expected:?} in\n{text}"
        );
    }
    Ok(())
}

fn is_message(object: &Object, message: &Message) -> bool {
    let from = message.from.is_none_or(|from| {
        let pattern = Pattern::parse(&format!("ATTENDEE:mailto:tg_{}@televent.internal", from.id));
        pattern.is_ok_and(|pattern| object.has(&pattern))
    });
    from && object.value("METHOD") == Some(&message.method)
        && object.value("UID") == Some(&message.uid)
}

fn home(who: Person) -> String {
    format!("/dav/calendars/{}/", who.id)
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// The `DAV:response` elements of a multistatus.
fn responses(xml: &str) -> impl Iterator<Item = &str> {
    xml.split("<d:response>").skip(1)
}

/// The texts of the elements with this local name.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for piece in xml.split('<').filter(|piece| !piece.starts_with('/')) {
        if let Some((element, text)) = piece.split_once('>')
            && element.rsplit(':').next() == Some(name)
        {
            texts.push(
                text.replace("&quot;", "\"")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&amp;", "&"),
            );
        }
    }
    texts
}
