//! Two versions run side by side while the newer one's migration is applied (`docs/decisions/0017-upgrades.md`).

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, migrate::Migrator};
use televent_tests::{ANN, CalendarApp, KIRILL, Televent, TestDatabase, World, plan, until};

/// What a newer version might add.
const NEWER: &str = "
    alter table events add column weather text, add column rain int not null default 0;
    alter table outbox_messages add column note text;
    create table weather (event_id uuid primary key references events on delete cascade);
    insert into _sqlx_migrations (version, description, success, checksum, execution_time)
    values (9999, 'from the future', true, ''::bytea, 0);
";

/// Kirill is invited anew, answers, and Ann's calendar shows it.
async fn whole_round(world: &World, ann: &CalendarApp, number: usize) {
    let uid = format!("plan-{number}");
    let object = plan().replace("UID:plan", &format!("UID:{uid}"));
    ann.save(&format!("{uid}.ics"), object).await;
    let card = until("the card", async || {
        let cards = world.telegram.messages(KIRILL).await;
        (cards.len() == number)
            .then(|| cards.last().cloned())
            .flatten()
    })
    .await;
    assert_eq!(world.press(&card, "Accept").await.text, "✅ You accepted.");
    let stored = ann.get(&format!("{uid}.ics")).await.text();
    assert!(stored.contains("PARTSTAT=ACCEPTED"), "{stored}");
}

#[tokio::test]
async fn processes_go_on_while_a_newer_schema_comes_under_them() {
    let world = World::with_processes(&[]).await;
    let televent = Televent::of(&world);
    let (one, two) = (televent.serve(&[]).await, televent.serve(&[]).await);
    one.until_ready().await;
    two.until_ready().await;
    let ann = world.add_people().await;
    whole_round(&world, &ann.at(&one.url), 1).await;

    let load = async {
        for number in 2..12 {
            let serving = if number % 2 == 0 { &one } else { &two };
            whole_round(&world, &ann.at(&serving.url), number).await;
        }
    };
    let upgrade = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.execute("set lock_timeout = 0").await;
        let mut connection = world.database.connect().await.unwrap();
        sqlx::raw_sql(NEWER).execute(&mut connection).await.unwrap();
    };
    tokio::join!(load, upgrade);
    for serving in [&one, &two] {
        whole_round(
            &world,
            &ann.at(&serving.url),
            12 + usize::from(serving.url == two.url),
        )
        .await;
        assert_eq!(serving.fetch("/readyz").await.0, 200);
        assert!(!serving.log().contains("\"ERROR\""), "{}", serving.log());
    }

    // They go on, but start no more.
    for command in [&["serve"][..], &["migrate"]] {
        let said = televent.run(command).await;
        assert!(!said.success, "{command:?}: {said:#?}");
    }
    let said = televent.run(&["serve"]).await;
    assert!(
        said.stderr
            .contains("newer than this program (it has migration 9999)"),
        "{said:#?}"
    );
    world.settled().await;
    for serving in [one, two] {
        assert!(serving.stop().await.success());
    }
    world.finish().await;
}

/// The migrations of the version before the last.
async fn database_of_the_version_before() -> (TestDatabase, i64) {
    let database = TestDatabase::create_unmigrated().await.unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let older = tempfile::tempdir().unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    names.pop();
    for name in &names {
        std::fs::copy(folder.join(name), older.path().join(name)).unwrap();
    }
    let mut connection = database.connect().await.unwrap();
    let migrator = Migrator::new(older.path()).await.unwrap();
    migrator.run(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    (database, i64::try_from(names.len()).unwrap())
}

#[tokio::test]
async fn newer_program_waits_for_its_migration_and_the_migration_for_nobody() {
    let (database, applied) = database_of_the_version_before().await;
    let world = World::around(database).await;
    let televent = Televent::of(&world);
    let said = televent.run(&["serve"]).await;
    assert!(!said.success);
    for words in ["older than this program", "run `televent migrate`"] {
        assert!(said.stderr.contains(words), "{said:#?}");
    }

    // Somebody reads every table for long: others must be able to read and write meanwhile.
    let mut reader = world.database.connect().await.unwrap();
    let tables = world
        .strings("select tablename::text from pg_tables where schemaname = 'public'")
        .await;
    sqlx::raw_sql("begin").execute(&mut reader).await.unwrap();
    for table in tables.iter().filter(|table| *table != "_sqlx_migrations") {
        lock(&mut reader, table).await;
    }
    let migrate = async {
        televent.succeed(&["migrate"]).await;
    };
    let others = async {
        for _ in 0..25 {
            let mut connection = world.database.connect().await.unwrap();
            sqlx::raw_sql(
                "set lock_timeout = '5s'; select count(*) from devices; delete from devices",
            )
            .execute(&mut connection)
            .await
            .expect("nobody is kept out for long");
            connection.close().await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        sqlx::raw_sql("commit").execute(&mut reader).await.unwrap();
    };
    tokio::join!(migrate, others);
    let all = world.number("select count(*) from _sqlx_migrations").await;
    assert_eq!(all, applied + 1);
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    let ann = world.add_user(ANN, "Ann").await.at(&serving.url);
    assert_ne!(ann.calendar().await.ctag, "");
    assert!(serving.stop().await.success());
    world.finish().await;
}

async fn lock(connection: &mut PgConnection, table: &str) {
    sqlx::query(AssertSqlSafe(format!(
        "lock table {table} in access share mode"
    )))
    .execute(connection)
    .await
    .unwrap();
}
