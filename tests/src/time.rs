//! Time that passes for whatever waits, without the test waiting.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use televent_broker::{Consumer, NOTIFIER, RSVP};

use crate::World;

/// The moments that something waits for: table and column.
const MOMENTS: [(&str, &str); 8] = [
    ("outbox_messages", "due_at"),
    ("outbox_messages", "published_at"),
    ("invite_cards", "lease_until"),
    ("chat_messages", "lease_until"),
    ("leases", "expires_at"),
    ("bot_paces", "next_at"),
    ("bot_paces", "paused_until"),
    ("chat_paces", "next_at"),
];

/// An ack wait after which JetStream delivers again at once.
const NO_PATIENCE: Duration = Duration::from_millis(100);

impl World {
    /// As if `time` had passed: leases and claims run out, what was put off is due, and JetStream delivers again what nobody
    /// has acknowledged.
    pub async fn let_time_pass(&self, time: Duration) {
        for (table, column) in MOMENTS {
            let earlier = format!(
                "update {table} set {column} = {column} - {} * interval '1 second' where isfinite({column})",
                time.as_secs_f64()
            );
            sqlx::query(AssertSqlSafe(earlier))
                .execute(&self.sql)
                .await
                .expect("the moment is moved");
        }
        for consumer in [NOTIFIER, RSVP] {
            if time >= televent_broker::ACK_WAIT {
                self.deliver_again(consumer).await;
            }
        }
    }

    /// The consumer's patience ends for a moment.
    async fn deliver_again(&self, consumer: Consumer) {
        let jetstream = self.nats.jetstream();
        let Ok(stream) = jetstream.get_stream(consumer.stream).await else {
            return;
        };
        let Ok(info) = stream.consumer_info(consumer.durable).await else {
            return;
        };
        if info.num_ack_pending == 0 {
            return;
        }
        for ack_wait in [NO_PATIENCE, info.config.ack_wait] {
            let mut config = info.config.clone();
            config.ack_wait = ack_wait;
            stream
                .create_consumer(config)
                .await
                .expect("the consumer is changed");
            // The server looks at what is due in its own time.
            tokio::time::sleep(3 * NO_PATIENCE).await;
        }
    }
}
