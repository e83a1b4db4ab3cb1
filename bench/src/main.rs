//! The command: reads what is wanted, and runs it in the fitting runtime.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use televent_bench::arguments::{Arguments, Task};
use tokio::runtime::{Builder, Runtime};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.task() {
        Task::Floor(floor) => many_threads()
            .and_then(|runtime| runtime.block_on(televent_bench::floors::handler::serve(&floor))),
        Task::Simulator => many_threads()
            .and_then(|runtime| runtime.block_on(televent_bench::telegram::serve()))
            .map(|()| ExitCode::SUCCESS),
        Task::Pure(pure) => televent_bench::pure::repeat(&pure).map(|()| ExitCode::SUCCESS),
        Task::Measure(plan) => {
            one_thread().and_then(|runtime| runtime.block_on(televent_bench::run::measure(&plan)))
        }
        Task::Render(render) => televent_bench::run::render(&render).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        // There is nobody left to tell if this fails.
        let _ = writeln!(io::stderr(), "televent-bench: {error:#}");
        ExitCode::FAILURE
    })
}

/// As the server that a floor stands for.
fn many_threads() -> anyhow::Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// The load must leave the processors to what it measures.
fn one_thread() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
