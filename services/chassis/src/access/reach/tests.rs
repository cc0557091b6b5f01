use jiff::Timestamp;

use super::*;
use crate::{
    Role, Secret,
    access::{Effect, LEAVE, PLANNING, Rule, lines},
};

const A: &str = "a";
const B: &str = "b";

fn person(roles: &[Role], sites: &[&str]) -> Person {
    Person {
        hospital: "h".to_owned(),
        staff_member: "x".to_owned(),
        service_account: String::new(),
        session: String::new(),
        roles: roles.to_vec(),
        profession: "IADE".to_owned(),
        sites: sites.iter().map(|site| (*site).to_owned()).collect(),
        password_change_required: false,
        expire_time: Timestamp::UNIX_EPOCH,
        token: Secret::new(String::new()),
    }
}

fn rule(permission: &str, role: Role, effect: Effect, (sites, professions): (&[&str], &[&str])) -> Rule {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let scope = Scope { sites: own(sites), includes_own_sites: false, professions: own(professions) };
    Rule { permission: permission.to_owned(), role, effect, scope }
}

fn may(rules: &[Rule], caller: &Person, permission: &'static str, target: Target<'_>) -> bool {
    let overrides = Overrides::new(rules.to_vec());
    permits(Some(&overrides), lines(permission).next().unwrap().1, caller, &target)
}

fn hospital() -> Target<'static> {
    Target::hospital("h")
}

#[test]
fn without_rules_everybody_has_what_the_tables_give() {
    for table in [&PLANNING, &LEAVE] {
        for grant in table.0 {
            for role in Role::ALL {
                let caller = person(&[role], &[A]);
                let expected = grant.roles.contains(&role);
                let told = format!("{} {role:?}", grant.permission);
                assert_eq!(permits(None, grant, &caller, &hospital().in_part()), expected, "{told}");
                let nurses = hospital().of_profession("IADE").at_site(A);
                assert_eq!(permits(None, grant, &caller, &nurses), expected, "{told}");
            }
        }
    }
    let nurse = person(&[Role::NurseAdministrator], &[]);
    assert!(!may(&[], &nurse, "leaves.approve", hospital().of_profession("MAR")));
    assert!(!may(&[], &nurse, "leaves.approve", hospital()), "of everybody");
    assert!(may(&[], &nurse, "leaves.read", hospital()));
}

#[test]
fn what_is_allowed_stands_in_the_tables_place() {
    let rules = [rule("plans.read", Role::NurseManager, Effect::Allowed, (&[A], &[]))];
    let manager = person(&[Role::NurseManager], &[]);
    let both = [A.to_owned(), B.to_owned()];
    assert!(may(&rules, &manager, "plans.read", hospital().at_site(A)));
    assert!(may(&rules, &manager, "plans.read", hospital().in_part()));
    assert!(!may(&rules, &manager, "plans.read", hospital().at_site(B)));
    assert!(!may(&rules, &manager, "plans.read", hospital().at_each(&both)));
    assert!(may(&rules, &manager, "plans.read", hospital().at_any(&both)));
    assert!(!may(&rules, &manager, "plans.read", hospital()));
    assert!(!may(&rules, &manager, "plans.read", hospital().at_each(&[])), "at no site");
    // Another role, another permission.
    assert!(may(&rules, &person(&[Role::Secretary], &[]), "plans.read", hospital()));
    assert!(may(&rules, &manager, "templates.read", hospital()));
    // With two roles one may do what one of them may.
    assert!(may(&rules, &person(&[Role::NurseManager, Role::Secretary], &[]), "plans.read", hospital()));
}

