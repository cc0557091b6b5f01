//! Working-time law as dated versions: the product's, the hospital's own, and what contracts may name.

use chassis::testing::with_token;
use prost_types::FieldMask;
use proto::{staff::v1 as pb, r#type::v1::Date};
use tonic::{Code, Status};

use crate::world::{HOSPITAL, World, fields, refusal, request_id};

const CODE: &str = "FR-PRIVATE-EMPLOYEE";

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

/// An agreement of the clinic: ten hours of rest.
fn agreement(code: &str, from: Option<Date>) -> pb::LegalPack {
    pb::LegalPack {
        code: code.into(),
        effective_date: from,
        display_name: "Accord de la clinique".into(),
        figures: Some(pb::LegalFigures { daily_rest_minutes_min: 600, ..Default::default() }),
        ..Default::default()
    }
}

async fn create(world: &World, pack: pb::LegalPack) -> Result<pb::LegalPack, Status> {
    let request = pb::CreateLegalPackRequest {
        parent: HOSPITAL.into(),
        legal_pack: Some(pack),
        request_id: request_id(),
    };
    world.staff().create_legal_pack(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

async fn list(world: &World, filter: &str, on: Option<Date>) -> Vec<pb::LegalPack> {
    let request = pb::ListLegalPacksRequest {
        parent: HOSPITAL.into(),
        filter: filter.into(),
        effective_on: on,
        ..Default::default()
    };
    world.staff().list_legal_packs(world.by_admin(request)).await.unwrap().into_inner().legal_packs
}

async fn contract(world: &World, person: &str, legal_pack: &str) -> Result<pb::Contract, Status> {
    let request = pb::CreateContractRequest {
        parent: person.into(),
        contract: Some(pb::Contract {
            first_date: date(2026, 1, 1),
            percentage: 100,
            work_pattern: Some(pb::WorkPattern {
                pattern: Some(pb::work_pattern::Pattern::FullTime(pb::FullTime {})),
            }),
            legal_pack: legal_pack.into(),
            ..Default::default()
        }),
        request_id: request_id(),
    };
    world.staff().create_contract(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn which_version_of_a_pack_binds_is_told_by_the_day() {
    let world = World::new().await;
    let codes: Vec<String> = list(&world, "", None).await.into_iter().map(|pack| pack.code).collect();
    assert_eq!(codes, [CODE, "FR-PUBLIC-DOCTOR", "FR-PUBLIC-NURSE", "LIBERAL"]);
    let own = create(&world, agreement(CODE, date(2027, 1, 1))).await.unwrap();
    assert_eq!(own.name, format!("{HOSPITAL}/legalPacks/fr-private-employee-2027-01-01"));
    assert!(!own.is_shipped && !own.etag.is_empty());
    let of_code = format!("code = \"{CODE}\"");
    let both = list(&world, &of_code, None).await;
    let dates: Vec<_> = both.iter().map(|pack| (pack.effective_date, pack.last_date)).collect();
    assert_eq!(dates, [(date(2027, 1, 1), None), (None, date(2026, 12, 31))]);
    for (day, rest, is_shipped) in [(date(2026, 12, 31), 660, true), (date(2027, 1, 1), 600, false)] {
        let [pack] = list(&world, &of_code, day).await.try_into().unwrap();
        assert_eq!(pack.figures.unwrap().daily_rest_minutes_min, rest);
        assert_eq!(pack.is_shipped, is_shipped);
    }
    assert_eq!(list(&world, "", date(2027, 1, 1)).await.len(), 4, "one a code");
    let request = pb::GetLegalPackRequest { name: both[1].name.clone() };
    let shipped = world.staff().get_legal_pack(world.by_admin(request)).await.unwrap().into_inner();
    assert_eq!(shipped.figures.unwrap().average_days, 84);
}

#[tokio::test]
async fn pages_hold_every_version_once() {
    let world = World::new().await;
    for year in [2026, 2027, 2028] {
        create(&world, agreement("LIBERAL", date(year, 1, 1))).await.unwrap();
    }
    let (mut names, mut page_token) = (vec![], String::new());
    loop {
        let request = pb::ListLegalPacksRequest {
            parent: HOSPITAL.into(),
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = world.staff().list_legal_packs(world.by_admin(request)).await.unwrap().into_inner();
        names.extend(page.legal_packs.into_iter().map(|pack| pack.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names.len(), 7);
    assert!(names.is_sorted_by(|one, other| one < other));
}

#[tokio::test]
async fn a_version_is_corrected_but_neither_moved_nor_doubled_nor_taken_from_the_product() {
    let world = World::new().await;
    let own = create(&world, agreement(CODE, date(2027, 1, 1))).await.unwrap();
    let twice = create(&world, agreement(CODE, date(2027, 1, 1))).await;
    assert_eq!(refusal(twice), (Code::AlreadyExists, "NAME_TAKEN".into()));
    let update = |pack: pb::LegalPack, paths: &[&str]| {
        world.by_admin(pb::UpdateLegalPackRequest {
            legal_pack: Some(pack),
            update_mask: Some(FieldMask { paths: paths.iter().map(|path| (*path).into()).collect() }),
            request_id: request_id(),
        })
    };
    let figures = Some(pb::LegalFigures { daily_rest_minutes_min: 630, ..Default::default() });
    let sent = pb::LegalPack { figures, ..own.clone() };
    let changed = world.staff().update_legal_pack(update(sent, &["figures"])).await.unwrap().into_inner();
    assert_eq!(changed.figures.unwrap().daily_rest_minutes_min, 630);
    let stale = world.staff().update_legal_pack(update(own.clone(), &["source"])).await;
    assert_eq!(refusal(stale), (Code::Aborted, "ETAG_MISMATCH".into()));
    let moved = world.staff().update_legal_pack(update(changed.clone(), &["effective_date"])).await;
    assert_eq!(moved.unwrap_err().code(), Code::InvalidArgument);
    let shipped = pb::LegalPack {
        name: format!("{HOSPITAL}/legalPacks/shipped-liberal"),
        source: "x".into(),
        ..Default::default()
    };
    let shipped = world.staff().update_legal_pack(update(shipped, &["source"])).await;
    assert_eq!(refusal(shipped), (Code::NotFound, "NOT_FOUND".into()));
}

#[tokio::test]
async fn figures_that_cannot_be_are_refused_all_at_once() {
    let world = World::new().await;
    let mut pack = agreement("nurse", None);
    pack.figures = Some(pb::LegalFigures {
        day_minutes_max: 1_441,
        average_week_minutes_max: 2_640,
        average_days: 365,
        ..Default::default()
    });
    let expected = [
        "legal_pack.code",
        "legal_pack.effective_date",
        "legal_pack.figures.day_minutes_max",
        "legal_pack.figures.average_days",
    ];
    assert_eq!(fields(create(&world, pack).await), expected);
    let none = pb::LegalPack { figures: None, ..agreement(CODE, date(2027, 1, 1)) };
    assert_eq!(fields(create(&world, none).await), ["legal_pack.figures"]);
    assert_eq!(list(&world, "", None).await.len(), 4, "nothing was written");
}

#[tokio::test]
async fn a_contract_names_a_pack_there_is_and_keeps_its_last_version() {
    let world = World::new().await;
    let anne = world.person("anne", "IADE").await;
    let unknown = contract(&world, &anne.name, "CLINIC-2027").await;
    assert_eq!(fields(unknown), ["contract.legal_pack"]);
    let own = create(&world, agreement("CLINIC-2027", date(2027, 1, 1))).await.unwrap();
    contract(&world, &anne.name, "CLINIC-2027").await.unwrap();
    let delete = |pack: &pb::LegalPack| {
        world.by_admin(pb::DeleteLegalPackRequest { name: pack.name.clone(), ..Default::default() })
    };
    let in_use = world.staff().delete_legal_pack(delete(&own)).await;
    assert_eq!(refusal(in_use), (Code::FailedPrecondition, "RESOURCE_IN_USE".into()));
    let next = create(&world, agreement("CLINIC-2027", date(2028, 1, 1))).await.unwrap();
    world.staff().delete_legal_pack(delete(&own)).await.unwrap();
    assert_eq!(list(&world, "code = \"CLINIC-2027\"", None).await[0].name, next.name);
    for known in ["nurse", "hospital-practitioner", "FR-PUBLIC-DOCTOR-VOLUNTEER", ""] {
        let person = world.person(&format!("p{}", known.len()), "MAR").await;
        assert!(contract(&world, &person.name, known).await.is_ok(), "{known}");
    }
}

#[tokio::test]
async fn everybody_reads_the_law_and_the_super_administrator_writes_it() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "IADE").await;
    let read = pb::ListLegalPacksRequest { parent: HOSPITAL.into(), ..Default::default() };
    assert!(world.staff().list_legal_packs(with_token(read, &anne.access_token)).await.is_ok());
    let write = pb::CreateLegalPackRequest { parent: HOSPITAL.into(), ..Default::default() };
    let refused = world.staff().create_legal_pack(with_token(write, &anne.access_token)).await;
    assert_eq!(refusal(refused).0, Code::PermissionDenied);
}
