//! Handlers of SessionService. Tokens for browsers go into metadata, which the edge turns into cookies.

use chassis::{Ctx, Problem};
use durable::{Once, time};
use jiff::Timestamp;
use proto::{
    names::{SessionName, StaffMemberName},
    staff::v1::{self as pb, session_service_server::SessionService},
};
use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::{
    convert,
    parse::{self, Violations},
};
use crate::app::{
    App,
    permissions::own,
    sessions::{SignIn, SignedIn},
};

/// The access token, for the edge.
const ACCESS_TOKEN: &str = "x-mathildanesth-access-token";
/// Its seconds to live.
const ACCESS_MAX_AGE: &str = "x-mathildanesth-access-max-age";
/// The refresh token, for the edge; and from the edge, out of its cookie.
const REFRESH_TOKEN: &str = "x-mathildanesth-refresh-token";
/// Its seconds to live.
const REFRESH_MAX_AGE: &str = "x-mathildanesth-refresh-max-age";

/// The handlers.
pub struct Handlers(pub App);

#[tonic::async_trait]
impl SessionService for Handlers {
    async fn create_session(
        &self,
        request: Request<pb::CreateSessionRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let sign_in = sign_in(request.clone())?;
        let signed_in = self.0.create_session(&ctx, sign_in).await?;
        answer(&ctx, &signed_in, request.cookies)
    }

    async fn refresh_session(
        &self,
        request: Request<pb::RefreshSessionRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        let ctx = Ctx::of(&request)?;
        let cookie = request.metadata().get(REFRESH_TOKEN).and_then(|value| value.to_str().ok());
        let cookie = cookie.unwrap_or_default().to_owned();
        let request = request.into_inner();
        let mut found = Violations::default();
        let token = if request.refresh_token.is_empty() { cookie } else { request.refresh_token };
        if token.is_empty() {
            found.add("refresh_token", "is required");
        }
        check_request_id(&mut found, &request.request_id);
        let token = found.done(Some(token))?;
        let signed_in = self.0.refresh_session(&ctx, &token, &request.request_id).await?;
        answer(&ctx, &signed_in, request.cookies)
    }

    async fn delete_session(
        &self,
        request: Request<pb::DeleteSessionRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SessionService/DeleteSession", &request.request_id, &request)?;
        own(&ctx)?;
        let mut found = Violations::default();
        let name = found.keep("name", SessionName::parse_wild(&request.name));
        let name = found.done(name)?;
        self.0.delete_session(&ctx, &once, &name.hospital, &name.session).await?;
        let mut response = Response::new(());
        clear(response.metadata_mut());
        Ok(response)
    }

    async fn list_sessions(
        &self,
        request: Request<pb::ListSessionsRequest>,
    ) -> Result<Response<pb::ListSessionsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListSessionsRequest { parent, page_size, page_token, staff_member } = request.get_ref();
        let hospital = parse::hospital(parent)?;
        let mut found = Violations::default();
        let person = if staff_member.is_empty() {
            own(&ctx)?.1.to_owned()
        } else {
            let name = found.keep("staff_member", StaffMemberName::parse(staff_member));
            name.filter(|name| name.hospital == hospital).map(|name| name.staff_member).unwrap_or_default()
        };
        if person.is_empty() {
            found.add("staff_member", format!("expected a name under hospitals/{hospital}"));
        }
        let person = found.done(Some(person))?;
        let page = parse::page(&ctx, *page_size, page_token, &["session", parent, staff_member])?;
        let (sessions, next_page_token) = self.0.list_sessions(&ctx, &hospital, &person, &page).await?;
        let sessions = sessions.iter().map(convert::session).collect();
        Ok(Response::new(pb::ListSessionsResponse { sessions, next_page_token }))
    }

    async fn revoke_session(
        &self,
        request: Request<pb::RevokeSessionRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SessionService/RevokeSession", &request.request_id, &request)?;
        own(&ctx)?;
        let mut found = Violations::default();
        let name = found.keep("name", SessionName::parse(&request.name));
        let name = found.done(name)?;
        let revoked = self.0.revoke_session(&ctx, &once, &name.hospital, &name.session).await?;
        Ok(Response::new(convert::session(&revoked)))
    }

    async fn get_current_session(
        &self,
        request: Request<pb::GetCurrentSessionRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(convert::session(&self.0.current_session(&ctx).await?)))
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        own(&ctx)?;
        let mut request = request.into_inner();
        let current = std::mem::take(&mut request.current_password);
        let new = std::mem::take(&mut request.new_password);
        // The passwords are taken out first: not even a hash of them is kept beside the request id.
        let once = Once::of(&ctx, "staff.v1.SessionService/ChangePassword", &request.request_id, &request)?;
        let ended = self.0.change_password(&ctx, &once, current, new).await?;
        let ended_session_count = i32::try_from(ended).unwrap_or(i32::MAX);
        Ok(Response::new(pb::ChangePasswordResponse { ended_session_count }))
    }

    async fn exchange_identity(
        &self,
        request: Request<pb::ExchangeIdentityRequest>,
    ) -> Result<Response<pb::ExchangeIdentityResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let exchanged = self.0.exchange_identity(&ctx, &request.get_ref().identity).await?;
        Ok(Response::new(pb::ExchangeIdentityResponse {
            service_account: exchanged.service_account,
            access_token: exchanged.access_token,
            access_expire_time: convert::moment(time::micros(exchanged.access_expire_time)),
        }))
    }

    async fn list_signing_keys(
        &self,
        request: Request<pb::ListSigningKeysRequest>,
    ) -> Result<Response<pb::ListSigningKeysResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let page = parse::page(&ctx, request.page_size, &request.page_token, &["signing_key"])?;
        let mut keys = self.0.signing_keys(ctx.now).await?;
        // There are two at most, so the page is cut in memory.
        if let Some(after) = page.after() {
            let seen = keys.iter().position(|key| key.id == after).map_or(keys.len(), |seen| seen + 1);
            keys.drain(..seen);
        }
        let next_page_token = page.next(&mut keys, |key| key.id.clone());
        let signing_keys = keys.into_iter().map(|key| {
            Ok(pb::SigningKey {
                name: format!("signingKeys/{}", key.id),
                public_key: crate::store::unhex(&key.public_key)?.to_vec(),
                create_time: convert::moment(key.create_time),
                expire_time: convert::moment(key.expire_time),
            })
        });
        let signing_keys = signing_keys.collect::<Result<_, Problem>>()?;
        Ok(Response::new(pb::ListSigningKeysResponse { signing_keys, next_page_token }))
    }
}

