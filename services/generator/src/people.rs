//! Who works there: patterns, sites, skills, credits, wishes.

mod absence;
mod history;

use roster::problem::{
    Abilities, Ask, Availability, Counterpart, Day, DayIx, Following, Half, HalfDay, History,
    Incompatibility, LegalPack, Person, PersonIx, Profession, SiteIx, SurgeonIx, Weekday, Wish, WorkingTime,
};

use crate::{
    dice::Dice,
    horizon::{is_even_week, month},
    parameters::Parameters,
    places::{ENDOSCOPY_SKILL, OPHTHALMOLOGY_SKILL},
};

/// Most hours of a nurse in a week.
const NURSE_WEEK_MINUTES: i64 = 44 * 60;
/// Hours a week that the law allows an anesthetist on average over four months.
const LEGAL_WEEK_MINUTES: i64 = 48 * 60;

/// Which days somebody works.
#[derive(Clone, Copy)]
enum Pattern {
    FullTime,
    /// Full time but for one weekday.
    FourDays(Weekday),
    /// Some weekdays only.
    Weekdays([Weekday; 2]),
    /// Odd or even months only.
    Months {
        is_even: bool,
    },
}

/// All people, team by team: anesthetists, nurses, locums.
pub fn people(parameters: &Parameters, days: &[Day], dice: &mut Dice) -> Vec<Person> {
    let mut people = Vec::with_capacity(usize::from(parameters.teams) * parameters.team.people());
    for team in 0..parameters.teams {
        let first = people.len();
        let maker = Maker { parameters, days, team };
        for at in 0..parameters.team.anesthetists {
            people.push(maker.anesthetist(at, dice));
        }
        for at in 0..parameters.team.nurses {
            people.push(maker.nurse(at, dice));
        }
        for at in 0..parameters.team.locums {
            people.push(maker.locum(at));
        }
        absence::plan(parameters, days, &mut people[first..], dice);
        history::remember(&parameters.team, &mut people[first..], dice);
        incompatible(parameters, first, &mut people, dice);
    }
    people
}

struct Maker<'a> {
    parameters: &'a Parameters,
    days: &'a [Day],
    team: u16,
}

// === impl Maker ===

impl Maker<'_> {
    fn anesthetist(&self, at: u16, dice: &mut Dice) -> Person {
        let team = &self.parameters.team;
        // The last ones of the team are its half-timers, pattern by pattern.
        let half_timers = u32::from(team.anesthetists) * u32::from(team.half_time_percent) / 100;
        let from_end = u32::from(team.anesthetists - at) - 1;
        let pattern = match from_end {
            own if own >= half_timers && dice.percent(team.four_day_percent) => four_days(dice),
            own if own >= half_timers => Pattern::FullTime,
            own => match own % 6 {
                0 | 1 => Pattern::Weekdays([Weekday::Thursday, Weekday::Friday]),
                2 | 3 => Pattern::Weekdays([Weekday::Monday, Weekday::Tuesday]),
                own => Pattern::Months { is_even: own == 5 },
            },
        };
        let mut person = self.person(Profession::Mar, at, pattern, dice);
        if team.anesthetists_pack != LegalPack::Liberal {
            let weeks_minutes = LEGAL_WEEK_MINUTES * self.days.len() as i64 / 7;
            // What the previous months left of the average: always some more than this horizon's own share.
            let left = 105 + dice.below(31) as i64;
            person.credit_minutes = Some(weeks_minutes * i64::from(person.percentage) / 100 * left / 100);
        }
        person.working_time = pro_rata(team.anesthetists_pack, person.percentage);
        person
    }

    fn nurse(&self, at: u16, dice: &mut Dice) -> Person {
        let is_four_days = dice.percent(self.parameters.team.four_day_percent);
        let pattern = if is_four_days { four_days(dice) } else { Pattern::FullTime };
        let mut person = self.person(Profession::Iade, at, pattern, dice);
        person.week_minutes_max = Some(NURSE_WEEK_MINUTES);
        person.working_time = pro_rata(self.parameters.team.nurses_pack, person.percentage);
        person
    }

    fn locum(&self, at: u16) -> Person {
        let mut person = Person {
            id: format!("locum-{:03}-{at:03}", self.team),
            is_locum: true,
            equity_share: 0,
            ..self.plain(Profession::Mar)
        };
        for (own, day) in person.availability.chunks_mut(2).zip(self.days) {
            if (day.weekday as usize) > 2 {
                own.fill(Availability::NotWorking);
            }
        }
        person
    }

    fn person(&self, profession: Profession, at: u16, pattern: Pattern, dice: &mut Dice) -> Person {
        let mut person = self.plain(profession);
        person.id = format!("{}-{:03}-{at:03}", profession.code().to_lowercase(), self.team);
        person.percentage = match pattern {
            Pattern::FullTime => 100,
            Pattern::FourDays(_) => 80,
            Pattern::Weekdays(_) | Pattern::Months { .. } => 50,
        };
        person.equity_share = u32::from(person.percentage) * 10;
        for (own, day) in person.availability.chunks_mut(2).zip(self.days) {
            own.fill(pattern.availability(day));
        }
        // Every second person works at the other sites of the team too; some also at a neighbor's main site.
        if at.is_multiple_of(2) {
            let others = person.sites[0].0 + 1..person.sites[0].0 + self.parameters.team.sites.len() as u16;
            person.sites.extend(others.map(SiteIx));
        }
        if self.parameters.teams > 1 && dice.percent(self.parameters.shared_percent) {
            let teams = usize::from(self.parameters.teams);
            let step = [1, teams - 1][dice.below(2)];
            let neighbor = (usize::from(self.team) + step) % teams;
            person.sites.push(SiteIx((neighbor * self.parameters.team.sites.len()) as u16));
        }
        person
    }

    fn plain(&self, profession: Profession) -> Person {
        let main = SiteIx(self.team * self.parameters.team.sites.len() as u16);
        Person {
            id: String::new(),
            profession,
            percentage: 100,
            equity_share: 1_000,
            is_locum: false,
            sites: vec![main],
            skills: vec![ENDOSCOPY_SKILL, OPHTHALMOLOGY_SKILL],
            abilities: Abilities::of(profession),
            availability: self.days.iter().flat_map(|day| [Pattern::FullTime.availability(day); 2]).collect(),
            duty_unavailabilities: Vec::new(),
            incompatibilities: Vec::new(),
            history: History::default(),
            credit_minutes: None,
            week_minutes_max: None,
            working_time: WorkingTime::default(),
            following: Following::default(),
        }
    }
}

