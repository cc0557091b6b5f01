//! Says what a leave would cost and meet, before it is sent.

use calendar::{Day, DayRange, Span};
use chassis::{Ctx, Problem, Target};
use proto::{error::v1::Reason, names::StaffMemberName};
use sea_orm::ConnectionTrait;

use super::{
    App, Fields,
    create_leave::{refuse_what_cannot_be_asked, refuse_what_is_no_leave},
    permissions,
    scene::Scene,
    support::{due, inactive, missing, today},
};
use crate::{
    domain::{
        balance::{Balance, EntryKind, Figures},
        conflict::{self, Conflict},
        contract::Contracts,
        counting,
        holiday::PublicHolidays,
        leave::Leave,
        policy::Policy,
        ranking::{self, Candidate, Rank},
        refusal::Refusal,
        rule::{
            decide::{self, Obstacle},
            team,
        },
    },
    peers::Person,
};

/// What a leave would cost and meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The leave as it would be written down.
    pub leave: Leave,
    /// The balances as they are.
    pub before: Vec<Balance>,
    /// With the leave counted in.
    pub after: Vec<Balance>,
    /// What speaks against it.
    pub conflicts: Vec<Conflict>,
    /// Each of its days.
    pub days: Vec<Coverage>,
    /// Its place among those that ask for the same days.
    pub rank: Rank,
    /// The reason for which it could not be sent.
    pub refusal: Option<&'static str>,
    /// What keeps it from being accepted without a decision.
    pub obstacles: Vec<Obstacle>,
}

/// One day of a leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The day.
    pub day: Day,
    /// What it costs.
    pub counted_half_days: i32,
    /// Others of the profession who are away.
    pub absent: i32,
    /// Others of the profession who ask.
    pub pending: i32,
    /// People of the profession.
    pub head_count: i32,
    /// What is allowed.
    pub allowed: crate::domain::policy::Allowed,
    /// In school holidays.
    pub is_school_holiday: bool,
    /// A public holiday.
    pub is_public_holiday: bool,
}

// === impl App ===

impl App {
    /// Tries a leave; writes nothing, opens no balance, takes no turn.
    pub async fn simulate_leave(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        fields: Result<Fields, Problem>,
    ) -> Result<Simulation, Problem> {
        let target = Target::person(&parent.hospital, &parent.staff_member);
        permissions::begin(ctx, "leaves.create", target)?;
        let fields = fields?;
        let (hospital, reader) = (parent.hospital.as_str(), self.store.db().fresh(ctx));
        // What does not need each other is asked for at once: somebody waits, and every answer is short.
        let (person, policy, holidays) = tokio::join!(
            self.staff.person(ctx, hospital, &parent.staff_member),
            self.store.policy(&reader, hospital),
            self.public_holidays(&reader, hospital, fields.span.range()),
        );
        let person = person?;
        permissions::authorize(ctx, "leaves.create", target, &person.profession)?;
        if !person.is_active {
            return Err(inactive(parent));
        }
        let (policy, holidays) = (policy?, holidays?);
        let leave = self.draft(ctx, parent, &person, fields, (&policy, &holidays));
        let shown = ctx.shown();
        let (head_count, before, vicinity, had) = tokio::try_join!(
            self.staff.head_count(&shown, hospital, &person.profession),
            self.entitled_unwritten(&reader, &leave, &person.contracts, (&policy, today(ctx))),
            self.vicinity(&reader, &leave, &policy),
            self.years_had(&reader, &policy, leave.span, (hospital, &leave.profession)),
        )?;
        let known = (&policy, head_count, missing(&leave, &before), holidays.clone());
        let scene = Scene::of(&leave, today(ctx), vicinity, known)?;
        let around = scene.around();
        let conflicts = conflict::assess(&leave, &around);
        let refusal = refusal(&leave, &person, &conflicts).map(|refusal| word(refusal.reason()));
        let obstacles = if around.leave_type.requires_approval {
            decide::obstacles(&leave, &around, &conflicts)
        } else {
            vec![]
        };
        Ok(Simulation {
            days: coverage(&leave, &person, &scene, &holidays),
            after: before.iter().map(|balance| with(balance, &leave)).collect(),
            rank: rank_of(&leave, &scene, (&policy, &had))?,
            conflicts,
            refusal,
            obstacles,
            before,
            leave,
        })
    }

    /// The balances that a leave touches, with what the contracts entitle to, although it is not written down yet.
    async fn entitled_unwritten(
        &self,
        conn: &impl ConnectionTrait,
        leave: &Leave,
        contracts: &Contracts,
        (policy, today): (&Policy, Day),
    ) -> Result<Vec<Balance>, Problem> {
        let mut balances = self.balances_read(conn, leave).await?;
        for balance in &mut balances {
            due(balance, contracts, policy, today)
                .for_each(|(kind, half_days)| balance.figures.add(kind, half_days));
        }
        Ok(balances)
    }

