//! Tables computed once from a checked draft, so that the judge only looks up.

use std::ops::Range;

use super::{
    counter::Counter,
    draft::{Ask, Draft},
    graph::RoomGraph,
    horizon::{Day, DayKind, Half, HalfDay},
    index::{DayIx, PersonIx, SectorIx, SiteIx, SkillIx, SlotIx, SpecialtyIx, SurgeonIx},
    look::Look,
    margins::{self, Outside},
    parameters::{RuleParameters, RuleSetting},
    person::{Availability, Counterpart, Person},
    roster_position, shares,
    slot::{Post, Seat, Slot, SlotKind},
};
use crate::{
    rules::{self, RuleId},
    shifts::Table,
};

/// What duty unavailabilities of a day forbid, as bits.
pub(crate) mod duty {
    /// Garde refused (P0).
    pub const NO_GARDE: u8 = 1;
    /// Astreinte refused (P0).
    pub const NO_ASTREINTE: u8 = 2;
    /// Garde unwelcome.
    pub const GARDE_UNWELCOME: u8 = 4;
    /// Astreinte unwelcome.
    pub const ASTREINTE_UNWELCOME: u8 = 8;
}

/// An ask with the weight it is judged with; `None` marks a granted request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DatedAsk {
    pub day: DayIx,
    pub ask: Ask,
    pub wish_weight: Option<u16>,
}

/// Incompatibilities of one person, both directions folded in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conflicts {
    pub people: Vec<(PersonIx, bool)>,
    pub surgeons: Vec<(SurgeonIx, bool)>,
    pub specialties: Vec<(SpecialtyIx, bool)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Derived {
    pub looks: Vec<Look>,
    pub slots_of_day: Vec<Vec<SlotIx>>,
    pub week_of_day: Vec<u16>,
    pub days_of_week: Vec<Range<usize>>,
    pub site_of_slot: Vec<Option<SiteIx>>,
    pub candidates: Vec<Vec<PersonIx>>,
    pub pins: Vec<Option<Option<PersonIx>>>,
    pub published: Vec<Option<u32>>,
    pub targets: Vec<[Option<i64>; Counter::COUNT]>,
    pub history: Vec<[i64; Counter::COUNT]>,
    pub counter_weights: [i64; Counter::COUNT],
    pub settings: [RuleSetting; RuleId::COUNT],
    /// Per person and day: bits of [`duty`].
    pub duty_bits: Vec<Vec<u8>>,
    pub conflicts: Vec<Conflicts>,
    pub asks: Vec<Vec<DatedAsk>>,
    pub gardes_max: Vec<(u8, u8)>,
    pub astreintes_max: Vec<u8>,
    /// Per person and week: usual working half-days, the base of weekly targets.
    pub working_halves: Vec<Vec<u8>>,
    /// Per month of the horizon: its days as offsets, which may begin before the horizon.
    pub months: Vec<Range<i32>>,
    /// Half-days in which any theatre slot is open at one of the person's sites: a present nurse belongs there.
    pub theatre_open: Vec<Vec<bool>>,
    /// Days on which any theatre slot is open.
    pub theatre_days: Vec<bool>,
    /// Per person: derogations, sorted.
    pub derogations: Vec<(RuleId, PersonIx, DayIx)>,
    pub rooms: RoomGraph,
    /// Per person: what happens around the horizon.
    pub outside: Vec<Outside>,
    /// Per person: a regime of working time asks something of several days.
    pub is_regulated: Vec<bool>,
    /// Per person and week: the working time of the week's days outside the horizon.
    pub outside_minutes: Vec<Vec<i64>>,
    /// Per person and week: working time aimed at (I7t).
    pub week_targets: Vec<Vec<Option<i64>>>,
    /// The dense month of each day, and per person and month the usual working half-days.
    pub month_of_day: Vec<u16>,
    pub month_halves: Vec<Vec<u8>>,
    /// Two weeks each, from a Monday, as offsets: the first may begin before the horizon, the last end after it.
    pub fortnights: Vec<Range<i32>>,
    pub fortnight_of_day: Vec<u16>,
    pub shifts: Table,
}

