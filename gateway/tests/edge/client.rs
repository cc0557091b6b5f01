//! A browser's end of the wire: HTTP/1.1 or HTTP/2 over real TCP, bytes in and out.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost::Message as _;

/// Speaks to one edge.
pub struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

/// An answer read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: HeaderMap,
}

impl Browser {
    pub fn http2(address: SocketAddr) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).http2_only(true).build_http(), address }
    }

    pub fn http1(address: SocketAddr) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), address }
    }

    /// Sends and waits for the head of the answer.
    pub async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Incoming> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap()
    }

    /// Sends and reads the answer to its end.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let (head, body) = self.open(method, path, headers, body).await.into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        Answer { status: head.status, headers: head.headers, body: body.to_bytes(), trailers }
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.send(Method::POST, path, headers, body).await
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The messages of a gRPC-web body, and the trailers in its last frame.
    pub fn frames(&self) -> (Vec<Bytes>, HeaderMap) {
        frames(self.body.clone())
    }

    /// Code and reason of an answer that is nothing but a status.
    pub fn refusal(&self) -> (String, String) {
        assert_eq!(self.status, StatusCode::OK);
        assert!(self.body.is_empty(), "a trailers-only answer has no body: {:?}", self.body);
        (self.header("grpc-status").to_owned(), reason(&self.headers))
    }
}

pub fn frames(mut body: Bytes) -> (Vec<Bytes>, HeaderMap) {
    let (mut messages, mut trailers) = (Vec::new(), HeaderMap::new());
    while !body.is_empty() {
        assert!(trailers.is_empty(), "nothing follows the trailers");
        let flag = body[0];
        let length = u32::from_be_bytes(body[1..5].try_into().unwrap()) as usize;
        let payload = body.slice(5..5 + length);
        body = body.slice(5 + length..);
        if flag & 0x80 == 0 {
            messages.push(payload);
            continue;
        }
        for line in std::str::from_utf8(&payload).unwrap().lines() {
            let (name, value) = line.split_once(':').unwrap();
            trailers.insert(name.parse::<http::HeaderName>().unwrap(), value.trim().parse().unwrap());
        }
    }
    (messages, trailers)
}

/// `ErrorInfo.reason` of a status' details.
pub fn reason(headers: &HeaderMap) -> String {
    let Some(details) = headers.get("grpc-status-details-bin") else { return String::new() };
    let bytes = STANDARD_NO_PAD.decode(details.to_str().unwrap().trim_end_matches('=')).unwrap();
    let status = tonic_types::Status::decode(&bytes[..]).unwrap();
    let info = status.details.iter().find(|any| any.type_url.ends_with("google.rpc.ErrorInfo")).unwrap();
    tonic_types::pb::ErrorInfo::decode(&info.value[..]).unwrap().reason
}
