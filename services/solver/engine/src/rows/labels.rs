//! Labels: the partial rows a forward pass keeps, one per state, working time and week-ends (and uses of a code where
//! those bind), found again by hashing.

use super::automaton::NONE;

/// A partial row: everything of its past that its future needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    /// How much dearer than the relaxation it is so far.
    pub excess: i64,
    /// The label a day earlier.
    pub parent: u32,
    /// Units of working time.
    pub minutes: i32,
    /// The state after it.
    pub state: u16,
    /// Week-ends worked.
    pub weekends: u16,
    /// The group of its last day.
    pub group: u8,
}

/// All labels of a pass, day by day.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// Labels kept, those of day `d` at `layers[d]..layers[d + 1]`.
    pub kept: Vec<Label>,
    pub layers: Vec<u32>,
    /// Uses of each counter, `counters` per kept label.
    uses: Vec<u16>,
    counters: usize,
    /// Candidates of the day being made.
    next: Vec<Label>,
    next_uses: Vec<u16>,
    order: Vec<u32>,
    ranks: Vec<i64>,
    slots: Vec<(u32, u32)>,
    stamp: u32,
    /// Candidates of at least this excess are certain not to stay.
    cut: i64,
    /// Candidates at which the cut is looked at again.
    full: usize,
}

// === impl Labels ===

impl Labels {
    /// Starts a pass at one label.
    pub fn start(&mut self, state: u16, counters: usize) {
        self.kept.clear();
        self.uses.clear();
        self.layers.clear();
        self.counters = counters;
        self.kept.push(Label { excess: 0, parent: u32::MAX, minutes: 0, state, weekends: 0, group: NONE });
        self.uses.resize(counters, 0);
        self.layers.extend([0, 1]);
        self.next.clear();
        self.next_uses.clear();
        self.new_stamp();
    }

    /// Uses of each counter by a kept label.
    pub fn uses(&self, label: usize) -> &[u16] {
        &self.uses[label * self.counters..][..self.counters]
    }

    /// Offers a candidate; of those with the same future the one with the least excess stays. `is_keyed` says which
    /// counters tell futures apart.
    #[inline]
    pub fn offer(&mut self, label: Label, counter: u8, is_keyed: &[bool]) {
        let parent = label.parent as usize * self.counters;
        let key = self.key(&label, counter, is_keyed);
        let mask = self.slots.len() - 1;
        let mut slot = (key ^ (key >> 29)) as usize & mask;
        loop {
            let (stamp, index) = self.slots[slot];
            if stamp != self.stamp {
                break;
            }
            let other = &self.next[index as usize];
            let is_same = other.state == label.state
                && other.minutes == label.minutes
                && other.weekends == label.weekends
                && self.has_same_uses(index as usize, parent, counter, is_keyed);
            if is_same {
                if label.excess < other.excess {
                    self.next[index as usize] = label;
                    let uses = &mut self.next_uses[index as usize * self.counters..][..self.counters];
                    uses.copy_from_slice(&self.uses[parent..][..self.counters]);
                    if counter != NONE {
                        uses[usize::from(counter)] += 1;
                    }
                }
                return;
            }
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = (self.stamp, self.next.len() as u32);
        self.next.push(label);
        self.next_uses.extend_from_slice(&self.uses[parent..][..self.counters]);
        if counter != NONE {
            let last = self.next_uses.len() - self.counters + usize::from(counter);
            self.next_uses[last] += 1;
        }
        if self.next.len() * 2 > self.slots.len() {
            self.grow(is_keyed);
        }
    }

    /// Ends a day: keeps the `width` candidates of least rank.
    pub fn close(&mut self, width: usize, rank: impl Fn(&Label) -> i64) {
        self.order.clear();
        self.order.extend(0..self.next.len() as u32);
        if self.next.len() > width {
            self.ranks.clear();
            self.ranks.extend(self.next.iter().map(rank));
            let ranks = &self.ranks;
            // The index makes the order total: what is kept follows from the candidates alone.
            self.order.select_nth_unstable_by_key(width, |&index| (ranks[index as usize], index));
            self.order.truncate(width);
            // The best go on first, so that they cut the others short.
            self.order.sort_unstable_by_key(|&index| (ranks[index as usize], index));
        }
        for &index in &self.order {
            let index = index as usize;
            self.kept.push(self.next[index]);
            self.uses.extend_from_slice(&self.next_uses[index * self.counters..][..self.counters]);
        }
        self.layers.push(self.kept.len() as u32);
        self.next.clear();
        self.next_uses.clear();
        self.new_stamp();
    }

    /// What a candidate's excess must stay below; with many candidates of a bounded pass it falls.
    #[inline]
    pub fn cut(&mut self, width: usize, rank: impl Fn(&Label) -> i64) -> i64 {
        if self.next.len() >= self.full && width < usize::MAX / 4 {
            self.ranks.clear();
            self.ranks.extend(self.next.iter().map(rank));
            let (_, &mut worst, _) = self.ranks.select_nth_unstable(width);
            // No rank is below its excess, and those as good as the worst that stays may stay.
            self.cut = self.cut.min(worst.saturating_add(1));
            self.full = self.next.len() + width;
        }
        self.cut
    }

    /// Opens a day: nothing is cut yet.
    pub fn open(&mut self, width: usize, excess: i64) {
        self.cut = excess;
        self.full = width.saturating_mul(2).max(8);
    }

    /// The candidates waiting.
    pub fn waiting(&self) -> usize {
        self.next.len()
    }

    fn new_stamp(&mut self) {
        if self.slots.is_empty() {
            self.slots.resize(1 << 10, (0, 0));
        }
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.slots.fill((0, 0));
            self.stamp = 1;
        }
    }

    fn key(&self, label: &Label, counter: u8, is_keyed: &[bool]) -> u64 {
        let mut key =
            (u64::from(label.state) << 40) ^ (u64::from(label.weekends) << 24) ^ label.minutes as u64;
        key = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let uses = &self.uses[label.parent as usize * self.counters..][..self.counters];
        for (index, &uses) in uses.iter().enumerate().filter(|&(index, _)| is_keyed[index]) {
            let uses = uses + u16::from(index == usize::from(counter));
            key = (key.rotate_left(7) ^ u64::from(uses)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        key ^ (key >> 32)
    }

    fn has_same_uses(&self, index: usize, parent: usize, counter: u8, is_keyed: &[bool]) -> bool {
        (0..self.counters).filter(|&k| is_keyed[k]).all(|k| {
            let own = self.uses[parent + k] + u16::from(k == usize::from(counter));
            self.next_uses[index * self.counters + k] == own
        })
    }

    fn grow(&mut self, is_keyed: &[bool]) {
        let size = self.slots.len() * 4;
        self.slots.clear();
        self.slots.resize(size, (0, 0));
        self.stamp = 1;
        let mask = size - 1;
        for index in 0..self.next.len() {
            let label = self.next[index];
            let key = self.key(&label, self.counter_of(index), is_keyed);
            let mut slot = (key ^ (key >> 29)) as usize & mask;
            while self.slots[slot].0 == 1 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = (1, index as u32);
        }
    }

    /// The counter a candidate's last day used: the one that differs from its parent.
    fn counter_of(&self, index: usize) -> u8 {
        let parent = self.next[index].parent as usize * self.counters;
        let differs = |&k: &usize| self.next_uses[index * self.counters + k] != self.uses[parent + k];
        (0..self.counters).find(differs).map_or(NONE, |k| k as u8)
    }
}
