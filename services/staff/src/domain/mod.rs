//! What a department is, as values: nothing here does I/O, reads a clock or knows a database.
//!
//! In reading order: [`resource`] says what all resources share, then the resources themselves, then what signing
//! in means ([`password`], [`lockout`], [`refresh`]), then [`import`].

pub mod access_policy;
pub mod batch;
pub mod contract;
pub mod identifier;
pub mod import;
pub mod incompatibility;
pub mod legal_pack;
pub mod lockout;
pub mod locum;
pub mod password;
pub mod place;
pub mod profession;
pub mod refresh;
pub mod resource;
pub mod service_account;
pub mod spelling;
pub mod spreadsheet;
pub mod staff_member;
pub mod surgeon;

pub use access_policy::AccessPolicy;
pub use contract::Contract;
pub use incompatibility::Incompatibility;
pub use legal_pack::LegalPack;
pub use place::{Room, Sector, Site, Skill};
pub use profession::Profession;
pub use resource::{Kind, Resource, Whereabouts};
pub use service_account::ServiceAccount;
pub use staff_member::StaffMember;
pub use surgeon::{Specialty, Surgeon};
