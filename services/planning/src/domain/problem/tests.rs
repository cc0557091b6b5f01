//! A small department, and what the judge is told of it.

use std::collections::BTreeSet;

use calendar::{DayPart, HalfDay, Span};
use roster::problem::{Availability, Counter};

use super::*;
use crate::domain::{
    pattern::{Contract, Pattern, WORKWEEK},
    snapshot::{Activity, Category, Person, Profession, Room, Sector, UnavailableDay},
};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn person(id: &str, profession: Profession, percentage: u8, weekdays: &[calendar::Weekday]) -> Person {
    let pattern = Pattern::Weekly { weekdays: weekdays.iter().copied().collect(), dates: BTreeSet::new() };
    let legal_pack = "hospital-practitioner".into();
    Person {
        id: id.into(),
        profession,
        is_locum: false,
        sites: vec!["main".into()],
        skills: vec![],
        first: None,
        last: None,
        contracts: vec![Contract {
            first: day("2020-01-01"),
            last: None,
            percentage,
            pattern,
            legal_pack,
            is_volunteer: false,
        }],
        availabilities: vec![],
        excluded_activities: vec![],
        excluded_specialties: vec![],
    }
}

fn snapshot() -> Snapshot {
    let room = |id: &str, neighbor: &str| Room {
        site: "main".into(),
        sector: "septic".into(),
        id: id.into(),
        number: id.into(),
        is_closed: false,
        is_operating: true,
        is_hidden: id == "2",
        rooms_per_supervisor_max: if id == "1" { 1 } else { 0 },
        specialties: vec![],
        neighbors: vec![("main".into(), "septic".into(), neighbor.into())],
    };
    let half = HalfDay::new(day("2026-12-03"), DayPart::Afternoon);
    Snapshot {
        sectors: vec![Sector {
            site: "main".into(),
            id: "septic".into(),
            category: Category::Standard,
            is_contiguous: true,
            rooms_per_supervisor_max: 0,
            nurses_per_room_min: 1,
            supervision_skill: String::new(),
        }],
        rooms: vec![room("1", "2"), room("2", "gone")],
        people: vec![
            person("a", Profession::Mar, 100, &WORKWEEK),
            person("b", Profession::Mar, 50, &[calendar::Weekday::Thursday, calendar::Weekday::Friday]),
            person("c", Profession::Iade, 100, &WORKWEEK),
        ],
        absences: [("a".to_owned(), vec![Span::new(half, half).unwrap()])].into(),
        public_holidays: [day("2026-12-25")].into(),
        ..Snapshot::default()
    }
}

fn with<R>(snapshot: &Snapshot, before: &[Duty], test: impl FnOnce(&Problem, &Key) -> R) -> R {
    with_all(snapshot, before, &[], &[], test)
}

fn with_others<R>(
    snapshot: &Snapshot,
    before: &[Duty],
    elsewhere: &[Duty],
    test: impl FnOnce(&Problem, &Key) -> R,
) -> R {
    with_all(snapshot, before, &[], elsewhere, test)
}

fn with_all<R>(
    snapshot: &Snapshot,
    before: &[Duty],
    after: &[Duty],
    elsewhere: &[Duty],
    test: impl FnOnce(&Problem, &Key) -> R,
) -> R {
    let rules = RuleSet::default();
    let days = DayRange::new(day("2026-12-01"), day("2026-12-31")).unwrap();
    let sites = ["main".to_owned()];
    let mut shifts = rules.shifts(days, &sites, |day| snapshot.public_holidays.contains(&day));
    for (position, shift) in shifts.iter_mut().enumerate() {
        shift.id = format!("shift-{position}");
    }
    let standing = Standing {
        counters: [
            (("a".to_owned(), "gardes".to_owned()), 4_000),
            (("locum".to_owned(), "gardes".to_owned()), 2_000),
        ]
        .into(),
        carried: BTreeMap::new(),
        presence: [("a".to_owned(), 310_000)].into(),
    };
    let inputs = Inputs {
        days,
        sites: &sites,
        shifts: &shifts,
        holders: &[],
        published: &[],
        before,
        after,
        elsewhere,
        standing: &standing,
        wishes: &[],
        snapshot,
        rules: &rules,
        today: day("2026-11-20"),
    };
    let (problem, key) = build(&inputs).unwrap();
    test(&problem, &key)
}

