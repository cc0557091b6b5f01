//! The keys that sign access tokens, and the tokens.

use chassis::{Clock, Ctx, Problem, PublicKey, auth::Claims};
use durable::{Db, Tx, time};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use uuid::Uuid;

use super::{App, permissions::role};
use crate::{
    domain::StaffMember,
    store::{
        Stored,
        keys::{self, SigningKey},
        unhex,
    },
};

/// A key that signs.
pub struct Signer {
    /// Its id, the `kid` of its tokens.
    pub id: String,
    /// The Ed25519 secret.
    pub secret: [u8; 32],
}

impl App {
    /// The key that signs now; makes the first one.
    pub(super) async fn signing_key(&self, ctx: &Ctx) -> Result<Signer, Problem> {
        if let Some(newest) = keys::valid(self.db.read(), ctx.now).await?.into_iter().next() {
            return Ok(Signer { secret: unhex(&newest.secret)?, id: newest.id });
        }
        self.rotate_keys(ctx).await?;
        let newest = keys::valid(self.db.read(), ctx.now).await?.into_iter().next();
        let newest = newest.ok_or_else(|| Problem::internal("no signing key could be made"))?;
        Ok(Signer { secret: unhex(&newest.secret)?, id: newest.id })
    }

    /// Makes a new key when the newest has signed long enough, and forgets those that ended.
    pub async fn rotate_keys(&self, ctx: &Ctx) -> Result<(), Problem> {
        let is_due =
            |keys: &[SigningKey]| keys.first().is_none_or(|key| time::timestamp(key.sign_until) <= ctx.now);
        if !is_due(&keys::valid(self.db.read(), ctx.now).await?) {
            return Ok(());
        }
        let tx = self.db.begin(ctx).await?;
        if is_due(&keys::valid(tx.conn(), ctx.now).await?) {
            keys::insert(&tx, self.new_key(&tx)).await?;
        }
        keys::forget_before(&tx, ctx.now).await?;
        tx.commit().await
    }

    fn new_key(&self, tx: &Tx) -> SigningKey {
        let secret: [u8; 32] = rand::random();
        let public_key = ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key();
        let sign_until = tx.now() + self.sessions.key();
        SigningKey {
            id: Uuid::now_v7().to_string(),
            secret: hex::encode(secret),
            public_key: hex::encode(public_key.to_bytes()),
            create_time: time::micros(tx.now()),
            sign_until: time::micros(sign_until),
            // Twice the life of a token, and a day for workers that rotate late.
            expire_time: time::micros(
                sign_until + self.sessions.access() * 2 + jiff::SignedDuration::from_hours(24),
            ),
        }
    }

    /// The public keys, newest first.
    pub async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKey>, Problem> {
        keys::valid(self.db.read(), now).await
    }

    /// Signs an access token; answers it and when it ends.
    pub(super) async fn access_token(
        &self,
        ctx: &Ctx,
        person: &Stored<StaffMember>,
        session: &str,
    ) -> Result<(String, Timestamp), Problem> {
        let expire_time = ctx.now + self.sessions.access();
        let claims = Claims {
            sub: person.name(),
            sid: session.to_owned(),
            roles: person.value.roles.iter().map(|own| role(*own)).collect(),
            profession: person.value.profession.clone(),
            sites: person.value.sites.clone(),
            password_change_required: false,
            iat: ctx.now.as_second(),
            exp: expire_time.as_second(),
        };
        Ok((self.sign(ctx, &claims).await?, expire_time))
    }

    /// A token that carries these claims.
    pub(super) async fn sign(&self, ctx: &Ctx, claims: &Claims) -> Result<String, Problem> {
        let signer = self.signing_key(ctx).await?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(signer.id);
        let der = ed25519_dalek::SigningKey::from_bytes(&signer.secret).to_pkcs8_der();
        let der = der.map_err(|error| Problem::internal(error.to_string()))?;
        let token = jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(der.as_bytes()));
        token.map_err(Problem::internal)
    }
}

/// The public keys as verifiers take them, straight from the database: how staff itself knows them.
pub async fn public_keys(db: &Db, clock: &Clock) -> Result<Vec<PublicKey>, Problem> {
    let keys = keys::valid(db.read(), clock.now()).await?;
    keys.into_iter()
        .map(|key| Ok(PublicKey { ed25519: unhex(&key.public_key)?.to_vec(), id: key.id }))
        .collect()
}
