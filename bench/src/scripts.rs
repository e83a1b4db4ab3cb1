//! What one connection does in each workload of CalDAV, at whichever server.

use std::sync::Arc;

use anyhow::{Result, ensure};
use memchr::memmem;
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};

use crate::{
    dav::{Marks, Target, count, expect_events, expect_objects},
    events,
    http::{Answer, Connection},
    load::Script,
};

/// Names in a multiget, as apps send.
pub const MULTIGET: usize = 50;

/// Reads all of so many events by multigets, one after the other.
///
/// # Errors
/// When an answer has not what was asked for.
pub async fn multiget_all(
    connection: &mut Connection,
    target: &Target,
    events: usize,
) -> Result<()> {
    let numbers: Vec<usize> = (0..events).collect();
    for numbers in numbers.chunks(MULTIGET) {
        let names: Vec<String> = numbers
            .iter()
            .map(|number| events::resource_name(*number))
            .collect();
        let request = target.multiget(names.iter().map(String::as_str));
        let answer = connection.send(&request).await?;
        expect_objects(&answer, numbers.len())?;
    }
    Ok(())
}

/// Requests that are prepared for each workload of reading: enough that nothing is asked twice in a row.
const PREPARED: usize = 64;

/// Asks whether anything has changed.
#[derive(Debug)]
pub struct Poll {
    request: Vec<u8>,
    expected: Option<Marks>,
}

impl Poll {
    /// Of a calendar in which nothing changes meanwhile.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        Self {
            request: target.poll(),
            expected: None,
        }
    }
}

impl Script for Poll {
    fn request(&mut self, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&self.request);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<()> {
        let Some(expected) = &self.expected else {
            self.expected = Some(Marks::read(answer)?);
            return Ok(());
        };
        answer.expect(&[207])?;
        for mark in [&expected.ctag, &expected.sync_token] {
            ensure!(
                memmem::find(answer.body, mark.as_bytes()).is_some(),
                "the marks changed by themselves"
            );
        }
        Ok(())
    }
}

/// Requests that are chosen from at random, each with its own check.
pub struct Chosen<C> {
    requests: Arc<Vec<(Vec<u8>, C)>>,
    random: SmallRng,
    last: usize,
    /// Which have been checked thoroughly.
    thorough: Vec<bool>,
}

/// Looks at an answer; thoroughly the first time.
pub trait Check: Send + Sync + 'static {
    /// # Errors
    /// What is wrong with it.
    fn check(&self, answer: &Answer<'_>, is_first: bool) -> Result<()>;
}

impl<C: Check> Chosen<C> {
    /// One script a connection.
    #[must_use]
    pub fn scripts(requests: Vec<(Vec<u8>, C)>, connections: usize) -> Vec<Self> {
        let requests = Arc::new(requests);
        (0..connections)
            .map(|number| Self {
                requests: Arc::clone(&requests),
                random: SmallRng::seed_from_u64(number as u64),
                last: 0,
                thorough: vec![false; requests.len()],
            })
            .collect()
    }
}

