//! A model of scheduling: random lives of a meeting, in which its organizer changes it, attendees answer on cards and by
//! their calendar apps, put things away, and store what they knew earlier, against a reference of plain maps.
//!
//! After each operation,
//!
//! * the organizer's object, `event_attendees` (invariant 9) and every living copy say the same of everybody, and that is
//!   what the reference says;
//! * a copy has the components that name its owner, and no others, with the organizer's times, title and place;
//! * what was refused, and what says nothing new, has changed nothing; what is private has touched nobody else; an answer
//!   has left the schedule tags of others;
//! * just the calendars that were touched have a higher ctag;
//! * SEQUENCE has not fallen, the outbox is settled, and there are no dead letters.
//!
//! In a part of the lives something goes wrong at the operations, too: the process is killed, nats-server restarts or loses its disk,
//! answers of Telegram are lost. All of the above must be true all the same, once the process has been started again.
//!
//! They are the same lives each time. `PROPTEST_CASES=2000 ./x test -p televent-tests --test model -- --nocapture` takes that
//! many others, and says how much happened in them. A failure tells its seed and the shortest life that was found to fail.

mod fault;
mod life;
mod operation;
mod people;
mod reference;
mod tables;
mod text;

use std::{cell::Cell, cell::RefCell, collections::BTreeMap};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use televent_tests::{ANN, BO, KIRILL, Supervisor, World};

use crate::life::Life;
use crate::operation::Step;
use crate::people::Person;

/// Lives of a meeting; `PROPTEST_CASES` asks for more.
const LIVES: u32 = 48;

/// Lives of a meeting in which something goes wrong; `PROPTEST_CASES` asks for more.
const LIVES_WITH_FAULTS: u32 = 12;

/// The most operations of a life.
const MOST_OPERATIONS: usize = 20;

/// Shorter lives that are tried when one fails. The database goes on between tries, so what fails is told as it is.
const MOST_SHRINKS: u32 = 400;

/// How many of a hundred operations something goes wrong with.
const FAULTS: f64 = 0.4;

#[test]
fn everybody_sees_what_was_answered() {
    let faultless = operation::life(MOST_OPERATIONS, Just(None));
    play(LIVES, &faultless);
}

#[test]
fn everybody_sees_what_was_answered_whatever_goes_wrong() {
    let fault = prop::option::weighted(FAULTS, fault::fault());
    play(LIVES_WITH_FAULTS, &operation::life(MOST_OPERATIONS, fault));
}

/// Plays lives against one process with all roles, which is started again when it is killed.
#[expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a test has to fail here, or to tell its figures"
)]
fn play(lives: u32, life: &impl Strategy<Value = Vec<Step>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (world, process, devices) = runtime.block_on(async {
        let world = World::with_processes(&[]).await;
        let process = Supervisor::start(&world, false, &[]);
        world.add_people().await;
        let mut devices = BTreeMap::new();
        for (person, id, name) in [
            (Person::Ann, ANN, "Ann"),
            (Person::Kirill, KIRILL, "Kirill"),
            (Person::Bo, BO, "Bo"),
        ] {
            let device = world.add_user(id, name).await;
            devices.insert(person, device.at(&process.url()));
        }
        process.listens().await;
        (world, RefCell::new(process), devices)
    });
    let more = std::env::var("PROPTEST_CASES").ok();
    let config = Config {
        cases: more.as_ref().map_or(lives, |cases| {
            cases.parse().expect("PROPTEST_CASES is a number")
        }),
        max_shrink_iters: MOST_SHRINKS,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    if more.is_some() {
        rand::fill(&mut seed);
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let lives = Cell::new(0);
    let operations = Cell::new((0, 0));
    let faults = Cell::new(0);
    let outcome = runner.run(life, |steps| {
        lives.set(lives.get() + 1);
        let mut process = process.borrow_mut();
        runtime.block_on(async {
            let url = process.url();
            let mut life = Life::new(&world, &url, lives.get(), &devices).await;
            for (operation, fault) in &steps {
                if let Some(fault) = fault {
                    faults.set(faults.get() + 1);
                    fault.before(&world).await;
                }
                let disturb = async {
                    if let Some(fault) = fault {
                        fault.after(&world, &mut process).await;
                    }
                };
                life.take(operation, disturb).await?;
                world.telegram.clear_faults().await;
            }
            let (effective, all) = operations.get();
            operations.set((effective + life.operations.0, all + life.operations.1));
            Ok(())
        })
    });
    let (effective, all) = operations.get();
    println!(
        "{} lives, {all} operations, {effective} with an effect, {} faults",
        lives.get(),
        faults.get()
    );
    if let Err(failure) = outcome {
        world.abandon();
        panic!("seed {seed:?}: {failure}");
    }
    runtime.block_on(async {
        process.into_inner().stop().await;
        world.finish().await;
    });
}
