//! Webhooks through the whole server stack, to a real HTTPS server.

use chassis::{Role, testing::eventually};
use jiff::SignedDuration;
use notification::{Config, Webhooks};
use proto::{
    leave::v1::LeaveRejected,
    notification::v1::{self as pb, delivery, webhook as enums},
    staff::v1::Role as StaffRole,
};
use serde_json::json;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    approved,
    decisions::hire,
    receiver::Receiver,
    world::{HOSPITAL, World, date, person},
};

fn config(receiver: &Receiver) -> Webhooks {
    Webhooks { authority: Some(receiver.authority.clone()), private_addresses: true, ..Webhooks::default() }
}

async fn world(webhooks: Webhooks) -> World {
    World::of(Config { webhooks, ..Config::default() }).await
}

fn at(url: &str) -> pb::Webhook {
    pb::Webhook { url: url.to_owned(), ..Default::default() }
}

fn name(id: &str) -> String {
    format!("hospitals/{HOSPITAL}/webhooks/{id}")
}

fn reason(refused: &Status) -> String {
    refused.get_error_details().error_info().unwrap().reason.clone()
}

fn rejected(who: &str) -> LeaveRejected {
    LeaveRejected {
        leave: format!("{}/leaves/l2", person(who)),
        staff_member: person(who),
        first_date: date("2027-02-01"),
        last_date: date("2027-02-01"),
    }
}

/// Waits until the newest delivery to an endpoint was tried so often.
async fn tried(world: &World, attempts: i32) -> pb::Delivery {
    let newest = async || world.deliveries_to("-", "").await.ok()?.into_iter().next();
    let enough = async || newest().await.filter(|delivery| delivery.attempts >= attempts);
    eventually("an endpoint is asked", enough).await
}

async fn later(world: &World, seconds: i64) {
    world.clock.advance(SignedDuration::from_secs(seconds));
}

