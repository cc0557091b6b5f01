//! Notices between the contract and the domain.

use std::collections::BTreeSet;

use chassis::{Problem, Violation};
use durable::{etag, time};
use jiff::Timestamp;
use proto::{
    names::{BannerName, NoticeName, is_id},
    notification::v1::{self as pb, notice as enums},
};
use uuid::Uuid;

use crate::{
    app::{SentNotice, part_of},
    domain::notice::{Category, Notice, Part, Severity, State},
};

/// The id that was asked for, or a new one.
pub fn id(asked: &str) -> Result<String, Problem> {
    match asked {
        "" => Ok(Uuid::now_v7().to_string()),
        asked if is_id(asked) => Ok(asked.to_owned()),
        _ => Err(Problem::invalid(vec![Violation::new(
            "notice_id",
            "expected 1 to 63 characters out of a-z, 0-9 and -",
        )])),
    }
}

/// Reads what was sent, with every violation.
pub fn read(sent: pb::Notice) -> Result<SentNotice, Problem> {
    let mut violations = Vec::new();
    let mut refuse = |field: &str, text: &str| {
        violations.push(Violation::new(format!("notice.{field}"), text));
    };
    let category = match enums::Category::try_from(sent.category) {
        Ok(enums::Category::Unspecified) => None,
        Ok(enums::Category::Maintenance) => Some(Category::Maintenance),
        Ok(enums::Category::General) => Some(Category::General),
        Err(_) => {
            refuse("category", "expected MAINTENANCE or GENERAL");
            None
        }
    };
    let severity = match enums::Severity::try_from(sent.severity) {
        Ok(enums::Severity::Unspecified) => None,
        Ok(enums::Severity::Information) => Some(Severity::Information),
        Ok(enums::Severity::Warning) => Some(Severity::Warning),
        Ok(enums::Severity::Critical) => Some(Severity::Critical),
        Err(_) => {
            refuse("severity", "expected INFORMATION, WARNING or CRITICAL");
            None
        }
    };
    let mut read_only = BTreeSet::new();
    for (index, number) in sent.read_only_services.iter().enumerate() {
        let field = format!("read_only_services[{index}]");
        let part = match enums::Service::try_from(*number) {
            Ok(enums::Service::Staff) => Part::Staff,
            Ok(enums::Service::Leave) => Part::Leave,
            Ok(enums::Service::Planning) => Part::Planning,
            Ok(enums::Service::Notification) => Part::Notification,
            Ok(enums::Service::Unspecified) | Err(_) => {
                refuse(&field, "expected STAFF, LEAVE, PLANNING or NOTIFICATION");
                continue;
            }
        };
        if !read_only.insert(part) {
            refuse(&field, "named before");
        }
    }
    let mut moment = |field: &str, sent: Option<prost_types::Timestamp>| {
        let sent = sent?;
        let read = Timestamp::new(sent.seconds, sent.nanos);
        if read.is_err() {
            refuse(field, "expected a moment that exists");
        }
        read.ok()
    };
    let (start, end) = (moment("start_time", sent.start_time), moment("end_time", sent.end_time));
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    Ok(SentNotice {
        etag: sent.etag,
        category,
        severity,
        french: sent.french_text,
        english: sent.english_text,
        start,
        end,
        read_only,
    })
}

/// A notice as it is at `now`.
pub fn render(notice: Notice, now: Timestamp) -> pb::Notice {
    let state = match notice.state(now) {
        State::Scheduled => enums::State::Scheduled,
        State::Active => enums::State::Active,
        State::Ended => enums::State::Ended,
        State::Cancelled => enums::State::Cancelled,
    };
    pb::Notice {
        name: NoticeName::new(&notice.hospital, &notice.id).to_string(),
        category: match notice.category {
            Category::Maintenance => enums::Category::Maintenance,
            Category::General => enums::Category::General,
        }
        .into(),
        severity: match notice.severity {
            Severity::Information => enums::Severity::Information,
            Severity::Warning => enums::Severity::Warning,
            Severity::Critical => enums::Severity::Critical,
        }
        .into(),
        french_text: notice.french,
        english_text: notice.english,
        start_time: Some(time::to_proto(notice.start)),
        end_time: Some(time::to_proto(notice.end)),
        read_only_services: notice.read_only.iter().map(|part| part_of(*part).into()).collect(),
        state: state.into(),
        etag: etag::of(notice.version),
        create_time: Some(time::to_proto(notice.create_time)),
        update_time: Some(time::to_proto(notice.update_time)),
    }
}

/// The banner of a hospital.
pub fn banner(name: &BannerName, shown: (Vec<Notice>, Option<Timestamp>), now: Timestamp) -> pb::Banner {
    let (notices, changes) = shown;
    pb::Banner {
        name: name.to_string(),
        notices: notices.into_iter().map(|notice| render(notice, now)).collect(),
        expire_time: changes.map(time::to_proto),
    }
}