#[test]
fn availability_follows_contract_pattern_holidays_and_absences() {
    with(&snapshot(), &[], |problem, key| {
        let at = |id: &str, date: &str, part: usize| {
            let person = key.people.iter().position(|own| own == id).unwrap();
            problem.people()[person].availability[(day(date) - day("2026-12-01")) as usize * 2 + part]
        };
        for (id, date, part, expected) in [
            ("a", "2026-12-03", 0, Availability::Working),
            ("a", "2026-12-03", 1, Availability::Absent),
            ("a", "2026-12-05", 0, Availability::DutyOnly),
            ("a", "2026-12-25", 0, Availability::DutyOnly),
            ("b", "2026-12-07", 0, Availability::NotWorking),
            ("b", "2026-12-10", 0, Availability::Working),
            ("b", "2026-12-12", 0, Availability::DutyOnly),
        ] {
            assert_eq!(at(id, date, part), expected, "{id} {date} {part}");
        }
    });
}

#[test]
fn a_day_without_duties_forbids_that_they_begin_and_nothing_else() {
    let own = |date: &str, is_flexible| UnavailableDay {
        day: day(date),
        is_for_gardes: true,
        is_for_astreintes: false,
        is_flexible,
    };
    let days = ["2026-11-30", "2026-12-02", "2026-12-31", "2027-01-01"];
    let mut snapshot = snapshot();
    let own = days.map(|date| own(date, date == "2026-12-31")).to_vec();
    snapshot.unavailable_days = [("a".to_owned(), own)].into();
    with(&snapshot, &[], |problem, _| {
        let person = &problem.people()[0];
        let own: Vec<_> = (person.duty_unavailabilities.iter())
            .map(|own| (own.day.at(), own.garde, own.astreinte, own.is_flexible))
            .collect();
        assert_eq!(own, [(1, true, false, false), (30, true, false, true)]);
        assert_eq!(person.availability[2..4], [Availability::Working; 2]);
        assert!(problem.people()[1].duty_unavailabilities.is_empty());
    });
}

#[test]
fn who_has_a_duty_at_another_site_is_not_asked_for_twice() {
    let duty = |kind, date: &str, part| Duty {
        staff_member: "a".into(),
        day: day(date),
        part,
        kind,
        post: Post::Performer,
        shift: date.into(),
        site: "annex".into(),
        sector: String::new(),
        room: String::new(),
    };
    let elsewhere = [
        duty(Kind::Theatre, "2026-12-08", Some(DayPart::Morning)),
        duty(Kind::Garde, "2026-12-10", None),
        duty(Kind::Astreinte, "2026-12-15", None),
    ];
    with_others(&snapshot(), &[], &elsewhere, |problem, _| {
        let at = |date: &str, part: usize| {
            problem.people()[0].availability[(day(date) - day("2026-12-01")) as usize * 2 + part]
        };
        for (date, part, expected) in [
            ("2026-12-08", 0, Availability::DutyOnly),
            ("2026-12-08", 1, Availability::Working),
            ("2026-12-10", 0, Availability::NotWorking),
            ("2026-12-11", 1, Availability::NotWorking),
            ("2026-12-14", 0, Availability::Working),
            ("2026-12-15", 0, Availability::Working),
        ] {
            assert_eq!(at(date, part), expected, "{date} {part}");
        }
    });
}

