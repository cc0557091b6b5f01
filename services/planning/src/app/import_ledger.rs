//! ImportLedger: what people did before the hospital used this system becomes lines of the ledger, once.

use std::collections::BTreeSet;

use calendar::working_time::Zone;
use chassis::{Ctx, Problem};
use durable::{Once, audit::Change, time};
use proto::names::HospitalName;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::App;
use crate::{
    domain::{
        ledger::{Line, Source},
        ledger_file::{self, Entry, Facts},
        trame::Cell,
    },
    problems,
    store::{ledger, plans},
};

/// A file to import.
#[derive(Debug)]
pub struct History<'a> {
    pub hospital: &'a str,
    pub file_name: &'a str,
    pub content: &'a [u8],
    pub is_preview: bool,
}

/// What an import did, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub created: i32,
    pub unchanged: i32,
}

// === impl App ===

impl App {
    pub async fn import_ledger(
        &self,
        ctx: &Ctx,
        history: History<'_>,
        once: &Once,
    ) -> Result<Imported, Problem> {
        let hospital = history.hospital;
        self.allow(ctx, "counters.adjust", hospital)?;
        if let Some(imported) = self.replayed::<Imported>(ctx, once).await? {
            return Ok(imported);
        }
        let people = self.peers.people(ctx, hospital).await?;
        let people: BTreeSet<String> = people.into_iter().map(|person| person.id).collect();
        let facts = Facts { people, today: Zone::paris().day_at(ctx.now) };
        let entries = ledger_file::read(history.content, &facts)
            .map_err(|cells| problems::trame(history.file_name, cells))?;
        let tx = self.db.begin(ctx).await?;
        if let Some(imported) = once.replay::<Imported>(&tx).await? {
            return Ok(imported);
        }
        let ids: Vec<String> = entries.iter().map(id_of).collect();
        let known = ledger::known(tx.conn(), hospital, &ids).await?;
        let author = ctx.principal.person().map_or_else(String::new, |own| own.staff_member.clone());
        let now = time::micros(tx.now());
        let (mut lines, mut wrong) = (Vec::new(), Vec::new());
        for (id, entry) in ids.into_iter().zip(entries) {
            match known.get(&id) {
                None => lines.push(line_of(id, entry, &author, now)),
                Some(quantity) if *quantity == entry.quantity => {}
                Some(_) => {
                    let text = "was imported with another quantity; correct it by AdjustCounter";
                    wrong.push(Cell::new(entry.line, "quantity", text));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(problems::trame(history.file_name, wrong));
        }
        let created = super::judge::count(lines.len());
        let imported = Imported { created, unchanged: super::judge::count(known.len()) };
        if history.is_preview {
            return Ok(imported);
        }
        if created > 0 {
            ledger::append(tx.conn(), hospital, lines).await?;
            plans::outdate(tx.conn(), hospital, None).await?;
            let line = Change::of(hospital, "ledger.import", HospitalName::new(hospital).to_string());
            tx.audit(line.value("created", "", &created.to_string()));
        }
        once.record(&tx, &imported).await?;
        tx.commit().await?;
        tracing::info!(hospital.id = hospital, lines = created, "equity history imported");
        Ok(imported)
    }
}

/// The id of an imported line is made of its natural key: the same line has the same id, and two imports at once cannot
/// both write it.
fn id_of(entry: &Entry) -> String {
    let day = entry.day.to_string();
    let mut hash = Sha256::new();
    for part in [&entry.staff_member, &entry.counter, &day, &entry.reference] {
        // With its length, so that ("ab", "c") and ("a", "bc") differ.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("imported-{}", &hex::encode(hash.finalize())[..40])
}

fn line_of(id: String, entry: Entry, author: &str, now: i64) -> Line {
    Line {
        id,
        staff_member: entry.staff_member,
        counter: entry.counter,
        day: entry.day,
        quantity: entry.quantity,
        source: Source::Import,
        plan: String::new(),
        revision: 0,
        shift: String::new(),
        justification: String::new(),
        author: author.to_owned(),
        create_time: now,
    }
}