#[tokio::test]
async fn an_endpoint_is_told_what_people_are_told_once_and_knows_by_whom() {
    let receiver = Receiver::start().await;
    let world = world(config(&receiver)).await;
    let webhook = world.create_webhook("w", at(&receiver.url())).await.unwrap();
    let envelope = world.envelope(&approved("ann"));
    for _ in 0..2 {
        world.send("leave", envelope.clone()).await;
    }
    let sent = eventually("it is taken over", async || {
        let newest = world.deliveries_to("w", "state = SENT").await.ok()?;
        newest.into_iter().next()
    })
    .await;
    assert_eq!((sent.attempts, sent.answer()), (1, delivery::Answer::Accepted));
    assert_eq!((sent.channel(), sent.kind.as_str()), (pb::Channel::Webhook, "LEAVE_APPROVED"));
    assert_eq!(
        (sent.subject.as_str(), sent.notification.as_str()),
        (format!("{}/leaves/l1", person("ann")).as_str(), "")
    );

    // What is tried now comes after everything else: so that nothing came twice.
    let trial = world.test_webhook(&webhook.name).await.unwrap();
    let received = receiver.told(2).await;
    assert_eq!(received.len(), 2);
    let first = &received[0];
    assert_eq!(first.path, "/hook?x=1");
    assert_eq!(format!("{}/deliveries/{}", name("w"), first.id.trim_start_matches("msg_")), sent.name);
    assert_eq!(first.timestamp, world.clock.now().as_second());
    let body: serde_json::Value = serde_json::from_str(&first.body).unwrap();
    let subject = format!("{}/leaves/l1", person("ann"));
    assert_eq!(
        body,
        json!({
            "type": "LEAVE_APPROVED",
            "timestamp": "2026-11-23T08:00:00Z",
            "data": { "hospital": "hospitals/chu", "subject": subject },
        })
    );
    for told in &received {
        assert!(told.is_signed_with(&webhook.secret));
    }
    let forged = super::receiver::Received { body: first.body.replace("ann", "bob"), ..first.clone() };
    assert!(!forged.is_signed_with(&webhook.secret));
    assert!(trial.name.ends_with(received[1].id.trim_start_matches("msg_")));
    assert!(received[1].body.contains(r#""type":"TEST""#));
}

#[tokio::test]
async fn what_was_not_taken_over_is_sent_again_under_the_same_id_and_led_nowhere_else() {
    let receiver = Receiver::start().await;
    receiver.answer(&[500, 302]);
    let world = world(config(&receiver)).await;
    world.create_webhook("w", at(&receiver.url())).await.unwrap();
    world.publish("leave", &approved("ann")).await;
    let first = tried(&world, 1).await;
    assert_eq!((first.state(), first.answer()), (delivery::State::Pending, delivery::Answer::RefusedForNow));
    // Half a minute, then a minute, half more or less by chance.
    later(&world, 60).await;
    let second = tried(&world, 2).await;
    assert_eq!(
        (second.state(), second.answer()),
        (delivery::State::Pending, delivery::Answer::RefusedForNow)
    );
    later(&world, 120).await;
    let third = tried(&world, 3).await;
    assert_eq!((third.state(), third.name), (delivery::State::Sent, first.name));
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|told| told.id == received[0].id && told.body == received[0].body));
    assert!(received.iter().all(|told| told.path == "/hook?x=1"));
    assert_ne!(received[0].timestamp, received[2].timestamp);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_the_one_before_signs_for_a_day() {
    let receiver = Receiver::start().await;
    let world = world(config(&receiver)).await;
    let created = world.create_webhook("w", at(&receiver.url())).await.unwrap();
    assert!(created.secret.starts_with("whsec_"), "shown");
    // Whoever lost the answer asks again.
    assert_eq!(world.create_webhook("w", at(&receiver.url())).await.unwrap(), created);
    assert_eq!(world.webhook("w").await.unwrap().secret, "");
    assert_eq!(world.webhooks().await.unwrap()[0].secret, "");
    assert_eq!(
        world
            .update_webhook(pb::Webhook { name: name("w"), ..at(&receiver.url()) }, &["url"])
            .await
            .unwrap()
            .secret,
        ""
    );

    let rotated = world.rotate_webhook_secret("w", None).await.unwrap();
    assert_ne!(rotated.secret, created.secret);
    assert!(rotated.former_secret_expire_time.is_some());
    world.test_webhook(&name("w")).await.unwrap();
    let both = receiver.told(1).await.pop().unwrap();
    assert_eq!(both.signatures.len(), 2);
    assert!(both.is_signed_with(&created.secret) && both.is_signed_with(&rotated.secret));

    later(&world, 24 * 3_600).await;
    world.test_webhook(&name("w")).await.unwrap();
    let one = receiver.told(2).await.pop().unwrap();
    assert!(!one.is_signed_with(&created.secret) && one.is_signed_with(&rotated.secret));

    // In wrong hands: the one before is void at once.
    let third = world.rotate_webhook_secret("w", Some(0)).await.unwrap();
    world.test_webhook(&name("w")).await.unwrap();
    let one = receiver.told(3).await.pop().unwrap();
    assert!(!one.is_signed_with(&rotated.secret) && one.is_signed_with(&third.secret));
    let refused = world.rotate_webhook_secret("w", Some(169)).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELD_VIOLATIONS");
}

#[tokio::test]
async fn a_webhook_to_a_private_address_is_refused_and_nothing_changes() {
    let world = World::new().await;
    let urls = [
        "https://127.0.0.1/hook",
        "https://127.1:8443/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://localhost/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[ff02::1]/",
    ];
    for url in urls {
        let refused = world.create_webhook("w", at(url)).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::InvalidArgument, "WEBHOOK_ADDRESS_REFUSED"),
            "{url}"
        );
        let violations = refused.get_error_details().bad_request().unwrap().field_violations.clone();
        assert_eq!(violations[0].field, "webhook.url");
    }
    assert!(world.webhooks().await.unwrap().is_empty());
    assert!(world.audit_entries("").await.unwrap().is_empty());

    world.create_webhook("w", at("https://1.1.1.1/")).await.unwrap();
    let before = world.webhook("w").await.unwrap();
    for url in urls {
        let changed = pb::Webhook { name: name("w"), ..at(url) };
        let refused = world.update_webhook(changed, &[]).await.unwrap_err();
        assert_eq!(reason(&refused), "WEBHOOK_ADDRESS_REFUSED", "{url}");
    }
    assert_eq!(world.webhook("w").await.unwrap(), before);
}

