//! Every target on its corpus, on what was once a finding, and on mutations of both: always the same ones.

use std::path::Path;

use anyhow::{Result, ensure};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use televent_fuzz::{TARGETS, Target, bounds, corpus, mutation};

/// Mutations of each target. `./x fuzz` makes millions.
const MUTATIONS: u64 = 1_500;

/// The longest mutation, in bytes.
const LONGEST: usize = 8 * 1024;

/// CPU time for the mutations of one target: where they are slow, fewer are made.
const SECONDS: u64 = 1;

fn read(target: &Target) -> Result<()> {
    let inputs = corpus::of(target)?;
    ensure!(!inputs.is_empty(), "{} has no corpus", target.name);
    // What ends the process at once leaves its input here.
    let last = Path::new(env!("CARGO_TARGET_TMPDIR")).join(target.name);
    let read = |name: &str, input: &[u8]| {
        std::fs::write(&last, input)?;
        bounds::check(target.run, input).map_err(|why| {
            let kept = last.display();
            anyhow::anyhow!("{} on {name} (kept as {kept}): {why}", target.name)
        })
    };
    for (name, input) in &inputs {
        read(name, input)?;
    }
    let mut took = std::time::Duration::ZERO;
    for seed in 0..MUTATIONS {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut input = inputs[rng.random_range(0..inputs.len())].1.clone();
        let other = &inputs[rng.random_range(0..inputs.len())].1;
        mutation::mutate(&mut input, LONGEST, target.words, other, &mut rng);
        took += read(&format!("mutation {seed}"), &input)?;
        if took.as_secs() >= SECONDS {
            break;
        }
    }
    Ok(())
}

#[test]
fn every_target_takes_hostile_input() {
    let failures: Vec<String> = TARGETS
        .iter()
        .filter_map(|target| bounds::on_a_small_stack(target.name, || read(target)).err())
        .map(|error| error.to_string())
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_folder_is_of_a_target() -> Result<()> {
    for kind in ["corpus", "findings"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind);
        // Without findings there is no folder of them.
        if !folder.exists() {
            continue;
        }
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name();
            let is_known = TARGETS.iter().any(|target| name == target.name);
            ensure!(is_known, "{kind}/{} is of no target", name.display());
        }
    }
    Ok(())
}
