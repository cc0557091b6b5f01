//! Tokens for other systems, by the identity of their certificates.

use chassis::{Ctx, Problem, Target, Violation, auth::Claims, tls::IDENTITY_PREFIX};
use durable::time;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    App,
    permissions::{POLICY, role},
};
use crate::{
    domain::{ServiceAccount, service_account::hospital_of},
    store::resources as store,
};

/// A token, whose it is and when it ends.
pub struct Exchanged {
    /// Name of the service account.
    pub service_account: String,
    /// The token.
    pub access_token: String,
    /// When it ends.
    pub access_expire_time: Timestamp,
}

impl App {
    /// Answers a token for whoever has a certificate of this identity: asked by who saw it, or by the system itself.
    pub async fn exchange_identity(&self, ctx: &Ctx, identity: &str) -> Result<Exchanged, Problem> {
        let hospital = hospital_of(identity);
        let own = identity.strip_prefix(IDENTITY_PREFIX).filter(|own| !own.is_empty());
        let is_own = own.is_some() && own == ctx.principal.system();
        if ctx.principal.person().is_some() {
            return Err(Problem::denied());
        }
        if !is_own {
            POLICY.authorize(ctx, "identities.exchange", Target::hospital(hospital.unwrap_or_default()))?;
        }
        let Some(hospital) = hospital else {
            let expected = "expected spiffe://{trust domain}/hospitals/{hospital}/…";
            return Err(Problem::invalid(vec![Violation::new("identity", expected)]));
        };
        let found = store::find_by_key::<ServiceAccount>(self.db.read(), hospital, identity).await?;
        let account = found.filter(|account| account.value.is_live(time::micros(ctx.now)));
        let account = account.ok_or_else(Problem::denied)?;
        let end = ctx.now + self.sessions.access();
        let end = account.value.expire_time.map_or(end, |last| end.min(time::timestamp(last)));
        let claims = Claims {
            sub: account.name(),
            sid: Uuid::now_v7().to_string(),
            roles: account.value.roles.iter().map(|own| role(*own)).collect(),
            profession: String::new(),
            sites: account.value.sites.clone(),
            password_change_required: false,
            iat: ctx.now.as_second(),
            exp: end.as_second(),
        };
        let access_token = self.sign(ctx, &claims).await?;
        Ok(Exchanged { service_account: account.name(), access_token, access_expire_time: end })
    }
}
