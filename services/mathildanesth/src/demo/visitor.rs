//! A client of the public API, as a browser is one: gRPC-web through the gateway, signed in, patient.

use std::{
    path::Path,
    task::{Context, Poll},
    time::Duration,
};

use chassis::BoxError;
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, Request, Response, Version, header::AUTHORIZATION};
use http_body_util::BodyExt;
use proto::{
    leave::v1::leave_service_client::LeaveServiceClient,
    notification::v1::notification_service_client::NotificationServiceClient,
    planning::v1::{
        planning_service_client::PlanningServiceClient, replacement_service_client::ReplacementServiceClient,
        swap_service_client::SwapServiceClient,
    },
    staff::v1::{
        CreateSessionRequest, session_service_client::SessionServiceClient,
        site_service_client::SiteServiceClient, staff_service_client::StaffServiceClient,
    },
};
use tokio::time::Instant;
use tonic::{
    Code, Status,
    body::Body,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};
use tonic_web::{GrpcWebCall, GrpcWebClientService};
use tower::{Service, ServiceExt};

/// How a visitor reaches the gateway; signed in or not.
#[derive(Clone)]
pub struct Visitor {
    address: String,
    channel: Channel,
    token: Option<HeaderValue>,
    /// How long an answer may take, as gRPC says it.
    time: Option<HeaderValue>,
    patience: Duration,
}

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub struct Login {
    /// `hospitals/{hospital}`
    pub hospital: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
}

const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// How long the visitor waits before asking again after `UNAVAILABLE`.
const PAUSE: Duration = Duration::from_millis(200);

impl Visitor {
    /// A visitor of `http://host:port`, or of `https://host:port` trusting the authority in the PEM file. Answers of
    /// `UNAVAILABLE` are asked again for as long as `patience` lasts.
    ///
    /// # Errors
    /// When the address or the file is not valid.
    pub fn new(address: &str, authority: Option<&Path>, patience: Duration) -> Result<Self, BoxError> {
        let mut endpoint = Endpoint::from_shared(address.to_owned())?
            .connect_timeout(Duration::from_secs(2))
            .http2_keep_alive_interval(Duration::from_secs(5))
            .keep_alive_timeout(Duration::from_secs(3));
        if let Some(authority) = authority {
            let authority = Certificate::from_pem(std::fs::read(authority)?);
            endpoint = endpoint.tls_config(ClientTlsConfig::new().ca_certificate(authority))?;
        }
        let channel = endpoint.connect_lazy();
        Ok(Self { address: address.to_owned(), channel, token: None, time: None, patience })
    }

    /// The same way in, as the person who signs in.
    ///
    /// # Errors
    /// What the session service answers.
    pub async fn sign_in(&self, login: &Login) -> Result<Self, Status> {
        let session = self
            .patiently(|| async {
                let request = CreateSessionRequest {
                    parent: login.hospital.clone(),
                    email: login.email.clone(),
                    password: login.password.clone(),
                    ..Default::default()
                };
                SessionServiceClient::new(self.web()).create_session(request).await
            })
            .await?;
        self.with_token(&session.access_token)
    }

