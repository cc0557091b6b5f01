//! Files as people have them: CSV however it was saved, XLSX. Read line by line, so that memory does not grow with them.
//!
//! What could be more than a value is found and not passed on: a cell that a spreadsheet would run (`=…`), a workbook
//! that unpacks to far more than it is, by what it declares and by what it does.

mod comma;
mod mapping;
mod workbook;

use std::sync::Arc;

pub use mapping::propose;

/// The largest file.
pub const BYTES_MAX: usize = 24 * 1024 * 1024;
/// The most lines.
pub const LINES_MAX: u64 = 200_000;
/// The most columns.
const COLUMNS_MAX: usize = 100;
/// The longest cell, in bytes.
const CELL_MAX: usize = 4_000;
/// How many lines a look shows.
const SAMPLES: usize = 3;

/// How the characters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 that begins with a byte order mark.
    Utf8Bom,
    /// What spreadsheets in western Europe save, a superset of Latin-1.
    Windows1252,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Format {
    /// Separated values.
    Csv {
        /// How characters are written.
        encoding: Encoding,
        /// What stands between two cells.
        separator: char,
    },
    /// A workbook, of which the first sheet is read.
    Xlsx,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// Its cells, trimmed.
    pub cells: Vec<String>,
    /// Which cells a spreadsheet would run.
    pub formulas: Vec<usize>,
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line at which it was found; 0 is the file as such.
    pub line: u64,
    /// What was expected.
    pub expected: String,
}

/// What a file looks like.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Look {
    /// What it is.
    pub format: Format,
    /// Line of the header.
    pub header_line: u64,
    /// The headers.
    pub headers: Vec<String>,
    /// The first lines after it.
    pub samples: Vec<Vec<String>>,
}

/// Looks at the beginning of a file.
///
/// # Errors
/// When it is none that can be read.
pub fn look(content: &Arc<[u8]>) -> Result<Look, Refusal> {
    let format = format(content)?;
    let mut lines: Vec<Line> = vec![];
    read(content, format, &mut |line| {
        lines.push(line);
        lines.len() <= SAMPLES
    })?;
    let mut lines = lines.into_iter();
    let header = lines.next().ok_or_else(|| Refusal::file("a header line"))?;
    let headers = header.cells;
    if headers.iter().all(String::is_empty) {
        return Err(Refusal { line: header.number, expected: "a header line".to_owned() });
    }
    let samples = lines.map(|line| line.cells).collect();
    Ok(Look { format, header_line: header.number, headers, samples })
}

/// Reads a file line by line, the header too, as long as `each` wants more. Empty lines are passed over.
///
/// # Errors
/// When it is damaged or too large, at the line where that was found.
pub fn read(content: &Arc<[u8]>, format: Format, each: &mut dyn FnMut(Line) -> bool) -> Result<(), Refusal> {
    let mut count = 0;
    let mut checked = |line: Line| {
        if line.cells.iter().all(String::is_empty) && line.formulas.is_empty() {
            return Ok(true);
        }
        count += 1;
        if count > LINES_MAX {
            return Err(Refusal { line: line.number, expected: format!("at most {LINES_MAX} lines") });
        }
        if line.cells.len() > COLUMNS_MAX {
            return Err(Refusal { line: line.number, expected: format!("at most {COLUMNS_MAX} columns") });
        }
        if line.cells.iter().any(|cell| cell.len() > CELL_MAX) {
            let expected = format!("cells of at most {CELL_MAX} bytes; a quote may be missing");
            return Err(Refusal { line: line.number, expected });
        }
        Ok(each(line))
    };
    match format {
        Format::Csv { encoding, separator } => comma::read(content, encoding, separator, &mut checked),
        Format::Xlsx => workbook::read(content, &mut checked),
    }
}

fn format(content: &Arc<[u8]>) -> Result<Format, Refusal> {
    if content.len() > BYTES_MAX {
        return Err(Refusal::file(format!("a file of at most {} MiB", BYTES_MAX / 1024 / 1024)));
    }
    if content.starts_with(b"PK\x03\x04") {
        workbook::guard(content)?;
        return Ok(Format::Xlsx);
    }
    if content.contains(&0) {
        return Err(Refusal::file("a CSV or XLSX file"));
    }
    Ok(comma::format(content))
}

/// Whether a spreadsheet would run a cell. A number with its sign is none, and neither is a telephone number.
fn is_formula(cell: &str) -> bool {
    let mut characters = cell.chars();
    match characters.next() {
        Some('=' | '@') => true,
        Some('+' | '-') => {
            let rest = characters.as_str();
            !rest.is_empty() && rest.chars().any(|c| !(c.is_ascii_digit() || " .,-/()".contains(c)))
        }
        _ => false,
    }
}

impl Refusal {
    /// The file as such.
    fn file(expected: impl Into<String>) -> Self {
        Self { line: 0, expected: expected.into() }
    }
}

#[cfg(test)]
mod tests;
