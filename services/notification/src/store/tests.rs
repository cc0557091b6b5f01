use std::{collections::BTreeSet, time::Duration};

use calendar::{Day, DayRange};
use chassis::{Clock, Ctx};
use durable::{filter::Filter, page::Page, store_suite};
use jiff::Timestamp;

use super::*;
use crate::domain::{
    delivery::{Answer, State},
    message::Message,
    preferences::{Departure, Preferences},
    recipient::{Person, Remit},
    reminder::{Stage, Watched},
    webhook::{Secret, Webhook},
};

const ANN: Which<'static> = Which { hospital: "chu", staff_member: "ann" };

fn ctx() -> Ctx {
    Ctx::system("notification", &Clock::fixed(Timestamp::UNIX_EPOCH))
}

fn approved() -> Message {
    Message::LeaveApproved { days: DayRange::single(Day::new(2027, 1, 4).unwrap()) }
}

async fn tell(store: &Store, people: &[&str], event_id: &str) -> Vec<Told> {
    let people = people.iter().map(|person| ((*person).to_owned(), approved())).collect();
    let tx = store.db().begin(&ctx()).await.unwrap();
    let told = store.tell(&tx, News { hospital: "chu", event_id, subject: "s", people }).await.unwrap();
    tx.commit().await.unwrap();
    told
}

async fn deliver(store: &Store, staff_member: &str, event_id: &str) -> Option<String> {
    tell(store, &[staff_member], event_id).await.pop().map(|told| told.id)
}

