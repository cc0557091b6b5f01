//! Unavailabilities for duties: entered, decided, countered, read.

use calendar::{Day, DayRange};
use chassis::{Ctx, Problem, Target};
use durable::{Once, Tx, etag, filter, page::Page};
use proto::{
    leave::v1::{self as pb, UnavailabilityChanged},
    names::{StaffMemberName, UnavailabilityName},
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    App, audit,
    permissions::{self, POLICY},
    support::{decision, inactive},
};
use crate::{
    domain::{
        refusal::Refusal,
        unavailability::{self, HORIZON_DAYS, State, Surroundings, Unavailability, Wish},
    },
    store::Guard,
};

/// The fields of a filter.
const FIELDS: &[&str] = &["state", "first_date", "staff_member"];

/// An unavailability as a reader may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnavailabilityView {
    /// What it is.
    pub own: Unavailability,
    /// Whether the reader may know comment and conflicts.
    pub is_open: bool,
}

/// What is decided about one.
pub enum Ruling {
    /// It holds.
    Approve,
    /// It does not; with a comment.
    Reject,
    /// These days instead; with a comment.
    Counter(DayRange),
}

/// A decision.
pub struct RuleUnavailability {
    /// Which.
    pub name: UnavailabilityName,
    /// The version that was looked at.
    pub etag: String,
    /// What.
    pub ruling: Result<Ruling, Problem>,
    /// Shown to the person.
    pub comment: Result<String, Problem>,
}

/// One day on which somebody cannot take duties.
pub struct UnavailableDay {
    /// Id of the person.
    pub staff_member: String,
    /// The day.
    pub day: Day,
    /// What they cannot take.
    pub scope: unavailability::Scope,
    /// Whether it may be passed over.
    pub is_flexible: bool,
}

// === impl App ===

impl App {
    /// One, as the caller may see it.
    pub async fn get_unavailability(
        &self,
        ctx: &Ctx,
        name: &UnavailabilityName,
    ) -> Result<UnavailabilityView, Problem> {
        let target = Target::person(&name.hospital, &name.staff_member);
        permissions::begin(ctx, "unavailabilities.read", target)?;
        let reader = self.store.db().fresh(ctx);
        let own = self.store.unavailability(&reader, key(name)).await?;
        let own = reader.vouch(own.ok_or_else(|| not_found(name)))?;
        permissions::authorize(ctx, "unavailabilities.read", target, &own.profession)?;
        Ok(seen_by(ctx, own))
    }

    /// A page, newest first, and the token of the next.
    pub async fn list_unavailabilities(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        filter: &str,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<UnavailabilityView>, String), Problem> {
        let target = Target::person(&parent.hospital, &parent.staff_member);
        let professions = POLICY.professions(ctx, "unavailabilities.read", target)?;
        let page = Page::of(page_size, page_token, &[&parent.to_string(), filter])?;
        let mut filter = filter::parse(filter, FIELDS)?;
        filter.map_values(|_, value| value.rsplit('/').next().unwrap_or_default().to_owned());
        let reader = self.store.db().stale(ctx).await;
        let of = (parent.hospital.as_str(), target.staff_member);
        let mut rows = self.store.unavailabilities_page(&reader, of, &filter, &page).await?;
        let token = page.next(&mut rows, |own| own.id.clone());
        // A page may be short of those that the caller may not see.
        rows.retain(|own| professions.has(&own.profession));
        Ok((rows.into_iter().map(|own| seen_by(ctx, own)).collect(), token))
    }

    /// Enters one: approved at once if it meets nothing.
    pub async fn create_unavailability(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        (wish, validate_only): (Result<Wish, Problem>, bool),
        once: Once,
    ) -> Result<UnavailabilityView, Problem> {
        let target = Target::person(&parent.hospital, &parent.staff_member);
        permissions::begin(ctx, "unavailabilities.create", target)?;
        let wish = wish?;
        let person = self.staff.person(ctx, &parent.hospital, &parent.staff_member).await?;
        permissions::authorize(ctx, "unavailabilities.create", target, &person.profession)?;
        if !person.is_active {
            return Err(inactive(parent));
        }
        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.store.guard(&tx, &parent.hospital, Guard::Person(&parent.staff_member)).await?;
        let draft = Unavailability {
            hospital: parent.hospital.clone(),
            staff_member: parent.staff_member.clone(),
            id: Uuid::now_v7().to_string(),
            profession: person.profession,
            wish,
            state: State::Pending,
            conflicts: vec![],
            decision: None,
            counter: None,
            version: 1,
            create_time: ctx.now,
            update_time: ctx.now,
        };
        let conflicts = self.met_by(tx.conn(), &draft).await?;
        let own = draft.entered(conflicts);
        self.store.insert_unavailability(&tx, &own).await?;
        changed(&tx, ctx, &own).await?;
        let view = seen_by(ctx, own);
        if !validate_only {
            once.record(&tx, &view).await?;
            tx.commit().await?;
        }
        Ok(view)
    }

