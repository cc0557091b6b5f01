//! What changes something: parse the request, call the use case, render the answer.

use std::time::Duration;

use chassis::{Ctx, Problem, Violation};
use durable::{Once, mask::Mask};
use proto::{
    names::{
        AssignmentName, HospitalName, PlanName, ProposalName, RuleSetName, ShiftName, StaffMemberName,
        TemplateName,
    },
    planning::v1 as pb,
    values,
};

use super::{
    convert, parse,
    parse::{Fields, name},
};
use crate::{
    app::{
        App,
        apply_template::Apply,
        generate_plan::Budget,
        write_assignments::{NewAssignment, Update},
        write_plans::NewPlan,
        write_templates::Import,
    },
    domain::plan,
};

const NAME_LENGTH_MAX: usize = 120;
const BATCH_MAX: usize = 1_000;
const TIME_DEFAULT: Duration = Duration::from_secs(30);
const TIME_MIN: Duration = Duration::from_secs(1);
const TIME_MAX: Duration = Duration::from_mins(10);
/// The most steps of a search: without a time limit they alone free its thread again.
const STEPS_MAX: u64 = 1_000_000_000;

/// The id of a method for idempotency records.
macro_rules! method {
    ($name:literal) => {
        concat!("planning.v1.PlanningService/", $name)
    };
}

pub async fn create_plan(app: &App, ctx: &Ctx, request: pb::CreatePlanRequest) -> Result<pb::Plan, Problem> {
    let once = Once::of(ctx, method!("CreatePlan"), &request.request_id, &request)?;
    let parent = name("parent", HospitalName::parse(&request.parent))?;
    app.begin(ctx, "plans.edit", &parent.hospital)?;
    let own = request.plan.unwrap_or_default();
    let mut fields = Fields::default();
    let id = fields.id("plan_id", &request.plan_id);
    let display_name = fields.text("plan.display_name", &own.display_name, false, NAME_LENGTH_MAX);
    let first = fields.ok("plan.first_date", values::day(own.first_date));
    let last = parse::day_or_none(&mut fields, "plan.last_date", own.last_date);
    let days = first.and_then(|first| {
        let days = plan::days(first, last).map_err(|_| "expected no day before first_date");
        fields.ok("plan.last_date", days)
    });
    let is_short = days.is_none_or(|days| days.len() <= plan::DAYS_MAX);
    fields.need("plan.last_date", is_short, "expected at most 100 days");
    fields.need("plan.sites", !own.sites.is_empty(), "expected at least one site");
    let sites: Vec<String> = (own.sites.iter().enumerate())
        .map(|(at, site)| fields.site(&format!("plan.sites[{at}]"), site, &parent.hospital))
        .collect();
    let new = days.map(|days| NewPlan { hospital: parent.hospital, id, display_name, days, sites });
    let plan = app.create_plan(ctx, fields.finish(new)?, &once).await?;
    Ok(convert::plan(&plan))
}

pub async fn archive_plan(
    app: &App,
    ctx: &Ctx,
    request: pb::ArchivePlanRequest,
) -> Result<pb::Plan, Problem> {
    let once = Once::of(ctx, method!("ArchivePlan"), &request.request_id, &request)?;
    let own = name("name", PlanName::parse(&request.name))?;
    let plan = app.archive_plan(ctx, &own.hospital, &own.plan, &request.etag, &once).await?;
    Ok(convert::plan(&plan))
}

pub async fn publish_plan(
    app: &App,
    ctx: &Ctx,
    request: pb::PublishPlanRequest,
) -> Result<pb::Plan, Problem> {
    let once =
        once_unless(ctx, method!("PublishPlan"), request.validate_only, &request.request_id, &request)?;
    let own = name("name", PlanName::parse(&request.name))?;
    let is_preview = request.validate_only;
    let plan = app.publish_plan(ctx, &own.hospital, &own.plan, &request.etag, is_preview, &once).await?;
    Ok(convert::plan(&plan))
}

