//! The planning service: each method parses, calls, renders.

mod analysis;

use chassis::{Ctx, Problem};
use durable::{Once, page::Page, time};
use proto::{
    audit::v1 as audit_pb,
    names::{
        AssignmentName, CalendarFeedName, CertificateName, CounterName, HospitalName, OperationName,
        PlanName, ProposalName, RevisionName, RuleSetName, ShiftName, StaffMemberName, TemplateName,
    },
    operation::v1 as operation_pb,
    planning::v1::{self as pb, planning_service_server::PlanningService},
};
use tonic::{Request, Response, Status};

use super::{
    convert, equity, operations, parse,
    parse::{Fields, name},
    wishes, writes,
};
use crate::{
    app::{App, analyze_plan::Subject},
    store::shifts,
    wire,
};

/// The service.
#[derive(Clone, Debug)]
pub struct Planning(pub App);

type Answer<T> = Result<Response<T>, Status>;

/// The context of a request and its message.
fn open<M>(request: Request<M>) -> Result<(Ctx, M), Problem> {
    let ctx = Ctx::of(&request)?;
    Ok((ctx, request.into_inner()))
}

#[tonic::async_trait]
impl PlanningService for Planning {
    async fn get_plan(&self, request: Request<pb::GetPlanRequest>) -> Answer<pb::Plan> {
        let (ctx, request) = open(request)?;
        let own = name("name", PlanName::parse(&request.name))?;
        let plan = self.0.get_plan(&ctx, &own.hospital, &own.plan).await?;
        Ok(Response::new(convert::plan(&plan)))
    }

    async fn list_plans(&self, request: Request<pb::ListPlansRequest>) -> Answer<pb::ListPlansResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        self.0.begin(&ctx, "plans.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent, &request.filter])?;
        let filter = parse::filter(&request.filter, &["state", "first_date", "last_date"], &parent.hospital)?;
        let mut rows = self.0.list_plans(&ctx, &parent.hospital, &page, &filter).await?;
        let next_page_token = page.next(&mut rows, |plan| format!("{}/{}", plan.days.first(), plan.id));
        // A page may be short of those that the caller may not see.
        rows.retain(|plan| self.0.sees(&ctx, plan));
        let plans = rows.iter().map(convert::plan).collect();
        Ok(Response::new(pb::ListPlansResponse { plans, next_page_token }))
    }

