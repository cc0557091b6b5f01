//! Posts to replace: from an absence that nobody planned, or a leave over published duties, to the one who takes them.

use std::collections::BTreeSet;

use calendar::Day;
use futures::future::join_all;
use proto::{
    leave::v1::{LeaveApproved, LeaveCancelled},
    planning::v1::{
        self as pb, ReplacementFilled, replacement::State, replacement::offer::State as Answer, shift::Kind,
    },
    r#type::v1::DayPart,
};
use tonic::{Code, Response};

use crate::{
    counted,
    exchanges::{id, person},
    world::{Answer as Reply, HOSPITAL, MARS, PLAN, World, date, new_request_id, preconditions, reason},
};

fn day(own: &pb::Assignment) -> String {
    Day::try_from(own.date.unwrap()).unwrap().to_string()
}

impl World {
    async fn declare(&self, by: &str, who: &str, first: &str, last: &str) -> Reply<pb::UnplannedAbsence> {
        let request = pb::DeclareUnplannedAbsenceRequest {
            parent: person(who),
            unplanned_absence: Some(pb::UnplannedAbsence {
                first_date: Some(date(first)),
                last_date: Some(date(last)),
                ..Default::default()
            }),
            request_id: String::new(),
        };
        self.replacements().declare_unplanned_absence(self.by(by, request)).await.map(Response::into_inner)
    }

    async fn replacement(&self, who: &str, name: &str) -> Reply<pb::Replacement> {
        let request = pb::GetReplacementRequest { name: name.into() };
        self.replacements().get_replacement(self.by(who, request)).await.map(Response::into_inner)
    }

