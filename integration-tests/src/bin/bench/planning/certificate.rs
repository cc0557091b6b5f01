//! The certificate of a department's month, with what was published in the four months before.

use std::{hint::black_box, time::Instant};

use certificate::{certify, testing};

const TIMES: usize = 51;

/// The middle of some times, and the longest.
pub fn certificate() -> Vec<String> {
    let facts = testing::department(testing::day("2027-01-01"));
    let mut times: Vec<f64> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            black_box(certify(black_box(&facts)));
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let certificate = certify(&facts);
    println!("certificate of a department's month, {TIMES} times");
    println!(
        "{} people, {} shifts, {} posts, {} facts: {:?}, middle {:.1} ms, longest {:.1} ms",
        facts.people.len(),
        facts.shifts.len(),
        facts.posts.len(),
        certificate.facts.len(),
        certificate.verdict,
        times[TIMES / 2],
        times[TIMES - 1],
    );
    vec![format!("certificate_ms {:.1} ms", times[TIMES / 2])]
}
