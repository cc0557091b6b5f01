//! Swaps of published duties: judged when they are proposed and again when they are accepted, applied whole or not at all.

use proto::planning::v1::{
    self as pb, PlanPublished, SwapApplied, exchange_policy::Approval, shift::Kind, swap::State,
};
use tonic::{Code, Response};

use crate::{
    counted,
    world::{Answer, HOSPITAL, PLAN, World, new_request_id, preconditions, reason},
};

pub fn person(id: &str) -> String {
    format!("hospitals/{HOSPITAL}/staffMembers/{id}")
}

pub fn id(name: &str) -> String {
    name.rsplit('/').next().unwrap().to_owned()
}

impl World {
    /// Published gardes, by date.
    pub async fn gardes(&self) -> Vec<pb::Assignment> {
        self.assignments("bob", "kind = GARDE").await
    }

    async fn candidates(&self, offered: &pb::Assignment, give_away: bool) -> Vec<pb::SwapCandidate> {
        let request = pb::ListSwapCandidatesRequest {
            parent: offered.name.clone(),
            give_away,
            page_size: 1_000,
            ..Default::default()
        };
        let asked = self.by(&id(&offered.staff_member), request);
        self.swaps().list_swap_candidates(asked).await.unwrap().into_inner().candidates
    }

    async fn propose(&self, who: &str, swap: pb::Swap, request_id: &str) -> Answer<pb::Swap> {
        let request = pb::CreateSwapRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            swap: Some(swap),
            request_id: request_id.into(),
            ..Default::default()
        };
        self.swaps().create_swap(self.by(who, request)).await.map(Response::into_inner)
    }

    async fn accept(&self, who: &str, swap: &pb::Swap, request_id: &str) -> Answer<pb::Swap> {
        let name = swap.name.clone();
        let request = pb::AcceptSwapRequest { name, request_id: request_id.into(), ..Default::default() };
        self.swaps().accept_swap(self.by(who, request)).await.map(Response::into_inner)
    }

    async fn swap(&self, who: &str, name: &str) -> Answer<pb::Swap> {
        let request = pb::GetSwapRequest { name: name.into() };
        self.swaps().get_swap(self.by(who, request)).await.map(Response::into_inner)
    }

    async fn policy(&self, change: pb::ExchangePolicy) -> Answer<pb::ExchangePolicy> {
        let name = format!("hospitals/{HOSPITAL}/exchangePolicy");
        let exchange_policy = Some(pb::ExchangePolicy { name, ..change });
        let request = pb::UpdateExchangePolicyRequest { exchange_policy, update_mask: None };
        self.swaps().update_exchange_policy(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// A garde of somebody, and one of somebody else for which it can be exchanged.
    async fn pair(&self) -> (pb::Assignment, pb::SwapCandidate) {
        for offered in self.gardes().await {
            if let Some(found) = self.candidates(&offered, false).await.into_iter().next() {
                return (offered, found);
            }
        }
        panic!("no two gardes can be exchanged");
    }

    async fn proposed(&self) -> (pb::Swap, pb::Assignment, pb::SwapCandidate) {
        let (offered, wanted) = self.pair().await;
        let swap = self.propose(&id(&offered.staff_member), direct(&offered, &wanted), "").await.unwrap();
        (swap, offered, wanted)
    }

    async fn holder(&self, reader: &str, assignment: &str) -> String {
        let request = pb::GetAssignmentRequest { name: assignment.into() };
        self.client().get_assignment(self.by(reader, request)).await.unwrap().into_inner().staff_member
    }
}

fn direct(offered: &pb::Assignment, wanted: &pb::SwapCandidate) -> pb::Swap {
    pb::Swap {
        offered_assignment: offered.name.clone(),
        wanted_assignment: wanted.assignment.clone(),
        ..Default::default()
    }
}

fn open(offered: &pb::Assignment) -> pb::Swap {
    pb::Swap { offered_assignment: offered.name.clone(), ..Default::default() }
}

#[tokio::test]
async fn two_gardes_change_hands_and_everything_follows() {
    story(&World::new().await).await;
}

#[tokio::test]
async fn two_gardes_change_hands_on_postgres_too() {
    if let Some((world, scratch)) = World::on_postgres().await {
        story(&world).await;
        drop(world);
        scratch.drop_database().await;
    }
}

async fn story(world: &World) {
    world.published().await;
    let (swap, offered, wanted) = world.proposed().await;
    assert_eq!(swap.state(), State::Pending);
    assert_eq!(
        (swap.proposer.as_str(), swap.counterpart.as_str()),
        (offered.staff_member.as_str(), wanted.staff_member.as_str())
    );
    let (proposer, counterpart) = (id(&offered.staff_member), id(&wanted.staff_member));
    let before = world.plan("boss").await.unwrap();
    let gardes = counted(world, "boss", "-", "gardes").await;
    let own = async |who: &str| counted(world, "boss", who, "gardes").await;
    let sums = (own(&proposer).await, own(&counterpart).await);
    let mut tail = world.bus.tail("planning");

    let applied = world.accept(&counterpart, &swap, "").await.unwrap();
    assert_eq!(
        (applied.state(), applied.revision.as_str()),
        (State::Applied, "hospitals/chu/plans/january/revisions/2")
    );
    for reader in ["boss", "bob"] {
        assert_eq!(world.holder(reader, &swap.offered_assignment).await, wanted.staff_member, "{reader}");
        assert_eq!(world.holder(reader, &swap.wanted_assignment).await, offered.staff_member, "{reader}");
    }
    let after = world.plan("boss").await.unwrap();
    assert!(!after.has_unpublished_changes && after.published_revision.ends_with("/revisions/2"));
    assert!(!after.analysis.unwrap().stale, "what was judged is what stands");
    assert_eq!(before.shift_count, after.shift_count);
    assert_eq!(counted(world, "boss", "-", "gardes").await, gardes, "coverage is conserved");
    assert_eq!((own(&proposer).await, own(&counterpart).await), sums, "garde for garde");

    let published = loop {
        let envelope = tail.next().await.unwrap();
        if let Some(event) = durable::event::decode::<PlanPublished>(&envelope) {
            break event.unwrap();
        }
    };
    let mut concerned: Vec<&str> = published.people.iter().map(|own| own.staff_member.as_str()).collect();
    concerned.sort_unstable();
    let mut both = [offered.staff_member.as_str(), wanted.staff_member.as_str()];
    both.sort_unstable();
    assert_eq!(concerned, both, "it concerns the two alone");
    assert!(published.people.iter().all(|own| own.changes.len() == 2));
    let told = loop {
        let envelope = tail.next().await.unwrap();
        if let Some(event) = durable::event::decode::<SwapApplied>(&envelope) {
            break event.unwrap();
        }
    };
    assert_eq!((told.swap.unwrap().swap, told.revision), (swap.name.clone(), applied.revision));
    assert_eq!(world.analyze(&format!("{PLAN}/revisions/2")).await.hard_match_count, 0);

    let again = world.accept(&counterpart, &swap, "").await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "SWAP_NOT_PENDING"));
    assert_eq!(world.plan("boss").await.unwrap().published_revision, after.published_revision);
}

