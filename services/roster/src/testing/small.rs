//! A small problem with a bit of everything, for property tests.

use super::builders::{Dice, days, iade, mar, number_of, slot, theatre};
use crate::{
    problem::{
        Ask, Availability, Counter, Counterpart, DayIx, Derogation, Draft, DutyUnavailability, Half, HalfDay,
        Incompatibility, LegalPack, Line, LineIx, LineKind, Person, PersonIx, Pin, Profession, Published,
        Request, Room, RoomIx, Seat, Sector, SectorCategory, SectorIx, Site, SiteIx, SkillIx, SlotIx,
        SlotKind, SpecialtyIx, SurgeonIx, Topology, Wish, WorkedDay,
    },
    rules::RuleId,
};

const DAYS: usize = 10;

/// The draft behind [`super::small`].
#[must_use]
pub fn small_draft(seed: u64) -> Draft {
    let mut dice = Dice::new(seed);
    let mut days = days(number_of(2027, 10, 25), DAYS);
    days[7].is_public_holiday = true;
    days.iter_mut().take(6).for_each(|day| day.is_school_holiday = true);
    days[7].is_special = dice.percent(50);
    let mut people: Vec<_> = (0..6).map(|at| mar(&format!("mar-{at}"), &days)).collect();
    people.extend((0..3).map(|at| iade(&format!("iade-{at}"), &days)));
    for (position, person) in people.iter_mut().enumerate() {
        disturb(&mut dice, position, person);
    }
    let mut draft = Draft { days, people, topology: topology(), ..Draft::default() };
    open(&mut dice, &mut draft);
    constrain(&mut dice, &mut draft);
    draft.parameters.supervision_derogation_authorized = dice.percent(50);
    draft.parameters.site_change_at_noon_allowed = dice.percent(50);
    // Dice of their own, so that what is added here does not move what is above.
    let mut dice = Dice::new(seed ^ 0x5EED);
    split(&mut dice, &mut draft);
    regulate(&mut dice, &mut draft);
    for person in &mut draft.people {
        surround(&mut dice, person);
    }
    furnish(&mut dice, &mut draft);
    draft
}

/// Some gardes are shared by two people.
fn split(dice: &mut Dice, draft: &mut Draft) {
    for at in 0..draft.slots.len() {
        let SlotKind::Garde { line } = draft.slots[at].kind else { continue };
        if dice.percent(20) {
            let (day, position) = (draft.slots[at].day, draft.slots.len());
            draft.slots[at].kind = SlotKind::GardeDay { line };
            draft.slots.push(slot(position, day, SlotKind::GardeNight { line }));
        }
    }
}

/// Legal packs, so tight that they bite within ten days.
fn regulate(dice: &mut Dice, draft: &mut Draft) {
    for person in &mut draft.people {
        let own = &mut person.working_time;
        if dice.percent(50) {
            *own = LegalPack::ALL[dice.below(4)].working_time();
        }
        own.is_volunteer = dice.percent(20);
        if own.seven_days_max.is_some() && dice.percent(50) {
            (own.seven_days_usual, own.seven_days_max) = (Some(1_500), Some(1_900));
            own.day_max = Some(500);
            (own.weekly_rest_min, own.fortnight_rest_days) = (Some(4_000), 6);
        }
        if own.week_half_days_max.is_some() && dice.percent(50) {
            own.week_half_days_max = Some(4);
        }
    }
    let parameters = &mut draft.parameters;
    (parameters.sector_changes_week_max, parameters.surgeon_days_max) = (dice.below(3) as u8, 1);
    (parameters.sector_stay_min, parameters.sector_stay_max) = (2, 2 + dice.below(2) as u8);
    parameters.closing_end = 1_110 + 60 * dice.below(5) as u16;
    parameters.garde_split = 1_080 + 60 * dice.below(5) as u16;
    parameters.off_month_min = 500 * dice.below(9) as i64;
    parameters.fatigue_permille = 400 + 100 * dice.below(3) as u16;
}

