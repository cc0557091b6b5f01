//! What runs without being asked: the relay of events, and keeping keys, sessions and attempts fresh; and
//! what dates bring about.

mod follow_dates;
mod keep_fresh;
mod run_imports;

use bus::Bus;
use chassis::{Clock, Service, Worker};

use crate::{Staff, app::App};

/// Every worker of this service.
pub fn all(app: &App, bus: &Bus, clock: &Clock) -> Vec<Box<dyn Worker>> {
    let relay = durable::outbox::relay(&app.db, bus, Staff::NAME);
    let follow_dates = follow_dates::FollowDates { app: app.clone(), clock: clock.clone() };
    let keep_fresh = keep_fresh::KeepFresh { app: app.clone(), clock: clock.clone() };
    let run_imports = run_imports::RunImports::new(app, clock);
    vec![relay, Box::new(follow_dates), Box::new(keep_fresh), Box::new(run_imports)]
}
