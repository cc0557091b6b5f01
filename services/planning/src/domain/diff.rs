//! What a publication changes, person by person.

use std::collections::{BTreeMap, BTreeSet};

use super::shift::{Duty, Kind, Post};

/// What happened to a duty of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    /// Same work at the same time in another place.
    Moved,
    Removed,
}

/// A duty that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub change: Change,
    /// As it is now, or was when it was removed.
    pub duty: Duty,
    /// The shift it was before, when it moved.
    pub previous_shift: Option<String>,
}

/// The changes of the people whose duties changed, by person and day.
pub fn people(before: &[Duty], after: &[Duty]) -> BTreeMap<String, Vec<Changed>> {
    let old: BTreeSet<&Duty> = before.iter().collect();
    let new: BTreeSet<&Duty> = after.iter().collect();
    let mut removed: BTreeMap<Moment<'_>, Vec<&Duty>> = BTreeMap::new();
    for duty in old.difference(&new) {
        removed.entry(moment(duty)).or_default().push(duty);
    }
    let mut changes: BTreeMap<String, Vec<Changed>> = BTreeMap::new();
    let mut add = |change, duty: &Duty, previous_shift| {
        let changed = Changed { change, duty: duty.clone(), previous_shift };
        changes.entry(duty.staff_member.clone()).or_default().push(changed);
    };
    for duty in new.difference(&old) {
        let counterpart = removed.get_mut(&moment(duty)).and_then(Vec::pop);
        let change = if counterpart.is_some() { Change::Moved } else { Change::Added };
        add(change, duty, counterpart.map(|old| old.shift.clone()));
    }
    for duty in removed.into_values().flatten() {
        add(Change::Removed, duty, None);
    }
    for own in changes.values_mut() {
        own.sort_by(|one, other| one.duty.cmp(&other.duty));
    }
    changes
}

/// Who does what when, wherever it is.
type Moment<'d> = (&'d str, calendar::Day, Option<calendar::DayPart>, Kind, Post);

fn moment(duty: &Duty) -> Moment<'_> {
    (&duty.staff_member, duty.day, duty.part, duty.kind, duty.post)
}

#[cfg(test)]
mod tests {
    use calendar::DayPart;

    use super::*;

    fn duty(who: &str, day: &str, room: &str) -> Duty {
        Duty {
            staff_member: who.into(),
            day: day.parse().unwrap(),
            part: Some(DayPart::Morning),
            kind: Kind::Theatre,
            post: Post::Performer,
            shift: format!("{day}-{room}"),
            site: "main".into(),
            sector: "septic".into(),
            room: room.into(),
        }
    }

    #[test]
    fn only_those_concerned_are_named() {
        let before =
            [duty("a", "2026-12-01", "1"), duty("b", "2026-12-01", "2"), duty("c", "2026-12-01", "3")];
        let after =
            [duty("a", "2026-12-01", "1"), duty("b", "2026-12-01", "4"), duty("d", "2026-12-01", "3")];
        let changes = people(&before, &after);
        let said: Vec<(&str, Vec<Change>)> = changes
            .iter()
            .map(|(who, own)| (who.as_str(), own.iter().map(|own| own.change).collect()))
            .collect();
        assert_eq!(
            said,
            [("b", vec![Change::Moved]), ("c", vec![Change::Removed]), ("d", vec![Change::Added])]
        );
        let moved = &changes["b"][0];
        assert_eq!(
            (moved.duty.shift.as_str(), moved.previous_shift.as_deref()),
            ("2026-12-01-4", Some("2026-12-01-2"))
        );
        assert!(people(&after, &after).is_empty());
    }
}
