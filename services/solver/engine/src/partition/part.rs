//! One part: a problem of its own, and the way back to the whole.

use std::collections::BTreeSet;

use roster::{
    Problem, Roster,
    problem::{
        Ask, Availability, Counter, Counterpart, Draft, LineIx, PersonIx, Pin, Published, PublishedShift,
        RoomIx, Seat, SectorIx, ShiftLimits, ShiftPin, ShiftWish, Shifts, SiteIx, SlotIx, SlotKind, Topology,
    },
    shifts::Code,
};

/// What a part is made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    /// People whose plan the part decides, ascending.
    pub owned: Vec<PersonIx>,
    /// Slots the part fills, ascending.
    pub slots: Vec<SlotIx>,
    /// Types of shift the part covers, ascending.
    pub shifts: Vec<usize>,
    /// Days on which somebody takes nothing here but what they hold.
    pub kept: Vec<(PersonIx, BTreeSet<usize>)>,
}

/// A part of a problem.
#[derive(Clone, Debug)]
pub struct Part {
    problem: Problem,
    start: Roster,
    maps: Maps,
    /// How many of the part's slots, from the first, are its own; the others are posts elsewhere of its people.
    own_slots: usize,
}

/// Whole to part and back.
#[derive(Clone, Debug)]
struct Maps {
    people: Map,
    slots: Map,
    sites: Map,
    sectors: Map,
    rooms: Map,
    lines: Map,
}

/// Positions of one table.
#[derive(Clone, Debug)]
struct Map {
    /// By position in the part.
    whole: Vec<usize>,
    /// By position in the whole; `u32::MAX` for what is not in the part.
    part: Vec<u32>,
}

// === impl Map ===

impl Map {
    fn of(length: usize, whole: Vec<usize>) -> Self {
        let mut part = vec![u32::MAX; length];
        for (position, at) in whole.iter().enumerate() {
            part[*at] = position as u32;
        }
        Self { whole, part }
    }

    fn get(&self, whole: usize) -> Option<usize> {
        self.part.get(whole).filter(|at| **at != u32::MAX).map(|at| *at as usize)
    }
}

// === impl Part ===

impl Part {
    pub(super) fn of(problem: &Problem, base: &Roster, outline: &Outline) -> Self {
        let is_owned: BTreeSet<PersonIx> = outline.owned.iter().copied().collect();
        let is_own: BTreeSet<SlotIx> = outline.slots.iter().copied().collect();
        let (mut visited, mut frozen) = (BTreeSet::new(), BTreeSet::new());
        for (seat, person) in base.held() {
            match (is_own.contains(&seat.slot), is_owned.contains(&person)) {
                (true, false) => _ = frozen.insert(person),
                (false, true) => _ = visited.insert(seat.slot),
                _ => {}
            }
        }
        let people: BTreeSet<PersonIx> = is_owned.union(&frozen).copied().collect();
        let slots: Vec<usize> = outline.slots.iter().chain(&visited).map(|slot| slot.at()).collect();
        let people: Vec<usize> = people.into_iter().map(|person| person.at()).collect();
        let maps = Maps::of(problem, people, slots);
        let draft = maps.draft(problem, base, outline, &frozen);
        let targets = maps.people.whole.iter().map(|at| targets(problem, *at)).collect();
        let frozen: Vec<PersonIx> = frozen.iter().filter_map(|person| maps.person(*person)).collect();
        let part = Problem::build_part(draft, targets, &frozen).unwrap_or_else(|violations| {
            unreachable!("a part of a checked problem is correct: {violations:?}")
        });
        let mut own =
            Self { start: Roster::empty(&part), problem: part, maps, own_slots: outline.slots.len() };
        own.start = own.take(problem, base);
        own
    }

    /// The part as a problem.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// What the whole's roster says of the part: where its search starts.
    #[must_use]
    pub fn start(&self) -> &Roster {
        &self.start
    }

    /// A roster of the whole as the part sees it.
    #[must_use]
    pub fn take(&self, whole: &Problem, roster: &Roster) -> Roster {
        let mut own = Roster::pinned(&self.problem);
        for (here, there) in self.shift_people() {
            for (day, code) in whole.day_indices().zip(roster.row(there)) {
                own.set_shift(here, day, *code);
            }
        }
        for (position, at) in self.maps.slots.whole.iter().enumerate().take(self.own_slots) {
            for (there, here) in places(whole, *at, position) {
                own.set(here, roster.get(there).and_then(|person| self.maps.person(person)));
            }
        }
        own
    }

