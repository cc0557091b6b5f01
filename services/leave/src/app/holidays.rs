//! Public holidays are computed, school holidays imported; both are listed.

use calendar::{Day, DayRange, holiday::Region};
use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, audit::Change, page::Page};
use proto::error::v1::Reason;

use super::{App, permissions::POLICY};
use crate::domain::holiday::{self, Holiday};

/// The columns of a file of school holidays.
const COLUMNS: [&str; 4] = ["name", "first_date", "last_date", "zone"];

/// The largest file.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// The most violations that one answer lists.
const VIOLATIONS_MAX: usize = 100;

// === impl App ===

impl App {
    /// A page of holidays that touch a range, by first day.
    pub async fn list_holidays(
        &self,
        ctx: &Ctx,
        hospital: &str,
        range: Result<DayRange, Problem>,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<Holiday>, String), Problem> {
        POLICY.authorize(ctx, "holidays.read", Target::hospital(hospital))?;
        let range = range?;
        let page = Page::of(page_size, page_token, &[hospital, &range.to_string()])?;
        let mut rows = self.store.holidays_page(&self.store.db().fresh(ctx), hospital, range, &page).await?;
        let token = page.next(&mut rows, |holiday| format!("{}/{}", holiday.days.first(), holiday.id));
        Ok((rows, token))
    }

    /// Writes the public holidays of some years; answers all of them and how many were missing.
    pub async fn load_public_holidays(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (first_year, last_year): (i32, i32),
        region: Region,
        once: Once,
    ) -> Result<(Vec<Holiday>, u32), Problem> {
        POLICY.authorize(ctx, "holidays.write", Target::hospital(hospital))?;
        let mut violations = Vec::new();
        if !(2000..=2100).contains(&first_year) {
            violations.push(Violation::new("first_year", format!("expected 2000 to 2100, got {first_year}")));
        }
        if !(first_year..=first_year.saturating_add(10)).contains(&last_year) {
            let text = format!("expected the first year or up to 10 later, got {last_year}");
            violations.push(Violation::new("last_year", text));
        }
        if !violations.is_empty() {
            return Err(Problem::invalid(violations));
        }
        let holidays: Vec<Holiday> =
            (first_year..=last_year).flat_map(|year| holiday::public(year, region)).collect();
        let tx = self.store.db().begin(ctx).await?;
        if let Some(created) = once.replay(&tx).await? {
            return Ok((holidays, created));
        }
        let created = self.store.add_holidays(&tx, hospital, &holidays).await?;
        tx.audit(written(hospital, "holidays.load", created));
        once.record(&tx, &created).await?;
        tx.commit().await?;
        Ok((holidays, created))
    }

    /// Writes the school holidays of a file: all lines or none. Answers how many were new and how many known.
    pub async fn import_school_holidays(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (file_name, content): (&str, &[u8]),
        validate_only: bool,
        once: Once,
    ) -> Result<(u32, u32), Problem> {
        POLICY.authorize(ctx, "holidays.write", Target::hospital(hospital))?;
        let file_name = if file_name.is_empty() { "holidays.csv" } else { file_name };
        let holidays = read_file(file_name, content)?;
        let tx = self.store.db().begin(ctx).await?;
        if let Some(counts) = once.replay(&tx).await? {
            return Ok(counts);
        }
        let created = self.store.add_holidays(&tx, hospital, &holidays).await?;
        let known = u32::try_from(holidays.len()).unwrap_or(u32::MAX).saturating_sub(created);
        if !validate_only {
            tx.audit(written(hospital, "holidays.import", created));
            once.record(&tx, &(created, known)).await?;
            tx.commit().await?;
        }
        Ok((created, known))
    }
}

/// The line of holidays that were written.
fn written(hospital: &str, action: &str, count: u32) -> Change {
    Change::of(hospital, action, format!("hospitals/{hospital}")).value("created", "", &count.to_string())
}

