//! Addresses of this machine that nobody listens at.

use std::net::{SocketAddr, TcpListener};

/// So many of them. All are taken at once, so that they differ, and are free again.
pub fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("it is bound"))
}