// === impl Derived ===

impl Derived {
    pub(super) fn of(draft: &Draft) -> Self {
        let site_of_slot: Vec<_> = draft.slots.iter().map(|slot| site_of(draft, slot)).collect();
        let conflicts = conflicts(draft);
        let duty_bits = duty_bits(draft);
        let candidates = candidates(draft, &site_of_slot, &conflicts, &duty_bits);
        let history: Vec<_> = draft.people.iter().map(history).collect();
        let (week_of_day, days_of_week) = weeks(&draft.days);
        let mut slots_of_day = vec![Vec::new(); draft.days.len()];
        for (position, slot) in draft.slots.iter().enumerate() {
            slots_of_day[slot.day.at()].push(SlotIx(position as u32));
        }
        let mut pins = vec![None; draft.slots.len() * 2];
        for pin in &draft.pins {
            pins[roster_position(pin.seat)] = Some(pin.person);
        }
        let mut published = vec![None; draft.slots.len() * 2];
        for (position, entry) in draft.published.iter().enumerate() {
            published[roster_position(entry.seat)] = Some(position as u32);
        }
        let parameters = &draft.parameters;
        let working_halves: Vec<_> =
            draft.people.iter().map(|person| working_halves(person, &days_of_week)).collect();
        let week_targets = margins::week_targets(draft, &working_halves);
        let month_of_day = margins::month_of_day(&draft.days);
        let pro_rata = |max: u8, person: &Person| RuleParameters::pro_rata(max, person.percentage);
        let mut derogations: Vec<_> = draft.derogations.iter().map(|d| (d.rule, d.person, d.day)).collect();
        derogations.sort_unstable();
        let settings = rules::settings(parameters);
        let looks =
            draft.slots.iter().zip(&site_of_slot).map(|(slot, site)| Look::of(draft, slot, *site)).collect();
        Self {
            looks,
            slots_of_day,
            week_of_day,
            candidates,
            pins,
            published,
            targets: shares::targets(draft, &history),
            history,
            counter_weights: Counter::ALL.map(|counter| balanced(parameters, counter)),
            shifts: Table::of(draft, &settings),
            settings,
            duty_bits,
            conflicts,
            asks: asks(draft),
            gardes_max: (draft.people.iter())
                .map(|person| {
                    let usual = pro_rata(parameters.gardes_rolling_max, person);
                    (usual, pro_rata(parameters.gardes_rolling_max_school_holidays, person).max(usual))
                })
                .collect(),
            astreintes_max: (draft.people.iter())
                .map(|person| pro_rata(parameters.astreintes_month_max, person))
                .collect(),
            working_halves,
            months: months(&draft.days),
            theatre_days: theatre_days(draft),
            theatre_open: theatre_open(draft, &site_of_slot),
            derogations,
            rooms: RoomGraph::of(&draft.topology),
            outside: draft.people.iter().map(Outside::of).collect(),
            is_regulated: draft.people.iter().map(|person| person.working_time.looks_at_days()).collect(),
            outside_minutes: margins::minutes(draft, &days_of_week),
            week_targets,
            month_halves: margins::month_halves(draft, &month_of_day),
            month_of_day,
            fortnights: margins::fortnights(&draft.days),
            fortnight_of_day: margins::fortnight_of_day(&draft.days),
            site_of_slot,
            days_of_week,
        }
    }
}

