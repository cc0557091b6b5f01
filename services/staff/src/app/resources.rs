//! Reading and writing any resource: the same steps for all kinds, their differences being the domain's.

use chassis::{Ctx, Problem, Violation};
use durable::{Once, Tx, etag, is_unique, page::Page, problem};
use proto::error::v1::Reason;
use sea_orm::DbErr;

use super::{
    App,
    audit::note,
    legal_packs,
    permissions::{begin, may_read, may_write, to_read, to_write},
};
use crate::{
    domain::{Kind, Resource, resource::parent_of},
    store::{
        Stored,
        events::Announced,
        resources::{self as store},
    },
};

impl App {
    /// Answers one resource.
    pub async fn get<T: Resource>(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<Stored<T>, Problem> {
        begin(ctx, to_read(T::KIND), T::KIND, (hospital, id))?;
        let reader = self.db.fresh(ctx);
        let found = store::find(&reader, hospital, id).await?;
        let found: Stored<T> = reader.vouch(found.ok_or_else(|| not_found(T::KIND, hospital, id)))?;
        may_read(ctx, hospital, id, &found.value)?;
        Ok(found)
    }

    /// Answers many resources in the order asked, all or none.
    pub async fn batch_get<T: Resource>(
        &self,
        ctx: &Ctx,
        hospital: &str,
        ids: &[String],
    ) -> Result<Vec<Stored<T>>, Problem> {
        begin(ctx, to_read(T::KIND), T::KIND, (hospital, "-"))?;
        let reader = self.db.fresh(ctx);
        let found = store::by_id(store::among::<T>(&reader, hospital, ids).await?);
        let each =
            ids.iter().map(|id| found.get(id).cloned().ok_or_else(|| not_found(T::KIND, hospital, id)));
        let all: Vec<Stored<T>> = reader.vouch(each.collect())?;
        all.iter().try_for_each(|stored| may_read(ctx, hospital, &stored.id, &stored.value))?;
        Ok(all)
    }

    /// Answers a page of resources, of those under `parent` that `keep` keeps. Parts of the parent may be `-`.
    pub async fn list<T: Resource>(
        &self,
        ctx: &Ctx,
        hospital: &str,
        parent: &str,
        page: &Page,
        keep: impl Fn(&Stored<T>) -> bool + Send + Sync,
    ) -> Result<(Vec<Stored<T>>, String), Problem> {
        let owner = if parent.is_empty() { "-" } else { parent };
        begin(ctx, to_read(T::KIND), T::KIND, (hospital, owner))?;
        let is_below = |id: &str| {
            let mut parts = parent_of(id).split('/');
            parent.is_empty()
                || parent.split('/').all(|asked| parts.next().is_some_and(|p| asked == "-" || asked == p))
        };
        let is_seen = |stored: &Stored<T>| may_read(ctx, hospital, &stored.id, &stored.value).is_ok();
        let keep = |stored: &Stored<T>| is_below(&stored.id) && keep(stored) && is_seen(stored);
        let reader = self.db.stale(ctx).await;
        let is_wild = parent.split('/').any(|part| part == "-");
        let place = (hospital, if is_wild { "" } else { parent });
        let mut rows = store::after(&reader, place, page.after(), page.limit() + 1, keep).await?;
        let token = page.next(&mut rows, |stored| stored.id.clone());
        Ok((rows, token))
    }

    /// Creates a resource.
    pub async fn create<T: Announced>(
        &self,
        ctx: &Ctx,
        once: &Once,
        hospital: &str,
        id: &str,
        value: T,
    ) -> Result<Stored<T>, Problem> {
        may_write(ctx, hospital, id, &value)?;
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        let created = add(&tx, hospital, id, value).await?;
        once.record(&tx, &created).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Changes a resource. `change` answers what becomes of it, or refuses.
    pub async fn update<T: Announced>(
        &self,
        ctx: &Ctx,
        once: &Once,
        (hospital, id, etag): (&str, &str, &str),
        change: impl FnOnce(&T) -> Result<T, Problem> + Send,
    ) -> Result<Stored<T>, Problem> {
        begin(ctx, to_write(T::KIND), T::KIND, (hospital, id))?;
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        let old = load::<T>(&tx, hospital, id, etag).await?;
        may_write(ctx, hospital, id, &old.value)?;
        let new = change(&old.value)?;
        may_write(ctx, hospital, id, &new)?;
        let changed = replace(&tx, old, new).await?;
        once.record(&tx, &changed).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Deletes a resource that nothing refers to.
    pub async fn delete<T: Announced>(
        &self,
        ctx: &Ctx,
        once: &Once,
        (hospital, id, etag): (&str, &str, &str),
    ) -> Result<(), Problem> {
        begin(ctx, to_write(T::KIND), T::KIND, (hospital, id))?;
        let tx = self.db.begin(ctx).await?;
        if once.replay::<()>(&tx).await?.is_some() {
            return Ok(());
        }
        // Whoever writes something under it holds this lock: what they wrote is seen below.
        store::lock(&tx, hospital, T::KIND, id).await?;
        let old = load::<T>(&tx, hospital, id, etag).await?;
        may_write(ctx, hospital, id, &old.value)?;
        if let Some(referrer) = store::referrer(tx.conn(), hospital, T::KIND, id).await? {
            let message = format!("{} `{id}` is in use", T::KIND.word());
            return Err(Problem::precondition(Reason::ResourceInUse, message)
                .and("REFERENCE", referrer.clone(), "refers to it")
                .with("referrer", referrer));
        }
        store::delete(&tx, &old).await?;
        T::announce(&tx, Some(&old), None).await?;
        note(&tx, Some(&old), None);
        once.record(&tx, &()).await?;
        tx.commit().await
    }
}

/// Reads the version that is to be changed.
pub(super) async fn load<T: Resource>(
    tx: &Tx,
    hospital: &str,
    id: &str,
    etag: &str,
) -> Result<Stored<T>, Problem> {
    let old = store::find::<T>(tx.conn(), hospital, id).await?;
    let old = old.ok_or_else(|| not_found(T::KIND, hospital, id))?;
    etag::check(etag, old.version, false)?;
    Ok(old)
}

/// Writes a new resource, tells of it and writes that down.
pub(super) async fn add<T: Announced>(
    tx: &Tx,
    hospital: &str,
    id: &str,
    value: T,
) -> Result<Stored<T>, Problem> {
    admit(tx, hospital, id, &value).await?;
    if store::find::<T>(tx.conn(), hospital, id).await?.is_some() {
        return Err(Problem::already_exists(Reason::NameTaken, T::KIND.word(), T::KIND.name(hospital, id)));
    }
    let created = store::insert(tx, hospital, id, &value).await?;
    let created = created.map_err(|error| refused(T::KIND, &T::KIND.name(hospital, id), error))?;
    T::announce(tx, None, Some(&created)).await?;
    note(tx, None, Some(&created));
    Ok(created)
}

/// Writes a changed resource, tells of it and writes that down; what is the same stays the same version.
pub(super) async fn replace<T: Announced>(tx: &Tx, old: Stored<T>, new: T) -> Result<Stored<T>, Problem> {
    if new == old.value {
        return Ok(old);
    }
    admit(tx, &old.hospital, &old.id, &new).await?;
    let changed = store::update(tx, &old, new).await?;
    let changed = changed.map_err(|error| refused(T::KIND, &old.name(), error))?;
    T::announce(tx, Some(&old), Some(&changed)).await?;
    note(tx, Some(&old), Some(&changed));
    Ok(changed)
}

/// Checks a resource by itself, then what it names, then what it stands beside.
async fn admit<T: Resource>(tx: &Tx, hospital: &str, id: &str, value: &T) -> Result<(), Problem> {
    let word = T::KIND.word();
    let mut violations: Vec<Violation> = value
        .flaws()
        .into_iter()
        .map(|flaw| Violation::new(format!("{word}.{}", flaw.field), format!("expected {}", flaw.expected)))
        .collect();
    for kind in Kind::ALL {
        let named = || value.references(id).into_iter().filter(|reference| reference.kind == kind);
        let ids: Vec<String> = named().map(|reference| reference.id).collect();
        if ids.is_empty() {
            continue;
        }
        let existing = store::existing(tx.conn(), hospital, kind, &ids).await?;
        for reference in named().filter(|reference| !existing.contains(&reference.id)) {
            let expected = format!("expected a {} that exists, not `{}`", kind.word(), reference.id);
            violations.push(Violation::new(format!("{word}.{}", reference.field), expected));
        }
    }
    if let Some(code) = value.legal_pack()
        && !legal_packs::is_known(tx.conn(), hospital, code).await?
    {
        let expected = format!("expected the code of a legal pack, not `{code}`");
        violations.push(Violation::new(format!("{word}.legal_pack"), expected));
    }
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    let Some(parent) = T::KIND.parent() else { return Ok(()) };
    if !store::lock(tx, hospital, parent, parent_of(id)).await? {
        return Err(not_found(parent, hospital, parent_of(id)));
    }
    let siblings = store::children::<T>(tx.conn(), hospital, parent_of(id)).await?;
    match siblings.iter().find(|sibling| sibling.id != id && value.collides(&sibling.value)) {
        None => Ok(()),
        Some(sibling) => Err(Problem::precondition(Reason::ContractsOverlap, "contracts share a day")
            .and("OVERLAP", sibling.name(), "has a day in common with it")
            .with("contract", sibling.name())),
    }
}

/// That a resource is not there.
pub(super) fn not_found(kind: Kind, hospital: &str, id: &str) -> Problem {
    Problem::not_found(kind.word(), kind.name(hospital, id))
}

/// What a refused write means.
pub(super) fn refused(kind: Kind, name: &str, error: DbErr) -> Problem {
    if !is_unique(&error) {
        return problem(error);
    }
    // Both databases name the index or its columns.
    let is_second = error.to_string().contains("second_key");
    let reason = match kind {
        Kind::StaffMember if is_second => Reason::IdentifierTaken,
        Kind::StaffMember => Reason::EmailTaken,
        _ => Reason::NameTaken,
    };
    Problem::already_exists(reason, kind.word(), name)
}
