//! Staff members: what their RPCs read and answer.

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, filter, time};
use proto::{staff::v1 as pb, values};

use super::{
    convert::{self, Spoken},
    crud::{self, Asked},
    filters,
    parse::{self, Place},
};
use crate::{
    app::{
        App,
        permissions::{POLICY, begin_update},
    },
    domain::StaffMember,
    store::Stored,
};

/// The most people of one batch.
const BATCH_MAX: usize = 1_000;

async fn with_contracts(
    app: &App,
    ctx: &Ctx,
    hospital: &str,
    mut people: Vec<pb::StaffMember>,
) -> Result<Vec<pb::StaffMember>, Problem> {
    let only = match people.as_slice() {
        [one] => one.name.rsplit('/').next(),
        _ => None,
    };
    let mut contracts = app.current_contracts(ctx, hospital, only).await?;
    for person in &mut people {
        let id = person.name.rsplit('/').next().unwrap_or_default();
        person.contract = contracts.remove(id).unwrap_or_default();
    }
    Ok(people)
}

async fn one(app: &App, ctx: &Ctx, stored: Stored<StaffMember>) -> Result<pb::StaffMember, Problem> {
    let people = vec![StaffMember::to_message(&stored)];
    Ok(with_contracts(app, ctx, &stored.hospital, people).await?.remove(0))
}

pub async fn get_staff_member(
    app: &App,
    ctx: &Ctx,
    request: pb::GetStaffMemberRequest,
) -> Result<pb::StaffMember, Problem> {
    let place = parse::name::<StaffMember>(&request.name)?;
    // Read at once; who may not see the person is refused before either is.
    let (stored, mut contracts) = tokio::try_join!(
        app.get::<StaffMember>(ctx, &place.hospital, &place.id),
        app.current_contracts(ctx, &place.hospital, Some(&place.id)),
    )?;
    let contract = contracts.remove(&place.id).unwrap_or_default();
    Ok(pb::StaffMember { contract, ..StaffMember::to_message(&stored) })
}

pub async fn list_staff_members(
    app: &App,
    ctx: &Ctx,
    request: pb::ListStaffMembersRequest,
) -> Result<pb::ListStaffMembersResponse, Problem> {
    let pb::ListStaffMembersRequest { parent, page_size, page_token, filter } = &request;
    let hospital = parse::hospital(parent)?;
    POLICY.authorize(ctx, "staff_members.read", Target::hospital(&hospital).in_part())?;
    let asked = Asked { parent, page_size: *page_size, page_token, filter };
    let filter = filter::parse(filter, filters::STAFF_MEMBER)?;
    let keep = |stored: &Stored<StaffMember>| {
        filter.matches(|comparison| filters::staff_members(stored, comparison))
    };
    let (people, next_page_token) = crud::list::<StaffMember>(app, ctx, asked, keep).await?;
    let staff_members = with_contracts(app, ctx, &hospital, people).await?;
    Ok(pb::ListStaffMembersResponse { staff_members, next_page_token })
}

pub async fn batch_get_staff_members(
    app: &App,
    ctx: &Ctx,
    request: pb::BatchGetStaffMembersRequest,
) -> Result<pb::BatchGetStaffMembersResponse, Problem> {
    let hospital = parse::hospital(&request.parent)?;
    POLICY.authorize(ctx, "staff_members.read", Target::hospital(&hospital).in_part())?;
    if request.names.is_empty() || request.names.len() > BATCH_MAX {
        let expected = format!("expected from 1 to {BATCH_MAX} names");
        return Err(Problem::invalid(vec![Violation::new("names", expected)]));
    }
    let mut found = parse::Violations::default();
    let ids = parse::references::<StaffMember>(&mut found, "names", &hospital, &request.names);
    let ids = found.done(Some(ids))?;
    let people = app.batch_get::<StaffMember>(ctx, &hospital, &ids).await?;
    let people = people.iter().map(StaffMember::to_message).collect();
    Ok(pb::BatchGetStaffMembersResponse { staff_members: with_contracts(app, ctx, &hospital, people).await? })
}

