//! What an operator may set.

use chassis::{Configuration, Secret, config::Server};
use durable::DbConfig;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The configuration of staff.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How the process is reached and bounded.
    pub server: Server,
    /// Where the database is.
    pub db: DbConfig,
    /// Where events go.
    pub bus: bus::Config,
    /// How long sessions and keys live.
    pub sessions: Sessions,
    /// The first hospital, created when the database is empty.
    pub bootstrap: Option<Bootstrap>,
}

/// How long sessions and keys live.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// Life of an access token, seconds; at most 600.
    pub access_seconds: u32,
    /// Life of a session that is not refreshed, hours.
    pub refresh_hours: u32,
    /// How long a key signs, days.
    pub key_days: u32,
    /// Life of a temporary password, hours.
    pub temporary_password_hours: u32,
}

/// The first hospital and its first super-administrator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bootstrap {
    /// Id of the hospital, for names: `hospitals/{hospital}`.
    pub hospital: String,
    /// Name of the hospital.
    pub display_name: String,
    /// IANA time zone of the hospital.
    pub time_zone: String,
    /// Login of the administrator.
    pub administrator_email: String,
    /// Given name of the administrator.
    pub administrator_given_name: String,
    /// Family name of the administrator.
    pub administrator_family_name: String,
    /// Profession code of the administrator.
    pub administrator_profession: String,
    /// Password of the administrator.
    pub administrator_password: Secret<String>,
}

/// The contract promises that no access token lives longer.
const ACCESS_SECONDS_MAX: u32 = 600;

impl Configuration for Config {
    fn server(&self) -> &Server {
        &self.server
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            access_seconds: ACCESS_SECONDS_MAX,
            refresh_hours: 30 * 24,
            key_days: 30,
            temporary_password_hours: 72,
        }
    }
}

impl Sessions {
    /// Life of an access token.
    pub fn access(&self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.access_seconds.clamp(1, ACCESS_SECONDS_MAX)))
    }

    /// Life of a session that is not refreshed.
    pub fn refresh(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.refresh_hours.max(1)))
    }

    /// How long a key signs.
    pub fn key(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.key_days.max(1)))
    }

    /// Life of a temporary password.
    pub fn temporary_password(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.temporary_password_hours.max(1)))
    }
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            hospital: String::new(),
            display_name: String::new(),
            time_zone: "Europe/Paris".to_owned(),
            administrator_email: String::new(),
            administrator_given_name: "Administration".to_owned(),
            administrator_family_name: "Mathildanesth".to_owned(),
            administrator_profession: "MAR".to_owned(),
            administrator_password: Secret::default(),
        }
    }
}
