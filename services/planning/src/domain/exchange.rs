//! Exchanges of duties: what counts alike, what a hospital lets people do, and when a duty is over.

use std::collections::BTreeMap;

use calendar::{Day, DayPart, HalfDay, Span, working_time::Zone};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    counting, feed,
    shift::{Duty, Kind, Post},
};

/// A post of a published plan, whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    pub shift: String,
    pub post: Post,
    pub kind: Kind,
    pub day: Day,
    pub part: Option<DayPart>,
    pub site: String,
}

/// A rule that an exchange breaks anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: String,
    pub people: Vec<String>,
    pub shifts: Vec<String>,
    pub cost: i64,
}

/// When an administrator must approve a swap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Approval {
    /// Never.
    #[default]
    Autonomous,
    /// Always.
    Administrator,
    /// When it breaks a soft rule anew.
    IfSoftRuleDegrades,
}

/// How a hospital lets people exchange duties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangePolicy {
    pub approval: Approval,
    /// By site, where it differs.
    pub sites: BTreeMap<String, Approval>,
    /// Whether duties that do not count alike may be exchanged.
    pub is_unequal_allowed: bool,
    /// Whether a duty may be given away for nothing.
    pub is_give_away_allowed: bool,
    /// How long a swap waits for an answer.
    pub swap_hours: i32,
    /// How long an offer to replace somebody waits.
    pub offer_minutes: i32,
}

/// Why two duties cannot be exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unequal {
    #[error("the duties are of different kinds")]
    Kind,
    #[error("the duties do not count for as much")]
    Quantity,
    #[error("only one of the duties is on a week-end or a public holiday")]
    Weekend,
    #[error("only one of the duties is on a day that is shared out over the years")]
    Special,
}

/// Changes of every figure are kept within these.
pub const SWAP_HOURS: std::ops::RangeInclusive<i32> = 1..=1_440;
pub const OFFER_MINUTES: std::ops::RangeInclusive<i32> = 5..=2_880;

// === impl Item ===

impl From<&Duty> for Item {
    fn from(duty: &Duty) -> Self {
        Self {
            shift: duty.shift.clone(),
            post: duty.post,
            kind: duty.kind,
            day: duty.day,
            part: duty.part,
            site: duty.site.clone(),
        }
    }
}

/// When a duty begins.
pub fn start(duty: &Duty) -> Timestamp {
    feed::hours(duty, &Zone::paris()).start()
}

/// When a duty ends.
pub fn end(duty: &Duty) -> Timestamp {
    feed::hours(duty, &Zone::paris()).end()
}

/// When it is too late to look for somebody: when a duty begins or, once it has begun, when it ends.
pub fn too_late(duty: &Duty, now: Timestamp) -> Timestamp {
    let start = start(duty);
    if start > now { start } else { end(duty) }
}

/// The half-days in which somebody must be there to do a duty.
pub fn half_days(duty: &Duty) -> Span {
    use DayPart::{Afternoon, Morning};
    let (first, last) = match (duty.kind, duty.part) {
        // The day part of a garde goes on until the evening.
        (Kind::Garde, Some(Morning)) | (Kind::Garde | Kind::Astreinte, None) => (Morning, Afternoon),
        (Kind::Closing, None) => (Afternoon, Afternoon),
        (_, Some(part)) => (part, part),
        (_, None) => (Morning, Afternoon),
    };
    let (first, last) = (HalfDay::new(duty.day, first), HalfDay::new(duty.day, last));
    Span::new(first, last).unwrap_or_else(|_| Span::whole(calendar::DayRange::single(duty.day)))
}

/// Whether two duties count alike: garde for garde, week-end for week-end.
pub fn compare(one: &Duty, other: &Duty, is_holiday: impl Fn(Day) -> bool) -> Result<(), Unequal> {
    if one.kind != other.kind {
        return Err(Unequal::Kind);
    }
    if counting::quantity(one) != counting::quantity(other) {
        return Err(Unequal::Quantity);
    }
    // Half-days of the theatre fall on days of work only.
    let is_weekend = |duty: &Duty| duty.day.is_weekend() || is_holiday(duty.day);
    if is_weekend(one) != is_weekend(other) {
        return Err(Unequal::Weekend);
    }
    if counting::is_special(one.day) != counting::is_special(other.day) {
        return Err(Unequal::Special);
    }
    Ok(())
}

