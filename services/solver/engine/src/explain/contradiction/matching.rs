//! Whether there are people enough, whatever else holds between them: a matching of demands to people.

use roster::problem::PersonIx;

/// Kuhn's augmenting path: finds somebody for a demand, moving others where needed.
pub(super) fn place(
    demand: usize,
    takers: &[Vec<PersonIx>],
    capacity: usize,
    held: &mut [Vec<usize>],
    seen: &mut [bool],
) -> bool {
    for person in takers[demand].iter().map(|person| person.at()) {
        if std::mem::replace(&mut seen[person], true) {
            continue;
        }
        if held[person].len() < capacity {
            held[person].push(demand);
            return true;
        }
        for position in 0..held[person].len() {
            let other = held[person][position];
            if place(other, takers, capacity, held, seen) {
                held[person][position] = demand;
                return true;
            }
        }
    }
    false
}
