//! The roster with what the rules ask about it at hand, kept up to date place by place.

use crate::{
    problem::{
        Counter, DayIx, HalfDay, Person, PersonIx, Post, Problem, Profession, Seat, SlotIx, What, counters_of,
    },
    roster::Roster,
    rules::{day_load, stretch},
    shifts::{Code, Sheet},
};

/// What a person's day amounts to, for rules that look at several days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DayLoad {
    /// Working time of the posts that begin this day.
    pub minutes: i64,
    /// Hardship in hundredths of a point.
    pub hardship: i64,
    /// When work begins and ends, in minutes after midnight; both 0 on a day without.
    pub starts: u16,
    pub ends: u16,
    /// Per half: the sector the person stands in, with one added; 0 is none.
    pub sectors: [u16; 2],
    /// Per half: consultations.
    pub consultations: [u8; 2],
    /// Per half: any post.
    pub busy: [bool; 2],
    /// Half-days in theatre.
    pub theatre: u8,
    /// Floating half-days.
    pub volants: u8,
    pub closings: u8,
    /// Usual working half-days without a post, for anesthetists.
    pub offs: u8,
    /// Half-days of service; a night counts for two.
    pub half_days: u8,
    /// The day part of a split garde.
    pub has_garde_day: bool,
    /// Counts as a day worked.
    pub is_worked: bool,
}

// === impl DayLoad ===

impl DayLoad {
    /// Work from one minute to another.
    pub fn holds(&mut self, starts: u16, ends: u16) {
        self.starts = if self.ends == 0 { starts } else { self.starts.min(starts) };
        self.ends = self.ends.max(ends);
    }
}

/// A roster and its indexes. `put` and `put_shifts` are the only ways to change it.
#[derive(Clone, Debug)]
pub(crate) struct State<'p> {
    pub problem: &'p Problem,
    pub roster: Roster,
    sheet: Sheet<'p>,
    days: usize,
    /// Per person and day: the places held, in no particular order.
    posts: Vec<Vec<Seat>>,
    /// Per person and day.
    loads: Vec<DayLoad>,
    /// Per person: days of gardes, ascending, history (negative) included; a day held twice appears twice.
    gardes: Vec<Vec<i32>>,
    /// Per person: the same for day parts of split gardes, which have no night.
    garde_days: Vec<Vec<i32>>,
    /// Per person: which of `gardes` are night parts of split gardes.
    garde_nights: Vec<Vec<i32>>,
    /// Per person: the same for astreintes.
    astreintes: Vec<Vec<i32>>,
    /// Per person: counters in thousandths, history included.
    counters: Vec<[i64; Counter::COUNT]>,
    /// Per person: working time of the horizon.
    minutes: Vec<i64>,
    /// Per person and day: the sector the day is spent in, with one added; 0 is none.
    stands: Vec<u16>,
    /// Per person and day: hardship of the 7 days that end on it.
    hardship: Vec<i64>,
    /// Per person: days whose 7 days are heavy.
    heavy_days: Vec<u16>,
    /// Per person and month: OFF half-days.
    month_offs: Vec<i64>,
    months: usize,
    /// Per sector and half-day: rooms somebody performs in, and those of them a nurse does.
    benches: Vec<(u16, u16)>,
}

// === impl State ===

impl<'p> State<'p> {
    pub fn new(problem: &'p Problem, roster: &Roster) -> Self {
        let (days, people) = (problem.days().len(), problem.people().len());
        let months = problem.derived().months.len();
        let around = |of: fn(&Person) -> Vec<i32>| -> Vec<Vec<i32>> {
            let sorted = |person| {
                let mut days = of(person);
                days.sort_unstable();
                days
            };
            problem.people().iter().map(sorted).collect()
        };
        let mut state = Self {
            problem,
            roster: Roster::empty(problem),
            sheet: Sheet::new(problem.shifts(), roster.rows()),
            days,
            posts: vec![Vec::new(); days * people],
            loads: vec![DayLoad::default(); days * people],
            gardes: around(|own| {
                [&own.history.gardes[..], &own.history.garde_nights, &own.following.gardes].concat()
            }),
            garde_days: around(|own| own.history.garde_days.clone()),
            garde_nights: around(|own| own.history.garde_nights.clone()),
            astreintes: around(|own| [&own.history.astreintes[..], &own.following.astreintes].concat()),
            counters: problem.derived().history.clone(),
            minutes: vec![0; people],
            stands: vec![0; days * people],
            hardship: vec![0; days * people],
            heavy_days: vec![0; people],
            month_offs: vec![0; people * months],
            months,
            benches: vec![(0, 0); problem.topology().sectors.len() * days * 2],
        };
        state.roster.set_rows(roster.rows());
        for person in problem.person_indices() {
            state.weigh_past(person);
            for day in problem.day_indices() {
                state.reload(person, day);
            }
        }
        for (seat, person) in roster.held() {
            state.put(seat, Some(person));
        }
        state
    }

