//! The month is planned: template, generation, adoption.

use prost::Message;
use proto::operation::v1::{Operation, operation};
use proto::planning::v1::{
    AdoptProposalRequest, ApplyTemplateRequest, CreatePlanRequest, GeneratePlanMetadata, GeneratePlanRequest,
    GetOperationRequest, GetProposalRequest, ImportTemplateRequest, ListShiftsRequest, Plan, Proposal,
    WatchOperationRequest,
};
use tokio::time::Instant;
use tonic::Status;

use crate::demo::department::{MAIN, SECOND};

use super::{Story, pages, request_id};

impl Story {
    pub(super) async fn apply_template(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let import = ImportTemplateRequest {
            parent: self.hospital.clone(),
            display_name: "Trame des chirurgiens".to_owned(),
            file_name: "trame.csv".to_owned(),
            content: self.setting.department.trame.clone(),
            request_id: request_id(),
            validate_only: false,
        };
        let template = administrator
            .patiently(|| async { administrator.planning().import_template(import.clone()).await })
            .await?;
        let month = self.setting.month;
        let create = CreatePlanRequest {
            parent: self.hospital.clone(),
            plan: Some(Plan {
                first_date: Some(month.first().into()),
                last_date: Some(month.last().into()),
                sites: [MAIN, SECOND].map(|site| format!("{}/sites/{site}", self.hospital)).to_vec(),
                ..Default::default()
            }),
            request_id: request_id(),
            ..Default::default()
        };
        let plan = administrator
            .patiently(|| async { administrator.planning().create_plan(create.clone()).await })
            .await?;
        let apply = ApplyTemplateRequest {
            name: plan.name.clone(),
            template: template.name.clone(),
            request_id: request_id(),
            ..Default::default()
        };
        let applied = administrator
            .patiently(|| async { administrator.planning().apply_template(apply.clone()).await })
            .await?;
        self.tell(&format!(
            "  trame de {} lignes appliquée à {month} : {} vacations ouvertes, {} sautées (jours fériés)",
            template.slot_count, applied.created_count, applied.holiday_count
        ));
        let plan = applied.plan.unwrap_or(plan);
        let parent = plan.name.clone();
        self.outcome.shifts = pages!(
            administrator,
            |page_token| administrator.planning().list_shifts(ListShiftsRequest {
                parent: parent.clone(),
                page_size: 1000,
                page_token,
                ..Default::default()
            }),
            shifts
        );
        self.outcome.plan = plan;
        Ok(())
    }

    /// Asks for a generation and follows it to its end, through as many streams as it takes.
    pub(super) async fn generate(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let started = Instant::now();
        let request = GeneratePlanRequest {
            name: self.outcome.plan.name.clone(),
            seed: self.setting.seed,
            time_limit: Some(prost_types::Duration { seconds: self.setting.search_seconds, nanos: 0 }),
            step_limit: self.setting.steps,
            request_id: request_id(),
        };
        let mut operation = administrator
            .patiently(|| async { administrator.planning().generate_plan(request.clone()).await })
            .await?;
        let mut told = String::new();
        while !operation.done {
            operation = self.follow(operation, &mut told).await?;
        }
        self.outcome.generation_seconds = started.elapsed().as_secs_f64();
        let proposal = match operation.result {
            Some(operation::Result::Response(any)) => {
                Proposal::decode(any.value.as_slice()).map_err(|error| Status::internal(error.to_string()))?
            }
            Some(operation::Result::Error(error)) => {
                return Err(Status::aborted(format!("generation failed: {}", error.message)));
            }
            None => return Err(Status::internal("a finished operation has no result")),
        };
        let get = GetProposalRequest { name: proposal.name };
        self.outcome.proposal = administrator
            .patiently(|| async { administrator.planning().get_proposal(get.clone()).await })
            .await?;
        self.tell(&format!(
            "  proposition reçue en {:.1} s : {} trous, {} essais",
            self.outcome.generation_seconds, self.outcome.proposal.hole_count, self.outcome.proposal.steps
        ));
        Ok(())
    }

    /// Follows one stream until the operation is done or the stream ends.
    async fn follow(&mut self, last: Operation, told: &mut String) -> Result<Operation, Status> {
        let administrator = self.administrator.clone();
        let request =
            WatchOperationRequest { name: last.name.clone(), resume_token: last.resume_token.clone() };
        let mut stream = administrator
            .patiently(|| async { administrator.planning().watch_operation(request.clone()).await })
            .await?;
        // A stream that breaks is resumed by the caller; a plain read says where things stand meanwhile.
        while let Ok(Some(operation)) = stream.message().await {
            self.tell_progress(&operation, told);
            if operation.done {
                return Ok(operation);
            }
        }
        let get = GetOperationRequest { name: last.name };
        administrator.patiently(|| async { administrator.planning().get_operation(get.clone()).await }).await
    }

    fn tell_progress(&mut self, operation: &Operation, told: &mut String) {
        let Some(metadata) = &operation.metadata else { return };
        let Ok(metadata) = GeneratePlanMetadata::decode(metadata.value.as_slice()) else { return };
        self.outcome.attempts = metadata.attempt;
        let seconds =
            metadata.elapsed.map_or(0.0, |elapsed| elapsed.seconds as f64 + f64::from(elapsed.nanos) / 1e9);
        let phase = metadata.phase().as_str_name().trim_start_matches("PHASE_").to_lowercase();
        let score = metadata
            .best_score
            .as_ref()
            .map_or_else(|| "–".to_owned(), |score| format!("{:?}", score.levels));
        let line = format!("{phase} {:>3} %  meilleur score {score}", metadata.progress_percent);
        if *told != line {
            self.tell(&format!("  {seconds:>5.1} s  {line}"));
            *told = line;
        }
    }

    pub(super) async fn adopt(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let plan = self.current_plan().await?;
        let request = AdoptProposalRequest {
            name: self.outcome.proposal.name.clone(),
            etag: plan.etag,
            request_id: request_id(),
            validate_only: false,
        };
        self.outcome.plan = administrator
            .patiently(|| async { administrator.planning().adopt_proposal(request.clone()).await })
            .await?;
        self.tell("  proposition adoptée");
        Ok(())
    }
}
