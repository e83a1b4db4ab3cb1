//! The rules of the repository that no compiler knows: who may depend on what, and what every file says.

use anyhow::{Context as _, Result};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> Result<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(tests
        .parent()
        .context("the crate stands in the workspace")?
        .to_owned())
}

/// The crates under `folder`: their folder's name and the names of what they depend on, tests left out.
fn crates(folder: &str) -> Result<Vec<(String, BTreeSet<String>)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root()?.join(folder))? {
        let entry = entry?;
        let manifest = fs::read_to_string(entry.path().join("Cargo.toml"))?;
        let dependencies = manifest
            .lines()
            .skip_while(|line| *line != "[dependencies]")
            .skip(1)
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| Some(line.split(['.', ' ', '=']).next()?.to_owned()))
            .filter(|name| !name.is_empty())
            .collect();
        found.push((
            entry.file_name().to_string_lossy().into_owned(),
            dependencies,
        ));
    }
    assert!(!found.is_empty());
    Ok(found)
}

fn names(folder: &str) -> Result<Vec<String>> {
    Ok(crates(folder)?.into_iter().map(|(name, _)| name).collect())
}

/// All Rust files with their texts.
fn sources() -> Result<Vec<(PathBuf, String)>> {
    let root = root()?;
    let mut folders = vec![
        root.join("bench"),
        root.join("services"),
        root.join("shared"),
        root.join("tests"),
        root.join("fuzz"),
    ];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                files.push((path, text));
            }
        }
    }
    Ok(files)
}

#[test]
fn each_technology_has_one_room() -> Result<()> {
    for (technology, room) in [
        ("sqlx", "store"),
        ("async-nats", "broker"),
        ("teloxide", "telegram"),
        ("quick-xml", "api"),
    ] {
        let users: Vec<String> = crates("shared")?
            .into_iter()
            .chain(crates("services")?)
            .filter(|(_, dependencies)| dependencies.contains(technology))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(users, [room], "{technology}");
    }
    Ok(())
}

#[test]
fn no_crate_but_the_binary_depends_on_a_service() -> Result<()> {
    let services = names("services")?;
    for (name, dependencies) in crates("services")?.into_iter().chain(crates("shared")?) {
        for service in &services {
            assert!(
                name == "televent" || !dependencies.contains(&format!("televent-{service}")),
                "{name} depends on {service}"
            );
        }
    }
    Ok(())
}

#[test]
fn the_calendar_depends_on_nothing_of_ours() -> Result<()> {
    for (_, dependencies) in crates("shared")?
        .into_iter()
        .filter(|(name, _)| name == "calendar")
    {
        assert!(
            !dependencies
                .iter()
                .any(|dependency| dependency.starts_with("televent"))
        );
    }
    Ok(())
}

#[test]
fn every_file_says_what_it_is_for() -> Result<()> {
    for (file, text) in sources()? {
        assert!(
            text.starts_with("//!"),
            "{} does not begin with //!",
            file.display()
        );
    }
    Ok(())
}

#[test]
fn no_test_is_ignored() -> Result<()> {
    let ignored = concat!("#[ign", "ore");
    for (file, text) in sources()? {
        assert!(
            !text.contains(ignored),
            "{} has an ignored test",
            file.display()
        );
    }
    Ok(())
}

/// The last migration that was released before there was this rule.
const LAST_FREE_MIGRATION: u32 = 7;

/// What of a migration a program of the version before would not survive beside it (`docs/decisions/0017-upgrades.md`): every statement
/// that does not merely add. One that takes something away says `-- prepared by 0012` and names an older migration.
fn not_additive(number: u32, sql: &str) -> Vec<String> {
    let mut new_tables = BTreeSet::new();
    let mut refused = Vec::new();
    for (statement, prepared_by) in statements(sql) {
        let words: Vec<&str> = statement.split(' ').collect();
        if let ["create", "table", rest @ ..] = &words[..] {
            let (["if", "not", "exists", name, ..] | [name, ..]) = rest else {
                continue;
            };
            new_tables.insert((*name).to_owned());
            continue;
        }
        let is_of_new = |table: &str| new_tables.contains(table.trim_matches(['(', ')', '"']));
        let adds = match &words[..] {
            ["create", "unique", "index", ..] => words
                .iter()
                .position(|word| *word == "on")
                .and_then(|on| words.get(on + 1))
                .is_some_and(|table| is_of_new(table)),
            [
                "create",
                "index" | "type" | "sequence" | "function" | "view",
                ..,
            ]
            | ["insert", "into", ..]
            | ["update" | "comment", ..] => true,
            ["alter", "table", table, ..] if is_of_new(table) => true,
            ["alter", "table", _, actions @ ..] => {
                let actions = actions.join(" ");
                top_level(&actions, ',').into_iter().all(adds_a_column)
            }
            _ => false,
        };
        let was_prepared = prepared_by.is_some_and(|older| (1..number).contains(&older));
        if !adds && !was_prepared {
            refused.push(statement);
        }
    }
    refused
}

