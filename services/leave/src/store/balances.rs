//! Balances and their ledger.

use std::collections::HashMap;

use calendar::Day;
use chassis::Problem;
use durable::{Tx, etag, filter::Filter, page::Page, problem, time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    Store,
    entity::{balance, entry},
};
use crate::domain::balance::{Balance, BalanceKey, EntryKind, Figures, NewEntry};

/// A line of the ledger as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// Its id.
    pub id: String,
    /// What was written.
    pub entry: Entry,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Why.
    pub kind: EntryKind,
    /// How much.
    pub half_days: i32,
    /// Id of the leave that caused it.
    pub leave: Option<String>,
    /// Reason of an adjustment or a transfer.
    pub reason: String,
    /// The last day of a carry-over.
    pub expire: Option<Day>,
    /// Of a transfer the balance on the other side.
    pub other_balance: Option<String>,
    /// Who caused it.
    pub actor: String,
    /// When.
    pub create_time: jiff::Timestamp,
}

/// A line that brought half-days from the year before, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarryOver {
    /// Its id.
    pub id: String,
    /// The balance that received.
    pub key: BalanceKey,
    /// The last day on which it can be used.
    pub expire: Day,
}

// === impl Store ===

impl Store {
    /// Adds lines to the ledger of a person and type; each touched balance gets a new version.
    pub async fn append(
        &self,
        tx: &Tx,
        (hospital, staff_member, leave_type): (&str, &str, &str),
        actor: &str,
        entries: &[NewEntry],
    ) -> Result<(), Problem> {
        let mut years: Vec<i32> = entries.iter().map(|entry| entry.year).collect();
        years.sort_unstable();
        years.dedup();
        for year in years {
            self.touch_balance(tx, hospital, staff_member, leave_type, year).await?;
        }
        for new in entries {
            let row = entry::ActiveModel {
                hospital: Set(hospital.to_owned()),
                id: Set(Uuid::now_v7().to_string()),
                staff_member: Set(staff_member.to_owned()),
                leave_type: Set(leave_type.to_owned()),
                year: Set(new.year),
                kind: Set(new.kind.word().to_owned()),
                half_days: Set(new.half_days),
                leave: Set(new.leave.clone()),
                reason: Set(new.reason.clone()),
                actor: Set(actor.to_owned()),
                create_time: Set(time::micros(tx.now())),
                expire_date: Set(new.expire.map(|day| day.to_string())),
                origin: Set(new.origin.clone()),
            };
            entry::Entity::insert(row).exec_without_returning(tx.conn()).await.map_err(problem)?;
        }
        Ok(())
    }

    /// Takes the texts out of a person's lines; answers how many had one. Kinds, figures and dates stay as they are.
    pub async fn empty_reasons(&self, tx: &Tx, hospital: &str, staff_member: &str) -> Result<u64, Problem> {
        let emptied = entry::Entity::update_many()
            .col_expr(entry::Column::Reason, Expr::value(""))
            .filter(entry::Column::Hospital.eq(hospital))
            .filter(entry::Column::StaffMember.eq(staff_member))
            .filter(entry::Column::Reason.ne(""))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        Ok(emptied.rows_affected)
    }

    async fn touch_balance(
        &self,
        tx: &Tx,
        hospital: &str,
        staff_member: &str,
        leave_type: &str,
        year: i32,
    ) -> Result<(), Problem> {
        use balance::Column;
        let row = balance::ActiveModel {
            hospital: Set(hospital.to_owned()),
            staff_member: Set(staff_member.to_owned()),
            leave_type: Set(leave_type.to_owned()),
            year: Set(year),
            version: Set(1),
        };
        let key = [Column::Hospital, Column::StaffMember, Column::LeaveType, Column::Year];
        let next = OnConflict::columns(key)
            .value(Column::Version, Expr::col((balance::Entity, Column::Version)).add(1))
            .to_owned();
        let touched = balance::Entity::insert(row).on_conflict(next).exec_without_returning(tx.conn()).await;
        touched.map(drop).map_err(problem)
    }

    /// One balance; `None` before its first line.
    pub async fn balance(
        &self,
        conn: &impl ConnectionTrait,
        key: &BalanceKey,
    ) -> Result<Option<Balance>, Problem> {
        Ok(self.balances(conn, std::slice::from_ref(key)).await?.pop())
    }

