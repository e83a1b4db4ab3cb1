//! A whole run: what is asked for, one after the other, and what becomes of the figures.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    arguments::{Plan, Render},
    callgrind,
    machine::Machine,
    peers, plots,
    progress::say,
    report::{PATHS, check, markdown, performance},
    results::Results,
    stage::Stage,
    workloads::{self, Shared, WORKLOADS},
};

/// What else can be asked for.
const PEERS: &str = "peers";
const PURE: &str = "pure";
const PROFILE: &str = "profile";

const FIGURES: &str = "benchmarks.json";

/// Measures, and writes or compares.
///
/// # Errors
/// When a workload fails: a wrong answer ends it.
pub async fn measure(plan: &Plan) -> Result<ExitCode> {
    let wanted = Wanted::of(plan)?;
    if cfg!(debug_assertions) && !plan.quick {
        bail!("a debug build measures nothing; use ./x bench, or --quick to see that it works");
    }
    let started = Instant::now();
    say("==> Starting Postgres and nats-server");
    let stage = Stage::start(plan).await?;
    let found = run_all(&wanted, plan, &stage).await;
    stage.stop().await?;
    let (results, failures) = found?;
    say(format_args!(
        "==> Done in {} s\n",
        started.elapsed().as_secs()
    ));
    say(markdown::summary(&results.workloads));
    say(performance::summary(&results.workloads));
    for failure in &failures {
        say(format_args!("FAILED {failure}"));
    }
    let is_sound = if plan.check {
        compare(plan, &results)?
    } else {
        write(plan, &wanted, results)?;
        true
    };
    Ok(if is_sound && failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Writes pages and pictures anew.
///
/// # Errors
/// When a file can't be read or written.
pub fn render(render: &Render) -> Result<()> {
    let results = read(&render.output.join(FIGURES))?;
    write_pages(&render.output, &results)
}

struct Wanted {
    workloads: Vec<String>,
    pure: bool,
    peers: bool,
    /// Everything but the peers.
    all: bool,
}

impl Wanted {
    fn of(plan: &Plan) -> Result<Self> {
        let asked = |name: &str| plan.workloads.iter().any(|wanted| wanted == name);
        let all = plan.workloads.is_empty();
        for name in &plan.workloads {
            let others = [PEERS, PURE, PROFILE];
            if !WORKLOADS.contains(&name.as_str()) && !others.contains(&name.as_str()) {
                bail!("there is no workload {name}; see --help");
            }
        }
        let is_wanted =
            |name: &&str| all || asked(name) || (asked(PROFILE) && PATHS.contains(name));
        Ok(Self {
            workloads: WORKLOADS
                .into_iter()
                .filter(is_wanted)
                .map(str::to_owned)
                .collect(),
            pure: all || asked(PURE),
            peers: asked(PEERS),
            all,
        })
    }
}

async fn run_all(wanted: &Wanted, plan: &Plan, stage: &Stage) -> Result<(Results, Vec<String>)> {
    let mut results = Results {
        machine: Machine::of_this(&stage.binaries),
        quick: plan.quick,
        workloads: Vec::new(),
        instructions: std::collections::BTreeMap::new(),
        peers: Vec::new(),
    };
    let shared = Shared::default();
    let mut failures = Vec::new();
    for (index, name) in wanted.workloads.iter().enumerate() {
        say(format_args!(
            "==> {name} ({} of {})",
            index + 1,
            wanted.workloads.len()
        ));
        // The futures of all workloads together are large.
        match Box::pin(workloads::run(name, stage, &shared)).await {
            Ok(outcome) => results.workloads.push(outcome),
            Err(error) if plan.keep_going => {
                say(format_args!("    failed: {error:#}"));
                failures.push(format!("{name}: {error:#}"));
            }
            Err(error) => return Err(error.context(name.clone())),
        }
    }
    if wanted.peers {
        results.peers = peers::run(stage, &plan.peers_dir).await?;
    }
    if wanted.pure {
        say("==> Instructions of the pure code");
        if let Some(counts) = callgrind::count(stage.folder()).await? {
            results.instructions = counts;
        }
    }
    Ok((results, failures))
}

fn compare(plan: &Plan, results: &Results) -> Result<bool> {
    let baseline = read(&PathBuf::from("docs").join(FIGURES))?;
    let worse = check::worse(&baseline, results, plan.tolerance);
    for line in &worse {
        say(format_args!("WORSE {line}"));
    }
    if worse.is_empty() {
        say(format_args!(
            "nothing is worse than the baseline by more than {:.0} %",
            plan.tolerance * 100.0
        ));
    }
    Ok(worse.is_empty())
}

fn write(plan: &Plan, wanted: &Wanted, results: Results) -> Result<()> {
    let folder = plan
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(if plan.quick { "target/bench" } else { "docs" }));
    fs::create_dir_all(&folder)?;
    let file = folder.join(FIGURES);
    // Of what was not measured now, the older figures stay.
    let results = match read(&file) {
        Ok(old) if old.quick == results.quick => merged(old, results, wanted.all),
        _ => results,
    };
    fs::write(&file, serde_json::to_string_pretty(&results)? + "\n")?;
    write_pages(&folder, &results)?;
    say(format_args!("==> Written: {}", folder.display()));
    Ok(())
}

fn merged(old: Results, new: Results, is_all: bool) -> Results {
    let mut results = if is_all {
        Results {
            machine: new.machine.clone(),
            ..old
        }
    } else {
        old
    };
    for mut outcome in new.workloads {
        if !is_all {
            let Machine {
                started_at, commit, ..
            } = &new.machine;
            outcome.measured = format!("{started_at}, commit {commit}");
        }
        match results
            .workloads
            .iter_mut()
            .find(|known| known.name == outcome.name)
        {
            Some(known) => *known = outcome,
            None => results.workloads.push(outcome),
        }
    }
    let place = |name: &str| WORKLOADS.iter().position(|known| *known == name);
    results
        .workloads
        .sort_by_key(|outcome| place(&outcome.name));
    if !new.instructions.is_empty() {
        results.instructions = new.instructions;
    }
    if !new.peers.is_empty() {
        results.peers = new.peers;
    }
    results
}

fn read(file: &Path) -> Result<Results> {
    let text =
        fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn write_pages(folder: &Path, results: &Results) -> Result<()> {
    let plots = plots::write(results, &folder.join("benchmarks"))?;
    fs::write(
        folder.join("benchmarks.md"),
        markdown::page(results, &plots),
    )?;
    let page = folder.join("performance.md");
    let old = fs::read_to_string(&page).ok();
    fs::write(page, performance::page(old, results)?)?;
    Ok(())
}
