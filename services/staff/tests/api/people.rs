//! Staff members, contracts, surgeons, incompatibilities, and the events that tell of them.

use chassis::testing::with_token;
use proto::{event::v1::Envelope, staff::v1 as pb, r#type::v1::Date};
use tonic::Code;

use crate::world::{HOSPITAL, World, fields, person, refusal};

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

fn contract(percentage: i32, first: Option<Date>, last: Option<Date>) -> pb::Contract {
    let pattern = Some(pb::work_pattern::Pattern::FullTime(pb::FullTime {}));
    pb::Contract {
        first_date: first,
        last_date: last,
        percentage,
        work_pattern: Some(pb::WorkPattern { pattern }),
        ..Default::default()
    }
}

fn create(id: &str, person: pb::StaffMember) -> pb::CreateStaffMemberRequest {
    pb::CreateStaffMemberRequest {
        parent: HOSPITAL.into(),
        staff_member_id: id.into(),
        staff_member: Some(person),
        request_id: String::new(),
    }
}

#[tokio::test]
async fn an_address_is_used_once_whatever_its_case() {
    let world = World::new().await;
    world.person("anne", "MAR").await;
    let other = pb::StaffMember { email: "ANNE@north.fr".into(), ..person("other", "MAR") };
    let result = world.staff().create_staff_member(world.by_admin(create("other", other))).await;
    assert_eq!(refusal(result), (Code::AlreadyExists, "EMAIL_TAKEN".into()));
}

#[tokio::test]
async fn line_breaks_in_a_name_or_an_address_are_refused_and_nothing_changes() {
    let world = World::new().await;
    let before = world.person("anne", "MAR").await;
    for evil in ["\r\nBcc: everybody@north.fr", "\nSubject: other", "\r", "\0", "\u{85}"] {
        let changes = [
            ("given_name", pb::StaffMember { given_name: format!("Anne{evil}"), ..before.clone() }),
            ("family_name", pb::StaffMember { family_name: format!("Roux{evil}"), ..before.clone() }),
            ("display_name", pb::StaffMember { display_name: format!("A. Roux{evil}"), ..before.clone() }),
            ("email", pb::StaffMember { email: format!("an{evil}ne@north.fr"), ..before.clone() }),
        ];
        for (field, changed) in changes {
            let other = pb::StaffMember { name: String::new(), ..changed.clone() };
            let result = world.staff().create_staff_member(world.by_admin(create("other", other))).await;
            assert_eq!(fields(result), [format!("staff_member.{field}")], "{evil:?}");
            let update = pb::UpdateStaffMemberRequest {
                staff_member: Some(changed),
                update_mask: Some(prost_types::FieldMask { paths: vec![field.to_owned()] }),
                ..Default::default()
            };
            let result = world.staff().update_staff_member(world.by_admin(update)).await;
            assert_eq!(fields(result), [format!("staff_member.{field}")], "{evil:?}");
        }
    }
    let request = pb::GetStaffMemberRequest { name: before.name.clone() };
    let after = world.staff().get_staff_member(world.by_admin(request)).await.unwrap().into_inner();
    assert_eq!(after, before);
    let request = pb::ListStaffMembersRequest { parent: HOSPITAL.into(), ..Default::default() };
    let listed = world.staff().list_staff_members(world.by_admin(request)).await.unwrap().into_inner();
    assert!(listed.staff_members.iter().all(|person| !person.name.ends_with("/other")));
}

#[tokio::test]
async fn only_the_super_administrator_grants_roles_and_resets_administrators() {
    let world = World::new().await;
    let planner = pb::StaffMember {
        roles: vec![pb::Role::AnesthetistAdministrator as i32],
        ..person("planner", "MAR")
    };
    let planner = world.staff().create_staff_member(world.by_admin(create("planner", planner))).await;
    let planner = planner.unwrap().into_inner();
    let temporary = world.reset(&planner.name, "").await.unwrap();
    let mut request = crate::world::sign_in(&planner.email, &temporary);
    request.new_password = crate::world::PASSWORD.into();
    let token = world.sessions().create_session(request).await.unwrap().into_inner().access_token;
    let plain =
        world.staff().create_staff_member(with_token(create("anne", person("anne", "MAR")), &token)).await;
    assert!(plain.is_ok());
    let boss = pb::StaffMember { roles: vec![pb::Role::SuperAdministrator as i32], ..person("boss", "MAR") };
    let result = world.staff().create_staff_member(with_token(create("boss", boss), &token)).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
    let request = pb::ResetPasswordRequest { name: planner.name, request_id: String::new() };
    assert_eq!(
        refusal(world.staff().reset_password(with_token(request, &token)).await).0,
        Code::PermissionDenied
    );
}

#[tokio::test]
async fn contracts_of_a_person_do_not_overlap_and_the_current_one_is_shown() {
    let world = World::new().await;
    let anne = world.person("anne", "MAR").await;
    let create = |contract: pb::Contract| {
        world.by_admin(pb::CreateContractRequest {
            parent: anne.name.clone(),
            contract: Some(contract),
            request_id: String::new(),
        })
    };
    let first = contract(100, date(2026, 1, 1), date(2026, 12, 31));
    let first = world.staff().create_contract(create(first)).await.unwrap().into_inner();
    let overlapping = world.staff().create_contract(create(contract(50, date(2026, 12, 31), None))).await;
    assert_eq!(refusal(overlapping), (Code::FailedPrecondition, "CONTRACTS_OVERLAP".into()));
    world.staff().create_contract(create(contract(50, date(2027, 1, 1), None))).await.unwrap();
    let lengthened = pb::Contract { last_date: date(2027, 1, 1), ..first.clone() };
    let request = pb::UpdateContractRequest { contract: Some(lengthened), ..Default::default() };
    assert_eq!(refusal(world.staff().update_contract(world.by_admin(request)).await).1, "CONTRACTS_OVERLAP");
    let wrong = contract(130, date(2026, 2, 30), date(2026, 1, 1));
    let wrong = world.staff().create_contract(create(wrong)).await;
    assert_eq!(fields(wrong), ["contract.first_date", "contract.percentage"]);
    let request = pb::GetStaffMemberRequest { name: anne.name.clone() };
    let shown = world.staff().get_staff_member(world.by_admin(request)).await.unwrap().into_inner();
    assert_eq!(shown.contract, first.name);
}

#[tokio::test]
async fn a_person_reads_own_contracts_and_nobody_elses() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let bruno = world.person("bruno", "IADE").await;
    let list = |parent: &str| {
        with_token(
            pb::ListContractsRequest { parent: parent.into(), ..Default::default() },
            &anne.access_token,
        )
    };
    assert!(world.staff().list_contracts(list(&anne.staff_member)).await.is_ok());
    let everybody = format!("{HOSPITAL}/staffMembers/-");
    for parent in [&bruno.name, &everybody] {
        assert_eq!(refusal(world.staff().list_contracts(list(parent)).await).0, Code::PermissionDenied);
    }
}

