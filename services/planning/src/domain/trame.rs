//! Reads the surgeon trame from CSV: every wrong cell is named, nothing is guessed.

use std::collections::BTreeMap;

use calendar::{Day, DayPart, Parity, Weekday};

use super::{
    snapshot::{Room, Snapshot},
    template::{Exception, LINES_MAX, Pattern, Place, Slot},
};

/// A cell that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The line of the file, from 1; the header is line 1.
    pub line: u64,
    pub column: String,
    pub description: String,
}

const COLUMNS: [&str; 8] =
    ["weekday", "week_parity", "day_part", "site", "room", "surgeon", "specialty", "date"];
const REQUIRED: [&str; 5] = ["weekday", "day_part", "site", "room", "surgeon"];

/// The most wrong cells that are named.
const CELLS_MAX: usize = 200;

/// Reads a file against who and what there is.
///
/// # Errors
/// Every wrong cell, up to 200.
pub fn read(content: &[u8], facts: &Snapshot) -> Result<Pattern, Vec<Cell>> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let Ok(text) = std::str::from_utf8(content) else {
        return Err(vec![Cell::new(1, "", "not UTF-8; save the file as UTF-8")]);
    };
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns = columns(&mut reader)?;
    let mut trame =
        Trame { facts, columns, pattern: Pattern { slots: vec![], exceptions: vec![] }, wrong: vec![] };
    let mut lines: Vec<u64> = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) if record.iter().all(str::is_empty) => {}
            Ok(record) => trame.line(&record, &mut lines),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                trame.wrong.push(Cell::new(line, "", "not a line of CSV; check its quotes"));
            }
        }
        if trame.wrong.len() >= CELLS_MAX {
            break;
        }
    }
    let count = trame.pattern.slots.len() + trame.pattern.exceptions.len();
    if count > LINES_MAX {
        trame.wrong.push(Cell::new(1, "", format!("{count} lines; expected at most {LINES_MAX}")));
    } else if count == 0 && trame.wrong.is_empty() {
        trame.wrong.push(Cell::new(1, "", "no line; expected at least one"));
    }
    if trame.wrong.is_empty() { Ok(trame.pattern) } else { Err(trame.wrong) }
}

/// Where each column is; refuses unknown, missing and repeated ones.
fn columns(reader: &mut csv::Reader<&[u8]>) -> Result<BTreeMap<String, usize>, Vec<Cell>> {
    let header = reader.headers().map_err(|_| vec![Cell::new(1, "", "no header line")])?;
    let mut columns = BTreeMap::new();
    let mut wrong = Vec::new();
    for (position, name) in header.iter().enumerate() {
        let name = name.to_lowercase();
        if !COLUMNS.contains(&name.as_str()) {
            wrong.push(Cell::new(1, &name, format!("unknown column; expected {}", COLUMNS.join(", "))));
        } else if columns.insert(name.clone(), position).is_some() {
            wrong.push(Cell::new(1, &name, "the column is there twice"));
        }
    }
    for name in REQUIRED.iter().filter(|name| !columns.contains_key(**name)) {
        wrong.push(Cell::new(1, name, "the column is missing"));
    }
    if wrong.is_empty() { Ok(columns) } else { Err(wrong) }
}

struct Trame<'f> {
    facts: &'f Snapshot,
    columns: BTreeMap<String, usize>,
    pattern: Pattern,
    wrong: Vec<Cell>,
}

// === impl Trame ===

