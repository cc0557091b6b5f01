//! Large files: uploaded, looked at, tried, written, interrupted.

use std::fmt::Write;

use chassis::testing::{eventually, with_token};
use proto::{
    operation::v1::{Operation, operation::Result as Ended},
    staff::v1::{
        self as pb,
        import::{Kind, State},
        import_finding::Severity,
        import_preview as preview,
        import_service_client::ImportServiceClient,
        start_import_request as start,
    },
};
use sea_orm::{ConnectionTrait, Statement};
use tonic::{Code, Status};

use crate::world::{HOSPITAL, World, fields, refusal, request_id};

const HEADER: &str = "E-mail;Nom;Prénom;Métier;Salaire\n";

fn imports(world: &World) -> ImportServiceClient<chassis::Peer> {
    ImportServiceClient::new(world.local.peer.clone())
}

async fn upload(world: &World, kind: Kind, content: &[u8], chunk: usize) -> Result<pb::Import, Status> {
    let create = pb::CreateImportRequest {
        parent: HOSPITAL.into(),
        import: Some(pb::Import {
            kind: kind as i32,
            file_name: "personnel.csv".into(),
            byte_count: content.len() as i64,
            ..Default::default()
        }),
        request_id: request_id(),
    };
    let mut import = imports(world).create_import(world.by_admin(create)).await?.into_inner();
    for (place, content) in content.chunks(chunk).enumerate() {
        let send = pb::UploadImportChunkRequest {
            name: import.name.clone(),
            offset: (place * chunk) as i64,
            content: content.to_vec(),
        };
        import = imports(world).upload_import_chunk(world.by_admin(send)).await?.into_inner();
    }
    Ok(import)
}

