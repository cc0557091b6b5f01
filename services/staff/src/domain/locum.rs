//! What is particular about locums: they say when they are there, and there is work they are never given.

use calendar::Span;
use serde::{Deserialize, Serialize};

use super::{StaffMember, resource::Flaw};

/// The most stretches of availability somebody declares.
const STRETCHES_MAX: usize = 200;
/// The longest stretch, in half-days.
const STRETCH_MAX: usize = 2 * 366;

/// What somebody on a plan may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Activity {
    /// Gardes.
    Garde,
    /// Astreintes.
    Astreinte,
    /// Consultations.
    Consultation,
    /// Performing in theatre.
    Theatre,
    /// Supervising nurse anesthetists.
    Supervision,
    /// Closing the theatre.
    Closing,
    /// Relieving the others.
    Volant,
}

/// Notes what nobody but a locum may have, and what cannot be.
pub(super) fn check(flaws: &mut Vec<Flaw>, person: &StaffMember) {
    let for_locums = |field: &str| Flaw::new(field, "nothing for whoever is no locum");
    let stretches = &person.availabilities;
    if !person.is_locum && !stretches.is_empty() {
        flaws.push(for_locums("availabilities"));
    }
    if stretches.len() > STRETCHES_MAX {
        flaws.push(Flaw::new("availabilities", format!("at most {STRETCHES_MAX} stretches")));
    }
    if stretches.iter().any(|span| half_days(*span) > STRETCH_MAX) {
        flaws.push(Flaw::new("availabilities", "at most 366 days each"));
    }
    for (field, is_empty, is_repeated) in [
        (
            "excluded_activities",
            person.excluded_activities.is_empty(),
            super::staff_member::has_repeated(person.excluded_activities.iter()),
        ),
        (
            "excluded_specialties",
            person.excluded_specialties.is_empty(),
            super::staff_member::has_repeated(person.excluded_specialties.iter()),
        ),
    ] {
        if !person.is_locum && !is_empty {
            flaws.push(for_locums(field));
        }
        if is_repeated {
            flaws.push(Flaw::new(field, "each at most once"));
        }
    }
}

/// How long a stretch is, whole days counted twice.
fn half_days(span: Span) -> usize {
    usize::try_from(span.last().day - span.first().day + 1).unwrap_or(0) * 2
}

#[cfg(test)]
mod tests {
    use calendar::{DayPart, HalfDay};

    use super::*;

    fn span(first: &str, last: &str) -> Span {
        let half = |day: &str, part| HalfDay::new(day.parse().unwrap(), part);
        Span::new(half(first, DayPart::Morning), half(last, DayPart::Afternoon)).unwrap()
    }

    fn fields(person: &StaffMember) -> Vec<String> {
        let mut flaws = vec![];
        check(&mut flaws, person);
        flaws.into_iter().map(|flaw| flaw.field).collect()
    }

    #[test]
    fn only_locums_declare_days_and_are_kept_from_work() {
        let mut person = StaffMember {
            availabilities: vec![span("2027-01-04", "2027-01-08")],
            excluded_activities: vec![Activity::Garde],
            excluded_specialties: vec!["urology".into()],
            ..StaffMember::default()
        };
        assert_eq!(fields(&person), ["availabilities", "excluded_activities", "excluded_specialties"]);
        person.is_locum = true;
        assert!(fields(&person).is_empty());
    }

    #[test]
    fn what_is_too_long_too_many_or_twice_is_noted() {
        let person = StaffMember {
            is_locum: true,
            availabilities: vec![span("2027-01-01", "2028-01-02"); 201],
            excluded_activities: vec![Activity::Garde, Activity::Garde],
            ..StaffMember::default()
        };
        assert_eq!(fields(&person), ["availabilities", "availabilities", "excluded_activities"]);
    }
}
