//! Rooms, supervision, sectors, surgeons, sites.

use super::*;
use crate::{
    explain::analyze,
    problem::{Availability, Counterpart, Incompatibility, SpecialtyIx, SurgeonIx},
    score::Level,
    testing::{iade, mar},
};

/// Rooms of one sector, open on both halves of Monday, and the people for them.
struct Scene {
    draft: Draft,
    mars: Vec<PersonIx>,
    iades: Vec<PersonIx>,
    morning: Vec<SlotIx>,
    afternoon: Vec<SlotIx>,
}

fn scene(category: SectorCategory, rooms: u16, mars: usize, iades: usize) -> Scene {
    let mut draft = two_weeks();
    let rooms = sector(&mut draft, category, rooms);
    let morning = rooms.iter().map(|at| room(&mut draft, 0, Half::Morning, *at)).collect();
    let afternoon = rooms.iter().map(|at| room(&mut draft, 0, Half::Afternoon, *at)).collect();
    let days = draft.days.clone();
    let mars = (0..mars).map(|at| hire(&mut draft, mar(&format!("mar-{at}"), &days))).collect();
    let iades = (0..iades).map(|at| hire(&mut draft, iade(&format!("iade-{at}"), &days))).collect();
    Scene { draft, mars, iades, morning, afternoon }
}

#[test]
fn scenario_04_three_endoscopy_rooms_are_run_by_a_nurse_in_two_and_a_mar_in_one() {
    let Scene { draft, mars, iades, morning, afternoon } = scene(SectorCategory::Endoscopy, 3, 1, 1);
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(morning[0]), iades[0]);
    take(&mut judge, performs(morning[1]), iades[0]);
    assert_eq!(refused(&mut judge, performs(morning[2]), iades[0]), Some(RuleId::RoomsPerPerson));
    take(&mut judge, performs(morning[2]), mars[0]);
    take(&mut judge, supervises(morning[0]), mars[0]);
    take(&mut judge, supervises(morning[1]), mars[0]);
    // The nurse stays all day, the MAR does not.
    take(&mut judge, performs(afternoon[0]), iades[0]);
    assert_eq!(refused(&mut judge, supervises(afternoon[0]), mars[0]), Some(RuleId::FullDayForbidden));
    let analysis = analyze(&problem, judge.roster());
    let line = analysis.coverage[0];
    assert_eq!((line.open, line.covered), (6, 3));
}

#[test]
fn scenario_05_four_ophthalmology_rooms_split_in_two_and_nobody_stays_all_day() {
    let Scene { draft, mars, iades, morning, afternoon } = scene(SectorCategory::Ophthalmology, 4, 2, 2);
    let problem = built(draft);
    let mut judge = judge(&problem);
    for (half, who) in [(&morning, 0), (&afternoon, 1)] {
        for room in 0..2 {
            take(&mut judge, performs(half[room]), iades[who]);
            take(&mut judge, performs(half[room + 2]), mars[who]);
            take(&mut judge, supervises(half[room]), mars[who]);
        }
    }
    assert_eq!(judge.score().level(Level::Critical), 0);
    judge.set(performs(afternoon[0]), None);
    assert_eq!(refused(&mut judge, performs(afternoon[0]), iades[0]), Some(RuleId::FullDayForbidden));
    judge.set(performs(afternoon[2]), None);
    assert_eq!(refused(&mut judge, performs(afternoon[2]), mars[0]), Some(RuleId::FullDayForbidden));
}

#[test]
fn scenario_06_a_mar_who_performs_in_pediatrics_supervises_nothing() {
    let mut scene = scene(SectorCategory::Standard, 2, 1, 1);
    if let SlotKind::Theatre { is_pediatric, .. } = &mut scene.draft.slots[0].kind {
        *is_pediatric = true;
    }
    let problem = built(scene.draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(scene.morning[0]), scene.mars[0]);
    take(&mut judge, performs(scene.morning[1]), scene.iades[0]);
    assert_eq!(
        refused(&mut judge, supervises(scene.morning[1]), scene.mars[0]),
        Some(RuleId::PediatricPrimary)
    );
    // Not pediatric in the afternoon: own room and one nurse's room are the usual two.
    take(&mut judge, performs(scene.afternoon[0]), scene.mars[0]);
    take(&mut judge, performs(scene.afternoon[1]), scene.iades[0]);
    take(&mut judge, supervises(scene.afternoon[1]), scene.mars[0]);
}

#[test]
fn scenario_07_supervising_the_first_and_the_last_of_four_rooms_is_not_contiguous() {
    let Scene { draft, mars, iades, morning, .. } = scene(SectorCategory::Standard, 4, 1, 4);
    let problem = built(draft);
    let mut judge = judge(&problem);
    for (slot, who) in morning.iter().zip(&iades) {
        take(&mut judge, performs(*slot), *who);
    }
    take(&mut judge, supervises(morning[0]), mars[0]);
    assert_eq!(refused(&mut judge, supervises(morning[3]), mars[0]), Some(RuleId::Contiguity));
    take(&mut judge, supervises(morning[1]), mars[0]);
    assert_eq!(refused(&mut judge, supervises(morning[2]), mars[0]), Some(RuleId::SupervisionMax));
}

