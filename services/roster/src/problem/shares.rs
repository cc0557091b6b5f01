//! Fair shares: what each person should carry of each counter, history included.
//!
//! The total, history and demand together, is divided by presence: this horizon's share and that of the period in
//! which the counters were gathered. Targets are exact to the thousandth and add up to the total, so nothing is ever
//! lost to rounding: what one month cannot give, the next one owes.
//!
//! What a plan decides itself (theatre half-days of anesthetists, rooms supervised, OFF half-days, hardship) has no
//! total before there is a plan. Its total is then what the demand would take if everything were staffed with the
//! nurses who are there: off by the same for everybody, so it moves all and favors nobody.

use std::collections::BTreeMap;

use super::{
    counter::Counter,
    derived::counters_of,
    draft::Draft,
    horizon::{Half, HalfDay},
    index::DayIx,
    person::{Person, Profession},
    slot::SlotKind,
    topology::LineKind,
};
use crate::rules::day_load::points;

/// What the whole department is expected to do, in thousandths, for what only a plan decides.
#[derive(Default)]
struct Expected {
    theatre: i64,
    supervisions: i64,
    offs: i64,
    hardship: i64,
}

/// Whether a person may take part in what a counter counts.
fn takes_part(person: &Person, counter: Counter) -> bool {
    if person.equity_share == 0 || person.profession != counter.profession() {
        return false;
    }
    let abilities = &person.abilities;
    match counter {
        Counter::Astreintes
        | Counter::AstreintesWeekend
        | Counter::AstreintesFriday
        | Counter::AstreintesHoliday
        | Counter::AstreintesSpecial => abilities.astreinte,
        Counter::ConsultationsMorning
        | Counter::ConsultationsAfternoon
        | Counter::ConsultationsFridayAfternoon => abilities.consultation,
        Counter::Closings | Counter::ClosingsFriday => abilities.closing,
        Counter::TheatreHalfDays => abilities.theatre,
        Counter::Supervisions => abilities.supervision,
        Counter::OffHalfDays | Counter::Hardship => abilities.theatre || abilities.consultation,
        _ => abilities.garde,
    }
}

/// Targets: the total, history and demand together, divided by presence.
pub(super) fn targets(
    draft: &Draft,
    history: &[[i64; Counter::COUNT]],
) -> Vec<[Option<i64>; Counter::COUNT]> {
    let mut totals = [0_i64; Counter::COUNT];
    for slot in &draft.slots {
        counters_of(slot, &draft.days[slot.day.at()], |counter, one| totals[counter.at()] += one);
    }
    let expected = Expected::of(draft);
    totals[Counter::TheatreHalfDays.at()] = expected.theatre;
    totals[Counter::Supervisions.at()] = expected.supervisions;
    totals[Counter::OffHalfDays.at()] = expected.offs;
    totals[Counter::Hardship.at()] = expected.hardship;
    let mut targets = vec![[None; Counter::COUNT]; draft.people.len()];
    for counter in Counter::ALL {
        let taking_part =
            || draft.people.iter().zip(history).filter(|(person, _)| takes_part(person, counter));
        let total = totals[counter.at()] + taking_part().map(|(_, own)| own[counter.at()]).sum::<i64>();
        // Where nothing was gathered, presence in the past says nothing.
        let has_history = taking_part().any(|(_, own)| own[counter.at()] != 0);
        let presence = |person: &Person| {
            let past = if has_history { person.history.presence.unwrap_or(0) } else { 0 };
            i64::from(person.equity_share) + i64::from(past)
        };
        let all: i64 = taking_part().map(|(person, _)| presence(person)).sum();
        let mut up_to_here = 0;
        for (person, own) in draft.people.iter().zip(&mut targets) {
            if takes_part(person, counter) {
                // Cumulated, so that the remainders of the division are nobody's and the sum is the total.
                let before = divided(total, up_to_here, all);
                up_to_here += presence(person);
                own[counter.at()] = Some(divided(total, up_to_here, all) - before);
            }
        }
    }
    targets
}

/// Rounded up: the first person gets the thousandth that cannot be divided.
fn divided(total: i64, part: i64, all: i64) -> i64 {
    let (product, all) = (i128::from(total) * i128::from(part), i128::from(all.max(1)));
    ((product + all - 1).div_euclid(all)) as i64
}

