//! Users of a hospital: so many requests a second, whatever the system does meanwhile, each written down with what came
//! of it.
//!
//! The load is open: a request begins when its time has come, not when the one before it has ended, so that a system
//! which stands still is not spared.

pub mod check;
pub mod door;
pub mod history;
mod world;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use proto::{
    leave::v1::{
        AdjustBalanceRequest, CreateLeaveRequest, GetLeaveRequest, Leave, ListBalancesRequest,
        ListLeavesRequest, RejectLeaveRequest,
    },
    notification::v1::ListNotificationsRequest,
    planning::v1::{Assignment, CreateAssignmentRequest, ListShiftsRequest},
    staff::v1::{CreateSkillRequest, GetStaffMemberRequest, Skill},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::{task::JoinHandle, time::MissedTickBehavior};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Code;
use uuid::Uuid;

use self::{
    door::{Asked, Person},
    history::{End, History, Request, Wish},
};
pub use world::World;

/// Of a hundred requests, so many of each kind: people look more often than they change.
const MIX: [(Wish, u32); 11] = [
    (Wish::GetLeave, 28),
    (Wish::ListLeaves, 8),
    (Wish::ListBalances, 6),
    (Wish::ListNotifications, 18),
    (Wish::GetStaffMember, 26),
    (Wish::ListShifts, 2),
    (Wish::CreateLeave, 4),
    (Wish::DecideLeave, 3),
    (Wish::AdjustBalance, 2),
    (Wish::CreateSkill, 2),
    (Wish::ClaimShift, 1),
];

/// Asks as a person, patiently: a service, its method, a request.
macro_rules! ask {
    ($person:expr, $world:expr, $service:ident, $method:ident, $request:ident) => {
        $person.ask(&$world.doors, |visitor| {
            let request = $request.clone();
            async move { visitor.$service().$method(request).await }
        })
    };
}

mod probe;

/// A running load.
pub struct Load {
    stop: CancellationToken,
    pace: JoinHandle<()>,
    tracker: TaskTracker,
    history: Arc<History>,
}

impl Load {
    /// Begins with `rate` requests a second.
    pub fn start(world: &Arc<World>, rate: u32, seed: u64) -> Self {
        let (stop, tracker, history) = (CancellationToken::new(), TaskTracker::new(), Arc::default());
        let pace = tokio::spawn(pace(
            world.clone(),
            (rate, StdRng::seed_from_u64(seed)),
            stop.clone(),
            tracker.clone(),
            Arc::clone(&history),
        ));
        Self { stop, pace, tracker, history }
    }

    /// What has ended so far.
    pub fn history(&self) -> &Arc<History> {
        &self.history
    }

    /// Begins no more, waits for those under way, and answers all that was written down.
    pub async fn stop(self) -> Vec<Request> {
        self.stop.cancel();
        let _ = self.pace.await;
        self.tracker.close();
        self.tracker.wait().await;
        self.history.all()
    }
}

async fn pace(
    world: Arc<World>,
    (rate, mut rng): (u32, StdRng),
    stop: CancellationToken,
    tracker: TaskTracker,
    history: Arc<History>,
) {
    let mut beat = tokio::time::interval(Duration::from_secs(1) / rate);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = beat.tick() => {}
        }
        let (world, history, wish) = (world.clone(), history.clone(), wish(&mut rng));
        let draw = rng.random();
        tracker.spawn(async move {
            for request in fulfil(&world, wish, draw).await {
                history.add(request);
            }
        });
    }
}

fn wish(rng: &mut StdRng) -> Wish {
    let mut left = rng.random_range(0..MIX.iter().map(|(_, share)| share).sum());
    for (wish, share) in MIX {
        match left.checked_sub(share) {
            Some(less) => left = less,
            None => return wish,
        }
    }
    Wish::GetStaffMember
}

/// Does what a user wishes. Two requests for a shift that two want.
async fn fulfil(world: &World, wish: Wish, draw: u64) -> Vec<Request> {
    let person = world.person(draw);
    match wish {
        Wish::GetLeave => match world.known_leave(draw) {
            Some((owner, name)) => vec![get_leave(world, owner, name).await],
            None => vec![get_staff_member(world, person, world.person(draw / 7)).await],
        },
        Wish::ListLeaves => vec![list_leaves(world, person).await],
        Wish::ListBalances => vec![list_balances(world, person).await],
        Wish::ListNotifications => vec![list_notifications(world, person).await],
        Wish::GetStaffMember => vec![get_staff_member(world, person, world.person(draw / 7)).await],
        Wish::ListShifts => vec![list_shifts(world).await],
        Wish::CreateLeave => vec![create_leave(world, draw).await],
        Wish::DecideLeave => match world.take_undecided() {
            Some((name, etag)) => vec![decide_leave(world, name, etag).await],
            None => vec![create_leave(world, draw).await],
        },
        Wish::AdjustBalance => vec![adjust_balance(world, person).await],
        Wish::CreateSkill => vec![create_skill(world).await],
        Wish::ClaimShift => match world.take_shift() {
            Some(shift) => {
                let (one, other) = (world.person(draw / 3), world.person(draw / 3 + 1));
                let (one, other) =
                    tokio::join!(claim_shift(world, &shift, one), claim_shift(world, &shift, other));
                vec![one, other]
            }
            None => vec![create_skill(world).await],
        },
    }
}

/// Writes down how it went; `name` takes the name out of the answer.
fn written<T>(
    wish: Wish,
    mark: String,
    begun: Instant,
    asked: Asked<T>,
    name: impl FnOnce(&T) -> String,
) -> Request {
    let Asked { answer, attempts, first, first_failure } = asked;
    let end = match &answer {
        Ok(answer) => End::Done(name(answer)),
        Err(status) => End::Failed(status.code(), status.message().to_owned()),
    };
    Request { wish, mark, begun, ended: Instant::now(), attempts, first, first_failure, end }
}