#[test]
fn scenario_08_a_strict_incompatibility_leaves_a_hole_rather_than_be_broken() {
    let mut scene = scene(SectorCategory::Standard, 1, 1, 1);
    if let SlotKind::Theatre { surgeon, .. } = &mut scene.draft.slots[0].kind {
        *surgeon = Some(SurgeonIx(2));
    }
    scene.draft.slots.truncate(1);
    let banned = Incompatibility { with: Counterpart::Surgeon(SurgeonIx(2)), is_strict: true };
    scene.draft.people[0].incompatibilities = vec![banned];
    let problem = built(scene.draft);
    let mut judge = judge(&problem);
    let slot = scene.morning[0];
    assert_eq!(refused(&mut judge, performs(slot), scene.mars[0]), Some(RuleId::IncompatibleStrict));
    assert_eq!(refused(&mut judge, supervises(slot), scene.mars[0]), Some(RuleId::IncompatibleStrict));
    let analysis = analyze(&problem, judge.roster());
    let [hole] = analysis.holes.as_slice() else { panic!("one hole, found {:?}", analysis.holes) };
    let rules: Vec<_> = hole.obstacles.iter().map(|obstacle| obstacle.rule).collect();
    assert_eq!(rules, [RuleId::SupervisorMissing, RuleId::IncompatibleStrict]);
    assert_eq!((hole.takers, hole.relaxation.clone()), (0, None), "a strict pair is never suggested");
}

#[test]
fn who_is_kept_from_a_specialty_neither_performs_nor_supervises_in_its_sessions() {
    for (is_strict, rule) in [(true, Some(RuleId::IncompatibleStrict)), (false, None)] {
        let mut scene = scene(SectorCategory::Standard, 1, 1, 1);
        scene.draft.topology.specialties = 2;
        for (slot, own) in scene.draft.slots.iter_mut().zip([SpecialtyIx(1), SpecialtyIx(0)]) {
            let SlotKind::Theatre { specialty, .. } = &mut slot.kind else { panic!("{slot:?}") };
            *specialty = Some(own);
        }
        let kept = Incompatibility { with: Counterpart::Specialty(SpecialtyIx(1)), is_strict };
        scene.draft.people[0].incompatibilities = vec![kept];
        let problem = built(scene.draft);
        let mut judge = judge(&problem);
        let (own, other) = (SlotIx(0), SlotIx(1));
        assert_eq!(refused(&mut judge, performs(own), scene.mars[0]), rule);
        take(&mut judge, performs(other), scene.mars[0]);
        // With a nurse in the room there is somebody to supervise.
        take(&mut judge, performs(own), scene.iades[0]);
        assert_eq!(refused(&mut judge, supervises(own), scene.mars[0]), rule);
        let is_candidate = problem.candidates(performs(own)).contains(&scene.mars[0]);
        assert_eq!(is_candidate, !is_strict, "a search never tries what is never allowed");
    }
}