    async fn open(&self, shift: &str) -> pb::Replacement {
        let request = pb::CreateReplacementRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            replacement: Some(pb::Replacement { shift: shift.to_owned(), ..Default::default() }),
            request_id: String::new(),
        };
        self.replacements().create_replacement(self.by("boss", request)).await.unwrap().into_inner()
    }

    /// A garde of somebody, that becomes a replacement when a planner says so.
    async fn opened(&self) -> (pb::Replacement, pb::Assignment) {
        let garde = self.gardes().await.remove(4);
        (self.open(&garde.shift).await, garde)
    }

    async fn suggestions(&self, name: &str) -> pb::SuggestReplacementsResponse {
        let request = pb::SuggestReplacementsRequest { name: name.into(), suggestions_max: 50 };
        self.replacements().suggest_replacements(self.by("boss", request)).await.unwrap().into_inner()
    }

    async fn offer(&self, name: &str, people: &[String]) -> Reply<pb::Replacement> {
        let request = pb::OfferReplacementRequest {
            name: name.into(),
            staff_members: people.to_vec(),
            ..Default::default()
        };
        self.replacements().offer_replacement(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// By the secret alone, as somebody who is not signed in; a busy server is asked again.
    async fn redeem(&self, token: &str) -> Reply<pb::RedeemReplacementTokenResponse> {
        loop {
            let request =
                pb::RedeemReplacementTokenRequest { token: token.into(), request_id: String::new() };
            match self.replacements().redeem_replacement_token(request).await {
                Err(busy) if matches!(busy.code(), Code::Unavailable | Code::ResourceExhausted) => {
                    tokio::task::yield_now().await;
                }
                answer => return answer.map(Response::into_inner),
            }
        }
    }

    async fn take(&self, who: &str, name: &str) -> Reply<pb::Replacement> {
        let request = pb::AcceptReplacementRequest { name: name.into(), request_id: String::new() };
        self.replacements().accept_replacement(self.by(who, request)).await.map(Response::into_inner)
    }

    async fn fill(&self, name: &str, suggestion: &pb::ReplacementSuggestion) -> Reply<pb::Replacement> {
        let request = pb::FillReplacementRequest {
            name: name.into(),
            staff_member: suggestion.staff_member.clone(),
            moves: suggestion.moves.iter().skip(1).cloned().collect(),
            ..Default::default()
        };
        self.replacements().fill_replacement(self.by("boss", request)).await.map(Response::into_inner)
    }

    async fn leave_event<M: prost::Message + prost::Name>(&self, event: &M) {
        let envelope = durable::event::encode(event, HOSPITAL, "leave", self.clock.now());
        for _ in 0..2 {
            chassis::testing::eventually("the event is taken", async || {
                self.bus.publish("leave", envelope.clone()).await.ok()
            })
            .await;
        }
    }

    async fn all_replacements(&self, who: &str) -> Vec<pb::Replacement> {
        let parent = format!("hospitals/{HOSPITAL}");
        let request = pb::ListReplacementsRequest { parent, page_size: 1_000, ..Default::default() };
        self.replacements().list_replacements(self.by(who, request)).await.unwrap().into_inner().replacements
    }
}

#[tokio::test]
async fn who_is_not_there_is_unavailable_at_once_and_their_posts_are_to_replace() {
    let world = World::new().await;
    world.published().await;
    let garde = world.gardes().await.remove(4);
    let (who, when) = (id(&garde.staff_member), day(&garde));
    let held = world.assignments("bob", &format!("date = \"{when}\"")).await;
    let held = held.into_iter().filter(|own| own.staff_member == garde.staff_member).count();
    world.break_neighbors();
    let absence = world.declare(&who, &who, &when, &when).await.unwrap();
    assert_eq!(absence.replacements.len(), held, "without asking anybody");
    world.mend_neighbors();
    let all = world.all_replacements("boss").await;
    assert!(
        all.iter().all(|own| own.state() == State::Open && own.absent_staff_member == garde.staff_member)
    );
    let own = all.iter().find(|own| own.kind() == Kind::Garde).unwrap();
    assert_eq!((own.shift.as_str(), own.date), (garde.shift.as_str(), garde.date));

    assert!(world.plan("boss").await.unwrap().analysis.unwrap().stale);
    let free = world.shifts(&format!("kind = CONSULTATION AND date = \"{when}\"")).await;
    let taken: BTreeSet<String> =
        world.assignments("boss", "").await.into_iter().map(|own| own.shift).collect();
    if let Some(shift) = free.iter().find(|own| !taken.contains(&own.name)) {
        let edit = world.assign(&shift.name, &who, true).await.unwrap();
        assert!(edit.violations.iter().any(|own| own.hard), "the judge knows");
    }
    let suggestions = world.suggestions(&own.name).await.suggestions;
    assert!(suggestions.iter().all(|own| own.staff_member != garde.staff_member));

    let again = world.declare("boss", &who, &when, &when).await.unwrap();
    assert!(again.replacements.is_empty(), "somebody is looked for already");
    let other = world.declare("bob", "cas", &when, &when).await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);
    let wrong = world.declare("boss", &who, &when, "2027-01-01").await.unwrap_err();
    assert_eq!(reason(&wrong), "FIELD_VIOLATIONS");
    let hidden = world.replacement("bob", &own.name).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound, "who is not asked need not know");

    let request = pb::WithdrawUnplannedAbsenceRequest { name: absence.name, request_id: String::new() };
    let back = world.replacements().withdraw_unplanned_absence(world.by(&who, request)).await.unwrap();
    assert!(back.into_inner().withdrawn);
    assert_eq!(world.replacement("boss", &own.name).await.unwrap().state(), State::Cancelled);
}

#[tokio::test]
async fn a_repeated_declaration_is_one_absence() {
    let world = World::new().await;
    world.published().await;
    let request = pb::DeclareUnplannedAbsenceRequest {
        parent: person("bob"),
        unplanned_absence: Some(pb::UnplannedAbsence {
            first_date: Some(date("2027-01-04")),
            last_date: Some(date("2027-01-06")),
            last_part: DayPart::Morning.into(),
            ..Default::default()
        }),
        request_id: new_request_id(),
    };
    let mut names = BTreeSet::new();
    for _ in 0..2 {
        let answer = world.replacements().declare_unplanned_absence(world.by("bob", request.clone())).await;
        names.insert(answer.unwrap().into_inner().name);
    }
    assert_eq!(names.len(), 1);
    let list = pb::ListUnplannedAbsencesRequest { parent: person("bob"), ..Default::default() };
    let listed =
        world.replacements().list_unplanned_absences(world.by("bob", list)).await.unwrap().into_inner();
    assert_eq!(listed.unplanned_absences.len(), 1);
    assert_eq!(listed.unplanned_absences[0].last_part(), DayPart::Morning);
}

