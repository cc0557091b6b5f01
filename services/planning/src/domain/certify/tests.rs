//! What the certificate is told of a small department.

use calendar::{DayRange, Span};
use certificate::{Rule, certify};

use super::*;
use crate::domain::{
    equity::Standing,
    law::{Average, Law as Figures, Version},
    pattern::{Pattern, WORKWEEK},
    rule_set::RuleSet,
    shift::{Holder, Kind as Work},
    snapshot::{Profession as Job, Sector, Snapshot},
};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn person(id: &str, profession: Job) -> snapshot::Person {
    snapshot::Person {
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
            percentage: 100,
            pattern: Pattern::Weekly { weekdays: WORKWEEK.into(), dates: BTreeSet::new() },
            legal_pack: "hospital-practitioner".into(),
            is_volunteer: false,
        }],
        availabilities: vec![],
        excluded_activities: vec![],
        excluded_specialties: vec![],
    }
}

fn snapshot() -> Snapshot {
    let room = |id: &str, max| snapshot::Room {
        site: "main".into(),
        sector: "septic".into(),
        id: id.into(),
        number: id.into(),
        is_closed: false,
        is_operating: true,
        is_hidden: false,
        rooms_per_supervisor_max: max,
        specialties: vec![],
        neighbors: vec![],
    };
    Snapshot {
        sectors: vec![Sector {
            site: "main".into(),
            id: "septic".into(),
            category: Category::Standard,
            is_contiguous: true,
            rooms_per_supervisor_max: 0,
            nurses_per_room_min: 0,
            supervision_skill: String::new(),
        }],
        rooms: vec![room("1", 0), room("2", 0), room("3", 1)],
        people: vec![
            person("a", Job::Mar),
            person("b", Job::Mar),
            person("i", Job::Iade),
            person("j", Job::Iade),
        ],
        ..Snapshot::default()
    }
}

/// January, and the facts of these shifts and holders in it.
struct January {
    snapshot: Snapshot,
    rules: RuleSet,
    shifts: Vec<Shift>,
    holders: Vec<Holder>,
    before: Vec<Duty>,
    elsewhere: Vec<Duty>,
}

impl January {
    fn of(snapshot: Snapshot) -> Self {
        let rules = RuleSet { needs: vec![], ..RuleSet::default() };
        Self { snapshot, rules, shifts: vec![], holders: vec![], before: vec![], elsewhere: vec![] }
    }

    fn days() -> DayRange {
        DayRange::new(day("2027-01-01"), day("2027-01-31")).unwrap()
    }

    fn facts(&self) -> Facts {
        self.facts_with(&BTreeSet::new())
    }

    fn facts_with(&self, open: &BTreeSet<(String, Post)>) -> Facts {
        let inputs = Inputs {
            days: Self::days(),
            sites: &["main".to_owned()],
            shifts: &self.shifts,
            holders: &self.holders,
            published: &[],
            before: &self.before,
            after: &[],
            elsewhere: &self.elsewhere,
            standing: &Standing::default(),
            wishes: &[],
            snapshot: &self.snapshot,
            rules: &self.rules,
            today: day("2026-12-01"),
        };
        facts(&inputs, "hospitals/h/plans/p/revisions/1".into(), open)
    }

    fn breached(&self) -> Vec<&'static str> {
        certify(&self.facts()).breaches().map(|(rule, _)| rule.code()).collect()
    }

    fn shift(&mut self, kind: Work, date: &str, part: Option<DayPart>, room: &str) -> String {
        let id = format!("s{}", self.shifts.len());
        let sector = if room.is_empty() { "" } else { "septic" };
        self.shifts.push(Shift {
            id: id.clone(),
            kind,
            day: day(date),
            part,
            site: "main".into(),
            sector: sector.into(),
            room: room.into(),
            surgeon: String::new(),
            specialty: String::new(),
            is_pediatric: false,
            ordinal: 0,
            template: String::new(),
        });
        id
    }

    fn hold(&mut self, person: &str, shift: &str, post: Post) {
        let (shift, staff_member) = (shift.to_owned(), person.to_owned());
        self.holders.push(Holder { shift, post, staff_member, is_pinned: false });
    }

    fn works(&mut self, person: &str, kind: Work, date: &str, part: Option<DayPart>, room: &str) {
        let shift = self.shift(kind, date, part, room);
        self.hold(person, &shift, Post::Performer);
    }
}

fn published(person: &str, kind: Work, date: &str, part: Option<DayPart>) -> Duty {
    Duty {
        staff_member: person.into(),
        day: day(date),
        part,
        kind,
        post: Post::Performer,
        shift: format!("x-{date}"),
        site: "other".into(),
        sector: String::new(),
        room: String::new(),
    }
}

#[test]
fn a_garde_published_at_another_site_rests_into_the_plan() {
    let mut january = January::of(snapshot());
    january.works("a", Work::Theatre, "2027-01-05", Some(DayPart::Morning), "1");
    assert_eq!(january.breached(), [] as [&str; 0]);
    january.elsewhere.push(published("a", Work::Garde, "2027-01-04", None));
    assert_eq!(january.breached(), ["G6", "H2"]);
    january.elsewhere.clear();
    january.before.push(published("b", Work::Garde, "2026-12-31", None));
    let posts = january.facts().posts;
    assert_eq!(posts.len(), 1, "what is published of others is not looked at");
}

