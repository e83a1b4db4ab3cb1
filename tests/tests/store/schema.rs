//! The migrations, and what the store says of the database that it finds.

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _};
use televent_store::{SchemaState, Store, StoreError};
use televent_tests::TestDatabase;

/// A store on a database that no migration has seen.
async fn empty_database() -> Result<Store> {
    let database = TestDatabase::create().await?;
    let mut admin = database.connect().await?;
    let name = format!("empty_{}", uuid::Uuid::new_v4().simple());
    sqlx::query(AssertSqlSafe(format!("create database {name}")))
        .execute(&mut admin)
        .await?;
    admin.close().await?;
    let (server, _) = database
        .url
        .rsplit_once('/')
        .context("the URL names a database")?;
    Ok(Store::connect_lazy(&format!("{server}/{name}"))?)
}

#[tokio::test]
async fn database_without_migrations_is_older_until_it_is_migrated() -> Result<()> {
    let store = empty_database().await?;
    store.ping().await?;
    let SchemaState::Older { missing } = store.schema_state().await? else {
        panic!("an empty database can't be ours");
    };
    assert!(missing > 0);
    store.migrate().await?;
    assert_eq!(store.schema_state().await?, SchemaState::Current);
    store.migrate().await?;
    assert_eq!(store.schema_state().await?, SchemaState::Current);
    Ok(())
}

#[tokio::test]
async fn database_of_a_later_program_is_newer_and_is_not_migrated() -> Result<()> {
    let database = TestDatabase::create().await?;
    let mut connection = database.connect().await?;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (999999, 'of another day', true, '', 0)",
    )
    .execute(&mut connection)
    .await?;
    assert_eq!(
        database.store.schema_state().await?,
        SchemaState::Newer { found: 999_999 }
    );
    assert!(matches!(
        database.store.migrate().await,
        Err(StoreError::Migration(_))
    ));
    Ok(())
}

#[tokio::test]
async fn migration_that_failed_counts_as_missing() -> Result<()> {
    let database = TestDatabase::create().await?;
    let mut connection = database.connect().await?;
    sqlx::query("update _sqlx_migrations set success = false where version = (select max(version) from _sqlx_migrations)")
        .execute(&mut connection)
        .await?;
    assert_eq!(
        database.store.schema_state().await?,
        SchemaState::Older { missing: 1 }
    );
    Ok(())
}

#[tokio::test]
async fn postgres_that_is_away_is_unavailable_and_no_bug() -> Result<()> {
    let database = TestDatabase::create().await?;
    let (server, _) = database
        .url
        .rsplit_once('/')
        .context("the URL names a database")?;
    let closed = Store::connect_lazy(&database.url)?;
    closed.close().await;
    assert!(matches!(
        closed.ping().await,
        Err(StoreError::Unavailable(_))
    ));
    // That there is no such database is a matter of configuration.
    let missing = Store::connect_lazy(&format!("{server}/nowhere"))?;
    assert!(matches!(missing.ping().await, Err(StoreError::Refused(_))));
    assert!(matches!(
        Store::connect_lazy("no URL"),
        Err(StoreError::Refused(_))
    ));
    Ok(())
}