/// The counters a garde or astreinte of a day, a consultation or a closing adds to.
pub(crate) fn counters_of(slot: &Slot, day: &Day, mut add: impl FnMut(Counter, i64)) {
    match slot.kind {
        SlotKind::Garde { .. } => garde(day, Counter::ONE, &mut add),
        // The part of a Sunday or a holiday keeps its weight: half a garde, of the day's kind.
        SlotKind::GardeDay { .. } | SlotKind::GardeNight { .. } => garde(day, Counter::ONE / 2, &mut add),
        SlotKind::Astreinte { .. } => {
            add(Counter::Astreintes, Counter::ONE);
            if !day.is_working_day() {
                add(Counter::AstreintesWeekend, Counter::ONE);
            }
            match day.kind() {
                DayKind::Friday => add(Counter::AstreintesFriday, Counter::ONE),
                DayKind::Holiday => add(Counter::AstreintesHoliday, Counter::ONE),
                _ => {}
            }
            if day.is_special {
                add(Counter::AstreintesSpecial, Counter::ONE);
            }
        }
        SlotKind::Consultation { half: Half::Morning, .. } => {
            add(Counter::ConsultationsMorning, Counter::ONE);
        }
        SlotKind::Consultation { half: Half::Afternoon, .. } => {
            add(Counter::ConsultationsAfternoon, Counter::ONE);
            if day.kind() == DayKind::Friday {
                add(Counter::ConsultationsFridayAfternoon, Counter::ONE);
            }
        }
        SlotKind::Closing { .. } => {
            add(Counter::Closings, Counter::ONE);
            if day.kind() == DayKind::Friday {
                add(Counter::ClosingsFriday, Counter::ONE);
            }
        }
        SlotKind::Theatre { .. } | SlotKind::Volant { .. } => {}
    }
}

/// The counters a garde or a part of it adds to.
fn garde(day: &Day, quantity: i64, add: &mut impl FnMut(Counter, i64)) {
    add(Counter::Gardes, quantity);
    let kind = match day.kind() {
        DayKind::Weekday => Counter::GardesWeekday,
        DayKind::Friday => Counter::GardesFriday,
        DayKind::Saturday => Counter::GardesSaturday,
        DayKind::Sunday => Counter::GardesSunday,
        DayKind::Holiday => Counter::GardesHoliday,
    };
    add(kind, quantity);
    if matches!(kind, Counter::GardesSaturday | Counter::GardesSunday) {
        add(Counter::GardesWeekend, quantity);
    }
    if day.is_special {
        add(Counter::GardesSpecial, quantity);
    }
}

/// The weight of a counter between fairness and fatigue; the catalogue's own at 600 and 400.
fn balanced(parameters: &RuleParameters, counter: Counter) -> i64 {
    let own = parameters.counter_weight(counter);
    match counter {
        Counter::Hardship => parameters.of_fatigue(own),
        _ => parameters.of_equity(own),
    }
}

fn history(person: &Person) -> [i64; Counter::COUNT] {
    let mut table = [0; Counter::COUNT];
    for (counter, quantity) in &person.history.counters {
        table[counter.at()] = *quantity;
    }
    table
}

fn weeks(days: &[Day]) -> (Vec<u16>, Vec<Range<usize>>) {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut week_of_day = Vec::with_capacity(days.len());
    for (position, day) in days.iter().enumerate() {
        match ranges.last_mut() {
            Some(range) if days[range.start].iso_week == day.iso_week => range.end = position + 1,
            _ => ranges.push(position..position + 1),
        }
        week_of_day.push(ranges.len() as u16 - 1);
    }
    (week_of_day, ranges)
}

fn working_halves(person: &Person, days_of_week: &[Range<usize>]) -> Vec<u8> {
    let of_week = |days: &Range<usize>| {
        let halves = &person.availability[days.start * 2..days.end * 2];
        halves.iter().filter(|own| own.allows_post()).count() as u8
    };
    days_of_week.iter().map(of_week).collect()
}

fn months(days: &[Day]) -> Vec<Range<i32>> {
    let mut ranges: Vec<(u32, Range<i32>)> = Vec::new();
    for (position, day) in days.iter().enumerate() {
        let at = position as i32;
        match ranges.last_mut() {
            Some((month, range)) if *month == day.month => range.end = at + 1,
            _ => ranges.push((day.month, at + 1 - i32::from(day.day_of_month)..at + 1)),
        }
    }
    ranges.into_iter().map(|(_, range)| range).collect()
}

