//! Certificates: who a process is, whom it trusts, and how a connection tells who is at the other end.

use std::{io, path::Path, sync::Arc};

use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::{BuildError, config};

/// The URI SAN of a service's certificate begins so (SPIFFE's form).
pub const IDENTITY_PREFIX: &str = "spiffe://mathildanesth/";

/// The certificate, key and authority of one process, read once.
#[derive(Clone)]
pub struct Certificates {
    certificate: Arc<[u8]>,
    key: Arc<[u8]>,
    authority: Arc<[u8]>,
    mutual: bool,
}

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    /// When one cannot be read; the text names it.
    pub fn read(config: &config::Tls) -> Result<Self, BuildError> {
        let read = |path: &Path| {
            std::fs::read(path)
                .map(Arc::from)
                .map_err(|error| BuildError::new(format!("cannot read `{}`: {error}", path.display())))
        };
        Ok(Self {
            certificate: read(&config.certificate)?,
            key: read(&config.key)?,
            authority: read(&config.authority)?,
            mutual: config.mutual,
        })
    }

    /// How this process answers: TLS 1.3, callers must show a certificate when `mutual` is set.
    ///
    /// # Errors
    /// When a file holds no certificate or key, or they do not belong together.
    pub fn server(&self) -> Result<Arc<ServerConfig>, BuildError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])?;
        let builder = if self.mutual {
            let mut roots = RootCertStore::empty();
            for certificate in pem(&self.authority)? {
                roots.add(certificate)?;
            }
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?,
            )
        } else {
            builder.with_no_client_auth()
        };
        let mut config =
            builder.with_single_cert(pem(&self.certificate)?, PrivateKeyDer::from_pem_slice(&self.key)?)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// How this process calls the service `name`, whose certificate must carry that name.
    pub fn client(&self, name: &str) -> ClientTlsConfig {
        ClientTlsConfig::new()
            .domain_name(name)
            .ca_certificate(Certificate::from_pem(&self.authority))
            .identity(Identity::from_pem(&self.certificate, &self.key))
    }
}

fn pem(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, io::Error> {
    CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>().map_err(io::Error::other)
}

/// The service at the other end, from the URI SAN of its verified certificate.
pub fn identity(certificate: &CertificateDer<'_>) -> Option<Arc<str>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    names.value.general_names.iter().find_map(|name| match name {
        GeneralName::URI(uri) => uri.strip_prefix(IDENTITY_PREFIX).map(Arc::from),
        _ => None,
    })
}

/// Who is at the other end of a connection: put into each request's extensions by whoever accepted it. No header
/// can forge it.
#[derive(Clone, Debug)]
pub struct PeerIdentity(pub Arc<str>);
