//! Versions of legal packs.

use durable::mask::Mask;
use proto::{staff::v1 as pb, r#type::v1::Date, values};

use super::{Spoken, etag_of, merge_fields, moment};
use crate::{
    api::parse::Violations,
    domain::{
        LegalPack,
        legal_pack::{Figures, is_shipped},
    },
    store::Stored,
};

impl Spoken for LegalPack {
    type Message = pb::LegalPack;
    const FIELD: &'static str = "legal_pack";
    const PATHS: &'static [&'static str] = &["display_name", "source", "figures"];

    fn to_message(stored: &Stored<Self>) -> pb::LegalPack {
        let (pack, is_shipped) = (stored.value.clone(), is_shipped(&stored.id));
        let own = |time| if is_shipped { None } else { moment(time) };
        pb::LegalPack {
            name: stored.name(),
            code: pack.code,
            effective_date: pack.effective_date.map(Date::from),
            last_date: None,
            display_name: pack.display_name,
            source: pack.source,
            figures: Some(figures_to_message(&pack.figures)),
            is_shipped,
            etag: if is_shipped { String::new() } else { etag_of(stored) },
            create_time: own(stored.create_time),
            update_time: own(stored.update_time),
        }
    }

    fn from_message(found: &mut Violations, _hospital: &str, message: pb::LegalPack) -> Option<Self> {
        let effective_date =
            found.keep("legal_pack.effective_date", values::day_or_none(message.effective_date));
        if message.figures.is_none() {
            found.add("legal_pack.figures", "is required");
        }
        Some(Self {
            code: message.code,
            effective_date: effective_date?,
            display_name: message.display_name,
            source: message.source,
            figures: figures_from_message(&message.figures.unwrap_or_default()),
        })
    }

    fn merge(base: &mut pb::LegalPack, sent: &pb::LegalPack, mask: &Mask) {
        merge_fields!(base, sent, mask; display_name, source, figures);
    }
}

fn figures_to_message(figures: &Figures) -> pb::LegalFigures {
    pb::LegalFigures {
        daily_rest_minutes_min: figures.daily_rest_min,
        day_minutes_max: figures.day_max,
        seven_days_minutes_max: figures.seven_days_max,
        seven_days_minutes_usual: figures.seven_days_usual,
        weekly_rest_minutes_min: figures.weekly_rest_min,
        fortnight_rest_days_min: figures.fortnight_rest_days,
        requires_fortnight_sunday: figures.fortnight_sunday,
        week_half_days_max: figures.week_half_days_max,
        week_minutes_target: figures.week_target,
        average_week_minutes_max: figures.average_week_max,
        average_days: figures.average_days,
    }
}

fn figures_from_message(message: &pb::LegalFigures) -> Figures {
    Figures {
        daily_rest_min: message.daily_rest_minutes_min,
        day_max: message.day_minutes_max,
        seven_days_max: message.seven_days_minutes_max,
        seven_days_usual: message.seven_days_minutes_usual,
        weekly_rest_min: message.weekly_rest_minutes_min,
        fortnight_rest_days: message.fortnight_rest_days_min,
        fortnight_sunday: message.requires_fortnight_sunday,
        week_half_days_max: message.week_half_days_max,
        week_target: message.week_minutes_target,
        average_week_max: message.average_week_minutes_max,
        average_days: message.average_days,
    }
}
