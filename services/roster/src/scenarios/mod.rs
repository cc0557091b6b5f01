//! Acceptance scenarios of the domain that the judge alone can answer.

mod boundary;
mod duties;
mod fairness;
mod legal;
mod stays;
mod theatre;

use crate::{
    evaluator::{Blocker, Evaluator},
    problem::{
        Day, DayIx, Draft, Half, Line, LineIx, LineKind, Person, PersonIx, Problem, Profession, Room, RoomIx,
        Seat, Sector, SectorCategory, SectorIx, Site, SiteIx, SlotIx, SlotKind, Topology,
    },
    roster::Roster,
    rules::RuleId,
    testing::{days, number_of, slot, theatre},
};

/// Monday 4 October 2027.
fn monday() -> i32 {
    number_of(2027, 10, 4)
}

/// Two weeks from a Monday, one garde line, one astreinte line, one site, no rooms, nobody.
fn two_weeks() -> Draft {
    draft(days(monday(), 14))
}

fn draft(days: Vec<Day>) -> Draft {
    let line = |id: &str, kind| Line { id: id.to_owned(), kind, site: None, profession: Profession::Mar };
    let topology = Topology {
        sites: vec![Site { id: "main".to_owned() }],
        lines: vec![line("garde", LineKind::Garde), line("astreinte", LineKind::Astreinte)],
        surgeons: 3,
        ..Topology::default()
    };
    Draft { days, topology, ..Draft::default() }
}

/// Adds a sector of a category with so many rooms in a row.
fn sector(draft: &mut Draft, category: SectorCategory, rooms: u16) -> Vec<RoomIx> {
    let places = &mut draft.topology;
    let ix = SectorIx(places.sectors.len() as u16);
    places.sectors.push(Sector {
        id: format!("sector-{}", ix.0),
        site: SiteIx(0),
        category,
        limits: category.default_limits(),
        skill_to_perform: None,
        skill_to_supervise: None,
    });
    let first = places.rooms.len() as u16;
    let all = first..first + rooms;
    for at in all.clone() {
        let near =
            [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter(|other| all.contains(other));
        let neighbors = near.map(RoomIx).collect();
        places.rooms.push(Room { id: format!("room-{at}"), sector: ix, neighbors, ..Room::default() });
    }
    all.map(RoomIx).collect()
}

fn add(draft: &mut Draft, day: u16, kind: SlotKind) -> SlotIx {
    draft.slots.push(slot(draft.slots.len(), DayIx(day), kind));
    SlotIx(draft.slots.len() as u32 - 1)
}

fn hire(draft: &mut Draft, person: Person) -> PersonIx {
    draft.people.push(person);
    PersonIx(draft.people.len() as u16 - 1)
}

fn garde(draft: &mut Draft, day: u16) -> SlotIx {
    add(draft, day, SlotKind::Garde { line: LineIx(0) })
}

fn astreinte(draft: &mut Draft, day: u16) -> SlotIx {
    add(draft, day, SlotKind::Astreinte { line: LineIx(1) })
}

fn consultation(draft: &mut Draft, day: u16, half: Half) -> SlotIx {
    add(draft, day, SlotKind::Consultation { half, site: SiteIx(0) })
}

fn room(draft: &mut Draft, day: u16, half: Half, room: RoomIx) -> SlotIx {
    add(draft, day, theatre(half, room, None))
}

fn built(draft: Draft) -> Problem {
    Problem::build(draft).unwrap()
}

/// A checked judge over an empty roster.
fn judge(problem: &Problem) -> Evaluator<'_> {
    Evaluator::checked(problem, &Roster::pinned(problem))
}

fn refused(judge: &mut Evaluator, seat: Seat, person: PersonIx) -> Option<RuleId> {
    judge.can_take(seat, person).err().map(|Blocker { rule }| rule)
}

/// Takes a place that must be free to take.
fn take(judge: &mut Evaluator, seat: Seat, person: PersonIx) {
    assert_eq!(refused(judge, seat, person), None, "{seat:?} {person:?}");
    judge.set(seat, Some(person));
}

fn performs(slot: SlotIx) -> Seat {
    Seat::performer(slot)
}

fn supervises(slot: SlotIx) -> Seat {
    Seat::supervisor(slot)
}
