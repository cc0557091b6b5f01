//! The edge as browsers and other systems meet it: real connections on one side, a scripted service on the other.

#![allow(clippy::unwrap_used, missing_docs)]

mod calls;
mod client;
mod pages;
mod traffic;
mod upstream;

use std::net::SocketAddr;

use chassis::testing::{Identity, serve_local};
use chassis::{Clock, Peer, Role, Service as _};
use gateway::{Config, Deps, Gateway};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::client::Browser;
use crate::upstream::Upstream;

pub const WEB: (&str, &str) = ("content-type", "application/grpc-web+proto");
pub const GRPC: (&str, &str) = ("content-type", "application/grpc");
pub const TEXT: (&str, &str) = ("content-type", "application/grpc-web-text");

pub const GET: &str = "/mathildanesth.staff.v1.StaffService/GetStaffMember";
pub const LIST: &str = "/mathildanesth.staff.v1.StaffService/ListStaffMembers";
pub const HANG: &str = "/mathildanesth.staff.v1.SiteService/GetSite";
pub const CUT: &str = "/mathildanesth.staff.v1.SiteService/GetSector";
pub const PIECES: &str = "/mathildanesth.staff.v1.SiteService/ListRooms";
pub const WATCH: &str = "/mathildanesth.planning.v1.PlanningService/WatchOperation";
pub const SIGN_IN: &str = "/mathildanesth.staff.v1.SessionService/CreateSession";
pub const REFRESH: &str = "/mathildanesth.staff.v1.SessionService/RefreshSession";
pub const SIGN_OUT: &str = "/mathildanesth.staff.v1.SessionService/DeleteSession";

/// The page that may call beside our own.
pub const PAGE: &str = "https://app.example.org";

/// An edge on a port, before an upstream under the test's control.
pub struct World {
    pub address: SocketAddr,
    pub upstream: Upstream,
    pub clock: Clock,
    pub stop: CancellationToken,
    pub token: String,
}

impl World {
    pub async fn new() -> Self {
        let clock = Clock::fixed("2026-11-23T08:00:00Z".parse().unwrap());
        let identity = Identity::new(clock.now());
        let upstream = Upstream::default();
        let stop = CancellationToken::new();
        let peer = |name| Peer::local("gateway", name, upstream.app());
        let deps = Deps {
            staff: peer("staff"),
            leave: peer("leave"),
            planning: peer("planning"),
            notification: peer("notification"),
            clock: clock.clone(),
            stop: stop.clone(),
            keys: identity.keys(),
        };
        let config = Config { origins: vec![PAGE.to_owned()], ..Config::default() };
        let limits = config.server.limits.clone();
        let parts = Gateway::build(config, deps).await.unwrap();
        let local = serve_local("", "gateway", parts, clock.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = stop.clone();
        tokio::spawn(async move {
            let app = local.app.clone();
            chassis::serve::serve("gateway", listener, app, None, &limits, stopped).await;
            drop(local);
        });
        let token = identity.token("h", "s-1", "MAR", &[Role::Anesthetist]);
        Self { address, upstream, clock, stop, token }
    }

    pub fn http1(&self) -> Browser {
        Browser::http1(self.address)
    }

    pub fn http2(&self) -> Browser {
        Browser::http2(self.address)
    }

    /// The `authorization` of the person signed in.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// The cookies of the person signed in.
    pub fn cookie(&self) -> String {
        format!("theme=dark; __Host-access={}; __Host-refresh=old-refresh", self.token)
    }
}
