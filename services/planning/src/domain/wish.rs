//! Wishes and requests for work: how many, until when, and what contradicts what.

use calendar::{Day, DayPart, DayRange, Month};

use super::team;

/// What somebody wishes for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub id: String,
    pub staff_member: String,
    pub kind: Kind,
    pub day: Day,
    /// The half-day; none is the whole day.
    pub part: Option<DayPart>,
    pub rank: Rank,
    pub state: State,
    pub comment: String,
    pub decision_comment: String,
    /// Id of who decided.
    pub decider: String,
    /// 0 until it is decided.
    pub decide_time: i64,
    pub create_time: i64,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Off,
    Work,
    Consultation,
    Garde,
    NoGarde,
    Astreinte,
    NoAstreinte,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    Primary,
    Secondary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Submitted,
    Approved,
    Rejected,
}

/// Why a wish cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The window of its month is not open: its first and last day.
    WindowClosed { first: Day, last: Day },
    /// As many of the rank as may be in a month.
    AllowanceSpent { allowance: u16 },
    /// The same wish is there.
    Known { id: String },
    /// The contrary is wished for.
    Contradicts { id: String },
    /// It is decided.
    NotPending { state: State },
}

// === impl Kind ===

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::Off,
        Kind::Work,
        Kind::Consultation,
        Kind::Garde,
        Kind::NoGarde,
        Kind::Astreinte,
        Kind::NoAstreinte,
    ];

    /// As stored, and as the contract says it without its prefix.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Off => "OFF",
            Kind::Work => "WORK",
            Kind::Consultation => "CONSULTATION",
            Kind::Garde => "GARDE",
            Kind::NoGarde => "NO_GARDE",
            Kind::Astreinte => "ASTREINTE",
            Kind::NoAstreinte => "NO_ASTREINTE",
        }
    }

    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|own| own.code() == code)
    }

    /// Whether it is about a duty that begins on the day, rather than about its halves.
    pub fn is_duty(self) -> bool {
        matches!(self, Kind::Garde | Kind::NoGarde | Kind::Astreinte | Kind::NoAstreinte)
    }

    /// Whether both cannot be had at the same time.
    fn excludes(self, other: Kind) -> bool {
        use Kind::{Astreinte, Consultation, Garde, NoAstreinte, NoGarde, Off, Work};
        let either = |one: Kind, others: &[Kind]| {
            self == one && others.contains(&other) || other == one && others.contains(&self)
        };
        // An astreinte is no post: a day off may have one.
        either(Off, &[Work, Consultation, Garde])
            || either(Garde, &[NoGarde, Consultation, Astreinte])
            || either(Astreinte, &[NoAstreinte])
    }
}

// === impl Rank ===

impl Rank {
    pub fn code(self) -> &'static str {
        match self {
            Rank::Primary => "PRIMARY",
            Rank::Secondary => "SECONDARY",
        }
    }

    pub fn from_code(code: &str) -> Option<Rank> {
        [Rank::Primary, Rank::Secondary].into_iter().find(|own| own.code() == code)
    }
}

// === impl State ===

impl State {
    pub fn code(self) -> &'static str {
        match self {
            State::Submitted => "SUBMITTED",
            State::Approved => "APPROVED",
            State::Rejected => "REJECTED",
        }
    }

    pub fn from_code(code: &str) -> Option<State> {
        [State::Submitted, State::Approved, State::Rejected].into_iter().find(|own| own.code() == code)
    }
}

// === impl team::Wishes ===

impl team::Wishes {
    /// Most wishes of a rank in a month.
    pub fn allowance(&self, rank: Rank) -> u16 {
        match rank {
            Rank::Primary => self.primary_max,
            Rank::Secondary => self.secondary_max,
        }
    }

    /// What a wish weighs in generations.
    pub fn weight(&self, rank: Rank) -> u16 {
        match rank {
            Rank::Primary => self.primary_weight,
            Rank::Secondary => self.secondary_weight,
        }
    }

    /// The days on which wishes for the month of `day` are taken.
    pub fn window(&self, day: Day) -> DayRange {
        let first = Month::of(day).first();
        let (opens, closes) = (i32::from(self.opening_days), i32::from(self.closing_days));
        DayRange::new(first.plus(-opens.max(closes)), first.plus(-closes))
            .unwrap_or(DayRange::single(first.plus(-closes)))
    }

    /// Whether wishes for a day are taken.
    ///
    /// # Errors
    /// [`Refusal::WindowClosed`].
    pub fn open(&self, day: Day, today: Day) -> Result<(), Refusal> {
        let window = self.window(day);
        if window.contains(today) {
            return Ok(());
        }
        Err(Refusal::WindowClosed { first: window.first(), last: window.last() })
    }
}

// === impl Wish ===

