//! What planning asks of its neighbors, on behalf of whoever asks planning.

mod equity;
mod staff;

use std::collections::{BTreeMap, BTreeSet};

use calendar::DayRange;
use chassis::{BoxError, Ctx, KeySource, Peer, Problem, PublicKey};
use proto::{
    leave::v1::{self as leave_pb, leave_service_client::LeaveServiceClient, unavailability::Scope},
    names::{HospitalName, StaffMemberName},
    staff::v1::{ListSigningKeysRequest, SigningKey, session_service_client::SessionServiceClient},
    values,
};

use crate::domain::snapshot::{Snapshot, UnavailableDay};

/// The neighbors.
#[derive(Clone, Debug)]
pub struct Peers {
    staff: Peer,
    leave: Peer,
}

/// The largest page: neighbors are read in as few calls as possible.
const PAGE: i32 = 1_000;

/// Reads every page of a list into one vector.
macro_rules! every_page {
    ($client:expr, $ctx:expr, $method:ident, $request:expr, $items:ident) => {{
        let mut items = Vec::new();
        let mut request = $request;
        loop {
            let page = $client.$method($ctx.call(request.clone())).await?.into_inner();
            items.extend(page.$items);
            if page.next_page_token.is_empty() {
                break items;
            }
            request.page_token = page.next_page_token;
        }
    }};
}
pub(crate) use every_page;

// === impl Peers ===

impl Peers {
    pub fn new(staff: Peer, leave: Peer) -> Self {
        Self { staff, leave }
    }

    /// Everything a plan of these days is judged against.
    pub async fn snapshot(&self, ctx: &Ctx, hospital: &str, days: DayRange) -> Result<Snapshot, Problem> {
        let mut snapshot = Snapshot::default();
        self.read_places(ctx, hospital, &mut snapshot).await?;
        self.read_people(ctx, hospital, &mut snapshot).await?;
        self.read_holidays(ctx, hospital, days, &mut snapshot).await?;
        self.read_absences(ctx, hospital, days, &mut snapshot).await?;
        self.read_unavailable_days(ctx, hospital, days, &mut snapshot).await?;
        Ok(snapshot)
    }

    /// What a trame is checked against: places, surgeons and specialties.
    pub async fn places(&self, ctx: &Ctx, hospital: &str) -> Result<Snapshot, Problem> {
        let mut snapshot = Snapshot::default();
        self.read_places(ctx, hospital, &mut snapshot).await?;
        Ok(snapshot)
    }

    /// What a new plan needs to know: its people and its holidays.
    pub async fn people_and_holidays(
        &self,
        ctx: &Ctx,
        hospital: &str,
        days: DayRange,
    ) -> Result<Snapshot, Problem> {
        let mut snapshot = Snapshot::default();
        self.read_people(ctx, hospital, &mut snapshot).await?;
        self.read_holidays(ctx, hospital, days, &mut snapshot).await?;
        Ok(snapshot)
    }

    /// Places and holidays: what applying a trame asks.
    pub async fn places_and_holidays(
        &self,
        ctx: &Ctx,
        hospital: &str,
        days: DayRange,
    ) -> Result<Snapshot, Problem> {
        let mut snapshot = self.places(ctx, hospital).await?;
        self.read_holidays(ctx, hospital, days, &mut snapshot).await?;
        Ok(snapshot)
    }

    async fn read_holidays(
        &self,
        ctx: &Ctx,
        hospital: &str,
        days: DayRange,
        snapshot: &mut Snapshot,
    ) -> Result<(), Problem> {
        let mut client = LeaveServiceClient::new(self.leave.clone());
        let request = leave_pb::ListHolidaysRequest {
            parent: HospitalName::new(hospital).to_string(),
            page_size: PAGE,
            first_date: Some(days.first().into()),
            last_date: Some(days.last().into()),
            ..Default::default()
        };
        for holiday in every_page!(client, ctx, list_holidays, request, holidays) {
            let first = values::day(holiday.first_date).map_err(Problem::internal)?;
            let last = values::day(holiday.last_date).map_err(Problem::internal)?;
            let range = DayRange::new(first, last).map_err(Problem::internal)?;
            match holiday.kind() {
                leave_pb::holiday::Kind::Public => snapshot.public_holidays.extend(range.days()),
                leave_pb::holiday::Kind::School => snapshot.school_holidays.push(range),
                leave_pb::holiday::Kind::Unspecified => {}
            }
        }
        Ok(())
    }

