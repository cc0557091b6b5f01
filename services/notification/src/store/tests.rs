use calendar::{Day, DayRange};
use chassis::{Clock, Ctx};
use durable::{filter::Filter, page::Page, store_suite};
use jiff::Timestamp;

use super::*;
use crate::domain::{
    message::Message,
    recipient::{Person, Remit},
};

const ANN: Which<'static> = Which { hospital: "chu", staff_member: "ann" };

fn ctx() -> Ctx {
    Ctx::system("notification", &Clock::fixed(Timestamp::UNIX_EPOCH))
}

fn approved() -> Message {
    Message::LeaveApproved { days: DayRange::single(Day::new(2027, 1, 4).unwrap()) }
}

async fn deliver(store: &Store, staff_member: &str, event_id: &str) -> Option<String> {
    let message = approved();
    let delivery = Delivery { hospital: "chu", staff_member, event_id, message: &message, subject: "s" };
    let tx = store.db().begin(&ctx()).await.unwrap();
    let id = store.deliver(&tx, &delivery).await.unwrap();
    tx.commit().await.unwrap();
    id
}

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
        assert_eq!(store.deciders(&tx, "chu", "MAR").await.unwrap(), ["boss"]);
        assert_eq!(store.deciders(&tx, "chu", "IADE").await.unwrap(), ["boss", "nurse-boss"]);
    }
}
