//! People and places, as staff knows them.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, WeekParity, Weekday};
use chassis::{Ctx, Problem};
use proto::{
    names::{
        ContractName, HospitalName, RoomName, SectorName, SiteName, SkillName, SpecialtyName,
        StaffMemberName, SurgeonName,
    },
    staff::v1::{
        self as pb, site_service_client::SiteServiceClient, staff_service_client::StaffServiceClient,
    },
    values,
};
use roster::problem::{LegalPack, WorkingTime};
use tonic::Code;

use super::{PAGE, Peers, every_page};
use crate::domain::{
    law,
    pattern::{Contract, Pattern, WORKWEEK},
    snapshot::{
        Activity, Category, Incompatibility, Other, Person, Profession, Room, Sector, Snapshot, Specialty,
        Surgeon,
    },
};

// === impl Peers ===

impl Peers {
    pub(super) async fn read_places(
        &self,
        ctx: &Ctx,
        hospital: &str,
        snapshot: &mut Snapshot,
    ) -> Result<(), Problem> {
        let mut sites = SiteServiceClient::new(self.staff.clone());
        let request = pb::ListSectorsRequest {
            parent: SiteName::new(hospital, "-").to_string(),
            page_size: PAGE,
            ..Default::default()
        };
        for sector in every_page!(sites, ctx, list_sectors, request, sectors) {
            snapshot.sectors.push(self::sector(&sector)?);
        }
        let request = pb::ListRoomsRequest {
            parent: SectorName::new(hospital, "-", "-").to_string(),
            page_size: PAGE,
            ..Default::default()
        };
        for room in every_page!(sites, ctx, list_rooms, request, rooms) {
            snapshot.rooms.push(self::room(&room)?);
        }
        let mut staff = StaffServiceClient::new(self.staff.clone());
        let parent = HospitalName::new(hospital).to_string();
        let request =
            pb::ListSpecialtiesRequest { parent: parent.clone(), page_size: PAGE, ..Default::default() };
        for own in every_page!(staff, ctx, list_specialties, request, specialties) {
            let id = SpecialtyName::parse(&own.name).map_err(Problem::internal)?.specialty;
            let mut spellings = own.spellings;
            spellings.extend([own.display_name, own.key]);
            snapshot.specialties.push(Specialty { id, spellings, is_pediatric: own.is_pediatric });
        }
        let request = pb::ListSurgeonsRequest { parent, page_size: PAGE, ..Default::default() };
        for own in every_page!(staff, ctx, list_surgeons, request, surgeons) {
            snapshot.surgeons.push(self::surgeon(&own)?);
        }
        Ok(())
    }

    /// The versions of working-time law; none from a staff of the version before, which does not know the method.
    async fn read_law(&self, ctx: &Ctx, hospital: &str) -> Result<Vec<law::Version>, Problem> {
        let mut staff = StaffServiceClient::new(self.staff.clone());
        let mut request = pb::ListLegalPacksRequest {
            parent: HospitalName::new(hospital).to_string(),
            page_size: PAGE,
            ..Default::default()
        };
        let mut versions = Vec::new();
        loop {
            let page = match staff.list_legal_packs(ctx.call(request.clone())).await {
                Ok(page) => page.into_inner(),
                Err(status) if status.code() == Code::Unimplemented => return Ok(versions),
                Err(status) => return Err(status.into()),
            };
            for own in &page.legal_packs {
                versions.push(law(own)?);
            }
            if page.next_page_token.is_empty() {
                return Ok(versions);
            }
            request.page_token = page.next_page_token;
        }
    }

    pub(super) async fn read_people(
        &self,
        ctx: &Ctx,
        hospital: &str,
        snapshot: &mut Snapshot,
    ) -> Result<(), Problem> {
        let mut staff = StaffServiceClient::new(self.staff.clone());
        let parent = HospitalName::new(hospital).to_string();
        let request = pb::ListContractsRequest {
            parent: StaffMemberName::new(hospital, "-").to_string(),
            page_size: PAGE,
            ..Default::default()
        };
        snapshot.law = self.read_law(ctx, hospital).await?;
        let mut contracts: BTreeMap<String, Vec<Contract>> = BTreeMap::new();
        for own in every_page!(staff, ctx, list_contracts, request, contracts) {
            let name = ContractName::parse(&own.name).map_err(Problem::internal)?;
            contracts.entry(name.staff_member).or_default().push(contract(&own)?);
        }
        let request =
            pb::ListStaffMembersRequest { parent: parent.clone(), page_size: PAGE, ..Default::default() };
        for own in every_page!(staff, ctx, list_staff_members, request, staff_members) {
            if let Some(person) = person(&own, &mut contracts)? {
                snapshot.people.push(person);
            }
        }
        let request = pb::ListIncompatibilitiesRequest { parent, page_size: PAGE, ..Default::default() };
        for own in every_page!(staff, ctx, list_incompatibilities, request, incompatibilities) {
            snapshot.incompatibilities.push(incompatibility(&own)?);
        }
        Ok(())
    }
}