fn site_of(draft: &Draft, slot: &Slot) -> Option<SiteIx> {
    let places = &draft.topology;
    match slot.kind {
        SlotKind::Garde { line }
        | SlotKind::GardeDay { line }
        | SlotKind::GardeNight { line }
        | SlotKind::Astreinte { line } => places.lines[line.at()].site,
        SlotKind::Consultation { site, .. } | SlotKind::Closing { site } | SlotKind::Volant { site, .. } => {
            Some(site)
        }
        SlotKind::Theatre { room, .. } => Some(places.sectors[places.rooms[room.at()].sector.at()].site),
    }
}

fn duty_bits(draft: &Draft) -> Vec<Vec<u8>> {
    let bits_of = |person: &Person| {
        let mut bits = vec![0; draft.days.len()];
        for own in &person.duty_unavailabilities {
            let (garde, astreinte) = if own.is_flexible {
                (duty::GARDE_UNWELCOME, duty::ASTREINTE_UNWELCOME)
            } else {
                (duty::NO_GARDE, duty::NO_ASTREINTE)
            };
            bits[own.day.at()] |= (u8::from(own.garde) * garde) | (u8::from(own.astreinte) * astreinte);
        }
        bits
    };
    draft.people.iter().map(bits_of).collect()
}

fn conflicts(draft: &Draft) -> Vec<Conflicts> {
    let mut table = vec![Conflicts::default(); draft.people.len()];
    for (position, person) in draft.people.iter().enumerate() {
        for own in &person.incompatibilities {
            match own.with {
                Counterpart::Person(other) => {
                    table[position].people.push((other, own.is_strict));
                    table[other.at()].people.push((PersonIx(position as u16), own.is_strict));
                }
                Counterpart::Surgeon(surgeon) => table[position].surgeons.push((surgeon, own.is_strict)),
                Counterpart::Specialty(specialty) => {
                    table[position].specialties.push((specialty, own.is_strict));
                }
            }
        }
    }
    for own in &mut table {
        own.people.sort_unstable();
        own.people.dedup();
        own.surgeons.sort_unstable();
        own.surgeons.dedup();
        own.specialties.sort_unstable();
        own.specialties.dedup();
    }
    table
}

fn asks(draft: &Draft) -> Vec<Vec<DatedAsk>> {
    let mut table = vec![Vec::new(); draft.people.len()];
    for request in &draft.requests {
        let day = request.ask.day(&draft.slots);
        table[request.person.at()].push(DatedAsk { day, ask: request.ask, wish_weight: None });
    }
    for wish in &draft.wishes {
        let day = wish.ask.day(&draft.slots);
        table[wish.person.at()].push(DatedAsk { day, ask: wish.ask, wish_weight: Some(wish.weight) });
    }
    for own in &mut table {
        own.sort_by_key(|ask: &DatedAsk| ask.day);
    }
    table
}

fn theatre_days(draft: &Draft) -> Vec<bool> {
    let mut days = vec![false; draft.days.len()];
    for slot in draft.slots.iter().filter(|slot| slot.kind.is_theatre()) {
        days[slot.day.at()] = true;
    }
    days
}

fn theatre_open(draft: &Draft, site_of_slot: &[Option<SiteIx>]) -> Vec<Vec<bool>> {
    let mut by_site = vec![vec![false; draft.days.len() * 2]; draft.topology.sites.len()];
    for (slot, site) in draft.slots.iter().zip(site_of_slot) {
        if let (true, Some(half_day), Some(site)) = (slot.kind.is_theatre(), slot.half_day(), site) {
            by_site[site.at()][half_day.at()] = true;
        }
    }
    let open_for = |person: &Person| {
        let halves = 0..draft.days.len() * 2;
        halves.map(|half| person.sites.iter().any(|site| by_site[site.at()][half])).collect()
    };
    draft.people.iter().map(open_for).collect()
}

