//! The ledger behind the counters: lines that are added and never changed.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Day;

use super::{counting, shift::Duty};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: String,
    pub staff_member: String,
    /// The counter's id.
    pub counter: String,
    pub day: Day,
    /// In thousandths; negative takes back.
    pub quantity: i64,
    pub source: Source,
    /// Of a publication; empty and 0 for the others.
    pub plan: String,
    pub revision: i32,
    pub shift: String,
    /// Why an adjustment was made.
    pub justification: String,
    /// Id of who adjusted or imported it.
    pub author: String,
    pub create_time: i64,
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Publication,
    Adjustment,
    Import,
}

/// Quantities by person, shift and counter, each with its day.
pub type Tally = BTreeMap<(String, String, String), (Day, i64)>;

/// What duties add. Several rooms at once are one half-day in theatre.
pub fn tally(duties: &[Duty], is_holiday: impl Fn(Day) -> bool) -> Tally {
    let mut tally = Tally::new();
    let mut in_theatre = BTreeSet::new();
    for duty in duties.iter().collect::<BTreeSet<_>>() {
        for counter in counting::of(duty, is_holiday(duty.day)) {
            let half_day = (duty.staff_member.clone(), duty.day, duty.part);
            if counter == counting::THEATRE && !in_theatre.insert(half_day) {
                continue;
            }
            let place = (duty.staff_member.clone(), duty.shift.clone(), counter);
            tally.entry(place).or_insert_with(|| (duty.day, 0)).1 += counting::quantity(duty);
        }
    }
    tally
}

/// What must be added to what the ledger says so that it says what is due. It is compared line by line, not duty by
/// duty: holidays that were loaded since the last publication count from now on, both ways.
pub fn owed(said: Tally, due: Tally) -> Tally {
    let mut owed = said;
    owed.values_mut().for_each(|(_, quantity)| *quantity = -*quantity);
    for (place, (day, quantity)) in due {
        owed.entry(place).or_insert((day, 0)).1 += quantity;
    }
    owed.retain(|_, (_, quantity)| *quantity != 0);
    owed
}

// === impl Source ===

impl Source {
    const ALL: [Source; 3] = [Source::Publication, Source::Adjustment, Source::Import];

    /// As stored. Lines from before there was anything else are publications.
    pub fn code(self) -> &'static str {
        match self {
            Source::Publication => "",
            Source::Adjustment => "ADJUSTMENT",
            Source::Import => "IMPORT",
        }
    }

    pub fn from_code(code: &str) -> Option<Source> {
        Self::ALL.into_iter().find(|own| own.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use calendar::DayPart;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::shift::{Kind, Post};

    fn duties() -> impl Strategy<Value = Vec<Duty>> {
        let duty = (0..4_u8, 0..31_i32, 0..6_usize, any::<bool>(), 0..3_u8);
        let one = duty.prop_map(|(person, day, kind, is_morning, room)| {
            let kind = Kind::ALL[kind];
            let part = if is_morning { DayPart::Morning } else { DayPart::Afternoon };
            let part = (kind.is_half_day() || kind == Kind::Garde && room == 0).then_some(part);
            Duty {
                staff_member: format!("p{person}"),
                day: Day::from_number(Day::new(2026, 12, 1).unwrap().number() + day),
                part,
                kind,
                post: if room == 2 && kind == Kind::Theatre { Post::Supervisor } else { Post::Performer },
                shift: format!("{kind:?}-{day}-{part:?}-{room}"),
                site: "main".into(),
                sector: String::new(),
                room: room.to_string(),
            }
        });
        prop::collection::vec(one, 0..60)
    }

    /// What a ledger says after lines were added to it.
    fn added(mut said: Tally, lines: Tally) -> Tally {
        for (place, (day, quantity)) in lines {
            said.entry(place).or_insert((day, 0)).1 += quantity;
        }
        said.retain(|_, (_, quantity)| *quantity != 0);
        said
    }

    proptest! {
        /// Whatever was published before it, the lines add up to what the last publication counts, and counting again
        /// adds none.
        #[test]
        fn sums_equal_the_lines_of_any_row_of_publications(
            publications in prop::collection::vec((duties(), any::<bool>()), 1..6)
        ) {
            let mut said = Tally::new();
            let mut lines = Vec::new();
            for (duties, is_all_holidays) in &publications {
                let due = tally(duties, |_| *is_all_holidays);
                let new = owed(said.clone(), due.clone());
                lines.extend(new.values().map(|(_, quantity)| *quantity));
                said = added(said, new);
                prop_assert_eq!(&said, &due);
                prop_assert!(owed(said.clone(), due).is_empty());
            }
            let sum: i64 = said.values().map(|(_, quantity)| *quantity).sum();
            prop_assert_eq!(sum, lines.iter().sum::<i64>());
        }

        /// The sum of a counter is the number of assignments times their weight.
        #[test]
        fn a_counter_is_the_number_of_duties_times_their_weight(duties in duties()) {
            let tally = tally(&duties, |_| false);
            let distinct: BTreeSet<&Duty> = duties.iter().filter(|own| own.kind == Kind::Garde).collect();
            let due: i64 = distinct.iter().map(|own| counting::quantity(own)).sum();
            let of = |counter: &str| -> i64 {
                tally.iter().filter(|(place, _)| place.2 == counter).map(|(_, (_, own))| *own).sum()
            };
            prop_assert_eq!(of("gardes"), due);
            let kinds =
                ["weekday", "friday", "saturday", "sunday", "holiday"].map(|kind| of(&format!("gardes-{kind}")));
            prop_assert_eq!(kinds.iter().sum::<i64>(), due, "a garde is of one kind of day");
        }
    }
}
