//! The ledger behind the counters, accounts, heavy weeks and marks: parse, call, render.

use chassis::{Ctx, Problem};
use durable::{Once, page::Page, time};
use proto::{
    names::{
        CounterName, EquityAccountName, HospitalName, LedgerLineName, PlanName, RevisionName, ShiftName,
        StaffMemberName, WishName,
    },
    planning::v1 as pb,
    values,
};

use super::{
    parse,
    parse::{Fields, name},
};
use crate::{
    app::{
        App,
        adjust_counter::Adjustment,
        equity_accounts::{Account, Asked},
        import_ledger::History,
        marks::Mark,
    },
    domain::{
        counting,
        fatigue::{Reason, Week},
        ledger::{Line, Source},
        marks::Color,
    },
    store::ledger,
};

const TEXT_LENGTH_MAX: usize = 500;
const NAME_LENGTH_MAX: usize = 120;
const FILE_BYTES_MAX: usize = 1_048_576;
/// The most that is corrected at once, in thousandths.
const QUANTITY_MAX: i64 = 400_000;

/// Rows in memory, cut to a page.
fn cut<R>(rows: Vec<R>, page: &Page, key: impl Fn(&R) -> String) -> (Vec<R>, String) {
    let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
    let mut rows: Vec<R> = (rows.into_iter())
        .filter(|row| page.after().is_none_or(|after| key(row).as_str() > after))
        .take(limit.saturating_add(1))
        .collect();
    let next = page.next(&mut rows, key);
    (rows, next)
}

pub async fn list_lines(
    app: &App,
    ctx: &Ctx,
    request: pb::ListLedgerLinesRequest,
) -> Result<pb::ListLedgerLinesResponse, Problem> {
    let parent = name("parent", CounterName::parse_wild(&request.parent))?;
    let hospital = parent.hospital.as_str();
    // Who may not ask is refused before what is wrong is told.
    app.sees_equity(ctx, hospital, &parent.staff_member).await?;
    let page = Page::of(request.page_size, &request.page_token, &[&request.parent, &request.filter])?;
    let mut filter = parse::filter(&request.filter, &["date", "source"], hospital)?;
    filter.map_values(|field, value| match (field, value) {
        ("source", "PUBLICATION") => Source::Publication.code().to_owned(),
        _ => value.to_owned(),
    });
    let (who, counter) = (&parent.staff_member, &parent.counter);
    let mut lines = app.list_ledger_lines(ctx, hospital, who, counter, &page, &filter).await?;
    let next_page_token = page.next(&mut lines, ledger::sort_key);
    let ledger_lines = lines.iter().map(|own| line(hospital, own)).collect();
    Ok(pb::ListLedgerLinesResponse { ledger_lines, next_page_token })
}

pub async fn list_accounts(
    app: &App,
    ctx: &Ctx,
    request: pb::ListEquityAccountsRequest,
) -> Result<pb::ListEquityAccountsResponse, Problem> {
    let parent = name("parent", StaffMemberName::parse_wild(&request.parent))?;
    let hospital = parent.hospital.as_str();
    app.sees_equity(ctx, hospital, &parent.staff_member).await?;
    let mut fields = Fields::default();
    let is_year = request.year == 0 || (2000..=2200).contains(&request.year);
    fields.need("year", is_year, "expected 2000 to 2200");
    let site = fields.site("site", &request.site, hospital);
    fields.finish(Some(()))?;
    let arguments = [request.parent.as_str(), &request.site, &request.year.to_string()];
    let page = Page::of(request.page_size, &request.page_token, &arguments)?;
    let asked = Asked {
        hospital,
        staff_member: &parent.staff_member,
        year: Some(request.year).filter(|year| *year > 0),
        site: &site,
    };
    let (year, rows) = app.list_equity_accounts(ctx, asked).await?;
    let key = |own: &Account| format!("{}/{}", own.staff_member, counting::id_of(own.counter));
    let (rows, next_page_token) = cut(rows, &page, key);
    let equity_accounts = rows.iter().map(|own| account(hospital, year, own)).collect();
    Ok(pb::ListEquityAccountsResponse { equity_accounts, next_page_token })
}

