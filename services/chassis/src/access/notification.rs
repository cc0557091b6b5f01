//! What notification is asked for.

use crate::{Grant, Policy, Role};

const ADMINISTRATORS: &[Role] = &[Role::SuperAdministrator, Role::AnesthetistAdministrator];

/// Who may do what: a person, with what that person was told. What became of deliveries, which say neither what was told
/// nor where to, concerns administrators too; so does what other systems are told.
pub static NOTIFICATION: Policy = Policy(&[
    Grant { permission: "notifications.read", roles: &[], own: true, systems: &[] },
    Grant { permission: "notifications.write", roles: &[], own: true, systems: &[] },
    Grant { permission: "notification_preferences.read", roles: &[], own: true, systems: &[] },
    Grant { permission: "notification_preferences.write", roles: &[], own: true, systems: &[] },
    Grant { permission: "deliveries.read", roles: ADMINISTRATORS, own: true, systems: &[] },
    Grant { permission: "notices.read", roles: &Role::ALL, own: false, systems: &[] },
    Grant { permission: "notices.write", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "traffic.report", roles: &[], own: false, systems: &["gateway"] },
    Grant { permission: "webhooks.read", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "webhooks.write", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant {
        permission: "audit.read",
        roles: &[Role::SuperAdministrator],
        own: false,
        systems: &["operator"],
    },
]);
