//! Wishes and requests for work: allowances, windows, decisions, and what generations make of them.

use proto::{
    planning::v1::{self as pb, mark::Color, shift::Kind as Work, wish::Kind, wish::Rank, wish::State},
    solver::v1 as solver,
};
use tonic::{Code, Response};

use crate::world::{Answer, HOSPITAL, PLAN, World, date, fields, new_request_id, reason};

fn person(id: &str) -> String {
    format!("hospitals/{HOSPITAL}/staffMembers/{id}")
}

/// A secondary wish for a whole day.
fn wish(kind: Kind, day: &str) -> pb::Wish {
    pb::Wish { kind: kind.into(), date: Some(date(day)), ..Default::default() }
}

async fn send(world: &World, by: &str, who: &str, wish: pb::Wish) -> Answer<pb::Wish> {
    let request = pb::CreateWishRequest { parent: person(who), wish: Some(wish), ..Default::default() };
    world.client().create_wish(world.by(by, request)).await.map(Response::into_inner)
}

async fn approve(world: &World, by: &str, name: &str) -> Answer<pb::Wish> {
    let request = pb::ApproveWishRequest { name: name.into(), ..Default::default() };
    world.client().approve_wish(world.by(by, request)).await.map(Response::into_inner)
}

async fn take_back(world: &World, by: &str, name: &str) -> Answer<()> {
    let request = pb::DeleteWishRequest { name: name.into(), ..Default::default() };
    world.client().delete_wish(world.by(by, request)).await.map(Response::into_inner)
}

async fn list(world: &World, by: &str, who: &str) -> Answer<Vec<pb::Wish>> {
    let request = pb::ListWishesRequest { parent: person(who), ..Default::default() };
    Ok(world.client().list_wishes(world.by(by, request)).await?.into_inner().wishes)
}

/// It is the 23rd of November: with the default 45 days the window for January closed on the 17th.
#[tokio::test]
async fn wishes_are_taken_while_their_window_is_open() {
    let world = World::new().await;
    let late = send(&world, "bob", "bob", wish(Kind::Off, "2027-01-20")).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "WISH_WINDOW_CLOSED"));
    let soon = send(&world, "bob", "bob", wish(Kind::Off, "2028-06-20")).await.unwrap_err();
    assert_eq!(reason(&soon), "WISH_WINDOW_CLOSED");
    let own = send(&world, "bob", "bob", wish(Kind::Off, "2027-02-20")).await.unwrap();
    assert_eq!(
        (own.state(), own.rank(), own.color()),
        (State::Submitted, Rank::Secondary, Color::Unspecified)
    );
    send(&world, "boss", "bob", wish(Kind::Off, "2027-01-20")).await.expect("who decides is not bound to it");
    let nobody = send(&world, "boss", "nobody", wish(Kind::Off, "2027-02-20")).await.unwrap_err();
    assert_eq!(nobody.code(), Code::NotFound);
}

#[tokio::test]
async fn allowances_bound_each_rank_of_a_month_and_come_back() {
    let world = World::new().await;
    let primary = |day: u32| pb::Wish {
        rank: Rank::Primary.into(),
        ..wish(Kind::NoGarde, &format!("2027-02-{day:02}"))
    };
    let mut names = Vec::new();
    for day in 1..=4 {
        names.push(send(&world, "bob", "bob", primary(day)).await.unwrap().name);
    }
    let fifth = send(&world, "bob", "bob", primary(5)).await.unwrap_err();
    assert_eq!((fifth.code(), reason(&fifth).as_str()), (Code::FailedPrecondition, "WISH_ALLOWANCE_SPENT"));
    send(&world, "bob", "bob", wish(Kind::NoGarde, "2027-02-05")).await.expect("another rank");
    let march = pb::Wish { rank: Rank::Primary.into(), ..wish(Kind::NoGarde, "2027-03-05") };
    send(&world, "bob", "bob", march).await.expect("another month");
    send(&world, "cas", "cas", primary(5)).await.expect("another person");

    take_back(&world, "bob", &names[0]).await.unwrap();
    send(&world, "bob", "bob", primary(1)).await.expect("what is taken back gives its place back");
    let request =
        pb::RejectWishRequest { name: names[1].clone(), comment: "trop".into(), ..Default::default() };
    let rejected = world.client().reject_wish(world.by("boss", request)).await.unwrap().into_inner();
    assert_eq!((rejected.state(), rejected.decision_comment.as_str()), (State::Rejected, "trop"));
    send(&world, "bob", "bob", primary(6)).await.expect("what is declined does, too");
    assert_eq!(reason(&send(&world, "bob", "bob", primary(7)).await.unwrap_err()), "WISH_ALLOWANCE_SPENT");
}