/// Older programs write rows without the column.
fn adds_a_column(action: &str) -> bool {
    let Some(column) = action.trim().strip_prefix("add column ") else {
        return false;
    };
    let words: Vec<&str> = column.split([' ', '(', ')']).collect();
    let says = |word: &str| words.contains(&word);
    let is_required = says("not null") || column.contains("not null") || says("primary");
    let is_unique = says("unique") || says("primary");
    let has_default = says("default") || column.contains(" generated ");
    !(is_required && !has_default || is_unique && has_default)
}

/// Statements in lower case with single spaces, and the migration that each one's comments name.
fn statements(sql: &str) -> Vec<(String, Option<u32>)> {
    top_level(sql, ';')
        .into_iter()
        .map(|text| {
            let mut prepared_by = None;
            let mut code = String::new();
            for line in text.lines() {
                let (before, comment) = line.split_once("--").unwrap_or((line, ""));
                code.push_str(before);
                code.push(' ');
                if let Some((_, named)) = comment.split_once("prepared by ") {
                    prepared_by = named.get(..4).and_then(|number| number.parse().ok());
                }
            }
            let words: Vec<&str> = code.split_whitespace().collect();
            (words.join(" ").to_lowercase(), prepared_by)
        })
        .filter(|(statement, _)| !statement.is_empty())
        .collect()
}

/// Parts between separators that are in no parentheses, quotes or comments.
fn top_level(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote, mut in_comment) = (0, 0, None, false);
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if in_comment => in_comment = letter != '\n',
            (Some(open), _) if open == letter => quote = None,
            (None, '-') if before == '-' => in_comment = true,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) if letter == separator && depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + letter.len_utf8();
            }
            _ => {}
        }
        before = letter;
    }
    parts.extend(text.get(start..));
    parts
}

#[test]
fn migrations_only_add() -> Result<()> {
    let mut seen = 0;
    for entry in fs::read_dir(root()?.join("migrations"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let number: u32 = name
            .split('_')
            .next()
            .context("a number")?
            .parse()
            .context(name.clone())?;
        seen += 1;
        if number > LAST_FREE_MIGRATION {
            let refused = not_additive(number, &fs::read_to_string(entry.path())?);
            assert_eq!(refused, [""; 0], "{name}");
        }
    }
    assert!(seen >= LAST_FREE_MIGRATION);
    Ok(())
}

#[test]
fn what_merely_adds_is_told_from_what_takes_away() {
    for sql in [
        "create table a (b text not null unique);",
        "create table a (b text); alter table a add unique (b); create unique index on a (b);",
        "alter table users add column note text;",
        "alter table users\n  add column note text not null default 'a, b; c',\n  add column x int check (x > 0);",
        "create index on events (uid); -- drop table users;",
        "update users set note = 'drop';",
        "-- Comments; with semicolons.\ninsert into a values (1);",
        "alter table users add column n bigint generated always as identity;",
        "alter table users -- prepared by 0008\n drop column note;",
        "-- Nobody writes it since 0008.\n-- prepared by 0008\nalter table users alter column note set not null;",
    ] {
        assert_eq!(not_additive(9, sql), [""; 0], "{sql}");
    }
    for sql in [
        "drop table users;",
        "DROP INDEX users_by_name;",
        "alter table users drop column name;",
        "alter table users add column a text, drop column name;",
        "alter table users rename column name to title;",
        "alter table users rename to people;",
        "alter table users alter column name type varchar(10);",
        "alter table users alter column name set not null;",
        "alter table users alter column name drop not null;",
        "alter table users add column note text not null;",
        "alter table users add column note text default '' unique;",
        "alter table users add constraint a check (name <> '');",
        "alter table users add unique (name);",
        "create unique index on users (name);",
        "delete from users;",
        "truncate events;",
        "create trigger t before insert on users execute function f();",
        "do $$ begin end $$;",
        "alter table users drop column name; -- prepared by 0008",
        "-- prepared by 0009\nalter table users drop column name;",
        "-- prepared by 0000\nalter table users drop column name;",
    ] {
        assert_eq!(not_additive(9, sql).len(), 1, "{sql}");
    }
}
