//! Configuration: defaults, then a TOML file, then `MATHILDANESTH__*` variables; unknown keys are errors.

use std::{fmt, path::Path, path::PathBuf, time::Duration};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

/// What every service's configuration has.
pub trait Configuration: Serialize + DeserializeOwned + Default + Send + 'static {
    /// How the process is reached and bounded.
    fn server(&self) -> &Server;
}

/// Reads the configuration of one process.
///
/// # Errors
/// A key that nobody knows, a value of the wrong type, a file that cannot be read.
pub fn load<C: Configuration>(file: Option<&Path>) -> Result<C, Box<figment::Error>> {
    let mut figment = Figment::from(Serialized::defaults(C::default()));
    if let Some(file) = file {
        if !file.is_file() {
            return Err(Box::new(format!("no such file: {}", file.display()).into()));
        }
        figment = figment.merge(Toml::file(file));
    }
    figment.merge(Env::prefixed("MATHILDANESTH__").split("__")).extract().map_err(Box::new)
}

/// How a process is reached and bounded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address of the service's own port.
    pub listen: String,
    /// Address of `/livez`, `/readyz` and `/metrics`.
    pub admin_listen: String,
    /// Certificates; without them the service speaks plain HTTP/2, for loopback only.
    pub tls: Option<Tls>,
    /// The bounds of one process.
    pub limits: Limits,
    /// What is logged, in the syntax of `tracing`'s directives.
    pub log: String,
    /// `json` or `text`.
    pub log_format: LogFormat,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            admin_listen: "127.0.0.1:0".to_owned(),
            tls: None,
            limits: Limits::default(),
            log: "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn".to_owned(),
            log_format: LogFormat::Json,
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    Text,
}

/// Certificates in PEM files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain of this process; its URI SAN `spiffe://mathildanesth/{service}` is its identity.
    pub certificate: PathBuf,
    /// The key that belongs to it.
    pub key: PathBuf,
    /// The authority that neighbours are checked against.
    pub authority: PathBuf,
    /// Whether callers must show a certificate. Only the gateway, which browsers reach, says no.
    #[serde(default = "yes")]
    pub mutual: bool,
}

fn yes() -> bool {
    true
}

/// The bounds of one process. Each refuses rather than queues without end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest message, bytes.
    pub message_bytes_max: usize,
    /// Calls served at once; the next one is refused with `RESOURCE_EXHAUSTED`.
    pub calls_max: usize,
    /// Connections open at once.
    pub connections_max: usize,
    /// HTTP/2 streams on one connection.
    pub streams_per_connection_max: u32,
    /// Bytes of one request's headers.
    pub header_bytes_max: u32,
    /// Deadline of a call that brings none, and the longest one that is honored, milliseconds.
    pub call_ms_max: u64,
    /// How long a draining process waits for its calls, milliseconds.
    pub drain_ms_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes_max: 4 * 1024 * 1024,
            calls_max: 1024,
            connections_max: 4096,
            streams_per_connection_max: 256,
            header_bytes_max: 32 * 1024,
            call_ms_max: 30_000,
            drain_ms_max: 20_000,
        }
    }
}

impl Limits {
    /// The longest deadline.
    pub fn call_max(&self) -> Duration {
        Duration::from_millis(self.call_ms_max)
    }

    /// The longest drain.
    pub fn drain_max(&self) -> Duration {
        Duration::from_millis(self.drain_ms_max)
    }
}

/// Where a neighbour is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The neighbour's service name, which its certificate must carry.
    pub name: String,
    /// Its instances: `https://host:port`, or `http://` on plain loopback.
    pub addresses: Vec<String>,
}

impl Target {
    /// A neighbour whose addresses are still to be set.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), addresses: vec![] }
    }
}

/// A value that never reaches a log line or a printed configuration.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, said aloud on purpose.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

thread_local! {
    static EXPOSED: std::cell::Cell<bool> = const { std::cell::Cell::new(true) };
}

/// Defaults pass through serialization before they are read back, so secrets are only masked while printing.
impl<T: Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if EXPOSED.get() { self.0.serialize(serializer) } else { serializer.serialize_str("***") }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// The configuration as TOML, secrets masked: `--print-config`.
///
/// # Errors
/// When a value has no TOML form.
pub fn print<C: Configuration>(config: &C) -> Result<String, toml::ser::Error> {
    EXPOSED.set(false);
    let text = toml::to_string_pretty(config);
    EXPOSED.set(true);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        server: Server,
        password: Secret<String>,
    }

    impl Configuration for Sample {
        fn server(&self) -> &Server {
            &self.server
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        std::fs::write(&file, "[server.limits]\ncall_max = 3\n").unwrap();
        let error = load::<Sample>(Some(&file)).err().unwrap().to_string();
        assert!(error.contains("call_max"), "{error}");
    }

    #[test]
    fn a_printed_configuration_hides_secrets_and_a_loaded_one_keeps_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        std::fs::write(&file, "password = \"garde\"\n").unwrap();
        let sample: Sample = load(Some(&file)).unwrap();
        assert_eq!(sample.password.expose(), "garde");
        let text = print(&sample).unwrap();
        assert!(text.contains("password = \"***\"") && !text.contains("garde"), "{text}");
    }
}
