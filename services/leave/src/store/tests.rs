use calendar::{Day, DayRange};
use chassis::{Clock, Ctx, access::Among};
use durable::{page::Page, store_suite};
use jiff::Timestamp;
use proto::error::v1::Reason;

use super::*;
use crate::domain::{
    balance::{BalanceKey, Charge, EntryKind, NewEntry},
    conflict::Duty,
    holiday::{self, HolidayKind},
    leave::{Leave, State},
    policy::Policy,
};

fn ctx() -> Ctx {
    Ctx::system("leave", &Clock::fixed(Timestamp::UNIX_EPOCH))
}

fn days(first: &str, last: &str) -> DayRange {
    DayRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
}

fn leave(id: &str, state: State) -> Leave {
    Leave {
        hospital: "chu".to_owned(),
        staff_member: "ann".to_owned(),
        id: id.to_owned(),
        profession: "MAR".to_owned(),
        leave_type: "cp".to_owned(),
        span: days("2026-12-28", "2027-01-02").into(),
        charges: vec![Charge { year: 2026, half_days: 8 }],
        has_balance: true,
        charged_type: Some("rtt".to_owned()),
        employed_since: Some("2001-09-01".parse().unwrap()),
        state,
        comment: "é".to_owned(),
        decision: None,
        series: None,
        escalate_time: None,
        version: 1,
        create_time: Timestamp::UNIX_EPOCH,
        update_time: Timestamp::UNIX_EPOCH,
    }
}

