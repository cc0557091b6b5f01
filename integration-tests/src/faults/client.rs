//! Faults of clients: requests that come again, tokens that were used before.

use super::{Failure, Fault, NONE, Struck};
use crate::foundation::Foundation;

pub(super) fn faults<B: Foundation>() -> Vec<Fault<B>> {
    vec![Fault {
        number: 23,
        title: "a request is sent ten times; a refresh token twice",
        bar: NONE,
        is_nemesis: false,
        strike: send_again,
    }]
}

fn send_again<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    let world = struck.world.clone();
    let answers = struck.wait(world.adjust_ten_times())?;
    if answers != 1 {
        struck.misses.push(format!("{answers} different answers to one request"));
    }
    let world = struck.world.clone();
    if struck.wait(world.refresh_twice_survives())? {
        struck.misses.push("a session outlived its refresh token's second use".to_owned());
    }
    Ok(())
}
