//! Parameters with a name: the dossier's sizes and its stress sets (domain §1.4, §12.2).

use calendar::Day;
use roster::problem::{
    LegalPack,
    SectorCategory::{Endoscopy, Hyperaseptic, Ophthalmology, Standard},
};

use crate::parameters::{Leave, Parameters, SiteShape, Team};

/// A named set of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preset {
    /// The real team's shape: 2 sites, 34 rooms, 26 people, one garde and one astreinte a day.
    Department,
    /// 3 sites, 60 rooms, 150 people.
    Hospital,
    /// 20 sites, 400 rooms, 2,000 people.
    Group,
    /// 24 sites of 12 hospitals, 504 rooms, 3,600 people, 2,880 duties a month.
    GhtRegional,
    /// A twentieth of the country: 24 sites, 600 rooms, 1,104 people.
    NationalSlice,
    /// The department in an August in which two thirds of the team are away: gardes cannot all be held.
    InfeasibleAugust,
    /// The department over the end of 2026, whose week 53 is followed by week 1: odd, then odd again.
    Week53,
    /// The department in October 2027: the garde of the 30th lasts 25 hours.
    ClockChange,
    /// The department with one anesthetist fewer than its work needs.
    OneMarShort,
}

// === impl Preset ===

impl Preset {
    /// All, in order.
    pub const ALL: [Preset; 9] = [
        Preset::Department,
        Preset::Hospital,
        Preset::Group,
        Preset::GhtRegional,
        Preset::NationalSlice,
        Preset::InfeasibleAugust,
        Preset::Week53,
        Preset::ClockChange,
        Preset::OneMarShort,
    ];

    /// Its name, for commands and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Preset::Department => "department",
            Preset::Hospital => "hospital",
            Preset::Group => "group",
            Preset::GhtRegional => "ght-regional",
            Preset::NationalSlice => "national-slice",
            Preset::InfeasibleAugust => "infeasible-august",
            Preset::Week53 => "week-53",
            Preset::ClockChange => "clock-change",
            Preset::OneMarShort => "one-mar-short",
        }
    }

    /// The preset of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// Its parameters.
    #[must_use]
    pub fn parameters(self, seed: u64) -> Parameters {
        let month = |teams, team, shared_percent| Parameters {
            seed,
            first: day(2027, 11, 1),
            days: 30,
            teams,
            team,
            shared_percent,
            leave: Leave::default(),
            pediatric_percent: 6,
        };
        let alone = month(1, department(), 0);
        match self {
            Preset::Department => alone,
            Preset::Hospital => month(3, team(30, 20, [1, 1], 4, 90), 8),
            Preset::Group => month(20, team(80, 20, [1, 1], 8, 90), 7),
            Preset::GhtRegional => {
                let mut team = team(128, 22, [2, 2], 10, 90);
                team.sites[0].sectors[1].1 += 1;
                month(24, team, 6)
            }
            Preset::NationalSlice => {
                let mut team = team(24, 22, [1, 2], 3, 70);
                team.sites[0].sectors.push((Standard, 5));
                month(24, team, 5)
            }
            Preset::InfeasibleAugust => Parameters {
                first: day(2027, 8, 1),
                days: 31,
                leave: Leave { percent_by_month: [66; 12], quota_percent: 80 },
                ..alone
            },
            Preset::Week53 => Parameters { first: day(2026, 12, 14), days: 35, ..alone },
            Preset::ClockChange => Parameters { first: day(2027, 10, 1), days: 31, ..alone },
            Preset::OneMarShort => {
                let mut short = alone;
                short.team.absent = 1;
                short.team.locums = 0;
                short
            }
        }
    }
}

/// The real team, a private clinic's: sectors and rooms of its two sites, patterns of its people.
fn department() -> Team {
    Team {
        anesthetists: 16,
        half_time_percent: 38,
        four_day_percent: 0,
        anesthetists_pack: LegalPack::Liberal,
        nurses: 9,
        nurses_pack: LegalPack::PrivateEmployee,
        locums: 1,
        absent: 0,
        garde_lines: 1,
        astreinte_lines: 1,
        consultations: 2,
        volants: 2,
        sites: vec![
            SiteShape {
                sectors: vec![
                    (Hyperaseptic, 4),
                    (Standard, 4),
                    (Standard, 5),
                    (Ophthalmology, 4),
                    (Endoscopy, 4),
                ],
                open_percent: 52,
            },
            SiteShape { sectors: vec![(Standard, 8), (Standard, 5)], open_percent: 18 },
        ],
    }
}

/// A public hospital's team of one site with 20 rooms in 6 sectors.
fn team(anesthetists: u16, nurses: u16, [gardes, astreintes]: [u8; 2], consultations: u8, open: u8) -> Team {
    Team {
        anesthetists,
        half_time_percent: 33,
        four_day_percent: 10,
        anesthetists_pack: LegalPack::PublicDoctor,
        nurses,
        nurses_pack: LegalPack::PublicNurse,
        locums: 0,
        absent: 0,
        garde_lines: gardes,
        astreinte_lines: astreintes,
        consultations,
        volants: consultations / 2,
        sites: vec![SiteShape {
            sectors: vec![
                (Hyperaseptic, 3),
                (Standard, 4),
                (Standard, 4),
                (Ophthalmology, 3),
                (Endoscopy, 3),
                (Standard, 3),
            ],
            open_percent: open,
        }],
    }
}

fn day(year: i32, month: i32, day: i32) -> Day {
    Day::new(year, month, day).unwrap_or(Day::MIN)
}
