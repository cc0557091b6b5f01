//! A small department, as staff and leave tell of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chassis::App;
use proto::{
    leave::v1::{self as leave, unavailability::Scope},
    staff::v1 as staff,
    r#type::v1::Date,
};
use tonic::{Request, Response, Status, body::Body, server::Grpc};
use tower::{service_fn, util::BoxCloneSyncService};

use super::HOSPITAL;

pub const MARS: [&str; 8] = ["ann", "bob", "cas", "dee", "eve", "fay", "gus", "hal"];
pub const IADES: [&str; 3] = ["iva", "jon", "kim"];

/// What a test changes about the neighbors.
#[derive(Clone, Debug, Default)]
pub struct Switches {
    /// One more absence: everybody's world moved.
    pub has_moved: Arc<AtomicBool>,
    pub is_broken: Arc<AtomicBool>,
    /// Every Saturday of January is a public holiday.
    pub has_holidays: Arc<AtomicBool>,
    /// Fifty more anesthetists, m01 to m50.
    pub has_crowd: Arc<AtomicBool>,
}

pub fn date(text: &str) -> Date {
    text.parse::<calendar::Day>().unwrap().into()
}

fn name(tail: &str) -> String {
    format!("hospitals/{HOSPITAL}/{tail}")
}

/// Staff and leave in one: each method answers from the tables below.
pub fn app(switches: Switches) -> App {
    BoxCloneSyncService::new(service_fn(move |request: http::Request<Body>| {
        let is_broken = switches.is_broken.load(Ordering::Relaxed);
        let has_moved = switches.has_moved.load(Ordering::Relaxed);
        let has_crowd = switches.has_crowd.load(Ordering::Relaxed);
        let has_holidays = switches.has_holidays.load(Ordering::Relaxed);
        async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let answer = match method.as_str() {
                _ if is_broken => Status::unavailable("a neighbor is away").into_http(),
                "ListStaffMembers" if has_crowd => {
                    unary(request, |_: staff::ListStaffMembersRequest| members(&crowd())).await
                }
                "ListContracts" if has_crowd => {
                    unary(request, |_: staff::ListContractsRequest| contracts(&crowd())).await
                }
                "ListStaffMembers" => unary(request, list_staff_members).await,
                "ListContracts" => unary(request, list_contracts).await,
                "ListIncompatibilities" => {
                    unary(request, |_: staff::ListIncompatibilitiesRequest| {
                        staff::ListIncompatibilitiesResponse::default()
                    })
                    .await
                }
                "ListSpecialties" => unary(request, list_specialties).await,
                "ListSurgeons" => unary(request, list_surgeons).await,
                "ListSectors" => unary(request, list_sectors).await,
                "ListRooms" => unary(request, list_rooms).await,
                "ListHolidays" if has_holidays => {
                    unary(request, |_: leave::ListHolidaysRequest| holidays(&SATURDAYS)).await
                }
                "ListHolidays" => unary(request, list_holidays).await,
                "ListAbsences" if has_moved => {
                    unary(request, |_: leave::ListAbsencesRequest| absences(true)).await
                }
                "ListAbsences" => unary(request, |_: leave::ListAbsencesRequest| absences(false)).await,
                "ListUnavailableDays" => unary(request, list_unavailable_days).await,
                other => Status::unimplemented(other).into_http(),
            };
            Ok(answer)
        }
    }))
}

async fn unary<Q, A>(request: http::Request<Body>, answer: fn(Q) -> A) -> http::Response<Body>
where
    Q: prost::Message + Default + Send + 'static,
    A: prost::Message + Default + Send + 'static,
{
    let mut grpc = Grpc::new(tonic_prost::ProstCodec::<A, Q>::default());
    let service = service_fn(move |request: Request<Q>| async move {
        Ok::<_, Status>(Response::new(answer(request.into_inner())))
    });
    grpc.unary(service, request).await
}

/// The anesthetists, and fifty more.
fn crowd() -> Vec<String> {
    let more = (1..=50).map(|number| format!("m{number:02}"));
    MARS.into_iter().map(str::to_owned).chain(more).collect()
}

fn list_staff_members(_: staff::ListStaffMembersRequest) -> staff::ListStaffMembersResponse {
    members(&MARS.map(str::to_owned))
}

fn members(mars: &[String]) -> staff::ListStaffMembersResponse {
    let person = |id: &str, profession: &str| staff::StaffMember {
        name: name(&format!("staffMembers/{id}")),
        profession: profession.to_owned(),
        sites: vec![name("sites/main")],
        state: staff::staff_member::State::Active.into(),
        ..Default::default()
    };
    let mut staff_members: Vec<_> = mars.iter().map(|id| person(id, "MAR")).collect();
    staff_members.extend(IADES.iter().map(|id| person(id, "IADE")));
    staff_members.push(person("zoe", "SECRETARY"));
    staff::ListStaffMembersResponse { staff_members, ..Default::default() }
}