    /// Gives a place to somebody or nobody, and returns who held it.
    pub fn put(&mut self, seat: Seat, person: Option<PersonIx>) -> Option<PersonIx> {
        let before = self.roster.set(seat, person);
        if before != person {
            if let Some(person) = before {
                self.leave(seat, person);
            }
            if let Some(person) = person {
                self.join(seat, person);
            }
        }
        before
    }

    /// Gives a person these shifts from a day on.
    pub fn put_shifts(&mut self, person: PersonIx, first: DayIx, codes: &[Code]) {
        self.sheet.put(person.at(), first.at(), codes);
        for (at, code) in codes.iter().enumerate() {
            self.roster.set_shift(person, DayIx(first.0 + at as u16), *code);
        }
    }

    /// Everybody's shifts with what they cost.
    pub fn sheet(&self) -> &Sheet<'p> {
        &self.sheet
    }

    fn join(&mut self, seat: Seat, person: PersonIx) {
        let day = self.problem.look(seat.slot).day;
        let cell = self.cell(person, day);
        self.posts[cell].push(seat);
        self.count(seat, person, 1);
        self.note_duty(seat, person, day, |duties, day| {
            let at = duties.partition_point(|own| *own < day);
            duties.insert(at, day);
        });
        self.refresh(seat, person, day);
    }

    fn leave(&mut self, seat: Seat, person: PersonIx) {
        let day = self.problem.look(seat.slot).day;
        let cell = self.cell(person, day);
        if let Some(at) = self.posts[cell].iter().position(|own| *own == seat) {
            self.posts[cell].swap_remove(at);
        }
        self.count(seat, person, -1);
        self.note_duty(seat, person, day, |duties, day| {
            if let Ok(at) = duties.binary_search(&day) {
                duties.remove(at);
            }
        });
        self.refresh(seat, person, day);
    }

    fn count(&mut self, seat: Seat, person: PersonIx, sign: i64) {
        let look = self.problem.look(seat.slot);
        if look.is_counted {
            let slot = self.problem.slot(seat.slot);
            let own = &mut self.counters[person.at()];
            counters_of(slot, self.problem.day(slot.day), |counter, one| own[counter.at()] += sign * one);
        } else if seat.post == Post::Supervisor {
            self.counters[person.at()][Counter::Supervisions.at()] += sign * Counter::ONE;
        } else if let Some(bench) = bench_of(self.problem, seat.slot) {
            let is_nurse = self.profession(person) == Profession::Iade;
            let own = &mut self.benches[bench];
            let step = |count: u16, by: i64| count.saturating_add_signed(by as i16);
            *own = (step(own.0, sign), step(own.1, sign * i64::from(is_nurse)));
        }
    }

    /// Adds or removes a day in the lists of duties that hold this seat.
    fn note_duty(&mut self, seat: Seat, person: PersonIx, day: DayIx, change: impl Fn(&mut Vec<i32>, i32)) {
        let (at, day) = (person.at(), i32::from(day.0));
        match self.problem.look(seat.slot).what {
            What::Garde => change(&mut self.gardes[at], day),
            What::GardeNight => {
                change(&mut self.gardes[at], day);
                change(&mut self.garde_nights[at], day);
            }
            What::GardeDay => change(&mut self.garde_days[at], day),
            What::Astreinte => change(&mut self.astreintes[at], day),
            _ => {}
        }
    }

    fn refresh(&mut self, seat: Seat, person: PersonIx, day: DayIx) {
        self.reload(person, day);
        if self.problem.look(seat.slot).has_night() && day.at() + 1 < self.days {
            self.reload(person, DayIx(day.0 + 1));
        }
    }

    fn reload(&mut self, person: PersonIx, day: DayIx) {
        let load = day_load::of(self, person, day);
        let cell = self.cell(person, day);
        let before = std::mem::replace(&mut self.loads[cell], load);
        if before == load {
            return;
        }
        self.weigh(person, day, load.hardship - before.hardship);
        // The morning's sector, or the afternoon's alone.
        self.stands[cell] = if load.sectors[0] > 0 { load.sectors[0] } else { load.sectors[1] };
        self.minutes[person.at()] += load.minutes - before.minutes;
        let counters = &mut self.counters[person.at()];
        let of = |one: u8, other: u8| i64::from(one) - i64::from(other);
        let offs = of(load.offs, before.offs);
        counters[Counter::TheatreHalfDays.at()] += of(load.theatre, before.theatre) * Counter::ONE;
        counters[Counter::OffHalfDays.at()] += offs * Counter::ONE;
        // Hundredths of a point into thousandths.
        counters[Counter::Hardship.at()] += (load.hardship - before.hardship) * (Counter::ONE / 100);
        let month = usize::from(self.problem.derived().month_of_day[day.at()]);
        self.month_offs[person.at() * self.months + month] += offs;
    }

    /// The hardship of the days before the horizon, in the windows that reach back to them.
    fn weigh_past(&mut self, person: PersonIx) {
        for back in 1..stretch::FATIGUE_DAYS {
            let more = day_load::before(self, person, -(back as i32));
            self.weigh_range(person, 0..(stretch::FATIGUE_DAYS - back).min(self.days), more);
        }
    }

    /// More or less hardship in the windows that hold a day.
    fn weigh(&mut self, person: PersonIx, day: DayIx, more: i64) {
        let last = (day.at() + stretch::FATIGUE_DAYS).min(self.days);
        self.weigh_range(person, day.at()..last, more);
    }

    fn weigh_range(&mut self, person: PersonIx, ends: std::ops::Range<usize>, more: i64) {
        if more == 0 {
            return;
        }
        let limit = self.problem.parameters().hardship_week_max;
        let row = &mut self.hardship[person.at() * self.days..][ends];
        for sum in row {
            let was_heavy = *sum > limit;
            *sum += more;
            let heavy = &mut self.heavy_days[person.at()];
            match (was_heavy, *sum > limit) {
                (false, true) => *heavy += 1,
                (true, false) => *heavy -= 1,
                _ => {}
            }
        }
    }

    /// Per day: hardship of the 7 days that end on it; nothing when no day's are heavy.
    pub fn heavy_weeks(&self, person: PersonIx) -> &[i64] {
        if self.heavy_days[person.at()] == 0 {
            &[]
        } else {
            &self.hardship[person.at() * self.days..][..self.days]
        }
    }

    fn cell(&self, person: PersonIx, day: DayIx) -> usize {
        person.at() * self.days + day.at()
    }

    /// The places a person holds on a day.
    pub fn posts(&self, person: PersonIx, day: DayIx) -> &[Seat] {
        &self.posts[self.cell(person, day)]
    }

    /// What a person's days amount to, all of the horizon.
    pub fn loads(&self, person: PersonIx) -> &[DayLoad] {
        &self.loads[person.at() * self.days..][..self.days]
    }

    pub fn gardes(&self, person: PersonIx) -> &[i32] {
        &self.gardes[person.at()]
    }

    /// Day parts of split gardes, and which of the gardes are night parts.
    pub fn half_gardes(&self, person: PersonIx) -> (&[i32], &[i32]) {
        (&self.garde_days[person.at()], &self.garde_nights[person.at()])
    }

    pub fn astreintes(&self, person: PersonIx) -> &[i32] {
        &self.astreintes[person.at()]
    }

    pub fn counter(&self, person: PersonIx, counter: Counter) -> i64 {
        self.counters[person.at()][counter.at()]
    }

    pub fn minutes(&self, person: PersonIx) -> i64 {
        self.minutes[person.at()]
    }

    /// A garde began on this day (which may lie before the horizon).
    pub fn has_garde(&self, person: PersonIx, day: i32) -> bool {
        self.gardes[person.at()].binary_search(&day).is_ok()
    }

    /// Per day: the sector it is spent in, with one added; 0 is none.
    pub fn stands(&self, person: PersonIx) -> &[u16] {
        &self.stands[person.at() * self.days..][..self.days]
    }

    /// OFF half-days of a person's month.
    pub fn offs(&self, person: PersonIx, month: usize) -> i64 {
        self.month_offs[person.at() * self.months + month]
    }

    /// Rooms of a theatre slot's sector and half-day somebody performs in, and those of them a nurse does.
    pub fn bench(&self, slot: SlotIx) -> Option<(u16, u16)> {
        bench_of(self.problem, slot).map(|at| self.benches[at])
    }

    pub fn profession(&self, person: PersonIx) -> Profession {
        self.problem.person(person).profession
    }

    pub fn availability(&self, person: PersonIx, half_day: HalfDay) -> crate::problem::Availability {
        self.problem.person(person).availability[half_day.at()]
    }
}

/// The position of a theatre slot's sector and half-day.
fn bench_of(problem: &Problem, slot: SlotIx) -> Option<usize> {
    let look = problem.look(slot);
    let half = look.half.filter(|_| look.is_theatre())?;
    Some(look.sector.at() * problem.days().len() * 2 + HalfDay::new(look.day, half).at())
}
