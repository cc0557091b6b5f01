//! E-mail with a real mail server: what arrives, what waits, what is given up, and what a killed process leaves behind.

mod death;
mod office;

use integration_tests::smtp::{Received, Smtp};
use jiff::SignedDuration;
use mathildanesth::certs;
use proto::notification::v1::{
    ChannelPreference, NotificationPreferences,
    delivery::{Answer, State},
    notification_preferences::{Digest, Language},
};

use office::{ADDRESS, Office, PERSON};

/// The one letter that has arrived.
async fn only(smtp: &Smtp) -> Received {
    chassis::testing::eventually("a letter arrives", async || smtp.received().unwrap().pop()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_says_what_was_told_and_names_nobody() {
    let smtp = Smtp::start(&[]).unwrap();
    let office = Office::open(&smtp.url(), None).await;
    office.approve_leave().await;
    let letter = only(&smtp).await;
    assert_eq!(letter.head["X-RcptTo"], ADDRESS);
    assert_eq!(letter.head["X-MailFrom"], "planning@tilleuls.example");
    assert!(letter.body.contains("du 4 janvier 2027 au 8 janvier 2027"), "{}", letter.body);
    for text in [&letter.head["Subject"], &letter.body] {
        assert!(!PERSON.split(' ').any(|name| text.contains(name)), "{text}");
    }
    let sent = office.eventually(State::Sent).await;
    assert_eq!((sent.attempts, sent.answer()), (1, Answer::Accepted));

    let language = Language::English.into();
    office.prefer(NotificationPreferences { language, ..Default::default() }).await;
    office.approve_leave().await;
    let arrived =
        || smtp.received().unwrap().into_iter().find(|letter| letter.head["Subject"] == "Leave approved");
    let english = chassis::testing::eventually("an English letter", async || arrived()).await;
    assert!(english.body.contains("from 4 January 2027 to 8 January 2027"), "{}", english.body);
    assert_ne!(english.head["Message-ID"], letter.head["Message-ID"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_was_turned_off_stays_in_the_application() {
    let smtp = Smtp::start(&[]).unwrap();
    let office = Office::open(&smtp.url(), None).await;
    let off = ChannelPreference {
        kind: "LEAVE_APPROVED".to_owned(),
        channel: proto::notification::v1::Channel::Email.into(),
        enabled: false,
    };
    office.prefer(NotificationPreferences { channels: vec![off], ..Default::default() }).await;
    office.approve_leave().await;
    office.reject_leave().await;
    // The one that came later has arrived, so the one before will not.
    only(&smtp).await;
    let sent = office.eventually(State::Sent).await;
    assert_eq!(sent.kind, "LEAVE_REJECTED");
    assert_eq!(smtp.count().unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_away_gets_what_waited() {
    let mut smtp = Smtp::start(&[]).unwrap();
    let office = Office::open(&smtp.url(), None).await;
    smtp.kill();
    office.approve_leave().await;
    let waiting = office.eventually_answered(Answer::Unreachable).await;
    assert_eq!((waiting.state(), waiting.attempts), (State::Pending, 1));
    smtp.restart().unwrap();
    // Half a minute, half more or less by chance.
    office.clock.advance(SignedDuration::from_secs(60));
    only(&smtp).await;
    let sent = office.eventually(State::Sent).await;
    assert_eq!((&sent.name, sent.attempts), (&waiting.name, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_ever_is_given_up_at_once() {
    let smtp = Smtp::start(&["--size", "100"]).unwrap();
    let office = Office::open(&smtp.url(), None).await;
    office.approve_leave().await;
    let failed = office.eventually(State::Failed).await;
    assert_eq!((failed.attempts, failed.answer()), (1, Answer::Refused));
    assert_eq!(failed.next_attempt_time, None);
    assert_eq!(smtp.count().unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_handed_to_a_server_that_another_authority_vouches_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    certs::write(folder.path()).unwrap();
    certs::write(&folder.path().join("others")).unwrap();
    let (certificate, key) = (path("gateway.pem"), path("gateway.key"));
    let smtp = Smtp::start(&["--smtpscert", &certificate, "--smtpskey", &key]).unwrap();
    let url = format!("smtps://localhost:{}", smtp.port());

    let office = Office::open(&url, Some(folder.path().join("others/authority.pem"))).await;
    office.approve_leave().await;
    let waiting = office.eventually_answered(Answer::Unreachable).await;
    assert_eq!((waiting.state(), smtp.count().unwrap()), (State::Pending, 0));

    let office = Office::open(&url, Some(folder.path().join("authority.pem"))).await;
    office.approve_leave().await;
    assert_eq!(only(&smtp).await.head["X-RcptTo"], ADDRESS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_is_one_letter_a_day() {
    let smtp = Smtp::start(&[]).unwrap();
    let office = Office::open(&smtp.url(), None).await;
    let digest = Digest::Daily.into();
    office.prefer(NotificationPreferences { digest, ..Default::default() }).await;
    office.approve_leave().await;
    office.reject_leave().await;
    office.clock.advance(SignedDuration::from_hours(24));
    let letter = only(&smtp).await;
    for news in ["Votre cong=C3=A9 du 4 janvier", "Votre demande de cong=C3=A9 du 4 janvier"] {
        assert!(letter.body.contains(news), "{}", letter.body);
    }
    office.eventually(State::Sent).await;
    assert_eq!(smtp.count().unwrap(), 1);
}