impl Wish {
    /// Whether a wish can stand beside those its person has in the month.
    ///
    /// # Errors
    /// The same wish or its contrary is there, or the allowance is spent.
    pub fn beside(&self, others: &[Wish], policy: &team::Wishes) -> Result<(), Refusal> {
        let standing = || others.iter().filter(|own| own.state != State::Rejected);
        let same = |own: &&Wish| own.day == self.day && own.kind == self.kind && own.part == self.part;
        if let Some(own) = standing().find(same) {
            return Err(Refusal::Known { id: own.id.clone() });
        }
        if let Some(own) = standing().find(|own| self.contradicts(own)) {
            return Err(Refusal::Contradicts { id: own.id.clone() });
        }
        let allowance = policy.allowance(self.rank);
        if standing().filter(|own| own.rank == self.rank).count() >= usize::from(allowance) {
            return Err(Refusal::AllowanceSpent { allowance });
        }
        Ok(())
    }

    fn contradicts(&self, other: &Wish) -> bool {
        let meets = match (self.part, other.part) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.day == other.day && meets && self.kind.excludes(other.kind)
    }

    /// Whether it can still be decided.
    ///
    /// # Errors
    /// [`Refusal::NotPending`].
    pub fn pending(&self) -> Result<(), Refusal> {
        match self.state {
            State::Submitted => Ok(()),
            state => Err(Refusal::NotPending { state }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn wish(kind: Kind, date: &str, part: Option<DayPart>) -> Wish {
        Wish {
            id: format!("{}-{date}", kind.code()),
            staff_member: "a".into(),
            kind,
            day: day(date),
            part,
            rank: Rank::Primary,
            state: State::Submitted,
            comment: String::new(),
            decision_comment: String::new(),
            decider: String::new(),
            decide_time: 0,
            create_time: 0,
            version: 1,
        }
    }

    #[test]
    fn a_window_opens_and_closes_with_its_month() {
        let policy = team::Wishes { opening_days: 60, closing_days: 30, ..team::Wishes::default() };
        let open = |today: &str| policy.open(day("2027-01-20"), day(today)).is_ok();
        assert_eq!(
            ["2026-11-01", "2026-11-02", "2026-12-02", "2026-12-03"].map(open),
            [false, true, true, false]
        );
        let refused = policy.open(day("2027-01-20"), day("2027-01-02"));
        let window = Refusal::WindowClosed { first: day("2026-11-02"), last: day("2026-12-02") };
        assert_eq!(refused, Err(window));
    }

    #[test]
    fn what_cannot_be_had_together_contradicts() {
        let (morning, afternoon) = (Some(DayPart::Morning), Some(DayPart::Afternoon));
        let on = |kind, part| wish(kind, "2027-01-20", part);
        for (one, other, contradicts) in [
            (on(Kind::Off, None), on(Kind::Work, morning), true),
            (on(Kind::Off, afternoon), on(Kind::Work, morning), false),
            (on(Kind::Off, None), on(Kind::Garde, None), true),
            (on(Kind::Off, None), on(Kind::Astreinte, None), false),
            (on(Kind::Garde, None), on(Kind::NoGarde, None), true),
            (on(Kind::Astreinte, None), on(Kind::NoAstreinte, None), true),
            (on(Kind::Garde, None), on(Kind::NoAstreinte, None), false),
            (on(Kind::Garde, None), wish(Kind::NoGarde, "2027-01-21", None), false),
        ] {
            assert_eq!(one.contradicts(&other), contradicts, "{one:?} {other:?}");
            assert_eq!(other.contradicts(&one), contradicts);
        }
    }

    proptest! {
        /// Whatever is asked for, in whatever order: no month holds more of a rank than its allowance, and what was
        /// rejected gives its place back.
        #[test]
        fn no_month_holds_more_than_its_allowance(
            asked in prop::collection::vec((1..29_i32, any::<bool>(), any::<bool>()), 0..60),
            primary_max in 0_u16..6, secondary_max in 0_u16..6,
        ) {
            let policy = team::Wishes { primary_max, secondary_max, ..team::Wishes::default() };
            let mut held: Vec<Wish> = Vec::new();
            for (date, is_primary, is_rejected) in asked {
                let rank = if is_primary { Rank::Primary } else { Rank::Secondary };
                let own = Wish { rank, ..wish(Kind::Off, &format!("2027-01-{date:02}"), None) };
                if own.beside(&held, &policy).is_ok() {
                    let state = if is_rejected { State::Rejected } else { State::Submitted };
                    held.push(Wish { state, ..own });
                }
                for (rank, max) in [(Rank::Primary, primary_max), (Rank::Secondary, secondary_max)] {
                    let standing =
                        held.iter().filter(|own| own.rank == rank && own.state != State::Rejected).count();
                    prop_assert!(standing <= usize::from(max));
                }
            }
        }
    }
}
