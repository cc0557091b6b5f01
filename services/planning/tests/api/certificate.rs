//! The certificate of what is published: another check than the judge's, kept with the revision.

use proto::planning::v1::{self as pb, PlanPublished, certificate::Verdict};
use sha2::{Digest, Sha256};
use tonic::Code;

use crate::world::{Answer, HOSPITAL, PLAN, World, date, preconditions, reason};

async fn certificate(world: &World, reader: &str, revision: i32) -> Answer<pb::Certificate> {
    let request = pb::GetCertificateRequest { name: format!("{PLAN}/revisions/{revision}/certificate") };
    world.client().get_certificate(world.by(reader, request)).await.map(tonic::Response::into_inner)
}

async fn revision(world: &World, revision: i32) -> pb::Revision {
    let request = pb::GetRevisionRequest { name: format!("{PLAN}/revisions/{revision}") };
    world.client().get_revision(world.by("boss", request)).await.unwrap().into_inner()
}

/// Every fact, page after page.
async fn facts(world: &World, reader: &str, revision: i32) -> Answer<Vec<String>> {
    let mut request = pb::ListCertificateFactsRequest {
        parent: format!("{PLAN}/revisions/{revision}/certificate"),
        page_size: 100,
        ..Default::default()
    };
    let mut facts = Vec::new();
    loop {
        let page =
            world.client().list_certificate_facts(world.by(reader, request.clone())).await?.into_inner();
        facts.extend(page.facts);
        if page.next_page_token.is_empty() {
            return Ok(facts);
        }
        request.page_token = page.next_page_token;
    }
}

/// The certificate of the first revision is the event's, the revision's, and that of the facts.
pub async fn is_of(world: &World, event: &PlanPublished) {
    let own = certificate(world, "bob", 1).await.unwrap();
    assert_eq!(own.verdict(), Verdict::Compliant);
    assert!(own.checks.iter().all(|check| check.breaches.is_empty()));
    let count = |rule: &str| own.checks.iter().find(|check| check.rule == rule).unwrap().fact_count;
    // 31 gardes are shifts, and 31 days ask for one.
    assert_eq!((count("G1"), count("G2"), count("C3"), count("B2")), (62, 62, 80, 13));
    assert!(count("A1") > 100, "everybody's posts");
    assert_eq!(revision(world, 1).await.certificate_hash, own.hash);
    assert_eq!(event.certificate_hash, own.hash);

    let facts = facts(world, "boss", 1).await.unwrap();
    assert_eq!((facts[0].as_str(), facts.len()), (own.format.as_str(), own.fact_count as usize));
    let mut hasher = Sha256::new();
    for fact in &facts {
        hasher.update(format!("{fact}\n"));
    }
    assert_eq!(hex::encode(hasher.finalize()), own.hash, "anybody can compute it");
    let text = facts.join("\n");
    assert!(text.contains(&format!("subject\t{PLAN}/revisions/1")));
    assert!(text.contains("absence\tann\t2027-01-11"), "that somebody is away is a fact");
    assert!(!text.contains("Given") && !text.contains("Family"), "nobody is named");
}

#[tokio::test]
async fn what_only_the_certificate_finds_is_not_published() {
    let world = World::new().await;
    world.planned().await;
    let proposal = world.generated().await;
    let etag = world.plan("boss").await.unwrap().etag;
    world.adopt(&proposal.name, &etag).await.unwrap();
    // The judge looks at the shifts there are: one that is gone is no hole to it.
    let garde = world.shifts("kind = GARDE AND date = \"2027-01-12\"").await.remove(0);
    let request = pb::DeleteShiftRequest { name: garde.name.clone() };
    world.client().delete_shift(world.by("boss", request)).await.unwrap();
    let analysis = world.analyze(PLAN).await;
    assert_eq!(analysis.hard_match_count, 0);
    assert!(analysis.holes.iter().all(|hole| hole.shift != garde.name));
    let etag = world.plan("boss").await.unwrap().etag;
    for is_preview in [true, false] {
        let refused = world.publish(&etag, is_preview).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::FailedPrecondition, "PLAN_NOT_CERTIFIED")
        );
        assert_eq!(preconditions(&refused), ["G1"]);
    }
    let plan = world.plan("boss").await.unwrap();
    assert_eq!(
        (plan.etag.as_str(), plan.published_revision.as_str()),
        (etag.as_str(), ""),
        "nothing changed"
    );
    assert_eq!(certificate(&world, "boss", 1).await.unwrap_err().code(), Code::NotFound);

    // Listed as a hole it is published: nobody is there, and everybody can read it.
    let request = pb::CreateShiftRequest {
        parent: PLAN.into(),
        shift: Some(pb::Shift {
            kind: pb::shift::Kind::Garde.into(),
            date: Some(date("2027-01-12")),
            site: format!("hospitals/{HOSPITAL}/sites/main"),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.client().create_shift(world.by("boss", request)).await.unwrap();
    let etag = world.plan("boss").await.unwrap().etag;
    world.publish(&etag, false).await.unwrap();
    assert_eq!(certificate(&world, "boss", 1).await.unwrap().verdict(), Verdict::Compliant);
    let open: Vec<String> = facts(&world, "boss", 1).await.unwrap();
    assert!(open.iter().any(|fact| fact.starts_with("open\t") && fact.ends_with("\tPERFORMER")));
}

#[tokio::test]
async fn each_revision_keeps_its_own_certificate() {
    let world = World::new().await;
    world.published().await;
    let first = certificate(&world, "boss", 1).await.unwrap();
    let garde = world.assignments("boss", "kind = GARDE").await.remove(0);
    let request = pb::DeleteAssignmentRequest { name: garde.name, etag: String::new() };
    world.client().delete_assignment(world.by("boss", request)).await.unwrap();
    let etag = world.plan("boss").await.unwrap().etag;
    world.publish(&etag, false).await.unwrap();
    let second = certificate(&world, "boss", 2).await.unwrap();
    assert_ne!(second.hash, first.hash);
    assert_eq!(certificate(&world, "boss", 1).await.unwrap(), first);
    assert_eq!(revision(&world, 2).await.certificate_hash, second.hash);
}

#[tokio::test]
async fn a_revision_from_before_there_were_certificates_has_none() {
    let world = World::new().await;
    world.published().await;
    world.forget_certificates().await;
    for answer in [certificate(&world, "boss", 1).await.map(drop), facts(&world, "boss", 1).await.map(drop)] {
        assert_eq!(answer.unwrap_err().code(), Code::NotFound);
    }
    assert_eq!(revision(&world, 1).await.certificate_hash, "");
}

#[tokio::test]
async fn everybody_may_read_a_certificate_and_those_who_publish_its_facts() {
    let world = World::new().await;
    world.published().await;
    certificate(&world, "bob", 1).await.unwrap();
    assert_eq!(facts(&world, "bob", 1).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(certificate(&world, "locum", 1).await.unwrap_err().code(), Code::PermissionDenied);
    let request = pb::GetCertificateRequest { name: format!("{PLAN}/revisions/1/certificate") };
    let refused = world.client().get_certificate(world.by_stranger(request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}