impl<C: Check> Script for Chosen<C> {
    fn request(&mut self, buffer: &mut Vec<u8>) {
        self.last = self.random.random_range(0..self.requests.len());
        if let Some((request, _)) = self.requests.get(self.last) {
            buffer.extend_from_slice(request);
        }
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<()> {
        let is_first = self
            .thorough
            .get_mut(self.last)
            .is_some_and(|seen| !std::mem::replace(seen, true));
        match self.requests.get(self.last) {
            Some((_, check)) => check.check(answer, is_first),
            None => Ok(()),
        }
    }
}

/// One event must come, whole.
#[derive(Debug)]
pub struct OneEvent(String);

impl Check for OneEvent {
    fn check(&self, answer: &Answer<'_>, _: bool) -> Result<()> {
        answer.expect(&[200])?;
        ensure!(
            answer.body.starts_with(b"BEGIN:VCALENDAR")
                && memmem::find(answer.body, self.0.as_bytes()).is_some(),
            "another event than {}",
            self.0
        );
        Ok(())
    }
}

/// These events must come, with their data.
#[derive(Debug)]
pub struct TheseEvents(Vec<usize>);

impl Check for TheseEvents {
    fn check(&self, answer: &Answer<'_>, is_first: bool) -> Result<()> {
        if is_first {
            expect_events(answer, &self.0)
        } else {
            expect_objects(answer, self.0.len())
        }
    }
}

/// One change must come.
#[derive(Debug)]
pub struct OneChange(String);

impl Check for OneChange {
    fn check(&self, answer: &Answer<'_>, _: bool) -> Result<()> {
        answer.expect(&[207])?;
        let hrefs = count(answer.body, ".ics<");
        ensure!(
            hrefs == 1 && memmem::find(answer.body, self.0.as_bytes()).is_some(),
            "{hrefs} changes instead of {}: {}",
            self.0,
            answer.text()
        );
        Ok(())
    }
}

/// GET of random ones of the recent events.
#[must_use]
pub fn gets(target: &Target, events: usize) -> Vec<(Vec<u8>, OneEvent)> {
    let step = (events / PREPARED).max(1);
    (0..PREPARED.min(events))
        .map(|number| number * step)
        .map(|number| {
            let uid = format!("UID:{}", events::uid(number));
            (target.get(&events::resource_name(number)), OneEvent(uid))
        })
        .collect()
}

/// calendar-multiget of fifty random ones.
#[must_use]
pub fn multigets(target: &Target, events: usize) -> Vec<(Vec<u8>, TheseEvents)> {
    let mut random = SmallRng::seed_from_u64(50);
    (0..PREPARED)
        .map(|_| {
            let mut numbers: Vec<usize> =
                rand::seq::index::sample(&mut random, events, MULTIGET.min(events)).into_vec();
            numbers.sort_unstable();
            let names: Vec<String> = numbers
                .iter()
                .map(|number| events::resource_name(*number))
                .collect();
            let request = target.multiget(names.iter().map(String::as_str));
            (request, TheseEvents(numbers))
        })
        .collect()
}

/// calendar-query of each month, with data.
#[must_use]
pub fn months(target: &Target, events: usize) -> Vec<(Vec<u8>, TheseEvents)> {
    (0..events::MONTHS)
        .map(|number| {
            let (start, end) = events::month(number);
            let expected = events::in_month(number, events);
            (target.time_range(&start, &end), TheseEvents(expected))
        })
        .collect()
}

/// sync-collection with a token from which on `name` has changed.
#[must_use]
pub fn one_change(target: &Target, token: &str, name: &str) -> Vec<(Vec<u8>, OneChange)> {
    vec![(target.sync(token), OneChange(name.to_owned()))]
}

/// PUT of new or changed events, each another one.
pub struct Puts<W> {
    target: Target,
    write: W,
    /// How many there were.
    pub done: usize,
    statuses: &'static [u16],
    is_new: bool,
}

impl<W: FnMut(usize) -> (String, String)> Puts<W> {
    /// New ones; `write` gives the name and the object of the nth.
    pub fn new_events(target: Target, write: W) -> Self {
        Self {
            target,
            write,
            done: 0,
            statuses: &[201],
            is_new: true,
        }
    }

    /// Changes; `write` gives the name and the object of the nth.
    pub fn changes(target: Target, write: W) -> Self {
        Self {
            target,
            write,
            done: 0,
            statuses: &[200, 201, 204],
            is_new: false,
        }
    }

    /// Where it puts.
    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl<W: FnMut(usize) -> (String, String) + Send + 'static> Script for Puts<W> {
    fn request(&mut self, buffer: &mut Vec<u8>) {
        let (name, object) = (self.write)(self.done);
        buffer.extend_from_slice(&self.target.put(&name, &object, self.is_new));
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<()> {
        self.done += 1;
        answer.expect(self.statuses)
    }
}
