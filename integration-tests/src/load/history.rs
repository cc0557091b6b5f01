//! What was asked, when, how often, and what came of it.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tonic::Code;

/// What a user wants of the hospital's system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Looks at a leave of their own.
    GetLeave,
    /// Lists their leaves.
    ListLeaves,
    /// Looks at their balances.
    ListBalances,
    /// Looks at what they were told.
    ListNotifications,
    /// Looks at a colleague.
    GetStaffMember,
    /// Looks at a plan's shifts.
    ListShifts,
    /// Asks for a leave.
    CreateLeave,
    /// Decides about one.
    DecideLeave,
    /// Corrects a balance.
    AdjustBalance,
    /// Adds a skill: thousands of specialties, as no hospital has, would be read with every edit of a plan.
    CreateSkill,
    /// Puts somebody on a shift that another planner wants for somebody else at the same moment.
    ClaimShift,
}

impl Wish {
    /// Whether it changes something.
    pub fn is_write(self) -> bool {
        matches!(
            self,
            Self::CreateLeave
                | Self::DecideLeave
                | Self::AdjustBalance
                | Self::CreateSkill
                | Self::ClaimShift
        )
    }
}

/// How a request of a user ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Acknowledged; the name of what there is now.
    Done(String),
    /// Somebody else was faster, as must happen to one of two.
    Beaten,
    /// Refused or not answered as long as a user waits.
    Failed(Code, String),
}

/// One request of a user, with every repetition.
#[derive(Clone, Debug)]
pub struct Request {
    /// What for.
    pub wish: Wish,
    /// What it can be found by afterwards: a mark the request carried, or the resource it was about.
    pub mark: String,
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Instant,
    /// How often the client had to ask.
    pub attempts: u32,
    /// How long the first attempt took.
    pub first: Duration,
    /// What the first attempt was answered, if not what was wished for.
    pub first_failure: Option<Code>,
    /// How it ended.
    pub end: End,
}

/// All requests of a time under load.
#[derive(Debug, Default)]
pub struct History {
    requests: Mutex<Vec<Request>>,
}

impl History {
    /// Writes one down.
    pub fn add(&self, request: Request) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// All of them, in the order in which they ended.
    pub fn all(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Every request as a line of tab-separated values below a head; times in seconds since `since`.
pub fn lines(requests: &[Request], since: Instant) -> String {
    let seconds = |moment: Instant| match moment.checked_duration_since(since) {
        Some(after) => after.as_secs_f64(),
        None => -(since - moment).as_secs_f64(),
    };
    let mut text = "begun\tended\twish\tattempts\tfirst\tfirst_failure\tend\tmark\n".to_owned();
    for request in requests {
        let Request { wish, mark, attempts, .. } = request;
        let failure = request.first_failure.map_or_else(String::new, |code| format!("{code:?}"));
        let end = match &request.end {
            End::Done(name) => format!("Done {name}"),
            End::Beaten => "Beaten".to_owned(),
            End::Failed(code, message) => format!("{code:?} {message}"),
        };
        let (begun, ended, first) =
            (seconds(request.begun), seconds(request.ended), request.first.as_secs_f64());
        let _ = writeln!(
            text,
            "{begun:.3}\t{ended:.3}\t{wish:?}\t{attempts}\t{first:.3}\t{failure}\t{end}\t{mark}"
        );
    }
    text
}

/// What a history comes to.
#[derive(Debug, Default, Clone)]
pub struct Summary {
    /// Requests of users.
    pub requests: usize,
    /// Of them those that changed something.
    pub writes: usize,
    /// Those that ended without what was wished for, by wish and code.
    pub failed: BTreeMap<String, usize>,
    /// What those that ended without were told.
    pub reasons: BTreeMap<String, usize>,
    /// Those that the client had to repeat.
    pub repeated: usize,
    /// What the first attempts were answered that failed.
    pub first_failures: BTreeMap<String, usize>,
    /// The longest time without an acknowledged write.
    pub write_gap: Duration,
    /// The longest time without any answer.
    pub gap: Duration,
    /// The longest first attempt.
    pub first_max: Duration,
    /// The slowest but one hundredth of the requests, repetitions included.
    pub p99: Duration,
}

impl Summary {
    /// Sums up what ended after `since`.
    pub fn of(requests: &[Request], since: Instant) -> Self {
        let own: Vec<&Request> = requests.iter().filter(|request| request.ended >= since).collect();
        let mut summary = Self { requests: own.len(), ..Self::default() };
        let mut durations: Vec<Duration> = own.iter().map(|one| one.ended - one.begun).collect();
        durations.sort();
        summary.p99 = durations.get(durations.len().saturating_mul(99) / 100).copied().unwrap_or_default();
        for request in &own {
            summary.writes += usize::from(request.wish.is_write());
            summary.repeated += usize::from(request.attempts > 1);
            summary.first_max = summary.first_max.max(request.first);
            if let Some(code) = request.first_failure {
                *summary.first_failures.entry(format!("{code:?}")).or_default() += 1;
            }
            if let End::Failed(code, message) = &request.end {
                *summary.reasons.entry(format!("{code:?}: {message}")).or_default() += 1;
                *summary.failed.entry(format!("{:?} {code:?}", request.wish)).or_default() += 1;
            }
        }
        let done = |is_counted: fn(&Request) -> bool| {
            let moments = own.iter().filter(|one| matches!(one.end, End::Done(_)) && is_counted(one));
            let mut moments: Vec<Instant> = moments.map(|one| one.ended).collect();
            moments.sort();
            let gaps = moments.windows(2).map(|pair| pair[1] - pair[0]);
            gaps.chain(moments.first().map(|first| *first - since)).max().unwrap_or_default()
        };
        summary.gap = done(|_| true);
        summary.write_gap = done(|request| request.wish.is_write());
        summary
    }

    /// How many requests failed.
    pub fn failed_count(&self) -> usize {
        self.failed.values().sum()
    }
}