#[tokio::test]
async fn people_are_filtered_and_joined_in_the_order_asked() {
    let world = World::new().await;
    let anne = world.person("anne", "MAR").await;
    let bruno = world.person("bruno", "IADE").await;
    let list = |filter: &str| {
        let filter = filter.to_owned();
        world.by_admin(pb::ListStaffMembersRequest { parent: HOSPITAL.into(), filter, ..Default::default() })
    };
    let nurses =
        world.staff().list_staff_members(list("profession = IADE AND state = ACTIVE")).await.unwrap();
    let nurses: Vec<String> =
        nurses.into_inner().staff_members.into_iter().map(|person| person.name).collect();
    assert_eq!(nurses, std::slice::from_ref(&bruno.name));
    let result = world.staff().list_staff_members(list("email = x")).await;
    assert_eq!(refusal(result), (Code::InvalidArgument, "FILTER_INVALID".into()));
    let batch = |names: Vec<String>| {
        world.by_admin(pb::BatchGetStaffMembersRequest { parent: HOSPITAL.into(), names })
    };
    let both =
        world.staff().batch_get_staff_members(batch(vec![bruno.name.clone(), anne.name.clone()])).await;
    let both: Vec<String> = both.unwrap().into_inner().staff_members.into_iter().map(|p| p.name).collect();
    assert_eq!(both, [bruno.name, anne.name]);
    let none = format!("{HOSPITAL}/staffMembers/none");
    assert_eq!(refusal(world.staff().batch_get_staff_members(batch(vec![none])).await).1, "NOT_FOUND");
}

#[tokio::test]
async fn a_specialty_has_one_spelling_and_a_surgeon_needs_one() {
    let world = World::new().await;
    let create = |name: &str| {
        world.by_admin(pb::CreateSpecialtyRequest {
            parent: HOSPITAL.into(),
            specialty: Some(pb::Specialty { display_name: name.into(), ..Default::default() }),
            ..Default::default()
        })
    };
    let specialty =
        world.staff().create_specialty(create("Chirurgie Pédiatrique")).await.unwrap().into_inner();
    assert_eq!(specialty.name, format!("{HOSPITAL}/specialties/chirurgie-pediatrique"));
    let again = world.staff().create_specialty(create("CHIRURGIES PEDIATRIQUES")).await;
    assert_eq!(refusal(again), (Code::AlreadyExists, "NAME_TAKEN".into()));
    let surgeon = |specialties: Vec<String>| {
        world.by_admin(pb::CreateSurgeonRequest {
            parent: HOSPITAL.into(),
            surgeon: Some(pb::Surgeon { family_name: "Blanc".into(), specialties, ..Default::default() }),
            ..Default::default()
        })
    };
    assert_eq!(fields(world.staff().create_surgeon(surgeon(vec![])).await), ["surgeon.specialties"]);
    let made =
        world.staff().create_surgeon(surgeon(vec![specialty.name.clone()])).await.unwrap().into_inner();
    let taken = world.staff().create_surgeon(surgeon(vec![specialty.name])).await;
    assert_eq!(refusal(taken).1, "NAME_TAKEN");
    let request =
        pb::DeleteSurgeonRequest { name: made.name, etag: "\"9\"".into(), request_id: String::new() };
    assert_eq!(refusal(world.staff().delete_surgeon(world.by_admin(request)).await).1, "ETAG_MISMATCH");
}

