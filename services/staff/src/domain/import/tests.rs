//! Files in, a department or every flaw out.

use super::super::contract::WorkPattern;
use super::*;

fn files(texts: &[(FileKind, &str, &str)]) -> BTreeMap<FileKind, File> {
    let file = |name: &str, text: &str| File { name: name.to_owned(), content: text.as_bytes().to_vec() };
    texts.iter().map(|(kind, name, text)| (*kind, file(name, text))).collect()
}

fn numbered() -> impl FnMut() -> String {
    let mut number = 0;
    move || {
        number += 1;
        format!("n{number}")
    }
}

fn imported(
    existing: &Department,
    texts: &[(FileKind, &str, &str)],
) -> Result<Outcome, Vec<(String, String)>> {
    read(existing, &files(texts), &mut numbered())
        .map_err(|refused| refused.flaws.iter().map(|flaw| (flaw.field(), flaw.description())).collect())
}

fn fields(result: Result<Outcome, Vec<(String, String)>>) -> Vec<String> {
    result.unwrap_err().into_iter().map(|(field, _)| field).collect()
}

const SITES: (FileKind, &str, &str) =
    (FileKind::Sites, "sites.csv", "id;display_name\nmain;Clinique\nsecond;Annexe\n");
const PEOPLE: (FileKind, &str, &str) = (
    FileKind::StaffMembers,
    "staff.csv",
    "email,given_name,family_name,profession,sites\na@h.fr,Anne,Roux,MAR,main\nb@h.fr,Bruno,Petit,IADE,main|second\n",
);

#[test]
fn a_department_is_read_and_reading_it_again_changes_nothing() {
    let contracts = (
        FileKind::Contracts,
        "contracts.csv",
        "email,first_date,percentage,work_pattern,weekdays\na@h.fr,2026-01-01,50,SPECIFIC_DAYS,THURSDAY|5\n",
    );
    let first = imported(&Department::default(), &[SITES, PEOPLE, contracts]).unwrap();
    assert_eq!(first.counts[&FileKind::StaffMembers], Count { created: 2, ..Count::default() });
    let contract = first.department.contracts.values().next().unwrap();
    assert!(
        matches!(&contract.work_pattern, WorkPattern::SpecificDays { weekdays, .. } if weekdays.len() == 2)
    );
    let again = imported(&first.department, &[SITES, PEOPLE, contracts]).unwrap();
    assert_eq!(again.department, first.department);
    assert!(
        again.counts.values().all(|count| count.created == 0 && count.updated == 0),
        "{:?}",
        again.counts
    );
}

#[test]
fn spellings_of_a_specialty_are_merged_and_named() {
    let text = "display_name,is_pediatric\nChirurgie pédiatrique,true\nCHIRURGIES PEDIATRIQUES,true\nUrologie,false\nurologie,false\n";
    let outcome = imported(&Department::default(), &[(FileKind::Specialties, "s.csv", text)]).unwrap();
    assert_eq!(outcome.department.specialties.len(), 2);
    assert_eq!(outcome.counts[&FileKind::Specialties], Count { created: 2, merged: 2, ..Count::default() });
    assert_eq!(outcome.merges[0].kept, "Chirurgie pédiatrique");
    assert_eq!(outcome.merges[0].merged, "CHIRURGIES PEDIATRIQUES");
    let surgeons =
        (FileKind::Surgeons, "c.csv", "family_name,specialties\nBlanc,chirurgie pediatrique|Urologies\n");
    let outcome = imported(&outcome.department, &[surgeons]).unwrap();
    assert_eq!(outcome.department.surgeons["n1"].specialties, ["chirurgie-pediatrique", "urologie"]);
}