/// What was worked before the horizon and is published after it.
fn surround(dice: &mut Dice, person: &mut Person) {
    let days = DAYS as i32;
    let worked = |day: i32, ends: u16| WorkedDay { day, minutes: 600, starts: 480, ends };
    if dice.percent(50) {
        let before = 1 + dice.below(4) as i32;
        person.history.worked = (-before..0).map(|day| worked(day, 1_110)).collect();
        person.history.presence = Some(dice.below(3_000) as u32);
    }
    if dice.percent(50) {
        let free = dice.below(3) as i32;
        person.following.worked = (days + free..days + 4).map(|day| worked(day, 1_200)).collect();
        person.following.is_absent = dice.percent(30);
    }
    if person.profession == Profession::Mar && dice.percent(50) {
        person.following.gardes = vec![days + dice.below(5) as i32];
        person.following.astreintes = vec![days + dice.below(3) as i32, days + 9];
        person.history.garde_days = vec![-3];
        person.history.garde_nights = if dice.percent(50) { vec![-14] } else { Vec::new() };
    }
}

/// Limits and specialties of single rooms, and nurses that sectors ask for.
fn furnish(dice: &mut Dice, draft: &mut Draft) {
    let places = &mut draft.topology;
    places.specialties = 2;
    places.supervision_pairs = vec![(RoomIx(2), RoomIx(5)), (RoomIx(0), RoomIx(4))];
    places.rooms[1].supervision_max = dice.percent(50).then_some(1);
    places.rooms[2].specialties = vec![SpecialtyIx(0)];
    places.rooms[4].is_hidden = true;
    places.sectors[0].limits.iades_per_room_min = u8::from(dice.percent(30));
    for slot in &mut draft.slots {
        if let SlotKind::Theatre { specialty, .. } = &mut slot.kind {
            *specialty = dice.percent(60).then(|| SpecialtyIx(u16::from(dice.percent(15))));
        }
    }
}

fn topology() -> Topology {
    let site = |id: &str| Site { id: id.to_owned() };
    let sector = |id: &str, site, category: SectorCategory| Sector {
        id: id.to_owned(),
        site: SiteIx(site),
        category,
        limits: category.default_limits(),
        skill_to_perform: None,
        skill_to_supervise: (category == SectorCategory::Endoscopy).then_some(SkillIx(0)),
    };
    let room = |at: u16, sector, neighbors: &[u16]| Room {
        id: format!("room-{at}"),
        sector: SectorIx(sector),
        neighbors: neighbors.iter().copied().map(RoomIx).collect(),
        ..Room::default()
    };
    let line = |id: &str, kind| Line { id: id.to_owned(), kind, site: None, profession: Profession::Mar };
    Topology {
        sites: vec![site("main"), site("second")],
        sectors: vec![
            sector("standard", 0, SectorCategory::Standard),
            sector("ophthalmology", 0, SectorCategory::Ophthalmology),
            sector("endoscopy", 1, SectorCategory::Endoscopy),
        ],
        rooms: vec![
            room(0, 0, &[1]),
            room(1, 0, &[0, 2]),
            room(2, 0, &[1]),
            room(3, 1, &[]),
            room(4, 1, &[]),
            room(5, 2, &[]),
        ],
        lines: vec![line("garde", LineKind::Garde), line("astreinte", LineKind::Astreinte)],
        sector_pairs: vec![(SectorIx(0), SectorIx(1))],
        room_pairs: Vec::new(),
        supervision_pairs: Vec::new(),
        surgeons: 4,
        specialties: 0,
        skills: 1,
    }
}

/// Leave, part time, history, limits: every person is a little different.
fn disturb(dice: &mut Dice, position: usize, person: &mut Person) {
    if dice.percent(50) {
        person.sites.push(SiteIx(1));
    }
    if dice.percent(60) {
        person.skills.push(SkillIx(0));
    }
    if dice.percent(25) {
        person.percentage = 50;
        person.equity_share = 500;
        person.availability.iter_mut().skip(2 * dice.below(4)).take(4).for_each(|own| {
            *own = Availability::NotWorking;
        });
    }
    if dice.percent(30) {
        let classes = [Availability::Absent, Availability::Unavailable];
        let class = classes[dice.below(2)];
        let first = dice.below(DAYS * 2 - 4);
        person.availability[first..first + 3].fill(class);
    }
    person.is_locum = position == 5;
    if person.is_locum {
        person.equity_share = 0;
    }
    if person.profession == Profession::Mar && dice.percent(60) {
        let last = -1 - dice.below(6) as i32;
        person.history.gardes = vec![last - 9, last];
        person.history.counters = vec![(Counter::Gardes, 2_000), (Counter::GardesWeekday, 1_000)];
        person.history.astreintes = vec![-12, -4];
    }
    person.history.consecutive_days = dice.below(5) as u8;
    person.credit_minutes = dice.percent(20).then_some(2_000);
    person.week_minutes_max = (person.profession == Profession::Iade).then_some(2_100);
    let day = DayIx(dice.below(DAYS) as u16);
    let is_flexible = dice.percent(50);
    person.duty_unavailabilities =
        vec![DutyUnavailability { day, garde: true, astreinte: dice.percent(50), is_flexible }];
}

