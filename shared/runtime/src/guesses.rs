//! Slows down whoever guesses passwords, for each account and network, without locking the account's owner out.
//!
//! Passwords are checked in Postgres and nowhere else; what is remembered here decides only who waits. A device that has come in from
//! a network never waits there again. After some wrong passwords the others of that account and network are checked one at a time,
//! each after a pause that grows, and those who would wait for too long are told to come back. All accounts together are counted for
//! each network, too. Guesses from one network delay nobody in another.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::{BuildHasher as _, Hash},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use metrics::counter;
use tokio::sync::OwnedMutexGuard;

/// Wrong passwords for one account from one network before it is slow there: somebody who types a password makes no more mistakes.
const FREE_FOR_ACCOUNT: u32 = 5;

/// Wrong passwords from one network before it is slow for all accounts: a household may have some stale devices.
const FREE_FOR_NETWORK: u32 = 30;

/// After so long without a wrong password all is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);

/// The first pause. It doubles with each wrong password.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest: a new device waits for this many times [`MOST_IN_LINE`] at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Requests that wait or are checked at once of what is slow.
const MOST_IN_LINE: usize = 4;

/// The same, of everything that is slow together: each holds a connection.
const MOST_IN_ALL_LINES: usize = 16;

/// Accounts and networks that are remembered. Of more, those are forgotten that have been quiet for longest.
const MOST_REMEMBERED: usize = 10_000;

/// Devices that are remembered, in the same way.
const MOST_DEVICES: usize = 20_000;

/// The last wrong passwords that are remembered of an account and network. A device whose password was taken back comes again and
/// again with the same: that is no guess.
const REMEMBERED_WRONG: usize = 8;

/// Bits of an address that one network has: what one household or office is given.
const IPV4_NETWORK: u32 = 24;
const IPV6_NETWORK: u32 = 56;

/// The network of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Network(IpAddr);

impl Network {
    fn of(client: IpAddr) -> Self {
        Self(match client.to_canonical() {
            IpAddr::V4(address) => {
                let mask = u32::MAX << (u32::BITS - IPV4_NETWORK);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX << (u128::BITS - IPV6_NETWORK);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        })
    }
}

/// What wrong passwords are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// An account, by the digest of its name in the request, and a network.
    Account(u64, Network),
    /// All accounts.
    Network(Network),
}

impl Key {
    const fn free(self) -> u32 {
        match self {
            Self::Account(..) => FREE_FOR_ACCOUNT,
            Self::Network(_) => FREE_FOR_NETWORK,
        }
    }
}

/// A request that names an account and a password. Digests are keyed, and never leave the process.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    account: Key,
    network: Key,
    /// Of network, account and password.
    device: u64,
}

/// What is remembered of a [`Key`].
#[derive(Debug)]
struct Remembered {
    wrong: u32,
    last_wrong: Instant,
    lately: VecDeque<u64>,
    in_line: usize,
    line: Arc<tokio::sync::Mutex<()>>,
}

/// What a request has to do before its password is checked.
#[derive(Debug)]
enum Verdict {
    /// Nothing.
    Go,
    /// To stand in line, and to wait once it is its turn.
    Wait {
        key: Key,
        line: Arc<tokio::sync::Mutex<()>>,
        pause: Duration,
    },
    /// To come back.
    ComeBack { after: Duration },
}

/// All that is remembered. The clock is the caller's.
#[derive(Debug, Default)]
struct Memory {
    keys: HashMap<Key, Remembered>,
    /// When each was let in last.
    devices: HashMap<u64, Instant>,
    in_all_lines: usize,
}

impl Memory {
    fn judge(&mut self, attempt: &Attempt, now: Instant) -> Verdict {
        if self.devices.contains_key(&attempt.device) {
            return Verdict::Go;
        }
        let (account, network) = (
            self.pause(attempt.account, now),
            self.pause(attempt.network, now),
        );
        let pause = account.max(network);
        if pause.is_zero() {
            return Verdict::Go;
        }
        // Where the network is slow, its line is the one of all its accounts.
        let key = if network.is_zero() {
            attempt.account
        } else {
            attempt.network
        };
        let Some(known) = self.keys.get_mut(&key) else {
            return Verdict::Go;
        };
        if known.in_line >= MOST_IN_LINE || self.in_all_lines >= MOST_IN_ALL_LINES {
            let in_line = u32::try_from(known.in_line).unwrap_or(u32::MAX);
            return Verdict::ComeBack {
                after: pause.saturating_mul(in_line.max(1)),
            };
        }
        known.in_line += 1;
        self.in_all_lines += 1;
        Verdict::Wait {
            key,
            line: Arc::clone(&known.line),
            pause,
        }
    }

    fn pause(&self, key: Key, now: Instant) -> Duration {
        self.keys
            .get(&key)
            .filter(|known| !known.is_over(now))
            .map_or(Duration::ZERO, |known| pause_after(known.wrong, key.free()))
    }