#[tokio::test]
async fn suggestions_keep_every_hard_rule_and_name_what_they_cost() {
    let world = World::new().await;
    world.published().await;
    world.hire_a_crowd();
    let (own, garde) = world.opened().await;
    let answer = world.suggestions(&own.name).await;
    assert!(!answer.suggestions.is_empty());
    let changes: Vec<usize> = answer.suggestions.iter().map(|own| own.moves.len()).collect();
    assert!(changes.is_sorted(), "fewest changes first: {changes:?}");
    for suggestion in &answer.suggestions {
        assert_eq!(suggestion.moves[0].shift, garde.shift);
        assert_eq!(suggestion.score_difference[0], 0, "no hard rule");
        let gardes =
            suggestion.counters.iter().find(|own| own.counter.ends_with("/counters/gardes")).unwrap();
        assert_eq!(gardes.after - gardes.before, 1_000);
        let before = counted(&world, "boss", &id(&suggestion.staff_member), "gardes").await;
        assert_eq!(gardes.before, before * 1_000);
    }
    assert!(answer.obstacles.iter().all(|own| own.people_count > 0 && !own.rule.is_empty()));
    let best = &answer.suggestions[0];
    let filled = world.fill(&own.name, best).await.unwrap();
    assert_eq!((filled.state(), filled.staff_member), (State::Filled, best.staff_member.clone()));
    assert_eq!(world.analyze(&format!("{PLAN}/revisions/2")).await.hard_match_count, 0);
    let again = world.fill(&own.name, best).await.unwrap_err();
    assert_eq!(reason(&again), "REPLACEMENT_FILLED");
}

#[tokio::test]
async fn a_suggestion_of_two_moves_is_filled_whole() {
    let world = World::new().await;
    world.published().await;
    for garde in world.assignments("bob", "").await {
        let own = world.open(&garde.shift).await;
        let found = world.suggestions(&own.name).await.suggestions;
        let Some(two) = found.into_iter().find(|own| own.moves.len() == 2) else { continue };
        let filled = world.fill(&own.name, &two).await.unwrap();
        assert_eq!(filled.state(), State::Filled);
        let held = world.assignments("bob", "").await;
        for step in &two.moves {
            let holder =
                held.iter().find(|own| own.shift == step.shift && own.post() == step.post()).unwrap();
            assert_eq!(holder.staff_member, step.staff_member);
        }
        return;
    }
    panic!("no post is filled by two moves");
}