#[test]
fn every_wrong_cell_is_named_at_once() {
    let people = (
        FileKind::StaffMembers,
        "staff.csv",
        "email,given_name,family_name,profession,first_date\n\
         a@h.fr,Anne,Roux,MAR,2026-02-30\n\
         A@H.fr,Anne,Roux,MAR,\n\
         nobody,,Roux,mar,\n",
    );
    let contracts = (
        FileKind::Contracts,
        "contracts.csv",
        "email,first_date,percentage,work_pattern\n\
         b@h.fr,2026-01-01,130,FULL_TIME\n\
         c@h.fr,2026-01-01,100,FULL_TIME\n\
         b@h.fr,soon,,SOMETIMES\n",
    );
    let existing = imported(&Department::default(), &[SITES, PEOPLE]).unwrap().department;
    assert_eq!(
        fields(imported(&existing, &[people, contracts])),
        [
            "staff.csv:2:first_date",
            "staff.csv:3:email",
            "staff.csv:4:given_name",
            "staff.csv:4:email",
            "staff.csv:4:profession",
            "contracts.csv:2:percentage",
            "contracts.csv:3:email",
            "contracts.csv:4:percentage",
            "contracts.csv:4:first_date",
            "contracts.csv:4:work_pattern",
        ]
    );
}

#[test]
fn a_line_that_names_what_a_wrong_line_would_have_brought_is_passed_over_and_not_called_wrong() {
    let texts = [
        (FileKind::Sites, "sites.csv", "id,display_name\nmain,\nsecond,Annexe\n"),
        (FileKind::Specialties, "specialties.csv", "display_name\n--\n"),
        (
            FileKind::StaffMembers,
            "staff.csv",
            "email,given_name,family_name,profession,sites\n\
             A@h.fr,Anne,,MAR,second\n\
             b@h.fr,Bruno,Petit,IADE,main\n\
             c@h.fr,,Noir,MAR,main\n",
        ),
        (
            FileKind::Contracts,
            "contracts.csv",
            "email,first_date,percentage,work_pattern\n\
             a@h.fr,2026-01-01,100,FULL_TIME\n\
             b@h.fr,2026-01-01,100,FULL_TIME\n\
             a@h.fr,soon,100,FULL_TIME\n\
             z@h.fr,2026-01-01,100,FULL_TIME\n",
        ),
        (FileKind::Surgeons, "surgeons.csv", "family_name,specialties\nBlanc,--\n"),
    ];
    let refused = read(&Department::default(), &files(&texts), &mut numbered()).unwrap_err();
    let fields: Vec<String> = refused.flaws.iter().map(CellFlaw::field).collect();
    assert_eq!(
        fields,
        [
            "sites.csv:2:display_name",
            "specialties.csv:2:display_name",
            "staff.csv:2:family_name",
            "staff.csv:4:given_name",
            "contracts.csv:4:first_date",
            "contracts.csv:5:email",
        ]
    );
    let place = |(file, line): &(String, u64)| format!("{file}:{line}");
    let skips: Vec<String> =
        refused.skips.iter().map(|skip| format!("{} < {}", place(&skip.line), place(&skip.cause))).collect();
    assert_eq!(
        skips,
        [
            "staff.csv:3 < sites.csv:2",
            "contracts.csv:2 < staff.csv:2",
            "contracts.csv:3 < sites.csv:2",
            "surgeons.csv:2 < specialties.csv:2",
        ]
    );
}

#[test]
fn what_a_file_that_cannot_be_read_would_have_brought_is_unknown_to_nobody() {
    let short =
        (FileKind::StaffMembers, "staff.csv", "email,given_name,family_name,profession\na@h.fr,Anne\n");
    let contracts = (
        FileKind::Contracts,
        "contracts.csv",
        "email,first_date,percentage,work_pattern\na@h.fr,2026-01-01,100,FULL_TIME\n",
    );
    let refused = read(&Department::default(), &files(&[short, contracts]), &mut numbered()).unwrap_err();
    assert_eq!(refused.flaws.iter().map(CellFlaw::field).collect::<Vec<_>>(), ["staff.csv:2:*"]);
    assert_eq!((refused.skips[0].line.1, refused.skips[0].cause.1), (2, 0));
}

