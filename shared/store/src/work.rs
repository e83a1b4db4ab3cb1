//! Long work in the midst of requests.

use std::time::Duration;

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Semaphore, SemaphorePermit},
};

use crate::StoreError;

/// A decision about more people reads and writes so many copies that others must not wait for it.
const MANY_PEOPLE: usize = 50;

/// Writes of more bytes than this take their time, since Postgres compresses them all, and several times their size in memory.
pub(crate) const MUCH_BYTES: usize = 16 * 1024 * 1024;

/// So many of them at once in a process: a new meeting of a thousand people needs half a gigabyte.
const MOST_OF_MUCH: usize = 2;

/// How long such a write waits for those before it.
const TURN: Duration = Duration::from_secs(20);

static MUCH: Semaphore = Semaphore::const_new(MOST_OF_MUCH);

/// The right to write so many bytes; nothing is needed for what is not much.
pub(crate) async fn turn_to_write(
    bytes: usize,
) -> Result<Option<SemaphorePermit<'static>>, StoreError> {
    if bytes <= MUCH_BYTES {
        return Ok(None);
    }
    match tokio::time::timeout(TURN, MUCH.acquire()).await {
        Ok(Ok(permit)) => Ok(Some(permit)),
        Ok(Err(_)) | Err(_) => Err(StoreError::Busy),
    }
}

/// As [`while_others_go_on`], if the work is about many people.
pub(crate) fn for_so_many<T>(people: usize, work: impl FnOnce() -> T) -> T {
    if people > MANY_PEOPLE {
        while_others_go_on(work)
    } else {
        work()
    }
}

/// Does what may take tens of milliseconds of computing. Requests on the same thread go on meanwhile, on another one, where the runtime
/// has more than one.
pub fn while_others_go_on<T>(work: impl FnOnce() -> T) -> T {
    let has_other_threads = Handle::try_current()
        .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    if has_other_threads {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}
