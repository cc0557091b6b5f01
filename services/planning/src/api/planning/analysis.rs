//! Analyses and the catalog of rules, as messages.

use std::collections::BTreeMap;

use chassis::{Locale, Problem};
use durable::time;
use proto::{
    names::{PlanName, ProposalName, RevisionName, ShiftName, StaffMemberName},
    planning::v1 as pb,
    r#type::v1::Score,
};
use roster::{
    Level,
    explain::{self, CoverageOf},
    problem::Post,
    rules::{Match, catalogue},
};

use super::{Subject, convert, name};
use crate::{
    app::{
        board::Board,
        judge::{Judged, count, hard_count, rules_version},
    },
    domain::{
        counting,
        rule_set::Parameter,
        shift::{Kind, Shift},
    },
};

/// The most matches of one rule that are told.
const MATCHES_MAX: usize = 1_000;

/// What a name asks to judge.
pub fn subject(text: &str) -> Result<(PlanName, Subject), Problem> {
    if let Ok(own) = ProposalName::parse(text) {
        return Ok((PlanName::new(own.hospital, own.plan), Subject::Proposal(own.proposal)));
    }
    if let Ok(own) = RevisionName::parse(text) {
        let number = own.revision.parse().unwrap_or(0);
        return Ok((PlanName::new(own.hospital, own.plan), Subject::Revision(number)));
    }
    Ok((name("name", PlanName::parse(text))?, Subject::Head))
}

/// The whole word of the judge.
pub fn message(subject: &str, board: &Board, judged: &Judged, now: i64) -> pb::Analysis {
    let analysis = &judged.analysis;
    let mut rules: Vec<&explain::RuleReport> = analysis.rules.iter().collect();
    rules.sort_by_key(|report| report.rule.entry().level);
    let shifts: BTreeMap<&str, &Shift> =
        board.shifts.iter().map(|shift| (shift.id.as_str(), shift)).collect();
    pb::Analysis {
        name: subject.to_owned(),
        score: Some(Score { levels: analysis.score.levels().to_vec() }),
        rules: rules.into_iter().map(|report| rule_result(report, board, judged)).collect(),
        holes: analysis.holes.iter().map(|own| hole(own, board, judged, &shifts)).collect(),
        coverage: analysis.coverage.iter().map(|own| coverage(own, board)).collect(),
        equity: equity(board, judged),
        shift_count: analysis.coverage.iter().map(|own| own.open.cast_signed()).sum(),
        hard_match_count: hard_count(analysis),
        hidden_rooms: analysis.hidden_rooms.iter().map(|own| hidden_room(own, board, judged)).collect(),
        rules_version: rules_version(),
        analyze_time: Some(time::micros_to_proto(now)),
    }
}

fn rule_result(report: &explain::RuleReport, board: &Board, judged: &Judged) -> pb::analysis::RuleResult {
    let mut matches: Vec<&Match> = report.matches.iter().collect();
    matches.sort_by_key(|found| std::cmp::Reverse(found.cost));
    let cost = report.matches.iter().map(|found| found.cost).sum();
    pb::analysis::RuleResult {
        rule: report.rule.code().to_owned(),
        level: level(report.rule.entry().level).into(),
        cost,
        match_count: count(matches.len()),
        matches: matches
            .into_iter()
            .take(MATCHES_MAX)
            .map(|found| rule_match(found, board, judged))
            .collect(),
    }
}

fn rule_match(found: &Match, board: &Board, judged: &Judged) -> pb::analysis::Match {
    let hospital = board.plan.hospital.as_str();
    let facts = &found.facts;
    let person = |person: &_| StaffMemberName::new(hospital, judged.person(*person)).to_string();
    let shift = |slot: &_| ShiftName::new(hospital, &board.plan.id, judged.shift(*slot)).to_string();
    pb::analysis::Match {
        cost: found.cost,
        staff_members: facts.people.iter().map(person).collect(),
        shifts: facts.slots.iter().map(shift).collect(),
        date: facts.days.first().map(|day| board.plan.days.first().plus(i32::from(day.0)).into()),
        measured: facts.observed,
        limit: facts.expected,
    }
}

