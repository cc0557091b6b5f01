use roster::{
    Evaluator, Level, Problem, Roster,
    problem::{Counterpart, Draft, LineIx, PersonIx, RoomIx, SectorIx, SiteIx, SlotIx, SlotKind, SurgeonIx},
    testing::{Dice, department_draft, small_draft},
};

use super::{Cut, Turn};
use crate::{Options, Solution};

/// Several departments in one problem. People of departments in one cluster all work at each other's first site; one
/// person in so many works at the next cluster's first site too.
pub(crate) fn group(departments: usize, per_cluster: usize, shared_percent: u64, seed: u64) -> Draft {
    let drafts: Vec<Draft> =
        (0..departments).map(|at| department_draft(seed.wrapping_mul(1_000) + at as u64)).collect();
    merged(drafts, per_cluster, shared_percent, seed)
}

fn merged(drafts: Vec<Draft>, per_cluster: usize, shared_percent: u64, seed: u64) -> Draft {
    let mut dice = Dice::new(seed);
    let mut all =
        Draft { days: drafts[0].days.clone(), parameters: drafts[0].parameters.clone(), ..Draft::default() };
    let firsts: Vec<u16> = (drafts.iter())
        .scan(0, |sites, draft| {
            let first = *sites;
            *sites += draft.topology.sites.len() as u16;
            Some(first)
        })
        .collect();
    let count = drafts.len();
    for (position, draft) in drafts.into_iter().enumerate() {
        let cluster = position / per_cluster;
        let people = all.people.len() as u16;
        append_places(&mut all, &draft, position);
        let (site, room) = (firsts[position], (all.topology.rooms.len() - draft.topology.rooms.len()) as u16);
        let line = (all.topology.lines.len() - draft.topology.lines.len()) as u16;
        for mut person in draft.people {
            person.id = format!("{position}-{}", person.id);
            person.sites.iter_mut().for_each(|own| own.0 += site);
            let others = cluster * per_cluster..((cluster + 1) * per_cluster).min(count);
            person.sites.extend(others.filter(|other| *other != position).map(|other| SiteIx(firsts[other])));
            let next = (cluster + 1) * per_cluster % count;
            if dice.percent(shared_percent) && next / per_cluster != cluster {
                person.sites.push(SiteIx(firsts[next]));
            }
            for own in &mut person.incompatibilities {
                if let Counterpart::Person(other) = &mut own.with {
                    other.0 += people;
                }
            }
            all.people.push(person);
        }
        for mut slot in draft.slots {
            slot.id = format!("{position}-{}", slot.id);
            slot.kind = match slot.kind {
                SlotKind::Garde { line: own } => SlotKind::Garde { line: LineIx(own.0 + line) },
                SlotKind::Astreinte { line: own } => SlotKind::Astreinte { line: LineIx(own.0 + line) },
                SlotKind::Consultation { half, site: own } => {
                    SlotKind::Consultation { half, site: SiteIx(own.0 + site) }
                }
                SlotKind::Theatre { half, room: own, surgeon, specialty, is_pediatric } => {
                    let surgeon = surgeon.map(|own| SurgeonIx(own.0 + all.topology.surgeons));
                    SlotKind::Theatre { half, room: RoomIx(own.0 + room), surgeon, specialty, is_pediatric }
                }
                SlotKind::Closing { site: own } => SlotKind::Closing { site: SiteIx(own.0 + site) },
                SlotKind::Volant { half, site: own } => SlotKind::Volant { half, site: SiteIx(own.0 + site) },
                other => other,
            };
            all.slots.push(slot);
        }
        all.topology.surgeons += draft.topology.surgeons;
    }
    all
}

fn append_places(all: &mut Draft, draft: &Draft, position: usize) {
    let places = &mut all.topology;
    let site = places.sites.len() as u16;
    let (sector, room) = (places.sectors.len() as u16, places.rooms.len() as u16);
    let own = &draft.topology;
    let id = |id: &str| format!("{position}-{id}");
    places.sites.extend(own.sites.iter().cloned().map(|mut own| {
        own.id = id(&own.id);
        own
    }));
    places.sectors.extend(own.sectors.iter().cloned().map(|mut own| {
        (own.id, own.site) = (id(&own.id), SiteIx(own.site.0 + site));
        own
    }));
    places.rooms.extend(own.rooms.iter().cloned().map(|mut own| {
        (own.id, own.sector) = (id(&own.id), SectorIx(own.sector.0 + sector));
        own.neighbors.iter_mut().for_each(|other| other.0 += room);
        own
    }));
    places.lines.extend(own.lines.iter().cloned().map(|mut own| {
        own.id = id(&own.id);
        own.site = own.site.map(|own| SiteIx(own.0 + site));
        own
    }));
    let sectors = own.sector_pairs.iter();
    places
        .sector_pairs
        .extend(sectors.map(|(one, other)| (SectorIx(one.0 + sector), SectorIx(other.0 + sector))));
    let rooms = own.room_pairs.iter();
    places.room_pairs.extend(rooms.map(|(one, other)| (RoomIx(one.0 + room), RoomIx(other.0 + room))));
    places.skills = own.skills;
    places.specialties = own.specialties;
}