impl Trame<'_> {
    fn line(&mut self, record: &csv::StringRecord, lines: &mut Vec<u64>) {
        let line = record.position().map_or(0, csv::Position::line);
        let columns = self.columns.clone();
        let cell =
            |name: &str| columns.get(name).and_then(|at| record.get(*at)).unwrap_or_default().to_owned();
        let before = self.wrong.len();
        let date = self.date(line, &cell("date"));
        let weekday = self.weekday(line, &cell("weekday"), date);
        let parity = self.parity(line, &cell("week_parity"));
        let part = self.part(line, &cell("day_part"));
        let mut specialty = self.specialty(line, &cell("specialty"));
        let place = self.place(line, &cell("site"), &cell("room"), &specialty);
        let surgeon = self.surgeon(line, &cell("surgeon"), date.is_some());
        if specialty.is_empty() {
            specialty = self.only_specialty(&surgeon);
        }
        let (Some(part), Some(place), true) = (part, place, self.wrong.len() == before) else { return };
        if let Some(day) = date {
            self.pattern.exceptions.push(Exception { day, part, place, surgeon, specialty });
        } else if let Some(weekday) = weekday {
            let slot = Slot { weekday, parity, part, place, surgeon, specialty };
            if let Some(other) = self.pattern.slots.iter().position(|other| other.collides(&slot)) {
                let first = lines.get(other).copied().unwrap_or_default();
                self.refuse(line, "room", format!("the room is open at that time on line {first} already"));
            }
            self.pattern.slots.push(slot);
            lines.push(line);
        }
    }

    fn refuse(&mut self, line: u64, column: &str, description: impl Into<String>) {
        self.wrong.push(Cell::new(line, column, description));
    }

    fn date(&mut self, line: u64, text: &str) -> Option<Day> {
        if text.is_empty() {
            return None;
        }
        let day = text.parse().ok();
        if day.is_none() {
            self.refuse(line, "date", format!("`{text}` is no date; expected YYYY-MM-DD"));
        }
        day
    }

    fn weekday(&mut self, line: u64, text: &str, date: Option<Day>) -> Option<Weekday> {
        if date.is_some() && text.is_empty() {
            return None;
        }
        let weekday = text.parse().ok().and_then(Weekday::from_number);
        match (weekday, date) {
            (None, _) => {
                self.refuse(
                    line,
                    "weekday",
                    format!("`{text}` is no day of the week; expected 1 (Monday) to 7"),
                );
            }
            (Some(weekday), Some(day)) if day.weekday() != weekday => {
                self.refuse(line, "weekday", format!("`{text}` is not the weekday of {day}; leave it empty"));
            }
            _ => {}
        }
        weekday
    }

    fn parity(&mut self, line: u64, text: &str) -> Option<Parity> {
        match text.to_uppercase().as_str() {
            "" | "ALL" => None,
            "EVEN" => Some(Parity::Even),
            "ODD" => Some(Parity::Odd),
            _ => {
                self.refuse(line, "week_parity", format!("`{text}` is unknown; expected ALL, EVEN or ODD"));
                None
            }
        }
    }

    fn part(&mut self, line: u64, text: &str) -> Option<DayPart> {
        match text.to_uppercase().as_str() {
            "MORNING" => Some(DayPart::Morning),
            "AFTERNOON" => Some(DayPart::Afternoon),
            _ => {
                self.refuse(line, "day_part", format!("`{text}` is unknown; expected MORNING or AFTERNOON"));
                None
            }
        }
    }

    fn place(&mut self, line: u64, site: &str, number: &str, specialty: &str) -> Option<Place> {
        let rooms: Vec<&Room> = self.facts.rooms.iter().filter(|room| room.site == site).collect();
        if rooms.is_empty() {
            self.refuse(line, "site", format!("`{site}` is no site with rooms; expected a site id"));
            return None;
        }
        let Some(room) = rooms.into_iter().find(|room| room.number.eq_ignore_ascii_case(number)) else {
            self.refuse(
                line,
                "room",
                format!("`{number}` is no room of site {site}; expected a room's number"),
            );
            return None;
        };
        if room.is_closed {
            self.refuse(
                line,
                "room",
                format!("room `{number}` of site {site} is closed; expected an open one"),
            );
        } else if !room.is_operating {
            self.refuse(line, "room", format!("room `{number}` of site {site} is no operating room"));
        } else if !specialty.is_empty() && !room.specialties.is_empty() {
            let is_allowed = room.specialties.iter().any(|own| own == specialty);
            if !is_allowed {
                self.refuse(
                    line,
                    "specialty",
                    format!("room `{number}` of site {site} is kept for other specialties"),
                );
            }
        }
        Some(Place { site: room.site.clone(), sector: room.sector.clone(), room: room.id.clone() })
    }

    fn surgeon(&mut self, line: u64, text: &str, may_be_empty: bool) -> String {
        if text.is_empty() && may_be_empty {
            return String::new();
        }
        let wanted = fold(text);
        let found = self.facts.surgeons.iter().find(|surgeon| {
            surgeon.id == text || surgeon.spellings.iter().any(|spelling| fold(spelling) == wanted)
        });
        match found {
            Some(surgeon) if surgeon.is_active => return surgeon.id.clone(),
            Some(_) => self.refuse(line, "surgeon", "the surgeon no longer operates"),
            None if text.is_empty() => {
                self.refuse(line, "surgeon", "empty; only a dated line may close a room")
            }
            None => self.refuse(line, "surgeon", "no surgeon has this id, external name or name"),
        }
        String::new()
    }

    /// The specialty of a surgeon who has one: it need not be written.
    fn only_specialty(&self, surgeon: &str) -> String {
        let found = self.facts.surgeons.iter().find(|own| own.id == surgeon);
        match found.map(|own| own.specialties.as_slice()) {
            Some([only]) => only.clone(),
            _ => String::new(),
        }
    }

    fn specialty(&mut self, line: u64, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let wanted = fold(text);
        let found = self.facts.specialties.iter().find(|specialty| {
            specialty.id == text || specialty.spellings.iter().any(|spelling| fold(spelling) == wanted)
        });
        match found {
            Some(specialty) => specialty.id.clone(),
            None => {
                self.refuse(line, "specialty", format!("`{text}` is no specialty, in any known spelling"));
                String::new()
            }
        }
    }
}

// === impl Cell ===

impl Cell {
    pub fn new(line: u64, column: &str, description: impl Into<String>) -> Self {
        Self { line, column: column.to_owned(), description: description.into() }
    }
}

/// A spelling without case, accents of French and doubled spaces, by which names are compared.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à' | 'â' | 'ä' => folded.push('a'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'î' | 'ï' => folded.push('i'),
            'ô' | 'ö' => folded.push('o'),
            'ù' | 'û' | 'ü' => folded.push('u'),
            'ç' => folded.push('c'),
            'œ' => folded.push_str("oe"),
            other => folded.push(other),
        }
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
