//! Where a problem is cut, and whose turn it is in each round.

use roster::{
    Problem, Roster,
    problem::{PersonIx, Seat, SlotIx},
};

use super::{
    part::{Outline, Part},
    price,
    ties::{Clusters, shift_types},
};

/// The share of the steps that the first round of search takes, in percent.
const FIRST_ROUND_PERCENT: u64 = 50;

/// A problem's clusters.
#[derive(Clone, Debug)]
pub struct Cut {
    clusters: Clusters,
    /// By slot; `None` for a slot nobody can work.
    of_slot: Vec<Option<usize>>,
    /// By person: their clusters, home first.
    of_person: Vec<Vec<usize>>,
    /// Slots in each cluster.
    sizes: Vec<usize>,
    /// By position among the shared people: which of their clusters each day is kept for.
    kept_days: Vec<Vec<u8>>,
    turns: usize,
}

// === impl Cut ===

impl Cut {
    /// Cuts a problem; `None` when it holds together.
    #[must_use]
    pub fn of(problem: &Problem) -> Option<Self> {
        let clusters = Clusters::of(problem);
        if clusters.count < 2 {
            return None;
        }
        let of_person: Vec<Vec<usize>> =
            problem.person_indices().map(|person| clusters_of(problem, &clusters, person)).collect();
        let of_slot = slots(problem, &clusters, &of_person);
        let mut sizes = vec![0; clusters.count];
        for cluster in of_slot.iter().flatten() {
            sizes[*cluster] += 1;
        }
        for cluster in (0..clusters.of_shift.len()).filter_map(|shift| clusters.of_shift[shift]) {
            sizes[cluster] += problem.days().len();
        }
        let turns = of_person.iter().map(Vec::len).max().unwrap_or(1);
        let mut cut = Self { clusters, of_slot, of_person, sizes, kept_days: Vec::new(), turns };
        cut.kept_days = price::kept_days(problem, &cut);
        Some(cut)
    }

    /// How many parts each round has.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.clusters.count
    }

    /// How many rounds give everybody who is shared to each of their clusters once.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.turns
    }

    /// A part as it stands in a round; `base` is the whole's roster so far. The rounds of construction come first: in
    /// them days are kept for those whose turn has not come.
    ///
    /// # Panics
    /// Never for a roster of this problem: a part of a checked problem is correct by construction.
    #[must_use]
    pub fn part(&self, problem: &Problem, base: &Roster, turn: Turn, part: usize) -> Part {
        let mut outline = Outline::default();
        for person in problem.person_indices() {
            if self.owner(person, turn) == Some(part) {
                outline.owned.push(person);
            }
        }
        outline.slots = problem.slot_indices().filter(|slot| self.of_slot[slot.at()] == Some(part)).collect();
        outline.shifts = (0..self.clusters.of_shift.len())
            .filter(|shift| self.clusters.of_shift[*shift] == Some(part))
            .collect();
        if turn.is_first {
            for ((person, clusters), kept) in self.shared().zip(&self.kept_days) {
                if self.owner(person, turn) == Some(part) {
                    let later = |own: &u8| usize::from(*own) > turn.round % clusters.len();
                    let days = kept.iter().enumerate().filter(|(_, own)| later(own));
                    outline.kept.push((person, days.map(|(day, _)| day).collect()));
                }
            }
        }
        Part::of(problem, base, &outline)
    }

    /// The part's share of the steps of the whole search.
    #[must_use]
    pub fn steps(&self, whole: u64, round: usize, part: usize) -> u64 {
        let rounds = self.rounds() as u64;
        let first = if rounds == 1 { 100 } else { FIRST_ROUND_PERCENT };
        let percent = if round == 0 { first } else { (100 - first) / (rounds - 1) };
        let size = self.sizes[part] as u128;
        let total = self.sizes.iter().sum::<usize>().max(1) as u128;
        let steps = u128::from(whole) * u128::from(percent) * size / (100 * total);
        u64::try_from(steps).unwrap_or(u64::MAX)
    }

    /// The seed of a part in a round.
    #[must_use]
    pub fn seed(&self, whole: u64, turn: Turn, part: usize) -> u64 {
        let round = turn.round * 2 + usize::from(turn.is_first);
        mix(whole.wrapping_add(mix((round * self.parts() + part) as u64 + 1)))
    }

    /// The part's share of the time of the whole search, when so many threads work on a round's parts: of what is left
    /// when the round begins.
    #[must_use]
    pub fn time_share(&self, round: usize, part: usize, threads: usize) -> f64 {
        let total = self.sizes.iter().sum::<usize>().max(1);
        let own = (self.sizes[part] * threads.max(1)) as f64 / total as f64;
        self.round_share(round) * own.min(1.0)
    }

    /// A round's share of the time that is left when it begins.
    pub(super) fn round_share(&self, round: usize) -> f64 {
        if round == 0 && self.rounds() > 1 {
            FIRST_ROUND_PERCENT as f64 / 100.0
        } else {
            1.0 / self.rounds().saturating_sub(round).max(1) as f64
        }
    }

    /// How large a part is, in places to fill; nothing is searched in one of size 0.
    #[must_use]
    pub fn size(&self, part: usize) -> usize {
        self.sizes[part]
    }

    /// People of several clusters, with their clusters, home first.
    pub(super) fn shared(&self) -> impl Iterator<Item = (PersonIx, &[usize])> {
        let people = self.of_person.iter().enumerate();
        people
            .filter(|(_, own)| own.len() > 1)
            .filter_map(|(at, own)| Some((PersonIx::of(at)?, own.as_slice())))
    }

    pub(super) fn clusters_of(&self, person: PersonIx) -> &[usize] {
        &self.of_person[person.at()]
    }

    pub(super) fn cluster_of_slot(&self, slot: SlotIx) -> Option<usize> {
        self.of_slot[slot.at()]
    }

    fn owner(&self, person: PersonIx, turn: Turn) -> Option<usize> {
        let own = &self.of_person[person.at()];
        own.get(turn.round % own.len().max(1)).copied()
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The round, from 0.
    pub round: usize,
    /// The rounds of construction, before those of search.
    pub is_first: bool,
}