#[test]
fn scenario_02_a_half_timer_aims_at_half_the_gardes_of_a_full_timer() {
    let mut snapshot = snapshot();
    snapshot.absences.clear();
    with(&snapshot, &[], |problem, _| {
        let shares: Vec<u32> = problem.people().iter().map(|person| person.equity_share).collect();
        assert_eq!(shares, [1_000, 500, 1_000]);
        assert_eq!(problem.people()[0].history.counters, [(Counter::Gardes, 4_000)]);
        assert_eq!(problem.people()[0].history.presence, Some(10_000), "ten times the plan's days");
    });
}

#[test]
fn no_name_reaches_the_judge() {
    with(&snapshot(), &[], |problem, key| {
        let ids: Vec<&str> = problem.people().iter().map(|person| person.id.as_str()).collect();
        assert_eq!(ids, ["p0", "p1", "p2"]);
        assert_eq!(key.people, ["a", "b", "c"]);
        assert!(problem.slots().iter().all(|slot| slot.id.starts_with('s') && !slot.id.contains("shift")));
    });
}

#[test]
fn what_was_published_before_crosses_the_boundary() {
    let duty = |kind, date: &str| Duty {
        staff_member: "a".into(),
        day: day(date),
        part: None,
        kind,
        post: Post::Performer,
        shift: "old".into(),
        site: "main".into(),
        sector: String::new(),
        room: String::new(),
    };
    let before = [
        duty(Kind::Garde, "2026-11-30"),
        duty(Kind::Astreinte, "2026-11-28"),
        duty(Kind::Garde, "2026-11-20"),
    ];
    with(&snapshot(), &before, |problem, _| {
        let history = &problem.people()[0].history;
        assert_eq!(history.gardes, [-11, -1]);
        assert_eq!(history.astreintes, [-3]);
        assert_eq!(history.consecutive_days, 1);
        let (own, other) =
            (problem.people()[0].credit_minutes.unwrap(), problem.people()[1].credit_minutes.unwrap());
        assert_eq!(other - own, 2 * 1_440);
    });
}

#[test]
fn the_version_of_a_pack_in_force_on_the_plans_days_gives_its_figures() {
    use crate::domain::law::{Average, Law, Version};
    use roster::problem::WorkingTime;
    let version = |first: Option<&str>, last: Option<&str>, rest| Version {
        code: "FR-PRIVATE-EMPLOYEE".into(),
        first: first.map(day),
        last: last.map(day),
        source: String::new(),
        law: Law {
            working_time: WorkingTime {
                daily_rest_min: Some(rest),
                week_target: Some(2_100),
                ..WorkingTime::default()
            },
            averages: vec![Average { week_minutes: 44 * 60, days: 84 }],
        },
    };
    let mut snapshot = snapshot();
    snapshot.law =
        vec![version(None, Some("2026-11-30"), 660), version(Some("2026-12-01"), Some("2027-01-31"), 600)];
    snapshot.people[1].contracts[0].legal_pack = "FR-PRIVATE-EMPLOYEE".into();
    with(&snapshot, &[], |problem, _| {
        let own = &problem.people()[1];
        assert_eq!(own.working_time.daily_rest_min, Some(600));
        assert_eq!(own.working_time.week_target, Some(1_050), "the part of a half-timer");
        assert_eq!(own.credit_minutes, Some(44 * 60 * 12));
    });
}

#[test]
fn a_plan_without_staff_has_no_problem() {
    let snapshot = Snapshot::default();
    let rules = RuleSet::default();
    let days = DayRange::single(day("2026-12-01"));
    let inputs = Inputs {
        days,
        sites: &["main".to_owned()],
        shifts: &[],
        holders: &[],
        published: &[],
        before: &[],
        after: &[],
        elsewhere: &[],
        standing: &Standing::default(),
        wishes: &[],
        snapshot: &snapshot,
        rules: &rules,
        today: day("2026-11-20"),
    };
    assert!(matches!(build(&inputs), Err(Error::NoStaff)));
}