    /// Decides about one.
    pub async fn rule_unavailability(
        &self,
        ctx: &Ctx,
        command: RuleUnavailability,
        once: Once,
    ) -> Result<UnavailabilityView, Problem> {
        let name = &command.name;
        let hospital = Target::hospital(&name.hospital);
        permissions::begin(ctx, "unavailabilities.decide", hospital)?;
        let (comment, ruling) = (command.comment?, command.ruling?);
        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        let own = self.take_unavailability(&tx, name).await?;
        permissions::authorize(ctx, "unavailabilities.decide", hospital, &own.profession)?;
        etag::check(&command.etag, own.version, matches!(ruling, Ruling::Approve))?;
        let decision = decision(ctx, comment, false);
        let own = match ruling {
            Ruling::Approve => own.approve(decision)?,
            Ruling::Reject => own.reject(decision)?,
            Ruling::Counter(days) => own.counter(days, decision)?,
        };
        let view = self.keep(&tx, ctx, own).await?;
        once.record(&tx, &view).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// The person takes the days that were proposed.
    pub async fn accept_counter_proposal(
        &self,
        ctx: &Ctx,
        (name, sent_etag): (&UnavailabilityName, &str),
        once: Once,
    ) -> Result<UnavailabilityView, Problem> {
        self.change_own(ctx, (name, sent_etag), once, |own| own.accept(ctx.now)).await
    }

    /// Withdraws one.
    pub async fn cancel_unavailability(
        &self,
        ctx: &Ctx,
        (name, sent_etag): (&UnavailabilityName, &str),
        once: Once,
    ) -> Result<UnavailabilityView, Problem> {
        let decision = decision(ctx, String::new(), false);
        self.change_own(ctx, (name, sent_etag), once, |own| own.cancel(decision)).await
    }

    /// What a person does with what they entered.
    async fn change_own(
        &self,
        ctx: &Ctx,
        (name, sent_etag): (&UnavailabilityName, &str),
        once: Once,
        change: impl FnOnce(Unavailability) -> Result<Unavailability, Refusal> + Send,
    ) -> Result<UnavailabilityView, Problem> {
        let target = Target::person(&name.hospital, &name.staff_member);
        permissions::begin(ctx, "unavailabilities.create", target)?;
        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        let own = self.take_unavailability(&tx, name).await?;
        permissions::authorize(ctx, "unavailabilities.create", target, &own.profession)?;
        etag::check(sent_etag, own.version, false)?;
        let view = self.keep(&tx, ctx, change(own)?).await?;
        once.record(&tx, &view).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Approves several: all or none.
    pub async fn batch_approve_unavailabilities(
        &self,
        ctx: &Ctx,
        hospital: &str,
        names: Result<Vec<(UnavailabilityName, String)>, Problem>,
        once: Once,
    ) -> Result<Vec<UnavailabilityView>, Problem> {
        let target = Target::hospital(hospital);
        permissions::begin(ctx, "unavailabilities.decide", target)?;
        let mut names = names?;
        // Everybody takes turns in one order; the answer has the request's.
        let asked: Vec<UnavailabilityName> = names.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        let tx = self.store.db().begin(ctx).await?;
        if let Some(views) = once.replay(&tx).await? {
            return Ok(views);
        }
        let mut views = Vec::with_capacity(names.len());
        for (name, sent_etag) in &names {
            let own = self.take_unavailability(&tx, name).await?;
            permissions::authorize(ctx, "unavailabilities.decide", target, &own.profession)?;
            let told = |problem: Problem| problem.with("unavailability", name.to_string());
            etag::check(sent_etag, own.version, true).map_err(told)?;
            let own =
                own.approve(decision(ctx, String::new(), false)).map_err(|refusal| told(refusal.into()))?;
            views.push(self.keep(&tx, ctx, own).await.map_err(told)?);
        }
        let place =
            |view: &UnavailabilityView| asked.iter().position(|name| name.unavailability == view.own.id);
        views.sort_by_key(place);
        once.record(&tx, &views).await?;
        tx.commit().await?;
        Ok(views)
    }

    /// The days of a range on which people cannot take duties, by person and day, and the token of the next page.
    pub async fn list_unavailable_days(
        &self,
        ctx: &Ctx,
        hospital: &str,
        range: Result<DayRange, Problem>,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<UnavailableDay>, String), Problem> {
        POLICY.authorize(ctx, "absences.read", Target::hospital(hospital))?;
        let range = range?;
        let page = Page::of(page_size, page_token, &[hospital, &range.to_string()])?;
        let reader = self.store.db().fresh(ctx);
        let all = self.store.unavailabilities_touching(&reader, (hospital, None), &[State::Approved], range);
        let (all, holidays) = (all.await?, self.public_holidays(&reader, hospital, range).await?);
        let mut days: Vec<UnavailableDay> = Vec::new();
        for own in &all {
            let times = own.wish.times(range, &holidays);
            let within = times.into_iter().filter_map(|time| time.intersect(range)).flat_map(DayRange::days);
            days.extend(within.map(|day| UnavailableDay {
                staff_member: own.staff_member.clone(),
                day,
                scope: own.wish.scope,
                is_flexible: own.wish.is_flexible,
            }));
        }
        let key = |own: &UnavailableDay| {
            format!("{}/{}/{:?}/{}", own.staff_member, own.day, own.scope, own.is_flexible)
        };
        days.sort_by_key(key);
        days.dedup_by_key(|own| key(own));
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX).saturating_add(1);
        let after = |own: &UnavailableDay| page.after().is_none_or(|after| key(own).as_str() > after);
        let mut rows: Vec<UnavailableDay> = days.into_iter().filter(after).take(limit).collect();
        let token = page.next(&mut rows, key);
        Ok((rows, token))
    }

    /// What an unavailability meets in the year after its first day.
    async fn met_by(
        &self,
        conn: &impl ConnectionTrait,
        own: &Unavailability,
    ) -> Result<Vec<unavailability::Conflict>, Problem> {
        let (hospital, person) = (own.hospital.as_str(), own.staff_member.as_str());
        let first = own.wish.days.first();
        let horizon = DayRange::new(first, first.plus(HORIZON_DAYS)).map_err(Problem::internal)?;
        let states = [State::Pending, State::Approved, State::Countered];
        let others = self.store.unavailabilities_touching(conn, (hospital, Some(person)), &states, horizon);
        let around = Surroundings {
            others: &others.await?,
            duties: &self.store.duties(conn, hospital, person, horizon).await?,
            leaves: &self.store.leaves_of(conn, hospital, person, horizon).await?,
            holidays: &self.public_holidays(conn, hospital, horizon).await?,
        };
        Ok(unavailability::assess(own, &around))
    }

    /// Waits for the person's turn and reads one.
    async fn take_unavailability(
        &self,
        tx: &Tx,
        name: &UnavailabilityName,
    ) -> Result<Unavailability, Problem> {
        self.store.guard(tx, &name.hospital, Guard::Person(&name.staff_member)).await?;
        let own = self.store.unavailability(tx.conn(), key(name)).await?;
        own.ok_or_else(|| not_found(name))
    }

    /// Saves a transition: row, event, line of the audit log.
    async fn keep(&self, tx: &Tx, ctx: &Ctx, mut own: Unavailability) -> Result<UnavailabilityView, Problem> {
        self.store.update_unavailability(tx, &mut own).await?;
        changed(tx, ctx, &own).await?;
        Ok(seen_by(ctx, own))
    }
}

async fn changed(tx: &Tx, ctx: &Ctx, own: &Unavailability) -> Result<(), Problem> {
    if let Some(line) = audit::of_unavailability(ctx, own) {
        tx.audit(line);
    }
    let event = UnavailabilityChanged {
        unavailability: own.name(),
        staff_member: StaffMemberName::new(&own.hospital, &own.staff_member).to_string(),
        profession: own.profession.clone(),
        state: pb_state(own.state).into(),
        first_date: Some(own.wish.days.first().into()),
        last_date: Some(own.wish.days.last().into()),
        until_date: own.wish.until().map(Into::into),
    };
    tracing::info!(
        unavailability.id = own.id,
        unavailability.state = own.state.word(),
        "unavailability changed"
    );
    tx.publish("leave", &event, &own.hospital, &event.unavailability).await
}

/// Its state, as messages say it.
pub fn pb_state(state: State) -> pb::unavailability::State {
    match state {
        State::Pending => pb::unavailability::State::Pending,
        State::Approved => pb::unavailability::State::Approved,
        State::Rejected => pb::unavailability::State::Rejected,
        State::Countered => pb::unavailability::State::Countered,
        State::Cancelled => pb::unavailability::State::Cancelled,
    }
}

fn seen_by(ctx: &Ctx, own: Unavailability) -> UnavailabilityView {
    let target = Target::person(&own.hospital, &own.staff_member);
    let is_open = permissions::allows(ctx, "leaves.read_reason", target, &own.profession);
    UnavailabilityView { own, is_open }
}

fn key(name: &UnavailabilityName) -> (&str, &str, &str) {
    (&name.hospital, &name.staff_member, &name.unavailability)
}

fn not_found(name: &UnavailabilityName) -> Problem {
    Problem::not_found("unavailability", name.to_string())
}
