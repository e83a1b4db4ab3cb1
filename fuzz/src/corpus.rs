//! Inputs that are kept: `corpus/` is where mutations begin, `findings/` once broke something.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::Target;

/// An input with the name of its file.
pub type Input = (String, Vec<u8>);

/// All that is kept for a target, in the order of their names.
///
/// # Errors
/// When a folder can't be read.
pub fn of(target: &Target) -> Result<Vec<Input>> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = crate_folder
        .parent()
        .context("the crate is in a workspace")?;
    let mut inputs = Vec::new();
    for kind in ["corpus", "findings"] {
        let folder = crate_folder.join(kind).join(target.name);
        if folder.is_dir() {
            inputs.extend(files(&folder)?);
        }
    }
    for folder in target.more {
        inputs.extend(files(&root.join(folder))?);
    }
    Ok(inputs)
}

fn files(folder: &Path) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_file() {
            inputs.push((path.display().to_string(), fs::read(&path)?));
        }
    }
    inputs.sort();
    Ok(inputs)
}
