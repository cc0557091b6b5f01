//! Accepts connections, tells each request who is at the other end, and drains within a hard limit.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use metrics::gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::ServiceExt;

use crate::{
    App,
    config::Limits,
    metrics as names,
    tls::{self, PeerIdentity},
};

/// A client that does not finish its handshake or its headers in this time is let go.
const GREETING_MAX: Duration = Duration::from_secs(10);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(20);

/// Where a connection comes from, in each request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Remote(pub SocketAddr);

/// Serves `app` on `listener` until `stop`, then drains.
pub async fn serve(
    service: &'static str,
    listener: TcpListener,
    app: App,
    tls: Option<Arc<rustls::ServerConfig>>,
    limits: &Limits,
    stop: CancellationToken,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let http = Arc::new(protocol(limits));
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = places.clone().acquire_owned() => place,
        };
        let (stream, remote) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: give the others time to close.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let Ok(place) = place else { break };
        let connection = Connection {
            service,
            remote,
            app: app.clone(),
            http: http.clone(),
            watcher: graceful.watcher(),
            _place: place,
        };
        tokio::spawn(connection.run(stream, acceptor.clone()));
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_max(), graceful.shutdown()).await.is_err() {
        tracing::warn!(service, drain_ms_max = limits.drain_ms_max, "drain ended with calls still open");
    }
}

fn protocol(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_per_connection_max)
        .max_header_list_size(limits.header_bytes_max)
        .keep_alive_interval(KEEP_ALIVE_EVERY)
        .adaptive_window(true);
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(GREETING_MAX)
        .max_buf_size(limits.header_bytes_max.max(8192) as usize);
    http
}

struct Connection {
    service: &'static str,
    remote: SocketAddr,
    app: App,
    http: Arc<auto::Builder<TokioExecutor>>,
    watcher: hyper_util::server::graceful::Watcher,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        let _ = stream.set_nodelay(true);
        let open = gauge!(names::CONNECTIONS, "service" => self.service);
        open.increment(1.0);
        match acceptor {
            None => self.talk(stream, None).await,
            Some(acceptor) => match tokio::time::timeout(GREETING_MAX, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let certificates = stream.get_ref().1.peer_certificates();
                    let peer = certificates.and_then(|chain| chain.first()).and_then(tls::identity);
                    self.talk(stream, peer.map(PeerIdentity)).await;
                }
                Ok(Err(error)) => tracing::debug!(remote = %self.remote, %error, "handshake refused"),
                Err(_) => tracing::debug!(remote = %self.remote, "handshake timed out"),
            },
        }
        open.decrement(1.0);
    }

    async fn talk<S>(self, stream: S, peer: Option<PeerIdentity>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let remote = Remote(self.remote);
        let app = self.app;
        let handler = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(remote);
            if let Some(peer) = &peer {
                request.extensions_mut().insert(peer.clone());
            }
            app.clone().oneshot(request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), handler).into_owned();
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(remote = %self.remote, %error, "connection ended early");
        }
    }
}