fn duty(kind: Kind, date: &str, part: Option<DayPart>) -> Duty {
    Duty {
        staff_member: "a".into(),
        day: day(date),
        part,
        kind,
        post: Post::Performer,
        shift: date.into(),
        site: "main".into(),
        sector: String::new(),
        room: String::new(),
    }
}

#[test]
fn what_is_published_after_the_plan_is_known_to_the_judge() {
    let after = [
        duty(Kind::Theatre, "2027-01-01", Some(DayPart::Morning)),
        duty(Kind::Garde, "2027-01-03", None),
        duty(Kind::Astreinte, "2027-01-05", None),
    ];
    with_all(&snapshot(), &[], &after, &[], |problem, _| {
        let own = &problem.people()[0].following;
        assert_eq!((&own.gardes[..], &own.astreintes[..]), (&[33][..], &[35][..]));
        let worked: Vec<_> = own.worked.iter().map(|own| (own.day, own.minutes, own.ends)).collect();
        assert_eq!(worked, [(31, 300, 13 * 60), (33, 1_440, 32 * 60)]);
    });
}

#[test]
fn a_split_garde_is_half_a_garde_each_on_both_sides_of_the_boundary() {
    let before = [
        duty(Kind::Garde, "2026-11-28", Some(DayPart::Morning)),
        duty(Kind::Garde, "2026-11-30", Some(DayPart::Afternoon)),
    ];
    with(&snapshot(), &before, |problem, _| {
        let history = &problem.people()[0].history;
        assert_eq!((&history.garde_days[..], &history.garde_nights[..]), (&[-3][..], &[-1][..]));
        assert!(history.gardes.is_empty());
        let worked: Vec<_> = history.worked.iter().map(|own| (own.day, own.minutes, own.starts)).collect();
        assert_eq!(worked, [(-3, 600, 8 * 60), (-1, 840, 18 * 60)]);
    });
}

#[test]
fn rooms_bring_their_own_limits_and_sectors_their_nurses() {
    with(&snapshot(), &[], |problem, _| {
        let places = problem.topology();
        let limits: Vec<_> = places.rooms.iter().map(|room| (room.supervision_max, room.is_hidden)).collect();
        assert_eq!(limits, [(Some(1), false), (None, true)]);
        assert_eq!(places.sectors[0].limits.iades_per_room_min, 1);
    });
}

#[test]
fn a_legal_pack_brings_its_figures_and_only_doctors_volunteer() {
    use roster::problem::LegalPack;
    let mut snapshot = snapshot();
    for (position, pack) in ["FR-PUBLIC-DOCTOR-VOLUNTEER", "", "FR-PUBLIC-NURSE"].into_iter().enumerate() {
        snapshot.people[position].contracts[0].legal_pack = pack.into();
    }
    with(&snapshot, &[], |problem, _| {
        let own: Vec<_> = problem.people().iter().map(|person| person.working_time).collect();
        assert_eq!(own[0].pack, LegalPack::PublicDoctor);
        assert!(own[0].is_volunteer && own[0].daily_rest_min == Some(660));
        assert_eq!(own[1], roster::problem::WorkingTime::default());
        assert_eq!(own[2], LegalPack::PublicNurse.working_time());
    });
}

/// The first rule that keeps the doctor from the consultation of a Monday morning.
fn refused(snapshot: &Snapshot, before: &[Duty]) -> Option<roster::RuleId> {
    with(snapshot, before, |problem, _| {
        let monday = DayIx::of((day("2026-12-07") - day("2026-12-01")) as usize).unwrap();
        let is_asked = |slot: &SlotIx| {
            let own = problem.slot(*slot);
            own.day == monday && matches!(own.kind, SlotKind::Consultation { half: Half::Morning, .. })
        };
        let slot = problem.slot_indices().find(is_asked).unwrap();
        let mut judge = roster::Evaluator::new(problem, &Roster::empty(problem));
        judge.can_take(Seat::performer(slot), judge::PersonIx(0)).err().map(|blocker| blocker.rule)
    })
}

