//! One real process with all roles, and Ann with her calendar app.

use televent_tests::{CalendarApp, Serving, Televent, World};
use tokio::net::TcpStream;

/// Starts it, and waits until it is ready.
pub(crate) async fn serving() -> (World, Serving, CalendarApp) {
    let world = World::with_processes(&[]).await;
    let serving = Televent::of(&world).serve(&[]).await;
    let ann = world.add_people().await.at(&serving.url);
    serving.until_ready().await;
    (world, serving, ann)
}

/// A client that says what the test has it say.
pub(crate) async fn connect(serving: &Serving) -> TcpStream {
    let (_, address) = serving.url.split_once("://").expect("a URL");
    TcpStream::connect(address).await.expect("it listens")
}
