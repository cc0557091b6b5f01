use proptest::prelude::*;
use roster::{
    Evaluator, Problem, Roster,
    problem::{Availability, DayIx, PersonIx, ShiftIx, Weekday},
};

use super::*;

/// Two weeks of three people and two types of shift, written for this test.
const TINY: &str = "# a comment\n\
    SECTION_HORIZON\n14\n\n\
    SECTION_SHIFTS\n# early may not follow late\nE,480,\nL,600,E|L\n\n\
    SECTION_STAFF\n\
    anna,E=14|L=3,4320,1440,5,2,2,1\n\
    bert,E=10,4800,0,5,2,3,2\n\
    cleo,E=14|L=14,3000,0,4,1,1,1\n\n\
    SECTION_DAYS_OFF\nanna,3,4\ncleo,13\n\n\
    SECTION_SHIFT_ON_REQUESTS\nanna,0,E,2\n\n\
    SECTION_SHIFT_OFF_REQUESTS\nbert,2,L,3\n\n\
    SECTION_COVER\n0,E,2,100,1\n1,L,1,50,2\n";

fn fault(text: &str) -> (usize, Fault) {
    let error = read(text).unwrap_err();
    (error.line, error.fault)
}

/// The tiny text with one line (from 1) replaced.
fn with(line: usize, text: &str) -> String {
    let mut lines: Vec<_> = TINY.lines().collect();
    lines[line - 1] = text;
    lines.join("\n")
}

#[test]
fn an_instance_becomes_a_sound_draft() {
    let draft = read(TINY).unwrap();
    assert_eq!((draft.days.len(), draft.people.len(), draft.slots.len()), (14, 3, 0));
    assert_eq!(draft.days[0].weekday, Weekday::Monday);
    let shifts = &draft.shifts;
    assert_eq!(shifts.types[0].forbidden_next, []);
    assert_eq!(shifts.types[1].forbidden_next, [ShiftIx(0), ShiftIx(1)]);
    let limits: Vec<_> = shifts.limits.iter().flatten().collect();
    assert_eq!((limits[0].minutes_max, limits[0].minutes_min), (4_320, 1_440));
    assert_eq!((limits[1].stretch_max, limits[1].stretch_min), (5, 2));
    assert_eq!((limits[1].rest_min, limits[1].weekends_max), (3, 2));
    assert_eq!(limits[0].most, [14, 3]);
    assert_eq!(limits[1].most, [10, 14], "a type that is not named has no limit but the days");
    let off =
        |person: usize, day: usize| draft.people[person].availability[day * 2] == Availability::Unavailable;
    assert!(off(0, 3) && off(0, 4) && off(2, 13) && !off(1, 3));
    let wishes: Vec<_> =
        shifts.wishes.iter().map(|wish| (wish.person, wish.is_wanted, wish.weight)).collect();
    assert_eq!(wishes, [(PersonIx(0), true, 2), (PersonIx(1), false, 3)]);
    let covers: Vec<_> = shifts.covers.iter().map(|own| (own.day, own.required, own.under_weight)).collect();
    assert_eq!(covers, [(DayIx(0), 2, 100), (DayIx(1), 1, 50)]);
    Problem::build(draft).unwrap();
}

#[test]
fn the_longest_horizon_has_whole_weeks_and_goes_over_the_new_year() {
    let draft = read(&with(3, "400")).unwrap();
    let weeks: Vec<_> = draft.days.iter().map(|day| day.iso_week).collect();
    assert_eq!((weeks[0], weeks[6], weeks[7], weeks[364]), (202_901, 202_901, 202_902, 203_001));
    Problem::build(draft).unwrap();
}

