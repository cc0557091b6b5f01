//! From messages to domain values: every wrong field is named at once.

use std::fmt::Display;

use calendar::{Day, DayPart, DayRange, Parity, Weekday};
use chassis::{Problem, Violation};
use durable::filter::{self, Filter};
use proto::{
    names::{NameError, RoomName, SiteName, SpecialtyName, SurgeonName, is_id},
    planning::v1 as pb,
    r#type::v1::{self as types, Date},
    values,
};

use crate::domain::{
    rule_set::{Need, Setting},
    shift::{Kind, Post, Shift},
    template::{Exception, Pattern, Place, Slot},
};

/// Collects what is wrong in a request.
#[derive(Debug, Default)]
pub struct Fields(Vec<Violation>);

// === impl Fields ===

impl Fields {
    pub fn refuse(&mut self, field: &str, text: impl Into<String>) {
        self.0.push(Violation::new(field, text));
    }

    /// The value, or its default with a violation.
    pub fn ok<T, E: Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.refuse(field, error.to_string())).ok()
    }

    pub fn need(&mut self, field: &str, holds: bool, text: &str) {
        if !holds {
            self.refuse(field, text);
        }
    }

    /// The whole, if nothing was wrong.
    pub fn finish<T>(self, whole: Option<T>) -> Result<T, Problem> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ if self.0.is_empty() => Err(Problem::internal("a field was lost without a violation")),
            _ => Err(Problem::invalid(self.0)),
        }
    }

    /// The id at the end of a name under the hospital; an empty name is none.
    fn child<N>(
        &mut self,
        field: &str,
        text: &str,
        hospital: &str,
        parse: impl Fn(&str) -> Result<N, NameError>,
        ids: impl Fn(N) -> (String, String),
    ) -> String {
        if text.is_empty() {
            return String::new();
        }
        let Some((own, id)) = self.ok(field, parse(text)).map(ids) else { return String::new() };
        self.need(field, own == hospital, "expected a name of the same hospital");
        id
    }

    pub fn site(&mut self, field: &str, text: &str, hospital: &str) -> String {
        self.child(field, text, hospital, SiteName::parse, |name| (name.hospital, name.site))
    }

    pub fn surgeon(&mut self, field: &str, text: &str, hospital: &str) -> String {
        self.child(field, text, hospital, SurgeonName::parse, |name| (name.hospital, name.surgeon))
    }

    pub fn specialty(&mut self, field: &str, text: &str, hospital: &str) -> String {
        self.child(field, text, hospital, SpecialtyName::parse, |name| (name.hospital, name.specialty))
    }

    pub fn place(&mut self, field: &str, text: &str, hospital: &str) -> Option<Place> {
        let name = self.ok(field, RoomName::parse(text))?;
        self.need(field, name.hospital == hospital, "expected a name of the same hospital");
        Some(Place { site: name.site, sector: name.sector, room: name.room })
    }

    /// A text that people read.
    pub fn text(&mut self, field: &str, text: &str, is_required: bool, length_max: usize) -> String {
        let text = text.trim();
        self.need(field, !is_required || !text.is_empty(), "expected a text that is not empty");
        if text.chars().count() > length_max {
            self.refuse(field, format!("expected at most {length_max} characters"));
        }
        text.to_owned()
    }

    pub fn id(&mut self, field: &str, id: &str) -> String {
        let is_short = id.len() <= 40;
        self.need(
            field,
            id.is_empty() || is_id(id) && is_short,
            "expected lower-case letters, digits and hyphens, at most 40",
        );
        id.to_owned()
    }

    pub fn days(&mut self, first: Option<Date>, last: Option<Date>) -> Option<DayRange> {
        let first = self.ok("first_date", values::day(first));
        let last = self.ok("last_date", values::day(last));
        let (first, last) = (first?, last?);
        let range = DayRange::new(first, last);
        if range.is_err() {
            self.refuse("last_date", "expected no day before first_date");
        }
        range.ok()
    }
}

