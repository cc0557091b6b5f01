//! CSV as people make it: comma or semicolon, with or without a byte order mark, a header line first.

use std::collections::BTreeMap;

/// The most lines of one file.
const LINES_MAX: usize = 2_000;
/// How much of a wrong value is repeated.
const VALUE_SHOWN: usize = 80;
/// What a second line about the same thing is told.
pub const DOUBLE: &str = "a line that is not in this file before";

/// One file of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, for messages.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A wrong cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFlaw {
    /// Name of the file.
    pub file: String,
    /// Line, from 1; the header is line 1.
    pub line: u64,
    /// Name of the column; empty if the whole line is meant.
    pub column: String,
    /// What was found.
    pub value: String,
    /// What was expected.
    pub expected: String,
}

/// A file, read: one map for each line.
#[derive(Debug)]
pub struct Table {
    /// Name of the file.
    pub name: String,
    /// Line number and cells by column, trimmed.
    pub lines: Vec<(u64, BTreeMap<&'static str, String>)>,
}

impl Table {
    /// Reads a file whose columns are among `known` and hold all of `required`.
    pub fn parse(
        file: &File,
        known: &'static [&'static str],
        required: &[&'static str],
    ) -> Result<Self, Vec<CellFlaw>> {
        let whole =
            |line, value: &str, expected: String| vec![CellFlaw::new(file, line, "", value, expected)];
        let bytes = file.content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.content);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count();
            whole(line as u64, "", "a file in UTF-8".to_owned())
        })?;
        let header = text.lines().next().unwrap_or_default();
        let delimiter = if header.matches(';').count() > header.matches(',').count() { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|_| whole(1, "", "a header line".to_owned()))?.clone();
        let columns = columns(file, &headers, known, required)?;
        let mut lines = vec![];
        let mut flaws = vec![];
        for record in reader.records() {
            let Ok(record) = record else {
                return Err(whole(1, "", "lines of comma-separated values".to_owned()));
            };
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != columns.len() {
                let found = format!("{} cells", record.len());
                flaws.push(CellFlaw::new(file, line, "", &found, format!("{} cells", columns.len())));
                continue;
            }
            lines.push((line, columns.iter().copied().zip(record.iter().map(str::to_owned)).collect()));
            if lines.len() > LINES_MAX {
                return Err(whole(line, "", format!("at most {LINES_MAX} lines")));
            }
        }
        if flaws.is_empty() { Ok(Self { name: file.name.clone(), lines }) } else { Err(flaws) }
    }
}

/// The columns of the header, each known and once, none missing.
fn columns(
    file: &File,
    headers: &csv::StringRecord,
    known: &'static [&'static str],
    required: &[&'static str],
) -> Result<Vec<&'static str>, Vec<CellFlaw>> {
    let mut found: Vec<&'static str> = vec![];
    let mut flaws = vec![];
    for header in headers {
        match known.iter().find(|column| **column == header) {
            Some(column) if found.contains(column) => {
                flaws.push(CellFlaw::new(file, 1, header, header, "each column once"));
            }
            Some(column) => found.push(column),
            None => {
                let expected = format!("one of the columns {}", known.join(", "));
                flaws.push(CellFlaw::new(file, 1, header, header, expected));
            }
        }
    }
    for column in required.iter().filter(|column| !found.contains(column)) {
        flaws.push(CellFlaw::new(file, 1, column, "", format!("a column `{column}`")));
    }
    if flaws.is_empty() { Ok(found) } else { Err(flaws) }
}

impl CellFlaw {
    fn new(file: &File, line: u64, column: &str, value: &str, expected: impl Into<String>) -> Self {
        Self::at(&file.name, line, column, value, expected)
    }

    /// A flaw of one cell.
    pub fn at(file: &str, line: u64, column: &str, value: &str, expected: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            column: column.to_owned(),
            value: value.chars().take(VALUE_SHOWN).collect(),
            expected: expected.into(),
        }
    }

    /// Where it is: `rooms.csv:12:number`.
    pub fn field(&self) -> String {
        let column = if self.column.is_empty() { "*" } else { &self.column };
        format!("{}:{}:{column}", self.file, self.line)
    }

    /// What is wrong: the value, and what was expected.
    pub fn description(&self) -> String {
        format!("value `{}`, expected {}", self.value, self.expected)
    }
}