    /// Somebody who stood in line has gone.
    fn leave(&mut self, key: Key) {
        self.in_all_lines = self.in_all_lines.saturating_sub(1);
        if let Some(known) = self.keys.get_mut(&key) {
            known.in_line = known.in_line.saturating_sub(1);
        }
    }

    fn right(&mut self, attempt: &Attempt, now: Instant) {
        if !self.devices.contains_key(&attempt.device) && self.devices.len() >= MOST_DEVICES {
            forget_quietest(&mut self.devices, |seen| Some(*seen));
        }
        self.devices.insert(attempt.device, now);
    }

    fn wrong(&mut self, attempt: &Attempt, now: Instant) {
        // Its password was taken back.
        self.devices.remove(&attempt.device);
        for key in [attempt.account, attempt.network] {
            if !self.keys.contains_key(&key) && self.keys.len() >= MOST_REMEMBERED {
                forget_quietest(&mut self.keys, |known| {
                    (known.in_line == 0).then_some(known.last_wrong)
                });
            }
            let known = self.keys.entry(key).or_insert_with(|| Remembered {
                wrong: 0,
                last_wrong: now,
                lately: VecDeque::new(),
                in_line: 0,
                line: Arc::default(),
            });
            if known.is_over(now) {
                known.wrong = 0;
                known.lately.clear();
            }
            if known.lately.contains(&attempt.device) {
                continue;
            }
            if known.lately.len() == REMEMBERED_WRONG {
                known.lately.pop_front();
            }
            known.lately.push_back(attempt.device);
            known.wrong = known.wrong.saturating_add(1);
            known.last_wrong = now;
        }
    }
}

impl Remembered {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_wrong) >= FORGOTTEN_AFTER
    }
}

/// The pause before a password is checked, after so many wrong ones.
fn pause_after(wrong: u32, free: u32) -> Duration {
    match wrong.checked_sub(free) {
        None => Duration::ZERO,
        Some(doublings) => FIRST_PAUSE
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(LONGEST_PAUSE),
    }
}

/// Makes room: forgets the eighth part that has been quiet for longest. `None` is not forgotten.
fn forget_quietest<K: Copy + Eq + Hash, V>(
    map: &mut HashMap<K, V>,
    seen: impl Fn(&V) -> Option<Instant>,
) {
    let mut times: Vec<(Instant, K)> = map
        .iter()
        .filter_map(|(key, value)| Some((seen(value)?, *key)))
        .collect();
    times.sort_unstable_by_key(|(time, _)| *time);
    for (_, key) in times.iter().take(1 + map.len() / 8) {
        map.remove(key);
    }
}

/// Who has guessed, in this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Guesses {
    memory: Arc<Mutex<Memory>>,
    digests: RandomState,
}

/// A request whose password may be checked now. Dropping it lets the next one go.
#[derive(Debug)]
pub struct Turn {
    guesses: Guesses,
    attempt: Attempt,
    _line: Option<(OwnedMutexGuard<()>, Place)>,
}

/// A place in a line, until dropped.
#[derive(Debug)]
struct Place {
    guesses: Guesses,
    key: Key,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.guesses.lock().leave(self.key);
    }
}

impl Guesses {
    /// Waits until a password may be checked that somebody at `client` sends for `account`.
    ///
    /// # Errors
    /// After how long to come back, when too many wait.
    pub async fn turn(
        &self,
        client: IpAddr,
        account: &str,
        password: &str,
    ) -> Result<Turn, Duration> {
        let network = Network::of(client);
        let attempt = Attempt {
            account: Key::Account(self.digests.hash_one(account.to_ascii_lowercase()), network),
            network: Key::Network(network),
            device: self.digests.hash_one((network, account, password)),
        };
        let verdict = self.lock().judge(&attempt, Instant::now());
        let line = match verdict {
            Verdict::Go => None,
            Verdict::ComeBack { after } => {
                count("refused");
                return Err(after);
            }
            Verdict::Wait { key, line, pause } => {
                let place = Place {
                    guesses: self.clone(),
                    key,
                };
                let guard = line.lock_owned().await;
                tokio::time::sleep(pause).await;
                count("slowed");
                Some((guard, place))
            }
        };
        Ok(Turn {
            guesses: self.clone(),
            attempt,
            _line: line,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// The password was right, or not.
    pub fn ended(self, is_right: bool) {
        let mut memory = self.guesses.lock();
        let now = Instant::now();
        if is_right {
            memory.right(&self.attempt, now);
        } else {
            memory.wrong(&self.attempt, now);
        }
        drop(memory);
        if !is_right {
            count("wrong");
        }
    }
}

fn count(outcome: &'static str) {
    counter!("televent_password_attempts_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests;
