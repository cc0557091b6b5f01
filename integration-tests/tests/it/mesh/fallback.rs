//! The copy outside: what a department works from while the mesh is away.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

use integration_tests::mesh::program;
use mathildanesth::demo::{self, story::Story};

use super::{AllInOne, PATIENCE, play};

/// Copies as the person does, who needs no more rights than anybody of the team.
fn copy(address: &str, email: &str, month: &str, outside: &Path) -> Output {
    let password = outside.join("password");
    fs::write(&password, demo::PASSWORD).unwrap();
    Command::new(program("mathildanesth").unwrap())
        .args(["fallback", "--address", address, "--hospital", demo::HOSPITAL, "--email", email])
        .args(["--month", month, "--patience-seconds", "1", "--password-file"])
        .arg(password)
        .arg("--folder")
        .arg(outside)
        .arg("--metrics")
        .arg(outside)
        .output()
        .unwrap()
}

fn events(text: &str) -> usize {
    text.matches("BEGIN:VEVENT").count()
}

/// The last part of a resource's name.
fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_outside_holds_every_published_duty_and_outlives_the_mesh() {
    let mut whole = AllInOne::start();
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    story.play_all().await.unwrap();
    let (email, _) = story.outcome.people.first_key_value().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read_to_string(outside.path().join(name)).unwrap();

    let output = copy(&whole.address(), email, "2026-12", outside.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut duties: BTreeMap<&str, usize> = BTreeMap::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for assignment in &story.outcome.assignments {
        *duties.entry(assignment.staff_member.as_str()).or_default() += 1;
        *places.entry(assignment.site.as_str()).or_default() += 1;
    }
    for (person, count) in &duties {
        assert_eq!(events(&read(&format!("current/people/{}.ics", id(person)))), *count);
    }
    for (place, count) in &places {
        assert_eq!(events(&read(&format!("current/sites/{}.ics", id(place)))), *count);
    }
    let pages: String =
        places.keys().map(|place| read(&format!("current/sites/{}.html", id(place)))).collect();
    for person in story.outcome.people.values().filter(|own| duties.contains_key(own.name.as_str())) {
        assert!(pages.contains(&person.display_name), "no page names a holder");
    }
    assert!(read("current/index.html").contains("Copie du"));
    let metric = read(&format!("mathildanesth_fallback_{}.prom", demo::HOSPITAL));
    assert!(metric.contains("mathildanesth_fallback_last_timestamp_seconds{"), "{metric}");

    let first = read("current/index.html");
    assert!(copy(&whole.address(), email, "2026-12", outside.path()).status.success());
    assert_eq!(read("before/index.html"), first, "the copy before is kept");

    let last = read("current/index.html");
    let nothing = copy(&whole.address(), email, "2031-05", outside.path());
    assert!(!nothing.status.success(), "a month of which nothing is published is no copy");
    whole.process.kill();
    assert!(!copy(&whole.address(), email, "2026-12", outside.path()).status.success());
    assert_eq!(read("current/index.html"), last, "without the mesh the last copy stays");
}
