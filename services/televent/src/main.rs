//! The one binary: a role is an argument, and so are the operator's commands.

mod arguments;
mod commands;
mod settings;
mod up;

use std::{process::ExitCode, time::Duration};

use clap::FromArgMatches as _;
use televent_runtime::{
    config::{Config, Settings},
    telemetry::{self, TracesOf},
};
use tracing_subscriber::EnvFilter;

use arguments::{Command, Role};

/// A request is some hundred small pieces of text: with the allocator of glibc they were a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What `televent up` logs unless told otherwise: somebody who tries it out wants to read what it prints.
const UP_LOG: &str = "warn";

/// How long what blocks a thread, such as asking for the address of a host, may keep the process from ending.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&error.into());
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(command());
    runtime.shutdown_timeout(LEAVE_WITHIN);
    code
}

async fn command() -> ExitCode {
    let matches = arguments::command_line().get_matches();
    let command = match Command::from_arg_matches(&matches) {
        Ok(command) => command,
        Err(error) => error.exit(),
    };
    match run(command, &matches).await {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, matches: &clap::ArgMatches) -> anyhow::Result<ExitCode> {
    let settings = settings::load(matches)?;
    let mut config = Config::from_settings(&settings)?;
    if matches!(command, Command::Up(_)) && !settings.is_set("log") {
        UP_LOG.clone_into(&mut config.log);
    }
    let telemetry = telemetry::init_logs(
        &EnvFilter::try_new(&config.log)?,
        config.log_format,
        traces_of(&command, &config),
    );
    let outcome = dispatch(command, config, &settings).await;
    telemetry.finish().await;
    outcome
}

/// Servers send traces; a command has nothing to tell that its user does not see.
fn traces_of<'a>(command: &Command, config: &'a Config) -> Option<TracesOf<'a>> {
    let traces = config.traces.as_ref()?;
    let roles: &[Role] = match command {
        Command::Up(_) => &up::ALL_ROLES,
        Command::Serve { roles } => roles,
        _ => return None,
    };
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let roles = roles.join(",");
    Some(TracesOf { traces, roles })
}

async fn dispatch(
    command: Command,
    config: Config,
    settings: &Settings,
) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up(arguments) => up::run(arguments, config, settings).await,
        Command::Serve { roles } => commands::serve::run(&config, &roles).await,
        Command::Migrate => commands::migrate::run(&config).await,
        Command::AfterRestore => commands::after_restore::run(&config).await,
        Command::User { command } => commands::user::run(&config, command).await,
        Command::Device { command } => commands::device::run(&config, command).await,
        Command::Feed { command } => commands::feed::run(&config, command).await,
        Command::Healthy { ready } => commands::healthy::run(&config, ready).await,
        Command::Doctor { roles } => commands::doctor::run(&config, &roles).await,
        Command::NatsKeys { json } => commands::nats_keys::run(json),
        Command::DeadLetters { command } => commands::dead_letters::run(&config, command).await,
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last word of a command goes to the person who typed it"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("televent: {error:#}");
}
