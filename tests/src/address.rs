//! Addresses of this machine that nobody else listens at.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// So many of them, on a loopback host (RFC 5735, section 3: all of `127.0.0.0/8`) that is drawn for each call. All ports are taken
/// at once, so that they differ, and are free again. As nothing else is on that host, they stay free while a server is down: on
/// `127.0.0.1` the port of a server that has died goes to whoever asks for one next.
pub fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    let [second, third, fourth] = rand::random();
    // `127.0.0.0/16` has the host that everybody uses, and resolvers.
    let host = Ipv4Addr::new(127, u8::max(second, 1), third, fourth.clamp(1, 254));
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind((host, 0)).expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("it is bound"))
}