#[tokio::test]
async fn a_wish_is_there_once_and_not_beside_its_contrary() {
    let world = World::new().await;
    let request = pb::CreateWishRequest {
        parent: person("bob"),
        wish: Some(wish(Kind::Off, "2027-02-10")),
        request_id: new_request_id(),
    };
    let first = world.client().create_wish(world.by("bob", request.clone())).await.unwrap().into_inner();
    let again = world.client().create_wish(world.by("bob", request)).await.unwrap().into_inner();
    assert_eq!(first, again, "a retry answers the same wish");
    let same = send(&world, "bob", "bob", wish(Kind::Off, "2027-02-10")).await.unwrap_err();
    assert_eq!((same.code(), reason(&same).as_str()), (Code::AlreadyExists, "NAME_TAKEN"));
    let contrary = send(&world, "bob", "bob", wish(Kind::Garde, "2027-02-10")).await.unwrap_err();
    assert_eq!(reason(&contrary), "WISH_CONTRADICTS");
    let nonsense = pb::Wish { comment: "x".repeat(501), ..Default::default() };
    let refused = send(&world, "bob", "bob", nonsense).await.unwrap_err();
    assert_eq!(fields(&refused), ["wish.kind", "wish.date", "wish.comment"]);
    let halves = pb::Wish { day_part: 1, ..wish(Kind::Garde, "2027-02-11") };
    assert_eq!(fields(&send(&world, "bob", "bob", halves).await.unwrap_err()), ["wish.day_part"]);
    let whole = send(&world, "bob", "bob", wish(Kind::Consultation, "2027-02-11")).await.unwrap_err();
    assert_eq!(fields(&whole), ["wish.day_part"]);
}

#[tokio::test]
async fn wishes_are_their_persons_and_those_who_decide() {
    let world = World::new().await;
    let own = pb::Wish { comment: "secret".into(), ..wish(Kind::Off, "2027-02-10") };
    let own = send(&world, "bob", "bob", own).await.unwrap();
    assert_eq!(list(&world, "bob", "bob").await.unwrap(), std::slice::from_ref(&own));
    assert_eq!(list(&world, "boss", "-").await.unwrap(), std::slice::from_ref(&own));
    let get = pb::GetWishRequest { name: own.name.clone() };
    for other in ["ann", "zoe"] {
        let denied = [
            list(&world, other, "bob").await.unwrap_err(),
            list(&world, other, "-").await.unwrap_err(),
            world.client().get_wish(world.by(other, get.clone())).await.unwrap_err(),
            send(&world, other, "bob", wish(Kind::Off, "2027-02-12")).await.unwrap_err(),
            take_back(&world, other, &own.name).await.unwrap_err(),
            approve(&world, other, &own.name).await.unwrap_err(),
        ];
        assert!(denied.iter().all(|own| own.code() == Code::PermissionDenied), "{other} {denied:?}");
    }
    assert_eq!(approve(&world, "bob", &own.name).await.unwrap_err().code(), Code::PermissionDenied);
    let granted = approve(&world, "boss", &own.name).await.unwrap();
    assert_eq!((granted.state(), granted.color()), (State::Approved, Color::Blue));
    assert_eq!(granted.decider, person("boss"));
    assert_eq!(reason(&approve(&world, "boss", &own.name).await.unwrap_err()), "WISH_NOT_PENDING");
    assert_eq!(reason(&take_back(&world, "bob", &own.name).await.unwrap_err()), "WISH_NOT_PENDING");
    take_back(&world, "boss", &own.name).await.unwrap();
    assert!(list(&world, "bob", "bob").await.unwrap().is_empty());
}

