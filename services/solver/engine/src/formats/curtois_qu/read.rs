//! An instance's text as a draft.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Day as CivilDay;
use roster::{
    Draft, Level, RuleId,
    problem::{
        Abilities, Availability, Day, DayIx, Following, History, Person, PersonIx, Profession,
        RuleParameters, RuleSetting, SHIFT_TYPES_MAX, ShiftCover, ShiftIx, ShiftLimits, ShiftType, ShiftWish,
        Site, SiteIx, Topology, Weekday, WorkingTime,
    },
};

use super::{
    CELLS_MAX, DAYS_MAX, Fault, PEOPLE_MAX, ReadError, WEIGHT_MAX,
    lines::{Row, Section, Sections, shown},
};

/// Monday, 1 January 2029: instances begin on some Monday, and this one keeps whole weeks in one year.
const FIRST_DAY: i32 = 21_550;
/// The longest working time read, in minutes: more than any horizon holds.
const MINUTES_MAX: u32 = 1_000_000;
/// The fields of a row of staff.
const STAFF_FIELDS: usize = 8;

/// Reads an instance.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub fn read(text: &str) -> Result<Draft, ReadError> {
    let sections = Sections::of(text)?;
    let mut reader = Reader::default();
    reader.horizon(sections.some_rows(Section::Horizon)?)?;
    for row in sections.some_rows(Section::Shifts)? {
        reader.shift(row)?;
    }
    reader.successions()?;
    for row in sections.some_rows(Section::Staff)? {
        reader.person(row)?;
    }
    for row in sections.rows(Section::DaysOff) {
        reader.days_off(row)?;
    }
    for row in sections.rows(Section::OnRequests) {
        reader.request(row, true)?;
    }
    for row in sections.rows(Section::OffRequests) {
        reader.request(row, false)?;
    }
    for row in sections.rows(Section::Cover) {
        reader.cover(row)?;
    }
    Ok(reader.draft)
}

/// The draft as far as it is read.
#[derive(Default)]
struct Reader<'t> {
    draft: Draft,
    shift_by_id: BTreeMap<&'t str, ShiftIx>,
    person_by_id: BTreeMap<&'t str, PersonIx>,
    /// Types that may not follow, by name: some are named before they are introduced.
    forbidden: Vec<(Row<'t>, ShiftIx, &'t str)>,
    covered: BTreeSet<(DayIx, ShiftIx)>,
}

// === impl Reader ===

