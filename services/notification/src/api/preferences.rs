//! Preferences between the contract and the domain.

use std::collections::{BTreeMap, BTreeSet};

use calendar::working_time::TimeOfDay;
use chassis::{Problem, Violation};
use durable::{etag, time};
use proto::{
    names::NotificationPreferencesName,
    notification::v1::{self as pb, notification_preferences as enums},
    r#type::v1::Weekday,
    values,
};

use crate::{
    app::Sent,
    domain::{
        message::KINDS,
        preferences::{Preferences, QuietHours},
        template::Language,
    },
};

/// Where the fields are in the request.
const AT: &str = "notification_preferences";

/// Reads what was sent, with every violation.
pub fn read(sent: pb::NotificationPreferences) -> Result<Sent, Problem> {
    let mut violations = Vec::new();
    let digest = enums::Digest::try_from(sent.digest).unwrap_or_else(|_| {
        violations.push(Violation::new(format!("{AT}.digest"), "expected OFF or DAILY"));
        enums::Digest::Unspecified
    });
    let language = enums::Language::try_from(sent.language).unwrap_or_else(|_| {
        violations.push(Violation::new(format!("{AT}.language"), "expected FRENCH or ENGLISH"));
        enums::Language::Unspecified
    });
    let email = channels(&sent.channels, &mut violations);
    let quiet_hours = sent.quiet_hours.map(|sent| quiet_hours(&sent, &mut violations));
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    Ok(Sent {
        etag: sent.etag,
        email: Some(email).filter(|_| !sent.channels.is_empty()),
        quiet_hours,
        is_digest: match digest {
            enums::Digest::Unspecified => None,
            digest => Some(digest == enums::Digest::Daily),
        },
        language: match language {
            enums::Language::Unspecified => None,
            enums::Language::French => Some(Language::French),
            enums::Language::English => Some(Language::English),
        },
    })
}

fn channels(sent: &[pb::ChannelPreference], violations: &mut Vec<Violation>) -> BTreeMap<String, bool> {
    let (mut email, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for (index, choice) in sent.iter().enumerate() {
        let mut refuse = |field: &str, text: &str| {
            violations.push(Violation::new(format!("{AT}.channels[{index}].{field}"), text));
        };
        if !KINDS.contains(&choice.kind.as_str()) {
            refuse("kind", &format!("expected any of {}", KINDS.join(", ")));
        }
        if !seen.insert((choice.kind.as_str(), choice.channel)) {
            refuse("kind", "named before with this channel");
        }
        match choice.channel() {
            pb::Channel::Email => {
                email.insert(choice.kind.clone(), choice.enabled);
            }
            pb::Channel::InApp if choice.enabled => {}
            pb::Channel::InApp => refuse("enabled", "notifications in the application cannot be turned off"),
            pb::Channel::Webhook | pb::Channel::Unspecified => refuse("channel", "expected IN_APP or EMAIL"),
        }
    }
    email
}

fn quiet_hours(sent: &pb::QuietHours, violations: &mut Vec<Violation>) -> QuietHours {
    let defaults = QuietHours::default();
    let mut refuse = |field: &str, text: String| {
        violations.push(Violation::new(format!("{AT}.quiet_hours.{field}"), text));
    };
    let mut time = |field: &str, text: &str, default: TimeOfDay| match text {
        "" => default,
        text => text.parse().unwrap_or_else(|error: calendar::Error| {
            refuse(field, error.to_string());
            default
        }),
    };
    let start = time("start_time", &sent.start_time, defaults.start);
    let end = time("end_time", &sent.end_time, defaults.end);
    let mut weekdays = BTreeSet::new();
    for (index, number) in sent.weekdays.iter().enumerate() {
        match values::weekday(*number) {
            Ok(weekday) => {
                weekdays.insert(weekday);
            }
            Err(error) => refuse(&format!("weekdays[{index}]"), error.to_string()),
        }
    }
    if start == end {
        refuse("end_time", "expected another time than the start".to_owned());
    }
    QuietHours { enabled: sent.enabled, start, end, weekdays }
}

/// The preferences as they are read: every kind with every channel.
pub fn render(preferences: Preferences) -> pb::NotificationPreferences {
    let channels = KINDS.iter().flat_map(|kind| {
        let choice = |channel: pb::Channel, enabled| pb::ChannelPreference {
            kind: (*kind).to_owned(),
            channel: channel.into(),
            enabled,
        };
        [choice(pb::Channel::InApp, true), choice(pb::Channel::Email, preferences.wants_email(kind))]
    });
    let quiet = &preferences.quiet_hours;
    pb::NotificationPreferences {
        name: NotificationPreferencesName::new(&preferences.hospital, &preferences.staff_member).to_string(),
        channels: channels.collect(),
        quiet_hours: Some(pb::QuietHours {
            enabled: quiet.enabled,
            start_time: quiet.start.to_string(),
            end_time: quiet.end.to_string(),
            weekdays: quiet.weekdays.iter().map(|weekday| Weekday::from(*weekday).into()).collect(),
        }),
        digest: match preferences.is_digest {
            true => enums::Digest::Daily,
            false => enums::Digest::Off,
        }
        .into(),
        language: match preferences.language {
            Language::French => enums::Language::French,
            Language::English => enums::Language::English,
        }
        .into(),
        etag: etag::of(preferences.version),
        update_time: preferences.update_time.map(time::to_proto),
    }
}