// === impl ExchangePolicy ===

impl Default for ExchangePolicy {
    fn default() -> Self {
        Self {
            approval: Approval::Autonomous,
            sites: BTreeMap::new(),
            is_unequal_allowed: false,
            is_give_away_allowed: false,
            swap_hours: 168,
            offer_minutes: 120,
        }
    }
}

impl ExchangePolicy {
    /// Whether a swap of duties at these sites needs an administrator.
    pub fn needs_approval<'s>(
        &self,
        mut sites: impl Iterator<Item = &'s str>,
        breaks_soft_rules: bool,
    ) -> bool {
        sites.any(|site| match self.sites.get(site).copied().unwrap_or(self.approval) {
            Approval::Autonomous => false,
            Approval::Administrator => true,
            Approval::IfSoftRuleDegrades => breaks_soft_rules,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(kind: Kind, day: &str, part: Option<DayPart>) -> Duty {
        Duty {
            staff_member: "x".into(),
            day: day.parse().unwrap(),
            part,
            kind,
            post: Post::Performer,
            shift: "s".into(),
            site: "main".into(),
            sector: String::new(),
            room: String::new(),
        }
    }

    #[test]
    fn a_garde_is_worth_a_garde_and_a_week_end_a_week_end() {
        let garde = |day| duty(Kind::Garde, day, None);
        let night = duty(Kind::Garde, "2026-12-09", Some(DayPart::Afternoon));
        let astreinte = duty(Kind::Astreinte, "2026-12-09", None);
        for (other, is_holiday, expected) in [
            (garde("2026-12-09"), false, Ok(())),
            (garde("2026-12-12"), false, Err(Unequal::Weekend)),
            (garde("2026-12-09"), true, Err(Unequal::Weekend)),
            (garde("2026-12-24"), false, Err(Unequal::Special)),
            (night, false, Err(Unequal::Quantity)),
            (astreinte, false, Err(Unequal::Kind)),
        ] {
            let holiday = other.day;
            let found = compare(&garde("2026-12-07"), &other, |day| is_holiday && day == holiday);
            assert_eq!(found, expected, "{other:?}");
        }
        assert_eq!(compare(&garde("2026-12-12"), &garde("2026-12-20"), |_| false), Ok(()));
    }

    #[test]
    fn the_strictest_site_decides_whether_a_swap_is_approved() {
        use Approval::{Administrator, Autonomous, IfSoftRuleDegrades};
        for (approval, site, breaks, expected) in [
            (Autonomous, None, true, false),
            (Administrator, None, false, true),
            (IfSoftRuleDegrades, None, false, false),
            (IfSoftRuleDegrades, None, true, true),
            (Autonomous, Some(Administrator), false, true),
            (Administrator, Some(Autonomous), false, true),
        ] {
            let sites = site.map(|approval| ("annex".to_owned(), approval)).into_iter().collect();
            let policy = ExchangePolicy { approval, sites, ..Default::default() };
            let needs = policy.needs_approval(["main", "annex"].into_iter(), breaks);
            assert_eq!(needs, expected, "{approval:?} {site:?} {breaks}");
        }
    }

    #[test]
    fn it_is_too_late_for_a_duty_when_it_begins_and_for_one_that_has_begun_when_it_ends() {
        let garde = duty(Kind::Garde, "2026-12-09", None);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(too_late(&garde, at("2026-12-01T00:00:00Z")), at("2026-12-09T07:00:00Z"));
        assert_eq!(too_late(&garde, at("2026-12-09T12:00:00Z")), at("2026-12-10T07:00:00Z"));
    }

    #[test]
    fn a_garde_fills_its_day_and_a_night_its_second_half() {
        let len = |kind, part| half_days(&duty(kind, "2026-12-09", part)).len();
        assert_eq!(len(Kind::Garde, None), 2);
        assert_eq!(len(Kind::Garde, Some(DayPart::Morning)), 2);
        assert_eq!(len(Kind::Garde, Some(DayPart::Afternoon)), 1);
        assert_eq!(len(Kind::Theatre, Some(DayPart::Morning)), 1);
        assert_eq!(len(Kind::Closing, None), 1);
    }
}
