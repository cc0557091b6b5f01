//! Two who were written apart, asked about the same random months: what the judge calls broken and what the certificate
//! does, rule by rule and person by person.
//!
//! Only this test knows both. Where the texts differ on purpose it says so: the certificate counts the last garde of a
//! window until midnight, it looks at what is away, not at what a work pattern leaves free, and at professions, not at what
//! a department has somebody of the profession do.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use calendar::{Day, DayPart, DayRange, HalfDay, Span};
use certificate::{
    Average, Facts, Figures, Kind, Law, Open, Person, Post, Profession, Role, Room, Rule, Shift, certify,
};
use generator::{Parameters, Preset, generate};
use proptest::prelude::*;
use roster::{
    Evaluator, Level, Problem, Roster,
    problem::{self as judge, Availability, Half, PersonIx, Seat, SlotKind},
};

/// Whom each of them finds at fault under a rule: the judge's codes, the certificate's rule. The last is what the judge
/// calls some of it: to be at two sites at once is a matter of sites to it.
const SAME: &[(&[&str], Rule, &str)] = &[
    (&["G6", "G7"], Rule::RestAfterGarde, ""),
    (&["G16"], Rule::AstreinteInRest, ""),
    (&["H2"], Rule::DailyRest, ""),
    (&["H1"], Rule::AverageWeek, ""),
    (&["B12s"], Rule::SupervisionRatio, ""),
    (&["B10"], Rule::Pediatrics, ""),
    (&["I5"], Rule::RoomsRun, ""),
    (&["A2", "G3", "G4"], Rule::OneAtATime, "B14"),
    (&["A1"], Rule::Presence, ""),
    (&["G5", "C1", "I1"], Rule::Profession, ""),
];

fn person_id(at: usize) -> String {
    format!("p{at}")
}

fn part(half: Half) -> Option<DayPart> {
    Some(match half {
        Half::Morning => DayPart::Morning,
        Half::Afternoon => DayPart::Afternoon,
    })
}

/// What a slot is: kind, half-day, site, room, children.
fn work(problem: &Problem, kind: SlotKind) -> (Kind, Option<DayPart>, String, String, bool) {
    let site = |index: judge::SiteIx| format!("h{}", index.at());
    let of_line =
        |line: judge::LineIx| problem.topology().lines[line.at()].site.map_or_else(|| "h".to_owned(), site);
    match kind {
        SlotKind::Garde { line } => (Kind::Garde, None, of_line(line), String::new(), false),
        SlotKind::GardeDay { line } => (Kind::GardeDay, None, of_line(line), String::new(), false),
        SlotKind::GardeNight { line } => (Kind::GardeNight, None, of_line(line), String::new(), false),
        SlotKind::Astreinte { line } => (Kind::Astreinte, None, of_line(line), String::new(), false),
        SlotKind::Consultation { half, site: at } => {
            (Kind::Consultation, part(half), site(at), String::new(), false)
        }
        SlotKind::Theatre { half, room, is_pediatric, .. } => {
            let sector = problem.topology().rooms[room.at()].sector;
            let at = problem.topology().sectors[sector.at()].site;
            (Kind::Theatre, part(half), site(at), format!("r{}", room.at()), is_pediatric)
        }
        SlotKind::Closing { site: at } => (Kind::Closing, None, site(at), String::new(), false),
        SlotKind::Volant { half, site: at } => (Kind::Volant, part(half), site(at), String::new(), false),
    }
}

/// The certificate's facts of the judge's problem.
fn facts(problem: &Problem, roster: &Roster) -> Facts {
    let first = Day::from_number(problem.days()[0].number);
    let last = Day::from_number(problem.days()[problem.days().len() - 1].number);
    let days = DayRange::new(first, last).unwrap();
    let mut facts = Facts {
        subject: "hospitals/h/plans/p/revisions/1".into(),
        days,
        figures: Figures::default(),
        people: problem.people().iter().enumerate().map(|(at, own)| person(at, own, days)).collect(),
        rooms: rooms(problem),
        shifts: vec![],
        posts: vec![],
        lines: vec![],
        open: vec![],
    };
    for slot in problem.slot_indices() {
        let own = problem.slot(slot);
        let (kind, part, site, room, is_pediatric) = work(problem, own.kind);
        let (id, day) = (format!("s{}", slot.at()), first.plus(own.day.at() as i32));
        for (role, post) in
            [(Role::Performer, judge::Post::Performer), (Role::Supervisor, judge::Post::Supervisor)]
        {
            let (shift, site) = (id.clone(), site.clone());
            match roster.get(Seat { slot, post }) {
                Some(who) => facts.posts.push(Post {
                    person: person_id(who.at()),
                    shift,
                    role,
                    kind,
                    day,
                    part,
                    site,
                    is_of_plan: true,
                }),
                None => facts.open.push(Open { shift, role }),
            }
        }
        facts.shifts.push(Shift { id, kind, day, part, site, room, is_pediatric });
    }
    for (at, own) in problem.people().iter().enumerate() {
        history(&mut facts, at, own, first);
    }
    facts
}

