//! What must be true of leave's tables after a restore, and how the projection of duties is made anew.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayPart};
use chassis::{BoxError, Ctx};
use durable::check::Rule;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    Store,
    entity::{duty, duty_revision, entry, leave},
    leaves::{self, day_part},
};
use crate::domain::{
    balance::{EntryKind, Figures},
    leave::State,
};

/// A duty of a published plan, as planning tells of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedDuty {
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// Name of the shift.
    pub shift: String,
    /// When.
    pub day: Day,
    /// The half-day; none when it lasts the day.
    pub part: Option<DayPart>,
    /// A garde or an astreinte.
    pub is_on_call: bool,
    /// The revision of its plan.
    pub revision: i64,
}

const RULES: &[Rule] = &[
    Rule {
        promise: "a line of the ledger belongs to a balance",
        broken: "SELECT COUNT(*) AS broken FROM balance_entry e WHERE NOT EXISTS (SELECT 1 FROM balance b WHERE b.hospital = e.hospital AND b.staff_member = e.staff_member AND b.leave_type = e.leave_type AND b.year = e.year)",
    },
    Rule {
        promise: "a balance has a line",
        broken: "SELECT COUNT(*) AS broken FROM balance b WHERE NOT EXISTS (SELECT 1 FROM balance_entry e WHERE b.hospital = e.hospital AND b.staff_member = e.staff_member AND b.leave_type = e.leave_type AND b.year = e.year)",
    },
    Rule {
        promise: "a line that names a leave belongs to a leave of that person",
        broken: "SELECT COUNT(*) AS broken FROM balance_entry e WHERE e.leave IS NOT NULL AND NOT EXISTS (SELECT 1 FROM leave l WHERE l.hospital = e.hospital AND l.id = e.leave AND l.staff_member = e.staff_member)",
    },
    Rule {
        promise: "what a year gave when it was closed the next one received",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT SUM(half_days) AS half_days FROM (SELECT hospital, staff_member, leave_type, year, half_days FROM balance_entry WHERE kind = 'CARRIED_OUT' UNION ALL SELECT hospital, staff_member, leave_type, year - 1 AS year, half_days FROM balance_entry WHERE kind = 'CARRY_OVER') line GROUP BY hospital, staff_member, leave_type, year) balance WHERE half_days <> 0",
    },
    Rule {
        promise: "what expired was brought from the year before",
        broken: "SELECT COUNT(*) AS broken FROM balance_entry e WHERE e.kind = 'EXPIRATION' AND NOT EXISTS (SELECT 1 FROM balance_entry c WHERE c.hospital = e.hospital AND c.id = e.origin AND c.kind = 'CARRY_OVER' AND c.staff_member = e.staff_member AND c.leave_type = e.leave_type AND c.year = e.year)",
    },
    Rule {
        promise: "a carry-over expires once",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT hospital, origin FROM balance_entry WHERE kind = 'EXPIRATION' GROUP BY hospital, origin HAVING COUNT(*) > 1) twice",
    },
    Rule {
        promise: "a transfer has two sides",
        broken: "SELECT COUNT(*) AS broken FROM balance_entry e WHERE e.kind = 'TRANSFER' AND NOT EXISTS (SELECT 1 FROM balance_entry o WHERE o.kind = 'TRANSFER' AND o.hospital = e.hospital AND o.staff_member = e.staff_member AND o.leave_type || '-' || CAST(o.year AS TEXT) = e.origin AND o.origin = e.leave_type || '-' || CAST(e.year AS TEXT) AND o.half_days * e.half_days < 0)",
    },
    Rule {
        promise: "a duty was told by a revision",
        broken: "SELECT COUNT(*) AS broken FROM duty d WHERE NOT EXISTS (SELECT 1 FROM duty_revision r WHERE r.hospital = d.hospital AND r.staff_member = d.staff_member AND r.shift = d.shift)",
    },
];

/// What leaves cost by hospital, leave and year.
type Costs = BTreeMap<(String, String, i32), Figures>;

// === impl Store ===

