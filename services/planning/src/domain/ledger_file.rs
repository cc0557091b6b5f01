//! Reads the history of equity from CSV: every wrong cell is named, nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Day;

use super::{team, trame::Cell};

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line of the file, from 1.
    pub line: u64,
    pub staff_member: String,
    pub counter: String,
    pub day: Day,
    /// In thousandths.
    pub quantity: i64,
    /// Tells lines of one person, counter and day apart.
    pub reference: String,
}

/// What a file is checked against.
#[derive(Debug)]
pub struct Facts {
    /// Ids of those who are rostered.
    pub people: BTreeSet<String>,
    pub today: Day,
}

const COLUMNS: [&str; 5] = ["staff_member", "counter", "date", "quantity", "reference"];
const REQUIRED: usize = 4;
/// The most lines of a file.
const LINES_MAX: usize = 20_000;
/// The most wrong cells that are named.
const CELLS_MAX: usize = 200;
const REFERENCE_LENGTH_MAX: usize = 60;
/// The most a line adds: a year of half-days.
const QUANTITY_MAX: i64 = 800_000;

/// Reads a file.
///
/// # Errors
/// Every wrong cell, up to 200.
pub fn read(content: &[u8], facts: &Facts) -> Result<Vec<Entry>, Vec<Cell>> {
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
    let mut file = File { facts, columns, entries: vec![], known: BTreeMap::new(), wrong: vec![] };
    for record in reader.records() {
        match record {
            Ok(record) if record.iter().all(str::is_empty) => {}
            Ok(record) => file.line(&record),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                file.wrong.push(Cell::new(line, "", "not a line of CSV; check its quotes"));
            }
        }
        if file.wrong.len() >= CELLS_MAX || file.entries.len() > LINES_MAX {
            break;
        }
    }
    if file.entries.len() > LINES_MAX {
        file.wrong.push(Cell::new(1, "", format!("expected at most {LINES_MAX} lines")));
    } else if file.entries.is_empty() && file.wrong.is_empty() {
        file.wrong.push(Cell::new(1, "", "no line; expected at least one"));
    }
    if file.wrong.is_empty() { Ok(file.entries) } else { Err(file.wrong) }
}

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
    for name in COLUMNS[..REQUIRED].iter().filter(|name| !columns.contains_key(**name)) {
        wrong.push(Cell::new(1, name, "the column is missing"));
    }
    if wrong.is_empty() { Ok(columns) } else { Err(wrong) }
}

struct File<'f> {
    facts: &'f Facts,
    columns: BTreeMap<String, usize>,
    entries: Vec<Entry>,
    /// The line of each natural key.
    known: BTreeMap<(String, String, Day, String), u64>,
    wrong: Vec<Cell>,
}

// === impl File ===

impl File<'_> {
    fn line(&mut self, record: &csv::StringRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        let cell =
            |name: &str| self.columns.get(name).and_then(|at| record.get(*at)).unwrap_or_default().to_owned();
        let (staff_member, counter) = (cell("staff_member"), cell("counter"));
        let (date, quantity, reference) = (cell("date"), cell("quantity"), cell("reference"));
        let before = self.wrong.len();
        let mut need = |column: &str, holds: bool, text: String| {
            if !holds {
                self.wrong.push(Cell::new(line, column, text));
            }
        };
        let is_known = self.facts.people.contains(&staff_member);
        need("staff_member", is_known, "no anesthetist or nurse anesthetist has this id".into());
        let is_kept = team::kept(&counter).is_some();
        need("counter", is_kept, format!("`{counter}` is no counter of the ledger"));
        let day: Option<Day> = date.parse().ok();
        need("date", day.is_some(), format!("`{date}` is no date; expected YYYY-MM-DD"));
        need("date", day.is_none_or(|day| day <= self.facts.today), format!("{date} is to come"));
        let amount = thousandths(&quantity).filter(|own| (1..=QUANTITY_MAX).contains(own));
        let expected = "expected a number above 0, at most 800, with at most three decimals";
        need("quantity", amount.is_some(), format!("`{quantity}`: {expected}"));
        let is_short = reference.chars().count() <= REFERENCE_LENGTH_MAX;
        need("reference", is_short, format!("expected at most {REFERENCE_LENGTH_MAX} characters"));
        let (Some(day), Some(quantity)) = (day, amount) else { return };
        let key = (staff_member.clone(), counter.clone(), day, reference.clone());
        if let Some(first) = self.known.get(&key) {
            let text = format!("the same person, counter, date and reference are on line {first}");
            self.wrong.push(Cell::new(line, "reference", text));
        } else {
            self.known.insert(key, line);
        }
        if self.wrong.len() == before {
            self.entries.push(Entry { line, staff_member, counter, day, quantity, reference });
        }
    }
}

/// `1`, `0.5` and `0,125` in thousandths.
fn thousandths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || part.len() > 3 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 1_000 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { people: ["ann".to_owned(), "bob".to_owned()].into(), today: "2026-11-23".parse().unwrap() }
    }

    #[test]
    fn numbers_are_read_exactly() {
        for (text, expected) in [
            ("1", Some(1_000)),
            ("0.5", Some(500)),
            ("0,125", Some(125)),
            ("12.", Some(12_000)),
            ("-1", None),
            ("1.2345", None),
            (".5", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_read_whatever_the_delimiter_and_the_order_of_columns() {
        let file = "counter;staff_member;quantity;date\ngardes;ann;1,5;2025-12-25\n\n";
        let entry = Entry {
            line: 2,
            staff_member: "ann".into(),
            counter: "gardes".into(),
            day: "2025-12-25".parse().unwrap(),
            quantity: 1_500,
            reference: String::new(),
        };
        assert_eq!(read(file.as_bytes(), &facts()), Ok(vec![entry]));
    }

    #[test]
    fn every_wrong_cell_is_named_and_no_name_is_repeated() {
        let file = "staff_member,counter,date,quantity,reference
ann,gardes,2025-12-25,1,a
ann,gardes,2025-12-25,2,a
Martin,hardship,2027-01-01,0,
bob,gardes,soon,x,";
        let wrong = read(file.as_bytes(), &facts()).unwrap_err();
        let cells: Vec<(u64, &str)> = wrong.iter().map(|own| (own.line, own.column.as_str())).collect();
        let expected = [
            (3, "reference"),
            (4, "staff_member"),
            (4, "counter"),
            (4, "date"),
            (4, "quantity"),
            (5, "date"),
            (5, "quantity"),
        ];
        assert_eq!(cells, expected);
        assert!(wrong.iter().all(|own| !own.description.contains("Martin")));
        let empty = read(b"staff_member,counter,date,quantity\n", &facts()).unwrap_err();
        assert_eq!(empty[0].line, 1);
        let missing = read(b"staff_member,counter,when\n", &facts()).unwrap_err();
        assert_eq!(missing.len(), 3, "{missing:?}");
    }
}
