//! What a hospital allows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A nurse administrator decides no leave that begins sooner than this (rule L12).
pub const LAST_MINUTE_DAYS: i32 = 14;

/// The profession a nurse administrator decides about (rule L11).
pub const NURSE_ANESTHETIST: &str = "IADE";

/// A hospital's policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Hospital id.
    pub hospital: String,
    /// At most this part of a profession away at once (rule L6).
    pub absent_percentage_max: i32,
    /// Absolute limits by profession, which alert (rule L7).
    pub absence_limits: Vec<AbsenceLimit>,
    /// Nurse anesthetists away, the requester included, up to which a nurse administrator decides alone.
    pub nurse_administrator_absent_max: i32,
    /// Days before the first day until which a person cancels an approved leave alone.
    pub own_cancel_notice_days_min: i32,
    /// School zone: A, B, C, or empty.
    pub school_zone: String,
    /// Grows with each change; 0 for the defaults.
    pub version: i64,
    /// When it was last changed.
    pub update_time: Option<Timestamp>,
}

/// How many people of a profession may be away at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsenceLimit {
    /// Profession code.
    pub profession: String,
    /// Outside school holidays.
    pub absent_max: i32,
    /// In school holidays.
    pub school_holiday_absent_max: i32,
}

/// How many of a profession may be away on one day, the requester included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// More than that is to be known.
    pub alert: Option<i32>,
    /// More than that stops an approval.
    pub block: i32,
}

// === impl Policy ===

impl Policy {
    /// The policy of a hospital that has not chosen (domain rules L6, L7, L11).
    pub fn defaults(hospital: &str) -> Self {
        let limit = |profession: &str, absent_max, school_holiday_absent_max| AbsenceLimit {
            profession: profession.to_owned(),
            absent_max,
            school_holiday_absent_max,
        };
        Self {
            hospital: hospital.to_owned(),
            absent_percentage_max: 30,
            absence_limits: vec![limit("MAR", 2, 4), limit(NURSE_ANESTHETIST, 2, 3)],
            nurse_administrator_absent_max: 2,
            own_cancel_notice_days_min: 30,
            school_zone: String::new(),
            version: 0,
            update_time: None,
        }
    }

    /// The limits of a day for a profession of so many people. One may always be away.
    pub fn allowed(&self, profession: &str, head_count: i32, is_school_holiday: bool) -> Allowed {
        let limit = self.absence_limits.iter().find(|limit| limit.profession == profession);
        let alert = limit
            .map(|limit| if is_school_holiday { limit.school_holiday_absent_max } else { limit.absent_max });
        Allowed { alert, block: (head_count * self.absent_percentage_max / 100).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_depend_on_profession_size_and_school_holidays() {
        let policy = Policy::defaults("chu");
        let table = [
            ("MAR", 16, false, Allowed { alert: Some(2), block: 4 }),
            ("MAR", 16, true, Allowed { alert: Some(4), block: 4 }),
            ("IADE", 9, false, Allowed { alert: Some(2), block: 2 }),
            ("SECRETARY", 3, false, Allowed { alert: None, block: 1 }),
        ];
        for (profession, head_count, is_school_holiday, expected) in table {
            assert_eq!(policy.allowed(profession, head_count, is_school_holiday), expected, "{profession}");
        }
    }
}
