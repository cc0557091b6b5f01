//! The copy on paper: a page a site with a table a month, to be printed, and a page that leads to everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use calendar::{Day, DayPart, Month, Weekday, working_time::Zone};
use jiff::Timestamp;
use planning::calendar_file::{Entry, Kind, Post};

use super::published::Published;

const COLUMNS: [&str; 7] =
    ["Jour", "Garde", "Astreinte", "Consultations", "Bloc matin", "Bloc après-midi", "Fermeture, volants"];

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

const STYLE: &str = "body{font:9pt sans-serif}table{border-collapse:collapse;width:100%}\
th,td{border:1px solid #000;padding:2px;text-align:left;vertical-align:top}tr{break-inside:avoid}\
.rest{background:#ddd}h2{break-before:page}thead{display:table-header-group}@page{size:A4 landscape;margin:8mm}";

/// A moment as people in mainland France write it.
pub fn moment(instant: Timestamp) -> String {
    let zone = Zone::paris();
    let minutes = zone.time_at(instant).minutes();
    format!("{} à {:02}:{:02}", date(zone.day_at(instant)), minutes / 60, minutes % 60)
}

/// The page of a site; `copied` says when the copy was made.
pub fn site(label: &str, months: [Month; 2], entries: &[Entry], copied: &str) -> String {
    let mut page = head(&format!("Planning d'anesthésie, {label}"), copied);
    let publications: BTreeSet<(i64, i32)> =
        entries.iter().map(|entry| (entry.published, entry.revision)).collect();
    for (published, revision) in publications {
        let published = moment(Timestamp::from_microsecond(published).unwrap_or_default());
        let _ = writeln!(page, "<p>Révision {revision}, publiée le {published}.</p>");
    }
    for month in months {
        table(&mut page, month, entries);
    }
    page
}

/// The page that leads to all others.
pub fn index(published: &Published, copied: &str) -> String {
    let mut page = head("Planning d'anesthésie : copie de secours", copied);
    page.push_str("<h3>Par site</h3>\n<ul>\n");
    for (id, label) in &published.sites {
        let label = escape(label);
        let _ = writeln!(
            page,
            "<li>{label} : <a href=\"sites/{id}.html\">à imprimer</a>, <a href=\"sites/{id}.ics\">calendrier</a></li>"
        );
    }
    page.push_str("</ul>\n<h3>Par personne</h3>\n<ul>\n");
    for (id, label) in published.people_on_duty() {
        let _ = writeln!(page, "<li><a href=\"people/{id}.ics\">{}</a></li>", escape(label));
    }
    page.push_str("</ul>\n");
    page
}

fn head(title: &str, copied: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"fr\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n<p><strong>Copie du {copied}.</strong> \
         Ce qui a été changé depuis n'y est pas : voir la feuille des modifications.</p>\n"
    )
}

