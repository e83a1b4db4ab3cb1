//! Clients that never agree on TLS, where the server has a certificate of its own: each is given up, and others are served meanwhile.

use std::time::{Duration, Instant};

use rcgen::CertifiedKey;
use reqwest::{Certificate, Client};
use televent_tests::{ANN, Serving, Televent, World, meeting, until};
use tokio::task::JoinSet;

use crate::{
    serving::connect,
    slow_clients::{until_closed, value},
};

/// Who asks, by how: what is sent at once, and then each second.
const NEVER_AGREE: [(&str, &str, &str); 3] = [
    ("says nothing", "", ""),
    ("begins to say hello", HELLO_BEGINS, ""),
    ("says hello slowly", HELLO_BEGINS, "\x07"),
];

/// A TLS record of 112 bytes with a `ClientHello` of 108 (RFC 8446, sections 4 and 5.1), of which its version comes at once.
const HELLO_BEGINS: &str = "\x16\x03\x01\x00\x70\x01\x00\x00\x6c\x03\x03";

/// So many of each.
const OF_EACH: usize = 30;

/// Whoever is given up is so after ten seconds; whoever says hello slowly would go on for a hundred.
const GIVEN_UP: Duration = Duration::from_secs(60);

/// Nobody is given up before: who is refused for what they say has not been waited for.
const WAITED_FOR: Duration = Duration::from_secs(5);

#[tokio::test]
async fn handshakes_that_never_end_are_given_up_while_others_are_served() {
    let world = World::with_processes(&[]).await;
    let files = tempfile::tempdir().expect("a temporary folder");
    let names = vec!["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(names).expect("a certificate");
    let (cert_file, key_file) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&cert_file, cert.pem()).expect("the file is written");
    std::fs::write(&key_file, signing_key.serialize_pem()).expect("the file is written");
    let serving = Televent::of(&world)
        .with("TELEVENT_TLS_CERT", &cert_file.display().to_string())
        .with("TELEVENT_TLS_KEY", &key_file.display().to_string())
        .serve(&[])
        .await;
    let ann = world.add_user(ANN, "Ann").await.at(&serving.url);
    let certificate = Certificate::from_der(cert.der()).expect("a certificate");
    let others = Others::new(&serving, certificate, &ann.authorization());
    assert_eq!(others.save("before").await, 201);

    let mut clients = JoinSet::new();
    for (what, at_once, slowly) in NEVER_AGREE {
        for _ in 0..OF_EACH {
            let socket = connect(&serving).await;
            clients.spawn(async move { (what, until_closed(socket, at_once, slowly).await) });
        }
    }
    let held = NEVER_AGREE.len() * OF_EACH;
    until("all of them to have their places", async || {
        (others.open_connections().await > held).then_some(())
    })
    .await;
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    let mut given_up = 0;
    while given_up < held {
        let asked = Instant::now();
        assert_eq!(others.save(&format!("meanwhile-{given_up}")).await / 100, 2);
        longest = longest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
        while let Some(client) = clients.try_join_next() {
            let (what, took) = client.expect("it ends");
            assert!(took > WAITED_FOR, "who {what} is refused after {took:?}");
            given_up += 1;
        }
        let left = held - given_up;
        assert!(begun.elapsed() < GIVEN_UP, "{left} are held");
    }
    println!(
        "{held} handshakes given up within {:?}, the longest wait of others meanwhile {longest:?}",
        begun.elapsed()
    );
    until("their places to be free again", async || {
        (others.open_connections().await <= 1).then_some(())
    })
    .await;
    // Nor does one keep the process from ending.
    let _silent = connect(&serving).await;
    until("it to have its place", async || {
        (others.open_connections().await > 1).then_some(())
    })
    .await;
    assert!(serving.stop().await.success());
    world.finish().await;
}

/// Clients that know the certificate; each request makes a connection.
struct Others {
    http: Client,
    url: String,
    authorization: String,
}

impl Others {
    fn new(serving: &Serving, certificate: Certificate, authorization: &str) -> Self {
        let http = Client::builder()
            .no_proxy()
            .https_only(true)
            .add_root_certificate(certificate)
            .pool_max_idle_per_host(0)
            .build()
            .expect("an HTTP client");
        Self {
            http,
            url: serving.url.clone(),
            authorization: authorization.to_owned(),
        }
    }

    /// Ann saves a meeting, and this is the status of the answer.
    async fn save(&self, uid: &str) -> u16 {
        let url = format!("{}/dav/calendars/{ANN}/default/{uid}.ics", self.url);
        let saved = self
            .http
            .put(url)
            .header("authorization", &self.authorization)
            .header("content-type", "text/calendar")
            .body(meeting(uid, ANN, ""))
            .send()
            .await;
        saved.expect("it answers").status().as_u16()
    }

    /// How many connections there are, with the one that asks.
    async fn open_connections(&self) -> usize {
        let metrics = self.http.get(format!("{}/metrics", self.url)).send().await;
        let metrics = metrics.expect("it answers").text().await;
        let open = value(
            &metrics.expect("a whole body"),
            "televent_http_connections ",
        );
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count"
        )]
        {
            open as usize
        }
    }
}
