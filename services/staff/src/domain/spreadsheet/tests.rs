use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::domain::import::FileKind;

fn bytes(content: &[u8]) -> Arc<[u8]> {
    content.into()
}

fn all(content: &[u8]) -> Result<Vec<Line>, Refusal> {
    let content = bytes(content);
    let format = format(&content)?;
    let mut lines = vec![];
    read(&content, format, &mut |line| {
        lines.push(line);
        true
    })?;
    Ok(lines)
}

/// A workbook of one sheet whose XML is this.
fn workbook(sheet: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    let parts = [
        (
            "[Content_Types].xml",
            r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Personnel" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

#[test]
fn a_file_is_read_however_it_was_saved() {
    for (content, encoding, separator) in [
        ("Nom;Prénom\nMétayer;Zoé\n".as_bytes().to_vec(), Encoding::Utf8, ';'),
        ("\u{feff}Nom,Prénom\nMétayer,Zoé\n".as_bytes().to_vec(), Encoding::Utf8Bom, ','),
        (b"Nom;Pr\xe9nom\nM\xe9tayer;Zo\xe9\n".to_vec(), Encoding::Windows1252, ';'),
        ("Nom\tPrénom\r\nMétayer\tZoé\r\n".as_bytes().to_vec(), Encoding::Utf8, '\t'),
        ("\"Nom, entier\";Prénom\nMétayer;Zoé\n".as_bytes().to_vec(), Encoding::Utf8, ';'),
    ] {
        let look = look(&bytes(&content)).unwrap();
        assert_eq!(look.format, Format::Csv { encoding, separator });
        assert_eq!(look.headers[1], "Prénom");
        assert_eq!(look.samples, [["Métayer", "Zoé"]]);
    }
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_found_and_telephone_numbers_are_none() {
    let lines = all(b"a,b\n=cmd|' /C calc'!A0,+33 6 11-22\n-1,@sum\n+cmd,-\n").unwrap();
    let formulas: Vec<_> = lines.iter().map(|line| line.formulas.clone()).collect();
    assert_eq!(formulas, [vec![], vec![0], vec![1], vec![0]]);
}

#[test]
fn a_workbook_is_read_by_its_first_sheet_with_days_and_formulas() {
    let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Nom</t></is></c><c r="C1" t="inlineStr"><is><t>RPPS</t></is></c></row>
        <row r="3"><c r="A3" t="inlineStr"><is><t>Métayer</t></is></c><c r="B3"><f>1+1</f><v>2</v></c><c r="C3"><v>10000000009</v></c></row>"#;
    let content = workbook(&sheet(rows));
    let look = look(&bytes(&content)).unwrap();
    assert_eq!((look.format, look.headers), (Format::Xlsx, vec!["Nom".into(), String::new(), "RPPS".into()]));
    let lines = all(&content).unwrap();
    assert_eq!(lines[1].number, 3);
    assert_eq!(lines[1].cells, ["Métayer", "2", "10000000009"]);
    assert_eq!(lines[1].formulas, [1]);
}

/// The workbook with another size wherever it declares that of its sheet.
fn declaring(content: &[u8], size: usize, other: u32) -> Vec<u8> {
    let size = u32::try_from(size).unwrap().to_le_bytes();
    let mut liar = content.to_vec();
    let places: Vec<usize> = (0..liar.len() - 4).filter(|place| liar[*place..*place + 4] == size).collect();
    assert!(!places.is_empty());
    for place in places {
        liar[place..place + 4].copy_from_slice(&other.to_le_bytes());
    }
    liar
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused_by_what_it_says_and_by_what_it_does() {
    let small = sheet(&" ".repeat(70_001));
    let bomb = declaring(&workbook(&small), small.len(), 2 * 1024 * 1024 * 1024);
    let refusal = look(&bytes(&bomb)).unwrap_err();
    assert!(refusal.expected.contains("unpacks to at most 256 MiB"), "{refusal:?}");
    // What it does, with limits that a test can afford; and with its size denied.
    let large = sheet(&" ".repeat(3 * 1024 * 1024));
    let honest = workbook(&large);
    assert!(honest.len() < 100_000, "small as a file");
    let liar = declaring(&honest, large.len(), 1_000);
    for content in [honest, liar] {
        assert!(workbook::guard_within(&bytes(&content), 1024 * 1024, 1024).is_err());
    }
}

#[test]
fn what_is_no_table_is_refused_with_what_was_expected() {
    for (content, expected) in [
        (b"".to_vec(), "a header line"),
        (b"\n\n".to_vec(), "a header line"),
        (b"\x00\x01\x02".to_vec(), "a CSV or XLSX file"),
        (b"PK\x03\x04broken".to_vec(), "an XLSX file that is not damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00old".to_vec(), "a CSV or XLSX file"),
        (vec![b'x'; BYTES_MAX + 1], "a file of at most 24 MiB"),
    ] {
        assert_eq!(look(&bytes(&content)).unwrap_err().expected, expected);
    }
    let unclosed = format!("a,b\n\"{}", "x,y\n".repeat(2_000));
    let refusal = all(unclosed.as_bytes()).unwrap_err();
    assert_eq!(refusal.line, 2);
    assert!(refusal.expected.contains("a quote may be missing"));
}

#[test]
fn columns_are_known_by_what_people_call_them() {
    for (kind, header, field) in [
        (FileKind::StaffMembers, "Prénom", Some("given_name")),
        (FileKind::StaffMembers, "NOM", Some("family_name")),
        (FileKind::StaffMembers, "E-mail", Some("email")),
        (FileKind::StaffMembers, "N° RPPS", Some("rpps")),
        (FileKind::StaffMembers, "Date d'entrée", Some("first_date")),
        (FileKind::StaffMembers, "Sites", Some("sites")),
        (FileKind::Rooms, "Site", Some("site")),
        (FileKind::Rooms, "Numéro", Some("number")),
        (FileKind::Surgeons, "Spécialités", Some("specialties")),
        (FileKind::StaffMembers, "email", Some("email")),
        (FileKind::StaffMembers, "Salaire", None),
        (FileKind::Surgeons, "roles", None),
    ] {
        assert_eq!(propose(kind, header), field, "{header}");
    }
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = all(&content);
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend(content);
        prop_assert!(all(&zip).is_err());
    }
}