async fn get_leave(world: &World, owner: &Person, name: String) -> Request {
    let begun = Instant::now();
    let request = GetLeaveRequest { name: name.clone() };
    let asked = ask!(owner, world, leave, get_leave, request).await;
    written(Wish::GetLeave, name, begun, asked, |leave| leave.name.clone())
}

async fn list_leaves(world: &World, person: &Person) -> Request {
    let begun = Instant::now();
    let request = ListLeavesRequest { parent: person.name.clone(), page_size: 20, ..Default::default() };
    let asked = ask!(person, world, leave, list_leaves, request).await;
    written(Wish::ListLeaves, person.name.clone(), begun, asked, |_| String::new())
}

async fn list_balances(world: &World, person: &Person) -> Request {
    let begun = Instant::now();
    let request = ListBalancesRequest { parent: person.name.clone(), ..Default::default() };
    let asked = ask!(person, world, leave, list_balances, request).await;
    written(Wish::ListBalances, person.name.clone(), begun, asked, |_| String::new())
}

async fn list_notifications(world: &World, person: &Person) -> Request {
    let begun = Instant::now();
    let request =
        ListNotificationsRequest { parent: person.name.clone(), page_size: 20, ..Default::default() };
    let asked = ask!(person, world, notifications, list_notifications, request).await;
    written(Wish::ListNotifications, person.name.clone(), begun, asked, |_| String::new())
}

async fn get_staff_member(world: &World, person: &Person, other: &Person) -> Request {
    let begun = Instant::now();
    let request = GetStaffMemberRequest { name: other.name.clone() };
    let asked = ask!(person, world, staff, get_staff_member, request).await;
    written(Wish::GetStaffMember, other.name.clone(), begun, asked, |member| member.name.clone())
}

async fn list_shifts(world: &World) -> Request {
    let begun = Instant::now();
    let request = ListShiftsRequest { parent: world.plan.clone(), page_size: 50, ..Default::default() };
    let asked = ask!(world.administrator, world, planning, list_shifts, request).await;
    written(Wish::ListShifts, world.plan.clone(), begun, asked, |_| String::new())
}

async fn create_leave(world: &World, draw: u64) -> Request {
    let begun = Instant::now();
    let (person, day) = world.free_day(draw);
    let mark = mark();
    let request = CreateLeaveRequest {
        parent: person.name.clone(),
        leave: Some(Leave {
            leave_type: format!("{}/leaveTypes/mat", world.hospital),
            first_date: Some(day.into()),
            last_date: Some(day.into()),
            comment: mark.clone(),
            ..Default::default()
        }),
        request_id: Uuid::new_v4().to_string(),
        validate_only: false,
    };
    let asked = ask!(person, world, leave, create_leave, request).await;
    if let Ok(leave) = &asked.answer {
        world.add_undecided(leave.name.clone(), leave.etag.clone());
    }
    written(Wish::CreateLeave, mark, begun, asked, |leave| leave.name.clone())
}

async fn decide_leave(world: &World, name: String, etag: String) -> Request {
    let begun = Instant::now();
    let request = RejectLeaveRequest {
        name: name.clone(),
        etag,
        comment: "Le service est complet.".to_owned(),
        request_id: Uuid::new_v4().to_string(),
    };
    let asked = ask!(world.administrator, world, leave, reject_leave, request).await;
    written(Wish::DecideLeave, name, begun, asked, |leave| leave.name.clone())
}

async fn adjust_balance(world: &World, person: &Person) -> Request {
    let begun = Instant::now();
    let mark = mark();
    let request = AdjustBalanceRequest {
        name: world.balance(person),
        half_days: 1,
        reason: mark.clone(),
        request_id: Uuid::new_v4().to_string(),
        ..Default::default()
    };
    let asked = ask!(world.administrator, world, leave, adjust_balance, request).await;
    written(Wish::AdjustBalance, mark, begun, asked, |balance| balance.name.clone())
}

async fn create_skill(world: &World) -> Request {
    let begun = Instant::now();
    let mark = mark();
    let request = CreateSkillRequest {
        parent: world.hospital.clone(),
        skill_id: Uuid::new_v4().to_string(),
        skill: Some(Skill { display_name: mark.clone(), ..Default::default() }),
        request_id: Uuid::new_v4().to_string(),
    };
    let asked = ask!(world.administrator, world, staff, create_skill, request).await;
    written(Wish::CreateSkill, mark, begun, asked, |skill| skill.name.clone())
}

async fn claim_shift(world: &World, shift: &str, person: &Person) -> Request {
    let begun = Instant::now();
    let request = CreateAssignmentRequest {
        parent: world.plan.clone(),
        assignment: Some(Assignment {
            shift: shift.to_owned(),
            staff_member: person.name.clone(),
            ..Default::default()
        }),
        request_id: Uuid::new_v4().to_string(),
        validate_only: false,
    };
    let asked = ask!(world.administrator, world, planning, create_assignment, request).await;
    let is_beaten = asked.answer.as_ref().err().is_some_and(|status| status.code() == Code::AlreadyExists);
    let mut request =
        written(Wish::ClaimShift, shift.to_owned(), begun, asked, |assignment| assignment.name.clone());
    if is_beaten {
        (request.end, request.first_failure) = (End::Beaten, None);
    }
    request
}

/// What a request can be found by.
fn mark() -> String {
    format!("marque {}", Uuid::new_v4().simple())
}
