//! The users of the project's nats.conf: each role does its whole work with its key, and nothing else.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerError};
use serde_json::Value;
use televent_broker::{Broker, NatsKeyPair, NatsUser};
use televent_tests::{
    ANN, KIRILL, Nats, Televent, TestDatabase, World, meeting, plan, until, until_ok,
    with_part_stat, without_schedule_status,
};

/// The keys of all users, as an operator makes them.
struct Keys(Value);

impl Keys {
    async fn make() -> Self {
        let made = Televent::unconfigured()
            .succeed(&["nats-keys", "--json"])
            .await;
        Self(made.parse().expect("it prints JSON"))
    }

    fn text(&self, user: NatsUser, name: &str) -> String {
        self.0
            .get(user.as_str())
            .and_then(|keys| keys.get(name))
            .and_then(Value::as_str)
            .expect("a text")
            .to_owned()
    }

    fn public(&self, user: NatsUser) -> String {
        self.text(user, "public")
    }

    fn seed(&self, user: NatsUser) -> String {
        self.text(user, "seed")
    }

    async fn server(&self) -> Nats {
        let keys = NatsUser::ALL.map(|user| {
            assert_eq!(self.text(user, "variable"), user.variable());
            (user, self.public(user))
        });
        Nats::with_users(&keys).await
    }

    async fn world(&self) -> World {
        let database = TestDatabase::create().await.expect("a database");
        let world = World::around_servers(database, self.server().await).await;
        for (id, name) in [(ANN, "Ann"), (KIRILL, "Kirill")] {
            world.telegram.add_person(id, name).await;
        }
        world
    }

    /// The program with the key of a user.
    fn televent(&self, world: &World, user: NatsUser) -> Televent {
        Televent::of(world).with("TELEVENT_NATS_NKEY_SEED", &self.seed(user))
    }
}

#[tokio::test]
async fn each_role_does_its_whole_work_with_its_key() {
    let keys = Keys::make().await;
    let world = keys.world().await;
    let mut fleet = Vec::new();
    for user in [NatsUser::Api, NatsUser::Notifier, NatsUser::Rsvp] {
        let televent = keys.televent(&world, user);
        let said = televent.run(&["doctor", "--roles", user.as_str()]).await;
        assert!(said.success, "{said:#?}");
        fleet.push(televent.serve(&["--roles", user.as_str()]).await);
    }
    let ann = world.add_user(ANN, "Ann").await.at(&fleet[0].url);
    for serving in &fleet {
        serving.until_ready().await;
    }
    ann.save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    assert_eq!(world.press(&card, "Accept").await.text, "✅ You accepted.");
    world.settled().await;
    assert_eq!(
        without_schedule_status(&ann.get("plan.ics").await.text()),
        with_part_stat(&plan(), "ACCEPTED")
    );
    let log = world.nats.log();
    assert!(!log.contains("Violation"), "{log}");

    // Each makes again what it needs.
    world.nats.lose_everything().await;
    world.nats.start_again().await;
    let guests = format!("ATTENDEE:mailto:tg_{KIRILL}@televent.internal");
    ann.save("other.ics", meeting("other", ANN, &guests)).await;
    until("the second card", async || {
        (world.telegram.messages(KIRILL).await.len() == 2).then_some(())
    })
    .await;
    let cards = world.cards(KIRILL).await;
    world.press(&cards[1], "Decline").await;
    world.settled().await;
    assert_eq!(world.status("other", KIRILL).await, "DECLINED");
    let log = world.nats.log();
    assert!(!log.contains("Violation"), "{log}");
    for user in [NatsUser::Api, NatsUser::Notifier, NatsUser::Rsvp] {
        let televent = keys.televent(&world, user);
        let said = televent
            .succeed(&["doctor", "--roles", user.as_str()])
            .await;
        assert!(said.contains("streams and consumers are there"), "{said}");
    }
    for serving in fleet {
        assert!(!serving.log().contains("NATS refuses"), "{}", serving.log());
        assert!(serving.stop().await.success());
    }
    world.finish().await;
}

