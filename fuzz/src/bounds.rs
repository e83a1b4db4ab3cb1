//! What an input may cost: CPU time by its size, and a small stack.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// Stack on which everything is read, in bytes: a quarter of what a worker thread of the server has. Without optimisation,
/// the 128 levels of JSON that serde_json allows take half of it.
pub const STACK_BYTES: usize = 512 * 1024;

/// CPU time that any input may take. What is slow on purpose (a recurrence without an end) has bounds of its own.
const BASE: Duration = Duration::from_secs(2);

/// And for each of its bytes.
const PER_BYTE: Duration = Duration::from_micros(100);

/// The CPU time that an input of this size may take, without optimisation.
#[must_use]
pub fn allowed(bytes: usize) -> Duration {
    BASE + PER_BYTE * u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Runs `work` on a small stack, under this name. When it is not enough, the process ends and says so.
///
/// # Panics
/// When `work` does, or there can be no thread.
pub fn on_a_small_stack<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .expect("a thread can be made");
        match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The CPU time that `work` takes on this thread.
pub fn cpu_time(work: impl FnOnce()) -> Duration {
    let before = clock();
    work();
    clock().saturating_sub(before)
}

fn clock() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Reads an input within the bound on time.
///
/// # Errors
/// What it did instead.
pub fn check(run: fn(&[u8]), input: &[u8]) -> Result<Duration, String> {
    let mut outcome = Ok(());
    let took = cpu_time(|| outcome = catch_unwind(AssertUnwindSafe(|| run(input))));
    match outcome {
        Err(panic) => {
            let told = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("a panic: {}", told.unwrap_or("of another kind")))
        }
        Ok(()) if took > allowed(input.len()) => Err(format!("{took:?} of CPU time")),
        Ok(()) => Ok(took),
    }
}
