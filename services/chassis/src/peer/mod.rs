//! A neighbour: a tower service, not an address.
//!
//! tonic's generated clients are generic over such a service, so a caller cannot tell a neighbour in the same
//! process ([`Peer::local`]) from instances behind TLS ([`Peer::connect`]). Of those the less busy is asked
//! (`remote`), the dead and the silent are left out until they are well (`instance`), and a call that may have been
//! served is only made again where that is safe (`repeat`).

mod instance;
mod load;
mod remote;
mod repeat;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{Request, Response};
use tokio_util::task::AbortOnDropHandle;
use tonic::{Status, body::Body};
use tower::{Service, ServiceExt};

use self::{instance::Patience, remote::Remote};
use crate::{
    App, BuildError, Problem,
    config::Target,
    stack,
    tls::{Certificates, PeerIdentity},
};

/// A client's end of a neighbour; clones share its connections.
#[derive(Clone)]
pub struct Peer {
    name: Arc<str>,
    link: Link,
}

#[derive(Clone)]
enum Link {
    Local { app: App, caller: Option<PeerIdentity> },
    Remote(Arc<Remote>),
}

// === impl Peer ===

impl Peer {
    /// A neighbour in the same process, called by `caller`; an empty caller has no identity, as somebody outside the
    /// mesh has none.
    pub fn local(caller: &'static str, name: &'static str, app: App) -> Self {
        let caller = (!caller.is_empty()).then(|| PeerIdentity(caller.into()));
        Self { name: name.into(), link: Link::Local { app, caller } }
    }

    /// A neighbour behind addresses. Connects when first called.
    ///
    /// # Errors
    /// When there is no address, one cannot be parsed, or `https` is asked without certificates.
    pub fn connect(
        caller: &'static str,
        target: &Target,
        certificates: Option<&Certificates>,
    ) -> Result<Self, BuildError> {
        if target.addresses.is_empty() {
            return Err(BuildError::new(format!("{caller} needs at least one address of {}", target.name)));
        }
        let remote = Remote::new(target, certificates, Patience::default())?;
        Ok(Self { name: target.name.as_str().into(), link: Link::Remote(Arc::new(remote)) })
    }

    /// The neighbour's service name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Service<Request<Body>> for Peer {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let peer = self.clone();
        Box::pin(async move {
            let answer = match &peer.link {
                Link::Local { app, caller } => {
                    if let Some(caller) = caller {
                        request.extensions_mut().insert(caller.clone());
                    }
                    // A task of its own, as a process of its own would be: a panic there is not a panic here, and
                    // whoever hangs up ends it.
                    let call = AbortOnDropHandle::new(tokio::spawn(app.clone().oneshot(request)));
                    match call.await {
                        Ok(Ok(response)) => Ok(response),
                        Ok(Err(never)) => match never {},
                        Err(error) => Err(Problem::internal(error).into()),
                    }
                }
                Link::Remote(remote) => remote.forward(request).await,
            };
            if let Ok(response) = &answer {
                stack::rests_on(response.headers());
            }
            answer
        })
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.link {
            Link::Local { .. } => "local",
            Link::Remote(_) => "remote",
        };
        write!(f, "Peer({}, {kind})", self.name)
    }
}