#[tokio::test]
async fn one_process_with_all_roles_has_a_key_in_a_file() {
    let keys = Keys::make().await;
    let world = keys.world().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nats.nk");
    std::fs::write(&file, format!("{}\n", keys.seed(NatsUser::All))).unwrap();
    let televent =
        Televent::of(&world).with("TELEVENT_NATS_NKEY_FILE", &file.display().to_string());
    let serving = televent.serve(&[]).await;
    serving.until_ready().await;
    assert!(televent.run(&["doctor"]).await.success);
    let ann = world.add_user(ANN, "Ann").await.at(&serving.url);
    ann.save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    world.press(&card, "Accept").await;
    world.settled().await;
    let log = world.nats.log();
    assert!(!log.contains("Violation"), "{log}");
    assert!(!serving.log().contains(&keys.seed(NatsUser::All)));
    assert!(serving.stop().await.success());

    // The key of all is a key of each.
    for role in ["api", "notifier", "rsvp"] {
        let said = televent.run(&["doctor", "--roles", role]).await;
        assert!(said.success, "{said:#?}");
    }
    std::fs::write(&file, "SUnot").unwrap();
    let said = televent.run(&["serve"]).await;
    assert!(said.stderr.contains("nats_nkey_file"), "{said:#?}");
    world.finish().await;
}

/// What somebody on the server might do: those who may, and a subject to publish to.
const DEEDS: &[(&[NatsUser], &str)] = {
    use NatsUser::{All, Api, Notifier, Rsvp};
    &[
        (&[Api, Rsvp, All], "televent.invite.e.1"),
        (&[Api, Rsvp, All], "televent.chat.1"),
        (&[Rsvp, All], "televent.update.1"),
        (&[], "televent.other"),
        (&[Api, Notifier, Rsvp, All], "$JS.API.STREAM.INFO.INVITES"),
        (&[Rsvp, All], "$JS.API.STREAM.INFO.UPDATES"),
        (&[Api, Notifier, Rsvp, All], "$JS.API.STREAM.CREATE.INVITES"),
        (&[Rsvp, All], "$JS.API.STREAM.CREATE.UPDATES"),
        (&[], "$JS.API.STREAM.CREATE.OTHER"),
        (&[Notifier, All], "$JS.API.STREAM.UPDATE.INVITES"),
        (&[Rsvp, All], "$JS.API.STREAM.UPDATE.UPDATES"),
        (&[], "$JS.API.STREAM.DELETE.INVITES"),
        (&[], "$JS.API.STREAM.DELETE.UPDATES"),
        (&[], "$JS.API.STREAM.PURGE.INVITES"),
        (&[], "$JS.API.STREAM.PURGE.UPDATES"),
        (&[], "$JS.API.STREAM.MSG.GET.INVITES"),
        (&[], "$JS.API.STREAM.MSG.GET.UPDATES"),
        (&[], "$JS.API.STREAM.MSG.DELETE.INVITES"),
        (&[], "$JS.API.STREAM.MSG.DELETE.UPDATES"),
        (&[], "$JS.API.DIRECT.GET.INVITES"),
        (&[], "$JS.API.STREAM.SNAPSHOT.INVITES"),
        (&[], "$JS.API.STREAM.RESTORE.INVITES"),
        (&[], "$JS.API.STREAM.LEADER.STEPDOWN.INVITES"),
        (&[], "$JS.API.STREAM.PEER.REMOVE.INVITES"),
        (&[], "$JS.API.STREAM.LIST"),
        (&[], "$JS.API.INFO"),
        (&[Notifier, All], "$JS.API.CONSUMER.INFO.INVITES.notifier"),
        (&[Notifier, All], "$JS.API.CONSUMER.CREATE.INVITES.notifier"),
        (
            &[Notifier, All],
            "$JS.API.CONSUMER.MSG.NEXT.INVITES.notifier",
        ),
        (&[Notifier, All], "$JS.ACK.INVITES.notifier.1"),
        (&[Rsvp, All], "$JS.API.CONSUMER.INFO.UPDATES.rsvp"),
        (&[Rsvp, All], "$JS.API.CONSUMER.CREATE.UPDATES.rsvp"),
        (&[Rsvp, All], "$JS.API.CONSUMER.MSG.NEXT.UPDATES.rsvp"),
        (&[Rsvp, All], "$JS.ACK.UPDATES.rsvp.1"),
        (&[], "$JS.API.CONSUMER.CREATE.INVITES"),
        (&[], "$JS.API.CONSUMER.CREATE.INVITES.spy"),
        (&[], "$JS.API.CONSUMER.CREATE.UPDATES.spy"),
        (&[], "$JS.API.CONSUMER.CREATE.UPDATES.notifier"),
        (
            &[],
            "$JS.API.CONSUMER.CREATE.INVITES.notifier.televent.chat.1",
        ),
        (&[], "$JS.API.CONSUMER.DURABLE.CREATE.INVITES.notifier"),
        (&[], "$JS.API.CONSUMER.DELETE.INVITES.notifier"),
        (&[], "$JS.API.CONSUMER.DELETE.UPDATES.rsvp"),
        (&[], "$JS.API.CONSUMER.PAUSE.INVITES.notifier"),
        (&[], "$JS.API.CONSUMER.LIST.INVITES"),
        (&[], "_INBOX_api.1"),
        (&[], "_INBOX_notifier.1"),
        (&[], "_INBOX_rsvp.1"),
        (&[], "_INBOX.1"),
        (&[], "$SYS.REQ.SERVER.PING"),
    ]
};

