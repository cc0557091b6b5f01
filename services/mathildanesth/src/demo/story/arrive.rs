//! The department arrives: places, people, sign-in, holidays.

use proto::{
    leave::v1::{ImportSchoolHolidaysRequest, ListHolidaysRequest, LoadPublicHolidaysRequest},
    staff::v1::{
        CreateSessionRequest, ImportDepartmentRequest, ListRoomsRequest, ListSectorsRequest,
        ListSitesRequest, ListStaffMembersRequest, ResetPasswordRequest,
    },
};
use tonic::Status;
use tonic_types::StatusExt;

use super::{Story, pages, request_id};

const PAGE: i32 = 1000;

impl Story {
    pub(super) async fn import_department(&mut self) -> Result<(), Status> {
        self.administrator = self.setting.visitor.sign_in(&self.setting.administrator).await?;
        self.import_mistakes().await?;
        let request = ImportDepartmentRequest {
            parent: self.hospital.clone(),
            files: self.setting.department.files.clone(),
            request_id: request_id(),
            validate_only: false,
        };
        let administrator = self.administrator.clone();
        let import = administrator
            .patiently(|| async { administrator.staff().import_department(request.clone()).await })
            .await?;
        for count in &import.counts {
            self.tell(&format!(
                "  {:<15} {:>3} créés, {} modifiés, {} fusionnés",
                count.kind().as_str_name().trim_start_matches("KIND_").to_lowercase(),
                count.created_count,
                count.updated_count,
                count.merged_count
            ));
        }
        for merge in &import.merges {
            self.tell(&format!("  orthographe fusionnée : « {} » → « {} »", merge.merged, merge.kept));
        }
        self.outcome.import = import;
        self.learn_places().await
    }

    /// The files as they were first sent: refused as a whole, and every mistake named with its place.
    async fn import_mistakes(&mut self) -> Result<(), Status> {
        let files = self.setting.department.as_first_sent();
        let files = files.map_err(|error| Status::internal(error.to_string()))?;
        let request = ImportDepartmentRequest {
            parent: self.hospital.clone(),
            files,
            request_id: request_id(),
            validate_only: false,
        };
        let administrator = self.administrator.clone();
        let answer = administrator
            .patiently(|| async { administrator.staff().import_department(request.clone()).await })
            .await;
        let Err(status) = answer else { return Err(Status::internal("files with mistakes were imported")) };
        let details = status.get_error_details();
        if details.error_info().is_none_or(|info| info.reason != "IMPORT_INVALID") {
            return Err(status);
        }
        let cells = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        self.outcome.mistakes =
            cells.iter().map(|cell| (cell.field.clone(), cell.description.clone())).collect();
        self.tell("  premier envoi refusé, rien n'est écrit :");
        for (cell, expected) in self.outcome.mistakes.clone() {
            self.tell(&format!("    {cell} : {expected}"));
        }
        Ok(())
    }

    async fn learn_places(&mut self) -> Result<(), Status> {
        let visitor = self.administrator.clone();
        let hospital = self.hospital.clone();
        let sites = pages!(
            visitor,
            |page_token| visitor.sites().list_sites(ListSitesRequest {
                parent: hospital.clone(),
                page_size: PAGE,
                page_token,
            }),
            sites
        );
        let sectors = pages!(
            visitor,
            |page_token| visitor.sites().list_sectors(ListSectorsRequest {
                parent: format!("{hospital}/sites/-"),
                page_size: PAGE,
                page_token,
            }),
            sectors
        );
        let rooms = pages!(
            visitor,
            |page_token| visitor.sites().list_rooms(ListRoomsRequest {
                parent: format!("{hospital}/sites/-/sectors/-"),
                page_size: PAGE,
                page_token,
            }),
            rooms
        );
        let labels = sites.into_iter().map(|site| (site.name, site.display_name));
        let labels = labels.chain(sectors.into_iter().map(|sector| (sector.name, sector.display_name)));
        self.outcome.labels = labels.collect();
        self.outcome.rooms = rooms.into_iter().map(|room| (room.name.clone(), room)).collect();
        Ok(())
    }

    /// Everybody gets a temporary password and replaces it at first sign-in.
    pub(super) async fn sign_in(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let hospital = self.hospital.clone();
        let people = pages!(
            administrator,
            |page_token| administrator.staff().list_staff_members(ListStaffMembersRequest {
                parent: hospital.clone(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            }),
            staff_members
        );
        for person in people {
            if person.email == self.setting.administrator.email {
                continue;
            }
            let reset = ResetPasswordRequest { name: person.name.clone(), request_id: request_id() };
            let temporary = administrator
                .patiently(|| async { administrator.staff().reset_password(reset.clone()).await })
                .await?;
            let request = CreateSessionRequest {
                parent: hospital.clone(),
                email: person.email.clone(),
                password: temporary.temporary_password,
                new_password: self.setting.password.clone(),
                request_id: request_id(),
                ..Default::default()
            };
            let door = self.setting.visitor.clone();
            let session =
                door.patiently(|| async { door.sessions().create_session(request.clone()).await }).await?;
            self.visitors.insert(person.email.clone(), door.with_token(&session.access_token)?);
            self.outcome.people.insert(person.email.clone(), person);
        }
        self.tell(&format!("  {} personnes ont choisi leur mot de passe", self.outcome.people.len()));
        Ok(())
    }

    pub(super) async fn load_holidays(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let month = self.setting.month;
        let public = LoadPublicHolidaysRequest {
            parent: self.hospital.clone(),
            first_year: month.previous().year(),
            last_year: month.next().year(),
            with_alsace_moselle: false,
            request_id: request_id(),
        };
        let loaded = administrator
            .patiently(|| async { administrator.leave().load_public_holidays(public.clone()).await })
            .await?;
        let school = ImportSchoolHolidaysRequest {
            parent: self.hospital.clone(),
            file_name: "school_holidays.csv".to_owned(),
            content: self.setting.department.school_holidays.clone(),
            request_id: request_id(),
            validate_only: false,
        };
        let imported = administrator
            .patiently(|| async { administrator.leave().import_school_holidays(school.clone()).await })
            .await?;
        self.tell(&format!(
            "  {} jours fériés calculés, {} périodes de vacances scolaires",
            loaded.created_count, imported.created_count
        ));
        let hospital = self.hospital.clone();
        let holidays = pages!(
            administrator,
            |page_token| administrator.leave().list_holidays(ListHolidaysRequest {
                parent: hospital.clone(),
                page_size: PAGE,
                page_token,
                first_date: Some(month.first().into()),
                last_date: Some(month.last().into()),
            }),
            holidays
        );
        for holiday in holidays {
            let day = holiday
                .first_date
                .map(|date| format!("{:02}/{:02}", date.day, date.month))
                .unwrap_or_default();
            self.tell(&format!("  {day} {}", holiday.display_name));
            self.outcome.holidays.push((day, holiday.display_name));
        }
        Ok(())
    }
}
