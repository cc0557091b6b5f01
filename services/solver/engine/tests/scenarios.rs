//! Acceptance scenarios of the domain dossier (§11) that are the search's to keep.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use engine::{Options, recommend, solve};
use roster::{
    Level, Roster, analyze,
    diff::changes,
    problem::{
        Counterpart, DayIx, Half, Incompatibility, LineKind, Pin, Post, Profession, Published, Seat,
        SectorCategory, SiteIx, SlotKind, SurgeonIx, Weekday,
    },
};
use support::{World, small_team};

fn options(steps: u64) -> Options {
    Options { steps, ..Options::default() }
}

#[test]
fn scenario_02_a_half_timer_gets_no_post_outside_the_pattern() {
    let problem = small_team().build();
    let roster = solve(&problem, &options(5_000), &mut ()).roster;
    let half_timer = roster::problem::PersonIx(6);
    let mut posts = 0;
    for (seat, _) in roster.held().filter(|(_, person)| *person == half_timer) {
        let day = problem.day(problem.slot(seat.slot).day);
        let in_pattern =
            matches!(day.weekday, Weekday::Thursday | Weekday::Friday) || day.weekday.is_weekend();
        assert!(in_pattern, "{:?} on a {:?}", problem.slot(seat.slot).kind, day.weekday);
        posts += 1;
    }
    assert!(posts > 0, "the half-timer works");
}

#[test]
fn scenario_04_three_endoscopy_rooms_take_one_nurse_and_one_anesthetist_for_one_half_day_each() {
    let mut world = World::new("2026-06-02", 1);
    world.mars(2);
    world.iades(1);
    for room in world.sector(SectorCategory::Endoscopy, 3) {
        for half in Half::ALL {
            world.theatre(0, half, room, None);
        }
    }
    let problem = world.build();
    let solution = solve(&problem, &options(3_000), &mut ());
    assert_eq!((solution.score.level(Level::Hard), solution.score.level(Level::Critical)), (0, 0));
    for half in Half::ALL {
        let slots: Vec<_> =
            problem.slot_indices().filter(|slot| problem.slot(*slot).kind.half() == Some(half)).collect();
        let people: Vec<_> = slots.iter().filter_map(|slot| solution.roster.performer(*slot)).collect();
        let nurses = people.iter().filter(|own| problem.person(**own).profession == Profession::Iade).count();
        assert_eq!((people.len(), nurses), (3, 2), "{half:?}");
        let mut anesthetists: Vec<_> = slots
            .iter()
            .flat_map(|slot| [solution.roster.performer(*slot), solution.roster.supervisor(*slot)])
            .flatten()
            .filter(|own| problem.person(*own).profession == Profession::Mar)
            .collect();
        anesthetists.dedup();
        assert_eq!(anesthetists.len(), 1, "the anesthetist of the third room supervises the two others");
    }
    let of = |half| {
        let mut slots = problem.slot_indices().filter(|slot| problem.slot(*slot).kind.half() == Some(half));
        slots.find_map(|slot| solution.roster.supervisor(slot))
    };
    assert_ne!(of(Half::Morning), of(Half::Afternoon), "no full day in endoscopy");
}

#[test]
fn scenario_08_strictly_incompatible_people_never_meet_and_the_room_stays_a_hole() {
    for spare in [true, false] {
        let mut world = World::new("2026-06-02", 1);
        world.draft.topology.surgeons = 1;
        let person = world.mars(if spare { 2 } else { 1 })[0];
        let strict = Incompatibility { with: Counterpart::Surgeon(SurgeonIx(0)), is_strict: true };
        world.draft.people[person.at()].incompatibilities.push(strict);
        let room = world.sector(SectorCategory::Standard, 1)[0];
        let slot = world.theatre(0, Half::Morning, room, Some(SurgeonIx(0)));
        let problem = world.build();
        let solution = solve(&problem, &options(500), &mut ());
        assert_ne!(solution.roster.performer(slot), Some(person));
        assert_eq!(solution.roster.performer(slot).is_some(), spare);
        assert_eq!(solution.score.level(Level::Hard), 0);
        let holes: Vec<_> = analyze(&problem, &solution.roster).holes.iter().map(|hole| hole.seat).collect();
        assert_eq!(holes, if spare { vec![] } else { vec![Seat::performer(slot)] });
    }
}

