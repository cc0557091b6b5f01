//! Published duties as an iCalendar file (RFC 5545): a person's, or those of a place.

use calendar::{
    DayPart,
    working_time::{self, Stretch, TimeOfDay, Zone},
};
use icalendar::{Calendar, Component, Event, EventLike};
use jiff::{Timestamp, tz::TimeZone};

use super::shift::{Duty, Kind, Post};

/// What a person's own calendar is called.
pub const OWN: &str = "Planning d'anesthésie";

/// A duty with what the feed says about it besides.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The duty.
    pub duty: Duty,
    /// Who holds it, as the calendar of several people says it; empty in a person's own.
    pub holder: String,
    /// The room's number, empty outside theatres.
    pub room_number: String,
    /// When it was published, in microseconds.
    pub published: i64,
    /// The revision that published it: calendar programs replace an event of a lower sequence.
    pub revision: i32,
}

/// The file, with its title for calendar programs. The same duties give the same bytes.
pub fn render(hospital: &str, title: &str, entries: &[Entry]) -> String {
    let zone = Zone::paris();
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//Mathildanesth//Planning//FR"));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    calendar.append_property(("METHOD", "PUBLISH"));
    calendar.append_property(("X-WR-CALNAME", title));
    calendar.append_property(("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"));
    for entry in entries {
        calendar.push(event(hospital, entry, &zone));
    }
    calendar.to_string()
}

fn event(hospital: &str, entry: &Entry, zone: &Zone) -> Event {
    let duty = &entry.duty;
    let stretch = hours(duty, zone);
    let uid = format!("{}-{}@{hospital}.mathildanesth", duty.shift, duty.post.code().to_lowercase());
    let mut event = Event::with_uid(&uid);
    event
        .add_property("DTSTAMP", utc(Timestamp::from_microsecond(entry.published).unwrap_or_default()))
        .add_property("DTSTART", utc(stretch.start()))
        .add_property("DTEND", utc(stretch.end()))
        .add_property("SEQUENCE", entry.revision.to_string())
        .add_property("TRANSP", if duty.kind == Kind::Astreinte { "TRANSPARENT" } else { "OPAQUE" })
        .summary(&summary(entry));
    if !duty.site.is_empty() {
        event.location(&duty.site);
    }
    event.done()
}

fn summary(entry: &Entry) -> String {
    let work = work(entry);
    if entry.holder.is_empty() { work } else { format!("{work} : {}", entry.holder) }
}

fn work(entry: &Entry) -> String {
    let duty = &entry.duty;
    match (duty.kind, duty.post) {
        (Kind::Garde, _) => match duty.part {
            None => "Garde".to_owned(),
            Some(DayPart::Morning) => "Garde (jour)".to_owned(),
            Some(DayPart::Afternoon) => "Garde (nuit)".to_owned(),
        },
        (Kind::Astreinte, _) => "Astreinte".to_owned(),
        (Kind::Consultation, _) => "Consultation".to_owned(),
        (Kind::Closing, _) => "Fermeture du bloc".to_owned(),
        (Kind::Volant, _) => "Bloc (volant)".to_owned(),
        (Kind::Theatre, Post::Performer) => format!("Bloc, salle {}", entry.room_number),
        (Kind::Theatre, Post::Supervisor) => format!("Supervision, salle {}", entry.room_number),
    }
}

/// When a duty begins and ends: gardes and astreintes from 08:00 to 08:00, half-days as the hospital keeps them.
pub fn hours(duty: &Duty, zone: &Zone) -> Stretch {
    let time = |hour, minute| TimeOfDay::new(hour, minute).unwrap_or(working_time::DUTY_START);
    let (from, to) = match (duty.kind, duty.part) {
        (Kind::Garde, Some(DayPart::Morning)) => (time(8, 0), time(18, 0)),
        (Kind::Garde, Some(DayPart::Afternoon)) => (time(18, 0), working_time::DUTY_START),
        (Kind::Garde | Kind::Astreinte, _) => return working_time::garde(duty.day, zone),
        (Kind::Closing, _) => (time(18, 0), time(18, 30)),
        (Kind::Consultation, Some(DayPart::Afternoon)) => (time(13, 30), time(17, 30)),
        (Kind::Consultation, _) => (time(9, 0), time(13, 0)),
        (_, Some(DayPart::Afternoon)) => (time(13, 30), time(18, 30)),
        _ => (time(8, 0), time(13, 0)),
    };
    zone.stretch(duty.day, from, to)
}

fn utc(instant: Timestamp) -> String {
    instant.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind, day: &str, part: Option<DayPart>) -> Entry {
        let duty = Duty {
            staff_member: "x".into(),
            day: day.parse().unwrap(),
            part,
            kind,
            post: Post::Performer,
            shift: "0190".into(),
            site: "main".into(),
            sector: String::new(),
            room: String::new(),
        };
        Entry { duty, holder: String::new(), room_number: "12".into(), published: 0, revision: 2 }
    }

    fn own(entry: Entry) -> String {
        render("h", OWN, &[entry])
    }

    #[test]
    fn duties_are_instants_with_stable_ids() {
        let text = own(entry(Kind::Garde, "2026-12-24", None));
        for line in [
            "BEGIN:VCALENDAR",
            "UID:0190-performer@h.mathildanesth",
            "DTSTART:20261224T070000Z",
            "DTEND:20261225T070000Z",
            "SEQUENCE:2",
            "SUMMARY:Garde",
            "END:VCALENDAR",
        ] {
            assert!(text.lines().any(|own| own == line), "{line} is missing in\n{text}");
        }
        assert_eq!(text, own(entry(Kind::Garde, "2026-12-24", None)));
    }

    #[test]
    fn the_calendar_of_several_people_says_who() {
        let several =
            Entry { holder: "A. Aulne, remplaçant".into(), ..entry(Kind::Garde, "2026-12-24", None) };
        let text = render("h", "Site principal", &[several]);
        assert!(text.lines().any(|line| line == "SUMMARY:Garde : A. Aulne\\, remplaçant"), "{text}");
        assert!(text.lines().any(|line| line == "X-WR-CALNAME:Site principal"), "{text}");
    }

    #[test]
    fn scenario_22_a_garde_over_the_change_of_clocks_lasts_25_hours() {
        let text = own(entry(Kind::Garde, "2026-10-24", None));
        assert!(
            text.contains("DTSTART:20261024T060000Z") && text.contains("DTEND:20261025T070000Z"),
            "{text}"
        );
    }

    #[test]
    fn summer_and_winter_half_days_are_told_apart() {
        let winter = own(entry(Kind::Theatre, "2026-12-07", Some(DayPart::Afternoon)));
        let summer = own(entry(Kind::Theatre, "2026-07-06", Some(DayPart::Afternoon)));
        assert!(winter.contains("DTSTART:20261207T123000Z") && summer.contains("DTSTART:20260706T113000Z"));
        assert!(winter.contains("salle 12"));
    }
}