#[test]
fn sections_may_come_in_any_order_and_lines_may_end_like_elsewhere() {
    let turned = TINY.split("SECTION_").skip(1).collect::<Vec<_>>();
    let turned: String = turned.iter().rev().map(|section| format!("SECTION_{section}")).collect();
    assert_eq!(read(&turned.replace('\n', "\r\n")).unwrap(), read(TINY).unwrap());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let number = |what, found: &str, min, max| Fault::Number { what, found: found.to_owned(), min, max };
    let unknown = |what, id: &str| Fault::Unknown { what, id: id.to_owned() };
    let cases = [
        (with(2, "14"), 2, Fault::OutsideSection),
        (with(2, "SECTION_WEATHER"), 2, Fault::UnknownSection("SECTION_WEATHER".to_owned())),
        (with(3, "0"), 3, number("a number of days", "0", 1, 400)),
        (with(3, "-1"), 3, number("a number of days", "-1", 1, 400)),
        (with(3, "14\n15"), 4, Fault::Twice { what: "section", id: "SECTION_HORIZON".to_owned() }),
        (with(3, ""), 27, Fault::Missing("SECTION_HORIZON")),
        (with(7, "E"), 7, Fault::Fields { expected: 3, found: 1 }),
        (with(7, "-,480,"), 7, Fault::Id("-".to_owned())),
        (with(8, "L,600,E|N"), 8, unknown("shift", "N")),
        (with(8, "E,600,"), 8, Fault::Twice { what: "shift", id: "E".to_owned() }),
        (with(8, "L,9999999999,"), 8, number("minutes", "9999999999", 1, 1_440)),
        (with(11, "anna,E=14"), 11, Fault::Fields { expected: 8, found: 2 }),
        (with(11, "anna,E14,1,0,5,2,2,1"), 11, Fault::Most("E14".to_owned())),
        (with(12, "bert,,100,200,5,2,2,1"), 12, Fault::Order { what: "minutes", min: 200, max: 100 }),
        (with(12, "bert,,100,0,5,6,2,1"), 12, Fault::Order { what: "days in a row", min: 6, max: 5 }),
        (with(12, "anna,E=1,1,0,5,2,2,1"), 12, Fault::Twice { what: "employee", id: "anna".to_owned() }),
        (with(16, "dora,3"), 16, unknown("employee", "dora")),
        (with(17, "cleo,14"), 17, number("a day", "14", 0, 13)),
        (with(20, "anna,0,X,2"), 20, unknown("shift", "X")),
        (with(23, "bert,2,L,1.5"), 23, number("a weight", "1.5", 0, WEIGHT_MAX)),
        (with(26, "0,E,2,100"), 26, Fault::Fields { expected: 5, found: 4 }),
        (with(27, "0,E,2,100,1"), 27, Fault::Twice { what: "cover of", id: "0,E".to_owned() }),
    ];
    for (text, line, expected) in cases {
        assert_eq!(fault(&text), (line, expected));
    }
    assert_eq!(fault("").1, Fault::Missing("SECTION_HORIZON"));
}

#[test]
fn sizes_have_limits() {
    let people: String = (0..CELLS_MAX / (400 * 61) + 1).map(|at| format!("p{at},,1,0,1,1,1,1\n")).collect();
    let types: String = (0..60).map(|at| format!("s{at},60,\n")).collect();
    let text = format!("SECTION_HORIZON\n400\nSECTION_SHIFTS\n{types}SECTION_STAFF\n{people}");
    assert_eq!(fault(&text).1, Fault::TooMany { what: "people", limit: CELLS_MAX / (400 * 61) });
    let types: String = (0..64).map(|at| format!("s{at},60,\n")).collect();
    let text = format!("SECTION_HORIZON\n7\nSECTION_SHIFTS\n{types}SECTION_STAFF\np,,1,0,1,1,1,1\n");
    assert_eq!(fault(&text).1, Fault::TooMany { what: "types of shift", limit: 63 });
    assert_eq!(fault(&" ".repeat(BYTES_MAX + 1)).1, Fault::TooLong(BYTES_MAX + 1));
}

#[test]
fn a_solution_has_a_line_per_person_in_order() {
    let problem = Problem::build(read(TINY).unwrap()).unwrap();
    let mut roster = Roster::empty(&problem);
    roster.set_shift(PersonIx(0), DayIx(0), 1);
    roster.set_shift(PersonIx(0), DayIx(1), 2);
    roster.set_shift(PersonIx(2), DayIx(13), 2);
    let off = "\t-".repeat(12);
    assert_eq!(write(&problem, &roster), format!("anna\tE\tL{off}\nbert\t-\t-{off}\ncleo\t-{off}\tL\n"));
}

#[test]
fn the_judge_counts_what_the_benchmark_counts() {
    let problem = Problem::build(read(TINY).unwrap()).unwrap();
    let mut judge = Evaluator::new(&problem, &Roster::empty(&problem));
    // Two missing early, one late, one wish not granted.
    assert_eq!(objective(&judge.score()), 200 + 50 + 2);
    assert!(!judge.score().is_feasible(), "anna must work 1440 minutes");
    judge.set_shifts(PersonIx(0), DayIx(0), &[1, 1, 1]);
    assert!(judge.score().is_feasible());
    assert_eq!(objective(&judge.score()), 100 + 50);
}

proptest! {
    /// Bytes changed, removed or repeated anywhere: an error with a line of the text, or a draft that is sound.
    #[test]
    fn whatever_the_text_the_answer_is_an_error_or_a_sound_draft(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..12),
    ) {
        let mut bytes = TINY.as_bytes().to_vec();
        for (place, byte, kind) in edits {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte & 0x7f,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"0123456789,|=-\n"[usize::from(byte) % 15]),
                _ => bytes.extend_from_within(at..),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        match read(&text) {
            Ok(draft) => prop_assert!(Problem::build(draft).is_ok()),
            Err(error) => prop_assert!((1..=text.lines().count().max(1)).contains(&error.line)),
        }
    }
}
