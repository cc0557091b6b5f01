//! Column generation against enumeration, on tiny problems whose columns are written out.

use super::{
    aggregate::{Aggregate, Coupling},
    branch::Tree,
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

    fn aggregates(&self) -> Vec<Vec<u32>> {
        let all: Vec<u32> = (0..self.demands.len() as u32).collect();
        let halves = all.chunks(2).map(<[u32]>::to_vec);
        let singles = all.iter().map(|demand| vec![*demand]);
        [all.clone()].into_iter().chain(halves).chain(singles).collect()
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

    /// Like shifts: what is missing costs the same everywhere, much more than anything else.
    fn shifts(rng: &mut Rng) -> Self {
        let demands: Vec<_> =
            (0..5 + rng.below(4)).map(|_| Demand::target(1 + rng.below(2) as u32, 100_000, 1000)).collect();
        let columns = (0..4).map(|_| (0..5).map(|_| Self::column(demands.len(), rng)).collect()).collect();
        Self { demands, columns }
    }

    fn column(demands: usize, rng: &mut Rng) -> Column {
        let covers = (0..demands as u32).filter(|_| rng.below(2) == 0).collect();
        Column { cost: 1000 * rng.below(30) as i64, covers }
    }

    /// All plans.
    fn plans(&self) -> impl Iterator<Item = Vec<&Column>> {
        let total: usize = self.columns.iter().map(Vec::len).product();
        (0..total).map(|mut code| {
            let pick = |columns: &'_ Vec<Column>| {
                let index = code % columns.len();
                code /= columns.len();
                index
            };
            let picked: Vec<usize> = self.columns.iter().map(pick).collect();
            self.columns.iter().zip(picked).map(|(columns, index)| &columns[index]).collect()
        })
    }

    /// The cost of the best plan, by enumeration.
    fn optimum(&self) -> i64 {
        self.plans().map(|plan| lagrange::cost(plan, &self.demands)).min().unwrap()
    }

    /// The same of plans that keep to the bounds on aggregates.
    fn optimum_within(&self, aggregates: &[Aggregate]) -> Option<i64> {
        let keeps = |plan: &Vec<&Column>| {
            aggregates.iter().all(|aggregate| {
                let useful = |demand: &u32| {
                    let covers = plan.iter().flat_map(|column| &column.covers);
                    let count = covers.filter(|cover| *cover == demand).count() as u32;
                    count.min(self.demands[*demand as usize].useful())
                };
                (aggregate.least..=aggregate.most).contains(&aggregate.demands.iter().map(useful).sum())
            })
        };
        self.plans().filter(keeps).map(|plan| lagrange::cost(plan, &self.demands)).min()
    }

    /// Random bounds on random sets of the demands.
    fn aggregates_drawn(&self, rng: &mut Rng) -> Vec<Aggregate> {
        let sets = self.aggregates();
        (0..1 + rng.below(3))
            .map(|_| {
                let demands = sets[rng.below(sets.len())].clone();
                let useful =
                    demands.iter().map(|demand| self.demands[*demand as usize].useful()).sum::<u32>();
                let least = rng.below(useful as usize + 1) as u32;
                Aggregate { demands, least, most: least + rng.below((useful - least) as usize + 1) as u32 }
            })
            .collect()
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
        let coupling = Coupling::new(&problem.demands, Vec::new());
        let prices = lagrange::rounded(&drawn, &coupling);
        let least = (0..problem.people())
            .filter_map(|person| problem.price(person, &prices, Effort::Exact, &mut Vec::new()))
            .sum();
        assert!(lagrange::bound(least, &prices, &coupling) <= problem.optimum(), "seed {seed}");
    }
}

#[test]
fn any_prices_of_aggregates_prove_a_bound_of_their_branch() {
    let mut bounded = 0;
    for seed in 0..600 {
        let mut rng = Rng::new(seed);
        let problem = Listed::random(&mut rng);
        let aggregates = problem.aggregates_drawn(&mut rng);
        let Some(optimum) = problem.optimum_within(&aggregates) else { continue };
        let coupling = Coupling::new(&problem.demands, aggregates);
        let drawn: Vec<f64> = (0..coupling.len()).map(|_| rng.below(200) as f64 - 90.0).collect();
        let prices = lagrange::rounded(&drawn, &coupling);
        let own = &prices[..problem.demands.len()];
        let least = (0..problem.people())
            .filter_map(|person| problem.price(person, own, Effort::Exact, &mut Vec::new()))
            .sum();
        assert!(lagrange::bound(least, &prices, &coupling) <= optimum, "seed {seed}");
        bounded += 1;
    }
    assert!(bounded > 200, "{bounded} branches hold a plan");
}

