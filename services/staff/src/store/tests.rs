//! What both databases must agree on.

use chassis::{Clock, Ctx};
use jiff::SignedDuration;

use super::{Migrator, accounts, hospitals, resources, sessions};
use crate::domain::{
    Contract, Kind, Site, StaffMember, contract::WorkPattern, lockout::Lockout, refresh::Chain,
};

fn ctx() -> Ctx {
    Ctx::system("staff", &Clock::system())
}

fn site(name: &str) -> Site {
    Site { display_name: name.to_owned(), ..Site::default() }
}

durable::store_suite! { Migrator;
    async fn natural_keys_are_unique_in_their_hospital_and_kind(db) {
        let tx = db.begin(&ctx()).await.unwrap();
        resources::insert(&tx, "h", "main", &site("Nord")).await.unwrap().unwrap();
        resources::insert(&tx, "other", "main", &site("Nord")).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let tx = db.begin(&ctx()).await.unwrap();
        let refused = resources::insert(&tx, "h", "second", &site("NORD")).await.unwrap().unwrap_err();
        assert!(durable::is_unique(&refused), "{refused}");
    }

    async fn a_stale_version_is_refused(db) {
        let tx = db.begin(&ctx()).await.unwrap();
        let first = resources::insert(&tx, "h", "main", &site("Nord")).await.unwrap().unwrap();
        let second = resources::update(&tx, &first, site("Sud")).await.unwrap().unwrap();
        assert_eq!(second.version, 2);
        assert!(resources::update(&tx, &first, site("Est")).await.is_err());
        assert!(resources::delete(&tx, &first).await.is_err());
        resources::delete(&tx, &second).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(resources::find::<Site>(db.read(), "h", "main").await.unwrap(), None);
    }

    async fn children_are_those_below_and_a_parent_can_be_locked(db) {
        let contract = Contract {
            first_date: "2026-01-01".parse().unwrap(),
            last_date: None,
            percentage: 50,
            work_pattern: WorkPattern::FullTime,
            legal_pack: String::new(),
            is_volunteer: false,
        };
        let person = |email: &str| StaffMember { email: email.to_owned(), ..StaffMember::default() };
        let tx = db.begin(&ctx()).await.unwrap();
        for (id, email) in [("a", "a@h.fr"), ("ab", "b@h.fr")] {
            resources::insert(&tx, "h", id, &person(email)).await.unwrap().unwrap();
            resources::insert(&tx, "h", &format!("{id}/c"), &contract).await.unwrap().unwrap();
        }
        assert!(resources::lock(&tx, "h", Kind::StaffMember, "a").await.unwrap());
        assert!(!resources::lock(&tx, "h", Kind::StaffMember, "none").await.unwrap());
        let children = resources::children::<Contract>(tx.conn(), "h", "a").await.unwrap();
        assert_eq!(children.iter().map(|child| child.id.as_str()).collect::<Vec<_>>(), ["a/c"]);
        assert_eq!(children[0].value, contract);
    }

    async fn who_has_one_of_many_keys_is_found_and_nobody_else(db) {
        let person = |email: &str, rpps: &str| StaffMember {
            email: email.to_owned(),
            rpps: rpps.to_owned(),
            ..StaffMember::default()
        };
        let tx = db.begin(&ctx()).await.unwrap();
        let people = [("a", "a@h.fr", ""), ("b", "b@h.fr", "10000000009"), ("c", "O'\"Neil@h.fr", "")];
        for (id, email, rpps) in people {
            resources::insert(&tx, "h", id, &person(email, rpps)).await.unwrap().unwrap();
        }
        resources::insert(&tx, "other", "x", &person("a@h.fr", "10000000009")).await.unwrap().unwrap();
        resources::insert(&tx, "h", "a@h.fr", &site("a@h.fr")).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let texts = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let found = async |natural: &[&str], second: &[&str]| {
            let (natural, second) = (texts(natural), texts(second));
            let found = resources::by_keys::<StaffMember>(db.read(), "h", &natural, &second).await.unwrap();
            let mut ids: Vec<String> = found.into_iter().map(|person| person.id).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(found(&["o'\"neil@h.fr", "nobody@h.fr", "a@h.fr"], &[]).await, ["a", "c"]);
        assert_eq!(found(&[], &["10000000009", "b@h.fr"]).await, ["b"]);
        assert!(found(&[], &[]).await.is_empty());
    }

    async fn attempts_of_an_address_are_remembered_and_forgiven(db) {
        let tx = db.begin(&ctx()).await.unwrap();
        let none = accounts::lockout(&tx, "h", "A@h.fr").await.unwrap();
        assert_eq!(none.failure_count, 0);
        let locked = Lockout { failure_count: 7, locked_until: Some(tx.now()), attempt_time: tx.now() };
        accounts::remember(&tx, "h", "A@h.fr", locked).await.unwrap();
        assert_eq!(accounts::lockout(&tx, "h", "a@H.fr").await.unwrap().failure_count, 7);
        accounts::forgive(&tx, "h", "a@h.fr").await.unwrap();
        assert_eq!(accounts::lockout(&tx, "h", "a@h.fr").await.unwrap().failure_count, 0);
    }

    async fn a_rotated_session_keeps_its_chain_and_an_ended_one_is_not_rotated(db) {
        let ctx = ctx();
        let tx = db.begin(&ctx).await.unwrap();
        assert!(hospitals::insert(&tx, "h", "H", "Europe/Paris").await.unwrap());
        assert!(!hospitals::insert(&tx, "h", "H", "Europe/Paris").await.unwrap(), "once");
        let (chain, _) = Chain::begin([1; 32], b"entropy", ctx.now);
        let expire_time = ctx.now + SignedDuration::from_hours(1);
        let new = sessions::New {
            hospital: "h",
            id: "s",
            staff_member: "x",
            user_agent: "",
            create_request: Some([3; 32]),
            chain: &chain,
            expire_time,
        };
        let session = sessions::insert(&tx, new).await.unwrap();
        let next = Chain { generation: 1, current: [2; 32], rotate_request: Some([4; 32]), ..chain };
        let rotated = sessions::rotate(&tx, &session, &next, expire_time).await.unwrap();
        assert!(sessions::rotate(&tx, &session, &next, expire_time).await.is_err(), "somebody was faster");
        tx.commit().await.unwrap();
        let found = sessions::find_by_request(db.read(), "h", "x", [3; 32]).await.unwrap().unwrap();
        assert_eq!(found, rotated);
        assert_eq!(sessions::chain(&found).unwrap().generation, 1);
        let tx = db.begin(&ctx).await.unwrap();
        assert_eq!(sessions::end_all(&tx, "h", "x", Some("s")).await.unwrap(), 0);
        assert_eq!(sessions::end_all(&tx, "h", "x", None).await.unwrap(), 1);
        assert!(sessions::rotate(&tx, &rotated, &next, expire_time).await.is_err());
        assert!(sessions::live(tx.conn(), "h", "x", None, 10, ctx.now).await.unwrap().is_empty());
    }
}