pub async fn adopt_proposal(
    app: &App,
    ctx: &Ctx,
    request: pb::AdoptProposalRequest,
) -> Result<pb::Plan, Problem> {
    let once =
        once_unless(ctx, method!("AdoptProposal"), request.validate_only, &request.request_id, &request)?;
    let own = name("name", ProposalName::parse(&request.name))?;
    let path = (own.hospital.as_str(), own.plan.as_str(), own.proposal.as_str());
    let plan = app.adopt_proposal(ctx, path, &request.etag, request.validate_only, &once).await?;
    Ok(convert::plan(&plan))
}

/// A preview is never remembered: the same request may be sent for good afterwards.
fn once_unless(
    ctx: &Ctx,
    method: &'static str,
    is_preview: bool,
    request_id: &str,
    request: &impl prost::Message,
) -> Result<Once, Problem> {
    Once::of(ctx, method, if is_preview { "" } else { request_id }, request)
}

/// What a generation is asked: a time, a number of steps, or both.
pub fn budget(request: &pb::GeneratePlanRequest) -> Result<Budget, Problem> {
    let asked = request.time_limit.map(|own| {
        let seconds = u64::try_from(own.seconds).unwrap_or(0);
        Duration::new(seconds, u32::try_from(own.nanos).unwrap_or(0).min(999_999_999))
    });
    if asked.is_some_and(|asked| !(TIME_MIN..=TIME_MAX).contains(&asked)) {
        let violation = Violation::new("time_limit", "expected 1 s to 10 min");
        return Err(Problem::invalid(vec![violation]));
    }
    if request.step_limit > STEPS_MAX {
        let violation = Violation::new("step_limit", format!("expected at most {STEPS_MAX}"));
        return Err(Problem::invalid(vec![violation]));
    }
    let default = if request.step_limit > 0 { Duration::ZERO } else { TIME_DEFAULT };
    let time_limit = asked.unwrap_or(default);
    Ok(Budget { seed: request.seed, step_limit: request.step_limit, time_limit })
}

pub async fn create_template(
    app: &App,
    ctx: &Ctx,
    request: pb::CreateTemplateRequest,
) -> Result<pb::Template, Problem> {
    let once = Once::of(ctx, method!("CreateTemplate"), &request.request_id, &request)?;
    let parent = name("parent", HospitalName::parse(&request.parent))?;
    app.begin(ctx, "templates.edit", &parent.hospital)?;
    let own = request.template.unwrap_or_default();
    let mut fields = Fields::default();
    let display_name = fields.text("template.display_name", &own.display_name, true, NAME_LENGTH_MAX);
    let pattern = parse::pattern(&mut fields, &own, &parent.hospital);
    fields.need("template.slots", !own.slots.is_empty(), "expected at least one line");
    let pattern = fields.finish(Some(pattern))?;
    let row = app.create_template(ctx, &parent.hospital, display_name, pattern, &once).await?;
    convert::template(&row, true)
}

pub async fn import_template(
    app: &App,
    ctx: &Ctx,
    request: pb::ImportTemplateRequest,
) -> Result<pb::Template, Problem> {
    let once =
        once_unless(ctx, method!("ImportTemplate"), request.validate_only, &request.request_id, &request)?;
    let parent = name("parent", HospitalName::parse(&request.parent))?;
    app.begin(ctx, "templates.edit", &parent.hospital)?;
    let mut fields = Fields::default();
    let display_name = fields.text("display_name", &request.display_name, true, NAME_LENGTH_MAX);
    let file_name = fields.text("file_name", &request.file_name, true, NAME_LENGTH_MAX);
    fields.need("content", request.content.len() <= 1_048_576, "expected at most 1 MiB");
    let import = Import {
        hospital: &parent.hospital,
        display_name,
        file_name: &file_name,
        content: &request.content,
        is_preview: request.validate_only,
    };
    let row = app.import_template(ctx, fields.finish(Some(import))?, &once).await?;
    convert::template(&row, true)
}

