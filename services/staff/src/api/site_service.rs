//! Handlers of SiteService.

use chassis::Ctx;
use durable::Once;
use proto::staff::v1::{self as pb, site_service_server::SiteService};
use tonic::{Request, Response, Status};

use super::{
    crud::{self, Asked},
    parse,
};
use crate::{
    app::App,
    domain::{Room, Sector, Site},
};

/// The handlers.
pub struct Handlers(pub App);

#[tonic::async_trait]
impl SiteService for Handlers {
    async fn get_site(&self, request: Request<pb::GetSiteRequest>) -> Result<Response<pb::Site>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<Site>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_sites(
        &self,
        request: Request<pb::ListSitesRequest>,
    ) -> Result<Response<pb::ListSitesResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListSitesRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (sites, next_page_token) = crud::list::<Site>(&self.0, &ctx, asked, |_| true).await?;
        Ok(Response::new(pb::ListSitesResponse { sites, next_page_token }))
    }

    async fn create_site(
        &self,
        request: Request<pb::CreateSiteRequest>,
    ) -> Result<Response<pb::Site>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/CreateSite", &request.request_id, &request)?;
        let place = parse::parent::<Site>(&request.parent)?;
        let id = (request.site_id.as_str(), None);
        let created = crud::create::<Site>(&self.0, &ctx, &once, place, id, request.site).await?;
        Ok(Response::new(created))
    }

    async fn update_site(
        &self,
        request: Request<pb::UpdateSiteRequest>,
    ) -> Result<Response<pb::Site>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/UpdateSite", &request.request_id, &request)?;
        let sent = request.site.as_ref();
        let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
        let updated =
            crud::update::<Site>(&self.0, &ctx, &once, which, request.site, request.update_mask).await?;
        Ok(Response::new(updated))
    }

    async fn delete_site(&self, request: Request<pb::DeleteSiteRequest>) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/DeleteSite", &request.request_id, &request)?;
        crud::delete::<Site>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn get_sector(
        &self,
        request: Request<pb::GetSectorRequest>,
    ) -> Result<Response<pb::Sector>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<Sector>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_sectors(
        &self,
        request: Request<pb::ListSectorsRequest>,
    ) -> Result<Response<pb::ListSectorsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListSectorsRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (sectors, next_page_token) = crud::list::<Sector>(&self.0, &ctx, asked, |_| true).await?;
        Ok(Response::new(pb::ListSectorsResponse { sectors, next_page_token }))
    }

    async fn create_sector(
        &self,
        request: Request<pb::CreateSectorRequest>,
    ) -> Result<Response<pb::Sector>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/CreateSector", &request.request_id, &request)?;
        let place = parse::parent::<Sector>(&request.parent)?;
        let id = (request.sector_id.as_str(), None);
        let created = crud::create::<Sector>(&self.0, &ctx, &once, place, id, request.sector).await?;
        Ok(Response::new(created))
    }

    async fn update_sector(
        &self,
        request: Request<pb::UpdateSectorRequest>,
    ) -> Result<Response<pb::Sector>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/UpdateSector", &request.request_id, &request)?;
        let sent = request.sector.as_ref();
        let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
        let updated =
            crud::update::<Sector>(&self.0, &ctx, &once, which, request.sector, request.update_mask).await?;
        Ok(Response::new(updated))
    }

    async fn delete_sector(&self, request: Request<pb::DeleteSectorRequest>) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/DeleteSector", &request.request_id, &request)?;
        crud::delete::<Sector>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }

    async fn get_room(&self, request: Request<pb::GetRoomRequest>) -> Result<Response<pb::Room>, Status> {
        let ctx = Ctx::of(&request)?;
        Ok(Response::new(crud::get::<Room>(&self.0, &ctx, &request.get_ref().name).await?))
    }

    async fn list_rooms(
        &self,
        request: Request<pb::ListRoomsRequest>,
    ) -> Result<Response<pb::ListRoomsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListRoomsRequest { parent, page_size, page_token } = request.get_ref();
        let asked = Asked { parent, page_size: *page_size, page_token, filter: "" };
        let (rooms, next_page_token) = crud::list::<Room>(&self.0, &ctx, asked, |_| true).await?;
        Ok(Response::new(pb::ListRoomsResponse { rooms, next_page_token }))
    }

    async fn create_room(
        &self,
        request: Request<pb::CreateRoomRequest>,
    ) -> Result<Response<pb::Room>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/CreateRoom", &request.request_id, &request)?;
        let place = parse::parent::<Room>(&request.parent)?;
        let id = (request.room_id.as_str(), None);
        let created = crud::create::<Room>(&self.0, &ctx, &once, place, id, request.room).await?;
        Ok(Response::new(created))
    }

    async fn update_room(
        &self,
        request: Request<pb::UpdateRoomRequest>,
    ) -> Result<Response<pb::Room>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/UpdateRoom", &request.request_id, &request)?;
        let sent = request.room.as_ref();
        let which = sent.map(|sent| (sent.name.clone(), sent.etag.clone())).unwrap_or_default();
        let updated =
            crud::update::<Room>(&self.0, &ctx, &once, which, request.room, request.update_mask).await?;
        Ok(Response::new(updated))
    }

    async fn delete_room(&self, request: Request<pb::DeleteRoomRequest>) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, "staff.v1.SiteService/DeleteRoom", &request.request_id, &request)?;
        crud::delete::<Room>(&self.0, &ctx, &once, &request.name, &request.etag).await?;
        Ok(Response::new(()))
    }
}
