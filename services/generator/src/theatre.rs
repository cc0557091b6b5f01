//! Who operates where: specialties with the real skew, and the surgeons' weekly template.

use roster::problem::{Day, Half, RoomIx, SectorCategory, SlotKind, SpecialtyIx, SurgeonIx};

use crate::{dice::Dice, horizon::is_even_week, places::TeamPlaces};

/// A specialty: how many of a hundred surgeons have it, and whether its patients are children.
pub struct Specialty {
    pub surgeons_percent: u8,
    pub is_pediatric: bool,
}

const fn adult(surgeons_percent: u8) -> Specialty {
    Specialty { surgeons_percent, is_pediatric: false }
}

const fn child(surgeons_percent: u8) -> Specialty {
    Specialty { surgeons_percent, is_pediatric: true }
}

const OPHTHALMOLOGY: usize = 0;
const ENDOSCOPY: usize = 1;

/// Twenty specialties, six of them pediatric, with the real team's skew: ophthalmology and digestive endoscopy first,
/// then gynecology, orthopedics, urology, and many with one or two surgeons.
pub const SPECIALTIES: [Specialty; 20] = [
    adult(30),
    adult(14),
    adult(10),
    adult(7),
    adult(7),
    adult(5),
    adult(4),
    adult(3),
    adult(3),
    adult(2),
    adult(2),
    adult(2),
    adult(2),
    adult(1),
    child(3),
    child(1),
    child(1),
    child(1),
    child(1),
    child(1),
];

/// One session of the template.
pub struct Session {
    pub half: Half,
    room: RoomIx,
    surgeon: Option<SurgeonIx>,
    specialty: SpecialtyIx,
}

/// A team's template: the sessions of each weekday from Monday, of even and of odd weeks.
pub struct Template {
    sessions: [[Vec<Session>; 5]; 2],
}

// === impl Template ===

impl Template {
    /// Opens rooms; most sessions are the same in even and odd weeks.
    pub fn of(places: &TeamPlaces, dice: &mut Dice) -> Self {
        let surgeons: Vec<_> = places.surgeons.clone().map(|surgeon| (surgeon, specialty(dice))).collect();
        let mut template = Self { sessions: Default::default() };
        for weekday in 0..5 {
            for half in Half::ALL {
                for own in &places.rooms {
                    if !dice.percent(own.open_percent) {
                        continue;
                    }
                    let weeks: &[usize] = if dice.percent(10) { &[0] } else { &[0, 1] };
                    let chosen = operator(&surgeons, own.category, dice);
                    for week in weeks {
                        let session = Session {
                            half,
                            room: own.room,
                            surgeon: chosen.map(|(surgeon, _)| SurgeonIx(surgeon as u16)),
                            specialty: SpecialtyIx(chosen.map_or(0, |(_, specialty)| specialty) as u16),
                        };
                        template.sessions[*week][weekday].push(session);
                    }
                }
            }
        }
        template
    }

    /// The sessions of a working day.
    pub fn on(&self, day: &Day) -> &[Session] {
        let weekday = day.weekday as usize;
        let week = usize::from(!is_even_week(day));
        if weekday < 5 { &self.sessions[week][weekday] } else { &[] }
    }
}

// === impl Session ===

impl Session {
    /// The slot it asks for.
    pub fn slot(&self, pediatric_percent: u8, dice: &mut Dice) -> SlotKind {
        let by_chance = dice.percent(pediatric_percent);
        let is_pediatric = SPECIALTIES[self.specialty.at()].is_pediatric || by_chance;
        let specialty = Some(self.specialty);
        SlotKind::Theatre { half: self.half, room: self.room, surgeon: self.surgeon, specialty, is_pediatric }
    }
}

/// A specialty by the skew.
fn specialty(dice: &mut Dice) -> usize {
    let mut left = dice.below(100);
    for (position, specialty) in SPECIALTIES.iter().enumerate() {
        let share = usize::from(specialty.surgeons_percent);
        if left < share {
            return position;
        }
        left -= share;
    }
    SPECIALTIES.len() - 1
}

/// A surgeon whose specialty belongs in the sector; ophthalmology and endoscopy have their own, the rest goes to all
/// other sectors.
fn operator(
    surgeons: &[(usize, usize)],
    category: SectorCategory,
    dice: &mut Dice,
) -> Option<(usize, usize)> {
    let belongs = |(_, specialty): &&(usize, usize)| match category {
        SectorCategory::Ophthalmology => *specialty == OPHTHALMOLOGY,
        SectorCategory::Endoscopy => *specialty == ENDOSCOPY,
        _ => *specialty > ENDOSCOPY,
    };
    let fitting: Vec<_> = surgeons.iter().filter(belongs).collect();
    fitting.get(dice.below(fitting.len())).map(|own| **own)
}