fn rooms(problem: &Problem) -> Vec<Room> {
    let room = |(at, own): (usize, &judge::Room)| {
        let limits = &problem.topology().sectors[own.sector.at()].limits;
        let supervision_max = own.supervision_max.unwrap_or(limits.supervision_max);
        Room {
            id: format!("r{at}"),
            run_max: limits.rooms_per_person,
            supervision_max,
            derogation_max: limits.supervision_derogation_max.max(supervision_max),
            is_own_counted: limits.own_rooms_count,
        }
    };
    problem.topology().rooms.iter().enumerate().map(room).collect()
}

fn person(at: usize, own: &judge::Person, days: DayRange) -> Person {
    let is_held_to_average =
        !(own.working_time.is_volunteer && own.working_time.pack == judge::LegalPack::PublicDoctor);
    // The credit is what may be worked in these days: the most of a window of just as many.
    let average = own
        .credit_minutes
        .filter(|_| is_held_to_average)
        .map(|credit| Average { week_minutes: credit * 7 / days.len() as i64, days: days.len() as i32 });
    let absences = own
        .availability
        .iter()
        .enumerate()
        .filter(|(_, own)| matches!(own, Availability::Absent | Availability::Unavailable));
    let absences = absences.map(|(half, _)| {
        let day = days.first().plus((half / 2) as i32);
        let half = HalfDay::new(day, DayPart::ALL[half % 2]);
        Span::new(half, half).unwrap()
    });
    Person {
        id: person_id(at),
        profession: match own.profession {
            judge::Profession::Mar => Profession::Mar,
            judge::Profession::Iade => Profession::Iade,
        },
        laws: vec![Law {
            first: days.first().plus(-400),
            last: None,
            code: own.working_time.pack.code().to_owned(),
            source: String::new(),
            daily_rest_min: own.working_time.daily_rest_min.map(i64::from),
            averages: average.into_iter().collect(),
            is_volunteer: false,
        }],
        absences: absences.collect(),
    }
}

/// Duties before the first day.
fn history(facts: &mut Facts, at: usize, own: &judge::Person, first: Day) {
    let kinds = [
        (Kind::Garde, &own.history.gardes),
        (Kind::GardeNight, &own.history.garde_nights),
        (Kind::GardeDay, &own.history.garde_days),
        (Kind::Astreinte, &own.history.astreintes),
    ];
    for (kind, offsets) in kinds {
        for offset in offsets {
            facts.posts.push(Post {
                person: person_id(at),
                shift: format!("x{at}/{offset}"),
                role: Role::Performer,
                kind,
                day: first.plus(*offset),
                part: None,
                site: "h0".into(),
                is_of_plan: false,
            });
        }
    }
}

/// A plan as a hurried planner would make it: whoever may, begun with another one each time; then some posts to whom it
/// pleases.
fn roster(problem: &Problem, turn: usize, changes: &[(u32, u32)]) -> Roster {
    let mut judge = Evaluator::new(problem, &Roster::pinned(problem));
    for slot in problem.slot_indices() {
        for seat in [Seat::performer(slot), Seat::supervisor(slot)] {
            let needs = seat.post == judge::Post::Performer || {
                let performer = judge.get(Seat::performer(slot));
                problem.slot(slot).kind.is_theatre()
                    && performer.is_some_and(|own| problem.person(own).profession == judge::Profession::Iade)
            };
            if !needs {
                continue;
            }
            let mut candidates = problem.candidates(seat).to_vec();
            let first = (turn * (slot.at() + 1)) % candidates.len().max(1);
            candidates.rotate_left(first);
            for person in candidates {
                if judge.can_take(seat, person).is_ok() {
                    judge.set(seat, Some(person));
                    break;
                }
            }
        }
    }
    let mut roster = judge.into_roster();
    let slots: Vec<_> = problem.slot_indices().collect();
    for (slot, person) in changes {
        let slot = slots[*slot as usize % slots.len()];
        let person = PersonIx::of(*person as usize % problem.people().len()).unwrap();
        let seat = if problem.slot(slot).kind.is_theatre() && person.at().is_multiple_of(3) {
            Seat::supervisor(slot)
        } else {
            Seat::performer(slot)
        };
        roster.set(seat, Some(person));
    }
    roster
}

