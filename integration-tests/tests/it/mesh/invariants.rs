//! What must hold after the story, whatever died during it.

use std::collections::{BTreeMap, BTreeSet};

use mathildanesth::demo::{report::Report, story::Story};
use proto::{
    leave::v1::{
        GetLeaveRequest, ListBalanceEntriesRequest, ListBalancesRequest, balance_entry, leave::State,
    },
    notification::v1::{ListNotificationsRequest, notice::Service},
    planning::v1::{
        GetCertificateRequest, ListCountersRequest, ListRevisionsRequest, certificate::Verdict, shift::Kind,
    },
};
use tokio::time::{Duration, Instant};

/// How long a person may wait for news.
const NEWS_MAX: Duration = Duration::from_secs(60);

/// Asserts all of them.
pub async fn hold(story: &Story) {
    every_mistake_of_the_files_was_named(story);
    the_plan_is_lawful_and_whole(story);
    every_decision_on_leave_stands(story).await;
    balances_are_the_sums_of_their_entries(story).await;
    approved_leave_is_respected(story);
    every_revision_is_there_once_with_its_certificate(story).await;
    counters_sum_to_what_was_published(story).await;
    everybody_concerned_was_told_exactly_once(story).await;
    the_feed_holds_what_was_published(story);
    the_window_was_shown(story);
}

fn every_mistake_of_the_files_was_named(story: &Story) {
    let mut cells: Vec<&str> = story.outcome.mistakes.iter().map(|(cell, _)| cell.as_str()).collect();
    cells.sort_unstable();
    assert_eq!(cells, ["contracts.csv:12:percentage", "rooms.csv:4:is_hidden", "surgeons.csv:9:sites"]);
}

fn the_plan_is_lawful_and_whole(story: &Story) {
    assert_eq!(Report::of(&story.outcome).faults(), Vec::<String>::new());
    assert!(
        story.outcome.assignments.len() > 500,
        "a month is more than {}",
        story.outcome.assignments.len()
    );
}

async fn every_decision_on_leave_stands(story: &Story) {
    for (email, leave) in &story.outcome.leaves {
        let request = GetLeaveRequest { name: leave.name.clone() };
        let visitor = story.visitor(email).unwrap();
        let now =
            visitor.patiently(|| async { visitor.leave().get_leave(request.clone()).await }).await.unwrap();
        assert_eq!((now.state, &now.etag), (leave.state, &leave.etag), "{}", leave.name);
    }
    let states: Vec<State> = story.outcome.leaves.iter().map(|(_, leave)| leave.state()).collect();
    assert!(states.contains(&State::Approved) && states.contains(&State::Rejected));
}

async fn balances_are_the_sums_of_their_entries(story: &Story) {
    for (email, _) in &story.outcome.leaves {
        let person = &story.outcome.people[email];
        let visitor = story.visitor(email).unwrap();
        let request =
            ListBalancesRequest { parent: person.name.clone(), page_size: 100, ..Default::default() };
        let balances = visitor
            .patiently(|| async { visitor.leave().list_balances(request.clone()).await })
            .await
            .unwrap()
            .balances;
        assert!(!balances.is_empty());
        for balance in balances {
            let request = ListBalanceEntriesRequest {
                parent: balance.name.clone(),
                page_size: 1000,
                ..Default::default()
            };
            let entries = visitor
                .patiently(|| async { visitor.leave().list_balance_entries(request.clone()).await })
                .await
                .unwrap()
                .balance_entries;
            let granted: i32 = entries
                .iter()
                .filter(|e| matches!(e.kind(), balance_entry::Kind::Grant | balance_entry::Kind::Adjustment))
                .map(|e| e.half_days)
                .sum();
            assert_eq!(granted, balance.granted_half_days, "{}", balance.name);
            assert_eq!(balance.remaining_half_days, balance.granted_half_days - balance.used_half_days);
        }
    }
}

fn approved_leave_is_respected(story: &Story) {
    for (email, leave) in story.outcome.leaves.iter().filter(|(_, leave)| leave.state() == State::Approved) {
        let person = &story.outcome.people[email].name;
        let key = |date: Option<proto::r#type::v1::Date>| date.map(|d| (d.year, d.month, d.day)).unwrap();
        let away = key(leave.first_date)..=key(leave.last_date);
        let broken =
            story.outcome.assignments.iter().find(|assignment| {
                assignment.staff_member == *person && away.contains(&key(assignment.date))
            });
        assert!(broken.is_none(), "{broken:?} is inside an approved leave");
    }
}

