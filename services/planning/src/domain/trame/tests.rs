//! What a trame file may say, and how each wrong cell is named.

use super::*;
use crate::domain::snapshot::{Specialty, Surgeon};

fn facts() -> Snapshot {
    let room = |number: &str, is_closed| Room {
        site: "main".into(),
        sector: "septic".into(),
        id: format!("room-{number}"),
        number: number.into(),
        is_closed,
        is_operating: true,
        is_hidden: false,
        rooms_per_supervisor_max: 0,
        specialties: vec![],
        neighbors: vec![],
    };
    let surgeon = |id: &str, spelling: &str, is_active| Surgeon {
        id: id.into(),
        spellings: vec![spelling.into()],
        is_active,
        specialties: vec![],
    };
    Snapshot {
        rooms: vec![room("1", false), room("2", true)],
        surgeons: vec![surgeon("s1", "Anaïs DUPRÉ", true), surgeon("s2", "Gone", false)],
        specialties: vec![Specialty {
            id: "urology".into(),
            spellings: vec!["Urologie".into()],
            is_pediatric: false,
        }],
        ..Snapshot::default()
    }
}

const HEADER: &str = "weekday;week_parity;day_part;site;room;surgeon;specialty;date\n";

fn read_lines(lines: &str) -> Result<Pattern, Vec<Cell>> {
    read(format!("{HEADER}{lines}").as_bytes(), &facts())
}

#[test]
fn a_good_file_is_read_with_its_exceptions() {
    let pattern = read_lines(
        "1;EVEN;MORNING;main;1;anais dupre;urologie;\n1;odd;morning;main;1;s1;;\n\n;;AFTERNOON;main;1;;;2026-12-07\n",
    )
    .unwrap();
    assert_eq!(pattern.slots.len(), 2);
    assert_eq!(pattern.slots[0].surgeon, "s1");
    assert_eq!(pattern.slots[0].specialty, "urology");
    assert_eq!(pattern.exceptions.len(), 1);
    assert!(pattern.exceptions[0].surgeon.is_empty());
}

#[test]
fn each_wrong_cell_is_named_by_line_and_column() {
    for (line, column) in [
        ("8;;MORNING;main;1;s1;;", "weekday"),
        ("1;SOME;MORNING;main;1;s1;;", "week_parity"),
        ("1;;NOON;main;1;s1;;", "day_part"),
        ("1;;MORNING;moon;1;s1;;", "site"),
        ("1;;MORNING;main;9;s1;;", "room"),
        ("1;;MORNING;main;2;s1;;", "room"),
        ("1;;MORNING;main;1;nobody;;", "surgeon"),
        ("1;;MORNING;main;1;Gone;;", "surgeon"),
        ("1;;MORNING;main;1;;;", "surgeon"),
        ("1;;MORNING;main;1;s1;alchemy;", "specialty"),
        (";;MORNING;main;1;s1;;2026-02-30", "date"),
        ("2;;MORNING;main;1;s1;;2026-12-07", "weekday"),
    ] {
        let wrong = read_lines(&format!("1;;AFTERNOON;main;1;s1;;\n{line}\n")).unwrap_err();
        assert_eq!((wrong[0].line, wrong[0].column.as_str()), (3, column), "{line}: {wrong:?}");
    }
}

#[test]
fn all_wrong_cells_are_named_at_once() {
    let wrong =
        read_lines("8;;NOON;main;2;nobody;;\n1;;MORNING;main;1;s1;;\n1;;MORNING;main;1;s1;;\n").unwrap_err();
    let cells: Vec<(u64, &str)> = wrong.iter().map(|cell| (cell.line, cell.column.as_str())).collect();
    assert_eq!(cells, [(2, "weekday"), (2, "day_part"), (2, "room"), (2, "surgeon"), (4, "room")]);
}

#[test]
fn a_header_must_have_the_known_columns() {
    let wrong = read(b"weekday,day_part,site,room,color\n", &facts()).unwrap_err();
    let columns: Vec<&str> = wrong.iter().map(|cell| cell.column.as_str()).collect();
    assert_eq!(columns, ["color", "surgeon"]);
    assert_eq!(read(b"\xff\xfe", &facts()).unwrap_err().len(), 1);
    assert_eq!(read(HEADER.as_bytes(), &facts()).unwrap_err().len(), 1);
}