#[tokio::test]
async fn generations_welcome_wishes_and_keep_what_was_granted_which_is_marked() {
    let world = World::new().await;
    world.planned().await;
    world.analyze(PLAN).await;
    let off = send(&world, "boss", "bob", wish(Kind::Off, "2027-01-13")).await.unwrap();
    send(&world, "boss", "cas", wish(Kind::NoGarde, "2027-01-14")).await.unwrap();
    assert!(world.plan("boss").await.unwrap().analysis.unwrap().stale, "what was judged is another problem");
    approve(&world, "boss", &off.name).await.unwrap();
    world.generate("", 1).await.unwrap();
    let task = world.lease().await.unwrap();
    let problem: &solver::Problem = task.problem.as_ref().unwrap();
    assert_eq!(problem.requests.len(), 2, "both halves of the day");
    assert_eq!(problem.wishes.len(), 1);
    world.complete(&task).await.unwrap();
    let proposal = world.proposals().await.pop().unwrap();
    let etag = world.plan("boss").await.unwrap().etag;
    world.adopt(&proposal.name, &etag).await.unwrap();
    for held in world.assignments("boss", "date = \"2027-01-13\"").await {
        if held.staff_member == person("bob") {
            let request = pb::DeleteAssignmentRequest { name: held.name, etag: String::new() };
            world.client().delete_assignment(world.by("boss", request)).await.unwrap();
        }
    }
    let blue = |marks: &[pb::Mark]| -> Vec<String> {
        marks.iter().filter(|own| own.color() == Color::Blue).map(|own| own.wish.clone()).collect()
    };
    assert_eq!(blue(&marks(&world).await), std::slice::from_ref(&off.name));

    let consultation = world.shifts("kind = CONSULTATION AND date = \"2027-01-13\"").await.remove(0);
    for held in world.assignments("boss", &format!("shift = \"{}\"", consultation.name)).await {
        let request = pb::DeleteAssignmentRequest { name: held.name, etag: String::new() };
        world.client().delete_assignment(world.by("boss", request)).await.unwrap();
    }
    assert_eq!(consultation.kind(), Work::Consultation);
    let edit = world.assign(&consultation.name, "bob", false).await.unwrap();
    assert!(edit.violations.iter().any(|own| own.rule == "R1"), "an edit is told: {:?}", edit.violations);
    let after = marks(&world).await;
    assert!(blue(&after).is_empty());
    let red = after.iter().find(|own| own.color() == Color::Red && own.rules.iter().any(|rule| rule == "R1"));
    let red = red.expect("a granted wish that is broken is red");
    assert_eq!((red.staff_member.as_str(), red.date), (person("bob").as_str(), Some(date("2027-01-13"))));
    let request = pb::ListMarksRequest { parent: PLAN.into(), ..Default::default() };
    let denied = world.client().list_marks(world.by("bob", request)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
}

async fn marks(world: &World) -> Vec<pb::Mark> {
    let mut request = pb::ListMarksRequest { parent: PLAN.into(), page_size: 10, ..Default::default() };
    let mut marks = Vec::new();
    loop {
        let page = world.client().list_marks(world.by("boss", request.clone())).await.unwrap().into_inner();
        marks.extend(page.marks);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return marks;
        }
    }
}

/// Two wishes for the last place, at once: one is written.
#[tokio::test]
async fn of_two_wishes_for_the_last_place_one_is_refused() {
    let Some((world, scratch)) = World::on_postgres().await else { return };
    for day in 1..=3 {
        let own = pb::Wish { rank: Rank::Primary.into(), ..wish(Kind::Off, &format!("2027-02-{day:02}")) };
        send(&world, "bob", "bob", own).await.unwrap();
    }
    let last = |day: &str| pb::Wish { rank: Rank::Primary.into(), ..wish(Kind::Off, day) };
    let (one, other) = tokio::join!(
        send(&world, "bob", "bob", last("2027-02-10")),
        send(&world, "bob", "bob", last("2027-02-11")),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let refused = one.err().or(other.err()).unwrap();
    assert!(["WISH_ALLOWANCE_SPENT", "CONFLICT"].contains(&reason(&refused).as_str()), "{refused:?}");
    assert_eq!(list(&world, "bob", "bob").await.unwrap().len(), 4);
    drop(world);
    scratch.drop_database().await;
}