pub async fn adjust(
    app: &App,
    ctx: &Ctx,
    request: pb::AdjustCounterRequest,
) -> Result<pb::LedgerLine, Problem> {
    let method = "planning.v1.PlanningService/AdjustCounter";
    let once = Once::of(ctx, method, &request.request_id, &request)?;
    let own = name("name", CounterName::parse(&request.name))?;
    app.allow(ctx, "counters.adjust", &own.hospital)?;
    let mut fields = Fields::default();
    let quantity = request.quantity_thousandths;
    let is_some = quantity != 0 && (-QUANTITY_MAX..=QUANTITY_MAX).contains(&quantity);
    fields.need("quantity_thousandths", is_some, "expected 1 to 400000 either way");
    let justification = fields.text("justification", &request.justification, false, TEXT_LENGTH_MAX);
    let day = fields.ok("date", values::day(request.date));
    let day = fields.finish(day)?;
    let adjustment = Adjustment {
        hospital: &own.hospital,
        staff_member: &own.staff_member,
        counter: &own.counter,
        day,
        quantity,
        justification,
    };
    let line = app.adjust_counter(ctx, adjustment, &once).await?;
    Ok(self::line(&own.hospital, &line))
}

pub async fn import(
    app: &App,
    ctx: &Ctx,
    request: pb::ImportLedgerRequest,
) -> Result<pb::ImportLedgerResponse, Problem> {
    let method = "planning.v1.PlanningService/ImportLedger";
    // A preview is never remembered: the same request may be sent for good afterwards.
    let request_id = if request.validate_only { "" } else { request.request_id.as_str() };
    let once = Once::of(ctx, method, request_id, &request)?;
    let parent = name("parent", HospitalName::parse(&request.parent))?;
    app.allow(ctx, "counters.adjust", &parent.hospital)?;
    let mut fields = Fields::default();
    let file_name = fields.text("file_name", &request.file_name, true, NAME_LENGTH_MAX);
    fields.need("content", request.content.len() <= FILE_BYTES_MAX, "expected at most 1 MiB");
    let history = History {
        hospital: &parent.hospital,
        file_name: &file_name,
        content: &request.content,
        is_preview: request.validate_only,
    };
    let imported = app.import_ledger(ctx, fields.finish(Some(history))?, &once).await?;
    Ok(pb::ImportLedgerResponse { created_count: imported.created, unchanged_count: imported.unchanged })
}

pub async fn list_heavy_weeks(
    app: &App,
    ctx: &Ctx,
    request: pb::ListHeavyWeeksRequest,
) -> Result<pb::ListHeavyWeeksResponse, Problem> {
    let parent = name("parent", PlanName::parse(&request.parent))?;
    app.allow(ctx, "plans.edit", &parent.hospital)?;
    let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
    let rows = app.list_heavy_weeks(ctx, &parent.hospital, &parent.plan).await?;
    let key = |own: &Week| format!("{}/{}", own.monday, own.staff_member);
    let (rows, next_page_token) = cut(rows, &page, key);
    let heavy_weeks = rows.iter().map(|own| week(&parent.hospital, own)).collect();
    Ok(pb::ListHeavyWeeksResponse { heavy_weeks, next_page_token })
}

pub async fn list_marks(
    app: &App,
    ctx: &Ctx,
    request: pb::ListMarksRequest,
) -> Result<pb::ListMarksResponse, Problem> {
    let parent = name("parent", PlanName::parse(&request.parent))?;
    app.allow(ctx, "plans.edit", &parent.hospital)?;
    let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
    let rows = app.list_marks(ctx, &parent.hospital, &parent.plan).await?;
    let (rows, next_page_token) = cut(rows, &page, Mark::sort_key);
    let marks = rows.iter().map(|own| mark(&parent, own)).collect();
    Ok(pb::ListMarksResponse { marks, next_page_token })
}

