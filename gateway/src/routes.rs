//! What the public may call, and which service answers. Anything absent here is not offered.

use std::collections::{BTreeMap, HashMap};

use chassis::{BuildError, Peer};
use prost::Message as _;
use prost_types::FileDescriptorSet;

/// The services behind the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Neighbor {
    /// Who and where.
    Staff,
    /// Who is away.
    Leave,
    /// What must be staffed and who does it.
    Planning,
    /// What people were told.
    Notification,
}

/// Every public service and the neighbor that answers for it.
const OFFERED: &[(&str, Neighbor)] = &[
    ("mathildanesth.staff.v1.StaffService", Neighbor::Staff),
    ("mathildanesth.staff.v1.SiteService", Neighbor::Staff),
    ("mathildanesth.staff.v1.ImportService", Neighbor::Staff),
    ("mathildanesth.staff.v1.SessionService", Neighbor::Staff),
    ("mathildanesth.leave.v1.LeaveService", Neighbor::Leave),
    ("mathildanesth.planning.v1.PlanningService", Neighbor::Planning),
    ("mathildanesth.planning.v1.SwapService", Neighbor::Planning),
    ("mathildanesth.planning.v1.ReplacementService", Neighbor::Planning),
    ("mathildanesth.notification.v1.NotificationService", Neighbor::Notification),
];

/// What services offer to each other only, though their service is public.
const INTERNAL: &[&str] = &[
    "/mathildanesth.leave.v1.LeaveService/ListAbsences",
    "/mathildanesth.planning.v1.PlanningService/ReadCalendarFeed",
    "/mathildanesth.staff.v1.SessionService/ExchangeIdentity",
    "/mathildanesth.staff.v1.SessionService/ListSigningKeys",
];

/// What needs no access token: these methods make one, and look at what they are given themselves.
const ANONYMOUS: &[&str] = &[
    "/mathildanesth.staff.v1.SessionService/CreateSession",
    "/mathildanesth.staff.v1.SessionService/RefreshSession",
    "/mathildanesth.planning.v1.ReplacementService/RedeemReplacementToken",
];

/// The session service; only it hears of refresh cookies.
pub const SESSIONS: &str = "mathildanesth.staff.v1.SessionService";

/// One public method.
pub struct Route {
    /// `mathildanesth.leave.v1.LeaveService`
    pub service: &'static str,
    /// `ApproveLeave`
    pub method: &'static str,
    /// Who answers.
    pub peer: Peer,
    /// Needs no access token.
    pub is_anonymous: bool,
    /// Answers with a stream, which has no deadline but the client's.
    pub is_stream: bool,
}

/// The table of public methods, by path.
pub struct Table(HashMap<String, Route>);

impl Table {
    /// Joins the list above with the contract, which knows every method's name and kind.
    ///
    /// # Errors
    /// When the contract cannot be read, or a neighbor is missing.
    pub fn new(peers: &BTreeMap<Neighbor, Peer>) -> Result<Self, BuildError> {
        let mut routes = HashMap::new();
        for method in methods()? {
            let Some((service, neighbor)) = OFFERED.iter().find(|(offered, _)| *offered == method.service)
            else {
                continue;
            };
            let path = format!("/{service}/{}", method.name);
            if INTERNAL.contains(&path.as_str()) {
                continue;
            }
            let peer =
                peers.get(neighbor).ok_or_else(|| BuildError::new(format!("no peer for {neighbor:?}")))?;
            let route = Route {
                service,
                is_anonymous: ANONYMOUS.contains(&path.as_str()),
                // Leaked once for each method at start: the label of its metrics for as long as the process lives.
                method: Box::leak(method.name.into_boxed_str()),
                peer: peer.clone(),
                is_stream: method.is_stream,
            };
            routes.insert(path, route);
        }
        Ok(Self(routes))
    }

    /// The route of a path, if the public may call it.
    pub fn find(&self, path: &str) -> Option<&Route> {
        self.0.get(path)
    }

    /// Every path that is offered, in order.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.0.keys().map(String::as_str).collect();
        paths.sort_unstable();
        paths
    }
}

struct Method {
    service: String,
    name: String,
    is_stream: bool,
}

/// Every method of the contract that a browser could call.
fn methods() -> Result<Vec<Method>, BuildError> {
    let contract = FileDescriptorSet::decode(proto::DESCRIPTORS)?;
    let mut methods = Vec::new();
    for file in &contract.file {
        for service in &file.service {
            for method in service.method.iter().filter(|method| !method.client_streaming()) {
                methods.push(Method {
                    service: format!("{}.{}", file.package(), service.name()),
                    name: method.name().to_owned(),
                    is_stream: method.server_streaming(),
                });
            }
        }
    }
    Ok(methods)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_lists_is_in_the_contract() {
        let methods = methods().unwrap();
        for (service, _) in OFFERED {
            assert!(
                methods.iter().any(|method| method.service == *service),
                "{service} is not in the contract"
            );
        }
        for path in INTERNAL.iter().chain(ANONYMOUS) {
            let is_known =
                methods.iter().any(|method| format!("/{}/{}", method.service, method.name) == *path);
            assert!(is_known, "{path} is not in the contract");
        }
    }

    #[test]
    fn what_is_left_out_is_left_out_on_purpose() {
        let mut hidden: Vec<String> = methods().unwrap().into_iter().map(|method| method.service).collect();
        hidden.retain(|service| !OFFERED.iter().any(|(offered, _)| offered == service));
        hidden.sort();
        hidden.dedup();
        assert_eq!(
            hidden,
            [
                "mathildanesth.event.v1.DeadLetterService",
                "mathildanesth.notification.v1.TrafficService",
                "mathildanesth.planning.v1.TaskService",
                "mathildanesth.solver.v1.SolverService"
            ],
            "a service is neither offered nor known to be for the mesh only"
        );
    }
}
