//! PUT of a new event with three people who merely have Telegram, by sixteen organizers at once.

use std::time::Duration;

use anyhow::{Result, ensure};
use sqlx::{Connection as _, PgConnection};

use super::CONNECTIONS;
use crate::{
    dav::Target,
    events,
    floors::pgbench,
    http::Connection,
    load::{Until, closed_loop},
    people::{Account, add_account},
    results::{Better, Figure, Goal, Outcome, Round},
    rounds::{WarmUp, alternate},
    scripts::Puts,
    stage::{Database, Limits, Stage},
};

/// The invited have ids from here on. They have no account, and nobody is invited twice: the queue of one person's cards is another
/// question.
const FIRST_INVITED: i64 = 1_000_000_000;

/// Invited to each event.
const PEOPLE: i64 = 3;

/// Ids for each organizer and round.
const IDS: i64 = 1_000_000;

/// How long the database is filled before the first round.
const FILLING: Duration = Duration::from_secs(3);

/// Read back after a round, of each connection.
const READ_BACK: usize = 2;

/// The tables that a PUT writes rows of.
const TABLES: [&str; 3] = ["events", "event_attendees", "outbox_messages"];

pub(super) async fn run(stage: &Stage) -> Result<Outcome> {
    stage.forget_streams().await?;
    let database = stage.database().await?;
    // Ids from 1 on, as the floor's clients are numbered.
    let mut accounts = Vec::new();
    for organizer in 1..=i64::try_from(CONNECTIONS)? {
        accounts.push(add_account(&database.url, organizer).await?);
    }
    fill(stage, &database).await?;
    let api = stage.serve(&database, "api", Limits::Default, None).await?;
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |number| {
            let before = rows(&database).await?;
            let round = put_events(stage, &accounts, api.address, number).await?;
            expect_rows(&before, &rows(&database).await?, round.operations)?;
            Ok(round)
        },
        async |_| {
            let before = rows(&database).await?;
            let round = pgbench::round(stage, &database.url, CONNECTIONS, stage.round).await?;
            expect_rows(&before, &rows(&database).await?, round.operations)?;
            Ok(round)
        },
    )
    .await?;
    api.stop().await?;
    stage.drop_database(database).await?;
    Ok(Outcome {
        name: "put".to_owned(),
        about: format!(
            "PUT of a new event of {} bytes that invites three people, {CONNECTIONS} connections, an account each",
            events::INVITATION_BYTES
        ),
        floor_about:
            "the bare transaction by pgbench: one prepared statement that writes the same rows, as many clients"
                .to_owned(),
        unit: "requests/s".to_owned(),
        better: Better::Higher,
        ours,
        floor,
        goals: vec![Goal::at_least(Figure::Ratio, 0.5)],
        notes: vec![
            "Both sides write one event, three attendees and three outbox rows, and raise the calendar's ctag; counted after each round.".to_owned(),
        ],
        measured: String::new(),
        course: Vec::new(),
    })
}

/// As it is after some use: plans that were made while the tables were empty read whole calendars, until Postgres knows better, which it
/// does after a minute.
async fn fill(stage: &Stage, database: &Database) -> Result<()> {
    pgbench::round(stage, &database.url, CONNECTIONS, FILLING).await?;
    let mut postgres = PgConnection::connect(&database.url).await?;
    sqlx::query("vacuum analyze").execute(&mut postgres).await?;
    Ok(postgres.close().await?)
}

async fn put_events(
    stage: &Stage,
    accounts: &[Account],
    address: std::net::SocketAddr,
    round: usize,
) -> Result<Round> {
    let scripts = accounts
        .iter()
        .map(|account| {
            let target = Target {
                address,
                account: account.clone(),
                calendar: account.calendar("default"),
            };
            let organizer = account.id;
            Puts::new_events(target, move |number| new_event(organizer, round, number))
        })
        .collect();
    let (measured, scripts) = closed_loop(address, scripts, Until::Elapsed(stage.round)).await?;
    let mut connection = Connection::new(address);
    for script in scripts {
        for number in (0..script.done).rev().take(READ_BACK) {
            let (name, object) = new_event(script.target().account.id, round, number);
            let answer = connection.send(&script.target().get(&name)).await?;
            answer.expect(&[200])?;
            // The server says for each of the invited what became of the message (SCHEDULE-STATUS), and changes nothing else.
            let text = without_folds(&answer.text());
            let stored = text
                .replace(";SCHEDULE-STATUS=1.0", "")
                .replace(";SCHEDULE-STATUS=1.2", "");
            ensure!(
                stored == without_folds(&object),
                "{name} comes back changed: {text}"
            );
        }
    }
    Ok(measured)
}

fn new_event(organizer: i64, round: usize, number: usize) -> (String, String) {
    let uid = format!("put-{round}-{organizer}-{number}");
    let place = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let first = FIRST_INVITED
        + (place(round) * place(CONNECTIONS) + organizer) * IDS
        + place(number) * PEOPLE;
    let invited: Vec<i64> = (first..first + PEOPLE).collect();
    let object = events::invitation(&uid, organizer, &invited);
    (format!("{uid}.ics"), object)
}

/// Content lines whole (RFC 5545 section 3.1).
fn without_folds(object: &str) -> String {
    object.replace("\r\n ", "")
}

/// How many there are of each table.
async fn rows(database: &Database) -> Result<Vec<i64>> {
    let mut postgres = PgConnection::connect(&database.url).await?;
    let mut counts = Vec::new();
    for table in TABLES {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        counts.push(sqlx::query_scalar(count).fetch_one(&mut postgres).await?);
    }
    postgres.close().await?;
    Ok(counts)
}

fn expect_rows(before: &[i64], after: &[i64], operations: u64) -> Result<()> {
    let operations = i64::try_from(operations)?;
    let each = [1, 3, 3];
    for (((before, after), each), table) in before.iter().zip(after).zip(each).zip(TABLES) {
        let written = after - before;
        ensure!(
            written == operations * each,
            "{operations} operations wrote {written} rows of {table}"
        );
    }
    Ok(())
}
