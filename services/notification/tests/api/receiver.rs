//! An endpoint of another system: a real HTTPS server that keeps what it is told, and answers what it is told to answer.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chassis::testing::eventually;
use durable::testing::TempDir;
use hmac::{Hmac, Mac};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use sha2::Sha256;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub path: String,
    pub id: String,
    pub timestamp: i64,
    pub signatures: Vec<String>,
    pub body: String,
}

#[derive(Clone, Default)]
struct Book {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

pub struct Receiver {
    /// Whom to trust.
    pub authority: PathBuf,
    port: u16,
    book: Book,
    task: JoinHandle<()>,
    _folder: TempDir,
}

// === impl Receiver ===

impl Receiver {
    pub async fn start() -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certified = rcgen::generate_simple_self_signed(names).unwrap();
        let folder = TempDir::new().unwrap();
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, certified.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let book = Book::default();
        let kept = book.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, kept.clone()));
            }
        });
        Self { authority, port, book, task, _folder: folder }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/hook?x=1", self.port)
    }

    /// What it answers next, one after the other; 200 after that.
    pub fn answer(&self, statuses: &[u16]) {
        self.book.answers.lock().unwrap().extend(statuses);
    }

    /// What came until now.
    pub fn received(&self) -> Vec<Received> {
        self.book.received.lock().unwrap().clone()
    }

    /// Waits until so much has come.
    pub async fn told(&self, count: usize) -> Vec<Received> {
        eventually("the endpoint is told", async || Some(self.received()).filter(|all| all.len() >= count))
            .await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// === impl Received ===

impl Received {
    /// Whether it was signed with a secret, as an endpoint finds out.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.body).as_bytes());
        self.signatures.iter().any(|signature| {
            let (version, signature) = signature.split_once(',').unwrap();
            version == "v1" && mac.clone().verify_slice(&STANDARD.decode(signature).unwrap()).is_ok()
        })
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, book: Book) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(move |request| answer(request, book.clone()));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, book: Book) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let header = |name: &str| head.headers[name].to_str().unwrap().to_owned();
    book.received.lock().unwrap().push(Received {
        path: head.uri.to_string(),
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signatures: header("webhook-signature").split(' ').map(str::to_owned).collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let status = book.answers.lock().unwrap().pop_front().unwrap_or(200);
    let mut response = Response::builder().status(status);
    if (300..400).contains(&status) {
        response = response.header("location", "/elsewhere");
    }
    Ok(response.body(Full::new(Bytes::from_static(b"thank you"))).unwrap())
}