fn hole(
    own: &explain::Hole,
    board: &Board,
    judged: &Judged,
    shifts: &BTreeMap<&str, &Shift>,
) -> pb::analysis::Hole {
    let hospital = board.plan.hospital.as_str();
    let id = judged.shift(own.seat.slot);
    let mut message = pb::analysis::Hole {
        shift: ShiftName::new(hospital, &board.plan.id, id).to_string(),
        post: match own.seat.post {
            Post::Performer => pb::assignment::Post::Performer,
            Post::Supervisor => pb::assignment::Post::Supervisor,
        }
        .into(),
        taker_count: own.takers.cast_signed(),
        obstacles: (own.obstacles.iter())
            .map(|own| pb::analysis::Obstacle {
                rule: own.rule.code().to_owned(),
                people_count: own.people.cast_signed(),
            })
            .collect(),
        relaxation: own.relaxation.as_ref().map(|own| pb::analysis::Relaxation {
            staff_member: StaffMemberName::new(hospital, judged.person(own.person)).to_string(),
            rules: own.rules.iter().map(|rule| rule.code().to_owned()).collect(),
        }),
        ..Default::default()
    };
    if let Some(shift) = shifts.get(id) {
        message.kind = convert::kind(shift.kind).into();
        message.date = Some(shift.day.into());
        message.day_part = convert::part(shift.part).into();
        message.room = convert::room(hospital, &shift.site, &shift.sector, &shift.room);
    }
    message
}

fn coverage(own: &explain::Coverage, board: &Board) -> pb::analysis::Coverage {
    let (kind, sector) = match own.of {
        CoverageOf::Gardes => (Kind::Garde, None),
        CoverageOf::Astreintes => (Kind::Astreinte, None),
        CoverageOf::Consultations => (Kind::Consultation, None),
        CoverageOf::Closings => (Kind::Closing, None),
        CoverageOf::Sector(sector) => (Kind::Theatre, board.sector(sector)),
    };
    let hospital = board.plan.hospital.as_str();
    pb::analysis::Coverage {
        kind: convert::kind(kind).into(),
        sector: sector.map_or_else(String::new, |(site, id)| convert::sector(hospital, site, id)),
        shift_count: own.open.cast_signed(),
        covered_count: own.covered.cast_signed(),
    }
}

fn equity(board: &Board, judged: &Judged) -> Vec<pb::analysis::Equity> {
    let mut people: Vec<pb::analysis::Equity> = Vec::new();
    for share in &judged.analysis.equity {
        let name = StaffMemberName::new(&board.plan.hospital, judged.person(share.person)).to_string();
        let measure = pb::analysis::Measure {
            counter: counting::id_of(share.counter),
            quantity_thousandths: share.assigned,
            target_thousandths: share.target,
            history_thousandths: share.quantity - share.assigned,
            is_remarkable: share.is_remarkable,
        };
        match people.last_mut() {
            Some(own) if own.staff_member == name => own.measures.push(measure),
            _ => people.push(pb::analysis::Equity { staff_member: name, measures: vec![measure] }),
        }
    }
    people
}

fn hidden_room(own: &explain::HiddenRoom, board: &Board, judged: &Judged) -> pb::analysis::HiddenRoom {
    let hospital = board.plan.hospital.as_str();
    let person = |person: &_| StaffMemberName::new(hospital, judged.person(*person)).to_string();
    let room = board.room(own.room);
    pb::analysis::HiddenRoom {
        room: room.map_or_else(String::new, |(site, sector, id)| convert::room(hospital, site, sector, id)),
        date: Some(board.plan.days.first().plus(i32::from(own.day.0)).into()),
        garde_staff_members: own.garde.iter().map(person).collect(),
        astreinte_staff_members: own.astreinte.iter().map(person).collect(),
    }
}

fn level(own: Level) -> pb::rule::Level {
    match own {
        Level::Hard => pb::rule::Level::Hard,
        Level::Critical => pb::rule::Level::Uncovered,
        Level::Relaxed => pb::rule::Level::Relaxed,
        Level::Change => pb::rule::Level::Change,
        Level::Balance => pb::rule::Level::Equity,
        Level::Preference => pb::rule::Level::Preference,
    }
}

/// The catalog, the most important level first.
pub fn rules(locale: Locale) -> Vec<pb::Rule> {
    let mut rules: Vec<_> = catalogue().iter().collect();
    rules.sort_by_key(|rule| rule.level);
    let parameter = |own: &Parameter| pb::rule::Parameter {
        id: own.id.to_owned(),
        default_value: own.default_value(),
        min: own.min,
        max: own.max,
        unit: own.unit.to_owned(),
    };
    let rules = rules.into_iter().map(|rule| pb::Rule {
        id: rule.code.to_owned(),
        level: level(rule.level).into(),
        default_weight: rule.default_weight,
        parameters: Parameter::of(rule.code).map(parameter).collect(),
        description: match locale {
            Locale::French => rule.title_fr,
            Locale::English => rule.title_en,
        }
        .to_owned(),
        source: rule.source.to_owned(),
    });
    rules.collect()
}