/// Tells people and lets it leave: each alone, or all in one letter.
async fn send_out(store: &Store, people: &[&str], event_id: &str, letter: Option<&str>) {
    let told = tell(store, people, event_id).await;
    let departure = Departure { time: ctx().now, digest: None };
    let outgoing = told.iter().map(|told| {
        let letter = letter.map_or_else(|| format!("{event_id}-{}", told.staff_member), str::to_owned);
        Outgoing { told, departure, letter }
    });
    let tx = store.db().begin(&ctx()).await.unwrap();
    store.send_out(&tx, ("chu", event_id), outgoing.collect()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn settle(store: &Store, claim: &Claim, letters: &[Letter], answer: Option<Answer>) -> usize {
    let outcome = |letter: &Letter| Outcome {
        letter: letter.clone(),
        answer,
        next_attempt_time: ctx().now + jiff::SignedDuration::from_secs(30),
    };
    let outcomes: Vec<Outcome> = letters.iter().map(outcome).collect();
    let tx = store.db().begin(&ctx()).await.unwrap();
    let failed = store.settle(&tx, &claim.id, &outcomes, 2).await.unwrap().len();
    tx.commit().await.unwrap();
    failed
}

async fn states(store: &Store) -> Vec<(State, i32, Option<Answer>)> {
    let page = Page::of(0, "", &[]).unwrap();
    let rows =
        store.deliveries_page(store.db().read(), "chu", None, &Filter::default(), &page).await.unwrap();
    rows.into_iter().map(|row| (row.state, row.attempts, row.answer)).collect()
}

fn webhook(id: &str) -> Webhook {
    Webhook {
        hospital: "chu".to_owned(),
        id: id.to_owned(),
        url: "https://example.org/".to_owned(),
        kinds: BTreeSet::new(),
        is_disabled: false,
        is_failed: false,
        secrets: vec![Secret::new([7; 32])],
        version: 1,
        create_time: ctx().now,
        update_time: ctx().now,
    }
}

async fn post(store: &Store, event_id: &str, kind: &str) {
    let tx = store.db().begin(&ctx()).await.unwrap();
    store.post(&tx, ("chu", event_id, "s"), &BTreeSet::from([kind])).await.unwrap();
    tx.commit().await.unwrap();
}

/// Settles all that is in hand; answers where that is now which was still in hand.
async fn settle_parcels(store: &Store, claim: &InHand, answer: Option<Answer>) -> Vec<State> {
    let next_attempt_time = ctx().now + jiff::SignedDuration::from_secs(30);
    let tried = |parcel: &Parcel| Tried { parcel: parcel.clone(), answer, next_attempt_time };
    let tried: Vec<Tried> = claim.parcels.iter().map(tried).collect();
    let tx = store.db().begin(&ctx()).await.unwrap();
    let settled = store.settle_parcels(&tx, &claim.id, &tried, 2).await.unwrap();
    let states = settled.into_iter().map(|(_, state)| state).collect();
    tx.commit().await.unwrap();
    states
}

const LONG: Duration = Duration::from_secs(3_600);

store_suite! { Migrator;
    async fn a_person_is_told_once_of_an_event(db) {
        let store = Store::new(db);
        let id = deliver(&store, "ann", "e1").await.unwrap();
        assert_eq!(deliver(&store, "ann", "e1").await, None);
        assert!(deliver(&store, "bob", "e1").await.is_some());
        let found = store.notification(store.db().read(), ANN, &id).await.unwrap().unwrap();
        assert_eq!((found.message, found.sequence), (approved(), 1));
        assert_eq!(store.notification(store.db().read(), Which { staff_member: "bob", ..ANN }, &id).await.unwrap(), None);
    }

    async fn numbers_have_no_gap_and_pages_go_back_in_time(db) {
        let store = Store::new(db);
        for event in ["e1", "e2", "e2", "e3"] {
            deliver(&store, "ann", event).await;
        }
        let sequences = |rows: Vec<crate::domain::notification::Notification>| -> Vec<i64> {
            rows.into_iter().map(|row| row.sequence).collect()
        };
        assert_eq!(store.last_sequence(ANN).await.unwrap(), 3);
        assert_eq!(sequences(store.notifications_after(ANN, 1, 10).await.unwrap()), [2, 3]);
        let page = Page::of(1, "", &[]).unwrap();
        let rows = store.notifications_page(store.db().read(), ANN, &Filter::default(), &page).await.unwrap();
        assert_eq!(sequences(rows), [3, 2], "one more than the page");
    }

    async fn what_is_read_keeps_its_first_time(db) {
        let store = Store::new(db);
        let id = deliver(&store, "ann", "e1").await.unwrap();
        deliver(&store, "ann", "e2").await;
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        for ids in [Some(vec![id.clone()]), None] {
            let tx = store.db().begin(&Ctx::system("notification", &clock)).await.unwrap();
            store.mark_read(&tx, ANN, ids.as_deref()).await.unwrap();
            tx.commit().await.unwrap();
            clock.advance(jiff::SignedDuration::from_secs(60));
        }
        let read = store.notification(store.db().read(), ANN, &id).await.unwrap().unwrap().read_time;
        assert_eq!(read, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(store.unread_count(store.db().read(), ANN).await.unwrap(), 0);
        let unread = durable::filter::parse("is_read = false", &["is_read"]).unwrap();
        let page = Page::of(5, "", &[]).unwrap();
        assert!(store.notifications_page(store.db().read(), ANN, &unread, &page).await.unwrap().is_empty());
    }

    async fn deciders_follow_their_remit(db) {
        let store = Store::new(db);
        let tx = store.db().begin(&ctx()).await.unwrap();
        assert!(!store.knows_people(&tx, "chu").await.unwrap());
        for (staff_member, remit) in
            [("boss", Remit::All), ("nurse-boss", Remit::All), ("nurse-boss", Remit::Nurses), ("ann", Remit::Nobody)]
        {
            let person = Person { staff_member: staff_member.to_owned(), remit };
            store.put_person(&tx, "chu", &person).await.unwrap();
        }
        assert!(store.knows_people(&tx, "chu").await.unwrap());
        assert_eq!(store.deciders(&tx, "chu", Remit::over("MAR")).await.unwrap(), ["boss"]);
        assert_eq!(store.deciders(&tx, "chu", Remit::over("IADE")).await.unwrap(), ["boss", "nurse-boss"]);
        assert_eq!(store.deciders(&tx, "chu", Remit::OVER_ALL).await.unwrap(), ["boss"]);
    }

    async fn many_are_told_in_one_go_and_nobody_twice(db) {
        let store = Store::new(db);
        let people: Vec<String> = (0..1_200).map(|number| format!("p{number}")).collect();
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        deliver(&store, "p7", "e1").await.unwrap();
        let twice: Vec<&str> = people.iter().chain(&people).copied().collect();
        assert_eq!(tell(&store, &twice, "e1").await.len(), 1_199);
        assert_eq!(tell(&store, &people, "e2").await.len(), 1_200);
        let p7 = Which { hospital: "chu", staff_member: "p7" };
        assert_eq!(store.last_sequence(p7).await.unwrap(), 2);
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    }

    async fn a_letter_in_hand_is_nobody_elses_until_the_claim_ends(db) {
        let store = Store::new(db);
        send_out(&store, &["ann", "bob"], "e1", None).await;
        let first = store.claim_letters(&ctx(), LONG, 1).await.unwrap();
        let second = store.claim_letters(&ctx(), Duration::ZERO, 9).await.unwrap();
        assert_eq!((first.letters.len(), second.letters.len()), (1, 1));
        assert_ne!(first.letters, second.letters);
        // The second one says nothing any more; what it had is taken over with the same key.
        let third = store.claim_letters(&ctx(), LONG, 9).await.unwrap();
        assert_eq!(third.letters, second.letters);
        // It comes back too late and changes nothing.
        settle(&store, &second, &second.letters, Some(Answer::Refused)).await;
        settle(&store, &third, &third.letters, Some(Answer::Accepted)).await;
        settle(&store, &first, &first.letters, Some(Answer::Accepted)).await;
        assert_eq!(states(&store).await, [(State::Sent, 1, Some(Answer::Accepted)); 2]);
        assert!(store.claim_letters(&ctx(), LONG, 9).await.unwrap().letters.is_empty());
    }

    async fn what_was_not_asked_for_is_given_back_at_once(db) {
        let store = Store::new(db);
        send_out(&store, &["ann"], "e1", None).await;
        let claim = store.claim_letters(&ctx(), LONG, 9).await.unwrap();
        settle(&store, &claim, &claim.letters, None).await;
        assert_eq!(states(&store).await, [(State::Pending, 0, None)]);
        assert_eq!(store.claim_letters(&ctx(), LONG, 9).await.unwrap().letters, claim.letters);
    }

    async fn what_may_pass_waits_and_is_given_up_in_the_end(db) {
        let store = Store::new(db);
        send_out(&store, &["ann"], "e1", None).await;
        let claim = store.claim_letters(&ctx(), LONG, 9).await.unwrap();
        assert_eq!(settle(&store, &claim, &claim.letters, Some(Answer::Unreachable)).await, 0);
        assert_eq!(states(&store).await, [(State::Pending, 1, Some(Answer::Unreachable))]);
        assert!(store.claim_letters(&ctx(), LONG, 9).await.unwrap().letters.is_empty(), "not yet");
        let later = Ctx { now: ctx().now + jiff::SignedDuration::from_secs(30), ..ctx() };
        let claim = store.claim_letters(&later, Duration::ZERO, 9).await.unwrap();
        // The first claim lasts an hour by the database's clock, so that it must have been given back.
        assert_eq!(claim.letters.len(), 1);
        assert_eq!(settle(&store, &claim, &claim.letters, Some(Answer::Unreachable)).await, 1);
        assert_eq!(states(&store).await, [(State::Failed, 2, Some(Answer::Unreachable))]);
    }

    async fn what_is_one_letter_leaves_together(db) {
        let store = Store::new(db);
        send_out(&store, &["ann"], "e1", Some("digest")).await;
        send_out(&store, &["ann"], "e2", Some("digest")).await;
        let claim = store.claim_letters(&ctx(), LONG, 1).await.unwrap();
        assert_eq!(claim.letters.len(), 1);
        assert_eq!(claim.letters[0].notifications.len(), 2);
        let messages = store.messages(&claim.letters[0].notifications).await.unwrap();
        assert_eq!(messages.len(), 2);
        settle(&store, &claim, &claim.letters, Some(Answer::Accepted)).await;
        assert_eq!(states(&store).await, [(State::Sent, 1, Some(Answer::Accepted)); 2]);
    }

    async fn preferences_are_kept_and_only_one_of_two_changes_at_once_wins(db) {
        let store = Store::new(db);
        let mut mine = store.preferences(store.db().read(), ANN).await.unwrap();
        assert_eq!(mine, Preferences::defaults("chu", "ann"));
        let mut other = mine.clone();
        mine.is_digest = true;
        for (preferences, wins) in [(&mut mine, true), (&mut other, false)] {
            let tx = store.db().begin(&ctx()).await.unwrap();
            assert_eq!(store.save_preferences(&tx, preferences).await.is_ok(), wins);
            tx.commit().await.unwrap();
        }
        assert_eq!(store.preferences(store.db().read(), ANN).await.unwrap(), mine);
        let chosen = store.chosen_preferences(store.db().read(), "chu", &["ann", "bob"]).await.unwrap();
        assert_eq!(chosen.into_values().collect::<Vec<_>>(), [mine]);
    }

    async fn nothing_is_kept_of_a_person_who_was_erased_and_nothing_comes_back(db) {
        let store = Store::new(db);
        send_out(&store, &["ann", "bob"], "e1", None).await;
        let mut mine = store.preferences(store.db().read(), ANN).await.unwrap();
        mine.is_digest = true;
        let days = DayRange::single(Day::new(2027, 1, 4).unwrap());
        let watched = Watched {
            hospital: "chu".to_owned(),
            leave: "l1".to_owned(),
            staff_member: "ann".to_owned(),
            profession: "MAR".to_owned(),
            days,
            stage: Stage::Approved,
            event_time: ctx().now,
            next_time: Some(ctx().now),
        };
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.save_preferences(&tx, &mut mine).await.unwrap();
        store.watch(&tx, &watched).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..2 {
            let tx = store.db().begin(&ctx()).await.unwrap();
            store.erase_person(&tx, ANN).await.unwrap();
            // Staff tells this after it has told that the person was erased.
            let person = Person { staff_member: "ann".to_owned(), remit: Remit::All };
            store.put_person(&tx, "chu", &person).await.unwrap();
            tx.commit().await.unwrap();
        }
        // What happened before may come after.
        assert_eq!(tell(&store, &["ann", "bob"], "e2").await.len(), 1);
        assert!(store.notifications_after(ANN, 0, 10).await.unwrap().is_empty());
        assert_eq!(store.last_sequence(ANN).await.unwrap(), 0);
        assert_eq!(states(&store).await.len(), 1, "the letter to Bob");
        let claim = store.claim_letters(&ctx(), LONG, 9).await.unwrap();
        assert_eq!(claim.letters.iter().map(|letter| letter.staff_member.as_str()).collect::<Vec<_>>(), ["bob"]);
        assert_eq!(store.preferences(store.db().read(), ANN).await.unwrap(), Preferences::defaults("chu", "ann"));
        assert!(store.due_reminders(ctx().now, 9).await.unwrap().is_empty());
        let tx = store.db().begin(&ctx()).await.unwrap();
        assert_eq!(store.deciders(&tx, "chu", Remit::OVER_ALL).await.unwrap(), Vec::<String>::new());
        drop(tx);
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    }

    async fn an_erasure_that_does_not_commit_takes_nothing_away(db) {
        let store = Store::new(db);
        send_out(&store, &["ann"], "e1", None).await;
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.erase_person(&tx, ANN).await.unwrap();
        drop(tx);
        assert_eq!(store.last_sequence(ANN).await.unwrap(), 1);
        assert_eq!(states(&store).await.len(), 1);
    }

    async fn an_event_is_posted_once_to_each_endpoint_that_wants_it(db) {
        let store = Store::new(db);
        let plans = BTreeSet::from(["PLAN_PUBLISHED".to_owned()]);
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.insert_webhook(&tx, &webhook("all")).await.unwrap();
        store.insert_webhook(&tx, &Webhook { kinds: plans, ..webhook("plans") }).await.unwrap();
        store.insert_webhook(&tx, &Webhook { is_disabled: true, ..webhook("off") }).await.unwrap();
        tx.commit().await.unwrap();
        for (event_id, kind) in [("e1", "LEAVE_APPROVED"), ("e1", "LEAVE_APPROVED"), ("e2", "PLAN_PUBLISHED")] {
            post(&store, event_id, kind).await;
        }
        let claim = store.claim_parcels(&ctx(), LONG, 9).await.unwrap();
        let posted: Vec<(&str, &str)> =
            claim.parcels.iter().map(|parcel| (parcel.webhook.as_str(), parcel.kind.as_str())).collect();
        assert_eq!(posted, [("all", "LEAVE_APPROVED"), ("all", "PLAN_PUBLISHED"), ("plans", "PLAN_PUBLISHED")]);
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    }

    async fn what_a_process_had_in_hand_when_it_died_is_sent_by_another_under_the_same_id(db) {
        let store = Store::new(db);
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.insert_webhook(&tx, &webhook("all")).await.unwrap();
        tx.commit().await.unwrap();
        for event_id in ["e1", "e2"] {
            post(&store, event_id, "LEAVE_APPROVED").await;
        }
        let first = store.claim_parcels(&ctx(), LONG, 1).await.unwrap();
        let second = store.claim_parcels(&ctx(), Duration::ZERO, 9).await.unwrap();
        assert_eq!((first.parcels.len(), second.parcels.len()), (1, 1));
        assert_ne!(first.parcels, second.parcels);
        // The second one says nothing any more; what it had is taken over as it is.
        let third = store.claim_parcels(&ctx(), LONG, 9).await.unwrap();
        assert_eq!(third.parcels, second.parcels);
        // It comes back too late and changes nothing.
        assert!(settle_parcels(&store, &second, Some(Answer::Refused)).await.is_empty());
        assert_eq!(settle_parcels(&store, &third, Some(Answer::Accepted)).await, [State::Sent]);
        // What was not asked for is given back at once.
        assert_eq!(settle_parcels(&store, &first, None).await, [State::Pending]);
        let fourth = store.claim_parcels(&ctx(), LONG, 9).await.unwrap();
        assert_eq!(fourth.parcels, first.parcels);
        assert_eq!(settle_parcels(&store, &fourth, Some(Answer::AddressRefused)).await, [State::Pending]);
        assert!(store.claim_parcels(&ctx(), LONG, 9).await.unwrap().parcels.is_empty(), "not yet");
        let page = Page::of(0, "", &[]).unwrap();
        let read = store.db().read();
        let all = store.webhook_deliveries_page(read, "chu", Some("all"), &Filter::default(), &page).await.unwrap();
        let states: Vec<(State, i32)> = all.iter().map(|one| (one.state, one.attempts)).collect();
        assert!(states.contains(&(State::Sent, 1)) && states.contains(&(State::Pending, 1)), "{states:?}");
        let none = store.webhook_deliveries_page(read, "chu", Some("other"), &Filter::default(), &page).await;
        assert!(none.unwrap().is_empty());
    }

    async fn an_endpoint_fails_since_it_took_something_over_last(db) {
        let store = Store::new(db);
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.insert_webhook(&tx, &webhook("all")).await.unwrap();
        tx.commit().await.unwrap();
        let start = ctx().now;
        for (seconds, has_accepted, since) in
            [(0, false, Some(start)), (60, false, Some(start)), (120, true, None)]
        {
            let later = Ctx { now: start + jiff::SignedDuration::from_secs(seconds), ..ctx() };
            let tx = store.db().begin(&later).await.unwrap();
            let health = store.note_health(&tx, ("chu", "all"), has_accepted).await.unwrap().unwrap();
            assert_eq!(health.failing_since, since, "{seconds}");
            tx.commit().await.unwrap();
        }
        let tx = store.db().begin(&ctx()).await.unwrap();
        assert!(store.note_health(&tx, ("chu", "none"), false).await.unwrap().is_none());
    }
}
