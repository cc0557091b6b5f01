//! What a hospital allows. The defaults are those of domain §4.10.

use calendar::{Day, DayRange, Span};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    closing::{Carried, CarryOverRule},
    leave_type::{self, LeaveType},
    transfer::TransferRule,
};

/// The profession a nurse administrator decides about (rule L11).
pub const NURSE_ANESTHETIST: &str = "IADE";

/// A hospital's policy. What an older version of it did not say has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Hospital id.
    pub hospital: String,
    /// At most this part of a profession away at once (rule L6).
    pub absent_percentage_max: i32,
    /// At least this part of a profession stays (rule L6).
    pub capacity_percentage_min: i32,
    /// Absolute limits by profession, which alert (rule L7).
    pub absence_limits: Vec<AbsenceLimit>,
    /// The limit of all professions that have one, together (rule L7).
    pub total_absence_limit: Option<AbsenceLimit>,
    /// In school holidays more than this part of a profession away alerts (rule L7).
    pub school_holiday_alert_percentage: i32,
    /// How far apart two leaves of one person are (rule L5).
    pub spacing: Spacing,
    /// Times of the year that many want (rule L8).
    pub peaks: Vec<Peak>,
    /// Days on which nobody may take leave.
    pub blackouts: Vec<Blackout>,
    /// Nurse anesthetists away, the requester included, up to which a nurse administrator decides alone (rule L11).
    pub nurse_administrator_absent_max: i32,
    /// A nurse administrator decides no leave that begins sooner than this (rule L12).
    pub last_minute_days: i32,
    /// Professions whose training is taken from paid annual leave (rule L13).
    pub training_charged_professions: Vec<String>,
    /// What is accepted without a decision (rule L15).
    pub auto_acceptance: AutoAcceptance,
    /// What differs from a type as shipped (rules L3, L4, L17).
    pub type_rules: Vec<TypeRule>,
    /// What remains of a type when its year is closed.
    pub carry_over_rules: Vec<CarryOverRule>,
    /// Between which balances half-days may move.
    pub transfer_rules: Vec<TransferRule>,
    /// Days that a leave waits for a decision before it is escalated.
    pub escalation_days: i32,
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
    /// Profession code; empty in the limit of all together.
    pub profession: String,
    /// Outside school holidays.
    pub absent_max: i32,
    /// In school holidays.
    pub school_holiday_absent_max: i32,
}

/// How far apart two leaves of one person are, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spacing {
    /// A leave of more days is long.
    pub long_leave_days: i32,
    /// Between two long leaves.
    pub long_gap_days_min: i32,
    /// Between any two.
    pub gap_days_min: i32,
    /// The same in school holidays.
    pub school_holiday_gap_days_min: i32,
}

/// By what competing requests are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ranking {
    /// Who had these days less often.
    Rotation,
    /// Who has been employed longest.
    Seniority,
}

/// A time of the year that many want; the last day may be in the year after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peak {
    /// Short word.
    pub code: String,
    /// Month and day.
    pub first: (i32, i32),
    /// Month and day.
    pub last: (i32, i32),
    /// More of a profession away at once is a warning.
    pub absent_max: i32,
    /// Of competing requests.
    pub ranking: Ranking,
}

/// Days on which nobody of some professions may take leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blackout {
    /// The days.
    pub days: DayRange,
    /// Profession codes; none means all.
    pub professions: Vec<String>,
}

/// What is accepted without a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoAcceptance {
    /// Whether anything is.
    pub is_enabled: bool,
    /// Days between asking and the first day.
    pub notice_days_min: i32,
    /// Others of the profession away, or asking to be.
    pub others_absent_max: i32,
    /// Ids of types.
    pub leave_types: Vec<String>,
}

/// What differs from a type as shipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRule {
    /// Id of the type.
    pub leave_type: String,
    /// Days between asking and the first day.
    pub notice_days_min: Option<i32>,
    /// Most days in one leave; 0 means no limit.
    pub days_max: Option<i32>,
    /// How far below zero the balance may fall.
    pub negative_half_days_max: Option<i32>,
    /// Yearly entitlement of a full-time post.
    #[serde(default)]
    pub granted_half_days: Option<i32>,
    /// Yearly entitlement of a full-time post that is earned month by month.
    #[serde(default)]
    pub accrued_half_days: Option<i32>,
}

/// What is granted to a full-time post in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Yearly {
    /// At once.
    pub granted: i32,
    /// Month by month.
    pub accrued: i32,
}

