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
