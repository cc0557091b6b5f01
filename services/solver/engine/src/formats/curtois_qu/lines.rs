//! The text cut into sections and rows, and the small readers of fields. Knows nothing of what rows mean.

use super::{BYTES_MAX, Fault, ID_BYTES_MAX, ROWS_MAX, ReadError};

/// The sections, in the order in which they are read whatever their order in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Horizon,
    Shifts,
    Staff,
    DaysOff,
    OnRequests,
    OffRequests,
    Cover,
}

/// A row of a section.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    pub line: usize,
    text: &'t str,
}

/// All rows by section.
pub struct Sections<'t> {
    rows: [Vec<Row<'t>>; Section::ALL.len()],
    /// The number of lines: where missing things are reported.
    pub last_line: usize,
}

// === impl Section ===

impl Section {
    const ALL: [(Section, &'static str); 7] = [
        (Section::Horizon, "SECTION_HORIZON"),
        (Section::Shifts, "SECTION_SHIFTS"),
        (Section::Staff, "SECTION_STAFF"),
        (Section::DaysOff, "SECTION_DAYS_OFF"),
        (Section::OnRequests, "SECTION_SHIFT_ON_REQUESTS"),
        (Section::OffRequests, "SECTION_SHIFT_OFF_REQUESTS"),
        (Section::Cover, "SECTION_COVER"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

// === impl Sections ===

impl<'t> Sections<'t> {
    /// Cuts a text. Blank lines and lines that begin with `#` mean nothing.
    pub fn of(text: &'t str) -> Result<Self, ReadError> {
        if text.len() > BYTES_MAX {
            return Err(ReadError { line: 1, fault: Fault::TooLong(text.len()) });
        }
        let mut sections = Self { rows: Default::default(), last_line: 1 };
        let mut current = None;
        for (position, line) in text.lines().enumerate() {
            let row = Row { line: position + 1, text: line.trim() };
            sections.last_line = row.line;
            if row.text.is_empty() || row.text.starts_with('#') {
                continue;
            }
            if row.text.starts_with("SECTION_") {
                let known = Section::ALL.iter().find(|(_, name)| *name == row.text);
                let section = known.ok_or_else(|| row.error(Fault::UnknownSection(shown(row.text))))?;
                current = Some(section.0);
                continue;
            }
            let section = current.ok_or_else(|| row.error(Fault::OutsideSection))?;
            let rows = &mut sections.rows[section as usize];
            if rows.len() == ROWS_MAX {
                return Err(row.error(Fault::TooMany { what: "rows", limit: ROWS_MAX }));
            }
            rows.push(row);
        }
        Ok(sections)
    }

    /// The rows of a section, maybe none.
    pub fn rows(&self, section: Section) -> &[Row<'t>] {
        &self.rows[section as usize]
    }

    /// The rows of a section that must have some.
    pub fn some_rows(&self, section: Section) -> Result<&[Row<'t>], ReadError> {
        match self.rows(section) {
            [] => Err(ReadError { line: self.last_line, fault: Fault::Missing(section.name()) }),
            rows => Ok(rows),
        }
    }
}

// === impl Row ===

impl<'t> Row<'t> {
    /// Something wrong in this row.
    pub fn error(&self, fault: Fault) -> ReadError {
        ReadError { line: self.line, fault }
    }

    /// The fields between commas.
    pub fn fields(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.text.split(',').map(str::trim)
    }

    /// The fields, which must be so many.
    pub fn exactly<const N: usize>(&self) -> Result<[&'t str; N], ReadError> {
        let mut fields = [""; N];
        let mut found = 0;
        for field in self.fields() {
            if let Some(place) = fields.get_mut(found) {
                *place = field;
            }
            found += 1;
        }
        if found == N { Ok(fields) } else { Err(self.error(Fault::Fields { expected: N, found })) }
    }

    /// A whole number in a range.
    pub fn number(&self, what: &'static str, found: &str, min: u32, max: u32) -> Result<u32, ReadError> {
        let number = found.parse().ok().filter(|number| (min..=max).contains(number));
        number.ok_or_else(|| self.error(Fault::Number { what, found: shown(found), min, max }))
    }

    /// A whole number that fits 16 bits.
    pub fn small(&self, what: &'static str, found: &str, min: u16, max: u16) -> Result<u16, ReadError> {
        let number = self.number(what, found, u32::from(min), u32::from(max))?;
        Ok(u16::try_from(number).unwrap_or(max))
    }

    /// Refuses a least that is more than its most.
    pub fn ordered(&self, what: &'static str, min: u32, max: u32) -> Result<(), ReadError> {
        if min <= max { Ok(()) } else { Err(self.error(Fault::Order { what, min, max })) }
    }

    /// An id that survives being written: not empty, no off-day mark, no tabulator, no separator.
    pub fn id(&self, found: &str) -> Result<String, ReadError> {
        let is_odd = |character: char| character.is_control() || matches!(character, '|' | '=' | '#');
        if found.is_empty() || found == "-" || found.len() > ID_BYTES_MAX || found.contains(is_odd) {
            return Err(self.error(Fault::Id(shown(found))));
        }
        Ok(found.to_owned())
    }
}

/// A field as an error repeats it: not longer than a line.
pub fn shown(field: &str) -> String {
    field.chars().take(ID_BYTES_MAX).collect()
}