/// What a type allows at a hospital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeLimits {
    /// Days between asking and the first day.
    pub notice_days_min: i32,
    /// Most days in one leave.
    pub days_max: Option<i32>,
    /// How far below zero the balance may fall.
    pub negative_half_days_max: i32,
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
    /// The policy of a hospital that has not chosen.
    pub fn defaults(hospital: &str) -> Self {
        let limit = |profession: &str, absent_max, school_holiday_absent_max| AbsenceLimit {
            profession: profession.to_owned(),
            absent_max,
            school_holiday_absent_max,
        };
        let peak = |code: &str, first, last, absent_max, ranking| Peak {
            code: code.to_owned(),
            first,
            last,
            absent_max,
            ranking,
        };
        Self {
            hospital: hospital.to_owned(),
            absent_percentage_max: 30,
            capacity_percentage_min: 50,
            absence_limits: vec![limit("MAR", 2, 4), limit(NURSE_ANESTHETIST, 2, 3)],
            total_absence_limit: Some(limit("", 3, 6)),
            school_holiday_alert_percentage: 40,
            spacing: Spacing {
                long_leave_days: 14,
                long_gap_days_min: 90,
                gap_days_min: 0,
                school_holiday_gap_days_min: 0,
            },
            peaks: vec![
                peak("summer", (7, 1), (8, 31), 3, Ranking::Seniority),
                peak("christmas", (12, 20), (1, 3), 2, Ranking::Rotation),
            ],
            blackouts: vec![],
            nurse_administrator_absent_max: 2,
            last_minute_days: 14,
            training_charged_professions: vec!["MAR".to_owned()],
            auto_acceptance: AutoAcceptance {
                is_enabled: false,
                notice_days_min: 30,
                others_absent_max: 0,
                leave_types: vec!["cp".to_owned(), "rtt".to_owned()],
            },
            type_rules: vec![],
            carry_over_rules: vec![CarryOverRule {
                leave_type: leave_type::ANNUAL.to_owned(),
                carried: Carried::Percentage { percentage: 50, half_days_max: 20 },
                expire_days: Some(365),
            }],
            transfer_rules: vec![TransferRule {
                source: leave_type::ANNUAL.to_owned(),
                target: "recup".to_owned(),
                rate_percentage: 100,
                half_days_max: 10,
                percentage_max: Some(50),
                requires_approval: true,
            }],
            escalation_days: 7,
            own_cancel_notice_days_min: 30,
            school_zone: String::new(),
            version: 0,
            update_time: None,
        }
    }

    /// The limits of a day for a profession of so many people. One may always be away.
    pub fn allowed(&self, profession: &str, head_count: i32, is_school_holiday: bool) -> Allowed {
        let part = |percentage: i32| (head_count * percentage / 100).max(1);
        let limit = self.absence_limits.iter().find(|limit| limit.profession == profession);
        let absolute = limit.map(|limit| limit.of(is_school_holiday));
        let by_part = is_school_holiday.then(|| part(self.school_holiday_alert_percentage));
        Allowed { alert: absolute.into_iter().chain(by_part).min(), block: part(self.absent_percentage_max) }
    }

    /// The limit of all professions together, if this one is counted in it.
    pub fn total_allowed(&self, profession: &str, is_school_holiday: bool) -> Option<i32> {
        let is_counted = self.counts_in_total(profession);
        self.total_absence_limit.as_ref().filter(|_| is_counted).map(|limit| limit.of(is_school_holiday))
    }

    /// Whether a profession has a limit, and so is part of the total.
    pub fn counts_in_total(&self, profession: &str) -> bool {
        self.absence_limits.iter().any(|limit| limit.profession == profession)
    }

    /// What a type allows here.
    pub fn limits(&self, leave_type: &LeaveType) -> TypeLimits {
        let rule = self.type_rules.iter().find(|rule| rule.leave_type == leave_type.id);
        let of = |choose: fn(&TypeRule) -> Option<i32>| rule.and_then(choose);
        TypeLimits {
            notice_days_min: of(|rule| rule.notice_days_min).unwrap_or(leave_type.notice_days_min),
            days_max: of(|rule| rule.days_max).map_or(leave_type.days_max, |days| (days > 0).then_some(days)),
            negative_half_days_max: of(|rule| rule.negative_half_days_max).unwrap_or(0),
        }
    }

    /// How far below zero the balance of a type may fall (rule L17).
    pub fn negative_half_days_max(&self, leave_type: &str) -> i32 {
        let rule = self.type_rules.iter().find(|rule| rule.leave_type == leave_type);
        rule.and_then(|rule| rule.negative_half_days_max).unwrap_or(0)
    }

    /// What a type grants to a full-time post in a year (rule L1).
    pub fn yearly(&self, leave_type: &str) -> Yearly {
        let rule = self.type_rules.iter().find(|rule| rule.leave_type == leave_type);
        let shipped = leave_type::find(leave_type).map_or(0, |kind| kind.granted_half_days);
        Yearly {
            granted: rule.and_then(|rule| rule.granted_half_days).unwrap_or(shipped),
            accrued: rule.and_then(|rule| rule.accrued_half_days).unwrap_or(0),
        }
    }

    /// The first peak that a span touches, with its days there.
    pub fn peak_of(&self, span: Span) -> Option<(&Peak, DayRange)> {
        self.peaks.iter().find_map(|peak| Some((peak, peak.touching(span.range())?)))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::defaults("")
    }
}

