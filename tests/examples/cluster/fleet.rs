//! The processes, each at an address of its own, and how one version takes the place of another.

use std::{path::PathBuf, time::Duration};

use televent_tests::{CalendarApp, Serving, Televent, World, free_addresses};
use tokio::time::Instant;

use crate::report::Report;

const ROLES: [&str; 7] = [
    "api", "api", "notifier", "notifier", "notifier", "rsvp", "rsvp",
];

/// As deploy/Caddyfile.cluster asks for.
const NOTICE_S: &str = "5";

/// The notice, and what a process gives its tasks to finish.
const ENDS_WITHIN: Duration = Duration::from_secs(60);

const READY_WITHIN: Duration = Duration::from_secs(60);

const FIRST_ACCOUNT: i64 = 500_000;

/// What the processes are told.
pub(crate) struct Plan {
    pub(crate) nats_url: String,
    pub(crate) public_url: String,
    pub(crate) by_webhook: bool,
    /// The version to begin with; this one if there is none.
    pub(crate) old: Option<PathBuf>,
}

/// All processes.
pub(crate) struct Fleet {
    plan: Plan,
    database_url: String,
    telegram_url: String,
    members: Vec<Member>,
    /// For commands.
    old: Televent,
    new: Televent,
}

struct Member {
    role: &'static str,
    address: String,
    old: Televent,
    new: Televent,
    running: Option<Serving>,
}

impl Fleet {
    /// Brings the schema to the old version, and starts all processes of it.
    pub(crate) async fn start(world: &World, plan: Plan) -> Self {
        let mut fleet = Self {
            database_url: world.database.url.clone(),
            telegram_url: world.telegram.url(),
            members: Vec::new(),
            old: Televent::unconfigured(),
            new: Televent::unconfigured(),
            plan,
        };
        fleet.old = fleet.version(true, "127.0.0.1:0");
        fleet.new = fleet.version(false, "127.0.0.1:0");
        fleet.old.succeed(&["migrate"]).await;
        let addresses = free_addresses::<{ ROLES.len() }>().map(|address| address.to_string());
        for (role, address) in ROLES.into_iter().zip(addresses) {
            let (old, new) = (
                fleet.version(true, &address),
                fleet.version(false, &address),
            );
            let serving = old.serve(&["--roles", role]).await;
            fleet.members.push(Member {
                role,
                address,
                old,
                new,
                running: Some(serving),
            });
        }
        for member in &fleet.members {
            until_ready(&member.address).await;
        }
        fleet
    }

    fn version(&self, is_old: bool, address: &str) -> Televent {
        let updates = if self.plan.by_webhook {
            "webhook"
        } else {
            "polling"
        };
        let televent = Televent::unconfigured()
            .with("TELEVENT_DATABASE_URL", &self.database_url)
            .with("TELEVENT_NATS_URL", &self.plan.nats_url)
            .with("TELEVENT_HTTP_LISTEN", address)
            .with("TELEVENT_PUBLIC_URL", &self.plan.public_url)
            .with("TELEVENT_SHUTDOWN_NOTICE_SECONDS", NOTICE_S)
            .with("TELEVENT_TELEGRAM_API_URL", &self.telegram_url)
            .with("TELEVENT_TELEGRAM_TOKEN", televent_tests::TOKEN)
            .with("TELEVENT_TELEGRAM_UPDATES", updates)
            .with("TELEVENT_TELEGRAM_WEBHOOK_SECRET", "secret-of-the-cluster")
            .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", "0")
            .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0")
            .with("TELEVENT_LOG_FORMAT", "json");
        match self.plan.old.clone().filter(|_| is_old) {
            Some(program) => televent.by(program),
            None => televent,
        }
    }

    /// The addresses of a role, as Caddy reads them.
    pub(crate) fn addresses(&self, role: &str) -> String {
        let members = self.members.iter().filter(|member| member.role == role);
        let addresses: Vec<&str> = members.map(|member| member.address.as_str()).collect();
        addresses.join(" ")
    }

    /// So many people with an account and a calendar app, which reaches them through Caddy.
    pub(crate) async fn accounts(&self, count: i64) -> Vec<CalendarApp> {
        let mut apps = Vec::new();
        for id in (FIRST_ACCOUNT..).take(usize::try_from(count).unwrap_or_default()) {
            let person = id.to_string();
            let add = ["user", "add", "--telegram-id", &person, "--name", "Ann"];
            self.old.succeed(&add).await;
            let add = [
                "device",
                "add",
                "--telegram-id",
                &person,
                "--label",
                "cluster",
                "--json",
            ];
            let device: serde_json::Value =
                serde_json::from_str(&self.old.succeed(&add).await).expect("an object");
            let text = |name: &str| {
                let value = device.get(name).and_then(serde_json::Value::as_str);
                value.expect("username and password").to_owned()
            };
            let url = &self.plan.public_url;
            apps.push(CalendarApp::new(
                url,
                id,
                &text("username"),
                &text("password"),
            ));
        }
        apps
    }

    /// Brings the schema to the new version, under the old processes.
    pub(crate) async fn migrate(&self) {
        self.new.succeed(&["migrate"]).await;
    }

    /// One process of a role after the other ends, and one of the new version starts at its address.
    pub(crate) async fn replace(&mut self, role: &str, report: &Report) {
        for member in &mut self.members {
            if member.role != role {
                continue;
            }
            if let Some(serving) = member.running.take() {
                end(member.role, serving, report).await;
            }
            member.running = Some(member.new.serve(&["--roles", role]).await);
            until_ready(&member.address).await;
            // So that Caddy has noticed before the next one goes.
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    }

    /// Ends all in good order.
    pub(crate) async fn stop(self, report: &Report) {
        for member in self.members {
            if let Some(serving) = member.running {
                end(member.role, serving, report).await;
            }
            drop(member.old);
        }
    }
}

async fn end(role: &str, mut serving: Serving, report: &Report) {
    let begun = Instant::now();
    serving.signal("TERM").await;
    match tokio::time::timeout(ENDS_WITHIN, serving.end()).await {
        Ok(status) if status.success() => {
            println!(
                "  {role} has ended after {:.1} s",
                begun.elapsed().as_secs_f64()
            );
        }
        other => report.wrong(format!("{role} has ended so: {other:?}\n{}", serving.log())),
    }
}

async fn until_ready(address: &str) {
    let ready = async {
        loop {
            let answer = reqwest::get(format!("http://{address}/readyz")).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(READY_WITHIN, ready).await;
    waited.expect("the process is ready");
}
