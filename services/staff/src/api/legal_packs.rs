//! Legal packs: what their RPCs read and answer.

use chassis::{Ctx, Problem, Target};
use durable::{Once, filter};
use proto::{staff::v1 as pb, r#type::v1::Date, values};

use super::{convert::Spoken, crud, filters, parse};
use crate::{
    app::{App, permissions::POLICY},
    domain::{Kind, LegalPack},
};

pub async fn get_legal_pack(
    app: &App,
    ctx: &Ctx,
    request: pb::GetLegalPackRequest,
) -> Result<pb::LegalPack, Problem> {
    let place = parse::name::<LegalPack>(&request.name)?;
    Ok(LegalPack::to_message(&app.get_legal_pack(ctx, &place.hospital, &place.id).await?))
}

pub async fn list_legal_packs(
    app: &App,
    ctx: &Ctx,
    request: pb::ListLegalPacksRequest,
) -> Result<pb::ListLegalPacksResponse, Problem> {
    let pb::ListLegalPacksRequest { parent, page_size, page_token, filter, effective_on } = &request;
    let hospital = parse::hospital(parent)?;
    POLICY.authorize(ctx, "legal_packs.read", Target::hospital(&hospital))?;
    let mut found = parse::Violations::default();
    let on = found.keep("effective_on", values::day_or_none(*effective_on));
    let on = found.done(on)?;
    let day = on.map(|day| day.to_string()).unwrap_or_default();
    let arguments = [LegalPack::FIELD, parent.as_str(), filter.as_str(), day.as_str()];
    let page = parse::page(ctx, *page_size, page_token, &arguments)?;
    let filter = filter::parse(filter, filters::LEGAL_PACK)?;
    let keep = |pack: &LegalPack| filter.matches(|comparison| filters::legal_packs(pack, comparison));
    let (rows, next_page_token) = app.list_legal_packs(ctx, &hospital, on, &page, keep).await?;
    let dated = rows.iter().map(|(stored, last)| pb::LegalPack {
        last_date: last.map(Date::from),
        ..LegalPack::to_message(stored)
    });
    Ok(pb::ListLegalPacksResponse { legal_packs: dated.collect(), next_page_token })
}

pub async fn create_legal_pack(
    app: &App,
    ctx: &Ctx,
    request: pb::CreateLegalPackRequest,
) -> Result<pb::LegalPack, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/CreateLegalPack", &request.request_id, &request)?;
    let place = parse::parent::<LegalPack>(&request.parent)?;
    let pack = crud::creation::<LegalPack>(ctx, &place, request.legal_pack)?;
    let id = parse::new_id(Kind::LegalPack, "", "", Some(pack.id()))?;
    Ok(LegalPack::to_message(&app.create::<LegalPack>(ctx, &once, &place.hospital, &id, pack).await?))
}

pub async fn update_legal_pack(
    app: &App,
    ctx: &Ctx,
    request: pb::UpdateLegalPackRequest,
) -> Result<pb::LegalPack, Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/UpdateLegalPack", &request.request_id, &request)?;
    let sent = request.legal_pack.as_ref();
    let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
    crud::update::<LegalPack>(app, ctx, &once, which, request.legal_pack, request.update_mask).await
}

pub async fn delete_legal_pack(
    app: &App,
    ctx: &Ctx,
    request: pb::DeleteLegalPackRequest,
) -> Result<(), Problem> {
    let once = Once::of(ctx, "staff.v1.StaffService/DeleteLegalPack", &request.request_id, &request)?;
    crud::delete::<LegalPack>(app, ctx, &once, &request.name, &request.etag).await
}
