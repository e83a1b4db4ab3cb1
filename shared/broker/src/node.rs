//! When a node of a cluster is left for another one: it may be there, and cut off from the nodes that JetStream needs.

use std::time::Duration;

use tokio::time::Instant;

/// How long a node may be of no use. Longer than an election among the nodes, which takes up to nine seconds.
const NO_USE_FOR: Duration = Duration::from_secs(15);

/// Since when the node at the other end has been of no use.
#[derive(Debug, Default)]
pub(crate) struct NodeWatch {
    since: Option<(u64, Instant)>,
}

impl NodeWatch {
    /// Notes whether the node at the other end of the how-manieth `connection` is of use now. Returns whether it is to be left.
    pub(crate) fn note(&mut self, connection: u64, is_of_use: bool, now: Instant) -> bool {
        if is_of_use {
            self.since = None;
            return false;
        }
        let since = match self.since {
            Some((watched, since)) if watched == connection => since,
            _ => now,
        };
        let is_over = now.duration_since(since) >= NO_USE_FOR;
        // Who is left gets as much time again if there is nobody else.
        self.since = (!is_over).then_some((connection, since));
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_is_left_once_it_was_of_no_use_for_long_on_one_connection() {
        let start = Instant::now();
        let mut watch = NodeWatch::default();
        for (seconds, connection, is_of_use, is_left) in [
            (0, 1, false, false),
            (14, 1, false, false),
            (14, 1, true, false),
            (20, 1, false, false),
            (34, 1, false, false),
            (35, 2, false, false),
            (49, 2, false, false),
            (50, 2, false, true),
            (51, 2, false, false),
            (66, 2, false, true),
        ] {
            let now = start + Duration::from_secs(seconds);
            assert_eq!(watch.note(connection, is_of_use, now), is_left, "{seconds}");
        }
    }
}
