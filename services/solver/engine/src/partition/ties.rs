//! Which sites are held together by the people who work at them.

use std::{cmp::Reverse, collections::BTreeMap};

use roster::{Problem, problem::PersonIx};

/// Sites that share this many thousandths of the smaller one's people are one cluster.
const TIE_MIN: usize = 150;
/// The same once the cluster would have more than [`PEOPLE_MAX`] people.
const TIE_MIN_LARGE: usize = 500;
/// Clusters grow beyond this only by strong ties.
const PEOPLE_MAX: usize = 400;
/// Problems with fewer people are only cut where nobody is shared.
const PEOPLE_MIN: usize = 200;

/// Sites and types of shift by cluster, numbered from 0 in the order of their first site.
#[derive(Clone, Debug)]
pub(super) struct Clusters {
    pub count: usize,
    /// By site; `None` where nothing is to be staffed.
    pub of_site: Vec<Option<usize>>,
    /// By type of shift.
    pub of_shift: Vec<Option<usize>>,
}

/// Nodes joined so far, with the people of each.
struct Forest {
    parent: Vec<usize>,
    people: Vec<usize>,
}

// === impl Forest ===

impl Forest {
    fn root(&self, mut node: usize) -> usize {
        while self.parent[node] != node {
            node = self.parent[node];
        }
        node
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            // The smaller number stays: the order of joins does not show.
            let (kept, gone) = (one.min(other), one.max(other));
            self.parent[gone] = kept;
            self.people[kept] += self.people[gone];
        }
    }
}

// === impl Clusters ===

impl Clusters {
    pub fn of(problem: &Problem) -> Self {
        let sites = problem.topology().sites.len();
        let types = problem.draft().shifts.types.len();
        let mut is_staffed = vec![false; sites];
        for site in problem.slot_indices().filter_map(|slot| problem.site_of(slot)) {
            is_staffed[site.at()] = true;
        }
        let mut forest = Forest { parent: (0..sites + types).collect(), people: vec![0; sites + types] };
        let mut ties: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for person in problem.person_indices() {
            let shifts = shift_types(problem, person);
            let mut nodes: Vec<usize> = problem.person(person).sites.iter().map(|site| site.at()).collect();
            nodes.retain(|site| is_staffed[*site]);
            nodes.extend(shifts.iter().map(|shift| sites + shift));
            nodes.sort_unstable();
            nodes.dedup();
            for (position, node) in nodes.iter().enumerate() {
                forest.people[*node] += 1;
                for other in &nodes[position + 1..] {
                    if shifts.is_empty() {
                        *ties.entry((*node, *other)).or_default() += 1;
                    } else {
                        // One row of shifts is one decision: it cannot be divided between parts.
                        forest.join(*node, *other);
                    }
                }
            }
        }
        merge(problem.people().len(), &ties, &mut forest);
        Self::numbered(&forest, &is_staffed, types)
    }

    fn numbered(forest: &Forest, is_staffed: &[bool], types: usize) -> Self {
        let sites = is_staffed.len();
        let mut number_of_root = BTreeMap::new();
        let mut of_node = Vec::with_capacity(sites + types);
        let all = is_staffed.iter().copied().chain(std::iter::repeat_n(true, types));
        for (node, counts) in all.enumerate() {
            of_node.push(counts.then(|| {
                let next = number_of_root.len();
                *number_of_root.entry(forest.root(node)).or_insert(next)
            }));
        }
        let of_shift = of_node.split_off(sites);
        Self { count: number_of_root.len(), of_site: of_node, of_shift }
    }
}

/// Joins sites, the strongest ties first.
fn merge(people: usize, ties: &BTreeMap<(usize, usize), usize>, forest: &mut Forest) {
    let own = forest.people.clone();
    let strength = |one: usize, other: usize, shared: usize| shared * 1_000 / own[one].min(own[other]).max(1);
    let mut ordered: Vec<_> = ties
        .iter()
        .map(|((one, other), shared)| (Reverse(strength(*one, *other, *shared)), *one, *other))
        .collect();
    ordered.sort_unstable();
    for (Reverse(strength), one, other) in ordered {
        let together = forest.people[forest.root(one)] + forest.people[forest.root(other)];
        let least = match (people, together) {
            (..PEOPLE_MIN, _) => 0,
            (_, ..=PEOPLE_MAX) => TIE_MIN,
            _ => TIE_MIN_LARGE,
        };
        if strength >= least {
            forest.join(one, other);
        }
    }
}

/// The types of shift somebody may ever work.
pub(super) fn shift_types(problem: &Problem, person: PersonIx) -> Vec<usize> {
    let shifts = &problem.draft().shifts;
    let Some(Some(limits)) = shifts.limits.get(person.at()) else { return Vec::new() };
    let pinned = |shift: usize| {
        let own = shifts.pins.iter().filter(|pin| pin.person == person);
        own.filter_map(|pin| pin.shift).any(|pin| pin.at() == shift)
    };
    let is_allowed = |shift: &usize| limits.most.get(*shift).is_some_and(|most| *most > 0) || pinned(*shift);
    (0..shifts.types.len()).filter(is_allowed).collect()
}