#[test]
fn a_rule_widens_what_the_table_gives_and_reaches_ones_own_sites() {
    let mut own = rule("plans.edit", Role::Secretary, Effect::Allowed, (&[B], &[]));
    own.scope.includes_own_sites = true;
    let secretary = person(&[Role::Secretary], &[A]);
    assert!(!may(&[], &secretary, "plans.edit", hospital().at_site(A)));
    for (site, expected) in [(A, true), (B, true), ("c", false)] {
        assert_eq!(
            may(&[own.clone()], &secretary, "plans.edit", hospital().at_site(site)),
            expected,
            "{site}"
        );
    }
    assert!(!may(&[own], &person(&[Role::Secretary], &[]), "plans.edit", hospital().at_site(A)));
}

#[test]
fn what_is_withdrawn_is_taken_from_the_table_and_from_what_is_allowed() {
    let withdrawn = rule("plans.read", Role::NurseManager, Effect::Withdrawn, (&[B], &[]));
    let manager = person(&[Role::NurseManager], &[]);
    let read = |rules: &[Rule], target| may(rules, &manager, "plans.read", target);
    assert!(read(std::slice::from_ref(&withdrawn), hospital().at_site(A)));
    assert!(!read(std::slice::from_ref(&withdrawn), hospital().at_site(B)));
    assert!(!read(std::slice::from_ref(&withdrawn), hospital()), "all of it has a part that is withdrawn");
    assert!(read(std::slice::from_ref(&withdrawn), hospital().in_part()));
    let allowed = rule("plans.read", Role::NurseManager, Effect::Allowed, (&[A, B], &[]));
    let both = [withdrawn, allowed];
    assert!(read(&both, hospital().at_site(A)) && !read(&both, hospital().at_site(B)));
    let all = [rule("plans.read", Role::NurseManager, Effect::Withdrawn, (&[], &[]))];
    assert!(!read(&all, hospital().in_part()));
}

#[test]
fn a_rule_that_cannot_hold_says_nothing() {
    let rules = [
        rule("leaves.read_reason", Role::Secretary, Effect::Allowed, (&[], &[])),
        rule("staff_members.write", Role::SuperAdministrator, Effect::Withdrawn, (&[], &[])),
    ];
    assert!(!may(&rules, &person(&[Role::Secretary], &[]), "leaves.read_reason", hospital().in_part()));
    assert!(may(&rules, &person(&[Role::SuperAdministrator], &[]), "staff_members.write", hospital()));
}

#[test]
fn the_professions_of_a_caller_are_those_about_which_it_is_permitted() {
    let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>();
    let grant = lines("leaves.read").next().unwrap().1;
    let manager = |rules: &[Rule]| {
        let overrides = Overrides::new(rules.to_vec());
        among(Some(&overrides), grant, &person(&[Role::NurseManager], &[]))
    };
    let said = |effect, codes: &[&str]| rule("leaves.read", Role::NurseManager, effect, (&[], codes));
    let (allowed, withdrawn) = (Effect::Allowed, Effect::Withdrawn);
    for (rules, expected) in [
        (vec![], Among::ALL),
        (vec![said(allowed, &["IADE"])], Among::Only(set(&["IADE"]))),
        (vec![said(withdrawn, &["MAR"])], Among::Except(set(&["MAR"]))),
        (vec![said(withdrawn, &[])], Among::NONE),
        (vec![said(allowed, &["IADE", "MAR"]), said(withdrawn, &["MAR"])], Among::Only(set(&["IADE"]))),
    ] {
        let own = manager(&rules);
        assert_eq!(own, expected);
        for code in ["MAR", "IADE", "SECRETARY"] {
            let caller = person(&[Role::NurseManager], &[]);
            assert_eq!(own.has(code), may(&rules, &caller, "leaves.read", hospital().of_profession(code)));
        }
    }
    let (named, not) = (Among::Only(set(&["MAR"])), Among::Except(set(&["MAR", "IADE"])));
    assert_eq!(named.clone().or(not.clone()), Among::Except(set(&["IADE"])));
    assert_eq!(not.clone().without(named.clone()), Among::Except(set(&["MAR", "IADE"])));
    assert_eq!(named.clone().without(not.clone()), named);
    assert_eq!(Among::Except(set(&["MAR"])).without(not), Among::Only(set(&["IADE"])));
}