#[test]
fn scenario_15_hours_at_another_site_are_hours_and_only_doctors_may_volunteer() {
    let mut january = January::of(snapshot());
    for back in 0..34 {
        let date = day("2026-12-31").plus(-2 * back).to_string();
        january.before.push(published("a", Work::Garde, &date, None));
    }
    january.works("a", Work::Consultation, "2027-01-11", Some(DayPart::Morning), "");
    assert_eq!(january.breached(), [] as [&str; 0], "820 hours of 836");
    january.elsewhere.push(published("a", Work::Garde, "2027-01-20", None));
    assert_eq!(january.breached(), ["H1"]);
    let contract = |january: &mut January, pack: &str, is_volunteer| {
        let own = &mut january.snapshot.people[0].contracts[0];
        (own.legal_pack, own.is_volunteer) = (pack.into(), is_volunteer);
    };
    for (pack, is_volunteer) in [("FR-PUBLIC-DOCTOR", true), ("FR-PUBLIC-DOCTOR-VOLUNTEER", false)] {
        contract(&mut january, pack, is_volunteer);
        assert_eq!(january.breached(), [] as [&str; 0], "{pack}");
    }
    let averages = vec![Average { week_minutes: 48 * 60, days: 122 }];
    january.snapshot.law = vec![Version {
        code: "FR-PRIVATE-EMPLOYEE".into(),
        first: None,
        last: None,
        source: "L3121-22".into(),
        law: Figures { averages, ..Figures::default() },
    }];
    contract(&mut january, "FR-PRIVATE-EMPLOYEE", true);
    assert_eq!(january.breached(), ["H1"], "no volunteering under the code of labor");
}

#[test]
fn the_version_of_the_day_binds_within_contract_and_presence() {
    let mut snapshot = snapshot();
    let version = |first: Option<&str>, last: Option<&str>, source: &str| Version {
        code: "FR-PUBLIC-DOCTOR".into(),
        first: first.map(day),
        last: last.map(day),
        source: source.into(),
        law: Figures::default(),
    };
    snapshot.law = vec![version(None, Some("2027-01-15"), "old"), version(Some("2027-01-16"), None, "new")];
    snapshot.people[0].last = Some(day("2027-01-20"));
    let mut january = January::of(snapshot);
    january.works("a", Work::Garde, "2027-01-20", None, "");
    let facts = january.facts();
    let laws: Vec<_> = (facts.people[0].laws.iter())
        .map(|own| (own.source.as_str(), own.first.to_string(), own.last.unwrap().to_string()))
        .collect();
    let expected = [
        ("", "2020-01-01".to_owned(), "2027-01-20".to_owned()),
        ("old", "2020-01-01".to_owned(), "2027-01-15".to_owned()),
        ("new", "2027-01-16".to_owned(), "2027-01-20".to_owned()),
    ];
    assert_eq!(laws, expected);
    assert_eq!(january.breached(), [] as [&str; 0]);
    january.works("a", Work::Garde, "2027-01-24", None, "");
    assert_eq!(january.breached(), ["A1"], "after the last day");
    january.holders.clear();
    january.hold("gone", "s0", Post::Performer);
    let rules = january.breached();
    assert!(rules.contains(&"A1"), "whom staff does not know: {rules:?}");
}

#[test]
fn limits_of_a_room_go_before_those_of_its_sector_and_those_before_its_categorys() {
    let mut january = January::of(snapshot());
    for room in ["1", "2", "3"] {
        january.shift(Work::Theatre, "2027-01-04", Some(DayPart::Morning), room);
    }
    let limits = |january: &January| -> Vec<(u8, u8)> {
        january.facts().rooms.iter().map(|own| (own.supervision_max, own.derogation_max)).collect()
    };
    assert_eq!(limits(&january), [(2, 3), (2, 3), (1, 3)]);
    january.snapshot.sectors[0].rooms_per_supervisor_max = 4;
    assert_eq!(limits(&january), [(4, 4), (4, 4), (1, 3)]);
    january.snapshot.sectors[0].rooms_per_supervisor_max = 0;
    january.hold("i", "s0", Post::Performer);
    january.hold("a", "s0", Post::Supervisor);
    january.hold("j", "s1", Post::Performer);
    january.hold("a", "s1", Post::Supervisor);
    january.hold("b", "s2", Post::Performer);
    assert_eq!(january.breached(), [] as [&str; 0]);
    january.snapshot.sectors[0].category = Category::Hyperaseptic;
    january.snapshot.rooms[0].rooms_per_supervisor_max = 1;
    assert_eq!(january.breached(), ["B12s"]);
}

#[test]
fn a_day_without_the_garde_that_the_rule_set_wants_is_found() {
    let mut january = January::of(snapshot());
    let rules = RuleSet::default();
    january.rules.needs = rules.needs.iter().filter(|own| own.kind == Work::Garde).cloned().collect();
    january.shifts = january.rules.shifts(January::days(), &["main".to_owned()], |_| false);
    for (at, shift) in january.shifts.iter_mut().enumerate() {
        shift.id = format!("s{at}");
    }
    let all: BTreeSet<(String, Post)> =
        january.shifts.iter().map(|own| (own.id.clone(), Post::Performer)).collect();
    let certificate = certify(&january.facts_with(&all));
    assert_eq!(certificate.breaches().count(), 0, "31 holes, all of them listed");
    january.shifts.remove(11);
    let certificate = certify(&january.facts_with(&all));
    let found: Vec<_> = certificate.breaches().map(|(rule, own)| (rule, own.start.to_string())).collect();
    assert_eq!(found, [(Rule::GardeCoverage, "2027-01-12T07:00:00Z".to_owned())]);
}

#[test]
fn who_is_away_is_found() {
    let mut january = January::of(snapshot());
    january.works("a", Work::Consultation, "2027-01-12", Some(DayPart::Morning), "");
    january.snapshot.absences =
        [("a".to_owned(), vec![Span::whole(DayRange::single(day("2027-01-12")))])].into();
    assert_eq!(january.breached(), ["A1"]);
}
