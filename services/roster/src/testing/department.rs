//! A month of a department shaped like the real team; all of it synthetic.

use super::builders::{Dice, days, iade, mar, number_of, slot};
use crate::problem::{
    Availability, Counter, Day, DayIx, Draft, Half, HalfDay, Line, LineIx, LineKind, Person, Profession,
    Room, RoomIx, Sector, SectorCategory, SectorIx, Site, SiteIx, SkillIx, SlotKind, SurgeonIx, Topology,
    Weekday,
};

/// Rooms per sector: hyperaseptic, intermediate, septic, ophthalmology, endoscopy; inpatient block, ambulatory.
const SECTORS: [(&str, u16, SectorCategory, u16); 7] = [
    ("hyperaseptic", 0, SectorCategory::Hyperaseptic, 4),
    ("intermediate", 0, SectorCategory::Standard, 4),
    ("septic", 0, SectorCategory::Standard, 5),
    ("ophthalmology", 0, SectorCategory::Ophthalmology, 4),
    ("endoscopy", 0, SectorCategory::Endoscopy, 4),
    ("inpatient", 1, SectorCategory::Standard, 8),
    ("ambulatory", 1, SectorCategory::Standard, 5),
];
const SURGEONS: u16 = 68;
const CAN_SUPERVISE_ENDOSCOPY: SkillIx = SkillIx(0);
const CAN_SUPERVISE_OPHTHALMOLOGY: SkillIx = SkillIx(1);

/// The draft behind [`super::department`]: November 2027, with All Saints' Day and Armistice Day.
#[must_use]
pub fn department_draft(seed: u64) -> Draft {
    let mut dice = Dice::new(seed);
    let mut days = days(number_of(2027, 11, 1), 30);
    days[0].is_public_holiday = true;
    days[10].is_public_holiday = true;
    days.iter_mut().take(7).for_each(|day| day.is_school_holiday = true);
    let mut draft =
        Draft { people: people(&mut dice, &days), topology: topology(), days, ..Draft::default() };
    open(&mut dice, &mut draft);
    draft
}

fn people(dice: &mut Dice, days: &[Day]) -> Vec<Person> {
    let mut people: Vec<_> = (0..16).map(|at| mar(&format!("mar-{at:02}"), days)).collect();
    let works_thursday_friday = |day: &Day| matches!(day.weekday, Weekday::Thursday | Weekday::Friday);
    let works_monday_tuesday = |day: &Day| matches!(day.weekday, Weekday::Monday | Weekday::Tuesday);
    halve(&mut people[10], days, works_thursday_friday);
    halve(&mut people[11], days, works_thursday_friday);
    halve(&mut people[12], days, works_monday_tuesday);
    halve(&mut people[13], days, works_monday_tuesday);
    halve(&mut people[14], days, |_| true); // works odd months: November
    halve(&mut people[15], days, |_| false); // works even months
    people.extend((0..9).map(|at| iade(&format!("iade-{at:02}"), days)));
    let mut locum = mar("locum-00", days);
    (locum.is_locum, locum.equity_share) = (true, 0);
    for (position, own) in locum.availability.iter_mut().enumerate() {
        if position / 2 % 7 > 2 {
            *own = Availability::NotWorking;
        }
    }
    people.push(locum);
    for (position, person) in people.iter_mut().enumerate() {
        person.skills = vec![CAN_SUPERVISE_ENDOSCOPY, CAN_SUPERVISE_OPHTHALMOLOGY];
        if position % 2 == 0 {
            person.sites.push(SiteIx(1));
        }
        leave(dice, person);
        if person.profession == Profession::Mar && !person.is_locum {
            history(dice, position, person);
        } else if person.profession == Profession::Iade {
            person.week_minutes_max = Some(44 * 60);
        }
    }
    people
}

/// A half-timer who works on some days and is outside the pattern on the others, week-ends included.
fn halve(person: &mut Person, days: &[Day], works: impl Fn(&Day) -> bool) {
    (person.percentage, person.equity_share) = (50, 500);
    for (position, day) in days.iter().enumerate().filter(|(_, day)| !works(day)) {
        let duty_on_weekend =
            day.weekday.is_weekend() && position % 14 < 7 && works(&days[3]) != works(&days[1]);
        let own = if duty_on_weekend { Availability::DutyOnly } else { Availability::NotWorking };
        person.availability[position * 2..position * 2 + 2].fill(own);
    }
}

/// One person in four is away for some days.
fn leave(dice: &mut Dice, person: &mut Person) {
    if dice.percent(25) {
        let (first, length) = (dice.below(24), 3 + dice.below(5));
        let last = (first + length).min(person.availability.len() / 2);
        for own in &mut person.availability[first * 2..last * 2] {
            if *own != Availability::NotWorking {
                *own = Availability::Absent;
            }
        }
    }
}