#[tokio::test]
async fn an_address_that_became_private_since_is_found_when_something_is_sent() {
    let receiver = Receiver::start().await;
    let open = world(config(&receiver)).await;
    open.create_webhook("w", at(&receiver.url())).await.unwrap();
    // The same database, by a service that allows no such address: as if the name led elsewhere since.
    let strict = open
        .reopened(Config {
            webhooks: Webhooks { private_addresses: false, ..config(&receiver) },
            ..Config::default()
        })
        .await;
    strict.publish("leave", &approved("ann")).await;
    let waiting = tried(&strict, 1).await;
    assert_eq!(
        (waiting.state(), waiting.answer()),
        (delivery::State::Pending, delivery::Answer::AddressRefused)
    );
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn what_is_no_webhook_is_refused_with_every_flaw() {
    let world = World::new().await;
    for (webhook, count) in [
        (pb::Webhook::default(), 1),
        (at("http://1.1.1.1/"), 1),
        (at("https://user:word@1.1.1.1/"), 1),
        (at("https://1.1.1.1/\r\nX-Evil: 1"), 1),
        (at("nonsense"), 1),
        (
            pb::Webhook {
                kinds: vec!["NEWS".to_owned(), "MAINTENANCE".to_owned(), "MAINTENANCE".to_owned()],
                ..at("ftp://1.1.1.1/")
            },
            3,
        ),
    ] {
        let refused = world.create_webhook("w", webhook.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "FIELD_VIOLATIONS", "{webhook:?}");
        let violations = refused.get_error_details().bad_request().unwrap().field_violations.len();
        assert_eq!(violations, count, "{webhook:?}");
    }
    assert!(world.webhooks().await.unwrap().is_empty());
    for number in 0..20 {
        world.create_webhook(&format!("w{number}"), at("https://1.1.1.1/")).await.unwrap();
    }
    let refused = world.create_webhook("one-more", at("https://1.1.1.1/")).await.unwrap_err();
    assert_eq!(reason(&refused), "WEBHOOK_LIMIT_REACHED");
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_told_no_more_and_administrators_hear_of_it() {
    let receiver = Receiver::start().await;
    let world = world(config(&receiver)).await;
    hire(&world, "chief", StaffRole::AnesthetistAdministrator).await;
    world.create_webhook("w", at(&receiver.url())).await.unwrap();
    receiver.answer(&[410]);
    world.publish("leave", &approved("ann")).await;
    let alert = world.told("chief", 1).await;
    assert_eq!((alert[0].kind.as_str(), &alert[0].subject), ("SYSTEM_ALERT", &name("w")));
    let given_up = world.webhook("w").await.unwrap();
    assert_eq!(given_up.state(), enums::State::Failed);
    let failed = tried(&world, 1).await;
    assert_eq!((failed.state(), failed.answer()), (delivery::State::Failed, delivery::Answer::Refused));
    let line = &world.audit_entries("action = webhook.fail").await.unwrap()[0];
    assert_eq!((line.actor.as_str(), line.fields[0].new_value.as_str()), ("services/notification", "FAILED"));

    world.publish("leave", &rejected("ann")).await;
    let refused = world.test_webhook(&name("w")).await.unwrap_err();
    assert_eq!(reason(&refused), "WEBHOOK_DISABLED");
    let on = pb::Webhook { name: name("w"), etag: given_up.etag, ..Default::default() };
    let enabled = world.update_webhook(on, &["is_disabled"]).await.unwrap();
    assert_eq!(enabled.state(), enums::State::Enabled);
    world.test_webhook(&name("w")).await.unwrap();
    // What happened in between is not sent afterwards.
    let received = receiver.told(2).await;
    assert!(received[1].body.contains("TEST"), "{}", received[1].body);
}

#[tokio::test]
async fn an_endpoint_that_fails_for_days_is_given_up_and_one_that_fails_for_minutes_is_not() {
    let receiver = Receiver::start().await;
    receiver.answer(&[500; 9]);
    let world = world(Webhooks { attempts_max: 2, ..config(&receiver) }).await;
    world.create_webhook("w", at(&receiver.url())).await.unwrap();
    for (days_later, state) in [(0, enums::State::Enabled), (4, enums::State::Failed)] {
        later(&world, days_later * 24 * 3_600).await;
        world.publish("leave", &approved("ann")).await;
        let waiting = tried(&world, 1).await;
        later(&world, 60).await;
        let failed = eventually("it is given up", async || {
            let newest = world.deliveries_to("w", "").await.ok()?.into_iter().next()?;
            Some(newest).filter(|newest| newest.state() == delivery::State::Failed)
        })
        .await;
        assert_eq!((failed.name, failed.attempts), (waiting.name, 2));
        assert_eq!(world.webhook("w").await.unwrap().state(), state);
    }
}

#[tokio::test]
async fn it_is_told_of_the_kinds_that_were_chosen_and_nothing_while_it_is_off() {
    let receiver = Receiver::start().await;
    let world = world(config(&receiver)).await;
    let kinds = vec!["LEAVE_REJECTED".to_owned()];
    world.create_webhook("some", pb::Webhook { kinds, ..at(&receiver.url()) }).await.unwrap();
    world.create_webhook("off", pb::Webhook { is_disabled: true, ..at(&receiver.url()) }).await.unwrap();
    world.publish("leave", &approved("ann")).await;
    world.publish("leave", &rejected("ann")).await;
    let received = receiver.told(1).await;
    assert!(received[0].body.contains("LEAVE_REJECTED"));
    assert_eq!(world.deliveries_to("-", "").await.unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_nobody_vouches_for() {
    let receiver = Receiver::start().await;
    let other = Receiver::start().await;
    let world = world(config(&other)).await;
    world.create_webhook("w", at(&receiver.url())).await.unwrap();
    world.publish("leave", &approved("ann")).await;
    assert_eq!(tried(&world, 1).await.answer(), delivery::Answer::Unreachable);
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn what_is_on_its_way_to_a_webhook_that_is_deleted_is_given_up() {
    let receiver = Receiver::start().await;
    receiver.answer(&[503]);
    let world = world(config(&receiver)).await;
    let webhook = world.create_webhook("w", at(&receiver.url())).await.unwrap();
    world.publish("leave", &approved("ann")).await;
    tried(&world, 1).await;
    let stale = world.delete_webhook("w", "\"7\"").await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    world.delete_webhook("w", &webhook.etag).await.unwrap();
    assert_eq!(world.webhook("w").await.unwrap_err().code(), Code::NotFound);
    later(&world, 60).await;
    let given_up = tried(&world, 2).await;
    assert_eq!((given_up.state(), given_up.answer()), (delivery::State::Failed, delivery::Answer::NoAddress));
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn webhooks_are_for_administrators_and_what_is_done_to_them_is_in_the_log_without_secrets() {
    let world = World::new().await;
    let created = world.create_webhook("w", at("https://1.1.1.1/token-4711")).await.unwrap();
    for role in [Role::NurseAdministrator, Role::Secretary, Role::Anesthetist] {
        let denied = world.create_webhook_as(&[role], at("https://1.1.1.1/")).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
        let denied = world.deliveries_to_webhooks_as(&[role]).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
    }
    let off = pb::Webhook { name: name("w"), is_disabled: true, ..Default::default() };
    world.update_webhook(off, &[]).await.unwrap();
    let rotated = world.rotate_webhook_secret("w", None).await.unwrap();
    world.delete_webhook("w", &rotated.etag).await.unwrap();
    let lines = world.audit_entries("").await.unwrap();
    let actions: Vec<&str> = lines.iter().rev().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["webhook.create", "webhook.update", "webhook.rotate_secret", "webhook.delete"]);
    let said = format!("{lines:?}");
    for secret in [created.secret.as_str(), rotated.secret.as_str(), "token-4711"] {
        assert!(!said.contains(secret), "{said}");
    }
}
