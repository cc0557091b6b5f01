//! Who calls, and what they may do.
//!
//! Access tokens are JWTs signed with EdDSA (RFC 8037) by staff; every process verifies them with public keys
//! only. A neighbour is known by its certificate (or, in one process, by the peer it was given), never by a
//! header. What a role may do is a table, one per service, and what the hospital says over it (see [`crate::access`]).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use moka::sync::Cache;
use proto::error::v1::Reason;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Ctx, KeySource, Problem, Secret,
    access::{Among, Reach, among, permits},
};

/// The neighbour that passes on what it is told.
const GATEWAY: &str = "gateway";

/// Who calls.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Nobody has said who they are.
    Anonymous,
    /// A person with a verified token.
    Person(Arc<Person>),
    /// A service of the mesh, acting for itself.
    System(Arc<str>),
    /// A service of the mesh that hands on a person's token.
    PersonVia(Arc<Person>, Arc<str>),
}

impl Principal {
    /// The person, if one calls.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) | Self::PersonVia(person, _) => Some(person),
            Self::Anonymous | Self::System(_) => None,
        }
    }

    /// The service, if one calls.
    pub fn system(&self) -> Option<&str> {
        match self {
            Self::System(system) | Self::PersonVia(_, system) => Some(system),
            Self::Anonymous | Self::Person(_) => None,
        }
    }

    /// Whether a service asks that may decide by what it is told: any but the gateway, which passes answers on.
    pub fn is_neighbour(&self) -> bool {
        self.system().is_some_and(|system| system != GATEWAY)
    }

    /// A stable text for logs and for the scope of idempotency records: a resource name, never a person's name.
    pub fn subject(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::System(system) => format!("services/{system}"),
            Self::Person(person) | Self::PersonVia(person, _) => person.name(),
        }
    }
}

/// A signed-in person, as their token tells; or another system of the hospital, by a token of the same kind.
#[derive(Debug)]
pub struct Person {
    /// The id of their hospital: the only one they can see.
    pub hospital: String,
    /// Their id in it; empty for a system.
    pub staff_member: String,
    /// The id of the system's service account; empty for a person.
    pub service_account: String,
    /// The session that the token belongs to.
    pub session: String,
    /// What they are here.
    pub roles: Vec<Role>,
    /// The code of their profession: `MAR`, `IADE`, `SECRETARY`.
    pub profession: String,
    /// Ids of the sites they belong to.
    pub sites: Vec<String>,
    /// They must choose a password before anything else.
    pub password_change_required: bool,
    /// When the token ends.
    pub expire_time: Timestamp,
    /// The token itself, to be handed on.
    pub token: Secret<String>,
}

impl Person {
    /// Its resource name.
    pub fn name(&self) -> String {
        if self.service_account.is_empty() {
            format!("hospitals/{}/staffMembers/{}", self.hospital, self.staff_member)
        } else {
            format!("hospitals/{}/serviceAccounts/{}", self.hospital, self.service_account)
        }
    }

    /// Whether it is this person: nothing is a system's own.
    fn is(&self, staff_member: Option<&str>) -> bool {
        self.service_account.is_empty() && staff_member == Some(self.staff_member.as_str())
    }
}

/// The roles of a hospital (the finer table of the specification).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Everything, configuration and rules included.
    SuperAdministrator,
    /// Generates, publishes, approves all leave.
    AnesthetistAdministrator,
    /// Nurse anaesthetists only: their leave within the limit, their swaps.
    NurseAdministrator,
    /// Surgeon template, directory, printing; never the reason of a leave.
    Secretary,
    /// Reads.
    NurseManager,
    /// MAR.
    Anesthetist,
    /// IADE.
    NurseAnesthetist,
    /// Reads the rooms that concern them.
    Surgeon,
    /// Own availability and posts.
    Locum,
}

impl Role {
    /// Every role, for tables and tests.
    pub const ALL: [Self; 9] = [
        Self::SuperAdministrator,
        Self::AnesthetistAdministrator,
        Self::NurseAdministrator,
        Self::Secretary,
        Self::NurseManager,
        Self::Anesthetist,
        Self::NurseAnesthetist,
        Self::Surgeon,
        Self::Locum,
    ];
}

/// What the token carries (RFC 7519 names where there are some).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// `hospitals/{hospital}/staffMembers/{staff_member}`, or `…/serviceAccounts/{service_account}`
    pub sub: String,
    /// Session id.
    pub sid: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Profession code.
    pub profession: String,
    /// Site ids.
    pub sites: Vec<String>,
    /// The password was given by an administrator and must be changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_change_required: bool,
    /// Issued at, seconds since the epoch.
    pub iat: i64,
    /// Ends at, seconds since the epoch.
    pub exp: i64,
}