    /// Those of some balances of one person and type that have lines, by year. Version and sums are of one moment.
    pub async fn balances(
        &self,
        conn: &impl ConnectionTrait,
        keys: &[BalanceKey],
    ) -> Result<Vec<Balance>, Problem> {
        use balance::Column;
        let Some(first) = keys.first() else { return Ok(Vec::new()) };
        let its_lines = balance::Entity::belongs_to(entry::Entity)
            .from((Column::Hospital, Column::StaffMember, Column::LeaveType, Column::Year))
            .to((
                entry::Column::Hospital,
                entry::Column::StaffMember,
                entry::Column::LeaveType,
                entry::Column::Year,
            ));
        let sums: Vec<(i32, i64, Option<String>, Option<i64>)> = balance::Entity::find()
            .select_only()
            .column(Column::Year)
            .column(Column::Version)
            .column(entry::Column::Kind)
            .column_as(entry::Column::HalfDays.sum().cast_as("bigint"), "half_days")
            .join(JoinType::LeftJoin, its_lines.into())
            .filter(Column::Hospital.eq(&first.hospital))
            .filter(Column::StaffMember.eq(&first.staff_member))
            .filter(Column::LeaveType.eq(&first.leave_type))
            .filter(Column::Year.is_in(keys.iter().map(|key| key.year)))
            .group_by(Column::Year)
            .group_by(Column::Version)
            .group_by(entry::Column::Kind)
            .order_by_asc(Column::Year)
            .into_tuple()
            .all(conn)
            .await
            .map_err(problem)?;
        let mut balances: Vec<Balance> = Vec::new();
        for (year, version, word, half_days) in sums {
            if balances.last().is_none_or(|last| last.key.year != year) {
                let key = BalanceKey { year, ..first.clone() };
                balances.push(Balance { key, figures: Figures::default(), version });
            }
            if let (Some(balance), Some(kind)) = (balances.last_mut(), word.as_deref().and_then(kind)) {
                balance.figures.add(kind, i32::try_from(half_days.unwrap_or(0)).unwrap_or(i32::MAX));
            }
        }
        Ok(balances)
    }

    /// Checks the version that an administrator looked at.
    pub fn check_balance(&self, balance: &Balance, etag: &str) -> Result<(), Problem> {
        etag::check(etag, balance.version, false)
    }

    /// A page of balances by person, type and year; one more than the page holds.
    pub async fn balances_page(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        staff_member: Option<&str>,
        filter: &Filter,
        page: &Page,
    ) -> Result<Vec<Balance>, Problem> {
        use balance::Column;
        let mut query = balance::Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(filter.condition(|field| if field == "year" { Column::Year } else { Column::LeaveType }));
        if let Some(staff_member) = staff_member {
            query = query.filter(Column::StaffMember.eq(staff_member));
        }
        if let Some((person, leave_type, year)) = page.after().and_then(parse_key) {
            query = query.filter(after(person, leave_type, year));
        }
        let rows = query
            .order_by_asc(Column::StaffMember)
            .order_by_asc(Column::LeaveType)
            .order_by_asc(Column::Year)
            .limit(page.limit() + 1)
            .all(conn)
            .await
            .map_err(problem)?;
        self.with_figures(conn, rows).await
    }

    /// A page of a balance's ledger, oldest first; one more than the page holds.
    pub async fn entries_page(
        &self,
        conn: &impl ConnectionTrait,
        key: &BalanceKey,
        page: &Page,
    ) -> Result<Vec<EntryRow>, Problem> {
        let mut query = entry::Entity::find().filter(of_balance(key));
        if let Some(after) = page.after() {
            query = query.filter(entry::Column::Id.gt(after));
        }
        let rows =
            query.order_by_asc(entry::Column::Id).limit(page.limit() + 1).all(conn).await.map_err(problem)?;
        Ok(rows.into_iter().filter_map(entry_row).collect())
    }

    /// How many half-days a balance gave to another one.
    pub async fn transferred(
        &self,
        conn: &impl ConnectionTrait,
        source: &BalanceKey,
        target: &BalanceKey,
    ) -> Result<i32, Problem> {
        let lines: Vec<i32> = entry::Entity::find()
            .select_only()
            .column(entry::Column::HalfDays)
            .filter(of_balance(source))
            .filter(entry::Column::Kind.eq(EntryKind::Transfer.word()))
            .filter(entry::Column::Origin.eq(target.id()))
            .into_tuple()
            .all(conn)
            .await
            .map_err(problem)?;
        Ok(-lines.iter().sum::<i32>())
    }

    /// Carry-overs whose last day is over and whose end is not written down.
    pub async fn carry_overs_over(
        &self,
        conn: &impl ConnectionTrait,
        today: Day,
        limit: u64,
    ) -> Result<Vec<CarryOver>, Problem> {
        let mut ended = entry::Entity::find()
            .select_only()
            .column(entry::Column::Origin)
            .filter(entry::Column::Kind.eq(EntryKind::Expiration.word()))
            .filter(entry::Column::Origin.is_not_null());
        let rows = entry::Entity::find()
            .filter(entry::Column::Kind.eq(EntryKind::CarryOver.word()))
            .filter(entry::Column::ExpireDate.lt(today.to_string()))
            .filter(entry::Column::Id.not_in_subquery(QuerySelect::query(&mut ended).take()))
            .order_by_asc(entry::Column::Id)
            .limit(limit)
            .all(conn)
            .await
            .map_err(problem)?;
        Ok(rows.into_iter().filter_map(carry_over).collect())
    }

