//! Reads a script into steps. The language is told in `scripts/README.md`.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::object::{Edit, Pattern, Section};

/// The people whom a script may name, and their Telegram ids.
const PEOPLE: [(&str, i64); 6] = [
    ("ann", 1_001),
    ("bob", 1_002),
    ("cat", 1_003),
    ("dan", 1_004),
    ("eve", 1_005),
    ("fay", 1_006),
];

/// Steps of which Telegram is a part: a script with one of them runs against whole processes.
const STEPS_IN_TELEGRAM: [&str; 3] = ["press", "start", "block"];

/// Somebody of [`PEOPLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    pub name: &'static str,
    pub id: i64,
}

/// A script.
#[derive(Debug)]
pub struct Script {
    pub steps: Vec<Step>,
    /// Whether somebody does something in Telegram, or a card is read there.
    pub needs_telegram: bool,
}

/// A step, and where it stands.
#[derive(Debug)]
pub struct Step {
    /// From 1.
    pub line: usize,
    pub text: String,
    pub action: Action,
}

/// What a step does.
#[derive(Debug)]
pub enum Action {
    People(Vec<Participant>),
    MakeCalendar { who: Person, slug: String },
    Remember(Resource),
    Request(Request),
    Expect(Expectation),
    Press { who: Person, label: String },
    Start(Person),
    Block(Person),
}

#[derive(Clone, Copy, Debug)]
pub struct Participant {
    pub person: Person,
    pub has_account: bool,
}

/// A request, and the answer to it.
#[derive(Debug)]
pub struct Request {
    pub what: Ask,
    /// Of the request.
    pub headers: Vec<(String, String)>,
    pub status: u16,
    /// The name of the violated precondition.
    pub condition: Option<String>,
    /// Headers of the answer that must be there, or must not.
    pub answer_headers: Vec<AnswerHeader>,
}

#[derive(Debug)]
pub struct AnswerHeader {
    pub is_there: bool,
    pub name: String,
    pub value: Option<String>,
}

/// What is asked for.
#[derive(Debug)]
pub enum Ask {
    Put {
        at: Resource,
        object: String,
    },
    Edit {
        at: Resource,
        edits: Vec<InSection<Edit>>,
    },
    Reply(Reply),
    Delete(Resource),
    /// COPY or MOVE, to a path in one's home.
    Transfer {
        method: &'static str,
        from: Resource,
        to: String,
    },
    FreeBusy {
        who: Person,
        object: String,
    },
}

/// An answer by PUT of one's copy.
#[derive(Debug)]
pub struct Reply {
    pub at: Resource,
    pub part_stat: String,
    /// One instance, or all that is there.
    pub instance: Option<String>,
}

/// Where something is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Under one's home.
    Path { who: Person, path: String },
    /// In whichever of one's calendars it is.
    Copy { who: Person, uid: String },
    /// A message in one's inbox.
    Message { who: Person, message: Message },
}

impl Resource {
    pub fn who(&self) -> Person {
        match self {
            Self::Path { who, .. } | Self::Copy { who, .. } | Self::Message { who, .. } => *who,
        }
    }
}

/// A scheduling message in an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub method: String,
    pub uid: String,
    /// Whose reply it is.
    pub from: Option<Person>,
}

/// What must be so.
#[derive(Debug)]
pub enum Expectation {
    Object {
        at: Resource,
        checks: Vec<Check>,
    },
    Nothing(Resource),
    Inbox {
        who: Person,
        messages: Vec<Message>,
    },
    /// What the last answer's body says, and what not.
    Answer(Vec<(bool, String)>),
    /// Who is written to because of the last request: a kind of outbox row, and people.
    Told {
        kind: &'static str,
        people: Vec<Person>,
    },
    /// What somebody's newest card says, and what not.
    Card {
        who: Person,
        lines: Vec<(bool, String)>,
    },
}