/// Verifies access tokens and remembers those it has verified, up to a bound and until they end.
#[derive(Clone)]
pub struct Verifier {
    keys: KeySource,
    verified: Cache<([u8; 32], u64), Arc<Person>>,
}

/// How far the clocks of staff and of whoever verifies may be apart before a token ends too early; a token
/// is good for no longer than this after its end.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// How many verified tokens one process remembers.
const VERIFIED_MAX: u64 = 20_000;

impl Verifier {
    /// A verifier over these keys.
    pub fn new(keys: KeySource) -> Self {
        Self { keys, verified: Cache::new(VERIFIED_MAX) }
    }

    /// The person that `token` speaks for at `now`.
    ///
    /// # Errors
    /// `TOKEN_INVALID`, `TOKEN_EXPIRED`, or unavailable while the keys cannot be had.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Person>, Problem> {
        // The generation of the key set is part of the cache's key: a withdrawn key forgets its tokens.
        let slot = (Sha256::digest(token.as_bytes()).into(), self.keys.generation());
        let person = match self.verified.get(&slot) {
            Some(person) => person,
            None => {
                let person = Arc::new(self.decode(token).await?);
                self.verified.insert(slot, person.clone());
                person
            }
        };
        if !person.expire_time.saturating_add(LEEWAY).is_ok_and(|end| end > now) {
            self.verified.invalidate(&slot);
            return Err(Problem::unauthenticated(Reason::TokenExpired, "the access token has ended"));
        }
        Ok(person)
    }

    async fn decode(&self, token: &str) -> Result<Person, Problem> {
        let invalid = || Problem::unauthenticated(Reason::TokenInvalid, "the access token does not hold");
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
        let id = header.kid.ok_or_else(invalid)?;
        let key = self.keys.find(&id).await?.ok_or_else(invalid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The end of the token is compared with the service's own clock, above.
        validation.validate_exp = false;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_ed_der(&key.ed25519), &validation)
                .map_err(|_| invalid())?
                .claims;
        let rest = claims.sub.strip_prefix("hospitals/").ok_or_else(invalid)?;
        let person = rest.split_once("/staffMembers/").map(|(hospital, id)| (hospital, id, ""));
        let system = || rest.split_once("/serviceAccounts/").map(|(hospital, id)| (hospital, "", id));
        let (hospital, staff_member, service_account) = person.or_else(system).ok_or_else(invalid)?;
        Ok(Person {
            hospital: hospital.to_owned(),
            staff_member: staff_member.to_owned(),
            service_account: service_account.to_owned(),
            session: claims.sid,
            roles: claims.roles,
            profession: claims.profession,
            sites: claims.sites,
            password_change_required: claims.password_change_required,
            expire_time: Timestamp::from_second(claims.exp).map_err(|_| invalid())?,
            token: Secret::new(token.to_owned()),
        })
    }
}

/// One line of a service's permission table.
#[derive(Debug)]
pub struct Grant {
    /// `leaves.approve`
    pub permission: &'static str,
    /// The roles that have it for everybody of their hospital.
    pub roles: &'static [Role],
    /// The person concerned has it for themselves, whatever their role.
    pub own: bool,
    /// The services of the mesh that have it.
    pub systems: &'static [&'static str],
}

/// A service's permission table.
#[derive(Debug)]
pub struct Policy(pub &'static [Grant]);

/// What a permission is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Hospital id.
    pub hospital: &'a str,
    /// Id of the person concerned, if the thing belongs to one.
    pub staff_member: Option<&'a str>,
    /// Which sites it is about.
    pub sites: Reach<'a>,
    /// Of which professions those are whom it is about.
    pub professions: Reach<'a>,
}

impl<'a> Target<'a> {
    /// Something of the whole hospital.
    pub fn hospital(hospital: &'a str) -> Self {
        Self { hospital, staff_member: None, sites: Reach::Whole, professions: Reach::Whole }
    }

    /// Something of one person. The wildcard `-` means everybody, hence nobody in particular.
    pub fn person(hospital: &'a str, staff_member: &'a str) -> Self {
        Self { staff_member: Some(staff_member).filter(|id| *id != "-"), ..Self::hospital(hospital) }
    }