fn sign_in(request: pb::CreateSessionRequest) -> Result<SignIn, Problem> {
    let mut found = Violations::default();
    let hospital = found.keep("parent", proto::names::HospitalName::parse(&request.parent));
    for (field, value, max) in [
        ("email", &request.email, 254),
        ("password", &request.password, 512),
        ("new_password", &request.new_password, 512),
        ("user_agent", &request.user_agent, 200),
    ] {
        if value.len() > max {
            found.add(field, format!("expected at most {max} bytes"));
        }
    }
    for (field, value) in [("email", &request.email), ("password", &request.password)] {
        if value.is_empty() {
            found.add(field, "is required");
        }
    }
    check_request_id(&mut found, &request.request_id);
    let sign_in = hospital.map(|hospital| SignIn {
        hospital: hospital.hospital,
        email: request.email,
        password: request.password,
        new_password: request.new_password,
        user_agent: request.user_agent,
        request_id: request.request_id,
    });
    found.done(sign_in)
}

/// Request ids of sign-ins become secrets' entropy, so they must be random UUIDs.
fn check_request_id(found: &mut Violations, request_id: &str) {
    let is_random = |id: uuid::Uuid| id.get_version() == Some(uuid::Version::Random);
    if !request_id.is_empty() && !uuid::Uuid::parse_str(request_id).is_ok_and(is_random) {
        found.add("request_id", "expected a random UUID (version 4)");
    }
}

fn answer(ctx: &Ctx, signed_in: &SignedIn, cookies: bool) -> Result<Response<pb::Session>, Status> {
    let mut response = Response::new(convert::session(signed_in));
    let Some(tokens) = &signed_in.tokens else { return Ok(response) };
    if !cookies {
        response.get_mut().access_token.clone_from(&tokens.access);
        response.get_mut().refresh_token.clone_from(&tokens.refresh);
        return Ok(response);
    }
    let metadata = response.metadata_mut();
    let session_ends = time::timestamp(signed_in.session.expire_time);
    put(metadata, ACCESS_TOKEN, &tokens.access)?;
    put(metadata, ACCESS_MAX_AGE, &seconds_until(ctx, tokens.access_expire_time))?;
    put(metadata, REFRESH_TOKEN, &tokens.refresh)?;
    put(metadata, REFRESH_MAX_AGE, &seconds_until(ctx, session_ends))?;
    Ok(response)
}

fn seconds_until(ctx: &Ctx, until: Timestamp) -> String {
    until.duration_since(ctx.now).as_secs().max(0).to_string()
}

fn put(metadata: &mut MetadataMap, key: &'static str, value: &str) -> Result<(), Problem> {
    let mut value: tonic::metadata::MetadataValue<_> = value.parse().map_err(Problem::internal)?;
    value.set_sensitive(true);
    metadata.insert(key, value);
    Ok(())
}

/// Tells the edge to forget both cookies; clients without cookies pass it over.
fn clear(metadata: &mut MetadataMap) {
    for (token, age) in [(ACCESS_TOKEN, ACCESS_MAX_AGE), (REFRESH_TOKEN, REFRESH_MAX_AGE)] {
        metadata.insert(token, tonic::metadata::MetadataValue::from_static(""));
        metadata.insert(age, tonic::metadata::MetadataValue::from_static("0"));
    }
}
