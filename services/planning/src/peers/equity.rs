//! Who shares, and when they were away in the years before a plan. Leave does not tell why.

use std::collections::BTreeMap;

use calendar::{DayRange, Span};
use chassis::{Ctx, Problem};
use proto::{
    leave::v1::{self as pb, leave_service_client::LeaveServiceClient},
    names::{HospitalName, StaffMemberName},
    values,
};

use super::{PAGE, Peers, every_page};
use crate::domain::snapshot::{Person, Snapshot};

/// The longest range leave answers at once.
const RANGE_DAYS_MAX: i32 = 800;

// === impl Peers ===

impl Peers {
    /// Those who are rostered.
    pub async fn people(&self, ctx: &Ctx, hospital: &str) -> Result<Vec<Person>, Problem> {
        let mut snapshot = Snapshot::default();
        self.read_people(ctx, hospital, &mut snapshot).await?;
        Ok(snapshot.people)
    }

    /// Absences that touch some days, by person; one that reaches over two questions is there twice.
    pub async fn past_absences(
        &self,
        ctx: &Ctx,
        hospital: &str,
        days: Option<DayRange>,
    ) -> Result<BTreeMap<String, Vec<Span>>, Problem> {
        let mut absences: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        let Some(days) = days else { return Ok(absences) };
        let mut client = LeaveServiceClient::new(self.leave.clone());
        let mut first = days.first();
        while first <= days.last() {
            let last = first.plus(RANGE_DAYS_MAX - 1).min(days.last());
            let request = pb::ListAbsencesRequest {
                parent: HospitalName::new(hospital).to_string(),
                page_size: PAGE,
                first_date: Some(first.into()),
                last_date: Some(last.into()),
                ..Default::default()
            };
            for absence in every_page!(client, ctx, list_absences, request, absences) {
                let person = StaffMemberName::parse(&absence.staff_member).map_err(Problem::internal)?;
                let span = values::span(
                    absence.first_date,
                    absence.first_part,
                    absence.last_date,
                    absence.last_part,
                );
                absences.entry(person.staff_member).or_default().push(span.map_err(Problem::internal)?);
            }
            first = last.next();
        }
        Ok(absences)
    }
}