/// A name, or the violation of its field.
pub fn name<N>(field: &str, parsed: Result<N, NameError>) -> Result<N, Problem> {
    parsed.map_err(|error| Problem::invalid(vec![Violation::new(field, error.to_string())]))
}

/// A filter over fields that are compared by id: names of the hospital's resources are cut to their ids.
pub fn filter(text: &str, allowed: &[&str], hospital: &str) -> Result<Filter, Problem> {
    let mut text = text.to_owned();
    for collection in ["staffMembers", "sites", "surgeons"] {
        text = text.replace(&format!("hospitals/{hospital}/{collection}/"), "");
    }
    // A shift's name has its plan's id in it.
    let plans = format!("hospitals/{hospital}/plans/");
    while let Some(start) = text.find(&plans) {
        let Some(end) = text[start..].find("/shifts/") else { break };
        text.replace_range(start..start + end + "/shifts/".len(), "");
    }
    filter::parse(&text, allowed)
}

pub fn kind(kind: pb::shift::Kind) -> Option<Kind> {
    match kind {
        pb::shift::Kind::Unspecified => None,
        pb::shift::Kind::Garde => Some(Kind::Garde),
        pb::shift::Kind::Astreinte => Some(Kind::Astreinte),
        pb::shift::Kind::Consultation => Some(Kind::Consultation),
        pb::shift::Kind::Theatre => Some(Kind::Theatre),
        pb::shift::Kind::Closing => Some(Kind::Closing),
        pb::shift::Kind::Volant => Some(Kind::Volant),
    }
}

/// A post; what is not said is the performer's.
pub fn post(post: pb::assignment::Post) -> Post {
    match post {
        pb::assignment::Post::Supervisor => Post::Supervisor,
        _ => Post::Performer,
    }
}

pub fn part(number: i32) -> Option<DayPart> {
    match types::DayPart::try_from(number) {
        Ok(types::DayPart::Morning) => Some(DayPart::Morning),
        Ok(types::DayPart::Afternoon) => Some(DayPart::Afternoon),
        _ => None,
    }
}

/// A shift to create; `at` is the path of its message.
pub fn shift(fields: &mut Fields, at: &str, own: &pb::Shift, hospital: &str) -> Option<Shift> {
    let kind = kind(own.kind());
    let field = |name: &str| format!("{at}.{name}");
    fields.need(&field("kind"), kind.is_some(), "expected a kind of work");
    let day = fields.ok(&field("date"), values::day(own.date));
    let part = part(own.day_part);
    let mut site = fields.site(&field("site"), &own.site, hospital);
    fields.need(&field("site"), !own.site.is_empty(), "expected a site");
    let surgeon = fields.surgeon(&field("surgeon"), &own.surgeon, hospital);
    let specialty = fields.specialty(&field("specialty"), &own.specialty, hospital);
    let kind = kind?;
    let expects = if kind.is_half_day() { "expected a half-day" } else { "expected none: it lasts the day" };
    // A garde that two people share is two shifts: MORNING is its day part, AFTERNOON its night part.
    let fits = kind.is_half_day() == part.is_some() || kind == Kind::Garde;
    fields.need(&field("day_part"), fits, expects);
    let is_theatre = kind == Kind::Theatre;
    let mut place = Place { site: site.clone(), sector: String::new(), room: String::new() };
    if is_theatre {
        place = fields.place(&field("room"), &own.room, hospital).unwrap_or(place);
        fields.need(&field("room"), place.site == site || site.is_empty(), "expected a room of the site");
        site.clone_from(&place.site);
    } else {
        for (name, text) in [("room", &own.room), ("surgeon", &own.surgeon), ("specialty", &own.specialty)] {
            fields.need(&field(name), text.is_empty(), "expected none: only THEATRE has one");
        }
    }
    Some(Shift {
        id: String::new(),
        kind,
        day: day?,
        part,
        site,
        sector: place.sector,
        room: place.room,
        surgeon,
        specialty,
        is_pediatric: false,
        ordinal: 0,
        template: String::new(),
    })
}