// === impl Pattern ===

impl Pattern {
    fn availability(self, day: &Day) -> Availability {
        let is_own = match self {
            Pattern::FullTime => true,
            Pattern::FourDays(off) => day.weekday != off,
            // Half-timers take the week-ends of even weeks, or of odd ones.
            Pattern::Weekdays(own) if day.weekday.is_weekend() => {
                is_even_week(day) == own.contains(&Weekday::Monday)
            }
            Pattern::Weekdays(own) => own.contains(&day.weekday),
            Pattern::Months { is_even } => month(day).is_multiple_of(2) == is_even,
        };
        match (is_own, day.is_working_day()) {
            (false, _) => Availability::NotWorking,
            (true, true) => Availability::Working,
            (true, false) => Availability::DutyOnly,
        }
    }
}

/// A regime's figures for part of full time: what is aimed at shrinks, what the law forbids does not.
fn pro_rata(pack: LegalPack, percentage: u8) -> WorkingTime {
    let full = pack.working_time();
    let target = full.week_target.map(|own| (u32::from(own) * u32::from(percentage) / 100) as u16);
    WorkingTime { week_target: target, ..full }
}

fn four_days(dice: &mut Dice) -> Pattern {
    Pattern::FourDays(Weekday::ALL[dice.below(5)])
}

/// In each team a strict and a preferential pair with surgeons, and a preferential pair of people.
fn incompatible(parameters: &Parameters, first: usize, people: &mut [Person], dice: &mut Dice) {
    let team = &parameters.team;
    let anesthetists = usize::from(team.anesthetists);
    let rooms: usize = team.sites.iter().map(crate::SiteShape::rooms).sum();
    let team_at = first / team.people();
    if anesthetists < 3 || rooms == 0 || (team_at + 1) * rooms * 2 > usize::from(u16::MAX) {
        return;
    }
    for is_strict in [true, false] {
        let surgeon = SurgeonIx((team_at * rooms * 2 + dice.below(rooms * 2)) as u16);
        let own = &mut people[first + dice.below(anesthetists)].incompatibilities;
        if own.is_empty() {
            own.push(Incompatibility { with: Counterpart::Surgeon(surgeon), is_strict });
        }
    }
    let one = first + dice.below(anesthetists - 1);
    let with = Counterpart::Person(PersonIx((one + 1) as u16));
    people[one].incompatibilities.push(Incompatibility { with, is_strict: false });
}

/// About one wish a person: a day without garde, an afternoon off, a garde on a chosen day.
pub fn wishes(people: &[Person], days: &[Day], dice: &mut Dice) -> Vec<Wish> {
    let mut wishes = Vec::new();
    for (at, person) in people.iter().enumerate().filter(|(_, person)| !person.is_locum) {
        let day = DayIx(dice.below(days.len()) as u16);
        let ask = match (dice.below(3), person.profession) {
            (0, Profession::Mar) => Ask::NoGarde(day),
            (1, Profession::Mar) => Ask::Garde(day),
            _ => Ask::Off(HalfDay::new(day, Half::Afternoon)),
        };
        if dice.percent(70) {
            wishes.push(Wish { person: PersonIx(at as u16), ask, weight: 1 + dice.below(3) as u16 });
        }
    }
    wishes
}