#[tokio::test]
async fn the_reason_of_an_incompatibility_is_for_administrators() {
    let world = World::new().await;
    let (anne, bruno) = (world.person("anne", "MAR").await, world.person("bruno", "IADE").await);
    let nurse_administrator =
        pb::StaffMember { roles: vec![pb::Role::NurseAdministrator as i32], ..person("chief", "IADE") };
    world.staff().create_staff_member(world.by_admin(create("chief", nurse_administrator))).await.unwrap();
    let temporary = world.reset(&format!("{HOSPITAL}/staffMembers/chief"), "").await.unwrap();
    let mut request = crate::world::sign_in("chief@north.fr", &temporary);
    request.new_password = crate::world::PASSWORD.into();
    let chief = world.sessions().create_session(request).await.unwrap().into_inner().access_token;
    let pair = |one: &str, two: &str| {
        world.by_admin(pb::CreateIncompatibilityRequest {
            parent: HOSPITAL.into(),
            incompatibility: Some(pb::Incompatibility {
                staff_member: one.into(),
                other: two.into(),
                level: pb::incompatibility::Level::Strict as i32,
                reason: "confidentiel".into(),
                ..Default::default()
            }),
            request_id: String::new(),
        })
    };
    world.staff().create_incompatibility(pair(&anne.name, &bruno.name)).await.unwrap();
    let again = world.staff().create_incompatibility(pair(&bruno.name, &anne.name)).await;
    assert_eq!(refusal(again).1, "NAME_TAKEN");
    let list = pb::ListIncompatibilitiesRequest { parent: HOSPITAL.into(), ..Default::default() };
    let all = world.staff().list_incompatibilities(world.by_admin(list.clone())).await.unwrap().into_inner();
    assert_eq!(all.incompatibilities[0].reason, "confidentiel");
    let hidden = world.staff().list_incompatibilities(with_token(list, &chief)).await.unwrap().into_inner();
    assert_eq!(hidden.incompatibilities[0].reason, "");
}

#[tokio::test]
async fn changes_are_told_on_the_bus_without_any_name_of_a_person() {
    let world = World::new().await;
    let mut queue = world.bus.queue("staff", "test");
    let anne = world.person("anne", "MAR").await;
    loop {
        let delivery = queue.next().await.unwrap();
        let event: Envelope = delivery.envelope.clone();
        delivery.ack().await.unwrap();
        if event.subject == anne.name {
            assert_eq!(event.r#type, "mathildanesth.staff.v1.StaffMemberCreated");
            assert_eq!(event.hospital, "north");
            let text = String::from_utf8_lossy(&event.payload).into_owned();
            assert!(!text.contains("Roux") && !text.contains("anne@"), "{text}");
            break;
        }
    }
}

#[tokio::test]
async fn a_national_number_is_checked_on_entry_and_belongs_to_one_person() {
    let world = World::new().await;
    let with = |id: &str, rpps: &str, adeli: &str| {
        let person = pb::StaffMember { rpps: rpps.into(), adeli: adeli.into(), ..person(id, "MAR") };
        world.by_admin(create(id, person))
    };
    let wrong = world.staff().create_staff_member(with("anne", "10000000007", "001234567")).await;
    assert_eq!(fields(wrong), ["staff_member.rpps", "staff_member.adeli"]);
    let right = world.staff().create_staff_member(with("anne", "1000 0000 009", "75 1234567")).await;
    let right = right.unwrap().into_inner();
    assert_eq!((right.rpps.as_str(), right.adeli.as_str()), ("10000000009", "751234567"));
    let twice = world.staff().create_staff_member(with("bruno", "10000000009", "")).await;
    assert_eq!(refusal(twice), (Code::AlreadyExists, "IDENTIFIER_TAKEN".into()));
    let site = pb::CreateSiteRequest {
        parent: HOSPITAL.into(),
        site_id: "main".into(),
        site: Some(pb::Site {
            display_name: "Nord".into(),
            finess: "750100003".into(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    assert_eq!(fields(world.sites().create_site(world.by_admin(site)).await), ["site.finess"]);
}
