//! The demo on the embedded default: one process, one folder, loopback only.

use std::path::PathBuf;

use chassis::{BoxError, Secret, config::LogFormat, run};
use tokio_util::sync::CancellationToken;

use super::{ADMINISTRATOR, HOSPITAL, PASSWORD, Play};
use crate::{Config, serve::start};

/// Serves a fresh mesh, plays the story on it, and keeps serving unless it is `once`.
///
/// # Errors
/// When the mesh cannot start or a step of the story fails.
pub async fn serve(
    mut config: Config,
    play: &Play,
    data: Option<PathBuf>,
    once: bool,
) -> Result<Vec<String>, BoxError> {
    // A story that ends takes its folder with it, unless it was given one.
    let temporary = (once && data.is_none()).then(tempfile::tempdir).transpose()?;
    if let Some(folder) = data.or_else(|| temporary.as_ref().map(|folder| folder.path().to_owned())) {
        config.data = folder;
    }
    if once {
        config = config.on_free_ports();
    }
    let is_fresh = !config.data.join("staff.sqlite").exists();
    let folder = config.data.clone();
    let config = bootstrapped(config);
    let stop = CancellationToken::new();
    run::on_signal(stop.clone()).map_err(|error| error.to_string())?;
    let admin = config.server.admin_listen.clone();
    let running = start(config, stop.clone()).await?;
    let address = format!("http://{}", running.gateway);
    let faults = if is_fresh {
        super::play(play, &address, None).await?
    } else {
        println!(
            "{} contient déjà des données ; supprimez ce dossier pour rejouer l'histoire.",
            folder.display()
        );
        vec![]
    };
    if once {
        stop.cancel();
    } else {
        println!("Passerelle   {address}   (gRPC, gRPC-web, /calendar/…)");
        println!("Sondes       http://{admin}/readyz   http://{admin}/metrics");
        println!(
            "Connexions   {ADMINISTRATOR}, mar01@tilleuls.example … iade09@tilleuls.example ; mot de passe {PASSWORD}"
        );
        println!("Ctrl-C pour arrêter. Les données restent dans {}.", folder.display());
    }
    running.finished.await?;
    Ok(faults)
}

/// A configuration with the demo's hospital and its administrator.
pub(super) fn bootstrapped(mut config: Config) -> Config {
    config.staff.bootstrap = Some(staff::config::Bootstrap {
        hospital: HOSPITAL.to_owned(),
        display_name: "Clinique des Tilleuls".to_owned(),
        administrator_email: ADMINISTRATOR.to_owned(),
        administrator_password: Secret::new(PASSWORD.to_owned()),
        ..staff::config::Bootstrap::default()
    });
    // The terminal is for the story; what is wrong is still said.
    "warn".clone_into(&mut config.server.log);
    config.server.log_format = LogFormat::Text;
    config
}
