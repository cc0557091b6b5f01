//! The shifts of a problem, solved: rows first ([`crate::rows`]), then whole plans of rows ([`crate::columns`]).
//!
//! Annealing comes first: it is quick everywhere. Column generation then proves a bound and ends near it where the
//! whole fits, twice side by side with other seeds, and re-solves parts exactly where it does not, beside more
//! annealing. At barriers both lanes go on from the better plan. Slots come after: who holds a place is judged beside the shifts that are given by then.

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

/// Islands of the first annealing, whatever the threads.
const ISLANDS: usize = 2;
/// What of the budget annealing alone takes first: little where column generation can bear the whole plan, most of it
/// where it cannot; of plans with more cells than [`LARGE`] the more, for parts of it that are solved exactly reach little
/// of the whole.
const OPENING: f64 = 0.05;
const OPENING_LONG: f64 = 0.75;
const LARGE: f64 = 10_000.0;
/// What of the rest each stretch between two barriers takes.
const STRETCHES: [f64; 3] = [0.75, 0.6, 1.0];

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
    let mut exact = Improver::new(table, split(table, &best.rows)).branching();
    let mut second = exact.is_bearable().then(|| Improver::new(table, split(table, &best.rows)));
    let mut bound = i64::MIN;
    let mut rngs = [Rng::stream(options.seed, 1), Rng::stream(options.seed, 2)];
    let is_warm = start.is_some();
    let opening = if second.is_some() { OPENING } else { opening_long(table) };
    let setting =
        improve::Setting { seed: options.seed, islands: ISLANDS, threads: options.threads, is_warm };
    let mut own = meter.part(opening);
    let rows = improve::improve(table, &dps, &best.rows, setting, &mut own, &mut |rows| desk.plan(rows));
    meter.settle(&own);
    best = Plan { cost: cost(table, &rows), rows };
    for (stretch, share) in STRETCHES.into_iter().enumerate() {
        if meter.is_over() || bound >= best.cost {
            break;
        }
        exact.adopt(split(table, &best.rows));
        if let Some(second) = &mut second {
            second.adopt(split(table, &best.rows));
        }
        let seed = options.seed.wrapping_add(1 + stretch as u64);
        let setting = improve::Setting { seed, islands: 1, threads: 1, is_warm: true };
        let [one, other] = &mut rngs;
        let (beside, first) = lanes::beside(
            meter,
            share,
            options.threads,
            |meter| match &mut second {
                Some(second) => desk.improve(second, meter, other),
                None => {
                    let mut told = |rows: &[Code]| desk.plan(rows);
                    let rows = improve::improve(table, &dps, &best.rows, setting, meter, &mut told);
                    (i64::MIN, rows)
                }
            },
            |meter| desk.improve(&mut exact, meter, one),
        );
        for (proven, rows) in [first, beside] {
            bound = bound.max(proven);
            let cost = cost(table, &rows);
            if cost < best.cost {
                best = Plan { rows, cost };
            }
        }
    }
    let (_, score) = desk.judged(&best.rows);
    Rota { rows: best.rows, bound: desk.proven(bound, Some(&score)) }
}

/// What annealing takes first of a plan that column generation cannot bear whole.
fn opening_long(table: &Table) -> f64 {
    let cells = (table.limits.len() * table.days) as f64;
    1.0 - (1.0 - OPENING_LONG) * (LARGE / cells.max(1.0)).min(1.0)
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
    /// Improves a plan exactly; what is proven and the plan.
    fn improve(&self, improver: &mut Improver<'_>, meter: &mut Meter<'_>, rng: &mut Rng) -> (i64, Vec<Code>) {
        improver.run(meter, rng, &mut |event| match event {
            Event::Bound(proven) => self.bound(proven),
            Event::Plan(rows) => self.plan(&rows.concat()),
        });
        (improver.bound(), improver.rows().concat())
    }

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
