//! A process that hands over letters is killed in the middle: another one takes over what it had in hand.

use std::{collections::BTreeSet, time::Duration};

use bus::Bus;
use chassis::Clock;
use durable::event;
use integration_tests::{foundation::Foundation, mesh::Mesh, smtp::Smtp};
use mathildanesth::demo::{
    self,
    visitor::{Login, Visitor},
};
use proto::{
    leave::v1::LeaveApproved,
    notification::v1::{Delivery, ListDeliveriesRequest, delivery::State},
    staff::v1::ListStaffMembersRequest,
    r#type::v1::Date,
};

use crate::mesh::{PATIENCE, administrator};

/// How many are told, and after how many letters the process dies.
const TOLD: usize = 300;
const DIES_AFTER: usize = 30;

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + Duration::from_secs(120);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < end, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn deliveries(visitor: &Visitor, person: &str) -> Vec<Delivery> {
    let request = ListDeliveriesRequest { parent: person.to_owned(), page_size: 1_000, ..Default::default() };
    let listed =
        visitor.patiently(|| async { visitor.notifications().list_deliveries(request.clone()).await });
    listed.await.unwrap().deliveries
}

#[tokio::test(flavor = "multi_thread")]
async fn notification_dies_while_it_hands_over_letters_and_none_is_lost_or_doubled() {
    let smtp = Smtp::start(&[]).unwrap();
    let url = smtp.url();
    let mut mesh = tokio::task::spawn_blocking(move || {
        let count = |service| if service == "notification" { 2 } else { 1 };
        let mut mesh = Mesh::start_with(count, &administrator()).unwrap();
        for instance in [0, 1] {
            let settings = [
                ("MATHILDANESTH__EMAIL__URL", url.as_str()),
                ("MATHILDANESTH__EMAIL__SENDER", "planning@tilleuls.example"),
                ("MATHILDANESTH__EMAIL__CLAIM_SECONDS", "10"),
                ("MATHILDANESTH__EMAIL__TIMEOUT_SECONDS", "5"),
            ];
            mesh.set_environment("notification", instance, &settings);
        }
        mesh.kill("notification");
        mesh.restart("notification").unwrap();
        mesh
    })
    .await
    .unwrap();
    let login = Login {
        hospital: format!("hospitals/{}", demo::HOSPITAL),
        email: demo::ADMINISTRATOR.to_owned(),
        password: demo::PASSWORD.to_owned(),
    };
    let visitor = Visitor::new(&mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let visitor = visitor.sign_in(&login).await.unwrap();
    let request = ListStaffMembersRequest { parent: login.hospital.clone(), ..Default::default() };
    let people =
        visitor.patiently(|| async { visitor.staff().list_staff_members(request.clone()).await }).await;
    let person = people.unwrap().staff_members[0].name.clone();

    let bus = Bus::connect(&mesh.backends.bus().try_into().unwrap()).await.unwrap();
    let approved = |number: usize| LeaveApproved {
        leave: format!("{person}/leaves/l{number}"),
        staff_member: person.clone(),
        first_date: Some(Date { year: 2027, month: 1, day: 4 }),
        last_date: Some(Date { year: 2027, month: 1, day: 8 }),
        ..Default::default()
    };
    let now = Clock::system().now();
    let events = (0..TOLD).map(|number| event::encode(&approved(number), demo::HOSPITAL, "subject", now));
    bus.publish_all("leave", events.collect()).await.unwrap();

    until("letters arrive", async || smtp.count().unwrap() >= DIES_AFTER).await;
    smtp.freeze();
    assert!(smtp.count().unwrap() < TOLD, "it was too late to die in the middle");
    mesh.kill_instance("notification", 0);
    smtp.go_on();

    until("everything is handed over", async || {
        let listed = deliveries(&visitor, &person).await;
        listed.len() == TOLD && listed.iter().all(|delivery| delivery.state() == State::Sent)
    })
    .await;
    let received = smtp.received().unwrap();
    let ids: BTreeSet<&str> = received.iter().map(|letter| letter.head["Message-ID"].as_str()).collect();
    // What was under way when it died may have arrived twice, and is known by its Message-ID then.
    assert_eq!(ids.len(), TOLD, "of {} letters", received.len());
    let events: BTreeSet<String> =
        deliveries(&visitor, &person).await.into_iter().map(|delivery| delivery.notification).collect();
    assert_eq!(events.len(), TOLD);
    tokio::task::spawn_blocking(move || drop(mesh)).await.unwrap();
}
