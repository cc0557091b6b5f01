//! XLSX: a zip of XML, hence first of all a question of how much is inside.

use std::{
    io::{Cursor, Read},
    sync::Arc,
};

use calamine::{Data, DataRef, Reader, Xlsx};
use zip::ZipArchive;

use super::{Line, Refusal, is_formula};

/// The most that a workbook may unpack to: a sheet of 200,000 lines of 14 cells, and as much again.
const UNPACKED_MAX: u64 = 256 * 1024 * 1024;
/// The most that its texts may unpack to; they are in memory while it is read.
const TEXTS_MAX: u64 = 48 * 1024 * 1024;
/// The most files in it.
const PARTS_MAX: usize = 1_000;

type Bytes = Cursor<Arc<[u8]>>;

/// Refuses what unpacks to too much: by what it declares, then, as that may be a lie, by unpacking it into nothing.
pub(super) fn guard(content: &Arc<[u8]>) -> Result<(), Refusal> {
    guard_within(content, UNPACKED_MAX, TEXTS_MAX)
}

pub(super) fn guard_within(content: &Arc<[u8]>, unpacked_max: u64, texts_max: u64) -> Result<(), Refusal> {
    let too_large = || {
        let (all, texts) = (unpacked_max / 1024 / 1024, texts_max / 1024 / 1024);
        let expected = format!("a workbook that unpacks to at most {all} MiB, {texts} MiB of them texts");
        Refusal::file(expected)
    };
    let damaged = || Refusal::file("an XLSX file that is not damaged");
    let mut archive = ZipArchive::new(Cursor::new(content.clone())).map_err(|_| damaged())?;
    if archive.len() > PARTS_MAX {
        return Err(Refusal::file(format!("a workbook of at most {PARTS_MAX} parts")));
    }
    let mut declared = 0_u64;
    for place in 0..archive.len() {
        let part = archive.by_index_raw(place).map_err(|_| damaged())?;
        declared = declared.saturating_add(part.size());
    }
    if declared > unpacked_max {
        return Err(too_large());
    }
    let mut actual = 0_u64;
    let mut buffer = vec![0; 64 * 1024];
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|_| damaged())?;
        let name = part.name().map_err(|_| damaged())?.to_lowercase();
        let are_texts = name.ends_with("sharedstrings.xml");
        let mut own = 0_u64;
        loop {
            let count = part.read(&mut buffer).map_err(|_| damaged())? as u64;
            if count == 0 {
                break;
            }
            own += count;
            actual += count;
            if actual > unpacked_max || are_texts && own > texts_max {
                return Err(too_large());
            }
        }
    }
    Ok(())
}

/// Reads the first sheet line by line.
pub(super) fn read(
    content: &Arc<[u8]>,
    each: &mut dyn FnMut(Line) -> Result<bool, Refusal>,
) -> Result<(), Refusal> {
    let damaged = |line| Refusal { line, expected: "an XLSX file that is not damaged".to_owned() };
    let mut workbook: Xlsx<Bytes> = Xlsx::new(Cursor::new(content.clone())).map_err(|_| damaged(0))?;
    let first = workbook.sheet_names().first().cloned().ok_or_else(|| Refusal::file("a sheet"))?;
    let mut cells = workbook.worksheet_cells_reader(&first).map_err(|_| damaged(0))?;
    let mut line = Line { number: 0, cells: vec![], formulas: vec![] };
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|_| damaged(line.number))? {
        let (row, column) = cell.pos;
        let number = u64::from(row) + 1;
        if number != line.number {
            let done = std::mem::replace(&mut line, Line { number, cells: vec![], formulas: vec![] });
            if done.number > 0 && !each(done)? {
                return Ok(());
            }
        }
        let column = column as usize;
        if column > super::COLUMNS_MAX {
            let expected = format!("at most {} columns", super::COLUMNS_MAX);
            return Err(Refusal { line: number, expected });
        }
        if line.cells.len() <= column {
            line.cells.resize(column + 1, String::new());
        }
        let text = text(&cell.value);
        if cell.formula.is_some() || is_formula(&text) {
            line.formulas.push(column);
        }
        line.cells[column] = text;
    }
    if line.number > 0 {
        each(line)?;
    }
    Ok(())
}

/// A value as a CSV file would have it.
fn text(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::String(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string(),
        Data::Bool(is_so) => is_so.to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.split('T').next().unwrap_or_default().to_owned()
        }
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}
