//! What a person is worth where, day by day: which days of shared people are kept for which of their clusters.

use roster::{
    Problem,
    problem::{Half, HalfDay, PersonIx, Profession, SlotKind},
};

use super::cut::Cut;

/// A day goes elsewhere when it is worth this many percent of what it is worth at home.
const DEARER_PERCENT: i64 = 125;

/// Open weight and people present, by cluster, half-day and profession.
struct Market {
    halves: usize,
    wanted: Vec<i64>,
    present: Vec<i64>,
}

/// For each shared person (in the order of [`Cut::shared`]), which of their clusters each day is kept for, as a
/// position in their list of clusters.
pub(super) fn kept_days(problem: &Problem, cut: &Cut) -> Vec<Vec<u8>> {
    let mut market = Market::of(problem, cut);
    cut.shared().map(|(person, clusters)| market.days_of(problem, person, clusters)).collect()
}

// === impl Market ===

impl Market {
    fn of(problem: &Problem, cut: &Cut) -> Self {
        let halves = problem.days().len() * 2;
        let mut market = Self {
            halves,
            wanted: vec![0; halves * cut.parts() * 2],
            present: vec![0; halves * cut.parts() * 2],
        };
        for slot in problem.slot_indices() {
            let own = problem.slot(slot);
            let (Some(half), Some(cluster)) = (own.half_day(), cut.cluster_of_slot(slot)) else { continue };
            let weight = i64::from(own.weight.max(1));
            // A room needs an anesthetist and can use a nurse; consultations and floating places need one of each.
            let wants = match own.kind {
                SlotKind::Theatre { .. } => [true, true],
                SlotKind::Consultation { .. } => [true, false],
                _ => [false, true],
            };
            for (profession, _) in wants.iter().enumerate().filter(|(_, wants)| **wants) {
                let at = market.at(cluster, half.at(), profession);
                market.wanted[at] += weight;
            }
        }
        for person in problem.person_indices().filter(|person| cut.clusters_of(*person).len() == 1) {
            market.add(problem, person, cut.clusters_of(person)[0], 0..halves);
        }
        market
    }

    fn at(&self, cluster: usize, half: usize, profession: usize) -> usize {
        (cluster * self.halves + half) * 2 + profession
    }

    fn add(&mut self, problem: &Problem, person: PersonIx, cluster: usize, halves: std::ops::Range<usize>) {
        let profession = profession_of(problem, person);
        for half in halves {
            if problem.person(person).availability[half].allows_post() {
                let at = self.at(cluster, half, profession);
                self.present[at] += 1;
            }
        }
    }

    fn price(&self, cluster: usize, half: usize, profession: usize) -> i64 {
        let at = self.at(cluster, half, profession);
        self.wanted[at] * 1_000 / (self.present[at] + 1)
    }

    /// Gives each day of a person to the cluster that pays most; what is given lowers the price for the next person.
    fn days_of(&mut self, problem: &Problem, person: PersonIx, clusters: &[usize]) -> Vec<u8> {
        let profession = profession_of(problem, person);
        let mut kept = Vec::with_capacity(problem.days().len());
        for day in problem.day_indices() {
            let halves = Half::ALL.map(|half| HalfDay::new(day, half).at());
            let available = &problem.person(person).availability;
            let price = |market: &Self, cluster: usize| -> i64 {
                let there = halves.iter().filter(|half| available[**half].allows_post());
                there.map(|half| market.price(cluster, *half, profession)).sum()
            };
            let home = price(self, clusters[0]);
            let mut best = (0, home * DEARER_PERCENT / 100);
            for (position, cluster) in clusters.iter().enumerate().skip(1) {
                let offer = price(self, *cluster);
                if offer > best.1 {
                    best = (position, offer);
                }
            }
            self.add(problem, person, clusters[best.0], halves[0]..halves[1] + 1);
            kept.push(best.0 as u8);
        }
        kept
    }
}

fn profession_of(problem: &Problem, person: PersonIx) -> usize {
    usize::from(problem.person(person).profession == Profession::Iade)
}