    /// What a roster of the part says, for the whole: its own slots' places with their holders.
    pub fn give<'a>(
        &'a self,
        whole: &'a Problem,
        roster: &'a Roster,
    ) -> impl Iterator<Item = (Seat, Option<PersonIx>)> + 'a {
        let own = self.maps.slots.whole.iter().enumerate().take(self.own_slots);
        own.flat_map(move |(position, at)| {
            places(whole, *at, position).map(|(there, here)| {
                let person = roster.get(here).and_then(|person| self.maps.people.whole.get(person.at()));
                (there, person.and_then(|at| PersonIx::of(*at)))
            })
        })
    }
}

impl Part {
    /// What a roster of the part says, for the whole: its people's shifts.
    pub fn give_rows<'a>(&'a self, roster: &'a Roster) -> impl Iterator<Item = (PersonIx, &'a [Code])> + 'a {
        self.shift_people().map(|(here, there)| (there, roster.row(here)))
    }

    /// Writes what a roster of the part says into one of the whole.
    pub fn merge(&self, whole: &Problem, roster: &Roster, into: &mut Roster) {
        for (seat, person) in self.give(whole, roster) {
            into.set(seat, person);
        }
        for (person, row) in self.give_rows(roster) {
            for (day, code) in whole.day_indices().zip(row) {
                into.set_shift(person, day, *code);
            }
        }
    }

    /// A roster of the whole that says what a roster of the part does, and nothing else.
    #[must_use]
    pub fn alone(&self, whole: &Problem, roster: &Roster) -> Roster {
        let mut own = Roster::empty(whole);
        self.merge(whole, roster, &mut own);
        own
    }

    /// Who works shifts here: the person in the part and in the whole.
    fn shift_people(&self) -> impl Iterator<Item = (PersonIx, PersonIx)> + '_ {
        let limits = self.problem.draft().shifts.limits.iter().enumerate();
        limits
            .filter(|(_, limits)| limits.is_some())
            .filter_map(|(at, _)| Some((PersonIx::of(at)?, PersonIx::of(*self.maps.people.whole.get(at)?)?)))
    }
}

/// The places of a slot, in the whole and in the part.
fn places(whole: &Problem, at: usize, position: usize) -> impl Iterator<Item = (Seat, Seat)> + use<> {
    let (there, here) = (SlotIx(at as u32), SlotIx(position as u32));
    let supervisor =
        whole.slot(there).kind.is_theatre().then(|| (Seat::supervisor(there), Seat::supervisor(here)));
    [(Seat::performer(there), Seat::performer(here))].into_iter().chain(supervisor)
}

fn targets(problem: &Problem, at: usize) -> [Option<i64>; Counter::COUNT] {
    let person = PersonIx(at as u16);
    Counter::ALL.map(|counter| problem.target(person, counter))
}

// === impl Maps ===

impl Maps {
    fn of(problem: &Problem, people: Vec<usize>, slots: Vec<usize>) -> Self {
        let places = problem.topology();
        let mut sites: BTreeSet<usize> =
            people.iter().flat_map(|at| &problem.people()[*at].sites).map(|site| site.at()).collect();
        sites.extend(slots.iter().filter_map(|at| problem.site_of(SlotIx(*at as u32))).map(|site| site.at()));
        let sites = Map::of(places.sites.len(), sites.into_iter().collect());
        let kept = |length: usize, keeps: &dyn Fn(usize) -> bool| -> Map {
            Map::of(length, (0..length).filter(|at| keeps(*at)).collect())
        };
        let sectors = kept(places.sectors.len(), &|at| sites.get(places.sectors[at].site.at()).is_some());
        let rooms = kept(places.rooms.len(), &|at| sectors.get(places.rooms[at].sector.at()).is_some());
        let lines = kept(places.lines.len(), &|at| {
            places.lines[at].site.is_none_or(|site| sites.get(site.at()).is_some())
        });
        let (people, slots) =
            (Map::of(problem.people().len(), people), Map::of(problem.slots().len(), slots));
        Self { people, slots, sites, sectors, rooms, lines }
    }

    fn person(&self, whole: PersonIx) -> Option<PersonIx> {
        self.people.get(whole.at()).and_then(PersonIx::of)
    }