    /// Whether the end of a carry-over is written down.
    pub async fn has_ended(&self, conn: &impl ConnectionTrait, line: &CarryOver) -> Result<bool, Problem> {
        let ended = entry::Entity::find()
            .filter(of_balance(&line.key))
            .filter(entry::Column::Kind.eq(EntryKind::Expiration.word()))
            .filter(entry::Column::Origin.eq(line.id.as_str()))
            .one(conn)
            .await
            .map_err(problem)?;
        Ok(ended.is_some())
    }

    /// Sums the ledgers of some balances of one page: of one person or of few.
    async fn with_figures(
        &self,
        conn: &impl ConnectionTrait,
        rows: Vec<balance::Model>,
    ) -> Result<Vec<Balance>, Problem> {
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        let hospital = first.hospital.clone();
        let mut people: Vec<&str> = rows.iter().map(|row| row.staff_member.as_str()).collect();
        people.dedup();
        let lines: Vec<(String, String, i32, String, i64)> = entry::Entity::find()
            .select_only()
            .column(entry::Column::StaffMember)
            .column(entry::Column::LeaveType)
            .column(entry::Column::Year)
            .column(entry::Column::Kind)
            .column_as(entry::Column::HalfDays.sum().cast_as("bigint"), "half_days")
            .filter(entry::Column::Hospital.eq(hospital))
            .filter(entry::Column::StaffMember.is_in(people))
            .group_by(entry::Column::StaffMember)
            .group_by(entry::Column::LeaveType)
            .group_by(entry::Column::Year)
            .group_by(entry::Column::Kind)
            .into_tuple()
            .all(conn)
            .await
            .map_err(problem)?;
        let mut sums: HashMap<(String, String, i32), Figures> = HashMap::new();
        for (person, leave_type, year, word, half_days) in lines {
            if let Some(kind) = kind(&word) {
                let figures = sums.entry((person, leave_type, year)).or_default();
                figures.add(kind, i32::try_from(half_days).unwrap_or(i32::MAX));
            }
        }
        Ok(rows
            .into_iter()
            .map(|row| {
                let key = (row.staff_member.clone(), row.leave_type.clone(), row.year);
                let figures = sums.get(&key).copied().unwrap_or_default();
                let (staff_member, leave_type, year) = key;
                let key = BalanceKey { hospital: row.hospital, staff_member, leave_type, year };
                Balance { key, figures, version: row.version }
            })
            .collect())
    }
}

// === impl Balance ===

impl Balance {
    /// The keyset value of a page.
    pub fn page_key(&self) -> String {
        format!("{}/{}/{}", self.key.staff_member, self.key.leave_type, self.key.year)
    }
}

fn parse_key(text: &str) -> Option<(&str, &str, i32)> {
    let (person, rest) = text.split_once('/')?;
    let (leave_type, year) = rest.split_once('/')?;
    Some((person, leave_type, year.parse().ok()?))
}

fn after(person: &str, leave_type: &str, year: i32) -> Condition {
    use balance::Column;
    let same_person = Condition::all().add(Column::StaffMember.eq(person));
    Condition::any()
        .add(Column::StaffMember.gt(person))
        .add(same_person.clone().add(Column::LeaveType.gt(leave_type)))
        .add(same_person.add(Column::LeaveType.eq(leave_type)).add(Column::Year.gt(year)))
}

fn of_balance(key: &BalanceKey) -> Condition {
    use entry::Column;
    Condition::all()
        .add(Column::Hospital.eq(&key.hospital))
        .add(Column::StaffMember.eq(&key.staff_member))
        .add(Column::LeaveType.eq(&key.leave_type))
        .add(Column::Year.eq(key.year))
}

fn kind(word: &str) -> Option<EntryKind> {
    EntryKind::ALL.into_iter().find(|kind| kind.word() == word)
}

fn carry_over(row: entry::Model) -> Option<CarryOver> {
    let expire = row.expire_date.as_deref()?.parse().ok()?;
    let key = BalanceKey {
        hospital: row.hospital,
        staff_member: row.staff_member,
        leave_type: row.leave_type,
        year: row.year,
    };
    Some(CarryOver { id: row.id, key, expire })
}

fn entry_row(row: entry::Model) -> Option<EntryRow> {
    let kind = kind(&row.kind)?;
    let entry = Entry {
        kind,
        expire: row.expire_date.and_then(|date| date.parse().ok()),
        other_balance: row.origin.filter(|_| kind == EntryKind::Transfer),
        half_days: row.half_days,
        leave: row.leave,
        reason: row.reason,
        actor: row.actor,
        create_time: time::timestamp(row.create_time),
    };
    Some(EntryRow { id: row.id, entry })
}