/// What somebody might listen to.
const LISTENING: &[(&[NatsUser], &str)] = {
    use NatsUser::{All, Api, Notifier, Rsvp};
    &[
        (&[Api, All], "_INBOX_api.>"),
        (&[Notifier, All], "_INBOX_notifier.>"),
        (&[Rsvp, All], "_INBOX_rsvp.>"),
        (&[All], "_INBOX_all.>"),
        (&[], "_INBOX.>"),
        (&[], ">"),
        (&[], "*.>"),
        (&[], "televent.>"),
        (&[], "televent.invite.>"),
        (&[], "televent.update.>"),
        (&[], "$JS.API.>"),
        (&[], "$JS.ACK.>"),
        (&[], "$JS.EVENT.>"),
        (&[], "$SYS.>"),
    ]
};

/// Comes after all others on its connection, and is allowed to nobody.
const LAST: &str = "last.of.all";

#[tokio::test]
async fn each_user_is_refused_whatever_is_not_its_work() {
    let keys = Keys::make().await;
    let nats = keys.server().await;
    for user in NatsUser::ALL {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&told);
        let client = ConnectOptions::with_nkey(keys.seed(user))
            .event_callback(move |event| {
                if let Event::ServerError(ServerError::Other(text)) = event {
                    heard.lock().unwrap().push(text);
                }
                std::future::ready(())
            })
            .connect(nats.url())
            .await
            .unwrap();
        let mut subscriptions = Vec::new();
        for (_, subject) in LISTENING {
            subscriptions.push(client.subscribe(*subject).await.unwrap());
        }
        for (_, subject) in DEEDS {
            client.publish(*subject, "{".into()).await.unwrap();
        }
        client.publish(LAST, "{".into()).await.unwrap();
        client.flush().await.unwrap();

        let refused = |listed: &[(&[NatsUser], &str)], verb: &str| -> BTreeSet<String> {
            listed
                .iter()
                .filter(|(allowed, _)| !allowed.contains(&user))
                .map(|(_, subject)| format!("{verb} \"{subject}\""))
                .collect()
        };
        let mut expected = refused(DEEDS, "Publish");
        expected.extend(refused(LISTENING, "Subscription"));
        expected.insert(format!("Publish \"{LAST}\""));

        let public = keys.public(user);
        let logged = until_ok("the server to log the last one", async || {
            let logged: BTreeSet<String> = nats
                .log()
                .lines()
                .filter(|line| line.contains(&public))
                .filter_map(violation)
                .collect();
            if logged.iter().any(|line| line.contains(LAST)) {
                Ok(logged)
            } else {
                Err(nats.log())
            }
        })
        .await;
        assert_eq!(logged, expected, "{user:?}");
        let heard: BTreeSet<String> = until("the client to hear of the last one", async || {
            let told = told.lock().unwrap();
            let heard = told.iter().filter_map(|text| told_violation(text));
            told.iter()
                .any(|text| text.contains(LAST))
                .then(|| heard.collect())
        })
        .await;
        assert_eq!(heard, expected, "{user:?}");
    }
}