fn person(hospital: &str, id: &str) -> String {
    if id.is_empty() { String::new() } else { StaffMemberName::new(hospital, id).to_string() }
}

fn line(hospital: &str, own: &Line) -> pb::LedgerLine {
    let is_counted = own.source == Source::Publication;
    let of_plan = |text: String| if is_counted { text } else { String::new() };
    pb::LedgerLine {
        name: LedgerLineName::new(hospital, &own.staff_member, &own.counter, &own.id).to_string(),
        source: match own.source {
            Source::Publication => pb::ledger_line::Source::Publication,
            Source::Adjustment => pb::ledger_line::Source::Adjustment,
            Source::Import => pb::ledger_line::Source::Import,
        }
        .into(),
        date: Some(own.day.into()),
        quantity_thousandths: own.quantity,
        shift: of_plan(ShiftName::new(hospital, &own.plan, &own.shift).to_string()),
        revision: of_plan(RevisionName::new(hospital, &own.plan, own.revision.to_string()).to_string()),
        justification: own.justification.clone(),
        author: person(hospital, &own.author),
        create_time: Some(time::micros_to_proto(own.create_time)),
    }
}

fn account(hospital: &str, year: i32, own: &Account) -> pb::EquityAccount {
    let counter = counting::id_of(own.counter);
    let (done, projected) = (own.own, own.projected);
    pb::EquityAccount {
        name: EquityAccountName::new(hospital, &own.staff_member, format!("{counter}-{year}")).to_string(),
        counter: CounterName::new(hospital, &own.staff_member, &counter).to_string(),
        quantity_thousandths: done.done,
        drafted_thousandths: done.drafted,
        share_thousandths: projected.share,
        projected_thousandths: projected.projected,
        year_share_thousandths: projected.year_share,
        carried_thousandths: own.carried,
        presence_thousandths: done.presence,
        year_presence_thousandths: done.year_presence,
        is_remarkable: projected.is_remarkable,
        is_newcomer: own.is_newcomer,
        weighted_thousandths: own.weighted,
    }
}

fn week(hospital: &str, own: &Week) -> pb::HeavyWeek {
    let reason = |own: &Reason| match own {
        Reason::Hardship => pb::heavy_week::Reason::Hardship.into(),
        Reason::Fatigue => pb::heavy_week::Reason::Fatigue.into(),
        Reason::HighFatigue => pb::heavy_week::Reason::HighFatigue.into(),
    };
    pb::HeavyWeek {
        staff_member: person(hospital, &own.staff_member),
        monday: Some(own.monday.into()),
        reasons: own.reasons.iter().map(reason).collect(),
        hardship_hundredths: own.hardship,
        fatigue_points: own.points,
        peak_date: Some(own.peak.into()),
    }
}

/// A color as contracts say it.
pub fn color(own: Color) -> pb::mark::Color {
    match own {
        Color::Blue => pb::mark::Color::Blue,
        Color::Orange => pb::mark::Color::Orange,
        Color::Red => pb::mark::Color::Red,
    }
}

fn mark(plan: &PlanName, own: &Mark) -> pb::Mark {
    let hospital = plan.hospital.as_str();
    let wish = if own.wish.is_empty() {
        String::new()
    } else {
        WishName::new(hospital, &own.staff_member, &own.wish).to_string()
    };
    pb::Mark {
        staff_member: person(hospital, &own.staff_member),
        date: Some(own.day.into()),
        color: color(own.color).into(),
        rules: own.rules.iter().map(|rule| (*rule).to_owned()).collect(),
        shifts: own.shifts.iter().map(|id| ShiftName::new(hospital, &plan.plan, id).to_string()).collect(),
        wish,
    }
}
