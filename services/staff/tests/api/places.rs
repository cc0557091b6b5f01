//! Sites, sectors and rooms; and with them what all resources have in common.

use chassis::testing::with_token;
use prost_types::FieldMask;
use proto::staff::v1 as pb;
use tonic::Code;

use crate::world::{HOSPITAL, World, fields, refusal, request_id};

fn create_site(id: &str, name: &str, request_id: &str) -> pb::CreateSiteRequest {
    pb::CreateSiteRequest {
        parent: HOSPITAL.into(),
        site_id: id.into(),
        site: Some(pb::Site { display_name: name.into(), ..Default::default() }),
        request_id: request_id.into(),
    }
}

async fn sector(world: &World, site: &str, id: &str) -> pb::Sector {
    let request = pb::CreateSectorRequest {
        parent: format!("{HOSPITAL}/sites/{site}"),
        sector_id: id.into(),
        sector: Some(pb::Sector { display_name: format!("Secteur {id}"), ..Default::default() }),
        request_id: String::new(),
    };
    world.sites().create_sector(world.by_admin(request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_another_payload_is_refused() {
    let world = World::new().await;
    let id = request_id();
    let create = |name: &str| world.by_admin(create_site("main", name, &id));
    let first = world.sites().create_site(create("Clinique")).await.unwrap().into_inner();
    let again = world.sites().create_site(create("Clinique")).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = world.sites().create_site(create("Autre")).await;
    assert_eq!(refusal(other), (Code::InvalidArgument, "REQUEST_ID_REUSED".into()));
}

#[tokio::test]
async fn ids_and_names_are_unique() {
    let world = World::new().await;
    world.site("main").await;
    let same_id = world.sites().create_site(world.by_admin(create_site("main", "Autre", ""))).await;
    assert_eq!(refusal(same_id), (Code::AlreadyExists, "NAME_TAKEN".into()));
    let same_name = world.sites().create_site(world.by_admin(create_site("other", "SITE main", ""))).await;
    assert_eq!(refusal(same_name), (Code::AlreadyExists, "NAME_TAKEN".into()));
    let bad = world.sites().create_site(world.by_admin(create_site("Main!", "Autre", ""))).await;
    assert_eq!(fields(bad), ["site_id"]);
}

#[tokio::test]
async fn every_violation_of_a_resource_is_told_at_once() {
    let world = World::new().await;
    let mut request = create_site("main", "", "");
    request.site = Some(pb::Site { color: "red".into(), time_zone: "Mars".into(), ..Default::default() });
    let result = world.sites().create_site(world.by_admin(request)).await;
    assert_eq!(fields(result), ["site.display_name", "site.color", "site.time_zone"]);
}

#[tokio::test]
async fn an_update_touches_what_the_mask_names_and_refuses_a_stale_etag() {
    let world = World::new().await;
    let site = world.site("main").await;
    let update = |site: pb::Site, paths: &[&str]| {
        world.by_admin(pb::UpdateSiteRequest {
            site: Some(site),
            update_mask: Some(FieldMask { paths: paths.iter().map(|path| (*path).into()).collect() }),
            request_id: String::new(),
        })
    };
    let sent = pb::Site { display_name: "Nouveau".into(), address: "rue".into(), ..site.clone() };
    let new = world.sites().update_site(update(sent.clone(), &["address"])).await.unwrap().into_inner();
    assert_eq!((new.display_name.as_str(), new.address.as_str()), ("Site main", "rue"));
    assert_ne!(new.etag, site.etag);
    let stale = world.sites().update_site(update(sent.clone(), &["address"])).await;
    assert_eq!(refusal(stale), (Code::Aborted, "ETAG_MISMATCH".into()));
    let unknown =
        world.sites().update_site(update(pb::Site { etag: new.etag, ..sent }, &["shoe_size"])).await;
    assert_eq!(fields(unknown), ["update_mask"]);
    let missing = pb::Site { name: format!("{HOSPITAL}/sites/none"), ..Default::default() };
    let missing = world.sites().update_site(update(missing, &["address"])).await;
    assert_eq!(refusal(missing), (Code::NotFound, "NOT_FOUND".into()));
}

#[tokio::test]
async fn pages_are_walked_and_a_token_of_another_query_is_refused() {
    let world = World::new().await;
    for site in ["a", "b", "c"] {
        world.site(site).await;
    }
    let list = |size: i32, token: &str| {
        world.by_admin(pb::ListSitesRequest {
            parent: HOSPITAL.into(),
            page_size: size,
            page_token: token.into(),
        })
    };
    let (mut seen, mut token) = (vec![], String::new());
    loop {
        let page = world.sites().list_sites(list(2, &token)).await.unwrap().into_inner();
        seen.extend(page.sites.into_iter().map(|site| site.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        let skills =
            pb::ListSkillsRequest { parent: HOSPITAL.into(), page_size: 2, page_token: token.clone() };
        let other = world.staff().list_skills(world.by_admin(skills)).await;
        assert_eq!(refusal(other), (Code::InvalidArgument, "PAGE_TOKEN_INVALID".into()));
    }
    assert_eq!(seen, ["a", "b", "c"].map(|site| format!("{HOSPITAL}/sites/{site}")));
    assert_eq!(refusal(world.sites().list_sites(list(2, "x")).await).1, "PAGE_TOKEN_INVALID");
}

#[tokio::test]
async fn rooms_are_listed_below_wildcards_and_places_in_use_stay() {
    let world = World::new().await;
    for site in ["main", "second"] {
        world.site(site).await;
        let sector = sector(&world, site, "septic").await;
        let request = pb::CreateRoomRequest {
            parent: sector.name,
            room_id: "r9".into(),
            room: Some(pb::Room { number: "9".into(), display_name: "Salle 9".into(), ..Default::default() }),
            request_id: String::new(),
        };
        world.sites().create_room(world.by_admin(request)).await.unwrap();
    }
    for (parent, count) in [
        ("sites/-/sectors/-", 2),
        ("sites/main/sectors/-", 1),
        ("sites/-/sectors/septic", 2),
        ("sites/-/sectors/x", 0),
    ] {
        let request = pb::ListRoomsRequest { parent: format!("{HOSPITAL}/{parent}"), ..Default::default() };
        let rooms = world.sites().list_rooms(world.by_admin(request)).await.unwrap().into_inner().rooms;
        assert_eq!(rooms.len(), count, "{parent}");
    }
    let request = pb::DeleteSiteRequest { name: format!("{HOSPITAL}/sites/main"), ..Default::default() };
    let result = world.sites().delete_site(world.by_admin(request)).await;
    assert_eq!(refusal(result), (Code::FailedPrecondition, "RESOURCE_IN_USE".into()));
    for name in ["main/sectors/septic/rooms/r9", "main/sectors/septic", "main"] {
        let name = format!("{HOSPITAL}/sites/{name}");
        let deleted = match name.matches('/').count() {
            3 => {
                world
                    .sites()
                    .delete_site(world.by_admin(pb::DeleteSiteRequest { name, ..Default::default() }))
                    .await
            }
            5 => {
                world
                    .sites()
                    .delete_sector(world.by_admin(pb::DeleteSectorRequest { name, ..Default::default() }))
                    .await
            }
            _ => {
                world
                    .sites()
                    .delete_room(world.by_admin(pb::DeleteRoomRequest { name, ..Default::default() }))
                    .await
            }
        };
        deleted.unwrap();
    }
}

#[tokio::test]
async fn a_sector_below_no_site_and_one_that_names_no_skill_are_refused() {
    let world = World::new().await;
    let create = |parent: &str, skill: &str| {
        world.by_admin(pb::CreateSectorRequest {
            parent: format!("{HOSPITAL}/sites/{parent}"),
            sector_id: "endo".into(),
            sector: Some(pb::Sector {
                display_name: "Endoscopie".into(),
                supervision_skill: skill.into(),
                ..Default::default()
            }),
            request_id: String::new(),
        })
    };
    assert_eq!(refusal(world.sites().create_sector(create("main", "")).await).1, "NOT_FOUND");
    world.site("main").await;
    let unknown = format!("{HOSPITAL}/skills/none");
    for skill in [unknown.as_str(), "hospitals/south/skills/supervise-endoscopy", "endoscopy"] {
        let result = world.sites().create_sector(create("main", skill)).await;
        assert_eq!(fields(result), ["sector.supervision_skill"], "{skill}");
    }
    let good = create("main", &format!("{HOSPITAL}/skills/supervise-endoscopy"));
    assert!(world.sites().create_sector(good).await.is_ok());
}

#[tokio::test]
async fn writing_is_for_administrators_and_another_hospital_is_for_nobody() {
    let world = World::new().await;
    world.site("main").await;
    let nurse = world.signed_in("bruno", "IADE").await.access_token;
    let list = |hospital: &str| pb::ListSitesRequest { parent: hospital.into(), ..Default::default() };
    assert!(world.sites().list_sites(with_token(list(HOSPITAL), &nurse)).await.is_ok());
    // Permission comes before validation: the empty name is not talked about.
    let result = world.sites().create_site(with_token(create_site("x", "", ""), &nurse)).await;
    assert_eq!(refusal(result), (Code::PermissionDenied, "PERMISSION_DENIED".into()));
    let result = world.sites().list_sites(world.by_admin(list("hospitals/south"))).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
    let request = pb::GetSiteRequest { name: "hospitals/south/sites/main".into() };
    assert_eq!(refusal(world.sites().get_site(world.by_admin(request)).await).0, Code::PermissionDenied);
    let result = world.sites().list_sites(list(HOSPITAL)).await;
    assert_eq!(refusal(result), (Code::Unauthenticated, "TOKEN_MISSING".into()));
}