async fn insert(store: &Store, leaves: &[Leave]) {
    let tx = store.db().begin(&ctx()).await.unwrap();
    for leave in leaves {
        store.insert_leave(&tx, leave).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn key() -> BalanceKey {
    BalanceKey {
        hospital: "chu".to_owned(),
        staff_member: "ann".to_owned(),
        leave_type: "cp".to_owned(),
        year: 2026,
    }
}

fn entry(kind: EntryKind, half_days: i32) -> NewEntry {
    NewEntry::new(2026, kind, half_days)
}

store_suite! { Migrator;
    async fn a_leave_is_read_as_it_was_written(db) {
        let store = Store::new(db);
        let written = leave("l1", State::Pending);
        insert(&store, std::slice::from_ref(&written)).await;
        let conn = store.db().read();
        assert_eq!(store.leave(conn, "chu", "ann", "l1").await.unwrap(), Some(written));
        assert_eq!(store.leave(conn, "other", "ann", "l1").await.unwrap(), None);
        assert_eq!(store.leave(conn, "chu", "bob", "l1").await.unwrap(), None);
    }

    async fn lines_that_do_not_add_up_are_found(db) {
        let store = Store::new(db);
        insert(&store, &[leave("l1", State::Approved)]).await;
        let of_leave = |kind, half_days| NewEntry { leave: Some("l1".to_owned()), ..entry(kind, half_days) };
        let whole = [
            of_leave(EntryKind::Reservation, -8),
            of_leave(EntryKind::Release, 8),
            of_leave(EntryKind::Usage, -8),
        ];
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.append(&tx, ("chu", "ann", "cp"), "ann", &whole).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.append(&tx, ("chu", "ann", "cp"), "ann", &[of_leave(EntryKind::Refund, 1)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            store.check().await.unwrap(),
            ["1 times not true: the lines of a leave add up to what its state costs"]
        );
    }

    async fn years_and_transfers_that_do_not_add_up_are_found(db) {
        let store = Store::new(db);
        let owner = ("chu", "ann", "cp");
        let write = async |lines: &[NewEntry]| {
            let tx = store.db().begin(&ctx()).await.unwrap();
            store.append(&tx, owner, "me", lines).await.unwrap();
            tx.commit().await.unwrap();
        };
        let carried = NewEntry {
            expire: "2027-12-31".parse().ok(),
            ..NewEntry::new(2027, EntryKind::CarryOver, 8)
        };
        write(&[entry(EntryKind::CarriedOut, -8), carried]).await;
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
        let over = store.carry_overs_over(store.db().read(), "2028-01-01".parse().unwrap(), 10).await.unwrap();
        assert_eq!(over.iter().map(|line| line.key.year).collect::<Vec<_>>(), [2027]);
        let today = "2027-12-31".parse().unwrap();
        assert_eq!(store.carry_overs_over(store.db().read(), today, 10).await.unwrap(), [], "its last day");
        let expired = |origin: &str| NewEntry {
            origin: Some(origin.to_owned()),
            ..NewEntry::new(2027, EntryKind::Expiration, -8)
        };
        write(&[expired(&over[0].id)]).await;
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
        let none = store.carry_overs_over(store.db().read(), "2028-01-01".parse().unwrap(), 10).await.unwrap();
        assert_eq!(none, []);
        write(&[entry(EntryKind::CarriedOut, -1), expired("nothing")]).await;
        let lone = NewEntry { origin: Some("recup-2026".to_owned()), ..entry(EntryKind::Transfer, -2) };
        write(&[lone]).await;
        assert_eq!(store.check().await.unwrap(), [
            "1 times not true: what a year gave when it was closed the next one received",
            "1 times not true: what expired was brought from the year before",
            "1 times not true: a transfer has two sides",
        ]);
        let recup = BalanceKey { leave_type: "recup".to_owned(), ..key() };
        assert_eq!(store.transferred(store.db().read(), &key(), &recup).await.unwrap(), 2);
    }

    async fn the_texts_of_a_persons_lines_go_and_their_figures_stay(db) {
        let store = Store::new(db);
        let line = |reason: &str| NewEntry { reason: reason.to_owned(), ..entry(EntryKind::Adjustment, 4) };
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.append(&tx, ("chu", "ann", "cp"), "me", &[line("xyzzy"), line("")]).await.unwrap();
        store.append(&tx, ("chu", "bob", "cp"), "me", &[line("plugh")]).await.unwrap();
        let before = store.balance(tx.conn(), &key()).await.unwrap();
        assert_eq!(store.empty_reasons(&tx, "chu", "ann").await.unwrap(), 1);
        assert_eq!(store.empty_reasons(&tx, "chu", "ann").await.unwrap(), 0, "once");
        assert_eq!(store.balance(tx.conn(), &key()).await.unwrap(), before);
        assert_eq!(store.empty_reasons(&tx, "chu", "bob").await.unwrap(), 1, "another one's was kept");
        tx.commit().await.unwrap();
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    }

    async fn plannings_word_replaces_what_was_told(db) {
        let store = Store::new(db);
        let tx = store.db().begin(&ctx()).await.unwrap();
        let lost = Duty { shift: "lost".to_owned(), day: "2026-12-01".parse().unwrap(), part: None, is_on_call: true };
        assert!(store.is_news(&tx, "chu", "ann", "lost", 3).await.unwrap());
        store.put_duty(&tx, "chu", "ann", &lost).await.unwrap();
        tx.commit().await.unwrap();
        let published = PublishedDuty {
            hospital: "chu".to_owned(),
            staff_member: "ann".to_owned(),
            shift: "kept".to_owned(),
            day: "2026-12-02".parse().unwrap(),
            part: Some(calendar::DayPart::Morning),
            is_on_call: false,
            revision: 2,
        };
        let published = std::collections::BTreeSet::from([published]);
        store.take_duties(&published).await.unwrap();
        assert_eq!(store.told_duties().await.unwrap(), published);
        // The revision that was lost is told again under its number, and is news.
        let tx = store.db().begin(&ctx()).await.unwrap();
        assert!(store.is_news(&tx, "chu", "ann", "lost", 3).await.unwrap());
        assert!(!store.is_news(&tx, "chu", "ann", "kept", 1).await.unwrap());
    }

    async fn a_stale_version_is_not_written(db) {
        let store = Store::new(db);
        insert(&store, &[leave("l1", State::Pending)]).await;
        let tx = store.db().begin(&ctx()).await.unwrap();
        let (mut first, mut second) = (leave("l1", State::Approved), leave("l1", State::Rejected));
        store.update_leave(&tx, &mut first).await.unwrap();
        let refused = store.update_leave(&tx, &mut second).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::EtagMismatch);
    }

    async fn absences_are_what_is_approved_and_touches_the_range(db) {
        let store = Store::new(db);
        let nurse = Leave { profession: "IADE".to_owned(), ..leave("l3", State::Approved) };
        insert(&store, &[leave("l1", State::Approved), leave("l2", State::Pending), nurse]).await;
        let conn = store.db().read();
        let ids = |leaves: Vec<Leave>| leaves.into_iter().map(|leave| leave.id).collect::<Vec<_>>();
        let touching = days("2027-01-02", "2027-01-31");
        assert_eq!(ids(store.absences(conn, "chu", None, touching).await.unwrap()), ["l1", "l3"]);
        assert_eq!(ids(store.absences(conn, "chu", Some("MAR"), touching).await.unwrap()), ["l1"]);
        let beside = days("2027-01-03", "2027-01-31");
        assert!(store.absences(conn, "chu", None, beside).await.unwrap().is_empty());
        assert_eq!(ids(store.leaves_of(conn, "chu", "ann", touching).await.unwrap()), ["l1", "l2", "l3"]);
    }

    async fn what_is_around_a_leave_is_ones_own_that_is_near_and_what_others_have_or_ask_for(db) {
        let store = Store::new(db);
        let at = |id: &str, person: &str, state, (first, last)| Leave {
            staff_member: person.to_owned(),
            span: days(first, last).into(),
            ..leave(id, state)
        };
        let (near, here) = (("2026-12-01", "2026-12-02"), ("2026-12-28", "2026-12-28"));
        insert(&store, &[
            at("l9", "ann", State::Rejected, near),
            at("l1", "ann", State::Approved, here),
            at("l2", "ann", State::Approved, ("2026-10-01", "2026-10-01")),
            at("l3", "bob", State::Pending, ("2026-12-27", "2026-12-29")),
            at("l4", "bob", State::Approved, near),
            at("l5", "bob", State::Cancelled, here),
            at("l6", "dora", State::Approved, ("2026-12-20", "2026-12-31")),
        ]).await;
        let wide = days("2026-11-28", "2027-01-28");
        let standing = (&[State::Approved, State::Pending][..], days(here.0, here.1));
        let conn = store.db().read();
        let (own, others) = store.leaves_around(conn, ("chu", "ann"), wide, standing).await.unwrap();
        let ids = |leaves: Vec<Leave>| leaves.into_iter().map(|leave| leave.id).collect::<Vec<_>>();
        assert_eq!(ids(own), ["l1", "l9"], "whatever became of it, by id");
        assert_eq!(ids(others), ["l6", "l3"], "what stands or waits in these days, by first day");
        let (own, others) = store.leaves_around(conn, ("other", "ann"), wide, standing).await.unwrap();
        assert!(own.is_empty() && others.is_empty());
        let ranges = [days("2026-12-01", "2026-12-01"), days("2026-12-28", "2026-12-28")];
        let away = store.absences_in(conn, ("chu", "MAR"), &ranges).await.unwrap();
        assert_eq!(ids(away), ["l4", "l6", "l1"]);
        assert!(store.absences_in(conn, ("chu", "IADE"), &ranges).await.unwrap().is_empty());
        assert!(store.absences_in(conn, ("chu", "MAR"), &[]).await.unwrap().is_empty());
    }

    async fn pages_of_leaves_are_filtered_and_newest_first(db) {
        let store = Store::new(db);
        let all: Vec<Leave> = (0..5).map(|number| leave(&format!("l{number}"), State::Pending)).collect();
        insert(&store, &all).await;
        let filter = durable::filter::parse("state = PENDING AND first_date <= 2026-12-28", &["state", "first_date"]).unwrap();
        let which = LeaveFilter {
            hospital: "chu",
            staff_member: None,
            professions: [&Among::ALL, &Among::ALL],
            filter: &filter,
        };
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let page = Page::of(2, &token, &[]).unwrap();
            let mut rows = store.leaves_page(store.db().read(), &which, &page).await.unwrap();
            token = page.next(&mut rows, |leave| leave.id.clone());
            seen.extend(rows.into_iter().map(|leave| leave.id));
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, ["l4", "l3", "l2", "l1", "l0"]);
    }

    async fn a_balance_is_the_sum_of_its_lines_and_its_version_their_writes(db) {
        let store = Store::new(db);
        let owner = ("chu", "ann", "cp");
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.append(&tx, owner, "me", &[entry(EntryKind::Grant, 100)]).await.unwrap();
        let lines = [entry(EntryKind::Reservation, -8), entry(EntryKind::Release, 8), entry(EntryKind::Usage, -8)];
        store.append(&tx, owner, "me", &lines).await.unwrap();
        tx.commit().await.unwrap();
        let balance = store.balance(store.db().read(), &key()).await.unwrap().unwrap();
        assert_eq!((balance.figures.granted, balance.figures.used, balance.figures.pending), (100, 8, 0));
        assert_eq!(balance.version, 2);
        let page = Page::of(3, "", &[]).unwrap();
        assert_eq!(store.entries_page(store.db().read(), &key(), &page).await.unwrap().len(), 4);
        let all = durable::filter::Filter::default();
        assert_eq!(store.balances_page(store.db().read(), "chu", None, &all, &page).await.unwrap(), [balance]);
    }

    async fn balances_of_some_years_are_read_together_and_without_lines_there_is_none(db) {
        let store = Store::new(db);
        let of_year = |year, half_days| NewEntry::new(year, EntryKind::Grant, half_days);
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.append(&tx, ("chu", "ann", "cp"), "me", &[of_year(2026, 100), of_year(2027, 90)]).await.unwrap();
        store.append(&tx, ("chu", "ann", "cp"), "me", &[entry(EntryKind::Usage, -8)]).await.unwrap();
        store.append(&tx, ("chu", "ann", "rtt"), "me", &[of_year(2026, 7)]).await.unwrap();
        store.append(&tx, ("chu", "bob", "cp"), "me", &[of_year(2026, 7)]).await.unwrap();
        tx.commit().await.unwrap();
        let keys = [2028, 2027, 2026].map(|year| BalanceKey { year, ..key() });
        let found = store.balances(store.db().read(), &keys).await.unwrap();
        let figures = |balance: &crate::domain::balance::Balance| {
            (balance.key.year, balance.figures.granted, balance.figures.used, balance.version)
        };
        assert_eq!(found.iter().map(figures).collect::<Vec<_>>(), [(2026, 100, 8, 2), (2027, 90, 0, 1)]);
        assert_eq!(store.balances(store.db().read(), &[]).await.unwrap(), []);
    }

    async fn a_policy_is_written_once_per_version(db) {
        let store = Store::new(db);
        let tx = store.db().begin(&ctx()).await.unwrap();
        let mut policy = store.policy(tx.conn(), "chu").await.unwrap();
        assert_eq!(policy, Policy::defaults("chu"));
        let mut stale = policy.clone();
        policy.school_zone = "B".to_owned();
        store.save_policy(&tx, &mut policy).await.unwrap();
        assert_eq!(store.policy(tx.conn(), "chu").await.unwrap(), policy);
        assert!(store.save_policy(&tx, &mut stale).await.is_err());
    }

    async fn holidays_are_added_once(db) {
        let store = Store::new(db);
        let holidays = holiday::public(2026, calendar::holiday::Region::France);
        let tx = store.db().begin(&ctx()).await.unwrap();
        assert_eq!(store.add_holidays(&tx, "chu", &holidays).await.unwrap(), 11);
        assert_eq!(store.add_holidays(&tx, "chu", &holidays).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let christmas = days("2026-12-20", "2026-12-31");
        let found = store.holidays(store.db().read(), "chu", HolidayKind::Public, christmas).await.unwrap();
        assert_eq!(found.len(), 1);
        let page = Page::of(5, "", &[]).unwrap();
        let year = days("2026-01-01", "2026-12-31");
        assert_eq!(store.holidays_page(store.db().read(), "chu", year, &page).await.unwrap().len(), 6, "one more than the page");
    }

    async fn a_duty_is_put_replaced_and_removed(db) {
        let store = Store::new(db);
        let day: Day = "2026-12-24".parse().unwrap();
        let duty = |is_on_call| Duty { shift: "s1".to_owned(), day, part: None, is_on_call };
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.put_duty(&tx, "chu", "ann", &duty(false)).await.unwrap();
        store.put_duty(&tx, "chu", "ann", &duty(true)).await.unwrap();
        let range = DayRange::single(day);
        assert_eq!(store.duties(tx.conn(), "chu", "ann", range).await.unwrap(), [duty(true)]);
        store.remove_duty(&tx, "chu", "ann", "s1").await.unwrap();
        assert_eq!(store.duties(tx.conn(), "chu", "ann", range).await.unwrap(), []);
    }

    async fn what_an_older_revision_tells_of_a_duty_is_no_news(db) {
        let store = Store::new(db);
        let tx = store.db().begin(&ctx()).await.unwrap();
        for (shift, revision, expected) in
            [("s1", 2, true), ("s1", 1, false), ("s1", 2, true), ("s2", 1, true), ("s1", 3, true)]
        {
            let is_news = store.is_news(&tx, "chu", "ann", shift, revision).await.unwrap();
            assert_eq!(is_news, expected, "{shift} {revision}");
        }
    }
}