/// What the year gave so far: about ten times a month's share, unevenly; and the last duties before the month.
fn history(dice: &mut Dice, position: usize, person: &mut Person) {
    let mut around = |mean: i64, spread: usize| {
        let full_time = mean * 1_000 + (dice.below(spread * 2 + 1) as i64 - spread as i64) * 1_000;
        full_time * i64::from(person.percentage) / 100 / 1_000 * 1_000
    };
    person.history.counters = vec![
        (Counter::Gardes, around(22, 2)),
        (Counter::GardesWeekday, around(12, 2)),
        (Counter::GardesFriday, around(3, 1)),
        (Counter::GardesSaturday, around(3, 1)),
        (Counter::GardesSunday, around(3, 1)),
        (Counter::GardesHoliday, around(1, 1)),
        (Counter::Astreintes, around(22, 2)),
        (Counter::AstreintesWeekend, around(7, 1)),
        (Counter::ConsultationsMorning, around(38, 3)),
        (Counter::ConsultationsAfternoon, around(38, 3)),
        (Counter::ConsultationsFridayAfternoon, around(8, 2)),
    ];
    person.history.gardes = vec![-1 - position as i32];
    person.history.astreintes = vec![-1 - ((position + 5) % 16) as i32];
}

fn topology() -> Topology {
    let mut places = Topology {
        sites: ["main", "second"].map(|id| Site { id: id.to_owned() }).into(),
        surgeons: SURGEONS,
        skills: 2,
        ..Topology::default()
    };
    for (position, (id, site, category, rooms)) in SECTORS.into_iter().enumerate() {
        places.sectors.push(Sector {
            id: id.to_owned(),
            site: SiteIx(site),
            category,
            limits: category.default_limits(),
            skill_to_perform: None,
            skill_to_supervise: match category {
                SectorCategory::Endoscopy => Some(CAN_SUPERVISE_ENDOSCOPY),
                SectorCategory::Ophthalmology => Some(CAN_SUPERVISE_OPHTHALMOLOGY),
                _ => None,
            },
        });
        for at in 0..rooms {
            let (here, sector) = (places.rooms.len() as u16, SectorIx(position as u16));
            let mut neighbors = Vec::new();
            // Standard rooms of a site follow one another from sector to sector; the other sectors stand apart.
            let chained = category == SectorCategory::Standard && position != 1 && position != 5;
            if at > 0 || chained {
                neighbors.push(RoomIx(here - 1));
                places.rooms[usize::from(here) - 1].neighbors.push(RoomIx(here));
            }
            places.rooms.push(Room { id: format!("room-{here:02}"), sector, neighbors, ..Room::default() });
        }
    }
    let pair = |one, other| (SectorIx(one), SectorIx(other));
    places.sector_pairs = vec![pair(1, 2), pair(0, 3), pair(1, 3), pair(2, 3), pair(5, 6)];
    let rooms = |one, other| (RoomIx(one), RoomIx(other));
    // Hyperaseptic 3 and 4 with room 5; septic 10, 11, 12 may hold the supervisors of endoscopy.
    places.room_pairs = vec![rooms(2, 4), rooms(3, 4)];
    for septic in 9..13 {
        places.room_pairs.extend((17..21).map(|endoscopy| rooms(septic, endoscopy)));
    }
    let line =
        |id: &str, kind| Line { id: id.to_owned(), kind, site: Some(SiteIx(0)), profession: Profession::Mar };
    places.lines = vec![line("garde", LineKind::Garde), line("astreinte", LineKind::Astreinte)];
    places
}

/// The hidden room for emergency caesareans is never on the plan.
const HIDDEN_ROOM: u16 = 7;

fn open(dice: &mut Dice, draft: &mut Draft) {
    // Which rooms the surgeons' template opens, by weekday: the same every week, as in life.
    let rooms = draft.topology.rooms.len() as u16;
    let chance = |room: u16| if room < 21 { 52 } else { 18 };
    let template: Vec<Vec<(Half, u16, u16)>> = (0..5)
        .map(|_| {
            let halves = Half::ALL.into_iter().flat_map(|half| (0..rooms).map(move |room| (half, room)));
            let open = halves.filter(|(_, room)| *room != HIDDEN_ROOM && dice.percent(chance(*room)));
            open.collect::<Vec<_>>()
                .into_iter()
                .map(|(half, room)| (half, room, dice.below(68) as u16))
                .collect()
        })
        .collect();
    let mut kinds = Vec::new();
    for (at, day) in draft.days.iter().enumerate() {
        let ix = DayIx(at as u16);
        kinds.push((ix, SlotKind::Garde { line: LineIx(0) }));
        kinds.push((ix, SlotKind::Astreinte { line: LineIx(1) }));
        if !day.is_working_day() {
            continue;
        }
        kinds.push((ix, SlotKind::Closing { site: SiteIx(0) }));
        for half in Half::ALL {
            kinds.extend([(ix, SlotKind::Consultation { half, site: SiteIx(0) }); 2]);
            kinds.extend([(ix, SlotKind::Volant { half, site: SiteIx(0) }); 2]);
        }
        for (half, room, surgeon) in &template[day.weekday as usize] {
            let surgeon = Some(SurgeonIx(*surgeon));
            let (half, room, is_pediatric) = (*half, RoomIx(*room), dice.percent(8));
            kinds.push((ix, SlotKind::Theatre { half, room, surgeon, specialty: None, is_pediatric }));
        }
    }
    draft.slots = kinds.into_iter().enumerate().map(|(at, (day, kind))| slot(at, day, kind)).collect();
    debug_assert!(
        draft.people.iter().all(|own| own.availability.len() == HalfDay::new(DayIx(30), Half::Morning).at())
    );
}
