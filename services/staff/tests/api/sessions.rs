//! Signing in, staying signed in, signing out.

use chassis::Role;
use chassis::testing::{Identity, with_token};
use jiff::SignedDuration;
use proto::staff::v1 as pb;
use tonic::Code;
use tonic_types::StatusExt;

use crate::world::{ADMIN, HOSPITAL, PASSWORD, World, fields, refusal, request_id, sign_in};

#[tokio::test]
async fn a_person_signs_in_and_is_told_who_they_are() {
    let world = World::new().await;
    let session = world.sign_in("Admin@North.fr", PASSWORD).await.unwrap();
    assert_eq!(session.roles, [pb::Role::SuperAdministrator as i32]);
    let request = with_token(pb::GetCurrentSessionRequest {}, &session.access_token);
    let current = world.sessions().get_current_session(request).await.unwrap().into_inner();
    assert_eq!((current.name, current.staff_member), (session.name, session.staff_member));
    assert_eq!((current.access_token, current.refresh_token), (String::new(), String::new()));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let world = World::new().await;
    let wrong = world.sign_in(ADMIN, "not the password").await.unwrap_err();
    let unknown = world.sign_in("nobody@north.fr", "not the password").await.unwrap_err();
    assert_eq!(wrong.message(), unknown.message());
    assert_eq!(refusal::<()>(Err(wrong)), (Code::Unauthenticated, "CREDENTIALS_INVALID".into()));
    assert_eq!(refusal::<()>(Err(unknown)), (Code::Unauthenticated, "CREDENTIALS_INVALID".into()));
}