    /// Absences with the version they were read at. Read again when they moved between two pages.
    async fn read_absences(
        &self,
        ctx: &Ctx,
        hospital: &str,
        days: DayRange,
        snapshot: &mut Snapshot,
    ) -> Result<(), Problem> {
        let mut client = LeaveServiceClient::new(self.leave.clone());
        let first_page = leave_pb::ListAbsencesRequest {
            parent: HospitalName::new(hospital).to_string(),
            page_size: PAGE,
            first_date: Some(days.first().into()),
            last_date: Some(days.last().into()),
            ..Default::default()
        };
        for _ in 0..3 {
            let mut absences: BTreeMap<String, Vec<calendar::Span>> = BTreeMap::new();
            let mut versions = BTreeSet::new();
            let mut request = first_page.clone();
            loop {
                let page = client.list_absences(ctx.call(request.clone())).await?.into_inner();
                versions.insert(page.version);
                for absence in page.absences {
                    let person = StaffMemberName::parse(&absence.staff_member).map_err(Problem::internal)?;
                    let span = values::span(
                        absence.first_date,
                        absence.first_part,
                        absence.last_date,
                        absence.last_part,
                    );
                    absences.entry(person.staff_member).or_default().push(span.map_err(Problem::internal)?);
                }
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            if let (1, Some(version)) = (versions.len(), versions.pop_first()) {
                snapshot.absences = absences;
                snapshot.absences_version = version;
                return Ok(());
            }
        }
        Err(Problem::unavailable("absences move while they are read", std::time::Duration::from_secs(1)))
    }

    /// Days on which people take no duties. Leave does not tell why.
    async fn read_unavailable_days(
        &self,
        ctx: &Ctx,
        hospital: &str,
        days: DayRange,
        snapshot: &mut Snapshot,
    ) -> Result<(), Problem> {
        let mut client = LeaveServiceClient::new(self.leave.clone());
        let request = leave_pb::ListUnavailableDaysRequest {
            parent: HospitalName::new(hospital).to_string(),
            page_size: PAGE,
            first_date: Some(days.first().into()),
            last_date: Some(days.last().into()),
            ..Default::default()
        };
        for own in every_page!(client, ctx, list_unavailable_days, request, unavailable_days) {
            let person = StaffMemberName::parse(&own.staff_member).map_err(Problem::internal)?;
            let scope = own.scope();
            let day = UnavailableDay {
                day: values::day(own.date).map_err(Problem::internal)?,
                is_for_gardes: scope != Scope::Astreinte,
                is_for_astreintes: scope != Scope::Garde,
                is_flexible: own.is_flexible,
            };
            snapshot.unavailable_days.entry(person.staff_member).or_default().push(day);
        }
        Ok(())
    }
}

/// The keys of access tokens, asked from staff.
pub fn signing_keys(staff: Peer) -> KeySource {
    KeySource::fetched(move || {
        let mut client = SessionServiceClient::new(staff.clone());
        async move {
            let answer = client.list_signing_keys(ListSigningKeysRequest::default()).await?.into_inner();
            let key = |key: SigningKey| PublicKey {
                id: key.name.trim_start_matches("signingKeys/").to_owned(),
                ed25519: key.public_key.to_vec(),
            };
            Ok::<_, BoxError>(answer.signing_keys.into_iter().map(key).collect())
        }
    })
}