impl<'t> Reader<'t> {
    fn horizon(&mut self, rows: &[Row<'t>]) -> Result<(), ReadError> {
        if let [_, second, ..] = rows {
            return Err(
                second.error(Fault::Twice { what: "section", id: Section::Horizon.name().to_owned() })
            );
        }
        let row = &rows[0];
        let [days] = row.exactly()?;
        let days = row.number("a number of days", days, 1, DAYS_MAX as u32)?;
        self.draft.days = (0..days).map(|offset| day(FIRST_DAY + offset as i32)).collect();
        self.draft.topology = Topology { sites: vec![Site { id: "site".to_owned() }], ..Topology::default() };
        self.draft.parameters = RuleParameters { settings: settings(), ..RuleParameters::default() };
        Ok(())
    }

    fn shift(&mut self, row: &Row<'t>) -> Result<(), ReadError> {
        let fields: Vec<_> = row.fields().take(4).collect();
        let (id, minutes, forbidden) = match fields[..] {
            [id, minutes] => (id, minutes, ""),
            [id, minutes, forbidden] => (id, minutes, forbidden),
            _ => return Err(row.error(Fault::Fields { expected: 3, found: row.fields().count() })),
        };
        let position = self.draft.shifts.types.len();
        let index = ShiftIx::of(position).filter(|_| position < SHIFT_TYPES_MAX);
        let too_many = Fault::TooMany { what: "types of shift", limit: SHIFT_TYPES_MAX };
        let index = index.ok_or_else(|| row.error(too_many))?;
        let own = ShiftType {
            id: row.id(id)?,
            minutes: row.small("minutes", minutes, 1, 1_440)?,
            forbidden_next: Vec::new(),
        };
        self.draft.shifts.types.push(own);
        if self.shift_by_id.insert(id, index).is_some() {
            return Err(row.error(Fault::Twice { what: "shift", id: id.to_owned() }));
        }
        let names = forbidden.split('|').map(str::trim).filter(|name| !name.is_empty());
        self.forbidden.extend(names.map(|name| (*row, index, name)));
        Ok(())
    }

    fn successions(&mut self) -> Result<(), ReadError> {
        for (row, index, name) in std::mem::take(&mut self.forbidden) {
            let next = self.shift_of(&row, name)?;
            let forbidden = &mut self.draft.shifts.types[index.at()].forbidden_next;
            if !forbidden.contains(&next) {
                forbidden.push(next);
            }
        }
        Ok(())
    }

    fn person(&mut self, row: &Row<'t>) -> Result<(), ReadError> {
        let [id, most, minutes_max, minutes_min, stretch_max, stretch_min, rest_min, weekends_max] =
            row.exactly::<STAFF_FIELDS>()?;
        let (days, types) = (self.draft.days.len(), self.draft.shifts.types.len());
        let position = self.draft.people.len();
        let limit = PEOPLE_MAX.min(CELLS_MAX / (days * (types + 1)));
        let index = PersonIx::of(position).filter(|_| position < limit);
        let index = index.ok_or_else(|| row.error(Fault::TooMany { what: "people", limit }))?;
        if self.person_by_id.insert(id, index).is_some() {
            return Err(row.error(Fault::Twice { what: "employee", id: shown(id) }));
        }
        self.draft.people.push(employee(row.id(id)?, days));
        let minutes = |field| row.number("minutes", field, 0, MINUTES_MAX);
        let count = |field| row.small("a number of days", field, 0, u16::MAX);
        let limits = ShiftLimits {
            minutes_min: minutes(minutes_min)?,
            minutes_max: minutes(minutes_max)?,
            stretch_min: count(stretch_min)?,
            stretch_max: count(stretch_max)?,
            rest_min: count(rest_min)?,
            weekends_max: row.small("a number of week-ends", weekends_max, 0, u16::MAX)?,
            most: self.most(row, most)?,
        };
        row.ordered("minutes", limits.minutes_min, limits.minutes_max)?;
        row.ordered("days in a row", limits.stretch_min.into(), limits.stretch_max.into())?;
        self.draft.shifts.limits.push(Some(limits));
        Ok(())
    }

    /// The most shifts of each type; a type that is not named has no limit but the days.
    fn most(&self, row: &Row<'t>, field: &str) -> Result<Vec<u16>, ReadError> {
        let days = self.draft.days.len() as u16;
        let mut most = vec![None; self.draft.shifts.types.len()];
        for part in field.split('|').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, number) = part.split_once('=').ok_or_else(|| row.error(Fault::Most(shown(part))))?;
            let shift = self.shift_of(row, name.trim())?;
            let limit = row.small("a number of shifts", number.trim(), 0, u16::MAX)?;
            if most[shift.at()].replace(limit).is_some() {
                return Err(row.error(Fault::Twice { what: "limit of shift", id: shown(name) }));
            }
        }
        Ok(most.into_iter().map(|limit| limit.unwrap_or(days)).collect())
    }

    fn days_off(&mut self, row: &Row<'t>) -> Result<(), ReadError> {
        let mut fields = row.fields();
        let person = self.person_of(row, fields.next().unwrap_or_default())?;
        for field in fields.filter(|field| !field.is_empty()) {
            let day = self.day_of(row, field)?;
            self.draft.people[person.at()].availability[day.at() * 2..day.at() * 2 + 2]
                .fill(Availability::Unavailable);
        }
        Ok(())
    }

    fn request(&mut self, row: &Row<'t>, is_wanted: bool) -> Result<(), ReadError> {
        let [person, day, shift, weight] = row.exactly()?;
        self.draft.shifts.wishes.push(ShiftWish {
            person: self.person_of(row, person)?,
            day: self.day_of(row, day)?,
            shift: self.shift_of(row, shift)?,
            is_wanted,
            weight: row.number("a weight", weight, 0, WEIGHT_MAX)?,
        });
        Ok(())
    }

    fn cover(&mut self, row: &Row<'t>) -> Result<(), ReadError> {
        let [day, shift, required, under_weight, over_weight] = row.exactly()?;
        let cover = ShiftCover {
            day: self.day_of(row, day)?,
            shift: self.shift_of(row, shift)?,
            required: row.small("a number of people", required, 0, u16::MAX)?,
            under_weight: row.number("a weight", under_weight, 0, WEIGHT_MAX)?,
            over_weight: row.number("a weight", over_weight, 0, WEIGHT_MAX)?,
        };
        if !self.covered.insert((cover.day, cover.shift)) {
            return Err(row.error(Fault::Twice { what: "cover of", id: format!("{day},{shift}") }));
        }
        self.draft.shifts.covers.push(cover);
        Ok(())
    }

    fn day_of(&self, row: &Row<'t>, field: &str) -> Result<DayIx, ReadError> {
        let last = self.draft.days.len() as u16 - 1;
        Ok(DayIx(row.small("a day", field, 0, last)?))
    }

    fn shift_of(&self, row: &Row<'t>, id: &str) -> Result<ShiftIx, ReadError> {
        let known = self.shift_by_id.get(id).copied();
        known.ok_or_else(|| row.error(Fault::Unknown { what: "shift", id: shown(id) }))
    }

    fn person_of(&self, row: &Row<'t>, id: &str) -> Result<PersonIx, ReadError> {
        let known = self.person_by_id.get(id).copied();
        known.ok_or_else(|| row.error(Fault::Unknown { what: "employee", id: shown(id) }))
    }
}

/// One unit of what is soft in the benchmark is one unit of weight, all at one level.
fn settings() -> Vec<RuleSetting> {
    let soft = [RuleId::ShiftUnder, RuleId::ShiftOver, RuleId::Wish];
    soft.map(|rule| RuleSetting { rule, level: Level::Preference, weight: 1 }).into()
}

/// A plain day: the benchmark knows no holidays.
fn day(number: i32) -> Day {
    let civil = CivilDay::from_number(number);
    let week = civil.iso_week();
    Day {
        number,
        weekday: Weekday::of_number(number),
        iso_week: (week.year() * 100 + week.number()) as u32,
        month: (civil.year() * 12 + civil.month() - 1) as u32,
        day_of_month: civil.day() as u8,
        is_public_holiday: false,
        is_school_holiday: false,
        is_special: false,
        garde_minutes: 1_440,
    }
}

/// Somebody who works shifts and nothing else, any day.
fn employee(id: String, days: usize) -> Person {
    let nothing = Abilities {
        garde: false,
        astreinte: false,
        consultation: false,
        theatre: false,
        supervision: false,
        closing: false,
        volant: false,
    };
    Person {
        id,
        profession: Profession::Mar,
        percentage: 100,
        equity_share: 0,
        is_locum: false,
        sites: vec![SiteIx(0)],
        skills: Vec::new(),
        abilities: nothing,
        availability: vec![Availability::Working; days * 2],
        duty_unavailabilities: Vec::new(),
        incompatibilities: Vec::new(),
        history: History::default(),
        credit_minutes: None,
        week_minutes_max: None,
        working_time: WorkingTime::default(),
        following: Following::default(),
    }
}