#[tokio::test]
async fn a_repeated_acceptance_makes_one_revision_and_a_reused_id_is_refused() {
    let world = World::new().await;
    world.published().await;
    let (offered, wanted) = world.pair().await;
    let (proposer, create) = (id(&offered.staff_member), new_request_id());
    let first = world.propose(&proposer, direct(&offered, &wanted), &create).await.unwrap();
    let again = world.propose(&proposer, direct(&offered, &wanted), &create).await.unwrap();
    assert_eq!(first.name, again.name);
    let reused = world.propose(&proposer, open(&offered), &create).await.unwrap_err();
    assert_eq!(reason(&reused), "REQUEST_ID_REUSED");
    let twice = world.propose(&proposer, direct(&offered, &wanted), "").await.unwrap_err();
    assert_eq!(reason(&twice), "SWAP_PENDING_ALREADY");
    let (counterpart, accept) = (id(&wanted.staff_member), new_request_id());
    let one = world.accept(&counterpart, &first, &accept).await.unwrap();
    let other = world.accept(&counterpart, &first, &accept).await.unwrap();
    assert_eq!((one.revision.clone(), one.etag), (other.revision, other.etag));
    assert_eq!(world.plan("boss").await.unwrap().published_revision, one.revision);
}

#[tokio::test]
async fn a_preview_judges_and_changes_nothing() {
    let world = World::new().await;
    world.published().await;
    let (offered, wanted) = world.pair().await;
    let request = pb::CreateSwapRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        swap: Some(direct(&offered, &wanted)),
        validate_only: true,
        ..Default::default()
    };
    let proposer = id(&offered.staff_member);
    world.swaps().create_swap(world.by(&proposer, request)).await.unwrap();
    let list = pb::ListSwapsRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
    let listed = world.swaps().list_swaps(world.by("boss", list)).await.unwrap().into_inner();
    assert!(listed.swaps.is_empty());
    let swap = world.propose(&proposer, direct(&offered, &wanted), "").await.unwrap();
    let preview =
        pb::AcceptSwapRequest { name: swap.name.clone(), validate_only: true, ..Default::default() };
    let counterpart = id(&wanted.staff_member);
    world.swaps().accept_swap(world.by(&counterpart, preview)).await.unwrap();
    assert_eq!(world.swap("boss", &swap.name).await.unwrap().state(), State::Pending);
}

