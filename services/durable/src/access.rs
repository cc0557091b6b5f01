//! What hospitals say about who may do what, as staff's events tell it: kept in the service's own database, so that a restart
//! and a bus that is away forget none, and shown to the server stack.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chassis::{
    BoxError, Next, Role, Signal, Worker,
    access::{Access, Effect, Rule, Scope},
};
use proto::{
    event::v1::Envelope,
    names::{AccessPolicyName, NameError, SiteName},
    staff::v1::{self as pb, AccessPolicyChanged},
};
use sea_orm::{
    ActiveValue::Set,
    EntityTrait, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Consumer, Db, Tx,
    entity::access_policy::{ActiveModel, Column, Entity},
    event,
};

/// How late another instance hears of a policy.
const EVERY: Duration = Duration::from_secs(1);

/// What a service needs to judge by hospitals' policies.
pub struct Policies {
    /// For the server stack.
    pub access: Access,
    /// For the inbox: takes in what staff tells.
    pub consumer: Arc<dyn Consumer>,
    /// For the workers: shows what was taken in.
    pub keeper: Box<dyn Worker>,
}

struct OnAccessPolicies {
    name: &'static str,
    signal: Signal,
}

struct Keeper {
    db: Db,
    access: Access,
    signal: Signal,
    /// The versions that are shown, by hospital.
    shown: Mutex<BTreeMap<String, i64>>,
}

/// The policies that a service judges by: what its database knows is in force before the first call. `name` is the
/// consumer's.
///
/// # Errors
/// When the database cannot be read.
pub async fn policies(db: &Db, name: &'static str) -> Result<Policies, BoxError> {
    let (access, signal) = (Access::default(), Signal::new());
    let shown = Mutex::default();
    let keeper = Keeper { db: db.clone(), access: access.clone(), signal: signal.clone(), shown };
    keeper.show().await?;
    let consumer = Arc::new(OnAccessPolicies { name, signal });
    Ok(Policies { access, consumer, keeper: Box::new(keeper) })
}

/// A rule as an event tells it; none if it has a role or an effect that this version does not know.
fn rule(rule: pb::AccessRule) -> Result<Option<Rule>, NameError> {
    let (Some(role), effect) = (role(rule.role()), rule.effect()) else { return Ok(None) };
    let effect = match effect {
        pb::access_rule::Effect::Unspecified => return Ok(None),
        pb::access_rule::Effect::Allowed => Effect::Allowed,
        pb::access_rule::Effect::Withdrawn => Effect::Withdrawn,
    };
    let scope = rule.scope.unwrap_or_default();
    let sites = scope.sites.iter().map(|site| SiteName::parse(site).map(|name| name.site));
    let scope = Scope {
        sites: sites.collect::<Result<_, _>>()?,
        includes_own_sites: scope.includes_own_sites,
        professions: scope.professions,
    };
    Ok(Some(Rule { permission: rule.permission, role, effect, scope }))
}

fn role(role: pb::Role) -> Option<Role> {
    Some(match role {
        pb::Role::Unspecified => return None,
        pb::Role::SuperAdministrator => Role::SuperAdministrator,
        pb::Role::AnesthetistAdministrator => Role::AnesthetistAdministrator,
        pb::Role::NurseAdministrator => Role::NurseAdministrator,
        pb::Role::Secretary => Role::Secretary,
        pb::Role::NurseManager => Role::NurseManager,
        pb::Role::Anesthetist => Role::Anesthetist,
        pb::Role::NurseAnesthetist => Role::NurseAnesthetist,
        pb::Role::Surgeon => Role::Surgeon,
        pb::Role::Locum => Role::Locum,
    })
}

// === impl OnAccessPolicies ===

#[async_trait]
impl Consumer for OnAccessPolicies {
    fn name(&self) -> &'static str {
        self.name
    }

    fn topic(&self) -> &'static str {
        "staff"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<AccessPolicyChanged>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let Some(changed) = event::decode::<AccessPolicyChanged>(envelope) else { return Ok(()) };
        let changed = changed?;
        let name = AccessPolicyName::parse(&changed.access_policy)?;
        let rules = changed.rules.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
        let rules: Vec<Rule> = rules.into_iter().flatten().collect();
        let row = ActiveModel {
            hospital: Set(name.hospital),
            version: Set(changed.version),
            rules: Set(serde_json::to_string(&rules)?),
        };
        // One without rules is kept too, so that an older event that comes late means nothing.
        let newer = OnConflict::column(Column::Hospital)
            .update_columns([Column::Version, Column::Rules])
            .action_and_where(Expr::col((Entity, Column::Version)).lt(changed.version))
            .to_owned();
        Entity::insert(row).on_conflict(newer).exec_without_returning(tx.conn()).await?;
        Ok(())
    }

    fn committed(&self, _event: &Envelope) {
        self.signal.notify();
    }
}

// === impl Keeper ===

impl Keeper {
    async fn show(&self) -> Result<(), BoxError> {
        let versions = Entity::find().select_only().column(Column::Hospital).column(Column::Version);
        let versions: Vec<(String, i64)> = versions.into_tuple().all(self.db.read()).await?;
        let versions: BTreeMap<String, i64> = versions.into_iter().collect();
        if *self.shown.lock().unwrap_or_else(PoisonError::into_inner) == versions {
            return Ok(());
        }
        let rows = Entity::find().all(self.db.read()).await?;
        let mut policies = Vec::with_capacity(rows.len());
        let mut shown = BTreeMap::new();
        for row in rows {
            shown.insert(row.hospital.clone(), row.version);
            // Rules that a later version wrote, before it was rolled back, are left out.
            let rules: Vec<serde_json::Value> = serde_json::from_str(&row.rules)?;
            let rules = rules.into_iter().filter_map(|rule| serde_json::from_value(rule).ok());
            policies.push((row.hospital, rules.collect()));
        }
        self.access.set(policies);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        Ok(())
    }
}

#[async_trait]
impl Worker for Keeper {
    fn name(&self) -> &'static str {
        "access.keeper"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.signal.clone())
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        self.show().await?;
        Ok(Next::Idle)
    }
}
