//! The ledger behind the counters: lines, corrections, imports, accounts, who sees what.

use proto::planning::v1::{self as pb, ledger_line::Source};
use tonic::{Code, Response};

use crate::{
    counted,
    world::{Answer, HOSPITAL, PLAN, World, date, fields, new_request_id, reason},
};

fn person(id: &str) -> String {
    format!("hospitals/{HOSPITAL}/staffMembers/{id}")
}

async fn lines(world: &World, reader: &str, who: &str, counter: &str) -> Answer<Vec<pb::LedgerLine>> {
    let request = pb::ListLedgerLinesRequest {
        parent: format!("{}/counters/{counter}", person(who)),
        page_size: 1_000,
        ..Default::default()
    };
    let answer = world.client().list_ledger_lines(world.by(reader, request)).await?;
    Ok(answer.into_inner().ledger_lines)
}

fn adjustment(who: &str, counter: &str, quantity: i64, justification: &str) -> pb::AdjustCounterRequest {
    pb::AdjustCounterRequest {
        name: format!("{}/counters/{counter}", person(who)),
        quantity_thousandths: quantity,
        date: Some(date("2027-01-10")),
        justification: justification.into(),
        ..Default::default()
    }
}

async fn adjust(world: &World, by: &str, request: pb::AdjustCounterRequest) -> Answer<pb::LedgerLine> {
    world.client().adjust_counter(world.by(by, request)).await.map(Response::into_inner)
}

async fn import(world: &World, by: &str, csv: &str, preview: bool) -> Answer<pb::ImportLedgerResponse> {
    let request = pb::ImportLedgerRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        file_name: "history.csv".into(),
        content: csv.as_bytes().to_vec(),
        validate_only: preview,
        ..Default::default()
    };
    world.client().import_ledger(world.by(by, request)).await.map(Response::into_inner)
}

async fn accounts(world: &World, reader: &str, who: &str, year: i32) -> Answer<Vec<pb::EquityAccount>> {
    let request =
        pb::ListEquityAccountsRequest { parent: person(who), year, page_size: 1_000, ..Default::default() };
    let answer = world.client().list_equity_accounts(world.by(reader, request)).await?;
    Ok(answer.into_inner().equity_accounts)
}