/// A swap between two people, and the garde of the day before that the target can be given meanwhile.
async fn with_a_garde_before(world: &World) -> (pb::Swap, pb::Assignment, String) {
    let gardes = world.gardes().await;
    for offered in &gardes {
        let day = |own: &pb::Assignment| calendar::Day::try_from(own.date.unwrap()).unwrap();
        let before = gardes.iter().find(|own| day(own).next() == day(offered));
        let Some(before) = before.filter(|own| own.staff_member != offered.staff_member) else { continue };
        for wanted in world.candidates(offered, false).await {
            let is_free = wanted.staff_member != before.staff_member && wanted.assignment != before.name;
            if !is_free {
                continue;
            }
            let target = id(&wanted.staff_member);
            let preview = world.move_to(before, &target, true).await.unwrap();
            if preview.violations.iter().all(|own| !own.hard) {
                let swap =
                    world.propose(&id(&offered.staff_member), direct(offered, &wanted), "").await.unwrap();
                return (swap, before.clone(), target);
            }
        }
    }
    panic!("nobody can be given the garde of the day before");
}

impl World {
    /// A planner's edit of the head.
    pub async fn move_to(
        &self,
        held: &pb::Assignment,
        who: &str,
        validate_only: bool,
    ) -> Answer<pb::Assignment> {
        let assignment =
            pb::Assignment { name: held.name.clone(), staff_member: person(who), ..Default::default() };
        let request =
            pb::UpdateAssignmentRequest { assignment: Some(assignment), validate_only, ..Default::default() };
        self.client().update_assignment(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn publish_head(&self) {
        let etag = self.plan("boss").await.unwrap().etag;
        self.publish(&etag, false).await.unwrap();
    }
}

#[tokio::test]
async fn scenario_11_a_swap_accepted_after_the_target_took_a_garde_the_day_before_is_refused_with_the_rule() {
    let world = World::new().await;
    world.hire_a_crowd();
    world.published().await;
    let (swap, before, target) = with_a_garde_before(&world).await;
    world.move_to(&before, &target, false).await.unwrap();
    world.publish_head().await;
    let refused = world.accept(&target, &swap, "").await.unwrap_err();
    assert_eq!(reason(&refused), "SWAP_BREAKS_HARD_RULES");
    let rules = preconditions(&refused);
    assert!(rules.iter().any(|rule| rule.starts_with('G')), "the rule is named: {rules:?}");
    assert_eq!(world.swap("boss", &swap.name).await.unwrap().state(), State::Pending, "nothing changed");
    assert!(world.plan("boss").await.unwrap().published_revision.ends_with("/revisions/2"));
    assert_eq!(world.holder("bob", &swap.offered_assignment).await, swap.proposer);
}

#[tokio::test]
async fn a_swap_whose_duty_went_to_somebody_else_is_refused() {
    let world = World::new().await;
    world.published().await;
    let (swap, offered, wanted) = world.proposed().await;
    let others = world.candidates(&offered, false).await.into_iter();
    let mut others = others.filter(|own| own.staff_member != wanted.staff_member);
    let other = others.next().expect("a third person could take it");
    let second = world.gardes().await.into_iter().find(|own| own.name == other.assignment).unwrap();
    world.move_to(&offered, &id(&other.staff_member), false).await.unwrap();
    world.move_to(&second, &id(&offered.staff_member), false).await.unwrap();
    world.publish_head().await;
    let refused = world.accept(&id(&wanted.staff_member), &swap, "").await.unwrap_err();
    assert_eq!(reason(&refused), "SWAP_DUTY_NOT_HELD");
}

#[tokio::test]
async fn an_administrator_acts_for_either_party_and_the_duties_really_change_hands() {
    let world = World::new().await;
    world.published().await;
    let (offered, wanted) = world.pair().await;
    let swap = world.propose("boss", direct(&offered, &wanted), "").await.unwrap();
    assert_eq!(swap.proposer, offered.staff_member);
    let applied = world.accept("boss", &swap, "").await.unwrap();
    assert_eq!((applied.state(), applied.counterpart), (State::Applied, wanted.staff_member.clone()));
    assert_eq!(world.holder("bob", &swap.offered_assignment).await, wanted.staff_member);
    assert_eq!(world.holder("bob", &swap.wanted_assignment).await, offered.staff_member);
}

#[tokio::test]
async fn where_the_policy_asks_an_administrator_approves_or_refuses() {
    let world = World::new().await;
    world.published().await;
    world
        .policy(pb::ExchangePolicy { approval: Approval::Administrator.into(), ..Default::default() })
        .await
        .unwrap();
    let (swap, offered, wanted) = world.proposed().await;
    let (proposer, counterpart) = (id(&offered.staff_member), id(&wanted.staff_member));
    let accepted = world.accept(&counterpart, &swap, "").await.unwrap();
    assert_eq!((accepted.state(), accepted.needs_approval), (State::Accepted, true));
    assert_eq!(world.holder("bob", &swap.offered_assignment).await, offered.staff_member, "not yet");
    let approve = |etag: &str| pb::ApproveSwapRequest {
        name: swap.name.clone(),
        etag: etag.into(),
        request_id: String::new(),
    };
    let own = world.swaps().approve_swap(world.by(&counterpart, approve(&accepted.etag))).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied);
    let nurse = world.swaps().approve_swap(world.by("nina", approve(&accepted.etag))).await.unwrap_err();
    assert_eq!(nurse.code(), Code::NotFound, "those of anesthetists are not a nurse administrator's");
    let blind = world.swaps().approve_swap(world.by("boss", approve(""))).await.unwrap_err();
    assert_eq!(reason(&blind), "ETAG_REQUIRED");
    let stale = world.swaps().approve_swap(world.by("boss", approve(&swap.etag))).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
    let done =
        world.swaps().approve_swap(world.by("boss", approve(&accepted.etag))).await.unwrap().into_inner();
    assert_eq!(done.state(), State::Applied);
    assert_eq!(world.holder("bob", &swap.offered_assignment).await, wanted.staff_member);

    let back = pb::Swap {
        offered_assignment: swap.offered_assignment.clone(),
        wanted_assignment: swap.wanted_assignment.clone(),
        ..Default::default()
    };
    let back = world.propose(&counterpart, back, "").await.unwrap();
    world.accept(&proposer, &back, "").await.unwrap();
    let refuse = pb::RefuseSwapRequest { name: back.name.clone(), ..Default::default() };
    let refused = world.swaps().refuse_swap(world.by("boss", refuse)).await.unwrap().into_inner();
    assert_eq!(refused.state(), State::Refused);
    let approve = pb::ApproveSwapRequest { name: back.name, etag: refused.etag, request_id: String::new() };
    let late = world.swaps().approve_swap(world.by("boss", approve)).await.unwrap_err();
    assert_eq!(reason(&late), "SWAP_NOT_ACCEPTED");
}

#[tokio::test]
async fn unequal_duties_and_gifts_are_exchanged_only_where_the_policy_allows_them() {
    let world = World::new().await;
    world.hire_a_crowd();
    world.published().await;
    let offered = world.gardes().await.remove(3);
    let proposer = id(&offered.staff_member);
    let mut others = world.assignments("bob", "kind = ASTREINTE").await.into_iter();
    let wanted = others.find(|own| own.staff_member != offered.staff_member).unwrap();
    let unequal = pb::Swap {
        offered_assignment: offered.name.clone(),
        wanted_assignment: wanted.name.clone(),
        ..Default::default()
    };
    let refused = world.propose(&proposer, unequal, "").await.unwrap_err();
    assert_eq!(
        (reason(&refused).as_str(), preconditions(&refused)),
        ("SWAP_UNEQUAL", vec!["VALUE".to_owned()])
    );
    let gift = pb::Swap { give_away: true, ..open(&offered) };
    let refused = world.propose(&proposer, gift.clone(), "").await.unwrap_err();
    assert_eq!(reason(&refused), "SWAP_GIVE_AWAY_NOT_ALLOWED");

    let loose = pb::ExchangePolicy { unequal_allowed: true, give_away_allowed: true, ..Default::default() };
    world.policy(loose).await.unwrap();
    let mut found = None;
    for offered in world.gardes().await {
        let unequal = |own: &pb::SwapCandidate| own.duty.as_ref().unwrap().kind() != Kind::Garde;
        if let Some(wanted) = world.candidates(&offered, false).await.into_iter().find(unequal) {
            found = Some((offered, wanted));
            break;
        }
    }
    let (offered, wanted) = found.expect("a garde can be exchanged for something else");
    let swap = world.propose(&id(&offered.staff_member), direct(&offered, &wanted), "").await.unwrap();
    let gardes = counted(&world, "boss", &id(&wanted.staff_member), "gardes").await;
    let applied = world.accept(&id(&wanted.staff_member), &swap, "").await.unwrap();
    assert_eq!(applied.state(), State::Applied);
    let after = counted(&world, "boss", &id(&wanted.staff_member), "gardes").await;
    assert_eq!(after, gardes + 1, "counters follow who really works");

    let mut given = None;
    for offered in world.gardes().await {
        if let Some(taker) = world.candidates(&offered, true).await.into_iter().next() {
            given = Some((offered, taker));
            break;
        }
    }
    let (offered, taker) = given.expect("a garde can be given away");
    let gift = pb::Swap { give_away: true, counterpart: taker.staff_member.clone(), ..open(&offered) };
    let swap = world.propose(&id(&offered.staff_member), gift, "").await.unwrap();
    world.accept(&id(&taker.staff_member), &swap, "").await.unwrap();
    assert_eq!(world.holder("bob", &offered.name).await, taker.staff_member);
}

#[tokio::test]
async fn what_is_offered_to_everybody_is_taken_once_and_seen_by_the_profession() {
    let world = World::new().await;
    world.published().await;
    let (offered, wanted) = world.pair().await;
    let swap = world.propose(&id(&offered.staff_member), open(&offered), "").await.unwrap();
    assert!(swap.counterpart.is_empty());
    let seen = async |who: &str| {
        let list = pb::ListSwapsRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
        world.swaps().list_swaps(world.by(who, list)).await.unwrap().into_inner().swaps.len()
    };
    let taker = id(&wanted.staff_member);
    assert_eq!((seen(&taker).await, seen("boss").await, seen("iva").await), (1, 1, 0));
    assert_eq!(world.swap("iva", &swap.name).await.unwrap_err().code(), Code::NotFound);
    let blind = world.accept(&taker, &swap, "").await.unwrap_err();
    assert_eq!(reason(&blind), "FIELD_VIOLATIONS", "what is given in return must be said");
    let request = pb::AcceptSwapRequest {
        name: swap.name.clone(),
        assignment: wanted.assignment.clone(),
        ..Default::default()
    };
    let (one, other) =
        tokio::join!(async { world.swaps().accept_swap(world.by(&taker, request.clone())).await }, async {
            world.swaps().accept_swap(world.by(&taker, request.clone())).await
        },);
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let lost = one.err().or(other.err()).unwrap();
    assert!(["SWAP_NOT_PENDING", "ETAG_MISMATCH"].contains(&reason(&lost).as_str()), "{lost:?}");
    assert_eq!(world.holder("bob", &swap.offered_assignment).await, wanted.staff_member);
}

#[tokio::test]
async fn a_swap_is_declined_cancelled_and_left_alone_by_whom_it_does_not_concern() {
    let world = World::new().await;
    world.published().await;
    let (swap, offered, wanted) = world.proposed().await;
    let (proposer, counterpart) = (id(&offered.staff_member), id(&wanted.staff_member));
    let mut others = crate::world::MARS.into_iter().filter(|own| *own != proposer && *own != counterpart);
    let stranger = others.next().unwrap();
    assert_eq!(world.swap(stranger, &swap.name).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(world.accept(stranger, &swap, "").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(world.accept(&proposer, &swap, "").await.unwrap_err().code(), Code::PermissionDenied);
    let elsewhere = pb::GetSwapRequest { name: swap.name.clone() };
    let refused = world.swaps().get_swap(world.by_stranger(elsewhere)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let theft = world.propose(stranger, direct(&offered, &wanted), "").await.unwrap_err();
    assert_eq!(theft.code(), Code::PermissionDenied);

    let decline = pb::DeclineSwapRequest { name: swap.name.clone(), ..Default::default() };
    let wrong = world.swaps().decline_swap(world.by(&proposer, decline.clone())).await.unwrap_err();
    assert_eq!(wrong.code(), Code::PermissionDenied);
    let declined = world.swaps().decline_swap(world.by(&counterpart, decline)).await.unwrap().into_inner();
    assert_eq!(declined.state(), State::Declined);
    let late = world.accept(&counterpart, &swap, "").await.unwrap_err();
    assert_eq!(reason(&late), "SWAP_NOT_PENDING");

    let second = world.propose(&proposer, direct(&offered, &wanted), "").await.unwrap();
    let cancel =
        pb::CancelSwapRequest { name: second.name.clone(), etag: "\"9\"".into(), ..Default::default() };
    let stale = world.swaps().cancel_swap(world.by(&proposer, cancel.clone())).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
    let cancel = pb::CancelSwapRequest { etag: second.etag, ..cancel };
    let cancelled = world.swaps().cancel_swap(world.by(&proposer, cancel)).await.unwrap().into_inner();
    assert_eq!(cancelled.state(), State::Cancelled);
    assert!(world.plan("boss").await.unwrap().published_revision.ends_with("/revisions/1"));
}

#[tokio::test]
async fn a_swap_that_nobody_answered_in_time_is_over() {
    let world = World::new().await;
    world.published().await;
    let (swap, _, wanted) = world.proposed().await;
    world.change("UPDATE swap SET expire_time = 1").await;
    let late = world.accept(&id(&wanted.staff_member), &swap, "").await.unwrap_err();
    assert_eq!(reason(&late), "SWAP_EXPIRED");
    assert!(world.plan("boss").await.unwrap().published_revision.ends_with("/revisions/1"));
}

#[tokio::test]
async fn what_a_planner_locked_changes_hands_by_an_administrator_alone() {
    let world = World::new().await;
    world.published().await;
    let (offered, wanted) = world.pair().await;
    let assignment = pb::Assignment { name: offered.name.clone(), pinned: true, ..Default::default() };
    let lock = pb::UpdateAssignmentRequest { assignment: Some(assignment), ..Default::default() };
    world.client().update_assignment(world.by("boss", lock)).await.unwrap();
    world.publish_head().await;
    let refused = world.propose(&id(&offered.staff_member), direct(&offered, &wanted), "").await.unwrap_err();
    assert_eq!(reason(&refused), "SWAP_DUTY_LOCKED");
    let swap = world.propose("boss", direct(&offered, &wanted), "").await.unwrap();
    let applied = world.accept("boss", &swap, "").await.unwrap();
    assert_eq!(applied.state(), State::Applied);
}

#[tokio::test]
async fn an_unpublished_edit_stays_what_the_planner_made_it() {
    let world = World::new().await;
    world.published().await;
    let (swap, offered, wanted) = world.proposed().await;
    let third = crate::world::MARS
        .into_iter()
        .find(|own| person(own) != offered.staff_member && person(own) != wanted.staff_member)
        .unwrap();
    world.move_to(&offered, third, false).await.unwrap();
    world.accept(&id(&wanted.staff_member), &swap, "").await.unwrap();
    assert_eq!(world.holder("bob", &swap.offered_assignment).await, wanted.staff_member, "published");
    assert_eq!(world.holder("boss", &swap.offered_assignment).await, person(third), "the planner's draft");
    assert_eq!(world.holder("boss", &swap.wanted_assignment).await, offered.staff_member, "follows");
    assert!(world.plan("boss").await.unwrap().has_unpublished_changes);
}

#[tokio::test]
async fn a_swap_reaches_both_calendars() {
    let world = World::new().await;
    world.published().await;
    let (swap, offered, wanted) = world.proposed().await;
    let feed = async |who: &str| {
        let request = pb::CreateCalendarFeedRequest { parent: person(who), ..Default::default() };
        let made = world.client().create_calendar_feed(world.by(who, request)).await.unwrap().into_inner();
        let read = pb::ReadCalendarFeedRequest { token: made.token, etag: String::new() };
        let answer = world.client().read_calendar_feed(read).await.unwrap().into_inner();
        String::from_utf8(answer.content).unwrap().replace("\r\n ", "")
    };
    let (proposer, counterpart) = (id(&offered.staff_member), id(&wanted.staff_member));
    let shift = id(&offered.shift);
    assert!(feed(&proposer).await.contains(&shift) && !feed(&counterpart).await.contains(&shift));
    world.accept(&counterpart, &swap, "").await.unwrap();
    let calendar = feed(&counterpart).await;
    assert!(!feed(&proposer).await.contains(&shift) && calendar.contains(&shift));
    assert!(calendar.contains("SEQUENCE:2"), "the event is known by its shift and replaced");
}