/// The lines of a template.
pub fn pattern(fields: &mut Fields, own: &pb::Template, hospital: &str) -> Pattern {
    let mut pattern = Pattern { slots: Vec::new(), exceptions: Vec::new() };
    for (list, length) in [("slots", own.slots.len()), ("exceptions", own.exceptions.len())] {
        if length > crate::domain::template::LINES_MAX {
            fields.refuse(&format!("template.{list}"), "expected at most 2000 lines");
            return pattern;
        }
    }
    for (at, slot) in own.slots.iter().enumerate() {
        let field = |name: &str| format!("template.slots[{at}].{name}");
        let weekday = fields.ok(&field("weekday"), values::weekday(slot.weekday));
        let part = part(slot.day_part);
        fields.need(&field("day_part"), part.is_some(), "expected MORNING or AFTERNOON");
        let place = fields.place(&field("room"), &slot.room, hospital);
        let surgeon = fields.surgeon(&field("surgeon"), &slot.surgeon, hospital);
        let specialty = fields.specialty(&field("specialty"), &slot.specialty, hospital);
        let parity = match slot.week_parity() {
            pb::template::WeekParity::Even => Some(Parity::Even),
            pb::template::WeekParity::Odd => Some(Parity::Odd),
            _ => None,
        };
        if let (Some(weekday), Some(part), Some(place)) = (weekday, part, place) {
            pattern.slots.push(Slot { weekday, parity, part, place, surgeon, specialty });
        }
    }
    for (at, own) in own.exceptions.iter().enumerate() {
        let field = |name: &str| format!("template.exceptions[{at}].{name}");
        let day = fields.ok(&field("date"), values::day(own.date));
        let part = part(own.day_part);
        fields.need(&field("day_part"), part.is_some(), "expected MORNING or AFTERNOON");
        let place = fields.place(&field("room"), &own.room, hospital);
        let surgeon = fields.surgeon(&field("surgeon"), &own.surgeon, hospital);
        let specialty = fields.specialty(&field("specialty"), &own.specialty, hospital);
        if let (Some(day), Some(part), Some(place)) = (day, part, place) {
            pattern.exceptions.push(Exception { day, part, place, surgeon, specialty });
        }
    }
    pattern
}

pub fn settings(own: &[pb::rule_set::Setting]) -> Vec<Setting> {
    let settings = own.iter().map(|own| Setting {
        rule: own.rule.clone(),
        weight: own.weight,
        parameters: own.parameters.iter().map(|(id, value)| (id.clone(), *value)).collect(),
    });
    settings.collect()
}

pub fn needs(fields: &mut Fields, own: &[pb::rule_set::Need], hospital: &str) -> Vec<Need> {
    let mut needs = Vec::new();
    for (at, own) in own.iter().enumerate() {
        let field = |name: &str| format!("rule_set.needs[{at}].{name}");
        let kind = kind(own.kind());
        fields.need(&field("kind"), kind.is_some(), "expected a kind of work");
        let site = fields.site(&field("site"), &own.site, hospital);
        let weekdays = own.weekdays.iter().map(|number| values::weekday(*number)).collect::<Result<_, _>>();
        let weekdays = fields.ok(&field("weekdays"), weekdays);
        let count = u16::try_from(own.count).unwrap_or(0);
        if let (Some(kind), Some(weekdays)) = (kind, weekdays) {
            needs.push(Need {
                kind,
                site,
                part: part(own.day_part),
                weekdays,
                on_holidays: own.on_holidays,
                count,
            });
        }
    }
    needs
}

/// Days that may be absent, each on its own.
pub fn day_or_none(fields: &mut Fields, field: &str, date: Option<Date>) -> Option<Day> {
    fields.ok(field, values::day_or_none(date)).flatten()
}

/// A day of the week as contracts say it.
pub fn weekday(weekday: Weekday) -> i32 {
    types::Weekday::from(weekday) as i32
}
