//! An authority and one certificate per service, for machines without a certificate manager: developers', tests'.

use std::{fs, io, path::Path};

use chassis::tls::IDENTITY_PREFIX;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};

/// The services of the mesh, in the order in which they depend on each other.
pub const SERVICES: [&str; 6] = ["staff", "leave", "planning", "notification", "solver", "gateway"];

/// Who runs the mesh: looks after dead letters, serves nothing.
pub const OPERATOR: &str = "operator";

/// Writes `authority.pem`, and `{service}.pem` with `{service}.key` for every service and for the operator, into
/// `folder`. The authority's key is forgotten at the end: a new set needs a new authority.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path) -> io::Result<()> {
    let authority = Authority::new()?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join("authority.pem"), authority.pem())?;
    SERVICES.iter().chain([&OPERATOR]).try_for_each(|service| authority.certify(folder, service))
}

/// Who certifies services, with its key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// One of its own key.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new() -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Mathildanesth authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = params.self_signed(&key).map_err(io::Error::other)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem })
    }

    /// Its certificate, which others trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Writes `{service}.pem` and `{service}.key` into `folder`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn certify(&self, folder: &Path, service: &str) -> io::Result<()> {
        let (certificate, key) = self.issue(service, |_| ())?;
        fs::write(folder.join(format!("{service}.pem")), certificate)?;
        write_key(&folder.join(format!("{service}.key")), &key)
    }

    /// A certificate and its key in PEM, with the service's name, by which neighbours check it, and the URI
    /// `spiffe://mathildanesth/{service}`, by which they know it; `change` has the last word.
    ///
    /// # Errors
    /// When the certificate cannot be signed.
    pub fn issue(
        &self,
        service: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> io::Result<(String, String)> {
        self.signed(service, change).map_err(io::Error::other)
    }

    fn signed(
        &self,
        service: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Result<(String, String), rcgen::Error> {
        let key = KeyPair::generate()?;
        let names = [service, "localhost", "127.0.0.1"].map(str::to_owned);
        let mut params = CertificateParams::new(names)?;
        params.subject_alt_names.push(SanType::URI(format!("{IDENTITY_PREFIX}{service}").try_into()?));
        params.distinguished_name.push(DnType::CommonName, service);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        Ok((params.signed_by(&key, &self.issuer)?.pem(), key.serialize_pem()))
    }

    /// The same, run out years ago.
    ///
    /// # Errors
    /// When the certificate cannot be signed.
    pub fn issue_expired(&self, service: &str) -> io::Result<(String, String)> {
        self.issue(service, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }
}

/// Keys are for their owner's eyes.
fn write_key(path: &Path, pem: &str) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(pem.as_bytes())
}