fn solve(problem: &Problem, options: &Options) -> Solution {
    crate::solve(problem, options, &mut ())
}

fn hard_of_pins(problem: &Problem) -> i64 {
    Evaluator::new(problem, &Roster::pinned(problem)).score().level(Level::Hard)
}

#[test]
fn a_department_holds_together_and_two_fall_apart() {
    assert!(Cut::of(&Problem::build(department_draft(1)).unwrap()).is_none());
    let two = Problem::build(group(2, 1, 0, 1)).unwrap();
    let cut = Cut::of(&two).unwrap();
    assert_eq!((cut.parts(), cut.rounds()), (2, 1));
}

#[test]
fn parts_that_share_nobody_are_judged_as_the_whole_judges_them() {
    let problem = Problem::build(group(3, 1, 0, 5)).unwrap();
    let cut = Cut::of(&problem).unwrap();
    let solution = solve(&problem, &Options { seed: 3, steps: 600, ..Options::default() });
    let sum = (0..cut.parts())
        .map(|part| {
            let own = cut.part(&problem, &solution.roster, Turn::search(0), part);
            Evaluator::new(own.problem(), own.start()).score()
        })
        .fold(roster::Score::ZERO, |sum, score| sum + score);
    assert_eq!(sum, solution.score);
    assert_eq!(Evaluator::new(&problem, &solution.roster).score(), solution.score);
}

#[test]
fn shared_people_work_where_they_are_needed_and_break_no_rule() {
    for seed in 0..2 {
        let problem = Problem::build(group(12, 1, 9, seed)).unwrap();
        let cut = Cut::of(&problem).unwrap();
        assert!(cut.parts() > 4 && cut.rounds() == 2, "{} parts, {} rounds", cut.parts(), cut.rounds());
        let solution = solve(&problem, &Options { seed, steps: 800, ..Options::default() });
        assert!(solution.score.level(Level::Hard) <= hard_of_pins(&problem));
        assert_eq!(Evaluator::new(&problem, &solution.roster).score(), solution.score);
        let places: usize = cut
            .shared()
            .map(|(person, clusters)| {
                let held = solution.roster.held().filter(|(_, holder)| *holder == person);
                let mut worked: Vec<_> =
                    held.filter_map(|(seat, _)| cut.cluster_of_slot(seat.slot)).collect();
                worked.sort_unstable();
                worked.dedup();
                assert!(worked.iter().all(|own| clusters.contains(own)));
                worked.len()
            })
            .sum();
        assert!(places > cut.shared().count(), "some shared people work in both of their clusters");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let problem = Problem::build(group(8, 1, 12, 4)).unwrap();
    let of = |threads| solve(&problem, &Options { seed: 9, steps: 400, threads, ..Options::default() });
    let one = of(1);
    assert_eq!(one, of(2));
    assert_eq!(one, of(4));
}

#[test]
fn a_part_gives_back_what_it_took() {
    let problem = Problem::build(group(8, 1, 12, 2)).unwrap();
    let cut = Cut::of(&problem).unwrap();
    let solution = solve(&problem, &Options { seed: 1, steps: 0, ..Options::default() });
    for round in 0..cut.rounds() {
        let mut back = Roster::empty(&problem);
        for part in 0..cut.parts() {
            let own = cut.part(&problem, &solution.roster, Turn::search(round), part);
            for (seat, person) in own.give(&problem, own.start()) {
                back.set(seat, person);
            }
        }
        assert_eq!(back, solution.roster);
    }
}

#[test]
fn pins_wishes_and_publications_survive_the_cut() {
    let drafts = (0..3).map(small_draft).map(|mut draft| {
        draft.parameters = small_draft(0).parameters;
        draft.days = small_draft(0).days;
        draft
    });
    let problem = Problem::build(merged(drafts.collect(), 1, 0, 1)).unwrap();
    let solution = solve(&problem, &Options { seed: 2, steps: 300, is_checked: true, ..Options::default() });
    assert!(solution.score.level(Level::Hard) <= hard_of_pins(&problem));
    assert!(problem.draft().pins.iter().all(|pin| solution.roster.get(pin.seat) == pin.person));
}

#[test]
fn people_and_slots_are_each_in_one_part() {
    let problem = Problem::build(group(8, 1, 12, 6)).unwrap();
    let cut = Cut::of(&problem).unwrap();
    let base = Roster::pinned(&problem);
    let parts: Vec<_> =
        (0..cut.parts()).map(|part| cut.part(&problem, &base, Turn::construct(0), part)).collect();
    let people: usize = parts.iter().map(|part| part.problem().people().len()).sum();
    let slots: usize = parts.iter().map(|part| part.problem().slots().len()).sum();
    assert_eq!((people, slots), (problem.people().len(), problem.slots().len()));
    assert!(problem.person_indices().all(|person: PersonIx| !cut.clusters_of(person).is_empty()));
    assert!(problem.slot_indices().all(|slot: SlotIx| cut.cluster_of_slot(slot).is_some()));
}
