//! Handlers of StaffService: skills, surgeons, specialties, contracts, incompatibilities; people are next door.

use chassis::{Ctx, Problem, Target};
use durable::{Once, filter};
use proto::staff::v1::{self as pb, staff_service_server::StaffService};
use tonic::{Request, Response, Status};

use super::{
    access_policy, audit,
    crud::{self, Asked},
    filters, import, legal_packs, parse, staff_members,
};
use crate::{
    app::{App, permissions::POLICY},
    domain::{Contract, Incompatibility, Profession, ServiceAccount, Skill, Specialty, Surgeon, spelling},
    store::Stored,
};

/// The handlers.
pub struct Handlers(pub App);

#[tonic::async_trait]
impl StaffService for Handlers {
    async fn get_staff_member(
        &self,
        request: Request<pb::GetStaffMemberRequest>,
    ) -> Result<Response<pb::StaffMember>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::get_staff_member(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn list_staff_members(
        &self,
        request: Request<pb::ListStaffMembersRequest>,
    ) -> Result<Response<pb::ListStaffMembersResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::list_staff_members(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn batch_get_staff_members(
        &self,
        request: Request<pb::BatchGetStaffMembersRequest>,
    ) -> Result<Response<pb::BatchGetStaffMembersResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::batch_get_staff_members(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn create_staff_member(
        &self,
        request: Request<pb::CreateStaffMemberRequest>,
    ) -> Result<Response<pb::StaffMember>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::create_staff_member(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn update_staff_member(
        &self,
        request: Request<pb::UpdateStaffMemberRequest>,
    ) -> Result<Response<pb::StaffMember>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::update_staff_member(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn activate_staff_member(
        &self,
        request: Request<pb::ActivateStaffMemberRequest>,
    ) -> Result<Response<pb::StaffMember>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::activate_staff_member(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn deactivate_staff_member(
        &self,
        request: Request<pb::DeactivateStaffMemberRequest>,
    ) -> Result<Response<pb::StaffMember>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::deactivate_staff_member(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn export_personal_data(
        &self,
        request: Request<pb::ExportPersonalDataRequest>,
    ) -> Result<Response<pb::ExportPersonalDataResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::export_personal_data(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn erase_staff_member(
        &self,
        request: Request<pb::EraseStaffMemberRequest>,
    ) -> Result<Response<pb::StaffMember>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::erase_staff_member(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn reset_password(
        &self,
        request: Request<pb::ResetPasswordRequest>,
    ) -> Result<Response<pb::ResetPasswordResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(staff_members::reset_password(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn list_audit_entries(
        &self,
        request: Request<pb::ListAuditEntriesRequest>,
    ) -> Result<Response<pb::ListAuditEntriesResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(audit::list_audit_entries(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn verify_audit_log(
        &self,
        request: Request<pb::VerifyAuditLogRequest>,
    ) -> Result<Response<proto::audit::v1::AuditVerdict>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(audit::verify_audit_log(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn get_contract(
        &self,
        request: Request<pb::GetContractRequest>,
    ) -> Result<Response<pb::Contract>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<Contract>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_contracts(
        &self,
        request: Request<pb::ListContractsRequest>,
    ) -> Result<Response<pb::ListContractsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListContractsRequest { parent, page_size, page_token, filter } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter };
        let filter = filter::parse(filter, filters::CONTRACT)?;
        let keep =
            |stored: &Stored<Contract>| filter.matches(|comparison| filters::contracts(stored, comparison));
        let (contracts, next_page_token) = crud::list::<Contract>(&self.0, &ctx, asked, keep).await?;
        Ok(Response::new(pb::ListContractsResponse { contracts, next_page_token }))
    }

    async fn create_contract(
        &self,
        request: Request<pb::CreateContractRequest>,
    ) -> Result<Response<pb::Contract>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/CreateContract", &request.request_id, &request)?;
        let place = parse::parent::<Contract>(&request.parent)?;
        let id = ("", parse::made_id());
        let created = crud::create::<Contract>(&self.0, &ctx, &once, place, id, request.contract).await?;
        Ok(Response::new(created))
    }

    async fn update_contract(
        &self,
        request: Request<pb::UpdateContractRequest>,
    ) -> Result<Response<pb::Contract>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/UpdateContract", &request.request_id, &request)?;
        let sent = request.contract.as_ref();
        let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
        let updated =
            crud::update::<Contract>(&self.0, &ctx, &once, which, request.contract, request.update_mask)
                .await?;
        Ok(Response::new(updated))
    }

    async fn delete_contract(
        &self,
        request: Request<pb::DeleteContractRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/DeleteContract", &request.request_id, &request)?;
        crud::delete::<Contract>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn get_legal_pack(
        &self,
        request: Request<pb::GetLegalPackRequest>,
    ) -> Result<Response<pb::LegalPack>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(legal_packs::get_legal_pack(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn list_legal_packs(
        &self,
        request: Request<pb::ListLegalPacksRequest>,
    ) -> Result<Response<pb::ListLegalPacksResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(legal_packs::list_legal_packs(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn create_legal_pack(
        &self,
        request: Request<pb::CreateLegalPackRequest>,
    ) -> Result<Response<pb::LegalPack>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(legal_packs::create_legal_pack(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn update_legal_pack(
        &self,
        request: Request<pb::UpdateLegalPackRequest>,
    ) -> Result<Response<pb::LegalPack>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(legal_packs::update_legal_pack(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn delete_legal_pack(
        &self,
        request: Request<pb::DeleteLegalPackRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        legal_packs::delete_legal_pack(&self.0, &ctx, request.into_inner()).await?;
        Ok(Response::new(()))
    }

    async fn get_profession(
        &self,
        request: Request<pb::GetProfessionRequest>,
    ) -> Result<Response<pb::Profession>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<Profession>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_professions(
        &self,
        request: Request<pb::ListProfessionsRequest>,
    ) -> Result<Response<pb::ListProfessionsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListProfessionsRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (professions, next_page_token) = crud::list::<Profession>(&self.0, &ctx, asked, |_| true).await?;
        Ok(Response::new(pb::ListProfessionsResponse { professions, next_page_token }))
    }

    async fn create_profession(
        &self,
        request: Request<pb::CreateProfessionRequest>,
    ) -> Result<Response<pb::Profession>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/CreateProfession", &request.request_id, &request)?;
        let place = parse::parent::<Profession>(&request.parent)?;
        let id = (request.profession_id.as_str(), None);
        let created = crud::create::<Profession>(&self.0, &ctx, &once, place, id, request.profession).await?;
        Ok(Response::new(created))
    }

    async fn update_profession(
        &self,
        request: Request<pb::UpdateProfessionRequest>,
    ) -> Result<Response<pb::Profession>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/UpdateProfession", &request.request_id, &request)?;
        let sent = request.profession.as_ref();
        let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
        let updated =
            crud::update::<Profession>(&self.0, &ctx, &once, which, request.profession, request.update_mask)
                .await?;
        Ok(Response::new(updated))
    }

    async fn delete_profession(
        &self,
        request: Request<pb::DeleteProfessionRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/DeleteProfession", &request.request_id, &request)?;
        crud::delete::<Profession>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn get_access_policy(
        &self,
        request: Request<pb::GetAccessPolicyRequest>,
    ) -> Result<Response<pb::AccessPolicy>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(access_policy::get_access_policy(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn update_access_policy(
        &self,
        request: Request<pb::UpdateAccessPolicyRequest>,
    ) -> Result<Response<pb::AccessPolicy>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(access_policy::update_access_policy(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn list_permissions(
        &self,
        request: Request<pb::ListPermissionsRequest>,
    ) -> Result<Response<pb::ListPermissionsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(access_policy::list_permissions(&self.0, &ctx, request.into_inner()).await?))
    }

    async fn get_service_account(
        &self,
        request: Request<pb::GetServiceAccountRequest>,
    ) -> Result<Response<pb::ServiceAccount>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<ServiceAccount>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_service_accounts(
        &self,
        request: Request<pb::ListServiceAccountsRequest>,
    ) -> Result<Response<pb::ListServiceAccountsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListServiceAccountsRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (service_accounts, next_page_token) =
            crud::list::<ServiceAccount>(&self.0, &ctx, asked, |_| true).await?;
        Ok(Response::new(pb::ListServiceAccountsResponse { service_accounts, next_page_token }))
    }

    async fn create_service_account(
        &self,
        request: Request<pb::CreateServiceAccountRequest>,
    ) -> Result<Response<pb::ServiceAccount>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once =
            Once::of(&ctx, "staff.v1.StaffService/CreateServiceAccount", &request.request_id, &request)?;
        let place = parse::parent::<ServiceAccount>(&request.parent)?;
        let id = (request.service_account_id.as_str(), None);
        let created =
            crud::create::<ServiceAccount>(&self.0, &ctx, &once, place, id, request.service_account).await?;
        Ok(Response::new(created))
    }

    async fn update_service_account(
        &self,
        request: Request<pb::UpdateServiceAccountRequest>,
    ) -> Result<Response<pb::ServiceAccount>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once =
            Once::of(&ctx, "staff.v1.StaffService/UpdateServiceAccount", &request.request_id, &request)?;
        let sent = request.service_account.as_ref();
        let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
        let updated = crud::update::<ServiceAccount>(
            &self.0,
            &ctx,
            &once,
            which,
            request.service_account,
            request.update_mask,
        )
        .await?;
        Ok(Response::new(updated))
    }

    async fn delete_service_account(
        &self,
        request: Request<pb::DeleteServiceAccountRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once =
            Once::of(&ctx, "staff.v1.StaffService/DeleteServiceAccount", &request.request_id, &request)?;
        crud::delete::<ServiceAccount>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn get_skill(&self, request: Request<pb::GetSkillRequest>) -> Result<Response<pb::Skill>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<Skill>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_skills(
        &self,
        request: Request<pb::ListSkillsRequest>,
    ) -> Result<Response<pb::ListSkillsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListSkillsRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (skills, next_page_token) = crud::list::<Skill>(&self.0, &ctx, asked, |_| true).await?;
        Ok(Response::new(pb::ListSkillsResponse { skills, next_page_token }))
    }

    async fn create_skill(
        &self,
        request: Request<pb::CreateSkillRequest>,
    ) -> Result<Response<pb::Skill>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/CreateSkill", &request.request_id, &request)?;
        let place = parse::parent::<Skill>(&request.parent)?;
        let id = (request.skill_id.as_str(), None);
        let created = crud::create::<Skill>(&self.0, &ctx, &once, place, id, request.skill).await?;
        Ok(Response::new(created))
    }

    async fn delete_skill(&self, request: Request<pb::DeleteSkillRequest>) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/DeleteSkill", &request.request_id, &request)?;
        crud::delete::<Skill>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn list_specialties(
        &self,
        request: Request<pb::ListSpecialtiesRequest>,
    ) -> Result<Response<pb::ListSpecialtiesResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListSpecialtiesRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (specialties, next_page_token) = crud::list::<Specialty>(&self.0, &ctx, asked, |_| true).await?;
        Ok(Response::new(pb::ListSpecialtiesResponse { specialties, next_page_token }))
    }

    async fn create_specialty(
        &self,
        request: Request<pb::CreateSpecialtyRequest>,
    ) -> Result<Response<pb::Specialty>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/CreateSpecialty", &request.request_id, &request)?;
        let place = parse::parent::<Specialty>(&request.parent)?;
        let made = request.specialty.as_ref().map(|specialty| spelling::slug(&specialty.display_name));
        let id = (request.specialty_id.as_str(), made);
        let created = crud::create::<Specialty>(&self.0, &ctx, &once, place, id, request.specialty).await?;
        Ok(Response::new(created))
    }

    async fn get_surgeon(
        &self,
        request: Request<pb::GetSurgeonRequest>,
    ) -> Result<Response<pb::Surgeon>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<Surgeon>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_surgeons(
        &self,
        request: Request<pb::ListSurgeonsRequest>,
    ) -> Result<Response<pb::ListSurgeonsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListSurgeonsRequest { parent, page_size, page_token, filter } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter };
        let filter = filter::parse(filter, filters::SURGEON)?;
        let keep =
            |stored: &Stored<Surgeon>| filter.matches(|comparison| filters::surgeons(stored, comparison));
        let (surgeons, next_page_token) = crud::list::<Surgeon>(&self.0, &ctx, asked, keep).await?;
        Ok(Response::new(pb::ListSurgeonsResponse { surgeons, next_page_token }))
    }

    async fn create_surgeon(
        &self,
        request: Request<pb::CreateSurgeonRequest>,
    ) -> Result<Response<pb::Surgeon>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/CreateSurgeon", &request.request_id, &request)?;
        let place = parse::parent::<Surgeon>(&request.parent)?;
        let id = (request.surgeon_id.as_str(), parse::made_id());
        let created = crud::create::<Surgeon>(&self.0, &ctx, &once, place, id, request.surgeon).await?;
        Ok(Response::new(created))
    }

    async fn update_surgeon(
        &self,
        request: Request<pb::UpdateSurgeonRequest>,
    ) -> Result<Response<pb::Surgeon>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/UpdateSurgeon", &request.request_id, &request)?;
        let sent = request.surgeon.as_ref();
        let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
        let updated =
            crud::update::<Surgeon>(&self.0, &ctx, &once, which, request.surgeon, request.update_mask)
                .await?;
        Ok(Response::new(updated))
    }

    async fn delete_surgeon(
        &self,
        request: Request<pb::DeleteSurgeonRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.StaffService/DeleteSurgeon", &request.request_id, &request)?;
        crud::delete::<Surgeon>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn list_incompatibilities(
        &self,
        request: Request<pb::ListIncompatibilitiesRequest>,
    ) -> Result<Response<pb::ListIncompatibilitiesResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListIncompatibilitiesRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (mut incompatibilities, next_page_token) =
            crud::list::<Incompatibility>(&self.0, &ctx, asked, |_| true).await?;
        hide_reasons(&ctx, parent, &mut incompatibilities)?;
        Ok(Response::new(pb::ListIncompatibilitiesResponse { incompatibilities, next_page_token }))
    }

    async fn create_incompatibility(
        &self,
        request: Request<pb::CreateIncompatibilityRequest>,
    ) -> Result<Response<pb::Incompatibility>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once =
            Once::of(&ctx, "staff.v1.StaffService/CreateIncompatibility", &request.request_id, &request)?;
        let place = parse::parent::<Incompatibility>(&request.parent)?;
        let id = ("", parse::made_id());
        let created =
            crud::create::<Incompatibility>(&self.0, &ctx, &once, place, id, request.incompatibility).await?;
        Ok(Response::new(created))
    }

    async fn delete_incompatibility(
        &self,
        request: Request<pb::DeleteIncompatibilityRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once =
            Once::of(&ctx, "staff.v1.StaffService/DeleteIncompatibility", &request.request_id, &request)?;
        crud::delete::<Incompatibility>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn import_department(
        &self,
        request: Request<pb::ImportDepartmentRequest>,
    ) -> Result<Response<pb::ImportDepartmentResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(import::department(&self.0, &ctx, request.into_inner()).await?))
    }
}

/// Empties the reasons for who may not know them.
fn hide_reasons(ctx: &Ctx, parent: &str, pairs: &mut [pb::Incompatibility]) -> Result<(), Problem> {
    let hospital = parse::hospital(parent)?;
    if !POLICY.allows(ctx, "incompatibilities.read_reason", Target::hospital(&hospital)) {
        pairs.iter_mut().for_each(|pair| pair.reason.clear());
    }
    Ok(())
}