fn law(own: &pb::LegalPack) -> Result<law::Version, Problem> {
    let figures = own.figures.unwrap_or_default();
    // 0 asks for nothing.
    let minutes = |value: i32| u16::try_from(value).ok().filter(|value| *value > 0);
    let count = |value: i32| u8::try_from(value).unwrap_or(0);
    let average = law::Average {
        week_minutes: i64::from(figures.average_week_minutes_max),
        days: figures.average_days,
    };
    Ok(law::Version {
        code: own.code.clone(),
        first: values::day_or_none(own.effective_date).map_err(Problem::internal)?,
        last: values::day_or_none(own.last_date).map_err(Problem::internal)?,
        source: own.source.clone(),
        law: law::Law {
            working_time: WorkingTime {
                // A name only: a hospital's own code is none the rules know.
                pack: LegalPack::from_code(&own.code).unwrap_or_default(),
                daily_rest_min: minutes(figures.daily_rest_minutes_min),
                day_max: minutes(figures.day_minutes_max),
                seven_days_max: minutes(figures.seven_days_minutes_max),
                seven_days_usual: minutes(figures.seven_days_minutes_usual),
                weekly_rest_min: minutes(figures.weekly_rest_minutes_min),
                fortnight_rest_days: count(figures.fortnight_rest_days_min),
                fortnight_sunday: figures.requires_fortnight_sunday,
                week_half_days_max: Some(count(figures.week_half_days_max)).filter(|value| *value > 0),
                week_target: minutes(figures.week_minutes_target),
                is_volunteer: false,
            },
            averages: Some(average).filter(|own| own.week_minutes > 0).into_iter().collect(),
        },
    })
}

fn sector(own: &pb::Sector) -> Result<Sector, Problem> {
    let name = SectorName::parse(&own.name).map_err(Problem::internal)?;
    Ok(Sector {
        site: name.site,
        id: name.sector,
        category: match own.category() {
            pb::sector::Category::Hyperaseptic => Category::Hyperaseptic,
            pb::sector::Category::Ophthalmology => Category::Ophthalmology,
            pb::sector::Category::Endoscopy => Category::Endoscopy,
            _ => Category::Standard,
        },
        is_contiguous: own.requires_contiguous_rooms,
        rooms_per_supervisor_max: u8::try_from(own.rooms_per_supervisor_max).unwrap_or(0),
        nurses_per_room_min: u8::try_from(own.nurse_anesthetists_per_room_min).unwrap_or(0),
        supervision_skill: SkillName::parse(&own.supervision_skill)
            .map(|name| name.skill)
            .unwrap_or_default(),
    })
}

fn room(own: &pb::Room) -> Result<Room, Problem> {
    let name = RoomName::parse(&own.name).map_err(Problem::internal)?;
    let specialties = own.specialties.iter().filter_map(|name| SpecialtyName::parse(name).ok());
    let neighbors = own.neighbors.iter().filter_map(|name| RoomName::parse(name).ok());
    Ok(Room {
        site: name.site,
        sector: name.sector,
        id: name.room,
        number: own.number.clone(),
        is_closed: own.is_closed,
        is_operating: own.kind() != pb::room::Kind::Consultation,
        is_hidden: own.is_hidden,
        rooms_per_supervisor_max: u8::try_from(own.rooms_per_supervisor_max).unwrap_or(0),
        specialties: specialties.map(|name| name.specialty).collect(),
        neighbors: neighbors.map(|name| (name.site, name.sector, name.room)).collect(),
    })
}

fn surgeon(own: &pb::Surgeon) -> Result<Surgeon, Problem> {
    let id = SurgeonName::parse(&own.name).map_err(Problem::internal)?.surgeon;
    let mut spellings = vec![
        format!("{} {}", own.given_name, own.family_name),
        format!("{} {}", own.family_name, own.given_name),
    ];
    if !own.external_name.is_empty() {
        spellings.insert(0, own.external_name.clone());
    }
    let specialties = own.specialties.iter().filter_map(|name| SpecialtyName::parse(name).ok());
    Ok(Surgeon {
        id,
        spellings,
        is_active: own.state() != pb::surgeon::State::Inactive,
        specialties: specialties.map(|name| name.specialty).collect(),
    })
}