async fn begin(
    world: &World,
    name: &str,
    mode: start::Mode,
    duplicates: start::Duplicates,
) -> Result<Operation, Status> {
    let request = pb::StartImportRequest {
        name: name.into(),
        mode: mode as i32,
        duplicates: duplicates as i32,
        request_id: request_id(),
        ..Default::default()
    };
    imports(world).start_import(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

async fn get(world: &World, name: &str) -> pb::Import {
    let request = pb::GetImportRequest { name: name.into() };
    imports(world).get_import(world.by_admin(request)).await.unwrap().into_inner()
}

async fn ended(world: &World, name: &str) -> pb::Import {
    eventually("the import ends", || async {
        let import = get(world, name).await;
        (import.state != State::Running as i32).then_some(import)
    })
    .await
}

async fn run(world: &World, name: &str, mode: start::Mode) -> pb::Import {
    begin(world, name, mode, start::Duplicates::Unspecified).await.unwrap();
    ended(world, name).await
}

async fn findings(world: &World, name: &str) -> Vec<pb::ImportFinding> {
    let request = pb::ListImportFindingsRequest { parent: name.into(), ..Default::default() };
    imports(world).list_import_findings(world.by_admin(request)).await.unwrap().into_inner().findings
}

fn counts(import: &pb::Import) -> (i32, i32, i32, i32) {
    let progress = import.progress.unwrap();
    (progress.created_count, progress.updated_count, progress.unchanged_count, progress.skipped_count)
}

async fn rows(world: &World, sql: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS found FROM {sql}");
    let row = world.db.read().query_one_raw(Statement::from_string(world.db.backend(), sql)).await.unwrap();
    row.unwrap().try_get("", "found").unwrap()
}

async fn people(world: &World) -> i64 {
    rows(world, "resource WHERE kind = 'staff_member'").await
}

fn department(count: usize) -> String {
    (0..count).fold(HEADER.to_owned(), |mut text, number| {
        let _ = writeln!(text, "p{number}@north.fr;Nom{number};Prénom{number};MAR;1");
        text
    })
}

#[tokio::test]
async fn a_file_is_looked_at_however_it_was_saved_and_its_columns_are_recognized() {
    let world = World::new().await;
    let latin: Vec<u8> = format!("{HEADER}anne@north.fr;Métayer;Zoé;MAR;1\n")
        .chars()
        .map(|character| u8::try_from(u32::from(character)).unwrap())
        .collect();
    let import = upload(&world, Kind::StaffMembers, &latin, 7).await.unwrap();
    assert_eq!((import.state, import.received_byte_count), (State::Ready as i32, latin.len() as i64));
    let look = import.preview.unwrap();
    assert_eq!(look.format, preview::Format::Csv as i32);
    assert_eq!((look.encoding, look.separator.as_str()), (preview::Encoding::Windows1252 as i32, ";"));
    let proposed: Vec<&str> = look.columns.iter().map(|column| column.field.as_str()).collect();
    assert_eq!(proposed, ["email", "family_name", "given_name", "profession", ""]);
    assert_eq!(look.columns[1].samples, ["Métayer"]);
    assert!(look.missing_fields.is_empty());
    assert_eq!(people(&world).await, 1, "nothing is written");

    let done = run(&world, &import.name, start::Mode::AllOrNothing).await;
    assert_eq!((done.state, counts(&done)), (State::Done as i32, (1, 0, 0, 0)));
    let list = pb::ListStaffMembersRequest { parent: HOSPITAL.into(), ..Default::default() };
    let list = world.staff().list_staff_members(world.by_admin(list)).await.unwrap().into_inner();
    assert!(list.staff_members.iter().any(|person| person.family_name == "Métayer"));
}

#[tokio::test]
async fn every_wrong_line_is_reported_before_anything_is_written() {
    let world = World::new().await;
    let text = "\u{feff}email,family_name,given_name,profession,rpps\n\
        a@north.fr,Blanc,A,MAR,10000000009\n\
        nobody,Noir,B,MAR,\n\
        A@north.fr,Autre,C,MAR,\n\
        d@north.fr,=cmd|' /C calc'!A0,D,MAR,\n\
        e@north.fr,Vert,E,MAR,10000000007\n\
        f@north.fr,Gris,F,,\n";
    let import = upload(&world, Kind::StaffMembers, text.as_bytes(), 1 << 20).await.unwrap();
    let tried = run(&world, &import.name, start::Mode::DryRun).await;
    assert_eq!((tried.state, counts(&tried)), (State::Done as i32, (2, 0, 0, 4)));
    assert_eq!(people(&world).await, 1);
    let found = findings(&world, &import.name).await;
    let seen: Vec<_> = found.iter().map(|one| (one.line, one.field.as_str(), one.severity)).collect();
    let (error, warning) = (Severity::Error as i32, Severity::Warning as i32);
    let expected = [
        (3, "email", error),
        (4, "email", error),
        (5, "family_name", error),
        (6, "rpps", warning),
        (7, "profession", error),
    ];
    assert_eq!(seen, expected);
    assert_eq!((found[0].value.as_str(), found[2].expected.as_str()), ("nobody", "a value, not a formula"));

    let refused = run(&world, &import.name, start::Mode::AllOrNothing).await;
    assert_eq!((refused.state, people(&world).await), (State::Failed as i32, 1));
    let request = pb::GetOperationRequest { name: refused.operation.clone() };
    let operation = imports(&world).get_operation(world.by_admin(request)).await.unwrap().into_inner();
    let Some(Ended::Error(error)) = operation.result else { panic!("{operation:?}") };
    assert_eq!((operation.done, error.code), (true, Code::InvalidArgument as i32));
    assert!(!error.details.is_empty() && error.message.contains("4 lines are wrong"), "{error:?}");

    let written = run(&world, &import.name, start::Mode::ValidLines).await;
    assert_eq!((counts(&written), people(&world).await), ((2, 0, 0, 4), 3));
    let again = run(&world, &import.name, start::Mode::ValidLines).await;
    assert_eq!((counts(&again), people(&world).await), ((0, 0, 2, 4), 3), "safe to run again");
}

#[tokio::test]
async fn who_may_be_known_is_proposed_kept_or_merged() {
    let world = World::new().await;
    world.person("anne", "MAR").await;
    let text = "email,family_name,given_name,profession\nother@north.fr,ROUX,Annè,MAR\n";
    let import = upload(&world, Kind::StaffMembers, text.as_bytes(), 1 << 20).await.unwrap();
    let refused = run(&world, &import.name, start::Mode::ValidLines).await;
    assert_eq!((counts(&refused), refused.progress.unwrap().duplicate_count), ((0, 0, 0, 1), 1));
    let found = findings(&world, &import.name).await;
    assert_eq!(found[0].severity, Severity::Duplicate as i32);
    assert_eq!(found[0].known, format!("{HOSPITAL}/staffMembers/anne"));
    assert!(!format!("{found:?}").contains("anne@north.fr"), "nothing of anybody else");
    begin(&world, &import.name, start::Mode::ValidLines, start::Duplicates::Merge).await.unwrap();
    let merged = ended(&world, &import.name).await;
    assert_eq!((counts(&merged), people(&world).await), ((0, 1, 0, 0), 2));
    let request = pb::GetStaffMemberRequest { name: format!("{HOSPITAL}/staffMembers/anne") };
    let anne = world.staff().get_staff_member(world.by_admin(request)).await.unwrap().into_inner();
    assert_eq!(anne.email, "other@north.fr");
}

#[tokio::test]
async fn an_import_goes_on_where_it_was_when_its_process_died_and_writes_nothing_twice() {
    let mut world = World::new().await;
    let import = upload(&world, Kind::StaffMembers, department(1_200).as_bytes(), 1 << 20).await.unwrap();
    begin(&world, &import.name, start::Mode::ValidLines, start::Duplicates::Keep).await.unwrap();
    eventually("some lines are written", || async {
        (get(&world, &import.name).await.progress.unwrap().written_line > 0).then_some(())
    })
    .await;
    world.restart().await;
    let done = ended(&world, &import.name).await;
    assert_eq!((done.state, counts(&done)), (State::Done as i32, (1_200, 0, 0, 0)));
    assert_eq!(people(&world).await, 1_201);
    let created = "mathildanesth.staff.v1.StaffMemberCreated";
    assert_eq!(rows(&world, &format!("outbox WHERE kind = '{created}'")).await, 1_201, "each is told once");
    let audited = rows(&world, "audit_entry WHERE action = 'staff_member.create'").await;
    assert_eq!(audited, 1_201, "and written down once");
}

#[tokio::test]
async fn a_number_that_a_line_far_before_has_stops_everything() {
    let world = World::new().await;
    let mut text = "email,family_name,given_name,profession,rpps\n".to_owned();
    for number in 0..600 {
        let rpps = if matches!(number, 3 | 597) { "10000000009" } else { "" };
        let _ = writeln!(text, "p{number}@north.fr,Nom{number},P,MAR,{rpps}");
    }
    let import = upload(&world, Kind::StaffMembers, text.as_bytes(), 1 << 20).await.unwrap();
    let refused = run(&world, &import.name, start::Mode::AllOrNothing).await;
    assert_eq!((refused.state, people(&world).await), (State::Failed as i32, 1), "nothing is written");
    let found = findings(&world, &import.name).await;
    let seen: Vec<_> = found.iter().map(|one| (one.line, one.field.as_str(), one.severity)).collect();
    assert_eq!(seen, [(599, "rpps", Severity::Error as i32)]);
    let written = run(&world, &import.name, start::Mode::ValidLines).await;
    assert_eq!((counts(&written), people(&world).await), ((599, 0, 0, 1), 600));
}

#[tokio::test]
async fn a_run_is_cancelled_followed_and_not_started_twice() {
    let world = World::new().await;
    let import = upload(&world, Kind::StaffMembers, department(3_000).as_bytes(), 1 << 20).await.unwrap();
    let operation =
        begin(&world, &import.name, start::Mode::ValidLines, start::Duplicates::Keep).await.unwrap();
    let twice = begin(&world, &import.name, start::Mode::DryRun, start::Duplicates::Keep).await;
    assert_eq!(refusal(twice), (Code::Aborted, "IMPORT_RUNNING".into()));
    let delete = pb::DeleteImportRequest { name: import.name.clone() };
    let result = imports(&world).delete_import(world.by_admin(delete.clone())).await;
    assert_eq!(refusal(result).1, "IMPORT_RUNNING");
    let cancel = pb::CancelOperationRequest { name: operation.name.clone() };
    imports(&world).cancel_operation(world.by_admin(cancel.clone())).await.unwrap();
    let watch = pb::WatchOperationRequest { name: operation.name, resume_token: String::new() };
    let mut states = imports(&world).watch_operation(world.by_admin(watch)).await.unwrap().into_inner();
    let mut last = None;
    while let Some(state) = states.message().await.unwrap() {
        last = Some(state);
    }
    assert!(last.unwrap().done, "the stream ends with the operation");
    let gone = ended(&world, &import.name).await;
    assert_eq!(gone.state, State::Cancelled as i32);
    assert_eq!(refusal(imports(&world).cancel_operation(world.by_admin(cancel)).await).1, "OPERATION_DONE");
    imports(&world).delete_import(world.by_admin(delete)).await.unwrap();
    assert_eq!(rows(&world, "import_chunk").await, 0);
}

#[tokio::test]
async fn what_is_no_table_and_a_chunk_out_of_place_are_refused() {
    let world = World::new().await;
    let bomb = upload(&world, Kind::StaffMembers, b"PK\x03\x04 not a workbook", 1 << 20).await;
    assert_eq!(refusal(bomb), (Code::InvalidArgument, "IMPORT_INVALID".into()));
    let create = |kind: Kind, size: i64| {
        world.by_admin(pb::CreateImportRequest {
            parent: HOSPITAL.into(),
            import: Some(pb::Import {
                kind: kind as i32,
                file_name: "x.csv".into(),
                byte_count: size,
                ..Default::default()
            }),
            request_id: String::new(),
        })
    };
    let wrong = imports(&world).create_import(create(Kind::Unspecified, 1 << 40)).await;
    assert_eq!(fields(wrong), ["import.kind", "import.byte_count"]);
    let import = imports(&world).create_import(create(Kind::Rooms, 10)).await.unwrap().into_inner();
    let chunk = |offset: i64, content: &[u8]| {
        let (name, content) = (import.name.clone(), content.to_vec());
        world.by_admin(pb::UploadImportChunkRequest { name, offset, content })
    };
    for (offset, content) in [(5, &b"abc"[..]), (0, b"12345678901")] {
        let result = imports(&world).upload_import_chunk(chunk(offset, content)).await;
        assert_eq!(refusal(result), (Code::FailedPrecondition, "IMPORT_CHUNK_MISPLACED".into()));
    }
    for _ in 0..2 {
        let answer = imports(&world).upload_import_chunk(chunk(0, b"12345")).await.unwrap().into_inner();
        assert_eq!(answer.received_byte_count, 5, "a repeated chunk is answered as before");
    }
    let early = begin(&world, &import.name, start::Mode::DryRun, start::Duplicates::Keep).await;
    assert_eq!(refusal(early).1, "IMPORT_NOT_READY");
    let text = "email,Nom\na@north.fr,X\n";
    let import = upload(&world, Kind::StaffMembers, text.as_bytes(), 1 << 20).await.unwrap();
    assert_eq!(import.preview.unwrap().missing_fields, ["given_name", "profession"]);
    let missing = begin(&world, &import.name, start::Mode::DryRun, start::Duplicates::Keep).await;
    assert_eq!(fields(missing), ["fields", "fields"]);
}

#[tokio::test]
async fn surgeons_and_rooms_come_in_the_same_way() {
    let world = World::new().await;
    world.site("main").await;
    let specialty = pb::CreateSpecialtyRequest {
        parent: HOSPITAL.into(),
        specialty_id: String::new(),
        specialty: Some(pb::Specialty { display_name: "Urologie".into(), ..Default::default() }),
        request_id: String::new(),
    };
    world.staff().create_specialty(world.by_admin(specialty)).await.unwrap();
    let sector = pb::CreateSectorRequest {
        parent: format!("{HOSPITAL}/sites/main"),
        sector_id: "septic".into(),
        sector: Some(pb::Sector { display_name: "Septique".into(), ..Default::default() }),
        request_id: String::new(),
    };
    world.sites().create_sector(world.by_admin(sector)).await.unwrap();
    let surgeons = "Nom;Prénom;Spécialités;Sites\nBlanc;Luc;UROLOGIES;main\nBLANC;Lùc;urologie;main\n";
    let import = upload(&world, Kind::Surgeons, surgeons.as_bytes(), 1 << 20).await.unwrap();
    let done = run(&world, &import.name, start::Mode::ValidLines).await;
    assert_eq!(counts(&done), (1, 0, 0, 1), "the same surgeon in another spelling");
    let rooms =
        "site;secteur;id;numéro;libellé;voisines\nmain;septic;r1;1;Salle 1;r2\nmain;septic;r2;2;Salle 2;r1\n";
    let import = upload(&world, Kind::Rooms, rooms.as_bytes(), 1 << 20).await.unwrap();
    let done = run(&world, &import.name, start::Mode::AllOrNothing).await;
    assert_eq!(
        (done.state, counts(&done)),
        (State::Done as i32, (2, 0, 0, 0)),
        "{:?}",
        findings(&world, &import.name).await
    );
}

#[tokio::test]
async fn importing_is_for_administrators() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await.access_token;
    let list = pb::ListImportsRequest { parent: HOSPITAL.into(), ..Default::default() };
    let result = imports(&world).list_imports(with_token(list, &anne)).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
}
