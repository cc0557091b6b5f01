//! What an operator may set.

use std::{path::PathBuf, time::Duration};

use chassis::{
    Secret,
    config::{Configuration, Server, Target},
};
use durable::DbConfig;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The configuration of the notification process.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How the process is reached and bounded.
    pub server: Server,
    /// Notification's own database.
    pub db: DbConfig,
    /// Where events travel.
    pub bus: bus::Config,
    /// Where staff is.
    pub staff: Target,
    /// The mail server; without it nobody is told by e-mail.
    pub email: Option<Email>,
    /// How other systems' endpoints are told.
    pub webhooks: Webhooks,
}

/// How e-mails are handed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Email {
    /// `smtp://[user:password@]host[:port]` speaks in the clear, with `?tls=required` only after STARTTLS;
    /// `smtps://` is encrypted from the first byte.
    pub url: Secret<String>,
    /// Who writes: `Planning <planning@hospital.example>`. Its domain ends every Message-ID, so keep it.
    pub sender: String,
    /// PEM file of the authority that the server's certificate is checked against; the machine's own by default. With
    /// it nothing is handed over in the clear.
    pub authority: Option<PathBuf>,
    /// Connections to the server at once.
    pub connections: u32,
    /// After how many attempts an e-mail is given up. Pauses grow from half a minute to an hour: 12 take five hours.
    pub attempts_max: i32,
    /// How long an answer of the server may take, seconds.
    pub timeout_seconds: u32,
    /// After how long an instance that says nothing has lost what it had in hand to another one, seconds.
    pub claim_seconds: u32,
}

/// How other systems' endpoints are told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// PEM file of the authority that endpoints' certificates are checked against; the machine's own by default.
    pub authority: Option<PathBuf>,
    /// Endpoints asked at once.
    pub connections: u32,
    /// After how many attempts something is given up. Pauses grow from half a minute to an hour: 36 take thirty hours.
    pub attempts_max: i32,
    /// How long an attempt may take from the look-up of the host to the status of the answer, seconds.
    pub timeout_seconds: u32,
    /// After how long an instance that says nothing has lost what it had in hand to another one, seconds.
    pub claim_seconds: u32,
    /// For how long an endpoint may take nothing over before it is given up, hours.
    pub failing_hours_max: u32,
    /// Whether endpoints may be on this machine and in private networks. For tests: whoever may write a webhook then
    /// reaches what only this machine reaches.
    pub private_addresses: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            db: DbConfig::at("sqlite://data/notification.sqlite"),
            bus: bus::Config::default(),
            staff: Target::named("staff"),
            email: None,
            webhooks: Webhooks::default(),
        }
    }
}

impl Default for Email {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            sender: String::new(),
            authority: None,
            connections: 4,
            attempts_max: 12,
            timeout_seconds: 10,
            claim_seconds: 60,
        }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            authority: None,
            connections: 8,
            attempts_max: 36,
            timeout_seconds: 10,
            claim_seconds: 60,
            failing_hours_max: 72,
            private_addresses: false,
        }
    }
}

impl Webhooks {
    /// How long an attempt may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.max(1).into())
    }

    /// After how long a silent instance has lost what it had in hand.
    pub fn claim(&self) -> Duration {
        Duration::from_secs(self.claim_seconds.max(1).into())
    }

    /// For how long an endpoint may take nothing over.
    pub fn failing_max(&self) -> SignedDuration {
        SignedDuration::from_hours(self.failing_hours_max.into())
    }
}

impl Email {
    /// How long an answer of the server may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.max(1).into())
    }

    /// After how long a silent instance has lost what it had in hand.
    pub fn claim(&self) -> Duration {
        Duration::from_secs(self.claim_seconds.max(1).into())
    }
}

impl Configuration for Config {
    fn server(&self) -> &Server {
        &self.server
    }
}