/// A person of a rostered profession; secretaries and those without contract are left out.
fn person(
    own: &pb::StaffMember,
    contracts: &mut BTreeMap<String, Vec<Contract>>,
) -> Result<Option<Person>, Problem> {
    let id = StaffMemberName::parse(&own.name).map_err(Problem::internal)?.staff_member;
    let profession = match own.profession.as_str() {
        "MAR" => Profession::Mar,
        "IADE" => Profession::Iade,
        _ => return Ok(None),
    };
    let last = values::day_or_none(own.last_date).map_err(Problem::internal)?;
    if own.state() == pb::staff_member::State::Inactive && last.is_none() {
        return Ok(None);
    }
    let mut skills = Vec::new();
    for grant in &own.skills {
        if let Ok(name) = SkillName::parse(&grant.skill) {
            let first = values::day_or_none(grant.first_date).map_err(Problem::internal)?;
            let last = values::day_or_none(grant.last_date).map_err(Problem::internal)?;
            skills.push((name.skill, first, last));
        }
    }
    let availabilities = own
        .availabilities
        .iter()
        .map(|own| values::span(own.first_date, own.first_part, own.last_date, own.last_part));
    let specialties = own.excluded_specialties.iter().filter_map(|name| SpecialtyName::parse(name).ok());
    Ok(Some(Person {
        profession,
        is_locum: own.is_locum,
        sites: own.sites.iter().filter_map(|name| SiteName::parse(name).ok()).map(|name| name.site).collect(),
        skills,
        first: values::day_or_none(own.first_date).map_err(Problem::internal)?,
        last,
        contracts: contracts.remove(&id).unwrap_or_default(),
        availabilities: availabilities.collect::<Result<_, _>>().map_err(Problem::internal)?,
        excluded_activities: own.excluded_activities().filter_map(activity).collect(),
        excluded_specialties: specialties.map(|name| name.specialty).collect(),
        id,
    }))
}

fn activity(own: pb::Activity) -> Option<Activity> {
    Some(match own {
        // One of a later version: nothing that this one gives.
        pb::Activity::Unspecified => return None,
        pb::Activity::Garde => Activity::Garde,
        pb::Activity::Astreinte => Activity::Astreinte,
        pb::Activity::Consultation => Activity::Consultation,
        pb::Activity::Theatre => Activity::Theatre,
        pb::Activity::Supervision => Activity::Supervision,
        pb::Activity::Closing => Activity::Closing,
        pb::Activity::Volant => Activity::Volant,
    })
}

fn incompatibility(own: &pb::Incompatibility) -> Result<Incompatibility, Problem> {
    let staff_member = StaffMemberName::parse(&own.staff_member).map_err(Problem::internal)?.staff_member;
    let other = match StaffMemberName::parse(&own.other) {
        Ok(name) => Other::Person(name.staff_member),
        Err(_) => Other::Surgeon(SurgeonName::parse(&own.other).map_err(Problem::internal)?.surgeon),
    };
    Ok(Incompatibility {
        staff_member,
        other,
        is_strict: own.level() == pb::incompatibility::Level::Strict,
        first: values::day_or_none(own.first_date).map_err(Problem::internal)?,
        last: values::day_or_none(own.last_date).map_err(Problem::internal)?,
    })
}

fn contract(own: &pb::Contract) -> Result<Contract, Problem> {
    Ok(Contract {
        first: values::day(own.first_date).map_err(Problem::internal)?,
        last: values::day_or_none(own.last_date).map_err(Problem::internal)?,
        percentage: u8::try_from(own.percentage).unwrap_or(100),
        pattern: pattern(own.work_pattern.as_ref()).map_err(Problem::internal)?,
        legal_pack: own.legal_pack.clone(),
        is_volunteer: own.is_volunteer,
    })
}

fn weekdays(numbers: &[i32]) -> Result<BTreeSet<Weekday>, values::ValueError> {
    numbers.iter().map(|number| values::weekday(*number)).collect()
}

fn pattern(own: Option<&pb::WorkPattern>) -> Result<Pattern, values::ValueError> {
    use pb::work_pattern::Pattern as Own;
    let workweek = || BTreeSet::from(WORKWEEK);
    let weekly = |weekdays| Pattern::Weekly { weekdays, dates: BTreeSet::new() };
    Ok(match own.and_then(|own| own.pattern.as_ref()) {
        None | Some(Own::FullTime(_)) => weekly(workweek()),
        Some(Own::FullTimeFixedOffDay(fixed)) => {
            let mut weekdays = workweek();
            weekdays.remove(&values::weekday(fixed.off_weekday)?);
            weekly(weekdays)
        }
        Some(Own::AlternatingWeeks(weeks)) => Pattern::Alternating {
            even: weekdays(&weeks.even_weekdays)?,
            odd: weekdays(&weeks.odd_weekdays)?,
            parity: values::day_or_none(weeks.anchor_date)?
                .map_or(WeekParity::Iso, |even| WeekParity::Alternating { even }),
        },
        Some(Own::AlternatingMonths(months)) => {
            use pb::alternating_months::Months;
            let own = weekdays(&months.weekdays)?;
            Pattern::Monthly {
                even: months.months() != Months::Odd,
                odd: months.months() != Months::Even,
                weekdays: if own.is_empty() { workweek() } else { own },
            }
        }
        Some(Own::SpecificDays(days)) => Pattern::Weekly {
            weekdays: weekdays(&days.weekdays)?,
            dates: days.dates.iter().map(|date| Day::try_from(*date)).collect::<Result<_, _>>()?,
        },
    })
}
