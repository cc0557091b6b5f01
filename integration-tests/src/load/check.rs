//! What must hold after a time under load: whatever was acknowledged is there once, whatever was not is there once or
//! never, sums are sums, and everybody was told once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::{Duration, Instant},
};

use proto::{
    leave::v1::{
        BalanceEntry, Leave, ListBalanceEntriesRequest, ListBalancesRequest, ListLeavesRequest,
        balance_entry::Kind, leave::State,
    },
    notification::v1::{ListNotificationsRequest, Notification},
    planning::v1::{Assignment, ListAssignmentsRequest},
    staff::v1::ListSkillsRequest,
};
use tonic::Status;

use super::{
    World,
    door::Person,
    history::{End, Request, Wish},
};

/// How long the last event may take to arrive.
pub const ARRIVE_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What does not hold, in words; nothing of it should be.
#[derive(Debug, Default)]
pub struct Finding {
    /// Acknowledged and not there, or not told.
    pub lost: Vec<String>,
    /// There or told twice.
    pub doubled: Vec<String>,
    /// Sums that are none.
    pub wrong: Vec<String>,
    /// How long after the end of the load the last event arrived.
    pub settled: Duration,
}

impl Finding {
    /// Whether all holds.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.wrong.is_empty()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (word, found) in [("lost", &self.lost), ("doubled", &self.doubled), ("wrong", &self.wrong)] {
            for one in found.iter().take(10) {
                writeln!(f, "    {word}: {one}")?;
            }
        }
        Ok(())
    }
}

/// Reads everything and compares it with what was written down; the last event may take as long as `arrive_max`.
///
/// # Errors
/// When something cannot be read though all is mended.
pub async fn check(world: &World, requests: &[Request], arrive_max: Duration) -> Result<Finding, Status> {
    let mut finding = Finding::default();
    let begun = Instant::now();
    let leaves = leaves(world).await?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for leave in &leaves {
        *counts.entry(leave.comment.clone()).or_default() += 1;
    }
    compare(requests, Wish::CreateLeave, &counts, &mut finding);
    decisions(requests, &leaves, &mut finding);
    ledgers(world, requests, &mut finding).await?;
    compare(requests, Wish::CreateSkill, &skills(world).await?, &mut finding);
    bookings(requests, &assignments(world).await?, &mut finding);
    told(world, requests, &leaves, arrive_max, &mut finding).await?;
    finding.settled = begun.elapsed();
    Ok(finding)
}

/// Marks that were acknowledged are there once, all others at most once.
fn compare(requests: &[Request], wish: Wish, counts: &BTreeMap<String, usize>, finding: &mut Finding) {
    for request in requests.iter().filter(|request| request.wish == wish) {
        let count = counts.get(&request.mark).copied().unwrap_or_default();
        if count == 0 && matches!(request.end, End::Done(_)) {
            finding.lost.push(format!("{wish:?} {}", request.mark));
        }
        if count > 1 {
            finding.doubled.push(format!("{wish:?} {} × {count}", request.mark));
        }
    }
}

/// A decision that was acknowledged stands.
fn decisions(requests: &[Request], leaves: &[Leave], finding: &mut Finding) {
    let states: BTreeMap<&str, State> =
        leaves.iter().map(|leave| (leave.name.as_str(), leave.state())).collect();
    for request in requests.iter().filter(|request| request.wish == Wish::DecideLeave) {
        let stands = states.get(request.mark.as_str()) == Some(&State::Rejected);
        if !stands && matches!(request.end, End::Done(_)) {
            finding.lost.push(format!("decision about {}", request.mark));
        }
    }
}

/// Lines of the ledgers are there once, and balances are their sums.
async fn ledgers(world: &World, requests: &[Request], finding: &mut Finding) -> Result<(), Status> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for person in world.people() {
        let parent = world.balance(person);
        let entries = entries(world, &parent).await?;
        for entry in &entries {
            *counts.entry(entry.reason.clone()).or_default() += 1;
        }
        let request =
            ListBalancesRequest { parent: person.name.clone(), page_size: 1000, ..Default::default() };
        let balances = ask(person, world, |visitor| {
            let request = request.clone();
            async move { visitor.leave().list_balances(request).await }
        })
        .await?
        .balances;
        let stated = balances.iter().find(|balance| balance.name == parent);
        let granted = entries.iter().filter(|entry| matches!(entry.kind(), Kind::Grant | Kind::Adjustment));
        let granted: i32 = granted.map(|entry| entry.half_days).sum();
        if stated.map_or(0, |balance| balance.granted_half_days) != granted {
            finding.wrong.push(format!("{parent} is not the sum of its lines"));
        }
    }
    compare(requests, Wish::AdjustBalance, &counts, finding);
    Ok(())
}

