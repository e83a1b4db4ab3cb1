//! How far the consumers are behind, as JetStream says.

use crate::Broker;

/// What JetStream knows of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerLag {
    /// Its stream.
    pub stream: &'static str,
    /// Its durable name.
    pub consumer: &'static str,
    /// Messages that were not delivered yet.
    pub pending: u64,
    /// Messages that were delivered and are not acknowledged.
    pub ack_pending: usize,
    /// Those of them that were delivered more than once.
    pub redelivered: usize,
}

impl Broker {
    /// The consumers of this process, as if nothing waited for them.
    pub fn consumers(&self) -> impl Iterator<Item = ConsumerLag> + use<> {
        self.user.consumers().iter().map(|consumer| ConsumerLag {
            stream: consumer.stream,
            consumer: consumer.durable,
            pending: 0,
            ack_pending: 0,
            redelivered: 0,
        })
    }

    /// How far the consumers of this process are behind; of others the server would tell it nothing.
    ///
    /// # Errors
    /// What is wrong, for an operator.
    pub async fn lag(&self) -> Result<Vec<ConsumerLag>, String> {
        self.ready()?;
        let mut lags = Vec::new();
        for consumer in self.user.consumers() {
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
                stream: consumer.stream,
                consumer: consumer.durable,
                pending: info.num_pending,
                ack_pending: info.num_ack_pending,
                redelivered: info.num_redelivered,
            });
        }
        Ok(lags)
    }
}
