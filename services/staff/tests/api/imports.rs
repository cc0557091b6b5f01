//! Departments from CSV files.

use chassis::testing::with_token;
use proto::{
    staff::v1::{self as pb, import_file::Kind, work_pattern::Pattern},
    r#type::v1::Date,
};
use tonic::Code;
use tonic_types::StatusExt;

use crate::world::{HOSPITAL, World, fields, refusal};

const SITES: &str = "id,display_name\nmain,Clinique\nsecond,Annexe\n";
const SECTORS: &str = "site,id,display_name,category,supervision_skill\n\
    main,septic,Septique,STANDARD,\nsecond,endo,Endoscopie,ENDOSCOPY,supervise-endoscopy\n";
const SPECIALTIES: &str = "display_name;is_pediatric\nOphtalmologie;non\nOPHTALMOLOGIES;non\nUrologie;non\n";
const ROOMS: &str = "site,sector,id,number,display_name,specialties,neighbors\n\
    main,septic,r9,9,Salle 9,,r10\nmain,septic,r10,10,Salle 10,urologies,r9\n";
const PEOPLE: &str = "email,given_name,family_name,profession,sites\n\
    anne@north.fr,Anne,Roux,MAR,main\nbruno@north.fr,Bruno,Petit,IADE,main|second\n";
const CONTRACTS: &str = "email,first_date,last_date,percentage,work_pattern,even_weekdays,odd_weekdays\n\
    anne@north.fr,2026-01-01,,50,ALTERNATING_WEEKS,MONDAY|TUESDAY,THURSDAY\n\
    bruno@north.fr,2026-01-01,2026-12-31,100,FULL_TIME,,\n";
const SURGEONS: &str = "family_name,given_name,specialties,sites\nBlanc,Luc,ophtalmologie|urologie,main\n";

fn department() -> Vec<(Kind, &'static str, &'static str)> {
    vec![
        (Kind::Surgeons, "surgeons.csv", SURGEONS),
        (Kind::Sites, "sites.csv", SITES),
        (Kind::Sectors, "sectors.csv", SECTORS),
        (Kind::Rooms, "rooms.csv", ROOMS),
        (Kind::Specialties, "specialties.csv", SPECIALTIES),
        (Kind::StaffMembers, "staff.csv", PEOPLE),
        (Kind::Contracts, "contracts.csv", CONTRACTS),
    ]
}

fn request(files: &[(Kind, &str, &str)]) -> pb::ImportDepartmentRequest {
    let file = |(kind, name, text): &(Kind, &str, &str)| pb::ImportFile {
        kind: *kind as i32,
        file_name: (*name).into(),
        content: text.as_bytes().to_vec(),
    };
    pb::ImportDepartmentRequest {
        parent: HOSPITAL.into(),
        files: files.iter().map(file).collect(),
        ..Default::default()
    }
}

async fn site_count(world: &World) -> usize {
    let list = pb::ListSitesRequest { parent: HOSPITAL.into(), ..Default::default() };
    world.sites().list_sites(world.by_admin(list)).await.unwrap().into_inner().sites.len()
}

#[tokio::test]
async fn a_department_is_imported_once_however_often_it_is_sent() {
    let world = World::new().await;
    let first =
        world.staff().import_department(world.by_admin(request(&department()))).await.unwrap().into_inner();
    let created: i32 = first.counts.iter().map(|count| count.created_count).sum();
    assert_eq!(created, 2 + 2 + 2 + 2 + 2 + 2 + 1);
    assert_eq!(first.merges.len(), 1);
    assert_eq!(
        (first.merges[0].kept.as_str(), first.merges[0].merged.as_str()),
        ("Ophtalmologie", "OPHTALMOLOGIES")
    );
    let again =
        world.staff().import_department(world.by_admin(request(&department()))).await.unwrap().into_inner();
    assert!(
        again.counts.iter().all(|count| count.created_count + count.updated_count == 0),
        "{:?}",
        again.counts
    );
    let list = pb::ListSurgeonsRequest {
        parent: HOSPITAL.into(),
        filter: "specialty = urologie AND site = main".into(),
        ..Default::default()
    };
    let surgeons = world.staff().list_surgeons(world.by_admin(list)).await.unwrap().into_inner().surgeons;
    assert_eq!(surgeons.len(), 1);
}

#[tokio::test]
async fn a_preview_says_the_same_and_writes_nothing() {
    let world = World::new().await;
    let preview = pb::ImportDepartmentRequest { validate_only: true, ..request(&department()) };
    let preview = world.staff().import_department(world.by_admin(preview)).await.unwrap().into_inner();
    assert_eq!(site_count(&world).await, 0);
    let done =
        world.staff().import_department(world.by_admin(request(&department()))).await.unwrap().into_inner();
    assert_eq!(preview.counts, done.counts);
    assert_eq!(site_count(&world).await, 2);
}

