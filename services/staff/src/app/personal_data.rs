//! What a person may ask about their own data: a copy, a correction, to be forgotten.

use chassis::{Ctx, Problem, Target};
use durable::{Once, audit, etag, idempotency, time};
use proto::error::v1::Reason;
use serde_json::{Value, json};

use super::{
    App,
    audit::{note, of_person},
    permissions::POLICY,
    resources::{load, not_found, replace},
};
use crate::{
    domain::{Contract, Incompatibility, Kind, StaffMember, incompatibility::Other, staff_member::State},
    store::{Stored, accounts, events, resources as store, sessions},
};

/// The form of a copy; a change of it gets another name.
const FORMAT: &str = "mathildanesth.staff.personal_data.v1";
/// The most lines of the audit log in a copy.
const LINES_MAX: u64 = 1_000;

impl App {
    /// Everything staff holds about a person, as JSON. That it was asked for is written down.
    pub async fn export_personal_data(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
    ) -> Result<Vec<u8>, Problem> {
        POLICY.authorize(ctx, "personal_data.export", Target::person(hospital, id))?;
        let tx = self.db.begin(ctx).await?;
        let conn = tx.conn();
        let person = store::find::<StaffMember>(conn, hospital, id).await?;
        let person = person.ok_or_else(|| not_found(Kind::StaffMember, hospital, id))?;
        let contracts = store::children::<Contract>(conn, hospital, id).await?;
        let pairs = store::all::<Incompatibility>(conn, hospital).await?;
        let account = accounts::find(conn, hospital, id).await?;
        let sessions = sessions::all(conn, hospital, id).await?;
        let lines = audit::of_resource(conn, hospital, &person.name(), LINES_MAX + 1).await?;
        let copy = json!({
            "format": FORMAT,
            "hospital": format!("hospitals/{hospital}"),
            "export_time": ctx.now.to_string(),
            "staff_member": stored(&person),
            "contracts": contracts.iter().map(stored).collect::<Vec<_>>(),
            // That there is one is the person's data; with whom and why is the other's too.
            "incompatibilities": pairs.iter().filter(|pair| is_of(&pair.value, id)).map(|pair| json!({
                "name": pair.name(),
                "level": pair.value.level,
                "first_date": pair.value.first_date,
                "last_date": pair.value.last_date,
            })).collect::<Vec<_>>(),
            "account": account.map(|account| json!({
                "password_is_temporary": account.temporary_until.is_some(),
                "password_change_time": moment(account.update_time),
            })),
            "sessions": sessions.iter().map(|session| json!({
                "name": format!("hospitals/{hospital}/sessions/{}", session.id),
                "user_agent": session.user_agent,
                "create_time": moment(session.create_time),
                "refresh_time": moment(session.rotate_time),
                "expire_time": moment(session.expire_time),
                "end_time": session.end_time.map(moment),
            })).collect::<Vec<_>>(),
            "audit_entries": lines.iter().take(LINES_MAX as usize).map(|line| json!({
                "number": line.sequence,
                "time": moment(line.time),
                "actor": line.actor,
                "action": line.action,
                "resource": line.resource,
                "fields": serde_json::from_str::<Value>(&line.fields).unwrap_or_default(),
            })).collect::<Vec<_>>(),
            "audit_entries_are_complete": lines.len() as u64 <= LINES_MAX,
        });
        tx.audit(of_person(hospital, "personal_data.export", id));
        tx.commit().await?;
        serde_json::to_vec_pretty(&copy).map_err(Problem::internal)
    }

    /// Forgets who somebody was who has left: names, addresses and numbers go, what others refer to stays.
    pub async fn erase_staff_member(
        &self,
        ctx: &Ctx,
        once: &Once,
        (hospital, id, etag): (&str, &str, &str),
    ) -> Result<Stored<StaffMember>, Problem> {
        POLICY.authorize(ctx, "personal_data.erase", Target::hospital(hospital))?;
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        // Signing in holds this lock too: no session begins behind what is deleted below.
        store::lock(&tx, hospital, Kind::StaffMember, id).await?;
        let old = load::<StaffMember>(&tx, hospital, id, "").await?;
        etag::check(etag, old.version, true)?;
        if old.value.state == State::Active {
            let text = "the staff member has not left";
            return Err(Problem::precondition(Reason::StaffMemberActive, text).and(
                "STATE",
                old.name(),
                "is ACTIVE",
            ));
        }
        if old.value.erase_time.is_some() {
            return Ok(old);
        }
        for pair in store::all::<Incompatibility>(tx.conn(), hospital).await? {
            if is_of(&pair.value, id) {
                store::delete(&tx, &pair).await?;
                note(&tx, Some(&pair), None);
            }
        }
        accounts::forgive(&tx, hospital, &old.value.email).await?;
        accounts::delete(&tx, hospital, id).await?;
        sessions::delete_all(&tx, hospital, id).await?;
        // Answers that are remembered for a repeated request hold the person as they were.
        idempotency::forget(&tx, &format!("\"id\":\"{id}\"")).await?;
        let erased = old.value.erased(hospital, id, time::micros(ctx.now));
        let erased = replace(&tx, old, erased).await?;
        events::erased(&tx, &erased).await?;
        tx.audit(of_person(hospital, "personal_data.erase", id));
        once.record(&tx, &erased).await?;
        tx.commit().await?;
        Ok(erased)
    }
}

/// The refusal to change somebody who was forgotten.
pub(super) fn refuse_erased(person: &Stored<StaffMember>) -> Result<(), Problem> {
    match person.value.erase_time {
        None => Ok(()),
        Some(_) => {
            let text = "the personal data of the staff member were erased";
            let problem = Problem::precondition(Reason::StaffMemberErased, text);
            Err(problem.and("STATE", person.name(), "is erased"))
        }
    }
}

fn is_of(pair: &Incompatibility, id: &str) -> bool {
    pair.staff_member == id || matches!(&pair.other, Other::StaffMember(other) if other == id)
}

fn stored<T: crate::domain::Resource>(stored: &Stored<T>) -> Value {
    json!({
        "name": stored.name(),
        "value": stored.value,
        "create_time": moment(stored.create_time),
        "update_time": moment(stored.update_time),
    })
}

fn moment(micros: i64) -> String {
    time::timestamp(micros).to_string()
}
