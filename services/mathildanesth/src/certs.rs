//! An authority and one certificate per service, for machines without a certificate manager: developers', tests'.

use std::{fs, io, path::Path};

use chassis::tls::IDENTITY_PREFIX;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

/// The services of the mesh, in the order in which they depend on each other.
pub const SERVICES: [&str; 6] = ["staff", "leave", "planning", "notification", "solver", "gateway"];

/// Who runs the mesh: looks after dead letters, serves nothing.
pub const OPERATOR: &str = "operator";

/// Writes `authority.pem`, and `{service}.pem` with `{service}.key` for every service and for the operator, into
/// `folder`.
///
/// A certificate carries the service's name, by which neighbours check it, and the URI
/// `spiffe://mathildanesth/{service}`, by which they know it. The authority's key is forgotten at the end: a new
/// set needs a new authority.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let authority_key = KeyPair::generate().map_err(io::Error::other)?;
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Mathildanesth authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = authority.self_signed(&authority_key).map_err(io::Error::other)?;
    fs::write(folder.join("authority.pem"), certificate.pem())?;
    let issuer = Issuer::new(authority, authority_key);
    for service in SERVICES.into_iter().chain([OPERATOR]) {
        let (certificate, key) = issue(service, &issuer).map_err(io::Error::other)?;
        fs::write(folder.join(format!("{service}.pem")), certificate)?;
        write_key(&folder.join(format!("{service}.key")), &key)?;
    }
    Ok(())
}

fn issue(service: &str, issuer: &Issuer<'_, KeyPair>) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let names = [service, "localhost", "127.0.0.1"].map(str::to_owned);
    let mut params = CertificateParams::new(names)?;
    params.subject_alt_names.push(SanType::URI(format!("{IDENTITY_PREFIX}{service}").try_into()?));
    params.distinguished_name.push(DnType::CommonName, service);
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok((params.signed_by(&key, issuer)?.pem(), key.serialize_pem()))
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