/// Something to be done or to be so at a place of the object; it keeps its line.
#[derive(Debug)]
pub struct InSection<T> {
    pub line: usize,
    pub section: Section,
    pub what: T,
}

/// What must be so of an object.
#[derive(Debug)]
pub enum Check {
    Property(InSection<Pattern>),
    NoProperty(InSection<Pattern>),
    NoComponent {
        line: usize,
        section: Section,
    },
    /// Something beside the object, in comparison with what was remembered.
    Tag {
        line: usize,
        tag: Tag,
        is_changed: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Entity,
    Schedule,
    /// Of its collection.
    Collection,
}

/// A line that belongs to a step, without its indentation.
struct Inner<'a> {
    line: usize,
    text: &'a str,
}

impl Script {
    /// Reads a script. Errors name the file and the line.
    pub fn parse(file: &Path, text: &str) -> Result<Self> {
        let mut script = Self {
            steps: Vec::new(),
            needs_telegram: false,
        };
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(at, text)| (at + 1, text))
            .peekable();
        while let Some((line, text)) = lines.next() {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let mut inner = Vec::new();
            while let Some((line, text)) =
                lines.next_if(|(_, text)| text.starts_with("  ") || text.trim().is_empty())
            {
                if let Some(text) = text.strip_prefix("  ").filter(|text| !text.is_empty()) {
                    inner.push(Inner { line, text });
                }
            }
            let action = action(text, &inner)
                .with_context(|| format!("{}:{line}: {text}", file.display()))?;
            let first = text.split_whitespace().next().unwrap_or_default();
            script.needs_telegram |= STEPS_IN_TELEGRAM.contains(&first)
                || matches!(&action, Action::Expect(Expectation::Card { .. }));
            script.steps.push(Step {
                line,
                text: text.to_owned(),
                action,
            });
        }
        Ok(script)
    }
}

