//! The one way in which facts are written, and its hash.
//!
//! A line for each fact: what it is, then its fields, parted by tabulators; days as `2027-01-31`, times as `08:00`,
//! yes and no as `1` and `0`, none as `-`. In a text a backslash is written `\\`, a tabulator `\t`, a line feed `\n`, a
//! carriage return `\r`. The first line is the format; all others follow in the order of their bytes. The hash is SHA-256
//! over the lines, each with a line feed behind it: what `sha256sum` says of a file that holds them.

use std::fmt::Write as _;

use calendar::{Day, DayPart};
use sha2::{Digest, Sha256};

use crate::facts::{Facts, Law};

/// The first line: another format, or rules that read facts differently, get another number.
pub const FORMAT: &str = "mathildanesth certificate 1";

/// The hash of lines, in hexadecimal.
pub fn hash<L: AsRef<str>>(lines: &[L]) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.as_ref().as_bytes());
        hasher.update(b"\n");
    }
    hex::encode(hasher.finalize())
}

/// Every fact on its line.
pub(crate) fn lines(facts: &Facts) -> Vec<String> {
    let mut lines = vec![
        Writer::of("subject").text(&facts.subject).end(),
        Writer::of("days").day(facts.days.first()).day(facts.days.last()).end(),
        Writer::of("zone").text("Europe/Paris").end(),
    ];
    let figures = &facts.figures;
    let mut figure = |name: &str, value: i64| lines.push(Writer::of("figure").text(name).number(value).end());
    figure("rest_free_of_astreintes", i64::from(figures.is_rest_free_of_astreintes));
    figure("garde_day_rest_min", figures.garde_day_rest_min);
    figure("pediatric_supervision_max", i64::from(figures.pediatric_supervision_max));
    figure("derogation_authorized", i64::from(figures.is_derogation_authorized));
    lines.extend(figures.hours.iter().map(|own| {
        let line = Writer::of("hours").text(own.kind.code()).part(own.part);
        line.shown(own.start).shown(own.end).maybe(own.minutes).end()
    }));
    for person in &facts.people {
        lines.push(Writer::of("person").text(&person.id).text(person.profession.code()).end());
        lines.extend(person.laws.iter().flat_map(|own| law(&person.id, own)));
        lines.extend(person.absences.iter().map(|own| {
            let line = Writer::of("absence").text(&person.id);
            let line = line.day(own.first().day).part(Some(own.first().part));
            line.day(own.last().day).part(Some(own.last().part)).end()
        }));
    }
    lines.extend(facts.rooms.iter().map(|own| {
        let line = Writer::of("room").text(&own.id).number(i64::from(own.run_max));
        let line = line.number(i64::from(own.supervision_max)).number(i64::from(own.derogation_max));
        line.flag(own.is_own_counted).end()
    }));
    lines.extend(facts.shifts.iter().map(|own| {
        let line = Writer::of("shift").text(&own.id).text(own.kind.code()).day(own.day).part(own.part);
        line.text(&own.site).text(&own.room).flag(own.is_pediatric).end()
    }));
    lines.extend(facts.posts.iter().map(|own| {
        let line = Writer::of("post").text(&own.person).text(&own.shift).text(own.role.code());
        let line = line.text(own.kind.code()).day(own.day).part(own.part).text(&own.site);
        line.flag(own.is_of_plan).end()
    }));
    lines.extend(
        (facts.lines.iter())
            .map(|own| Writer::of("line").day(own.day).text(own.kind.code()).text(&own.site).end()),
    );
    lines
        .extend(facts.open.iter().map(|own| Writer::of("open").text(&own.shift).text(own.role.code()).end()));
    lines.sort_unstable();
    lines.insert(0, FORMAT.to_owned());
    lines
}

fn law<'l>(person: &'l str, own: &'l Law) -> impl Iterator<Item = String> + 'l {
    let of = move |what| Writer::of(what).text(person).day(own.first).maybe(own.last).text(&own.code);
    let line = of("law").text(&own.source).maybe(own.daily_rest_min).flag(own.is_volunteer).end();
    let averages = own
        .averages
        .iter()
        .map(move |average| of("average").number(average.week_minutes).number(i64::from(average.days)).end());
    std::iter::once(line).chain(averages)
}

/// A line in the making.
struct Writer(String);

// === impl Writer ===

impl Writer {
    fn of(what: &str) -> Self {
        let mut line = String::with_capacity(96);
        line.push_str(what);
        Self(line)
    }

    fn text(mut self, text: &str) -> Self {
        self.0.push('\t');
        for character in text.chars() {
            match character {
                '\\' => self.0.push_str("\\\\"),
                '\t' => self.0.push_str("\\t"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// What is shown without anything to escape.
    fn shown(mut self, value: impl std::fmt::Display) -> Self {
        // Writing into a text cannot fail.
        let _ = write!(self.0, "\t{value}");
        self
    }

    fn number(self, value: i64) -> Self {
        self.shown(value)
    }

    fn day(self, day: Day) -> Self {
        self.shown(day)
    }

    fn flag(self, value: bool) -> Self {
        self.shown(u8::from(value))
    }

    fn maybe(self, value: Option<impl std::fmt::Display>) -> Self {
        match value {
            Some(value) => self.shown(value),
            None => self.text("-"),
        }
    }

    fn part(self, part: Option<DayPart>) -> Self {
        self.maybe(part)
    }

    fn end(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_everybody_computes() {
        // printf 'a\nb\n' | sha256sum
        assert_eq!(hash(&["a", "b"]), "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2");
    }

    #[test]
    fn what_parts_fields_and_lines_is_escaped() {
        assert_eq!(Writer::of("x").text("a\tb\\c\nd").flag(true).end(), "x\ta\\tb\\\\c\\nd\t1");
    }
}