pub async fn create_staff_member(
    app: &App,
    ctx: &Ctx,
    request: pb::CreateStaffMemberRequest,
) -> Result<pb::StaffMember, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/CreateStaffMember", &request.request_id, &request)?;
    let place = parse::parent::<StaffMember>(&request.parent)?;
    // The state is output only: people begin active.
    let message = request.staff_member.map(|person| pb::StaffMember { state: 0, ..person });
    let person = crud::creation::<StaffMember>(ctx, &place, message)?;
    let id = parse::new_id(crate::domain::Kind::StaffMember, "", &request.staff_member_id, parse::made_id())?;
    one(app, ctx, app.create_staff_member(ctx, &once, &place.hospital, &id, person).await?).await
}

pub async fn update_staff_member(
    app: &App,
    ctx: &Ctx,
    request: pb::UpdateStaffMemberRequest,
) -> Result<pb::StaffMember, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/UpdateStaffMember", &request.request_id, &request)?;
    let sent = request.staff_member;
    let sent = sent.ok_or_else(|| Problem::invalid(vec![Violation::new("staff_member", "is required")]))?;
    let Place { hospital, id } = parse::named::<StaffMember>("staff_member.name", &sent.name)?;
    begin_update(ctx, &hospital, &id)?;
    let mask = convert::mask::<StaffMember>(request.update_mask.as_ref())?;
    let change = |old: &StaffMember| convert::changed(&hospital, old, &sent, &mask);
    one(app, ctx, app.update_staff_member(ctx, &once, (&hospital, &id, &sent.etag), change).await?).await
}

pub async fn activate_staff_member(
    app: &App,
    ctx: &Ctx,
    request: pb::ActivateStaffMemberRequest,
) -> Result<pb::StaffMember, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/ActivateStaffMember", &request.request_id, &request)?;
    let place = parse::name::<StaffMember>(&request.name)?;
    let which = (place.hospital.as_str(), place.id.as_str(), request.etag.as_str());
    one(app, ctx, app.activate_staff_member(ctx, &once, which).await?).await
}

pub async fn deactivate_staff_member(
    app: &App,
    ctx: &Ctx,
    request: pb::DeactivateStaffMemberRequest,
) -> Result<pb::StaffMember, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/DeactivateStaffMember", &request.request_id, &request)?;
    let place = parse::name::<StaffMember>(&request.name)?;
    POLICY.authorize(ctx, "staff_members.write", Target::hospital(&place.hospital).in_part())?;
    let mut found = parse::Violations::default();
    let last_date = found.keep("last_date", values::day_or_none(request.last_date));
    let last_date = found.done(last_date)?;
    let which = (place.hospital.as_str(), place.id.as_str(), request.etag.as_str());
    one(app, ctx, app.deactivate_staff_member(ctx, &once, which, last_date).await?).await
}

pub async fn export_personal_data(
    app: &App,
    ctx: &Ctx,
    request: pb::ExportPersonalDataRequest,
) -> Result<pb::ExportPersonalDataResponse, Problem> {
    let place = parse::name::<StaffMember>(&request.name)?;
    let content = app.export_personal_data(ctx, &place.hospital, &place.id).await?;
    let file_name = format!("staff-{}.json", place.id);
    Ok(pb::ExportPersonalDataResponse { file_name, media_type: "application/json".to_owned(), content })
}

pub async fn erase_staff_member(
    app: &App,
    ctx: &Ctx,
    request: pb::EraseStaffMemberRequest,
) -> Result<pb::StaffMember, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/EraseStaffMember", &request.request_id, &request)?;
    let place = parse::name::<StaffMember>(&request.name)?;
    let which = (place.hospital.as_str(), place.id.as_str(), request.etag.as_str());
    one(app, ctx, app.erase_staff_member(ctx, &once, which).await?).await
}

pub async fn reset_password(
    app: &App,
    ctx: &Ctx,
    request: pb::ResetPasswordRequest,
) -> Result<pb::ResetPasswordResponse, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/ResetPassword", &request.request_id, &request)?;
    let place = parse::name::<StaffMember>(&request.name)?;
    let (temporary_password, expire_time) =
        app.reset_password(ctx, &once, &place.hospital, &place.id, &request.request_id).await?;
    let expire_time = Some(values::timestamp(time::micros(expire_time)));
    Ok(pb::ResetPasswordResponse { temporary_password, expire_time })
}
