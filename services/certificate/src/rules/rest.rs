//! Rests: after a garde, after the day part of a shared one, between two days of work.
//!
//! A garde ends at eight; whoever kept its night does nothing before eight on the day after (domain §4.2 G6): that is
//! the team's rule, above the law's eleven hours and its rest as long as the work. It is civil: over a change of clocks
//! it lasts 23 or 25 hours, and is complete. The law's daily rest is counted on instants, from the end of the last work
//! of a day to the beginning of the next day's, by the law that binds on the latter.

use std::collections::BTreeMap;

use calendar::Day;
use jiff::Timestamp;

use super::Rule;
use crate::{
    certify::{Breach, Findings, Unit, View},
    facts::Kind,
    timeline::{Work, between},
};

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    for (person, works) in &view.timeline.by_person {
        after_gardes(view, person, works, findings);
        between_days(view, person, works, findings);
    }
}

fn after_gardes(view: &View<'_>, person: &str, works: &[Work<'_>], findings: &mut Findings) {
    for (at, garde) in works.iter().enumerate().filter(|(_, work)| work.post.kind.has_night()) {
        // The same hour, a day later by the clock.
        let hour = view.timeline.zone.time_at(garde.end);
        let until = view.timeline.zone.instant(view.timeline.zone.day_at(garde.end).next(), hour);
        let after = works[at + 1..].iter().take_while(|next| next.start < until);
        let mut is_plans = garde.post.is_of_plan;
        for next in after {
            is_plans |= next.post.is_of_plan;
            let rule = match next.post.kind {
                Kind::Astreinte if !view.facts.figures.is_rest_free_of_astreintes => continue,
                Kind::Astreinte => Rule::AstreinteInRest,
                _ => Rule::RestAfterGarde,
            };
            // What takes no time may stand at the very end of the garde, not after it.
            let is_in_rest = next.end > garde.end || next.start >= garde.end;
            if is_in_rest && (garde.post.is_of_plan || next.post.is_of_plan) {
                let measured = between(garde.end, next.start).max(0);
                findings.breach(
                    rule,
                    breach(rule.law(), person, garde, next, measured, between(garde.end, until)),
                );
            }
        }
        if is_plans {
            findings.looked(Rule::RestAfterGarde, 1);
            findings
                .looked(Rule::AstreinteInRest, usize::from(view.facts.figures.is_rest_free_of_astreintes));
        }
    }
}

/// A day of work: its last end and what ends then, its first start and what starts then.
struct Worked<'w, 'f> {
    first: &'w Work<'f>,
    last: &'w Work<'f>,
    is_plans: bool,
}

fn between_days(view: &View<'_>, person: &str, works: &[Work<'_>], findings: &mut Findings) {
    let mut days: BTreeMap<Day, Worked<'_, '_>> = BTreeMap::new();
    for work in works.iter().filter(|work| work.is_work()) {
        let own = days.entry(work.post.day).or_insert(Worked { first: work, last: work, is_plans: false });
        if work.start < own.first.start {
            own.first = work;
        }
        if work.end > own.last.end {
            own.last = work;
        }
        own.is_plans |= work.post.is_of_plan;
    }
    let days: Vec<(Day, Worked<'_, '_>)> = days.into_iter().collect();
    for pair in days.windows(2) {
        let [(_, before), (day, after)] = pair else { continue };
        if !before.is_plans && !after.is_plans {
            continue;
        }
        let rest = between(before.last.end, after.first.start);
        let mut hold = |rule: Rule, law: &str, limit: i64| {
            findings.looked(rule, 1);
            if rest < limit {
                findings.breach(rule, breach(law, person, before.last, after.first, rest, limit));
            }
        };
        if let Some(law) = view.law_on(person, *day)
            && let Some(limit) = law.daily_rest_min
        {
            hold(Rule::DailyRest, text_of(&law.source, Rule::DailyRest), limit);
        }
        if before.last.post.kind == Kind::GardeDay {
            hold(Rule::GardeDayRest, Rule::GardeDayRest.law(), view.facts.figures.garde_day_rest_min);
        }
    }
}

/// A law's own source, or the rule's where it names none.
pub(super) fn text_of(source: &str, rule: Rule) -> &str {
    if source.is_empty() { rule.law() } else { source }
}

/// Too short a rest between two posts.
fn breach(law: &str, person: &str, before: &Work<'_>, after: &Work<'_>, measured: i64, limit: i64) -> Breach {
    let start: Timestamp = before.end;
    Breach {
        start,
        end: after.start.max(start),
        law: law.to_owned(),
        people: vec![person.to_owned()],
        shifts: vec![before.post.shift.clone(), after.post.shift.clone()],
        measured,
        limit,
        unit: Unit::Minutes,
    }
}

#[cfg(test)]
mod tests;