#[test]
fn every_proof_of_a_branch_stays_below_its_optimum() {
    let clock = Clock::new(false);
    let mut higher = 0;
    for seed in 0..600 {
        let mut rng = Rng::new(seed);
        let problem = Listed::random(&mut rng);
        let aggregates = problem.aggregates_drawn(&mut rng);
        let Some(optimum) = problem.optimum_within(&aggregates) else { continue };
        let mut meter = Meter::new(&clock, u64::MAX);
        let start = generate::first(&problem, &mut meter).unwrap();
        let mut generator = Generator::within(&problem, aggregates, &start, None);
        let end = generator.run(EXACT, &mut meter, &mut |_| ());
        assert_eq!(end, End::Converged, "seed {seed}");
        let bound = generator.proof.as_ref().unwrap().bound;
        assert!(bound <= optimum, "seed {seed}: {bound} above {optimum}");
        higher += usize::from(bound > problem.optimum());
    }
    assert!(higher > 50, "{higher} branches hold no best plan, and prove it");
}

/// The bounds that branching tells of, the first being the linear program's, and the best plan's cost in the end.
fn branched(problem: &Listed) -> (Vec<i64>, i64) {
    let clock = Clock::new(false);
    let (mut meter, mut rng) = (Meter::new(&clock, u64::MAX), Rng::new(1));
    let mut best = generate::first(problem, &mut meter).unwrap();
    let mut generator = Generator::new(problem, &best, None);
    generator.run(EXACT, &mut meter, &mut |_| ());
    let mut tree = Tree::new(&mut generator);
    let mut cost = lagrange::cost(&best, &problem.demands);
    let mut bounds = vec![generator.proof.as_ref().unwrap().bound];
    while !tree.is_done() {
        if let Some(plan) = tree.step(problem, &best, &mut rng, &mut meter) {
            let better = lagrange::cost(&plan, &problem.demands);
            assert!(better < cost, "{better} is no better than {cost}");
            (best, cost) = (plan, better);
        }
        bounds.push(tree.bound(cost));
    }
    (bounds, cost)
}

#[test]
fn no_branching_proves_too_much() {
    for seed in 0..1200 {
        let mut rng = Rng::new(seed);
        let problem = if seed % 2 == 0 { Listed::random(&mut rng) } else { Listed::shifts(&mut rng) };
        let optimum = problem.optimum();
        let (bounds, _) = branched(&problem);
        assert!(bounds.is_sorted(), "seed {seed}: {bounds:?}");
        assert!(bounds.iter().all(|bound| *bound <= optimum), "seed {seed}: {bounds:?} above {optimum}");
    }
}

/// Three people cover two of three demands each, the first a fourth as well: half of everybody would do for the three.
#[test]
fn branches_prove_what_the_linear_program_cannot() {
    for copies in 1..=3_u32 {
        let demands = (0..4 * copies).map(|_| Demand::target(1, 100_000, 100_000)).collect();
        let column = |covers: &[u32]| Column { cost: 0, covers: covers.to_vec() };
        let columns = (0..copies)
            .map(|copy| 4 * copy)
            .flat_map(|from| [vec![from, from + 1, from + 3], vec![from + 1, from + 2], vec![from, from + 2]])
            .map(|covers| vec![column(&[]), column(&covers)])
            .collect();
        let problem = Listed { demands, columns };
        let (bounds, cost) = branched(&problem);
        let optimum = problem.optimum();
        assert_eq!(optimum, 100_000 * i64::from(copies));
        assert_eq!(bounds.first(), Some(&(optimum / 2)), "{copies} copies");
        assert_eq!((bounds.last(), cost), (Some(&optimum), optimum), "{copies} copies");
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
