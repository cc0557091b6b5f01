//! Comma-separated values, of which the comma is seldom one.

use std::{borrow::Cow, sync::Arc};

use encoding_rs::WINDOWS_1252;

use super::{Encoding, Format, Line, Refusal, is_formula};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What may stand between two cells; the first is taken where none does.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// How the file was saved: what is no UTF-8 is Windows-1252, in which every byte means something.
pub(super) fn format(content: &[u8]) -> Format {
    let encoding = match content.strip_prefix(BOM) {
        Some(text) if std::str::from_utf8(text).is_ok() => Encoding::Utf8Bom,
        None if std::str::from_utf8(content).is_ok() => Encoding::Utf8,
        _ => Encoding::Windows1252,
    };
    Format::Csv { encoding, separator: separator(content) }
}

/// What stands most often in the first line, outside quotes.
fn separator(content: &[u8]) -> char {
    let mut counts = [0; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in content {
        match char::from(*byte) {
            '"' => is_quoted = !is_quoted,
            '\n' if !is_quoted => break,
            character if !is_quoted => {
                if let Some(place) = SEPARATORS.iter().position(|separator| *separator == character) {
                    counts[place] += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let place = counts.iter().position(|count| *count == most).unwrap_or_default();
    SEPARATORS[place]
}

/// Reads line by line.
pub(super) fn read(
    content: &Arc<[u8]>,
    encoding: Encoding,
    separator: char,
    each: &mut dyn FnMut(Line) -> Result<bool, Refusal>,
) -> Result<(), Refusal> {
    let bytes = content.strip_prefix(BOM).unwrap_or(content);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator as u8)
        .flexible(true)
        .has_headers(false)
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    loop {
        let position = reader.position().line();
        let damaged = |_| Refusal { line: position, expected: "separated values".to_owned() };
        if !reader.read_byte_record(&mut record).map_err(damaged)? {
            return Ok(());
        }
        let number = record.position().map_or(position, csv::Position::line);
        let mut line = Line { number, cells: Vec::with_capacity(record.len()), formulas: vec![] };
        for (place, cell) in record.iter().enumerate() {
            let cell = text(cell, encoding)
                .ok_or_else(|| Refusal { line: number, expected: "a file in UTF-8".to_owned() })?;
            let cell = cell.trim();
            if is_formula(cell) {
                line.formulas.push(place);
            }
            line.cells.push(cell.to_owned());
        }
        if !each(line)? {
            return Ok(());
        }
    }
}

fn text(cell: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => std::str::from_utf8(cell).ok().map(Cow::Borrowed),
        Encoding::Windows1252 => Some(WINDOWS_1252.decode_without_bom_handling(cell).0),
    }
}
