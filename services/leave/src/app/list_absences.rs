//! Who is away, without why.

use calendar::DayRange;
use chassis::{Ctx, Problem, Target};
use durable::page::Page;
use sha2::{Digest, Sha256};

use super::{App, permissions::POLICY};
use crate::domain::leave::Leave;

// === impl App ===

impl App {
    /// A page of absences by first day, the token of the next, and the version of the whole range.
    pub async fn list_absences(
        &self,
        ctx: &Ctx,
        hospital: &str,
        range: Result<DayRange, Problem>,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<Leave>, String, String), Problem> {
        POLICY.authorize(ctx, "absences.read", Target::hospital(hospital))?;
        let range = range?;
        let page = Page::of(page_size, page_token, &[hospital, &range.to_string()])?;
        let all = self.store.absences(&self.store.db().fresh(ctx), hospital, None, range).await?;
        let version = version(&all);
        let key = |leave: &Leave| format!("{}/{}", leave.span.first().day, leave.id);
        let rest =
            all.into_iter().filter(|leave| page.after().is_none_or(|after| key(leave).as_str() > after));
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX).saturating_add(1);
        let mut rows: Vec<Leave> = rest.take(limit).collect();
        let token = page.next(&mut rows, key);
        Ok((rows, token, version))
    }
}

/// Differs as soon as any absence does.
fn version(absences: &[Leave]) -> String {
    let mut hash = Sha256::new();
    for leave in absences {
        let (first, last) = (leave.span.first(), leave.span.last());
        hash.update(format!("{}|{}|{first}|{last}\n", leave.id, leave.staff_member));
    }
    hex::encode(&hash.finalize()[..16])
}