fn open(dice: &mut Dice, draft: &mut Draft) {
    let add = |slots: &mut Vec<_>, day, kind| slots.push(slot(slots.len(), day, kind));
    for at in 0..DAYS {
        let day = DayIx(at as u16);
        add(&mut draft.slots, day, SlotKind::Garde { line: LineIx(0) });
        add(&mut draft.slots, day, SlotKind::Astreinte { line: LineIx(1) });
        if !draft.days[at].is_working_day() {
            continue;
        }
        add(&mut draft.slots, day, SlotKind::Closing { site: SiteIx(0) });
        for half in Half::ALL {
            let site = SiteIx(dice.below(2) as u16);
            add(&mut draft.slots, day, SlotKind::Consultation { half, site });
            add(&mut draft.slots, day, SlotKind::Volant { half, site: SiteIx(0) });
            for room in 0..draft.topology.rooms.len() as u16 {
                if dice.percent(60) {
                    let surgeon = dice.percent(80).then(|| SurgeonIx(dice.below(4) as u16));
                    let mut kind = theatre(half, RoomIx(room), surgeon);
                    if let SlotKind::Theatre { is_pediatric, .. } = &mut kind {
                        *is_pediatric = dice.percent(15);
                    }
                    add(&mut draft.slots, day, kind);
                }
            }
        }
    }
}

/// Pins, a published roster, requests, wishes, incompatibilities, derogations.
fn constrain(dice: &mut Dice, draft: &mut Draft) {
    let people = draft.people.len();
    let any_slot = |dice: &mut Dice| SlotIx(dice.below(draft.slots.len()) as u32);
    let anybody = |dice: &mut Dice| PersonIx(dice.below(people) as u16);
    for _ in 0..3 {
        let pin =
            Pin { seat: Seat::performer(any_slot(dice)), person: dice.percent(80).then(|| anybody(dice)) };
        if draft.pins.iter().all(|own| own.seat != pin.seat) {
            draft.pins.push(pin);
        }
    }
    for slot in (0..draft.slots.len() as u32).map(SlotIx) {
        if dice.percent(20) {
            let person = dice.percent(90).then(|| anybody(dice));
            let change_cost = 1 + dice.below(9) as u32;
            draft.published.push(Published { seat: Seat::performer(slot), person, change_cost });
        }
    }
    let half_day = HalfDay(dice.below(DAYS * 2) as u32);
    let asks = [
        Ask::Off(half_day),
        Ask::Work(half_day),
        Ask::Consultation(half_day),
        Ask::Garde(half_day.day()),
        Ask::NoGarde(half_day.day()),
        Ask::Astreinte(half_day.day()),
        Ask::NoAstreinte(half_day.day()),
        Ask::Slot(any_slot(dice)),
    ];
    for ask in asks {
        if dice.percent(50) {
            draft.requests.push(Request { person: anybody(dice), ask });
        } else {
            draft.wishes.push(Wish { person: anybody(dice), ask, weight: 1 + dice.below(3) as u16 });
        }
    }
    for rule in [RuleId::ConsultationTwiceADay, RuleId::RestAfterGarde] {
        let day = DayIx(dice.below(DAYS) as u16);
        draft.derogations.push(Derogation { rule, person: anybody(dice), day });
    }
    let other = PersonIx(8);
    draft.people[0].incompatibilities = vec![
        Incompatibility { with: Counterpart::Surgeon(SurgeonIx(0)), is_strict: true },
        Incompatibility { with: Counterpart::Person(other), is_strict: dice.percent(50) },
    ];
    draft.people[1].incompatibilities =
        vec![Incompatibility { with: Counterpart::Surgeon(SurgeonIx(1)), is_strict: false }];
}
