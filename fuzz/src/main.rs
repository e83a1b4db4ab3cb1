//! The targets under libFuzzer, which chooses inputs by the code that they reach. `TELEVENT_FUZZ_TARGET` names the target;
//! the arguments are libFuzzer's. `./x fuzz` builds and runs it.

#![no_main]

use std::{
    fs::File,
    io::{Seek as _, Write as _},
    sync::{Mutex, OnceLock},
};

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use televent_fuzz::{TARGETS, Target, bounds, corpus, mutation};

/// Where an input is kept while it is read: what ends the process at once, as the end of a stack does, leaves it there.
const LAST_INPUT: &str = "TELEVENT_FUZZ_LAST_INPUT";

fn target() -> &'static Target {
    static TARGET: OnceLock<&'static Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var("TELEVENT_FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.iter().find(|target| target.name == name);
        found.expect("TELEVENT_FUZZ_TARGET is the name of a target")
    })
}

fn keep(input: &[u8]) {
    static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let path = std::env::var_os(LAST_INPUT)?;
        Some(Mutex::new(
            File::create(path).expect("the file can be written"),
        ))
    });
    if let Some(mut file) = file.as_ref().and_then(|file| file.lock().ok()) {
        let _ = file.rewind();
        let _ = file.write_all(input);
        let _ = file.set_len(input.len() as u64);
    }
}

fuzz_target!(|input: &[u8]| {
    keep(input);
    let target = target();
    let outcome = bounds::on_a_small_stack(target.name, || bounds::check(target.run, input));
    outcome.expect("the input is read within its bounds");
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    static INPUTS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let mut rng = SmallRng::seed_from_u64(seed.into());
    if rng.random_bool(0.4) {
        return fuzzer_mutate(data, size, max_size);
    }
    let inputs = INPUTS.get_or_init(|| {
        let inputs = corpus::of(target()).unwrap_or_default();
        inputs.into_iter().map(|(_, bytes)| bytes).collect()
    });
    let other = match inputs.len() {
        0 => &[],
        many => inputs[rng.random_range(0..many)].as_slice(),
    };
    let mut changed = data[..size].to_vec();
    mutation::mutate(&mut changed, max_size, target().words, other, &mut rng);
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
});