async fn every_revision_is_there_once_with_its_certificate(story: &Story) {
    let administrator = story.administrator();
    let request =
        ListRevisionsRequest { parent: story.outcome.plan.name.clone(), page_size: 10, ..Default::default() };
    let revisions = administrator
        .patiently(|| async { administrator.planning().list_revisions(request.clone()).await })
        .await
        .unwrap()
        .revisions;
    assert_eq!(revisions.len(), 1 + story.outcome.amendments.len());
    assert!(revisions.iter().any(|revision| revision.name == story.outcome.plan.published_revision));
    let number = |name: &str| name.rsplit('/').next().unwrap().parse::<u32>().unwrap();
    let latest = revisions.iter().max_by_key(|revision| number(&revision.name)).unwrap();
    assert_eq!(latest.assignment_count as usize, story.outcome.assignments.len());
    for revision in &revisions {
        let request = GetCertificateRequest { name: format!("{}/certificate", revision.name) };
        let certificate = administrator
            .patiently(|| async { administrator.planning().get_certificate(request.clone()).await })
            .await
            .unwrap();
        assert_eq!(certificate.verdict(), Verdict::Compliant, "{}", revision.name);
    }
}

async fn counters_sum_to_what_was_published(story: &Story) {
    let administrator = story.administrator();
    let hospital = story.outcome.plan.name.split("/plans/").next().unwrap().to_owned();
    let request = ListCountersRequest {
        parent: format!("{hospital}/staffMembers/-"),
        page_size: 1000,
        first_date: story.outcome.plan.first_date,
        last_date: story.outcome.plan.last_date,
        ..Default::default()
    };
    let counters = administrator
        .patiently(|| async { administrator.planning().list_counters(request.clone()).await })
        .await
        .unwrap()
        .counters;
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for counter in &counters {
        *sums.entry(counter.name.rsplit('/').next().unwrap()).or_default() += counter.quantity;
    }
    for (counter, kind) in [("gardes", Kind::Garde), ("astreintes", Kind::Astreinte)] {
        let published =
            story.outcome.assignments.iter().filter(|assignment| assignment.kind() == kind).count();
        assert_eq!(sums.get(counter).copied().unwrap_or_default(), published as i64, "{counter}");
    }
}

async fn everybody_concerned_was_told_exactly_once(story: &Story) {
    assert_eq!(story.outcome.told, story.outcome.concerned.len());
    let revisions: Vec<&BTreeSet<String>> =
        story.outcome.amendments.iter().chain([&story.outcome.concerned]).collect();
    for person in story.outcome.people.values() {
        let visitor = story.visitor(&person.email).unwrap();
        let request =
            ListNotificationsRequest { parent: person.name.clone(), page_size: 1000, ..Default::default() };
        let expected = revisions.iter().filter(|concerned| concerned.contains(&person.name)).count();
        let news = || async {
            let page = visitor
                .patiently(|| async { visitor.notifications().list_notifications(request.clone()).await })
                .await
                .unwrap();
            page.notifications.iter().filter(|own| own.kind == "PLAN_PUBLISHED").count()
        };
        // Those of the last revision may be on their way.
        let end = Instant::now() + NEWS_MAX;
        while news().await < expected && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(news().await, expected, "{}", person.name);
    }
}

fn the_feed_holds_what_was_published(story: &Story) {
    let feed = &story.outcome.feed;
    assert!(feed.starts_with("BEGIN:VCALENDAR\r\n") && feed.trim_end().ends_with("END:VCALENDAR"), "{feed}");
    let owner = story.outcome.people.values().find(|p| p.display_name == story.outcome.feed_owner).unwrap();
    let held = story.outcome.assignments.iter().filter(|a| a.staff_member == owner.name).count();
    let uids: BTreeSet<&str> = feed.lines().filter(|line| line.starts_with("UID:")).collect();
    assert_eq!(uids.len(), held, "one event with a UID of its own for each assignment");
}

fn the_window_was_shown(story: &Story) {
    let services: Vec<_> =
        story.outcome.banner.iter().flat_map(|notice| notice.read_only_services()).collect();
    assert_eq!(services, [Service::Planning]);
}