#[test]
fn scenario_20_the_same_moves_twice_give_the_same_roster_and_score() {
    let run = || {
        let problem = crate::testing::department(20);
        let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
        for slot in problem.slot_indices() {
            for seat in [performs(slot), supervises(slot)] {
                let first =
                    problem.candidates(seat).iter().copied().find(|who| judge.can_take(seat, *who).is_ok());
                judge.set(seat, first);
            }
        }
        (judge.score(), judge.into_roster())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_nurse_needs_a_supervisor_and_a_mar_needs_none() {
    let Scene { draft, mars, iades, morning, .. } = scene(SectorCategory::Standard, 1, 2, 1);
    let problem = built(draft);
    let mut judge = judge(&problem);
    let hole = judge.score().level(Level::Critical);
    judge.set(performs(morning[0]), Some(iades[0]));
    let unsupervised = judge.score().level(Level::Critical);
    judge.set(supervises(morning[0]), Some(mars[0]));
    let covered = judge.score().level(Level::Critical);
    assert!(covered < unsupervised && unsupervised < hole);
    assert_eq!(refused(&mut judge, performs(morning[0]), mars[1]), Some(RuleId::TwoPrimaries));
    assert_eq!(refused(&mut judge, supervises(morning[0]), iades[0]), Some(RuleId::IadeTheatreOnly));
}

#[test]
fn a_third_room_is_supervised_only_under_derogation_and_then_reported() {
    for authorized in [false, true] {
        let Scene { mut draft, mars, iades, morning, .. } = scene(SectorCategory::Standard, 4, 1, 4);
        draft.parameters.supervision_derogation_authorized = authorized;
        let problem = built(draft);
        let mut judge = judge(&problem);
        for at in 0..4 {
            take(&mut judge, performs(morning[at]), iades[at]);
        }
        take(&mut judge, supervises(morning[0]), mars[0]);
        take(&mut judge, supervises(morning[1]), mars[0]);
        assert_eq!(refused(&mut judge, supervises(morning[2]), mars[0]).is_none(), authorized);
        if authorized {
            let before = judge.score().level(Level::Relaxed);
            judge.set(supervises(morning[2]), Some(mars[0]));
            assert!(judge.score().level(Level::Relaxed) > before);
            assert_eq!(refused(&mut judge, supervises(morning[3]), mars[0]), Some(RuleId::SupervisionMax));
        }
    }
}

#[test]
fn sectors_mix_only_where_a_pair_of_sectors_or_of_rooms_permits_it() {
    let permit_sectors = |draft: &mut Draft| draft.topology.sector_pairs.push((SectorIx(0), SectorIx(1)));
    let permit_rooms = |draft: &mut Draft| draft.topology.room_pairs.push((RoomIx(0), RoomIx(1)));
    let nothing = |_: &mut Draft| {};
    let permits: [fn(&mut Draft); 3] = [nothing, permit_sectors, permit_rooms];
    for (permit, rule) in permits.into_iter().zip([Some(RuleId::SectorsCompatible), None, None]) {
        let mut draft = two_weeks();
        let (standard, eyes) = (
            sector(&mut draft, SectorCategory::Standard, 1),
            sector(&mut draft, SectorCategory::Ophthalmology, 1),
        );
        let (one, other) =
            (room(&mut draft, 0, Half::Morning, standard[0]), room(&mut draft, 0, Half::Morning, eyes[0]));
        permit(&mut draft);
        let days = draft.days.clone();
        let (doctor, nurse) = (hire(&mut draft, mar("m", &days)), hire(&mut draft, iade("i", &days)));
        let problem = built(draft);
        let mut judge = judge(&problem);
        take(&mut judge, performs(one), doctor);
        take(&mut judge, performs(other), nurse);
        assert_eq!(refused(&mut judge, supervises(other), doctor), rule);
    }
}

#[test]
fn nobody_is_proposed_away_from_own_sites_or_at_two_sites_at_once() {
    let mut draft = two_weeks();
    draft.topology.sites.push(Site { id: "second".to_owned() });
    let here = consultation(&mut draft, 0, Half::Morning);
    let there = add(&mut draft, 0, SlotKind::Consultation { half: Half::Afternoon, site: SiteIx(1) });
    let days = draft.days.clone();
    let local = hire(&mut draft, mar("local", &days));
    let both = hire(&mut draft, Person { sites: vec![SiteIx(0), SiteIx(1)], ..mar("both", &days) });
    let problem = built(draft);
    assert_eq!(problem.candidates(performs(here)), [local, both]);
    assert_eq!(problem.candidates(performs(there)), [both]);
    let mut judge = judge(&problem);
    assert_eq!(refused(&mut judge, performs(there), local), Some(RuleId::OwnSites));
}

#[test]
fn a_present_nurse_without_a_post_is_reported_and_a_floating_place_is_a_post() {
    let mut scene = scene(SectorCategory::Standard, 1, 0, 1);
    let site = SiteIx(0);
    let volants = Half::ALL.map(|half| add(&mut scene.draft, 0, SlotKind::Volant { half, site }));
    let absent = Person { availability: vec![Availability::Absent; 28], ..iade("away", &scene.draft.days) };
    hire(&mut scene.draft, absent);
    let problem = built(scene.draft);
    let mut judge = judge(&problem);
    let unposted = judge.score().level(Level::Relaxed);
    take(&mut judge, performs(volants[0]), scene.iades[0]);
    assert_eq!(judge.score().level(Level::Relaxed) * 2, unposted);
    take(&mut judge, performs(scene.afternoon[0]), scene.iades[0]);
    assert_eq!(judge.score().level(Level::Relaxed), 0);
    assert_eq!(refused(&mut judge, performs(volants[1]), scene.iades[0]), Some(RuleId::DoubleBooking));
}

#[test]
fn keeping_the_room_all_day_is_cheaper_than_changing_it_and_that_than_changing_sector() {
    let mut draft = two_weeks();
    let near = sector(&mut draft, SectorCategory::Standard, 2);
    let far = sector(&mut draft, SectorCategory::Standard, 1);
    let morning = room(&mut draft, 0, Half::Morning, near[0]);
    let afternoon = [near[0], near[1], far[0]].map(|at| room(&mut draft, 0, Half::Afternoon, at));
    let days = draft.days.clone();
    let who = hire(&mut draft, mar("m", &days));
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(morning), who);
    let costs = afternoon.map(|slot| judge.preview(&[(performs(slot), Some(who))]).level(Level::Preference));
    assert!(costs[0] < costs[1] && costs[1] < costs[2], "{costs:?}");
}