/// Reads a file; every bad cell is a violation that names file, line and column.
fn read_file(file_name: &str, content: &[u8]) -> Result<Vec<Holiday>, Problem> {
    let refuse = |violations: Vec<Violation>| Problem::invalid_as(Reason::ImportInvalid, violations);
    let whole = |text: &str| refuse(vec![Violation::new(file_name, text)]);
    if content.len() > FILE_BYTES_MAX {
        return Err(whole("larger than 1 MiB"));
    }
    let text = std::str::from_utf8(content).map_err(|_| whole("not UTF-8"))?.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| whole(&error.to_string()))?.clone();
    let mut violations = header_violations(file_name, &header);
    if !violations.is_empty() {
        return Err(refuse(violations));
    }
    let place = |column: &str| header.iter().position(|name| name == column).unwrap_or(usize::MAX);
    let places = COLUMNS.map(place);
    let mut holidays = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| whole(&error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = places.map(|place| record.get(place).unwrap_or_default());
        match read_line(cells) {
            Ok(holiday) => holidays.push(holiday),
            Err(bad) => {
                violations.extend(bad.into_iter().map(|(column, expected)| {
                    Violation::new(format!("{file_name}:{line}:{column}"), expected)
                }))
            }
        }
        if violations.len() >= VIOLATIONS_MAX {
            break;
        }
    }
    if violations.is_empty() { Ok(holidays) } else { Err(refuse(violations)) }
}

fn header_violations(file_name: &str, header: &csv::StringRecord) -> Vec<Violation> {
    let missing = COLUMNS.iter().filter(|column| !header.iter().any(|name| name == **column));
    let missing =
        missing.map(|column| Violation::new(format!("{file_name}:1:{column}"), "the column is missing"));
    let unknown = header.iter().filter(|name| !COLUMNS.contains(name)).map(|name| {
        let text = format!("the column is unknown; expected {}", COLUMNS.join(", "));
        Violation::new(format!("{file_name}:1:{name}"), text)
    });
    missing.chain(unknown).collect()
}

/// The holiday of a line, or each bad cell with what was expected.
fn read_line([name, first, last, zone]: [&str; 4]) -> Result<Holiday, Vec<(&'static str, String)>> {
    let mut bad = Vec::new();
    if name.is_empty() || name.chars().count() > 100 {
        bad.push(("name", format!("expected 1 to 100 characters, got `{name}`")));
    }
    let date = |text: &str| text.parse::<Day>().ok();
    let (first_day, last_day) = (date(first), date(last));
    for (column, text, day) in [("first_date", first, first_day), ("last_date", last, last_day)] {
        if day.is_none() {
            bad.push((column, format!("expected a date like 2026-10-17, got `{text}`")));
        }
    }
    let zone = zone.to_uppercase();
    if !matches!(zone.as_str(), "A" | "B" | "C") {
        bad.push(("zone", format!("expected A, B or C, got `{zone}`")));
    }
    let days = first_day.zip(last_day).map(|(first, last)| DayRange::new(first, last));
    match days {
        Some(Err(_)) => bad.push(("last_date", format!("expected a day not before {first}, got `{last}`"))),
        Some(Ok(days)) if bad.is_empty() => return Ok(holiday::school(name.to_owned(), days, &zone)),
        _ => {}
    }
    Err(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_delimiters_are_read_and_columns_may_come_in_any_order() {
        let commas = "name,first_date,last_date,zone\nToussaint,2026-10-17,2026-11-01,A\n";
        let semicolons = "\u{feff}zone;name;first_date;last_date\na;Toussaint;2026-10-17;2026-11-01\n";
        assert_eq!(
            read_file("f", commas.as_bytes()).unwrap(),
            read_file("f", semicolons.as_bytes()).unwrap()
        );
    }

    #[test]
    fn each_bad_cell_is_named_with_its_line_and_column() {
        let file = "name,first_date,last_date,zone\nNoël,2026-12-19,2027-01-03,D\n,soon,2026-01-01,A\nHiver,2027-02-20,2027-02-01,B\n";
        let problem = read_file("holidays.csv", file.as_bytes()).unwrap_err();
        assert_eq!(problem.reason(), Reason::ImportInvalid);
        let status = tonic::Status::from(problem);
        let details = tonic_types::StatusExt::get_error_details(&status);
        let fields: Vec<_> = details
            .bad_request()
            .unwrap()
            .field_violations
            .iter()
            .map(|violation| violation.field.clone())
            .collect();
        let expected =
            ["2:zone", "3:name", "3:first_date", "4:last_date"].map(|cell| format!("holidays.csv:{cell}"));
        assert_eq!(fields, expected);
    }

    #[test]
    fn unknown_and_missing_columns_are_refused() {
        assert!(read_file("f", b"name,first_date,last_date,zone,color\n").is_err());
        assert!(read_file("f", b"name,first_date,zone\n").is_err());
        assert!(read_file("f", b"").is_err());
    }
}