/// `Publish "televent.other"`, of a line of the server's log.
fn violation(line: &str) -> Option<String> {
    let (before, subject) = line.split_once(" - Subject \"")?;
    let verb = ["Publish", "Subscription"]
        .into_iter()
        .find(|verb| before.contains(&format!("{verb} Violation")))?;
    Some(format!("{verb} \"{}\"", subject.split('"').next()?))
}

/// The same of what the server tells the client.
fn told_violation(text: &str) -> Option<String> {
    let what = text
        .trim_matches('\'')
        .strip_prefix("Permissions Violation for ")?;
    Some(what.replace(" to ", " "))
}

#[tokio::test]
async fn nobody_comes_in_without_a_key_that_is_known() {
    let keys = Keys::make().await;
    let nats = keys.server().await;
    let stranger = NatsKeyPair::random().unwrap();
    for key in [None, Some(stranger.key())] {
        let broker = Broker::connect_as(&[nats.url()], NatsUser::Api, key.as_ref())
            .await
            .unwrap();
        assert!(!broker.is_connected());
        let why = broker.ready().unwrap_err();
        assert!(why.contains("does not know the key"), "{why}");
    }
    let refused = async_nats::connect(nats.url()).await.unwrap_err();
    assert_eq!(refused.kind(), ConnectErrorKind::AuthorizationViolation);
    let log = nats.log();
    assert!(log.contains("authentication error"), "{log}");
}

#[tokio::test]
async fn key_of_another_role_is_told_by_doctor_readiness_and_log() {
    let keys = Keys::make().await;
    let world = keys.world().await;
    let televent = keys.televent(&world, NatsUser::Api);
    let said = televent.run(&["doctor"]).await;
    assert!(!said.success, "{said:#?}");
    for word in [
        "BAD  nats: nats_nkey_seed",
        "Publish to \"televent.update.none\"",
        "_INBOX_all",
    ] {
        assert!(said.stdout.contains(word), "{word}: {said:#?}");
    }
    let none = Televent::of(&world).run(&["doctor"]).await;
    assert!(none.stdout.contains("does not know the key"), "{none:#?}");

    let serving = televent.serve(&["--roles", "notifier"]).await;
    let report = until("the report", async || {
        let (status, report) = serving.fetch("/readyz").await;
        (status == 503 && report.contains("does not allow")).then_some(report)
    })
    .await;
    assert!(report.contains("_INBOX_notifier"), "{report}");
    let log = serving.log();
    assert!(log.contains("NATS refuses"), "{log}");
    assert!(!log.contains(&keys.seed(NatsUser::Api)), "{log}");
    assert!(serving.stop().await.success());

    // So that there are consumers to be idle.
    let serving = keys.televent(&world, NatsUser::All).serve(&[]).await;
    serving.until_ready().await;
    assert!(serving.stop().await.success());
    world.finish().await;
}
