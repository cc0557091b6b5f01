//! Professions.

use durable::mask::Mask;
use proto::staff::v1 as pb;

use super::{Spoken, etag_of, merge_fields, moment};
use crate::{api::parse::Violations, domain::Profession, store::Stored};

impl Spoken for Profession {
    type Message = pb::Profession;
    const FIELD: &'static str = "profession";
    const PATHS: &'static [&'static str] =
        &["display_name", "description", "is_retired", "color", "icon", "display_order", "is_hidden"];

    fn to_message(stored: &Stored<Self>) -> pb::Profession {
        let profession = stored.value.clone();
        pb::Profession {
            name: stored.name(),
            base: profession.base,
            display_name: profession.display_name,
            description: profession.description,
            is_retired: profession.is_retired,
            color: profession.color,
            icon: profession.icon,
            display_order: profession.display_order,
            is_hidden: profession.is_hidden,
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
        }
    }

    fn from_message(_found: &mut Violations, _hospital: &str, message: pb::Profession) -> Option<Self> {
        Some(Self {
            base: message.base,
            display_name: message.display_name,
            description: message.description,
            is_retired: message.is_retired,
            color: message.color,
            icon: message.icon,
            display_order: message.display_order,
            is_hidden: message.is_hidden,
        })
    }

    fn merge(base: &mut pb::Profession, sent: &pb::Profession, mask: &Mask) {
        merge_fields!(base, sent, mask;
            display_name, description, is_retired, color, icon, display_order, is_hidden);
    }
}
