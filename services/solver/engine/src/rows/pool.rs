//! Good rows met by the search, for whoever recombines them: a bounded number per person, no two alike.

use std::collections::{BTreeSet, VecDeque};

use roster::shifts::Code;

use super::dp::Row;

/// Rows of everybody.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    people: Vec<People>,
    /// Rows kept per person.
    most: usize,
}

/// One person's rows, the oldest first.
#[derive(Clone, Debug, Default)]
struct People {
    rows: VecDeque<Row>,
    known: BTreeSet<Row>,
}

// === impl Pool ===

impl Pool {
    /// An empty pool that keeps so many rows of each person.
    pub fn new(people: usize, most: usize) -> Self {
        Self { people: vec![People::default(); people], most: most.max(1) }
    }

    /// Remembers a row; the oldest one makes room. True when it is new.
    pub fn add(&mut self, person: usize, row: &[Code]) -> bool {
        let own = &mut self.people[person];
        if own.known.contains(row) {
            return false;
        }
        if own.rows.len() >= self.most
            && let Some(oldest) = own.rows.pop_front()
        {
            own.known.remove(&oldest);
        }
        own.known.insert(row.to_vec());
        own.rows.push_back(row.to_vec());
        true
    }

    /// Remembers all rows of a plan, one after the other.
    pub fn add_plan(&mut self, rows: &[Code]) {
        let days = rows.len() / self.people.len().max(1);
        for (person, row) in rows.chunks(days.max(1)).enumerate().take(self.people.len()) {
            self.add(person, row);
        }
    }

    /// A person's rows, the oldest first.
    pub fn rows(&self, person: usize) -> impl Iterator<Item = &Row> {
        self.people[person].rows.iter()
    }

    /// Takes over the rows of another pool.
    pub fn absorb(&mut self, other: &Pool) {
        for person in 0..self.people.len().min(other.people.len()) {
            for row in other.rows(person) {
                self.add(person, row);
            }
        }
    }

    /// Rows of everybody together.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.people.iter().map(|own| own.rows.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_row_makes_room_and_no_row_is_kept_twice() {
        let mut pool = Pool::new(2, 2);
        assert!(pool.add(0, &[1, 0]) && pool.add(0, &[0, 1]) && !pool.add(0, &[1, 0]));
        assert!(pool.add(0, &[1, 1]));
        assert_eq!(pool.rows(0).cloned().collect::<Vec<_>>(), [vec![0, 1], vec![1, 1]]);
        pool.add_plan(&[0, 0, 1, 0]);
        assert_eq!(pool.len(), 3);
        let mut other = Pool::new(2, 9);
        other.absorb(&pool);
        assert_eq!(other.len(), 3);
    }
}
