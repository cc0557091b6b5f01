//! Tells endpoints of other systems: one POST, of which only the status is read.
//!
//! **Invariant**: nothing is sent to an address that is not public, whatever a name leads to: the host is looked up once,
//! every address it has is judged, and the connection goes to one of those and to none that is looked up later.
//! Redirects are not followed; they would have to be judged again, and are no success.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use chassis::{BoxError, BuildError};
use http::{Request, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use crate::{
    config::Webhooks,
    domain::{address::is_public, delivery::Answer},
};

/// The longest head of an answer, in bytes; its body is not read.
const HEAD_MAX: usize = 16 * 1_024;

/// How many of a host's addresses are tried.
const ADDRESSES_MAX: usize = 3;

/// How long the look-up of a host may keep whoever writes an endpoint waiting.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reaches endpoints.
#[derive(Clone)]
pub struct Https {
    tls: TlsConnector,
    timeout: Duration,
    has_private_addresses: bool,
}

/// What an endpoint is told, and by what it knows us.
#[derive(Debug)]
pub struct Post {
    /// The `webhook-id`: the same at every attempt.
    pub id: String,
    /// The `webhook-timestamp`, in seconds since 1970.
    pub second: i64,
    /// The `webhook-signature`.
    pub signature: String,
    /// JSON.
    pub body: Bytes,
}

/// Why there is nowhere to connect to.
#[derive(Debug)]
enum Nowhere {
    /// The host is not known, or not now.
    Unknown,
    /// One of its addresses is not public.
    Refused,
}

// === impl Https ===

impl Https {
    /// Reads whom to trust; asks nobody yet.
    ///
    /// # Errors
    /// When the authority's certificate cannot be read.
    pub fn new(config: &Webhooks) -> Result<Self, BuildError> {
        let mut roots = RootCertStore::empty();
        match &config.authority {
            Some(file) => {
                let wrong = |error: BoxError| BuildError::new(format!("webhooks.authority: {error}"));
                for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.into()))? {
                    let certificate = certificate.map_err(|error| wrong(error.into()))?;
                    roots.add(certificate).map_err(|error| wrong(error.into()))?;
                }
            }
            // A machine without any trusts nobody: everything waits, and nothing is said to a stranger.
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tls: TlsConnector::from(Arc::new(tls)),
            timeout: config.timeout(),
            has_private_addresses: config.private_addresses,
        })
    }

    /// Whether the host has, as far as is known now, an address to which nothing is sent.
    pub async fn is_refused(&self, url: &Url) -> bool {
        matches!(timeout(PATIENCE, self.addresses(url)).await, Ok(Err(Nowhere::Refused)))
    }

    /// Tells an endpoint once.
    pub async fn post(&self, url: &Url, post: Post) -> Answer {
        match timeout(self.timeout, self.try_post(url, post)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                // The text may hold what the endpoint said; the operator asks for it.
                tracing::debug!(%error, "an endpoint was not reached");
                Answer::Unreachable
            }
            Err(_) => Answer::Unreachable,
        }
    }

    async fn try_post(&self, url: &Url, post: Post) -> Result<Answer, BoxError> {
        let addresses = match self.addresses(url).await {
            Ok(addresses) => addresses,
            Err(Nowhere::Refused) => return Ok(Answer::AddressRefused),
            Err(Nowhere::Unknown) => return Err("the host is not known".into()),
        };
        let stream = connect(&addresses).await?;
        let stream = self.tls.connect(server_name(url)?, stream).await?;
        let (mut sender, connection) =
            http1::Builder::new().max_buf_size(HEAD_MAX).handshake(TokioIo::new(stream)).await?;
        let answered = sender.send_request(request(url, post)?);
        // Both end with this call, whatever comes.
        tokio::pin!(answered, connection);
        let response = tokio::select! {
            biased;
            response = &mut answered => response,
            // An endpoint that hangs up has answered before, or never will.
            _ = &mut connection => answered.await,
        }?;
        Ok(Answer::of_status(response.status().as_u16()))
    }

    /// Where a host is, if all of that is public.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, Nowhere> {
        let port = url.port_or_known_default().ok_or(Nowhere::Unknown)?;
        let addresses: Vec<SocketAddr> = match url.host().ok_or(Nowhere::Unknown)? {
            Host::Ipv4(address) => vec![(address, port).into()],
            Host::Ipv6(address) => vec![(address, port).into()],
            Host::Domain(name) => lookup_host((name, port)).await.map_err(|_| Nowhere::Unknown)?.collect(),
        };
        // A host that is here too is here on purpose, or by somebody's mistake: neither is told anything.
        if !self.has_private_addresses && !addresses.iter().all(|address| is_public(address.ip())) {
            return Err(Nowhere::Refused);
        }
        if addresses.is_empty() { Err(Nowhere::Unknown) } else { Ok(addresses) }
    }
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Https").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses.iter().take(ADDRESSES_MAX) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn server_name(url: &Url) -> Result<ServerName<'static>, BoxError> {
    match url.host() {
        Some(Host::Domain(name)) => Ok(ServerName::try_from(name.to_owned())?),
        Some(Host::Ipv4(address)) => Ok(ServerName::IpAddress(std::net::IpAddr::from(address).into())),
        Some(Host::Ipv6(address)) => Ok(ServerName::IpAddress(std::net::IpAddr::from(address).into())),
        None => Err("the URL has no host".into()),
    }
}

fn request(url: &Url, post: Post) -> Result<Request<Full<Bytes>>, http::Error> {
    Request::post(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "Mathildanesth")
        .header(header::CONNECTION, "close")
        .header("webhook-id", post.id)
        .header("webhook-timestamp", post.second)
        .header("webhook-signature", post.signature)
        .body(Full::new(post.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        crate::domain::webhook::place(text).unwrap()
    }

    fn post() -> Post {
        Post {
            id: "msg_1".to_owned(),
            second: 7,
            signature: "v1,x".to_owned(),
            body: Bytes::from_static(b"{}"),
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_to_an_address_that_is_not_public_whatever_leads_to_it() {
        let https = Https::new(&Webhooks::default()).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "0x7f000001", "localhost"] {
            let url = url(&format!("https://{host}:{port}/"));
            assert!(https.is_refused(&url).await, "{host}");
            // As it is found when it is sent, whatever was found when it was written.
            assert_eq!(https.post(&url, post()).await, Answer::AddressRefused, "{host}");
        }
        assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock, "nobody connected");
    }

    #[tokio::test]
    async fn whoever_hangs_up_without_an_answer_was_not_reached() {
        let config = Webhooks { private_addresses: true, ..Webhooks::default() };
        let https = Https::new(&config).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(&format!("https://{}/", listener.local_addr().unwrap()));
        assert!(!https.is_refused(&url).await);
        let hang_up = async { drop(listener.accept().await) };
        let (answer, ()) = tokio::join!(https.post(&url, post()), hang_up);
        assert_eq!(answer, Answer::Unreachable);
    }

    #[test]
    fn a_request_names_its_place_and_signs() {
        let request = request(&url("https://example.org:8443/a?b=c"), post()).unwrap();
        assert_eq!(request.uri(), "/a?b=c");
        for (name, value) in [
            ("host", "example.org:8443"),
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", "7"),
            ("webhook-signature", "v1,x"),
        ] {
            assert_eq!(request.headers()[name], value);
        }
    }
}