    async fn create_plan(&self, request: Request<pb::CreatePlanRequest>) -> Answer<pb::Plan> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::create_plan(&self.0, &ctx, request).await?))
    }

    async fn delete_plan(&self, request: Request<pb::DeletePlanRequest>) -> Answer<()> {
        let (ctx, request) = open(request)?;
        let own = name("name", PlanName::parse(&request.name))?;
        self.0.delete_plan(&ctx, &own.hospital, &own.plan, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn archive_plan(&self, request: Request<pb::ArchivePlanRequest>) -> Answer<pb::Plan> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::archive_plan(&self.0, &ctx, request).await?))
    }

    async fn analyze_plan(&self, request: Request<pb::AnalyzePlanRequest>) -> Answer<pb::Analysis> {
        let (ctx, request) = open(request)?;
        let (own, subject) = analysis::subject(&request.name)?;
        let (board, judged) = self.0.analyze_plan(&ctx, &own.hospital, &own.plan, subject).await?;
        Ok(Response::new(analysis::message(&request.name, &board, &judged, time::micros(ctx.now))))
    }

    async fn generate_plan(
        &self,
        request: Request<pb::GeneratePlanRequest>,
    ) -> Answer<operation_pb::Operation> {
        let (ctx, request) = open(request)?;
        let method = "planning.v1.PlanningService/GeneratePlan";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let own = name("name", PlanName::parse(&request.name))?;
        self.0.begin(&ctx, "plans.generate", &own.hospital)?;
        let budget = writes::budget(&request)?;
        let operation = self.0.generate_plan(&ctx, &own.hospital, &own.plan, budget, &once).await?;
        Ok(Response::new(operations::message(&self.0, &ctx, &operation, time::micros(ctx.now)).await?))
    }

    async fn publish_plan(&self, request: Request<pb::PublishPlanRequest>) -> Answer<pb::Plan> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::publish_plan(&self.0, &ctx, request).await?))
    }

    async fn get_revision(&self, request: Request<pb::GetRevisionRequest>) -> Answer<pb::Revision> {
        let (ctx, request) = open(request)?;
        let own = name("name", RevisionName::parse(&request.name))?;
        let number = own.revision.parse().unwrap_or(0);
        let row = self.0.get_revision(&ctx, &own.hospital, &own.plan, number).await?;
        Ok(Response::new(convert::revision(&row)?))
    }

    async fn list_revisions(
        &self,
        request: Request<pb::ListRevisionsRequest>,
    ) -> Answer<pb::ListRevisionsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", PlanName::parse(&request.parent))?;
        self.0.begin(&ctx, "plans.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let mut rows = self.0.list_revisions(&ctx, &parent.hospital, &parent.plan, &page).await?;
        let next_page_token = page.next(&mut rows, |row| row.number.to_string());
        let revisions = rows.iter().map(convert::revision).collect::<Result<_, _>>()?;
        Ok(Response::new(pb::ListRevisionsResponse { revisions, next_page_token }))
    }

    async fn get_certificate(&self, request: Request<pb::GetCertificateRequest>) -> Answer<pb::Certificate> {
        let (ctx, request) = open(request)?;
        let own = name("name", CertificateName::parse(&request.name))?;
        let number = own.revision.parse().unwrap_or(0);
        let row = self.0.get_certificate(&ctx, &own.hospital, &own.plan, number).await?;
        Ok(Response::new(wire::certificate_message(&row)?))
    }

    async fn list_certificate_facts(
        &self,
        request: Request<pb::ListCertificateFactsRequest>,
    ) -> Answer<pb::ListCertificateFactsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", CertificateName::parse(&request.parent))?;
        self.0.allow(&ctx, "plans.publish", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let number = parent.revision.parse().unwrap_or(0);
        let (hospital, plan) = (&parent.hospital, &parent.plan);
        let mut rows = self.0.list_certificate_facts(&ctx, hospital, plan, number, &page).await?;
        let next_page_token = page.next(&mut rows, |(at, _)| at.to_string());
        let facts = rows.into_iter().map(|(_, fact)| fact).collect();
        Ok(Response::new(pb::ListCertificateFactsResponse { facts, next_page_token }))
    }

    async fn get_template(&self, request: Request<pb::GetTemplateRequest>) -> Answer<pb::Template> {
        let (ctx, request) = open(request)?;
        let own = name("name", TemplateName::parse(&request.name))?;
        let row = self.0.get_template(&ctx, &own.hospital, &own.template).await?;
        Ok(Response::new(convert::template(&row, true)?))
    }

    async fn list_templates(
        &self,
        request: Request<pb::ListTemplatesRequest>,
    ) -> Answer<pb::ListTemplatesResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        self.0.begin(&ctx, "templates.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let mut rows = self.0.list_templates(&ctx, &parent.hospital, &page).await?;
        let next_page_token = page.next(&mut rows, |row| row.id.clone());
        rows.retain(|row| self.0.allow_template(&ctx, "templates.read", row).is_ok());
        let templates = rows.iter().map(|row| convert::template(row, false)).collect::<Result<_, _>>()?;
        Ok(Response::new(pb::ListTemplatesResponse { templates, next_page_token }))
    }

    async fn create_template(&self, request: Request<pb::CreateTemplateRequest>) -> Answer<pb::Template> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::create_template(&self.0, &ctx, request).await?))
    }

    async fn import_template(&self, request: Request<pb::ImportTemplateRequest>) -> Answer<pb::Template> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::import_template(&self.0, &ctx, request).await?))
    }

    async fn delete_template(&self, request: Request<pb::DeleteTemplateRequest>) -> Answer<()> {
        let (ctx, request) = open(request)?;
        let own = name("name", TemplateName::parse(&request.name))?;
        self.0.delete_template(&ctx, &own.hospital, &own.template, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn apply_template(
        &self,
        request: Request<pb::ApplyTemplateRequest>,
    ) -> Answer<pb::ApplyTemplateResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::apply_template(&self.0, &ctx, request).await?))
    }

    async fn get_shift(&self, request: Request<pb::GetShiftRequest>) -> Answer<pb::Shift> {
        let (ctx, request) = open(request)?;
        let own = name("name", ShiftName::parse(&request.name))?;
        let shift = self.0.get_shift(&ctx, &own.hospital, &own.plan, &own.shift).await?;
        Ok(Response::new(convert::shift(&own.hospital, &own.plan, &shift)))
    }

    async fn list_shifts(&self, request: Request<pb::ListShiftsRequest>) -> Answer<pb::ListShiftsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", PlanName::parse(&request.parent))?;
        self.0.begin(&ctx, "plans.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent, &request.filter])?;
        let filter = parse::filter(&request.filter, &["kind", "date", "site", "surgeon"], &parent.hospital)?;
        let mut rows = self.0.list_shifts(&ctx, &parent.hospital, &parent.plan, &page, &filter).await?;
        let next_page_token = page.next(&mut rows, shifts::sort_key);
        let shifts = rows.iter().map(|shift| convert::shift(&parent.hospital, &parent.plan, shift)).collect();
        Ok(Response::new(pb::ListShiftsResponse { shifts, next_page_token }))
    }

    async fn create_shift(&self, request: Request<pb::CreateShiftRequest>) -> Answer<pb::Shift> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::create_shift(&self.0, &ctx, request).await?))
    }

    async fn batch_create_shifts(
        &self,
        request: Request<pb::BatchCreateShiftsRequest>,
    ) -> Answer<pb::BatchCreateShiftsResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::batch_create_shifts(&self.0, &ctx, request).await?))
    }

    async fn delete_shift(&self, request: Request<pb::DeleteShiftRequest>) -> Answer<()> {
        let (ctx, request) = open(request)?;
        let own = name("name", ShiftName::parse(&request.name))?;
        self.0.delete_shift(&ctx, &own.hospital, &own.plan, &own.shift).await?;
        Ok(Response::new(()))
    }

    async fn get_assignment(&self, request: Request<pb::GetAssignmentRequest>) -> Answer<pb::Assignment> {
        let (ctx, request) = open(request)?;
        let own = name("name", AssignmentName::parse(&request.name))?;
        let found = self.0.get_assignment(&ctx, &own.hospital, &own.plan, &own.assignment).await?;
        Ok(Response::new(convert::assignment(&own.hospital, &found)))
    }

    async fn list_assignments(
        &self,
        request: Request<pb::ListAssignmentsRequest>,
    ) -> Answer<pb::ListAssignmentsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", PlanName::parse_wild(&request.parent))?;
        self.0.begin(&ctx, "plans.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent, &request.filter])?;
        let allowed = ["staff_member", "kind", "date", "site", "shift", "post"];
        let filter = parse::filter(&request.filter, &allowed, &parent.hospital)?;
        let plan = Some(parent.plan.as_str()).filter(|plan| *plan != "-");
        let mut rows = self.0.list_assignments(&ctx, &parent.hospital, plan, &page, &filter).await?;
        let next_page_token = page.next(&mut rows, |row| row.sort_key.clone());
        let assignments = rows.iter().map(|row| convert::assignment(&parent.hospital, row)).collect();
        Ok(Response::new(pb::ListAssignmentsResponse { assignments, next_page_token }))
    }

    async fn create_assignment(
        &self,
        request: Request<pb::CreateAssignmentRequest>,
    ) -> Answer<pb::Assignment> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::create_assignment(&self.0, &ctx, request).await?))
    }

    async fn update_assignment(
        &self,
        request: Request<pb::UpdateAssignmentRequest>,
    ) -> Answer<pb::Assignment> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::update_assignment(&self.0, &ctx, request).await?))
    }

    async fn delete_assignment(&self, request: Request<pb::DeleteAssignmentRequest>) -> Answer<()> {
        let (ctx, request) = open(request)?;
        let own = name("name", AssignmentName::parse(&request.name))?;
        self.0.delete_assignment(&ctx, &own.hospital, &own.plan, &own.assignment, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn get_proposal(&self, request: Request<pb::GetProposalRequest>) -> Answer<pb::Proposal> {
        let (ctx, request) = open(request)?;
        let own = name("name", ProposalName::parse(&request.name))?;
        let (plan, row) = self.0.get_proposal(&ctx, &own.hospital, &own.plan, &own.proposal).await?;
        Ok(Response::new(convert::proposal(&plan, &row, true)?))
    }

    async fn list_proposals(
        &self,
        request: Request<pb::ListProposalsRequest>,
    ) -> Answer<pb::ListProposalsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", PlanName::parse(&request.parent))?;
        self.0.begin(&ctx, "plans.edit", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let (plan, mut rows) = self.0.list_proposals(&ctx, &parent.hospital, &parent.plan, &page).await?;
        let next_page_token = page.next(&mut rows, |row| row.id.clone());
        let proposals =
            rows.iter().map(|row| convert::proposal(&plan, row, false)).collect::<Result<_, _>>()?;
        Ok(Response::new(pb::ListProposalsResponse { proposals, next_page_token }))
    }

    async fn adopt_proposal(&self, request: Request<pb::AdoptProposalRequest>) -> Answer<pb::Plan> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::adopt_proposal(&self.0, &ctx, request).await?))
    }

    async fn get_rule_set(&self, request: Request<pb::GetRuleSetRequest>) -> Answer<pb::RuleSet> {
        let (ctx, request) = open(request)?;
        let own = name("name", RuleSetName::parse(&request.name))?;
        let stored = self.0.get_rule_set(&ctx, &own.hospital).await?;
        writes::the_rule_set(&own)?;
        Ok(Response::new(convert::rule_set(&own.hospital, &stored)?))
    }

    async fn update_rule_set(&self, request: Request<pb::UpdateRuleSetRequest>) -> Answer<pb::RuleSet> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::update_rule_set(&self.0, &ctx, request).await?))
    }

    async fn list_rules(&self, request: Request<pb::ListRulesRequest>) -> Answer<pb::ListRulesResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        self.0.allow(&ctx, "rules.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let mut rules = analysis::rules(ctx.locale);
        if let Some(after) = page.after() {
            let position = rules.iter().position(|rule| rule.id == after).map_or(rules.len(), |at| at + 1);
            rules.drain(..position);
        }
        let next_page_token = page.next(&mut rules, |rule| rule.id.clone());
        Ok(Response::new(pb::ListRulesResponse { rules, next_page_token }))
    }

    async fn list_counters(
        &self,
        request: Request<pb::ListCountersRequest>,
    ) -> Answer<pb::ListCountersResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", StaffMemberName::parse_wild(&request.parent))?;
        self.0.allow_for(&ctx, "counters.read", &parent.hospital, &parent.staff_member)?;
        let mut fields = Fields::default();
        let days = fields.days(request.first_date, request.last_date);
        let days = fields.finish(days)?;
        let arguments = [request.parent.as_str(), &days.to_string()];
        let page = Page::of(request.page_size, &request.page_token, &arguments)?;
        let sums = self.0.list_counters(&ctx, &parent.hospital, &parent.staff_member, days).await?;
        let key = |(person, counter): &(String, String)| format!("{person}/{counter}");
        let mut rows: Vec<((String, String), i64)> = (sums.into_iter())
            .filter(|(own, total)| *total != 0 && page.after().is_none_or(|after| key(own).as_str() > after))
            .take(usize::try_from(page.limit()).unwrap_or(usize::MAX) + 1)
            .collect();
        let next_page_token = page.next(&mut rows, |(own, _)| key(own));
        let counters = rows.into_iter().map(|((person, counter), total)| pb::Counter {
            name: CounterName::new(parent.hospital.as_str(), person, counter).to_string(),
            quantity: total / crate::domain::counting::ONE,
        });
        Ok(Response::new(pb::ListCountersResponse { counters: counters.collect(), next_page_token }))
    }

    async fn list_ledger_lines(
        &self,
        request: Request<pb::ListLedgerLinesRequest>,
    ) -> Answer<pb::ListLedgerLinesResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(equity::list_lines(&self.0, &ctx, request).await?))
    }

    async fn list_equity_accounts(
        &self,
        request: Request<pb::ListEquityAccountsRequest>,
    ) -> Answer<pb::ListEquityAccountsResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(equity::list_accounts(&self.0, &ctx, request).await?))
    }

    async fn adjust_counter(&self, request: Request<pb::AdjustCounterRequest>) -> Answer<pb::LedgerLine> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(equity::adjust(&self.0, &ctx, request).await?))
    }

    async fn import_ledger(
        &self,
        request: Request<pb::ImportLedgerRequest>,
    ) -> Answer<pb::ImportLedgerResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(equity::import(&self.0, &ctx, request).await?))
    }

    async fn list_heavy_weeks(
        &self,
        request: Request<pb::ListHeavyWeeksRequest>,
    ) -> Answer<pb::ListHeavyWeeksResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(equity::list_heavy_weeks(&self.0, &ctx, request).await?))
    }

    async fn list_marks(&self, request: Request<pb::ListMarksRequest>) -> Answer<pb::ListMarksResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(equity::list_marks(&self.0, &ctx, request).await?))
    }

    async fn get_wish(&self, request: Request<pb::GetWishRequest>) -> Answer<pb::Wish> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(wishes::get(&self.0, &ctx, request).await?))
    }

    async fn list_wishes(&self, request: Request<pb::ListWishesRequest>) -> Answer<pb::ListWishesResponse> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(wishes::list(&self.0, &ctx, request).await?))
    }

    async fn create_wish(&self, request: Request<pb::CreateWishRequest>) -> Answer<pb::Wish> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(wishes::create(&self.0, &ctx, request).await?))
    }

    async fn delete_wish(&self, request: Request<pb::DeleteWishRequest>) -> Answer<()> {
        let (ctx, request) = open(request)?;
        wishes::delete(&self.0, &ctx, request).await?;
        Ok(Response::new(()))
    }

    async fn approve_wish(&self, request: Request<pb::ApproveWishRequest>) -> Answer<pb::Wish> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(wishes::approve(&self.0, &ctx, request).await?))
    }

    async fn reject_wish(&self, request: Request<pb::RejectWishRequest>) -> Answer<pb::Wish> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(wishes::reject(&self.0, &ctx, request).await?))
    }

    async fn get_calendar_feed(
        &self,
        request: Request<pb::GetCalendarFeedRequest>,
    ) -> Answer<pb::CalendarFeed> {
        let (ctx, request) = open(request)?;
        let own = name("name", CalendarFeedName::parse(&request.name))?;
        let create_time = self.0.get_calendar_feed(&ctx, &own.hospital, &own.staff_member).await?;
        let parent = StaffMemberName::new(own.hospital, own.staff_member);
        Ok(Response::new(writes::calendar_feed(&parent, String::new(), create_time)))
    }

    async fn create_calendar_feed(
        &self,
        request: Request<pb::CreateCalendarFeedRequest>,
    ) -> Answer<pb::CalendarFeed> {
        let (ctx, request) = open(request)?;
        Ok(Response::new(writes::create_calendar_feed(&self.0, &ctx, request).await?))
    }

    async fn read_calendar_feed(
        &self,
        request: Request<pb::ReadCalendarFeedRequest>,
    ) -> Answer<pb::ReadCalendarFeedResponse> {
        let (ctx, request) = open(request)?;
        let (content, etag) = self.0.read_calendar_feed(&ctx, &request.token, &request.etag).await?;
        let content = content.unwrap_or_default().into_bytes();
        Ok(Response::new(pb::ReadCalendarFeedResponse { content, etag }))
    }

    async fn get_operation(
        &self,
        request: Request<pb::GetOperationRequest>,
    ) -> Answer<operation_pb::Operation> {
        let (ctx, request) = open(request)?;
        let own = name("name", OperationName::parse(&request.name))?;
        let operation = self.0.get_operation(&ctx, &own.hospital, &own.plan, &own.operation).await?;
        Ok(Response::new(operations::message(&self.0, &ctx, &operation, time::micros(ctx.now)).await?))
    }

    async fn list_operations(
        &self,
        request: Request<pb::ListOperationsRequest>,
    ) -> Answer<pb::ListOperationsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", PlanName::parse(&request.parent))?;
        self.0.begin(&ctx, "plans.generate", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let mut rows = self.0.list_operations(&ctx, &parent.hospital, &parent.plan, &page).await?;
        let next_page_token = page.next(&mut rows, |row| row.id.clone());
        let mut messages = Vec::with_capacity(rows.len());
        for row in &rows {
            messages.push(operations::message(&self.0, &ctx, row, time::micros(ctx.now)).await?);
        }
        Ok(Response::new(pb::ListOperationsResponse { operations: messages, next_page_token }))
    }

    async fn cancel_operation(
        &self,
        request: Request<pb::CancelOperationRequest>,
    ) -> Answer<operation_pb::Operation> {
        let (ctx, request) = open(request)?;
        let own = name("name", OperationName::parse(&request.name))?;
        let operation = self.0.cancel_operation(&ctx, &own.hospital, &own.plan, &own.operation).await?;
        Ok(Response::new(operations::message(&self.0, &ctx, &operation, time::micros(ctx.now)).await?))
    }

    async fn list_audit_entries(
        &self,
        request: Request<audit_pb::ListAuditEntriesRequest>,
    ) -> Answer<audit_pb::ListAuditEntriesResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        Ok(Response::new(self.0.list_audit_entries(&ctx, &parent.hospital, &request).await?))
    }

    async fn verify_audit_log(
        &self,
        request: Request<audit_pb::VerifyAuditLogRequest>,
    ) -> Answer<audit_pb::AuditVerdict> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        Ok(Response::new(self.0.verify_audit_log(&ctx, &parent.hospital, &request).await?))
    }

    type WatchOperationStream = operations::Watch;

    async fn watch_operation(
        &self,
        request: Request<pb::WatchOperationRequest>,
    ) -> Answer<Self::WatchOperationStream> {
        let (ctx, request) = open(request)?;
        let own = name("name", OperationName::parse(&request.name))?;
        Ok(Response::new(operations::watch(self.0.clone(), ctx, own, request.resume_token).await?))
    }
}
