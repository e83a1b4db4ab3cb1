//! How far the consumers are behind, as JetStream says.

use crate::{Broker, Consumer};

/// What JetStream knows of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerLag {
    /// Which one.
    pub consumer: Consumer,
    /// Messages that were not delivered yet.
    pub pending: u64,
    /// Messages that were delivered and are not acknowledged.
    pub ack_pending: usize,
    /// Those of them that were delivered more than once.
    pub redelivered: usize,
}

impl Broker {
    /// The consumers of this process.
    #[must_use]
    pub const fn consumers(&self) -> &'static [Consumer] {
        self.user.consumers()
    }

    /// How far the consumers of this process are behind; of others the server would tell it nothing.
    ///
    /// # Errors
    /// What is wrong, for an operator.
    pub async fn lag(&self) -> Result<Vec<ConsumerLag>, String> {
        self.ready()?;
        let mut lags = Vec::new();
        for consumer in self.consumers() {
            let stream = self
                .jetstream
                .get_stream_no_info(consumer.stream)
                .await
                .map_err(|error| error.to_string())?;
            let info = stream
                .consumer_info(consumer.durable)
                .await
                .map_err(|error| error.to_string())?;
            lags.push(ConsumerLag {
                consumer: *consumer,
                pending: info.num_pending,
                ack_pending: info.num_ack_pending,
                redelivered: info.num_redelivered,
            });
        }
        Ok(lags)
    }
}
