//! The contract's side: handlers parse, call and render.

mod access_policy;
mod audit;
mod convert;
mod crud;
mod filters;
mod import;
mod import_service;
mod legal_packs;
mod parse;
mod session_service;
mod site_service;
mod staff_members;
mod staff_service;

use chassis::Routes;
use proto::staff::v1::{
    import_service_server::ImportServiceServer, session_service_server::SessionServiceServer,
    site_service_server::SiteServiceServer, staff_service_server::StaffServiceServer,
};

use crate::app::App;

/// Files of a department are larger than other messages.
const IMPORT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The routes of the four services.
pub fn routes(app: App) -> Routes {
    let staff = StaffServiceServer::new(staff_service::Handlers(app.clone()));
    Routes::new(staff.max_decoding_message_size(IMPORT_BYTES_MAX))
        .add_service(SiteServiceServer::new(site_service::Handlers(app.clone())))
        .add_service(ImportServiceServer::new(import_service::Handlers(app.clone())))
        .add_service(SessionServiceServer::new(session_service::Handlers(app)))
}