pub async fn apply_template(
    app: &App,
    ctx: &Ctx,
    request: pb::ApplyTemplateRequest,
) -> Result<pb::ApplyTemplateResponse, Problem> {
    let once =
        once_unless(ctx, method!("ApplyTemplate"), request.validate_only, &request.request_id, &request)?;
    let own = name("name", PlanName::parse(&request.name))?;
    app.begin(ctx, "plans.edit", &own.hospital)?;
    let template = name("template", TemplateName::parse(&request.template))?;
    let mut fields = Fields::default();
    let is_same = template.hospital == own.hospital;
    fields.need("template", is_same, "expected a name of the same hospital");
    let first = parse::day_or_none(&mut fields, "first_date", request.first_date);
    let last = parse::day_or_none(&mut fields, "last_date", request.last_date);
    let apply = Apply {
        hospital: &own.hospital,
        plan: &own.plan,
        template: &template.template,
        first,
        last,
        is_preview: request.validate_only,
    };
    let (counts, plan) = app.apply_template(ctx, fields.finish(Some(apply))?, &once).await?;
    Ok(pb::ApplyTemplateResponse {
        created_count: counts.created,
        existing_count: counts.existing,
        holiday_count: counts.holiday,
        other_site_count: counts.other_site,
        closed_count: counts.closed,
        plan: Some(convert::plan(&plan)),
    })
}

pub async fn create_shift(
    app: &App,
    ctx: &Ctx,
    request: pb::CreateShiftRequest,
) -> Result<pb::Shift, Problem> {
    let once = Once::of(ctx, method!("CreateShift"), &request.request_id, &request)?;
    let parent = name("parent", PlanName::parse(&request.parent))?;
    app.begin(ctx, "plans.edit", &parent.hospital)?;
    let mut fields = Fields::default();
    let shift = parse::shift(&mut fields, "shift", &request.shift.unwrap_or_default(), &parent.hospital);
    let new = vec![fields.finish(shift)?];
    let field = |_| "shift".to_owned();
    let made = app.create_shifts(ctx, &parent.hospital, &parent.plan, new, field, &once).await?;
    let made = made.first().map(|shift| convert::shift(&parent.hospital, &parent.plan, shift));
    made.ok_or_else(|| Problem::internal("the shift of a repeated request is gone"))
}

pub async fn batch_create_shifts(
    app: &App,
    ctx: &Ctx,
    request: pb::BatchCreateShiftsRequest,
) -> Result<pb::BatchCreateShiftsResponse, Problem> {
    let once = Once::of(ctx, method!("BatchCreateShifts"), &request.request_id, &request)?;
    let parent = name("parent", PlanName::parse(&request.parent))?;
    app.begin(ctx, "plans.edit", &parent.hospital)?;
    let mut fields = Fields::default();
    let is_sized = (1..=BATCH_MAX).contains(&request.requests.len());
    fields.need("requests", is_sized, "expected 1 to 1000 requests");
    let mut new = Vec::new();
    for (at, own) in request.requests.iter().take(BATCH_MAX).enumerate() {
        let is_same = own.parent.is_empty() || own.parent == request.parent;
        fields.need(&format!("requests[{at}].parent"), is_same, "expected none, or the parent of the batch");
        let shift = own.shift.clone().unwrap_or_default();
        new.extend(parse::shift(&mut fields, &format!("requests[{at}].shift"), &shift, &parent.hospital));
    }
    let new = fields.finish(Some(new))?;
    let field = |at| format!("requests[{at}].shift");
    let made = app.create_shifts(ctx, &parent.hospital, &parent.plan, new, field, &once).await?;
    let shifts = made.iter().map(|shift| convert::shift(&parent.hospital, &parent.plan, shift));
    Ok(pb::BatchCreateShiftsResponse { shifts: shifts.collect() })
}

pub async fn create_assignment(
    app: &App,
    ctx: &Ctx,
    request: pb::CreateAssignmentRequest,
) -> Result<pb::Assignment, Problem> {
    let method = method!("CreateAssignment");
    let once = once_unless(ctx, method, request.validate_only, &request.request_id, &request)?;
    let parent = name("parent", PlanName::parse(&request.parent))?;
    app.begin(ctx, "plans.edit", &parent.hospital)?;
    let own = request.assignment.unwrap_or_default();
    let mut fields = Fields::default();
    let shift = fields.ok("assignment.shift", ShiftName::parse(&own.shift));
    let is_same =
        shift.as_ref().is_none_or(|name| name.hospital == parent.hospital && name.plan == parent.plan);
    fields.need("assignment.shift", is_same, "expected a shift of the plan");
    let person = person(&mut fields, &own.staff_member, &parent.hospital);
    let (shift, staff_member) = fields.finish(shift.zip(person))?;
    let new = NewAssignment {
        hospital: &parent.hospital,
        plan: &parent.plan,
        shift: &shift.shift,
        post: parse::post(own.post()),
        staff_member,
        is_pinned: own.pinned,
        is_preview: request.validate_only,
    };
    let edited = app.create_assignment(ctx, new, &once).await?;
    Ok(convert::edited(&parent.hospital, &edited))
}