#[test]
fn scenario_09_all_anesthetists_on_leave_on_15_august_leaves_named_holes_and_no_breach() {
    let mut world = World::new("2026-08-10", 14);
    let people = world.mars(8);
    for person in people {
        world.leave(person, [5]);
    }
    world.duties();
    let problem = world.build();
    let solution = solve(&problem, &options(3_000), &mut ());
    assert_eq!(solution.score.level(Level::Hard), 0);
    let holes = analyze(&problem, &solution.roster).holes;
    assert_eq!(holes.len(), 2, "the garde and the astreinte of that day, nothing else");
    for hole in holes {
        assert_eq!(problem.slot(hole.seat.slot).day, DayIx(5));
        assert!(!hole.obstacles.is_empty() && hole.relaxation.is_some());
    }
}

#[test]
fn scenario_12_replanning_after_one_sickness_changes_little_and_keeps_the_locks() {
    let mut before = World::new("2026-06-01", 5);
    before.mars(5);
    before.iades(2);
    let rooms = before.sector(SectorCategory::Standard, 5);
    for day in 0..5 {
        for room in &rooms {
            before.theatre(day, Half::Morning, *room, None);
        }
        before.slot(day, SlotKind::Consultation { half: Half::Morning, site: SiteIx(0) });
    }
    before.line(LineKind::Astreinte);
    let mut after = World { draft: before.draft.clone() };
    let problem = before.build();
    let published = solve(&problem, &options(10_000), &mut ()).roster;
    // Somebody falls ill on a day with one room; nothing of the published plan moves for free.
    let posts_of = |person, day| -> Vec<SlotKind> {
        let held = published.held().filter(|(_, own)| *own == person);
        let of_day = held.filter(|(seat, _)| problem.slot(seat.slot).day == day);
        of_day.map(|(seat, _)| problem.slot(seat.slot).kind).collect()
    };
    let has_one_room = |person, day| matches!(posts_of(person, day)[..], [kind] if kind.is_theatre());
    let pairs =
        problem.person_indices().flat_map(|person| problem.day_indices().map(move |day| (person, day)));
    let (sick, day) = pairs.into_iter().find(|(person, day)| has_one_room(*person, *day)).unwrap();
    for slot in problem.slot_indices() {
        let kind = problem.slot(slot).kind;
        for seat in [Seat::performer(slot), Seat::supervisor(slot)] {
            let person = published.get(seat);
            if seat.post == Post::Performer || kind.is_theatre() {
                after.draft.published.push(Published { seat, person, change_cost: 10 });
            }
            if seat.post == Post::Performer && kind.is_duty() && person != Some(sick) {
                after.draft.pins.push(Pin { seat, person });
            }
        }
    }
    after.leave(sick, [day.at()]);
    let (pins, problem) = (after.draft.pins.clone(), after.build());
    let start = Some(Roster::published(&problem));
    let solution = solve(&problem, &Options { start, ..options(20_000) }, &mut ());
    assert_eq!(solution.score.level(Level::Hard), 0);
    assert!(pins.iter().all(|pin| solution.roster.get(pin.seat) == pin.person));
    let moved = changes(&published, &solution.roster).iter().filter(|own| own.before.is_some()).count();
    assert!((1..=3).contains(&moved), "{moved} published places changed hands");
}

#[test]
fn a_hole_is_recommended_to_whom_it_costs_least_and_to_nobody_it_may_not_be_given() {
    let mut world = World::new("2026-06-02", 1);
    let people = world.mars(3);
    world.leave(people[1], [0]);
    let slot = world.slot(0, SlotKind::Consultation { half: Half::Morning, site: SiteIx(0) });
    let problem = world.build();
    let candidates = recommend(&problem, &Roster::empty(&problem), Seat::performer(slot));
    let found: Vec<_> = candidates.iter().map(|candidate| candidate.person).collect();
    assert_eq!(found, [people[0], people[2]]);
    assert!(candidates.iter().all(|candidate| candidate.difference < roster::Score::ZERO));
}