/// A shift has one person on a post, the one who was told so.
fn bookings(requests: &[Request], assignments: &[Assignment], finding: &mut Finding) {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut posts: BTreeMap<(&str, i32), usize> = BTreeMap::new();
    for assignment in assignments {
        names.entry(&assignment.shift).or_default().insert(&assignment.name);
        *posts.entry((&assignment.shift, assignment.post)).or_default() += 1;
    }
    for ((shift, _), count) in posts.iter().filter(|(_, count)| **count > 1) {
        finding.doubled.push(format!("booking of {shift} × {count}"));
    }
    let mut winners: BTreeMap<&str, usize> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.wish == Wish::ClaimShift) {
        let End::Done(name) = &request.end else { continue };
        *winners.entry(&request.mark).or_default() += 1;
        if !names.get(request.mark.as_str()).is_some_and(|names| names.contains(name.as_str())) {
            finding.lost.push(format!("booking {name}"));
        }
    }
    for (shift, count) in winners.iter().filter(|(_, count)| **count > 1) {
        finding.doubled.push(format!("promise of {shift} × {count}"));
    }
}

/// For each leave those who decide were told once, and whoever asked once about the decision. Events may still be on
/// their way: waits for the last.
async fn told(
    world: &World,
    requests: &[Request],
    leaves: &[Leave],
    arrive_max: Duration,
    finding: &mut Finding,
) -> Result<(), Status> {
    let own: BTreeSet<&str> = requests
        .iter()
        .filter_map(|request| match (&request.end, request.wish) {
            (End::Done(name), Wish::CreateLeave | Wish::DecideLeave) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let end = Instant::now() + arrive_max;
    loop {
        let mut news = vec![];
        for person in world.people().iter().chain([&world.administrator]) {
            news.push(notifications(world, person).await?);
        }
        // Several may decide: each of them is told once.
        let mut most: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for own in &news {
            let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
            for one in own {
                *counts.entry((&one.kind, &one.subject)).or_default() += 1;
            }
            for (what, count) in counts {
                let known = most.entry(what).or_default();
                *known = count.max(*known);
            }
        }
        let (mut lost, mut doubled) = (vec![], vec![]);
        for leave in leaves.iter().filter(|leave| own.contains(leave.name.as_str())) {
            let mut kinds = vec!["LEAVE_SUBMITTED"];
            if leave.state() == State::Rejected {
                kinds.push("LEAVE_REJECTED");
            }
            for kind in kinds {
                match most.get(&(kind, leave.name.as_str())).copied().unwrap_or_default() {
                    0 => lost.push(format!("{kind} of {}", leave.name)),
                    1 => {}
                    count => doubled.push(format!("{kind} of {} × {count}", leave.name)),
                }
            }
        }
        if lost.is_empty() || Instant::now() > end {
            finding.lost.append(&mut lost);
            finding.doubled.append(&mut doubled);
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Asks as the person, patiently.
async fn ask<T, R>(
    person: &Person,
    world: &World,
    call: impl Fn(mathildanesth::demo::visitor::Visitor) -> R,
) -> Result<T, Status>
where
    R: Future<Output = Result<tonic::Response<T>, Status>>,
{
    person.ask(&world.doors, call).await.answer
}

/// Reads every page of a list; `$call` takes the visitor and the token of a page.
macro_rules! pages {
    ($person:expr, $world:expr, |$visitor:ident, $token:ident| $call:expr, $field:ident) => {{
        let mut all = vec![];
        let mut page_token = String::new();
        loop {
            let page = ask($person, $world, |$visitor| {
                let $token = page_token.clone();
                async move { $call.await }
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

async fn leaves(world: &World) -> Result<Vec<Leave>, Status> {
    let mut all = vec![];
    for person in world.people() {
        let parent = &person.name;
        all.extend(pages!(
            person,
            world,
            |visitor, page_token| visitor.leave().list_leaves(ListLeavesRequest {
                parent: parent.clone(),
                page_size: 1000,
                page_token,
                ..Default::default()
            }),
            leaves
        ));
    }
    Ok(all)
}

async fn entries(world: &World, parent: &str) -> Result<Vec<BalanceEntry>, Status> {
    Ok(pages!(
        &world.administrator,
        world,
        |visitor, page_token| visitor.leave().list_balance_entries(ListBalanceEntriesRequest {
            parent: parent.to_owned(),
            page_size: 1000,
            page_token,
        }),
        balance_entries
    ))
}

async fn skills(world: &World) -> Result<BTreeMap<String, usize>, Status> {
    let all = pages!(
        &world.administrator,
        world,
        |visitor, page_token| visitor.staff().list_skills(ListSkillsRequest {
            parent: world.hospital.clone(),
            page_size: 1000,
            page_token,
        }),
        skills
    );
    let mut counts = BTreeMap::new();
    for skill in all {
        *counts.entry(skill.display_name).or_default() += 1;
    }
    Ok(counts)
}

async fn assignments(world: &World) -> Result<Vec<Assignment>, Status> {
    Ok(pages!(
        &world.administrator,
        world,
        |visitor, page_token| visitor.planning().list_assignments(ListAssignmentsRequest {
            parent: world.plan.clone(),
            page_size: 1000,
            page_token,
            ..Default::default()
        }),
        assignments
    ))
}

async fn notifications(world: &World, person: &Person) -> Result<Vec<Notification>, Status> {
    let parent = &person.name;
    Ok(pages!(
        person,
        world,
        |visitor, page_token| visitor.notifications().list_notifications(ListNotificationsRequest {
            parent: parent.clone(),
            page_size: 1000,
            page_token,
            ..Default::default()
        }),
        notifications
    ))
}