#[test]
fn overlapping_contracts_are_refused_within_the_file_and_with_what_exists() {
    let line = |text: &'static str| [(FileKind::Contracts, "contracts.csv", text)];
    let existing = imported(&Department::default(), &[SITES, PEOPLE]).unwrap().department;
    let both = "email,first_date,last_date,percentage,work_pattern\n\
                a@h.fr,2026-01-01,2026-06-30,100,FULL_TIME\n\
                a@h.fr,2026-06-30,,50,FULL_TIME\n";
    assert_eq!(fields(imported(&existing, &line(both))), ["contracts.csv:3:first_date"]);
    let one = "email,first_date,percentage,work_pattern\na@h.fr,2026-01-01,100,FULL_TIME\n";
    let existing = imported(&existing, &line(one)).unwrap().department;
    let other = "email,first_date,percentage,work_pattern\na@h.fr,2027-01-01,100,FULL_TIME\n";
    let flaws = imported(&existing, &line(other)).unwrap_err();
    assert_eq!(flaws[0].0, "contracts.csv:2:first_date");
    assert!(
        flaws[0].1.contains("value `2027-01-01`, expected days outside the contract from 2026-01-01"),
        "{}",
        flaws[0].1
    );
}

#[test]
fn unknown_and_missing_columns_are_named_with_those_that_exist() {
    let flaws = imported(&Department::default(), &[(FileKind::Sites, "sites.csv", "id,colour\nmain,red\n")])
        .unwrap_err();
    assert_eq!(flaws[0].0, "sites.csv:1:colour");
    assert!(flaws[0].1.contains("id, display_name, address"));
    assert_eq!(flaws[1].0, "sites.csv:1:display_name");
}

#[test]
fn rooms_know_their_neighbors_whatever_the_order_of_lines() {
    let sectors =
        (FileKind::Sectors, "sectors.csv", "site,id,display_name,category\nmain,septic,Septique,standard\n");
    let rooms = |neighbors: &str| {
        format!(
            "site,sector,id,number,display_name,neighbors\nmain,septic,r9,9,Salle 9,{neighbors}\nmain,septic,r10,10,Salle 10,r9\n"
        )
    };
    let good = rooms("r10");
    let outcome =
        imported(&Department::default(), &[SITES, sectors, (FileKind::Rooms, "rooms.csv", &good)]).unwrap();
    assert_eq!(outcome.department.rooms["main/septic/r9"].neighbors, ["main/septic/r10"]);
    let bad = rooms("r11");
    let result = imported(&Department::default(), &[SITES, sectors, (FileKind::Rooms, "rooms.csv", &bad)]);
    assert_eq!(fields(result), ["rooms.csv:2:neighbors"]);
}

#[test]
fn a_file_that_is_no_text_and_a_line_of_the_wrong_length_are_refused() {
    let binary = File { name: "x.csv".into(), content: vec![b'i', b'd', b'\n', 0xff] };
    let flaws = read(&Department::default(), &BTreeMap::from([(FileKind::Sites, binary)]), &mut numbered());
    assert_eq!(flaws.unwrap_err().flaws[0].field(), "x.csv:2:*");
    let short = (FileKind::Sites, "x.csv", "id,display_name\nmain\n");
    assert_eq!(fields(imported(&Department::default(), &[short])), ["x.csv:2:*"]);
}

#[test]
fn a_national_number_that_cannot_be_one_is_left_out_with_a_warning() {
    let line =
        |rpps: &str| format!("email,given_name,family_name,profession,rpps\na@h.fr,Anne,Roux,MAR,{rpps}\n");
    let (right, wrong) = (line("1000 0000 009"), line("10000000007"));
    let known = imported(&Department::default(), &[(FileKind::StaffMembers, "staff.csv", &right)]).unwrap();
    assert!(known.warnings.is_empty());
    let outcome = imported(&known.department, &[(FileKind::StaffMembers, "staff.csv", &wrong)]).unwrap();
    assert_eq!(outcome.warnings.len(), 1);
    assert_eq!(outcome.warnings[0].field(), "staff.csv:2:rpps");
    assert!(outcome.warnings[0].description().starts_with("value `10000000007`, expected a RPPS number"));
    assert!(
        outcome.department.staff_members.values().all(|person| person.rpps == "10000000009"),
        "as it was"
    );
    let twice = "email,given_name,family_name,profession,rpps\nb@h.fr,Bruno,Petit,IADE,10000000009\n";
    let result = imported(&known.department, &[(FileKind::StaffMembers, "staff.csv", twice)]);
    assert_eq!(fields(result), ["staff.csv:2:rpps"]);
}
