//! Counters: the quantities shared fairly between people.

use super::person::Profession;

/// A quantity whose distribution is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// All gardes.
    Gardes,
    /// Gardes from Monday to Thursday.
    GardesWeekday,
    /// Gardes on a Friday.
    GardesFriday,
    /// Gardes on a Saturday.
    GardesSaturday,
    /// Gardes on a Sunday.
    GardesSunday,
    /// Gardes on a public holiday.
    GardesHoliday,
    /// Gardes on a special day (Christmas, New Year); counted besides their kind of day.
    GardesSpecial,
    /// All astreintes.
    Astreintes,
    /// Astreintes on a Saturday, a Sunday or a public holiday.
    AstreintesWeekend,
    /// Consultations in the morning.
    ConsultationsMorning,
    /// Consultations in the afternoon.
    ConsultationsAfternoon,
    /// Consultations on a Friday afternoon; counted besides the afternoons.
    ConsultationsFridayAfternoon,
    /// Closings of the theatre.
    Closings,
    /// Closings on a Friday; counted besides the closings.
    ClosingsFriday,
    /// Gardes of a Saturday or a Sunday; counted besides their day.
    GardesWeekend,
    /// Astreintes on a Friday; counted besides the astreintes.
    AstreintesFriday,
    /// Astreintes on a public holiday; counted besides those of week-ends and holidays.
    AstreintesHoliday,
    /// Astreintes on a special day (Christmas, New Year).
    AstreintesSpecial,
    /// Half-days in theatre, whatever the number of rooms.
    TheatreHalfDays,
    /// Rooms supervised for a half-day.
    Supervisions,
    /// Usual working half-days without a post: neither leave nor rest after a garde.
    OffHalfDays,
    /// Points of hardship (model B).
    Hardship,
}

// === impl Counter ===

impl Counter {
    /// How many there are.
    pub const COUNT: usize = 22;

    /// All, in order.
    pub const ALL: [Counter; Counter::COUNT] = [
        Counter::Gardes,
        Counter::GardesWeekday,
        Counter::GardesFriday,
        Counter::GardesSaturday,
        Counter::GardesSunday,
        Counter::GardesHoliday,
        Counter::GardesSpecial,
        Counter::Astreintes,
        Counter::AstreintesWeekend,
        Counter::ConsultationsMorning,
        Counter::ConsultationsAfternoon,
        Counter::ConsultationsFridayAfternoon,
        Counter::Closings,
        Counter::ClosingsFriday,
        Counter::GardesWeekend,
        Counter::AstreintesFriday,
        Counter::AstreintesHoliday,
        Counter::AstreintesSpecial,
        Counter::TheatreHalfDays,
        Counter::Supervisions,
        Counter::OffHalfDays,
        Counter::Hardship,
    ];

    /// One of the thing counted, in the counters' thousandths.
    pub const ONE: i64 = 1_000;

    /// Position in a table of counters.
    #[must_use]
    pub fn at(self) -> usize {
        self as usize
    }

    /// The stable code, for contracts and documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Counter::Gardes => "GARDES",
            Counter::GardesWeekday => "GARDES_WEEKDAY",
            Counter::GardesFriday => "GARDES_FRIDAY",
            Counter::GardesSaturday => "GARDES_SATURDAY",
            Counter::GardesSunday => "GARDES_SUNDAY",
            Counter::GardesHoliday => "GARDES_HOLIDAY",
            Counter::GardesSpecial => "GARDES_SPECIAL",
            Counter::Astreintes => "ASTREINTES",
            Counter::AstreintesWeekend => "ASTREINTES_WEEKEND",
            Counter::ConsultationsMorning => "CONSULTATIONS_MORNING",
            Counter::ConsultationsAfternoon => "CONSULTATIONS_AFTERNOON",
            Counter::ConsultationsFridayAfternoon => "CONSULTATIONS_FRIDAY_AFTERNOON",
            Counter::Closings => "CLOSINGS",
            Counter::ClosingsFriday => "CLOSINGS_FRIDAY",
            Counter::GardesWeekend => "GARDES_WEEKEND",
            Counter::AstreintesFriday => "ASTREINTES_FRIDAY",
            Counter::AstreintesHoliday => "ASTREINTES_HOLIDAY",
            Counter::AstreintesSpecial => "ASTREINTES_SPECIAL",
            Counter::TheatreHalfDays => "THEATRE_HALF_DAYS",
            Counter::Supervisions => "SUPERVISIONS",
            Counter::OffHalfDays => "OFF_HALF_DAYS",
            Counter::Hardship => "HARDSHIP",
        }
    }

    /// The counter of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|counter| counter.code() == code)
    }

    /// The profession that shares it.
    #[must_use]
    pub fn profession(self) -> Profession {
        match self {
            Counter::Closings | Counter::ClosingsFriday => Profession::Iade,
            _ => Profession::Mar,
        }
    }
}
