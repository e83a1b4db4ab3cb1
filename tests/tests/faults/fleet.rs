//! Several real processes of each role, each at an address of its own, with proxies before their servers.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use televent_tests::{Proxy, Serving, Televent, World, ambiguous_sends, free_addresses};
use tokio::sync::Mutex;

/// Which roles run in how many processes.
const ROLES: [(&str, usize); 3] = [("api", 2), ("notifier", 2), ("rsvp", 2)];

/// The processes, and what stands before Postgres.
pub(crate) struct Fleet {
    members: Vec<Member>,
    /// Before Postgres. That before NATS is in the world.
    pub(crate) postgres: Proxy,
    next_api: AtomicUsize,
}

struct Member {
    role: &'static str,
    address: String,
    televent: Televent,
    running: Mutex<Option<Serving>>,
    /// Sends of the lives before whose outcome nobody knew.
    ambiguous: AtomicUsize,
}

impl Fleet {
    /// Starts all processes, and waits until they listen.
    pub(crate) async fn start(world: &World) -> Self {
        let (postgres, through_proxy) = world.database.behind_proxy().await;
        let mut members = Vec::new();
        for (role, count) in ROLES {
            for _ in 0..count {
                let [address] = free_addresses().map(|address| address.to_string());
                let televent = Televent::of(world)
                    .with("TELEVENT_DATABASE_URL", &through_proxy)
                    .with("TELEVENT_HTTP_LISTEN", &address)
                    .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", "0")
                    .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0");
                members.push(Member {
                    role,
                    address,
                    televent,
                    running: Mutex::default(),
                    ambiguous: AtomicUsize::new(0),
                });
            }
        }
        let fleet = Self {
            members,
            postgres,
            next_api: AtomicUsize::new(0),
        };
        for member in 0..fleet.len() {
            fleet.begin(member).await;
        }
        for member in &fleet.members {
            while tokio::net::TcpStream::connect(&member.address)
                .await
                .is_err()
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        fleet
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn name(&self, member: usize) -> String {
        let role = self.members.get(member).map_or("?", |member| member.role);
        format!("{role} {member}")
    }

    /// Where an api serves: another one each time, as a load balancer has it.
    pub(crate) fn api(&self) -> String {
        let apis: Vec<&Member> = self
            .members
            .iter()
            .filter(|member| member.role == "api")
            .collect();
        let next = self.next_api.fetch_add(1, Ordering::Relaxed) % apis.len();
        let address = apis.get(next).map_or("", |member| &member.address);
        format!("http://{address}")
    }

    /// `kill -9`.
    pub(crate) async fn kill(&self, member: usize) {
        if let Some(serving) = self.take(member).await {
            serving.kill().await;
        }
    }

    /// A process leaves the fleet; what its log says is counted.
    async fn take(&self, member: usize) -> Option<Serving> {
        let member = self.members.get(member)?;
        let serving = member.running.lock().await.take()?;
        member
            .ambiguous
            .fetch_add(ambiguous_sends(&serving.log()), Ordering::Relaxed);
        Some(serving)
    }

    /// Starts a process that was killed.
    pub(crate) async fn begin(&self, member: usize) {
        let Some(member) = self.members.get(member) else {
            return;
        };
        let mut running = member.running.lock().await;
        if running.is_none() {
            *running = Some(member.televent.start(&["--roles", member.role]));
        }
    }

    /// Starts every process again that has ended by itself, as a service manager does: `serve` ends where Postgres does not answer
    /// at its start.
    pub(crate) async fn tend(&self) {
        for (number, member) in self.members.iter().enumerate() {
            let has_ended = {
                let mut running = member.running.lock().await;
                running
                    .as_mut()
                    .is_some_and(|serving| serving.ended().is_some())
            };
            if has_ended {
                self.take(number).await;
                self.begin(number).await;
            }
        }
    }

    /// Sends a signal to a process, if it runs.
    pub(crate) async fn signal(&self, member: usize, signal: &str) {
        if let Some(member) = self.members.get(member)
            && let Some(serving) = &*member.running.lock().await
        {
            serving.signal(signal).await;
        }
    }

    /// Sends that were repeated because nobody knew what had become of them.
    pub(crate) async fn ambiguous_sends(&self) -> usize {
        let mut all = 0;
        for member in &self.members {
            all += member.ambiguous.load(Ordering::Relaxed);
            if let Some(serving) = &*member.running.lock().await {
                all += ambiguous_sends(&serving.log());
            }
        }
        all
    }

    /// What all processes have logged since they were started last.
    pub(crate) async fn logs(&self) -> String {
        let mut all = String::new();
        for (number, member) in self.members.iter().enumerate() {
            if let Some(serving) = &*member.running.lock().await {
                for line in serving.log().lines() {
                    all.push_str(&format!("{} {line}\n", self.name(number)));
                }
            }
        }
        all
    }

    /// Ends all processes in good order.
    pub(crate) async fn stop(self) {
        for member in self.members {
            if let Some(serving) = member.running.into_inner() {
                let status = serving.stop().await;
                assert!(status.success(), "{}: {status}", member.role);
            }
        }
    }
}