// === impl AbsenceLimit ===

impl AbsenceLimit {
    fn of(&self, is_school_holiday: bool) -> i32 {
        if is_school_holiday { self.school_holiday_absent_max } else { self.absent_max }
    }
}

// === impl Peak ===

impl Peak {
    /// Its days when it begins in that year; nothing if they do not exist.
    pub fn of_year(&self, year: i32) -> Option<DayRange> {
        let last_year = if self.last < self.first { year + 1 } else { year };
        let first = Day::new(year, self.first.0, self.first.1).ok()?;
        DayRange::new(first, Day::new(last_year, self.last.0, self.last.1).ok()?).ok()
    }

    /// Its days that touch a range; the first such year's.
    pub fn touching(&self, range: DayRange) -> Option<DayRange> {
        (range.first().year() - 1..=range.last().year())
            .filter_map(|year| self.of_year(year))
            .find(|days| days.overlaps(range))
    }
}

// === impl Blackout ===

impl Blackout {
    /// Whether it holds for a profession.
    pub fn concerns(&self, profession: &str) -> bool {
        self.professions.is_empty() || self.professions.iter().any(|code| code == profession)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, last: &str) -> DayRange {
        DayRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    #[test]
    fn limits_depend_on_profession_size_and_school_holidays() {
        let policy = Policy::defaults("chu");
        let table = [
            ("MAR", 16, false, Allowed { alert: Some(2), block: 4 }),
            ("MAR", 16, true, Allowed { alert: Some(4), block: 4 }),
            ("MAR", 5, true, Allowed { alert: Some(2), block: 1 }),
            ("IADE", 9, false, Allowed { alert: Some(2), block: 2 }),
            ("SECRETARY", 3, false, Allowed { alert: None, block: 1 }),
        ];
        for (profession, head_count, is_school_holiday, expected) in table {
            assert_eq!(policy.allowed(profession, head_count, is_school_holiday), expected, "{profession}");
        }
    }

    #[test]
    fn christmas_goes_over_the_new_year() {
        let policy = Policy::defaults("chu");
        let table = [
            (days("2027-01-02", "2027-01-09"), Some(("christmas", days("2026-12-20", "2027-01-03")))),
            (days("2026-12-18", "2026-12-20"), Some(("christmas", days("2026-12-20", "2027-01-03")))),
            (days("2027-08-31", "2027-09-03"), Some(("summer", days("2027-07-01", "2027-08-31")))),
            (days("2027-01-04", "2027-01-09"), None),
        ];
        for (asked, expected) in table {
            let found = policy.peak_of(asked.into()).map(|(peak, days)| (peak.code.as_str(), days));
            assert_eq!(found, expected, "{asked}");
        }
    }

    #[test]
    fn a_policy_of_an_older_version_has_the_defaults_of_what_it_did_not_say() {
        let older = r#"{"hospital":"chu","absent_percentage_max":20,"absence_limits":[],
            "nurse_administrator_absent_max":2,"own_cancel_notice_days_min":30,"school_zone":"B","version":3,
            "update_time":null}"#;
        let policy: Policy = serde_json::from_str(older).unwrap();
        assert_eq!((policy.absent_percentage_max, policy.version), (20, 3));
        assert_eq!(policy.peaks, Policy::defaults("chu").peaks);
    }
}