async fn share_equity(world: &World, equity: pb::EquityPolicy) -> Answer<pb::RuleSet> {
    let request = pb::UpdateRuleSetRequest {
        rule_set: Some(pb::RuleSet {
            name: format!("hospitals/{HOSPITAL}/ruleSets/default"),
            equity: Some(equity),
            ..Default::default()
        }),
        update_mask: None,
    };
    world.client().update_rule_set(world.by("chief", request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn counters_are_the_sums_of_the_lines_of_publications_and_corrections() {
    let world = World::new().await;
    world.published().await;
    let published = lines(&world, "boss", "bob", "gardes").await.unwrap();
    assert!(published.iter().all(|own| own.source() == Source::Publication && own.shift.starts_with(PLAN)));
    let sum = |lines: &[pb::LedgerLine]| lines.iter().map(|own| own.quantity_thousandths).sum::<i64>();
    let before = counted(&world, "boss", "bob", "gardes").await;
    assert_eq!(sum(&published), before * 1_000);

    let request = pb::AdjustCounterRequest {
        request_id: new_request_id(),
        ..adjustment("bob", "gardes", 2_000, "Remplacement du 10 sur papier")
    };
    let line = adjust(&world, "boss", request.clone()).await.unwrap();
    assert_eq!((line.source(), line.author.as_str()), (Source::Adjustment, person("boss").as_str()));
    assert_eq!(adjust(&world, "boss", request).await.unwrap(), line, "a retry answers the same line");
    adjust(&world, "boss", adjustment("bob", "gardes", -500, "Moitié seulement")).await.unwrap();
    let all = lines(&world, "boss", "bob", "gardes").await.unwrap();
    assert_eq!(all.len(), published.len() + 2, "a correction is a line of its own");
    assert_eq!(sum(&all), before * 1_000 + 1_500);
    assert_eq!(counted(&world, "boss", "bob", "gardes").await, before + 1);
    assert!(world.plan("boss").await.unwrap().analysis.unwrap().stale, "fair shares moved");

    let etag = world.plan("boss").await.unwrap().etag;
    world.publish(&etag, false).await.unwrap();
    let again = lines(&world, "boss", "bob", "gardes").await.unwrap();
    assert_eq!(again.len(), all.len(), "publishing again takes no correction back");
}

#[tokio::test]
async fn a_correction_says_why_and_of_what() {
    let world = World::new().await;
    let refused = |request| adjust(&world, "boss", request);
    let silent = refused(adjustment("bob", "gardes", 1_000, "  ")).await.unwrap_err();
    assert_eq!(
        (silent.code(), reason(&silent).as_str()),
        (Code::InvalidArgument, "LEDGER_JUSTIFICATION_REQUIRED")
    );
    let analyzed = refused(adjustment("bob", "hardship", 1_000, "why")).await.unwrap_err();
    assert_eq!(reason(&analyzed), "COUNTER_NOT_KEPT");
    let nothing = refused(adjustment("bob", "gardes", 0, "why")).await.unwrap_err();
    assert_eq!(fields(&nothing), ["quantity_thousandths"]);
    let nobody = refused(adjustment("nobody", "gardes", 1_000, "why")).await.unwrap_err();
    assert_eq!(nobody.code(), Code::NotFound);
    let own = adjust(&world, "bob", adjustment("bob", "gardes", -1_000, "why")).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied, "nobody corrects their own");
    assert!(lines(&world, "boss", "-", "-").await.unwrap().is_empty(), "nothing was written");
}

#[tokio::test]
async fn anothers_ledger_is_refused_unless_the_team_shares_and_reasons_stay_hidden() {
    let world = World::new().await;
    world.published().await;
    adjust(&world, "boss", adjustment("bob", "gardes", 1_000, "confidentiel")).await.unwrap();
    let corrected = |lines: Vec<pb::LedgerLine>| {
        lines.into_iter().find(|own| own.source() == Source::Adjustment).unwrap()
    };
    let own = corrected(lines(&world, "bob", "bob", "gardes").await.unwrap());
    assert_eq!(own.justification, "confidentiel");
    for reader in ["ann", "zoe", "locum"] {
        let refused = lines(&world, reader, "bob", "gardes").await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{reader}");
        assert_eq!(accounts(&world, reader, "bob", 2027).await.unwrap_err().code(), Code::PermissionDenied);
    }
    let set = share_equity(&world, pb::EquityPolicy { shared: true, ..Default::default() }).await.unwrap();
    assert_eq!(set.equity.unwrap().smoothed_years, Some(3), "the rest are the defaults");
    let shared = corrected(lines(&world, "ann", "bob", "gardes").await.unwrap());
    assert_eq!((shared.justification.as_str(), shared.author.as_str()), ("", ""));
    assert!(!accounts(&world, "ann", "-", 2027).await.unwrap().is_empty());
    for (reader, who) in [("ann", "iva"), ("iva", "bob"), ("zoe", "bob")] {
        let refused = lines(&world, reader, who, "gardes").await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "professions are silos: {reader} {who}");
    }
    let stranger =
        pb::ListLedgerLinesRequest { parent: format!("{}/counters/-", person("bob")), ..Default::default() };
    let refused = world.client().list_ledger_lines(world.by_stranger(stranger)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

const HISTORY: &str = "staff_member;counter;date;quantity;reference
ann;gardes-special;2025-12-25;1;
bob;gardes-special;2025-12-31;1;
bob;gardes-special;2025-12-24;1;
bob;gardes;2026-06-30;11,5;bilan
";

#[tokio::test]
async fn importing_a_history_twice_changes_nothing() {
    let world = World::new().await;
    let tried = import(&world, "boss", HISTORY, true).await.unwrap();
    assert_eq!((tried.created_count, tried.unchanged_count), (4, 0));
    assert!(lines(&world, "boss", "-", "-").await.unwrap().is_empty(), "a trial writes nothing");
    import(&world, "boss", HISTORY, false).await.unwrap();
    let once = lines(&world, "boss", "-", "-").await.unwrap();
    assert!(once.len() == 4 && once.iter().all(|own| own.source() == Source::Import));
    let again = import(&world, "boss", HISTORY, false).await.unwrap();
    assert_eq!((again.created_count, again.unchanged_count), (0, 4));
    assert_eq!(lines(&world, "boss", "-", "-").await.unwrap(), once);

    let more = format!("{HISTORY}ann;gardes-special;2025-12-25;1;le second\n");
    let more = import(&world, "boss", &more, false).await.unwrap();
    assert_eq!((more.created_count, more.unchanged_count), (1, 4));
    let changed = HISTORY.replace("11,5", "12");
    let refused = import(&world, "boss", &changed, false).await.unwrap_err();
    assert_eq!(
        (reason(&refused).as_str(), fields(&refused)),
        ("IMPORT_INVALID", vec!["history.csv:5:quantity".to_owned()])
    );
    let wrong = "staff_member,counter,date,quantity\nnobody,gardes,2027-12-01,1\nann,hardship,2025-01-01,x\n";
    let refused = import(&world, "boss", wrong, false).await.unwrap_err();
    let cells =
        ["2:staff_member", "2:date", "3:counter", "3:quantity"].map(|own| format!("history.csv:{own}"));
    assert_eq!(fields(&refused), cells);
    assert_eq!(lines(&world, "boss", "-", "-").await.unwrap().len(), 5);
    let denied = import(&world, "bob", HISTORY, false).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn generations_begin_with_what_the_accounts_tell() {
    let world = World::new().await;
    import(&world, "boss", HISTORY, false).await.unwrap();
    world.planned().await;
    world.generate("", 1).await.unwrap();
    let task = world.lease().await.unwrap();
    // MARs are the first of the problem's people, in the order of their ids: ann, bob, cas…
    let of = |at: usize| {
        let counters = &task.problem.as_ref().unwrap().people[at].history.as_ref().unwrap().counters;
        counters.iter().find(|own| own.counter == "GARDES_SPECIAL").map_or(0, |own| own.value)
    };
    let told = accounts(&world, "boss", "-", 2027).await.unwrap();
    let carried = |who: &str| {
        let counter = format!("{}/counters/gardes-special", person(who));
        told.iter().find(|own| own.counter == counter).map_or(0, |own| own.carried_thousandths)
    };
    assert_eq!((of(0), of(1), of(2)), (carried("ann"), carried("bob"), carried("cas")));
    assert!(carried("bob") > carried("ann") && carried("ann") > 0 && carried("cas") < 0);
    assert_eq!(told.iter().filter(|own| own.counter.ends_with("/gardes")).count(), 0, "2026 is over");
}

#[tokio::test]
async fn an_account_tells_what_is_published_drafted_and_where_the_year_ends() {
    let world = World::new().await;
    let plan = world.planned().await;
    let proposal = world.generated().await;
    let plan = world.adopt(&proposal.name, &plan.etag).await.unwrap();
    let of = |rows: Vec<pb::EquityAccount>, who: &str| {
        let name = format!("{}/equityAccounts/gardes-2027", person(who));
        rows.into_iter().find(|own| own.name == name)
    };
    let days: Vec<i32> =
        world.assignments("boss", "").await.iter().map(|own| own.date.unwrap().day).collect();
    let (first, last) = (days.iter().min().copied().unwrap(), days.iter().max().copied().unwrap());
    let gardes = world.assignments("boss", "kind = GARDE").await;
    let held = |who: &str| gardes.iter().filter(|own| own.staff_member == person(who)).count() as i64 * 1_000;
    let drafted = of(accounts(&world, "boss", "-", 2027).await.unwrap(), "bob").unwrap();
    assert_eq!((drafted.quantity_thousandths, drafted.drafted_thousandths), (0, held("bob")));
    assert!(
        of(accounts(&world, "bob", "bob", 2027).await.unwrap(), "bob").is_none(),
        "nobody else sees heads"
    );

    world.publish(&plan.etag, false).await.unwrap();
    let all = accounts(&world, "boss", "-", 2027).await.unwrap();
    let gardes: Vec<_> = all.iter().filter(|own| own.counter.ends_with("/counters/gardes")).collect();
    let sum = |of: fn(&pb::EquityAccount) -> i64| gardes.iter().map(|own| of(own)).sum::<i64>();
    assert_eq!(sum(|own| own.quantity_thousandths), sum(|own| own.share_thousandths), "shares add up");
    let own = of(accounts(&world, "bob", "bob", 2027).await.unwrap(), "bob").unwrap();
    assert_eq!((own.quantity_thousandths, own.drafted_thousandths), (held("bob"), 0));
    let (there, all_year) = (i64::from(last - first + 1), i64::from(366 - first));
    assert_eq!((own.presence_thousandths, own.year_presence_thousandths), (there * 1_000, all_year * 1_000));
    assert_eq!(own.projected_thousandths, held("bob") * all_year / there);
    let everybody = accounts(&world, "bob", "bob", 2027).await.unwrap();
    assert!(everybody.iter().all(|own| own.name.starts_with(&person("bob"))));
}

#[tokio::test]
async fn corrections_and_imports_are_in_the_audit_log_without_figures_and_reasons() {
    let world = World::new().await;
    import(&world, "boss", HISTORY, false).await.unwrap();
    import(&world, "boss", HISTORY, false).await.unwrap();
    adjust(&world, "boss", adjustment("bob", "gardes", 1_000, "confidentiel")).await.unwrap();
    let request = proto::audit::v1::ListAuditEntriesRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        ..Default::default()
    };
    let answer = world.client().list_audit_entries(world.by("chief", request)).await.unwrap().into_inner();
    let actions: Vec<&str> = answer.audit_entries.iter().map(|own| own.action.as_str()).collect();
    assert_eq!(actions, ["counter.adjust", "ledger.import"], "an import that adds nothing leaves no line");
    assert!(!format!("{answer:?}").contains("confidentiel"));
}

#[tokio::test]
async fn a_policy_out_of_bounds_is_refused_with_its_fields() {
    let world = World::new().await;
    let wrong = pb::EquityPolicy {
        long_absence_days: Some(0),
        adaptation_days: Some(-1),
        smoothed_counters: vec!["hardship".into()],
        ..Default::default()
    };
    let refused = share_equity(&world, wrong).await.unwrap_err();
    assert_eq!(fields(&refused), ["rule_set.equity.adaptation_days"]);
    let wrong = pb::EquityPolicy {
        long_absence_days: Some(0),
        smoothed_counters: vec!["hardship".into()],
        ..Default::default()
    };
    let refused = share_equity(&world, wrong).await.unwrap_err();
    assert_eq!(fields(&refused), ["rule_set.equity.long_absence_days", "rule_set.equity.smoothed_counters"]);
}
