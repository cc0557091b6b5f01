//! Reading the cells of one line, noting every flaw.

use std::collections::BTreeMap;

use calendar::{Day, Weekday};

use super::super::identifier;
use super::super::resource::{Flaw, Kind, Resource};
use super::department::{Outcome, Place, Skip};
use super::table::{CellFlaw, Table};

/// The lines of a file.
pub struct Rows<'a> {
    table: &'a Table,
    flaws: &'a mut Vec<CellFlaw>,
    position: usize,
}

/// One line. It answers defaults for what is wrong, and the flaw is noted.
pub struct Row<'a> {
    file: &'a str,
    line: u64,
    cells: &'a BTreeMap<&'static str, String>,
    flaws: &'a mut Vec<CellFlaw>,
    before: usize,
    /// What is wrong that something it names is not there.
    cause: Option<Place>,
}

impl<'a> Rows<'a> {
    /// The lines of `table`, whose flaws are added to `flaws`.
    pub fn new(table: &'a Table, flaws: &'a mut Vec<CellFlaw>) -> Self {
        Self { table, flaws, position: 0 }
    }

    /// A look at every line ahead: each answers its cells by column.
    pub fn cells(&self) -> impl Iterator<Item = impl Fn(&str) -> &'a str> {
        self.table
            .lines
            .iter()
            .map(|(_, cells)| move |column: &str| cells.get(column).map_or("", String::as_str))
    }

    /// The next line.
    pub fn next(&mut self) -> Option<Row<'_>> {
        let (line, cells) = self.table.lines.get(self.position)?;
        self.position += 1;
        let before = self.flaws.len();
        Some(Row { file: &self.table.name, line: *line, cells, flaws: self.flaws, before, cause: None })
    }
}

