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
//! They are the same lives each time. `PROPTEST_CASES=2000 ./x test -p televent-tests --test model -- --nocapture` takes that
//! many others, and says how much happened in them. A failure tells its seed and the shortest life that was found to fail.

mod life;
mod operation;
mod people;
mod reference;
mod tables;
mod text;

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use televent_tests::{BO, KIRILL, World};

use crate::life::Life;
use crate::people::Person;

/// Lives of a meeting; `PROPTEST_CASES` asks for more.
const LIVES: u32 = 48;

/// The most operations of a life.
const MOST_OPERATIONS: usize = 20;

/// Shorter lives that are tried when one fails. The database goes on between tries, so what fails is told as it is.
const MOST_SHRINKS: u32 = 400;

#[test]
fn everybody_sees_what_was_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (world, devices) = runtime.block_on(async {
        let world = World::start().await;
        let ann = world.add_people().await;
        let devices = BTreeMap::from([
            (Person::Ann, ann),
            (Person::Kirill, world.add_user(KIRILL, "Kirill").await),
            (Person::Bo, world.add_user(BO, "Bo").await),
        ]);
        (world, devices)
    });
    let more = std::env::var("PROPTEST_CASES").ok();
    let config = Config {
        cases: more.as_ref().map_or(LIVES, |cases| cases.parse().unwrap()),
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
    let life = operation::life(MOST_OPERATIONS);
    let outcome = runner.run(&life, |steps| {
        lives.set(lives.get() + 1);
        runtime.block_on(async {
            let mut life = Life::new(&world, lives.get(), &devices).await;
            for step in &steps {
                life.take(step).await?;
            }
            let (effective, all) = operations.get();
            operations.set((effective + life.operations.0, all + life.operations.1));
            Ok(())
        })
    });
    let (effective, all) = operations.get();
    println!(
        "{} lives, {all} operations, {effective} with an effect",
        lives.get()
    );
    if let Err(failure) = outcome {
        world.abandon();
        panic!("seed {seed:?}: {failure}");
    }
    runtime.block_on(world.finish());
}
