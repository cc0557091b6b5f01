//! Faults of certificates: they run out, come from somebody else, or are replaced, authority and all.

use chassis::BoxError;
use proto::staff::v1::{ListSigningKeysRequest, session_service_client::SessionServiceClient};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity};

use super::{Failure, Fault, NONE, Struck};
use crate::{foundation::Foundation, mesh::Mesh};

pub(super) fn faults<B: Foundation>() -> Vec<Fault<B>> {
    vec![Fault {
        number: 17,
        title: "certificates and their authority are replaced; ended and foreign ones are shown",
        bar: NONE,
        is_nemesis: false,
        strike: replace,
    }]
}

fn replace<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    // Both are trusted before anybody shows the new one, and until nobody shows the former.
    struck.mesh.trust(&[0, 1])?;
    roll(&mut struck.mesh)?;
    struck.mesh.certify(1)?;
    roll(&mut struck.mesh)?;
    struck.mesh.trust(&[1])?;
    roll(&mut struck.mesh)?;
    let mesh = &struck.mesh;
    let shown = [
        ("a good certificate", mesh.issuer(1).issue("leave", |_| ())?, true),
        ("a certificate that has run out", mesh.issuer(1).issue_expired("leave")?, false),
        ("a certificate of the former authority", mesh.issuer(0).issue("leave", |_| ())?, false),
    ];
    let (port, _) = mesh.ports("staff").ok_or("staff has an instance")?;
    let authority = mesh.issuer(1).pem().to_owned();
    for (what, identity, is_good) in shown {
        let answered = struck.wait(ask(port, &authority, identity)).is_ok();
        if answered != is_good {
            let word = if answered { "accepted" } else { "refused" };
            struck.misses.push(format!("{what} was {word}"));
        }
    }
    if struck.is_hurried {
        return Ok(());
    }
    // As it was, for the next fault.
    struck.mesh.trust(&[0, 1])?;
    roll(&mut struck.mesh)?;
    struck.mesh.certify(0)?;
    roll(&mut struck.mesh)?;
    struck.mesh.trust(&[0])?;
    roll(&mut struck.mesh)
}

fn roll<B: Foundation>(mesh: &mut Mesh<B>) -> Result<(), Failure> {
    for service in mathildanesth::certs::SERVICES {
        for instance in 0..mesh.instances(service) {
            mesh.stop_instance(service, instance)?;
            mesh.start_instance(service, instance)?;
        }
    }
    Ok(())
}

/// Asks staff as the owner of a certificate and its key.
async fn ask(port: u16, authority: &str, (certificate, key): (String, String)) -> Result<(), BoxError> {
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(authority))
        .identity(Identity::from_pem(certificate, key))
        .domain_name("staff");
    let channel = Channel::from_shared(format!("https://127.0.0.1:{port}"))?.tls_config(tls)?;
    let channel = channel.connect().await?;
    SessionServiceClient::new(channel).list_signing_keys(ListSigningKeysRequest::default()).await?;
    Ok(())
}
