//! The shifts of a problem, solved: rows first ([`crate::rows`]), then whole plans of rows ([`crate::columns`]).
//!
//! Annealing and column generation work side by side and meet at barriers, where both go on from the better plan: the
//! first is quick everywhere, the second proves a bound, ends near it where the whole fits, and re-solves parts
//! exactly where it does not. Slots come after: who holds a place is judged beside the shifts that are given by then.

mod lanes;
mod weigh;

use roster::{
    Problem, Roster, Score,
    shifts::{Code, Table},
};

use self::weigh::Weighed;
use crate::{
    Options, Rng,
    budget::Meter,
    columns::improve::{Event, Improver},
    follow::Reporter,
    proof::Bound,
    rows::{construct, dp::Row, improve},
};

/// What of the budget each stretch between two barriers takes.
const STRETCHES: [f64; 5] = [0.4, 0.15, 0.15, 0.15, 0.15];
/// The same for horizons too long to be solved whole.
const LONG: [f64; 4] = [0.6, 0.2, 0.1, 0.1];
/// A horizon of so many days is long: two islands can each have a part of it to themselves.
const LONG_DAYS: usize = 140;

/// Everybody's rows, and what is proven of them.
pub(crate) struct Rota {
    /// Rows, one after the other.
    pub rows: Vec<Code>,
    /// What is proven.
    pub bound: Bound,
}

/// A plan with what it costs on the weighed table; breaches of those who have no legal row left out.
#[derive(Clone)]
struct Plan {
    rows: Vec<Code>,
    cost: i64,
}

/// Whoever is told of plans and proofs.
#[derive(Clone, Copy)]
struct Desk<'a> {
    problem: &'a Problem,
    weighed: &'a Weighed,
    reporter: Option<&'a Reporter>,
}

/// Plans the shifts of a problem that has some; `start` is kept where it is legal.
pub(crate) fn solve(
    problem: &Problem,
    start: Option<&Roster>,
    options: &Options,
    meter: &mut Meter<'_>,
    reporter: Option<&Reporter>,
) -> Rota {
    let weighed = Weighed::of(problem);
    let (table, desk) = (&weighed.table, Desk { problem, weighed: &weighed, reporter });
    let mut dps = construct::compile(table);
    let rows = construct::construct(table, &mut dps, start.map(Roster::rows), options.seed, meter);
    desk.plan(&rows);
    let mut best = Plan { cost: cost(table, &rows), rows };
    let mut exact = Improver::new(table, split(table, &best.rows));
    let mut bound = i64::MIN;
    let mut rng = Rng::stream(options.seed, 1);
    let mut pool = improve::pool(table);
    let is_long = table.days >= LONG_DAYS;
    let stretches = if is_long { &LONG[..] } else { &STRETCHES[..] };
    let mut left = 1.0;
    for (stretch, share) in stretches.iter().copied().enumerate() {
        if meter.is_over() || bound >= best.cost {
            break;
        }
        exact.adopt(split(table, &best.rows));
        let seed = options.seed.wrapping_add(stretch as u64);
        let is_warm = start.is_some() || stretch > 0;
        let setting = improve::Setting { seed, islands: 1, threads: 1, is_warm };
        if is_long && stretch == 0 {
            let setting = improve::Setting { islands: 2, threads: options.threads, ..setting };
            let mut own = meter.part(share);
            let mut told = |rows: &[Code]| desk.plan(rows);
            let rows = improve::improve(table, &dps, &best.rows, setting, &mut own, &mut pool, &mut told);
            meter.settle(&own);
            best = Plan { cost: cost(table, &rows), rows };
            left -= share;
            continue;
        }
        let (annealed, (proven, solved)) = lanes::beside(
            meter,
            share / left,
            options.threads,
            |meter| {
                let mut told = |rows: &[Code]| desk.plan(rows);
                improve::improve(table, &dps, &best.rows, setting, meter, &mut pool, &mut told)
            },
            |meter| {
                exact.run(meter, &mut rng, &mut |event| match event {
                    Event::Bound(proven) => desk.bound(proven),
                    Event::Plan(rows) => desk.plan(&rows.concat()),
                });
                (exact.bound(), exact.rows().concat())
            },
        );
        left -= share;
        bound = bound.max(proven);
        for rows in [annealed, solved] {
            let cost = cost(table, &rows);
            if cost < best.cost {
                best = Plan { rows, cost };
            }
        }
    }
    let (_, score) = desk.judged(&best.rows);
    Rota { rows: best.rows, bound: desk.proven(bound, Some(&score)) }
}

/// What rows cost on a table, demands and wishes together.
fn cost(table: &Table, rows: &[Code]) -> i64 {
    let sheet = roster::shifts::Sheet::new(table, rows);
    sheet.cost(&roster::shifts::Weights::flat(0))
}

fn split(table: &Table, rows: &[Code]) -> Vec<Row> {
    rows.chunks(table.days.max(1)).map(<[Code]>::to_vec).collect()
}

// === impl Desk ===

impl Desk<'_> {
    /// Tells of a plan.
    fn plan(&self, rows: &[Code]) {
        if let Some(reporter) = self.reporter {
            let (roster, score) = self.judged(rows);
            reporter.improved(&roster, score);
        }
    }

    /// Tells of a proof about the weighed cost.
    fn bound(&self, proven: i64) {
        if let Some(reporter) = self.reporter {
            reporter.bound(self.proven(proven, None));
        }
    }

    /// A roster with these rows and nothing else but pins, as the judge sees it.
    fn judged(&self, rows: &[Code]) -> (Roster, Score) {
        let mut roster = Roster::pinned(self.problem);
        roster.set_rows(rows);
        let score = roster::Evaluator::new(self.problem, &roster).score();
        (roster, score)
    }

    fn proven(&self, bound: i64, score: Option<&Score>) -> Bound {
        let level = (bound > i64::MIN).then(|| self.weighed.proves(bound, score)).flatten();
        level.map_or(Bound::UNKNOWN, |(level, cost)| Bound::at(level, cost))
    }
}
