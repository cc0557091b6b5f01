//! Believable anesthesia departments of any size, made from a seed; all of it synthetic.
//!
//! A [`Parameters`] value says how many teams there are and what each looks like; [`generate`] makes the draft of a
//! problem; a [`Preset`] is a set of parameters with a name. Shapes come from the dossier (domain §1.2, §1.4, §12.2):
//! part-timers' patterns, the skew of specialties, leave in summer and at Christmas, history before the horizon.
//!
//! Invariants: the same parameters give the same draft, bit for bit, on every machine; every draft passes
//! [`roster::Problem::build`]; ids are numbers with a prefix, never names.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod dice;
mod horizon;
mod parameters;
mod people;
mod places;
mod preset;
mod theatre;
mod work;

use roster::{Draft, problem::RuleParameters};

pub use crate::{
    dice::Dice,
    parameters::{Leave, Parameters, Refusal, SiteShape, Team},
    preset::Preset,
};

/// Makes the draft of a problem.
///
/// # Errors
/// Parameters that no problem can have.
pub fn generate(parameters: &Parameters) -> Result<Draft, Refusal> {
    parameters.check()?;
    let mut dice = Dice::new(parameters.seed);
    let days = horizon::days(parameters.first, parameters.days);
    let places = places::places(parameters);
    let people = people::people(parameters, &days, &mut dice);
    let slots = work::slots(parameters, &places, &days, &mut dice);
    let wishes = people::wishes(&people, &days, &mut dice);
    Ok(Draft {
        days,
        people,
        topology: places.topology,
        slots,
        wishes,
        parameters: RuleParameters::default(),
        ..Draft::default()
    })
}