    fn slot(&self, whole: SlotIx) -> Option<SlotIx> {
        self.slots.get(whole.at()).and_then(SlotIx::of)
    }

    fn site(&self, whole: SiteIx) -> SiteIx {
        self.sites.get(whole.at()).and_then(SiteIx::of).unwrap_or_default()
    }

    fn room(&self, whole: RoomIx) -> RoomIx {
        self.rooms.get(whole.at()).and_then(RoomIx::of).unwrap_or_default()
    }

    fn line(&self, whole: LineIx) -> LineIx {
        self.lines.get(whole.at()).and_then(LineIx::of).unwrap_or_default()
    }

    fn draft(
        &self,
        problem: &Problem,
        base: &Roster,
        outline: &Outline,
        frozen: &BTreeSet<PersonIx>,
    ) -> Draft {
        let whole = problem.draft();
        let mut draft = Draft {
            days: whole.days.clone(),
            topology: self.topology(&whole.topology),
            parameters: whole.parameters.clone(),
            pins: self.pins(problem, base, outline, frozen),
            shifts: self.shifts(whole, outline, frozen),
            ..Draft::default()
        };
        for at in &self.people.whole {
            let mut person = whole.people[*at].clone();
            person.sites.iter_mut().for_each(|site| *site = self.site(*site));
            person.incompatibilities = (person.incompatibilities.into_iter())
                .filter_map(|mut own| {
                    if let Counterpart::Person(other) = own.with {
                        own.with = Counterpart::Person(self.person(other)?);
                    }
                    Some(own)
                })
                .collect();
            draft.people.push(person);
        }
        for (person, days) in &outline.kept {
            let Some(own) = self.person(*person) else { continue };
            for day in days {
                let halves = &mut draft.people[own.at()].availability[day * 2..day * 2 + 2];
                halves
                    .iter_mut()
                    .filter(|half| half.allows_post())
                    .for_each(|half| *half = Availability::NotWorking);
            }
        }
        for at in &self.slots.whole {
            let mut slot = whole.slots[*at].clone();
            slot.kind = self.kind(slot.kind);
            draft.slots.push(slot);
        }
        self.lists(whole, &mut draft);
        draft
    }

    /// What refers to people and slots, as far as they are here.
    fn lists(&self, whole: &Draft, draft: &mut Draft) {
        let seat = |seat: Seat| Some(Seat { slot: self.slot(seat.slot)?, post: seat.post });
        let ask = |ask: Ask| match ask {
            Ask::Slot(slot) => self.slot(slot).map(Ask::Slot),
            other => Some(other),
        };
        // Whoever was published but is not here cannot come back here: what that costs is the same for every roster.
        draft.published = (whole.published.iter())
            .filter_map(|own| {
                let person = self.person(own.person?)?;
                Some(Published { seat: seat(own.seat)?, person: Some(person), ..*own })
            })
            .collect();
        draft.requests = (whole.requests.iter().copied())
            .filter_map(|mut own| {
                (own.person, own.ask) = (self.person(own.person)?, ask(own.ask)?);
                Some(own)
            })
            .collect();
        draft.wishes = (whole.wishes.iter().copied())
            .filter_map(|mut own| {
                (own.person, own.ask) = (self.person(own.person)?, ask(own.ask)?);
                Some(own)
            })
            .collect();
        draft.derogations = (whole.derogations.iter().copied())
            .filter_map(|mut own| {
                own.person = self.person(own.person)?;
                Some(own)
            })
            .collect();
    }

    /// Locks, posts of frozen people, and posts elsewhere of our own people.
    fn pins(
        &self,
        problem: &Problem,
        base: &Roster,
        outline: &Outline,
        frozen: &BTreeSet<PersonIx>,
    ) -> Vec<Pin> {
        let mut pins = Vec::new();
        for (position, at) in self.slots.whole.iter().enumerate() {
            let is_own = position < outline.slots.len();
            for (there, here) in places(problem, *at, position) {
                let holder = base.get(there);
                let is_fixed = match holder {
                    Some(person) => frozen.contains(&person) || problem.pin(there).is_some(),
                    None => problem.pin(there).is_some(),
                };
                if !is_own {
                    let ours = holder.filter(|person| !frozen.contains(person));
                    pins.push(Pin { seat: here, person: ours.and_then(|person| self.person(person)) });
                } else if is_fixed {
                    pins.push(Pin { seat: here, person: holder.and_then(|person| self.person(person)) });
                }
            }
        }
        pins
    }

