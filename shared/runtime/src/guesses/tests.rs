//! What is remembered and who waits, with a clock of the tests.

use super::*;

const HOME: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.1";

struct Scene {
    memory: Memory,
    now: Instant,
}

impl Scene {
    fn new() -> Self {
        Self {
            memory: Memory::default(),
            now: Instant::now(),
        }
    }

    /// How long this attempt would have to wait; `Err` when it is told to come back. It leaves the line at once.
    fn pause(&mut self, client: &str, account: u64, password: u64) -> Result<Duration, Duration> {
        match self
            .memory
            .judge(&attempt(client, account, password), self.now)
        {
            Verdict::Go => Ok(Duration::ZERO),
            Verdict::Wait { key, pause, .. } => {
                self.memory.leave(key);
                Ok(pause)
            }
            Verdict::ComeBack { after } => Err(after),
        }
    }

    fn wrong(&mut self, client: &str, account: u64, passwords: std::ops::Range<u64>) {
        for password in passwords {
            let attempt = attempt(client, account, password);
            self.memory.wrong(&attempt, self.now);
        }
    }

    fn right(&mut self, client: &str, account: u64, password: u64) {
        let attempt = attempt(client, account, password);
        self.memory.right(&attempt, self.now);
    }
}

fn attempt(client: &str, account: u64, password: u64) -> Attempt {
    let network = Network::of(client.parse().unwrap());
    Attempt {
        account: Key::Account(account, network),
        network: Key::Network(network),
        device: DIGESTS.hash_one((network, account, password)),
    }
}

/// The same for all attempts.
static DIGESTS: std::sync::LazyLock<RandomState> = std::sync::LazyLock::new(RandomState::new);

#[test]
fn pauses_begin_after_some_mistakes_and_grow_to_a_bound() {
    let pauses: Vec<u128> = (3..12)
        .map(|wrong| pause_after(wrong, 5).as_millis())
        .collect();
    assert_eq!(pauses, [0, 0, 250, 500, 1000, 2000, 2000, 2000, 2000]);
    assert_eq!(pause_after(u32::MAX, 5), LONGEST_PAUSE);
}

#[test]
fn who_guesses_is_slow_for_this_account_and_network_alone() {
    let mut scene = Scene::new();
    scene.wrong(HOME, 1, 0..10);
    assert_eq!(scene.pause(HOME, 1, 99), Ok(LONGEST_PAUSE));
    // A neighbour in the same network is the same.
    assert_eq!(scene.pause("192.0.2.200", 1, 99), Ok(LONGEST_PAUSE));
    assert_eq!(scene.pause(HOME, 2, 99), Ok(Duration::ZERO));
    assert_eq!(scene.pause(ELSEWHERE, 1, 99), Ok(Duration::ZERO));
    assert_eq!(scene.pause("192.0.3.1", 1, 99), Ok(Duration::ZERO));
}

#[test]
fn network_that_guesses_for_many_accounts_is_slow_for_all() {
    let mut scene = Scene::new();
    for account in 0..40 {
        scene.wrong(HOME, account, 0..1);
    }
    assert_eq!(scene.pause(HOME, 99, 99), Ok(LONGEST_PAUSE));
    assert_eq!(scene.pause(ELSEWHERE, 99, 99), Ok(Duration::ZERO));
}

#[test]
fn device_that_came_in_never_waits_until_its_password_is_taken_back() {
    let mut scene = Scene::new();
    scene.right(HOME, 1, 7);
    scene.wrong(HOME, 1, 100..200);
    assert_eq!(scene.pause(HOME, 1, 7), Ok(Duration::ZERO));
    // It is known where it was.
    scene.wrong(ELSEWHERE, 1, 100..200);
    assert_eq!(scene.pause(ELSEWHERE, 1, 7), Ok(LONGEST_PAUSE));
    scene.wrong(HOME, 1, 7..8);
    assert_eq!(scene.pause(HOME, 1, 7), Ok(LONGEST_PAUSE));
}

#[test]
fn same_wrong_password_again_is_no_guess() {
    let mut scene = Scene::new();
    for _ in 0..100 {
        scene.wrong(HOME, 1, 7..8);
    }
    assert_eq!(scene.pause(HOME, 1, 9), Ok(Duration::ZERO));
}

#[test]
fn all_is_forgotten_after_a_quiet_while() {
    let mut scene = Scene::new();
    scene.wrong(HOME, 1, 0..10);
    scene.now += FORGOTTEN_AFTER - Duration::from_secs(1);
    assert_eq!(scene.pause(HOME, 1, 99), Ok(LONGEST_PAUSE));
    scene.now += Duration::from_secs(1);
    assert_eq!(scene.pause(HOME, 1, 99), Ok(Duration::ZERO));
    scene.wrong(HOME, 1, 0..1);
    assert_eq!(scene.pause(HOME, 1, 99), Ok(Duration::ZERO));
}

#[test]
fn lines_are_bounded_each_and_all_together() {
    let mut scene = Scene::new();
    let mut waiting = 0;
    for client in 0..=MOST_IN_ALL_LINES {
        let client = format!("192.0.{client}.1");
        scene.wrong(&client, 1, 0..10);
        for place in 0..=MOST_IN_LINE {
            let attempt = attempt(&client, 1, 99);
            match scene.memory.judge(&attempt, scene.now) {
                Verdict::Wait { pause, .. } => {
                    waiting += 1;
                    assert_eq!(pause, LONGEST_PAUSE);
                }
                Verdict::ComeBack { after } => {
                    assert!(place == MOST_IN_LINE || waiting == MOST_IN_ALL_LINES);
                    assert!(after >= LONGEST_PAUSE);
                }
                Verdict::Go => panic!("it is slow"),
            }
        }
    }
    assert_eq!(waiting, MOST_IN_ALL_LINES);
    // Elsewhere, and for a known device, nothing has changed.
    assert_eq!(scene.pause(ELSEWHERE, 1, 99), Ok(Duration::ZERO));
    scene.right("192.0.1.1", 1, 7);
    assert_eq!(scene.pause("192.0.1.1", 1, 7), Ok(Duration::ZERO));
    let left = attempt("192.0.0.1", 1, 99);
    scene.memory.leave(left.account);
    assert_eq!(scene.pause("192.0.0.1", 1, 99), Ok(LONGEST_PAUSE));
}

#[test]
fn memory_is_bounded_and_forgets_the_quietest() {
    let mut scene = Scene::new();
    for account in 0..u64::try_from(2 * MOST_REMEMBERED).unwrap() {
        scene.now += Duration::from_millis(1);
        scene.wrong(HOME, account, 0..1);
        scene.right(HOME, account, 1);
    }
    assert!(scene.memory.keys.len() <= MOST_REMEMBERED);
    assert!(scene.memory.devices.len() <= MOST_DEVICES);
    let last = u64::try_from(2 * MOST_REMEMBERED - 1).unwrap();
    let network = Network::of(HOME.parse().unwrap());
    assert!(scene.memory.keys.contains_key(&Key::Network(network)));
    assert!(scene.memory.keys.contains_key(&Key::Account(last, network)));
    assert!(!scene.memory.keys.contains_key(&Key::Account(0, network)));
}

#[test]
fn networks_are_what_a_household_is_given() {
    let network = |text: &str| Network::of(text.parse().unwrap());
    assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.254"));
    assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
    assert_eq!(network("2001:db8:1:200::1"), network("2001:db8:1:2ff::9"));
    assert_ne!(network("2001:db8:1:200::1"), network("2001:db8:1:300::1"));
}