fn table(page: &mut String, month: Month, entries: &[Entry]) {
    let mut days: BTreeMap<Day, Vec<&Entry>> = month.days().map(|day| (day, vec![])).collect();
    for entry in entries {
        if let Some(own) = days.get_mut(&entry.duty.day) {
            own.push(entry);
        }
    }
    let name = usize::try_from(month.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    let _ = writeln!(page, "<h2>{name} {}</h2>\n<table>\n<thead><tr>", month.year());
    for column in COLUMNS {
        let _ = write!(page, "<th>{column}</th>");
    }
    page.push_str("</tr></thead>\n");
    for (day, mut own) in days {
        own.sort_by_key(|entry| (entry.room_number.len(), &entry.room_number, entry.duty.post));
        let class = if day.is_weekend() { " class=\"rest\"" } else { "" };
        let _ = write!(page, "<tr{class}><th>{} {}</th>", weekday(day.weekday()), date(day));
        for column in 1..COLUMNS.len() {
            let lines =
                own.iter().filter(|entry| column_of(entry) == column).map(|entry| escape(&line(entry)));
            let _ = write!(page, "<td>{}</td>", lines.collect::<Vec<_>>().join("<br>"));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table>\n");
}

/// Where a duty stands in its day's row.
fn column_of(entry: &Entry) -> usize {
    match (entry.duty.kind, entry.duty.part) {
        (Kind::Garde, _) => 1,
        (Kind::Astreinte, _) => 2,
        (Kind::Consultation, _) => 3,
        (Kind::Theatre, Some(DayPart::Afternoon)) => 5,
        (Kind::Theatre, _) => 4,
        (Kind::Closing | Kind::Volant, _) => 6,
    }
}

/// A duty in its cell: what its column does not say, then who.
fn line(entry: &Entry) -> String {
    let duty = &entry.duty;
    let half = match duty.part {
        None => "",
        Some(DayPart::Morning) => "matin",
        Some(DayPart::Afternoon) => "après-midi",
    };
    let what = match (duty.kind, duty.part) {
        (Kind::Garde, Some(DayPart::Morning)) => "jour".to_owned(),
        (Kind::Garde, Some(DayPart::Afternoon)) => "nuit".to_owned(),
        (Kind::Garde | Kind::Astreinte, _) => String::new(),
        (Kind::Consultation, _) => half.to_owned(),
        (Kind::Theatre, _) if duty.post == Post::Supervisor => format!("{} (supervision)", entry.room_number),
        (Kind::Theatre, _) => entry.room_number.clone(),
        (Kind::Closing, _) => "fermeture".to_owned(),
        (Kind::Volant, _) => format!("volant {half}"),
    };
    if what.is_empty() { entry.holder.clone() } else { format!("{what} : {}", entry.holder) }
}

fn date(day: Day) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "lundi",
        Weekday::Tuesday => "mardi",
        Weekday::Wednesday => "mercredi",
        Weekday::Thursday => "jeudi",
        Weekday::Friday => "vendredi",
        Weekday::Saturday => "samedi",
        Weekday::Sunday => "dimanche",
    }
}

/// Text that a page shows as it is.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use planning::calendar_file::Duty;

    use super::*;

    fn entry(kind: Kind, part: Option<DayPart>, post: Post, room_number: &str, holder: &str) -> Entry {
        let duty = Duty {
            staff_member: "x".into(),
            day: "2026-12-24".parse().unwrap(),
            part,
            kind,
            post,
            shift: "0190".into(),
            site: "main".into(),
            sector: String::new(),
            room: String::new(),
        };
        Entry { duty, holder: holder.into(), room_number: room_number.into(), published: 0, revision: 2 }
    }

    fn page(entries: &[Entry]) -> String {
        let month: Month = "2026-12".parse().unwrap();
        site("Site <principal>", [month, month.next()], entries, "24/12/2026 à 03:10")
    }

    #[test]
    fn a_day_is_a_row_and_each_duty_stands_in_its_column() {
        let morning = Some(DayPart::Morning);
        let page = page(&[
            entry(Kind::Garde, None, Post::Performer, "", "A. Aulne"),
            entry(Kind::Theatre, morning, Post::Performer, "12", "C. Cèdre"),
            entry(Kind::Theatre, morning, Post::Supervisor, "2", "B. Bouleau"),
        ]);
        let row = page.lines().find(|line| line.contains("jeudi 24/12/2026")).unwrap();
        let cells: Vec<&str> = row.split("<td>").collect();
        assert_eq!(cells[1], "A. Aulne</td>");
        assert_eq!(cells[4], "2 (supervision) : B. Bouleau<br>12 : C. Cèdre</td>");
        assert_eq!(page.matches("<tr").count(), 31 + 31 + 2, "a row a day, and two heads");
    }

    #[test]
    fn a_page_says_its_age_and_shows_text_as_text() {
        let page = page(&[entry(Kind::Astreinte, None, Post::Performer, "", "A. <b>")]);
        for part in ["Copie du 24/12/2026 à 03:10", "Révision 2", "Site &lt;principal&gt;", "A. &lt;b&gt;"]
        {
            assert!(page.contains(part), "{part} is missing");
        }
    }

    #[test]
    fn a_moment_is_told_by_the_clocks_of_mainland_france() {
        assert_eq!(moment("2026-07-14T21:59:00Z".parse().unwrap()), "14/07/2026 à 23:59");
        assert_eq!(moment("2026-12-31T23:30:00Z".parse().unwrap()), "01/01/2027 à 00:30");
    }
}
