//! Takes away what was written about somebody whose personal data were erased.

use calendar::{Day, DayRange};
use chassis::Problem;
use durable::{Tx, audit::Change, idempotency};
use proto::names::StaffMemberName;

use super::{App, support::SERVICE};
use crate::{domain::unavailability::State, store::Guard};

// === impl App ===

impl App {
    /// Comments of the person, of those who decided, and reasons in the ledgers go. Days, states, ranks and figures stay:
    /// balances are sums still, and past absences keep their meaning. Done again, it finds nothing.
    pub async fn forget_person(&self, tx: &Tx, person: &StaffMemberName) -> Result<(), Problem> {
        let (hospital, staff_member) = (person.hospital.as_str(), person.staff_member.as_str());
        self.store.guard(tx, hospital, Guard::Person(staff_member)).await?;
        let always = DayRange::new(Day::MIN, Day::MAX).map_err(Problem::internal)?;
        let mut rows = self.store.empty_reasons(tx, hospital, staff_member).await?;
        for leave in self.store.leaves_of(tx.conn(), hospital, staff_member, always).await? {
            if let Some(mut leave) = leave.without_texts() {
                self.store.update_leave(tx, &mut leave).await?;
                rows += 1;
            }
        }
        let of_person = (hospital, Some(staff_member));
        let all = self.store.unavailabilities_touching(tx.conn(), of_person, &State::ALL, always).await?;
        for own in all {
            if let Some(mut own) = own.without_texts() {
                self.store.update_unavailability(tx, &mut own).await?;
                rows += 1;
            }
        }
        // Answers that are remembered for a repeated request hold what was written then.
        rows += idempotency::forget(tx, &format!("\"staff_member\":\"{staff_member}\"")).await?;
        if rows > 0 {
            tx.audit(Change::of(hospital, "personal_data.erase", person.to_string()).by(SERVICE));
            tracing::info!(staff_member.id = staff_member, rows, "texts about a person were erased");
        }
        Ok(())
    }
}
