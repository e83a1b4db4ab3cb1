//! The bare transaction of a PUT: one statement that writes the same rows, run by pgbench.

use std::{fs, path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::process::Command;

use crate::{cpu::Watch, events, results::Round, stage::Stage};

/// One event with three attendees and their outbox rows, and the calendar's ctag. Each client has a calendar of its own, as
/// the people have whose PUTs it is held against.
const STATEMENT: &str = "with calendar as (
    update calendars set ctag = ctag + 1, bytes = bytes + @BYTES@
    where owner = :client_id + 1 and slug = 'default' and deleted_at is null
    returning id, ctag
), event as (
    insert into events (id, calendar_id, resource_name, uid, component, object, etag, schedule_tag, revision, organizer,
                        owner_organizes, scheduling_owner, first_occurrence, last_occurrence)
    select gen_random_uuid(), id, 'floor-' || ctag || '.ics', 'floor-' || ctag, 'VEVENT', '@OBJECT@'::bytea,
           '0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef', ctag,
           'tg_1@televent.internal', true, :client_id + 1, to_timestamp(1926230400), to_timestamp(1926234000)
    from calendar
    returning id, revision
), people as (
    -- Nobody twice, as there.
    select id, 500000000 + :client_id * 1000000 + revision * 3 + n as person from event, generate_series(0, 2) as n
), attendees as (
    insert into event_attendees (event_id, address, telegram_id, status, invited, asked_at)
    select id, 'tg_' || person || '@televent.internal', person, 'NEEDS-ACTION', true, now()
    from people
)
insert into outbox_messages (id, kind, event_id, telegram_id)
select gen_random_uuid(), 'invite_notification', id, person from people;
";

/// Runs it with so many clients. The value is transactions a second.
///
/// # Errors
/// When pgbench is missing, or a transaction fails.
pub async fn round(
    stage: &Stage,
    database_url: &str,
    clients: usize,
    duration: Duration,
) -> Result<Round> {
    let script = stage.folder().join("put.sql");
    write_script(&script)?;
    let mut command = Command::new(stage.pgbench());
    command
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=1"])
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", duration.as_secs().max(1)))
        .arg("--file")
        .arg(&script)
        .arg(database_url)
        .stdin(Stdio::null());
    let watch = Watch::start();
    let output = command.output().await.context("pgbench does not run")?;
    let used = watch.stop();
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    }
    let number = |before: &str| -> Option<f64> {
        let line = said.lines().find(|line| line.starts_with(before))?;
        let text = line.trim_start_matches(before).trim();
        text.split([' ', '/']).next()?.parse().ok()
    };
    let done = number("number of transactions actually processed:")
        .context("pgbench tells how many transactions there were")?;
    let failed = number("number of failed transactions:").unwrap_or_default();
    ensure!(failed == 0.0, "{failed} transactions failed");
    let tps = number("tps =").context("pgbench tells the rate")?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    let operations = done as usize;
    Ok(Round::of(&used, operations).with_value(tps))
}

fn write_script(path: &Path) -> Result<()> {
    let object = events::invitation("floor", 1, &[1_000_001, 1_000_002, 1_000_003]);
    let hex = data_encoding::HEXLOWER.encode(object.as_bytes());
    let statement = STATEMENT
        .replace("@BYTES@", &object.len().to_string())
        // Four backslashes would be two to pgbench's reader of colons; one is taken as it is.
        .replace("@OBJECT@", &format!("\\x{hex}"));
    fs::write(path, statement)?;
    Ok(())
}