// === impl Expected ===

impl Expected {
    fn of(draft: &Draft) -> Self {
        let mut expected = Self::default();
        let needs = Needs::of(draft);
        for (half, need) in needs.halves.iter().enumerate() {
            let there = |profession: Profession| {
                let here = draft.people.iter().filter(|own| own.profession == profession && !own.is_locum);
                here.filter(|own| own.availability[half].allows_post()).count() as i64
            };
            let (doctors, nurses) = (there(Profession::Mar), there(Profession::Iade));
            let (nursed, in_theatre) = need.theatre(draft, nurses);
            let in_theatre = in_theatre.min(doctors);
            let is_closed =
                draft.days[half / 2].weekday.is_weekend() || draft.days[half / 2].is_public_holiday;
            let busy = in_theatre + need.consultations + if is_closed { 0 } else { need.on_duty };
            expected.theatre += in_theatre * Counter::ONE;
            expected.supervisions += nursed * Counter::ONE;
            expected.offs += (doctors - busy).max(0) * Counter::ONE;
            let consultation = points::CONSULTATION[half % 2];
            let points = in_theatre * points::THEATRE
                + nursed * points::SUPERVISES_ONE
                + need.consultations * consultation;
            // Hundredths of a point into thousandths.
            expected.hardship += points * 10;
        }
        expected.hardship += needs.gardes * (points::GARDE + points::REST_AFTER_GARDE) * 10;
        expected
    }
}

/// What a half-day asks of anesthetists.
#[derive(Clone, Default)]
struct Need {
    /// Open rooms by sector.
    rooms: BTreeMap<u16, i64>,
    consultations: i64,
    /// On garde, or resting after one.
    on_duty: i64,
}

// === impl Need ===

impl Need {
    /// Rooms nurses run, and the doctors who run the others or supervise: sectors where one person runs several rooms
    /// first; two rooms supervised to a doctor, or the own one and another.
    fn theatre(&self, draft: &Draft, mut nurses: i64) -> (i64, i64) {
        let limit =
            |sector: u16| i64::from(draft.topology.sectors[usize::from(sector)].limits.rooms_per_person);
        let mut sectors: Vec<(i64, i64)> =
            self.rooms.iter().map(|(sector, rooms)| (limit(*sector), *rooms)).collect();
        sectors.sort_unstable_by_key(|own| std::cmp::Reverse(*own));
        let (mut nursed, mut performing) = (0, 0);
        for (limit, rooms) in sectors {
            let own = rooms.min(nurses * limit);
            nurses -= (own + limit - 1) / limit;
            nursed += own;
            performing += (rooms - own + limit - 1) / limit;
        }
        (nursed, performing.max((nursed + 1) / 2))
    }
}

struct Needs {
    halves: Vec<Need>,
    gardes: i64,
}

// === impl Needs ===

impl Needs {
    fn of(draft: &Draft) -> Self {
        let mut needs = Self { halves: vec![Need::default(); draft.days.len() * 2], gardes: 0 };
        for slot in &draft.slots {
            match slot.kind {
                SlotKind::Theatre { half, room, .. } => {
                    let sector = draft.topology.rooms[room.at()].sector;
                    let need = &mut needs.halves[HalfDay::new(slot.day, half).at()];
                    *need.rooms.entry(sector.0).or_default() += 1;
                }
                SlotKind::Consultation { half, .. } => {
                    needs.halves[HalfDay::new(slot.day, half).at()].consultations += 1;
                }
                kind => needs.duty(draft, slot.day, kind),
            }
        }
        needs
    }

    fn duty(&mut self, draft: &Draft, day: DayIx, kind: SlotKind) {
        let Some(line) = kind.line().filter(|line| draft.topology.lines[line.at()].kind == LineKind::Garde)
        else {
            return;
        };
        if draft.topology.lines[line.at()].profession != Profession::Mar || !kind.has_night() {
            return;
        }
        self.gardes += 1;
        for day in [day, DayIx(day.0 + 1)] {
            for half in Half::ALL {
                if let Some(need) = self.halves.get_mut(HalfDay::new(day, half).at()) {
                    need.on_duty += 1;
                }
            }
        }
    }
}