/// Who breaks each rule, in the judge's eyes: hard rules only.
fn judged(problem: &Problem, roster: &Roster) -> BTreeSet<(&'static str, String)> {
    let hard = roster::explain::matches(problem, roster).into_iter().filter(|own| own.level == Level::Hard);
    hard.flat_map(|own| own.facts.people.into_iter().map(move |who| (own.rule.code(), person_id(who.at()))))
        .collect()
}

fn compare(parameters: &Parameters, turn: usize, changes: &[(u32, u32)]) -> Result<usize, TestCaseError> {
    let problem = Problem::build(generate(parameters).unwrap()).unwrap();
    let roster = roster(&problem, turn, changes);
    let judged = judged(&problem, &roster);
    let facts = facts(&problem, &roster);
    let certificate = certify(&facts);
    let mut breaches = 0;
    for (codes, rule, also) in SAME {
        let theirs: BTreeSet<&String> =
            judged.iter().filter(|(code, _)| codes.contains(code)).map(|(_, who)| who).collect();
        let found = certificate.breaches().filter(|(own, _)| own == rule);
        let ours: BTreeSet<&String> = found.flat_map(|(_, breach)| &breach.people).collect();
        breaches += ours.len();
        let kind = |id: &String| {
            let post = facts.posts.iter().find(|own| own.shift == *id);
            post.map(|own| (own.kind, own.role, own.day.to_string(), own.part))
        };
        let only = certificate.breaches().filter(|(own, breach)| {
            own == rule
                && breach
                    .people
                    .iter()
                    .any(|who| !theirs.contains(who) && !judged.contains(&(*also, who.clone())))
        });
        let only: Vec<_> = only
            .map(|(_, own)| (&own.people, own.shifts.iter().filter_map(kind).collect::<Vec<_>>()))
            .collect();
        prop_assert!(
            only.is_empty(),
            "{:?}: only the certificate finds {:?}; the judge {:?}",
            rule,
            only,
            judged
        );
        let on_last: BTreeSet<&String> = (facts.posts.iter())
            .filter(|own| own.kind == Kind::Garde && own.day == facts.days.last())
            .map(|own| &own.person)
            .collect();
        let is_able_otherwise = |who: &String| {
            let is_anesthetist =
                facts.people.iter().any(|own| own.id == *who && own.profession == Profession::Mar);
            let mut posts = facts.posts.iter().filter(|own| own.person == *who);
            is_anesthetist || posts.any(|own| matches!(own.kind, Kind::Closing | Kind::Volant))
        };
        for missed in theirs.difference(&ours) {
            let is_meant = match rule {
                Rule::Presence => true,
                Rule::AverageWeek => on_last.contains(missed),
                Rule::Profession => is_able_otherwise(missed),
                _ => false,
            };
            prop_assert!(is_meant, "{:?}: only the judge finds {}", rule, missed);
        }
    }
    Ok(breaches)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn judge_and_certificate_agree_on_random_months(
        seed in any::<u64>(),
        turn in 0usize..97,
        preset in prop::sample::select(vec![Preset::Department, Preset::Week53, Preset::ClockChange, Preset::InfeasibleAugust]),
        changes in prop::collection::vec(any::<(u32, u32)>(), 0..60),
    ) {
        compare(&preset.parameters(seed), turn, &changes)?;
    }
}

#[test]
fn a_plan_that_keeps_the_judges_rules_is_certified_and_a_disturbed_one_is_not() {
    let parameters = Preset::Department.parameters(1);
    for turn in [0, 1, 7, 31] {
        assert_eq!(compare(&parameters, turn, &[]).unwrap(), 0);
    }
    let changes: Vec<(u32, u32)> = (0..200).map(|at| (at * 37, at * 11)).collect();
    assert!(compare(&parameters, 0, &changes).unwrap() > 20);
}