async fn race(world: &World) {
    world.published().await;
    world.hire_a_crowd();
    let (own, garde) = world.opened().await;
    let offered = world.offer(&own.name, &[]).await.unwrap();
    assert_eq!(offered.state(), State::Offered);
    let offers: Vec<_> = offered.offers.into_iter().filter(|own| own.staff_member.contains("/m")).collect();
    assert_eq!(offers.len(), 50, "everybody of the crowd could take it");
    let tokens: BTreeSet<&str> = offers.iter().map(|own| own.token.as_str()).collect();
    assert!(tokens.len() == 50 && tokens.iter().all(|token| token.len() == 64));
    let shown = world.replacement("boss", &own.name).await.unwrap();
    assert!(shown.offers.iter().all(|own| own.token.is_empty()), "a secret is told once");
    let mut tail = world.bus.tail("planning");

    let answers = join_all(offers.iter().map(|own| world.redeem(&own.token))).await;
    let won: Vec<usize> = (0..50).filter(|at| answers[*at].is_ok()).collect();
    assert_eq!(won.len(), 1, "one winner");
    let lost: BTreeSet<String> =
        answers.iter().filter_map(|answer| answer.as_ref().err()).map(reason).collect();
    assert_eq!(lost, BTreeSet::from(["REPLACEMENT_FILLED".to_owned()]), "everybody else is told so");

    let winner = &offers[won[0]];
    let filled = world.replacement("boss", &own.name).await.unwrap();
    assert_eq!((filled.state(), &filled.staff_member), (State::Filled, &winner.staff_member));
    let answer_of = |who: &str| filled.offers.iter().find(|own| own.staff_member == who).unwrap().state();
    assert_eq!(answer_of(&winner.staff_member), Answer::Accepted);
    let closed = filled.offers.iter().filter(|own| own.state() == Answer::Closed).count();
    assert_eq!(closed, filled.offers.len() - 1);
    assert!(world.plan("boss").await.unwrap().published_revision.ends_with("/revisions/2"), "one revision");
    for reader in ["boss", "bob"] {
        let holder =
            world.assignments(reader, "kind = GARDE").await.into_iter().find(|own| own.shift == garde.shift);
        assert_eq!(holder.unwrap().staff_member, winner.staff_member, "{reader}");
    }
    assert_eq!(counted(world, "boss", &id(&winner.staff_member), "gardes").await, 1, "who works is counted");
    let event = loop {
        let envelope = tail.next().await.unwrap();
        if let Some(event) = durable::event::decode::<ReplacementFilled>(&envelope) {
            break event.unwrap();
        }
    };
    assert_eq!(
        (event.staff_member.as_str(), event.absent_staff_member.as_str()),
        (winner.staff_member.as_str(), garde.staff_member.as_str())
    );
    assert_eq!(event.others.len(), filled.offers.len() - 1, "the others are told that it is closed");
    let twice = world.redeem(&winner.token).await.unwrap_err();
    assert_eq!(reason(&twice), "REPLACEMENT_FILLED", "a secret works once");
}

