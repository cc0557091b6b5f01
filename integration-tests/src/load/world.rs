//! The hospital that the load's users work in, and what they know of it.

use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use calendar::Day;
use chassis::BoxError;
use mathildanesth::demo::{
    self, Play,
    story::{Step, Story},
    visitor::Login,
};

use proto::staff::v1::GetCurrentSessionRequest;

use super::door::{Doors, Person};

/// The first day that leave is asked for, and how many follow.
const FIRST_DAY: (i32, i32, i32) = (2027, 3, 1);
const DAYS: usize = 3_000;
/// The story's patience with a mesh that has just begun.
const PATIENCE: Duration = Duration::from_secs(60);

/// A department, its people and an unfinished plan.
pub struct World {
    /// `hospitals/{hospital}`
    pub hospital: String,
    /// The gateways.
    pub doors: Doors,
    /// Who decides.
    pub administrator: Person,
    /// The plan of the first month.
    pub plan: String,
    people: Vec<Person>,
    first_day: Day,
    /// How many leaves everybody together asked for.
    asked: AtomicUsize,
    shifts: Mutex<Vec<String>>,
    undecided: Mutex<Vec<(String, String)>>,
    leaves: Mutex<Vec<(usize, String)>>,
}

impl World {
    /// Brings the demo's department into a new mesh: places, people, passwords, holidays, trame and plan.
    ///
    /// # Errors
    /// When a step of the story fails.
    pub async fn build(addresses: &[String], authority: &Path, seed: u64) -> Result<Self, BoxError> {
        let month = "2027-01".parse().map_err(|_| "a month")?;
        let play = Play { seed, month: Some(month), search_seconds: 20, steps: 0 };
        let first = addresses.first().ok_or("a mesh has a gateway")?;
        let setting = demo::setting(&play, first, Some(authority), PATIENCE)?;
        let administrator = setting.administrator.clone();
        let mut story = Story::new(setting, |_| ());
        for step in [Step::ImportDepartment, Step::SignIn, Step::LoadHolidays, Step::ApplyTemplate] {
            story.play(step).await.map_err(|status| format!("{step:?}: {status}"))?;
        }
        let visitor = story.administrator().clone();
        let session = visitor
            .patiently(|| async {
                visitor.sessions().get_current_session(GetCurrentSessionRequest::default()).await
            })
            .await?;
        let hospital = administrator.hospital.clone();
        let login = |email: &str| Login { email: email.to_owned(), ..administrator.clone() };
        // Secretaries have no leave to ask for.
        let people = story
            .outcome
            .people
            .values()
            .filter(|person| person.email.starts_with("mar") || person.email.starts_with("iade"));
        let people = people.map(|person| {
            let visitor = story.visitor(&person.email).ok();
            Person::new(person.name.clone(), login(&person.email), visitor)
        });
        let people = people.collect();
        let (year, month, day) = FIRST_DAY;
        Ok(Self {
            doors: Doors::new(addresses, authority)?,
            administrator: Person::new(session.staff_member, administrator.clone(), Some(&visitor)),
            plan: story.outcome.plan.name.clone(),
            people,
            first_day: Day::new(year, month, day)?,
            asked: AtomicUsize::new(0),
            shifts: Mutex::new(story.outcome.shifts.iter().map(|shift| shift.name.clone()).collect()),
            undecided: Mutex::default(),
            leaves: Mutex::default(),
            hospital,
        })
    }

    /// Everybody.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Somebody.
    pub fn person(&self, draw: u64) -> &Person {
        &self.people[usize::try_from(draw % self.people.len() as u64).unwrap_or_default()]
    }

    /// Somebody, and a day for which they have not asked yet.
    pub fn free_day(&self, _draw: u64) -> (&Person, Day) {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let day = (turn / self.people.len()) % DAYS;
        (&self.people[turn % self.people.len()], self.first_day.plus(i32::try_from(day).unwrap_or_default()))
    }

    /// The ledger that corrections of the load go to.
    pub fn balance(&self, person: &Person) -> String {
        format!("{}/balances/recup-{}", person.name, FIRST_DAY.0)
    }

    /// Remembers a leave that waits for a decision.
    pub fn add_undecided(&self, name: String, etag: String) {
        lock(&self.leaves).push((self.owner_index(&name), name.clone()));
        lock(&self.undecided).push((name, etag));
    }

    /// Whose leave it is.
    pub fn owner(&self, leave: &str) -> &Person {
        &self.people[self.owner_index(leave)]
    }

    fn owner_index(&self, leave: &str) -> usize {
        let is_theirs =
            |person: &Person| leave.strip_prefix(&person.name).is_some_and(|rest| rest.starts_with('/'));
        self.people.iter().position(is_theirs).unwrap_or_default()
    }

    /// Takes a leave out of those that wait; its version, unless somebody has it already.
    pub fn take_back(&self, leave: &str) -> Option<String> {
        let mut undecided = lock(&self.undecided);
        let at = undecided.iter().position(|(name, _)| name == leave)?;
        Some(undecided.swap_remove(at).1)
    }

    /// A leave that nobody else decides.
    pub fn take_undecided(&self) -> Option<(String, String)> {
        lock(&self.undecided).pop()
    }

    /// A leave that was acknowledged, and whose it is.
    pub fn known_leave(&self, draw: u64) -> Option<(&Person, String)> {
        let leaves = lock(&self.leaves);
        let at = usize::try_from(draw.checked_rem(leaves.len() as u64)?).unwrap_or_default();
        leaves.get(at).map(|(owner, name)| (&self.people[*owner], name.clone()))
    }

    /// A shift that nobody was put on.
    pub fn take_shift(&self) -> Option<String> {
        lock(&self.shifts).pop()
    }
}

/// A panic while a list is held leaves it whole.
fn lock<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
