//! What an operator may set.

use std::{path::PathBuf, time::Duration};

use chassis::{
    Secret,
    config::{Configuration, Server, Target},
};
use durable::DbConfig;
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

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            db: DbConfig::at("sqlite://data/notification.sqlite"),
            bus: bus::Config::default(),
            staff: Target::named("staff"),
            email: None,
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