fn action(head: &str, inner: &[Inner<'_>]) -> Result<Action> {
    if let Some((request, answer)) = head.split_once(" -> ") {
        return Ok(Action::Request(request_step(request, answer, inner)?));
    }
    let words: Vec<&str> = head.split_whitespace().collect();
    if !matches!(words.as_slice(), ["expect", ..]) {
        ensure!(inner.is_empty(), "the step has no lines of its own");
    }
    match words.as_slice() {
        ["people", people @ ..] => Ok(Action::People(participants(people)?)),
        ["calendar", who, slug] => Ok(Action::MakeCalendar {
            who: person(who)?,
            slug: (*slug).to_owned(),
        }),
        ["remember", resource @ ..] => Ok(Action::Remember(self::resource(resource)?)),
        ["press", who, label @ ..] => Ok(Action::Press {
            who: person(who)?,
            label: label.join(" "),
        }),
        ["start", who] => Ok(Action::Start(person(who)?)),
        ["block", who] => Ok(Action::Block(person(who)?)),
        ["expect", expectation @ ..] => Ok(Action::Expect(expect(expectation, inner)?)),
        [
            "put" | "edit" | "reply" | "delete" | "move" | "free-busy",
            ..,
        ] => {
            bail!("a request ends with the answer, as in `-> 201`")
        }
        _ => bail!("no such step"),
    }
}

fn participants(words: &[&str]) -> Result<Vec<Participant>> {
    let mut people = Vec::new();
    for word in words {
        let (name, has_account) = match word.strip_suffix("(no-account)") {
            Some(name) => (name, false),
            None => (*word, true),
        };
        people.push(Participant {
            person: person(name)?,
            has_account,
        });
    }
    Ok(people)
}

fn request_step(request: &str, answer: &str, inner: &[Inner<'_>]) -> Result<Request> {
    let mut answer = answer.split_whitespace();
    let status = answer.next().unwrap_or_default();
    let status = status
        .parse()
        .with_context(|| format!("{status:?} is no status"))?;
    let condition = answer.next().map(str::to_owned);
    ensure!(
        answer.next().is_none(),
        "an answer is a status, and a precondition"
    );
    let is_header = |line: &&Inner<'_>| line.text.starts_with("> ") || line.text.starts_with("< ");
    let mut headers = Vec::new();
    let mut answer_headers = Vec::new();
    for line in inner.iter().filter(is_header) {
        let (mark, header) = line.text.split_at(2);
        let (name, value) = match header.split_once(':') {
            Some((name, value)) => (name, Some(expand(value.trim()))),
            None => (header, None),
        };
        if mark == "> " {
            let value =
                value.with_context(|| format!("line {}: a header has a value", line.line))?;
            headers.push((name.to_owned(), value));
        } else {
            let is_there = !name.starts_with('!');
            let name = name.trim_start_matches('!').to_owned();
            answer_headers.push(AnswerHeader {
                is_there,
                name,
                value,
            });
        }
    }
    let body: Vec<&Inner<'_>> = inner.iter().filter(|line| !is_header(line)).collect();
    let words: Vec<&str> = request.split_whitespace().collect();
    Ok(Request {
        what: ask(&words, &body)?,
        headers,
        status,
        condition,
        answer_headers,
    })
}

fn ask(words: &[&str], body: &[&Inner<'_>]) -> Result<Ask> {
    let has_body = matches!(words, ["put" | "edit" | "free-busy", ..]);
    ensure!(
        has_body != body.is_empty(),
        "the step {} an object or edits",
        if has_body { "lacks" } else { "takes no" }
    );
    match words {
        ["put", at @ ..] => Ok(Ask::Put {
            at: resource(at)?,
            object: object(body),
        }),
        ["edit", at @ ..] => Ok(Ask::Edit {
            at: resource(at)?,
            edits: edits(body)?,
        }),
        ["reply", who, part_stat, "to", at @ ..] => {
            let (at, instance) = match at {
                [at @ .., "instance", key] => (at, Some((*key).to_owned())),
                at => (at, None),
            };
            let at = match at {
                [uid] if !uid.contains('/') => Resource::Copy {
                    who: person(who)?,
                    uid: (*uid).to_owned(),
                },
                at => resource(&[&[*who], at].concat())?,
            };
            Ok(Ask::Reply(Reply {
                at,
                part_stat: (*part_stat).to_owned(),
                instance,
            }))
        }
        ["delete", at @ ..] => Ok(Ask::Delete(resource(at)?)),
        [method @ ("copy" | "move"), from @ .., "to", to] => Ok(Ask::Transfer {
            method: if *method == "copy" { "COPY" } else { "MOVE" },
            from: resource(from)?,
            to: (*to).to_owned(),
        }),
        ["free-busy", who] => Ok(Ask::FreeBusy {
            who: person(who)?,
            object: object(body),
        }),
        _ => bail!("no such request"),
    }
}

fn resource(words: &[&str]) -> Result<Resource> {
    match words {
        [who, path] if path.contains('/') => Ok(Resource::Path {
            who: person(who)?,
            path: (*path).to_owned(),
        }),
        [who, "copy", "of", uid] => Ok(Resource::Copy {
            who: person(who)?,
            uid: (*uid).to_owned(),
        }),
        [who, "inbox", message @ ..] => Ok(Resource::Message {
            who: person(who)?,
            message: self::message(message)?,
        }),
        _ => bail!("not a resource: {:?}", words.join(" ")),
    }
}

fn message(words: &[&str]) -> Result<Message> {
    let (words, from) = match words {
        [words @ .., "from", who] => (words, Some(person(who)?)),
        words => (words, None),
    };
    let [method @ ("REQUEST" | "CANCEL" | "REPLY"), uid] = words else {
        bail!("not a scheduling message: {:?}", words.join(" "));
    };
    Ok(Message {
        method: (*method).to_owned(),
        uid: (*uid).to_owned(),
        from,
    })
}

fn expect(words: &[&str], inner: &[Inner<'_>]) -> Result<Expectation> {
    let listed = matches!(
        words,
        [_, "inbox:", ..] | ["cards:" | "tally:" | "advice:", ..] | [_, "no", ..]
    );
    ensure!(
        listed == inner.is_empty(),
        "the expectation {}",
        if listed {
            "has no lines of its own"
        } else {
            "is empty"
        }
    );
    match words {
        ["answer"] => Ok(Expectation::Answer(texts(inner))),
        ["cards:", people @ ..] => told("invite_notification", people),
        ["tally:" | "advice:", people @ ..] => told("rsvp_notification", people),
        [who, "card"] => Ok(Expectation::Card {
            who: person(who)?,
            lines: texts(inner),
        }),
        [who, "inbox:", "empty"] => Ok(Expectation::Inbox {
            who: person(who)?,
            messages: Vec::new(),
        }),
        [who, "inbox:", messages @ ..] => {
            let messages = messages.join(" ");
            let messages = messages
                .split(", ")
                .map(|text| message(&text.split_whitespace().collect::<Vec<_>>()));
            Ok(Expectation::Inbox {
                who: person(who)?,
                messages: messages.collect::<Result<_>>()?,
            })
        }
        [who, "no", at @ ..] => Ok(Expectation::Nothing(resource(&[&[*who], at].concat())?)),
        at => Ok(Expectation::Object {
            at: resource(at)?,
            checks: checks(inner)?,
        }),
    }
}

fn told(kind: &'static str, people: &[&str]) -> Result<Expectation> {
    let people = match people {
        ["nobody"] => Vec::new(),
        people => people
            .iter()
            .map(|name| person(name))
            .collect::<Result<_>>()?,
    };
    Ok(Expectation::Told { kind, people })
}

fn texts(inner: &[Inner<'_>]) -> Vec<(bool, String)> {
    inner
        .iter()
        .map(|line| match line.text.strip_prefix('!') {
            Some(text) => (false, expand(text)),
            None => (true, expand(line.text)),
        })
        .collect()
}

fn checks(inner: &[Inner<'_>]) -> Result<Vec<Check>> {
    let mut section = Section::Series;
    let mut checks = Vec::new();
    for Inner { line, text } in inner {
        let line = *line;
        if let Some(next) = heading(text) {
            section = next;
            continue;
        }
        let tag = match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["etag", change] => Some((Tag::Entity, *change)),
            ["schedule-tag", change] => Some((Tag::Schedule, *change)),
            ["ctag", change] => Some((Tag::Collection, *change)),
            _ => None,
        };
        checks.push(if let Some((tag, change)) = tag {
            let is_changed = match change {
                "changed" => true,
                "unchanged" => false,
                _ => bail!("line {line}: a tag is changed or unchanged"),
            };
            Check::Tag {
                line,
                tag,
                is_changed,
            }
        } else if let Some(section) = text.strip_prefix("no ").and_then(heading) {
            Check::NoComponent { line, section }
        } else {
            let (pattern, is_there) = match text.strip_prefix('!') {
                Some(pattern) => (pattern, false),
                None => (*text, true),
            };
            let what = Pattern::parse(&expand(pattern)).with_context(|| format!("line {line}"))?;
            let check = InSection {
                line,
                section: section.clone(),
                what,
            };
            if is_there {
                Check::Property(check)
            } else {
                Check::NoProperty(check)
            }
        });
    }
    Ok(checks)
}

fn edits(inner: &[&Inner<'_>]) -> Result<Vec<InSection<Edit>>> {
    let mut section = Section::Series;
    let mut edits = Vec::new();
    for Inner { line, text } in inner {
        let what = if let Some(next) = heading(text) {
            section = next;
            continue;
        } else if let Some(added) = text.strip_prefix("+ ") {
            Edit::Add(expand(added))
        } else if let Some(section) = text.strip_prefix("- ").and_then(heading) {
            Edit::RemoveComponent(section)
        } else if let Some(removed) = text.strip_prefix("- ") {
            Edit::Remove(Pattern::parse(&expand(removed)).with_context(|| format!("line {line}"))?)
        } else if let Some((old, new)) = text.split_once(" => ") {
            Edit::Replace {
                old: expand(old),
                new: expand(new),
            }
        } else {
            bail!("line {line}: an edit is `+ LINE`, `- PROPERTY`, or `OLD => NEW`");
        };
        edits.push(InSection {
            line: *line,
            section: section.clone(),
            what,
        });
    }
    Ok(edits)
}

fn heading(text: &str) -> Option<Section> {
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["series"] => Some(Section::Series),
        ["calendar"] => Some(Section::Calendar),
        ["instance", key] => Some(Section::Instance((*key).to_owned())),
        _ => None,
    }
}

fn person(name: &str) -> Result<Person> {
    PEOPLE
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(name, id)| Person { name, id: *id })
        .with_context(|| format!("nobody is called {name:?}"))
}

/// The object of a step: what stands there, in a VCALENDAR if it does not bring its own.
fn object(body: &[&Inner<'_>]) -> String {
    let lines: Vec<String> = body
        .iter()
        .flat_map(|line| repeated(line.text))
        .map(|line| expand(&line))
        .collect();
    if lines.first().is_some_and(|line| line == "BEGIN:VCALENDAR") {
        return lines.join("\r\n") + "\r\n";
    }
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example Corp.//CalDAV Client//EN\r\n{}\r\nEND:VCALENDAR\r\n",
        lines.join("\r\n")
    )
}

/// `* 3 ATTENDEE:mailto:{n}@example.org` is three lines, with 1, 2 and 3 in them.
fn repeated(text: &str) -> Vec<String> {
    let counted = text
        .strip_prefix("* ")
        .and_then(|rest| rest.split_once(' '));
    match counted.and_then(|(count, line)| Some((count.parse::<usize>().ok()?, line))) {
        Some((count, line)) => (1..=count)
            .map(|n| line.replace("{n}", &n.to_string()))
            .collect(),
        None => vec![text.to_owned()],
    }
}

/// `@bob` becomes Bob's calendar user address, unless it is the domain of another.
fn expand(text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        expanded.push_str(before);
        let name: String = after
            .chars()
            .skip(1)
            .take_while(|next| next.is_alphanumeric() || *next == '.')
            .collect();
        let begins = !before.ends_with(|last: char| last.is_alphanumeric());
        match person(&name) {
            Ok(person) if begins => {
                expanded.push_str(&format!("mailto:tg_{}@televent.internal", person.id));
                rest = after.split_at(1 + name.len()).1;
            }
            _ => {
                expanded.push('@');
                rest = after.split_at(1).1;
            }
        }
    }
    expanded + rest
}

/// Everybody whom a script may name.
pub fn by_id(id: i64) -> Option<Person> {
    PEOPLE
        .iter()
        .find(|(_, known)| *known == id)
        .map(|(name, id)| Person { name, id: *id })
}

#[test]
fn names_become_addresses() {
    assert_eq!(
        expand("ORGANIZER;X=@bob:@ann"),
        "ORGANIZER;X=mailto:tg_1002@televent.internal:mailto:tg_1001@televent.internal"
    );
    assert_eq!(
        expand("mailto:joe@ann.example @nobody"),
        "mailto:joe@ann.example @nobody"
    );
}

#[test]
fn errors_name_file_and_line() {
    let error = |text| {
        format!(
            "{:#}",
            Script::parse(Path::new("a.itip"), text).unwrap_err()
        )
    };
    assert_eq!(
        error("people ann\n\njump ann"),
        "a.itip:3: jump ann: no such step"
    );
    assert_eq!(
        error("expect ann default/a.ics\n  SUMMARY;:x"),
        "a.itip:1: expect ann default/a.ics: line 2: an empty parameter in \"SUMMARY;:x\""
    );
}