pub async fn update_assignment(
    app: &App,
    ctx: &Ctx,
    request: pb::UpdateAssignmentRequest,
) -> Result<pb::Assignment, Problem> {
    let own = request.assignment.unwrap_or_default();
    let path = name("assignment.name", AssignmentName::parse(&own.name))?;
    app.begin(ctx, "plans.edit", &path.hospital)?;
    let mask = Mask::of(request.update_mask.as_ref(), &["staff_member", "pinned"])?;
    let mut fields = Fields::default();
    let is_other = mask.applies("staff_member", !own.staff_member.is_empty());
    let staff_member = if is_other { person(&mut fields, &own.staff_member, &path.hospital) } else { None };
    let update = Update {
        hospital: &path.hospital,
        plan: &path.plan,
        id: &path.assignment,
        staff_member,
        is_pinned: mask.applies("pinned", own.pinned).then_some(own.pinned),
        etag: &own.etag,
        is_preview: request.validate_only,
    };
    let edited = app.update_assignment(ctx, fields.finish(Some(update))?).await?;
    Ok(convert::edited(&path.hospital, &edited))
}

fn person(fields: &mut Fields, text: &str, hospital: &str) -> Option<String> {
    let name = fields.ok("assignment.staff_member", StaffMemberName::parse(text))?;
    let is_same = name.hospital == hospital;
    fields.need("assignment.staff_member", is_same, "expected a name of the same hospital");
    Some(name.staff_member)
}

pub async fn update_rule_set(
    app: &App,
    ctx: &Ctx,
    request: pb::UpdateRuleSetRequest,
) -> Result<pb::RuleSet, Problem> {
    let own = request.rule_set.unwrap_or_default();
    let path = name("rule_set.name", RuleSetName::parse(&own.name))?;
    app.allow(ctx, "rules.edit", &path.hospital)?;
    the_rule_set(&path)?;
    let paths = ["settings", "needs", "equity", "fatigue", "wishes"];
    let mask = Mask::of(request.update_mask.as_ref(), &paths)?;
    let mut fields = Fields::default();
    let settings = mask.applies("settings", !own.settings.is_empty()).then(|| parse::settings(&own.settings));
    let needs = mask
        .applies("needs", !own.needs.is_empty())
        .then(|| parse::needs(&mut fields, &own.needs, &path.hospital));
    let parts = super::team::parts(&mut fields, &own, &mask, &path.hospital);
    let (settings, needs) = fields.finish(Some((settings, needs)))?;
    let stored = app.update_rule_set(ctx, &path.hospital, settings, needs, parts, &own.etag).await?;
    convert::rule_set(&path.hospital, &stored)
}

/// There is one rule set.
pub fn the_rule_set(path: &RuleSetName) -> Result<(), Problem> {
    if path.rule_set == crate::store::rules::DEFAULT {
        return Ok(());
    }
    Err(Problem::not_found("RuleSet", path.to_string()))
}

pub async fn create_calendar_feed(
    app: &App,
    ctx: &Ctx,
    request: pb::CreateCalendarFeedRequest,
) -> Result<pb::CalendarFeed, Problem> {
    let once = Once::of(ctx, method!("CreateCalendarFeed"), &request.request_id, &request)?;
    let parent = name("parent", StaffMemberName::parse(&request.parent))?;
    let (token, create_time) =
        app.create_calendar_feed(ctx, &parent.hospital, &parent.staff_member, &once).await?;
    Ok(calendar_feed(&parent, token, create_time))
}

/// A feed as a message; the secret only right after it was made.
pub fn calendar_feed(parent: &StaffMemberName, token: String, create_time: i64) -> pb::CalendarFeed {
    pb::CalendarFeed {
        name: format!("{parent}/calendarFeeds/default"),
        token,
        create_time: Some(durable::time::micros_to_proto(create_time)),
    }
}
