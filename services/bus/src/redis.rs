//! The bus over Redis Streams: one stream a topic, one consumer group a queue.

mod connect;
mod mark;
mod queue;
mod reply;
mod tail;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use deadpool_redis::redis::{RedisError, cmd, pipe};
use prost::Message;
use proto::event::v1::Envelope;
use tokio::{sync::broadcast, time::timeout};
use uuid::Uuid;

use self::connect::{Connections, Short};
use crate::{
    Config, Epoch, Error, Mark,
    delivery::Source,
    member::Member,
    transport::{TAIL_LENGTH_MAX, Transport},
};

/// The one field of a stream entry: the envelope as protobuf bytes.
const FIELD: &str = "envelope";

/// The connections, and one reader a topic.
pub(crate) struct Redis {
    shared: Arc<Shared>,
    tails: Mutex<HashMap<String, broadcast::Sender<Envelope>>>,
}

struct Shared {
    config: Config,
    connections: Connections,
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The run of the server, from what it says of itself.
fn run_of(info: &str) -> &str {
    info.lines().find_map(|line| line.strip_prefix("run_id:")).unwrap_or_default().trim()
}

// === impl Redis ===

impl Redis {
    pub(crate) fn new(config: Config) -> Result<Self, Error> {
        let connections = Connections::new(&config)?;
        Ok(Self { shared: Arc::new(Shared { config, connections }), tails: Mutex::default() })
    }
}

#[async_trait]
impl Transport for Redis {
    async fn publish(&self, topic: &str, envelopes: Vec<Envelope>) -> Result<(), Error> {
        let key = self.shared.stream_key(topic);
        let mut commands = pipe();
        for envelope in envelopes {
            commands
                .cmd("XADD")
                .arg(&key)
                .arg("MAXLEN")
                .arg("~")
                .arg(self.shared.config.stream_length_max)
                .arg("*")
                .arg(FIELD)
                .arg(envelope.encode_to_vec())
                .ignore();
        }
        let mut connection = self.shared.connection().await?;
        self.shared.within(commands.query_async::<()>(&mut *connection)).await
    }

    fn queue(&self, topic: &str, group: &str) -> Box<dyn Source> {
        let stream = queue::RedisStream::new(self.shared.clone(), topic, group);
        let claim_every = Duration::from_millis(self.shared.config.claim_idle_ms);
        Box::new(Member::new(stream, claim_every))
    }

    fn tail(&self, topic: &str) -> broadcast::Receiver<Envelope> {
        // A panic while the map is held leaves it whole: entries are inserted and removed in one step.
        let mut tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = tails.get(topic) {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(TAIL_LENGTH_MAX);
        tail::spawn(self.shared.clone(), topic, sender.downgrade());
        tails.insert(topic.to_owned(), sender);
        receiver
    }

    async fn epoch(&self) -> Result<Epoch, Error> {
        let key = format!("{}:epoch", self.shared.config.prefix);
        let mut connection = self.shared.connection().await?;
        let mut commands = pipe();
        commands.cmd("SET").arg(&key).arg(Uuid::now_v7().to_string()).arg("NX").ignore();
        commands.cmd("GET").arg(&key);
        commands.cmd("INFO").arg("server");
        let asked = commands.query_async::<(String, String)>(&mut *connection);
        let (memory, info) = self.shared.within(asked).await?;
        Ok(Epoch { memory, run: run_of(&info).to_owned() })
    }

    async fn leave(&self, name: &str, value: &str, kept: Duration) -> Result<(), Error> {
        self.shared.leave(name, value, kept).await
    }

    async fn open(&self, name: &str, token: &str, kept: Duration) -> Result<(), Error> {
        self.shared.open(name, token, kept).await
    }

    async fn close(&self, name: &str, token: &str, value: &str, kept: Duration) -> Result<(), Error> {
        self.shared.close(name, token, value, kept).await
    }

    async fn find(&self, name: &str, kept: Duration) -> Result<Mark, Error> {
        self.shared.find(name, kept).await
    }

    async fn check(&self) -> Result<(), Error> {
        let mut connection = self.shared.connection().await?;
        self.shared.within(cmd("PING").query_async::<()>(&mut *connection)).await
    }
}

// === impl Shared ===

impl Shared {
    fn stream_key(&self, topic: &str) -> String {
        format!("{}:stream:{topic}", self.config.prefix)
    }

    /// A connection for a short command.
    async fn connection(&self) -> Result<Short, Error> {
        self.connections.short().await
    }

    /// Awaits a short command for as long as the configuration allows.
    async fn within<T>(
        &self,
        command: impl Future<Output = Result<T, RedisError>> + Send,
    ) -> Result<T, Error> {
        match timeout(self.config.response_timeout(), command).await {
            Ok(outcome) => {
                if outcome.as_ref().is_err_and(connect::is_deposed) {
                    self.connections.forget();
                }
                Ok(outcome?)
            }
            Err(_) => Err(Error::Unavailable("redis did not answer in time".to_owned())),
        }
    }
}
