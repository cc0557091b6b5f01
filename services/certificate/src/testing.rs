//! Facts for tests and measurements: a piece at a time, or a made-up department's month.

use calendar::{Day, DayPart, DayRange};

use crate::facts::{
    Average, Facts, Figures, Kind, Law, Line, Open, Person, Post, Profession, Role, Room, Shift,
};

/// Where everything is.
pub const SITE: &str = "main";

/// Nobody, nothing, on these days.
pub fn nothing(first: &str, last: &str) -> Facts {
    let days = DayRange::new(day(first), day(last)).unwrap_or(DayRange::single(day(first)));
    Facts {
        subject: "hospitals/h/plans/p/revisions/1".to_owned(),
        days,
        figures: Figures::default(),
        people: vec![],
        rooms: vec![],
        shifts: vec![],
        posts: vec![],
        lines: vec![],
        open: vec![],
    }
}

/// A day of its text, for texts that are days.
pub fn day(text: &str) -> Day {
    text.parse().unwrap_or(Day::from_number(0))
}

/// Somebody under a law since ever.
pub fn person(id: &str, profession: Profession, law: Law) -> Person {
    Person { id: id.to_owned(), profession, laws: vec![law], absences: vec![] }
}

/// Hospital doctors' law (Code de la santé publique R6152-27).
pub fn doctors() -> Law {
    Law {
        first: Day::from_number(0),
        last: None,
        code: "FR-PUBLIC-DOCTOR".to_owned(),
        source: "Code de la santé publique R6152-27".to_owned(),
        daily_rest_min: Some(11 * 60),
        averages: vec![Average { week_minutes: 48 * 60, days: 122 }],
        is_volunteer: false,
    }
}

/// Hospital nurses' law (decree 2002-9).
pub fn nurses() -> Law {
    Law {
        code: "FR-PUBLIC-NURSE".to_owned(),
        source: "décret 2002-9".to_owned(),
        daily_rest_min: Some(12 * 60),
        averages: vec![],
        ..doctors()
    }
}

/// A standard room: one a person, two supervised, three by derogation.
pub fn room(id: &str) -> Room {
    Room { id: id.to_owned(), run_max: 1, supervision_max: 2, derogation_max: 3, is_own_counted: true }
}

// === impl Facts ===

impl Facts {
    /// One more shift of the plan; `post` puts people on it.
    pub fn shift(&mut self, kind: Kind, day: Day, part: Option<DayPart>, room: &str) -> String {
        let id = format!("s{}", self.shifts.len());
        self.shifts.push(Shift {
            id: id.clone(),
            kind,
            day,
            part,
            site: SITE.to_owned(),
            room: room.to_owned(),
            is_pediatric: false,
        });
        id
    }

    /// Somebody on a post of a shift of the plan.
    pub fn post(&mut self, person: &str, shift: &str, role: Role) {
        if let Some(own) = self.shifts.iter().find(|own| own.id == shift) {
            self.posts.push(Post {
                person: person.to_owned(),
                shift: own.id.clone(),
                role,
                kind: own.kind,
                day: own.day,
                part: own.part,
                site: own.site.clone(),
                is_of_plan: true,
            });
        }
    }

    /// Somebody on a shift of their own.
    pub fn works(&mut self, person: &str, kind: Kind, day: Day, part: Option<DayPart>) -> String {
        let shift = self.shift(kind, day, part, "");
        self.post(person, &shift, Role::Performer);
        shift
    }

    /// Something published around the plan.
    pub fn published(&mut self, person: &str, kind: Kind, day: Day, part: Option<DayPart>) {
        self.posts.push(Post {
            person: person.to_owned(),
            shift: format!("x{}", self.posts.len()),
            role: Role::Performer,
            kind,
            day,
            part,
            site: SITE.to_owned(),
            is_of_plan: false,
        });
    }
}

const DOCTORS: i32 = 17;
const NURSES: i32 = 9;
const ROOMS: i32 = 34;
/// Four months of it are published already.
const PUBLISHED_DAYS: i32 = 122;
const MONTH_DAYS: i32 = 30;

/// A department's month, with what was published in the four months before: the real team's size, everybody on four days
/// a week, a garde every 17 days; rooms for which there is nobody are said to be open. It keeps every rule.
pub fn department(first: Day) -> Facts {
    let last = first.plus(MONTH_DAYS - 1);
    let mut facts = nothing(&first.to_string(), &last.to_string());
    facts.people = (0..DOCTORS)
        .map(|at| person(&doctor(at), Profession::Mar, doctors()))
        .chain((0..NURSES).map(|at| person(&format!("n{at:02}"), Profession::Iade, nurses())))
        .collect();
    facts.rooms = (0..ROOMS).map(|at| room(&format!("r{at:02}"))).collect();
    for offset in -PUBLISHED_DAYS..MONTH_DAYS {
        let mut own = nothing(&first.to_string(), &last.to_string());
        a_day(&mut own, first.plus(offset), offset);
        let prefix = |id: &str| format!("d{}-{id}", offset + PUBLISHED_DAYS);
        for post in own.posts {
            facts.posts.push(Post { shift: prefix(&post.shift), is_of_plan: offset >= 0, ..post });
        }
        if offset >= 0 {
            facts.shifts.extend(own.shifts.into_iter().map(|own| Shift { id: prefix(&own.id), ..own }));
            facts.open.extend(own.open.into_iter().map(|own| Open { shift: prefix(&own.shift), ..own }));
            for kind in [Kind::Garde, Kind::Astreinte] {
                facts.lines.push(Line { day: first.plus(offset), kind, site: SITE.to_owned() });
            }
        }
    }
    facts
}

fn doctor(at: i32) -> String {
    format!("m{at:02}")
}

/// A day like the others: who is on garde, who rests, whose day off it is, who is left for rooms and consultations.
fn a_day(facts: &mut Facts, day: Day, offset: i32) {
    let on_garde = offset.rem_euclid(DOCTORS);
    let resting = (offset - 1).rem_euclid(DOCTORS);
    facts.works(&doctor(on_garde), Kind::Garde, day, None);
    facts.works(&doctor((offset + 8).rem_euclid(DOCTORS)), Kind::Astreinte, day, None);
    if day.is_weekend() {
        return;
    }
    let is_off = |at: i32| at % 5 == day.weekday().number() - 1;
    let free: Vec<i32> =
        (0..DOCTORS).filter(|at| *at != on_garde && *at != resting && !is_off(*at)).collect();
    for part in DayPart::ALL {
        let mut doctors = free.iter().map(|at| doctor(*at));
        for own in doctors.by_ref().take(2) {
            facts.works(&own, Kind::Consultation, day, Some(part));
        }
        let doctors: Vec<String> = doctors.collect();
        for at in 0..ROOMS {
            let shift = facts.shift(Kind::Theatre, day, Some(part), &format!("r{at:02}"));
            let own = doctors.get(usize::try_from(at).unwrap_or(0));
            let nurse = at - NURSES;
            match own {
                Some(own) => facts.post(own, &shift, Role::Performer),
                None if (0..NURSES).contains(&nurse) => {
                    facts.post(&format!("n{nurse:02}"), &shift, Role::Performer);
                    match doctors.get(usize::try_from(nurse).unwrap_or(0)) {
                        Some(own) => facts.post(own, &shift, Role::Supervisor),
                        None => facts.open.push(Open { shift, role: Role::Supervisor }),
                    }
                }
                None => facts.open.push(Open { shift, role: Role::Performer }),
            }
        }
    }
}
