//! The instances of a neighbour as one: the less busy of two is asked, and a call that fails moves on where that is
//! safe.
//!
//! Two at random, the less busy taken: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001).

use std::{sync::Arc, time::Duration};

use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use metrics::counter;
use tonic::{Status, body::Body};
use tower::retry::budget::{Budget, TpsBudget};

use super::{
    instance::{Failure, Instance, Patience},
    repeat::is_repeatable,
};
use crate::{BuildError, Problem, config::Target, metrics as names, tls::Certificates};

/// What a caller is told to wait when nobody could serve.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// Requests between services are messages, hence bounded like them.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Instances one call may try.
const TRIES_MAX: usize = 3;
/// Calls made again may be so many for each call (and some a second where calls are few): when everything fails,
/// repeating must not double it.
const REPEATED_SHARE: f32 = 0.2;
const REPEATED_PER_SECOND: u32 = 10;
const BUDGET_WINDOW: Duration = Duration::from_secs(10);

/// A neighbour behind addresses.
pub(super) struct Remote {
    name: Arc<str>,
    pub(super) instances: Vec<Arc<Instance>>,
    budget: TpsBudget,
}

// === impl Remote ===

impl Remote {
    /// The neighbour at the target's addresses.
    pub fn new(
        target: &Target,
        certificates: Option<&Certificates>,
        patience: Patience,
    ) -> Result<Self, BuildError> {
        let name: Arc<str> = target.name.as_str().into();
        let new = |address: &String| Instance::new(address, &name, certificates, patience);
        let instances = target.addresses.iter().map(new).collect::<Result<_, _>>()?;
        let budget = TpsBudget::new(BUDGET_WINDOW, REPEATED_PER_SECOND, REPEATED_SHARE);
        Ok(Self { name, instances, budget })
    }

    /// Makes a call at one instance after the other, until one answers or trying another would not be safe.
    pub async fn forward(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let (parts, body) = request.into_parts();
        let body =
            Limited::new(body, REQUEST_BYTES_MAX).collect().await.map_err(Status::from_error)?.to_bytes();
        self.budget.deposit();
        let mut asked = Vec::with_capacity(TRIES_MAX);
        let mut last = None;
        while asked.len() < TRIES_MAX
            && let Some(index) = self.pick(&asked)
        {
            if !asked.is_empty() {
                self.count("moved");
            }
            asked.push(index);
            let failure = match self.instances[index].call(&parts, body.clone()).await {
                Ok(response) => {
                    self.count("ok");
                    return Ok(response);
                }
                Err(failure) => failure,
            };
            let may_move = matches!(failure, Failure::Untouched(_))
                || (is_repeatable(parts.uri.path(), &body) && self.budget.withdraw());
            last = Some(failure);
            if !may_move {
                break;
            }
        }
        self.count("error");
        let cause = match last {
            Some(Failure::Unavailable(response)) => return Ok(*response),
            Some(Failure::Untouched(error) | Failure::Broken(error)) => error.to_string(),
            None => "no instance".to_owned(),
        };
        tracing::warn!(peer.name = %self.name, error = cause, "peer is not reached");
        Err(Problem::unavailable(format!("{} is not reached", self.name), RETRY_AFTER).into())
    }

    /// The less busy of two instances that were not asked yet; those left out only when there is no other.
    fn pick(&self, asked: &[usize]) -> Option<usize> {
        let fresh = (0..self.instances.len()).filter(|index| !asked.contains(index));
        let (out, ready): (Vec<usize>, Vec<usize>) = fresh.partition(|&index| self.instances[index].is_out());
        let from = if ready.is_empty() { out } else { ready };
        let one = draw(from.len())?;
        let other = (one + 1 + draw(from.len() - 1).unwrap_or(0)) % from.len();
        let (one, other) = (from[one], from[other]);
        let is_other_better = self.instances[other].cost() < self.instances[one].cost();
        Some(if is_other_better { other } else { one })
    }

    fn count(&self, outcome: &'static str) {
        counter!(names::PEER_CALLS_TOTAL, "peer" => self.name.to_string(), "outcome" => outcome).increment(1);
    }
}

/// A number below `count`, each as likely; `None` where there is none.
fn draw(count: usize) -> Option<usize> {
    (count > 0).then(|| rand::random_range(0..count))
}