#[tokio::test]
async fn one_bad_cell_anywhere_stops_everything_and_every_bad_cell_is_named() {
    let world = World::new().await;
    let mut files = department();
    files.retain(|(kind, _, _)| !matches!(kind, Kind::Contracts | Kind::Rooms));
    let contracts = "email,first_date,percentage,work_pattern\n\
        anne@north.fr,2026-01-01,130,FULL_TIME\n\
        bruno@north.fr,2026-01-01,100,FULL_TIME\n\
        bruno@north.fr,2026-06-01,50,FULL_TIME\n";
    files.push((Kind::Contracts, "contracts.csv", contracts));
    files.push((
        Kind::Rooms,
        "rooms.csv",
        "site,sector,id,number,display_name,size\nmain,septic,r9,9,Salle 9,big\n",
    ));
    let result = world.staff().import_department(world.by_admin(request(&files))).await;
    let status = result.unwrap_err();
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(violations[1].field, "contracts.csv:2:percentage");
    assert_eq!(violations[1].description, "value `130`, expected a number from 1 to 100");
    let expected = ["rooms.csv:1:size", "contracts.csv:2:percentage", "contracts.csv:4:first_date"];
    assert_eq!(fields::<()>(Err(status.clone())), expected);
    assert_eq!(refusal::<()>(Err(status)), (Code::InvalidArgument, "IMPORT_INVALID".into()));
    assert_eq!(site_count(&world).await, 0);
}

#[tokio::test]
async fn of_a_mistake_and_what_follows_from_it_only_the_mistake_is_named() {
    let world = World::new().await;
    let people = PEOPLE.replace("bruno@north.fr,Bruno", "bruno@north.fr,");
    let mut files = department();
    files.retain(|(kind, _, _)| *kind != Kind::StaffMembers);
    files.push((Kind::StaffMembers, "staff.csv", &people));
    let status = world.staff().import_department(world.by_admin(request(&files))).await.unwrap_err();
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert_eq!(violations[0].field, "staff.csv:3:given_name");
    assert!(
        violations[0].description.ends_with("; a line that names it was passed over"),
        "{}",
        violations[0].description
    );
    assert_eq!(details.error_info().unwrap().metadata["skipped_line_count"], "1");
    assert_eq!(site_count(&world).await, 0);
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_before() {
    let world = World::new().await;
    let id = crate::world::request_id();
    let send = || pb::ImportDepartmentRequest { request_id: id.clone(), ..request(&department()) };
    let first = world.staff().import_department(world.by_admin(send())).await.unwrap().into_inner();
    let again = world.staff().import_department(world.by_admin(send())).await.unwrap().into_inner();
    assert_eq!(first, again, "created, as the first time");
}

#[tokio::test]
async fn importing_is_for_administrators_and_needs_files() {
    let world = World::new().await;
    let nurse = world.signed_in("bea", "IADE").await.access_token;
    let result = world.staff().import_department(with_token(request(&department()), &nurse)).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
    assert_eq!(fields(world.staff().import_department(world.by_admin(request(&[]))).await), ["files"]);
    let twice = [(Kind::Sites, "a.csv", SITES), (Kind::Sites, "b.csv", SITES)];
    assert_eq!(
        fields(world.staff().import_department(world.by_admin(request(&twice))).await),
        ["files[1].kind"]
    );
}

#[tokio::test]
async fn an_import_and_a_contract_at_once_leave_no_two_contracts_for_one_day() {
    let world = World::new().await;
    let contracts = [(Kind::Contracts, "contracts.csv", CONTRACTS)];
    let rest: Vec<_> = department().into_iter().filter(|(kind, ..)| *kind != Kind::Contracts).collect();
    world.staff().import_department(world.by_admin(request(&rest))).await.unwrap();
    let list = pb::ListStaffMembersRequest { parent: HOSPITAL.into(), ..Default::default() };
    let people = world.staff().list_staff_members(world.by_admin(list)).await.unwrap().into_inner();
    let anne = people.staff_members.into_iter().find(|person| person.email == "anne@north.fr").unwrap();
    let contract = pb::Contract {
        first_date: Some(Date { year: 2026, month: 6, day: 1 }),
        percentage: 100,
        work_pattern: Some(pb::WorkPattern { pattern: Some(Pattern::FullTime(pb::FullTime {})) }),
        ..Default::default()
    };
    let create = pb::CreateContractRequest {
        parent: anne.name.clone(),
        contract: Some(contract),
        request_id: String::new(),
    };
    let (mut one, mut other) = (world.staff(), world.staff());
    let (imported, created) = tokio::join!(
        one.import_department(world.by_admin(request(&contracts))),
        other.create_contract(world.by_admin(create)),
    );
    assert!(imported.is_ok() != created.is_ok(), "one of the two: {imported:?}, {created:?}");
}