fn list_contracts(_: staff::ListContractsRequest) -> staff::ListContractsResponse {
    contracts(&MARS.map(str::to_owned))
}

fn contracts(mars: &[String]) -> staff::ListContractsResponse {
    let contract = |id: &str| staff::Contract {
        name: name(&format!("staffMembers/{id}/contracts/c")),
        first_date: Some(date("2020-01-01")),
        percentage: 100,
        work_pattern: Some(staff::WorkPattern {
            pattern: Some(staff::work_pattern::Pattern::FullTime(staff::FullTime {})),
        }),
        ..Default::default()
    };
    let iades = IADES.iter().map(|id| contract(id));
    let contracts = mars.iter().map(|id| contract(id)).chain(iades).collect();
    staff::ListContractsResponse { contracts, ..Default::default() }
}

fn list_specialties(_: staff::ListSpecialtiesRequest) -> staff::ListSpecialtiesResponse {
    let specialty = staff::Specialty {
        name: name("specialties/urology"),
        display_name: "Urologie".into(),
        key: "urologie".into(),
        ..Default::default()
    };
    staff::ListSpecialtiesResponse { specialties: vec![specialty], ..Default::default() }
}

fn list_surgeons(_: staff::ListSurgeonsRequest) -> staff::ListSurgeonsResponse {
    let surgeon = staff::Surgeon {
        name: name("surgeons/s1"),
        given_name: "Given".into(),
        family_name: "Family".into(),
        specialties: vec![name("specialties/urology")],
        ..Default::default()
    };
    staff::ListSurgeonsResponse { surgeons: vec![surgeon], ..Default::default() }
}

fn list_sectors(_: staff::ListSectorsRequest) -> staff::ListSectorsResponse {
    let sector = staff::Sector { name: name("sites/main/sectors/septic"), ..Default::default() };
    staff::ListSectorsResponse { sectors: vec![sector], ..Default::default() }
}

/// Rooms 1 and 2 are open, 3 is closed.
fn list_rooms(_: staff::ListRoomsRequest) -> staff::ListRoomsResponse {
    let room = |number: u32| staff::Room {
        name: name(&format!("sites/main/sectors/septic/rooms/r{number}")),
        number: number.to_string(),
        is_closed: number == 3,
        ..Default::default()
    };
    staff::ListRoomsResponse { rooms: (1..=3).map(room).collect(), ..Default::default() }
}

fn list_holidays(_: leave::ListHolidaysRequest) -> leave::ListHolidaysResponse {
    holidays(&[])
}

const SATURDAYS: [&str; 5] = ["2027-01-02", "2027-01-09", "2027-01-16", "2027-01-23", "2027-01-30"];

/// New Year, and other days.
fn holidays(others: &[&str]) -> leave::ListHolidaysResponse {
    let holiday = |day: &&str| leave::Holiday {
        name: name(&format!("holidays/{day}")),
        kind: leave::holiday::Kind::Public.into(),
        first_date: Some(date(day)),
        last_date: Some(date(day)),
        ..Default::default()
    };
    let holidays = ["2027-01-01"].iter().chain(others).map(holiday).collect();
    leave::ListHolidaysResponse { holidays, ..Default::default() }
}

/// Ann is away from the 11th to the 15th.
fn absences(has_moved: bool) -> leave::ListAbsencesResponse {
    let absence = leave::Absence {
        staff_member: name("staffMembers/ann"),
        first_date: Some(date("2027-01-11")),
        last_date: Some(date("2027-01-15")),
        ..Default::default()
    };
    let version = if has_moved { "two" } else { "one" };
    leave::ListAbsencesResponse { absences: vec![absence], version: version.into(), ..Default::default() }
}

/// Bob takes no duty on the 20th, and would rather have no garde on the 21st.
fn list_unavailable_days(_: leave::ListUnavailableDaysRequest) -> leave::ListUnavailableDaysResponse {
    let day = |text: &str, scope: Scope, is_flexible| leave::UnavailableDay {
        staff_member: name("staffMembers/bob"),
        date: Some(date(text)),
        scope: scope.into(),
        is_flexible,
    };
    let unavailable_days = vec![day("2027-01-20", Scope::Both, false), day("2027-01-21", Scope::Garde, true)];
    leave::ListUnavailableDaysResponse { unavailable_days, ..Default::default() }
}
