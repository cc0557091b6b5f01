//! What is known around a leave when it is judged, read once.

use calendar::{Day, DayRange};
use chassis::{Ctx, Problem};
use sea_orm::ConnectionTrait;

use super::{
    App,
    support::{today, type_of},
};
use crate::domain::{
    conflict::{Away, Duty, Surroundings},
    holiday::{HolidayKind, PublicHolidays},
    leave::{Leave, State},
    leave_type::LeaveType,
    policy::Policy,
};

/// How many days beside a leave a public holiday may be for a bridge: a week-end and the day after it.
const BRIDGE_DAYS: i32 = 4;

/// The surroundings of one leave, owned.
#[derive(Debug)]
pub struct Scene {
    leave_type: &'static LeaveType,
    policy: Policy,
    today: Day,
    own: Vec<Leave>,
    others: Vec<Away>,
    /// Leaves of others of the profession that wait, whole: they are ranked too.
    pub competing: Vec<Leave>,
    pending: Vec<Away>,
    head_count: i32,
    missing: Vec<(i32, i32)>,
    duties: Vec<Duty>,
    school_holidays: Vec<DayRange>,
    public_holidays: PublicHolidays,
}

/// What stands or is asked for around a leave.
#[derive(Debug)]
pub struct Vicinity {
    /// Leaves of the person that are near.
    own: Vec<Leave>,
    /// Leaves of others in its days that stand or wait.
    others: Vec<Leave>,
    duties: Vec<Duty>,
    school_holidays: Vec<DayRange>,
}

// === impl Scene ===

impl Scene {
    /// What is known around a leave, put together. `missing` are the half-days its balances lack, by year.
    pub fn of(
        leave: &Leave,
        today: Day,
        vicinity: Vicinity,
        (policy, head_count, missing, public_holidays): (&Policy, i32, Vec<(i32, i32)>, PublicHolidays),
    ) -> Result<Self, Problem> {
        let Vicinity { own, others, duties, school_holidays } = vicinity;
        let (approved, waiting): (Vec<Leave>, Vec<Leave>) = others
            .into_iter()
            .filter(|other| other.span.overlaps(leave.span))
            .partition(|other| other.state == State::Approved);
        let competing: Vec<Leave> =
            waiting.into_iter().filter(|other| other.profession == leave.profession).collect();
        Ok(Self {
            leave_type: type_of(leave)?,
            policy: policy.clone(),
            today,
            own,
            others: approved.iter().map(Away::of).collect(),
            pending: competing.iter().map(Away::of).collect(),
            competing,
            head_count,
            missing,
            duties,
            school_holidays,
            public_holidays,
        })
    }

    /// As the domain reads it.
    pub fn around(&self) -> Surroundings<'_> {
        Surroundings {
            leave_type: self.leave_type,
            policy: &self.policy,
            today: self.today,
            own: &self.own,
            others: &self.others,
            pending: &self.pending,
            head_count: self.head_count,
            missing: &self.missing,
            duties: &self.duties,
            school_holidays: &self.school_holidays,
            public_holidays: &self.public_holidays,
        }
    }
}

// === impl App ===

impl App {
    /// Reads what is around a leave. `missing` are the half-days its balances lack, by year.
    pub(super) async fn scene(
        &self,
        conn: &impl ConnectionTrait,
        ctx: &Ctx,
        leave: &Leave,
        (policy, head_count, missing): (&Policy, i32, Vec<(i32, i32)>),
    ) -> Result<Scene, Problem> {
        let (vicinity, public_holidays) = tokio::try_join!(
            self.vicinity(conn, leave, policy),
            self.public_holidays(conn, &leave.hospital, leave.span.range()),
        )?;
        Scene::of(leave, today(ctx), vicinity, (policy, head_count, missing, public_holidays))
    }

    /// Reads what stands or is asked for around a leave: at once, where there is more than one connection.
    pub(super) async fn vicinity(
        &self,
        conn: &impl ConnectionTrait,
        leave: &Leave,
        policy: &Policy,
    ) -> Result<Vicinity, Problem> {
        let (hospital, person, range) = (&leave.hospital, &leave.staff_member, leave.span.range());
        let spacing = policy.spacing;
        let gap = [spacing.long_gap_days_min, spacing.gap_days_min, spacing.school_holiday_gap_days_min];
        let near = widened(range, gap.into_iter().max().unwrap_or(0));
        let standing = (&[State::Approved, State::Pending][..], range);
        let ((own, others), duties, school_holidays) = tokio::try_join!(
            self.store.leaves_around(conn, (hospital, person), near, standing),
            self.store.duties(conn, hospital, person, range),
            self.school_holidays(conn, hospital, policy, near),
        )?;
        Ok(Vicinity { own, others, duties, school_holidays })
    }

    /// The school holidays of the hospital's zone that touch a range; of every zone where none is chosen.
    pub(super) async fn school_holidays(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        policy: &Policy,
        range: DayRange,
    ) -> Result<Vec<DayRange>, Problem> {
        let all = self.store.holidays(conn, hospital, HolidayKind::School, range).await?;
        let is_here = |zone: &str| policy.school_zone.is_empty() || zone == policy.school_zone;
        Ok(all.into_iter().filter(|holiday| is_here(&holiday.zone)).map(|holiday| holiday.days).collect())
    }

    /// The public holidays in and near a range.
    pub(super) async fn public_holidays(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        range: DayRange,
    ) -> Result<PublicHolidays, Problem> {
        // Whole years: a year counts as loaded when any of its holidays is.
        let near = widened(range, BRIDGE_DAYS);
        let day = |year, month, day| Day::new(year, month, day).map_err(Problem::internal);
        let (first, last) = (day(near.first().year(), 1, 1)?, day(near.last().year(), 12, 31)?);
        let years = DayRange::new(first, last).map_err(Problem::internal)?;
        let loaded = self.store.holidays(conn, hospital, HolidayKind::Public, years).await?;
        Ok(PublicHolidays::of(&loaded, years))
    }

    /// The others of the profession who are away in the days of a leave.
    pub(super) async fn others_away(
        &self,
        conn: &impl ConnectionTrait,
        leave: &Leave,
    ) -> Result<Vec<Away>, Problem> {
        let range = leave.span.range();
        let away = self.store.absences(conn, &leave.hospital, Some(&leave.profession), range).await?;
        let others = away.iter().filter(|other| other.staff_member != leave.staff_member);
        Ok(others.map(Away::of).collect())
    }
}

fn widened(range: DayRange, days: i32) -> DayRange {
    DayRange::new(range.first().plus(-days), range.last().plus(days)).unwrap_or(range)
}