fn candidates(
    draft: &Draft,
    site_of_slot: &[Option<SiteIx>],
    conflicts: &[Conflicts],
    duty_bits: &[Vec<u8>],
) -> Vec<Vec<PersonIx>> {
    let everybody: Vec<_> = (0..draft.people.len() as u16).map(PersonIx).collect();
    let mut by_site = vec![Vec::new(); draft.topology.sites.len()];
    for (person, ix) in draft.people.iter().zip(&everybody) {
        for site in &person.sites {
            by_site[site.at()].push(*ix);
        }
    }
    for own in &mut by_site {
        own.dedup();
    }
    let mut table = Vec::with_capacity(draft.slots.len() * 2);
    for (position, slot) in draft.slots.iter().enumerate() {
        let nobody = Vec::new();
        let pool = if is_reserved_for_others(draft, slot) {
            &nobody
        } else {
            site_of_slot[position].map_or(&everybody, |site| &by_site[site.at()])
        };
        for post in Post::ALL {
            let seat = Seat { slot: SlotIx(position as u32), post };
            let fits = |ix: &PersonIx| {
                let person = &draft.people[ix.at()];
                able(draft, seat, person)
                    && free(slot, person, duty_bits[ix.at()][slot.day.at()])
                    && !is_banned(slot, &conflicts[ix.at()])
            };
            table.push(pool.iter().copied().filter(fits).collect());
        }
    }
    table
}

/// Profession, ability and skill.
fn able(draft: &Draft, seat: Seat, person: &Person) -> bool {
    let abilities = &person.abilities;
    let performs = seat.post == Post::Performer;
    match draft.slots[seat.slot.at()].kind {
        SlotKind::Garde { line } | SlotKind::GardeDay { line } | SlotKind::GardeNight { line } => {
            performs && abilities.garde && draft.topology.lines[line.at()].profession == person.profession
        }
        SlotKind::Astreinte { line } => {
            performs && abilities.astreinte && draft.topology.lines[line.at()].profession == person.profession
        }
        SlotKind::Consultation { .. } => performs && abilities.consultation,
        SlotKind::Closing { .. } => performs && abilities.closing,
        SlotKind::Volant { .. } => performs && abilities.volant,
        SlotKind::Theatre { room, .. } => {
            let sector: SectorIx = draft.topology.rooms[room.at()].sector;
            let sector = &draft.topology.sectors[sector.at()];
            let skilled = |skill: Option<SkillIx>| skill.is_none_or(|skill| person.skills.contains(&skill));
            if performs {
                abilities.theatre && skilled(sector.skill_to_perform)
            } else {
                abilities.supervision && skilled(sector.skill_to_supervise)
            }
        }
    }
}

/// Availability for the slot's time, and declared duty unavailabilities.
fn free(slot: &Slot, person: &Person, duty_bits: u8) -> bool {
    let at = |half| person.availability[HalfDay::new(slot.day, half).at()];
    match slot.kind {
        SlotKind::GardeNight { .. } => at(Half::Afternoon).allows_duty() && duty_bits & duty::NO_GARDE == 0,
        SlotKind::Garde { .. } | SlotKind::GardeDay { .. } => {
            Half::ALL.map(at).iter().all(|own| own.allows_duty()) && duty_bits & duty::NO_GARDE == 0
        }
        SlotKind::Astreinte { .. } => {
            Half::ALL.map(at).iter().all(|own| own.allows_duty()) && duty_bits & duty::NO_ASTREINTE == 0
        }
        SlotKind::Closing { .. } => at(Half::Afternoon) == Availability::Working,
        SlotKind::Consultation { half, .. }
        | SlotKind::Theatre { half, .. }
        | SlotKind::Volant { half, .. } => at(half).allows_post(),
    }
}

/// B9: a session in a room that is only for other specialties.
fn is_reserved_for_others(draft: &Draft, slot: &Slot) -> bool {
    Look::of(draft, slot, None).is_reserved_for_others
}

/// B11: a session of a surgeon or a specialty the person is never put with.
fn is_banned(slot: &Slot, conflicts: &Conflicts) -> bool {
    let SlotKind::Theatre { surgeon, specialty, .. } = slot.kind else { return false };
    surgeon.is_some_and(|own| conflicts.surgeons.binary_search(&(own, true)).is_ok())
        || specialty.is_some_and(|own| conflicts.specialties.binary_search(&(own, true)).is_ok())
}