    /// The same way in, with this access token.
    ///
    /// # Errors
    /// When the token is not a header value.
    pub fn with_token(&self, token: &str) -> Result<Self, Status> {
        let mut value =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|e| Status::internal(e.to_string()))?;
        value.set_sensitive(true);
        Ok(Self { token: Some(value), ..self.clone() })
    }

    /// The same way in, for whoever waits so long for an answer and no longer.
    #[must_use]
    pub fn within(&self, time: Duration) -> Self {
        let time = HeaderValue::try_from(format!("{}m", time.as_millis())).ok();
        Self { time, ..self.clone() }
    }

    /// Calls until the answer is anything but `UNAVAILABLE`, or patience ends. Whatever is called must be a read or
    /// carry its own `request_id`.
    ///
    /// # Errors
    /// The last answer.
    pub async fn patiently<T, R>(&self, call: impl Fn() -> R) -> Result<T, Status>
    where
        R: Future<Output = Result<tonic::Response<T>, Status>>,
    {
        let end = Instant::now() + self.patience;
        loop {
            match call().await {
                Ok(response) => return Ok(response.into_inner()),
                Err(status) if is_passing(&status) && Instant::now() < end => tokio::time::sleep(PAUSE).await,
                Err(status) => return Err(status),
            }
        }
    }

    /// A plain `GET`: the calendar feed, as a calendar program fetches it.
    ///
    /// # Errors
    /// When the gateway is away or answers anything but success.
    pub async fn get(&self, path: &str) -> Result<String, BoxError> {
        let request = Request::get(format!("{}{path}", self.address)).body(Body::empty())?;
        let response = self.channel.clone().ready().await?.call(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status.is_success() {
            Ok(String::from_utf8(body.to_vec())?)
        } else {
            Err(format!("GET {} answered {status}", path.rsplit_once('/').map_or("/", |(folder, _)| folder))
                .into())
        }
    }

    /// The value of `authorization`, when signed in.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.token.as_ref()
    }

    /// The transport that generated clients take.
    pub fn web(&self) -> Web {
        let (channel, token, time) = (self.channel.clone(), self.token.clone(), self.time.clone());
        GrpcWebClientService::new(Door { channel, token, time })
    }

    /// Sign-in.
    pub fn sessions(&self) -> SessionServiceClient<Web> {
        SessionServiceClient::new(self.web())
    }

    /// People.
    pub fn staff(&self) -> StaffServiceClient<Web> {
        StaffServiceClient::new(self.web())
    }

    /// Places.
    pub fn sites(&self) -> SiteServiceClient<Web> {
        SiteServiceClient::new(self.web())
    }

    /// Leave.
    pub fn leave(&self) -> LeaveServiceClient<Web> {
        LeaveServiceClient::new(self.web())
    }

    /// Plans. A month is a large answer.
    pub fn planning(&self) -> PlanningServiceClient<Web> {
        PlanningServiceClient::new(self.web()).max_decoding_message_size(16 * 1024 * 1024)
    }

    /// Exchanges of duties.
    pub fn swaps(&self) -> SwapServiceClient<Web> {
        SwapServiceClient::new(self.web())
    }

    /// Posts to replace.
    pub fn replacements(&self) -> ReplacementServiceClient<Web> {
        ReplacementServiceClient::new(self.web())
    }

    /// Notices.
    pub fn notifications(&self) -> NotificationServiceClient<Web> {
        NotificationServiceClient::new(self.web())
    }
}

/// A connection that broke in the middle shows as UNKNOWN or CANCELLED, for no status ever arrived.
fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::Unknown | Code::Cancelled | Code::Internal => status.details().is_empty(),
        _ => false,
    }
}

/// gRPC-web over the visitor's connection.
pub type Web = GrpcWebClientService<Door>;

/// The connection, with the token and the time in hand.
#[derive(Clone)]
pub struct Door {
    channel: Channel,
    token: Option<HeaderValue>,
    time: Option<HeaderValue>,
}

impl Service<Request<GrpcWebCall<Body>>> for Door {
    type Response = Response<Body>;
    type Error = tonic::transport::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.channel.poll_ready(cx)
    }

    fn call(&mut self, request: Request<GrpcWebCall<Body>>) -> Self::Future {
        let mut request = request.map(Body::new);
        *request.version_mut() = Version::HTTP_2;
        if let Some(token) = &self.token {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        if let Some(time) = &self.time {
            request.headers_mut().insert(TIMEOUT, time.clone());
        }
        // The very channel that said it was ready must be the one that is called.
        let fresh = self.channel.clone();
        let mut channel = std::mem::replace(&mut self.channel, fresh);
        Box::pin(async move { channel.call(request).await })
    }
}
