//! Tables to test with, and the rules of a row counted the slow way.

use roster::shifts::{Code, Cover, Limits, OFF, Table};

use crate::Rng;

/// Whether a row keeps every rule, each counted on its own.
pub(crate) fn is_legal(table: &Table, person: usize, row: &[Code]) -> bool {
    let limits = table.limits[person].as_ref().unwrap();
    let allowed = row.iter().enumerate().all(|(day, &code)| table.allowed(person, day) >> code & 1 == 1);
    let followed = row.windows(2).all(|pair| {
        pair[0] == OFF || pair[1] == OFF || table.forbidden_next[usize::from(pair[0])] >> pair[1] & 1 == 0
    });
    let most = (1..table.codes).all(|code| {
        row.iter().filter(|&&c| usize::from(c) == code).count() <= usize::from(limits.most[code])
    });
    let minutes: i32 = row.iter().map(|&code| table.minutes[usize::from(code)]).sum();
    let mut weekends: Vec<u16> =
        (0..row.len()).filter(|&day| row[day] != OFF).filter_map(|day| table.weekend[day]).collect();
    weekends.dedup();
    allowed
        && followed
        && most
        && (limits.minutes_min..=limits.minutes_max).contains(&minutes)
        && weekends.len() <= usize::from(limits.weekends_max)
        && has_good_runs(limits, row)
}

fn has_good_runs(limits: &Limits, row: &[Code]) -> bool {
    let mut start = 0;
    while start < row.len() {
        let is_off = row[start] == OFF;
        let end = (start..row.len()).find(|&day| (row[day] == OFF) != is_off).unwrap_or(row.len());
        let is_edge = start == 0 || end == row.len();
        let length = end - start;
        let before = if start == 0 { usize::from(limits.stretch_before) } else { 0 };
        let is_good = if is_off {
            is_edge || length >= usize::from(limits.rest_min)
        } else {
            length + before <= usize::from(limits.stretch_max)
                && (is_edge || length >= usize::from(limits.stretch_min))
        };
        if !is_good {
            return false;
        }
        start = end;
    }
    true
}

/// A random table of one person and at most seven days.
pub(crate) fn small(rng: &mut Rng) -> Table {
    let days = 4 + rng.below(4);
    let codes = 2 + rng.below(3);
    let first = rng.below(7);
    let weekday = |day: usize| (first + day) % 7;
    let weekend: Vec<Option<u16>> =
        (0..days).map(|day| (weekday(day) >= 5).then_some(((first + day) / 7) as u16)).collect();
    let minutes: Vec<i32> =
        (0..codes).map(|code| if code == 0 { 0 } else { 240 + 60 * rng.below(4) as i32 }).collect();
    let forbidden_next =
        (0..codes)
            .map(|code| {
                if code == 0 { 0 } else { u64::from(rng.next()) & u64::from(rng.next()) & ((1 << codes) - 2) }
            })
            .collect();
    let pick = |rng: &mut Rng, most: usize| rng.below(most + 1) as u16;
    let limits = Limits {
        minutes_min: 120 * rng.below(8) as i32,
        minutes_max: 700 + 150 * rng.below(10) as i32,
        stretch_min: pick(rng, 3),
        stretch_max: 1 + pick(rng, 4),
        stretch_before: if rng.below(3) == 0 { pick(rng, 3) } else { 0 },
        rest_min: pick(rng, 3),
        weekends_max: pick(rng, 2),
        most: (0..codes).map(|code| if code == 0 { days as u16 } else { pick(rng, days) }).collect(),
    };
    let allowed = (0..days)
        .map(|_| match rng.below(8) {
            0 => 1,
            1 => 1 << rng.below(codes),
            2 => ((1 << codes) - 1) & !1 | u64::from(codes == 1),
            _ => (1 << codes) - 1,
        })
        .collect();
    Table {
        days,
        codes,
        minutes,
        forbidden_next,
        cover: vec![Cover::default(); days * codes],
        weekends: weekend.iter().flatten().map(|&w| usize::from(w) + 1).max().unwrap_or(0),
        weekend,
        limits: vec![Some(limits)],
        allowed,
        cost: vec![0; days * codes],
        ..Table::default()
    }
}

/// A team with a demand every day, days off and wishes: three types of shift, contracts as hospitals have them.
pub(crate) fn team(people: usize, days: usize, seed: u64) -> Table {
    let mut rng = Rng::new(seed);
    let codes = 4;
    let limits = Limits {
        minutes_min: (days * 4 / 7 * 480) as i32,
        minutes_max: (days * 5 / 7 * 480) as i32,
        stretch_min: 2,
        stretch_max: 5,
        stretch_before: 0,
        rest_min: 2,
        weekends_max: days.div_ceil(14) as u16,
        most: vec![days as u16; codes],
    };
    let mut table = Table {
        days,
        codes,
        minutes: vec![0, 480, 480, 480],
        forbidden_next: vec![0, 0, 0b0010, 0b0110],
        cover: vec![Cover::default(); days * codes],
        weekend: (0..days).map(|day| (day % 7 >= 5).then_some((day / 7) as u16)).collect(),
        weekends: days.div_ceil(7),
        limits: vec![Some(limits); people],
        allowed: vec![0b1111; people * days],
        cost: vec![0; people * days * codes],
        ..Table::default()
    };
    for cell in (0..days * codes).filter(|cell| cell % codes != 0) {
        let required = (people / 6 + rng.below(2)) as u16;
        table.cover[cell] = Cover { required, under: 100_000, over: 1_000 };
    }
    for cell in 0..people * days {
        if rng.below(20) == 0 {
            table.allowed[cell] = 1;
        }
        if rng.below(5) == 0 {
            table.cost[cell * codes + 1 + rng.below(3)] = 1_000 * (1 + rng.below(3) as i64);
        }
    }
    table
}