#[tokio::test]
async fn of_fifty_who_accept_at_once_one_wins() {
    race(&World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_accept_at_once_one_wins_on_postgres() {
    if let Some((world, scratch)) = World::on_postgres().await {
        race(&world).await;
        drop(world);
        scratch.drop_database().await;
    }
}

#[tokio::test]
async fn a_secret_ends_with_its_offer_and_another_one_takes_its_place() {
    let world = World::new().await;
    world.published().await;
    world.hire_a_crowd();
    let (own, _) = world.opened().await;
    let taker = world.suggestions(&own.name).await.suggestions.remove(0).staff_member;
    let first = world.offer(&own.name, std::slice::from_ref(&taker)).await.unwrap().offers.remove(0);
    let second = world.offer(&own.name, std::slice::from_ref(&taker)).await.unwrap().offers.remove(0);
    let old = world.redeem(&first.token).await.unwrap_err();
    assert_eq!(old.code(), Code::NotFound);
    assert_eq!(world.redeem("guessed").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(world.redeem("").await.unwrap_err().code(), Code::InvalidArgument);
    world.change("UPDATE replacement_offer SET expire_time = 1").await;
    let late = world.redeem(&second.token).await.unwrap_err();
    assert_eq!(reason(&late), "REPLACEMENT_OFFER_EXPIRED");
    let late = world.take(&id(&taker), &own.name).await.unwrap_err();
    assert_eq!(reason(&late), "REPLACEMENT_OFFER_EXPIRED");
    let third = world.offer(&own.name, std::slice::from_ref(&taker)).await.unwrap().offers.remove(0);
    assert_ne!(second.token, third.token);
    let taken = world.take(&id(&taker), &own.name).await.unwrap();
    assert_eq!((taken.state(), taken.staff_member.as_str()), (State::Filled, taker.as_str()));
    assert!(taken.absent_staff_member.is_empty(), "whom one replaces is on the plan, not here");
    let after = world.redeem(&third.token).await.unwrap_err();
    assert_eq!(reason(&after), "REPLACEMENT_FILLED");
}

#[tokio::test]
async fn somebody_who_has_become_ineligible_is_refused_at_acceptance_with_the_rule() {
    let world = World::new().await;
    world.published().await;
    world.hire_a_crowd();
    for garde in world.gardes().await.into_iter().skip(2) {
        let own = world.open(&garde.shift).await;
        let eve = Day::try_from(garde.date.unwrap()).unwrap().previous().to_string();
        let mut before = world.assignments("bob", &format!("kind = GARDE AND date = \"{eve}\"")).await;
        let Some(before) = before.pop() else { continue };
        let singles = world.suggestions(&own.name).await.suggestions.into_iter();
        for taker in singles.filter(|own| own.moves.len() == 1) {
            let who = id(&taker.staff_member);
            let preview = world.move_to(&before, &who, true).await.unwrap();
            if taker.staff_member == before.staff_member || preview.violations.iter().any(|own| own.hard) {
                continue;
            }
            world.offer(&own.name, std::slice::from_ref(&taker.staff_member)).await.unwrap();
            world.move_to(&before, &who, false).await.unwrap();
            world.publish_head().await;
            let refused = world.take(&who, &own.name).await.unwrap_err();
            assert_eq!(reason(&refused), "REPLACEMENT_BREAKS_HARD_RULES");
            assert!(preconditions(&refused).iter().any(|rule| rule.starts_with('G')), "{refused:?}");
            assert_eq!(world.replacement("boss", &own.name).await.unwrap().state(), State::Offered);
            return;
        }
    }
    panic!("nobody can be given the garde of the day before");
}

#[tokio::test]
async fn whoever_cannot_take_a_post_is_not_asked() {
    let world = World::new().await;
    world.published().await;
    world.hire_a_crowd();
    let (own, _) = world.opened().await;
    let can: BTreeSet<String> =
        (world.suggestions(&own.name).await.suggestions.into_iter().filter(|own| own.moves.len() == 1))
            .map(|own| own.staff_member)
            .collect();
    let absent = world.replacement("boss", &own.name).await.unwrap().absent_staff_member;
    let refused = world.offer(&own.name, std::slice::from_ref(&absent)).await.unwrap_err();
    assert_eq!(crate::world::fields(&refused), ["staff_members[0]"], "they do not replace themselves");
    if let Some(cannot) = MARS.into_iter().map(person).find(|own| !can.contains(own) && *own != absent) {
        let refused = world.offer(&own.name, &[cannot]).await.unwrap_err();
        assert_eq!(reason(&refused), "REPLACEMENT_BREAKS_HARD_RULES");
    }
    let nurse = world.offer(&own.name, &[person("iva")]).await.unwrap_err();
    assert_eq!(preconditions(&nurse).len(), 1, "{nurse:?}");
    let nobody = world.offer(&own.name, &[person("nobody")]).await.unwrap_err();
    assert_eq!(crate::world::fields(&nobody), ["staff_members[0]"]);
    let offered = world.offer(&own.name, &[]).await.unwrap();
    let asked: BTreeSet<String> = offered.offers.into_iter().map(|own| own.staff_member).collect();
    assert_eq!(asked, can, "everybody who could is asked, nobody else");
}

#[tokio::test]
async fn whoever_is_asked_sees_their_own_offer_and_may_decline() {
    let world = World::new().await;
    world.published().await;
    world.hire_a_crowd();
    let (own, _) = world.opened().await;
    let offered = world.offer(&own.name, &[]).await.unwrap();
    let (one, other) = (&offered.offers[0], &offered.offers[1]);
    let seen = world.all_replacements(&id(&one.staff_member)).await;
    assert_eq!((seen.len(), seen[0].offers.len()), (1, 1));
    assert!(seen[0].absent_staff_member.is_empty());
    let decline = pb::DeclineReplacementRequest { name: own.name.clone(), request_id: String::new() };
    let who = id(&one.staff_member);
    world.replacements().decline_replacement(world.by(&who, decline)).await.unwrap();
    let late = world.take(&who, &own.name).await.unwrap_err();
    assert_eq!(reason(&late), "REPLACEMENT_OFFER_EXPIRED");
    world.take(&id(&other.staff_member), &own.name).await.unwrap();
}

#[tokio::test]
async fn a_planner_cancels_and_whoever_was_asked_comes_too_late() {
    let world = World::new().await;
    world.published().await;
    world.hire_a_crowd();
    let (own, garde) = world.opened().await;
    let twice = pb::CreateReplacementRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        replacement: Some(pb::Replacement { shift: garde.shift.clone(), ..Default::default() }),
        request_id: String::new(),
    };
    let twice = world.replacements().create_replacement(world.by("boss", twice)).await.unwrap_err();
    assert_eq!(reason(&twice), "REPLACEMENT_OPEN_ALREADY");
    let offered = world.offer(&own.name, &[]).await.unwrap();
    let cancel = |etag: &str| pb::CancelReplacementRequest {
        name: own.name.clone(),
        etag: etag.into(),
        request_id: String::new(),
    };
    let stale =
        world.replacements().cancel_replacement(world.by("boss", cancel(&own.etag))).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
    let other = world.replacements().cancel_replacement(world.by("bob", cancel(""))).await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);
    let etag = &offered.etag;
    let done =
        world.replacements().cancel_replacement(world.by("boss", cancel(etag))).await.unwrap().into_inner();
    assert_eq!(done.state(), State::Cancelled);
    let late = world.redeem(&offered.offers[0].token).await.unwrap_err();
    assert_eq!(reason(&late), "REPLACEMENT_ENDED");
    assert!(world.plan("boss").await.unwrap().published_revision.ends_with("/revisions/1"));
}

#[tokio::test]
async fn a_post_whose_deadline_has_passed_is_not_taken_any_more() {
    let world = World::new().await;
    world.published().await;
    world.hire_a_crowd();
    let (own, _) = world.opened().await;
    let offered = world.offer(&own.name, &[]).await.unwrap();
    world.change("UPDATE replacement SET deadline_time = 1").await;
    let late = world.redeem(&offered.offers[0].token).await.unwrap_err();
    assert_eq!(reason(&late), "REPLACEMENT_ENDED");
}

#[tokio::test]
async fn a_leave_that_slipped_over_a_published_duty_opens_a_replacement_until_it_is_cancelled() {
    let world = World::new().await;
    world.published().await;
    let garde = world.gardes().await.remove(4);
    let when = garde.date;
    let leave = format!("{}/leaves/l1", garde.staff_member);
    let approved = LeaveApproved {
        leave: leave.clone(),
        staff_member: garde.staff_member.clone(),
        profession: "MAR".into(),
        first_date: when,
        last_date: when,
        is_forced: true,
        ..Default::default()
    };
    world.leave_event(&approved).await;
    let held = world.assignments("bob", &format!("date = \"{}\"", day(&garde))).await;
    let held = held.into_iter().filter(|own| own.staff_member == garde.staff_member).count();
    let opened = world.all_replacements("boss").await;
    assert_eq!(opened.len(), held, "one a post, however often the event comes");
    assert!(opened.iter().all(|own| own.state() == State::Open));
    let cancelled = LeaveCancelled {
        leave,
        staff_member: garde.staff_member.clone(),
        profession: "MAR".into(),
        first_date: when,
        last_date: when,
        was_approved: true,
        ..Default::default()
    };
    world.leave_event(&cancelled).await;
    let closed = world.all_replacements("boss").await;
    assert!(closed.iter().all(|own| own.state() == State::Cancelled));
}

#[tokio::test]
async fn an_extra_need_is_a_post_that_nobody_held() {
    let world = World::new().await;
    world.published().await;
    let held: BTreeSet<String> =
        world.assignments("bob", "").await.into_iter().map(|own| own.shift).collect();
    for shift in world.shifts("kind = CONSULTATION").await.iter().filter(|own| !held.contains(&own.name)) {
        let own = world.open(&shift.name).await;
        assert!(own.absent_staff_member.is_empty());
        let Some(best) = world.suggestions(&own.name).await.suggestions.into_iter().next() else { continue };
        world.fill(&own.name, &best).await.unwrap();
        for reader in ["boss", "bob"] {
            let now = world.assignments(reader, "kind = CONSULTATION").await;
            let now = now.iter().find(|own| own.shift == shift.name).unwrap();
            assert_eq!(now.staff_member, best.staff_member, "{reader}");
        }
        return;
    }
}