#[tokio::test]
async fn wrong_passwords_in_a_row_lock_known_and_unknown_addresses_alike() {
    let world = World::new().await;
    for email in [ADMIN, "nobody@north.fr"] {
        for _ in 0..5 {
            assert_eq!(refusal(world.sign_in(email, "wrong").await).1, "CREDENTIALS_INVALID");
        }
        let locked = world.sign_in(email, PASSWORD).await.unwrap_err();
        let wait = locked.get_details_retry_info().unwrap().retry_delay.unwrap();
        assert_eq!(wait.as_secs(), 30);
        assert_eq!(refusal::<()>(Err(locked)), (Code::ResourceExhausted, "ACCOUNT_LOCKED".into()));
    }
    world.later(SignedDuration::from_secs(31));
    assert!(world.sign_in(ADMIN, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_temporary_password_is_replaced_while_signing_in() {
    let world = World::new().await;
    let person = world.person("anne", "MAR").await;
    let id = request_id();
    let temporary = world.reset(&person.name, &id).await.unwrap();
    assert_eq!(world.reset(&person.name, &id).await.unwrap(), temporary, "a repeated request");
    assert_eq!(
        refusal(world.sign_in(&person.email, &temporary).await),
        (Code::FailedPrecondition, "PASSWORD_CHANGE_REQUIRED".into())
    );
    let with = |new: &str| pb::CreateSessionRequest {
        new_password: new.into(),
        ..sign_in(&person.email, &temporary)
    };
    for weak in ["short", "motdepasse12", temporary.as_str()] {
        let result = world.sessions().create_session(with(weak)).await;
        assert_eq!(refusal(result), (Code::InvalidArgument, "PASSWORD_TOO_WEAK".into()), "{weak}");
    }
    assert!(world.sessions().create_session(with(PASSWORD)).await.is_ok());
    assert_eq!(refusal(world.sign_in(&person.email, &temporary).await).1, "CREDENTIALS_INVALID");
    assert!(world.sign_in(&person.email, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_temporary_password_ends() {
    let world = World::new().await;
    let person = world.person("anne", "MAR").await;
    let temporary = world.reset(&person.name, "").await.unwrap();
    world.later(SignedDuration::from_hours(73));
    assert_eq!(refusal(world.sign_in(&person.email, &temporary).await).1, "CREDENTIALS_INVALID");
}

#[tokio::test]
async fn two_tabs_get_the_same_successor() {
    let world = World::new().await;
    let first = world.sign_in(ADMIN, PASSWORD).await.unwrap();
    let (one, other) =
        tokio::join!(world.refresh(&first.refresh_token, ""), world.refresh(&first.refresh_token, ""));
    assert_eq!(one.unwrap().refresh_token, other.unwrap().refresh_token);
}

#[tokio::test]
async fn a_late_reuse_of_an_old_token_ends_the_session_for_everybody() {
    let world = World::new().await;
    let first = world.sign_in(ADMIN, PASSWORD).await.unwrap();
    let second = world.refresh(&first.refresh_token, "").await.unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    world.later(SignedDuration::from_secs(31));
    let reused = world.refresh(&first.refresh_token, "").await;
    assert_eq!(refusal(reused), (Code::Unauthenticated, "REFRESH_TOKEN_REUSED".into()));
    let newest = world.refresh(&second.refresh_token, "").await;
    assert_eq!(refusal(newest), (Code::Unauthenticated, "REFRESH_TOKEN_INVALID".into()));
}

#[tokio::test]
async fn a_lost_answer_is_answered_again_by_another_instance() {
    let mut world = World::new().await;
    let id = request_id();
    let request = pb::CreateSessionRequest { request_id: id.clone(), ..sign_in(ADMIN, PASSWORD) };
    let first = world.sessions().create_session(request.clone()).await.unwrap().into_inner();
    world.restart().await;
    let again = world.sessions().create_session(request).await.unwrap().into_inner();
    assert_eq!((&again.name, &again.refresh_token), (&first.name, &first.refresh_token));
    let second = world.refresh(&first.refresh_token, &id).await.unwrap();
    world.restart().await;
    world.later(SignedDuration::from_hours(5));
    let again = world.refresh(&first.refresh_token, &id).await.unwrap();
    assert_eq!(again.refresh_token, second.refresh_token);
    assert!(world.refresh(&again.refresh_token, "").await.is_ok(), "the chain goes on");
}

#[tokio::test]
async fn a_lost_answer_to_a_new_password_is_answered_again() {
    let mut world = World::new().await;
    let person = world.person("anne", "MAR").await;
    let temporary = world.reset(&person.name, "").await.unwrap();
    let request = pb::CreateSessionRequest {
        new_password: PASSWORD.into(),
        request_id: request_id(),
        ..sign_in(&person.email, &temporary)
    };
    let first = world.sessions().create_session(request.clone()).await.unwrap().into_inner();
    world.restart().await;
    for attempt in 0..7 {
        let again = world.sessions().create_session(request.clone()).await.unwrap().into_inner();
        let (name, token) = (&again.name, &again.refresh_token);
        assert_eq!(
            (name, token),
            (&first.name, &first.refresh_token),
            "repetition {attempt} locks nobody out"
        );
    }
    let other = pb::CreateSessionRequest { new_password: "deux gardes de suite".into(), ..request.clone() };
    assert_eq!(refusal(world.sessions().create_session(other).await).1, "CREDENTIALS_INVALID");
    let other = pb::CreateSessionRequest { request_id: request_id(), ..request.clone() };
    assert_eq!(refusal(world.sessions().create_session(other).await).1, "CREDENTIALS_INVALID");
    world.refresh(&first.refresh_token, "").await.unwrap();
    let late = world.sessions().create_session(request).await;
    assert_eq!(refusal(late), (Code::InvalidArgument, "REQUEST_ID_REUSED".into()));
}

#[tokio::test]
async fn forged_refresh_tokens_do_not_end_a_session() {
    let world = World::new().await;
    let session = world.sign_in(ADMIN, PASSWORD).await.unwrap();
    let (start, _) = session.refresh_token.rsplit_once('.').unwrap();
    for forged in
        [format!("{start}.AAAA"), format!("{start}.{}", "A".repeat(43)), "x".into(), "a.b.c.d.e".into()]
    {
        assert_eq!(refusal(world.refresh(&forged, "").await).1, "REFRESH_TOKEN_INVALID");
    }
    assert!(world.refresh(&session.refresh_token, "").await.is_ok());
}

#[tokio::test]
async fn browsers_get_tokens_in_metadata_only() {
    let world = World::new().await;
    let request = pb::CreateSessionRequest { cookies: true, ..sign_in(ADMIN, PASSWORD) };
    let response = world.sessions().create_session(request).await.unwrap();
    let value = |key: &str| response.metadata().get(key).unwrap().to_str().unwrap().to_owned();
    assert_eq!(value("x-mathildanesth-access-max-age"), "600");
    assert_eq!(value("x-mathildanesth-refresh-max-age"), (30 * 24 * 3_600).to_string());
    let access = value("x-mathildanesth-access-token");
    let refresh = value("x-mathildanesth-refresh-token");
    assert_eq!(response.get_ref().access_token, "");
    assert_eq!(response.get_ref().refresh_token, "");
    let mut request = tonic::Request::new(pb::RefreshSessionRequest { cookies: true, ..Default::default() });
    request.metadata_mut().insert("x-mathildanesth-refresh-token", refresh.parse().unwrap());
    let refreshed = world.sessions().refresh_session(request).await.unwrap();
    assert_eq!(refreshed.get_ref().refresh_token, "");
    assert!(refreshed.metadata().contains_key("x-mathildanesth-access-token"));
    let request =
        pb::DeleteSessionRequest { name: format!("{HOSPITAL}/sessions/-"), request_id: String::new() };
    let gone = world.sessions().delete_session(with_token(request, &access)).await.unwrap();
    assert_eq!(gone.metadata().get("x-mathildanesth-refresh-max-age").unwrap(), "0");
    assert_eq!(gone.metadata().get("x-mathildanesth-refresh-token").unwrap(), "");
}

#[tokio::test]
async fn access_tokens_end_and_cannot_be_forged() {
    let world = World::new().await;
    let current = |token: &str| with_token(pb::GetCurrentSessionRequest {}, token);
    let forged = Identity::new(world.clock.now()).token("north", "x", "MAR", &[Role::SuperAdministrator]);
    let result = world.sessions().get_current_session(current(&forged)).await;
    assert_eq!(refusal(result), (Code::Unauthenticated, "TOKEN_INVALID".into()));
    let result = world.sessions().get_current_session(pb::GetCurrentSessionRequest {}).await;
    assert_eq!(refusal(result), (Code::Unauthenticated, "TOKEN_MISSING".into()));
    // Whoever verifies may have a clock half a minute behind that of who signed.
    world.later(SignedDuration::from_secs(629));
    assert!(world.sessions().get_current_session(current(&world.admin)).await.is_ok());
    world.later(SignedDuration::from_secs(1));
    let result = world.sessions().get_current_session(current(&world.admin)).await;
    assert_eq!(refusal(result), (Code::Unauthenticated, "TOKEN_EXPIRED".into()));
}

#[tokio::test]
async fn a_new_key_signs_while_the_old_one_still_verifies() {
    let mut world = World::new().await;
    world.later(SignedDuration::from_hours(30 * 24 - 1) + SignedDuration::from_mins(55));
    let before = world.sign_in(ADMIN, PASSWORD).await.unwrap();
    world.later(SignedDuration::from_mins(6));
    world.restart().await;
    let after = world.sign_in(ADMIN, PASSWORD).await.unwrap();
    let keys = world.sessions().list_signing_keys(pb::ListSigningKeysRequest::default()).await.unwrap();
    let keys = keys.into_inner().signing_keys;
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.public_key.len() == 32));
    for token in [before.access_token, after.access_token] {
        let request = with_token(pb::GetCurrentSessionRequest {}, &token);
        assert!(world.sessions().get_current_session(request).await.is_ok());
    }
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions() {
    let world = World::new().await;
    let other = world.sign_in(ADMIN, PASSWORD).await.unwrap();
    let own = world.sign_in(ADMIN, PASSWORD).await.unwrap();
    let change = |current: &str, new: &str, id: &str| {
        let request = pb::ChangePasswordRequest {
            current_password: current.into(),
            new_password: new.into(),
            request_id: id.into(),
        };
        with_token(request, &own.access_token)
    };
    let new = "deux gardes de suite";
    let wrong = world.sessions().change_password(change("wrong", new, "")).await;
    assert_eq!(refusal(wrong).1, "CREDENTIALS_INVALID");
    let same = world.sessions().change_password(change(PASSWORD, PASSWORD, "")).await;
    assert_eq!(refusal(same).1, "PASSWORD_TOO_WEAK");
    let id = request_id();
    for _ in 0..2 {
        let changed = world.sessions().change_password(change(PASSWORD, new, &id)).await.unwrap();
        assert_eq!(changed.into_inner().ended_session_count, 2, "the world's and the other");
    }
    assert_eq!(refusal(world.refresh(&other.refresh_token, "").await).1, "REFRESH_TOKEN_INVALID");
    assert!(world.refresh(&own.refresh_token, "").await.is_ok());
    assert!(world.sign_in(ADMIN, new).await.is_ok());
}

#[tokio::test]
async fn sessions_are_listed_and_revoked_by_their_person_and_the_administrator_only() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let bruno = world.signed_in("bruno", "IADE").await;
    let list = |person: &str| pb::ListSessionsRequest {
        parent: HOSPITAL.into(),
        staff_member: person.into(),
        ..Default::default()
    };
    let own = world.sessions().list_sessions(with_token(list(""), &anne.access_token)).await.unwrap();
    assert_eq!(own.into_inner().sessions.len(), 1);
    let of_others =
        world.sessions().list_sessions(with_token(list(&anne.staff_member), &bruno.access_token)).await;
    assert_eq!(refusal(of_others), (Code::PermissionDenied, "PERMISSION_DENIED".into()));
    let revoke = |name: &str| pb::RevokeSessionRequest { name: name.into(), request_id: request_id() };
    let unknown = format!("{HOSPITAL}/sessions/unknown");
    for name in [&anne.name, &unknown] {
        let result = world.sessions().revoke_session(with_token(revoke(name), &bruno.access_token)).await;
        assert_eq!(refusal(result).0, Code::PermissionDenied, "whether it exists is not told");
    }
    assert!(world.sessions().revoke_session(world.by_admin(revoke(&anne.name))).await.is_ok());
    assert_eq!(refusal(world.refresh(&anne.refresh_token, "").await).1, "REFRESH_TOKEN_INVALID");
}

#[tokio::test]
async fn every_violation_of_a_sign_in_is_told_at_once() {
    let world = World::new().await;
    let request = pb::CreateSessionRequest {
        parent: "north".into(),
        user_agent: "x".repeat(201),
        request_id: "1".into(),
        ..Default::default()
    };
    let result = world.sessions().create_session(request).await;
    assert_eq!(fields(result), ["parent", "user_agent", "email", "password", "request_id"]);
}

#[tokio::test]
async fn whoever_is_deactivated_is_signed_out() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let request = pb::DeactivateStaffMemberRequest { name: anne.staff_member.clone(), ..Default::default() };
    let gone = world.staff().deactivate_staff_member(world.by_admin(request)).await.unwrap().into_inner();
    assert_eq!(gone.state, pb::staff_member::State::Inactive as i32);
    assert!(gone.last_date.is_some());
    assert!(world.refresh(&anne.refresh_token, "").await.is_err());
    let result = world.sign_in("anne@north.fr", PASSWORD).await;
    assert_eq!(refusal(result), (Code::FailedPrecondition, "STAFF_MEMBER_INACTIVE".into()));
    let request = pb::ActivateStaffMemberRequest { name: anne.staff_member, ..Default::default() };
    world.staff().activate_staff_member(world.by_admin(request)).await.unwrap();
    assert!(world.sign_in("anne@north.fr", PASSWORD).await.is_ok());
}