impl Row<'_> {
    /// Its number.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether nothing was wrong with it so far.
    pub fn is_good(&self) -> bool {
        self.is_right() && self.cause.is_none()
    }

    /// Whether nothing was wrong with it by itself so far.
    fn is_right(&self) -> bool {
        self.flaws.len() == self.before
    }

    /// Notes a flaw of a cell.
    pub fn flaw(&mut self, column: &str, expected: impl Into<String>) {
        let value = self.cells.get(column).map_or("", String::as_str);
        self.flaws.push(CellFlaw::at(self.file, self.line, column, value, expected));
    }

    /// Notes the flaws of the resource that the line makes, at the cells they come from.
    pub fn check<T: Resource>(&mut self, value: &T) {
        for Flaw { field, expected } in value.flaws() {
            self.flaw(&field, expected);
        }
    }

    /// The cell; `None` if the file has no such column.
    pub fn cell(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }

    /// The cell, empty if absent.
    pub fn text(&self, column: &str) -> String {
        self.cell(column).unwrap_or_default().to_owned()
    }

    /// Puts the cell into `target` if the file has the column.
    pub fn set_text(&self, column: &str, target: &mut String) {
        if let Some(cell) = self.cell(column) {
            cell.clone_into(target);
        }
    }

    /// Puts a national number into `target` if the file has the column; what cannot be one is left out with a warning.
    pub fn set_identifier(
        &self,
        column: &str,
        (is_one, expected): (fn(&str) -> bool, &str),
        target: &mut String,
        warnings: &mut Vec<CellFlaw>,
    ) {
        let Some(cell) = self.cell(column) else { return };
        let number = identifier::plain(cell);
        if number.is_empty() || is_one(&number) {
            *target = number;
        } else {
            warnings.push(CellFlaw::at(self.file, self.line, column, cell, expected));
        }
    }

    /// Reads an id.
    pub fn id(&mut self, column: &str) -> String {
        let text = self.text(column);
        let is_id = (1..=63).contains(&text.len())
            && text != "-"
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !is_id {
            self.flaw(column, "an id of 1 to 63 characters out of a-z, 0-9 and -");
        }
        text
    }

    /// Puts a number into `target` if the cell is there and not empty.
    pub fn set_number(&mut self, column: &str, target: &mut i32) {
        match self.cell(column).map(str::parse) {
            Some(Ok(number)) => *target = number,
            Some(Err(_)) if self.cell(column) != Some("") => self.flaw(column, "a whole number"),
            _ => {}
        }
    }

    /// Puts yes or no into `target` if the cell is there and not empty.
    pub fn set_bool(&mut self, column: &str, target: &mut bool) {
        match self.cell(column).unwrap_or_default().to_lowercase().as_str() {
            "" => {}
            "true" | "yes" | "oui" | "1" => *target = true,
            "false" | "no" | "non" | "0" => *target = false,
            _ => self.flaw(column, "true or false"),
        }
    }

    /// Reads a day; `None` if the cell is empty or wrong.
    pub fn day(&mut self, column: &str) -> Option<Day> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let day = text.parse().ok().filter(|day: &Day| (1900..=2200).contains(&day.year()));
        if day.is_none() {
            self.flaw(column, "a date that exists, as 2026-12-31");
        }
        day
    }

    /// Puts a day into `target` if the file has the column.
    pub fn set_day(&mut self, column: &str, target: &mut Option<Day>) {
        if self.cell(column).is_some() {
            *target = self.day(column);
        }
    }

    /// Reads one of several words; `None` if the cell is empty or wrong.
    pub fn word<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(column).to_uppercase();
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() && !text.is_empty() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.flaw(column, format!("one of {}", all.join(", ")));
        }
        found
    }

    /// The parts of a cell, between `|`.
    pub fn list(&self, column: &str) -> Option<Vec<String>> {
        let cell = self.cell(column)?;
        Some(cell.split('|').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    /// Reads weekdays, as numbers or English names.
    pub fn weekdays(&mut self, column: &str) -> Vec<Weekday> {
        let mut weekdays = vec![];
        for part in self.list(column).unwrap_or_default() {
            let number = part.parse().ok().and_then(Weekday::from_number);
            let named =
                || Weekday::ALL.into_iter().find(|day| format!("{day:?}").eq_ignore_ascii_case(&part));
            match number.or_else(named) {
                Some(day) => weekdays.push(day),
                None => self.flaw(column, "weekdays from MONDAY to SUNDAY, or 1 to 7, between |"),
            }
        }
        weekdays.sort_unstable();
        weekdays.dedup();
        weekdays
    }

    /// Notes that a line names something, by `key`, that neither exists nor is in an earlier file; of what is in one and
    /// wrong there nothing more is said here.
    pub fn unknown(&mut self, column: &str, (kind, key): (Kind, &str), outcome: &Outcome) {
        match outcome.cause(kind, key) {
            Some(cause) => self.cause = Some(cause),
            None => {
                let expected = format!("a {} that exists or is in the files", kind.word().replace('_', " "));
                self.flaw(column, expected);
            }
        }
    }

    /// The same of the first of some that are missing; of those that nobody brings, if there are any.
    pub fn unknown_among(&mut self, column: &str, (kind, missing): (Kind, &[&String]), outcome: &Outcome) {
        let unheard_of = missing.iter().find(|key| outcome.cause(kind, key).is_none());
        if let Some(key) = unheard_of.or(missing.first()) {
            self.unknown(column, (kind, key), outcome);
        }
    }

    /// Ends a line that is not good; `brings` is how others would have named what it brings.
    pub fn pass_over(self, brings: Option<(Kind, String)>, outcome: &mut Outcome) {
        let is_right = self.is_right();
        let line = (self.file.to_owned(), self.line);
        let cause = self.cause.filter(|_| is_right);
        if let Some(cause) = &cause {
            outcome.skips.push(Skip { line: line.clone(), cause: cause.clone() });
        }
        if let Some((kind, key)) = brings {
            outcome.refuse(kind, key, cause.unwrap_or(line));
        }
    }
}