    fn topology(&self, whole: &Topology) -> Topology {
        let sector = |own: SectorIx| self.sectors.get(own.at()).and_then(SectorIx::of);
        let room = |own: RoomIx| self.rooms.get(own.at()).and_then(RoomIx::of);
        let mut places = Topology {
            sites: self.sites.whole.iter().map(|at| whole.sites[*at].clone()).collect(),
            sectors: self.sectors.whole.iter().map(|at| whole.sectors[*at].clone()).collect(),
            rooms: self.rooms.whole.iter().map(|at| whole.rooms[*at].clone()).collect(),
            lines: self.lines.whole.iter().map(|at| whole.lines[*at].clone()).collect(),
            sector_pairs: Vec::new(),
            room_pairs: Vec::new(),
            supervision_pairs: Vec::new(),
            surgeons: whole.surgeons,
            specialties: whole.specialties,
            skills: whole.skills,
        };
        places.sectors.iter_mut().for_each(|own| own.site = self.site(own.site));
        for own in &mut places.rooms {
            own.sector = sector(own.sector).unwrap_or_default();
            own.neighbors = own.neighbors.iter().filter_map(|other| room(*other)).collect();
        }
        places.lines.iter_mut().for_each(|own| own.site = own.site.map(|site| self.site(site)));
        places.sector_pairs = (whole.sector_pairs.iter())
            .filter_map(|(one, other)| Some((sector(*one)?, sector(*other)?)))
            .collect();
        let rooms = |(one, other): &(RoomIx, RoomIx)| Some((room(*one)?, room(*other)?));
        places.room_pairs = whole.room_pairs.iter().filter_map(rooms).collect();
        places.supervision_pairs = whole.supervision_pairs.iter().filter_map(rooms).collect();
        places
    }

    fn kind(&self, kind: SlotKind) -> SlotKind {
        match kind {
            SlotKind::Garde { line } => SlotKind::Garde { line: self.line(line) },
            SlotKind::GardeDay { line } => SlotKind::GardeDay { line: self.line(line) },
            SlotKind::GardeNight { line } => SlotKind::GardeNight { line: self.line(line) },
            SlotKind::Astreinte { line } => SlotKind::Astreinte { line: self.line(line) },
            SlotKind::Consultation { half, site } => SlotKind::Consultation { half, site: self.site(site) },
            SlotKind::Theatre { half, room, surgeon, specialty, is_pediatric } => {
                SlotKind::Theatre { half, room: self.room(room), surgeon, specialty, is_pediatric }
            }
            SlotKind::Closing { site } => SlotKind::Closing { site: self.site(site) },
            SlotKind::Volant { half, site } => SlotKind::Volant { half, site: self.site(site) },
        }
    }

    /// The types stay numbered as they are; only what the part's people may work is wanted here.
    fn shifts(&self, whole: &Draft, outline: &Outline, frozen: &BTreeSet<PersonIx>) -> Shifts {
        let is_frozen = |at: usize| PersonIx::of(at).is_some_and(|person| frozen.contains(&person));
        let limits: Vec<Option<ShiftLimits>> = (self.people.whole.iter())
            .map(|at| whole.shifts.limits.get(*at).cloned().flatten().filter(|_| !is_frozen(*at)))
            .collect();
        if limits.iter().all(Option::is_none) {
            return Shifts::default();
        }
        let covers = whole.shifts.covers.iter().copied();
        let mut shifts = Shifts {
            types: whole.shifts.types.clone(),
            covers: covers.filter(|own| outline.shifts.contains(&own.shift.at())).collect(),
            limits,
            ..Shifts::default()
        };
        // Lists of people who work no shifts here are left out.
        let limits = shifts.limits.clone();
        let person = |own: PersonIx| self.person(own).filter(|person| limits[person.at()].is_some());
        for own in &whole.shifts.pins {
            shifts.pins.extend(person(own.person).map(|person| ShiftPin { person, ..*own }));
        }
        for own in &whole.shifts.wishes {
            shifts.wishes.extend(person(own.person).map(|person| ShiftWish { person, ..*own }));
        }
        for own in &whole.shifts.published {
            shifts.published.extend(person(own.person).map(|person| PublishedShift { person, ..*own }));
        }
        shifts
    }
}