impl Store {
    /// A line for each promise that is broken.
    pub async fn check(&self) -> Result<Vec<String>, BoxError> {
        let mut broken = durable::check::check(&self.db, RULES).await?;
        let (due, written) = (self.costs_of_leaves().await?, self.costs_of_lines().await?);
        let keys: BTreeSet<_> = due.keys().chain(written.keys()).collect();
        let differ = |key: &&&(String, String, i32)| {
            due.get(**key).copied().unwrap_or_default() != written.get(**key).copied().unwrap_or_default()
        };
        let count = keys.iter().filter(differ).count();
        if count > 0 {
            broken
                .push(format!("{count} times not true: the lines of a leave add up to what its state costs"));
        }
        Ok(broken)
    }

    /// What the states of leaves say.
    async fn costs_of_leaves(&self) -> Result<Costs, BoxError> {
        let rows =
            leave::Entity::find().filter(leave::Column::HasBalance.eq(true)).all(self.db.read()).await?;
        let mut costs = Costs::new();
        for row in rows {
            let own = leaves::leave(row)?;
            for charge in &own.charges {
                let figures = costs.entry((own.hospital.clone(), own.id.clone(), charge.year)).or_default();
                match own.state {
                    State::Pending => figures.pending += charge.half_days,
                    State::Approved => figures.used += charge.half_days,
                    State::Draft | State::RevisionAsked | State::Rejected | State::Cancelled => {}
                }
            }
        }
        Ok(costs)
    }

    /// What the lines say.
    async fn costs_of_lines(&self) -> Result<Costs, BoxError> {
        let rows =
            entry::Entity::find().filter(entry::Column::Leave.is_not_null()).all(self.db.read()).await?;
        let mut costs = Costs::new();
        for row in rows {
            let kind = EntryKind::ALL.into_iter().find(|kind| kind.word() == row.kind);
            let kind = kind.ok_or_else(|| format!("a line of an unknown kind: {}", row.kind))?;
            let key = (row.hospital, row.leave.unwrap_or_default(), row.year);
            costs.entry(key).or_default().add(kind, row.half_days);
        }
        Ok(costs)
    }

    /// Every duty that was told of, with the revision that told.
    pub async fn told_duties(&self) -> Result<BTreeSet<PublishedDuty>, BoxError> {
        let rows = duty::Entity::find().all(self.db.read()).await?;
        let revisions = duty_revision::Entity::find().all(self.db.read()).await?;
        let revisions: BTreeMap<_, _> = (revisions.into_iter())
            .map(|row| ((row.hospital, row.staff_member, row.shift), row.revision))
            .collect();
        let duties = rows.into_iter().map(|row| {
            let key = (row.hospital, row.staff_member, row.shift);
            let revision = revisions.get(&key).copied().unwrap_or_default();
            let (hospital, staff_member, shift) = key;
            Ok(PublishedDuty {
                hospital,
                staff_member,
                shift,
                day: row.date.parse().map_err(|_| "a duty on no day")?,
                part: row.part.as_deref().and_then(day_part),
                is_on_call: row.is_on_call,
                revision,
            })
        });
        duties.collect()
    }

    /// Replaces the projection. What an event of before says afterwards is older than what is written here.
    pub async fn take_duties(&self, duties: &BTreeSet<PublishedDuty>) -> Result<(), BoxError> {
        let ctx = Ctx::system("leave", &chassis::Clock::system());
        let tx = self.db.begin(&ctx).await?;
        duty::Entity::delete_many().exec(tx.conn()).await?;
        duty_revision::Entity::delete_many().exec(tx.conn()).await?;
        let rows = duties.iter().map(|own| duty::ActiveModel {
            hospital: Set(own.hospital.clone()),
            staff_member: Set(own.staff_member.clone()),
            shift: Set(own.shift.clone()),
            date: Set(own.day.to_string()),
            part: Set(own.part.map(|part| part.to_string())),
            is_on_call: Set(own.is_on_call),
        });
        durable::insert_all(tx.conn(), rows.collect()).await?;
        let rows = duties.iter().map(|own| duty_revision::ActiveModel {
            hospital: Set(own.hospital.clone()),
            staff_member: Set(own.staff_member.clone()),
            shift: Set(own.shift.clone()),
            revision: Set(own.revision),
        });
        durable::insert_all(tx.conn(), rows.collect()).await?;
        tx.commit().await?;
        Ok(())
    }
}