#[test]
fn scenario_15_after_48_hours_a_week_over_four_months_only_a_doctor_who_volunteers_takes_more() {
    use crate::domain::law::{Average, Law, Version};
    use roster::RuleId;
    // 816 hours of gardes and 20 in theatre, of the 836 hours and 34 minutes that 122 days allow.
    let on = |kind, first: &str, count: i32, part| -> Vec<Duty> {
        let days = (0..count).map(|at| day(first).plus(at));
        days.map(|day| Duty { day, ..duty(kind, first, part) }).collect()
    };
    let mut before = on(Kind::Garde, "2026-09-10", 34, None);
    before.extend(on(Kind::Theatre, "2026-11-02", 4, Some(DayPart::Morning)));
    let mut snapshot = snapshot();
    assert_eq!(refused(&snapshot, &before), Some(RuleId::HoursCredit));
    assert_eq!(refused(&snapshot, &before[1..]), None, "a garde less leaves time");
    let earlier = on(Kind::Garde, "2026-08-01", 31, None);
    assert_eq!(refused(&snapshot, &earlier), None, "four months are not five");

    let contract = |snapshot: &mut Snapshot, pack: &str, is_volunteer| {
        let own = &mut snapshot.people[0].contracts[0];
        (own.legal_pack, own.is_volunteer) = (pack.into(), is_volunteer);
    };
    contract(&mut snapshot, "FR-PUBLIC-DOCTOR", false);
    assert_eq!(refused(&snapshot, &before), Some(RuleId::HoursCredit));
    for pack in ["FR-PUBLIC-DOCTOR", "hospital-practitioner"] {
        contract(&mut snapshot, pack, true);
        assert_eq!(refused(&snapshot, &before), None, "{pack}");
    }
    contract(&mut snapshot, "FR-PUBLIC-DOCTOR-VOLUNTEER", false);
    assert_eq!(refused(&snapshot, &before), None);
    // The same average in the law of others, whom no volunteering frees.
    for pack in ["FR-PRIVATE-EMPLOYEE", "FR-PUBLIC-NURSE"] {
        let averages = vec![Average { week_minutes: 48 * 60, days: 122 }];
        let law = Law { averages, ..Law::default() };
        snapshot.law =
            vec![Version { code: pack.into(), first: None, last: None, source: String::new(), law }];
        contract(&mut snapshot, pack, true);
        assert_eq!(refused(&snapshot, &before), Some(RuleId::HoursCredit), "{pack}");
    }
}

#[test]
fn scenario_19_five_days_of_a_locum_leave_the_shares_and_targets_of_the_team_unchanged() {
    let mut before = vec![duty(Kind::Garde, "2026-11-10", None)];
    before.extend((0..5).map(|at| Duty {
        staff_member: "locum".into(),
        day: day("2026-11-23").plus(at),
        ..duty(Kind::Theatre, "2026-11-23", Some(DayPart::Morning))
    }));
    let without = snapshot();
    let mut snapshot = snapshot();
    let locum = Person { is_locum: true, ..person("locum", Profession::Mar, 100, &WORKWEEK) };
    snapshot.people.push(locum);
    let team = |snapshot: &Snapshot| {
        with(snapshot, &before, |problem, _| {
            let of = |position: usize| {
                let person = judge::PersonIx(position as u16);
                let targets = Counter::ALL.map(|counter| problem.target(person, counter));
                (problem.person(person).equity_share, targets)
            };
            [of(0), of(1), of(2)]
        })
    };
    assert_eq!(team(&snapshot), team(&without));
    with(&snapshot, &before, |problem, _| {
        assert_eq!(problem.people()[3].history.worked.len(), 5, "the five days are known");
        for counter in Counter::ALL {
            assert_eq!(problem.target(judge::PersonIx(3), counter), None, "{counter:?}");
        }
    });
}

