//! A month in the life of a planner, through the public API only: what `scripts/demo` shows and what the tests of
//! the mesh replay, with processes dying in the middle.
//!
//! Every write carries a `request_id` that is chosen once, so a call whose answer was lost is simply made again.

mod arrive;
mod exchange;
mod leaves;
mod maintain;
mod plan;
mod publish;

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use proto::{
    leave::v1::Leave,
    notification::v1::Notice,
    planning::v1::{Analysis, Assignment, Plan, Proposal, Shift},
    staff::v1::{ImportDepartmentResponse, Room, StaffMember},
};
use tonic::Status;

use super::{
    department::Department,
    visitor::{Login, Visitor},
};

/// The steps, in order. A test may do something to the mesh before any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The administrator signs in and imports the department, at the second attempt: the files had mistakes at the first.
    ImportDepartment,
    /// Everybody gets a password and signs in.
    SignIn,
    /// Public and school holidays.
    LoadHolidays,
    /// Members of staff ask for leave.
    RequestLeave,
    /// The administrator decides.
    DecideLeave,
    /// The trame is imported, a plan made of the month, the trame applied to it.
    ApplyTemplate,
    /// A generation is asked for and followed to its end.
    Generate,
    /// The proposal becomes the plan's head.
    Adopt,
    /// The head is frozen and everybody concerned is told.
    Publish,
    /// Notifications, the calendar feed, the analysis, counters.
    Read,
    /// Two doctors exchange gardes that everybody sees already.
    Exchange,
    /// One falls ill, and somebody takes over.
    Replace,
    /// A maintenance window on plans, announced, in force, called off.
    Maintain,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 13] = [
        Self::ImportDepartment,
        Self::SignIn,
        Self::LoadHolidays,
        Self::RequestLeave,
        Self::DecideLeave,
        Self::ApplyTemplate,
        Self::Generate,
        Self::Adopt,
        Self::Publish,
        Self::Read,
        Self::Exchange,
        Self::Replace,
        Self::Maintain,
    ];
}

/// What the story needs to know before it begins.
pub struct Setting {
    /// How to reach the gateway.
    pub visitor: Visitor,
    /// The first administrator, whom the operator's configuration made.
    pub administrator: Login,
    /// The password that everybody chooses at first sign-in.
    pub password: String,
    /// The files.
    pub department: Department,
    /// The month to plan.
    pub month: Month,
    /// Seed of the search.
    pub seed: u64,
    /// How long the search may take, seconds.
    pub search_seconds: i64,
    /// The most steps the search may take; 0 leaves it to the time.
    pub steps: u64,
}

/// What has come of it so far.
#[derive(Default)]
pub struct Outcome {
    /// The cells for which the first import was refused, each with what was expected.
    pub mistakes: Vec<(String, String)>,
    /// What the import did.
    pub import: ImportDepartmentResponse,
    /// Everybody, by e-mail address.
    pub people: BTreeMap<String, StaffMember>,
    /// All rooms, by name.
    pub rooms: BTreeMap<String, Room>,
    /// Labels of the specialties, sites and sectors, by name.
    pub labels: BTreeMap<String, String>,
    /// Holidays of the month: day of the month and label.
    pub holidays: Vec<(String, String)>,
    /// Leaves by e-mail address, as last answered.
    pub leaves: Vec<(String, Leave)>,
    /// The plan.
    pub plan: Plan,
    /// The proposal that was adopted.
    pub proposal: Proposal,
    /// The month's shifts.
    pub shifts: Vec<Shift>,
    /// The published assignments.
    pub assignments: Vec<Assignment>,
    /// What the judge says of them.
    pub analysis: Analysis,
    /// How many people are told of the publication.
    pub told: usize,
    /// Whom the publication concerns.
    pub concerned: BTreeSet<String>,
    /// Whom each revision after it concerns.
    pub amendments: Vec<BTreeSet<String>>,
    /// The calendar feed of one doctor.
    pub feed: String,
    /// Where it is.
    pub feed_path: String,
    /// Whose feed it is.
    pub feed_owner: String,
    /// What clients showed above everything else during the maintenance.
    pub banner: Vec<Notice>,
    /// How many times a solver began the generation; above 1 after one was lost.
    pub attempts: i32,
    /// How long the generation took, seconds.
    pub generation_seconds: f64,
}

/// The story, told step by step.
pub struct Story {
    setting: Setting,
    hospital: String,
    administrator: Visitor,
    visitors: BTreeMap<String, Visitor>,
    /// What has come of it so far.
    pub outcome: Outcome,
    tell: Box<dyn FnMut(&str) + Send>,
}

impl Story {
    /// A story that begins; `tell` hears its lines.
    pub fn new(setting: Setting, tell: impl FnMut(&str) + Send + 'static) -> Self {
        Self {
            hospital: setting.administrator.hospital.clone(),
            administrator: setting.visitor.clone(),
            visitors: BTreeMap::new(),
            outcome: Outcome::default(),
            tell: Box::new(tell),
            setting,
        }
    }

    /// Plays one step.
    ///
    /// # Errors
    /// The first answer that is an error and not a passing one.
    pub async fn play(&mut self, step: Step) -> Result<(), Status> {
        match step {
            Step::ImportDepartment => self.import_department().await,
            Step::SignIn => self.sign_in().await,
            Step::LoadHolidays => self.load_holidays().await,
            Step::RequestLeave => self.request_leave().await,
            Step::DecideLeave => self.decide_leave().await,
            Step::ApplyTemplate => self.apply_template().await,
            Step::Generate => self.generate().await,
            Step::Adopt => self.adopt().await,
            Step::Publish => self.publish().await,
            Step::Read => self.read().await,
            Step::Exchange => self.exchange().await,
            Step::Replace => self.replace().await,
            Step::Maintain => self.maintain().await,
        }
    }

    /// Plays all steps.
    ///
    /// # Errors
    /// As [`Story::play`].
    pub async fn play_all(&mut self) -> Result<(), Status> {
        for step in Step::ALL {
            self.play(step).await?;
        }
        Ok(())
    }

    /// The administrator, once signed in.
    pub fn administrator(&self) -> &Visitor {
        &self.administrator
    }

    fn tell(&mut self, line: &str) {
        (self.tell)(line);
    }

    /// Somebody who has signed in, by e-mail address.
    ///
    /// # Errors
    /// When nobody of that address has.
    pub fn visitor(&self, email: &str) -> Result<&Visitor, Status> {
        self.visitors.get(email).ok_or_else(|| Status::internal("this person has not signed in"))
    }

    fn person(&self, email: &str) -> Result<&StaffMember, Status> {
        self.outcome.people.get(email).ok_or_else(|| Status::internal("this person was not imported"))
    }
}

/// A fresh `request_id`.
fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Reads every page of a list. `$call` takes the token of a page.
macro_rules! pages {
    ($visitor:expr, |$token:ident| $call:expr, $field:ident) => {{
        let mut all = vec![];
        let mut page_token = String::new();
        loop {
            let page = $visitor
                .patiently(|| {
                    let $token = page_token.clone();
                    async { $call.await }
                })
                .await?;
            all.extend(page.$field);
            if page.next_page_token.is_empty() {
                break all;
            }
            page_token = page.next_page_token;
        }
    }};
}
pub(crate) use pages;