// === impl Turn ===

impl Turn {
    /// A round of construction.
    #[must_use]
    pub fn construct(round: usize) -> Self {
        Self { round, is_first: true }
    }

    /// A round of search.
    #[must_use]
    pub fn search(round: usize) -> Self {
        Self { round, is_first: false }
    }
}

/// A person's clusters in the order of their sites; somebody without a place to work is at home in the first.
fn clusters_of(problem: &Problem, clusters: &Clusters, person: PersonIx) -> Vec<usize> {
    let sites = problem.person(person).sites.iter().filter_map(|site| clusters.of_site[site.at()]);
    let shifts = shift_types(problem, person).into_iter().filter_map(|shift| clusters.of_shift[shift]);
    let mut own: Vec<usize> = Vec::new();
    for cluster in sites.chain(shifts) {
        if !own.contains(&cluster) {
            own.push(cluster);
        }
    }
    if own.is_empty() { vec![0] } else { own }
}

/// Each slot's cluster: that of its site. A line of all sites goes round, each time to the cluster that has had the
/// fewest for the people it could ask.
fn slots(problem: &Problem, clusters: &Clusters, of_person: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut given = vec![0_usize; clusters.count];
    let mut of_slot = Vec::with_capacity(problem.slots().len());
    for slot in problem.slot_indices() {
        let own = match problem.site_of(slot) {
            Some(site) => clusters.of_site[site.at()],
            None => {
                let mut asked = vec![0_usize; clusters.count];
                for person in problem.candidates(Seat::performer(slot)) {
                    asked[of_person[person.at()][0]] += 1;
                }
                let able = (0..clusters.count).filter(|cluster| asked[*cluster] > 0);
                // Fewest given per person asked, by cross multiplication.
                let chosen = able.min_by(|one, other| {
                    ((given[*one] + 1) * asked[*other]).cmp(&((given[*other] + 1) * asked[*one]))
                });
                if let Some(chosen) = chosen {
                    given[chosen] += 1;
                }
                chosen
            }
        };
        of_slot.push(own);
    }
    of_slot
}

/// A well-mixed number (SplitMix64's finalizer).
pub(super) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