#[test]
fn a_locum_is_there_in_the_half_days_declared_whatever_the_pattern_says() {
    let half = |date: &str, part| HalfDay::new(day(date), part);
    let declared = Span::new(half("2026-12-03", DayPart::Afternoon), half("2026-12-05", DayPart::Afternoon));
    let mut snapshot = snapshot();
    snapshot.people = vec![Person {
        is_locum: true,
        availabilities: vec![declared.unwrap()],
        ..person("locum", Profession::Mar, 100, &[calendar::Weekday::Monday])
    }];
    let away = half("2026-12-04", DayPart::Morning);
    snapshot.absences = [("locum".to_owned(), vec![Span::new(away, away).unwrap()])].into();
    with(&snapshot, &[], |problem, _| {
        let at = |date: &str, part: usize| {
            problem.people()[0].availability[(day(date) - day("2026-12-01")) as usize * 2 + part]
        };
        for (date, part, expected) in [
            ("2026-12-03", 0, Availability::NotWorking),
            ("2026-12-03", 1, Availability::Working),
            ("2026-12-04", 0, Availability::Absent),
            ("2026-12-04", 1, Availability::Working),
            ("2026-12-05", 0, Availability::DutyOnly),
            ("2026-12-07", 0, Availability::NotWorking),
        ] {
            assert_eq!(at(date, part), expected, "{date} {part}");
        }
    });
}

#[test]
fn a_locum_is_a_candidate_for_nothing_that_they_are_kept_from() {
    let mut snapshot = snapshot();
    let all = Span::new(
        HalfDay::new(day("2026-12-01"), DayPart::Morning),
        HalfDay::new(day("2026-12-31"), DayPart::Afternoon),
    );
    snapshot.people.push(Person {
        is_locum: true,
        availabilities: vec![all.unwrap()],
        excluded_activities: vec![Activity::Garde, Activity::Supervision],
        excluded_specialties: vec!["urology".into(), "nowhere".into()],
        ..person("locum", Profession::Mar, 100, &WORKWEEK)
    });
    let theatre = |id: &str, specialty: &str| Shift {
        id: id.into(),
        day: day("2026-12-07"),
        part: Some(DayPart::Morning),
        kind: Kind::Theatre,
        site: "main".into(),
        sector: "septic".into(),
        room: "1".into(),
        surgeon: String::new(),
        specialty: specialty.into(),
        is_pediatric: false,
        ordinal: 0,
        template: String::new(),
    };
    let garde = Shift {
        id: "garde".into(),
        part: None,
        kind: Kind::Garde,
        sector: String::new(),
        room: String::new(),
        ..theatre("garde", "")
    };
    let other = Shift { part: Some(DayPart::Afternoon), ..theatre("other", "eyes") };
    let shifts = [theatre("kept-from", "urology"), other, garde];
    let rules = RuleSet::default();
    let sites = ["main".to_owned()];
    let inputs = Inputs {
        days: DayRange::new(day("2026-12-01"), day("2026-12-31")).unwrap(),
        sites: &sites,
        shifts: &shifts,
        holders: &[],
        published: &[],
        before: &[],
        after: &[],
        elsewhere: &[],
        standing: &Standing::default(),
        wishes: &[],
        snapshot: &snapshot,
        rules: &rules,
        today: day("2026-11-20"),
    };
    let (problem, key) = build(&inputs).unwrap();
    let locum = judge::PersonIx::of(key.people.iter().position(|own| own == "locum").unwrap()).unwrap();
    let is_candidate = |shift: &str, post| {
        let slot = SlotIx::of(key.shifts.iter().position(|own| own == shift).unwrap()).unwrap();
        problem.candidates(Seat { slot, post }).contains(&locum)
    };
    for (shift, performs, supervises) in
        [("kept-from", false, false), ("other", true, false), ("garde", false, false)]
    {
        assert_eq!(is_candidate(shift, judge::Post::Performer), performs, "{shift}");
        assert_eq!(is_candidate(shift, judge::Post::Supervisor), supervises, "{shift}");
    }
}