    /// Those who ask for some days, each with the years in which they had them.
    pub(super) async fn candidates(
        &self,
        conn: &impl ConnectionTrait,
        policy: &Policy,
        span: Span,
        leaves: &[Leave],
    ) -> Result<Vec<Candidate>, Problem> {
        let Some(first) = leaves.first() else { return Ok(vec![]) };
        let had = self.years_had(conn, policy, span, (&first.hospital, &first.profession)).await?;
        Ok(leaves.iter().map(|leave| candidate(leave, &had)).collect())
    }

    /// Who of a profession had some days in earlier years, and in which, ascending.
    async fn years_had(
        &self,
        conn: &impl ConnectionTrait,
        policy: &Policy,
        span: Span,
        of: (&str, &str),
    ) -> Result<Vec<(String, i32)>, Problem> {
        let earlier = (1..=ranking::YEARS).rev();
        let ranges: Vec<DayRange> =
            earlier.filter_map(|years| ranking::years_before(policy, span, years)).collect();
        let past = self.store.absences_in(conn, of, &ranges).await?;
        let had = |range: &DayRange| {
            let (range, year) = (*range, range.first().year());
            let there = past.iter().filter(move |leave| leave.span.range().intersect(range).is_some());
            there.map(move |leave| (leave.staff_member.clone(), year))
        };
        Ok(ranges.iter().flat_map(had).collect())
    }
}

/// One who asks, with the years in which they had the days.
fn candidate(leave: &Leave, had: &[(String, i32)]) -> Candidate {
    let own = had.iter().filter(|(person, _)| *person == leave.staff_member);
    let mut years_had: Vec<i32> = own.map(|(_, year)| *year).collect();
    years_had.dedup();
    Candidate {
        staff_member: leave.staff_member.clone(),
        first: leave.span.first().day,
        employed_since: leave.employed_since,
        years_had,
    }
}

/// The place of a leave among those that ask for the same days.
fn rank_of(
    leave: &Leave,
    scene: &Scene,
    (policy, had): (&Policy, &[(String, i32)]),
) -> Result<Rank, Problem> {
    let all = std::iter::once(leave).chain(&scene.competing);
    let candidates: Vec<Candidate> = all.map(|leave| candidate(leave, had)).collect();
    let ranked = ranking::rank(&candidates, ranking::method(policy, leave.span));
    let own = ranked.into_iter().find(|(index, _)| *index == 0).map(|(_, rank)| rank);
    own.ok_or_else(|| Problem::internal("a leave is not among those that ask for its days"))
}

/// Why it could not be sent.
fn refusal(leave: &Leave, person: &Person, conflicts: &[Conflict]) -> Option<Refusal> {
    refuse_what_is_no_leave(leave, person).and_then(|()| refuse_what_cannot_be_asked(conflicts)).err()
}

/// A reason as clients see it.
fn word(reason: Reason) -> &'static str {
    reason.as_str_name().trim_start_matches("REASON_")
}

/// A balance once the leave waits for its decision.
fn with(balance: &Balance, leave: &Leave) -> Balance {
    let mut figures: Figures = balance.figures;
    let charges = leave.charges.iter().filter(|charge| charge.year == balance.key.year);
    charges.for_each(|charge| figures.add(EntryKind::Reservation, -charge.half_days));
    Balance { figures, ..balance.clone() }
}

fn coverage(leave: &Leave, person: &Person, scene: &Scene, holidays: &PublicHolidays) -> Vec<Coverage> {
    let around = scene.around();
    let (counting, _) = counting::method(around.leave_type, &leave.profession, around.policy);
    let works = |day| person.contracts.works_on(day);
    let counted: Vec<Day> = counting::counted(leave.span, counting, works, |day| holidays.contains(day))
        .map(|half| half.day)
        .collect();
    let (absent, pending) =
        (team::by_profession(leave, around.others), team::by_profession(leave, around.pending));
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let range: DayRange = leave.span.range();
    range
        .days()
        .map(|day| {
            let is_school_holiday = around.is_school_holiday(day);
            Coverage {
                day,
                counted_half_days: number(counted.iter().filter(|counted| **counted == day).count()),
                absent: absent.get(&day).map_or(0, |people| number(people.len())),
                pending: pending.get(&day).map_or(0, |people| number(people.len())),
                head_count: around.head_count,
                allowed: around.policy.allowed(&leave.profession, around.head_count, is_school_holiday),
                is_school_holiday,
                is_public_holiday: holidays.contains(day),
            }
        })
        .collect()
}
