//! Service accounts.

use durable::mask::Mask;
use proto::{staff::v1 as pb, values};

use super::{
    Spoken, etag_of, merge_fields, moment,
    people::{roles_from_message, site_names},
};
use crate::{
    api::parse::{Violations, references},
    domain::{ServiceAccount, Site, service_account::hospital_of},
    store::{Stored, events::role_to_pb},
};

impl Spoken for ServiceAccount {
    type Message = pb::ServiceAccount;
    const FIELD: &'static str = "service_account";
    const PATHS: &'static [&'static str] =
        &["display_name", "identity", "roles", "sites", "expire_time", "is_disabled"];

    fn to_message(stored: &Stored<Self>) -> pb::ServiceAccount {
        let account = stored.value.clone();
        pb::ServiceAccount {
            name: stored.name(),
            display_name: account.display_name,
            identity: account.identity,
            roles: account.roles.iter().map(|role| role_to_pb(*role) as i32).collect(),
            sites: site_names(&stored.hospital, &account.sites),
            expire_time: account.expire_time.and_then(moment),
            is_disabled: account.is_disabled,
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
        }
    }

    fn from_message(found: &mut Violations, hospital: &str, message: pb::ServiceAccount) -> Option<Self> {
        if hospital_of(&message.identity) != Some(hospital) {
            let expected = format!("expected spiffe://{{trust domain}}/hospitals/{hospital}/…");
            found.add("service_account.identity", expected);
        }
        let roles = roles_from_message(found, "service_account.roles", &message.roles);
        let sites = references::<Site>(found, "service_account.sites", hospital, &message.sites);
        Some(Self {
            display_name: message.display_name,
            identity: message.identity,
            roles,
            sites,
            expire_time: message.expire_time.as_ref().map(values::micros),
            is_disabled: message.is_disabled,
        })
    }

    fn merge(base: &mut pb::ServiceAccount, sent: &pb::ServiceAccount, mask: &Mask) {
        merge_fields!(base, sent, mask; display_name, identity, roles, sites, expire_time, is_disabled);
    }
}
