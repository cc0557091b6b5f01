//! The hash of a line, and whether lines are as they were written. No I/O.

use sha2::{Digest, Sha256};

use super::Line;

/// Set apart from every other hash of ours, and from another way of writing lines.
const DOMAIN: &[u8] = b"mathildanesth.audit.v1";

/// A hash of a line that was kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The line's number.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
}

/// The first line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its number.
    pub sequence: i64,
    /// What is wrong.
    pub finding: &'static str,
}

/// What came of walking a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Lines walked.
    pub count: i64,
    /// Hash of the last one, hexadecimal.
    pub head: String,
    /// The first that is wrong.
    pub broken: Option<Broken>,
}

/// The hash of a line: each part with its length, so that no two lines are written alike.
pub(super) fn hash(line: &Line) -> String {
    let mut hash = Sha256::new();
    let number = |number: i64| number.to_be_bytes();
    let (sequence, time) = (number(line.sequence), number(line.time));
    let parts: [&[u8]; 10] = [
        DOMAIN,
        line.previous_hash.as_bytes(),
        line.hospital.as_bytes(),
        &sequence,
        &time,
        line.actor.as_bytes(),
        line.call.as_bytes(),
        line.action.as_bytes(),
        line.resource.as_bytes(),
        line.fields.as_bytes(),
    ];
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

// === impl Verdict ===

impl Verdict {
    /// Walks on over lines in order of their numbers; stops at the first that is wrong.
    pub(super) fn walk(&mut self, lines: &[Line], known: Option<&Known>) {
        for line in lines {
            if self.broken.is_some() {
                return;
            }
            let finding = if line.sequence != self.count + 1 {
                Some("the line before is missing")
            } else if line.previous_hash != self.head {
                Some("it does not follow from the line before")
            } else if hash(line) != line.hash {
                Some("it is not what was written")
            } else if known.is_some_and(|known| known.sequence == line.sequence && known.hash != line.hash) {
                Some("its hash is not the one that was kept elsewhere")
            } else {
                None
            };
            match finding {
                Some(finding) => self.broken = Some(Broken { sequence: line.sequence, finding }),
                None => {
                    self.count = line.sequence;
                    self.head.clone_from(&line.hash);
                }
            }
        }
    }

    /// Compares the end of the walk with where the log says its end is.
    pub(super) fn end(&mut self, sequence: i64, hash: &str, known: Option<&Known>) {
        if self.broken.is_some() {
            return;
        }
        let missing = "the log ends before the last line that was written";
        if self.count != sequence || self.head != hash {
            self.broken = Some(Broken { sequence: self.count + 1, finding: missing });
        } else if known.is_some_and(|known| known.sequence > sequence) {
            self.broken = Some(Broken { sequence: sequence + 1, finding: missing });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chained(count: usize) -> Vec<Line> {
        let mut lines: Vec<Line> = vec![];
        for number in 1..=count {
            let mut line = Line {
                hospital: "h".into(),
                sequence: number as i64,
                time: 1_000 * number as i64,
                actor: "hospitals/h/staffMembers/x".into(),
                call: format!("call-{number}"),
                action: "site.update".into(),
                resource: format!("hospitals/h/sites/{number}"),
                fields: "[{\"f\":\"color\"}]".into(),
                previous_hash: lines.last().map(|line| line.hash.clone()).unwrap_or_default(),
                hash: String::new(),
            };
            line.hash = hash(&line);
            lines.push(line);
        }
        lines
    }

    fn verdict(lines: &[Line], head: &Line, known: Option<&Known>) -> Verdict {
        let mut verdict = Verdict::default();
        verdict.walk(lines, known);
        verdict.end(head.sequence, &head.hash, known);
        verdict
    }

    proptest! {
        #[test]
        fn whatever_is_changed_in_one_line_is_found_at_it(count in 1usize..12, at in 0usize..12, part in 0usize..6) {
            let at = at % count;
            let good = chained(count);
            prop_assert_eq!(verdict(&good, &good[count - 1], None).broken, None);
            let mut lines = good.clone();
            let line = &mut lines[at];
            match part {
                0 => line.time += 1,
                1 => line.actor.push('y'),
                2 => line.call.clear(),
                3 => line.action = "site.delete".into(),
                4 => line.resource.push('0'),
                _ => line.fields = "[]".into(),
            }
            let broken = verdict(&lines, &good[count - 1], None).broken.unwrap();
            prop_assert_eq!(broken.sequence, at as i64 + 1);
        }

        #[test]
        fn a_line_that_is_taken_out_is_missed_wherever_it_was(count in 1usize..12, at in 0usize..12) {
            let at = at % count;
            let good = chained(count);
            let mut lines = good.clone();
            lines.remove(at);
            prop_assert!(verdict(&lines, &good[count - 1], None).broken.is_some());
        }

        #[test]
        fn a_log_that_was_written_anew_does_not_have_a_hash_that_was_kept(count in 2usize..12, at in 0usize..12) {
            let good = chained(count);
            let known = Known { sequence: count as i64, hash: good[count - 1].hash.clone() };
            let mut lines = good.clone();
            lines[at % count].actor = "somebody else".into();
            for number in 0..count {
                lines[number].previous_hash =
                    number.checked_sub(1).map(|before| lines[before].hash.clone()).unwrap_or_default();
                lines[number].hash = hash(&lines[number]);
            }
            let head = lines[count - 1].clone();
            prop_assert_eq!(verdict(&lines, &head, None).broken, None, "alone it looks whole");
            prop_assert!(verdict(&lines, &head, Some(&known)).broken.is_some());
        }
    }
}