    /// The same before it is known which sites and professions it is about.
    #[must_use]
    pub fn in_part(self) -> Self {
        Self { sites: Reach::Part, professions: Reach::Part, ..self }
    }

    /// The same, about somebody of a profession.
    #[must_use]
    pub fn of_profession(self, code: &'a str) -> Self {
        Self { professions: Reach::One(code), ..self }
    }

    /// The same, at one site.
    #[must_use]
    pub fn at_site(self, site: &'a str) -> Self {
        Self { sites: Reach::One(site), ..self }
    }

    /// The same, at all of these sites.
    #[must_use]
    pub fn at_each(self, sites: &'a [String]) -> Self {
        Self { sites: Reach::Each(sites), ..self }
    }

    /// The same, at one of these sites at least.
    #[must_use]
    pub fn at_any(self, sites: &'a [String]) -> Self {
        Self { sites: Reach::Any(sites), ..self }
    }
}

impl Policy {
    /// Whether the caller may do `permission` to `target`, by this table and by what their hospital says over it.
    ///
    /// # Errors
    /// Unauthenticated without a caller, denied for another hospital or a missing role, a precondition while the
    /// password must be changed.
    pub fn authorize(&self, ctx: &Ctx, permission: &'static str, target: Target<'_>) -> Result<(), Problem> {
        let Some(grant) = self.0.iter().find(|grant| grant.permission == permission) else {
            debug_assert!(false, "permission {permission} is not in the table");
            return Err(Problem::denied());
        };
        if let Some(system) = ctx.principal.system()
            && grant.systems.contains(&system)
        {
            return match ctx.principal.person() {
                Some(person) if person.hospital != target.hospital => Err(Problem::denied()),
                _ => Ok(()),
            };
        }
        let Some(person) = ctx.principal.person() else {
            return Err(match ctx.principal {
                Principal::Anonymous => {
                    Problem::unauthenticated(Reason::TokenMissing, "an access token is required")
                }
                _ => Problem::denied(),
            });
        };
        if person.hospital != target.hospital {
            return Err(Problem::denied());
        }
        if person.password_change_required && !permission.starts_with("sessions.") {
            return Err(Problem::precondition(
                Reason::PasswordChangeRequired,
                "the password must be changed before anything else",
            ));
        }
        let own = grant.own && person.is(target.staff_member);
        if own || permits(ctx.overrides.as_deref(), grant, person, &target) {
            Ok(())
        } else {
            Err(Problem::denied())
        }
    }

    /// Whether the caller may do `permission` to `target`, without a reason.
    pub fn allows(&self, ctx: &Ctx, permission: &'static str, target: Target<'_>) -> bool {
        self.authorize(ctx, permission, target).is_ok()
    }

    /// About people of which professions the caller may do `permission` to `target`: for lists, which leave the others out.
    ///
    /// # Errors
    /// Those of [`Policy::authorize`], when there is no such profession.
    pub fn professions(
        &self,
        ctx: &Ctx,
        permission: &'static str,
        target: Target<'_>,
    ) -> Result<Among, Problem> {
        self.authorize(ctx, permission, target.in_part())?;
        let grant = self.0.iter().find(|grant| grant.permission == permission);
        let (Some(person), Some(grant)) = (ctx.principal.person(), grant) else { return Ok(Among::ALL) };
        let is_neighbour = ctx.principal.system().is_some_and(|system| grant.systems.contains(&system));
        if is_neighbour || (grant.own && person.is(target.staff_member)) {
            return Ok(Among::ALL);
        }
        Ok(among(ctx.overrides.as_deref(), grant, person))
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::testing::Identity;

    #[tokio::test]
    async fn a_token_ends_within_a_minute_of_its_time_whatever_the_clocks_say() {
        let issued = Timestamp::UNIX_EPOCH;
        let identity = Identity::new(issued);
        let (verifier, token) = (Verifier::new(identity.keys()), identity.token("h", "x", "MAR", &[]));
        let after =
            async |seconds| verifier.verify(&token, issued + SignedDuration::from_secs(seconds)).await;
        // Its ten minutes, and what two clocks may differ; a clock that is an hour behind or ahead.
        for seconds in [-3_600, 0, 599, 600, 629] {
            assert!(after(seconds).await.is_ok(), "{seconds}");
        }
        for seconds in [660, 4_200] {
            assert_eq!(after(seconds).await.unwrap_err().reason(), Reason::TokenExpired, "{seconds}");
        }
        assert!(LEEWAY <= SignedDuration::from_secs(60));
    }
}
