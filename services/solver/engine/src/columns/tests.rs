//! Column generation against enumeration, on tiny problems whose columns are written out.

use super::{
    dive::{self, Rules},
    generate::{self, End, Generator, Limits},
    lagrange,
    pricing::{Column, Demand, Effort, Pricing},
};
use crate::{
    Rng,
    budget::{Clock, Meter},
};

/// A problem whose columns are listed.
struct Listed {
    demands: Vec<Demand>,
    columns: Vec<Vec<Column>>,
}

const EXACT: Limits = Limits { rounds: 500, cutoff: i64::MAX, gap: 0, is_exact: true };

impl Pricing for Listed {
    fn people(&self) -> usize {
        self.columns.len()
    }

    fn demands(&self) -> &[Demand] {
        &self.demands
    }

    fn price(&self, person: usize, prices: &[i64], effort: Effort, out: &mut Vec<Column>) -> Option<i64> {
        let columns = self.columns[person].iter();
        let best = columns.min_by_key(|column| lagrange::reduced(column, prices))?;
        out.push(best.clone());
        (effort == Effort::Exact).then(|| lagrange::reduced(best, prices))
    }

    fn granularity(&self) -> i64 {
        1000
    }
}

impl Listed {
    fn random(rng: &mut Rng) -> Self {
        let demands = (0..2 + rng.below(4))
            .map(|_| {
                Demand::target(rng.below(3) as u32, 1000 * rng.below(100) as i64, 1000 * rng.below(9) as i64)
            })
            .collect::<Vec<_>>();
        let columns = (0..1 + rng.below(4))
            .map(|_| (0..1 + rng.below(6)).map(|_| Self::column(demands.len(), rng)).collect())
            .collect();
        Self { demands, columns }
    }

    fn column(demands: usize, rng: &mut Rng) -> Column {
        let covers = (0..demands as u32).filter(|_| rng.below(2) == 0).collect();
        Column { cost: 1000 * rng.below(30) as i64, covers }
    }

    /// The cost of the best plan, by enumeration.
    fn optimum(&self) -> i64 {
        let total: usize = self.columns.iter().map(Vec::len).product();
        (0..total)
            .map(|mut code| {
                let plan = self.columns.iter().map(|columns| {
                    let column = &columns[code % columns.len()];
                    code /= columns.len();
                    column
                });
                lagrange::cost(plan.collect::<Vec<_>>(), &self.demands)
            })
            .min()
            .unwrap()
    }
}

#[test]
fn every_proof_stays_below_the_optimum() {
    let clock = Clock::new(false);
    let mut integral = 0;
    for seed in 0..300 {
        let problem = Listed::random(&mut Rng::new(seed));
        let optimum = problem.optimum();
        let mut meter = Meter::new(&clock, u64::MAX);
        let start = generate::first(&problem, &mut meter).unwrap();
        let mut generator = Generator::new(&problem, &start, None);
        let mut bounds = Vec::new();
        let end = generator.run(EXACT, &mut meter, &mut |proof| bounds.push(proof.bound));
        assert_eq!(end, End::Converged, "seed {seed}");
        assert!(!bounds.is_empty() && bounds.is_sorted(), "seed {seed}: {bounds:?}");
        assert!(bounds.iter().all(|bound| *bound <= optimum), "seed {seed}: {bounds:?} above {optimum}");
        let is_integral = (0..problem.people())
            .all(|person| generator.master.used(person).all(|(_, value)| (value - 1.0).abs() < 1e-4));
        if is_integral {
            integral += 1;
            assert_eq!(bounds.last(), Some(&optimum), "seed {seed}: an integral program proves its own plan");
        }
    }
    assert!(integral > 100, "{integral} programs were integral");
}

#[test]
fn any_prices_prove_a_bound() {
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let problem = Listed::random(&mut rng);
        let drawn: Vec<f64> =
            problem.demands.iter().map(|_| rng.below(200_000) as f64 / 1000.0 - 50.0).collect();
        let prices = lagrange::rounded(&drawn, &problem.demands);
        let least = (0..problem.people())
            .filter_map(|person| problem.price(person, &prices, Effort::Exact, &mut Vec::new()))
            .sum();
        assert!(lagrange::bound(least, &prices, &problem.demands) <= problem.optimum(), "seed {seed}");
    }
}

#[test]
fn a_dive_ends_at_a_plan_and_keeps_to_its_cutoff() {
    let clock = Clock::new(false);
    let mut best = 0;
    for seed in 0..300 {
        let problem = Listed::random(&mut Rng::new(seed));
        let optimum = problem.optimum();
        let mut meter = Meter::new(&clock, u64::MAX);
        let mut rng = Rng::new(seed);
        let start = generate::first(&problem, &mut meter).unwrap();
        let mut generator = Generator::new(&problem, &start, None);
        generator.run(EXACT, &mut meter, &mut |_| ());
        let rules = Rules { cutoff: i64::MAX, gap: 0, rounds: 50, returns: 3, noise: 0.02, group: 1 };
        let plan = dive::dive(&mut generator, rules, &mut rng, &mut meter).unwrap();
        assert_eq!(plan.len(), problem.people());
        for (person, column) in plan.iter().enumerate() {
            assert!(problem.columns[person].contains(column), "seed {seed}: a plan that nobody knows");
        }
        best += usize::from(lagrange::cost(&plan, &problem.demands) == optimum);
        let none = dive::dive(&mut generator, Rules { cutoff: optimum, ..rules }, &mut rng, &mut meter);
        assert!(none.is_none(), "seed {seed}: below the optimum");
    }
    assert!(best > 270, "{best} of 300 dives end at the optimum");
}

#[test]
fn a_spent_budget_ends_the_generation() {
    let clock = Clock::new(false);
    let problem = Listed::random(&mut Rng::new(3));
    let start = generate::first(&problem, &mut Meter::new(&clock, u64::MAX)).unwrap();
    let mut generator = Generator::new(&problem, &start, None);
    assert_eq!(generator.run(EXACT, &mut Meter::new(&clock, 1), &mut |_| ()), End::Stopped);
}
